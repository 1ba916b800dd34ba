// What this realm does not know and another one may: services of other realms' hosts (RFC 6806 8),
// users by their suffix (RFC 6806 7), realms on the way (RFC 4120 3.3.1), and names in other cases.
#include "tgs.h"

#define CANON KDC_OPT_CANONICALIZE
static const char DOMAINS[] = "host.elsewhere.net\0OTHER.ORG\0corp.example\0EXAMPLE.COM\0";

static struct slice host_realm(const void *ctx, struct slice host) {
    for (const char *at = ctx; *at;) {
        const char *realm = at + strlen(at) + 1;
        if (slice_eq_str(host, at))
            return slice_str(realm);
        at = realm + strlen(realm) + 1;
    }
    return (struct slice){0};
}

static void use_domains(void) {
    r.policy.host_realm = (struct kdc_host_realm){DOMAINS, host_realm};
    realm_start_kdc(&r);
}

static int ask_name(const char *server, int32_t type, uint32_t options, struct session *out) {
    struct kdc_req req = realm_tgs_req(&r, server);
    req.req_body.sname.name_type = type;
    req.req_body.kdc_options = options;
    return realm_ask(&r, &tgt, &req, out);
}

static void assert_tgs_of(const struct session *s, const char *realm) {
    assert_true(principal_is_krbtgt(&s->part.sname));
    assert_slice_str(s->part.sname.name_string.items[1], realm);
    assert_slice_str(s->part.srealm, "EXAMPLE.COM");
}

static void a_service_of_another_realms_host_is_referred_there(void **state) {
    UNUSED(state);
    struct session s;
    // By the name of a realm that a key is shared with.
    assert_int_equal(ask_name("HTTP/web.other.org", NT_SRV_HST, CANON, &s), 0);
    assert_tgs_of(&s, "OTHER.ORG");
    assert_int_equal(ask_name("HTTP/WEB.deep.other.org.", NT_SRV_INST, CANON, &s), 0);
    assert_tgs_of(&s, "OTHER.ORG");
    // By [domain_realm].
    assert_int_equal(ask_name("HTTP/host.elsewhere.net", NT_SRV_HST, CANON, &s), 7);
    use_domains();
    assert_int_equal(ask_name("HTTP/host.elsewhere.net", NT_SRV_HST, CANON, &s), 0);
    assert_tgs_of(&s, "OTHER.ORG");
}

static void nobody_is_referred_who_does_not_expect_it(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask_name("HTTP/web.other.org", NT_SRV_HST, 0, &s), 7);
    assert_int_equal(ask_name("HTTP/web.other.org", NT_PRINCIPAL, CANON, &s), 7);
    assert_int_equal(ask_name("HTTP/web", NT_SRV_HST, CANON, &s), 7);            // no host
    assert_int_equal(ask_name("HTTP/no.example.com", NT_SRV_HST, CANON, &s), 7); // ours
    assert_int_equal(ask_name("HTTP/web.other.org", NT_SRV_HST, CANON | KDC_OPT_PROXY, &s), 7);
    // An AS has nothing to refer to.
    struct kdc_req req = realm_as_req(&r, "alice", "HTTP/web.other.org");
    req.req_body.kdc_options = CANON;
    assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 7);
}

static void the_administrator_says_which_services_are_on_hosts(void **state) {
    UNUSED(state);
    struct session s;
    struct slice http = SLICE_LITERAL("HTTP"), all = SLICE_LITERAL("*");
    assert_int_equal(ask_name("HTTP/web.other.org", NT_UNKNOWN, CANON, &s), 7);
    r.policy.host_based = (struct slice_list){&http, 1};
    realm_start_kdc(&r);
    assert_int_equal(ask_name("HTTP/web.other.org", NT_UNKNOWN, CANON, &s), 0);
    assert_int_equal(ask_name("ftp/web.other.org", NT_UNKNOWN, CANON, &s), 7);
    r.policy.no_host_referral = (struct slice_list){&all, 1};
    realm_start_kdc(&r);
    assert_int_equal(ask_name("HTTP/web.other.org", NT_SRV_HST, CANON, &s), 7);
}

static bool by_other(const void *ctx, struct slice client, struct slice server, struct arena *a,
                     struct slice_list *via) {
    static struct slice realms[] = {SLICE_LITERAL("OTHER.ORG"), SLICE_LITERAL("MIDDLE")};
    UNUSED(ctx);
    UNUSED(a);
    bool known = slice_eq_str(client, "EXAMPLE.COM") && slice_eq_str(server, "FAR.NET");
    *via = (struct slice_list){realms, known ? 2 : 0};
    return true;
}

static void a_realm_that_no_key_is_shared_with_is_reached_through_the_nearest_to_it(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask("krbtgt/FAR.NET", 0, &s), 7);
    r.policy.path = (struct realm_path_source){NULL, by_other};
    realm_start_kdc(&r);
    assert_int_equal(ask("krbtgt/FAR.NET", 0, &s), 0);
    assert_tgs_of(&s, "OTHER.ORG");
    struct record middle = realm_record(&r, "krbtgt/MIDDLE@EXAMPLE.COM", 0, 2, AES_ALL);
    realm_put(&r, &middle);
    assert_int_equal(ask("krbtgt/FAR.NET", 0, &s), 0);
    assert_tgs_of(&s, "MIDDLE");
    // By names: SUB.OTHER.ORG through OTHER.ORG needs an ancestor in common, which there is not.
    assert_int_equal(ask("krbtgt/NOWHERE.NET", 0, &s), 7);
}

static bool through_other(const void *ctx, struct slice client, struct slice server,
                          struct arena *a, struct slice_list *via) {
    static struct slice realm = SLICE_LITERAL("OTHER.ORG");
    UNUSED(ctx);
    UNUSED(a);
    assert_slice_str(server, "EXAMPLE.COM");
    *via = (struct slice_list){&realm, slice_eq_str(client, "THIRD.NET")};
    return true;
}

// RFC 4120 2.7, 3.3.3.2.
static void a_path_of_realms_is_checked_and_the_ticket_says_so(void **state) {
    UNUSED(state);
    struct session s, out;
    struct enc_ticket_part part = tgt_part(), t;
    part.authorization_data.count = 0;
    part.crealm = SLICE_LITERAL("THIRD.NET");
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, 18);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 28);
    assert_non_null(strstr(error_remedy_text(r.result.event.error), "[capaths] THIRD.NET"));
    r.policy.path = (struct realm_path_source){NULL, through_other};
    realm_start_kdc(&r);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_slice_str(t.transited.contents, "OTHER.ORG");
    assert_true(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
    req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = KDC_OPT_DISABLE_TRANSITED_CHECK;
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_false(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
    // What another realm says it has checked counts for nothing here.
    part.transited = (struct transited_encoding){1, SLICE_LITERAL("EVIL")};
    part.flags |= (uint32_t)TKT_TRANSITED_POLICY_CHECKED;
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, 18);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 28);
    r.policy.reject_bad_transit = false;
    realm_start_kdc(&r);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_slice_str(t.transited.contents, "EVIL,OTHER.ORG");
    assert_false(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
}

static int log_in(const char *name, uint32_t options) {
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    struct slice whole = slice_str(name);
    req.req_body.cname = (struct principal_name){NT_ENTERPRISE, {&whole, 1}};
    req.req_body.kdc_options = options;
    return realm_send(&r, realm_encode(&r, &req));
}

static void a_user_of_another_realms_domain_is_told_which(void **state) {
    UNUSED(state);
    struct krb_error e;
    assert_int_equal(log_in("jane@other.org", CANON), 68);
    must(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, err));
    assert_true(e.present & KRB_ERROR_CREALM);
    assert_slice_str(e.crealm, "OTHER.ORG");
    assert_false(e.present & KRB_ERROR_CNAME);
    assert_int_equal(log_in("jane@other.org", 0), 6);
    assert_int_equal(log_in("jane@nowhere.net", CANON), 6);
    assert_int_equal(log_in("jane", CANON), 6);
    assert_int_equal(log_in("jane@", CANON), 6);
    // What is told is the same, whether users are hidden or not.
    r.policy.hide_unknown_users = true;
    realm_start_kdc(&r);
    assert_int_equal(log_in("jane@other.org", CANON), 68);
}

static void a_suffix_may_stand_for_this_realm(void **state) {
    UNUSED(state);
    assert_int_equal(log_in("alice@Example.com", 0), 25);
    assert_int_equal(log_in("alice@corp.example", 0), 6);
    use_domains();
    assert_int_equal(log_in("alice@corp.example", 0), 25);
    assert_int_equal(log_in("nobody@corp.example", CANON), 6);
}

static void a_service_is_named_with_its_realm_in_one_component(void **state) {
    UNUSED(state);
    struct session s;
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct slice whole = SLICE_LITERAL("HTTP/web.example.com@EXAMPLE.COM");
    req.req_body.sname = (struct principal_name){NT_ENTERPRISE, {&whole, 1}};
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 0);
    whole = SLICE_LITERAL("HTTP/web.other.org@OTHER.ORG");
    req = realm_tgs_req(&r, WEB);
    req.req_body.sname = (struct principal_name){NT_ENTERPRISE, {&whole, 1}};
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 7);
    req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = CANON;
    req.req_body.sname = (struct principal_name){NT_ENTERPRISE, {&whole, 1}};
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 0);
    assert_tgs_of(&s, "OTHER.ORG");
}

static void services_are_found_in_other_cases_where_that_is_allowed(void **state) {
    UNUSED(state);
    struct session s;
    const char *const names[] = {"http/WEB.Example.com", "HTTP/WEB.EXAMPLE.COM",
                                 "Http/web.example.com"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(ask(names[i], 0, &s), 7);
    struct record sql = realm_record(&r, "MSSQLSvc/db.example.com:1433@EXAMPLE.COM", 0, 2, AES_ALL);
    realm_put(&r, &sql);
    r.policy.case_insensitive_services = true;
    realm_start_kdc(&r);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(ask(names[i], 0, &s), 0);
        // The client compares the name with the one it asked for.
        assert_slice_str(s.part.sname.name_string.items[0], i == 0   ? "http"
                                                            : i == 1 ? "HTTP"
                                                                     : "Http");
    }
    assert_int_equal(ask("mssqlsvc/DB.example.com:1433", 0, &s), 0);
    assert_int_equal(ask("http/other.example.com", 0, &s), 7);
    assert_int_equal(ask("krbtgt/example.com", 0, &s), 7);
}

static void a_request_without_a_checksum_counts_only_where_that_is_said(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct ap_req_params params = realm_params(&tgt);
    assert_int_equal(realm_send(&r, realm_present_with(&r, &params, &req)), 50);
    r.policy.require_body_checksum = false;
    realm_start_kdc(&r);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_send(&r, realm_present_with(&r, &params, &req)), 0);
    // One that is there must hold.
    req = realm_tgs_req(&r, WEB);
    struct checksum sum = realm_checksum(&r, tgt.key, SLICE_LITERAL("another request"));
    params.cksum = &sum;
    assert_int_equal(realm_send(&r, realm_present_with(&r, &params, &req)), 41);
}

// RFC 8062 4.2, 4.3: whoever has no name came from no realm.
static void an_anonymous_client_comes_through_any_realms(void **state) {
    UNUSED(state);
    struct slice alice[] = {SLICE_LITERAL("alice")};
    struct principal nobody = principal_anonymous(),
                     named = {nobody.realm, {NT_PRINCIPAL, {alice, 1}}},
                     jane = {SLICE_LITERAL("OTHER.ORG"), {NT_PRINCIPAL, {alice, 1}}};
    const struct {
        const struct principal *client;
        uint32_t flags;
        int code;
    } rows[] = {
        {&nobody, TKT_ANONYMOUS, 0}, {&nobody, 0, 12}, {&named, TKT_ANONYMOUS, 12}, {&named, 0, 12},
        {&jane, TKT_ANONYMOUS, 12},  {&jane, 0, 28},
    };
    struct session out;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct enc_ticket_part part = tgt_part();
        part.crealm = rows[i].client->realm;
        part.cname = rows[i].client->name;
        part.flags = rows[i].flags;
        part.transited = (struct transited_encoding){1, SLICE_LITERAL("FAR.AWAY")};
        part.present &= ~(uint32_t)ENC_TICKET_PART_AUTHORIZATION_DATA;
        struct session s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, 18);
        struct kdc_req req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &s, &req, &out), rows[i].code);
        if (rows[i].code)
            continue;
        struct enc_ticket_part t = realm_ticket(&r, &out, WEB "@EXAMPLE.COM");
        struct pac pac;
        assert_true(principal_is_anonymous(&(struct principal){t.crealm, t.cname}));
        assert_true(t.flags & (uint32_t)TKT_ANONYMOUS);
        assert_true(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
        assert_slice_str(t.transited.contents, "FAR.AWAY,OTHER.ORG");
        assert_false(realm_pac(&r, &t, &pac));
        // On to the next realm it goes as well, but not where tickets are for those with a name.
        req = realm_tgs_req(&r, "krbtgt/OTHER.ORG");
        assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
        r.policy.restrict_anonymous = true;
        realm_start_kdc(&r);
        req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &s, &req, &out), 12);
        req = realm_tgs_req(&r, "krbtgt/OTHER.ORG");
        assert_int_equal(realm_ask(&r, &s, &req, &out), 12);
        r.policy.restrict_anonymous = false;
        realm_start_kdc(&r);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_service_of_another_realms_host_is_referred_there),
        CASE(nobody_is_referred_who_does_not_expect_it),
        CASE(the_administrator_says_which_services_are_on_hosts),
        CASE(a_realm_that_no_key_is_shared_with_is_reached_through_the_nearest_to_it),
        CASE(a_path_of_realms_is_checked_and_the_ticket_says_so),
        CASE(a_user_of_another_realms_domain_is_told_which),
        CASE(a_suffix_may_stand_for_this_realm),
        CASE(a_service_is_named_with_its_realm_in_one_component),
        CASE(services_are_found_in_other_cases_where_that_is_allowed),
        CASE(a_request_without_a_checksum_counts_only_where_that_is_said),
        CASE(an_anonymous_client_comes_through_any_realms),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
