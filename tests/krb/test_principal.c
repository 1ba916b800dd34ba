// Principal names: text and back, quoting, what is refused, what is equal.
#include "../arena_fixture.h"
#include "krb/principal.h"
#include "krb/times.h"
#include "krb/transited.h"
#include "proto/codes.h"

static enum obol_code parse(struct slice text, int32_t type, struct principal *p) {
    return principal_parse(text, SLICE_LITERAL("DEFAULT"), type, &arena, p, NULL);
}

struct good {
    const char *text;
    int32_t type; // asked for
    size_t count;
    const char *first, *second, *realm;
    int32_t got;
    const char *written; // NULL: as read
};
static void names_are_read_and_written(void **state) {
    UNUSED(state);
    const struct good cases[] = {
        {"alice", 0, 1, "alice", NULL, "DEFAULT", NT_PRINCIPAL, "alice@DEFAULT"},
        {"alice@R", 0, 1, "alice", NULL, "R", NT_PRINCIPAL, NULL},
        {"HTTP/web.example.com@R.X", 0, 2, "HTTP", "web.example.com", "R.X", NT_SRV_HST, NULL},
        {"krbtgt/A@B", 0, 2, "krbtgt", "A", "B", NT_SRV_INST, NULL},
        {"a/b/c@R", 0, 3, "a", "b", "R", NT_PRINCIPAL, NULL},
        {"/x@R", 0, 2, "", "x", "R", NT_SRV_HST, NULL},
        {"x/@R", 0, 2, "x", "", "R", NT_SRV_HST, NULL},
        {"a\\/b@R", 0, 1, "a/b", NULL, "R", NT_PRINCIPAL, NULL},
        {"a\\@b@R", 0, 1, "a@b", NULL, "R", NT_PRINCIPAL, NULL},
        {"a\\\\@R", 0, 1, "a\\", NULL, "R", NT_PRINCIPAL, NULL},
        {"\\a\\n\\t\\b@R", 0, 1, "a\n\t\b", NULL, "R", NT_PRINCIPAL, "a\\n\\t\\b@R"},
        {"a@/C=US/O=X", 0, 1, "a", NULL, "/C=US/O=X", NT_PRINCIPAL, NULL},
        {"a@R\\@S", 0, 1, "a", NULL, "R@S", NT_PRINCIPAL, NULL},
        {"a/b", NT_ENTERPRISE, 1, "a/b", NULL, "DEFAULT", NT_ENTERPRISE, "a\\/b@DEFAULT"},
        {"a@b.c", NT_ENTERPRISE, 1, "a@b.c", NULL, "DEFAULT", NT_ENTERPRISE, "a\\@b.c@DEFAULT"},
        {"a@b.c@R", NT_ENTERPRISE, 1, "a@b.c", NULL, "R", NT_ENTERPRISE, "a\\@b.c@R"},
        {"x", NT_WELLKNOWN, 1, "x", NULL, "DEFAULT", NT_WELLKNOWN, "x@DEFAULT"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct good *c = &cases[i];
        struct principal p, again;
        assert_ok(parse(slice_str(c->text), c->type, &p));
        assert_int_equal(p.name.name_string.count, c->count);
        assert_slice_str(p.name.name_string.items[0], c->first);
        if (c->second)
            assert_slice_str(p.name.name_string.items[1], c->second);
        assert_slice_str(p.realm, c->realm);
        assert_int_equal(p.name.name_type, c->got);
        struct slice text = principal_text(&p, &arena);
        assert_slice_str(text, c->written ? c->written : c->text);
        assert_ok(parse(text, NT_PRINCIPAL, &again));
        assert_true(principal_eq(&p, &again));
    }
}

static void malformed_names_are_refused(void **state) {
    UNUSED(state);
    const char *const cases[] = {"",      "@R",  "a@",
                                 "a@b@c", "a\\", "a@R\\",
                                 "a/b@",  "@",   "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17@R"};
    struct principal p;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_code(parse(slice_str(cases[i]), 0, &p), OBOL_NAME_MALFORMED);
    static char longest[4000];
    memset(longest, 'x', sizeof longest);
    assert_code(parse(slice_of(longest, sizeof longest), 0, &p), OBOL_NAME_MALFORMED);
    // With the realm, DEFAULT, 1024 bytes; whatever is read can be written and read again.
    const size_t bytes_left = 1024 - 7;
    assert_code(parse(slice_of(longest, bytes_left + 1), 0, &p), OBOL_NAME_MALFORMED);
    assert_ok(parse(slice_of(longest, bytes_left), 0, &p));
    memset(longest, '\t', sizeof longest);
    struct principal again;
    assert_ok(parse(slice_of(longest, bytes_left), 0, &p));
    assert_ok(parse(principal_text(&p, &arena), 0, &again));
    assert_true(principal_eq(&p, &again));
    assert_code(principal_parse(SLICE_LITERAL("a"), (struct slice){0}, 0, &arena, &p, NULL),
                OBOL_CONFIG_NO_REALM);
    assert_ok(principal_parse(SLICE_LITERAL("a@R"), (struct slice){0}, 0, &arena, &p, NULL));
}

static void a_nul_byte_is_read_written_and_refused_by_the_check(void **state) {
    UNUSED(state);
    struct principal p;
    assert_ok(parse(SLICE_LITERAL("a\\0b@R"), 0, &p));
    assert_slice_equal(p.name.name_string.items[0], SLICE_LITERAL("a\0b"));
    assert_slice_str(principal_text(&p, &arena), "a\\0b@R");
    assert_code(principal_check(&p, NULL), OBOL_NAME_MALFORMED);
    assert_ok(parse(SLICE_LITERAL("ab@R"), 0, &p));
    assert_ok(principal_check(&p, NULL));
    p.realm = SLICE_LITERAL("R\0EAL");
    assert_code(principal_check(&p, NULL), OBOL_NAME_MALFORMED);
    p.realm = (struct slice){0};
    assert_code(principal_check(&p, NULL), OBOL_NAME_MALFORMED);
}

static void the_check_bounds_count_and_size(void **state) {
    UNUSED(state);
    static char bytes[1100];
    memset(bytes, 'x', sizeof bytes);
    struct slice parts[17];
    for (size_t i = 0; i < 17; i++)
        parts[i] = SLICE_LITERAL("x");
    struct principal p = {SLICE_LITERAL("R"), {NT_PRINCIPAL, {parts, 16}}};
    assert_ok(principal_check(&p, NULL));
    p.name.name_string.count = 17;
    assert_code(principal_check(&p, NULL), OBOL_NAME_MALFORMED);
    p.name.name_string.count = 0;
    assert_code(principal_check(&p, NULL), OBOL_NAME_MALFORMED);
    p.name.name_string.count = 1;
    parts[0] = slice_of(bytes, 1023);
    assert_ok(principal_check(&p, NULL));
    parts[0] = slice_of(bytes, 1024);
    assert_code(principal_check(&p, NULL), OBOL_NAME_MALFORMED);
}

static void names_are_compared_by_bytes_and_not_by_type(void **state) {
    UNUSED(state);
    struct principal a, b;
    assert_ok(parse(SLICE_LITERAL("krbtgt/R@R"), 0, &a));
    const struct {
        const char *text;
        bool equal;
    } cases[] = {{"krbtgt/R@R", true},  {"k@R", false},         {"krbtgt@R", false},
                 {"krbtgt/R@r", false}, {"krbtgt/R/@R", false}, {"krbtgt\\/R@R", false},
                 {"krbtg/tR@R", false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_ok(parse(slice_str(cases[i].text), NT_UID, &b));
        assert_int_equal(principal_eq(&a, &b), cases[i].equal);
    }
    assert_true(principal_is_krbtgt(&a.name));
    assert_ok(parse(SLICE_LITERAL("krbtgt@R"), 0, &b));
    assert_false(principal_is_krbtgt(&b.name));
    assert_ok(parse(SLICE_LITERAL("krbtgtx/R@R"), 0, &b));
    assert_false(principal_is_krbtgt(&b.name));
}

static void copies_salts_and_tgs_names(void **state) {
    UNUSED(state);
    struct principal p, copy;
    struct slice salt;
    char text[] = "HTTP/web@REALM";
    assert_ok(parse(slice_str(text), 0, &p));
    assert_ok(principal_copy(&p, &arena, &copy, NULL));
    assert_true(principal_eq(&p, &copy));
    assert_ptr_not_equal(p.realm.ptr, copy.realm.ptr);
    assert_ok(principal_salt(&p, &arena, &salt, NULL));
    assert_slice_str(salt, "REALMHTTPweb");
    assert_ok(principal_krbtgt(SLICE_LITERAL("B"), SLICE_LITERAL("A"), &arena, &p, NULL));
    assert_slice_str(principal_text(&p, &arena), "krbtgt/B@A");
    assert_int_equal(p.name.name_type, NT_SRV_INST);
}

static void times_saturate_instead_of_wrapping(void **state) {
    UNUSED(state);
    const int64_t y2038 = INT64_C(2147483648);
    assert_true(krb_time_add(y2038 - 1, 1) == y2038);
    assert_true(krb_time_add(KRB_TIME_MAX, 1) == KRB_TIME_MAX);
    assert_true(krb_time_add(INT64_MAX, INT64_MAX) == KRB_TIME_MAX);
    assert_true(krb_time_add(5, -10) == 0);
    assert_true(krb_time_add(INT64_MIN, -1) == 0);
    assert_true(krb_time_distance(INT64_MAX, INT64_MIN) == INT64_MAX);
    assert_true(krb_time_distance(3, 10) == 7 && krb_time_distance(10, 3) == 7);
    assert_true(krb_time_wish(0) == KRB_TIME_MAX && krb_time_wish(7) == 7);
    assert_true(krb_time_wish(-1) == 0 && krb_time_clamp(INT64_MAX) == KRB_TIME_MAX);
}

static void realms_are_added_to_a_path_only_if_they_can_stand_in_it(void **state) {
    UNUSED(state);
    struct transited_encoding path = {0}, out;
    assert_ok(
        transited_append(&path, SLICE_LITERAL("R"), SLICE_LITERAL("A.B"), &arena, &out, NULL));
    assert_slice_str(out.contents, "A.B");
    assert_ok(transited_append(&out, SLICE_LITERAL("R"), SLICE_LITERAL("C"), &arena, &path, NULL));
    assert_slice_str(path.contents, "A.B,C");
    const char *const odd[] = {"", ".X", " A"};
    for (size_t i = 0; i < COUNT_OF(odd); i++)
        assert_code(
            transited_append(&path, SLICE_LITERAL("R"), slice_str(odd[i]), &arena, &out, NULL),
            OBOL_KDC_ERR_PATH_NOT_ACCEPTED);
    path.tr_type = 9;
    assert_code(transited_append(&path, SLICE_LITERAL("R"), SLICE_LITERAL("D"), &arena, &out, NULL),
                OBOL_KDC_ERR_TRTYPE_NOSUPP);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, arena_begin, arena_end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(names_are_read_and_written),
        CASE(malformed_names_are_refused),
        CASE(a_nul_byte_is_read_written_and_refused_by_the_check),
        CASE(the_check_bounds_count_and_size),
        CASE(names_are_compared_by_bytes_and_not_by_type),
        CASE(copies_salts_and_tgs_names),
        CASE(times_saturate_instead_of_wrapping),
        CASE(realms_are_added_to_a_path_only_if_they_can_stand_in_it),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
