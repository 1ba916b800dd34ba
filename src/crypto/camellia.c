// camellia.c: camellia128- and camellia256-cts-cmac (RFC 6803): RFC 3961's profile with CMAC for
// the checksum and KDF-FEEDBACK-CMAC for the derivation.
#include "base/ct.h"
#include "crypto/enctype.h"

struct camellia_slot {
    bool have_ke, have_ki, have_kc;
    struct camellia ke;
    struct cmac ki, kc;
};

static enum obol_code make_ke(struct crypto_key *key, struct camellia_slot *s, uint32_t usage,
                              struct error *err) {
    uint8_t bytes[CRYPTO_KEY_MAX];
    size_t len = key->enctype->key_length;
    TRY(derive_usage(key, usage, 0xaa, buf_of(bytes, len), err));
    camellia_key(&s->ke, slice_of(bytes, len));
    wipe(bytes, sizeof bytes);
    s->have_ke = true;
    return OBOL_OK;
}

static enum obol_code make_mac(struct crypto_key *key, uint32_t usage, uint8_t kind,
                               struct cmac *out, bool *have, struct error *err) {
    uint8_t bytes[CRYPTO_KEY_MAX];
    size_t len = key->enctype->key_length;
    TRY(derive_usage(key, usage, kind, buf_of(bytes, len), err));
    cmac_prepare(out, slice_of(bytes, len));
    wipe(bytes, sizeof bytes);
    *have = true;
    return OBOL_OK;
}

static enum obol_code make_sealing(struct crypto_key *key, struct camellia_slot *s, uint32_t usage,
                                   struct error *err) {
    if (!s->have_ke)
        TRY(make_ke(key, s, usage, err));
    return s->have_ki ? OBOL_OK : make_mac(key, usage, 0x55, &s->ki, &s->have_ki, err);
}

static enum obol_code camellia_seal(struct crypto_key *key, void *slot, uint32_t usage,
                                    const struct env *env, const struct slice plain[2],
                                    struct buf out, struct error *err) {
    struct camellia_slot *s = slot;
    TRY(make_sealing(key, s, usage, err));
    size_t len = BLOCK_LENGTH + plain_length(plain);
    env_random(env, buf_of(out.ptr, BLOCK_LENGTH));
    plain_put(out.ptr + BLOCK_LENGTH, plain);
    struct slice body = slice_of(out.ptr, len);
    cmac_compute(&s->ki, &body, 1, out.ptr + len);
    struct cipher c = {.camellia = &s->ke};
    ENSURE(cts_seal(&c, out.ptr, len), CRYPTO_LIBRARY, "Camellia refused %zu bytes", len);
    return OBOL_OK;
}

static enum obol_code camellia_open(struct crypto_key *key, void *slot, uint32_t usage,
                                    struct slice sealed, struct buf out, struct slice *plain,
                                    struct error *err) {
    struct camellia_slot *s = slot;
    TRY(make_sealing(key, s, usage, err));
    size_t len = sealed.len - BLOCK_LENGTH;
    struct cipher c = {.camellia = &s->ke};
    ENSURE(cts_open(&c, sealed.ptr, out.ptr, len), CRYPTO_LIBRARY, "Camellia refused %zu bytes",
           len);
    uint8_t mac[BLOCK_LENGTH];
    struct slice body = slice_of(out.ptr, len);
    cmac_compute(&s->ki, &body, 1, mac);
    bool same = ct_equal(slice_of(mac, sizeof mac), slice_of(sealed.ptr + len, sizeof mac));
    wipe(mac, sizeof mac);
    ENSURE(same, DECRYPT_INTEGRITY, "%zu bytes sealed with %s for usage %u", sealed.len,
           key->enctype->name, usage);
    *plain = slice_of(out.ptr + BLOCK_LENGTH, len - BLOCK_LENGTH);
    return OBOL_OK;
}

static void mac_of(const struct camellia_slot *s, const struct crypto_part *parts, size_t count,
                   bool opened, uint8_t mac[BLOCK_LENGTH]) {
    struct cmac_run run;
    cmac_begin(&run, &s->ki);
    for (size_t i = 0; i < count; i++)
        cmac_add(&run, opened && !parts[i].sign_only ? parts[i].out : parts[i].in, parts[i].len);
    cmac_end(&run, mac);
}

static enum obol_code camellia_seal_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                          const struct crypto_part *parts, size_t count,
                                          size_t total, uint8_t *mac, struct error *err) {
    struct camellia_slot *s = slot;
    TRY(make_sealing(key, s, usage, err));
    mac_of(s, parts, count, false, mac);
    struct cipher c = {.camellia = &s->ke};
    ENSURE(cts_seal_parts(&c, parts, count, total, NULL), CRYPTO_LIBRARY,
           "Camellia refused %zu bytes", total);
    return OBOL_OK;
}

static enum obol_code camellia_open_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                          const struct crypto_part *parts, size_t count,
                                          size_t total, const uint8_t *mac, struct error *err) {
    struct camellia_slot *s = slot;
    TRY(make_sealing(key, s, usage, err));
    struct cipher c = {.camellia = &s->ke};
    ENSURE(cts_open_parts(&c, parts, count, total), CRYPTO_LIBRARY, "Camellia refused %zu bytes",
           total);
    uint8_t expected[BLOCK_LENGTH];
    mac_of(s, parts, count, true, expected);
    bool same = ct_equal(slice_of(expected, sizeof expected), slice_of(mac, sizeof expected));
    wipe(expected, sizeof expected);
    return LIKELY(same) ? OBOL_OK : parts_mac_failed(key, usage, total, err);
}

static enum obol_code camellia_checksum(struct crypto_key *key, void *slot, uint32_t usage,
                                        const struct crypto_part *parts, size_t count, uint8_t *out,
                                        struct error *err) {
    struct camellia_slot *s = slot;
    if (!s->have_kc)
        TRY(make_mac(key, usage, 0x99, &s->kc, &s->have_kc, err));
    struct cmac_run run;
    cmac_begin(&run, &s->kc);
    for (size_t i = 0; i < count; i++)
        cmac_add(&run, parts[i].in, parts[i].len);
    cmac_end(&run, out);
    return OBOL_OK;
}

// RFC 6803 5: CMAC of the input with DK(key, "prf").
static enum obol_code camellia_prf(struct crypto_key *key, struct slice input, uint8_t *out,
                                   struct error *err) {
    uint8_t kp[CRYPTO_KEY_MAX];
    size_t len = key->enctype->key_length;
    TRY(derive_cmac(key, SLICE_LITERAL("prf"), buf_of(kp, len), err));
    struct cmac m;
    cmac_prepare(&m, slice_of(kp, len));
    cmac_compute(&m, &input, 1, out);
    wipe(&m, sizeof m);
    wipe(kp, sizeof kp);
    return OBOL_OK;
}

static enum obol_code camellia_warm(struct crypto_key *key, void *slot, uint32_t usage,
                                    struct error *err) {
    struct camellia_slot *s = slot;
    TRY(make_sealing(key, s, usage, err));
    return s->have_kc ? OBOL_OK : make_mac(key, usage, 0x99, &s->kc, &s->have_kc, err);
}

static void camellia_slot_forget(void *slot) {
    struct camellia_slot *s = slot;
    s->have_ke = s->have_ki = s->have_kc = false;
}

// HASH_SHA1 is PBKDF2's; the checksum is no HMAC.
#define CAMELLIA_COMMON                                                                            \
    .confounder = BLOCK_LENGTH, .mac_length = BLOCK_LENGTH, .prf_length = BLOCK_LENGTH,            \
    .iterations = 32768, .s2k_hash = HASH_SHA1, .base_size = sizeof(struct cmac),                  \
    .slot_size = sizeof(struct camellia_slot), .derive = derive_cmac, .seal = camellia_seal,       \
    .open = camellia_open, .seal_parts = camellia_seal_parts, .open_parts = camellia_open_parts,   \
    .checksum = camellia_checksum, .prf = camellia_prf, .string_to_key = s2k_pbkdf2,               \
    .warm = camellia_warm, .slot_forget = camellia_slot_forget

const struct enctype enctype_camellia128 = {
    .number = ENCTYPE_CAMELLIA128,
    .checksum_type = CKSUMTYPE_CMAC_CAMELLIA128,
    .name = "camellia128-cts-cmac",
    .checksum_name = "cmac-camellia128",
    .aliases = {"camellia128-cts"},
    .key_length = 16,
    CAMELLIA_COMMON,
};

const struct enctype enctype_camellia256 = {
    .number = ENCTYPE_CAMELLIA256,
    .checksum_type = CKSUMTYPE_CMAC_CAMELLIA256,
    .name = "camellia256-cts-cmac",
    .checksum_name = "cmac-camellia256",
    .aliases = {"camellia256-cts"},
    .key_length = 32,
    CAMELLIA_COMMON,
};
