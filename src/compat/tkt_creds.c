// tkt_creds.c: tickets for services step by step: the program carries the messages, or has us carry
// them (krb5_tkt_creds_get).
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/get_creds.h"
#include "compat/gic.h"
#include <errno.h>
#include <stdlib.h>

struct _krb5_tkt_creds_context {
    struct call call;  // lives as long
    krb5_ccache cache; // our own handle
    krb5_creds *want;
    struct ticket_params params;
    struct ticket_machine machine;
    bool begun, done;
    krb5_creds creds;
};

static enum obol_code prepare(krb5_tkt_creds_context ctx, krb5_flags options) {
    return get_creds_params(&ctx->call, options, ctx->cache, ctx->want, &ctx->params);
}

krb5_error_code krb5_tkt_creds_init(krb5_context context, krb5_ccache cc, krb5_creds *want,
                                    krb5_flags options, krb5_tkt_creds_context *out) {
    if (!context || !cc || !want || !out)
        return EINVAL;
    *out = NULL;
    krb5_tkt_creds_context ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        return ENOMEM;
    krb5_error_code code = call_begin(&ctx->call, context);
    if (code) {
        free(ctx);
        return code;
    }
    code = krb5_cc_dup(context, cc, &ctx->cache);
    if (!code)
        code = krb5_copy_creds(context, want, &ctx->want);
    if (!code)
        code = call_end(&ctx->call, prepare(ctx, options));
    if (code)
        krb5_tkt_creds_free(context, ctx);
    else
        *out = ctx;
    return code;
}

void krb5_tkt_creds_free(krb5_context context, krb5_tkt_creds_context ctx) {
    if (!ctx)
        return;
    if (ctx->begun)
        ticket_end(&ctx->machine);
    krb5_free_cred_contents(context, &ctx->creds);
    krb5_free_creds(context, ctx->want);
    if (ctx->cache)
        (void)krb5_cc_close(context, ctx->cache);
    call_clear(&ctx->call);
    free(ctx);
}

static enum obol_code step(krb5_tkt_creds_context ctx, struct slice in,
                           struct client_output *want) {
    struct call *c = &ctx->call;
    struct error *err = &c->err;
    struct net net = context_net(c->context);
    struct ticket_result result;
    struct slice reply = {0};
    if (ctx->begun)
        ENSURE(arena_copy(&c->arena, in, &reply), NO_MEMORY, "no memory for a KDC's reply");
    else
        TRY(ticket_begin(&ctx->machine, &net, &ctx->params, &c->arena, err));
    ctx->begun = true;
    TRY(ticket_step(&ctx->machine, reply, want, &result, err));
    if (want->want != CLIENT_DONE)
        return OBOL_OK;
    ENSURE(cred_out(&ctx->creds, &result.ticket), NO_MEMORY, "no memory for the credentials");
    ctx->done = true;
    return OBOL_OK;
}

static enum obol_code run(krb5_tkt_creds_context ctx, struct slice in, struct client_output *want) {
    error_init(&ctx->call.err);
    ctx->call.as = 0;
    enum obol_code code = step(ctx, in, want);
    if (code == OBOL_CRED_NOT_FOUND)
        ctx->call.as = KRB5_CC_NOTFOUND;
    return code;
}

krb5_error_code krb5_tkt_creds_step(krb5_context context, krb5_tkt_creds_context ctx, krb5_data *in,
                                    krb5_data *out, krb5_data *realm, unsigned int *flags) {
    struct client_output want = {.want = CLIENT_DONE};
    if (!context || !ctx || !out || !realm || !flags || ctx->done)
        return EINVAL;
    step_begin(out, realm, flags);
    krb5_error_code code = call_end(&ctx->call, run(ctx, data_in(in), &want));
    if (code || ctx->done)
        return code;
    return step_out(&want, out, realm, flags);
}

static enum obol_code drive(krb5_tkt_creds_context ctx) {
    struct net net = context_net(ctx->call.context);
    struct net_memory memory = {0};
    struct client_output want;
    struct slice reply = {0};
    struct error *err = &ctx->call.err;
    net.memory = &memory;
    for (;;) {
        TRY(run(ctx, reply, &want));
        if (ctx->done)
            return OBOL_OK;
        TRY(net_exchange(&net, want.realm, want.message, want.tcp, &ctx->call.arena, &reply, err));
    }
}

krb5_error_code krb5_tkt_creds_get(krb5_context context, krb5_tkt_creds_context ctx) {
    if (!context || !ctx || ctx->begun)
        return EINVAL;
    return call_end(&ctx->call, drive(ctx));
}

static krb5_error_code not_yet(krb5_context context) {
    return context_fail(context, KRB5_NO_TKT_SUPPLIED, "the ticket is not there yet");
}

krb5_error_code krb5_tkt_creds_get_creds(krb5_context context, krb5_tkt_creds_context ctx,
                                         krb5_creds *out) {
    if (!context || !ctx || !out)
        return EINVAL;
    if (!ctx->done)
        return not_yet(context);
    return creds_copy(context, &ctx->creds, out);
}

krb5_error_code krb5_tkt_creds_get_times(krb5_context context, krb5_tkt_creds_context ctx,
                                         krb5_ticket_times *out) {
    if (!context || !ctx || !out)
        return EINVAL;
    if (!ctx->done)
        return not_yet(context);
    *out = ctx->creds.times;
    return 0;
}
