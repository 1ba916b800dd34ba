// keytab.c: keytab files: their names, reading, adding and removing. A record is written into a
// hole or behind the last one before its length makes it valid; a removed one becomes a hole of
// zeros.
#include "cred/keytab.h"
#include "config/expand.h"
#include "cred/file.h"
#include "cred/keytab_format.h"
#include "cred/keytab_memory.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ARENA_FIRST 65536u
#define ARENA_LIMIT ((size_t)4 * KEYTAB_SIZE_MAX)

static const struct cred_file_kind KEYTAB = {OBOL_KEYTAB_NOT_FOUND, OBOL_KEYTAB_IO, KEYTAB_SIZE_MAX,
                                             false};

// ---- names

static enum obol_code path_of(struct slice name, struct arena *a, const char **path,
                              struct error *err) {
    static const struct slice prefixes[] = {SLICE_LITERAL("FILE:"), SLICE_LITERAL("WRFILE:")};
    struct slice rest = name;
    bool in_memory = keytab_memory_is(name) && name.len > strlen("MEMORY:");
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (slice_starts(name, prefixes[i]))
            rest = slice_sub(name, prefixes[i].len, SIZE_MAX);
    size_t colon = slice_find(name, ':');
    bool other_kind = rest.len == name.len && colon < name.len && name.ptr[0] != '/' && !in_memory;
    ENSURE(!other_kind, UNSUPPORTED,
           "the keytab '%.*s' is of kind %.*s; there are FILE, WRFILE and MEMORY", SLICE_ARG(name),
           SLICE_ARG(slice_sub(name, 0, colon)));
    ENSURE(rest.len > 0, INVALID_ARGUMENT, "the keytab has an empty name");
    *path = arena_cstr(a, rest);
    ENSURE(*path != NULL, INVALID_ARGUMENT, "the keytab's name holds a NUL byte");
    return OBOL_OK;
}

static enum obol_code default_path(const char *variable, struct slice configured,
                                   const char *fallback, struct arena *a, const char **path,
                                   struct error *err) {
    const char *named = secure_getenv(variable);
    struct slice name;
    if (named && *named)
        return path_of(slice_str(named), a, path, err);
    TRY(config_expand(configured.len ? configured : slice_str(fallback), a, &name, err));
    return path_of(name, a, path, err);
}

enum obol_code keytab_path(struct slice name, const struct krb5conf *conf, struct arena *a,
                           const char **path, struct error *err) {
    if (name.len)
        return path_of(name, a, path, err);
    return default_path("KRB5_KTNAME", conf ? conf->default_keytab_name : name, "/etc/krb5.keytab",
                        a, path, err);
}

enum obol_code keytab_client_path(const struct krb5conf *conf, struct arena *a, const char **path,
                                  struct error *err) {
    struct slice configured = conf ? conf->default_client_keytab_name : (struct slice){0};
    return default_path("KRB5_CLIENT_KTNAME", configured, "/etc/krb5/user/%{euid}/client.keytab", a,
                        path, err);
}

enum obol_code keytab_read(const char *path, struct arena *a, struct keytab_content *out,
                           struct error *err) {
    if (keytab_memory_is(slice_str(path)))
        return keytab_memory_read(path, a, out, err);
    CLEANUP(cred_file_close) struct cred_file f;
    struct slice bytes;
    enum obol_code code = cred_file_open(&f, &KEYTAB, path, CRED_FILE_READ, err);
    if (code == OBOL_OK)
        code = cred_file_read(&f, a, &bytes, err);
    if (code == OBOL_KEYTAB_IO)
        error_remedy(err,
                     "Name a keytab that user %u can read: KRB5_KTNAME, or default_keytab_name "
                     "in krb5.conf.",
                     (unsigned)geteuid());
    TRY(code);
    return keytab_parse(bytes, path, a, out, err);
}

// ---- changing

struct change {
    bool made; // the file is ours from its first byte, and goes again if nothing can be written
    struct cred_file file;
    struct arena arena;
    struct slice bytes;
    uint64_t size; // of the file, as it grows
};
static void end_change(struct change *c) {
    if (c->made)
        unlink(c->file.path); // under its lock: who waits for it makes another
    cred_file_close(&c->file);
    arena_clear(&c->arena);
}

static enum obol_code begin_change(struct change *c, const char *path, enum cred_file_mode mode,
                                   struct error *err) {
    *c = (struct change){.file.fd = -1};
    ENSURE(arena_init(&c->arena, ARENA_FIRST, ARENA_LIMIT), NO_MEMORY, "no memory for the keytab");
    TRY(cred_file_open(&c->file, &KEYTAB, path, mode, err));
    TRY(cred_file_read(&c->file, &c->arena, &c->bytes, err));
    c->size = c->bytes.len;
    if (c->size > 0 || mode != CRED_FILE_CREATE)
        return OBOL_OK;
    // New, or left by a maker who died: begin it.
    c->made = true;
    c->bytes = SLICE_LITERAL("\x05\x02");
    c->size = 2;
    return cred_file_write(&c->file, c->bytes, 0, 0, err);
}

// Keys that only the disk's cache holds are not written: some file systems say so here at last.
static enum obol_code sync_change(const struct change *c, struct error *err) {
    if (fdatasync(c->file.fd) != 0 && errno != EINVAL)
        return cred_file_failed(&KEYTAB, c->file.path, errno, err);
    return OBOL_OK;
}

static enum obol_code put32(const struct change *c, uint64_t at, int64_t value, struct error *err) {
    uint8_t bytes[4];
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    writer_be32(&w, (uint32_t)value);
    return cred_file_write(&c->file, writer_slice(&w), at, c->size, err);
}

// make_hole: first the length, so that nobody takes a half-wiped key for one.
static enum obol_code make_hole(struct change *c, const struct keytab_walk *record,
                                struct error *err) {
    struct buf zeros = arena_buf(&c->arena, record->length);
    ENSURE_MEMORY(zeros.ptr);
    memset(zeros.ptr, 0, zeros.len);
    TRY(put32(c, record->offset, -(int64_t)record->length, err));
    return cred_file_write(&c->file, slice_of_buf(zeros), record->offset + 4, c->size, err);
}

static bool same_key(const struct keytab_entry *a, const struct keytab_entry *b) {
    return principal_eq(&a->principal, &b->principal) && a->kvno == b->kvno &&
           a->key.keytype == b->key.keytype;
}

// survey finds the end of what is whole, the first hole of at least `need` bytes (offset 0: none),
// and up to `most` entries that are the same key as `e`.
struct survey {
    struct keytab_walk end, hole, same[4];
    size_t same_count;
};
static enum obol_code survey(struct change *c, const struct keytab_entry *e, size_t need,
                             struct survey *out, struct error *err) {
    struct keytab_walk walk;
    *out = (struct survey){0};
    TRY(keytab_walk_begin(&walk, c->bytes, c->file.path, err));
    ENSURE(walk.version == 2, UNSUPPORTED, "%s is of version 0x501, which is read only",
           c->file.path);
    for (;;) {
        struct keytab_entry there;
        bool more;
        TRY(keytab_walk_next(&walk, &c->arena, &there, &more, err));
        if (!more)
            break;
        if (walk.hole && out->hole.offset == 0 && walk.length >= need)
            out->hole = walk;
        if (!walk.hole && same_key(&there, e) && out->same_count < COUNT_OF(out->same))
            out->same[out->same_count++] = walk;
    }
    out->end = walk;
    return OBOL_OK;
}

static enum obol_code add_entry(struct change *c, const struct keytab_entry *e, struct error *err) {
    struct writer w = writer_to_arena(&c->arena);
    writer_be32(&w, 0);
    keytab_write_entry(&w, e);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "an entry holds what a keytab cannot");
    struct slice record = writer_slice(&w);
    struct slice body = slice_sub(record, 4, SIZE_MAX);
    struct survey s;
    TRY(survey(c, e, body.len, &s, err));
    if (s.hole.offset) {
        TRY(cred_file_write(&c->file, body, s.hole.offset + 4, c->size, err));
        TRY(put32(c, s.hole.offset, (int64_t)s.hole.length, err));
    } else {
        struct writer patch = writer_to_buf(buf_of(w.out.ptr, 4));
        writer_be32(&patch, (uint32_t)body.len);
        // What a dead writer left behind the last whole record would be read as part of ours.
        if (c->size > s.end.end)
            TRY(cred_file_truncate(&c->file, s.end.end, err));
        TRY(cred_file_write(&c->file, record, s.end.end, s.end.end, err));
    }
    for (size_t i = 0; i < s.same_count; i++)
        TRY(make_hole(c, &s.same[i], err));
    TRY(cred_file_read(&c->file, &c->arena, &c->bytes, err));
    c->size = c->bytes.len;
    return OBOL_OK;
}

enum obol_code keytab_add(const char *path, const struct keytab_entry *entries, size_t count,
                          struct error *err) {
    if (keytab_memory_is(slice_str(path)))
        return keytab_memory_add(path, entries, count, err);
    CLEANUP(end_change) struct change c;
    TRY(begin_change(&c, path, CRED_FILE_CREATE, err));
    for (size_t i = 0; i < count; i++)
        TRY(add_entry(&c, &entries[i], err));
    TRY(sync_change(&c, err));
    c.made = false;
    return OBOL_OK;
}

enum obol_code keytab_remove(const char *path, const struct principal *name, uint32_t kvno,
                             int32_t etype, size_t *removed, struct error *err) {
    if (keytab_memory_is(slice_str(path)))
        return keytab_memory_remove(path, name, kvno, etype, removed, err);
    CLEANUP(end_change) struct change c;
    TRY(begin_change(&c, path, CRED_FILE_WRITE, err));
    struct keytab_walk walk;
    TRY(keytab_walk_begin(&walk, c.bytes, path, err));
    ENSURE(walk.version == 2, UNSUPPORTED, "%s is of version 0x501, which is read only", path);
    size_t count = 0;
    for (;;) {
        struct keytab_entry e;
        bool more;
        TRY(keytab_walk_next(&walk, &c.arena, &e, &more, err));
        if (!more)
            break;
        bool match = !walk.hole && principal_eq(&e.principal, name) &&
                     (kvno == 0 || e.kvno == kvno) && (etype == 0 || e.key.keytype == etype);
        if (!match)
            continue;
        TRY(make_hole(&c, &walk, err));
        count++;
    }
    if (removed)
        *removed = count;
    ENSURE(count > 0, KEYTAB_NO_ENTRY, "%s holds no such entry", path);
    return sync_change(&c, err);
}
