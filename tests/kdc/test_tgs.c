// The TGS exchange: what is presented, who presents it, for which service (RFC 4120 3.3), with what
// each check lets pass and what it refuses.
#include "tgs.h"

static void a_tgt_becomes_a_service_ticket(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask(WEB, 0, &s), 0);
    struct enc_ticket_part t = realm_ticket(&r, &s, "HTTP/web.example.com@EXAMPLE.COM");
    assert_slice_equal(t.key.keyvalue, s.part.key.keyvalue);
    assert_false(slice_eq(t.key.keyvalue, tgt.part.key.keyvalue));
    assert_slice_str(t.cname.name_string.items[0], "alice");
    assert_int_equal(t.authtime, REALM_START);
    assert_int_equal(t.endtime, tgt.part.endtime);
    assert_true(t.flags & (uint32_t)TKT_PRE_AUTHENT);
    assert_true(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
    assert_false(t.flags & (uint32_t)TKT_INITIAL);
    assert_false(t.flags & (uint32_t)TKT_FORWARDABLE);
    assert_int_equal(s.part.nonce, r.nonce - 1);
    assert_slice_str(r.result.event.client, "alice@EXAMPLE.COM");
    assert_slice_str(r.result.event.service, "HTTP/web.example.com@EXAMPLE.COM");
    assert_int_equal(ask("host/old.example.com", (uint32_t)KDC_OPT_FORWARDABLE, &s), 0);
    assert_true(s.part.flags & (uint32_t)TKT_OK_AS_DELEGATE);
    assert_true(s.part.flags & (uint32_t)TKT_FORWARDABLE);
    assert_int_equal(s.rep.ticket.enc_part.etype, 18);
}

static void a_subkey_seals_the_reply(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct ap_req_params params = realm_params(&tgt);
    struct checksum sum = realm_checksum(&r, tgt.key, realm_body(&r, &req));
    struct encryption_key subkey = {18, realm_key_bytes(&r, "subkey", 1, 18)};
    params.cksum = &sum;
    params.subkey = &subkey;
    assert_int_equal(realm_send(&r, realm_present_with(&r, &params, &req)), 0);
    struct session s;
    realm_take_reply(&r, realm_key(&r, "subkey", 1, 18), KU_TGS_REP_SUBKEY, &s);
}

// mistakes.md B, measured with MIT 1.20: a subkey of no bytes ended the KDC.
static void a_subkey_of_any_wrong_length_is_refused(void **state) {
    UNUSED(state);
    static const uint8_t zeros[64];
    for (int32_t etype = 16; etype <= 27; etype++) {
        const struct enctype *e = enctype_find(etype);
        for (size_t len = 0; len <= 40; len++) {
            struct kdc_req req = realm_tgs_req(&r, WEB);
            struct ap_req_params params = realm_params(&tgt);
            struct checksum sum = realm_checksum(&r, tgt.key, realm_body(&r, &req));
            struct encryption_key subkey = {etype, slice_of(zeros, len)};
            params.cksum = &sum;
            params.subkey = &subkey;
            bool sound = e && len == enctype_key_length(e) && !enctype_is_weak(e);
            int code = realm_send(&r, realm_present_with(&r, &params, &req));
            assert_int_equal(code == 0, sound);
            arena_reset(&r.arena);
            tgt = realm_login(&r, "alice");
        }
    }
}

static void the_presented_ticket_must_open_and_belong_to_the_sender(void **state) {
    UNUSED(state);
    struct session s = tgt, out;
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 16); // none at all
    realm_add_padata(&r, &req, PA_TGS_REQ, SLICE_LITERAL("garbage"));
    assert_true(realm_send(&r, realm_encode(&r, &req)) > 0);
    // Another session key than the ticket's.
    req = realm_tgs_req(&r, WEB);
    s.key = realm_key(&r, "mallory", 1, 20);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 31);
    // Another client than the ticket's.
    s = tgt;
    s.client = realm_name(&r, "bob");
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 36);
    // A ticket that somebody else made.
    struct enc_ticket_part part = tgt_part();
    s = tgt;
    must(krb_seal(&TYPE_ENC_TICKET_PART, &part, realm_key(&r, "mallory", 2, 20), KU_TICKET, 2,
                  &r.env, &r.arena, &s.rep.ticket.enc_part, err));
    s.rep.ticket.raw = (struct slice){0};
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 31);
    // A kvno that does not exist.
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 9, 20);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 44);
    assert_true(detail_holds("newest kvno is 2"));
}

static void the_clock_and_the_ticket_times_are_checked(void **state) {
    UNUSED(state);
    struct session out;
    struct enc_ticket_part part = tgt_part();
    const struct {
        int64_t start, end;
        uint32_t flags;
        uint32_t options;
        int expected;
    } cases[] = {
        {0, HOUR, 0, 0, 0},
        {-HOUR, -1, 0, 0, 32}, // within the skew, yet nothing is left of it
        {-HOUR, -400, 0, 0, 32},
        {300, HOUR, 0, 0, 0},
        {301, HOUR, 0, 0, 33},
        {0, HOUR, TKT_INVALID, 0, 33},
        {0, HOUR, TKT_INVALID, (uint32_t)KDC_OPT_VALIDATE, 26}, // it is for another service
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        part.starttime = REALM_START + cases[i].start;
        part.endtime = REALM_START + cases[i].end;
        part.flags = cases[i].flags;
        struct session s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
        struct kdc_req req = realm_tgs_req(&r, WEB);
        req.req_body.kdc_options = cases[i].options;
        assert_int_equal(realm_ask(&r, &s, &req, &out), cases[i].expected);
    }
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct slice bytes = realm_present(&r, &tgt, &req);
    r.now_us += INT64_C(301000000);
    assert_int_equal(realm_send(&r, bytes), 37);
}

static void the_body_must_be_the_one_that_was_checksummed(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_tgs_req(&r, WEB), other = realm_tgs_req(&r, TGS);
    struct ap_req_params params = realm_params(&tgt);
    assert_int_equal(realm_send(&r, realm_present_with(&r, &params, &req)), 50); // none
    struct checksum sum = realm_checksum(&r, tgt.key, realm_body(&r, &other));
    req = realm_tgs_req(&r, WEB);
    params.cksum = &sum;
    assert_int_equal(realm_send(&r, realm_present_with(&r, &params, &req)), 41);
    // Types that are not the session key's own, unkeyed ones among them, with the right content.
    const int32_t types[] = {1, 2, 7, 14, 15, 16, 19, -138, 0, -1, 32771};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        req = realm_tgs_req(&r, WEB);
        uint8_t digest[24] = {0};
        size_t len = cksumtype_length(types[i]);
        if (types[i] == 7 || types[i] == 14)
            must(crypto_digest(types[i], realm_body(&r, &req), buf_of(digest, len), err));
        sum = (struct checksum){types[i], slice_of(digest, len ? len : 16)};
        assert_int_equal(realm_send(&r, realm_present_with(&r, &params, &req)), len ? 50 : 15);
    }
    req = realm_tgs_req(&r, WEB);
    sum = realm_checksum(&r, tgt.key, realm_body(&r, &req));
    sum.checksum.len = 0;
    assert_true(realm_send(&r, realm_present_with(&r, &params, &req)) > 0);
}

// ask_with_session presents a TGT whose session key is of that enctype, and a checksum of any type
// over the body: of the right content where the type is an unkeyed one, or the session key's own.
static int ask_with_session(int32_t etype, int32_t cksumtype, bool right) {
    struct enc_ticket_part part = tgt_part();
    part.key = (struct encryption_key){etype, realm_key_bytes(&r, "session", 1, etype)};
    struct session s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    s.key = realm_key(&r, "session", 1, etype);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct ap_req_params params = realm_params(&s);
    struct checksum sum = realm_checksum(&r, s.key, realm_body(&r, &req));
    struct buf digest = arena_buf(&r.arena, 64);
    if (cksumtype == CKSUMTYPE_RSA_MD5 || cksumtype == CKSUMTYPE_SHA1) {
        digest.len = cksumtype_length(cksumtype);
        must(crypto_digest(cksumtype, realm_body(&r, &req), digest, err));
        sum.checksum = slice_of_buf(digest);
        digest.ptr[0] ^= right ? 0 : 1;
    }
    sum.cksumtype = cksumtype;
    params.cksum = &sum;
    return realm_send(&r, realm_present_with(&r, &params, &req));
}

// Heimdal's clients send rsa-md5 with an rc4 session key: there alone, and only where the realm
// allows rc4, an unkeyed checksum counts.
static void the_unkeyed_md5_counts_with_an_rc4_session_only(void **state) {
    UNUSED(state);
    assert_int_equal(ask_with_session(23, CKSUMTYPE_RSA_MD5, true), 14); // rc4 is off
    assert_int_equal(ask_with_session(23, CKSUMTYPE_HMAC_MD5, true), 14);
    r.policy.allow_weak = true;
    realm_start_kdc(&r);
    const struct enctype *e;
    for (size_t i = 0; (e = enctype_at(i)) != NULL; i++) {
        int32_t etype = enctype_number(e), own = enctype_checksum_type(e);
        bool rc4 = etype == ENCTYPE_RC4_HMAC;
        assert_int_equal(ask_with_session(etype, own, true), 0);
        assert_int_equal(ask_with_session(etype, CKSUMTYPE_RSA_MD5, true), rc4 ? 0 : 50);
        assert_int_equal(ask_with_session(etype, CKSUMTYPE_RSA_MD5, false), 50);
        assert_int_equal(ask_with_session(etype, CKSUMTYPE_SHA1, true), 50);
        // The session key's own sum under the number of another enctype's.
        for (size_t k = 0; enctype_at(k); k++) {
            int32_t foreign = enctype_checksum_type(enctype_at(k));
            if (foreign != own)
                assert_int_equal(ask_with_session(etype, foreign, true), 50);
        }
    }
}

static void an_error_names_the_client_of_the_ticket_and_its_time(void **state) {
    UNUSED(state);
    struct session s;
    struct krb_error e;
    assert_int_equal(ask("HTTP/nowhere.example.com", 0, &s), 7);
    assert_ok(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, NULL));
    assert_slice_str(e.crealm, "EXAMPLE.COM");
    assert_slice_str(e.cname.name_string.items[0], "alice");
    assert_slice_str(e.sname.name_string.items[1], "nowhere.example.com");
    assert_true(e.present & KRB_ERROR_CTIME);
    assert_int_equal(e.ctime, REALM_START);
    // Who does not hold the session key is not told whose ticket it is.
    struct session thief = tgt;
    thief.key = realm_key(&r, "mallory", 1, 20);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &thief, &req, &s), 31);
    assert_ok(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, NULL));
    assert_int_equal(e.present, 0);
}

static void a_client_is_checked_again_at_each_ticket(void **state) {
    UNUSED(state);
    struct session s;
    const struct {
        uint32_t flags;
        int64_t expires, created;
        int expected;
    } cases[] = {
        {0, 0, 0, 0},           {RECORD_DISABLED, 0, 0, 18},   {RECORD_LOCKED, 0, 0, 18},
        {0, REALM_START, 0, 1}, {0, 0, REALM_START + 301, 20}, // the name passed to somebody else
        {0, 0, REALM_START, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct record rec = realm_get(&r, "alice@EXAMPLE.COM");
        rec.flags = cases[i].flags;
        rec.expires = cases[i].expires;
        rec.created = cases[i].created;
        realm_put(&r, &rec);
        assert_int_equal(ask(WEB, 0, &s), cases[i].expected);
    }
    struct store_write *w;
    assert_ok(store_write_begin(r.store, &w, NULL));
    assert_ok(store_delete(w, SLICE_LITERAL("alice@EXAMPLE.COM"), NULL));
    assert_ok(store_commit(w, NULL));
    assert_ok(kdc_renew(r.kdc, NULL));
    assert_int_equal(ask(WEB, 0, &s), 20);
}

static void services_that_may_not_have_tickets_are_refused(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask("HTTP/nowhere.example.com", 0, &s), 7);
    assert_true(detail_holds("HTTP/nowhere.example.com@EXAMPLE.COM"));
    assert_string_equal(r.result.event.stage, "find server");
    assert_int_equal(ask("kadmin/changepw", 0, &s), 12);
    assert_int_equal(ask("bob", 0, &s), 27);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.present &= ~(uint32_t)KDC_REQ_BODY_SNAME;
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 7);
    req = realm_tgs_req(&r, WEB);
    req.req_body.realm = SLICE_LITERAL("OTHER.ORG");
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 68);
    // A service ticket does not give further tickets.
    assert_int_equal(ask(WEB, 0, &s), 0);
    req = realm_tgs_req(&r, "host/old.example.com");
    struct session out;
    assert_int_equal(realm_ask(&r, &s, &req, &out), 35);
}

static void an_old_tgs_key_is_good_until_it_is_purged(void **state) {
    UNUSED(state);
    struct session s;
    struct record now = realm_get(&r, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    struct record next = realm_record(&r, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 0, 3, AES_ALL);
    struct record_key *keys = arena_zalloc(&r.keep, 8, sizeof *keys);
    for (size_t i = 0; i < 4; i++) { // sealed for the id that the record has
        keys[i] = next.keys.items[i];
        must(master_seal(r.master, &r.env, now.id, &keys[i],
                         realm_key_bytes(&r, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 3, keys[i].enctype),
                         &r.keep, err));
        keys[i + 4] = now.keys.items[i];
    }
    now.keys = (struct record_key_list){keys, 8};
    realm_put(&r, &now);
    assert_int_equal(ask(WEB, 0, &s), 0);
    assert_int_equal(ask(TGS, 0, &s), 0);
    assert_int_equal(s.rep.ticket.enc_part.kvno, 3);
    now.keys.count = 4;
    realm_put(&r, &now);
    assert_int_equal(ask(WEB, 0, &s), 44);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct session out;
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
}

// A principal of another realm's name in our database is not a way in.
static void foreign_tickets_are_for_the_tgs_only(void **state) {
    UNUSED(state);
    struct session s, out;
    struct enc_ticket_part part = tgt_part();
    part.crealm = SLICE_LITERAL("OTHER.ORG");
    struct record rec = realm_record(&r, "HTTP/web@OTHER.ORG", 0, 2, AES256_SHA1);
    realm_put(&r, &rec);
    s = sealed_tgt(&part, "HTTP/web@OTHER.ORG", 2, 18);
    struct kdc_req req = realm_tgs_req(&r, "HTTP/web");
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    assert_int_equal(realm_ask(&r, &s, &req, &out), 35);
}

// CVE-2015-8630, CVE-2014-5354 and their kind: principals without keys.
static void a_service_without_keys_or_of_another_version_is_told(void **state) {
    UNUSED(state);
    static const int32_t NONE[] = {0};
    struct session s;
    struct record rec = realm_record(&r, "HTTP/keyless@EXAMPLE.COM", 0, 2, NONE);
    realm_put(&r, &rec);
    assert_int_equal(ask("HTTP/keyless", 0, &s), 9);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.pvno = 4;
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 3);
}

static struct slice authdata_bytes(struct authdata *items, size_t count) {
    struct authdata_list list = {items, count};
    struct slice out;
    must(der_encode(&TYPE_AUTHORIZATION_DATA, &list, &r.arena, &out, err));
    return out;
}
static int ask_with_authdata(struct authdata *items, size_t count, struct session *out) {
    struct authdata_list list = {items, count};
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.present |= KDC_REQ_BODY_ENC_AUTHORIZATION_DATA;
    must(krb_seal(&TYPE_AUTHORIZATION_DATA, &list, tgt.key, KU_TGS_REQ_AUTHDATA_SESSION, 0, &r.env,
                  &r.arena, &req.req_body.enc_authorization_data, err));
    return realm_ask(&r, &tgt, &req, out);
}

static void a_client_cannot_bring_what_only_a_kdc_may_say(void **state) {
    UNUSED(state);
    struct session s;
    const struct slice x = SLICE_LITERAL("x");
    struct authdata inner[] = {{AD_WIN2K_PAC, x}, {77, x}, {AD_SIGNEDPATH, x}};
    struct authdata only_pac[] = {{AD_WIN2K_PAC, x}};
    struct authdata list[] = {
        {AD_WIN2K_PAC, x},   {AD_IF_RELEVANT, authdata_bytes(inner, 3)},
        {AD_CAMMAC, x},      {AD_IF_RELEVANT, authdata_bytes(only_pac, 1)},
        {AD_IF_RELEVANT, x}, // cannot be read
        {1234, x},
    };
    assert_int_equal(ask_with_authdata(list, COUNT_OF(list), &s), 0);
    struct enc_ticket_part t = realm_ticket(&r, &s, "HTTP/web.example.com@EXAMPLE.COM");
    struct authdata_list inside, others = realm_others(&r, &t);
    assert_int_equal(others.count, 2);
    assert_int_equal(others.items[0].ad_type, AD_IF_RELEVANT);
    assert_int_equal(others.items[1].ad_type, 1234);
    assert_ok(
        der_decode(&TYPE_AUTHORIZATION_DATA, others.items[0].ad_data, &r.arena, &inside, NULL));
    assert_int_equal(inside.count, 1);
    assert_int_equal(inside.items[0].ad_type, 77);
    struct authdata mandatory[] = {{AD_MANDATORY_FOR_KDC, x}};
    assert_int_equal(ask_with_authdata(mandatory, 1, &s), 12);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.present |= KDC_REQ_BODY_ENC_AUTHORIZATION_DATA;
    req.req_body.enc_authorization_data = tgt.rep.enc_part;
    assert_int_equal(realm_ask(&r, &tgt, &req, &s), 31);
}

static void each_type_that_is_the_kdcs_own_is_left_out(void **state) {
    UNUSED(state);
    const int32_t types[] = {AD_KDC_ISSUED, AD_INITIAL_VERIFIED_CAS,     AD_FX_ARMOR,  AD_CAMMAC,
                             AD_WIN2K_PAC,  AD_AUTHENTICATION_INDICATOR, AD_SIGNEDPATH};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct session s;
        struct authdata own[] = {{types[i], SLICE_LITERAL("x")}};
        struct authdata list[] = {own[0], {AD_IF_RELEVANT, authdata_bytes(own, 1)}};
        assert_int_equal(ask_with_authdata(list, 2, &s), 0);
        struct enc_ticket_part t = realm_ticket(&r, &s, "HTTP/web.example.com@EXAMPLE.COM");
        assert_int_equal(realm_others(&r, &t).count, 0);
    }
}

static void containers_nested_past_the_bound_are_left_out(void **state) {
    UNUSED(state);
    struct authdata inner[] = {{77, SLICE_LITERAL("x")}};
    for (int depth = 0; depth < 8; depth++) {
        struct session s;
        assert_int_equal(ask_with_authdata(inner, 1, &s), 0);
        struct enc_ticket_part t = realm_ticket(&r, &s, "HTTP/web.example.com@EXAMPLE.COM");
        assert_int_equal(realm_others(&r, &t).count, depth <= 4);
        inner[0] = (struct authdata){AD_IF_RELEVANT, authdata_bytes(inner, 1)};
    }
}

static void a_check_of_the_path_that_is_not_wanted_is_not_claimed(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask(WEB, KDC_OPT_DISABLE_TRANSITED_CHECK, &s), 0);
    assert_false(s.part.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
}

static void authorization_data_of_the_tgt_passes_on(void **state) {
    UNUSED(state);
    struct session s, out;
    struct enc_ticket_part part = tgt_part();
    struct authdata both[] = {part.authorization_data.items[0],
                              {AD_KDC_ISSUED, SLICE_LITERAL("the KDC's own")}};
    part.authorization_data = (struct authdata_list){both, 2};
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_int_equal(realm_others(&r, &t).count, 1);
}

static void tickets_of_other_realms_count_only_where_a_key_is_shared(void **state) {
    UNUSED(state);
    struct session s, out;
    struct enc_ticket_part part = tgt_part();
    struct authdata ad = {AD_WIN2K_PAC, SLICE_LITERAL("of another realm")};
    part.crealm = SLICE_LITERAL("OTHER.ORG");
    part.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    part.authorization_data = (struct authdata_list){&ad, 1};
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, 18);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    struct enc_ticket_part t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_slice_str(t.crealm, "OTHER.ORG");
    assert_int_equal(t.authorization_data.count, 0);
    assert_int_equal(t.transited.contents.len, 0);
    // OTHER.ORG vouches for a client of ours, or of a third realm.
    part.crealm = SLICE_LITERAL("EXAMPLE.COM");
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, 18);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 12);
    part.crealm = SLICE_LITERAL("THIRD.NET");
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, 18);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 28);
    r.policy.reject_bad_transit = false;
    realm_start_kdc(&r);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_slice_str(t.transited.contents, "OTHER.ORG");
    assert_false(t.flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED);
    // A realm without a key here, and a ticket of OTHER.ORG that is no TGT for us.
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@NOWHERE", 2, 18);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 35);
    s = sealed_tgt(&part, "HTTP/web@OTHER.ORG", 2, 18);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 35);
    // And the way out: a TGT for OTHER.ORG.
    assert_int_equal(ask("krbtgt/OTHER.ORG", 0, &out), 0);
}

static void addresses_of_the_ticket_hold_where_the_policy_says_so(void **state) {
    UNUSED(state);
    struct session s, out;
    struct enc_ticket_part part = tgt_part();
    const uint8_t other[] = {10, 0, 0, 1}, ours[] = {127, 0, 0, 1};
    struct host_address a[] = {{2, slice_of(other, 4)}, {2, slice_of(ours, 4)}};
    part.present |= ENC_TICKET_PART_CADDR;
    part.caddr = (struct host_address_list){a, 1};
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
    r.policy.check_addresses = true;
    realm_start_kdc(&r);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 38);
    part.caddr.count = 2;
    s = sealed_tgt(&part, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &s, &req, &out), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_tgt_becomes_a_service_ticket),
        CASE(a_subkey_seals_the_reply),
        CASE(a_subkey_of_any_wrong_length_is_refused),
        CASE(the_presented_ticket_must_open_and_belong_to_the_sender),
        CASE(the_clock_and_the_ticket_times_are_checked),
        CASE(the_body_must_be_the_one_that_was_checksummed),
        CASE(the_unkeyed_md5_counts_with_an_rc4_session_only),
        CASE(an_error_names_the_client_of_the_ticket_and_its_time),
        CASE(a_client_is_checked_again_at_each_ticket),
        CASE(services_that_may_not_have_tickets_are_refused),
        CASE(an_old_tgs_key_is_good_until_it_is_purged),
        CASE(foreign_tickets_are_for_the_tgs_only),
        CASE(a_service_without_keys_or_of_another_version_is_told),
        CASE(a_client_cannot_bring_what_only_a_kdc_may_say),
        CASE(each_type_that_is_the_kdcs_own_is_left_out),
        CASE(containers_nested_past_the_bound_are_left_out),
        CASE(a_check_of_the_path_that_is_not_wanted_is_not_claimed),
        CASE(authorization_data_of_the_tgt_passes_on),
        CASE(tickets_of_other_realms_count_only_where_a_key_is_shared),
        CASE(addresses_of_the_ticket_hold_where_the_policy_says_so),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
