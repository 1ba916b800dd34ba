// kpasswd.h: changing passwords over the network (RFC 3244): one request in, one reply out. It is
// an AP exchange with kadmin/changepw, by a ticket that came straight from a password (INITIAL),
// and the new password in a KRB-PRIV.
#ifndef OBOL_ADMIN_KPASSWD_H
#define OBOL_ADMIN_KPASSWD_H

#include "admin/acl.h"
#include "krb/ap.h"
#include "krb/kpasswd.h"

struct kpasswd {
    struct admin *adm;
    const struct acl *acl;   // who may set others' passwords; NULL: nobody
    struct ap_replay replay; // check NULL only in tests
    int64_t clockskew;       // seconds
};
struct kpasswd_done {
    struct slice reply;  // empty: none is sent
    struct slice client; // who asked, as text; empty: not known
    struct slice target; // whose password, as text; empty: not known
    enum kpasswd_result result;
};
// kpasswd_answer answers one request, the same by UDP and (without its four bytes of length) by
// TCP. What is no request at all, and what is an answer, gets none: two servers must never talk to
// each other. The failure, if any, comes back for the log with its facts; out is filled in any case
// and borrows from the arena.
MUST_USE enum obol_code kpasswd_answer(struct kpasswd *k, struct slice request, struct arena *a,
                                       struct kpasswd_done *out, struct error *err);

#endif
