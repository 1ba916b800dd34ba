// kadmind_contexts.c: see kadmind_contexts.h.
#include "server/kadmind_contexts.h"
#include "base/siphash.h"
#include "server/shared_lock.h"
#include <sys/mman.h>

struct slot {
    uint8_t handle[RPC_HANDLE_BYTES];
    uint64_t client; // hash of whose it is
    int64_t used_us, end;
    size_t len; // 0: free
    uint8_t bytes[KADMIND_CONTEXT_BYTES_MAX];
};
struct kadmind_contexts {
    const struct env *env;
    struct siphash_key key;
    pthread_mutex_t
        lock; // a slot whose writer died is at worst a context that no call fits any more
    struct slot slots[KADMIND_CONTEXTS];
};

struct kadmind_contexts *kadmind_contexts_new(const struct env *env) {
    size_t len = sizeof(struct kadmind_contexts);
    struct kadmind_contexts *c =
        mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c == MAP_FAILED)
        return NULL;
    (void)mlock(c, len);
    (void)madvise(c, len, MADV_DONTDUMP);
    c->env = env;
    env_random(env, buf_of(&c->key, sizeof c->key));
    if (shared_lock_init(&c->lock))
        return c;
    kadmind_contexts_free(c);
    return NULL;
}

void kadmind_contexts_free(struct kadmind_contexts *c) {
    if (c)
        munmap(c, sizeof *c);
}

static void forget(struct slot *s) {
    *s = (struct slot){.len = 0}; // others read it: the compiler cannot leave it out
}

static struct slot *find(struct kadmind_contexts *c, struct slice handle) {
    for (size_t i = 0; i < KADMIND_CONTEXTS; i++)
        if (c->slots[i].len && slice_eq(handle, slice_of(c->slots[i].handle, RPC_HANDLE_BYTES)))
            return &c->slots[i];
    return NULL;
}

// A place for one more: a free one, or that of an old one; a client with many loses one of his own.
static struct slot *make_room(struct kadmind_contexts *c, uint64_t client, int64_t now) {
    struct slot *place = NULL, *own = NULL, *oldest = &c->slots[0];
    size_t count = 0;
    for (struct slot *s = c->slots; s < c->slots + KADMIND_CONTEXTS; s++) {
        if (s->len && s->end < now)
            forget(s);
        if (!s->len) {
            place = s;
            continue;
        }
        if (s->used_us < oldest->used_us)
            oldest = s;
        if (s->client != client)
            continue;
        count++;
        if (!own || s->used_us < own->used_us)
            own = s;
    }
    if (own && count >= KADMIND_CONTEXTS_OF_ONE)
        return own;
    return place ? place : oldest;
}

static enum obol_code add(void *ctx, struct slice handle, struct slice client, struct slice bytes,
                          int64_t end, struct error *err) {
    struct kadmind_contexts *c = ctx;
    ENSURE(handle.len == RPC_HANDLE_BYTES && bytes.len && bytes.len <= KADMIND_CONTEXT_BYTES_MAX,
           NO_MEMORY, "a context of %zu bytes; %d are kept", bytes.len, KADMIND_CONTEXT_BYTES_MAX);
    int64_t now_us = env_now_us(c->env);
    uint64_t hash = siphash_64(&c->key, client);
    ENSURE(shared_lock_take(&c->lock), NO_MEMORY, "the table of contexts cannot be locked");
    struct slot *s = make_room(c, hash, now_us / 1000000);
    forget(s);
    memcpy(s->handle, handle.ptr, handle.len);
    memcpy(s->bytes, bytes.ptr, bytes.len);
    s->client = hash;
    s->used_us = now_us;
    s->end = end;
    s->len = bytes.len;
    shared_lock_give(&c->lock);
    return OBOL_OK;
}

static bool take(void *ctx, struct slice handle, struct arena *a, struct slice *bytes) {
    struct kadmind_contexts *c = ctx;
    if (!shared_lock_take(&c->lock))
        return false;
    const struct slot *s = find(c, handle);
    if (s && arena_copy(a, slice_of(s->bytes, s->len), bytes))
        return true;
    shared_lock_give(&c->lock);
    return false;
}

static void put(void *ctx, struct slice handle, struct slice bytes) {
    struct kadmind_contexts *c = ctx;
    struct slot *s = find(c, handle);
    if (s && bytes.len && bytes.len <= KADMIND_CONTEXT_BYTES_MAX) {
        memcpy(s->bytes, bytes.ptr, bytes.len);
        s->len = bytes.len;
        s->used_us = env_now_us(c->env);
    } else if (s) {
        forget(s);
    }
    shared_lock_give(&c->lock);
}

struct rpc_context_store kadmind_contexts_store(struct kadmind_contexts *c) {
    return (struct rpc_context_store){c, add, take, put};
}
