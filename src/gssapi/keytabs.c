// keytabs.c: keytabs with their keys prepared; see part.h. A set of them is in one user's hands at
// a time; sets that were given back wait for the next, until their file changes.
#include "crypto/crypto.h"
#include "gssapi/part.h"
#include <stdlib.h>

#define KEYTABS_MAX 32 // sets that wait
#define KEYTAB_SIZE (16u << 10)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gssapi_keytab *waiting;
static size_t count;

static void keytab_free(struct gssapi_keytab *k) {
    for (size_t i = 0; k->keys && i < k->content.count; i++)
        crypto_key_free(k->keys[i]);
    free(k->keys);
    free(k->stamp);
    arena_clear(&k->arena);
    free(k);
}

static struct gssapi_keytab *take_waiting(const char *path, const struct gssapi_stamp *stamp) {
    struct gssapi_keytab *found = NULL, *stale = NULL;
    pthread_mutex_lock(&lock);
    for (struct gssapi_keytab **at = &waiting; *at && !found;) {
        struct gssapi_keytab *k = *at;
        if (strcmp(k->path, path) != 0) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        count--;
        if (gssapi_stamp_eq(k->stamp, stamp)) {
            found = k;
        } else {
            k->next = stale;
            stale = k;
        }
    }
    pthread_mutex_unlock(&lock);
    while (stale) {
        struct gssapi_keytab *k = stale;
        stale = k->next;
        keytab_free(k);
    }
    return found;
}

static enum obol_code fill(struct gssapi_keytab *k, const char *path, struct error *err) {
    k->path = arena_cstr(&k->arena, slice_str(path));
    ENSURE_MEMORY(k->path);
    TRY(keytab_read(path, &k->arena, &k->content, err));
    k->keys = calloc(k->content.count + 1, sizeof *k->keys);
    ENSURE_MEMORY(k->keys);
    return OBOL_OK;
}

enum obol_code gssapi_keytab_take(const char *name, const struct krb5conf *conf,
                                  struct gssapi_keytab **out, struct error *err) {
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    const char *path;
    enum obol_code code = keytab_path(slice_str(name), conf, a, &path, err);
    struct gssapi_stamp stamp = {0};
    struct gssapi_keytab *k = NULL;
    if (code == OBOL_OK) {
        stamp = gssapi_stamp_of(path);
        k = take_waiting(path, &stamp);
        *out = k;
    }
    if (code == OBOL_OK && !k) {
        k = calloc(1, sizeof *k);
        struct gssapi_stamp *own = malloc(sizeof *own);
        if (!k || !own || !arena_init(&k->arena, KEYTAB_SIZE, KEYTAB_SIZE_MAX * 4)) {
            free(own);
            free(k);
            k = NULL;
            code = error_set(err, OBOL_NO_MEMORY, __func__, "no room for a keytab");
        } else {
            // A file that has just changed may change again unseen: it will be read again.
            *own = gssapi_stamp_settled(&stamp) ? stamp : (struct gssapi_stamp){0};
            k->stamp = own;
            code = fill(k, path, err);
        }
    }
    gssapi_arena_give(a);
    if (code == OBOL_OK) {
        *out = k;
        return OBOL_OK;
    }
    if (k)
        keytab_free(k);
    return code;
}

void gssapi_keytab_give(struct gssapi_keytab *k) {
    if (!k)
        return;
    pthread_mutex_lock(&lock);
    bool kept = k->stamp->there && count < KEYTABS_MAX;
    if (kept) {
        k->next = waiting;
        waiting = k;
        count++;
    }
    pthread_mutex_unlock(&lock);
    if (!kept)
        keytab_free(k);
}

__attribute__((destructor)) static void keytabs_end(void) {
    pthread_mutex_lock(&lock);
    while (waiting) {
        struct gssapi_keytab *k = waiting;
        waiting = k->next;
        keytab_free(k);
    }
    count = 0;
    pthread_mutex_unlock(&lock);
}
