// Tokens of one-time passwords in a record: what is written is read, damage is refused, and a
// sealed secret is good for one token of one principal.
#include "../test.h"
#include "store/token.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECRET "12345678901234567890"

static struct arena arena;
static char dir[64], path[96];
static struct master *master;

static int setup(void **state) {
    UNUSED(state);
    strcpy(dir, "/tmp/obol-token-XXXXXX");
    if (!mkdtemp(dir) || !arena_init(&arena, 1 << 16, 1 << 20))
        return -1;
    snprintf(path, sizeof path, "%s/master.key", dir);
    return master_create(&master, path, env_system(), NULL) == OBOL_OK ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    master_free(master);
    unlink(path);
    rmdir(dir);
    arena_clear(&arena);
    return 0;
}

static struct token_list two(void) {
    struct token_list list = {
        .items = {{.number = 1,
                   .kind = TOKEN_TOTP,
                   .hash = 256,
                   .digits = 8,
                   .period = 30,
                   .next = UINT64_C(59666666),
                   .label = SLICE_LITERAL("phone")},
                  {.number = 7,
                   .kind = TOKEN_HOTP,
                   .hash = 1,
                   .digits = 6,
                   .code_only = true,
                   .label = SLICE_LITERAL("key")}},
        .count = 2,
    };
    for (size_t i = 0; i < list.count; i++)
        assert_ok(
            token_seal(master, env_system(), 42, &list.items[i], slice_str(SECRET), &arena, NULL));
    return list;
}

static void what_is_written_is_read(void **state) {
    UNUSED(state);
    struct token_list list = two(), again;
    struct record_attribute other = {SLICE_LITERAL("mail"), SLICE_LITERAL("a@b")};
    struct record r = {.name = SLICE_LITERAL("alice"), .attributes = {&other, 1}};
    assert_false(tokens_held(&r));
    assert_ok(tokens_read(&r, &again, NULL));
    assert_int_equal(again.count, 0);
    assert_ok(tokens_write(&r, &list, &arena, NULL));
    assert_true(tokens_held(&r));
    assert_int_equal(r.attributes.count, 2);
    assert_ok(tokens_read(&r, &again, NULL));
    assert_int_equal(again.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct token *a = &list.items[i], *b = &again.items[i];
        assert_true(a->number == b->number && a->kind == b->kind && a->hash == b->hash &&
                    a->digits == b->digits && a->period == b->period && a->next == b->next &&
                    a->code_only == b->code_only && a->master == b->master);
        assert_slice_equal(a->label, b->label);
        assert_slice_equal(a->sealed, b->sealed);
    }
    list.count = 0;
    assert_ok(tokens_write(&r, &list, &arena, NULL));
    assert_false(tokens_held(&r));
    assert_slice_str(r.attributes.items[0].name, "mail");
}

static void each_cut_and_each_wrong_byte_is_damage_or_another_list(void **state) {
    UNUSED(state);
    struct token_list list = two(), again;
    struct record r = {.name = SLICE_LITERAL("alice")};
    assert_ok(tokens_write(&r, &list, &arena, NULL));
    struct slice whole = r.attributes.items[0].value;
    size_t first =
        1 + 4 + 4 + 4 + 8 + 2 + list.items[0].label.len + 4 + 2 + list.items[0].sealed.len;
    for (size_t len = 0; len < whole.len; len++) {
        r.attributes.items[0].value = slice_sub(whole, 0, len);
        // Behind the first token the list of one is whole again.
        assert_int_equal(tokens_read(&r, &again, NULL) == OBOL_OK, len == first);
    }
    struct buf bytes = arena_buf(&arena, whole.len);
    for (size_t at = 0; at < whole.len; at++) {
        memcpy(bytes.ptr, whole.ptr, whole.len);
        bytes.ptr[at] ^= 0x80;
        r.attributes.items[0].value = slice_of_buf(bytes);
        enum obol_code code = tokens_read(&r, &again, NULL);
        assert_true(code == OBOL_OK || code == OBOL_STORE_CORRUPT);
    }
}

static void a_secret_is_sealed_for_one_token_of_one_principal(void **state) {
    UNUSED(state);
    struct token_list list = two();
    struct token *t = &list.items[0];
    struct slice secret;
    assert_ok(token_open(master, 42, t, &arena, &secret, NULL));
    assert_slice_str(secret, SECRET);
    assert_code(token_open(master, 43, t, &arena, &secret, NULL), OBOL_MASTER_KEY);
    t->number = 2;
    assert_code(token_open(master, 42, t, &arena, &secret, NULL), OBOL_MASTER_KEY);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(what_is_written_is_read),
        CASE(each_cut_and_each_wrong_byte_is_damage_or_another_list),
        CASE(a_secret_is_sealed_for_one_token_of_one_principal),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
