// test_reference.c: MIT's reference encodings read, and written again octet for octet.
#include "der/dump.h"
#include "with_references.h"

// Reads, and writes from the fields alone; gives what was written.
static struct slice again(const struct der_type *type, const char *name, struct slice in) {
    struct error err;
    error_init(&err);
    _Alignas(16) uint8_t value[1024];
    struct slice out = {0};
    if (der_decode(type, in, &arena, value, &err) != OBOL_OK)
        fail_msg("%s: %s", name, err.detail);
    if (der_encode_fields(type, value, &arena, &out, &err) != OBOL_OK)
        fail_msg("%s: %s", name, err.detail);
    return out;
}

static void every_reference_encoding_is_written_again_octet_for_octet(void **state) {
    UNUSED(state);
    size_t seen = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct reference *row = &all->rows[i];
        if (!row->type)
            continue;
        struct slice out = again(row->type, row->name, row->bytes);
        if (!slice_eq(out, row->bytes))
            fail_msg("%s differs", row->name);
        seen++;
    }
    assert_true(seen >= 75);
}

static void every_cut_of_a_reference_encoding_is_refused(void **state) {
    UNUSED(state);
    _Alignas(16) uint8_t value[1024];
    for (size_t i = 0; i < all->count; i++) {
        struct reference *row = &all->rows[i];
        for (size_t len = 0; row->type && len < row->bytes.len; len++)
            if (der_decode(row->type, slice_sub(row->bytes, 0, len), &arena, value, NULL) ==
                OBOL_OK)
                fail_msg("%s cut to %zu octets is read", row->name, len);
    }
}

static void the_fields_of_an_as_req_are_those_of_the_sender(void **state) {
    UNUSED(state);
    struct kdc_req q;
    assert_ok(der_decode(&TYPE_AS_REQ, reference_named(all, "as_req"), &arena, &q, NULL));
    assert_int_equal(q.pvno, 5);
    assert_int_equal(q.msg_type, 10);
    assert_int_equal(q.present, KDC_REQ_PADATA);
    assert_int_equal(q.padata.count, 2);
    assert_int_equal(q.padata.items[1].padata_type, 13);
    assert_slice_str(q.padata.items[1].padata_value, "pa-data");
    const struct kdc_req_body *b = &q.req_body;
    assert_int_equal(b->kdc_options, 0xfedcba90);
    assert_int_equal(b->cname.name_type, 1);
    assert_int_equal(b->cname.name_string.count, 2);
    assert_slice_str(b->cname.name_string.items[0], "hftsai");
    assert_slice_str(b->cname.name_string.items[1], "extra");
    assert_slice_str(b->realm, "ATHENA.MIT.EDU");
    assert_int_equal(b->from, 771228197);
    assert_int_equal(b->till, 771228197);
    assert_int_equal(b->rtime, 771228197);
    assert_int_equal(b->nonce, 42);
    assert_int_equal(b->etype.count, 2);
    assert_int_equal(b->etype.items[0], 0);
    assert_int_equal(b->etype.items[1], 1);
    assert_int_equal(b->addresses.count, 2);
    assert_int_equal(b->addresses.items[0].addr_type, 2);
    assert_int_equal(b->additional_tickets.count, 2);
    assert_slice_str(b->additional_tickets.items[1].enc_part.cipher, "krbASN.1 test message");
    assert_int_equal(b->raw.ptr[0], 0x30);
    assert_int_equal(b->additional_tickets.items[0].raw.ptr[0], 0x61);
}

// Writes the values of a decoded struct in the form of mit_fields.txt, from its table.
static void write_values(const struct der_type *t, const void *value, struct writer *w) {
    const struct der_list *list = value;
    const struct slice *octets = value;
    struct der_place place = {.type = t, .value = value};
    struct slice time;
    switch ((enum der_kind)t->kind) {
    case DER_KIND_SEQUENCE:
    case DER_KIND_CHOICE:
        for (size_t i = 0; i < t->field_count; i++)
            if (der_field_present(&place, &t->fields[i]))
                write_values(t->fields[i].type, (const uint8_t *)value + t->fields[i].offset, w);
        return;
    case DER_KIND_SEQUENCE_OF:
        for (size_t i = 0; i < list->count; i++)
            write_values(t->item, (const uint8_t *)list->items + i * t->item->size, w);
        return;
    case DER_KIND_INT32:
    case DER_KIND_USEC:
        writer_printf(w, " i%d", *(const int32_t *)value);
        return;
    case DER_KIND_UINT32:
        writer_printf(w, " i%u", *(const uint32_t *)value);
        return;
    case DER_KIND_NONCE:
        writer_printf(w, " i%lld", (long long)*(const int64_t *)value);
        return;
    case DER_KIND_FLAGS:
        writer_printf(w, " b%08x", *(const uint32_t *)value);
        return;
    case DER_KIND_TIME:
        assert_ok(der_encode(&DER_TIME, value, &arena, &time, NULL));
        writer_printf(w, " t%.15s", (const char *)time.ptr + 2);
        return;
    default:
        writer_str(w, " o");
        hex_write(w, *octets);
    }
}

static void every_field_has_the_value_that_mit_reads(void **state) {
    UNUSED(state);
    FILE *f = fopen(VECTORS "/asn1/mit_fields.txt", "r");
    assert_non_null(f);
    static char line[8192];
    size_t seen = 0;
    while (fgets(line, sizeof line, f)) {
        char *colon = strstr(line, ": ");
        if (line[0] == '#' || !colon)
            continue;
        *colon = '\0';
        const struct der_type *type = reference_type(line);
        if (!type)
            continue;
        _Alignas(16) uint8_t value[ALL_TYPES_SIZE_MAX];
        assert_ok(der_decode(type, reference_named(all, line), &arena, value, NULL));
        struct writer w = writer_to_arena(&arena);
        write_values(type, value, &w);
        struct slice ours = slice_trim(writer_slice(&w)), theirs = slice_trim(slice_str(colon + 2));
        if (!slice_eq(ours, theirs))
            fail_msg("%s:\n%.*s\n%.*s", line, SLICE_ARG(ours), SLICE_ARG(theirs));
        seen++;
    }
    fclose(f);
    assert_true(seen >= 55);
}

static void a_fast_request_comes_back_and_is_no_fast_reply(void **state) {
    UNUSED(state); // PA-FX-FAST-REQUEST is not among MIT's encodings: ours go to and fro
    struct krb_fast_req req = {.fast_options = 0x40000000}, again;
    assert_ok(der_decode(&TYPE_KDC_REQ_BODY, reference_named(all, "kdc_req_body"), &arena,
                         &req.req_body, NULL));
    struct slice out;
    assert_ok(der_encode(&TYPE_KRB_FAST_REQ, &req, &arena, &out, NULL));
    assert_ok(der_decode(&TYPE_KRB_FAST_REQ, out, &arena, &again, NULL));
    assert_int_equal(again.fast_options, 0x40000000);
    assert_slice_equal(again.req_body.raw, req.req_body.raw);
    struct pa_fx_fast_request armored = {.present = PA_FX_FAST_REQUEST_ARMORED_DATA}, read;
    armored.armored_data.enc_fast_req.cipher = out;
    assert_ok(der_encode(&TYPE_PA_FX_FAST_REQUEST, &armored, &arena, &out, NULL));
    assert_ok(der_decode(&TYPE_PA_FX_FAST_REQUEST, out, &arena, &read, NULL));
    assert_int_equal(read.armored_data.present, 0);
    struct pa_fx_fast_reply reply;
    assert_code(der_decode(&TYPE_PA_FX_FAST_REPLY, out, &arena, &reply, NULL), OBOL_DER_UNEXPECTED);
}

static void a_kvno_with_the_top_bit_keeps_its_sign(void **state) {
    UNUSED(state);
    struct encrypted_data e;
    assert_ok(der_decode(&TYPE_ENCRYPTED_DATA, reference_named(all, "enc_data(MSB-set kvno)"),
                         &arena, &e, NULL));
    assert_int_equal((uint32_t)e.kvno, 0xff000000u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reference_encoding_is_written_again_octet_for_octet),
        cmocka_unit_test(every_cut_of_a_reference_encoding_is_refused),
        cmocka_unit_test(the_fields_of_an_as_req_are_those_of_the_sender),
        cmocka_unit_test(every_field_has_the_value_that_mit_reads),
        cmocka_unit_test(a_fast_request_comes_back_and_is_no_fast_reply),
        cmocka_unit_test(a_kvno_with_the_top_bit_keeps_its_sign),
    };
    return cmocka_run_group_tests(tests, references_begin, arena_end);
}
