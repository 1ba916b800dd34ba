// The syntax of krb5.conf, with MIT krb5's own test files (tests/vectors/config).
#include "../test.h"
#include "config/profile.h"
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct profile profile;
static struct error err;

static int start(void **state) {
    UNUSED(state);
    error_init(&err);
    if (!arena_init(&arena, 1 << 20, 1 << 24))
        return -1;
    profile_init(&profile, &arena);
    return 0;
}
static int stop(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

static enum obol_code parse(const char *text) {
    return profile_parse(&profile, "krb5.conf", slice_str(text), &err);
}
static enum obol_code read_vector(const char *name) {
    return profile_read(&profile, arena_printf(&arena, "%s/config/%s", VECTORS, name), &err);
}

// values joins all values at section/subsection/key with commas.
static const char *values(const char *section, const char *subsection, const char *key) {
    const struct profile_node *node = profile_section(&profile, NULL, slice_str(section));
    if (node && subsection)
        node = profile_section(&profile, node, slice_str(subsection));
    struct writer w = writer_to_arena(&arena);
    for (const struct profile_node *n = profile_first(node, slice_str(key)); n;
         n = profile_next(n)) {
        writer_str(&w, w.len ? "," : "");
        writer_bytes(&w, n->value);
    }
    writer_u8(&w, 0);
    return (const char *)writer_slice(&w).ptr;
}

static void sections_relations_and_braces_are_read(void **state) {
    UNUSED(state);
    assert_ok(parse("anything before\n[libdefaults]\n  default_realm = A.B \r\n# c\n ; c\n\n"
                    "[realms]\nA.B = {\n kdc = one\n kdc=two\n}\n[libdefaults]\n x = 1\n"));
    assert_string_equal(values("libdefaults", NULL, "default_realm"), "A.B");
    assert_string_equal(values("realms", "A.B", "kdc"), "one,two");
    assert_string_equal(values("libdefaults", NULL, "x"), "1");
    assert_string_equal(values("libdefaults", NULL, "absent"), "");
    assert_int_equal(profile.notes.count, 0);
}

static void mits_test_file_gives_mits_values(void **state) {
    UNUSED(state);
    assert_ok(read_vector("mit-test.ini"));
    assert_string_equal(values("test section 1", NULL, "foo"), "bar ,bar2,bar3");
    assert_string_equal(values("test section 1", "child_section", "child"), "slick,harry,john");
    assert_string_equal(values("test section 1", NULL, "child_section"), "foo");
    assert_string_equal(values("test section 2", "child_section2", "child"),
                        "slick,harry,john\tb ,ron");
    assert_string_equal(values("test section 2", NULL, "test_child"), "foo\nbar");
    assert_string_equal(values("realms", "ATHENA.MIT.EDU", "server"),
                        "KERBEROS.MIT.EDU:88,KERBEROS1.MIT.EDU,KERBEROS2.MIT.EDU");
}

static void final_marks_close_keys_subsections_and_sections(void **state) {
    UNUSED(state);
    assert_ok(read_vector("mit-final6.ini"));
    assert_string_equal(values("a", NULL, "ab"), "1,2");
    assert_string_equal(values("a", NULL, "ac"), "1");
    assert_string_equal(values("b", NULL, "ba"), "1,2");
    assert_string_equal(values("b", "bb", "bba"), "1");
    assert_string_equal(values("c", "ca", "caa"), "1");
    assert_string_equal(values("c", "cb", "cba"), "1");
    assert_string_equal(values("c", NULL, "cc"), "1,2");
}

static void a_final_mark_holds_against_later_files(void **state) {
    const struct {
        const char *first, *expected;
    } rows[] = {
        {"mit-final1.ini", "value1,value1"}, {"mit-final2.ini", "value2"},
        {"mit-final3.ini", "value3"},        {"mit-final4.ini", "value4"},
        {"mit-final5.ini", "value5"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice both =
            arena_printf(&arena, "%s/config/%s:/nonexistent:%s/config/mit-final1.ini", VECTORS,
                         rows[i].first, VECTORS);
        assert_ok(profile_read_paths(&profile, both, &err));
        assert_int_equal(profile.files, 2);
        assert_string_equal(values("section", "subsection", "key"), rows[i].expected);
        stop(state);
        start(state);
    }
}

static void quoted_values_keep_blanks_and_escapes(void **state) {
    UNUSED(state);
    assert_ok(parse("[s]\na = \" x \\\"y\\\" \\\\ \\n\" rest\nb = plain \"text\"\nc = \"\"\n"));
    assert_string_equal(values("s", NULL, "a"), " x \"y\" \\ \n");
    assert_string_equal(values("s", NULL, "b"), "plain \"text\"");
    assert_non_null(
        profile_first(profile_section(&profile, NULL, SLICE_LITERAL("s")), SLICE_LITERAL("c")));
}

static void a_brace_may_stand_on_the_next_line(void **state) {
    UNUSED(state);
    assert_ok(parse("[realms]\nR =\n{\nkdc = k\n}\n"));
    assert_string_equal(values("realms", "R", "kdc"), "k");
}

static void mistakes_name_file_line_and_what_was_expected(void **state) {
    const struct {
        const char *text, *complaint;
    } rows[] = {
        {"[s]\nnonsense\n", "krb5.conf:2: expected `name = value`, found 'nonsense'"},
        {"[s\n", "krb5.conf:1: expected ']' behind the section's name"},
        {"[s] x\n", "krb5.conf:1: expected nothing behind [s] but '*'"},
        {"[s]\n}\n", "krb5.conf:2: expected no '}' here: no brace is open"},
        {"[s]\na b = c\n", "krb5.conf:2: expected one word before '=', found 'a b'"},
        {"[s]\n= c\n", "krb5.conf:2: expected `name = value`, found '= c'"},
        {"[s]\nr = {\na = b\n[t]\n",
         "krb5.conf:4: expected a '}' that closes the braces of line 2 before the next [section]"},
        {"[s]\nr =\nx = y\n",
         "krb5.conf:3: expected '{' or a value behind the '=' of the line before"},
        {"[s]\nr =\n\n", "krb5.conf:3: expected '{' or a value behind the '=' of the line before"},
        {"include\t/nonexistent/x\n",
         "krb5.conf:1: expected a readable file to include: /nonexistent/x does not exist"},
        {"[s]\n include /x\n",
         "krb5.conf:2: expected `include` at the very beginning of the line, found spaces before "
         "it"},
        {"includedir /nonexistent/x\n",
         "krb5.conf:1: expected a readable directory to include: /nonexistent/x does not exist"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_code(parse(rows[i].text), OBOL_CONFIG_SYNTAX);
        assert_string_equal(err.detail, rows[i].complaint);
        stop(state);
        start(state);
    }
}

static void a_pipe_is_read_as_slowly_as_it_comes(void **state) {
    UNUSED(state);
    int ends[2];
    char path[64];
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        int left = 1;
        (void)!write(ends[1], "[s]\na = ", 8);
        while (left > 0 && ioctl(ends[1], FIONREAD, &left) == 0) // until the reader wants more
            sched_yield();
        (void)!write(ends[1], "b\n", 2);
        _exit(0);
    }
    close(ends[1]);
    assert_ok(profile_read(&profile, slice_str(path), &err));
    close(ends[0]);
    waitpid(writer, NULL, 0);
    const struct profile_node *s = profile_section(&profile, NULL, SLICE_LITERAL("s"));
    assert_slice_str(profile_first(s, SLICE_LITERAL("a"))->value, "b");
}

static void oddities_are_taken_as_mit_does_but_noted(void **state) {
    const struct {
        const char *text, *note;
    } rows[] = {
        {"module /x.so:y\n[s]\n", "`module` lines are not supported; this one is left out"},
        {"[s]\na = b # c\n", "what stands behind '#' is part of the value of `a`: comments stand "
                             "on lines of their own"},
        {"[s]\na = \"b\n", "the value lacks its closing '\"'"},
        {"[s]\nr = {\na = b\n", "the '{' of line 2 is never closed"},
        {"[s]\nr =\n", "there is neither a value nor '{' behind the '='"},
        {"[s]\nr = {\na =", "there is neither a value nor '{' behind the '='"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_ok(parse(rows[i].text));
        assert_int_equal(profile.notes.count, 1);
        assert_slice_str(profile.notes.first->text, rows[i].note);
        stop(state);
        start(state);
    }
}

static void put(const char *dir, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void includes_are_followed_and_odd_names_passed_over(void **state) {
    UNUSED(state);
    char dir[] = "/tmp/obol-test-XXXXXX", command[64];
    assert_non_null(mkdtemp(dir));
    put(dir, "b.conf", "[s]\na = 2\n");
    put(dir, "A_1-x", "[s]\na = 1\n");
    put(dir, "c.conf~", "[s]\na = 3\n");
    put(dir, ".d.conf", "[s]\na = 4\n");
    put(dir, "e.rpmsave", "not a profile\n[");
    struct slice text =
        arena_printf(&arena, "[s]\na = 0\nincludedir %s\ninclude %s/b.conf\na = 9\n", dir, dir);
    assert_ok(profile_parse(&profile, "krb5.conf", text, &err));
    assert_string_equal(values("s", NULL, "a"), "0,1,2,2,9");
    profile_init(&profile, &arena);
    assert_ok(profile_parse_alone(&profile, "krb5.conf", text, &err));
    assert_string_equal(values("s", NULL, "a"), "0,9");
    // A mistake within names the file that it stands in.
    put(dir, "b.conf", "[s]\noops\n");
    assert_code(profile_parse(&profile, "krb5.conf", text, &err), OBOL_CONFIG_SYNTAX);
    assert_non_null(strstr(err.detail, "/b.conf:2: expected"));
    snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

static void files_that_include_each_other_are_refused(void **state) {
    UNUSED(state);
    char path[] = "/tmp/obol-test-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    fprintf(f, "include %s\n", path);
    fclose(f);
    assert_code(profile_read(&profile, slice_str(path), &err), OBOL_CONFIG_SYNTAX);
    assert_non_null(strstr(err.detail, "files that include each other"));
    unlink(path);
}

static void nul_bytes_and_deep_braces_are_refused(void **state) {
    UNUSED(state);
    assert_code(profile_parse(&profile, "f", slice_of("[s]\na\0b = c\n", 12), &err),
                OBOL_CONFIG_SYNTAX);
    struct writer w = writer_to_arena(&arena);
    writer_str(&w, "[s]\n");
    for (int i = 0; i < 100; i++)
        writer_str(&w, "a = {\n");
    error_init(&err);
    assert_code(profile_parse(&profile, "f", writer_slice(&w), &err), OBOL_CONFIG_SYNTAX);
    assert_non_null(strstr(err.detail, "braces within each other"));
}

static void a_tree_written_and_read_again_is_the_same(void **state) {
    UNUSED(state);
    assert_ok(read_vector("mit-test.ini"));
    assert_ok(parse("[e]*\nx* = \" q\"\nsub = {\n}\nsub2 = {\ninner = {\nk = v\n}*\n}\n[f]\n"));
    struct writer one = writer_to_arena(&arena), two = writer_to_arena(&arena);
    profile_write(&profile, &one);
    struct profile again;
    profile_init(&again, &arena);
    assert_ok(profile_parse(&again, "again", writer_slice(&one), &err));
    profile_write(&again, &two);
    assert_slice_equal(writer_slice(&one), writer_slice(&two));
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest cases[] = {
        CASE(sections_relations_and_braces_are_read),
        CASE(mits_test_file_gives_mits_values),
        CASE(final_marks_close_keys_subsections_and_sections),
        CASE(a_final_mark_holds_against_later_files),
        CASE(quoted_values_keep_blanks_and_escapes),
        CASE(a_brace_may_stand_on_the_next_line),
        CASE(mistakes_name_file_line_and_what_was_expected),
        CASE(a_pipe_is_read_as_slowly_as_it_comes),
        CASE(oddities_are_taken_as_mit_does_but_noted),
        CASE(includes_are_followed_and_odd_names_passed_over),
        CASE(files_that_include_each_other_are_refused),
        CASE(nul_bytes_and_deep_braces_are_refused),
        CASE(a_tree_written_and_read_again_is_the_same),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
