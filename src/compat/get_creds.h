// get_creds.h: what a program asks of a ticket for a service, as src/net takes it.
#ifndef OBOL_COMPAT_GET_CREDS_H
#define OBOL_COMPAT_GET_CREDS_H

#include "compat/context.h"
#include "net/ticket.h"

// get_creds_params: KRB5_GC_... options and what is wanted; it borrows from both and the call.
MUST_USE enum obol_code get_creds_params(struct call *c, krb5_flags options, krb5_ccache cc,
                                         const krb5_creds *want, struct ticket_params *out);

#endif
