// drive.h: requests to a server over UDP in a closed loop: a window of sockets, each with one
// request on the way, and the time that each reply took.
#ifndef OBOL_BENCH_DRIVE_H
#define OBOL_BENCH_DRIVE_H

#include "requests.h"
#include <netinet/in.h>

#define DRIVE_SAMPLES 64 // replies that are kept to be checked

struct drive_result {
    size_t replies, lost, unexpected;
    int64_t wall_ns;
    uint32_t *latency_ns; // of each reply, sorted; heap
    size_t reply_bytes;
    struct {
        size_t request;
        size_t len;
        uint8_t bytes[4096];
    } samples[DRIVE_SAMPLES];
    size_t sample_count;
};

// drive sends all requests. A request without a reply for a second is lost.
MUST_USE enum obol_code drive(const struct requests *r, const struct sockaddr_in *kdc,
                              unsigned window, struct drive_result *out, struct error *err);
void drive_result_free(struct drive_result *result);

#endif
