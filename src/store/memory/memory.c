// memory.c: the store in memory, for tests: each table is a sorted array; a transaction works on a
// copy of all and puts it in place of the old state when it commits. Simple, not fast.
#include "base/ct.h"
#include "store/backend.h"
#include <stdlib.h>

struct entry {
    struct slice key, value; // one allocation, key first
};
struct table {
    struct entry *items;
    size_t count, room;
};
struct state { // shared by the snapshots that see it
    struct table tables[STORE_TABLES];
    size_t refs;
};
struct db {
    struct state *current;
    uint64_t changes;
};
struct txn {
    struct db *db;
    struct state *state; // NULL: released
};

static void entry_free(struct entry *e) {
    wipe((void *)(uintptr_t)e->key.ptr, e->key.len + e->value.len);
    free((void *)(uintptr_t)e->key.ptr);
}

static void state_drop(struct state *s) {
    if (!s || --s->refs)
        return;
    for (int t = 0; t < STORE_TABLES; t++) {
        for (size_t i = 0; i < s->tables[t].count; i++)
            entry_free(&s->tables[t].items[i]);
        free(s->tables[t].items);
    }
    free(s);
}

static bool entry_make(struct slice key, struct slice value, struct entry *out) {
    uint8_t *bytes = malloc(key.len + value.len + 1);
    if (!bytes)
        return false;
    memcpy(bytes, key.ptr, key.len);
    if (value.len)
        memcpy(bytes + key.len, value.ptr, value.len);
    *out = (struct entry){slice_of(bytes, key.len), slice_of(bytes + key.len, value.len)};
    return true;
}

static bool table_copy(const struct table *from, struct table *to) {
    to->items = calloc(from->count + 1, sizeof *to->items);
    if (!to->items)
        return false;
    to->room = from->count + 1;
    for (; to->count < from->count; to->count++)
        if (!entry_make(from->items[to->count].key, from->items[to->count].value,
                        &to->items[to->count]))
            return false;
    return true;
}

static enum obol_code memory_open(const struct store_options *options, void **db,
                                  struct error *err) {
    ENSURE(options->create, STORE_NOT_FOUND, "a store in memory begins empty: create it");
    struct db *d = calloc(1, sizeof *d);
    struct state *s = calloc(1, sizeof *s);
    if (!d || !s) {
        free(d);
        free(s);
        return error_set(err, OBOL_NO_MEMORY, __func__, "no memory for a store");
    }
    s->refs = 1;
    d->current = s;
    *db = d;
    return OBOL_OK;
}

static void memory_close(void *db) {
    struct db *d = db;
    state_drop(d->current);
    free(d);
}

static uint64_t memory_changes(void *db) {
    return ((struct db *)db)->changes;
}

static enum obol_code memory_sync(void *db, struct error *err) {
    UNUSED(db);
    UNUSED(err);
    return OBOL_OK;
}

static enum obol_code memory_read_renew(void *txn, struct error *err) {
    UNUSED(err);
    struct txn *t = txn;
    t->db->current->refs++;
    state_drop(t->state);
    t->state = t->db->current;
    return OBOL_OK;
}

static enum obol_code memory_read_begin(void *db, void **txn, struct error *err) {
    struct txn *t = calloc(1, sizeof *t);
    ENSURE(t, NO_MEMORY, "no memory for a snapshot");
    t->db = db;
    *txn = t;
    return memory_read_renew(t, err);
}

static void memory_read_release(void *txn) {
    struct txn *t = txn;
    state_drop(t->state);
    t->state = NULL;
}

static void memory_read_end(void *txn) {
    memory_read_release(txn);
    free(txn);
}

static enum obol_code memory_write_begin(void *db, void **txn, struct error *err) {
    struct txn *t = calloc(1, sizeof *t);
    struct state *s = calloc(1, sizeof *s);
    bool whole = t && s;
    for (int i = 0; whole && i < STORE_TABLES; i++)
        whole = table_copy(&((struct db *)db)->current->tables[i], &s->tables[i]);
    if (s)
        s->refs = 1;
    if (!whole) {
        state_drop(s);
        free(t);
        return error_set(err, OBOL_NO_MEMORY, __func__, "no memory for a transaction");
    }
    *t = (struct txn){db, s};
    *txn = t;
    return OBOL_OK;
}

static enum obol_code memory_commit(void *txn, struct error *err) {
    UNUSED(err);
    struct txn *t = txn;
    state_drop(t->db->current);
    t->db->current = t->state;
    t->db->changes++;
    free(t);
    return OBOL_OK;
}

// The first place whose key is not less than `key`; *same is whether it is equal.
static size_t place(const struct table *t, struct slice key, bool *same) {
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(t->items[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *same = low < t->count && slice_eq(t->items[low].key, key);
    return low;
}

static enum obol_code memory_get(void *txn, enum store_table t, struct slice key, bool *found,
                                 struct slice *value, struct error *err) {
    struct txn *x = txn;
    *found = false;
    ENSURE(x->state, INTERNAL, "the snapshot was released and not renewed");
    const struct table *table = &x->state->tables[t];
    size_t i = place(table, key, found);
    *value = *found ? table->items[i].value : (struct slice){0};
    return OBOL_OK;
}

static enum obol_code memory_next(void *txn, enum store_table t, struct slice after, bool *found,
                                  struct slice *key, struct slice *value, struct error *err) {
    struct txn *x = txn;
    ENSURE(x->state, INTERNAL, "the snapshot was released and not renewed");
    const struct table *table = &x->state->tables[t];
    bool same;
    size_t i = place(table, after, &same);
    i += same;
    *found = i < table->count;
    if (*found) {
        *key = table->items[i].key;
        *value = table->items[i].value;
    }
    return OBOL_OK;
}

static enum obol_code memory_put(void *txn, enum store_table t, struct slice key,
                                 struct slice value, struct error *err) {
    struct table *table = &((struct txn *)txn)->state->tables[t];
    struct entry made;
    bool same;
    size_t i = place(table, key, &same);
    ENSURE(entry_make(key, value, &made), NO_MEMORY, "no memory for a record");
    if (same) {
        entry_free(&table->items[i]);
        table->items[i] = made;
        return OBOL_OK;
    }
    if (table->count == table->room) {
        struct entry *more = reallocarray(table->items, table->room * 2, sizeof *more);
        if (!more)
            entry_free(&made);
        ENSURE(more, NO_MEMORY, "no memory for a record");
        table->items = more;
        table->room *= 2;
    }
    memmove(table->items + i + 1, table->items + i, (table->count - i) * sizeof *table->items);
    table->items[i] = made;
    table->count++;
    return OBOL_OK;
}

static enum obol_code memory_del(void *txn, enum store_table t, struct slice key,
                                 struct error *err) {
    UNUSED(err);
    struct table *table = &((struct txn *)txn)->state->tables[t];
    bool same;
    size_t i = place(table, key, &same);
    if (!same)
        return OBOL_OK;
    entry_free(&table->items[i]);
    table->count--;
    memmove(table->items + i, table->items + i + 1, (table->count - i) * sizeof *table->items);
    return OBOL_OK;
}

const struct store_ops STORE_MEMORY = {
    .name = "memory",
    .open = memory_open,
    .close = memory_close,
    .changes = memory_changes,
    .sync = memory_sync,
    .read_begin = memory_read_begin,
    .read_renew = memory_read_renew,
    .read_release = memory_read_release,
    .read_end = memory_read_end,
    .write_begin = memory_write_begin,
    .commit = memory_commit,
    .abort = memory_read_end, // a transaction's own state goes the way of a snapshot
    .get = memory_get,
    .next = memory_next,
    .put = memory_put,
    .del = memory_del,
};
