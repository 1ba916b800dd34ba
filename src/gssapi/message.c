// message.c: messages under a context (RFC 2744 5.15, 5.32 to 5.36, RFC 4401), and the names that
// these calls had in RFC 1509. A token is written straight into the one buffer that is allocated
// for it.
#include "gssapi/protect.h"
#include <gssapi/gssapi_generic.h>
#include <stdlib.h>

struct gss_context *gssapi_core(OM_uint32 *minor, gss_const_ctx_id_t ctx, OM_uint32 *major) {
    if (UNLIKELY(!ctx)) {
        *major = gssapi_refuse(minor, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CONTEXT,
                               OBOL_INVALID_ARGUMENT, "no context was passed");
        return NULL;
    }
    if (UNLIKELY(!gssapi_is_ctx(ctx) || ctx->state != GSSAPI_CTX_ESTABLISHED || !ctx->core ||
                 !ctx->core->key)) {
        *major = gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                               "the context is not established, or no context at all");
        return NULL;
    }
    if (LIKELY(ctx->core->kept))
        return ctx->core;
    struct error err;
    error_init(&err);
    ctx->core->wrong_oid = gssapi_mech_of(ctx->mech) == GSSAPI_KRB5_WRONG;
    if (gss_context_keep(ctx->core, &err) == OBOL_OK)
        return ctx->core;
    *major = gssapi_fail(minor, &err);
    return NULL;
}

struct gss_context *gssapi_core_qop(OM_uint32 *minor, gss_const_ctx_id_t ctx, gss_qop_t qop,
                                    OM_uint32 *major) {
    struct gss_context *core = gssapi_core(minor, ctx, major);
    if (LIKELY(!core || qop == GSS_C_QOP_DEFAULT))
        return core;
    *major = gssapi_refuse(minor, GSS_S_BAD_QOP, OBOL_INVALID_ARGUMENT,
                           "quality of protection %u, there is only 0", qop);
    return NULL;
}

OM_uint32 gssapi_order(enum gss_order order) {
    static const OM_uint32 status[] = {
        [GSS_ORDER_OK] = GSS_S_COMPLETE,   [GSS_ORDER_DUPLICATE] = GSS_S_DUPLICATE_TOKEN,
        [GSS_ORDER_OLD] = GSS_S_OLD_TOKEN, [GSS_ORDER_UNSEQ] = GSS_S_UNSEQ_TOKEN,
        [GSS_ORDER_GAP] = GSS_S_GAP_TOKEN,
    };
    return status[order];
}

OM_uint32 gss_wrap(OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop, gss_buffer_t in,
                   int *conf_state, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (conf_state)
        *conf_state = 0;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in))
        return GSS_S_CALL_INACCESSIBLE_READ;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    size_t len = gss_message_wrap_length(core, conf != 0, in->length);
    uint8_t *token = malloc(len);
    if (!token)
        return gssapi_no_memory(minor);
    struct error err;
    error_init(&err);
    if (gss_message_wrap(core, conf != 0, gssapi_slice(in), buf_of(token, len), env_system(),
                         &err) != OBOL_OK) {
        free(token);
        return gssapi_fail(minor, &err);
    }
    *out = (gss_buffer_desc){len, token};
    if (conf_state)
        *conf_state = conf != 0;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_unwrap(OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t in, gss_buffer_t out,
                     int *conf_state, gss_qop_t *qop_state) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (conf_state)
        *conf_state = 0;
    if (qop_state)
        *qop_state = GSS_C_QOP_DEFAULT;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in))
        return GSS_S_CALL_INACCESSIBLE_READ;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    size_t room = gss_message_unwrap_room(in->length), len = 0;
    uint8_t *message = malloc(room);
    if (!message)
        return gssapi_no_memory(minor);
    struct gss_opened opened;
    struct error err;
    error_init(&err);
    enum obol_code code =
        gss_message_unwrap(core, gssapi_slice(in), buf_of(message, room), &len, &opened, &err);
    if (code != OBOL_OK || len == 0) {
        free(message); // gss_release_buffer leaves empty buffers alone
        message = NULL;
    }
    if (code != OBOL_OK)
        return gssapi_fail(minor, &err);
    if (message)
        message[len] = '\0'; // many programs print what they get
    *out = (gss_buffer_desc){len, message};
    if (conf_state)
        *conf_state = opened.conf;
    return gssapi_order(opened.order);
}

OM_uint32 gss_get_mic(OM_uint32 *minor, gss_ctx_id_t ctx, gss_qop_t qop, gss_buffer_t in,
                      gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in))
        return GSS_S_CALL_INACCESSIBLE_READ;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    size_t len = gss_mic_length(core);
    uint8_t *token = malloc(len);
    if (!token)
        return gssapi_no_memory(minor);
    struct crypto_part parts[] = {{0}, {in->value, NULL, in->length, true}, {0}};
    struct error err;
    error_init(&err);
    if (gss_mic_make_parts(core, parts, COUNT_OF(parts), buf_of(token, len), &err) != OBOL_OK) {
        free(token);
        return gssapi_fail(minor, &err);
    }
    *out = (gss_buffer_desc){len, token};
    return GSS_S_COMPLETE;
}

OM_uint32 gss_verify_mic(OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t in, gss_buffer_t token,
                         gss_qop_t *qop_state) {
    if (qop_state)
        *qop_state = GSS_C_QOP_DEFAULT;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in) || !gssapi_readable(token))
        return GSS_S_CALL_INACCESSIBLE_READ;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    struct crypto_part parts[] = {{0}, {in->value, NULL, in->length, true}, {0}};
    enum gss_order order;
    struct error err;
    error_init(&err);
    if (gss_mic_verify_parts(core, parts, COUNT_OF(parts), gssapi_slice(token), &order, &err) !=
        OBOL_OK)
        return gssapi_fail(minor, &err);
    return gssapi_order(order);
}

OM_uint32 gss_wrap_size_limit(OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop,
                              OM_uint32 size, OM_uint32 *limit) {
    if (gssapi_begin(minor) || !limit)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    *limit = 0;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    *limit = (OM_uint32)gss_message_wrap_limit(core, conf != 0, size);
    return GSS_S_COMPLETE;
}

#define PRF_MAX (1 << 20) // bytes that are given out; RFC 4401 2 asks for 2^14

OM_uint32 gss_pseudo_random(OM_uint32 *minor, gss_ctx_id_t ctx, int prf_key, gss_buffer_t in,
                            ssize_t wanted, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in))
        return GSS_S_CALL_INACCESSIBLE_READ;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    if ((prf_key != GSS_C_PRF_KEY_FULL && prf_key != GSS_C_PRF_KEY_PARTIAL) || wanted < 0 ||
        wanted > PRF_MAX)
        return gssapi_refuse(
            minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
            "key %d and %zd bytes are asked of the pseudo-random function: the key "
            "is 0 or 1, the bytes are %d at most",
            prf_key, wanted, PRF_MAX);
    if (wanted == 0)
        return GSS_S_COMPLETE;
    uint8_t *bytes = malloc((size_t)wanted);
    if (!bytes)
        return gssapi_no_memory(minor);
    struct error err;
    error_init(&err);
    if (gss_prf(core, prf_key == GSS_C_PRF_KEY_PARTIAL, gssapi_slice(in),
                buf_of(bytes, (size_t)wanted), &err) != OBOL_OK) {
        free(bytes);
        return gssapi_fail(minor, &err);
    }
    *out = (gss_buffer_desc){(size_t)wanted, bytes};
    return GSS_S_COMPLETE;
}

OM_uint32 gss_sign(OM_uint32 *minor, gss_ctx_id_t ctx, int qop, gss_buffer_t in, gss_buffer_t out) {
    return gss_get_mic(minor, ctx, (gss_qop_t)qop, in, out);
}

OM_uint32 gss_verify(OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t in, gss_buffer_t token,
                     int *qop_state) {
    if (qop_state)
        *qop_state = 0;
    return gss_verify_mic(minor, ctx, in, token, NULL);
}

OM_uint32 gss_seal(OM_uint32 *minor, gss_ctx_id_t ctx, int conf, int qop, gss_buffer_t in,
                   int *conf_state, gss_buffer_t out) {
    return gss_wrap(minor, ctx, conf, (gss_qop_t)qop, in, conf_state, out);
}

OM_uint32 gss_unseal(OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t in, gss_buffer_t out,
                     int *conf_state, int *qop_state) {
    if (qop_state)
        *qop_state = 0;
    return gss_unwrap(minor, ctx, in, out, conf_state, NULL);
}
