// priv.c: KRB-PRIV (RFC 4120 3.5); see priv.h.
#include "krb/priv.h"
#include "base/env.h"
#include "krb/seal.h"
#include "proto/codes.h"

#define ADDRESS_DIRECTIONAL 3 // RFC 4120 7.5.3
static const uint8_t directions[2][4] = {{0, 0, 0, 0}, {0, 0, 0, 1}};

static struct host_address direction(bool from_acceptor) {
    return (struct host_address){ADDRESS_DIRECTIONAL,
                                 slice_of(directions[from_acceptor], sizeof directions[0])};
}

enum obol_code priv_make(struct slice data, const struct priv_params *params, const struct env *env,
                         struct arena *a, struct slice *out, struct error *err) {
    struct enc_krb_priv_part part = {
        .present = ENC_KRB_PRIV_PART_SEQ_NUMBER,
        .user_data = data,
        .s_address = direction(params->from_acceptor),
        .seq_number = params->seq_number,
    };
    struct krb_priv message = {.pvno = KRB_PVNO, .msg_type = KRB_PRIV};
    TRY(krb_seal(&TYPE_ENC_KRB_PRIV_PART, &part, params->key, KU_KRB_PRIV, 0, env, a,
                 &message.enc_part, err));
    return der_encode(&TYPE_KRB_PRIV, &message, a, out, err);
}

static enum obol_code check_order(const struct enc_krb_priv_part *part,
                                  const struct priv_params *params, const struct env *env,
                                  struct error *err) {
    if (part->present & ENC_KRB_PRIV_PART_SEQ_NUMBER) {
        ENSURE(part->seq_number == params->seq_number, KRB_AP_ERR_BADORDER,
               "the KRB-PRIV has sequence number %u, %u is expected", part->seq_number,
               params->seq_number);
        return OBOL_OK;
    }
    ENSURE(params->seq_number == 0, KRB_AP_ERR_BADORDER,
           "the KRB-PRIV has no sequence number, %u is expected", params->seq_number);
    if (!(part->present & ENC_KRB_PRIV_PART_TIMESTAMP)) {
        ENSURE(params->key_is_fresh, KRB_AP_ERR_MODIFIED,
               "the KRB-PRIV has neither sequence number nor time, and its key is no fresh one");
        return OBOL_OK;
    }
    int64_t skew = part->timestamp - env_now(env);
    ENSURE(skew <= params->clockskew && -skew <= params->clockskew, KRB_AP_ERR_SKEW,
           "the KRB-PRIV was made %lld seconds %s our time", (long long)(skew < 0 ? -skew : skew),
           skew < 0 ? "before" : "after");
    return OBOL_OK;
}

enum obol_code priv_open(struct slice message, const struct priv_params *params,
                         const struct env *env, struct arena *a, struct slice *data,
                         struct error *err) {
    struct krb_priv m;
    struct enc_krb_priv_part part;
    TRY(der_decode(&TYPE_KRB_PRIV, message, a, &m, err));
    ENSURE(m.pvno == KRB_PVNO && m.msg_type == KRB_PRIV, KRB_AP_ERR_MSG_TYPE,
           "the KRB-PRIV says it is of version %d and type %d", m.pvno, m.msg_type);
    TRY(krb_open(&TYPE_ENC_KRB_PRIV_PART, &m.enc_part, params->key, KU_KRB_PRIV, a, &part, err));
    struct host_address wanted = direction(params->from_acceptor);
    ENSURE(part.s_address.addr_type != ADDRESS_DIRECTIONAL ||
               slice_eq(part.s_address.address, wanted.address),
           KRB_AP_ERR_BADADDR, "the KRB-PRIV was made by the other end");
    TRY(check_order(&part, params, env, err));
    *data = part.user_data;
    return OBOL_OK;
}
