// IAKERB: a client that reaches no KDC logs in through the service, against our KDC in this
// process; and what its conversation must withstand.
#include "../client/realm.h"
#include "gss/acceptor.h"
#include "gss/frame.h"
#include "gss/initiator.h"

struct way { // from the client to the KDC, through the service
    struct realm *r;
    struct gss_acceptor a;
    struct gss_initiator i;
    struct iakerb_login login;
    struct secret password;
    struct gss_kdc_proxy proxy;
    struct ap_key_source keys;
    struct admin_keytab keytab;
    enum obol_code broken; // what the proxy fails with; OBOL_OK: it works
    unsigned carried;
    struct slice to_a, to_i;
    enum gss_progress progress;
};

static enum obol_code carry(void *ctx, struct slice realm, struct slice message, struct arena *a,
                            struct slice *reply, struct error *err) {
    struct way *w = ctx;
    UNUSED(a);
    UNUSED(err);
    assert_slice_str(realm, "EXAMPLE.COM");
    if (w->broken != OBOL_OK)
        return w->broken;
    w->carried++;
    *reply = realm_handle(w->r, message, 0);
    return OBOL_OK;
}

static enum obol_code find(void *ctx, const struct principal *service, int32_t etype, uint32_t kvno,
                           unsigned attempt, struct arena *a, struct crypto_key **key,
                           struct error *err) {
    struct way *w = ctx;
    UNUSED(service);
    UNUSED(kvno);
    for (size_t n = 0; n < w->keytab.count; n++)
        if (w->keytab.items[n].enctype == etype && attempt == 0)
            return crypto_key_in_arena(key, a, etype, w->keytab.items[n].bytes, err);
    return OBOL_NOT_FOUND;
}

static void way_init(struct way *w, struct realm *r, const char *client, bool bare) {
    static int32_t etypes[] = {ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA384, ENCTYPE_AES256_SHA1};
    static struct slice oids[1];
    oids[0] = OID_IAKERB;
    memset(w, 0, sizeof *w);
    w->r = r;
    error_init(&r->error);
    assert_true(secret_copy(&w->password, slice_str("correct horse")));
    w->proxy = (struct gss_kdc_proxy){w, slice_str("EXAMPLE.COM"), carry};
    w->keys = (struct ap_key_source){w, find, NULL};
    assert_ok(
        admin_keytab_keys(r->admin, slice_str("HTTP/web"), NULL, &r->arena, &w->keytab, NULL));
    w->login = (struct iakerb_login){
        .as = {.client = name_of(r, client), .etypes = {etypes, 3}, .lifetime = 3600},
        .password = &w->password,
        .service = name_of(r, "HTTP/web"),
        .tgs_etypes = {etypes, 3},
    };
    const struct gss_acceptor_params ap = {.keys = &w->keys, .proxy = &w->proxy};
    gss_acceptor_init(&w->a, &ap, &r->server_env, &r->arena);
    const struct gss_initiator_params ip = {.login = &w->login,
                                            .flags = GSS_FLAG_MUTUAL | GSS_FLAG_INTEG,
                                            .bare = bare,
                                            .mechs = {oids, 1}};
    assert_ok(gss_initiator_start(&w->i, &ip, &r->client_env, &r->arena, &w->to_a, &r->error));
}

static enum obol_code go(struct way *w) {
    while (!(w->i.done && w->a.done)) {
        if (w->to_a.len)
            TRY(gss_acceptor_step(&w->a, w->to_a, &w->to_i, &w->progress, &w->r->error));
        w->to_a = (struct slice){0};
        if (w->to_i.len && !w->i.done)
            TRY(gss_initiator_step(&w->i, w->to_i, &w->to_a, &w->r->error));
        w->to_i = (struct slice){0};
    }
    return OBOL_OK;
}

static void way_clear(struct way *w) {
    secret_clear(&w->password);
}

static void a_password_logs_in_through_the_service(void **state) {
    for (unsigned bare = 0; bare < 2; bare++) {
        struct way w;
        way_init(&w, *state, "alice", bare);
        assert_ok(go(&w));
        assert_true(w.i.mutual_proved);
        assert_int_equal(w.carried, 4); // AS without preauthentication and two of SPAKE, TGS
        assert_slice_str(principal_text(&w.a.context.client, &w.r->arena), "alice@EXAMPLE.COM");
        assert_slice_equal(w.a.frame_oid, OID_IAKERB);
        assert_slice_equal(crypto_key_bytes(w.i.context.key), crypto_key_bytes(w.a.context.key));
        way_clear(&w);
    }
}

static void a_client_without_a_realm_is_told_the_services(void **state) {
    struct way w;
    way_init(&w, *state, "alice", true);
    w.login.as.client.realm = (struct slice){0};
    const struct gss_initiator_params ip = w.i.params;
    assert_ok(gss_initiator_start(&w.i, &ip, &w.r->client_env, &w.r->arena, &w.to_a, NULL));
    assert_ok(go(&w));
    assert_slice_str(principal_text(&w.a.context.client, &w.r->arena), "alice@EXAMPLE.COM");
    way_clear(&w);
}

// The tokens of MIT krb5 before 1.22: the service answers in kind and takes its checksum.
static void a_login_in_the_old_tokens_stays_in_them(void **state) {
    for (unsigned bare = 0; bare < 2; bare++) {
        struct way w;
        struct iakerb_token t;
        way_init(&w, *state, "alice", bare);
        w.login.old = true;
        const struct gss_initiator_params ip = w.i.params;
        assert_ok(gss_initiator_start(&w.i, &ip, &w.r->client_env, &w.r->arena, &w.to_a, NULL));
        assert_ok(go(&w));
        assert_int_equal(w.a.talk->count, 8);
        for (size_t n = 0; n < w.a.talk->count; n++) {
            assert_ok(iakerb_token_read(w.a.talk->tokens[n], &w.r->arena, &t, NULL));
            assert_true(t.old);
        }
        way_clear(&w);
    }
}

// Who knows only the old tokens has no realm to tell.
static void a_service_is_asked_for_its_realm_in_the_drafts_tokens(void **state) {
    struct way w;
    struct iakerb_token t;
    way_init(&w, *state, "alice", true);
    w.login.as.client.realm = (struct slice){0};
    w.login.old = true;
    const struct gss_initiator_params ip = w.i.params;
    assert_ok(gss_initiator_start(&w.i, &ip, &w.r->client_env, &w.r->arena, &w.to_a, NULL));
    assert_ok(iakerb_token_read(w.to_a, &w.r->arena, &t, NULL));
    assert_false(t.old);
    assert_ok(go(&w));
    way_clear(&w);
}

// MIT krb5 before 1.22 frames its first token only.
static void an_old_token_without_a_frame_is_read(void **state) {
    struct realm *r = *state;
    struct iakerb_token t;
    struct slice frameless = SLICE_LITERAL("\x05\x01\x30\x07\xa1\x05\x04\x03"
                                           "ABC\x6b\x00");
    assert_true(iakerb_is_token(frameless));
    assert_ok(iakerb_token_read(frameless, &r->arena, &t, NULL));
    assert_true(t.old);
    assert_slice_str(t.realm, "ABC");
    assert_int_equal(t.message.len, 2);
    // With the realm as a string of another kind it is of neither dialect.
    struct slice neither = SLICE_LITERAL("\x05\x01\x30\x07\xa1\x05\x16\x03"
                                         "ABC\x6b\x00");
    assert_code(iakerb_token_read(neither, &r->arena, &t, NULL), OBOL_DER_UNEXPECTED);
}

// A checksum holds for its own dialect alone: each has a key usage of its own.
static void a_finished_checksum_of_the_other_dialect_is_refused(void **state) {
    struct realm *r = *state;
    struct slice talk = SLICE_LITERAL("what went to and fro"), finished;
    struct slice bytes = SLICE_LITERAL("0123456789abcdef");
    struct crypto_key *key;
    assert_ok(crypto_key_in_arena(&key, &r->arena, ENCTYPE_AES128_SHA1, bytes, NULL));
    for (unsigned old = 0; old < 2; old++) {
        assert_ok(iakerb_finished_make(key, old, talk, &r->arena, &finished, NULL));
        assert_ok(iakerb_finished_verify(key, old, talk, finished, &r->arena, NULL));
        assert_code(iakerb_finished_verify(key, !old, talk, finished, &r->arena, NULL),
                    OBOL_KRB_AP_ERR_MODIFIED);
        assert_code(iakerb_finished_verify(key, old, slice_sub(talk, 1, talk.len - 1), finished,
                                           &r->arena, NULL),
                    OBOL_KRB_AP_ERR_MODIFIED);
    }
}

// The forwarded TGT comes through the service as well, if the client's is forwardable and the KDC
// gives one; else the context stands without it.
static void a_login_through_the_service_delegates(void **state) {
    static const struct {
        uint32_t options;
        int delegate;
        unsigned carried;
        bool gets;
    } rows[] = {
        {KDC_OPT_FORWARDABLE, IAKERB_DELEGATE_ALWAYS, 5, true},
        {KDC_OPT_FORWARDABLE, IAKERB_DELEGATE_TRUSTED, 4, false}, // the KDC does not trust it
        {KDC_OPT_FORWARDABLE, IAKERB_DELEGATE_NEVER, 4, false},
        {0, IAKERB_DELEGATE_ALWAYS, 4, false},
    };
    for (size_t n = 0; n < 2 * COUNT_OF(rows); n++) {
        struct way w;
        way_init(&w, *state, "alice", n % 2);
        w.login.as.options = rows[n / 2].options;
        w.login.delegate = rows[n / 2].delegate;
        const struct gss_initiator_params ip = w.i.params;
        assert_ok(gss_initiator_start(&w.i, &ip, &w.r->client_env, &w.r->arena, &w.to_a, NULL));
        assert_ok(go(&w));
        assert_int_equal(w.carried, rows[n / 2].carried);
        const struct gss_context *a = &w.a.context;
        assert_int_equal(a->flags & GSS_FLAG_DELEG, rows[n / 2].gets ? GSS_FLAG_DELEG : 0);
        assert_int_equal(w.i.context.flags & GSS_FLAG_DELEG, a->flags & GSS_FLAG_DELEG);
        assert_int_equal(a->delegated_count, rows[n / 2].gets);
        if (rows[n / 2].gets) {
            const uint32_t flags = (uint32_t)(TKT_FORWARDED | TKT_FORWARDABLE);
            assert_int_equal(a->delegated->flags & flags, flags);
            assert_slice_str(principal_text(&a->delegated->client, &w.r->arena),
                             "alice@EXAMPLE.COM");
            assert_slice_str(principal_text(&a->delegated->server, &w.r->arena),
                             "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
        }
        way_clear(&w);
    }
}

static void a_wrong_password_is_told_as_such(void **state) {
    struct way w;
    way_init(&w, *state, "alice", true);
    secret_clear(&w.password);
    assert_true(secret_copy(&w.password, slice_str("wrong")));
    assert_code(go(&w), OBOL_PASSWORD_WRONG);
    way_clear(&w);
}

static void a_proxy_that_fails_says_how(void **state) {
    static const enum obol_code broken[] = {OBOL_KDC_NOT_KNOWN, OBOL_KDC_UNREACHABLE};
    static const enum obol_code told[] = {OBOL_KRB_AP_ERR_IAKERB_KDC_NOT_FOUND,
                                          OBOL_KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE};
    for (size_t n = 0; n < COUNT_OF(broken); n++) {
        struct way w;
        way_init(&w, *state, "alice", true);
        w.broken = broken[n];
        assert_code(go(&w), told[n]);
        way_clear(&w);
    }
}

// A realm's name that somebody on the way changed, in a token that the client has no other proof
// of.
static void an_altered_conversation_is_refused(void **state) {
    struct way w;
    way_init(&w, *state, "alice", true);
    w.a.talk = arena_zalloc(&w.r->arena, 1, sizeof *w.a.talk);
    assert_ok(iakerb_talk_add(w.a.talk, SLICE_LITERAL("a token more"), &w.r->arena, NULL));
    assert_code(go(&w), OBOL_KRB_AP_ERR_MODIFIED);
    way_clear(&w);
    // And one that the client left unauthenticated: it skips to krb5 after a message was carried.
    way_init(&w, *state, "alice", true);
    assert_ok(go(&w));
    struct cred ticket = w.i.ticket;
    const struct gss_initiator_params plain = {.ticket = &ticket, .bare = true};
    struct gss_initiator other;
    struct slice token;
    struct gss_acceptor_params ap = w.a.params;
    gss_acceptor_init(&w.a, &ap, &w.r->server_env, &w.r->arena);
    w.a.talk = arena_zalloc(&w.r->arena, 1, sizeof *w.a.talk);
    assert_ok(iakerb_talk_add(w.a.talk, SLICE_LITERAL("a token"), &w.r->arena, NULL));
    assert_ok(gss_initiator_start(&other, &plain, &w.r->client_env, &w.r->arena, &token, NULL));
    assert_code(gss_acceptor_step(&w.a, token, &w.to_i, &w.progress, NULL),
                OBOL_KRB_AP_ERR_MODIFIED);
    way_clear(&w);
}

static void only_what_is_for_a_kdc_is_carried(void **state) {
    const struct iakerb_token bad[] = {
        {.realm = slice_str("EXAMPLE.COM"), .message = SLICE_LITERAL("GET / HTTP/1.1")},
        {.realm = slice_str("EXAMPLE.COM")},
        {.message = SLICE_LITERAL("\x6a\x00")},
    };
    for (size_t n = 0; n < COUNT_OF(bad); n++) {
        struct way w;
        struct slice token;
        way_init(&w, *state, "alice", true);
        assert_ok(iakerb_token_write(&bad[n], &w.r->arena, &token, NULL));
        assert_code(gss_acceptor_step(&w.a, token, &w.to_i, &w.progress, NULL),
                    OBOL_TOKEN_MALFORMED);
        assert_int_equal(w.carried, 0);
        way_clear(&w);
    }
}

static void a_service_that_carries_nothing_takes_no_iakerb(void **state) {
    struct way w;
    way_init(&w, *state, "alice", true);
    struct gss_acceptor_params ap = w.a.params;
    ap.proxy = NULL;
    gss_acceptor_init(&w.a, &ap, &w.r->server_env, &w.r->arena);
    assert_code(gss_acceptor_step(&w.a, w.to_a, &w.to_i, &w.progress, NULL), OBOL_MECH_UNSUPPORTED);
    way_clear(&w);
}

static void an_exchange_without_an_end_is_ended(void **state) {
    struct way w;
    way_init(&w, *state, "alice", true);
    enum obol_code code = OBOL_OK;
    unsigned steps = 0;
    for (; steps < 2 * IAKERB_TOKENS_MAX && code == OBOL_OK; steps++)
        code = gss_acceptor_step(&w.a, w.to_a, &w.to_i, &w.progress, NULL);
    assert_int_equal(code, OBOL_TOKEN_MALFORMED);
    assert_true(steps <= IAKERB_TOKENS_MAX / 2 + 1);
    way_clear(&w);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, realm_setup, realm_teardown)

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_password_logs_in_through_the_service),
        CASE(a_client_without_a_realm_is_told_the_services),
        CASE(a_login_in_the_old_tokens_stays_in_them),
        CASE(a_service_is_asked_for_its_realm_in_the_drafts_tokens),
        CASE(an_old_token_without_a_frame_is_read),
        CASE(a_finished_checksum_of_the_other_dialect_is_refused),
        CASE(a_login_through_the_service_delegates),
        CASE(a_wrong_password_is_told_as_such),
        CASE(a_proxy_that_fails_says_how),
        CASE(an_altered_conversation_is_refused),
        CASE(only_what_is_for_a_kdc_is_carried),
        CASE(a_service_that_carries_nothing_takes_no_iakerb),
        CASE(an_exchange_without_an_end_is_ended),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
