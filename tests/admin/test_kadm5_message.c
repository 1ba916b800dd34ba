// kadmin's messages: those of MIT krb5's kadmin and kadmind (tests/vectors/admin/kadm5.txt) are
// read and written the same, byte for byte; and what is malformed is refused.
#include "../arena_fixture.h"
#include "admin/kadm5.h"
#include <stdio.h>
#include <stdlib.h>

static struct error err;
static struct kadm5_message m;

struct captured {
    uint32_t procedure;
    enum kadm5_part part;
    struct slice bytes;
};
static struct captured captured[128];
static size_t captured_count;

static void load(void) {
    char line[8192], part[16], hex[8000];
    FILE *f = fopen(VECTORS "/admin/kadm5.txt", "r");
    assert_non_null(f);
    captured_count = 0;
    arena_reset(&arena);
    while (fgets(line, sizeof line, f)) {
        struct captured *c = &captured[captured_count];
        if (line[0] == '#')
            continue;
        assert_true(captured_count < COUNT_OF(captured));
        assert_int_equal(sscanf(line, "%u %15s %7999s", &c->procedure, part, hex), 3);
        c->part = strcmp(part, "args") == 0 ? KADM5_ARGUMENTS : KADM5_RESULTS;
        assert_true(hex_decode(slice_str(hex), &arena, &c->bytes));
        captured_count++;
    }
    fclose(f);
}

static enum obol_code read_bytes(uint32_t procedure, enum kadm5_part part, struct slice bytes) {
    error_init(&err);
    return kadm5_read(procedure, part, bytes, &arena, &m, &err);
}

// The n-th message of a procedure in the file.
static void read_captured(uint32_t procedure, enum kadm5_part part, unsigned n) {
    load();
    for (size_t i = 0; i < captured_count; i++)
        if (captured[i].procedure == procedure && captured[i].part == part && n-- == 0) {
            assert_ok(read_bytes(procedure, part, captured[i].bytes));
            return;
        }
    fail_msg("procedure %u is not in the file", procedure);
}

static void the_messages_of_mit_krb5_are_read_and_written_byte_for_byte(void **state) {
    UNUSED(state);
    bool seen[KADM5_PROCEDURES][2] = {0};
    load();
    for (size_t i = 0; i < captured_count; i++) {
        const struct captured *c = &captured[i];
        struct writer w = writer_to_arena(&arena);
        if (read_bytes(c->procedure, c->part, c->bytes) != OBOL_OK)
            fail_msg("procedure %u: %s", c->procedure, err.detail);
        assert_ok(kadm5_write(c->procedure, c->part, &m, &w, &err));
        assert_slice_equal(writer_slice(&w), c->bytes);
        seen[c->procedure][c->part] = true;
    }
    for (uint32_t p = 1; p < KADM5_CREATE_ALIAS; p++)
        if (kadm5_procedure_name(p))
            assert_true(seen[p][0] && seen[p][1]);
}

static void what_they_say_is_what_kadmin_was_asked(void **state) {
    UNUSED(state);
    read_captured(KADM5_CREATE_PRINCIPAL_3, KADM5_ARGUMENTS, 0);
    assert_int_equal(m.version, KADM5_VERSION_4);
    assert_slice_str(m.principal.name, "alice@EXAMPLE.COM");
    assert_int_equal(m.principal.attributes, 0x80);
    assert_int_equal(m.principal.expires, 1893456000);
    assert_slice_str(m.password, "secret1");
    assert_int_equal(m.keysalts.count, 1);
    assert_int_equal(m.keysalts.items[0].enctype, 18);
    assert_int_equal(m.mask, KADM5_MASK_PRINCIPAL | KADM5_MASK_EXPIRES | KADM5_MASK_ATTRIBUTES);
    read_captured(KADM5_CREATE_PRINCIPAL, KADM5_ARGUMENTS, 0);
    assert_null(m.password.ptr); // random keys
    read_captured(KADM5_CREATE_PRINCIPAL, KADM5_ARGUMENTS, 1);
    assert_true(m.mask & KADM5_MASK_KEYS); // -nokey
    read_captured(KADM5_MODIFY_PRINCIPAL, KADM5_ARGUMENTS, 1);
    assert_true(m.mask & KADM5_MASK_FAILURES && m.mask & KADM5_MASK_DATA);
    assert_int_equal(m.principal.data.count, 1);
    assert_int_equal(m.principal.data.items[0].type, KADM5_DATA_UNLOCKED);
    read_captured(KADM5_SET_STRING, KADM5_ARGUMENTS, 1);
    assert_slice_str(m.string.name, "session_enctypes");
    assert_null(m.string.value.ptr);
    read_captured(KADM5_CHANGE_PASSWORD_3, KADM5_ARGUMENTS, 0);
    assert_true(m.keep_old);
    assert_slice_str(m.password, "Secret-22");
    read_captured(KADM5_RENAME_PRINCIPAL, KADM5_ARGUMENTS, 0);
    assert_slice_str(m.name, "alice@EXAMPLE.COM");
    assert_slice_str(m.other, "bob@EXAMPLE.COM");
    read_captured(KADM5_PURGE_KEYS, KADM5_ARGUMENTS, 0);
    assert_int_equal(m.keep_kvno, 2);
    read_captured(KADM5_SET_KEY_4, KADM5_ARGUMENTS, 0);
    assert_int_equal(m.keys.items[0].kvno, 9);
    assert_slice_str(m.keys.items[0].salt, "salty");
}

static void policies_are_as_long_as_the_version_of_the_api_says(void **state) {
    UNUSED(state);
    // 0 is `default`, which is not there; 1 to 3 are `strong` for versions 4, 3, 2.
    for (unsigned n = 0, v = 4; v >= 2; n++) {
        read_captured(KADM5_GET_POLICY, KADM5_RESULTS, n);
        if (m.status)
            continue;
        assert_int_equal(m.version & 0xff, v);
        assert_slice_str(m.policy.name, "strong");
        assert_int_equal(m.policy.min_length, 9);
        assert_int_equal(m.policy.max_failures, v > 2 ? 5 : 0);
        assert_int_equal(m.policy.failure_interval, v > 2 ? 600 : 0);
        assert_true((m.policy.keysalts.ptr != NULL) == (v > 3));
        v--;
    }
}

static void an_alias_is_two_names_behind_the_version(void **state) {
    UNUSED(state);
    struct writer w = writer_to_arena(&arena);
    struct slice expected;
    m = (struct kadm5_message){
        .version = KADM5_VERSION_4, .name = SLICE_LITERAL("a@R"), .other = SLICE_LITERAL("bob@R")};
    assert_ok(kadm5_write(KADM5_CREATE_ALIAS, KADM5_ARGUMENTS, &m, &w, &err));
    assert_true(hex_decode(SLICE_LITERAL("12345704 00000004 61405200 00000006 626f62405200 0000"),
                           &arena, &expected));
    assert_slice_equal(writer_slice(&w), expected);
    assert_ok(read_bytes(KADM5_CREATE_ALIAS, KADM5_ARGUMENTS, expected));
    assert_slice_str(m.other, "bob@R");
}

static void what_ends_early_or_goes_on_is_refused(void **state) {
    UNUSED(state);
    load();
    for (size_t i = 0; i < captured_count; i++) {
        const struct captured *c = &captured[i];
        uint8_t longer[4096];
        for (size_t len = 0; len < c->bytes.len; len++) {
            assert_code(read_bytes(c->procedure, c->part, slice_sub(c->bytes, 0, len)),
                        OBOL_FORMAT);
            assert_null(m.name.ptr);
        }
        assert_true(c->bytes.len + 4 < sizeof longer);
        memcpy(longer, c->bytes.ptr, c->bytes.len);
        memset(longer + c->bytes.len, 0, 4);
        assert_code(read_bytes(c->procedure, c->part, slice_of(longer, c->bytes.len + 4)),
                    OBOL_FORMAT);
    }
}

static void each_malformed_field_is_refused_by_its_name(void **state) {
    UNUSED(state);
    static const struct {
        uint32_t procedure;
        enum kadm5_part part;
        const char *hex, *says;
    } bad[] = {
        // Text: no NUL at its end, a NUL inside, a length without bytes, padding.
        {2, KADM5_ARGUMENTS, "12345704 00000004 61404141", "NUL"},
        {2, KADM5_ARGUMENTS, "12345704 00000004 61004100", "NUL"},
        {2, KADM5_ARGUMENTS, "12345704 ffffffff 61404100", "principal"},
        {2, KADM5_ARGUMENTS, "12345704 00000002 61000001", "padding"},
        // A boolean that is neither.
        {20, KADM5_ARGUMENTS, "12345704 00000002 61000000 00000002 00000000", "keepold"},
        // A list longer than what is left, one that its count does not fit.
        {20, KADM5_ARGUMENTS, "12345704 00000002 61000000 00000001 20000000 00000012 00000000",
         "ks_tuple"},
        {14, KADM5_RESULTS, "12345704 00000000 00000002 00000001 00000002 61000000", "names"},
        {14, KADM5_RESULTS, "12345704 00000000 ffffffff 00000000", "count"},
        // A string attribute without its value.
        {23, KADM5_RESULTS, "12345704 00000000 00000001 00000001 00000002 61000000 00000000",
         "string.value"},
        // A 16 bit number beyond them.
        {26, KADM5_RESULTS,
         "12345704 00000000 00000001 00000001 00000011 00000000 00010000 00000000", "salt_type"},
        // Results of a failure have nothing behind the code.
        {5, KADM5_RESULTS, "12345704 029c250c 00000000", "left over"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct slice bytes;
        assert_true(hex_decode(slice_str(bad[i].hex), &arena, &bytes));
        assert_code(read_bytes(bad[i].procedure, bad[i].part, bytes), OBOL_FORMAT);
        if (!strstr(err.detail, bad[i].says))
            fail_msg("%zu: \"%s\" does not name %s", i, err.detail, bad[i].says);
    }
}

static void what_cannot_be_said_is_not_written(void **state) {
    UNUSED(state);
    struct writer w = writer_to_arena(&arena);
    m = (struct kadm5_message){.name = SLICE_LITERAL("a\0b")};
    assert_code(kadm5_write(KADM5_DELETE_PRINCIPAL, KADM5_ARGUMENTS, &m, &w, &err),
                OBOL_INVALID_ARGUMENT);
    struct kadm5_string no_value = {.name = SLICE_LITERAL("a")};
    m = (struct kadm5_message){.strings = {&no_value, 1}};
    assert_code(kadm5_write(KADM5_GET_STRINGS, KADM5_RESULTS, &m, &w, &err), OBOL_INVALID_ARGUMENT);
    uint8_t few[8];
    w = writer_to_buf(buf_of(few, sizeof few));
    m = (struct kadm5_message){.name = SLICE_LITERAL("alice")};
    assert_code(kadm5_write(KADM5_DELETE_PRINCIPAL, KADM5_ARGUMENTS, &m, &w, &err), OBOL_NO_MEMORY);
    const uint32_t none[] = {17, 28, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        assert_null(kadm5_procedure_name(none[i]));
        assert_code(read_bytes(none[i], KADM5_ARGUMENTS, (struct slice){0}), OBOL_UNSUPPORTED);
        assert_code(kadm5_write(none[i], KADM5_RESULTS, &m, &w, &err), OBOL_UNSUPPORTED);
    }
}

static void numbers_of_the_table_have_names_texts_and_codes(void **state) {
    UNUSED(state);
    const struct kadm5_status *s = kadm5_status_of(43787532);
    assert_int_equal(KADM5_E_UNK_PRINC, 43787532);
    assert_string_equal(s->name, "KADM5_UNK_PRINC");
    assert_string_equal(s->text, "Principal does not exist");
    assert_int_equal(s->code, OBOL_PRINCIPAL_NOT_FOUND);
    assert_string_equal(kadm5_status_of(KADM5_E_AUTH_EXTRACT)->text,
                        "Operation requires ``extract-keys'' privilege");
    for (uint32_t n = KADM5_E_FAILURE; n <= KADM5_E_ALIAS_REALM; n++)
        assert_int_equal(kadm5_status_of(n)->number, n);
    assert_null(kadm5_status_of(KADM5_E_FAILURE - 1));
    assert_null(kadm5_status_of(KADM5_E_ALIAS_REALM + 1));
    assert_null(kadm5_status_of(22));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_messages_of_mit_krb5_are_read_and_written_byte_for_byte),
        cmocka_unit_test(what_they_say_is_what_kadmin_was_asked),
        cmocka_unit_test(policies_are_as_long_as_the_version_of_the_api_says),
        cmocka_unit_test(an_alias_is_two_names_behind_the_version),
        cmocka_unit_test(what_ends_early_or_goes_on_is_refused),
        cmocka_unit_test(each_malformed_field_is_refused_by_its_name),
        cmocka_unit_test(what_cannot_be_said_is_not_written),
        cmocka_unit_test(numbers_of_the_table_have_names_texts_and_codes),
    };
    return cmocka_run_group_tests(tests, arena_begin, arena_end);
}
