// scribe.h: the two processes behind the workers: the scribe writes the log, the keeper brings
// login times and failures to the store. Neither is waited for by any request.
#ifndef OBOL_SERVER_SCRIBE_H
#define OBOL_SERVER_SCRIBE_H

#include "server/drain.h"
#include "server/metrics.h"
#include "server/server.h"

// scribe_run and keeper_run work until SIGTERM and give the process's exit status; drain comes with
// its rings, wake and parent filled in.
int scribe_run(const struct server_config *config, struct drain *drain,
               struct metrics_parent *figures);
int keeper_run(const struct server_config *config, const struct service *service, void *shared,
               struct drain *drain);
// scribe_check sees that the logs of a configuration can be written.
MUST_USE enum obol_code scribe_check(const struct server_config *config, struct error *err);

#endif
