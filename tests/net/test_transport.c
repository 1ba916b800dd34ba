// test_transport.c: requests to KDCs that refuse, are silent, lie about lengths or die (RFC 4120
// 7.2), at a pretended time.
#include "servers.h"

static int setup(void **state) {
    static struct servers s;
    servers_init(&s);
    *state = &s;
    return 0;
}
static int teardown(void **state) {
    servers_clear(*state);
    return 0;
}
static const struct slice REQUEST = {(const uint8_t *)"request", 7};

static bool has_result(const struct servers *s, const char *result) {
    const char *name, *value;
    for (size_t at = 0; error_fact_next(&s->error, &at, &name, &value);)
        if (strstr(value, result))
            return true;
    return false;
}

static void a_reply_comes_by_udp_and_by_tcp(void **state) {
    struct servers *s = *state;
    struct slice reply;
    static const enum net_protocol protocols[] = {NET_UDP, NET_TCP};
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 4; i++) {
        s->list.count = 0;
        servers_add(s, ANSWERS, protocols[i % 2], families[i / 2]);
        assert_ok(servers_carry(s, REQUEST, &reply));
        assert_slice_str(reply, "Reply");
        assert_int_equal(s->now_ms, 0);
    }
}

static void a_lost_datagram_is_sent_again(void **state) {
    struct servers *s = *state;
    struct slice reply;
    struct test_server *t = servers_add(s, SECOND_TIME, NET_UDP, AF_INET);
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_int_equal(t->requests, 2);
    assert_int_equal(s->now_ms, 3000);
}

static void a_refusing_server_costs_no_time_and_a_silent_one_a_second(void **state) {
    struct servers *s = *state;
    struct slice reply;
    servers_add(s, REFUSES, NET_UDP, AF_INET);
    servers_add(s, REFUSES, NET_TCP, AF_INET);
    servers_add(s, ANSWERS, NET_UDP, AF_INET);
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_int_equal(s->now_ms, 0);
    s->list.count = 0;
    servers_add(s, SILENT, NET_UDP, AF_INET);
    servers_add(s, SILENT, NET_TCP, AF_INET);
    servers_add(s, ANSWERS, NET_TCP, AF_INET6);
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_int_equal(s->now_ms, 2000);
}

static void when_none_answers_each_address_is_named_with_its_result(void **state) {
    struct servers *s = *state;
    struct slice reply;
    servers_add(s, REFUSES, NET_UDP, AF_INET);
    servers_add(s, SILENT, NET_UDP, AF_INET6);
    servers_add(s, CLOSES, NET_TCP, AF_INET);
    servers_add(s, HUGE_LENGTH, NET_TCP, AF_INET);
    assert_code(servers_carry(s, REQUEST, &reply), OBOL_KDC_UNREACHABLE);
    assert_true(has_result(s, "refused"));
    assert_true(has_result(s, "no answer"));
    assert_true(has_result(s, "closed the connection without a reply"));
    assert_true(has_result(s, "claims a reply"));
    assert_non_null(strstr(s->error.detail, "TEST"));
    const char *name, *value;
    size_t at = 0, v6 = 0;
    while (error_fact_next(&s->error, &at, &name, &value))
        v6 += strstr(name, "[::1]") != NULL;
    assert_int_equal(v6, 1);
    // Three rounds of a silent server: 1+2, 1+4, 1+8 seconds.
    assert_int_equal(s->now_ms, 17000);
}

static void lying_and_broken_streams_are_left_at_once(void **state) {
    struct servers *s = *state;
    struct slice reply;
    static const enum manner manners[] = {HUGE_LENGTH, ZERO_LENGTH, HALF, CLOSES, GARBAGE};
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        s->list.count = 0;
        s->count = 0;
        struct test_server *bad = servers_add(s, manners[i], NET_TCP, AF_INET);
        struct test_server *good = servers_add(s, ANSWERS, NET_TCP, AF_INET);
        assert_ok(servers_carry(s, REQUEST, &reply));
        assert_slice_str(reply, "Reply");
        assert_int_equal(s->now_ms, 0);
        close(bad->fd);
        close(good->fd);
        close(good->peer);
        bad->fd = good->fd = bad->peer = good->peer = -1;
    }
}

static void a_reply_that_drips_is_put_together(void **state) {
    struct servers *s = *state;
    struct slice reply;
    servers_add(s, DRIPS, NET_TCP, AF_INET);
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_slice_str(reply, "Reply");
}

static void garbage_by_udp_is_as_silence(void **state) {
    struct servers *s = *state;
    struct slice reply;
    servers_add(s, GARBAGE, NET_UDP, AF_INET);
    struct test_server *good = servers_add(s, ANSWERS, NET_UDP, AF_INET);
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_int_equal(s->now_ms, 1000);
    assert_int_equal(good->requests, 1);
    s->list.count = 1;
    assert_code(servers_carry(s, REQUEST, &reply), OBOL_KDC_UNREACHABLE);
    assert_true(has_result(s, "no Kerberos message"));
}

static void a_busy_kdc_is_passed_over_but_heard_if_no_other_answers(void **state) {
    struct servers *s = *state;
    struct slice reply;
    servers_add(s, BUSY, NET_UDP, AF_INET);
    servers_add(s, ANSWERS, NET_UDP, AF_INET);
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_slice_str(reply, "Reply");
    s->list.count = 1;
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_slice_str(reply, "Busy");
}

static void long_messages_and_too_big_replies_go_by_tcp(void **state) {
    struct servers *s = *state;
    struct slice reply;
    struct test_server *udp = servers_add(s, ANSWERS, NET_UDP, AF_INET);
    struct test_server *tcp = servers_add(s, ANSWERS, NET_TCP, AF_INET);
    s->tcp_only = true;
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_int_equal(udp->requests, 0);
    assert_int_equal(tcp->requests, 1);
    s->tcp_only = false;
    s->udp_limit = 3;
    close(tcp->peer);
    tcp->peer = -1;
    assert_ok(servers_carry(s, REQUEST, &reply));
    assert_int_equal(udp->requests, 0);
    assert_int_equal(tcp->requests, 2);
    s->tcp_only = true;
    s->list.count = 1;
    assert_code(servers_carry(s, REQUEST, &reply), OBOL_KDC_NOT_KNOWN);
}

static void the_deadline_ends_it(void **state) {
    struct servers *s = *state;
    struct slice reply;
    struct net_timing timing = net_timing_usual;
    timing.deadline_ms = 1500;
    s->timing = &timing;
    servers_add(s, SILENT, NET_UDP, AF_INET);
    servers_add(s, SILENT, NET_UDP, AF_INET);
    servers_add(s, SILENT, NET_UDP, AF_INET);
    assert_code(servers_carry(s, REQUEST, &reply), OBOL_KDC_UNREACHABLE);
    assert_int_equal(s->now_ms, 1500);
    assert_true(has_result(s, "not tried"));
    s->list.count = 0;
    assert_code(servers_carry(s, REQUEST, &reply), OBOL_KDC_NOT_KNOWN);
}

struct seen {
    unsigned sends, receives, fails;
};
static void see(void *ctx, const struct net_trace_event *e) {
    struct seen *seen = ctx;
    seen->sends += e->kind == NET_TRACE_SEND;
    seen->receives += e->kind == NET_TRACE_RECEIVE;
    seen->fails += e->kind == NET_TRACE_FAIL;
    assert_non_null(e->peer);
    assert_slice_str(e->realm, "TEST");
}

static void a_trace_sees_every_message_and_failure(void **state) {
    struct servers *s = *state;
    struct slice reply;
    struct seen seen = {0};
    struct net_trace trace = {&seen, see};
    servers_add(s, REFUSES, NET_TCP, AF_INET);
    servers_add(s, SECOND_TIME, NET_UDP, AF_INET);
    struct net_request r = {.realm = slice_str("TEST"),
                            .message = REQUEST,
                            .servers = &s->list,
                            .udp_preference_limit = 1000,
                            .clock = &s->clock,
                            .trace = &trace};
    assert_ok(net_carry(&r, &s->arena, &reply, NULL));
    assert_int_equal(seen.sends, 2);
    assert_int_equal(seen.receives, 1);
    assert_int_equal(seen.fails, 1);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_reply_comes_by_udp_and_by_tcp),
        CASE(a_lost_datagram_is_sent_again),
        CASE(a_refusing_server_costs_no_time_and_a_silent_one_a_second),
        CASE(when_none_answers_each_address_is_named_with_its_result),
        CASE(lying_and_broken_streams_are_left_at_once),
        CASE(a_reply_that_drips_is_put_together),
        CASE(garbage_by_udp_is_as_silence),
        CASE(a_busy_kdc_is_passed_over_but_heard_if_no_other_answers),
        CASE(long_messages_and_too_big_replies_go_by_tcp),
        CASE(the_deadline_ends_it),
        CASE(a_trace_sees_every_message_and_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
