// authdata.h: authorization data of tickets (RFC 4120 5.2.6): what may pass from a client or
// another realm into a ticket. What the KDC itself says about a client (the PAC, indicators) will
// be a descriptor a file in this folder.
#ifndef OBOL_KDC_AUTHDATA_AUTHDATA_H
#define OBOL_KDC_AUTHDATA_AUTHDATA_H

#include "kdc/exchange.h"

// authdata_filter appends to *out, which has room for in->count more, the elements that a client
// may set. Those that only a KDC may make are left out, also inside AD-IF-RELEVANT. KDC_ERR_POLICY
// for what must be understood and is not (RFC 4120 5.2.6.4).
MUST_USE enum obol_code authdata_filter(const struct authdata_list *in, struct arena *a,
                                        struct authdata_list *out, struct error *err);

#endif
