// export_context.c: contexts as bytes for another process (RFC 2744 5.20, 5.22): the mechanism's
// OID behind its length of four bytes, whether SPNEGO chose it, the attributes of the client's
// name, and what the core writes. Who can write such bytes has the context's key in them: what was
// proved to the one that accepted the context is proved to the one that imports it, as with MIT
// krb5.
#include "base/reader.h"
#include "gss/export.h"
#include "gssapi/attr.h"
#include "gssapi/name.h"
#include "gssapi/protect.h"

// Like gssapi_core, which may not be asked: a context that is exported needs no key of its own.
static bool exportable(gss_const_ctx_id_t ctx) {
    return gssapi_is_ctx(ctx) && ctx->state == GSSAPI_CTX_ESTABLISHED && ctx->core &&
           ctx->core->key;
}

static enum obol_code write_context(const struct gss_ctx_id_struct *ctx, struct arena *a,
                                    struct slice *out, struct error *err) {
    struct slice core, attrs;
    TRY(gss_context_write(ctx->core, a, &core, err));
    TRY(gssapi_attrs_write(ctx->client ? ctx->client->attrs : NULL, a, &attrs, err));
    struct writer w = writer_to_arena(a);
    writer_counted32(&w, slice_of(ctx->mech->elements, ctx->mech->length));
    writer_u8(&w, ctx->spnego);
    writer_be32(&w, ctx->flags);
    writer_counted32(&w, attrs);
    writer_counted32(&w, core);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for an exported context");
    *out = writer_slice(&w);
    return OBOL_OK;
}

OM_uint32 gss_export_sec_context(OM_uint32 *minor, gss_ctx_id_t *ctx, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!ctx || !*ctx)
        return gssapi_refuse(minor, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CONTEXT,
                             OBOL_INVALID_ARGUMENT, "no context was passed");
    if (!exportable(*ctx) || !(*ctx)->mech)
        return gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                             "only an established context can be exported");
    struct arena *a = gssapi_arena_take();
    if (!a)
        return gssapi_no_memory(minor);
    struct slice bytes;
    struct error err;
    error_init(&err);
    OM_uint32 major = GSS_S_COMPLETE;
    if (write_context(*ctx, a, &bytes, &err) != OBOL_OK)
        major = gssapi_fail(minor, &err);
    else if (!gssapi_buffer_copy(out, bytes))
        major = gssapi_no_memory(minor);
    gssapi_arena_give(a);
    if (major == GSS_S_COMPLETE) { // RFC 2744 5.20: it lives on in the token alone
        gssapi_context_free(*ctx);
        *ctx = GSS_C_NO_CONTEXT;
    }
    return major;
}

static enum obol_code read_attrs(struct gss_ctx_id_struct *ctx, struct slice der,
                                 struct error *err) {
    struct gssapi_attrs *attrs = NULL;
    if (der.len)
        TRY(gssapi_attrs_read(der, true, ctx->arena, &attrs, err));
    if (!attrs)
        return OBOL_OK;
    ctx->client = gssapi_name_of_principal(&ctx->core->client, GSSAPI_KRB5);
    if (!ctx->client)
        gssapi_attrs_free(attrs);
    ENSURE_MEMORY(ctx->client);
    ctx->client->attrs = attrs;
    return OBOL_OK;
}

static enum obol_code read_context(struct gss_ctx_id_struct *ctx, struct slice bytes,
                                   struct error *err) {
    struct reader r = reader_of(bytes);
    struct slice mech = reader_counted32(&r);
    const gss_OID_desc oid = {(OM_uint32)mech.len, (void *)(uintptr_t)mech.ptr};
    uint8_t spnego = reader_u8(&r);
    ctx->flags = reader_be32(&r);
    struct slice attrs = reader_counted32(&r), core = reader_counted32(&r);
    unsigned known = reader_done(&r) && mech.len ? gssapi_mech_of(&oid) : 0;
    ENSURE(known && spnego <= 1, TOKEN_MALFORMED, "%zu bytes that are no exported context",
           bytes.len);
    ctx->core = arena_zalloc(ctx->arena, 1, sizeof *ctx->core);
    ENSURE_MEMORY(ctx->core);
    TRY(gss_context_read(core, ctx->arena, ctx->core, err));
    TRY(read_attrs(ctx, attrs, err));
    ctx->mech = gssapi_mech_oid(known);
    ctx->spnego = spnego;
    ctx->initiator = ctx->core->initiator;
    ctx->state = GSSAPI_CTX_ESTABLISHED;
    return OBOL_OK;
}

OM_uint32 gss_import_sec_context(OM_uint32 *minor, gss_buffer_t in, gss_ctx_id_t *out) {
    if (out)
        *out = GSS_C_NO_CONTEXT;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in))
        return GSS_S_CALL_INACCESSIBLE_READ;
    if (in->length == 0)
        return gssapi_refuse(minor, GSS_S_DEFECTIVE_TOKEN, OBOL_TOKEN_MALFORMED,
                             "the exported context is empty");
    struct gss_ctx_id_struct *ctx = gssapi_context_new();
    if (!ctx)
        return gssapi_no_memory(minor);
    struct error err;
    error_init(&err);
    if (read_context(ctx, gssapi_slice(in), &err) == OBOL_OK) {
        *out = ctx;
        return GSS_S_COMPLETE;
    }
    gssapi_context_free(ctx);
    OM_uint32 major = err.code == OBOL_NO_MEMORY ? GSS_S_FAILURE : GSS_S_DEFECTIVE_TOKEN;
    return gssapi_fail_as(minor, major, &err);
}
