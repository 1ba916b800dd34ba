// audit.c: see audit.h.
#include "admin/audit.h"
#include "base/writer.h"
#include "store/files.h"
#include <errno.h>
#include <stdio.h>
#include <time.h>

enum { LINE_BYTES = 32 * 1024 }; // two names at their longest and a reason, escaped

enum { MEMORY_BYTES = 16 * 1024, MEMORY_LIMIT = 1 << 30 }; // names of a batch, at most

struct admin_audited {
    struct slice name;
    struct admin_audited *next;
};

enum obol_code audit_begin(struct admin *adm, int *fd, struct error *err) {
    adm->audited_len = 0;
    adm->audited_first = adm->audited_last = NULL;
    *fd = -1;
    if (!adm->audit_path)
        return OBOL_OK;
    if (adm->audit_memory.size > 0)
        arena_reset(&adm->audit_memory);
    else
        ENSURE(arena_init(&adm->audit_memory, MEMORY_BYTES, MEMORY_LIMIT), NO_MEMORY,
               "no memory for the audit log's lines");
    return files_log_open(adm->audit_path, fd, err);
}

void audit_name(struct admin *adm, struct slice text) {
    if (adm->audited_len > 0 || text.len > sizeof adm->audited)
        return;
    memcpy(adm->audited, text.ptr, text.len);
    adm->audited_len = text.len;
}

void audit_skip(struct admin *adm) {
    adm->audited_len = 0;
}

enum obol_code audit_done(struct admin *adm, struct error *err) {
    struct slice name = slice_of(adm->audited, adm->audited_len);
    adm->audited_len = 0;
    if (!adm->audit_path || !name.len)
        return OBOL_OK;
    struct admin_audited *done = arena_zalloc(&adm->audit_memory, 1, sizeof *done);
    ENSURE_MEMORY(done);
    ENSURE(arena_copy(&adm->audit_memory, name, &done->name), NO_MEMORY,
           "no memory for the audit log's lines");
    *(adm->audited_last ? &adm->audited_last->next : &adm->audited_first) = done;
    adm->audited_last = done;
    return OBOL_OK;
}

// "admin_principal_add" is the operation "principal add".
static void write_operation(struct writer *w, const char *function) {
    static const struct {
        const char *function, *name;
    } others[] = {{"run", "import"}, {"complete", "master replace"}};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(function, others[i].function) == 0)
            function = others[i].name;
    if (strncmp(function, "admin_", 6) == 0)
        function += 6;
    for (; *function; function++)
        writer_u8(w, *function == '_' ? ' ' : (uint8_t)*function);
}

struct line {
    const char *function;
    enum obol_code result;
    const struct error *why;
    char time[80];
};

static void write_line(const struct admin *adm, const struct line *l, struct slice target,
                       struct writer *w) {
    writer_printf(w, "{\"time\":\"%s\",\"kind\":\"ADMIN\",\"result\":\"%s\",\"operation\":\"",
                  l->time, l->result == OBOL_OK ? "ok" : error_info(l->result)->name);
    write_operation(w, l->function);
    writer_str(w, "\"");
    if (adm->actor.len) {
        writer_str(w, ",\"actor\":");
        json_string(w, adm->actor);
    }
    if (target.len) {
        writer_str(w, ",\"target\":");
        json_string(w, target);
    }
    if (l->result != OBOL_OK && l->why && l->why->code == l->result && l->why->detail[0]) {
        writer_str(w, ",\"reason\":");
        json_string(w, slice_str(l->why->detail));
    }
    writer_str(w, "}\n");
}

static void write_time(const struct admin *adm, struct line *l) {
    int64_t now_us = env_now_us(adm->env);
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    snprintf(l->time, sizeof l->time, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(now_us % 1000000));
}

// The lines of several processes never mix: each write has whole ones.
static bool write_lines(const struct admin *adm, int fd, const struct line *l) {
    static _Thread_local uint8_t bytes[4 * LINE_BYTES];
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    bool written = true;
    for (const struct admin_audited *a = l->result == OBOL_OK ? adm->audited_first : NULL; a;
         a = a->next) {
        write_line(adm, l, a->name, &w);
        if (w.len + LINE_BYTES < sizeof bytes)
            continue;
        written = files_log_write(fd, writer_slice(&w)) && written;
        w = writer_to_buf(buf_of(bytes, sizeof bytes));
    }
    if (adm->audited_len || l->result != OBOL_OK || !adm->audited_first)
        write_line(adm, l, slice_of(adm->audited, adm->audited_len), &w);
    return files_log_end(fd, writer_slice(&w)) && written;
}

void audit_end(struct admin *adm, int fd, const char *function, enum obol_code result,
               const struct error *why) {
    struct line l = {.function = function, .result = result, .why = why};
    if (fd < 0)
        return;
    write_time(adm, &l);
    // The change is made, and stays made.
    if (!write_lines(adm, fd, &l))
        fprintf(stderr, "obol: the audit log %s was not written: %s\n", adm->audit_path,
                strerror(errno));
}
