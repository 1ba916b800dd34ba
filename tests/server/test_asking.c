// test_asking.c: requests that wait for RADIUS servers at sockets of this machine, in a worker with
// a service of the test's: servers that answer, hang up between two questions, or say much at once.
#include "../test.h"
#include "radius_reply.h"
#include "server/asker.h"
#include "server/asking.h"
#include "server/claims.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TIMEOUT_US = 3600 * 1000000LL, SERVERS = 2 }; // nothing here is waited out

static char dir[] = "/tmp/obol-asking-XXXXXX", paths[SERVERS][64];
static int listeners[SERVERS];
static struct asker_service service;
static const struct asker_service *const services[] = {&service};
static struct server_config config;
static struct metrics metrics;
static struct ring log_ring, no_ring;
static struct worker worker;

// What came of the request that begins with a letter.
static struct outcome {
    enum kdc_verdict verdict;
    char detail[256];
} outcomes[128];

static enum obol_code test_renew(void *state, struct error *err) {
    UNUSED(state);
    UNUSED(err);
    return OBOL_OK;
}
static struct slice test_answer(void *state, const struct service_request *rq, struct arena *a,
                                struct event *event) {
    UNUSED(state);
    UNUSED(a);
    UNUSED(event);
    struct outcome *o = &outcomes[rq->bytes.ptr[0]];
    if (!rq->known) {
        *rq->question = (struct kdc_question){1, 0, rq->bytes, SLICE_LITERAL("314159")};
        return (struct slice){0};
    }
    o->verdict = rq->known->verdict;
    snprintf(o->detail, sizeof o->detail, "%s", rq->known->detail);
    return rq->bytes;
}
static const struct service SERVICE = {.name = "test", .renew = test_renew, .answer = test_answer};

static void listen_at(size_t i) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, paths[i], strlen(paths[i]));
    listeners[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listeners[i], (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listeners[i], 5), 0);
}
static void nobody_listens_at(size_t i) {
    close(listeners[i]);
    listeners[i] = -1;
}
static int setup_servers(size_t count) {
    memset(outcomes, 0, sizeof outcomes);
    memset(&metrics, 0, sizeof metrics);
    memset(&worker, 0, sizeof worker);
    service = (struct asker_service){.name = SLICE_LITERAL("near"), .server_count = count};
    service.timeout_us = TIMEOUT_US;
    service.tries = 1;
    strcpy(dir + sizeof dir - 7, "XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    for (size_t i = 0; i < SERVERS; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%zu", dir, i);
        service.servers[i] = (struct asker_server){.text = slice_str(paths[i])};
        service.servers[i].address.any.sa_family = AF_UNIX;
        listen_at(i);
    }
    config = (struct server_config){.outside = services, .outside_count = 1};
    worker.start = (struct worker_start){.config = &config,
                                         .service = &SERVICE,
                                         .log = &log_ring,
                                         .keep = &no_ring,
                                         .claims = claims_new(64, TIMEOUT_US, env_system()),
                                         .metrics = &metrics};
    worker.epoll = epoll_create1(EPOLL_CLOEXEC);
    bool made = ring_init(&log_ring, 1 << 16) && worker.start.claims && worker.epoll >= 0 &&
                arena_init(&worker.arena, 4096, 1 << 20) && asking_start(&worker);
    return made ? 0 : -1;
}
static int setup(void **state) {
    UNUSED(state);
    return setup_servers(1);
}
static int setup_both(void **state) {
    UNUSED(state);
    return setup_servers(SERVERS);
}
static int teardown(void **state) {
    UNUSED(state);
    asking_free(&worker);
    arena_clear(&worker.arena);
    claims_free(worker.start.claims);
    ring_clear(&log_ring);
    close(worker.epoll);
    for (size_t i = 0; i < SERVERS; i++) {
        if (listeners[i] >= 0)
            close(listeners[i]);
        unlink(paths[i]);
    }
    return rmdir(dir);
}

// A turn of the worker before which no event was looked at.
static void turn(void) {
    worker.clock_us = worker_clock_us();
    (void)asking_turn(&worker, -1);
}
// One of a worker that hears of the events that are there.
static void serve(void) {
    struct epoll_event events[8];
    int n = epoll_wait(worker.epoll, events, COUNT_OF(events), 0);
    assert_true(n > 0);
    for (int i = 0; i < n; i++)
        asking_serve(&worker, events[i].data.ptr, events[i].events);
    turn();
}
static void ask(const char *who) {
    const union sock_address peer = {.v4.sin_family = AF_INET};
    const struct asking_route route = {.to = ""};
    struct event event;
    const struct service_request rq = {.bytes = slice_str(who), .peer = &peer, .via = EVENT_TCP};
    assert_int_equal(worker_answer(&worker, rq.bytes, &peer, EVENT_TCP, &event).len, 0);
    assert_true(asking_park(&worker, &rq, &event, &route));
    turn();
}
static void is(const char *who, enum kdc_verdict verdict, const char *detail) {
    const struct outcome *o = &outcomes[(uint8_t)who[0]];
    assert_int_equal(o->verdict, verdict);
    assert_non_null(strstr(o->detail, detail));
}
static void waits(const char *who) {
    is(who, KDC_VERDICT_NONE, "");
}
static int accepted(size_t server) {
    int fd = accept4(listeners[server], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}
// The one question that a server was asked.
static struct slice question(int fd) {
    static uint8_t bytes[RADIUS_REQUEST_MAX];
    ssize_t n = read(fd, bytes, sizeof bytes);
    assert_true(n > RADIUS_USER_AT);
    assert_int_equal((size_t)n, (size_t)bytes[2] << 8 | bytes[3]);
    return slice_of(bytes, (size_t)n);
}
static void say(int fd, struct slice bytes) {
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
}
static void answer(int fd, uint8_t code) {
    say(fd, radius_signed_reply(question(fd), code, ""));
}

static void an_answer_ends_the_wait(void **state) {
    UNUSED(state);
    ask("alice");
    int fd = accepted(0);
    waits("alice");
    answer(fd, RADIUS_ACCESS_ACCEPT);
    serve();
    is("alice", KDC_ACCEPTED, "takes the one-time code");
    ask("bob");
    answer(fd, RADIUS_ACCESS_REJECT);
    serve();
    is("bob", KDC_REJECTED, "refuses the one-time code");
    assert_true(asking_is_idle(&worker));
    close(fd);
}

static void a_server_that_hung_up_leaves_nobody_waiting(void **state) {
    UNUSED(state);
    ask("alice");
    int fd = accepted(0);
    (void)question(fd);
    close(fd);
    waits("alice");
    ask("bob"); // before anybody heard of it
    is("alice", KDC_UNANSWERED, "it closed its socket");
    waits("bob");
    fd = accepted(0);
    answer(fd, RADIUS_ACCESS_ACCEPT);
    serve();
    is("bob", KDC_ACCEPTED, "takes the one-time code");
    assert_int_equal(metrics.radius_asked, 2);
    assert_int_equal(metrics.radius_unanswered, 1);
    close(fd);
}

static void one_that_did_not_even_read_is_no_better(void **state) {
    UNUSED(state);
    ask("alice");
    close(accepted(0)); // the system says "reset" here
    ask("bob");
    is("alice", KDC_UNANSWERED, "it closed its socket");
    int fd = accepted(0);
    answer(fd, RADIUS_ACCESS_ACCEPT);
    serve();
    is("bob", KDC_ACCEPTED, "takes the one-time code");
    close(fd);
}

static void what_it_said_before_it_hung_up_counts(void **state) {
    UNUSED(state);
    ask("alice");
    int fd = accepted(0);
    answer(fd, RADIUS_ACCESS_ACCEPT);
    close(fd);
    ask("bob");
    is("alice", KDC_ACCEPTED, "takes the one-time code");
    fd = accepted(0);
    answer(fd, RADIUS_ACCESS_REJECT);
    serve();
    is("bob", KDC_REJECTED, "refuses the one-time code");
    close(fd);
}

// Many packets of which the last is the answer.
static void say_forged_and_the_answer(int fd, size_t many) {
    static uint8_t bytes[1024 * RADIUS_REPLY_LEN];
    struct slice q = question(fd);
    assert_true((many + 1) * RADIUS_REPLY_LEN <= sizeof bytes);
    for (size_t i = 0; i <= many; i++)
        memcpy(bytes + i * RADIUS_REPLY_LEN,
               radius_signed_reply(q, RADIUS_ACCESS_ACCEPT, i < many ? "forged" : "").ptr,
               RADIUS_REPLY_LEN);
    say(fd, slice_of(bytes, (many + 1) * RADIUS_REPLY_LEN));
}

// A server that closed its half of the stream, and sends as much on the other.
static void hears_no_more_and_says(size_t many, enum kdc_verdict verdict) {
    ask("alice");
    int fd = accepted(0);
    say_forged_and_the_answer(fd, many);
    assert_int_equal(shutdown(fd, SHUT_RD), 0);
    ask("bob");
    is("alice", verdict, "");
    assert_int_equal(metrics.radius_dropped, many);
    close(fd);
    fd = accepted(0);
    answer(fd, RADIUS_ACCESS_ACCEPT);
    serve();
    is("bob", KDC_ACCEPTED, "takes the one-time code");
    close(fd);
}
static void one_that_hears_no_more_is_listened_to(void **state) {
    UNUSED(state);
    hears_no_more_and_says(ASKER_PENDING_MAX - 1, KDC_ACCEPTED);
}
static void one_that_hears_no_more_is_not_listened_to_for_ever(void **state) {
    UNUSED(state);
    hears_no_more_and_says(ASKER_PENDING_MAX, KDC_UNANSWERED);
}

static void what_it_left_open_goes_to_the_next_server(void **state) {
    UNUSED(state);
    ask("alice");
    int fd = accepted(0);
    (void)question(fd);
    close(fd);
    ask("bob");
    int next = accepted(1), again = accepted(0);
    answer(next, RADIUS_ACCESS_ACCEPT);
    answer(again, RADIUS_ACCESS_REJECT);
    serve();
    is("alice", KDC_ACCEPTED, paths[1]);
    is("bob", KDC_REJECTED, paths[0]);
    close(next);
    close(again);
}

static void one_that_ended_is_told_of_at_once(void **state) {
    UNUSED(state);
    ask("alice");
    close(accepted(0));
    nobody_listens_at(0);
    ask("bob");
    is("alice", KDC_UNANSWERED, "it closed its socket");
    is("bob", KDC_UNANSWERED, "Connection refused");
    ask("carol");
    is("carol", KDC_UNANSWERED, "Connection refused");
    assert_true(asking_is_idle(&worker));
}

static void what_was_read_together_is_served_together(void **state) {
    // More packets than have a turn in a row: no event announces what the worker has read already.
    enum { MANY = 100 };
    UNUSED(state);
    ask("alice");
    int fd = accepted(0);
    say_forged_and_the_answer(fd, MANY);
    serve();
    is("alice", KDC_ACCEPTED, "takes the one-time code");
    assert_int_equal(metrics.radius_dropped, MANY);
    close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(an_answer_ends_the_wait),
        CASE(a_server_that_hung_up_leaves_nobody_waiting),
        CASE(one_that_did_not_even_read_is_no_better),
        CASE(what_it_said_before_it_hung_up_counts),
        CASE(one_that_hears_no_more_is_listened_to),
        CASE(one_that_hears_no_more_is_not_listened_to_for_ever),
        cmocka_unit_test_setup_teardown(what_it_left_open_goes_to_the_next_server, setup_both,
                                        teardown),
        CASE(one_that_ended_is_told_of_at_once),
        CASE(what_was_read_together_is_served_together),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
