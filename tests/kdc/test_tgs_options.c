// The TGS exchange: what can be done to a ticket: renewed, validated, forwarded, proxied,
// postdated, sealed for a user (RFC 4120 2, 3.3.3, 3.7).
#include "tgs.h"

static void a_renewable_ticket_is_renewed_until_it_ends(void **state) {
    UNUSED(state);
    struct session s;
    const uint32_t renew = (uint32_t)KDC_OPT_RENEW;
    r.now_us += INT64_C(3600000000) * 9;
    assert_int_equal(ask(TGS, renew, &s), 0);
    assert_int_equal(s.part.starttime, REALM_START + 9 * HOUR);
    assert_int_equal(s.part.endtime, REALM_START + 19 * HOUR);
    assert_int_equal(s.part.renew_till, REALM_START + 3 * DAY);
    assert_true(s.part.flags & (uint32_t)TKT_RENEWABLE);
    assert_true(s.part.flags & (uint32_t)TKT_FORWARDABLE);
    assert_false(s.part.flags & (uint32_t)TKT_INITIAL);
    assert_int_equal(ask(WEB, renew, &s), 26); // another service than the ticket's
    r.now_us += INT64_C(3600000000) + 1000000;
    assert_int_equal(ask(TGS, renew, &s), 32); // expired: it cannot be renewed any more
    tgt = realm_login_as(&r, "alice", 0, TGS);
    assert_int_equal(ask(TGS, renew, &s), 13); // not renewable
}

static void a_service_ticket_is_renewed_with_its_own_key(void **state) {
    UNUSED(state);
    struct session service, out;
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_RENEWABLE, &service), 0);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    r.now_us += INT64_C(3600000000);
    assert_int_equal(realm_ask(&r, &service, &req, &out), 0);
    assert_int_equal(out.part.starttime, REALM_START + HOUR);
    req = realm_tgs_req(&r, TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    assert_int_equal(realm_ask(&r, &service, &req, &out), 26);
}

// RFC 4120 3.3.2: a ticket for a service, presented for the same service.
static void a_service_ticket_becomes_a_proxy_with_other_addresses(void **state) {
    UNUSED(state);
    struct session service, out;
    const uint8_t ip[] = {10, 0, 0, 9};
    struct host_address a = {2, slice_of(ip, 4)};
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_PROXIABLE, &service), 0);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_PROXY;
    req.req_body.present |= KDC_REQ_BODY_ADDRESSES;
    req.req_body.addresses = (struct host_address_list){&a, 1};
    assert_int_equal(realm_ask(&r, &service, &req, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_true(t.flags & (uint32_t)TKT_PROXY);
    assert_int_equal(t.caddr.count, 1);
    assert_int_equal(out.part.caddr.count, 1);
    req = realm_tgs_req(&r, "host/old.example.com"); // another service than the ticket's
    req.req_body.kdc_options = (uint32_t)KDC_OPT_PROXY;
    assert_int_equal(realm_ask(&r, &service, &req, &out), 26);
    req = realm_tgs_req(&r, WEB); // no option of the three
    assert_int_equal(realm_ask(&r, &service, &req, &out), 35);
    assert_int_equal(ask(WEB, 0, &service), 0); // not PROXIABLE
    req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_PROXY;
    assert_int_equal(realm_ask(&r, &service, &req, &out), 13);
}

static void a_renewal_of_an_invalid_ticket_is_refused(void **state) {
    UNUSED(state);
    struct enc_ticket_part part = tgt_part();
    part.flags |= (uint32_t)TKT_INVALID | (uint32_t)TKT_RENEWABLE;
    const struct {
        int options, expected;
        int64_t start;
    } cases[] = {
        {KDC_OPT_RENEW, 33, 0},
        {KDC_OPT_RENEW | KDC_OPT_VALIDATE, 33, 0},
        {KDC_OPT_VALIDATE, 0, 0},
        {KDC_OPT_VALIDATE, 33, 1}, // a second early is early: both clocks are the KDC's
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct session out;
        part.starttime = REALM_START + cases[i].start;
        struct session s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
        struct kdc_req req = realm_tgs_req(&r, TGS);
        req.req_body.kdc_options = (uint32_t)cases[i].options;
        assert_int_equal(realm_ask(&r, &s, &req, &out), cases[i].expected);
    }
}

static void a_postdated_ticket_is_validated_when_its_time_has_come(void **state) {
    UNUSED(state);
    struct session post, out;
    tgt = realm_login_as(&r, "alice", (uint32_t)KDC_OPT_ALLOW_POSTDATE, TGS);
    struct kdc_req req = realm_tgs_req(&r, TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_POSTDATED;
    req.req_body.present |= KDC_REQ_BODY_FROM;
    req.req_body.from = REALM_START + HOUR;
    assert_int_equal(realm_ask(&r, &tgt, &req, &post), 0);
    assert_true(post.part.flags & (uint32_t)TKT_INVALID);
    assert_true(post.part.flags & (uint32_t)TKT_POSTDATED);
    assert_int_equal(post.part.starttime, REALM_START + HOUR);
    tgt = post;
    assert_int_equal(ask(WEB, 0, &out), 33);
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_VALIDATE, &out), 33);
    r.now_us += INT64_C(3600000000);
    assert_int_equal(ask(WEB, 0, &out), 33); // its time has come, but it is not validated
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_VALIDATE, &out), 0);
    assert_false(out.part.flags & (uint32_t)TKT_INVALID);
    tgt = out;
    assert_int_equal(ask(WEB, 0, &out), 0);
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_VALIDATE, &out), 13);
    // Without the flag MAY-POSTDATE nothing is postdated.
    req = realm_tgs_req(&r, TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_POSTDATED;
    tgt = realm_login(&r, "alice");
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 10);
}

// RFC 4120 3.3.3: the earliest of the request, the TGT, and what the records and the realm allow.
static void a_ticket_does_not_outlive_the_tgt_or_what_is_allowed(void **state) {
    UNUSED(state);
    const struct {
        int64_t till, max_life, max_renew; // after the start; of the service
        int options;
        int64_t end, renew;
    } cases[] = {
        {0, 0, 0, 0, 10 * HOUR, 0}, // as long as possible
        {20 * HOUR, 0, 0, 0, 10 * HOUR, 0},
        {HOUR, 0, 0, 0, HOUR, 0},
        {0, 2 * HOUR, 0, 0, 2 * HOUR, 0},
        {HOUR, 0, 0, KDC_OPT_RENEWABLE, HOUR, 3 * DAY}, // no longer than the TGT's own
        {HOUR, 0, DAY, KDC_OPT_RENEWABLE, HOUR, DAY},
        {20 * HOUR, 0, 0, KDC_OPT_RENEWABLE_OK, 10 * HOUR, 20 * HOUR},
        {90 * DAY, 0, 0, KDC_OPT_RENEWABLE_OK, 10 * HOUR, 3 * DAY},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct session s;
        struct record rec = realm_get(&r, "HTTP/web.example.com@EXAMPLE.COM");
        rec.max_life = cases[i].max_life;
        rec.max_renew = cases[i].max_renew;
        realm_put(&r, &rec);
        struct kdc_req req = realm_tgs_req(&r, WEB);
        req.req_body.kdc_options = (uint32_t)cases[i].options;
        req.req_body.till = cases[i].till ? REALM_START + cases[i].till : 0;
        assert_int_equal(realm_ask(&r, &tgt, &req, &s), 0);
        assert_int_equal(s.part.endtime - REALM_START, cases[i].end);
        assert_int_equal(s.part.renew_till, cases[i].renew ? REALM_START + cases[i].renew : 0);
    }
    // A TGT that is not renewable makes none that is, whatever time stands in it.
    struct session s;
    struct enc_ticket_part part = tgt_part();
    part.flags &= ~(uint32_t)TKT_RENEWABLE;
    tgt = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    assert_int_equal(ask(WEB, KDC_OPT_RENEWABLE, &s), 0);
    assert_false(s.part.flags & (uint32_t)TKT_RENEWABLE);
}

static void a_renewal_ends_where_the_renewals_end(void **state) {
    UNUSED(state);
    struct session s;
    struct enc_ticket_part part = tgt_part();
    part.starttime = REALM_START + 3 * DAY - 10 * HOUR;
    part.endtime = REALM_START + 3 * DAY; // renew-till
    tgt = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    r.now_us += (3 * DAY - HOUR) * INT64_C(1000000);
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_RENEW, &s), 0);
    assert_int_equal(s.part.starttime, REALM_START + 3 * DAY - HOUR);
    assert_int_equal(s.part.endtime, REALM_START + 3 * DAY);
}

static void forwarding_and_proxies_need_their_flags(void **state) {
    UNUSED(state);
    struct session s;
    const uint8_t ip[] = {10, 0, 0, 1};
    struct host_address a = {2, slice_of(ip, 4)};
    struct kdc_req req = realm_tgs_req(&r, TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_FORWARDED | (uint32_t)KDC_OPT_FORWARDABLE;
    req.req_body.present |= KDC_REQ_BODY_ADDRESSES;
    req.req_body.addresses = (struct host_address_list){&a, 1};
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 0);
    assert_true(s.part.flags & (uint32_t)TKT_FORWARDED);
    assert_true(s.part.flags & (uint32_t)TKT_FORWARDABLE);
    assert_int_equal(s.part.caddr.count, 1);
    struct session forwarded = s, out;
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &forwarded, &req, &out), 0);
    assert_true(out.part.flags & (uint32_t)TKT_FORWARDED); // it sticks
    // The addresses stick too; a reply tells only new ones (RFC 4120 5.4.2).
    assert_false(out.part.present & ENC_KDC_REP_PART_CADDR);
    struct enc_ticket_part t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_int_equal(t.caddr.count, 1);
    assert_slice_equal(t.caddr.items[0].address, a.address);
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_PROXY, &s), 0);
    assert_true(s.part.flags & (uint32_t)TKT_PROXY);
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_PROXY, &s), 13);
    realm_set_flags(&r, "HTTP/web.example.com@EXAMPLE.COM", RECORD_NO_FORWARDABLE);
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_FORWARDED, &s), 12);
    tgt = realm_login_as(&r, "alice", 0, TGS);
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_FORWARDED, &s), 13);
    assert_int_equal(ask("host/old.example.com", (uint32_t)KDC_OPT_PROXY, &s), 13);
    assert_int_equal(ask("host/old.example.com", (uint32_t)KDC_OPT_FORWARDABLE, &s), 0);
    assert_false(s.part.flags & (uint32_t)TKT_FORWARDABLE); // a wish, left out
}

static void each_option_alone_gives_a_ticket_or_its_error(void **state) {
    UNUSED(state);
    tgt = realm_login_as(&r, "alice", 0, TGS);
    for (unsigned bit = 0; bit < 32; bit++) {
        struct session s;
        bool refused =
            bit == 2 || bit == 4 || bit == 14 || bit == 16 || bit == 28 || bit == 30 || bit == 31;
        assert_int_equal(ask(WEB, KERBEROS_FLAG(bit), &s), bit == 6 ? 10 : refused ? 13 : 0);
    }
}

static void user_to_user_tickets_are_sealed_with_the_servers_session_key(void **state) {
    UNUSED(state);
    struct session bob = realm_login(&r, "bob"), out;
    struct kdc_req req = realm_tgs_req(&r, "bob");
    req.req_body.kdc_options = (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY;
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 13); // no second ticket
    struct kdc_req_body body = req.req_body;
    body.raw = (struct slice){0};
    body.present |= KDC_REQ_BODY_ADDITIONAL_TICKETS;
    body.additional_tickets = (struct ticket_list){&bob.rep.ticket, 1};
    req = (struct kdc_req){.pvno = 5, .msg_type = KRB_TGS_REQ, .req_body = body};
    req.req_body.nonce = r.nonce++;
    struct kdc_req again = req;
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 0);
    assert_false(out.rep.ticket.enc_part.present & ENCRYPTED_DATA_KVNO);
    struct enc_ticket_part t;
    assert_ok(krb_open(&TYPE_ENC_TICKET_PART, &out.rep.ticket.enc_part, bob.key, KU_TICKET,
                       &r.arena, &t, NULL));
    // The name may be left out.
    req = again;
    req.req_body.present &= ~(uint32_t)KDC_REQ_BODY_SNAME;
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 0);
    assert_slice_str(out.part.sname.name_string.items[0], "bob");
    // The second ticket must be the server's own TGT.
    req = again;
    req.req_body.additional_tickets.items = &tgt.rep.ticket;
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 26);
    struct session web;
    assert_int_equal(ask(WEB, 0, &web), 0);
    req = again;
    req.req_body.additional_tickets.items = &web.rep.ticket;
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 12);
    realm_set_flags(&r, "bob@EXAMPLE.COM", RECORD_NO_USER_TO_USER | RECORD_NO_SERVER);
    req = again;
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 12);
}

static int ask_user_to_user(struct enc_ticket_part *part, const char *tgs, int32_t version,
                            const char *sealed_by) {
    bool foreign = strstr(tgs, "@OTHER.ORG") != NULL; // that key is of another enctype
    struct session s = sealed_tgt(part, tgs, 2, foreign ? 18 : 20), out;
    s.rep.ticket.tkt_vno = version;
    if (sealed_by)
        must(krb_seal(&TYPE_ENC_TICKET_PART, part, realm_key(&r, sealed_by, 2, 20), KU_TICKET, 2,
                      &r.env, &r.arena, &s.rep.ticket.enc_part, err));
    struct kdc_req req = realm_tgs_req(&r, "alice");
    req.req_body.kdc_options = (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY;
    req.req_body.present |= KDC_REQ_BODY_ADDITIONAL_TICKETS;
    req.req_body.present &= ~(uint32_t)KDC_REQ_BODY_SNAME; // the second ticket has the name
    req.req_body.additional_tickets = (struct ticket_list){&s.rep.ticket, 1};
    return realm_ask(&r, &tgt, &req, &out);
}

static void the_second_ticket_is_checked_like_the_first(void **state) {
    UNUSED(state);
    static const uint8_t zeros[32];
    const char *ours = "krbtgt/EXAMPLE.COM@EXAMPLE.COM";
    struct enc_ticket_part part = tgt_part(), bad;
    assert_int_equal(ask_user_to_user(&part, ours, 5, NULL), 0);
    assert_int_equal(ask_user_to_user(&part, ours, 4, NULL), 39);
    assert_int_equal(ask_user_to_user(&part, ours, 5, "mallory"), 31);
    bad = part;
    bad.flags |= (uint32_t)TKT_INVALID;
    assert_int_equal(ask_user_to_user(&bad, ours, 5, NULL), 33);
    bad = part;
    bad.endtime = REALM_START;
    assert_int_equal(ask_user_to_user(&bad, ours, 5, NULL), 32);
    bad = part;
    bad.key = (struct encryption_key){23, slice_of(zeros, 16)}; // weak
    assert_int_equal(ask_user_to_user(&bad, ours, 5, NULL), 14);
    bad.key = (struct encryption_key){20, slice_of(zeros, 0)};
    assert_int_equal(ask_user_to_user(&bad, ours, 5, NULL), 60);
    bad = part;
    bad.present &= ~(uint32_t)ENC_TICKET_PART_AUTHORIZATION_DATA; // no PAC
    assert_int_equal(ask_user_to_user(&bad, ours, 5, NULL), 20);
    bad = part;
    bad.crealm = SLICE_LITERAL("OTHER.ORG");
    assert_int_equal(ask_user_to_user(&bad, ours, 5, NULL), 7);
    // What another realm says about a client of ours is no proof, and its clients are none of ours.
    assert_int_equal(ask_user_to_user(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 5, NULL), 12);
    assert_int_equal(ask_user_to_user(&bad, "krbtgt/EXAMPLE.COM@OTHER.ORG", 5, NULL), 12);
}

static void renewing_obeys_the_records_and_needs_a_renewable_service_ticket(void **state) {
    UNUSED(state);
    struct session s;
    struct enc_ticket_part part = tgt_part();
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_RENEW, &s), 0);
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_RENEW | (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY, &s), 13);
    // The flag alone does not do it: renew-till must stand there and lie ahead.
    part.renew_till = REALM_START;
    struct kdc_req req = realm_tgs_req(&r, TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    struct session old = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    assert_int_equal(realm_ask(&r, &old, &req, &s), 32);
    part.present &= ~(uint32_t)ENC_TICKET_PART_RENEW_TILL;
    req = realm_tgs_req(&r, TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    old = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    assert_int_equal(realm_ask(&r, &old, &req, &s), 32);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_NO_RENEWABLE);
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_RENEW, &s), 12);
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_PROXY, &s), 0);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_NO_PROXIABLE);
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_PROXY, &s), 12);
}

static void a_renewal_and_a_u2u_ticket_do_not_mix(void **state) {
    UNUSED(state);
    struct session out, alices = tgt;
    struct kdc_req req = realm_tgs_req(&r, TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY | (uint32_t)KDC_OPT_RENEW;
    req.req_body.present |= KDC_REQ_BODY_ADDITIONAL_TICKETS;
    req.req_body.additional_tickets = (struct ticket_list){&alices.rep.ticket, 1};
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), 26);
}

static void a_realm_may_have_no_postdated_tickets(void **state) {
    UNUSED(state);
    struct session s, out;
    r.policy.postdated = false;
    realm_start_kdc(&r);
    // Neither the flag, nor a ticket by one that another realm, or a time before, has given.
    s = realm_login_as(&r, "alice", (uint32_t)KDC_OPT_ALLOW_POSTDATE, TGS);
    assert_false(s.part.flags & (uint32_t)TKT_MAY_POSTDATE);
    struct enc_ticket_part part = tgt_part();
    part.flags |= (uint32_t)TKT_MAY_POSTDATE;
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = KDC_OPT_POSTDATED;
    req.req_body.present |= KDC_REQ_BODY_FROM;
    req.req_body.from = realm_time(&r) + HOUR;
    assert_int_equal(realm_ask(&r, &s, &req, &out), 10);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_renewable_ticket_is_renewed_until_it_ends),
        CASE(a_service_ticket_is_renewed_with_its_own_key),
        CASE(a_service_ticket_becomes_a_proxy_with_other_addresses),
        CASE(a_renewal_of_an_invalid_ticket_is_refused),
        CASE(a_postdated_ticket_is_validated_when_its_time_has_come),
        CASE(a_realm_may_have_no_postdated_tickets),
        CASE(a_ticket_does_not_outlive_the_tgt_or_what_is_allowed),
        CASE(a_renewal_ends_where_the_renewals_end),
        CASE(forwarding_and_proxies_need_their_flags),
        CASE(each_option_alone_gives_a_ticket_or_its_error),
        CASE(user_to_user_tickets_are_sealed_with_the_servers_session_key),
        CASE(the_second_ticket_is_checked_like_the_first),
        CASE(renewing_obeys_the_records_and_needs_a_renewable_service_ticket),
        CASE(a_renewal_and_a_u2u_ticket_do_not_mix),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
