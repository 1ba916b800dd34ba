// certificates.h: a small CA in memory for tests of PKINIT, at a pretended time. What must not fail
// aborts.
#ifndef OBOL_TESTS_KRB_CERTIFICATES_H
#define OBOL_TESTS_KRB_CERTIFICATES_H

#include "krb/pki_internal.h"
#include "krb/pki_issue.h"
#include "proto/codes.h"
#include <openssl/cms.h>
#include <stdio.h>
#include <stdlib.h>

enum { CERT_DAY = 24 * 3600 };

struct certificate {
    struct slice pem, key;
    struct pki_identity *identity; // the caller frees
};

static inline void cert_must(enum obol_code code, const struct error *err) {
    if (code == OBOL_OK)
        return;
    fprintf(stderr, "certificates: %s: %s\n", error_info(code)->name, err->detail);
    abort();
}

// certificate_make has the chain of `issuer` (NULL: self-signed) behind the certificate.
static inline struct certificate certificate_make(const struct pki_wanted *wanted,
                                                  const struct certificate *issuer,
                                                  struct arena *a) {
    struct certificate out = {0};
    struct error err;
    error_init(&err);
    cert_must(pki_issue(wanted, issuer ? issuer->identity : NULL, a, &out.pem, &out.key, &err),
              &err);
    if (issuer)
        out.pem = arena_printf(a, "%.*s%.*s", (int)out.pem.len, (const char *)out.pem.ptr,
                               (int)issuer->pem.len, (const char *)issuer->pem.ptr);
    cert_must(pki_identity_new(&out.identity, out.pem, out.key, (struct slice){0}, &err), &err);
    return out;
}

static inline struct certificate certificate_ca(const char *name, int64_t now,
                                                const struct certificate *issuer, struct arena *a) {
    const struct pki_wanted wanted = {.common_name = slice_str(name),
                                      .ca = true,
                                      .from = now,
                                      .until = now + 3650 * (int64_t)CERT_DAY};
    return certificate_make(&wanted, issuer, a);
}

static inline struct principal certificate_principal(const char *text, struct arena *a) {
    struct principal p;
    struct error err;
    error_init(&err);
    cert_must(
        principal_parse(slice_str(text), SLICE_LITERAL("EXAMPLE.COM"), NT_UNKNOWN, a, &p, &err),
        &err);
    return p;
}

// certificate_for names a principal; `purposes` of pki.h.
static inline struct certificate certificate_for(const char *principal, uint32_t purposes,
                                                 int64_t now, const struct certificate *issuer,
                                                 struct arena *a) {
    const struct principal p = certificate_principal(principal, a);
    const struct pki_wanted wanted = {
        .common_name = slice_str(principal),
        .principal = &p,
        .from = now,
        .until = now + 365 * (int64_t)CERT_DAY,
        .purposes = purposes,
    };
    return certificate_make(&wanted, issuer, a);
}

// certificate_sign_sha1 is pki_message_sign as an old peer does it.
static inline struct slice certificate_sign_sha1(const struct certificate *c, struct slice content,
                                                 const char *type, struct arena *a) {
    const unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP;
    BIO *in = BIO_new_mem_buf(content.ptr, (int)content.len);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    ASN1_OBJECT *oid = OBJ_txt2obj(type, 1);
    uint8_t *der = NULL;
    struct slice out = {0};
    if (!in || !cms || !oid || CMS_set1_eContentType(cms, oid) != 1 ||
        !CMS_add1_signer(cms, c->identity->certificate, c->identity->key, EVP_sha1(), flags) ||
        CMS_final(cms, in, NULL, flags) != 1)
        abort();
    int len = i2d_CMS_ContentInfo(cms, &der);
    if (len <= 0 || !arena_copy(a, slice_of(der, (size_t)len), &out))
        abort();
    OPENSSL_free(der);
    ASN1_OBJECT_free(oid);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    return out;
}

static inline struct pki_trust *certificate_trust(const struct certificate *ca) {
    struct pki_trust *t;
    struct error err;
    error_init(&err);
    cert_must(pki_trust_new(&t, &err), &err);
    if (ca)
        cert_must(pki_trust_add(t, PKI_ANCHORS, ca->pem, &err), &err);
    return t;
}

#endif
