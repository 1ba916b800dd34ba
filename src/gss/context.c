// context.c: the context's own key; see context.h.
#include "gss/context.h"

enum obol_code gss_context_keep(struct gss_context *ctx, struct error *err) {
    if (ctx->kept)
        return OBOL_OK;
    struct crypto_key *own;
    TRY(crypto_key_new_scheduled(&own, enctype_number(crypto_key_enctype(ctx->key)),
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
