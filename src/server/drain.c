// drain.c: see drain.h.
#include "server/drain.h"
#include "server/worker.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    GATHER_MS = 10,      // at most a hundred wake-ups a second, however busy the workers are
    ORPHAN_US = 2500000, // the parent died: workers still finish what is in flight
};

bool drain_start(struct drain *d) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return d->signals >= 0;
}

// Events come in groups from one worker: its number is written once for them.
static struct slice worker_name(struct drain *d, unsigned worker) {
    if (d->name_len == 0 || d->named != worker) {
        d->name_len = (size_t)snprintf(d->name, sizeof d->name, "%u", worker);
        d->named = worker;
    }
    return slice_of(d->name, d->name_len);
}

bool drain_next(struct drain *d, struct event *out) {
    for (size_t empty = 0; empty < d->count; d->at = (d->at + 1) % d->count) {
        size_t len;
        if (!ring_take(&d->rings[d->at], buf_of(d->bytes, sizeof d->bytes), &len)) {
            empty++;
            continue;
        }
        if (!event_decode(slice_of(d->bytes, len), out))
            continue;
        out->worker = worker_name(d, (unsigned)(d->at % d->workers));
        return true;
    }
    return false;
}

uint64_t drain_lost(struct drain *d) {
    uint64_t lost = 0;
    for (size_t i = 0; i < d->count; i++)
        lost += ring_lost(&d->rings[i]);
    return lost;
}

static bool all_empty(const struct drain *d) {
    for (size_t i = 0; i < d->count; i++)
        if (!ring_empty(&d->rings[i]))
            return false;
    return true;
}

static void look_for_end(struct drain *d) {
    struct signalfd_siginfo info;
    if (d->stopping || read(d->signals, &info, sizeof info) != sizeof info)
        return;
    d->stopping = true;
    d->stop_us = worker_clock_us() + (getppid() == d->parent ? 0 : ORPHAN_US);
}

bool drain_wait(struct drain *d, int timeout_ms) {
    struct pollfd fds[2] = {{.fd = d->wake->fd, .events = POLLIN},
                            {.fd = d->signals, .events = POLLIN}};
    look_for_end(d);
    if (d->stopping && worker_clock_us() >= d->stop_us)
        return !all_empty(d);
    wake_prepare(d->wake);
    if (all_empty(d))
        poll(fds, d->stopping ? 1 : 2, d->stopping ? GATHER_MS : timeout_ms);
    wake_done(d->wake);
    look_for_end(d);
    if (!d->stopping) {
        struct timespec moment = {.tv_nsec = GATHER_MS * 1000000L};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
    }
    return true;
}
