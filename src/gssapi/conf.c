// conf.c: krb5.conf for the library; see conf.h.
#include "gssapi/conf.h"
#include "cred/select.h"
#include "gssapi/part.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CONF_SIZE  (64u << 10)
#define CONF_LIMIT (16u << 20)
#define STAMPS_MAX 64   // files that are watched
#define PATHS_MAX  4096 // bytes of KRB5_CONFIG

struct watch {
    char paths[PATHS_MAX]; // KRB5_CONFIG as it was
    char *files[STAMPS_MAX];
    struct gssapi_stamp stamps[STAMPS_MAX];
    size_t count;
    time_t looked; // monotonic seconds
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gssapi_conf *present;
static struct watch watch;

static void watch_add(const char *file, size_t len) {
    for (size_t i = 0; i < watch.count; i++)
        if (strlen(watch.files[i]) == len && memcmp(watch.files[i], file, len) == 0)
            return;
    char *copy = len && watch.count < STAMPS_MAX ? strndup(file, len) : NULL;
    if (!copy)
        return;
    watch.files[watch.count] = copy;
    watch.stamps[watch.count++] = gssapi_stamp_of(copy);
}

static void watch_tree(const struct profile_node *node) {
    if (node->file)
        watch_add(node->file, strlen(node->file));
    for (const struct profile_node *child = node->children; child; child = child->next)
        watch_tree(child);
}

static void watch_clear(void) {
    for (size_t i = 0; i < watch.count; i++)
        free(watch.files[i]);
    watch.count = 0;
}

// MIT krb5's call for a KDC's own programs: what stands in kdc.conf goes before krb5.conf.
static bool with_kdc_conf;

OM_uint32 krb5_gss_use_kdc_context(void);
OM_uint32 krb5_gss_use_kdc_context(void) {
    pthread_mutex_lock(&lock);
    with_kdc_conf = true;
    pthread_mutex_unlock(&lock);
    return GSS_S_COMPLETE;
}

// It lasts until the next call, under the lock.
static const char *paths_now(void) {
    static char joined[PATHS_MAX];
    const char *paths = secure_getenv("KRB5_CONFIG"), *kdc = secure_getenv("KRB5_KDC_PROFILE");
    paths = paths && *paths && strlen(paths) < PATHS_MAX ? paths : "/etc/krb5.conf";
    if (!with_kdc_conf)
        return paths;
    int n = snprintf(joined, sizeof joined, "%s:%s", kdc && *kdc ? kdc : "/etc/krb5kdc/kdc.conf",
                     paths);
    return n > 0 && n < PATHS_MAX ? joined : paths;
}

static time_t monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec;
}

// Whether what was read still holds. Files are looked at once a second.
static bool still_holds(void) {
    if (!present || strcmp(watch.paths, paths_now()) != 0)
        return false;
    time_t now = monotonic();
    if (now == watch.looked)
        return true;
    watch.looked = now;
    for (size_t i = 0; i < watch.count; i++) {
        struct gssapi_stamp stamp = gssapi_stamp_of(watch.files[i]);
        if (!gssapi_stamp_eq(&stamp, &watch.stamps[i]))
            return false;
    }
    return true;
}

static void conf_free(struct gssapi_conf *conf) {
    arena_clear(&conf->arena);
    free(conf);
}

// What is watched is noted before it is read: a change in between is seen the next time.
static void watch_paths(const char *paths) {
    watch_clear();
    memcpy(watch.paths, paths, strlen(paths) + 1);
    watch.looked = monotonic();
    for (const char *at = paths; *at;) {
        size_t len = strcspn(at, ":");
        watch_add(at, len);
        at += len + (at[len] == ':');
    }
}

static enum obol_code conf_read(struct gssapi_conf **out, struct error *err) {
    struct gssapi_conf *conf = calloc(1, sizeof *conf);
    if (conf && !arena_init(&conf->arena, CONF_SIZE, CONF_LIMIT)) {
        free(conf);
        conf = NULL;
    }
    ENSURE_MEMORY(conf);
    const char *paths = paths_now();
    watch_paths(paths);
    // The user's rules are read when they are needed; that there are none is known from here.
    struct slice rules = identity_path(&conf->arena);
    conf->has_identity = rules.len && gssapi_stamp_of((const char *)rules.ptr).there;
    watch_add((const char *)rules.ptr, rules.len);
    enum obol_code code = krb5conf_load(&conf->conf, slice_str(paths), &conf->arena, err);
    if (code != OBOL_OK) {
        conf_free(conf);
        return code;
    }
    watch_tree(&conf->conf.profile.root);
    conf->refs = 1;
    *out = conf;
    return OBOL_OK;
}

static void drop(struct gssapi_conf *conf) {
    if (conf && --conf->refs == 0)
        conf_free(conf);
}

enum obol_code gssapi_conf_get(struct gssapi_conf **out, struct error *err) {
    enum obol_code code = OBOL_OK;
    pthread_mutex_lock(&lock);
    if (!still_holds()) {
        struct gssapi_conf *fresh = NULL;
        code = conf_read(&fresh, err);
        drop(present);
        present = fresh;
    }
    *out = present;
    if (present)
        present->refs++;
    pthread_mutex_unlock(&lock);
    return code;
}

void gssapi_conf_put(struct gssapi_conf *conf) {
    if (!conf)
        return;
    pthread_mutex_lock(&lock);
    drop(conf);
    pthread_mutex_unlock(&lock);
}

__attribute__((destructor)) static void conf_end(void) {
    pthread_mutex_lock(&lock);
    drop(present);
    present = NULL;
    watch_clear();
    pthread_mutex_unlock(&lock);
}
