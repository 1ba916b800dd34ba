// context.c: questions about contexts, and their end (RFC 2744 5.3, 5.9, 5.21, 5.26).
#include "gss/frame.h"
#include "gssapi/establish.h"
#include "gssapi/name.h"

static OM_uint32 need_ctx(OM_uint32 *minor, gss_const_ctx_id_t ctx) {
    if (!ctx)
        return gssapi_refuse(minor, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CONTEXT,
                             OBOL_INVALID_ARGUMENT, "no context was passed");
    if (!gssapi_is_ctx(ctx))
        return gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                             "the context's handle is none");
    return GSS_S_COMPLETE;
}

OM_uint32 gss_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *ctx, gss_buffer_t output) {
    if (output)
        *output = (gss_buffer_desc){0}; // RFC 4121 has no token that ends a context
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!ctx)
        return GSS_S_CALL_INACCESSIBLE_WRITE | GSS_S_NO_CONTEXT;
    if (*ctx == GSS_C_NO_CONTEXT)
        return GSS_S_COMPLETE;
    if (!gssapi_is_ctx(*ctx))
        return need_ctx(minor, *ctx);
    struct gss_ctx_id_struct *gone = *ctx;
    *ctx = GSS_C_NO_CONTEXT; // it may stand in the handle itself: see handles.h
    gssapi_context_free(gone);
    return GSS_S_COMPLETE;
}

OM_uint32 gss_context_time(OM_uint32 *minor, gss_ctx_id_t ctx, OM_uint32 *time_rec) {
    if (time_rec)
        *time_rec = 0;
    if (gssapi_begin(minor) || !time_rec)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major = need_ctx(minor, ctx);
    if (major)
        return major;
    if (ctx->state != GSSAPI_CTX_ESTABLISHED)
        return gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                             "the context is not established");
    *time_rec = gssapi_ctx_lifetime(ctx);
    return *time_rec ? GSS_S_COMPLETE : GSS_S_CONTEXT_EXPIRED;
}

// RFC 1964's tokens to delete a context are no more (RFC 4121 4.3); anything else is no token for
// this call. Either way the context stays as it is: no message from outside ends it.
OM_uint32 gss_process_context_token(OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t token) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major = need_ctx(minor, ctx);
    if (major)
        return major;
    if (!token || (!token->value && token->length))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_DEFECTIVE_TOKEN;
    if (ctx->state != GSSAPI_CTX_ESTABLISHED)
        return gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                             "the context is not established");
    return gssapi_refuse(minor, GSS_S_DEFECTIVE_TOKEN, OBOL_TOKEN_MALFORMED,
                         "the token of %zu bytes is none that a context takes after it stands",
                         token->length);
}

static OM_uint32 put_names(OM_uint32 *minor, const struct gss_ctx_id_struct *ctx,
                           gss_name_t *source, gss_name_t *target) {
    const struct gss_context *core = ctx->core;
    bool known =
        core && core->client.name.name_string.count && core->service.name.name_string.count;
    if (!known)
        return GSS_S_COMPLETE; // an exchange at its beginning knows neither
    if (source) {
        *source = !ctx->client ? gssapi_name_of_principal(&core->client, GSSAPI_KRB5)
                               : gssapi_name_copy(ctx->client);
        if (!*source)
            return gssapi_no_memory(minor);
    }
    if (target) {
        *target = gssapi_name_of_principal(&core->service, GSSAPI_KRB5);
        if (!*target)
            return gssapi_no_memory(minor);
    }
    return GSS_S_COMPLETE;
}

OM_uint32 gss_inquire_context(OM_uint32 *minor, gss_ctx_id_t ctx, gss_name_t *source,
                              gss_name_t *target, OM_uint32 *lifetime, gss_OID *mech,
                              OM_uint32 *flags, int *initiated, int *opened) {
    if (source)
        *source = GSS_C_NO_NAME;
    if (target)
        *target = GSS_C_NO_NAME;
    if (mech)
        *mech = GSS_C_NO_OID;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 ignored, major = need_ctx(minor, ctx);
    if (major)
        return major;
    if (ctx->state == GSSAPI_CTX_DEAD)
        return gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                             "the context has failed, and can only be deleted");
    major = put_names(minor, ctx, source, target);
    if (major) {
        if (source)
            (void)gss_release_name(&ignored, source);
        return major;
    }
    bool open = ctx->state == GSSAPI_CTX_ESTABLISHED;
    if (lifetime)
        *lifetime = gssapi_ctx_lifetime(ctx);
    if (mech)
        *mech = ctx->mech ? ctx->mech : gssapi_mech_oid(GSSAPI_KRB5);
    if (flags)
        *flags = ctx->flags | (ctx->core ? ctx->core->flags : 0);
    if (initiated)
        *initiated = ctx->initiator;
    if (opened)
        *opened = open;
    return GSS_S_COMPLETE;
}
