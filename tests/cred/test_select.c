// Which cache is for a service: the lines of .k5identity, realms and hosts.
#include "caches.h"
#include "cred/select.h"

static struct principal service(const char *text) {
    struct principal p = principal(text);
    p.name.name_type = NT_SRV_HST;
    return p;
}
static bool chosen(const char *lines, const char *server, const char *client) {
    struct principal p = service(server), who = {0}, want = principal(client);
    return identity_match(slice_str(lines), &p, SLICE_LITERAL("R"), &arena, &who) &&
           principal_eq(&who, &want);
}

static void the_first_line_that_fits_counts(void **state) {
    UNUSED(state);
    static const char lines[] = "# comment\n\n  bob@R service=imap host=*.a.test\n"
                                "carol realm=OTHER\nalice@R\n";
    assert_true(chosen(lines, "imap/MAIL.a.test@R", "bob"));
    assert_true(chosen(lines, "imap/mail.b.test@R", "alice"));
    assert_true(chosen(lines, "HTTP/x@OTHER", "carol"));
    assert_true(chosen("bob@R service=HT*\n", "HTTP/x@R", "bob"));
    assert_true(chosen("bob@R", "HTTP/x@R", "bob"));
}

static void a_line_that_is_not_understood_fits_nothing(void **state) {
    UNUSED(state);
    assert_false(chosen("bob@R colour=blue\n", "HTTP/x@R", "bob"));
    assert_false(chosen("bob@R service\n", "HTTP/x@R", "bob"));
    assert_false(chosen("#bob@R\n", "HTTP/x@R", "bob"));
    assert_false(chosen("bob@R service=imap\n", "HTTP/x@R", "bob"));
    assert_false(chosen("", "HTTP/x@R", "bob"));
    struct principal user = principal("alice"), who;
    assert_false(identity_match(SLICE_LITERAL("bob@R host=alice\n"), &user, SLICE_LITERAL("R"),
                                &arena, &who));
}

static void realm_and_host_choose_where_no_rule_does(void **state) {
    UNUSED(state);
    struct ccache *first, *second, *got;
    struct principal client, want;
    struct slice name = arena_printf(&arena, "DIR:%s/caches", dir);
    setenv("HOME", dir, 1);
    first = open_cache((const char *)name.ptr);
    fill(first, "alice@A.TEST");
    assert_ok(ccache_new_unique(&second, SLICE_LITERAL("DIR"), NULL, name, &err));
    fill(second, "bob@B.TEST");
    struct principal server = service("HTTP/x@B.TEST");
    assert_ok(ccache_select(&got, &client, &server, name, NULL, &arena, &err));
    want = principal("bob@B.TEST");
    assert_true(principal_eq(&client, &want));
    ccache_close(got);
    server = service("HTTP/web.b.test");
    server.realm = (struct slice){0};
    assert_ok(ccache_select(&got, &client, &server, name, NULL, &arena, &err));
    assert_true(principal_eq(&client, &want));
    ccache_close(got);
    server = service("HTTP/x@C.TEST");
    assert_code(ccache_select(&got, &client, &server, name, NULL, &arena, &err), OBOL_NOT_FOUND);
    ccache_close(first);
    ccache_close(second);
}

static void a_rule_for_a_client_who_is_not_logged_in_says_whom_it_wants(void **state) {
    UNUSED(state);
    struct ccache *cc, *got;
    struct principal client, want = principal("carol@C.TEST"), server = service("HTTP/x@A.TEST");
    struct slice name = arena_printf(&arena, "DIR:%s/caches", dir);
    char path[128];
    setenv("HOME", dir, 1);
    snprintf(path, sizeof path, "%s/.k5identity", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs("carol@C.TEST service=HTTP\n", f) >= 0);
    fclose(f);
    cc = open_cache((const char *)name.ptr);
    fill(cc, "alice@A.TEST");
    assert_code(ccache_select(&got, &client, &server, name, NULL, &arena, &err),
                OBOL_CCACHE_NOT_FOUND);
    assert_true(principal_eq(&client, &want));
    ccache_close(cc);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(the_first_line_that_fits_counts),
        CASE(a_line_that_is_not_understood_fits_nothing),
        CASE(realm_and_host_choose_where_no_rule_does),
        CASE(a_rule_for_a_client_who_is_not_logged_in_says_whom_it_wants),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
