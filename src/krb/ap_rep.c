// ap_rep.c: the acceptor's proof of itself, and the initiator's check of it (RFC 4120 3.2.4, 3.2.5,
// 5.5.2), and the third leg of DCE style.
#include "krb/ap.h"
#include "krb/seal.h"
#include "proto/codes.h"

static enum obol_code seal_part(const struct enc_ap_rep_part *part, struct crypto_key *session,
                                const struct env *env, struct arena *a, struct slice *out,
                                struct error *err) {
    struct ap_rep rep = {.pvno = KRB_PVNO, .msg_type = KRB_AP_REP};
    TRY(krb_seal(&TYPE_ENC_AP_REP_PART, part, session, KU_AP_REP, 0, env, a, &rep.enc_part, err));
    return der_encode(&TYPE_AP_REP, &rep, a, out, err);
}

enum obol_code ap_rep_build(const struct ap_accepted *accepted, const struct encryption_key *subkey,
                            bool with_seq_number, uint32_t seq_number, const struct env *env,
                            struct arena *a, struct slice *out, struct error *err) {
    struct enc_ap_rep_part part = {
        .ctime = accepted->authenticator.ctime,
        .cusec = accepted->authenticator.cusec,
    };
    if (subkey) {
        part.present |= ENC_AP_REP_PART_SUBKEY;
        part.subkey = *subkey;
    }
    if (with_seq_number) {
        part.present |= ENC_AP_REP_PART_SEQ_NUMBER;
        part.seq_number = seq_number;
    }
    return seal_part(&part, accepted->session, env, a, out, err);
}

static enum obol_code open_part(struct slice ap_rep, struct crypto_key *session, struct arena *a,
                                struct enc_ap_rep_part *out, struct error *err) {
    struct ap_rep rep;
    TRY(der_decode(&TYPE_AP_REP, ap_rep, a, &rep, err));
    ENSURE(rep.pvno == KRB_PVNO, KRB_AP_ERR_BADVERSION, "the AP-REP is of version %d", rep.pvno);
    ENSURE(rep.msg_type == KRB_AP_REP, KRB_AP_ERR_MSG_TYPE, "the AP-REP says it is of type %d",
           rep.msg_type);
    if (krb_open(&TYPE_ENC_AP_REP_PART, &rep.enc_part, session, KU_AP_REP, a, out, err) != OBOL_OK)
        return error_replace(err, OBOL_MUTUAL_FAILED, __func__,
                             "the AP-REP does not open with the session key");
    return OBOL_OK;
}

enum obol_code ap_rep_verify(struct slice ap_rep, const struct ap_req_sent *sent,
                             struct crypto_key *session, struct arena *a,
                             struct enc_ap_rep_part *out, struct error *err) {
    TRY(open_part(ap_rep, session, a, out, err));
    ENSURE(out->ctime == sent->ctime && out->cusec == sent->cusec, MUTUAL_FAILED,
           "the AP-REP answers another request: it repeats time %lld.%06d, sent was %lld.%06d",
           (long long)out->ctime, out->cusec, (long long)sent->ctime, sent->cusec);
    if (!(out->present & ENC_AP_REP_PART_SUBKEY))
        return OBOL_OK;
    const struct enctype *e = enctype_find(out->subkey.keytype);
    ENSURE(e != NULL, ENCTYPE_UNSUPPORTED, "the acceptor's subkey is of enctype %d",
           out->subkey.keytype);
    ENSURE(out->subkey.keyvalue.len == enctype_key_length(e), KEY_LENGTH,
           "the acceptor's subkey has %zu bytes, %s needs %zu", out->subkey.keyvalue.len,
           enctype_name(e), enctype_key_length(e));
    return OBOL_OK;
}

enum obol_code ap_rep_third_build(struct crypto_key *session, uint32_t seq_number,
                                  const struct env *env, struct arena *a, struct slice *out,
                                  struct error *err) {
    int64_t now = env_now_us(env);
    const struct enc_ap_rep_part part = {
        .present = ENC_AP_REP_PART_SEQ_NUMBER,
        .ctime = now / 1000000,
        .cusec = (int32_t)(now % 1000000),
        .seq_number = seq_number,
    };
    return seal_part(&part, session, env, a, out, err);
}

enum obol_code ap_rep_third_verify(struct slice ap_rep, struct crypto_key *session,
                                   uint32_t seq_number, struct arena *a, struct error *err) {
    struct enc_ap_rep_part part;
    TRY(open_part(ap_rep, session, a, &part, err));
    ENSURE(!(part.present & ENC_AP_REP_PART_SUBKEY), MUTUAL_FAILED,
           "the third leg holds a subkey: it is our own second leg, thrown back");
    ENSURE((part.present & ENC_AP_REP_PART_SEQ_NUMBER) && part.seq_number == seq_number,
           MUTUAL_FAILED, "the third leg does not repeat our sequence number");
    return OBOL_OK;
}
