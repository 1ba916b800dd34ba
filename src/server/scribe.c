// scribe.c: events to lines, lines to the log and the audit log in large writes; see scribe.h.
#include "server/scribe.h"
#include "base/env.h"
#include "server/log_file.h"
#include "server/sandbox.h"
#include <stdio.h>

enum {
    BUFFER = 256 * 1024,
    RETRY_MS = 1000,            // while lines are missing
    LINE_MAX_BYTES = 64 * 1024, // no event gives a longer line, whatever has to be escaped
};

struct output {
    struct log_file file;
    bool json, audit, failures_only;
    uint64_t missing; // lines that it does not have, and does not say yet
    struct writer out;
    uint8_t bytes[BUFFER];
};

static void output_begin(struct output *o) {
    o->out = writer_to_buf(buf_of(o->bytes, sizeof o->bytes));
}

static void output_flush(struct output *o, struct metrics_parent *figures) {
    uint64_t unwritten = o->out.len ? log_file_write(&o->file, writer_slice(&o->out)) : 0;
    o->missing += unwritten;
    figures->log_unwritten += unwritten;
    output_begin(o);
}

static void output_event(struct output *o, const struct event *event,
                         struct metrics_parent *figures) {
    // Being asked for preauthentication is how every login begins, and no failure.
    bool asked = event->result == OBOL_KDC_ERR_PREAUTH_REQUIRED ||
                 event->result == OBOL_KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    bool failure = event->result != OBOL_OK && !asked;
    if (o->failures_only && !failure)
        return;
    if (o->out.len + LINE_MAX_BYTES > sizeof o->bytes)
        output_flush(o, figures);
    if (o->audit)
        event_write_audit(event, &o->out);
    else if (o->json)
        event_write_json(event, &o->out);
    else
        event_write_text(event, &o->out);
}

// A line of its own says that lines are missing, as soon as there is room for it. What it says
// itself is not missed.
static void output_missing(struct output *o, struct metrics_parent *figures) {
    char text[64];
    int n = snprintf(text, sizeof text, "%llu log lines were lost", (unsigned long long)o->missing);
    const struct event event = {.time_us = env_now_us(env_system()),
                                .result = OBOL_IO,
                                .answered = true,
                                .stage = SLICE_LITERAL("write log"),
                                .detail = slice_of(text, (size_t)n)};
    output_event(o, &event, figures);
    if (log_file_write(&o->file, writer_slice(&o->out)) == 0)
        o->missing = 0;
    output_begin(o);
}

enum obol_code scribe_check(const struct server_config *config, struct error *err) {
    TRY(log_file_check(config->log_path, err));
    return log_file_check(config->audit_path, err);
}

static void write_all(struct output *outputs, size_t count, struct drain *drain,
                      struct metrics_parent *figures) {
    struct event event;
    while (drain_next(drain, &event))
        for (size_t i = 0; i < count; i++)
            output_event(&outputs[i], &event, figures);
    uint64_t lost = drain_lost(drain);
    for (size_t i = 0; i < count; i++) {
        outputs[i].missing += lost;
        output_flush(&outputs[i], figures);
        if (outputs[i].missing)
            output_missing(&outputs[i], figures);
    }
}

int scribe_run(const struct server_config *config, struct drain *drain,
               struct metrics_parent *figures) {
    static struct output outputs[2]; // large, and one a process
    struct error err;
    size_t count = config->audit_path ? 2 : 1;
    error_init(&err);
    outputs[0].file = (struct log_file){.path = config->log_path, .what = "log"};
    outputs[0].json = config->log_json;
    outputs[0].failures_only = config->log_failures_only;
    outputs[1].file = (struct log_file){.path = config->audit_path, .what = "audit log"};
    outputs[1].json = outputs[1].audit = true;
    enum obol_code code = OBOL_OK;
    for (size_t i = 0; i < count && code == OBOL_OK; i++) {
        output_begin(&outputs[i]);
        code = log_file_open(&outputs[i].file, &err);
    }
    if (code == OBOL_OK && !config->no_sandbox)
        code = sandbox_enter(SANDBOX_SCRIBE, &err);
    if (code != OBOL_OK || !drain_start(drain)) {
        fprintf(stderr, "obol: log writer: %s\n", err.detail);
        return 1;
    }
    do
        write_all(outputs, count, drain, figures);
    while (drain_wait(drain, outputs[0].missing || outputs[1].missing ? RETRY_MS : -1));
    return 0;
}
