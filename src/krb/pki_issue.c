// pki_issue.c: see pki_issue.h. Extensions as RFC 4556 3.2.2, 3.2.4 and RFC 5280 4.2 ask for them.
#include "krb/pki_issue.h"
#include "der/der.h"
#include "krb/pki_internal.h"
#include "proto/pkinit.h"
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

enum { SERIAL_BYTES = 16, RSA_BITS = 2048, BACKDATE = 300 };

struct work {
    X509 *cert;
    EVP_PKEY *key;
    X509 *issuer; // borrowed
    EVP_PKEY *issuer_key;
};

static void work_end(struct work *w) {
    X509_free(w->cert);
    EVP_PKEY_free(w->key);
}

static bool set_name(X509 *cert, struct slice common_name) {
    X509_NAME *name = X509_get_subject_name(cert);
    return common_name.len > 0 && common_name.len <= 64 &&
           X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, common_name.ptr,
                                      (int)common_name.len, -1, 0) == 1;
}

static bool set_serial(X509 *cert) {
    BIGNUM *n = BN_new();
    bool ok = n && BN_rand(n, SERIAL_BYTES * 8 - 1, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;
    BN_free(n);
    return ok;
}

static bool add_text(struct work *w, int nid, const char *value) {
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, w->issuer, w->cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = e && X509_add_ext(w->cert, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

static bool add_purposes(struct work *w, uint32_t purposes) {
    static const struct {
        uint32_t bit;
        const char *oid;
    } rows[] = {
        {PKI_PURPOSE_CLIENT, "1.3.6.1.5.2.3.4"},
        {PKI_PURPOSE_KDC, "1.3.6.1.5.2.3.5"},
        {PKI_PURPOSE_SMARTCARD, "1.3.6.1.4.1.311.20.2.2"},
        {PKI_PURPOSE_SERVER_AUTH, "1.3.6.1.5.5.7.3.1"},
    };
    char text[128] = "";
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (purposes & rows[i].bit)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? "," : "",
                                    rows[i].oid);
    return len == 0 || add_text(w, NID_ext_key_usage, text);
}

static bool add_other(GENERAL_NAMES *names, const char *oid, ASN1_TYPE *value) {
    GENERAL_NAME *n = GENERAL_NAME_new();
    ASN1_OBJECT *type = OBJ_txt2obj(oid, 1);
    if (n && type && value && GENERAL_NAME_set0_othername(n, type, value) == 1 &&
        sk_GENERAL_NAME_push(names, n))
        return true;
    // What it took over goes with it.
    if (!n || n->type != GEN_OTHERNAME) {
        ASN1_OBJECT_free(type);
        ASN1_TYPE_free(value);
    }
    GENERAL_NAME_free(n);
    return false;
}

static bool add_principal(GENERAL_NAMES *names, const struct principal *p, struct arena *a) {
    const struct krb5_principal_name name = {p->realm, p->name};
    struct slice der;
    if (der_encode(&TYPE_KRB5_PRINCIPAL_NAME, &name, a, &der, NULL) != OBOL_OK)
        return false;
    const uint8_t *at = der.ptr;
    return add_other(names, "1.3.6.1.5.2.2", d2i_ASN1_TYPE(NULL, &at, (long)der.len));
}

static ASN1_STRING *string_of(int type, struct slice s) {
    ASN1_STRING *out = ASN1_STRING_type_new(type);
    if (out && ASN1_STRING_set(out, s.ptr, (int)s.len) == 1)
        return out;
    ASN1_STRING_free(out);
    return NULL;
}

static bool add_upn(GENERAL_NAMES *names, struct slice upn) {
    ASN1_TYPE *value = ASN1_TYPE_new();
    ASN1_STRING *text = string_of(V_ASN1_UTF8STRING, upn);
    if (!value || !text) {
        ASN1_TYPE_free(value);
        ASN1_STRING_free(text);
        return false;
    }
    ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
    return add_other(names, "1.3.6.1.4.1.311.20.2.3", value);
}

static bool add_host(GENERAL_NAMES *names, struct slice host) {
    GENERAL_NAME *n = GENERAL_NAME_new();
    ASN1_STRING *text = string_of(V_ASN1_IA5STRING, host);
    if (n && text) {
        GENERAL_NAME_set0_value(n, GEN_DNS, text);
        text = NULL;
        if (sk_GENERAL_NAME_push(names, n))
            return true;
    }
    ASN1_STRING_free(text);
    GENERAL_NAME_free(n);
    return false;
}

static bool add_names(struct work *w, const struct pki_wanted *wanted, struct arena *a) {
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    bool ok = names && (!wanted->principal || add_principal(names, wanted->principal, a)) &&
              (!wanted->upn.len || add_upn(names, wanted->upn));
    for (size_t i = 0; ok && i < wanted->hosts.count; i++)
        ok = add_host(names, wanted->hosts.items[i]);
    if (ok && sk_GENERAL_NAME_num(names) > 0)
        ok = X509_add1_ext_i2d(w->cert, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return ok;
}

static bool add_extensions(struct work *w, const struct pki_wanted *wanted, struct arena *a) {
    const char *usage =
        wanted->ca ? "critical,keyCertSign,cRLSign,digitalSignature" : "critical,digitalSignature";
    return add_text(w, NID_basic_constraints,
                    wanted->ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           add_text(w, NID_key_usage, usage) && add_text(w, NID_subject_key_identifier, "hash") &&
           (w->issuer == w->cert || add_text(w, NID_authority_key_identifier, "keyid")) &&
           add_purposes(w, wanted->purposes) && add_names(w, wanted, a);
}

static bool make(struct work *w, const struct pki_wanted *wanted, const struct pki_identity *issuer,
                 struct arena *a) {
    w->key = wanted->rsa ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
    w->cert = X509_new();
    w->issuer = issuer ? issuer->certificate : w->cert;
    w->issuer_key = issuer ? issuer->key : w->key;
    return w->key && w->cert && X509_set_version(w->cert, X509_VERSION_3) == 1 &&
           set_serial(w->cert) && set_name(w->cert, wanted->common_name) &&
           X509_set_issuer_name(w->cert, X509_get_subject_name(w->issuer)) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(w->cert), (time_t)(wanted->from - BACKDATE)) &&
           ASN1_TIME_set(X509_getm_notAfter(w->cert), (time_t)wanted->until) &&
           X509_set_pubkey(w->cert, w->key) == 1 && add_extensions(w, wanted, a) &&
           X509_sign(w->cert, w->issuer_key, EVP_sha256()) > 0;
}

// What a memory BIO holds goes into the arena; the BIO is wiped and freed.
static bool take_text(BIO *bio, bool written, struct arena *a, struct slice *out) {
    char *text = NULL;
    long len = bio ? BIO_get_mem_data(bio, &text) : 0;
    bool ok = written && len > 0 && arena_copy(a, slice_of(text, (size_t)len), out);
    if (len > 0)
        OPENSSL_cleanse(text, (size_t)len);
    BIO_free(bio);
    return ok;
}

enum obol_code pki_issue(const struct pki_wanted *wanted, const struct pki_identity *issuer,
                         struct arena *a, struct slice *certificate, struct slice *key,
                         struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct work w = {0};
    bool ok = make(&w, wanted, issuer, a);
    BIO *cert = BIO_new(BIO_s_mem()), *secret = BIO_new(BIO_s_mem());
    bool cert_ok = ok && cert && PEM_write_bio_X509(cert, w.cert) == 1;
    bool key_ok = ok && secret &&
                  PEM_write_bio_PKCS8PrivateKey(secret, w.key, NULL, NULL, 0, NULL, NULL) == 1;
    cert_ok = take_text(cert, cert_ok, a, certificate); // either frees its BIO
    key_ok = take_text(secret, key_ok, a, key);
    ok = cert_ok && key_ok;
    work_end(&w);
    const char *why = ok ? "" : pki_reason();
    ENSURE(ok, INVALID_ARGUMENT, "no certificate for \"%.*s\" can be made: %s",
           SLICE_ARG(wanted->common_name), why);
    return OBOL_OK;
}

static bool add_revoked(X509_CRL *crl, const ASN1_INTEGER *serial, const ASN1_TIME *when) {
    X509_REVOKED *entry = X509_REVOKED_new();
    if (entry && X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)(uintptr_t)serial) == 1 &&
        X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)(uintptr_t)when) == 1 &&
        X509_CRL_add0_revoked(crl, entry) == 1)
        return true;
    X509_REVOKED_free(entry);
    return false;
}

static bool copy_revoked(X509_CRL *crl, struct slice old) {
    if (old.len == 0)
        return true;
    BIO *bio = BIO_new_mem_buf(old.ptr, (int)old.len);
    X509_CRL *from = bio ? PEM_read_bio_X509_CRL(bio, NULL, pki_no_password, NULL) : NULL;
    STACK_OF(X509_REVOKED) *list = from ? X509_CRL_get_REVOKED(from) : NULL;
    bool ok = from != NULL;
    for (int i = 0; ok && list && i < sk_X509_REVOKED_num(list); i++) {
        const X509_REVOKED *entry = sk_X509_REVOKED_value(list, i);
        ok = add_revoked(crl, X509_REVOKED_get0_serialNumber(entry),
                         X509_REVOKED_get0_revocationDate(entry));
    }
    X509_CRL_free(from);
    BIO_free(bio);
    return ok;
}

static bool add_certificate(X509_CRL *crl, struct slice pem, const ASN1_TIME *when) {
    STACK_OF(X509) *list = pem.len ? pki_read_pem(pem) : NULL;
    bool ok = pem.len == 0 ||
              (list && add_revoked(crl, X509_get0_serialNumber(sk_X509_value(list, 0)), when));
    sk_X509_pop_free(list, X509_free);
    return ok;
}

static bool fill_crl(X509_CRL *crl, const struct pki_identity *issuer, struct slice old,
                     struct slice revoked, const ASN1_TIME *now, const ASN1_TIME *until) {
    return X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
           X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->certificate)) == 1 &&
           X509_CRL_set1_lastUpdate(crl, now) == 1 && X509_CRL_set1_nextUpdate(crl, until) == 1 &&
           copy_revoked(crl, old) && add_certificate(crl, revoked, now) &&
           X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0;
}

enum obol_code pki_issue_crl(const struct pki_identity *issuer, struct slice old,
                             struct slice revoked, int64_t now, int64_t until, struct arena *a,
                             struct slice *out, struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(now - BACKDATE));
    ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)until);
    BIO *bio = BIO_new(BIO_s_mem());
    bool written = crl && from && to && bio && fill_crl(crl, issuer, old, revoked, from, to) &&
                   PEM_write_bio_X509_CRL(bio, crl) == 1;
    bool ok = take_text(bio, written, a, out);
    X509_CRL_free(crl);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    const char *why = ok ? "" : pki_reason();
    ENSURE(ok, INVALID_ARGUMENT, "the CRL cannot be made: %s", why);
    return OBOL_OK;
}
