// test_mistakes.c: rows of shared/mistakes.md that are no single malformed field (those are in
// test_hostile.c): what ended other KDCs in a part that is reached late, or on a clean-up path.
#include "proto/s4u.h"
#include "tgs.h"

static const uint32_t EVERY_OPTION[] = {
    KDC_OPT_FORWARDABLE,        KDC_OPT_FORWARDED,
    KDC_OPT_PROXIABLE,          KDC_OPT_PROXY,
    KDC_OPT_ALLOW_POSTDATE,     KDC_OPT_POSTDATED,
    KDC_OPT_RENEWABLE,          KDC_OPT_CNAME_IN_ADDL_TKT,
    KDC_OPT_CANONICALIZE,       KDC_OPT_RENEWABLE_OK,
    KDC_OPT_ENC_TKT_IN_SKEY,    (uint32_t)KDC_OPT_RENEW,
    (uint32_t)KDC_OPT_VALIDATE,
};

static void is_still_served(void) {
    struct session s;
    assert_int_equal(ask(WEB, 0, &s), 0);
}

// CVE-2023-39975, CVE-2010-1230: the reply of a renewal shared memory with the presented ticket,
// and both were freed when its authorization data failed.
static void a_renewal_or_validation_whose_authdata_fails_is_survived(void **state) {
    UNUSED(state);
    const uint32_t options[] = {(uint32_t)KDC_OPT_RENEW, (uint32_t)KDC_OPT_VALIDATE};
    struct encrypted_data broken[3] = {tgt.rep.enc_part, {.etype = 18}, {.etype = -1}};
    broken[2].cipher = SLICE_LITERAL("not a ciphertext");
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        for (size_t k = 0; k < COUNT_OF(broken); k++) {
            struct session s;
            struct kdc_req req = realm_tgs_req(&r, TGS);
            req.req_body.kdc_options = options[i];
            req.req_body.present |= KDC_REQ_BODY_ENC_AUTHORIZATION_DATA;
            req.req_body.enc_authorization_data = broken[k];
            assert_int_not_equal(realm_ask(&r, &tgt, &req, &s), 0);
            is_still_served();
        }
    }
}

// CVE-2016-3120, CVE-2017-11368, CVE-2018-16853, CVE-2018-20217: requests on behalf of a user with
// options that belong to other requests met assertions, and code that had no client.
static void a_request_for_a_user_with_any_option_is_survived(void **state) {
    UNUSED(state);
    struct principal alice = realm_name(&r, "alice");
    struct pa_for_user user = {
        .user_name = alice.name,
        .user_realm = alice.realm,
        .cksum = {CKSUMTYPE_HMAC_MD5, SLICE_LITERAL("0123456789abcdef")},
        .auth_package = SLICE_LITERAL("Kerberos"),
    };
    struct slice good;
    must(der_encode(&TYPE_PA_FOR_USER, &user, &r.arena, &good, err));
    const struct slice contents[] = {
        good, {0}, SLICE_LITERAL("\x30\x00"), slice_sub(good, 0, good.len - 1)};
    const int32_t types[] = {PA_FOR_USER, PA_S4U_X509_USER};
    const char *const services[] = {WEB, "host/old.example.com", TGS, "alice", "nobody"};
    for (size_t o = 0; o < COUNT_OF(EVERY_OPTION); o++)
        for (size_t t = 0; t < COUNT_OF(types); t++)
            for (size_t c = 0; c < COUNT_OF(contents); c++)
                for (size_t s = 0; s < COUNT_OF(services); s++) {
                    struct session out;
                    struct kdc_req req = realm_tgs_req(&r, services[s]);
                    req.req_body.kdc_options = EVERY_OPTION[o];
                    realm_add_padata(&r, &req, types[t], contents[c]);
                    // None of these is a proof that the user asked for it.
                    assert_int_not_equal(realm_ask(&r, &tgt, &req, &out), 0);
                }
    is_still_served();
}

// CVE-2013-1417, CVE-2013-1418, CVE-2009-3295, CVE-2011-1527 to 1530, MIT ticket 8666: services of
// hosts with one label, realms that are empty or not ours, and names of no component.
static void odd_services_and_realms_get_an_error_and_no_referral_to_nowhere(void **state) {
    UNUSED(state);
    struct slice components[][2] = {
        {SLICE_LITERAL("host"), SLICE_LITERAL("localhost")},
        {SLICE_LITERAL("host"), SLICE_LITERAL("a")},
        {SLICE_LITERAL("host"), SLICE_LITERAL("")},
        {SLICE_LITERAL("host"), SLICE_LITERAL(".")},
        {SLICE_LITERAL("host"), SLICE_LITERAL("..")},
        {SLICE_LITERAL("host"), SLICE_LITERAL(".com.")},
        {SLICE_LITERAL("krbtgt"), SLICE_LITERAL("")},
        {SLICE_LITERAL("krbtgt"), SLICE_LITERAL("NOWHERE")},
        {SLICE_LITERAL(""), SLICE_LITERAL("")},
    };
    const struct slice realms[] = {SLICE_LITERAL(REALM_NAME), SLICE_LITERAL(""),
                                   SLICE_LITERAL("NOWHERE"), SLICE_LITERAL(".")};
    const int32_t types[] = {NT_UNKNOWN, NT_PRINCIPAL, NT_SRV_INST, NT_SRV_HST, NT_ENTERPRISE, -1};
    for (size_t n = 0; n < COUNT_OF(components); n++)
        for (size_t count = 0; count <= 2; count++)
            for (size_t i = 0; i < COUNT_OF(realms); i++)
                for (size_t t = 0; t < COUNT_OF(types); t++) {
                    struct session s;
                    struct kdc_req req = realm_tgs_req(&r, WEB);
                    req.req_body.kdc_options = (uint32_t)KDC_OPT_CANONICALIZE;
                    req.req_body.realm = realms[i];
                    req.req_body.sname.name_type = types[t];
                    req.req_body.sname.name_string = (struct slice_list){components[n], count};
                    assert_int_not_equal(realm_ask(&r, &tgt, &req, &s), 0);
                }
    is_still_served();
}

// The same row: a reply that is too big for UDP, made so by authorization data of 5 KB.
static void a_ticket_with_kilobytes_of_authdata_waits_for_tcp(void **state) {
    UNUSED(state);
    static uint8_t bytes[5000];
    struct authdata ad = {1234, slice_of(bytes, sizeof bytes)};
    struct authdata_list list = {&ad, 1};
    struct session s;
    for (int tcp = 0; tcp < 2; tcp++) {
        struct kdc_req req = realm_tgs_req(&r, WEB);
        req.req_body.present |= KDC_REQ_BODY_ENC_AUTHORIZATION_DATA;
        must(krb_seal(&TYPE_AUTHORIZATION_DATA, &list, tgt.key, KU_TGS_REQ_AUTHDATA_SESSION, 0,
                      &r.env, &r.arena, &req.req_body.enc_authorization_data, err));
        r.max_reply = tcp ? 0 : 4096;
        assert_int_equal(realm_ask(&r, &tgt, &req, &s), tcp ? 0 : 52);
        assert_true(tcp || r.result.reply.len < 400);
    }
    assert_true(s.rep.ticket.enc_part.cipher.len > sizeof bytes);
}

// Sends a request to a KDC that has `limit` bytes of memory for it; whether a ticket came.
static bool send_with_memory(struct slice bytes, size_t limit) {
    static _Alignas(64) uint8_t memory[1 << 17];
    struct arena small = {.base = memory, .size = limit, .total = limit, .limit = limit};
    struct kdc_request request = {.bytes = bytes};
    must(kdc_handle(r.kdc, &request, &small, &r.result));
    bool ticket = r.result.reply.len && r.result.reply.ptr[0] != 0x7e;
    assert_int_equal(ticket, r.result.event.code == OBOL_OK);
    arena_reset(&small);
    return ticket;
}

// CVE-2014-4343, CVE-2014-9421, CVE-2015-8631, CVE-2012-1015 and their kind: clean-up after a
// failure that nobody had seen. Here memory ends at every point of each exchange, one after
// another.
static void memory_may_end_at_any_point_of_an_exchange(void **state) {
    UNUSED(state);
    for (int tgs = 0; tgs < 2; tgs++) {
        size_t limit = 0, refused = 0;
        for (bool ticket = false; !ticket; limit += 64) {
            struct kdc_req req = tgs ? realm_tgs_req(&r, WEB) : realm_as_req(&r, "alice", TGS);
            if (tgs) {
                ticket = send_with_memory(realm_present(&r, &tgt, &req), limit);
            } else {
                struct crypto_key *key = realm_key(&r, "alice@EXAMPLE.COM", 2, 20);
                realm_add_padata(&r, &req, PA_ENC_TIMESTAMP,
                                 realm_timestamp(&r, key, realm_time(&r)));
                ticket = send_with_memory(realm_encode(&r, &req), limit);
            }
            refused += !ticket;
            assert_true(limit < 1 << 17);
        }
        assert_true(refused > 20);
    }
    is_still_served();
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_renewal_or_validation_whose_authdata_fails_is_survived),
        CASE(a_request_for_a_user_with_any_option_is_survived),
        CASE(odd_services_and_realms_get_an_error_and_no_referral_to_nowhere),
        CASE(a_ticket_with_kilobytes_of_authdata_waits_for_tcp),
        CASE(memory_may_end_at_any_point_of_an_exchange),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
