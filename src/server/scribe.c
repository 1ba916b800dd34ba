// scribe.c: events to lines, lines to the log and the audit log in large writes; see scribe.h.
#include "server/scribe.h"
#include "base/env.h"
#include "server/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

enum {
    BUFFER = 256 * 1024,
    LINE_MAX_BYTES = 64 * 1024, // no event gives a longer line, whatever has to be escaped
};

struct output {
    const char *path;
    int fd;
    bool syslog, json, audit, failures_only, failed;
    uint64_t unwritten; // lines that the disk did not take
    size_t lines;       // in the buffer
    struct writer out;
    uint8_t bytes[BUFFER];
};

static enum obol_code output_open(struct output *o, struct error *err) {
    o->out = writer_to_buf(buf_of(o->bytes, sizeof o->bytes));
    o->fd = STDERR_FILENO;
    o->syslog = o->path && strcmp(o->path, "syslog") == 0;
    if (o->syslog)
        openlog("obol", LOG_PID | LOG_NDELAY, LOG_AUTH);
    if (o->syslog || !o->path)
        return OBOL_OK;
    o->fd = open(o->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    ENSURE(o->fd >= 0, IO, "log %s: %s", o->path, strerror(errno));
    return OBOL_OK;
}

static void to_syslog(struct slice lines) {
    while (lines.len > 0) {
        size_t end = slice_find(lines, '\n');
        syslog(LOG_INFO, "%.*s", (int)end, (const char *)lines.ptr);
        lines = slice_sub(lines, end + 1, lines.len);
    }
}

static void to_file(struct output *o, struct slice rest) {
    while (rest.len > 0) {
        ssize_t n = write(o->fd, rest.ptr, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (!o->failed)
                fprintf(stderr, "obol: the log cannot be written: %s\n", strerror(errno));
            o->failed = true;
            o->unwritten += o->lines;
            return;
        }
        rest = slice_sub(rest, (size_t)n, rest.len);
    }
    o->failed = false;
}

static void output_flush(struct output *o) {
    struct slice lines = writer_slice(&o->out);
    if (o->syslog)
        to_syslog(lines);
    else
        to_file(o, lines);
    o->lines = 0;
    o->out = writer_to_buf(buf_of(o->bytes, sizeof o->bytes));
}

static void output_event(struct output *o, const struct event *event) {
    // Being asked for preauthentication is how every login begins, and no failure.
    bool asked = event->result == OBOL_KDC_ERR_PREAUTH_REQUIRED ||
                 event->result == OBOL_KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    bool failure = event->result != OBOL_OK && !asked;
    if (o->failures_only && !failure)
        return;
    if (o->out.len + LINE_MAX_BYTES > sizeof o->bytes)
        output_flush(o);
    if (o->audit)
        event_write_audit(event, &o->out);
    else if (o->json)
        event_write_json(event, &o->out);
    else
        event_write_text(event, &o->out);
    o->lines++;
}

// A line of its own says that lines are missing.
static void output_lost(struct output *o, uint64_t lost) {
    char text[64];
    lost += o->unwritten;
    o->unwritten = 0;
    if (lost == 0)
        return;
    int n = snprintf(text, sizeof text, "%llu log lines were lost", (unsigned long long)lost);
    struct event event = {.time_us = env_now_us(env_system()),
                          .result = OBOL_IO,
                          .answered = true,
                          .stage = SLICE_LITERAL("write log"),
                          .detail = slice_of(text, (size_t)n)};
    output_event(o, &event);
}

enum obol_code scribe_check(const struct server_config *config, struct error *err) {
    const char *const paths[] = {config->log_path, config->audit_path};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (!paths[i] || strcmp(paths[i], "syslog") == 0)
            continue;
        int fd = open(paths[i], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        ENSURE(fd >= 0, IO, "log %s: %s", paths[i], strerror(errno));
        close(fd);
    }
    return OBOL_OK;
}

static void write_all(struct output *outputs, size_t count, struct drain *drain) {
    struct event event;
    while (drain_next(drain, &event))
        for (size_t i = 0; i < count; i++)
            output_event(&outputs[i], &event);
    uint64_t lost = drain_lost(drain);
    for (size_t i = 0; i < count; i++) {
        output_lost(&outputs[i], lost);
        if (outputs[i].lines > 0)
            output_flush(&outputs[i]);
    }
}

int scribe_run(const struct server_config *config, struct drain *drain) {
    static struct output outputs[2]; // large, and one a process
    struct error err;
    size_t count = config->audit_path ? 2 : 1;
    error_init(&err);
    outputs[0].path = config->log_path;
    outputs[0].json = config->log_json;
    outputs[0].failures_only = config->log_failures_only;
    outputs[1].path = config->audit_path;
    outputs[1].json = outputs[1].audit = true;
    enum obol_code code = OBOL_OK;
    for (size_t i = 0; i < count && code == OBOL_OK; i++)
        code = output_open(&outputs[i], &err);
    if (code == OBOL_OK && !config->no_sandbox)
        code = sandbox_enter(SANDBOX_SCRIBE, &err);
    if (code != OBOL_OK || !drain_start(drain)) {
        fprintf(stderr, "obol: log writer: %s\n", err.detail);
        return 1;
    }
    do
        write_all(outputs, count, drain);
    while (drain_wait(drain, outputs[0].failed ? 1000 : -1));
    return 0;
}
