// tgs_second.c: user-to-user authentication (RFC 4120 3.7, ENC-TKT-IN-SKEY in 3.3.3): the ticket is
// sealed with the session key of a TGT that the server, a user, handed to the client.
#include "kdc/authdata/pac.h"
#include "kdc/tgs.h"
#include "krb/seal.h"
#include "krb/times.h"

static enum obol_code open_with(struct exchange *x, const struct ticket *t, uint32_t kvno,
                                struct crypto_key **key) {
    struct error *err = &x->err;
    const struct principal name = {t->realm, t->sname};
    const struct encrypted_data *part = &t->enc_part;
    enum obol_code code = OBOL_DECRYPT_INTEGRITY;
    for (unsigned n = 0; code == OBOL_DECRYPT_INTEGRITY; n++) {
        enum obol_code found = tgs_find_key(x, &name, part->etype, kvno, n, x->arena, key, err);
        if (found == OBOL_NOT_FOUND)
            break;
        TRY(found);
        code = krb_open(&TYPE_ENC_TICKET_PART, part, *key, KU_TICKET, x->arena, &x->second, NULL);
    }
    ENSURE(code == OBOL_OK, KRB_AP_ERR_BAD_INTEGRITY, "the second ticket does not open");
    return OBOL_OK;
}

enum obol_code tgs_open_second_ticket(struct exchange *x, const struct ticket *t,
                                      struct crypto_key **key, struct entry **service) {
    struct error *err = &x->err;
    const struct principal name = {t->realm, t->sname};
    const struct encrypted_data *part = &t->enc_part;
    uint32_t kvno = part->present & ENCRYPTED_DATA_KVNO ? (uint32_t)part->kvno : 0;
    x->event->second = part->cipher;
    ENSURE(t->tkt_vno == KRB_PVNO, KRB_AP_ERR_BADVERSION, "the second ticket is of version %d",
           t->tkt_vno);
    TRY(principal_check(&name, err));
    struct entry *presented = x->header_server;
    enum obol_code code = open_with(x, t, kvno, key);
    *service = x->header_server;
    x->header_server = presented;
    TRY(code);
    const struct enc_ticket_part *opened = &x->second;
    ENSURE(!(opened->flags & (uint32_t)TKT_INVALID), KRB_AP_ERR_TKT_NYV,
           "the second ticket is INVALID");
    ENSURE(opened->endtime > x->now, KRB_AP_ERR_TKT_EXPIRED,
           "the second ticket expired %lld seconds ago",
           (long long)krb_time_distance(x->now, opened->endtime));
    return OBOL_OK;
}

enum obol_code tgs_open_second(struct exchange *x) {
    struct error *err = &x->err;
    const struct kdc_req_body *body = &x->req.req_body;
    if (!exchange_option(x, KDC_OPT_ENC_TKT_IN_SKEY))
        return OBOL_OK;
    ENSURE((body->present & KDC_REQ_BODY_ADDITIONAL_TICKETS) && body->additional_tickets.count > 0,
           KDC_ERR_BADOPTION, "ENC-TKT-IN-SKEY comes without a second ticket");
    const struct ticket *ticket = &body->additional_tickets.items[0];
    struct crypto_key *key;
    struct entry *service;
    ENSURE(tgs_is_ours(x->kdc, &ticket->sname) && slice_eq(ticket->realm, x->kdc->realm),
           KDC_ERR_POLICY, "the second ticket is not a TGT of this realm");
    TRY(tgs_open_second_ticket(x, ticket, &key, &service));
    const struct enc_ticket_part *t = &x->second;
    const struct pac_ticket tgt = {.part = t, .service = &ticket->sname, .key = key, .ours = true};
    TRY(pac_check_tgt(x, &tgt));
    ENSURE(etype_is_permitted(x->kdc, t->key.keytype), KDC_ERR_ETYPE_NOSUPP,
           "the second ticket's session key is of enctype %d", t->key.keytype);
    return crypto_key_in_arena(&x->second_session, x->arena, t->key.keytype, t->key.keyvalue, err);
}

enum obol_code tgs_name_server(struct exchange *x) {
    struct error *err = &x->err;
    bool named = (x->req.req_body.present & KDC_REQ_BODY_SNAME) != 0;
    // RFC 4120 5.4.1: with ENC-TKT-IN-SKEY the name may be left out, the second ticket has it.
    if (!named && x->second_session) {
        x->server_name = (struct principal){x->second.crealm, x->second.cname};
        ENSURE(slice_eq(x->server_name.realm, x->kdc->realm), KDC_ERR_S_PRINCIPAL_UNKNOWN,
               "the second ticket is of a client of another realm");
        return principal_check(&x->server_name, err);
    }
    TRY(request_check_server(x));
    return OBOL_OK;
}
