// aes.h: what the two families of AES enctypes share: the keys of a usage, made when first needed.
#ifndef OBOL_CRYPTO_AES_H
#define OBOL_CRYPTO_AES_H

#include "crypto/enctype.h"

struct aes_slot {
    bool have_ke, have_ki, have_kc;
    uint8_t ke[CRYPTO_KEY_MAX];
    uint64_t ke_identity;
    struct cipher *own; // CIPHER_USES of them; NULL: the thread's serve
    struct hmac ki, kc;
};

// aes_cipher is the usage's cipher for that direction, keyed with Ke.
MUST_USE enum obol_code aes_key_cipher(struct crypto_key *key, struct aes_slot *slot,
                                       uint32_t usage, enum cipher_use use, struct cipher **out,
                                       struct error *err);
static inline enum obol_code aes_cipher(struct crypto_key *key, struct aes_slot *slot,
                                        uint32_t usage, enum cipher_use use, struct cipher **out,
                                        struct error *err) {
    if (LIKELY(slot->have_ke && slot->own && slot->own[use].identity == slot->ke_identity)) {
        *out = &slot->own[use];
        return OBOL_OK;
    }
    return aes_key_cipher(key, slot, usage, use, out, err);
}
// aes_ki and aes_kc make the HMAC states of a usage if they are not made yet.
MUST_USE enum obol_code aes_make_ki(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                                    struct error *err);
MUST_USE enum obol_code aes_make_kc(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                                    struct error *err);
static inline enum obol_code aes_ki(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                                    struct error *err) {
    return LIKELY(slot->have_ki) ? OBOL_OK : aes_make_ki(key, slot, usage, err);
}
static inline enum obol_code aes_kc(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                                    struct error *err) {
    return LIKELY(slot->have_kc) ? OBOL_OK : aes_make_kc(key, slot, usage, err);
}
// aes_seal_parts enciphers parts and makes the checksum with Ki meanwhile: over what goes in, or,
// `sealed`, over a block of zeros and what comes out.
MUST_USE bool aes_seal_parts(struct cipher *c, const struct aes_slot *slot, enum hash hash,
                             bool sealed, const struct crypto_part *parts, size_t count,
                             size_t total, uint8_t full[HASH_MAX]);
// aes_seal_long is the same for a whole message, whose confounder is env's and which is put into
// `out` first.
MUST_USE bool aes_seal_long(struct cipher *c, const struct aes_slot *slot, enum hash hash,
                            bool sealed, const struct env *env, const struct slice plain[2],
                            uint8_t *out, uint8_t full[HASH_MAX]);
enum obol_code aes_checksum(struct crypto_key *key, void *slot, uint32_t usage,
                            const struct crypto_part *parts, size_t count, uint8_t *out,
                            struct error *err);
enum obol_code aes_warm(struct crypto_key *key, void *slot, uint32_t usage, struct error *err);
void aes_slot_forget(void *slot);

#endif
