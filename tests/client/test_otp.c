// One-time passwords (RFC 6560) between our client and our KDC: codes that log in, and each that
// does not: old, used, foreign, guessed, alone, or sent past the armor.
#include "krb/seal.h"
#include "one_time.h"
#include "proto/otp.h"

static void password_and_code_log_in_and_neither_alone_does(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){.label = SLICE_LITERAL("phone")});
    assert_ok(login_code(r, &p, RIGHT, code_now(r), &as));
    assert_int_equal(as.facts.preauth, PA_OTP_REQUEST);
    assert_true(as.facts.armored && as.facts.request_verified);
    assert_int_equal(as.facts.round_trips, 2);
    r->server.now += 60;
    assert_code(login_code(r, &p, "wrong", code_now(r), &as), OBOL_PASSWORD_WRONG);
    r->server.now += 60;
    assert_code(login_code(r, &p, RIGHT, "000000", &as), OBOL_PASSWORD_WRONG);
    assert_code(login_code(r, &p, NULL, code_now(r), &as), OBOL_PASSWORD_NEEDED);
    // Without a code, or without armor, nothing is left that the KDC would take.
    p.gives_codes = false;
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    struct as_params bare = {.client = name_of(r, "alice"), .optimistic = true};
    assert_code(login(r, &bare, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
}

static void a_password_sent_past_the_token_is_not_looked_at(void **state) {
    struct realm *r = *state;
    struct as_client as;
    static const int32_t each[][2] = {{PA_ENC_TIMESTAMP}, {PA_SPAKE}, {PA_ENCRYPTED_CHALLENGE}};
    struct as_params p = armored(r);
    p.gives_codes = false;
    for (size_t i = 1; i < COUNT_OF(each); i++) {
        p.preauth_allowed = each[i];
        assert_ok(login(r, &p, RIGHT, &as)); // so that what follows can fail
    }
    // The first of these was answered when there was no token yet.
    enrol(r, (struct admin_token){0});
    for (size_t i = 0; i < COUNT_OF(each); i++) {
        p.preauth_allowed = each[i];
        assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    }
}

static void a_code_is_taken_once_even_beside_a_wrong_password(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){0});
    assert_ok(login_code(r, &p, RIGHT, code_now(r), &as));
    assert_code(login_code(r, &p, RIGHT, code_now(r), &as), OBOL_PASSWORD_WRONG);
    r->server.now += 60;
    assert_code(login_code(r, &p, "wrong", code_now(r), &as), OBOL_PASSWORD_WRONG);
    assert_code(login_code(r, &p, RIGHT, code_now(r), &as), OBOL_PASSWORD_WRONG);
    // Nor is one that was shown before a code that was taken.
    r->server.now += 60;
    assert_ok(login_code(r, &p, RIGHT, code_now(r), &as));
    assert_code(login_code(r, &p, RIGHT, code_at((uint64_t)r->server.now / 30 - 1), &as),
                OBOL_PASSWORD_WRONG);
}

static void a_code_of_time_counts_a_step_before_and_after(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){.code_only = true});
    static const struct {
        int step;
        bool taken;
    } rows[] = {{-2, false}, {2, false}, {-1, true}, {0, true}, {1, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t counter = (uint64_t)(r->server.now / 30 + rows[i].step);
        assert_int_equal(login_code(r, &p, NULL, code_at(counter), &as) == OBOL_OK, rows[i].taken);
    }
}

static void a_counting_token_may_run_ahead_and_never_back(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){.hotp = true, .code_only = true});
    static const struct {
        uint64_t counter;
        bool taken;
    } rows[] = {{0, true}, {0, false},  {5, true},  {4, false},
                {6, true}, {18, false}, {17, true}, {28, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(login_code(r, &p, NULL, code_at(rows[i].counter), &as) == OBOL_OK,
                         rows[i].taken);
}

static void forgets_the_cookie(struct realm *r, struct as_client *c) {
    UNUSED(r);
    c->cookie = (struct padata){0};
}
static void answers_another_challenge(struct realm *r, struct as_client *c) {
    struct pa_otp_challenge challenge;
    struct padata *pa = padata_of(&c->method_data, PA_OTP_CHALLENGE);
    assert_ok(der_decode(&TYPE_PA_OTP_CHALLENGE, pa->padata_value, &r->arena, &challenge, NULL));
    challenge.nonce = flipped(r, challenge.nonce, 0);
    pa->padata_value = encoded(r, &TYPE_PA_OTP_CHALLENGE, &challenge);
}
static void alters_the_cookie(struct realm *r, struct as_client *c) {
    c->cookie.padata_value = flipped(r, c->cookie.padata_value, c->cookie.padata_value.len - 1);
}

static void a_code_answers_the_challenge_that_was_sent(void **state) {
    struct realm *r = *state;
    struct as_client as;
    static void (*const each[])(struct realm *, struct as_client *) = {
        forgets_the_cookie, answers_another_challenge, alters_the_cookie};
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){0});
    for (size_t i = 0; i < COUNT_OF(each); i++) {
        meddle = each[i];
        assert_code(login_code(r, &p, RIGHT, code_now(r), &as), OBOL_PASSWORD_WRONG);
    }
    // What never came to be looked at was not taken.
    meddle = NULL;
    assert_ok(login_code(r, &p, RIGHT, code_now(r), &as));
}

static void wrong_codes_lock_the_account(void **state) {
    struct realm *r = *state;
    struct as_client as;
    r->config.policy.lockout.failures = 3;
    restart_kdc(r);
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){0});
    for (int i = 0; i < 3; i++)
        assert_code(login_code(r, &p, RIGHT, "123456", &as), OBOL_PASSWORD_WRONG);
    assert_code(login_code(r, &p, RIGHT, code_now(r), &as), OBOL_KDC_ERR_CLIENT_REVOKED);
}

// So they do where the account has no password, which a made up key stands in for; guesses at that
// key count for nothing, or a stranger could lock out who has a token.
static void wrong_codes_lock_an_account_without_a_password(void **state) {
    struct realm *r = *state;
    struct as_client as;
    size_t removed;
    static const int32_t timestamp[] = {PA_ENC_TIMESTAMP, 0};
    struct as_params bare = {.client = name_of(r, "alice"), .preauth_allowed = timestamp};
    r->config.policy.hide_unknown_users = true;
    r->config.policy.lockout.failures = 3;
    restart_kdc(r);
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){.code_only = true});
    assert_ok(admin_principal_purge(r->admin, slice_str("alice"), UINT32_MAX, &removed, &r->error));
    for (int i = 0; i < 4; i++)
        assert_code(login(r, &bare, RIGHT, &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(r->result.event.login, KDC_LOGIN_NONE);
    assert_ok(login_code(r, &p, NULL, code_now(r), &as));
    for (int i = 0; i < 3; i++)
        assert_code(login_code(r, &p, NULL, "123456", &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(r->result.event.login, KDC_LOGIN_FAILURE);
    r->server.now += 60;
    assert_code(login_code(r, &p, RIGHT, code_now(r), &as), OBOL_PASSWORD_WRONG);
    assert_true(r->result.event.hidden);
}

static int32_t seen[64]; // PA-DATA types of each reply, and its error
static size_t seen_count;

static void looks(struct realm *r, unsigned n, struct slice *reply) {
    struct krb_error e;
    struct padata_list methods;
    UNUSED(n);
    seen[seen_count++] = error_of(r, *reply, &e);
    if (!seen[seen_count - 1] || !(e.present & KRB_ERROR_E_DATA))
        return;
    assert_ok(der_decode(&TYPE_METHOD_DATA, e.e_data, &r->arena, &methods, NULL));
    for (size_t i = 0; i < methods.count; i++)
        seen[seen_count++] = methods.items[i].padata_type;
}

static void without_armor_an_account_with_a_token_looks_like_none(void **state) {
    struct realm *r = *state;
    struct as_client as;
    static const int32_t each[][2] = {{0}, {PA_ENC_TIMESTAMP}, {PA_SPAKE}};
    static const char *const names[] = {"nobody", "alice", "bob"};
    int32_t unknown[COUNT_OF(seen)];
    size_t unknown_count = 0;
    r->config.policy.hide_unknown_users = true;
    r->config.policy.lockout.failures = 20;
    restart_kdc(r);
    struct as_params armor = armored(r);
    enrol(r, (struct admin_token){.code_only = true});
    way.reply = looks;
    for (size_t i = 0; i < COUNT_OF(each); i++)
        for (size_t k = 0; k < COUNT_OF(names); k++) {
            struct as_params p = {.client = name_of(r, names[k])};
            p.preauth_allowed = i ? each[i] : NULL;
            seen_count = 0;
            // bob has no token: his password is right.
            assert_code(login(r, &p, RIGHT, &as), k == 2 ? OBOL_OK : OBOL_PASSWORD_WRONG);
            if (k == 1) {
                assert_int_equal(seen_count, unknown_count);
                assert_memory_equal(seen, unknown, seen_count * sizeof *seen);
                assert_int_equal(r->result.event.login, KDC_LOGIN_FAILURE);
            }
            memcpy(unknown, seen, sizeof unknown);
            unknown_count = seen_count;
        }
    way.reply = NULL;
    assert_ok(login_code(r, &armor, NULL, code_now(r), &as));
}

static void any_of_several_tokens_logs_in_until_it_is_taken_away(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    enrol(r, (struct admin_token){.label = SLICE_LITERAL("key"), .hotp = true});
    enrol(r, (struct admin_token){.label = SLICE_LITERAL("phone")});
    assert_ok(login_code(r, &p, RIGHT, code_now(r), &as));
    assert_slice_str(as.code_of, "key or phone");
    assert_ok(login_code(r, &p, RIGHT, code_at(0), &as));
    assert_code(admin_token_delete(r->admin, slice_str("alice"), slice_str("purse"), &r->error),
                OBOL_NOT_FOUND);
    assert_ok(admin_token_delete(r->admin, slice_str("alice"), slice_str("key"), &r->error));
    assert_code(login_code(r, &p, RIGHT, code_at(1), &as), OBOL_PASSWORD_WRONG);
    assert_ok(admin_token_delete(r->admin, slice_str("alice"), slice_str("2"), &r->error));
    assert_ok(login(r, &p, RIGHT, &as));
}

static void a_login_by_code_has_an_indicator(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct slice otp = SLICE_LITERAL("otp");
    struct record_attribute wanted = {SLICE_LITERAL("require_auth"), otp};
    struct admin_change change = {.attributes = {&wanted, 1}};
    r->config.policy.otp_indicators = (struct slice_list){&otp, 1};
    restart_kdc(r);
    struct as_params p = armored(r);
    assert_ok(admin_principal_set(r->admin, slice_str("HTTP/web"), &change, &r->error));
    struct principal web = name_of(r, "HTTP/web");
    struct tgs_client tgs;
    assert_ok(login(r, &p, RIGHT, &as));
    struct tgs_params t = {.tgt = &as.ticket, .service = web};
    assert_code(ticket(r, &t, &tgs), OBOL_KDC_ERR_POLICY);
    enrol(r, (struct admin_token){0});
    assert_ok(login_code(r, &p, RIGHT, code_now(r), &as));
    assert_ok(ticket(r, &t, &tgs));
}

static void the_limits_of_enrolment_hold(void **state) {
    struct realm *r = *state;
    struct admin_token_new new;
    static const struct admin_token bad[] = {{.hash = 384},
                                             {.digits = 5},
                                             {.digits = 10},
                                             {.period = 3601},
                                             {.secret = SLICE_LITERAL("too short")}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct admin_token token = bad[i];
        token.name = slice_str("alice");
        assert_code(admin_token_add(r->admin, &token, &r->arena, &new, &r->error),
                    OBOL_INVALID_ARGUMENT);
    }
    for (int i = 0; i < TOKENS_MAX; i++)
        enrol(r, (struct admin_token){0});
    struct admin_token fifth = {.name = slice_str("alice")};
    assert_code(admin_token_add(r->admin, &fifth, &r->arena, &new, &r->error),
                OBOL_INVALID_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(password_and_code_log_in_and_neither_alone_does),
        CASE(a_password_sent_past_the_token_is_not_looked_at),
        CASE(a_code_is_taken_once_even_beside_a_wrong_password),
        CASE(a_code_of_time_counts_a_step_before_and_after),
        CASE(a_counting_token_may_run_ahead_and_never_back),
        CASE(a_code_answers_the_challenge_that_was_sent),
        CASE(wrong_codes_lock_the_account),
        CASE(wrong_codes_lock_an_account_without_a_password),
        CASE(without_armor_an_account_with_a_token_looks_like_none),
        CASE(any_of_several_tokens_logs_in_until_it_is_taken_away),
        CASE(a_login_by_code_has_an_indicator),
        CASE(the_limits_of_enrolment_hold),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
