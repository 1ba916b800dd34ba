// tgs_reply.c: path of realms, key of the ticket, and the TGS-REP (RFC 4120 3.3.3, 3.3.3.2, 5.4.2).
#include "kdc/fast.h"
#include "kdc/tgs.h"
#include "krb/transited.h"

// Whose path the new ticket's is: that of the ticket whose client it names.
static enum obol_code set_transited(struct exchange *x, struct slice from) {
    struct slice issuer = x->header.service.realm;
    bool onward = x->s4u == S4U_PROXY && principal_is_krbtgt(&x->server_name.name);
    const struct enc_ticket_part *held = onward ? &x->header.ticket : x->basis;
    if (held == &x->second && x->s4u == S4U_PROXY_ABROAD)
        return s4u_proxy_transited(x);
    x->ticket.transited = held->transited;
    // The realm that issued the presented ticket was passed through, unless it is the client's.
    if (slice_eq(issuer, x->kdc->realm) || slice_eq(issuer, from))
        return OBOL_OK;
    return transited_append(&held->transited, from, issuer, x->arena, &x->ticket.transited,
                            &x->err);
}

enum obol_code tgs_check_transited(struct exchange *x) {
    struct error *err = &x->err;
    struct slice from = x->client_name.realm;
    // On its way home a service comes with its user's name, from his realm.
    bool home = x->s4u == S4U_SELF && principal_is_krbtgt(&x->server_name.name);
    if (home && !x->client)
        from = x->subject.realm;
    TRY(set_transited(x, from));
    // Whom a service of another realm acts for, that realm says; its own path was looked at.
    bool checked = x->s4u == S4U_PROXY_ABROAD && x->basis == &x->second;
    enum obol_code code = checked ? OBOL_OK
                                  : transited_check(&x->ticket.transited, from, x->kdc->realm,
                                                    &x->kdc->policy.path, x->arena, err);
    bool refused = code == OBOL_KDC_ERR_PATH_NOT_ACCEPTED || code == OBOL_KDC_ERR_TRTYPE_NOSUPP;
    if (code != OBOL_OK && (!refused || x->kdc->policy.reject_bad_transit))
        return code;
    if (refused)
        error_init(err);
    if (home && x->client)
        x->ticket.transited = (struct transited_encoding){.tr_type = TR_DOMAIN_X500_COMPRESS};
    // RFC 4120 2.7: without the flag the service looks at the path itself.
    if (!refused && !exchange_option(x, KDC_OPT_DISABLE_TRANSITED_CHECK))
        x->ticket.flags |= (uint32_t)TKT_TRANSITED_POLICY_CHECKED;
    return OBOL_OK;
}

enum obol_code tgs_choose_ticket_key(struct exchange *x) {
    if (!x->second_session)
        return keys_choose_ticket(x);
    x->ticket_key = x->second_session;
    x->ticket_kvno = 0; // a session key has none
    x->event->ticket_etype = x->second.key.keytype;
    return OBOL_OK;
}

enum obol_code tgs_reply(struct exchange *x) {
    static struct last_req none = {LR_NONE, 0};
    bool subkey = x->header.subkey != NULL;
    x->reply_key = subkey ? x->header.subkey : x->header.session;
    x->reply_usage = subkey ? KU_TGS_REP_SUBKEY : KU_TGS_REP_SESSION;
    x->event->reply_etype = enctype_number(crypto_key_enctype(x->reply_key));
    x->rep.msg_type = KRB_TGS_REP;
    if (x->s4u != S4U_NONE)
        x->event->act_for =
            principal_text(x->subject.realm.len ? &x->subject : &x->client_name, x->arena);
    reply_fill_part(x);
    TRY(s4u_answer(x));
    TRY(s4u_answer_options(x));
    TRY(fast_armor_reply(x));
    x->enc_part.last_req = (struct last_req_list){&none, 1};
    return reply_seal(x, &TYPE_ENC_TGS_REP_PART, &TYPE_TGS_REP);
}
