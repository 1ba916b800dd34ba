// metrics.h: the counters of the workers: one block a worker in shared memory, written by that
// worker alone, read by the parent, which writes their sum as JSON. They outlive a worker.
#ifndef OBOL_SERVER_METRICS_H
#define OBOL_SERVER_METRICS_H

#include "server/event.h"

// Upper bounds of the duration classes, in microseconds; the last class has none.
#define METRICS_DURATIONS 12

struct metrics {
    _Alignas(64) uint64_t requests[EVENT_KIND_COUNT];
    uint64_t results[OBOL_CODE_COUNT];
    uint64_t durations[METRICS_DURATIONS]; // requests that took at most 2^(i+2) us
    uint64_t udp_received, udp_sent, udp_truncated, udp_send_failed, udp_too_big, udp_silent;
    uint64_t batches;
    uint64_t tcp_accepted, tcp_requests, tcp_too_long, tcp_evicted, tcp_timed_out, tcp_failed;
    uint64_t tcp_handed_on; // to the successor, at a reload
    uint64_t tcp_open;      // now
    uint64_t https_requests;
    uint64_t answer_bytes, request_bytes;
    uint64_t renew_failed;
    uint64_t log_lost;
};

// metrics_count counts a finished request.
void metrics_count(struct metrics *m, const struct event *e);
// metrics_write_json writes the sum of n blocks, and the parent's own figures.
struct metrics_parent {
    unsigned workers;
    uint64_t restarts, reloads, reloads_refused;
    int64_t started_us, now_us;
};
void metrics_write_json(const struct metrics *blocks, size_t n, const struct metrics_parent *p,
                        struct writer *w);

#endif
