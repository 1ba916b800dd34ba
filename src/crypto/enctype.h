// enctype.h: what an enctype's file supplies and what a prepared key looks like inside. Only files
// of this layer include it; everybody else uses crypto.h.
//
// An enctype is a const descriptor (RFC 3961 3). Its functions find what was derived for a usage in
// a slot of the key, in a form that is the enctype's own.
#ifndef OBOL_CRYPTO_ENCTYPE_H
#define OBOL_CRYPTO_ENCTYPE_H

#include "crypto/crypto.h"
#include "crypto/primitive.h"

#define KEY_SLOTS 4 // usages that a key remembers at a time

struct enctype {
    int32_t number, checksum_type;
    const char *name, *checksum_name;
    const char *aliases[3];
    size_t key_length; // also the seed's: random-to-key is the identity in all of these
    size_t confounder; // bytes in front of the plaintext
    size_t mac_length; // bytes of the checksum, sealed or alone
    size_t prf_length; // bytes
    bool weak;
    uint32_t iterations;         // of string-to-key by default; 0: it takes none
    enum hash hash;              // of the checksum
    enum hash s2k_hash;          // of PBKDF2
    size_t base_size, slot_size; // bytes of its state for the key, and for one usage

    // derive is DK, KDF-HMAC-SHA2 or KDF-FEEDBACK-CMAC; NULL where the enctype has none.
    enum obol_code (*derive)(struct crypto_key *key, struct slice constant, struct buf out,
                             struct error *err);
    // seal takes the plaintext in two pieces (plain_put).
    enum obol_code (*seal)(struct crypto_key *key, void *slot, uint32_t usage,
                           const struct env *env, const struct slice plain[2], struct buf out,
                           struct error *err);
    // open fills `out` and reports where in it the plaintext stands; crypto_open wipes on failure.
    enum obol_code (*open)(struct crypto_key *key, void *slot, uint32_t usage, struct slice sealed,
                           struct buf out, struct slice *plain, struct error *err);
    // seal_parts and open_parts work on checked parts, of `total` sealed bytes; NULL where the
    // enctype has none. mac has mac_length bytes.
    enum obol_code (*seal_parts)(struct crypto_key *key, void *slot, uint32_t usage,
                                 const struct crypto_part *parts, size_t count, size_t total,
                                 uint8_t *mac, struct error *err);
    enum obol_code (*open_parts)(struct crypto_key *key, void *slot, uint32_t usage,
                                 const struct crypto_part *parts, size_t count, size_t total,
                                 const uint8_t *mac, struct error *err);
    // checksum writes mac_length bytes.
    enum obol_code (*checksum)(struct crypto_key *key, void *slot, uint32_t usage,
                               const struct crypto_part *parts, size_t count, uint8_t *out,
                               struct error *err);
    enum obol_code (*prf)(struct crypto_key *key, struct slice input, uint8_t *out,
                          struct error *err);
    enum obol_code (*string_to_key)(const struct enctype *e, struct slice password,
                                    struct slice salt, uint32_t iterations, struct buf out,
                                    struct error *err);
    // warm makes everything that seal and open of a usage need.
    enum obol_code (*warm)(struct crypto_key *key, void *slot, uint32_t usage, struct error *err);
    void (*slot_forget)(void *slot); // makes a slot ready for another usage
    bool lent_ciphers; // a usage's ciphers are the thread's, unless the key keeps its schedules
};

extern const struct enctype enctype_aes128_sha1, enctype_aes256_sha1, enctype_aes128_sha2,
    enctype_aes256_sha2, enctype_camellia128, enctype_camellia256, enctype_rc4;

struct crypto_key {
    const struct enctype *enctype;
    uint8_t bytes[CRYPTO_KEY_MAX];
    uint64_t identity;      // in the pool of ciphers
    bool base_ready;        // the enctype's state for the key itself is made
    uint8_t slots_used;     // the first ones
    uint8_t victim;         // the slot that the next new usage takes when all are used
    struct cipher *ciphers; // CIPHER_USES a slot, of a key that keeps its schedules; or NULL
    uint32_t usages[KEY_SLOTS];
    _Alignas(16) uint8_t state[]; // base_size bytes, then KEY_SLOTS times slot_size
};

static inline struct slice key_slice(const struct crypto_key *key) {
    return slice_of(key->bytes, key->enctype->key_length);
}

// part_of is whole bytes as the one part of a checksum.
static inline struct crypto_part part_of(struct slice s) {
    return (struct crypto_part){.in = s.ptr, .len = s.len, .sign_only = true};
}

static inline size_t plain_length(const struct slice plain[2]) {
    return plain[0].len + plain[1].len;
}
// plain_put puts both pieces behind each other, of which the first may stand there already.
static inline void plain_put(uint8_t *to, const struct slice plain[2]) {
    if (plain[0].len && plain[0].ptr != to)
        memcpy(to, plain[0].ptr, plain[0].len);
    if (plain[1].len)
        memcpy(to + plain[0].len, plain[1].ptr, plain[1].len);
}

// key_slot is the state that the key keeps for a usage.
void *key_slot(struct crypto_key *key, uint32_t usage);
// key_ciphers is the CIPHER_USES ciphers of a slot's own; NULL: the thread's serve.
struct cipher *key_ciphers(struct crypto_key *key, const void *slot);

// key_init_transient puts a key into memory of the caller's that lives shorter than a call, with
// state for the key itself but no slots (string-to-key derives with such a one).
#define KEY_TRANSIENT_SIZE 768
void key_init_transient(struct crypto_key *key, const struct enctype *e, struct slice bytes);

// cts_seal encrypts in place in CBC mode with ciphertext stealing (RFC 3962 5), zero IV; len is at
// least a block. False if libcrypto refuses.
MUST_USE bool cts_seal(struct cipher *c, uint8_t *data, size_t len);
// cts_open decrypts len bytes, at least a block, from `in` to `out`, which may not overlap.
MUST_USE bool cts_open(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len);
// cts_open_rest decrypts all but the first block, which the stealing must have left alone: len is
// more than two blocks.
MUST_USE bool cts_open_rest(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len);

// cts_seal_parts and cts_open_parts are the same over parts whose sealed ones have `total` bytes,
// at least a block; cts_open_parts takes a cipher of CIPHER_OPEN_CHAIN.
// A digest may go along with the sealing (NULL: none), over what goes in or what comes out; what is
// only signed it takes in its place.
struct cts_digest {
    struct hmac_run *run; // begun
    bool sealed;          // over what comes out
    size_t step;          // bytes that it takes at a time: whole blocks of cipher and digest
    size_t taken;         // bytes that stand in front of the parts already
    // cts_seal_parts's own: what is digested of the parts.
    const struct crypto_part *part;
    size_t offset;
};
MUST_USE bool cts_seal_parts(struct cipher *c, const struct crypto_part *parts, size_t count,
                             size_t total, struct cts_digest *d);
MUST_USE bool cts_open_parts(struct cipher *c, const struct crypto_part *parts, size_t count,
                             size_t total);
// cts_short is a short message on its way through the cipher, in one place: in front is a block
// for what a checksum covers before it, behind is room for the padding of cipher and digest.
#define CTS_SHORT_MAX 512
struct cts_short {
    uint8_t bytes[BLOCK_LENGTH + CTS_SHORT_MAX + HMAC_ROOM];
};
static inline uint8_t *cts_short_data(struct cts_short *s) {
    return s->bytes + BLOCK_LENGTH;
}
// cts_short_fits: the message is short, and nothing in it is only signed.
bool cts_short_fits(const struct crypto_part *parts, size_t count, size_t total);
void cts_short_take(struct cts_short *s, const struct crypto_part *parts, size_t count,
                    size_t total);
void cts_short_put(struct cts_short *s, const struct crypto_part *parts, size_t count,
                   size_t total);
// cts_short_seal_to leaves the plaintext as it is, of which a checksum may be made after.
MUST_USE bool cts_short_seal_to(struct cipher *c, struct cts_short *s, size_t total, uint8_t *out);
// cts_short_seal and cts_short_open work in place.
MUST_USE bool cts_short_seal(struct cipher *c, struct cts_short *s, size_t total);
MUST_USE bool cts_short_open(struct cipher *c, struct cts_short *s, size_t total);
// parts_mac_failed is the one error of a checksum that does not hold.
enum obol_code parts_mac_failed(const struct crypto_key *key, uint32_t usage, size_t total,
                                struct error *err);

// derive_start makes the tables of this layer, once a process.
void derive_start(void);
// derive_aes is DK of RFC 3961 5.3 with AES.
enum obol_code derive_aes(struct crypto_key *key, struct slice constant, struct buf out,
                          struct error *err);
// derive_hmac is KDF-HMAC-SHA2 of RFC 8009 3.
enum obol_code derive_hmac(struct crypto_key *key, struct slice constant, struct buf out,
                           struct error *err);
// derive_hmac_context is derive_hmac with the context that its PRF takes.
enum obol_code derive_hmac_context(struct crypto_key *key, struct slice label, struct slice context,
                                   struct buf out, struct error *err);
// derive_cmac is KDF-FEEDBACK-CMAC of RFC 6803 3.
enum obol_code derive_cmac(struct crypto_key *key, struct slice constant, struct buf out,
                           struct error *err);
// derive_usage derives for a usage: kind is 0x99 (Kc), 0xAA (Ke) or 0x55 (Ki), RFC 3961 5.3.
enum obol_code derive_usage(struct crypto_key *key, uint32_t usage, uint8_t kind, struct buf out,
                            struct error *err);

// s2k_pbkdf2 is string-to-key of RFC 3962 4, 6803 4 and 8009 4: PBKDF2, then a derivation.
enum obol_code s2k_pbkdf2(const struct enctype *e, struct slice password, struct slice salt,
                          uint32_t iterations, struct buf out, struct error *err);
// s2k_rc4 is MD4 of the password in UTF-16 (RFC 4757 2); the salt plays no part.
enum obol_code s2k_rc4(const struct enctype *e, struct slice password, struct slice salt,
                       uint32_t iterations, struct buf out, struct error *err);

// hmac_md5 is the checksum hmac-md5 of RFC 4757 4, which any key can make.
void hmac_md5(struct slice key, uint32_t usage, const struct crypto_part *parts, size_t count,
              uint8_t out[16]);

#endif
