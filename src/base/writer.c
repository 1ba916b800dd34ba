// writer.c: see writer.h.
#include "base/writer.h"
#include "base/ct.h"
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

static bool grow(struct writer *w, size_t n) {
    size_t want = w->out.len ? w->out.len : 128;
    while (want - w->len < n) {
        if (want > SIZE_MAX / 2)
            return false;
        want *= 2;
    }
    struct buf bigger = arena_buf(w->arena, want);
    if (!bigger.ptr)
        return false;
    if (w->len)
        memcpy(bigger.ptr, w->out.ptr, w->len);
    w->out = bigger;
    return true;
}

struct buf writer_room(struct writer *w, size_t n) {
    if (w->failed)
        return (struct buf){0};
    if (n > w->out.len - w->len && (!w->arena || !grow(w, n))) {
        w->failed = true;
        return (struct buf){0};
    }
    // Nothing written to nowhere: a NULL takes no arithmetic.
    struct buf room = buf_of(w->out.ptr ? w->out.ptr + w->len : NULL, n);
    w->len += n;
    return room;
}

void writer_bytes(struct writer *w, struct slice s) {
    struct buf room = writer_room(w, s.len);
    if (room.ptr && s.len)
        memcpy(room.ptr, s.ptr, s.len);
}

void writer_str(struct writer *w, const char *s) {
    writer_bytes(w, slice_str(s));
}

static void write_be(struct writer *w, uint64_t v, unsigned bytes) {
    struct buf room = writer_room(w, bytes);
    if (!room.ptr)
        return;
    for (size_t i = room.len; i > 0; i--, v >>= 8)
        room.ptr[i - 1] = (uint8_t)v;
}

static void write_le(struct writer *w, uint64_t v, unsigned bytes) {
    struct buf room = writer_room(w, bytes);
    v = htole64(v);
    if (room.ptr)
        memcpy(room.ptr, &v, bytes);
}

void writer_u8(struct writer *w, uint8_t v) {
    write_be(w, v, 1);
}
void writer_be16(struct writer *w, uint16_t v) {
    write_be(w, v, 2);
}
void writer_be32(struct writer *w, uint32_t v) {
    write_be(w, v, 4);
}
void writer_be64(struct writer *w, uint64_t v) {
    write_be(w, v, 8);
}
void writer_le16(struct writer *w, uint16_t v) {
    write_le(w, v, 2);
}
void writer_le32(struct writer *w, uint32_t v) {
    write_le(w, v, 4);
}
void writer_le64(struct writer *w, uint64_t v) {
    write_le(w, v, 8);
}

void writer_counted16(struct writer *w, struct slice s) {
    if (s.len > UINT16_MAX)
        w->failed = true;
    writer_be16(w, (uint16_t)s.len);
    writer_bytes(w, s);
}

void writer_counted32(struct writer *w, struct slice s) {
    if (s.len > UINT32_MAX)
        w->failed = true;
    writer_be32(w, (uint32_t)s.len);
    writer_bytes(w, s);
}

void writer_printf(struct writer *w, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    // vsnprintf ends with a NUL: make room for it, then take it back.
    struct buf room = n < 0 ? buf_of(NULL, 0) : writer_room(w, (size_t)n + 1);
    if (room.ptr) {
        vsnprintf((char *)room.ptr, room.len, format, again);
        w->len--;
    }
    va_end(again);
    va_end(args);
}
