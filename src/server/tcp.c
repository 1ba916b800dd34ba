// tcp.c: connections (RFC 4120 7.2.2). They are kept open for further requests, may carry several
// at once, and none can hold up another: sockets never block, a connection whose replies are not
// fetched is not read, each state has a deadline, and memory grows only with bytes that came. When
// places run out, the connection that was longest without a request makes room: first among those
// of the same sender, so that a hoarder displaces itself, and first of those that never showed that
// they have a key, so that who has none displaces no session of kadmin. At a reload a worker hands
// what it holds on to its successor (handover.h).
#include "base/env.h"
#include "server/asking.h"
#include "server/frame.h"
#include "server/handover.h"
#include "server/tcp_source.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    ACCEPTS = 64,           // in a row before the others have their turn
    OUT_PAUSE = 256 * 1024, // no more requests are taken while so many reply bytes wait
    OUT_KEEP = 4096,        // an empty reply buffer above this is given back
    WAIT_MS = 180000,       // no answer from outside takes longer
    LINGER_MS = 1000,       // for the peer to read a refusal before the connection goes
    TICK_MS = 1000,
    READ_MAX = 64 * 1024, // at once, from one connection
    HELD_MAX = 64 << 20,  // bytes in the buffers of all connections of a worker, each way
    HELD_FREELY = 8192,   // a connection that holds no more is not worth closing for them
};

// Bytes in buffers: of requests that have begun, which anybody may send, and of replies, which are
// as large as the service makes them for those that it knows.
struct held {
    size_t in, out;
};

enum connection_state {
    CONNECTION_FIRST,   // nothing has come yet
    CONNECTION_IDLE,    // between requests
    CONNECTION_READING, // a request has begun
    CONNECTION_WAITING, // a request waits for an answer from outside (asking.h)
    CONNECTION_WRITING, // replies wait for the peer
    CONNECTION_LINGER,  // refused; waits for the peer to close
};

struct connection {
    struct source source; // first: epoll points to it
    TAILQ_ENTRY(connection) all, same_source;
    struct tcp_source *from;
    union sock_address peer;
    struct frame in;
    uint8_t *out; // heap
    size_t out_at, out_end, out_size;
    struct held held; // as it is counted in tcp.held
    enum connection_state state;
    int64_t deadline_us;
    bool waits;   // its last request does
    bool closing; // goes once the replies are out
    bool ended;   // the peer sends no more
    bool shared;  // another worker may have it open, too: handed on, or taken over
    bool proven;  // a request of it showed that its sender has a key
};

struct tcp {
    struct source listeners[LISTEN_ADDRESS_MAX];
    struct source successions; // connections of the worker before us
    uint8_t handed[HANDOVER_PARTIAL_MAX];
    struct connection_list all;    // the one longest without a request first
    struct connection_list closed; // in this turn
    struct tcp_sources sources;
    unsigned count, max, max_per_source;
    struct held held, held_max;
    int64_t next_tick_us;
    bool stopped;
};

// A worker's part of a bound on all workers. The kernel's hash over senders is not even, so each
// may have a quarter more than its share.
static unsigned share(unsigned total, unsigned workers) {
    unsigned part = (total + workers - 1) / workers;
    return workers > 1 ? part + part / 4 + 1 : part;
}

bool tcp_start(struct worker *w) {
    struct tcp *t = w->tcp = calloc(1, sizeof *t);
    const struct server_config *config = w->start.config;
    const struct listen_set *set = w->start.listen;
    uint64_t seed;
    if (!t)
        return false;
    TAILQ_INIT(&t->all);
    TAILQ_INIT(&t->closed);
    t->max = share(config->tcp_max_connections, set->workers);
    t->max_per_source = share(config->tcp_max_per_source, set->workers);
    // A reply may be as large as making it takes.
    size_t request = 4 * config->tcp_max_request, reply = w->start.service->memory;
    t->held_max.in = request > HELD_MAX ? request : HELD_MAX;
    t->held_max.out = reply > HELD_MAX ? reply : HELD_MAX;
    env_random(env_system(), buf_of(&seed, sizeof seed));
    if (!tcp_sources_init(&t->sources, t->max, seed))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        if (!set->at[i].tcp)
            continue;
        t->listeners[i] = (struct source){SOURCE_LISTENER, set->tcp[w->start.index][i], 0};
        if (!worker_watch(w, &t->listeners[i], EPOLLIN))
            return false;
    }
    w->start.metrics->tcp_open = 0; // those of a worker that died here went with it
    t->successions = (struct source){SOURCE_SUCCESSION, set->handover[w->start.index][0], 0};
    return worker_watch(w, &t->successions, EPOLLIN);
}

static void connection_close(struct worker *w, struct connection *c) {
    struct tcp *t = w->tcp;
    if (c->waits)
        asking_forget(w, c);
    TAILQ_REMOVE(&t->all, c, all);
    TAILQ_REMOVE(&c->from->connections, c, same_source);
    tcp_sources_leave(&t->sources, c->from);
    // While it is open elsewhere, closing does not take it out of epoll.
    if (c->shared)
        epoll_ctl(w->epoll, EPOLL_CTL_DEL, c->source.fd, NULL);
    close(c->source.fd);
    frame_clear(&c->in);
    free(c->out);
    c->out = NULL;
    // Events of this turn may still point to it, so it is freed when the turn is over.
    c->source = (struct source){SOURCE_CLOSED, -1, 0};
    TAILQ_INSERT_TAIL(&t->closed, c, all);
    t->held.in -= c->held.in;
    t->held.out -= c->held.out;
    t->count--;
    w->start.metrics->tcp_open = t->count;
}

void tcp_end_turn(struct worker *w) {
    for (struct connection *c; (c = TAILQ_FIRST(&w->tcp->closed));) {
        TAILQ_REMOVE(&w->tcp->closed, c, all);
        free(c);
    }
}

static void set_state(struct worker *w, struct connection *c, enum connection_state state) {
    const struct server_config *config = w->start.config;
    if (c->state == state && c->deadline_us)
        return; // a deadline holds for the whole state: trickling bytes do not move it
    unsigned ms = state == CONNECTION_IDLE      ? config->tcp_idle_ms
                  : state == CONNECTION_LINGER  ? LINGER_MS
                  : state == CONNECTION_WAITING ? WAIT_MS
                                                : config->tcp_request_ms;
    c->state = state;
    c->deadline_us = w->clock_us + (int64_t)ms * 1000;
}

// The connection brought a request: it goes to the end of both queues for eviction, and its
// deadline counts anew.
static void touch(struct worker *w, struct connection *c) {
    c->deadline_us = 0;
    TAILQ_REMOVE(&w->tcp->all, c, all);
    TAILQ_INSERT_TAIL(&w->tcp->all, c, all);
    TAILQ_REMOVE(&c->from->connections, c, same_source);
    TAILQ_INSERT_TAIL(&c->from->connections, c, same_source);
}

// Who makes room for the newest, of all or of one source.
static struct connection *displaced(const struct connection_list *list, bool of_source,
                                    const struct connection *newest) {
    for (struct connection *c = TAILQ_FIRST(list); c;
         c = of_source ? TAILQ_NEXT(c, same_source) : TAILQ_NEXT(c, all))
        if (!c->proven && c != newest)
            return c;
    return TAILQ_FIRST(list);
}

static void evict(struct worker *w, struct connection *c) {
    w->start.metrics->tcp_evicted++;
    connection_close(w, c);
}

// Counts what a connection holds in memory by now. When all hold too much, those go that were
// longest without a whole request: so many senders of half a request each cannot take the machine's
// memory.
static void count_held(struct worker *w, struct connection *c) {
    struct tcp *t = w->tcp;
    struct held held = {c->in.size, c->out_size};
    t->held.in += held.in - c->held.in;
    t->held.out += held.out - c->held.out;
    c->held = held;
    for (struct connection *o = TAILQ_FIRST(&t->all), *next; o; o = next) {
        bool in = t->held.in > t->held_max.in, out = t->held.out > t->held_max.out;
        if (!in && !out)
            return;
        next = TAILQ_NEXT(o, all);
        if ((in && o->held.in > HELD_FREELY) || (out && o->held.out > HELD_FREELY))
            evict(w, o);
    }
}

// Makes a place for a connection; NULL if there is none, and it is closed.
static struct connection *connection_new(struct worker *w, int fd, const union sock_address *peer) {
    struct tcp *t = w->tcp;
    struct connection *c = calloc(1, sizeof *c);
    struct tcp_source *from = c ? tcp_sources_enter(&t->sources, peer) : NULL;
    if (!from) {
        free(c);
        close(fd);
        return NULL;
    }
    c->source = (struct source){SOURCE_CONNECTION, fd, 0};
    c->from = from;
    c->peer = *peer;
    frame_init(&c->in, w->start.service->framing, w->start.config->tcp_max_request);
    TAILQ_INSERT_TAIL(&t->all, c, all);
    TAILQ_INSERT_TAIL(&from->connections, c, same_source);
    t->count++;
    w->start.metrics->tcp_open = t->count;
    set_state(w, c, CONNECTION_FIRST);
    if (!worker_watch(w, &c->source, EPOLLIN)) {
        connection_close(w, c);
        return NULL;
    }
    if (from->count > t->max_per_source)
        evict(w, displaced(&from->connections, true, c));
    else if (t->count > t->max)
        evict(w, displaced(&t->all, false, c));
    return c; // the newest of both lists is not the one that goes
}

void tcp_accept(struct worker *w, struct source *listener) {
    for (int i = 0; i < ACCEPTS; i++) {
        union sock_address peer = {0};
        socklen_t len = sizeof peer;
        int fd = accept4(listener->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            w->start.metrics->tcp_accepted++;
            connection_new(w, fd, &peer);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            w->start.metrics->tcp_failed++;
            if (TAILQ_EMPTY(&w->tcp->all))
                return;
            evict(w, displaced(&w->tcp->all, false, NULL));
        } else if (errno == EAGAIN) {
            return;
        } // else that one connection was gone already
    }
}

// Queues a reply with its length; false without memory.
static bool queue_reply(struct connection *c, struct slice reply) {
    size_t need = 4 + reply.len;
    if (c->out_at == c->out_end)
        c->out_at = c->out_end = 0;
    if (need > c->out_size - c->out_end) {
        size_t size = c->out_size ? c->out_size : 2048;
        while (size - c->out_end < need)
            size *= 2;
        uint8_t *bigger = realloc(c->out, size);
        if (!bigger)
            return false;
        c->out = bigger;
        c->out_size = size;
    }
    struct writer w = writer_to_buf(buf_of(c->out + c->out_end, need));
    writer_be32(&w, frame_mark(c->in.kind, reply.len));
    writer_bytes(&w, reply);
    c->out_end += w.len;
    return writer_ok(&w);
}

static enum event_transport transport_of(const struct connection *c) {
    return c->peer.any.sa_family == AF_UNIX ? EVENT_UNIX : EVENT_TCP;
}

// What came is no request: the log tells of it, and the connection goes.
static struct event no_request(struct worker *w, struct connection *c, enum obol_code code) {
    struct event event = {
        .kind = EVENT_MALFORMED,
        .result = code,
        .time_us = w->wall_us + w->clock_us,
        .stage = SLICE_LITERAL("receive request"),
        .section = slice_str(c->in.kind == FRAME_RPC ? "RFC 5531 11" : "RFC 4120 7.2.2")};
    worker_event_peer(&event, &c->peer, transport_of(c));
    c->closing = true;
    return event;
}

static void too_long(struct worker *w, struct connection *c) {
    struct event event = no_request(w, c, OBOL_KRB_ERR_FIELD_TOOLONG);
    w->start.metrics->tcp_too_long++;
    struct slice reply = worker_refuse(w, OBOL_KRB_ERR_FIELD_TOOLONG);
    event.answered = reply.len > 0 && queue_reply(c, reply);
    event.reply_len = (uint32_t)reply.len;
    worker_finish(w, &event);
}

static void empty(struct worker *w, struct connection *c) {
    struct event event = no_request(w, c, OBOL_FORMAT);
    event.detail = SLICE_LITERAL("a request without bytes");
    worker_finish(w, &event);
}

// A request of which only a part came.
static void cut_short(struct worker *w, struct connection *c, const char *how) {
    size_t came = frame_partial(&c->in).len;
    if (c->closing || !came)
        return;
    struct event event = no_request(w, c, OBOL_FORMAT);
    event.detail = arena_printf(&w->arena, "%s amid a request, of which %zu bytes came", how, came);
    worker_finish(w, &event);
}

static void put_reply(struct connection *c, struct slice reply, struct event *event) {
    event->answered = reply.len > 0 && queue_reply(c, reply);
    event->reply_len = (uint32_t)reply.len;
    c->proven = c->proven || event->proven;
    if (!event->answered || event->kind == EVENT_MALFORMED)
        c->closing = true; // whoever speaks no Kerberos need not be kept
}

// A reply that had to wait. The connection goes on in a turn of its own: the event is not done yet.
static void deliver(struct worker *w, void *to, struct slice request, struct slice reply,
                    struct event *event) {
    struct connection *c = *(struct connection **)to;
    UNUSED(request);
    c->waits = false;
    put_reply(c, reply, event);
    set_state(w, c, CONNECTION_WRITING);
    (void)worker_rewatch(w, &c->source, EPOLLOUT); // else its deadline ends it
}

static void answer_one(struct worker *w, struct connection *c, struct slice request) {
    struct event event;
    w->start.metrics->tcp_requests++;
    struct slice reply = worker_answer(w, request, &c->peer, transport_of(c), &event);
    if (w->question.number) {
        const struct service_request rq = {
            .bytes = request, .peer = &c->peer, .via = transport_of(c)};
        const struct asking_route route = {deliver, &c, sizeof(struct connection *), c, false};
        c->waits = asking_park(w, &rq, &event, &route);
        c->closing |= !c->waits;
        return;
    }
    put_reply(c, reply, &event);
    worker_finish(w, &event);
}

// Answers every whole request that has come, but pauses when many reply bytes wait: true then.
static bool answer_all(struct worker *w, struct connection *c) {
    while (!c->closing && !c->waits) {
        if (c->out_end - c->out_at >= OUT_PAUSE)
            return true;
        struct slice request;
        enum frame_status status = frame_next(&c->in, &request);
        if (status == FRAME_MORE)
            break;
        touch(w, c);
        if (status == FRAME_REQUEST)
            answer_one(w, c, request);
        else if (status == FRAME_TOO_LONG)
            too_long(w, c);
        else
            empty(w, c);
    }
    return false;
}

// Sends what it can; false if the connection is broken.
static bool flush(struct connection *c) {
    while (c->out_at < c->out_end) {
        ssize_t n = send(c->source.fd, c->out + c->out_at, c->out_end - c->out_at,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        c->out_at += (size_t)n;
    }
    if (c->out_size > OUT_KEEP) {
        free(c->out);
        c->out = NULL;
        c->out_size = 0;
    }
    c->out_at = c->out_end = 0;
    return true;
}

// Reads what is there, once; false if the connection is broken.
static bool receive(struct connection *c) {
    struct buf room = frame_room(&c->in);
    if (!room.ptr)
        return false;
    ssize_t n = recv(c->source.fd, room.ptr, room.len < READ_MAX ? room.len : READ_MAX, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        c->ended = true;
    frame_received(&c->in, (size_t)n);
    return true;
}

// After a refusal the rest of what the peer sends is read and forgotten until it closes: closing at
// once would reset the connection, and the refusal with it.
static bool discard(struct connection *c) {
    uint8_t waste[4096];
    for (int i = 0; i < 16; i++) {
        ssize_t n = recv(c->source.fd, waste, sizeof waste, 0);
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    return true;
}

// Takes the connection as far as it can go now; false if it is to be closed.
static bool advance(struct worker *w, struct connection *c) {
    bool paused;
    do {
        paused = answer_all(w, c);
        if (!flush(c))
            return false;
        if (c->out_at < c->out_end) {
            set_state(w, c, CONNECTION_WRITING);
            return worker_rewatch(w, &c->source, EPOLLOUT);
        }
    } while (paused);
    if (c->waits) {
        set_state(w, c, CONNECTION_WAITING);
        return worker_rewatch(w, &c->source, 0); // not read, but seen if it breaks
    }
    if (c->ended)
        return false;
    if (c->closing) {
        shutdown(c->source.fd, SHUT_WR);
        set_state(w, c, CONNECTION_LINGER);
    } else if (frame_partial(&c->in).len) {
        set_state(w, c, CONNECTION_READING);
    } else if (!w->tcp->stopped || w->retiring) {
        set_state(w, c, CONNECTION_IDLE);
    } else {
        return false;
    }
    return worker_rewatch(w, &c->source, EPOLLIN);
}

void tcp_serve(struct worker *w, struct source *source, uint32_t events) {
    struct connection *c = (struct connection *)source;
    bool alive = !(events & EPOLLERR);
    if (c->state == CONNECTION_WAITING)
        alive = false; // nothing else is waited for
    else if (c->state == CONNECTION_LINGER)
        alive = alive && discard(c);
    else if (c->state == CONNECTION_WRITING)
        alive = alive && advance(w, c);
    else
        alive = alive && receive(c) && advance(w, c);
    if (alive) {
        count_held(w, c);
    } else {
        cut_short(w, c, "the connection ended");
        connection_close(w, c);
    }
}

int tcp_expire(struct worker *w) {
    struct tcp *t = w->tcp;
    if (TAILQ_EMPTY(&t->all))
        return -1;
    unsigned shortest = w->start.config->tcp_idle_ms < w->start.config->tcp_request_ms
                            ? w->start.config->tcp_idle_ms
                            : w->start.config->tcp_request_ms;
    int tick_ms = shortest / 4 < TICK_MS ? (int)(shortest / 4) + 1 : TICK_MS;
    if (w->clock_us >= t->next_tick_us) {
        t->next_tick_us = w->clock_us + (int64_t)tick_ms * 1000;
        for (struct connection *c = TAILQ_FIRST(&t->all), *next; c; c = next) {
            next = TAILQ_NEXT(c, all);
            if (c->deadline_us > w->clock_us)
                continue;
            w->start.metrics->tcp_timed_out++;
            cut_short(w, c, "its time ran out");
            connection_close(w, c);
        }
    }
    return tick_ms;
}

// What a connection is between requests, its successor can be, too.
static bool can_be_handed_on(const struct connection *c) {
    return c->state <= CONNECTION_READING && c->out_at == c->out_end && !c->closing && !c->ended &&
           frame_partial(&c->in).len <= HANDOVER_PARTIAL_MAX;
}

void tcp_hand_on(struct worker *w) {
    for (struct connection *c = TAILQ_FIRST(&w->tcp->all), *next; c; c = next) {
        next = TAILQ_NEXT(c, all);
        if (!can_be_handed_on(c))
            continue;
        const struct handover_connection out = {.fd = c->source.fd,
                                                .peer = c->peer,
                                                .deadline_us = c->deadline_us,
                                                .asked = c->state == CONNECTION_IDLE,
                                                .proven = c->proven,
                                                .partial = frame_partial(&c->in)};
        if (!handover_send(w->start.listen->handover[w->start.index][1], &out))
            return; // there is no room for now
        c->shared = true;
        w->start.metrics->tcp_handed_on++;
        connection_close(w, c);
    }
}

// A connection goes on as it was; its deadline, too, but it is never longer than a new one.
static void succeed(struct worker *w, const struct handover_connection *from) {
    struct connection *c = connection_new(w, from->fd, &from->peer);
    if (!c)
        return;
    c->shared = true;
    c->proven = from->proven;
    if (from->asked || from->partial.len) {
        c->deadline_us = 0;
        set_state(w, c, from->partial.len ? CONNECTION_READING : CONNECTION_IDLE);
    }
    if (from->deadline_us < c->deadline_us)
        c->deadline_us = from->deadline_us;
    if (!frame_append(&c->in, from->partial) || (from->partial.len && !advance(w, c)))
        connection_close(w, c);
    else
        count_held(w, c);
}

void tcp_succeed(struct worker *w) {
    for (int i = 0; i < ACCEPTS; i++) {
        struct handover_connection c;
        enum handover_status status = handover_receive(
            w->tcp->successions.fd, buf_of(w->tcp->handed, sizeof w->tcp->handed), &c);
        if (status == HANDOVER_NONE)
            return;
        if (status == HANDOVER_TAKEN)
            succeed(w, &c);
        else
            w->start.metrics->tcp_failed++;
    }
}

// At the end of the daemon nobody comes after us: what waits is taken, and idle connections go.
static void serve_the_last(struct worker *w) {
    struct tcp *t = w->tcp;
    tcp_succeed(w);
    for (size_t i = 0; i < w->start.listen->count; i++)
        if (w->start.listen->at[i].tcp)
            tcp_accept(w, &t->listeners[i]);
    t->stopped = true;
    for (struct connection *c = TAILQ_FIRST(&t->all), *next; c; c = next) {
        next = TAILQ_NEXT(c, all);
        // A request may lie in the socket unread: it is answered before the connection goes.
        // Whoever has connected and sent nothing yet is about to: he keeps his connection until the
        // worker must end.
        if (c->state == CONNECTION_IDLE && !(receive(c) && advance(w, c)))
            connection_close(w, c);
    }
}

void tcp_stop(struct worker *w) {
    struct tcp *t = w->tcp;
    if (w->retiring)
        tcp_hand_on(w);
    else
        serve_the_last(w);
    t->stopped = true;
    for (size_t i = 0; i < w->start.listen->count; i++)
        if (w->start.listen->at[i].tcp)
            epoll_ctl(w->epoll, EPOLL_CTL_DEL, t->listeners[i].fd, NULL);
    epoll_ctl(w->epoll, EPOLL_CTL_DEL, t->successions.fd, NULL);
}

bool tcp_is_idle(const struct worker *w) {
    return TAILQ_EMPTY(&w->tcp->all);
}

void tcp_free(struct worker *w) {
    if (!w->tcp)
        return;
    while (!TAILQ_EMPTY(&w->tcp->all))
        connection_close(w, TAILQ_FIRST(&w->tcp->all));
    tcp_end_turn(w);
    tcp_sources_clear(&w->tcp->sources);
    free(w->tcp);
    w->tcp = NULL;
}
