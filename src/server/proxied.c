// proxied.c: see proxied.h. A message is the struct below as the machine has it and the bytes; both
// sides are one binary.
#include "server/proxied.h"
#include "server/asking.h"
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    ROUNDS = 16, // requests in a row before the other sockets have their turn
    BUFFER = 1 << 20,
};

struct proxied_wire {
    uint64_t number; // of the question; the reply bears it, too
    union sock_address peer;
    uint32_t len;
};

bool proxied_open(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        int size = BUFFER;
        if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
            setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
    return true;
}

static bool send_message(int fd, struct proxied_wire *wire, struct slice bytes) {
    wire->len = (uint32_t)bytes.len;
    struct iovec parts[2] = {{wire, sizeof *wire}, {(void *)(uintptr_t)bytes.ptr, bytes.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = bytes.len ? 2 : 1};
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

// False: there is none. A message that is damaged gives bytes of no length.
static bool receive_message(int fd, struct proxied_wire *wire, struct buf room,
                            struct slice *bytes) {
    struct iovec parts[2] = {{wire, sizeof *wire}, {room.ptr, room.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
    *bytes = (struct slice){0};
    if (n <= 0)
        return false;
    bool whole = (size_t)n >= sizeof *wire && !(message.msg_flags & MSG_TRUNC) &&
                 wire->len == (size_t)n - sizeof *wire;
    if (!whole)
        memset(wire, 0, sizeof *wire);
    else
        *bytes = slice_of(room.ptr, wire->len);
    return true;
}

bool proxied_start(struct worker *w) {
    for (size_t i = 0; i < COUNT_OF(w->proxied); i++) {
        w->proxied[i] = (struct source){SOURCE_PROXIED, w->start.proxied[i], 0};
        if (w->proxied[i].fd >= 0 && !worker_watch(w, &w->proxied[i], EPOLLIN))
            return false;
    }
    return true;
}

// Where a reply goes.
struct proxied_route {
    int fd;
    struct proxied_wire wire;
};

static void deliver(struct worker *w, void *to, struct slice request, struct slice reply,
                    struct event *event) {
    struct proxied_route *r = to;
    UNUSED(w);
    UNUSED(request);
    if (reply.len > PROXIED_MAX)
        reply = (struct slice){0};
    event->answered = send_message(r->fd, &r->wire, reply) && reply.len > 0;
    event->reply_len = (uint32_t)reply.len;
}

static void answer_one(struct worker *w, int fd, struct proxied_wire *wire, struct slice request) {
    struct event event;
    struct proxied_route r = {fd, *wire};
    struct slice reply = worker_answer(w, request, &wire->peer, EVENT_HTTPS, &event);
    w->start.metrics->https_requests++;
    if (w->question.number) {
        const struct service_request rq = {
            .bytes = request, .peer = &wire->peer, .via = EVENT_HTTPS};
        const struct asking_route route = {deliver, &r, sizeof r, NULL, false};
        if (!asking_park(w, &rq, &event, &route))
            (void)send_message(fd, wire, (struct slice){0}); // its client gets an answer at least
        return;
    }
    deliver(w, &r, request, reply, &event);
    worker_finish(w, &event);
}

void proxied_serve(struct worker *w, const struct source *from) {
    static uint8_t room[PROXIED_MAX]; // one worker a process
    for (int i = 0; i < ROUNDS; i++) {
        struct proxied_wire wire;
        struct slice request;
        if (!receive_message(from->fd, &wire, buf_of(room, sizeof room), &request))
            return;
        int family = wire.peer.any.sa_family;
        if (request.len && (family == AF_INET || family == AF_INET6))
            answer_one(w, from->fd, &wire, request);
    }
}

void proxied_stop(struct worker *w) {
    for (size_t i = 0; i < COUNT_OF(w->proxied); i++)
        if (w->proxied[i].fd >= 0)
            epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->proxied[i].fd, NULL);
}

static bool wait_for(int fd, short events, int64_t until_us) {
    struct pollfd pfd = {.fd = fd, .events = events};
    int64_t left = until_us - worker_clock_us();
    return left > 0 && (poll(&pfd, 1, (int)(left / 1000) + 1) > 0 || errno == EINTR);
}

enum proxied_status proxied_ask(int fd, const union sock_address *peer, struct slice request,
                                int timeout_ms, struct buf room, struct slice *reply) {
    // By the clock, so that a proxy that was started again asks no number twice. One thread asks.
    static uint64_t last;
    uint64_t now = (uint64_t)worker_clock_us(), mine = now > last ? now : last + 1;
    struct proxied_wire wire = {.number = mine, .peer = *peer};
    int64_t until = (int64_t)now + (int64_t)timeout_ms * 1000;
    last = mine;
    while (!send_message(fd, &wire, request))
        if (errno != EAGAIN || !wait_for(fd, POLLOUT, until))
            return PROXIED_BUSY;
    // A reply to a question that was given up is passed over.
    while (wait_for(fd, POLLIN, until))
        if (receive_message(fd, &wire, room, reply) && wire.number == mine)
            return PROXIED_ANSWERED;
    return PROXIED_BUSY;
}
