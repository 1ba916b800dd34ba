// pki_signer.c: SignedData (RFC 5652 5) whose signature a key makes that is not in this process (a
// smart card, an HSM). libcrypto signs CMS only with a key that it holds, or that an engine lends
// it; with our own tables the key needs to know no libcrypto, which may be another copy than ours.
#include "crypto/primitive.h"
#include "der/der.h"
#include "krb/pki_internal.h"
#include "proto/cms.h"
#include <openssl/ec.h>

#define CONTENT_TYPE   SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03")
#define MESSAGE_DIGEST SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04")
enum { DIGEST_LEN = 32, SIGNATURE_MAX = 1024, OID_MAX = 32 };

static bool kind_of(const X509 *certificate, enum pki_key_kind *out) {
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    const int id = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    *out = id == EVP_PKEY_EC ? PKI_KEY_EC : PKI_KEY_RSA;
    return id == EVP_PKEY_EC || id == EVP_PKEY_RSA;
}

enum obol_code pki_identity_signer(struct pki_identity **out, struct slice certificate,
                                   const struct pki_signer *signer, struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    enum pki_key_kind kind;
    const uint8_t *at = certificate.ptr;
    *out = NULL;
    X509 *x = certificate.len && certificate.len <= PKI_MESSAGE_MAX
                  ? d2i_X509(NULL, &at, (long)certificate.len)
                  : NULL;
    const bool whole = x && at == certificate.ptr + certificate.len;
    const bool known = whole && kind_of(x, &kind);
    struct pki_identity *id = known ? OPENSSL_zalloc(sizeof *id) : NULL;
    if (!id)
        X509_free(x);
    ENSURE(whole, CERTIFICATE_UNUSABLE, "the %zu bytes of it are no certificate", certificate.len);
    ENSURE(known, CERTIFICATE_UNUSABLE, "its key is neither an RSA nor an EC key");
    ENSURE_MEMORY(id);
    id->certificate = x;
    id->signer = *signer;
    *out = id;
    return OBOL_OK;
}

// The signed attributes (RFC 5652 5.3, 11.1, 11.2), in the order of DER: the shorter comes first.
static enum obol_code make_attributes(struct slice content, struct slice content_type,
                                      struct arena *a, struct cms_attribute attributes[2],
                                      struct slice values[2], struct error *err) {
    uint8_t digest[2 + DIGEST_LEN] = {V_ASN1_OCTET_STRING, DIGEST_LEN};
    uint8_t oid[2 + OID_MAX] = {V_ASN1_OBJECT, (uint8_t)content_type.len};
    ENSURE(content_type.len && content_type.len <= OID_MAX, INVALID_ARGUMENT, "a content type");
    memcpy(oid + 2, content_type.ptr, content_type.len);
    hash_compute(HASH_SHA256, &content, 1, digest + 2);
    ENSURE(arena_copy(a, slice_of(oid, 2 + content_type.len), &values[0]) &&
               arena_copy(a, slice_of(digest, sizeof digest), &values[1]),
           NO_MEMORY, "signed attributes");
    attributes[0] = (struct cms_attribute){CONTENT_TYPE, {&values[0], 1}};
    attributes[1] = (struct cms_attribute){MESSAGE_DIGEST, {&values[1], 1}};
    return OBOL_OK;
}

// ECDSA-Sig-Value (RFC 3279 2.2.3) of r and s.
static bool pair_to_der(struct slice pair, struct arena *a, struct slice *out) {
    const int half = (int)(pair.len / 2);
    unsigned char *der = NULL;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(pair.ptr, half, NULL), *s = BN_bin2bn(pair.ptr + half, half, NULL);
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1)
        r = s = NULL; // it has them
    int len = sig && !r && !s ? i2d_ECDSA_SIG(sig, &der) : -1;
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    bool ok = len > 0 && arena_copy(a, slice_of(der, (size_t)len), out);
    OPENSSL_free(der);
    return ok;
}

// What the KDC will do is done here first: a card may hold another key under the same identifier.
static enum obol_code check_signature(const struct pki_identity *id, struct slice bytes,
                                      struct slice signature, struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    EVP_PKEY *key = X509_get0_pubkey(id->certificate);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok =
        md && EVP_DigestVerifyInit_ex(md, NULL, "SHA256", library_context(), NULL, key, NULL) == 1;
    ok = ok && EVP_DigestVerify(md, signature.ptr, signature.len, bytes.ptr, bytes.len) == 1;
    EVP_MD_CTX_free(md);
    ENSURE(ok, CERTIFICATE_UNUSABLE, "the private key is not the certificate's");
    return OBOL_OK;
}

static enum obol_code sign(const struct pki_identity *id, enum pki_key_kind kind,
                           struct slice bytes, struct arena *a, struct slice *out,
                           struct error *err) {
    TRY(id->signer.sign(id->signer.ctx, kind, bytes, a, out, err));
    ENSURE(out->len && out->len <= SIGNATURE_MAX, CERTIFICATE_UNUSABLE,
           "a signature of %zu bytes came", out->len);
    if (kind == PKI_KEY_EC) {
        ENSURE(out->len % 2 == 0, CERTIFICATE_UNUSABLE, "an EC signature of %zu bytes came",
               out->len);
        ENSURE(pair_to_der(*out, a, out), NO_MEMORY, "a signature");
    }
    return check_signature(id, bytes, *out, err);
}

static enum obol_code make_signer_info(const struct pki_identity *id, enum pki_key_kind kind,
                                       struct slice content, struct slice content_type,
                                       struct arena *a, struct slice *out, struct error *err) {
    static const struct slice ALGORITHMS[] = {
        [PKI_KEY_RSA] = SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"),
        [PKI_KEY_EC] = SLICE_LITERAL("\x2a\x86\x48\xce\x3d\x04\x03\x02"),
    };
    struct cms_attribute attributes[2];
    struct slice values[2], bytes;
    struct cms_signer_info info = {
        .present = CMS_SIGNER_INFO_SIGNED_ATTRS,
        .version = 1, // RFC 5652 5.3: the sid is an issuer with a serial number
        .digest_algorithm = pki_digests().items[0],
        .signature_algorithm = {.algorithm = ALGORITHMS[kind]},
        .signed_attrs = {attributes, COUNT_OF(attributes)},
    };
    if (kind == PKI_KEY_RSA) { // RFC 4055 5: NULL; with ECDSA there is none (RFC 5758 3.2)
        info.signature_algorithm.present = ALGORITHM_IDENTIFIER_PARAMETERS;
        info.signature_algorithm.parameters = SLICE_LITERAL("\x05\x00");
    }
    TRY(make_attributes(content, content_type, a, attributes, values, err));
    TRY(der_encode(&TYPE_CMS_SIGNED_ATTRIBUTES, &info.signed_attrs, a, &bytes, err));
    TRY(sign(id, kind, bytes, a, &info.signature, err));
    ENSURE(pki_issuer_and_serial(id->certificate, a, &info.sid), NO_MEMORY,
           "the certificate's issuer");
    return der_encode(&TYPE_CMS_SIGNER_INFO, &info, a, out, err);
}

static bool certificate_der(const struct pki_identity *id, struct arena *a, struct slice *out) {
    unsigned char *der = NULL;
    int len = i2d_X509(id->certificate, &der);
    bool ok = len > 0 && arena_copy(a, slice_of(der, (size_t)len), out);
    OPENSSL_free(der);
    return ok;
}

enum obol_code pki_signer_message(const struct pki_identity *id, struct slice content,
                                  struct slice content_type, struct arena *a, struct slice *out,
                                  struct error *err) {
    struct slice certificate, signer;
    enum pki_key_kind kind;
    ENSURE(kind_of(id->certificate, &kind) && certificate_der(id, a, &certificate), NO_MEMORY,
           "the certificate");
    TRY(make_signer_info(id, kind, content, content_type, a, &signer, err));
    const struct cms_signed_data data = {
        .present = CMS_SIGNED_DATA_CERTIFICATES,
        .version = 3, // RFC 5652 5.1: the content is no id-data
        .digest_algorithms = {pki_digests().items, 1},
        .encapsulated = {CMS_ENCAPSULATED_CONTENT, content_type, content},
        .certificates = {&certificate, 1},
        .signer_infos = {&signer, 1},
    };
    struct cms_content_info info = {CMS_CONTENT_INFO_CONTENT, PKI_SIGNED_DATA, {0}};
    TRY(der_encode(&TYPE_CMS_SIGNED_DATA, &data, a, &info.content, err));
    return der_encode(&TYPE_CMS_CONTENT_INFO, &info, a, out, err);
}
