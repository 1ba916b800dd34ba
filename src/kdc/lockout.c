// lockout.c: see lockout.h. Sets of four slots, chosen by the account's id. Workers race for slots
// without a lock: the worst that comes of it is a count that is off by one.
#include "kdc/lockout.h"
#include "krb/times.h"
#include <stdatomic.h>
#include <sys/mman.h>

#define WAYS 4u

struct slot {
    _Atomic uint64_t id;  // 0: free
    _Atomic int64_t last; // the newest failure, or the success that cleared them
    _Atomic uint32_t failures;
};
struct lockout {
    size_t map_len, sets; // a power of two
    struct slot slots[];
};
struct count {
    uint32_t failures;
    int64_t last;
};

struct lockout *lockout_new(size_t accounts) {
    size_t sets = 16;
    while (sets < accounts / WAYS && sets < SIZE_MAX / 1024)
        sets *= 2;
    size_t len = sizeof(struct lockout) + sets * WAYS * sizeof(struct slot);
    struct lockout *l = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (l == MAP_FAILED)
        return NULL;
    l->map_len = len;
    l->sets = sets;
    return l;
}

void lockout_free(struct lockout *l) {
    if (l)
        munmap(l, l->map_len);
}

// Ids are drawn by the store, nobody chooses them: a multiplication spreads them well enough.
static size_t set_start(const struct lockout *l, uint64_t id) {
    return (size_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % l->sets * WAYS;
}

static size_t find(const struct lockout *l, uint64_t id) {
    size_t start = set_start(l, id);
    for (size_t i = start; i < start + WAYS; i++) {
        if (atomic_load_explicit(&l->slots[i].id, memory_order_acquire) == id)
            return i;
    }
    return SIZE_MAX;
}

static size_t oldest(const struct lockout *l, uint64_t id) {
    size_t start = set_start(l, id), best = start;
    for (size_t i = start; i < start + WAYS; i++) {
        if (atomic_load_explicit(&l->slots[i].last, memory_order_relaxed) <
            atomic_load_explicit(&l->slots[best].last, memory_order_relaxed))
            best = i;
    }
    return best;
}

static struct count count_of(const struct lockout *l, const struct record *r) {
    size_t i = find(l, r->id);
    struct count c = {r->failures, r->last_failure};
    if (i != SIZE_MAX) {
        c.failures = atomic_load_explicit(&l->slots[i].failures, memory_order_relaxed);
        c.last = atomic_load_explicit(&l->slots[i].last, memory_order_relaxed);
    }
    // The table may know more than the store, but not that an administrator unlocked the account.
    if (r->unlocked && c.last <= r->unlocked)
        c.failures = 0;
    return c;
}

static bool is_forgotten(const struct lockout_policy *policy, const struct count *c, int64_t now) {
    return policy->window > 0 && now > krb_time_add(c->last, policy->window);
}

bool lockout_is_locked(const struct lockout *l, const struct lockout_policy *policy,
                       const struct record *r, int64_t now, int64_t *until) {
    *until = 0;
    if (policy->failures == 0)
        return false;
    struct count c = count_of(l, r);
    if (c.failures < policy->failures)
        return false;
    if (policy->duration == 0)
        return true;
    *until = krb_time_add(c.last, policy->duration);
    return now < *until;
}

static void store_count(struct lockout *l, uint64_t id, struct count c) {
    size_t i = find(l, id);
    if (i == SIZE_MAX)
        i = oldest(l, id);
    struct slot *s = &l->slots[i];
    atomic_store_explicit(&s->failures, c.failures, memory_order_relaxed);
    atomic_store_explicit(&s->last, c.last, memory_order_relaxed);
    atomic_store_explicit(&s->id, id, memory_order_release);
}

void lockout_failure(struct lockout *l, const struct lockout_policy *policy, const struct record *r,
                     int64_t now) {
    if (policy->failures == 0)
        return;
    struct count c = count_of(l, r);
    int64_t until;
    bool served = policy->duration > 0 && c.failures >= policy->failures &&
                  !lockout_is_locked(l, policy, r, now, &until);
    if (served || is_forgotten(policy, &c, now))
        c.failures = 0;
    if (c.failures < UINT32_MAX)
        c.failures++;
    c.last = now;
    store_count(l, r->id, c);
}

void lockout_success(struct lockout *l, const struct record *r, int64_t now) {
    // Nothing is written for the many who did not fail: the table stays clean in every cache.
    if (count_of(l, r).failures > 0)
        store_count(l, r->id, (struct count){0, now});
}
