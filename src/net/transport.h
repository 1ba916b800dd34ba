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

#define NET_REPLY_MAX   (1024 * 1024) // bytes: a longer reply is refused unread
#define NET_SERVERS_MAX 32            // addresses tried for one request

enum net_protocol {
    NET_UDP = 1 << 0,
    NET_TCP = 1 << 1,
};
// One address of a KDC.
struct net_server {
    struct sockaddr_storage address;
    socklen_t address_len;
    unsigned protocols; // NET_UDP | NET_TCP: what it may be asked by
    const char *name;   // as configured or found in the DNS, for errors: "kdc1.example.com:88"
};
struct net_server_list {
    struct net_server *items;
    size_t count;
};

// The schedule, in milliseconds. Zeroes stand for the usual values, which are given behind.
struct net_timing {
    int64_t next_ms;     // from one address to the next within the first round: 1000
    int64_t tcp_ms;      // the same after a TCP connection was begun: 10000 if it is connected
    int64_t pass_ms;     // pause behind the first round, doubled behind each: 2000
    unsigned passes;     // rounds over all addresses: 3
    int64_t deadline_ms; // for all together: 30000
};
struct net_timing net_timing_default(void);

// The clock and the wait of the loop; a test passes pretended ones.
struct net_clock {
    void *ctx;
    int64_t (*monotonic_ms)(void *ctx);
    // As poll(2).
    int (*poll)(void *ctx, struct pollfd *fds, nfds_t count, int timeout_ms);
};
const struct net_clock *net_clock_system(void);

struct net_request {
    struct slice realm; // for errors and trace
    struct slice message;
    const struct net_server_list *servers;
    bool tcp_only;                   // the KDC's reply did not fit UDP
    size_t udp_preference_limit;     // messages longer than this try TCP first; 0: 1465
    const struct net_timing *timing; // NULL: usual
    const struct net_clock *clock;   // NULL: the system's
    const struct net_trace *trace;   // NULL: none
    // Whether a reply is to be taken; a KDC that says SVC_UNAVAILABLE is passed over. NULL: all.
    bool (*usable)(void *ctx, struct slice reply);
    void *usable_ctx;
};
// net_carry sends and gives back the reply, in the arena. KDC_NOT_KNOWN when there is no server,
// KDC_UNREACHABLE when none answered: its facts name each address with what became of it.
MUST_USE enum obol_code net_carry(const struct net_request *request, struct arena *a,
                                  struct slice *reply, struct error *err);

#endif
