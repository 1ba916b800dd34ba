// metrics.c: see metrics.h.
#include "server/metrics.h"

static void count_outcome(struct metrics *m, const struct event *e) {
    struct slice stage = slice_sub(e->stage, 0, sizeof m->outcomes[0].stage);
    struct metrics_outcome *o = m->outcomes;
    for (; o < &m->outcomes[METRICS_OUTCOMES - 1] && o->count > 0; o++)
        if (o->kind == e->kind && o->result == e->result &&
            slice_eq(slice_of(o->stage, o->stage_len), stage))
            break;
    if (o->count == 0) { // the first of its kind; the last row keeps what it was first taken for
        o->kind = (uint16_t)e->kind;
        o->result = (uint16_t)e->result;
        if (stage.len)
            memcpy(o->stage, stage.ptr, stage.len);
        o->stage_len = (uint16_t)stage.len;
    }
    o->count++;
}

void metrics_count(struct metrics *m, const struct event *e) {
    unsigned class = 0;
    while (class + 1 < METRICS_DURATIONS && e->duration_us > (4u << class))
        class ++;
    m->durations[class]++;
    m->duration_us += e->duration_us;
    count_outcome(m, e);
    m->transports[e->transport]++;
    m->retransmitted += e->retransmitted;
    m->request_bytes += e->request_len;
    m->answer_bytes += e->reply_len;
}

// The plain counters: name and place, and what Prometheus says of them; NULL: it is told otherwise.
#define ROW(member, help)                                                                          \
    { #member, offsetof(struct metrics, member), help }
static const struct {
    const char *name;
    size_t offset;
    const char *help;
} rows[] = {
    ROW(udp_received, "Datagrams that came."),
    ROW(udp_sent, "Replies sent by UDP."),
    ROW(udp_truncated, "Datagrams that were longer than any request."),
    ROW(udp_send_failed, "Replies that the system did not take."),
    ROW(udp_too_big, "Replies that were too long for UDP: the client was sent to TCP."),
    ROW(udp_silent, "Malformed datagrams that got no answer."),
    ROW(udp_stale, "Datagrams dropped under overload since they had waited too long."),
    ROW(batches, "Batches of datagrams."),
    ROW(tcp_accepted, "TCP connections taken."),
    ROW(tcp_requests, "Requests by TCP."),
    ROW(tcp_too_long, "Requests by TCP above max_request."),
    ROW(tcp_evicted, "TCP connections closed to make room."),
    ROW(tcp_timed_out, "TCP connections closed at their deadline."),
    ROW(tcp_failed, "TCP connections that could not be taken."),
    ROW(tcp_open, NULL),
    ROW(tcp_handed_on, "TCP connections handed on at a reload."),
    ROW(https_requests, "Requests that came through the proxy for HTTPS."),
    ROW(radius_asked, "Questions to RADIUS servers about one-time codes."),
    ROW(radius_accepted, "Of them those that were answered with Access-Accept."),
    ROW(radius_rejected, "Of them those that were answered with Access-Reject."),
    ROW(radius_challenged, "Of them those that were answered with Access-Challenge."),
    ROW(radius_unanswered, "Of them those that no server answered."),
    ROW(radius_dropped, "Datagrams from RADIUS servers that were no genuine reply."),
    ROW(radius_repeated, "Requests that came again while a RADIUS server was asked."),
    ROW(limited_udp, "Requests by UDP above a rate: the client was sent to TCP."),
    ROW(limited_proven, "Other requests above a rate: refused."),
    ROW(retransmitted, "Requests answered with the reply that they had got before."),
    ROW(answer_bytes, "Bytes of replies."),
    ROW(request_bytes, "Bytes of requests."),
    ROW(record_lookups, "Records asked of the cache."),
    ROW(records_decoded, "Records that were not in the cache."),
    ROW(renew_failed, "Times that the store could not be read anew."),
    ROW(log_lost, "Events that found no room in the log's queue."),
    ROW(logins_lost, "Logins and failures that found no room on their way to the store."),
};

// The sum over all blocks of the counter at an offset. The blocks are written meanwhile: a figure
// may be a moment old, never torn (aligned 64 bits).
static uint64_t sum(const struct metrics_view *v, size_t offset) {
    uint64_t total = 0;
    for (size_t i = 0; i < v->count; i++) {
        const volatile uint64_t *counter =
            (const volatile uint64_t *)((const uint8_t *)&v->blocks[i] + offset);
        total += *counter;
    }
    return total;
}
#define SUM(v, member)      sum(v, offsetof(struct metrics, member))
#define SUM_AT(v, array, i) sum(v, offsetof(struct metrics, array) + (i) * sizeof(uint64_t))

// ---- outcomes of all blocks, each once

struct outcomes {
    struct metrics_outcome rows[2 * METRICS_OUTCOMES];
    size_t count;
};

// A block is written by a process that parses the network's bytes: its numbers are looked at.
static void add_outcome(struct outcomes *all, const struct metrics_outcome *o) {
    bool sound = o->kind < EVENT_KIND_COUNT && o->result < OBOL_CODE_COUNT &&
                 o->stage_len <= sizeof o->stage;
    for (size_t i = 0; sound && i < all->count; i++) {
        struct metrics_outcome *have = &all->rows[i];
        if (have->kind == o->kind && have->result == o->result &&
            slice_eq(slice_of(have->stage, have->stage_len), slice_of(o->stage, o->stage_len))) {
            have->count += o->count;
            return;
        }
    }
    if (sound && all->count < COUNT_OF(all->rows))
        all->rows[all->count++] = *o;
}

static void gather(const struct metrics_view *v, struct outcomes *all) {
    all->count = 0;
    for (size_t b = 0; b < v->count; b++)
        for (size_t i = 0; i < METRICS_OUTCOMES; i++) {
            struct metrics_outcome o = v->blocks[b].outcomes[i];
            if (o.count > 0)
                add_outcome(all, &o);
        }
}

static const char *result_name(uint16_t result) {
    return result == OBOL_OK ? "ok" : error_info((enum obol_code)result)->name;
}

static uint64_t of_kind(const struct outcomes *all, size_t kind) {
    uint64_t total = 0;
    for (size_t i = 0; i < all->count; i++)
        total += all->rows[i].kind == kind ? all->rows[i].count : 0;
    return total;
}

static uint64_t of_result(const struct outcomes *all, size_t result) {
    uint64_t total = 0;
    for (size_t i = 0; i < all->count; i++)
        total += all->rows[i].result == result ? all->rows[i].count : 0;
    return total;
}

static unsigned long long uptime(const struct metrics_view *v) {
    return (unsigned long long)((v->now.now_us - v->parent->started_us) / 1000000);
}

// ---- JSON

static void member(struct writer *w, const char *name, uint64_t value, bool first) {
    writer_printf(w, "%s\"%s\":%llu", first ? "" : ",", name, (unsigned long long)value);
}

static void json_outcomes(const struct outcomes *all, struct writer *w) {
    writer_str(w, ",\"requests\":{");
    for (size_t i = 0; i < EVENT_KIND_COUNT; i++)
        member(w, event_kind_name((enum event_kind)i), of_kind(all, i), i == 0);
    writer_str(w, "},\"results\":{");
    bool first = true;
    for (size_t i = 0; i < OBOL_CODE_COUNT; i++) {
        uint64_t n = of_result(all, i);
        if (n == 0)
            continue;
        member(w, result_name((uint16_t)i), n, first);
        first = false;
    }
    writer_str(w, "},\"outcomes\":[");
    for (size_t i = 0; i < all->count; i++) {
        const struct metrics_outcome *o = &all->rows[i];
        writer_printf(w, "%s{\"kind\":\"%s\",\"result\":\"%s\",\"stage\":", i ? "," : "",
                      event_kind_name((enum event_kind)o->kind), result_name(o->result));
        json_string(w, slice_of(o->stage, o->stage_len));
        member(w, "count", o->count, false);
        writer_str(w, "}");
    }
    writer_str(w, "]");
}

static void json_durations(const struct metrics_view *v, struct writer *w) {
    writer_str(w, ",\"at_most_us\":{");
    for (size_t i = 0; i < METRICS_DURATIONS; i++) {
        char name[16] = "more";
        if (i + 1 < METRICS_DURATIONS) {
            struct writer label = writer_to_buf(buf_of(name, sizeof name - 1));
            writer_printf(&label, "%u", 4u << i);
            name[label.len] = '\0';
        }
        member(w, name, SUM_AT(v, durations, i), i == 0);
    }
    writer_str(w, "}");
}

void metrics_write_json(const struct metrics_view *v, struct writer *w) {
    static struct outcomes all; // large
    gather(v, &all);
    writer_str(w, "{");
    member(w, "workers", v->parent->workers, true);
    member(w, "uptime_seconds", uptime(v), false);
    member(w, "worker_restarts", v->parent->restarts, false);
    member(w, "reloads", v->parent->reloads, false);
    member(w, "reloads_refused", v->parent->reloads_refused, false);
    member(w, "log_unwritten", v->parent->log_unwritten, false);
    member(w, "queue_bytes", v->now.queue_bytes, false);
    member(w, "queue_dropped", v->now.queue_dropped, false);
    member(w, "store_bytes", v->now.store_bytes, false);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        member(w, rows[i].name, sum(v, rows[i].offset), false);
    member(w, "duration_us", SUM(v, duration_us), false);
    json_outcomes(&all, w);
    writer_str(w, ",\"transports\":{");
    for (size_t i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        member(w, event_transport_name((enum event_transport)i), SUM_AT(v, transports, i), i == 0);
    writer_str(w, "}");
    json_durations(v, w);
    writer_str(w, "}\n");
}

// ---- for people

static void text_durations(const struct metrics_view *v, struct writer *w) {
    static const unsigned shares[] = {50, 90, 99};
    uint64_t total = 0;
    for (size_t i = 0; i < METRICS_DURATIONS; i++)
        total += SUM_AT(v, durations, i);
    writer_str(w, "latency     ");
    for (size_t k = 0; total && k < COUNT_OF(shares); k++) {
        uint64_t seen = 0;
        size_t i = 0;
        for (; i + 1 < METRICS_DURATIONS; i++) {
            seen += SUM_AT(v, durations, i);
            if (seen * 100 >= total * shares[k])
                break;
        }
        writer_printf(w, "%s%u%% %s%u us", k ? ", " : "", shares[k],
                      i + 1 < METRICS_DURATIONS ? "within " : "above ",
                      4u << (i + 1 < METRICS_DURATIONS ? i : i - 1));
    }
    writer_str(w, total ? "\n" : "no request yet\n");
}

static void text_outcomes(const struct outcomes *all, struct writer *w) {
    for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++)
        for (size_t i = 0; i < all->count; i++) {
            const struct metrics_outcome *o = &all->rows[i];
            if (o->kind != kind)
                continue;
            writer_printf(w, "  %-10s %12llu  %s", event_kind_name((enum event_kind)kind),
                          (unsigned long long)o->count, result_name(o->result));
            if (o->stage_len) {
                writer_str(w, ", at: ");
                text_escape(w, slice_of(o->stage, o->stage_len));
            }
            writer_str(w, "\n");
        }
}

void metrics_write_text(const struct metrics_view *v, struct writer *w) {
    static struct outcomes all;
    gather(v, &all);
    unsigned long long up = uptime(v), lookups = SUM(v, record_lookups);
    unsigned long long decoded = SUM(v, records_decoded);
    writer_printf(w, "serving     for %llud %lluh %llum %llus, %u workers, %llu restarted\n",
                  up / 86400, up / 3600 % 24, up / 60 % 60, up % 60, v->parent->workers,
                  (unsigned long long)v->parent->restarts);
    writer_printf(w, "reloads     %llu, refused %llu\n", (unsigned long long)v->parent->reloads,
                  (unsigned long long)v->parent->reloads_refused);
    writer_str(w, "requests    ");
    for (size_t i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        writer_printf(w, "%s%llu by %s", i ? ", " : "",
                      (unsigned long long)SUM_AT(v, transports, i),
                      event_transport_name((enum event_transport)i));
    writer_str(w, "\n");
    text_outcomes(&all, w);
    text_durations(v, w);
    writer_printf(w, "records     %llu asked for, %.1f%% of them cached\n", lookups,
                  lookups ? 100.0 - 100.0 * (double)decoded / (double)lookups : 0.0);
    writer_printf(w,
                  "queue       %llu bytes wait, %llu datagrams dropped by the system, %llu stale\n",
                  (unsigned long long)v->now.queue_bytes, (unsigned long long)v->now.queue_dropped,
                  (unsigned long long)SUM(v, udp_stale));
    writer_printf(w, "limits      %llu sent to TCP, %llu refused\n",
                  (unsigned long long)SUM(v, limited_udp),
                  (unsigned long long)SUM(v, limited_proven));
    writer_printf(w, "connections %llu open, %llu taken\n", (unsigned long long)SUM(v, tcp_open),
                  (unsigned long long)SUM(v, tcp_accepted));
    writer_printf(w, "log         %llu lines lost for want of room in memory, %llu on disk\n",
                  (unsigned long long)SUM(v, log_lost),
                  (unsigned long long)v->parent->log_unwritten);
    writer_printf(w, "store       %.1f MB, %llu logins not stored for want of room in memory\n",
                  (double)v->now.store_bytes / 1e6, (unsigned long long)SUM(v, logins_lost));
}

// ---- for Prometheus

static void head(struct writer *w, const char *name, const char *type, const char *help) {
    writer_printf(w, "# HELP obol_%s %s\n# TYPE obol_%s %s\n", name, help, name, type);
}

static void gauge(struct writer *w, const char *name, const char *help, uint64_t value) {
    head(w, name, "gauge", help);
    writer_printf(w, "obol_%s %llu\n", name, (unsigned long long)value);
}

static void counter(struct writer *w, const char *name, const char *help, uint64_t value) {
    writer_printf(w, "# HELP obol_%s_total %s\n# TYPE obol_%s_total counter\nobol_%s_total %llu\n",
                  name, help, name, name, (unsigned long long)value);
}

// Stages are our own words; a damaged block must not break the page all the same.
static void label_text(struct writer *w, struct slice s) {
    for (size_t i = 0; i < s.len; i++) {
        bool plain = s.ptr[i] >= ' ' && s.ptr[i] < 0x7f && s.ptr[i] != '"' && s.ptr[i] != '\\';
        writer_u8(w, plain ? s.ptr[i] : '?');
    }
}

static void prometheus_requests(const struct metrics_view *v, struct writer *w) {
    static struct outcomes all;
    gather(v, &all);
    head(w, "requests_total", "counter", "Requests by type, result and the stage that failed.");
    for (size_t i = 0; i < all.count; i++) {
        const struct metrics_outcome *o = &all.rows[i];
        writer_printf(w, "obol_requests_total{type=\"%s\",result=\"%s\",stage=\"",
                      event_kind_name((enum event_kind)o->kind), result_name(o->result));
        label_text(w, slice_of(o->stage, o->stage_len));
        writer_printf(w, "\"} %llu\n", (unsigned long long)o->count);
    }
    head(w, "transport_requests_total", "counter", "Requests by transport.");
    for (size_t i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        writer_printf(w, "obol_transport_requests_total{transport=\"%s\"} %llu\n",
                      event_transport_name((enum event_transport)i),
                      (unsigned long long)SUM_AT(v, transports, i));
}

static void prometheus_durations(const struct metrics_view *v, struct writer *w) {
    uint64_t seen = 0;
    head(w, "request_duration_seconds", "histogram", "From taking a request up to its reply.");
    for (size_t i = 0; i < METRICS_DURATIONS; i++) {
        seen += SUM_AT(v, durations, i);
        if (i + 1 < METRICS_DURATIONS)
            writer_printf(w, "obol_request_duration_seconds_bucket{le=\"%.6f\"} %llu\n",
                          (4u << i) / 1e6, (unsigned long long)seen);
    }
    writer_printf(w,
                  "obol_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n"
                  "obol_request_duration_seconds_sum %.6f\n"
                  "obol_request_duration_seconds_count %llu\n",
                  (unsigned long long)seen, (double)SUM(v, duration_us) / 1e6,
                  (unsigned long long)seen);
}

void metrics_write_prometheus(const struct metrics_view *v, struct writer *w) {
    prometheus_requests(v, w);
    prometheus_durations(v, w);
    gauge(w, "workers", "Worker processes.", v->parent->workers);
    gauge(w, "uptime_seconds", "Since the daemon began to serve.", uptime(v));
    gauge(w, "tcp_connections", "TCP connections that are open.", SUM(v, tcp_open));
    gauge(w, "udp_queue_bytes", "Memory of datagrams that wait.", v->now.queue_bytes);
    gauge(w, "store_bytes", "Size of the realm database on disk.", v->now.store_bytes);
    counter(w, "udp_queue_dropped", "Datagrams that found the queue full.", v->now.queue_dropped);
    counter(w, "worker_restarts", "Processes that died and were started again.",
            v->parent->restarts);
    counter(w, "reloads", "Configurations taken.", v->parent->reloads);
    counter(w, "reloads_refused", "Configurations refused.", v->parent->reloads_refused);
    counter(w, "log_unwritten", "Lines that the log or the audit log did not take: a full disk.",
            v->parent->log_unwritten);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].help)
            counter(w, rows[i].name, rows[i].help, sum(v, rows[i].offset));
}
