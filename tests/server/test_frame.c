// test_frame.c: requests out of a stream, in any pieces and with any lie about their length.
#include "../test.h"
#include "server/frame.h"

static void feed(struct frame *f, const void *bytes, size_t n) {
    while (n > 0) {
        struct buf room = frame_room(f);
        size_t part = n < room.len ? n : room.len;
        memcpy(room.ptr, bytes, part);
        frame_received(f, part);
        bytes = (const uint8_t *)bytes + part;
        n -= part;
    }
}

static void a_request_in_single_bytes_comes_out_whole(void **state) {
    struct frame f;
    struct slice request;
    UNUSED(state);
    frame_init(&f, FRAME_KERBEROS, 100);
    const uint8_t wire[] = {0, 0, 0, 3, 'a', 'b', 'c'};
    for (size_t i = 0; i < sizeof wire; i++) {
        assert_int_equal(frame_next(&f, &request), FRAME_MORE);
        feed(&f, wire + i, 1);
    }
    assert_int_equal(frame_next(&f, &request), FRAME_REQUEST);
    assert_slice_str(request, "abc");
    assert_int_equal(frame_partial(&f).len, 0);
    frame_clear(&f);
}

static void several_requests_at_once_come_out_one_by_one(void **state) {
    struct frame f;
    struct slice request;
    UNUSED(state);
    frame_init(&f, FRAME_KERBEROS, 100);
    feed(&f, "\0\0\0\1a\0\0\0\2bc\0\0", 13);
    assert_int_equal(frame_next(&f, &request), FRAME_REQUEST);
    assert_slice_str(request, "a");
    assert_int_equal(frame_next(&f, &request), FRAME_REQUEST);
    assert_slice_str(request, "bc");
    assert_int_equal(frame_next(&f, &request), FRAME_MORE);
    assert_true(frame_partial(&f).len > 0);
    feed(&f, "\0\1d", 3);
    assert_int_equal(frame_next(&f, &request), FRAME_REQUEST);
    assert_slice_str(request, "d");
    frame_clear(&f);
}

static void a_length_above_the_cap_or_with_the_high_bit_is_refused(void **state) {
    struct frame f;
    struct slice request;
    UNUSED(state);
    frame_init(&f, FRAME_KERBEROS, 100);
    feed(&f, "\0\0\0\144", 4);
    assert_int_equal(frame_next(&f, &request), FRAME_MORE);
    frame_clear(&f);
    feed(&f, "\0\0\0\145", 4);
    assert_int_equal(frame_next(&f, &request), FRAME_TOO_LONG);
    frame_clear(&f);
    feed(&f, "\200\0\0\1", 4);
    assert_int_equal(frame_next(&f, &request), FRAME_TOO_LONG);
    frame_clear(&f);
    feed(&f, "\0\0\0\0", 4);
    assert_int_equal(frame_next(&f, &request), FRAME_EMPTY);
    frame_clear(&f);
}

static void a_claimed_length_reserves_no_memory(void **state) {
    struct frame f;
    struct slice request;
    UNUSED(state);
    frame_init(&f, FRAME_KERBEROS, 1 << 30);
    feed(&f, "\77\0\0\0", 4);
    assert_int_equal(frame_next(&f, &request), FRAME_MORE);
    assert_true(frame_room(&f).len > 0);
    assert_true(f.size <= 4096);
    frame_clear(&f);
}

static void a_large_buffer_is_given_back_when_its_request_is_done(void **state) {
    struct frame f;
    struct slice request;
    static uint8_t body[50000];
    UNUSED(state);
    frame_init(&f, FRAME_KERBEROS, 1 << 16);
    feed(&f, "\0\0\303\120", 4);
    feed(&f, body, sizeof body);
    assert_int_equal(frame_next(&f, &request), FRAME_REQUEST);
    assert_int_equal(request.len, sizeof body);
    assert_true(f.size >= sizeof body);
    assert_true(frame_room(&f).len > 0);
    assert_true(f.size <= 4096);
    frame_clear(&f);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_request_in_single_bytes_comes_out_whole),
        cmocka_unit_test(several_requests_at_once_come_out_one_by_one),
        cmocka_unit_test(a_length_above_the_cap_or_with_the_high_bit_is_refused),
        cmocka_unit_test(a_claimed_length_reserves_no_memory),
        cmocka_unit_test(a_large_buffer_is_given_back_when_its_request_is_done),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
