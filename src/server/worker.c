// worker.c: the loop of a worker process; see worker.h.
#include "server/worker.h"
#include "base/env.h"
#include "base/secret.h"
#include "server/asking.h"
#include "server/proxied.h"
#include "server/sandbox.h"
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS = 64,
    ARENA_FIRST = 256 * 1024,
    ARENA_LIMIT = 4 * 1024 * 1024,
    STOP_US = 2000000, // connections with a request in flight have so long to finish
    STOP_TICK_MS = 20,
    LIMITED_LOG_US = 100000, // between two log lines about requests that were too many
};

int64_t worker_clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool worker_watch(struct worker *w, struct source *source, uint32_t events) {
    struct epoll_event e = {.events = events, .data.ptr = source};
    source->events = events;
    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, source->fd, &e) == 0;
}

bool worker_rewatch(struct worker *w, struct source *source, uint32_t events) {
    if (source->events == events)
        return true;
    struct epoll_event e = {.events = events, .data.ptr = source};
    source->events = events;
    return epoll_ctl(w->epoll, EPOLL_CTL_MOD, source->fd, &e) == 0;
}

void worker_event_peer(struct event *event, const union sock_address *peer,
                       enum event_transport via) {
    bool v6 = peer->any.sa_family == AF_INET6;
    event->transport = via;
    if (peer->any.sa_family == AF_UNIX)
        return;
    event->address_len = v6 ? 16 : 4;
    memcpy(event->address, v6 ? (const void *)&peer->v6.sin6_addr : &peer->v4.sin_addr,
           event->address_len);
    event->port = ntohs(v6 ? peer->v6.sin6_port : peer->v4.sin_port);
}

// Once a turn: the newest snapshot, and the wall clock.
static void freshen(struct worker *w) {
    if (w->fresh)
        return;
    struct error err;
    error_init(&err);
    if (w->start.service->renew(w->state, &err) != OBOL_OK)
        w->start.metrics->renew_failed++;
    w->clock_us = worker_clock_us();
    w->wall_us = env_now_us(env_system()) - w->clock_us;
    w->fresh = true;
}

static bool admits(struct worker *w, struct slice request, const union sock_address *peer,
                   enum event_transport via) {
    const struct service *service = w->start.service;
    struct slice subject =
        service->subject ? service->subject(w->state, request) : (struct slice){0};
    return limits_admit(&w->limits, peer, via, subject, w->clock_us);
}

// A request too many. By UDP its sender may be forged, so that who truly is there must not suffer:
// he is sent to TCP. There the KDC is as good as away for him, and he asks another one.
static struct slice refuse_many(struct worker *w, enum event_transport via, struct event *event) {
    bool udp = via == EVENT_UDP;
    event->kind = EVENT_OTHER;
    event->result = udp ? OBOL_KRB_ERR_RESPONSE_TOO_BIG : OBOL_KDC_ERR_SVC_UNAVAILABLE;
    event->stage = SLICE_LITERAL("limit requests");
    event->detail = SLICE_LITERAL("more requests than source_rate or account_rate allow");
    if (udp)
        w->start.metrics->limited_udp++;
    else
        w->start.metrics->limited_proven++;
    // All are counted, and some of them logged: the log must not be the next to give way.
    w->unlogged = w->clock_us < w->limits.logged_us + LIMITED_LOG_US;
    if (!w->unlogged)
        w->limits.logged_us = w->clock_us;
    return worker_refuse(w, event->result);
}

static void begin_event(const struct service_request *rq, int64_t time_us, struct event *event) {
    memset(event, 0, sizeof *event);
    event->time_us = time_us;
    event->request_len = (uint32_t)rq->bytes.len;
    worker_event_peer(event, rq->peer, rq->via);
}

struct slice worker_answer(struct worker *w, struct slice request, const union sock_address *peer,
                           enum event_transport via, struct event *event) {
    const struct service_request rq = {request, peer, via, NULL, &w->question};
    freshen(w);
    begin_event(&rq, w->wall_us + w->clock_us, event);
    w->question.number = 0;
    if (w->limits.buckets && !admits(w, request, peer, via))
        return refuse_many(w, via, event);
    // The reply borrows from the arena, not from rq.
    // cppcheck-suppress returnDanglingLifetime
    return w->start.service->answer(w->state, &rq, &w->arena, event);
}

struct slice worker_answer_known(struct worker *w, const struct service_request *rq,
                                 int64_t since_us, struct event *event) {
    freshen(w);
    begin_event(rq, since_us, event);
    w->question.number = 0;
    return w->start.service->answer(w->state, rq, &w->arena, event);
}

struct slice worker_refuse(struct worker *w, enum obol_code code) {
    return w->start.service->refuse ? w->start.service->refuse(w->state, code, &w->arena)
                                    : (struct slice){0};
}

void worker_finish(struct worker *w, struct event *event) {
    int64_t now = worker_clock_us(); // the end of this request is the start of the next
    event->duration_us = (uint32_t)(now - (event->time_us - w->wall_us));
    w->clock_us = now;
    metrics_count(w->start.metrics, event);
    struct writer bytes = writer_to_buf(buf_of(w->event_bytes, sizeof w->event_bytes));
    event_encode(event, &bytes);
    if (writer_ok(&bytes) && !w->unlogged) {
        w->wrote_log = true;
        if (!ring_put(w->start.log, writer_slice(&bytes)))
            w->start.metrics->log_lost++;
        if (w->start.keep->head && (event->account != EVENT_ACCOUNT_NONE || event->token)) {
            w->wrote_keep = true; // one that found no room is told by who makes some
            if (!ring_put(w->start.keep, writer_slice(&bytes)))
                w->start.metrics->logins_lost++;
        }
    }
    w->unlogged = false;
    arena_reset(&w->arena);
}

static void stop(struct worker *w, bool retiring) {
    // The end of the daemon overtakes a retirement.
    if (w->stopping && (retiring || !w->retiring))
        return;
    w->stopping = true;
    w->retiring = retiring;
    // Who retires may take as long as a request may: what could not be handed on is served here.
    int64_t patience = retiring ? (int64_t)w->start.config->tcp_request_ms * 1000 : STOP_US;
    w->stop_by_us = worker_clock_us() + patience;
    udp_stop(w);
    tcp_stop(w);
    proxied_stop(w);
}

static void take_signal(struct worker *w) {
    struct signalfd_siginfo info;
    if (read(w->signals.fd, &info, sizeof info) == sizeof info)
        stop(w, info.ssi_signo == SIGHUP);
}

static void dispatch(struct worker *w, struct source *source, uint32_t events) {
    switch (source->kind) {
    case SOURCE_UDP:
        if (!w->stopping)
            udp_serve(w, source);
        break;
    case SOURCE_LISTENER:
        if (!w->stopping)
            tcp_accept(w, source);
        break;
    case SOURCE_SUCCESSION:
        if (!w->stopping)
            tcp_succeed(w);
        break;
    case SOURCE_PROXIED:
        if (!w->stopping)
            proxied_serve(w, source);
        break;
    case SOURCE_OUTSIDE:
        asking_serve(w, source, events);
        break;
    case SOURCE_CONNECTION:
        tcp_serve(w, source, events);
        break;
    case SOURCE_SIGNAL:
        take_signal(w);
        break;
    case SOURCE_CLOSED:
        break;
    }
}

static void end_turn(struct worker *w) {
    tcp_end_turn(w);
    if (w->wrote_log)
        wake_up(w->start.log_wake);
    if (w->wrote_keep)
        wake_up(w->start.keep_wake);
    w->wrote_log = w->wrote_keep = false;
    if (w->fresh && w->start.service->count)
        w->start.service->count(w->state, w->start.metrics);
    if (w->fresh && w->start.service->release)
        w->start.service->release(w->state);
    w->fresh = false;
}

static bool is_done(const struct worker *w) {
    return w->stopping && ((tcp_is_idle(w) && asking_is_idle(w)) || w->clock_us >= w->stop_by_us);
}

static void loop(struct worker *w) {
    struct epoll_event events[EVENTS];
    while (!is_done(w)) {
        int timeout = tcp_expire(w);
        if (w->asking)
            timeout = asking_turn(w, timeout);
        if (w->retiring)
            tcp_hand_on(w);
        end_turn(w);
        int n = epoll_wait(w->epoll, events, EVENTS, w->stopping ? STOP_TICK_MS : timeout);
        w->clock_us = worker_clock_us();
        for (int i = 0; i < n; i++)
            dispatch(w, events[i].data.ptr, events[i].events);
    }
    asking_stop(w);
    end_turn(w);
}

static bool open_signals(struct worker *w) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    w->signals = (struct source){SOURCE_SIGNAL, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), 0};
    return w->signals.fd >= 0 && worker_watch(w, &w->signals, EPOLLIN);
}

static enum obol_code start_up(struct worker *w, struct error *err) {
    TRY(w->start.service->open(w->start.config->service, w->start.shared, &w->state, err));
    size_t memory = w->start.service->memory ? w->start.service->memory : ARENA_LIMIT;
    ENSURE(arena_init(&w->arena, ARENA_FIRST, memory), NO_MEMORY, "the worker's arena");
    ENSURE(limits_init(&w->limits, w->start.config->source_rate, w->start.config->account_rate,
                       w->start.config->workers),
           NO_MEMORY, "the table of sources");
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    ENSURE(w->epoll >= 0 && open_signals(w), IO, "epoll: %m");
    w->clock_us = worker_clock_us();
    ENSURE(udp_start(w) && tcp_start(w) && proxied_start(w) && asking_start(w), IO,
           "the worker's sockets: %m");
    freshen(w);
    enum sandbox_kind kind = asking_connects(w) ? SANDBOX_ASKER : SANDBOX_WORKER;
    if (!w->start.config->no_sandbox)
        TRY(sandbox_enter(w->start.service->writes ? SANDBOX_WRITER : kind, err));
    return OBOL_OK;
}

int worker_run(const struct worker_start *start) {
    static struct worker w; // large, and one a process
    struct error err;
    w.start = *start;
    error_init(&err);
    if (start_up(&w, &err) != OBOL_OK) {
        fprintf(stderr, "obol: worker %u: %s: %s\n", start->index, error_info(err.code)->text,
                err.detail);
        return 1;
    }
    if (start->ready_fd >= 0) {
        ssize_t n = write(start->ready_fd, "r", 1);
        UNUSED(n); // the parent is gone: so are we, soon
        close(start->ready_fd);
    }
    loop(&w);
    udp_free(&w);
    tcp_free(&w);
    asking_free(&w);
    limits_clear(&w.limits);
    arena_clear(&w.arena);
    start->service->close(w.state);
    close(w.epoll);
    return 0;
}
