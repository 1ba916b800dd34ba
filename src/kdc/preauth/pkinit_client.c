// pkinit_client.c: whether who signed the request is the client that it names (RFC 4556 3.2.2); a
// client whose certificate is not taken is told why.
#include "kdc/certificate.h"
#include "kdc/preauth/pkinit.h"

// RFC 4556 3.2.2: which CAs would do, or which certificate it is about.
static void tell_why(struct exchange *x, struct x509_st *certificate) {
    enum obol_code code = x->err.code, told = OBOL_OK;
    struct padata *typed = arena_zalloc(x->arena, 1, sizeof *typed);
    struct error ignored;
    error_init(&ignored);
    if (!typed)
        return;
    if (code == OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE) {
        typed->padata_type = TD_TRUSTED_CERTIFIERS;
        told = pki_tell_anchors(x->kdc->pkinit->trust, x->arena, &typed->padata_value, &ignored);
    }
    if (code == OBOL_KDC_ERR_INVALID_CERTIFICATE || code == OBOL_KDC_ERR_REVOKED_CERTIFICATE) {
        typed->padata_type = TD_INVALID_CERTIFICATES;
        told = pki_tell_certificate(certificate, x->arena, &typed->padata_value, &ignored);
    }
    if (typed->padata_type && told == OBOL_OK)
        x->typed = (struct padata_list){typed, 1};
}

static enum obol_code check_trust(struct exchange *x, const struct pki_message *m) {
    const struct kdc_pkinit *p = x->kdc->pkinit;
    enum obol_code code = pki_trust_check(p->trust, m, x->now, p->require_crl, &x->err);
    if (code != OBOL_OK)
        tell_why(x, m->signer);
    return code;
}

enum obol_code pkinit_check_signer(struct exchange *x, const struct pki_message *m) {
    TRY(check_trust(x, m));
    return certificate_check(x, m->signer, &x->sought);
}
