// A realm's directory: made once, opened as it was left, with its own master key and kdc.conf.
#include "home.h"
#include "users.h"
#include <sys/stat.h>
#include <unistd.h>

static int setup(void **state) {
    UNUSED(state);
    return home_begin(&STORE_LMDB) ? 0 : -1;
}

static void reopen(void) {
    struct admin_options o = {.home = home, .ops = &STORE_LMDB};
    admin_close(adm);
    adm = NULL;
    error_init(&err);
    assert_ok(admin_realm_open(&adm, &o, env_system(), &err));
}

static void a_realm_opens_as_it_was_left(void **state) {
    UNUSED(state);
    assert_ok(add_user("alice"));
    struct record before = shown("alice");
    struct admin_keytab keys = keys_of("alice", NULL);
    reopen();
    assert_slice_str(adm->realm, "EXAMPLE.COM");
    assert_true(shown("alice").id == before.id);
    assert_slice_equal(keys_of("alice", NULL).items[0].bytes, keys.items[0].bytes);
    char path[96];
    static const char *const files[] = {"kdc.conf", "master.key", "store/data.mdb"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", home, files[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static enum obol_code reopened_with(const char *flags) {
    char path[96];
    snprintf(path, sizeof path, "%s/kdc.conf", home);
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    fprintf(f, "[realms]\nEXAMPLE.COM = {\ndefault_principal_flags = %s\n}\n", flags);
    assert_int_equal(fclose(f), 0);
    const struct admin_options o = {.home = home, .ops = &STORE_LMDB};
    admin_close(adm);
    adm = NULL;
    error_init(&err);
    return admin_realm_open(&adm, &o, env_system(), &err);
}

static void new_principals_have_the_flags_that_mits_setting_says(void **state) {
    UNUSED(state);
    assert_ok(reopened_with("-forwardable, +ok-as-delegate -requires_preauth"));
    assert_ok(add_user("alice"));
    assert_int_equal(shown("alice").flags,
                     RECORD_NO_FORWARDABLE | RECORD_OK_AS_DELEGATE | RECORD_NO_SERVER);
    struct admin_new_principal p = {
        .name = SLICE_LITERAL("bob"), .keys = {.none = true}, .clear_flags = RECORD_NO_FORWARDABLE};
    assert_ok(admin_principal_add(adm, &p, NULL)); // what is said of one wins
    assert_false(shown("bob").flags & RECORD_NO_FORWARDABLE);
}

static void a_default_flag_that_there_is_not_is_named(void **state) {
    UNUSED(state);
    assert_code(reopened_with("+preauth +colour"), OBOL_CONFIG_SYNTAX);
    assert_non_null(strstr(err.detail, "there is no flag \"+colour\""));
}

static void a_realm_is_made_once(void **state) {
    UNUSED(state);
    struct admin_options o = {
        .home = home, .ops = &STORE_LMDB, .realm = SLICE_LITERAL("EXAMPLE.COM")};
    struct admin *second;
    assert_code(admin_realm_create(&second, &o, env_system(), NULL), OBOL_EXISTS);
    assert_null(second);
    static const char *const bad[] = {"", "a b", "X/Y", "X@Y", "X:Y", "x}", "x\ny", "\xc3\xa9"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        o.home = "/tmp/obol-admin-not-made";
        o.realm = slice_str(bad[i]);
        assert_code(admin_realm_create(&second, &o, env_system(), NULL), OBOL_NAME_MALFORMED);
        assert_int_not_equal(access(o.home, F_OK), 0);
    }
    o = (struct admin_options){.home = home, .ops = &STORE_LMDB, .realm = SLICE_LITERAL("OTHER")};
    admin_close(adm);
    adm = NULL;
    assert_code(admin_realm_open(&second, &o, env_system(), NULL), OBOL_INVALID_ARGUMENT);
    o.home = "/tmp/obol-admin-not-there";
    assert_code(admin_realm_open(&second, &o, env_system(), NULL), OBOL_STORE_NOT_FOUND);
    reopen();
}

static void another_realms_master_key_is_noticed_at_once(void **state) {
    UNUSED(state);
    char path[96];
    struct master *m;
    struct admin *again;
    struct admin_options o = {.home = home, .ops = &STORE_LMDB};
    admin_close(adm);
    adm = NULL;
    snprintf(path, sizeof path, "%s/master.key", home);
    unlink(path);
    assert_code(admin_realm_open(&again, &o, env_system(), NULL), OBOL_MASTER_KEY);
    assert_ok(master_create(&m, path, env_system(), NULL));
    master_free(m);
    assert_code(admin_realm_open(&again, &o, env_system(), NULL), OBOL_MASTER_KEY);
    assert_null(again);
}

static void a_read_only_realm_refuses_writes(void **state) {
    UNUSED(state);
    struct admin_options o = {.home = home, .ops = &STORE_LMDB, .read_only = true};
    admin_close(adm);
    adm = NULL;
    assert_ok(admin_realm_open(&adm, &o, env_system(), NULL));
    assert_ok(exists("krbtgt/EXAMPLE.COM"));
    assert_code(add_user("alice"), OBOL_PERMISSION);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, home_end)

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_realm_opens_as_it_was_left),
        CASE(new_principals_have_the_flags_that_mits_setting_says),
        CASE(a_default_flag_that_there_is_not_is_named),
        CASE(a_realm_is_made_once),
        CASE(another_realms_master_key_is_noticed_at_once),
        CASE(a_read_only_realm_refuses_writes),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
