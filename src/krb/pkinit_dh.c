// pkinit_dh.c: key agreement for PKINIT (RFC 4556 3.1.4, 3.2.3.1; curves: RFC 5349): the groups 14,
// 16 and 18 of RFC 3526 and the curves P-256, P-384 and P-521. Group 2, of 1024 bits, which RFC
// 4556 asks for, is broken by who can afford it, and not done.
#include "crypto/library.h"
#include "krb/pkinit.h"
#include "proto/cms.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#define OID_DH SLICE_LITERAL("\x2a\x86\x48\xce\x3e\x02\x01")
#define OID_EC SLICE_LITERAL("\x2a\x86\x48\xce\x3d\x02\x01")

struct pkinit_group {
    const char *name;     // as users name it
    const char *openssl;  // as libcrypto does
    unsigned strength;    // see pkinit.h
    size_t secret_length; // bytes
    BIGNUM *(*prime)(BIGNUM *out);
    struct slice curve; // the whole OBJECT IDENTIFIER; empty: Diffie-Hellman
};

#define CURVE(bytes)                                                                               \
    { (const uint8_t *)(bytes), sizeof(bytes) - 1 }
static const struct pkinit_group GROUPS[] = {
    {"2048", "modp_2048", 2048, 256, BN_get_rfc3526_prime_2048, {0}},
    {"P-256", "P-256", 3072, 32, NULL, CURVE("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")},
    {"4096", "modp_4096", 4096, 512, BN_get_rfc3526_prime_4096, {0}},
    {"P-384", "P-384", 7680, 48, NULL, CURVE("\x06\x05\x2b\x81\x04\x00\x22")},
    {"8192", "modp_8192", 8192, 1024, BN_get_rfc3526_prime_8192, {0}},
    {"P-521", "P-521", 15360, 66, NULL, CURVE("\x06\x05\x2b\x81\x04\x00\x23")},
};

const struct pkinit_group *pkinit_group_at(size_t index) {
    return index < COUNT_OF(GROUPS) ? &GROUPS[index] : NULL;
}

const struct pkinit_group *pkinit_group_find(struct slice name) {
    for (size_t i = 0; i < COUNT_OF(GROUPS); i++)
        if (slice_eq_str(name, GROUPS[i].name))
            return &GROUPS[i];
    return NULL;
}

const char *pkinit_group_name(const struct pkinit_group *g) {
    return g->name;
}

unsigned pkinit_group_strength(const struct pkinit_group *g) {
    return g->strength;
}

bool pkinit_group_is_curve(const struct pkinit_group *g) {
    return !g->prime;
}

const struct pkinit_group *pkinit_group_default(unsigned min_bits) {
    for (size_t i = 0; i < COUNT_OF(GROUPS); i++)
        if (GROUPS[i].prime && GROUPS[i].strength >= min_bits)
            return &GROUPS[i];
    return NULL;
}

// The content of an INTEGER, which must not look negative.
static struct slice number_content(const BIGNUM *n, struct arena *a) {
    size_t len = (size_t)BN_num_bytes(n) + 1;
    struct buf room = arena_buf(a, len);
    if (!room.ptr || BN_bn2binpad(n, room.ptr, (int)len) < 0)
        return (struct slice){0};
    bool spare = len > 1 && !(room.ptr[1] & 0x80);
    return slice_of(room.ptr + (spare ? 1 : 0), len - (spare ? 1 : 0));
}

static bool domain(const struct pkinit_group *g, struct arena *a, struct dh_parameters *out) {
    BIGNUM *p = g->prime(NULL), *q = BN_new();
    *out = (struct dh_parameters){.present = DH_PARAMETERS_Q, .g = SLICE_LITERAL("\x02")};
    // q = (p - 1) / 2: these are safe primes.
    if (p && q && BN_rshift1(q, p)) {
        out->p = number_content(p, a);
        out->q = number_content(q, a);
    }
    BN_free(p);
    BN_free(q);
    return out->p.len && out->q.len;
}

enum obol_code pkinit_group_algorithm(const struct pkinit_group *g, struct arena *a,
                                      struct algorithm_identifier *out, struct error *err) {
    struct dh_parameters dh;
    *out = (struct algorithm_identifier){.present = ALGORITHM_IDENTIFIER_PARAMETERS};
    if (!g->prime) {
        out->algorithm = OID_EC;
        out->parameters = g->curve;
        return OBOL_OK;
    }
    out->algorithm = OID_DH;
    ENSURE(domain(g, a, &dh), NO_MEMORY, "the parameters of a group");
    return der_encode(&TYPE_DH_PARAMETERS, &dh, a, &out->parameters, err);
}

// is_zero_q is a leniency: minikerberos and what is built on it (certipy, PKINITtools) write 0
// where they have no q, as Windows' KDC lets them. The group is ours in any case.
static bool is_zero_q(struct slice q) {
    return q.len == 1 && q.ptr[0] == 0;
}

static bool is_group(const struct pkinit_group *g, const struct dh_parameters *theirs,
                     struct arena *a) {
    struct dh_parameters ours;
    return domain(g, a, &ours) && slice_eq(ours.p, theirs->p) && slice_eq(ours.g, theirs->g) &&
           (!(theirs->present & DH_PARAMETERS_Q) || is_zero_q(theirs->q) ||
            slice_eq(ours.q, theirs->q));
}

const struct pkinit_group *pkinit_group_read(const struct algorithm_identifier *algorithm,
                                             struct arena *a) {
    bool dh = slice_eq(algorithm->algorithm, OID_DH), ec = slice_eq(algorithm->algorithm, OID_EC);
    struct dh_parameters theirs;
    if (!(algorithm->present & ALGORITHM_IDENTIFIER_PARAMETERS) ||
        (dh && der_decode(&TYPE_DH_PARAMETERS, algorithm->parameters, a, &theirs, NULL) != OBOL_OK))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(GROUPS); i++) {
        const struct pkinit_group *g = &GROUPS[i];
        if (dh && g->prime && is_group(g, &theirs, a))
            return g;
        if (ec && !g->prime && slice_eq(g->curve, algorithm->parameters))
            return g;
    }
    return NULL;
}

static EVP_PKEY *generate(const struct pkinit_group *g) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, g->prime ? "DH" : "EC", NULL);
    char name[16];
    snprintf(name, sizeof name, "%s", g->openssl);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0), OSSL_PARAM_END};
    bool ok = ctx && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_params(ctx, params) == 1 &&
              EVP_PKEY_generate(ctx, &key) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (ok)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

enum obol_code pkinit_dh_start(struct pkinit_dh *dh, const struct pkinit_group *g,
                               struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    *dh = (struct pkinit_dh){g, generate(g)};
    ENSURE(dh->key, INTERNAL, "libcrypto makes no key of group %s", g->name);
    return OBOL_OK;
}

void pkinit_dh_clear(struct pkinit_dh *dh) {
    EVP_PKEY_free(dh->key);
    *dh = (struct pkinit_dh){0};
}

enum obol_code pkinit_dh_public(const struct pkinit_dh *dh, struct arena *a, struct slice *out,
                                struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    size_t len = 0;
    if (!dh->group->prime) {
        struct buf room = arena_buf(a, PKINIT_PUBLIC_MAX);
        ENSURE_MEMORY(room.ptr);
        ENSURE(EVP_PKEY_get_octet_string_param(dh->key, OSSL_PKEY_PARAM_PUB_KEY, room.ptr, room.len,
                                               &len) == 1,
               INTERNAL, "libcrypto does not give a public key out");
        *out = slice_of(room.ptr, len);
        return OBOL_OK;
    }
    BIGNUM *y = NULL;
    struct slice content = {0};
    if (EVP_PKEY_get_bn_param(dh->key, OSSL_PKEY_PARAM_PUB_KEY, &y) == 1)
        content = number_content(y, a);
    BN_free(y);
    ENSURE(content.len, INTERNAL, "libcrypto does not give a public key out");
    // RFC 4556 3.2.3.1: the BIT STRING holds a DHPublicKey, an INTEGER.
    return der_encode(&TYPE_DH_PUBLIC_KEY, &content, a, out, err);
}

enum obol_code pkinit_dh_spki(const struct pkinit_dh *dh, struct arena *a, struct slice *out,
                              struct error *err) {
    struct subject_public_key_info info;
    TRY(pkinit_group_algorithm(dh->group, a, &info.algorithm, err));
    TRY(pkinit_dh_public(dh, a, &info.subject_public_key, err));
    return der_encode(&TYPE_SUBJECT_PUBLIC_KEY_INFO, &info, a, out, err);
}

static EVP_PKEY *import(const struct pkinit_group *g, const OSSL_PARAM *params) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, g->prime ? "DH" : "EC", NULL);
    bool ok =
        ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)(uintptr_t)params) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (ok)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

// A number y of a safe prime's group is good where 1 < y < p - 1: the only small subgroup is {1, p
// - 1} (NIST SP 800-56A 5.6.2.3.2).
static bool in_range(const struct pkinit_group *g, const BIGNUM *y) {
    BIGNUM *p = g->prime(NULL);
    bool ok = p && BN_sub_word(p, 1) && !BN_is_zero(y) && !BN_is_one(y) && !BN_is_negative(y) &&
              BN_cmp(y, p) < 0;
    BN_free(p);
    return ok;
}

static EVP_PKEY *peer_dh(const struct pkinit_group *g, struct slice public, struct arena *a) {
    struct slice content;
    if (public.len > PKINIT_PUBLIC_MAX ||
        der_decode(&TYPE_DH_PUBLIC_KEY, public, a, &content, NULL) != OBOL_OK || content.len == 0 ||
        (content.ptr[0] & 0x80))
        return NULL;
    BIGNUM *y = BN_bin2bn(content.ptr, (int)content.len, NULL);
    struct buf native = arena_buf(a, g->secret_length);
    EVP_PKEY *key = NULL;
    char name[16];
    snprintf(name, sizeof name, "%s", g->openssl);
    if (y && native.ptr && in_range(g, y) &&
        BN_bn2nativepad(y, native.ptr, (int)native.len) == (int)native.len) {
        const OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
            OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PUB_KEY, native.ptr, native.len),
            OSSL_PARAM_END};
        key = import(g, params);
    }
    BN_free(y);
    return key;
}

static EVP_PKEY *peer_ec(const struct pkinit_group *g, struct slice public) {
    uint8_t point[2 * 66 + 1];
    char name[16];
    // Uncompressed (SEC 1 2.3.3), as RFC 5349 4 says; libcrypto checks that it is on the curve.
    if (public.len != 2 * g->secret_length + 1 || public.ptr[0] != 4)
        return NULL;
    memcpy(point, public.ptr, public.len);
    snprintf(name, sizeof name, "%s", g->openssl);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, public.len),
        OSSL_PARAM_END};
    return import(g, params);
}

static bool public_is_good(EVP_PKEY *key) {
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok = ctx && EVP_PKEY_public_check_quick(ctx) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool derive(const struct pkinit_dh *dh, EVP_PKEY *peer, struct buf out) {
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(dh->key, NULL);
    unsigned pad = 1;
    size_t len = out.len;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_EXCHANGE_PARAM_PAD, &pad),
                                 OSSL_PARAM_END};
    bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
              (!dh->group->prime || EVP_PKEY_CTX_set_params(ctx, params) == 1) &&
              EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1 &&
              EVP_PKEY_derive(ctx, out.ptr, &len) == 1 && len == out.len;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

enum obol_code pkinit_dh_finish(const struct pkinit_dh *dh, struct slice public, struct arena *a,
                                struct slice *secret, struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct buf out = arena_buf(a, dh->group->secret_length);
    ENSURE_MEMORY(out.ptr);
    EVP_PKEY *peer = dh->group->prime ? peer_dh(dh->group, public, a) : peer_ec(dh->group, public);
    bool good = peer && public_is_good(peer), agreed = good && derive(dh, peer, out);
    EVP_PKEY_free(peer);
    ENSURE(good, KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED,
           "the other end's public value of %zu bytes is none of group %s", public.len,
           dh->group->name);
    ENSURE(agreed, INTERNAL, "libcrypto agrees on no secret in group %s", dh->group->name);
    *secret = slice_of_buf(out);
    return OBOL_OK;
}
