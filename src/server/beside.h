// beside.h: the daemon that changes passwords, run beside the KDC as a process of its own.
#ifndef OBOL_SERVER_BESIDE_H
#define OBOL_SERVER_BESIDE_H

#include "server/kdc_serve.h"
#include <sys/types.h>

// beside_start starts kpasswd_serve in a child if kdc.conf says kpasswd_listen, and returns when it
// serves. *pid is 0 if it says nothing. The child ends with this process. IO if it cannot start:
// it has said why on standard error.
MUST_USE enum obol_code beside_start(const struct kdc_serve_options *options, pid_t *pid,
                                     struct error *err);
// beside_reload has it read its configuration and open its log again; 0 is fine.
void beside_reload(pid_t pid);
// beside_stop ends it in order; 0 is fine.
void beside_stop(pid_t pid);

#endif
