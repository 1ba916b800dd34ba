// test_reference.c: MIT's reference encodings read, and written again octet for octet.
#include "../test.h"

#include "base/arena.h"
#include "reference.h"

static struct arena arena;
static struct references *all;

static int set_up(void **state) {
    UNUSED(state);
    if (!arena_init(&arena, 1 << 20, 64 << 20))
        return -1;
    all = references_all(&arena);
    return 0;
}

static int tear_down(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

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
        cmocka_unit_test(a_kvno_with_the_top_bit_keeps_its_sign),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
