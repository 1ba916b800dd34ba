// ring.h: a queue of byte strings from one process to another in shared memory: one writer, one
// reader, no lock and, while the reader keeps up, no system call. A string that finds no room is
// dropped and counted: a request never waits for the disk. The reader trusts nothing that the
// writer wrote but that it stays in the mapping.
#ifndef OBOL_SERVER_RING_H
#define OBOL_SERVER_RING_H

#include "base/slice.h"
#include <stdatomic.h>

struct ring_head; // in shared memory

struct ring {
    struct ring_head *head;
    uint8_t *bytes;
    size_t size; // a power of two
};

// ring_init maps a ring shared with the children forked later; size is rounded up to a power of
// two. False without memory.
MUST_USE bool ring_init(struct ring *r, size_t size);
void ring_clear(struct ring *r);
// ring_put appends; false (and one more lost) if there is no room.
bool ring_put(struct ring *r, struct slice bytes);
// ring_take copies the next string to `out` and sets *len; false if there is none. A ring that its
// writer damaged is emptied.
MUST_USE bool ring_take(struct ring *r, struct buf out, size_t *len);
// ring_lost gives how many were dropped since the last call.
uint64_t ring_lost(struct ring *r);
bool ring_empty(const struct ring *r);

// A reader of several rings sleeps on one eventfd: `wake` is shared memory too.
struct wake {
    _Atomic uint32_t *asleep; // 1 while the reader sleeps
    int fd;
};
MUST_USE bool wake_init(struct wake *w);
void wake_clear(struct wake *w);
// wake_up is called by writers after they put something: a system call only if the reader sleeps.
void wake_up(const struct wake *w);
// wake_prepare announces sleep; the reader must look at its rings once more before it sleeps in
// poll(w->fd), and calls wake_done when it is awake.
void wake_prepare(const struct wake *w);
void wake_done(const struct wake *w);

#endif
