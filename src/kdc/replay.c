// replay.c: see replay.h. Sets of four slots; the oldest reply of a set goes. The replies stand one
// behind the other in a ring, and so does the memory that they need: little for little traffic.
#include "kdc/replay.h"
#include "base/fetch.h"
#include <stdlib.h>

#define WAYS        4u
#define REPLY_MAX   4040u
#define REPLY_USUAL 1024u // bytes of the ring for each slot

// The heads of a set stand together, apart from the replies: a look-up that finds nothing, as most
// do, touches two or three lines of memory.
struct slot {
    struct siphash_128 tag;
    int64_t when; // it was sent; 0: free
    uint64_t at;  // where it begins, in bytes that were ever written
    size_t len;
};
struct replay {
    struct siphash_key key;
    int64_t lifespan;
    size_t sets;
    struct slot *slots;
    uint8_t *ring;
    size_t ring_size;
    uint64_t written; // bytes that were ever written, with those left free at the ring's end
};

enum obol_code replay_new(struct replay **out, size_t slots, int64_t lifespan,
                          const struct env *env, struct error *err) {
    *out = NULL;
    ENSURE(slots <= SIZE_MAX / REPLY_MAX / 4, INVALID_ARGUMENT, "%zu replies", slots);
    size_t sets = 1;
    while (sets * WAYS < slots)
        sets *= 2;
    struct replay *r = calloc(1, sizeof *r);
    ENSURE(r, NO_MEMORY, "a cache of %zu replies", slots);
    r->slots = calloc(sets * WAYS, sizeof *r->slots);
    r->ring_size = sets * WAYS * REPLY_USUAL < REPLY_MAX ? REPLY_MAX : sets * WAYS * REPLY_USUAL;
    r->ring = calloc(1, r->ring_size);
    if (!r->slots || !r->ring) {
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
    free(r->ring);
    free(r);
}

static struct slot *set_of(const struct replay *r, struct siphash_128 tag) {
    return &r->slots[(size_t)(tag.hi % r->sets) * WAYS];
}

struct siphash_128 replay_tag(const struct replay *r, struct slice request) {
    struct siphash_128 tag = siphash_128(&r->key, request);
    fetch_ahead(set_of(r, tag), WAYS * sizeof(struct slot));
    return tag;
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
        if (r->written - s->at > r->ring_size)
            return false; // newer ones stand there
        *reply = slice_of(r->ring + s->at % r->ring_size, s->len);
        return true;
    }
    return false;
}

// A reply stands in one piece: what is too little for it at the ring's end is left free.
static uint64_t make_room(struct replay *r, size_t len) {
    size_t left = r->ring_size - (size_t)(r->written % r->ring_size);
    if (left < len)
        r->written += left;
    uint64_t at = r->written;
    r->written += len;
    return at;
}

void replay_put(struct replay *r, struct siphash_128 tag, int64_t now, struct slice reply) {
    if (reply.len == 0 || reply.len > REPLY_MAX)
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
    to->at = make_room(r, reply.len);
    memcpy(r->ring + to->at % r->ring_size, reply.ptr, reply.len);
}
