// test_stream.c: connections that stay: to servers that refuse, are silent, close, and to one that
// answers, at a pretended time.
#include "servers.h"

#include "net/stream.h"

struct fixture {
    struct servers servers;
    struct net net;
    struct net_stream stream;
};

static int setup(void **state) {
    static struct fixture f;
    servers_init(&f.servers);
    f.net = (struct net){.clock = &f.servers.clock};
    f.stream.fd = -1;
    *state = &f;
    return 0;
}
static int teardown(void **state) {
    struct fixture *f = *state;
    net_stream_close(&f->stream);
    servers_clear(&f->servers);
    return 0;
}
static enum obol_code open_one(struct fixture *f) {
    error_init(&f->servers.error);
    return net_stream_open(&f->stream, &f->net, SLICE_LITERAL("TEST"), &f->servers.list,
                           &f->servers.error);
}
static bool is_told(const struct fixture *f, const char *text) {
    const char *name, *value;
    for (size_t at = 0; error_fact_next(&f->servers.error, &at, &name, &value);)
        if (strstr(value, text))
            return true;
    return strstr(f->servers.error.detail, text) != NULL;
}
static enum obol_code receive(struct fixture *f, const char *expected) {
    uint8_t room[64];
    size_t len = 0, all = 0;
    error_init(&f->servers.error);
    while (all < strlen(expected) + 4) {
        TRY(net_stream_receive(&f->stream, buf_of(room + all, sizeof room - all), &len,
                               &f->servers.error));
        assert_true(len > 0);
        all += len;
    }
    assert_memory_equal(room + 4, expected, strlen(expected));
    return OBOL_OK;
}
static const struct slice REQUEST = {(const uint8_t *)"\0\0\0\3abc", 7};

static void several_messages_go_over_one_connection(void **state) {
    struct fixture *f = *state;
    struct test_server *t = servers_add(&f->servers, ANSWERS, NET_TCP, AF_INET);
    assert_ok(open_one(f));
    assert_non_null(strstr(f->stream.peer, "127.0.0.1:"));
    for (size_t i = 0; i < 3; i++) {
        assert_false(net_stream_stale(&f->stream));
        assert_ok(net_stream_send(&f->stream, REQUEST, NULL));
        assert_ok(receive(f, "Reply"));
    }
    assert_int_equal(t->requests, 3);
    assert_int_equal(f->servers.now_ms, 0);
}

static void the_first_server_that_takes_the_connection_is_used(void **state) {
    struct fixture *f = *state;
    servers_add(&f->servers, ANSWERS, NET_UDP, AF_INET); // none for this
    servers_add(&f->servers, REFUSES, NET_TCP, AF_INET);
    servers_add(&f->servers, DRIPS, NET_TCP, AF_INET6);
    assert_ok(open_one(f));
    assert_non_null(strstr(f->stream.peer, "[::1]:"));
    assert_ok(net_stream_send(&f->stream, REQUEST, NULL));
    assert_ok(receive(f, "Reply"));
}

static void where_none_takes_it_each_is_named(void **state) {
    struct fixture *f = *state;
    servers_add(&f->servers, REFUSES, NET_TCP, AF_INET);
    servers_add(&f->servers, REFUSES, NET_TCP, AF_INET6);
    assert_code(open_one(f), OBOL_KDC_UNREACHABLE);
    assert_true(is_told(f, "refused: nothing listens there"));
    assert_non_null(strstr(error_remedy_text(&f->servers.error), "admin_server"));
    assert_int_equal(f->stream.fd, -1);
    assert_true(net_stream_stale(&f->stream));
    f->servers.list.count = 0;
    assert_code(open_one(f), OBOL_KDC_UNREACHABLE);
}

static void a_server_that_is_silent_is_left_in_the_end(void **state) {
    struct fixture *f = *state;
    servers_add(&f->servers, SILENT, NET_TCP, AF_INET);
    assert_ok(open_one(f));
    assert_ok(net_stream_send(&f->stream, REQUEST, NULL));
    assert_code(receive(f, "Reply"), OBOL_TIMEOUT);
    assert_true(f->servers.now_ms >= NET_STREAM_WAIT_MS);
    assert_int_equal(f->stream.fd, -1);
}

static void a_connection_that_is_closed_is_told_and_is_stale(void **state) {
    struct fixture *f = *state;
    servers_add(&f->servers, CLOSES, NET_TCP, AF_INET);
    assert_ok(open_one(f));
    assert_ok(net_stream_send(&f->stream, REQUEST, NULL));
    assert_code(receive(f, "Reply"), OBOL_IO);
    assert_true(is_told(f, "closed the connection"));
    assert_true(net_stream_stale(&f->stream));
    // While it is idle, too; and one on which somebody speaks unasked.
    f->servers.items[0].manner = ANSWERS;
    assert_ok(open_one(f));
    assert_ok(net_stream_send(&f->stream, REQUEST, NULL));
    assert_ok(receive(f, "Reply"));
    assert_int_equal(send(f->servers.items[0].peer, "x", 1, MSG_NOSIGNAL), 1);
    assert_true(net_stream_stale(&f->stream));
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(several_messages_go_over_one_connection),
        CASE(the_first_server_that_takes_the_connection_is_used),
        CASE(where_none_takes_it_each_is_named),
        CASE(a_server_that_is_silent_is_left_in_the_end),
        CASE(a_connection_that_is_closed_is_told_and_is_stale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
