// The store: one suite of behaviour, run against every back end.
#include "../test.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
    const struct store_ops *ops;
    char dir[64], path[96];
    struct store *store;
};
static struct arena arena;

static void open_store(struct fixture *f, bool create) {
    struct store_options options = {.path = f->path, .create = create};
    assert_ok(store_open(&f->store, f->ops, &options, NULL));
}
static int setup(struct fixture *f) {
    strcpy(f->dir, "/tmp/obol-store-XXXXXX");
    if (!mkdtemp(f->dir) || !arena_init(&arena, 1 << 16, 64 << 20))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/store", f->dir);
    open_store(f, true);
    return 0;
}
static int setup_memory(void **state) {
    static struct fixture f;
    f.ops = &STORE_MEMORY;
    *state = &f;
    return setup(&f);
}
static int setup_lmdb(void **state) {
    static struct fixture f;
    f.ops = &STORE_LMDB;
    *state = &f;
    return setup(&f);
}
static int teardown(void **state) {
    struct fixture *f = *state;
    char file[128];
    store_close(f->store);
    snprintf(file, sizeof file, "%s/data.mdb", f->path);
    unlink(file);
    snprintf(file, sizeof file, "%s/lock.mdb", f->path);
    unlink(file);
    rmdir(f->path);
    rmdir(f->dir);
    arena_clear(&arena);
    return 0;
}

static enum obol_code put(struct store *s, const struct record *r) {
    struct store_write *w;
    assert_ok(store_write_begin(s, &w, NULL));
    enum obol_code code = store_put(w, r, NULL);
    if (code == OBOL_OK)
        return store_commit(w, NULL);
    store_abort(w);
    return code;
}
static enum obol_code delete (struct store *s, struct slice name) {
    struct store_write *w; assert_ok(store_write_begin(s, &w, NULL));
    enum obol_code code = store_delete(w, name, NULL);
    if (code == OBOL_OK) return store_commit(w, NULL);
    store_abort(w);
    return code;
}
// The id of the record that a name leads to; 0 if there is none.
static uint64_t id_of(struct store *s, struct slice name) {
    struct store_read *r;
    struct slice bytes;
    struct record out = {0};
    assert_ok(store_read_begin(s, &r, NULL));
    enum obol_code code = store_get(r, name, &bytes, NULL);
    if (code == OBOL_OK)
        assert_ok(record_decode(bytes, &arena, &out, NULL));
    else
        assert_int_equal(code, OBOL_PRINCIPAL_NOT_FOUND);
    store_read_end(r);
    return out.id;
}
static struct record named(const char *name, uint64_t id) {
    return (struct record){.name = slice_str(name), .id = id, .created = 1};
}

static void what_was_put_is_found(void **state) {
    struct fixture *f = *state;
    struct record r = named("alice@R", 7);
    assert_ok(put(f->store, &r));
    assert_int_equal(id_of(f->store, r.name), 7);
    assert_int_equal(id_of(f->store, slice_str("bob@R")), 0);
    assert_int_equal(id_of(f->store, slice_str("alice@r")), 0);
    r.failures = 3;
    assert_ok(put(f->store, &r));
    assert_int_equal(id_of(f->store, r.name), 7);
    assert_ok(delete (f->store, r.name));
    assert_int_equal(id_of(f->store, r.name), 0);
    assert_code(delete (f->store, r.name), OBOL_PRINCIPAL_NOT_FOUND);
}

static void an_aborted_transaction_leaves_nothing(void **state) {
    struct fixture *f = *state;
    struct record r = named("alice@R", 7);
    struct store_write *w, *second;
    struct slice bytes;
    uint64_t before = store_changes(f->store);
    assert_ok(store_write_begin(f->store, &w, NULL));
    assert_code(store_write_begin(f->store, &second, NULL), OBOL_INTERNAL);
    assert_ok(store_put(w, &r, NULL));
    assert_ok(store_get(store_write_snapshot(w), r.name, &bytes, NULL));
    assert_int_equal(id_of(f->store, r.name), 0);
    store_abort(w);
    store_abort(NULL);
    assert_int_equal(id_of(f->store, r.name), 0);
    assert_int_equal(store_changes(f->store), before);
}

static void a_failed_write_cannot_be_committed(void **state) {
    struct fixture *f = *state;
    struct record r = named("alice@R", 7), other = named("alice@R", 8), good = named("x@R", 9);
    assert_ok(put(f->store, &r));
    struct store_write *w;
    assert_ok(store_write_begin(f->store, &w, NULL));
    assert_ok(store_put(w, &good, NULL));
    assert_code(store_put(w, &other, NULL), OBOL_PRINCIPAL_EXISTS);
    assert_code(store_commit(w, NULL), OBOL_INVALID_ARGUMENT);
    assert_int_equal(id_of(f->store, good.name), 0);
    assert_int_equal(id_of(f->store, r.name), 7);
}

static void a_snapshot_stays_as_it_was_until_renewed(void **state) {
    struct fixture *f = *state;
    struct record r = named("alice@R", 7);
    struct store_read *old;
    struct slice bytes;
    assert_ok(store_read_begin(f->store, &old, NULL));
    uint64_t changes = store_changes(f->store);
    assert_ok(put(f->store, &r));
    assert_true(store_changes(f->store) > changes);
    assert_code(store_get(old, r.name, &bytes, NULL), OBOL_PRINCIPAL_NOT_FOUND);
    assert_ok(store_read_renew(old, NULL));
    assert_ok(store_get(old, r.name, &bytes, NULL));
    store_read_release(old);
    store_read_release(old);
    assert_code(store_get(old, r.name, &bytes, NULL), OBOL_INTERNAL);
    assert_ok(delete (f->store, r.name));
    assert_ok(store_read_renew(old, NULL));
    assert_ok(store_read_renew(old, NULL));
    assert_code(store_get(old, r.name, &bytes, NULL), OBOL_PRINCIPAL_NOT_FOUND);
    store_read_end(old);
    store_read_end(NULL);
}

static void an_alias_leads_to_its_principal(void **state) {
    struct fixture *f = *state;
    struct slice aliases[] = {SLICE_LITERAL("HTTP/www@R"), SLICE_LITERAL("al@R")};
    struct record r = named("alice@R", 7);
    r.aliases = (struct slice_list){aliases, 2};
    assert_ok(put(f->store, &r));
    assert_int_equal(id_of(f->store, aliases[0]), 7);
    assert_int_equal(id_of(f->store, aliases[1]), 7);
    r.aliases.count = 1;
    assert_ok(put(f->store, &r));
    assert_int_equal(id_of(f->store, aliases[0]), 7);
    assert_int_equal(id_of(f->store, aliases[1]), 0);
    assert_code(delete (f->store, aliases[0]), OBOL_PRINCIPAL_NOT_FOUND);
    assert_ok(delete (f->store, r.name));
    assert_int_equal(id_of(f->store, aliases[0]), 0);
}

static void a_name_belongs_to_one_principal(void **state) {
    struct fixture *f = *state;
    struct slice www[] = {SLICE_LITERAL("HTTP/www@R"), SLICE_LITERAL("HTTP/www@R")};
    struct slice self[] = {SLICE_LITERAL("bob@R")}, alice_name[] = {SLICE_LITERAL("alice@R")};
    struct record alice = named("alice@R", 7), bob = named("bob@R", 8);
    alice.aliases = (struct slice_list){www, 1};
    assert_ok(put(f->store, &alice));
    bob.aliases = (struct slice_list){www, 1};
    assert_code(put(f->store, &bob), OBOL_ALIAS_CONFLICT); // another's alias
    bob.aliases = (struct slice_list){alice_name, 1};
    assert_code(put(f->store, &bob), OBOL_ALIAS_CONFLICT); // another's name
    bob.aliases = (struct slice_list){self, 1};
    assert_code(put(f->store, &bob), OBOL_ALIAS_CONFLICT); // its own name
    bob.aliases = (struct slice_list){0};
    assert_ok(put(f->store, &bob));
    struct record www_itself = named("HTTP/www@R", 9);
    assert_code(put(f->store, &www_itself), OBOL_ALIAS_CONFLICT); // a name that is an alias
    www_itself.id = 7;
    assert_code(put(f->store, &www_itself), OBOL_ALIAS_CONFLICT);
    alice.aliases.count = 2;
    assert_code(put(f->store, &alice), OBOL_ALIAS_CONFLICT); // twice
    struct record again = named("alice@R", 10);
    assert_code(put(f->store, &again), OBOL_PRINCIPAL_EXISTS);
    assert_int_equal(id_of(f->store, www[0]), 7);
}

static void a_walk_sees_each_principal_once(void **state) {
    struct fixture *f = *state;
    static const char *names[] = {"zoe@R",      "krbtgt/R@R", "alice@R",
                                  "HTTP/www@R", "b\\/c@R",    "alice2@R"};
    static const char *const order[] = {"HTTP/www@R", "krbtgt/R@R", "alice2@R",
                                        "alice@R",    "b\\/c@R",    "zoe@R"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct record r = named(names[i], i + 1);
        assert_ok(put(f->store, &r));
    }
    struct store_read *r;
    struct slice name = {0}, bytes;
    assert_ok(store_read_begin(f->store, &r, NULL));
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        assert_ok(store_next(r, &name, &bytes, NULL));
        assert_slice_str(name, order[i]);
        assert_slice_str(record_name(bytes), order[i]);
    }
    assert_code(store_next(r, &name, &bytes, NULL), OBOL_NOT_FOUND);
    name = SLICE_LITERAL("alice1@R"); // not there: the next behind its place
    assert_ok(store_next(r, &name, &bytes, NULL));
    assert_slice_str(name, "alice2@R");
    store_read_end(r);
}

// mistakes.md 2017-17439: odd strings in every name, against every store.
static void odd_names_are_names_like_others(void **state) {
    struct fixture *f = *state;
    static char long1[RECORD_NAME_MAX + 2], long2[RECORD_NAME_MAX + 2];
    memset(long1, 'a', RECORD_NAME_MAX);
    memset(long2, 'a', RECORD_NAME_MAX);
    long1[RECORD_NAME_MAX] = '\0';
    long2[RECORD_NAME_MAX - 1] = 'b';
    static char edge[4][520];
    for (size_t i = 0; i < 4; i++)
        memset(edge[i], 'e', 477 + i);
    const char *names[] = {"*)(uid=*", ";cmd",       "'; DROP TABLE x",
                           "\xff\xfe", "\1",         "/",
                           "@",        "\\",         "\\@",
                           "a/",       "/a",         "a//b@R",
                           "%s%n",     "\xc3\xa9@R", "data.mdb",
                           "../x",     edge[0],      edge[1],
                           edge[2],    edge[3],      long1,
                           long2};
    for (uint64_t i = 0; i < COUNT_OF(names); i++) {
        struct slice alias;
        struct record r = named(names[i], i + 1);
        // Each name once as a principal and, prefixed, once as an alias.
        struct slice name = slice_sub(slice_str(names[i]), 0, RECORD_NAME_MAX - 1);
        alias = arena_printf(&arena, "^%.*s", (int)name.len, (const char *)name.ptr);
        r.aliases = (struct slice_list){&alias, 1};
        if (names[i] == long2)
            r.aliases.count = 0; // cut by one it is the alias of long1
        assert_ok(put(f->store, &r));
    }
    for (uint64_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(id_of(f->store, slice_str(names[i])), i + 1);
    struct store_read *r;
    struct slice name = {0}, bytes;
    size_t seen = 0;
    assert_ok(store_read_begin(f->store, &r, NULL));
    while (store_next(r, &name, &bytes, NULL) == OBOL_OK) {
        assert_slice_equal(name, record_name(bytes));
        seen++;
    }
    assert_int_equal(seen, COUNT_OF(names));
    store_read_end(r);
    for (uint64_t i = 0; i < COUNT_OF(names); i++)
        assert_ok(delete (f->store, slice_str(names[i])));
    memset(long1, 'a', RECORD_NAME_MAX + 1);
    struct record bad = named(long1, 99);
    assert_code(put(f->store, &bad), OBOL_INVALID_ARGUMENT);
    bad.name = slice_of("a\0b", 3);
    assert_code(put(f->store, &bad), OBOL_INVALID_ARGUMENT);
    bad.name = (struct slice){0};
    assert_code(put(f->store, &bad), OBOL_INVALID_ARGUMENT);
    assert_int_equal(id_of(f->store, bad.name), 0);
}

static void ids_are_never_drawn_twice(void **state) {
    struct fixture *f = *state;
    uint64_t first, last = 0;
    for (int i = 0; i < 5; i++) {
        struct store_write *w;
        assert_ok(store_write_begin(f->store, &w, NULL));
        assert_ok(store_draw_ids(w, 10, &first, NULL));
        assert_true(first > last);
        last = first + 9;
        assert_code(store_draw_ids(w, UINT64_MAX, &first, NULL), OBOL_INVALID_ARGUMENT);
        assert_ok(store_commit(w, NULL));
    }
    assert_int_equal(last, 50);
}

static void small_values_stand_beside_the_principals(void **state) {
    struct fixture *f = *state;
    struct store_write *w;
    struct store_read *r;
    struct slice value;
    assert_ok(store_write_begin(f->store, &w, NULL));
    assert_ok(store_put_meta(w, "realm", SLICE_LITERAL("R"), NULL));
    assert_ok(store_commit(w, NULL));
    assert_ok(store_sync(f->store, NULL));
    assert_ok(store_read_begin(f->store, &r, NULL));
    assert_ok(store_meta(r, "realm", &value, NULL));
    assert_slice_str(value, "R");
    assert_code(store_meta(r, "other", &value, NULL), OBOL_NOT_FOUND);
    struct slice name = {0};
    assert_code(store_next(r, &name, &value, NULL), OBOL_NOT_FOUND);
    store_read_end(r);
}

static void many_writes_agree_with_a_model(void **state) {
    struct fixture *f = *state;
    enum { NAMES = 40 };
    uint64_t model[NAMES] = {0}, next = 1;
    uint32_t seed = 12345;
    for (int step = 0; step < 400; step++) {
        seed = seed * 1664525 + 1013904223;
        size_t i = seed >> 16 & 31;
        char name[16];
        snprintf(name, sizeof name, "u%zu@R", i);
        if (seed >> 30) {
            struct record r = named(name, model[i] ? model[i] : next++);
            r.failures = (uint32_t)step;
            assert_ok(put(f->store, &r));
            model[i] = r.id;
        } else {
            assert_code(delete (f->store, slice_str(name)),
                        model[i] ? OBOL_OK : OBOL_PRINCIPAL_NOT_FOUND);
            model[i] = 0;
        }
    }
    for (size_t i = 0; i < NAMES; i++) {
        char name[16];
        snprintf(name, sizeof name, "u%zu@R", i);
        assert_int_equal(id_of(f->store, slice_str(name)), model[i]);
    }
}

#define BOTH(f)                                                                                    \
    {#f " (memory)", f, setup_memory, teardown, NULL}, {                                           \
#f " (lmdb)", f, setup_lmdb, teardown, NULL                                                \
    }
int main(void) {
    const struct CMUnitTest cases[] = {
        BOTH(what_was_put_is_found),
        BOTH(an_aborted_transaction_leaves_nothing),
        BOTH(a_failed_write_cannot_be_committed),
        BOTH(a_snapshot_stays_as_it_was_until_renewed),
        BOTH(an_alias_leads_to_its_principal),
        BOTH(a_name_belongs_to_one_principal),
        BOTH(a_walk_sees_each_principal_once),
        BOTH(odd_names_are_names_like_others),
        BOTH(ids_are_never_drawn_twice),
        BOTH(small_values_stand_beside_the_principals),
        BOTH(many_writes_agree_with_a_model),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
