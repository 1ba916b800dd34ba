// transport.h: carries one request to the KDCs of a realm and brings back the first good reply
// (RFC 4120 7.2). UDP with growing pauses, TCP with its four-byte length; several KDCs and
// addresses are tried in turn, each staying open while the next is tried, so that one dead KDC
// costs a second and no more. Everything is non-blocking under one poll loop.
#ifndef OBOL_NET_TRANSPORT_H
#define OBOL_NET_TRANSPORT_H

#include "base/arena.h"
#include "base/error.h"
#include "net/trace.h"
#include <poll.h>
#include <sys/socket.h>

#define NET_REPLY_MAX     (1024 * 1024) // bytes: a longer reply is refused unread
#define NET_SERVERS_MAX   32            // addresses tried for one request
#define NET_UDP_MAX       65507         // bytes that a datagram can hold
#define NET_UDP_PREFERRED 1465          // bytes: longer messages go by TCP first, as elsewhere

enum net_protocol { NET_UDP = 1, NET_TCP = 2, NET_HTTPS = 4 };

// One address of a KDC.
struct net_server {
    struct sockaddr_storage address; // of IPv4, IPv6, or a socket of this machine (NET_TCP)
    socklen_t address_len;           // 0: `url` says where it is
    unsigned protocols;              // NET_UDP | NET_TCP, or NET_HTTPS: what it may be asked by
    const char *name; // as configured or found in the DNS, for errors: "kdc1.example.com:88"
    const char *url;  // "https://host/path": a proxy (MS-KKDCP); NULL: none
    const struct slice_list *anchors; // http_anchors of the realm, for it
};
struct net_server_list {
    struct net_server items[NET_SERVERS_MAX];
    size_t count;
};

// The schedule, in milliseconds.
struct net_timing {
    int64_t next_ms;     // how long an address has before the next is tried as well
    int64_t pass_ms;     // the pause behind the first round, doubled behind each
    unsigned passes;     // rounds: behind the first, UDP messages are sent again
    int64_t deadline_ms; // for all together
};
// net_timing_usual is that of MIT krb5: 1 s, 2 s, 3 rounds; 30 s in all.
extern const struct net_timing net_timing_usual;

// The clock and the wait of the loop; a test passes pretended ones.
struct net_clock {
    void *ctx;
    int64_t (*monotonic_ms)(void *ctx);
    int (*poll)(void *ctx, struct pollfd *fds, nfds_t count, int timeout_ms); // as poll(2)
};
extern const struct net_clock net_clock_system;

enum net_verdict {
    NET_TAKE,   // a reply
    NET_PASS,   // the server is of no use now: take it only if no other answers
    NET_IGNORE, // not a reply at all: as if it had not come
};

struct net_request {
    struct slice realm; // for errors and trace
    struct slice message;
    const struct net_server_list *servers;
    bool tcp_only;                   // the KDC said that its reply does not fit UDP
    size_t udp_preference_limit;     // bytes; a longer message tries TCP first
    const struct net_timing *timing; // NULL: usual
    const struct net_clock *clock;   // NULL: the system's
    const struct net_trace *trace;   // NULL: none
    // What to do with a reply; NULL: all are taken.
    enum net_verdict (*judge)(struct slice reply);
    const struct net_server **answered; // set to whose reply was taken; NULL: not wanted
};
// net_carry sends and gives back the reply, in the arena. KDC_NOT_KNOWN when there is no server,
// KDC_UNREACHABLE when none answered: its facts name each address with what became of it.
MUST_USE enum obol_code net_carry(const struct net_request *request, struct arena *a,
                                  struct slice *reply, struct error *err);

#endif
