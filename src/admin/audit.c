// audit.c: see audit.h.
#include "admin/audit.h"
#include "base/writer.h"
#include "store/files.h"
#include <errno.h>
#include <stdio.h>
#include <time.h>

enum { LINE_BYTES = 32 * 1024 }; // two names at their longest, escaped

enum obol_code audit_begin(struct admin *adm, int *fd, struct error *err) {
    adm->audited_len = 0;
    *fd = -1;
    if (!adm->audit_path)
        return OBOL_OK;
    return files_log_open(adm->audit_path, fd, err);
}

void audit_name(struct admin *adm, struct slice text) {
    if (adm->audited_len > 0 || text.len > sizeof adm->audited)
        return;
    memcpy(adm->audited, text.ptr, text.len);
    adm->audited_len = text.len;
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

void audit_end(struct admin *adm, int fd, const char *function, enum obol_code result) {
    static _Thread_local uint8_t line[LINE_BYTES];
    if (fd < 0)
        return;
    int64_t now_us = env_now_us(adm->env);
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm tm = {0};
    struct writer w = writer_to_buf(buf_of(line, sizeof line));
    gmtime_r(&seconds, &tm);
    writer_printf(&w, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\",\"kind\":\"ADMIN\",",
                  tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                  (int)(now_us % 1000000));
    writer_printf(&w, "\"result\":\"%s\",\"operation\":\"",
                  result == OBOL_OK ? "ok" : error_info(result)->name);
    write_operation(&w, function);
    writer_str(&w, "\"");
    if (adm->actor.len) {
        writer_str(&w, ",\"actor\":");
        json_string(&w, adm->actor);
    }
    if (adm->audited_len) {
        writer_str(&w, ",\"target\":");
        json_string(&w, slice_of(adm->audited, adm->audited_len));
    }
    writer_str(&w, "}\n");
    // The change is made, and stays made.
    if (!files_log_end(fd, writer_slice(&w)))
        fprintf(stderr, "obol: the audit log %s was not written: %s\n", adm->audit_path,
                strerror(errno));
}
