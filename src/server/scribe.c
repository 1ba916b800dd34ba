// scribe.c: events to lines, lines to the log in large writes; see scribe.h.
#include "server/scribe.h"
#include "base/env.h"
#include "server/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
    BUFFER = 256 * 1024,
    LINE_MAX_BYTES = 64 * 1024, // no event gives a longer line, whatever has to be escaped
};

struct scribe {
    int fd;
    bool json, failed;
    uint64_t unwritten; // lines that the disk did not take
    size_t lines;       // in the buffer
    struct writer out;
    uint8_t bytes[BUFFER];
};

enum obol_code scribe_open_log(const struct server_config *config, int *fd, struct error *err) {
    *fd = STDERR_FILENO;
    if (!config->log_path)
        return OBOL_OK;
    *fd = open(config->log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    ENSURE(*fd >= 0, IO, "log %s: %s", config->log_path, strerror(errno));
    return OBOL_OK;
}

static void flush(struct scribe *s) {
    struct slice rest = writer_slice(&s->out);
    while (rest.len > 0) {
        ssize_t n = write(s->fd, rest.ptr, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (!s->failed)
                fprintf(stderr, "obol: the log cannot be written: %s\n", strerror(errno));
            s->failed = true;
            s->unwritten += s->lines;
            break;
        }
        rest = slice_sub(rest, (size_t)n, rest.len);
    }
    if (rest.len == 0)
        s->failed = false;
    s->lines = 0;
    s->out = writer_to_buf(buf_of(s->bytes, sizeof s->bytes));
}

static void write_line(struct scribe *s, const struct event *event) {
    if (s->out.len + LINE_MAX_BYTES > sizeof s->bytes)
        flush(s);
    if (s->json)
        event_write_json(event, &s->out);
    else
        event_write_text(event, &s->out);
    s->lines++;
}

// A line of its own says that lines are missing.
static void write_lost(struct scribe *s, uint64_t lost) {
    char text[64];
    if (lost == 0)
        return;
    int n = snprintf(text, sizeof text, "%llu log lines were lost", (unsigned long long)lost);
    struct event event = {.time_us = env_now_us(env_system()),
                          .result = OBOL_IO,
                          .answered = true,
                          .stage = SLICE_LITERAL("write log"),
                          .detail = slice_of(text, (size_t)n)};
    write_line(s, &event);
}

int scribe_run(const struct server_config *config, struct drain *drain) {
    static struct scribe s; // large, and one a process
    struct error err;
    error_init(&err);
    s.json = config->log_json;
    s.out = writer_to_buf(buf_of(s.bytes, sizeof s.bytes));
    if (scribe_open_log(config, &s.fd, &err) != OBOL_OK || !drain_start(drain) ||
        (!config->no_sandbox && sandbox_enter(SANDBOX_SCRIBE, &err) != OBOL_OK)) {
        fprintf(stderr, "obol: log writer: %s\n", err.detail);
        return 1;
    }
    do {
        struct event event;
        while (drain_next(drain, &event))
            write_line(&s, &event);
        uint64_t unwritten = s.unwritten;
        s.unwritten = 0;
        write_lost(&s, drain_lost(drain) + unwritten);
        if (s.lines > 0)
            flush(&s);
    } while (drain_wait(drain, s.unwritten ? 1000 : -1));
    return 0;
}
