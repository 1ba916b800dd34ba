// hints.c: how the KDC wants the client's key derived: ETYPE-INFO2 before ETYPE-INFO before PW-SALT
// (RFC 4120 5.2.7.3 to 5.2.7.5), and the default salt where none is said. All of it is
// unauthenticated, so an enctype that we did not offer is never taken from here.
#include "client/preauth.h"
#include "client/reply.h"

static void add(struct as_client *c, int32_t etype, struct slice salt, struct slice s2kparams) {
    if (!client_etype_in(c->etypes, c->etype_count, etype) || c->hint_count == CLIENT_ETYPES_MAX)
        return;
    for (size_t i = 0; i < c->hint_count; i++)
        if (c->hints[i].etype == etype)
            return;
    c->hints[c->hint_count++] = (struct client_key_hint){etype, salt, s2kparams};
}

static enum obol_code from_info2(struct as_client *c, struct slice value, struct slice salt,
                                 struct error *err) {
    struct etype_info2_list list;
    TRY(der_decode(&TYPE_ETYPE_INFO2, value, c->arena, &list, err));
    for (size_t i = 0; i < list.count; i++) {
        const struct etype_info2_entry *e = &list.items[i];
        add(c, e->etype, e->present & ETYPE_INFO2_ENTRY_SALT ? e->salt : salt,
            e->present & ETYPE_INFO2_ENTRY_S2KPARAMS ? e->s2kparams : (struct slice){0});
    }
    ENSURE(c->hint_count > 0 || list.count == 0, ENCTYPE_UNSUPPORTED,
           "the KDC holds keys of %.*s only for the client, none of which is allowed here",
           SLICE_ARG(client_etypes_text(&list.items[0].etype, 1, c->arena)));
    return OBOL_OK;
}

static enum obol_code from_info(struct as_client *c, struct slice value, struct slice salt,
                                struct error *err) {
    struct etype_info_list list;
    TRY(der_decode(&TYPE_ETYPE_INFO, value, c->arena, &list, err));
    for (size_t i = 0; i < list.count; i++)
        add(c, list.items[i].etype,
            list.items[i].present & ETYPE_INFO_ENTRY_SALT ? list.items[i].salt : salt,
            (struct slice){0});
    ENSURE(c->hint_count > 0 || list.count == 0, ENCTYPE_UNSUPPORTED,
           "the KDC holds keys of %.*s only for the client, none of which is allowed here",
           SLICE_ARG(client_etypes_text(&list.items[0].etype, 1, c->arena)));
    return OBOL_OK;
}

enum obol_code client_hints_set(struct as_client *c, const struct padata_list *padata,
                                struct error *err) {
    struct slice salt;
    TRY(principal_salt(&c->client, c->arena, &salt, err));
    c->hint_count = 0;
    const struct padata *found = client_preauth_find_padata(padata, PA_ETYPE_INFO2);
    if (found)
        TRY(from_info2(c, found->padata_value, salt, err));
    found = client_preauth_find_padata(padata, PA_ETYPE_INFO);
    if (found && c->hint_count == 0)
        TRY(from_info(c, found->padata_value, salt, err));
    if (c->hint_count > 0)
        return OBOL_OK;
    if (c->params.salt_said)
        salt = c->params.salt;
    found = client_preauth_find_padata(padata, PA_PW_SALT);
    if (found)
        salt = found->padata_value;
    for (size_t i = 0; i < c->etype_count; i++)
        add(c, c->etypes[i], salt, (struct slice){0});
    return OBOL_OK;
}
