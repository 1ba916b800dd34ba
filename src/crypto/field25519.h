// field25519.h: numbers modulo p = 2^255 - 19 (RFC 7748 4.1) in constant time, and nothing more
// than the points of edwards25519 want of them. Only files of this layer include it.
//
// A number is five limbs of 51 bits. Multiplication and squaring leave limbs below 2^52;
// sums and differences carry nothing, and what goes into a multiplication may have limbs below
// 2^54: a sum or difference of products, or of two such sums.
#ifndef OBOL_CRYPTO_FIELD25519_H
#define OBOL_CRYPTO_FIELD25519_H

#include "base/slice.h"

struct fe {
    uint64_t v[5];
};

static inline struct fe fe_add(const struct fe *a, const struct fe *b) {
    struct fe r;
    for (int i = 0; i < 5; i++)
        r.v[i] = a->v[i] + b->v[i];
    return r;
}
// fe_sub is a - b + 4p, where b is a product or the sum of two.
static inline struct fe fe_sub(const struct fe *a, const struct fe *b) {
    const uint64_t low = UINT64_C(0x1fffffffffffb4), high = UINT64_C(0x1ffffffffffffc);
    struct fe r = {{a->v[0] + low - b->v[0]}};
    for (int i = 1; i < 5; i++)
        r.v[i] = a->v[i] + high - b->v[i];
    return r;
}
struct fe fe_mul(const struct fe *a, const struct fe *b);
struct fe fe_square(const struct fe *a);
// fe_invert is 1/a, and 0 of 0.
struct fe fe_invert(const struct fe *a);
// fe_root_power is a^((p - 5) / 8), which square roots are made of (RFC 8032 5.1.3).
struct fe fe_root_power(const struct fe *a);
// fe_read takes 32 bytes, little endian, without the top bit; fe_write gives the one number below p
// that it stands for.
struct fe fe_read(const uint8_t bytes[32]);
void fe_write(const struct fe *a, uint8_t bytes[32]);

#endif
