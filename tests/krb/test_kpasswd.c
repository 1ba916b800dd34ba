// test_kpasswd.c: what a service that changes passwords says, as a person reads it.
#include "../test.h"
#include "krb/kpasswd.h"

static void a_services_text_is_shown_as_it_is(void **state) {
    UNUSED(state);
    assert_slice_str(kpasswd_text(SLICE_LITERAL("too short:\n\t12 at least")),
                     "too short:\n\t12 at least");
    assert_slice_str(kpasswd_text(SLICE_LITERAL("zu kurz f\xc3\xbcr uns")),
                     "zu kurz f\xc3\xbcr uns");
}

static void numbers_and_nothing_are_put_in_words(void **state) {
    // Active Directory's: least length 7, 24 former passwords.
    static const uint8_t policy[30] = {0, 0, 0, 0, 0, 7, 0, 0, 0, 24};
    UNUSED(state);
    const struct slice said[] = {slice_of(policy, sizeof policy), SLICE_LITERAL(""),
                                 SLICE_LITERAL("\x1b[31mred")};
    for (size_t i = 0; i < COUNT_OF(said); i++)
        assert_true(slice_starts(kpasswd_text(said[i]), SLICE_LITERAL("Try a longer")));
}

static void every_result_has_a_text_and_so_has_one_that_is_not_known(void **state) {
    UNUSED(state);
    for (int i = KPASSWD_SUCCESS; i <= KPASSWD_INITIAL_FLAG_NEEDED; i++)
        assert_string_not_equal(kpasswd_result_text((enum kpasswd_result)i),
                                "Password change failed");
    assert_string_equal(kpasswd_result_text((enum kpasswd_result)0xffff), "Password change failed");
    assert_string_equal(kpasswd_result_text((enum kpasswd_result)8), "Password change failed");
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_services_text_is_shown_as_it_is),
        cmocka_unit_test(numbers_and_nothing_are_put_in_words),
        cmocka_unit_test(every_result_has_a_text_and_so_has_one_that_is_not_known),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
