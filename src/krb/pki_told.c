// pki_told.c: what a KDC tells the client whose certificate it does not take (RFC 4556 3.2.2): the
// names of the CAs that it trusts (TD-TRUSTED-CERTIFIERS), the certificate that is not valid
// (TD-INVALID-CERTIFICATES); both are lists of ExternalPrincipalIdentifier.
#include "der/der.h"
#include "krb/pki_internal.h"
#include <openssl/pkcs7.h>

enum { TOLD_MAX = 16 };

// libcrypto's encoding of something, in the arena; it is freed.
static bool keep(unsigned char *der, int len, struct arena *a, struct slice *out) {
    bool ok = len > 0 && arena_copy(a, slice_of(der, (size_t)len), out);
    OPENSSL_free(der);
    return ok;
}

enum obol_code pki_tell_anchors(const struct pki_trust *t, struct arena *a, struct slice *out,
                                struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct external_principal_identifier items[TOLD_MAX];
    struct external_principal_identifier_list list = {items, 0};
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(t->store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects) && list.count < TOLD_MAX; i++) {
        X509 *ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        unsigned char *der = NULL;
        if (!ca) // a CRL
            continue;
        int len = i2d_X509_NAME(X509_get_subject_name(ca), &der);
        struct external_principal_identifier *one = &items[list.count++];
        *one = (struct external_principal_identifier){
            .present = EXTERNAL_PRINCIPAL_IDENTIFIER_SUBJECT_NAME};
        ENSURE(keep(der, len, a, &one->subject_name), NO_MEMORY, "the name of a CA");
    }
    return der_encode(&TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS, &list, a, out, err);
}

bool pki_issuer_and_serial(X509 *certificate, struct arena *a, struct slice *out) {
    PKCS7_ISSUER_AND_SERIAL *id = PKCS7_ISSUER_AND_SERIAL_new();
    unsigned char *der = NULL;
    int len = -1;
    if (id && X509_NAME_set(&id->issuer, X509_get_issuer_name(certificate))) {
        ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
        ASN1_INTEGER_free(id->serial);
        id->serial = serial;
        len = serial ? i2d_PKCS7_ISSUER_AND_SERIAL(id, &der) : -1;
    }
    PKCS7_ISSUER_AND_SERIAL_free(id);
    return keep(der, len, a, out);
}

enum obol_code pki_tell_certificate(struct x509_st *certificate, struct arena *a, struct slice *out,
                                    struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct external_principal_identifier one = {
        .present = EXTERNAL_PRINCIPAL_IDENTIFIER_ISSUER_AND_SERIAL_NUMBER};
    const struct external_principal_identifier_list list = {&one, 1};
    ENSURE(pki_issuer_and_serial(certificate, a, &one.issuer_and_serial_number), NO_MEMORY,
           "the certificate's issuer");
    return der_encode(&TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS, &list, a, out, err);
}

static void write_name(struct slice der, struct arena *a, struct writer *w) {
    const uint8_t *at = der.ptr;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.len);
    if (name && at == der.ptr + der.len)
        writer_bytes(w, pki_name_text(name, a));
    X509_NAME_free(name);
}

static void write_serial(struct slice der, bool named, struct arena *a, struct writer *w) {
    const uint8_t *at = der.ptr;
    PKCS7_ISSUER_AND_SERIAL *id = d2i_PKCS7_ISSUER_AND_SERIAL(NULL, &at, (long)der.len);
    BIGNUM *n = id && at == der.ptr + der.len ? ASN1_INTEGER_to_BN(id->serial, NULL) : NULL;
    char *hex = n ? BN_bn2hex(n) : NULL;
    if (hex)
        writer_printf(w, "%snumber 0x%s of %.*s", named ? ", " : "", hex,
                      SLICE_ARG(pki_name_text(id->issuer, a)));
    OPENSSL_free(hex);
    BN_free(n);
    PKCS7_ISSUER_AND_SERIAL_free(id);
}

struct slice pki_told_text(struct slice told, struct arena *a) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct external_principal_identifier_list list;
    struct writer w = writer_to_arena(a);
    if (der_decode(&TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS, told, a, &list, NULL) != OBOL_OK)
        return (struct slice){0};
    for (size_t i = 0; i < list.count && i < TOLD_MAX; i++) {
        const struct external_principal_identifier *one = &list.items[i];
        size_t before = writer_slice(&w).len;
        if (before)
            writer_printf(&w, "; ");
        const bool named = one->present & EXTERNAL_PRINCIPAL_IDENTIFIER_SUBJECT_NAME;
        if (named)
            write_name(one->subject_name, a, &w);
        if (one->present & EXTERNAL_PRINCIPAL_IDENTIFIER_ISSUER_AND_SERIAL_NUMBER)
            write_serial(one->issuer_and_serial_number, named, a, &w);
    }
    return writer_ok(&w) ? writer_slice(&w) : (struct slice){0};
}
