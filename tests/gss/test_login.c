// Logins by token in process: initiator and acceptor against each other, each check with its
// refusal.
#include "fixture.h"
#include "gss/frame.h"
#include "gss/spnego.h"

#define ALL_FLAGS (GSS_FLAG_MUTUAL | GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | GSS_FLAG_INTEG)

static const int32_t ETYPES[] = {ENCTYPE_AES128_SHA1,   ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA256,
                                 ENCTYPE_AES256_SHA384, ENCTYPE_CAMELLIA128, ENCTYPE_CAMELLIA256};

static struct gss_acceptor_params params_of(struct fixture *f) {
    return (struct gss_acceptor_params){.keys = &f->keys, .replay = &f->replay};
}

// The first token of a login, with `flags`.
static struct slice begin(struct fixture *f, struct gss_initiator *i, uint32_t flags, bool bare) {
    struct gss_initiator_params p = {.ticket = &f->ticket, .flags = flags, .bare = bare};
    struct slice token;
    assert_ok(gss_initiator_start(i, &p, &f->env, &f->arena, &token, &f->error));
    return token;
}

static void both_ends_agree(struct gss_initiator *i, struct gss_acceptor *g, struct arena *a) {
    struct slice mic;
    uint64_t seq;
    assert_ok(gss_mic_make(&i->context, SLICE_LITERAL("to the service"), a, &mic, NULL));
    assert_ok(gss_mic_verify(&g->context, SLICE_LITERAL("to the service"), mic, &seq, NULL));
    assert_int_equal(seq + 1, i->context.send_seq);
    assert_ok(gss_mic_make(&g->context, SLICE_LITERAL("to the client"), a, &mic, NULL));
    assert_ok(gss_mic_verify(&i->context, SLICE_LITERAL("to the client"), mic, &seq, NULL));
    assert_code(gss_mic_verify(&i->context, SLICE_LITERAL("to another"), mic, &seq, NULL),
                OBOL_KRB_AP_ERR_MODIFIED);
    // Its own token, thrown back.
    assert_code(gss_mic_verify(&g->context, SLICE_LITERAL("to the client"), mic, &seq, NULL),
                OBOL_KRB_AP_ERR_MODIFIED);
}

static void login(int32_t etype, uint32_t flags, bool bare) {
    struct fixture f;
    fixture_init(&f, etype);
    struct gss_initiator i;
    struct gss_acceptor g;
    struct gss_acceptor_params p = params_of(&f);
    struct slice token = begin(&f, &i, flags, bare), answer, rest;
    enum gss_progress progress;
    gss_acceptor_init(&g, &p, &f.env, &f.arena);
    assert_ok(gss_acceptor_step(&g, token, &answer, &progress, &f.error));
    assert_int_equal(progress, GSS_PROGRESS_DONE);
    if (!bare || (flags & GSS_FLAG_MUTUAL))
        assert_ok(gss_initiator_step(&i, answer, &rest, &f.error));
    assert_true(i.done);
    assert_int_equal(i.mutual_proved, (flags & GSS_FLAG_MUTUAL) != 0);
    assert_true(principal_eq(&g.context.client, &f.client));
    assert_true(principal_eq(&g.context.service, &f.service));
    assert_int_equal(g.context.flags, flags);
    both_ends_agree(&i, &g, &f.arena);
    fixture_clear(&f);
}

static void every_enctype_logs_in_both_ways(void **state) {
    UNUSED(state);
    for (size_t e = 0; e < COUNT_OF(ETYPES); e++)
        for (unsigned way = 0; way < 4; way++)
            login(ETYPES[e], way & 1 ? ALL_FLAGS : GSS_FLAG_INTEG, way & 2);
}

// One first token against an acceptor; gives what it says of it.
static enum obol_code accept_once(struct fixture *f, const struct gss_acceptor_params *p,
                                  struct slice token, struct slice *answer) {
    struct gss_acceptor g;
    enum gss_progress progress;
    error_init(&f->error);
    gss_acceptor_init(&g, p, &f->env, &f->arena);
    return gss_acceptor_step(&g, token, answer, &progress, &f->error);
}

static void a_replay_is_refused(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES256_SHA384);
    struct gss_initiator i;
    struct gss_acceptor_params p = params_of(&f);
    struct slice answer, token = begin(&f, &i, ALL_FLAGS, false);
    assert_ok(accept_once(&f, &p, token, &answer));
    assert_code(accept_once(&f, &p, token, &answer), OBOL_KRB_AP_ERR_REPEAT);
    fixture_clear(&f);
}

static void the_client_learns_why_it_was_refused(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES256_SHA384);
    struct gss_initiator i;
    struct gss_acceptor_params p = params_of(&f);
    struct slice answer, rest, token = begin(&f, &i, ALL_FLAGS, false);
    f.now_us += INT64_C(600) * 1000000;
    assert_code(accept_once(&f, &p, token, &answer), OBOL_KRB_AP_ERR_SKEW);
    assert_true(answer.len > 0);
    error_init(&f.error);
    f.now_us -= INT64_C(600) * 1000000;
    assert_code(gss_initiator_step(&i, answer, &rest, &f.error), OBOL_KRB_AP_ERR_SKEW);
    assert_non_null(memmem(f.error.facts, f.error.facts_len, "600 s", 5));
    assert_non_null(memmem(f.error.facts, f.error.facts_len, "\0our clock\0", 11));
    assert_non_null(memmem(f.error.facts, f.error.facts_len, "\0clock of the service\0", 22));
    f.no_key = true;
    assert_code(accept_once(&f, &p, token, &answer), OBOL_KRB_AP_ERR_NOKEY);
    fixture_clear(&f);
}

static void a_service_that_proves_nothing_is_refused(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES128_SHA1);
    struct gss_initiator i, other;
    struct gss_acceptor_params p = params_of(&f);
    struct slice answer, rest, out;
    (void)begin(&f, &i, ALL_FLAGS, false);
    struct neg_token_resp claims = {.present = NEG_TOKEN_RESP_NEG_STATE,
                                    .neg_state = NEG_ACCEPT_COMPLETED};
    assert_ok(spnego_resp_write(&claims, &f.arena, &out, &f.error));
    assert_code(gss_initiator_step(&i, out, &rest, NULL), OBOL_MUTUAL_FAILED);
    (void)begin(&f, &i, ALL_FLAGS, false);
    assert_code(gss_initiator_step(&i, (struct slice){0}, &rest, NULL), OBOL_MUTUAL_FAILED);
    (void)begin(&f, &i, ALL_FLAGS, false);
    // An answer to another login of the same client, a second later.
    f.now_us += 1000000;
    struct slice token = begin(&f, &other, ALL_FLAGS, false);
    assert_ok(accept_once(&f, &p, token, &answer));
    assert_code(gss_initiator_step(&i, answer, &rest, NULL), OBOL_MUTUAL_FAILED);
    fixture_clear(&f);
}

static void channel_bindings_must_agree(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES256_SHA1);
    struct slice here = slice_of("0123456789abcdef", 16), there = slice_of("fedcba9876543210", 16);
    struct gss_acceptor_params p = params_of(&f);
    struct gss_initiator i;
    struct gss_initiator_params ip = {.ticket = &f.ticket, .flags = ALL_FLAGS, .bindings = here};
    struct slice token, answer;
    assert_ok(gss_initiator_start(&i, &ip, &f.env, &f.arena, &token, &f.error));
    p.bindings = there;
    assert_code(accept_once(&f, &p, token, &answer), OBOL_BAD_BINDINGS);
    f.seen_count = 0;
    p.bindings = here;
    assert_ok(accept_once(&f, &p, token, &answer));
    fixture_clear(&f);
}

// A client that would rather speak another mechanism: krb5 is taken at the second step, and the
// list must be authenticated by both ends (RFC 4178 5).
static void another_first_choice(struct fixture *f, bool send_mic, bool alter_list) {
    struct gss_acceptor g;
    struct gss_acceptor_params p = params_of(f);
    struct gss_initiator i;
    struct slice krb5_token = begin(f, &i, ALL_FLAGS, true), token, answer, rest;
    enum gss_progress progress;
    struct slice offered[] = {OID_NTLMSSP, OID_KRB5};
    struct neg_token_init init = {.present = NEG_TOKEN_INIT_MECH_TOKEN,
                                  .mech_token = SLICE_LITERAL("NTLMSSP")};
    assert_ok(spnego_init_write(&init, (struct slice_list){offered, 2}, &f->arena, &token, NULL));
    gss_acceptor_init(&g, &p, &f->env, &f->arena);
    assert_ok(gss_acceptor_step(&g, token, &answer, &progress, &f->error));
    assert_int_equal(progress, GSS_PROGRESS_MORE);
    struct neg_token_resp resp;
    assert_ok(spnego_resp_read(answer, &f->arena, &resp, &f->error));
    assert_int_equal(resp.neg_state, NEG_REQUEST_MIC);
    assert_slice_equal(resp.supported_mech, OID_KRB5);

    struct neg_token_resp second = {.present = NEG_TOKEN_RESP_RESPONSE_TOKEN,
                                    .response_token = krb5_token};
    assert_ok(spnego_resp_write(&second, &f->arena, &token, NULL));
    assert_ok(gss_acceptor_step(&g, token, &answer, &progress, &f->error));
    assert_int_equal(progress, GSS_PROGRESS_MORE);
    assert_ok(spnego_resp_read(answer, &f->arena, &resp, &f->error));
    assert_ok(gss_initiator_step(&i, resp.response_token, &rest, &f->error));
    uint64_t seq;
    assert_ok(gss_mic_verify(&i.context, init.mech_types, resp.mech_list_mic, &seq, &f->error));

    struct neg_token_resp third = {.present = NEG_TOKEN_RESP_NEG_STATE};
    if (send_mic) {
        struct slice list = alter_list ? SLICE_LITERAL("another list") : init.mech_types;
        third.present |= NEG_TOKEN_RESP_MECH_LIST_MIC;
        assert_ok(gss_mic_make(&i.context, list, &f->arena, &third.mech_list_mic, NULL));
    }
    assert_ok(spnego_resp_write(&third, &f->arena, &token, NULL));
    error_init(&f->error);
    enum obol_code code = gss_acceptor_step(&g, token, &answer, &progress, &f->error);
    assert_int_equal(code, send_mic && !alter_list ? OBOL_OK : OBOL_KRB_AP_ERR_MODIFIED);
    if (code == OBOL_OK) {
        assert_int_equal(progress, GSS_PROGRESS_DONE);
        assert_int_equal(answer.len, 0);
    }
    assert_int_not_equal(gss_acceptor_step(&g, token, &answer, &progress, NULL), OBOL_OK);
}

static void a_list_of_mechanisms_must_be_authenticated(void **state) {
    UNUSED(state);
    for (unsigned way = 0; way < 3; way++) {
        struct fixture f;
        fixture_init(&f, ENCTYPE_AES256_SHA384);
        another_first_choice(&f, way != 1, way == 2);
        fixture_clear(&f);
    }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(every_enctype_logs_in_both_ways),
        cmocka_unit_test(a_replay_is_refused),
        cmocka_unit_test(the_client_learns_why_it_was_refused),
        cmocka_unit_test(a_service_that_proves_nothing_is_refused),
        cmocka_unit_test(channel_bindings_must_agree),
        cmocka_unit_test(a_list_of_mechanisms_must_be_authenticated),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
