// rpc_client.c: the client's end of RPCSEC_GSS (RFC 2203 5.2 to 5.4); see rpc_client.h.
#include "gss/rpc_client.h"
#include "base/env.h"
#include "gss/frame.h"
#include "gss/rpc_record.h"

#define MAJOR_COMPLETE        0u
#define MAJOR_CONTINUE_NEEDED 1u // RFC 2744 3.9.1

// ---- messages

// Everything up to the verifier, which is made over what stands behind the mark.
static enum obol_code begin_call(struct rpc_client *c, const struct rpc_gss_cred *cred,
                                 uint32_t procedure, struct arena *a, struct writer *w,
                                 struct error *err) {
    struct writer body = writer_to_arena(a);
    rpc_gss_cred_write(&body, cred);
    ENSURE(writer_ok(&body), NO_MEMORY, "no room for a credential of RPCSEC_GSS");
    const struct rpc_call call = {
        .xid = ++c->xid,
        .rpc_version = RPC_VERSION,
        .program = c->params.program,
        .version = c->params.version,
        .procedure = procedure,
        .cred = {RPC_AUTH_GSS, writer_slice(&body)},
    };
    (void)rpc_record_mark_begin(w);
    rpc_call_write(w, &call);
    ENSURE(writer_ok(w), NO_MEMORY, "no room for a call of RPC");
    return OBOL_OK;
}

static enum obol_code end_call(struct rpc_client *c, struct writer *w, struct slice *send,
                               struct error *err) {
    rpc_record_mark_end(w, 0);
    ENSURE(writer_ok(w), NO_MEMORY, "no room for a call of RPC");
    *send = writer_slice(w);
    c->waits = true;
    return OBOL_OK;
}

static enum obol_code control_call(struct rpc_client *c, uint32_t procedure, struct slice token,
                                   struct slice *send, struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    const struct rpc_gss_cred cred = {
        .procedure = procedure, .protection = c->params.protection, .handle = c->handle};
    TRY(begin_call(c, &cred, RPC_NULL_PROCEDURE, c->arena, &w, err));
    rpc_auth_write(&w, (struct rpc_auth){0});
    rpc_opaque_write(&w, token);
    return end_call(c, &w, send, err);
}

static enum obol_code data_call(struct rpc_client *c, enum rpc_gss_procedure control,
                                uint32_t procedure, struct slice arguments, struct arena *a,
                                struct slice *send, struct error *err) {
    struct gss_context *ctx = &c->initiator.context;
    struct writer w = writer_to_arena(a);
    struct rpc_auth verf = {.flavor = RPC_AUTH_GSS};
    ENSURE(c->established && !c->waits, INTERNAL,
           "a call before the context, or its reply, is here");
    ENSURE(c->seq < RPC_GSS_SEQ_MAX - 1, KRB_AP_ERR_BADSEQ, "the context is used up");
    const struct rpc_gss_cred cred = {.procedure = control,
                                      .seq = ++c->seq,
                                      .protection = c->params.protection,
                                      .handle = c->handle};
    TRY(begin_call(c, &cred, procedure, a, &w, err));
    TRY(gss_mic_make(ctx, slice_sub(writer_slice(&w), RPC_RECORD_MARK, w.len), a, &verf.body, err));
    rpc_auth_write(&w, verf);
    TRY(rpc_body_seal(ctx, c->params.protection, c->seq, arguments, c->env, a, &w, err));
    return end_call(c, &w, send, err);
}

// ---- what the server refuses

static enum obol_code denied(struct rpc_client *c, const struct rpc_reply *r, struct error *err) {
    ENSURE(r->reject == RPC_AUTH_ERROR, UNSUPPORTED,
           "the server speaks versions %u to %u of RPC, and not %d", r->low, r->high, RPC_VERSION);
    const char *name = rpc_auth_stat_name(r->auth_stat);
    c->lost = r->auth_stat == RPC_GSS_CREDPROBLEM || r->auth_stat == RPC_GSS_CTXPROBLEM;
    error_remedy(err, "The server's log says why.");
    return error_set(err, OBOL_PERMISSION, __func__, "the server refuses the call: %s (%u)",
                     name ? name : "an error of authentication", r->auth_stat);
}

static enum obol_code check_accept(const struct rpc_client *c, const struct rpc_reply *r,
                                   struct error *err) {
    static const enum obol_code codes[] = {
        [RPC_PROG_UNAVAIL] = OBOL_UNSUPPORTED,
        [RPC_PROG_MISMATCH] = OBOL_UNSUPPORTED,
        [RPC_PROC_UNAVAIL] = OBOL_UNSUPPORTED,
        [RPC_GARBAGE_ARGS] = OBOL_FORMAT,
        [RPC_SYSTEM_ERR] = OBOL_IO,
    };
    if (r->accept == RPC_SUCCESS)
        return OBOL_OK;
    const char *name = rpc_accept_name(r->accept);
    bool elsewhere = r->accept == RPC_PROG_UNAVAIL || r->accept == RPC_PROG_MISMATCH;
    error_remedy(err, elsewhere ? "See what listens there: it may be another service."
                                : "The server's log says why.");
    if (r->accept == RPC_PROG_MISMATCH)
        error_fact(err, "versions of the server", "%u to %u", r->low, r->high);
    return error_set(err, r->accept < COUNT_OF(codes) ? codes[r->accept] : OBOL_IO, __func__,
                     "the server does not serve the call to version %u of program %u: %s (%u)",
                     c->params.version, c->params.program, name ? name : "an unknown state",
                     r->accept);
}

// The reply to the call that is on its way.
static enum obol_code take_reply(struct rpc_client *c, struct slice record, struct rpc_reply *out,
                                 struct error *err) {
    ENSURE(c->waits, INTERNAL, "a reply of RPC, and no call is on its way");
    c->waits = false;
    TRY(rpc_reply_read(record, out, err));
    ENSURE(out->xid == c->xid, REPLY_MISMATCH, "the reply is to call %08x, and %08x was sent",
           out->xid, c->xid);
    return out->denied ? denied(c, out, err) : OBOL_OK;
}

// ---- the context

enum obol_code rpc_client_start(struct rpc_client *c, const struct rpc_client_params *params,
                                const struct env *env, struct arena *a, struct slice *send,
                                struct error *err) {
    *c = (struct rpc_client){.params = *params, .env = env, .arena = a};
    if (!c->params.protection)
        c->params.protection = RPC_PROTECT_PRIVACY;
    env_random(env, buf_of(&c->xid, sizeof c->xid));
    // RFC 2203 5.2.2: the GSS-API is not to look for replays and order: the numbers of RPC do.
    const struct gss_initiator_params gss = {
        .ticket = params->ticket,
        .flags = GSS_FLAG_MUTUAL | GSS_FLAG_CONF | GSS_FLAG_INTEG,
        .bare = true,
    };
    struct slice token;
    TRY(gss_initiator_start(&c->initiator, &gss, env, a, &token, err));
    return control_call(c, RPC_GSS_INIT, token, send, err);
}

static enum obol_code refused(struct rpc_client *c, const struct rpc_gss_init_res *res,
                              struct error *err) {
    struct slice ignored;
    if (res->token.len) {
        enum obol_code code = gss_initiator_step(&c->initiator, res->token, &ignored, err);
        if (code != OBOL_OK)
            return code;
    }
    error_remedy(err, "The server's log says why.");
    return error_set(err, OBOL_PERMISSION, __func__,
                     "the server's GSS-API refuses the context: major status 0x%08x, minor %d",
                     res->major, (int32_t)res->minor);
}

enum obol_code rpc_client_establish(struct rpc_client *c, struct slice record, struct slice *send,
                                    struct error *err) {
    struct gss_initiator *g = &c->initiator;
    struct rpc_reply reply;
    struct rpc_gss_init_res res;
    struct slice token, own;
    *send = (struct slice){0};
    ENSURE(!c->established, INTERNAL, "the context is established already");
    ENSURE(arena_copy(c->arena, record, &own), NO_MEMORY, "no room for the server's token");
    TRY(take_reply(c, own, &reply, err));
    TRY(check_accept(c, &reply, err));
    TRY(rpc_gss_init_res_read(reply.body, &res, err));
    if (res.major != MAJOR_COMPLETE && res.major != MAJOR_CONTINUE_NEEDED)
        return refused(c, &res, err);
    c->handle = res.handle;
    TRY(gss_initiator_step(g, res.token, &token, err));
    if (!g->done)
        return control_call(c, RPC_GSS_CONTINUE_INIT, token, send, err);
    ENSURE(res.major == MAJOR_COMPLETE, REPLY_MISMATCH,
           "the server wants another token, and the client's GSS-API has none");
    // RFC 2203 5.2.3.1: nobody on the way has changed the window.
    TRY(rpc_verifier_check(&g->context, res.window, reply.verf, err));
    c->window = res.window;
    c->established = true;
    return OBOL_OK;
}

// ---- calls

enum obol_code rpc_client_call(struct rpc_client *c, uint32_t procedure, struct slice arguments,
                               struct arena *a, struct slice *send, struct error *err) {
    return data_call(c, RPC_GSS_DATA, procedure, arguments, a, send, err);
}

enum obol_code rpc_client_take(struct rpc_client *c, struct slice record, struct arena *a,
                               struct slice *results, struct error *err) {
    struct gss_context *ctx = &c->initiator.context;
    struct rpc_reply reply;
    TRY(take_reply(c, record, &reply, err));
    TRY(rpc_verifier_check(ctx, c->seq, reply.verf, err)); // whatever the server says
    TRY(check_accept(c, &reply, err));
    return rpc_body_open(ctx, c->params.protection, c->seq, reply.body, a, results, err);
}

enum obol_code rpc_client_leave(struct rpc_client *c, struct arena *a, struct slice *send,
                                struct error *err) {
    TRY(data_call(c, RPC_GSS_DESTROY, RPC_NULL_PROCEDURE, (struct slice){0}, a, send, err));
    c->established = false;
    return OBOL_OK;
}
