// context_handle.c: the life of a context's handle; see handles.h.
#include "base/ct.h"
#include "gssapi/cred.h"
#include "gssapi/name.h"
#include <stdlib.h>

struct gss_ctx_id_struct *gssapi_context_new(void) {
    struct gss_ctx_id_struct *ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        return NULL;
    ctx->arena = gssapi_arena_take();
    if (!ctx->arena) {
        free(ctx);
        return NULL;
    }
    ctx->self = ctx;
    ctx->tag = GSSAPI_TAG_CTX;
    return ctx;
}

void gssapi_context_free(struct gss_ctx_id_struct *ctx) {
    if (!ctx)
        return;
    if (ctx->core)
        gss_context_release(ctx->core);
    gssapi_cred_free(ctx->delegated);
    gssapi_name_free(ctx->client);
    gssapi_arena_give(ctx->arena);
    wipe(ctx, sizeof *ctx); // the tag too: the handle is none any more
    free(ctx);
}
