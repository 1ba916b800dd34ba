// derive.c: keys from keys. DR and DK of RFC 3961 5.1 and 5.3 with n-fold, the two SP 800-108
// functions of RFC 8009 3 (counter mode, HMAC) and RFC 6803 3 (feedback mode, CMAC), and the
// constant that a key usage stands for.
#include "base/ct.h"
#include "crypto/enctype.h"
#include <pthread.h>

#define USAGES_FOLDED 64 // key usages of the protocols; others are folded each time
static const uint8_t kinds[] = {0x99, 0xaa, 0x55};
static uint8_t folded[USAGES_FOLDED][sizeof kinds][BLOCK_LENGTH];
static pthread_once_t folded_once = PTHREAD_ONCE_INIT;

// The constant is written again and again, each time turned right by 13 bits more, and the whole
// added in ones' complement, out.len bytes at a time.
void crypto_nfold(struct slice in, struct buf out) {
    memset(out.ptr, 0, out.len);
    if (in.len == 0 || out.len == 0)
        return;
    size_t a = in.len, b = out.len;
    while (b) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    size_t total = in.len / a * out.len, bits = 8 * in.len;
    unsigned sum = 0;
    for (size_t i = total; i-- > 0;) {
        // The bits of byte i of the long string begin so far into `in`.
        size_t turn = 13 * (i / in.len) % bits;
        size_t bit = (8 * (i % in.len) + bits - turn) % bits;
        unsigned pair = (unsigned)in.ptr[bit / 8] << 8 | in.ptr[(bit / 8 + 1) % in.len];
        sum += (pair >> (8 - bit % 8)) & 0xff;
        sum += out.ptr[i % out.len];
        out.ptr[i % out.len] = (uint8_t)sum;
        sum >>= 8;
    }
    for (size_t i = out.len; sum && i-- > 0; sum >>= 8) { // the end-around carry
        sum += out.ptr[i];
        out.ptr[i] = (uint8_t)sum;
    }
}

enum obol_code derive_aes(struct crypto_key *key, struct slice constant, struct buf out,
                          struct error *err) {
    uint8_t block[BLOCK_LENGTH];
    if (constant.len == BLOCK_LENGTH)
        memcpy(block, constant.ptr, BLOCK_LENGTH);
    else
        crypto_nfold(constant, buf_of(block, sizeof block));
    struct cipher *c = cipher_pooled(CIPHER_DERIVE, key_slice(key), key->identity);
    for (size_t at = 0; at < out.len; at += BLOCK_LENGTH) {
        ENSURE(c && cipher_cbc(c, block, sizeof block, true), CRYPTO_LIBRARY,
               "AES of %zu-byte keys is not to be had", key->enctype->key_length);
        size_t left = out.len - at;
        memcpy(out.ptr + at, block, left < BLOCK_LENGTH ? left : BLOCK_LENGTH);
    }
    wipe(block, sizeof block);
    return OBOL_OK;
}

static void put_be32(uint8_t *to, uint64_t v) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (24 - 8 * i));
}

enum obol_code derive_hmac_context(struct crypto_key *key, struct slice label, struct slice context,
                                   struct buf out, struct error *err) {
    enum hash hash = key->enctype->hash;
    ENSURE(out.len <= hash_length(hash), CRYPTO_PARAMETER,
           "%zu bytes are asked of a derivation that gives %zu at most", out.len,
           hash_length(hash));
    struct hmac *base = (struct hmac *)key->state;
    if (!key->base_ready) {
        hmac_prepare(base, hash, key_slice(key));
        key->base_ready = true;
    }
    static const uint8_t first[4] = {0, 0, 0, 1}, separator[1];
    uint8_t bits[4], k1[HASH_MAX];
    put_be32(bits, 8 * out.len);
    const struct slice parts[] = {slice_of(first, 4), label, slice_of(separator, 1), context,
                                  slice_of(bits, 4)};
    hmac_compute(base, hash, parts, COUNT_OF(parts), k1);
    memcpy(out.ptr, k1, out.len);
    wipe(k1, sizeof k1);
    return OBOL_OK;
}

enum obol_code derive_hmac(struct crypto_key *key, struct slice constant, struct buf out,
                           struct error *err) {
    return derive_hmac_context(key, constant, (struct slice){0}, out, err);
}

enum obol_code derive_cmac(struct crypto_key *key, struct slice constant, struct buf out,
                           struct error *err) {
    UNUSED(err);
    struct cmac *base = (struct cmac *)key->state;
    if (!key->base_ready) {
        cmac_prepare(base, key_slice(key));
        key->base_ready = true;
    }
    static const uint8_t separator[1];
    uint8_t k[BLOCK_LENGTH] = {0}, index[4], bits[4];
    put_be32(bits, 8 * out.len);
    for (size_t at = 0; at < out.len; at += BLOCK_LENGTH) {
        put_be32(index, at / BLOCK_LENGTH + 1);
        const struct slice parts[] = {slice_of(k, sizeof k), slice_of(index, 4), constant,
                                      slice_of(separator, 1), slice_of(bits, 4)};
        cmac_compute(base, parts, COUNT_OF(parts), k);
        size_t left = out.len - at;
        memcpy(out.ptr + at, k, left < BLOCK_LENGTH ? left : BLOCK_LENGTH);
    }
    wipe(k, sizeof k);
    return OBOL_OK;
}

static void usage_constant(uint32_t usage, uint8_t kind, uint8_t out[5]) {
    put_be32(out, usage);
    out[4] = kind;
}

// Folding costs more than the derivation, and its inputs are the same few for ever.
static void fold_all(void) {
    for (uint32_t usage = 0; usage < USAGES_FOLDED; usage++) {
        for (size_t k = 0; k < sizeof kinds; k++) {
            uint8_t constant[5];
            usage_constant(usage, kinds[k], constant);
            crypto_nfold(slice_of(constant, sizeof constant),
                         buf_of(folded[usage][k], BLOCK_LENGTH));
        }
    }
}

void derive_start(void) {
    (void)pthread_once(&folded_once, fold_all);
}

enum obol_code derive_usage(struct crypto_key *key, uint32_t usage, uint8_t kind, struct buf out,
                            struct error *err) {
    if (key->enctype->derive == derive_aes && usage < USAGES_FOLDED) {
        size_t k = kind == kinds[0] ? 0 : kind == kinds[1] ? 1 : 2;
        return derive_aes(key, slice_of(folded[usage][k], BLOCK_LENGTH), out, err);
    }
    uint8_t constant[5];
    usage_constant(usage, kind, constant);
    return key->enctype->derive(key, slice_of(constant, sizeof constant), out, err);
}
