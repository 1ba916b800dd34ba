// cache.c: see cache.h. Sets of eight slots chosen by a keyed hash of the name; within a set the
// clock algorithm picks the slot that goes. Each slot has a piece of one mapping as its arena: the
// pages that a small record does not touch cost nothing. What stands there is sealed; keys that
// were opened are on the heap, in crypto's own objects.
#include "kdc/cache.h"
#include <stdlib.h>

#define WAYS       8u
#define SLOT_BYTES 16384u
// From slot to slot, a few lines more: else all records would fall in the same sets of the CPU's
// caches and drive each other out.
#define SLOT_STRIDE (SLOT_BYTES + 7u * 64u)

struct cache {
    struct cache_config config;
    struct siphash_key key;
    struct store_read *snapshot;
    bool fresh; // the snapshot is held
    uint64_t changes;
    size_t sets;
    uint8_t *memory;
    struct entry *entries;
    uint8_t *hands; // of the clock, one a set
};

static enum obol_code make_slots(struct cache *c, struct error *err) {
    size_t count = c->sets * WAYS;
    c->entries = calloc(count, sizeof *c->entries);
    c->hands = calloc(c->sets, 1);
    c->memory = calloc(count, SLOT_STRIDE);
    ENSURE(c->entries && c->hands && c->memory, NO_MEMORY, "a cache of %zu records", count);
    for (size_t i = 0; i < count; i++)
        c->entries[i].arena = (struct arena){
            .base = c->memory + i * SLOT_STRIDE,
            .size = SLOT_BYTES,
            .total = SLOT_BYTES,
            .limit = SLOT_BYTES,
        };
    return OBOL_OK;
}

enum obol_code cache_new(struct cache **out, const struct cache_config *config, struct error *err) {
    *out = NULL;
    ENSURE(config->records <= SIZE_MAX / SLOT_STRIDE / 4, INVALID_ARGUMENT,
           "a cache of %zu records", config->records);
    struct cache *c = calloc(1, sizeof *c);
    ENSURE_MEMORY(c);
    c->config = *config;
    c->sets = 2;
    while (c->sets * WAYS < config->records)
        c->sets *= 2;
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

static void forget(struct entry *e) {
    for (size_t i = 0; e->keys && i < e->record.keys.count; i++)
        crypto_key_free(e->keys[i]);
    struct arena arena = e->arena;
    arena_reset(&arena);
    *e = (struct entry){.arena = arena};
}

void cache_free(struct cache *c) {
    if (!c)
        return;
    size_t count = c->sets * WAYS;
    for (size_t i = 0; c->entries && i < count; i++)
        if (c->memory)
            forget(&c->entries[i]);
    store_read_end(c->snapshot);
    free(c->memory);
    free(c->entries);
    free(c->hands);
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
    e->seen = c->changes;
    return OBOL_OK;
}

static struct entry *victim(struct cache *c, size_t set) {
    struct entry *ways = &c->entries[set * WAYS];
    for (unsigned turn = 0; turn < 2 * WAYS; turn++) {
        struct entry *e = &ways[c->hands[set]];
        c->hands[set] = (uint8_t)((c->hands[set] + 1) % WAYS);
        if (e->pins == 0 && !e->referenced)
            return e;
        e->referenced = false;
    }
    return NULL; // all are held by exchanges that wait
}

static enum obol_code fill_in_arena(struct cache *c, struct slice name, struct slice bytes,
                                    struct arena *a, struct entry **out, struct error *err) {
    struct entry *e = arena_zalloc(a, 1, sizeof *e);
    ENSURE_MEMORY(e);
    TRY(fill(c, e, name, bytes, a, err));
    *out = e;
    return OBOL_OK;
}

static enum obol_code fill_slot(struct cache *c, uint64_t hash, struct slice name,
                                struct slice bytes, struct arena *a, struct entry **out,
                                struct error *err) {
    struct entry *e = victim(c, (size_t)(hash % c->sets));
    if (!e)
        return fill_in_arena(c, name, bytes, a, out, err);
    forget(e);
    enum obol_code code = fill(c, e, name, bytes, &e->arena, NULL);
    if (code != OBOL_OK) {
        // It is too large for a slot, or damaged: the second try tells which.
        forget(e);
        return fill_in_arena(c, name, bytes, a, out, err);
    }
    e->hash = hash;
    e->in_slot = e->listed = true;
    *out = e;
    return OBOL_OK;
}

static struct entry *lookup(struct cache *c, uint64_t hash, struct slice name) {
    struct entry *ways = &c->entries[(size_t)(hash % c->sets) * WAYS];
    for (unsigned i = 0; i < WAYS; i++) {
        if (ways[i].listed && ways[i].hash == hash && slice_eq(ways[i].name, name))
            return &ways[i];
    }
    return NULL;
}

// drop takes an entry out of sight; one that an exchange holds goes when its slot is needed again.
static void drop(struct entry *e) {
    e->listed = e->referenced = false;
    if (e->pins == 0)
        forget(e);
}

enum obol_code cache_get(struct cache *c, struct slice name, struct arena *a, struct entry **out,
                         struct error *err) {
    *out = NULL;
    if (!c->fresh)
        TRY(cache_renew(c, err));
    uint64_t hash = siphash_64(&c->key, name);
    struct entry *e = lookup(c, hash, name);
    if (UNLIKELY(!e || e->seen != c->changes)) {
        struct slice bytes;
        enum obol_code code = store_get(c->snapshot, name, &bytes, err);
        bool same = e && code == OBOL_OK && slice_eq(bytes, e->bytes);
        if (e && !same)
            drop(e);
        TRY(code);
        if (!same)
            TRY(fill_slot(c, hash, name, bytes, a, &e, err));
        e->seen = c->changes;
    }
    e->referenced = true;
    e->pins++;
    *out = e;
    return OBOL_OK;
}

void cache_unpin(struct entry *e) {
    e->pins--;
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
