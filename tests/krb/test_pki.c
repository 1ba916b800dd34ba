// Certificates and signed messages: what is believed, and each thing that makes it not so.
#include "../test.h"
#include "certificates.h"
#include "krb/pkinit.h"

enum { NOW = 1800000000 };
#define CONTENT SLICE_LITERAL("what is signed")

static struct arena arena;
static struct error err_, *err = &err_;
static struct certificate ca, alice;
static struct pki_trust *trust;

static int setup(void **state) {
    UNUSED(state);
    error_init(err);
    if (!arena_init(&arena, 1 << 20, 1 << 24))
        return -1;
    ca = certificate_ca("CA", NOW, NULL, &arena);
    alice = certificate_for("alice", PKI_PURPOSE_CLIENT, NOW, &ca, &arena);
    trust = certificate_trust(&ca);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    pki_identity_free(ca.identity);
    pki_identity_free(alice.identity);
    pki_trust_free(trust);
    arena_clear(&arena);
    return 0;
}

static struct slice signed_by(const struct certificate *who) {
    struct slice out;
    assert_ok(
        pki_message_sign(who ? who->identity : NULL, CONTENT, PKINIT_AUTH_DATA, &arena, &out, err));
    return out;
}

static enum obol_code open_and_check(struct slice bytes, const struct pki_trust *t, int64_t now,
                                     bool need_crl) {
    struct pki_message m;
    error_init(err);
    enum obol_code code = pki_message_open(&m, bytes, PKINIT_AUTH_DATA, &arena, err);
    if (code == OBOL_OK)
        code = pki_trust_check(t, &m, now, need_crl, err);
    pki_message_clear(&m);
    return code;
}

static void a_signed_message_opens_and_its_signer_is_known(void **state) {
    UNUSED(state);
    struct pki_message m;
    struct pki_names names;
    assert_ok(pki_message_open(&m, signed_by(&alice), PKINIT_AUTH_DATA, &arena, err));
    assert_slice_equal(m.content, CONTENT);
    assert_non_null(m.signer);
    assert_ok(pki_trust_check(trust, &m, NOW, false, err));
    assert_int_equal(pki_purposes(m.signer), PKI_PURPOSE_CLIENT);
    assert_true(pki_may_sign(m.signer));
    assert_ok(pki_names_read(m.signer, &arena, &names, err));
    assert_int_equal(names.principal_count, 1);
    assert_slice_str(principal_text(&names.principals[0], &arena), "alice@EXAMPLE.COM");
    assert_slice_str(pki_subject(m.signer, &arena), "CN=alice");
    assert_slice_str(pki_issuer(m.signer, &arena), "CN=CA");
    pki_message_clear(&m);
}

static void an_unsigned_message_has_no_signer(void **state) {
    UNUSED(state);
    struct pki_message m;
    assert_ok(pki_message_open(&m, signed_by(NULL), PKINIT_AUTH_DATA, &arena, err));
    assert_slice_equal(m.content, CONTENT);
    assert_null(m.signer);
    pki_message_clear(&m);
}

static void a_message_of_another_type_is_refused(void **state) {
    UNUSED(state);
    struct pki_message m;
    assert_code(pki_message_open(&m, signed_by(&alice), PKINIT_DH_KEY_DATA, &arena, err),
                OBOL_KDC_ERR_PREAUTH_FAILED);
    pki_message_clear(&m);
}

// No single byte can be changed without the signature, the chain or the reading failing; but for
// those of certificates that nothing depends on there is none left.
static void no_changed_byte_is_believed(void **state) {
    UNUSED(state);
    struct slice good = signed_by(&alice);
    struct buf bad = arena_buf(&arena, good.len);
    for (size_t i = 0; i < good.len; i += 3) {
        memcpy(bad.ptr, good.ptr, good.len);
        bad.ptr[i] ^= 0x01;
        struct pki_message m;
        error_init(err);
        enum obol_code code =
            pki_message_open(&m, slice_of_buf(bad), PKINIT_AUTH_DATA, &arena, err);
        if (code == OBOL_OK)
            code = pki_trust_check(trust, &m, NOW, false, err);
        // The CA's own copy is not the anchor's: changes there do no harm.
        if (code == OBOL_OK && !slice_eq(m.content, CONTENT))
            fail_msg("byte %zu: another content is believed", i);
        pki_message_clear(&m);
    }
    for (size_t len = 0; len < good.len; len += 7)
        assert_true(open_and_check(slice_of(good.ptr, len), trust, NOW, false) != OBOL_OK);
}

static void a_signature_over_sha1_is_taken_from_old_peers_only(void **state) {
    UNUSED(state);
    struct pki_message m;
    struct slice old = certificate_sign_sha1(&alice, CONTENT, "1.3.6.1.5.2.3.1", &arena);
    assert_code(pki_message_open(&m, old, PKINIT_AUTH_DATA, &arena, err),
                OBOL_KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED);
    assert_non_null(strstr(error_remedy_text(err), "pkinit_allow_sha1 = true"));
    pki_message_clear(&m);
    error_init(err);
    assert_ok(pki_message_open_old(&m, old, PKINIT_AUTH_DATA, &arena, err));
    assert_slice_equal(m.content, CONTENT);
    pki_message_clear(&m);
    assert_ok(pki_message_open_old(&m, signed_by(&alice), PKINIT_AUTH_DATA, &arena, err));
    pki_message_clear(&m);
    struct buf bad = arena_buf(&arena, old.len);
    memcpy(bad.ptr, old.ptr, old.len);
    bad.ptr[bad.len - 1] ^= 1; // of the signature
    assert_true(pki_message_open_old(&m, slice_of_buf(bad), PKINIT_AUTH_DATA, &arena, err) !=
                OBOL_OK);
    pki_message_clear(&m);
}

static void who_is_of_another_ca_is_refused(void **state) {
    UNUSED(state);
    struct certificate other = certificate_ca("CA", NOW, NULL, &arena); // of the same name
    struct certificate mallory = certificate_for("alice", PKI_PURPOSE_CLIENT, NOW, &other, &arena);
    assert_code(open_and_check(signed_by(&alice), trust, NOW, false), OBOL_OK);
    assert_true(open_and_check(signed_by(&mallory), trust, NOW, false) != OBOL_OK);
    struct certificate self = certificate_for("alice", PKI_PURPOSE_CLIENT, NOW, NULL, &arena);
    assert_code(open_and_check(signed_by(&self), trust, NOW, false),
                OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE);
    // A user's certificate is no CA's.
    struct certificate below = certificate_for("bob", PKI_PURPOSE_CLIENT, NOW, &alice, &arena);
    assert_true(open_and_check(signed_by(&below), trust, NOW, false) != OBOL_OK);
    pki_identity_free(other.identity);
    pki_identity_free(mallory.identity);
    pki_identity_free(self.identity);
    pki_identity_free(below.identity);
}

static void a_certificate_counts_within_its_time(void **state) {
    UNUSED(state);
    struct slice message = signed_by(&alice);
    assert_ok(open_and_check(message, trust, NOW + 364 * CERT_DAY, false));
    assert_code(open_and_check(message, trust, NOW + 366 * CERT_DAY, false),
                OBOL_KDC_ERR_INVALID_CERTIFICATE);
    assert_code(open_and_check(message, trust, NOW - CERT_DAY, false),
                OBOL_KDC_ERR_INVALID_CERTIFICATE);
}

static void a_chain_is_followed_and_may_be_helped_by_the_pool(void **state) {
    UNUSED(state);
    struct certificate middle = certificate_ca("middle", NOW, &ca, &arena);
    struct certificate carol = certificate_for("carol", PKI_PURPOSE_CLIENT, NOW, &middle, &arena);
    assert_ok(open_and_check(signed_by(&carol), trust, NOW, false));
    struct certificate alone = {.key = carol.key};
    assert_ok(pki_identity_new(&alone.identity,
                               slice_sub(carol.pem, 0, carol.pem.len - middle.pem.len), carol.key,
                               (struct slice){0}, err));
    struct slice message = signed_by(&alone);
    assert_code(open_and_check(message, trust, NOW, false), OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE);
    assert_ok(pki_trust_add(trust, PKI_POOL, middle.pem, err));
    assert_ok(open_and_check(message, trust, NOW, false));
    pki_identity_free(middle.identity);
    pki_identity_free(carol.identity);
    pki_identity_free(alone.identity);
}

static void a_revoked_certificate_is_refused(void **state) {
    UNUSED(state);
    struct slice crl, more, message = signed_by(&alice);
    struct certificate bob = certificate_for("bob", PKI_PURPOSE_CLIENT, NOW, &ca, &arena);
    assert_code(open_and_check(message, trust, NOW, true), OBOL_KDC_ERR_REVOCATION_STATUS_UNKNOWN);
    assert_ok(pki_issue_crl(ca.identity, (struct slice){0}, bob.pem, NOW, NOW + 30 * CERT_DAY,
                            &arena, &crl, err));
    assert_ok(pki_trust_add(trust, PKI_CRLS, crl, err));
    assert_ok(open_and_check(message, trust, NOW, true));
    assert_code(open_and_check(signed_by(&bob), trust, NOW, true),
                OBOL_KDC_ERR_REVOKED_CERTIFICATE);
    assert_code(open_and_check(signed_by(&bob), trust, NOW, false),
                OBOL_KDC_ERR_REVOKED_CERTIFICATE);
    // Who revokes one does not forgive the other.
    assert_ok(
        pki_issue_crl(ca.identity, crl, alice.pem, NOW, NOW + 30 * CERT_DAY, &arena, &more, err));
    struct pki_trust *both = certificate_trust(&ca);
    assert_ok(pki_trust_add(both, PKI_CRLS, more, err));
    assert_code(open_and_check(message, both, NOW, false), OBOL_KDC_ERR_REVOKED_CERTIFICATE);
    assert_code(open_and_check(signed_by(&bob), both, NOW, false),
                OBOL_KDC_ERR_REVOKED_CERTIFICATE);
    assert_code(open_and_check(message, trust, NOW + 31 * CERT_DAY, false),
                OBOL_KDC_ERR_REVOCATION_STATUS_UNKNOWN);
    pki_trust_free(both);
    pki_identity_free(bob.identity);
}

static void keys_and_certificates_that_do_not_belong_together_are_refused(void **state) {
    UNUSED(state);
    struct pki_identity *id;
    const struct slice none = {0};
    assert_code(pki_identity_new(&id, alice.pem, ca.key, none, err), OBOL_CERTIFICATE_UNUSABLE);
    error_init(err);
    assert_code(pki_identity_new(&id, alice.key, alice.key, none, err), OBOL_CERTIFICATE_UNUSABLE);
    error_init(err);
    assert_code(pki_identity_new(&id, alice.pem, alice.pem, none, err), OBOL_CERTIFICATE_UNUSABLE);
    error_init(err);
    assert_code(pki_identity_pkcs12(&id, alice.pem, none, err), OBOL_CERTIFICATE_UNUSABLE);
    error_init(err);
    assert_code(pki_trust_add(trust, PKI_CRLS, alice.pem, err), OBOL_CERTIFICATE_UNUSABLE);
}

static void rules_say_whose_a_certificate_is(void **state) {
    UNUSED(state);
    struct x509_st *cert = pki_identity_certificate(alice.identity);
    struct slice hash;
    assert_ok(pki_rule_of(alice.pem, &arena, &hash, err));
    const struct {
        struct slice rule;
        bool valid, matches;
    } rows[] = {
        {hash, true, true},
        {SLICE_LITERAL("subject:CN=alice"), true, true},
        {SLICE_LITERAL("subject:CN=alice;issuer:CN=CA"), true, true},
        {SLICE_LITERAL("subject:CN=alice;issuer:CN=other"), true, false},
        {SLICE_LITERAL("subject:CN=bob"), true, false},
        {SLICE_LITERAL("subject:CN=Alice"), true, false},
        {SLICE_LITERAL("issuer:CN=CA"), false, false},
        {SLICE_LITERAL("sha256:00"), false, false},
        {SLICE_LITERAL("anything"), false, false},
        {SLICE_LITERAL(""), false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        error_init(err);
        assert_int_equal(pki_rule_check(rows[i].rule, err) == OBOL_OK, rows[i].valid);
        assert_int_equal(pki_rule_matches(rows[i].rule, cert, &arena), rows[i].matches);
    }
}

static void mits_rules_choose_certificates(void **state) {
    UNUSED(state);
    struct x509_st *cert = pki_identity_certificate(alice.identity);
    const struct {
        const char *rule;
        bool valid, fits;
    } rows[] = {
        {"<SUBJECT>^CN=alice$", true, true},
        {"<SUBJECT>CN=(alice|bob)", true, true},
        {"<SUBJECT>CN=bob", true, false},
        {"<subject>ali<ISSUER>^CN=CA$", true, true},
        {"&&<SUBJECT>alice<ISSUER>other", true, false},
        {"||<SUBJECT>bob<ISSUER>CN=CA", true, true},
        {"||<SUBJECT>bob<ISSUER>other", true, false},
        {"<SAN>^alice@EXAMPLE\\.COM$", true, true},
        {"<SAN>bob", true, false},
        {"<SUBJECT>a<b|alice", true, true}, // no part begins there
        {"<EKU>pkinit", true, true},
        {"<EKU>pkinit,msScLogin", true, false},
        {"<EKU>clientAuth", true, false},
        {"<KU>digitalSignature", true, true},
        {"<KU>digitalSignature,keyEncipherment", true, false},
        {"<SUBJECT>alice<EKU>pkinit<KU>digitalSignature", true, true},
        {"", false, false},
        {"&&", false, false},
        {"alice", false, false},
        {"<SUBJECT>", false, false},
        {"<SUBJECT><ISSUER>CA", false, false},
        {"<SUBJECT>(alice", false, false},
        {"<EKU>serverAuth", false, false},
        {"<KU>digitalSignature,", true, true},
        {"<KU>anything", false, false},
        {"<NAME>alice", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rule = slice_str(rows[i].rule);
        bool fits = true;
        error_init(err);
        assert_int_equal(pki_match(rule, cert, &arena, &fits, err) == OBOL_OK, rows[i].valid);
        assert_int_equal(fits, rows[i].fits);
        error_init(err);
        assert_int_equal(pki_match(rule, NULL, &arena, &fits, err) == OBOL_OK, rows[i].valid);
        assert_false(fits);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_signed_message_opens_and_its_signer_is_known),
        CASE(an_unsigned_message_has_no_signer),
        CASE(a_message_of_another_type_is_refused),
        CASE(no_changed_byte_is_believed),
        CASE(a_signature_over_sha1_is_taken_from_old_peers_only),
        CASE(who_is_of_another_ca_is_refused),
        CASE(a_certificate_counts_within_its_time),
        CASE(a_chain_is_followed_and_may_be_helped_by_the_pool),
        CASE(a_revoked_certificate_is_refused),
        CASE(keys_and_certificates_that_do_not_belong_together_are_refused),
        CASE(rules_say_whose_a_certificate_is),
        CASE(mits_rules_choose_certificates),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
