// test_token_mit.c: MIT's string attribute "otp": what its documentation shows is read, and what is
// no list of tokens is refused.
#include "../arena_fixture.h"
#include "store/token.h"

static enum obol_code read_text(struct slice text, struct token_list *out) {
    struct record_attribute item = {SLICE_LITERAL("otp"), text};
    const struct record r = {.name = SLICE_LITERAL("alice"), .attributes = {&item, 1}};
    *out = (struct token_list){0};
    assert_true(tokens_any(&r));
    assert_false(tokens_held(&r));
    return tokens_add_mit(&r, out, &arena, NULL);
}

static void the_forms_of_mits_documentation_are_read(void **state) {
    struct token_list list;
    UNUSED(state);
    assert_ok(read_text(SLICE_LITERAL("[{}]"), &list));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].kind, TOKEN_RADIUS);
    assert_true(list.items[0].code_only);
    assert_slice_str(list.items[0].type, "DEFAULT");
    assert_int_equal(list.items[0].user.len, 0);
    assert_ok(
        read_text(SLICE_LITERAL(" [ {\"type\": \"corporate\", \"username\": \"u\\u00e4\\\\b\",\n"
                                "\"indicators\": [\"one\", \"two\"] } , {\"x\":[1,{\"y\":null}],"
                                "\"username\":\"\\ud83d\\ude00\"} ]\n"),
                  &list));
    assert_int_equal(list.count, 2);
    assert_slice_str(list.items[0].type, "corporate");
    assert_slice_str(list.items[0].user, "u\xc3\xa4\\b");
    assert_int_equal(list.items[0].indicator_count, 2);
    assert_slice_str(list.items[0].indicators[1], "two");
    assert_slice_str(list.items[1].user, "\xf0\x9f\x98\x80");
    assert_int_not_equal(list.items[0].number, list.items[1].number);
    assert_true(list.items[0].number >= TOKEN_OF_MIT);
}

static void what_is_no_list_of_tokens_is_refused(void **state) {
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "[{}",
        "[{}],",
        "[{},]",
        "[{}] x",
        "[{},{},{},{},{}]",
        "[{\"type\":\"\"}]",
        "[{\"type\":1}]",
        "[{\"type\":\"a}]",
        "[{\"type\":\"a\" \"username\":\"b\"}]",
        "[{\"type\":\"a\nb\"}]",
        "[{\"type\":\"\\x\"}]",
        "[{\"type\":\"\\u0000\"}]",
        "[{\"type\":\"\\ud800\"}]",
        "[{\"type\":\"\\ud800\\u0041\"}]",
        "[{\"type\":\"\\udc00\"}]",
        "[{\"indicators\":\"one\"}]",
        "[{\"indicators\":[\"\"]}]",
        "[{\"indicators\":[1]}]",
        "[{\"indicators\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}]",
        "[{\"x\":}]",
        "[{\"x\":[[[[[[[[[[1]]]]]]]]]]}]",
        "[{\"type\":\"12345678901234567890123456789012345678901234567890123456789012345\"}]",
    };
    struct token_list list;
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (read_text(slice_str(texts[i]), &list) != OBOL_FORMAT)
            fail_msg("taken: %s", texts[i]);
}

static void the_limits_themselves_are_allowed(void **state) {
    static const char *const texts[] = {
        "[{},{},{},{}]",
        "[{\"indicators\":[]}]",
        "[{\"indicators\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\"]}]",
        "[{\"x\":[[[[[[[[1]]]]]]]]}]",
        "[{\"type\":\"1234567890123456789012345678901234567890123456789012345678901234\"}]",
    };
    struct token_list list;
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (read_text(slice_str(texts[i]), &list) != OBOL_OK)
            fail_msg("refused: %s", texts[i]);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_forms_of_mits_documentation_are_read),
        cmocka_unit_test(what_is_no_list_of_tokens_is_refused),
        cmocka_unit_test(the_limits_themselves_are_allowed),
    };
    return cmocka_run_group_tests(cases, arena_begin, arena_end);
}
