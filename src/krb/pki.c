// pki.c: identities and trust from the bytes of files; see pki.h. All of it is on the heap of
// libcrypto.
#include "krb/pki_internal.h"
#include <openssl/pkcs12.h>

enum { CHAIN_MAX = 8, ANCHORS_MAX = 1024 };

int pki_no_password(char *out, int size, int writing, void *ctx) {
    const struct slice *password = ctx;
    UNUSED(writing);
    if (!password || password->len == 0 || password->len > (size_t)size)
        return -1;
    memcpy(out, password->ptr, password->len);
    return (int)password->len;
}

static BIO *bio_of(struct slice bytes) {
    return bytes.len <= INT32_MAX
               ? BIO_new_mem_buf(bytes.ptr ? bytes.ptr : (const uint8_t *)"", (int)bytes.len)
               : NULL;
}

static void free_certificates(STACK_OF(X509) * list) {
    sk_X509_pop_free(list, X509_free);
}

static STACK_OF(X509) * read_certificates(struct slice pem, int most) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    STACK_OF(X509) *list = sk_X509_new_null();
    BIO *bio = bio_of(pem);
    X509 *one;
    while (list && bio && sk_X509_num(list) < most &&
           (one = PEM_read_bio_X509(bio, NULL, pki_no_password, NULL)) != NULL)
        if (!sk_X509_push(list, one)) {
            X509_free(one);
            break;
        }
    BIO_free(bio);
    if (list && sk_X509_num(list) > 0)
        return list;
    free_certificates(list);
    return NULL;
}

STACK_OF(X509) * pki_read_pem(struct slice pem) {
    return read_certificates(pem, PKI_CERTIFICATES_MAX);
}

static EVP_PKEY *read_key(struct slice pem, struct slice password) {
    BIO *bio = bio_of(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, pki_no_password, &password) : NULL;
    BIO_free(bio);
    return key;
}

// The list goes to the identity, but for its first.
static enum obol_code fill(struct pki_identity *id, STACK_OF(X509) * list, struct error *err) {
    const char *why = id->key ? "" : pki_reason();
    id->chain = list;
    ENSURE(list, CERTIFICATE_UNUSABLE, "there is no certificate in it (BEGIN CERTIFICATE)");
    id->certificate = sk_X509_shift(list);
    ENSURE(id->key, CERTIFICATE_UNUSABLE, "the private key cannot be read: %s", why);
    bool fits = X509_check_private_key(id->certificate, id->key) == 1;
    ENSURE(fits, CERTIFICATE_UNUSABLE, "the private key is not the certificate's");
    return OBOL_OK;
}

static enum obol_code conclude(struct pki_identity *id, enum obol_code code,
                               struct pki_identity **out) {
    *out = code == OBOL_OK ? id : NULL;
    if (code != OBOL_OK)
        pki_identity_free(id);
    return code;
}

enum obol_code pki_identity_new(struct pki_identity **out, struct slice certificates,
                                struct slice key, struct slice password, struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct pki_identity *id = OPENSSL_zalloc(sizeof *id);
    ENSURE_MEMORY(id);
    STACK_OF(X509) *list = read_certificates(certificates, CHAIN_MAX);
    id->key = read_key(key, password); // last, so that libcrypto still knows its reason
    return conclude(id, fill(id, list, err), out);
}

static enum obol_code fill_pkcs12(struct pki_identity *id, struct slice bytes,
                                  struct slice password, struct error *err) {
    const uint8_t *at = bytes.ptr;
    char text[256] = "";
    ENSURE(password.len < sizeof text, CERTIFICATE_UNUSABLE, "the password is too long");
    PKCS12 *box = bytes.len <= INT32_MAX ? d2i_PKCS12(NULL, &at, (long)bytes.len) : NULL;
    if (password.len)
        memcpy(text, password.ptr, password.len);
    bool ok = box && PKCS12_parse(box, text, &id->key, &id->certificate, &id->chain) == 1;
    OPENSSL_cleanse(text, sizeof text);
    PKCS12_free(box);
    const char *why = ok ? "" : pki_reason();
    ENSURE(ok, CERTIFICATE_UNUSABLE, "it is no PKCS#12 that the password opens: %s", why);
    ENSURE(id->key && id->certificate, CERTIFICATE_UNUSABLE,
           "it holds no certificate with its private key");
    ENSURE(!id->chain || sk_X509_num(id->chain) < CHAIN_MAX, CERTIFICATE_UNUSABLE,
           "it holds %d certificates", sk_X509_num(id->chain));
    return OBOL_OK;
}

enum obol_code pki_identity_pkcs12(struct pki_identity **out, struct slice bytes,
                                   struct slice password, struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct pki_identity *id = OPENSSL_zalloc(sizeof *id);
    ENSURE_MEMORY(id);
    return conclude(id, fill_pkcs12(id, bytes, password, err), out);
}

void pki_identity_free(struct pki_identity *id) {
    if (!id)
        return;
    X509_free(id->certificate);
    EVP_PKEY_free(id->key);
    if (id->signer.close)
        id->signer.close(id->signer.ctx);
    free_certificates(id->chain);
    OPENSSL_free(id);
}

struct x509_st *pki_identity_certificate(const struct pki_identity *id) {
    return id->certificate;
}

enum obol_code pki_trust_new(struct pki_trust **out, struct error *err) {
    struct pki_trust *t = OPENSSL_zalloc(sizeof *t);
    *out = NULL;
    ENSURE_MEMORY(t);
    t->store = X509_STORE_new();
    t->pool = sk_X509_new_null();
    if (!t->store || !t->pool) {
        pki_trust_free(t);
        return error_set(err, OBOL_NO_MEMORY, __func__, "a store of certificates");
    }
    *out = t;
    return OBOL_OK;
}

void pki_trust_free(struct pki_trust *t) {
    if (!t)
        return;
    X509_STORE_free(t->store);
    free_certificates(t->pool);
    OPENSSL_free(t);
}

bool pki_trust_is_empty(const struct pki_trust *t) {
    return t->anchors == 0;
}

static enum obol_code add_crls(struct pki_trust *t, struct slice pem, struct error *err) {
    BIO *bio = bio_of(pem);
    X509_CRL *one;
    size_t added = 0;
    while (bio && (one = PEM_read_bio_X509_CRL(bio, NULL, pki_no_password, NULL)) != NULL) {
        added += X509_STORE_add_crl(t->store, one) == 1;
        X509_CRL_free(one);
    }
    BIO_free(bio);
    t->crls += added;
    ENSURE(added, CERTIFICATE_UNUSABLE, "there is no CRL in it (BEGIN X509 CRL)");
    return OBOL_OK;
}

enum obol_code pki_trust_add(struct pki_trust *t, enum pki_kind kind, struct slice pem,
                             struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    if (kind == PKI_CRLS)
        return add_crls(t, pem, err);
    STACK_OF(X509) *list = read_certificates(pem, ANCHORS_MAX);
    ENSURE(list, CERTIFICATE_UNUSABLE, "there is no certificate in it (BEGIN CERTIFICATE)");
    X509 *one;
    while ((one = sk_X509_shift(list)) != NULL) {
        bool kept = kind == PKI_POOL && sk_X509_push(t->pool, one);
        if (kind == PKI_ANCHORS)
            t->anchors += X509_STORE_add_cert(t->store, one) == 1;
        if (!kept)
            X509_free(one);
    }
    free_certificates(list);
    return OBOL_OK;
}
