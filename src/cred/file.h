// file.h: files that several programs write at once: caches and keytabs. They are locked as MIT
// krb5 and Heimdal lock them: the whole file, by fcntl, on the open file description where the
// kernel can; so all three wait for each other.
#ifndef OBOL_CRED_FILE_H
#define OBOL_CRED_FILE_H

#include "base/arena.h"
#include "base/error.h"

// How a kind of file speaks of its failures.
struct cred_file_kind {
    enum obol_code missing, io;
    size_t size_max; // bytes that are read
    bool guarded;    // it must be ours: refuse symbolic links and owners of others (caches in /tmp)
};
enum cred_file_mode {
    CRED_FILE_READ,   // shared lock
    CRED_FILE_WRITE,  // exclusive lock; the file is there
    CRED_FILE_CREATE, // exclusive lock; made with mode 0600 if it is not
};
struct cred_file {
    const struct cred_file_kind *kind;
    const char *path;
    int fd; // -1: not open
};

// cred_file_open opens and locks. When it returns the file is the one that the path names: a file
// that was replaced while we waited for its lock is opened anew.
MUST_USE enum obol_code cred_file_open(struct cred_file *f, const struct cred_file_kind *kind,
                                       const char *path, enum cred_file_mode mode,
                                       struct error *err);
// cred_file_close unlocks and closes; for CLEANUP, a file that is not open is fine.
void cred_file_close(struct cred_file *f);
// cred_file_read reads the whole file into the arena.
MUST_USE enum obol_code cred_file_read(const struct cred_file *f, struct arena *a,
                                       struct slice *out, struct error *err);
// cred_file_write writes all bytes at an offset with one call. If the disk takes only a part, what
// stood at and behind the end is cut off again.
MUST_USE enum obol_code cred_file_write(const struct cred_file *f, struct slice bytes,
                                        uint64_t offset, uint64_t old_size, struct error *err);
// cred_file_truncate cuts the file to a size.
MUST_USE enum obol_code cred_file_truncate(const struct cred_file *f, uint64_t size,
                                           struct error *err);
// cred_file_replace makes a file anew beside its place, with mode 0600, and renames it into it: who
// reads sees all the old or all the new.
MUST_USE enum obol_code cred_file_replace(const struct cred_file_kind *kind, const char *path,
                                          struct slice bytes, struct error *err);
// cred_file_failed records an errno with the path: missing, PERMISSION or io of the kind.
enum obol_code cred_file_failed(const struct cred_file_kind *kind, const char *path, int number,
                                struct error *err);

#endif
