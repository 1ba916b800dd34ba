// rpc_server.c: the server's end of RPCSEC_GSS (RFC 2203 5.2 to 5.4); see rpc_server.h.
#include "gss/rpc_server.h"
#include "gss/export.h"
#include "gss/order.h"

// A call may take so many of the context's numbers for the tokens of its reply: the verifier, and
// the results.
enum { TOKENS_A_REPLY = 2, GSS_FAILURE = 13 };

// One record in work.
struct work {
    struct rpc_server *server;
    struct arena *arena;
    struct rpc_taken *out;
};

static enum obol_code send(struct work *k, const struct rpc_reply *reply, struct slice body,
                           struct error *err) {
    struct writer w = writer_to_arena(k->arena);
    rpc_reply_write(&w, reply);
    writer_bytes(&w, body);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for the reply");
    k->out->reply = writer_slice(&w);
    return OBOL_OK;
}

// RFC 5531 9: a call that is not let in. It is what the log tells of, so a reply that cannot be
// made adds nothing.
static void deny(struct work *k, enum rpc_auth_stat why) {
    const struct rpc_reply reply = {
        .xid = k->out->call.xid, .denied = true, .reject = RPC_AUTH_ERROR, .auth_stat = why};
    if (send(k, &reply, (struct slice){0}, NULL) != OBOL_OK)
        k->out->reply = (struct slice){0};
}

static void accepted(struct work *k, enum rpc_accept accept, struct rpc_auth verf) {
    const struct rpc_reply reply = {.xid = k->out->call.xid,
                                    .verf = verf,
                                    .accept = accept,
                                    .low = k->server->version,
                                    .high = k->server->version};
    if (send(k, &reply, (struct slice){0}, NULL) != OBOL_OK)
        k->out->reply = (struct slice){0};
}

// ---- a context begins (RFC 2203 5.2)

static enum obol_code accept_token(struct work *k, struct slice token, struct gss_acceptor *g,
                                   struct rpc_gss_init_res *res, struct error *err) {
    enum gss_progress progress;
    gss_acceptor_init(g, &k->server->accept, k->server->env, k->arena);
    TRY(gss_acceptor_step(g, token, &res->token, &progress, err));
    ENSURE(progress == GSS_PROGRESS_DONE, MECH_UNSUPPORTED,
           "the client's GSS-API wants to send more than one token; krb5 needs one");
    return OBOL_OK;
}

// What a call needs of the context. That messages come once and in their window is told by the
// numbers of RPC (RFC 2203 5.3.3.1), not by those of the tokens.
static enum obol_code keep(struct work *k, struct gss_context *ctx, struct rpc_gss_init_res *res,
                           struct rpc_auth *verf, struct error *err) {
    struct slice bytes;
    struct buf handle = arena_buf(k->arena, RPC_HANDLE_BYTES);
    ENSURE_MEMORY(handle.ptr);
    env_random(k->server->env, handle);
    ctx->flags &= ~(uint32_t)(GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE);
    ctx->receive_seq = ctx->received = 0;
    ctx->authdata = (struct authdata_list){0};
    TRY(rpc_verifier_make(ctx, RPC_WINDOW, k->arena, verf, err));
    TRY(gss_context_write(ctx, k->arena, &bytes, err));
    res->handle = slice_of_buf(handle);
    res->window = RPC_WINDOW;
    return k->server->contexts.add(k->server->contexts.ctx, res->handle,
                                   principal_text(&ctx->client, k->arena), bytes,
                                   ctx->endtime + k->server->accept.clockskew, err);
}

static enum obol_code begin(struct work *k, struct error *err) {
    struct rpc_taken *out = k->out;
    struct rpc_gss_init_res res = {0};
    struct rpc_auth verf = {0};
    struct gss_acceptor g = {0};
    struct slice token;
    if (rpc_gss_token_read(out->call.body, &token, err) != OBOL_OK) {
        accepted(k, RPC_GARBAGE_ARGS, verf);
        return OBOL_FORMAT;
    }
    enum obol_code code = accept_token(k, token, &g, &res, err);
    if (code == OBOL_OK) {
        out->known = true;
        out->context = g.context;
        code = keep(k, &out->context, &res, &verf, err);
    }
    if (code != OBOL_OK) { // RFC 2203 5.2.3.2: the token, if any, says why
        int routine = error_info(code)->gss_routine;
        res.handle = (struct slice){0};
        res.window = 0;
        res.major = (uint32_t)(routine ? routine : GSS_FAILURE) << 16;
        res.minor = (uint32_t)error_krb5_code(code);
        verf = (struct rpc_auth){0};
    }
    out->made_context = code == OBOL_OK;
    struct writer w = writer_to_arena(k->arena);
    rpc_gss_init_res_write(&w, &res);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for the reply");
    const struct rpc_reply reply = {.xid = out->call.xid, .verf = verf};
    TRY(send(k, &reply, writer_slice(&w), err));
    return code;
}

// ---- a context is used (RFC 2203 5.3 and 5.4)

static enum obol_code check_call(struct work *k, struct gss_context *ctx, enum rpc_auth_stat *why,
                                 struct error *err) {
    const struct rpc_taken *out = k->out;
    int64_t now = env_now(k->server->env), end = ctx->endtime + k->server->accept.clockskew;
    uint64_t ignored;
    *why = RPC_GSS_CREDPROBLEM;
    ENSURE(now <= end, KRB_AP_ERR_TKT_EXPIRED, "the ticket of the context ended %lld seconds ago",
           (long long)(now - ctx->endtime));
    ENSURE(out->call.verf.flavor == RPC_AUTH_GSS, KRB_AP_ERR_MODIFIED,
           "the verifier is of flavor %u, not of RPCSEC_GSS", out->call.verf.flavor);
    TRY(gss_mic_verify(ctx, out->call.header, out->call.verf.body, &ignored, err));
    *why = RPC_GSS_CTXPROBLEM;
    ENSURE(out->cred.seq < RPC_GSS_SEQ_MAX, KRB_AP_ERR_BADSEQ,
           "the context has numbered all the calls that it can");
    *why = RPC_AUTH_OK; // RFC 2203 5.3.3.1: then nothing at all is sent
    ctx->flags |= GSS_FLAG_REPLAY;
    enum gss_order order = gss_order_check(ctx, out->cred.seq);
    ctx->flags &= ~(uint32_t)GSS_FLAG_REPLAY;
    ENSURE(order != GSS_ORDER_DUPLICATE, KRB_AP_ERR_REPEAT, "call %u came before", out->cred.seq);
    ENSURE(order == GSS_ORDER_OK, KRB_AP_ERR_BADSEQ, "call %u is too far behind the newest one",
           out->cred.seq);
    return OBOL_OK;
}

// Finds the context, has the call checked by it, and puts it back: that its numbers are taken is
// known to every process before the call is answered.
static enum obol_code take_context(struct work *k, enum rpc_auth_stat *why, struct error *err) {
    struct rpc_taken *out = k->out;
    const struct rpc_context_store *store = &k->server->contexts;
    struct slice bytes, kept;
    *why = RPC_GSS_CREDPROBLEM;
    ENSURE(store->take(store->ctx, out->cred.handle, k->arena, &bytes), NOT_FOUND,
           "the context is not known here (any more)");
    kept = bytes;
    enum obol_code code = gss_context_read(bytes, k->arena, &out->context, err);
    if (code == OBOL_OK)
        code = check_call(k, &out->context, why, err);
    if (code == OBOL_OK) {
        struct gss_context later = out->context;
        later.send_seq += TOKENS_A_REPLY;
        out->known = true;
        code = gss_context_write(&later, k->arena, &kept, err);
    }
    if (code == OBOL_OK && out->cred.procedure == RPC_GSS_DESTROY)
        kept = (struct slice){0}; // it is forgotten
    store->put(store->ctx, out->cred.handle, kept);
    return code;
}

static enum obol_code check_protection(const struct rpc_taken *out, enum rpc_auth_stat *why,
                                       struct error *err) {
    uint32_t protection = out->cred.protection;
    *why = RPC_AUTH_TOOWEAK;
    ENSURE(protection != RPC_PROTECT_NONE, PERMISSION, "the call is neither sealed nor signed");
    *why = RPC_AUTH_BADCRED;
    ENSURE(protection == RPC_PROTECT_INTEGRITY || protection == RPC_PROTECT_PRIVACY, FORMAT,
           "protection %u is none that RFC 2203 knows", protection);
    return OBOL_OK;
}

static enum obol_code use(struct work *k, struct error *err) {
    struct rpc_taken *out = k->out;
    struct rpc_auth verf;
    enum rpc_auth_stat why;
    enum obol_code code = take_context(k, &why, err);
    if (code == OBOL_OK)
        code = check_protection(out, &why, err);
    if (code != OBOL_OK) {
        if (why != RPC_AUTH_OK)
            deny(k, why);
        return code;
    }
    if (out->call.procedure == RPC_NULL_PROCEDURE) // RPC_GSS_DESTROY's, too
        return rpc_server_answer(k->server, out, RPC_SUCCESS, (struct slice){0}, k->arena,
                                 &out->reply, err);
    code = rpc_body_open(&out->context, (enum rpc_protection)out->cred.protection, out->cred.seq,
                         out->call.body, k->arena, &out->arguments, err);
    if (code != OBOL_OK) { // RFC 2203 5.3.3.4.2
        TRY(rpc_verifier_make(&out->context, out->cred.seq, k->arena, &verf, err));
        accepted(k, RPC_GARBAGE_ARGS, verf);
        return code;
    }
    out->is_call = true;
    out->procedure = out->call.procedure;
    return OBOL_OK;
}

// ---- every record

static enum obol_code take_gss(struct work *k, struct error *err) {
    struct rpc_taken *out = k->out;
    enum obol_code code = rpc_gss_cred_read(out->call.cred.body, &out->cred, err);
    if (code != OBOL_OK) {
        deny(k, RPC_AUTH_BADCRED);
        return code;
    }
    // RFC 2203 5.2.2 and 5.4: control messages are calls of procedure 0.
    bool null = out->call.procedure == RPC_NULL_PROCEDURE;
    if (out->cred.procedure == RPC_GSS_INIT && null)
        return begin(k, err);
    if (out->cred.procedure == RPC_GSS_DATA || (out->cred.procedure == RPC_GSS_DESTROY && null))
        return use(k, err);
    deny(k, RPC_AUTH_BADCRED);
    return error_set(err, OBOL_FORMAT, __func__,
                     "control procedure %u of RPCSEC_GSS in a call of %u", out->cred.procedure,
                     out->call.procedure);
}

static enum obol_code take_other(struct work *k, struct error *err) {
    const struct rpc_call *call = &k->out->call;
    uint32_t flavor = call->cred.flavor;
    bool weak = flavor == RPC_AUTH_NONE || flavor == RPC_AUTH_UNIX;
    if (weak && call->procedure == RPC_NULL_PROCEDURE) {
        accepted(k, RPC_SUCCESS, (struct rpc_auth){0});
        return OBOL_OK;
    }
    deny(k, weak ? RPC_AUTH_TOOWEAK : RPC_AUTH_REJECTEDCRED);
    error_remedy(err, "Have the client use RPCSEC_GSS (flavor 6); kadmin must not say -O.");
    return error_set(err, OBOL_PERMISSION, __func__,
                     "the call is of flavor %u%s, not of RPCSEC_GSS", flavor,
                     flavor == RPC_AUTH_GSSAPI ? " (AUTH_GSSAPI, of before RFC 2203)" : "");
}

static enum obol_code check_program(struct work *k, struct error *err) {
    const struct rpc_server *s = k->server;
    const struct rpc_call *call = &k->out->call;
    if (call->rpc_version != RPC_VERSION) {
        const struct rpc_reply reply = {.xid = call->xid,
                                        .denied = true,
                                        .reject = RPC_MISMATCH,
                                        .low = RPC_VERSION,
                                        .high = RPC_VERSION};
        TRY(send(k, &reply, (struct slice){0}, err));
    } else if (call->program != s->program) {
        accepted(k, RPC_PROG_UNAVAIL, (struct rpc_auth){0});
    } else if (call->version != s->version) {
        accepted(k, RPC_PROG_MISMATCH, (struct rpc_auth){0});
    } else {
        return OBOL_OK;
    }
    return error_set(
        err, OBOL_UNSUPPORTED, __func__,
        "a call by version %u of RPC to version %u of program %u; here is version %u of "
        "%u",
        call->rpc_version, call->version, call->program, s->version, s->program);
}

enum obol_code rpc_server_take(struct rpc_server *s, struct slice record, struct arena *a,
                               struct rpc_taken *out, struct error *err) {
    struct work k = {s, a, out};
    *out = (struct rpc_taken){0};
    TRY(rpc_call_read(record, &out->call, err));
    TRY(check_program(&k, err));
    return out->call.cred.flavor == RPC_AUTH_GSS ? take_gss(&k, err) : take_other(&k, err);
}

enum obol_code rpc_server_answer(struct rpc_server *s, struct rpc_taken *taken,
                                 enum rpc_accept accept, struct slice results, struct arena *a,
                                 struct slice *reply, struct error *err) {
    struct writer w = writer_to_arena(a);
    struct rpc_reply head = {.xid = taken->call.xid, .accept = accept};
    TRY(rpc_verifier_make(&taken->context, taken->cred.seq, a, &head.verf, err));
    rpc_reply_write(&w, &head);
    if (accept == RPC_SUCCESS)
        TRY(rpc_body_seal(&taken->context, (enum rpc_protection)taken->cred.protection,
                          taken->cred.seq, results, s->env, a, &w, err));
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for the reply");
    *reply = writer_slice(&w);
    return OBOL_OK;
}
