// Anonymous contexts (RFC 8062 6): a client that nobody knows is told as such at both ends, is the
// same as nobody and allowed nothing; the anonymous principal of a realm is one like others; and
// whoever asks for anonymity without such a ticket is told that there is none.
#include "cred_support.h"
#include <sys/stat.h>

#define NOBODY          "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS"
#define NOBODY_OF_REALM "WELLKNOWN/ANONYMOUS@OBOL.TEST"

static OM_uint32 minor;
static gss_name_t target;

static int begin(void **state) {
    sandbox_of_service(state, NULL);
    target = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    return 0;
}
static int end(void **state) {
    (void)gss_release_name(&minor, &target);
    return sandbox_end(state);
}

// What both ends of a context say of its client.
struct seen {
    OM_uint32 first, initiator, acceptor; // flags: after the first call, and in the end
    gss_name_t client, own;
};

static void establish(gss_cred_id_t cred, gss_OID mech, OM_uint32 flags, struct seen *s) {
    gss_ctx_id_t i = GSS_C_NO_CONTEXT, a = GSS_C_NO_CONTEXT;
    gss_buffer_desc to_a, to_i, none;
    *s = (struct seen){0};
    assert_major(gss_init_sec_context(&minor, cred, &i, target, mech, flags | GSS_C_MUTUAL_FLAG, 0,
                                      NULL, NULL, NULL, &to_a, &s->first, NULL),
                 GSS_S_CONTINUE_NEEDED);
    assert_complete(gss_accept_sec_context(&minor, &a, GSS_C_NO_CREDENTIAL, &to_a, NULL, &s->client,
                                           NULL, &to_i, &s->acceptor, NULL, NULL));
    assert_complete(gss_init_sec_context(&minor, cred, &i, target, mech, flags | GSS_C_MUTUAL_FLAG,
                                         0, NULL, &to_i, NULL, &none, &s->initiator, NULL));
    assert_complete(gss_inquire_context(&minor, i, &s->own, NULL, NULL, NULL, NULL, NULL, NULL));
    (void)gss_release_buffer(&minor, &to_a);
    (void)gss_release_buffer(&minor, &to_i);
    assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
    assert_complete(gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER));
}
static void forget(struct seen *s) {
    assert_complete(gss_release_name(&minor, &s->client));
    assert_complete(gss_release_name(&minor, &s->own));
}

static void expect_name(gss_name_t name, const char *text, gss_OID type) {
    gss_buffer_desc shown;
    gss_OID is;
    assert_complete(gss_display_name(&minor, name, &shown, &is));
    assert_string_equal(shown.value, text);
    assert_ptr_equal(is, type);
    assert_complete(gss_release_buffer(&minor, &shown));
}

static bool same(gss_name_t x, gss_name_t y) {
    int equal = -1;
    assert_complete(gss_compare_name(&minor, x, y, &equal));
    return equal;
}

static gss_name_t named(const char *text, gss_OID type) {
    gss_buffer_desc b = text_buffer(text);
    gss_name_t name;
    assert_complete(gss_import_name(&minor, &b, type, &name));
    return name;
}

static void an_anonymous_ticket_makes_an_anonymous_context(void **state) {
    UNUSED(state);
    gss_OID mechs[] = {gss_mech_krb5, SPNEGO};
    make_login_of("ccache", NOBODY, TKT_ANONYMOUS, 3600);
    for (size_t n = 0; n < 4; n++) { // it is told whether it was asked for or not
        struct seen s;
        establish(GSS_C_NO_CREDENTIAL, mechs[n / 2], n % 2 ? GSS_C_ANON_FLAG : 0, &s);
        assert_true(s.first & s.initiator & s.acceptor & GSS_C_ANON_FLAG);
        expect_name(s.client, NOBODY, GSS_C_NT_ANONYMOUS);
        expect_name(s.own, NOBODY, GSS_C_NT_ANONYMOUS);
        assert_false(same(s.client, s.own)); // RFC 2744 5.4
        assert_false(same(s.client, s.client));
        forget(&s);
    }
}

static void a_client_with_a_name_is_not_anonymous_whatever_it_asks(void **state) {
    UNUSED(state);
    static const struct {
        const char *client;
        uint32_t flags;
    } rows[] = {{"alice@OBOL.TEST", TKT_FORWARDABLE}, {NOBODY_OF_REALM, TKT_ANONYMOUS}};
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        struct seen s;
        make_login_of("ccache", rows[n].client, rows[n].flags, 3600);
        establish(GSS_C_NO_CREDENTIAL, gss_mech_krb5, GSS_C_ANON_FLAG, &s);
        assert_false((s.first | s.initiator | s.acceptor) & GSS_C_ANON_FLAG);
        expect_name(s.client, rows[n].client, gss_nt_krb5_name);
        assert_true(same(s.client, s.own));
        forget(&s);
    }
}

static void nobody_may_act_as_a_user(void **state) {
    UNUSED(state);
    // A rule that makes of everybody the user who runs this.
    const char *user = getenv("USER") ? getenv("USER") : "root";
    char conf[512];
    (void)snprintf(conf, sizeof conf,
                   "[libdefaults]\n default_realm = OBOL.TEST\n[realms]\n OBOL.TEST = {\n"
                   "  auth_to_local = RULE:[1:$1](.*)s/.*/%s/\n"
                   "  auth_to_local = RULE:[2:$1](.*)s/.*/%s/\n }\n",
                   user, user);
    sandbox_write("krb5.conf", conf);
    gss_name_t account = named(user, GSS_C_NT_USER_NAME);
    static const char *const clients[] = {NOBODY, NOBODY_OF_REALM, "alice/x@OBOL.TEST"};
    for (size_t n = 0; n < COUNT_OF(clients); n++) {
        gss_name_t given = named(clients[n], gss_nt_krb5_name), mn;
        assert_complete(gss_canonicalize_name(&minor, given, gss_mech_krb5, &mn));
        assert_int_equal(gss_authorize_localname(&minor, mn, account),
                         n < 2 ? GSS_S_UNAUTHORIZED : GSS_S_COMPLETE);
        assert_complete(gss_release_name(&minor, &given));
        assert_complete(gss_release_name(&minor, &mn));
    }
    assert_complete(gss_release_name(&minor, &account));
}

static void a_credential_of_the_anonymous_name_takes_anonymous_tickets_only(void **state) {
    UNUSED(state);
    gss_name_t nobody = named("", GSS_C_NT_ANONYMOUS), name;
    gss_cred_id_t cred;
    struct seen s;
    make_login("ccache", 3600);
    assert_major(gss_acquire_cred(&minor, nobody, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL),
                 GSS_S_NO_CRED);
    make_login_of("ccache", NOBODY, TKT_ANONYMOUS, 3600);
    assert_complete(gss_acquire_cred(&minor, nobody, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    OM_uint32 life;
    assert_complete(gss_inquire_cred(&minor, cred, &name, &life, NULL, NULL));
    expect_name(name, NOBODY, GSS_C_NT_ANONYMOUS);
    assert_true(life > 3500);
    establish(cred, gss_mech_krb5, 0, &s);
    assert_true(s.first & s.acceptor & GSS_C_ANON_FLAG);
    forget(&s);
    assert_complete(gss_release_name(&minor, &name));
    assert_complete(gss_release_name(&minor, &nobody));
    assert_complete(gss_release_cred(&minor, &cred));
}

// Of a collection the cache is taken that is as anonymous as was asked for, whichever is primary.
static void anonymity_chooses_the_cache_of_a_collection(void **state) {
    UNUSED(state);
    char dir[96], primary[128], other[128];
    (void)snprintf(dir, sizeof dir, "DIR:%s", sandbox_path("caches"));
    (void)snprintf(primary, sizeof primary, "DIR::%s", sandbox_path("caches/tkt"));
    (void)snprintf(other, sizeof other, "DIR::%s", sandbox_path("caches/tkt2"));
    assert_int_equal(mkdir(sandbox_path("caches"), 0700), 0);
    make_login_of(primary, "alice@OBOL.TEST", TKT_FORWARDABLE, 3600);
    make_login_of(other, NOBODY, TKT_ANONYMOUS, 3600);
    setenv("KRB5CCNAME", dir, 1);
    struct seen s;
    establish(GSS_C_NO_CREDENTIAL, gss_mech_krb5, GSS_C_ANON_FLAG, &s);
    assert_true(s.first & s.acceptor & GSS_C_ANON_FLAG);
    forget(&s);
    establish(GSS_C_NO_CREDENTIAL, gss_mech_krb5, 0, &s);
    assert_false((s.first | s.acceptor) & GSS_C_ANON_FLAG);
    expect_name(s.client, "alice@OBOL.TEST", gss_nt_krb5_name);
    forget(&s);
    static const char *const names[] = {NOBODY, "alice@OBOL.TEST", "bob@OBOL.TEST"};
    for (size_t n = 0; n < COUNT_OF(names); n++) {
        gss_name_t name = named(names[n], gss_nt_krb5_name), is;
        gss_cred_id_t cred;
        OM_uint32 major =
            gss_acquire_cred(&minor, name, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL);
        assert_int_equal(major, n < 2 ? GSS_S_COMPLETE : GSS_S_NO_CRED);
        if (n < 2) {
            assert_complete(gss_inquire_cred(&minor, cred, &is, NULL, NULL, NULL));
            expect_name(is, names[n], n ? gss_nt_krb5_name : GSS_C_NT_ANONYMOUS);
            assert_complete(gss_release_name(&minor, &is));
        }
        assert_complete(gss_release_name(&minor, &name));
        assert_complete(gss_release_cred(&minor, &cred));
    }
    (void)unlink(sandbox_path("caches/tkt"));
    (void)unlink(sandbox_path("caches/tkt2"));
    (void)unlink(sandbox_path("caches/primary"));
    assert_int_equal(rmdir(sandbox_path("caches")), 0);
}

// RFC 8062 4.3: the anonymous realm has no KDC.
static void tickets_begin_in_the_clients_realm_or_where_the_cache_says(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 1 << 20));
    static const char *const servers[] = {"HTTP/web", "krbtgt/R@ELSE", "krbtgt/R@R"};
    struct cred creds[3] = {0};
    struct ccache_content c = {.principal = parsed("alice@A.TEST", &a), .creds = creds, .count = 3};
    for (size_t i = 0; i < COUNT_OF(servers); i++)
        creds[i].server = parsed(servers[i], &a);
    assert_slice_str(ccache_start_realm(&c), "A.TEST");
    c.principal = principal_anonymous();
    assert_slice_str(ccache_start_realm(&c), "R");
    c.count = 2; // nothing says it
    assert_slice_str(ccache_start_realm(&c), "WELLKNOWN:ANONYMOUS");
    c.count = 3;
    assert_ok(ccache_config_cred(&c.principal, "start_realm", NULL, SLICE_LITERAL("S.TEST"), &a,
                                 &creds[0], NULL));
    assert_slice_str(ccache_start_realm(&c), "S.TEST");
    arena_clear(&a);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(an_anonymous_ticket_makes_an_anonymous_context),
        CASE(a_client_with_a_name_is_not_anonymous_whatever_it_asks),
        CASE(nobody_may_act_as_a_user),
        CASE(a_credential_of_the_anonymous_name_takes_anonymous_tickets_only),
        CASE(anonymity_chooses_the_cache_of_a_collection),
        CASE(tickets_begin_in_the_clients_realm_or_where_the_cache_says),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
