// log_file.c: see log_file.h.
#include "server/log_file.h"
#include "store/files.h"
#include <errno.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

static bool is_syslog(const char *path) {
    return path && strcmp(path, "syslog") == 0;
}

enum obol_code log_file_check(const char *path, struct error *err) {
    int fd;
    if (!path || is_syslog(path))
        return OBOL_OK;
    TRY(files_log_open(path, &fd, err));
    close(fd);
    return OBOL_OK;
}

enum obol_code log_file_open(struct log_file *f, struct error *err) {
    f->fd = STDERR_FILENO;
    f->syslog = is_syslog(f->path);
    if (f->syslog)
        openlog("obol", LOG_PID | LOG_NDELAY, LOG_AUTH);
    return f->syslog || !f->path ? OBOL_OK : files_log_open(f->path, &f->fd, err);
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
    // Another process may have ended the line, or have left one of its own.
    enum files_log_state found = files_log_look(f->fd);
    bool torn = found == FILES_LOG_UNKNOWN ? f->torn : found == FILES_LOG_TORN;
    struct slice rest = lines;
    if (!torn || files_log_append(f->fd, SLICE_LITERAL("\n")).len == 0) {
        f->torn = false;
        rest = files_log_append(f->fd, lines);
        f->torn = rest.len > 0 && rest.len < lines.len && rest.ptr[-1] != '\n';
    }
    tell(f, rest.len > 0);
    return count_lines(rest);
}
