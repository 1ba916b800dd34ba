// host.h: the principal of a service on a host (RFC 4120 6.2.1): the host's name by krb5.conf's
// dns_canonicalize_hostname, rdns and qualify_shortname, its realm by [domain_realm].
#ifndef OBOL_NET_HOST_H
#define OBOL_NET_HOST_H

#include "net/net.h"

#define NET_HOST_NAMES_MAX 2

// net_host_service gives one name, or with `fallback` two, to be tried in their order. The realm is
// empty where [domain_realm] says nothing: the KDC then finds it by referral. NAME_MALFORMED for a
// host that is none. The names are the arena's own, and borrow nothing.
MUST_USE enum obol_code net_host_service(const struct net *net, struct slice service,
                                         struct slice host, struct arena *a,
                                         struct principal out[NET_HOST_NAMES_MAX], size_t *count,
                                         struct error *err);

#endif
