// reader.h: a bounds-checked cursor over foreign bytes. The first read past the end makes the
// reader fail for good: every later read gives zero or nothing, and the caller looks once, at the
// end (reader_ok, reader_done). No other code does arithmetic on pointers into foreign bytes.
#ifndef OBOL_BASE_READER_H
#define OBOL_BASE_READER_H

#include "base/slice.h"

struct reader {
    const uint8_t *ptr, *end;
    bool failed;
};

static inline struct reader reader_of(struct slice s) {
    return (struct reader){s.ptr, s.len ? s.ptr + s.len : s.ptr, false};
}
static inline size_t reader_left(const struct reader *r) {
    return r->failed ? 0 : (size_t)(r->end - r->ptr);
}
// reader_ok is whether every read so far was inside; reader_done also asks that nothing is left.
static inline bool reader_ok(const struct reader *r) {
    return !r->failed;
}
static inline bool reader_done(const struct reader *r) {
    return !r->failed && r->ptr == r->end;
}
static inline void reader_fail(struct reader *r) {
    r->failed = true;
    r->ptr = r->end;
}
// reader_bytes borrows the next n bytes, or fails and gives the empty slice.
static inline struct slice reader_bytes(struct reader *r, uint64_t n) {
    if (UNLIKELY(r->failed || n > (uint64_t)(r->end - r->ptr))) {
        reader_fail(r);
        return (struct slice){0};
    }
    struct slice s = slice_of(r->ptr, (size_t)n);
    r->ptr += (size_t)n;
    return s;
}
static inline struct slice reader_rest(struct reader *r) {
    return reader_bytes(r, reader_left(r));
}
static inline void reader_skip(struct reader *r, uint64_t n) {
    (void)reader_bytes(r, n);
}
// Integers, big endian (be) or little endian (le), of 8 to 64 bits.
uint8_t reader_u8(struct reader *r);
uint16_t reader_be16(struct reader *r);
uint32_t reader_be32(struct reader *r);
uint64_t reader_be64(struct reader *r);
uint16_t reader_le16(struct reader *r);
uint32_t reader_le32(struct reader *r);
uint64_t reader_le64(struct reader *r);
// reader_counted16/32 borrow a byte string that stands behind its big-endian length.
struct slice reader_counted16(struct reader *r);
struct slice reader_counted32(struct reader *r);

#endif
