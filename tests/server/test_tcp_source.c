// test_tcp_source.c: connections are counted by sender, IPv6 by /64.
#include "../test.h"
#include "server/tcp_source.h"
#include <arpa/inet.h>

static union sock_address peer(const char *text) {
    union sock_address a = {0};
    if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1)
        a.v6.sin6_family = AF_INET6;
    else if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1)
        a.v4.sin_family = AF_INET;
    return a;
}

static void senders_are_told_apart_and_forgotten(void **state) {
    struct tcp_sources t;
    const union sock_address one = peer("10.0.0.1"), two = peer("10.0.0.2");
    UNUSED(state);
    assert_true(tcp_sources_init(&t, 4, 12345));
    struct tcp_source *s = tcp_sources_enter(&t, &one);
    assert_ptr_equal(tcp_sources_enter(&t, &one), s);
    assert_int_equal(s->count, 2);
    struct tcp_source *other = tcp_sources_enter(&t, &two);
    assert_ptr_not_equal(other, s);
    assert_int_equal(other->count, 1);
    tcp_sources_leave(&t, s);
    tcp_sources_leave(&t, s);
    s = tcp_sources_enter(&t, &one);
    assert_int_equal(s->count, 1);
    tcp_sources_clear(&t);
}

static void a_v6_network_counts_as_one_sender(void **state) {
    struct tcp_sources t;
    const union sock_address a = peer("2001:db8::1"), b = peer("2001:db8::2"),
                             c = peer("2001:db8:0:1::1");
    UNUSED(state);
    assert_true(tcp_sources_init(&t, 4, 1));
    struct tcp_source *s = tcp_sources_enter(&t, &a);
    assert_ptr_equal(tcp_sources_enter(&t, &b), s);
    assert_ptr_not_equal(tcp_sources_enter(&t, &c), s);
    const union sock_address d = peer("::ffff:192.0.2.1"), e = peer("::ffff:192.0.2.2"),
                             f = peer("192.0.2.1");
    struct tcp_source *v4 = tcp_sources_enter(&t, &d);
    assert_ptr_not_equal(tcp_sources_enter(&t, &e), v4);
    assert_ptr_equal(tcp_sources_enter(&t, &f), v4);
    tcp_sources_clear(&t);
}

static void many_senders_share_buckets_without_mixing(void **state) {
    struct tcp_sources t;
    struct tcp_source *s[1000];
    UNUSED(state);
    assert_true(tcp_sources_init(&t, 1, 99));
    for (uint32_t i = 0; i < COUNT_OF(s); i++) {
        union sock_address a = peer("10.0.0.0");
        a.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
        s[i] = tcp_sources_enter(&t, &a);
        assert_int_equal(s[i]->count, 1);
    }
    for (uint32_t i = 0; i < COUNT_OF(s); i += 2)
        tcp_sources_leave(&t, s[i]);
    for (uint32_t i = 1; i < COUNT_OF(s); i += 2) {
        union sock_address a = peer("10.0.0.0");
        a.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
        assert_ptr_equal(tcp_sources_enter(&t, &a), s[i]);
    }
    tcp_sources_clear(&t);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(senders_are_told_apart_and_forgotten),
        cmocka_unit_test(a_v6_network_counts_as_one_sender),
        cmocka_unit_test(many_senders_share_buckets_without_mixing),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
