// rc4.c: rc4-hmac (RFC 4757), weak: only where the configuration allows it. The checksum stands in
// front of the ciphertext, and the stream's key comes from the checksum. GSS-API tokens with such a
// key have a cryptography of their own (rc4_gss.h).
#include "base/ct.h"
#include "crypto/enctype.h"
#include "crypto/rc4_gss.h"

#define MD5_LENGTH     16
#define RC4_CONFOUNDER 8

struct rc4_slot {
    bool have_k1;
    struct hmac k1;
};

// What the tokens of the GSS-API take from the key (RFC 4757 7.3), made at the first of them.
struct rc4_base {
    struct hmac sign, sequence, seal;
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
                               const struct env *env, const struct slice plain[2], struct buf out,
                               struct error *err) {
    UNUSED(err);
    struct rc4_slot *s = slot;
    make_k1(key, s, usage);
    uint8_t *body = out.ptr + MD5_LENGTH;
    size_t len = RC4_CONFOUNDER + plain_length(plain);
    env_random(env, buf_of(body, RC4_CONFOUNDER));
    plain_put(body + RC4_CONFOUNDER, plain);
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

// K3's stream over the sealed parts, one after the other.
static void stream_parts(const struct rc4_slot *s, const uint8_t *mac,
                         const struct crypto_part *parts, size_t count) {
    const struct slice tag = slice_of(mac, MD5_LENGTH);
    uint8_t k3[MD5_LENGTH];
    struct rc4_stream run;
    hmac_compute(&s->k1, HASH_MD5, &tag, 1, k3);
    rc4_start(&run, slice_of(k3, sizeof k3));
    for (size_t i = 0; i < count; i++)
        if (!parts[i].sign_only && parts[i].len)
            rc4_run(&run, parts[i].in, parts[i].out, parts[i].len);
    wipe(&run, sizeof run);
    wipe(k3, sizeof k3);
}

// What is only covered stands in the checksum in its place, and in no stream. `opened` is whether
// the sealed parts stand in `out`.
static void mac_parts(const struct rc4_slot *s, const struct crypto_part *parts, size_t count,
                      bool opened, uint8_t out[MD5_LENGTH]) {
    struct hmac_run run;
    hmac_begin(&run, &s->k1, HASH_MD5);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len)
            hmac_add(&run, opened && !parts[i].sign_only ? parts[i].out : parts[i].in,
                     parts[i].len);
    hmac_end(&run, out);
}

static enum obol_code rc4_seal_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                     const struct crypto_part *parts, size_t count, size_t total,
                                     uint8_t *mac, struct error *err) {
    struct rc4_slot *s = slot;
    UNUSED(total);
    UNUSED(err);
    make_k1(key, s, usage);
    mac_parts(s, parts, count, false, mac);
    stream_parts(s, mac, parts, count);
    return OBOL_OK;
}

static enum obol_code rc4_open_parts(struct crypto_key *key, void *slot, uint32_t usage,
                                     const struct crypto_part *parts, size_t count, size_t total,
                                     const uint8_t *mac, struct error *err) {
    struct rc4_slot *s = slot;
    uint8_t expected[MD5_LENGTH];
    make_k1(key, s, usage);
    stream_parts(s, mac, parts, count);
    mac_parts(s, parts, count, true, expected);
    bool same = ct_equal(slice_of(mac, MD5_LENGTH), slice_of(expected, sizeof expected));
    wipe(expected, sizeof expected);
    return same ? OBOL_OK : parts_mac_failed(key, usage, total, err);
}

// RFC 4757 4; the signing key's label counts its NUL.
static void prepare_signing(struct hmac *m, struct slice key) {
    static const char label[] = "signaturekey";
    uint8_t ksign[MD5_LENGTH];
    hmac_once(key, slice_of(label, sizeof label), ksign);
    hmac_prepare(m, HASH_MD5, slice_of(ksign, sizeof ksign));
    wipe(ksign, sizeof ksign);
}

static void sign(const struct hmac *signing, uint32_t usage, const struct crypto_part *parts,
                 size_t count, uint8_t out[MD5_LENGTH]) {
    uint8_t typed[MD5_LENGTH], type[4];
    message_type(usage, type);
    struct hash_run run;
    hash_begin(&run, HASH_MD5);
    hash_add(&run, type, sizeof type);
    for (size_t i = 0; i < count; i++)
        hash_add(&run, parts[i].in, parts[i].len);
    hash_end(&run, typed);
    const struct slice digest = slice_of(typed, sizeof typed);
    hmac_compute(signing, HASH_MD5, &digest, 1, out);
}

void hmac_md5(struct slice key, uint32_t usage, const struct crypto_part *parts, size_t count,
              uint8_t out[MD5_LENGTH]) {
    struct hmac signing;
    prepare_signing(&signing, key);
    sign(&signing, usage, parts, count, out);
    wipe(&signing, sizeof signing);
}

static enum obol_code rc4_checksum(struct crypto_key *key, void *slot, uint32_t usage,
                                   const struct crypto_part *parts, size_t count, uint8_t *out,
                                   struct error *err) {
    UNUSED(slot);
    UNUSED(err);
    hmac_md5(key_slice(key), usage, parts, count, out);
    return OBOL_OK;
}

// HMAC(HMAC(K, 0), x) makes the key of a sequence number and, with another K, of a message.
static void prepare_tagged(struct hmac *m, struct slice key) {
    static const uint8_t zero[4];
    uint8_t k[MD5_LENGTH];
    hmac_once(key, slice_of(zero, sizeof zero), k);
    hmac_prepare(m, HASH_MD5, slice_of(k, sizeof k));
    wipe(k, sizeof k);
}

static enum obol_code gss_base(struct crypto_key *key, struct rc4_base **out, struct error *err) {
    ENSURE(key->enctype == &enctype_rc4, ENCTYPE_UNSUPPORTED,
           "tokens of RFC 4757 take a key of rc4-hmac, not of %s", key->enctype->name);
    struct rc4_base *base = (struct rc4_base *)key->state;
    *out = base;
    if (LIKELY(key->base_ready))
        return OBOL_OK;
    uint8_t local[MD5_LENGTH];
    for (size_t i = 0; i < sizeof local; i++)
        local[i] = key->bytes[i] ^ 0xf0;
    prepare_signing(&base->sign, key_slice(key));
    prepare_tagged(&base->sequence, key_slice(key));
    prepare_tagged(&base->seal, slice_of(local, sizeof local));
    wipe(local, sizeof local);
    key->base_ready = true;
    return OBOL_OK;
}

enum obol_code rc4_gss_checksum(struct crypto_key *key, enum rc4_gss_token token,
                                const struct crypto_part *parts, size_t count,
                                uint8_t out[RC4_GSS_CKSUM_BYTES], struct error *err) {
    struct rc4_base *base;
    TRY(gss_base(key, &base, err));
    uint8_t full[MD5_LENGTH];
    sign(&base->sign, (uint32_t)token, parts, count, full);
    memcpy(out, full, RC4_GSS_CKSUM_BYTES);
    wipe(full, sizeof full);
    return OBOL_OK;
}

enum obol_code rc4_gss_sequence(struct crypto_key *key, const uint8_t checksum[RC4_GSS_CKSUM_BYTES],
                                uint8_t seq[8], struct error *err) {
    struct rc4_base *base;
    TRY(gss_base(key, &base, err));
    const struct slice tag = slice_of(checksum, RC4_GSS_CKSUM_BYTES);
    uint8_t k[MD5_LENGTH];
    hmac_compute(&base->sequence, HASH_MD5, &tag, 1, k);
    rc4(slice_of(k, sizeof k), seq, seq, 8);
    wipe(k, sizeof k);
    return OBOL_OK;
}

enum obol_code rc4_gss_stream(struct crypto_key *key, const uint8_t seq[4],
                              const struct crypto_part *parts, size_t count, struct error *err) {
    struct rc4_base *base;
    TRY(gss_base(key, &base, err));
    const struct slice tag = slice_of(seq, 4);
    uint8_t k[MD5_LENGTH];
    struct rc4_stream stream;
    hmac_compute(&base->seal, HASH_MD5, &tag, 1, k);
    rc4_start(&stream, slice_of(k, sizeof k));
    for (size_t i = 0; i < count; i++)
        if (!parts[i].sign_only && parts[i].len)
            rc4_run(&stream, parts[i].in, parts[i].out, parts[i].len);
    wipe(&stream, sizeof stream);
    wipe(k, sizeof k);
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
    .base_size = sizeof(struct rc4_base),
    .slot_size = sizeof(struct rc4_slot),
    .seal = rc4_seal,
    .open = rc4_open,
    .seal_parts = rc4_seal_parts,
    .open_parts = rc4_open_parts,
    .checksum = rc4_checksum,
    .prf = rc4_prf,
    .string_to_key = s2k_rc4,
    .warm = rc4_warm,
    .slot_forget = rc4_slot_forget,
};
