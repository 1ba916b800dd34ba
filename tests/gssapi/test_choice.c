// Whose tickets a program takes that names nobody: the service decides, by ~/.k5identity, and in a
// collection by its realm; and in which cache of a collection tickets are stored.
#include "cred_support.h"
#include <sys/stat.h>

static OM_uint32 minor;
static char collection[128], alices[128], bobs[128];
static gss_name_t target;

static int begin(void **state) {
    (void)sandbox_begin(state);
    assert_int_equal(mkdir(sandbox_path("caches"), 0700), 0);
    (void)snprintf(collection, sizeof collection, "DIR:%s", sandbox_path("caches"));
    (void)snprintf(alices, sizeof alices, "DIR::%s", sandbox_path("caches/tkt"));
    (void)snprintf(bobs, sizeof bobs, "DIR::%s", sandbox_path("caches/tktbob"));
    make_login_of(alices, "alice@OBOL.TEST", TKT_FORWARDABLE, 3600);
    make_login_of(bobs, "bob@OBOL.TEST", TKT_FORWARDABLE, 3600);
    make_login("ccache", 3600);
    setenv("KRB5CCNAME", collection, 1);
    setenv("HOME", sandbox, 1);
    target = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    return 0;
}

static int end(void **state) {
    char command[160];
    (void)gss_release_name(&minor, &target);
    (void)snprintf(command, sizeof command, "rm -rf %s %s", sandbox_path("caches"),
                   sandbox_path(".k5identity"));
    assert_int_equal(system(command), 0);
    (void)unlink(sandbox_path("krb5-2.conf"));
    return sandbox_end(state);
}

static void expect_name(gss_name_t name, const char *text) {
    gss_buffer_desc shown;
    assert_complete(gss_display_name(&minor, name, &shown, NULL));
    assert_string_equal(shown.value, text);
    assert_complete(gss_release_buffer(&minor, &shown));
    assert_complete(gss_release_name(&minor, &name));
}

// Begins a context, which a one-way one ends, too; *client is who it is begun as.
static OM_uint32 login(gss_cred_id_t cred, gss_name_t *client) {
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc token;
    OM_uint32 why, major = gss_init_sec_context(&minor, cred, &ctx, target, gss_mech_krb5, 0, 0,
                                                NULL, NULL, NULL, &token, NULL, NULL);
    if (major == GSS_S_COMPLETE)
        assert_complete(
            gss_inquire_context(&minor, ctx, client, NULL, NULL, NULL, NULL, NULL, NULL));
    assert_int_equal(gss_release_buffer(&why, &token), GSS_S_COMPLETE);
    (void)gss_delete_sec_context(&why, &ctx, GSS_C_NO_BUFFER);
    return major;
}

static void expect_login(gss_cred_id_t cred, const char *text) {
    gss_name_t client;
    assert_complete(login(cred, &client));
    expect_name(client, text);
}

static gss_cred_id_t acquired(OM_uint32 *time_rec) {
    gss_cred_id_t cred;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, time_rec));
    return cred;
}

static void a_default_credential_waits_for_the_service(void **state) {
    UNUSED(state);
    sandbox_write(".k5identity", "bob@OBOL.TEST service=HTTP\n");
    expect_login(GSS_C_NO_CREDENTIAL, "bob@OBOL.TEST");
    gss_cred_id_t cred = acquired(NULL);
    expect_login(cred, "bob@OBOL.TEST");
    gss_name_t name;
    assert_complete(gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL));
    expect_name(name, "bob@OBOL.TEST");
    // Whoever has said that he is alice stays her.
    sandbox_write(".k5identity", "alice@OBOL.TEST service=HTTP\n");
    expect_login(cred, "bob@OBOL.TEST");
    assert_complete(gss_release_cred(&minor, &cred));
}

static void to_be_asked_makes_it_the_primary_one(void **state) {
    UNUSED(state);
    sandbox_write(".k5identity", "bob@OBOL.TEST service=HTTP\n");
    OM_uint32 life;
    gss_cred_id_t cred = acquired(&life), again;
    assert_true(life > 3500 && life <= 3600);
    expect_login(cred, "alice@OBOL.TEST");
    assert_complete(gss_release_cred(&minor, &cred));
    // What is exported is somebody's, not whose the importer's default is.
    cred = acquired(NULL);
    gss_buffer_desc token;
    assert_complete(gss_export_cred(&minor, cred, &token));
    assert_complete(gss_import_cred(&minor, &token, &again));
    expect_login(again, "alice@OBOL.TEST");
    assert_complete(gss_release_buffer(&minor, &token));
    assert_complete(gss_release_cred(&minor, &cred));
    assert_complete(gss_release_cred(&minor, &again));
}

static void whom_the_rules_want_and_who_is_not_there_is_told(void **state) {
    UNUSED(state);
    gss_name_t client;
    sandbox_write(".k5identity", "carol@OBOL.TEST service=HTTP\n");
    gss_cred_id_t cred = acquired(NULL);
    assert_int_equal(login(cred, &client), GSS_S_NO_CRED);
    assert_non_null(strstr(status_text(0, minor), "carol@OBOL.TEST"));
    assert_complete(gss_release_cred(&minor, &cred));
    // In a file there is one client only; another file of configuration is read at once.
    static const char *const configured[] = {"krb5-2.conf", "krb5.conf"};
    setenv("KRB5CCNAME", sandbox_path("ccache"), 1);
    for (size_t i = 0; i < COUNT_OF(configured); i++) {
        sandbox_write("krb5-2.conf", "[libdefaults]\n  default_realm = OBOL.TEST\n"
                                     "  dns_canonicalize_hostname = false\n");
        setenv("KRB5_CONFIG", sandbox_path(configured[i]), 1);
        if (i == 0) {
            assert_int_equal(login(GSS_C_NO_CREDENTIAL, &client), GSS_S_NO_CRED);
            assert_non_null(strstr(status_text(0, minor), ".k5identity"));
            (void)unlink(sandbox_path(".k5identity"));
        } else {
            expect_login(GSS_C_NO_CREDENTIAL, "alice@OBOL.TEST");
        }
    }
    setenv("KRB5CCNAME", collection, 1);
}

static void somebody_must_be_there(void **state) {
    UNUSED(state);
    char aside[160];
    gss_cred_id_t cred;
    (void)unlink(sandbox_path(".k5identity"));
    (void)snprintf(aside, sizeof aside, "%s", sandbox_path("alices-tickets"));
    assert_int_equal(rename(sandbox_path("caches/tkt"), aside), 0);
    // The primary one is gone: bob's is of the service's realm.
    cred = acquired(NULL);
    expect_login(cred, "bob@OBOL.TEST");
    assert_complete(gss_release_cred(&minor, &cred));
    char empty[128];
    (void)snprintf(empty, sizeof empty, "DIR:%s", sandbox_path("caches/none"));
    setenv("KRB5CCNAME", empty, 1);
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL),
                     GSS_S_NO_CRED);
    assert_non_null(strstr(status_text(0, minor), sandbox_path("caches/none")));
    setenv("KRB5CCNAME", collection, 1);
    assert_int_equal(rename(aside, sandbox_path("caches/tkt")), 0);
}

// A password is used while the context is begun; without one IAKERB goes on with tickets.
static void iakerb_without_a_password_has_the_caches_tickets(void **state) {
    UNUSED(state);
    gss_OID_set_desc iakerb = {1, gss_mech_iakerb};
    gss_cred_id_t cred;
    gss_name_t name, client;
    OM_uint32 life;
    setenv("KRB5CCNAME", sandbox_path("ccache"), 1);
    assert_complete(gss_acquire_cred(&minor, NULL, 0, &iakerb, GSS_C_INITIATE, &cred, NULL, &life));
    assert_true(life > 3500 && life <= 3600);
    assert_complete(gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL));
    expect_name(name, "alice@OBOL.TEST");
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc token;
    // The first token asks the KDC, through the service, with the cache's TGT.
    assert_major(gss_init_sec_context(&minor, cred, &ctx, target, gss_mech_iakerb, 0, 0, NULL, NULL,
                                      NULL, &token, NULL, NULL),
                 GSS_S_CONTINUE_NEEDED);
    assert_true(token.length > 100);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
    assert_complete(gss_release_cred(&minor, &cred));
    setenv("KRB5CCNAME", sandbox_path("no-cache"), 1);
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, &iakerb, GSS_C_INITIATE, &cred, NULL, NULL),
                     GSS_S_NO_CRED);
    assert_int_equal(login(GSS_C_NO_CREDENTIAL, &client), GSS_S_NO_CRED);
    setenv("KRB5CCNAME", collection, 1);
}

// What was delegated to one session, or logged in with a password, is nobody else's default.
static void tickets_of_this_process_s_memory_are_not_chosen(void **state) {
    UNUSED(state);
    char none[128];
    gss_cred_id_t cred;
    gss_name_t client, carol;
    gss_buffer_desc b = text_buffer("carol@OBOL.TEST");
    (void)unlink(sandbox_path(".k5identity"));
    (void)snprintf(none, sizeof none, "DIR:%s", sandbox_path("caches/none"));
    setenv("KRB5CCNAME", none, 1);
    make_login_of("MEMORY:delegated", "carol@OBOL.TEST", TKT_FORWARDABLE, 3600);
    assert_complete(gss_import_name(&minor, &b, gss_nt_krb5_name, &carol));
    for (int named = 0; named < 2; named++) {
        assert_int_equal(gss_acquire_cred(&minor, named ? carol : GSS_C_NO_NAME, 0, NULL,
                                          GSS_C_INITIATE, &cred, NULL, NULL),
                         GSS_S_NO_CRED);
        assert_int_equal(login(GSS_C_NO_CREDENTIAL, &client), GSS_S_NO_CRED);
        sandbox_write(".k5identity", "carol@OBOL.TEST\n");
    }
    // Who names it has it.
    setenv("KRB5CCNAME", "MEMORY:delegated", 1);
    expect_login(GSS_C_NO_CREDENTIAL, "carol@OBOL.TEST");
    assert_complete(gss_release_name(&minor, &carol));
    setenv("KRB5CCNAME", collection, 1);
}

// How many caches the collection has, and whose the primary one is.
static unsigned look(const char *primary) {
    struct arena a;
    struct slice_list names;
    struct ccache *cc;
    struct ccache_content content;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    assert_ok(ccache_list(slice_str(collection), NULL, &a, &names, NULL));
    assert_ok(ccache_open(&cc, slice_str(collection), NULL, NULL));
    assert_ok(ccache_read(cc, &a, &content, NULL));
    assert_slice_str(principal_text(&content.principal, &a), primary);
    ccache_close(cc);
    unsigned count = 0; // without those of this process's memory
    for (size_t i = 0; i < names.count; i++)
        count += slice_starts(names.items[i], SLICE_LITERAL("DIR:"));
    arena_clear(&a);
    return count;
}

static OM_uint32 stored(const char *client, const char *into, int overwrite, int primary) {
    gss_cred_id_t cred;
    gss_key_value_element_desc from = {"ccache", sandbox_path("ccache2")}, to = {"ccache", into};
    gss_key_value_set_desc source = {1, &from}, place = {1, &to};
    make_login_of("ccache2", client, TKT_FORWARDABLE, 1800);
    assert_complete(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_INITIATE, &source, &cred, NULL, NULL));
    OM_uint32 why, major = gss_store_cred_into(&why, cred, GSS_C_INITIATE, NULL, overwrite, primary,
                                               &place, NULL, NULL);
    assert_complete(gss_release_cred(&minor, &cred));
    return major;
}

static void a_collection_keeps_what_is_others(void **state) {
    UNUSED(state);
    assert_int_equal(look("alice@OBOL.TEST"), 2);
    // Each client has one cache; the first one that is not there makes another.
    assert_int_equal(stored("alice@OBOL.TEST", collection, 0, 0), GSS_S_DUPLICATE_ELEMENT);
    assert_int_equal(stored("bob@OBOL.TEST", collection, 0, 0), GSS_S_DUPLICATE_ELEMENT);
    assert_int_equal(stored("bob@OBOL.TEST", collection, 1, 0), GSS_S_COMPLETE);
    assert_int_equal(look("alice@OBOL.TEST"), 2);
    assert_int_equal(stored("carol@OBOL.TEST", collection, 1, 0), GSS_S_COMPLETE);
    assert_int_equal(look("alice@OBOL.TEST"), 3);
    assert_int_equal(stored("dave@OBOL.TEST", collection, 0, 1), GSS_S_COMPLETE);
    assert_int_equal(look("dave@OBOL.TEST"), 4);
    // One cache of it by its name is that cache.
    assert_int_equal(stored("erin@OBOL.TEST", bobs, 0, 0), GSS_S_DUPLICATE_ELEMENT);
    assert_int_equal(stored("erin@OBOL.TEST", bobs, 1, 0), GSS_S_COMPLETE);
    assert_int_equal(look("dave@OBOL.TEST"), 4);
    assert_int_equal(stored("bob@OBOL.TEST", collection, 0, 0), GSS_S_COMPLETE);
    assert_int_equal(look("dave@OBOL.TEST"), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_default_credential_waits_for_the_service),
        cmocka_unit_test(to_be_asked_makes_it_the_primary_one),
        cmocka_unit_test(whom_the_rules_want_and_who_is_not_there_is_told),
        cmocka_unit_test(somebody_must_be_there),
        cmocka_unit_test(iakerb_without_a_password_has_the_caches_tickets),
        cmocka_unit_test(tickets_of_this_process_s_memory_are_not_chosen),
        cmocka_unit_test(a_collection_keeps_what_is_others),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
