// What `hide_unknown_users` must not do while it hides: let somebody in who is not there, or keep
// somebody out who is. That the answers are the same is in test_as_error.c.
#include "../test.h"
#include "pkinit.h"

static struct pkinit_realm p;
static struct realm *const r = &p.r;
enum { UNKNOWN = 6, PREAUTH_REQUIRED = 25 };

static int setup(void **state) {
    UNUSED(state);
    pkinit_open(&p);
    r->policy.hide_unknown_users = true;
    realm_start_kdc(r);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    pkinit_close(&p);
    return 0;
}

// A login by certificate (NULL: none, as nobody in particular).
static int login(const char *client, const struct certificate *who) {
    struct pkinit_request q;
    struct session s;
    pkinit_begin(&p, client, "P-256", &q);
    int code = pkinit_send(&p, who, &q);
    if (code == 0)
        pkinit_take(&p, &q, who ? realm_name(r, client) : principal_anonymous(), &s);
    pkinit_dh_clear(&q.dh);
    return code;
}

static void a_certificate_lets_nobody_in_who_is_not_there(void **state) {
    UNUSED(state);
    struct certificate ghost =
        certificate_for("ghost", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    struct kdc_req bare = realm_as_req(r, "ghost", "krbtgt/EXAMPLE.COM");
    assert_int_equal(realm_send(r, realm_encode(r, &bare)), PREAUTH_REQUIRED);
    // He shows that he had the name; there is nothing to hide from him.
    assert_int_equal(login("ghost", &ghost), UNKNOWN);
    assert_null(r->result.event.preauth);
    assert_int_equal(r->result.event.login, KDC_LOGIN_NONE);
    assert_int_equal(login("alice", &p.alice), 0);
    // And another's tells nothing of whose name he asks for.
    int mismatch = login("bob", &p.alice);
    assert_true(mismatch > 0 && mismatch != UNKNOWN);
    assert_int_equal(login("ghost", &p.alice), mismatch);
    assert_int_equal(login("keyless", &p.alice), mismatch);
    realm_set_flags(r, "bob@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_LOCKED);
    assert_int_equal(login("bob", &p.alice), mismatch);
    realm_set_flags(r, "alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_LOCKED);
    assert_int_equal(login("alice", &p.alice), UNKNOWN);
    pki_identity_free(ghost.identity);
}

static void nobody_in_particular_needs_a_principal(void **state) {
    UNUSED(state);
    assert_int_equal(login("WELLKNOWN/ANONYMOUS", NULL), 0);
    realm_set_flags(r, "WELLKNOWN/ANONYMOUS@EXAMPLE.COM", RECORD_DISABLED);
    assert_int_equal(login("WELLKNOWN/ANONYMOUS", NULL), UNKNOWN);
}

static void an_account_without_a_key_logs_in_by_certificate(void **state) {
    UNUSED(state);
    struct certificate mine =
        certificate_for("keyless", PKI_PURPOSE_CLIENT, realm_time(r), &p.ca, &p.arena);
    struct kdc_req bare = realm_as_req(r, "keyless", "krbtgt/EXAMPLE.COM");
    assert_int_equal(realm_send(r, realm_encode(r, &bare)), PREAUTH_REQUIRED);
    assert_int_equal(login("keyless", &mine), 0);
    assert_int_equal(r->result.event.login, KDC_LOGIN_SUCCESS);
    assert_false(r->result.event.hidden);
    assert_true(login("keyless", &p.alice) != 0);
    pki_identity_free(mine.identity);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_certificate_lets_nobody_in_who_is_not_there),
        CASE(nobody_in_particular_needs_a_principal),
        CASE(an_account_without_a_key_logs_in_by_certificate),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
