// kpasswd.h: a password changed over the network (RFC 3244): the client's side of one exchange with
// the realm's kpasswd service.
#ifndef OBOL_NET_KPASSWD_H
#define OBOL_NET_KPASSWD_H

#include "base/secret.h"
#include "cred/cred.h"
#include "krb/ap.h"
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

// The same in its three parts, for those who carry the bytes themselves.
struct kpasswd_exchange {
    const struct net *net;               // as long as the exchange lasts, as are
    const struct kpasswd_params *params; // these, and the arena
    struct arena *arena;
    struct crypto_key *session, *subkey;
    struct ap_req_sent sent;
    uint32_t number; // of our KRB-PRIV
};
// kpasswd_begin makes the request, whose bytes are the same however often it is sent.
MUST_USE enum obol_code kpasswd_begin(struct kpasswd_exchange *x, const struct net *net,
                                      const struct kpasswd_params *params, struct arena *a,
                                      struct slice *message, struct error *err);
// kpasswd_carry brings it to the realm's kpasswd service; the reply is in the arena.
MUST_USE enum obol_code kpasswd_carry(const struct net *net, struct slice realm,
                                      struct slice message, struct arena *a, struct slice *reply,
                                      struct error *err);
// kpasswd_is_frame says whether bytes are a message of this protocol at all.
bool kpasswd_is_frame(struct slice bytes);
// kpasswd_end opens the reply.
MUST_USE enum obol_code kpasswd_end(struct kpasswd_exchange *x, struct slice reply,
                                    struct kpasswd_reply *out, struct error *err);

#endif
