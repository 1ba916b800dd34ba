// metrics.c: see metrics.h.
#include "server/metrics.h"

void metrics_count(struct metrics *m, const struct event *e) {
    unsigned class = 0;
    while (class + 1 < METRICS_DURATIONS && e->duration_us > (4u << class))
        class ++;
    m->durations[class]++;
    m->requests[e->kind]++;
    m->results[e->result]++;
    m->request_bytes += e->request_len;
    m->answer_bytes += e->reply_len;
}

// The plain counters: name and place.
#define ROW(member)                                                                                \
    { #member, offsetof(struct metrics, member) }
static const struct {
    const char *name;
    size_t offset;
} rows[] = {
    ROW(udp_received),  ROW(udp_sent),     ROW(udp_truncated), ROW(udp_send_failed),
    ROW(udp_too_big),   ROW(udp_silent),   ROW(batches),       ROW(tcp_accepted),
    ROW(tcp_requests),  ROW(tcp_too_long), ROW(tcp_evicted),   ROW(tcp_timed_out),
    ROW(tcp_failed),    ROW(tcp_open),     ROW(tcp_handed_on), ROW(answer_bytes),
    ROW(request_bytes), ROW(renew_failed), ROW(log_lost),      ROW(https_requests),
};

// The sum over all blocks of the counter at an offset. The blocks are written meanwhile: a figure
// may be a moment old, never torn (aligned 64 bits).
static uint64_t sum(const struct metrics *blocks, size_t n, size_t offset) {
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        const volatile uint64_t *counter =
            (const volatile uint64_t *)((const uint8_t *)&blocks[i] + offset);
        total += *counter;
    }
    return total;
}

static void member(struct writer *w, const char *name, uint64_t value, bool first) {
    writer_printf(w, "%s\"%s\":%llu", first ? "" : ",", name, (unsigned long long)value);
}

static void write_requests(const struct metrics *b, size_t n, struct writer *w) {
    writer_str(w, ",\"requests\":{");
    for (size_t i = 0; i < EVENT_KIND_COUNT; i++)
        member(w, event_kind_name((enum event_kind)i),
               sum(b, n, offsetof(struct metrics, requests) + i * sizeof(uint64_t)), i == 0);
    writer_str(w, "},\"results\":{");
    bool first = true;
    for (size_t i = 0; i < OBOL_CODE_COUNT; i++) {
        uint64_t v = sum(b, n, offsetof(struct metrics, results) + i * sizeof(uint64_t));
        if (v == 0)
            continue;
        member(w, i == OBOL_OK ? "ok" : error_info((enum obol_code)i)->name, v, first);
        first = false;
    }
    writer_str(w, "},\"at_most_us\":{");
    for (size_t i = 0; i < METRICS_DURATIONS; i++) {
        char name[16] = "more";
        if (i + 1 < METRICS_DURATIONS) {
            struct writer label = writer_to_buf(buf_of(name, sizeof name - 1));
            writer_printf(&label, "%u", 4u << i);
            name[label.len] = '\0';
        }
        member(w, name, sum(b, n, offsetof(struct metrics, durations) + i * sizeof(uint64_t)),
               i == 0);
    }
    writer_str(w, "}");
}

void metrics_write_json(const struct metrics *blocks, size_t n, const struct metrics_parent *p,
                        struct writer *w) {
    writer_str(w, "{");
    member(w, "workers", p->workers, true);
    member(w, "uptime_seconds", (uint64_t)((p->now_us - p->started_us) / 1000000), false);
    member(w, "worker_restarts", p->restarts, false);
    member(w, "reloads", p->reloads, false);
    member(w, "reloads_refused", p->reloads_refused, false);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        member(w, rows[i].name, sum(blocks, n, rows[i].offset), false);
    write_requests(blocks, n, w);
    writer_str(w, "}\n");
}
