// message.c: messages in pieces and whole, with the tokens that the context's key asks for; see
// message.h.
#include "gss/message.h"
#include "gss/token.h"

// RFC 4121 1: the tokens of rc4-hmac (and of DES, which is not here) are of RFC 1964's form; all
// other enctypes have those of RFC 4121.
static const struct gss_tokens *tokens_of(const struct gss_context *ctx) {
    bool old = enctype_number(crypto_key_enctype(ctx->key)) == ENCTYPE_RC4_HMAC;
    return old ? &gss_tokens_rfc1964 : &gss_tokens_cfx;
}

size_t gss_data_length(const struct gss_pieces *p) {
    size_t len = 0;
    for (size_t i = GSS_PARTS_FRONT; i < p->count - GSS_PARTS_BACK; i++)
        len += p->parts[i].sign_only ? 0 : p->parts[i].len;
    return len;
}

void gss_layout_of(const struct gss_context *ctx, bool conf, enum gss_style style, size_t data_len,
                   struct gss_layout *out) {
    tokens_of(ctx)->layout(ctx, conf, style, data_len, out);
}

enum obol_code gss_message_wrap_pieces(struct gss_context *ctx, const struct gss_layout *layout,
                                       const struct gss_pieces *p, const struct env *env,
                                       struct error *err) {
    ENSURE(p->header.len == layout->header && p->padding.len == layout->padding &&
               p->trailer.len == layout->trailer,
           INVALID_ARGUMENT,
           "header, padding and trailer have %zu, %zu and %zu bytes; %zu, %zu and %zu are needed",
           p->header.len, p->padding.len, p->trailer.len, layout->header, layout->padding,
           layout->trailer);
    return tokens_of(ctx)->wrap(ctx, layout, p, env, err);
}

enum obol_code gss_message_unwrap_pieces(struct gss_context *ctx, const struct gss_pieces *p,
                                         size_t *padding, struct gss_opened *opened,
                                         struct error *err) {
    uint64_t seq;
    TRY(tokens_of(ctx)->unwrap_pieces(ctx, p, padding, &opened->conf, &seq, err));
    opened->order = gss_order_check(ctx, seq);
    return OBOL_OK;
}

size_t gss_message_wrap_length(const struct gss_context *ctx, bool conf, size_t len) {
    struct gss_layout layout;
    gss_layout_of(ctx, conf, GSS_STYLE_STREAM, len, &layout);
    return layout.header + len + layout.padding + layout.trailer;
}

enum obol_code gss_message_wrap(struct gss_context *ctx, bool conf, struct slice message,
                                struct buf out, const struct env *env, struct error *err) {
    const struct gss_tokens *tokens = tokens_of(ctx);
    if (tokens->wrap_short && message.len <= GSS_SHORT_MAX)
        return tokens->wrap_short(ctx, conf, message, out, env, err);
    struct gss_layout layout;
    tokens->layout(ctx, conf, GSS_STYLE_STREAM, message.len, &layout);
    size_t end = layout.header + message.len;
    ENSURE(out.len == end + layout.padding + layout.trailer, INVALID_ARGUMENT,
           "a token for %zu bytes has %zu, not %zu", message.len,
           end + layout.padding + layout.trailer, out.len);
    struct crypto_part parts[GSS_PARTS_FRONT + 1 + GSS_PARTS_BACK];
    uint8_t *data = out.ptr + layout.header;
    if (!conf && message.len)
        memcpy(data, message.ptr, message.len);
    parts[GSS_PARTS_FRONT] = (struct crypto_part){message.ptr, data, message.len, false};
    const struct gss_pieces p = {.header = buf_of(out.ptr, layout.header),
                                 .padding = buf_of(out.ptr + end, layout.padding),
                                 .trailer = buf_of(out.ptr + end + layout.padding, layout.trailer),
                                 .parts = parts,
                                 .count = COUNT_OF(parts)};
    return tokens->wrap(ctx, &layout, &p, env, err);
}

// The frame of rc4's tokens grows with their length, so that what is added is found by asking.
size_t gss_message_wrap_limit(const struct gss_context *ctx, bool conf, size_t len) {
    size_t overhead = gss_message_wrap_length(ctx, conf, 0);
    for (size_t limit = len > overhead ? len - overhead : 0; limit; limit--)
        if (gss_message_wrap_length(ctx, conf, limit) <= len)
            return limit;
    return 0;
}

size_t gss_message_unwrap_room(size_t token_len) {
    return token_len + 1;
}

enum obol_code gss_message_unwrap(struct gss_context *ctx, struct slice token, struct buf out,
                                  size_t *len, struct gss_opened *opened, struct error *err) {
    uint64_t seq;
    ENSURE(out.len >= gss_message_unwrap_room(token.len), INVALID_ARGUMENT,
           "%zu bytes of room for a token of %zu", out.len, token.len);
    TRY(tokens_of(ctx)->unwrap(ctx, token, out, len, &opened->conf, &seq, err));
    opened->order = gss_order_check(ctx, seq);
    return OBOL_OK;
}

enum obol_code gss_stream_split(const struct gss_context *ctx, struct buf token, struct buf *header,
                                struct buf *data, struct buf *trailer, struct error *err) {
    return tokens_of(ctx)->split(ctx, token, header, data, trailer, err);
}

size_t gss_mic_length(const struct gss_context *ctx) {
    return tokens_of(ctx)->mic_length(ctx);
}

enum obol_code gss_mic_make_parts(struct gss_context *ctx, struct crypto_part *parts, size_t count,
                                  struct buf out, struct error *err) {
    ENSURE(out.len == gss_mic_length(ctx) && count >= 2, INVALID_ARGUMENT,
           "a MIC token has %zu bytes, not %zu", gss_mic_length(ctx), out.len);
    return tokens_of(ctx)->mic(ctx, parts, count, out, err);
}

enum obol_code gss_mic_verify_parts(struct gss_context *ctx, struct crypto_part *parts,
                                    size_t count, struct slice mic, enum gss_order *order,
                                    struct error *err) {
    uint64_t seq;
    TRY(tokens_of(ctx)->verify(ctx, parts, count, mic, &seq, err));
    *order = gss_order_check(ctx, seq);
    return OBOL_OK;
}

enum obol_code gss_mic_make(struct gss_context *ctx, struct slice message, struct arena *a,
                            struct slice *out, struct error *err) {
    struct buf room = arena_buf(a, gss_mic_length(ctx));
    ENSURE_MEMORY(room.ptr);
    struct crypto_part parts[] = {{0}, {message.ptr, NULL, message.len, true}, {0}};
    TRY(gss_mic_make_parts(ctx, parts, COUNT_OF(parts), room, err));
    *out = slice_of_buf(room);
    return OBOL_OK;
}

enum obol_code gss_mic_verify(struct gss_context *ctx, struct slice message, struct slice mic,
                              uint64_t *seq, struct error *err) {
    struct crypto_part parts[] = {{0}, {message.ptr, NULL, message.len, true}, {0}};
    enum obol_code code = tokens_of(ctx)->verify(ctx, parts, COUNT_OF(parts), mic, seq, NULL);
    ENSURE(code != OBOL_TOKEN_MALFORMED, TOKEN_MALFORMED, "these %zu bytes are no MIC token",
           mic.len);
    ENSURE(code == OBOL_OK, KRB_AP_ERR_MODIFIED, "the MIC does not hold for this message");
    (void)gss_order_check(ctx, *seq);
    return OBOL_OK;
}
