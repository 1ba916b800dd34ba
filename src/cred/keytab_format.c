// keytab_format.c: the keytab's format (MIT krb5's doc/formats/keytab_file_format): 5, version,
// then records behind a signed length; a negative one is a hole, zero the end. Version 1 has the
// byte order of the machine, no name types, and counts the realm as a component.
#include "cred/keytab_format.h"
#include "cred/marshal.h"

enum obol_code keytab_walk_begin(struct keytab_walk *walk, struct slice bytes, const char *path,
                                 struct error *err) {
    *walk = (struct keytab_walk){.reader = reader_of(bytes), .path = path, .size = bytes.len};
    uint8_t five = reader_u8(&walk->reader);
    walk->version = reader_u8(&walk->reader);
    ENSURE(reader_ok(&walk->reader), KEYTAB_FORMAT, "%s holds %zu bytes, less than a header", path,
           bytes.len);
    ENSURE(five == 5 && (walk->version == 1 || walk->version == 2), KEYTAB_FORMAT,
           "%s begins with %02x %02x; a keytab begins with 05 02 or 05 01", path, five,
           walk->version);
    walk->offset = walk->end = 2;
    return OBOL_OK;
}

static bool native(const struct keytab_walk *walk) {
    return walk->version == 1 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}
static uint16_t get16(const struct keytab_walk *walk, struct reader *r) {
    return native(walk) ? reader_le16(r) : reader_be16(r);
}
static uint32_t get32(const struct keytab_walk *walk, struct reader *r) {
    return native(walk) ? reader_le32(r) : reader_be32(r);
}
static struct slice get_data(const struct keytab_walk *walk, struct reader *r) {
    return reader_bytes(r, get16(walk, r));
}

static enum obol_code get_principal(const struct keytab_walk *walk, struct reader *r,
                                    struct arena *a, struct principal *out, struct error *err) {
    size_t count = get16(walk, r);
    if (walk->version == 1 && count-- == 0)
        reader_fail(r);
    if (count > reader_left(r) / 2) {
        reader_fail(r);
        count = 0;
    }
    out->realm = get_data(walk, r);
    out->name.name_string.items = arena_zalloc(a, count + 1, sizeof(struct slice));
    ENSURE_MEMORY(out->name.name_string.items);
    out->name.name_string.count = count;
    for (size_t i = 0; i < count; i++)
        out->name.name_string.items[i] = get_data(walk, r);
    out->name.name_type = walk->version == 1 ? NT_UNKNOWN : (int32_t)get32(walk, r);
    return OBOL_OK;
}

static enum obol_code get_entry(const struct keytab_walk *walk, struct slice record,
                                struct arena *a, struct keytab_entry *e, struct error *err) {
    struct reader r = reader_of(record);
    *e = (struct keytab_entry){0};
    TRY(get_principal(walk, &r, a, &e->principal, err));
    e->timestamp = get32(walk, &r);
    e->kvno = reader_u8(&r);
    e->key.keytype = (int16_t)get16(walk, &r);
    e->key.keyvalue = get_data(walk, &r);
    ENSURE(reader_ok(&r), KEYTAB_FORMAT, "%s: the record at byte %zu ends within an entry",
           walk->path, walk->offset);
    e->kvno_is_short = true;
    // Behind the key there may be nothing, zeros of a larger hole, or all 32 bits of the kvno.
    uint32_t whole = reader_left(&r) >= 4 ? get32(walk, &r) : 0;
    if (whole != 0) {
        e->kvno = whole;
        e->kvno_is_short = false;
    }
    return OBOL_OK;
}

enum obol_code keytab_walk_next(struct keytab_walk *walk, struct arena *a,
                                struct keytab_entry *entry, bool *more, struct error *err) {
    *more = false;
    walk->offset = walk->end;
    if (reader_left(&walk->reader) == 0)
        return OBOL_OK;
    int64_t length = (int32_t)get32(walk, &walk->reader);
    if (reader_ok(&walk->reader) && length == 0) // all behind it is not of the keytab
        return OBOL_OK;
    walk->hole = length < 0;
    walk->length = (size_t)(length < 0 ? -length : length);
    struct slice record = reader_bytes(&walk->reader, walk->length);
    if (!reader_ok(&walk->reader)) {
        walk->half_written = true;
        return OBOL_OK;
    }
    if (!walk->hole)
        TRY(get_entry(walk, record, a, entry, err));
    walk->end = walk->offset + 4 + walk->length;
    *more = true;
    return OBOL_OK;
}

enum obol_code keytab_parse(struct slice bytes, const char *name, struct arena *a,
                            struct keytab_content *out, struct error *err) {
    struct keytab_walk walk;
    *out = (struct keytab_content){0};
    TRY(keytab_walk_begin(&walk, bytes, name, err));
    out->version = walk.version;
    size_t room = 0;
    for (;;) {
        struct keytab_entry entry;
        bool more;
        TRY(keytab_walk_next(&walk, a, &entry, &more, err));
        out->half_written = walk.half_written;
        if (!more)
            return OBOL_OK;
        if (walk.hole)
            continue;
        if (out->count == room) {
            room = room ? room * 2 : 16;
            struct keytab_entry *bigger = arena_zalloc(a, room, sizeof *bigger);
            ENSURE_MEMORY(bigger);
            if (out->count)
                memcpy(bigger, out->entries, out->count * sizeof *bigger);
            out->entries = bigger;
        }
        out->entries[out->count++] = entry;
    }
}

void keytab_write_entry(struct writer *w, const struct keytab_entry *e) {
    const struct slice_list *parts = &e->principal.name.name_string;
    bool fits = parts->count <= UINT16_MAX && e->timestamp >= 0 && e->timestamp <= UINT32_MAX &&
                e->key.keytype >= INT16_MIN && e->key.keytype <= UINT16_MAX;
    if (!fits)
        w->failed = true;
    writer_be16(w, (uint16_t)parts->count);
    writer_counted16(w, e->principal.realm);
    for (size_t i = 0; i < parts->count; i++)
        writer_counted16(w, parts->items[i]);
    writer_be32(w, (uint32_t)e->principal.name.name_type);
    writer_be32(w, (uint32_t)e->timestamp);
    writer_u8(w, (uint8_t)e->kvno);
    writer_be16(w, (uint16_t)e->key.keytype);
    writer_counted16(w, e->key.keyvalue);
    writer_be32(w, e->kvno);
}

void keytab_format(struct writer *w, const struct keytab_entry *entries, size_t count) {
    writer_be16(w, 0x0502);
    for (size_t i = 0; i < count; i++) {
        struct buf length = writer_room(w, 4);
        size_t at = w->len;
        keytab_write_entry(w, &entries[i]);
        if (!length.ptr || w->failed)
            return;
        // The writer may have moved while it grew.
        struct writer patch = writer_to_buf(buf_of(w->out.ptr + at - 4, 4));
        writer_be32(&patch, (uint32_t)(w->len - at));
    }
}
