// ap_req.c: the initiator's side of the AP exchange: the AP-REQ (RFC 4120 3.2.2, 5.5.1).
#include "krb/ap.h"
#include "krb/seal.h"
#include "proto/codes.h"

static void fill_authenticator(const struct ap_req_params *p, int64_t now_us,
                               struct authenticator *out) {
    *out = (struct authenticator){
        .authenticator_vno = KRB_PVNO,
        .crealm = p->client.realm,
        .cname = p->client.name,
        .ctime = now_us / 1000000,
        .cusec = (int32_t)(now_us % 1000000),
    };
    if (p->cksum) {
        out->present |= AUTHENTICATOR_CKSUM;
        out->cksum = *p->cksum;
    }
    if (p->subkey) {
        out->present |= AUTHENTICATOR_SUBKEY;
        out->subkey = *p->subkey;
    }
    if (p->with_seq_number) {
        out->present |= AUTHENTICATOR_SEQ_NUMBER;
        out->seq_number = p->seq_number;
    }
    if (p->authorization_data.count) {
        out->present |= AUTHENTICATOR_AUTHORIZATION_DATA;
        out->authorization_data = p->authorization_data;
    }
}

enum obol_code ap_req_build(const struct ap_req_params *params, const struct env *env,
                            struct arena *a, struct slice *out, struct ap_req_sent *sent,
                            struct error *err) {
    struct authenticator authenticator;
    fill_authenticator(params, env_now_us(env), &authenticator);
    struct ap_req req = {
        .pvno = KRB_PVNO,
        .msg_type = KRB_AP_REQ,
        .ap_options = params->ap_options,
        .ticket = params->ticket,
    };
    TRY(krb_seal(&TYPE_AUTHENTICATOR, &authenticator, params->session, params->authenticator_usage,
                 0, env, a, &req.authenticator, err));
    TRY(der_encode(&TYPE_AP_REQ, &req, a, out, err));
    *sent = (struct ap_req_sent){authenticator.ctime, authenticator.cusec};
    return OBOL_OK;
}
