// OIDs, sets, buffers, mechanisms and statuses (RFC 2744, RFC 5587, RFC 5801).
#include "gssapi/handles.h"
#include "gssapi/status.h"
#include "support.h"
#include <errno.h>
#include <pthread.h>

static OM_uint32 minor;

static void oids_go_to_text_and_back(void **state) {
    UNUSED(state);
    gss_buffer_desc text;
    assert_complete(gss_oid_to_str(&minor, gss_mech_krb5, &text));
    assert_string_equal(text.value, "{ 1 2 840 113554 1 2 2 }");
    assert_int_equal(text.length, sizeof "{ 1 2 840 113554 1 2 2 }"); // MIT krb5 counts the NUL
    gss_OID oid;
    assert_complete(gss_str_to_oid(&minor, &text, &oid));
    assert_true(gss_oid_equal(oid, gss_mech_krb5));
    assert_ptr_not_equal(oid, gss_mech_krb5);
    assert_complete(gss_release_oid(&minor, &oid));
    assert_null(oid);
    gss_release_buffer(&minor, &text);
    const char *spellings[] = {"1.2.840.113554.1.2.2", "{1 2 840 113554 1 2 2}",
                               "  { 1 2 840 113554 1 2 2 }  ", "1 2 840 113554 1 2 2"};
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        text = text_buffer(spellings[i]);
        assert_complete(gss_str_to_oid(&minor, &text, &oid));
        assert_true(gss_oid_equal(oid, gss_mech_krb5));
        assert_complete(gss_release_oid(&minor, &oid));
    }
    text = text_buffer("2.999.3"); // X.690 8.19.5's example: 88 37 03
    assert_complete(gss_str_to_oid(&minor, &text, &oid));
    assert_int_equal(oid->length, 3);
    assert_memory_equal(oid->elements, "\x88\x37\x03", 3);
    assert_complete(gss_oid_to_str(&minor, oid, &text));
    assert_string_equal(text.value, "{ 2 999 3 }");
    gss_release_buffer(&minor, &text);
    assert_complete(gss_release_oid(&minor, &oid));
}

static void what_is_no_oid_is_refused(void **state) {
    UNUSED(state);
    const char *bad[] = {"1",
                         "x",
                         "1.2.x",
                         "3.1",
                         "1.40.1",
                         "{ 1 2 840",
                         "{ 1 }",
                         "{ } 1 2 3",
                         "1.2.3 junk",
                         "-1.2",
                         "1.99999999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        gss_OID oid = gss_mech_krb5;
        gss_buffer_desc text = text_buffer(bad[i]);
        assert_int_equal(gss_str_to_oid(&minor, &text, &oid), GSS_S_FAILURE);
        assert_null(oid);
    }
    gss_buffer_desc text;
    gss_OID_desc endless = {3, (void *)"\x2a\x86\x88"};
    assert_int_equal(gss_oid_to_str(&minor, &endless, &text), GSS_S_FAILURE);
    gss_OID_desc huge = {12, (void *)"\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"};
    assert_int_equal(gss_oid_to_str(&minor, &huge, &text), GSS_S_FAILURE);
    assert_null(text.value);
    assert_int_equal(gss_oid_equal(NULL, NULL), 0);
    assert_int_equal(gss_oid_equal(gss_mech_krb5, gss_mech_krb5_wrong), 0);
}

static void static_oids_survive_a_release(void **state) {
    UNUSED(state);
    gss_OID oid = GSS_C_NT_USER_NAME;
    assert_complete(gss_release_oid(&minor, &oid));
    assert_null(oid);
    assert_int_equal(GSS_C_NT_USER_NAME->length, 10);
    oid = NULL;
    assert_complete(gss_release_oid(&minor, &oid));
}

static void sets_take_each_member_once(void **state) {
    UNUSED(state);
    gss_OID_set set;
    int present;
    assert_complete(gss_create_empty_oid_set(&minor, &set));
    assert_complete(gss_add_oid_set_member(&minor, gss_mech_krb5, &set));
    assert_complete(gss_add_oid_set_member(&minor, SPNEGO, &set));
    assert_complete(gss_add_oid_set_member(&minor, gss_mech_krb5, &set));
    assert_int_equal(set->count, 2);
    assert_complete(gss_test_oid_set_member(&minor, SPNEGO, set, &present));
    assert_int_equal(present, 1);
    assert_complete(gss_test_oid_set_member(&minor, gss_mech_iakerb, set, &present));
    assert_int_equal(present, 0);
    assert_complete(gss_release_oid_set(&minor, &set));
    assert_null(set);
    assert_complete(gss_release_oid_set(&minor, &set));
}

static void sets_and_oids_refuse_missing_arguments(void **state) {
    UNUSED(state);
    gss_OID_set set = NULL;
    gss_OID oid;
    int present;
    gss_buffer_desc b, empty = GSS_C_EMPTY_BUFFER;
    const OM_uint32 read = GSS_S_CALL_INACCESSIBLE_READ, write = GSS_S_CALL_INACCESSIBLE_WRITE;
    assert_int_equal(gss_create_empty_oid_set(NULL, &set), write);
    assert_int_equal(gss_create_empty_oid_set(&minor, NULL), write);
    assert_int_equal(gss_add_oid_set_member(NULL, gss_mech_krb5, &set), write);
    assert_int_equal(gss_add_oid_set_member(&minor, gss_mech_krb5, NULL), write);
    assert_int_equal(gss_add_oid_set_member(&minor, gss_mech_krb5, &set), read);
    struct gss_OID_set_desc_struct broken = {1, NULL}; // a program's own
    gss_OID_set one = &broken;
    assert_int_equal(gss_add_oid_set_member(&minor, gss_mech_krb5, &one), read);
    assert_int_equal(gss_test_oid_set_member(&minor, gss_mech_krb5, NULL, &present), read);
    assert_int_equal(gss_test_oid_set_member(&minor, gss_mech_krb5, gss_mech_set_krb5, NULL),
                     write);
    assert_int_equal(gss_test_oid_set_member(&minor, NULL, gss_mech_set_krb5, &present), read);
    assert_int_equal(gss_oid_to_str(&minor, NULL, &b), read);
    assert_int_equal(gss_oid_to_str(&minor, gss_mech_krb5, NULL), write);
    assert_int_equal(gss_oid_to_str(NULL, gss_mech_krb5, &b), write);
    assert_int_equal(gss_str_to_oid(&minor, &empty, &oid), read);
    assert_int_equal(gss_str_to_oid(&minor, NULL, &oid), read);
    b = text_buffer("1.2.3");
    assert_int_equal(gss_str_to_oid(&minor, &b, NULL), write);
    assert_int_equal(gss_str_to_oid(NULL, &b, &oid), write);
    assert_int_equal(gss_release_oid(&minor, NULL), write);
    assert_int_equal(gss_release_oid(NULL, &oid), write);
    assert_int_equal(gss_release_oid_set(&minor, NULL), GSS_S_COMPLETE);
}

static void buffer_sets_grow_and_go(void **state) {
    UNUSED(state);
    gss_buffer_set_t set = NULL;
    gss_buffer_desc a = text_buffer("one"), b = text_buffer("two");
    assert_complete(gss_add_buffer_set_member(&minor, &a, &set)); // makes the set, as MIT krb5 does
    assert_complete(gss_add_buffer_set_member(&minor, &b, &set));
    assert_int_equal(set->count, 2);
    assert_memory_equal(set->elements[1].value, "two", 3);
    assert_ptr_not_equal(set->elements[0].value, a.value);
    assert_complete(gss_release_buffer_set(&minor, &set));
    assert_null(set);
    assert_complete(gss_create_empty_buffer_set(&minor, &set));
    assert_int_equal(set->count, 0);
    assert_complete(gss_release_buffer_set(&minor, &set));
    assert_complete(gss_release_buffer_set(&minor, NULL));
    assert_int_equal(gss_create_empty_buffer_set(&minor, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_create_empty_buffer_set(NULL, &set), GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_add_buffer_set_member(&minor, NULL, &set), GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_add_buffer_set_member(&minor, &a, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
}

static void a_released_buffer_is_empty_and_an_empty_one_is_left_alone(void **state) {
    UNUSED(state);
    gss_buffer_desc b = {3, strdup("abc")};
    assert_complete(gss_release_buffer(&minor, &b));
    assert_null(b.value);
    assert_int_equal(b.length, 0);
    b = (gss_buffer_desc){0, (void *)(uintptr_t) "static"};
    assert_complete(gss_release_buffer(&minor, &b));
    assert_complete(gss_release_buffer(NULL, NULL));
}

static void tokens_are_framed_and_unframed(void **state) {
    UNUSED(state);
    gss_buffer_desc in = text_buffer("inside"), out, back;
    assert_int_equal(gss_encapsulate_token(&in, gss_mech_krb5, &out), GSS_S_COMPLETE);
    assert_int_equal(out.length, 2 + 2 + 9 + 6);
    assert_memory_equal(out.value, "\x60\x11\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02inside",
                        19);
    assert_int_equal(gss_decapsulate_token(&out, gss_mech_krb5, &back), GSS_S_COMPLETE);
    assert_int_equal(back.length, 6);
    assert_memory_equal(back.value, "inside", 6);
    gss_release_buffer(&minor, &back);
    assert_int_equal(gss_decapsulate_token(&out, SPNEGO, &back), GSS_S_DEFECTIVE_TOKEN);
    for (size_t n = 0; n < out.length; n++) {
        gss_buffer_desc cut = {n, out.value};
        assert_int_equal(gss_decapsulate_token(&cut, gss_mech_krb5, &back), GSS_S_DEFECTIVE_TOKEN);
    }
    assert_int_equal(gss_decapsulate_token(NULL, SPNEGO, &back), GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_decapsulate_token(&in, NULL, &back), GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_decapsulate_token(&in, SPNEGO, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_encapsulate_token(NULL, SPNEGO, &back), GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_encapsulate_token(&in, NULL, &back), GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_encapsulate_token(&in, SPNEGO, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    gss_release_buffer(&minor, &out);
}

static void mechanisms_are_indicated(void **state) {
    UNUSED(state);
    gss_OID_set set;
    int present;
    gss_OID mechs[] = {gss_mech_krb5, gss_mech_iakerb, SPNEGO};
    assert_complete(gss_indicate_mechs(&minor, &set));
    assert_int_equal(set->count, 3);
    for (size_t i = 0; i < COUNT_OF(mechs); i++) {
        assert_complete(gss_test_oid_set_member(&minor, mechs[i], set, &present));
        assert_int_equal(present, 1);
    }
    assert_complete(gss_release_oid_set(&minor, &set));
    assert_int_equal(gss_indicate_mechs(&minor, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_indicate_mechs(NULL, &set), GSS_S_CALL_INACCESSIBLE_WRITE);
}

static size_t count_by_attrs(gss_const_OID desired, gss_const_OID except, gss_const_OID critical,
                             gss_OID expected) {
    gss_OID_set_desc d = {1, (gss_OID)(uintptr_t)desired}, e = {1, (gss_OID)(uintptr_t)except},
                     c = {1, (gss_OID)(uintptr_t)critical};
    gss_OID_set found;
    assert_complete(gss_indicate_mechs_by_attrs(&minor, desired ? &d : NULL, except ? &e : NULL,
                                                critical ? &c : NULL, &found));
    int present = 1;
    if (expected)
        assert_complete(gss_test_oid_set_member(&minor, expected, found, &present));
    assert_int_equal(present, 1);
    size_t count = found->count;
    gss_release_oid_set(&minor, &found);
    return count;
}

static void mechanisms_are_chosen_by_attributes(void **state) {
    UNUSED(state);
    const gss_OID_desc unknown = {3, (void *)"\x2a\x03\x04"};
    assert_int_equal(count_by_attrs(NULL, NULL, NULL, gss_mech_krb5), 3);
    assert_int_equal(count_by_attrs(GSS_C_MA_MECH_NEGO, NULL, NULL, SPNEGO), 1);
    assert_int_equal(count_by_attrs(GSS_C_MA_MECH_CONCRETE, NULL, NULL, gss_mech_krb5), 2);
    assert_int_equal(count_by_attrs(NULL, GSS_C_MA_NOT_DFLT_MECH, NULL, SPNEGO), 2);
    assert_int_equal(count_by_attrs(GSS_C_MA_PFS, NULL, NULL, NULL), 0);
    assert_int_equal(count_by_attrs(NULL, NULL, GSS_C_MA_PFS, gss_mech_krb5), 3);
    assert_int_equal(count_by_attrs(NULL, NULL, &unknown, NULL), 0);
    assert_int_equal(count_by_attrs(&unknown, NULL, NULL, NULL), 0);
    assert_int_equal(count_by_attrs(NULL, &unknown, NULL, SPNEGO), 3);
    assert_int_equal(gss_indicate_mechs_by_attrs(&minor, NULL, NULL, NULL, NULL),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
}

static void attributes_describe_themselves(void **state) {
    UNUSED(state);
    gss_OID_set attrs, known;
    assert_complete(gss_inquire_attrs_for_mech(&minor, gss_mech_krb5_wrong, &attrs, &known));
    int present;
    assert_complete(
        gss_test_oid_set_member(&minor, (gss_OID)(uintptr_t)GSS_C_MA_DEPRECATED, attrs, &present));
    assert_int_equal(present, 1);
    assert_int_equal(known->count, 28);
    for (size_t i = 0; i < known->count; i++) {
        gss_buffer_desc name, brief, text;
        assert_complete(gss_display_mech_attr(&minor, &known->elements[i], &name, &brief, &text));
        assert_memory_equal(name.value, "GSS_C_MA_", 9);
        assert_true(brief.length > 2 && text.length > 10);
        gss_release_buffer(&minor, &name);
        gss_release_buffer(&minor, &brief);
        gss_release_buffer(&minor, &text);
    }
    gss_release_oid_set(&minor, &attrs);
    gss_release_oid_set(&minor, &known);
    gss_buffer_desc name;
    assert_int_equal(gss_display_mech_attr(&minor, gss_mech_krb5, &name, NULL, NULL),
                     GSS_S_BAD_MECH_ATTR);
    assert_int_equal(gss_display_mech_attr(&minor, NULL, &name, NULL, NULL),
                     GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_inquire_attrs_for_mech(&minor, GSS_C_NT_USER_NAME, &attrs, &known),
                     GSS_S_BAD_MECH);
    assert_complete(gss_inquire_attrs_for_mech(&minor, NULL, NULL, NULL));
}

static void sasl_names_go_both_ways(void **state) {
    UNUSED(state);
    const struct {
        gss_OID oid;
        const char *sasl;
    } rows[] = {{gss_mech_krb5, "GS2-KRB5"}, {gss_mech_iakerb, "GS2-IAKERB"}, {SPNEGO, "SPNEGO"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        gss_buffer_desc sasl, name, text;
        gss_OID oid;
        assert_complete(gss_inquire_saslname_for_mech(&minor, rows[i].oid, &sasl, &name, &text));
        assert_string_equal(sasl.value, rows[i].sasl);
        assert_complete(gss_inquire_mech_for_saslname(&minor, &sasl, &oid));
        assert_true(gss_oid_equal(oid, rows[i].oid));
        gss_release_buffer(&minor, &sasl);
        gss_release_buffer(&minor, &name);
        gss_release_buffer(&minor, &text);
    }
    // The name that RFC 5801 3.1 derives; 3.3 gives it for the krb5 OID of an older text.
    gss_buffer_desc derived = text_buffer("GS2-KRB4");
    gss_OID oid;
    assert_int_equal(gss_inquire_mech_for_saslname(&minor, &derived, &oid), GSS_S_BAD_MECH);
    assert_null(oid);
    assert_int_equal(gss_inquire_mech_for_saslname(&minor, NULL, &oid),
                     GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_inquire_saslname_for_mech(&minor, GSS_C_NT_USER_NAME, NULL, NULL, NULL),
                     GSS_S_BAD_MECH);
}

static void expect_text(OM_uint32 value, int type, OM_uint32 *more, const char *part) {
    gss_buffer_desc b;
    assert_complete(gss_display_status(&minor, value, type, NULL, more, &b));
    if (!strstr(b.value, part))
        fail_msg("\"%s\" does not say \"%s\"", (char *)b.value, part);
    gss_release_buffer(&minor, &b);
}

static void a_major_status_is_shown_part_by_part(void **state) {
    UNUSED(state);
    OM_uint32 more = 0;
    expect_text(GSS_S_COMPLETE, GSS_C_GSS_CODE, &more, "well");
    assert_int_equal(more, 0);
    OM_uint32 all =
        GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME | GSS_S_CONTINUE_NEEDED | GSS_S_GAP_TOKEN;
    expect_text(all, GSS_C_GSS_CODE, &more, "could not be read");
    expect_text(all, GSS_C_GSS_CODE, &more, "name is not valid");
    expect_text(all, GSS_C_GSS_CODE, &more, "another token");
    expect_text(all, GSS_C_GSS_CODE, &more, "has not come");
    assert_int_equal(more, 0);
    for (OM_uint32 routine = 1; routine < 25; routine++)
        expect_text(routine << GSS_C_ROUTINE_ERROR_OFFSET, GSS_C_GSS_CODE, &more, " ");
    gss_buffer_desc b;
    more = 7;
    assert_int_equal(gss_display_status(&minor, all, GSS_C_GSS_CODE, NULL, &more, &b),
                     GSS_S_BAD_STATUS);
    more = 0;
    assert_int_equal(gss_display_status(&minor, 0, 3, NULL, &more, &b), GSS_S_BAD_STATUS);
    assert_int_equal(gss_display_status(&minor, 0, 1, NULL, NULL, &b),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_display_status(&minor, 0, 1, NULL, &more, NULL),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_display_status(NULL, 0, 1, NULL, &more, &b),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_display_status(&minor, 5, 2, GSS_C_NT_USER_NAME, &more, &b),
                     GSS_S_BAD_MECH);
}

static void *other_thread(void *arg) {
    OM_uint32 more = 0;
    gss_buffer_desc b;
    OM_uint32 m;
    OM_uint32 major = gss_display_status(&m, *(OM_uint32 *)arg, GSS_C_MECH_CODE, NULL, &more, &b);
    bool general =
        major == GSS_S_COMPLETE && !strstr(b.value, "HTTP/web") && strstr(b.value, "clocks differ");
    gss_release_buffer(&m, &b);
    return general ? arg : NULL;
}

static void a_minor_status_says_what_failed_with_facts_and_remedy(void **state) {
    UNUSED(state);
    struct error err;
    error_init(&err);
    (void)error_set(&err, OBOL_KRB_AP_ERR_SKEW, "test", "HTTP/web@OBOL.TEST is %d s ahead", 4000);
    error_fact(&err, "limit", "%d s", 300);
    OM_uint32 code, more = 0;
    assert_int_equal(gssapi_fail(&code, &err), GSS_S_FAILURE);
    assert_int_equal((int32_t)code, error_krb5_code(OBOL_KRB_AP_ERR_SKEW));
    expect_text(code, GSS_C_MECH_CODE, &more, "HTTP/web@OBOL.TEST is 4000 s ahead");
    expect_text(code, GSS_C_MECH_CODE, &more, "limit 300 s");
    expect_text(code, GSS_C_MECH_CODE, &more, "Set both clocks by NTP");
    assert_int_equal(more, 0);
    // Another thread knows but the general text.
    pthread_t thread;
    void *general;
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &code), 0);
    assert_int_equal(pthread_join(thread, &general), 0);
    assert_non_null(general);
}

static void many_failures_are_kept_and_the_oldest_go_first(void **state) {
    UNUSED(state);
    OM_uint32 codes[12], more = 0;
    for (int i = 0; i < 12; i++)
        (void)gssapi_refuse(&codes[i], GSS_S_FAILURE, (enum obol_code)(OBOL_KDC_ERR_NAME_EXP + i),
                            "mark-%02d", i);
    for (int i = 4; i < 12; i++) {
        char mark[16];
        (void)snprintf(mark, sizeof mark, "mark-%02d", i);
        expect_text(codes[i], GSS_C_MECH_CODE, &more, mark);
    }
    expect_text(ENOMEM, GSS_C_MECH_CODE, &more, "memory");
    expect_text(EINVAL, GSS_C_MECH_CODE, &more, "nvalid argument");
    expect_text(0, GSS_C_MECH_CODE, &more, "no further");
    gss_buffer_desc b;
    assert_int_equal(gss_display_status(&minor, 123456789, GSS_C_MECH_CODE, NULL, &more, &b),
                     GSS_S_BAD_STATUS);
}

static void a_text_too_long_is_cut_to_what_failed(void **state) {
    UNUSED(state);
    struct error err;
    error_init(&err);
    (void)error_set(&err, OBOL_IO, "test", "the beginning %0300d", 0);
    for (int i = 0; i < 3; i++)
        error_fact(&err, "long fact", "%0330d", i);
    OM_uint32 code, more = 0;
    (void)gssapi_fail(&code, &err);
    expect_text(code, GSS_C_MECH_CODE, &more, "the beginning");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oids_go_to_text_and_back),
        cmocka_unit_test(what_is_no_oid_is_refused),
        cmocka_unit_test(static_oids_survive_a_release),
        cmocka_unit_test(sets_take_each_member_once),
        cmocka_unit_test(sets_and_oids_refuse_missing_arguments),
        cmocka_unit_test(buffer_sets_grow_and_go),
        cmocka_unit_test(a_released_buffer_is_empty_and_an_empty_one_is_left_alone),
        cmocka_unit_test(tokens_are_framed_and_unframed),
        cmocka_unit_test(mechanisms_are_indicated),
        cmocka_unit_test(mechanisms_are_chosen_by_attributes),
        cmocka_unit_test(attributes_describe_themselves),
        cmocka_unit_test(sasl_names_go_both_ways),
        cmocka_unit_test(a_major_status_is_shown_part_by_part),
        cmocka_unit_test(a_minor_status_says_what_failed_with_facts_and_remedy),
        cmocka_unit_test(many_failures_are_kept_and_the_oldest_go_first),
        cmocka_unit_test(a_text_too_long_is_cut_to_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
