// net.h: what the drivers of the clients (login.h, ticket.h) share: configuration, clock,
// randomness, resolver and trace, and one exchange with the KDCs of a realm.
#ifndef OBOL_NET_NET_H
#define OBOL_NET_NET_H

#include "base/env.h"
#include "net/locate.h"

// Which KDC answered last, so that a dead one that is listed before it costs its second once only.
struct net_memory {
    uint8_t realm[256];
    size_t realm_len; // 0: nothing is known
    struct sockaddr_storage address;
    socklen_t address_len;
};

struct net {
    const struct krb5conf *conf;
    const struct env *env;               // NULL: the system's
    const struct net_resolver *resolver; // NULL: the system's
    const struct net_clock *clock;       // NULL: the system's
    const struct net_timing *timing;     // NULL: usual, with request_timeout of krb5.conf
    const struct net_trace *trace;       // NULL: none
    struct net_memory *memory;           // NULL: kept for one login or ticket
};

static inline const struct env *net_env(const struct net *net) {
    return net->env ? net->env : env_system();
}
// net_judge is how a KDC's reply is looked at: whether it is one, and whether another KDC should
// rather be asked.
enum net_verdict net_judge(struct slice reply);
// net_exchange carries a message to the KDCs of a realm and gives the reply, in the arena. Fails as
// net_locate and net_carry do.
MUST_USE enum obol_code net_exchange(const struct net *net, struct slice realm,
                                     struct slice message, bool tcp_only, struct arena *a,
                                     struct slice *reply, struct error *err);
// net_fail hands a failure that was held back to the caller's err, which may be NULL, and gives its
// code.
static inline enum obol_code net_fail(struct error *err, const struct error *held) {
    if (err && err->code == OBOL_OK)
        *err = *held;
    return held->code;
}
// net_fact adds a fact, unless there is one of that name already.
void net_fact(struct error *err, const char *name, struct slice value);
// net_tell_kdc adds the address of the KDC that answered last, if one has.
void net_tell_kdc(const struct net_memory *memory, struct error *err);

#endif
