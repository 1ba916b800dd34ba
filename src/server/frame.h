// frame.h: requests out of a TCP stream: four bytes of length, then the request (RFC 4120 7.2.2),
// or the records of ONC RPC (RFC 5531 11); several may follow each other and arrive in any pieces.
// No I/O. The buffer grows with the bytes that came, never to a length that was only claimed.
#ifndef OBOL_SERVER_FRAME_H
#define OBOL_SERVER_FRAME_H

#include "base/slice.h"

enum frame_kind { FRAME_KERBEROS, FRAME_RPC };
enum frame_status {
    FRAME_MORE,     // the next request is not whole yet
    FRAME_REQUEST,  // *request is the next one
    FRAME_TOO_LONG, // its length is above the cap, or what it says is none: refuse and close
    FRAME_EMPTY,    // its length is zero: close
};

struct frame {
    uint8_t *bytes; // heap
    size_t size;    // of the buffer
    size_t at, end; // bytes[at..end) are not consumed yet
    size_t max;     // bytes of the longest request
    enum frame_kind kind;
};

void frame_init(struct frame *f, enum frame_kind kind, size_t max_request);
void frame_clear(struct frame *f);
// frame_room is where to receive next, at least one byte; its ptr is NULL without memory. Moves
// what is there: a request that frame_next gave is dead afterwards.
struct buf frame_room(struct frame *f);
// frame_received tells how many bytes were put there.
void frame_received(struct frame *f, size_t n);
// frame_next looks at the next request and consumes it; it borrows until frame_room. After
// FRAME_TOO_LONG or FRAME_EMPTY the stream is of no use.
MUST_USE enum frame_status frame_next(struct frame *f, struct slice *request);
// frame_partial is the bytes of an unfinished request that wait; it borrows until frame_room.
static inline struct slice frame_partial(const struct frame *f) {
    return f->at != f->end ? slice_of(f->bytes + f->at, f->end - f->at) : (struct slice){0};
}
// frame_mark is what stands before a reply of that many bytes, big endian.
static inline uint32_t frame_mark(enum frame_kind kind, size_t len) {
    return (uint32_t)len | (kind == FRAME_RPC ? UINT32_C(0x80000000) : 0);
}
// frame_append takes bytes that came another way; false without memory.
MUST_USE bool frame_append(struct frame *f, struct slice bytes);

#endif
