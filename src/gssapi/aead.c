// aead.c: one message with data that is signed beside it and not sent (gss_wrap_aead, MIT krb5's
// extension): a token like gss_wrap's, whose checksum covers the associated data first.
#include "gssapi/protect.h"
#include <stdlib.h>

static struct crypto_part associated(gss_const_buffer_t b) {
    struct slice s = gssapi_slice(b);
    return (struct crypto_part){s.ptr, NULL, s.len, true};
}

OM_uint32 gss_wrap_aead(OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop,
                        gss_buffer_t assoc, gss_buffer_t in, int *conf_state, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (conf_state)
        *conf_state = 0;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in) || (assoc && !gssapi_readable(assoc)))
        return GSS_S_CALL_INACCESSIBLE_READ;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    struct gss_layout layout;
    gss_layout_of(core, conf != 0, GSS_STYLE_STREAM, in->length, &layout);
    size_t end = layout.header + in->length, len = end + layout.padding + layout.trailer;
    uint8_t *token = malloc(len);
    if (!token)
        return gssapi_no_memory(minor);
    struct crypto_part parts[GSS_PARTS_FRONT + 2 + GSS_PARTS_BACK];
    parts[GSS_PARTS_FRONT] = associated(assoc);
    parts[GSS_PARTS_FRONT + 1] =
        (struct crypto_part){in->value, token + layout.header, in->length, false};
    if (!conf && in->length)
        memcpy(token + layout.header, in->value, in->length);
    const struct gss_pieces p = {.header = buf_of(token, layout.header),
                                 .padding = buf_of(token + end, layout.padding),
                                 .trailer = buf_of(token + end + layout.padding, layout.trailer),
                                 .parts = parts,
                                 .count = COUNT_OF(parts)};
    struct error err;
    error_init(&err);
    if (gss_message_wrap_pieces(core, &layout, &p, env_system(), &err) != OBOL_OK) {
        free(token);
        return gssapi_fail(minor, &err);
    }
    *out = (gss_buffer_desc){len, token};
    if (conf_state)
        *conf_state = conf != 0;
    return GSS_S_COMPLETE;
}

// Opens the copy of a token in place; *data is the message in it.
static enum obol_code open_copy(struct gss_context *core, struct buf token,
                                gss_const_buffer_t assoc, struct buf *data,
                                struct gss_opened *opened, struct error *err) {
    struct buf header, trailer;
    size_t padding;
    TRY(gss_stream_split(core, token, &header, data, &trailer, err));
    struct crypto_part parts[GSS_PARTS_FRONT + 2 + GSS_PARTS_BACK];
    parts[GSS_PARTS_FRONT] = associated(assoc);
    parts[GSS_PARTS_FRONT + 1] = (struct crypto_part){data->ptr, data->ptr, data->len, false};
    const struct gss_pieces p = {.header = header,
                                 .trailer = trailer,
                                 .parts = parts,
                                 .count = COUNT_OF(parts),
                                 .whole = true};
    TRY(gss_message_unwrap_pieces(core, &p, &padding, opened, err));
    data->len -= padding;
    return OBOL_OK;
}

OM_uint32 gss_unwrap_aead(OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t in, gss_buffer_t assoc,
                          gss_buffer_t out, int *conf_state, gss_qop_t *qop_state) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (conf_state)
        *conf_state = 0;
    if (qop_state)
        *qop_state = GSS_C_QOP_DEFAULT;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_readable(in) || (assoc && !gssapi_readable(assoc)))
        return GSS_S_CALL_INACCESSIBLE_READ;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    uint8_t *copy = malloc(in->length + 1);
    if (!copy)
        return gssapi_no_memory(minor);
    if (in->length)
        memcpy(copy, in->value, in->length);
    struct buf data;
    struct gss_opened opened;
    struct error err;
    error_init(&err);
    enum obol_code code = open_copy(core, buf_of(copy, in->length), assoc, &data, &opened, &err);
    if (code != OBOL_OK || data.len == 0)
        free(copy);
    if (code != OBOL_OK)
        return gssapi_fail(minor, &err);
    if (data.len) {
        memmove(copy, data.ptr, data.len);
        *out = (gss_buffer_desc){data.len, copy};
    }
    if (conf_state)
        *conf_state = opened.conf;
    return gssapi_order(opened.order);
}
