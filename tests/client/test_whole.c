// test_whole.c: whole logins and tickets between our client and our KDC, in one process over the
// memory store, at pretended times on either side.
#include "client/as.h"
#include "client/tgs.h"
#include "krb/ap.h"
#include "realm.h"

static struct slice ask(struct realm *r, const struct client_output *want) {
    return realm_handle(r, want->message, want->tcp ? 0 : r->max_reply);
}

static enum obol_code login(struct realm *r, const struct as_params *params, const char *password,
                            struct as_client *c) {
    struct secret secret;
    struct client_output want;
    struct slice reply = {0};
    error_init(&r->error);
    assert_true(secret_copy(&secret, slice_str(password)));
    enum obol_code code = as_client_init(c, params, &r->client_env, &r->arena, &r->error);
    as_client_password(c, &secret);
    while (code == OBOL_OK) {
        code = as_client_step(c, reply, &want, &r->error);
        if (code != OBOL_OK || want.want == CLIENT_DONE)
            break;
        assert_int_equal(want.want, CLIENT_SEND);
        reply = ask(r, &want);
    }
    secret_clear(&secret);
    return code;
}

static enum obol_code ticket(struct realm *r, const struct tgs_params *params,
                             struct tgs_client *c) {
    struct client_output want;
    struct slice reply = {0};
    error_init(&r->error);
    enum obol_code code = tgs_client_init(c, params, &r->client_env, &r->arena, &r->error);
    while (code == OBOL_OK) {
        code = tgs_client_step(c, reply, &want, &r->error);
        if (code != OBOL_OK || want.want == CLIENT_DONE)
            break;
        reply = ask(r, &want);
    }
    return code;
}

static void each_enctype_logs_in_and_gets_a_ticket(void **state) {
    struct realm *r = *state;
    const struct enctype *e;
    for (size_t i = 0; (e = enctype_at(i)) != NULL; i++) {
        char name[16];
        struct as_client as;
        struct tgs_client tgs;
        // The session key is of an enctype that the TGS and the service have, too.
        int32_t etype = enctype_number(e), etypes[] = {etype, ENCTYPE_AES128_SHA256};
        snprintf(name, sizeof name, "user%zu", i);
        add_user(r, name, etype);
        struct as_params p = {.client = name_of(r, name),
                              .etypes = {etypes, 2},
                              .allow_weak = true,
                              .options = KDC_OPT_FORWARDABLE,
                              .lifetime = 3600};
        if (login(r, &p, "correct horse", &as) != OBOL_OK)
            fail_msg("%s: %s", enctype_name(e), r->error.detail);
        assert_int_equal(as.facts.reply_etype, etype);
        assert_int_equal(as.facts.preauth, PA_SPAKE);
        assert_true(as.facts.fast_available);
        assert_true(as.facts.request_verified);
        assert_true(as.ticket.flags & TKT_FORWARDABLE);
        struct tgs_params t = {.tgt = &as.ticket,
                               .service = name_of(r, "HTTP/web"),
                               .etypes = {etypes, 2},
                               .allow_weak = true,
                               .options = KDC_OPT_CANONICALIZE};
        assert_ok(ticket(r, &t, &tgs));
        assert_int_equal(tgs.round_trips, 1);
        assert_slice_str(principal_text(&tgs.ticket.server, &r->arena), "HTTP/web@EXAMPLE.COM");
    }
}

static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    struct realm *r = ctx;
    struct admin_keytab keytab;
    UNUSED(service);
    UNUSED(kvno);
    UNUSED(attempt);
    TRY(admin_keytab_keys(r->admin, slice_str("HTTP/web"), NULL, a, &keytab, err));
    for (size_t i = 0; i < keytab.count; i++)
        if (keytab.items[i].enctype == etype)
            return crypto_key_in_arena(key, a, etype, keytab.items[i].bytes, err);
    return OBOL_NOT_FOUND;
}

static void the_ticket_opens_the_service(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct tgs_client tgs;
    struct as_params p = {.client = name_of(r, "alice")};
    assert_ok(login(r, &p, "correct horse", &as));
    struct tgs_params t = {.tgt = &as.ticket, .service = name_of(r, "HTTP/web")};
    assert_ok(ticket(r, &t, &tgs));
    struct crypto_key *session;
    assert_ok(crypto_key_in_arena(&session, &r->arena, tgs.ticket.key.keytype,
                                  tgs.ticket.key.keyvalue, NULL));
    struct ap_req_params ap = {.ticket = {.raw = tgs.ticket.ticket},
                               .client = tgs.ticket.client,
                               .session = session,
                               .authenticator_usage = KU_AP_REQ_AUTHENTICATOR};
    struct ap_req_sent sent;
    struct slice bytes;
    assert_ok(ap_req_build(&ap, &r->client_env, &r->arena, &bytes, &sent, NULL));
    struct ap_key_source keys = {r, find_key, NULL};
    struct ap_accept_params accept = {
        .keys = &keys, .authenticator_usage = KU_AP_REQ_AUTHENTICATOR, .clockskew = 300};
    struct ap_accepted accepted;
    assert_ok(ap_req_accept(bytes, &accept, &r->server_env, &r->arena, &accepted, &r->error));
    assert_slice_str(principal_text(&accepted.client, &r->arena), "alice@EXAMPLE.COM");
}

static void the_right_error_comes_for_each_wrong(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct tgs_client tgs;
    struct as_params p = {.client = name_of(r, "alice")};
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    p.client = name_of(r, "nobody");
    assert_code(login(r, &p, "correct horse", &as), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
    p.client = name_of(r, "alice");
    int32_t other = ENCTYPE_AES256_SHA384;
    p.etypes = (struct int32_list){&other, 1};
    assert_code(login(r, &p, "correct horse", &as), OBOL_KDC_ERR_ETYPE_NOSUPP);
    p.etypes = (struct int32_list){0};
    assert_ok(login(r, &p, "correct horse", &as));
    struct tgs_params t = {.tgt = &as.ticket, .service = name_of(r, "HTTP/unknown")};
    assert_code(ticket(r, &t, &tgs), OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_non_null(strstr(r->error.detail, "HTTP/unknown"));
    struct admin_change lock = {.set_flags = RECORD_LOCKED};
    assert_ok(admin_principal_set(r->admin, slice_str("alice"), &lock, &r->error));
    assert_code(login(r, &p, "correct horse", &as), OBOL_KDC_ERR_CLIENT_REVOKED);
}

static void a_clock_ten_minutes_off_is_no_hindrance(void **state) {
    struct realm *r = *state;
    for (int64_t off = -600; off <= 600; off += 1200) {
        struct as_client as;
        struct tgs_client tgs;
        struct as_params p = {.client = name_of(r, "alice")};
        r->client.now = NOW - off;
        assert_ok(login(r, &p, "correct horse", &as));
        assert_int_equal(as.facts.clock_offset, off);
        struct tgs_params t = {.tgt = &as.ticket,
                               .service = name_of(r, "HTTP/web"),
                               .clock_offset = as.facts.clock_offset};
        assert_ok(ticket(r, &t, &tgs));
        t.clock_offset = 0;
        assert_int_not_equal(ticket(r, &t, &tgs), OBOL_OK);
        p.no_timesync = true;
        assert_code(login(r, &p, "correct horse", &as), OBOL_KRB_AP_ERR_SKEW);
    }
}

static void a_renewable_ticket_is_renewed_and_ends_in_the_end(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct tgs_client tgs;
    struct as_params p = {.client = name_of(r, "alice"), .lifetime = 3600, .renew_lifetime = 7200};
    assert_ok(login(r, &p, "correct horse", &as));
    assert_true(as.ticket.flags & TKT_RENEWABLE);
    struct tgs_params t = {
        .tgt = &as.ticket, .service = name_of(r, "krbtgt/EXAMPLE.COM"), .options = KDC_OPT_RENEW};
    r->client.now = r->server.now = NOW + 3000;
    assert_ok(ticket(r, &t, &tgs));
    assert_int_equal(tgs.ticket.endtime, NOW + 6600);
    r->client.now = r->server.now = NOW + 4000;
    assert_code(ticket(r, &t, &tgs), OBOL_CRED_EXPIRED);
}

static void a_reply_that_does_not_fit_udp_comes_by_tcp(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    r->max_reply = 200;
    assert_ok(login(r, &p, "correct horse", &as));
    assert_true(as.use_tcp);
}

static void a_service_logs_in_by_its_keytab_key(void **state) {
    struct realm *r = *state;
    struct admin_keytab keytab;
    struct as_client c;
    struct client_output want;
    struct slice reply = {0};
    assert_ok(admin_keytab_keys(r->admin, slice_str("HTTP/web"), NULL, &r->arena, &keytab, NULL));
    int32_t etype = keytab.items[0].enctype;
    struct as_params p = {.client = name_of(r, "HTTP/web"), .etypes = {&etype, 1}};
    assert_ok(as_client_init(&c, &p, &r->client_env, &r->arena, NULL));
    assert_ok(as_client_key(&c, etype, keytab.items[0].bytes, NULL));
    do {
        assert_ok(as_client_step(&c, reply, &want, &r->error));
        if (want.want == CLIENT_SEND)
            reply = ask(r, &want);
    } while (want.want == CLIENT_SEND);
    assert_int_equal(want.want, CLIENT_DONE);
}

// RFC 4120 2.5, 2.6: a proxy, and a forwarded TGT, are for another machine than their TGT.
static void a_ticket_for_another_machine_has_its_address(void **state) {
    struct realm *r = *state;
    struct host_address here = {2, SLICE_LITERAL("\x7f\0\0\1")},
                        there = {2, SLICE_LITERAL("\x7f\0\0\2")};
    const struct {
        const char *service;
        uint32_t option, flag;
    } rows[] = {
        {"HTTP/web", KDC_OPT_PROXY, TKT_PROXY},
        {"krbtgt/EXAMPLE.COM", KDC_OPT_FORWARDED, TKT_FORWARDED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct as_client as;
        struct tgs_client tgs;
        struct as_params p = {.client = name_of(r, "alice"),
                              .options = KDC_OPT_FORWARDABLE | KDC_OPT_PROXIABLE,
                              .addresses = {&here, 1}};
        assert_ok(login(r, &p, "correct horse", &as));
        assert_true(slice_eq(as.ticket.addresses.items[0].address, here.address));
        struct tgs_params t = {.tgt = &as.ticket, .service = name_of(r, rows[i].service)};
        t.options = rows[i].option;
        t.addresses = (struct host_address_list){&there, 1};
        assert_ok(ticket(r, &t, &tgs));
        assert_true(tgs.ticket.flags & rows[i].flag);
        assert_int_equal(tgs.ticket.addresses.count, 1);
        assert_true(slice_eq(tgs.ticket.addresses.items[0].address, there.address));
        t.addresses.count = 0; // for any machine
        assert_ok(ticket(r, &t, &tgs));
        assert_int_equal(tgs.ticket.addresses.count, 0);
        t.options = 0; // the usual ticket is for the machine of its TGT
        t.service = name_of(r, "HTTP/web");
        assert_ok(ticket(r, &t, &tgs));
        assert_true(slice_eq(tgs.ticket.addresses.items[0].address, here.address));
        p.options = 0;
        assert_ok(login(r, &p, "correct horse", &as));
        t.service = name_of(r, rows[i].service);
        t.options = rows[i].option;
        assert_code(ticket(r, &t, &tgs), OBOL_KDC_ERR_BADOPTION);
    }
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, realm_setup, realm_teardown)
    const struct CMUnitTest tests[] = {
        CASE(each_enctype_logs_in_and_gets_a_ticket),
        CASE(the_ticket_opens_the_service),
        CASE(the_right_error_comes_for_each_wrong),
        CASE(a_clock_ten_minutes_off_is_no_hindrance),
        CASE(a_renewable_ticket_is_renewed_and_ends_in_the_end),
        CASE(a_reply_that_does_not_fit_udp_comes_by_tcp),
        CASE(a_service_logs_in_by_its_keytab_key),
        CASE(a_ticket_for_another_machine_has_its_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
