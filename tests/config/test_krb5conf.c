// krb5.conf and kdc.conf as typed structs: values, defaults, complaints and suggestions.
#include "../test.h"
#include "config/kdcconf.h"
#include "config/krb5conf.h"
#include "config/krb5conf_table.h"
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;
static struct krb5conf conf;
static struct kdcconf kdc;
static struct error err;

static int start(void **state) {
    UNUSED(state);
    error_init(&err);
    return arena_init(&arena, 1 << 20, 1 << 24) ? 0 : -1;
}
static int stop(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}
static enum obol_code load(const char *text) {
    error_init(&err);
    return krb5conf_from_text(&conf, "krb5.conf", slice_str(text), &arena, &err);
}
static enum obol_code load_kdc(const char *text) {
    error_init(&err);
    return kdcconf_from_text(&kdc, "kdc.conf", slice_str(text), &arena, &err);
}

static void no_file_at_all_gives_the_defaults(void **state) {
    UNUSED(state);
    setenv("KRB5_CONFIG", "/nonexistent/krb5.conf", 1);
    assert_ok(krb5conf_load(&conf, (struct slice){0}, &arena, &err));
    assert_int_equal(conf.default_realm.len, 0);
    assert_int_equal(conf.clockskew, 300);
    assert_int_equal(conf.ticket_lifetime, 86400);
    assert_int_equal(conf.udp_preference_limit, 1465);
    assert_true(conf.dns_lookup_kdc && conf.noaddresses && conf.kdc_timesync && conf.rdns);
    assert_false(conf.forwardable);
    assert_int_equal(conf.dns_canonicalize_hostname, CANONICALIZE_YES);
    assert_int_equal(conf.permitted_enctypes.count, 6);
    assert_int_equal(conf.permitted_enctypes.items[0], 20);
    assert_int_equal(conf.default_tkt_enctypes.count, 6);
    // It was named, so that it does not exist is worth a word.
    assert_int_equal(conf.profile.notes.count, 1);
}

static const char FULL[] = "[libdefaults]\n"
                           " default_realm = EXAMPLE.COM\n"
                           " clockskew = 5m\n"
                           " forwardable = yes\n"
                           " ticket_lifetime = 10:00:00\n"
                           " renew_lifetime = 7d\n"
                           " dns_canonicalize_hostname = fallback\n"
                           " permitted_enctypes = aes256-cts rc4 camellia\n"
                           " qualify_shortname = \"\"\n"
                           "[realms]\n"
                           " EXAMPLE.COM = {\n"
                           "  kdc = kdc1.example.com\n"
                           "  kdc = [::1]:8888\n"
                           "  master_kdc = kdc1.example.com\n"
                           "  auth_to_local = DEFAULT\n"
                           "  auth_to_local_names = {\n   a = b\n  }\n"
                           " }\n"
                           "[domain_realm]\n"
                           " .example.com = EXAMPLE.COM\n"
                           " Example.Com = TOP.EXAMPLE.COM\n"
                           " web.example.com = WEB.EXAMPLE.COM\n"
                           " org = ORG\n"
                           "[capaths]\n"
                           " A = {\n  B = X\n  B = Y Z\n  C = .\n }\n"
                           "[appdefaults]\n"
                           " forwardable = 1\n"
                           " kinit = {\n  R = {\n   forwardable = 2\n  }\n  forwardable = 3\n }\n"
                           "[plugins]\n x = {\n  disable = y\n }\n";

static void a_full_file_gives_its_values(void **state) {
    UNUSED(state);
    assert_ok(load(FULL));
    assert_int_equal(conf.profile.notes.count, 0);
    assert_slice_str(conf.default_realm, "EXAMPLE.COM");
    assert_int_equal(conf.clockskew, 300);
    assert_true(conf.forwardable);
    assert_int_equal(conf.ticket_lifetime, 36000);
    assert_int_equal(conf.renew_lifetime, 7 * 86400);
    assert_int_equal(conf.dns_canonicalize_hostname, CANONICALIZE_FALLBACK);
    assert_true(conf.qualify_shortname_set);
    const struct krb5conf_realm *realm = krb5conf_realm(&conf, SLICE_LITERAL("EXAMPLE.COM"));
    assert_int_equal(realm->kdc.count, 2);
    assert_slice_str(realm->kdc.items[1], "[::1]:8888");
    assert_slice_str(realm->primary_kdc.items[0], "kdc1.example.com");
    assert_null(krb5conf_realm(&conf, SLICE_LITERAL("example.com")));
}

static void weak_enctypes_are_struck_unless_allowed(void **state) {
    UNUSED(state);
    assert_ok(load("[libdefaults]\npermitted_enctypes = rc4 aes256-cts\n"));
    assert_int_equal(conf.permitted_enctypes.count, 1);
    assert_ok(load("[libdefaults]\nallow_rc4 = true\npermitted_enctypes = rc4 aes256-cts\n"));
    assert_int_equal(conf.permitted_enctypes.count, 2);
    assert_int_equal(conf.default_tgs_enctypes.items[0], 23);
    assert_ok(load("[libdefaults]\nallow_rc4 = true\n"));
    assert_int_equal(conf.permitted_enctypes.count, 7);
    assert_int_equal(conf.permitted_enctypes.items[6], 23);
    assert_ok(load("[libdefaults]\nallow_rc4 = false\n"));
    assert_int_equal(conf.permitted_enctypes.count, 6);
    assert_code(load("[libdefaults]\ndefault_tkt_enctypes = rc4\n"), OBOL_CONFIG_SYNTAX);
    assert_string_equal(err.detail, "krb5.conf:2: `default_tkt_enctypes` is 'rc4'; expected at "
                                    "least one enctype that is known and not weak");
}

static void a_host_belongs_to_the_nearest_domain(void **state) {
    UNUSED(state);
    assert_ok(load(FULL));
    assert_slice_str(krb5conf_host_realm(&conf, SLICE_LITERAL("web.example.com")),
                     "WEB.EXAMPLE.COM");
    assert_slice_str(krb5conf_host_realm(&conf, SLICE_LITERAL("WWW.example.com")), "EXAMPLE.COM");
    assert_slice_str(krb5conf_host_realm(&conf, SLICE_LITERAL("example.com.")), "TOP.EXAMPLE.COM");
    assert_slice_str(krb5conf_host_realm(&conf, SLICE_LITERAL("a.b.org")), "ORG");
    assert_int_equal(krb5conf_host_realm(&conf, SLICE_LITERAL("a.net")).len, 0);
    assert_int_equal(krb5conf_host_realm(&conf, SLICE_LITERAL("")).len, 0);
}

static const char *path(const char *client, const char *server) {
    struct slice_list list;
    assert_true(krb5conf_path(&conf, slice_str(client), slice_str(server), &arena, &list));
    struct writer w = writer_to_arena(&arena);
    for (size_t i = 0; i < list.count; i++)
        writer_printf(&w, "%s%.*s", i ? " " : "", SLICE_ARG(list.items[i]));
    writer_u8(&w, 0);
    return (const char *)writer_slice(&w).ptr;
}

static void the_path_between_realms_is_capaths_or_the_hierarchy(void **state) {
    UNUSED(state);
    assert_ok(load(FULL));
    assert_string_equal(path("A", "B"), "X Y Z");
    assert_string_equal(path("A", "C"), "");
    assert_string_equal(path("B", "A"), "");
    assert_string_equal(path("X.EX.COM", "Y.EX.COM"), "EX.COM");
    assert_string_equal(path("A.X.EX.COM", "B.Y.EX.COM"), "X.EX.COM EX.COM Y.EX.COM");
    assert_string_equal(path("EX.COM", "B.A.EX.COM"), "A.EX.COM");
    assert_string_equal(path("B.A.EX.COM", "EX.COM"), "A.EX.COM");
    assert_string_equal(path("EX.COM", "A.EX.COM"), "");
    assert_string_equal(path("EX.COM", "EX.COM"), "");
    assert_string_equal(path("EX.COM", "OTHER.ORG"), "");
    assert_string_equal(path("AEX.COM", "EX.COM"), "COM");
}

static void appdefaults_are_looked_up_from_the_closest(void **state) {
    UNUSED(state);
    assert_ok(load(FULL));
    struct slice f = SLICE_LITERAL("forwardable"), kinit = SLICE_LITERAL("kinit");
    assert_slice_str(krb5conf_appdefault(&conf, kinit, SLICE_LITERAL("R"), f), "2");
    assert_slice_str(krb5conf_appdefault(&conf, kinit, SLICE_LITERAL("S"), f), "3");
    assert_slice_str(krb5conf_appdefault(&conf, SLICE_LITERAL("x"), SLICE_LITERAL("R"), f), "1");
    assert_int_equal(krb5conf_appdefault(&conf, kinit, kinit, kinit).len, 0);
}

static void unknown_words_are_noted_with_the_nearest(void **state) {
    UNUSED(state);
    assert_ok(load("[libdefautls]\nx = y\n[libdefaults]\ndefualt_realm = A\n[realms]\nA = {\n"
                   "kcd = h\nwholly_unlike = x\n}\n"));
    struct writer w = writer_to_arena(&arena);
    config_notes_write(&conf.profile.notes, &w);
    assert_slice_str(
        writer_slice(&w),
        "krb5.conf:1: [libdefautls] is not a section of krb5.conf; did you mean [libdefaults]?\n"
        "krb5.conf:4: `defualt_realm` is not a key of [libdefaults]; did you mean "
        "`default_realm`?\n"
        "krb5.conf:7: `kcd` is not a key of [realms/*]; did you mean `kdc`?\n"
        "krb5.conf:8: `wholly_unlike` is not a key of [realms/*]\n");
}

static void values_of_the_wrong_type_are_refused_with_what_was_expected(void **state) {
    UNUSED(state);
    const struct {
        const char *text, *complaint;
    } rows[] = {
        {"[libdefaults]\nclockskew = soon\n",
         "krb5.conf:2: `clockskew` is 'soon'; expected a duration such as 300, 5m, 10h or 1d 2h"},
        {"[libdefaults]\nclockskew = -5\n",
         "krb5.conf:2: `clockskew` is '-5'; expected a duration such as 300, 5m, 10h or 1d 2h from "
         "1 to 604800"},
        {"[libdefaults]\nforwardable = ture\n",
         "krb5.conf:2: `forwardable` is 'ture'; expected true or false; did you mean 'true'?"},
        {"[libdefaults]\n\ndns_canonicalize_hostname = falback\n",
         "krb5.conf:3: `dns_canonicalize_hostname` is 'falback'; expected one of "
         "false|true|fallback; did you mean 'fallback'?"},
        {"[libdefaults]\ndefault_realm = a@B\n",
         "krb5.conf:2: `default_realm` is 'a@B'; expected the name of a realm, without '@'"},
        {"[libdefaults]\ndefault_ccache_name = /x/%{udi}\n",
         "krb5.conf:2: `default_ccache_name` is '/x/%{udi}'; expected known tokens only: "
         "%{udi} is not a token; did you mean %{uid}?"},
        {"[realms]\nR = {\ndisable_encrypted_timestamp = 7\n}\n",
         "krb5.conf:3: `disable_encrypted_timestamp` is '7'; expected true or false"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_code(load(rows[i].text), OBOL_CONFIG_SYNTAX);
        assert_string_equal(err.detail, rows[i].complaint);
    }
}

static void kdc_conf_gives_its_values_and_the_realms(void **state) {
    UNUSED(state);
    assert_ok(
        load_kdc("[kdcdefaults]\nrealm = R\nkdc_listen = 127.0.0.1:8888, [::1]:8888\n"
                 "log_format = json\nstore_size = 1G\n[realms]\nR = {\nmax_life = 8h\n"
                 "supported_enctypes = aes256-cts:normal\nkey_stash_file = /x\n}\nS = {\n}\n"));
    assert_int_equal(kdc.profile.notes.count, 0);
    assert_slice_str(kdc.realm, "R");
    assert_int_equal(kdc.kdc_listen.count, 2);
    assert_slice_str(kdc.kdc_tcp_listen.items[1], "[::1]:8888");
    assert_int_equal(kdc.log_format, KDC_LOG_JSON);
    assert_int_equal(kdc.log_level, KDC_LOG_INFO);
    assert_int_equal(kdc.store_size, INT64_C(1) << 30);
    assert_int_equal(kdc.workers, 0);
    const struct kdcconf_realm *r = kdcconf_realm(&kdc, SLICE_LITERAL("R"));
    assert_int_equal(r->max_life, 8 * 3600);
    assert_int_equal(r->supported_enctypes.count, 1);
    assert_true(r->require_preauth);
    assert_int_equal(kdcconf_realm(&kdc, SLICE_LITERAL("S"))->max_life, 86400);
    assert_null(kdcconf_realm(&kdc, SLICE_LITERAL("T")));
}

static void mistakes_in_kdc_conf_are_named(void **state) {
    UNUSED(state);
    assert_code(load_kdc("[kdcdefaults]\nlog_format = jsn\n"), OBOL_CONFIG_SYNTAX);
    assert_non_null(strstr(err.detail, "kdc.conf:2: `log_format` is 'jsn'"));
    assert_non_null(strstr(err.detail, "did you mean 'json'?"));
    assert_code(load_kdc("[kdcdefaults]\nworkers = 5000\n"), OBOL_CONFIG_SYNTAX);
    assert_code(load_kdc("[realms]\nR = {\nsupported_enctypes = rc4\n}\n"), OBOL_CONFIG_SYNTAX);
    assert_ok(load_kdc("[realms]\nR = {\nallow_weak_crypto = 1\nsupported_enctypes = rc4\n}\n"));
    assert_ok(load_kdc("[kdcdefaults]\nwrokers = 2\n"));
    assert_slice_str(kdc.profile.notes.first->text,
                     "`wrokers` is not a key of [kdcdefaults]; did you mean `workers`?");
    const struct kdcconf_place nowhere = {.home = "/nonexistent"};
    assert_code(kdcconf_load(&kdc, &nowhere, &arena, &err), OBOL_STORE_NOT_FOUND);
}

static void kdc_conf_of_mit_says_ports_log_stash_and_database(void **state) {
    UNUSED(state);
    assert_ok(load_kdc("[kdcdefaults]\nkdc_ports = 750, 88\n[realms]\nR = {\n}\n"));
    assert_int_equal(kdc.kdc_listen.count, 2);
    assert_slice_str(kdc.kdc_listen.items[0], ":750");
    assert_slice_str(kdc.kdc_tcp_listen.items[1], ":88");
    assert_ok(load_kdc("[kdcdefaults]\nkdc_ports = 750\nkdc_tcp_ports = 1\n"
                       "[realms]\nR = {\nkdc_listen = 127.0.0.1:88\nkdc_tcp_ports = 89\n"
                       "key_stash_file = /s\ndatabase_module = m\n}\n"
                       "[dbmodules]\nm = {\ndatabase_name = /db\n}\n"
                       "[logging]\ndefault = STDERR\nkdc = FILE:/log\n"));
    assert_int_equal(kdc.kdc_listen.count, 1);
    assert_slice_str(kdc.kdc_listen.items[0], "127.0.0.1:88");
    assert_slice_str(kdc.kdc_tcp_listen.items[0], ":89");
    assert_slice_str(kdc.master_key_file, "/s");
    assert_slice_str(kdc.log, "/log");
    assert_slice_str(kdcconf_database(&kdc), "/db");
    assert_ok(load_kdc("[kdcdefaults]\nlog = syslog\n[realms]\nR = {\ndatabase_name = /own\n}\n"
                       "[logging]\nkdc = FILE:/log\n"));
    assert_slice_str(kdc.log, "syslog");
    assert_slice_str(kdcconf_database(&kdc), "/own");
    assert_ok(load_kdc("[realms]\nR = {\n}\n"));
    assert_int_equal(kdcconf_database(&kdc).len, 0);
}

static void a_new_realms_file_reads_back_without_a_note(void **state) {
    UNUSED(state);
    struct writer w = writer_to_arena(&arena);
    kdcconf_write_new(&w, SLICE_LITERAL("OBOL.TEST"), SLICE_LITERAL("127.0.0.1:8888"));
    writer_u8(&w, 0);
    assert_ok(load_kdc((const char *)writer_slice(&w).ptr));
    assert_int_equal(kdc.profile.notes.count, 0);
    assert_slice_str(kdc.realm, "OBOL.TEST");
    assert_int_equal(kdcconf_realm(&kdc, kdc.realm)->max_life, 36000);
    assert_slice_str(kdc.kdc_listen.items[0], "127.0.0.1:8888");
    assert_true(kdc.kdc_listen_said);
}

static void a_new_realm_with_the_default_address_does_not_say_it(void **state) {
    UNUSED(state);
    struct writer w = writer_to_arena(&arena);
    kdcconf_write_new(&w, SLICE_LITERAL("OBOL.TEST"), (struct slice){0});
    struct slice text = writer_slice(&w);
    assert_non_null(memmem(text.ptr, text.len, "# kdc_listen = " KDCCONF_LISTEN "\n",
                           sizeof "# kdc_listen = " KDCCONF_LISTEN));
    writer_u8(&w, 0);
    assert_ok(load_kdc((const char *)text.ptr));
    assert_int_equal(kdc.profile.notes.count, 0);
    assert_false(kdc.kdc_listen_said);
    assert_int_equal(kdc.kdc_listen.count, 2);
    assert_slice_str(kdc.kdc_listen.items[1], "[::]:88");
}

static void every_key_has_help_and_a_default_that_it_takes(void **state) {
    UNUSED(state);
    const struct config_schema *schemas[] = {&KRB5CONF_SCHEMA, &KDCCONF_SCHEMA};
    for (size_t s = 0; s < COUNT_OF(schemas); s++) {
        for (size_t i = 0; i < schemas[s]->count; i++)
            assert_true(strlen(schemas[s]->items[i].help) > 5);
        struct writer w = writer_to_arena(&arena);
        config_write_reference(schemas[s], &w);
        assert_true(writer_slice(&w).len > 2000);
    }
}

static void the_types_of_tokens_are_those_of_mits_kdc(void **state) {
    UNUSED(state);
    assert_ok(
        load_kdc("[kdcdefaults]\nrealm = R\n[otp]\n"
                 "DEFAULT = {\nserver = one.example:1645 [::1]\nsecret = s\n}\n"
                 "near = {\nserver = /run/krb5kdc/near.socket\n}\n"
                 "other = {\nserver = 192.0.2.1\nserver = two\nsecret = /etc/s\ntimeout = 10\n"
                 "retries = 0\nstrip_realm = false\nindicator = a\nindicator = b\n}\n"));
    assert_int_equal(kdc.profile.notes.count, 0);
    assert_int_equal(kdc.otp_count, 3);
    const struct kdcconf_otp *first = &kdc.otp[0], *near = &kdc.otp[1], *other = &kdc.otp[2];
    assert_slice_str(near->server.items[0], "/run/krb5kdc/near.socket");
    assert_int_equal(near->secret.len, 0);
    assert_slice_str(first->name, "DEFAULT");
    assert_int_equal(first->server.count, 2);
    assert_slice_str(first->server.items[1], "[::1]");
    assert_int_equal(first->timeout, 5);
    assert_int_equal(first->retries, 3);
    assert_true(first->strip_realm);
    assert_int_equal(first->indicator.count, 0);
    assert_int_equal(other->server.count, 2);
    assert_slice_str(other->secret, "/etc/s");
    assert_int_equal(other->timeout, 10);
    assert_int_equal(other->retries, 0);
    assert_false(other->strip_realm);
    assert_int_equal(other->indicator.count, 2);
}

static void a_type_of_tokens_needs_a_server_and_its_secret(void **state) {
    static const struct {
        const char *of_type, *says;
    } rows[] = {
        {"server = a\n", "needs `secret`"},
        {"secret = s\n", "needs `server`"},
        {"server = /run/otp.socket one.example\n", "needs `secret`"},
        {"server = "
         "/run/a.socket/that/stands/so/far/below/the/root/of/the/tree/that/no/address/of/a/"
         "socket/has/any/room/for/it/or/would/have/it\n",
         "107 bytes"},
        {"server = a\nsecret = s\ntimeout = 0\n", "timeout"},
        {"server = a\nsecret = s\ntimeout = 31\n", "timeout"},
        {"server = a\nsecret = s\nretries = 10\n", "retries"},
        {"server = a\nsecret = s\nstrip_realm = perhaps\n", "strip_realm"},
    };
    char text[300];
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        snprintf(text, sizeof text, "[kdcdefaults]\nrealm = R\n[otp]\nT = {\n%s}\n",
                 rows[i].of_type);
        assert_code(load_kdc(text), OBOL_CONFIG_SYNTAX);
        if (!strstr(err.detail, rows[i].says))
            fail_msg("%s: %s", rows[i].says, err.detail);
    }
    assert_ok(
        load_kdc("[kdcdefaults]\nrealm = R\n[otp]\nT = {\nserver = a\nsecret = s\nretry = 1\n}\n"));
    assert_int_equal(kdc.profile.notes.count, 1); // did you mean retries?
}

static void err_fmt_says_what_stands_around_a_text(void **state) {
    UNUSED(state);
    static const struct {
        const char *form, *written;
    } rows[] = {
        {"%M - %C", "it %M failed - -1765328189"},
        {"%%%M %-% %C%", "%it %M failed %-% -1765328189%"},
        {"%C%C", "-1765328189-1765328189"},
        {"%%M", "%M"},
        {"%", "%"},
        {"%m %c %", "%m %c %"},
        {"hidden", "hidden"},
        {"\"\"", ""},
        {"\" \"", " "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice text = arena_printf(&arena, "[libdefaults]\n err_fmt = %s\n", rows[i].form);
        struct writer w = writer_to_arena(&arena);
        assert_ok(load(arena_cstr(&arena, text)));
        krb5conf_error_write(&conf, SLICE_LITERAL("it %M failed"), -1765328189, &w);
        assert_slice_str(writer_slice(&w), rows[i].written);
    }
    // Where it says nothing; a last line without a value does not either, as with MIT krb5.
    static const char *const silent[] = {
        "[libdefaults]\n", "[libdefaults]\n err_fmt =", "[libdefaults]\n err_fmt = \n"};
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        struct writer w = writer_to_arena(&arena);
        assert_ok(load(silent[i]));
        krb5conf_error_write(&conf, SLICE_LITERAL("it failed"), 1, &w);
        assert_slice_str(writer_slice(&w), "it failed");
    }
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest cases[] = {
        CASE(no_file_at_all_gives_the_defaults),
        CASE(a_full_file_gives_its_values),
        CASE(weak_enctypes_are_struck_unless_allowed),
        CASE(a_host_belongs_to_the_nearest_domain),
        CASE(the_path_between_realms_is_capaths_or_the_hierarchy),
        CASE(appdefaults_are_looked_up_from_the_closest),
        CASE(unknown_words_are_noted_with_the_nearest),
        CASE(values_of_the_wrong_type_are_refused_with_what_was_expected),
        CASE(kdc_conf_gives_its_values_and_the_realms),
        CASE(mistakes_in_kdc_conf_are_named),
        CASE(kdc_conf_of_mit_says_ports_log_stash_and_database),
        CASE(the_types_of_tokens_are_those_of_mits_kdc),
        CASE(a_type_of_tokens_needs_a_server_and_its_secret),
        CASE(a_new_realms_file_reads_back_without_a_note),
        CASE(a_new_realm_with_the_default_address_does_not_say_it),
        CASE(every_key_has_help_and_a_default_that_it_takes),
        CASE(err_fmt_says_what_stands_around_a_text),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
