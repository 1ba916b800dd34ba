// fuzz_radius.c: what claims to be the reply of a RADIUS server: none but the one that was made
// with the secret counts, and what is read of it lies within the datagram.
#include "fuzz.h"
#include "server/radius.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    // Of the seeds, whose sums are right; a byte changed makes another secret of it.
    static const uint8_t authenticator[RADIUS_AUTHENTICATOR] = "0123456789abcdef";
    struct radius_reply reply = {0};
    struct slice packet = slice_of(data, size);
    enum radius_fault fault =
        radius_reply_read(packet, 7, authenticator, SLICE_LITERAL("testing123"), &reply);
    if (fault != RADIUS_FINE)
        return 0;
    bool inside = !reply.message.len || (reply.message.ptr >= data + 22 &&
                                         reply.message.ptr + reply.message.len <= data + size);
    bool known = reply.code == RADIUS_ACCESS_ACCEPT || reply.code == RADIUS_ACCESS_REJECT ||
                 reply.code == RADIUS_ACCESS_CHALLENGE;
    if (!inside || !known || data[1] != 7)
        abort();
    if (radius_reply_read(packet, 7, authenticator, SLICE_LITERAL("testing124"), &reply) ==
        RADIUS_FINE)
        abort();
    return 0;
}
