// frame.h: one reply out of a TCP stream (RFC 4120 7.2.2): four bytes of length, then the message,
// in whatever pieces they come. No I/O. Memory grows with the bytes that came, never to a length
// that was only claimed; bytes behind the message are never read.
#ifndef OBOL_NET_FRAME_H
#define OBOL_NET_FRAME_H

#include "base/writer.h"

enum net_frame_status {
    NET_FRAME_MORE,    // not whole yet
    NET_FRAME_WHOLE,   // net_frame_reply is it
    NET_FRAME_REFUSED, // its length is 0 or above the cap, or has the reserved high bit
    NET_FRAME_MEMORY,  // the arena is full
};
struct net_frame {
    uint8_t head[4];
    size_t head_len;
    uint32_t want; // bytes of the message, once the head is whole
    struct writer body;
    struct buf room; // what was given out last
};

void net_frame_init(struct net_frame *f, struct arena *a);
// net_frame_room is where to receive next: at least one byte, and no more than belongs to the
// message. Empty only when the message is whole or refused, or without memory.
struct buf net_frame_room(struct net_frame *f);
// net_frame_received tells how many bytes were put there.
MUST_USE enum net_frame_status net_frame_received(struct net_frame *f, size_t n);
// net_frame_reply borrows the message from the arena.
struct slice net_frame_reply(const struct net_frame *f);

#endif
