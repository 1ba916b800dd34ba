// test_files.c: credential caches and keytabs of the libkrb5 face.
#include "compat.h"

static krb5_creds creds_for(const char *server, krb5_timestamp endtime) {
    static krb5_octet key[32] = "0123456789abcdef0123456789abcde";
    krb5_creds c = {.magic = KV5M_CREDS, .client = named("alice"), .server = named(server)};
    c.keyblock = (krb5_keyblock){KV5M_KEYBLOCK, 18, 32, key};
    c.times.endtime = endtime;
    static char ticket[] = "ticket";
    c.ticket.data = ticket;
    c.ticket.length = 6;
    return c;
}
static void forget(krb5_creds *c) {
    krb5_free_principal(context, c->client);
    krb5_free_principal(context, c->server);
}
static void fill(krb5_ccache cc) {
    krb5_principal alice = named("alice");
    assert_int_equal(krb5_cc_initialize(context, cc, alice), 0);
    krb5_free_principal(context, alice);
    krb5_creds one = creds_for("krbtgt/EXAMPLE.COM", 2000000000), two = creds_for("host/a", 1000);
    assert_int_equal(krb5_cc_store_cred(context, cc, &one), 0);
    assert_int_equal(krb5_cc_store_cred(context, cc, &two), 0);
    forget(&one);
    forget(&two);
}

static void walk(const char *name) {
    krb5_ccache cc;
    krb5_cc_cursor cursor;
    krb5_creds c;
    krb5_principal owner;
    assert_int_equal(krb5_cc_resolve(context, name, &cc), 0);
    assert_int_equal(krb5_cc_start_seq_get(context, cc, &cursor), KRB5_FCC_NOFILE);
    fill(cc);
    assert_int_equal(krb5_cc_get_principal(context, cc, &owner), 0);
    assert_int_equal(owner->length, 1);
    krb5_free_principal(context, owner);
    assert_int_equal(krb5_cc_start_seq_get(context, cc, &cursor), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(krb5_cc_next_cred(context, cc, &cursor, &c), 0);
        assert_int_equal(c.keyblock.length, 32);
        assert_memory_equal(c.ticket.data, "ticket", 6);
        krb5_free_cred_contents(context, &c);
    }
    assert_int_equal(krb5_cc_next_cred(context, cc, &cursor, &c), KRB5_CC_END);
    assert_int_equal(krb5_cc_end_seq_get(context, cc, &cursor), 0);
    assert_int_equal(krb5_cc_destroy(context, cc), 0);
    assert_int_equal(krb5_cc_resolve(context, name, &cc), 0);
    assert_int_equal(krb5_cc_get_principal(context, cc, &owner), KRB5_FCC_NOFILE);
    assert_int_equal(krb5_cc_close(context, cc), 0);
}
static void a_cache_is_filled_walked_and_destroyed(void **state) {
    UNUSED(state);
    char name[96];
    snprintf(name, sizeof name, "FILE:%s/walk", dir);
    walk(name);
    walk("MEMORY:walk");
}

static void a_ticket_is_looked_for_by_what_is_asked(void **state) {
    UNUSED(state);
    krb5_ccache cc;
    krb5_creds found, want = {.server = named("host/a")};
    assert_int_equal(krb5_cc_resolve(context, "MEMORY:find", &cc), 0);
    fill(cc);
    assert_int_equal(krb5_cc_retrieve_cred(context, cc, 0, &want, &found), 0);
    assert_int_equal(found.times.endtime, 1000);
    krb5_free_cred_contents(context, &found);
    want.times.endtime = 5000;
    assert_int_equal(krb5_cc_retrieve_cred(context, cc, KRB5_TC_MATCH_TIMES, &want, &found),
                     KRB5_CC_NOTFOUND);
    want.keyblock.enctype = 17;
    assert_int_equal(krb5_cc_retrieve_cred(context, cc, KRB5_TC_MATCH_KTYPE, &want, &found),
                     KRB5_CC_NOTFOUND);
    assert_int_equal(krb5_set_principal_realm(context, want.server, "ELSE"), 0);
    assert_int_equal(krb5_cc_retrieve_cred(context, cc, 0, &want, &found), KRB5_CC_NOTFOUND);
    assert_int_equal(krb5_cc_retrieve_cred(context, cc, KRB5_TC_MATCH_SRV_NAMEONLY, &want, &found),
                     0);
    krb5_free_cred_contents(context, &found);
    assert_int_equal(krb5_cc_remove_cred(context, cc, KRB5_TC_MATCH_SRV_NAMEONLY, &want), 0);
    assert_int_equal(krb5_cc_remove_cred(context, cc, KRB5_TC_MATCH_SRV_NAMEONLY, &want),
                     KRB5_CC_NOTFOUND);
    krb5_free_principal(context, want.server);
    assert_int_equal(krb5_cc_destroy(context, cc), 0);
}

static void settings_of_a_cache(void **state) {
    UNUSED(state);
    krb5_ccache cc, other;
    static char yes[] = "yes";
    krb5_data value = {.data = yes, .length = 3}, out;
    krb5_cc_cursor cursor;
    krb5_creds c;
    int configs = 0;
    assert_int_equal(krb5_cc_new_unique(context, "MEMORY", NULL, &cc), 0);
    assert_string_equal(krb5_cc_get_type(context, cc), "MEMORY");
    fill(cc);
    assert_int_equal(krb5_cc_set_config(context, cc, NULL, "k", &value), 0);
    assert_int_equal(krb5_cc_get_config(context, cc, NULL, "k", &out), 0);
    assert_memory_equal(out.data, "yes", 3);
    krb5_free_data_contents(context, &out);
    assert_int_equal(krb5_cc_get_config(context, cc, NULL, "other", &out), KRB5_CC_NOTFOUND);
    assert_int_equal(krb5_cc_start_seq_get(context, cc, &cursor), 0);
    while (krb5_cc_next_cred(context, cc, &cursor, &c) == 0) {
        configs += (int)krb5_is_config_principal(context, c.server);
        krb5_free_cred_contents(context, &c);
    }
    assert_int_equal(krb5_cc_end_seq_get(context, cc, &cursor), 0);
    assert_int_equal(configs, 1);
    assert_int_equal(krb5_cc_new_unique(context, "MEMORY", NULL, &other), 0);
    assert_int_equal(krb5_cc_move(context, cc, other), 0);
    assert_int_equal(krb5_cc_get_config(context, other, NULL, "k", &out), 0);
    krb5_free_data_contents(context, &out);
    assert_int_equal(krb5_cc_destroy(context, other), 0);
}

static void names_of_caches(void **state) {
    UNUSED(state);
    krb5_ccache cc;
    krb5_principal alice = named("alice"), bob = named("bob");
    char *full;
    assert_int_equal(krb5_cc_resolve(context, "NOSUCH:x", &cc), KRB5_CC_UNKNOWN_TYPE);
    assert_int_equal(krb5_cc_resolve(context, "", &cc), KRB5_CC_BADNAME);
    assert_int_equal(krb5_cc_default(context, &cc), 0);
    assert_int_equal(krb5_cc_get_full_name(context, cc, &full), 0);
    assert_string_equal(full, getenv("KRB5CCNAME"));
    assert_string_equal(krb5_cc_get_name(context, cc), full + 5);
    krb5_free_string(context, full);
    fill(cc);
    assert_int_equal(krb5_cc_close(context, cc), 0);
    assert_int_equal(krb5_cc_cache_match(context, alice, &cc), 0);
    assert_int_equal(krb5_cc_destroy(context, cc), 0);
    assert_int_equal(krb5_cc_cache_match(context, bob, &cc), KRB5_CC_NOTFOUND);
    krb5_free_principal(context, alice);
    krb5_free_principal(context, bob);
    assert_int_equal(krb5_cc_close(context, NULL), 0);
}

static void keys(const char *name, const char *type) {
    krb5_keytab kt;
    krb5_kt_cursor cursor;
    krb5_octet bytes[32] = {1};
    krb5_keytab_entry e = {.principal = named("host/a"), .vno = 3}, got;
    e.key = (krb5_keyblock){KV5M_KEYBLOCK, 18, 32, bytes};
    assert_int_equal(krb5_kt_resolve(context, name, &kt), 0);
    assert_string_equal(krb5_kt_get_type(context, kt), type);
    assert_int_equal(krb5_kt_add_entry(context, kt, &e), 0);
    assert_int_equal(krb5_kt_have_content(context, kt), 0);
    assert_int_equal(krb5_kt_get_entry(context, kt, e.principal, 0, 0, &got), 0);
    assert_int_equal(got.vno, 3);
    assert_memory_equal(got.key.contents, bytes, 32);
    assert_int_equal(krb5_free_keytab_entry_contents(context, &got), 0);
    assert_int_equal(krb5_kt_get_entry(context, kt, e.principal, 4, 0, &got), KRB5_KT_KVNONOTFOUND);
    assert_int_equal(krb5_kt_get_entry(context, kt, e.principal, 3, 17, &got), KRB5_KT_NOTFOUND);
    assert_int_equal(krb5_kt_start_seq_get(context, kt, &cursor), 0);
    assert_int_equal(krb5_kt_next_entry(context, kt, &got, &cursor), 0);
    assert_true(krb5_principal_compare(context, got.principal, e.principal));
    assert_int_equal(krb5_kt_free_entry(context, &got), 0);
    assert_int_equal(krb5_kt_next_entry(context, kt, &got, &cursor), KRB5_KT_END);
    assert_int_equal(krb5_kt_end_seq_get(context, kt, &cursor), 0);
    assert_int_equal(krb5_kt_remove_entry(context, kt, &e), 0);
    assert_int_equal(krb5_kt_remove_entry(context, kt, &e), KRB5_KT_NOTFOUND);
    assert_int_equal(krb5_kt_have_content(context, kt), KRB5_KT_NOTFOUND);
    assert_int_equal(krb5_kt_close(context, kt), 0);
    krb5_free_principal(context, e.principal);
}
static void a_keytab_is_filled_asked_and_emptied(void **state) {
    UNUSED(state);
    char name[96];
    snprintf(name, sizeof name, "FILE:%s/kt", dir);
    keys(name, "FILE");
    snprintf(name, sizeof name, "WRFILE:%s/kt2", dir);
    keys(name, "WRFILE");
    keys("MEMORY:kt", "MEMORY");
}

static void names_of_keytabs(void **state) {
    UNUSED(state);
    krb5_keytab kt;
    krb5_kt_cursor cursor;
    char name[96];
    assert_int_equal(krb5_kt_default(context, &kt), 0);
    assert_int_equal(krb5_kt_get_name(context, kt, name, sizeof name), 0);
    assert_string_equal(name, getenv("KRB5_KTNAME"));
    assert_int_equal(krb5_kt_get_name(context, kt, name, 5), KRB5_KT_NAME_TOOLONG);
    assert_int_equal(krb5_kt_start_seq_get(context, kt, &cursor), ENOENT);
    assert_int_equal(krb5_kt_close(context, kt), 0);
    assert_int_equal(krb5_kt_default_name(context, name, sizeof name), 0);
    assert_string_equal(name, getenv("KRB5_KTNAME"));
    assert_int_equal(krb5_kt_resolve(context, "NOSUCH:x", &kt), KRB5_KT_UNKNOWN_TYPE);
    assert_int_equal(krb5_kt_resolve(context, "", &kt), KRB5_KT_BADNAME);
    assert_int_equal(krb5_kt_close(context, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cache_is_filled_walked_and_destroyed),
        cmocka_unit_test(a_ticket_is_looked_for_by_what_is_asked),
        cmocka_unit_test(settings_of_a_cache),
        cmocka_unit_test(names_of_caches),
        cmocka_unit_test(a_keytab_is_filled_asked_and_emptied),
        cmocka_unit_test(names_of_keytabs),
    };
    return cmocka_run_group_tests(tests, compat_start, compat_stop);
}
