// login.h: a login from beginning to end (RFC 4120 3.1): the AS client driven over the network, its
// key taken from a password or a keytab, its ticket put into a credential cache.
#ifndef OBOL_NET_LOGIN_H
#define OBOL_NET_LOGIN_H

#include "client/as.h"
#include "cred/ccache.h"
#include "cred/keytab.h"
#include "net/net.h"

struct login_params {
    struct principal client;
    const struct principal *service; // NULL: the TGT

    // Where the key comes from; one of the three.
    const struct secret *password;
    const struct keytab_content *keytab;
    const char *keytab_path; // for errors
    // Called once, when the KDC has said that a password is needed; the driver clears `out`.
    enum obol_code (*ask)(void *ctx, const struct principal *client, struct secret *out,
                          struct error *err);
    void *ask_ctx;

    // Besides what krb5.conf says: KDC_OPT_... bits to ask for, and not to.
    uint32_t options_on, options_off;
    int64_t start;            // seconds from now
    int64_t lifetime;         // seconds; 0: ticket_lifetime of krb5.conf
    int64_t renew_lifetime;   // seconds; 0: renew_lifetime of krb5.conf
    struct int32_list etypes; // empty: default_tkt_enctypes of krb5.conf
    struct ccache *cache;     // made anew for the client; NULL: the ticket is only given back
};
struct login_result {
    struct cred ticket; // borrows from the arena
    struct as_facts facts;
};

// net_login logs in. Fails as the AS client does, or as the network, cache and keytab do.
MUST_USE enum obol_code net_login(const struct net *net, const struct login_params *params,
                                  struct arena *a, struct login_result *out, struct error *err);

#endif
