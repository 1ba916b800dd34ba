// udp.c: datagrams, in batches: one recvmmsg, the answers, one sendmmsg. A reply above the limit
// becomes KRB_ERR_RESPONSE_TOO_BIG (RFC 4120 7.2.1), on which the client comes by TCP. The limit is
// 4096 bytes unless configured, as MIT's KDC has it: larger replies would be cut in fragments,
// which many a firewall drops. A malformed request is never answered with more bytes than it had,
// and one whose sender may be forged with no more than twice as many, so that nobody gains by
// sending in another's name.
//
// Under overload the socket's queue fills up, and what comes out of it may be given up by its
// client already. So, when batches are full for a while, the kernel is asked to stamp datagrams,
// and those that waited longer than a client does are dropped: what is answered is of use.
#include "server/asking.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>

enum {
    BATCH = 64,
    ROUNDS = 8,              // batches in a row before the other sockets have their turn
    LAST_ROUNDS = 256,       // at the end: a socket's queue holds less, and a flood never ends
    REQUEST_MAX = 64 * 1024, // no datagram is longer
    // Slots are a few lines more than a power of two apart: else all would fall in one cache set.
    REQUEST_STRIDE = REQUEST_MAX + 5 * 64,
    CONTROL_MAX = 128,
    PRESSING_US = 20000, // full batches for so long are an overload
    HOLD_US = 2000,      // a reply waits for those behind it for no longer
    AMPLIFICATION = 2,
};

union control { // as cmsg(3) wants it aligned
    struct cmsghdr head;
    uint8_t bytes[CONTROL_MAX];
};

struct udp_socket {
    struct source source; // first: epoll points to it
    bool any_address;
    bool stamped;          // the kernel tells when each datagram came
    bool older;            // those come first that were queued before it did
    int64_t full_since_us; // batches are full since then; 0: they are not
    int64_t stamped_at_us; // wall clock
    int64_t batch_us;      // likewise: when the batch was taken
};

struct udp {
    struct udp_socket sockets[LISTEN_ADDRESS_MAX];
    uint8_t *requests, *replies;
    size_t reply_max, reply_stride;
    struct mmsghdr in[BATCH], out[BATCH];
    struct iovec in_vec[BATCH], out_vec[BATCH];
    union sock_address peer[BATCH];
    union control in_control[BATCH], out_control[BATCH];
};

static void *map_bytes(size_t size) {
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return map == MAP_FAILED ? NULL : map;
}

static bool is_any(const union sock_address *a) {
    if (a->any.sa_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
    return a->v4.sin_addr.s_addr == INADDR_ANY;
}

bool udp_start(struct worker *w) {
    struct udp *u = w->udp = calloc(1, sizeof *u);
    if (!u)
        return false;
    u->reply_max = w->start.config->udp_max_reply;
    u->reply_stride = ((u->reply_max + 63) / 64 + 5) * 64;
    u->requests = map_bytes((size_t)BATCH * REQUEST_STRIDE);
    u->replies = map_bytes(BATCH * u->reply_stride);
    if (!u->requests || !u->replies)
        return false;
    const struct listen_set *set = w->start.listen;
    for (size_t i = 0; i < set->count; i++) {
        struct udp_socket *s = &u->sockets[i];
        if (!set->at[i].udp)
            continue;
        *s = (struct udp_socket){{SOURCE_UDP, set->udp[w->start.index][i], 0},
                                 .any_address = is_any(&set->at[i].address)};
        if (!worker_watch(w, &s->source, EPOLLIN))
            return false;
    }
    return true;
}

static void prepare_in(struct udp *u, const struct udp_socket *s) {
    for (size_t i = 0; i < BATCH; i++) {
        u->in_vec[i] = (struct iovec){u->requests + i * REQUEST_STRIDE, REQUEST_MAX};
        u->in[i].msg_hdr = (struct msghdr){
            .msg_name = &u->peer[i],
            .msg_namelen = sizeof u->peer[i],
            .msg_iov = &u->in_vec[i],
            .msg_iovlen = 1,
            .msg_control = s->any_address || s->stamped ? &u->in_control[i] : NULL,
            .msg_controllen = s->any_address || s->stamped ? CONTROL_MAX : 0,
        };
    }
}

// The control message that makes the reply leave from the address that the request came to.
static size_t reply_from(struct msghdr *in, union control *out) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(in); c; c = CMSG_NXTHDR(in, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info, from = {0};
            memcpy(&info, CMSG_DATA(c), sizeof info);
            from.ipi_spec_dst = info.ipi_spec_dst;
            out->head = (struct cmsghdr){CMSG_LEN(sizeof from), IPPROTO_IP, IP_PKTINFO};
            memcpy(CMSG_DATA(&out->head), &from, sizeof from);
            return CMSG_SPACE(sizeof from);
        }
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo from;
            memcpy(&from, CMSG_DATA(c), sizeof from);
            if (!IN6_IS_ADDR_LINKLOCAL(&from.ipi6_addr))
                from.ipi6_ifindex = 0; // routes decide
            out->head = (struct cmsghdr){CMSG_LEN(sizeof from), IPPROTO_IPV6, IPV6_PKTINFO};
            memcpy(CMSG_DATA(&out->head), &from, sizeof from);
            return CMSG_SPACE(sizeof from);
        }
    }
    return 0;
}

static struct slice limit_reply(struct worker *w, struct slice reply, struct slice request,
                                struct event *event) {
    struct udp *u = w->udp;
    if (event->kind == EVENT_MALFORMED && reply.len > request.len) {
        w->start.metrics->udp_silent++;
        return (struct slice){0};
    }
    bool amplifies = !event->proven && reply.len > AMPLIFICATION * request.len;
    if (reply.len <= u->reply_max && !amplifies)
        return reply;
    w->start.metrics->udp_too_big++;
    event->result = OBOL_KRB_ERR_RESPONSE_TOO_BIG;
    event->stage = SLICE_LITERAL("send reply");
    event->section = SLICE_LITERAL("RFC 4120 7.2.1");
    struct slice refusal = worker_refuse(w, OBOL_KRB_ERR_RESPONSE_TOO_BIG);
    bool fits = refusal.len <= u->reply_max &&
                (event->proven || refusal.len <= AMPLIFICATION * request.len);
    return fits ? refusal : (struct slice){0};
}

// Whether a datagram waited in the queue for longer than its client does for the answer.
static bool is_stale(const struct worker *w, struct udp_socket *s, struct msghdr *in) {
    int64_t now_us = w->clock_us + w->wall_us;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(in); c; c = CMSG_NXTHDR(in, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        struct timespec t;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        int64_t came_us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
        // One that was queued before stamps were asked for is stamped when it is taken.
        s->older = s->older && came_us >= s->batch_us;
        if (s->older)
            came_us = s->stamped_at_us;
        return now_us - came_us > (int64_t)w->start.config->udp_stale_ms * 1000;
    }
    return false;
}

// Where the reply to a datagram goes that must wait.
struct udp_route {
    struct udp_socket *socket;
    union sock_address peer;
    size_t control_len;
    union control control;
};

static void deliver(struct worker *w, void *to, struct slice request, struct slice reply,
                    struct event *event) {
    struct udp_route *r = to;
    reply = limit_reply(w, reply, request, event);
    struct iovec vec = {(void *)(uintptr_t)reply.ptr, reply.len};
    const bool v6 = r->peer.any.sa_family == AF_INET6;
    const struct msghdr message = {.msg_name = &r->peer,
                                   .msg_namelen = v6 ? sizeof r->peer.v6 : sizeof r->peer.v4,
                                   .msg_iov = &vec,
                                   .msg_iovlen = 1,
                                   .msg_control = r->control_len ? &r->control : NULL,
                                   .msg_controllen = r->control_len};
    event->answered = reply.len > 0;
    event->reply_len = (uint32_t)reply.len;
    if (!event->answered)
        return;
    if (sendmsg(r->socket->source.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        w->start.metrics->udp_send_failed++;
    else
        w->start.metrics->udp_sent++;
}

static void park(struct worker *w, struct udp_socket *s, size_t i, struct slice request,
                 const struct event *event) {
    struct udp *u = w->udp;
    struct udp_route r = {.socket = s, .peer = u->peer[i]};
    if (s->any_address)
        r.control_len = reply_from(&u->in[i].msg_hdr, &r.control);
    const struct service_request rq = {.bytes = request, .peer = &u->peer[i], .via = EVENT_UDP};
    const struct asking_route route = {deliver, &r, sizeof r, NULL, true};
    _Static_assert(sizeof r <= ASKING_ROUTE_MAX, "it fits");
    (void)asking_park(w, &rq, event, &route);
}

// Answers message i of the batch; true if out[n] holds a reply.
static bool answer_one(struct worker *w, struct udp_socket *s, size_t i, size_t n) {
    struct udp *u = w->udp;
    struct msghdr *in = &u->in[i].msg_hdr;
    if (in->msg_flags & MSG_TRUNC) {
        w->start.metrics->udp_truncated++;
        return false;
    }
    if (s->stamped && w->wall_us && is_stale(w, s, in)) {
        w->start.metrics->udp_stale++;
        return false;
    }
    struct event event;
    struct slice request = slice_of(u->in_vec[i].iov_base, u->in[i].msg_len);
    struct slice reply = worker_answer(w, request, &u->peer[i], EVENT_UDP, &event);
    if (w->question.number) {
        park(w, s, i, request, &event);
        return false;
    }
    reply = limit_reply(w, reply, request, &event);
    event.answered = reply.len > 0;
    event.reply_len = (uint32_t)reply.len;
    u->out_vec[n] = (struct iovec){u->replies + n * u->reply_stride, reply.len};
    if (reply.len)
        memcpy(u->out_vec[n].iov_base, reply.ptr, reply.len);
    worker_finish(w, &event);
    u->out[n].msg_hdr = (struct msghdr){.msg_name = in->msg_name,
                                        .msg_namelen = in->msg_namelen,
                                        .msg_iov = &u->out_vec[n],
                                        .msg_iovlen = 1};
    if (s->any_address) {
        u->out[n].msg_hdr.msg_controllen = reply_from(in, &u->out_control[n]);
        if (u->out[n].msg_hdr.msg_controllen)
            u->out[n].msg_hdr.msg_control = &u->out_control[n];
    }
    return reply.len > 0;
}

static void send_batch(struct worker *w, int fd, size_t n) {
    struct udp *u = w->udp;
    size_t done = 0;
    while (done < n) {
        int sent = sendmmsg(fd, u->out + done, (unsigned)(n - done), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            done += (size_t)sent;
            w->start.metrics->udp_sent += (uint64_t)sent;
        } else if (errno != EINTR) {
            // This one cannot go (no route, full buffer): its client asks again.
            w->start.metrics->udp_send_failed++;
            done++;
        }
    }
}

// One batch; gives how many requests it had.
static size_t serve_batch(struct worker *w, struct udp_socket *s) {
    struct udp *u = w->udp;
    prepare_in(u, s);
    s->batch_us = w->clock_us + w->wall_us;
    int received = recvmmsg(s->source.fd, u->in, BATCH, MSG_DONTWAIT, NULL);
    if (received <= 0)
        return 0;
    w->start.metrics->batches++;
    w->start.metrics->udp_received += (uint64_t)received;
    size_t n = 0;
    int64_t sent_us = w->clock_us;
    for (size_t i = 0; i < (size_t)received; i++) {
        n += answer_one(w, s, i, n);
        if (n == 0 || w->clock_us - sent_us < HOLD_US)
            continue;
        send_batch(w, s->source.fd, n); // these requests cost much
        sent_us = w->clock_us;
        n = 0;
    }
    if (n)
        send_batch(w, s->source.fd, n);
    return (size_t)received;
}

// Stamps cost every datagram something, so they are asked for in an overload only.
static void set_stamps(struct worker *w, struct udp_socket *s, bool on) {
    int value = on;
    if (s->stamped == on ||
        setsockopt(s->source.fd, SOL_SOCKET, SO_TIMESTAMPNS, &value, sizeof value) != 0)
        return;
    s->stamped = s->older = on;
    s->stamped_at_us = w->clock_us + w->wall_us;
}

void udp_serve(struct worker *w, struct source *socket) {
    struct udp_socket *s = (struct udp_socket *)socket;
    int64_t started_us = w->clock_us;
    for (int round = 0; round < ROUNDS; round++) {
        if (serve_batch(w, s) < BATCH) {
            s->full_since_us = 0; // the queue is empty, so far as it is worth asking
            set_stamps(w, s, false);
            return;
        }
        if (s->full_since_us == 0)
            s->full_since_us = started_us;
        if (w->clock_us - s->full_since_us > PRESSING_US)
            set_stamps(w, s, true);
        w->fresh = false;
    }
}

void udp_stop(struct worker *w) {
    // A successor has the same sockets, and what is queued in them.
    int rounds = w->retiring ? 0 : LAST_ROUNDS;
    for (size_t i = 0; i < w->start.listen->count; i++) {
        struct udp_socket *s = &w->udp->sockets[i];
        if (!w->start.listen->at[i].udp)
            continue;
        for (int round = 0; round < rounds && serve_batch(w, s) == BATCH; round++)
            w->fresh = false;
        epoll_ctl(w->epoll, EPOLL_CTL_DEL, s->source.fd, NULL);
    }
}

void udp_free(struct worker *w) {
    if (!w->udp)
        return;
    if (w->udp->requests)
        munmap(w->udp->requests, (size_t)BATCH * REQUEST_STRIDE);
    if (w->udp->replies)
        munmap(w->udp->replies, BATCH * w->udp->reply_stride);
    free(w->udp);
    w->udp = NULL;
}
