// pki_issue.h: making certificates: a small CA, for trying PKINIT (`obol pki`) and for tests.
#ifndef OBOL_KRB_PKI_ISSUE_H
#define OBOL_KRB_PKI_ISSUE_H

#include "krb/pki.h"

struct pki_wanted {
    struct slice common_name;
    bool ca;  // it may issue others
    bool rsa; // 2048 bits; else P-256
    int64_t from, until;
    const struct principal *principal; // id-pkinit-san; NULL: none
    struct slice upn;                  // empty: none
    struct slice_list hosts;
    uint32_t purposes; // PKI_PURPOSE_...
};
// pki_issue makes a key and a certificate for it, both as PEM in the arena: PKCS#8 without a
// password. `issuer` signs; NULL: the new key itself. INVALID_ARGUMENT for names that do not fit.
MUST_USE enum obol_code pki_issue(const struct pki_wanted *wanted,
                                  const struct pki_identity *issuer, struct arena *a,
                                  struct slice *certificate, struct slice *key, struct error *err);
// pki_issue_crl makes the CA's list of what it has revoked: what stands in `old` (empty: nothing),
// and the certificate `revoked` (empty: none more), all PEM.
MUST_USE enum obol_code pki_issue_crl(const struct pki_identity *issuer, struct slice old,
                                      struct slice revoked, int64_t now, int64_t until,
                                      struct arena *a, struct slice *crl, struct error *err);

#endif
