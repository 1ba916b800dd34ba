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

// A port that was free a moment ago.
static unsigned free_port(void) {
    static struct listen_set set;
    struct server_config config = {.listen = {"127.0.0.1:0"}, .listen_count = 1};
    assert_ok(listen_open(&set, &config, 1, NULL, 0, NULL));
    unsigned port = ntohs(set.at[0].address.v4.sin_port);
    listen_close(&set);
    return port;
}

// Writes a text with the port in the place of each "@".
static void put_port(const char *text, unsigned port, char out[256]) {
    size_t len = 0;
    for (; *text && len < 240; text++)
        if (*text == '@')
            len += (size_t)snprintf(out + len, 256 - len, "%u", port);
        else
            out[len++] = *text;
    out[len] = '\0';
}

struct served_row {
    const char *listen[2], *tcp[2], *served; // "@" is one port for all
};

// Opens the addresses at a free port, and writes what is served then.
static unsigned open_at(const struct served_row *row, struct writer *w) {
    static struct listen_set set;
    enum obol_code code = OBOL_IO;
    unsigned port = 0;
    for (int i = 0; i < 32 && code != OBOL_OK; i++) { // somebody may take it before we do
        char texts[4][256];
        struct server_config config = {.listen = {texts[0], texts[1]},
                                       .listen_count = 2,
                                       .tcp_listen = {texts[2], texts[3]},
                                       .tcp_listen_count = row->tcp[0] ? 2 : 0};
        port = free_port();
        for (size_t k = 0; k < 2; k++) {
            put_port(row->listen[k], port, texts[k]);
            put_port(row->tcp[k] ? row->tcp[k] : "", port, texts[2 + k]);
        }
        code = listen_open(&set, &config, 2, NULL, 0, NULL);
        if (code != OBOL_OK)
            listen_close(&set);
    }
    assert_ok(code);
    listen_write(&set, w);
    listen_close(&set);
    return port;
}

static void an_address_that_all_addresses_cover_is_served_once(void **state) {
    static const struct served_row rows[] = {
        {{"0.0.0.0:@", "127.0.0.1:@"}, {NULL}, "0.0.0.0:@"},
        {{"127.0.0.1:@", "0.0.0.0:@"}, {NULL}, "0.0.0.0:@"},
        {{"127.0.0.1:@", "127.0.0.2:@"}, {NULL}, "127.0.0.1:@ 127.0.0.2:@"},
        {{"0.0.0.0:@", "127.0.0.1:@"},
         {"127.0.0.1:@", "127.0.0.2:@"},
         "0.0.0.0:@/udp 127.0.0.1:@/tcp 127.0.0.2:@/tcp"},
        {{"127.0.0.1:@", "127.0.0.2:@"},
         {"127.0.0.1:@", "0.0.0.0:@"},
         "127.0.0.1:@/udp 127.0.0.2:@/udp 0.0.0.0:@/tcp"},
    };
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t served[256];
        char expected[256];
        struct writer w = writer_to_buf(buf_of(served, sizeof served));
        put_port(rows[i].served, open_at(&rows[i], &w), expected);
        assert_slice_str(writer_slice(&w), expected);
    }
}

static void an_address_that_cannot_be_had_is_told_with_whose_it_is(void **state) {
    static struct listen_set set;
    struct server_config config = {.listen = {"127.0.0.1:0", "192.0.2.1:8888"},
                                   .listen_by = {NULL, "the realm TWO.TEST"},
                                   .listen_count = 2};
    struct error err;
    UNUSED(state);
    error_init(&err);
    assert_code(listen_open(&set, &config, 1, NULL, 0, &err), OBOL_IO);
    assert_non_null(strstr(err.detail, "192.0.2.1:8888, of the realm TWO.TEST: "));
    listen_close(&set);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(addresses_of_both_families_are_read),
        cmocka_unit_test(what_is_no_address_and_port_is_refused),
        cmocka_unit_test(port_zero_is_one_port_for_all_and_a_taken_port_is_refused),
        cmocka_unit_test(an_address_that_all_addresses_cover_is_served_once),
        cmocka_unit_test(an_address_that_cannot_be_had_is_told_with_whose_it_is),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
