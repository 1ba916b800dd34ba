// rc4.c: rc4-hmac (RFC 4757), weak: only where the configuration allows it. The checksum stands in
// front of the ciphertext, and the stream's key comes from the checksum.
#include "base/ct.h"
#include "crypto/enctype.h"

#define MD5_LENGTH     16
#define RC4_CONFOUNDER 8

struct rc4_slot {
    bool have_k1;
    struct hmac k1;
};

// RFC 4757 3: the message type that stands for a key usage. 9 stays 9, as every implementation has
// it (the RFC's 8 is an erratum).
static void message_type(uint32_t usage, uint8_t out[4]) {
    uint32_t t = usage == 3 ? 8 : usage == 23 ? 13 : usage;
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(t >> 8 * i);
}

static void hmac_once(struct slice key, struct slice data, uint8_t out[MD5_LENGTH]) {
    struct hmac m;
    hmac_prepare(&m, HASH_MD5, key);
    hmac_compute(&m, HASH_MD5, &data, 1, out);
    wipe(&m, sizeof m);
}

static void make_k1(struct crypto_key *key, struct rc4_slot *s, uint32_t usage) {
    if (s->have_k1)
        return;
    uint8_t type[4], k1[MD5_LENGTH];
    message_type(usage, type);
    hmac_once(key_slice(key), slice_of(type, sizeof type), k1);
    hmac_prepare(&s->k1, HASH_MD5, slice_of(k1, sizeof k1));
    s->have_k1 = true;
    wipe(k1, sizeof k1);
}

// The stream that belongs to a checksum: K3 of RFC 4757 5.
static void stream(const struct rc4_slot *s, struct slice mac, const uint8_t *in, uint8_t *out,
                   size_t len) {
    uint8_t k3[MD5_LENGTH];
    hmac_compute(&s->k1, HASH_MD5, &mac, 1, k3);
    rc4(slice_of(k3, sizeof k3), in, out, len);
    wipe(k3, sizeof k3);
}

static enum obol_code rc4_seal(struct crypto_key *key, void *slot, uint32_t usage,
                               const struct env *env, struct slice plain, struct buf out,
                               struct error *err) {
    UNUSED(err);
    struct rc4_slot *s = slot;
    make_k1(key, s, usage);
    uint8_t *body = out.ptr + MD5_LENGTH;
    size_t len = RC4_CONFOUNDER + plain.len;
    env_random(env, buf_of(body, RC4_CONFOUNDER));
    if (plain.len)
        memcpy(body + RC4_CONFOUNDER, plain.ptr, plain.len);
    struct slice clear = slice_of(body, len);
    hmac_compute(&s->k1, HASH_MD5, &clear, 1, out.ptr);
    stream(s, slice_of(out.ptr, MD5_LENGTH), body, body, len);
    return OBOL_OK;
}

static enum obol_code rc4_open(struct crypto_key *key, void *slot, uint32_t usage,
                               struct slice sealed, struct buf out, struct slice *plain,
                               struct error *err) {
    struct rc4_slot *s = slot;
    make_k1(key, s, usage);
    struct slice mac = slice_of(sealed.ptr, MD5_LENGTH);
    size_t len = sealed.len - MD5_LENGTH;
    stream(s, mac, sealed.ptr + MD5_LENGTH, out.ptr, len);
    uint8_t expected[MD5_LENGTH];
    struct slice clear = slice_of(out.ptr, len);
    hmac_compute(&s->k1, HASH_MD5, &clear, 1, expected);
    bool same = ct_equal(mac, slice_of(expected, sizeof expected));
    wipe(expected, sizeof expected);
    ENSURE(same, DECRYPT_INTEGRITY, "%zu bytes sealed with %s for usage %u", sealed.len,
           key->enctype->name, usage);
    *plain = slice_of(out.ptr + RC4_CONFOUNDER, len - RC4_CONFOUNDER);
    return OBOL_OK;
}

// RFC 4757 4; the signing key's label counts its NUL.
void hmac_md5(struct slice key, uint32_t usage, struct slice data, uint8_t out[16]) {
    static const char label[] = "signaturekey";
    uint8_t ksign[MD5_LENGTH], typed[MD5_LENGTH], type[4];
    message_type(usage, type);
    hmac_once(key, slice_of(label, sizeof label), ksign);
    const struct slice parts[] = {slice_of(type, sizeof type), data};
    hash_compute(HASH_MD5, parts, COUNT_OF(parts), typed);
    hmac_once(slice_of(ksign, sizeof ksign), slice_of(typed, sizeof typed), out);
    wipe(ksign, sizeof ksign);
}

static enum obol_code rc4_checksum(struct crypto_key *key, void *slot, uint32_t usage,
                                   struct slice data, uint8_t *out, struct error *err) {
    UNUSED(slot);
    UNUSED(err);
    hmac_md5(key_slice(key), usage, data, out);
    return OBOL_OK;
}

// Not in an RFC: HMAC-SHA1 of the input, as all implementations have it.
static enum obol_code rc4_prf(struct crypto_key *key, struct slice input, uint8_t *out,
                              struct error *err) {
    UNUSED(err);
    struct hmac m;
    hmac_prepare(&m, HASH_SHA1, key_slice(key));
    hmac_compute(&m, HASH_SHA1, &input, 1, out);
    wipe(&m, sizeof m);
    return OBOL_OK;
}

static enum obol_code rc4_warm(struct crypto_key *key, void *slot, uint32_t usage,
                               struct error *err) {
    UNUSED(err);
    make_k1(key, slot, usage);
    return OBOL_OK;
}

static void rc4_slot_forget(void *slot) {
    ((struct rc4_slot *)slot)->have_k1 = false;
}

const struct enctype enctype_rc4 = {
    .number = ENCTYPE_RC4_HMAC,
    .checksum_type = CKSUMTYPE_HMAC_MD5,
    .name = "rc4-hmac",
    .checksum_name = "hmac-md5",
    .aliases = {"arcfour-hmac", "arcfour-hmac-md5"},
    .key_length = 16,
    .confounder = RC4_CONFOUNDER,
    .mac_length = MD5_LENGTH,
    .prf_length = 20,
    .weak = true,
    .hash = HASH_MD5,
    .slot_size = sizeof(struct rc4_slot),
    .seal = rc4_seal,
    .open = rc4_open,
    .checksum = rc4_checksum,
    .prf = rc4_prf,
    .string_to_key = s2k_rc4,
    .warm = rc4_warm,
    .slot_forget = rc4_slot_forget,
};
