// file.c: see file.h.
#include "cred/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 10 // opening anew a file that others replace

enum obol_code cred_file_failed(const struct cred_file_kind *kind, const char *path, int number,
                                struct error *err) {
    enum obol_code code = number == ENOENT                      ? kind->missing
                          : number == EACCES || number == EPERM ? OBOL_PERMISSION
                                                                : kind->io;
    struct stat st;
    bool seen = code == OBOL_PERMISSION && stat(path, &st) == 0;
    if (seen)
        error_set(err, code, __func__,
                  "%s belongs to user %u and has mode %o; this process is of "
                  "user %u",
                  path, st.st_uid, st.st_mode & 07777, geteuid());
    else
        error_set(err, code, __func__, "%s: %s", path, strerror(number));
    error_fact(err, "file", "%s", path);
    return code;
}

// Locks of an open file description part threads, too; kernels without them have the older kind.
static int lock(int fd, short type) {
    struct flock region = {.l_type = type, .l_whence = SEEK_SET};
    int got, command = F_OFD_SETLKW;
    do {
        got = fcntl(fd, command, &region);
        if (got != 0 && errno == EINVAL && command == F_OFD_SETLKW) {
            command = F_SETLKW;
            errno = EINTR;
        }
    } while (got != 0 && errno == EINTR);
    return got;
}

// A link that we or root made is ours to follow; anybody else's in a shared directory is a trap.
static bool link_is_ours(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) &&
           (st.st_uid == geteuid() || st.st_uid == 0);
}

static int open_path(const struct cred_file_kind *kind, const char *path,
                     enum cred_file_mode mode) {
    int flags = (mode == CRED_FILE_READ ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = open(path, flags | (kind->guarded ? O_NOFOLLOW : 0));
    if (fd < 0 && errno == ELOOP && kind->guarded && link_is_ours(path))
        fd = open(path, flags);
    if (fd < 0 && errno == ENOENT && mode == CRED_FILE_CREATE)
        fd = open(path, flags | O_CREAT | O_EXCL, 0600);
    // Somebody else made it in between: then it is there to be opened.
    if (fd < 0 && errno == EEXIST && mode == CRED_FILE_CREATE)
        fd = open(path, flags | O_NOFOLLOW);
    return fd;
}

static enum obol_code check_stat(const struct cred_file *f, const struct stat *st,
                                 struct error *err) {
    if (!S_ISREG(st->st_mode)) {
        error_set(err, f->kind->io, __func__, "%s is not a regular file", f->path);
        return f->kind->io;
    }
    if (!f->kind->guarded || geteuid() == 0)
        return OBOL_OK;
    ENSURE(st->st_uid == geteuid() || st->st_uid == 0, PERMISSION,
           "%s belongs to user %u, and this process runs as user %u: its tickets are not taken",
           f->path, st->st_uid, geteuid());
    return OBOL_OK;
}

// lock_and_check: *stale if the path names another file by now.
static enum obol_code lock_and_check(struct cred_file *f, enum cred_file_mode mode, bool *stale,
                                     struct error *err) {
    struct stat here, there;
    if (lock(f->fd, mode == CRED_FILE_READ ? F_RDLCK : F_WRLCK) != 0)
        return cred_file_failed(f->kind, f->path, errno, err);
    if (fstat(f->fd, &here) != 0)
        return cred_file_failed(f->kind, f->path, errno, err);
    TRY(check_stat(f, &here, err));
    *stale =
        stat(f->path, &there) != 0 || here.st_ino != there.st_ino || here.st_dev != there.st_dev;
    return OBOL_OK;
}

enum obol_code cred_file_open(struct cred_file *f, const struct cred_file_kind *kind,
                              const char *path, enum cred_file_mode mode, struct error *err) {
    *f = (struct cred_file){kind, path, -1};
    for (int i = 0; i < TRIES; i++) {
        f->fd = open_path(kind, path, mode);
        if (f->fd < 0 && errno == ELOOP) {
            error_set(err, OBOL_PERMISSION, __func__,
                      "%s is a symbolic link of another user, which is not followed", path);
            return OBOL_PERMISSION;
        }
        if (f->fd < 0)
            return cred_file_failed(kind, path, errno, err);
        bool stale = false;
        enum obol_code code = lock_and_check(f, mode, &stale, err);
        if (code == OBOL_OK && !stale)
            return OBOL_OK;
        cred_file_close(f);
        TRY(code);
    }
    return cred_file_failed(kind, path, EBUSY, err);
}

void cred_file_close(struct cred_file *f) {
    if (f->fd >= 0)
        close(f->fd); // unlocks
    f->fd = -1;
}

enum obol_code cred_file_read(const struct cred_file *f, struct arena *a, struct slice *out,
                              struct error *err) {
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return cred_file_failed(f->kind, f->path, errno, err);
    if (st.st_size < 0 || (uint64_t)st.st_size > f->kind->size_max)
        return cred_file_failed(f->kind, f->path, EFBIG, err);
    struct buf bytes = arena_buf(a, (size_t)st.st_size + 1);
    ENSURE_MEMORY(bytes.ptr);
    size_t len = 0;
    while (len < (size_t)st.st_size) {
        ssize_t n = pread(f->fd, bytes.ptr + len, (size_t)st.st_size - len, (off_t)len);
        if (n < 0 && errno != EINTR)
            return cred_file_failed(f->kind, f->path, errno, err);
        if (n == 0)
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    *out = slice_of(bytes.ptr, len);
    return OBOL_OK;
}

enum obol_code cred_file_write(const struct cred_file *f, struct slice bytes, uint64_t offset,
                               uint64_t old_size, struct error *err) {
    ssize_t n;
    do
        n = pwrite(f->fd, bytes.ptr, bytes.len, (off_t)offset);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)bytes.len)
        return OBOL_OK;
    int why = n < 0 ? errno : ENOSPC;
    enum obol_code code = cred_file_failed(f->kind, f->path, why, err);
    if (n > 0)
        TRY(cred_file_truncate(f, old_size, err)); // the first failure stays the one that is told
    return code;
}

enum obol_code cred_file_truncate(const struct cred_file *f, uint64_t size, struct error *err) {
    if (ftruncate(f->fd, (off_t)size) != 0)
        return cred_file_failed(f->kind, f->path, errno, err);
    return OBOL_OK;
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
static enum obol_code check_place(const struct cred_file_kind *kind, const char *path,
                                  struct error *err) {
    struct stat st;
    if (lstat(path, &st) != 0)
        return OBOL_OK;
    if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
        return OBOL_OK;
    return error_set(err, kind->io, __func__, "%s is not a regular file", path);
}

enum obol_code cred_file_replace(const struct cred_file_kind *kind, const char *path,
                                 struct slice bytes, struct error *err) {
    CLEANUP(drop_fresh) struct fresh fresh = {.fd = -1};
    TRY(check_place(kind, path, err));
    if (asprintf(&fresh.path, "%s.XXXXXX", path) < 0)
        fresh.path = NULL;
    ENSURE(fresh.path != NULL, NO_MEMORY, "no memory for a file's name");
    fresh.fd = mkostemp(fresh.path, O_CLOEXEC);
    if (fresh.fd < 0) {
        int why = errno;
        fresh.path[0] = '\0';
        if (why == ENOENT)
            return error_set(err, kind->io, __func__, "%s: its directory does not exist", path);
        return cred_file_failed(kind, path, why, err);
    }
    bool made = fchmod(fresh.fd, 0600) == 0 && write_whole(fresh.fd, bytes) &&
                fdatasync(fresh.fd) == 0 && rename(fresh.path, path) == 0;
    if (!made)
        return cred_file_failed(kind, path, errno, err);
    fresh.path[0] = '\0';
    return OBOL_OK;
}
