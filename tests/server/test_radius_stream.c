// test_radius_stream.c: RADIUS on a stream of this machine: packets that come in pieces or several
// at once, servers that close, refuse, are not there or say something else.
#include "../test.h"
#include "server/radius_stream.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char dir[] = "/tmp/obol-radius-XXXXXX", path[64];
static int listener = -1;
static struct radius_stream stream;

static void listen_anew(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, path, strlen(path));
    unlink(path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 5), 0);
}
static int setup(void **state) {
    UNUSED(state);
    strcpy(dir + sizeof dir - 7, "XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/s", dir);
    listen_anew();
    radius_stream_init(&stream);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    radius_stream_close(&stream);
    if (listener >= 0)
        close(listener);
    unlink(path);
    return rmdir(dir);
}

static bool ask(const char *text) {
    return radius_stream_send(&stream, slice_str(path), slice_str(text));
}
// The server's end, which has read what was asked.
static int served(const char *text) {
    char got[64] = {0};
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, got, sizeof got), strlen(text));
    assert_string_equal(got, text);
    return fd;
}
static struct slice packet(uint8_t mark, size_t len) {
    static uint8_t bytes[RADIUS_PACKET_MAX];
    memset(bytes, mark, sizeof bytes);
    bytes[2] = (uint8_t)(len >> 8);
    bytes[3] = (uint8_t)len;
    return slice_of(bytes, len);
}
static void say(int fd, struct slice bytes) {
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
}
static void comes(uint8_t mark, size_t len) {
    struct slice got = {0};
    assert_int_equal(radius_stream_next(&stream, &got), RADIUS_STREAM_PACKET);
    assert_int_equal(got.len, len);
    assert_int_equal(got.ptr[0], mark);
    assert_int_equal(got.ptr[len - 1], mark);
}
static void is(enum radius_stream_status expected) {
    struct slice got = {0};
    assert_int_equal(radius_stream_next(&stream, &got), expected);
    assert_null(got.ptr);
}

static void packets_come_whole_in_pieces_and_together(void **state) {
    UNUSED(state);
    assert_true(ask("question"));
    assert_true(stream.anew);
    int fd = served("question");
    is(RADIUS_STREAM_WAITS);
    struct slice p = packet('a', 300);
    for (size_t at = 0; at < p.len; at++) { // a byte at a time
        say(fd, slice_sub(p, at, 1));
        if (at + 1 < p.len)
            is(RADIUS_STREAM_WAITS);
    }
    comes('a', 300);
    is(RADIUS_STREAM_WAITS);
    say(fd, packet('b', 20));
    say(fd, packet('c', RADIUS_PACKET_MAX));
    say(fd, slice_sub(packet('d', 44), 0, 3));
    comes('b', 20);
    comes('c', RADIUS_PACKET_MAX);
    is(RADIUS_STREAM_WAITS);
    assert_false(radius_stream_holds(&stream));
    say(fd, slice_sub(packet('d', 44), 3, 41));
    comes('d', 44);
    // Those that were read together are there although the socket has nothing more.
    for (int i = 0; i < 3; i++)
        say(fd, packet('e', 20));
    for (int i = 0; i < 3; i++) {
        comes('e', 20);
        assert_int_equal(radius_stream_holds(&stream), i < 2);
    }
    close(fd);
}

static void what_is_no_radius_ends_the_stream(void **state) {
    static const size_t lengths[] = {0, 1, 19, RADIUS_PACKET_MAX + 1, 0xffff};
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        assert_true(ask("question"));
        int fd = served("question");
        say(fd, packet('g', 20));
        struct slice bad = packet('x', lengths[i]);
        say(fd, slice_of(bad.ptr, 4));
        comes('g', 20); // what came before it counts
        assert_true(radius_stream_holds(&stream));
        is(RADIUS_STREAM_ENDED);
        assert_int_equal(stream.fd, -1);
        is(RADIUS_STREAM_WAITS);
        close(fd);
    }
}

static void a_server_that_closed_is_connected_to_anew(void **state) {
    UNUSED(state);
    assert_true(ask("first"));
    close(served("first"));
    stream.anew = false;
    assert_false(ask("second")); // nobody had noticed
    assert_int_equal(errno, EPIPE);
    is(RADIUS_STREAM_ENDED);
    assert_true(ask("second"));
    assert_true(stream.anew);
    int fd = served("second");
    say(fd, slice_sub(packet('h', 30), 0, 29));
    close(fd);
    is(RADIUS_STREAM_ENDED); // in the midst of a packet
    assert_true(ask("third"));
    fd = served("third");
    is(RADIUS_STREAM_WAITS); // nothing of the old one is left
    say(fd, packet('i', 21));
    comes('i', 21);
    // What it says before it closes is there when no question goes to it any more.
    say(fd, packet('j', 22));
    close(fd);
    assert_false(ask("fourth"));
    comes('j', 22);
    is(RADIUS_STREAM_ENDED);
}

static void a_server_that_is_not_there_is_told(void **state) {
    UNUSED(state);
    close(listener);
    assert_false(ask("question"));
    assert_int_equal(errno, ECONNREFUSED);
    unlink(path);
    assert_false(ask("question"));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(stream.fd, -1);
    static char longest[RADIUS_PATH_MAX + 2];
    memset(longest, '/', sizeof longest - 1);
    assert_false(radius_stream_send(&stream, slice_str(longest), SLICE_LITERAL("question")));
    assert_int_equal(errno, ENAMETOOLONG);
    listen_anew();
    assert_true(ask("question"));
    close(served("question"));
}

static void a_server_that_reads_nothing_is_given_up(void **state) {
    static char much[64 * 1024];
    UNUSED(state);
    memset(much, 'm', sizeof much - 1);
    int sent = 0;
    while (ask(much))
        assert_true(++sent < 1000);
    assert_true(sent > 0);
    assert_true(errno == EAGAIN || errno == ENOBUFS); // nothing of the packet went, or a part of it
    is(RADIUS_STREAM_WAITS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(packets_come_whole_in_pieces_and_together), CASE(what_is_no_radius_ends_the_stream),
        CASE(a_server_that_closed_is_connected_to_anew), CASE(a_server_that_is_not_there_is_told),
        CASE(a_server_that_reads_nothing_is_given_up),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
