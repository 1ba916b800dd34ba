// contexts.h: handles of established contexts, made of the contexts of MIT krb5 in
// tests/vectors/gss/mit_tokens.txt.
#ifndef OBOL_TESTS_GSSAPI_CONTEXTS_H
#define OBOL_TESTS_GSSAPI_CONTEXTS_H

#include "../gss/mit_tokens.h"
#include "gssapi/handles.h"
#include "proto/codes.h" // before krb5.h, whose macros have the same names
#include "support.h"
#include <gssapi/gssapi_krb5.h>

struct pair {
    struct mit m;
    gss_ctx_id_t i, a;
};

static inline gss_ctx_id_t context_handle(const struct gss_context *core) {
    gss_ctx_id_t ctx = gssapi_context_new();
    assert_non_null(ctx);
    ctx->state = GSSAPI_CTX_ESTABLISHED;
    ctx->initiator = core->initiator;
    ctx->flags = core->flags;
    ctx->mech = gss_mech_krb5;
    ctx->core = arena_zalloc(ctx->arena, 1, sizeof *ctx->core);
    assert_non_null(ctx->core);
    *ctx->core = *core;
    assert_ok(crypto_key_in_arena(&ctx->core->key, ctx->arena,
                                  enctype_number(crypto_key_enctype(core->key)),
                                  crypto_key_bytes(core->key), NULL));
    return ctx;
}

static inline void pair_open(struct pair *p) {
    vectors_open(&p->m.v, "../gss/mit_tokens.txt");
    p->i = p->a = GSS_C_NO_CONTEXT;
}

// pair_next steps to the next context; false at the end.
static inline bool pair_next(struct pair *p) {
    gssapi_context_free(p->i);
    gssapi_context_free(p->a);
    p->i = p->a = GSS_C_NO_CONTEXT;
    if (!mit_next(&p->m))
        return false;
    p->i = context_handle(&p->m.initiator);
    p->a = context_handle(&p->m.acceptor);
    return true;
}

// pair_end leaves before the last context.
static inline void pair_end(struct pair *p) {
    gssapi_context_free(p->i);
    gssapi_context_free(p->a);
    arena_clear(&p->m.v.arena);
}

static inline gss_buffer_desc slice_buffer(struct slice s) {
    return (gss_buffer_desc){s.len, (void *)(uintptr_t)s.ptr};
}

static inline bool pair_is_rc4(const struct pair *p) {
    return enctype_number(crypto_key_enctype(p->m.initiator.key)) == ENCTYPE_RC4_HMAC;
}

#endif
