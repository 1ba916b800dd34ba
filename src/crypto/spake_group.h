// spake_group.h: what a group of SPAKE supplies; a const descriptor, one file each. Only files of
// this layer include it.
#ifndef OBOL_CRYPTO_SPAKE_GROUP_H
#define OBOL_CRYPTO_SPAKE_GROUP_H

#include "crypto/primitive.h"
#include "crypto/spake.h"

struct spake_group {
    int32_t number;
    const char *name;
    size_t scalar_length, point_length;
    enum hash hash;
    int curve; // libcrypto's number of it; 0: none
    // RFC 9588 7.2, draft-irtf-cfrg-spake2: points whose discrete logarithms nobody knows.
    uint8_t m[SPAKE_POINT_MAX], n[SPAKE_POINT_MAX];
    // The functions give false when libcrypto refuses or a point is none. Lengths are checked.
    bool (*private_key)(const struct spake_group *g, const struct env *env, uint8_t *x);
    // mask is w*mask + x*G, unmask x*(peer - w*mask).
    bool (*mask)(const struct spake_group *g, const uint8_t *mask, const uint8_t *w,
                 const uint8_t *x, uint8_t *out);
    bool (*unmask)(const struct spake_group *g, const uint8_t *mask, const uint8_t *w,
                   const uint8_t *x, const uint8_t *peer, uint8_t *out);
};
extern const struct spake_group SPAKE_EDWARDS25519, SPAKE_P256, SPAKE_P384, SPAKE_P521;

#endif
