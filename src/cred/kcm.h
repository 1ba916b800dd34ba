// kcm.h: the protocol of the Kerberos cache manager, a daemon that keeps caches (Heimdal's kcm,
// sssd's sssd-kcm): requests and replies as bytes, over a peer that carries them, so that it can
// be tested and fuzzed without one.
#ifndef OBOL_CRED_KCM_H
#define OBOL_CRED_KCM_H

#include "cred/ccache.h"

#define KCM_SOCKET    "/var/run/.heim_org.h5l.kcm-socket"
#define KCM_REPLY_MAX (16u << 20)

struct kcm {
    void *ctx;
    // Carries a request and gives its reply, without the lengths around them.
    enum obol_code (*exchange)(void *ctx, struct slice request, struct arena *a,
                               struct slice *reply, struct error *err);
    const char *name; // of the cache, for errors
};

MUST_USE enum obol_code kcm_read(const struct kcm *k, struct slice cache, struct arena *a,
                                 struct ccache_content *out, struct error *err);
MUST_USE enum obol_code kcm_initialize(const struct kcm *k, struct slice cache,
                                       const struct ccache_content *content, struct arena *a,
                                       struct error *err);
MUST_USE enum obol_code kcm_store(const struct kcm *k, struct slice cache, const struct cred *creds,
                                  size_t count, struct arena *a, struct error *err);
MUST_USE enum obol_code kcm_remove(const struct kcm *k, struct slice cache,
                                   const struct principal *server, struct arena *a,
                                   struct error *err);
MUST_USE enum obol_code kcm_destroy(const struct kcm *k, struct slice cache, struct arena *a,
                                    struct error *err);
// kcm_primary gives the name of the default cache, kcm_unique that of a new one, kcm_list the names
// of all that can be read, the default first.
MUST_USE enum obol_code kcm_primary(const struct kcm *k, struct arena *a, struct slice *out,
                                    struct error *err);
MUST_USE enum obol_code kcm_unique(const struct kcm *k, struct arena *a, struct slice *out,
                                   struct error *err);
MUST_USE enum obol_code kcm_make_primary(const struct kcm *k, struct slice cache, struct arena *a,
                                         struct error *err);
MUST_USE enum obol_code kcm_list(const struct kcm *k, struct arena *a, struct slice_list *out,
                                 struct error *err);

#endif
