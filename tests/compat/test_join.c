// test_join.c: handles of libkrb5 become credentials of the GSS-API and back.
#include "compat.h"
#include "gssapi/part.h"
#include <gssapi/gssapi_ext.h>
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
                     GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED);
    assert_true(GSS_ERROR(gss_krb5_set_cred_rcache(NULL, GSS_C_NO_CREDENTIAL, NULL)));
}

static gss_cred_id_t acceptor(void) {
    OM_uint32 minor;
    gss_cred_id_t cred;
    krb5_keytab kt;
    krb5_octet bytes[16] = {1};
    krb5_keytab_entry e = {.principal = named("host/m"), .vno = 1};
    e.key = (krb5_keyblock){KV5M_KEYBLOCK, 17, 16, bytes};
    assert_int_equal(krb5_kt_resolve(context, "MEMORY:acceptor", &kt), 0);
    assert_int_equal(krb5_kt_add_entry(context, kt, &e), 0);
    assert_int_equal(gss_krb5_import_cred(&minor, NULL, NULL, kt, &cred), GSS_S_COMPLETE);
    assert_int_equal(krb5_kt_close(context, kt), 0);
    krb5_free_principal(context, e.principal);
    return cred;
}

// What a credential accepts with; whether that has a replay cache.
static bool has_replay_cache(gss_cred_id_t cred, const struct ap_replay **out) {
    struct gssapi_accept accept;
    assert_ok(gssapi_cred_accept(cred, &accept, NULL));
    bool has = accept.replay != NULL;
    if (out)
        *out = accept.replay;
    gssapi_accept_done(&accept);
    return has;
}

static void a_credential_takes_a_replay_cache_over(void **state) {
    UNUSED(state);
    OM_uint32 minor;
    krb5_rcache rcache;
    const struct ap_replay *first, *second;
    krb5_data piece = {0, 4, (char *)(uintptr_t) "host"};
    char one[96], two[96];
    gss_cred_id_t cred = acceptor();
    snprintf(one, sizeof one, "file2:%s/one", dir);
    snprintf(two, sizeof two, "file2:%s/two", dir);
    setenv("KRB5_KTNAME", "MEMORY:acceptor", 1);
    setenv("KRB5RCACHENAME", one, 1);
    assert_int_equal(krb5_get_server_rcache(context, &piece, &rcache), 0);
    assert_int_equal(gss_krb5_set_cred_rcache(&minor, cred, rcache), GSS_S_COMPLETE);
    setenv("KRB5RCACHENAME", two, 1);
    assert_true(has_replay_cache(cred, &first));
    assert_true(has_replay_cache(GSS_C_NO_CREDENTIAL, &second));
    assert_ptr_not_equal(first, second);
    // None, and the default one again.
    setenv("KRB5RCACHENAME", "none:", 1);
    assert_int_equal(krb5_get_server_rcache(context, &piece, &rcache), 0);
    setenv("KRB5RCACHENAME", two, 1);
    assert_int_equal(gss_krb5_set_cred_rcache(&minor, cred, rcache), GSS_S_COMPLETE);
    assert_false(has_replay_cache(cred, NULL));
    assert_int_equal(gss_krb5_set_cred_rcache(&minor, cred, NULL), GSS_S_COMPLETE);
    assert_true(has_replay_cache(cred, &first));
    assert_ptr_equal(first, second);
    unsetenv("KRB5RCACHENAME");
    assert_int_equal(gss_release_cred(&minor, &cred), GSS_S_COMPLETE);
}

static void what_mech_invoke_carries_does_what_its_name_does(void **state) {
    UNUSED(state);
    OM_uint32 minor;
    static uint8_t bytes[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x03";
    gss_OID_desc oid = {11, bytes};
    struct {
        const char *name, **old;
    } request = {"MEMORY:invoked", &(const char *){NULL}};
    gss_buffer_desc value = {sizeof request, &request};
    const char *now;
    assert_int_equal(gssspi_mech_invoke(&minor, gss_mech_krb5, &oid, &value), GSS_S_COMPLETE);
    assert_int_equal(gss_krb5_ccache_name(&minor, NULL, &now), GSS_S_COMPLETE);
    assert_string_equal(now, "MEMORY:invoked");
    value.length--;
    assert_true(GSS_ERROR(gssspi_mech_invoke(&minor, gss_mech_krb5, &oid, &value)));
    bytes[10] = 9; // a keytab that is not there
    value = (gss_buffer_desc){strlen("FILE:/nowhere/keytab"),
                              (char *)(uintptr_t) "FILE:/nowhere/keytab"};
    gss_cred_id_t cred;
    assert_int_equal(gssspi_mech_invoke(&minor, gss_mech_krb5, &oid, &value), GSS_S_COMPLETE);
    assert_true(
        GSS_ERROR(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL)));
    assert_int_equal(krb5_gss_register_acceptor_identity(NULL), GSS_S_COMPLETE);
    assert_true(GSS_ERROR(gssspi_mech_invoke(&minor, gss_mech_krb5, &oid, GSS_C_NO_BUFFER)));
    bytes[10] = 99;
    assert_int_equal(gssspi_mech_invoke(&minor, gss_mech_krb5, &oid, &value), GSS_S_UNAVAILABLE);
    assert_int_equal(gssspi_mech_invoke(&minor, GSS_C_NO_OID, &oid, &value), GSS_S_BAD_MECH);
    assert_int_equal(gssspi_mech_invoke(&minor, gss_mech_krb5, GSS_C_NO_OID, &value),
                     GSS_S_CALL_INACCESSIBLE_READ);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cache_becomes_a_credential_and_is_copied_out),
        cmocka_unit_test(a_keytab_becomes_a_credential),
        cmocka_unit_test(a_keytab_in_memory_lives_as_long_as_its_credential),
        cmocka_unit_test(nothing_becomes_nothing),
        cmocka_unit_test(a_credential_takes_a_replay_cache_over),
        cmocka_unit_test(what_mech_invoke_carries_does_what_its_name_does),
    };
    return cmocka_run_group_tests(tests, compat_start, compat_stop);
}
