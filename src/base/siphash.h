// siphash.h: SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for tables whose keys come
// from the network. With a random key drawn at start nobody outside can make entries collide.
#ifndef OBOL_BASE_SIPHASH_H
#define OBOL_BASE_SIPHASH_H

#include "base/slice.h"

struct siphash_key {
    uint64_t k0, k1;
};
struct siphash_128 {
    uint64_t lo, hi;
};
// siphash_64 is the 64-bit hash of the bytes, siphash_128 the 128-bit one, which may stand for the
// bytes themselves.
uint64_t siphash_64(const struct siphash_key *key, struct slice s);
struct siphash_128 siphash_128(const struct siphash_key *key, struct slice s);

#endif
