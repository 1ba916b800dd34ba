// SPNEGO's rules (RFC 4178), each kept and broken: the choice of a mechanism, when the list must be
// authenticated, what later tokens may hold, and the quirks that deployed peers have.
#include "fixture.h"
#include "gss/frame.h"
#include "gss/negoex.h"
#include "gss/spnego.h"

#define ALL_FLAGS (GSS_FLAG_MUTUAL | GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | GSS_FLAG_INTEG)

// Both ends of an exchange, and the last token of either.
struct ends {
    struct fixture f;
    struct gss_initiator i;
    struct gss_acceptor a;
    struct iakerb_login login; // only so that IAKERB can be offered first
    struct slice to_a, to_i;
    enum gss_progress progress;
};

static void ends_init(struct ends *e, uint32_t flags, struct slice_list mechs) {
    memset(e, 0, sizeof *e);
    fixture_init(&e->f, ENCTYPE_AES256_SHA384);
    const struct gss_acceptor_params ap = {.keys = &e->f.keys, .replay = &e->f.replay};
    gss_acceptor_init(&e->a, &ap, &e->f.env, &e->f.arena);
    e->login.as = (struct as_params){.client = e->f.client,
                                     .etypes = {(int32_t[]){ENCTYPE_AES256_SHA384}, 1}};
    e->login.service = e->f.service;
    const struct gss_initiator_params ip = {
        .ticket = &e->f.ticket, .login = &e->login, .flags = flags, .mechs = mechs};
    assert_ok(gss_initiator_start(&e->i, &ip, &e->f.env, &e->f.arena, &e->to_a, &e->f.error));
}

static void ends_clear(struct ends *e) {
    fixture_clear(&e->f);
}

static enum obol_code accept(struct ends *e, struct slice token) {
    error_init(&e->f.error);
    return gss_acceptor_step(&e->a, token, &e->to_i, &e->progress, &e->f.error);
}

static enum obol_code initiate(struct ends *e, struct slice token) {
    error_init(&e->f.error);
    return gss_initiator_step(&e->i, token, &e->to_a, &e->f.error);
}

static struct slice resp_of(struct ends *e, struct neg_token_resp resp) {
    struct slice token;
    assert_ok(spnego_resp_write(&resp, &e->f.arena, &token, NULL));
    return token;
}

static struct neg_token_resp read_resp(struct ends *e, struct slice token) {
    struct neg_token_resp resp;
    assert_ok(spnego_resp_read(token, &e->f.arena, &resp, NULL));
    return resp;
}

static const struct slice_list KRB5_ONLY = {
    (struct slice[]){{(const uint8_t *)"\x2a\x86\x48\x86\xf7"
                                       "\x12\x01\x02\x02",
                      9}},
    1};
static struct slice_list iakerb_first(void) {
    static struct slice oids[2];
    oids[0] = OID_IAKERB;
    oids[1] = OID_KRB5;
    return (struct slice_list){oids, 2};
}

// ---- the choice

static void an_acceptor_that_is_asked_first_tells_what_it_offers(void **state) {
    UNUSED(state);
    struct ends e;
    struct neg_token_init init;
    struct slice_list mechs;
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    assert_ok(accept(&e, (struct slice){0}));
    assert_int_equal(e.progress, GSS_PROGRESS_MORE);
    assert_ok(spnego_init_read(e.to_i, &e.f.arena, &init, &mechs, NULL));
    assert_int_equal(mechs.count, 1);
    assert_slice_equal(mechs.items[0], OID_KRB5);
    assert_non_null(memmem(e.to_i.ptr, e.to_i.len, "please_ignore", 13));
    assert_ok(accept(&e, e.to_a)); // and then it goes on as usual
    assert_int_equal(e.progress, GSS_PROGRESS_DONE);
    ends_clear(&e);
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    assert_ok(accept(&e, (struct slice){0}));
    assert_code(accept(&e, (struct slice){0}), OBOL_TOKEN_MALFORMED);
    ends_clear(&e);
}

static void another_mechanism_is_taken_with_the_list_authenticated(void **state) {
    UNUSED(state);
    static const uint32_t flags[] = {ALL_FLAGS, GSS_FLAG_INTEG, ALL_FLAGS | GSS_FLAG_DCE};
    for (size_t n = 0; n < COUNT_OF(flags); n++) {
        struct ends e;
        ends_init(&e, flags[n], iakerb_first());
        assert_ok(accept(&e, e.to_a));
        struct neg_token_resp first = read_resp(&e, e.to_i);
        assert_int_equal(first.neg_state, NEG_REQUEST_MIC);
        assert_slice_equal(first.supported_mech, OID_KRB5);
        for (int turn = 0; turn < 4 && !(e.i.done && e.a.done); turn++) {
            if (e.to_i.len)
                assert_ok(initiate(&e, e.to_i));
            if (e.to_a.len)
                assert_ok(accept(&e, e.to_a));
        }
        assert_true(e.i.done && e.a.done);
        assert_true(e.i.mic_sent && e.i.mic_received && e.a.mic_sent && e.a.mic_received);
        assert_true(principal_eq(&e.a.context.client, &e.f.client));
        ends_clear(&e);
    }
}

// What a service may not answer to a first token that offers IAKERB and then krb5.
static void bad_choices_are_refused(void **state) {
    UNUSED(state);
    const uint32_t chosen = NEG_TOKEN_RESP_NEG_STATE | NEG_TOKEN_RESP_SUPPORTED_MECH;
    const struct neg_token_resp bad[] = {
        // The list is not to be authenticated: somebody may have struck the better mechanism.
        {.present = chosen, .neg_state = NEG_ACCEPT_INCOMPLETE, .supported_mech = OID_KRB5},
        {.present = chosen, .neg_state = NEG_ACCEPT_COMPLETED, .supported_mech = OID_KRB5},
        {.present = NEG_TOKEN_RESP_SUPPORTED_MECH, .supported_mech = OID_KRB5},
        // It was not offered.
        {.present = chosen, .neg_state = NEG_REQUEST_MIC, .supported_mech = OID_NTLMSSP},
        // It answers the first one's token.
        {.present = chosen | NEG_TOKEN_RESP_RESPONSE_TOKEN,
         .neg_state = NEG_REQUEST_MIC,
         .supported_mech = OID_KRB5,
         .response_token = SLICE_LITERAL("x")},
    };
    for (size_t n = 0; n < COUNT_OF(bad); n++) {
        struct ends e;
        ends_init(&e, ALL_FLAGS, iakerb_first());
        assert_code(initiate(&e, resp_of(&e, bad[n])), OBOL_TOKEN_MALFORMED);
        assert_int_equal(e.to_a.len, 0);
        ends_clear(&e);
    }
}

static void a_refusal_without_a_token_says_that_none_is_taken(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    const struct neg_token_resp no = {.present = NEG_TOKEN_RESP_NEG_STATE, .neg_state = NEG_REJECT};
    assert_code(initiate(&e, resp_of(&e, no)), OBOL_MECH_REFUSED);
    assert_int_equal(error_info(OBOL_MECH_REFUSED)->gss_routine, 1); // GSS_S_BAD_MECH
    ends_clear(&e);
}

static void what_a_client_would_rather_speak_is_named(void **state) {
    UNUSED(state);
    // A NegoEx INITIATOR_NEGO that offers one scheme: header of 96 bytes, then its GUID.
    uint8_t nego[112] = "NEGOEXTS";
    nego[16] = 96;
    nego[20] = 112;
    nego[80] = 96; // offset of the schemes
    nego[84] = 1;
    memcpy(nego + 96, "\x5c\x33\x53\x0d\xea\xf9\x0d\x4d\xb2\xec\x4a\xe3\x78\x6e\xc3\x08", 16);
    struct ends e;
    struct slice offered[] = {OID_NEGOEX, OID_NTLMSSP}, token;
    struct neg_token_init init = {.present = NEG_TOKEN_INIT_MECH_TOKEN,
                                  .mech_token = slice_of(nego, sizeof nego)};
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    assert_ok(spnego_init_write(&init, (struct slice_list){offered, 2}, &e.f.arena, &token, NULL));
    assert_code(accept(&e, token), OBOL_MECH_UNSUPPORTED);
    assert_non_null(memmem(e.f.error.facts, e.f.error.facts_len, "NegoEx, NTLM", 12));
    assert_non_null(
        memmem(e.f.error.facts, e.f.error.facts_len, "0D53335C-F9EA-4D0D-B2EC-4AE3786EC308", 36));
    // mistakes.md 2026-40356: lengths that lie, in the header and in the vector.
    struct negoex_message m;
    struct slice rest;
    for (size_t n = 0; n < sizeof nego; n++)
        assert_code(negoex_read(slice_of(nego, n), &m, &rest, NULL), OBOL_TOKEN_MALFORMED);
    static const struct {
        size_t at;
        uint8_t value;
    } lies[] = {{0, 'n'}, {8, 8}, {16, 39}, {16, 113}, {20, 95}, {20, 113}, {80, 97}, {84, 2}};
    for (size_t n = 0; n < COUNT_OF(lies); n++) {
        uint8_t lie[sizeof nego];
        memcpy(lie, nego, sizeof lie);
        lie[lies[n].at] = lies[n].value;
        assert_code(negoex_read(slice_of(lie, sizeof lie), &m, &rest, NULL), OBOL_TOKEN_MALFORMED);
    }
    ends_clear(&e);
}

// ---- MICs

static void a_service_that_leaves_the_mic_out_is_refused(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ALL_FLAGS, iakerb_first());
    assert_ok(accept(&e, e.to_a));
    assert_ok(initiate(&e, e.to_i));
    assert_ok(accept(&e, e.to_a));
    struct neg_token_resp last = read_resp(&e, e.to_i);
    assert_true(last.present & NEG_TOKEN_RESP_MECH_LIST_MIC);
    last.present &= ~(uint32_t)NEG_TOKEN_RESP_MECH_LIST_MIC;
    last.neg_state = NEG_ACCEPT_COMPLETED;
    assert_code(initiate(&e, resp_of(&e, last)), OBOL_KRB_AP_ERR_MODIFIED);
    ends_clear(&e);
}

static void a_mic_that_does_not_hold_or_comes_twice_is_refused(void **state) {
    UNUSED(state);
    for (unsigned twice = 0; twice < 2; twice++) {
        struct ends e;
        ends_init(&e, ALL_FLAGS, iakerb_first());
        assert_ok(accept(&e, e.to_a));
        assert_ok(initiate(&e, e.to_i));
        assert_ok(accept(&e, e.to_a));
        struct neg_token_resp last = read_resp(&e, e.to_i);
        if (!twice) {
            ((uint8_t *)(uintptr_t)last.mech_list_mic.ptr)[last.mech_list_mic.len - 1] ^= 1;
            assert_code(initiate(&e, resp_of(&e, last)), OBOL_KRB_AP_ERR_MODIFIED);
        } else {
            e.i.mic_received = true;
            assert_code(initiate(&e, resp_of(&e, last)), OBOL_TOKEN_MALFORMED);
        }
        ends_clear(&e);
    }
}

static void a_mic_that_nobody_asked_for_is_checked_and_answered(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    assert_ok(accept(&e, e.to_a));
    struct neg_token_resp last = read_resp(&e, e.to_i);
    last.present |= NEG_TOKEN_RESP_MECH_LIST_MIC;
    assert_ok(gss_mic_make(&e.a.context, e.a.mech_types, &e.f.arena, &last.mech_list_mic, NULL));
    assert_ok(initiate(&e, resp_of(&e, last)));
    assert_true(e.i.done);
    assert_true(read_resp(&e, e.to_a).present & NEG_TOKEN_RESP_MECH_LIST_MIC);
    ends_clear(&e);
}

// ---- later tokens

// mistakes.md 2014-4344 and others: empty, foreign or missing parts of a continuation.
static void bad_continuations_are_refused_by_the_acceptor(void **state) {
    UNUSED(state);
    const struct neg_token_resp bad[] = {
        {0},
        {.present = NEG_TOKEN_RESP_NEG_STATE, .neg_state = NEG_ACCEPT_INCOMPLETE},
        {.present = NEG_TOKEN_RESP_RESPONSE_TOKEN},
        {.present = NEG_TOKEN_RESP_NEG_STATE | NEG_TOKEN_RESP_RESPONSE_TOKEN,
         .neg_state = NEG_REJECT,
         .response_token = SLICE_LITERAL("x")},
        {.present = NEG_TOKEN_RESP_SUPPORTED_MECH | NEG_TOKEN_RESP_RESPONSE_TOKEN,
         .supported_mech = OID_KRB5,
         .response_token = SLICE_LITERAL("x")},
        {.present = NEG_TOKEN_RESP_MECH_LIST_MIC, .mech_list_mic = SLICE_LITERAL("MIC")},
    };
    for (size_t n = 0; n <= COUNT_OF(bad); n++) {
        struct ends e;
        ends_init(&e, ALL_FLAGS, iakerb_first());
        assert_ok(accept(&e, e.to_a));
        struct slice token = n < COUNT_OF(bad) ? resp_of(&e, bad[n]) : (struct slice){0};
        assert_code(accept(&e, token), OBOL_TOKEN_MALFORMED);
        // The exchange is dead, and tells nothing more.
        assert_code(accept(&e, e.to_a), OBOL_TOKEN_MALFORMED);
        assert_int_equal(e.to_i.len, 0);
        ends_clear(&e);
    }
}

// Between the mechanism's end and the list's MIC: a second login, good in itself, may not take the
// place of the first.
static void a_second_token_of_the_mechanism_is_refused_while_its_mic_is_awaited(void **state) {
    UNUSED(state);
    struct ends e;
    struct gss_initiator second;
    struct slice fresh;
    ends_init(&e, ALL_FLAGS, iakerb_first());
    assert_ok(accept(&e, e.to_a));
    assert_ok(initiate(&e, e.to_i));
    assert_ok(accept(&e, e.to_a));
    assert_true(e.a.mech_done && !e.a.done);
    const struct gss_initiator_params ip = {
        .ticket = &e.f.ticket, .flags = ALL_FLAGS, .bare = true};
    assert_ok(gss_initiator_start(&second, &ip, &e.f.env, &e.f.arena, &fresh, &e.f.error));
    const struct neg_token_resp resp = {
        .present = NEG_TOKEN_RESP_NEG_STATE | NEG_TOKEN_RESP_RESPONSE_TOKEN,
        .neg_state = NEG_ACCEPT_INCOMPLETE,
        .response_token = fresh,
    };
    assert_code(accept(&e, resp_of(&e, resp)), OBOL_TOKEN_MALFORMED);
    assert_non_null(strstr(e.f.error.detail, "which is over"));
    assert_int_equal(e.f.seen_count, 1); // it was not even looked at
    ends_clear(&e);
}

static void a_service_that_proves_itself_and_rejects_has_rejected(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    assert_ok(accept(&e, e.to_a));
    struct neg_token_resp answer = read_resp(&e, e.to_i);
    assert_true(answer.response_token.len != 0);
    answer.neg_state = NEG_REJECT;
    assert_code(initiate(&e, resp_of(&e, answer)), OBOL_TOKEN_MALFORMED);
    assert_false(e.i.done);
    ends_clear(&e);
}

static void tokens_thrown_back_are_refused(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    assert_int_not_equal(initiate(&e, e.to_a), OBOL_OK);
    assert_int_not_equal(initiate(&e, e.to_a), OBOL_OK);
    ends_clear(&e);
    ends_init(&e, ALL_FLAGS, iakerb_first());
    assert_ok(accept(&e, e.to_a));
    assert_int_not_equal(accept(&e, e.to_i), OBOL_OK); // our own answer
    ends_clear(&e);
}

static void a_token_after_the_end_is_refused_and_changes_nothing(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    struct slice first = e.to_a;
    assert_ok(accept(&e, first));
    struct slice answer = e.to_i;
    assert_ok(initiate(&e, answer));
    assert_code(initiate(&e, answer), OBOL_TOKEN_MALFORMED);
    assert_code(accept(&e, first), OBOL_TOKEN_MALFORMED);
    ends_clear(&e);
}

// ---- quirks

static void answers_of_deployed_services_are_understood(void **state) {
    UNUSED(state);
    struct ends e;
    for (unsigned quirk = 0; quirk < 4; quirk++) {
        ends_init(&e, ALL_FLAGS, KRB5_ONLY);
        assert_ok(accept(&e, e.to_a));
        struct neg_token_resp r = read_resp(&e, e.to_i);
        if (quirk == 0) // Java: a token alone
            r.present = NEG_TOKEN_RESP_RESPONSE_TOKEN;
        if (quirk == 1) // Samba: krb5 as Windows 2000 spelled it
            r.supported_mech = OID_KRB5_MS;
        if (quirk == 2) { // Windows 2000: the token twice
            r.present |= NEG_TOKEN_RESP_MECH_LIST_MIC;
            r.mech_list_mic = r.response_token;
        }
        struct slice token = resp_of(&e, r);
        if (quirk == 3) // old Sun: a frame around it
            assert_ok(gss_frame_make(OID_SPNEGO, token, &e.f.arena, &token, NULL));
        assert_ok(initiate(&e, token));
        assert_true(e.i.done && e.i.mutual_proved);
        ends_clear(&e);
    }
    // Old IIS: an empty token where it has nothing to say. Another one is refused.
    for (unsigned empty = 0; empty < 2; empty++) {
        ends_init(&e, GSS_FLAG_INTEG, KRB5_ONLY);
        const struct neg_token_resp r = {
            .present = NEG_TOKEN_RESP_NEG_STATE | NEG_TOKEN_RESP_RESPONSE_TOKEN,
            .neg_state = NEG_ACCEPT_COMPLETED,
            .response_token = empty ? slice_of("", 0) : SLICE_LITERAL("x"),
        };
        assert_code(initiate(&e, resp_of(&e, r)), empty ? OBOL_OK : OBOL_TOKEN_MALFORMED);
        ends_clear(&e);
    }
}

// Java's first token has seven bits of reqFlags.
static void the_flags_of_a_first_token_are_passed_over(void **state) {
    UNUSED(state);
    static const struct {
        struct slice flags;
        bool good;
    } cases[] = {{SLICE_LITERAL("\x03\x02\x01\x00"), true},
                 {SLICE_LITERAL("\x03\x02\x01\x7c"), true},
                 {SLICE_LITERAL("\x03\x02\x01"), false}};
    for (size_t n = 0; n < COUNT_OF(cases); n++) {
        struct ends e;
        struct slice_list mechs;
        struct neg_token_init init;
        struct slice token;
        ends_init(&e, ALL_FLAGS, KRB5_ONLY);
        assert_ok(spnego_init_read(e.to_a, &e.f.arena, &init, &mechs, NULL));
        init.present |= NEG_TOKEN_INIT_REQ_FLAGS;
        init.req_flags = cases[n].flags;
        assert_ok(spnego_init_write(&init, mechs, &e.f.arena, &token, NULL));
        assert_int_equal(accept(&e, token) == OBOL_OK, cases[n].good);
        ends_clear(&e);
    }
}

static void a_first_token_of_windows_is_understood(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ALL_FLAGS, KRB5_ONLY);
    struct slice krb5, token, offered[] = {OID_KRB5_MS, OID_KRB5, OID_NTLMSSP};
    const struct gss_initiator_params bare = {
        .ticket = &e.f.ticket, .flags = ALL_FLAGS, .bare = true};
    struct gss_initiator i;
    assert_ok(gss_initiator_start(&i, &bare, &e.f.env, &e.f.arena, &krb5, NULL));
    struct neg_token_init init = {.present = NEG_TOKEN_INIT_MECH_TOKEN, .mech_token = krb5};
    assert_ok(spnego_init_write(&init, (struct slice_list){offered, 3}, &e.f.arena, &token, NULL));
    assert_ok(accept(&e, token));
    assert_int_equal(e.progress, GSS_PROGRESS_DONE);
    assert_slice_equal(read_resp(&e, e.to_i).supported_mech, OID_KRB5_MS);
    ends_clear(&e);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(an_acceptor_that_is_asked_first_tells_what_it_offers),
        cmocka_unit_test(another_mechanism_is_taken_with_the_list_authenticated),
        cmocka_unit_test(bad_choices_are_refused),
        cmocka_unit_test(a_refusal_without_a_token_says_that_none_is_taken),
        cmocka_unit_test(what_a_client_would_rather_speak_is_named),
        cmocka_unit_test(a_service_that_leaves_the_mic_out_is_refused),
        cmocka_unit_test(a_mic_that_does_not_hold_or_comes_twice_is_refused),
        cmocka_unit_test(a_mic_that_nobody_asked_for_is_checked_and_answered),
        cmocka_unit_test(bad_continuations_are_refused_by_the_acceptor),
        cmocka_unit_test(a_second_token_of_the_mechanism_is_refused_while_its_mic_is_awaited),
        cmocka_unit_test(a_service_that_proves_itself_and_rejects_has_rejected),
        cmocka_unit_test(tokens_thrown_back_are_refused),
        cmocka_unit_test(a_token_after_the_end_is_refused_and_changes_nothing),
        cmocka_unit_test(answers_of_deployed_services_are_understood),
        cmocka_unit_test(the_flags_of_a_first_token_are_passed_over),
        cmocka_unit_test(a_first_token_of_windows_is_understood),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
