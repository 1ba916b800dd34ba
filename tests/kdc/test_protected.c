// Protected users, as Windows has them: not delegated, no weak keys, tickets of four hours; and
// what Windows' clients are told of a refusal (MS-KILE 2.2.1).
#include "pac.h"
#include "pac/logon_info.h"

#define ALICE "alice@EXAMPLE.COM"

static void protect(const char *name, uint32_t more) {
    realm_set_flags(&r, name, realm_get(&r, name).flags | RECORD_PROTECTED | more);
}

static void tickets_of_a_protected_user_live_four_hours_and_stay_with_it(void **state) {
    UNUSED(state);
    protect(ALICE, 0);
    struct session s = realm_login(&r, "alice");
    assert_int_equal(s.part.endtime - s.part.authtime, 4 * HOUR);
    assert_false(s.part.flags & (uint32_t)(TKT_FORWARDABLE | TKT_PROXIABLE));
    assert_false(s.part.flags & (uint32_t)TKT_RENEWABLE); // no longer than its life
    // What the record says itself counts.
    struct record rec = realm_get(&r, ALICE);
    rec.max_life = 6 * HOUR;
    realm_put(&r, &rec);
    s = realm_login(&r, "alice");
    assert_int_equal(s.part.endtime - s.part.authtime, 6 * HOUR);
    s = realm_login(&r, "bob");
    assert_int_equal(s.part.endtime - s.part.authtime, 10 * HOUR);
}

static int login_with(const char *name, int32_t etype) {
    struct kdc_req req = realm_as_req(&r, name, TGS);
    req.req_body.etype = (struct int32_list){&etype, 1};
    char full[64];
    snprintf(full, sizeof full, "%s@" REALM_NAME, name);
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP,
                     realm_timestamp(&r, realm_key(&r, full, 2, etype), realm_time(&r)));
    return realm_send(&r, realm_encode(&r, &req));
}

static void weak_keys_do_not_log_a_protected_user_in(void **state) {
    UNUSED(state);
    static const int32_t rc4_and_aes[] = {23, 18, 0};
    struct record rec = realm_record(&r, "carol@EXAMPLE.COM",
                                     RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER, 2, rc4_and_aes);
    realm_put(&r, &rec);
    r.policy.allow_weak = true;
    realm_start_kdc(&r);
    assert_int_equal(login_with("carol", 18), 0);
    // Anybody else gets as far as the session key, which krbtgt has no such key for.
    assert_int_equal(login_with("carol", 23), 14);
    assert_string_equal(r.result.event.stage, "choose session key");
    protect("carol@EXAMPLE.COM", 0);
    assert_int_equal(login_with("carol", 23), 14);
    assert_string_equal(r.result.event.stage, "choose reply key");
    assert_int_equal(login_with("carol", 18), 0);
}

static void a_protected_user_is_of_that_group(void **state) {
    UNUSED(state);
    struct pac pac;
    struct pac_logon_info info;
    protect(ALICE, 0);
    struct session s = realm_login(&r, "alice");
    struct enc_ticket_part t = realm_ticket(&r, &s, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    assert_true(realm_pac(&r, &t, &pac));
    must(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &info, err));
    assert_int_equal(info.group_count, 2);
    assert_int_equal(info.groups[1].rid, PAC_RID_PROTECTED_USERS);
    assert_true(info.account_control & PAC_ACCOUNT_NOT_DELEGATED);
}

// The NTSTATUS in the e-data of the last error; 0: none.
static uint32_t nt_status(void) {
    struct krb_error e;
    struct kerb_error_data data;
    must(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, err));
    if (!(e.present & KRB_ERROR_E_DATA) ||
        der_decode(&TYPE_KERB_ERROR_DATA, e.e_data, &r.arena, &data, NULL) != OBOL_OK)
        return 0;
    assert_int_equal(data.data_type, KERB_ERR_TYPE_EXTENDED);
    assert_int_equal(data.data_value.len, 12);
    struct reader in = reader_of(data.data_value);
    return reader_le32(&in);
}
static uint32_t refused(const char *name, bool asks) {
    struct kdc_req req = realm_as_req(&r, name, TGS);
    const struct pa_pac_request pa = {true};
    struct slice value;
    char full[64];
    snprintf(full, sizeof full, "%s@" REALM_NAME, name);
    must(der_encode(&TYPE_PA_PAC_REQUEST, &pa, &r.arena, &value, err));
    if (asks)
        realm_add_padata(&r, &req, PA_PAC_REQUEST, value);
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP,
                     realm_timestamp(&r, realm_key(&r, full, 2, 18), realm_time(&r)));
    req.req_body.etype.items = (int32_t[]){18};
    req.req_body.etype.count = 1;
    assert_true(realm_send(&r, realm_encode(&r, &req)) > 0);
    return nt_status();
}

static void windows_clients_are_told_why_they_are_refused(void **state) {
    UNUSED(state);
    assert_int_equal(refused("nobody", true), 0xc0000064);
    realm_set_flags(&r, ALICE, RECORD_DISABLED);
    assert_int_equal(refused("alice", true), 0xc0000072);
    realm_set_flags(&r, ALICE, RECORD_LOCKED);
    assert_int_equal(refused("alice", true), 0xc0000234);
    realm_set_flags(&r, ALICE, RECORD_NEEDS_CHANGE);
    assert_int_equal(refused("alice", true), 0xc0000224);
    struct record rec = realm_get(&r, ALICE);
    rec.flags = 0;
    rec.password_expires = REALM_START - 1;
    realm_put(&r, &rec);
    assert_int_equal(refused("alice", true), 0xc0000071);
    rec.expires = REALM_START - 1;
    realm_put(&r, &rec);
    assert_int_equal(refused("alice", true), 0xc0000193);
}

static void others_are_told_no_more_than_the_number(void **state) {
    UNUSED(state);
    realm_set_flags(&r, ALICE, RECORD_DISABLED);
    assert_int_equal(refused("alice", false), 0);
    // Nor is anybody who must not learn that there is no such user.
    r.policy.hide_unknown_users = true;
    realm_start_kdc(&r);
    assert_int_equal(refused("nobody", true), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(tickets_of_a_protected_user_live_four_hours_and_stay_with_it),
        CASE(weak_keys_do_not_log_a_protected_user_in),
        CASE(a_protected_user_is_of_that_group),
        CASE(windows_clients_are_told_why_they_are_refused),
        CASE(others_are_told_no_more_than_the_number),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
