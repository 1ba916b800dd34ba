// ccache_ops.h: what a kind of credential cache implements; for the files ccache_*.c only.
#ifndef OBOL_CRED_CCACHE_OPS_H
#define OBOL_CRED_CCACHE_OPS_H

#include "cred/ccache.h"

struct ccache {
    const struct ccache_ops *ops;
    char *name;       // "KIND:rest", one block with the handle's life
    char *residual;   // behind the colon; points into name
    const char *path; // of FILE and DIR: the file; points into name
    char *place;      // of KCM: its socket; freed with the handle
};

struct ccache_ops {
    const char *kind; // "FILE"
    bool collects;    // the name may stand for several caches, of which one is the primary
    // Checks the name. That of a collection becomes that of its primary cache (ccache_rename).
    enum obol_code (*open)(struct ccache *cc, const struct krb5conf *conf, struct error *err);
    void (*close)(struct ccache *cc);
    enum obol_code (*initialize)(struct ccache *cc, const struct ccache_content *content,
                                 struct error *err);
    enum obol_code (*store)(struct ccache *cc, const struct cred *creds, size_t count,
                            struct error *err);
    enum obol_code (*read)(struct ccache *cc, struct arena *a, struct ccache_content *out,
                           struct error *err);
    enum obol_code (*remove)(struct ccache *cc, const struct principal *server, struct error *err);
    enum obol_code (*destroy)(struct ccache *cc, struct error *err);
    // Adds the residuals of the caches that a residual stands for, the primary one first.
    enum obol_code (*list)(const char *residual, const struct krb5conf *conf, struct arena *a,
                           struct slice_list *out, struct error *err);
    // Gives the residual of a new cache in the collection of a residual (empty: the usual place).
    enum obol_code (*unique)(const char *residual, const struct krb5conf *conf, struct arena *a,
                             struct slice *out, struct error *err);
    // Makes it the primary one of its collection; NULL for kinds that have none.
    enum obol_code (*make_primary)(struct ccache *cc, struct error *err);
};

extern const struct ccache_ops CCACHE_FILE, CCACHE_DIR, CCACHE_KEYRING, CCACHE_KCM, CCACHE_MEMORY;

// ccache_rename gives a handle another residual.
MUST_USE enum obol_code ccache_rename(struct ccache *cc, struct slice residual, struct error *err);
// ccache_list_add adds a copy of a text.
MUST_USE enum obol_code ccache_list_add(struct slice_list *list, struct slice text, struct arena *a,
                                        struct error *err);
// ccache_unique_word fills `out` with random letters and digits, and a NUL.
void ccache_unique_word(char *out, size_t size);

// The FILE cache's ways, over cc->path: a cache of DIR is such a file.
void ccache_file_close(struct ccache *cc);
enum obol_code ccache_file_initialize(struct ccache *cc, const struct ccache_content *content,
                                      struct error *err);
enum obol_code ccache_file_store(struct ccache *cc, const struct cred *creds, size_t count,
                                 struct error *err);
enum obol_code ccache_file_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                                struct error *err);
enum obol_code ccache_file_remove(struct ccache *cc, const struct principal *server,
                                  struct error *err);
enum obol_code ccache_file_destroy(struct ccache *cc, struct error *err);
// ccache_file_there: a file with something in it.
bool ccache_file_there(const char *path);
// ccache_file_unique makes an empty file of a path that ends in six X, as mkstemp(3) does.
MUST_USE enum obol_code ccache_file_unique(struct slice *path, struct arena *a, struct error *err);

#endif
