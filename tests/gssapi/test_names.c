// Names (RFC 2744 3.10, RFC 1964 2, RFC 2743 3.2 and 4, RFC 6680).
#include "gssapi/attr.h"
#include "gssapi/name.h"
#include "proto/authdata.h"
#include "proto/codes.h"
#include "support.h"
#include <krb5.h>
#include <pwd.h>

static OM_uint32 minor;

static void expect_shown(gss_name_t name, const char *text, gss_OID type) {
    gss_buffer_desc b;
    gss_OID shown;
    assert_complete(gss_display_name(&minor, name, &b, &shown));
    assert_string_equal(b.value ? b.value : "", text);
    assert_int_equal(b.length, strlen(text));
    assert_ptr_equal(shown, type);
    gss_release_buffer(&minor, &b);
}

static gss_name_t canonical(gss_name_t name) {
    gss_name_t mn;
    assert_complete(gss_canonicalize_name(&minor, name, gss_mech_krb5, &mn));
    return mn;
}

static void names_become_those_of_the_mechanism(void **state) {
    UNUSED(state);
    char user[128];
    struct passwd *self = getpwuid(getuid());
    assert_non_null(self);
    (void)snprintf(user, sizeof user, "%s@OBOL.TEST", self->pw_name);
    char uid[16];
    (void)snprintf(uid, sizeof uid, "%u", getuid());
    const struct {
        const char *text;
        gss_OID type;
        const char *expected;
    } rows[] = {
        {"alice", GSS_C_NT_USER_NAME, "alice@OBOL.TEST"},
        {"alice", GSS_C_NO_OID, "alice@OBOL.TEST"},
        {"alice@OTHER.TEST", GSS_C_NT_USER_NAME, "alice@OTHER.TEST"},
        {"a/b@R", gss_nt_krb5_name, "a/b@R"},
        {"HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE, "HTTP/web.obol.test@OBOL.TEST"},
        {"HTTP@Web.Obol.Test.", GSS_C_NT_HOSTBASED_SERVICE, "HTTP/web.obol.test@OBOL.TEST"},
        {"HTTP@web.else.test", GSS_C_NT_HOSTBASED_SERVICE, "HTTP/web.else.test@"},
        {"HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE_X, "HTTP/web.obol.test@OBOL.TEST"},
        {"alice@corp.test", GSS_KRB5_NT_ENTERPRISE_NAME, "alice\\@corp.test@OBOL.TEST"},
        {"alice@corp.test@R", GSS_KRB5_NT_ENTERPRISE_NAME, "alice\\@corp.test@R"},
        {uid, GSS_C_NT_STRING_UID_NAME, user},
        {"host/x@", gss_nt_krb5_name, "host/x@OBOL.TEST"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        gss_name_t name = import(rows[i].text, rows[i].type), mn = canonical(name);
        gss_OID shown = rows[i].type == GSS_C_NT_HOSTBASED_SERVICE_X ? GSS_C_NT_HOSTBASED_SERVICE
                                                                     : rows[i].type;
        expect_shown(name, rows[i].text, shown);
        expect_shown(mn, rows[i].expected, gss_nt_krb5_name);
        assert_complete(gss_release_name(&minor, &name));
        assert_complete(gss_release_name(&minor, &mn));
        assert_null(mn);
    }
    uid_t number = getuid();
    gss_buffer_desc b = {sizeof number, &number};
    gss_name_t name;
    assert_complete(gss_import_name(&minor, &b, GSS_C_NT_MACHINE_UID_NAME, &name));
    gss_name_t mn = canonical(name);
    expect_shown(mn, user, gss_nt_krb5_name);
    gss_release_name(&minor, &name);
    gss_release_name(&minor, &mn);
}

static void a_service_without_a_host_is_one_of_this_host(void **state) {
    UNUSED(state);
    char host[256] = "", expected[512];
    assert_int_equal(gethostname(host, sizeof host - 1), 0);
    gss_name_t name = import("HTTP", GSS_C_NT_HOSTBASED_SERVICE), mn = canonical(name);
    (void)snprintf(expected, sizeof expected, "HTTP/%s@", host);
    gss_buffer_desc b;
    assert_complete(gss_display_name(&minor, mn, &b, NULL));
    for (char *c = expected; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' && c > expected + 4 ? (char)(*c + 32) : *c;
    assert_int_equal(strncmp(b.value, expected, strlen(expected)), 0);
    gss_release_buffer(&minor, &b);
    gss_release_name(&minor, &name);
    gss_release_name(&minor, &mn);
}

static void the_anonymous_name_is_equal_to_nobody(void **state) {
    UNUSED(state);
    gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
    gss_name_t name;
    int equal = 1;
    assert_complete(gss_import_name(&minor, &empty, GSS_C_NT_ANONYMOUS, &name));
    expect_shown(name, "", GSS_C_NT_ANONYMOUS);
    gss_name_t mn = canonical(name);
    expect_shown(mn, "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", GSS_C_NT_ANONYMOUS);
    assert_complete(gss_compare_name(&minor, mn, mn, &equal)); // RFC 2744 5.4
    assert_int_equal(equal, 0);
    gss_release_name(&minor, &name);
    gss_release_name(&minor, &mn);
}

static void malformed_names_are_refused(void **state) {
    UNUSED(state);
    const struct {
        const char *text;
        gss_OID type;
        OM_uint32 major;
    } rows[] = {
        {"", GSS_C_NT_USER_NAME, GSS_S_BAD_NAME},
        {"a@b@c", GSS_C_NT_USER_NAME, GSS_S_BAD_NAME},
        {"a@R@", GSS_C_NT_USER_NAME, GSS_S_BAD_NAME},
        {"@R", gss_nt_krb5_name, GSS_S_BAD_NAME},
        {"ends\\", gss_nt_krb5_name, GSS_S_BAD_NAME},
        {"@host", GSS_C_NT_HOSTBASED_SERVICE, GSS_S_BAD_NAME},
        {"12x", GSS_C_NT_STRING_UID_NAME, GSS_S_BAD_NAME},
        {"99999999999", GSS_C_NT_STRING_UID_NAME, GSS_S_BAD_NAME},
        {"ab", GSS_C_NT_MACHINE_UID_NAME, GSS_S_BAD_NAME},
        {"x", gss_nt_krb5_principal, GSS_S_BAD_NAME},
        {"junk", GSS_C_NT_EXPORT_NAME, GSS_S_DEFECTIVE_TOKEN},
        {"alice", gss_mech_krb5, GSS_S_BAD_NAMETYPE},
        {"alice", GSS_C_INQ_SSPI_SESSION_KEY, GSS_S_BAD_NAMETYPE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        gss_buffer_desc b = text_buffer(rows[i].text);
        gss_name_t name = (gss_name_t)&b;
        assert_int_equal(gss_import_name(&minor, &b, rows[i].type, &name), rows[i].major);
        assert_null(name);
        assert_int_not_equal(minor, 0);
    }
    gss_name_t name = import("4294967294", GSS_C_NT_STRING_UID_NAME), mn;
    assert_int_equal(gss_canonicalize_name(&minor, name, gss_mech_krb5, &mn), GSS_S_BAD_NAME);
    gss_release_name(&minor, &name);
    name = import("HTTP@no host", GSS_C_NT_HOSTBASED_SERVICE);
    assert_int_equal(gss_canonicalize_name(&minor, name, gss_mech_krb5, &mn), GSS_S_BAD_NAME);
    gss_release_name(&minor, &name);
    name = import("\x30\x03\x02\x01\x05", GSS_KRB5_NT_X509_CERT);
    assert_int_equal(gss_canonicalize_name(&minor, name, gss_mech_krb5, &mn), GSS_S_BAD_NAME);
    gss_release_name(&minor, &name);
}

// Chromium counts the end of the string (RFC 2744 3.2.2).
static void a_counted_end_of_string_is_no_part_of_a_name(void **state) {
    UNUSED(state);
    gss_OID types[] = {GSS_C_NT_HOSTBASED_SERVICE, GSS_C_NT_USER_NAME, gss_nt_krb5_name, NULL};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        gss_buffer_desc whole = {sizeof "HTTP@web", (void *)(uintptr_t) "HTTP@web"};
        gss_buffer_desc twice = {sizeof "HTTP@web"
                                        "\0",
                                 (void *)(uintptr_t) "HTTP@web"
                                                     "\0"};
        gss_buffer_desc middle = {sizeof "HT"
                                         "\0"
                                         "TP@web",
                                  (void *)(uintptr_t) "HT"
                                                      "\0"
                                                      "TP@web"};
        gss_name_t name;
        assert_complete(gss_import_name(&minor, &whole, types[i], &name));
        expect_shown(name, "HTTP@web", types[i]);
        gss_release_name(&minor, &name);
        assert_int_equal(gss_import_name(&minor, &twice, types[i], &name), GSS_S_BAD_NAME);
        assert_int_equal(gss_import_name(&minor, &middle, types[i], &name), GSS_S_BAD_NAME);
    }
    gss_buffer_desc nothing = {1, (void *)(uintptr_t) ""};
    gss_name_t name;
    assert_int_equal(gss_import_name(&minor, &nothing, GSS_C_NT_USER_NAME, &name), GSS_S_BAD_NAME);
    gss_buffer_desc bytes = {4, (void *)(uintptr_t) "abc"}; // a certificate is no text
    assert_complete(gss_import_name(&minor, &bytes, GSS_KRB5_NT_X509_CERT, &name));
    gss_buffer_desc shown;
    assert_complete(gss_display_name(&minor, name, &shown, NULL));
    assert_int_equal(shown.length, 4);
    gss_release_buffer(&minor, &shown);
    gss_release_name(&minor, &name);
}

static void names_refuse_missing_arguments_and_foreign_handles(void **state) {
    UNUSED(state);
    const OM_uint32 read = GSS_S_CALL_INACCESSIBLE_READ, write = GSS_S_CALL_INACCESSIBLE_WRITE;
    const OM_uint32 bad = read | GSS_S_BAD_NAME;
    gss_buffer_desc b = text_buffer("alice");
    gss_name_t name, other;
    int equal;
    assert_int_equal(gss_import_name(NULL, &b, NULL, &name), write);
    assert_int_equal(gss_import_name(&minor, &b, NULL, NULL), write);
    assert_int_equal(gss_import_name(&minor, NULL, NULL, &name), GSS_S_BAD_NAME | read);
    uint32_t junk[64] = {0x12345678};
    gss_name_t foreign = (gss_name_t)(void *)junk;
    gss_name_t handles[] = {NULL, foreign};
    for (size_t i = 0; i < COUNT_OF(handles); i++) {
        assert_int_equal(gss_display_name(&minor, handles[i], &b, NULL), bad);
        assert_int_equal(gss_duplicate_name(&minor, handles[i], &other), bad);
        assert_int_equal(gss_export_name(&minor, handles[i], &b), bad);
        assert_int_equal(gss_export_name_composite(&minor, handles[i], &b), bad);
        assert_int_equal(gss_canonicalize_name(&minor, handles[i], gss_mech_krb5, &other), bad);
        assert_int_equal(gss_compare_name(&minor, handles[i], handles[i], &equal), bad);
        assert_int_equal(gss_inquire_name(&minor, handles[i], NULL, NULL, NULL), bad);
        assert_int_equal(gss_set_name_attribute(&minor, handles[i], 1, &b, &b), bad);
        assert_int_equal(gss_delete_name_attribute(&minor, handles[i], &b), bad);
    }
    assert_int_equal(gss_release_name(&minor, &foreign), bad);
    assert_int_equal(gss_release_name(&minor, NULL), bad);
    name = NULL;
    assert_complete(gss_release_name(&minor, &name));
    name = import("alice", NULL);
    assert_int_equal(gss_release_name(NULL, &name), write);
    assert_int_equal(gss_display_name(&minor, name, NULL, NULL), write);
    assert_int_equal(gss_display_name(NULL, name, &b, NULL), write);
    assert_int_equal(gss_duplicate_name(&minor, name, NULL), write);
    assert_int_equal(gss_compare_name(&minor, name, name, NULL), write);
    assert_int_equal(gss_canonicalize_name(&minor, name, NULL, &other), read);
    assert_int_equal(gss_canonicalize_name(&minor, name, gss_mech_krb5, NULL), write);
    assert_int_equal(gss_canonicalize_name(&minor, name, GSS_C_NT_USER_NAME, &other),
                     GSS_S_BAD_MECH);
    assert_int_equal(gss_export_name(&minor, name, &b), GSS_S_NAME_NOT_MN);
    assert_int_equal(gss_export_name(&minor, name, NULL), write);
    gss_release_name(&minor, &name);
}

static void names_compare_by_what_they_mean(void **state) {
    UNUSED(state);
    const struct {
        const char *a;
        gss_OID type_a;
        const char *b;
        gss_OID type_b;
        int as_given, canonical_left;
    } rows[] = {
        {"alice", GSS_C_NT_USER_NAME, "alice", GSS_C_NT_USER_NAME, 1, 1},
        {"alice", GSS_C_NT_USER_NAME, "alice@OBOL.TEST", GSS_C_NT_USER_NAME, 0, 1},
        {"alice", GSS_C_NT_USER_NAME, "alice", gss_nt_krb5_name, 0, 1},
        {"alice", GSS_C_NT_USER_NAME, "Alice", GSS_C_NT_USER_NAME, 0, 0},
        {"HTTP@w.obol.test", GSS_C_NT_HOSTBASED_SERVICE, "HTTP/w.obol.test@OBOL.TEST",
         gss_nt_krb5_name, 0, 1},
        {"HTTP@w.obol.test", GSS_C_NT_HOSTBASED_SERVICE, "HTTP@no host", GSS_C_NT_HOSTBASED_SERVICE,
         0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        gss_name_t a = import(rows[i].a, rows[i].type_a), b = import(rows[i].b, rows[i].type_b);
        gss_name_t mn = canonical(a);
        int equal;
        assert_complete(gss_compare_name(&minor, a, b, &equal));
        assert_int_equal(equal, rows[i].as_given);
        assert_complete(gss_compare_name(&minor, mn, b, &equal));
        assert_int_equal(equal, rows[i].canonical_left);
        assert_complete(gss_compare_name(&minor, b, mn, &equal));
        assert_int_equal(equal, rows[i].canonical_left);
        gss_release_name(&minor, &a);
        gss_release_name(&minor, &b);
        gss_release_name(&minor, &mn);
    }
}

static void exported_names_come_back(void **state) {
    UNUSED(state);
    gss_name_t name = import("alice/admin@R.TEST", gss_nt_krb5_name), mn = canonical(name);
    gss_buffer_desc exported;
    assert_complete(gss_export_name(&minor, mn, &exported));
    // As MIT krb5 writes it (RFC 2743 3.2).
    static const char expected[] =
        "\x04\x01\x00\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x00\x00\x00\x12"
        "alice/admin@R.TEST";
    assert_int_equal(exported.length, sizeof expected - 1);
    assert_memory_equal(exported.value, expected, sizeof expected - 1);
    gss_name_t back;
    assert_complete(gss_import_name(&minor, &exported, GSS_C_NT_EXPORT_NAME, &back));
    int equal, is_mn;
    gss_OID mech;
    assert_complete(gss_compare_name(&minor, mn, back, &equal));
    assert_int_equal(equal, 1);
    assert_complete(gss_inquire_name(&minor, back, &is_mn, &mech, NULL));
    assert_int_equal(is_mn, 1);
    assert_ptr_equal(mech, gss_mech_krb5);
    gss_release_name(&minor, &back);
    // Truncated anywhere, or with a byte more, it is none.
    for (size_t n = 1; n < exported.length; n++) {
        gss_buffer_desc cut = {n, exported.value};
        assert_int_not_equal(gss_import_name(&minor, &cut, GSS_C_NT_EXPORT_NAME, &back), 0);
        assert_null(back);
    }
    gss_buffer_desc more = {exported.length + 1, exported.value}; // the NUL behind it
    assert_int_equal(gss_import_name(&minor, &more, GSS_C_NT_EXPORT_NAME, &back), GSS_S_BAD_NAME);
    ((uint8_t *)exported.value)[8] ^= 1;
    assert_int_equal(gss_import_name(&minor, &exported, GSS_C_NT_EXPORT_NAME, &back),
                     GSS_S_BAD_MECH);
    gss_release_buffer(&minor, &exported);
    gss_release_name(&minor, &name);
    gss_release_name(&minor, &mn);
}

static void a_principal_of_libkrb5_is_taken_by_pointer(void **state) {
    UNUSED(state);
    krb5_data parts[2] = {{0, 4, (char *)"HTTP"}, {0, 1, (char *)"w"}};
    krb5_principal_data p = {.realm = {0, 1, (char *)"R"}, .data = parts, .length = 2, .type = 3};
    krb5_principal pointer = &p;
    gss_buffer_desc b = {sizeof pointer, &pointer};
    gss_name_t name;
    assert_complete(gss_import_name(&minor, &b, gss_nt_krb5_principal, &name));
    expect_shown(name, "HTTP/w@R", gss_nt_krb5_name);
    gss_release_name(&minor, &name);
    pointer = NULL;
    assert_int_equal(gss_import_name(&minor, &b, gss_nt_krb5_principal, &name), GSS_S_BAD_NAME);
    pointer = &p;
    parts[1] = (krb5_data){0, 2, (char *)"a\0"};
    assert_int_equal(gss_import_name(&minor, &b, gss_nt_krb5_principal, &name), GSS_S_BAD_NAME);
}

static void mechanisms_and_name_types_find_each_other(void **state) {
    UNUSED(state);
    gss_OID_set types, mechs;
    int present;
    assert_complete(gss_inquire_names_for_mech(&minor, gss_mech_krb5, &types));
    assert_complete(gss_test_oid_set_member(&minor, gss_nt_krb5_name, types, &present));
    assert_int_equal(present, 1);
    gss_release_oid_set(&minor, &types);
    assert_complete(gss_inquire_names_for_mech(&minor, SPNEGO, &types));
    assert_complete(gss_test_oid_set_member(&minor, gss_nt_krb5_name, types, &present));
    assert_int_equal(present, 0);
    gss_release_oid_set(&minor, &types);
    assert_int_equal(gss_inquire_names_for_mech(&minor, GSS_C_NT_USER_NAME, &types),
                     GSS_S_BAD_MECH);
    assert_int_equal(gss_inquire_names_for_mech(&minor, NULL, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    gss_name_t name = import("HTTP@w", GSS_C_NT_HOSTBASED_SERVICE);
    assert_complete(gss_inquire_mechs_for_name(&minor, name, &mechs));
    assert_int_equal(mechs->count, 3);
    gss_release_oid_set(&minor, &mechs);
    gss_release_name(&minor, &name);
    name = import("a@B", gss_nt_krb5_name);
    assert_complete(gss_inquire_mechs_for_name(&minor, name, &mechs));
    assert_int_equal(mechs->count, 2);
    gss_release_oid_set(&minor, &mechs);
    gss_release_name(&minor, &name);
    assert_int_equal(gss_inquire_mechs_for_name(&minor, NULL, &mechs),
                     GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME);
}

static void a_service_name_is_shown_as_one_of_a_host(void **state) {
    UNUSED(state);
    gss_name_t name = import("HTTP/w.test@R", gss_nt_krb5_name), mn = canonical(name);
    gss_buffer_desc b;
    assert_complete(gss_display_name_ext(&minor, mn, GSS_C_NT_HOSTBASED_SERVICE, &b));
    assert_string_equal(b.value, "HTTP/w.test@R");
    gss_release_buffer(&minor, &b);
    assert_complete(gss_display_name_ext(&minor, mn, gss_nt_krb5_name, &b));
    assert_string_equal(b.value, "HTTP/w.test@R");
    gss_release_buffer(&minor, &b);
    assert_int_equal(gss_display_name_ext(&minor, mn, GSS_C_NT_MACHINE_UID_NAME, &b),
                     GSS_S_UNAVAILABLE);
    assert_int_equal(gss_display_name_ext(&minor, mn, NULL, &b), GSS_S_CALL_INACCESSIBLE_READ);
    gss_release_name(&minor, &name);
    gss_release_name(&minor, &mn);
}

static void the_configuration_is_read_again_when_it_changes(void **state) {
    UNUSED(state);
    sandbox_write("krb5.conf.2", "[libdefaults]\n default_realm = SECOND.TEST\n");
    char *old = strdup(getenv("KRB5_CONFIG"));
    setenv("KRB5_CONFIG", sandbox_path("krb5.conf.2"), 1);
    gss_name_t name = import("alice", GSS_C_NT_USER_NAME), mn = canonical(name);
    expect_shown(mn, "alice@SECOND.TEST", gss_nt_krb5_name);
    gss_release_name(&minor, &mn);
    sandbox_write("krb5.conf.3", "[libdefaults\n");
    setenv("KRB5_CONFIG", sandbox_path("krb5.conf.3"), 1);
    assert_int_equal(gss_canonicalize_name(&minor, name, gss_mech_krb5, &mn), GSS_S_FAILURE);
    assert_non_null(strstr(status_text(0, minor), "krb5.conf.3"));
    setenv("KRB5_CONFIG", old, 1);
    mn = canonical(name);
    expect_shown(mn, "alice@OBOL.TEST", gss_nt_krb5_name);
    gss_release_name(&minor, &mn);
    gss_release_name(&minor, &name);
    (void)unlink(sandbox_path("krb5.conf.2"));
    (void)unlink(sandbox_path("krb5.conf.3"));
    free(old);
}

// For the rest of the process: it is the last one.
static void a_kdcs_programs_read_kdc_conf_first(void **state) {
    UNUSED(state);
    gss_OID_desc object = {11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x08"};
    gss_name_t name = import("alice", GSS_C_NT_USER_NAME), mn = canonical(name);
    expect_shown(mn, "alice@OBOL.TEST", gss_nt_krb5_name);
    gss_release_name(&minor, &mn);
    sandbox_write("kdc.conf", "[libdefaults]\n default_realm = KDC.TEST\n[kdcdefaults]\n x = y\n");
    setenv("KRB5_KDC_PROFILE", sandbox_path("kdc.conf"), 1);
    assert_int_equal(gssspi_mech_invoke(&minor, gss_mech_krb5, &object, NULL), GSS_S_COMPLETE);
    mn = canonical(name);
    expect_shown(mn, "alice@KDC.TEST", gss_nt_krb5_name);
    gss_release_name(&minor, &mn);
    setenv("KRB5_KDC_PROFILE", sandbox_path("no-kdc.conf"), 1);
    mn = canonical(name);
    expect_shown(mn, "alice@OBOL.TEST", gss_nt_krb5_name);
    gss_release_name(&minor, &mn);
    gss_release_name(&minor, &name);
    (void)unlink(sandbox_path("kdc.conf"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_those_of_the_mechanism),
        cmocka_unit_test(a_service_without_a_host_is_one_of_this_host),
        cmocka_unit_test(the_anonymous_name_is_equal_to_nobody),
        cmocka_unit_test(malformed_names_are_refused),
        cmocka_unit_test(a_counted_end_of_string_is_no_part_of_a_name),
        cmocka_unit_test(names_refuse_missing_arguments_and_foreign_handles),
        cmocka_unit_test(names_compare_by_what_they_mean),
        cmocka_unit_test(exported_names_come_back),
        cmocka_unit_test(a_principal_of_libkrb5_is_taken_by_pointer),
        cmocka_unit_test(mechanisms_and_name_types_find_each_other),
        cmocka_unit_test(a_service_name_is_shown_as_one_of_a_host),
        cmocka_unit_test(the_configuration_is_read_again_when_it_changes),
        cmocka_unit_test(a_kdcs_programs_read_kdc_conf_first),
    };
    return cmocka_run_group_tests(tests, sandbox_begin, sandbox_end);
}
