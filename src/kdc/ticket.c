// ticket.c: the ticket and the reply around it (RFC 4120 5.3, 5.4.2), for both exchanges.
#include "kdc/authdata/authdata.h"
#include "kdc/authdata/pac.h"
#include "kdc/preauth/preauth.h"
#include "krb/seal.h"

static enum obol_code draw_session_key(struct exchange *x) {
    struct error *err = &x->err;
    const struct enctype *e = enctype_find(x->session_etype);
    ENSURE(e != NULL, INTERNAL, "session enctype %d is not known", x->session_etype);
    struct buf key = arena_buf(x->arena, enctype_key_length(e));
    ENSURE_MEMORY(key.ptr);
    TRY(crypto_random_key(e, x->kdc->env, key, err));
    x->ticket.key = (struct encryption_key){x->session_etype, slice_of_buf(key)};
    return x->mixed_key ? pkinit_mix_session(x) : OBOL_OK;
}

enum obol_code ticket_issue(struct exchange *x) {
    TRY(draw_session_key(x));
    TRY(indicators_add(x));
    struct ticket *t = &x->rep.ticket;
    *t = (struct ticket){
        .tkt_vno = KRB_PVNO,
        .realm = x->server_name.realm,
        .sname = x->server_name.name,
    };
    x->event->ticket_flags = x->ticket.flags;
    TRY(pac_issue(x));
    TRY(krb_seal(&TYPE_ENC_TICKET_PART, &x->ticket, x->ticket_key, KU_TICKET, x->ticket_kvno,
                 x->kdc->env, x->arena, &t->enc_part, &x->err));
    x->event->ticket = t->enc_part.cipher;
    return OBOL_OK;
}

void reply_fill_part(struct exchange *x) {
    const struct enc_ticket_part *t = &x->ticket;
    struct enc_kdc_rep_part *part = &x->enc_part;
    part->key = t->key;
    part->nonce = x->req.req_body.nonce;
    part->flags = t->flags;
    part->authtime = t->authtime;
    part->endtime = t->endtime;
    part->srealm = x->server_name.realm;
    part->sname = x->server_name.name;
    if (t->present & ENC_TICKET_PART_STARTTIME) {
        part->present |= ENC_KDC_REP_PART_STARTTIME;
        part->starttime = t->starttime;
    }
    if (t->present & ENC_TICKET_PART_RENEW_TILL) {
        part->present |= ENC_KDC_REP_PART_RENEW_TILL;
        part->renew_till = t->renew_till;
    }
    // RFC 4120 5.4.2: a TGS-REP tells them only if they are others than those of the presented
    // ticket.
    bool presented = x->stages == TGS_STAGES && !exchange_option(x, KDC_OPT_FORWARDED) &&
                     !exchange_option(x, KDC_OPT_PROXY);
    if ((t->present & ENC_TICKET_PART_CADDR) && !presented) {
        part->present |= ENC_KDC_REP_PART_CADDR;
        part->caddr = t->caddr;
    }
    x->rep.pvno = KRB_PVNO;
    x->rep.crealm = t->crealm;
    x->rep.cname = t->cname;
}

static void tell_times(struct exchange *x) {
    x->event->authtime = x->ticket.authtime;
    x->event->starttime = x->ticket.starttime;
    x->event->endtime = x->ticket.endtime;
    x->event->renew_till = x->ticket.renew_till;
}

enum obol_code reply_seal(struct exchange *x, const struct der_type *part,
                          const struct der_type *rep) {
    struct error *err = &x->err;
    TRY(krb_seal(part, &x->enc_part, x->reply_key, x->reply_usage, x->reply_kvno, x->kdc->env,
                 x->arena, &x->rep.enc_part, err));
    tell_times(x);
    return der_encode(rep, &x->rep, x->arena, &x->reply, err);
}
