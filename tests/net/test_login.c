// test_login.c: logins and tickets as programs get them: through sockets, configuration and a
// credential cache, against our KDC, which is served from within the poll of the code under test.
#include "../client/realm.h"
#include "crypto/one_time.h"
#include "net/login.h"
#include "net/ticket.h"
#include <arpa/inet.h>
#include <netinet/in.h>

struct fixture {
    struct realm *realm;
    struct krb5conf conf;
    struct net_clock clock;
    struct net_timing timing;
    struct net_trace trace;
    struct net net;
    struct ccache *cache;
    int udp, tcp, peer;
    int64_t now_ms;
    unsigned asked, sent, notes;
    size_t max_udp;
};
static struct fixture f;

static void serve(void) {
    uint8_t in[8192];
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    ssize_t n = recvfrom(f.udp, in, sizeof in, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
    if (n > 0) {
        struct slice reply = realm_handle(f.realm, slice_of(in, (size_t)n), f.max_udp);
        sendto(f.udp, reply.ptr, reply.len, 0, (struct sockaddr *)&from, len);
    }
    if (f.peer < 0)
        f.peer = accept4(f.tcp, NULL, NULL, SOCK_NONBLOCK);
    n = f.peer < 0 ? 0 : recv(f.peer, in, sizeof in, MSG_DONTWAIT);
    if (n > 4) {
        struct slice reply = realm_handle(f.realm, slice_of(in + 4, (size_t)n - 4), 0);
        uint8_t head[4] = {0, 0, (uint8_t)(reply.len >> 8), (uint8_t)reply.len};
        (void)!send(f.peer, head, 4, MSG_NOSIGNAL);
        (void)!send(f.peer, reply.ptr, reply.len, MSG_NOSIGNAL);
        close(f.peer);
        f.peer = -1;
    }
}

static int64_t monotonic(void *ctx) {
    UNUSED(ctx);
    return f.now_ms;
}
static int serve_and_poll(void *ctx, struct pollfd *fds, nfds_t count, int timeout_ms) {
    UNUSED(ctx);
    serve();
    int ready = poll(fds, count, 0);
    if (ready == 0)
        f.now_ms += timeout_ms;
    return ready;
}
static void count_event(void *ctx, const struct net_trace_event *event) {
    UNUSED(ctx);
    f.sent += event->kind == NET_TRACE_SEND;
}

// A UDP port that the kernel picks may be taken for TCP by somebody else: then another is picked.
static bool bind_both(struct sockaddr_in *in) {
    socklen_t len = sizeof *in;
    *in = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    f.udp = socket(AF_INET, SOCK_DGRAM, 0);
    f.tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(f.udp, (struct sockaddr *)in, len) == 0 &&
        getsockname(f.udp, (struct sockaddr *)in, &len) == 0 &&
        bind(f.tcp, (struct sockaddr *)in, len) == 0)
        return true;
    close(f.udp);
    close(f.tcp);
    return false;
}

static unsigned short open_sockets(void) {
    struct sockaddr_in in;
    unsigned tries = 0;
    while (!bind_both(&in))
        assert_true(++tries < 1000);
    assert_int_equal(listen(f.tcp, 4), 0);
    f.peer = -1;
    return ntohs(in.sin_port);
}

static int setup(void **state) {
    memset(&f, 0, sizeof f);
    realm_setup((void **)&f.realm);
    struct slice text = arena_printf(&f.realm->arena,
                                     "[libdefaults]\ndefault_realm = EXAMPLE.COM\n"
                                     "dns_lookup_kdc = false\n"
                                     "dns_canonicalize_hostname = false\n"
                                     "forwardable = true\n"
                                     "[realms]\nEXAMPLE.COM = {\nkdc = 127.0.0.1:%u\n}\n",
                                     open_sockets());
    assert_ok(krb5conf_from_text(&f.conf, "test", text, &f.realm->arena, &f.realm->error));
    f.clock = (struct net_clock){NULL, monotonic, serve_and_poll};
    f.trace = (struct net_trace){NULL, count_event};
    f.net = (struct net){
        .conf = &f.conf, .env = &f.realm->client_env, .clock = &f.clock, .trace = &f.trace};
    assert_ok(ccache_open(&f.cache, slice_str("MEMORY:test_login"), &f.conf, NULL));
    *state = &f;
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    (void)!ccache_destroy(f.cache, NULL);
    ccache_close(f.cache);
    close(f.udp);
    close(f.tcp);
    if (f.peer >= 0)
        close(f.peer);
    return realm_teardown((void **)&f.realm);
}

static enum obol_code ask_password(void *ctx, const struct principal *client, struct secret *out,
                                   struct error *err) {
    UNUSED(client);
    f.asked++;
    ENSURE(ctx, PASSWORD_NEEDED, "no terminal");
    return secret_copy(out, slice_str(ctx)) ? OBOL_OK : OBOL_NO_MEMORY;
}
static enum obol_code login_with(const char *password, struct login_result *out) {
    struct login_params p = {.client = name_of(f.realm, "alice"),
                             .ask = ask_password,
                             .ask_ctx = (void *)(uintptr_t)password,
                             .lifetime = 3600,
                             .renew_lifetime = 7200,
                             .cache = f.cache};
    error_init(&f.realm->error);
    return net_login(&f.net, &p, &f.realm->arena, out, &f.realm->error);
}
static enum obol_code ticket_for(const char *service, struct ticket_result *out) {
    struct ticket_params p = {.cache = f.cache, .service = name_of(f.realm, service)};
    error_init(&f.realm->error);
    return net_ticket(&f.net, &p, &f.realm->arena, out, &f.realm->error);
}

static void a_login_fills_the_cache(void **state) {
    UNUSED(state);
    struct login_result r;
    struct ccache_content content;
    struct slice value;
    assert_ok(login_with("correct horse", &r));
    assert_int_equal(f.asked, 1);
    assert_int_equal(f.sent, 3); // SPAKE's two messages, and the question before them
    assert_true(r.ticket.flags & TKT_FORWARDABLE);
    assert_ok(ccache_read(f.cache, &f.realm->arena, &content, NULL));
    assert_slice_str(principal_text(&content.principal, &f.realm->arena), "alice@EXAMPLE.COM");
    assert_true(ccache_get_config(&content, "pa_type", &r.ticket.server, &value));
    assert_slice_str(value, "151"); // SPAKE
}

static void a_failed_login_leaves_the_cache_as_it_was(void **state) {
    UNUSED(state);
    struct login_result r;
    struct ccache_content content;
    assert_code(login_with("wrong", &r), OBOL_PASSWORD_WRONG);
    assert_code(ccache_read(f.cache, &f.realm->arena, &content, NULL), OBOL_CCACHE_NOT_FOUND);
    assert_code(login_with(NULL, &r), OBOL_PASSWORD_NEEDED);
    assert_ok(login_with("correct horse", &r));
    assert_code(login_with("wrong", &r), OBOL_PASSWORD_WRONG);
    assert_ok(ccache_read(f.cache, &f.realm->arena, &content, NULL));
}

static void a_ticket_is_fetched_once_and_then_comes_from_the_cache(void **state) {
    UNUSED(state);
    struct login_result login;
    struct ticket_result t;
    assert_code(ticket_for("HTTP/web", &t), OBOL_CCACHE_NOT_FOUND);
    assert_ok(login_with("correct horse", &login));
    assert_ok(ticket_for("HTTP/web", &t));
    assert_false(t.from_cache);
    assert_int_equal(f.sent, 4);
    assert_ok(ticket_for("HTTP/web", &t));
    assert_true(t.from_cache);
    assert_int_equal(f.sent, 4);
    assert_code(ticket_for("HTTP/unknown", &t), OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    struct ticket_params p = {
        .cache = f.cache, .service = name_of(f.realm, "HTTP/other"), .cached_only = true};
    assert_code(net_ticket(&f.net, &p, &f.realm->arena, &t, NULL), OBOL_CRED_NOT_FOUND);
}

static void a_host_is_found_without_a_realm(void **state) {
    UNUSED(state);
    struct login_result login;
    struct ticket_result t;
    struct ticket_params p = {.cache = f.cache};
    assert_ok(login_with("correct horse", &login));
    assert_ok(net_ticket_for_host(&f.net, &p, slice_str("HTTP"), slice_str("WEB."), &f.realm->arena,
                                  &t, &f.realm->error));
    assert_slice_str(principal_text(&t.ticket.server, &f.realm->arena), "HTTP/web@EXAMPLE.COM");
    assert_ok(net_ticket_for_host(&f.net, &p, slice_str("HTTP"), slice_str("web"), &f.realm->arena,
                                  &t, &f.realm->error));
    assert_true(t.from_cache);
    error_init(&f.realm->error);
    assert_code(net_ticket_for_host(&f.net, &p, slice_str("HTTP"), slice_str("gone"),
                                    &f.realm->arena, &t, &f.realm->error),
                OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

static void a_tgt_is_renewed_in_its_cache(void **state) {
    UNUSED(state);
    struct login_result login;
    struct ticket_result t;
    assert_ok(login_with("correct horse", &login));
    f.realm->client.now = f.realm->server.now = NOW + 3000;
    assert_ok(net_renew(&f.net, f.cache, false, &f.realm->arena, &t, &f.realm->error));
    assert_int_equal(t.ticket.endtime, NOW + 6600);
    assert_ok(ticket_for("HTTP/web", &t));
    f.realm->client.now = f.realm->server.now = NOW + 7000;
    assert_code(ticket_for("HTTP/later", &t), OBOL_CRED_EXPIRED);
    assert_code(net_renew(&f.net, f.cache, false, &f.realm->arena, &t, NULL), OBOL_CRED_EXPIRED);
}

static void what_cannot_be_renewed_or_validated_is_not_asked_for(void **state) {
    UNUSED(state);
    struct login_result login;
    struct ticket_result t;
    assert_ok(login_with("correct horse", &login));
    unsigned sent = f.sent;
    assert_code(net_renew(&f.net, f.cache, true, &f.realm->arena, &t, &f.realm->error),
                OBOL_KDC_ERR_BADOPTION);
    assert_non_null(strstr(f.realm->error.detail, "valid already"));
    login.ticket.flags &= ~(uint32_t)TKT_RENEWABLE;
    struct ccache_content content = {
        .principal = login.ticket.client, .creds = &login.ticket, .count = 1};
    assert_ok(ccache_initialize(f.cache, &content, NULL));
    assert_code(net_renew(&f.net, f.cache, false, &f.realm->arena, &t, NULL),
                OBOL_KDC_ERR_BADOPTION);
    assert_int_equal(f.sent, sent);
}

static void a_clock_that_is_off_is_remembered_in_the_cache(void **state) {
    UNUSED(state);
    struct login_result login;
    struct ticket_result t;
    f.realm->client.now = NOW - 1000;
    assert_ok(login_with("correct horse", &login));
    assert_ok(ticket_for("HTTP/web", &t));
    assert_int_equal(t.clock_offset, 1000);
    f.conf.kdc_timesync = false;
    assert_code(login_with("correct horse", &login), OBOL_KRB_AP_ERR_SKEW);
}

static void replies_that_do_not_fit_udp_come_by_tcp(void **state) {
    UNUSED(state);
    struct login_result login;
    struct ticket_result t;
    f.max_udp = 300;
    assert_ok(login_with("correct horse", &login));
    assert_ok(ticket_for("HTTP/web", &t));
    assert_int_equal(f.now_ms, 0);
}

static void a_silent_kdc_costs_its_second_once(void **state) {
    UNUSED(state);
    struct login_result r;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    int silent = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(silent, (struct sockaddr *)&in, len), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&in, &len), 0);
    struct slice_list *kdc = &f.conf.realms[0].kdc;
    struct slice list[] = {arena_printf(&f.realm->arena, "udp/127.0.0.1:%u", ntohs(in.sin_port)),
                           kdc->items[0]};
    *kdc = (struct slice_list){list, 2};
    assert_ok(login_with("correct horse", &r));
    assert_int_equal(r.facts.round_trips, 3);
    assert_int_equal(f.now_ms, 1000);
    close(silent);
}

static void a_keytab_logs_a_service_in(void **state) {
    UNUSED(state);
    struct admin_keytab keys;
    struct keytab_entry entries[8];
    struct keytab_content keytab = {.entries = entries};
    struct login_result r;
    assert_ok(admin_keytab_keys(f.realm->admin, slice_str("HTTP/web"), NULL, &f.realm->arena, &keys,
                                NULL));
    for (size_t i = 0; i < keys.count && i < COUNT_OF(entries); i++)
        entries[keytab.count++] =
            (struct keytab_entry){.principal = keys.items[i].name,
                                  .kvno = keys.items[i].kvno,
                                  .key = {keys.items[i].enctype, keys.items[i].bytes}};
    struct login_params p = {.client = name_of(f.realm, "HTTP/web"),
                             .keytab = &keytab,
                             .keytab_path = "test.keytab",
                             .cache = f.cache};
    assert_ok(net_login(&f.net, &p, &f.realm->arena, &r, &f.realm->error));
    p.client = name_of(f.realm, "alice");
    assert_code(net_login(&f.net, &p, &f.realm->arena, &r, &f.realm->error), OBOL_KEYTAB_NO_ENTRY);
    // Keys that the KDC has no more are told apart from a password that was mistyped.
    p.client = name_of(f.realm, "HTTP/web");
    for (size_t i = 0; i < keytab.count; i++)
        *(uint8_t *)(uintptr_t)entries[i].key.keyvalue.ptr ^= 1;
    error_init(&f.realm->error);
    assert_code(net_login(&f.net, &p, &f.realm->arena, &r, &f.realm->error),
                OBOL_KDC_ERR_PREAUTH_FAILED);
    assert_non_null(strstr(f.realm->error.detail, "kvno 1, from test.keytab"));
}

static void without_a_kdc_the_reason_is_named(void **state) {
    UNUSED(state);
    struct login_result r;
    close(f.udp);
    close(f.tcp);
    f.udp = f.tcp = -1;
    assert_code(login_with("correct horse", &r), OBOL_KDC_UNREACHABLE);
    struct login_params p = {.client = name_of(f.realm, "bob@OTHER.REALM"), .cache = f.cache};
    error_init(&f.realm->error);
    assert_code(net_login(&f.net, &p, &f.realm->arena, &r, &f.realm->error), OBOL_KDC_NOT_KNOWN);
}

// ---- one-time codes, stepped

#define SECRET "12345678901234567890"

// The TGT of a login from before there was a token.
static enum obol_code armor_of_alice(struct ccache **out) {
    struct login_result r;
    struct secret word = {0};
    assert_true(secret_copy(&word, slice_str("correct horse")));
    assert_ok(ccache_open(out, slice_str("MEMORY:armor"), &f.conf, NULL));
    struct login_params p = {.client = name_of(f.realm, "alice"), .password = &word, .cache = *out};
    enum obol_code code = net_login(&f.net, &p, &f.realm->arena, &r, &f.realm->error);
    secret_clear(&word);
    return code;
}

// Alice's login, whose code is given here when it is wanted; NULL: the step comes without one.
static enum obol_code step_through(const struct login_params *p, const char *one_time,
                                   struct login_result *out) {
    CLEANUP(login_end) struct login_machine l = {.net = f.net};
    struct client_output want;
    struct slice reply = {0};
    error_init(&f.realm->error);
    struct error *err = &f.realm->error;
    TRY(login_begin(&l, &f.net, p, &f.realm->arena, err));
    for (;;) {
        TRY(login_step(&l, reply, &want, out, err));
        reply = (struct slice){0};
        if (want.want == CLIENT_DONE)
            return OBOL_OK;
        if (want.want == CLIENT_SEND)
            reply = realm_handle(f.realm, want.message, 0);
        else if (want.want == CLIENT_KEY)
            assert_ok(login_password(&l, slice_str("correct horse"), &f.realm->error));
        else if (one_time)
            assert_ok(login_code(&l, slice_str(one_time), &f.realm->error));
    }
}

static const char *code_now(void) {
    static char code[7];
    one_time_code(HASH_SHA1, slice_str(SECRET), (uint64_t)f.realm->server.now / 30,
                  buf_of(code, 6));
    return code;
}

static void a_code_is_given_between_two_steps(void **state) {
    UNUSED(state);
    struct ccache *armor;
    struct login_result r;
    struct admin_token_new new;
    const struct admin_token token = {.name = SLICE_LITERAL("alice"),
                                      .secret = SLICE_LITERAL(SECRET)};
    assert_ok(armor_of_alice(&armor));
    assert_ok(admin_token_add(f.realm->admin, &token, &f.realm->arena, &new, &f.realm->error));
    struct login_params p = {.client = name_of(f.realm, "alice"),
                             .armor = armor,
                             .armor_required = true,
                             .gives_codes = true};
    assert_ok(step_through(&p, code_now(), &r));
    assert_int_equal(r.facts.preauth, PA_OTP_REQUEST);
    assert_code(step_through(&p, "000000", &r), OBOL_PASSWORD_WRONG);
    assert_code(step_through(&p, NULL, &r), OBOL_PASSWORD_NEEDED);
    p.ask = ask_password;
    p.ask_ctx = (void *)(uintptr_t) "correct horse";
    assert_code(net_login(&f.net, &p, &f.realm->arena, &r, NULL), OBOL_PASSWORD_NEEDED);
    p.gives_codes = false;
    assert_code(step_through(&p, code_now(), &r), OBOL_KDC_ERR_PREAUTH_REQUIRED);
    (void)!ccache_destroy(armor, NULL);
    ccache_close(armor);
}

static void armor_without_a_tgt_of_the_realm_is_named(void **state) {
    UNUSED(state);
    struct login_result r;
    const struct ccache_content nothing = {.principal = name_of(f.realm, "bob")};
    assert_ok(ccache_initialize(f.cache, &nothing, &f.realm->error));
    struct login_params p = {
        .client = name_of(f.realm, "alice"), .armor = f.cache, .armor_required = true};
    assert_code(step_through(&p, NULL, &r), OBOL_CRED_NOT_FOUND);
    assert_non_null(strstr(error_remedy_text(&f.realm->error), "in to EXAMPLE.COM"));
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_login_fills_the_cache),
        CASE(a_failed_login_leaves_the_cache_as_it_was),
        CASE(a_ticket_is_fetched_once_and_then_comes_from_the_cache),
        CASE(a_host_is_found_without_a_realm),
        CASE(a_tgt_is_renewed_in_its_cache),
        CASE(what_cannot_be_renewed_or_validated_is_not_asked_for),
        CASE(a_clock_that_is_off_is_remembered_in_the_cache),
        CASE(replies_that_do_not_fit_udp_come_by_tcp),
        CASE(a_silent_kdc_costs_its_second_once),
        CASE(a_keytab_logs_a_service_in),
        CASE(without_a_kdc_the_reason_is_named),
        CASE(a_code_is_given_between_two_steps),
        CASE(armor_without_a_tgt_of_the_realm_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
