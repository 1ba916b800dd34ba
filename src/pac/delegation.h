// delegation.h: S4U_DELEGATION_INFO (MS-PAC 2.9), the buffer of a ticket that a service got in
// somebody's name (S4U2Proxy): for which service, and through which ones.
#ifndef OBOL_PAC_DELEGATION_H
#define OBOL_PAC_DELEGATION_H

#include "pac/pac.h"

enum { PAC_TRANSITED_MAX = 64 };
struct pac_delegation {
    struct slice target;     // S4U2proxyTarget
    struct slice *transited; // S4UTransitedServices, the first one first
    uint32_t transited_count;
};
MUST_USE enum obol_code pac_delegation_read(struct slice data, struct arena *a,
                                            struct pac_delegation *out, struct error *err);
MUST_USE enum obol_code pac_delegation_write(const struct pac_delegation *in, struct arena *a,
                                             struct slice *out, struct error *err);

#endif
