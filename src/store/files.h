// files.h: what the store asks of the files that hold a realm: they are their owner's alone.
#ifndef OBOL_STORE_FILES_H
#define OBOL_STORE_FILES_H

#include "base/error.h"
#include "base/slice.h"
#include <sys/stat.h>

// files_private refuses a file or directory that others than its owner can use, or that belongs to
// neither this user nor root; root may also use what belongs to the owner of the directory around
// it (a daemon's own home). PERMISSION with owner, mode and remedy.
MUST_USE enum obol_code files_private(const char *path, const struct stat *st, struct error *err);
bool files_exists(const char *path);
// files_make_directory makes a directory of mode 0700, durably; one that is there is left as it is.
MUST_USE enum obol_code files_make_directory(const char *path, struct error *err);
// files_sync_parent makes the creation or renaming of a file durable.
MUST_USE enum obol_code files_sync_parent(const char *path, struct error *err);
// files_replace writes a file of mode 0600 so that after a crash either the old or the new bytes
// are there: a new file beside it, fsync, rename, fsync of the directory. A file that is there
// keeps its owner; with `fresh`, EXISTS if there is one.
MUST_USE enum obol_code files_replace(const char *path, struct slice bytes, bool fresh,
                                      struct error *err);
// files_map gives the bytes of a regular file, mapped until files_unmap (which takes an empty slice
// too): IO, with the path and the reason.
MUST_USE enum obol_code files_map(const char *path, struct slice *out, struct error *err);
void files_unmap(struct slice bytes);
// files_sweep removes what replacements of a file that were killed half-way left beside it. Only
// for who knows that no other replaces it now.
void files_sweep(const char *path);

// files_log_open opens a log to be appended to, made with mode 0640 if it is not there;
// files_log_write writes to it with one call, so that lines of several processes never mix, and
// begins a line anew where another process's was cut by a full disk; files_log_end writes and
// closes it. False: errno says why.
MUST_USE enum obol_code files_log_open(const char *path, int *fd, struct error *err);
MUST_USE bool files_log_write(int fd, struct slice lines);
MUST_USE bool files_log_end(int fd, struct slice lines);
// Both in parts. files_log_look is how a log ends, UNKNOWN for one that is empty or cannot be read;
// files_log_append gives what the file did not take, with the reason in errno.
enum files_log_state { FILES_LOG_UNKNOWN, FILES_LOG_WHOLE, FILES_LOG_TORN };
enum files_log_state files_log_look(int fd);
struct slice files_log_append(int fd, struct slice rest);

// files_lock takes a lock (flock(2)) together with others who have it so; *fd is -1 where there is
// no such file, since then nobody ever had it alone. files_lock_alone makes the file, and says in
// it who has it. Both do not wait: PERMISSION, with the holder's name. It ends with files_unlock,
// or the process.
MUST_USE enum obol_code files_lock(const char *path, int *fd, struct error *err);
MUST_USE enum obol_code files_lock_alone(const char *path, struct slice who, int *fd,
                                         struct error *err);
void files_unlock(int fd); // -1 is fine

#endif
