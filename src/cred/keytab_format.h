// keytab_format.h: a keytab's bytes walked record by record, holes included.
#ifndef OBOL_CRED_KEYTAB_FORMAT_H
#define OBOL_CRED_KEYTAB_FORMAT_H

#include "base/reader.h"
#include "cred/keytab.h"

struct keytab_walk {
    struct reader reader;
    const char *path;
    size_t size;
    unsigned version;
    size_t offset; // of the record given last: where its length stands
    size_t length; // of its bytes behind that
    size_t end;    // behind it; what is whole of the file once the walk has ended
    bool hole;
    bool half_written;
};

MUST_USE enum obol_code keytab_walk_begin(struct keytab_walk *walk, struct slice bytes,
                                          const char *path, struct error *err);
// keytab_walk_next gives the next record; `entry` is filled unless it is a hole. *more is false at
// the end; a record that is cut off is the end. KEYTAB_FORMAT for a whole record that is none.
MUST_USE enum obol_code keytab_walk_next(struct keytab_walk *walk, struct arena *a,
                                         struct keytab_entry *entry, bool *more, struct error *err);
// keytab_write_entry appends an entry without its length.
void keytab_write_entry(struct writer *w, const struct keytab_entry *e);

#endif
