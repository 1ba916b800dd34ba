// The KCM protocol with a daemon of the test's: what it keeps comes back, and what it may not say
// is refused. tests/peers/test_compat_caches.py has a real one.
#include "caches.h"
#include "cred/kcm.h"

// A daemon that answers from a script: one reply for each request, which it remembers.
static struct {
    struct slice replies[32], requests[32];
    size_t count, at;
} script;

static enum obol_code play(void *ctx, struct slice request, struct arena *a, struct slice *reply,
                           struct error *e) {
    UNUSED(ctx);
    UNUSED(a);
    assert_true(script.at < script.count);
    assert_true(arena_copy(&arena, request, &script.requests[script.at]));
    *reply = script.replies[script.at++];
    return reply->len == 1 ? error_set(e, OBOL_CCACHE_IO, __func__, "the daemon is gone") : OBOL_OK;
}
static const struct kcm peer = {NULL, play, "KCM:0"};

static void replies(size_t count, const struct slice *list) {
    memcpy(script.replies, list, count * sizeof *list);
    script.count = count;
    script.at = 0;
    error_init(&err);
}
#define REPLIES(...)                                                                               \
    replies(COUNT_OF(((const struct slice[]){__VA_ARGS__})), (const struct slice[]){__VA_ARGS__})
#define BYTES(s) SLICE_LITERAL("\0\0\0\0" s)

// Replies as a daemon makes them.
static struct slice status(int32_t code) {
    struct writer w = writer_to_arena(&arena);
    writer_be32(&w, (uint32_t)code);
    return writer_slice(&w);
}
static struct slice principal_reply(void) {
    // Type 1, one component, realm R, alice; behind the status.
    return BYTES("\0\0\0\1\0\0\0\1\0\0\0\1R\0\0\0\5alice");
}
// The entry as kcm_store sends it, behind the header and the cache's name.
static struct slice cred_reply(const char *server) {
    struct cred one = cred(server);
    REPLIES(BYTES(""));
    assert_ok(kcm_store(&peer, SLICE_LITERAL("0"), &one, 1, &arena, &err));
    struct writer w = writer_to_arena(&arena);
    writer_be32(&w, 0);
    writer_bytes(&w, slice_sub(script.requests[0], 6, SIZE_MAX));
    return writer_slice(&w);
}

static void a_cache_is_read_entry_by_entry(void **state) {
    UNUSED(state);
    struct ccache_content content;
    struct slice entry = cred_reply("HTTP/web");
    REPLIES(principal_reply(), BYTES("\xff\xff\xff\xfb"), BYTES("0123456789abcdefFEDCBA9876543210"),
            entry, status(ERROR_KRB5_BASE + 142));
    assert_ok(kcm_read(&peer, SLICE_LITERAL("0"), &arena, &content, &err));
    assert_int_equal(content.offset, -5);
    assert_true(content.has_offset);
    assert_int_equal(content.count, 1); // the second was removed in between
    assert_slice_str(content.creds[0].ticket, "a ticket");
    assert_slice_equal(script.requests[0], SLICE_LITERAL("\2\0\0\10"
                                                         "0\0"));
    assert_slice_equal(script.requests[3], SLICE_LITERAL("\2\0\0\12"
                                                         "0\0"
                                                         "0123456789abcdef"));
}

static void a_daemon_that_keeps_to_no_form_is_refused(void **state) {
    UNUSED(state);
    struct ccache_content content;
    struct slice entry = cred_reply("HTTP/web"), name = SLICE_LITERAL("0"), out;
    REPLIES(SLICE_LITERAL("\0\0"));
    assert_code(kcm_read(&peer, name, &arena, &content, &err), OBOL_CCACHE_FORMAT);
    assert_non_null(strstr(err.detail, "has no status"));
    REPLIES(SLICE_LITERAL("\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1R\0\0\0\5alic"));
    assert_code(kcm_read(&peer, name, &arena, &content, &err), OBOL_CCACHE_FORMAT);
    REPLIES(BYTES("\0\0\0\1\0\0\0\1\0\0\0\1R\0\0\0\5alice+"));
    assert_code(kcm_read(&peer, name, &arena, &content, &err), OBOL_CCACHE_FORMAT);
    REPLIES(principal_reply(), BYTES("\0\0\0\0"), BYTES("0123456789abcde"));
    assert_code(kcm_read(&peer, name, &arena, &content, &err), OBOL_CCACHE_FORMAT);
    assert_non_null(strstr(err.detail, "15 bytes"));
    for (size_t n = 4; n < entry.len; n++) {
        REPLIES(principal_reply(), BYTES("\0\0\0\0"), BYTES("0123456789abcdef"),
                slice_sub(entry, 0, n));
        assert_code(kcm_read(&peer, name, &arena, &content, &err), OBOL_CCACHE_FORMAT);
    }
    REPLIES(BYTES("no end"));
    assert_code(kcm_primary(&peer, &arena, &out, &err), OBOL_CCACHE_FORMAT);
    REPLIES(BYTES("\0"));
    assert_code(kcm_primary(&peer, &arena, &out, &err), OBOL_CCACHE_FORMAT);
    REPLIES(BYTES("0:1\0"));
    assert_ok(kcm_primary(&peer, &arena, &out, &err));
    assert_slice_str(out, "0:1");
}

static void what_the_daemon_says_becomes_an_error_that_tells(void **state) {
    UNUSED(state);
    struct ccache_content content;
    REPLIES(status(ERROR_KRB5_BASE + 195));
    assert_code(kcm_read(&peer, SLICE_LITERAL("0"), &arena, &content, &err), OBOL_CCACHE_NOT_FOUND);
    REPLIES(BYTES(""));
    assert_code(kcm_read(&peer, SLICE_LITERAL("0"), &arena, &content, &err), OBOL_CCACHE_NOT_FOUND);
    REPLIES(status(13));
    assert_code(kcm_destroy(&peer, SLICE_LITERAL("0"), &arena, &err), OBOL_CCACHE_IO);
    assert_string_equal(err.detail, "KCM:0: KCM refuses DESTROY with status 13");
    REPLIES(SLICE_LITERAL("!"));
    assert_code(kcm_destroy(&peer, SLICE_LITERAL("0"), &arena, &err), OBOL_CCACHE_IO);
    assert_string_equal(err.detail, "the daemon is gone");
}

static void an_entry_is_removed_even_where_the_daemon_cannot(void **state) {
    UNUSED(state);
    struct slice entry = cred_reply("HTTP/web"), kept = cred_reply("krbtgt/R");
    struct principal server = principal("HTTP/web"), other = principal("HTTP/other");
    struct slice ids = BYTES("0123456789abcdefFEDCBA9876543210"), none = BYTES("\0\0\0\0");
    REPLIES(principal_reply(), none, ids, entry, kept, BYTES(""));
    assert_ok(kcm_remove(&peer, SLICE_LITERAL("0"), &server, &arena, &err));
    assert_int_equal(script.at, 6);
    // Refused: the cache is made anew with the rest.
    REPLIES(principal_reply(), none, ids, entry, kept, status(1), BYTES(""), BYTES(""));
    assert_ok(kcm_remove(&peer, SLICE_LITERAL("0"), &server, &arena, &err));
    assert_int_equal(script.at, 8);
    assert_int_equal(script.requests[6].ptr[3], 4);
    assert_int_equal(script.requests[7].ptr[3], 6);
    REPLIES(principal_reply(), none, ids, entry, kept);
    assert_code(kcm_remove(&peer, SLICE_LITERAL("0"), &other, &arena, &err), OBOL_NOT_FOUND);
}

static void the_default_comes_first_and_once(void **state) {
    UNUSED(state);
    struct slice_list names = {0};
    REPLIES(BYTES("0:1\0"), principal_reply(), BYTES("0123456789abcdefFEDCBA9876543210"),
            BYTES("0\0"), principal_reply(), BYTES("0:1\0"));
    assert_ok(kcm_list(&peer, &arena, &names, &err));
    assert_int_equal(names.count, 2);
    assert_slice_str(names.items[0], "0:1");
    assert_slice_str(names.items[1], "0");
    names = (struct slice_list){0};
    REPLIES(BYTES("0\0"), status(ERROR_KRB5_BASE + 195), status(ERROR_KRB5_BASE + 195));
    assert_ok(kcm_list(&peer, &arena, &names, &err));
    assert_int_equal(names.count, 0);
}

static void without_a_daemon_the_error_says_how_to_have_one(void **state) {
    UNUSED(state);
    struct ccache *cc;
    struct krb5conf conf;
    struct slice text =
        arena_printf(&arena, "[libdefaults]\nkcm_socket = %s/no-such-socket\n", dir);
    assert_ok(krb5conf_from_text(&conf, "f", text, &arena, &err));
    assert_code(ccache_open(&cc, SLICE_LITERAL("KCM:"), &conf, &err), OBOL_CCACHE_IO);
    struct writer w = writer_to_arena(&arena);
    error_write(&err, &w);
    const char *shown = arena_cstr(&arena, writer_slice(&w));
    assert_non_null(strstr(shown, "no-such-socket: connecting: No such file"));
    assert_non_null(strstr(shown, "Start the daemon"));
    error_init(&err);
    text = SLICE_LITERAL("[libdefaults]\nkcm_socket = -\n");
    assert_ok(krb5conf_from_text(&conf, "f", text, &arena, &err));
    assert_code(ccache_open(&cc, SLICE_LITERAL("KCM:"), &conf, &err), OBOL_UNSUPPORTED);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_cache_is_read_entry_by_entry),
        CASE(a_daemon_that_keeps_to_no_form_is_refused),
        CASE(what_the_daemon_says_becomes_an_error_that_tells),
        CASE(an_entry_is_removed_even_where_the_daemon_cannot),
        CASE(the_default_comes_first_and_once),
        CASE(without_a_daemon_the_error_says_how_to_have_one),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
