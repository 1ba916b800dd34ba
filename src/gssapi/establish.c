// establish.c: what both ends of an exchange share; see establish.h.
#include "gssapi/establish.h"
#include "gss/acceptor.h"

static struct slice part_of(const gss_buffer_desc *b) {
    return gssapi_slice(b);
}

enum obol_code gssapi_bindings(gss_channel_bindings_t bindings, struct arena *a, struct slice *out,
                               struct error *err) {
    *out = (struct slice){0};
    if (bindings == GSS_C_NO_CHANNEL_BINDINGS)
        return OBOL_OK;
    const struct gss_bindings b = {
        .initiator_type = bindings->initiator_addrtype,
        .acceptor_type = bindings->acceptor_addrtype,
        .initiator = part_of(&bindings->initiator_address),
        .acceptor = part_of(&bindings->acceptor_address),
        .application = part_of(&bindings->application_data),
    };
    return gss_bindings_hash(&b, a, out, err);
}

enum obol_code gssapi_put_token(struct slice token, gss_buffer_t out, struct error *err) {
    if (token.len == 0)
        return OBOL_OK;
    ENSURE(gssapi_buffer_copy(out, token), NO_MEMORY, "no room for a token of %zu bytes",
           token.len);
    return OBOL_OK;
}

void gssapi_established(struct gss_ctx_id_struct *ctx, struct slice oid, bool spnego) {
    const gss_OID_desc desc = {(OM_uint32)oid.len, (void *)(uintptr_t)oid.ptr};
    gss_OID known = gssapi_oid_static(&desc);
    ctx->mech = known ? known : gssapi_mech_oid(GSSAPI_KRB5);
    ctx->spnego = spnego;
    ctx->flags |= ctx->core->flags | GSS_C_TRANS_FLAG | GSS_C_PROT_READY_FLAG;
    ctx->state = GSSAPI_CTX_ESTABLISHED;
}

OM_uint32 gssapi_ctx_lifetime(const struct gss_ctx_id_struct *ctx) {
    // An acceptor takes a ticket for as long again as clocks may differ, and so its context.
    int64_t grace = ctx->accept ? ctx->accept->params.clockskew : 0;
    int64_t left = ctx->core ? ctx->core->endtime + grace - env_now(env_system()) : 0;
    if (left <= 0)
        return 0;
    return left >= GSS_C_INDEFINITE ? GSS_C_INDEFINITE - 1 : (OM_uint32)left;
}

OM_uint32 gssapi_ctx_failed(OM_uint32 *minor, struct gss_ctx_id_struct *ctx) {
    ctx->state = GSSAPI_CTX_DEAD;
    // RFC 2744 5.1: a duplicate is fatal here. The bit alone would not be an error to GSS_ERROR.
    OM_uint32 also = ctx->err.code == OBOL_KRB_AP_ERR_REPEAT ? GSS_S_DUPLICATE_TOKEN : 0;
    return gssapi_fail(minor, &ctx->err) | also;
}
