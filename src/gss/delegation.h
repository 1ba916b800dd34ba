// delegation.h: a TGT handed on to the service, as a KRB-CRED (RFC 4120 5.8) within the
// authenticator's checksum (RFC 4121 4.1.1).
#ifndef OBOL_GSS_DELEGATION_H
#define OBOL_GSS_DELEGATION_H

#include "cred/cred.h"
#include "crypto/crypto.h"
#include "proto/messages.h"

// gss_delegation_make seals a forwarded TGT with the session key of the service's ticket.
MUST_USE enum obol_code gss_delegation_make(const struct cred *tgt, struct crypto_key *session,
                                            const struct env *env, struct arena *a,
                                            struct slice *out, struct error *err);
// gss_delegation_read opens one with any of the keys (NULL ones are passed over), or with none:
// some clients trust in the authenticator's seal. Gives at least one ticket, in the arena.
MUST_USE enum obol_code gss_delegation_read(struct slice message, struct crypto_key *const *keys,
                                            size_t key_count, struct arena *a, struct cred **out,
                                            size_t *count, struct error *err);

// delegation_info describes a ticket as a KRB-CRED does, delegation_take is the reverse:
// TOKEN_MALFORMED, ENCTYPE_UNSUPPORTED, KEY_LENGTH.
void delegation_info(const struct cred *tgt, struct krb_cred_info *out);
MUST_USE enum obol_code delegation_take(const struct krb_cred_info *info,
                                        const struct ticket *ticket, struct cred *out,
                                        struct error *err);

#endif
