// ccache_format.c: the FILE cache's format (MIT krb5's doc/formats/ccache_file_format): 5, version,
// from version 4 a header of tagged fields, the principal, then entries until the bytes end.
#include "cred/ccache_format.h"

#define TAG_OFFSET 1 // seconds and microseconds that the KDC's clock is ahead

static enum obol_code read_fields(struct reader *fields, struct ccache_content *out) {
    while (reader_left(fields) > 0) {
        uint16_t tag = reader_be16(fields);
        struct reader value = reader_of(reader_counted16(fields));
        if (tag != TAG_OFFSET)
            continue;
        out->offset = (int32_t)reader_be32(&value);
        out->offset_us = (int32_t)reader_be32(&value);
        if (!reader_done(&value))
            reader_fail(fields);
        out->has_offset = true;
    }
    return reader_ok(fields) ? OBOL_OK : OBOL_CCACHE_FORMAT;
}

enum obol_code ccache_walk_begin(struct ccache_walk *walk, struct slice bytes, const char *name,
                                 struct arena *a, struct ccache_content *out, struct error *err) {
    *out = (struct ccache_content){0};
    *walk = (struct ccache_walk){.reader = reader_of(bytes), .name = name, .size = bytes.len};
    struct reader *r = &walk->reader;
    uint8_t five = reader_u8(r);
    walk->version = reader_u8(r);
    ENSURE(reader_ok(r), CCACHE_FORMAT, "%s holds %zu bytes, less than a header", name, bytes.len);
    ENSURE(five == 5 && walk->version >= 1 && walk->version <= CRED_VERSION_MAX, CCACHE_FORMAT,
           "%s begins with %02x %02x; a credential cache begins with 05 and 01 to 04", name, five,
           walk->version);
    if (walk->version == 4) {
        struct reader fields = reader_of(reader_counted16(r));
        ENSURE(reader_ok(r) && read_fields(&fields, out) == OBOL_OK, CCACHE_FORMAT,
               "%s: the header's fields do not fit its length", name);
    }
    struct error inner;
    error_init(&inner);
    enum obol_code code = principal_unmarshal(r, walk->version, a, &out->principal, &inner);
    ENSURE(code != OBOL_NO_MEMORY, NO_MEMORY, "%s does not fit the memory set aside", name);
    ENSURE(code == OBOL_OK, CCACHE_FORMAT, "%s: %s", name, inner.detail);
    walk->offset = walk->end = walk->size - reader_left(r);
    return OBOL_OK;
}

enum obol_code ccache_walk_next(struct ccache_walk *walk, struct arena *a,
                                struct ccache_content *out, struct cred *cred, bool *more,
                                struct error *err) {
    struct reader *r = &walk->reader;
    walk->offset = walk->end;
    *more = false;
    if (reader_left(r) == 0)
        return OBOL_OK;
    struct error inner;
    error_init(&inner);
    enum obol_code code = cred_read(r, walk->version, a, cred, &inner);
    if (code == OBOL_NOT_FOUND) {
        out->half_written = true;
        return OBOL_OK;
    }
    ENSURE(code != OBOL_NO_MEMORY, NO_MEMORY, "%s does not fit the memory set aside", walk->name);
    ENSURE(code == OBOL_OK, CCACHE_FORMAT, "%s: at byte %zu: %s", walk->name, walk->offset,
           inner.detail);
    walk->end = walk->size - reader_left(r);
    *more = true;
    return OBOL_OK;
}

enum obol_code ccache_parse(struct slice bytes, const char *name, struct arena *a,
                            struct ccache_content *out, struct error *err) {
    struct ccache_walk walk;
    TRY(ccache_walk_begin(&walk, bytes, name, a, out, err));
    size_t room = 0;
    for (;;) {
        struct cred cred;
        bool more;
        TRY(ccache_walk_next(&walk, a, out, &cred, &more, err));
        if (!more)
            return OBOL_OK;
        if (cred_is_removed(&cred))
            continue;
        if (out->count == room) {
            room = room ? room * 2 : 16;
            struct cred *bigger = arena_zalloc(a, room, sizeof *bigger);
            ENSURE_MEMORY(bigger);
            if (out->count)
                memcpy(bigger, out->creds, out->count * sizeof *bigger);
            out->creds = bigger;
        }
        out->creds[out->count++] = cred;
    }
}

void ccache_format(struct writer *w, const struct ccache_content *content) {
    writer_u8(w, 5);
    writer_u8(w, CRED_VERSION_MAX);
    writer_be16(w, content->has_offset ? 12 : 0);
    if (content->has_offset) {
        writer_be16(w, TAG_OFFSET);
        writer_be16(w, 8);
        writer_be32(w, (uint32_t)content->offset);
        writer_be32(w, (uint32_t)content->offset_us);
    }
    principal_marshal(w, CRED_VERSION_MAX, &content->principal);
    for (size_t i = 0; i < content->count; i++)
        cred_write(w, CRED_VERSION_MAX, &content->creds[i]);
}
