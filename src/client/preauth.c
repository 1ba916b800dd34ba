// preauth.c: the ordered list of the client's preauthentication mechanisms, and the choice among
// what the KDC offers (RFC 4120 3.1.1, RFC 6113 2).
#include "client/preauth.h"

// Best first. What proves the password without giving anything to guess it by (SPAKE, FAST's
// encrypted challenge) goes before the encrypted timestamp, which whoever records it can test
// passwords against.
const struct client_preauth *const CLIENT_PREAUTHS[] = {
    &CLIENT_PREAUTH_ENC_TIMESTAMP,
    NULL,
};

const struct padata *client_preauth_find_padata(const struct padata_list *list, int32_t type) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].padata_type == type)
            return &list->items[i];
    return NULL;
}

static bool allowed(const struct as_client *c, int32_t type) {
    const int32_t *at = c->params.preauth_allowed;
    if (!at)
        return true;
    while (*at && *at != type)
        at++;
    return *at == type;
}

const struct client_preauth *client_preauth_choose(const struct as_client *c) {
    for (size_t i = 0; CLIENT_PREAUTHS[i]; i++)
        if (!(c->preauth_tried & (1u << i)) && allowed(c, CLIENT_PREAUTHS[i]->type) &&
            client_preauth_find_padata(&c->method_data, CLIENT_PREAUTHS[i]->type))
            return CLIENT_PREAUTHS[i];
    return NULL;
}
