// ticket.h: a ticket for a service (RFC 4120 3.3): from the cache if it is there, else by the TGS
// client driven over the network, with what was learned put into the cache.
#ifndef OBOL_NET_TICKET_H
#define OBOL_NET_TICKET_H

#include "client/as.h"
#include "client/tgs.h"
#include "cred/ccache.h"
#include "net/net.h"

struct ticket_params {
    struct ccache *cache;
    struct principal service;   // an empty realm: the KDC finds it
    int64_t endtime;            // of a new ticket: seconds since 1970; 0: that of the TGT
    uint32_t options;           // KDC_OPT_FORWARDED, _ENC_TKT_IN_SKEY ... besides the usual ones
    struct int32_list etypes;   // empty: default_tgs_enctypes of krb5.conf
    struct slice second_ticket; // of _ENC_TKT_IN_SKEY: the other side's TGT
    // S4U (MS-SFU, client/tgs.h): whom the ticket is to name; or NULL. Of which realm an enterprise
    // name, user@mail.domain, is, the KDC of the one given is asked; none: that of our own.
    const struct principal *act_for;
    bool s4u_self; // a ticket for ourselves in his name
    // s4u_self: DER of the certificate with which he came, beside act_for or (NULL) in its place.
    struct slice certificate;
    struct host_address_list addresses; // of a forwarded ticket; empty: none
    bool no_cached;                     // ask the KDC even if the cache has one
    bool no_store;                      // leave the cache as it is
    bool replace;     // those that the cache has for the service go when the new one comes
    bool cached_only; // CRED_NOT_FOUND rather than ask
};
struct ticket_result {
    struct cred ticket; // borrows from the arena
    bool from_cache;
    int64_t clock_offset; // seconds, of the cache
    unsigned round_trips;
};

// The same without I/O, for those who carry messages themselves (an event loop): ticket_begin, then
// ticket_step with each reply (empty at first) until CLIENT_DONE, when `out` is filled and the
// cache has what came. All that it points to and its arena outlive it. ticket_renew_begin has the
// TGT of params->cache renewed, or validated. ticket_end is due after either.
struct ticket_machine {
    struct net net; // conf and env only
    struct ticket_params params;
    struct arena *arena;
    struct ccache_content cache;
    struct tgs_client client;
    struct tgs_params tgs;
    struct cred found;       // of the cache
    struct as_client *whose; // asks of which realm the user is; NULL: it is known
    struct principal user;   // act_for, once that is known
    bool from_cache, renews, started;
};
MUST_USE enum obol_code ticket_begin(struct ticket_machine *m, const struct net *net,
                                     const struct ticket_params *params, struct arena *a,
                                     struct error *err);
MUST_USE enum obol_code ticket_renew_begin(struct ticket_machine *m, const struct net *net,
                                           struct ccache *cache, bool validate, struct arena *a,
                                           struct error *err);
MUST_USE enum obol_code ticket_step(struct ticket_machine *m, struct slice reply,
                                    struct client_output *want, struct ticket_result *out,
                                    struct error *err);
void ticket_end(struct ticket_machine *m);

// net_ticket gets a ticket. CCACHE_NOT_FOUND, CRED_NOT_FOUND (no TGT), CRED_EXPIRED; else fails as
// the TGS client and the network do.
MUST_USE enum obol_code net_ticket(const struct net *net, const struct ticket_params *params,
                                   struct arena *a, struct ticket_result *out, struct error *err);
// net_ticket_for_host is net_ticket for a service of a host, as users name it ("HTTP", "web"): the
// name is made as krb5.conf asks (net_host_service), and each form tried in turn. params->service
// is not looked at.
MUST_USE enum obol_code net_ticket_for_host(const struct net *net,
                                            const struct ticket_params *params,
                                            struct slice service, struct slice host,
                                            struct arena *a, struct ticket_result *out,
                                            struct error *err);
// net_renew has the TGT of the cache renewed (or validated: a postdated one) and makes the cache
// anew with it.
MUST_USE enum obol_code net_renew(const struct net *net, struct ccache *cache, bool validate,
                                  struct arena *a, struct ticket_result *out, struct error *err);

#endif
