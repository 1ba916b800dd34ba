// keeper.c: what logins mean for their accounts, written to the store in groups: one transaction,
// and so one fsync, a second at most, however many log in; see scribe.h.
#include "server/scribe.h"
#include "server/worker.h"
#include <stdio.h>
#include <time.h>

// That it fails is said once, not with every group.
static void commit(const struct service *service, void *state, bool *failing) {
    struct error err;
    error_init(&err);
    bool failed = service->keep_commit(state, &err) != OBOL_OK;
    if (failed && !*failing)
        fprintf(stderr, "obol: login times are not stored: %s: %s; logins go on without\n",
                error_info(err.code)->text, err.detail);
    if (!failed && *failing)
        fprintf(stderr, "obol: login times are stored again\n");
    *failing = failed;
}

// Once a commit: whoever floods the KDC does not write its log.
static void tell_lost(uint64_t *lost) {
    if (*lost)
        fprintf(stderr,
                "obol: %llu logins and failures are not stored: they came faster than the disk "
                "took others\n",
                (unsigned long long)*lost);
    *lost = 0;
}

int keeper_run(const struct server_config *config, const struct service *service, void *shared,
               struct drain *drain) {
    struct error err;
    void *state = NULL;
    error_init(&err);
    if (service->keep_open(config->service, shared, &state, &err) != OBOL_OK ||
        !drain_start(drain)) {
        fprintf(stderr, "obol: keeper: %s: %s\n", error_info(err.code)->text, err.detail);
        return 1;
    }
    int64_t interval_us = (int64_t)config->keep_interval_ms * 1000, due = 0;
    uint64_t lost = 0;
    bool waiting = false, failing = false; // waiting: events are taken but not stored
    do {
        struct event event;
        while (drain_next(drain, &event)) {
            service->keep(state, &event);
            if (!waiting)
                due = worker_clock_us() + interval_us;
            waiting = true;
        }
        lost += drain_lost(drain);
        if (waiting && worker_clock_us() >= due) {
            commit(service, state, &failing);
            tell_lost(&lost);
            waiting = false;
        }
    } while (drain_wait(drain, waiting ? (int)((due - worker_clock_us()) / 1000) + 1 : -1));
    if (waiting)
        commit(service, state, &failing);
    tell_lost(&lost);
    service->keep_close(state);
    return 0;
}
