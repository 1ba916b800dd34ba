// digest.c: the digests of libcrypto with HMAC (RFC 2104) and PBKDF2 (RFC 8018 5.2) over them; see
// primitive.h. The low-level functions work on plain structs: a state behind a pad is a few words
// that are kept and put back, where EVP copies objects on the heap, at two to four times the cost
// for short messages. They use the SHA instructions as EVP does.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/ct.h"
#include "crypto/primitive.h"
#include <endian.h>
#include <openssl/md4.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

union state {
    MD4_CTX md4;
    MD5_CTX md5;
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
};

struct digest {
    size_t length, block;
    void (*start)(union state *s);
    void (*update)(union state *s, const void *data, size_t len);
    void (*finish)(union state *s, uint8_t *out);
    void (*save)(const union state *s, uint64_t words[8]); // behind exactly one block
    void (*restore)(union state *s, const uint64_t words[8]);
    void (*digest)(const union state *s, uint8_t *out); // behind whole blocks, padding included
    bool big_endian;
};

// The functions of one digest. `h` is its first chaining word, `size` the bytes of them all, `Nl`
// the count of bits (the block behind which the state was saved).
#define DIGEST(name, field, INIT, UPDATE, FINAL, h, size, more)                                    \
    static void name##_start(union state *s) {                                                     \
        INIT(&s->field);                                                                           \
    }                                                                                              \
    static void name##_update(union state *s, const void *data, size_t len) {                      \
        UPDATE(&s->field, data, len);                                                              \
    }                                                                                              \
    static void name##_finish(union state *s, uint8_t *out) {                                      \
        FINAL(out, &s->field);                                                                     \
    }                                                                                              \
    static void name##_save(const union state *s, uint64_t words[8]) {                             \
        memcpy(words, (const uint8_t *)&s->field, size);                                           \
    }                                                                                              \
    static void name##_restore(union state *s, const uint64_t words[8]) {                          \
        _Static_assert(offsetof(__typeof__(s->field), h) == 0, "the words stand first");           \
        memcpy((uint8_t *)&s->field, words, size);                                                 \
        s->field.Nl = 8 * sizeof s->field.more;                                                    \
        s->field.Nh = 0;                                                                           \
        s->field.num = 0;                                                                          \
    }

// The digest is the chaining words as bytes: little-endian in MD4 and MD5, big-endian in SHA.
#define WORDS(name, field, type, count, swap)                                                      \
    static void name##_digest(const union state *s, uint8_t *out) {                                \
        for (size_t i = 0; i < (count); i++) {                                                     \
            type word;                                                                             \
            memcpy(&word, (const uint8_t *)&s->field + i * sizeof word, sizeof word);              \
            word = swap(word);                                                                     \
            memcpy(out + i * sizeof word, &word, sizeof word);                                     \
        }                                                                                          \
    }
DIGEST(md4, md4, MD4_Init, MD4_Update, MD4_Final, A, 16, data)
DIGEST(md5, md5, MD5_Init, MD5_Update, MD5_Final, A, 16, data)
DIGEST(sha1, sha1, SHA1_Init, SHA1_Update, SHA1_Final, h0, 20, data)
DIGEST(sha256_plain, sha256, SHA256_Init, SHA256_Update, SHA256_Final, h, 32, data)
DIGEST(sha384_plain, sha512, SHA384_Init, SHA384_Update, SHA384_Final, h, 64, u)
DIGEST(sha512_plain, sha512, SHA512_Init, SHA512_Update, SHA512_Final, h, 64, u)
WORDS(md4, md4, uint32_t, 4, htole32)
WORDS(md5, md5, uint32_t, 4, htole32)
WORDS(sha1, sha1, uint32_t, 5, htobe32)
WORDS(sha256, sha256, uint32_t, 8, htobe32)
WORDS(sha384, sha512, uint64_t, 6, htobe64)
WORDS(sha512, sha512, uint64_t, 8, htobe64)

// The wider SHA-2 states also remember which of the family they are, for the length of the digest.
static void sha256_restore(union state *s, const uint64_t words[8]) {
    sha256_plain_restore(s, words);
    s->sha256.md_len = SHA256_DIGEST_LENGTH;
}
static void sha384_restore(union state *s, const uint64_t words[8]) {
    sha384_plain_restore(s, words);
    s->sha512.md_len = SHA384_DIGEST_LENGTH;
}
static void sha512_restore(union state *s, const uint64_t words[8]) {
    sha512_plain_restore(s, words);
    s->sha512.md_len = SHA512_DIGEST_LENGTH;
}

static const struct digest digests[] = {
    [HASH_MD4] = {16, 64, md4_start, md4_update, md4_finish, md4_save, md4_restore, md4_digest,
                  false},
    [HASH_MD5] = {16, 64, md5_start, md5_update, md5_finish, md5_save, md5_restore, md5_digest,
                  false},
    [HASH_SHA1] = {20, 64, sha1_start, sha1_update, sha1_finish, sha1_save, sha1_restore,
                   sha1_digest, true},
    [HASH_SHA256] = {32, 64, sha256_plain_start, sha256_plain_update, sha256_plain_finish,
                     sha256_plain_save, sha256_restore, sha256_digest, true},
    [HASH_SHA384] = {48, 128, sha384_plain_start, sha384_plain_update, sha384_plain_finish,
                     sha384_plain_save, sha384_restore, sha384_digest, true},
    [HASH_SHA512] = {64, 128, sha512_plain_start, sha512_plain_update, sha512_plain_finish,
                     sha512_plain_save, sha512_restore, sha512_digest, true},
};

#define HASH_BLOCK_MAX 128

size_t hash_length(enum hash hash) {
    return digests[hash].length;
}

_Static_assert(sizeof(union state) <= sizeof((struct hash_run){0}.state), "room for any digest");

static union state *state_of(struct hash_run *run) {
    return (union state *)run->state;
}

void hash_begin(struct hash_run *run, enum hash hash) {
    run->hash = hash;
    digests[hash].start(state_of(run));
}

void hash_add(struct hash_run *run, const uint8_t *data, size_t len) {
    digests[run->hash].update(state_of(run), data, len);
}

void hash_end(struct hash_run *run, uint8_t *out) {
    digests[run->hash].finish(state_of(run), out);
    wipe(run, sizeof *run);
}

void hash_compute(enum hash hash, const struct slice *parts, size_t count, uint8_t *out) {
    struct hash_run run;
    hash_begin(&run, hash);
    for (size_t i = 0; i < count; i++)
        hash_add(&run, parts[i].ptr, parts[i].len);
    hash_end(&run, out);
}

void hmac_prepare(struct hmac *m, enum hash hash, struct slice key) {
    const struct digest *d = &digests[hash];
    uint8_t short_key[HASH_MAX], pad[HASH_BLOCK_MAX];
    if (key.len > d->block) {
        hash_compute(hash, &key, 1, short_key);
        key = slice_of(short_key, d->length);
    }
    union state s;
    memset(pad, 0x36, d->block);
    for (size_t i = 0; i < key.len; i++)
        pad[i] ^= key.ptr[i];
    d->start(&s);
    d->update(&s, pad, d->block);
    d->save(&s, m->inner);
    for (size_t i = 0; i < d->block; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    d->start(&s);
    d->update(&s, pad, d->block);
    d->save(&s, m->outer);
    wipe(pad, sizeof pad);
    wipe(short_key, sizeof short_key);
    wipe(&s, sizeof s);
}

void hmac_begin(struct hmac_run *run, const struct hmac *m, enum hash hash) {
    run->m = m;
    run->inner.hash = hash;
    digests[hash].restore(state_of(&run->inner), m->inner);
}

void hmac_add(struct hmac_run *run, const uint8_t *data, size_t len) {
    hash_add(&run->inner, data, len);
}

// Fills the last block of a message of `total` bytes, which end at `end`, as RFC 1321 3.1 and FIPS
// 180 5.1 say; gives how many bytes were added. There must be room for HMAC_ROOM.
static inline size_t pad(const struct digest *d, uint8_t *end, size_t total) {
    size_t count = d->block == 128 ? 16 : 8; // bytes of the length
    size_t filled = d->block - (total + count) % d->block;
    const uint64_t bits =
        d->big_endian ? htobe64(8 * (uint64_t)total) : htole64(8 * (uint64_t)total);
    if (d->block == 64) // in a few stores, which is why more is written than counts
        memset(end, 0, 64 + 8);
    else
        memset(end, 0, HMAC_ROOM);
    end[0] = 0x80;
    memcpy(end + filled + count - sizeof bits, &bits, sizeof bits);
    return filled + count;
}

// The digest behind the outer pad: one block, which libcrypto takes from where it stands.
static inline void outer(const struct digest *d, union state *s, const struct hmac *m,
                         uint8_t block[HASH_MAX + HMAC_ROOM], uint8_t *out) {
    (void)pad(d, block + d->length, d->block + d->length);
    d->restore(s, m->outer);
    d->update(s, block, d->block);
    d->digest(s, out);
}

void hmac_end(struct hmac_run *run, uint8_t *out) {
    const struct digest *d = &digests[run->inner.hash];
    union state *s = state_of(&run->inner);
    uint8_t block[HASH_MAX + HMAC_ROOM];
    d->finish(s, block);
    outer(d, s, run->m, block, out);
    wipe(block, HASH_MAX); // padding stands behind
    wipe(s, sizeof *s);
}

// Made for each digest apart, below: with the digest known, what stands above comes down to a few
// stores and libcrypto's own call.
static inline __attribute__((always_inline)) void
whole(const struct digest *d, const struct hmac *m, uint8_t *data, size_t len, uint8_t *out) {
    union state s;
    uint8_t block[HASH_MAX + HMAC_ROOM];
    size_t padded = len + pad(d, data + len, d->block + len);
    d->restore(&s, m->inner);
    d->update(&s, data, padded);
    d->digest(&s, block);
    outer(d, &s, m, block, out);
    wipe(block, HASH_MAX);     // padding stands behind
    wipe(&s, sizeof m->inner); // the chaining words; whole blocks are not kept
}

void hmac_whole(const struct hmac *m, enum hash hash, uint8_t *data, size_t len, uint8_t *out) {
    if (hash == HASH_SHA1)
        whole(&digests[HASH_SHA1], m, data, len, out);
    else if (hash == HASH_SHA256)
        whole(&digests[HASH_SHA256], m, data, len, out);
    else if (hash == HASH_SHA384)
        whole(&digests[HASH_SHA384], m, data, len, out);
    else
        whole(&digests[hash], m, data, len, out);
}

// Whether all of it fits into HMAC_GATHERED bytes, where it then stands.
#define HMAC_GATHERED 512
static bool gather(const struct slice *parts, size_t count, uint8_t *to, size_t *total) {
    *total = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > HMAC_GATHERED - *total)
            return false;
        if (parts[i].len)
            memcpy(to + *total, parts[i].ptr, parts[i].len);
        *total += parts[i].len;
    }
    return true;
}

void hmac_compute(const struct hmac *m, enum hash hash, const struct slice *parts, size_t count,
                  uint8_t *out) {
    uint8_t whole[HMAC_GATHERED + HMAC_ROOM];
    size_t total;
    bool gathered = gather(parts, count, whole, &total);
    if (gathered)
        hmac_whole(m, hash, whole, total, out);
    wipe(whole, total);
    if (gathered)
        return;
    struct hmac_run run;
    hmac_begin(&run, m, hash);
    for (size_t i = 0; i < count; i++)
        hmac_add(&run, parts[i].ptr, parts[i].len);
    hmac_end(&run, out);
}

// One block T_i of RFC 8018 5.2.
static void pbkdf2_block(const struct hmac *m, enum hash hash, struct slice salt, uint32_t index,
                         uint32_t iterations, uint8_t *t) {
    uint8_t count[4] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16), (uint8_t)(index >> 8),
                        (uint8_t)index};
    uint8_t u[HASH_MAX];
    size_t len = hash_length(hash);
    hmac_compute(m, hash, (struct slice[]){salt, slice_of(count, 4)}, 2, u);
    memcpy(t, u, len);
    for (uint32_t i = 1; i < iterations; i++) {
        struct slice last = slice_of(u, len);
        hmac_compute(m, hash, &last, 1, u);
        for (size_t k = 0; k < len; k++)
            t[k] ^= u[k];
    }
    wipe(u, sizeof u);
}

void pbkdf2(enum hash hash, struct slice password, struct slice salt, uint32_t iterations,
            struct buf out) {
    struct hmac m;
    uint8_t t[HASH_MAX];
    size_t len = hash_length(hash);
    hmac_prepare(&m, hash, password);
    for (size_t at = 0; at < out.len; at += len) {
        pbkdf2_block(&m, hash, salt, (uint32_t)(at / len) + 1, iterations, t);
        memcpy(out.ptr + at, t, out.len - at < len ? out.len - at : len);
    }
    wipe(t, sizeof t);
    wipe(&m, sizeof m);
}
