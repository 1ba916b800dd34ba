// test_codes.c: the code tables: each number and name once, and the C names agree with them.
#include "../test.h"

#include "proto/codes.h"

static const struct code_table *const tables[] = {
    &CODES_MSG_TYPE,     &CODES_PADATA,      &CODES_ENCTYPE,      &CODES_CKSUMTYPE,
    &CODES_NAME_TYPE,    &CODES_ADDR_TYPE,   &CODES_AUTHDATA,     &CODES_KRB_ERROR,
    &CODES_LAST_REQ,     &CODES_KDC_OPTIONS, &CODES_TICKET_FLAGS, &CODES_AP_OPTIONS,
    &CODES_FAST_OPTIONS, &CODES_PAC_OPTIONS, &CODES_KEY_USAGE,
};

static void every_number_and_every_name_stands_once_in_its_table(void **state) {
    UNUSED(state);
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct code_row *row = &tables[t]->rows[i];
            assert_ptr_equal(code_find(tables[t], row->value), row);
            assert_ptr_equal(code_find_name(tables[t], slice_str(row->name)), row);
            assert_true(row->rfc[0] != '\0' && row->help[0] != '\0');
        }
    }
}

static void the_names_that_c_uses_are_those_of_the_tables(void **state) {
    UNUSED(state);
    assert_string_equal(code_name(&CODES_MSG_TYPE, KRB_TGS_REQ), "TGS-REQ");
    assert_string_equal(code_name(&CODES_PADATA, PA_ENC_TIMESTAMP), "PA-ENC-TIMESTAMP");
    assert_string_equal(code_name(&CODES_PADATA, PA_REQ_ENC_PA_REP), "PA-REQ-ENC-PA-REP");
    assert_string_equal(code_name(&CODES_AUTHDATA, AD_CAMMAC), "AD-CAMMAC");
    assert_string_equal(code_name(&CODES_NAME_TYPE, NT_SRV_INST), "NT-SRV-INST");
    assert_string_equal(code_name(&CODES_ENCTYPE, 20), "aes256-cts-hmac-sha384-192");
    assert_string_equal(code_name(&CODES_KRB_ERROR, 25), "KDC_ERR_PREAUTH_REQUIRED");
    assert_string_equal(code_name(&CODES_TICKET_FLAGS, 8), "renewable");
    assert_int_equal((uint32_t)TKT_RENEWABLE, KERBEROS_FLAG(8));
}

static void an_unknown_number_or_name_is_not_found(void **state) {
    UNUSED(state);
    assert_null(code_name(&CODES_ENCTYPE, 4711));
    assert_null(code_find(&CODES_PADATA, -1));
    assert_null(code_find_name(&CODES_ENCTYPE, slice_str("aes512")));
    assert_null(code_find_name(&CODES_ENCTYPE, (struct slice){0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_and_every_name_stands_once_in_its_table),
        cmocka_unit_test(the_names_that_c_uses_are_those_of_the_tables),
        cmocka_unit_test(an_unknown_number_or_name_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
