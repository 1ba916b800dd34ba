// views.c: credential caches as they were last read; see part.h. A FILE cache is read again when
// its file changes; other kinds are read each time.
#include "gssapi/part.h"
#include <stdlib.h>

#define VIEWS_MAX 16

struct gssapi_view_key {
    char *path;
    struct gssapi_stamp stamp;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gssapi_view *kept[VIEWS_MAX];
static unsigned next;

static void view_drop(struct gssapi_view *view) {
    if (!view || --view->refs)
        return;
    gssapi_arena_give(view->arena);
    if (view->key)
        free(view->key->path);
    free(view->key);
    free(view);
}

void gssapi_view_put(struct gssapi_view *view) {
    pthread_mutex_lock(&lock);
    view_drop(view);
    pthread_mutex_unlock(&lock);
}

static struct gssapi_view *view_kept(const char *path, const struct gssapi_stamp *stamp) {
    struct gssapi_view *found = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < VIEWS_MAX && !found; i++)
        if (kept[i] && strcmp(kept[i]->key->path, path) == 0) {
            if (gssapi_stamp_eq(&kept[i]->key->stamp, stamp)) {
                found = kept[i];
                found->refs++;
            } else {
                view_drop(kept[i]);
                kept[i] = NULL;
            }
        }
    pthread_mutex_unlock(&lock);
    return found;
}

static void view_keep(struct gssapi_view *view) {
    pthread_mutex_lock(&lock);
    size_t at = 0;
    while (at < VIEWS_MAX && kept[at])
        at++;
    if (at == VIEWS_MAX)
        at = next++ % VIEWS_MAX;
    view_drop(kept[at]);
    kept[at] = view;
    view->refs++;
    pthread_mutex_unlock(&lock);
}

static enum obol_code view_read(struct ccache *cache, const char *path,
                                const struct gssapi_stamp *stamp, struct gssapi_view **out,
                                struct error *err) {
    struct gssapi_view *view = calloc(1, sizeof *view);
    ENSURE_MEMORY(view);
    view->refs = 1;
    view->arena = gssapi_arena_take();
    enum obol_code code = view->arena ? ccache_read(cache, view->arena, &view->content, err)
                                      : error_set(err, OBOL_NO_MEMORY, __func__, "no room");
    if (code != OBOL_OK) {
        gssapi_view_put(view);
        return code;
    }
    *out = view;
    if (!path || !stamp || !gssapi_stamp_settled(stamp))
        return OBOL_OK;
    view->key = calloc(1, sizeof *view->key);
    char *copy = strdup(path);
    if (!view->key || !copy) {
        free(copy);
        free(view->key);
        view->key = NULL;
        return OBOL_OK; // it is not kept
    }
    *view->key = (struct gssapi_view_key){copy, *stamp};
    view_keep(view);
    return OBOL_OK;
}

enum obol_code gssapi_view_get(struct ccache *cache, struct gssapi_view **out, struct error *err) {
    struct slice name = ccache_name(cache), prefix = SLICE_LITERAL("FILE:");
    if (!slice_starts(name, prefix))
        return view_read(cache, NULL, NULL, out, err);
    char path[4096];
    struct slice file = slice_sub(name, prefix.len, name.len);
    if (file.len >= sizeof path)
        return view_read(cache, NULL, NULL, out, err);
    memcpy(path, file.ptr, file.len);
    path[file.len] = '\0';
    // The stamp is taken before the file is read: a change in between is seen the next time.
    struct gssapi_stamp stamp = gssapi_stamp_of(path);
    *out = view_kept(path, &stamp);
    return *out ? OBOL_OK : view_read(cache, path, &stamp, out, err);
}

__attribute__((destructor)) static void views_end(void) {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < VIEWS_MAX; i++) {
        view_drop(kept[i]);
        kept[i] = NULL;
    }
    pthread_mutex_unlock(&lock);
}
