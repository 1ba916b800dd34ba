// thread_cache.c: the cache that a thread names as its default (gss_krb5_ccache_name, of MIT krb5;
// Apache's modules use it to act for one user a request).
#include "gssapi/conf.h"
#include "gssapi/cred.h"
#include "gssapi/status.h"
#include <stdlib.h>

struct names {
    char *now, *before; // `before` was given out, and lives until the next call
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;

static void names_free(void *arg) {
    struct names *n = arg;
    free(n->now);
    free(n->before);
    free(n);
}

static void make_key(void) {
    have_key = pthread_key_create(&key, names_free) == 0;
}

static struct names *own(bool make) {
    pthread_once(&once, make_key);
    struct names *n = have_key ? pthread_getspecific(key) : NULL;
    if (n || !make || !have_key)
        return n;
    n = calloc(1, sizeof *n);
    if (n && pthread_setspecific(key, n) != 0) {
        free(n);
        n = NULL;
    }
    return n;
}

const char *gssapi_thread_ccache(void) {
    const struct names *n = own(false);
    return n ? n->now : NULL;
}

// What the default is when the thread has named none.
static char *usual_name(void) {
    struct gssapi_conf *conf = NULL;
    struct arena *a = gssapi_arena_take();
    struct slice name;
    char *copy = NULL;
    if (a && gssapi_conf_get(&conf, NULL) == OBOL_OK &&
        ccache_default_name(&conf->conf, a, &name, NULL) == OBOL_OK)
        copy = strndup((const char *)name.ptr, name.len);
    gssapi_conf_put(conf);
    gssapi_arena_give(a);
    return copy;
}

OM_uint32 gss_krb5_ccache_name(OM_uint32 *minor, const char *name, const char **before);
OM_uint32 gss_krb5_ccache_name(OM_uint32 *minor, const char *name, const char **before) {
    if (before)
        *before = NULL;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    struct names *n = own(true);
    char *copy = name ? strdup(name) : NULL;
    if (!n || (name && !copy)) {
        free(copy);
        return gssapi_no_memory(minor);
    }
    free(n->before);
    n->before = n->now ? n->now : before ? usual_name() : NULL;
    n->now = copy;
    if (before)
        *before = n->before;
    return GSS_S_COMPLETE;
}
