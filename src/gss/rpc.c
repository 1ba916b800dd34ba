// rpc.c: the messages of ONC RPC and RPCSEC_GSS; see rpc.h.
#include "gss/rpc.h"
#include "base/reader.h"
#include "gss/message.h"

enum { UNIT = 4 }; // RFC 4506 3: everything stands on so many bytes

// ---- XDR

static struct slice opaque_read(struct reader *r, size_t max) {
    static const uint8_t zero[UNIT];
    uint32_t length = reader_be32(r);
    if (length > max) {
        reader_fail(r);
        return (struct slice){0};
    }
    struct slice bytes = reader_bytes(r, length);
    struct slice padding = reader_bytes(r, (UNIT - length % UNIT) % UNIT);
    if (!slice_eq(padding, slice_of(zero, padding.len)))
        reader_fail(r);
    return bytes;
}

void rpc_opaque_write(struct writer *w, struct slice bytes) {
    writer_counted32(w, bytes);
    for (size_t i = bytes.len; i % UNIT; i++)
        writer_u8(w, 0);
}

static struct rpc_auth auth_read(struct reader *r) {
    uint32_t flavor = reader_be32(r);
    return (struct rpc_auth){flavor, opaque_read(r, RPC_AUTH_MAX)};
}

void rpc_auth_write(struct writer *w, struct rpc_auth auth) {
    writer_be32(w, auth.flavor);
    rpc_opaque_write(w, auth.body);
}

// ---- calls and replies

enum { CALL = 0, REPLY = 1 }; // RFC 5531 9, msg_type

enum obol_code rpc_call_read(struct slice record, struct rpc_call *out, struct error *err) {
    struct reader r = reader_of(record);
    *out = (struct rpc_call){.xid = reader_be32(&r)};
    uint32_t type = reader_be32(&r);
    ENSURE(reader_ok(&r) && type == CALL, FORMAT, "%zu bytes that are no call of RPC", record.len);
    out->rpc_version = reader_be32(&r);
    out->program = reader_be32(&r);
    out->version = reader_be32(&r);
    out->procedure = reader_be32(&r);
    out->cred = auth_read(&r);
    out->header = slice_sub(record, 0, record.len - reader_left(&r));
    out->verf = auth_read(&r);
    out->body = reader_rest(&r);
    ENSURE(reader_ok(&r), FORMAT, "a call of RPC whose credential or verifier is not whole");
    return OBOL_OK;
}

void rpc_call_write(struct writer *w, const struct rpc_call *call) {
    writer_be32(w, call->xid);
    writer_be32(w, CALL);
    writer_be32(w, call->rpc_version);
    writer_be32(w, call->program);
    writer_be32(w, call->version);
    writer_be32(w, call->procedure);
    rpc_auth_write(w, call->cred);
}

static bool has_versions(const struct rpc_reply *r) {
    return r->denied ? r->reject == RPC_MISMATCH : r->accept == RPC_PROG_MISMATCH;
}

static void read_accepted(struct reader *r, struct rpc_reply *out) {
    out->verf = auth_read(r);
    out->accept = reader_be32(r);
}

static void read_denied(struct reader *r, struct rpc_reply *out) {
    out->reject = reader_be32(r);
    if (out->reject == RPC_AUTH_ERROR)
        out->auth_stat = reader_be32(r);
    else if (out->reject != RPC_MISMATCH)
        reader_fail(r);
}

enum obol_code rpc_reply_read(struct slice record, struct rpc_reply *out, struct error *err) {
    struct reader r = reader_of(record);
    *out = (struct rpc_reply){.xid = reader_be32(&r)};
    uint32_t type = reader_be32(&r), status = reader_be32(&r);
    ENSURE(reader_ok(&r) && type == REPLY && status <= 1, FORMAT,
           "%zu bytes that are no reply of RPC", record.len);
    out->denied = status == 1;
    if (out->denied)
        read_denied(&r, out);
    else
        read_accepted(&r, out);
    if (has_versions(out)) {
        out->low = reader_be32(&r);
        out->high = reader_be32(&r);
    }
    if (!out->denied && out->accept == RPC_SUCCESS)
        out->body = reader_rest(&r);
    ENSURE(reader_done(&r), FORMAT, "a reply of RPC that is not whole, or has bytes left over");
    return OBOL_OK;
}

void rpc_reply_write(struct writer *w, const struct rpc_reply *reply) {
    writer_be32(w, reply->xid);
    writer_be32(w, REPLY);
    writer_be32(w, reply->denied);
    if (reply->denied) {
        writer_be32(w, reply->reject);
        if (reply->reject == RPC_AUTH_ERROR)
            writer_be32(w, reply->auth_stat);
    } else {
        rpc_auth_write(w, reply->verf);
        writer_be32(w, reply->accept);
    }
    if (has_versions(reply)) {
        writer_be32(w, reply->low);
        writer_be32(w, reply->high);
    }
}

// ---- RPCSEC_GSS

enum obol_code rpc_gss_cred_read(struct slice body, struct rpc_gss_cred *out, struct error *err) {
    struct reader r = reader_of(body);
    uint32_t version = reader_be32(&r);
    *out = (struct rpc_gss_cred){.procedure = reader_be32(&r)};
    out->seq = reader_be32(&r);
    out->protection = reader_be32(&r);
    out->handle = opaque_read(&r, RPC_AUTH_MAX);
    ENSURE(reader_done(&r), FORMAT, "a credential of %zu bytes that is none of RPCSEC_GSS",
           body.len);
    ENSURE(version == RPC_GSS_VERSION, FORMAT, "version %u of RPCSEC_GSS, %d is spoken here",
           version, RPC_GSS_VERSION);
    return OBOL_OK;
}

void rpc_gss_cred_write(struct writer *w, const struct rpc_gss_cred *cred) {
    writer_be32(w, RPC_GSS_VERSION);
    writer_be32(w, cred->procedure);
    writer_be32(w, cred->seq);
    writer_be32(w, cred->protection);
    rpc_opaque_write(w, cred->handle);
}

enum obol_code rpc_gss_token_read(struct slice body, struct slice *token, struct error *err) {
    struct reader r = reader_of(body);
    *token = opaque_read(&r, body.len);
    ENSURE(reader_done(&r), FORMAT, "%zu bytes that are no token of RPCSEC_GSS", body.len);
    return OBOL_OK;
}

enum obol_code rpc_gss_init_res_read(struct slice body, struct rpc_gss_init_res *out,
                                     struct error *err) {
    struct reader r = reader_of(body);
    *out = (struct rpc_gss_init_res){.handle = opaque_read(&r, RPC_AUTH_MAX)};
    out->major = reader_be32(&r);
    out->minor = reader_be32(&r);
    out->window = reader_be32(&r);
    out->token = opaque_read(&r, body.len);
    ENSURE(reader_done(&r), FORMAT, "%zu bytes that are no answer to a token of RPCSEC_GSS",
           body.len);
    return OBOL_OK;
}

void rpc_gss_init_res_write(struct writer *w, const struct rpc_gss_init_res *res) {
    rpc_opaque_write(w, res->handle);
    writer_be32(w, res->major);
    writer_be32(w, res->minor);
    writer_be32(w, res->window);
    rpc_opaque_write(w, res->token);
}

// RFC 2203 5.3.2.2 and 5.3.2.3, rpc_gss_data_t: the number of the call, and what is protected.
static enum obol_code numbered(uint32_t seq, struct slice plain, struct arena *a, struct slice *out,
                               struct error *err) {
    struct buf room = arena_buf(a, UNIT + plain.len);
    ENSURE_MEMORY(room.ptr);
    struct writer w = writer_to_buf(room);
    writer_be32(&w, seq);
    writer_bytes(&w, plain);
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code rpc_body_seal(struct gss_context *ctx, enum rpc_protection protection, uint32_t seq,
                             struct slice plain, const struct env *env, struct arena *a,
                             struct writer *w, struct error *err) {
    struct slice data, mic;
    if (protection == RPC_PROTECT_NONE) {
        writer_bytes(w, plain);
        return OBOL_OK;
    }
    TRY(numbered(seq, plain, a, &data, err));
    if (protection == RPC_PROTECT_INTEGRITY) {
        TRY(gss_mic_make(ctx, data, a, &mic, err));
        rpc_opaque_write(w, data);
        rpc_opaque_write(w, mic);
        return OBOL_OK;
    }
    struct buf token = arena_buf(a, gss_message_wrap_length(ctx, true, data.len));
    ENSURE_MEMORY(token.ptr);
    TRY(gss_message_wrap(ctx, true, data, token, env, err));
    rpc_opaque_write(w, slice_of_buf(token));
    return OBOL_OK;
}

static enum obol_code open_integrity(struct gss_context *ctx, struct slice body, struct slice *data,
                                     struct error *err) {
    struct reader r = reader_of(body);
    uint64_t ignored;
    *data = opaque_read(&r, body.len);
    struct slice mic = opaque_read(&r, body.len);
    ENSURE(reader_done(&r), FORMAT, "%zu bytes that are no signed body of RPCSEC_GSS", body.len);
    return gss_mic_verify(ctx, *data, mic, &ignored, err);
}

static enum obol_code open_privacy(struct gss_context *ctx, struct slice body, struct arena *a,
                                   struct slice *data, struct error *err) {
    struct reader r = reader_of(body);
    struct gss_opened opened;
    struct slice token = opaque_read(&r, body.len);
    ENSURE(reader_done(&r), FORMAT, "%zu bytes that are no sealed body of RPCSEC_GSS", body.len);
    struct buf room = arena_buf(a, gss_message_unwrap_room(token.len));
    ENSURE_MEMORY(room.ptr);
    size_t len;
    TRY(gss_message_unwrap(ctx, token, room, &len, &opened, err));
    ENSURE(opened.conf, KRB_AP_ERR_MODIFIED, "the body is signed only, though it says sealed");
    *data = slice_of(room.ptr, len);
    return OBOL_OK;
}

enum obol_code rpc_body_open(struct gss_context *ctx, enum rpc_protection protection, uint32_t seq,
                             struct slice body, struct arena *a, struct slice *plain,
                             struct error *err) {
    struct slice data;
    *plain = body;
    if (protection == RPC_PROTECT_NONE)
        return OBOL_OK;
    if (protection == RPC_PROTECT_INTEGRITY)
        TRY(open_integrity(ctx, body, &data, err));
    else
        TRY(open_privacy(ctx, body, a, &data, err));
    struct reader r = reader_of(data);
    uint32_t number = reader_be32(&r);
    *plain = reader_rest(&r);
    ENSURE(reader_ok(&r), FORMAT, "%zu bytes where the number of the call stands", data.len);
    // RFC 2203 5.3.3.4.2: a body may not be moved to another call.
    ENSURE(number == seq, KRB_AP_ERR_MODIFIED, "the body is of call %u, and the header of %u",
           number, seq);
    return OBOL_OK;
}

enum obol_code rpc_verifier_make(struct gss_context *ctx, uint32_t number, struct arena *a,
                                 struct rpc_auth *out, struct error *err) {
    uint8_t bytes[UNIT];
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    writer_be32(&w, number);
    out->flavor = RPC_AUTH_GSS;
    return gss_mic_make(ctx, writer_slice(&w), a, &out->body, err);
}

enum obol_code rpc_verifier_check(struct gss_context *ctx, uint32_t number, struct rpc_auth verf,
                                  struct error *err) {
    uint8_t bytes[UNIT];
    uint64_t ignored;
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    writer_be32(&w, number);
    ENSURE(verf.flavor == RPC_AUTH_GSS, KRB_AP_ERR_MODIFIED,
           "the verifier is of flavor %u, not of RPCSEC_GSS", verf.flavor);
    return gss_mic_verify(ctx, writer_slice(&w), verf.body, &ignored, err);
}

// ---- names

const char *rpc_accept_name(uint32_t accept) {
    static const char *const names[] = {
        [RPC_SUCCESS] = "SUCCESS",
        [RPC_PROG_UNAVAIL] = "PROG_UNAVAIL",
        [RPC_PROG_MISMATCH] = "PROG_MISMATCH",
        [RPC_PROC_UNAVAIL] = "PROC_UNAVAIL",
        [RPC_GARBAGE_ARGS] = "GARBAGE_ARGS",
        [RPC_SYSTEM_ERR] = "SYSTEM_ERR",
    };
    return accept < COUNT_OF(names) ? names[accept] : NULL;
}

const char *rpc_auth_stat_name(uint32_t auth_stat) {
    static const char *const names[] = {
        [RPC_AUTH_OK] = "AUTH_OK",
        [RPC_AUTH_BADCRED] = "AUTH_BADCRED",
        [RPC_AUTH_REJECTEDCRED] = "AUTH_REJECTEDCRED",
        [RPC_AUTH_BADVERF] = "AUTH_BADVERF",
        [RPC_AUTH_REJECTEDVERF] = "AUTH_REJECTEDVERF",
        [RPC_AUTH_TOOWEAK] = "AUTH_TOOWEAK",
        [RPC_AUTH_INVALIDRESP] = "AUTH_INVALIDRESP",
        [RPC_AUTH_FAILED] = "AUTH_FAILED",
        [RPC_GSS_CREDPROBLEM] = "RPCSEC_GSS_CREDPROBLEM",
        [RPC_GSS_CTXPROBLEM] = "RPCSEC_GSS_CTXPROBLEM",
    };
    return auth_stat < COUNT_OF(names) ? names[auth_stat] : NULL;
}
