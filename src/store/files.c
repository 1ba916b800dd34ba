// files.c: ownership, modes and durable replacement of a realm's files; see files.h.
#include "store/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

// The directory part of a path ("." if it has none). False if it does not fit.
static bool parent_of(const char *path, struct buf out) {
    const char *slash = strrchr(path, '/');
    size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 1;
    if (len >= out.len)
        return false;
    memcpy(out.ptr, slash ? path : ".", len);
    out.ptr[len] = '\0';
    return true;
}

static bool owner_is_trusted(const char *path, const struct stat *st) {
    if (st->st_uid == geteuid() || st->st_uid == 0)
        return true;
    char parent[PATH_MAX];
    struct stat around;
    return geteuid() == 0 && parent_of(path, buf_of(parent, sizeof parent)) &&
           stat(parent, &around) == 0 && around.st_uid == st->st_uid;
}

enum obol_code files_private(const char *path, const struct stat *st, struct error *err) {
    ENSURE((st->st_mode & 077) == 0, PERMISSION,
           "%s has mode %03o: others than its owner can use it; chmod go= it", path,
           (unsigned)st->st_mode & 0777);
    ENSURE(owner_is_trusted(path, st), PERMISSION, "%s belongs to uid %u; this process is uid %u",
           path, (unsigned)st->st_uid, (unsigned)geteuid());
    return OBOL_OK;
}

enum obol_code files_sync_parent(const char *path, struct error *err) {
    char parent[PATH_MAX];
    ENSURE(parent_of(path, buf_of(parent, sizeof parent)), IO, "the path is too long: %s", path);
    CLEANUP(close_fd) int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(fd >= 0 && fsync(fd) == 0, IO, "%s: %s", parent, strerror(errno));
    return OBOL_OK;
}

bool files_exists(const char *path) {
    return access(path, F_OK) == 0;
}

enum obol_code files_make_directory(const char *path, struct error *err) {
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        ENSURE(errno != EACCES && errno != EPERM, PERMISSION, "%s cannot be made: %s", path,
               strerror(errno));
        ENSURE(errno != ENOENT, IO, "%s cannot be made: the directory around it does not exist",
               path);
        ENSURE(false, IO, "%s cannot be made: %s", path, strerror(errno));
    }
    return files_sync_parent(path, err);
}

static enum obol_code write_all(int fd, const char *path, struct slice bytes, struct error *err) {
    while (bytes.len) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        ENSURE(n > 0, IO, "writing %s: %s", path, n < 0 ? strerror(errno) : "nothing was written");
        bytes = slice_sub(bytes, (size_t)n, bytes.len);
    }
    ENSURE(fsync(fd) == 0, IO, "fsync of %s: %s", path, strerror(errno));
    return OBOL_OK;
}

static enum obol_code write_new(const char *temporary, const char *path, struct slice bytes,
                                bool fresh, struct error *err) {
    CLEANUP(close_fd) int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ENSURE(fd >= 0, IO, "%s: %s", temporary, strerror(errno));
    struct stat old;
    // Root rewriting a daemon's file must leave it the daemon's.
    if (!fresh && stat(path, &old) == 0 && geteuid() == 0)
        ENSURE(fchown(fd, old.st_uid, old.st_gid) == 0, IO, "%s: %s", temporary, strerror(errno));
    TRY(write_all(fd, temporary, bytes, err));
    // link, unlike rename, does not replace a file that somebody made in the meantime.
    int moved = fresh ? link(temporary, path) : rename(temporary, path);
    ENSURE(moved == 0 || errno != EEXIST, EXISTS, "%s", path);
    ENSURE(moved == 0, IO, "%s: %s", path, strerror(errno));
    return OBOL_OK;
}

enum obol_code files_replace(const char *path, struct slice bytes, bool fresh, struct error *err) {
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof temporary, "%s.%d.new", path, (int)getpid());
    ENSURE(n > 0 && (size_t)n < sizeof temporary, IO, "the path is too long: %s", path);
    (void)unlink(temporary); // left by a process of the same number that was killed
    enum obol_code code = write_new(temporary, path, bytes, fresh, err);
    if (fresh || code != OBOL_OK)
        (void)unlink(temporary);
    TRY(code);
    return files_sync_parent(path, err);
}

// Whether a name is "NAME.NUMBER.new".
static bool is_leftover(struct slice name, struct slice of) {
    const struct slice end = SLICE_LITERAL(".new");
    if (!slice_starts(name, of) || name.len <= of.len + 1 + end.len || name.ptr[of.len] != '.')
        return false;
    size_t stop = name.len - end.len;
    for (size_t i = of.len + 1; i < stop; i++)
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return false;
    return slice_eq(slice_sub(name, stop, name.len), end);
}

static void close_directory(DIR **d) {
    if (*d)
        closedir(*d);
}

void files_sweep(const char *path) {
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!parent_of(path, buf_of(parent, sizeof parent)))
        return;
    CLEANUP(close_directory) DIR *d = opendir(parent);
    for (struct dirent *e; d && (e = readdir(d));)
        if (is_leftover(slice_str(e->d_name), slice_str(slash ? slash + 1 : path)))
            (void)unlinkat(dirfd(d), e->d_name, 0);
}

enum obol_code files_map(const char *path, struct slice *out, struct error *err) {
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    *out = (struct slice){0};
    ENSURE(fd >= 0 && fstat(fd, &st) == 0, IO, "%s: %s", path, strerror(errno));
    ENSURE(S_ISREG(st.st_mode), IO, "%s is no regular file", path);
    if (st.st_size == 0)
        return OBOL_OK;
    void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    ENSURE(map != MAP_FAILED, IO, "%s: %s", path, strerror(errno));
    *out = slice_of(map, (size_t)st.st_size);
    return OBOL_OK;
}

void files_unmap(struct slice bytes) {
    if (bytes.len)
        munmap((void *)(uintptr_t)bytes.ptr, bytes.len);
}

// A regular file is read, too: whether it ends amid a line. A pipe must not be: who reads his own
// pipe never learns that nobody else does.
enum obol_code files_log_open(const char *path, int *fd, struct error *err) {
    const int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    struct stat st;
    bool other = lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
    *fd = other ? -1 : open(path, O_RDWR | flags, 0640);
    if (*fd < 0) // one that may be written alone will do
        *fd = open(path, O_WRONLY | flags, 0640);
    ENSURE(*fd >= 0, IO, "log %s: %s", path, strerror(errno));
    return OBOL_OK;
}

enum files_log_state files_log_look(int fd) {
    struct stat st;
    char last;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
        return FILES_LOG_UNKNOWN;
    if (pread(fd, &last, 1, st.st_size - 1) != 1)
        return FILES_LOG_UNKNOWN;
    return last == '\n' ? FILES_LOG_WHOLE : FILES_LOG_TORN;
}

struct slice files_log_append(int fd, struct slice rest) {
    while (rest.len > 0) {
        ssize_t n = write(fd, rest.ptr, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return rest;
        rest = slice_sub(rest, (size_t)n, rest.len);
    }
    return rest;
}

bool files_log_write(int fd, struct slice lines) {
    if (files_log_look(fd) == FILES_LOG_TORN && files_log_append(fd, SLICE_LITERAL("\n")).len > 0)
        return false;
    return files_log_append(fd, lines).len == 0;
}

bool files_log_end(int fd, struct slice lines) {
    bool written = files_log_write(fd, lines);
    int why = errno;
    bool closed = close(fd) == 0;
    if (!written)
        errno = why;
    return written && closed;
}

static enum obol_code refuse_locked(const char *path, int fd, struct error *err) {
    char holder[128] = "a process that changes it now";
    ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
    if (n > 0)
        holder[n] = '\0';
    error_remedy(err, "Try again when it is unlocked there, or that session has ended.");
    return error_set(err, OBOL_PERMISSION, "files_lock", "%s is locked by %s", path, holder);
}

enum obol_code files_lock(const char *path, int *fd, struct error *err) {
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0 && errno == ENOENT)
        return OBOL_OK;
    ENSURE(*fd >= 0, IO, "%s: %s", path, strerror(errno));
    if (flock(*fd, LOCK_SH | LOCK_NB) == 0)
        return OBOL_OK;
    enum obol_code code = refuse_locked(path, *fd, err);
    files_unlock(*fd);
    *fd = -1;
    return code;
}

enum obol_code files_lock_alone(const char *path, struct slice who, int *fd, struct error *err) {
    // Readable, since root may make it in a daemon's directory.
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    ENSURE(*fd >= 0 && fchmod(*fd, 0644) == 0, IO, "%s: %s", path, strerror(errno));
    enum obol_code code = OBOL_OK;
    char text[96];
    int n = snprintf(text, sizeof text, "%.*s, process %d", SLICE_ARG(who), (int)getpid());
    size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
        code = refuse_locked(path, *fd, err);
    else if (ftruncate(*fd, 0) != 0 || pwrite(*fd, text, len, 0) != (ssize_t)len)
        code = error_set(err, OBOL_IO, __func__, "%s: %s", path, strerror(errno));
    if (code == OBOL_OK)
        return code;
    files_unlock(*fd);
    *fd = -1;
    return code;
}

void files_unlock(int fd) {
    if (fd >= 0)
        close(fd);
}
