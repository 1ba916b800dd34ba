// proxied.c: see proxied.h. A message is the struct below as the machine has it and the bytes; both
// sides are one binary.
#include "server/proxied.h"
#include "server/asking.h"
#include <errno.h>
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
    uint32_t parked; // of a reply: there is none yet
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
    wire->parked = 0; // ours to say
    struct proxied_route r = {fd, *wire};
    struct slice reply = worker_answer(w, request, &wire->peer, EVENT_HTTPS, &event);
    w->start.metrics->https_requests++;
    if (w->question.number) {
        const struct service_request rq = {
            .bytes = request, .peer = &wire->peer, .via = EVENT_HTTPS};
        const struct asking_route route = {deliver, &r, sizeof r, NULL, false};
        wire->parked = asking_park(w, &rq, &event, &route);
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

enum proxied_status proxied_send(int fd, uint64_t number, const union sock_address *peer,
                                 struct slice request) {
    struct proxied_wire wire = {.number = number, .peer = *peer};
    if (send_message(fd, &wire, request))
        return PROXIED_SENT;
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? PROXIED_WAITS : PROXIED_GONE;
}

bool proxied_receive(int fd, struct buf room, struct proxied_answer *out) {
    struct proxied_wire wire = {0};
    if (!receive_message(fd, &wire, room, &out->reply))
        return false;
    out->number = wire.number;
    out->parked = wire.parked != 0;
    return true;
}
