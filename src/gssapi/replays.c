// replays.c: the replay caches that acceptors of this process use, open as long as it lives
// (threads may be in a call while it ends): one file each, shared with other processes of the user;
// see part.h.
#include "base/env.h"
#include "cred/rcache.h"
#include "gssapi/part.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REPLAYS_MAX 64
#define PATH_BYTES  1024

struct replay {
    char path[PATH_BYTES];
    struct rcache *rcache;
    struct ap_replay replay;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct replay *open_ones[REPLAYS_MAX];
static size_t count;

// The file of a name. Empty: no replay cache is wanted. MIT krb5's default name is not taken: the
// files differ.
static enum obol_code path_of(const char *name, const struct krb5conf *conf, char path[PATH_BYTES],
                              struct error *err) {
    const char *env = secure_getenv("KRB5RCACHENAME"), *type = secure_getenv("KRB5RCACHETYPE");
    const char *dir = secure_getenv("KRB5RCACHEDIR");
    struct slice text = name ? slice_str(name) : env ? slice_str(env) : conf->default_rcache_name;
    if (!text.len && type && strcmp(type, "none") == 0)
        text = SLICE_LITERAL("none:");
    path[0] = '\0';
    if (slice_eq_str(text, "none:"))
        return OBOL_OK;
    int n;
    struct slice file = SLICE_LITERAL("file2:");
    if (!text.len || slice_eq_str(text, "dfl:")) {
        n = snprintf(path, PATH_BYTES, "%s/obol_%lu.rcache2", dir && *dir ? dir : "/var/tmp",
                     (unsigned long)geteuid());
    } else {
        bool named = slice_starts(text, file);
        if (named)
            text = slice_sub(text, file.len, text.len);
        ENSURE(text.len && (named || text.ptr[0] == '/'), UNSUPPORTED,
               "\"%.*s\" names no replay cache; write file2:/path, dfl: or none:", SLICE_ARG(text));
        n = snprintf(path, PATH_BYTES, "%.*s", SLICE_ARG(text));
    }
    ENSURE(n > 0 && n < PATH_BYTES, REPLAY_CACHE_IO, "the replay cache's name is too long");
    return OBOL_OK;
}

static enum obol_code open_one(const char *path, int64_t clockskew, const struct ap_replay **out,
                               struct error *err) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(open_ones[i]->path, path) == 0) {
            *out = &open_ones[i]->replay;
            return OBOL_OK;
        }
    ENSURE(count < REPLAYS_MAX, REPLAY_CACHE_IO, "this process has %d replay caches open already",
           REPLAYS_MAX);
    struct replay *r = calloc(1, sizeof *r);
    ENSURE_MEMORY(r);
    memcpy(r->path, path, strlen(path) + 1);
    // RFC 4120 3.2.3: an authenticator may come that long before and after its time.
    enum obol_code code = rcache_open(&r->rcache, path, 2 * clockskew, env_system(), err);
    if (code != OBOL_OK) {
        free(r);
        return code;
    }
    r->replay = rcache_replay(r->rcache);
    open_ones[count++] = r;
    *out = &r->replay;
    return OBOL_OK;
}

const char *gssapi_replay_name(const struct ap_replay *replay) {
    if (!replay)
        return "none:";
    return (const char *)replay - offsetof(struct replay, replay) + offsetof(struct replay, path);
}

enum obol_code gssapi_replay_check(const char *name, const struct krb5conf *conf,
                                   struct error *err) {
    char path[PATH_BYTES];
    return path_of(name, conf, path, err);
}

enum obol_code gssapi_replay(const char *name, const struct krb5conf *conf,
                             const struct ap_replay **out, struct error *err) {
    char path[PATH_BYTES];
    *out = NULL;
    TRY(path_of(name, conf, path, err));
    if (!path[0])
        return OBOL_OK;
    pthread_mutex_lock(&lock);
    enum obol_code code = open_one(path, conf->clockskew, out, err);
    pthread_mutex_unlock(&lock);
    return code;
}
