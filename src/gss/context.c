// context.c: the authenticator's checksum (RFC 4121 4.1.1) and the context's own key.
#include "gss/context.h"
#include "base/reader.h"

#define DELEGATION_OPTION 1

enum obol_code gss_cksum_read(struct slice bytes, struct gss_cksum *out, struct error *err) {
    *out = (struct gss_cksum){0};
    struct reader r = reader_of(bytes);
    uint32_t bindings_len = reader_le32(&r);
    out->bindings = reader_bytes(&r, GSS_BINDINGS_BYTES);
    out->flags = reader_le32(&r);
    ENSURE(reader_ok(&r) && bindings_len == GSS_BINDINGS_BYTES, TOKEN_MALFORMED,
           "the authenticator's checksum of %zu bytes is none of the GSS-API", bytes.len);
    if (!(out->flags & GSS_FLAG_DELEG))
        return OBOL_OK; // extensions may follow (RFC 6542); none is known here
    uint16_t option = reader_le16(&r);
    out->delegated = reader_bytes(&r, reader_le16(&r));
    ENSURE(reader_ok(&r) && option == DELEGATION_OPTION, TOKEN_MALFORMED,
           "the delegated credentials in the authenticator's checksum are cut off");
    return OBOL_OK;
}

enum obol_code gss_cksum_write(const struct gss_cksum *c, struct arena *a, struct slice *out,
                               struct error *err) {
    static const uint8_t none[GSS_BINDINGS_BYTES];
    ENSURE(c->delegated.len <= UINT16_MAX, INVALID_ARGUMENT,
           "delegated credentials of %zu bytes do not fit the token", c->delegated.len);
    struct writer w = writer_to_arena(a);
    writer_le32(&w, GSS_BINDINGS_BYTES);
    writer_bytes(&w, c->bindings.len ? c->bindings : slice_of(none, sizeof none));
    writer_le32(&w, c->flags);
    if (c->flags & GSS_FLAG_DELEG) {
        writer_le16(&w, DELEGATION_OPTION);
        writer_le16(&w, (uint16_t)c->delegated.len);
        writer_bytes(&w, c->delegated);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for the authenticator's checksum");
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code gss_context_keep(struct gss_context *ctx, struct error *err) {
    if (ctx->kept)
        return OBOL_OK;
    struct crypto_key *own;
    TRY(crypto_key_new(&own, enctype_number(crypto_key_enctype(ctx->key)),
                       crypto_key_bytes(ctx->key), err));
    if (!ctx->initiator_key && !ctx->acceptor_subkey)
        ctx->initiator_key = ctx->key; // outlives the kept one
    ctx->key = own;
    ctx->kept = true;
    return OBOL_OK;
}

void gss_context_release(struct gss_context *ctx) {
    if (!ctx->kept)
        return;
    crypto_key_free(ctx->key);
    ctx->key = NULL;
    ctx->kept = false;
}
