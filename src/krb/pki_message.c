// pki_message.c: CMS SignedData (RFC 5652 5) as PKINIT uses it (RFC 4556 3.2.1, 3.2.3.1).
//
// Our own strict DER engine reads the outside first, so that libcrypto's parser, which forgives
// BER, sees definite lengths, bounded counts and nothing that trails. libcrypto verifies: not with
// its own idea of who may sign (CMS_verify asks for the purpose of e-mail), that is pki_trust.c.
#include "der/der.h"
#include "krb/pki_internal.h"
#include "proto/cms.h"
#include <openssl/cms.h>

static enum obol_code malformed(struct error *err, const char *what) {
    error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__, "%s", what);
    return OBOL_KDC_ERR_PREAUTH_FAILED; // not error_replace's: analysers see that it is one
}

// What the message is on its outside.
static enum obol_code read_outside(struct slice bytes, struct slice content_type, struct arena *a,
                                   struct cms_signed_data *out, struct error *err) {
    struct cms_content_info info;
    ENSURE(bytes.len <= PKI_MESSAGE_MAX, KDC_ERR_PREAUTH_FAILED,
           "the signed message has %zu bytes, %d are possible", bytes.len, PKI_MESSAGE_MAX);
    if (der_decode(&TYPE_CMS_CONTENT_INFO, bytes, a, &info, err) != OBOL_OK)
        return malformed(err, "the signed message is no ContentInfo");
    ENSURE(slice_eq(info.content_type, PKI_SIGNED_DATA) &&
               (info.present & CMS_CONTENT_INFO_CONTENT),
           KDC_ERR_PREAUTH_FAILED, "the message is no SignedData");
    if (der_decode(&TYPE_CMS_SIGNED_DATA, info.content, a, out, err) != OBOL_OK)
        return malformed(err, "the SignedData is malformed");
    ENSURE(slice_eq(out->encapsulated.content_type, content_type), KDC_ERR_PREAUTH_FAILED,
           "the SignedData holds something of another type");
    ENSURE(out->encapsulated.present & CMS_ENCAPSULATED_CONTENT, KDC_ERR_PREAUTH_FAILED,
           "the SignedData has no content");
    ENSURE(out->signer_infos.count <= 1, KDC_ERR_PREAUTH_FAILED, "the SignedData has %zu signers",
           out->signer_infos.count);
    ENSURE(out->certificates.count <= PKI_CERTIFICATES_MAX, KDC_ERR_PREAUTH_FAILED,
           "the SignedData has %zu certificates", out->certificates.count);
    return OBOL_OK;
}

static bool is_oid(const ASN1_OBJECT *object, struct slice oid) {
    return object && slice_eq(slice_of(OBJ_get0_data(object), OBJ_length(object)), oid);
}

#define DIGEST(bytes)                                                                              \
    {                                                                                              \
        .algorithm = {(const uint8_t *)("\x60\x86\x48\x01\x65\x03\x04\x02" bytes), 9 }             \
    }
#define ECDSA(bytes)                                                                               \
    {                                                                                              \
        .algorithm = {(const uint8_t *)("\x2a\x86\x48\xce\x3d\x04\x03" bytes), 8 }                 \
    }
#define RSA_WITH(bytes)                                                                            \
    {                                                                                              \
        .present = ALGORITHM_IDENTIFIER_PARAMETERS,                                                \
        .algorithm = {(const uint8_t *)("\x2a\x86\x48\x86\xf7\x0d\x01\x01" bytes), 9},             \
        .parameters = {                                                                            \
            (const uint8_t *)"\x05\x00",                                                           \
            2                                                                                      \
        }                                                                                          \
    }

// Heimdal's KDC takes who names none of them for an old client, and signs with SHA-1.
enum { DIGESTS = 3 };
static struct algorithm_identifier KNOWN[] = {
    DIGEST("\x01"),   DIGEST("\x02"),   DIGEST("\x03"), // SHA-256, SHA-384, SHA-512
    ECDSA("\x02"),    ECDSA("\x03"),    ECDSA("\x04"),
    RSA_WITH("\x0b"), RSA_WITH("\x0c"), RSA_WITH("\x0d"),
};

struct algorithm_identifier_list pki_algorithms(void) {
    return (struct algorithm_identifier_list){KNOWN, COUNT_OF(KNOWN)};
}

struct algorithm_identifier_list pki_digests(void) {
    return (struct algorithm_identifier_list){KNOWN, DIGESTS};
}

static bool digest_is_accepted(CMS_SignerInfo *signer, bool old) {
    static const int accepted[] = {NID_sha256, NID_sha384, NID_sha512, NID_sha1};
    const size_t count = COUNT_OF(accepted) - (old ? 0 : 1);
    X509_ALGOR *digest = NULL;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
    const ASN1_OBJECT *object = NULL;
    if (digest)
        X509_ALGOR_get0(&object, NULL, NULL, digest);
    for (size_t i = 0; object && i < count; i++)
        if (OBJ_obj2nid(object) == accepted[i])
            return true;
    return false;
}

// RFC 5652 5.3: with a content other than id-data there are signed attributes, and the type among
// them is the content's. libcrypto does not compare them.
static enum obol_code check_signer(CMS_ContentInfo *cms, struct slice content_type, bool old,
                                   struct error *err) {
    STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
    ENSURE(infos && sk_CMS_SignerInfo_num(infos) == 1, KDC_ERR_PREAUTH_FAILED,
           "the SignedData does not have one signer");
    CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(infos, 0);
    ENSURE(digest_is_accepted(signer, old), KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED,
           "the signature is over none of SHA-256, SHA-384 and SHA-512");
    const ASN1_OBJECT *type =
        CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(NID_pkcs9_contentType), -3, V_ASN1_OBJECT);
    ENSURE(is_oid(type, content_type), KDC_ERR_INVALID_SIG,
           "the signed attributes are not those of this content type");
    return OBOL_OK;
}

static enum obol_code verify(struct pki_message *m, struct slice content_type, bool old,
                             struct error *err) {
    TRY(check_signer(m->cms, content_type, old, err));
    bool ok =
        CMS_verify(m->cms, NULL, NULL, NULL, NULL, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
    STACK_OF(X509) *signers = ok ? CMS_get0_signers(m->cms) : NULL;
    if (signers && sk_X509_num(signers) == 1)
        m->signer = sk_X509_value(signers, 0);
    sk_X509_free(signers);
    const char *why = m->signer ? "" : pki_reason();
    ENSURE(m->signer, KDC_ERR_INVALID_SIG, "the signature does not hold: %s", why);
    return OBOL_OK;
}

static enum obol_code open_message(struct pki_message *m, struct slice bytes,
                                   struct slice content_type, bool old, struct arena *a,
                                   struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct cms_signed_data data;
    const uint8_t *at = bytes.ptr;
    *m = (struct pki_message){0};
    TRY(read_outside(bytes, content_type, a, &data, err));
    m->content = data.encapsulated.content;
    if (data.signer_infos.count == 0)
        return OBOL_OK;
    m->cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes.len);
    ENSURE(m->cms && at == bytes.ptr + bytes.len, KDC_ERR_PREAUTH_FAILED,
           "the SignedData is malformed");
    // Both readers must have seen the same.
    ASN1_OCTET_STRING **content = CMS_get0_content(m->cms);
    ENSURE(content && *content && is_oid(CMS_get0_eContentType(m->cms), content_type) &&
               slice_eq(
                   slice_of(ASN1_STRING_get0_data(*content), (size_t)ASN1_STRING_length(*content)),
                   m->content),
           KDC_ERR_PREAUTH_FAILED, "the SignedData can be read in two ways");
    return verify(m, content_type, old, err);
}

enum obol_code pki_message_open(struct pki_message *m, struct slice bytes,
                                struct slice content_type, struct arena *a, struct error *err) {
    return open_message(m, bytes, content_type, false, a, err);
}

enum obol_code pki_message_open_old(struct pki_message *m, struct slice bytes,
                                    struct slice content_type, struct arena *a, struct error *err) {
    return open_message(m, bytes, content_type, true, a, err);
}

enum obol_code pki_message_unsigned(struct pki_message *m, struct slice certificate,
                                    struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    const uint8_t *at = certificate.ptr;
    *m = (struct pki_message){0};
    bool fits = certificate.len > 0 && certificate.len <= PKI_MESSAGE_MAX;
    m->own = fits ? d2i_X509(NULL, &at, (long)certificate.len) : NULL;
    ENSURE(m->own && at == certificate.ptr + certificate.len, CERTIFICATE_UNUSABLE,
           "the %zu bytes are no certificate", certificate.len);
    m->signer = m->own;
    return OBOL_OK;
}

void pki_message_clear(struct pki_message *m) {
    CMS_ContentInfo_free(m->cms);
    X509_free(m->own);
    *m = (struct pki_message){0};
}

// The SignedData of nobody (RFC 8062 4.1.1): no certificates, no signers.
static enum obol_code wrap(struct slice content, struct slice content_type, struct arena *a,
                           struct slice *out, struct error *err) {
    struct cms_signed_data data = {
        .version = 3, // RFC 5652 5.1: the content is no id-data
        .encapsulated = {CMS_ENCAPSULATED_CONTENT, content_type, content},
    };
    struct cms_content_info info = {CMS_CONTENT_INFO_CONTENT, PKI_SIGNED_DATA, {0}};
    TRY(der_encode(&TYPE_CMS_SIGNED_DATA, &data, a, &info.content, err));
    return der_encode(&TYPE_CMS_CONTENT_INFO, &info, a, out, err);
}

static bool add_chain(CMS_ContentInfo *cms, const struct pki_identity *id) {
    for (int i = 0; id->chain && i < sk_X509_num(id->chain); i++)
        if (!CMS_add1_cert(cms, sk_X509_value(id->chain, i)))
            return false;
    return true;
}

static CMS_ContentInfo *sign(const struct pki_identity *id, struct slice content,
                             struct slice content_type) {
    const unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP;
    uint8_t oid[2 + 32] = {V_ASN1_OBJECT, (uint8_t)content_type.len};
    const uint8_t *at = oid;
    if (content_type.len > sizeof oid - 2)
        return NULL;
    memcpy(oid + 2, content_type.ptr, content_type.len);
    ASN1_OBJECT *type = d2i_ASN1_OBJECT(NULL, &at, (long)(2 + content_type.len));
    BIO *in = BIO_new_mem_buf(content.ptr, (int)content.len);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    bool ok = type && in && cms && CMS_set1_eContentType(cms, type) == 1 &&
              CMS_add1_signer(cms, id->certificate, id->key, EVP_sha256(), flags) &&
              add_chain(cms, id) && CMS_final(cms, in, NULL, flags) == 1;
    ASN1_OBJECT_free(type);
    BIO_free(in);
    if (ok)
        return cms;
    CMS_ContentInfo_free(cms);
    return NULL;
}

enum obol_code pki_message_sign(const struct pki_identity *id, struct slice content,
                                struct slice content_type, struct arena *a, struct slice *out,
                                struct error *err) {
    if (!id)
        return wrap(content, content_type, a, out, err);
    if (id->signer.sign)
        return pki_signer_message(id, content, content_type, a, out, err);
    CLEANUP(library_leave) struct library_use use = library_enter();
    CMS_ContentInfo *cms = sign(id, content, content_type);
    uint8_t *der = NULL;
    int len = cms ? i2d_CMS_ContentInfo(cms, &der) : -1;
    CMS_ContentInfo_free(cms);
    bool copied = len > 0 && arena_copy(a, slice_of(der, (size_t)len), out);
    OPENSSL_free(der);
    const char *why = copied ? "" : pki_reason();
    ENSURE(copied, CERTIFICATE_UNUSABLE, "nothing can be signed with the certificate: %s", why);
    return OBOL_OK;
}
