// slice.h: `struct slice`, the only borrowed-bytes type, and `struct buf`, the only writable one.
// A slice never owns its bytes; whoever hands one out says how long they live. A slice is counted:
// it may hold NUL bytes, and no C string function may be called on it.
#ifndef OBOL_BASE_SLICE_H
#define OBOL_BASE_SLICE_H

#include "base/base.h"
#include <string.h>

struct slice {
    const uint8_t *ptr; // may be NULL only when len is 0
    size_t len;         // bytes
};

struct buf {
    uint8_t *ptr;
    size_t len; // bytes that may be written
};

// SLICE_LITERAL makes a slice of a string literal, without its NUL.
#define SLICE_LITERAL(s) ((struct slice){(const uint8_t *)("" s), sizeof(s) - 1})
static inline struct slice slice_of(const void *ptr, size_t len) {
    return (struct slice){(const uint8_t *)ptr, len};
}
// slice_str borrows a C string, without its NUL; NULL gives the empty slice.
static inline struct slice slice_str(const char *s) {
    return slice_of(s, s ? strlen(s) : 0);
}
static inline struct slice slice_of_buf(struct buf b) {
    return slice_of(b.ptr, b.len);
}
static inline struct buf buf_of(void *ptr, size_t len) {
    return (struct buf){(uint8_t *)ptr, len};
}
// slice_eq compares public bytes; secrets go through ct_equal (base/ct.h).
static inline bool slice_eq(struct slice a, struct slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool slice_eq_str(struct slice a, const char *s) {
    return slice_eq(a, slice_str(s));
}
// SLICE_ARG spells a slice as the two arguments of "%.*s", of which each evaluates `s` once. No
// more than SLICE_SHOWN_MAX bytes are shown; error and log text escape them.
#define SLICE_SHOWN_MAX 512
#define SLICE_ARG(s)    slice_shown_len(s), slice_shown(s)
static inline int slice_shown_len(struct slice s) {
    return (int)(s.len < SLICE_SHOWN_MAX ? s.len : SLICE_SHOWN_MAX);
}
static inline const char *slice_shown(struct slice s) {
    return s.len ? (const char *)s.ptr : "";
}
// slice_sub is the part of s from offset, at most len bytes long: never outside s.
struct slice slice_sub(struct slice s, size_t offset, size_t len);
// slice_eq_nocase compares with ASCII letters folded.
bool slice_eq_nocase(struct slice a, struct slice b);
// slice_compare orders as memcmp does, the shorter first when one begins the other.
int slice_compare(struct slice a, struct slice b);
// slice_find is the offset of the first `byte`, or s.len.
size_t slice_find(struct slice s, uint8_t byte);
bool slice_starts(struct slice s, struct slice prefix);
// slice_trim drops ASCII white space at both ends.
struct slice slice_trim(struct slice s);

#endif
