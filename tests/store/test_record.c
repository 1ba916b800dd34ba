// The record codec: round trips, bounds, damage, newer versions.
#include "../arena_fixture.h"
#include "store/crc32c.h"
#include "store/record.h"

static int reset(void **state) {
    UNUSED(state);
    arena_reset(&arena);
    return 0;
}
// A record with every member in use.
static struct record full(void) {
    static struct record_key keys[3];
    static struct slice aliases[2];
    static struct record_attribute attributes[2];
    const struct slice salt = SLICE_LITERAL("EXAMPLE.COMalice");
    keys[0] = (struct record_key){.kvno = 4, .enctype = 20, .salt = salt, .master = 2};
    keys[0].sealed = SLICE_LITERAL("sealed bytes of the newest key");
    keys[1] = (struct record_key){.kvno = 4, .enctype = 18, .salt = salt, .master = 2};
    keys[1].sealed = SLICE_LITERAL("sealed bytes of the other");
    keys[2] = (struct record_key){3, -133, RECORD_SALT_RANDOM, {0}, 1, SLICE_LITERAL("old"), 0};
    keys[1].iterations = 100000;
    aliases[0] = SLICE_LITERAL("al@EXAMPLE.COM");
    aliases[1] = SLICE_LITERAL("HTTP/www.example.com@EXAMPLE.COM");
    attributes[0] = (struct record_attribute){SLICE_LITERAL("mail"), SLICE_LITERAL("a@b\0c")};
    attributes[1] = (struct record_attribute){SLICE_LITERAL("empty"), {0}};
    return (struct record){.name = SLICE_LITERAL("alice@EXAMPLE.COM"),
                           .id = UINT64_MAX,
                           .flags = 0x80000005,
                           .name_type = -128,
                           .max_life = 36000,
                           .max_renew = INT64_MAX,
                           .expires = INT64_MIN,
                           .password_expires = -1,
                           .password_changed = 1700000000,
                           .created = 1,
                           .modified = 2,
                           .last_success = 3,
                           .last_failure = 4,
                           .failures = UINT32_MAX,
                           .modified_by = SLICE_LITERAL("root"),
                           .policy = SLICE_LITERAL("default"),
                           .history = SLICE_LITERAL("former"),
                           .unlocked = 1700000001,
                           .keys = {keys, 3},
                           .aliases = {aliases, 2},
                           .attributes = {attributes, 2}};
}

static struct slice encoded(const struct record *r) {
    struct slice out;
    assert_ok(record_encode(r, &arena, &out, NULL));
    return out;
}

static struct slice reseal(struct slice bytes) {
    struct slice copy;
    assert_true(arena_copy(&arena, bytes, &copy));
    uint8_t *p = (uint8_t *)(uintptr_t)copy.ptr;
    struct writer w = writer_to_buf(buf_of(p + 1, 4));
    writer_be32(&w, crc32c_more(crc32c(slice_of(p, 1)), slice_of(p + 5, copy.len - 5)));
    return copy;
}

static void the_checksum_is_crc32c(void **state) {
    UNUSED(state);
    // RFC 3720 B.4: 32 bytes of zeroes, of ones, and ascending; and the customary check value.
    uint8_t bytes[32] = {0};
    assert_int_equal(crc32c(slice_of(bytes, 32)), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(slice_of(bytes, 32)), 0x62a8ab43);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32c(slice_of(bytes, 32)), 0x46dd794e);
    assert_int_equal(crc32c(SLICE_LITERAL("123456789")), 0xe3069283);
    assert_int_equal(crc32c_more(crc32c(SLICE_LITERAL("1234")), SLICE_LITERAL("56789")),
                     0xe3069283);
}

static void every_member_comes_back(void **state) {
    UNUSED(state);
    struct record in = full(), out;
    struct slice bytes = encoded(&in);
    assert_ok(record_decode(bytes, &arena, &out, NULL));
    assert_slice_equal(out.name, in.name);
    assert_true(out.id == in.id && out.flags == in.flags && out.name_type == in.name_type);
    assert_true(out.max_life == in.max_life && out.max_renew == in.max_renew);
    assert_true(out.expires == in.expires && out.password_expires == in.password_expires);
    assert_true(out.password_changed == in.password_changed && out.created == in.created);
    assert_true(out.modified == in.modified && out.last_success == in.last_success);
    assert_true(out.last_failure == in.last_failure && out.failures == in.failures);
    assert_slice_equal(out.modified_by, in.modified_by);
    assert_slice_equal(out.policy, in.policy);
    assert_slice_equal(out.history, in.history);
    assert_true(out.unlocked == in.unlocked);
    assert_int_equal(out.keys.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(out.keys.items[i].kvno, in.keys.items[i].kvno);
        assert_int_equal(out.keys.items[i].enctype, in.keys.items[i].enctype);
        assert_int_equal(out.keys.items[i].salt_type, in.keys.items[i].salt_type);
        assert_int_equal(out.keys.items[i].master, in.keys.items[i].master);
        assert_slice_equal(out.keys.items[i].salt, in.keys.items[i].salt);
        assert_int_equal(out.keys.items[i].iterations, in.keys.items[i].iterations);
        assert_slice_equal(out.keys.items[i].sealed, in.keys.items[i].sealed);
    }
    assert_int_equal(out.aliases.count, 2);
    assert_slice_equal(out.aliases.items[1], in.aliases.items[1]);
    assert_int_equal(out.attributes.count, 2);
    assert_slice_equal(out.attributes.items[0].value, in.attributes.items[0].value);
    assert_int_equal(out.attributes.items[1].value.len, 0);
    assert_slice_equal(encoded(&out), bytes);
    assert_slice_equal(record_name(bytes), in.name);
    assert_int_equal(record_newest_kvno(&out), 4);
}

static void a_name_alone_is_a_record(void **state) {
    UNUSED(state);
    struct record in = {.name = SLICE_LITERAL("x@R")}, out;
    assert_ok(record_decode(encoded(&in), &arena, &out, NULL));
    assert_slice_str(out.name, "x@R");
    assert_int_equal(out.keys.count, 0);
    assert_int_equal(record_newest_kvno(&out), 0);
}

static void every_flipped_bit_is_found(void **state) {
    UNUSED(state);
    struct record in = full(), out;
    struct slice bytes = encoded(&in);
    uint8_t copy[512];
    assert_true(bytes.len <= sizeof copy);
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        memcpy(copy, bytes.ptr, bytes.len);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_code(record_decode(slice_of(copy, bytes.len), &arena, &out, NULL),
                    OBOL_STORE_CORRUPT);
    }
}

static void a_record_cut_anywhere_is_damaged(void **state) {
    UNUSED(state);
    struct record in = full(), out;
    struct slice bytes = encoded(&in);
    for (size_t len = 0; len < bytes.len; len++) {
        struct slice cut;
        assert_true(arena_copy(&arena, slice_of(bytes.ptr, len), &cut));
        assert_code(record_decode(cut, &arena, &out, NULL), OBOL_STORE_CORRUPT);
        if (len < 6)
            continue; // the checksum made right again, the form itself must tell, or be whole
        enum obol_code code = record_decode(reseal(cut), &arena, &out, NULL);
        if (code == OBOL_OK)
            assert_slice_equal(encoded(&out), reseal(cut));
        else
            assert_int_equal(code, OBOL_STORE_CORRUPT);
    }
}

static struct slice with_members(const char *hex) {
    struct slice body;
    assert_true(hex_decode(slice_str(hex), &arena, &body));
    struct writer w = writer_to_arena(&arena);
    writer_bytes(&w, SLICE_LITERAL("\1\0\0\0\0"));
    writer_bytes(&w, body);
    return reseal(writer_slice(&w));
}

// CVE-2023-36054 and mistakes.md E: counts and lengths that disagree with the bytes.
static void another_form_of_the_same_is_refused(void **state) {
    UNUSED(state);
    struct record out;
    assert_ok(record_decode(with_members("01 01 78"), &arena, &out, NULL));
    static const char *const bad[] = {
        "",                                                // no name
        "01 00",                                           // an empty name
        "01 01 00",                                        // a NUL in the name
        "01 81 00 78",                                     // a length in a longer form
        "81 00 01 78",                                     // a tag in a longer form
        "00 01 78",                                        // tag 0
        "01 01 78 01 01 78",                               // a member twice
        "02 01 05 01 01 78",                               // out of order
        "01 01 78 02 01 00",                               // a zero that should be absent
        "01 01 78 02 02 05 05",                            // bytes behind a number
        "01 01 78 02 0b ff ff ff ff ff ff ff ff ff ff 01", // a number of 70 bits
        "01 01 78 02 0a ff ff ff ff ff ff ff ff ff 02",    // a number of 65 bits
        "01 01 78 03 05 ff ff ff ff 1f",                   // flags of 33 bits
        "01 01 78 0f 00",                                  // an empty text
        "01 01 78 11 01 00",                               // an empty list
        "01 01 78 11 05 ff ff ff ff 0f",                   // a lying count
        "01 01 78 11 07 01 01 28 00 01 00 00",             // a first key with the salt "as before"
        "01 01 78 12 02 01 00",                            // an empty alias
        "01 01 78 13 03 01 00 00",                         // an attribute without a name
        "01 01 78 15 02 01 00",                            // an empty name to delegate to
        "01 01 78 16 01 00",                               // an empty list of delegation
        "01 01 78 70 05 00",                               // an unknown member that is cut
        "01 01 78 71 00 70 00",                            // unknown members out of order
        "01 01 78 14 01 05",                               // iterations without keys
        "01 01 78 11 07 01 01 28 00 01 01 00 14 01 00",    // iterations that are all 0
        "01 01 78 11 07 01 01 28 00 01 01 00 14 02 05 05", // more of them than keys
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (record_decode(with_members(bad[i]), &arena, &out, NULL) != OBOL_STORE_CORRUPT)
            fail_msg("accepted: %s", bad[i]);
}

static void members_of_a_newer_version_are_kept(void **state) {
    UNUSED(state);
    struct record out;
    struct slice bytes = with_members("01 01 78 70 03 61 62 63 71 00 ff 7f 01 aa");
    assert_ok(record_decode(bytes, &arena, &out, NULL));
    assert_int_equal(out.unknown.len, 5 + 2 + 4);
    assert_slice_equal(encoded(&out), bytes);
    out.failures = 7;
    struct record again;
    assert_ok(record_decode(encoded(&out), &arena, &again, NULL));
    assert_slice_equal(again.unknown, out.unknown);
}

static void a_newer_major_version_is_said_to_be_one(void **state) {
    UNUSED(state);
    struct record out;
    struct error err;
    error_init(&err);
    struct slice bytes;
    assert_true(arena_copy(&arena, with_members("01 01 78"), &bytes));
    ((uint8_t *)(uintptr_t)bytes.ptr)[0] = 2;
    assert_code(record_decode(reseal(bytes), &arena, &out, &err), OBOL_STORE_VERSION);
    ((uint8_t *)(uintptr_t)bytes.ptr)[0] = 0;
    assert_code(record_decode(reseal(bytes), &arena, &out, NULL), OBOL_STORE_CORRUPT);
}

// mistakes.md 2025-24528: sizes are bounded before anything is stored.
static void a_megabyte_in_any_member_is_refused(void **state) {
    UNUSED(state);
    struct buf big = arena_buf(&arena, 1 << 20);
    memset(big.ptr, 'x', big.len);
    struct slice huge = slice_of_buf(big), out;
    struct record r = full();
    struct slice *texts[] = {&r.name,
                             &r.modified_by,
                             &r.policy,
                             &r.keys.items[1].salt,
                             &r.keys.items[1].sealed,
                             &r.aliases.items[1],
                             &r.attributes.items[0].name,
                             &r.attributes.items[0].value};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct slice before = *texts[i];
        struct error err;
        error_init(&err);
        *texts[i] = huge;
        assert_code(record_encode(&r, &arena, &out, &err), OBOL_INVALID_ARGUMENT);
        assert_non_null(strstr(err.detail, "1048576"));
        *texts[i] = before;
    }
    assert_ok(record_encode(&r, &arena, &out, NULL));
    static struct record_attribute many[RECORD_ATTRIBUTES_MAX];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct record_attribute){SLICE_LITERAL("n"), slice_of(huge.ptr, 16384)};
    r.attributes.items = many;
    r.attributes.count = RECORD_ATTRIBUTES_MAX;
    assert_code(record_encode(&r, &arena, &out, NULL), OBOL_INVALID_ARGUMENT);
    r.attributes.count++;
    assert_code(record_check(&r, NULL), OBOL_INVALID_ARGUMENT);
}

// What each login changes is told from all else, also where it appears or goes.
static void logins_are_told_from_other_changes(void **state) {
    UNUSED(state);
    struct record r = {.name = SLICE_LITERAL("a@B"), .id = 7, .modified = 9, .unlocked = 11}, other;
    struct slice a, b;
    assert_ok(record_encode(&r, &arena, &a, NULL));
    assert_true(record_same_but_logins(a, a));
    for (int i = 0; i < 3; i++) {
        r.last_success = i == 0 ? 0 : 1000 + i;
        r.last_failure = i == 1 ? 0 : INT64_MAX;
        r.failures = (uint32_t)i * 200;
        assert_ok(record_encode(&r, &arena, &b, NULL));
        assert_true(record_same_but_logins(a, b) && record_same_but_logins(b, a));
        for (int k = 0; k < 4; k++) {
            other = r;
            other.name = k == 0 ? SLICE_LITERAL("a@C") : other.name;
            other.modified += k == 1;
            other.modified_by = k == 2 ? SLICE_LITERAL("x") : other.modified_by;
            other.unlocked = k == 3 ? 0 : other.unlocked;
            assert_ok(record_encode(&other, &arena, &b, NULL));
            assert_false(record_same_but_logins(a, b) || record_same_but_logins(b, a));
        }
    }
    // What is no record is like none.
    assert_false(record_same_but_logins(slice_sub(a, 0, 5), slice_sub(a, 0, 5)));
    assert_false(record_same_but_logins(slice_sub(a, 0, a.len - 1), slice_sub(a, 0, a.len - 1)));
    assert_false(record_same_but_logins(SLICE_LITERAL(""), SLICE_LITERAL("")));
}

static void flags_have_names(void **state) {
    UNUSED(state);
    uint32_t all = 0, flag, same;
    const char *name;
    for (size_t i = 0; (name = record_flag_name(i, &flag)); i++) {
        assert_int_equal(all & flag, 0);
        all |= flag;
        assert_true(record_flag_find(slice_str(name), &same));
        assert_int_equal(same, flag);
    }
    assert_int_equal(all, 0xfffff);
    assert_false(record_flag_find(SLICE_LITERAL("requires_preauth"), &same));
}

#define CASE(f) cmocka_unit_test_teardown(f, reset)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(the_checksum_is_crc32c),
        CASE(every_member_comes_back),
        CASE(a_name_alone_is_a_record),
        CASE(every_flipped_bit_is_found),
        CASE(a_record_cut_anywhere_is_damaged),
        CASE(another_form_of_the_same_is_refused),
        CASE(members_of_a_newer_version_are_kept),
        CASE(a_newer_major_version_is_said_to_be_one),
        CASE(a_megabyte_in_any_member_is_refused),
        CASE(logins_are_told_from_other_changes),
        CASE(flags_have_names),
    };
    return cmocka_run_group_tests(cases, arena_begin, arena_end);
}
