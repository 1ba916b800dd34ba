// spake.h: the groups of SPAKE preauthentication (RFC 9588 4.1, 7.2) and what it computes in them:
// two masked public keys whose owners come to the same point only if both know w. w is made of the
// client's key, so nothing that goes over the wire is of use to somebody who guesses passwords.
//
// Nothing here takes a time or touches memory that depends on w or on a private key.
#ifndef OBOL_CRYPTO_SPAKE_H
#define OBOL_CRYPTO_SPAKE_H

#include "base/env.h"
#include "base/error.h"

enum { // RFC 9588 7.2
    SPAKE_GROUP_EDWARDS25519 = 1,
    SPAKE_GROUP_P256 = 2,
    SPAKE_GROUP_P384 = 3,
    SPAKE_GROUP_P521 = 4,
};

#define SPAKE_SCALAR_MAX 66 // bytes of w and of a private key
#define SPAKE_POINT_MAX  67 // bytes of a public key and of the result
#define SPAKE_HASH_MAX   64 // bytes of the group's hash

struct spake_group;
// spake_group_find is the group of a number, spake_group_by_name of a name as MIT krb5's
// configuration spells it ("edwards25519", "P-256"), whatever the case; NULL if there is none.
const struct spake_group *spake_group_find(int32_t number);
const struct spake_group *spake_group_by_name(struct slice name);
int32_t spake_group_number(const struct spake_group *g);
const char *spake_group_name(const struct spake_group *g);
size_t spake_scalar_length(const struct spake_group *g); // bytes
size_t spake_point_length(const struct spake_group *g);
size_t spake_hash_length(const struct spake_group *g);

// spake_private draws a private key.
MUST_USE enum obol_code spake_private(const struct spake_group *g, const struct env *env,
                                      struct buf out, struct error *err);
// spake_public is w*M + x*G for the KDC, w*N + x*G for the client (RFC 9588 4.3).
MUST_USE enum obol_code spake_public(const struct spake_group *g, bool kdc, struct slice w,
                                     struct slice x, struct buf out, struct error *err);
// spake_result is x*(peer - w*N) for the KDC, x*(peer - w*M) for the client. DER_VALUE if the peer
// sent no point of the group, or one that comes to nothing.
MUST_USE enum obol_code spake_result(const struct spake_group *g, bool kdc, struct slice w,
                                     struct slice x, struct slice peer, struct buf out,
                                     struct error *err);
// spake_hash is the group's hash over the parts; out has spake_hash_length bytes.
void spake_hash(const struct spake_group *g, const struct slice *parts, size_t count, uint8_t *out);

#endif
