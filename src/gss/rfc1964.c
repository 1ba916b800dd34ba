// rfc1964.c: MIC and wrap tokens under a key of rc4-hmac: the framing of RFC 1964 1.2 with the
// cryptography of RFC 4757 7.3. In front of the message stand the frame of RFC 2743 3.1, eight
// bytes that name the algorithms, the enciphered sequence number, a checksum and, in wrap tokens, a
// confounder; behind it one byte of padding.
#include "base/ct.h"
#include "crypto/rc4_gss.h"
#include "der/tlv.h"
#include "gss/frame.h"
#include "gss/token.h"

#define WRAP_BYTES 32u // algorithms, sequence number, checksum, confounder
#define MIC_BYTES  24u
#define SEQ_AT     8u
#define CKSUM_AT   16u
#define CONF_AT    24u
#define CONF_BYTES 8u
#define PAD_MAX    8u

// RFC 4757 7.3: token id, SGN_ALG, SEAL_ALG and filler.
static const uint8_t mic_head[8] = {0x01, 0x01, 0x11, 0x00, 0xff, 0xff, 0xff, 0xff};
static const uint8_t sealed_head[8] = {0x02, 0x01, 0x11, 0x00, 0x10, 0x00, 0xff, 0xff};
static const uint8_t signed_head[8] = {0x02, 0x01, 0x11, 0x00, 0xff, 0xff, 0xff, 0xff};

// Both have the same length.
static struct slice oid_of(const struct gss_context *ctx) {
    return ctx->wrong_oid ? OID_KRB5_MS : OID_KRB5;
}

static size_t frame_bytes(size_t inner) {
    size_t len = 2 + OID_KRB5.len + inner, octets = 0;
    if (len >= 0x80)
        octets = len > 0xffffff ? 4 : len > 0xffff ? 3 : len > 0xff ? 2 : 1;
    return 1 + 1 + octets + 2 + OID_KRB5.len;
}

// gss_frame_make's twin for a frame whose inside is made in place.
static void frame_write(const struct gss_context *ctx, uint8_t *to, size_t inner) {
    size_t head = frame_bytes(inner), len = 2 + OID_KRB5.len + inner;
    size_t octets = head - 4 - OID_KRB5.len;
    to[0] = 0x60;
    to[1] = (uint8_t)(octets ? 0x80 | octets : len);
    for (size_t i = 0; i < octets; i++)
        to[2 + i] = (uint8_t)(len >> 8 * (octets - 1 - i));
    to[2 + octets] = 0x06;
    to[3 + octets] = (uint8_t)OID_KRB5.len;
    memcpy(to + 4 + octets, oid_of(ctx).ptr, OID_KRB5.len);
}

// Reads a frame that covers `covered` bytes behind it, of which `have` begins with the first.
static bool frame_read(const struct gss_context *ctx, struct slice have, size_t covered,
                       size_t fixed, struct slice *inner) {
    struct reader r = reader_of(have);
    uint8_t tag = reader_u8(&r), first = reader_u8(&r);
    size_t len = first;
    if (first >= 0x80 && !tlv_length_long(&r, first, &len))
        return false;
    size_t head = have.len - reader_left(&r);
    struct slice oid;
    struct slice at = reader_rest(&r);
    struct reader body = reader_of(at);
    uint8_t oid_tag;
    if (!reader_ok(&r) || !tlv_next(&body, &oid_tag, &oid))
        return false;
    *inner = reader_rest(&body);
    return tag == 0x60 && oid_tag == 0x06 && slice_eq(oid, oid_of(ctx)) && inner->len >= fixed &&
           len == covered - head;
}

static void put_seq(uint64_t number, bool from_initiator, uint8_t seq[8]) {
    for (size_t i = 0; i < 4; i++)
        seq[i] = (uint8_t)(number >> (24 - 8 * i));
    memset(seq + 4, from_initiator ? 0 : 0xff, 4);
}

// The sequence number is bound to the checksum: only a token whose checksum holds has a right one,
// but its direction tells a token thrown back.
static enum obol_code get_seq(const struct gss_context *ctx, const uint8_t *token, uint8_t seq[8],
                              uint64_t *number, struct error *err) {
    uint8_t expected[8];
    memcpy(seq, token + SEQ_AT, 8);
    TRY(rc4_gss_sequence(ctx->key, token + CKSUM_AT, seq, err));
    *number = (uint64_t)seq[0] << 24 | (uint64_t)seq[1] << 16 | (uint64_t)seq[2] << 8 | seq[3];
    put_seq(*number, !ctx->initiator, expected);
    ENSURE(ct_equal(slice_of(seq, 8), slice_of(expected, 8)), CHECKSUM_MISMATCH,
           "the token's sequence number is none of the other end: it was altered, is this end's "
           "own, or of another context");
    return OBOL_OK;
}

static struct crypto_part signed_part(const uint8_t *at, size_t len) {
    return (struct crypto_part){at, NULL, len, true};
}

static void rc4_layout(const struct gss_context *ctx, bool conf, enum gss_style style,
                       size_t data_len, struct gss_layout *out) {
    bool dce = (ctx->flags & GSS_FLAG_DCE) && style != GSS_STYLE_STREAM;
    size_t inner = WRAP_BYTES + (dce ? 0 : data_len + 1);
    *out = (struct gss_layout){
        .conf = conf, .header = frame_bytes(inner) + WRAP_BYTES, .padding = dce ? 0 : 1};
}

static size_t rc4_overhead(const struct gss_pieces *p) {
    return p->header.len - WRAP_BYTES;
}

// The parts in the order in which the checksum and the stream take them: the algorithms, the
// confounder, the message, its padding. The algorithms are never enciphered.
static void fill_parts(const struct gss_pieces *p, uint8_t *token) {
    p->parts[0] = signed_part(token, SEQ_AT);
    p->parts[1] = (struct crypto_part){token + CONF_AT, token + CONF_AT, CONF_BYTES, false};
    struct crypto_part *back = p->parts + p->count - GSS_PARTS_BACK;
    back[0] = (struct crypto_part){p->padding.ptr, p->padding.ptr, p->padding.len, false};
    back[1] = signed_part(NULL, 0);
}

static enum obol_code rc4_wrap(struct gss_context *ctx, const struct gss_layout *layout,
                               const struct gss_pieces *p, const struct env *env,
                               struct error *err) {
    uint8_t *token = p->header.ptr + rc4_overhead(p);
    size_t inner = WRAP_BYTES + (layout->padding ? gss_data_length(p) + layout->padding : 0);
    uint32_t number = (uint32_t)ctx->send_seq;
    frame_write(ctx, p->header.ptr, inner);
    memcpy(token, layout->conf ? sealed_head : signed_head, SEQ_AT);
    put_seq(number, ctx->initiator, token + SEQ_AT);
    env_random(env, buf_of(token + CONF_AT, CONF_BYTES));
    if (layout->padding)
        memset(p->padding.ptr, (int)layout->padding, layout->padding);
    fill_parts(p, token);
    TRY(rc4_gss_checksum(ctx->key, RC4_GSS_WRAP, p->parts, p->count, token + CKSUM_AT, err));
    if (layout->conf)
        TRY(rc4_gss_stream(ctx->key, token + SEQ_AT, p->parts, p->count, err));
    TRY(rc4_gss_sequence(ctx->key, token + CKSUM_AT, token + SEQ_AT, err));
    ctx->send_seq++;
    return OBOL_OK;
}

static enum obol_code wrap_head_read(struct slice inner, bool *conf, struct error *err) {
    struct slice head = slice_sub(inner, 0, SEQ_AT);
    *conf = slice_eq(head, slice_of(sealed_head, SEQ_AT));
    ENSURE(*conf || slice_eq(head, slice_of(signed_head, SEQ_AT)), TOKEN_MALFORMED,
           "the token is no wrap token of rc4-hmac");
    return OBOL_OK;
}

static enum obol_code check_sum(struct gss_context *ctx, const struct crypto_part *parts,
                                size_t count, const uint8_t *expected, struct error *err) {
    uint8_t sum[RC4_GSS_CKSUM_BYTES];
    TRY(rc4_gss_checksum(ctx->key, RC4_GSS_WRAP, parts, count, sum, err));
    ENSURE(ct_equal(slice_of(sum, sizeof sum), slice_of(expected, sizeof sum)), CHECKSUM_MISMATCH,
           "the wrap token's checksum does not hold");
    return OBOL_OK;
}

// RFC 1964 1.2.2.3: each byte of padding is the number of them.
static enum obol_code check_padding(struct slice end, size_t *padding, struct error *err) {
    size_t pad = end.len ? end.ptr[end.len - 1] : 0;
    bool ok = pad >= 1 && pad <= PAD_MAX && pad <= end.len;
    for (size_t i = 0; ok && i < pad; i++)
        ok = end.ptr[end.len - 1 - i] == pad;
    ENSURE(ok, TOKEN_MALFORMED, "the message does not end in its padding");
    *padding = pad;
    return OBOL_OK;
}

static void wipe_data(const struct gss_pieces *p) {
    for (size_t i = 0; i < p->count; i++)
        if (!p->parts[i].sign_only)
            wipe(p->parts[i].out, p->parts[i].len);
}

// The padding stands in its own buffer or at the end of the last DATA.
static enum obol_code pieces_padding(const struct gss_pieces *p, size_t *padding,
                                     struct error *err) {
    for (size_t i = p->count; i > GSS_PARTS_FRONT; i--) {
        const struct crypto_part *part = &p->parts[i - 1];
        if (!part->sign_only && part->len)
            return check_padding(slice_of(part->out, part->len), padding, err);
    }
    return check_padding((struct slice){0}, padding, err);
}

static enum obol_code rc4_unwrap_pieces(struct gss_context *ctx, const struct gss_pieces *p,
                                        size_t *padding, bool *conf, uint64_t *seq,
                                        struct error *err) {
    struct slice inner;
    size_t data = gss_data_length(p) + p->padding.len;
    // In DCE style the frame leaves the message out, which has no padding.
    bool bare = (ctx->flags & GSS_FLAG_DCE) && !p->whole;
    size_t covered = p->header.len + (bare ? 0 : data);
    ENSURE(frame_read(ctx, slice_of_buf(p->header), covered, WRAP_BYTES, &inner) &&
               inner.len == WRAP_BYTES && p->trailer.len == 0,
           TOKEN_MALFORMED, "a header of %zu bytes and a message of %zu are no wrap token of %s",
           p->header.len, data, "rc4-hmac");
    uint8_t *token = p->header.ptr + rc4_overhead(p), number[8];
    TRY(wrap_head_read(inner, conf, err));
    TRY(get_seq(ctx, token, number, seq, err));
    fill_parts(p, token);
    if (*conf)
        TRY(rc4_gss_stream(ctx->key, number, p->parts, p->count, err));
    *padding = 0;
    enum obol_code code = check_sum(ctx, p->parts, p->count, token + CKSUM_AT, err);
    if (code == OBOL_OK && !bare)
        code = pieces_padding(p, padding, err);
    if (code != OBOL_OK && *conf)
        wipe_data(p);
    return code;
}

static enum obol_code rc4_unwrap(struct gss_context *ctx, struct slice token, struct buf out,
                                 size_t *len, bool *conf, uint64_t *seq, struct error *err) {
    struct slice inner;
    ENSURE(frame_read(ctx, token, token.len, WRAP_BYTES, &inner), TOKEN_MALFORMED,
           "these %zu bytes are no wrap token of rc4-hmac", token.len);
    struct slice data = slice_sub(inner, WRAP_BYTES, inner.len);
    uint8_t number[8], confounder[CONF_BYTES];
    size_t padding = 0;
    ENSURE(data.len <= out.len, INTERNAL, "no room for %zu bytes", data.len);
    TRY(wrap_head_read(inner, conf, err));
    TRY(get_seq(ctx, inner.ptr, number, seq, err));
    struct crypto_part parts[] = {
        signed_part(inner.ptr, SEQ_AT),
        {inner.ptr + CONF_AT, confounder, sizeof confounder, false},
        {data.ptr, out.ptr, data.len, false},
    };
    if (*conf)
        TRY(rc4_gss_stream(ctx->key, number, parts, COUNT_OF(parts), err));
    for (size_t i = 1; i < COUNT_OF(parts); i++) {
        if (!*conf && parts[i].len)
            memcpy(parts[i].out, parts[i].in, parts[i].len);
        parts[i].in = parts[i].out;
    }
    enum obol_code code = check_sum(ctx, parts, COUNT_OF(parts), inner.ptr + CKSUM_AT, err);
    if (code == OBOL_OK)
        code = check_padding(slice_of(out.ptr, data.len), &padding, err);
    if (code == OBOL_OK)
        *len = data.len - padding;
    else
        wipe(out.ptr, data.len);
    wipe(confounder, sizeof confounder);
    return code;
}

static enum obol_code rc4_split(const struct gss_context *ctx, struct buf token, struct buf *header,
                                struct buf *data, struct buf *trailer, struct error *err) {
    struct slice inner;
    ENSURE(frame_read(ctx, slice_of_buf(token), token.len, WRAP_BYTES, &inner), TOKEN_MALFORMED,
           "these %zu bytes are no wrap token of rc4-hmac", token.len);
    size_t head = token.len - inner.len + WRAP_BYTES;
    *header = buf_of(token.ptr, head);
    *data = buf_of(token.ptr + head, token.len - head);
    *trailer = buf_of(NULL, 0);
    return OBOL_OK;
}

static size_t rc4_mic_length(const struct gss_context *ctx) {
    UNUSED(ctx);
    return frame_bytes(MIC_BYTES) + MIC_BYTES;
}

static enum obol_code rc4_mic(struct gss_context *ctx, struct crypto_part *parts, size_t count,
                              struct buf out, struct error *err) {
    uint8_t *token = out.ptr + frame_bytes(MIC_BYTES);
    frame_write(ctx, out.ptr, MIC_BYTES);
    memcpy(token, mic_head, SEQ_AT);
    put_seq((uint32_t)ctx->send_seq, ctx->initiator, token + SEQ_AT);
    parts[0] = signed_part(token, SEQ_AT);
    parts[count - 1] = signed_part(NULL, 0);
    TRY(rc4_gss_checksum(ctx->key, RC4_GSS_MIC, parts, count, token + CKSUM_AT, err));
    TRY(rc4_gss_sequence(ctx->key, token + CKSUM_AT, token + SEQ_AT, err));
    ctx->send_seq++;
    return OBOL_OK;
}

static enum obol_code rc4_verify(struct gss_context *ctx, struct crypto_part *parts, size_t count,
                                 struct slice mic, uint64_t *seq, struct error *err) {
    struct slice inner;
    uint8_t number[8], sum[RC4_GSS_CKSUM_BYTES];
    ENSURE(frame_read(ctx, mic, mic.len, MIC_BYTES, &inner) && inner.len == MIC_BYTES &&
               slice_starts(inner, slice_of(mic_head, SEQ_AT)),
           TOKEN_MALFORMED, "these %zu bytes are no MIC token of rc4-hmac", mic.len);
    TRY(get_seq(ctx, inner.ptr, number, seq, err));
    parts[0] = signed_part(inner.ptr, SEQ_AT);
    parts[count - 1] = signed_part(NULL, 0);
    TRY(rc4_gss_checksum(ctx->key, RC4_GSS_MIC, parts, count, sum, err));
    ENSURE(ct_equal(slice_of(sum, sizeof sum), slice_of(inner.ptr + CKSUM_AT, sizeof sum)),
           CHECKSUM_MISMATCH, "the MIC does not hold for this message");
    return OBOL_OK;
}

const struct gss_tokens gss_tokens_rfc1964 = {
    .layout = rc4_layout,
    .wrap = rc4_wrap,
    .unwrap_pieces = rc4_unwrap_pieces,
    .unwrap = rc4_unwrap,
    .split = rc4_split,
    .mic_length = rc4_mic_length,
    .mic = rc4_mic,
    .verify = rc4_verify,
};
