// Slices, the sticky reader and writer, hexadecimal and base64.
#include "../test.h"
#include "base/ct.h"
#include "base/reader.h"

static void the_reader_sticks_at_the_first_overrun(void **state) {
    UNUSED(state);
    struct reader r = reader_of(slice_of("\x01\x02\x03\x04\x05", 5));
    assert_int_equal(reader_be16(&r), 0x0102);
    assert_int_equal(reader_le16(&r), 0x0403);
    assert_int_equal(reader_be32(&r), 0);
    assert_false(reader_ok(&r));
    assert_int_equal(reader_u8(&r), 0);
    assert_int_equal(reader_left(&r), 0);
    assert_false(reader_done(&r));
}

static void a_lying_length_borrows_nothing(void **state) {
    UNUSED(state);
    struct reader r = reader_of(slice_of("\xff\xff\xff\xff"
                                         "abc",
                                         7));
    assert_int_equal(reader_counted32(&r).len, 0);
    assert_false(reader_ok(&r));
    r = reader_of(slice_of("\x00\x03"
                           "abc",
                           5));
    assert_slice_str(reader_counted16(&r), "abc");
    assert_true(reader_done(&r));
    r = reader_of((struct slice){0});
    assert_true(reader_done(&r));
    assert_int_equal(reader_bytes(&r, UINT64_MAX).len, 0);
    assert_false(reader_ok(&r));
}

static void the_writer_sticks_when_full(void **state) {
    UNUSED(state);
    uint8_t bytes[6];
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    writer_be32(&w, 0x01020304);
    writer_le16(&w, 0x0605);
    assert_slice_equal(writer_slice(&w), slice_of("\1\2\3\4\5\6", 6));
    writer_u8(&w, 7);
    assert_false(writer_ok(&w));
    assert_int_equal(writer_slice(&w).len, 0);
}

static void the_writer_grows_in_an_arena(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 1 << 20));
    struct writer w = writer_to_arena(&a);
    for (int i = 0; i < 1000; i++)
        writer_printf(&w, "%03d,", i);
    assert_true(writer_ok(&w));
    assert_int_equal(w.len, 4000);
    assert_memory_equal(writer_slice(&w).ptr + 3996, "999,", 4);
    arena_clear(&a);
}

static void hex_and_base64_round_trip(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 65536, 65536));
    uint8_t bytes[40];
    for (size_t n = 0; n < sizeof bytes; n++) {
        bytes[n] = (uint8_t)(n * 37 + 200);
        struct writer h = writer_to_arena(&a), b = writer_to_arena(&a);
        hex_write(&h, slice_of(bytes, n));
        base64_write(&b, slice_of(bytes, n));
        struct slice back;
        assert_true(hex_decode(writer_slice(&h), &a, &back));
        assert_slice_equal(back, slice_of(bytes, n));
        assert_true(base64_decode(writer_slice(&b), &a, &back));
        assert_slice_equal(back, slice_of(bytes, n));
        arena_reset(&a);
    }
    arena_clear(&a);
}

static void malformed_text_is_refused(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 4096));
    struct slice out;
    assert_false(hex_decode(SLICE_LITERAL("abc"), &a, &out));
    assert_false(hex_decode(SLICE_LITERAL("zz"), &a, &out));
    assert_true(hex_decode(SLICE_LITERAL("AB cd\n"), &a, &out));
    const char *bad[] = {"YQ", "YQ=", "YR==", "Y===", "====", "YWJ=", "YQ==YQ==", "Y Q=", "YQ=a"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(base64_decode(slice_str(bad[i]), &a, &out));
    assert_true(base64_decode(SLICE_LITERAL("YWJj"), &a, &out));
    assert_slice_str(out, "abc");
    arena_clear(&a);
}

static void slices_compare_and_cut(void **state) {
    UNUSED(state);
    assert_true(slice_compare(SLICE_LITERAL("ab"), SLICE_LITERAL("abc")) < 0);
    assert_true(slice_compare(SLICE_LITERAL("b"), SLICE_LITERAL("abc")) > 0);
    assert_true(slice_eq_nocase(SLICE_LITERAL("HoSt"), SLICE_LITERAL("hOsT")));
    assert_false(slice_eq_nocase(SLICE_LITERAL("a["), SLICE_LITERAL("a{")));
    assert_slice_str(slice_sub(SLICE_LITERAL("hello"), 3, 99), "lo");
    assert_int_equal(slice_sub(SLICE_LITERAL("hello"), 9, 1).len, 0);
    assert_slice_str(slice_trim(SLICE_LITERAL(" \t x y\n")), "x y");
    assert_true(ct_equal(SLICE_LITERAL("key"), SLICE_LITERAL("key")));
    assert_false(ct_equal(SLICE_LITERAL("key"), SLICE_LITERAL("kez")));
    assert_false(ct_equal(SLICE_LITERAL("key"), SLICE_LITERAL("keyy")));
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_reader_sticks_at_the_first_overrun),
        cmocka_unit_test(a_lying_length_borrows_nothing),
        cmocka_unit_test(the_writer_sticks_when_full),
        cmocka_unit_test(the_writer_grows_in_an_arena),
        cmocka_unit_test(hex_and_base64_round_trip),
        cmocka_unit_test(malformed_text_is_refused),
        cmocka_unit_test(slices_compare_and_cut),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
