// Collections of credential caches: DIR, and what MEMORY and FILE are among them.
#include "caches.h"
#include <sys/stat.h>

static const char *in_dir(const char *format, const char *rest) {
    struct slice text = arena_printf(&arena, format, dir, rest);
    return (const char *)text.ptr;
}
static void write_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    fclose(f);
}

static void a_directory_is_a_collection(void **state) {
    UNUSED(state);
    works_as_a_collection(in_dir("DIR:%s/%s", "sub"), "DIR");
}

static void a_directory_is_laid_out_as_mits(void **state) {
    UNUSED(state);
    struct stat st;
    struct ccache *cc = open_cache(in_dir("DIR:%s/%s", "sub"));
    assert_slice_str(ccache_name(cc), in_dir("DIR::%s/%s", "sub/tkt"));
    fill(cc, "alice");
    ccache_close(cc);
    assert_int_equal(stat(in_dir("%s/%s", "sub"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    char line[64] = "";
    FILE *f = fopen(in_dir("%s/%s", "sub/primary"), "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    assert_string_equal(line, "tkt\n");
    cc = open_cache(in_dir("FILE:%s/%s", "sub/tkt"));
    assert_holds(cc, "alice", "krbtgt/R");
    ccache_close(cc);
}

static void a_primary_that_leads_out_of_its_directory_is_refused(void **state) {
    UNUSED(state);
    static const char *const lines[] = {"tkt/../../etc\n",
                                        "passwd\n",
                                        "tkt",
                                        "",
                                        "tkt\\x\n",
                                        "tktaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                        "aaaaaaaaaaaaaaaaaaaaa\n"};
    struct ccache *cc;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        error_init(&err);
        write_file(in_dir("%s/%s", "primary"), lines[i]);
        assert_code(ccache_open(&cc, slice_str(in_dir("DIR:%s%s", "")), NULL, &err),
                    i + 1 == COUNT_OF(lines) ? OBOL_CCACHE_IO : OBOL_CCACHE_FORMAT); // too long
        assert_non_null(strstr(err.detail, "primary"));
    }
}

static void names_that_are_no_cache_of_a_directory_are_refused(void **state) {
    UNUSED(state);
    struct ccache *cc;
    assert_code(ccache_open(&cc, SLICE_LITERAL("DIR:"), NULL, &err), OBOL_INVALID_ARGUMENT);
    error_init(&err);
    assert_code(ccache_open(&cc, SLICE_LITERAL("DIR::tkt"), NULL, &err), OBOL_INVALID_ARGUMENT);
    error_init(&err);
    assert_code(ccache_open(&cc, SLICE_LITERAL("DIR::/tmp/other"), NULL, &err),
                OBOL_INVALID_ARGUMENT);
    assert_non_null(strstr(err.detail, "DIR::/directory/tktNAME"));
    error_init(&err);
    assert_code(ccache_open(&cc, slice_str(in_dir("DIR:%s/%s", "no/such")), NULL, &err),
                OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    write_file(in_dir("%s/%s", "file"), "x");
    assert_code(ccache_open(&cc, slice_str(in_dir("DIR:%s/%s", "file")), NULL, &err),
                OBOL_CCACHE_FORMAT);
}

static void a_new_cache_needs_a_directory_to_stand_in(void **state) {
    UNUSED(state);
    struct ccache *cc;
    assert_code(
        ccache_new_unique(&cc, SLICE_LITERAL("DIR"), NULL, SLICE_LITERAL("FILE:/tmp/x"), &err),
        OBOL_UNSUPPORTED);
    error_init(&err);
    assert_code(
        ccache_new_unique(&cc, SLICE_LITERAL("DISK"), NULL, SLICE_LITERAL("FILE:/tmp/x"), &err),
        OBOL_UNSUPPORTED);
}

static void a_file_is_a_collection_of_one(void **state) {
    UNUSED(state);
    const char *name = in_dir("FILE:%s/%s", "cc");
    struct ccache *cc = open_cache(name);
    assert_int_equal(list_of(name).count, 0);
    fill(cc, "alice");
    assert_int_equal(list_of(name).count, 1);
    assert_false(ccache_kind_collects(SLICE_LITERAL("FILE")));
    assert_code(ccache_make_primary(cc, &err), OBOL_UNSUPPORTED);
    assert_non_null(strstr(err.detail, "stand alone"));
    ccache_close(cc);
}

static void the_caches_of_this_process_are_listed_behind_the_default(void **state) {
    UNUSED(state);
    const char *name = in_dir("FILE:%s/%s", "cc");
    struct ccache *file = open_cache(name), *memory = open_cache("MEMORY:one"), *other;
    fill(file, "alice");
    fill(memory, "bob");
    struct slice_list names = list_of(name);
    assert_int_equal(names.count, 2);
    assert_slice_str(names.items[1], "MEMORY:one");
    assert_ok(ccache_new_unique(&other, SLICE_LITERAL("MEMORY"), NULL, slice_str(name), &err));
    fill(other, "carol");
    names = list_of("MEMORY:one");
    assert_int_equal(names.count, 2);
    assert_slice_str(names.items[0], "MEMORY:one");
    assert_ok(ccache_destroy(other, &err));
    assert_ok(ccache_destroy(memory, &err));
    ccache_close(file);
    ccache_close(memory);
    ccache_close(other);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_directory_is_a_collection),
        CASE(a_directory_is_laid_out_as_mits),
        CASE(a_primary_that_leads_out_of_its_directory_is_refused),
        CASE(names_that_are_no_cache_of_a_directory_are_refused),
        CASE(a_new_cache_needs_a_directory_to_stand_in),
        CASE(a_file_is_a_collection_of_one),
        CASE(the_caches_of_this_process_are_listed_behind_the_default),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
