// test_handover.c: connections pass through the pair whole, and what is no connection is refused.
#include "../test.h"
#include "server/handover.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t room[HANDOVER_PARTIAL_MAX], partial[HANDOVER_PARTIAL_MAX];
static int ends[2], files[2];

static int setup(void **state) {
    UNUSED(state);
    memset(partial, 'p', sizeof partial);
    return handover_open(ends) && pipe(files) == 0 ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(files[i]);
    }
    return 0;
}

static struct handover_connection example(size_t partial_len) {
    struct handover_connection c = {
        .fd = files[1], .deadline_us = INT64_C(1) << 40, .asked = true, .proven = true};
    c.peer.v4.sin_family = AF_INET;
    c.peer.v4.sin_port = 4711;
    c.partial = slice_of(partial, partial_len);
    return c;
}

static enum handover_status receive(struct handover_connection *out) {
    return handover_receive(ends[0], buf_of(room, sizeof room), out);
}

// How many descriptors this process has open.
static size_t descriptors(void) {
    size_t n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void a_connection_arrives_with_all_that_belongs_to_it(void **state) {
    struct handover_connection out;
    UNUSED(state);
    for (size_t len = 0; len <= HANDOVER_PARTIAL_MAX; len += HANDOVER_PARTIAL_MAX / 4) {
        const struct handover_connection in = example(len);
        assert_int_equal(receive(&out), HANDOVER_NONE);
        assert_true(handover_send(ends[1], &in));
        assert_int_equal(receive(&out), HANDOVER_TAKEN);
        assert_int_equal(out.deadline_us, in.deadline_us);
        assert_true(out.asked && out.proven);
        assert_memory_equal(&out.peer, &in.peer, sizeof in.peer);
        assert_slice_equal(out.partial, in.partial);
        assert_int_equal(write(out.fd, "x", 1), 1); // it is the pipe's end
        close(out.fd);
    }
}

static void a_full_pair_takes_no_more_and_loses_nothing(void **state) {
    const struct handover_connection in = example(1000);
    struct handover_connection out;
    size_t sent = 0, taken = 0;
    UNUSED(state);
    while (sent < 100000 && handover_send(ends[1], &in))
        sent++;
    assert_in_range(sent, 1, 99999);
    for (; receive(&out) == HANDOVER_TAKEN; taken++)
        close(out.fd);
    assert_int_equal(taken, sent);
}

// Sends bytes as they are, with `fds` descriptors.
static void send_raw(struct slice bytes, size_t fds) {
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(8 * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes.ptr, bytes.len};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fds) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
        control.head = (struct cmsghdr){CMSG_LEN(fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        for (size_t i = 0; i < fds; i++)
            memcpy(CMSG_DATA(&control.head) + i * sizeof(int), &files[0], sizeof(int));
    }
    assert_int_equal(sendmsg(ends[1], &message, 0), bytes.len);
}

// A good message as bytes, by looking at one on its way.
static struct slice good_message(void) {
    static uint8_t bytes[HANDOVER_PARTIAL_MAX + 1024];
    const struct handover_connection in = example(10);
    assert_true(handover_send(ends[1], &in));
    ssize_t n = recv(ends[0], bytes, sizeof bytes, 0);
    assert_true(n > 0);
    return slice_of(bytes, (size_t)n);
}

static void what_is_no_connection_is_dropped_with_its_descriptors(void **state) {
    struct handover_connection out;
    UNUSED(state);
    struct slice good = good_message();
    size_t before = descriptors();
    const size_t counts[] = {0, 2, 4, 5, 8}; // of descriptors: one is right
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        send_raw(good, counts[i]);
        assert_int_equal(receive(&out), HANDOVER_DAMAGED);
    }
    for (size_t len = 1; len < good.len; len++) {
        send_raw(slice_sub(good, 0, len), 1);
        assert_int_equal(receive(&out), HANDOVER_DAMAGED);
    }
    uint8_t odd[512] = {0};
    assert_true(good.len < sizeof odd);
    send_raw(slice_of(odd, good.len), 1); // of no address family
    assert_int_equal(receive(&out), HANDOVER_DAMAGED);
    assert_int_equal(descriptors(), before);
    send_raw(good, 1); // the reject's neighbour
    assert_int_equal(receive(&out), HANDOVER_TAKEN);
    close(out.fd);
}

static void more_bytes_than_there_is_room_for_are_refused(void **state) {
    static uint8_t small[16];
    const struct handover_connection in = example(100);
    struct handover_connection out;
    UNUSED(state);
    size_t before = descriptors();
    assert_true(handover_send(ends[1], &in));
    assert_int_equal(handover_receive(ends[0], buf_of(small, sizeof small), &out),
                     HANDOVER_DAMAGED);
    assert_int_equal(descriptors(), before);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_connection_arrives_with_all_that_belongs_to_it),
        CASE(a_full_pair_takes_no_more_and_loses_nothing),
        CASE(what_is_no_connection_is_dropped_with_its_descriptors),
        CASE(more_bytes_than_there_is_room_for_are_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
