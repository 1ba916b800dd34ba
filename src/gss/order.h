// order.h: replays and order of a context's messages (RFC 2743 1.2.3): which numbers have come, of
// the last GSS_WINDOW.
#ifndef OBOL_GSS_ORDER_H
#define OBOL_GSS_ORDER_H

#include "gss/context.h"

#define GSS_WINDOW 64 // messages behind the newest whose replay is known for sure

enum gss_order {
    GSS_ORDER_OK,
    GSS_ORDER_DUPLICATE, // it came before
    GSS_ORDER_OLD,       // too far back to tell
    GSS_ORDER_UNSEQ,     // behind a later one
    GSS_ORDER_GAP,       // messages before it are missing
};
// gss_order_check takes the sequence number of a message that is authentic, and remembers it. What
// it says depends on the context's flags: replays are told with REPLAY, gaps and wrong order with
// SEQUENCE, and nothing with neither.
enum gss_order gss_order_check(struct gss_context *ctx, uint64_t seq);

#endif
