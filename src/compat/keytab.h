// keytab.h: what stands behind a krb5_keytab, for the other files of this layer.
#ifndef OBOL_COMPAT_KEYTAB_H
#define OBOL_COMPAT_KEYTAB_H

#include "compat/context.h"
#include "cred/keytab_memory.h"

struct _krb5_kt {
    krb5_magic magic;             // KV5M_KEYTAB; 0 once it is closed
    char *name;                   // "FILE:/etc/krb5.keytab", "MEMORY:x"
    const char *path;             // the file, within name; or all of it
    struct keytab_memory *memory; // what is held open; NULL: a file
};

static inline bool kt_is(krb5_keytab kt) {
    return kt && kt->magic == KV5M_KEYTAB;
}
// kt_open reads all entries into the call's arena; kt NULL stands for the default keytab. *path is
// its file.
MUST_USE enum obol_code kt_open(struct call *c, krb5_keytab kt, struct keytab_content *out,
                                const char **path);

#endif
