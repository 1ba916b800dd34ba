// pki_trust.c: whether a signer's certificate comes from a CA that is trusted, at a given time (RFC
// 5280 6). libcrypto builds the path and checks it, name constraints and all; a certificate with a
// critical extension that it does not know is refused.
#include "krb/pki_internal.h"
#include <openssl/cms.h>
#include <openssl/x509_vfy.h>

enum {
    DEPTH_MAX = 8,
    // Libcrypto's level 2: 112 bits: RSA from 2048 bits on, no SHA-1 (openssl-ciphers(1)).
    STRENGTH = 2,
};

// Without need_crl a CRL counts where there is one.
static int without_crl(int ok, X509_STORE_CTX *ctx) {
    if (ok || X509_STORE_CTX_get_error(ctx) != X509_V_ERR_UNABLE_TO_GET_CRL)
        return ok;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

static const struct {
    int reason;
    enum obol_code code;
} REASONS[] = {
    {X509_V_ERR_CERT_REVOKED, OBOL_KDC_ERR_REVOKED_CERTIFICATE},
    {X509_V_ERR_UNABLE_TO_GET_CRL, OBOL_KDC_ERR_REVOCATION_STATUS_UNKNOWN},
    {X509_V_ERR_CRL_HAS_EXPIRED, OBOL_KDC_ERR_REVOCATION_STATUS_UNKNOWN},
    {X509_V_ERR_CRL_NOT_YET_VALID, OBOL_KDC_ERR_REVOCATION_STATUS_UNKNOWN},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, OBOL_KDC_ERR_REVOCATION_STATUS_UNKNOWN},
    {X509_V_ERR_CA_MD_TOO_WEAK, OBOL_KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE},
    {X509_V_ERR_CERT_UNTRUSTED, OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE},
};

static enum obol_code code_of(int reason) {
    for (size_t i = 0; i < COUNT_OF(REASONS); i++)
        if (REASONS[i].reason == reason)
            return REASONS[i].code;
    return OBOL_KDC_ERR_INVALID_CERTIFICATE;
}

// The certificates between signer and anchor: those of the message, and the pool's.
static STACK_OF(X509) * between(const struct pki_trust *t, const struct pki_message *m) {
    STACK_OF(X509) *sent = m->cms ? CMS_get1_certs(m->cms) : NULL, *all = sk_X509_new_null();
    const STACK_OF(X509) * lists[] = {sent, t->pool};
    for (size_t l = 0; all && l < COUNT_OF(lists); l++)
        for (int i = 0; lists[l] && i < sk_X509_num(lists[l]); i++) {
            X509 *one = sk_X509_value(lists[l], i);
            if (X509_up_ref(one) && !sk_X509_push(all, one))
                X509_free(one);
        }
    sk_X509_pop_free(sent, X509_free);
    return all;
}

static int check(X509_STORE_CTX *ctx, const struct pki_trust *t, int64_t now, bool need_crl) {
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)now);
    X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, STRENGTH);
    // An administrator may trust a CA that another one has certified, and not that one.
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    if (need_crl || t->crls)
        flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    X509_VERIFY_PARAM_set_flags(param, flags);
    if (!need_crl)
        X509_STORE_CTX_set_verify_cb(ctx, without_crl);
    if (X509_verify_cert(ctx) == 1)
        return X509_V_OK;
    int reason = X509_STORE_CTX_get_error(ctx);
    return reason == X509_V_OK ? X509_V_ERR_UNSPECIFIED : reason;
}

enum obol_code pki_trust_check(const struct pki_trust *t, const struct pki_message *m, int64_t now,
                               bool need_crl, struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = between(t, m);
    int reason = X509_V_ERR_OUT_OF_MEM;
    char subject[256] = "";
    X509 *failed = NULL;
    if (ctx && untrusted && X509_STORE_CTX_init(ctx, t->store, m->signer, untrusted) == 1) {
        reason = check(ctx, t, now, need_crl);
        failed = X509_STORE_CTX_get_current_cert(ctx);
    }
    if (reason != X509_V_OK && failed)
        X509_NAME_oneline(X509_get_subject_name(failed), subject, sizeof subject);
    X509_STORE_CTX_free(ctx);
    sk_X509_pop_free(untrusted, X509_free);
    if (reason == X509_V_OK)
        return OBOL_OK;
    return error_set(err, code_of(reason), __func__, "the certificate %s: %s", subject,
                     X509_verify_cert_error_string(reason));
}
