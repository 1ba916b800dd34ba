// test_rpc.c: ONC RPC under RPCSEC_GSS (RFC 5531, 2203), both ends in one process: what passes, and
// what each end refuses.
#include "base/reader.h"
#include "fixture.h"
#include "gss/rpc_client.h"
#include "gss/rpc_record.h"
#include "gss/rpc_server.h"

enum { PROGRAM = 2112, VERSION = 2, ECHO = 7, MAX = 1 << 16 };

// A table of one context.
struct kept {
    uint8_t handle[RPC_HANDLE_BYTES];
    uint8_t bytes[4096];
    size_t len;
    bool full, held;
};

static enum obol_code kept_add(void *ctx, struct slice handle, struct slice client,
                               struct slice bytes, int64_t end, struct error *err) {
    struct kept *k = ctx;
    assert_slice_str(client, "alice@OBOL.TEST");
    assert_int_equal(end, FIXTURE_NOW + 3600 + 300);
    ENSURE(!k->full, NO_MEMORY, "no room");
    memcpy(k->handle, handle.ptr, sizeof k->handle);
    memcpy(k->bytes, bytes.ptr, bytes.len);
    k->len = bytes.len;
    return OBOL_OK;
}

static bool kept_take(void *ctx, struct slice handle, struct arena *a, struct slice *bytes) {
    struct kept *k = ctx;
    assert_false(k->held);
    if (!k->len || !slice_eq(handle, slice_of(k->handle, sizeof k->handle)))
        return false;
    k->held = true;
    return arena_copy(a, slice_of(k->bytes, k->len), bytes);
}

static void kept_put(void *ctx, struct slice handle, struct slice bytes) {
    struct kept *k = ctx;
    UNUSED(handle);
    assert_true(k->held);
    k->held = false;
    if (bytes.len)
        memcpy(k->bytes, bytes.ptr, bytes.len);
    k->len = bytes.len;
}

struct pair {
    struct fixture f;
    struct kept kept;
    struct rpc_server server;
    struct rpc_client client;
    struct rpc_taken taken;
    struct error error; // of the server
};

static void pair_start(struct pair *p, int32_t etype) {
    memset(p, 0, sizeof *p);
    fixture_init(&p->f, etype);
    error_init(&p->error);
    p->server = (struct rpc_server){
        .program = PROGRAM,
        .version = VERSION,
        .accept = {.keys = &p->f.keys, .replay = &p->f.replay, .clockskew = 300},
        .contexts = {&p->kept, kept_add, kept_take, kept_put},
        .env = &p->f.env,
    };
}

// What is in a record of one fragment.
static struct slice unmarked(struct slice sent) {
    struct slice record;
    size_t used;
    struct buf stream = buf_of((void *)(uintptr_t)sent.ptr, sent.len);
    assert_int_equal(rpc_record_next(stream, MAX, &record, &used), RPC_RECORD_WHOLE);
    assert_int_equal(used, sent.len);
    return record;
}

static enum obol_code serve(struct pair *p, struct slice record) {
    error_init(&p->error);
    return rpc_server_take(&p->server, record, &p->f.arena, &p->taken, &p->error);
}

static struct slice first_record(struct pair *p, enum rpc_protection protection) {
    const struct rpc_client_params params = {
        .ticket = &p->f.ticket, .program = PROGRAM, .version = VERSION, .protection = protection};
    struct slice send;
    assert_ok(rpc_client_start(&p->client, &params, &p->f.env, &p->f.arena, &send, &p->f.error));
    return unmarked(send);
}

static void establish(struct pair *p, enum rpc_protection protection) {
    struct slice send;
    assert_ok(serve(p, first_record(p, protection)));
    assert_true(p->taken.made_context);
    assert_false(p->taken.is_call);
    assert_ok(rpc_client_establish(&p->client, p->taken.reply, &send, &p->f.error));
    assert_true(p->client.established);
    assert_int_equal(send.len, 0);
    assert_int_equal(p->client.window, RPC_WINDOW);
}

static void begin(struct pair *p) {
    pair_start(p, ENCTYPE_AES256_SHA384);
    establish(p, RPC_PROTECT_PRIVACY);
}

static struct slice call(struct pair *p, const char *arguments) {
    struct slice send;
    p->client.waits = false;
    assert_ok(
        rpc_client_call(&p->client, ECHO, slice_str(arguments), &p->f.arena, &send, &p->f.error));
    return unmarked(send);
}

static struct slice answer(struct pair *p, enum rpc_accept accept, const char *results) {
    struct slice reply;
    assert_ok(rpc_server_answer(&p->server, &p->taken, accept, slice_str(results), &p->f.arena,
                                &reply, &p->error));
    return reply;
}

static enum obol_code take(struct pair *p, struct slice reply, struct slice *results) {
    error_init(&p->f.error);
    return rpc_client_take(&p->client, reply, &p->f.arena, results, &p->f.error);
}

static void assert_denied(struct pair *p, enum rpc_auth_stat why) {
    struct rpc_reply reply;
    assert_ok(rpc_reply_read(p->taken.reply, &reply, &p->f.error));
    assert_true(reply.denied);
    assert_int_equal(reply.reject, RPC_AUTH_ERROR);
    assert_int_equal(reply.auth_stat, why);
    assert_false(p->taken.is_call);
}

static void pair_end(struct pair *p) {
    assert_false(p->kept.held);
    fixture_clear(&p->f);
}

// ---- what passes

static void calls_go_there_and_back_by_every_enctype_sealed_and_signed(void **state) {
    static const int32_t etypes[] = {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA1, ENCTYPE_RC4_HMAC};
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(etypes); i++)
        for (enum rpc_protection how = RPC_PROTECT_INTEGRITY; how <= RPC_PROTECT_PRIVACY; how++) {
            static struct pair p;
            struct slice results;
            pair_start(&p, etypes[i]);
            establish(&p, how);
            for (int n = 0; n < 100; n++) {
                struct slice record = call(&p, "what is it?!");
                bool readable = memmem(record.ptr, record.len, "what is it?!", 12) != NULL;
                assert_int_equal(readable, how == RPC_PROTECT_INTEGRITY);
                assert_ok(serve(&p, record));
                assert_true(p.taken.is_call && p.taken.known);
                assert_int_equal(p.taken.procedure, ECHO);
                assert_slice_str(p.taken.arguments, "what is it?!");
                assert_true(principal_eq(&p.taken.context.client, &p.f.client));
                assert_true(p.taken.context.ticket_flags & (uint32_t)TKT_INITIAL);
                assert_ok(take(&p, answer(&p, RPC_SUCCESS, "this"), &results));
                assert_slice_str(results, "this");
            }
            pair_end(&p);
        }
}

static void late_calls_are_taken_within_the_window_and_once(void **state) {
    static struct pair p;
    struct slice early[3];
    UNUSED(state);
    begin(&p);
    for (size_t i = 0; i < COUNT_OF(early); i++)
        early[i] = call(&p, "earl");
    assert_ok(serve(&p, call(&p, "late")));
    assert_ok(serve(&p, early[2]));
    assert_ok(serve(&p, early[1]));
    // The very same again: nothing is sent, so that nobody learns from it (RFC 2203 5.3.3.1).
    assert_code(serve(&p, early[1]), OBOL_KRB_AP_ERR_REPEAT);
    assert_int_equal(p.taken.reply.len, 0);
    for (int i = 0; i < 80; i++)
        assert_ok(serve(&p, call(&p, "more")));
    assert_code(serve(&p, early[0]), OBOL_KRB_AP_ERR_BADSEQ);
    assert_int_equal(p.taken.reply.len, 0);
    pair_end(&p);
}

static void a_context_ends_when_its_client_leaves(void **state) {
    static struct pair p;
    struct slice send, results;
    UNUSED(state);
    begin(&p);
    assert_ok(rpc_client_leave(&p.client, &p.f.arena, &send, &p.f.error));
    assert_false(p.client.established);
    assert_ok(serve(&p, unmarked(send)));
    assert_true(p.taken.reply.len > 0);
    assert_ok(take(&p, p.taken.reply, &results));
    assert_int_equal(results.len, 0);
    assert_int_equal(p.kept.len, 0);
    p.client.established = true;
    assert_code(serve(&p, call(&p, "ping")), OBOL_NOT_FOUND);
    assert_denied(&p, RPC_GSS_CREDPROBLEM);
    // The client is told that it must begin anew.
    assert_code(take(&p, p.taken.reply, &results), OBOL_PERMISSION);
    assert_true(p.client.lost);
    pair_end(&p);
}

// ---- what the server refuses

static void a_context_ends_with_its_ticket(void **state) {
    static struct pair p;
    UNUSED(state);
    begin(&p);
    p.f.now_us = (FIXTURE_NOW + 3600 + 300) * 1000000;
    assert_ok(serve(&p, call(&p, "last")));
    p.f.now_us += 1000000;
    assert_code(serve(&p, call(&p, "late")), OBOL_KRB_AP_ERR_TKT_EXPIRED);
    assert_denied(&p, RPC_GSS_CREDPROBLEM);
    pair_end(&p);
}

static void an_altered_call_is_refused_and_harms_no_other(void **state) {
    static struct pair p;
    UNUSED(state);
    begin(&p);
    struct slice good = call(&p, "good"), bad;
    for (size_t i = 0; i < good.len; i++) {
        assert_true(arena_copy(&p.f.arena, good, &bad));
        ((uint8_t *)(uintptr_t)bad.ptr)[i] ^= 1;
        assert_int_not_equal(serve(&p, bad), OBOL_OK);
        assert_false(p.taken.is_call);
        assert_false(p.kept.held);
        if (p.error.code == OBOL_KRB_AP_ERR_MODIFIED && !p.taken.known)
            assert_denied(&p, RPC_GSS_CREDPROBLEM);
        // Where the header holds its number is taken; the body alone was altered.
        if (p.taken.known) {
            struct rpc_reply reply;
            struct slice next = call(&p, "next");
            assert_ok(rpc_reply_read(p.taken.reply, &reply, &p.f.error));
            assert_int_equal(reply.accept, RPC_GARBAGE_ARGS);
            good = next;
            i = good.len - 1;
        }
    }
    assert_ok(serve(&p, call(&p, "good")));
    pair_end(&p);
}

static void a_body_moved_to_another_call_is_garbage(void **state) {
    static struct pair p;
    struct rpc_call one, two;
    struct rpc_reply reply;
    struct slice results;
    UNUSED(state);
    begin(&p);
    struct slice first = call(&p, "keep"), second = call(&p, "lose");
    assert_ok(rpc_call_read(first, &one, &p.f.error));
    assert_ok(rpc_call_read(second, &two, &p.f.error));
    assert_int_equal(one.body.len, two.body.len);
    memcpy((void *)(uintptr_t)two.body.ptr, one.body.ptr, one.body.len);
    assert_code(serve(&p, second), OBOL_KRB_AP_ERR_MODIFIED);
    assert_ok(rpc_reply_read(p.taken.reply, &reply, &p.f.error));
    assert_int_equal(reply.accept, RPC_GARBAGE_ARGS);
    assert_code(take(&p, p.taken.reply, &results), OBOL_FORMAT);
    pair_end(&p);
}

static struct slice plain_call(struct pair *p, struct rpc_call c) {
    struct writer w = writer_to_arena(&p->f.arena);
    rpc_call_write(&w, &c);
    rpc_auth_write(&w, (struct rpc_auth){0});
    assert_true(writer_ok(&w));
    return writer_slice(&w);
}

static void calls_without_rpcsec_gss_are_refused_but_for_null(void **state) {
    static struct pair p;
    struct rpc_reply reply;
    UNUSED(state);
    pair_start(&p, ENCTYPE_AES256_SHA384);
    struct rpc_call c = {.xid = 9, .rpc_version = 2, .program = PROGRAM, .version = VERSION};
    for (c.cred.flavor = RPC_AUTH_NONE; c.cred.flavor <= RPC_AUTH_UNIX; c.cred.flavor++) {
        c.procedure = RPC_NULL_PROCEDURE;
        assert_ok(serve(&p, plain_call(&p, c)));
        assert_false(p.taken.is_call);
        assert_ok(rpc_reply_read(p.taken.reply, &reply, &p.f.error));
        assert_true(!reply.denied && reply.accept == RPC_SUCCESS && reply.xid == 9);
        c.procedure = ECHO;
        assert_code(serve(&p, plain_call(&p, c)), OBOL_PERMISSION);
        assert_denied(&p, RPC_AUTH_TOOWEAK);
    }
    c.cred.flavor = RPC_AUTH_GSSAPI;
    assert_code(serve(&p, plain_call(&p, c)), OBOL_PERMISSION);
    assert_denied(&p, RPC_AUTH_REJECTEDCRED);
    c.cred.flavor = RPC_AUTH_GSS; // with no credential in it
    assert_code(serve(&p, plain_call(&p, c)), OBOL_FORMAT);
    assert_denied(&p, RPC_AUTH_BADCRED);
    pair_end(&p);
}

static void other_programs_and_versions_are_not_here(void **state) {
    static struct pair p;
    struct rpc_reply reply;
    UNUSED(state);
    pair_start(&p, ENCTYPE_AES256_SHA384);
    struct rpc_call c = {.rpc_version = 2, .program = 100003, .version = VERSION};
    assert_code(serve(&p, plain_call(&p, c)), OBOL_UNSUPPORTED);
    assert_ok(rpc_reply_read(p.taken.reply, &reply, &p.f.error));
    assert_int_equal(reply.accept, RPC_PROG_UNAVAIL);
    c.program = PROGRAM;
    c.version = 3;
    assert_code(serve(&p, plain_call(&p, c)), OBOL_UNSUPPORTED);
    assert_ok(rpc_reply_read(p.taken.reply, &reply, &p.f.error));
    assert_int_equal(reply.accept, RPC_PROG_MISMATCH);
    assert_true(reply.low == VERSION && reply.high == VERSION);
    c.rpc_version = 3;
    assert_code(serve(&p, plain_call(&p, c)), OBOL_UNSUPPORTED);
    assert_ok(rpc_reply_read(p.taken.reply, &reply, &p.f.error));
    assert_true(reply.denied && reply.reject == RPC_MISMATCH && reply.low == 2);
    pair_end(&p);
}

static void calls_that_are_not_protected_are_too_weak(void **state) {
    static struct pair p;
    UNUSED(state);
    begin(&p);
    p.client.params.protection = RPC_PROTECT_NONE;
    assert_code(serve(&p, call(&p, "open")), OBOL_PERMISSION);
    assert_denied(&p, RPC_AUTH_TOOWEAK);
    p.client.params.protection = (enum rpc_protection)4;
    assert_code(serve(&p, call(&p, "what")), OBOL_FORMAT);
    assert_denied(&p, RPC_AUTH_BADCRED);
    pair_end(&p);
}

static void noise_and_replies_get_no_answer(void **state) {
    static struct pair p;
    UNUSED(state);
    begin(&p);
    assert_code(serve(&p, SLICE_LITERAL("GET / HTTP/1.0\r\n\r\n")), OBOL_FORMAT);
    assert_int_equal(p.taken.reply.len, 0);
    struct slice good = call(&p, "good");
    for (size_t n = 0; n < 200 && n < good.len; n++) {
        assert_int_not_equal(serve(&p, slice_sub(good, 0, n)), OBOL_OK);
        assert_false(p.taken.is_call);
        assert_false(p.kept.held);
    }
    assert_ok(serve(&p, call(&p, "good")));
    assert_code(serve(&p, answer(&p, RPC_SUCCESS, "this")), OBOL_FORMAT);
    assert_int_equal(p.taken.reply.len, 0);
    pair_end(&p);
}

static void what_the_gss_api_refuses_the_client_is_told(void **state) {
    static struct pair p;
    struct slice send;
    UNUSED(state);
    pair_start(&p, ENCTYPE_AES256_SHA384);
    p.f.now_us += INT64_C(2) * 3600 * 1000000;
    struct slice late = first_record(&p, RPC_PROTECT_PRIVACY);
    assert_code(serve(&p, late), OBOL_KRB_AP_ERR_TKT_EXPIRED);
    assert_false(p.taken.made_context);
    assert_code(rpc_client_establish(&p.client, p.taken.reply, &send, &p.f.error),
                OBOL_KRB_AP_ERR_TKT_EXPIRED);
    p.f.now_us -= INT64_C(2) * 3600 * 1000000;
    p.f.no_key = true;
    error_init(&p.f.error);
    assert_code(serve(&p, first_record(&p, RPC_PROTECT_PRIVACY)), OBOL_KRB_AP_ERR_NOKEY);
    assert_code(rpc_client_establish(&p.client, p.taken.reply, &send, &p.f.error),
                OBOL_KRB_AP_ERR_NOKEY);
    p.f.no_key = false;
    p.kept.full = true;
    error_init(&p.f.error);
    assert_code(serve(&p, first_record(&p, RPC_PROTECT_PRIVACY)), OBOL_NO_MEMORY);
    assert_int_not_equal(rpc_client_establish(&p.client, p.taken.reply, &send, &p.f.error),
                         OBOL_OK);
    assert_false(p.client.established);
    p.kept.full = false;
    error_init(&p.f.error);
    struct slice once = first_record(&p, RPC_PROTECT_PRIVACY);
    assert_ok(serve(&p, once));
    assert_code(serve(&p, once), OBOL_KRB_AP_ERR_REPEAT);
    assert_false(p.taken.made_context);
    pair_end(&p);
}

// ---- what the client refuses

static void a_server_that_does_not_prove_itself_is_refused(void **state) {
    static struct pair p;
    struct rpc_reply reply;
    struct rpc_gss_init_res res;
    struct slice send;
    UNUSED(state);
    pair_start(&p, ENCTYPE_AES256_SHA384);
    assert_ok(serve(&p, first_record(&p, RPC_PROTECT_PRIVACY)));
    assert_ok(rpc_reply_read(p.taken.reply, &reply, &p.f.error));
    assert_ok(rpc_gss_init_res_read(reply.body, &res, &p.f.error));
    struct writer w = writer_to_arena(&p.f.arena);
    res.window = 1; // somebody on the way would have one call at a time
    rpc_reply_write(&w, &reply);
    rpc_gss_init_res_write(&w, &res);
    assert_code(rpc_client_establish(&p.client, writer_slice(&w), &send, &p.f.error),
                OBOL_KRB_AP_ERR_MODIFIED);
    assert_false(p.client.established);
    pair_end(&p);
}

static void replies_of_other_calls_and_altered_ones_are_refused(void **state) {
    static struct pair p;
    struct slice results, old, bad;
    UNUSED(state);
    begin(&p);
    assert_ok(serve(&p, call(&p, "one.")));
    assert_true(arena_copy(&p.f.arena, answer(&p, RPC_SUCCESS, "yes!"), &old));
    assert_ok(take(&p, old, &results));
    assert_ok(serve(&p, call(&p, "two.")));
    assert_code(take(&p, old, &results), OBOL_REPLY_MISMATCH);
    p.client.waits = true;
    // The old one under the new number: its verifier is of another call.
    memcpy((void *)(uintptr_t)old.ptr, answer(&p, RPC_SUCCESS, "no!!").ptr, 4);
    assert_code(take(&p, old, &results), OBOL_KRB_AP_ERR_MODIFIED);
    struct slice good = answer(&p, RPC_SUCCESS, "no!!");
    for (size_t i = 0; i < good.len; i++) {
        assert_true(arena_copy(&p.f.arena, good, &bad));
        ((uint8_t *)(uintptr_t)bad.ptr)[i] ^= 1;
        p.client.waits = true;
        // But for a turn of the token by its own length, which changes nothing (RFC 4121 4.2.5).
        if (take(&p, bad, &results) == OBOL_OK)
            assert_slice_str(results, "no!!");
    }
    p.client.waits = true;
    assert_ok(take(&p, good, &results));
    assert_slice_str(results, "no!!");
    pair_end(&p);
}

static void what_a_server_cannot_do_has_its_own_code(void **state) {
    static const struct {
        enum rpc_accept accept;
        enum obol_code code;
    } rows[] = {{RPC_PROC_UNAVAIL, OBOL_UNSUPPORTED},
                {RPC_GARBAGE_ARGS, OBOL_FORMAT},
                {RPC_SYSTEM_ERR, OBOL_IO}};
    static struct pair p;
    struct slice results;
    UNUSED(state);
    begin(&p);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_ok(serve(&p, call(&p, "ask.")));
        assert_code(take(&p, answer(&p, rows[i].accept, ""), &results), rows[i].code);
        assert_false(p.client.lost);
    }
    pair_end(&p);
}

// ---- records

static void records_come_in_fragments(void **state) {
    static const char wire[] = "\0\0\0\3abc\0\0\0\0\x80\0\0\2de\x80\0\0\1f";
    struct slice record;
    size_t used;
    UNUSED(state);
    for (size_t n = 0; n < 17; n++) {
        char bytes[sizeof wire];
        memcpy(bytes, wire, sizeof wire);
        assert_int_equal(rpc_record_next(buf_of(bytes, n), 5, &record, &used), RPC_RECORD_MORE);
        assert_memory_equal(bytes, wire, sizeof wire);
    }
    char bytes[sizeof wire];
    memcpy(bytes, wire, sizeof wire);
    assert_int_equal(rpc_record_next(buf_of(bytes, sizeof wire - 1), 5, &record, &used),
                     RPC_RECORD_WHOLE);
    assert_slice_str(record, "abcde");
    assert_int_equal(used, 17);
    assert_int_equal(rpc_record_next(buf_of(bytes + used, 5), 5, &record, &used), RPC_RECORD_WHOLE);
    assert_slice_str(record, "f");
    memcpy(bytes, wire, sizeof wire);
    assert_int_equal(rpc_record_next(buf_of(bytes, 17), 4, &record, &used), RPC_RECORD_TOO_LONG);
}

static void records_without_end_or_content_are_refused(void **state) {
    uint8_t bytes[400] = {0}; // fragments of nothing
    struct slice record;
    size_t used;
    UNUSED(state);
    assert_int_equal(rpc_record_next(buf_of(bytes, sizeof bytes), 1024, &record, &used),
                     RPC_RECORD_TOO_LONG);
    bytes[0] = 0x80;
    assert_int_equal(rpc_record_next(buf_of(bytes, 4), 1024, &record, &used), RPC_RECORD_EMPTY);
    memset(bytes, 0xff, 4);
    assert_int_equal(rpc_record_next(buf_of(bytes, 4), 1024, &record, &used), RPC_RECORD_TOO_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_go_there_and_back_by_every_enctype_sealed_and_signed),
        cmocka_unit_test(late_calls_are_taken_within_the_window_and_once),
        cmocka_unit_test(a_context_ends_when_its_client_leaves),
        cmocka_unit_test(a_context_ends_with_its_ticket),
        cmocka_unit_test(an_altered_call_is_refused_and_harms_no_other),
        cmocka_unit_test(a_body_moved_to_another_call_is_garbage),
        cmocka_unit_test(calls_without_rpcsec_gss_are_refused_but_for_null),
        cmocka_unit_test(other_programs_and_versions_are_not_here),
        cmocka_unit_test(calls_that_are_not_protected_are_too_weak),
        cmocka_unit_test(noise_and_replies_get_no_answer),
        cmocka_unit_test(what_the_gss_api_refuses_the_client_is_told),
        cmocka_unit_test(a_server_that_does_not_prove_itself_is_refused),
        cmocka_unit_test(replies_of_other_calls_and_altered_ones_are_refused),
        cmocka_unit_test(what_a_server_cannot_do_has_its_own_code),
        cmocka_unit_test(records_come_in_fragments),
        cmocka_unit_test(records_without_end_or_content_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
