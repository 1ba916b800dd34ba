// encode.c: the encoding half of the engine: one pass from the last field to the first, so that
// every length is known when it is written. The buffer is cut from the arena and doubled if it is
// too small.
#include "der/table.h"
#include "der/time.h"
#include <endian.h>

enum { FIRST_SIZE = 1024 };

struct encoder {
    struct arena *arena;
    uint8_t *start; // of the buffer
    size_t room;    // bytes free before what is written
    size_t size;    // of the buffer
    bool canonical; // leave `raw` aside
    enum obol_code code;
    const struct der_type *culprit;
    const char *reason;
};

__attribute__((cold, noinline)) static bool fault(struct encoder *e, enum obol_code code,
                                                  const struct der_type *t, const char *reason) {
    e->code = code;
    e->culprit = t;
    e->reason = reason;
    return false;
}

__attribute__((cold, noinline)) static bool grow(struct encoder *e, size_t n) {
    size_t written = e->size - e->room, size = e->size;
    do {
        if (size > SIZE_MAX / 2)
            return fault(e, OBOL_NO_MEMORY, NULL, "the value is too large");
        size *= 2;
    } while (size - written < n);
    uint8_t *start = arena_alloc(e->arena, size);
    if (!start)
        return fault(e, OBOL_NO_MEMORY, NULL, "the request's memory is used up");
    memcpy(start + size - written, e->start + e->room, written);
    e->start = start;
    e->room = size - written;
    e->size = size;
    return true;
}

static inline size_t mark(const struct encoder *e) {
    return e->size - e->room;
}

static inline bool put(struct encoder *e, const void *bytes, size_t n) {
    if (UNLIKELY(n > e->room) && !grow(e, n))
        return false;
    e->room -= n;
    if (n)
        memcpy(e->start + e->room, bytes, n);
    return true;
}

// Here and below bytes go through a pointer of their own: a byte may alias the encoder, which would
// be read and written again for each.
__attribute__((noinline)) static bool put_long_header(struct encoder *e, uint8_t tag, size_t len) {
    if (UNLIKELY(e->room < 2 + sizeof len) && !grow(e, 2 + sizeof len))
        return false;
    uint8_t *p = e->start + e->room, *end = p;
    for (; len; len >>= 8)
        *--p = (uint8_t)len;
    uint8_t octets = (uint8_t)(end - p);
    *--p = 0x80 | octets;
    *--p = tag;
    e->room -= octets + 2u;
    return true;
}

// Puts identifier and length octets before what was written since `since`.
static inline bool put_header(struct encoder *e, uint8_t tag, size_t since) {
    size_t len = mark(e) - since;
    if (UNLIKELY(len >= 0x80))
        return put_long_header(e, tag, len);
    if (UNLIKELY(e->room < 2) && !grow(e, 2))
        return false;
    uint8_t *p = e->start + (e->room -= 2);
    p[0] = tag;
    p[1] = (uint8_t)len;
    return true;
}

static bool put_integer(struct encoder *e, int64_t v) {
    if (UNLIKELY(e->room < sizeof v) && !grow(e, sizeof v))
        return false;
    int64_t rest = v, sign = v < 0 ? -1 : 0;
    uint8_t *p = e->start + e->room, *end = p;
    do {
        *--p = (uint8_t)rest;
        rest = rest < 0 ? ~(~rest >> 8) : rest >> 8; // the sign stays
        // Done when all that is left is the sign, and the top bit written agrees with it.
    } while (rest != sign || ((*p ^ (uint8_t)sign) & 0x80) != 0);
    e->room -= (size_t)(end - p);
    return true;
}

static bool put_type(struct encoder *e, const struct der_type *t, uint8_t implicit,
                     const void *value);

static bool put_slice(struct encoder *e, const struct der_type *t, const struct slice *s) {
    if (UNLIKELY(t->kind == DER_KIND_STRING && !(t->flags & DER_LENIENT_NUL) && s->len &&
                 memchr(s->ptr, 0, s->len)))
        return fault(e, OBOL_DER_VALUE, t, "it holds a NUL");
    if (UNLIKELY(s->len == 0 && (t->kind == DER_KIND_OID || t->kind == DER_KIND_BIGINT)))
        return fault(e, OBOL_DER_VALUE, t, "it is empty");
    return put(e, s->ptr, s->len);
}

static bool put_time(struct encoder *e, const struct der_type *t, int64_t seconds) {
    if (UNLIKELY(e->room < KERBEROS_TIME_LEN) && !grow(e, KERBEROS_TIME_LEN))
        return false;
    if (!kerberos_time_write(seconds, e->start + e->room - KERBEROS_TIME_LEN))
        return fault(e, OBOL_DER_VALUE, t, "the year does not fit four digits");
    e->room -= KERBEROS_TIME_LEN;
    return true;
}

static bool put_flags(struct encoder *e, uint32_t v) {
    v = htobe32(v);
    return put(e, &v, sizeof v) && put(e, "\0", 1);
}

// Identifier and length octets of a value and of the context tag around it.
static inline bool put_headers(struct encoder *e, uint8_t inner, uint8_t outer, size_t since) {
    size_t len = mark(e) - since;
    if (UNLIKELY(len > DER_LEAF_MAX || e->room < 4))
        return put_header(e, inner, since) && put_header(e, outer, since);
    uint8_t *p = e->start + (e->room -= 4);
    p[0] = outer;
    p[1] = (uint8_t)(len + 2);
    p[2] = inner;
    p[3] = (uint8_t)len;
    return true;
}

// The content of a leaf. Apart from those of structures, which recur: what saves no registers and
// has no array to guard is entered for half the instructions.
static bool put_leaf(struct encoder *e, const struct der_type *t, const void *value) {
    switch ((enum der_kind)t->kind) {
    case DER_KIND_INT32:
    case DER_KIND_USEC:
        return put_integer(e, *(const int32_t *)value);
    case DER_KIND_UINT32:
        return put_integer(e, *(const uint32_t *)value);
    case DER_KIND_NONCE:
        return put_integer(e, *(const int64_t *)value);
    case DER_KIND_BOOL:
        return put(e, *(const bool *)value ? "\xff" : "\0", 1);
    case DER_KIND_OCTETS:
    case DER_KIND_STRING:
    case DER_KIND_OID:
    case DER_KIND_BIGINT:
        return put_slice(e, t, value);
    case DER_KIND_BITS:
        return put_slice(e, t, value) && put(e, "\0", 1);
    case DER_KIND_TIME:
        return put_time(e, t, *(const int64_t *)value);
    case DER_KIND_FLAGS:
        return put_flags(e, *(const uint32_t *)value);
    case DER_KIND_ANY:
    case DER_KIND_SEQUENCE:
    case DER_KIND_SEQUENCE_OF:
    case DER_KIND_CHOICE:
        break;
    }
    return fault(e, OBOL_INTERNAL, t, "its table is wrong");
}

static bool put_field(struct encoder *e, const struct der_field *f, const void *value) {
    const void *member = (const uint8_t *)value + f->offset;
    if (!f->tag || f->flags & DER_IMPLICIT)
        return put_type(e, f->type, f->tag, member);
    size_t since = mark(e);
    if (DER_LEAF(f->type))
        return put_leaf(e, f->type, member) && put_headers(e, f->type->tag, f->tag, since);
    return put_type(e, f->type, 0, member) && put_header(e, f->tag, since);
}

static bool put_sequence(struct encoder *e, const struct der_type *t, const void *value) {
    uint32_t present = 0; // stands first, where anything is optional
    if (LIKELY(t->size >= sizeof present))
        memcpy(&present, value, sizeof present);
    for (size_t i = t->field_count; i > 0; i--) {
        const struct der_field *f = &t->fields[i - 1];
        if ((!f->present || present & f->present) && !put_field(e, f, value))
            return false;
    }
    return true;
}

static bool put_list(struct encoder *e, const struct der_type *t, const struct der_list *list) {
    const uint8_t *items = list->items;
    for (size_t i = list->count; i > 0; i--) {
        const void *item = items + (i - 1) * t->item->size;
        size_t since = mark(e);
        bool ok = DER_LEAF(t->item)
                      ? put_leaf(e, t->item, item) && put_header(e, t->item->tag, since)
                      : put_type(e, t->item, 0, item);
        if (!ok)
            return false;
    }
    return true;
}

static bool put_choice(struct encoder *e, const struct der_type *t, const void *value) {
    uint32_t present;
    memcpy(&present, value, sizeof present);
    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].present == present)
            return put_field(e, &t->fields[i], value);
    return fault(e, OBOL_DER_VALUE, t, "not exactly one alternative is chosen");
}

static bool put_content(struct encoder *e, const struct der_type *t, const void *value) {
    if (t->kind == DER_KIND_SEQUENCE)
        return put_sequence(e, t, value);
    if (t->kind == DER_KIND_SEQUENCE_OF)
        return put_list(e, t, value);
    return put_leaf(e, t, value);
}

static bool put_any(struct encoder *e, const struct der_type *t, const struct slice *s) {
    if (s->len == 0)
        return fault(e, OBOL_DER_VALUE, t, "it is empty");
    return put(e, s->ptr, s->len);
}

static bool put_type(struct encoder *e, const struct der_type *t, uint8_t implicit,
                     const void *value) {
    if (t->flags & DER_KEEPS_RAW && !e->canonical) {
        struct slice raw;
        memcpy(&raw, (const uint8_t *)value + t->raw, sizeof raw);
        if (raw.len)
            return put(e, raw.ptr, raw.len);
    }
    if (t->kind == DER_KIND_CHOICE)
        return put_choice(e, t, value);
    if (t->kind == DER_KIND_ANY)
        return put_any(e, t, value);
    size_t since = mark(e);
    if (!put_content(e, t, value) || !put_header(e, implicit ? implicit : t->tag, since))
        return false;
    return !t->outer || put_header(e, t->outer, since);
}

static enum obol_code encode(const struct der_type *type, const void *value, bool canonical,
                             struct arena *a, struct slice *out, struct error *err) {
    struct encoder e = {.arena = a, .size = FIRST_SIZE, .room = FIRST_SIZE, .canonical = canonical};
    e.start = arena_alloc(a, FIRST_SIZE);
    ENSURE_MEMORY(e.start);
    if (UNLIKELY(!put_type(&e, type, 0, value)))
        return error_set(err, e.code, "der_encode", "%s%s%s: %s", type->name,
                         e.culprit ? ", a " : "", e.culprit ? e.culprit->name : "", e.reason);
    *out = slice_of(e.start + e.room, e.size - e.room);
    return OBOL_OK;
}

enum obol_code der_encode(const struct der_type *type, const void *value, struct arena *a,
                          struct slice *out, struct error *err) {
    return encode(type, value, false, a, out, err);
}

enum obol_code der_encode_fields(const struct der_type *type, const void *value, struct arena *a,
                                 struct slice *out, struct error *err) {
    return encode(type, value, true, a, out, err);
}
