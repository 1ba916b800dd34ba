// Durations, sizes, numbers, booleans, tokens, enctype lists and the nearest word. The durations
// are the table of MIT krb5's src/lib/krb5/krb/t_deltat.c.
#include "../test.h"
#include "config/duration.h"
#include "config/expand.h"
#include "config/nearest.h"
#include "config/schema.h"
#include "crypto/crypto.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY  86400
#define HOUR 3600
#define MIN  60

static void durations_are_read_as_mit_reads_them(void **state) {
    UNUSED(state);
    const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"3d", 3 * DAY},
        {"3h", 3 * HOUR},
        {"3m", 3 * MIN},
        {"3s", 3},
        {"3d4m    42s", 3 * DAY + 4 * MIN + 42},
        {"3d-1h", 3 * DAY - HOUR},
        {"3d -1h", 3 * DAY - HOUR},
        {"3d4h5m6s", 3 * DAY + 4 * HOUR + 5 * MIN + 6},
        {"12345s", 12345},
        {"1m 12345s", MIN + 12345},
        {"1m12345s", MIN + 12345},
        {"3d 0m", 3 * DAY},
        {"3d 0m  ", 3 * DAY},
        {"3d \n\t 0m  ", 3 * DAY},
        {"42-13:42:47", 42 * DAY + 13 * HOUR + 42 * MIN + 47},
        {"12:34", 12 * HOUR + 34 * MIN},
        {"1:02:03", HOUR + 2 * MIN + 3},
        {"3:4", 3 * HOUR + 4 * MIN},
        {"42", 42},
        {"2147483647s", 2147483647},
        {"24855d", INT64_C(24855) * DAY},
        {"24855d 3h", INT64_C(24855) * DAY + 3 * HOUR},
        {"24855d 3h 14m 7s", INT64_C(24855) * DAY + 3 * HOUR + 14 * MIN + 7},
        {"596523h", INT64_C(596523) * HOUR},
        {"35791394m7s", INT64_C(35791394) * MIN + 7},
        {"-2147483647s", -2147483647},
        {"-24855d -3h", INT64_C(-24855) * DAY - 3 * HOUR},
        {"-596523h -848s", INT64_C(-596523) * HOUR - 848},
        {"-35791394m7s", INT64_C(-35791394) * MIN + 7},
        {"10:00:00", 10 * HOUR},
        {"1d 2h", DAY + 2 * HOUR},
        {"2w", 14 * DAY},
        {"2 days", 2 * DAY},
        {"1 hour 30 min", 90 * MIN},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        int64_t seconds;
        if (!duration_parse(slice_str(good[i].text), &seconds))
            fail_msg("'%s' is refused", good[i].text);
        assert_int_equal(seconds, good[i].seconds);
    }
}

static void what_is_no_duration_is_refused(void **state) {
    UNUSED(state);
    const char *bad[] = {"3dd",
                         "3d4m5h",
                         "3: 4",
                         "13:0003",
                         "3:-4",
                         "1-2",
                         "2147483648s",
                         "24856d",
                         "24855d 100000000h",
                         "24855d 4h",
                         "24855d 11648s",
                         "24855d 194m 8s",
                         "24855d 195m",
                         "24855d 19500000000m",
                         "596524h",
                         "596523h 848s",
                         "35791394m8s",
                         "-24856d",
                         "-24855d -4h",
                         "-24855d -11649s",
                         "-596524h",
                         "-596523h -849s",
                         "-35791394m-9s",
                         "",
                         "d",
                         "x",
                         "1x",
                         "10h y",
                         "99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t seconds;
        if (duration_parse(slice_str(bad[i]), &seconds))
            fail_msg("'%s' is taken", bad[i]);
    }
}

static void a_duration_is_written_so_that_it_reads_back(void **state) {
    UNUSED(state);
    const int64_t values[] = {0, 1, 59, 60, 3600, 36000, 86400, 93784, 2147483647, -90};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        uint8_t room[64];
        struct writer w = writer_to_buf(buf_of(room, sizeof room));
        duration_write(&w, values[i]);
        int64_t back;
        if (values[i] >= 0) {
            assert_true(duration_parse(writer_slice(&w), &back));
            assert_int_equal(back, values[i]);
        }
        if (values[i] == 93784)
            assert_slice_str(writer_slice(&w), "1d 2h 3m 4s");
    }
}

static void sizes_numbers_and_booleans_are_read(void **state) {
    UNUSED(state);
    int64_t n;
    bool yes;
    assert_true(size_parse(SLICE_LITERAL("4096"), &n) && n == 4096);
    assert_true(size_parse(SLICE_LITERAL("64k"), &n) && n == 65536);
    assert_true(size_parse(SLICE_LITERAL("2 GiB"), &n) && n == INT64_C(2) << 30);
    assert_true(size_parse(SLICE_LITERAL("1MB"), &n) && n == 1 << 20);
    assert_false(size_parse(SLICE_LITERAL("1x"), &n));
    assert_false(size_parse(SLICE_LITERAL("-1"), &n));
    assert_false(size_parse(SLICE_LITERAL("999999999999999t"), &n));
    assert_true(number_parse(SLICE_LITERAL("-12"), &n) && n == -12);
    assert_true(number_parse(SLICE_LITERAL("0x10"), &n) && n == 16);
    assert_false(number_parse(SLICE_LITERAL("12a"), &n));
    assert_false(number_parse(SLICE_LITERAL("0x"), &n));
    assert_true(boolean_parse(SLICE_LITERAL("Yes"), &yes) && yes);
    assert_true(boolean_parse(SLICE_LITERAL("nil"), &yes) && !yes);
    assert_false(boolean_parse(SLICE_LITERAL("maybe"), &yes));
}

static void the_nearest_word_is_found_by_edit_distance(void **state) {
    UNUSED(state);
    assert_int_equal(nearest_distance(SLICE_LITERAL("kitten"), SLICE_LITERAL("sitting")), 3);
    assert_int_equal(nearest_distance(SLICE_LITERAL("clcok"), SLICE_LITERAL("clock")), 1);
    assert_int_equal(nearest_distance(SLICE_LITERAL(""), SLICE_LITERAL("abc")), 3);
    struct nearest n = nearest_of(SLICE_LITERAL("defualt_realm"));
    nearest_offer(&n, "default_tkt_enctypes");
    nearest_offer(&n, "default_realm");
    nearest_offer(&n, "clockskew");
    assert_string_equal(n.best, "default_realm");
    // The beginning of a word, too, but nothing that is nearer gives way to it.
    n = nearest_of(SLICE_LITERAL("life"));
    nearest_offer(&n, "lifetime");
    assert_string_equal(n.best, "lifetime");
    nearest_offer(&n, "life");
    assert_string_equal(n.best, "life");
    n = nearest_of(SLICE_LITERAL("aes265-cts"));
    nearest_offer(&n, "camellia256-cts-cmac");
    nearest_offer(&n, "aes256-cts-hmac-sha1-96");
    assert_string_equal(n.best, "aes256-cts-hmac-sha1-96");
    n = nearest_of(SLICE_LITERAL("li"));
    nearest_offer(&n, "lifetime");
    assert_null(n.best);
    n = nearest_of(SLICE_LITERAL("wholly_other"));
    nearest_offer(&n, "clockskew");
    assert_null(n.best);
}

static void tokens_are_expanded(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 65536, 65536));
    struct slice out;
    char expected[64];
    snprintf(expected, sizeof expected, "FILE:/tmp/krb5cc_%lu", (unsigned long)getuid());
    assert_ok(config_expand(SLICE_LITERAL("FILE:/tmp/krb5cc_%{uid}"), &a, &out, NULL));
    assert_slice_str(out, expected);
    assert_ok(config_expand(SLICE_LITERAL("a%{null}b%c"), &a, &out, NULL));
    assert_slice_str(out, "ab%c");
    struct error err;
    error_init(&err);
    assert_code(config_expand(SLICE_LITERAL("%{udi}"), &a, &out, &err), OBOL_CONFIG_SYNTAX);
    assert_non_null(strstr(err.detail, "did you mean %{uid}"));
    assert_code(config_expand(SLICE_LITERAL("%{uid"), &a, &out, NULL), OBOL_CONFIG_SYNTAX);
    arena_clear(&a);
}

// Lists after MIT krb5's src/lib/krb5/krb/t_etypes.c, with our order of families and defaults.
static void enctype_lists_add_take_away_and_expand(void **state) {
    UNUSED(state);
    const struct {
        const char *text;
        int32_t expected[8];
    } rows[] = {
        {"aes128-cts-hmac-sha1-96", {17}},
        {"default -aes128-cts -des-hmac-sha1", {20, 19, 18, 26, 25}},
        {"aes des3-cbc-sha1-kd", {20, 19, 18, 17}},
        {"camellia -camellia256-cts-cmac", {25}},
        {"aes +rc4 -DEFaulT des3-hmac-sha1", {23}},
        {"rc4,aes256-sha2\taes256-sha2", {23, 20}},
        {"aes-sha1 +DEFAULT", {18, 17, 20, 19, 26, 25}},
        {"aes256-cts-hmac-sha1-96:normal aes128-cts:normal", {18, 17}},
        {"nonsense", {0}},
    };
    struct arena a;
    assert_true(arena_init(&a, 65536, 65536));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct int32_list list;
        assert_ok(config_enctypes(slice_str(rows[i].text), &a, NULL, NULL, 0, &list, NULL));
        for (size_t j = 0; j < list.count; j++)
            assert_int_equal(list.items[j], rows[i].expected[j]);
        assert_int_equal(rows[i].expected[list.count], 0);
    }
    arena_clear(&a);
}

static void an_unknown_enctype_is_noted_with_the_nearest(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 65536, 65536));
    struct config_notes notes = {.arena = &a};
    struct int32_list list;
    assert_ok(config_enctypes(SLICE_LITERAL("camelia des3"), &a, &notes, "f", 3, &list, NULL));
    assert_int_equal(list.count, 0);
    assert_int_equal(notes.count, 1);
    assert_slice_str(notes.first->text, "'camelia' is not an enctype; did you mean 'camellia'?");
    arena_clear(&a);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(durations_are_read_as_mit_reads_them),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(a_duration_is_written_so_that_it_reads_back),
        cmocka_unit_test(sizes_numbers_and_booleans_are_read),
        cmocka_unit_test(the_nearest_word_is_found_by_edit_distance),
        cmocka_unit_test(tokens_are_expanded),
        cmocka_unit_test(enctype_lists_add_take_away_and_expand),
        cmocka_unit_test(an_unknown_enctype_is_noted_with_the_nearest),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
