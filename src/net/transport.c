// transport.c: the order and the waiting in which KDCs are tried (RFC 4120 7.2.1): each address in
// its turn with a second's lead, all of them open until one answers; then again, with pauses that
// double.
#include "net/transport.h"

#include "net/conn.h"
#include <errno.h>
#include <time.h>

#define CONNS_MAX    (2 * NET_SERVERS_MAX) // each address by UDP and by TCP
#define POST_TICK_MS 20                    // libcurl has time-outs of its own to look after

const struct net_timing net_timing_usual = {
    .next_ms = 1000, .pass_ms = 2000, .passes = 3, .deadline_ms = 30000};

static int64_t system_monotonic_ms(void *ctx) {
    UNUSED(ctx);
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int system_poll(void *ctx, struct pollfd *fds, nfds_t count, int timeout_ms) {
    UNUSED(ctx);
    return poll(fds, count, timeout_ms);
}

const struct net_clock net_clock_system = {NULL, system_monotonic_ms, system_poll};

struct carry {
    const struct net_request *request;
    const struct net_clock *clock;
    const struct net_timing *timing;
    struct arena *arena;
    int64_t deadline; // monotonic, ms
    struct conn *conns;
    size_t count;
    struct slice reply; // taken
};

static int64_t now_ms(const struct carry *k) {
    return k->clock->monotonic_ms(k->clock->ctx);
}

static void add_conns(struct carry *k, enum net_protocol protocol, bool first) {
    for (size_t i = 0; i < k->request->servers->count; i++) {
        const struct net_server *s = &k->request->servers->items[i];
        if (s->protocols & protocol)
            conn_init(&k->conns[k->count++], k->request, s, protocol);
        else if (first && (s->protocols & NET_HTTPS))
            conn_init(&k->conns[k->count++], k->request, s, NET_HTTPS);
    }
}

// By the preferred protocol to all addresses first, then by the other. A proxy has its place in the
// first round.
static void list_conns(struct carry *k) {
    const struct net_request *r = k->request;
    bool tcp_first = r->message.len > r->udp_preference_limit;
    if (r->tcp_only || tcp_first)
        add_conns(k, NET_TCP, true);
    if (!r->tcp_only && r->message.len <= NET_UDP_MAX)
        add_conns(k, NET_UDP, !tcp_first);
    if (!r->tcp_only && !tcp_first)
        add_conns(k, NET_TCP, r->message.len > NET_UDP_MAX);
}

static size_t fill_polls(const struct carry *k, struct pollfd *polls, struct conn **of,
                         int64_t *left) {
    size_t n = 0;
    for (size_t i = 0; i < k->count; i++) {
        polls[n] = (struct pollfd){0};
        if (!conn_poll(&k->conns[i], &polls[n].fd, &polls[n].events))
            continue;
        if (k->conns[i].state == CONN_POSTING && *left > POST_TICK_MS)
            *left = POST_TICK_MS;
        of[n++] = &k->conns[i];
    }
    return n;
}

// Serves all open attempts until the time, or until `watched` (NULL: any) is dead, or none is open.
// True when a reply was taken.
static bool wait_until(struct carry *k, int64_t until, const struct conn *watched) {
    struct pollfd polls[CONNS_MAX + 1];
    struct conn *of[CONNS_MAX];
    if (until > k->deadline)
        until = k->deadline;
    for (;;) {
        int64_t left = until - now_ms(k);
        size_t n = fill_polls(k, polls, of, &left);
        if (n == 0 || left <= 0 || (watched && watched->state == CONN_DEAD))
            return false;
        int ready = k->clock->poll(k->clock->ctx, polls, n, (int)left);
        if (ready < 0 && errno != EINTR)
            return false;
        for (size_t i = 0; i < n; i++)
            if (conn_serve(of[i], ready > 0 ? polls[i].revents : 0, k->arena, &k->reply)) {
                if (k->request->answered)
                    *k->request->answered = of[i]->server;
                return true;
            }
    }
}

static bool any_alive(const struct carry *k) {
    for (size_t i = 0; i < k->count; i++)
        if (k->conns[i].state != CONN_DEAD)
            return true;
    return false;
}

static bool run(struct carry *k) {
    int64_t pause = k->timing->pass_ms;
    for (unsigned pass = 0; pass < k->timing->passes; pass++, pause *= 2) {
        for (size_t i = 0; i < k->count && now_ms(k) < k->deadline; i++) {
            struct conn *c = &k->conns[i];
            bool resend = c->protocol == NET_UDP && c->state == CONN_WAITING;
            if (pass > 0 && !resend)
                continue;
            conn_start(c, k->arena);
            if (wait_until(k, now_ms(k) + k->timing->next_ms, c))
                return true;
        }
        if (!any_alive(k) || now_ms(k) >= k->deadline)
            return false;
        if (wait_until(k, now_ms(k) + pause, NULL))
            return true;
    }
    return false;
}

static const char *result_of(const struct conn *c) {
    if (c->state == CONN_IDLE)
        return "not tried: the deadline passed";
    if (c->state == CONN_CONNECTING)
        return "no connection before the deadline";
    return c->result[0] ? c->result : "no answer";
}

static enum obol_code unreachable(const struct carry *k, struct error *err) {
    enum obol_code code =
        error_set(err, OBOL_KDC_UNREACHABLE, __func__, "%.*s: %zu attempts, none of them answered",
                  SLICE_ARG(k->request->realm), k->count);
    for (size_t i = 0; i < k->count; i++) {
        const struct conn *c = &k->conns[i];
        struct slice name = arena_printf(k->arena, "%s%s%c",
                                         c->protocol == NET_UDP   ? "udp "
                                         : c->protocol == NET_TCP ? "tcp "
                                                                  : "",
                                         c->peer, 0);
        if (name.len)
            error_fact(err, (const char *)name.ptr, "%s (%s)", result_of(c),
                       c->server->name ? c->server->name : "");
    }
    return code;
}

static enum obol_code finish(struct carry *k, bool answered, struct slice *reply,
                             struct error *err) {
    *reply = k->reply;
    for (size_t i = 0; i < k->count; i++)
        conn_close(&k->conns[i]);
    if (answered)
        return OBOL_OK;
    for (size_t i = 0; i < k->count; i++)
        if (k->conns[i].passed_over.len) {
            *reply = k->conns[i].passed_over;
            return OBOL_OK;
        }
    return unreachable(k, err);
}

enum obol_code net_carry(const struct net_request *request, struct arena *a, struct slice *reply,
                         struct error *err) {
    struct carry k = {
        .request = request,
        .clock = request->clock ? request->clock : &net_clock_system,
        .timing = request->timing ? request->timing : &net_timing_usual,
        .arena = a,
    };
    k.conns = arena_zalloc(a, CONNS_MAX, sizeof *k.conns);
    ENSURE_MEMORY(k.conns);
    list_conns(&k);
    ENSURE(k.count > 0, KDC_NOT_KNOWN, "the realm %.*s has no KDC that can be asked%s",
           SLICE_ARG(request->realm), request->tcp_only ? " by TCP" : "");
    k.deadline = now_ms(&k) + k.timing->deadline_ms;
    return finish(&k, run(&k), reply, err);
}
