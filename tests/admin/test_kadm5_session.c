// What becomes of a session whose client is deleted, disabled, locked or expires, or whose name
// passes to somebody else: its context lasts as long as its ticket, what it may do does not.
#include "admin/kadm5_convert.h"
#include "kadm5_client.h"

#define TEXT(s) SLICE_LITERAL(s)

static const struct kadm5_message ALICE = {.name = SLICE_LITERAL("alice"),
                                           .mask = KADM5_MASK_NORMAL};

static int fresh(void **state) {
    if (kadm5_setup(state) != 0)
        return -1;
    kadm5_acl("root/admin *e\nroot/admin@ELSEWHERE.TEST *\n"
              "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS i\n");
    return 0;
}

// The codes of krb5's table, as MIT's kadmin shows them in words.
enum { C_PRINCIPAL_UNKNOWN = -1765328378, CLIENT_REVOKED = -1765328366, NAME_EXP = -1765328383 };

static void change_root(struct admin_change c) {
    assert_ok(admin_principal_set(adm, TEXT("root/admin"), &c, NULL));
}

static void assert_session_ended(int32_t status) {
    assert_int_equal((int32_t)ask(ROOT, KADM5_GET_PRINCIPAL, ALICE), status);
    assert_int_equal(got.principal.name.len, 0);
    assert_int_equal((int32_t)ask(ROOT, KADM5_INIT, (struct kadm5_message){0}), status);
    const struct kadm5_message gone = {.name = TEXT("bob")};
    assert_int_equal((int32_t)ask(ROOT, KADM5_DELETE_PRINCIPAL, gone), status);
    assert_slice_str(record_of("bob").name, "bob@EXAMPLE.COM");
    // That asks nothing, so nobody is looked for.
    assert_done(ask(ROOT, KADM5_NULL, (struct kadm5_message){0}));
}

static void a_deleted_client_does_nothing_more(void **state) {
    UNUSED(state);
    assert_done(ask(ROOT, KADM5_GET_PRINCIPAL, ALICE));
    assert_ok(admin_principal_delete(adm, TEXT("root/admin"), NULL));
    assert_session_ended(C_PRINCIPAL_UNKNOWN);
}

static void a_client_may_delete_himself_once(void **state) {
    UNUSED(state);
    const struct kadm5_message himself = {.name = TEXT("root/admin")};
    assert_done(ask(ROOT, KADM5_DELETE_PRINCIPAL, himself));
    assert_session_ended(C_PRINCIPAL_UNKNOWN);
}

static void a_disabled_or_locked_client_does_nothing_until_he_is_let_in_again(void **state) {
    UNUSED(state);
    const uint32_t flags[] = {RECORD_DISABLED, RECORD_LOCKED};
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        change_root((struct admin_change){.set_flags = flags[i]});
        assert_session_ended(CLIENT_REVOKED);
        change_root((struct admin_change){.clear_flags = flags[i]});
        assert_done(ask(ROOT, KADM5_GET_PRINCIPAL, ALICE));
    }
}

static void an_expired_client_does_nothing_more(void **state) {
    UNUSED(state);
    int64_t now = env_now(adm->env);
    change_root((struct admin_change){.present = ADMIN_SET_EXPIRES, .expires = now + 1000});
    assert_done(ask(ROOT, KADM5_GET_PRINCIPAL, ALICE));
    change_root((struct admin_change){.present = ADMIN_SET_EXPIRES, .expires = now});
    assert_session_ended(NAME_EXP);
}

static void who_has_the_name_now_has_not_the_session(void **state) {
    UNUSED(state);
    login_age = 290; // within the skew of the clocks
    assert_done(ask(ROOT, KADM5_GET_PRINCIPAL, ALICE));
    login_age = 400; // root/admin was made by this test
    assert_int_equal((int32_t)ask(ROOT, KADM5_GET_PRINCIPAL, ALICE), CLIENT_REVOKED);
}

static void clients_of_other_realms_and_of_none_are_not_looked_for(void **state) {
    UNUSED(state);
    struct kadm5_by by = {"root/admin@ELSEWHERE.TEST", "kadmin/admin", false};
    login_age = 400;
    assert_done(ask(by, KADM5_GET_PRINCIPAL, ALICE));
    by.client = "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS";
    assert_done(ask(by, KADM5_GET_PRINCIPAL, ALICE));
    by.client = "nobody@ELSEWHERE.TEST";
    assert_status(ask(by, KADM5_GET_PRINCIPAL, ALICE), KADM5_E_AUTH_GET);
}

static void procedures_that_only_read_are_known_and_leave_the_realm_as_it_was(void **state) {
    UNUSED(state);
    const uint32_t reads[] = {KADM5_NULL,           KADM5_GET_PRINCIPAL, KADM5_GET_POLICY,
                              KADM5_GET_PRIVILEGES, KADM5_INIT,          KADM5_LIST_PRINCIPALS,
                              KADM5_LIST_POLICIES,  KADM5_GET_STRINGS,   KADM5_EXTRACT_KEYS};
    size_t count = 0;
    for (uint32_t p = 0; p <= KADM5_PROCEDURES; p++)
        count += kadm5_procedure_reads(p);
    assert_int_equal(count, COUNT_OF(reads));
    int64_t modified = record_of("alice").modified;
    uint32_t kvno = kvno_of("alice");
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        assert_true(kadm5_procedure_reads(reads[i]));
        uint32_t ignored = ask(ROOT, reads[i], ALICE);
        UNUSED(ignored);
    }
    assert_int_equal(record_of("alice").modified, modified);
    assert_int_equal(kvno_of("alice"), kvno);
}

static void masks_flags_and_members_go_there_and_back(void **state) {
    UNUSED(state);
    const uint32_t all = ADMIN_SET_MAX_LIFE | ADMIN_SET_MAX_RENEW | ADMIN_SET_EXPIRES |
                         ADMIN_SET_PASSWORD_EXPIRES | ADMIN_SET_KVNO;
    assert_int_equal(kadm5_present_of(kadm5_mask_of(all)), all);
    assert_int_equal(kadm5_mask_of(all), 0x2126);
    assert_int_equal(kadm5_mask_of(ADMIN_SET_POLICY), 0);
    assert_int_equal(kadm5_present_of(~kadm5_mask_of(all)), 0);
    assert_int_equal(kadm5_attributes_of(RECORD_REQUIRES_PREAUTH | RECORD_DISABLED), 0xc0);
    assert_int_equal(kadm5_flags_of(0xc0), RECORD_REQUIRES_PREAUTH | RECORD_DISABLED);
    assert_int_equal(kadm5_attributes_of(RECORD_PROTECTED), 0); // only we have it
    struct kadm5_policy p = {0};
    for (int32_t i = 0; i < KADM5_POLICY_NUMBERS_COUNT; i++)
        *kadm5_policy_number_at(&p, &KADM5_POLICY_NUMBERS[i]) = 10 + i;
    assert_int_equal(p.max_life, 10);
    assert_int_equal(p.lockout_duration, 17);
    assert_string_equal(kadm5_policy_number_find("history")->member, "history");
    assert_null(kadm5_policy_number_find("dictionary"));
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, home_end)
    const struct CMUnitTest tests[] = {
        CASE(a_deleted_client_does_nothing_more),
        CASE(a_client_may_delete_himself_once),
        CASE(a_disabled_or_locked_client_does_nothing_until_he_is_let_in_again),
        CASE(an_expired_client_does_nothing_more),
        CASE(who_has_the_name_now_has_not_the_session),
        CASE(clients_of_other_realms_and_of_none_are_not_looked_for),
        CASE(procedures_that_only_read_are_known_and_leave_the_realm_as_it_was),
        CASE(masks_flags_and_members_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
