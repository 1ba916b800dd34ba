// authdata.h: authorization data of tickets (RFC 4120 5.2.6): what may pass from a client or
// another realm into a ticket. What the KDC itself says about a client (the PAC, indicators) will
// be a descriptor a file in this folder.
#ifndef OBOL_KDC_AUTHDATA_AUTHDATA_H
#define OBOL_KDC_AUTHDATA_AUTHDATA_H

#include "kdc/exchange.h"
#include "proto/authdata.h"

// authdata_filter appends to *out, which has room for in->count more, the elements that a client
// may set. Those that only a KDC may make are left out, also inside AD-IF-RELEVANT. KDC_ERR_POLICY
// for what must be understood and is not (RFC 4120 5.2.6.4).
MUST_USE enum obol_code authdata_filter(const struct authdata_list *in, struct arena *a,
                                        struct authdata_list *out, struct error *err);
// authdata_holds is whether an element of a type stands in the list, or in an AD-IF-RELEVANT of it.
bool authdata_holds(const struct authdata_list *list, int32_t type, struct arena *a);

// cammac.c: cammac_make wraps what the KDC says in an AD-CAMMAC, sealed for x->ticket and its key.
// cammac_open gives the contents of one that this realm's KDC made for a ticket; none if the
// element is none, or does not hold. cammac_is is whether it looks like one.
MUST_USE enum obol_code cammac_make(struct exchange *x, const struct authdata_list *elements,
                                    struct authdata *out);
MUST_USE enum obol_code cammac_open(struct exchange *x, const struct enc_ticket_part *ticket,
                                    const struct authdata *ad, struct authdata_list *elements);
bool cammac_is(const struct authdata *ad, struct arena *a);

// indicators.c: indicators_check is a stage: the service may ask for an indicator. Before it
// tgs_read_indicators, a stage too, takes those of the presented ticket. indicators_add puts
// x->indicators into the ticket, whose session key must be there.
MUST_USE enum obol_code indicators_check(struct exchange *x);
MUST_USE enum obol_code tgs_read_indicators(struct exchange *x);
MUST_USE enum obol_code indicators_add(struct exchange *x);

#endif
