// test_addresses.c: the addresses of this host, and of others: what cannot be read is told with
// what to do.
#include "../test.h"
#include "net/addresses.h"
#include <sys/resource.h>

static struct arena arena;
static struct krb5conf conf;
static struct error err;

static int setup(void **state) {
    UNUSED(state);
    error_init(&err);
    conf = (struct krb5conf){0};
    return arena_init(&arena, 1 << 12, 1 << 20) ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

// Without a free descriptor nobody can ask the system for its interfaces.
static enum obol_code addresses_without_descriptors(struct host_address_list *out) {
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    const struct rlimit none = {0, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum obol_code code = net_addresses(&conf, &arena, out, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    return code;
}

static void addresses_that_are_said_come_first_and_once(void **state) {
    struct slice extra[] = {SLICE_LITERAL("192.0.2.7"), SLICE_LITERAL("2001:db8::7"),
                            SLICE_LITERAL("192.0.2.7")};
    struct host_address_list out;
    UNUSED(state);
    conf.extra_addresses = (struct slice_list){extra, 3};
    assert_ok(net_addresses(&conf, &arena, &out, &err));
    assert_true(out.count >= 2);
    assert_int_equal(out.items[0].addr_type, 2);
    assert_slice_equal(out.items[0].address, SLICE_LITERAL("\xc0\x00\x02\x07"));
    assert_int_equal(out.items[1].addr_type, 24);
    for (size_t i = 1; i < out.count; i++)
        assert_false(slice_eq(out.items[i].address, out.items[0].address));
}

static void a_host_that_cannot_read_its_own_says_what_to_do(void **state) {
    struct host_address_list out;
    UNUSED(state);
    assert_code(addresses_without_descriptors(&out), OBOL_IO);
    assert_string_equal(err.detail,
                        "the addresses of this host cannot be read: Too many open files");
    assert_non_null(strstr(error_remedy_text(&err), "noaddresses = true"));
    error_init(&err);
    assert_ok(net_addresses(&conf, &arena, &out, &err));
}

static void an_extra_address_that_no_host_can_have_is_refused(void **state) {
    struct slice extra = SLICE_LITERAL("host\0.example.com");
    struct host_address_list out;
    UNUSED(state);
    conf.extra_addresses = (struct slice_list){&extra, 1};
    assert_code(net_addresses(&conf, &arena, &out, &err), OBOL_NAME_MALFORMED);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(addresses_that_are_said_come_first_and_once),
        CASE(a_host_that_cannot_read_its_own_says_what_to_do),
        CASE(an_extra_address_that_no_host_can_have_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
