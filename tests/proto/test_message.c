// test_message.c: the mistakes of others in decoding (shared/mistakes.md A and B), each a case.
#include "der/table.h"
#include "proto/message.h"
#include "with_references.h"

static struct error err;

static enum obol_code decode(const struct der_type *type, struct slice in, void *out) {
    error_init(&err);
    return der_decode(type, in, &arena, out, &err);
}

static struct slice sample(const char *name) {
    struct slice copy;
    assert_true(arena_copy(&arena, reference_named(all, name), &copy));
    return copy;
}

static void every_application_tag_with_every_msg_type_passes_only_if_they_agree(void **state) {
    UNUSED(state); // CVE-2010-0283
    const int32_t types[] = {10, 11, 12, 13, 14, 15, 20, 21, 22, 30};
    size_t agreed = 0;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t first = (uint8_t)octet;
        const struct message_kind *kind = message_kind_of(slice_of(&first, 1));
        if (!kind || kind->msg_type == 0)
            continue;
        assert_int_equal(octet, 0x60 + kind->msg_type);
        for (size_t i = 0; i < COUNT_OF(types); i++) {
            enum obol_code code = message_check(5, types[i], kind->msg_type, NULL);
            assert_int_equal(code == OBOL_OK, types[i] == kind->msg_type);
            agreed += code == OBOL_OK;
        }
    }
    assert_int_equal(agreed, COUNT_OF(types));
    assert_null(message_kind_of((struct slice){0}));
    assert_code(message_check(4, 10, 10, NULL), OBOL_KRB_AP_ERR_BADVERSION);
}

static void a_type_is_not_read_under_the_tag_of_another(void **state) {
    UNUSED(state);
    struct kdc_req q;
    assert_code(decode(&TYPE_TGS_REQ, sample("as_req"), &q), OBOL_DER_UNEXPECTED);
    assert_code(decode(&TYPE_AS_REQ, sample("tgs_req"), &q), OBOL_DER_UNEXPECTED);
}

// Copies a SEQUENCE's fields but the one of index `skip`, through the tables: decodes, clears the
// member's bit or cuts its encoding out.
static struct slice without_field(struct slice message, const size_t *path, size_t depth) {
    // The identifier octets of the way down are kept; all lengths are made anew, so the message is
    // built as nested TLVs in a buffer from the inside out.
    const uint8_t *p = message.ptr;
    size_t head = p[1] < 0x80 ? 2 : 2 + (size_t)(p[1] & 0x7f);
    struct slice content = slice_sub(message, head, message.len);
    struct writer w = writer_to_arena(&arena);
    size_t index = 0;
    while (content.len) {
        const uint8_t *q = content.ptr;
        size_t n = q[1], h = 2;
        if (n >= 0x80) {
            h += n & 0x7f;
            n = 0;
            for (size_t i = 2; i < h; i++)
                n = n << 8 | q[i];
        }
        struct slice element = slice_sub(content, 0, h + n);
        if (index != path[0])
            writer_bytes(&w, element);
        else if (depth > 1)
            writer_bytes(&w, without_field(element, path + 1, depth - 1));
        content = slice_sub(content, h + n, content.len);
        index++;
    }
    struct slice inner = writer_slice(&w), out;
    const struct der_type wrapper = {
        .name = "wrapper", .kind = DER_KIND_OCTETS, .tag = p[0], .size = sizeof(struct slice)};
    assert_ok(der_encode(&wrapper, &inner, &arena, &out, NULL));
    return out;
}

static void a_request_without_any_one_of_its_fields_is_refused_or_read_without_it(void **state) {
    UNUSED(state); // CVE-2021-3671, CVE-2021-37750 and many more
    const char *const names[] = {"as_req", "tgs_req"};
    const struct der_type *const types[] = {&TYPE_AS_REQ, &TYPE_TGS_REQ};
    for (size_t m = 0; m < 2; m++) {
        struct slice whole = sample(names[m]);
        struct kdc_req q;
        for (size_t i = 0; i < 4; i++) { // APPLICATION > SEQUENCE > field
            const size_t path[] = {0, i};
            enum obol_code code = decode(types[m], without_field(whole, path, 2), &q);
            bool optional = i == 2; // padata
            assert_int_equal(code, optional ? OBOL_OK : OBOL_DER_UNEXPECTED);
            if (optional)
                assert_int_equal(q.present, 0);
        }
        const uint32_t bits[] = {0,
                                 KDC_REQ_BODY_CNAME,
                                 0,
                                 KDC_REQ_BODY_SNAME,
                                 KDC_REQ_BODY_FROM,
                                 0,
                                 KDC_REQ_BODY_RTIME,
                                 0,
                                 0,
                                 KDC_REQ_BODY_ADDRESSES,
                                 KDC_REQ_BODY_ENC_AUTHORIZATION_DATA,
                                 KDC_REQ_BODY_ADDITIONAL_TICKETS};
        for (size_t i = 0; i < COUNT_OF(bits); i++) { // ... > [4] > SEQUENCE > field
            const size_t path[] = {0, 3, 0, i};
            enum obol_code code = decode(types[m], without_field(whole, path, 4), &q);
            bool till = i == 5;
            assert_int_equal(code, bits[i] || till ? OBOL_OK : OBOL_DER_UNEXPECTED);
            if (bits[i])
                assert_int_equal(q.req_body.present, 0x7f & ~bits[i]);
        }
    }
}

static void an_error_names_the_path_and_the_byte(void **state) {
    UNUSED(state);
    struct kdc_req_body b;
    struct slice in = sample("kdc_req_body");
    // The first etype is made an OCTET STRING.
    const uint8_t etypes[] = {0xa8, 0x08, 0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01};
    const uint8_t *at = memmem(in.ptr, in.len, etypes, sizeof etypes);
    assert_non_null(at);
    size_t byte = (size_t)(at - in.ptr) + 7;
    ((uint8_t *)in.ptr)[byte] = 0x04;
    assert_code(decode(&TYPE_KDC_REQ_BODY, in, &b), OBOL_DER_UNEXPECTED);
    char expected[128];
    snprintf(expected, sizeof expected,
             "KDC-REQ-BODY.etype[1] at byte %zu: the tag is 0x04, and 0x02 is expected", byte);
    assert_string_equal(err.detail, expected);
}

static void a_length_beyond_the_bytes_received_costs_nothing(void **state) {
    UNUSED(state); // CVE-2009-0844, apd 2026-102731
    static const uint8_t lies[] = {0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x30, 0x00};
    struct padata_list list;
    size_t before = arena.used;
    assert_code(decode(&TYPE_METHOD_DATA, slice_of(lies, sizeof lies), &list), OBOL_DER_MALFORMED);
    assert_int_equal(arena.used, before);
    assert_non_null(strstr(err.detail, "2147483647"));
}

static void indefinite_lengths_nested_a_hundred_thousand_deep_are_refused_at_once(void **state) {
    UNUSED(state); // CVE-2020-28196
    uint8_t *deep = arena_alloc(&arena, 200000);
    assert_non_null(deep);
    for (size_t i = 0; i < 200000; i += 2) {
        deep[i] = 0x30;
        deep[i + 1] = 0x80;
    }
    for (size_t i = 0; i < COUNT_OF(REFERENCE_TYPES); i++) {
        _Alignas(16) uint8_t value[1024];
        assert_int_not_equal(decode(REFERENCE_TYPES[i].type, slice_of(deep, 200000), value),
                             OBOL_OK);
    }
}

static void a_type_nested_beyond_the_bound_is_refused(void **state) {
    UNUSED(state); // Kerby CVE-2026-57914: no table of ours recurs, but one might some day
    static struct der_type t;
    t = (struct der_type){.name = "Nest",
                          .kind = DER_KIND_SEQUENCE_OF,
                          .tag = 0x30,
                          .size = sizeof(struct der_list),
                          .item = &t};
    uint8_t deep[64];
    for (size_t levels = 15; levels <= 17; levels++) {
        for (size_t i = 0; i < levels; i++) {
            deep[2 * i] = 0x30;
            deep[2 * i + 1] = (uint8_t)(2 * (levels - 1 - i));
        }
        struct der_list list;
        assert_code(decode(&t, slice_of(deep, 2 * levels), &list),
                    levels <= 16 ? OBOL_OK : OBOL_DER_LIMIT);
    }
}

static void more_elements_than_the_bound_are_refused(void **state) {
    UNUSED(state);
    for (size_t n = DER_MAX_ITEMS; n <= DER_MAX_ITEMS + 1; n++) {
        struct padata *items = arena_zalloc(&arena, n, sizeof *items);
        assert_non_null(items);
        const struct padata_list list = {items, n};
        struct padata_list again;
        struct slice out;
        assert_ok(der_encode(&TYPE_METHOD_DATA, &list, &arena, &out, NULL));
        assert_code(decode(&TYPE_METHOD_DATA, out, &again),
                    n <= DER_MAX_ITEMS ? OBOL_OK : OBOL_DER_LIMIT);
    }
}

static void a_realm_or_name_with_nul_is_refused(void **state) {
    UNUSED(state); // CVE-2015-2697
    const char *const places[] = {"ATHENA.MIT.EDU", "hftsai"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct slice in = sample("tgs_req");
        uint8_t *at = memmem(in.ptr, in.len, places[i], strlen(places[i]));
        assert_non_null(at);
        at[0] = 0;
        struct kdc_req q;
        assert_code(decode(&TYPE_TGS_REQ, in, &q), OBOL_DER_VALUE);
        assert_non_null(strstr(err.detail, "NUL"));
    }
}

static void empty_names_are_read_as_empty_slices(void **state) {
    UNUSED(state); // CVE-2017-17439: the decoder yields counted bytes, never NULL to a C string
    const uint8_t in[] = {0x30, 0x0d, 0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1,
                          0x06, 0x30, 0x04, 0x1b, 0x00, 0x1b, 0x00};
    struct principal_name name;
    assert_ok(decode(&TYPE_PRINCIPAL_NAME, slice_of(in, sizeof in), &name));
    assert_int_equal(name.name_string.count, 2);
    assert_int_equal(name.name_string.items[1].len, 0);
}

static void a_time_that_fails_leaves_nothing_behind(void **state) {
    UNUSED(state); // CVE-2009-0846, -0847
    struct slice in = sample("pa_enc_ts");
    ((uint8_t *)in.ptr)[6] = 'x';
    struct pa_enc_ts_enc ts;
    assert_code(decode(&TYPE_PA_ENC_TS_ENC, in, &ts), OBOL_DER_VALUE);
    assert_string_equal(err.detail, "PA-ENC-TS-ENC.patimestamp at byte 4: \"x9940610060317Z\" "
                                    "is not a KerberosTime");
}

static void a_choice_of_no_or_two_alternatives_is_not_written(void **state) {
    UNUSED(state); // CVE-2022-44640 was a CHOICE that failed
    struct pa_spake choice = {0};
    struct slice out;
    assert_code(der_encode(&TYPE_PA_SPAKE, &choice, &arena, &out, NULL), OBOL_DER_VALUE);
    choice.present = PA_SPAKE_SUPPORT | PA_SPAKE_ENCDATA;
    assert_code(der_encode(&TYPE_PA_SPAKE, &choice, &arena, &out, NULL), OBOL_DER_VALUE);
    const uint8_t unknown[] = {0xa9, 0x02, 0x30, 0x00};
    assert_code(decode(&TYPE_PA_SPAKE, slice_of(unknown, 4), &choice), OBOL_DER_UNEXPECTED);
}

static void raw_bytes_are_kept_and_written_verbatim(void **state) {
    UNUSED(state);
    struct kdc_req q;
    struct slice in = sample("as_req"), out;
    assert_ok(decode(&TYPE_AS_REQ, in, &q));
    assert_ptr_equal(q.req_body.raw.ptr + q.req_body.raw.len, in.ptr + in.len);
    q.req_body.nonce = 99; // not seen: raw stands for the body
    assert_ok(der_encode(&TYPE_AS_REQ, &q, &arena, &out, NULL));
    assert_slice_equal(out, in);
    q.req_body.raw = (struct slice){0};
    assert_ok(der_encode(&TYPE_AS_REQ, &q, &arena, &out, NULL));
    assert_false(slice_eq(out, in));
    assert_ok(decode(&TYPE_AS_REQ, out, &q));
    assert_int_equal(q.req_body.nonce, 99);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_application_tag_with_every_msg_type_passes_only_if_they_agree),
        cmocka_unit_test(a_type_is_not_read_under_the_tag_of_another),
        cmocka_unit_test(a_request_without_any_one_of_its_fields_is_refused_or_read_without_it),
        cmocka_unit_test(an_error_names_the_path_and_the_byte),
        cmocka_unit_test(a_length_beyond_the_bytes_received_costs_nothing),
        cmocka_unit_test(indefinite_lengths_nested_a_hundred_thousand_deep_are_refused_at_once),
        cmocka_unit_test(a_type_nested_beyond_the_bound_is_refused),
        cmocka_unit_test(more_elements_than_the_bound_are_refused),
        cmocka_unit_test(a_realm_or_name_with_nul_is_refused),
        cmocka_unit_test(empty_names_are_read_as_empty_slices),
        cmocka_unit_test(a_time_that_fails_leaves_nothing_behind),
        cmocka_unit_test(a_choice_of_no_or_two_alternatives_is_not_written),
        cmocka_unit_test(raw_bytes_are_kept_and_written_verbatim),
    };
    return cmocka_run_group_tests(tests, references_begin, arena_end);
}
