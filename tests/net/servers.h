// servers.h: KDCs on the loopback that misbehave as told, served from within the poll of the code
// under test: one thread, and a clock that jumps ahead whenever nothing is ready, so that a test of
// thirty seconds of silence takes no time.
#ifndef OBOL_TESTS_SERVERS_H
#define OBOL_TESTS_SERVERS_H

#include "../test.h"
#include "net/transport.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum manner {
    ANSWERS,
    SILENT,
    REFUSES,     // nothing listens
    GARBAGE,     // answers what is no Kerberos message
    BUSY,        // answers SVC_UNAVAILABLE
    CLOSES,      // TCP: closes when it has the request
    HALF,        // TCP: sends half a reply and closes
    HUGE_LENGTH, // TCP: claims 0xffffffff bytes
    ZERO_LENGTH,
    DRIPS,      // TCP: a byte at a time
    SECOND_TIME // answers only a repeated request
};
struct test_server {
    enum manner manner;
    enum net_protocol protocol;
    int fd, peer; // peer: the accepted connection
    unsigned requests;
    uint8_t in[4096];
    size_t in_len;
    size_t dripped;
};
struct servers {
    struct arena arena;
    struct error error;
    int64_t now_ms;
    struct net_clock clock;
    struct test_server items[8];
    size_t count;
    struct net_server_list list;
    const struct net_timing *timing;
    bool tcp_only;
    size_t udp_limit;
};

// Replies begin with 'R', busy ones with 'B', all else is garbage.
static enum net_verdict test_judge(struct slice reply) {
    if (reply.len && reply.ptr[0] == 'R')
        return NET_TAKE;
    return reply.len && reply.ptr[0] == 'B' ? NET_PASS : NET_IGNORE;
}

static const char *test_answer(const struct test_server *t) {
    return t->manner == BUSY ? "Busy" : t->manner == GARBAGE ? "?!" : "Reply";
}

static void serve_udp(struct test_server *t) {
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    ssize_t n;
    while ((n = recvfrom(t->fd, t->in, sizeof t->in, MSG_DONTWAIT, (struct sockaddr *)&from,
                         &len)) >= 0) {
        t->requests++;
        if (t->manner == SILENT || (t->manner == SECOND_TIME && t->requests < 2))
            continue;
        const char *a = test_answer(t);
        sendto(t->fd, a, strlen(a), 0, (struct sockaddr *)&from, len);
    }
}

static void finish_tcp(struct test_server *t) {
    close(t->peer);
    t->peer = -1;
}

static void answer_tcp(struct test_server *t) {
    uint8_t out[64];
    const char *a = test_answer(t);
    size_t len = strlen(a);
    memcpy(out, "\0\0\0", 3);
    out[3] = (uint8_t)len;
    memcpy(out + 4, a, len);
    if (t->manner == HUGE_LENGTH)
        memset(out, 0xff, 4);
    if (t->manner == ZERO_LENGTH)
        memset(out, 0, 4);
    if (t->manner == CLOSES) {
        finish_tcp(t);
        return;
    }
    if (t->manner == DRIPS) {
        if (t->dripped < len + 4)
            (void)!send(t->peer, out + t->dripped++, 1, MSG_NOSIGNAL);
        return;
    }
    (void)!send(t->peer, out, t->manner == HALF ? 4 + len / 2 : 4 + len, MSG_NOSIGNAL);
    if (t->manner == HALF)
        finish_tcp(t);
    t->in_len = 0;
}

static void serve_tcp(struct test_server *t) {
    if (t->peer < 0)
        t->peer = accept4(t->fd, NULL, NULL, SOCK_NONBLOCK);
    if (t->peer < 0)
        return;
    ssize_t n = recv(t->peer, t->in + t->in_len, sizeof t->in - t->in_len, MSG_DONTWAIT);
    if (n > 0)
        t->in_len += (size_t)n;
    if (t->in_len < 4 || t->in_len < 4 + (size_t)t->in[2] * 256 + t->in[3] || t->manner == SILENT)
        return;
    t->requests++;
    answer_tcp(t);
}

static int64_t servers_monotonic(void *ctx) {
    return ((struct servers *)ctx)->now_ms;
}

static int servers_poll(void *ctx, struct pollfd *fds, nfds_t count, int timeout_ms) {
    struct servers *s = ctx;
    for (size_t i = 0; i < s->count; i++) {
        if (s->items[i].fd < 0)
            continue;
        if (s->items[i].protocol == NET_UDP)
            serve_udp(&s->items[i]);
        else
            serve_tcp(&s->items[i]);
    }
    int ready = poll(fds, count, 0);
    if (ready == 0)
        s->now_ms += timeout_ms > 100 ? 100 : timeout_ms;
    return ready;
}

static void servers_init(struct servers *s) {
    memset(s, 0, sizeof *s);
    assert_true(arena_init(&s->arena, 1 << 16, 1 << 24));
    s->clock = (struct net_clock){s, servers_monotonic, servers_poll};
    s->udp_limit = NET_UDP_PREFERRED;
}
static void servers_clear(struct servers *s) {
    for (size_t i = 0; i < s->count; i++) {
        if (s->items[i].fd >= 0)
            close(s->items[i].fd);
        if (s->items[i].peer >= 0)
            close(s->items[i].peer);
    }
    arena_clear(&s->arena);
}

// Adds a server on a free port of 127.0.0.1 or ::1.
static struct test_server *servers_add(struct servers *s, enum manner manner,
                                       enum net_protocol protocol, int family) {
    struct test_server *t = &s->items[s->count++];
    struct net_server *n = &s->list.items[s->list.count++];
    memset(t, 0, sizeof *t);
    t->manner = manner;
    t->protocol = protocol;
    t->peer = -1;
    memset(n, 0, sizeof *n);
    n->protocols = protocol;
    n->name = "test";
    n->address.ss_family = (sa_family_t)family;
    n->address_len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (family == AF_INET)
        ((struct sockaddr_in *)&n->address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        ((struct sockaddr_in6 *)&n->address)->sin6_addr = in6addr_loopback;
    t->fd = socket(family, (protocol == NET_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
    assert_true(t->fd >= 0);
    assert_int_equal(bind(t->fd, (struct sockaddr *)&n->address, n->address_len), 0);
    assert_int_equal(getsockname(t->fd, (struct sockaddr *)&n->address, &n->address_len), 0);
    if (manner == REFUSES) {
        close(t->fd);
        t->fd = -1;
    } else if (protocol == NET_TCP) {
        assert_int_equal(listen(t->fd, 8), 0);
    }
    return t;
}

static inline enum obol_code servers_carry(struct servers *s, struct slice message,
                                           struct slice *reply) {
    struct net_request r = {
        .realm = slice_str("TEST"),
        .message = message,
        .servers = &s->list,
        .tcp_only = s->tcp_only,
        .udp_preference_limit = s->udp_limit,
        .timing = s->timing,
        .clock = &s->clock,
        .judge = test_judge,
    };
    error_init(&s->error);
    return net_carry(&r, &s->arena, reply, &s->error);
}

#endif
