// xdr.c: the engine of xdr.h. It is strict: what it reads it would write the same.
#include "admin/xdr.h"
#include "base/reader.h"

enum { UNIT = 4, STATUS_OK = 0 };

// A list as every {items, count} has it.
struct list {
    void *items;
    size_t count;
};
struct walk {
    struct reader r;
    struct writer *w;
    struct arena *a;
    uint32_t version;
    bool ended; // by a status
};

static void *at(const void *base, size_t offset) {
    return (uint8_t *)(uintptr_t)base + offset;
}

// Whether a field is there at all, in this message.
static bool is_there(const struct walk *x, const struct xdr_field *f, const void *base) {
    if (f->since > x->version)
        return false;
    return !f->guarded || *(int32_t *)at(base, f->guard) > f->above;
}

// The least that one of a type takes on the wire: it bounds the count of a list by what is left.
static size_t least(const struct xdr_type *t) {
    size_t sum = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct xdr_field *f = &t->fields[i];
        if (f->guarded || f->since)
            continue;
        sum += f->kind == XDR_STRUCT ? least(f->of) : UNIT;
        i += f->kind == XDR_NOT_NULL;
    }
    return sum;
}

// ---- reading

static enum obol_code read_type(struct walk *x, const struct xdr_type *t, void *out,
                                struct error *err);

static enum obol_code read_flag(struct walk *x, const struct xdr_field *f, bool *out,
                                struct error *err) {
    uint32_t n = reader_be32(&x->r);
    ENSURE(n <= 1, FORMAT, "%s: %u is no boolean", f->name, n);
    *out = n == 1;
    return OBOL_OK;
}

static enum obol_code read_opaque(struct walk *x, const struct xdr_field *f, struct slice *out,
                                  struct error *err) {
    uint32_t len = reader_be32(&x->r);
    *out = reader_bytes(&x->r, len);
    struct slice rest = reader_bytes(&x->r, (UNIT - len % UNIT) % UNIT);
    for (size_t i = 0; i < rest.len; i++)
        ENSURE(rest.ptr[i] == 0, FORMAT, "%s: its padding is not zero", f->name);
    return OBOL_OK;
}

static enum obol_code read_text(struct walk *x, const struct xdr_field *f, struct slice *out,
                                struct error *err) {
    struct slice s;
    TRY(read_opaque(x, f, &s, err));
    *out = (struct slice){0};
    ENSURE(s.len || f->kind != XDR_NAME, FORMAT, "%s is missing", f->name);
    if (!s.len)
        return OBOL_OK;
    ENSURE(slice_find(s, 0) == s.len - 1, FORMAT, "%s: a text has its NUL at its end only",
           f->name);
    *out = slice_sub(s, 0, s.len - 1);
    return OBOL_OK;
}

static enum obol_code read_list(struct walk *x, const struct xdr_field *f, const void *base,
                                struct list *out, struct error *err) {
    uint32_t count = reader_be32(&x->r);
    size_t each = least(f->of);
    *out = (struct list){0};
    ENSURE(each && count <= reader_left(&x->r) / each, FORMAT,
           "%s: %u of them do not fit into the %zu bytes that are left", f->name, count,
           reader_left(&x->r));
    ENSURE(!f->other || *(int32_t *)at(base, f->other) == (int32_t)count, FORMAT,
           "%s: it has %u, its count says %d", f->name, count, *(int32_t *)at(base, f->other));
    if (!count)
        return OBOL_OK;
    uint8_t *items = arena_zalloc(x->a, count, f->of->size);
    ENSURE_MEMORY(items);
    for (uint32_t i = 0; i < count; i++)
        TRY(read_type(x, f->of, items + i * f->of->size, err));
    *out = (struct list){items, count};
    return OBOL_OK;
}

// Nothing says how many there are: the room doubles.
static enum obol_code read_chain(struct walk *x, const struct xdr_field *f, struct list *out,
                                 struct error *err) {
    size_t room = 0, size = f->of->size;
    bool more;
    *out = (struct list){0};
    for (;;) {
        TRY(read_flag(x, f, &more, err));
        if (!more)
            return OBOL_OK;
        if (out->count == room) {
            room = room ? 2 * room : 4;
            uint8_t *items = arena_zalloc(x->a, room, size);
            ENSURE_MEMORY(items);
            if (out->count)
                memcpy(items, out->items, out->count * size);
            out->items = items;
        }
        TRY(read_type(x, f->of, (uint8_t *)out->items + out->count++ * size, err));
    }
}

static enum obol_code read_number(struct walk *x, const struct xdr_field *f, void *out,
                                  struct error *err) {
    uint32_t n = reader_be32(&x->r);
    memcpy(out, &n, sizeof n);
    if (f->kind == XDR_SHORT || f->kind == XDR_COUNT)
        ENSURE((int32_t)n >= (f->kind == XDR_COUNT ? 0 : INT16_MIN) &&
                   (f->kind == XDR_COUNT || (int32_t)n <= INT16_MAX),
               FORMAT, "%s: %d is out of range", f->name, (int32_t)n);
    if (f->kind == XDR_VERSION)
        x->version = n;
    x->ended = f->kind == XDR_STATUS && n != STATUS_OK;
    return OBOL_OK;
}

static enum obol_code read_field(struct walk *x, const struct xdr_field *f, void *base,
                                 struct error *err) {
    void *out = at(base, f->offset);
    switch (f->kind) {
    case XDR_BOOLEAN:
        return read_flag(x, f, out, err);
    case XDR_NOT_NULL: {
        bool null;
        TRY(read_flag(x, f, &null, err));
        *(bool *)out = !null;
        return OBOL_OK;
    }
    case XDR_OPAQUE:
        return read_opaque(x, f, out, err);
    case XDR_TEXT:
    case XDR_NAME:
        return read_text(x, f, out, err);
    case XDR_LIST:
        return read_list(x, f, base, out, err);
    case XDR_CHAIN:
        return read_chain(x, f, out, err);
    case XDR_STRUCT:
        return read_type(x, f->of, out, err);
    default:
        return read_number(x, f, out, err);
    }
}

static enum obol_code read_type(struct walk *x, const struct xdr_type *t, void *out,
                                struct error *err) {
    for (size_t i = 0; i < t->count && !x->ended; i++) {
        const struct xdr_field *f = &t->fields[i];
        if (!is_there(x, f, out))
            continue;
        TRY(read_field(x, f, out, err));
        ENSURE(reader_ok(&x->r), FORMAT, "the message ends in %s", f->name);
        i += f->kind == XDR_NOT_NULL && !*(bool *)at(out, f->offset);
    }
    return OBOL_OK;
}

enum obol_code xdr_read(const struct xdr_type *t, struct slice bytes, struct arena *a, void *out,
                        struct error *err) {
    struct walk x = {.r = reader_of(bytes), .a = a};
    TRY(read_type(&x, t, out, err));
    ENSURE(reader_done(&x.r), FORMAT, "%zu bytes are left over", reader_left(&x.r));
    return OBOL_OK;
}

// ---- writing

static enum obol_code write_type(struct walk *x, const struct xdr_type *t, const void *in,
                                 struct error *err);

static void write_opaque(struct writer *w, struct slice s, size_t extra) {
    static const uint8_t zeros[UNIT] = {0};
    size_t len = s.len + extra;
    if (len > UINT32_MAX - UNIT) {
        w->failed = true;
        return;
    }
    writer_be32(w, (uint32_t)len);
    writer_bytes(w, s);
    writer_bytes(w, slice_of(zeros, extra + (UNIT - len % UNIT) % UNIT));
}

static enum obol_code write_text(struct walk *x, const struct xdr_field *f, struct slice s,
                                 struct error *err) {
    ENSURE(s.ptr || f->kind != XDR_NAME, INVALID_ARGUMENT, "%s is missing", f->name);
    ENSURE(slice_find(s, 0) == s.len, INVALID_ARGUMENT, "%s holds a NUL byte", f->name);
    write_opaque(x->w, s, s.ptr != NULL);
    return OBOL_OK;
}

static enum obol_code write_items(struct walk *x, const struct xdr_field *f,
                                  const struct list *list, struct error *err) {
    bool chain = f->kind == XDR_CHAIN;
    ENSURE(list->count <= INT32_MAX, INVALID_ARGUMENT, "%s: %zu are too many", f->name,
           list->count);
    if (!chain)
        writer_be32(x->w, (uint32_t)list->count);
    for (size_t i = 0; i < list->count; i++) {
        if (chain)
            writer_be32(x->w, 1);
        TRY(write_type(x, f->of, (const uint8_t *)list->items + i * f->of->size, err));
    }
    if (chain)
        writer_be32(x->w, 0);
    return OBOL_OK;
}

static void write_number(struct walk *x, const struct xdr_field *f, const void *in) {
    uint32_t n;
    memcpy(&n, in, sizeof n);
    writer_be32(x->w, n);
    if (f->kind == XDR_VERSION)
        x->version = n;
    x->ended = f->kind == XDR_STATUS && n != STATUS_OK;
}

static enum obol_code write_field(struct walk *x, const struct xdr_field *f, const void *base,
                                  struct error *err) {
    const void *in = at(base, f->offset);
    switch (f->kind) {
    case XDR_BOOLEAN:
        writer_be32(x->w, *(const bool *)in);
        return OBOL_OK;
    case XDR_NOT_NULL:
        writer_be32(x->w, !*(const bool *)in);
        return OBOL_OK;
    case XDR_OPAQUE:
        write_opaque(x->w, *(const struct slice *)in, 0);
        return OBOL_OK;
    case XDR_TEXT:
    case XDR_NAME:
        return write_text(x, f, *(const struct slice *)in, err);
    case XDR_LIST:
    case XDR_CHAIN:
        return write_items(x, f, in, err);
    case XDR_COUNT:
        writer_be32(x->w, (uint32_t)((const struct list *)at(base, f->other))->count);
        return OBOL_OK;
    case XDR_STRUCT:
        return write_type(x, f->of, in, err);
    default:
        write_number(x, f, in);
        return OBOL_OK;
    }
}

static enum obol_code write_type(struct walk *x, const struct xdr_type *t, const void *in,
                                 struct error *err) {
    for (size_t i = 0; i < t->count && !x->ended; i++) {
        const struct xdr_field *f = &t->fields[i];
        if (!is_there(x, f, in))
            continue;
        TRY(write_field(x, f, in, err));
        i += f->kind == XDR_NOT_NULL && !*(const bool *)at(in, f->offset);
    }
    return OBOL_OK;
}

enum obol_code xdr_write(const struct xdr_type *t, const void *in, struct writer *w,
                         struct error *err) {
    struct walk x = {.w = w};
    TRY(write_type(&x, t, in, err));
    ENSURE(writer_ok(w), NO_MEMORY, "no room for the message");
    return OBOL_OK;
}
