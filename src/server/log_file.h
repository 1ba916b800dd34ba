// log_file.h: where lines go: a file, standard error or syslog. On a disk that is full the line
// that was being written is cut, and the next one begins anew: no line is lost by being joined to
// it.
#ifndef OBOL_SERVER_LOG_FILE_H
#define OBOL_SERVER_LOG_FILE_H

#include "base/error.h"

struct log_file {
    const char *path; // "syslog"; NULL: standard error
    const char *what; // "log", "audit log": for those who read standard error
    // internal
    int fd;
    bool syslog, failed, torn;
};

MUST_USE enum obol_code log_file_open(struct log_file *f, struct error *err);
// log_file_check sees that it could be opened.
MUST_USE enum obol_code log_file_check(const char *path, struct error *err);
// log_file_write gives how many of these whole lines were not written; the first of them may be in
// part.
uint64_t log_file_write(struct log_file *f, struct slice lines);

#endif
