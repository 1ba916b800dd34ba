// Errors: the first wins, facts are kept, foreign bytes cannot forge a line.
#include "../test.h"
#include <stdlib.h>

static enum obol_code fails(struct error *err, int number) {
    ENSURE(number < 3, KDC_ERR_POLICY, "the number is %d", number);
    return OBOL_OK;
}

static enum obol_code passes_on(struct error *err, int number) {
    TRY(fails(err, number));
    return OBOL_OK;
}

static void the_first_failure_wins(void **state) {
    UNUSED(state);
    struct error e;
    error_init(&e);
    assert_ok(passes_on(&e, 2));
    assert_code(passes_on(&e, 3), OBOL_KDC_ERR_POLICY);
    assert_code(error_set(&e, OBOL_IO, "later", "another"), OBOL_IO);
    assert_int_equal(e.code, OBOL_KDC_ERR_POLICY);
    assert_string_equal(e.where, "fails");
    assert_string_equal(e.detail, "the number is 3");
    error_replace(&e, OBOL_PASSWORD_WRONG, "known", "for %s", "alice");
    assert_int_equal(e.code, OBOL_PASSWORD_WRONG);
}

static void programs_written_for_mit_get_its_codes(void **state) {
    UNUSED(state);
    assert_int_equal(error_krb5_code(OBOL_OK), 0);
    assert_int_equal(error_krb5_code(OBOL_NO_MEMORY), 12);                 // ENOMEM
    assert_int_equal(error_krb5_code(OBOL_KRB_AP_ERR_SKEW), -1765328347);  // KRB5KRB_AP_ERR_SKEW
    assert_int_equal(error_krb5_code(OBOL_CCACHE_NOT_FOUND), -1765328189); // KRB5_FCC_NOFILE
    assert_int_equal(error_krb5_code(OBOL_KDC_UNREACHABLE), -1765328228);  // KRB5_KDC_UNREACH
    // The wire's numbers and MIT's are one for every error of RFC 4120.
    for (int i = OBOL_KDC_ERR_NAME_EXP; i < OBOL_CODE_COUNT; i++) {
        const struct error_info *info = error_info((enum obol_code)i);
        assert_int_equal(info->krb5_offset, info->krb_error);
    }
}

static void foreign_bytes_cannot_forge_a_line(void **state) {
    UNUSED(state);
    struct error e;
    error_init(&e);
    error_set(&e, OBOL_IO, "x", "name %.*s", SLICE_ARG(slice_of("a\nb\x1b[2J\xc3\xa9\xff", 11)));
    assert_string_equal(e.detail, "name a\\x0ab\\x1b[2J\xc3\xa9\\xff");
}

static void a_person_reads_what_why_and_what_to_do(void **state) {
    UNUSED(state);
    struct error e;
    error_init(&e);
    error_set(&e, OBOL_KRB_AP_ERR_SKEW, "x", "ours is ahead");
    error_fact(&e, "skew", "%d s", 600);
    error_fact(&e, "kdc", "127.0.0.1");
    char text[600];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    error_write(&e, &w);
    assert_true(writer_ok(&w));
    assert_slice_str(writer_slice(&w),
                     "the clocks differ by more than is allowed: ours is ahead\n"
                     "  facts: skew 600 s; kdc 127.0.0.1\n"
                     "  remedy: Set both clocks by NTP; the limit is `clockskew` in krb5.conf.\n");
    w = writer_to_buf(buf_of(text, sizeof text));
    error_write_line(&e, &w);
    assert_slice_str(writer_slice(&w),
                     "the clocks differ by more than is allowed: ours is ahead; skew 600 s; kdc "
                     "127.0.0.1. Set both clocks by NTP; the limit is `clockskew` in krb5.conf.");
    w = writer_to_buf(buf_of(text, sizeof text));
    error_write_json(&e, &w);
    assert_true(writer_ok(&w));
    assert_non_null(
        memmem(text, w.len, "\"facts\":{\"skew\":\"600 s\",\"kdc\":\"127.0.0.1\"}", 42));
}

static void a_remedy_of_the_case_goes_before_that_of_the_code(void **state) {
    UNUSED(state);
    struct error e;
    char text[600];
    error_init(&e);
    error_set(&e, OBOL_KRB_AP_ERR_SKEW, "x", "ours is ahead");
    error_fact(&e, "skew", "600 s");
    error_remedy(&e, "Wait %d minutes.", 10);
    error_fact(&e, "kdc", "one");
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    error_write(&e, &w);
    assert_slice_str(writer_slice(&w), "the clocks differ by more than is allowed: ours is ahead\n"
                                       "  facts: skew 600 s; kdc one\n"
                                       "  remedy: Wait 10 minutes.\n");
    w = writer_to_buf(buf_of(text, sizeof text));
    error_write_json(&e, &w);
    assert_non_null(memmem(text, w.len, "\"remedy\":\"Wait 10 minutes.\"", 27));
    // What the error turns out to be has its own remedy again; an absent err is fine.
    error_replace(&e, OBOL_PASSWORD_WRONG, "x", "for alice");
    w = writer_to_buf(buf_of(text, sizeof text));
    error_write(&e, &w);
    assert_null(memmem(text, w.len, "Wait", 4));
    error_remedy(NULL, "nothing");
}

static void too_many_facts_are_left_out_not_cut(void **state) {
    UNUSED(state);
    struct error e;
    error_init(&e);
    for (int i = 0; i < 1000; i++)
        error_fact(&e, "fact", "%d", i);
    size_t at = 0, count = 0;
    const char *name, *value;
    while (error_fact_next(&e, &at, &name, &value))
        assert_int_equal(atoi(value), count++);
    assert_true(count > 50 && at == e.facts_len);
}

static void every_code_has_name_and_text(void **state) {
    UNUSED(state);
    for (int i = 0; i < OBOL_CODE_COUNT; i++) {
        const struct error_info *info = error_info((enum obol_code)i);
        assert_true(strlen(info->name) > 1);
        assert_true(strlen(info->text) > 1 && info->text[strlen(info->text) - 1] != '.');
    }
    assert_int_equal(error_code_of_krb(24), OBOL_KDC_ERR_PREAUTH_FAILED);
    assert_int_equal(error_code_of_krb(31), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    assert_int_equal(error_code_of_krb(12345), OBOL_KRB_ERR_GENERIC);
    assert_string_equal(error_info((enum obol_code) - 5)->name, "INTERNAL");
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_first_failure_wins),
        cmocka_unit_test(programs_written_for_mit_get_its_codes),
        cmocka_unit_test(foreign_bytes_cannot_forge_a_line),
        cmocka_unit_test(a_person_reads_what_why_and_what_to_do),
        cmocka_unit_test(a_remedy_of_the_case_goes_before_that_of_the_code),
        cmocka_unit_test(too_many_facts_are_left_out_not_cut),
        cmocka_unit_test(every_code_has_name_and_text),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
