// key.c: prepared keys and the operations on them (RFC 3961 3, 4): arguments are checked here, the
// enctype's own file does the rest. A key remembers what it derived for its last few usages.
#include "base/ct.h"
#include "base/fetch.h"
#include "crypto/enctype.h"
#include <stdlib.h>

_Static_assert(sizeof(struct crypto_key) + sizeof(struct cmac) <= KEY_TRANSIENT_SIZE,
               "room for a transient key");

static size_t key_size(const struct enctype *e) {
    return sizeof(struct crypto_key) + e->base_size + KEY_SLOTS * e->slot_size;
}

void key_init_transient(struct crypto_key *key, const struct enctype *e, struct slice bytes) {
    memset(key, 0, sizeof *key);
    key->enctype = e;
    key->identity = identity_new();
    memcpy(key->bytes, bytes.ptr, bytes.len);
}

static enum obol_code check_key(const struct enctype **e, int32_t enctype, struct slice bytes,
                                struct error *err) {
    *e = enctype_find(enctype);
    ENSURE(*e, ENCTYPE_UNSUPPORTED, "enctype %d is not known", enctype);
    ENSURE(bytes.len == (*e)->key_length, KEY_LENGTH, "%s takes %zu bytes, not %zu", (*e)->name,
           (*e)->key_length, bytes.len);
    ENSURE(primitive_start(), CRYPTO_LIBRARY, "libcrypto lacks AES in CBC or ECB mode");
    derive_start();
    return OBOL_OK;
}

enum obol_code crypto_key_new(struct crypto_key **out, int32_t enctype, struct slice bytes,
                              struct error *err) {
    const struct enctype *e;
    *out = NULL;
    TRY(check_key(&e, enctype, bytes, err));
    struct crypto_key *key = calloc(1, key_size(e));
    ENSURE(key, NO_MEMORY, "a key takes %zu bytes", key_size(e));
    key_init_transient(key, e, bytes);
    *out = key;
    return OBOL_OK;
}

enum obol_code crypto_key_new_scheduled(struct crypto_key **out, int32_t enctype,
                                        struct slice bytes, struct error *err) {
    TRY(crypto_key_new(out, enctype, bytes, err));
    if (!(*out)->enctype->lent_ciphers)
        return OBOL_OK;
    (*out)->ciphers = calloc((size_t)KEY_SLOTS * CIPHER_USES, sizeof(struct cipher));
    if ((*out)->ciphers)
        return OBOL_OK;
    crypto_key_free(*out);
    *out = NULL;
    return error_set(err, OBOL_NO_MEMORY, __func__, "no memory for a key's ciphers");
}

enum obol_code crypto_key_in_arena(struct crypto_key **out, struct arena *a, int32_t enctype,
                                   struct slice bytes, struct error *err) {
    const struct enctype *e;
    *out = NULL;
    TRY(check_key(&e, enctype, bytes, err));
    struct crypto_key *key = arena_alloc(a, key_size(e)); // slots are made ready one by one
    ENSURE_MEMORY(key);
    key_init_transient(key, e, bytes);
    *out = key;
    return OBOL_OK;
}

static void *slot_at(struct crypto_key *key, size_t i) {
    return key->state + key->enctype->base_size + i * key->enctype->slot_size;
}

void crypto_key_free(struct crypto_key *key) {
    if (!key)
        return;
    for (size_t i = 0; key->ciphers && i < (size_t)KEY_SLOTS * CIPHER_USES; i++)
        cipher_clear(&key->ciphers[i]);
    free(key->ciphers);
    wipe(key, key_size(key->enctype));
    free(key);
}

struct cipher *key_ciphers(struct crypto_key *key, const void *slot) {
    const struct enctype *e = key->enctype;
    if (!key->ciphers)
        return NULL;
    size_t at = (size_t)((const uint8_t *)slot - (key->state + e->base_size)) / e->slot_size;
    return &key->ciphers[at * CIPHER_USES];
}

const struct enctype *crypto_key_enctype(const struct crypto_key *key) {
    return key->enctype;
}

struct crypto_lengths crypto_key_lengths(const struct crypto_key *key) {
    return (struct crypto_lengths){key->enctype->confounder, key->enctype->mac_length};
}

struct slice crypto_key_bytes(const struct crypto_key *key) {
    return key_slice(key);
}

// A usage not met lately takes an unused slot, or the one that came longest ago.
void *key_slot(struct crypto_key *key, uint32_t usage) {
    for (size_t i = 0; i < key->slots_used; i++)
        if (key->usages[i] == usage)
            return slot_at(key, i);
    size_t i = key->slots_used;
    if (i < KEY_SLOTS) {
        key->slots_used++;
        memset(slot_at(key, i), 0, key->enctype->slot_size);
    } else {
        i = key->victim;
        key->victim = (uint8_t)((i + 1) % KEY_SLOTS);
        key->enctype->slot_forget(slot_at(key, i));
    }
    key->usages[i] = usage;
    return slot_at(key, i);
}

// What an AES key keeps for the usages of a login; how much a key has stands in it, and looking
// there would be the wait that this is to save.
void crypto_key_fetch(const struct crypto_key *key) {
    fetch_ahead(key, 1024);
}

void crypto_key_warm(struct crypto_key *key, uint32_t usage) {
    struct error ignored; // what fails now fails again, with its facts, where it is used
    error_init(&ignored);
    (void)key->enctype->warm(key, key_slot(key, usage), usage, &ignored);
}

enum obol_code crypto_seal(struct crypto_key *key, uint32_t usage, const struct env *env,
                           struct slice plain, struct buf out, struct error *err) {
    return crypto_seal_two(key, usage, env, plain, (struct slice){0}, out, err);
}

enum obol_code crypto_seal_two(struct crypto_key *key, uint32_t usage, const struct env *env,
                               struct slice first, struct slice second, struct buf out,
                               struct error *err) {
    const struct enctype *e = key->enctype;
    const struct slice plain[2] = {first, second};
    const size_t len = first.len + second.len;
    ENSURE(first.len <= INT32_MAX && len <= INT32_MAX, INVALID_ARGUMENT, "%zu bytes of plaintext",
           len);
    ENSURE(out.len == e->confounder + len + e->mac_length, INVALID_ARGUMENT,
           "%zu bytes sealed with %s take %zu, not %zu", len, e->name,
           enctype_sealed_length(e, len), out.len);
    enum obol_code code = e->seal(key, key_slot(key, usage), usage, env, plain, out, err);
    if (UNLIKELY(code != OBOL_OK))
        wipe(out.ptr, out.len); // the plaintext may stand there
    return code;
}

enum obol_code crypto_open(struct crypto_key *key, uint32_t usage, struct slice sealed,
                           struct buf out, struct slice *plain, struct error *err) {
    const struct enctype *e = key->enctype;
    *plain = (struct slice){0};
    size_t overhead = e->confounder + e->mac_length;
    ENSURE(sealed.len >= overhead && sealed.len <= INT32_MAX, DECRYPT_INTEGRITY,
           "%zu bytes sealed with %s: at least %zu are needed", sealed.len, e->name, overhead);
    size_t need = enctype_opened_length(e, sealed.len);
    ENSURE(out.len >= need, INVALID_ARGUMENT, "opening %zu bytes takes %zu, not %zu", sealed.len,
           need, out.len);
    enum obol_code code = e->open(key, key_slot(key, usage), usage, sealed, out, plain, err);
    if (UNLIKELY(code != OBOL_OK))
        wipe(out.ptr, need);
    return code;
}

enum obol_code crypto_checksum(struct crypto_key *key, uint32_t usage, struct slice data,
                               struct buf out, struct error *err) {
    const struct enctype *e = key->enctype;
    ENSURE(out.len == e->mac_length, INVALID_ARGUMENT, "a checksum %s has %zu bytes, not %zu",
           e->checksum_name, e->mac_length, out.len);
    const struct crypto_part part = part_of(data);
    return e->checksum(key, key_slot(key, usage), usage, &part, 1, out.ptr, err);
}

enum obol_code crypto_checksum_type(struct crypto_key *key, uint32_t usage, int32_t type,
                                    struct slice data, struct buf out, struct error *err) {
    if (type == key->enctype->checksum_type)
        return crypto_checksum(key, usage, data, out, err);
    ENSURE(type == CKSUMTYPE_HMAC_MD5, CKSUMTYPE_UNSUPPORTED,
           "type %d does not go with a key of %s, whose type is %d", type, key->enctype->name,
           key->enctype->checksum_type);
    ENSURE(out.len == 16, INVALID_ARGUMENT, "a checksum hmac-md5 has 16 bytes, not %zu", out.len);
    const struct crypto_part part = part_of(data);
    hmac_md5(key_slice(key), usage, &part, 1, out.ptr);
    return OBOL_OK;
}

// The one comparison of checksums.
static enum obol_code compare(struct slice expected, struct slice given, const char *name,
                              uint32_t usage, struct error *err) {
    ENSURE(given.len == expected.len, CHECKSUM_MISMATCH, "a checksum %s has %zu bytes, not %zu",
           name, expected.len, given.len);
    ENSURE(ct_equal(expected, given), CHECKSUM_MISMATCH, "%s for usage %u", name, usage);
    return OBOL_OK;
}

enum obol_code crypto_verify(struct crypto_key *key, uint32_t usage, int32_t type,
                             struct slice data, struct slice checksum, struct error *err) {
    const struct enctype *e = key->enctype;
    ENSURE(type == e->checksum_type, CKSUMTYPE_UNSUPPORTED,
           "type %d came, a key of %s makes type %d (%s)", type, e->name, e->checksum_type,
           e->checksum_name);
    uint8_t expected[CRYPTO_CKSUM_MAX];
    const struct crypto_part part = part_of(data);
    enum obol_code code = e->checksum(key, key_slot(key, usage), usage, &part, 1, expected, err);
    if (code == OBOL_OK)
        code = compare(slice_of(expected, e->mac_length), checksum, e->checksum_name, usage, err);
    wipe(expected, sizeof expected);
    return code;
}

enum obol_code crypto_verify_hmac_md5(struct crypto_key *key, uint32_t usage, struct slice data,
                                      struct slice checksum, struct error *err) {
    uint8_t expected[16];
    const struct crypto_part part = part_of(data);
    hmac_md5(key_slice(key), usage, &part, 1, expected);
    enum obol_code code =
        compare(slice_of(expected, sizeof expected), checksum, "hmac-md5", usage, err);
    wipe(expected, sizeof expected);
    return code;
}

enum obol_code crypto_derive(struct crypto_key *key, struct slice constant, struct buf out,
                             struct error *err) {
    ENSURE(key->enctype->derive, UNSUPPORTED, "%s has no derivation", key->enctype->name);
    ENSURE(constant.len > 0 && out.len > 0, INVALID_ARGUMENT,
           "a derivation of %zu bytes from a constant of %zu", out.len, constant.len);
    return key->enctype->derive(key, constant, out, err);
}
