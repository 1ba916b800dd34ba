// primitive.h: what the crypto layer takes from libcrypto, behind the cheapest interface that is
// kept up there; docs/crypto-cost.md has the measurements. Apart stand SPAKE's curves
// (spake_nist.c) and what a library owes its process (library.h). AES runs through EVP contexts
// that are kept and re-keyed; Camellia, RC4 and the digests run on plain structs, which copy for
// nothing and need no heap.
#ifndef OBOL_CRYPTO_PRIMITIVE_H
#define OBOL_CRYPTO_PRIMITIVE_H

#include "base/slice.h"

#define BLOCK_LENGTH 16 // bytes of a block of AES and of Camellia
#define HASH_MAX     64 // bytes of the longest digest

// primitive_start makes libcrypto ready, once a process; every key is prepared behind it. False if
// libcrypto lacks an algorithm or does not behave as this file relies on.
MUST_USE bool primitive_start(void);

// A cipher is one direction of one key. AES: `aes` is a kept context, NULL before the first
// keying. Camellia: `camellia` borrows a schedule that lives beside it.
struct cipher {
    struct evp_cipher_ctx_st *aes;
    const struct camellia *camellia;
    uint8_t chain[BLOCK_LENGTH]; // the last cipher block, which CBC continues from
    uint64_t identity;           // of the key it is keyed with; 0: none
};

// CIPHER_OPEN deciphers block by block, CIPHER_OPEN_CHAIN undoes the chaining too.
enum cipher_use { CIPHER_DERIVE, CIPHER_SEAL, CIPHER_OPEN, CIPHER_OPEN_CHAIN, CIPHER_USES };

// cipher_key_aes keys a cipher; an allocation happens at most at its first keying.
MUST_USE bool cipher_key_aes(struct cipher *c, enum cipher_use use, struct slice key,
                             uint64_t identity);
// cipher_pooled lends this thread's cipher of that use and key length, keyed with `key`. A pooled
// cipher stays keyed until another identity comes, so `identity` must be unique (identity_new).
// NULL if libcrypto refuses.
struct cipher *cipher_pooled(enum cipher_use use, struct slice key, uint64_t identity);
// cipher_clear wipes and gives back.
void cipher_clear(struct cipher *c);
// identity_new is a number that no other key of this process has.
uint64_t identity_new(void);

// cipher_cbc encrypts whole blocks in place in CBC mode: `fresh` with a zero IV, otherwise from
// where the last call ended.
MUST_USE bool cipher_cbc(struct cipher *c, uint8_t *data, size_t len, bool fresh);
// cipher_cbc_to is the same with a zero IV from `in` to `out`, which are apart; `in` is written to
// on the way and is then what it was.
MUST_USE bool cipher_cbc_to(struct cipher *c, uint8_t *in, uint8_t *out, size_t len);
// cipher_cbc_next goes on from where the last call ended, from `in` to `out`: the same or apart.
MUST_USE bool cipher_cbc_next(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len);
// cipher_cbc_open undoes CBC with a cipher of CIPHER_OPEN_CHAIN, from `in` to `out` (the same or
// apart): `fresh` with a zero IV, otherwise from where the last call ended.
MUST_USE bool cipher_cbc_open(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len,
                              bool fresh);
// cipher_blocks_open decrypts whole blocks, each for itself; `in` and `out` may not overlap.
MUST_USE bool cipher_blocks_open(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len);

// camellia is libcrypto's key schedule, in its size.
struct camellia {
    uint64_t schedule[34];
    int rounds;
};
void camellia_key(struct camellia *k, struct slice key);

// cmac is CMAC with Camellia (NIST SP 800-38B, RFC 6803).
struct cmac {
    struct camellia key;
    uint8_t k1[BLOCK_LENGTH], k2[BLOCK_LENGTH]; // the two sub-keys of the last block
};
void cmac_prepare(struct cmac *m, struct slice key);
void cmac_compute(const struct cmac *m, const struct slice *parts, size_t count,
                  uint8_t out[BLOCK_LENGTH]);
// cmac_run is the same for parts that come one by one: begin, add each, end.
struct cmac_run {
    const struct cmac *m;
    uint8_t x[BLOCK_LENGTH];
    size_t at; // bytes of the current block that are added already
};
void cmac_begin(struct cmac_run *run, const struct cmac *m);
void cmac_add(struct cmac_run *run, const uint8_t *data, size_t len);
void cmac_end(struct cmac_run *run, uint8_t out[BLOCK_LENGTH]);

// rc4 runs the stream of a fresh key over `in`; in and out may be the same.
void rc4(struct slice key, const uint8_t *in, uint8_t *out, size_t len);
// rc4_stream is the same for bytes that come piece by piece; the caller wipes it.
struct rc4_stream {
    uint32_t words[258];
};
void rc4_start(struct rc4_stream *s, struct slice key);
void rc4_run(struct rc4_stream *s, const uint8_t *in, uint8_t *out, size_t len);

enum hash { HASH_MD4, HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512 };
size_t hash_length(enum hash hash);
// hash_compute digests the parts one after the other; out has hash_length bytes.
void hash_compute(enum hash hash, const struct slice *parts, size_t count, uint8_t *out);
// hash_run is the same for parts that come one by one: begin, add each, end.
struct hash_run {
    enum hash hash;
    uint64_t state[28]; // libcrypto's
};
void hash_begin(struct hash_run *run, enum hash hash);
void hash_add(struct hash_run *run, const uint8_t *data, size_t len);
void hash_end(struct hash_run *run, uint8_t *out);

// hmac holds the digest's state behind the inner and the outer pad, so that a message costs only
// its own blocks and two more.
struct hmac {
    uint64_t inner[8], outer[8];
};
void hmac_prepare(struct hmac *m, enum hash hash, struct slice key);
// hmac_compute authenticates the parts one after the other; out has hash_length bytes.
void hmac_compute(const struct hmac *m, enum hash hash, const struct slice *parts, size_t count,
                  uint8_t *out);
// hmac_run is the same for parts that come one by one: begin, add each, end.
struct hmac_run {
    const struct hmac *m;
    struct hash_run inner;
};
void hmac_begin(struct hmac_run *run, const struct hmac *m, enum hash hash);
void hmac_add(struct hmac_run *run, const uint8_t *data, size_t len);
void hmac_end(struct hmac_run *run, uint8_t *out);
// hmac_whole is for a short message in memory of the caller's, which has HMAC_ROOM bytes behind it
// that are written to: nothing is copied.
#define HMAC_ROOM 144
void hmac_whole(const struct hmac *m, enum hash hash, uint8_t *data, size_t len, uint8_t *out);
// pbkdf2 is RFC 8018 5.2 with HMAC of the hash.
void pbkdf2(enum hash hash, struct slice password, struct slice salt, uint32_t iterations,
            struct buf out);

#endif
