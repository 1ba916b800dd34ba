// The path of realms (RFC 4120 3.3.3.2): what its short forms stand for, and what is refused.
#include "../test.h"
#include "krb/transited.h"

static struct arena arena;
static struct error err;

static int start(void **state) {
    UNUSED(state);
    error_init(&err);
    return arena_init(&arena, 1 << 16, 1 << 20) ? 0 : -1;
}
static int stop(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

static enum obol_code expand(const char *path, const char *client, const char *server,
                             struct slice_list *out) {
    const struct transited_encoding encoded = {TR_DOMAIN_X500_COMPRESS, slice_str(path)};
    return transited_expand(&encoded, slice_str(client), slice_str(server), &arena, out, &err);
}
// The realms joined by spaces.
static void assert_path(const char *path, const char *client, const char *server,
                        const char *expected) {
    struct slice_list got;
    struct writer w = writer_to_arena(&arena);
    assert_ok(expand(path, client, server, &got));
    for (size_t i = 0; i < got.count; i++) {
        writer_str(&w, i ? " " : "");
        writer_bytes(&w, got.items[i]);
    }
    assert_slice_str(writer_slice(&w), expected);
}

static void short_forms_are_written_out(void **state) {
    UNUSED(state);
    assert_path("", "A", "B", "");
    assert_path("EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS.", "C", "S",
                "EDU MIT.EDU ATHENA.MIT.EDU WASHINGTON.EDU CS.WASHINGTON.EDU");
    assert_path("/COM,/HP,/APOLLO, /COM/DEC", "C", "S", "/COM /COM/HP /COM/HP/APOLLO /COM/DEC");
    assert_path("A\\,B,C\\.", "X", "S", "A,B C.");
}

static void what_is_left_out_is_filled_in_by_the_names(void **state) {
    UNUSED(state);
    assert_path(",EDU", "CS.MIT.EDU", "S", "EDU MIT.EDU");
    assert_path("EDU,", "X", "A.B.EDU", "EDU B.EDU");
    assert_path(",", "A.B.C.D", "D", "B.C.D C.D");
    struct slice_list got;
    assert_code(expand("A,,B", "X", "S", &got), OBOL_KDC_ERR_PATH_NOT_ACCEPTED);
    assert_non_null(strstr(err.detail, "between A and B"));
    error_init(&err);
    assert_code(expand("A,,,B", "X", "S", &got), OBOL_KDC_ERR_PATH_NOT_ACCEPTED);
}

static void a_path_without_end_or_of_another_kind_is_refused(void **state) {
    UNUSED(state);
    char many[400] = "A";
    struct slice_list got;
    for (size_t i = 1; i + 2 < sizeof many; i += 2)
        memcpy(many + i, ",A", 3);
    assert_code(expand(many, "X", "S", &got), OBOL_KDC_ERR_PATH_NOT_ACCEPTED);
    error_init(&err);
    const struct transited_encoding other = {2, SLICE_LITERAL("A")};
    assert_code(
        transited_expand(&other, SLICE_LITERAL("X"), SLICE_LITERAL("S"), &arena, &got, &err),
        OBOL_KDC_ERR_TRTYPE_NOSUPP);
}

// Each realm added to those before it, from the client's R on.
static void assert_written(const char *const *realms, size_t count, const char *expected) {
    struct transited_encoding path = {0};
    struct slice_list back;
    for (size_t i = 0; i < count; i++)
        assert_ok(
            transited_append(&path, SLICE_LITERAL("R"), slice_str(realms[i]), &arena, &path, &err));
    assert_slice_str(path.contents, expected);
    assert_ok(transited_expand(&path, SLICE_LITERAL("R"), SLICE_LITERAL("S"), &arena, &back, &err));
    assert_int_equal(back.count, count);
    for (size_t i = 0; i < count; i++)
        assert_slice_str(back.items[i], realms[i]);
}

// The examples of RFC 4120 3.3.3.2, and names that need quoting.
static void realms_are_written_in_their_short_form_and_read_back(void **state) {
    UNUSED(state);
    const char *const domains[] = {"EDU", "MIT.EDU", "ATHENA.MIT.EDU", "WASHINGTON.EDU",
                                   "CS.WASHINGTON.EDU"};
    assert_written(domains, 5, "EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS.");
    const char *const x500[] = {"/COM", "/COM/HP", "/COM/HP/APOLLO", "/COM/DEC"};
    assert_written(x500, 4, "/COM,/HP,/APOLLO, /COM/DEC");
    const char *const odd[] = {"A,B", "C\\D", "X.", "Y.X."};
    assert_written(odd, 4, "A\\,B,C\\\\D,X\\.,Y.");
}

static void what_follows_a_path_that_cannot_be_read_is_written_in_full(void **state) {
    UNUSED(state);
    struct transited_encoding path = {TR_DOMAIN_X500_COMPRESS, SLICE_LITERAL("A,,,B")}, out;
    assert_ok(
        transited_append(&path, SLICE_LITERAL("R"), SLICE_LITERAL("C.B"), &arena, &out, &err));
    assert_slice_str(out.contents, "A,,,B,C.B");
}

static void a_path_is_checked_against_the_hierarchy_where_nobody_says_else(void **state) {
    UNUSED(state);
    const struct realm_path_source names = {0};
    const struct slice client = SLICE_LITERAL("A.X.Y"), server = SLICE_LITERAL("B.Y");
    struct transited_encoding path = {TR_DOMAIN_X500_COMPRESS, SLICE_LITERAL("X.Y,Y")};
    assert_ok(transited_check(&path, client, server, &names, &arena, &err));
    path.contents = SLICE_LITERAL("X.Y,EVIL,Y");
    assert_code(transited_check(&path, client, server, &names, &arena, &err),
                OBOL_KDC_ERR_PATH_NOT_ACCEPTED);
    assert_non_null(strstr(err.detail, "came through EVIL"));
    assert_non_null(strstr(error_remedy_text(&err), "A.X.Y = { B.Y = EVIL }"));
    // RFC 8062 4.3: an anonymous client's may have any realm in it.
    error_init(&err);
    const struct slice nobody = SLICE_LITERAL("WELLKNOWN:ANONYMOUS");
    assert_ok(transited_check(&path, nobody, server, &names, &arena, &err));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(short_forms_are_written_out),
        CASE(what_is_left_out_is_filled_in_by_the_names),
        CASE(realms_are_written_in_their_short_form_and_read_back),
        CASE(what_follows_a_path_that_cannot_be_read_is_written_in_full),
        CASE(a_path_is_checked_against_the_hierarchy_where_nobody_says_else),
        CASE(a_path_without_end_or_of_another_kind_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
