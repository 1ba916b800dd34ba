// aes.c: the keys of a usage of the AES enctypes (RFC 3961 5.3, RFC 8009 3); see aes.h. Ke is as
// long as the key; Ki and Kc are as long as the key in RFC 3962 and as the checksum in RFC 8009.
#include "crypto/aes.h"
#include "base/ct.h"

static enum obol_code make_mac(struct crypto_key *key, uint32_t usage, uint8_t kind,
                               struct hmac *out, struct error *err) {
    const struct enctype *e = key->enctype;
    uint8_t bytes[CRYPTO_KEY_MAX];
    size_t len = e->derive == derive_hmac ? e->mac_length : e->key_length;
    enum obol_code code = derive_usage(key, usage, kind, buf_of(bytes, len), err);
    if (code == OBOL_OK)
        hmac_prepare(out, e->hash, slice_of(bytes, len));
    wipe(bytes, sizeof bytes);
    return code;
}

enum obol_code aes_make_ki(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                           struct error *err) {
    TRY(make_mac(key, usage, 0x55, &slot->ki, err));
    slot->have_ki = true;
    return OBOL_OK;
}

enum obol_code aes_make_kc(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                           struct error *err) {
    TRY(make_mac(key, usage, 0x99, &slot->kc, err));
    slot->have_kc = true;
    return OBOL_OK;
}

static enum obol_code make_ke(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                              struct error *err) {
    TRY(derive_usage(key, usage, 0xaa, buf_of(slot->ke, key->enctype->key_length), err));
    slot->ke_identity = identity_new();
    slot->own = key_ciphers(key, slot);
    slot->have_ke = true;
    return OBOL_OK;
}

enum obol_code aes_key_cipher(struct crypto_key *key, struct aes_slot *slot, uint32_t usage,
                              enum cipher_use use, struct cipher **out, struct error *err) {
    if (!slot->have_ke)
        TRY(make_ke(key, slot, usage, err));
    // The thread's schedule is made again where another key came between: it takes 50 ns, and a
    // context of the key's own is a dozen lines of memory that are in no cache when a user logs in.
    // A key of many messages has its own all the same.
    struct slice ke = slice_of(slot->ke, key->enctype->key_length);
    if (slot->own) {
        struct cipher *own = &slot->own[use];
        bool keyed =
            own->identity == slot->ke_identity || cipher_key_aes(own, use, ke, slot->ke_identity);
        *out = keyed ? own : NULL;
    } else {
        *out = cipher_pooled(use, ke, slot->ke_identity);
    }
    ENSURE(*out, CRYPTO_LIBRARY, "no AES cipher for %s", key->enctype->name);
    return OBOL_OK;
}

// SHA-384 has no instructions, keeps the processor busy by itself, and gains nothing by steps.
static size_t digest_step(enum hash hash) {
    return hash == HASH_SHA384 ? (size_t)INT32_MAX + 1 : 64;
}

bool aes_seal_parts(struct cipher *c, const struct aes_slot *slot, enum hash hash, bool sealed,
                    const struct crypto_part *parts, size_t count, size_t total,
                    uint8_t full[HASH_MAX]) {
    static const uint8_t iv[BLOCK_LENGTH];
    struct hmac_run run;
    struct cts_digest d = {.run = &run, .sealed = sealed, .step = digest_step(hash)};
    hmac_begin(&run, &slot->ki, hash);
    if (sealed) {
        hmac_add(&run, iv, sizeof iv);
        d.taken = sizeof iv;
    }
    bool ok = cts_seal_parts(c, parts, count, total, &d);
    hmac_end(&run, full);
    return ok;
}

bool aes_seal_long(struct cipher *c, const struct aes_slot *slot, enum hash hash, bool sealed,
                   const struct env *env, const struct slice plain[2], uint8_t *out,
                   uint8_t full[HASH_MAX]) {
    const size_t len = BLOCK_LENGTH + plain_length(plain);
    const struct crypto_part whole = {out, out, len, false};
    env_random(env, buf_of(out, BLOCK_LENGTH));
    plain_put(out + BLOCK_LENGTH, plain);
    return aes_seal_parts(c, slot, hash, sealed, &whole, 1, len, full);
}

// Parts that fit are put behind each other, where one call of the digest takes them all; `total` is
// what stands there, also when they do not.
static bool gather(const struct crypto_part *parts, size_t count, struct cts_short *m,
                   size_t *total) {
    *total = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > CTS_SHORT_MAX - *total)
            return false;
        if (parts[i].len)
            memcpy(cts_short_data(m) + *total, parts[i].in, parts[i].len);
        *total += parts[i].len;
    }
    return true;
}

static void checksum_long(const struct hmac *m, enum hash hash, const struct crypto_part *parts,
                          size_t count, uint8_t full[HASH_MAX]) {
    struct hmac_run run;
    hmac_begin(&run, m, hash);
    for (size_t i = 0; i < count; i++)
        hmac_add(&run, parts[i].in, parts[i].len);
    hmac_end(&run, full);
}

// What is signed may be secret: a ticket, with the session key in it, is signed by the KDC.
enum obol_code aes_checksum(struct crypto_key *key, void *slot, uint32_t usage,
                            const struct crypto_part *parts, size_t count, uint8_t *out,
                            struct error *err) {
    struct aes_slot *s = slot;
    TRY(aes_kc(key, s, usage, err));
    uint8_t full[HASH_MAX];
    struct cts_short m;
    size_t total;
    if (LIKELY(gather(parts, count, &m, &total)))
        hmac_whole(&s->kc, key->enctype->hash, cts_short_data(&m), total, full);
    else
        checksum_long(&s->kc, key->enctype->hash, parts, count, full);
    wipe(cts_short_data(&m), total);
    memcpy(out, full, key->enctype->mac_length);
    wipe(full, sizeof full);
    return OBOL_OK;
}

enum obol_code aes_warm(struct crypto_key *key, void *slot, uint32_t usage, struct error *err) {
    struct cipher *c;
    TRY(aes_cipher(key, slot, usage, CIPHER_SEAL, &c, err));
    TRY(aes_cipher(key, slot, usage, CIPHER_OPEN, &c, err));
    TRY(aes_ki(key, slot, usage, err));
    return aes_kc(key, slot, usage, err);
}

void aes_slot_forget(void *slot) {
    struct aes_slot *s = slot;
    s->have_ke = s->have_ki = s->have_kc = false;
}
