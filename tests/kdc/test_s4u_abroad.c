// A service asks for a user of another realm (MS-SFU 3.2.5.1.2): that realm's KDC sends it back
// with a TGT whose PAC is the user's, and its own KDC makes the ticket of it. EXAMPLE.COM is either
// of them.
#include "pac.h"
#include "pac/logon_info.h"
#include "proto/s4u.h"

#define THEIRS     "krbtgt/EXAMPLE.COM@OTHER.ORG"
#define SERVICE    "HTTP/shop.other.org@OTHER.ORG"
#define FRONT      "HTTP/front.example.com"
#define FRONT_NAME FRONT "@EXAMPLE.COM"

// A TGT that OTHER.ORG issued to `client`, with a PAC of `of`.
static struct session from_abroad(const char *client, const char *of) {
    struct principal p = realm_name(&r, client);
    struct enc_ticket_part part = tgt_part();
    struct parts parts = {.count = 0};
    struct slice info;
    part.crealm = p.realm;
    part.cname = p.name;
    must(pac_client_info_write(part.authtime, slice_str(of), &r.arena, &info, err));
    parts_set(&parts, PAC_CLIENT_INFO, info);
    struct crypto_key *key = realm_key(&r, THEIRS, 2, 18);
    put_pac(&part, &parts, key, key, false);
    return sealed_tgt(&part, THEIRS, 2, 18);
}

static struct slice for_user(const struct session *s, const char *user) {
    struct principal p = realm_name(&r, user);
    struct pa_for_user pa = {p.name, p.realm, {0}, SLICE_LITERAL("Kerberos")};
    struct writer w = writer_to_arena(&r.arena);
    struct slice out;
    uint8_t sum[16];
    writer_le32(&w, (uint32_t)p.name.name_type);
    for (size_t i = 0; i < p.name.name_string.count; i++)
        writer_bytes(&w, p.name.name_string.items[i]);
    writer_bytes(&w, p.realm);
    writer_bytes(&w, pa.auth_package);
    must(crypto_checksum_type(s->key, 17, CKSUMTYPE_HMAC_MD5, writer_slice(&w),
                              buf_of(sum, sizeof sum), err));
    pa.cksum = (struct checksum){CKSUMTYPE_HMAC_MD5, slice_of(sum, sizeof sum)};
    must(der_encode(&TYPE_PA_FOR_USER, &pa, &r.arena, &out, err));
    return out;
}

static int ask_for(const struct session *s, const char *user, const char *service,
                   struct session *out) {
    struct kdc_req req = realm_tgs_req(&r, service);
    req.req_body.sname.name_type = NT_SRV_HST;
    req.req_body.kdc_options = KDC_OPT_CANONICALIZE | KDC_OPT_FORWARDABLE;
    realm_add_padata(&r, &req, PA_FOR_USER, for_user(s, user));
    return realm_ask(&r, s, &req, out);
}

static void a_service_of_another_realm_is_sent_home_with_our_users_pac(void **state) {
    UNUSED(state);
    struct session s = from_abroad(SERVICE, "HTTP/shop.other.org"), out;
    assert_int_equal(ask_for(&s, "alice", "HTTP/shop.other.org", &out), 0);
    assert_true(principal_is_krbtgt(&out.part.sname));
    struct enc_ticket_part t = realm_ticket(&r, &out, "krbtgt/OTHER.ORG@EXAMPLE.COM");
    assert_slice_str(principal_text(&(struct principal){t.crealm, t.cname}, &r.arena), SERVICE);
    assert_slice_str(pac_user(&t), "alice@EXAMPLE.COM");
    struct pac pac;
    struct pac_logon_info info;
    assert_true(realm_pac(&r, &t, &pac));
    must(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &info, err));
    assert_slice_str(info.account, "alice");
    // Nobody, who is locked, and a user of a third realm.
    assert_int_equal(ask_for(&s, "nobody", "HTTP/shop.other.org", &out), 6);
    realm_set_flags(&r, "bob@EXAMPLE.COM", RECORD_LOCKED);
    assert_int_equal(ask_for(&s, "bob", "HTTP/shop.other.org", &out), 18);
    assert_int_equal(ask_for(&s, "eve@THIRD.NET", "HTTP/shop.other.org", &out), 41);
    // Nor a TGT in a user's name, nor a ticket to a service of ours.
    assert_int_equal(ask_for(&s, "alice", "krbtgt/OTHER.ORG", &out), 13);
    assert_int_equal(ask_for(&s, "alice", WEB, &out), 6);
}

static void our_service_gets_its_ticket_of_another_realms_user(void **state) {
    UNUSED(state);
    struct record rec = realm_record(&r, FRONT_NAME, RECORD_TRUSTED_TO_AUTH, 2, AES_ALL);
    realm_put(&r, &rec);
    struct session s = from_abroad(FRONT_NAME, "jane@OTHER.ORG"), out;
    assert_int_equal(ask_for(&s, "jane@OTHER.ORG", FRONT, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, FRONT_NAME);
    assert_slice_str(t.crealm, "OTHER.ORG");
    assert_slice_str(t.cname.name_string.items[0], "jane");
    assert_slice_str(pac_user(&t), "jane");
    assert_int_equal(t.transited.contents.len, 0);
    assert_true(t.flags & (uint32_t)TKT_FORWARDABLE);
    realm_set_flags(&r, FRONT_NAME, 0);
    rec = realm_get(&r, FRONT_NAME);
    rec.delegate_to = (struct slice_list){(struct slice[]){SLICE_LITERAL(WEB_NAME)}, 1};
    realm_put(&r, &rec);
    assert_int_equal(ask_for(&s, "jane@OTHER.ORG", FRONT, &out), 0);
    assert_false(out.part.flags & (uint32_t)TKT_FORWARDABLE);
}

static void what_a_realm_says_of_our_services_counts_for_nothing_else(void **state) {
    UNUSED(state);
    struct record rec = realm_record(&r, FRONT_NAME, RECORD_TRUSTED_TO_AUTH, 2, AES_ALL);
    realm_put(&r, &rec);
    struct session s = from_abroad(FRONT_NAME, "jane@OTHER.ORG"), out;
    // No ticket for the service itself, for another user than the PAC's, or to another service.
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 12);
    assert_int_equal(ask_for(&s, "alice", FRONT, &out), 12);
    assert_int_equal(ask_for(&s, "eve@OTHER.ORG", FRONT, &out), 41);
    assert_int_equal(ask_for(&s, "jane@OTHER.ORG", WEB, &out), 36);
    // Nor with the PAC of the service, or a user whose realm did not vouch.
    s = from_abroad(FRONT_NAME, "HTTP/front.example.com");
    assert_int_equal(ask_for(&s, "jane@OTHER.ORG", FRONT, &out), 41);
    s = from_abroad(FRONT_NAME, "jane@THIRD.NET");
    assert_int_equal(ask_for(&s, "jane@THIRD.NET", FRONT, &out), 28);
    // Nor with a name that is not sealed with the ticket's session key.
    s = from_abroad(FRONT_NAME, "jane@OTHER.ORG");
    struct session stranger = realm_login(&r, "bob");
    req = realm_tgs_req(&r, FRONT);
    realm_add_padata(&r, &req, PA_FOR_USER, for_user(&stranger, "jane@OTHER.ORG"));
    assert_int_equal(realm_ask(&r, &s, &req, &out), 41);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_service_of_another_realm_is_sent_home_with_our_users_pac),
        CASE(our_service_gets_its_ticket_of_another_realms_user),
        CASE(what_a_realm_says_of_our_services_counts_for_nothing_else),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
