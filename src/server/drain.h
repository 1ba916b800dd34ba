// drain.h: the reading end of the workers' rings, for the scribe and the keeper: events one by one,
// and a sleep that costs the workers a system call only when there was nothing to do.
#ifndef OBOL_SERVER_DRAIN_H
#define OBOL_SERVER_DRAIN_H

#include "server/event.h"
#include "server/ring.h"
#include <sys/types.h>

struct drain {
    struct ring *rings;
    size_t count; // of rings: two slots a worker
    unsigned workers;
    const struct wake *wake;
    pid_t parent;
    // internal
    int signals;
    size_t at;
    bool stopping;
    int64_t stop_us;
    unsigned named; // the worker whose number stands in `name`
    char name[12];
    size_t name_len;
    uint8_t bytes[EVENT_BYTES_MAX];
};

// drain_start takes over SIGTERM. False if the system refuses.
MUST_USE bool drain_start(struct drain *d);
// drain_next gives the next event of any ring; it borrows until the next call. False if all are
// empty.
MUST_USE bool drain_next(struct drain *d, struct event *out);
// drain_lost is how many events found no room since the last call.
uint64_t drain_lost(struct drain *d);
// drain_wait sleeps until there are events, at most timeout_ms (-1: no bound), and then a moment
// longer, so that events are taken in groups. False when it is time to end: the rings were given
// their last look.
MUST_USE bool drain_wait(struct drain *d, int timeout_ms);

#endif
