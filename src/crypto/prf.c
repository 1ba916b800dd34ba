// prf.c: pseudo-random functions and the keys made with them: PRF (RFC 3961 3), PRF+ and KRB-FX-CF2
// (RFC 6113 5.1), and keys from random bytes.
#include "base/ct.h"
#include "crypto/enctype.h"

enum obol_code crypto_prf(struct crypto_key *key, struct slice input, struct buf out,
                          struct error *err) {
    const struct enctype *e = key->enctype;
    ENSURE(out.len == e->prf_length, INVALID_ARGUMENT, "the PRF of %s gives %zu bytes, not %zu",
           e->name, e->prf_length, out.len);
    return e->prf(key, input, out.ptr, err);
}

#define PEPPER_MAX 256 // bytes; the protocols' peppers are labels of some 20

enum obol_code crypto_prf_plus(struct crypto_key *key, struct slice pepper, struct buf out,
                               struct error *err) {
    uint8_t input[1 + PEPPER_MAX], block[HASH_MAX] = {0};
    size_t step = key->enctype->prf_length;
    ENSURE(pepper.len <= PEPPER_MAX, CRYPTO_PARAMETER,
           "a pepper of %zu bytes, at most %d are taken", pepper.len, PEPPER_MAX);
    ENSURE(out.len <= 255 * step, CRYPTO_PARAMETER, "%zu bytes asked, PRF+ of %s gives %zu",
           out.len, key->enctype->name, 255 * step);
    if (pepper.len)
        memcpy(input + 1, pepper.ptr, pepper.len);
    enum obol_code code = OBOL_OK;
    for (size_t at = 0; at < out.len && code == OBOL_OK; at += step) {
        input[0] = (uint8_t)(at / step + 1);
        code = key->enctype->prf(key, slice_of(input, 1 + pepper.len), block, err);
        if (code == OBOL_OK)
            memcpy(out.ptr + at, block, out.len - at < step ? out.len - at : step);
    }
    wipe(block, sizeof block);
    wipe(input, sizeof input);
    return code;
}

enum obol_code crypto_cf2(struct crypto_key *k1, struct crypto_key *k2, struct slice pepper1,
                          struct slice pepper2, struct buf out, struct error *err) {
    const struct enctype *e = k1->enctype;
    ENSURE(out.len == e->key_length, KEY_LENGTH, "a key of %s has %zu bytes, not %zu", e->name,
           e->key_length, out.len);
    uint8_t seed1[CRYPTO_KEY_MAX] = {0}, seed2[CRYPTO_KEY_MAX] = {0};
    enum obol_code code = crypto_prf_plus(k1, pepper1, buf_of(seed1, out.len), err);
    if (code == OBOL_OK)
        code = crypto_prf_plus(k2, pepper2, buf_of(seed2, out.len), err);
    for (size_t i = 0; i < out.len && code == OBOL_OK; i++)
        out.ptr[i] = seed1[i] ^ seed2[i];
    wipe(seed1, sizeof seed1);
    wipe(seed2, sizeof seed2);
    return code;
}

enum obol_code crypto_random_to_key(const struct enctype *e, struct slice seed, struct buf out,
                                    struct error *err) {
    ENSURE(seed.len == e->key_length && out.len == e->key_length, KEY_LENGTH,
           "%s makes %zu bytes of key from as many of seed, not %zu from %zu", e->name,
           e->key_length, out.len, seed.len);
    memmove(out.ptr, seed.ptr, seed.len);
    return OBOL_OK;
}

enum obol_code crypto_random_key(const struct enctype *e, const struct env *env, struct buf out,
                                 struct error *err) {
    ENSURE(out.len == e->key_length, KEY_LENGTH, "a key of %s has %zu bytes, not %zu", e->name,
           e->key_length, out.len);
    env_random(env, out);
    return OBOL_OK;
}
