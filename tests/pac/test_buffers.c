// What the buffers of a PAC hold: written and read again, and refused where lengths lie.
#include "../arena_fixture.h"
#include "pac/delegation.h"
#include "pac/logon_info.h"

static struct sid sid_of(const char *text) {
    struct sid sid;
    assert_true(sid_parse(slice_str(text), &sid));
    return sid;
}

static void sids_are_read_as_text_and_as_bytes(void **state) {
    UNUSED(state);
    static const char *const good[] = {"S-1-5-21-1-2-4294967295-500", "S-1-18-1", "S-1-5",
                                       "S-1-281474976710655-1"};
    static const char *const bad[] = {"",
                                      "S-1-",
                                      "S-2-5-1",
                                      "S-1-5-",
                                      "S-1-5--1",
                                      "S-1-5-1x",
                                      "S-1-5-4294967296",
                                      "s-1-5-1",
                                      "S-1--5",
                                      "S-1-281474976710656-1",
                                      "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct sid sid = sid_of(good[i]), again;
        struct writer w = writer_to_arena(&arena), bytes = writer_to_arena(&arena);
        sid_format(&w, &sid);
        assert_slice_str(writer_slice(&w), good[i]);
        sid_write(&bytes, &sid);
        struct reader r = reader_of(writer_slice(&bytes));
        sid_read(&r, &again);
        assert_true(reader_done(&r) && sid_eq(&sid, &again));
        assert_int_equal(writer_slice(&bytes).len, sid_length(&sid));
    }
    struct sid sid;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(sid_parse(slice_str(bad[i]), &sid));
}

static void a_sid_is_in_its_domain_only(void **state) {
    UNUSED(state);
    struct sid domain = sid_of("S-1-5-21-1-2-3"), user, none = {0};
    uint32_t rid = 0;
    assert_true(sid_add(&domain, 1104, &user));
    assert_true(sid_in_domain(&user, &domain, &rid));
    assert_int_equal(rid, 1104);
    struct sid other = sid_of("S-1-5-21-1-2-4");
    assert_false(sid_in_domain(&user, &other, NULL));
    assert_false(sid_in_domain(&domain, &domain, NULL));
    assert_false(sid_in_domain(&user, &none, NULL));
}

static void utf16_carries_every_name_and_keeps_them_apart(void **state) {
    UNUSED(state);
    static const char *const texts[] = {
        "alice",         "J\xc3\xbcrgen", "\xf0\x9f\x98\x80 smile", "",
        "bad \xff byte", "\xed\xa0\x80",  "cut \xe2\x82",           "\xc0\x80",
        "\xed\xb2\x80"};
    struct slice seen[COUNT_OF(texts)];
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct writer w = writer_to_arena(&arena);
        struct slice back;
        utf16_write(&w, slice_str(texts[i]));
        seen[i] = writer_slice(&w);
        assert_int_equal(seen[i].len, utf16_length(slice_str(texts[i])));
        assert_ok(utf16_read(seen[i], &arena, &back, NULL));
        assert_slice_str(back, texts[i]);
        for (size_t j = 0; j < i; j++)
            assert_false(slice_eq(seen[i], seen[j]));
    }
    struct slice out;
    assert_code(utf16_read(SLICE_LITERAL("abc"), &arena, &out, NULL), OBOL_FORMAT);
}

static void client_info_tells_when_and_who(void **state) {
    UNUSED(state);
    struct slice bytes;
    struct pac_client_info info;
    assert_ok(pac_client_info_write(1800000000, SLICE_LITERAL("alice"), &arena, &bytes, NULL));
    assert_ok(pac_client_info_read(bytes, &arena, &info, NULL));
    assert_int_equal(info.authtime, 1800000000);
    assert_slice_str(info.name, "alice");
    for (size_t n = 0; n < bytes.len; n++)
        assert_code(pac_client_info_read(slice_sub(bytes, 0, n), &arena, &info, NULL), OBOL_FORMAT);
}

static void upn_info_is_read_as_written(void **state) {
    UNUSED(state);
    const struct pac_upn_dns_info in = {SLICE_LITERAL("alice@example.com"),
                                        SLICE_LITERAL("EXAMPLE.COM"),
                                        true,
                                        true,
                                        SLICE_LITERAL("alice"),
                                        sid_of("S-1-5-21-1-2-3-1104")};
    struct pac_upn_dns_info out;
    struct slice bytes;
    assert_ok(pac_upn_dns_info_write(&in, &arena, &bytes, NULL));
    assert_ok(pac_upn_dns_info_read(bytes, &arena, &out, NULL));
    assert_slice_equal(in.upn, out.upn);
    assert_slice_equal(in.dns_domain, out.dns_domain);
    assert_slice_equal(in.sam_name, out.sam_name);
    assert_true(sid_eq(&in.sid, &out.sid) && out.constructed && out.extended);
    assert_code(pac_upn_dns_info_read(slice_sub(bytes, 0, 40), &arena, &out, NULL), OBOL_FORMAT);
    // An offset into the header, and one past the end.
    uint8_t *at = (uint8_t *)(uintptr_t)bytes.ptr;
    at[2] = 4;
    assert_code(pac_upn_dns_info_read(bytes, &arena, &out, NULL), OBOL_FORMAT);
    at[2] = 0xff;
    assert_code(pac_upn_dns_info_read(bytes, &arena, &out, NULL), OBOL_FORMAT);
}

static void attributes_and_requester_are_read_as_written(void **state) {
    UNUSED(state);
    struct slice bytes;
    uint32_t flags;
    struct sid sid = sid_of("S-1-5-21-1-2-3-1104"), out;
    assert_ok(pac_attributes_write(PAC_WAS_REQUESTED, &arena, &bytes, NULL));
    assert_ok(pac_attributes_read(bytes, &flags, NULL));
    assert_int_equal(flags, PAC_WAS_REQUESTED);
    assert_code(pac_attributes_read(slice_sub(bytes, 0, 7), &flags, NULL), OBOL_FORMAT);
    assert_ok(pac_requester_write(&sid, &arena, &bytes, NULL));
    assert_ok(pac_requester_read(bytes, &out, NULL));
    assert_true(sid_eq(&sid, &out));
    assert_code(pac_requester_read(slice_sub(bytes, 0, bytes.len - 1), &out, NULL), OBOL_FORMAT);
}

static struct pac_logon_info example(void) {
    static struct pac_group groups[] = {{513, 7}, {1105, 7}}, resource[] = {{1200, 7}};
    static struct pac_extra_sid extra[2];
    extra[0] = (struct pac_extra_sid){sid_of("S-1-18-1"), 7};
    extra[1] = (struct pac_extra_sid){sid_of("S-1-5-21-9-8-7-1500"), 7};
    return (struct pac_logon_info){
        .logon = filetime_of(1800000000),
        .logoff = FILETIME_NEVER,
        .kickoff = FILETIME_NEVER,
        .account = SLICE_LITERAL("alice"),
        .rid = 1104,
        .primary_group = 513,
        .groups = groups,
        .group_count = 2,
        .user_flags = PAC_EXTRA_SIDS | PAC_RESOURCE_GROUPS,
        .server = SLICE_LITERAL("KDC"),
        .domain = SLICE_LITERAL("EXAMPLE"),
        .domain_sid = sid_of("S-1-5-21-1-2-3"),
        .account_control = PAC_ACCOUNT_NORMAL,
        .extra = extra,
        .extra_count = 2,
        .resource_domain = sid_of("S-1-5-21-1-2-3"),
        .resource_groups = resource,
        .resource_count = 1,
    };
}

static void logon_info_is_read_as_written(void **state) {
    UNUSED(state);
    struct pac_logon_info in = example(), out;
    struct slice bytes, again;
    assert_ok(pac_logon_info_write(&in, &arena, &bytes, NULL));
    assert_ok(pac_logon_info_read(bytes, &arena, &out, NULL));
    assert_int_equal(out.logon, in.logon);
    assert_slice_str(out.account, "alice");
    assert_slice_str(out.domain, "EXAMPLE");
    assert_int_equal(out.groups[1].rid, 1105);
    assert_true(sid_eq(&out.extra[1].sid, &in.extra[1].sid));
    assert_int_equal(out.resource_groups[0].rid, 1200);
    assert_ok(pac_logon_info_write(&out, &arena, &again, NULL));
    assert_slice_equal(bytes, again);
    for (size_t n = 0; n + 8 < bytes.len; n++)
        assert_code(pac_logon_info_read(slice_sub(bytes, 0, n), &arena, &out, NULL), OBOL_FORMAT);
}

static void counts_that_lie_are_refused(void **state) {
    UNUSED(state);
    struct pac_logon_info in = example(), out;
    struct slice bytes;
    assert_ok(pac_logon_info_write(&in, &arena, &bytes, NULL));
    // The numbers of groups, extra SIDs and resource groups in the fixed part.
    static const size_t counts[] = {16 + 4 + 48 + 48 + 4 + 8};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        uint8_t *at = (uint8_t *)(uintptr_t)bytes.ptr + counts[i], saved = *at;
        assert_int_equal(saved, 2);
        static const uint8_t lies[] = {0, 1, 3, 0xff};
        for (size_t n = 0; n < COUNT_OF(lies); n++) {
            *at = lies[n];
            assert_code(pac_logon_info_read(bytes, &arena, &out, NULL), OBOL_FORMAT);
        }
        *at = saved;
    }
    assert_ok(pac_logon_info_read(bytes, &arena, &out, NULL));
}

static void a_delegation_of_too_many_services_is_refused(void **state) {
    UNUSED(state);
    struct slice through[PAC_TRANSITED_MAX + 1], bytes;
    for (size_t i = 0; i < COUNT_OF(through); i++)
        through[i] = SLICE_LITERAL("s@R");
    struct pac_delegation d = {SLICE_LITERAL("t"), through, PAC_TRANSITED_MAX}, out;
    assert_ok(pac_delegation_write(&d, &arena, &bytes, NULL));
    assert_ok(pac_delegation_read(bytes, &arena, &out, NULL));
    assert_int_equal(out.transited_count, PAC_TRANSITED_MAX);
    d.transited_count++;
    assert_code(pac_delegation_write(&d, &arena, &bytes, NULL), OBOL_INVALID_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sids_are_read_as_text_and_as_bytes),
        cmocka_unit_test(a_sid_is_in_its_domain_only),
        cmocka_unit_test(utf16_carries_every_name_and_keeps_them_apart),
        cmocka_unit_test(client_info_tells_when_and_who),
        cmocka_unit_test(upn_info_is_read_as_written),
        cmocka_unit_test(attributes_and_requester_are_read_as_written),
        cmocka_unit_test(logon_info_is_read_as_written),
        cmocka_unit_test(counts_that_lie_are_refused),
        cmocka_unit_test(a_delegation_of_too_many_services_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_begin, arena_end);
}
