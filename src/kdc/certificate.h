// certificate.h: whose certificate it is, by what stands in it and by the rules of principals.
#ifndef OBOL_KDC_CERTIFICATE_H
#define OBOL_KDC_CERTIFICATE_H

#include "kdc/exchange.h"
#include "krb/pki.h"

// certificate_check is whether a certificate from a trusted CA (pki_trust_check) is for logins and
// one of x->client's, which was found by the name `asked`. KDC_ERR_INCONSISTENT_KEY_PURPOSE,
// KDC_ERR_CLIENT_NAME_MISMATCH.
MUST_USE enum obol_code certificate_check(struct exchange *x, struct x509_st *certificate,
                                          const struct principal_name *asked);

// Of a certificate (DER) that is shown in the place of a name, and proves nothing:
// certificate_owner is by which name to look its owner up. Nothing of it is believed before
// certificate_check_shown has, too, looked at the certificate for the client that was found so.
// KDC_ERR_C_PRINCIPAL_UNKNOWN: it names nobody, or the realm knows of no certificates;
// KDC_ERR_INVALID_CERTIFICATE: it is none.
MUST_USE enum obol_code certificate_owner(struct exchange *x, struct slice der,
                                          struct principal *out);
// certificate_check_shown fails as pki_trust_check and certificate_check do.
MUST_USE enum obol_code certificate_check_shown(struct exchange *x, struct slice der,
                                                const struct principal_name *asked);

#endif
