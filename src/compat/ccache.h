// ccache.h: what stands behind a krb5_ccache, for the other files of this layer.
#ifndef OBOL_COMPAT_CCACHE_H
#define OBOL_COMPAT_CCACHE_H

#include "compat/context.h"
#include "cred/ccache.h"

struct _krb5_ccache {
    krb5_magic magic; // KV5M_CCACHE; 0 once it is closed
    struct ccache *cache;
    char *name; // "FILE:/tmp/krb5cc_0"
    krb5_flags flags;
};

// cc_is says whether it is a cache that is open.
static inline bool cc_is(krb5_ccache cc) {
    return cc && cc->magic == KV5M_CCACHE;
}
// cc_wrap makes a handle of an open cache, which it takes over, even when it fails.
MUST_USE krb5_error_code cc_wrap(struct ccache *cache, krb5_ccache *out);
// cc_read reads a cache; its clock offset is taken over by the context unless the program set one.
MUST_USE enum obol_code cc_read(struct call *c, krb5_ccache cc, struct ccache_content *out);

#endif
