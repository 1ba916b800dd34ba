// fast.h: FAST (RFC 6113 5.4) at the KDC: a request in armor is opened, and what is inside stands
// in its place from there on; the reply, or the error, goes back in the same armor.
#ifndef OBOL_KDC_FAST_H
#define OBOL_KDC_FAST_H

#include "kdc/exchange.h"

// The stages: in the AS exchange the first one, in the TGS exchange behind the presented ticket.
MUST_USE enum obol_code as_open_fast(struct exchange *x);
MUST_USE enum obol_code tgs_open_fast(struct exchange *x);

// fast_armor_reply is called when x->reply_key and the ticket are there, before the reply is
// sealed: it strengthens the key and puts x->rep.padata, with a proof of the ticket, into the
// armor. Without armor it does nothing.
MUST_USE enum obol_code fast_armor_reply(struct exchange *x);
// fast_armor_error makes the e-data of an error in armor out of the error itself and of `methods`.
MUST_USE enum obol_code fast_armor_error(struct exchange *x, const struct krb_error *e,
                                         const struct padata_list *methods, struct slice *out);
// fast_hidden is WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS (RFC 8062 3), whom all are called who ask
// that their names be hidden.
struct principal fast_hidden(void);

#endif
