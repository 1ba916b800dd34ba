// ccache_memory.c: the MEMORY cache: shared by all handles of its name within the process, gone
// with it. Each stands in an arena of its own, as a request's secrets do.
#include "cred/ccache_ops.h"
#include <pthread.h>
#include <stdlib.h>

#define ARENA_FIRST 16384u
#define ARENA_LIMIT (4u * CCACHE_SIZE_MAX)

// A cache, from its first use to its destruction; handles come and go.
struct memory {
    struct memory *next;
    char *name;
    bool made; // initialized
    struct arena arena;
    struct ccache_content content;
    size_t room; // of content.creds
};
static struct memory *all;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

// A process that forks while another of its threads is at work here has a child whose mutex nobody
// would ever unlock: so forks wait.
static void before_fork(void) {
    pthread_mutex_lock(&mutex);
}
static void after_fork(void) {
    pthread_mutex_unlock(&mutex);
}
__attribute__((constructor)) static void watch_forks(void) {
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

static void unlock(pthread_mutex_t **m) {
    pthread_mutex_unlock(*m);
}
#define LOCKED                                                                                     \
    CLEANUP(unlock) pthread_mutex_t *locked = &mutex;                                              \
    pthread_mutex_lock(locked)

static struct memory *find(const char *name) {
    struct memory *m = all;
    while (m && strcmp(m->name, name) != 0)
        m = m->next;
    return m;
}

static struct memory *find_or_make(const char *name) {
    struct memory *m = find(name);
    if (m)
        return m;
    m = calloc(1, sizeof *m);
    char *copy = strdup(name);
    if (!m || !copy || !arena_init(&m->arena, ARENA_FIRST, ARENA_LIMIT)) {
        free(copy);
        free(m);
        return NULL;
    }
    m->name = copy;
    m->next = all;
    all = m;
    return m;
}

static enum obol_code memory_open(struct ccache *cc, const struct krb5conf *conf,
                                  struct error *err) {
    UNUSED(conf);
    ENSURE(cc->residual[0] != '\0', INVALID_ARGUMENT, "MEMORY: wants a name behind it");
    return OBOL_OK;
}

static void memory_close(struct ccache *cc) {
    UNUSED(cc);
}

static enum obol_code find_made(struct ccache *cc, struct memory **out, struct error *err) {
    *out = find(cc->residual);
    ENSURE(*out && (*out)->made, CCACHE_NOT_FOUND, "%s does not exist", cc->name);
    return OBOL_OK;
}

static enum obol_code append(struct memory *m, const struct cred *cred, struct error *err) {
    if (m->content.count == m->room) {
        size_t room = m->room ? m->room * 2 : 8;
        struct cred *bigger = arena_zalloc(&m->arena, room, sizeof *bigger);
        ENSURE_MEMORY(bigger);
        if (m->content.count)
            memcpy(bigger, m->content.creds, m->content.count * sizeof *bigger);
        m->content.creds = bigger;
        m->room = room;
    }
    TRY(cred_copy(cred, &m->arena, &m->content.creds[m->content.count], err));
    m->content.count++;
    return OBOL_OK;
}

static enum obol_code memory_initialize(struct ccache *cc, const struct ccache_content *content,
                                        struct error *err) {
    LOCKED;
    struct memory *m = find_or_make(cc->residual);
    ENSURE(m != NULL, NO_MEMORY, "no memory for %s", cc->name);
    m->made = false;
    m->room = 0;
    m->content = (struct ccache_content){0};
    arena_reset(&m->arena);
    m->content.has_offset = content->has_offset;
    m->content.offset = content->offset;
    m->content.offset_us = content->offset_us;
    TRY(principal_copy(&content->principal, &m->arena, &m->content.principal, err));
    for (size_t i = 0; i < content->count; i++)
        TRY(append(m, &content->creds[i], err));
    m->made = true;
    return OBOL_OK;
}

static enum obol_code memory_store(struct ccache *cc, const struct cred *creds, size_t count,
                                   struct error *err) {
    LOCKED;
    struct memory *m;
    TRY(find_made(cc, &m, err));
    size_t before = m->content.count;
    for (size_t i = 0; i < count; i++) {
        enum obol_code code = append(m, &creds[i], err);
        if (code != OBOL_OK) {
            m->content.count = before; // all or nothing
            return code;
        }
    }
    return OBOL_OK;
}

static enum obol_code memory_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                                  struct error *err) {
    LOCKED;
    struct memory *m;
    TRY(find_made(cc, &m, err));
    *out = m->content;
    out->creds = arena_zalloc(a, m->content.count + 1, sizeof *out->creds);
    ENSURE_MEMORY(out->creds);
    TRY(principal_copy(&m->content.principal, a, &out->principal, err));
    for (size_t i = 0; i < m->content.count; i++)
        TRY(cred_copy(&m->content.creds[i], a, &out->creds[i], err));
    return OBOL_OK;
}

static enum obol_code memory_remove(struct ccache *cc, const struct principal *server,
                                    struct error *err) {
    LOCKED;
    struct memory *m;
    TRY(find_made(cc, &m, err));
    size_t kept = 0, before = m->content.count;
    for (size_t i = 0; i < before; i++)
        if (!principal_eq(&m->content.creds[i].server, server))
            m->content.creds[kept++] = m->content.creds[i];
    m->content.count = kept;
    ENSURE(kept < before, NOT_FOUND, "%s holds nothing for this server", cc->name);
    return OBOL_OK;
}

static enum obol_code memory_destroy(struct ccache *cc, struct error *err) {
    LOCKED;
    struct memory *m;
    TRY(find_made(cc, &m, err));
    struct memory **at = &all;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    arena_clear(&m->arena); // wipes
    free(m->name);
    free(m);
    return OBOL_OK;
}

// All that there are in the process; their order is no promise.
static enum obol_code memory_list(const char *residual, const struct krb5conf *conf,
                                  struct arena *a, struct slice_list *out, struct error *err) {
    LOCKED;
    UNUSED(conf);
    struct memory *first = find(residual);
    if (first && first->made)
        TRY(ccache_list_add(out, slice_str(residual), a, err));
    for (struct memory *m = all; m; m = m->next)
        if (m->made && m != first)
            TRY(ccache_list_add(out, slice_str(m->name), a, err));
    return OBOL_OK;
}

static enum obol_code memory_unique(const char *residual, const struct krb5conf *conf,
                                    struct arena *a, struct slice *out, struct error *err) {
    UNUSED(residual);
    UNUSED(conf);
    char word[13];
    ccache_unique_word(word, sizeof word);
    *out = arena_printf(a, "%s", word);
    ENSURE_MEMORY(out->ptr);
    return OBOL_OK;
}

const struct ccache_ops CCACHE_MEMORY = {
    .kind = "MEMORY",
    .open = memory_open,
    .close = memory_close,
    .initialize = memory_initialize,
    .store = memory_store,
    .read = memory_read,
    .remove = memory_remove,
    .destroy = memory_destroy,
    .list = memory_list,
    .unique = memory_unique,
};
