// PACs that Windows made (tests/vectors/pac/signed.txt), looked into through the face of libkrb5.
#include "../crypto/vectors.h"
#include "compat.h"

static struct vectors v;

static krb5_keyblock key_of(const char *name) {
    struct slice bytes = vectors_hex(&v, name);
    return (krb5_keyblock){0, vectors_number(&v, "enctype"), (unsigned)bytes.len,
                           (krb5_octet *)(uintptr_t)bytes.ptr};
}

// A client's name as the PAC has it, of the realm that is the tests' own.
static krb5_principal client_of(struct slice text) {
    char name[128];
    krb5_principal p = NULL;
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(text));
    assert_int_equal(krb5_parse_name_flags(context, name, KRB5_PRINCIPAL_PARSE_ENTERPRISE, &p), 0);
    return p;
}

static void a_pac_of_windows_is_parsed_and_verified(void **state) {
    UNUSED(state);
    unsigned seen = 0;
    vectors_open(&v, "../pac/signed.txt");
    for (; vectors_next(&v); seen++) {
        struct slice bytes = vectors_hex(&v, "pac"), text = vectors_text(&v, "client");
        krb5_keyblock server = key_of("server"), kdc = key_of("kdc");
        krb5_timestamp authtime = (krb5_timestamp)vectors_number(&v, "authtime");
        krb5_principal client = client_of(text), other = named("mallory");
        krb5_pac pac;
        assert_int_equal(krb5_pac_parse(context, bytes.ptr, bytes.len, &pac), 0);
        assert_int_equal(krb5_pac_verify(context, pac, authtime, client, &server, NULL), 0);
        if (kdc.length)
            assert_int_equal(krb5_pac_verify(context, pac, 0, NULL, &server, &kdc), 0);
        // Another login, another client, another key.
        assert_int_equal(krb5_pac_verify(context, pac, authtime + 1, client, &server, NULL),
                         KRB5KRB_AP_WRONG_PRINC);
        assert_int_equal(krb5_pac_verify(context, pac, authtime, other, &server, NULL),
                         KRB5KRB_AP_WRONG_PRINC);
        server.contents[0] ^= 1;
        assert_int_not_equal(krb5_pac_verify(context, pac, authtime, client, &server, NULL), 0);
        krb5_free_principal(context, client);
        krb5_free_principal(context, other);
        krb5_pac_free(context, pac);
    }
    assert_true(seen >= 4);
}

static void its_buffers_are_found_by_type(void **state) {
    UNUSED(state);
    vectors_open(&v, "../pac/signed.txt");
    assert_true(vectors_next(&v));
    struct slice bytes = vectors_hex(&v, "pac");
    krb5_pac pac;
    krb5_data data;
    krb5_ui_4 *types;
    size_t count;
    assert_int_equal(krb5_pac_parse(context, bytes.ptr, bytes.len, &pac), 0);
    assert_int_equal(krb5_pac_get_types(context, pac, &count, &types), 0);
    const krb5_ui_4 expected[] = {KRB5_PAC_LOGON_INFO, KRB5_PAC_CLIENT_INFO,
                                  KRB5_PAC_SERVER_CHECKSUM, KRB5_PAC_PRIVSVR_CHECKSUM};
    assert_int_equal(count, COUNT_OF(expected));
    assert_memory_equal(types, expected, sizeof expected);
    free(types);
    assert_int_equal(krb5_pac_get_buffer(context, pac, KRB5_PAC_CLIENT_INFO, &data), 0);
    assert_int_equal(data.length, 0x20);
    krb5_free_data_contents(context, &data);
    assert_int_equal(krb5_pac_get_buffer(context, pac, KRB5_PAC_UPN_DNS_INFO, &data), ENOENT);
    krb5_pac_free(context, pac);
    while (vectors_next(&v))
        ;
}

static void what_is_no_pac_is_refused(void **state) {
    UNUSED(state);
    krb5_pac pac;
    krb5_data data;
    size_t count;
    krb5_ui_4 *types;
    assert_int_not_equal(krb5_pac_parse(context, "no PAC at all, is it", 20, &pac), 0);
    assert_null(pac);
    assert_int_equal(krb5_pac_parse(context, NULL, 0, &pac), EINVAL);
    assert_int_equal(krb5_pac_get_buffer(context, NULL, 1, &data), EINVAL);
    assert_int_equal(krb5_pac_get_types(context, NULL, &count, &types), EINVAL);
    assert_int_equal(krb5_pac_verify(context, NULL, 0, NULL, NULL, NULL), EINVAL);
    krb5_pac_free(context, NULL);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, compat_start, compat_stop)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_pac_of_windows_is_parsed_and_verified),
        CASE(its_buffers_are_found_by_type),
        CASE(what_is_no_pac_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
