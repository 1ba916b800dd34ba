// writer.h: a bounds-checked forward writer. The first write that does not fit makes it fail for
// good; the caller looks once, at the end. It writes either into a buffer of the caller or into an
// arena, where it grows by doubling. (DER is written backwards by der/, not with this.)
#ifndef OBOL_BASE_WRITER_H
#define OBOL_BASE_WRITER_H

#include "base/arena.h"

struct writer {
    struct buf out;
    size_t len; // bytes written so far
    struct arena *arena;
    bool failed;
};

// writer_to_buf writes into the caller's bytes; writer_to_arena grows in the arena.
static inline struct writer writer_to_buf(struct buf out) {
    return (struct writer){.out = out};
}
static inline struct writer writer_to_arena(struct arena *a) {
    return (struct writer){.arena = a};
}
static inline bool writer_ok(const struct writer *w) {
    return !w->failed;
}
// writer_slice is what was written; empty after a failure.
static inline struct slice writer_slice(const struct writer *w) {
    return slice_of(w->out.ptr, w->failed ? 0 : w->len);
}
// writer_room makes room for n bytes and counts them as written; ptr is NULL if they do not fit.
struct buf writer_room(struct writer *w, size_t n);
void writer_bytes(struct writer *w, struct slice s);
void writer_str(struct writer *w, const char *s);
void writer_u8(struct writer *w, uint8_t v);
void writer_be16(struct writer *w, uint16_t v);
void writer_be32(struct writer *w, uint32_t v);
void writer_be64(struct writer *w, uint64_t v);
void writer_le16(struct writer *w, uint16_t v);
void writer_le32(struct writer *w, uint32_t v);
void writer_le64(struct writer *w, uint64_t v);
// writer_counted16/32 write the length, big endian, and then the bytes; a length that does not fit
// its field fails.
void writer_counted16(struct writer *w, struct slice s);
void writer_counted32(struct writer *w, struct slice s);
void writer_printf(struct writer *w, const char *format, ...) PRINTF(2, 3);

#endif
