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
        // Of another realm's client the name is there with its realm.
        size_t at = slice_find(text, '@');
        krb5_boolean realm =
            at < text.len && slice_find(slice_sub(text, at + 1, text.len), '@') < text.len - at - 1;
        krb5_pac pac;
        assert_int_equal(krb5_pac_parse(context, bytes.ptr, bytes.len, &pac), 0);
        assert_int_equal(krb5_pac_verify_ext(context, pac, authtime, client, &server, NULL, realm),
                         0);
        assert_int_equal(krb5_pac_verify_ext(context, pac, authtime, client, &server, NULL, !realm),
                         KRB5KRB_AP_WRONG_PRINC);
        if (kdc.length)
            assert_int_equal(krb5_pac_verify(context, pac, 0, NULL, &server, &kdc), 0);
        // Another login, another client, another key.
        assert_int_equal(
            krb5_pac_verify_ext(context, pac, authtime + 1, client, &server, NULL, realm),
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

// ---- made by a program

static krb5_keyblock own_key(krb5_enctype etype, uint8_t first) {
    static krb5_octet bytes[2][32];
    krb5_octet *key = bytes[first & 1];
    memset(key, first, 32);
    return (krb5_keyblock){0, etype, etype == ENCTYPE_AES256_SHA384 ? 32 : 16, key};
}

static void a_pac_is_put_together_signed_and_verified(void **state) {
    UNUSED(state);
    krb5_keyblock server = own_key(ENCTYPE_AES256_SHA384, 2), kdc = own_key(ENCTYPE_RC4_HMAC, 3);
    krb5_principal alice = named("alice"), bob = named("bob");
    krb5_data buffer = {0, 5, (char *)(uintptr_t) "bytes"}, out, got;
    for (int realm = 0; realm < 2; realm++) {
        krb5_pac pac, back;
        char *name;
        krb5_timestamp when;
        krb5_ui_4 *types;
        size_t count;
        assert_int_equal(krb5_pac_init(context, &pac), 0);
        assert_int_equal(krb5_pac_get_client_info(context, pac, &when, &name), ENOENT);
        assert_int_equal(krb5_pac_add_buffer(context, pac, KRB5_PAC_LOGON_INFO, &buffer), 0);
        assert_int_not_equal(krb5_pac_add_buffer(context, pac, KRB5_PAC_LOGON_INFO, &buffer), 0);
        assert_int_equal(
            krb5_pac_sign_ext(context, pac, 1790000000, alice, &server, &kdc, realm, &out), 0);
        assert_int_equal(krb5_pac_parse(context, out.data, out.length, &back), 0);
        assert_int_equal(krb5_pac_get_types(context, back, &count, &types), 0);
        assert_int_equal(count, 4);
        free(types);
        assert_int_equal(krb5_pac_get_buffer(context, back, KRB5_PAC_LOGON_INFO, &got), 0);
        assert_memory_equal(got.data, "bytes", 5);
        krb5_free_data_contents(context, &got);
        assert_int_equal(krb5_pac_get_client_info(context, back, &when, &name), 0);
        assert_string_equal(name, realm ? "alice@EXAMPLE.COM" : "alice");
        assert_int_equal(when, 1790000000);
        free(name);
        // The form of the name that was signed, the client, the login, each key.
        assert_int_equal(krb5_pac_verify_ext(context, back, when, alice, &server, &kdc, realm), 0);
        assert_int_equal(krb5_pac_verify_ext(context, back, when, alice, &server, &kdc, !realm),
                         KRB5KRB_AP_WRONG_PRINC);
        assert_int_equal(krb5_pac_verify_ext(context, back, when, bob, &server, &kdc, realm),
                         KRB5KRB_AP_WRONG_PRINC);
        assert_int_not_equal(krb5_pac_verify(context, back, 0, NULL, &kdc, NULL), 0);
        assert_int_not_equal(krb5_pac_verify(context, back, 0, NULL, &server, &server), 0);
        // Signed again for another client: the name that is there stays.
        assert_int_equal(krb5_pac_sign_ext(context, back, when, bob, &server, &kdc, realm, &got),
                         KRB5KRB_AP_WRONG_PRINC);
        krb5_free_data_contents(context, &out);
        krb5_pac_free(context, pac);
        krb5_pac_free(context, back);
    }
    krb5_free_principal(context, alice);
    krb5_free_principal(context, bob);
}

static void a_ticket_s_part_is_signed_and_no_change_of_it_passes(void **state) {
    UNUSED(state);
    krb5_keyblock server = own_key(ENCTYPE_AES256_SHA384, 2), kdc = own_key(ENCTYPE_RC4_HMAC, 3);
    krb5_principal alice = named("alice"), http = named("HTTP/web"),
                   tgs = named("krbtgt/EXAMPLE.COM");
    for (int service = 0; service < 2; service++) {
        krb5_principal of = service ? http : tgs;
        krb5_enc_tkt_part part = {.session = &server, .client = alice};
        krb5_pac pac, got;
        krb5_data data;
        part.times.authtime = part.times.endtime = 1790000000;
        part.transited.tr_type = 1;
        assert_int_equal(krb5_pac_init(context, &pac), 0);
        assert_int_equal(krb5_kdc_verify_ticket(context, &part, of, &server, &kdc, &got), 0);
        assert_null(got); // there is none in it
        assert_int_equal(krb5_kdc_sign_ticket(context, &part, pac, of, alice, &server, &kdc, FALSE),
                         0);
        assert_int_equal(krb5_kdc_verify_ticket(context, &part, of, &server, &kdc, &got), 0);
        assert_non_null(got);
        assert_int_equal(krb5_pac_verify(context, got, 1790000000, alice, &server, &kdc), 0);
        krb5_error_code has = krb5_pac_get_buffer(context, got, 16, &data);
        assert_int_equal(has, service ? 0 : ENOENT); // MS-PAC 2.8.3
        if (service)
            krb5_free_data_contents(context, &data);
        krb5_pac_free(context, got);
        assert_int_not_equal(krb5_kdc_verify_ticket(context, &part, of, &kdc, &kdc, &got), 0);
        part.flags ^= 1; // what the ticket's signature covers
        krb5_error_code code = krb5_kdc_verify_ticket(context, &part, of, &server, &kdc, &got);
        assert_true((code == 0) == !service);
        krb5_pac_free(context, got);
        krb5_free_authdata(context, part.authorization_data);
        krb5_pac_free(context, pac);
    }
    krb5_free_principal(context, alice);
    krb5_free_principal(context, http);
    krb5_free_principal(context, tgs);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, compat_start, compat_stop)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_pac_of_windows_is_parsed_and_verified),
        CASE(its_buffers_are_found_by_type),
        CASE(what_is_no_pac_is_refused),
        CASE(a_pac_is_put_together_signed_and_verified),
        CASE(a_ticket_s_part_is_signed_and_no_change_of_it_passes),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
