// One-time passwords that a RADIUS server checks (RFC 6560), between our client and our KDC, with a
// test in the server's place: whom it is asked about, and what follows from each of its answers.
#include "one_time.h"
#include "proto/otp.h"

static struct { // what the server was asked, and says
    unsigned times;
    struct kdc_question last;
    char user[300], code[64];
    enum kdc_verdict says[4];
    bool repeated;
} server;

static void answers(struct realm *r, const struct kdc_question *q, struct kdc_answer *out) {
    UNUSED(r);
    assert_true(server.times < COUNT_OF(server.says) && q->user.len < sizeof server.user &&
                q->code.len < sizeof server.code);
    server.last = *q;
    memset(server.user, 0, sizeof server.user);
    memset(server.code, 0, sizeof server.code);
    memcpy(server.user, q->user.ptr, q->user.len);
    memcpy(server.code, q->code.ptr, q->code.len);
    out->verdict = server.says[server.times++];
    out->repeated = server.repeated;
    snprintf(out->detail, sizeof out->detail, "the server says %d", (int)out->verdict);
}

static void will_say(enum kdc_verdict first, enum kdc_verdict second) {
    server.times = 0;
    server.says[0] = first;
    server.says[1] = second;
    server.repeated = false;
}

static struct slice outside = SLICE_LITERAL("outside"), own = SLICE_LITERAL("own");
static const struct kdc_otp_type TYPES[] = {
    {SLICE_LITERAL("DEFAULT"), 5, true, {&outside, 1}},
    {SLICE_LITERAL("whole"), 6, false, {0}},
};

static struct as_params begin(struct realm *r, struct admin_token token) {
    r->asked = answers;
    r->config.policy.otp_types = TYPES;
    r->config.policy.otp_type_count = COUNT_OF(TYPES);
    r->config.policy.lockout.failures = 3;
    restart_kdc(r);
    struct as_params p = armored(r);
    if (token.radius.len)
        enrol(r, token);
    return p;
}
static struct admin_token radius(const char *type) {
    return (struct admin_token){.radius = slice_str(type), .code_only = true};
}

static void a_token_of_radius_has_no_secret(void **state) {
    struct realm *r = *state;
    struct admin_token token = radius("DEFAULT");
    struct admin_token_new new;
    memset(&new, 0x20, sizeof new);
    token.name = slice_str("alice");
    assert_ok(admin_token_add(r->admin, &token, &r->arena, &new, &r->error));
    assert_int_equal(new.secret.len, 0);
    assert_int_equal(new.token.kind, TOKEN_RADIUS);
    assert_slice_str(new.principal, "alice@EXAMPLE.COM");
}

static void what_the_server_takes_logs_in(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = begin(r, radius("DEFAULT"));
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, NULL, "314159", &as));
    assert_int_equal(as.facts.preauth, PA_OTP_REQUEST);
    assert_int_equal(server.times, 1);
    assert_int_equal(server.last.service, 5);
    assert_string_equal(server.user, "alice");
    assert_string_equal(server.code, "314159");
    assert_int_equal(r->result.event.login, KDC_LOGIN_SUCCESS);
    assert_int_equal(r->result.event.token, 0); // nothing for the keeper to count
}

static void each_other_answer_is_refused_and_only_a_no_is_a_failure(void **state) {
    struct realm *r = *state;
    struct as_client as;
    static const struct {
        enum kdc_verdict says;
        bool repeated;
        enum obol_code code;
        enum kdc_login login;
    } rows[] = {
        {KDC_REJECTED, false, OBOL_PASSWORD_WRONG, KDC_LOGIN_FAILURE},
        {KDC_REJECTED, true, OBOL_PASSWORD_WRONG, KDC_LOGIN_NONE},
        {KDC_CHALLENGED, false, OBOL_PASSWORD_WRONG, KDC_LOGIN_NONE},
        {KDC_UNANSWERED, false, OBOL_KDC_ERR_SVC_UNAVAILABLE, KDC_LOGIN_NONE},
        {KDC_VERDICT_NONE, false, OBOL_PASSWORD_WRONG, KDC_LOGIN_NONE},
    };
    struct as_params p = begin(r, radius("DEFAULT"));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        will_say(rows[i].says, KDC_VERDICT_NONE);
        server.repeated = rows[i].repeated;
        assert_code(login_code(r, &p, NULL, "271828", &as), rows[i].code);
        assert_int_equal(server.times, 1);
        assert_int_equal(r->result.event.login, rows[i].login);
    }
}

static void refusals_of_the_server_lock_the_account_and_silence_does_not(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = begin(r, radius("DEFAULT"));
    for (int i = 0; i < 4; i++) {
        will_say(KDC_UNANSWERED, KDC_VERDICT_NONE);
        assert_code(login_code(r, &p, NULL, "314159", &as), OBOL_KDC_ERR_SVC_UNAVAILABLE);
    }
    for (int i = 0; i < 3; i++) {
        will_say(KDC_REJECTED, KDC_VERDICT_NONE);
        assert_code(login_code(r, &p, NULL, "271828", &as), OBOL_PASSWORD_WRONG);
    }
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_code(login_code(r, &p, NULL, "314159", &as), OBOL_KDC_ERR_CLIENT_REVOKED);
    assert_int_equal(server.times, 0); // nobody is asked about a locked account
}

static void the_password_beside_it_is_looked_at_after_the_code(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = begin(r, (struct admin_token){.radius = SLICE_LITERAL("DEFAULT")});
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, RIGHT, "314159", &as));
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_code(login_code(r, &p, "wrong", "314159", &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(server.times, 1);
    will_say(KDC_REJECTED, KDC_VERDICT_NONE);
    assert_code(login_code(r, &p, RIGHT, "271828", &as), OBOL_PASSWORD_WRONG);
    assert_string_equal(server.code, "271828"); // the password is the KDC's alone
}

static void a_server_is_asked_by_the_name_it_knows(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct admin_token token = radius("whole");
    struct as_params p = begin(r, token);
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, NULL, "314159", &as));
    assert_string_equal(server.user, "alice@EXAMPLE.COM");
    assert_int_equal(server.last.service, 6);
    assert_ok(admin_token_delete(r->admin, slice_str("alice"), slice_str("1"), &r->error));
    token.user = slice_str("EXAMPLE\\al");
    enrol(r, token);
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, NULL, "314159", &as));
    assert_string_equal(server.user, "EXAMPLE\\al");
}

static void a_type_that_is_not_configured_is_nobodys_failure(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = begin(r, radius("gone"));
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_code(login_code(r, &p, NULL, "314159", &as), OBOL_KDC_ERR_SVC_UNAVAILABLE);
    assert_int_equal(server.times, 0);
    assert_int_equal(r->result.event.login, KDC_LOGIN_NONE);
}

static void several_tokens_are_asked_in_their_order(void **state) {
    struct realm *r = *state;
    struct as_client as;
    static const struct {
        enum kdc_verdict says[2];
        enum obol_code code;
        unsigned times;
    } rows[] = {
        {{KDC_ACCEPTED}, OBOL_OK, 1},
        {{KDC_REJECTED, KDC_ACCEPTED}, OBOL_OK, 2},
        {{KDC_UNANSWERED, KDC_ACCEPTED}, OBOL_OK, 2},
        {{KDC_REJECTED, KDC_REJECTED}, OBOL_PASSWORD_WRONG, 2},
        {{KDC_UNANSWERED, KDC_REJECTED}, OBOL_KDC_ERR_SVC_UNAVAILABLE, 2},
        {{KDC_CHALLENGED, KDC_ACCEPTED}, OBOL_PASSWORD_WRONG, 1},
    };
    struct as_params p = begin(r, radius("DEFAULT"));
    enrol(r, (struct admin_token){.hotp = true, .code_only = true});
    enrol(r, radius("whole"));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        will_say(rows[i].says[0], rows[i].says[1]);
        assert_code(login_code(r, &p, NULL, "271828", &as), rows[i].code);
        assert_int_equal(server.times, rows[i].times);
    }
    // What the KDC knows itself it asks nobody about, and a used code is not passed around.
    will_say(KDC_ACCEPTED, KDC_ACCEPTED);
    assert_ok(login_code(r, &p, NULL, code_at(0), &as));
    assert_int_equal(server.times, 0);
}

static void the_attribute_of_mits_kdc_is_a_token(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = begin(r, (struct admin_token){0});
    struct record_attribute item = {SLICE_LITERAL("otp"),
                                    SLICE_LITERAL("[{\"type\": \"whole\", \"username\": \"al\"}]")};
    const struct admin_change change = {.attributes = {&item, 1}};
    assert_ok(admin_principal_set(r->admin, slice_str("alice"), &change, &r->error));
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, NULL, "314159", &as));
    assert_string_equal(server.user, "al");
    // The password alone is not enough any more.
    p.gives_codes = false;
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    // What cannot be read shuts out, and is said.
    item.value = SLICE_LITERAL("[{\"type\": 1}]");
    assert_ok(admin_principal_set(r->admin, slice_str("alice"), &change, &r->error));
    p.gives_codes = true;
    assert_code(login_code(r, &p, NULL, "314159", &as), OBOL_KRB_ERR_GENERIC);
}

static enum obol_code fetch(struct realm *r, struct as_client *as, const char *needs) {
    struct record_attribute wanted = {SLICE_LITERAL("require_auth"), slice_str(needs)};
    const struct admin_change change = {.attributes = {&wanted, 1}};
    struct tgs_client tgs;
    assert_ok(admin_principal_set(r->admin, slice_str("HTTP/web"), &change, &r->error));
    struct tgs_params t = {.tgt = &as->ticket, .service = name_of(r, "HTTP/web")};
    return ticket(r, &t, &tgs);
}

static void the_tokens_indicators_win_over_its_types_and_those_over_the_realms(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct slice realms = SLICE_LITERAL("realms");
    struct admin_token token = radius("whole");
    r->config.policy.otp_indicators = (struct slice_list){&realms, 1};
    struct as_params p = begin(r, token);
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, NULL, "314159", &as));
    assert_ok(fetch(r, &as, "realms"));
    assert_ok(admin_token_delete(r->admin, slice_str("alice"), slice_str("1"), &r->error));
    enrol(r, radius("DEFAULT"));
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, NULL, "314159", &as));
    assert_ok(fetch(r, &as, "outside"));
    assert_code(fetch(r, &as, "realms"), OBOL_KDC_ERR_POLICY);
    assert_ok(admin_token_delete(r->admin, slice_str("alice"), slice_str("1"), &r->error));
    token = radius("DEFAULT");
    token.indicators = (struct slice_list){&own, 1};
    enrol(r, token);
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_ok(login_code(r, &p, NULL, "314159", &as));
    assert_ok(fetch(r, &as, "own"));
    assert_code(fetch(r, &as, "outside"), OBOL_KDC_ERR_POLICY);
}

// The token is taken away while its server is asked: what that says is of no account.
static void takes_it_away(struct realm *r, const struct kdc_question *q, struct kdc_answer *out) {
    struct error err;
    error_init(&err);
    answers(r, q, out);
    assert_ok(admin_token_delete(r->admin, slice_str("alice"), slice_str("1"), &err));
    assert_ok(kdc_renew(r->kdc, NULL));
}

static void an_answer_about_a_token_that_is_gone_is_none(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = begin(r, radius("DEFAULT"));
    enrol(r, radius("whole"));
    r->asked = takes_it_away;
    will_say(KDC_ACCEPTED, KDC_VERDICT_NONE);
    assert_code(login_code(r, &p, NULL, "314159", &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(server.times, 1);
}

static void the_limits_of_enrolment_hold(void **state) {
    struct realm *r = *state;
    struct admin_token_new new;
    static uint8_t many[300];
    static struct slice words[TOKEN_INDICATORS_MAX + 1];
    memset(many, 'x', sizeof many);
    const struct slice type = SLICE_LITERAL("DEFAULT");
    const struct admin_token bad[] = {
        {.radius = slice_of(many, 65)},
        {.radius = type, .user = slice_of(many, 254)},
        {.radius = type, .indicators = {words, COUNT_OF(words)}},
        {.radius = type, .hotp = true},
        {.radius = type, .digits = 6},
        {.radius = type, .hash = 1},
        {.radius = type, .period = 30},
        {.radius = type, .secret = SLICE_LITERAL("12345678901234567890")},
        {.user = SLICE_LITERAL("al")},
        {.indicators = {words, 1}},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct admin_token token = bad[i];
        token.name = slice_str("alice");
        assert_code(admin_token_add(r->admin, &token, &r->arena, &new, &r->error),
                    OBOL_INVALID_ARGUMENT);
    }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_token_of_radius_has_no_secret),
        CASE(what_the_server_takes_logs_in),
        CASE(each_other_answer_is_refused_and_only_a_no_is_a_failure),
        CASE(refusals_of_the_server_lock_the_account_and_silence_does_not),
        CASE(the_password_beside_it_is_looked_at_after_the_code),
        CASE(a_server_is_asked_by_the_name_it_knows),
        CASE(a_type_that_is_not_configured_is_nobodys_failure),
        CASE(several_tokens_are_asked_in_their_order),
        CASE(the_attribute_of_mits_kdc_is_a_token),
        CASE(the_tokens_indicators_win_over_its_types_and_those_over_the_realms),
        CASE(an_answer_about_a_token_that_is_gone_is_none),
        CASE(the_limits_of_enrolment_hold),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
