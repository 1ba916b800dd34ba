// test_join.c: handles of libkrb5 become credentials of the GSS-API and back.
#include "compat.h"
#include <gssapi/gssapi_krb5.h>

static krb5_ccache cache_of_alice(const char *name) {
    static krb5_octet key[32] = {7};
    static char bytes[] = "ticket";
    krb5_ccache cc;
    krb5_principal alice = named("alice");
    krb5_creds c = {.client = alice, .server = named("krbtgt/EXAMPLE.COM")};
    c.keyblock = (krb5_keyblock){KV5M_KEYBLOCK, 18, 32, key};
    c.times.endtime = 2000000000;
    c.ticket.data = bytes;
    c.ticket.length = 6;
    assert_int_equal(krb5_cc_resolve(context, name, &cc), 0);
    assert_int_equal(krb5_cc_initialize(context, cc, alice), 0);
    assert_int_equal(krb5_cc_store_cred(context, cc, &c), 0);
    krb5_free_principal(context, c.client);
    krb5_free_principal(context, c.server);
    return cc;
}

static void expect_name(gss_cred_id_t cred, const char *wanted, gss_cred_usage_t usage) {
    OM_uint32 minor;
    gss_name_t name;
    gss_buffer_desc text;
    gss_cred_usage_t got;
    assert_int_equal(gss_inquire_cred(&minor, cred, &name, NULL, &got, NULL), GSS_S_COMPLETE);
    assert_int_equal(got, usage);
    assert_int_equal(gss_display_name(&minor, name, &text, NULL), GSS_S_COMPLETE);
    assert_string_equal(text.value, wanted);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
}

static void a_cache_becomes_a_credential_and_is_copied_out(void **state) {
    UNUSED(state);
    OM_uint32 minor;
    gss_cred_id_t cred;
    krb5_ccache cc = cache_of_alice("MEMORY:join"), copy = cache_of_alice("MEMORY:copy");
    krb5_principal alice = named("alice");
    krb5_cc_cursor cursor;
    krb5_creds c;
    assert_int_equal(gss_krb5_import_cred(&minor, cc, NULL, NULL, &cred), GSS_S_COMPLETE);
    // The program may close its handle: the credential has one of its own.
    assert_int_equal(krb5_cc_close(context, cc), 0);
    expect_name(cred, "alice@EXAMPLE.COM", GSS_C_INITIATE);
    assert_int_equal(krb5_cc_initialize(context, copy, alice), 0);
    assert_int_equal(gss_krb5_copy_ccache(&minor, cred, copy), GSS_S_COMPLETE);
    assert_int_equal(krb5_cc_start_seq_get(context, copy, &cursor), 0);
    assert_int_equal(krb5_cc_next_cred(context, copy, &cursor, &c), 0);
    assert_memory_equal(c.ticket.data, "ticket", 6);
    krb5_free_cred_contents(context, &c);
    assert_int_equal(krb5_cc_next_cred(context, copy, &cursor, &c), KRB5_CC_END);
    assert_int_equal(krb5_cc_end_seq_get(context, copy, &cursor), 0);
    krb5_free_principal(context, alice);
    assert_int_equal(gss_release_cred(&minor, &cred), GSS_S_COMPLETE);
    assert_int_equal(krb5_cc_destroy(context, copy), 0);
}

static void a_keytab_becomes_a_credential(void **state) {
    UNUSED(state);
    OM_uint32 minor;
    gss_cred_id_t cred;
    krb5_keytab kt;
    krb5_octet bytes[32] = {1};
    krb5_keytab_entry e = {.principal = named("host/a"), .vno = 1};
    krb5_principal other = named("host/b");
    e.key = (krb5_keyblock){KV5M_KEYBLOCK, 18, 32, bytes};
    assert_int_equal(krb5_kt_default(context, &kt), 0);
    assert_int_equal(krb5_kt_add_entry(context, kt, &e), 0);
    assert_int_equal(gss_krb5_import_cred(&minor, NULL, e.principal, kt, &cred), GSS_S_COMPLETE);
    expect_name(cred, "host/a@EXAMPLE.COM", GSS_C_ACCEPT);
    assert_int_equal(gss_release_cred(&minor, &cred), GSS_S_COMPLETE);
    assert_int_not_equal(gss_krb5_import_cred(&minor, NULL, other, kt, &cred), GSS_S_COMPLETE);
    assert_null(cred);
    krb5_free_principal(context, e.principal);
    krb5_free_principal(context, other);
    assert_int_equal(krb5_kt_close(context, kt), 0);
}

static void a_keytab_in_memory_lives_as_long_as_its_credential(void **state) {
    UNUSED(state);
    OM_uint32 minor;
    gss_cred_id_t cred;
    krb5_keytab kt;
    krb5_octet bytes[32] = {1};
    krb5_keytab_entry e = {.principal = named("host/m"), .vno = 1};
    e.key = (krb5_keyblock){KV5M_KEYBLOCK, 18, 32, bytes};
    assert_int_equal(krb5_kt_resolve(context, "MEMORY:lives", &kt), 0);
    assert_int_equal(krb5_kt_add_entry(context, kt, &e), 0);
    assert_int_equal(gss_krb5_import_cred(&minor, NULL, NULL, kt, &cred), GSS_S_COMPLETE);
    assert_int_equal(krb5_kt_close(context, kt), 0);
    expect_name(cred, "host/m@EXAMPLE.COM", GSS_C_ACCEPT);
    assert_int_equal(gss_release_cred(&minor, &cred), GSS_S_COMPLETE);
    // As squid does it: the default keytab is in memory.
    assert_int_equal(krb5_kt_resolve(context, "MEMORY:lives", &kt), 0);
    assert_int_equal(krb5_kt_have_content(context, kt), KRB5_KT_NOTFOUND); // it had gone
    assert_int_equal(krb5_kt_add_entry(context, kt, &e), 0);
    setenv("KRB5_KTNAME", "MEMORY:lives", 1);
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL),
                     GSS_S_COMPLETE);
    expect_name(cred, "host/m@EXAMPLE.COM", GSS_C_ACCEPT);
    assert_int_equal(gss_release_cred(&minor, &cred), GSS_S_COMPLETE);
    assert_int_equal(krb5_kt_close(context, kt), 0);
    assert_int_not_equal(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL),
                         GSS_S_COMPLETE);
    krb5_free_principal(context, e.principal);
}

static void nothing_becomes_nothing(void **state) {
    UNUSED(state);
    OM_uint32 minor;
    gss_cred_id_t cred = (gss_cred_id_t)&minor;
    krb5_keytab kt;
    assert_int_equal(gss_krb5_import_cred(&minor, NULL, NULL, NULL, &cred), GSS_S_FAILURE);
    assert_null(cred);
    assert_true(GSS_ERROR(gss_krb5_import_cred(NULL, NULL, NULL, NULL, &cred)));
    assert_true(GSS_ERROR(gss_krb5_import_cred(&minor, NULL, NULL, NULL, NULL)));
    assert_int_equal(krb5_kt_resolve(context, "MEMORY:join", &kt), 0);
    assert_true(GSS_ERROR(gss_krb5_import_cred(&minor, NULL, NULL, kt, &cred)));
    assert_int_equal(krb5_kt_close(context, kt), 0);
    assert_true(GSS_ERROR(gss_krb5_copy_ccache(&minor, GSS_C_NO_CREDENTIAL, NULL)));
    assert_true(GSS_ERROR(gss_complete_auth_token(&minor, GSS_C_NO_CONTEXT, GSS_C_NO_BUFFER)));
    assert_int_equal(gss_krb5_set_cred_rcache(&minor, GSS_C_NO_CREDENTIAL, NULL),
                     GSS_S_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cache_becomes_a_credential_and_is_copied_out),
        cmocka_unit_test(a_keytab_becomes_a_credential),
        cmocka_unit_test(a_keytab_in_memory_lives_as_long_as_its_credential),
        cmocka_unit_test(nothing_becomes_nothing),
    };
    return cmocka_run_group_tests(tests, compat_start, compat_stop);
}
