// kpasswd.h: the messages that change a password (RFC 3244), for both of their ends.
#ifndef OBOL_KRB_KPASSWD_H
#define OBOL_KRB_KPASSWD_H

#include "base/arena.h"
#include "base/error.h"

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
// kpasswd_result_text is what a result means, as kpasswd says it: "Password change rejected".
const char *kpasswd_result_text(enum kpasswd_result result);
// kpasswd_text is what a service says to the person: its text as it is; something in its place
// where it says nothing, or numbers for programs.
struct slice kpasswd_text(struct slice said);

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
