// parent.h: the parent process: what it holds, and its children. server.c has its life, children.c
// starts and watches the others.
#ifndef OBOL_SERVER_PARENT_H
#define OBOL_SERVER_PARENT_H

#include "server/listen.h"
#include "server/metrics.h"
#include "server/ring.h"
#include "server/server.h"
#include <sys/types.h>

// Two slots a worker: at a reload the new one starts while the old one finishes.
#define PARENT_SLOTS (2 * SERVER_WORKERS_MAX)

enum child_kind { CHILD_WORKER, CHILD_SCRIBE, CHILD_KEEPER, CHILD_PROXY, CHILD_TELLER };

struct child {
    enum child_kind kind;
    unsigned index, slot;               // of a worker
    const struct server_config *config; // of its generation: a reload may be refused yet
    pid_t pid;                          // 0: not running
    bool wanted;                        // to be started again when it ends
    unsigned quick_ends;                // in a row, each soon after the start
    int64_t started_us;
    int64_t start_at_us; // when it may be started again; 0: runs, or is not wanted
};

struct parent {
    const struct server_options *options;
    struct server_config *config;
    unsigned workers;
    unsigned generation; // 0 or 1: which half of the slots is in use
    void *shared;        // the service's
    struct listen_set listen;
    char *bound; // the addresses that these sockets were opened at, as text
    struct ring log[PARENT_SLOTS], keep[PARENT_SLOTS];
    struct wake log_wake, keep_wake;
    struct claims *claims;          // shared
    struct metrics *metrics;        // a block a slot, shared
    struct metrics_parent *figures; // shared, behind them
    struct child worker[PARENT_SLOTS], scribe, keeper, teller;
    struct child proxy[2]; // one that retires, and its successor
    unsigned proxy_at;
    int https[SERVER_LISTEN_MAX * 2]; // that listen for the proxy
    size_t https_count;
    int status[SERVER_LISTEN_MAX * 2 + 1]; // that listen for the teller
    size_t status_count;
    bool status_socket; // we have made it
    bool keeps;         // the service keeps login times, and the configuration lets it
    pid_t pid;
};

// parent_open_memory makes what is shared with the children.
MUST_USE enum obol_code parent_open_memory(struct parent *p, struct error *err);
void parent_close_memory(struct parent *p);

// children_start_workers starts a generation and waits until all of it serve; on failure none of
// it is left.
MUST_USE enum obol_code children_start_workers(struct parent *p, unsigned generation,
                                               struct error *err);
void children_start_others(struct parent *p); // the scribe and the keeper
// children_start_proxy starts the proxy with the present configuration, if there is one, and has
// the one before it retire once it serves. IO: it could not start, and the one before it stays.
MUST_USE enum obol_code children_start_proxy(struct parent *p, struct error *err);
void children_stop_proxy(struct parent *p);
void children_start_teller(struct parent *p); // if anybody may ask it
void children_stop_teller(struct parent *p);
// children_reap takes note of the dead, and sets when they are started again.
void children_reap(struct parent *p);
// children_restart starts those whose time has come, and gives the microseconds to the next, -1:
// none.
int64_t children_restart(struct parent *p);
// children_retire has a generation finish on its own: with SIGHUP it hands its connections on to
// the other one, with SIGTERM nobody comes after it.
void children_retire(struct parent *p, unsigned generation, int signal);
// children_await_workers, children_stop_others wait until all workers of a generation, or the
// scribe and the keeper, have ended; after the time given they are killed. Others that die
// meanwhile are started again.
void children_await_workers(struct parent *p, unsigned generation, int64_t patience_us);
void children_stop_others(struct parent *p);

#endif
