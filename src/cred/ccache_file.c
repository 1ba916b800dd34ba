// ccache_file.c: the FILE cache. It is made beside its place and renamed into it; entries are
// appended by one write under the lock; a removed entry is overwritten in place, as MIT krb5 does,
// so that nobody who reads meanwhile loses his way.
#include "base/ct.h"
#include "cred/ccache_format.h"
#include "cred/ccache_ops.h"
#include "cred/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_FIRST 65536u
#define ARENA_LIMIT (4u * CCACHE_SIZE_MAX)

static const struct cred_file_kind CACHE = {OBOL_CCACHE_NOT_FOUND, OBOL_CCACHE_IO, CCACHE_SIZE_MAX,
                                            true};

static enum obol_code file_open(struct ccache *cc, const struct krb5conf *conf, struct error *err) {
    UNUSED(conf);
    cc->path = cc->residual;
    ENSURE(cc->residual[0] != '\0', INVALID_ARGUMENT, "FILE: wants the name of a file behind it");
    return OBOL_OK;
}

void ccache_file_close(struct ccache *cc) {
    UNUSED(cc);
}

enum obol_code ccache_file_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                                struct error *err) {
    CLEANUP(cred_file_close) struct cred_file f;
    struct slice bytes;
    TRY(cred_file_open(&f, &CACHE, cc->path, CRED_FILE_READ, err));
    TRY(cred_file_read(&f, a, &bytes, err));
    // As mktemp makes it, for a login to come.
    ENSURE(bytes.len > 0, CCACHE_NOT_FOUND, "%s is empty", cc->path);
    return ccache_parse(bytes, cc->path, a, out, err);
}

// ---- making anew

static void clear_arena(struct arena *a) {
    arena_clear(a);
}

enum obol_code ccache_file_initialize(struct ccache *cc, const struct ccache_content *content,
                                      struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    ENSURE(arena_init(&a, ARENA_FIRST, ARENA_LIMIT), NO_MEMORY, "no memory for the cache");
    struct writer w = writer_to_arena(&a);
    ccache_format(&w, content);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "a ticket holds what a credential cache cannot");
    return cred_file_replace(&CACHE, cc->path, writer_slice(&w), err);
}

// ---- changing

// An open cache with what is in it: exclusively locked.
struct change {
    struct cred_file file;
    struct arena arena;
    struct slice bytes;
    struct ccache_walk walk;
    struct ccache_content content;
};
static void end_change(struct change *c) {
    cred_file_close(&c->file);
    arena_clear(&c->arena);
}

static enum obol_code begin_change(struct change *c, const char *path, struct error *err) {
    c->file.fd = -1;
    ENSURE(arena_init(&c->arena, ARENA_FIRST, ARENA_LIMIT), NO_MEMORY, "no memory for the cache");
    TRY(cred_file_open(&c->file, &CACHE, path, CRED_FILE_WRITE, err));
    TRY(cred_file_read(&c->file, &c->arena, &c->bytes, err));
    return ccache_walk_begin(&c->walk, c->bytes, path, &c->arena, &c->content, err);
}

enum obol_code ccache_file_store(struct ccache *cc, const struct cred *creds, size_t count,
                                 struct error *err) {
    CLEANUP(end_change) struct change c;
    TRY(begin_change(&c, cc->path, err));
    struct cred cred;
    for (bool more = true; more;)
        TRY(ccache_walk_next(&c.walk, &c.arena, &c.content, &cred, &more, err));
    // With the lock ours, whoever left an entry half written is gone: what he left would spoil all
    // that comes behind it.
    if (c.content.half_written)
        TRY(cred_file_truncate(&c.file, c.walk.end, err));
    struct writer w = writer_to_arena(&c.arena);
    for (size_t i = 0; i < count; i++)
        cred_write(&w, c.walk.version, &creds[i]);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "a ticket holds what a credential cache cannot");
    ENSURE(writer_slice(&w).len <= CCACHE_SIZE_MAX - c.walk.end, CCACHE_IO,
           "%s is full: it may hold %u bytes", cc->path, CCACHE_SIZE_MAX);
    return cred_file_write(&c.file, writer_slice(&w), c.walk.end, c.walk.end, err);
}

// strike overwrites the entry given last so that nobody finds it, in the same number of bytes.
static enum obol_code strike(struct change *c, struct cred *cred, struct error *err) {
    cred->endtime = 0;
    cred->authtime = UINT32_MAX;
    // Those who look for configuration do not look at times.
    if (cred_is_config(cred))
        cred->server.realm = SLICE_LITERAL("X-RMED-CONF:");
    struct buf blank = arena_buf(&c->arena, cred->key.keyvalue.len + cred->ticket.len + 1);
    ENSURE_MEMORY(blank.ptr);
    memset(blank.ptr, 0, blank.len);
    cred->key.keyvalue.ptr = cred->ticket.ptr = blank.ptr;
    struct writer w = writer_to_arena(&c->arena);
    cred_write(&w, c->walk.version, cred);
    struct slice bytes = writer_slice(&w);
    ENSURE(bytes.len == c->walk.end - c->walk.offset, CCACHE_FORMAT,
           "%s: the entry at byte %zu is not as this program would write it", c->file.path,
           c->walk.offset);
    return cred_file_write(&c->file, bytes, c->walk.offset, c->walk.size, err);
}

enum obol_code ccache_file_remove(struct ccache *cc, const struct principal *server,
                                  struct error *err) {
    CLEANUP(end_change) struct change c;
    TRY(begin_change(&c, cc->path, err));
    size_t removed = 0;
    for (;;) {
        struct cred cred;
        bool more;
        TRY(ccache_walk_next(&c.walk, &c.arena, &c.content, &cred, &more, err));
        if (!more)
            break;
        if (cred_is_removed(&cred) || !principal_eq(&cred.server, server))
            continue;
        TRY(strike(&c, &cred, err));
        removed++;
    }
    ENSURE(removed > 0, NOT_FOUND, "%s holds nothing for this server", cc->path);
    return OBOL_OK;
}

enum obol_code ccache_file_destroy(struct ccache *cc, struct error *err) {
    CLEANUP(cred_file_close) struct cred_file f;
    TRY(cred_file_open(&f, &CACHE, cc->path, CRED_FILE_WRITE, err));
    if (unlink(cc->path) != 0)
        return cred_file_failed(&CACHE, cc->path, errno, err);
    // The name is gone; now what the disk holds under it.
    struct stat st;
    static const uint8_t zeros[4096];
    if (fstat(f.fd, &st) != 0)
        return cred_file_failed(&CACHE, cc->path, errno, err);
    for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros)
        TRY(cred_file_write(&f, slice_of(zeros, sizeof zeros), (uint64_t)at, (uint64_t)at, err));
    (void)fdatasync(f.fd); // best effort: a file system that writes elsewhere keeps the old blocks
    return OBOL_OK;
}

bool ccache_file_there(const char *path) {
    struct stat st;
    // An empty one waits for its first login.
    return stat(path, &st) == 0 && st.st_size > 0;
}

// A file is a collection of one.
static enum obol_code file_list(const char *residual, const struct krb5conf *conf, struct arena *a,
                                struct slice_list *out, struct error *err) {
    UNUSED(conf);
    return ccache_file_there(residual) ? ccache_list_add(out, slice_str(residual), a, err)
                                       : OBOL_OK;
}

static enum obol_code file_unique(const char *residual, const struct krb5conf *conf,
                                  struct arena *a, struct slice *out, struct error *err) {
    UNUSED(residual);
    UNUSED(conf);
    *out = SLICE_LITERAL("/tmp/tktXXXXXX");
    return ccache_file_unique(out, a, err);
}

enum obol_code ccache_file_unique(struct slice *path, struct arena *a, struct error *err) {
    struct buf copy = arena_buf(a, path->len + 1);
    ENSURE_MEMORY(copy.ptr);
    memcpy(copy.ptr, path->ptr, path->len);
    copy.ptr[path->len] = '\0';
    int fd = mkostemp((char *)copy.ptr, O_CLOEXEC);
    if (fd < 0)
        return cred_file_failed(&CACHE, (const char *)copy.ptr, errno, err);
    (void)close(fd);
    *path = slice_of(copy.ptr, path->len);
    return OBOL_OK;
}

const struct ccache_ops CCACHE_FILE = {
    .kind = "FILE",
    .open = file_open,
    .close = ccache_file_close,
    .initialize = ccache_file_initialize,
    .store = ccache_file_store,
    .read = ccache_file_read,
    .remove = ccache_file_remove,
    .destroy = ccache_file_destroy,
    .list = file_list,
    .unique = file_unique,
};
