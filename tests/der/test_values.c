// test_values.c: single values, from tests/vectors/asn1/der_values.txt, and how errors tell where.
#include "../arena_fixture.h"

#include "der/dump.h"
#include "der/table.h"
#include <stdio.h>

static const struct der_type *type_named(struct slice name) {
    static const struct der_type *const types[] = {
        &DER_INT32, &DER_UINT32, &DER_USEC, &DER_BOOLEAN, &DER_TIME,   &DER_FLAGS,
        &DER_NAME,  &DER_OCTETS, &DER_OID,  &DER_BITS,    &DER_BIGINT, &DER_ANY,
    };
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct slice ours = slice_str(types[i]->name);
        bool same = ours.len == name.len;
        for (size_t j = 0; same && j < name.len; j++)
            same = ours.ptr[j] == name.ptr[j] || (ours.ptr[j] == ' ' && name.ptr[j] == '_');
        if (same)
            return types[i];
    }
    fail_msg("no type %.*s", SLICE_ARG(name));
    return NULL;
}

static struct slice word(struct slice *line) {
    size_t n = slice_find(*line, ' ');
    struct slice w = slice_sub(*line, 0, n);
    *line = slice_sub(*line, n + 1, line->len);
    return w;
}

// What the dump shows behind the type's name.
static struct slice shown(const struct der_type *t, const void *value) {
    struct writer w = writer_to_arena(&arena);
    der_dump(t, value, &w);
    return slice_trim(slice_sub(writer_slice(&w), strlen(t->name) + 1, SIZE_MAX));
}

static void check_line(struct slice line) {
    struct slice whole = line;
    const struct der_type *t = type_named(word(&line));
    struct slice in, out;
    assert_true(hex_decode(word(&line), &arena, &in));
    _Alignas(16) uint8_t value[64];
    enum obol_code code = der_decode(t, in, &arena, value, NULL);
    if (slice_starts(line, SLICE_LITERAL("refused"))) {
        if (code == OBOL_OK)
            fail_msg("read: %.*s", SLICE_ARG(whole));
        return;
    }
    if (code != OBOL_OK)
        fail_msg("refused: %.*s", SLICE_ARG(whole));
    struct slice text = shown(t, value);
    if (!slice_starts(line, text))
        fail_msg("shown as %.*s: %.*s", SLICE_ARG(text), SLICE_ARG(whole));
    assert_ok(der_encode(t, value, &arena, &out, NULL));
    assert_slice_equal(out, in);
}

static void every_value_reads_as_it_should_or_is_refused(void **state) {
    UNUSED(state);
    FILE *f = fopen(VECTORS "/asn1/der_values.txt", "r");
    assert_non_null(f);
    char text[512];
    size_t lines = 0;
    while (fgets(text, sizeof text, f)) {
        if (text[0] == '#')
            continue;
        text[strcspn(text, "\n")] = '\0';
        check_line(slice_str(text));
        lines++;
    }
    fclose(f);
    assert_true(lines > 90);
}

static void leftovers_are_refused_and_padding_is_not_where_it_is_allowed(void **state) {
    UNUSED(state);
    const uint8_t in[] = {0x02, 0x01, 0x05, 0x00, 0x00};
    int32_t v;
    size_t used;
    assert_code(der_decode(&DER_INT32, slice_of(in, 5), &arena, &v, NULL), OBOL_DER_MALFORMED);
    assert_ok(der_decode_padded(&DER_INT32, slice_of(in, 5), &arena, &v, &used, NULL));
    assert_int_equal(v, 5);
    assert_int_equal(used, 3);
}

static void no_bytes_at_all_are_refused(void **state) {
    UNUSED(state);
    int32_t v;
    assert_code(der_decode(&DER_INT32, (struct slice){0}, &arena, &v, NULL), OBOL_DER_MALFORMED);
}

static void integers_of_every_width_are_written_in_their_shortest_form(void **state) {
    UNUSED(state);
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t one = UINT32_C(1) << bit, ones = one | (one - 1);
        const uint32_t values[] = {one, ones, ~one, ~ones};
        for (size_t i = 0; i < COUNT_OF(values); i++) {
            int32_t v = (int32_t)values[i], again;
            uint32_t u = values[i], u_again;
            struct slice out;
            assert_ok(der_encode(&DER_INT32, &v, &arena, &out, NULL));
            assert_ok(der_decode(&DER_INT32, out, &arena, &again, NULL));
            assert_int_equal(again, v);
            assert_ok(der_encode(&DER_UINT32, &u, &arena, &out, NULL));
            assert_ok(der_decode(&DER_UINT32, out, &arena, &u_again, NULL));
            assert_int_equal(u_again, u);
        }
    }
}

static void every_day_of_four_centuries_is_read_as_it_was_written(void **state) {
    UNUSED(state);
    for (int64_t day = -180000; day < 180000; day += 7) {
        int64_t t = day * 86400 + (day & 0xffff), again;
        struct slice out;
        assert_ok(der_encode(&DER_TIME, &t, &arena, &out, NULL));
        assert_ok(der_decode(&DER_TIME, out, &arena, &again, NULL));
        assert_int_equal(again, t);
        arena_reset(&arena);
    }
}

static void a_time_beyond_four_digits_of_year_is_not_written(void **state) {
    UNUSED(state);
    const int64_t bad[] = {INT64_C(253402300800), INT64_C(-62167219201), INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct slice out;
        assert_code(der_encode(&DER_TIME, &bad[i], &arena, &out, NULL), OBOL_DER_VALUE);
    }
}

static void a_name_with_nul_an_empty_oid_and_an_empty_any_are_not_written(void **state) {
    UNUSED(state);
    struct slice nul = slice_of("a\0b", 3), empty = {0}, out;
    assert_code(der_encode(&DER_NAME, &nul, &arena, &out, NULL), OBOL_DER_VALUE);
    assert_code(der_encode(&DER_OID, &empty, &arena, &out, NULL), OBOL_DER_VALUE);
    assert_code(der_encode(&DER_BIGINT, &empty, &arena, &out, NULL), OBOL_DER_VALUE);
    assert_code(der_encode(&DER_ANY, &empty, &arena, &out, NULL), OBOL_DER_VALUE);
}

static void a_large_value_is_written_past_the_first_buffer(void **state) {
    UNUSED(state);
    static uint8_t bytes[300000];
    memset(bytes, 0x5a, sizeof bytes);
    struct slice in = slice_of(bytes, sizeof bytes), out, again;
    assert_ok(der_encode(&DER_OCTETS, &in, &arena, &out, NULL));
    assert_ok(der_decode(&DER_OCTETS, out, &arena, &again, NULL));
    assert_slice_equal(again, in);
}

static void an_arena_that_is_too_small_gives_no_memory(void **state) {
    UNUSED(state);
    struct arena small;
    assert_true(arena_init(&small, 4096, 4096));
    static uint8_t bytes[8192];
    struct slice in = slice_of(bytes, sizeof bytes), out;
    assert_code(der_encode(&DER_OCTETS, &in, &small, &out, NULL), OBOL_NO_MEMORY);
    arena_clear(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_reads_as_it_should_or_is_refused),
        cmocka_unit_test(leftovers_are_refused_and_padding_is_not_where_it_is_allowed),
        cmocka_unit_test(no_bytes_at_all_are_refused),
        cmocka_unit_test(integers_of_every_width_are_written_in_their_shortest_form),
        cmocka_unit_test(every_day_of_four_centuries_is_read_as_it_was_written),
        cmocka_unit_test(a_time_beyond_four_digits_of_year_is_not_written),
        cmocka_unit_test(a_name_with_nul_an_empty_oid_and_an_empty_any_are_not_written),
        cmocka_unit_test(a_large_value_is_written_past_the_first_buffer),
        cmocka_unit_test(an_arena_that_is_too_small_gives_no_memory),
    };
    return cmocka_run_group_tests(tests, arena_begin, arena_end);
}
