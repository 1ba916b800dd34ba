// sandbox.h: what a process of the daemon gives up: its user's rights, new privileges for ever, and
// every system call that its job does not need. The bytes of the network are parsed behind this.
#ifndef OBOL_SERVER_SANDBOX_H
#define OBOL_SERVER_SANDBOX_H

#include "base/error.h"

enum sandbox_kind {
    SANDBOX_WORKER, // sockets that are open, the store for reading
    SANDBOX_ASKER,  // a worker that connects to sockets of this machine
    SANDBOX_WRITER, // the same, and the store for writing
    SANDBOX_SCRIBE, // the log file, which it opens again after a rotation
    SANDBOX_PROXY,  // sockets that are open, and a thread; no file
};

// sandbox_become changes to the user's uid, gid and groups, if the process may (PERMISSION or
// NOT_FOUND otherwise). NULL stays as it is.
MUST_USE enum obol_code sandbox_become(const char *user, struct error *err);
// sandbox_enter sets no_new_privs and the system call filter, for good. A forbidden call fails with
// EPERM; those that only an intruder makes (execve, ptrace ...) end the process.
MUST_USE enum obol_code sandbox_enter(enum sandbox_kind kind, struct error *err);

#endif
