// test_tgs.c: tickets for services from a scripted KDC, through one realm and through many
// (RFC 4120 3.3, RFC 6806 8).
#include "proto/s4u.h"
#include "script_kdc.h"

static int setup(void **state) {
    static struct script s;
    script_init(&s, ENCTYPE_AES128_SHA1);
    *state = &s;
    return 0;
}
static int teardown(void **state) {
    script_clear(*state);
    return 0;
}
static struct tgs_params params_of(struct script *s, const struct cred *tgt, const char *service) {
    return (struct tgs_params){
        .tgt = tgt, .service = script_name(s, service), .options = KDC_OPT_CANONICALIZE};
}

static void a_tgt_becomes_a_ticket_sealed_with_a_subkey(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web.example.com");
    p.options |= KDC_OPT_FORWARDABLE;
    assert_ok(script_ticket(s, &c, &p));
    assert_int_equal(s->requests, 1);
    assert_true(s->last_had_subkey);
    assert_int_equal(s->last.req_body.kdc_options, KDC_OPT_CANONICALIZE | KDC_OPT_FORWARDABLE);
    assert_slice_str(principal_text(&c.ticket.server, &s->arena),
                     "HTTP/web.example.com@EXAMPLE.COM");
    assert_slice_str(principal_text(&c.ticket.client, &s->arena), "alice@EXAMPLE.COM");
    assert_slice_equal(c.ticket.key.keyvalue, s->session);
    assert_int_equal(c.ticket.endtime, tgt.endtime);
    assert_int_equal(c.tgt_count, 0);
}

static void a_reply_under_the_session_key_is_read_as_well(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    s->use_session_key = true;
    assert_ok(script_ticket(s, &c, &p));
    s->use_session_key = false;
    p.no_subkey = true;
    assert_ok(script_ticket(s, &c, &p));
    assert_false(s->last_had_subkey);
}

static void a_dead_tgt_is_not_sent(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    s->client_now = tgt.endtime;
    assert_code(script_ticket(s, &c, &p), OBOL_CRED_EXPIRED);
    s->client_now = SCRIPT_NOW - 1000;
    assert_code(script_ticket(s, &c, &p), OBOL_KRB_AP_ERR_TKT_NYV);
    assert_int_equal(s->requests, 0);
    p.clock_offset = 1000;
    assert_ok(script_ticket(s, &c, &p));
    s->client_now = SCRIPT_NOW;
    p.clock_offset = 0;
    s->error_count = 1;
    s->errors[0].code = 32;
    assert_code(script_ticket(s, &c, &p), OBOL_CRED_EXPIRED);
}

static void an_unknown_service_is_named_with_realm_and_client(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/unknown");
    s->error_count = 1;
    s->errors[0].code = 7;
    assert_code(script_ticket(s, &c, &p), OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_non_null(strstr(s->error.detail, "HTTP/unknown"));
    assert_true(script_has_fact(&s->error, "service"));
    assert_true(script_has_fact(&s->error, "client"));
    assert_true(script_has_fact(&s->error, "realm of the KDC"));
    assert_false(script_has_fact(&s->error, "on the way to"));
    assert_int_equal(s->requests, 1);
}

static void a_kdc_that_dislikes_canonicalize_is_asked_without_it_once(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    s->error_count = 1;
    s->errors[0].code = 13;
    assert_ok(script_ticket(s, &c, &p));
    assert_int_equal(s->last.req_body.kdc_options, 0);
    s->error_at = 0;
    s->error_count = 2;
    s->errors[1].code = 13;
    assert_code(script_ticket(s, &c, &p), OBOL_KDC_ERR_BADOPTION);
}

static void rename_service(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc) {
    struct principal p = script_name(s, "host/canonical");
    enc->sname = rep->ticket.sname = p.name;
}

static void another_name_is_taken_only_with_canonicalize(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    s->edit_sealed = rename_service;
    assert_ok(script_ticket(s, &c, &p));
    assert_slice_str(principal_text(&c.ticket.server, &s->arena), "host/canonical@EXAMPLE.COM");
    p.options = 0;
    assert_code(script_ticket(s, &c, &p), OBOL_REPLY_MISMATCH);
}

static void a_referral_leads_to_the_next_realm(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    p.service.realm = slice_str(NULL);
    s->refer[0] = "B";
    s->refer[1] = "C";
    s->refer_count = 2;
    assert_ok(script_ticket(s, &c, &p));
    assert_int_equal(s->requests, 3);
    assert_slice_str(principal_text(&c.ticket.server, &s->arena), "HTTP/web@C");
    assert_int_equal(c.tgt_count, 2);
    assert_slice_str(principal_text(&c.tgts[0].server, &s->arena), "krbtgt/B@EXAMPLE.COM");
    assert_slice_str(principal_text(&c.tgts[1].server, &s->arena), "krbtgt/C@B");
    // Whoever thought that it is of the first realm learns better.
    s->refer_at = 0;
    p.service.realm = slice_str("EXAMPLE.COM");
    assert_ok(script_ticket(s, &c, &p));
    assert_slice_str(principal_text(&c.ticket.server, &s->arena), "HTTP/web@C");
    s->refer_at = 0;
    p.options = 0;
    assert_code(script_ticket(s, &c, &p), OBOL_REPLY_MISMATCH);
}

static void referrals_in_a_circle_or_without_end_are_refused(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    static const char *const realms[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"};
    p.service.realm = slice_str(NULL);
    s->refer[0] = "B";
    s->refer[1] = "EXAMPLE.COM";
    s->refer_count = 2;
    assert_code(script_ticket(s, &c, &p), OBOL_KDC_ERR_PATH_NOT_ACCEPTED);
    assert_true(script_has_fact(&s->error, "realms"));
    memcpy(s->refer, realms, sizeof realms);
    s->refer_count = COUNT_OF(realms);
    s->refer_at = 0;
    s->requests = 0;
    assert_code(script_ticket(s, &c, &p), OBOL_KDC_ERR_PATH_NOT_ACCEPTED);
    assert_int_equal(s->requests, CLIENT_HOPS_MAX + 1);
}

static void the_farthest_realm_of_a_path_is_asked_for_first(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web@D");
    struct slice path[] = {slice_str("B"), slice_str("C")};
    p.path = (struct slice_list){path, 2};
    // EXAMPLE.COM knows neither D nor C, but B; B knows D.
    s->error_count = 2;
    s->errors[0].code = s->errors[1].code = 7;
    assert_ok(script_ticket(s, &c, &p));
    assert_int_equal(s->requests, 5);
    assert_slice_str(principal_text(&c.ticket.server, &s->arena), "HTTP/web@D");
    assert_slice_str(principal_text(&c.tgts[0].server, &s->arena), "krbtgt/B@EXAMPLE.COM");
    assert_slice_str(principal_text(&c.tgts[1].server, &s->arena), "krbtgt/D@B");
    // Nobody knows any.
    s->error_at = 0;
    s->error_count = 3;
    s->errors[2].code = 7;
    assert_code(script_ticket(s, &c, &p), OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_true(script_has_fact(&s->error, "on the way to")); // the realm refused is a nearer one
    // B knows nothing beyond itself: it is not asked for a TGT of its own.
    s->error_at = 0;
    s->error_count = 5;
    s->errors[2].code = 0;
    s->errors[3].code = s->errors[4].code = 7;
    s->requests = 0;
    assert_code(script_ticket(s, &c, &p), OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_int_equal(s->requests, 5);
}

static void a_ticket_is_renewed_by_who_gave_it(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct client_output out;
    struct cred tgt = script_tgt(s, "krbtgt/OTHER@EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "krbtgt/OTHER");
    p.options = KDC_OPT_RENEW;
    p.renew_till = SCRIPT_NOW + 90000;
    assert_ok(tgs_client_init(&c, &p, &s->env, &s->arena, NULL));
    assert_ok(tgs_client_step(&c, slice_str(NULL), &out, NULL));
    assert_slice_str(out.realm, "EXAMPLE.COM");
    assert_ok(tgs_client_step(&c, script_tgs(s, out.message), &out, NULL));
    assert_int_equal(out.want, CLIENT_DONE);
    assert_slice_str(principal_text(&c.ticket.server, &s->arena), "krbtgt/OTHER@EXAMPLE.COM");
    assert_int_equal(c.ticket.renew_till, SCRIPT_NOW + 90000);
}

static void a_second_ticket_goes_along_for_user_to_user(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct cred other = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "bob");
    p.options = KDC_OPT_ENC_TKT_IN_SKEY;
    p.additional_ticket = other.ticket;
    assert_ok(script_ticket(s, &c, &p));
    assert_int_equal(s->last.req_body.additional_tickets.count, 1);
    assert_slice_equal(s->last.req_body.additional_tickets.items[0].raw, other.ticket);
    assert_true(c.ticket.is_skey);
    assert_slice_equal(c.ticket.second_ticket, other.ticket);
}

static void what_is_no_tgt_is_refused_at_once(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "HTTP/web");
    struct tgs_params p = params_of(s, &tgt, "HTTP/other");
    assert_code(script_ticket(s, &c, &p), OBOL_INVALID_ARGUMENT);
    tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    tgt.ticket.len = 0;
    assert_code(script_ticket(s, &c, &p), OBOL_INVALID_ARGUMENT);
    tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    tgt.key.keyvalue.len = 3;
    assert_code(script_ticket(s, &c, &p), OBOL_KEY_LENGTH);
}

static void a_reply_too_big_for_udp_is_asked_for_by_tcp(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct client_output out;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    s->error_count = 1;
    s->errors[0].code = 52;
    assert_ok(tgs_client_init(&c, &p, &s->env, &s->arena, NULL));
    assert_ok(tgs_client_step(&c, slice_str(NULL), &out, NULL));
    assert_false(out.tcp);
    assert_ok(tgs_client_step(&c, script_tgs(s, out.message), &out, NULL));
    assert_true(out.want == CLIENT_SEND && out.tcp);
    assert_ok(tgs_client_step(&c, script_tgs(s, out.message), &out, NULL));
    assert_int_equal(out.want, CLIENT_DONE);
    assert_code(tgs_client_step(&c, slice_str("x"), &out, NULL), OBOL_INVALID_ARGUMENT);
}

// ---- acting for another (MS-SFU)

static const struct padata *sent_padata(const struct script *s, int32_t type) {
    for (size_t i = 0; i < s->last.padata.count; i++)
        if (s->last.padata.items[i].padata_type == type)
            return &s->last.padata.items[i];
    return NULL;
}

static void name_bob(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc) {
    UNUSED(enc);
    rep->cname = script_name(s, "bob").name;
}

static void a_ticket_for_ourselves_names_the_user(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "alice");
    const struct principal bob = script_name(s, "bob");
    p.act_for = &bob;
    p.s4u_self = true;
    s->edit_plain = name_bob;
    assert_ok(script_ticket(s, &c, &p));
    assert_slice_str(principal_text(&c.ticket.client, &s->arena), "bob@EXAMPLE.COM");
    const struct padata *sent = sent_padata(s, PA_FOR_USER);
    struct pa_for_user pa;
    assert_non_null(sent);
    assert_null(sent_padata(s, PA_PAC_OPTIONS));
    assert_ok(der_decode(&TYPE_PA_FOR_USER, sent->padata_value, &s->arena, &pa, NULL));
    assert_slice_str(pa.user_realm, "EXAMPLE.COM");
    assert_slice_str(pa.auth_package, "Kerberos");
    // MS-SFU 2.2.1: type, name, realm, package under the TGT's session key.
    struct writer w = writer_to_arena(&s->arena);
    writer_le32(&w, (uint32_t)pa.user_name.name_type);
    writer_str(&w, "bobEXAMPLE.COMKerberos");
    struct crypto_key *key;
    assert_ok(crypto_key_in_arena(&key, &s->arena, tgt.key.keytype, tgt.key.keyvalue, NULL));
    assert_int_equal(pa.cksum.cksumtype, CKSUMTYPE_HMAC_MD5);
    assert_ok(crypto_verify_hmac_md5(key, 17, writer_slice(&w), pa.cksum.checksum, NULL));
}

static void evidence_buys_a_ticket_in_the_user_s_name(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM"), evidence = script_tgt(s, "alice");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    const struct principal bob = script_name(s, "bob");
    p.act_for = &bob;
    p.options |= KDC_OPT_CNAME_IN_ADDL_TKT;
    p.additional_ticket = evidence.ticket;
    s->edit_plain = name_bob;
    assert_ok(script_ticket(s, &c, &p));
    assert_slice_str(principal_text(&c.ticket.client, &s->arena), "bob@EXAMPLE.COM");
    assert_non_null(sent_padata(s, PA_PAC_OPTIONS));
    assert_null(sent_padata(s, PA_FOR_USER));
    assert_int_equal(s->last.req_body.additional_tickets.count, 1);
    assert_slice_equal(s->last.req_body.additional_tickets.items[0].raw, evidence.ticket);
}

static void a_ticket_that_names_another_than_the_user_is_refused(void **state) {
    struct script *s = *state;
    struct tgs_client c;
    struct cred tgt = script_tgt(s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = params_of(s, &tgt, "HTTP/web");
    const struct principal carol = script_name(s, "carol");
    p.act_for = &carol;
    p.s4u_self = true;
    assert_code(script_ticket(s, &c, &p), OBOL_REPLY_MISMATCH); // the TGT's client
    s->edit_plain = name_bob;
    assert_code(script_ticket(s, &c, &p), OBOL_REPLY_MISMATCH);
    p.act_for = NULL;
    assert_code(script_ticket(s, &c, &p), OBOL_REPLY_MISMATCH);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_tgt_becomes_a_ticket_sealed_with_a_subkey),
        CASE(a_reply_under_the_session_key_is_read_as_well),
        CASE(a_dead_tgt_is_not_sent),
        CASE(an_unknown_service_is_named_with_realm_and_client),
        CASE(a_kdc_that_dislikes_canonicalize_is_asked_without_it_once),
        CASE(another_name_is_taken_only_with_canonicalize),
        CASE(a_referral_leads_to_the_next_realm),
        CASE(referrals_in_a_circle_or_without_end_are_refused),
        CASE(the_farthest_realm_of_a_path_is_asked_for_first),
        CASE(a_ticket_is_renewed_by_who_gave_it),
        CASE(a_second_ticket_goes_along_for_user_to_user),
        CASE(what_is_no_tgt_is_refused_at_once),
        CASE(a_reply_too_big_for_udp_is_asked_for_by_tcp),
        cmocka_unit_test_setup_teardown(a_ticket_for_ourselves_names_the_user, setup, teardown),
        cmocka_unit_test_setup_teardown(evidence_buys_a_ticket_in_the_user_s_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_ticket_that_names_another_than_the_user_is_refused, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
