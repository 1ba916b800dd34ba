// init_creds.c: initial credentials step by step: what is to be done is gathered first, then done.
#include "compat/convert.h"
#include "compat/gic.h"
#include "compat/keytab.h"
#include <errno.h>
#include <stdlib.h>

struct _krb5_init_creds_context {
    krb5_principal client;
    struct secret password;
    krb5_keytab keytab; // our own handle of it
    char *service;
    krb5_prompter_fct prompter;
    void *prompter_data;
    krb5_deltat start;
    krb5_get_init_creds_opt *opt; // the program's
    bool done;                    // the ticket is there
    krb5_creds creds;
    // Of the login; `call` lives as long. A login that failed begins anew.
    bool begun, failed;
    struct client_output want;
    struct call call;
    struct gic gic;
    struct keytab_content content;
    struct login_machine machine;
};

krb5_error_code krb5_init_creds_init(krb5_context context, krb5_principal client,
                                     krb5_prompter_fct prompter, void *data, krb5_deltat start,
                                     krb5_get_init_creds_opt *opt, krb5_init_creds_context *out) {
    if (!out)
        return EINVAL;
    *out = NULL;
    krb5_init_creds_context ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        return ENOMEM;
    krb5_error_code code = krb5_copy_principal(context, client, &ctx->client);
    if (code) {
        free(ctx);
        return code;
    }
    ctx->prompter = prompter;
    ctx->prompter_data = data;
    ctx->start = start;
    ctx->opt = opt;
    *out = ctx;
    return 0;
}

static void forget(krb5_init_creds_context ctx) {
    if (!ctx->begun)
        return;
    login_end(&ctx->machine);
    ccache_close(ctx->gic.params.armor);
    call_clear(&ctx->call);
    ctx->begun = ctx->failed = false;
}

void krb5_init_creds_free(krb5_context context, krb5_init_creds_context ctx) {
    if (!ctx)
        return;
    forget(ctx);
    krb5_free_principal(context, ctx->client);
    secret_clear(&ctx->password);
    (void)krb5_kt_close(context, ctx->keytab);
    free(ctx->service);
    krb5_free_cred_contents(context, &ctx->creds);
    free(ctx);
}

krb5_error_code krb5_init_creds_set_password(krb5_context context, krb5_init_creds_context ctx,
                                             const char *password) {
    UNUSED(context);
    if (!ctx || !password)
        return EINVAL;
    secret_clear(&ctx->password);
    return secret_copy(&ctx->password, slice_str(password)) ? 0 : ENOMEM;
}

krb5_error_code krb5_init_creds_set_keytab(krb5_context context, krb5_init_creds_context ctx,
                                           krb5_keytab kt) {
    if (!ctx)
        return EINVAL;
    (void)krb5_kt_close(context, ctx->keytab);
    ctx->keytab = NULL;
    return krb5_kt_dup(context, kt, &ctx->keytab);
}

krb5_error_code krb5_init_creds_set_service(krb5_context context, krb5_init_creds_context ctx,
                                            const char *service) {
    UNUSED(context);
    if (!ctx)
        return EINVAL;
    char *copy = service ? strdup(service) : NULL;
    if (service && !copy)
        return ENOMEM;
    free(ctx->service);
    ctx->service = copy;
    return 0;
}

// ---- step by step: the program carries the messages

static enum obol_code begin(krb5_init_creds_context ctx) {
    struct call *c = &ctx->call;
    struct error *err = &c->err;
    struct net net = context_net(c->context);
    ctx->gic = (struct gic){.prompter = ctx->prompter,
                            .prompter_data = ctx->prompter_data,
                            .password = ctx->password}; // it stays ctx's
    if (ctx->keytab) {
        ctx->gic.params.keytab = &ctx->content;
        TRY(kt_open(c, ctx->keytab, &ctx->content, &ctx->gic.params.keytab_path));
    }
    TRY(gic_prepare(c, &ctx->gic, ctx->client, ctx->start, ctx->service, ctx->opt));
    return login_begin(&ctx->machine, &net, &ctx->gic.params, &c->arena, err);
}

static enum obol_code step(krb5_init_creds_context ctx, struct slice in) {
    struct call *c = &ctx->call;
    struct error *err = &c->err;
    struct login_result result;
    struct slice reply;
    ENSURE(arena_copy(&c->arena, in, &reply), NO_MEMORY, "no memory for a KDC's reply");
    TRY(login_step(&ctx->machine, reply, &ctx->want, &result, err));
    if (ctx->want.want == CLIENT_SEND)
        return OBOL_OK;
    ENSURE(ctx->want.want == CLIENT_DONE, PASSWORD_NEEDED, "the program gave none");
    gic_tell_expiry(&ctx->gic, ctx->opt, &result.facts);
    ENSURE(cred_out(&ctx->creds, &result.ticket), NO_MEMORY, "no memory for the credentials");
    ctx->done = true;
    return OBOL_OK;
}

void step_begin(krb5_data *out, krb5_data *realm, unsigned *flags) {
    *out = *realm = (krb5_data){0};
    *flags = 0;
}

krb5_error_code step_out(const struct client_output *want, krb5_data *out, krb5_data *realm,
                         unsigned *flags) {
    if (!data_out(out, want->message) || !data_out(realm, want->realm)) {
        krb5_free_data_contents(NULL, out);
        return ENOMEM;
    }
    *flags = KRB5_INIT_CREDS_STEP_FLAG_CONTINUE;
    return want->tcp ? KRB5KRB_ERR_RESPONSE_TOO_BIG : 0;
}

static krb5_error_code conclude(krb5_init_creds_context ctx, enum obol_code code) {
    krb5_error_code result = call_end(&ctx->call, gic_end(&ctx->call, code));
    ctx->call.as = 0;
    ctx->failed = result != 0;
    return result;
}

static krb5_error_code advance(krb5_context context, krb5_init_creds_context ctx,
                               struct slice reply) {
    enum obol_code code = OBOL_OK;
    if (ctx->failed)
        forget(ctx);
    if (!ctx->begun) {
        krb5_error_code made = call_begin(&ctx->call, context);
        if (made)
            return made;
        ctx->begun = true;
        code = begin(ctx);
        reply = (struct slice){0};
    } else {
        error_init(&ctx->call.err);
    }
    return conclude(ctx, code == OBOL_OK ? step(ctx, reply) : code);
}

krb5_error_code krb5_init_creds_step(krb5_context context, krb5_init_creds_context ctx,
                                     krb5_data *in, krb5_data *out, krb5_data *realm,
                                     unsigned int *flags) {
    if (!context || !ctx || !out || !realm || !flags || ctx->done)
        return EINVAL;
    step_begin(out, realm, flags);
    krb5_error_code code = advance(context, ctx, data_in(in));
    return code || ctx->done ? code : step_out(&ctx->want, out, realm, flags);
}

// ---- at once: we carry them, beginning with the one that the program was given last, if any

static krb5_error_code carry(krb5_init_creds_context ctx, struct net_memory *memory,
                             struct slice *reply) {
    struct call *c = &ctx->call;
    struct net net = context_net(c->context);
    net.memory = memory;
    return conclude(ctx, net_exchange(&net, ctx->want.realm, ctx->want.message, ctx->want.tcp,
                                      &c->arena, reply, &c->err));
}

krb5_error_code krb5_init_creds_get(krb5_context context, krb5_init_creds_context ctx) {
    struct net_memory memory = {0};
    struct slice reply = {0};
    krb5_error_code code = 0;
    if (!context || !ctx || ctx->done)
        return EINVAL;
    if (!ctx->begun || ctx->failed)
        code = advance(context, ctx, reply);
    while (!code && !ctx->done) {
        code = carry(ctx, &memory, &reply);
        if (!code)
            code = advance(context, ctx, reply);
    }
    return code;
}

krb5_error_code krb5_init_creds_get_creds(krb5_context context, krb5_init_creds_context ctx,
                                          krb5_creds *out) {
    if (!context || !ctx || !out)
        return EINVAL;
    if (!ctx->done)
        return context_fail(context, KRB5_NO_TKT_SUPPLIED, "the login is not over");
    return creds_copy(context, &ctx->creds, out);
}

krb5_error_code krb5_init_creds_get_times(krb5_context context, krb5_init_creds_context ctx,
                                          krb5_ticket_times *out) {
    if (!ctx || !out)
        return EINVAL;
    if (!ctx->done)
        return context_fail(context, KRB5_NO_TKT_SUPPLIED, "the login is not over");
    *out = ctx->creds.times;
    return 0;
}

// What the KDC said last, if that was a KRB-ERROR; else *out is NULL, which is no failure.
krb5_error_code krb5_init_creds_get_error(krb5_context context, krb5_init_creds_context ctx,
                                          krb5_error **out) {
    if (!context || !ctx || !out)
        return EINVAL;
    *out = NULL;
    if (!ctx->begun || !ctx->machine.client.refusal)
        return 0;
    *out = krb_error_out(ctx->machine.client.refusal);
    return *out ? 0 : ENOMEM;
}
