// cfx.c: MIC and wrap tokens of RFC 4121 4.2. A wrap token is a header of 16 bytes, then either
// what seals the message, EC bytes of filler and a copy of the header, or the message and its
// checksum; what follows the header may be turned right by RRC bytes.
#include "base/ct.h"
#include "gss/token.h"
#include "proto/codes.h"
#include <endian.h>

#define HEADER_BYTES 16u
#define ID_MIC       0x0404
#define ID_WRAP      0x0504

enum { FLAG_ACCEPTOR = 1, FLAG_SEALED = 2, FLAG_SUBKEY = 4 }; // RFC 4121 4.2.2

struct header {
    uint16_t id;
    uint8_t flags;
    uint16_t ec, rrc;
    uint64_t seq;
};

static uint16_t get_be16(const uint8_t *from) {
    return (uint16_t)(from[0] << 8 | from[1]);
}

static uint64_t get_be64(const uint8_t *from) {
    uint64_t v;
    memcpy(&v, from, sizeof v);
    return be64toh(v);
}

static void header_write(uint8_t to[HEADER_BYTES], const struct header *h) {
    // In words: bytes that are read as words soon after make the processor wait.
    const uint64_t rest = h->id == ID_MIC ? 0xffffffff : (uint64_t)h->ec << 16 | h->rrc;
    const uint64_t words[] = {
        htobe64((uint64_t)h->id << 48 | (uint64_t)h->flags << 40 | UINT64_C(0xff) << 32 | rest),
        htobe64(h->seq)};
    memcpy(to, words, HEADER_BYTES);
}

static uint8_t flags_of(const struct gss_context *ctx, bool from_initiator) {
    return (uint8_t)((from_initiator ? 0 : FLAG_ACCEPTOR) |
                     (ctx->acceptor_subkey ? FLAG_SUBKEY : 0));
}

static uint32_t seal_usage(bool from_initiator) {
    return from_initiator ? KU_GSS_INITIATOR_SEAL : KU_GSS_ACCEPTOR_SEAL;
}

static uint32_t sign_usage(bool from_initiator) {
    return from_initiator ? KU_GSS_INITIATOR_SIGN : KU_GSS_ACCEPTOR_SIGN;
}

static size_t mac_bytes(const struct gss_context *ctx) {
    return crypto_key_lengths(ctx->key).mac;
}

static size_t confounder_bytes(const struct gss_context *ctx) {
    return crypto_key_lengths(ctx->key).confounder;
}

static bool is_dce(const struct gss_context *ctx) {
    return (ctx->flags & GSS_FLAG_DCE) != 0;
}

static void cfx_layout(const struct gss_context *ctx, bool conf, enum gss_style style,
                       size_t data_len, struct gss_layout *out) {
    UNUSED(data_len);
    *out = (struct gss_layout){.conf = conf, .header = HEADER_BYTES, .trailer = mac_bytes(ctx)};
    size_t turned = out->trailer;
    if (conf) {
        // Windows refuses sealed AEAD tokens whose EC is 0 (MS-KILE 3.4.5.4.1), and turns by EC
        // bytes more than RRC says.
        out->ec = is_dce(ctx) && style != GSS_STYLE_STREAM ? HEADER_BYTES : 0;
        out->header += confounder_bytes(ctx);
        turned += HEADER_BYTES;
        out->trailer += HEADER_BYTES + out->ec;
    } else {
        out->ec = (uint16_t)mac_bytes(ctx); // RFC 4121 4.2.3: the length of the checksum
    }
    if (style == GSS_STYLE_HEADER) {
        out->rrc = (uint16_t)turned;
        out->header += out->trailer;
        out->trailer = 0;
    }
}

static struct crypto_part part_at(uint8_t *at, size_t len) {
    return (struct crypto_part){at, at, len, false};
}

// RFC 4121 4.2.4: the copy of the header that is sealed or signed has no rotation yet, and what is
// only signed no EC either.
static enum obol_code cfx_wrap(struct gss_context *ctx, const struct gss_layout *layout,
                               const struct gss_pieces *p, const struct env *env,
                               struct error *err) {
    struct header h = {.id = ID_WRAP, .flags = flags_of(ctx, ctx->initiator), .seq = ctx->send_seq};
    uint32_t usage = seal_usage(ctx->initiator);
    struct crypto_part *parts = p->parts, *back = p->parts + p->count - GSS_PARTS_BACK;
    size_t mac = mac_bytes(ctx);
    uint8_t *trailer = layout->trailer ? p->trailer.ptr : p->header.ptr + HEADER_BYTES;
    if (layout->conf) {
        size_t conf = confounder_bytes(ctx);
        h.flags |= FLAG_SEALED;
        h.ec = layout->ec;
        parts[1] = part_at(p->header.ptr + layout->header - conf, conf);
        back[0] = part_at(trailer, layout->ec);
        memset(trailer, 0, layout->ec);
        header_write(trailer + layout->ec, &h);
        back[1] = part_at(trailer + layout->ec, HEADER_BYTES);
        TRY(crypto_seal_parts(ctx->key, usage, env, parts + 1, p->count - 1,
                              buf_of(trailer + layout->ec + HEADER_BYTES, mac), err));
    } else {
        header_write(p->header.ptr, &h);
        back[0] = part_at(p->header.ptr, HEADER_BYTES);
        TRY(crypto_checksum_parts(ctx->key, usage, parts + GSS_PARTS_FRONT,
                                  p->count - GSS_PARTS_FRONT - 1, buf_of(trailer, mac), err));
        h.ec = layout->ec;
    }
    h.rrc = layout->rrc;
    header_write(p->header.ptr, &h);
    ctx->send_seq++;
    return OBOL_OK;
}

// The same for a whole token, which lies in one piece.
static enum obol_code cfx_wrap_short(struct gss_context *ctx, bool conf, struct slice message,
                                     struct buf out, const struct env *env, struct error *err) {
    const struct crypto_lengths lengths = crypto_key_lengths(ctx->key);
    const size_t front = HEADER_BYTES + (conf ? lengths.confounder : 0);
    const size_t need = front + message.len + (conf ? HEADER_BYTES : 0) + lengths.mac;
    struct header h = {.id = ID_WRAP, .flags = flags_of(ctx, ctx->initiator), .seq = ctx->send_seq};
    const uint32_t usage = seal_usage(ctx->initiator);
    ENSURE(out.len == need, INVALID_ARGUMENT, "a token for %zu bytes has %zu, not %zu", message.len,
           need, out.len);
    if (conf) {
        uint8_t copy[HEADER_BYTES];
        h.flags |= FLAG_SEALED;
        header_write(copy, &h);
        TRY(crypto_seal_two(ctx->key, usage, env, message, slice_of(copy, sizeof copy),
                            buf_of(out.ptr + HEADER_BYTES, out.len - HEADER_BYTES), err));
    } else {
        uint8_t *data = out.ptr + front, *behind = data + message.len;
        if (message.len)
            memcpy(data, message.ptr, message.len);
        header_write(out.ptr, &h);
        const struct crypto_part parts[] = {{data, NULL, message.len, true},
                                            {out.ptr, NULL, HEADER_BYTES, true}};
        TRY(crypto_checksum_parts(ctx->key, usage, parts, COUNT_OF(parts),
                                  buf_of(behind, lengths.mac), err));
        h.ec = (uint16_t)lengths.mac; // RFC 4121 4.2.3
    }
    header_write(out.ptr, &h);
    ctx->send_seq++;
    return OBOL_OK;
}

static enum obol_code header_read(const struct gss_context *ctx, struct slice bytes,
                                  struct header *h, struct error *err) {
    ENSURE(bytes.len >= HEADER_BYTES && get_be16(bytes.ptr) == ID_WRAP && bytes.ptr[3] == 0xff,
           TOKEN_MALFORMED, "these %zu bytes are no wrap token", bytes.len);
    *h = (struct header){.id = ID_WRAP,
                         .flags = bytes.ptr[2],
                         .ec = get_be16(bytes.ptr + 4),
                         .rrc = get_be16(bytes.ptr + 6),
                         .seq = get_be64(bytes.ptr + 8)};
    uint8_t expected = flags_of(ctx, !ctx->initiator);
    ENSURE(
        (h->flags & (FLAG_ACCEPTOR | FLAG_SUBKEY)) == expected, CHECKSUM_MISMATCH,
        "the wrap token has flags %u, of the other end %u are expected: it is this end's own, or "
        "of another context",
        h->flags, expected);
    return OBOL_OK;
}

// The sealed copy of the header must be the one that was read, but for the rotation: EC in the
// clear says where the message ends (CVE-2024-37370).
static enum obol_code check_copy(const struct header *h, const uint8_t copy[HEADER_BYTES],
                                 struct error *err) {
    uint8_t expected[HEADER_BYTES];
    struct header sealed = *h;
    sealed.rrc = 0;
    header_write(expected, &sealed);
    ENSURE(ct_equal(slice_of(copy, HEADER_BYTES), slice_of(expected, HEADER_BYTES)),
           DECRYPT_INTEGRITY, "the wrap token's header was altered");
    return OBOL_OK;
}

// RFC 4121 4.2.4: the checksum of what is only signed covers a header without EC and RRC.
static enum obol_code verify_signed(struct gss_context *ctx, const struct header *h,
                                    struct crypto_part *parts, size_t count, struct slice mac,
                                    struct error *err) {
    uint8_t covered[HEADER_BYTES];
    struct header clear = *h;
    clear.ec = clear.rrc = 0;
    header_write(covered, &clear);
    parts[count - 1] = (struct crypto_part){covered, NULL, sizeof covered, true};
    enum obol_code code =
        crypto_verify_parts(ctx->key, seal_usage(!ctx->initiator), parts, count, mac, err);
    parts[count - 1].in = NULL;
    return code;
}

// What stands behind the header when nothing is turned: filler, copy of the header and checksum, or
// the checksum alone. False if EC cannot be so.
static bool tail_length(const struct gss_context *ctx, const struct header *h, size_t *len) {
    bool sealed = h->flags & FLAG_SEALED;
    *len = mac_bytes(ctx) + (sealed ? HEADER_BYTES + h->ec : 0);
    return sealed || h->ec == mac_bytes(ctx);
}

static enum obol_code cfx_unwrap_pieces(struct gss_context *ctx, const struct gss_pieces *p,
                                        size_t *padding, bool *conf, uint64_t *seq,
                                        struct error *err) {
    struct header h;
    TRY(header_read(ctx, slice_of_buf(p->header), &h, err));
    size_t tail, mac = mac_bytes(ctx);
    *conf = h.flags & FLAG_SEALED;
    *seq = h.seq;
    *padding = 0;
    bool apart = p->trailer.ptr != NULL;
    // Without a trailer all stands in the header, turned by exactly that; Windows leaves EC out.
    bool fits = tail_length(ctx, &h, &tail);
    size_t turned = apart ? 0 : *conf && is_dce(ctx) ? tail - h.ec : tail;
    size_t front = HEADER_BYTES + (*conf ? confounder_bytes(ctx) : 0) + (apart ? 0 : tail);
    ENSURE(fits && h.rrc == turned && p->header.len == front && (!apart || p->trailer.len == tail),
           TOKEN_MALFORMED,
           "the wrap token has EC %u and RRC %u, which do not go with a header of %zu bytes and a "
           "trailer of %zu",
           h.ec, h.rrc, p->header.len, p->trailer.len);
    uint8_t *trailer = apart ? p->trailer.ptr : p->header.ptr + HEADER_BYTES;
    struct crypto_part *parts = p->parts, *back = p->parts + p->count - GSS_PARTS_BACK;
    if (!*conf)
        return verify_signed(ctx, &h, parts + GSS_PARTS_FRONT, p->count - GSS_PARTS_FRONT - 1,
                             slice_of(trailer, mac), err);
    parts[0] = part_at(NULL, 0);
    parts[1] = part_at(p->header.ptr + front - confounder_bytes(ctx), confounder_bytes(ctx));
    back[0] = part_at(trailer, h.ec);
    back[1] = part_at(trailer + h.ec, HEADER_BYTES);
    TRY(crypto_open_parts(ctx->key, seal_usage(!ctx->initiator), parts + 1, p->count - 1,
                          slice_of(trailer + h.ec + HEADER_BYTES, mac), err));
    enum obol_code code = check_copy(&h, back[1].out, err);
    for (size_t i = 0; code != OBOL_OK && i < p->count; i++)
        if (!parts[i].sign_only)
            wipe(parts[i].out, parts[i].len);
    return code;
}

// A whole token whose body is turned lies in two runs of bytes, and is read so.
struct runs {
    struct slice run[2];
};

static struct runs turn_back(struct slice body, size_t rrc) {
    size_t turned = body.len ? rrc % body.len : 0;
    return (struct runs){{slice_sub(body, turned, body.len), slice_sub(body, 0, turned)}};
}

// Takes the next n bytes as one or two parts that come out at `out`.
static size_t take(struct runs *r, size_t n, uint8_t *out, struct crypto_part *parts) {
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        size_t len = n < r->run[i].len ? n : r->run[i].len;
        if (len == 0)
            continue;
        parts[count++] = (struct crypto_part){r->run[i].ptr, out, len, false};
        r->run[i] = slice_sub(r->run[i], len, r->run[i].len);
        out += len;
        n -= len;
    }
    return count;
}

static void copy_out(const struct crypto_part *parts, size_t count) {
    for (size_t i = 0; i < count; i++)
        memcpy(parts[i].out, parts[i].in, parts[i].len);
}

static enum obol_code open_sealed(struct gss_context *ctx, const struct header *h, struct runs r,
                                  size_t len, struct buf out, struct error *err) {
    struct crypto_part parts[4], mac_parts[2];
    uint8_t confounder[HEADER_BYTES], mac[CRYPTO_CKSUM_MAX];
    // The message, the filler and the copy of the header come out one behind the other.
    size_t rest = len + h->ec + HEADER_BYTES,
           count = take(&r, confounder_bytes(ctx), confounder, parts);
    ENSURE(confounder_bytes(ctx) <= sizeof confounder && rest <= out.len, INTERNAL,
           "no room for %zu bytes", rest);
    count += take(&r, rest, out.ptr, parts + count);
    copy_out(mac_parts, take(&r, mac_bytes(ctx), mac, mac_parts));
    enum obol_code code = crypto_open_parts(ctx->key, seal_usage(!ctx->initiator), parts, count,
                                            slice_of(mac, mac_bytes(ctx)), err);
    wipe(confounder, sizeof confounder);
    TRY(code);
    code = check_copy(h, out.ptr + len + h->ec, err);
    if (code != OBOL_OK)
        wipe(out.ptr, rest);
    return code;
}

// A sealed token that is not turned is a header and what crypto_seal makes, and may be opened so.
static enum obol_code open_whole(struct gss_context *ctx, const struct header *h, struct slice body,
                                 size_t len, struct buf out, struct error *err) {
    struct slice plain;
    TRY(crypto_open(ctx->key, seal_usage(!ctx->initiator), body, out, &plain, err));
    enum obol_code code = check_copy(h, plain.ptr + len + h->ec, err);
    if (LIKELY(code == OBOL_OK) && plain.ptr != out.ptr)
        memmove(out.ptr, plain.ptr, plain.len);
    else if (code != OBOL_OK)
        wipe(out.ptr, body.len);
    return code;
}

static enum obol_code open_clear(struct gss_context *ctx, const struct header *h, struct slice body,
                                 size_t len, struct buf out, struct error *err) {
    struct crypto_part parts[] = {{body.ptr, NULL, len, true}, {0}};
    ENSURE(len <= out.len, INTERNAL, "no room for %zu bytes", len);
    TRY(verify_signed(ctx, h, parts, COUNT_OF(parts), slice_of(body.ptr + len, body.len - len),
                      err));
    if (len)
        memcpy(out.ptr, body.ptr, len);
    return OBOL_OK;
}

static enum obol_code open_signed(struct gss_context *ctx, const struct header *h, struct runs r,
                                  size_t len, struct buf out, struct error *err) {
    struct crypto_part parts[3], mac_parts[2];
    uint8_t mac[CRYPTO_CKSUM_MAX];
    ENSURE(len <= out.len, INTERNAL, "no room for %zu bytes", len);
    size_t count = take(&r, len, out.ptr, parts);
    copy_out(mac_parts, take(&r, mac_bytes(ctx), mac, mac_parts));
    TRY(verify_signed(ctx, h, parts, count + 1, slice_of(mac, mac_bytes(ctx)), err));
    copy_out(parts, count);
    return OBOL_OK;
}

static enum obol_code cfx_unwrap(struct gss_context *ctx, struct slice token, struct buf out,
                                 size_t *len, bool *conf, uint64_t *seq, struct error *err) {
    struct header h;
    TRY(header_read(ctx, token, &h, err));
    struct slice body = slice_sub(token, HEADER_BYTES, token.len);
    size_t tail, front = h.flags & FLAG_SEALED ? confounder_bytes(ctx) : 0;
    *conf = h.flags & FLAG_SEALED;
    *seq = h.seq;
    ENSURE(tail_length(ctx, &h, &tail) && body.len >= tail + front, TOKEN_MALFORMED,
           "the wrap token of %zu bytes has EC %u", token.len, h.ec);
    *len = body.len - tail - front;
    if (*conf && h.rrc == 0 && body.len <= GSS_SHORT_MAX)
        return open_whole(ctx, &h, body, *len, out, err);
    if (!*conf && h.rrc == 0)
        return open_clear(ctx, &h, body, *len, out, err);
    // In DCE style Windows turns by EC bytes more than it says.
    struct runs r = turn_back(body, h.rrc + (*conf && is_dce(ctx) && h.rrc ? h.ec : 0u));
    return *conf ? open_sealed(ctx, &h, r, *len, out, err)
                 : open_signed(ctx, &h, r, *len, out, err);
}

static void reverse(uint8_t *at, size_t len) {
    for (size_t i = 0; i < len / 2; i++) {
        uint8_t swap = at[i];
        at[i] = at[len - 1 - i];
        at[len - 1 - i] = swap;
    }
}

static enum obol_code cfx_split(const struct gss_context *ctx, struct buf token, struct buf *header,
                                struct buf *data, struct buf *trailer, struct error *err) {
    struct header h;
    TRY(header_read(ctx, slice_of_buf(token), &h, err));
    uint8_t *body = token.ptr + HEADER_BYTES;
    bool sealed = h.flags & FLAG_SEALED;
    size_t tail, len = token.len - HEADER_BYTES, front = sealed ? confounder_bytes(ctx) : 0;
    ENSURE(tail_length(ctx, &h, &tail) && len >= tail + front, TOKEN_MALFORMED,
           "the wrap token of %zu bytes has EC %u", token.len, h.ec);
    size_t turned = (h.rrc + (sealed && is_dce(ctx) && h.rrc ? h.ec : 0u)) % len;
    if (turned) { // left by so many, in three turns about
        reverse(body, turned);
        reverse(body + turned, len - turned);
        reverse(body, len);
    }
    h.rrc = 0;
    header_write(token.ptr, &h);
    *header = buf_of(token.ptr, HEADER_BYTES + front);
    *data = buf_of(body + front, len - front - tail);
    *trailer = buf_of(body + len - tail, tail);
    return OBOL_OK;
}

static size_t cfx_mic_length(const struct gss_context *ctx) {
    return HEADER_BYTES + mac_bytes(ctx);
}

static enum obol_code cfx_mic(struct gss_context *ctx, struct crypto_part *parts, size_t count,
                              struct buf out, struct error *err) {
    const struct header h = {
        .id = ID_MIC, .flags = flags_of(ctx, ctx->initiator), .seq = ctx->send_seq};
    header_write(out.ptr, &h);
    parts[0] = part_at(NULL, 0);
    parts[count - 1] = part_at(out.ptr, HEADER_BYTES);
    TRY(crypto_checksum_parts(ctx->key, sign_usage(ctx->initiator), parts, count,
                              buf_of(out.ptr + HEADER_BYTES, mac_bytes(ctx)), err));
    ctx->send_seq++;
    return OBOL_OK;
}

static enum obol_code cfx_verify(struct gss_context *ctx, struct crypto_part *parts, size_t count,
                                 struct slice mic, uint64_t *seq, struct error *err) {
    ENSURE(mic.len == cfx_mic_length(ctx) && get_be16(mic.ptr) == ID_MIC &&
               slice_eq_str(slice_sub(mic, 3, 5), "\xff\xff\xff\xff\xff"),
           TOKEN_MALFORMED, "these %zu bytes are no MIC token of %s", mic.len,
           enctype_name(crypto_key_enctype(ctx->key)));
    uint8_t expected = flags_of(ctx, !ctx->initiator);
    ENSURE(mic.ptr[2] == expected, CHECKSUM_MISMATCH,
           "the MIC token has flags %u, of the other end %u are expected: it is this end's own, or "
           "of another context",
           mic.ptr[2], expected);
    *seq = get_be64(mic.ptr + 8);
    parts[0] = part_at(NULL, 0);
    parts[count - 1] = (struct crypto_part){mic.ptr, NULL, HEADER_BYTES, true};
    return crypto_verify_parts(ctx->key, sign_usage(!ctx->initiator), parts, count,
                               slice_sub(mic, HEADER_BYTES, mic.len), err);
}

const struct gss_tokens gss_tokens_cfx = {
    .layout = cfx_layout,
    .wrap = cfx_wrap,
    .wrap_short = cfx_wrap_short,
    .unwrap_pieces = cfx_unwrap_pieces,
    .unwrap = cfx_unwrap,
    .split = cfx_split,
    .mic_length = cfx_mic_length,
    .mic = cfx_mic,
    .verify = cfx_verify,
};
