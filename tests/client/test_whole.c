// test_whole.c: whole logins and tickets between our client and our KDC, in one process over the
// memory store, at pretended times on either side.
#include "../test.h"
#include "admin/admin.h"
#include "client/as.h"
#include "client/tgs.h"
#include "kdc/kdc.h"
#include "krb/ap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW INT64_C(1790000000)

struct clock {
    int64_t now;
};
struct realm {
    struct arena arena, kdc_arena;
    struct clock client, server;
    struct env client_env, server_env;
    struct admin *admin;
    struct kdc *kdc;
    struct kdc_config config;
    struct error error;
    struct kdc_event event;
    char dir[64];
    size_t max_reply;
};

static int64_t clock_us(void *ctx) {
    return ((struct clock *)ctx)->now * 1000000;
}
static void clock_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    env_random(env_system(), out);
}

static void add_user(struct realm *r, const char *name, int32_t etype) {
    struct slice password = slice_str("correct horse");
    struct admin_new_principal p = {.name = slice_str(name),
                                    .kind = ADMIN_USER,
                                    .keys = {.password = &password, .enctypes = {&etype, 1}}};
    assert_ok(admin_principal_add(r->admin, &p, &r->error));
}

static int setup(void **state) {
    static struct realm r;
    memset(&r, 0, sizeof r);
    strcpy(r.dir, "/tmp/obol-whole-XXXXXX");
    r.client.now = r.server.now = NOW;
    r.client_env = (struct env){&r.client, clock_us, clock_random};
    r.server_env = (struct env){&r.server, clock_us, clock_random};
    assert_non_null(mkdtemp(r.dir));
    assert_true(arena_init(&r.arena, 1 << 16, 1 << 26));
    assert_true(arena_init(&r.kdc_arena, 1 << 16, 1 << 24));
    struct admin_options o = {
        .home = r.dir, .ops = &STORE_MEMORY, .realm = slice_str("EXAMPLE.COM")};
    assert_ok(admin_realm_create(&r.admin, &o, &r.server_env, &r.error));
    add_user(&r, "alice", ENCTYPE_AES128_SHA1);
    assert_ok(
        admin_spn_add(r.admin, &(struct admin_new_spn){.spn = slice_str("HTTP/web")}, &r.error));
    r.config = (struct kdc_config){.realm = slice_str("EXAMPLE.COM"),
                                   .store = r.admin->store,
                                   .master = r.admin->master,
                                   .env = &r.server_env};
    kdc_policy_default(&r.config.policy);
    r.config.policy.allow_weak = true;
    assert_ok(kdc_new(&r.kdc, &r.config, &r.error));
    *state = &r;
    return 0;
}
static int teardown(void **state) {
    struct realm *r = *state;
    static const char *const files[] = {"kdc.conf", "master.key"};
    char path[128];
    kdc_free(r->kdc);
    admin_close(r->admin);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", r->dir, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/store", r->dir);
    rmdir(path);
    rmdir(r->dir);
    arena_clear(&r->arena);
    arena_clear(&r->kdc_arena);
    return 0;
}

static struct principal name_of(struct realm *r, const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), slice_str("EXAMPLE.COM"), NT_UNKNOWN, &r->arena, &p,
                              NULL));
    return p;
}

// One exchange with the KDC; the reply is copied out of its arena.
static struct slice ask(struct realm *r, const struct client_output *want) {
    struct kdc_request request = {.bytes = want->message,
                                  .max_reply = want->tcp ? 0 : r->max_reply};
    struct kdc_result result;
    struct slice reply;
    arena_reset(&r->kdc_arena);
    assert_ok(kdc_renew(r->kdc, NULL));
    assert_ok(kdc_handle(r->kdc, &request, &r->kdc_arena, &result));
    r->event = result.event;
    assert_true(result.reply.len > 0);
    assert_true(arena_copy(&r->arena, result.reply, &reply));
    return reply;
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
        assert_int_equal(as.facts.preauth, PA_ENC_TIMESTAMP);
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
    struct ap_key_source keys = {r, find_key};
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

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(each_enctype_logs_in_and_gets_a_ticket),
        CASE(the_ticket_opens_the_service),
        CASE(the_right_error_comes_for_each_wrong),
        CASE(a_clock_ten_minutes_off_is_no_hindrance),
        CASE(a_renewable_ticket_is_renewed_and_ends_in_the_end),
        CASE(a_reply_that_does_not_fit_udp_comes_by_tcp),
        CASE(a_service_logs_in_by_its_keytab_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
