// acting.h: tickets in a user's name (MS-SFU): a service asks for one to itself, which shows that
// it acts for the user, and with that for those to other services.
#ifndef OBOL_NET_ACTING_H
#define OBOL_NET_ACTING_H

#include "net/ticket.h"

// net_evidence gets a ticket to ourselves, whose the cache is, in a user's name; of his own the KDC
// may say another spelling (out->ticket.client). With user NULL he is whose the certificate (DER)
// is; else it is empty, or one that must be his.
MUST_USE enum obol_code net_evidence(const struct net *net, struct ccache *cache,
                                     const struct principal *user, struct slice certificate,
                                     struct arena *a, struct ticket_result *out, struct error *err);
// net_ticket_acting is net_ticket in the name of the evidence's client. The cache, which is ours,
// keeps nothing of it.
MUST_USE enum obol_code net_ticket_acting(const struct net *net, const struct ticket_params *params,
                                          const struct cred *evidence, struct arena *a,
                                          struct ticket_result *out, struct error *err);

#endif
