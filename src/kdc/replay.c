// replay.c: see replay.h. Sets of four slots; the oldest reply of a set goes.
#include "kdc/replay.h"
#include <stdlib.h>

#define WAYS        4u
#define REPLY_BYTES 4040u

// The heads of a set stand together, apart from the replies: a look-up that finds nothing, as most
// do, touches two or three lines of memory.
struct slot {
    struct siphash_128 tag;
    int64_t when; // it was sent; 0: free
    size_t len;
};
struct replay {
    struct siphash_key key;
    int64_t lifespan;
    size_t sets;
    struct slot *slots;
    uint8_t (*replies)[REPLY_BYTES];
};

enum obol_code replay_new(struct replay **out, size_t slots, int64_t lifespan,
                          const struct env *env, struct error *err) {
    *out = NULL;
    ENSURE(slots <= SIZE_MAX / REPLY_BYTES / 4, INVALID_ARGUMENT, "%zu replies", slots);
    size_t sets = 1;
    while (sets * WAYS < slots)
        sets *= 2;
    struct replay *r = calloc(1, sizeof *r);
    ENSURE(r, NO_MEMORY, "a cache of %zu replies", slots);
    r->slots = calloc(sets * WAYS, sizeof *r->slots);
    r->replies = calloc(sets * WAYS, sizeof *r->replies);
    if (!r->slots || !r->replies) {
        replay_free(r);
        ENSURE(false, NO_MEMORY, "a cache of %zu replies", slots);
    }
    r->lifespan = lifespan;
    r->sets = sets;
    env_random(env, buf_of(&r->key, sizeof r->key));
    *out = r;
    return OBOL_OK;
}

void replay_free(struct replay *r) {
    if (!r)
        return;
    free(r->slots);
    free(r->replies);
    free(r);
}

struct siphash_128 replay_tag(const struct replay *r, struct slice request) {
    return siphash_128(&r->key, request);
}

static struct slot *set_of(struct replay *r, struct siphash_128 tag) {
    return &r->slots[(size_t)(tag.hi % r->sets) * WAYS];
}

bool replay_find(struct replay *r, struct siphash_128 tag, int64_t now, struct slice *reply) {
    struct slot *set = set_of(r, tag);
    for (unsigned i = 0; i < WAYS; i++) {
        struct slot *s = &set[i];
        if (s->when == 0 || s->tag.lo != tag.lo || s->tag.hi != tag.hi)
            continue;
        // A clock that was set back makes a reply from the future: it is too old as well.
        if (now < s->when || now - s->when > r->lifespan)
            return false;
        *reply = slice_of(r->replies[s - r->slots], s->len);
        return true;
    }
    return false;
}

void replay_put(struct replay *r, struct siphash_128 tag, int64_t now, struct slice reply) {
    if (reply.len == 0 || reply.len > REPLY_BYTES)
        return;
    struct slot *set = set_of(r, tag), *to = set;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].when != 0 && set[i].tag.lo == tag.lo && set[i].tag.hi == tag.hi) {
            to = &set[i];
            break;
        }
        if (set[i].when < to->when)
            to = &set[i];
    }
    to->tag = tag;
    to->when = now;
    to->len = reply.len;
    memcpy(r->replies[to - r->slots], reply.ptr, reply.len);
}
