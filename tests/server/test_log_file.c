// test_log_file.c: lines on a disk that is full, and has room again: files of this process end at
// so many bytes.
#include "../test.h"
#include "server/log_file.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char path[] = "/tmp/obol-log-XXXXXX";
static struct log_file log_file;
static int real_stderr, said[2]; // what it says goes through a pipe, which has room

static int setup(void **state) {
    UNUSED(state);
    struct error err;
    snprintf(path, sizeof path, "/tmp/obol-log-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || pipe(said) != 0)
        return -1;
    close(fd);
    signal(SIGXFSZ, SIG_IGN);
    real_stderr = dup(STDERR_FILENO);
    dup2(said[1], STDERR_FILENO);
    close(said[1]);
    error_init(&err);
    log_file = (struct log_file){.path = path, .what = "audit log"};
    return log_file_open(&log_file, &err) == OBOL_OK ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    fflush(stderr);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    close(said[0]);
    close(log_file.fd);
    return unlink(path);
}

// Writes while files end at `room` bytes; 0: there is room.
static uint64_t write_with_room(rlim_t room, const char *lines) {
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit limit = {room ? room : old.rlim_cur, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    uint64_t missing = log_file_write(&log_file, slice_str(lines));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    return missing;
}
static const char *content(void) {
    static char text[1024];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    return text;
}

static void a_line_that_is_cut_swallows_no_other(void **state) {
    UNUSED(state);
    assert_int_equal(write_with_room(0, "one\n"), 0);
    assert_int_equal(write_with_room(10, "two\nthree\nfour\n"), 2);
    assert_string_equal(content(), "one\ntwo\nth");
    assert_int_equal(write_with_room(10, "five\n"), 1);
    assert_int_equal(write_with_room(0, "six\nseven\n"), 0);
    assert_string_equal(content(), "one\ntwo\nth\nsix\nseven\n");
}

static void one_that_ends_where_the_room_does_is_whole(void **state) {
    UNUSED(state);
    assert_int_equal(write_with_room(4, "one\ntwo\n"), 1);
    assert_int_equal(write_with_room(4, "three\n"), 1);
    assert_int_equal(write_with_room(0, "four\n"), 0);
    assert_string_equal(content(), "one\nfour\n");
}

static void the_end_of_a_cut_line_may_find_no_room_either(void **state) {
    UNUSED(state);
    assert_int_equal(write_with_room(2, "one\n"), 1);
    assert_int_equal(write_with_room(3, "two\n"), 1); // its line's end, and nothing of it
    assert_string_equal(content(), "on\n");
    assert_int_equal(write_with_room(0, "three\n"), 0);
    assert_string_equal(content(), "on\nthree\n");
}

static void append(const char *text) {
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void another_process_s_cut_line_swallows_none_either(void **state) {
    UNUSED(state);
    append("tw");
    assert_int_equal(write_with_room(0, "three\n"), 0);
    assert_string_equal(content(), "tw\nthree\n");
    // And one that another process has ended is not ended twice.
    assert_int_equal(write_with_room(10, "four\n"), 1);
    append("\nfive\n");
    assert_int_equal(write_with_room(0, "six\n"), 0);
    assert_string_equal(content(), "tw\nthree\nf\nfive\nsix\n");
}

static void that_it_fails_and_no_longer_does_is_said_once(void **state) {
    UNUSED(state);
    char expected[512], told[512] = "";
    assert_int_equal(write_with_room(4, "one\ntwo\n"), 1);
    assert_int_equal(write_with_room(4, "three\n"), 1);
    assert_int_equal(write_with_room(0, "four\n"), 0);
    assert_int_equal(write_with_room(0, "five\n"), 0);
    fflush(stderr);
    snprintf(expected, sizeof expected,
             "obol: the audit log %s cannot be written: File too large; requests are served "
             "without it\n"
             "obol: the audit log %s is written again; it says how many lines are missing\n",
             path, path);
    assert_true(read(said[0], told, sizeof told - 1) > 0);
    assert_string_equal(told, expected);
}

static void one_that_cannot_be_opened_is_told_with_its_path(void **state) {
    UNUSED(state);
    struct error err;
    error_init(&err);
    assert_ok(log_file_check(path, &err));
    assert_ok(log_file_check(NULL, &err));
    assert_ok(log_file_check("syslog", &err));
    assert_code(log_file_check("/nonexistent/log", &err), OBOL_IO);
    assert_string_equal(err.detail, "log /nonexistent/log: No such file or directory");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_line_that_is_cut_swallows_no_other),
        CASE(one_that_ends_where_the_room_does_is_whole),
        CASE(the_end_of_a_cut_line_may_find_no_room_either),
        CASE(another_process_s_cut_line_swallows_none_either),
        CASE(that_it_fails_and_no_longer_does_is_said_once),
        CASE(one_that_cannot_be_opened_is_told_with_its_path),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
