// pool.c: arenas that are kept between contexts; see handles.h. Mapping, locking and unmapping
// memory takes longer than the cryptography of a context, so a few arenas wait for the next one,
// wiped. A process that forks hands its copies to the child, which is fine: they are empty.
#include "gssapi/handles.h"
#include <stdlib.h>

#define POOL_MAX         32 // arenas that wait; more are given back to the system
#define POOL_ARENA_SIZE  (64u << 10)
#define POOL_ARENA_LIMIT (64u << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena *waiting[POOL_MAX];
static size_t count;

struct arena *gssapi_arena_take(void) {
    struct arena *a = NULL;
    pthread_mutex_lock(&lock);
    if (count)
        a = waiting[--count];
    pthread_mutex_unlock(&lock);
    if (a)
        return a;
    a = calloc(1, sizeof *a);
    if (a && !arena_init(a, POOL_ARENA_SIZE, POOL_ARENA_LIMIT)) {
        free(a);
        a = NULL;
    }
    return a;
}

void gssapi_arena_give(struct arena *a) {
    if (!a)
        return;
    arena_reset(a);
    pthread_mutex_lock(&lock);
    bool kept = count < POOL_MAX;
    if (kept)
        waiting[count++] = a;
    pthread_mutex_unlock(&lock);
    if (kept)
        return;
    arena_clear(a);
    free(a);
}

// The library is unloaded, or the process ends: leave nothing to a leak checker.
__attribute__((destructor)) static void pool_clear(void) {
    pthread_mutex_lock(&lock);
    while (count) {
        struct arena *a = waiting[--count];
        arena_clear(a);
        free(a);
    }
    pthread_mutex_unlock(&lock);
}
