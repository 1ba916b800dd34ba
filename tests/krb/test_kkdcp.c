// test_kkdcp.c: the envelope of a message to a proxy (MS-KKDCP 2.2.2).
#include "../arena_fixture.h"
#include "krb/kkdcp.h"

static void what_is_wrapped_is_unwrapped_with_and_without_a_realm(void **state) {
    static const char *const realms[] = {"EXAMPLE.COM", ""};
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(realms); i++) {
        struct slice envelope, message, realm;
        assert_ok(kkdcp_wrap(SLICE_LITERAL("m"), slice_str(realms[i]), &arena, &envelope, NULL));
        assert_ok(kkdcp_unwrap(envelope, &arena, &message, &realm, NULL));
        assert_slice_str(message, "m");
        assert_slice_str(realm, realms[i]);
    }
}

static void the_bytes_are_those_of_the_specification(void **state) {
    static const uint8_t bytes[] = {0x30, 0x0d, 0xa0, 0x07, 0x04, 0x05, 0,   0,
                                    0,    1,    'm',  0xa1, 0x02, 0x1b, 0x00};
    static const uint8_t good[] = {0x30, 0x0e, 0xa0, 0x07, 0x04, 0x05, 0,    0,
                                   0,    1,    'm',  0xa1, 0x03, 0x1b, 0x01, 'R'};
    struct slice envelope, message, realm;
    UNUSED(state);
    assert_ok(kkdcp_wrap(SLICE_LITERAL("m"), SLICE_LITERAL("R"), &arena, &envelope, NULL));
    assert_slice_equal(envelope, slice_of(good, sizeof good));
    assert_ok(kkdcp_unwrap(slice_of(bytes, sizeof bytes), &arena, &message, &realm, NULL));
    assert_int_equal(realm.len, 0);
}

static void a_length_that_is_not_the_messages_is_refused(void **state) {
    static const uint8_t lengths[][4] = {{0, 0, 0, 0}, {0, 0, 0, 2}, {0xff, 0xff, 0xff, 0xff}};
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        uint8_t bytes[] = {0x30, 0x09, 0xa0, 0x07, 0x04, 0x05, 0, 0, 0, 0, 'm'};
        struct slice message, realm;
        memcpy(bytes + 6, lengths[i], 4);
        assert_code(kkdcp_unwrap(slice_of(bytes, sizeof bytes), &arena, &message, &realm, NULL),
                    OBOL_FORMAT);
    }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(what_is_wrapped_is_unwrapped_with_and_without_a_realm),
        cmocka_unit_test(the_bytes_are_those_of_the_specification),
        cmocka_unit_test(a_length_that_is_not_the_messages_is_refused),
    };
    return cmocka_run_group_tests(cases, arena_begin, arena_end);
}
