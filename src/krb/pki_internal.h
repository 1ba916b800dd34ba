// pki_internal.h: what the files of pki.h share.
#ifndef OBOL_KRB_PKI_INTERNAL_H
#define OBOL_KRB_PKI_INTERNAL_H

#include "crypto/library.h"
#include "krb/pki.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

struct pki_identity {
    X509 *certificate;
    EVP_PKEY *key; // NULL: the signer's
    STACK_OF(X509) * chain;
    struct pki_signer signer;
};

struct pki_trust {
    X509_STORE *store;     // anchors and CRLs
    STACK_OF(X509) * pool; // certificates in between
    size_t anchors, crls;
};

// pki_reason is libcrypto's reason of its last failure, within a library_use.
static inline const char *pki_reason(void) {
    unsigned long code = ERR_peek_last_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    return text ? text : "no reason given";
}
// pki_read_pem reads the certificates of a PEM text, up to PKI_CERTIFICATES_MAX; the caller frees
// the list. NULL: none.
STACK_OF(X509) * pki_read_pem(struct slice pem);
// pki_name_text: RFC 4514 text.
struct slice pki_name_text(const struct X509_name_st *name, struct arena *a);
// pki_issuer_and_serial names a certificate (RFC 5652 10.2.4).
MUST_USE bool pki_issuer_and_serial(X509 *certificate, struct arena *a, struct slice *out);
// pki_signer_message is pki_message_sign with an identity's signer.
MUST_USE enum obol_code pki_signer_message(const struct pki_identity *id, struct slice content,
                                           struct slice content_type, struct arena *a,
                                           struct slice *out, struct error *err);
#define PKI_SIGNED_DATA SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
// pki_no_password is a pem_password_cb: libcrypto's own would ask at the terminal.
int pki_no_password(char *out, int size, int writing, void *ctx);

#endif
