// test_as.c: whole logins against a scripted KDC at a pretended time (RFC 4120 3.1).
#include "client/preauth.h"
#include "script_kdc.h"

static int setup(void **state) {
    static struct script s;
    script_init(&s, ENCTYPE_AES256_SHA1);
    *state = &s;
    return 0;
}
static int teardown(void **state) {
    script_clear(*state);
    return 0;
}
static struct as_params params_of(struct script *s) {
    return (struct as_params){.client = script_name(s, "alice"), .lifetime = 3600};
}

static void a_password_becomes_a_ticket_after_preauthentication_was_asked_for(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    s->with_cookie = true;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_int_equal(s->requests, 2);
    assert_true(s->last_had_timestamp && s->last_had_cookie);
    assert_int_equal(c.facts.preauth, PA_ENC_TIMESTAMP);
    assert_true(c.facts.request_verified && c.facts.fast_available);
    assert_int_equal(c.facts.clock_offset, 0);
    assert_slice_str(principal_text(&c.ticket.client, &s->arena), "alice@EXAMPLE.COM");
    assert_slice_str(principal_text(&c.ticket.server, &s->arena), "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    assert_slice_equal(c.ticket.key.keyvalue, s->session);
    assert_int_equal(c.ticket.endtime, SCRIPT_NOW + 3600);
    assert_true(c.ticket.ticket.len > 0);
    struct client_output out;
    assert_code(as_client_step(&c, slice_str("x"), &out, NULL), OBOL_INVALID_ARGUMENT);
}

static void every_enctype_logs_in_and_weak_ones_only_if_allowed(void **state) {
    UNUSED(state);
    const struct enctype *e;
    for (size_t i = 0; (e = enctype_at(i)) != NULL; i++) {
        struct script s;
        struct as_client c;
        script_init(&s, enctype_number(e));
        struct as_params p = params_of(&s);
        int32_t only = enctype_number(e);
        p.etypes = (struct int32_list){&only, 1};
        p.allow_weak = enctype_is_weak(e);
        assert_ok(script_login(&s, &c, &p, "correct horse"));
        assert_true(c.facts.request_verified);
        p.allow_weak = false;
        assert_code(script_login(&s, &c, &p, "correct horse"),
                    enctype_is_weak(e) ? OBOL_ENCTYPE_UNSUPPORTED : OBOL_OK);
        script_clear(&s);
    }
}

static void without_preauthentication_the_first_reply_brings_the_ticket(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    s->preauth = false;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_int_equal(s->requests, 1);
    assert_int_equal(c.facts.preauth, 0);
    assert_code(script_login(s, &c, &p, "wrong"), OBOL_PASSWORD_WRONG);
    assert_true(script_has_fact(&s->error, "kvno of the reply"));
}

static void a_missing_password_is_asked_for_with_the_salt_it_needs(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    struct client_output out;
    assert_ok(as_client_init(&c, &p, &s->env, &s->arena, NULL));
    assert_ok(as_client_step(&c, slice_str(NULL), &out, NULL));
    assert_ok(as_client_step(&c, script_as(s, out.message), &out, NULL));
    assert_int_equal(out.want, CLIENT_KEY);
    assert_int_equal(out.hint_count, 1);
    assert_int_equal(out.hints[0].etype, ENCTYPE_AES256_SHA1);
    assert_slice_str(out.hints[0].salt, "EXAMPLE.COMalice");
    assert_code(as_client_step(&c, slice_str(NULL), &out, NULL), OBOL_PASSWORD_NEEDED);
}

static void a_key_of_a_keytab_logs_in_and_a_wrong_one_does_not(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct client_output out;
    struct as_params p = params_of(s);
    for (int wrong = 0; wrong < 2; wrong++) {
        struct crypto_key *key = wrong ? s->service_key : s->client_key;
        error_init(&s->error);
        assert_ok(as_client_init(&c, &p, &s->env, &s->arena, NULL));
        assert_ok(as_client_key(&c, s->etype, crypto_key_bytes(key), NULL));
        assert_ok(as_client_step(&c, slice_str(NULL), &out, &s->error));
        assert_ok(as_client_step(&c, script_as(s, out.message), &out, &s->error));
        assert_int_equal(out.want, CLIENT_SEND);
        enum obol_code code = as_client_step(&c, script_as(s, out.message), &out, &s->error);
        assert_code(code, wrong ? OBOL_KDC_ERR_PREAUTH_FAILED : OBOL_OK);
    }
    assert_true(script_has_fact(&s->error, "enctype of the key"));
    assert_code(as_client_init(&c, &p, &s->env, &s->arena, NULL), OBOL_OK);
    assert_code(as_client_key(&c, ENCTYPE_RC4_HMAC, slice_str("0123456789abcdef"), NULL),
                OBOL_ENCTYPE_UNSUPPORTED);
    assert_code(as_client_key(&c, s->etype, slice_str("short"), NULL), OBOL_KEY_LENGTH);
}

static void a_key_of_another_enctype_is_named_as_the_reason(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct client_output out;
    struct as_params p = params_of(s);
    assert_ok(as_client_init(&c, &p, &s->env, &s->arena, NULL));
    assert_ok(as_client_key(&c, ENCTYPE_AES128_SHA1, slice_str("0123456789abcdef"), NULL));
    assert_ok(as_client_step(&c, slice_str(NULL), &out, NULL));
    assert_ok(as_client_step(&c, script_as(s, out.message), &out, NULL));
    assert_int_equal(out.want, CLIENT_KEY);
    assert_code(as_client_step(&c, slice_str(NULL), &out, NULL), OBOL_KEYTAB_NO_ENTRY);
}

static void an_optimistic_timestamp_saves_a_round_trip_or_costs_one(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    p.optimistic = true;
    p.etypes = (struct int32_list){&s->etype, 1};
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_int_equal(s->requests, 1);
    // The realm has another salt than we guess.
    s->salt = slice_str("another salt");
    s->client_key = script_key(s, "correct horse", s->salt, slice_str(NULL));
    s->requests = 0;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_int_equal(s->requests, 3);
    s->requests = 0;
    assert_code(script_login(s, &c, &p, "wrong"), OBOL_PASSWORD_WRONG);
    assert_int_equal(s->requests, 3);
}

static void a_wrong_password_is_said_with_salt_and_enctype(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    assert_code(script_login(s, &c, &p, "wrong"), OBOL_PASSWORD_WRONG);
    assert_int_equal(s->requests, 2);
    assert_int_equal(s->error.code, OBOL_PASSWORD_WRONG);
    assert_true(script_has_fact(&s->error, "salt"));
    assert_true(script_has_fact(&s->error, "enctype of the key"));
    assert_string_equal(s->error.section, "RFC 4120 3.1.4");
}

static void the_salt_comes_from_etype_info2_else_etype_info_else_pw_salt(void **state) {
    struct script *s = *state;
    static const int types[] = {PA_ETYPE_INFO2, PA_ETYPE_INFO, PA_PW_SALT};
    struct as_client c;
    struct as_params p = params_of(s);
    p.etypes = (struct int32_list){&s->etype, 1};
    s->salt = slice_str("odd salt");
    s->client_key = script_key(s, "correct horse", s->salt, slice_str(NULL));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        s->hint_type = types[i];
        s->preauth = true;
        assert_ok(script_login(s, &c, &p, "correct horse"));
        s->preauth = false;
        assert_ok(script_login(s, &c, &p, "correct horse"));
    }
    s->hint_type = 0;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_PASSWORD_WRONG);
}

static void an_iteration_count_that_weakens_or_stalls_is_refused(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    s->has_params = true;
    s->s2kparams = slice_of("\0\0\0\1", 4);
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_CRYPTO_PARAMETER);
    s->s2kparams = slice_of("\xff\xff\xff\xff", 4);
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_CRYPTO_PARAMETER);
    s->s2kparams = slice_of("\0\0\x20\0", 4);
    s->client_key = script_key(s, "correct horse", s->salt, s->s2kparams);
    assert_ok(script_login(s, &c, &p, "correct horse"));
}

static void an_enctype_that_was_not_offered_is_never_taken(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    int32_t others[] = {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA256};
    s->hint_etype = ENCTYPE_RC4_HMAC;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_ENCTYPE_UNSUPPORTED);
    s->hint_etype = s->etype;
    p.etypes = (struct int32_list){others, 2};
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_ENCTYPE_UNSUPPORTED);
    s->preauth = false;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_ENCTYPE_UNSUPPORTED);
    p.etypes = (struct int32_list){0};
    s->session_etype = ENCTYPE_RC4_HMAC;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_ENCTYPE_UNSUPPORTED);
}

static void a_clock_ten_minutes_off_is_corrected_once_and_remembered(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    for (int64_t off = -600; off <= 600; off += 1200) {
        s->kdc_now = SCRIPT_NOW + off;
        s->requests = 0;
        assert_ok(script_login(s, &c, &p, "correct horse"));
        assert_int_equal(s->requests, 3);
        assert_int_equal(c.facts.clock_offset, off);
    }
    p.no_timesync = true;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KRB_AP_ERR_SKEW);
    assert_true(script_has_fact(&s->error, "clock of the KDC minus ours"));
    assert_true(script_has_fact(&s->error, "our clock"));
    assert_true(script_has_fact(&s->error, "clock of the KDC"));
    // A KDC that is never content is left.
    p.no_timesync = false;
    s->error_count = 2;
    s->errors[0].code = 25;
    s->errors[0].code = s->errors[1].code = 37;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KRB_AP_ERR_SKEW);
}

static void a_reply_whose_times_are_off_is_refused_or_sets_the_offset(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    s->preauth = false;
    s->kdc_now += 900;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_int_equal(c.facts.clock_offset, 900);
    p.no_timesync = true;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KRB_AP_ERR_SKEW);
}

static void a_referral_to_the_clients_realm_is_followed_if_asked_for(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    s->error_count = 1;
    s->errors[0].code = 68;
    s->errors[0].crealm = "CHILD.EXAMPLE.COM";
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KDC_ERR_WRONG_REALM);
    assert_true(script_has_fact(&s->error, "realm named"));
    p.options = KDC_OPT_CANONICALIZE;
    s->error_at = 0;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_slice_str(c.ticket.client.realm, "CHILD.EXAMPLE.COM");
    assert_slice_str(principal_text(&c.ticket.server, &s->arena),
                     "krbtgt/CHILD.EXAMPLE.COM@CHILD.EXAMPLE.COM");
}

static void referrals_in_a_circle_or_without_end_are_refused(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    static const char *const realms[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"};
    p.options = KDC_OPT_CANONICALIZE;
    s->error_count = 2;
    s->errors[0].code = s->errors[1].code = 68;
    s->errors[0].crealm = "A";
    s->errors[1].crealm = "EXAMPLE.COM";
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KDC_ERR_WRONG_REALM);
    s->error_at = 0;
    s->error_count = COUNT_OF(realms);
    for (size_t i = 0; i < COUNT_OF(realms); i++) {
        s->errors[i].code = 68;
        s->errors[i].crealm = realms[i];
    }
    s->requests = 0;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KDC_ERR_WRONG_REALM);
    assert_int_equal(s->requests, CLIENT_HOPS_MAX + 1);
}

static void a_reply_too_big_for_udp_is_asked_for_by_tcp_once(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    struct client_output out;
    s->error_count = 1;
    s->errors[0].code = 52;
    assert_ok(as_client_init(&c, &p, &s->env, &s->arena, NULL));
    assert_ok(as_client_step(&c, slice_str(NULL), &out, NULL));
    assert_false(out.tcp);
    assert_ok(as_client_step(&c, script_as(s, out.message), &out, NULL));
    assert_int_equal(out.want, CLIENT_SEND);
    assert_true(out.tcp);
    s->error_at = 0;
    assert_code(as_client_step(&c, script_as(s, out.message), &out, NULL),
                OBOL_KRB_ERR_RESPONSE_TOO_BIG);
}

static void each_error_of_the_kdc_has_its_code_and_facts(void **state) {
    struct script *s = *state;
    static const struct {
        int32_t krb;
        enum obol_code code;
    } cases[] = {
        {1, OBOL_KDC_ERR_NAME_EXP},
        {6, OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN},
        {7, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN},
        {12, OBOL_KDC_ERR_POLICY},
        {14, OBOL_KDC_ERR_ETYPE_NOSUPP},
        {18, OBOL_KDC_ERR_CLIENT_REVOKED},
        {23, OBOL_KDC_ERR_KEY_EXPIRED},
        {37, OBOL_KRB_AP_ERR_SKEW},
        {60, OBOL_KRB_ERR_GENERIC},
        {12345, OBOL_KRB_ERR_GENERIC},
        {-7, OBOL_KRB_ERR_GENERIC},
    };
    struct as_client c;
    struct as_params p = params_of(s);
    s->error_count = 1;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        s->error_at = 0;
        s->errors[0].code = cases[i].krb;
        assert_code(script_login(s, &c, &p, "correct horse"), cases[i].code);
        assert_true(script_has_fact(&s->error, "client"));
        assert_true(script_has_fact(&s->error, "realm of the KDC"));
        assert_non_null(s->error.section);
    }
    s->error_at = 0;
    s->errors[0].code = 14;
    (void)script_login(s, &c, &p, "correct horse");
    assert_true(script_has_fact(&s->error, "enctypes offered"));
}

static void a_kdc_that_asks_without_end_or_for_the_unknown_is_left(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    s->no_timestamp_offer = true;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    assert_true(script_has_fact(&s->error, "the KDC offers"));
    s->no_timestamp_offer = false;
    int32_t none[] = {PA_SPAKE, 0};
    p.preauth_allowed = none;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    // PREAUTH_REQUIRED again and again, whatever is sent.
    struct client_output out;
    struct secret password;
    assert_true(secret_copy(&password, slice_str("correct horse")));
    p.preauth_allowed = NULL;
    assert_ok(as_client_init(&c, &p, &s->env, &s->arena, NULL));
    as_client_password(&c, &password);
    assert_ok(as_client_step(&c, slice_str(NULL), &out, NULL));
    assert_ok(as_client_step(&c, script_preauth_required(s), &out, NULL));
    assert_code(as_client_step(&c, script_preauth_required(s), &out, NULL),
                OBOL_KDC_ERR_PREAUTH_REQUIRED);
    secret_clear(&password);
}

static void options_and_times_stand_in_the_request(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    p.options = KDC_OPT_FORWARDABLE | KDC_OPT_PROXIABLE;
    p.renew_lifetime = 7200;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_int_equal(s->last.req_body.kdc_options,
                     KDC_OPT_FORWARDABLE | KDC_OPT_PROXIABLE | KDC_OPT_RENEWABLE);
    assert_int_equal(s->last.req_body.till, SCRIPT_NOW + 3600);
    assert_int_equal(c.ticket.renew_till, SCRIPT_NOW + 7200);
    p.lifetime = p.renew_lifetime = 0;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_int_equal(s->last.req_body.till, 0);
    p.lifetime = -1;
    assert_code(script_login(s, &c, &p, "correct horse"), OBOL_INVALID_ARGUMENT);
}

static void a_service_may_be_asked_for_in_place_of_the_tgt(void **state) {
    struct script *s = *state;
    struct as_client c;
    struct as_params p = params_of(s);
    struct principal service = script_name(s, "kadmin/changepw");
    p.service = &service;
    assert_ok(script_login(s, &c, &p, "correct horse"));
    assert_slice_str(principal_text(&c.ticket.server, &s->arena), "kadmin/changepw@EXAMPLE.COM");
}

static void truncated_and_foreign_replies_are_refused(void **state) {
    struct script *s = *state;
    struct as_params p = params_of(s);
    struct secret password;
    struct slice whole = {0};
    s->preauth = false;
    assert_true(secret_copy(&password, slice_str("correct horse")));
    for (size_t len = 0;; len++) {
        struct as_client c;
        struct client_output out;
        s->next_random = 1; // the same nonce each time, so that one reply answers all requests
        assert_ok(as_client_init(&c, &p, &s->env, &s->arena, NULL));
        as_client_password(&c, &password);
        assert_ok(as_client_step(&c, slice_str(NULL), &out, NULL));
        if (!whole.len)
            whole = script_as(s, out.message);
        if (len == whole.len) {
            assert_ok(as_client_step(&c, whole, &out, NULL));
            break;
        }
        assert_int_not_equal(as_client_step(&c, slice_sub(whole, 0, len), &out, NULL), OBOL_OK);
    }
    static const char *const foreign[] = {"HTTP/1.1 400 Bad Request\r\n", "\x6d\x02\x30",
                                          "\x30\x80\x30", "\x7e\x02\x30\x00", "\x6b\x02\x30\x00"};
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        struct as_client c;
        struct client_output out;
        assert_ok(as_client_init(&c, &p, &s->env, &s->arena, NULL));
        assert_ok(as_client_step(&c, slice_str(NULL), &out, NULL));
        assert_int_not_equal(as_client_step(&c, slice_of(foreign[i], 4), &out, NULL), OBOL_OK);
    }
    secret_clear(&password);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_password_becomes_a_ticket_after_preauthentication_was_asked_for),
        CASE(every_enctype_logs_in_and_weak_ones_only_if_allowed),
        CASE(without_preauthentication_the_first_reply_brings_the_ticket),
        CASE(a_missing_password_is_asked_for_with_the_salt_it_needs),
        CASE(a_key_of_a_keytab_logs_in_and_a_wrong_one_does_not),
        CASE(a_key_of_another_enctype_is_named_as_the_reason),
        CASE(an_optimistic_timestamp_saves_a_round_trip_or_costs_one),
        CASE(a_wrong_password_is_said_with_salt_and_enctype),
        CASE(the_salt_comes_from_etype_info2_else_etype_info_else_pw_salt),
        CASE(an_iteration_count_that_weakens_or_stalls_is_refused),
        CASE(an_enctype_that_was_not_offered_is_never_taken),
        CASE(a_clock_ten_minutes_off_is_corrected_once_and_remembered),
        CASE(a_reply_whose_times_are_off_is_refused_or_sets_the_offset),
        CASE(a_referral_to_the_clients_realm_is_followed_if_asked_for),
        CASE(referrals_in_a_circle_or_without_end_are_refused),
        CASE(a_reply_too_big_for_udp_is_asked_for_by_tcp_once),
        CASE(each_error_of_the_kdc_has_its_code_and_facts),
        CASE(a_kdc_that_asks_without_end_or_for_the_unknown_is_left),
        CASE(options_and_times_stand_in_the_request),
        CASE(a_service_may_be_asked_for_in_place_of_the_tgt),
        CASE(truncated_and_foreign_replies_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
