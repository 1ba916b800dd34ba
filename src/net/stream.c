// stream.c: see stream.h. The socket does not block; each wait is for the clock's poll, so that a
// test runs it at a pretended time.
#include "net/stream.h"

#include "net/conn.h"
#include <errno.h>
#include <unistd.h>

static const struct net_clock *clock_of(const struct net_stream *s) {
    return s->net->clock ? s->net->clock : &net_clock_system;
}

static void trace(const struct net_stream *s, enum net_trace_kind kind, struct slice bytes,
                  const char *text) {
    const struct net_trace_event event = {.kind = kind,
                                          .transport = "tcp",
                                          .peer = s->peer,
                                          .realm = s->realm,
                                          .bytes = bytes,
                                          .text = text};
    net_trace_event(s->net->trace, &event);
}

// Waits until the socket is ready, with errno for why it is not: ETIMEDOUT.
static bool wait_for(const struct net_stream *s, short events, int64_t limit_ms) {
    const struct net_clock *clock = clock_of(s);
    const int64_t until = clock->monotonic_ms(clock->ctx) + limit_ms;
    struct pollfd ready = {.fd = s->fd, .events = events};
    for (;;) {
        int64_t left = until - clock->monotonic_ms(clock->ctx);
        int n = left > 0 ? clock->poll(clock->ctx, &ready, 1, (int)left) : 0;
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
        if (left <= 0) {
            errno = ETIMEDOUT;
            return false;
        }
    }
}

static bool again(int number) {
    return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

// What a person should know of a failed attempt.
static const char *reason(int number, char *room, size_t size) {
    if (number == ECONNREFUSED)
        return "refused: nothing listens there";
    return number == ETIMEDOUT ? "no answer" : strerror_r(number, room, size);
}

// Gives 0, or why not.
static int connect_to(struct net_stream *s, const struct net_server *server) {
    int number = 0;
    socklen_t len = sizeof number;
    conn_name_peer(server, s->peer, sizeof s->peer);
    s->fd = socket(server->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return errno;
    if (connect(s->fd, (const struct sockaddr *)&server->address, server->address_len) == 0)
        return 0;
    if (errno != EINPROGRESS || !wait_for(s, POLLOUT, NET_STREAM_CONNECT_MS))
        return errno;
    return getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &number, &len) == 0 ? number : errno;
}

enum obol_code net_stream_open(struct net_stream *s, const struct net *net, struct slice realm,
                               const struct net_server_list *servers, struct error *err) {
    *s = (struct net_stream){.net = net, .realm = realm, .fd = -1};
    for (size_t i = 0; i < servers->count; i++) {
        char room[64];
        const struct net_server *server = &servers->items[i];
        if (!(server->protocols & NET_TCP))
            continue;
        int number = connect_to(s, server);
        if (number == 0)
            return OBOL_OK;
        const char *why = reason(number, room, sizeof room);
        net_stream_close(s);
        trace(s, NET_TRACE_FAIL, (struct slice){0}, why);
        error_fact(err, s->peer, "%s", why);
    }
    error_remedy(err, "Check that kadmind runs there, and `admin_server` of the realm in "
                      "krb5.conf.");
    ENSURE(false, KDC_UNREACHABLE, "no administration server of %.*s takes a connection",
           SLICE_ARG(realm));
}

bool net_stream_stale(const struct net_stream *s) {
    uint8_t byte;
    return s->fd < 0 || recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || !again(errno);
}

static enum obol_code broken(struct net_stream *s, const char *what, int number,
                             struct error *err) {
    char room[64];
    const char *why = number ? reason(number, room, sizeof room) : "closed the connection";
    net_stream_close(s);
    trace(s, NET_TRACE_FAIL, (struct slice){0}, why);
    error_remedy(err, "The server's log says why; or it is another service that listens there.");
    return error_set(err, number == ETIMEDOUT ? OBOL_TIMEOUT : OBOL_IO, "net_stream", "%s %s: %s",
                     what, s->peer, why);
}

enum obol_code net_stream_send(struct net_stream *s, struct slice bytes, struct error *err) {
    const struct slice all = bytes;
    while (bytes.len) {
        ssize_t n = send(s->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && !again(errno))
            return broken(s, "sending to", errno, err);
        if (n < 0 && !wait_for(s, POLLOUT, NET_STREAM_WAIT_MS))
            return broken(s, "sending to", errno, err);
        bytes = slice_sub(bytes, n > 0 ? (size_t)n : 0, bytes.len);
    }
    trace(s, NET_TRACE_SEND, all, NULL);
    return OBOL_OK;
}

enum obol_code net_stream_receive(struct net_stream *s, struct buf room, size_t *len,
                                  struct error *err) {
    ssize_t n;
    while ((n = recv(s->fd, room.ptr, room.len, 0)) < 0) {
        if (!again(errno) || !wait_for(s, POLLIN, NET_STREAM_WAIT_MS))
            return broken(s, "waiting for", errno, err);
    }
    if (n == 0)
        return broken(s, "waiting for", 0, err);
    *len = (size_t)n;
    trace(s, NET_TRACE_RECEIVE, slice_of(room.ptr, *len), NULL);
    return OBOL_OK;
}

void net_stream_close(struct net_stream *s) {
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
