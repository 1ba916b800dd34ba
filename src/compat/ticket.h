// ticket.h: tickets and authenticators as structures of krb5.h, for the files of this layer.
#ifndef OBOL_COMPAT_TICKET_H
#define OBOL_COMPAT_TICKET_H

#include "compat/convert.h"
#include "krb/ap.h"

// ticket_out makes the outer part; NULL without memory.
krb5_ticket *ticket_out(const struct ticket *t);
// ticket_out_part adds what was sealed. False without memory.
MUST_USE bool ticket_out_part(krb5_ticket *out, const struct enc_ticket_part *part);
krb5_authenticator *authenticator_out(const struct authenticator *a);

#endif
