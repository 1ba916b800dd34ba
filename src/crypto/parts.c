// parts.c: sealing and checksums over a message that lies in parts (RFC 3961 3; for the wrap tokens
// of RFC 4121 and their AEAD form). Arguments are checked here, the enctype's file does the rest.
#include "base/ct.h"
#include "crypto/enctype.h"

enum obol_code parts_mac_failed(const struct crypto_key *key, uint32_t usage, size_t total,
                                struct error *err) {
    return error_set(err, OBOL_DECRYPT_INTEGRITY, __func__, "%zu bytes sealed with %s for usage %u",
                     total, key->enctype->name, usage);
}

// The sealed bytes of the parts; false if they are more than one call may have.
static bool count_sealed(const struct crypto_part *parts, size_t count, size_t *total) {
    *total = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > INT32_MAX)
            return false;
        *total += parts[i].sign_only ? 0 : parts[i].len;
        if (*total > INT32_MAX)
            return false;
    }
    return true;
}

static void wipe_parts(const struct crypto_part *parts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!parts[i].sign_only)
            wipe(parts[i].out, parts[i].len);
}

enum obol_code crypto_seal_parts(struct crypto_key *key, uint32_t usage, const struct env *env,
                                 const struct crypto_part *parts, size_t count, struct buf mac,
                                 struct error *err) {
    const struct enctype *e = key->enctype;
    size_t total;
    ENSURE(e->seal_parts, UNSUPPORTED, "%s does not seal in parts", e->name);
    ENSURE(count && parts[0].len == e->confounder && parts[0].in == parts[0].out &&
               !parts[0].sign_only && mac.len == e->mac_length,
           INVALID_ARGUMENT, "parts for %s begin with %zu bytes in place, and %zu of checksum",
           e->name, e->confounder, e->mac_length);
    ENSURE(count_sealed(parts, count, &total), INVALID_ARGUMENT, "more bytes than %d",
           (int)INT32_MAX);
    env_random(env, buf_of(parts[0].out, parts[0].len));
    enum obol_code code =
        e->seal_parts(key, key_slot(key, usage), usage, parts, count, total, mac.ptr, err);
    if (UNLIKELY(code != OBOL_OK))
        wipe_parts(parts, count); // the plaintext may stand there
    return code;
}

enum obol_code crypto_open_parts(struct crypto_key *key, uint32_t usage,
                                 const struct crypto_part *parts, size_t count, struct slice mac,
                                 struct error *err) {
    const struct enctype *e = key->enctype;
    size_t total;
    ENSURE(e->open_parts, UNSUPPORTED, "%s does not open in parts", e->name);
    ENSURE(count_sealed(parts, count, &total) && total >= e->confounder && mac.len == e->mac_length,
           DECRYPT_INTEGRITY, "these are no bytes sealed with %s: at least %zu are needed", e->name,
           e->confounder + e->mac_length);
    enum obol_code code =
        e->open_parts(key, key_slot(key, usage), usage, parts, count, total, mac.ptr, err);
    if (UNLIKELY(code != OBOL_OK))
        wipe_parts(parts, count);
    return code;
}

enum obol_code crypto_checksum_parts(struct crypto_key *key, uint32_t usage,
                                     const struct crypto_part *parts, size_t count, struct buf out,
                                     struct error *err) {
    const struct enctype *e = key->enctype;
    ENSURE(out.len == e->mac_length, INVALID_ARGUMENT, "a checksum %s has %zu bytes, not %zu",
           e->checksum_name, e->mac_length, out.len);
    return e->checksum(key, key_slot(key, usage), usage, parts, count, out.ptr, err);
}

enum obol_code crypto_verify_parts(struct crypto_key *key, uint32_t usage,
                                   const struct crypto_part *parts, size_t count,
                                   struct slice checksum, struct error *err) {
    const struct enctype *e = key->enctype;
    uint8_t expected[CRYPTO_CKSUM_MAX];
    TRY(e->checksum(key, key_slot(key, usage), usage, parts, count, expected, err));
    bool same = ct_equal(slice_of(expected, e->mac_length), checksum);
    wipe(expected, sizeof expected);
    ENSURE(same, CHECKSUM_MISMATCH, "%s for usage %u, %zu bytes of it came", e->checksum_name,
           usage, checksum.len);
    return OBOL_OK;
}
