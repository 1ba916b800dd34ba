// decode.c: the decoding half of the engine (X.690): walks a type's table and the bytes together,
// zero-copy. Nothing is formatted until something fails; then the path is gathered while the
// recursion, which DER_MAX_DEPTH bounds, unwinds.
#include "der/table.h"
#include "der/time.h"
#include "der/tlv.h"
#include <stdarg.h>
#include <stdio.h>

struct step {
    const char *field; // NULL for an element of a list
    size_t index;
};

// What is known of a failure; nothing of it is set before there is one.
struct trace {
    enum obol_code code;
    unsigned steps;
    struct step path[2 * DER_MAX_DEPTH + 2]; // innermost first
    char reason[160];
};

struct decoder {
    struct arena *arena;
    const uint8_t *at; // the value being read
    struct trace *trace;
    unsigned depth;
};

__attribute__((cold, noinline)) static bool fault(struct decoder *d, enum obol_code code,
                                                  const char *format, ...) PRINTF(3, 4);
static bool fault(struct decoder *d, enum obol_code code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    d->trace->code = code;
    d->trace->steps = 0;
    vsnprintf(d->trace->reason, sizeof d->trace->reason, format, args);
    va_end(args);
    return false;
}

__attribute__((cold, noinline)) static bool unwind(struct decoder *d, const char *field,
                                                   size_t index) {
    struct trace *t = d->trace;
    if (t->steps < COUNT_OF(t->path))
        t->path[t->steps++] = (struct step){field, index};
    return false;
}

static bool read_type(struct decoder *d, struct reader *r, const struct der_type *t,
                      uint8_t implicit, void *out);

__attribute__((cold, noinline)) static bool fault_header(struct decoder *d, struct slice rest,
                                                         uint8_t expected) {
    struct reader r = reader_of(rest);
    struct slice head = reader_bytes(&r, 2);
    if (head.len < 2)
        return fault(d, OBOL_DER_MALFORMED, "it ends where tag 0x%02x is expected", expected);
    size_t len = head.ptr[1];
    bool sound =
        (head.ptr[0] & 0x1f) != 0x1f && (len < 0x80 || tlv_length_long(&r, head.ptr[1], &len));
    if (!sound)
        return fault(d, OBOL_DER_MALFORMED, "the tag or length octets are not DER");
    if (len > reader_left(&r))
        return fault(d, OBOL_DER_MALFORMED, "a length of %zu is announced, and %zu bytes are left",
                     len, reader_left(&r));
    return fault(d, OBOL_DER_UNEXPECTED, "the tag is 0x%02x, and 0x%02x is expected", head.ptr[0],
                 expected);
}

// Reads a value whose identifier octet must be `tag`.
static inline bool enter(struct decoder *d, struct reader *r, uint8_t tag, struct slice *content) {
    struct slice rest = slice_of(r->ptr, reader_left(r));
    uint8_t found;
    d->at = rest.ptr;
    if (UNLIKELY(!tlv_next(r, &found, content) || found != tag))
        return fault_header(d, rest, tag);
    return true;
}

static bool at_end(struct decoder *d, const struct reader *r) {
    if (LIKELY(r->ptr == r->end))
        return true;
    d->at = r->ptr;
    return fault(d, OBOL_DER_MALFORMED, "%zu bytes are left over", reader_left(r));
}

static bool read_integer(struct decoder *d, struct slice s, int64_t *out) {
    if (UNLIKELY(s.len == 0))
        return fault(d, OBOL_DER_MALFORMED, "an INTEGER has no octets");
    if (UNLIKELY(s.len > 1 && (s.ptr[0] == 0 || s.ptr[0] == 0xff) && (s.ptr[0] ^ s.ptr[1]) < 0x80))
        return fault(d, OBOL_DER_MALFORMED, "an INTEGER is not in its shortest form");
    if (UNLIKELY(s.len > 5))
        return fault(d, OBOL_DER_VALUE, "an INTEGER of %zu octets is out of range", s.len);
    uint64_t v = s.ptr[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < s.len; i++)
        v = v << 8 | s.ptr[i];
    *out = (int64_t)v;
    return true;
}

static bool read_int32(struct decoder *d, const struct der_type *t, struct slice s, int32_t *out) {
    int64_t v;
    if (!read_integer(d, s, &v))
        return false;
    int64_t max = t->flags & DER_LENIENT_UNSIGNED ? (int64_t)UINT32_MAX : INT32_MAX;
    int64_t min = INT32_MIN;
    if (t->kind == DER_KIND_USEC) {
        min = 0;
        max = 999999;
    }
    if (UNLIKELY(v < min || v > max))
        return fault(d, OBOL_DER_VALUE, "%lld is not a value of %s", (long long)v, t->name);
    *out = (int32_t)(uint32_t)(uint64_t)v;
    return true;
}

static bool read_nonce(struct decoder *d, const struct der_type *t, struct slice s, int64_t *out) {
    if (!read_integer(d, s, out))
        return false;
    int64_t min = t->flags & DER_LENIENT_NEGATIVE ? INT32_MIN : 0;
    if (UNLIKELY(*out < min || *out > (int64_t)UINT32_MAX))
        return fault(d, OBOL_DER_VALUE, "%lld is not a value of %s", (long long)*out, t->name);
    return true;
}

static bool read_uint32(struct decoder *d, const struct der_type *t, struct slice s,
                        uint32_t *out) {
    int64_t v;
    if (!read_nonce(d, t, s, &v))
        return false;
    *out = (uint32_t)(uint64_t)v;
    return true;
}

static bool read_bool(struct decoder *d, struct slice s, bool *out) {
    if (s.len != 1 || (s.ptr[0] != 0 && s.ptr[0] != 0xff))
        return fault(d, OBOL_DER_MALFORMED, "a BOOLEAN is neither 00 nor ff");
    *out = s.ptr[0] != 0;
    return true;
}

static bool read_string(struct decoder *d, const struct der_type *t, struct slice s,
                        struct slice *out) {
    if (UNLIKELY(!(t->flags & DER_LENIENT_NUL) && s.len && memchr(s.ptr, 0, s.len)))
        return fault(d, OBOL_DER_VALUE, "a %s holds a NUL", t->name);
    *out = s;
    return true;
}

static bool read_time(struct decoder *d, struct slice s, int64_t *out) {
    if (UNLIKELY(!kerberos_time_read(s, out)))
        return fault(d, OBOL_DER_VALUE, "\"%.*s\" is not a KerberosTime",
                     SLICE_ARG(slice_sub(s, 0, 40)));
    return true;
}

// The octets of a BIT STRING and the number of unused bits in the last one, which must be zero.
static bool read_bit_octets(struct decoder *d, struct slice s, struct slice *octets,
                            unsigned *unused) {
    if (s.len == 0 || s.ptr[0] > 7 || (s.len == 1 && s.ptr[0] != 0))
        return fault(d, OBOL_DER_MALFORMED, "a BIT STRING has a wrong count of unused bits");
    *unused = s.ptr[0];
    *octets = slice_sub(s, 1, s.len);
    if (*unused && (s.ptr[s.len - 1] & ((1u << *unused) - 1)) != 0)
        return fault(d, OBOL_DER_MALFORMED, "the unused bits of a BIT STRING are not zero");
    return true;
}

static bool read_flags(struct decoder *d, const struct der_type *t, struct slice s, uint32_t *out) {
    struct slice octets;
    unsigned unused = 0;
    if (!read_bit_octets(d, s, &octets, &unused))
        return false;
    if (UNLIKELY((octets.len != 4 || unused != 0) && !(t->flags & DER_LENIENT_FLAGS_SIZE)))
        return fault(d, OBOL_DER_VALUE, "%s has %zu bits instead of 32", t->name,
                     octets.len * 8 - unused);
    uint32_t v = 0;
    for (size_t i = 0; i < 4; i++)
        v = v << 8 | (i < octets.len ? octets.ptr[i] : 0u);
    *out = v;
    return true;
}

static bool read_bits(struct decoder *d, struct slice s, struct slice *out) {
    unsigned unused = 0;
    if (!read_bit_octets(d, s, out, &unused))
        return false;
    if (unused != 0)
        return fault(d, OBOL_DER_VALUE, "a BIT STRING is not of whole octets");
    return true;
}

static bool read_oid(struct decoder *d, struct slice s, struct slice *out) {
    bool begins = true; // an arc begins here; it may not begin with 0x80
    for (size_t i = 0; i < s.len; i++) {
        if (begins && s.ptr[i] == 0x80)
            return fault(d, OBOL_DER_MALFORMED, "an OBJECT IDENTIFIER is not in its shortest form");
        begins = !(s.ptr[i] & 0x80);
    }
    if (s.len == 0 || !begins)
        return fault(d, OBOL_DER_MALFORMED, "an OBJECT IDENTIFIER ends within an arc");
    *out = s;
    return true;
}

static bool read_bigint(struct decoder *d, struct slice s, struct slice *out) {
    if (s.len == 0)
        return fault(d, OBOL_DER_MALFORMED, "an INTEGER has no octets");
    if (s.len > 1 && (s.ptr[0] == 0 || s.ptr[0] == 0xff) && (s.ptr[0] ^ s.ptr[1]) < 0x80)
        return fault(d, OBOL_DER_MALFORMED, "an INTEGER is not in its shortest form");
    *out = s;
    return true;
}

// The most common field in one look: a short leaf behind its context tag. False for all else, and
// for what is wrong: the long way finds out what.
static inline bool enter_leaf(struct decoder *d, struct reader *r, const struct der_field *f,
                              struct slice *content) {
    const uint8_t *p = r->ptr;
    size_t left = reader_left(r);
    if (!DER_LEAF(f->type) || f->flags & DER_IMPLICIT || left < 4 || d->depth == DER_MAX_DEPTH)
        return false;
    size_t len = p[3];
    if (p[0] != f->tag || p[1] != len + 2 || p[2] != f->type->tag || len > DER_LEAF_MAX ||
        len > left - 4)
        return false;
    d->at = p + 2;
    *content = slice_of(p + 4, len);
    r->ptr += 4 + len;
    return true;
}

static bool read_content(struct decoder *d, const struct der_type *t, struct slice s, void *out);

// Reads the value of a field behind its context tag, if it has one.
static bool read_field(struct decoder *d, struct reader *r, const struct der_field *f, void *out) {
    void *member = (uint8_t *)out + f->offset;
    struct slice leaf;
    bool ok;
    if (enter_leaf(d, r, f, &leaf))
        return LIKELY(read_content(d, f->type, leaf, member)) || unwind(d, f->name, 0);
    if (f->tag && !(f->flags & DER_IMPLICIT)) {
        struct slice content;
        if (!enter(d, r, f->tag, &content))
            return unwind(d, f->name, 0);
        struct reader inner = reader_of(content);
        ok = read_type(d, &inner, f->type, 0, member) && at_end(d, &inner);
    } else {
        ok = read_type(d, r, f->type, f->tag, member);
    }
    return LIKELY(ok) || unwind(d, f->name, 0);
}

static inline bool field_begins(const struct der_field *f, uint8_t octet) {
    return f->tag ? f->tag == octet : der_type_begins(f->type, octet);
}

static bool skip_extensions(struct decoder *d, struct reader *r) {
    while (reader_left(r)) {
        uint8_t tag;
        struct slice content;
        d->at = r->ptr;
        if (!tlv_next(r, &tag, &content))
            return fault(d, OBOL_DER_MALFORMED, "an extension is not DER");
    }
    return true;
}

static bool read_sequence(struct decoder *d, const struct der_type *t, struct slice content,
                          void *out) {
    struct reader r = reader_of(content);
    uint32_t present = 0;
    for (const struct der_field *f = t->fields, *end = f + t->field_count; f < end; f++) {
        uint8_t octet = tlv_peek(&r);
        if (LIKELY(octet != 0 && field_begins(f, octet))) {
            if (UNLIKELY(!read_field(d, &r, f, out)))
                return false;
            present |= f->present;
        } else if (UNLIKELY(!f->present && !(f->flags & DER_LENIENT_ABSENT))) {
            d->at = r.ptr;
            fault(d, OBOL_DER_UNEXPECTED, "the field is missing (tag 0x%02x is here)", octet);
            return unwind(d, f->name, 0);
        }
    }
    if (present)
        memcpy(out, &present, sizeof present);
    if (UNLIKELY(t->flags & DER_EXTENSIBLE))
        return skip_extensions(d, &r);
    return at_end(d, &r);
}

// Counts before it allocates, so that a list takes memory only for elements that are there.
static bool count_items(struct decoder *d, struct slice content, size_t *count) {
    struct reader r = reader_of(content);
    size_t n = 0;
    for (; reader_left(&r); n++) {
        uint8_t tag;
        struct slice item;
        d->at = r.ptr;
        if (UNLIKELY(!tlv_next(&r, &tag, &item))) {
            fault(d, OBOL_DER_MALFORMED, "the element does not fit into the list");
            return unwind(d, NULL, n);
        }
        if (UNLIKELY(n == DER_MAX_ITEMS))
            return fault(d, OBOL_DER_LIMIT, "it has more than %d elements", DER_MAX_ITEMS);
    }
    *count = n;
    return true;
}

static bool read_list(struct decoder *d, const struct der_type *t, struct slice content,
                      struct der_list *out) {
    size_t count = 0;
    if (!count_items(d, content, &count))
        return false;
    uint8_t *items = NULL;
    if (count) {
        items = arena_zalloc(d->arena, count, t->item->size);
        if (!items)
            return fault(d, OBOL_NO_MEMORY, "no room for %zu elements", count);
    }
    struct reader r = reader_of(content);
    for (size_t i = 0; i < count; i++)
        if (UNLIKELY(!read_type(d, &r, t->item, 0, items + i * t->item->size)))
            return unwind(d, NULL, i);
    *out = (struct der_list){items, count};
    return true;
}

static bool read_choice(struct decoder *d, struct reader *r, const struct der_type *t, void *out) {
    uint8_t octet = tlv_peek(r);
    d->at = r->ptr;
    for (size_t i = 0; i < t->field_count; i++) {
        const struct der_field *f = &t->fields[i];
        if (octet == 0 || !field_begins(f, octet))
            continue;
        memcpy(out, &f->present, sizeof f->present);
        return read_field(d, r, f, out);
    }
    return fault(d, OBOL_DER_UNEXPECTED, "tag 0x%02x is none of the alternatives of %s", octet,
                 t->name);
}

static bool read_any(struct decoder *d, struct reader *r, struct slice *out) {
    const uint8_t *begin = r->ptr;
    struct slice content;
    uint8_t tag;
    d->at = begin;
    if (!tlv_next(r, &tag, &content) || tag == 0)
        return fault(d, OBOL_DER_MALFORMED, "a DER value is expected");
    *out = slice_of(begin, (size_t)(r->ptr - begin));
    return true;
}

static bool read_content(struct decoder *d, const struct der_type *t, struct slice s, void *out) {
    switch ((enum der_kind)t->kind) {
    case DER_KIND_INT32:
    case DER_KIND_USEC:
        return read_int32(d, t, s, out);
    case DER_KIND_UINT32:
        return read_uint32(d, t, s, out);
    case DER_KIND_NONCE:
        return read_nonce(d, t, s, out);
    case DER_KIND_BOOL:
        return read_bool(d, s, out);
    case DER_KIND_OCTETS:
        *(struct slice *)out = s;
        return true;
    case DER_KIND_STRING:
        return read_string(d, t, s, out);
    case DER_KIND_TIME:
        return read_time(d, s, out);
    case DER_KIND_FLAGS:
        return read_flags(d, t, s, out);
    case DER_KIND_BITS:
        return read_bits(d, s, out);
    case DER_KIND_OID:
        return read_oid(d, s, out);
    case DER_KIND_BIGINT:
        return read_bigint(d, s, out);
    case DER_KIND_SEQUENCE:
        return read_sequence(d, t, s, out);
    case DER_KIND_SEQUENCE_OF:
        return read_list(d, t, s, out);
    case DER_KIND_ANY: // these two have no header of their own: read_inner
    case DER_KIND_CHOICE:
        break;
    }
    return fault(d, OBOL_INTERNAL, "the table of %s is wrong", t->name);
}

// Reads a value without its APPLICATION tag. `implicit` is the identifier octet that replaces its
// own, or 0.
static bool read_inner(struct decoder *d, struct reader *r, const struct der_type *t,
                       uint8_t implicit, void *out) {
    if (t->kind == DER_KIND_CHOICE)
        return read_choice(d, r, t, out);
    if (t->kind == DER_KIND_ANY)
        return read_any(d, r, out);
    struct slice content;
    return enter(d, r, implicit ? implicit : t->tag, &content) && read_content(d, t, content, out);
}

static bool read_outer(struct decoder *d, struct reader *r, const struct der_type *t, void *out) {
    bool also = t->outer_also && tlv_peek(r) == t->outer_also;
    struct slice content = {0};
    if (!enter(d, r, also ? t->outer_also : t->outer, &content))
        return false;
    struct reader inner = reader_of(content);
    return read_inner(d, &inner, t, 0, out) && at_end(d, &inner);
}

static bool read_type(struct decoder *d, struct reader *r, const struct der_type *t,
                      uint8_t implicit, void *out) {
    const uint8_t *begin = r->ptr;
    if (UNLIKELY(d->depth == DER_MAX_DEPTH))
        return fault(d, OBOL_DER_LIMIT, "it is nested more than %d deep", DER_MAX_DEPTH);
    d->depth++;
    bool ok = t->outer ? read_outer(d, r, t, out) : read_inner(d, r, t, implicit, out);
    d->depth--;
    if (UNLIKELY(t->flags & DER_KEEPS_RAW) && ok) {
        struct slice raw = slice_of(begin, (size_t)(r->ptr - begin));
        memcpy((uint8_t *)out + t->raw, &raw, sizeof raw);
    }
    return ok;
}

// "KDC-REQ-BODY.etype[2] at byte 187: the tag is ..."
__attribute__((cold, noinline)) static enum obol_code
report(const struct decoder *d, const struct der_type *t, struct slice in, struct error *err) {
    char text[256];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    writer_str(&w, t->name);
    for (unsigned i = d->trace->steps; i > 0; i--) {
        const struct step *s = &d->trace->path[i - 1];
        if (s->field)
            writer_printf(&w, ".%s", s->field);
        else
            writer_printf(&w, "[%zu]", s->index);
    }
    // A path too long for the buffer is cut by taking none of it: the type's name still stands.
    struct slice path = writer_ok(&w) ? writer_slice(&w) : slice_str(t->name);
    size_t at = d->at && in.len ? (size_t)(d->at - in.ptr) : 0;
    return error_set(err, d->trace->code, "der_decode", "%.*s at byte %zu: %s", SLICE_ARG(path), at,
                     d->trace->reason);
}

static enum obol_code decode(const struct der_type *type, struct slice in, struct arena *a,
                             void *out, size_t *used, struct error *err) {
    struct trace trace;
    struct decoder d = {.arena = a, .at = in.ptr, .trace = &trace};
    memset(out, 0, type->size);
    struct reader r = reader_of(in);
    bool ok = read_type(&d, &r, type, 0, out) && (used || at_end(&d, &r));
    if (UNLIKELY(!ok))
        return report(&d, type, in, err);
    if (used)
        *used = in.len - reader_left(&r);
    return OBOL_OK;
}

enum obol_code der_decode(const struct der_type *type, struct slice in, struct arena *a, void *out,
                          struct error *err) {
    return decode(type, in, a, out, NULL, err);
}

enum obol_code der_decode_padded(const struct der_type *type, struct slice in, struct arena *a,
                                 void *out, size_t *used, struct error *err) {
    size_t ignored;
    return decode(type, in, a, out, used ? used : &ignored, err);
}
