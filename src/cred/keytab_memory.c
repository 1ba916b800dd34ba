// keytab_memory.c: the MEMORY keytab: shared by all handles of its name within the process, gone
// with the last of them. Each stands in an arena of its own, as a request's secrets do.
#include "cred/keytab_memory.h"
#include <pthread.h>
#include <stdlib.h>

#define ARENA_FIRST 16384u
#define ARENA_LIMIT (4u << 20)

struct keytab_memory {
    struct keytab_memory *next;
    char *name;
    unsigned handles;
    struct arena arena;
    struct keytab_content content;
    size_t room;
};
static struct keytab_memory *all;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void unlock(pthread_mutex_t **m) {
    pthread_mutex_unlock(*m);
}
#define LOCKED                                                                                     \
    CLEANUP(unlock) pthread_mutex_t *locked = &mutex;                                              \
    pthread_mutex_lock(locked)

static void destroy(struct keytab_memory *m) {
    arena_clear(&m->arena);
    free(m->name);
    free(m);
}

struct keytab_memory *keytab_memory_open(const char *name) {
    LOCKED;
    for (struct keytab_memory *m = all; m; m = m->next)
        if (strcmp(m->name, name) == 0) {
            m->handles++;
            return m;
        }
    struct keytab_memory *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->name = strdup(name);
    made->handles = 1;
    if (!made->name || !arena_init(&made->arena, ARENA_FIRST, ARENA_LIMIT)) {
        destroy(made);
        return NULL;
    }
    made->next = all;
    all = made;
    return made;
}

void keytab_memory_close(struct keytab_memory *m) {
    LOCKED;
    if (!m || --m->handles > 0)
        return;
    struct keytab_memory **at = &all;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    destroy(m);
}

static enum obol_code copy_entry(const struct keytab_entry *from, struct arena *a,
                                 struct keytab_entry *out, struct error *err) {
    *out = *from;
    TRY(principal_copy(&from->principal, a, &out->principal, err));
    ENSURE(arena_copy(a, from->key.keyvalue, &out->key.keyvalue), NO_MEMORY, "no memory for a key");
    return OBOL_OK;
}

// find is called with the lock held.
static enum obol_code find(const char *name, struct keytab_memory **out, struct error *err) {
    for (*out = all; *out; *out = (*out)->next)
        if (strcmp((*out)->name, name) == 0)
            return OBOL_OK;
    ENSURE(false, KEYTAB_NOT_FOUND, "this process has no keytab %s", name);
}

enum obol_code keytab_memory_read(const char *name, struct arena *a, struct keytab_content *out,
                                  struct error *err) {
    LOCKED;
    struct keytab_memory *m;
    TRY(find(name, &m, err));
    *out = (struct keytab_content){.count = m->content.count, .version = 2};
    out->entries = arena_zalloc(a, out->count + 1, sizeof *out->entries);
    ENSURE_MEMORY(out->entries);
    for (size_t i = 0; i < out->count; i++)
        TRY(copy_entry(&m->content.entries[i], a, &out->entries[i], err));
    return OBOL_OK;
}

// The newest entry stands first, as programs of MIT's find it.
static enum obol_code add_entry(struct keytab_memory *m, const struct keytab_entry *entry,
                                struct error *err) {
    struct keytab_entry copy;
    TRY(copy_entry(entry, &m->arena, &copy, err));
    if (m->content.count == m->room) {
        size_t room = m->room ? m->room * 2 : 8;
        struct keytab_entry *bigger = arena_zalloc(&m->arena, room, sizeof *bigger);
        ENSURE_MEMORY(bigger);
        if (m->content.count)
            memcpy(bigger, m->content.entries, m->content.count * sizeof *bigger);
        m->content.entries = bigger;
        m->room = room;
    }
    memmove(m->content.entries + 1, m->content.entries,
            m->content.count * sizeof *m->content.entries);
    m->content.entries[0] = copy;
    m->content.count++;
    return OBOL_OK;
}

enum obol_code keytab_memory_add(const char *name, const struct keytab_entry *entries, size_t count,
                                 struct error *err) {
    LOCKED;
    struct keytab_memory *m;
    TRY(find(name, &m, err));
    for (size_t i = 0; i < count; i++)
        TRY(add_entry(m, &entries[i], err));
    return OBOL_OK;
}

enum obol_code keytab_memory_remove(const char *name, const struct principal *principal,
                                    uint32_t kvno, int32_t etype, size_t *removed,
                                    struct error *err) {
    LOCKED;
    struct keytab_memory *m;
    TRY(find(name, &m, err));
    size_t kept = 0, count = m->content.count;
    for (size_t i = 0; i < count; i++) {
        const struct keytab_entry *e = &m->content.entries[i];
        bool match = principal_eq(&e->principal, principal) && (kvno == 0 || e->kvno == kvno) &&
                     (etype == 0 || e->key.keytype == etype);
        if (!match)
            m->content.entries[kept++] = *e;
    }
    m->content.count = kept;
    if (removed)
        *removed = count - kept;
    ENSURE(kept < count, KEYTAB_NO_ENTRY, "%s holds no such entry", name);
    return OBOL_OK;
}
