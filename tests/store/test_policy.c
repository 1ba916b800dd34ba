// Password policies in the store: the codec, and that a walk finds them and nothing else.
#include "../test.h"
#include "store/history.h"
#include "store/policy.h"

static struct arena arena;
static struct store *store;

static int setup(void **state) {
    UNUSED(state);
    const struct store_options o = {.create = true};
    if (!arena_init(&arena, 1 << 16, 1 << 22))
        return -1;
    return store_open(&store, &STORE_MEMORY, &o, NULL) == OBOL_OK ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    store_close(store);
    arena_clear(&arena);
    return 0;
}

static const struct policy WHOLE = {
    .name = SLICE_LITERAL("staff"),
    .min_length = 12,
    .min_classes = 3,
    .history = 5,
    .dictionary = 1,
    .similar = 1,
    .min_life = 3600,
    .max_life = 7776000,
    .max_failures = 5,
    .failure_interval = 60,
    .lockout_duration = 900,
    .allowed_keysalts = SLICE_LITERAL("aes256-cts,aes128-cts:normal"),
};

static void put(const struct policy *p) {
    struct store_write *w;
    assert_ok(store_write_begin(store, &w, NULL));
    assert_ok(policy_put(w, p, &arena, NULL));
    assert_ok(store_commit(w, NULL));
}

static void a_policy_comes_back_as_it_was_put(void **state) {
    UNUSED(state);
    struct store_read *r;
    struct policy got;
    put(&WHOLE);
    assert_ok(store_read_begin(store, &r, NULL));
    assert_ok(policy_get(r, SLICE_LITERAL("staff"), &got, NULL));
    struct policy want = WHOLE;
    for (size_t i = 0; i < POLICY_MEMBERS_COUNT; i++)
        if (POLICY_MEMBERS[i].kind != POLICY_TEXT)
            assert_int_equal(*policy_number(&got, &POLICY_MEMBERS[i]),
                             *policy_number(&want, &POLICY_MEMBERS[i]));
    assert_slice_equal(got.allowed_keysalts, WHOLE.allowed_keysalts);
    assert_code(policy_get(r, SLICE_LITERAL("staf"), &got, NULL), OBOL_POLICY_NOT_FOUND);
    assert_code(policy_get(r, SLICE_LITERAL(""), &got, NULL), OBOL_POLICY_NOT_FOUND);
    store_read_end(r);
}

static void a_walk_finds_the_policies_in_order_and_nothing_else(void **state) {
    UNUSED(state);
    static const char *const names[] = {"a b", "staff", "staff2", "\xc3\xa9"};
    struct store_write *w;
    struct store_read *r;
    for (size_t i = COUNT_OF(names); i > 0; i--)
        put(&(struct policy){.name = slice_str(names[i - 1])});
    assert_ok(store_write_begin(store, &w, NULL));
    assert_ok(store_put_meta(w, "policz", SLICE_LITERAL("no policy"), NULL));
    assert_ok(store_put_meta(w, "policy", SLICE_LITERAL("no policy"), NULL));
    assert_ok(store_commit(w, NULL));
    assert_ok(store_read_begin(store, &r, NULL));
    struct policy p = {0};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_ok(policy_next(r, &p, NULL));
        assert_slice_str(p.name, names[i]);
    }
    assert_code(policy_next(r, &p, NULL), OBOL_NOT_FOUND);
    store_read_end(r);
}

static void a_removed_policy_is_gone(void **state) {
    UNUSED(state);
    struct store_write *w;
    struct policy p;
    put(&WHOLE);
    assert_ok(store_write_begin(store, &w, NULL));
    assert_code(policy_delete(w, SLICE_LITERAL("other"), NULL), OBOL_POLICY_NOT_FOUND);
    assert_ok(policy_delete(w, SLICE_LITERAL("staff"), NULL));
    assert_code(policy_get(store_write_snapshot(w), SLICE_LITERAL("staff"), &p, NULL),
                OBOL_POLICY_NOT_FOUND);
    assert_ok(store_commit(w, NULL));
}

static void members_past_their_bounds_are_refused(void **state) {
    UNUSED(state);
    struct slice out;
    struct policy p;
    for (size_t i = 0; i < POLICY_MEMBERS_COUNT; i++) {
        if (POLICY_MEMBERS[i].kind == POLICY_TEXT)
            continue;
        p = WHOLE;
        *policy_number(&p, &POLICY_MEMBERS[i]) = POLICY_MEMBERS[i].max + 1;
        assert_code(policy_encode(&p, &arena, &out, NULL), OBOL_INVALID_ARGUMENT);
        *policy_number(&p, &POLICY_MEMBERS[i]) = -1;
        assert_code(policy_encode(&p, &arena, &out, NULL), OBOL_INVALID_ARGUMENT);
        *policy_number(&p, &POLICY_MEMBERS[i]) = POLICY_MEMBERS[i].max;
        assert_ok(policy_encode(&p, &arena, &out, NULL));
    }
    static const char *const bad[] = {"", "a\nb", "a\x7f"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        p = WHOLE;
        p.name = slice_str(bad[i]);
        assert_code(policy_encode(&p, &arena, &out, NULL), OBOL_INVALID_ARGUMENT);
    }
    p = WHOLE;
    p.allowed_keysalts = SLICE_LITERAL("aes256-cts\nmin-length=1");
    assert_code(policy_encode(&p, &arena, &out, NULL), OBOL_INVALID_ARGUMENT);
}

static void what_is_not_in_the_one_form_is_damage(void **state) {
    UNUSED(state);
    static const struct {
        const char *text;
        enum obol_code code;
    } cases[] = {
        {"", OBOL_OK},
        {"min-length=8\nhistory=2\n", OBOL_OK},
        {"min-length=8", OBOL_STORE_CORRUPT},
        {"min-length=08\n", OBOL_STORE_CORRUPT},
        {"min-length=0\n", OBOL_STORE_CORRUPT},
        {"min-length=-8\n", OBOL_STORE_CORRUPT},
        {"min-length=9999\n", OBOL_STORE_CORRUPT},
        {"min-length=99999999999\n", OBOL_STORE_CORRUPT},
        {"min-length=\n", OBOL_STORE_CORRUPT},
        {"min-length\n", OBOL_STORE_CORRUPT},
        {"history=2\nmin-length=8\n", OBOL_STORE_CORRUPT},
        {"history=2\nhistory=2\n", OBOL_STORE_CORRUPT},
        {"colour=2\n", OBOL_STORE_VERSION},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct policy p;
        assert_code(policy_decode(slice_str(cases[i].text), &p, NULL), cases[i].code);
    }
}

static void former_passwords_come_back_as_they_were(void **state) {
    UNUSED(state);
    struct record_key keys[] = {
        {3, 20, RECORD_SALT_NORMAL, SLICE_LITERAL("EXAMPLE.COMalice"), 1, SLICE_LITERAL("sealed"),
         0},
        {2, 18, RECORD_SALT_SPECIAL, {0}, 2, SLICE_LITERAL("x"), 40000},
    };
    struct record_key_list list = {keys, 2}, got;
    struct slice bytes;
    assert_ok(history_encode(&list, &arena, &bytes, NULL));
    assert_ok(history_decode(bytes, &arena, &got, NULL));
    assert_int_equal(got.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(got.items[i].kvno, keys[i].kvno);
        assert_int_equal(got.items[i].enctype, keys[i].enctype);
        assert_int_equal(got.items[i].iterations, keys[i].iterations);
        assert_slice_equal(got.items[i].salt, keys[i].salt);
        assert_slice_equal(got.items[i].sealed, keys[i].sealed);
    }
    for (size_t n = 1; n < bytes.len; n++)
        if (n != 1 + 24 + 16 + 6 && n != 1)
            assert_code(history_decode(slice_sub(bytes, 0, n), &arena, &got, NULL),
                        OBOL_STORE_CORRUPT);
    assert_code(history_decode(SLICE_LITERAL("\x02xyz"), &arena, &got, NULL), OBOL_STORE_VERSION);
    list.count = 0;
    assert_ok(history_encode(&list, &arena, &bytes, NULL));
    assert_int_equal(bytes.len, 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_policy_comes_back_as_it_was_put),
        CASE(a_walk_finds_the_policies_in_order_and_nothing_else),
        CASE(a_removed_policy_is_gone),
        CASE(members_past_their_bounds_are_refused),
        CASE(what_is_not_in_the_one_form_is_damage),
        CASE(former_passwords_come_back_as_they_were),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
