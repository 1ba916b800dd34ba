// messages.h: what protects the messages between the ends of an AP exchange besides their seal.
#ifndef OBOL_COMPAT_MESSAGES_H
#define OBOL_COMPAT_MESSAGES_H

#include "compat/auth_context.h"

// What a message carries besides the bytes.
struct stamp {
    bool time, sequence;
    int64_t timestamp;
    int32_t usec;
    uint32_t seq;
    struct host_address sender;
};
// stamp_address is an address of krb5.h, empty for NULL.
struct host_address stamp_address(const krb5_address *a);
// stamp_make fills it as the context's flags ask, and tells the program if they ask for that. With
// `addressed` the context must have a local address.
MUST_USE enum obol_code stamp_make(struct call *c, krb5_auth_context ac, bool addressed,
                                   struct stamp *out, krb5_replay_data *told);
// stamp_check checks one that came: address, time, sequence, and where only time protects, that the
// message is no replay.
MUST_USE enum obol_code stamp_check(struct call *c, krb5_auth_context ac, const struct stamp *got,
                                    const krb5_data *message, krb5_replay_data *told);

#endif
