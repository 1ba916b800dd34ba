// marshal.h: a credential as bytes, in the four versions of the FILE cache's format; also what a
// keyring or KCM holds (version 4).
#ifndef OBOL_CRED_MARSHAL_H
#define OBOL_CRED_MARSHAL_H

#include "base/reader.h"
#include "cred/cred.h"

#define CRED_VERSION_MAX 4 // 3 and 4 are big-endian; 1 and 2 have the byte order of the machine

// cred_write appends the entry, principal_marshal a principal alone. What the format cannot hold
// (a time outside 32 bits, an enctype outside 16) makes the writer fail.
void cred_write(struct writer *w, unsigned version, const struct cred *c);
void principal_marshal(struct writer *w, unsigned version, const struct principal *p);
// cred_read reads the next entry. It borrows from the reader's bytes; lists stand in the arena.
// CCACHE_FORMAT for what can never be an entry; NOT_FOUND if the bytes end before it does, as
// after a writer that died.
MUST_USE enum obol_code cred_read(struct reader *r, unsigned version, struct arena *a,
                                  struct cred *out, struct error *err);
MUST_USE enum obol_code principal_unmarshal(struct reader *r, unsigned version, struct arena *a,
                                            struct principal *out, struct error *err);

#endif
