// tgs_authdata.c: the authorization data of a ticket that the TGS issues (RFC 4120 3.3.3): that of
// the presented ticket but for its PAC, of which a new one is made, and what the client adds in
// enc-authorization-data.
#include "kdc/authdata/authdata.h"
#include "kdc/tgs.h"
#include "krb/seal.h"

// The subkey seals it if there is one; some clients use the session key nevertheless.
static enum obol_code open_added(struct exchange *x, struct authdata_list *out) {
    const struct encrypted_data *sealed = &x->req.req_body.enc_authorization_data;
    struct crypto_key *session = x->header.session, *subkey = x->header.subkey;
    if (subkey && krb_open(&TYPE_AUTHORIZATION_DATA, sealed, subkey, KU_TGS_REQ_AUTHDATA_SUBKEY,
                           x->arena, out, NULL) == OBOL_OK)
        return OBOL_OK;
    enum obol_code code = krb_open(&TYPE_AUTHORIZATION_DATA, sealed, session,
                                   KU_TGS_REQ_AUTHDATA_SESSION, x->arena, out, &x->err);
    if (code != OBOL_DECRYPT_INTEGRITY && code != OBOL_ENCTYPE_UNSUPPORTED)
        return code;
    return error_replace(&x->err, OBOL_KRB_AP_ERR_BAD_INTEGRITY, __func__,
                         "the added authorization data does not open");
}

// What this realm's KDC put into its own ticket passes as it is; another realm's word does not
// count for what only a KDC may say.
static enum obol_code copy_held(struct exchange *x, struct authdata_list *out) {
    const struct authdata_list *held = &x->held_authdata;
    if (!slice_eq(x->header.service.realm, x->kdc->realm) || x->anonymize)
        return authdata_filter(held, x->arena, out, &x->err);
    // Indicators are bound to the ticket that they stand in: indicators_add makes them anew.
    for (size_t i = 0; i < held->count; i++)
        if (!cammac_is(&held->items[i], x->arena))
            out->items[out->count++] = held->items[i];
    return OBOL_OK;
}

enum obol_code tgs_copy_authdata(struct exchange *x) {
    struct error *err = &x->err;
    bool adds = (x->req.req_body.present & KDC_REQ_BODY_ENC_AUTHORIZATION_DATA) != 0;
    bool holds = x->held_authdata.count > 0;
    if (LIKELY(!adds && !holds))
        return OBOL_OK;
    struct authdata_list added = {0}, all = {0};
    if (adds)
        TRY(open_added(x, &added));
    size_t room = added.count + x->held_authdata.count;
    all.items = arena_zalloc(x->arena, room + 1, sizeof *all.items);
    ENSURE_MEMORY(all.items);
    TRY(authdata_filter(&added, x->arena, &all, err));
    if (holds)
        TRY(copy_held(x, &all));
    if (all.count == 0)
        return OBOL_OK;
    // RFC 8062 4.2: what is not known may tell who the client is, and must not be left out if it
    // restricts.
    ENSURE(!x->anonymize, KDC_ERR_POLICY,
           "authorization data of type %d cannot stand in an anonymous ticket",
           all.items[0].ad_type);
    x->ticket.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    x->ticket.authorization_data = all;
    return OBOL_OK;
}
