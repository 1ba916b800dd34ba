// verify.h: whether initial tickets came from the real KDC, and not from somebody who answers in
// its place to be let in: with them a ticket for a service of this machine is got, which must open
// with a key of the machine's own keytab.
#ifndef OBOL_NET_VERIFY_H
#define OBOL_NET_VERIFY_H

#include "cred/ccache.h"
#include "cred/keytab.h"
#include "net/net.h"

struct verify_params {
    struct ccache *cache;     // holds the tickets; those that are got on the way go into it
    const struct cred *login; // what is to be verified
    const struct keytab_content *keytab;
    const char *keytab_path; // for errors
    // Whose key must open the ticket; NULL: that of any host of the keytab, or, if it has none, of
    // any service. Its realm may be empty.
    const struct principal *server;
};
// net_verify_login fails as net_ticket and ap_req_accept do; KEYTAB_NO_ENTRY if the keytab has no
// key of a service.
MUST_USE enum obol_code net_verify_login(const struct net *net, const struct verify_params *v,
                                         struct arena *a, struct error *err);
// net_verify_has_key is whether the keytab has a key of the server, which may be without a realm.
bool net_verify_has_key(const struct keytab_content *keytab, const struct principal *server);

#endif
