// keytab_memory.h: keytabs in memory, "MEMORY:x", of one process: keytab_read, keytab_add and
// keytab_remove (cred/keytab.h) take their names as they take a file's.
#ifndef OBOL_CRED_KEYTAB_MEMORY_H
#define OBOL_CRED_KEYTAB_MEMORY_H

#include "cred/keytab.h"

struct keytab_memory;

// keytab_memory_is is whether a name or path is that of one.
static inline bool keytab_memory_is(struct slice name) {
    return slice_starts(name, SLICE_LITERAL("MEMORY:"));
}
// keytab_memory_open makes it, or takes one more hold of it; NULL without memory. It is gone with
// the last keytab_memory_close, which takes NULL.
struct keytab_memory *keytab_memory_open(const char *name);
void keytab_memory_close(struct keytab_memory *m);

// What the functions of the same names in keytab.h do; KEYTAB_NOT_FOUND if nobody holds it open.
MUST_USE enum obol_code keytab_memory_read(const char *name, struct arena *a,
                                           struct keytab_content *out, struct error *err);
MUST_USE enum obol_code keytab_memory_add(const char *name, const struct keytab_entry *entries,
                                          size_t count, struct error *err);
MUST_USE enum obol_code keytab_memory_remove(const char *name, const struct principal *principal,
                                             uint32_t kvno, int32_t etype, size_t *removed,
                                             struct error *err);

#endif
