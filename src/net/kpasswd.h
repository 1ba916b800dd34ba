// kpasswd.h: a password changed over the network (RFC 3244): the client's side of one exchange with
// the realm's kpasswd service.
#ifndef OBOL_NET_KPASSWD_H
#define OBOL_NET_KPASSWD_H

#include "base/secret.h"
#include "cred/cred.h"
#include "krb/kpasswd.h"
#include "net/net.h"

struct kpasswd_params {
    const struct cred *ticket;      // for kadmin/changepw, straight from the password
    const struct principal *target; // whose password; NULL: one's own
    const struct secret *password;  // the new one
};
struct kpasswd_reply {
    enum kpasswd_result result; // what the service says; KPASSWD_SUCCESS: it is changed
    struct slice text;          // to the person, from the service; borrows from the arena
};
// net_kpasswd asks, and gives the answer. That the service refuses is an answer, not a failure.
// KDC_UNREACHABLE and such; REPLY_MISMATCH for an answer that is not from the service.
MUST_USE enum obol_code net_kpasswd(const struct net *net, const struct kpasswd_params *params,
                                    struct arena *a, struct kpasswd_reply *out, struct error *err);

#endif
