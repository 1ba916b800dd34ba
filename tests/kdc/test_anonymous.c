// Anonymous tickets for those whose name the KDC knows (RFC 8062 4.1, 4.2): what the ticket says,
// what it must not, and when there are none. Those of nobody in particular are in test_pkinit.c.
#include "kdc/authdata/authdata.h"
#include "pac.h"

#define NOBODY "WELLKNOWN/ANONYMOUS"
enum { POLICY = 12, BADOPTION = 13, REVOKED = 18 };
static const uint32_t ANONYMOUS = (uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
static const int32_t NO_KEYS[] = {0};

static void allow(void) {
    struct record nobody = realm_record(&r, NOBODY "@EXAMPLE.COM",
                                        RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER, 1, NO_KEYS);
    realm_put(&r, &nobody);
}
static int login(uint32_t options, const char *server, struct session *s) {
    struct kdc_req req = realm_as_req(&r, "alice", server);
    struct crypto_key *key = realm_key(&r, "alice@EXAMPLE.COM", 2, 20);
    req.req_body.kdc_options = options;
    req.req_body.rtime = realm_time(&r) + 3 * DAY;
    req.req_body.present |= KDC_REQ_BODY_RTIME;
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, key, realm_time(&r)));
    int code = realm_send(&r, realm_encode(&r, &req));
    if (code == 0)
        realm_take_reply(&r, key, KU_AS_REP, s);
    return code;
}
static bool holds(struct slice all, const char *text) {
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= all.len; i++)
        if (memcmp(all.ptr + i, text, len) == 0)
            return true;
    return false;
}
// The ticket, opened, says nothing of alice: neither as bytes of a name nor as a PAC.
static struct enc_ticket_part nameless(const struct session *s, const char *service) {
    struct enc_ticket_part t = realm_ticket(&r, s, service);
    struct slice bytes;
    assert_true(t.flags & (uint32_t)TKT_ANONYMOUS);
    assert_true(principal_name_is_anonymous(&t.cname));
    assert_slice_str(t.crealm, "EXAMPLE.COM");
    assert_true(principal_eq(&s->client, &(struct principal){t.crealm, t.cname}));
    assert_true(s->part.flags & (uint32_t)TKT_ANONYMOUS);
    must(der_encode(&TYPE_ENC_TICKET_PART, &t, &r.arena, &bytes, err));
    assert_false(holds(bytes, "alice"));
    assert_false(authdata_holds(&t.authorization_data, AD_WIN2K_PAC, &r.arena));
    return t;
}

static void a_login_may_ask_not_to_be_named(void **state) {
    UNUSED(state);
    struct session s, web;
    assert_int_equal(login(ANONYMOUS, TGS, &s), BADOPTION); // the realm has no such principal
    assert_true(detail_holds("no anonymous tickets"));
    allow();
    // Nobody in particular says so.
    struct kdc_req bare = realm_as_req(&r, NOBODY, TGS);
    assert_int_equal(realm_send(&r, realm_encode(&r, &bare)), BADOPTION);
    assert_int_equal(login(ANONYMOUS, TGS, &s), 0);
    struct enc_ticket_part t = nameless(&s, TGS_NAME);
    assert_true(t.flags & (uint32_t)TKT_PRE_AUTHENT);
    assert_slice_str(r.result.event.client, "alice@EXAMPLE.COM"); // the audit log knows
    assert_int_equal(login(ANONYMOUS, WEB, &s), 0);
    nameless(&s, WEB_NAME);
    // The TGT gets tickets as one of nobody's, whether it asks for the option again or not.
    assert_int_equal(login(ANONYMOUS, TGS, &s), 0);
    for (uint32_t i = 0; i < 2; i++) {
        struct kdc_req req = realm_tgs_req(&r, WEB);
        req.req_body.kdc_options = i ? ANONYMOUS : 0;
        assert_int_equal(realm_ask(&r, &s, &req, &web), 0);
        nameless(&web, WEB_NAME);
    }
    assert_int_equal(login(0, TGS, &s), 0);
    assert_false(realm_ticket(&r, &s, TGS_NAME).flags & (uint32_t)TKT_ANONYMOUS);
}

static void a_tgt_with_a_name_gets_tickets_without(void **state) {
    UNUSED(state);
    struct session s, other;
    assert_int_equal(ask(WEB, ANONYMOUS, &s), BADOPTION);
    allow();
    assert_int_equal(ask(WEB, ANONYMOUS, &s), 0);
    nameless(&s, WEB_NAME);
    assert_slice_str(r.result.event.client, "alice@EXAMPLE.COM");
    // A TGT too, and one towards another realm: from there on nobody learns the name.
    assert_int_equal(ask(TGS, ANONYMOUS, &s), 0);
    nameless(&s, TGS_NAME);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &other), 0);
    nameless(&other, WEB_NAME);
    assert_int_equal(ask("krbtgt/OTHER.ORG", ANONYMOUS, &s), 0);
    nameless(&s, "krbtgt/OTHER.ORG@EXAMPLE.COM");
    assert_int_equal(ask(WEB, 0, &s), 0);
    assert_slice_str(s.client.name.name_string.items[0], "alice");
}

// What would be passed on as it is keeps its name; and the restriction holds for these as well.
static void where_there_are_none(void **state) {
    UNUSED(state);
    struct session s;
    allow();
    assert_int_equal(ask(TGS, ANONYMOUS | (uint32_t)KDC_OPT_RENEW, &s), BADOPTION);
    assert_true(detail_holds("keeps its client's name"));
    assert_int_equal(ask(TGS, (uint32_t)KDC_OPT_RENEW, &s), 0);
    r.policy.restrict_anonymous = true;
    realm_start_kdc(&r);
    assert_int_equal(ask(WEB, ANONYMOUS, &s), POLICY);
    assert_int_equal(login(ANONYMOUS, WEB, &s), POLICY);
    assert_int_equal(ask("krbtgt/OTHER.ORG", ANONYMOUS, &s), POLICY); // another realm's services
    assert_int_equal(ask("krbtgt/OTHER.ORG", 0, &s), 0);
    assert_int_equal(ask(TGS, ANONYMOUS, &s), 0);
    r.policy.restrict_anonymous = false;
    realm_start_kdc(&r);
    // With the name that all of them have, one would change the password of all.
    assert_int_equal(login(ANONYMOUS, "kadmin/changepw", &s), POLICY);
    assert_int_equal(login(0, "kadmin/changepw", &s), 0);
    realm_start_kdc(&r);
    realm_set_flags(&r, NOBODY "@EXAMPLE.COM", RECORD_NO_SERVER | RECORD_DISABLED);
    assert_int_equal(ask(WEB, ANONYMOUS, &s), POLICY);
    assert_int_equal(login(ANONYMOUS, TGS, &s), POLICY);
    // Nor for who may not log in himself.
    realm_set_flags(&r, NOBODY "@EXAMPLE.COM", RECORD_NO_SERVER);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_DISABLED);
    assert_int_equal(ask(WEB, ANONYMOUS, &s), REVOKED);
    assert_int_equal(login(ANONYMOUS, TGS, &s), REVOKED);
}

// When it comes back nobody can tell whose it was: it is not renewed, and all of them end at once
// when the principal goes.
static void they_end_by_themselves_or_with_the_principal(void **state) {
    UNUSED(state);
    struct session s, out;
    const uint32_t renewable = ANONYMOUS | (uint32_t)KDC_OPT_RENEWABLE;
    allow();
    assert_int_equal(login((uint32_t)KDC_OPT_RENEWABLE, TGS, &s), 0);
    assert_true(s.part.flags & (uint32_t)TKT_RENEWABLE);
    assert_int_equal(login(renewable, TGS, &s), 0);
    assert_false(s.part.flags & (uint32_t)TKT_RENEWABLE);
    assert_int_equal(ask(TGS, renewable, &out), 0);
    assert_false(out.part.flags & (uint32_t)TKT_RENEWABLE);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    realm_set_flags(&r, NOBODY "@EXAMPLE.COM", RECORD_NO_SERVER | RECORD_DISABLED);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), REVOKED);
}

// RFC 8062 4.2: what is not known to be without a name does not pass, and is not left out either:
// it may restrict. What only the KDC says is left out.
static void authorization_data_tells_no_name(void **state) {
    UNUSED(state);
    struct session s, out;
    struct enc_ticket_part part = tgt_part();
    allow();
    static const struct {
        int32_t type;
        int code;
    } rows[] = {{1234, POLICY}, {AD_KDC_ISSUED, 0}, {AD_INITIAL_VERIFIED_CAS, 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct authdata both[] = {tgt_part().authorization_data.items[0],
                                  {rows[i].type, SLICE_LITERAL("x")}};
        part.authorization_data = (struct authdata_list){both, 2};
        s = sealed_tgt(&part, TGS_NAME, 2, 20);
        struct kdc_req req = realm_tgs_req(&r, WEB);
        req.req_body.kdc_options = ANONYMOUS;
        assert_int_equal(realm_ask(&r, &s, &req, &out), rows[i].code);
        req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    }
    struct authdata added = {1234, SLICE_LITERAL("alice was here")};
    const struct authdata_list list = {&added, 1};
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = ANONYMOUS;
    req.req_body.present |= KDC_REQ_BODY_ENC_AUTHORIZATION_DATA;
    must(krb_seal(&TYPE_AUTHORIZATION_DATA, &list, tgt.key, KU_TGS_REQ_AUTHDATA_SESSION, 0, &r.env,
                  &r.arena, &req.req_body.enc_authorization_data, err));
    assert_int_equal(realm_ask(&r, &tgt, &req, &out), POLICY);
}

// A realm that is trusted for its users is not trusted for a name here; its nobody is one of its
// own.
static void another_realms_client_may_hide_its_name_here(void **state) {
    UNUSED(state);
    struct session out;
    struct enc_ticket_part part = tgt_part();
    allow();
    const struct principal jane = realm_name(&r, "jane@OTHER.ORG");
    part.crealm = jane.realm;
    part.cname = jane.name;
    part.present &= ~(uint32_t)ENC_TICKET_PART_AUTHORIZATION_DATA;
    struct session s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, 18);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.kdc_options = ANONYMOUS;
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, WEB_NAME);
    assert_true(principal_name_is_anonymous(&t.cname));
    assert_slice_str(t.crealm, "OTHER.ORG");
    assert_true(t.flags & (uint32_t)TKT_ANONYMOUS);
    // The flag with a name, and the name without the flag, are neither.
    part = tgt_part();
    part.flags |= (uint32_t)TKT_ANONYMOUS;
    s = sealed_tgt(&part, TGS_NAME, 2, 20);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), POLICY);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_login_may_ask_not_to_be_named),
        CASE(a_tgt_with_a_name_gets_tickets_without),
        CASE(where_there_are_none),
        CASE(they_end_by_themselves_or_with_the_principal),
        CASE(authorization_data_tells_no_name),
        CASE(another_realms_client_may_hide_its_name_here),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
