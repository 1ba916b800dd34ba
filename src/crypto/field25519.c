// field25519.c: see field25519.h. Nothing branches on a number or looks up memory by it.
#include "crypto/field25519.h"
#include "base/ct.h"

#define LIMB_MASK ((UINT64_C(1) << 51) - 1)

__extension__ typedef unsigned __int128 wide;

// 2^255 is 19 modulo p: what leaves at the top comes in at the bottom, nineteen times.
static struct fe carry_wide(wide r[5]) {
    struct fe out;
    for (int i = 0; i < 4; i++) {
        out.v[i] = (uint64_t)r[i] & LIMB_MASK;
        // cppcheck-suppress shiftTooManyBits ; it takes __int128 for an int
        r[i + 1] += (uint64_t)(r[i] >> 51);
    }
    out.v[4] = (uint64_t)r[4] & LIMB_MASK;
    // cppcheck-suppress shiftTooManyBits
    out.v[0] += 19 * (uint64_t)(r[4] >> 51);
    out.v[1] += out.v[0] >> 51;
    out.v[0] &= LIMB_MASK;
    return out;
}

struct fe fe_mul(const struct fe *a, const struct fe *b) {
    const uint64_t *x = a->v, *y = b->v;
    uint64_t z[5]; // what wraps around at 2^255
    for (int i = 1; i < 5; i++)
        z[i] = 19 * y[i];
    wide r[5] = {
        (wide)x[0] * y[0] + (wide)x[1] * z[4] + (wide)x[2] * z[3] + (wide)x[3] * z[2] +
            (wide)x[4] * z[1],
        (wide)x[0] * y[1] + (wide)x[1] * y[0] + (wide)x[2] * z[4] + (wide)x[3] * z[3] +
            (wide)x[4] * z[2],
        (wide)x[0] * y[2] + (wide)x[1] * y[1] + (wide)x[2] * y[0] + (wide)x[3] * z[4] +
            (wide)x[4] * z[3],
        (wide)x[0] * y[3] + (wide)x[1] * y[2] + (wide)x[2] * y[1] + (wide)x[3] * y[0] +
            (wide)x[4] * z[4],
        (wide)x[0] * y[4] + (wide)x[1] * y[3] + (wide)x[2] * y[2] + (wide)x[3] * y[1] +
            (wide)x[4] * y[0],
    };
    return carry_wide(r);
}

struct fe fe_square(const struct fe *a) {
    const uint64_t *x = a->v;
    uint64_t d0 = 2 * x[0], d1 = 2 * x[1], d2 = 2 * x[2];
    uint64_t n3 = 19 * x[3], n4 = 19 * x[4];
    wide r[5] = {
        (wide)x[0] * x[0] + (wide)d1 * n4 + (wide)d2 * n3,
        (wide)d0 * x[1] + (wide)d2 * n4 + (wide)x[3] * n3,
        (wide)d0 * x[2] + (wide)x[1] * x[1] + (wide)(2 * x[3]) * n4,
        (wide)d0 * x[3] + (wide)d1 * x[2] + (wide)x[4] * n4,
        (wide)d0 * x[4] + (wide)d1 * x[3] + (wide)x[2] * x[2],
    };
    return carry_wide(r);
}

static struct fe squares(const struct fe *a, int count) {
    struct fe r = *a;
    for (int i = 0; i < count; i++)
        r = fe_square(&r);
    return r;
}

// a^(2^250 - 1), by exponents of ones that double in length; *a11 is a^11.
static struct fe ones_250(const struct fe *a, struct fe *a11) {
    struct fe t = squares(a, 3), a9 = fe_mul(&t, a), a2 = fe_square(a);
    *a11 = fe_mul(&a9, &a2);
    t = fe_square(a11);
    struct fe n5 = fe_mul(&t, &a9); // 22 + 9 = 31: five ones
    t = squares(&n5, 5);
    struct fe n10 = fe_mul(&t, &n5);
    t = squares(&n10, 10);
    struct fe n20 = fe_mul(&t, &n10);
    t = squares(&n20, 20);
    struct fe n40 = fe_mul(&t, &n20);
    t = squares(&n40, 10);
    struct fe n50 = fe_mul(&t, &n10);
    t = squares(&n50, 50);
    struct fe n100 = fe_mul(&t, &n50);
    t = squares(&n100, 100);
    struct fe n200 = fe_mul(&t, &n100);
    t = squares(&n200, 50);
    return fe_mul(&t, &n50);
}

struct fe fe_invert(const struct fe *a) {
    struct fe a11, t = ones_250(a, &a11);
    t = squares(&t, 5);
    return fe_mul(&t, &a11); // 2^255 - 32 + 11 = p - 2
}

struct fe fe_root_power(const struct fe *a) {
    struct fe a11, t = ones_250(a, &a11);
    t = squares(&t, 2);
    return fe_mul(&t, a); // 2^252 - 4 + 1 = (p - 5) / 8
}

static uint64_t load64(const uint8_t *p) {
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

struct fe fe_read(const uint8_t bytes[32]) {
    return (struct fe){{
        load64(bytes) & LIMB_MASK,
        load64(bytes + 6) >> 3 & LIMB_MASK,
        load64(bytes + 12) >> 6 & LIMB_MASK,
        load64(bytes + 19) >> 1 & LIMB_MASK,
        load64(bytes + 24) >> 12 & LIMB_MASK,
    }};
}

static void carry(struct fe *a) {
    for (int i = 0; i < 4; i++) {
        a->v[i + 1] += a->v[i] >> 51;
        a->v[i] &= LIMB_MASK;
    }
    a->v[0] += 19 * (a->v[4] >> 51);
    a->v[4] &= LIMB_MASK;
}

void fe_write(const struct fe *a, uint8_t bytes[32]) {
    struct fe t = *a;
    carry(&t);
    carry(&t);
    // Below 2^255 + 2^6 now. 19 more than p or above overflows 2^255: then p is taken off.
    uint64_t q = (t.v[0] + 19) >> 51;
    for (int i = 1; i < 5; i++)
        q = (t.v[i] + q) >> 51;
    t.v[0] += 19 * q;
    for (int i = 0; i < 4; i++) {
        t.v[i + 1] += t.v[i] >> 51;
        t.v[i] &= LIMB_MASK;
    }
    t.v[4] &= LIMB_MASK;
    uint64_t words[4] = {
        t.v[0] | t.v[1] << 51,
        t.v[1] >> 13 | t.v[2] << 38,
        t.v[2] >> 26 | t.v[3] << 25,
        t.v[3] >> 39 | t.v[4] << 12,
    };
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
}
