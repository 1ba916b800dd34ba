// claims.c: see claims.h. A hash chooses a set of slots; the oldest that is settled goes.
#include "server/claims.h"
#include "server/shared_lock.h"
#include <sys/mman.h>

#define WAYS 8u

struct slot {
    struct siphash_128 tag;
    int64_t when_us;  // it was taken, or settled; 0: free
    unsigned verdict; // 0: it is being asked
};
struct claims {
    size_t map_len, sets;
    int64_t lifespan_us;
    struct siphash_key key;
    // A slot is written whole, under the lock: one whose writer died is at worst a question that is
    // given up in time.
    pthread_mutex_t lock;
    struct slot slots[];
};

struct claims *claims_new(size_t questions, int64_t lifespan_us, const struct env *env) {
    size_t sets = (questions + WAYS - 1) / WAYS;
    size_t len = sizeof(struct claims) + sets * WAYS * sizeof(struct slot);
    struct claims *c = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c == MAP_FAILED)
        return NULL;
    c->map_len = len;
    c->sets = sets;
    c->lifespan_us = lifespan_us;
    env_random(env, buf_of(&c->key, sizeof c->key));
    if (shared_lock_init(&c->lock))
        return c;
    claims_free(c);
    return NULL;
}

void claims_free(struct claims *c) {
    if (c)
        munmap(c, c->map_len);
}

struct siphash_128 claims_tag(const struct claims *c, struct slice request, uint32_t number) {
    struct siphash_128 tag = siphash_128(&c->key, request);
    tag.hi ^= number * UINT64_C(0x9e3779b97f4a7c15);
    return tag;
}

static bool is_over(const struct claims *c, const struct slot *s, int64_t now_us) {
    return s->when_us == 0 || now_us - s->when_us > c->lifespan_us;
}

static struct slot *find(struct claims *c, struct siphash_128 tag, int64_t now_us) {
    struct slot *set = &c->slots[(size_t)(tag.hi % c->sets) * WAYS];
    for (size_t i = 0; i < WAYS; i++)
        if (!is_over(c, &set[i], now_us) && set[i].tag.lo == tag.lo && set[i].tag.hi == tag.hi)
            return &set[i];
    return NULL;
}

// The first that is over, else the oldest that is settled; NULL: all are being asked.
static struct slot *make_room(struct claims *c, struct siphash_128 tag, int64_t now_us) {
    struct slot *set = &c->slots[(size_t)(tag.hi % c->sets) * WAYS], *best = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        if (is_over(c, &set[i], now_us))
            return &set[i];
        if (set[i].verdict && (!best || set[i].when_us < best->when_us))
            best = &set[i];
    }
    return best;
}

static enum claim know(const struct slot *s, unsigned *verdict) {
    *verdict = s->verdict;
    return s->verdict ? CLAIM_KNOWN : CLAIM_ASKED;
}

enum claim claims_take(struct claims *c, struct siphash_128 tag, int64_t now_us,
                       unsigned *verdict) {
    enum claim result = CLAIM_FULL;
    if (!shared_lock_take(&c->lock))
        return CLAIM_FULL;
    struct slot *s = find(c, tag, now_us);
    if (s) {
        result = know(s, verdict);
    } else if ((s = make_room(c, tag, now_us)) != NULL) {
        *s = (struct slot){tag, now_us, 0};
        result = CLAIM_MINE;
    }
    shared_lock_give(&c->lock);
    return result;
}

enum claim claims_look(struct claims *c, struct siphash_128 tag, int64_t now_us,
                       unsigned *verdict) {
    if (!shared_lock_take(&c->lock))
        return CLAIM_FULL;
    const struct slot *s = find(c, tag, now_us);
    enum claim result = s ? know(s, verdict) : CLAIM_FULL;
    shared_lock_give(&c->lock);
    return result;
}

void claims_settle(struct claims *c, struct siphash_128 tag, unsigned verdict, int64_t now_us) {
    if (!shared_lock_take(&c->lock))
        return;
    struct slot *s = find(c, tag, now_us);
    if (s)
        *s = (struct slot){tag, now_us, verdict};
    shared_lock_give(&c->lock);
}
