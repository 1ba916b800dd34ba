// fuzz_gss_message.c: tokens of messages, with the keys at hand, so that what stands behind the
// decryption is reached. The first byte chooses what is done, the second the enctype, the third the
// context's style; the rest are bytes of a token, of its pieces, or of what a token seals.
#include "base/reader.h"
#include "crypto/rc4_gss.h"
#include "fuzz.h"
#include "gssapi/handles.h"
#include <stdlib.h>

static const uint8_t KEY[CRYPTO_KEY_MAX] = "the key of two ends of a context";

static gss_ctx_id_t context(uint8_t enctype, uint8_t style) {
    size_t n = 0;
    while (enctype_at(n))
        n++;
    const struct enctype *e = enctype_at(enctype % n);
    gss_ctx_id_t ctx = gssapi_context_new();
    must_hold(ctx);
    ctx->state = GSSAPI_CTX_ESTABLISHED;
    ctx->mech = gssapi_mech_oid(GSSAPI_KRB5);
    ctx->core = arena_zalloc(ctx->arena, 1, sizeof *ctx->core);
    must_hold(ctx->core);
    ctx->core->flags = style & 1 ? GSS_FLAG_DCE | GSS_FLAG_SEQUENCE : GSS_FLAG_REPLAY;
    ctx->core->acceptor_subkey = style & 2;
    must_hold(crypto_key_in_arena(&ctx->core->key, ctx->arena, enctype_number(e),
                                  slice_of(KEY, enctype_key_length(e)), NULL) == OBOL_OK);
    return ctx;
}

static void unwrap_whole(gss_ctx_id_t ctx, struct slice token) {
    OM_uint32 minor;
    int conf;
    gss_buffer_desc in = {token.len, (void *)(uintptr_t)token.ptr}, out;
    OM_uint32 major = gss_unwrap(&minor, ctx, &in, &out, &conf, NULL);
    must_hold(GSS_ERROR(major) ? out.value == NULL : out.length < token.len);
    (void)gss_release_buffer(&minor, &out);
}

static void verify_mic(gss_ctx_id_t ctx, struct reader *r) {
    OM_uint32 minor;
    struct slice message = reader_counted16(r), mic = reader_rest(r);
    gss_buffer_desc in = {message.len, (void *)(uintptr_t)message.ptr},
                    token = {mic.len, (void *)(uintptr_t)mic.ptr};
    (void)gss_verify_mic(&minor, ctx, &in, &token, NULL);
}

// Each piece: its type, its length, its bytes. They are opened in place, in memory of their size.
static void unwrap_pieces(gss_ctx_id_t ctx, struct reader *r) {
    gss_iov_buffer_desc iov[16];
    uint8_t *memory[16];
    OM_uint32 minor;
    int count = 0;
    while (count < 16 && reader_left(r)) {
        OM_uint32 type = reader_u8(r) % 13;
        struct slice bytes = reader_counted16(r);
        memory[count] = bytes.len ? malloc(bytes.len) : NULL;
        if (bytes.len) {
            must_hold(memory[count]);
            memcpy(memory[count], bytes.ptr, bytes.len);
        }
        iov[count] = (gss_iov_buffer_desc){type, {bytes.len, memory[count]}};
        count++;
    }
    (void)gss_unwrap_iov(&minor, ctx, NULL, NULL, iov, count);
    for (int i = 0; i < count; i++)
        free(memory[i]);
}

// A header of any bytes in front of any bytes that are sealed rightly (RFC 4121 4.2.4).
static void unwrap_sealed(gss_ctx_id_t ctx, struct slice header, struct slice plain) {
    struct crypto_key *key = ctx->core->key;
    const struct enctype *e = crypto_key_enctype(key);
    struct buf token = arena_buf(ctx->arena, header.len + enctype_sealed_length(e, plain.len));
    if (!token.ptr)
        return;
    memcpy(token.ptr, header.ptr, header.len);
    must_hold(crypto_seal(key, 24, env_system(), plain,
                          buf_of(token.ptr + header.len, token.len - header.len), NULL) == OBOL_OK);
    unwrap_whole(ctx, slice_of_buf(token));
}

// The same for rc4: algorithms and body of any bytes under a right checksum (RFC 4757 7.3).
static void unwrap_rc4(gss_ctx_id_t ctx, struct slice header, struct slice plain) {
    static const uint8_t oid[] = {0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2};
    size_t inner = sizeof oid + 32 + plain.len;
    struct buf token = arena_buf(ctx->arena, 4 + inner);
    if (!token.ptr || inner > 0xffff || inner < 0x100 || header.len < 16)
        return;
    const uint8_t frame[] = {0x60, 0x82, (uint8_t)(inner >> 8), (uint8_t)inner};
    uint8_t *body = token.ptr + sizeof frame + sizeof oid;
    memcpy(token.ptr, frame, sizeof frame);
    memcpy(token.ptr + sizeof frame, oid, sizeof oid);
    memcpy(body, header.ptr, 16);
    memcpy(body + 24, header.ptr, 8);
    memcpy(body + 32, plain.ptr, plain.len);
    const struct crypto_part parts[] = {{body, NULL, 8, true},
                                        {body + 24, body + 24, 8, false},
                                        {body + 32, body + 32, plain.len, false}};
    struct crypto_key *key = ctx->core->key;
    must_hold(rc4_gss_checksum(key, RC4_GSS_WRAP, parts, 3, body + 16, NULL) == OBOL_OK);
    if (body[4] == 0x10)
        must_hold(rc4_gss_stream(key, body + 8, parts, 3, NULL) == OBOL_OK);
    must_hold(rc4_gss_sequence(key, body + 16, body + 8, NULL) == OBOL_OK);
    unwrap_whole(ctx, slice_of_buf(token));
}

static void seal_and_unwrap(gss_ctx_id_t ctx, struct reader *r) {
    struct slice header = reader_bytes(r, 16), plain = reader_rest(r);
    if (!reader_ok(r))
        return;
    if (enctype_is_weak(crypto_key_enctype(ctx->core->key)))
        unwrap_rc4(ctx, header, plain);
    else
        unwrap_sealed(ctx, header, plain);
}

// What is imported is exported as the same bytes, and protects messages.
static void import(struct slice bytes) {
    OM_uint32 minor;
    gss_buffer_desc in = {bytes.len, (void *)(uintptr_t)bytes.ptr},
                    message = {4, (void *)(uintptr_t) "text"}, out;
    gss_ctx_id_t ctx;
    if (gss_import_sec_context(&minor, &in, &ctx) != GSS_S_COMPLETE)
        return;
    must_hold(gss_export_sec_context(&minor, &ctx, &out) == GSS_S_COMPLETE && !ctx);
    must_hold(out.length == bytes.len && memcmp(out.value, bytes.ptr, bytes.len) == 0);
    must_hold(gss_import_sec_context(&minor, &out, &ctx) == GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &out);
    must_hold(gss_wrap(&minor, ctx, 1, 0, &message, NULL, &out) == GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &out);
    gssapi_context_free(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3)
        return 0;
    struct reader r = reader_of(slice_of(data + 3, size - 3));
    if (data[0] % 5 == 4) {
        import(reader_rest(&r));
        return 0;
    }
    gss_ctx_id_t ctx = context(data[1], data[2]);
    if (data[0] % 5 == 0)
        unwrap_whole(ctx, reader_rest(&r));
    else if (data[0] % 5 == 1)
        verify_mic(ctx, &r);
    else if (data[0] % 5 == 2)
        unwrap_pieces(ctx, &r);
    else
        seal_and_unwrap(ctx, &r);
    gssapi_context_free(ctx);
    return 0;
}
