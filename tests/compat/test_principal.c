// test_principal.c: principals of the libkrb5 face, and errors.
#include "compat.h"
#include <dlfcn.h>

static void expect_text(krb5_principal p, int flags, const char *wanted) {
    char *text = NULL;
    assert_int_equal(krb5_unparse_name_flags(context, p, flags, &text), 0);
    assert_string_equal(text, wanted);
    krb5_free_unparsed_name(context, text);
}

static void a_name_is_read_and_written(void **state) {
    UNUSED(state);
    krb5_principal p = named("HTTP/web.example.com");
    assert_int_equal(p->length, 2);
    assert_int_equal(p->magic, KV5M_PRINCIPAL);
    assert_memory_equal(p->data[1].data, "web.example.com", 16);
    assert_memory_equal(p->realm.data, "EXAMPLE.COM", 12);
    expect_text(p, 0, "HTTP/web.example.com@EXAMPLE.COM");
    expect_text(p, KRB5_PRINCIPAL_UNPARSE_SHORT, "HTTP/web.example.com");
    krb5_free_principal(context, p);
    p = named("a\\/b\\@c@OTHER");
    assert_int_equal(p->length, 1);
    expect_text(p, 0, "a\\/b\\@c@OTHER");
    expect_text(p, KRB5_PRINCIPAL_UNPARSE_SHORT, "a\\/b\\@c@OTHER");
    expect_text(p, KRB5_PRINCIPAL_UNPARSE_NO_REALM, "a\\/b\\@c");
    expect_text(p, KRB5_PRINCIPAL_UNPARSE_DISPLAY, "a/b@c@OTHER");
    krb5_free_principal(context, p);
}

static void refused(const char *text, int flags) {
    krb5_principal p = (krb5_principal)&context;
    assert_int_equal(krb5_parse_name_flags(context, text, flags, &p), KRB5_PARSE_MALFORMED);
    assert_null(p);
}

static void flags_say_what_of_the_realm(void **state) {
    UNUSED(state);
    krb5_principal p;
    refused("alice@R", KRB5_PRINCIPAL_PARSE_NO_REALM);
    refused("alice", KRB5_PRINCIPAL_PARSE_REQUIRE_REALM);
    refused("alice@R@S", 0);
    refused("alice\\", 0);
    assert_int_equal(
        krb5_parse_name_flags(context, "alice@R", KRB5_PRINCIPAL_PARSE_IGNORE_REALM, &p), 0);
    assert_int_equal(p->realm.length, 0);
    krb5_free_principal(context, p);
    assert_int_equal(krb5_parse_name_flags(context, "alice", KRB5_PRINCIPAL_PARSE_NO_DEF_REALM, &p),
                     0);
    assert_int_equal(p->realm.length, 0);
    krb5_free_principal(context, p);
    assert_int_equal(krb5_parse_name_flags(context, "alice@", 0, &p), 0);
    assert_int_equal(p->realm.length, 0);
    krb5_free_principal(context, p);
    assert_int_equal(
        krb5_parse_name_flags(context, "alice@x.com", KRB5_PRINCIPAL_PARSE_ENTERPRISE, &p), 0);
    assert_int_equal(p->type, KRB5_NT_ENTERPRISE_PRINCIPAL);
    expect_text(p, 0, "alice\\@x.com@EXAMPLE.COM");
    krb5_free_principal(context, p);
}

static void names_are_built_of_parts(void **state) {
    UNUSED(state);
    krb5_principal p, q;
    assert_int_equal(krb5_build_principal(context, &p, 1, "R", "krbtgt", "S", (char *)NULL), 0);
    assert_int_equal(p->type, KRB5_NT_SRV_INST);
    expect_text(p, 0, "krbtgt/S@R");
    assert_int_equal(krb5_build_principal_ext(context, &q, 1, "R", 6, "krbtgt", 1, "SX", 0), 0);
    assert_true(krb5_principal_compare(context, p, q));
    assert_int_equal(krb5_set_principal_realm(context, q, "OTHER"), 0);
    assert_false(krb5_principal_compare(context, p, q));
    assert_false(krb5_realm_compare(context, p, q));
    assert_true(krb5_principal_compare_any_realm(context, p, q));
    krb5_free_principal(context, p);
    assert_int_equal(krb5_copy_principal(context, q, &p), 0);
    assert_true(krb5_principal_compare(context, p, q));
    krb5_free_principal(context, p);
    krb5_free_principal(context, q);
    p = named("A@R"), q = named("a@r");
    assert_true(krb5_principal_compare_flags(context, p, q, KRB5_PRINCIPAL_COMPARE_CASEFOLD));
    assert_false(krb5_principal_compare(context, p, q));
    krb5_free_principal(context, p);
    krb5_free_principal(context, q);
}

static void a_service_of_a_host(void **state) {
    UNUSED(state);
    krb5_principal p;
    char **realms;
    assert_int_equal(
        krb5_sname_to_principal(context, "WEB.example.com", "HTTP", KRB5_NT_SRV_HST, &p), 0);
    expect_text(p, 0, "HTTP/web.example.com@EXAMPLE.COM");
    krb5_free_principal(context, p);
    assert_int_equal(krb5_sname_to_principal(context, "web.other.org", "HTTP", KRB5_NT_SRV_HST, &p),
                     0);
    assert_int_equal(p->realm.length, 0); // to be found by referral
    krb5_free_principal(context, p);
    assert_int_equal(krb5_sname_to_principal(context, "h", "s", KRB5_NT_UID, &p),
                     KRB5_SNAME_UNSUPP_NAMETYPE);
    assert_int_equal(krb5_get_host_realm(context, "a.example.com", &realms), 0);
    assert_string_equal(realms[0], "EXAMPLE.COM");
    assert_null(realms[1]);
    assert_int_equal(krb5_free_host_realm(context, realms), 0);
}

static void an_error_is_explained_once(void **state) {
    UNUSED(state);
    krb5_principal p;
    assert_int_equal(krb5_parse_name(context, "a@b@c", &p), KRB5_PARSE_MALFORMED);
    const char *text = krb5_get_error_message(context, KRB5_PARSE_MALFORMED);
    assert_non_null(strstr(text, "a second '@'"));
    krb5_free_error_message(context, text);
    // Of another code, and without a context, only the general text is known.
    text = krb5_get_error_message(context, KRB5KDC_ERR_PREAUTH_FAILED);
    assert_non_null(strstr(text, "password"));
    krb5_free_error_message(context, text);
    text = krb5_get_error_message(NULL, ENOENT);
    assert_string_equal(text, "No such file or directory");
    krb5_free_error_message(NULL, text);
    krb5_set_error_message(context, KRB5_CC_END, "of %s", "mine");
    krb5_wrap_error_message(context, KRB5_CC_END, KRB5_CC_IO, "while %d", 1);
    text = krb5_get_error_message(context, KRB5_CC_IO);
    assert_string_equal(text, "while 1: of mine");
    krb5_free_error_message(context, text);
}

static void every_code_of_the_table_has_a_text(void **state) {
    UNUSED(state);
    for (krb5_error_code code = ERROR_TABLE_BASE_krb5; code < ERROR_TABLE_BASE_krb5 + 256; code++) {
        const char *text = krb5_get_error_message(NULL, code);
        assert_true(strlen(text) > 3);
        krb5_free_error_message(NULL, text);
    }
}

static void null_is_refused_or_nothing(void **state) {
    UNUSED(state);
    krb5_principal p;
    char *text;
    assert_int_equal(krb5_init_context(NULL), EINVAL);
    assert_int_equal(krb5_parse_name(NULL, "a", &p), EINVAL);
    assert_int_equal(krb5_parse_name(context, NULL, &p), EINVAL);
    assert_int_equal(krb5_parse_name(context, "a", NULL), EINVAL);
    assert_int_equal(krb5_unparse_name(context, NULL, &text), KRB5_PARSE_MALFORMED);
    assert_false(krb5_principal_compare(context, NULL, NULL));
    assert_false(krb5_kuserok(context, NULL, "root"));
    krb5_free_principal(NULL, NULL);
    krb5_free_context(NULL);
    krb5_free_unparsed_name(NULL, NULL);
    krb5_free_error_message(NULL, NULL);
}

// A program that loads libcom_err for itself alone, and after us.
static void libcom_err_knows_the_texts(void **state) {
    UNUSED(state);
    typedef const char *error_message_function(long code);
    error_message_function *message;
    krb5_context other = NULL;
    void *library = dlopen("libcom_err.so.2", RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    void *symbol = dlsym(library, "error_message");
    assert_non_null(symbol);
    memcpy(&message, &symbol, sizeof message);
    assert_int_equal(krb5_init_context(&other), 0);
    krb5_free_context(other);
    const char *known = code_text(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_non_null(known);
    assert_string_equal(message(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN), known);
    // A table that nobody has: nothing of ours is said.
    assert_non_null(strstr(message(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN + 0x10000), "Unknown code"));
    dlclose(library);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_read_and_written),
        cmocka_unit_test(flags_say_what_of_the_realm),
        cmocka_unit_test(names_are_built_of_parts),
        cmocka_unit_test(a_service_of_a_host),
        cmocka_unit_test(an_error_is_explained_once),
        cmocka_unit_test(every_code_of_the_table_has_a_text),
        cmocka_unit_test(libcom_err_knows_the_texts),
        cmocka_unit_test(null_is_refused_or_nothing),
    };
    return cmocka_run_group_tests(tests, compat_start, compat_stop);
}
