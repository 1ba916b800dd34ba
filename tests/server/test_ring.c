// test_ring.c: the queue between processes keeps order, counts what it drops, and does not trust
// its writer.
#include "../test.h"
#include "server/ring.h"
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t out[8192];

static void strings_come_out_in_order_around_the_end(void **state) {
    struct ring r;
    size_t len;
    UNUSED(state);
    assert_true(ring_init(&r, 4096));
    assert_true(ring_empty(&r));
    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t text[300];
        size_t n = i % sizeof text;
        memset(text, (int)(i & 0xff), sizeof text);
        assert_true(ring_put(&r, slice_of(text, n)));
        assert_false(ring_empty(&r));
        assert_true(ring_take(&r, buf_of(out, sizeof out), &len));
        assert_int_equal(len, n);
        assert_memory_equal(out, text, n);
    }
    assert_false(ring_take(&r, buf_of(out, sizeof out), &len));
    assert_int_equal(ring_lost(&r), 0);
    ring_clear(&r);
}

static void what_finds_no_room_is_counted_and_the_rest_stays(void **state) {
    struct ring r;
    size_t len;
    uint8_t text[1000] = {0};
    UNUSED(state);
    assert_true(ring_init(&r, 4096));
    for (int i = 0; i < 4; i++)
        assert_true(ring_put(&r, slice_of(text, sizeof text)));
    assert_false(ring_put(&r, slice_of(text, sizeof text)));
    assert_false(ring_put(&r, slice_of(text, 5000)));
    assert_int_equal(ring_lost(&r), 2);
    assert_int_equal(ring_lost(&r), 0);
    for (int i = 0; i < 4; i++)
        assert_true(ring_take(&r, buf_of(out, sizeof out), &len));
    assert_false(ring_take(&r, buf_of(out, sizeof out), &len));
    assert_true(ring_put(&r, slice_of(text, sizeof text)));
    ring_clear(&r);
}

static void a_length_that_the_writer_forged_empties_the_ring(void **state) {
    struct ring r;
    size_t len;
    UNUSED(state);
    assert_true(ring_init(&r, 4096));
    assert_true(ring_put(&r, SLICE_LITERAL("abc")));
    memset(r.bytes, 0xff, 4);
    assert_false(ring_take(&r, buf_of(out, sizeof out), &len));
    assert_int_equal(ring_lost(&r), 1);
    assert_true(ring_put(&r, SLICE_LITERAL("def")));
    assert_true(ring_take(&r, buf_of(out, sizeof out), &len));
    assert_slice_str(slice_of(out, len), "def");
    ring_clear(&r);
}

static void another_process_gets_every_string(void **state) {
    struct ring r;
    struct wake w;
    enum { COUNT = 200000 };
    UNUSED(state);
    assert_true(ring_init(&r, 1 << 16));
    assert_true(wake_init(&w));
    pid_t child = fork();
    if (child == 0) {
        for (uint32_t i = 0; i < COUNT; i++) {
            while (!ring_put(&r, slice_of(&i, sizeof i)))
                usleep(100);
            wake_up(&w);
        }
        _exit(0);
    }
    for (uint32_t i = 0, got; i < COUNT;) {
        size_t len;
        if (ring_take(&r, buf_of(&got, sizeof got), &len)) {
            assert_int_equal(got, i++);
            continue;
        }
        wake_prepare(&w);
        struct pollfd pfd = {.fd = w.fd, .events = POLLIN};
        if (ring_empty(&r))
            assert_int_equal(poll(&pfd, 1, 10000), 1);
        wake_done(&w);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    wake_clear(&w);
    ring_clear(&r);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(strings_come_out_in_order_around_the_end),
        cmocka_unit_test(what_finds_no_room_is_counted_and_the_rest_stays),
        cmocka_unit_test(a_length_that_the_writer_forged_empties_the_ring),
        cmocka_unit_test(another_process_gets_every_string),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
