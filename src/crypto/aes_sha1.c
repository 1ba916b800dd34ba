// aes_sha1.c: aes128- and aes256-cts-hmac-sha1-96 (RFC 3962). The plaintext is authenticated, then
// enciphered (RFC 3961 5.3).
#include "base/ct.h"
#include "crypto/aes.h"

// The cipher comes first: a block of it waits for the one before, and the digest, which waits for
// neither, runs meanwhile.
static bool seal_small(struct cipher *c, const struct aes_slot *s, const struct env *env,
                       const struct slice plain[2], size_t len, uint8_t *out, uint8_t *full) {
    struct cts_short m;
    uint8_t *data = cts_short_data(&m);
    env_random(env, buf_of(data, BLOCK_LENGTH));
    plain_put(data + BLOCK_LENGTH, plain);
    bool ok = cts_short_seal_to(c, &m, len, out);
    hmac_whole(&s->ki, HASH_SHA1, data, len, full);
    wipe(data, len);
    return ok;
}

static enum obol_code sha1_seal(struct crypto_key *key, void *slot, uint32_t usage,
                                const struct env *env, const struct slice plain[2], struct buf out,
                                struct error *err) {
    struct aes_slot *s = slot;
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_SEAL, &c, err));
    TRY(aes_ki(key, s, usage, err));
    uint8_t mac[HASH_MAX];
    size_t len = BLOCK_LENGTH + plain_length(plain);
    bool ok = len <= CTS_SHORT_MAX
                  ? seal_small(c, s, env, plain, len, out.ptr, mac)
                  : aes_seal_long(c, s, HASH_SHA1, false, env, plain, out.ptr, mac);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", len);
    memcpy(out.ptr + len, mac, key->enctype->mac_length);
    return OBOL_OK;
}

static bool open_long(struct cipher *c, const struct aes_slot *s, const uint8_t *sealed, size_t len,
                      uint8_t *out, uint8_t *full, struct slice *plain) {
    if (!cts_open(c, sealed, out, len))
        return false;
    const struct slice body = slice_of(out, len);
    hmac_compute(&s->ki, HASH_SHA1, &body, 1, full);
    *plain = slice_of(out + BLOCK_LENGTH, len - BLOCK_LENGTH);
    return true;
}

static bool open_small(struct cipher *c, const struct aes_slot *s, const uint8_t *sealed,
                       size_t len, uint8_t *out, uint8_t *full, struct slice *plain) {
    struct cts_short m;
    uint8_t *data = cts_short_data(&m);
    bool ok = cts_open(c, sealed, data, len);
    if (LIKELY(ok)) {
        hmac_whole(&s->ki, HASH_SHA1, data, len, full);
        *plain = slice_of(out, len - BLOCK_LENGTH);
        memcpy(out, data + BLOCK_LENGTH, plain->len);
    }
    wipe(data, len);
    return ok;
}

static enum obol_code sha1_open(struct crypto_key *key, void *slot, uint32_t usage,
                                struct slice sealed, struct buf out, struct slice *plain,
                                struct error *err) {
    struct aes_slot *s = slot;
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_OPEN, &c, err));
    TRY(aes_ki(key, s, usage, err));
    size_t mac_length = key->enctype->mac_length, len = sealed.len - mac_length;
    uint8_t mac[HASH_MAX];
    struct slice opened = {0};
    bool ok = len <= CTS_SHORT_MAX ? open_small(c, s, sealed.ptr, len, out.ptr, mac, &opened)
                                   : open_long(c, s, sealed.ptr, len, out.ptr, mac, &opened);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", len);
    bool same = ct_equal(slice_of(mac, mac_length), slice_of(sealed.ptr + len, mac_length));
    wipe(mac, sizeof mac);
    ENSURE(same, DECRYPT_INTEGRITY, "%zu bytes sealed with %s for usage %u", sealed.len,
           key->enctype->name, usage);
    *plain = opened;
    return OBOL_OK;
}

// The checksum of the plaintext that was opened.
static void mac_of(const struct aes_slot *s, const struct crypto_part *parts, size_t count,
                   uint8_t *mac) {
    struct hmac_run run;
    hmac_begin(&run, &s->ki, HASH_SHA1);
    for (size_t i = 0; i < count; i++)
        hmac_add(&run, !parts[i].sign_only ? parts[i].out : parts[i].in, parts[i].len);
    hmac_end(&run, mac);
}

// A short message is gathered once, for the checksum and the cipher alike.
static bool seal_short(struct cipher *c, const struct aes_slot *s, const struct crypto_part *parts,
                       size_t count, size_t total, uint8_t *full) {
    struct cts_short m;
    cts_short_take(&m, parts, count, total);
    hmac_whole(&s->ki, HASH_SHA1, cts_short_data(&m), total, full);
    bool ok = cts_short_seal(c, &m, total);
    if (LIKELY(ok))
        cts_short_put(&m, parts, count, total);
    else
        wipe(&m, sizeof m);
    return ok;
}

static bool open_short(struct cipher *c, const struct aes_slot *s, const struct crypto_part *parts,
                       size_t count, size_t total, uint8_t *full) {
    struct cts_short m;
    cts_short_take(&m, parts, count, total);
    bool ok = cts_short_open(c, &m, total);
    if (LIKELY(ok)) {
        cts_short_put(&m, parts, count, total);
        hmac_whole(&s->ki, HASH_SHA1, cts_short_data(&m), total, full);
    }
    wipe(cts_short_data(&m), total);
    return ok;
}

static enum obol_code sha1_seal_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                      const struct crypto_part *parts, size_t count, size_t total,
                                      uint8_t *mac, struct error *err) {
    struct aes_slot *s = slot;
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_SEAL, &c, err));
    TRY(aes_ki(key, s, usage, err));
    uint8_t full[HASH_MAX];
    bool ok;
    if (cts_short_fits(parts, count, total))
        ok = seal_short(c, s, parts, count, total, full);
    else
        ok = aes_seal_parts(c, s, HASH_SHA1, false, parts, count, total, full);
    memcpy(mac, full, key->enctype->mac_length);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", total);
    return OBOL_OK;
}

static enum obol_code sha1_open_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                      const struct crypto_part *parts, size_t count, size_t total,
                                      const uint8_t *mac, struct error *err) {
    struct aes_slot *s = slot;
    struct cipher *c;
    TRY(aes_cipher(key, s, usage, CIPHER_OPEN_CHAIN, &c, err));
    TRY(aes_ki(key, s, usage, err));
    uint8_t full[HASH_MAX];
    bool is_short = cts_short_fits(parts, count, total);
    bool ok = is_short ? open_short(c, s, parts, count, total, full)
                       : cts_open_parts(c, parts, count, total);
    ENSURE(ok, CRYPTO_LIBRARY, "AES refused %zu bytes", total);
    size_t mac_length = key->enctype->mac_length;
    if (!is_short)
        mac_of(s, parts, count, full);
    bool same = ct_equal(slice_of(full, mac_length), slice_of(mac, mac_length));
    wipe(full, sizeof full);
    return LIKELY(same) ? OBOL_OK : parts_mac_failed(key, usage, total, err);
}

// RFC 3962 6: one block of the input's digest, enciphered with DK(key, "prf").
static enum obol_code sha1_prf(struct crypto_key *key, struct slice input, uint8_t *out,
                               struct error *err) {
    uint8_t kp[CRYPTO_KEY_MAX], digest[HASH_MAX];
    size_t len = key->enctype->key_length;
    TRY(derive_aes(key, SLICE_LITERAL("prf"), buf_of(kp, len), err));
    hash_compute(HASH_SHA1, &input, 1, digest);
    struct cipher *c = cipher_pooled(CIPHER_SEAL, slice_of(kp, len), identity_new());
    bool ok = c && cipher_cbc(c, digest, BLOCK_LENGTH, true);
    wipe(kp, sizeof kp);
    ENSURE(ok, CRYPTO_LIBRARY, "no AES cipher for %s", key->enctype->name);
    memcpy(out, digest, BLOCK_LENGTH);
    wipe(digest, sizeof digest);
    return OBOL_OK;
}

#define AES_SHA1_COMMON                                                                            \
    .confounder = BLOCK_LENGTH, .mac_length = 12, .prf_length = BLOCK_LENGTH, .iterations = 4096,  \
    .hash = HASH_SHA1, .s2k_hash = HASH_SHA1, .slot_size = sizeof(struct aes_slot),                \
    .derive = derive_aes, .seal = sha1_seal, .open = sha1_open, .seal_parts = sha1_seal_parts,     \
    .open_parts = sha1_open_parts, .checksum = aes_checksum, .prf = sha1_prf,                      \
    .string_to_key = s2k_pbkdf2, .warm = aes_warm, .slot_forget = aes_slot_forget,                 \
    .lent_ciphers = true

const struct enctype enctype_aes128_sha1 = {
    .number = ENCTYPE_AES128_SHA1,
    .checksum_type = CKSUMTYPE_HMAC_SHA1_96_AES128,
    .name = "aes128-cts-hmac-sha1-96",
    .checksum_name = "hmac-sha1-96-aes128",
    .aliases = {"aes128-cts", "aes128-sha1"},
    .key_length = 16,
    AES_SHA1_COMMON,
};

const struct enctype enctype_aes256_sha1 = {
    .number = ENCTYPE_AES256_SHA1,
    .checksum_type = CKSUMTYPE_HMAC_SHA1_96_AES256,
    .name = "aes256-cts-hmac-sha1-96",
    .checksum_name = "hmac-sha1-96-aes256",
    .aliases = {"aes256-cts", "aes256-sha1"},
    .key_length = 32,
    AES_SHA1_COMMON,
};
