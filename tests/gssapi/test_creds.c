// Credentials (RFC 2744 5.2, 5.3, 5.21, 5.22, 5.27): default and named ones, stores, several
// mechanisms, what is refused and how it is explained.
#include "cred_support.h"
#include "gssapi/cred.h"

static OM_uint32 minor;

static void expect_name(gss_name_t name, const char *expected) {
    gss_buffer_desc b;
    assert_complete(gss_display_name(&minor, name, &b, NULL));
    assert_string_equal(b.value, expected);
    gss_release_buffer(&minor, &b);
}

static int with_cache(void **state) {
    sandbox_of_service(state, "host/web.obol.test@OBOL.TEST");
    make_cache("ccache", "alice@OBOL.TEST", "HTTP/web.obol.test@OBOL.TEST", 3600);
    make_cache("ccache2", "bob@OBOL.TEST", NULL, 3600);
    return 0;
}

static void the_default_initiator_is_the_owner_of_the_cache(void **state) {
    UNUSED(state);
    gss_cred_id_t cred;
    gss_OID_set mechs;
    OM_uint32 life;
    gss_cred_usage_t usage;
    gss_name_t name;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, &mechs, &life));
    assert_true(life > 3500 && life <= 3600);
    assert_int_equal(mechs->count, 2);
    gss_release_oid_set(&minor, &mechs);
    assert_complete(gss_inquire_cred(&minor, cred, &name, &life, &usage, &mechs));
    expect_name(name, "alice@OBOL.TEST");
    assert_int_equal(usage, GSS_C_INITIATE);
    assert_true(life > 3500);
    gss_release_oid_set(&minor, &mechs);
    gss_release_name(&minor, &name);
    OM_uint32 accept_life;
    assert_complete(
        gss_inquire_cred_by_mech(&minor, cred, SPNEGO, NULL, &life, &accept_life, &usage));
    assert_true(life > 3500);
    assert_int_equal(accept_life, 0);
    assert_int_equal(
        gss_inquire_cred_by_mech(&minor, cred, gss_mech_iakerb, NULL, NULL, NULL, NULL),
        GSS_S_NO_CRED);
    assert_complete(gss_release_cred(&minor, &cred));
    assert_null(cred);
    // Without a handle the question is about the default credential.
    assert_complete(gss_inquire_cred(&minor, NULL, &name, &life, &usage, &mechs));
    expect_name(name, "alice@OBOL.TEST");
    gss_release_name(&minor, &name);
    gss_release_oid_set(&minor, &mechs);
}

static void a_name_must_be_the_cache_s(void **state) {
    UNUSED(state);
    gss_cred_id_t cred;
    gss_name_t alice = import("alice", GSS_C_NT_USER_NAME), eve = import("eve", GSS_C_NT_USER_NAME);
    assert_complete(gss_acquire_cred(&minor, alice, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    gss_release_cred(&minor, &cred);
    assert_int_equal(gss_acquire_cred(&minor, eve, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL),
                     GSS_S_NO_CRED);
    assert_null(cred);
    const char *text = status_text(0, minor);
    assert_non_null(strstr(text, "eve@OBOL.TEST"));
    assert_non_null(strstr(text, "alice@OBOL.TEST"));
    assert_non_null(strstr(text, sandbox_path("ccache")));
    gss_release_name(&minor, &alice);
    gss_release_name(&minor, &eve);
}

static void a_cache_that_is_not_there_says_where_it_was_looked_for(void **state) {
    UNUSED(state);
    char *old = strdup(getenv("KRB5CCNAME"));
    setenv("KRB5CCNAME", sandbox_path("nowhere"), 1);
    gss_cred_id_t cred;
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL),
                     GSS_S_NO_CRED);
    assert_non_null(strstr(status_text(0, minor), "nowhere"));
    assert_non_null(strstr(status_text(0, minor), "kinit"));
    gss_name_t name = (gss_name_t)&minor;
    assert_int_equal(gss_inquire_cred(&minor, NULL, &name, NULL, NULL, NULL), GSS_S_NO_CRED);
    assert_null(name);
    setenv("KRB5CCNAME", old, 1);
    free(old);
}

static void expired_tickets_are_told_apart(void **state) {
    UNUSED(state);
    make_cache("ccache", "alice@OBOL.TEST", NULL, -100);
    gss_cred_id_t cred;
    OM_uint32 life = 7;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, &life));
    assert_int_equal(life, 0);
    assert_int_equal(gss_inquire_cred(&minor, cred, NULL, &life, NULL, NULL),
                     GSS_S_CREDENTIALS_EXPIRED);
    assert_int_equal(life, 0);
    gss_release_cred(&minor, &cred);
    make_cache("ccache", "alice@OBOL.TEST", "HTTP/web.obol.test@OBOL.TEST", 3600);
}

static void an_acceptor_needs_keys_of_its_name(void **state) {
    UNUSED(state);
    gss_cred_id_t cred;
    OM_uint32 life;
    gss_name_t name;
    gss_cred_usage_t usage;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &cred, NULL, &life));
    assert_int_equal(life, GSS_C_INDEFINITE);
    assert_complete(gss_inquire_cred(&minor, cred, &name, NULL, &usage, NULL));
    expect_name(name, "HTTP/web.obol.test@OBOL.TEST"); // the keytab's first
    assert_int_equal(usage, GSS_C_ACCEPT);
    gss_release_name(&minor, &name);
    gss_release_cred(&minor, &cred);
    const struct {
        const char *text;
        gss_OID type;
        OM_uint32 major;
    } rows[] = {
        {"HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE, GSS_S_COMPLETE},
        {"HTTP", GSS_C_NT_HOSTBASED_SERVICE, GSS_S_COMPLETE},
        {"host@WEB.obol.test", GSS_C_NT_HOSTBASED_SERVICE, GSS_S_COMPLETE},
        {"HTTP@mail.obol.test", GSS_C_NT_HOSTBASED_SERVICE, GSS_S_NO_CRED},
        {"imap", GSS_C_NT_HOSTBASED_SERVICE, GSS_S_NO_CRED},
        {"HTTP/web.obol.test@OBOL.TEST", gss_nt_krb5_name, GSS_S_COMPLETE},
        {"HTTP/web.obol.test@ELSE.TEST", gss_nt_krb5_name, GSS_S_NO_CRED},
        {"alice", GSS_C_NT_USER_NAME, GSS_S_NO_CRED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        name = import(rows[i].text, rows[i].type);
        OM_uint32 major = gss_acquire_cred(&minor, name, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL);
        if (major != rows[i].major)
            fail_msg("%s: %s", rows[i].text, status_text(major, minor));
        if (major != GSS_S_COMPLETE)
            assert_non_null(strstr(status_text(0, minor), sandbox_path("keytab")));
        gss_release_cred(&minor, &cred);
        gss_release_name(&minor, &name);
    }
}

static void a_keytab_that_is_not_there_is_named(void **state) {
    UNUSED(state);
    gss_key_value_element_desc e = {"keytab", sandbox_path("nokeys")};
    gss_key_value_set_desc store = {1, &e};
    gss_cred_id_t cred;
    assert_int_equal(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &store, &cred, NULL, NULL),
        GSS_S_NO_CRED);
    assert_non_null(strstr(status_text(0, minor), "nokeys"));
}

static void stores_name_the_places(void **state) {
    UNUSED(state);
    char cache[128], keytab[128];
    (void)snprintf(cache, sizeof cache, "FILE:%s", sandbox_path("ccache2"));
    (void)snprintf(keytab, sizeof keytab, "FILE:%s", sandbox_path("keytab"));
    gss_key_value_element_desc e[] = {
        {"ccache", cache}, {"keytab", keytab}, {"rcache", "none:"}, {"of-another-mechanism", "x"}};
    gss_key_value_set_desc store = {4, e};
    gss_cred_id_t cred;
    gss_name_t name;
    gss_cred_usage_t usage;
    assert_complete(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_BOTH, &store, &cred, NULL, NULL));
    assert_complete(gss_inquire_cred(&minor, cred, &name, NULL, &usage, NULL));
    expect_name(name, "bob@OBOL.TEST");
    assert_int_equal(usage, GSS_C_BOTH);
    gss_release_name(&minor, &name);
    gss_release_cred(&minor, &cred);
    const struct {
        const char *key, *value;
        OM_uint32 major;
    } rows[] = {
        {"keytab", keytab, GSS_S_DUPLICATE_ELEMENT},    {"verify", "", GSS_S_FAILURE},
        {"ccache", NULL, GSS_S_CALL_INACCESSIBLE_READ}, {NULL, "x", GSS_S_CALL_INACCESSIBLE_READ},
        {"password", "secret", GSS_S_BAD_NAME},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        e[3] = (gss_key_value_element_desc){rows[i].key, rows[i].value};
        assert_major(
            gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_BOTH, &store, &cred, NULL, NULL),
            rows[i].major);
        assert_null(cred);
    }
    e[3] = (gss_key_value_element_desc){"of-another-mechanism", "x"};
    e[2].value = "file2:here"; // a file of the working directory
    assert_complete(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_BOTH, &store, &cred, NULL, NULL));
    gss_release_cred(&minor, &cred);
    e[2].value = "nokind:x"; // an acceptor without one would take replays
    assert_int_equal(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_BOTH, &store, &cred, NULL, NULL),
        GSS_S_NO_CRED);
    assert_non_null(strstr(status_text(0, minor), "nokind:x"));
    e[0] = (gss_key_value_element_desc){"ccache", "NOKIND:x"};
    store.count = 1;
    assert_int_equal(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_INITIATE, &store, &cred, NULL, NULL),
        GSS_S_NO_CRED);
    store = (gss_key_value_set_desc){1, NULL};
    assert_int_equal(
        gss_acquire_cred_from(&minor, NULL, 0, NULL, GSS_C_INITIATE, &store, &cred, NULL, NULL),
        GSS_S_CALL_INACCESSIBLE_READ);
}

static void mechanisms_are_added_in_place_and_to_a_copy(void **state) {
    UNUSED(state);
    gss_cred_id_t cred, more;
    gss_OID_set mechs;
    OM_uint32 init_time, accept_time;
    assert_complete(gss_add_cred(&minor, NULL, NULL, gss_mech_krb5, GSS_C_INITIATE, 0, 0, &cred,
                                 &mechs, &init_time, &accept_time));
    assert_int_equal(mechs->count, 1);
    assert_true(init_time > 3500);
    assert_int_equal(accept_time, 0);
    gss_release_oid_set(&minor, &mechs);
    assert_int_equal(
        gss_add_cred(&minor, cred, NULL, gss_mech_krb5, GSS_C_ACCEPT, 0, 0, NULL, NULL, NULL, NULL),
        GSS_S_DUPLICATE_ELEMENT);
    assert_complete(gss_add_cred(&minor, cred, NULL, SPNEGO, GSS_C_ACCEPT, 0, 0, &more, &mechs,
                                 &init_time, &accept_time));
    assert_int_equal(mechs->count, 2);
    assert_int_equal(accept_time, GSS_C_INDEFINITE);
    gss_release_oid_set(&minor, &mechs);
    assert_complete(gss_inquire_cred(&minor, cred, NULL, NULL, NULL, &mechs));
    assert_int_equal(mechs->count, 1);
    gss_release_oid_set(&minor, &mechs);
    gss_cred_usage_t usage;
    assert_complete(gss_inquire_cred_by_mech(&minor, more, SPNEGO, NULL, NULL, NULL, &usage));
    assert_int_equal(usage, GSS_C_ACCEPT);
    assert_complete(
        gss_add_cred(&minor, cred, NULL, SPNEGO, GSS_C_BOTH, 0, 0, NULL, NULL, NULL, NULL));
    assert_complete(gss_release_cred(&minor, &cred));
    assert_complete(
        gss_inquire_cred_by_mech(&minor, more, gss_mech_krb5, NULL, NULL, NULL, &usage));
    assert_complete(gss_release_cred(&minor, &more));
}

static void credentials_refuse_missing_and_bad_arguments(void **state) {
    UNUSED(state);
    const OM_uint32 read = GSS_S_CALL_INACCESSIBLE_READ, write = GSS_S_CALL_INACCESSIBLE_WRITE;
    gss_cred_id_t cred;
    uint32_t junk[64] = {42};
    gss_cred_id_t foreign = (gss_cred_id_t)(void *)junk;
    gss_name_t bad_name = (gss_name_t)(void *)junk;
    gss_OID_set_desc none = {0, NULL}, unknown = {1, GSS_C_NT_USER_NAME};
    gss_buffer_set_t set;
    assert_int_equal(gss_acquire_cred(NULL, NULL, 0, NULL, 1, &cred, NULL, NULL), write);
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, NULL, 1, NULL, NULL, NULL), write);
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, NULL, 3, &cred, NULL, NULL), GSS_S_FAILURE);
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, &none, 1, &cred, NULL, NULL),
                     GSS_S_BAD_MECH);
    assert_int_equal(gss_acquire_cred(&minor, NULL, 0, &unknown, 1, &cred, NULL, NULL),
                     GSS_S_BAD_MECH);
    assert_int_equal(gss_acquire_cred(&minor, bad_name, 0, NULL, 1, &cred, NULL, NULL),
                     read | GSS_S_BAD_NAME);
    assert_int_equal(gss_add_cred(&minor, NULL, NULL, NULL, 1, 0, 0, NULL, NULL, NULL, NULL),
                     write | GSS_S_NO_CRED);
    assert_int_equal(gss_add_cred(&minor, foreign, NULL, NULL, 1, 0, 0, NULL, NULL, NULL, NULL),
                     read | GSS_S_NO_CRED);
    assert_int_equal(gss_add_cred(NULL, NULL, NULL, NULL, 1, 0, 0, &cred, NULL, NULL, NULL), write);
    assert_int_equal(
        gss_add_cred(&minor, NULL, NULL, GSS_C_NT_USER_NAME, 1, 0, 0, &cred, NULL, NULL, NULL),
        GSS_S_BAD_MECH);
    assert_int_equal(gss_release_cred(NULL, &cred), write);
    assert_int_equal(gss_release_cred(&minor, NULL), read | GSS_S_NO_CRED);
    assert_int_equal(gss_release_cred(&minor, &foreign), read | GSS_S_NO_CRED);
    cred = NULL;
    assert_complete(gss_release_cred(&minor, &cred));
    assert_int_equal(gss_inquire_cred(&minor, foreign, NULL, NULL, NULL, NULL),
                     read | GSS_S_NO_CRED);
    assert_int_equal(gss_inquire_cred(NULL, NULL, NULL, NULL, NULL, NULL), write);
    assert_int_equal(
        gss_inquire_cred_by_mech(&minor, NULL, GSS_C_NT_USER_NAME, NULL, NULL, NULL, NULL),
        GSS_S_BAD_MECH);
    assert_int_equal(gss_inquire_cred_by_oid(&minor, foreign, GSS_KRB5_GET_CRED_IMPERSONATOR, &set),
                     read | GSS_S_NO_CRED);
    assert_int_equal(gss_set_neg_mechs(&minor, NULL, &none), read | GSS_S_NO_CRED);
    assert_int_equal(gss_set_cred_option(&minor, NULL, NULL, NULL), write);
    gss_name_t alice = import("alice", NULL);
    gss_buffer_desc password = text_buffer("x");
    assert_int_equal(
        gss_acquire_cred_with_password(&minor, alice, NULL, 0, NULL, 1, &cred, NULL, NULL), read);
    assert_int_equal(
        gss_acquire_cred_with_password(&minor, NULL, &password, 0, NULL, 1, &cred, NULL, NULL),
        read | GSS_S_BAD_NAME);
    assert_int_equal(gss_acquire_cred_with_password(&minor, alice, &password, 0, NULL, GSS_C_ACCEPT,
                                                    &cred, NULL, NULL),
                     GSS_S_FAILURE);
    gss_release_name(&minor, &alice);
}

static void options_and_questions_by_oid(void **state) {
    UNUSED(state);
    gss_cred_id_t cred;
    gss_buffer_set_t set;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    assert_complete(gss_inquire_cred_by_oid(&minor, cred, GSS_KRB5_GET_CRED_IMPERSONATOR, &set));
    assert_int_equal(set->count, 0);
    gss_release_buffer_set(&minor, &set);
    assert_int_equal(gss_inquire_cred_by_oid(&minor, cred, gss_mech_krb5, &set), GSS_S_UNAVAILABLE);
    assert_int_equal(gss_inquire_cred_by_oid(&minor, cred, NULL, &set),
                     GSS_S_CALL_INACCESSIBLE_READ);
    assert_int_equal(gss_inquire_cred_by_oid(&minor, cred, gss_mech_krb5, NULL),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
    assert_false(gssapi_cred_no_ci_flags(cred));
    assert_complete(gss_set_cred_option(&minor, &cred, GSS_KRB5_CRED_NO_CI_FLAGS_X, NULL));
    assert_true(gssapi_cred_no_ci_flags(cred));
    assert_int_equal(gss_set_cred_option(&minor, &cred, gss_mech_krb5, NULL), GSS_S_UNAVAILABLE);
    gss_OID_desc list[] = {*SPNEGO, *gss_mech_iakerb, *GSS_C_NT_USER_NAME, *gss_mech_krb5,
                           *gss_mech_krb5};
    gss_OID_set_desc mechs = {5, list};
    unsigned neg[4];
    assert_int_equal(gssapi_cred_neg_mechs(cred, neg, 4), 1);
    assert_complete(gss_set_neg_mechs(&minor, cred, &mechs));
    assert_int_equal(gssapi_cred_neg_mechs(cred, neg, 4), 2);
    assert_int_equal(neg[0], GSSAPI_IAKERB);
    assert_int_equal(neg[1], GSSAPI_KRB5);
    mechs = (gss_OID_set_desc){1, list};
    assert_int_equal(gss_set_neg_mechs(&minor, cred, &mechs), GSS_S_BAD_MECH);
    gss_release_cred(&minor, &cred);
}

static void a_thread_s_cache_is_its_default(void **state) {
    UNUSED(state);
    OM_uint32 gss_krb5_ccache_name(OM_uint32 *, const char *, const char **);
    const char *before = NULL;
    gss_name_t name;
    assert_complete(gss_krb5_ccache_name(&minor, sandbox_path("ccache2"), &before));
    assert_non_null(strstr(before, sandbox_path("ccache")));
    assert_complete(gss_inquire_cred(&minor, NULL, &name, NULL, NULL, NULL));
    expect_name(name, "bob@OBOL.TEST");
    gss_release_name(&minor, &name);
    assert_complete(gss_krb5_ccache_name(&minor, NULL, &before));
    assert_string_equal(before, sandbox_path("ccache2"));
    assert_complete(gss_inquire_cred(&minor, NULL, &name, NULL, NULL, NULL));
    expect_name(name, "alice@OBOL.TEST");
    gss_release_name(&minor, &name);
}

static void a_cached_ticket_is_found_by_any_form_of_the_name(void **state) {
    UNUSED(state);
    const struct {
        const char *text;
        gss_OID type;
    } rows[] = {
        {"HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE},
        {"HTTP/web.obol.test@OBOL.TEST", gss_nt_krb5_name},
        {"HTTP/web.obol.test", gss_nt_krb5_name},
    };
    gss_cred_id_t cred;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
        gss_name_t name = import(rows[i / 2].text, rows[i / 2].type);
        struct gssapi_target target = {.name = name};
        struct gssapi_ticket t;
        struct error err;
        error_init(&err);
        if (gssapi_cred_ticket(i % 2 ? cred : NULL, &target, 0, &a, &t, &err) != OBOL_OK)
            fail_msg("%s: %s", rows[i / 2].text, err.detail);
        assert_slice_str(t.cred.ticket, "not a ticket");
        assert_true(t.ok_as_delegate);
        gss_release_name(&minor, &name);
    }
    // What is not there is asked of a KDC, and none is known.
    gss_name_t name = import("imap@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    struct gssapi_target target = {.name = name};
    struct gssapi_ticket t;
    struct error err;
    error_init(&err);
    assert_int_equal(gssapi_cred_ticket(cred, &target, 0, &a, &t, &err), OBOL_KDC_NOT_KNOWN);
    gss_release_name(&minor, &name);
    arena_clear(&a);
    gss_release_cred(&minor, &cred);
}

// Which names' tickets a credential accepts; the keys themselves are the same.
static enum obol_code ask_key(gss_cred_id_t cred, const char *ticket_name, uint32_t kvno,
                              unsigned attempt, struct error *err) {
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    struct principal p = parsed(ticket_name, &a);
    struct gssapi_accept accept;
    struct crypto_key *key = NULL;
    error_init(err);
    assert_ok(gssapi_cred_accept(cred, &accept, err));
    enum obol_code code =
        accept.keys.find(accept.keys.ctx, &p, ENCTYPE_AES256_SHA1, kvno, attempt, &a, &key, err);
    if (code == OBOL_OK)
        assert_memory_equal(crypto_key_bytes(key).ptr, TEST_KEY, 32);
    assert_non_null(accept.replay);
    gssapi_accept_done(&accept);
    arena_clear(&a);
    return code;
}

static void an_acceptor_s_name_limits_its_keys(void **state) {
    UNUSED(state);
    struct error err;
    gss_cred_id_t cred;
    // Any key for any name; the ticket's own name first.
    assert_ok(ask_key(NULL, "HTTP/web.obol.test", 3, 0, &err));
    assert_ok(ask_key(NULL, "HTTP/alias.obol.test", 3, 0, &err));
    assert_ok(ask_key(NULL, "HTTP/alias.obol.test", 9, 1, &err));
    assert_int_equal(ask_key(NULL, "HTTP/web.obol.test", 3, 2, &err), OBOL_NOT_FOUND);
    // Where none of the keys opened it, the keytab lacks the name.
    assert_int_equal(ask_key(NULL, "HTTP/alias.obol.test", 3, 2, &err), OBOL_KRB_AP_ERR_NOT_US);
    gss_name_t name = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    assert_complete(gss_acquire_cred(&minor, name, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL));
    assert_ok(ask_key(cred, "HTTP/web.obol.test", 3, 0, &err));
    assert_ok(ask_key(cred, "HTTP/alias.obol.test", 3, 0, &err)); // only HTTP's key is tried
    assert_int_equal(ask_key(cred, "HTTP/web.obol.test", 3, 1, &err), OBOL_NOT_FOUND);
    gss_release_cred(&minor, &cred);
    gss_release_name(&minor, &name);
    // An initiator accepts nobody.
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    struct gssapi_accept accept;
    error_init(&err);
    assert_int_equal(gssapi_cred_accept(cred, &accept, &err), OBOL_PERMISSION);
    gss_release_cred(&minor, &cred);
}

static void what_the_keytab_lacks_is_explained(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    struct principal p = parsed("HTTP/web.obol.test", &a);
    struct gssapi_accept accept;
    struct crypto_key *key;
    struct error err;
    error_init(&err);
    assert_ok(gssapi_cred_accept(NULL, &accept, &err));
    assert_int_equal(
        accept.keys.find(accept.keys.ctx, &p, ENCTYPE_AES128_SHA1, 3, 0, &a, &key, &err),
        OBOL_KRB_AP_ERR_NOKEY);
    assert_non_null(strstr(err.detail, "aes256-cts-hmac-sha1-96"));
    gssapi_accept_done(&accept);
    arena_clear(&a);
}

static void a_keytab_that_changes_is_read_again(void **state) {
    UNUSED(state);
    struct error err;
    assert_ok(ask_key(NULL, "HTTP/web.obol.test", 3, 0, &err));
    const char *more[] = {"imap/web.obol.test@OBOL.TEST"};
    make_keytab("keytab", more, 1);
    gss_cred_id_t cred;
    gss_name_t name = import("imap", GSS_C_NT_HOSTBASED_SERVICE);
    assert_complete(gss_acquire_cred(&minor, name, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL));
    gss_release_cred(&minor, &cred);
    gss_release_name(&minor, &name);
}

static void delegated_tickets_become_a_credential(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    struct principal client = parsed("carol@OBOL.TEST", &a);
    const struct cred tgt = {
        .client = client,
        .server = parsed("krbtgt/OBOL.TEST@OBOL.TEST", &a),
        .key = {ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32)},
        .endtime = env_now(env_system()) + 500,
        .ticket = SLICE_LITERAL("its ticket"),
    };
    gss_cred_id_t cred;
    assert_ok(gssapi_cred_of_tickets(&client, &tgt, 1, &cred, NULL));
    gss_name_t name;
    OM_uint32 life;
    assert_complete(gss_inquire_cred(&minor, cred, &name, &life, NULL, NULL));
    expect_name(name, "carol@OBOL.TEST");
    assert_true(life > 400 && life <= 500);
    struct gssapi_target target = {.principal = tgt.server};
    struct gssapi_ticket t;
    assert_ok(gssapi_cred_ticket(cred, &target, 0, &a, &t, NULL));
    assert_slice_str(t.cred.ticket, "its ticket");
    gss_release_name(&minor, &name);
    gss_release_cred(&minor, &cred);
    arena_clear(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_initiator_is_the_owner_of_the_cache),
        cmocka_unit_test(a_name_must_be_the_cache_s),
        cmocka_unit_test(a_cache_that_is_not_there_says_where_it_was_looked_for),
        cmocka_unit_test(expired_tickets_are_told_apart),
        cmocka_unit_test(an_acceptor_needs_keys_of_its_name),
        cmocka_unit_test(a_keytab_that_is_not_there_is_named),
        cmocka_unit_test(stores_name_the_places),
        cmocka_unit_test(mechanisms_are_added_in_place_and_to_a_copy),
        cmocka_unit_test(credentials_refuse_missing_and_bad_arguments),
        cmocka_unit_test(options_and_questions_by_oid),
        cmocka_unit_test(a_thread_s_cache_is_its_default),
        cmocka_unit_test(a_cached_ticket_is_found_by_any_form_of_the_name),
        cmocka_unit_test(an_acceptor_s_name_limits_its_keys),
        cmocka_unit_test(what_the_keytab_lacks_is_explained),
        cmocka_unit_test(a_keytab_that_changes_is_read_again),
        cmocka_unit_test(delegated_tickets_become_a_credential),
    };
    return cmocka_run_group_tests(tests, with_cache, sandbox_end);
}
