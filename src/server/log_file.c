// log_file.c: see log_file.h.
#include "server/log_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

static bool is_syslog(const char *path) {
    return path && strcmp(path, "syslog") == 0;
}

static enum obol_code open_path(const char *path, int *fd, struct error *err) {
    *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    ENSURE(*fd >= 0, IO, "log %s: %s", path, strerror(errno));
    return OBOL_OK;
}

enum obol_code log_file_check(const char *path, struct error *err) {
    int fd;
    if (!path || is_syslog(path))
        return OBOL_OK;
    TRY(open_path(path, &fd, err));
    close(fd);
    return OBOL_OK;
}

enum obol_code log_file_open(struct log_file *f, struct error *err) {
    f->fd = STDERR_FILENO;
    f->syslog = is_syslog(f->path);
    if (f->syslog)
        openlog("obol", LOG_PID | LOG_NDELAY, LOG_AUTH);
    return f->syslog || !f->path ? OBOL_OK : open_path(f->path, &f->fd, err);
}

static void to_syslog(struct slice lines) {
    while (lines.len > 0) {
        size_t end = slice_find(lines, '\n');
        syslog(LOG_INFO, "%.*s", (int)end, (const char *)lines.ptr);
        lines = slice_sub(lines, end + 1, lines.len);
    }
}

static uint64_t count_lines(struct slice s) {
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

// What was not written, from the byte on that the file did not take.
static struct slice write_some(int fd, struct slice rest) {
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

// That it fails is said once, not with every line.
static void tell(struct log_file *f, bool failed) {
    const char *path = f->path ? f->path : "on standard error";
    if (failed && !f->failed)
        fprintf(stderr, "obol: the %s %s cannot be written: %s; requests are served without it\n",
                f->what, path, strerror(errno));
    if (!failed && f->failed)
        fprintf(stderr, "obol: the %s %s is written again; it says how many lines are missing\n",
                f->what, path);
    f->failed = failed;
}

uint64_t log_file_write(struct log_file *f, struct slice lines) {
    if (f->syslog) {
        to_syslog(lines);
        return 0;
    }
    struct slice rest = lines;
    if (!f->torn || write_some(f->fd, SLICE_LITERAL("\n")).len == 0) {
        f->torn = false;
        rest = write_some(f->fd, lines);
        f->torn = rest.len > 0 && rest.len < lines.len && rest.ptr[-1] != '\n';
    }
    tell(f, rest.len > 0);
    return count_lines(rest);
}
