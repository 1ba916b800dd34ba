// cache.c: see cache.h. Sets of eight ways chosen by a keyed hash of the name; within a set the
// clock algorithm picks the entry that goes. A set names its entries by a piece of their hash, so
// that a look-up touches one line and the entry. Entries stand side by side in the order in which
// they were first needed, in a mapping whose pages cost nothing before: a small realm takes little.
// A record that fits no entry takes a piece of the heap, one that is larger lives in the request's
// arena. What stands there is sealed; keys that were opened are on the heap, in crypto's own
// objects.
#include "kdc/cache.h"
#include "base/fetch.h"
#include "store/policy.h"
#include "store/token.h"
#include <stdlib.h>
#include <sys/mman.h>

#define WAYS        8u
#define LARGE_BYTES 16384u
#define RECORDS_MAX (1u << 28) // a slot's number has 32 bits
#define FETCH_BYTES 512u       // of a slot: name, keys and their pointers stand there

// An odd number of lines: else all entries would fall in the same sets of the CPU's caches and
// drive each other out.
#define SLOT_BYTES (25u * 64u)
struct slot {
    struct entry entry;
    uint8_t *large; // NULL: the record stands in `bytes`
    _Alignas(16) uint8_t bytes[SLOT_BYTES - sizeof(struct entry) - 16];
};
_Static_assert(sizeof(struct slot) == SLOT_BYTES, "slots stand side by side");

// A line of memory.
struct set {
    _Alignas(64) uint32_t ways[WAYS]; // which slots
    uint16_t tags[WAYS];
    uint8_t used, hand; // ways that have a slot; of the clock
};

struct cache {
    struct cache_config config;
    struct siphash_key key;
    struct store_read *snapshot;
    bool fresh; // the snapshot is held
    uint64_t changes;
    size_t count; // of sets
    struct set *sets;
    struct slot *slots;
    size_t used;      // of slots, from the first
    uint64_t decoded; // records ever
    uint64_t lookups;
};

static void *map_zeros(size_t count, size_t each) {
    size_t size;
    if (__builtin_mul_overflow(count, each, &size))
        return NULL;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return map == MAP_FAILED ? NULL : map;
}

static enum obol_code make_slots(struct cache *c, struct error *err) {
    c->sets = map_zeros(c->count, sizeof *c->sets);
    c->slots = map_zeros(c->count * WAYS, sizeof *c->slots);
    ENSURE(c->sets && c->slots, NO_MEMORY, "a cache of %zu records", c->count * WAYS);
    return OBOL_OK;
}

enum obol_code cache_new(struct cache **out, const struct cache_config *config, struct error *err) {
    *out = NULL;
    ENSURE(config->records <= RECORDS_MAX, INVALID_ARGUMENT, "a cache of %zu records",
           config->records);
    struct cache *c = calloc(1, sizeof *c);
    ENSURE_MEMORY(c);
    c->config = *config;
    c->count = 2;
    while (c->count * WAYS < config->records)
        c->count *= 2;
    env_random(config->env, buf_of(&c->key, sizeof c->key));
    enum obol_code code = make_slots(c, err);
    if (code == OBOL_OK)
        code = store_read_begin(config->store, &c->snapshot, err);
    if (code == OBOL_OK) {
        store_read_release(c->snapshot);
        *out = c;
    } else {
        cache_free(c);
    }
    return code;
}

static struct slot *slot_of(struct entry *e) {
    return (struct slot *)e; // it stands first
}

static void use_memory(struct entry *e, uint8_t *memory, size_t size) {
    e->arena = (struct arena){.base = memory, .size = size, .total = size, .limit = size};
}

static void forget(struct entry *e) {
    struct slot *s = slot_of(e);
    for (size_t i = 0; e->keys && i < e->record.keys.count; i++)
        crypto_key_free(e->keys[i]);
    if (e->arena.base)
        arena_reset(&e->arena);
    free(s->large);
    free(e->kept);
    s->large = NULL;
    *e = (struct entry){.in_slot = false};
    use_memory(e, s->bytes, sizeof s->bytes);
}

void cache_free(struct cache *c) {
    if (!c)
        return;
    for (size_t i = 0; i < c->used; i++)
        forget(&c->slots[i].entry);
    store_read_end(c->snapshot);
    if (c->slots)
        munmap(c->slots, c->count * WAYS * sizeof *c->slots);
    if (c->sets)
        munmap(c->sets, c->count * sizeof *c->sets);
    free(c);
}

enum obol_code cache_renew(struct cache *c, struct error *err) {
    // The counter is read first: the snapshot is then at least as new, never older, than it says.
    c->changes = store_changes(c->config.store);
    TRY(store_read_renew(c->snapshot, err));
    c->fresh = true;
    return OBOL_OK;
}

void cache_release(struct cache *c) {
    if (c->fresh)
        store_read_release(c->snapshot);
    c->fresh = false;
}

// fill decodes the record into the entry's memory, which is a slot's or the request's.
static enum obol_code fill(struct cache *c, struct entry *e, struct slice name, struct slice bytes,
                           struct arena *a, struct error *err) {
    bool ok = arena_copy(a, name, &e->name) && arena_copy(a, bytes, &e->bytes);
    ENSURE(ok, NO_MEMORY, "the record has %zu bytes", bytes.len);
    TRY(record_decode(e->bytes, a, &e->record, err));
    TRY(principal_parse(e->record.name, c->config.realm, e->record.name_type, a, &e->principal,
                        err));
    struct crypto_key **keys =
        arena_zalloc(a, e->record.keys.count + 1, sizeof(struct crypto_key *));
    ENSURE_MEMORY(keys);
    e->kvno = record_newest_kvno(&e->record);
    const struct record_key_list *list = &e->record.keys;
    while (e->current < list->count && list->items[e->current].kvno == e->kvno)
        e->current++;
    e->keys = keys;
    e->serial = ++c->decoded;
    e->seen = c->changes;
    return OBOL_OK;
}

static struct set *set_of(struct cache *c, uint64_t hash) {
    return &c->sets[(size_t)(hash % c->count)];
}

static uint16_t tag_of(uint64_t hash) {
    return (uint16_t)(hash >> 48);
}

// The way that is to be used: one that never was, or the clock's choice. WAYS: all are held by
// exchanges that wait.
static unsigned victim(struct cache *c, struct set *set) {
    if (set->used < WAYS) {
        set->ways[set->used] = (uint32_t)c->used++;
        return set->used++;
    }
    for (unsigned turn = 0; turn < 2 * WAYS; turn++) {
        unsigned way = set->hand;
        struct entry *e = &c->slots[set->ways[way]].entry;
        set->hand = (uint8_t)((way + 1) % WAYS);
        if (e->pins == 0 && !e->referenced)
            return way;
        e->referenced = false;
    }
    return WAYS;
}

static enum obol_code fill_in_arena(struct cache *c, struct slice name, struct slice bytes,
                                    struct arena *a, struct entry **out, struct error *err) {
    struct entry *e = arena_zalloc(a, 1, sizeof *e);
    ENSURE_MEMORY(e);
    TRY(fill(c, e, name, bytes, a, err));
    *out = e;
    return OBOL_OK;
}

static enum obol_code fill_large(struct cache *c, struct slot *s, struct slice name,
                                 struct slice bytes) {
    forget(&s->entry);
    s->large = malloc(LARGE_BYTES);
    if (!s->large)
        return OBOL_NO_MEMORY;
    use_memory(&s->entry, s->large, LARGE_BYTES);
    return fill(c, &s->entry, name, bytes, &s->entry.arena, NULL);
}

static enum obol_code fill_slot(struct cache *c, uint64_t hash, struct slice name,
                                struct slice bytes, struct arena *a, struct entry **out,
                                struct error *err) {
    struct set *set = set_of(c, hash);
    unsigned way = victim(c, set);
    if (way == WAYS)
        return fill_in_arena(c, name, bytes, a, out, err);
    struct entry *e = &c->slots[set->ways[way]].entry;
    forget(e);
    enum obol_code code = fill(c, e, name, bytes, &e->arena, NULL);
    if (code == OBOL_NO_MEMORY)
        code = fill_large(c, slot_of(e), name, bytes);
    if (code != OBOL_OK) {
        // It is too large for a slot, or damaged: the last try tells which.
        forget(e);
        return fill_in_arena(c, name, bytes, a, out, err);
    }
    e->hash = hash;
    e->in_slot = e->listed = true;
    set->tags[way] = tag_of(hash);
    *out = e;
    return OBOL_OK;
}

static struct entry *lookup(struct cache *c, uint64_t hash, struct slice name) {
    struct set *set = set_of(c, hash);
    for (unsigned i = 0; i < set->used; i++) {
        if (set->tags[i] != tag_of(hash))
            continue;
        struct entry *e = &c->slots[set->ways[i]].entry;
        fetch_ahead(e, sizeof *e + FETCH_BYTES);
        if (e->listed && e->hash == hash && slice_eq(e->name, name))
            return e;
    }
    return NULL;
}

// refresh takes over a record of which only the last logins have changed, as they do with each
// login: what was made of the rest stays.
static bool refresh(struct cache *c, struct entry *e, struct slice bytes, struct arena *a) {
    struct slot *s = slot_of(e);
    struct slice name;
    size_t count = e->record.keys.count;
    struct crypto_key **keys = arena_zalloc(a, count + 1, sizeof(struct crypto_key *));
    if (!e->in_slot || e->pins || !keys || !arena_copy(a, e->name, &name) ||
        !record_same_but_logins(e->bytes, bytes))
        return false;
    const struct entry old = *e;
    uint8_t *large = s->large;
    memcpy(keys, e->keys, count * sizeof(struct crypto_key *));
    e->keys = NULL;
    e->kept = NULL;
    s->large = NULL;
    forget(e);
    e->kept = old.kept;
    s->large = large;
    if (large)
        use_memory(e, large, LARGE_BYTES);
    e->hash = old.hash;
    e->in_slot = e->listed = true;
    bool ok = fill(c, e, name, bytes, &e->arena, NULL) == OBOL_OK;
    for (size_t i = 0; i < count; i++) {
        if (ok)
            e->keys[i] = keys[i];
        else
            crypto_key_free(keys[i]);
    }
    e->serial = ok ? old.serial : e->serial;
    return ok;
}

// drop takes an entry out of sight; one that an exchange holds goes when its slot is needed again.
static void drop(struct entry *e) {
    e->listed = e->referenced = false;
    if (e->pins == 0)
        forget(e);
}

// What the record's password policy says of failed logins stands in the entry, and whether a
// password is enough. It is looked at again whenever the store has changed, since the policy may
// have.
static void take_policy(const struct cache *c, struct entry *e) {
    struct policy p;
    e->has_tokens = tokens_any(&e->record);
    e->lockout = (struct lockout_policy){0};
    if (e->record.policy.len == 0 || policy_get(c->snapshot, e->record.policy, &p, NULL) != OBOL_OK)
        return;
    e->lockout = (struct lockout_policy){.failures = (uint32_t)p.max_failures,
                                         .window = p.failure_interval,
                                         .duration = p.lockout_duration};
}

enum obol_code cache_get(struct cache *c, struct slice name, struct arena *a, struct entry **out,
                         struct error *err) {
    *out = NULL;
    if (!c->fresh)
        TRY(cache_renew(c, err));
    uint64_t hash = siphash_64(&c->key, name);
    struct entry *e = lookup(c, hash, name);
    c->lookups++;
    if (UNLIKELY(!e || e->seen != c->changes)) {
        struct slice bytes;
        enum obol_code code = store_get(c->snapshot, name, &bytes, err);
        bool same = e && code == OBOL_OK && (slice_eq(bytes, e->bytes) || refresh(c, e, bytes, a));
        if (e && !same)
            drop(e);
        TRY(code);
        if (!same)
            TRY(fill_slot(c, hash, name, bytes, a, &e, err));
        take_policy(c, e);
        e->seen = c->changes;
    }
    e->referenced = true;
    e->pins++;
    *out = e;
    return OBOL_OK;
}

void cache_count(const struct cache *c, uint64_t *lookups, uint64_t *decoded) {
    *lookups = c->lookups;
    *decoded = c->decoded;
}

void cache_unpin(struct entry *e) {
    e->pins--;
}

void cache_keep(struct entry *e, const struct slice *made, size_t count) {
    size_t size = count * sizeof *made;
    for (size_t i = 0; i < count; i++)
        size += made[i].len;
    if (!e->in_slot || e->kept || !(e->kept = malloc(size)))
        return;
    uint8_t *at = (uint8_t *)(e->kept + count);
    for (size_t i = 0; i < count; i++) {
        e->kept[i] = slice_of(at, made[i].len);
        if (made[i].len)
            memcpy(at, made[i].ptr, made[i].len);
        at += made[i].len;
    }
}

void cache_key_fetch(const struct entry *e, size_t index) {
    if (e->keys[index])
        crypto_key_fetch(e->keys[index]);
}

enum obol_code cache_key(struct cache *c, struct entry *e, size_t index, struct arena *a,
                         struct crypto_key **out, struct error *err) {
    *out = e->keys[index];
    if (LIKELY(*out))
        return OBOL_OK;
    struct slice bytes;
    const struct record_key *key = &e->record.keys.items[index];
    TRY(master_open(c->config.master, e->record.id, key, a, &bytes, err));
    if (e->in_slot)
        TRY(crypto_key_new(&e->keys[index], key->enctype, bytes, err));
    else
        TRY(crypto_key_in_arena(&e->keys[index], a, key->enctype, bytes, err));
    *out = e->keys[index];
    return OBOL_OK;
}
