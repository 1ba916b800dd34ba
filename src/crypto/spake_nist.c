// spake_nist.c: the groups P-256, P-384 and P-521 (RFC 9588 7.2) on libcrypto's curves, which
// multiply in constant time. Numbers are big endian, points compressed (SEC 1, 2.3.3).
#include "crypto/library.h"
#include "crypto/spake_group.h"
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

// What one computation needs of libcrypto; all of it goes in work_end.
struct work {
    EC_GROUP *group;
    BN_CTX *ctx;
    BIGNUM *w, *x;
    EC_POINT *mask, *sum;
};

static void work_end(struct work *k) {
    EC_POINT_clear_free(k->sum);
    EC_POINT_clear_free(k->mask);
    BN_clear_free(k->x);
    BN_clear_free(k->w);
    BN_CTX_free(k->ctx);
    EC_GROUP_free(k->group);
}

static bool number_read(const struct work *k, const uint8_t *bytes, size_t len, BIGNUM *out) {
    BN_set_flags(out, BN_FLG_CONSTTIME);
    // Libcrypto's constant-time ladders take numbers below the order; w may be above it.
    return BN_bin2bn(bytes, (int)len, out) &&
           BN_nnmod(out, out, EC_GROUP_get0_order(k->group), k->ctx);
}

static bool work_start(struct work *k, const struct spake_group *g, const uint8_t *mask,
                       const uint8_t *w, const uint8_t *x) {
    *k = (struct work){.group = EC_GROUP_new_by_curve_name(g->curve), .ctx = BN_CTX_secure_new()};
    k->w = BN_secure_new();
    k->x = BN_secure_new();
    if (!k->group || !k->ctx || !k->w || !k->x)
        return false;
    k->mask = EC_POINT_new(k->group);
    k->sum = EC_POINT_new(k->group);
    return k->mask && k->sum && number_read(k, w, g->scalar_length, k->w) &&
           number_read(k, x, g->scalar_length, k->x) &&
           EC_POINT_oct2point(k->group, k->mask, mask, g->point_length, k->ctx);
}

static bool point_write(const struct work *k, const struct spake_group *g, const EC_POINT *p,
                        uint8_t *out) {
    return !EC_POINT_is_at_infinity(k->group, p) &&
           EC_POINT_point2oct(k->group, p, POINT_CONVERSION_COMPRESSED, out, g->point_length,
                              k->ctx) == g->point_length;
}

static bool private_key(const struct spake_group *g, const struct env *env, uint8_t *x) {
    env_random(env, buf_of(x, g->scalar_length));
    // Of the 528 bits of P-521's numbers 521 are drawn; the bias that reducing leaves is nil for
    // curves whose order begins with ones.
    if (g->scalar_length == 66)
        x[0] &= 1;
    return true;
}

static bool run_mask(struct work *k, const struct spake_group *g, uint8_t *out) {
    // One at a time: libcrypto's multiplication of one point is the constant-time one.
    return EC_POINT_mul(k->group, k->sum, k->x, NULL, NULL, k->ctx) &&
           EC_POINT_mul(k->group, k->mask, NULL, k->mask, k->w, k->ctx) &&
           EC_POINT_add(k->group, k->sum, k->sum, k->mask, k->ctx) &&
           point_write(k, g, k->sum, out);
}

static bool mask(const struct spake_group *g, const uint8_t *point, const uint8_t *w,
                 const uint8_t *x, uint8_t *out) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct work k;
    bool ok = work_start(&k, g, point, w, x) && run_mask(&k, g, out);
    work_end(&k);
    return ok;
}

static bool run_unmask(struct work *k, const struct spake_group *g, const uint8_t *peer,
                       uint8_t *out) {
    return EC_POINT_oct2point(k->group, k->sum, peer, g->point_length, k->ctx) &&
           EC_POINT_mul(k->group, k->mask, NULL, k->mask, k->w, k->ctx) &&
           EC_POINT_invert(k->group, k->mask, k->ctx) &&
           EC_POINT_add(k->group, k->sum, k->sum, k->mask, k->ctx) &&
           EC_POINT_mul(k->group, k->sum, NULL, k->sum, k->x, k->ctx) &&
           point_write(k, g, k->sum, out);
}

static bool unmask(const struct spake_group *g, const uint8_t *point, const uint8_t *w,
                   const uint8_t *x, const uint8_t *peer, uint8_t *out) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct work k;
    // SEC 1 knows a byte 0 for the point at infinity, and 6 and 7 for both coordinates.
    bool ok = (peer[0] == 2 || peer[0] == 3) && work_start(&k, g, point, w, x);
    if (peer[0] != 2 && peer[0] != 3)
        return false;
    ok = ok && run_unmask(&k, g, peer, out);
    work_end(&k);
    return ok;
}

// clang-format off
#define NIST_GROUP(id, shown, scalar, nid, digest, ...)                                            \
    {                                                                                              \
        .number = id, .name = shown, .scalar_length = scalar, .point_length = (scalar) + 1,        \
        .hash = digest, .curve = nid, .private_key = private_key, .mask = mask, .unmask = unmask,  \
        __VA_ARGS__                                                                                \
    }
const struct spake_group SPAKE_P256 = NIST_GROUP(SPAKE_GROUP_P256, "P-256", 32, NID_X9_62_prime256v1, HASH_SHA256,
    .m = {0x02, 0x88, 0x6e, 0x2f, 0x97, 0xac, 0xe4, 0x6e, 0x55, 0xba, 0x9d, 0xd7, 0x24, 0x25, 0x79, 0xf2,
          0x99, 0x3b, 0x64, 0xe1, 0x6e, 0xf3, 0xdc, 0xab, 0x95, 0xaf, 0xd4, 0x97, 0x33, 0x3d, 0x8f, 0xa1,
          0x2f},
    .n = {0x03, 0xd8, 0xbb, 0xd6, 0xc6, 0x39, 0xc6, 0x29, 0x37, 0xb0, 0x4d, 0x99, 0x7f, 0x38, 0xc3, 0x77,
          0x07, 0x19, 0xc6, 0x29, 0xd7, 0x01, 0x4d, 0x49, 0xa2, 0x4b, 0x4f, 0x98, 0xba, 0xa1, 0x29, 0x2b,
          0x49});
const struct spake_group SPAKE_P384 = NIST_GROUP(SPAKE_GROUP_P384, "P-384", 48, NID_secp384r1, HASH_SHA384,
    .m = {0x03, 0x0f, 0xf0, 0x89, 0x5a, 0xe5, 0xeb, 0xf6, 0x18, 0x70, 0x80, 0xa8, 0x2d, 0x82, 0xb4, 0x2e,
          0x27, 0x65, 0xe3, 0xb2, 0xf8, 0x74, 0x9c, 0x7e, 0x05, 0xeb, 0xa3, 0x66, 0x43, 0x4b, 0x36, 0x3d,
          0x3d, 0xc3, 0x6f, 0x15, 0x31, 0x47, 0x39, 0x07, 0x4d, 0x2e, 0xb8, 0x61, 0x3f, 0xce, 0xec, 0x28,
          0x53},
    .n = {0x02, 0xc7, 0x2c, 0xf2, 0xe3, 0x90, 0x85, 0x3a, 0x1c, 0x1c, 0x4a, 0xd8, 0x16, 0xa6, 0x2f, 0xd1,
          0x58, 0x24, 0xf5, 0x60, 0x78, 0x91, 0x8f, 0x43, 0xf9, 0x22, 0xca, 0x21, 0x51, 0x8f, 0x9c, 0x54,
          0x3b, 0xb2, 0x52, 0xc5, 0x49, 0x02, 0x14, 0xcf, 0x9a, 0xa3, 0xf0, 0xba, 0xab, 0x4b, 0x66, 0x5c,
          0x10});
const struct spake_group SPAKE_P521 = NIST_GROUP(SPAKE_GROUP_P521, "P-521", 66, NID_secp521r1, HASH_SHA512,
    .m = {0x02, 0x00, 0x3f, 0x06, 0xf3, 0x81, 0x31, 0xb2, 0xba, 0x26, 0x00, 0x79, 0x1e, 0x82, 0x48, 0x8e,
          0x8d, 0x20, 0xab, 0x88, 0x9a, 0xf7, 0x53, 0xa4, 0x18, 0x06, 0xc5, 0xdb, 0x18, 0xd3, 0x7d, 0x85,
          0x60, 0x8c, 0xfa, 0xe0, 0x6b, 0x82, 0xe4, 0xa7, 0x2c, 0xd7, 0x44, 0xc7, 0x19, 0x19, 0x35, 0x62,
          0xa6, 0x53, 0xea, 0x1f, 0x11, 0x9e, 0xef, 0x93, 0x56, 0x90, 0x7e, 0xdc, 0x9b, 0x56, 0x97, 0x99,
          0x62, 0xd7, 0xaa},
    .n = {0x02, 0x00, 0xc7, 0x92, 0x4b, 0x9e, 0xc0, 0x17, 0xf3, 0x09, 0x45, 0x62, 0x89, 0x43, 0x36, 0xa5,
          0x3c, 0x50, 0x16, 0x7b, 0xa8, 0xc5, 0x96, 0x38, 0x76, 0x88, 0x05, 0x42, 0xbc, 0x66, 0x9e, 0x49,
          0x4b, 0x25, 0x32, 0xd7, 0x6c, 0x5b, 0x53, 0xdf, 0xb3, 0x49, 0xfd, 0xf6, 0x91, 0x54, 0xb9, 0xe0,
          0x04, 0x8c, 0x58, 0xa4, 0x2e, 0x8e, 0xd0, 0x4c, 0xef, 0x05, 0x2a, 0x3b, 0xc3, 0x49, 0xd9, 0x55,
          0x75, 0xcd, 0x25});
// clang-format on
