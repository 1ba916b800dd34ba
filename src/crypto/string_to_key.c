// string_to_key.c: keys from passwords. PBKDF2 and a derivation for AES and Camellia (RFC 3962 4,
// RFC 6803 4, RFC 8009 4), MD4 for rc4 (RFC 4757 2).
#include "base/ct.h"
#include "base/reader.h"
#include "crypto/enctype.h"

#define PASSWORD_MAX   1024 // bytes
#define SALT_MAX       2048 // bytes
#define ITERATIONS_MAX 1000000

// RFC 6803 4, RFC 8009 4: the enctype's name and a NUL stand before the salt; not so in RFC 3962.
static struct slice salt_of(const struct enctype *e, struct slice salt, uint8_t *joined) {
    if (e->derive == derive_aes)
        return salt;
    size_t name = strlen(e->name) + 1;
    memcpy(joined, e->name, name);
    if (salt.len)
        memcpy(joined + name, salt.ptr, salt.len);
    return slice_of(joined, name + salt.len);
}

enum obol_code s2k_pbkdf2(const struct enctype *e, struct slice password, struct slice salt,
                          uint32_t iterations, struct buf out, struct error *err) {
    uint8_t joined[SALT_MAX + 64], bytes[CRYPTO_KEY_MAX];
    _Alignas(16) uint8_t memory[KEY_TRANSIENT_SIZE];
    struct crypto_key *key = (struct crypto_key *)memory;
    pbkdf2(e->s2k_hash, password, salt_of(e, salt, joined), iterations,
           buf_of(bytes, e->key_length));
    key_init_transient(key, e, slice_of(bytes, e->key_length));
    enum obol_code code = e->derive(key, SLICE_LITERAL("kerberos"), out, err);
    wipe(memory, sizeof memory);
    wipe(bytes, sizeof bytes);
    return code;
}

// One character of UTF-8, well-formed and shortest; false if there is none.
static bool next_character(struct reader *r, uint32_t *out) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t lead = reader_u8(r);
    size_t more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    uint32_t c = more == 0 ? lead : lead & (0x3fu >> more);
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4)
        return false;
    for (size_t i = 0; i < more; i++) {
        uint8_t next = reader_u8(r);
        if ((next & 0xc0) != 0x80)
            return false;
        c = c << 6 | (next & 0x3f);
    }
    *out = c;
    return reader_ok(r) && c >= least[more] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

static void put_utf16(struct writer *w, uint32_t c) {
    if (c < 0x10000) {
        writer_le16(w, (uint16_t)c);
        return;
    }
    writer_le16(w, (uint16_t)(0xd800 + ((c - 0x10000) >> 10)));
    writer_le16(w, (uint16_t)(0xdc00 + ((c - 0x10000) & 0x3ff)));
}

enum obol_code s2k_rc4(const struct enctype *e, struct slice password, struct slice salt,
                       uint32_t iterations, struct buf out, struct error *err) {
    UNUSED(salt);
    UNUSED(iterations);
    UNUSED(e);
    uint8_t wide[2 * PASSWORD_MAX];
    struct writer w = writer_to_buf(buf_of(wide, sizeof wide));
    struct reader r = reader_of(password);
    bool ok = true;
    while (ok && reader_left(&r)) {
        uint32_t c;
        ok = next_character(&r, &c);
        if (ok)
            put_utf16(&w, c);
    }
    struct slice text = writer_slice(&w);
    if (ok)
        hash_compute(HASH_MD4, &text, 1, out.ptr);
    wipe(wide, sizeof wide);
    ENSURE(ok, INVALID_ARGUMENT, "the password is not UTF-8");
    return OBOL_OK;
}

enum obol_code crypto_string_to_key_count(const struct enctype *e, struct slice password,
                                          struct slice salt, uint32_t iterations, struct buf out,
                                          struct error *err) {
    ENSURE(out.len == e->key_length, KEY_LENGTH, "a key of %s has %zu bytes, not %zu", e->name,
           e->key_length, out.len);
    ENSURE(password.len <= PASSWORD_MAX, CRYPTO_PARAMETER,
           "a password of %zu bytes, at most %d are taken", password.len, PASSWORD_MAX);
    ENSURE(salt.len <= SALT_MAX, CRYPTO_PARAMETER, "a salt of %zu bytes, at most %d are taken",
           salt.len, SALT_MAX);
    ENSURE(iterations > 0 || e->iterations == 0, CRYPTO_PARAMETER, "no iterations at all");
    ENSURE(primitive_start(), CRYPTO_LIBRARY, "libcrypto lacks AES in CBC or ECB mode");
    return e->string_to_key(e, password, salt, iterations, out, err);
}

enum obol_code crypto_string_to_key(const struct enctype *e, struct slice password,
                                    struct slice salt, struct slice params, uint32_t max_iterations,
                                    struct buf out, struct error *err) {
    uint32_t iterations = e->iterations, max = max_iterations ? max_iterations : ITERATIONS_MAX;
    if (params.len && e->iterations) {
        struct reader r = reader_of(params);
        iterations = reader_be32(&r);
        ENSURE(reader_done(&r), CRYPTO_PARAMETER, "s2kparams of %s have 4 bytes, not %zu", e->name,
               params.len);
        // RFC 3962 4: zero stands for 2^32, which is out of bounds as well.
        ENSURE(iterations >= e->iterations && iterations <= max, CRYPTO_PARAMETER,
               "%u iterations are asked for %s, between %u and %u are taken", iterations, e->name,
               e->iterations, max);
    }
    ENSURE(params.len == 0 || e->iterations, CRYPTO_PARAMETER,
           "%s takes no s2kparams, %zu bytes came", e->name, params.len);
    return crypto_string_to_key_count(e, password, salt, iterations, out, err);
}
