// test_asker.c: questions to RADIUS servers at a pretended time: retransmission, several servers,
// forged and late replies, and that there is an end to everything.
#include "../test.h"
#include "radius_reply.h"
#include "server/asker.h"
#include <stdio.h>

#define SECRET "xyzzy5461"
enum { SECOND = 1000000, START = 77 * SECOND };

static int64_t no_clock(void *ctx) {
    UNUSED(ctx);
    return 0;
}
static void counting(void *ctx, struct buf out) {
    static uint8_t next;
    UNUSED(ctx);
    for (size_t i = 0; i < out.len; i++)
        out.ptr[i] = next++;
}
static const struct env env = {NULL, no_clock, counting};

static struct asker_service two = {
    .name = SLICE_LITERAL("two"),
    .servers = {{.address.v4.sin_family = AF_INET, .text = SLICE_LITERAL("first:1812")},
                {.address.v4.sin_family = AF_INET, .text = SLICE_LITERAL("second:1812")}},
    .server_count = 2,
    .secret = SLICE_LITERAL(SECRET),
    .timeout_us = 4 * SECOND,
    .tries = 4};
static struct asker_service lost = {.name = SLICE_LITERAL("lost"),
                                    .servers = {{.text = SLICE_LITERAL("nowhere:1812")}},
                                    .server_count = 1,
                                    .secret = SLICE_LITERAL(SECRET),
                                    .timeout_us = 4 * SECOND,
                                    .tries = 4};
static struct asker_service near = {
    .name = SLICE_LITERAL("near"),
    .servers = {{.address.any.sa_family = AF_UNIX, .text = SLICE_LITERAL("/run/radius")}},
    .server_count = 1,
    .timeout_us = 4 * SECOND,
    .tries = 4};
static const struct asker_service *const services[] = {&two, &lost, &near};

static int setup(void **state) {
    *state = asker_new(services, 3, SLICE_LITERAL("kdc"), &env);
    return *state ? 0 : 1;
}
static int teardown(void **state) {
    asker_free(*state);
    return 0;
}

static int ask(struct asker *a, size_t service, int64_t now) {
    const struct kdc_question q = {1, service, SLICE_LITERAL("alice"), SLICE_LITERAL("314159")};
    return asker_ask(a, &q, now);
}

// The one datagram that is due.
static struct asker_datagram sent(struct asker *a, int64_t now) {
    struct asker_datagram d, more;
    assert_true(asker_send(a, now, &d));
    assert_false(asker_send(a, now, &more));
    return d;
}
static void nothing_is_due(struct asker *a, int64_t now) {
    struct asker_datagram d;
    assert_false(asker_send(a, now, &d));
}

static bool reply(struct asker *a, struct asker_datagram to, uint8_t code, const char *secret) {
    struct asker_datagram in = {to.service, to.server, radius_signed_reply(to.bytes, code, secret)};
    return asker_receive(a, &in);
}

static void a_reply_ends_a_question(void **state) {
    static const struct {
        uint8_t code;
        enum kdc_verdict verdict;
        const char *word;
    } rows[] = {{2, KDC_ACCEPTED, "takes"},
                {3, KDC_REJECTED, "refuses"},
                {11, KDC_CHALLENGED, "question back"}};
    struct kdc_answer answer;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int number = ask(*state, 0, START);
        assert_int_equal(asker_pending(*state), 1);
        assert_int_equal(asker_wait_us(*state, START), 0);
        struct asker_datagram d = sent(*state, START);
        assert_int_equal(d.server, 0);
        assert_int_equal(d.bytes.ptr[1], number);
        assert_int_equal(asker_finished(*state, &answer), -1);
        assert_true(reply(*state, d, rows[i].code, SECRET));
        assert_int_equal(asker_finished(*state, &answer), number);
        assert_int_equal(answer.verdict, rows[i].verdict);
        assert_non_null(strstr(answer.detail, rows[i].word));
        assert_non_null(strstr(answer.detail, "first:1812"));
        assert_int_equal(asker_finished(*state, &answer), -1);
        assert_int_equal(asker_wait_us(*state, START), -1);
        assert_false(reply(*state, d, 2, SECRET)); // it is over
    }
}

static void the_same_bytes_are_sent_again_and_then_the_next_server_is_asked(void **state) {
    struct kdc_answer answer;
    uint8_t first[RADIUS_REQUEST_MAX];
    assert_int_not_equal(ask(*state, 0, START), -1);
    struct asker_datagram d = sent(*state, START);
    memcpy(first, d.bytes.ptr, d.bytes.len);
    for (int i = 1; i < 4; i++) {
        nothing_is_due(*state, START + i * SECOND - 1);
        assert_int_equal(asker_wait_us(*state, START + i * SECOND - 1), 1);
        d = sent(*state, START + i * SECOND);
        assert_int_equal(d.server, 0);
        assert_memory_equal(d.bytes.ptr, first, d.bytes.len);
    }
    nothing_is_due(*state, START + 4 * SECOND - 1);
    for (int i = 4; i < 8; i++) {
        d = sent(*state, START + i * SECOND);
        assert_int_equal(d.server, 1);
    }
    nothing_is_due(*state, START + 8 * SECOND - 1);
    assert_int_equal(asker_finished(*state, &answer), -1);
    nothing_is_due(*state, START + 8 * SECOND);
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_equal(answer.verdict, KDC_UNANSWERED);
    assert_string_equal(answer.detail,
                        "the RADIUS server second:1812 did not answer 4 requests in 4.0 s");
}

static void at_a_socket_of_this_machine_a_question_is_sent_once(void **state) {
    struct kdc_answer answer;
    assert_int_not_equal(ask(*state, 2, START), -1);
    struct asker_datagram d = sent(*state, START);
    assert_int_equal(d.service, 2);
    nothing_is_due(*state, START + 4 * SECOND - 1);
    assert_int_equal(asker_wait_us(*state, START), 4 * SECOND);
    // Without a secret the sums say nothing, but they must be right.
    assert_false(reply(*state, d, 2, "guessed"));
    assert_true(reply(*state, d, 2, ""));
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_equal(answer.verdict, KDC_ACCEPTED);
    assert_int_not_equal(ask(*state, 2, START), -1);
    d = sent(*state, START);
    nothing_is_due(*state, START + 4 * SECOND);
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_string_equal(answer.detail,
                        "the RADIUS server /run/radius did not answer 1 request in 4.0 s");
    // One that hangs up while nothing is asked is no worse for it.
    asker_unreachable(*state, 0, 0, "it closed its socket", START);
    assert_int_not_equal(ask(*state, 0, START), -1);
    assert_int_equal(sent(*state, START).server, 0);
}

static void a_server_that_is_slow_may_answer_after_the_next_was_asked(void **state) {
    struct kdc_answer answer;
    assert_int_not_equal(ask(*state, 0, START), -1);
    struct asker_datagram first = sent(*state, START);
    assert_int_equal(sent(*state, START + 4 * SECOND).server, 1);
    assert_true(reply(*state, first, 2, SECRET));
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_equal(answer.verdict, KDC_ACCEPTED);
}

static void a_server_that_did_not_answer_is_asked_last_for_a_while(void **state) {
    struct kdc_answer answer;
    assert_int_not_equal(ask(*state, 0, START), -1);
    assert_int_equal(sent(*state, START).server, 0);
    struct asker_datagram d = sent(*state, START + 4 * SECOND);
    assert_int_equal(d.server, 1);
    assert_true(reply(*state, d, 3, SECRET));
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_not_equal(ask(*state, 0, START + 5 * SECOND), -1);
    assert_int_equal(sent(*state, START + 5 * SECOND).server, 1);
    assert_int_equal(sent(*state, START + 9 * SECOND).server, 0);
    asker_give_up(*state, "the end");
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_not_equal(ask(*state, 0, START + 80 * SECOND), -1);
    assert_int_equal(sent(*state, START + 80 * SECOND).server, 0);
}

static void forged_replies_are_dropped_and_told(void **state) {
    struct kdc_answer answer;
    assert_int_not_equal(ask(*state, 0, START), -1);
    struct asker_datagram d = sent(*state, START), other = d;
    assert_false(reply(*state, d, 2, "another secret"));
    uint8_t bare[20];
    memcpy(bare, d.bytes.ptr, sizeof bare);
    bare[0] = 2, bare[2] = 0, bare[3] = 20;
    struct asker_datagram in = {0, 0, slice_of(bare, sizeof bare)};
    assert_false(asker_receive(*state, &in));
    // From a server that was not asked, or about a question that there is not.
    other.server = 1;
    assert_false(reply(*state, other, 2, SECRET));
    other = d;
    other.service = 1;
    assert_false(reply(*state, other, 2, SECRET));
    bare[1] ^= 0x55;
    assert_false(asker_receive(*state, &in));
    in.bytes.len = 1;
    assert_false(asker_receive(*state, &in));
    assert_int_equal(asker_finished(*state, &answer), -1);
    asker_unreachable(*state, 0, 1, "not asked yet", START);
    // The first server is given up; the second is quiet, and asked all the same.
    assert_int_equal(sent(*state, START + 4 * SECOND).server, 1);
    asker_unreachable(*state, 0, 1, "Connection refused", START + 4 * SECOND);
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_equal(answer.verdict, KDC_UNANSWERED);
    assert_string_equal(answer.detail, "the RADIUS server second:1812: Connection refused");
    // Alone it says what was dropped.
    two.server_count = 1;
    assert_int_not_equal(ask(*state, 0, START + 200 * SECOND), -1);
    d = sent(*state, START + 200 * SECOND);
    assert_false(reply(*state, d, 2, "another secret"));
    nothing_is_due(*state, START + 204 * SECOND);
    two.server_count = 2;
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_non_null(strstr(answer.detail, "1 dropped, of the last: it was made with another"));
}

static void what_cannot_be_asked_ends_at_once(void **state) {
    struct kdc_answer answer;
    static uint8_t many[400];
    memset(many, '1', sizeof many);
    assert_int_not_equal(ask(*state, 1, START), -1);
    assert_int_equal(asker_wait_us(*state, START), 0);
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_equal(answer.verdict, KDC_UNANSWERED);
    assert_non_null(strstr(answer.detail, "nowhere:1812 was not found"));
    assert_int_not_equal(ask(*state, 3, START), -1);
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_equal(answer.verdict, KDC_UNANSWERED);
    const struct kdc_question q = {1, 0, SLICE_LITERAL("alice"), slice_of(many, 129)};
    assert_int_not_equal(asker_ask(*state, &q, START), -1);
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_equal(answer.verdict, KDC_REJECTED);
    nothing_is_due(*state, START);
}

static void so_many_wait_and_no_more(void **state) {
    struct kdc_answer answer;
    bool seen[ASKER_PENDING_MAX] = {0};
    char name[8];
    struct kdc_question q = {1, 0, {0}, SLICE_LITERAL("314159")};
    for (int i = 0; i < ASKER_PENDING_MAX; i++) {
        snprintf(name, sizeof name, "user%d", i);
        q.user = slice_str(name);
        int number = asker_ask(*state, &q, START);
        assert_in_range(number, 0, ASKER_PENDING_MAX - 1);
        assert_false(seen[number]);
        seen[number] = true;
    }
    assert_int_equal(ask(*state, 0, START), -1);
    asker_give_up(*state, "the KDC ends");
    for (int i = 0; i < ASKER_PENDING_MAX; i++) {
        assert_int_not_equal(asker_finished(*state, &answer), -1);
        assert_string_equal(answer.detail, "the KDC ends");
    }
    assert_int_equal(asker_finished(*state, &answer), -1);
    assert_int_not_equal(ask(*state, 0, START), -1);
}

static void the_guesses_of_one_user_wait_for_each_other(void **state) {
    struct kdc_answer answer;
    for (int i = 0; i < ASKER_PER_USER; i++)
        assert_int_not_equal(ask(*state, 0, START), -1);
    assert_int_equal(ask(*state, 0, START), -1);
    const struct kdc_question other = {1, 0, SLICE_LITERAL("alic"), SLICE_LITERAL("1")};
    assert_int_not_equal(asker_ask(*state, &other, START), -1);
    assert_int_not_equal(ask(*state, 1, START), -1); // elsewhere she is somebody else
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    asker_give_up(*state, "the end");
    assert_int_not_equal(asker_finished(*state, &answer), -1);
    assert_int_not_equal(ask(*state, 0, START), -1);
    assert_int_equal(ask(*state, 0, START), -1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_reply_ends_a_question),
        CASE(the_same_bytes_are_sent_again_and_then_the_next_server_is_asked),
        CASE(at_a_socket_of_this_machine_a_question_is_sent_once),
        CASE(a_server_that_is_slow_may_answer_after_the_next_was_asked),
        CASE(a_server_that_did_not_answer_is_asked_last_for_a_while),
        CASE(forged_replies_are_dropped_and_told),
        CASE(what_cannot_be_asked_ends_at_once),
        CASE(so_many_wait_and_no_more),
        CASE(the_guesses_of_one_user_wait_for_each_other),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
