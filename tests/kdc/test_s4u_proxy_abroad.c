// A service acts for its user towards a service of another realm (MS-SFU 3.2.5.2.2, 3.2.5.2.3): its
// own KDC sends it on with a TGT whose PAC is the user's, and the other realm's KDC asks the list
// of the service acted towards. EXAMPLE.COM is each of them, and one that lies between.
#include "pac/delegation.h"
#include "pac/logon_info.h"
#include "s4u.h"

#define FRONT      "HTTP/front.example.com"
#define FRONT_NAME FRONT "@EXAMPLE.COM"
#define SHOP       "HTTP/shop.other.org"
#define SHOP_NAME  SHOP "@OTHER.ORG"
#define OTHER_SID  "S-1-5-21-9-8-7"

static struct session front; // its TGT

static int setup_front(void **state) {
    setup(state);
    struct record rec =
        realm_record(&r, FRONT_NAME, RECORD_REQUIRES_PREAUTH | RECORD_TRUSTED_TO_AUTH, 2, AES_ALL);
    realm_put(&r, &rec);
    rec = realm_record(&r, "krbtgt/THIRD.NET@EXAMPLE.COM", RECORD_NO_CLIENT, 2, AES256_SHA1);
    realm_put(&r, &rec);
    front = realm_login(&r, FRONT);
    return 0;
}

static void lets(const char *name, const char *service) {
    struct record rec = realm_get(&r, name);
    static struct slice listed;
    listed = slice_str(service);
    rec.delegate_from = (struct slice_list){&listed, service ? 1 : 0};
    realm_put(&r, &rec);
}

static int ask_proxy(const struct session *s, const struct ticket *evidence, const char *service,
                     bool resource_based, struct session *out) {
    struct kdc_req req = proxy_req(evidence, service, resource_based);
    req.req_body.sname.name_type = NT_SRV_HST;
    req.req_body.kdc_options |= (uint32_t)KDC_OPT_CANONICALIZE;
    return realm_ask(&r, s, &req, out);
}

static struct session login_by_alias(const char *alias, const char *name) {
    struct kdc_req req = realm_as_req(&r, alias, "krbtgt/EXAMPLE.COM");
    struct crypto_key *key = realm_key(&r, name, 2, realm_get(&r, name).keys.items[0].enctype);
    struct session s;
    req.req_body.kdc_options = (uint32_t)KDC_OPT_FORWARDABLE;
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, key, realm_time(&r)));
    assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 0);
    realm_take_reply(&r, key, KU_AS_REP, &s);
    return s;
}

static struct pac_delegation delegation_of(const struct enc_ticket_part *t) {
    struct pac pac;
    struct pac_delegation d;
    assert_true(realm_pac(&r, t, &pac));
    assert_non_null(pac_find(&pac, PAC_DELEGATION_INFO));
    must(pac_delegation_read(pac_find(&pac, PAC_DELEGATION_INFO)->data, &r.arena, &d, err));
    return d;
}

// ---- the service's own realm

static bool says_it_knows(const struct session *s) {
    const struct padata_list *list = &s->part.encrypted_pa_data;
    struct pa_pac_options options;
    return (s->part.present & ENC_KDC_REP_PART_ENCRYPTED_PA_DATA) && list->count == 1 &&
           list->items[0].padata_type == PA_PAC_OPTIONS &&
           der_decode(&TYPE_PA_PAC_OPTIONS, list->items[0].padata_value, &r.arena, &options,
                      NULL) == OBOL_OK &&
           options.flags == (uint32_t)PAC_OPTION_RESOURCE_BASED_CONSTRAINED_DELEGATION;
}

static void towards_another_realm_the_service_gets_a_tgt_with_its_users_pac(void **state) {
    UNUSED(state);
    struct session evidence, out;
    assert_int_equal(ask(FRONT, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 0);
    assert_true(says_it_knows(&out));
    struct enc_ticket_part t = realm_ticket(&r, &out, "krbtgt/OTHER.ORG@EXAMPLE.COM");
    assert_slice_str(principal_text(&(struct principal){t.crealm, t.cname}, &r.arena), FRONT_NAME);
    assert_int_equal(t.authtime, realm_ticket(&r, &evidence, FRONT_NAME).authtime);
    assert_true(t.flags & (uint32_t)TKT_FORWARDABLE);
    assert_slice_str(pac_user(&t), "alice@EXAMPLE.COM");
    struct pac_delegation d = delegation_of(&t);
    assert_slice_str(d.target, SHOP);
    assert_int_equal(d.transited_count, 1);
    assert_slice_str(d.transited[0], FRONT_NAME);
    // A client that does not know what this is for; a TGT that is asked for as such.
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, false, &out), 13);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, "krbtgt/OTHER.ORG", true, &out), 13);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, "HTTP/no.where", true, &out), 7);
}

// The other realm compares the delegation with the ticket (pac_delegated.c).
static void a_service_that_logged_in_by_an_alias_acts_abroad_by_it(void **state) {
    UNUSED(state);
    struct slice alias = SLICE_LITERAL("HTTP/www.example.com@EXAMPLE.COM");
    struct record rec = realm_get(&r, FRONT_NAME);
    struct session evidence, out;
    rec.aliases = (struct slice_list){&alias, 1};
    realm_put(&r, &rec);
    struct session own = login_by_alias("HTTP/www.example.com", FRONT_NAME);
    assert_slice_str(principal_text(&own.client, &r.arena), "HTTP/www.example.com@EXAMPLE.COM");
    assert_int_equal(ask(FRONT, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&own, &evidence.rep.ticket, SHOP, true, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, "krbtgt/OTHER.ORG@EXAMPLE.COM");
    struct pac_delegation d = delegation_of(&t);
    assert_int_equal(d.transited_count, 1);
    assert_slice_str(principal_text(&(struct principal){t.crealm, t.cname}, &r.arena),
                     "HTTP/www.example.com@EXAMPLE.COM");
    assert_slice_str(d.transited[0], "HTTP/www.example.com@EXAMPLE.COM");
    // Logged in by its own name, with the evidence for the alias: again what the ticket says.
    assert_int_equal(ask("HTTP/www.example.com", (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 0);
    t = realm_ticket(&r, &out, "krbtgt/OTHER.ORG@EXAMPLE.COM");
    assert_slice_str(delegation_of(&t).transited[0], FRONT_NAME);
    // An alias of another service is not its evidence.
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&own, &evidence.rep.ticket, SHOP, true, &out), 26);
}

static void what_is_no_evidence_here_is_none_for_another_realm(void **state) {
    UNUSED(state);
    struct session evidence, out;
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 26);
    // The bronze bit (CVE-2020-17049).
    assert_int_equal(ask(FRONT, 0, &evidence), 0);
    struct enc_ticket_part t = realm_ticket(&r, &evidence, FRONT_NAME);
    t.flags |= (uint32_t)TKT_FORWARDABLE;
    struct ticket made = evidence.rep.ticket;
    made.raw = (struct slice){0};
    must(krb_seal(&TYPE_ENC_TICKET_PART, &t, realm_key(&r, FRONT_NAME, 2, 20), KU_TICKET, 2, &r.env,
                  &r.arena, &made.enc_part, err));
    assert_int_equal(ask_proxy(&front, &made, SHOP, true, &out), 41);
    // MS-SFU 3.2.5.2.3: one that is not forwardable, as within the realm.
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 13);
    // Who may not be delegated.
    assert_int_equal(ask(FRONT, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 0);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_NO_FORWARDABLE);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 13);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_PROTECTED);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 13);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_DISABLED);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 18);
}

// ---- the realm of the service acted towards

// What a TGT for another realm's service says; a field that is not set is as it should be.
struct said {
    const char *client, *issuer;      // the ticket's
    const char *user;                 // the PAC's
    const char *target, *transited;   // its delegation; transited "": none at all
    uint32_t flags, account_control;  // of the ticket, of the user
    int64_t later;                    // than the ticket: the PAC's login
    bool no_pac, no_logon, our_group; // our_group: a SID of our domain is among the user's
    bool forged;                      // the PAC is signed with another key
};

static struct slice logon_info(const struct said *said) {
    struct pac_group group = {PAC_RID_USERS, PAC_GROUP_ATTRIBUTES};
    struct pac_extra_sid extra = {.attributes = PAC_GROUP_ATTRIBUTES};
    struct pac_logon_info info = {.account = SLICE_LITERAL("jane"), .rid = 1104};
    struct slice out;
    info.groups = &group;
    info.group_count = 1;
    info.account_control = PAC_ACCOUNT_NORMAL | said->account_control;
    assert_true(sid_parse(SLICE_LITERAL(OTHER_SID), &info.domain_sid));
    assert_true(sid_parse(SLICE_LITERAL(REALM_SID "-512"), &extra.sid));
    info.extra = &extra;
    info.extra_count = said->our_group;
    must(pac_logon_info_write(&info, &r.arena, &out, err));
    return out;
}

static struct session abroad(const struct said *said, bool delegated) {
    const char *issuer = said->issuer ? said->issuer : "krbtgt/EXAMPLE.COM@OTHER.ORG";
    struct principal p = realm_name(&r, said->client ? said->client : SHOP_NAME);
    struct enc_ticket_part part = tgt_part();
    struct parts parts = {.count = 0};
    struct slice data, through = slice_str(said->transited ? said->transited : SHOP_NAME);
    const char *user = said->user ? said->user : delegated ? "jane@OTHER.ORG" : SHOP;
    part.crealm = p.realm;
    part.cname = p.name;
    part.flags = said->flags;
    must(pac_client_info_write(part.authtime + said->later, slice_str(user), &r.arena, &data, err));
    parts_set(&parts, PAC_CLIENT_INFO, data);
    if (!said->no_logon)
        parts_set(&parts, PAC_LOGON_INFO, logon_info(said));
    struct pac_delegation d = {.target = slice_str(said->target ? said->target : WEB)};
    d.transited = &through;
    d.transited_count = 1;
    must(pac_delegation_write(&d, &r.arena, &data, err));
    if (delegated && through.len)
        parts_set(&parts, PAC_DELEGATION_INFO, data);
    struct crypto_key *key = realm_key(&r, issuer, 2, 18),
                      *signer = said->forged ? realm_key(&r, "nobody", 2, 18) : key;
    part.present &= ~(uint32_t)ENC_TICKET_PART_AUTHORIZATION_DATA;
    if (!said->no_pac)
        put_pac(&part, &parts, signer, signer, false);
    return sealed_tgt(&part, issuer, 2, 18);
}

static const struct said USUAL = {.flags = TKT_FORWARDABLE};

static int act(const struct said *evidence, const char *service, bool resource_based,
               struct session *out) {
    struct session own = abroad(&USUAL, false), of_user = abroad(evidence, true);
    return ask_proxy(&own, &of_user.rep.ticket, service, resource_based, out);
}

static void another_realms_service_acts_where_the_targets_list_says(void **state) {
    UNUSED(state);
    struct session out;
    assert_int_equal(act(&USUAL, WEB, true, &out), 13);
    assert_true(detail_holds(SHOP_NAME " may not act for users towards"));
    lets(WEB_NAME, SHOP_NAME);
    assert_int_equal(act(&USUAL, WEB, true, &out), 0);
    assert_true(says_it_knows(&out));
    struct enc_ticket_part t = realm_ticket(&r, &out, WEB_NAME);
    assert_slice_str(principal_text(&(struct principal){t.crealm, t.cname}, &r.arena),
                     "jane@OTHER.ORG");
    assert_slice_str(principal_text(&out.client, &r.arena), "jane@OTHER.ORG");
    assert_slice_str(pac_user(&t), "jane");
    assert_true(t.flags & (uint32_t)TKT_FORWARDABLE);
    assert_true(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
    assert_int_equal(t.transited.contents.len, 0);
    struct pac_delegation d = delegation_of(&t);
    assert_slice_str(d.target, WEB);
    assert_int_equal(d.transited_count, 1);
    assert_slice_str(d.transited[0], SHOP_NAME);
    assert_slice_str(r.result.event.act_for, "jane@OTHER.ORG");
    // A client that does not know of such lists; a TGT; a list that has the name in our realm.
    assert_int_equal(act(&USUAL, WEB, false, &out), 13);
    assert_int_equal(act(&USUAL, TGS, true, &out), 13);
    lets(WEB_NAME, SHOP "@EXAMPLE.COM");
    assert_int_equal(act(&USUAL, WEB, true, &out), 13);
}

static void what_the_other_realm_did_not_say_is_no_evidence(void **state) {
    UNUSED(state);
    static const struct {
        struct said said;
        int code;
    } rows[] = {
        {{.flags = TKT_FORWARDABLE, .target = "host/old.example.com"}, 13},
        {{.flags = TKT_FORWARDABLE, .transited = "HTTP/mall.other.org@OTHER.ORG"}, 41},
        {{.flags = TKT_FORWARDABLE, .transited = ""}, 41},
        {{.flags = TKT_FORWARDABLE,
          .client = "HTTP/mall.other.org@OTHER.ORG",
          .transited = "HTTP/mall.other.org@OTHER.ORG"},
         26},
        {{.flags = TKT_FORWARDABLE, .user = "jane"}, 41},
        {{.flags = TKT_FORWARDABLE, .user = "@OTHER.ORG"}, 41},
        {{.flags = TKT_FORWARDABLE, .later = 1}, 41},
        {{.flags = TKT_FORWARDABLE, .no_pac = true}, 41},
        {{.flags = TKT_FORWARDABLE, .forged = true}, 41},
        {{.flags = TKT_FORWARDABLE, .no_logon = true}, 0},
        {{.no_logon = true}, 13},
        {{.account_control = PAC_ACCOUNT_NOT_DELEGATED}, 13},
        {{.account_control = 0}, 13}, // MS-SFU 3.2.5.2.3: not forwardable is enough
        {{.flags = TKT_FORWARDABLE | TKT_INVALID}, 33},
    };
    struct session out;
    lets(WEB_NAME, SHOP_NAME);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(act(&rows[i].said, WEB, true, &out), rows[i].code);
    // What the service itself shows: no PAC, another one's, that of its user.
    static const struct said own[] = {{.no_pac = true}, {.user = "HTTP/mall.other.org"}};
    struct session of_user = abroad(&USUAL, true);
    struct session s = abroad(&own[0], false);
    assert_int_equal(ask_proxy(&s, &of_user.rep.ticket, WEB, true, &out), 20);
    s = abroad(&own[1], false);
    assert_int_equal(ask_proxy(&s, &of_user.rep.ticket, WEB, true, &out), 41);
    assert_int_equal(ask_proxy(&of_user, &of_user.rep.ticket, WEB, true, &out), 41);
    // A ticket of this realm, which the service may have got as anybody does.
    s = abroad(&USUAL, false);
    assert_int_equal(ask_proxy(&s, &tgt.rep.ticket, WEB, true, &out), 13);
}

static void what_another_realm_says_of_our_own_user_his_record_says(void **state) {
    UNUSED(state);
    static const struct said alice = {
        .flags = TKT_FORWARDABLE, .user = "alice@EXAMPLE.COM", .our_group = true};
    struct session out;
    struct pac pac;
    struct pac_logon_info info;
    lets(WEB_NAME, SHOP_NAME);
    assert_int_equal(act(&alice, WEB, true, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, WEB_NAME);
    assert_slice_str(t.crealm, "EXAMPLE.COM");
    assert_slice_str(pac_user(&t), "alice");
    assert_slice_str(delegation_of(&t).transited[0], SHOP_NAME);
    assert_true(realm_pac(&r, &t, &pac));
    must(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &info, err));
    assert_slice_str(info.account, "alice");
    assert_int_equal(info.extra_count, 1);
    assert_int_equal(info.extra[0].sid.authority[5], 18); // asserted, and nothing of the group
    // Nobody, who may not be delegated, who is locked.
    static const struct said nobody = {.flags = TKT_FORWARDABLE, .user = "nobody@EXAMPLE.COM"};
    assert_int_equal(act(&nobody, WEB, true, &out), 6);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_NO_FORWARDABLE);
    assert_int_equal(act(&alice, WEB, true, &out), 13);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_LOCKED);
    assert_int_equal(act(&alice, WEB, true, &out), 18);
}

static void sids_of_our_domain_are_taken_out_of_the_users_pac(void **state) {
    UNUSED(state);
    static const struct said jane = {.flags = TKT_FORWARDABLE, .our_group = true};
    struct session out;
    struct pac pac;
    struct pac_logon_info info;
    lets(WEB_NAME, SHOP_NAME);
    assert_int_equal(act(&jane, WEB, true, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, WEB_NAME);
    assert_true(realm_pac(&r, &t, &pac));
    must(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &info, err));
    assert_slice_str(info.account, "jane");
    assert_int_equal(info.extra_count, 0);
}

// Who is listed is known by its name, so that every realm which names it must be trusted to.
static void a_name_that_came_by_a_realm_nobody_trusts_is_not_listed(void **state) {
    UNUSED(state);
    static const struct said third = {.flags = TKT_FORWARDABLE,
                                      .client = "HTTP/shop.third.net@THIRD.NET",
                                      .transited = "HTTP/shop.third.net@THIRD.NET"};
    static const struct said own = {.client = "HTTP/shop.third.net@THIRD.NET",
                                    .user = "HTTP/shop.third.net"};
    static const struct said guest = {.flags = TKT_FORWARDABLE, .user = "joe@THIRD.NET"};
    struct session s = abroad(&own, false), of_user = abroad(&third, true), out;
    lets(WEB_NAME, "HTTP/shop.third.net@THIRD.NET");
    assert_int_equal(ask_proxy(&s, &of_user.rep.ticket, WEB, true, &out), 28);
    // A user of a third realm, whom the listed service's realm names: his path says so.
    lets(WEB_NAME, SHOP_NAME);
    assert_int_equal(act(&guest, WEB, true, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, WEB_NAME);
    assert_slice_str(t.crealm, "THIRD.NET");
    assert_slice_str(t.transited.contents, "OTHER.ORG");
    assert_true(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
    r.policy.reject_bad_transit = false;
    realm_start_kdc(&r);
    lets(WEB_NAME, "HTTP/shop.third.net@THIRD.NET");
    assert_int_equal(ask_proxy(&s, &of_user.rep.ticket, WEB, true, &out), 28);
}

static int go_on(const struct session *s, const char *service, struct session *out) {
    struct kdc_req req = realm_tgs_req(&r, service);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_CANONICALIZE | (uint32_t)KDC_OPT_FORWARDABLE;
    return realm_ask(&r, s, &req, out);
}

static void a_user_of_another_realm_is_acted_for_in_this_one(void **state) {
    UNUSED(state);
    static const struct said jane = {.flags = TKT_FORWARDABLE,
                                     .client = "jane@OTHER.ORG",
                                     .user = "jane"},
                             shy = {.client = "jane@OTHER.ORG",
                                    .user = "jane",
                                    .account_control = PAC_ACCOUNT_NOT_DELEGATED};
    struct session s = abroad(&jane, false), evidence, out;
    assert_int_equal(go_on(&s, FRONT, &evidence), 0);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, WEB, true, &out), 13);
    lets(WEB_NAME, FRONT_NAME);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, WEB, true, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, WEB_NAME);
    assert_slice_str(t.crealm, "OTHER.ORG");
    assert_slice_str(pac_user(&t), "jane");
    assert_slice_str(delegation_of(&t).transited[0], FRONT_NAME);
    // On to another realm, which is his own.
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 0);
    t = realm_ticket(&r, &out, "krbtgt/OTHER.ORG@EXAMPLE.COM");
    assert_slice_str(pac_user(&t), "jane@OTHER.ORG");
    assert_slice_str(t.crealm, "EXAMPLE.COM");
    // His realm says that he may not be acted for.
    s = abroad(&shy, false);
    assert_int_equal(go_on(&s, FRONT, &evidence), 0);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, WEB, true, &out), 13);
    assert_int_equal(ask_proxy(&front, &evidence.rep.ticket, SHOP, true, &out), 13);
}

// ---- a realm between

static void a_tgt_with_a_users_pac_leads_on_to_other_realms_and_nowhere_else(void **state) {
    UNUSED(state);
    static const struct said far = {.flags = TKT_FORWARDABLE, .target = "HTTP/x.third.net"};
    static const struct said wrong = {.flags = TKT_FORWARDABLE,
                                      .transited = "HTTP/mall.other.org@OTHER.ORG"};
    struct session s = abroad(&far, true), out;
    assert_int_equal(go_on(&s, "krbtgt/THIRD.NET", &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, "krbtgt/THIRD.NET@EXAMPLE.COM");
    assert_slice_str(principal_text(&(struct principal){t.crealm, t.cname}, &r.arena), SHOP_NAME);
    assert_slice_str(pac_user(&t), "jane@OTHER.ORG");
    assert_slice_str(delegation_of(&t).target, "HTTP/x.third.net");
    assert_slice_str(delegation_of(&t).transited[0], SHOP_NAME);
    // Not to a service of this realm, nor to its TGS.
    assert_int_equal(go_on(&s, WEB, &out), 13);
    assert_int_equal(go_on(&s, TGS, &out), 13);
    s = abroad(&wrong, true);
    assert_int_equal(go_on(&s, "krbtgt/THIRD.NET", &out), 41);
}

static void a_tgt_with_the_pac_of_our_user_goes_on_with_what_his_record_says(void **state) {
    UNUSED(state);
    static const struct said alice = {.flags = TKT_FORWARDABLE, .user = "alice@EXAMPLE.COM"};
    struct session s = abroad(&alice, true), out;
    struct pac pac;
    struct pac_logon_info info;
    assert_int_equal(go_on(&s, "krbtgt/THIRD.NET", &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, "krbtgt/THIRD.NET@EXAMPLE.COM");
    assert_slice_str(pac_user(&t), "alice@EXAMPLE.COM");
    assert_slice_str(delegation_of(&t).transited[0], SHOP_NAME);
    assert_true(realm_pac(&r, &t, &pac));
    must(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &info, err));
    assert_slice_str(info.account, "alice");
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_NO_FORWARDABLE);
    assert_int_equal(go_on(&s, "krbtgt/THIRD.NET", &out), 13);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup_front, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(towards_another_realm_the_service_gets_a_tgt_with_its_users_pac),
        CASE(a_service_that_logged_in_by_an_alias_acts_abroad_by_it),
        CASE(what_is_no_evidence_here_is_none_for_another_realm),
        CASE(another_realms_service_acts_where_the_targets_list_says),
        CASE(what_the_other_realm_did_not_say_is_no_evidence),
        CASE(what_another_realm_says_of_our_own_user_his_record_says),
        CASE(sids_of_our_domain_are_taken_out_of_the_users_pac),
        CASE(a_name_that_came_by_a_realm_nobody_trusts_is_not_listed),
        CASE(a_user_of_another_realm_is_acted_for_in_this_one),
        CASE(a_tgt_with_a_users_pac_leads_on_to_other_realms_and_nowhere_else),
        CASE(a_tgt_with_the_pac_of_our_user_goes_on_with_what_his_record_says),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
