// ccache_format.h: a FILE cache's bytes walked entry by entry, with where each stands.
#ifndef OBOL_CRED_CCACHE_FORMAT_H
#define OBOL_CRED_CCACHE_FORMAT_H

#include "cred/ccache.h"
#include "cred/marshal.h"

struct ccache_walk {
    struct reader reader;
    const char *name;
    size_t size;
    unsigned version;
    size_t offset, end; // of the entry given last; before the first, the end of the header
};

// ccache_walk_begin reads header and principal into `out`. CCACHE_FORMAT.
MUST_USE enum obol_code ccache_walk_begin(struct ccache_walk *walk, struct slice bytes,
                                          const char *name, struct arena *a,
                                          struct ccache_content *out, struct error *err);
// ccache_walk_next reads the next entry, removed ones too; *more is false at the end. An entry that
// is cut off is the end, and sets out->half_written.
MUST_USE enum obol_code ccache_walk_next(struct ccache_walk *walk, struct arena *a,
                                         struct ccache_content *out, struct cred *cred, bool *more,
                                         struct error *err);

#endif
