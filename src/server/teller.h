// teller.h: the process that tells the daemon's figures: by HTTP to Prometheus (/metrics), and to
// `obol status` (/status as JSON, /status.txt as a table) at a socket in the home directory.
#ifndef OBOL_SERVER_TELLER_H
#define OBOL_SERVER_TELLER_H

#include "server/listen.h"
#include "server/metrics.h"

#define TELLER_LISTEN_MAX 34

struct teller_config {
    int listen[TELLER_LISTEN_MAX]; // sockets that listen
    size_t listen_count;
    struct metrics_view view; // but for what is asked of the system
    const struct listen_set *sockets;
    unsigned workers;
    const char *store_path; // NULL: none
    bool no_sandbox;
};
// teller_look asks the system for what no worker counts.
void teller_look(const struct listen_set *sockets, unsigned workers, const char *store_path,
                 struct metrics_now *out);
// teller_run serves until SIGTERM, and gives the process's exit status.
int teller_run(const struct teller_config *config);

#endif
