// ccache_ops.h: what a kind of credential cache implements; for the files ccache_*.c only.
#ifndef OBOL_CRED_CCACHE_OPS_H
#define OBOL_CRED_CCACHE_OPS_H

#include "cred/ccache.h"

struct ccache {
    const struct ccache_ops *ops;
    char *name;     // "KIND:rest", one block with the handle's life
    char *residual; // behind the colon; points into name
    void *state;    // of the kind
};

struct ccache_ops {
    const char *kind; // "FILE"
    enum obol_code (*open)(struct ccache *cc, struct error *err);
    void (*close)(struct ccache *cc);
    enum obol_code (*initialize)(struct ccache *cc, const struct ccache_content *content,
                                 struct error *err);
    enum obol_code (*store)(struct ccache *cc, const struct cred *creds, size_t count,
                            struct error *err);
    enum obol_code (*read)(struct ccache *cc, struct arena *a, struct ccache_content *out,
                           struct error *err);
    enum obol_code (*remove)(struct ccache *cc, const struct principal *server, struct error *err);
    enum obol_code (*destroy)(struct ccache *cc, struct error *err);
};

extern const struct ccache_ops CCACHE_FILE, CCACHE_MEMORY;

#endif
