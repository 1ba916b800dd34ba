// audit.h: what was done to the realm, or was refused, a line for each principal, in the audit log
// that the KDC keeps its events in (docs/audit.md). It is opened before anything is done: what
// cannot be recorded is not done.
#ifndef OBOL_ADMIN_AUDIT_H
#define OBOL_ADMIN_AUDIT_H

#include "admin/admin.h"

// audit_begin opens the log; *fd is -1 where none is kept. IO if it cannot be opened.
MUST_USE enum obol_code audit_begin(struct admin *adm, int *fd, struct error *err);
// audit_name notes a name that the operation is about; the first one counts.
void audit_name(struct admin *adm, struct slice text);
// audit_done ends with that name, of an operation that goes on with the next one; audit_skip
// forgets it, since nothing was to be done.
MUST_USE enum obol_code audit_done(struct admin *adm, struct error *err);
void audit_skip(struct admin *adm);
// audit_end writes the lines and closes: of what was done one for each name, of what was refused
// (why: may be NULL) one for the name in hand. `function` is the operation's,
// "admin_principal_add".
void audit_end(struct admin *adm, int fd, const char *function, enum obol_code result,
               const struct error *why);

#endif
