// spake.h: what both ends of SPAKE preauthentication compute (RFC 9588 4.2, 4.4, 5): the number w
// of the client's key, the hash of the transcript, and the keys K'[n] of the result.
#ifndef OBOL_KRB_SPAKE_H
#define OBOL_KRB_SPAKE_H

#include "crypto/crypto.h"
#include "crypto/spake.h"

enum { SPAKE_SF_NONE = 1 };                           // second factors (RFC 9588 7.1)
enum { SPAKE_KEY_REPLY = 0, SPAKE_KEY_RESPONSE = 1 }; // n of K'[n]

struct spake_exchange {
    const struct spake_group *group;
    struct crypto_key *key; // the client's long-term one
    uint8_t w[SPAKE_SCALAR_MAX], transcript[SPAKE_HASH_MAX];
};
// spake_exchange_start makes w, and an empty transcript. The caller wipes the struct.
MUST_USE enum obol_code spake_exchange_start(struct spake_exchange *s,
                                             const struct spake_group *group,
                                             struct crypto_key *key, struct error *err);
static inline struct slice spake_exchange_w(const struct spake_exchange *s) {
    return slice_of(s->w, spake_scalar_length(s->group));
}
static inline struct slice spake_exchange_transcript(const struct spake_exchange *s) {
    return slice_of(s->transcript, spake_hash_length(s->group));
}
// spake_exchange_add takes messages into the transcript: first the client's support (empty if the
// KDC did not wait for it) with the KDC's challenge, both whole; then the public key of the
// response, with nothing.
void spake_exchange_add(struct spake_exchange *s, struct slice first, struct slice second);
// spake_exchange_key makes K'[n] of the result and of the encoded KDC-REQ-BODY of the request that
// holds the response; under FAST that is the inner one.
MUST_USE enum obol_code spake_exchange_key(const struct spake_exchange *s, struct slice result,
                                           struct slice body, uint32_t n, struct arena *a,
                                           struct crypto_key **out, struct error *err);

#endif
