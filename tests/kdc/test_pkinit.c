// PKINIT at the KDC (RFC 4556, 8636, 8070, 8062): whole exchanges at a pretended time, and beside
// each request what must not log in; certificates are in test_pkinit_certificate.c.
#include "pkinit_login.h"

static void a_certificate_logs_its_owner_in_with_each_group(void **state) {
    UNUSED(state);
    const struct pkinit_group *g;
    for (size_t i = 0; (g = pkinit_group_at(i)) != NULL; i++) {
        struct session s;
        assert_int_equal(login("alice", &p.alice, pkinit_group_name(g), &s), 0);
        struct enc_ticket_part t = realm_ticket(r, &s, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
        assert_true(t.flags & TKT_PRE_AUTHENT);
        assert_true(t.flags & TKT_INITIAL);
        assert_false(t.flags & TKT_ANONYMOUS);
        assert_string_equal(r->result.event.preauth, "PKINIT");
        assert_int_equal(r->result.event.login, KDC_LOGIN_SUCCESS);
    }
}

static void the_tgt_gets_tickets(void **state) {
    UNUSED(state);
    struct session s, ticket;
    assert_int_equal(login("alice", &p.alice, "2048", &s), 0);
    struct kdc_req req = realm_tgs_req(r, "HTTP/web.example.com");
    assert_int_equal(realm_ask(r, &s, &req, &ticket), 0);
}

static void a_client_without_any_key_logs_in_by_certificate_only(void **state) {
    UNUSED(state);
    struct certificate c =
        certificate_for("keyless", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    struct session s;
    assert_int_equal(login("keyless", &c, "P-256", &s), 0);
    struct kdc_req req = realm_as_req(r, "keyless", "krbtgt/EXAMPLE.COM");
    assert_int_equal(realm_send(r, realm_encode(r, &req)), PREAUTH_REQUIRED);
    // Whose account needs no preauthentication does not get a ticket under no key.
    realm_set_flags(r, "keyless@EXAMPLE.COM", RECORD_NO_SERVER);
    assert_int_equal(realm_send(r, realm_encode(r, &req)), PREAUTH_REQUIRED);
    p.r.pkinit = NULL;
    realm_start_kdc(r);
    assert_int_equal(realm_send(r, realm_encode(r, &req)), 9); // KDC_ERR_NULL_KEY
    pki_identity_free(c.identity);
}

static void the_old_derivation_and_each_new_one_are_taken(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < 5; i++) {
        struct pkinit_request q;
        struct session s;
        pkinit_begin(&p, "alice", "P-256", &q);
        if (i == 0)
            q.pack.present &= ~(uint32_t)AUTH_PACK_SUPPORTED_KDFS;
        else
            q.pack.supported_kdfs.items[0].kdf_id = pkinit_kdf_oid(pkinit_kdf_at(i - 1));
        assert_int_equal(pkinit_send(&p, &p.alice, &q), 0);
        pkinit_take(&p, &q, named("alice"), &s);
        pkinit_dh_clear(&q.dh);
    }
    struct pkinit_request q;
    pkinit_begin(&p, "alice", "P-256", &q);
    q.pack.supported_kdfs.items[0].kdf_id = SLICE_LITERAL("\x2b\x06\x01\x05\x02\x03\x06\x09");
    assert_int_equal(pkinit_send(&p, &p.alice, &q), NO_KDF);
    pkinit_dh_clear(&q.dh);
}

static void an_indicator_is_earned_by_a_certificate(void **state) {
    UNUSED(state);
    struct slice words[] = {SLICE_LITERAL("pkinit")};
    struct record rec = realm_get(r, "HTTP/web.example.com@EXAMPLE.COM");
    struct record_attribute require = {SLICE_LITERAL("require_auth"), SLICE_LITERAL("pkinit")};
    struct session s, ticket;
    rec.attributes = (struct record_attribute_list){&require, 1};
    realm_put(r, &rec);
    struct kdc_req req = realm_tgs_req(r, "HTTP/web.example.com");
    assert_int_equal(login("alice", &p.alice, "P-256", &s), 0);
    assert_int_equal(realm_ask(r, &s, &req, &ticket), 12); // KDC_ERR_POLICY
    p.settings.indicators = (struct slice_list){words, 1};
    realm_start_kdc(r);
    assert_int_equal(login("alice", &p.alice, "P-256", &s), 0);
    req = realm_tgs_req(r, "HTTP/web.example.com");
    assert_int_equal(realm_ask(r, &s, &req, &ticket), 0);
}

// ---- requests that are not taken

static void a_signature_is_good_for_the_body_that_was_signed(void **state) {
    UNUSED(state);
    struct pkinit_request q;
    pkinit_begin(&p, "alice", "P-256", &q);
    struct slice good = pkinit_encode(&p, &p.alice, &q);
    q.req.req_body.raw = (struct slice){0};
    q.req.req_body.till += HOUR;
    assert_int_equal(realm_send(r, realm_encode(r, &q.req)), MODIFIED);
    assert_int_equal(realm_send(r, good), 0);
    pkinit_dh_clear(&q.dh);
}

// What the KRB-ERROR's typed data names.
static struct algorithm_identifier_list told(int32_t type) {
    struct krb_error e;
    struct padata_list typed;
    struct algorithm_identifier_list list;
    must(der_decode(&TYPE_KRB_ERROR, r->result.reply, &r->arena, &e, err));
    must(der_decode(&TYPE_TYPED_DATA, e.e_data, &r->arena, &typed, err));
    assert_int_equal(typed.items[0].padata_type, type);
    must(der_decode(&TYPE_ALGORITHM_IDENTIFIERS, typed.items[0].padata_value, &r->arena, &list,
                    err));
    return list;
}

static void a_signature_over_sha1_is_taken_where_that_is_allowed(void **state) {
    UNUSED(state);
    assert_int_equal(pkinit_send_sha1(&p), 80); // KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED
    assert_int_equal(told(TD_CMS_DIGEST_ALGORITHMS).count, 3);
    p.settings.allow_sha1 = true;
    assert_int_equal(pkinit_send_sha1(&p), 0);
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), 0);
}

static void a_request_without_its_checksum_is_refused(void **state) {
    UNUSED(state);
    struct pkinit_request q;
    uint8_t sum[HASH_MAX];
    const struct {
        struct slice oid;
        enum hash hash;
        int code;
    } rows[] = {
        {SLICE_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), HASH_SHA256, 0},
        {SLICE_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), HASH_SHA512, 0},
        {SLICE_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), HASH_SHA512, MODIFIED},
        {SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x02\x05"), HASH_MD5, CHECKSUM_MISSING},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pkinit_begin(&p, "alice", "P-256", &q);
        struct slice body = realm_body(r, &q.req);
        hash_compute(rows[i].hash, &body, 1, sum);
        q.pack.pk_authenticator.present = PK_AUTHENTICATOR_PA_CHECKSUM2;
        q.pack.pk_authenticator.pa_checksum2 = (struct pa_checksum2){
            slice_of(sum, hash_length(rows[i].hash)), {.algorithm = rows[i].oid}};
        assert_int_equal(pkinit_send(&p, &p.alice, &q), rows[i].code);
        pkinit_dh_clear(&q.dh);
    }
    pkinit_begin(&p, "alice", "P-256", &q);
    q.pack.pk_authenticator.present = 0;
    assert_int_equal(pkinit_send(&p, &p.alice, &q), CHECKSUM_MISSING);
    pkinit_dh_clear(&q.dh);
}

static void an_old_request_is_refused(void **state) {
    UNUSED(state);
    const struct {
        int64_t off;
        int code;
    } rows[] = {{-301, SKEW}, {-300, 0}, {300, 0}, {301, SKEW}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pkinit_request q;
        pkinit_begin(&p, "alice", "P-256", &q);
        q.pack.pk_authenticator.ctime += rows[i].off;
        assert_int_equal(pkinit_send(&p, &p.alice, &q), rows[i].code);
        pkinit_dh_clear(&q.dh);
    }
    // One that was recorded is worth nothing a moment later: its reply opens with a key that only
    // its maker has.
    struct pkinit_request q;
    pkinit_begin(&p, "alice", "P-256", &q);
    struct slice bytes = pkinit_encode(&p, &p.alice, &q);
    assert_int_equal(realm_send(r, bytes), 0);
    assert_int_equal(realm_send(r, bytes), 0);
    assert_true(r->result.event.retransmission);
    r->now_us += 301 * INT64_C(1000000);
    assert_int_equal(realm_send(r, bytes), SKEW);
    pkinit_dh_clear(&q.dh);
}

static void key_transport_by_rsa_is_refused(void **state) {
    UNUSED(state);
    struct pkinit_request q;
    pkinit_begin(&p, "alice", "P-256", &q);
    q.pack.present &= ~(uint32_t)AUTH_PACK_CLIENT_PUBLIC_VALUE;
    assert_int_equal(pkinit_send(&p, &p.alice, &q), ENCRYPTION_NOT_SUPPORTED);
    pkinit_dh_clear(&q.dh);
}

// The algorithms that the KDC names in TD-DH-PARAMETERS.
static size_t groups_told(const struct pkinit_group **first) {
    struct algorithm_identifier_list list = told(TD_DH_PARAMETERS);
    *first = pkinit_group_read(&list.items[0], &r->arena);
    return list.count;
}

static void a_weak_group_is_refused_and_the_good_ones_are_told(void **state) {
    UNUSED(state);
    const struct pkinit_group *first;
    struct subject_public_key_info info;
    struct pkinit_request q;
    p.settings.dh_min_bits = 4096;
    assert_int_equal(login("alice", &p.alice, "2048", NULL), DH_PARAMETERS_NOT_ACCEPTED);
    assert_int_equal(groups_told(&first), 4);
    assert_string_equal(pkinit_group_name(first), "4096");
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), DH_PARAMETERS_NOT_ACCEPTED);
    assert_int_equal(login("alice", &p.alice, "4096", NULL), 0);
    p.settings.dh_min_bits = 0;
    // A modulus of somebody's own choice, here one that is no prime.
    pkinit_begin(&p, "alice", "2048", &q);
    must(der_decode(&TYPE_SUBJECT_PUBLIC_KEY_INFO, q.pack.client_public_value, &r->arena, &info,
                    err));
    struct buf changed = arena_buf(&r->arena, info.algorithm.parameters.len);
    memcpy(changed.ptr, info.algorithm.parameters.ptr, changed.len);
    changed.ptr[100] ^= 2;
    info.algorithm.parameters = slice_of_buf(changed);
    must(der_encode(&TYPE_SUBJECT_PUBLIC_KEY_INFO, &info, &r->arena, &q.pack.client_public_value,
                    err));
    assert_int_equal(pkinit_send(&p, &p.alice, &q), DH_PARAMETERS_NOT_ACCEPTED);
    pkinit_dh_clear(&q.dh);
}

// What is told to a stranger is less than twice what he sent, so that it is no use against others.
static void the_groups_that_are_told_do_not_amplify(void **state) {
    UNUSED(state);
    static const unsigned bits[] = {4096, 8192, 15360};
    for (size_t i = 0; i < COUNT_OF(bits); i++) {
        struct pkinit_request q;
        const struct pkinit_group *first;
        p.settings.dh_min_bits = bits[i];
        pkinit_begin(&p, "WELLKNOWN/ANONYMOUS", i == 0 ? "2048" : "P-256", &q);
        assert_int_equal(pkinit_send(&p, NULL, &q), DH_PARAMETERS_NOT_ACCEPTED);
        assert_true(r->result.reply.len < 2 * q.bytes.len);
        assert_true(groups_told(&first) > 0);
        pkinit_dh_clear(&q.dh);
    }
}

static void a_degenerate_public_value_is_refused(void **state) {
    UNUSED(state);
    const struct slice values[] = {SLICE_LITERAL("\x02\x01\x00"), SLICE_LITERAL("\x02\x01\x01")};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct subject_public_key_info info;
        struct pkinit_request q;
        pkinit_begin(&p, "alice", "2048", &q);
        must(der_decode(&TYPE_SUBJECT_PUBLIC_KEY_INFO, q.pack.client_public_value, &r->arena, &info,
                        err));
        info.subject_public_key = values[i];
        must(der_encode(&TYPE_SUBJECT_PUBLIC_KEY_INFO, &info, &r->arena,
                        &q.pack.client_public_value, err));
        assert_int_equal(pkinit_send(&p, &p.alice, &q), DH_PARAMETERS_NOT_ACCEPTED);
        pkinit_dh_clear(&q.dh);
    }
}

// CVE-2015-2694: an empty proof is none.
static void what_is_no_pkinit_is_refused(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(r, "alice", "krbtgt/EXAMPLE.COM");
    realm_add_padata(r, &req, PA_PK_AS_REQ, (struct slice){0});
    assert_int_equal(realm_send(r, realm_encode(r, &req)), PREAUTH_FAILED);
    struct pkinit_request q;
    pkinit_begin(&p, "alice", "P-256", &q);
    assert_int_equal(pkinit_send(&p, NULL, &q), PREAUTH_FAILED); // signed by nobody
    assert_int_equal(r->result.event.login, KDC_LOGIN_NONE);     // guesses at no password
    pkinit_dh_clear(&q.dh);
}

// ---- freshness (RFC 8070)

static struct slice fresh_token(const char *client) {
    struct kdc_req req = realm_as_req(r, client, "krbtgt/EXAMPLE.COM");
    struct krb_error e;
    struct padata_list methods;
    realm_add_padata(r, &req, PA_AS_FRESHNESS, (struct slice){0});
    assert_int_equal(realm_send(r, realm_encode(r, &req)), PREAUTH_REQUIRED);
    must(der_decode(&TYPE_KRB_ERROR, r->result.reply, &r->arena, &e, err));
    must(der_decode(&TYPE_METHOD_DATA, e.e_data, &r->arena, &methods, err));
    assert_non_null(pkinit_find(&methods, PA_PK_AS_REQ));
    const struct padata *token = pkinit_find(&methods, PA_AS_FRESHNESS);
    struct slice kept;
    assert_true(token && arena_copy(&p.arena, token->padata_value, &kept));
    return kept;
}

static int login_fresh(struct slice token) {
    struct pkinit_request q;
    pkinit_begin(&p, "alice", "P-256", &q);
    q.pack.pk_authenticator.present |= PK_AUTHENTICATOR_FRESHNESS_TOKEN;
    q.pack.pk_authenticator.freshness_token = token;
    int code = pkinit_send(&p, &p.alice, &q);
    pkinit_dh_clear(&q.dh);
    return code;
}

static void a_token_of_freshness_is_taken_while_it_is_fresh(void **state) {
    UNUSED(state);
    struct slice token = fresh_token("alice"), other = fresh_token("bob");
    assert_int_equal(login_fresh(token), 0);
    p.settings.require_freshness = true;
    assert_int_equal(login_fresh(token), 0);
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), PREAUTH_FAILED);
    assert_int_equal(login_fresh(other), PREAUTH_FAILED);
    assert_int_equal(login_fresh(SLICE_LITERAL("OBOL")), PREAUTH_FAILED);
    struct buf bad = arena_buf(&p.arena, token.len);
    memcpy(bad.ptr, token.ptr, token.len);
    bad.ptr[bad.len - 1] ^= 1;
    assert_int_equal(login_fresh(slice_of_buf(bad)), PREAUTH_FAILED);
    r->now_us += 301 * INT64_C(1000000);
    assert_int_equal(login_fresh(token), EXPIRED);
}

// ---- anonymous clients (RFC 8062)

static int anonymous(struct session *s) {
    struct pkinit_request q;
    pkinit_begin(&p, "WELLKNOWN/ANONYMOUS", "2048", &q);
    int code = pkinit_send(&p, NULL, &q);
    if (code == 0)
        pkinit_take(&p, &q, principal_anonymous(), s);
    pkinit_dh_clear(&q.dh);
    return code;
}

static void an_anonymous_client_gets_an_anonymous_ticket(void **state) {
    UNUSED(state);
    struct session s, ticket;
    assert_int_equal(anonymous(&s), 0);
    struct enc_ticket_part t = realm_ticket(r, &s, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    assert_true(t.flags & TKT_ANONYMOUS);
    assert_slice_str(t.crealm, "WELLKNOWN:ANONYMOUS");
    assert_false(t.present & ENC_TICKET_PART_AUTHORIZATION_DATA);
    struct kdc_req req = realm_tgs_req(r, "HTTP/web.example.com");
    assert_int_equal(realm_ask(r, &s, &req, &ticket), 0);
    t = realm_ticket(r, &ticket, "HTTP/web.example.com@EXAMPLE.COM");
    assert_true(t.flags & TKT_ANONYMOUS);
    assert_slice_str(t.crealm, "WELLKNOWN:ANONYMOUS");
    r->policy.restrict_anonymous = true;
    realm_start_kdc(r);
    req = realm_tgs_req(r, "HTTP/web.example.com");
    assert_int_equal(realm_ask(r, &s, &req, &ticket), 12); // KDC_ERR_POLICY
}

static void nobody_shows_no_certificate(void **state) {
    UNUSED(state);
    struct pkinit_request q;
    struct session s;
    pkinit_begin(&p, "WELLKNOWN/ANONYMOUS", "P-256", &q);
    assert_int_equal(pkinit_send(&p, &p.alice, &q), PREAUTH_FAILED); // signed
    pkinit_dh_clear(&q.dh);
    // Who shows one may ask that the ticket does not tell its name; the key is made with that.
    pkinit_begin(&p, "alice", "P-256", &q);
    q.req.req_body.kdc_options |= (uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
    pkinit_sum(&p, &q);
    assert_int_equal(pkinit_send(&p, &p.alice, &q), 0);
    pkinit_take(&p, &q, realm_name(r, "alice"), &s);
    pkinit_dh_clear(&q.dh);
    assert_true(s.part.flags & TKT_ANONYMOUS);
    assert_true(principal_name_is_anonymous(&s.client.name));
}

static void a_kdc_without_anchors_serves_the_anonymous_only(void **state) {
    UNUSED(state);
    struct session s;
    struct pki_trust *none = certificate_trust(NULL);
    p.settings.trust = none;
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), PREAUTH_REQUIRED);
    // The reply is checked with the realm's CA, by the client.
    assert_int_equal(anonymous(&s), 0);
    pki_trust_free(none);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_certificate_logs_its_owner_in_with_each_group),
        CASE(the_tgt_gets_tickets),
        CASE(a_client_without_any_key_logs_in_by_certificate_only),
        CASE(the_old_derivation_and_each_new_one_are_taken),
        CASE(an_indicator_is_earned_by_a_certificate),
        CASE(a_signature_is_good_for_the_body_that_was_signed),
        CASE(a_signature_over_sha1_is_taken_where_that_is_allowed),
        CASE(a_request_without_its_checksum_is_refused),
        CASE(an_old_request_is_refused),
        CASE(key_transport_by_rsa_is_refused),
        CASE(a_weak_group_is_refused_and_the_good_ones_are_told),
        CASE(the_groups_that_are_told_do_not_amplify),
        CASE(a_degenerate_public_value_is_refused),
        CASE(what_is_no_pkinit_is_refused),
        CASE(a_token_of_freshness_is_taken_while_it_is_fresh),
        CASE(an_anonymous_client_gets_an_anonymous_ticket),
        CASE(nobody_shows_no_certificate),
        CASE(a_kdc_without_anchors_serves_the_anonymous_only),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
