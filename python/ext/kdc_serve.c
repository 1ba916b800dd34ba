// kdc_serve.c: one thread, one poll loop, for the few clients of a test: datagrams, and connections
// with a length of four bytes before each message (RFC 4120 7.2).
#include "kdc_serve.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CONNS = 32,           // at once; a further one takes the place of the oldest
    REQUEST_MAX = 65536,  // bytes
    TRIES = 64,           // ports, until one is free for both protocols
    FIXED = 3,            // descriptors before the connections'
    HEAD = 4,             // bytes of a length
    ARENA = 64 << 10,     // bytes
    ARENA_MAX = 16 << 20, //
};

struct conn {
    int fd; // -1: none
    uint64_t age;
    struct sockaddr_storage peer;
    size_t have; // bytes read, the length's included
    uint8_t *bytes;
};

struct kdc_serve {
    struct kdc_serve_by answer;
    int udp, tcp, wake[2];
    uint16_t port;
    pid_t owner;
    pthread_t thread;
    bool running;
    uint64_t conns_made;
    struct conn conns[CONNS];
    struct arena arena;
    uint8_t datagram[REQUEST_MAX];
};

// ---- TCP

static void conn_close(struct conn *c) {
    if (c->fd >= 0)
        close(c->fd);
    free(c->bytes);
    *c = (struct conn){.fd = -1};
}

static void conn_accept(struct kdc_serve *s) {
    struct conn *c = &s->conns[0];
    for (size_t i = 0; i < CONNS && c->fd >= 0; i++)
        if (s->conns[i].fd < 0 || s->conns[i].age < c->age)
            c = &s->conns[i];
    conn_close(c);
    socklen_t len = sizeof c->peer;
    c->fd = accept4(s->tcp, (struct sockaddr *)&c->peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    c->bytes = c->fd >= 0 ? malloc(HEAD + REQUEST_MAX) : NULL;
    c->age = ++s->conns_made;
    if (!c->bytes)
        conn_close(c);
}

static size_t be32(const uint8_t *p) {
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

// A reply fits the socket's buffer: whoever does not read it loses his connection.
static bool conn_reply(const struct conn *c, struct slice reply) {
    uint8_t head[HEAD] = {(uint8_t)(reply.len >> 24), (uint8_t)(reply.len >> 16),
                          (uint8_t)(reply.len >> 8), (uint8_t)reply.len};
    return send(c->fd, head, sizeof head, MSG_NOSIGNAL | MSG_MORE) == HEAD &&
           send(c->fd, reply.ptr, reply.len, MSG_NOSIGNAL) == (ssize_t)reply.len;
}

static void conn_serve(struct kdc_serve *s, struct conn *c) {
    size_t want = c->have < HEAD ? HEAD : HEAD + be32(c->bytes);
    if (want > HEAD + REQUEST_MAX) {
        conn_close(c);
        return;
    }
    ssize_t n = recv(c->fd, c->bytes + c->have, want - c->have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        conn_close(c);
        return;
    }
    c->have += (size_t)n;
    if (c->have <= HEAD || c->have < HEAD + be32(c->bytes))
        return;
    struct slice reply = s->answer.answer(s->answer.ctx, slice_of(c->bytes + HEAD, c->have - HEAD),
                                          (struct sockaddr *)&c->peer, true, &s->arena);
    bool well = reply.len > 0 && conn_reply(c, reply);
    arena_reset(&s->arena);
    c->have = 0;
    if (!well)
        conn_close(c);
}

// ---- UDP

static void udp_serve(struct kdc_serve *s) {
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    ssize_t n =
        recvfrom(s->udp, s->datagram, sizeof s->datagram, 0, (struct sockaddr *)&peer, &len);
    if (n <= 0)
        return;
    struct slice reply = s->answer.answer(s->answer.ctx, slice_of(s->datagram, (size_t)n),
                                          (struct sockaddr *)&peer, false, &s->arena);
    if (reply.len)
        (void)!sendto(s->udp, reply.ptr, reply.len, MSG_NOSIGNAL, (struct sockaddr *)&peer, len);
    arena_reset(&s->arena);
}

static void *serve(void *arg) {
    struct kdc_serve *s = arg;
    for (;;) {
        struct pollfd polls[FIXED + CONNS] = {
            {.fd = s->wake[0], .events = POLLIN},
            {.fd = s->udp, .events = POLLIN},
            {.fd = s->tcp, .events = POLLIN},
        };
        for (size_t i = 0; i < CONNS; i++)
            polls[FIXED + i] = (struct pollfd){.fd = s->conns[i].fd, .events = POLLIN};
        if (poll(polls, FIXED + CONNS, -1) < 0)
            continue;
        if (polls[0].revents)
            return NULL;
        if (polls[1].revents)
            udp_serve(s);
        for (size_t i = 0; i < CONNS; i++)
            if (polls[FIXED + i].revents && s->conns[i].fd >= 0)
                conn_serve(s, &s->conns[i]);
        if (polls[2].revents)
            conn_accept(s);
    }
}

// ---- start and stop

static bool bind_one(int *fd, const struct addrinfo *address, uint16_t port, int type) {
    struct sockaddr_storage at;
    memcpy(&at, address->ai_addr, address->ai_addrlen);
    if (address->ai_family == AF_INET)
        ((struct sockaddr_in *)&at)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)&at)->sin6_port = htons(port);
    *fd = socket(address->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return *fd >= 0 && bind(*fd, (struct sockaddr *)&at, address->ai_addrlen) == 0;
}

static uint16_t port_of(int fd) {
    struct sockaddr_in6 at = {0}; // its port stands where that of IPv4 does
    socklen_t len = sizeof at;
    return getsockname(fd, (struct sockaddr *)&at, &len) == 0 ? ntohs(at.sin6_port) : 0;
}

static void close_both(struct kdc_serve *s) {
    if (s->udp >= 0)
        close(s->udp);
    if (s->tcp >= 0)
        close(s->tcp);
    s->udp = s->tcp = -1;
}

// The kernel gives a free port for TCP; that it is free for UDP too is likely, not sure.
static bool bind_both(struct kdc_serve *s, const struct addrinfo *address) {
    for (int i = 0; i < TRIES; i++) {
        bool bound = bind_one(&s->tcp, address, 0, SOCK_STREAM) && listen(s->tcp, CONNS) == 0;
        s->port = bound ? port_of(s->tcp) : 0;
        if (s->port && bind_one(&s->udp, address, s->port, SOCK_DGRAM))
            return true;
        close_both(s);
    }
    return false;
}

static enum obol_code open_sockets(struct kdc_serve *s, const char *address, struct error *err) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    ENSURE(getaddrinfo(address, NULL, &hints, &found) == 0, INVALID_ARGUMENT,
           "'%s' is no numeric address", address);
    bool bound = bind_both(s, found);
    freeaddrinfo(found);
    ENSURE(bound, IO, "no port of %s could be bound: %s", address, strerror(errno));
    ENSURE(pipe2(s->wake, O_CLOEXEC) == 0, IO, "no pipe: %s", strerror(errno));
    return OBOL_OK;
}

// Signals are Python's main thread's.
static bool start_thread(struct kdc_serve *s) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    s->running = pthread_create(&s->thread, NULL, serve, s) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return s->running;
}

static enum obol_code start(struct kdc_serve *s, const char *address, struct error *err) {
    ENSURE(arena_init(&s->arena, ARENA, ARENA_MAX), NO_MEMORY, "no room for the KDC");
    TRY(open_sockets(s, address, err));
    ENSURE(start_thread(s), IO, "no thread could be started");
    return OBOL_OK;
}

enum obol_code kdc_serve_start(struct kdc_serve **out, const char *address,
                               const struct kdc_serve_by *answer, struct error *err) {
    struct kdc_serve *s = calloc(1, sizeof *s);
    ENSURE_MEMORY(s);
    s->answer = *answer;
    s->owner = getpid();
    s->udp = s->tcp = s->wake[0] = s->wake[1] = -1;
    for (size_t i = 0; i < CONNS; i++)
        s->conns[i].fd = -1;
    enum obol_code code = start(s, address, err);
    if (code != OBOL_OK) {
        kdc_serve_stop(s);
        s = NULL;
    }
    *out = s;
    return code;
}

uint16_t kdc_serve_port(const struct kdc_serve *s) {
    return s->port;
}

void kdc_serve_stop(struct kdc_serve *s) {
    if (!s)
        return;
    if (s->running && s->owner == getpid()) {
        (void)!write(s->wake[1], "", 1);
        pthread_join(s->thread, NULL);
    }
    close_both(s);
    for (int i = 0; i < 2; i++)
        if (s->wake[i] >= 0)
            close(s->wake[i]);
    for (size_t i = 0; i < CONNS; i++)
        conn_close(&s->conns[i]);
    arena_clear(&s->arena);
    free(s);
}
