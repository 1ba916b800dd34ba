// Credentials that move: into a cache, into bytes and back, between threads; and the accounts of
// this machine.
#include "cred_support.h"
#include "gssapi/cred.h"
#include <pthread.h>
#include <pwd.h>
#include <sys/resource.h>

static OM_uint32 minor;

static int with_cache(void **state) {
    sandbox_of_service(state, "host/web.obol.test@OBOL.TEST");
    make_cache("ccache", "alice@OBOL.TEST", "HTTP/web.obol.test@OBOL.TEST", 3600);
    return 0;
}

// Whose credential it is, and whether the ticket for the web service is in it.
static void expect_alice(gss_cred_id_t cred) {
    gss_name_t name, web = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    gss_buffer_desc b;
    assert_complete(gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL));
    assert_complete(gss_display_name(&minor, name, &b, NULL));
    assert_string_equal(b.value, "alice@OBOL.TEST");
    gss_release_buffer(&minor, &b);
    gss_release_name(&minor, &name);
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    struct gssapi_target target = {.name = web};
    struct gssapi_ticket t;
    assert_ok(gssapi_cred_ticket(cred, &target, 0, &a, &t, NULL));
    assert_slice_str(t.cred.ticket, "not a ticket");
    arena_clear(&a);
    gss_release_name(&minor, &web);
}

static void tickets_are_stored_where_the_program_says(void **state) {
    UNUSED(state);
    gss_cred_id_t cred, again;
    gss_OID_set stored;
    gss_cred_usage_t usage;
    gss_key_value_element_desc e = {"ccache", sandbox_path("ccache2")};
    gss_key_value_set_desc store = {1, &e};
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    assert_complete(
        gss_store_cred_into(&minor, cred, GSS_C_INITIATE, NULL, 0, 0, &store, &stored, &usage));
    assert_int_equal(stored->count, 2);
    assert_int_equal(usage, GSS_C_INITIATE);
    gss_release_oid_set(&minor, &stored);
    assert_complete(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_INITIATE, &store, &again, NULL, NULL));
    expect_alice(again);
    gss_release_cred(&minor, &again);
    // There is something already: it is kept unless it may be overwritten.
    assert_int_equal(gss_store_cred_into(&minor, cred, GSS_C_INITIATE, gss_mech_krb5, 0, 0, &store,
                                         &stored, &usage),
                     GSS_S_DUPLICATE_ELEMENT);
    assert_null(stored);
    assert_non_null(strstr(status_text(0, minor), "alice@OBOL.TEST"));
    assert_complete(
        gss_store_cred_into(&minor, cred, GSS_C_INITIATE, gss_mech_krb5, 1, 0, &store, NULL, NULL));
    assert_int_equal(gss_store_cred(&minor, cred, GSS_C_BOTH, NULL, 0, 0, NULL, NULL),
                     GSS_S_DUPLICATE_ELEMENT); // the default cache is its own
    assert_complete(gss_store_cred(&minor, cred, GSS_C_BOTH, NULL, 1, 1, NULL, NULL));
    gss_release_cred(&minor, &cred);
}

static void what_cannot_be_stored_is_refused(void **state) {
    UNUSED(state);
    gss_cred_id_t cred;
    gss_key_value_set_desc nothing = {0, NULL};
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL));
    assert_int_equal(gss_store_cred(&minor, cred, GSS_C_ACCEPT, NULL, 1, 1, NULL, NULL),
                     GSS_S_FAILURE);
    assert_int_equal(gss_store_cred(&minor, cred, GSS_C_INITIATE, NULL, 1, 1, NULL, NULL),
                     GSS_S_NO_CRED);
    assert_int_equal(gss_store_cred(&minor, cred, GSS_C_INITIATE, gss_mech_krb5, 1, 1, NULL, NULL),
                     GSS_S_FAILURE);
    assert_int_equal(
        gss_store_cred(&minor, cred, GSS_C_INITIATE, gss_mech_iakerb, 1, 1, NULL, NULL),
        GSS_S_NO_CRED);
    assert_int_equal(
        gss_store_cred(&minor, cred, GSS_C_INITIATE, GSS_C_NT_USER_NAME, 1, 1, NULL, NULL),
        GSS_S_BAD_MECH);
    assert_int_equal(gss_store_cred(&minor, cred, 7, NULL, 1, 1, NULL, NULL), GSS_S_FAILURE);
    assert_int_equal(gss_store_cred_into(&minor, cred, 1, NULL, 1, 1, &nothing, NULL, NULL),
                     GSS_S_FAILURE);
    assert_int_equal(gss_store_cred(&minor, NULL, 1, NULL, 1, 1, NULL, NULL),
                     GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED);
    assert_int_equal(gss_store_cred(NULL, cred, 1, NULL, 1, 1, NULL, NULL),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
    gss_release_cred(&minor, &cred);
}

static gss_cred_id_t moved(gss_cred_id_t cred, gss_buffer_t token) {
    gss_cred_id_t back;
    assert_complete(gss_export_cred(&minor, cred, token));
    assert_complete(gss_import_cred(&minor, token, &back));
    return back;
}

static void credentials_go_to_bytes_and_back(void **state) {
    UNUSED(state);
    gss_cred_id_t cred, back;
    gss_buffer_desc token;
    gss_cred_usage_t usage;
    gss_OID_set_desc mechs = {1, gss_mech_krb5};
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_BOTH, &cred, NULL, NULL));
    assert_complete(gss_set_neg_mechs(&minor, cred, &mechs));
    back = moved(cred, &token);
    expect_alice(back);
    assert_complete(gss_inquire_cred_by_mech(&minor, back, SPNEGO, NULL, NULL, NULL, &usage));
    assert_int_equal(usage, GSS_C_BOTH);
    gss_release_cred(&minor, &cred);
    gss_release_cred(&minor, &back);
    gss_release_buffer(&minor, &token);
    // A name that an acceptor answers for goes along.
    gss_name_t name = import("HTTP", GSS_C_NT_HOSTBASED_SERVICE), shown;
    assert_complete(gss_acquire_cred(&minor, name, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL));
    back = moved(cred, &token);
    struct gssapi_accept accept;
    assert_ok(gssapi_cred_accept(back, &accept, NULL));
    assert_slice_str(accept.service.name.name_string.items[0], "HTTP");
    gssapi_accept_done(&accept);
    assert_complete(gss_inquire_cred(&minor, back, &shown, NULL, NULL, NULL));
    gss_release_name(&minor, &shown);
    gss_release_name(&minor, &name);
    gss_release_cred(&minor, &cred);
    gss_release_cred(&minor, &back);
    gss_release_buffer(&minor, &token);
}

static void tickets_of_memory_go_along(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    struct principal client = parsed("alice@OBOL.TEST", &a);
    const struct cred ticket = {
        .client = client,
        .server = parsed("HTTP/web.obol.test@OBOL.TEST", &a),
        .key = {ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32)},
        .endtime = env_now(env_system()) + 500,
        .ticket = SLICE_LITERAL("not a ticket"),
    };
    gss_cred_id_t cred, back;
    gss_buffer_desc token;
    assert_ok(gssapi_cred_of_tickets(&client, &ticket, 1, &cred, NULL));
    back = moved(cred, &token);
    gss_release_cred(&minor, &cred); // and its cache with it
    expect_alice(back);
    gss_release_cred(&minor, &back);
    gss_release_buffer(&minor, &token);
    arena_clear(&a);
}

static void malformed_credentials_are_refused(void **state) {
    UNUSED(state);
    gss_cred_id_t cred, back;
    gss_buffer_desc token, bad;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_BOTH, &cred, NULL, NULL));
    assert_complete(gss_export_cred(&minor, cred, &token));
    for (size_t n = 1; n < token.length; n++) {
        bad = (gss_buffer_desc){n, token.value};
        assert_int_equal(gss_import_cred(&minor, &bad, &back), GSS_S_DEFECTIVE_TOKEN);
        assert_null(back);
    }
    bad = (gss_buffer_desc){token.length + 1, token.value}; // the NUL behind it
    assert_int_equal(gss_import_cred(&minor, &bad, &back), GSS_S_DEFECTIVE_TOKEN);
    for (size_t bit = 0; bit < token.length * 8; bit++) { // refused or taken, but never a crash
        ((uint8_t *)token.value)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (gss_import_cred(&minor, &token, &back) == GSS_S_COMPLETE)
            assert_complete(gss_release_cred(&minor, &back));
        ((uint8_t *)token.value)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    // A name that is a pointer (gss_nt_krb5_principal) would be followed; found by fuzzing.
    static const char pointer[] = "obol-cred-1\n\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x0a"
                                  "\x2a\x86\x48\x86\xf7\x12\1\2\2\2\0\0\x08whatever";
    bad = (gss_buffer_desc){sizeof pointer - 1, (void *)(uintptr_t)pointer};
    assert_int_equal(gss_import_cred(&minor, &bad, &back), GSS_S_DEFECTIVE_TOKEN);
    assert_non_null(strstr(status_text(0, minor), "pointer"));
    const OM_uint32 read = GSS_S_CALL_INACCESSIBLE_READ, write = GSS_S_CALL_INACCESSIBLE_WRITE;
    assert_int_equal(gss_import_cred(&minor, NULL, &back), read | GSS_S_DEFECTIVE_TOKEN);
    assert_int_equal(gss_import_cred(&minor, &token, NULL), write);
    assert_int_equal(gss_import_cred(NULL, &token, &back), write);
    assert_int_equal(gss_export_cred(&minor, NULL, &bad), read | GSS_S_NO_CRED);
    assert_int_equal(gss_export_cred(&minor, cred, NULL), write);
    gss_release_buffer(&minor, &token);
    gss_release_cred(&minor, &cred);
}

static void impersonation_is_asked_of_the_kdc_and_of_nobody_else(void **state) {
    UNUSED(state);
    gss_cred_id_t cred, out, acceptor;
    gss_name_t bob = import("bob", GSS_C_NT_USER_NAME), foreign = import("bob@E.TEST", NULL);
    const OM_uint32 read = GSS_S_CALL_INACCESSIBLE_READ;
    gss_OID_set_desc iakerb = {1, gss_mech_iakerb};
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_BOTH, &cred, NULL, NULL));
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &acceptor, NULL, NULL));
    const struct {
        gss_cred_id_t by;
        gss_name_t name;
        gss_OID_set mechs;
        gss_cred_usage_t usage;
        OM_uint32 major;
    } rows[] = {
        {cred, bob, NULL, GSS_C_INITIATE, GSS_S_NO_CRED}, // no KDC is known
        {cred, foreign, NULL, GSS_C_INITIATE, GSS_S_NO_CRED},
        {acceptor, bob, NULL, GSS_C_INITIATE, GSS_S_NO_CRED},
        {cred, bob, NULL, GSS_C_ACCEPT, GSS_S_FAILURE},
        {cred, bob, &iakerb, GSS_C_INITIATE, GSS_S_BAD_MECH},
        {NULL, bob, NULL, GSS_C_INITIATE, read | GSS_S_NO_CRED},
        {cred, NULL, NULL, GSS_C_INITIATE, read | GSS_S_BAD_NAME},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_major(gss_acquire_cred_impersonate_name(&minor, rows[i].by, rows[i].name, 0,
                                                       rows[i].mechs, rows[i].usage, &out, NULL,
                                                       NULL),
                     rows[i].major);
        assert_null(out);
        gss_OID mech = rows[i].mechs ? gss_mech_iakerb : gss_mech_krb5;
        assert_major(gss_add_cred_impersonate_name(&minor, NULL, rows[i].by, rows[i].name, mech,
                                                   rows[i].usage, 0, 0, &out, NULL, NULL, NULL),
                     rows[i].major);
        assert_null(out);
    }
    assert_int_equal(gss_add_cred_impersonate_name(&minor, cred, cred, bob, gss_mech_krb5, 1, 0, 0,
                                                   NULL, NULL, NULL, NULL),
                     GSS_S_DUPLICATE_ELEMENT);
    assert_int_equal(gss_add_cred_impersonate_name(&minor, NULL, cred, bob, NULL, 1, 0, 0, NULL,
                                                   NULL, NULL, NULL),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(
        gss_acquire_cred_impersonate_name(NULL, cred, bob, 0, NULL, 1, &out, NULL, NULL),
        GSS_S_CALL_INACCESSIBLE_WRITE);
    gss_release_name(&minor, &bob);
    gss_release_name(&minor, &foreign);
    gss_release_cred(&minor, &cred);
    gss_release_cred(&minor, &acceptor);
}

static void a_client_s_ticket_is_evidence_to_who_can_ask_the_kdc(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    struct principal bob = parsed("bob@OBOL.TEST", &a);
    struct cred ticket = {
        .client = bob,
        .server = parsed("alice@OBOL.TEST", &a),
        .key = {ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32)},
        .endtime = env_now(env_system()) + 500,
        .ticket = SLICE_LITERAL("how bob came"),
    };
    gss_cred_id_t cred, acceptor, out = NULL;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_BOTH, &cred, NULL, NULL));
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &acceptor, NULL, NULL));
    assert_int_equal(gssapi_cred_of_evidence(acceptor, &bob, &ticket, &out, NULL), OBOL_PERMISSION);
    assert_null(out);
    gss_release_cred(&minor, &acceptor);
    // Forwardable or not: which will do is the KDC's to say (MS-SFU 3.2.5.2.3).
    ticket.flags = TKT_FORWARDABLE;
    assert_ok(gssapi_cred_of_evidence(cred, &bob, &ticket, &out, NULL));
    gss_release_cred(&minor, &out);
    ticket.flags = 0;
    assert_ok(gssapi_cred_of_evidence(cred, &bob, &ticket, &out, NULL));
    gss_name_t name;
    gss_buffer_desc b;
    gss_buffer_set_t who;
    assert_complete(gss_inquire_cred(&minor, out, &name, NULL, NULL, NULL));
    assert_complete(gss_display_name(&minor, name, &b, NULL));
    assert_string_equal(b.value, "bob@OBOL.TEST");
    gss_release_buffer(&minor, &b);
    gss_release_name(&minor, &name);
    assert_complete(gss_inquire_cred_by_oid(&minor, out, GSS_KRB5_GET_CRED_IMPERSONATOR, &who));
    assert_string_equal(who->elements[0].value, "alice@OBOL.TEST");
    gss_release_buffer_set(&minor, &who);
    // A ticket in his name is asked of the KDC, and none is known here.
    gss_name_t web = import("imap@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    struct gssapi_target target = {.name = web};
    struct gssapi_ticket t;
    assert_int_equal(gssapi_cred_ticket(out, &target, 0, &a, &t, NULL), OBOL_KDC_NOT_KNOWN);
    gss_release_name(&minor, &web);
    gss_release_cred(&minor, &out);
    gss_release_cred(&minor, &cred);
    arena_clear(&a);
}

static void names_stand_for_accounts(void **state) {
    UNUSED(state);
    char text[128];
    const struct passwd *self = getpwuid(getuid());
    assert_non_null(self);
    (void)snprintf(text, sizeof text, "%s@OBOL.TEST", self->pw_name);
    gss_name_t name = import(text, gss_nt_krb5_name), mn, user, eve;
    gss_buffer_desc local;
    uid_t uid = 12345;
    assert_complete(gss_canonicalize_name(&minor, name, gss_mech_krb5, &mn));
    assert_complete(gss_localname(&minor, mn, NULL, &local));
    assert_string_equal(local.value, self->pw_name);
    gss_release_buffer(&minor, &local);
    assert_complete(gss_pname_to_uid(&minor, mn, gss_mech_krb5, &uid));
    assert_int_equal(uid, getuid());
    // Users who cannot be read are not users who are not there.
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    const struct rlimit none = {0, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    OM_uint32 major = gss_pname_to_uid(&minor, mn, gss_mech_krb5, &uid);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(major, GSS_S_FAILURE);
    assert_non_null(
        strstr(status_text(major, minor), "the users of this machine: Too many open files"));
    user = import(self->pw_name, GSS_C_NT_USER_NAME);
    eve = import("no-such-user-here", GSS_C_NT_USER_NAME);
    assert_int_equal(gss_authorize_localname(&minor, mn, eve), GSS_S_UNAUTHORIZED);
    assert_int_equal(gss_authorize_localname(&minor, name, user), GSS_S_NAME_NOT_MN);
    assert_int_equal(gss_authorize_localname(&minor, mn, mn), GSS_S_BAD_NAME);
    assert_int_equal(gss_authorize_localname(&minor, mn, name), GSS_S_BAD_NAMETYPE);
    assert_int_equal(gss_authorize_localname(&minor, NULL, user),
                     GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME);
    assert_int_equal(gss_userok(mn, "no-such-user-here"), 0);
    assert_int_equal(gss_userok(mn, NULL), 0);
    assert_int_equal(gss_userok(NULL, self->pw_name), 0);
    gss_release_name(&minor, &user);
    gss_release_name(&minor, &eve);
    gss_release_name(&minor, &mn);
    gss_release_name(&minor, &name);
    // A service of the realm, and a user of another realm, are nobody here.
    const char *foreign[] = {"HTTP/web.obol.test@OBOL.TEST", "alice@ELSE.TEST"};
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        name = import(foreign[i], gss_nt_krb5_name);
        assert_int_equal(gss_localname(&minor, name, NULL, &local), GSS_S_UNAVAILABLE);
        assert_int_equal(gss_pname_to_uid(&minor, name, NULL, &uid), GSS_S_UNAVAILABLE);
        gss_release_name(&minor, &name);
    }
    name = import("no-such-user-here@OBOL.TEST", gss_nt_krb5_name);
    assert_int_equal(gss_pname_to_uid(&minor, name, NULL, &uid), GSS_S_FAILURE);
    assert_int_equal(gss_localname(&minor, name, GSS_C_NT_USER_NAME, &local), GSS_S_BAD_MECH);
    assert_int_equal(gss_localname(&minor, name, NULL, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_int_equal(gss_localname(&minor, NULL, NULL, &local),
                     GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME);
    assert_int_equal(gss_pname_to_uid(&minor, name, NULL, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    gss_release_name(&minor, &name);
}

// Everything that threads may share at once: a credential, a name, the defaults.
static gss_cred_id_t shared_cred;
static gss_name_t shared_name;

static void *use_all(void *arg) {
    OM_uint32 m;
    struct arena *a = gssapi_arena_take();
    for (int i = 0; i < 40; i++) {
        gss_name_t name = NULL, copy = NULL;
        gss_cred_id_t cred = NULL, added = NULL;
        struct gssapi_ticket t;
        struct gssapi_target target = {.name = shared_name};
        struct gssapi_accept accept;
        bool ok =
            gss_inquire_cred(&m, shared_cred, &name, NULL, NULL, NULL) == GSS_S_COMPLETE &&
            gss_duplicate_name(&m, shared_name, &copy) == GSS_S_COMPLETE &&
            gss_acquire_cred(&m, NULL, 0, NULL, i % 3, &cred, NULL, NULL) == GSS_S_COMPLETE &&
            gss_add_cred(&m, shared_cred, NULL, gss_mech_iakerb, GSS_C_INITIATE, 0, 0, &added, NULL,
                         NULL, NULL) == GSS_S_COMPLETE &&
            gssapi_cred_ticket(i % 2 ? shared_cred : NULL, &target, 0, a, &t, NULL) == OBOL_OK &&
            gssapi_cred_accept(shared_cred, &accept, NULL) == OBOL_OK;
        if (!ok)
            return arg;
        gssapi_accept_done(&accept);
        (void)gss_release_cred(&m, &cred);
        (void)gss_release_cred(&m, &added);
        (void)gss_release_name(&m, &name);
        (void)gss_release_name(&m, &copy);
        arena_reset(a);
    }
    gssapi_arena_give(a);
    return NULL;
}

static void threads_share_credentials_and_names(void **state) {
    UNUSED(state);
    pthread_t threads[6];
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_BOTH, &shared_cred, NULL, NULL));
    shared_name = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_all, &minor), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    gss_release_name(&minor, &shared_name);
    gss_release_cred(&minor, &shared_cred);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tickets_are_stored_where_the_program_says),
        cmocka_unit_test(what_cannot_be_stored_is_refused),
        cmocka_unit_test(credentials_go_to_bytes_and_back),
        cmocka_unit_test(tickets_of_memory_go_along),
        cmocka_unit_test(malformed_credentials_are_refused),
        cmocka_unit_test(impersonation_is_asked_of_the_kdc_and_of_nobody_else),
        cmocka_unit_test(a_client_s_ticket_is_evidence_to_who_can_ask_the_kdc),
        cmocka_unit_test(names_stand_for_accounts),
        cmocka_unit_test(threads_share_credentials_and_names),
    };
    return cmocka_run_group_tests(tests, with_cache, sandbox_end);
}
