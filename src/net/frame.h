// frame.h: one reply out of a TCP stream (RFC 4120 7.2.2): four bytes of length, then the message,
// in whatever pieces they come. No I/O. Memory grows with the bytes that came, never to a length
// that was only claimed.
#ifndef OBOL_NET_FRAME_H
#define OBOL_NET_FRAME_H

#include "base/arena.h"
#include "base/writer.h"

enum net_frame_status {
    NET_FRAME_MORE,    // not whole yet
    NET_FRAME_WHOLE,   // *reply is it
    NET_FRAME_REFUSED, // its length is 0, has the reserved high bit, or is above the cap; or bytes
                       // follow behind it
};
struct net_frame {
    uint8_t head[4];
    size_t head_len;
    size_t want; // bytes of the message, once the head is whole
    struct writer body;
};

void net_frame_init(struct net_frame *f, struct arena *a);
// net_frame_take takes the next bytes of the stream.
MUST_USE enum net_frame_status net_frame_take(struct net_frame *f, struct slice bytes,
                                              struct slice *reply);

#endif
