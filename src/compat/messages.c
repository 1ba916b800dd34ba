// messages.c: KRB-PRIV and KRB-SAFE (RFC 4120 3.4, 3.5): bytes between the ends of an AP exchange,
// sealed or with a checksum. Time and sequence are checked as the flags of the context ask.
#include "compat/messages.h"
#include "gssapi/part.h"
#include "krb/seal.h"
#include "krb/times.h"
#include "proto/types.h"
#include <errno.h>

struct host_address stamp_address(const krb5_address *a) {
    if (!a)
        return (struct host_address){0};
    return (struct host_address){a->addrtype, slice_of(a->contents, a->length)};
}

enum obol_code stamp_make(struct call *c, krb5_auth_context ac, bool addressed, struct stamp *out,
                          krb5_replay_data *told) {
    struct error *err = &c->err;
    int32_t flags = ac->flags;
    int64_t now = context_now_us(c->context);
    bool tell = flags & (KRB5_AUTH_CONTEXT_RET_TIME | KRB5_AUTH_CONTEXT_RET_SEQUENCE);
    ENSURE(!tell || told, INVALID_ARGUMENT, "the flags want time or sequence to be given back");
    if (addressed && !ac->local_addr) {
        c->as = KRB5_LOCAL_ADDR_REQUIRED;
        ENSURE(false, INVALID_ARGUMENT, "the context has no local address");
    }
    *out = (struct stamp){
        .time = flags & (KRB5_AUTH_CONTEXT_DO_TIME | KRB5_AUTH_CONTEXT_RET_TIME),
        .sequence = flags & (KRB5_AUTH_CONTEXT_DO_SEQUENCE | KRB5_AUTH_CONTEXT_RET_SEQUENCE),
        .timestamp = now / 1000000,
        .usec = (int32_t)(now % 1000000),
        .seq = ac->local_seq,
        .sender = stamp_address(ac->local_addr),
    };
    if (told)
        *told = (krb5_replay_data){time_out(out->timestamp), out->usec, out->seq};
    return OBOL_OK;
}

// A message that only time protects could come a second time within the skew.
static enum obol_code refuse_replay(struct call *c, const krb5_data *message, struct error *err) {
    const struct ap_replay *replay;
    TRY(gssapi_replay(NULL, &c->context->conf, &replay, err));
    if (!replay)
        return OBOL_OK;
    return replay->check(replay->ctx, data_in(message), env_now(env_system()), err);
}

enum obol_code stamp_check(struct call *c, krb5_auth_context ac, const struct stamp *got,
                           const krb5_data *message, krb5_replay_data *told) {
    struct error *err = &c->err;
    struct host_address remote = stamp_address(ac->remote_addr);
    if (ac->remote_addr)
        ENSURE(remote.addr_type == got->sender.addr_type &&
                   slice_eq(remote.address, got->sender.address),
               KRB_AP_ERR_BADADDR, "the message says it comes from another address");
    if (ac->flags & KRB5_AUTH_CONTEXT_DO_TIME) {
        int64_t now = context_now_us(c->context) / 1000000;
        ENSURE(got->time && krb_time_distance(got->timestamp, now) <= c->context->conf.clockskew,
               KRB_AP_ERR_SKEW, "the message was made %lld s ago",
               (long long)(now - got->timestamp));
        if (!(ac->flags & KRB5_AUTH_CONTEXT_DO_SEQUENCE))
            TRY(refuse_replay(c, message, err));
    }
    if (ac->flags & KRB5_AUTH_CONTEXT_DO_SEQUENCE) {
        ENSURE(got->sequence && got->seq == ac->remote_seq, KRB_AP_ERR_BADORDER,
               "the message has number %u, and %u is expected", got->seq, ac->remote_seq);
        ac->remote_seq++;
    }
    if (told)
        *told = (krb5_replay_data){time_out(got->timestamp), got->usec, got->seq};
    return OBOL_OK;
}

static enum obol_code key_of(struct call *c, const krb5_keyblock *from, struct crypto_key **out) {
    struct error *err = &c->err;
    ENSURE(from, INVALID_ARGUMENT, "the context has no key yet");
    return crypto_key_in_arena(out, &c->arena, from->enctype, keyblock_in(from), err);
}

// ---- KRB-PRIV

static enum obol_code make_priv(struct call *c, krb5_auth_context ac, const krb5_data *data,
                                struct slice *out, krb5_replay_data *told) {
    struct error *err = &c->err;
    struct crypto_key *key;
    struct stamp s;
    TRY(key_of(c, ac_send_key(ac), &key));
    TRY(stamp_make(c, ac, true, &s, told));
    struct enc_krb_priv_part part = {
        .present = (s.time ? ENC_KRB_PRIV_PART_TIMESTAMP | ENC_KRB_PRIV_PART_USEC : 0) |
                   (s.sequence ? ENC_KRB_PRIV_PART_SEQ_NUMBER : 0) |
                   (ac->remote_addr ? ENC_KRB_PRIV_PART_R_ADDRESS : 0),
        .user_data = data_in(data),
        .timestamp = s.timestamp,
        .usec = s.usec,
        .seq_number = s.seq,
        .s_address = s.sender,
        .r_address = stamp_address(ac->remote_addr),
    };
    struct krb_priv message = {.pvno = KRB_PVNO, .msg_type = KRB_PRIV};
    TRY(krb_seal(&TYPE_ENC_KRB_PRIV_PART, &part, key, KU_KRB_PRIV, 0, env_system(), &c->arena,
                 &message.enc_part, err));
    TRY(der_encode(&TYPE_KRB_PRIV, &message, &c->arena, out, err));
    ac->local_seq += s.sequence;
    return OBOL_OK;
}

static enum obol_code read_priv(struct call *c, krb5_auth_context ac, const krb5_data *in,
                                struct slice *out, krb5_replay_data *told) {
    struct error *err = &c->err;
    struct crypto_key *key;
    struct krb_priv message;
    struct enc_krb_priv_part part;
    TRY(key_of(c, ac_recv_key(ac), &key));
    TRY(der_decode(&TYPE_KRB_PRIV, data_in(in), &c->arena, &message, err));
    ENSURE(message.pvno == KRB_PVNO && message.msg_type == KRB_PRIV, KRB_AP_ERR_MSG_TYPE,
           "the message is no KRB-PRIV");
    TRY(krb_open(&TYPE_ENC_KRB_PRIV_PART, &message.enc_part, key, KU_KRB_PRIV, &c->arena, &part,
                 err));
    struct stamp s = {
        .time = (part.present & ENC_KRB_PRIV_PART_TIMESTAMP) != 0,
        .sequence = (part.present & ENC_KRB_PRIV_PART_SEQ_NUMBER) != 0,
        .timestamp = part.timestamp,
        .usec = part.usec,
        .seq = part.seq_number,
        .sender = part.s_address,
    };
    TRY(stamp_check(c, ac, &s, in, told));
    *out = part.user_data;
    return OBOL_OK;
}

// ---- KRB-SAFE

static enum obol_code make_safe(struct call *c, krb5_auth_context ac, const krb5_data *data,
                                struct slice *out, krb5_replay_data *told) {
    struct error *err = &c->err;
    struct crypto_key *key;
    struct stamp s;
    struct slice covered;
    TRY(key_of(c, ac_send_key(ac), &key));
    TRY(stamp_make(c, ac, true, &s, told));
    struct krb_safe message = {.pvno = KRB_PVNO, .msg_type = KRB_SAFE};
    message.safe_body = (struct krb_safe_body){
        .present = (s.time ? KRB_SAFE_BODY_TIMESTAMP | KRB_SAFE_BODY_USEC : 0) |
                   (s.sequence ? KRB_SAFE_BODY_SEQ_NUMBER : 0) |
                   (ac->remote_addr ? KRB_SAFE_BODY_R_ADDRESS : 0),
        .user_data = data_in(data),
        .timestamp = s.timestamp,
        .usec = s.usec,
        .seq_number = s.seq,
        .s_address = s.sender,
        .r_address = stamp_address(ac->remote_addr),
    };
    const struct enctype *e = crypto_key_enctype(key);
    struct buf sum = arena_buf(&c->arena, enctype_checksum_length(e));
    ENSURE_MEMORY(sum.ptr);
    TRY(der_encode(&TYPE_KRB_SAFE_BODY, &message.safe_body, &c->arena, &covered, err));
    TRY(crypto_checksum(key, KU_KRB_SAFE, covered, sum, err));
    message.cksum = (struct checksum){enctype_checksum_type(e), slice_of_buf(sum)};
    TRY(der_encode(&TYPE_KRB_SAFE, &message, &c->arena, out, err));
    ac->local_seq += s.sequence;
    return OBOL_OK;
}

// The checksum is over the body (RFC 4120 5.6.1). MIT's library makes it over the whole message,
// with an empty checksum of type 0 in its place.
static enum obol_code verify_safe(struct call *c, struct crypto_key *key,
                                  const struct krb_safe *message) {
    struct error *err = &c->err;
    struct krb_safe empty = *message;
    struct slice covered, sum = message->cksum.checksum;
    int32_t type = message->cksum.cksumtype;
    if (crypto_verify(key, KU_KRB_SAFE, type, message->safe_body.raw, sum, NULL) == OBOL_OK)
        return OBOL_OK;
    empty.cksum = (struct checksum){0};
    TRY(der_encode(&TYPE_KRB_SAFE, &empty, &c->arena, &covered, err));
    return crypto_verify(key, KU_KRB_SAFE, type, covered, sum, err);
}

static enum obol_code read_safe(struct call *c, krb5_auth_context ac, const krb5_data *in,
                                struct slice *out, krb5_replay_data *told) {
    struct error *err = &c->err;
    struct crypto_key *key;
    struct krb_safe message;
    TRY(key_of(c, ac_recv_key(ac), &key));
    TRY(der_decode(&TYPE_KRB_SAFE, data_in(in), &c->arena, &message, err));
    ENSURE(message.pvno == KRB_PVNO && message.msg_type == KRB_SAFE, KRB_AP_ERR_MSG_TYPE,
           "the message is no KRB-SAFE");
    const struct krb_safe_body *body = &message.safe_body;
    TRY(verify_safe(c, key, &message));
    struct stamp s = {
        .time = (body->present & KRB_SAFE_BODY_TIMESTAMP) != 0,
        .sequence = (body->present & KRB_SAFE_BODY_SEQ_NUMBER) != 0,
        .timestamp = body->timestamp,
        .usec = body->usec,
        .seq = body->seq_number,
        .sender = body->s_address,
    };
    TRY(stamp_check(c, ac, &s, in, told));
    *out = body->user_data;
    return OBOL_OK;
}

// ---- the calls

typedef enum obol_code message_fn(struct call *c, krb5_auth_context ac, const krb5_data *in,
                                  struct slice *out, krb5_replay_data *told);

static krb5_error_code run(krb5_context context, message_fn *fn, krb5_auth_context ac,
                           const krb5_data *in, krb5_data *out, krb5_replay_data *told) {
    CALL(call, context);
    struct slice bytes;
    if (!ac_is(ac) || !in || !out)
        return EINVAL;
    enum obol_code code = fn(&call, ac, in, &bytes, told);
    if (code == OBOL_OK && !data_out(out, bytes))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_mk_priv(krb5_context context, krb5_auth_context ac, const krb5_data *in,
                             krb5_data *out, krb5_replay_data *told) {
    return run(context, make_priv, ac, in, out, told);
}

krb5_error_code krb5_rd_priv(krb5_context context, krb5_auth_context ac, const krb5_data *in,
                             krb5_data *out, krb5_replay_data *told) {
    return run(context, read_priv, ac, in, out, told);
}

krb5_error_code krb5_mk_safe(krb5_context context, krb5_auth_context ac, const krb5_data *in,
                             krb5_data *out, krb5_replay_data *told) {
    return run(context, make_safe, ac, in, out, told);
}

krb5_error_code krb5_rd_safe(krb5_context context, krb5_auth_context ac, const krb5_data *in,
                             krb5_data *out, krb5_replay_data *told) {
    return run(context, read_safe, ac, in, out, told);
}
