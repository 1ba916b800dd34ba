// arena.h: the memory of one request. Everything that lives as long as a request is cut from one
// arena and goes at once when the request ends, so nothing is freed singly and nothing leaks.
// Arenas hold session keys, so their memory is locked where the system allows it, left out of core
// dumps, and wiped on reset.
#ifndef OBOL_BASE_ARENA_H
#define OBOL_BASE_ARENA_H

#include "base/slice.h"

struct arena_chunk;

struct arena {
    uint8_t *base; // the first block, kept over resets
    size_t size, used;
    struct arena_chunk *more; // further blocks, newest first; given back on reset
    size_t total, limit;      // bytes in all blocks, and their bound
};

// arena_init maps `size` bytes at once; the arena may grow to `limit` bytes in further blocks.
// False if the system has no memory.
MUST_USE bool arena_init(struct arena *a, size_t size, size_t limit);
// arena_reset wipes what was used and makes the arena empty; its pointers are dead from here on.
void arena_reset(struct arena *a);
// arena_clear resets and gives the memory back. The arena may be all zero (never initialised).
void arena_clear(struct arena *a);

// arena_alloc cuts n bytes, aligned for any type, not zeroed; NULL past the limit.
MUST_USE void *arena_alloc(struct arena *a, size_t n);
// arena_zalloc is arena_alloc of count * size zero bytes; NULL on overflow too.
MUST_USE void *arena_zalloc(struct arena *a, size_t count, size_t size);
// arena_buf cuts a writable buffer; its ptr is NULL past the limit.
struct buf arena_buf(struct arena *a, size_t n);
// arena_copy copies s into the arena. False past the limit.
MUST_USE bool arena_copy(struct arena *a, struct slice s, struct slice *out);
// arena_cstr copies s and adds a NUL, for system calls that want one; NULL past the limit or if s
// holds a NUL itself (a truncated name must never pass for the whole).
MUST_USE const char *arena_cstr(struct arena *a, struct slice s);
// arena_printf formats into the arena; an empty slice past the limit.
struct slice arena_printf(struct arena *a, const char *format, ...) PRINTF(2, 3);

#endif
