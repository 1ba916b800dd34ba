// The AS exchange: whole logins at a pretended time, and every refusal beside what it refuses.
#include "as.h"

// Heimdal of Samba draws negative ones for the TGS, and reads no other form in the answer.
static void a_nonce_comes_back_in_the_form_that_it_was_sent_in(void **state) {
    UNUSED(state);
    static const int64_t sent[] = {-353741709, INT32_MIN, INT64_C(3941225587), UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(sent); i++) {
        r.nonce = sent[i];
        struct session s = realm_login(&r, "alice");
        assert_true(s.part.nonce == sent[i]);
    }
    r.nonce = 1000;
}

static void a_login_gives_a_ticket_that_the_tgs_can_open(void **state) {
    UNUSED(state);
    struct session s = realm_login(&r, "alice");
    assert_int_equal(s.part.nonce, r.nonce - 1);
    assert_int_equal(s.part.authtime, REALM_START);
    assert_int_equal(s.part.endtime, REALM_START + 10 * HOUR);
    assert_int_equal(s.part.renew_till, REALM_START + 3 * DAY);
    assert_int_equal(s.rep.ticket.enc_part.etype, 20);
    assert_int_equal(s.rep.enc_part.etype, 20);
    struct enc_ticket_part t = realm_ticket(&r, &s, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    assert_slice_equal(t.key.keyvalue, s.part.key.keyvalue);
    assert_int_equal(t.flags, s.part.flags);
    assert_true(t.flags & (uint32_t)TKT_INITIAL);
    assert_true(t.flags & (uint32_t)TKT_PRE_AUTHENT);
    assert_true(t.flags & (uint32_t)TKT_RENEWABLE);
    assert_slice_str(t.cname.name_string.items[0], "alice");
    const struct kdc_event *e = &r.result.event;
    assert_int_equal(e->code, OBOL_OK);
    assert_int_equal(e->login, KDC_LOGIN_SUCCESS);
    assert_slice_str(e->client, "alice@EXAMPLE.COM");
    assert_slice_str(e->service, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    assert_int_equal(e->client_kvno, 2);
}

static void without_preauthentication_the_client_learns_how_to_make_its_key(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    realm_add_padata(&r, &req, PA_REQ_ENC_PA_REP, (struct slice){0});
    realm_add_padata(&r, &req, PA_AS_FRESHNESS, (struct slice){0}); // as MIT's kinit does
    assert_int_equal(send_req(&req), 25);
    struct krb_error e;
    struct padata_list methods;
    struct etype_info2_list info;
    assert_ok(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, NULL));
    assert_ok(der_decode(&TYPE_METHOD_DATA, e.e_data, &r.arena, &methods, NULL));
    const int32_t offered[] = {PA_ETYPE_INFO2, PA_FX_FAST, PA_SPAKE, PA_ENC_TIMESTAMP,
                               PA_FX_COOKIE};
    assert_int_equal(methods.count, COUNT_OF(offered));
    for (size_t i = 0; i < COUNT_OF(offered); i++)
        assert_int_equal(methods.items[i].padata_type, offered[i]);
    // What a stranger's question costs: no challenge before somebody asks for it.
    assert_int_equal(methods.items[2].padata_value.len, 0);
    assert_ok(der_decode(&TYPE_ETYPE_INFO2, methods.items[0].padata_value, &r.arena, &info, NULL));
    assert_int_equal(info.count, 4);
    assert_int_equal(info.items[0].etype, 20);
    assert_slice_str(info.items[0].salt, "salt of alice@EXAMPLE.COM");
    assert_string_equal(r.result.event.stage, "preauthenticate");
    assert_string_equal(r.result.event.section, "RFC 4120 3.1.3");
    // A client that needs none gets its ticket at once, and it is not marked.
    req = realm_as_req(&r, "open", TGS);
    assert_int_equal(send_req(&req), 0);
    struct session s;
    realm_take_reply(&r, realm_key(&r, "open@EXAMPLE.COM", 2, 20), KU_AS_REP, &s);
    assert_false(s.part.flags & (uint32_t)TKT_PRE_AUTHENT);
    assert_int_equal(r.result.event.login, KDC_LOGIN_NONE);
}

static void keys_of_a_count_of_their_own_are_told_with_it(void **state) {
    UNUSED(state);
    struct record alice = realm_get(&r, "alice@EXAMPLE.COM");
    alice.keys.items[1].iterations = 100000;
    realm_put(&r, &alice);
    for (int i = 0; i < 2; i++) { // known and, which must look the same, not
        struct kdc_req req = realm_as_req(&r, i ? "nobody" : "alice", TGS);
        r.policy.hide_unknown_users = i;
        r.policy.iterations = i ? 100000 : 0;
        realm_start_kdc(&r);
        assert_int_equal(send_req(&req), 25);
        struct krb_error e;
        struct padata_list methods;
        struct etype_info2_list info;
        assert_ok(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, NULL));
        assert_ok(der_decode(&TYPE_METHOD_DATA, e.e_data, &r.arena, &methods, NULL));
        assert_ok(
            der_decode(&TYPE_ETYPE_INFO2, methods.items[0].padata_value, &r.arena, &info, NULL));
        assert_true(info.items[1].present & ETYPE_INFO2_ENTRY_S2KPARAMS);
        assert_slice_equal(info.items[1].s2kparams, SLICE_LITERAL("\0\x01\x86\xa0"));
        if (i == 0)
            assert_false(info.items[0].present & ETYPE_INFO2_ENTRY_S2KPARAMS);
    }
}

static void reply_key_and_session_key_are_the_clients_choice(void **state) {
    UNUSED(state);
    int32_t etypes[] = {17, 18, 20};
    struct kdc_req req = realm_as_req(&r, "open", "host/old.example.com");
    req.req_body.etype = (struct int32_list){etypes, 3};
    assert_int_equal(send_req(&req), 0);
    const struct kdc_event *e = &r.result.event;
    assert_int_equal(e->reply_etype, 17);
    assert_int_equal(e->session_etype, 18); // the service has no other
    assert_int_equal(e->ticket_etype, 18);
    req = realm_as_req(&r, "open", TGS);
    req.req_body.etype = (struct int32_list){etypes, 2};
    assert_int_equal(send_req(&req), 0);
    assert_int_equal(e->session_etype, 17);
    assert_int_equal(e->ticket_etype, 20); // whatever the client offers: it never opens it
}

// CVE-2022-37966, CVE-2022-33679, CVE-2026-20833: weak, unknown and zero enctypes never mean a
// default.
static void enctypes_that_are_weak_unknown_or_not_held_are_refused(void **state) {
    UNUSED(state);
    static const int32_t WITH_RC4[] = {18, 23, 0};
    struct record rec = realm_record(&r, "rc@EXAMPLE.COM", 0, 2, WITH_RC4);
    realm_put(&r, &rec);
    int32_t rc4[] = {23}, unknown[] = {0, -128, 1, 3, 999};
    struct kdc_req req = realm_as_req(&r, "rc", TGS);
    req.req_body.etype = (struct int32_list){rc4, 1};
    assert_int_equal(send_req(&req), 14);
    req.req_body.etype = (struct int32_list){unknown, 5};
    assert_int_equal(send_req(&req), 14);
    req.req_body.etype = (struct int32_list){NULL, 0};
    assert_int_equal(send_req(&req), 14);
    // Beside a permitted one the weak one is passed over, though the client would rather have it;
    // for the session key, too, with a service that has a key of it (CVE-2022-37966).
    int32_t both[] = {23, 18};
    const char *servers[] = {TGS, "rc"};
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        req = realm_as_req(&r, "rc", servers[i]);
        req.req_body.etype = (struct int32_list){both, 2};
        assert_int_equal(send_req(&req), 0);
        assert_int_equal(r.result.event.reply_etype, 18);
        assert_int_equal(r.result.event.session_etype, 18);
    }
    int32_t sha2[] = {20};
    req = realm_as_req(&r, "bob", TGS);
    req.req_body.etype = (struct int32_list){sha2, 1};
    assert_int_equal(send_req(&req), 14);
    // Weak ones count where the administrator says so.
    r.policy.allow_weak = true;
    realm_start_kdc(&r);
    req = realm_as_req(&r, "rc", "rc");
    req.req_body.etype = (struct int32_list){rc4, 1};
    assert_int_equal(send_req(&req), 0);
    // Only old enctypes offered: ETYPE-INFO stands beside ETYPE-INFO2 (RFC 4120 5.2.7.4).
    realm_set_flags(&r, "rc@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH);
    req.req_body.nonce = r.nonce++;
    assert_int_equal(send_req(&req), 25);
    struct krb_error e;
    struct padata_list methods;
    assert_ok(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, NULL));
    assert_ok(der_decode(&TYPE_METHOD_DATA, e.e_data, &r.arena, &methods, NULL));
    assert_int_equal(methods.items[0].padata_type, PA_ETYPE_INFO);
    assert_int_equal(methods.items[1].padata_type, PA_ETYPE_INFO2);
}

struct time_case {
    int64_t from, till, rtime; // after the start; 0: not asked for
    int options;
    int expected;
    int64_t start, end, renew; // after the start
};
static void times_are_cut_to_what_is_allowed(void **state) {
    UNUSED(state);
    const int renewable = KDC_OPT_RENEWABLE, ok = KDC_OPT_RENEWABLE_OK, post = KDC_OPT_POSTDATED;
    const struct time_case cases[] = {
        {0, HOUR, 0, 0, 0, 0, HOUR, 0},
        {0, 0, 0, 0, 0, 0, DAY, 0}, // 1970: as long as possible
        {0, 90 * DAY, 0, 0, 0, 0, DAY, 0},
        {0, -10, 0, 0, 11, 0, 0, 0},
        {200, HOUR, 0, 0, 0, 0, HOUR, 0}, // within the skew
        {301, HOUR, 0, 0, 10, 0, 0, 0},
        {HOUR, 2 * HOUR, 0, post, 0, HOUR, 2 * HOUR, 0},
        {HOUR, HOUR, 0, post, 11, 0, 0, 0},
        {0, HOUR, 0, post, 0, 0, HOUR, 0}, // INVALID all the same (RFC 4120 5.4.1)
        {-HOUR, HOUR, 0, post, 0, 0, HOUR, 0},
        {200, HOUR, 0, post, 0, 200, HOUR, 0},
        {0, HOUR, 2 * DAY, renewable, 0, 0, HOUR, 2 * DAY},
        {0, HOUR, 90 * DAY, renewable, 0, 0, HOUR, 7 * DAY},
        {0, HOUR, 0, renewable, 0, 0, HOUR, 7 * DAY},
        {0, 2 * DAY, 0, ok, 0, 0, DAY, 2 * DAY},
        {0, HOUR, 0, ok, 0, 0, HOUR, 0},
        {0, 90 * DAY, 0, ok, 0, 0, DAY, 7 * DAY},
        {INT64_C(250000000000), INT64_C(251000000000), 0, post, 0, INT64_C(250000000000),
         INT64_C(250000000000) + DAY, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct time_case *c = &cases[i];
        struct kdc_req req = realm_as_req(&r, "open", TGS);
        req.req_body.kdc_options = (uint32_t)c->options;
        req.req_body.till = c->till ? REALM_START + c->till : 0;
        req.req_body.from = REALM_START + c->from;
        req.req_body.rtime = REALM_START + c->rtime;
        req.req_body.present |=
            (c->from ? KDC_REQ_BODY_FROM : 0u) | (c->rtime ? (uint32_t)KDC_REQ_BODY_RTIME : 0u);
        assert_int_equal(send_req(&req), c->expected);
        if (c->expected)
            continue;
        const struct kdc_event *e = &r.result.event;
        assert_int_equal(e->starttime - REALM_START, c->start);
        assert_int_equal(e->endtime - REALM_START, c->end);
        assert_int_equal(e->renew_till, c->renew ? REALM_START + c->renew : 0);
        assert_int_equal((e->ticket_flags & (uint32_t)TKT_INVALID) != 0, c->options == post);
        assert_int_equal((e->ticket_flags & (uint32_t)TKT_POSTDATED) != 0, c->options == post);
    }
}

static void records_shorten_lifetimes_and_take_flags_away(void **state) {
    UNUSED(state);
    struct record rec = realm_get(&r, "open@EXAMPLE.COM");
    rec.max_life = HOUR;
    rec.max_renew = 2 * HOUR;
    realm_put(&r, &rec);
    struct kdc_req req = realm_as_req(&r, "open", TGS);
    const uint32_t all = (uint32_t)KDC_OPT_FORWARDABLE | (uint32_t)KDC_OPT_PROXIABLE |
                         (uint32_t)KDC_OPT_RENEWABLE | (uint32_t)KDC_OPT_ALLOW_POSTDATE;
    const uint32_t flags = (uint32_t)TKT_FORWARDABLE | (uint32_t)TKT_PROXIABLE |
                           (uint32_t)TKT_RENEWABLE | (uint32_t)TKT_MAY_POSTDATE;
    req.req_body.kdc_options = all;
    assert_int_equal(send_req(&req), 0);
    assert_int_equal(r.result.event.endtime, REALM_START + HOUR);
    assert_int_equal(r.result.event.renew_till, REALM_START + 2 * HOUR);
    assert_int_equal(r.result.event.ticket_flags & flags, flags);
    realm_set_flags(&r, "open@EXAMPLE.COM",
                    RECORD_NO_FORWARDABLE | RECORD_NO_PROXIABLE | RECORD_NO_RENEWABLE |
                        RECORD_NO_POSTDATED);
    req.req_body.nonce = r.nonce++;
    assert_int_equal(send_req(&req), 0);
    assert_int_equal(r.result.event.ticket_flags & flags, 0);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_POSTDATED;
    req.req_body.present |= KDC_REQ_BODY_FROM;
    req.req_body.from = REALM_START + HOUR;
    assert_int_equal(send_req(&req), 10);
}

static void each_option_alone_gives_a_ticket_or_its_error(void **state) {
    UNUSED(state);
    for (unsigned bit = 0; bit < 32; bit++) {
        struct kdc_req req = realm_as_req(&r, "open", TGS);
        req.req_body.kdc_options = KERBEROS_FLAG(bit);
        bool refused =
            bit == 2 || bit == 4 || bit == 14 || bit == 16 || bit == 28 || bit == 30 || bit == 31;
        assert_int_equal(send_req(&req), refused ? 13 : 0);
        assert_false(r.result.event.ticket_flags & (uint32_t)TKT_HW_AUTHENT);
    }
}

static void the_request_is_protected_where_the_client_asks_for_it(void **state) {
    UNUSED(state);
    struct kdc_req req = with_timestamp("alice", TGS, 0);
    realm_add_padata(&r, &req, PA_REQ_ENC_PA_REP, (struct slice){0});
    struct slice bytes = realm_encode(&r, &req);
    assert_int_equal(realm_send(&r, bytes), 0);
    struct session s;
    realm_take_reply(&r, alice_key(20), KU_AS_REP, &s);
    assert_true(s.part.present & ENC_KDC_REP_PART_ENCRYPTED_PA_DATA);
    const struct padata *pa = &s.part.encrypted_pa_data.items[0];
    assert_int_equal(pa->padata_type, PA_REQ_ENC_PA_REP);
    struct checksum sum;
    assert_ok(der_decode(&TYPE_CHECKSUM, pa->padata_value, &r.arena, &sum, NULL));
    assert_ok(crypto_verify(alice_key(20), KU_AS_REQ, sum.cksumtype, bytes, sum.checksum, NULL));
    s = realm_login(&r, "alice");
    assert_false(s.part.present & ENC_KDC_REP_PART_ENCRYPTED_PA_DATA);
    // RFC 6806 11: the flag stands in every ticket, and says that this KDC would.
    assert_true(s.part.flags & (uint32_t)TKT_ENC_PA_REP);
}

static void the_client_is_warned_of_what_expires(void **state) {
    UNUSED(state);
    struct record rec = realm_get(&r, "alice@EXAMPLE.COM");
    rec.password_expires = REALM_START + DAY;
    rec.expires = REALM_START + HOUR;
    realm_put(&r, &rec);
    struct session s = realm_login(&r, "alice");
    assert_int_equal(s.part.key_expiration, REALM_START + HOUR); // the earlier of the two
    assert_int_equal(s.part.last_req.count, 2);
    assert_int_equal(s.part.last_req.items[0].lr_type, LR_PW_EXPIRES);
    assert_int_equal(s.part.last_req.items[1].lr_value, REALM_START + HOUR);
    assert_int_equal(s.part.endtime, REALM_START + HOUR); // no longer than the account
    rec.expires = 0;
    realm_put(&r, &rec);
    s = realm_login(&r, "alice");
    assert_int_equal(s.part.key_expiration, REALM_START + DAY);
    rec.expires = REALM_START + 2 * DAY;
    rec.password_expires = 0;
    realm_put(&r, &rec);
    s = realm_login(&r, "alice");
    assert_int_equal(s.part.key_expiration, REALM_START + 2 * DAY);
    rec.expires = 0;
    realm_put(&r, &rec);
    s = realm_login(&r, "alice");
    assert_false(s.part.present & ENC_KDC_REP_PART_KEY_EXPIRATION);
    assert_int_equal(s.part.last_req.items[0].lr_type, LR_NONE);
}

static void an_alias_keeps_its_name_unless_canonicalization_is_asked_for(void **state) {
    UNUSED(state);
    struct slice aliases[] = {SLICE_LITERAL("al@EXAMPLE.COM"),
                              SLICE_LITERAL("alice\\@corp.example@EXAMPLE.COM")};
    struct record rec = realm_get(&r, "open@EXAMPLE.COM");
    rec.aliases = (struct slice_list){aliases, 2};
    realm_put(&r, &rec);
    struct session s;
    struct crypto_key *key = realm_key(&r, "open@EXAMPLE.COM", 2, 20);
    struct kdc_req req = realm_as_req(&r, "al", TGS);
    assert_int_equal(send_req(&req), 0);
    realm_take_reply(&r, key, KU_AS_REP, &s);
    assert_slice_str(s.client.name.name_string.items[0], "al");
    assert_slice_str(r.result.event.client_principal, "open@EXAMPLE.COM");
    req.req_body.kdc_options = (uint32_t)KDC_OPT_CANONICALIZE;
    assert_int_equal(send_req(&req), 0);
    realm_take_reply(&r, key, KU_AS_REP, &s);
    assert_slice_str(s.client.name.name_string.items[0], "open");
    struct slice enterprise[] = {SLICE_LITERAL("alice@corp.example"),
                                 SLICE_LITERAL("open@example.com"), SLICE_LITERAL("open@elsewhere"),
                                 SLICE_LITERAL("@example.com")};
    for (size_t i = 0; i < 4; i++) {
        req = realm_as_req(&r, "x", TGS);
        req.req_body.cname = (struct principal_name){NT_ENTERPRISE, {&enterprise[i], 1}};
        assert_int_equal(send_req(&req), i < 2 ? 0 : 6);
    }
}

static void a_repeated_request_gets_the_identical_reply_for_a_while(void **state) {
    UNUSED(state);
    struct kdc_req req = with_timestamp("alice", TGS, 0);
    struct slice bytes = realm_encode(&r, &req), first;
    assert_int_equal(realm_send(&r, bytes), 0);
    assert_false(r.result.event.retransmission);
    assert_true(arena_copy(&r.arena, r.result.reply, &first));
    r.now_us += INT64_C(120000000);
    assert_int_equal(realm_send(&r, bytes), 0);
    assert_true(r.result.event.retransmission);
    assert_slice_equal(r.result.reply, first);
    r.now_us += INT64_C(1000000);
    assert_int_equal(realm_send(&r, bytes), 0);
    assert_false(r.result.event.retransmission);
    assert_false(slice_eq(r.result.reply, first));
    // An answer that nothing hangs on is made afresh.
    req = realm_as_req(&r, "alice", TGS);
    bytes = realm_encode(&r, &req);
    assert_int_equal(realm_send(&r, bytes), 25);
    assert_int_equal(realm_send(&r, bytes), 25);
    assert_false(r.result.event.retransmission);
}

static void a_reply_too_long_for_udp_waits_for_tcp(void **state) {
    UNUSED(state);
    struct kdc_req req = with_timestamp("alice", TGS, 0);
    struct slice bytes = realm_encode(&r, &req);
    r.max_reply = 400;
    assert_int_equal(realm_send(&r, bytes), 52);
    assert_int_equal(realm_send(&r, bytes), 52);
    assert_true(r.result.reply.len < 400);
    r.max_reply = 0;
    assert_int_equal(realm_send(&r, bytes), 0);
    assert_true(r.result.event.retransmission); // one ticket, not three
}

static void addresses_stand_in_ticket_and_reply(void **state) {
    UNUSED(state);
    const uint8_t ip[] = {10, 0, 0, 1};
    struct host_address a = {2, slice_of(ip, 4)};
    struct kdc_req req = realm_as_req(&r, "open", TGS);
    req.req_body.present |= KDC_REQ_BODY_ADDRESSES;
    req.req_body.addresses = (struct host_address_list){&a, 1};
    assert_int_equal(send_req(&req), 0);
    struct session s;
    realm_take_reply(&r, realm_key(&r, "open@EXAMPLE.COM", 2, 20), KU_AS_REP, &s);
    assert_int_equal(s.part.caddr.count, 1);
    struct enc_ticket_part t = realm_ticket(&r, &s, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    assert_int_equal(t.caddr.count, 1);
}

static void a_change_in_the_store_is_seen_at_once(void **state) {
    UNUSED(state);
    assert_int_equal(login("alice", TGS), 0);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_DISABLED);
    assert_int_equal(login("alice", TGS), 18);
    struct store_write *w;
    assert_ok(store_write_begin(r.store, &w, NULL));
    assert_ok(store_delete(w, SLICE_LITERAL("alice@EXAMPLE.COM"), NULL));
    assert_ok(store_commit(w, NULL));
    assert_ok(kdc_renew(r.kdc, NULL));
    assert_int_equal(login("alice", TGS), 6);
}

static void more_principals_than_the_cache_holds_are_served(void **state) {
    UNUSED(state);
    char name[64];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            snprintf(name, sizeof name, "user%d@EXAMPLE.COM", i);
            struct record rec =
                round ? realm_get(&r, name) : realm_record(&r, name, 0, 2, AES256_SHA1);
            if (!round)
                realm_put(&r, &rec);
            snprintf(name, sizeof name, "user%d", i);
            struct kdc_req req = realm_as_req(&r, name, TGS);
            assert_int_equal(send_req(&req), 0);
        }
    }
}

// Records grow past the usual room of an entry, and its sets lose and gain them again.
static void records_of_every_size_come_and_go_in_the_cache(void **state) {
    UNUSED(state);
    static char filler[12000];
    char name[64];
    memset(filler, 'x', sizeof filler);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "size%d@EXAMPLE.COM", i % 100);
        struct record rec =
            i < 100 ? realm_record(&r, name, 0, 2, AES256_SHA1) : realm_get(&r, name);
        struct record_attribute attribute = {SLICE_LITERAL("a"), slice_of(filler, 40u * (size_t)i)};
        rec.attributes = (struct record_attribute_list){&attribute, 1};
        realm_put(&r, &rec);
        snprintf(name, sizeof name, "size%d", i % 100);
        struct kdc_req req = realm_as_req(&r, name, TGS);
        assert_int_equal(send_req(&req), 0);
        assert_int_equal(send_req(&req), 0);
    }
}

static void a_record_too_large_for_the_cache_is_served(void **state) {
    UNUSED(state);
    struct record rec = realm_get(&r, "open@EXAMPLE.COM");
    char *big = arena_alloc(&r.keep, 16000);
    memset(big, 'x', 16000);
    struct record_attribute attributes[] = {{SLICE_LITERAL("a"), slice_of(big, 16000)},
                                            {SLICE_LITERAL("b"), slice_of(big, 16000)}};
    rec.attributes = (struct record_attribute_list){attributes, 2};
    realm_put(&r, &rec);
    for (int i = 0; i < 3; i++) {
        struct kdc_req req = realm_as_req(&r, "open", TGS);
        assert_int_equal(send_req(&req), 0);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_nonce_comes_back_in_the_form_that_it_was_sent_in),
        CASE(a_login_gives_a_ticket_that_the_tgs_can_open),
        CASE(without_preauthentication_the_client_learns_how_to_make_its_key),
        CASE(keys_of_a_count_of_their_own_are_told_with_it),
        CASE(reply_key_and_session_key_are_the_clients_choice),
        CASE(enctypes_that_are_weak_unknown_or_not_held_are_refused),
        CASE(times_are_cut_to_what_is_allowed),
        CASE(records_shorten_lifetimes_and_take_flags_away),
        CASE(each_option_alone_gives_a_ticket_or_its_error),
        CASE(the_request_is_protected_where_the_client_asks_for_it),
        CASE(the_client_is_warned_of_what_expires),
        CASE(an_alias_keeps_its_name_unless_canonicalization_is_asked_for),
        CASE(a_repeated_request_gets_the_identical_reply_for_a_while),
        CASE(a_reply_too_long_for_udp_waits_for_tcp),
        CASE(addresses_stand_in_ticket_and_reply),
        CASE(a_change_in_the_store_is_seen_at_once),
        CASE(more_principals_than_the_cache_holds_are_served),
        CASE(records_of_every_size_come_and_go_in_the_cache),
        CASE(a_record_too_large_for_the_cache_is_served),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
