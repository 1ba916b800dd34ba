// aes_sha2.c: aes128-cts-hmac-sha256-128 and aes256-cts-hmac-sha384-192 (RFC 8009). Enciphered
// first, then authenticated together with the IV, which is zero: a forgery is never deciphered.
#include "base/ct.h"
#include "crypto/aes.h"

// RFC 8009 5: the checksum is over the IV and the ciphertext.
static void mac_of(const struct enctype *e, const struct aes_slot *s, struct slice cipher_text,
                   uint8_t *out) {
    static const uint8_t iv[BLOCK_LENGTH];
    const struct slice parts[] = {slice_of(iv, sizeof iv), cipher_text};
    if (cipher_text.len > CTS_SHORT_MAX) {
        hmac_compute(&s->ki, e->hash, parts, COUNT_OF(parts), out);
        return;
    }
    struct cts_short m;
    memset(m.bytes, 0, BLOCK_LENGTH);
    memcpy(cts_short_data(&m), cipher_text.ptr, cipher_text.len);
    hmac_whole(&s->ki, e->hash, m.bytes, BLOCK_LENGTH + cipher_text.len, out);
}

static bool seal_small(struct cipher *c, enum hash hash, const struct aes_slot *s,
                       const struct env *env, const struct slice plain[2], size_t len, uint8_t *out,
                       uint8_t *full) {
    struct cts_short m;
    uint8_t *data = cts_short_data(&m);
    memset(m.bytes, 0, BLOCK_LENGTH); // the IV
    env_random(env, buf_of(data, BLOCK_LENGTH));
    plain_put(data + BLOCK_LENGTH, plain);
    if (UNLIKELY(!cts_short_seal(c, &m, len))) {
        wipe(&m, sizeof m);
        return false;
    }
    hmac_whole(&s->ki, hash, m.bytes, BLOCK_LENGTH + len, full);
    memcpy(out, data, len);
    return true;
}

static enum obol_code sha2_seal(struct crypto_key *key, void *slot, uint32_t usage,
                                const struct env *env, const struct slice plain[2], struct buf out,
                                struct error *err) {
    struct aes_slot *s = slot;
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_SEAL, &c, err));
    TRY(aes_ki(key, s, usage, err));
    uint8_t mac[HASH_MAX];
    size_t len = BLOCK_LENGTH + plain_length(plain);
    enum hash hash = key->enctype->hash;
    bool ok = len <= CTS_SHORT_MAX ? seal_small(c, hash, s, env, plain, len, out.ptr, mac)
                                   : aes_seal_long(c, s, hash, true, env, plain, out.ptr, mac);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", len);
    memcpy(out.ptr + len, mac, key->enctype->mac_length);
    return OBOL_OK;
}

static enum obol_code sha2_open(struct crypto_key *key, void *slot, uint32_t usage,
                                struct slice sealed, struct buf out, struct slice *plain,
                                struct error *err) {
    struct aes_slot *s = slot;
    TRY(aes_ki(key, s, usage, err));
    size_t mac_length = key->enctype->mac_length, len = sealed.len - mac_length;
    uint8_t mac[HASH_MAX];
    mac_of(key->enctype, s, slice_of(sealed.ptr, len), mac);
    bool same = ct_equal(slice_of(mac, mac_length), slice_of(sealed.ptr + len, mac_length));
    wipe(mac, sizeof mac);
    ENSURE(same, DECRYPT_INTEGRITY, "%zu bytes sealed with %s for usage %u", sealed.len,
           key->enctype->name, usage);
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_OPEN, &c, err));
    const bool rest = len > 2 * BLOCK_LENGTH; // nobody needs the confounder
    bool ok =
        rest ? cts_open_rest(c, sealed.ptr, out.ptr, len) : cts_open(c, sealed.ptr, out.ptr, len);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", len);
    *plain = slice_of(out.ptr + (rest ? 0 : BLOCK_LENGTH), len - BLOCK_LENGTH);
    return OBOL_OK;
}

// Over the ciphertext that is to be opened.
static void mac_of_parts(const struct enctype *e, const struct aes_slot *s,
                         const struct crypto_part *parts, size_t count, uint8_t *mac) {
    static const uint8_t iv[BLOCK_LENGTH];
    struct hmac_run run;
    hmac_begin(&run, &s->ki, e->hash);
    hmac_add(&run, iv, sizeof iv);
    for (size_t i = 0; i < count; i++)
        hmac_add(&run, parts[i].in, parts[i].len);
    hmac_end(&run, mac);
}

// A short message is gathered once, for the cipher and the checksum alike; the IV stands in front.
static bool seal_short(struct cipher *c, const struct enctype *e, const struct aes_slot *s,
                       const struct crypto_part *parts, size_t count, size_t total, uint8_t *full) {
    struct cts_short m;
    cts_short_take(&m, parts, count, total);
    if (UNLIKELY(!cts_short_seal(c, &m, total))) {
        wipe(&m, sizeof m);
        return false;
    }
    cts_short_put(&m, parts, count, total);
    memset(m.bytes, 0, BLOCK_LENGTH);
    hmac_whole(&s->ki, e->hash, m.bytes, BLOCK_LENGTH + total, full);
    return true;
}

static enum obol_code sha2_seal_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                      const struct crypto_part *parts, size_t count, size_t total,
                                      uint8_t *mac, struct error *err) {
    struct aes_slot *s = slot;
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_SEAL, &c, err));
    TRY(aes_ki(key, s, usage, err));
    uint8_t full[HASH_MAX];
    const struct enctype *e = key->enctype;
    bool ok;
    if (cts_short_fits(parts, count, total))
        ok = seal_short(c, e, s, parts, count, total, full);
    else
        ok = aes_seal_parts(c, s, e->hash, true, parts, count, total, full);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", total);
    memcpy(mac, full, key->enctype->mac_length);
    return OBOL_OK;
}

static bool same_mac(const struct crypto_key *key, const uint8_t *full, const uint8_t *mac) {
    size_t len = key->enctype->mac_length;
    return LIKELY(ct_equal(slice_of(full, len), slice_of(mac, len)));
}

static enum obol_code open_short(struct crypto_key *key, struct aes_slot *s, uint32_t usage,
                                 const struct crypto_part *parts, size_t count, size_t total,
                                 const uint8_t *mac, struct error *err) {
    struct cts_short m;
    uint8_t full[HASH_MAX];
    cts_short_take(&m, parts, count, total);
    memset(m.bytes, 0, BLOCK_LENGTH);
    hmac_whole(&s->ki, key->enctype->hash, m.bytes, BLOCK_LENGTH + total, full);
    bool same = same_mac(key, full, mac);
    wipe(full, sizeof full);
    if (!same)
        return parts_mac_failed(key, usage, total, err);
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_OPEN_CHAIN, &c, err));
    bool ok = cts_short_open(c, &m, total);
    if (LIKELY(ok))
        cts_short_put(&m, parts, count, total);
    wipe(cts_short_data(&m), total);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", total);
    return OBOL_OK;
}

static enum obol_code sha2_open_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                      const struct crypto_part *parts, size_t count, size_t total,
                                      const uint8_t *mac, struct error *err) {
    struct aes_slot *s = slot;
    TRY(aes_ki(key, s, usage, err));
    if (cts_short_fits(parts, count, total))
        return open_short(key, s, usage, parts, count, total, mac, err);
    uint8_t full[HASH_MAX];
    mac_of_parts(key->enctype, s, parts, count, full);
    bool same = same_mac(key, full, mac);
    wipe(full, sizeof full);
    if (!same)
        return parts_mac_failed(key, usage, total, err);
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_OPEN_CHAIN, &c, err));
    ENSURE(cts_open_parts(c, parts, count, total), CRYPTO_LIBRARY, "AES refused %zu bytes", total);
    return OBOL_OK;
}

// RFC 8009 5: KDF-HMAC-SHA2 with the label "prf" and the input as context.
static enum obol_code sha2_prf(struct crypto_key *key, struct slice input, uint8_t *out,
                               struct error *err) {
    return derive_hmac_context(key, SLICE_LITERAL("prf"), input,
                               buf_of(out, key->enctype->prf_length), err);
}

#define AES_SHA2_COMMON                                                                            \
    .confounder = BLOCK_LENGTH, .iterations = 32768, .base_size = sizeof(struct hmac),             \
    .slot_size = sizeof(struct aes_slot), .derive = derive_hmac, .seal = sha2_seal,                \
    .open = sha2_open, .seal_parts = sha2_seal_parts, .open_parts = sha2_open_parts,               \
    .checksum = aes_checksum, .prf = sha2_prf, .string_to_key = s2k_pbkdf2, .warm = aes_warm,      \
    .slot_forget = aes_slot_forget, .lent_ciphers = true

const struct enctype enctype_aes128_sha2 = {
    .number = ENCTYPE_AES128_SHA256,
    .checksum_type = CKSUMTYPE_HMAC_SHA256_128_AES128,
    .name = "aes128-cts-hmac-sha256-128",
    .checksum_name = "hmac-sha256-128-aes128",
    .aliases = {"aes128-sha2"},
    .key_length = 16,
    .mac_length = 16,
    .prf_length = 32,
    .hash = HASH_SHA256,
    .s2k_hash = HASH_SHA256,
    AES_SHA2_COMMON,
};

const struct enctype enctype_aes256_sha2 = {
    .number = ENCTYPE_AES256_SHA384,
    .checksum_type = CKSUMTYPE_HMAC_SHA384_192_AES256,
    .name = "aes256-cts-hmac-sha384-192",
    .checksum_name = "hmac-sha384-192-aes256",
    .aliases = {"aes256-sha2"},
    .key_length = 32,
    .mac_length = 24,
    .prf_length = 48,
    .hash = HASH_SHA384,
    .s2k_hash = HASH_SHA384,
    AES_SHA2_COMMON,
};
