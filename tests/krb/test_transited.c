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

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(short_forms_are_written_out),
        CASE(what_is_left_out_is_filled_in_by_the_names),
        CASE(a_path_without_end_or_of_another_kind_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
