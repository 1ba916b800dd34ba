// tcp_source.h: how many connections each sender has, so that one of them cannot take the places of
// all. A sender is an IPv4 address or an IPv6 /64 (whoever has one such address has all of them).
#ifndef OBOL_SERVER_TCP_SOURCE_H
#define OBOL_SERVER_TCP_SOURCE_H

#include "server/service.h"
#include <sys/queue.h>

struct connection;
TAILQ_HEAD(connection_list, connection);

struct tcp_source {
    struct tcp_source *next; // in its bucket
    uint64_t key;
    unsigned count;
    struct connection_list connections; // the one longest without a request first
};

struct tcp_sources {
    struct tcp_source **buckets;
    size_t size; // a power of two
    uint64_t seed;
};

// tcp_sources_init makes room for `most` senders; `seed` is random, so that nobody can choose
// addresses that collide. False without memory.
MUST_USE bool tcp_sources_init(struct tcp_sources *t, size_t most, uint64_t seed);
void tcp_sources_clear(struct tcp_sources *t);
// tcp_sources_enter finds the sender or adds it; NULL without memory. Its count goes up by one.
struct tcp_source *tcp_sources_enter(struct tcp_sources *t, const union sock_address *peer);
// tcp_sources_leave takes one off; a sender without connections is forgotten.
void tcp_sources_leave(struct tcp_sources *t, struct tcp_source *source);

#endif
