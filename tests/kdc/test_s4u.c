// A service acts for its users (MS-SFU): tickets to itself in a user's name, and on to others; who
// may, and the attacks on it: unkeyed checksums, the bronze bit, names that changed hands.
#include "pac/delegation.h"
#include "s4u.h"

#define FRONT      "HTTP/front.example.com"
#define FRONT_NAME FRONT "@EXAMPLE.COM"
#define BACK       "host/old.example.com"
#define BACK_NAME  BACK "@EXAMPLE.COM"

static struct session front; // its TGT

static void set_front(uint32_t flags, const char *delegate_to) {
    struct record rec = realm_get(&r, FRONT_NAME);
    static struct slice name;
    name = slice_str(delegate_to);
    rec.flags = flags;
    rec.delegate_to = (struct slice_list){&name, delegate_to ? 1 : 0};
    realm_put(&r, &rec);
}
static void set_back(const char *delegate_from) {
    struct record rec = realm_get(&r, BACK_NAME);
    static struct slice name;
    name = slice_str(delegate_from);
    rec.delegate_from = (struct slice_list){&name, delegate_from ? 1 : 0};
    realm_put(&r, &rec);
}

static int setup_front(void **state) {
    setup(state);
    struct record rec = realm_record(&r, FRONT_NAME, RECORD_REQUIRES_PREAUTH, 2, AES_ALL);
    realm_put(&r, &rec);
    set_front(RECORD_REQUIRES_PREAUTH | RECORD_TRUSTED_TO_AUTH, BACK_NAME);
    front = realm_login(&r, FRONT);
    return 0;
}

// What a request says of its user, and may say wrongly.
struct said {
    const char *user, *signed_user; // signed_user: the checksum is of this one
    int32_t cksumtype;              // 0: the right one
    bool x509, bad_nonce;
    uint32_t options;
};

static struct slice for_user(const struct said *said) {
    struct principal p = realm_name(&r, said->user),
                     s = realm_name(&r, said->signed_user ? said->signed_user : said->user);
    struct pa_for_user pa = {p.name, p.realm, {0}, SLICE_LITERAL("Kerberos")};
    struct writer w = writer_to_arena(&r.arena);
    struct slice out;
    uint8_t sum[24] = {0};
    size_t len = said->cksumtype ? cksumtype_length(said->cksumtype) : 16;
    writer_le32(&w, (uint32_t)s.name.name_type);
    for (size_t i = 0; i < s.name.name_string.count; i++)
        writer_bytes(&w, s.name.name_string.items[i]);
    writer_bytes(&w, s.realm);
    writer_bytes(&w, pa.auth_package);
    if (!said->cksumtype)
        must(crypto_checksum_type(front.key, 17, CKSUMTYPE_HMAC_MD5, writer_slice(&w),
                                  buf_of(sum, 16), err));
    else if (said->cksumtype == CKSUMTYPE_RSA_MD5 || said->cksumtype == CKSUMTYPE_SHA1)
        must(crypto_digest(said->cksumtype, writer_slice(&w), buf_of(sum, len), err));
    else if (said->cksumtype == CKSUMTYPE_HMAC_SHA384_192_AES256)
        must(crypto_checksum(front.key, 17, writer_slice(&w), buf_of(sum, len), err));
    pa.cksum.cksumtype = said->cksumtype ? said->cksumtype : CKSUMTYPE_HMAC_MD5;
    pa.cksum.checksum = slice_of(sum, len);
    must(der_encode(&TYPE_PA_FOR_USER, &pa, &r.arena, &out, err));
    return out;
}

static struct slice x509_user(const struct said *said, uint32_t nonce) {
    struct principal p = realm_name(&r, said->user),
                     s = realm_name(&r, said->signed_user ? said->signed_user : said->user);
    struct pa_s4u_x509_user pa = {
        .user_id = {.present = S4U_USER_ID_CNAME,
                    .nonce = said->bad_nonce ? nonce + 1 : nonce,
                    .cname = s.name,
                    .crealm = s.realm},
    };
    if (said->options) {
        pa.user_id.present |= S4U_USER_ID_OPTIONS;
        pa.user_id.options = said->options;
    }
    struct slice id, out;
    uint8_t sum[24] = {0};
    must(der_encode(&TYPE_S4U_USER_ID, &pa.user_id, &r.arena, &id, err));
    must(crypto_checksum(front.key, 26, id, buf_of(sum, sizeof sum), err));
    pa.checksum = (struct checksum){CKSUMTYPE_HMAC_SHA384_192_AES256, slice_of(sum, sizeof sum)};
    if (said->cksumtype) {
        pa.checksum.cksumtype = said->cksumtype;
        pa.checksum.checksum.len = cksumtype_length(said->cksumtype);
        must(crypto_digest(said->cksumtype, id, buf_of(sum, pa.checksum.checksum.len), err));
    }
    pa.user_id.cname = p.name;
    must(der_encode(&TYPE_PA_S4U_X509_USER, &pa, &r.arena, &out, err));
    return out;
}

static int ask_self_at(const struct said *said, const char *server, uint32_t options,
                       struct session *out) {
    struct kdc_req req = realm_tgs_req(&r, server);
    req.req_body.kdc_options = options;
    if (said->x509)
        realm_add_padata(&r, &req, PA_S4U_X509_USER, x509_user(said, req.req_body.nonce));
    else
        realm_add_padata(&r, &req, PA_FOR_USER, for_user(said));
    return realm_ask(&r, &front, &req, out);
}
static int ask_self(const struct said *said, struct session *out) {
    return ask_self_at(said, FRONT, (uint32_t)KDC_OPT_FORWARDABLE, out);
}
static int ask_proxy(const struct ticket *evidence, const char *server, bool resource_based,
                     struct session *out) {
    struct kdc_req req = proxy_req(evidence, server, resource_based);
    return realm_ask(&r, &front, &req, out);
}
static const struct said ALICE = {.user = "alice"};

// The NTSTATUS in the e-data of the last error (MS-KILE 2.2.2); 0: none.
static uint32_t nt_status(void) {
    struct krb_error e;
    struct kerb_error_data data;
    must(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, err));
    if (!(e.present & KRB_ERROR_E_DATA))
        return 0;
    must(der_decode(&TYPE_KERB_ERROR_DATA, e.e_data, &r.arena, &data, err));
    struct reader in = reader_of(data.data_value);
    uint32_t status = reader_le32(&in);
    (void)reader_le32(&in);
    assert_int_equal(reader_le32(&in), 3); // of a TGS-REQ
    return status;
}

static void a_service_gets_a_ticket_to_itself_for_a_user(void **state) {
    UNUSED(state);
    for (int x509 = 0; x509 < 2; x509++) {
        struct session s;
        struct said said = ALICE;
        struct pac pac;
        struct pac_logon_info logon;
        said.x509 = x509;
        assert_int_equal(ask_self(&said, &s), 0);
        struct enc_ticket_part t = realm_ticket(&r, &s, FRONT_NAME);
        assert_slice_str(t.cname.name_string.items[0], "alice");
        assert_slice_str(s.rep.cname.name_string.items[0], "alice");
        assert_true(t.flags & (uint32_t)TKT_FORWARDABLE);
        assert_true(realm_pac(&r, &t, &pac));
        assert_ok(
            pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &logon, NULL));
        assert_int_equal(logon.rid, realm_get(&r, "alice@EXAMPLE.COM").id + 1000);
        // Asserted by a service: S-1-18-2.
        assert_int_equal(logon.extra[0].sid.sub[0], 2);
        assert_non_null(pac_find(&pac, PAC_FULL_SIGNATURE));
    }
}

static void the_answer_names_the_user_under_protection(void **state) {
    UNUSED(state);
    for (int reply_usage = 0; reply_usage < 2; reply_usage++) {
        struct session s;
        struct said said = {.user = "alice", .x509 = true};
        struct pa_s4u_x509_user answer;
        said.options = reply_usage ? (uint32_t)KERBEROS_FLAG(2) : 0;
        assert_int_equal(ask_self(&said, &s), 0);
        assert_int_equal(s.rep.padata.count, 1);
        assert_int_equal(s.rep.padata.items[0].padata_type, PA_S4U_X509_USER);
        assert_ok(der_decode(&TYPE_PA_S4U_X509_USER, s.rep.padata.items[0].padata_value, &r.arena,
                             &answer, NULL));
        assert_slice_str(answer.user_id.cname.name_string.items[0], "alice");
        assert_int_equal(answer.user_id.nonce, s.part.nonce);
        assert_ok(crypto_verify(front.key, reply_usage ? 27 : 26, answer.checksum.cksumtype,
                                answer.user_id.raw, answer.checksum.checksum, NULL));
    }
}

// CVE-2018-16860: whoever stands in between must not be able to name another user.
static void a_user_named_without_a_keyed_checksum_is_refused(void **state) {
    UNUSED(state);
    static const struct {
        struct said said;
        int code;
    } rows[] = {
        {{.user = "alice", .cksumtype = CKSUMTYPE_RSA_MD5}, 50},
        {{.user = "alice", .cksumtype = CKSUMTYPE_SHA1}, 50},
        // That of the session key, as Heimdal's and Samba's clients have it.
        {{.user = "alice", .cksumtype = CKSUMTYPE_HMAC_SHA384_192_AES256}, 0},
        {{.user = "alice", .signed_user = "bob", .cksumtype = CKSUMTYPE_HMAC_SHA384_192_AES256},
         41},
        {{.user = "alice", .cksumtype = CKSUMTYPE_HMAC_SHA1_96_AES256}, 50},
        {{.user = "alice", .signed_user = "bob"}, 41},
        {{.user = "alice", .x509 = true, .cksumtype = CKSUMTYPE_RSA_MD5}, 50},
        {{.user = "alice", .x509 = true, .cksumtype = CKSUMTYPE_SHA1}, 50},
        {{.user = "alice", .x509 = true, .signed_user = "bob"}, 41},
        {{.user = "alice", .x509 = true, .bad_nonce = true}, 41},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct session s;
        assert_int_equal(ask_self(&rows[i].said, &s), rows[i].code);
    }
}

static void only_users_of_the_realm_that_may_log_in_are_acted_for(void **state) {
    UNUSED(state);
    static const struct {
        const char *user;
        int code;
    } rows[] = {{"nobody", 6}, {"HTTP/web.example.com", 6}, {"alice@OTHER.ORG", 6}, {"bob", 0}};
    struct session s;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct said said = {.user = rows[i].user};
        assert_int_equal(ask_self(&said, &s), rows[i].code);
    }
    realm_set_flags(&r, "bob@EXAMPLE.COM", RECORD_DISABLED);
    const struct said bob = {.user = "bob"};
    assert_int_equal(ask_self(&bob, &s), 18);
}

static void a_ticket_for_a_user_is_for_the_service_itself_and_nothing_else(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask_self_at(&ALICE, WEB, 0, &s), 36);
    assert_int_equal(ask_self_at(&ALICE, TGS, 0, &s), 36);
    assert_int_equal(ask_self_at(&ALICE, FRONT, (uint32_t)KDC_OPT_FORWARDED, &s), 13);
    assert_int_equal(ask_self_at(&ALICE, FRONT, (uint32_t)KDC_OPT_RENEW, &s), 13);
    r.policy.pac = false;
    realm_start_kdc(&r);
    assert_int_equal(ask_self(&ALICE, &s), 13);
    assert_true(detail_holds("disable_pac"));
}

static bool self_is_forwardable(void) {
    struct session s;
    assert_int_equal(ask_self(&ALICE, &s), 0);
    return (s.part.flags & (uint32_t)TKT_FORWARDABLE) != 0;
}

static void a_users_ticket_is_forwardable_where_the_service_is_trusted(void **state) {
    UNUSED(state);
    const uint32_t flags = RECORD_REQUIRES_PREAUTH;
    assert_true(self_is_forwardable());
    set_front(flags, BACK_NAME);
    assert_false(self_is_forwardable());
    set_front(flags, NULL); // no list: whoever lists it decides
    assert_true(self_is_forwardable());
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_NO_FORWARDABLE);
    assert_false(self_is_forwardable());
}

static void a_service_acts_where_its_list_says(void **state) {
    UNUSED(state);
    struct session evidence, s;
    struct pac pac;
    struct pac_delegation d;
    assert_int_equal(ask_self(&ALICE, &evidence), 0);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, false, &s), 0);
    struct enc_ticket_part t = realm_ticket(&r, &s, BACK_NAME);
    assert_slice_str(t.cname.name_string.items[0], "alice");
    assert_true(t.flags & (uint32_t)TKT_FORWARDABLE);
    assert_true(realm_pac(&r, &t, &pac));
    assert_ok(pac_delegation_read(pac_find(&pac, PAC_DELEGATION_INFO)->data, &r.arena, &d, NULL));
    assert_slice_str(d.target, BACK);
    assert_int_equal(d.transited_count, 1);
    assert_slice_str(d.transited[0], FRONT_NAME);
    // Not towards others, and not at all without the list.
    assert_int_equal(ask_proxy(&evidence.rep.ticket, WEB, true, &s), 13);
    assert_true(detail_holds("may not act for users towards HTTP/web"));
    assert_int_equal(ask_proxy(&evidence.rep.ticket, TGS, true, &s), 13);
    set_front(RECORD_REQUIRES_PREAUTH | RECORD_TRUSTED_TO_AUTH, NULL);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, true, &s), 13);
}

static void the_delegation_names_the_service_as_its_user_knew_it(void **state) {
    UNUSED(state);
    static struct slice names[] = {{(const uint8_t *)"HTTP/www.example.com@EXAMPLE.COM", 32}};
    struct record rec = realm_get(&r, FRONT_NAME);
    struct session evidence, s;
    struct pac pac;
    struct pac_delegation d;
    rec.aliases = (struct slice_list){names, 1};
    realm_put(&r, &rec);
    assert_int_equal(
        ask_self_at(&ALICE, "HTTP/www.example.com", (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, false, &s), 0);
    struct enc_ticket_part t = realm_ticket(&r, &s, BACK_NAME);
    assert_true(realm_pac(&r, &t, &pac));
    assert_ok(pac_delegation_read(pac_find(&pac, PAC_DELEGATION_INFO)->data, &r.arena, &d, NULL));
    assert_slice_str(d.transited[0], "HTTP/www.example.com@EXAMPLE.COM");
}

static void the_ticket_with_which_a_user_came_is_evidence(void **state) {
    UNUSED(state);
    struct session evidence, s;
    assert_int_equal(ask(FRONT, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, false, &s), 0);
    struct enc_ticket_part t = realm_ticket(&r, &s, BACK_NAME);
    assert_int_equal(t.authtime, realm_ticket(&r, &evidence, FRONT_NAME).authtime);
    assert_int_equal(ask(FRONT, 0, &evidence), 0);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, false, &s), 13);
    assert_true(detail_holds("not forwardable"));
}

static void a_target_lets_others_act_towards_it(void **state) {
    UNUSED(state);
    struct session evidence, s;
    set_front(RECORD_REQUIRES_PREAUTH, NULL);
    assert_int_equal(ask(FRONT, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, true, &s), 13);
    assert_int_equal(nt_status(), 0xc0000225);
    set_back(FRONT_NAME);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, true, &s), 0);
    // A client that does not know of it is not served by it (MS-KILE 2.2.10).
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, false, &s), 13);
    assert_int_equal(nt_status(), 0);
    // Nor does a ticket do that is not forwardable (MS-SFU 3.2.5.2.3).
    struct session kept;
    assert_int_equal(ask(FRONT, 0, &kept), 0);
    assert_int_equal(ask_proxy(&kept.rep.ticket, BACK, true, &s), 13);
    assert_true(detail_holds("not forwardable"));
    assert_int_equal(nt_status(), 0xc000006e);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_NO_FORWARDABLE);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, true, &s), 13);
}

// The ticket as the service, which holds its key, would rewrite it.
static struct ticket rewritten(const struct session *s, const struct enc_ticket_part *t) {
    struct ticket out = s->rep.ticket;
    out.raw = (struct slice){0};
    must(krb_seal(&TYPE_ENC_TICKET_PART, t, realm_key(&r, FRONT_NAME, 2, 20), KU_TICKET, 2, &r.env,
                  &r.arena, &out.enc_part, err));
    return out;
}

// CVE-2020-17049, and what else a service could try on a ticket that it can open.
static void the_bronze_bit_and_other_rewritten_evidence_is_refused(void **state) {
    UNUSED(state);
    struct session evidence, s;
    struct crypto_key *own = realm_key(&r, FRONT_NAME, 2, 20);
    set_front(RECORD_REQUIRES_PREAUTH, BACK_NAME);
    assert_int_equal(ask_self(&ALICE, &evidence), 0);
    struct enc_ticket_part t = realm_ticket(&r, &evidence, FRONT_NAME);
    struct ticket made = rewritten(&evidence, &t);
    assert_int_equal(ask_proxy(&made, BACK, false, &s), 13); // as it is: not forwardable
    t.flags |= (uint32_t)TKT_FORWARDABLE;
    made = rewritten(&evidence, &t);
    assert_int_equal(ask_proxy(&made, BACK, false, &s), 41);
    assert_true(detail_holds("ticket signature"));
    t.cname = realm_name(&r, "bob").name;
    made = rewritten(&evidence, &t);
    assert_int_equal(ask_proxy(&made, BACK, false, &s), 41);
    struct parts p = parts_of(&t);
    put_pac(&t, &p, own, own, true); // signed by itself: a key of another type than krbtgt's
    made = rewritten(&evidence, &t);
    assert_int_equal(ask_proxy(&made, BACK, false, &s), 41);
    t.present &= ~(uint32_t)ENC_TICKET_PART_AUTHORIZATION_DATA;
    made = rewritten(&evidence, &t);
    assert_int_equal(ask_proxy(&made, BACK, false, &s), 41);
    assert_true(detail_holds("no PAC"));
}

static void evidence_is_for_the_service_that_shows_it(void **state) {
    UNUSED(state);
    struct session evidence, s;
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, true, &s), 26);
    assert_int_equal(ask_proxy(&tgt.rep.ticket, BACK, true, &s), 26); // a user's TGT is none
    struct kdc_req req = realm_tgs_req(&r, BACK);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_CNAME_IN_ADDL_TKT;
    assert_int_equal(realm_ask(&r, &front, &req, &s), 13);
}

static void evidence_of_an_account_that_changed_hands_is_refused(void **state) {
    UNUSED(state);
    struct session evidence, s;
    assert_int_equal(ask_self(&ALICE, &evidence), 0);
    struct store_write *w;
    must(store_write_begin(r.store, &w, err));
    must(store_delete(w, SLICE_LITERAL("alice@EXAMPLE.COM"), err));
    must(store_commit(w, err));
    struct record other = realm_record(&r, "alice@EXAMPLE.COM", 0, 2, AES_ALL);
    realm_put(&r, &other);
    assert_int_equal(ask_proxy(&evidence.rep.ticket, BACK, false, &s), 20);
    assert_true(detail_holds("another account"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup_front, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_service_gets_a_ticket_to_itself_for_a_user),
        CASE(the_answer_names_the_user_under_protection),
        CASE(a_user_named_without_a_keyed_checksum_is_refused),
        CASE(only_users_of_the_realm_that_may_log_in_are_acted_for),
        CASE(a_ticket_for_a_user_is_for_the_service_itself_and_nothing_else),
        CASE(a_users_ticket_is_forwardable_where_the_service_is_trusted),
        CASE(a_service_acts_where_its_list_says),
        CASE(the_delegation_names_the_service_as_its_user_knew_it),
        CASE(the_ticket_with_which_a_user_came_is_evidence),
        CASE(a_target_lets_others_act_towards_it),
        CASE(the_bronze_bit_and_other_rewritten_evidence_is_refused),
        CASE(evidence_is_for_the_service_that_shows_it),
        CASE(evidence_of_an_account_that_changed_hands_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
