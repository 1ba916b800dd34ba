// select.h: which cache of a collection is for a service (MIT krb5's k5identity(5) and the choices
// by realm and host): the user's own rules first, then a client of the service's realm, then one of
// a realm named like a domain above the service's host.
#ifndef OBOL_CRED_SELECT_H
#define OBOL_CRED_SELECT_H

#include "cred/ccache.h"

// ccache_select opens the cache for a service, in the collection `name` (empty: the default), and
// gives whose it is. CCACHE_NOT_FOUND: the rules want a client whose cache is not there; `client`
// says whom. NOT_FOUND: nothing speaks for any cache, and `client` is empty.
MUST_USE enum obol_code ccache_select(struct ccache **out, struct principal *client,
                                      const struct principal *server, struct slice name,
                                      const struct krb5conf *conf, struct arena *a,
                                      struct error *err);
// ccache_identity is whom the user's own rules want for a service, false if they say nothing;
// identity_path is where they stand (~/.k5identity), empty if that is not known.
bool ccache_identity(struct principal *client, const struct principal *server,
                     const struct krb5conf *conf, struct arena *a);
struct slice identity_path(struct arena *a);
// identity_match reads the lines of a .k5identity and gives the client of the first that fits the
// service; false if none does. A line is "client [field=pattern]...", its fields realm, service and
// host; one with an unknown field fits nothing.
bool identity_match(struct slice text, const struct principal *server, struct slice default_realm,
                    struct arena *a, struct principal *client);

#endif
