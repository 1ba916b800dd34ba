// SPAKE (RFC 9588) between our client and our KDC: what logs in, and what does not.
#include "proto/spake.h"
#include "way.h"

static void a_password_logs_in_by_spake_unless_told_otherwise(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(as.facts.preauth, PA_SPAKE);
    assert_int_equal(as.facts.round_trips, 3);
    assert_true(as.facts.request_verified);
    assert_true(as.facts.fast_available);
    assert_true(as.ticket.flags & TKT_PRE_AUTHENT);
    struct tgs_client tgs;
    struct tgs_params t = {.tgt = &as.ticket, .service = name_of(r, "HTTP/web")};
    assert_ok(ticket(r, &t, &tgs));
}

static void each_group_logs_in_if_both_have_it(void **state) {
    struct realm *r = *state;
    for (int32_t group = 1; group <= 4; group++) {
        struct as_client as;
        struct as_params p = {.client = name_of(r, "alice"), .spake_groups = {&group, 1}};
        r->config.policy.spake_groups[0] = group;
        r->config.policy.spake_group_count = 1;
        restart_kdc(r);
        assert_ok(login(r, &p, RIGHT, &as));
        assert_int_equal(as.facts.preauth, PA_SPAKE);
        // Without a group in common the next mechanism is taken.
        r->config.policy.spake_groups[0] = group % 4 + 1;
        restart_kdc(r);
        assert_ok(login(r, &p, RIGHT, &as));
        assert_int_equal(as.facts.preauth, PA_ENC_TIMESTAMP);
    }
}

static void a_wrong_password_fails_once_and_is_counted_once(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    r->config.policy.lockout.failures = 2;
    restart_kdc(r);
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(way.messages, 3); // no other mechanism is tried
    assert_ok(login(r, &p, RIGHT, &as));
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_CLIENT_REVOKED);
}

// What the KDC asked to go on with is no guess any more: a refusal of it is final, and nothing else
// shows the password to whoever forged that.
static void begun_unasked_it_is_the_last_proof_all_the_same(void **state) {
    struct realm *r = *state;
    struct as_client as;
    const int32_t unasked[] = {PA_SPAKE, 0};
    struct as_params p = {
        .client = name_of(r, "alice"), .optimistic = true, .optimistic_types = unasked};
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(as.facts.preauth, PA_SPAKE);
    assert_int_equal(way.messages, 2);
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(way.messages, 2);
}

static void no_group_in_common_is_no_wrong_password(void **state) {
    struct realm *r = *state;
    struct as_client as;
    int32_t group = SPAKE_GROUP_P521;
    const int32_t only[] = {PA_SPAKE, 0};
    struct as_params p = {
        .client = name_of(r, "alice"), .spake_groups = {&group, 1}, .preauth_allowed = only};
    r->config.policy.lockout.failures = 1;
    restart_kdc(r);
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_FAILED);
    p.spake_groups.count = 0;
    assert_ok(login(r, &p, RIGHT, &as));
}

static void a_challenge_before_the_support_saves_a_message(void **state) {
    struct realm *r = *state;
    struct as_client as;
    int32_t p256 = SPAKE_GROUP_P256;
    struct as_params p = {.client = name_of(r, "alice")};
    r->config.policy.spake_challenge = SPAKE_GROUP_EDWARDS25519;
    restart_kdc(r);
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(as.facts.preauth, PA_SPAKE);
    assert_int_equal(as.facts.round_trips, 2);
    // A client that cannot answer it says what it can do.
    p.spake_groups = (struct int32_list){&p256, 1};
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(as.facts.preauth, PA_SPAKE);
    assert_int_equal(as.facts.round_trips, 3);
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
}

static const int32_t ONLY_TIMESTAMP[] = {PA_ENC_TIMESTAMP, 0};

static void the_realm_may_refuse_encrypted_timestamps(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice"), .preauth_allowed = ONLY_TIMESTAMP};
    assert_ok(login(r, &p, RIGHT, &as));
    r->config.policy.encrypted_timestamp = false;
    restart_kdc(r);
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    p.optimistic = true; // nor does one count that nobody asked for
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    p = (struct as_params){.client = name_of(r, "alice")};
    assert_ok(login(r, &p, RIGHT, &as));
}

static void an_account_may_refuse_encrypted_timestamps(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice"), .preauth_allowed = ONLY_TIMESTAMP};
    const struct admin_change change = {.set_flags = RECORD_NO_TIMESTAMP};
    assert_ok(admin_principal_set(r->admin, slice_str("alice"), &change, &r->error));
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    p.preauth_allowed = NULL;
    assert_ok(login(r, &p, RIGHT, &as));
    p = (struct as_params){.client = name_of(r, "bob"), .preauth_allowed = ONLY_TIMESTAMP};
    assert_ok(login(r, &p, RIGHT, &as));
}

// ---- cookies

static struct slice kept_cookie;
static void keep_cookie(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_req req = read_as_req(r, *message);
    const struct padata *pa = padata_of(&req.padata, PA_FX_COOKIE);
    if (n == 2 && pa)
        assert_true(arena_copy(&r->arena, pa->padata_value, &kept_cookie));
}
static void other_cookie(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_req req = read_as_req(r, *message);
    struct padata *pa = padata_of(&req.padata, PA_FX_COOKIE);
    if (n != 2)
        return;
    pa->padata_value = kept_cookie;
    *message = encoded(r, &TYPE_AS_REQ, &req);
}
static void no_cookie(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_req req = read_as_req(r, *message);
    struct padata *pa = padata_of(&req.padata, PA_FX_COOKIE);
    if (n != 2)
        return;
    pa->padata_type = 77;
    *message = encoded(r, &TYPE_AS_REQ, &req);
}
static void altered_cookie(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_req req = read_as_req(r, *message);
    struct padata *pa = padata_of(&req.padata, PA_FX_COOKIE);
    if (n != 2)
        return;
    pa->padata_value = flipped(r, pa->padata_value, pa->padata_value.len - 1);
    *message = encoded(r, &TYPE_AS_REQ, &req);
}

static void a_cookie_is_of_one_login_of_one_client(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params alice = {.client = name_of(r, "alice")}, bob = {.client = name_of(r, "bob")};
    way.request = keep_cookie;
    assert_ok(login(r, &alice, RIGHT, &as));
    assert_true(kept_cookie.len > 0);
    way.request = other_cookie;
    assert_code(login(r, &bob, RIGHT, &as), OBOL_PASSWORD_WRONG);   // of another client
    assert_code(login(r, &alice, RIGHT, &as), OBOL_PASSWORD_WRONG); // of another challenge
    struct principal service = name_of(r, "HTTP/web");
    alice.service = &service;
    assert_code(login(r, &alice, RIGHT, &as), OBOL_PASSWORD_WRONG); // for another service
    alice.service = NULL;
    way.request = altered_cookie;
    assert_code(login(r, &alice, RIGHT, &as), OBOL_PASSWORD_WRONG);
    way.request = no_cookie;
    assert_code(login(r, &alice, RIGHT, &as), OBOL_PASSWORD_WRONG);
    way.request = NULL;
    assert_ok(login(r, &alice, RIGHT, &as));
}

static void forged_and_foreign_cookies_are_no_wrong_passwords(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params alice = {.client = name_of(r, "alice")}, bob = {.client = name_of(r, "bob")};
    r->config.policy.lockout.failures = 1;
    restart_kdc(r);
    way.request = keep_cookie;
    assert_ok(login(r, &alice, RIGHT, &as));
    way.request = other_cookie;
    assert_int_not_equal(login(r, &bob, RIGHT, &as), OBOL_OK);
    way.request = altered_cookie;
    assert_int_not_equal(login(r, &bob, RIGHT, &as), OBOL_OK);
    way.request = NULL;
    assert_ok(login(r, &bob, RIGHT, &as));
}

static void waits_too_long(struct realm *r, unsigned n, struct slice *message) {
    UNUSED(message);
    if (n == 2)
        r->client.now = r->server.now += 301;
}
static void an_old_cookie_is_refused_and_the_login_begins_anew(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params alice = {.client = name_of(r, "alice")};
    way.request = waits_too_long;
    assert_ok(login(r, &alice, RIGHT, &as));
    assert_int_equal(as.facts.round_trips, 6);
}

static void another_worker_goes_on(struct realm *r, unsigned n, struct slice *message) {
    UNUSED(n);
    UNUSED(message);
    restart_kdc(r);
}
static void any_worker_can_go_on_with_a_login(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    way.request = another_worker_goes_on;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(as.facts.preauth, PA_SPAKE);
}

// ---- what the other side must not be

static void changes_the_body(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_req req = read_as_req(r, *message);
    if (n != 2)
        return;
    req.req_body.till = NOW + 60;
    struct slice out;
    assert_ok(der_encode_fields(&TYPE_AS_REQ, &req, &r->arena, &out, NULL));
    *message = out;
}
static void the_body_of_the_request_is_bound_to_the_response(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    way.request = changes_the_body;
    assert_code(login(r, &p, RIGHT, &as), OBOL_PASSWORD_WRONG);
}

static void changes_the_challenge(struct realm *r, unsigned n, struct slice *message) {
    struct krb_error e;
    if (n != 1)
        return;
    assert_int_equal(error_of(r, *message, &e), 91);
    struct padata_list list;
    assert_ok(der_decode(&TYPE_METHOD_DATA, e.e_data, &r->arena, &list, NULL));
    struct padata *pa = padata_of(&list, PA_SPAKE);
    // The factor's number stands at the end, which changes nothing but the transcript.
    struct pa_spake spake;
    assert_ok(der_decode(&TYPE_PA_SPAKE, pa->padata_value, &r->arena, &spake, NULL));
    struct spake_second_factor two[] = {{.type = 1}, {.type = 2}};
    spake.challenge.factors = (struct spake_second_factor_list){two, 2};
    pa->padata_value = encoded(r, &TYPE_PA_SPAKE, &spake);
    e.e_data = encoded(r, &TYPE_METHOD_DATA, &list);
    *message = encoded(r, &TYPE_KRB_ERROR, &e);
}
static void the_transcript_is_bound_to_the_response(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    way.reply = changes_the_challenge;
    assert_code(login(r, &p, RIGHT, &as), OBOL_PASSWORD_WRONG);
}

static struct slice other_rep;
static void keeps_reply(struct realm *r, unsigned n, struct slice *message) {
    UNUSED(n);
    if (message->ptr[0] == 0x6b)
        assert_true(arena_copy(&r->arena, *message, &other_rep));
}
static void impostor(struct realm *r, unsigned n, struct slice *message) {
    UNUSED(r);
    if (n == 2)
        *message = other_rep;
}
static void a_kdc_without_the_key_cannot_answer(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    way.reply = keeps_reply;
    assert_ok(login(r, &p, RIGHT, &as));
    way.reply = impostor;
    assert_code(login(r, &p, RIGHT, &as), OBOL_REPLY_MISMATCH);
    assert_non_null(strstr(r->error.detail, "does not hold that key"));
}

static void an_unknown_client_cannot_be_told_from_a_wrong_password(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "nobody")};
    r->config.policy.hide_unknown_users = true;
    restart_kdc(r);
    assert_code(login(r, &p, RIGHT, &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(way.messages, 3);
}

static struct padata_list offered;
static void keep_methods(struct realm *r, unsigned n, struct slice *message) {
    struct krb_error e;
    if (n == 0 && error_of(r, *message, &e) == 25)
        assert_ok(der_decode(&TYPE_METHOD_DATA, e.e_data, &r->arena, &offered, NULL));
}
static void mechanisms_are_offered_in_the_order_of_the_configuration(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    const int32_t usual[] = {PA_ETYPE_INFO2, PA_FX_FAST, PA_SPAKE, PA_ENC_TIMESTAMP, PA_FX_COOKIE};
    const int32_t turned[] = {PA_ETYPE_INFO2, PA_FX_FAST, PA_ENC_TIMESTAMP, PA_SPAKE, PA_FX_COOKIE};
    way.reply = keep_methods;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(offered.count, COUNT_OF(usual));
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        assert_int_equal(offered.items[i].padata_type, usual[i]);
    assert_int_equal(kdc_preauth_find(SLICE_LITERAL("spake")), PA_SPAKE);
    assert_int_equal(kdc_preauth_find(SLICE_LITERAL("magic")), 0);
    r->config.policy.preauth[0] = kdc_preauth_find(SLICE_LITERAL("encrypted_timestamp"));
    r->config.policy.preauth[1] = PA_SPAKE;
    r->config.policy.preauth_count = 2;
    restart_kdc(r);
    assert_ok(login(r, &p, RIGHT, &as));
    for (size_t i = 0; i < COUNT_OF(turned); i++)
        assert_int_equal(offered.items[i].padata_type, turned[i]);
    // The client's own order, and its user's wish.
    assert_int_equal(as.facts.preauth, PA_SPAKE);
    const int32_t wish[] = {17, PA_ENC_TIMESTAMP, 0};
    p.preauth_preferred = wish;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(as.facts.preauth, PA_ENC_TIMESTAMP);
}

static void fast_may_go_unannounced(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    way.reply = keep_methods;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_true(as.facts.fast_available);
    r->config.policy.announce_fast = false;
    restart_kdc(r);
    assert_ok(login(r, &p, RIGHT, &as));
    assert_false(as.facts.fast_available);
    for (size_t i = 0; i < offered.count; i++)
        assert_int_not_equal(offered.items[i].padata_type, PA_FX_FAST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_password_logs_in_by_spake_unless_told_otherwise),
        CASE(each_group_logs_in_if_both_have_it),
        CASE(a_wrong_password_fails_once_and_is_counted_once),
        CASE(begun_unasked_it_is_the_last_proof_all_the_same),
        CASE(no_group_in_common_is_no_wrong_password),
        CASE(a_challenge_before_the_support_saves_a_message),
        CASE(the_realm_may_refuse_encrypted_timestamps),
        CASE(an_account_may_refuse_encrypted_timestamps),
        CASE(a_cookie_is_of_one_login_of_one_client),
        CASE(forged_and_foreign_cookies_are_no_wrong_passwords),
        CASE(an_old_cookie_is_refused_and_the_login_begins_anew),
        CASE(any_worker_can_go_on_with_a_login),
        CASE(the_body_of_the_request_is_bound_to_the_response),
        CASE(the_transcript_is_bound_to_the_response),
        CASE(a_kdc_without_the_key_cannot_answer),
        CASE(an_unknown_client_cannot_be_told_from_a_wrong_password),
        CASE(mechanisms_are_offered_in_the_order_of_the_configuration),
        CASE(fast_may_go_unannounced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
