// The arena: bounds, growth, wiping.
#include "../test.h"

static void memory_is_aligned_and_apart(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 4096));
    uint8_t *p = arena_alloc(&a, 1), *q = arena_alloc(&a, 1);
    assert_int_equal((uintptr_t)p % 16, 0);
    assert_true(q >= p + 16);
    arena_clear(&a);
}

static void growth_stops_at_the_limit(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 64 * 1024));
    size_t blocks = 0;
    while (arena_alloc(&a, 1000))
        assert_true(++blocks < 100);
    assert_true(blocks >= 40 && blocks <= 64);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 8));
    assert_null(arena_zalloc(&a, SIZE_MAX / 2, 3));
    arena_reset(&a);
    assert_int_equal(a.total, 4096);
    assert_non_null(arena_alloc(&a, 4096));
    arena_clear(&a);
    arena_clear(&a);
}

static void reset_wipes_what_was_used(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 4096));
    uint8_t *p = arena_alloc(&a, 100);
    memset(p, 0x5a, 100);
    arena_reset(&a);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
    arena_clear(&a);
}

static void text_with_a_nul_is_no_c_string(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 4096));
    assert_null(arena_cstr(&a, slice_of("a\0b", 3)));
    assert_string_equal(arena_cstr(&a, SLICE_LITERAL("ab")), "ab");
    assert_slice_str(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    arena_clear(&a);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(memory_is_aligned_and_apart),
        cmocka_unit_test(growth_stops_at_the_limit),
        cmocka_unit_test(reset_wipes_what_was_used),
        cmocka_unit_test(text_with_a_nul_is_no_c_string),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
