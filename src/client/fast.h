// fast.h: FAST (RFC 6113 5.4) for the AS and TGS clients: a request goes inside the armor of a
// ticket, and its answer must come back in the same. For the files of this folder only.
#ifndef OBOL_CLIENT_FAST_H
#define OBOL_CLIENT_FAST_H

#include "client/client.h"
#include "proto/fast.h"

struct client_fast {
    struct crypto_key *armor; // NULL: bare
    struct krb_fast_armor ap; // that stands in the request; empty: the TGS-REQ's own ticket
    uint32_t options;         // FAST_HIDE_CLIENT_NAMES
    const struct env *env;    // with the KDC's clock
    struct arena *arena;
};
// client_fast_armor makes the armor of a TGT for the realm that is asked (RFC 6113 5.4.1.1).
MUST_USE enum obol_code client_fast_armor(struct client_fast *f, const struct cred *tgt,
                                          struct error *err);
// client_fast_wrap makes the PA-FX-FAST that holds `padata` and the encoded body; `outside` is what
// its checksum ties it to: the body outside for an AS-REQ, the AP-REQ of a TGS-REQ.
MUST_USE enum obol_code client_fast_wrap(const struct client_fast *f, struct slice body,
                                         const struct padata_list *padata, struct slice outside,
                                         struct padata *out, struct error *err);
// client_fast_open opens the PA-FX-FAST of an answer to a request of this nonce. FAST_REQUIRED if
// there is none, REPLY_MISMATCH if it is another's.
MUST_USE enum obol_code client_fast_open(const struct client_fast *f,
                                         const struct padata_list *padata, uint32_t nonce,
                                         struct krb_fast_response *out, struct error *err);
// client_fast_reply checks the proof of the ticket, and takes over what the armor holds in place of
// what stood outside: padata, client's name, and *strengthen (NULL: there is none).
MUST_USE enum obol_code client_fast_reply(const struct client_fast *f, uint32_t nonce,
                                          struct kdc_rep *rep, struct crypto_key **strengthen,
                                          struct error *err);
// client_fast_error takes the error that is in the armor in place of the one outside, and its
// METHOD-DATA. FAST_REQUIRED if it has no armor.
MUST_USE enum obol_code client_fast_error(const struct client_fast *f, uint32_t nonce,
                                          struct krb_error *error, struct padata_list *methods,
                                          struct error *err);

#endif
