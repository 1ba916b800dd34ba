// locate.h: which addresses the KDCs of a realm have: the `kdc` lines of krb5.conf, else SRV
// records of the DNS (RFC 4120 7.2.3). Bounded in addresses and, by the resolver, in time.
#ifndef OBOL_NET_LOCATE_H
#define OBOL_NET_LOCATE_H

#include "config/krb5conf.h"
#include "net/transport.h"

enum net_service { NET_KDC, NET_PRIMARY_KDC, NET_KPASSWD, NET_KADMIN };

// A place as it is written: "host", "host:port", "[v6]:port", "tcp/host:port", "/run/kdc.sock"
// (a socket of this machine, with TCP's framing), "https://host/path" (a proxy, MS-KKDCP).
struct net_place {
    struct slice host; // a name or an address, without brackets; or the whole path or URL
    uint16_t port;     // host byte order
    unsigned protocols;
    bool local;                // `host` is the path of a socket
    uint16_t priority, weight; // of an SRV record
};
// net_place_parse reads one; CONFIG_SYNTAX for what is none.
MUST_USE enum obol_code net_place_parse(struct slice text, uint16_t default_port,
                                        struct net_place *out, struct error *err);

// net_places_check adds a note, with file and line, for each place in [realms] that is none.
void net_places_check(struct krb5conf *conf, struct arena *a);

// Names to addresses; a test passes its own.
struct net_resolver {
    void *ctx;
    // Adds the addresses of host (NUL-terminated) to the list, as far as it has room, with port and
    // protocols. False if there is none.
    bool (*addresses)(void *ctx, const char *host, uint16_t port, unsigned protocols,
                      struct net_server_list *list);
    // Adds the places of an SRV record ("_kerberos._udp.EXAMPLE.COM") to `out`, at most `max` in
    // all; hosts live in the arena. False if the DNS did not say whether there is one.
    bool (*srv)(void *ctx, const char *name, unsigned protocols, struct arena *a,
                struct net_place *out, size_t max, size_t *count);
    // The canonical name of a host, forwards and, if asked, by its address backwards (rdns), in the
    // arena; empty if it has none.
    struct slice (*canonical)(void *ctx, const char *host, bool rdns, struct arena *a);
};
extern const struct net_resolver net_resolver_system;

// net_locate finds the addresses of a realm's service. KDC_NOT_KNOWN when neither configuration nor
// DNS names one; KDC_UNREACHABLE when no name resolves. Facts name what was looked for.
MUST_USE enum obol_code net_locate(const struct krb5conf *conf, struct slice realm,
                                   enum net_service service, const struct net_resolver *resolver,
                                   struct arena *a, struct net_server_list *out, struct error *err);
// net_locate_place finds the addresses of one place, whose port is the service's unless it says
// another.
MUST_USE enum obol_code net_locate_place(struct slice place, struct slice realm,
                                         enum net_service service,
                                         const struct net_resolver *resolver, struct arena *a,
                                         struct net_server_list *out, struct error *err);

#endif
