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
    bool done;
    krb5_creds creds;
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

void krb5_init_creds_free(krb5_context context, krb5_init_creds_context ctx) {
    if (!ctx)
        return;
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

krb5_error_code krb5_init_creds_get(krb5_context context, krb5_init_creds_context ctx) {
    CALL(call, context);
    struct keytab_content content;
    if (!ctx || ctx->done)
        return EINVAL;
    struct gic gic = {
        .prompter = ctx->prompter, .prompter_data = ctx->prompter_data, .password = ctx->password};
    enum obol_code code = OBOL_OK;
    if (ctx->keytab) {
        gic.params.keytab = &content;
        code = kt_open(&call, ctx->keytab, &content, &gic.params.keytab_path);
    }
    if (code == OBOL_OK)
        code = gic_login(&call, &gic, ctx->client, ctx->start, ctx->service, ctx->opt, &ctx->creds);
    ctx->done = code == OBOL_OK;
    return call_end(&call, code);
}

krb5_error_code krb5_init_creds_get_creds(krb5_context context, krb5_init_creds_context ctx,
                                          krb5_creds *out) {
    CALL(call, context);
    struct cred cred;
    if (!ctx || !out)
        return EINVAL;
    if (!ctx->done)
        return context_fail(context, KRB5_NO_TKT_SUPPLIED, "the login is not over");
    enum obol_code code = cred_in(&ctx->creds, &call.arena, &cred, &call.err);
    if (code == OBOL_OK && !cred_out(out, &cred))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
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

// The KDC's KRB-ERROR is not kept apart: what it said stands in the text of the failure.
krb5_error_code krb5_init_creds_get_error(krb5_context context, krb5_init_creds_context ctx,
                                          krb5_error **out) {
    UNUSED(context);
    if (!ctx || !out)
        return EINVAL;
    *out = NULL;
    return 0;
}
