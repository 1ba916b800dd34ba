// Whose certificate logs him in with PKINIT (RFC 4556 3.2.2), and which does not: of another user,
// purpose, CA or time, revoked, or not one that the principal is mapped to.
#include "pkinit_login.h"

static int login_with(const struct pki_wanted *wanted, const struct certificate *issuer) {
    struct certificate c = certificate_make(wanted, issuer, &p.arena);
    int code = login("alice", &c, "P-256", NULL);
    pki_identity_free(c.identity);
    return code;
}

static void somebody_elses_certificate_is_refused(void **state) {
    UNUSED(state);
    assert_int_equal(login("bob", &p.alice, "P-256", NULL), NAME_MISMATCH);
    assert_int_equal(login("keyless", &p.alice, "P-256", NULL), NAME_MISMATCH);
    const struct principal foreign = named("alice@OTHER.ORG");
    struct pki_wanted wanted = {.common_name = SLICE_LITERAL("alice"),
                                .principal = &foreign,
                                .from = realm_time(r),
                                .until = realm_time(r) + DAY,
                                .purposes = PKI_PURPOSE_CLIENT};
    assert_int_equal(login_with(&wanted, &p.ca), NAME_MISMATCH);
    wanted.principal = NULL; // no name at all
    assert_int_equal(login_with(&wanted, &p.ca), NAME_MISMATCH);
    assert_int_equal(login("unknown", &p.alice, "P-256", NULL), 6);
}

static void a_certificate_for_another_purpose_is_refused(void **state) {
    UNUSED(state);
    const struct principal alice = named("alice");
    struct pki_wanted wanted = {.common_name = SLICE_LITERAL("alice"),
                                .principal = &alice,
                                .from = realm_time(r),
                                .until = realm_time(r) + DAY};
    const struct {
        uint32_t purposes;
        enum kdc_pkinit_purpose setting;
        int code;
    } rows[] = {
        {0, KDC_PKINIT_CLIENT, WRONG_PURPOSE},
        {PKI_PURPOSE_SERVER_AUTH | PKI_PURPOSE_KDC, KDC_PKINIT_CLIENT, WRONG_PURPOSE},
        {PKI_PURPOSE_SMARTCARD, KDC_PKINIT_CLIENT, WRONG_PURPOSE},
        {PKI_PURPOSE_SMARTCARD, KDC_PKINIT_SMARTCARD, 0},
        {PKI_PURPOSE_CLIENT, KDC_PKINIT_SMARTCARD, 0},
        {0, KDC_PKINIT_SMARTCARD, WRONG_PURPOSE},
        {0, KDC_PKINIT_ANY, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        wanted.purposes = rows[i].purposes;
        p.settings.purpose = rows[i].setting;
        assert_int_equal(login_with(&wanted, &p.ca), rows[i].code);
    }
}

static void a_upn_names_the_client_where_that_is_allowed(void **state) {
    UNUSED(state);
    struct pki_wanted wanted = {.common_name = SLICE_LITERAL("alice"),
                                .upn = SLICE_LITERAL("alice@example.com"),
                                .from = realm_time(r),
                                .until = realm_time(r) + DAY,
                                .purposes = PKI_PURPOSE_CLIENT};
    assert_int_equal(login_with(&wanted, &p.ca), NAME_MISMATCH);
    p.settings.allow_upn = true;
    assert_int_equal(login_with(&wanted, &p.ca), 0);
    wanted.upn = SLICE_LITERAL("bob@example.com");
    assert_int_equal(login_with(&wanted, &p.ca), NAME_MISMATCH);
    wanted.upn = SLICE_LITERAL("alice@other.org");
    assert_int_equal(login_with(&wanted, &p.ca), NAME_MISMATCH);
}

static void certificates_of_another_ca_or_another_time_are_refused(void **state) {
    UNUSED(state);
    struct certificate other = certificate_ca("other", realm_time(r), NULL, &p.arena);
    struct certificate forged =
        certificate_for("alice", PKI_PURPOSE_CLIENT, realm_time(r), &other, &p.arena);
    assert_int_equal(login("alice", &forged, "P-256", NULL), CANT_VERIFY);
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), 0);
    r->now_us += 366 * INT64_C(1000000) * DAY;
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), INVALID_CERTIFICATE);
    pki_identity_free(other.identity);
    pki_identity_free(forged.identity);
}

static void a_revoked_certificate_is_refused(void **state) {
    UNUSED(state);
    struct slice crl;
    p.settings.require_crl = true;
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), REVOCATION_UNKNOWN);
    must(pki_issue_crl(p.ca.identity, (struct slice){0}, (struct slice){0}, realm_time(r),
                       realm_time(r) + DAY, &p.arena, &crl, err));
    must(pki_trust_add(p.trust, PKI_CRLS, crl, err));
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), 0);
    struct pki_trust *newer = certificate_trust(&p.ca);
    must(pki_issue_crl(p.ca.identity, crl, p.alice.pem, realm_time(r), realm_time(r) + DAY,
                       &p.arena, &crl, err));
    must(pki_trust_add(newer, PKI_CRLS, crl, err));
    p.settings.trust = newer;
    assert_int_equal(login("alice", &p.alice, "P-256", NULL), REVOKED);
    pki_trust_free(newer);
}

static void a_mapped_principal_takes_its_certificates_and_no_others(void **state) {
    UNUSED(state);
    struct record rec = realm_get(r, "bob@EXAMPLE.COM");
    struct slice rule;
    must(pki_rule_of(p.alice.pem, &p.arena, &rule, err));
    struct record_attribute map = {SLICE_LITERAL("certificate"), rule};
    rec.attributes = (struct record_attribute_list){&map, 1};
    realm_put(r, &rec);
    struct certificate bob =
        certificate_for("bob", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    assert_int_equal(login("bob", &p.alice, "P-256", NULL), 0);
    assert_int_equal(login("bob", &bob, "P-256", NULL), NAME_MISMATCH);
    map.value = SLICE_LITERAL("subject:CN=nobody\nsubject:CN=bob;issuer:CN=CA");
    realm_put(r, &rec);
    assert_int_equal(login("bob", &bob, "P-256", NULL), 0);
    assert_int_equal(login("bob", &p.alice, "P-256", NULL), NAME_MISMATCH);
    pki_identity_free(bob.identity);
}

static void the_rule_of_mit_says_whose_a_certificate_is(void **state) {
    UNUSED(state);
    struct record rec = realm_get(r, "bob@EXAMPLE.COM");
    struct record_attribute maps[] = {
        {SLICE_LITERAL("pkinit_cert_match"), SLICE_LITERAL("<SUBJECT>^CN=card$<ISSUER>CN=CA")},
        {SLICE_LITERAL("certificate"), SLICE_LITERAL("subject:CN=bob")},
    };
    const struct pki_wanted wanted = {.common_name = SLICE_LITERAL("card"),
                                      .from = realm_time(r),
                                      .until = realm_time(r) + CERT_DAY,
                                      .purposes = PKI_PURPOSE_CLIENT};
    struct certificate card = certificate_make(&wanted, &p.ca, &p.arena);
    struct certificate bob =
        certificate_for("bob", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    rec.attributes = (struct record_attribute_list){maps, 1};
    assert_int_equal(login("bob", &card, "P-256", NULL), NAME_MISMATCH);
    realm_put(r, &rec);
    assert_int_equal(login("bob", &card, "P-256", NULL), 0);
    assert_int_equal(login("alice", &card, "P-256", NULL), NAME_MISMATCH);
    assert_int_equal(login("bob", &bob, "P-256", NULL), NAME_MISMATCH);
    maps[0].value = SLICE_LITERAL("<ISSUER>CN=CA");
    realm_put(r, &rec);
    assert_int_equal(login("bob", &card, "P-256", NULL), 0);
    assert_int_equal(login("bob", &bob, "P-256", NULL), 0);
    assert_int_equal(login("bob", &p.alice, "P-256", NULL), NAME_MISMATCH); // it names another
    rec.attributes.count = 2;                                               // both have to hold
    realm_put(r, &rec);
    assert_int_equal(login("bob", &card, "P-256", NULL), NAME_MISMATCH);
    rec.attributes.count = 1;
    maps[0].value = SLICE_LITERAL("CN=bob"); // no rule
    realm_put(r, &rec);
    assert_int_equal(login("bob", &bob, "P-256", NULL), NAME_MISMATCH);
    pki_identity_free(bob.identity);
    pki_identity_free(card.identity);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(somebody_elses_certificate_is_refused),
        CASE(a_certificate_for_another_purpose_is_refused),
        CASE(a_upn_names_the_client_where_that_is_allowed),
        CASE(certificates_of_another_ca_or_another_time_are_refused),
        CASE(a_revoked_certificate_is_refused),
        CASE(a_mapped_principal_takes_its_certificates_and_no_others),
        CASE(the_rule_of_mit_says_whose_a_certificate_is),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
