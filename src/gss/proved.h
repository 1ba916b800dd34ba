// proved.h: what a ticket says about its client besides the name, as far as the service's key
// proves it: a PAC with a good server signature that is of this client and login (MS-PAC 2.7, 2.8),
// and authentication indicators in a CAMMAC with a good verifier (RFC 7751 4, RFC 8129).
#ifndef OBOL_GSS_PROVED_H
#define OBOL_GSS_PROVED_H

#include "crypto/crypto.h"
#include "krb/principal.h"
#include "proto/types.h"

enum { GSS_PROVED_MAX = 32 };
struct gss_proved {
    int32_t ad_type; // AD_WIN2K_PAC or AD_AUTHENTICATION_INDICATOR
    struct slice data;
};
// gss_proved_read gives what is proved by `key`, with which the ticket was opened; the rest is left
// out. It borrows from the ticket and the arena.
size_t gss_proved_read(const struct enc_ticket_part *ticket, struct crypto_key *key,
                       struct arena *a, struct gss_proved out[GSS_PROVED_MAX]);

#endif
