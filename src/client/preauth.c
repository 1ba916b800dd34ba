// preauth.c: the ordered list of the client's preauthentication mechanisms, and the choice among
// what the KDC offers (RFC 4120 3.1.1, RFC 6113 2).
#include "client/preauth.h"

// Best first. What proves the password without giving anything to guess it by (SPAKE, FAST's
// encrypted challenge) goes before the encrypted timestamp, which whoever records it can test
// passwords against.
const struct client_preauth *const CLIENT_PREAUTHS[] = {
    &CLIENT_PREAUTH_PKINIT, // no password at all
    &CLIENT_PREAUTH_OTP,    // two factors, where a KDC asks for them
    &CLIENT_PREAUTH_ENC_CHALLENGE, &CLIENT_PREAUTH_SPAKE, &CLIENT_PREAUTH_ENC_TIMESTAMP, NULL,
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

static int32_t offered_as(const struct client_preauth *m) {
    return m->offered_as ? m->offered_as : m->type;
}

static bool fits(const struct as_client *c, const struct client_preauth *m) {
    const enum client_preauth_where not_here =
        c->armored ? CLIENT_PREAUTH_BARE : CLIENT_PREAUTH_IN_ARMOR;
    return m->where != not_here && (!m->can || m->can(c)) && allowed(c, m->type);
}

static bool may_be_used(const struct as_client *c, size_t i) {
    const struct client_preauth *m = CLIENT_PREAUTHS[i];
    return fits(c, m) && !(c->preauth_tried & (1u << i)) &&
           client_preauth_find_padata(&c->method_data, offered_as(m));
}

const struct client_preauth *client_preauth_choose(const struct as_client *c) {
    // preferred_preauth_types goes before our own order.
    for (const int32_t *type = c->params.preauth_preferred; type && *type; type++)
        for (size_t i = 0; CLIENT_PREAUTHS[i]; i++)
            if (CLIENT_PREAUTHS[i]->type == *type && may_be_used(c, i))
                return CLIENT_PREAUTHS[i];
    for (size_t i = 0; CLIENT_PREAUTHS[i]; i++)
        if (may_be_used(c, i))
            return CLIENT_PREAUTHS[i];
    return NULL;
}

const struct client_preauth *client_preauth_unasked(const struct as_client *c) {
    static const int32_t usual[] = {PA_ENC_TIMESTAMP, 0};
    const int32_t *type = c->params.optimistic_types ? c->params.optimistic_types : usual;
    for (; *type; type++)
        for (size_t i = 0; CLIENT_PREAUTHS[i]; i++) {
            const struct client_preauth *m = CLIENT_PREAUTHS[i];
            if (m->unasked && m->type == *type && fits(c, m))
                return m;
        }
    return NULL;
}

struct slice client_preauth_challenge(const struct as_client *c, const struct client_preauth *m) {
    const struct padata *offer = client_preauth_find_padata(&c->method_data, offered_as(m));
    return offer ? offer->padata_value : (struct slice){0};
}

bool client_preauth_always_needs_key(struct as_client *c, struct slice challenge) {
    UNUSED(c);
    UNUSED(challenge);
    return true;
}
