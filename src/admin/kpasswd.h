// kpasswd.h: changing passwords over the network (RFC 3244): one request in, one reply out. It is
// an AP exchange with kadmin/changepw, by a ticket that came straight from a password (INITIAL),
// and the new password in a KRB-PRIV.
#ifndef OBOL_ADMIN_KPASSWD_H
#define OBOL_ADMIN_KPASSWD_H

#include "admin/admin.h"
#include "krb/ap.h"

enum kpasswd_result { // RFC 3244 2
    KPASSWD_SUCCESS = 0,
    KPASSWD_MALFORMED = 1,
    KPASSWD_HARDERROR = 2,
    KPASSWD_AUTHERROR = 3,
    KPASSWD_SOFTERROR = 4, // the new password is not acceptable
    KPASSWD_ACCESSDENIED = 5,
    KPASSWD_BAD_VERSION = 6,
    KPASSWD_INITIAL_FLAG_NEEDED = 7,
};
#define KPASSWD_PRINCIPAL "kadmin/changepw"

struct kpasswd {
    struct admin *adm;
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

// A frame of RFC 3244: requests and replies are alike.
struct kpasswd_frame {
    uint16_t version;
    struct slice ap;   // AP-REQ or AP-REP; empty in a reply that is a KRB-ERROR
    struct slice rest; // KRB-PRIV or KRB-ERROR
};
enum {
    KPASSWD_VERSION_CHANGE = 1,   // the data is the new password itself
    KPASSWD_VERSION_SET = 0xff80, // it is ChangePasswdData
};
MUST_USE enum obol_code kpasswd_frame_read(struct slice bytes, struct kpasswd_frame *out,
                                           struct error *err);
MUST_USE enum obol_code kpasswd_frame_write(const struct kpasswd_frame *frame, struct arena *a,
                                            struct slice *out, struct error *err);

#endif
