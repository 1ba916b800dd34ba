// What kadmin does when its server denies a call, or the answer is lost: what changes nothing is
// asked again in a new context, once; what changes something is done at most once, whoever sits on
// the path. The server is ours, and answers in the client's poll: one thread, a pretended time.
#include "../gss/fixture.h"
#include "base/reader.h"
#include "cli/kadmin_client.h"
#include "gss/rpc_record.h"
#include "gss/rpc_server.h"
#include "net/transport.h"
#include "server/kadmind_contexts.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum trick {
    ANSWER,
    DENY,   // the call is done, and who sits on the path sends a refusal of his own
    CUT,    // the call is done, and the connection goes
    OTHER,  // the call is done, and the reply of another comes
    REFUSE, // the call is done, and its reply is made one that refuses it, with its verifier
    FORGET, // the server forgets its contexts before it takes the call
};

static struct world {
    struct fixture f;
    struct kadmind_contexts *contexts;
    struct rpc_server server;
    struct kadmin_client client;
    struct krb5conf conf;
    struct net_clock clock;
    int listener, fd;
    uint8_t in[1 << 16];
    size_t have;
    enum trick tricks[4]; // for the next records; then all are answered
    size_t trick_count, trick_at;
    unsigned done[KADM5_PROCEDURES], begun;
} w;

// ---- the server

static void send_record(struct slice reply) {
    struct writer out = writer_to_arena(&w.f.arena);
    size_t at = rpc_record_mark_begin(&out);
    writer_bytes(&out, reply);
    rpc_record_mark_end(&out, at);
    struct slice bytes = writer_slice(&out);
    assert_int_equal(send(w.fd, bytes.ptr, bytes.len, MSG_NOSIGNAL), bytes.len);
}

static void deny(uint32_t xid) {
    const struct rpc_reply denial = {
        .xid = xid, .denied = true, .reject = RPC_AUTH_ERROR, .auth_stat = RPC_GSS_CREDPROBLEM};
    struct writer out = writer_to_arena(&w.f.arena);
    rpc_reply_write(&out, &denial);
    send_record(writer_slice(&out));
}

static struct slice answer(struct rpc_taken *taken) {
    struct arena *a = &w.f.arena;
    struct writer out = writer_to_arena(a);
    struct kadm5_message in;
    assert_true(taken->procedure < KADM5_PROCEDURES);
    assert_ok(kadm5_read(taken->procedure, KADM5_ARGUMENTS, taken->arguments, a, &in, NULL));
    w.done[taken->procedure]++;
    const struct kadm5_message results = {
        .version = in.version, .status = taken->procedure == KADM5_INIT ? 0 : KADM5_E_UNK_PRINC};
    assert_ok(kadm5_write(taken->procedure, KADM5_RESULTS, &results, &out, NULL));
    struct slice reply;
    assert_ok(
        rpc_server_answer(&w.server, taken, RPC_SUCCESS, writer_slice(&out), a, &reply, NULL));
    return reply;
}

static void hang_up(void) {
    if (w.fd >= 0)
        close(w.fd);
    w.fd = -1;
    w.have = 0;
}

static void forget(void) {
    kadmind_contexts_free(w.contexts);
    w.contexts = kadmind_contexts_new(&w.f.env);
    assert_non_null(w.contexts);
    w.server.contexts = kadmind_contexts_store(w.contexts);
}

static void refuse(struct slice answer) {
    struct rpc_reply reply;
    struct writer out = writer_to_arena(&w.f.arena);
    assert_ok(rpc_reply_read(answer, &reply, NULL));
    reply.accept = RPC_PROC_UNAVAIL;
    rpc_reply_write(&out, &reply);
    send_record(writer_slice(&out));
}

static void serve(struct slice record) {
    struct rpc_taken taken;
    struct error ignored;
    error_init(&ignored);
    enum trick trick = w.trick_at < w.trick_count ? w.tricks[w.trick_at++] : ANSWER;
    if (trick == FORGET)
        forget();
    enum obol_code code = rpc_server_take(&w.server, record, &w.f.arena, &taken, &ignored);
    UNUSED(code); // what is to be sent says it
    w.begun += taken.made_context;
    struct slice reply = taken.is_call ? answer(&taken) : taken.reply;
    if (trick == DENY)
        deny(taken.call.xid);
    else if (trick == OTHER)
        deny(taken.call.xid + 1);
    else if (trick == REFUSE)
        refuse(reply);
    else if (trick == CUT)
        hang_up();
    else
        send_record(reply);
}

static void serve_what_came(void) {
    if (w.fd < 0)
        w.fd = accept4(w.listener, NULL, NULL, SOCK_NONBLOCK);
    ssize_t n = w.fd < 0 ? -1 : recv(w.fd, w.in + w.have, sizeof w.in - w.have, 0);
    if (n == 0) { // it comes with a new one
        hang_up();
        serve_what_came();
        return;
    }
    w.have += n > 0 ? (size_t)n : 0;
    struct slice record;
    size_t used;
    while (w.have &&
           rpc_record_next(buf_of(w.in, w.have), sizeof w.in, &record, &used) == RPC_RECORD_WHOLE) {
        serve(record);
        w.have = w.have > used ? w.have - used : 0; // no client sends more than one
    }
}

// ---- the client

static int64_t pretended_ms(void *ctx) {
    UNUSED(ctx);
    return w.f.now_us / 1000;
}

static int pretended_poll(void *ctx, struct pollfd *fds, nfds_t count, int timeout_ms) {
    UNUSED(ctx);
    UNUSED(timeout_ms);
    serve_what_came();
    return poll(fds, count, 0);
}

static int begin(void **state) {
    UNUSED(state);
    memset(&w, 0, sizeof w);
    fixture_init(&w.f, ENCTYPE_AES256_SHA384);
    w.contexts = kadmind_contexts_new(&w.f.env);
    w.server = (struct rpc_server){
        .program = KADM5_PROGRAM,
        .version = KADM5_PROGRAM_VERSION,
        .accept = {.keys = &w.f.keys, .replay = &w.f.replay, .clockskew = 300},
        .contexts = kadmind_contexts_store(w.contexts),
        .env = &w.f.env,
    };
    w.clock = (struct net_clock){NULL, pretended_ms, pretended_poll};
    w.fd = -1;
    w.client = (struct kadmin_client){
        .net = {.conf = &w.conf, .env = &w.f.env, .clock = &w.clock},
        .realm = SLICE_LITERAL("OBOL.TEST"),
        .servers = {.count = 1},
        .ticket = w.f.ticket,
    };
    struct net_server *place = &w.client.servers.items[0];
    struct sockaddr_in *at = (struct sockaddr_in *)&place->address;
    at->sin_family = AF_INET;
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    place->address_len = sizeof *at;
    place->protocols = NET_TCP;
    w.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(w.listener, (struct sockaddr *)at, sizeof *at) != 0 || listen(w.listener, 8) != 0 ||
        getsockname(w.listener, (struct sockaddr *)at, &place->address_len) != 0)
        return -1;
    assert_ok(kadmin_client_open(&w.client, &w.f.error));
    assert_int_equal(w.begun, 1);
    return 0;
}

static int end(void **state) {
    UNUSED(state);
    kadmin_client_close(&w.client);
    hang_up();
    close(w.listener);
    kadmind_contexts_free(w.contexts);
    fixture_clear(&w.f);
    return 0;
}

#define TRICKS(...)                                                                                \
    do {                                                                                           \
        static const enum trick those[] = {__VA_ARGS__};                                           \
        memcpy(w.tricks, those, sizeof those);                                                     \
        w.trick_count = COUNT_OF(those);                                                           \
        w.trick_at = 0;                                                                            \
    } while (0)

static enum obol_code ask(uint32_t procedure) {
    struct kadm5_message out, in = {.name = SLICE_LITERAL("bob@OBOL.TEST")};
    error_init(&w.f.error);
    enum obol_code code =
        kadmin_client_call(&w.client, procedure, &in, &w.f.arena, &out, &w.f.error);
    if (code == OBOL_OK)
        assert_int_equal(out.status, KADM5_E_UNK_PRINC);
    return code;
}

static void assert_told_to_look(void) {
    assert_non_null(strstr(error_remedy_text(&w.f.error), "get_principal"));
}

// After whatever went before, the session goes on.
static void assert_goes_on(unsigned begun) {
    unsigned before = w.done[KADM5_DELETE_PRINCIPAL];
    assert_ok(ask(KADM5_DELETE_PRINCIPAL));
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], before + 1);
    assert_int_equal(w.begun, begun);
}

static void a_denied_call_that_changes_nothing_is_asked_once_more(void **state) {
    UNUSED(state);
    TRICKS(DENY);
    assert_ok(ask(KADM5_GET_PRINCIPAL));
    assert_int_equal(w.done[KADM5_GET_PRINCIPAL], 2);
    assert_int_equal(w.begun, 2);
    TRICKS(DENY, ANSWER, DENY); // a record for the new context stands between
    assert_code(ask(KADM5_GET_PRINCIPAL), OBOL_PERMISSION);
    assert_int_equal(w.done[KADM5_GET_PRINCIPAL], 4);
    assert_goes_on(4);
}

static void a_call_that_changes_something_is_done_once_whoever_denies_it(void **state) {
    UNUSED(state);
    TRICKS(DENY);
    assert_code(ask(KADM5_DELETE_PRINCIPAL), OBOL_PERMISSION);
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], 1);
    assert_told_to_look();
    assert_goes_on(2);
}

static void an_answer_that_is_lost_has_the_call_not_repeated(void **state) {
    UNUSED(state);
    TRICKS(CUT);
    assert_code(ask(KADM5_DELETE_PRINCIPAL), OBOL_IO);
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], 1);
    assert_told_to_look();
    assert_goes_on(2);
}

static void after_the_reply_to_another_call_the_connection_is_not_used_any_more(void **state) {
    UNUSED(state);
    TRICKS(OTHER);
    assert_code(ask(KADM5_DELETE_PRINCIPAL), OBOL_REPLY_MISMATCH);
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], 1);
    assert_told_to_look();
    assert_goes_on(2);
    TRICKS(OTHER);
    assert_code(ask(KADM5_GET_PRINCIPAL), OBOL_REPLY_MISMATCH);
    assert_goes_on(3);
}

static void a_context_that_was_lost_while_nobody_asked_is_made_anew_before_a_change(void **state) {
    UNUSED(state);
    w.f.now_us += INT64_C(6000000);
    TRICKS(FORGET);
    assert_ok(ask(KADM5_DELETE_PRINCIPAL));
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], 1);
    assert_int_equal(w.begun, 2);
    // Right after an answer it is not asked whether there is one.
    TRICKS(FORGET);
    assert_code(ask(KADM5_DELETE_PRINCIPAL), OBOL_PERMISSION);
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], 1);
    assert_told_to_look();
    assert_ok(ask(KADM5_GET_PRINCIPAL));
    TRICKS(FORGET);
    assert_ok(ask(KADM5_GET_PRINCIPAL));
    assert_int_equal(w.done[KADM5_GET_PRINCIPAL], 2);
    assert_goes_on(4);
}

static void who_denies_the_question_before_a_change_has_nothing_done(void **state) {
    UNUSED(state);
    w.f.now_us += INT64_C(6000000);
    TRICKS(DENY, ANSWER, DENY);
    assert_code(ask(KADM5_DELETE_PRINCIPAL), OBOL_PERMISSION);
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], 0);
    assert_goes_on(3);
}

static void a_refusal_may_bear_the_verifier_of_results(void **state) {
    UNUSED(state);
    TRICKS(REFUSE);
    assert_code(ask(KADM5_DELETE_PRINCIPAL), OBOL_UNSUPPORTED);
    assert_int_equal(w.done[KADM5_DELETE_PRINCIPAL], 1);
    assert_told_to_look();
    assert_goes_on(2);
    TRICKS(REFUSE); // what changes nothing leaves nothing to look for
    assert_code(ask(KADM5_GET_PRINCIPAL), OBOL_UNSUPPORTED);
    assert_null(strstr(error_remedy_text(&w.f.error), "get_principal"));
    assert_goes_on(3);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(a_denied_call_that_changes_nothing_is_asked_once_more),
        CASE(a_call_that_changes_something_is_done_once_whoever_denies_it),
        CASE(an_answer_that_is_lost_has_the_call_not_repeated),
        CASE(after_the_reply_to_another_call_the_connection_is_not_used_any_more),
        CASE(a_context_that_was_lost_while_nobody_asked_is_made_anew_before_a_change),
        CASE(who_denies_the_question_before_a_change_has_nothing_done),
        CASE(a_refusal_may_bear_the_verifier_of_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
