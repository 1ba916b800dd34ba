// context.c: the authenticator's checksum (RFC 4121 4.1.1) and MIC tokens (RFC
// 4121 4.2.4, 4.2.6.1).
#include "gss/context.h"
#include "base/reader.h"
#include "proto/codes.h"

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

#define MIC_TOKEN_ID      0x0404
#define MIC_HEADER_BYTES  16u
#define MIC_FLAG_ACCEPTOR 1 // sent by the acceptor
#define MIC_FLAG_SUBKEY   4 // the acceptor's subkey protects

static uint8_t mic_flags(const struct gss_context *ctx, bool from_initiator) {
    return (uint8_t)((from_initiator ? 0 : MIC_FLAG_ACCEPTOR) |
                     (ctx->acceptor_subkey ? MIC_FLAG_SUBKEY : 0));
}

static uint32_t mic_usage(bool from_initiator) {
    return from_initiator ? KU_GSS_INITIATOR_SIGN : KU_GSS_ACCEPTOR_SIGN;
}

static void write_mic_header(struct writer *w, uint8_t flags, uint64_t seq) {
    writer_be16(w, MIC_TOKEN_ID);
    writer_u8(w, flags);
    writer_str(w, "\xff\xff\xff\xff\xff");
    writer_be64(w, seq);
}

enum obol_code gss_mic_make(struct gss_context *ctx, struct slice message, struct arena *a,
                            struct slice *out, struct error *err) {
    // The checksum covers the message and then the header.
    struct writer covered = writer_to_arena(a), w = writer_to_arena(a);
    uint8_t flags = mic_flags(ctx, ctx->initiator);
    writer_bytes(&covered, message);
    write_mic_header(&covered, flags, ctx->send_seq);
    write_mic_header(&w, flags, ctx->send_seq);
    struct buf room = writer_room(&w, enctype_checksum_length(crypto_key_enctype(ctx->key)));
    ENSURE(writer_ok(&covered) && writer_ok(&w), NO_MEMORY, "no room for a MIC token");
    TRY(crypto_checksum(ctx->key, mic_usage(ctx->initiator), writer_slice(&covered), room, err));
    ctx->send_seq++;
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code gss_mic_verify(const struct gss_context *ctx, struct slice message, struct slice mic,
                              struct arena *a, uint64_t *seq, struct error *err) {
    struct reader r = reader_of(mic);
    uint16_t id = reader_be16(&r);
    uint8_t flags = reader_u8(&r);
    struct slice filler = reader_bytes(&r, 5);
    *seq = reader_be64(&r);
    struct slice checksum = reader_rest(&r);
    ENSURE(reader_ok(&r) && id == MIC_TOKEN_ID && slice_eq_str(filler, "\xff\xff\xff\xff\xff"),
           TOKEN_MALFORMED, "these %zu bytes are no MIC token", mic.len);
    ENSURE(flags == mic_flags(ctx, !ctx->initiator), KRB_AP_ERR_MODIFIED,
           "the MIC token has flags %u, %u are expected of the other end", flags,
           mic_flags(ctx, !ctx->initiator));
    struct writer covered = writer_to_arena(a);
    writer_bytes(&covered, message);
    writer_bytes(&covered, slice_sub(mic, 0, MIC_HEADER_BYTES));
    ENSURE(writer_ok(&covered), NO_MEMORY, "no room to check a MIC token");
    int32_t type = enctype_checksum_type(crypto_key_enctype(ctx->key));
    enum obol_code code = crypto_verify(ctx->key, mic_usage(!ctx->initiator), type,
                                        writer_slice(&covered), checksum, NULL);
    ENSURE(code == OBOL_OK, KRB_AP_ERR_MODIFIED, "the MIC does not hold for this message");
    return OBOL_OK;
}
