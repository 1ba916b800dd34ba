// caches.h: what the tests of the kinds of caches share: an arena, a directory, contents to keep.
#ifndef OBOL_TESTS_CRED_CACHES_H
#define OBOL_TESTS_CRED_CACHES_H

#include "../test.h"
#include "cred/ccache.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static struct error err;
static char dir[64];

static int start(void **state) {
    UNUSED(state);
    error_init(&err);
    snprintf(dir, sizeof dir, "/tmp/obol-test-XXXXXX");
    return mkdtemp(dir) && arena_init(&arena, 1 << 20, 256 << 20) ? 0 : -1;
}
static int stop(void **state) {
    UNUSED(state);
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", dir);
    arena_clear(&arena);
    return system(command);
}

static struct principal principal(const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), SLICE_LITERAL("R"), NT_UNKNOWN, &arena, &p, &err));
    return p;
}
static struct cred cred(const char *server) {
    return (struct cred){
        .client = principal("alice"),
        .server = principal(server),
        .key = {18, SLICE_LITERAL("0123456789abcdef0123456789abcdef")},
        .authtime = 1000,
        .endtime = 4000000000,
        .ticket = SLICE_LITERAL("a ticket"),
    };
}
static inline struct ccache *open_cache(const char *name) {
    struct ccache *cc;
    enum obol_code code = ccache_open(&cc, slice_str(name), NULL, &err);
    if (code != OBOL_OK)
        fail_msg("%s: %s", name, err.detail);
    return cc;
}
static inline void fill(struct ccache *cc, const char *client) {
    struct cred one = cred("krbtgt/R");
    struct ccache_content content = {principal(client), &one, 1, true, 7, 250, false};
    assert_ok(ccache_initialize(cc, &content, &err));
}
static inline void assert_holds(struct ccache *cc, const char *client, const char *server) {
    struct ccache_content content;
    struct principal want = principal(client), service = principal(server);
    bool found = false;
    assert_ok(ccache_read(cc, &arena, &content, &err));
    assert_true(principal_eq(&content.principal, &want));
    for (size_t i = 0; i < content.count; i++)
        found |= principal_eq(&content.creds[i].server, &service) &&
                 slice_eq_str(content.creds[i].ticket, "a ticket") &&
                 content.creds[i].endtime == 4000000000;
    assert_true(found);
}
static inline struct slice_list list_of(const char *name) {
    struct slice_list names;
    assert_ok(ccache_list(slice_str(name), NULL, &arena, &names, &err));
    return names;
}
static inline void works_as_a_cache(struct ccache *first) {
    struct cred web = cred("HTTP/web");
    struct principal http = principal("HTTP/web");
    struct ccache_content content;
    assert_code(ccache_read(first, &arena, &content, &err), OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    assert_code(ccache_store(first, &web, 1, &err), OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    fill(first, "alice");
    assert_ok(ccache_read(first, &arena, &content, &err));
    assert_true(content.has_offset && content.offset == 7);
    assert_ok(ccache_store(first, &web, 1, &err));
    assert_holds(first, "alice", "krbtgt/R");
    assert_holds(first, "alice", "HTTP/web");
    // Configuration is replaced, not added to.
    struct slice value;
    assert_ok(ccache_set_config(first, "refresh_time", NULL, SLICE_LITERAL("1"), &err));
    assert_ok(ccache_set_config(first, "refresh_time", NULL, SLICE_LITERAL("22"), &err));
    assert_ok(ccache_read(first, &arena, &content, &err));
    assert_int_equal(content.count, 3);
    assert_true(ccache_get_config(&content, "refresh_time", NULL, &value));
    assert_slice_str(value, "22");
    assert_ok(ccache_remove(first, &http, &err));
    assert_code(ccache_remove(first, &http, &err), OBOL_NOT_FOUND);
    error_init(&err);
}
// works_as_a_collection is the same for every kind that is one, whose name is `name`.
static inline void works_as_a_collection(const char *name, const char *kind) {
    struct principal bob = principal("bob"), carol = principal("carol");
    struct ccache *first = open_cache(name), *second, *found;
    struct slice one;
    assert_string_equal(ccache_kind(first), kind);
    assert_true(ccache_kind_collects(slice_str(kind)));
    assert_int_equal(list_of(name).count, 0);
    works_as_a_cache(first);
    // A second one, which becomes the primary.
    assert_ok(ccache_new_unique(&second, slice_str(kind), NULL, slice_str(name), &err));
    fill(second, "bob");
    assert_int_equal(list_of(name).count, 2);
    assert_slice_equal(list_of(name).items[0], ccache_name(first));
    assert_ok(ccache_make_primary(second, &err));
    assert_slice_equal(list_of(name).items[0], ccache_name(second));
    found = open_cache(name);
    assert_slice_equal(ccache_name(found), ccache_name(second));
    ccache_close(found);
    assert_ok(ccache_match(&found, &bob, slice_str(name), NULL, &arena, &err));
    assert_holds(found, "bob", "krbtgt/R");
    ccache_close(found);
    assert_code(ccache_match(&found, &carol, slice_str(name), NULL, &arena, &err),
                OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    // The name of one cache is a collection of one.
    one = ccache_name(first);
    assert_ok(ccache_dup(first, &found, &err));
    assert_holds(found, "alice", "krbtgt/R");
    ccache_close(found);
    assert_int_equal(list_of((const char *)arena_cstr(&arena, one)).count, 1);
    assert_ok(ccache_destroy(second, &err));
    assert_code(ccache_destroy(second, &err), OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    assert_int_equal(list_of(name).count, 1);
    assert_ok(ccache_destroy(first, &err));
    assert_int_equal(list_of(name).count, 0);
    ccache_close(first);
    ccache_close(second);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

#endif
