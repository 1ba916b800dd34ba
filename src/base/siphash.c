// siphash.c: see siphash.h.
#include "base/siphash.h"
#include <endian.h>

struct state {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned bits) {
    return x << bits | x >> (64 - bits);
}

static inline void rounds(struct state *s, unsigned count) {
    for (; count > 0; count--) {
        s->v0 += s->v1;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v2 = rotate(s->v2, 32);
    }
}

static inline void absorb(struct state *s, uint64_t word) {
    s->v3 ^= word;
    rounds(s, 2);
    s->v0 ^= word;
}

static struct state start(const struct siphash_key *key, struct slice in, uint64_t wide) {
    struct state s = {
        key->k0 ^ UINT64_C(0x736f6d6570736575),
        key->k1 ^ UINT64_C(0x646f72616e646f6d) ^ wide,
        key->k0 ^ UINT64_C(0x6c7967656e657261),
        key->k1 ^ UINT64_C(0x7465646279746573),
    };
    size_t whole = in.len / 8 * 8;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word;
        memcpy(&word, in.ptr + i, 8);
        absorb(&s, le64toh(word));
    }
    uint64_t last = (uint64_t)(in.len & 0xff) << 56;
    for (size_t i = whole; i < in.len; i++)
        last |= (uint64_t)in.ptr[i] << (8 * (i - whole));
    absorb(&s, last);
    return s;
}

static uint64_t finish(struct state *s, uint64_t constant) {
    s->v2 ^= constant;
    rounds(s, 4);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t siphash_64(const struct siphash_key *key, struct slice s) {
    struct state state = start(key, s, 0);
    return finish(&state, 0xff);
}

struct siphash_128 siphash_128(const struct siphash_key *key, struct slice s) {
    struct state state = start(key, s, 0xee);
    struct siphash_128 out = {.lo = finish(&state, 0xee)};
    state.v1 ^= 0xdd;
    rounds(&state, 4);
    out.hi = state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
    return out;
}
