// PKINIT (RFC 4556) between our client and our KDC: who logs in by certificate, and what somebody
// on the way, or another KDC, cannot do.
#include "../krb/certificates.h"
#include "client/preauth.h"
#include "krb/seal.h"
#include "proto/cms.h"
#include "way.h"

static struct arena certs;
static struct certificate ca, kdc_cert, alice, other_ca;
static struct pki_trust *trust, *other_trust;
static struct kdc_pkinit at_kdc;
static struct client_pkinit at_client;

static int setup(void **state) {
    if (preauth_setup(state) != 0 || !arena_init(&certs, 1 << 18, 1 << 22))
        return -1;
    struct realm *r = *state;
    ca = certificate_ca("CA", NOW, NULL, &certs);
    other_ca = certificate_ca("other", NOW, NULL, &certs);
    kdc_cert = certificate_for("krbtgt/EXAMPLE.COM", PKI_PURPOSE_KDC, NOW, &ca, &certs);
    alice = certificate_for("alice", PKI_PURPOSE_CLIENT, NOW, &ca, &certs);
    trust = certificate_trust(&ca);
    other_trust = certificate_trust(&other_ca);
    at_kdc =
        (struct kdc_pkinit){.identity = kdc_cert.identity, .trust = trust, .dh_min_bits = 2048};
    at_client = (struct client_pkinit){
        .identity = alice.identity, .trust = trust, .purposes = PKI_PURPOSE_KDC};
    struct admin_new_principal p = {
        .name = slice_str("WELLKNOWN/ANONYMOUS"), .kind = ADMIN_USER, .keys = {.none = true}};
    assert_ok(admin_principal_add(r->admin, &p, &r->error));
    r->config.pkinit = &at_kdc;
    restart_kdc(r);
    return 0;
}
static int teardown(void **state) {
    pki_identity_free(ca.identity);
    pki_identity_free(other_ca.identity);
    pki_identity_free(kdc_cert.identity);
    pki_identity_free(alice.identity);
    pki_trust_free(trust);
    pki_trust_free(other_trust);
    arena_clear(&certs);
    return realm_teardown(state);
}

static enum obol_code log_in(struct realm *r, struct as_params *p, struct as_client *as) {
    p->pkinit = &at_client;
    enum obol_code code = login(r, p, "wrong", as);
    pkinit_dh_clear(&as->pkinit.dh);
    return code;
}
static enum obol_code log_in_alice(struct realm *r) {
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    return log_in(r, &p, &as);
}

static void a_certificate_logs_in_in_each_group(void **state) {
    struct realm *r = *state;
    for (size_t i = 0; i < 7; i++) {
        struct as_client as;
        struct as_params p = {.client = name_of(r, "alice")};
        at_client.group = i ? pkinit_group_at(i - 1) : NULL;
        assert_ok(log_in(r, &p, &as));
        assert_int_equal(as.facts.preauth, PA_PK_AS_REQ);
        assert_int_equal(as.facts.round_trips, 2);
        assert_true(as.facts.request_verified);
        struct tgs_client tgs;
        struct tgs_params t = {.tgt = &as.ticket, .service = name_of(r, "HTTP/web")};
        assert_ok(ticket(r, &t, &tgs));
    }
}

static void freshness_is_shown_where_it_is_asked_for(void **state) {
    struct realm *r = *state;
    at_kdc.require_freshness = true;
    assert_ok(log_in_alice(r));
}

static void a_weak_group_is_given_up_for_one_that_the_kdc_takes(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    at_kdc.dh_min_bits = 4096;
    assert_ok(log_in(r, &p, &as));
    assert_string_equal(pkinit_group_name(as.pkinit.group), "4096");
    assert_int_equal(as.facts.round_trips, 3);
}

// Whoever forges the refusal gets no weaker group than was asked for.
static void name_2048(struct realm *r, unsigned n, struct slice *reply) {
    struct krb_error e = {.pvno = 5, .msg_type = KRB_ERROR, .error_code = 65, .stime = NOW};
    struct algorithm_identifier algorithm;
    struct padata typed = {.padata_type = TD_DH_PARAMETERS};
    if (n == 0)
        return;
    assert_ok(pkinit_group_algorithm(pkinit_group_at(0), &r->arena, &algorithm, NULL));
    struct algorithm_identifier_list list = {&algorithm, 1};
    typed.padata_value = encoded(r, &TYPE_ALGORITHM_IDENTIFIERS, &list);
    e.e_data = encoded(r, &TYPE_TYPED_DATA, &(struct padata_list){&typed, 1});
    e.present = KRB_ERROR_E_DATA;
    e.realm = slice_str("EXAMPLE.COM");
    e.sname = name_of(r, "krbtgt/EXAMPLE.COM").name;
    *reply = encoded(r, &TYPE_KRB_ERROR, &e);
}
static void nobody_on_the_way_weakens_the_group(void **state) {
    struct realm *r = *state;
    at_client.group = pkinit_group_find(SLICE_LITERAL("4096"));
    way.reply = name_2048;
    assert_code(log_in_alice(r), OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED);
    assert_int_equal(way.messages, 2);
}

// Heimdal's KDC signs with SHA-1 for who does not say what he takes.
static struct auth_pack seen;
static void read_pack(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_req req;
    struct pa_pk_as_req pa;
    struct pki_message m;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REQ, *message, &r->arena, &req, NULL));
    struct padata *value = padata_of(&req.padata, PA_PK_AS_REQ);
    assert_ok(der_decode(&TYPE_PA_PK_AS_REQ, value->padata_value, &r->arena, &pa, NULL));
    assert_ok(pki_message_open(&m, pa.signed_auth_pack, PKINIT_AUTH_DATA, &r->arena, NULL));
    assert_ok(der_decode(&TYPE_AUTH_PACK, m.content, &r->arena, &seen, NULL));
    pki_message_clear(&m);
}
static bool names(struct slice algorithm) {
    const struct algorithm_identifier_list *list = &seen.supported_cms_types;
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq(list->items[i].algorithm, algorithm))
            return true;
    return false;
}
static void a_request_says_which_signatures_it_takes(void **state) {
    way.request = read_pack;
    assert_ok(log_in_alice(*state));
    assert_true(seen.present & AUTH_PACK_SUPPORTED_CMS_TYPES);
    assert_true(names(SLICE_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x02\x01")));  // SHA-256
    assert_true(names(SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d")));  // RSA, SHA-512
    assert_true(names(SLICE_LITERAL("\x2a\x86\x48\xce\x3d\x04\x03\x03")));      // ECDSA, SHA-384
    assert_false(names(SLICE_LITERAL("\x2b\x0e\x03\x02\x1a")));                 // SHA-1
    assert_false(names(SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"))); // RSA, SHA-1
}

static void a_kdc_of_another_ca_is_not_trusted(void **state) {
    struct realm *r = *state;
    at_client.trust = other_trust;
    assert_code(log_in_alice(r), OBOL_KDC_ERR_KDC_NOT_TRUSTED);
    at_client.trust = trust;
    r->client.now = r->server.now = NOW + 366 * INT64_C(86400);
    assert_true(log_in_alice(r) != OBOL_OK);
}

static bool fact_holds(struct realm *r, const char *name, const char *text) {
    const char *n, *value;
    for (size_t at = 0; error_fact_next(&r->error, &at, &n, &value);)
        if (strcmp(n, name) == 0 && strstr(value, text))
            return true;
    return false;
}

// RFC 4556 3.2.2: who is refused learns which CAs would have done, or what is wrong with which.
static void a_refusal_says_whom_the_kdc_trusts(void **state) {
    struct realm *r = *state;
    struct certificate foreign =
        certificate_for("alice", PKI_PURPOSE_CLIENT, NOW, &other_ca, &certs);
    at_client.identity = foreign.identity;
    assert_code(log_in_alice(r), OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE);
    assert_true(fact_holds(r, "the KDC trusts", "CN=CA"));
    assert_true(fact_holds(r, "certificate", "CN=alice, of CN=other"));
    pki_identity_free(foreign.identity);
}
static void a_refusal_says_which_certificate_is_not_valid(void **state) {
    struct realm *r = *state;
    struct slice crl;
    assert_ok(pki_issue_crl(ca.identity, (struct slice){0}, alice.pem, NOW, NOW + 30 * CERT_DAY,
                            &certs, &crl, &r->error));
    struct pki_trust *revoking = certificate_trust(&ca);
    assert_ok(pki_trust_add(revoking, PKI_CRLS, crl, &r->error));
    at_kdc.trust = revoking;
    assert_code(log_in_alice(r), OBOL_KDC_ERR_REVOKED_CERTIFICATE);
    assert_true(fact_holds(r, "the KDC does not take", "number 0x"));
    assert_true(fact_holds(r, "the KDC does not take", "of CN=CA"));
    pki_trust_free(revoking);
}
static void tell_nonsense(struct realm *r, unsigned n, struct slice *reply) {
    struct krb_error e = {.pvno = 5, .msg_type = KRB_ERROR, .error_code = 70, .stime = NOW};
    struct padata typed = {.padata_type = TD_TRUSTED_CERTIFIERS,
                           .padata_value = SLICE_LITERAL("\x30\x05\x30\x03\x80\x01x")};
    if (n == 0)
        return;
    e.e_data = encoded(r, &TYPE_TYPED_DATA, &(struct padata_list){&typed, 1});
    e.present = KRB_ERROR_E_DATA;
    e.realm = slice_str("EXAMPLE.COM");
    e.sname = name_of(r, "krbtgt/EXAMPLE.COM").name;
    *reply = encoded(r, &TYPE_KRB_ERROR, &e);
}
static void names_that_are_none_are_left_out(void **state) {
    struct realm *r = *state;
    way.reply = tell_nonsense;
    assert_code(log_in_alice(r), OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE);
    assert_false(fact_holds(r, "the KDC trusts", ""));
}

// A certificate of the same CA is not a KDC's for that.
static void a_certificate_that_is_no_kdcs_is_not_trusted(void **state) {
    struct realm *r = *state;
    const struct {
        const char *name;
        uint32_t purposes, wanted;
        enum obol_code code;
    } rows[] = {
        {"alice", PKI_PURPOSE_CLIENT, PKI_PURPOSE_KDC, OBOL_KDC_ERR_KDC_NOT_TRUSTED},
        {"alice", PKI_PURPOSE_KDC, PKI_PURPOSE_KDC, OBOL_KDC_ERR_KDC_NOT_TRUSTED},
        {"krbtgt/OTHER.ORG", PKI_PURPOSE_KDC, PKI_PURPOSE_KDC, OBOL_KDC_ERR_KDC_NOT_TRUSTED},
        {"krbtgt/EXAMPLE.COM", PKI_PURPOSE_CLIENT, PKI_PURPOSE_KDC, OBOL_KDC_ERR_KDC_NOT_TRUSTED},
        {"krbtgt/EXAMPLE.COM", PKI_PURPOSE_CLIENT, 0, OBOL_OK},
        {"krbtgt/EXAMPLE.COM", PKI_PURPOSE_SERVER_AUTH, PKI_PURPOSE_KDC | PKI_PURPOSE_SERVER_AUTH,
         OBOL_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct certificate c = certificate_for(rows[i].name, rows[i].purposes, NOW, &ca, &certs);
        at_kdc.identity = c.identity;
        at_client.purposes = rows[i].wanted;
        assert_code(log_in_alice(r), rows[i].code);
        pki_identity_free(c.identity);
    }
}

static void a_host_that_was_named_stands_for_the_realm(void **state) {
    struct realm *r = *state;
    struct slice host = SLICE_LITERAL("kdc.example.com"), wrong = SLICE_LITERAL("web.example.com");
    const struct pki_wanted wanted = {.common_name = host,
                                      .hosts = {&host, 1},
                                      .from = NOW,
                                      .until = NOW + CERT_DAY,
                                      .purposes = PKI_PURPOSE_KDC};
    struct certificate c = certificate_make(&wanted, &ca, &certs);
    at_kdc.identity = c.identity;
    assert_code(log_in_alice(r), OBOL_KDC_ERR_KDC_NOT_TRUSTED);
    at_client.hosts = (struct slice_list){&wrong, 1};
    assert_code(log_in_alice(r), OBOL_KDC_ERR_KDC_NOT_TRUSTED);
    at_client.hosts = (struct slice_list){&host, 1};
    assert_ok(log_in_alice(r));
    pki_identity_free(c.identity);
}

// ---- what somebody on the way may try

static struct slice kept;
static void replay_an_older_answer(struct realm *r, unsigned n, struct slice *reply) {
    struct kdc_rep rep, old;
    if (n != 1)
        return;
    if (!kept.len) {
        kept = *reply;
        return;
    }
    assert_ok(der_decode(&TYPE_AS_REP, *reply, &r->arena, &rep, NULL));
    assert_ok(der_decode(&TYPE_AS_REP, kept, &r->arena, &old, NULL));
    *padata_of(&rep.padata, PA_PK_AS_REP) = *padata_of(&old.padata, PA_PK_AS_REP);
    *reply = encoded(r, &TYPE_AS_REP, &rep);
}
static void an_answer_is_good_for_one_request(void **state) {
    struct realm *r = *state;
    kept = (struct slice){0};
    way.reply = replay_an_older_answer;
    assert_ok(log_in_alice(r));
    assert_code(log_in_alice(r), OBOL_REPLY_MISMATCH);
}

static void flip_the_answer(struct realm *r, unsigned n, struct slice *reply) {
    struct kdc_rep rep;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *reply, &r->arena, &rep, NULL));
    struct padata *pa = padata_of(&rep.padata, PA_PK_AS_REP);
    pa->padata_value = flipped(r, pa->padata_value, pa->padata_value.len - 20);
    *reply = encoded(r, &TYPE_AS_REP, &rep);
}
// As an old KDC signs: the key that the two ends then have is of the answer as it was.
static void sign_again_with_sha1(struct realm *r, unsigned n, struct slice *reply) {
    struct kdc_rep rep;
    struct pa_pk_as_rep answer;
    struct pki_message m;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *reply, &r->arena, &rep, NULL));
    struct padata *pa = padata_of(&rep.padata, PA_PK_AS_REP);
    assert_ok(der_decode(&TYPE_PA_PK_AS_REP, pa->padata_value, &r->arena, &answer, NULL));
    assert_ok(pki_message_open(&m, answer.dh_info.dh_signed_data, PKINIT_DH_KEY_DATA, &r->arena,
                               &r->error));
    answer.dh_info.dh_signed_data =
        certificate_sign_sha1(&kdc_cert, m.content, "1.3.6.1.5.2.3.2", &r->arena);
    pki_message_clear(&m);
    pa->padata_value = encoded(r, &TYPE_PA_PK_AS_REP, &answer);
    *reply = encoded(r, &TYPE_AS_REP, &rep);
}
static void an_answer_signed_over_sha1_is_taken_where_that_is_allowed(void **state) {
    struct realm *r = *state;
    way.reply = sign_again_with_sha1;
    assert_code(log_in_alice(r), OBOL_KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED);
    at_client.allow_sha1 = true;
    enum obol_code code = log_in_alice(r); // past the signature
    assert_true(code != OBOL_OK && code != OBOL_KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED);
    way.reply = NULL;
    assert_ok(log_in_alice(r));
}

static void drop_the_answer(struct realm *r, unsigned n, struct slice *reply) {
    struct kdc_rep rep;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *reply, &r->arena, &rep, NULL));
    rep.padata.count = 0;
    rep.present &= ~(uint32_t)KDC_REP_PADATA;
    *reply = encoded(r, &TYPE_AS_REP, &rep);
}
static void a_changed_or_missing_answer_is_refused(void **state) {
    struct realm *r = *state;
    way.reply = flip_the_answer;
    assert_true(log_in_alice(r) != OBOL_OK);
    way.reply = drop_the_answer;
    assert_code(log_in_alice(r), OBOL_REPLY_MISMATCH);
}

// CVE-2019-12098: a KDC that has chosen the session key alone knows it beforehand. It knows the
// reply key, too, so that what it sends opens.
static void a_session_key_that_is_not_mixed_is_refused(void **state) {
    struct realm *r = *state;
    uint8_t bytes[32] = {1, 2, 3};
    const struct encryption_key drawn = {18, slice_of(bytes, sizeof bytes)};
    struct as_client c = {.preauth = &CLIENT_PREAUTH_PKINIT, .arena = &r->arena};
    struct padata kx = {.padata_type = PA_PKINIT_KX};
    struct crypto_key *contribution, *session;
    struct encrypted_data sealed;
    struct error err;
    error_init(&err);
    assert_ok(crypto_key_in_arena(&contribution, &r->arena, 18, drawn.keyvalue, &err));
    uint8_t other[32] = {4, 5, 6}, key[32];
    assert_ok(crypto_key_in_arena(&c.pkinit.reply_key, &r->arena, 18, slice_of(other, sizeof other),
                                  &err));
    assert_ok(krb_seal(&TYPE_ENCRYPTION_KEY, &drawn, c.pkinit.reply_key, KU_PA_PKINIT_KX, 0,
                       &r->server_env, &r->arena, &sealed, &err));
    kx.padata_value = encoded(r, &TYPE_ENCRYPTED_DATA, &sealed);
    c.rep.present = KDC_REP_PADATA;
    c.rep.padata = (struct padata_list){&kx, 1};
    assert_ok(pkinit_session_key(contribution, c.pkinit.reply_key, &r->arena, &session, &err));
    memcpy(key, crypto_key_bytes(session).ptr, sizeof key);
    c.enc.key = (struct encryption_key){18, slice_of(key, sizeof key)};
    assert_ok(client_pkinit_check_session(&c, &err));
    for (size_t i = 0; i < sizeof key; i += sizeof key - 1) {
        error_init(&err);
        key[i] ^= 1;
        assert_code(client_pkinit_check_session(&c, &err), OBOL_REPLY_MISMATCH);
        key[i] ^= 1;
    }
    c.enc.key.keyvalue = drawn.keyvalue; // the KDC's part alone
    error_init(&err);
    assert_code(client_pkinit_check_session(&c, &err), OBOL_REPLY_MISMATCH);
}

// ---- anonymous

static void drop_kx(struct realm *r, unsigned n, struct slice *reply) {
    struct kdc_rep rep;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *reply, &r->arena, &rep, NULL));
    padata_of(&rep.padata, PA_PKINIT_KX)->padata_type = 1234;
    *reply = encoded(r, &TYPE_AS_REP, &rep);
}
static void an_anonymous_login_armors_another(void **state) {
    struct realm *r = *state;
    struct as_client anonymous, as;
    struct as_params p = {.client = name_of(r, "WELLKNOWN/ANONYMOUS"),
                          .options = (uint32_t)KDC_OPT_REQUEST_ANONYMOUS};
    at_client.identity = NULL;
    assert_ok(log_in(r, &p, &anonymous));
    assert_slice_str(anonymous.ticket.client.realm, "WELLKNOWN:ANONYMOUS");
    assert_true(anonymous.ticket.flags & TKT_ANONYMOUS);
    struct as_params user = {
        .client = name_of(r, "alice"), .armor = &anonymous.ticket, .armor_required = true};
    assert_ok(login(r, &user, RIGHT, &as));
    assert_true(as.facts.armored);
    assert_code(login(r, &user, "wrong", &as), OBOL_PASSWORD_WRONG);
    at_client.identity = alice.identity;
    assert_ok(log_in(r, &user, &as));
    assert_int_equal(as.facts.preauth, PA_PK_AS_REQ);
    // Who cannot show how the session key was made has chosen it alone (CVE-2019-12098).
    at_client.identity = NULL;
    way.reply = drop_kx;
    assert_code(log_in(r, &p, &anonymous), OBOL_REPLY_MISMATCH);
    way.reply = NULL;
    at_client.trust = other_trust;
    assert_code(log_in(r, &p, &anonymous), OBOL_KDC_ERR_KDC_NOT_TRUSTED);
}

// ---- who has a name, and a ticket without it

static void ask_for_a_name(struct realm *r, unsigned n, struct slice *message) {
    UNUSED(n);
    struct kdc_req req = read_as_req(r, *message);
    req.req_body.raw = (struct slice){0};
    req.req_body.kdc_options &= ~(uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
    *message = encoded(r, &TYPE_AS_REQ, &req);
}
// What stands in the open says that the ticket is nobody's, where the sealed part does not.
static void say_nobody(struct realm *r, unsigned n, struct slice *reply) {
    struct kdc_rep rep;
    struct krb_error e;
    UNUSED(n);
    if (error_of(r, *reply, &e))
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *reply, &r->arena, &rep, NULL));
    rep.cname = principal_anonymous().name;
    *reply = encoded(r, &TYPE_AS_REP, &rep);
}
static void a_name_is_hidden_or_the_ticket_refused(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct tgs_client tgs;
    struct as_params p = {.client = name_of(r, "alice")};
    assert_ok(login(r, &p, RIGHT, &as));
    struct tgs_params t = {.tgt = &as.ticket,
                           .service = name_of(r, "HTTP/web"),
                           .options = (uint32_t)KDC_OPT_REQUEST_ANONYMOUS};
    assert_ok(ticket(r, &t, &tgs));
    assert_true(tgs.ticket.flags & TKT_ANONYMOUS);
    assert_true(principal_name_is_anonymous(&tgs.ticket.client.name));
    p.options = (uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_slice_str(principal_text(&as.ticket.client, &r->arena),
                     "WELLKNOWN/ANONYMOUS@EXAMPLE.COM");
    t.options = 0;
    assert_ok(ticket(r, &t, &tgs));
    assert_true(principal_eq(&tgs.ticket.client, &as.ticket.client));
    // RFC 8062 4.3: a KDC that leaves the option out, or somebody on the way who does. (SPAKE would
    // tell that it was somebody on the way.)
    static const int32_t timestamp[] = {PA_ENC_TIMESTAMP, 0};
    p.preauth_allowed = timestamp;
    assert_ok(login(r, &p, RIGHT, &as));
    way.request = ask_for_a_name;
    assert_code(login(r, &p, RIGHT, &as), OBOL_REPLY_MISMATCH);
    way.reply = say_nobody;
    assert_code(login(r, &p, RIGHT, &as), OBOL_REPLY_MISMATCH);
}

#undef CASE
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_certificate_logs_in_in_each_group),
        CASE(freshness_is_shown_where_it_is_asked_for),
        CASE(a_weak_group_is_given_up_for_one_that_the_kdc_takes),
        CASE(nobody_on_the_way_weakens_the_group),
        CASE(a_request_says_which_signatures_it_takes),
        CASE(a_kdc_of_another_ca_is_not_trusted),
        CASE(a_refusal_says_whom_the_kdc_trusts),
        CASE(a_refusal_says_which_certificate_is_not_valid),
        CASE(names_that_are_none_are_left_out),
        CASE(a_certificate_that_is_no_kdcs_is_not_trusted),
        CASE(a_host_that_was_named_stands_for_the_realm),
        CASE(an_answer_is_good_for_one_request),
        CASE(an_answer_signed_over_sha1_is_taken_where_that_is_allowed),
        CASE(a_changed_or_missing_answer_is_refused),
        CASE(a_session_key_that_is_not_mixed_is_refused),
        CASE(an_anonymous_login_armors_another),
        CASE(a_name_is_hidden_or_the_ticket_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
