// beside.h: the daemons that write to the realm (passwords, kadmin), run beside another one as
// processes of their own.
#ifndef OBOL_SERVER_BESIDE_H
#define OBOL_SERVER_BESIDE_H

#include "server/kdc_serve.h"
#include <sys/types.h>

enum beside { BESIDE_KPASSWD, BESIDE_KADMIND };

// beside_start starts kpasswd_serve or kadmind_serve in a child if kdc.conf says kpasswd_listen or
// kadmind_listen (with `always` in any case), and returns when it serves. *pid is 0 if it says
// nothing. The child ends with this process. IO if it cannot start: it has said why on standard
// error.
MUST_USE enum obol_code beside_start(enum beside which, bool always,
                                     const struct kdc_serve_options *options, pid_t *pid,
                                     struct error *err);
// beside_reload has it read its configuration and open its log again; 0 is fine.
void beside_reload(pid_t pid);
// beside_stop ends it in order; 0 is fine.
void beside_stop(pid_t pid);

#endif
