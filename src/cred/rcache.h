// rcache.h: the replay cache of acceptors (RFC 4120 3.2.3), one file shared by all processes of a
// user that accept with the same name: correct across processes and threads, bounded, and safe when
// a process dies at any moment. It remembers a keyed hash of each authenticator for the lifespan;
// nothing secret stands in it. A full cache refuses rather than forget. A handle serves any number
// of threads at a time, and the children of a fork.
#ifndef OBOL_CRED_RCACHE_H
#define OBOL_CRED_RCACHE_H

#include "base/error.h"
#include "krb/ap.h"

struct rcache;
// rcache_open opens or creates the file (mode 0600; refuses one of another owner, or a symlink).
// `lifespan` in seconds: twice the clock skew; env gives a new file its seed, and must live as long
// as the handle. Caller frees with rcache_close (NULL is fine).
MUST_USE enum obol_code rcache_open(struct rcache **out, const char *path, int64_t lifespan,
                                    const struct env *env, struct error *err);
void rcache_close(struct rcache *rc);
// rcache_check stores the tag: OBOL_OK the first time, KRB_AP_ERR_REPEAT within the lifespan after,
// its last second included. Sealed bytes: two tags that differ must differ in the last 32 bytes.
MUST_USE enum obol_code rcache_check(struct rcache *rc, struct slice tag, int64_t now,
                                     struct error *err);
// rcache_expect fetches into the processor's caches what a check of the tag will read, and waits
// for none of it.
void rcache_expect(const struct rcache *rc, struct slice tag);
// rcache_replay is both as ap_req_accept takes it.
struct ap_replay rcache_replay(struct rcache *rc);

#endif
