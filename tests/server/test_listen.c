// test_listen.c: listen addresses as users write them.
#include "../test.h"
#include "server/listen.h"
#include <stdio.h>

static void addresses_of_both_families_are_read(void **state) {
    static const struct {
        const char *text, *first;
        size_t count;
    } rows[] = {{"127.0.0.1:88", "127.0.0.1:88", 1},
                {"[::1]:0", "[::1]:0", 1},
                {"127.0.0.1", "127.0.0.1:88", 1},
                {"[::1]", "[::1]:88", 1},
                {":89", "0.0.0.0:89", 2},
                {"*:65535", "0.0.0.0:65535", 2}};
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        union sock_address a[2];
        size_t count;
        uint8_t text[64];
        struct writer w = writer_to_buf(buf_of(text, sizeof text));
        assert_ok(listen_parse(rows[i].text, a, &count, NULL));
        assert_int_equal(count, rows[i].count);
        sock_address_write(&a[0], &w);
        assert_slice_str(writer_slice(&w), rows[i].first);
    }
}

static void what_is_no_address_and_port_is_refused(void **state) {
    static const char *const rows[] = {
        "",        "127.0.0.1:", "127.0.0.1:65536", "::1:88",      "localhost:88", "127.0.0.1:-1",
        "[::1:88", "[]:88",      "1.2.3:88",        "127.0.0.1:8a"};
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        union sock_address a[2];
        size_t count;
        struct error err;
        error_init(&err);
        assert_code(listen_parse(rows[i], a, &count, &err), OBOL_INVALID_ARGUMENT);
        assert_non_null(strstr(err.detail, rows[i]));
    }
}

static void port_zero_is_one_port_for_all_and_a_taken_port_is_refused(void **state) {
    static struct listen_set first, second;
    struct server_config config = {.listen = {"127.0.0.1:0", "127.0.0.2:0"}, .listen_count = 2};
    struct error err;
    char text[64];
    UNUSED(state);
    error_init(&err);
    assert_ok(listen_open(&first, &config, 2, NULL, 0, &err));
    assert_int_not_equal(first.at[0].address.v4.sin_port, 0);
    assert_int_equal(first.at[0].address.v4.sin_port, first.at[1].address.v4.sin_port);
    snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(first.at[0].address.v4.sin_port));
    struct server_config same = {.listen = {text}, .listen_count = 1};
    assert_code(listen_open(&second, &same, 1, NULL, 0, &err), OBOL_IO);
    assert_non_null(strstr(err.detail, text));
    listen_close(&second);
    listen_close(&first);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(addresses_of_both_families_are_read),
        cmocka_unit_test(what_is_no_address_and_port_is_refused),
        cmocka_unit_test(port_zero_is_one_port_for_all_and_a_taken_port_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
