// asking.c: see asking.h. The sockets of the network are not connected, so that nothing but
// sendto() is needed once the worker has given its rights up: where a datagram comes from is
// checked here. Those of this machine are streams, which are connected when there is something to
// ask.
#include "server/asking.h"
#include "base/ct.h"
#include "base/env.h"
#include "server/asker.h"
#include "server/claims.h"
#include "server/radius_stream.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    ROUNDS = 64,           // datagrams in a row before the other sockets have their turn
    LOOK_US = 20000,       // between two looks at what another worker found out
    LOOK_MAX_US = 60000000 // no worker takes longer
};

static const char ENDED[] = "the KDC ended before a RADIUS server answered";
static const char HUNG_UP[] = "it closed its socket, or what it sends is no RADIUS";

struct outside {          // a server that is asked
    struct source source; // first: epoll points to it
    size_t service, server;
    struct radius_stream *stream; // at a socket of this machine; NULL: by UDP
};
struct parked {
    struct siphash_128 tag;
    int asked;        // the asker's number; -1: another worker asks
    int64_t until_us; // then it is given up, if another worker asks
    int64_t since_us; // wall clock
    struct kdc_answer known;
    struct kdc_question question; // number and service only
    union sock_address peer;
    enum event_transport via;
    struct asking_route route;
    _Alignas(16) uint8_t to[ASKING_ROUTE_MAX];
    size_t len;
    uint8_t bytes[];
};

struct asking {
    struct asker *asker;
    const struct asker_service *const *services;
    size_t service_count;
    struct outside servers[ASKER_SERVICES_MAX][ASKER_SERVERS_MAX];
    struct siphash_128 tags[ASKER_PENDING_MAX]; // of what the asker asks
    struct parked *parked[ASKING_PARKED_MAX];
    size_t count;
    int64_t look_us; // when the claims are looked at again
};

static bool open_server(struct worker *w, size_t service, size_t server) {
    struct asking *a = w->asking;
    struct outside *o = &a->servers[service][server];
    const union sock_address *to = &a->services[service]->servers[server].address;
    *o = (struct outside){{SOURCE_OUTSIDE, -1, 0}, service, server, NULL};
    if (!to->any.sa_family)
        return true; // its name was not found
    if (to->any.sa_family == AF_UNIX) {
        o->stream = calloc(1, sizeof *o->stream);
        if (o->stream)
            radius_stream_init(o->stream);
        return o->stream != NULL;
    }
    bool v6 = to->any.sa_family == AF_INET6;
    int on = 1;
    o->source.fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    // That nobody listens there is then told.
    return o->source.fd >= 0 &&
           setsockopt(o->source.fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR,
                      &on, sizeof on) == 0 &&
           worker_watch(w, &o->source, EPOLLIN);
}

bool asking_start(struct worker *w) {
    const struct server_config *config = w->start.config;
    if (config->outside_count == 0)
        return true;
    struct asking *a = w->asking = calloc(1, sizeof *a);
    if (!a)
        return false;
    a->services = config->outside;
    a->service_count = config->outside_count;
    for (size_t i = 0; i < a->service_count; i++)
        for (size_t k = 0; k < a->services[i]->server_count; k++)
            if (!open_server(w, i, k))
                return false;
    a->asker = asker_new(a->services, a->service_count, config->outside_as, env_system());
    return a->asker != NULL;
}

static void unpark(struct worker *w, size_t at) {
    struct asking *a = w->asking;
    struct parked *p = a->parked[at];
    a->parked[at] = a->parked[--a->count];
    wipe(p->bytes, p->len);
    free(p);
}

static void count_verdict(struct metrics *m, enum kdc_verdict verdict) {
    m->radius_accepted += verdict == KDC_ACCEPTED;
    m->radius_rejected += verdict == KDC_REJECTED;
    m->radius_challenged += verdict == KDC_CHALLENGED;
    m->radius_unanswered += verdict == KDC_UNANSWERED;
}

static void say(struct parked *p, enum kdc_verdict verdict, const char *detail) {
    p->known.number = p->question.number;
    p->known.verdict = verdict;
    snprintf(p->known.detail, sizeof p->known.detail, "%s", detail);
}

static void ask_for(struct worker *w, struct parked *p, const struct kdc_question *q);

// The service goes on with what is known by now: it answers, or wants to know more.
static void go_on(struct worker *w, size_t at) {
    struct event event;
    struct parked *p = w->asking->parked[at];
    const struct service_request rq = {slice_of(p->bytes, p->len), &p->peer, p->via, &p->known,
                                       &w->question};
    struct slice reply = worker_answer_known(w, &rq, p->since_us, &event);
    if (w->question.number && w->question.number != p->question.number) {
        const struct kdc_question next = w->question;
        p->known.missed |= p->known.verdict == KDC_UNANSWERED;
        ask_for(w, p, &next);
        return;
    }
    if (p->route.deliver)
        p->route.deliver(w, p->to, rq.bytes, reply, &event);
    worker_finish(w, &event);
    unpark(w, at);
}

// An answer that is there already is not waited for, but not given from within this call: the
// request's turn comes in asking_turn.
static void ask_outside(struct worker *w, struct parked *p, const struct kdc_question *q) {
    struct asking *a = w->asking;
    p->asked = asker_ask(a->asker, q, w->clock_us);
    if (p->asked >= 0) {
        a->tags[p->asked] = p->tag;
        w->start.metrics->radius_asked++;
        return;
    }
    say(p, KDC_UNANSWERED, "too many one-time codes wait for an answer of RADIUS servers");
    claims_settle(w->start.claims, p->tag, KDC_UNANSWERED, w->clock_us);
}

static void ask_for(struct worker *w, struct parked *p, const struct kdc_question *q) {
    struct asking *a = w->asking;
    unsigned verdict = 0;
    const struct parked *twin = NULL;
    p->question = (struct kdc_question){.number = q->number, .service = q->service};
    p->tag = claims_tag(w->start.claims, slice_of(p->bytes, p->len), q->number);
    p->known.verdict = KDC_VERDICT_NONE;
    for (size_t i = 0; i < a->count && !twin; i++) {
        const struct parked *o = a->parked[i];
        if (o != p && o->tag.lo == p->tag.lo && o->tag.hi == p->tag.hi && !o->known.verdict &&
            o->asked >= 0)
            twin = o;
    }
    p->asked = twin ? twin->asked : -1;
    p->until_us = w->clock_us + LOOK_MAX_US;
    p->known.repeated |= twin != NULL;
    enum claim claim =
        twin ? CLAIM_ASKED : claims_take(w->start.claims, p->tag, w->clock_us, &verdict);
    p->known.repeated |= claim == CLAIM_ASKED || claim == CLAIM_KNOWN;
    if (claim == CLAIM_MINE)
        ask_outside(w, p, q);
    else if (claim == CLAIM_KNOWN)
        say(p, (enum kdc_verdict)verdict, "a RADIUS server was asked before");
    else if (claim == CLAIM_FULL)
        say(p, KDC_UNANSWERED, "too many one-time codes wait for an answer of RADIUS servers");
    w->question = (struct kdc_question){0};
    arena_reset(&w->arena);
}

static bool same_address(const union sock_address *a, const union sock_address *b) {
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return a->v6.sin6_port == b->v6.sin6_port &&
           memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
}

// A datagram that was sent again from where its first copy came.
static bool is_known(const struct asking *a, const struct service_request *rq) {
    for (size_t i = 0; i < a->count; i++) {
        const struct parked *p = a->parked[i];
        if (p->route.forgetful && slice_eq(slice_of(p->bytes, p->len), rq->bytes) &&
            same_address(&p->peer, rq->peer))
            return true;
    }
    return false;
}

bool asking_park(struct worker *w, const struct service_request *rq, const struct event *event,
                 const struct asking_route *route) {
    struct asking *a = w->asking;
    bool again = a && route->forgetful && is_known(a, rq);
    struct parked *p = NULL;
    if (a && !again && a->count < ASKING_PARKED_MAX && route->len <= ASKING_ROUTE_MAX)
        p = calloc(1, sizeof *p + rq->bytes.len);
    w->start.metrics->radius_repeated += again;
    if (!p) { // its client asks again
        w->question = (struct kdc_question){0};
        arena_reset(&w->arena);
        return false;
    }
    p->since_us = event->time_us;
    p->peer = *rq->peer;
    p->via = rq->via;
    p->route = *route;
    memcpy(p->to, route->to, route->len);
    p->len = rq->bytes.len;
    memcpy(p->bytes, rq->bytes.ptr, p->len);
    a->parked[a->count++] = p;
    const struct kdc_question q = w->question; // what it borrows stands in the arena
    ask_for(w, p, &q);
    return true;
}

void asking_forget(struct worker *w, const void *connection) {
    struct asking *a = w->asking;
    for (size_t i = 0; a && i < a->count; i++)
        if (a->parked[i]->route.connection == connection) {
            a->parked[i]->route.deliver = NULL;
            a->parked[i]->route.connection = NULL;
        }
}

// ---- sockets

// What the system tells of a server (nobody listens, no route) stands in a queue of its own.
static void take_errors(struct worker *w, const struct outside *o) {
    uint8_t bytes[RADIUS_REQUEST_MAX] = {0}, control[512] = {0};
    int error = 0;
    socklen_t len = sizeof error;
    for (int i = 0; i < ROUNDS; i++) {
        struct iovec vec = {bytes, sizeof bytes};
        struct msghdr message = {.msg_iov = &vec,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof control};
        if (recvmsg(o->source.fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            break;
    }
    if (getsockopt(o->source.fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error == 0)
        error = ECONNREFUSED;
    wipe(bytes, sizeof bytes);
    asker_unreachable(w->asking->asker, o->service, o->server, strerror(error), w->clock_us);
}

static void take_packet(struct worker *w, const struct outside *o, struct slice packet) {
    const struct asker_datagram in = {o->service, o->server, packet};
    if (!asker_receive(w->asking->asker, &in))
        w->start.metrics->radius_dropped++;
}

static void serve_stream(struct worker *w, const struct outside *o) {
    struct slice packet;
    for (int i = 0; i < ROUNDS || radius_stream_holds(o->stream); i++) {
        switch (radius_stream_next(o->stream, &packet)) {
        case RADIUS_STREAM_PACKET:
            take_packet(w, o, packet);
            break;
        case RADIUS_STREAM_WAITS:
            return;
        case RADIUS_STREAM_ENDED:
            asker_unreachable(w->asking->asker, o->service, o->server, HUNG_UP, w->clock_us);
            return;
        }
    }
}

// What a server said before it hung up. One that only closed its half of the stream can go on
// talking: no more is taken than there may be questions that it answers.
static void take_rest(struct worker *w, const struct outside *o) {
    struct slice packet;
    for (int i = 0; i < ASKER_PENDING_MAX; i++) {
        if (radius_stream_next(o->stream, &packet) != RADIUS_STREAM_PACKET)
            return;
        take_packet(w, o, packet);
    }
}

void asking_serve(struct worker *w, struct source *source, uint32_t events) {
    const struct outside *o = (const struct outside *)source;
    if (o->stream) {
        serve_stream(w, o);
        return;
    }
    const union sock_address *expected =
        &w->asking->services[o->service]->servers[o->server].address;
    uint8_t bytes[RADIUS_PACKET_MAX + 1];
    if (events & EPOLLERR)
        take_errors(w, o);
    for (int i = 0; i < ROUNDS; i++) {
        union sock_address from = {0};
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(o->source.fd, bytes, sizeof bytes, MSG_DONTWAIT, &from.any, &len);
        if (n < 0)
            return;
        const struct asker_datagram in = {o->service, o->server, slice_of(bytes, (size_t)n)};
        if (!same_address(&from, expected) || !asker_receive(w->asking->asker, &in))
            w->start.metrics->radius_dropped++;
    }
}

// A server that has hung up on what it was asked before is told of by no event any more once its
// stream is connected anew. So what it said until then is taken, and what it left open ended,
// before this question, which it has not seen, goes out again.
static void send_by_stream(struct worker *w, struct outside *o, const struct asker_datagram *d) {
    const struct slice path = w->asking->services[o->service]->servers[o->server].text;
    bool before = o->stream->fd >= 0;
    bool sent = radius_stream_send(o->stream, path, d->bytes);
    int why = errno;
    if (sent && o->stream->anew) {
        o->stream->anew = false;
        o->source.fd = o->stream->fd;
        sent = worker_watch(w, &o->source, EPOLLIN);
        why = errno;
    }
    if (sent)
        return;
    bool hung_up = before && (why == EPIPE || why == ECONNRESET);
    if (hung_up) {
        asker_unsent(w->asking->asker, d);
        take_rest(w, o);
    }
    radius_stream_close(o->stream);
    asker_unreachable(w->asking->asker, o->service, o->server, hung_up ? HUNG_UP : strerror(why),
                      w->clock_us);
}

static void send_due(struct worker *w) {
    struct asking *a = w->asking;
    struct asker_datagram d;
    while (asker_send(a->asker, w->clock_us, &d)) {
        struct outside *o = &a->servers[d.service][d.server];
        if (o->stream) {
            send_by_stream(w, o, &d);
            continue;
        }
        const union sock_address *to = &a->services[d.service]->servers[d.server].address;
        int fd = o->source.fd;
        socklen_t len = to->any.sa_family == AF_INET6 ? sizeof to->v6 : sizeof to->v4;
        if (sendto(fd, d.bytes.ptr, d.bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL, &to->any, len) < 0 &&
            errno != EAGAIN && errno != EINTR)
            asker_unreachable(a->asker, d.service, d.server, strerror(errno), w->clock_us);
    }
}

// ---- answers

static void take_finished(struct worker *w) {
    struct asking *a = w->asking;
    struct kdc_answer answer;
    for (int number; (number = asker_finished(a->asker, &answer)) >= 0;) {
        count_verdict(w->start.metrics, answer.verdict);
        claims_settle(w->start.claims, a->tags[number], answer.verdict, w->clock_us);
        for (size_t i = 0; i < a->count; i++)
            if (!a->parked[i]->known.verdict && a->parked[i]->asked == number)
                say(a->parked[i], answer.verdict, answer.detail);
    }
}

static void look_at_claims(struct worker *w) {
    struct asking *a = w->asking;
    if (w->clock_us < a->look_us)
        return;
    a->look_us = w->clock_us + LOOK_US;
    for (size_t i = 0; i < a->count; i++) {
        struct parked *p = a->parked[i];
        unsigned verdict = 0;
        if (p->known.verdict || p->asked >= 0)
            continue;
        enum claim claim = claims_look(w->start.claims, p->tag, w->clock_us, &verdict);
        if (claim == CLAIM_KNOWN)
            say(p, (enum kdc_verdict)verdict, "another worker asked a RADIUS server");
        else if (claim == CLAIM_FULL || w->clock_us > p->until_us)
            say(p, KDC_UNANSWERED, "another worker asked a RADIUS server, and heard nothing");
    }
}

static void answer_known(struct worker *w) {
    for (size_t i = w->asking->count; i-- > 0;) // what is taken out leaves its place to a later one
        if (w->asking->parked[i]->known.verdict)
            go_on(w, i);
}

int asking_turn(struct worker *w, int timeout) {
    struct asking *a = w->asking;
    if (a->count == 0 && asker_pending(a->asker) == 0)
        return timeout;
    send_due(w);
    take_finished(w);
    look_at_claims(w);
    answer_known(w);
    int64_t wait = asker_wait_us(a->asker, w->clock_us);
    for (size_t i = 0; i < a->count; i++)
        if (a->parked[i]->asked < 0 || a->parked[i]->known.verdict)
            wait = wait < 0 || wait > LOOK_US ? LOOK_US : wait;
    int ms = wait < 0 ? -1 : (int)((wait + 999) / 1000);
    return ms < 0 || (timeout >= 0 && timeout < ms) ? timeout : ms;
}

bool asking_is_idle(const struct worker *w) {
    return !w->asking || w->asking->count == 0;
}

void asking_stop(struct worker *w) {
    struct asking *a = w->asking;
    if (!a)
        return;
    asker_give_up(a->asker, ENDED);
    take_finished(w);
    // A request that would now ask another service is not taken further.
    for (int i = 0; i < ROUNDS && a->count; i++) {
        for (size_t k = 0; k < a->count; k++)
            if (!a->parked[k]->known.verdict)
                say(a->parked[k], KDC_UNANSWERED, ENDED);
        answer_known(w);
        asker_give_up(a->asker, ENDED);
        take_finished(w);
    }
}

bool asking_connects(const struct worker *w) {
    const struct asking *a = w->asking;
    for (size_t i = 0; a && i < a->service_count; i++)
        for (size_t k = 0; k < a->services[i]->server_count; k++)
            if (a->servers[i][k].stream)
                return true;
    return false;
}

static void close_server(struct outside *o) {
    if (o->stream)
        radius_stream_close(o->stream);
    else if (o->source.fd > 0)
        close(o->source.fd);
    free(o->stream);
}

void asking_free(struct worker *w) {
    struct asking *a = w->asking;
    if (!a)
        return;
    while (a->count)
        unpark(w, a->count - 1);
    for (size_t i = 0; i < a->service_count; i++)
        for (size_t k = 0; k < a->services[i]->server_count; k++)
            close_server(&a->servers[i][k]);
    asker_free(a->asker);
    free(a);
    w->asking = NULL;
}
