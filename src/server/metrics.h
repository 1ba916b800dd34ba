// metrics.h: the counters of the workers: one block a worker in shared memory, written by that
// worker alone, read by the parent and by the process that tells them (teller.h). They outlive a
// worker.
#ifndef OBOL_SERVER_METRICS_H
#define OBOL_SERVER_METRICS_H

#include "server/event.h"

// Upper bounds of the duration classes, in microseconds; the last class has none.
#define METRICS_DURATIONS 12
#define METRICS_OUTCOMES  96

// What came of requests: of a kind, with a result, at the stage that failed. A row is taken at the
// first such request; when there is none left, the last one counts all others.
struct metrics_outcome {
    uint64_t count;
    uint16_t kind, result;
    uint16_t stage_len;
    uint8_t stage[42];
};

struct metrics {
    _Alignas(64) struct metrics_outcome outcomes[METRICS_OUTCOMES];
    uint64_t transports[EVENT_TRANSPORT_COUNT];
    uint64_t durations[METRICS_DURATIONS]; // requests that took at most 2^(i+2) us
    uint64_t duration_us;                  // of all together
    uint64_t retransmitted;
    uint64_t udp_received, udp_sent, udp_truncated, udp_send_failed, udp_too_big, udp_silent;
    uint64_t udp_stale; // dropped under overload
    uint64_t batches;
    uint64_t tcp_accepted, tcp_requests, tcp_too_long, tcp_evicted, tcp_timed_out, tcp_failed;
    uint64_t tcp_handed_on; // to the successor, at a reload
    uint64_t tcp_open;      // now
    uint64_t https_requests;
    // Questions to RADIUS servers, and what came of them; replies that were none; requests that
    // came again while they waited.
    uint64_t radius_asked, radius_accepted, radius_rejected, radius_challenged, radius_unanswered;
    uint64_t radius_dropped, radius_repeated;
    uint64_t limited_udp, limited_proven;
    uint64_t answer_bytes, request_bytes;
    uint64_t record_lookups, records_decoded;
    uint64_t renew_failed;
    uint64_t log_lost, logins_lost;
};

// metrics_count counts a finished request.
void metrics_count(struct metrics *m, const struct event *e);

// The parent's figures, in shared memory too, and what is asked of the system when they are told.
struct metrics_parent {
    unsigned workers;
    uint64_t restarts, reloads, reloads_refused;
    uint64_t log_unwritten; // the log writer's
    int64_t started_us;     // by worker_clock_us, which nobody sets
};
struct metrics_now {
    int64_t now_us;                      // by the same
    uint64_t queue_bytes, queue_dropped; // of the UDP sockets
    uint64_t store_bytes;
};
struct metrics_view {
    const struct metrics *blocks;
    size_t count;
    const struct metrics_parent *parent;
    struct metrics_now now;
};
// The sums of all blocks: as JSON, as a table for people, as Prometheus reads them (text format
// 0.0.4).
void metrics_write_json(const struct metrics_view *v, struct writer *w);
void metrics_write_text(const struct metrics_view *v, struct writer *w);
void metrics_write_prometheus(const struct metrics_view *v, struct writer *w);

#endif
