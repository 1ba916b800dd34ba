// A service knows its user by his certificate (S4U2Self, MS-SFU 2.2.2): whose the KDC says it is,
// at the AS that is asked for his realm and at the TGS, and beside it what it finds nobody by.
#include "../test.h"
#include "pkinit.h"
#include "proto/s4u.h"

#define FRONT      "HTTP/front.example.com"
#define FRONT_NAME FRONT "@EXAMPLE.COM"

enum {
    NAME_EXPIRED = 1,
    CLIENT_UNKNOWN = 6,
    POLICY = 12,
    PREAUTH_REQUIRED = 25,
    MODIFIED = 41,
    WRONG_REALM = 68,
    CANT_VERIFY = 70,
    INVALID_CERTIFICATE = 71,
    REVOKED = 72,
    NAME_MISMATCH = 75,
    WRONG_PURPOSE = 77,
};

static struct pkinit_realm p;
static struct realm *r = &p.r;
static struct session front;

static int setup(void **state) {
    UNUSED(state);
    pkinit_open(&p);
    struct record rec = realm_record(r, FRONT_NAME, RECORD_REQUIRES_PREAUTH, 2, AES_ALL);
    realm_put(r, &rec);
    front = realm_login(r, FRONT);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    pkinit_close(&p);
    return 0;
}

static struct slice der_of(const struct certificate *c) {
    struct slice der;
    must(pki_certificate_der(c->pem, &p.arena, &der, err));
    return der;
}

// What a request says of the user; `name` NULL: only the certificate does.
struct said {
    struct slice certificate, realm;
    const char *name;
    bool another; // the checksum is of another certificate
};

static struct slice x509_user(const struct said *said, uint32_t nonce) {
    struct pa_s4u_x509_user pa = {.user_id = {.nonce = nonce, .crealm = said->realm}};
    struct s4u_user_id *id = &pa.user_id;
    struct slice bytes, out;
    uint8_t sum[24];
    if (said->certificate.len) {
        id->present |= S4U_USER_ID_SUBJECT_CERTIFICATE;
        id->subject_certificate = said->certificate;
    }
    if (said->name) {
        id->present |= S4U_USER_ID_CNAME;
        id->cname = realm_name(r, said->name).name;
    }
    if (!id->crealm.len)
        id->crealm = SLICE_LITERAL("EXAMPLE.COM");
    must(der_encode(&TYPE_S4U_USER_ID, id, &r->arena, &bytes, err));
    must(crypto_checksum(front.key, 26, bytes, buf_of(sum, sizeof sum), err));
    pa.checksum = (struct checksum){CKSUMTYPE_HMAC_SHA384_192_AES256, slice_of(sum, sizeof sum)};
    if (said->another)
        id->subject_certificate = der_of(&p.kdc);
    must(der_encode(&TYPE_PA_S4U_X509_USER, &pa, &r->arena, &out, err));
    return out;
}

static int ask(const struct said *said, struct session *out) {
    struct kdc_req req = realm_tgs_req(r, FRONT);
    struct session ignored = {0};
    realm_add_padata(r, &req, PA_S4U_X509_USER, x509_user(said, req.req_body.nonce));
    return realm_ask(r, &front, &req, out ? out : &ignored);
}
static int ask_by(const struct certificate *c, const char *name) {
    const struct said said = {.certificate = der_of(c), .name = name};
    return ask(&said, NULL);
}

// The request for his realm, which nobody means to end in a login.
static int whose_by(struct slice der, int32_t name_type) {
    struct kdc_req req = realm_as_req(r, "unused", "krbtgt/EXAMPLE.COM");
    static struct slice empty = {(const uint8_t *)"", 0};
    req.req_body.cname = (struct principal_name){name_type, {&empty, 1}};
    req.req_body.kdc_options |= (uint32_t)KDC_OPT_CANONICALIZE;
    realm_add_padata(r, &req, PA_S4U_X509_USER, der);
    return realm_send(r, realm_encode(r, &req));
}
static int whose(const struct certificate *c) {
    return whose_by(der_of(c), NT_X500_PRINCIPAL);
}

static struct certificate made(const struct pki_wanted *wanted) {
    struct pki_wanted w = *wanted;
    w.common_name = SLICE_LITERAL("card");
    w.from = w.from ? w.from : realm_time(r);
    w.until = w.until ? w.until : realm_time(r) + CERT_DAY;
    w.purposes = w.purposes ? w.purposes : PKI_PURPOSE_CLIENT;
    return certificate_make(&w, &p.ca, &p.arena);
}

static void a_certificate_stands_for_its_owner(void **state) {
    UNUSED(state);
    static const char *const names[] = {NULL, "alice"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct said said = {.certificate = der_of(&p.alice), .name = names[i]};
        struct session s = {0};
        struct pa_s4u_x509_user answer;
        assert_int_equal(ask(&said, &s), 0);
        const struct enc_ticket_part t = realm_ticket(r, &s, FRONT_NAME);
        assert_slice_str(t.cname.name_string.items[0], "alice");
        // Under protection the answer says who he is.
        const struct padata *pa = pkinit_find(&s.rep.padata, PA_S4U_X509_USER);
        assert_non_null(pa);
        must(der_decode(&TYPE_PA_S4U_X509_USER, pa->padata_value, &r->arena, &answer, err));
        assert_slice_str(answer.user_id.cname.name_string.items[0], "alice");
        assert_false(answer.user_id.present & S4U_USER_ID_SUBJECT_CERTIFICATE);
    }
    assert_int_equal(whose(&p.alice), PREAUTH_REQUIRED);
}

static void a_certificate_is_asked_about_as_a_name_is(void **state) {
    UNUSED(state);
    // It is looked at in the place of a name only.
    assert_int_equal(whose_by(der_of(&p.alice), NT_PRINCIPAL), CLIENT_UNKNOWN);
    assert_int_equal(whose_by((struct slice){0}, NT_X500_PRINCIPAL), CLIENT_UNKNOWN);
    assert_int_equal(whose_by(SLICE_LITERAL("none"), NT_X500_PRINCIPAL), INVALID_CERTIFICATE);
    // Without preauthentication the login goes on, as for any name: under the owner's key.
    realm_set_flags(r, "alice@EXAMPLE.COM", 0);
    assert_int_equal(whose(&p.alice), 0);
    struct kdc_rep rep;
    must(der_decode(&TYPE_AS_REP, r->result.reply, &r->arena, &rep, err));
    assert_slice_str(rep.cname.name_string.items[0], "alice");
}

static void a_certificate_of_nobody_finds_nobody(void **state) {
    UNUSED(state);
    struct certificate gone =
        certificate_for("gone", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    struct certificate plain = made(&(struct pki_wanted){0});
    const struct said none = {.realm = SLICE_LITERAL("EXAMPLE.COM")};
    assert_int_equal(ask_by(&gone, NULL), CLIENT_UNKNOWN);
    assert_int_equal(whose(&gone), CLIENT_UNKNOWN);
    assert_int_equal(ask_by(&plain, NULL), CLIENT_UNKNOWN);
    assert_int_equal(whose(&plain), CLIENT_UNKNOWN);
    assert_int_equal(ask(&none, NULL), CLIENT_UNKNOWN);
    assert_int_equal(ask_by(&plain, "alice"), NAME_MISMATCH);
    assert_int_equal(ask_by(&p.alice, "bob"), NAME_MISMATCH);
    pki_identity_free(gone.identity);
    pki_identity_free(plain.identity);
}

static void a_certificate_that_would_log_nobody_in_is_refused(void **state) {
    UNUSED(state);
    struct certificate other = certificate_ca("other", realm_time(r), NULL, &p.arena);
    struct certificate forged =
        certificate_for("alice", PKI_PURPOSE_CLIENT, realm_time(r), &other, &p.arena);
    struct certificate server =
        certificate_for("alice", PKI_PURPOSE_SERVER_AUTH, realm_time(r), &p.ca, &p.arena);
    const struct principal alice = certificate_principal("alice", &p.arena);
    struct certificate old = made(&(struct pki_wanted){
        .principal = &alice, .from = realm_time(r) - 2 * CERT_DAY, .until = realm_time(r) - 1});
    const struct {
        const struct certificate *certificate;
        int code;
    } rows[] = {{&forged, CANT_VERIFY}, {&server, WRONG_PURPOSE}, {&old, INVALID_CERTIFICATE}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(ask_by(rows[i].certificate, NULL), rows[i].code);
        assert_int_equal(ask_by(rows[i].certificate, "alice"), rows[i].code);
        assert_int_equal(whose(rows[i].certificate), rows[i].code);
    }
    struct slice crl;
    must(pki_issue_crl(p.ca.identity, (struct slice){0}, p.alice.pem, realm_time(r),
                       realm_time(r) + DAY, &p.arena, &crl, err));
    must(pki_trust_add(p.trust, PKI_CRLS, crl, err));
    assert_int_equal(ask_by(&p.alice, NULL), REVOKED);
    assert_int_equal(whose(&p.alice), REVOKED);
    pki_identity_free(other.identity);
    pki_identity_free(forged.identity);
    pki_identity_free(server.identity);
    pki_identity_free(old.identity);
}

static void a_request_is_about_what_the_service_signed(void **state) {
    UNUSED(state);
    const struct said changed = {.certificate = der_of(&p.alice), .another = true};
    const struct said abroad = {.certificate = der_of(&p.alice),
                                .realm = SLICE_LITERAL("OTHER.ORG")};
    const struct said broken = {.certificate = SLICE_LITERAL("\x30\x03\x02\x01")};
    assert_int_equal(ask(&changed, NULL), MODIFIED);
    assert_int_equal(ask(&abroad, NULL), POLICY);
    assert_int_equal(ask(&broken, NULL), INVALID_CERTIFICATE);
    // Nothing may trail.
    const struct slice der = der_of(&p.alice);
    uint8_t *bytes = arena_zalloc(&p.arena, 1, der.len + 1);
    assert_non_null(bytes);
    memcpy(bytes, der.ptr, der.len);
    const struct said longer = {.certificate = slice_of(bytes, der.len + 1)};
    assert_int_equal(ask(&longer, NULL), INVALID_CERTIFICATE);
}

static void the_rules_of_a_principal_say_which_are_his(void **state) {
    UNUSED(state);
    struct record rec = realm_get(r, "alice@EXAMPLE.COM");
    struct record_attribute map = {SLICE_LITERAL("certificate"), SLICE_LITERAL("subject:CN=card")};
    struct certificate card = made(&(struct pki_wanted){0});
    rec.attributes = (struct record_attribute_list){&map, 1};
    realm_put(r, &rec);
    assert_int_equal(ask_by(&p.alice, NULL), NAME_MISMATCH);
    assert_int_equal(whose(&p.alice), NAME_MISMATCH);
    assert_int_equal(ask_by(&card, "alice"), 0);
    assert_int_equal(ask_by(&card, NULL), CLIENT_UNKNOWN); // it names nobody
    map = (struct record_attribute){SLICE_LITERAL("pkinit_cert_match"),
                                    SLICE_LITERAL("<SUBJECT>CN=alice")};
    realm_put(r, &rec);
    assert_int_equal(ask_by(&p.alice, NULL), 0);
    assert_int_equal(ask_by(&card, "alice"), NAME_MISMATCH);
    pki_identity_free(card.identity);
}

static void a_upn_finds_its_owner_where_that_is_allowed(void **state) {
    UNUSED(state);
    struct record rec = realm_get(r, "alice@EXAMPLE.COM");
    struct slice alias = SLICE_LITERAL("mail\\@corp.example@EXAMPLE.COM");
    struct certificate mail = made(&(struct pki_wanted){.upn = SLICE_LITERAL("mail@corp.example")});
    struct certificate here = made(&(struct pki_wanted){.upn = SLICE_LITERAL("alice@example.com")});
    const struct certificate *both[] = {&mail, &here};
    rec.aliases = (struct slice_list){&alias, 1};
    realm_put(r, &rec);
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        const struct said said = {.certificate = der_of(both[i])};
        struct session s = {0};
        p.settings.allow_upn = false;
        assert_int_equal(ask(&said, NULL), CLIENT_UNKNOWN);
        assert_int_equal(whose(both[i]), CLIENT_UNKNOWN);
        p.settings.allow_upn = true;
        assert_int_equal(ask(&said, &s), 0);
        assert_slice_str(realm_ticket(r, &s, FRONT_NAME).cname.name_string.items[0], "alice");
        assert_int_equal(whose(both[i]), PREAUTH_REQUIRED);
    }
    pki_identity_free(mail.identity);
    pki_identity_free(here.identity);
}

static void an_account_that_may_not_log_in_is_not_acted_for(void **state) {
    UNUSED(state);
    struct record rec = realm_get(r, "alice@EXAMPLE.COM");
    rec.expires = realm_time(r) - 1;
    realm_put(r, &rec);
    assert_int_equal(ask_by(&p.alice, NULL), NAME_EXPIRED);
    assert_int_equal(whose(&p.alice), NAME_EXPIRED);
}

static void a_realm_without_anchors_knows_no_certificates(void **state) {
    UNUSED(state);
    struct pki_trust *nobody;
    must(pki_trust_new(&nobody, err));
    p.settings.trust = nobody;
    assert_int_equal(ask_by(&p.alice, NULL), CLIENT_UNKNOWN);
    assert_int_equal(ask_by(&p.alice, "alice"), CLIENT_UNKNOWN);
    assert_int_equal(whose(&p.alice), CLIENT_UNKNOWN);
    pki_trust_free(nobody);
}

// Whose certificate is shown is logged in by his own certificate only: not by that of one who
// wrote his own name where nobody's is looked for.
static void a_shown_certificate_lets_no_other_owner_in(void **state) {
    UNUSED(state);
    struct certificate mallory =
        certificate_for("bob", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    const struct {
        const char *cname;
        const struct certificate *signer;
        int code;
    } rows[] = {{"bob", &mallory, NAME_MISMATCH}, {"bob", &p.alice, 0}, {"alice", &p.alice, 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pkinit_request q;
        pkinit_begin(&p, rows[i].cname, "P-256", &q);
        q.req.req_body.cname.name_type = NT_X500_PRINCIPAL;
        realm_add_padata(r, &q.req, PA_S4U_X509_USER, der_of(&p.alice));
        pkinit_sum(&p, &q);
        assert_int_equal(pkinit_send(&p, rows[i].signer, &q), rows[i].code);
        pkinit_dh_clear(&q.dh);
    }
    pki_identity_free(mallory.identity);
}

// hide_unknown_users: strangers learn nothing of whose a certificate is, or whether he is there.
static void a_realm_that_hides_its_users_tells_services_only(void **state) {
    UNUSED(state);
    struct certificate gone =
        certificate_for("gone", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    const struct certificate *asked[] = {&p.alice, &gone};
    struct slice told[COUNT_OF(asked)];
    struct record rec = realm_get(r, "alice@EXAMPLE.COM");
    struct record_attribute map = {SLICE_LITERAL("certificate"), SLICE_LITERAL("subject:CN=card")};
    r->policy.hide_unknown_users = true;
    realm_start_kdc(r);
    for (int mapped = 0; mapped < 2; mapped++) {
        for (size_t i = 0; i < COUNT_OF(asked); i++) {
            struct krb_error e;
            assert_int_equal(whose(asked[i]), PREAUTH_REQUIRED);
            must(der_decode(&TYPE_KRB_ERROR, r->result.reply, &r->arena, &e, err));
            assert_true(arena_copy(&p.arena, e.e_data, &told[i]));
        }
        assert_int_equal(told[0].len, told[1].len);
        rec.attributes = (struct record_attribute_list){&map, 1};
        realm_put(r, &rec);
    }
    assert_int_equal(ask_by(&p.alice, NULL), NAME_MISMATCH);
    assert_int_equal(ask_by(&gone, NULL), CLIENT_UNKNOWN);
    pki_identity_free(gone.identity);
}

// One name of a certificate may be of another realm, and whoever made it chose the others.
static void of_several_names_strangers_are_not_told_which_there_is(void **state) {
    UNUSED(state);
    const struct principal jane = certificate_principal("jane@OTHER.ORG", &p.arena);
    struct certificate known =
        made(&(struct pki_wanted){.principal = &jane, .upn = SLICE_LITERAL("alice@example.com")});
    struct certificate gone =
        made(&(struct pki_wanted){.principal = &jane, .upn = SLICE_LITERAL("gone@example.com")});
    p.settings.allow_upn = true;
    assert_int_equal(whose(&known), PREAUTH_REQUIRED);
    assert_int_equal(whose(&gone), WRONG_REALM);
    r->policy.hide_unknown_users = true;
    realm_start_kdc(r);
    assert_int_equal(whose(&known), WRONG_REALM);
    assert_int_equal(whose(&gone), WRONG_REALM);
    pki_identity_free(known.identity);
    pki_identity_free(gone.identity);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_certificate_stands_for_its_owner),
        CASE(a_certificate_is_asked_about_as_a_name_is),
        CASE(a_certificate_of_nobody_finds_nobody),
        CASE(a_certificate_that_would_log_nobody_in_is_refused),
        CASE(a_request_is_about_what_the_service_signed),
        CASE(the_rules_of_a_principal_say_which_are_his),
        CASE(a_upn_finds_its_owner_where_that_is_allowed),
        CASE(an_account_that_may_not_log_in_is_not_acted_for),
        CASE(a_realm_without_anchors_knows_no_certificates),
        CASE(a_shown_certificate_lets_no_other_owner_in),
        CASE(a_realm_that_hides_its_users_tells_services_only),
        CASE(of_several_names_strangers_are_not_told_which_there_is),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
