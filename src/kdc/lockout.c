// lockout.c: see lockout.h. Sets of four slots, chosen by the account's id. Workers race for slots
// without a lock: the worst that comes of it is a count that is off by one.
#include "kdc/lockout.h"
#include "base/fetch.h"
#include "krb/times.h"
#include <stdatomic.h>
#include <sys/mman.h>

#define WAYS 4u

struct slot {
    _Atomic uint64_t id;  // 0: free
    _Atomic int64_t last; // the newest failure, or the success that cleared them
    _Atomic uint32_t failures;
};
// The next counter of a one-time password token in the low half, in the high half who that is; so
// that one compare-and-swap takes a code. Counters past 32 bits would be 4 billion codes of HOTP,
// or, at 30 seconds a step, the year 6053.
typedef _Atomic uint64_t code_slot;

struct lockout {
    size_t map_len, sets; // a power of two
    code_slot *codes;     // behind the slots, as many
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
    size_t slots = sets * WAYS;
    size_t len = sizeof(struct lockout) + slots * (sizeof(struct slot) + sizeof(code_slot));
    struct lockout *l = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (l == MAP_FAILED)
        return NULL;
    l->map_len = len;
    l->sets = sets;
    l->codes = (code_slot *)(l->slots + slots);
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

void lockout_fetch(const struct lockout *l, const struct record *r) {
    fetch_ahead(&l->slots[set_start(l, r->id)], WAYS * sizeof(struct slot));
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

static uint64_t code_owner(uint64_t account, uint32_t token) {
    uint64_t mixed = (account ^ (uint64_t)token << 56) * UINT64_C(0xd6e8feb86659fd93);
    return (mixed >> 32) | 1; // 0 is a free slot
}

// The slot of a token; or, if it has none, the one to take: the first free one, else one that only
// depends on the token, so that two workers with the same code reach for the same.
static code_slot *code_find(const struct lockout *l, uint64_t account, uint64_t owner,
                            uint64_t *seen) {
    code_slot *set = l->codes + set_start(l, account), *free = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        uint64_t value = atomic_load_explicit(&set[i], memory_order_acquire);
        if (value >> 32 == owner) {
            *seen = value;
            return &set[i];
        }
        if (!free && value == 0)
            free = &set[i];
    }
    code_slot *victim = free ? free : &set[owner / 2 % WAYS];
    *seen = free ? 0 : atomic_load_explicit(victim, memory_order_acquire);
    return victim;
}

// More than anybody types until the store is told. Another token's slot may pass for this one's.
#define CODES_UNTOLD 100

uint64_t lockout_next_code(const struct lockout *l, uint64_t account, uint32_t token,
                           uint64_t next) {
    const uint64_t owner = code_owner(account, token);
    uint64_t seen;
    (void)code_find(l, account, owner, &seen);
    const uint64_t known = (uint32_t)seen;
    return seen >> 32 == owner && known > next && known - next <= CODES_UNTOLD ? known : next;
}

bool lockout_take_code(struct lockout *l, uint64_t account, uint32_t token, uint64_t next,
                       uint64_t counter) {
    const uint64_t owner = code_owner(account, token);
    if (counter < next || counter >= UINT32_MAX)
        return false;
    for (;;) {
        uint64_t seen;
        code_slot *slot = code_find(l, account, owner, &seen);
        if (seen >> 32 == owner && counter < (uint32_t)seen)
            return false;
        if (atomic_compare_exchange_strong(slot, &seen, owner << 32 | (uint32_t)(counter + 1)))
            return true;
    }
}
