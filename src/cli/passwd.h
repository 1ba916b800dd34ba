// passwd.h: what the faces of a change of one's own password share (obol passwd, kpasswd).
#ifndef OBOL_CLI_PASSWD_H
#define OBOL_CLI_PASSWD_H

#include "cli/login.h"
#include "net/kpasswd.h"

// passwd_begin asks for the present password, and gets the ticket that changes it. Whose it is: the
// first argument's, else whose cache it is, else the user's own name. No cache is written.
MUST_USE enum obol_code passwd_begin(struct cli *c, struct cred *ticket, struct error *err);
// passwd_change puts the new one. A refusal is an answer, with a text for the person that is never
// empty.
MUST_USE enum obol_code passwd_change(struct cli *c, const struct cred *ticket,
                                      const struct secret *password, struct kpasswd_reply *out,
                                      struct error *err);

#endif
