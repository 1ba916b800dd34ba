// test_kadmind_contexts.c: which contexts of kadmin's clients are kept, and which make room.
#include "../test.h"
#include "server/kadmind_contexts.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t now_us;
static uint8_t next_random;

static int64_t fake_now(void *ctx) {
    UNUSED(ctx);
    return now_us;
}
static void fake_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    for (size_t i = 0; i < out.len; i++)
        out.ptr[i] = next_random++;
}
static const struct env env = {NULL, fake_now, fake_random};

static struct arena arena;
static struct kadmind_contexts *table;
static struct rpc_context_store store;

static int set_up(void **state) {
    UNUSED(state);
    now_us = INT64_C(1000000);
    table = kadmind_contexts_new(&env);
    store = kadmind_contexts_store(table);
    return table && arena_init(&arena, 1 << 16, 1 << 24) ? 0 : -1;
}

static int tear_down(void **state) {
    UNUSED(state);
    kadmind_contexts_free(table);
    arena_clear(&arena);
    return 0;
}

static struct slice handle_of(unsigned n) {
    static uint8_t handle[RPC_HANDLE_BYTES];
    memcpy(handle, &n, sizeof n);
    return slice_of(handle, sizeof handle);
}

static void add(unsigned n, const char *client, int64_t end) {
    now_us++;
    assert_ok(
        store.add(store.ctx, handle_of(n), slice_str(client), slice_of(&n, sizeof n), end, NULL));
}

// Whether it is there, with its bytes.
static bool holds(unsigned n) {
    struct slice bytes;
    now_us++;
    if (!store.take(store.ctx, handle_of(n), &arena, &bytes))
        return false;
    assert_slice_equal(bytes, slice_of(&n, sizeof n));
    store.put(store.ctx, handle_of(n), bytes);
    return true;
}

static void a_context_is_found_changed_and_forgotten(void **state) {
    struct slice bytes;
    UNUSED(state);
    add(1, "alice", 100);
    assert_true(holds(1));
    assert_false(holds(2));
    assert_true(store.take(store.ctx, handle_of(1), &arena, &bytes));
    store.put(store.ctx, handle_of(1), SLICE_LITERAL("new"));
    assert_true(store.take(store.ctx, handle_of(1), &arena, &bytes));
    assert_slice_str(bytes, "new");
    store.put(store.ctx, handle_of(1), (struct slice){0});
    assert_false(holds(1));
    assert_false(store.take(store.ctx, SLICE_LITERAL("short"), &arena, &bytes));
}

static void one_that_is_too_long_is_not_kept(void **state) {
    static const uint8_t long_one[KADMIND_CONTEXT_BYTES_MAX + 1];
    UNUSED(state);
    assert_code(store.add(store.ctx, handle_of(1), SLICE_LITERAL("alice"),
                          slice_of(long_one, sizeof long_one), 100, NULL),
                OBOL_NO_MEMORY);
    assert_ok(store.add(store.ctx, handle_of(1), SLICE_LITERAL("alice"),
                        slice_of(long_one, sizeof long_one - 1), 100, NULL));
}

static void a_client_with_many_displaces_himself(void **state) {
    UNUSED(state);
    add(0, "bob", 1000);
    for (unsigned n = 1; n <= 5 * KADMIND_CONTEXTS_OF_ONE; n++)
        add(n, "alice", 1000);
    assert_true(holds(0));
    assert_false(holds(4 * KADMIND_CONTEXTS_OF_ONE));
    for (unsigned n = 4 * KADMIND_CONTEXTS_OF_ONE + 1; n <= 5 * KADMIND_CONTEXTS_OF_ONE; n++)
        assert_true(holds(n));
}

static void the_one_longest_unused_makes_room_and_before_it_what_has_ended(void **state) {
    char name[16];
    UNUSED(state);
    for (unsigned n = 0; n < KADMIND_CONTEXTS; n++) {
        snprintf(name, sizeof name, "user%u", n);
        add(n, name, n == 7 ? 2 : 1000);
    }
    assert_true(holds(0));
    now_us = 3 * INT64_C(1000000); // number 7 has ended
    add(1000, "somebody", 1000);
    assert_false(holds(7));
    assert_true(holds(1));
    add(1001, "somebody", 1000);
    assert_true(holds(0) && holds(1));
    assert_false(holds(2));
}

static void another_process_sees_it_and_may_die_with_it_in_hand(void **state) {
    UNUSED(state);
    add(5, "alice", 1000);
    pid_t child = fork();
    if (child == 0) {
        struct slice bytes;
        bool there = store.take(store.ctx, handle_of(5), &arena, &bytes);
        _exit(there ? 0 : 1); // and holds it
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(holds(5));
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_context_is_found_changed_and_forgotten),
        CASE(one_that_is_too_long_is_not_kept),
        CASE(a_client_with_many_displaces_himself),
        CASE(the_one_longest_unused_makes_room_and_before_it_what_has_ended),
        CASE(another_process_sees_it_and_may_die_with_it_in_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
