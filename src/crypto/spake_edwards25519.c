// spake_edwards25519.c: the group edwards25519 (RFC 8032 5.1, RFC 9588 7.2). libcrypto signs in it
// and shows no points, so that the points are here: extended coordinates, whose addition has no
// exceptions, and multiplication by four bits at a time, each looked up by reading the whole table.
#include "base/ct.h"
#include "crypto/field25519.h"
#include "crypto/spake_group.h"

// x = X/Z, y = Y/Z, x*y = T/Z
struct point {
    struct fe x, y, z, t;
};
enum { TABLE = 16 };

static const struct fe D = {
    {0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff}};
static const struct fe D2 = {
    {0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff}};
static const struct fe ROOT_OF_MINUS_1 = {
    {0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d}};
static const struct fe ONE = {{1}}, ZERO = {{0}};
static const struct point IDENTITY = {{{0}}, {{1}}, {{1}}, {{0}}};
static const struct point BASE = {
    {{0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5}},
    {{0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666}},
    {{1}},
    {{0x68ab3a5b7dda3, 0xeea2a5eadbb, 0x2af8df483c27e, 0x332b375274732, 0x67875f0fd78b7}},
};

// The last step of both formulas.
static void combine(struct point *r, const struct fe *e, const struct fe *f, const struct fe *g,
                    const struct fe *h) {
    r->x = fe_mul(e, f);
    r->y = fe_mul(g, h);
    r->z = fe_mul(f, g);
    r->t = fe_mul(e, h);
}

// Hisil, Wong, Carter, Dawson (2008), 3.1, for a = -1: complete, so that the identity and doubles
// need no case of their own.
static void point_add(struct point *r, const struct point *p, const struct point *q) {
    struct fe p_minus = fe_sub(&p->y, &p->x), q_minus = fe_sub(&q->y, &q->x);
    struct fe p_plus = fe_add(&p->y, &p->x), q_plus = fe_add(&q->y, &q->x);
    struct fe a = fe_mul(&p_minus, &q_minus), b = fe_mul(&p_plus, &q_plus);
    struct fe tt = fe_mul(&p->t, &q->t), c = fe_mul(&tt, &D2);
    struct fe zz = fe_mul(&p->z, &q->z), d = fe_add(&zz, &zz);
    struct fe e = fe_sub(&b, &a), f = fe_sub(&d, &c), g = fe_add(&d, &c), h = fe_add(&b, &a);
    combine(r, &e, &f, &g, &h);
}

// The same paper, 3.3; all four of its terms with the other sign, which leaves the products.
static void point_double(struct point *r, const struct point *p) {
    struct fe a = fe_square(&p->x), b = fe_square(&p->y), zz = fe_square(&p->z);
    struct fe c = fe_add(&zz, &zz), xy = fe_add(&p->x, &p->y), square = fe_square(&xy);
    struct fe h = fe_add(&a, &b), e = fe_sub(&h, &square), g = fe_sub(&a, &b), f = fe_add(&c, &g);
    combine(r, &e, &f, &g, &h);
}

static void point_negate(struct point *p) {
    struct fe x = fe_sub(&ZERO, &p->x), t = fe_sub(&ZERO, &p->t);
    p->x = fe_mul(&x, &ONE);
    p->t = fe_mul(&t, &ONE);
}

static bool fe_equal(const struct fe *a, const struct fe *b) {
    uint8_t left[32], right[32];
    fe_write(a, left);
    fe_write(b, right);
    return ct_equal(slice_of(left, 32), slice_of(right, 32));
}

static void point_write(const struct point *p, uint8_t out[32]) {
    uint8_t x_bytes[32];
    struct fe inverse = fe_invert(&p->z), x = fe_mul(&p->x, &inverse), y = fe_mul(&p->y, &inverse);
    fe_write(&y, out);
    fe_write(&x, x_bytes);
    out[31] = (uint8_t)(out[31] | (x_bytes[0] & 1) << 7);
    wipe(x_bytes, sizeof x_bytes);
}

// RFC 8032 5.1.3. What is read is public: M, N, or what stood on the wire.
static bool point_read(const uint8_t bytes[32], struct point *out) {
    uint8_t y_bytes[32], back[32], x_bytes[32];
    memcpy(y_bytes, bytes, sizeof y_bytes);
    y_bytes[31] &= 0x7f;
    bool odd = bytes[31] >> 7;
    struct fe y = fe_read(y_bytes);
    fe_write(&y, back);
    if (memcmp(back, y_bytes, sizeof back) != 0)
        return false; // not below p
    // x^2 = u/v; its root is u v^3 (u v^7)^((p-5)/8), if there is one, or that times sqrt(-1).
    struct fe yy = fe_square(&y), u = fe_sub(&yy, &ONE), dyy = fe_mul(&yy, &D);
    struct fe v = fe_add(&dyy, &ONE), vv = fe_square(&v), v3 = fe_mul(&vv, &v);
    struct fe v6 = fe_square(&v3), v7 = fe_mul(&v6, &v), uv7 = fe_mul(&u, &v7);
    struct fe uv3 = fe_mul(&u, &v3), power = fe_root_power(&uv7), x = fe_mul(&uv3, &power);
    struct fe xx = fe_square(&x), check = fe_mul(&v, &xx), minus_u = fe_sub(&ONE, &yy);
    if (!fe_equal(&check, &u)) {
        if (!fe_equal(&check, &minus_u))
            return false;
        x = fe_mul(&x, &ROOT_OF_MINUS_1);
    }
    fe_write(&x, x_bytes);
    if (odd && fe_equal(&x, &ZERO))
        return false;
    if ((x_bytes[0] & 1) != odd) {
        struct fe negated = fe_sub(&ZERO, &x);
        x = fe_mul(&negated, &ONE);
    }
    *out = (struct point){x, y, ONE, fe_mul(&x, &y)};
    return true;
}

static void fill_table(struct point table[TABLE], const struct point *p) {
    table[0] = IDENTITY;
    for (int i = 1; i < TABLE; i++)
        point_add(&table[i], &table[i - 1], p);
}

// Reads every entry, and keeps the one wanted.
static void look_up(struct point *out, const struct point table[TABLE], unsigned wanted) {
    uint64_t *to = (uint64_t *)out;
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < TABLE; i++) {
        const uint64_t *from = (const uint64_t *)&table[i];
        uint64_t mask = ((uint64_t)(i ^ wanted) - 1) >> 63; // 1 for the one
        mask = 0 - mask;
        __asm__ volatile("" : "+r"(mask)); // the compiler may not make a branch of it
        for (size_t k = 0; k < sizeof *out / sizeof *to; k++)
            to[k] |= from[k] & mask;
    }
}

static unsigned nibble(const uint8_t n[32], int index) {
    return (unsigned)n[index / 2] >> (4 * (index % 2)) & 15;
}

// r = n*p + m*q, for numbers of 256 bits, little endian; without q if m is NULL.
static void multiply(struct point *r, const uint8_t n[32], const struct point *p,
                     const uint8_t m[32], const struct point *q) {
    struct point of_p[TABLE], of_q[TABLE], chosen, sum = IDENTITY;
    fill_table(of_p, p);
    if (m)
        fill_table(of_q, q);
    for (int i = 63; i >= 0; i--) {
        for (int k = 0; k < 4; k++)
            point_double(&sum, &sum);
        look_up(&chosen, of_p, nibble(n, i));
        point_add(&sum, &sum, &chosen);
        if (!m)
            continue;
        look_up(&chosen, of_q, nibble(m, i));
        point_add(&sum, &sum, &chosen);
    }
    *r = sum;
    wipe(&chosen, sizeof chosen);
    wipe(&sum, sizeof sum);
    wipe(of_p, sizeof of_p);
}

// A multiple of the cofactor 8, so that what an attacker adds of the small subgroup goes away
// (RFC 9588 7.2); below 8 * 2^252, and so even over the multiples of the base point.
static bool private_key(const struct spake_group *g, const struct env *env, uint8_t *x) {
    UNUSED(g);
    env_random(env, buf_of(x, 32));
    x[0] &= 0xf8;
    x[31] &= 0x7f;
    return true;
}

static bool mask(const struct spake_group *g, const uint8_t *point, const uint8_t *w,
                 const uint8_t *x, uint8_t *out) {
    struct point p, r;
    UNUSED(g);
    if (!point_read(point, &p))
        return false;
    multiply(&r, w, &p, x, &BASE);
    point_write(&r, out);
    wipe(&r, sizeof r);
    return true;
}

static bool unmask(const struct spake_group *g, const uint8_t *point, const uint8_t *w,
                   const uint8_t *x, const uint8_t *peer, uint8_t *out) {
    struct point p, q, r;
    uint8_t nothing[32];
    UNUSED(g);
    if (!point_read(point, &p) || !point_read(peer, &q))
        return false;
    multiply(&r, w, &p, NULL, NULL);
    point_negate(&r);
    point_add(&r, &r, &q);
    multiply(&q, x, &r, NULL, NULL);
    point_write(&q, out);
    wipe(&r, sizeof r);
    wipe(&q, sizeof q);
    point_write(&IDENTITY, nothing);
    return !ct_equal(slice_of(out, 32), slice_of(nothing, 32));
}

// clang-format off
const struct spake_group SPAKE_EDWARDS25519 = {
    .number = SPAKE_GROUP_EDWARDS25519,
    .name = "edwards25519",
    .scalar_length = 32,
    .point_length = 32,
    .hash = HASH_SHA256,
    .m = {0xd0, 0x48, 0x03, 0x2c, 0x6e, 0xa0, 0xb6, 0xd6, 0x97, 0xdd, 0xc2, 0xe8, 0x6b, 0xda, 0x85, 0xa3,
          0x3a, 0xda, 0xc9, 0x20, 0xf1, 0xbf, 0x18, 0xe1, 0xb0, 0xc6, 0xd1, 0x66, 0xa5, 0xce, 0xcd, 0xaf},
    .n = {0xd3, 0xbf, 0xb5, 0x18, 0xf4, 0x4f, 0x34, 0x30, 0xf2, 0x9d, 0x0c, 0x92, 0xaf, 0x50, 0x38, 0x65,
          0xa1, 0xed, 0x32, 0x81, 0xdc, 0x69, 0xb3, 0x5d, 0xd8, 0x68, 0xba, 0x85, 0xf8, 0x86, 0xc4, 0xab},
    .private_key = private_key,
    .mask = mask,
    .unmask = unmask,
};
// clang-format on
