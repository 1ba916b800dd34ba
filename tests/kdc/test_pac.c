// The PAC in the KDC's tickets: what it holds, that it is signed, and that a TGT whose PAC is
// missing, forged, another's or of an unkeyed checksum buys nothing (MS-PAC, MS-KILE 3.3.5).
#include "pac.h"
#include "proto/s4u.h"

static struct enc_ticket_part web_ticket(void) {
    struct session s;
    assert_int_equal(ask(WEB, 0, &s), 0);
    return realm_ticket(&r, &s, WEB_NAME);
}

static void check_order(const struct enc_ticket_part *t, const uint32_t *types, size_t count) {
    struct pac pac;
    assert_true(realm_pac(&r, t, &pac));
    assert_int_equal(pac.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pac.items[i].type, types[i]);
}

static void tickets_bear_the_buffers_in_windows_order(void **state) {
    UNUSED(state);
    struct enc_ticket_part of_tgt = tgt_part(), of_web = web_ticket();
    check_order(&of_tgt, (const uint32_t[]){1, 10, 12, 17, 18, 6, 7}, 7);
    check_order(&of_web, (const uint32_t[]){1, 10, 12, 6, 7, 16, 19}, 7);
}

static void every_signature_holds(void **state) {
    UNUSED(state);
    struct enc_ticket_part of_tgt = tgt_part(), of_web = web_ticket();
    struct pac pac;
    struct slice none = {0}, covered;
    assert_true(realm_pac(&r, &of_tgt, &pac));
    assert_ok(pac_verify(&pac, PAC_SERVER_SIGNATURE, tgt_key(), none, NULL));
    assert_ok(pac_verify(&pac, PAC_KDC_SIGNATURE, kdc_key(), none, NULL));
    assert_true(realm_pac(&r, &of_web, &pac));
    assert_ok(pac_verify(&pac, PAC_SERVER_SIGNATURE, realm_key(&r, WEB_NAME, 2, 20), none, NULL));
    // Whatever the strongest key of krbtgt is, peers of Windows' kind know this type.
    assert_int_equal(pac_signature_type(&pac, PAC_KDC_SIGNATURE), CKSUMTYPE_HMAC_SHA1_96_AES256);
    assert_ok(pac_verify(&pac, PAC_KDC_SIGNATURE, kdc_key(), none, NULL));
    assert_ok(pac_verify(&pac, PAC_FULL_SIGNATURE, kdc_key(), none, NULL));
    must(pac_wrap(SLICE_LITERAL("\0"), &r.arena, &of_web.authorization_data.items[0], err));
    must(der_encode(&TYPE_ENC_TICKET_PART, &of_web, &r.arena, &covered, err));
    assert_ok(pac_verify(&pac, PAC_TICKET_SIGNATURE, kdc_key(), covered, NULL));
}

static void the_pac_says_who_and_with_which_sid(void **state) {
    UNUSED(state);
    struct enc_ticket_part t = web_ticket();
    struct record alice = realm_get(&r, "alice@EXAMPLE.COM");
    struct sid domain, sid;
    struct pac pac;
    struct pac_logon_info logon;
    struct pac_upn_dns_info upn;
    assert_true(realm_pac(&r, &t, &pac) && sid_parse(SLICE_LITERAL(REALM_SID), &domain));
    assert_ok(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &logon, NULL));
    assert_slice_str(logon.account, "alice");
    assert_slice_str(logon.domain, "EXAMPLE");
    assert_int_equal(logon.rid, alice.id + 1000);
    assert_int_equal(logon.primary_group, PAC_RID_USERS);
    assert_true(sid_eq(&logon.domain_sid, &domain));
    assert_int_equal(logon.logon, filetime_of(t.authtime));
    assert_ok(pac_upn_dns_info_read(pac_find(&pac, PAC_UPN_DNS_INFO)->data, &r.arena, &upn, NULL));
    assert_slice_str(upn.upn, "alice@example.com");
    assert_slice_str(upn.dns_domain, "EXAMPLE.COM");
    assert_true(sid_add(&domain, logon.rid, &sid) && sid_eq(&upn.sid, &sid));
}

// What is kept of a record's PAC beside it is of that record, and of no login.
static void each_login_has_its_own_time_and_its_records_own_words(void **state) {
    UNUSED(state);
    struct pac_logon_info logon[3];
    for (int i = 0; i < 3; i++) {
        struct pac pac;
        r.now_us += 5000000;
        if (i == 2)
            realm_set_flags(&r, "alice@EXAMPLE.COM",
                            RECORD_REQUIRES_PREAUTH | RECORD_NO_FORWARDABLE);
        tgt = realm_login(&r, "alice");
        struct enc_ticket_part t = tgt_part();
        assert_true(realm_pac(&r, &t, &pac));
        assert_ok(
            pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &logon[i], NULL));
        assert_int_equal(logon[i].logon, filetime_of(realm_time(&r)));
        assert_int_equal(t.authtime, realm_time(&r));
        assert_slice_str(logon[i].account, "alice");
        assert_int_equal(logon[i].password_set, logon[0].password_set);
        assert_int_equal(logon[i].account_control & PAC_ACCOUNT_NOT_DELEGATED,
                         i == 2 ? PAC_ACCOUNT_NOT_DELEGATED : 0);
    }
    // Another client's are others.
    struct pac pac;
    struct pac_logon_info bob;
    tgt = realm_login(&r, "bob");
    struct enc_ticket_part t = tgt_part();
    assert_true(realm_pac(&r, &t, &pac));
    assert_ok(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &bob, NULL));
    assert_slice_str(bob.account, "bob");
    assert_int_not_equal(bob.rid, logon[0].rid);
}

static struct session login_saying(bool include, bool say) {
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    struct crypto_key *key = realm_key(&r, "alice@EXAMPLE.COM", 2, 20);
    const struct pa_pac_request wish = {include};
    struct slice bytes;
    struct session s;
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, key, realm_time(&r)));
    must(der_encode(&TYPE_PA_PAC_REQUEST, &wish, &r.arena, &bytes, err));
    if (say)
        realm_add_padata(&r, &req, PA_PAC_REQUEST, bytes);
    assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 0);
    realm_take_reply(&r, key, KU_AS_REP, &s);
    return s;
}

static void a_client_that_wants_no_pac_gets_service_tickets_without(void **state) {
    UNUSED(state);
    static const struct {
        bool include, say;
        uint32_t attributes;
    } rows[] = {{false, false, PAC_WAS_GIVEN_IMPLICITLY},
                {true, true, PAC_WAS_REQUESTED},
                {false, true, 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint32_t flags;
        struct session s;
        struct pac pac;
        tgt = login_saying(rows[i].include, rows[i].say);
        struct enc_ticket_part t = tgt_part();
        assert_true(realm_pac(&r, &t, &pac)); // a TGT has one whatever was asked
        assert_ok(pac_attributes_read(pac_find(&pac, PAC_ATTRIBUTES)->data, &flags, NULL));
        assert_int_equal(flags, rows[i].attributes);
        t = web_ticket();
        assert_int_equal(realm_pac(&r, &t, &pac), flags != 0);
        // A further TGT has the same attributes.
        assert_int_equal(ask(TGS, 0, &s), 0);
        t = realm_ticket(&r, &s, TGS_NAME);
        assert_true(realm_pac(&r, &t, &pac));
        assert_ok(pac_attributes_read(pac_find(&pac, PAC_ATTRIBUTES)->data, &flags, NULL));
        assert_int_equal(flags, rows[i].attributes);
    }
}

static void a_service_that_takes_no_pac_gets_none(void **state) {
    UNUSED(state);
    struct enc_ticket_part t = web_ticket();
    struct pac pac;
    assert_true(realm_pac(&r, &t, &pac));
    realm_set_flags(&r, WEB_NAME, RECORD_NO_CLIENT | RECORD_NO_AUTHDATA);
    t = web_ticket();
    assert_false(realm_pac(&r, &t, &pac));
}

static void a_realm_that_disables_pacs_makes_and_wants_none(void **state) {
    UNUSED(state);
    struct pac pac;
    r.policy.pac = false;
    realm_start_kdc(&r);
    struct enc_ticket_part t = web_ticket(); // by a TGT that has one
    assert_false(t.present & ENC_TICKET_PART_AUTHORIZATION_DATA);
    tgt = realm_login(&r, "alice");
    t = tgt_part();
    assert_false(realm_pac(&r, &t, &pac));
    t = web_ticket();
    assert_false(realm_pac(&r, &t, &pac));
    // Enabled again, that TGT is none any more.
    struct session s;
    r.policy.pac = true;
    realm_start_kdc(&r);
    assert_int_equal(ask(WEB, 0, &s), 20);
    assert_true(detail_holds("the TGT has no PAC"));
}

static void a_realm_without_a_sid_has_pacs_without_logon_info(void **state) {
    UNUSED(state);
    struct store_write *w;
    must(store_write_begin(r.store, &w, err));
    must(store_put_meta(w, STORE_META_DOMAIN_SID, SLICE_LITERAL("S-1-5"), err));
    must(store_commit(w, err));
    realm_start_kdc(&r);
    tgt = realm_login(&r, "alice");
    struct enc_ticket_part t = web_ticket();
    // Authority alone is no domain: the same as none.
    check_order(&t, (const uint32_t[]){10, 6, 7, 16, 19}, 5);
}

// krbtgt has no key of the types that all peers know: one is derived, also from an older version.
static void a_krbtgt_of_other_enctypes_signs_by_a_derived_key(void **state) {
    UNUSED(state);
    static const int32_t sha384[] = {20, 0};
    struct record rec = realm_record(&r, TGS_NAME, RECORD_NO_CLIENT, 2, sha384), next;
    struct session s;
    struct pac pac;
    rec.id = realm_get(&r, TGS_NAME).id;
    must(master_seal(r.master, &r.env, rec.id, &rec.keys.items[0],
                     realm_key_bytes(&r, TGS_NAME, 2, 20), &r.keep, err));
    realm_put(&r, &rec);
    tgt = realm_login(&r, "alice");
    assert_int_equal(ask(WEB, (uint32_t)KDC_OPT_RENEWABLE, &s), 0);
    struct enc_ticket_part t = realm_ticket(&r, &s, WEB_NAME);
    assert_true(realm_pac(&r, &t, &pac));
    assert_int_equal(pac_signature_type(&pac, PAC_FULL_SIGNATURE), CKSUMTYPE_HMAC_SHA1_96_AES256);
    assert_code(pac_verify(&pac, PAC_FULL_SIGNATURE, kdc_key(), (struct slice){0}, NULL),
                OBOL_CHECKSUM_MISMATCH);
    // After a rollover what the old key signed holds yet.
    next = rec;
    next.keys.items = arena_zalloc(&r.keep, 2, sizeof *next.keys.items);
    next.keys.items[1] = rec.keys.items[0];
    next.keys.items[0] = rec.keys.items[0];
    next.keys.items[0].kvno = 3;
    next.keys.count = 2;
    must(master_seal(r.master, &r.env, rec.id, &next.keys.items[0],
                     realm_key_bytes(&r, TGS_NAME, 3, 20), &r.keep, err));
    realm_put(&r, &next);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct session renewed;
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    assert_int_equal(realm_ask(&r, &s, &req, &renewed), 0);
    assert_int_equal(ask(WEB, 0, &s), 0);
}

static void a_weak_key_of_krbtgt_beside_a_strong_one_opens_nothing(void **state) {
    UNUSED(state);
    static const int32_t both[] = {20, 23, 0}, weak[] = {23, 0};
    struct enc_ticket_part t = tgt_part();
    r.policy.allow_weak = true;
    realm_start_kdc(&r);
    for (int i = 0; i < 2; i++) {
        struct record rec = realm_record(&r, TGS_NAME, RECORD_NO_CLIENT, 2, i ? weak : both);
        rec.id = realm_get(&r, TGS_NAME).id;
        for (size_t k = 0; k < rec.keys.count; k++) {
            struct record_key *key = &rec.keys.items[k];
            must(master_seal(r.master, &r.env, rec.id, key,
                             realm_key_bytes(&r, TGS_NAME, 2, key->enctype), &r.keep, err));
        }
        realm_put(&r, &rec);
        struct session s = sealed_tgt(&t, TGS_NAME, 2, 23), out;
        struct kdc_req req = realm_tgs_req(&r, WEB);
        // Alone it is what there is: the ticket opens, and its PAC was signed with another.
        int code = realm_ask(&r, &s, &req, &out);
        assert_int_equal(code == 44, i == 0);
        assert_int_equal(detail_holds("signature"), i == 1);
    }
}

static void a_tgt_without_a_pac_is_refused(void **state) {
    UNUSED(state);
    struct session s;
    struct enc_ticket_part t = tgt_part();
    assert_int_equal(present_tgt(&t, &s), 0);
    t.present &= ~(uint32_t)ENC_TICKET_PART_AUTHORIZATION_DATA;
    assert_int_equal(present_tgt(&t, &s), 20);
    assert_true(detail_holds("has no PAC"));
    // One that lies outside AD-IF-RELEVANT is none.
    struct authdata bare = {AD_WIN2K_PAC, SLICE_LITERAL("x")};
    t.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    t.authorization_data = (struct authdata_list){&bare, 1};
    assert_int_equal(present_tgt(&t, &s), 20);
}

static void a_ticket_with_two_pacs_is_refused(void **state) {
    UNUSED(state);
    struct session s;
    struct enc_ticket_part t = tgt_part();
    struct authdata twice[] = {t.authorization_data.items[0], t.authorization_data.items[0]};
    t.authorization_data = (struct authdata_list){twice, 2};
    assert_int_equal(present_tgt(&t, &s), 41);
}

static void forged_signatures_are_refused(void **state) {
    UNUSED(state);
    static const struct {
        uint32_t type;
        const char *words;
    } rows[] = {{PAC_SERVER_SIGNATURE, "server signature"},
                {PAC_KDC_SIGNATURE, "KDC signature"},
                {PAC_LOGON_INFO, "server signature"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct session s;
        struct enc_ticket_part t = tgt_part();
        pac_bytes(&t, rows[i].type)[8] ^= 1;
        assert_int_equal(present_tgt(&t, &s), 41);
        assert_true(detail_holds(rows[i].words));
    }
}

// The server's signature over the PAC as it is now; the KDC's becomes zero.
static void sign_again(const struct enc_ticket_part *t) {
    struct pac pac;
    assert_true(realm_pac(&r, t, &pac));
    uint8_t *server = pac_bytes(t, PAC_SERVER_SIGNATURE) + 4;
    memset(server, 0, 24);
    memset(pac_bytes(t, PAC_KDC_SIGNATURE) + 4, 0, pac_find(&pac, PAC_KDC_SIGNATURE)->data.len - 4);
    must(crypto_checksum(tgt_key(), 17, pac.raw, buf_of(server, 24), err));
}

// MS14-068 and its like. The signatures have the length of their type.
static void unkeyed_and_foreign_checksums_are_refused(void **state) {
    UNUSED(state);
    static const uint8_t zeros[32];
    static const struct {
        int32_t etype, type;
        int code;
    } rows[] = {
        {ENCTYPE_RC4_HMAC, CKSUMTYPE_RSA_MD5, 50},
        {ENCTYPE_RC4_HMAC, CKSUMTYPE_HMAC_MD5, 50},
        {ENCTYPE_CAMELLIA256, CKSUMTYPE_CMAC_CAMELLIA256, 50},
        {ENCTYPE_AES128_SHA1, 1, 15},
        {ENCTYPE_AES128_SHA1, 0, 15},
        {ENCTYPE_AES128_SHA1, 0x7777, 15},
        {ENCTYPE_AES128_SHA1, CKSUMTYPE_SHA1, 31}, // does not fit its buffer
    };
    for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
        const uint32_t which = i % 2 ? PAC_SERVER_SIGNATURE : PAC_KDC_SIGNATURE;
        struct enc_ticket_part t = tgt_part();
        struct parts p = parts_of(&t);
        struct crypto_key *key;
        struct session s;
        size_t len = enctype_key_length(enctype_find(rows[i / 2].etype));
        must(crypto_key_in_arena(&key, &r.arena, rows[i / 2].etype, slice_of(zeros, len), err));
        bool server = which == PAC_SERVER_SIGNATURE;
        put_pac(&t, &p, server ? key : tgt_key(), server ? kdc_key() : key, false);
        struct writer w = writer_to_buf(buf_of(pac_bytes(&t, which), 4));
        writer_le32(&w, (uint32_t)rows[i / 2].type);
        if (!server)
            sign_again(&t);
        int code = present_tgt(&t, &s);
        assert_int_equal(code, rows[i / 2].code);
    }
}

static void rename_buffer(const struct enc_ticket_part *t, uint32_t from, uint32_t to) {
    struct pac pac;
    assert_true(realm_pac(&r, t, &pac));
    assert_non_null(pac_find(&pac, from));
    for (size_t n = 0; n < pac.count; n++)
        if (pac.items[n].type == from) {
            struct writer w =
                writer_to_buf(buf_of((void *)(uintptr_t)(pac.raw.ptr + 8 + 16 * n), 4));
            writer_le32(&w, to);
        }
}

static void missing_signatures_are_refused(void **state) {
    UNUSED(state);
    static const uint32_t types[] = {PAC_SERVER_SIGNATURE, PAC_KDC_SIGNATURE};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct session s;
        struct enc_ticket_part t = tgt_part();
        rename_buffer(&t, types[i], 0x7777);
        assert_int_equal(present_tgt(&t, &s), 41);
    }
}

// The name in the ticket and the one in the PAC are one: else the PAC is somebody else's.
static void a_pac_of_another_client_or_login_is_refused(void **state) {
    UNUSED(state);
    struct session s;
    struct slice info;
    struct enc_ticket_part t = tgt_part();
    struct parts p = parts_of(&t);
    put_pac(&t, &p, tgt_key(), kdc_key(), false);
    assert_int_equal(present_tgt(&t, &s), 0); // signed by ourselves as the KDC does
    must(pac_client_info_write(t.authtime, SLICE_LITERAL("bob"), &r.arena, &info, err));
    parts_set(&p, PAC_CLIENT_INFO, info);
    put_pac(&t, &p, tgt_key(), kdc_key(), false);
    assert_int_equal(present_tgt(&t, &s), 41);
    must(pac_client_info_write(t.authtime - 1, SLICE_LITERAL("alice"), &r.arena, &info, err));
    parts_set(&p, PAC_CLIENT_INFO, info);
    put_pac(&t, &p, tgt_key(), kdc_key(), false);
    assert_int_equal(present_tgt(&t, &s), 41);
    parts_drop(&p, PAC_CLIENT_INFO);
    put_pac(&t, &p, tgt_key(), kdc_key(), false);
    assert_int_equal(present_tgt(&t, &s), 41);
}

// CVE-2021-42287 and its like: the name has passed to another account between AS and TGS.
static void a_name_that_changed_hands_since_the_login_is_refused(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask(WEB, 0, &s), 0);
    struct store_write *w;
    must(store_write_begin(r.store, &w, err));
    must(store_delete(w, SLICE_LITERAL("alice@EXAMPLE.COM"), err));
    must(store_commit(w, err));
    // Made anew with the same keys, and dated back: only the id tells.
    struct record other =
        realm_record(&r, "alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH, 2, AES_ALL);
    realm_put(&r, &other);
    r.now_us += 1000000;
    assert_int_equal(ask(WEB, 0, &s), 20);
    assert_true(detail_holds("another account"));
    tgt = realm_login(&r, "alice");
    assert_int_equal(ask(WEB, 0, &s), 0);
}

static void a_tgt_that_does_not_say_the_requester_is_refused(void **state) {
    UNUSED(state);
    struct session s;
    struct enc_ticket_part t = tgt_part();
    struct parts p = parts_of(&t);
    parts_drop(&p, PAC_REQUESTER_SID);
    put_pac(&t, &p, tgt_key(), kdc_key(), false);
    assert_int_equal(present_tgt(&t, &s), 20);
}

// A service holds the key of its tickets; what it rewrites, the KDC notices.
// A ticket of the service's, sealed again with its key.
static int renew_altered(const struct session *s, const struct enc_ticket_part *t) {
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct session own = *s, out;
    own.rep.ticket.raw = (struct slice){0};
    must(krb_seal(&TYPE_ENC_TICKET_PART, t, realm_key(&r, WEB_NAME, 2, 20), KU_TICKET, 2, &r.env,
                  &r.arena, &own.rep.ticket.enc_part, err));
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    return realm_ask(&r, &own, &req, &out);
}

static void a_service_cannot_rewrite_its_ticket(void **state) {
    UNUSED(state);
    struct session s;
    struct crypto_key *key = realm_key(&r, WEB_NAME, 2, 20);
    assert_int_equal(ask(WEB, KDC_OPT_RENEWABLE, &s), 0);
    for (int forged = 0; forged < 3; forged++) {
        struct enc_ticket_part t = realm_ticket(&r, &s, WEB_NAME);
        if (forged == 1)
            t.flags |= (uint32_t)TKT_FORWARDABLE; // bronze bit
        if (forged == 2) {
            struct parts p = parts_of(&t);
            put_pac(&t, &p, key, key, true); // signed by itself in the KDC's place
        }
        assert_int_equal(renew_altered(&s, &t), forged ? 41 : 0);
    }
}

// Server's and KDC's signature over the PAC as it is now.
static void sign_both(const struct enc_ticket_part *t) {
    struct buf server = buf_of(pac_bytes(t, PAC_SERVER_SIGNATURE) + 4, 24),
               kdc = buf_of(pac_bytes(t, PAC_KDC_SIGNATURE) + 4, 12);
    struct pac pac;
    memset(server.ptr, 0, server.len);
    memset(kdc.ptr, 0, kdc.len);
    assert_true(realm_pac(&r, t, &pac));
    must(crypto_checksum(realm_key(&r, WEB_NAME, 2, 20), 17, pac.raw, server, err));
    must(crypto_checksum(kdc_key(), 17, slice_of_buf(server), kdc, err));
}

// CVE-2022-37967: the KDC's signature is over the service's, and holds for any PAC for which that
// can be made to come out the same. So the full one must be there, and hold, though all else does.
static void a_pac_of_a_services_ticket_needs_the_full_signature(void **state) {
    UNUSED(state);
    struct session s;
    assert_int_equal(ask(WEB, KDC_OPT_RENEWABLE, &s), 0);
    for (int forged = 0; forged < 3; forged++) {
        struct enc_ticket_part t = realm_ticket(&r, &s, WEB_NAME);
        if (forged == 1)
            pac_bytes(&t, PAC_FULL_SIGNATURE)[4] ^= 1;
        if (forged == 2)
            rename_buffer(&t, PAC_FULL_SIGNATURE, 0x7777);
        sign_both(&t);
        assert_int_equal(renew_altered(&s, &t), forged ? 41 : 0);
        assert_int_equal(detail_holds("full signature"), forged != 0);
    }
}

// ---- another realm's PACs

static int ask_as_foreigner(const char *domain, const char *extra, bool good_key,
                            struct enc_ticket_part *out) {
    static const int32_t etype = 18;
    struct enc_ticket_part t = tgt_part();
    struct parts p = parts_of(&t);
    struct pac_logon_info logon;
    struct pac_extra_sid sids[2];
    struct session s;
    struct crypto_key *trust = realm_key(&r, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, etype);
    t.crealm = SLICE_LITERAL("OTHER.ORG");
    must(pac_logon_info_read(p.items[0].data, &r.arena, &logon, err));
    assert_true(sid_parse(slice_str(domain), &logon.domain_sid));
    sids[0] = logon.extra[0];
    sids[1].attributes = 7;
    assert_true(sid_parse(slice_str(extra), &sids[1].sid));
    logon.extra = sids;
    logon.extra_count = 2;
    must(pac_logon_info_write(&logon, &r.arena, &p.items[0].data, err));
    put_pac(&t, &p, good_key ? trust : kdc_key(), kdc_key(), false);
    struct session foreign = sealed_tgt(&t, "krbtgt/EXAMPLE.COM@OTHER.ORG", 2, etype);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    int code = realm_ask(&r, &foreign, &req, &s);
    if (code == 0)
        *out = realm_ticket(&r, &s, WEB_NAME);
    return code;
}

static uint32_t extra_sids(const struct enc_ticket_part *t) {
    struct pac pac;
    struct pac_logon_info logon;
    assert_true(realm_pac(&r, t, &pac));
    assert_ok(pac_logon_info_read(pac_find(&pac, PAC_LOGON_INFO)->data, &r.arena, &logon, NULL));
    return logon.extra_count;
}

static void another_realm_has_no_say_about_our_domain(void **state) {
    UNUSED(state);
    struct enc_ticket_part t;
    const char *other = "S-1-5-21-7-8-9";
    assert_int_equal(ask_as_foreigner(other, "S-1-5-21-7-8-9-512", true, &t), 0);
    assert_int_equal(extra_sids(&t), 2);
    assert_int_equal(ask_as_foreigner(other, REALM_SID "-512", true, &t), 0);
    assert_int_equal(extra_sids(&t), 1);
    assert_int_equal(ask_as_foreigner(other, "S-1-5-32-544", true, &t), 0);
    assert_int_equal(extra_sids(&t), 1);
    // Its names with a SID of ours were in the UPN info, which is gone.
    check_order(&t, (const uint32_t[]){1, 10, 6, 7, 16, 19}, 6);
    assert_int_equal(ask_as_foreigner(REALM_SID, "S-1-5-21-7-8-9-512", true, &t), 12);
    assert_int_equal(ask_as_foreigner(other, "S-1-5-21-7-8-9-512", false, &t), 41);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tickets_bear_the_buffers_in_windows_order, setup, teardown),
        cmocka_unit_test_setup_teardown(every_signature_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(the_pac_says_who_and_with_which_sid, setup, teardown),
        cmocka_unit_test_setup_teardown(each_login_has_its_own_time_and_its_records_own_words,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_wants_no_pac_gets_service_tickets_without,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_service_that_takes_no_pac_gets_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_realm_that_disables_pacs_makes_and_wants_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_realm_without_a_sid_has_pacs_without_logon_info, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_krbtgt_of_other_enctypes_signs_by_a_derived_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_weak_key_of_krbtgt_beside_a_strong_one_opens_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_tgt_without_a_pac_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_ticket_with_two_pacs_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(forged_signatures_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(unkeyed_and_foreign_checksums_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_signatures_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pac_of_another_client_or_login_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_name_that_changed_hands_since_the_login_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_tgt_that_does_not_say_the_requester_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_service_cannot_rewrite_its_ticket, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pac_of_a_services_ticket_needs_the_full_signature, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(another_realm_has_no_say_about_our_domain, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
