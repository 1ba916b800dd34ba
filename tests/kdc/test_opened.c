// TGTs that were presented before are kept opened: the answers are the same, and whatever would
// have been refused still is (kdc/opened.h).
#include "kdc/exchange.h"
#include "kdc/opened.h"
#include "pac.h"

static uint64_t found(void) {
    return opened_found(r.kdc->opened);
}

// Presents the TGT as often as it takes to be kept.
static void present_twice(void) {
    struct session s;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ask(WEB, 0, &s), 0);
}

static void a_tgt_is_kept_from_the_second_time_on(void **state) {
    UNUSED(state);
    struct session s;
    present_twice();
    assert_int_equal(found(), 0);
    for (uint64_t i = 1; i < 4; i++) {
        assert_int_equal(ask(WEB, 0, &s), 0);
        assert_int_equal(found(), i);
    }
}

static void the_ticket_bought_with_it_is_the_same(void **state) {
    UNUSED(state);
    struct session s[3];
    struct enc_ticket_part t[3];
    struct pac pac[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(WEB, 0, &s[i]), 0);
        t[i] = realm_ticket(&r, &s[i], WEB_NAME);
        assert_true(realm_pac(&r, &t[i], &pac[i]));
    }
    assert_int_equal(found(), 1);
    assert_int_equal(t[2].flags, t[0].flags);
    assert_int_equal(t[2].authtime, t[0].authtime);
    assert_int_equal(t[2].endtime, t[0].endtime);
    assert_int_equal(pac[2].count, pac[0].count);
    for (size_t i = 0; i < pac[0].count; i++) {
        assert_int_equal(pac[2].items[i].type, pac[0].items[i].type);
        if (!pac_is_signature(pac[0].items[i].type))
            assert_true(slice_eq(pac[2].items[i].data, pac[0].items[i].data));
    }
}

static void one_bit_makes_it_another_ticket(void **state) {
    UNUSED(state);
    struct session out;
    present_twice();
    const struct slice cipher = tgt.rep.ticket.enc_part.cipher;
    for (size_t at = 0; at < cipher.len; at += at < cipher.len - 24 ? 97 : 1) {
        struct session forged = tgt;
        struct slice copy;
        assert_true(arena_copy(&r.arena, cipher, &copy));
        ((uint8_t *)(uintptr_t)copy.ptr)[at] ^= 0x10;
        forged.rep.ticket.raw = (struct slice){0};
        forged.rep.ticket.enc_part.cipher = copy;
        struct kdc_req req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &forged, &req, &out), 31);
    }
    assert_int_equal(found(), 0);
}

// What stands around the cipher is part of what was presented.
static void another_kvno_or_enctype_or_name_is_another_ticket(void **state) {
    UNUSED(state);
    present_twice();
    static const int expected[] = {44, 31, 31};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        struct session forged = tgt, out;
        struct encrypted_data *part = &forged.rep.ticket.enc_part;
        forged.rep.ticket.raw = (struct slice){0};
        part->kvno += i == 0 ? 7 : 0;
        part->etype = i == 1 ? 18 : part->etype;
        if (i == 2)
            forged.rep.ticket.sname = realm_name(&r, WEB).name;
        struct kdc_req req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &forged, &req, &out), expected[i]);
    }
    assert_int_equal(found(), 0);
}

// The session key is the ticket's: an authenticator of another key shows nothing.
static void a_kept_tgt_is_of_no_use_without_its_session_key(void **state) {
    UNUSED(state);
    struct session thief = tgt, out;
    present_twice();
    thief.key = realm_key(&r, "thief", 1, 20);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    assert_int_equal(realm_ask(&r, &thief, &req, &out), 31);
    assert_int_equal(found(), 1);
}

static void keys_of_krbtgt_that_are_gone_open_nothing(void **state) {
    UNUSED(state);
    struct session s;
    present_twice();
    // A change elsewhere in the store is none of krbtgt.
    realm_set_flags(&r, "bob@EXAMPLE.COM", RECORD_DISABLED);
    assert_int_equal(ask(WEB, 0, &s), 0);
    assert_int_equal(found(), 1);
    struct record rec = realm_get(&r, TGS_NAME), next = realm_record(&r, TGS_NAME, 0, 3, AES_ALL);
    for (size_t i = 0; i < next.keys.count; i++)
        must(master_seal(r.master, &r.env, rec.id, &next.keys.items[i],
                         realm_key_bytes(&r, TGS_NAME, 3, AES_ALL[i]), &r.keep, err));
    next.id = rec.id;
    realm_put(&r, &next);
    assert_int_equal(ask(WEB, 0, &s), 44);
    // The old record again is not the one that the verdict was under: the ticket is opened anew.
    realm_put(&r, &rec);
    assert_int_equal(ask(WEB, 0, &s), 0);
    assert_int_equal(found(), 1);
    assert_int_equal(ask(WEB, 0, &s), 0);
    assert_int_equal(found(), 2);
}

static void what_depends_on_time_and_client_is_asked_each_time(void **state) {
    UNUSED(state);
    struct session s;
    present_twice();
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_DISABLED);
    assert_int_equal(ask(WEB, 0, &s), 18);
    realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH);
    assert_int_equal(ask(WEB, 0, &s), 0);
    // The name is another account's now.
    struct record other = realm_get(&r, "alice@EXAMPLE.COM");
    struct store_write *w;
    must(store_write_begin(r.store, &w, err));
    must(store_delete(w, SLICE_LITERAL("alice@EXAMPLE.COM"), err));
    other.id += 100;
    must(store_put(w, &other, err));
    must(store_commit(w, err));
    must(kdc_renew(r.kdc, err));
    assert_int_equal(ask(WEB, 0, &s), 20);
    r.now_us += INT64_C(11) * HOUR * 1000000;
    assert_int_equal(ask(WEB, 0, &s), 32);
    assert_int_equal(found(), 4);
}

static void a_forged_pac_is_never_kept(void **state) {
    UNUSED(state);
    struct enc_ticket_part t = tgt_part();
    pac_bytes(&t, PAC_LOGON_INFO)[8] ^= 1;
    struct session forged = sealed_tgt(&t, TGS_NAME, 2, 20), out;
    for (int i = 0; i < 4; i++) {
        struct kdc_req req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &forged, &req, &out), 41);
    }
    assert_int_equal(found(), 0);
}

// One set of eight: those that come again push out others, and nobody gets another's ticket.
static void many_tgts_share_few_places(void **state) {
    UNUSED(state);
    struct session tgts[20], s;
    r.policy.opened_tickets = 8;
    realm_start_kdc(&r);
    for (size_t i = 0; i < COUNT_OF(tgts); i++)
        tgts[i] = realm_login(&r, i % 2 ? "alice" : "bob");
    for (size_t n = 0; n < 300; n++) {
        size_t i = n < 100 ? n % 4 : (n * 7 + n / 20) % COUNT_OF(tgts);
        struct kdc_req req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &tgts[i], &req, &s), 0);
        struct enc_ticket_part t = realm_ticket(&r, &s, WEB_NAME);
        assert_slice_str(t.cname.name_string.items[0], i % 2 ? "alice" : "bob");
    }
    assert_in_range(found(), 92, 299);
}

static void a_kdc_may_keep_none(void **state) {
    UNUSED(state);
    struct session s;
    r.policy.opened_tickets = 0;
    realm_start_kdc(&r);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ask(WEB, 0, &s), 0);
    assert_int_equal(found(), 0);
}

// A ticket with more authorization data than a place holds is opened each time.
static void a_tgt_that_is_too_large_is_not_kept(void **state) {
    UNUSED(state);
    static uint8_t filler[6000];
    struct enc_ticket_part t = tgt_part();
    struct authdata_list all = {arena_zalloc(&r.arena, 2, sizeof *all.items), 2};
    all.items[0] = t.authorization_data.items[0];
    all.items[1] = (struct authdata){1000, slice_of(filler, sizeof filler)};
    t.authorization_data = all;
    struct session large = sealed_tgt(&t, TGS_NAME, 2, 20), out;
    for (int i = 0; i < 4; i++) {
        struct kdc_req req = realm_tgs_req(&r, WEB);
        assert_int_equal(realm_ask(&r, &large, &req, &out), 0);
    }
    assert_int_equal(found(), 0);
}

// Of what stands beside the PAC, some is passed on and some is refused, kept or not.
static void other_authorization_data_counts_as_before(void **state) {
    UNUSED(state);
    static const struct {
        int32_t type;
        int code;
    } rows[] = {{1000, 0}, {AD_FX_ARMOR, 12}, {AD_FX_FAST_USED, 41}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct enc_ticket_part t = tgt_part();
        struct authdata both[] = {t.authorization_data.items[0],
                                  {rows[i].type, SLICE_LITERAL("x")}};
        t.authorization_data = (struct authdata_list){both, 2};
        struct session with = sealed_tgt(&t, TGS_NAME, 2, 20), s;
        for (int n = 0; n < 4; n++) {
            struct kdc_req req = realm_tgs_req(&r, WEB);
            assert_int_equal(realm_ask(&r, &with, &req, &s), rows[i].code);
            if (rows[i].code)
                continue;
            struct enc_ticket_part bought = realm_ticket(&r, &s, WEB_NAME);
            struct authdata_list others = realm_others(&r, &bought);
            assert_int_equal(others.count, 1);
            assert_int_equal(others.items[0].ad_type, rows[i].type);
        }
    }
    assert_int_equal(found(), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tgt_is_kept_from_the_second_time_on, setup_new, teardown),
        cmocka_unit_test_setup_teardown(the_ticket_bought_with_it_is_the_same, setup_new, teardown),
        cmocka_unit_test_setup_teardown(one_bit_makes_it_another_ticket, setup_new, teardown),
        cmocka_unit_test_setup_teardown(another_kvno_or_enctype_or_name_is_another_ticket,
                                        setup_new, teardown),
        cmocka_unit_test_setup_teardown(a_kept_tgt_is_of_no_use_without_its_session_key, setup_new,
                                        teardown),
        cmocka_unit_test_setup_teardown(keys_of_krbtgt_that_are_gone_open_nothing, setup_new,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_depends_on_time_and_client_is_asked_each_time,
                                        setup_new, teardown),
        cmocka_unit_test_setup_teardown(a_forged_pac_is_never_kept, setup_new, teardown),
        cmocka_unit_test_setup_teardown(many_tgts_share_few_places, setup_new, teardown),
        cmocka_unit_test_setup_teardown(other_authorization_data_counts_as_before, setup_new,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_kdc_may_keep_none, setup_new, teardown),
        cmocka_unit_test_setup_teardown(a_tgt_that_is_too_large_is_not_kept, setup_new, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
