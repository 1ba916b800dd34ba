// secret.h: `struct secret`, the only home of long-lived keys and passwords. Its bytes stand in
// pages of their own, locked, left out of core dumps, not inherited by accident past a guard page
// on each side, and are wiped when it is cleared. A secret is never formatted, logged or compared
// other than by ct_equal. (Session keys of a request stand in its arena, which gives the same
// guarantees but for the guard pages.)
#ifndef OBOL_BASE_SECRET_H
#define OBOL_BASE_SECRET_H

#include "base/slice.h"

struct secret {
    uint8_t *ptr; // NULL when empty
    size_t len;
    void *map; // the mapping with its guards; internal
    size_t map_len;
};

// secret_init makes room for len bytes, zeroed. False if the system has no memory.
MUST_USE bool secret_init(struct secret *s, size_t len);
// secret_copy is secret_init and a copy of the bytes; the source is the caller's to wipe.
MUST_USE bool secret_copy(struct secret *s, struct slice bytes);
// secret_clear wipes and gives back; a zeroed or cleared secret is fine.
void secret_clear(struct secret *s);
static inline struct slice secret_slice(const struct secret *s) {
    return slice_of(s->ptr, s->len);
}
static inline struct buf secret_buf(struct secret *s) {
    return buf_of(s->ptr, s->len);
}
// secret_harden_process keeps this process's secrets from core files and ptrace by its peers.
// Called once at the start of every program.
void secret_harden_process(void);

#endif
