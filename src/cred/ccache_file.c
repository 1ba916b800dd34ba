// ccache_file.c: the FILE cache. It is made beside its place and renamed into it; entries are
// appended by one write under the lock; a removed entry is overwritten in place, as MIT krb5 does,
// so that nobody who reads meanwhile loses his way.
#include "base/ct.h"
#include "cred/ccache_format.h"
#include "cred/ccache_ops.h"
#include "cred/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_FIRST 65536u
#define ARENA_LIMIT (4u * CCACHE_SIZE_MAX)

static const struct cred_file_kind CACHE = {OBOL_CCACHE_NOT_FOUND, OBOL_CCACHE_IO, CCACHE_SIZE_MAX,
                                            true};

static enum obol_code file_open(struct ccache *cc, struct error *err) {
    ENSURE(cc->residual[0] != '\0', INVALID_ARGUMENT, "FILE: wants the name of a file behind it");
    return OBOL_OK;
}

static void file_close(struct ccache *cc) {
    UNUSED(cc);
}

static enum obol_code file_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                                struct error *err) {
    CLEANUP(cred_file_close) struct cred_file f;
    struct slice bytes;
    TRY(cred_file_open(&f, &CACHE, cc->residual, CRED_FILE_READ, err));
    TRY(cred_file_read(&f, a, &bytes, err));
    // As mktemp makes it, for a login to come.
    ENSURE(bytes.len > 0, CCACHE_NOT_FOUND, "%s is empty", cc->residual);
    return ccache_parse(bytes, cc->residual, a, out, err);
}

// ---- making anew

// A file that is being made; what is not renamed is removed again.
struct fresh {
    char *path;
    int fd;
};
static void drop_fresh(struct fresh *f) {
    if (f->fd >= 0)
        close(f->fd);
    if (f->path && f->path[0])
        unlink(f->path);
    free(f->path);
}

static bool write_whole(int fd, struct slice bytes) {
    while (bytes.len) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR)
            return false;
        bytes = slice_sub(bytes, n > 0 ? (size_t)n : 0, SIZE_MAX);
    }
    return true;
}

// A device or pipe that somebody names by mistake is not to become a file.
static enum obol_code check_place(const char *path, struct error *err) {
    struct stat st;
    if (lstat(path, &st) != 0)
        return OBOL_OK;
    ENSURE(S_ISREG(st.st_mode) || S_ISLNK(st.st_mode), CCACHE_IO, "%s is not a regular file", path);
    return OBOL_OK;
}

static enum obol_code replace_file(const char *path, struct slice bytes, struct error *err) {
    CLEANUP(drop_fresh) struct fresh fresh = {.fd = -1};
    TRY(check_place(path, err));
    if (asprintf(&fresh.path, "%s.XXXXXX", path) < 0)
        fresh.path = NULL;
    ENSURE(fresh.path != NULL, NO_MEMORY, "no memory for a file's name");
    fresh.fd = mkostemp(fresh.path, O_CLOEXEC);
    if (fresh.fd < 0) {
        int why = errno;
        fresh.path[0] = '\0';
        ENSURE(why != ENOENT, CCACHE_IO, "%s: its directory does not exist", path);
        return cred_file_failed(&CACHE, path, why, err);
    }
    bool made = fchmod(fresh.fd, 0600) == 0 && write_whole(fresh.fd, bytes) &&
                fdatasync(fresh.fd) == 0 && rename(fresh.path, path) == 0;
    if (!made)
        return cred_file_failed(&CACHE, path, errno, err);
    fresh.path[0] = '\0';
    return OBOL_OK;
}

static void clear_arena(struct arena *a) {
    arena_clear(a);
}

static enum obol_code file_initialize(struct ccache *cc, const struct ccache_content *content,
                                      struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    ENSURE(arena_init(&a, ARENA_FIRST, ARENA_LIMIT), NO_MEMORY, "no memory for the cache");
    struct writer w = writer_to_arena(&a);
    ccache_format(&w, content);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "a ticket holds what a credential cache cannot");
    return replace_file(cc->residual, writer_slice(&w), err);
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

static enum obol_code file_store(struct ccache *cc, const struct cred *creds, size_t count,
                                 struct error *err) {
    CLEANUP(end_change) struct change c;
    TRY(begin_change(&c, cc->residual, err));
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
           "%s is full: it may hold %u bytes", cc->residual, CCACHE_SIZE_MAX);
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

static enum obol_code file_remove(struct ccache *cc, const struct principal *server,
                                  struct error *err) {
    CLEANUP(end_change) struct change c;
    TRY(begin_change(&c, cc->residual, err));
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
    ENSURE(removed > 0, NOT_FOUND, "%s holds nothing for this server", cc->residual);
    return OBOL_OK;
}

static enum obol_code file_destroy(struct ccache *cc, struct error *err) {
    CLEANUP(cred_file_close) struct cred_file f;
    TRY(cred_file_open(&f, &CACHE, cc->residual, CRED_FILE_WRITE, err));
    if (unlink(cc->residual) != 0)
        return cred_file_failed(&CACHE, cc->residual, errno, err);
    // The name is gone; now what the disk holds under it.
    struct stat st;
    static const uint8_t zeros[4096];
    if (fstat(f.fd, &st) != 0)
        return cred_file_failed(&CACHE, cc->residual, errno, err);
    for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros)
        TRY(cred_file_write(&f, slice_of(zeros, sizeof zeros), (uint64_t)at, (uint64_t)at, err));
    (void)fdatasync(f.fd);
    return OBOL_OK;
}

const struct ccache_ops CCACHE_FILE = {
    .kind = "FILE",
    .open = file_open,
    .close = file_close,
    .initialize = file_initialize,
    .store = file_store,
    .read = file_read,
    .remove = file_remove,
    .destroy = file_destroy,
};
