// iov.c: messages in pieces (gss_wrap_iov and its like, MIT krb5's extension), protected in place,
// and messages with data that is signed beside them (AEAD). Windows' DCE RPC is what they are for.
#include "gssapi/protect.h"
#include <stdlib.h>

#define PARTS_KEPT 12 // parts that need no memory from the heap

// The buffers of one call. Those that were not passed are NULL.
struct iov {
    gss_iov_buffer_desc *all, *header, *padding, *trailer, *stream, *mic;
    size_t count, data;
    struct crypto_part kept[PARTS_KEPT], *parts;
    size_t part_count;
};

static OM_uint32 type_of(const gss_iov_buffer_desc *b) {
    return GSS_IOV_BUFFER_TYPE(b->type);
}

static bool asks_memory(const gss_iov_buffer_desc *b) {
    return (b->type & GSS_IOV_BUFFER_FLAG_ALLOCATE) != 0;
}

// One of its type; false for a second.
static bool claim(gss_iov_buffer_desc **place, gss_iov_buffer_desc *b) {
    if (*place)
        return false;
    *place = b;
    return true;
}

static bool sort_one(struct iov *v, gss_iov_buffer_desc *b) {
    switch (type_of(b)) {
    case GSS_IOV_BUFFER_TYPE_HEADER:
        return claim(&v->header, b);
    case GSS_IOV_BUFFER_TYPE_PADDING:
        return claim(&v->padding, b);
    case GSS_IOV_BUFFER_TYPE_TRAILER:
        return claim(&v->trailer, b);
    case GSS_IOV_BUFFER_TYPE_STREAM:
        return claim(&v->stream, b);
    case GSS_IOV_BUFFER_TYPE_MIC_TOKEN:
        return claim(&v->mic, b);
    case GSS_IOV_BUFFER_TYPE_DATA:
        v->data++;
        return true;
    default: // EMPTY, and what belongs to other mechanisms
        return true;
    }
}

static void iov_clear(struct iov *v) {
    if (v->parts != v->kept)
        free(v->parts);
}

static OM_uint32 iov_init(OM_uint32 *minor, struct iov *v, gss_iov_buffer_desc *iov, int count) {
    *v = (struct iov){.all = iov, .count = (size_t)(count > 0 ? count : 0)};
    v->parts = v->kept;
    if (!iov || count <= 0)
        return GSS_S_CALL_INACCESSIBLE_READ;
    for (size_t i = 0; i < v->count; i++)
        if (!sort_one(v, &iov[i]))
            return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                                 "buffer %zu of %zu is the second of its type %u", i, v->count,
                                 type_of(&iov[i]));
    size_t room = GSS_PARTS_FRONT + v->count + GSS_PARTS_BACK;
    if (room > PARTS_KEPT)
        v->parts = calloc(room, sizeof *v->parts);
    return v->parts ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}

static bool covers(OM_uint32 type, bool mic) {
    return type == GSS_IOV_BUFFER_TYPE_DATA || type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY ||
           (mic && type == GSS_IOV_BUFFER_TYPE_PADDING);
}

// The message's own parts, in the order of the buffers. A stream's DATA is inside it.
static OM_uint32 fill_parts(OM_uint32 *minor, struct iov *v, const struct buf *inside, bool mic) {
    size_t n = mic ? 1 : GSS_PARTS_FRONT;
    for (size_t i = 0; i < v->count; i++) {
        const gss_iov_buffer_desc *b = &v->all[i];
        OM_uint32 type = type_of(b);
        if (!covers(type, mic))
            continue;
        struct buf at = buf_of(b->buffer.value, b->buffer.length);
        bool sign_only = mic || type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
        if (inside && !sign_only)
            at = *inside;
        if (at.len && !at.ptr)
            return gssapi_refuse(minor, GSS_S_CALL_INACCESSIBLE_READ, OBOL_INVALID_ARGUMENT,
                                 "buffer %zu has %zu bytes and no address", i, at.len);
        v->parts[n++] = (struct crypto_part){at.ptr, at.ptr, at.len, sign_only};
    }
    v->part_count = n + (mic ? 1 : GSS_PARTS_BACK);
    return GSS_S_COMPLETE;
}

static size_t sealed_length(const struct iov *v) {
    size_t len = 0;
    for (size_t i = 0; i < v->count; i++)
        if (type_of(&v->all[i]) == GSS_IOV_BUFFER_TYPE_DATA)
            len += v->all[i].buffer.length;
    return len;
}

// Gives a buffer its length: memory if it asks, else it must have the room.
static OM_uint32 place(OM_uint32 *minor, gss_iov_buffer_desc *b, size_t len, const char *name) {
    if (!b)
        return len == 0 ? GSS_S_COMPLETE
                        : gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                                        "there is no buffer for a %s of %zu bytes", name, len);
    if (asks_memory(b) && len) {
        void *bytes = malloc(len);
        if (!bytes)
            return gssapi_no_memory(minor);
        b->buffer.value = bytes;
        b->type |= GSS_IOV_BUFFER_FLAG_ALLOCATED;
    } else if (!asks_memory(b) && b->buffer.length < len) {
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "the %s takes %zu bytes, its buffer has %zu", name, len,
                             b->buffer.length);
    }
    if (len && !b->buffer.value)
        return gssapi_refuse(minor, GSS_S_CALL_INACCESSIBLE_WRITE, OBOL_INVALID_ARGUMENT,
                             "the buffer for the %s has no address", name);
    b->buffer.length = len;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_release_iov_buffer(OM_uint32 *minor, gss_iov_buffer_desc *iov, int count) {
    if (minor)
        *minor = 0;
    for (int i = 0; iov && i < count; i++) {
        if (!(iov[i].type & GSS_IOV_BUFFER_FLAG_ALLOCATED))
            continue;
        free(iov[i].buffer.value);
        iov[i].buffer = (gss_buffer_desc){0};
        iov[i].type &= ~(OM_uint32)GSS_IOV_BUFFER_FLAG_ALLOCATED;
    }
    return GSS_S_COMPLETE;
}

static struct buf buf_at(const gss_iov_buffer_desc *b) {
    return b ? buf_of(b->buffer.value, b->buffer.length) : buf_of(NULL, 0);
}

static struct gss_layout layout_of(const struct gss_context *core, const struct iov *v, bool conf) {
    struct gss_layout layout;
    gss_layout_of(core, conf, v->trailer ? GSS_STYLE_TRAILER : GSS_STYLE_HEADER, sealed_length(v),
                  &layout);
    return layout;
}

static OM_uint32 wrap_sorted(OM_uint32 *minor, struct gss_context *core, bool conf, struct iov *v) {
    OM_uint32 major = fill_parts(minor, v, NULL, false);
    if (major)
        return major;
    const struct gss_layout layout = layout_of(core, v, conf);
    major = place(minor, v->header, layout.header, "header");
    if (!major)
        major = place(minor, v->padding, layout.padding, "padding");
    if (!major)
        major = place(minor, v->trailer, layout.trailer, "trailer");
    if (major)
        return major;
    const struct gss_pieces p = {.header = buf_at(v->header),
                                 .padding = buf_at(v->padding),
                                 .trailer = buf_at(v->trailer),
                                 .parts = v->parts,
                                 .count = v->part_count};
    struct error err;
    error_init(&err);
    return gss_message_wrap_pieces(core, &layout, &p, env_system(), &err) == OBOL_OK
               ? GSS_S_COMPLETE
               : gssapi_fail(minor, &err);
}

OM_uint32 gss_wrap_iov(OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop, int *conf_state,
                       gss_iov_buffer_desc *iov, int count) {
    if (conf_state)
        *conf_state = 0;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    struct iov v;
    major = iov_init(minor, &v, iov, count);
    if (!major)
        major = wrap_sorted(minor, core, conf != 0, &v);
    if (major && v.count && iov)
        (void)gss_release_iov_buffer(NULL, iov, count);
    iov_clear(&v);
    if (!major && conf_state)
        *conf_state = conf != 0;
    return major;
}

OM_uint32 gss_wrap_iov_length(OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop,
                              int *conf_state, gss_iov_buffer_desc *iov, int count) {
    if (conf_state)
        *conf_state = 0;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    struct iov v;
    major = iov_init(minor, &v, iov, count);
    if (!major && !v.header) {
        major = gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                              "there is no buffer for the header");
    } else if (!major) {
        const struct gss_layout layout = layout_of(core, &v, conf != 0);
        v.header->buffer.length = layout.header;
        if (v.padding)
            v.padding->buffer.length = layout.padding;
        if (v.trailer)
            v.trailer->buffer.length = layout.trailer;
        if (conf_state)
            *conf_state = conf != 0;
    }
    iov_clear(&v);
    return major;
}

// The padding stands at the end of the last DATA unless it has a buffer of its own.
static void cut_padding(struct iov *v, size_t padding) {
    size_t own = v->padding ? v->padding->buffer.length : 0;
    size_t left = padding > own ? padding - own : 0;
    if (v->padding)
        v->padding->buffer.length = 0;
    for (size_t i = v->count; i > 0 && left; i--) {
        gss_iov_buffer_desc *b = &v->all[i - 1];
        if (type_of(b) != GSS_IOV_BUFFER_TYPE_DATA)
            continue;
        size_t len = b->buffer.length < left ? b->buffer.length : left;
        b->buffer.length -= len;
        left -= len;
    }
}

static OM_uint32 unwrap_pieces(OM_uint32 *minor, struct gss_context *core, const struct iov *v,
                               struct buf header, struct buf padding, struct buf trailer,
                               size_t *pad, struct gss_opened *opened) {
    const struct gss_pieces p = {.header = header,
                                 .padding = padding,
                                 .trailer = trailer,
                                 .parts = v->parts,
                                 .count = v->part_count,
                                 .whole = v->stream != NULL};
    struct error err;
    error_init(&err);
    return gss_message_unwrap_pieces(core, &p, pad, opened, &err) == OBOL_OK
               ? GSS_S_COMPLETE
               : gssapi_fail(minor, &err);
}

static OM_uint32 unwrap_sorted(OM_uint32 *minor, struct gss_context *core, struct iov *v,
                               struct gss_opened *opened) {
    size_t padding = 0;
    if (!v->header || !v->header->buffer.value)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "there is neither a header nor a stream");
    OM_uint32 major = fill_parts(minor, v, NULL, false);
    if (!major)
        major = unwrap_pieces(minor, core, v, buf_at(v->header), buf_at(v->padding),
                              buf_at(v->trailer), &padding, opened);
    if (!major)
        cut_padding(v, padding);
    return major;
}

// A whole token with one DATA that is to be found in it, and what was signed beside it.
static OM_uint32 unwrap_stream(OM_uint32 *minor, struct gss_context *core, struct iov *v,
                               struct gss_opened *opened) {
    struct buf header, data, trailer;
    struct error err;
    error_init(&err);
    if (v->data != 1 || !v->stream->buffer.value)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "a stream goes with one buffer of data, not with %zu", v->data);
    if (gss_stream_split(core, buf_at(v->stream), &header, &data, &trailer, &err) != OBOL_OK)
        return gssapi_fail(minor, &err);
    OM_uint32 major = fill_parts(minor, v, &data, false);
    size_t padding = 0;
    if (!major)
        major = unwrap_pieces(minor, core, v, header, buf_of(NULL, 0), trailer, &padding, opened);
    if (major)
        return major;
    data.len -= padding;
    for (size_t i = 0; i < v->count; i++) {
        gss_iov_buffer_desc *b = &v->all[i];
        if (type_of(b) != GSS_IOV_BUFFER_TYPE_DATA)
            continue;
        if (!asks_memory(b)) {
            b->buffer = (gss_buffer_desc){data.len, data.ptr};
            continue;
        }
        major = place(minor, b, data.len, "data");
        if (!major && data.len)
            memcpy(b->buffer.value, data.ptr, data.len);
    }
    return major;
}

OM_uint32 gss_unwrap_iov(OM_uint32 *minor, gss_ctx_id_t ctx, int *conf_state, gss_qop_t *qop_state,
                         gss_iov_buffer_desc *iov, int count) {
    if (conf_state)
        *conf_state = 0;
    if (qop_state)
        *qop_state = GSS_C_QOP_DEFAULT;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    struct iov v;
    struct gss_opened opened = {0};
    major = iov_init(minor, &v, iov, count);
    if (!major)
        major = v.stream ? unwrap_stream(minor, core, &v, &opened)
                         : unwrap_sorted(minor, core, &v, &opened);
    iov_clear(&v);
    if (major)
        return major;
    if (conf_state)
        *conf_state = opened.conf;
    return gssapi_order(opened.order);
}

static OM_uint32 mic_begin(OM_uint32 *minor, struct iov *v, gss_iov_buffer_desc *iov, int count) {
    OM_uint32 major = iov_init(minor, v, iov, count);
    if (!major && !v->mic)
        major = gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                              "there is no buffer for the MIC token");
    return major;
}

OM_uint32 gss_get_mic_iov(OM_uint32 *minor, gss_ctx_id_t ctx, gss_qop_t qop,
                          gss_iov_buffer_desc *iov, int count) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    struct iov v;
    struct error err;
    error_init(&err);
    major = mic_begin(minor, &v, iov, count);
    if (!major)
        major = fill_parts(minor, &v, NULL, true);
    if (!major)
        major = place(minor, v.mic, gss_mic_length(core), "MIC token");
    if (!major && gss_mic_make_parts(core, v.parts, v.part_count, buf_at(v.mic), &err) != OBOL_OK)
        major = gssapi_fail(minor, &err);
    iov_clear(&v);
    return major;
}

OM_uint32 gss_get_mic_iov_length(OM_uint32 *minor, gss_ctx_id_t ctx, gss_qop_t qop,
                                 gss_iov_buffer_desc *iov, int count) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core_qop(minor, ctx, qop, &major);
    if (!core)
        return major;
    struct iov v;
    major = mic_begin(minor, &v, iov, count);
    if (!major && v.mic)
        v.mic->buffer.length = gss_mic_length(core);
    iov_clear(&v);
    return major;
}

OM_uint32 gss_verify_mic_iov(OM_uint32 *minor, gss_ctx_id_t ctx, gss_qop_t *qop_state,
                             gss_iov_buffer_desc *iov, int count) {
    if (qop_state)
        *qop_state = GSS_C_QOP_DEFAULT;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    struct iov v;
    enum gss_order order = GSS_ORDER_OK;
    struct error err;
    error_init(&err);
    major = mic_begin(minor, &v, iov, count);
    if (!major)
        major = fill_parts(minor, &v, NULL, true);
    if (!major && gss_mic_verify_parts(core, v.parts, v.part_count, slice_of_buf(buf_at(v.mic)),
                                       &order, &err) != OBOL_OK)
        major = gssapi_fail(minor, &err);
    iov_clear(&v);
    return major ? major : gssapi_order(order);
}
