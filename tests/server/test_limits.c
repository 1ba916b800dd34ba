// test_limits.c: how often a source and an account may ask, and that forgery shuts nobody out.
#include "../test.h"
#include "server/limits.h"
#include <arpa/inet.h>

static union sock_address from(const char *text) {
    union sock_address a = {0};
    if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1)
        a.v6.sin6_family = AF_INET6;
    else
        a.v4.sin_family = inet_pton(AF_INET, text, &a.v4.sin_addr) == 1 ? AF_INET : AF_UNIX;
    return a;
}

// How many of n requests at one moment are admitted.
static unsigned admitted(struct limits *l, const char *source, enum event_transport via,
                         const char *subject, int64_t now_us, unsigned n) {
    union sock_address peer = from(source);
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++)
        count += limits_admit(l, &peer, via, slice_str(subject), now_us);
    return count;
}

static void a_source_may_burst_and_then_has_its_rate(void **state) {
    struct limits l;
    UNUSED(state);
    assert_true(limits_init(&l, 100, 0, 1));
    assert_int_equal(admitted(&l, "192.0.2.1", EVENT_TCP, "", 1000000, 1000), 200);
    assert_int_equal(admitted(&l, "192.0.2.1", EVENT_TCP, "", 1100000, 1000), 10);
    assert_int_equal(admitted(&l, "192.0.2.2", EVENT_TCP, "", 1100000, 1000), 200);
    assert_int_equal(admitted(&l, "2001:db8::1", EVENT_TCP, "", 1100000, 1000), 200);
    assert_int_equal(admitted(&l, "2001:db8::2", EVENT_TCP, "", 1100000, 1000), 0);
    assert_int_equal(admitted(&l, "2001:db8:0:1::", EVENT_TCP, "", 1100000, 1000), 200);
    // Through a socket of both families each client of IPv4 is one of its own.
    assert_int_equal(admitted(&l, "::ffff:192.0.2.1", EVENT_TCP, "", 1100000, 1000), 0);
    assert_int_equal(admitted(&l, "::ffff:192.0.2.3", EVENT_TCP, "", 1100000, 1000), 200);
    assert_int_equal(admitted(&l, "::ffff:192.0.2.4", EVENT_TCP, "", 1100000, 1000), 200);
    limits_clear(&l);
}

// What all workers take together is the rate, however a source's requests are spread over them.
static void workers_divide_a_rate_among_them(void **state) {
    struct limits l[4];
    unsigned all = 0;
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(l); i++) {
        assert_true(limits_init(&l[i], 100, 0, COUNT_OF(l)));
        assert_int_equal(admitted(&l[i], "192.0.2.1", EVENT_TCP, "", 1000000, 1000), 50);
        all += admitted(&l[i], "192.0.2.1", EVENT_TCP, "", 2000000, 1000);
        limits_clear(&l[i]);
    }
    assert_int_equal(all, 100);
    // A rate below the number of workers is a small one, not none, and lets a login through.
    assert_true(limits_init(&l[0], 2, 0, 4));
    assert_int_equal(admitted(&l[0], "192.0.2.1", EVENT_TCP, "", 1000000, 1000), 10);
    assert_int_equal(admitted(&l[0], "192.0.2.1", EVENT_TCP, "", 3000000, 1000), 1);
    limits_clear(&l[0]);
}

static void a_forged_source_leaves_the_true_one_its_requests_by_tcp(void **state) {
    struct limits l;
    UNUSED(state);
    assert_true(limits_init(&l, 5, 5, 1));
    assert_int_equal(admitted(&l, "192.0.2.1", EVENT_UDP, "alice", 1, 1000), 10);
    assert_int_equal(admitted(&l, "192.0.2.1", EVENT_TCP, "alice", 1, 5), 5);
    limits_clear(&l);
}

static void an_account_is_limited_for_each_proven_source_apart(void **state) {
    struct limits l;
    UNUSED(state);
    assert_true(limits_init(&l, 0, 5, 1));
    // By UDP for all together, since there the sources could be forged at will.
    assert_int_equal(admitted(&l, "192.0.2.1", EVENT_UDP, "alice", 1, 1000), 10);
    assert_int_equal(admitted(&l, "192.0.2.2", EVENT_UDP, "alice", 1, 1000), 0);
    assert_int_equal(admitted(&l, "192.0.2.2", EVENT_UDP, "bob", 1, 1000), 10);
    assert_int_equal(admitted(&l, "192.0.2.1", EVENT_TCP, "alice", 1, 1000), 10);
    assert_int_equal(admitted(&l, "192.0.2.2", EVENT_HTTPS, "alice", 1, 1000), 10);
    assert_int_equal(admitted(&l, "192.0.2.2", EVENT_TCP, "", 1, 1000), 1000);
    limits_clear(&l);
}

static void without_limits_and_on_this_machine_all_are_admitted(void **state) {
    struct limits l;
    UNUSED(state);
    assert_true(limits_init(&l, 0, 0, 1));
    assert_int_equal(admitted(&l, "192.0.2.1", EVENT_UDP, "alice", 1, 1000), 1000);
    limits_clear(&l);
    assert_true(limits_init(&l, 1, 1, 1));
    assert_int_equal(admitted(&l, "-", EVENT_UNIX, "alice", 1, 1000), 1000);
    limits_clear(&l);
}

static void many_sources_never_make_one_wait_for_another(void **state) {
    struct limits l;
    UNUSED(state);
    assert_true(limits_init(&l, 1, 0, 1));
    for (unsigned i = 0; i < 200000; i++) {
        union sock_address peer = {.v4 = {.sin_family = AF_INET, .sin_addr.s_addr = i}};
        assert_true(limits_admit(&l, &peer, EVENT_UDP, (struct slice){0}, 1));
    }
    limits_clear(&l);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_source_may_burst_and_then_has_its_rate),
        cmocka_unit_test(workers_divide_a_rate_among_them),
        cmocka_unit_test(a_forged_source_leaves_the_true_one_its_requests_by_tcp),
        cmocka_unit_test(an_account_is_limited_for_each_proven_source_apart),
        cmocka_unit_test(without_limits_and_on_this_machine_all_are_admitted),
        cmocka_unit_test(many_sources_never_make_one_wait_for_another),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
