// test_lenient.c: each leniency of der/table.h by name, with what it forgives and what it does not.
#include "../arena_fixture.h"

#include "der/table.h"
#include "proto/codes.h"
#include "proto/fast.h"
#include "proto/types.h"

static struct slice hex(const char *text) {
    struct slice out;
    assert_true(hex_decode(slice_str(text), &arena, &out));
    return out;
}

static void lenient_negative_reads_a_uint32_sent_as_negative(void **state) {
    UNUSED(state);
    uint32_t v;
    struct slice out;
    assert_ok(der_decode(&DER_UINT32, hex("0201ff"), &arena, &v, NULL));
    assert_int_equal(v, 0xffffffff);
    assert_ok(der_decode(&DER_UINT32, hex("020480000001"), &arena, &v, NULL));
    assert_int_equal(v, 0x80000001);
    assert_ok(der_encode(&DER_UINT32, &v, &arena, &out, NULL));
    assert_slice_equal(out, hex("02050080000001"));
    assert_code(der_decode(&DER_UINT32, hex("0205ff7fffffff"), &arena, &v, NULL), OBOL_DER_VALUE);
}

// RFC 4120 5.4.2: the nonce is the one of the request. Heimdal that sends a negative one reads no
// other.
static void a_nonce_is_given_back_in_the_form_it_came_in(void **state) {
    UNUSED(state);
    static const char *const forms[] = {"0204eaed5473", "020500eaed5473", "02047fffffff",
                                        "020480000000", "020500ffffffff", "020100"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        int64_t v;
        struct slice out;
        assert_ok(der_decode(&DER_NONCE, hex(forms[i]), &arena, &v, NULL));
        assert_ok(der_encode(&DER_NONCE, &v, &arena, &out, NULL));
        assert_slice_equal(out, hex(forms[i]));
    }
    int64_t v;
    assert_code(der_decode(&DER_NONCE, hex("0205ff7fffffff"), &arena, &v, NULL), OBOL_DER_VALUE);
    assert_code(der_decode(&DER_NONCE, hex("02050100000000"), &arena, &v, NULL), OBOL_DER_VALUE);
}

static void lenient_unsigned_reads_a_kvno_of_either_sign(void **state) {
    UNUSED(state);
    int32_t v;
    struct slice out;
    assert_ok(der_decode(&DER_KVNO, hex("020500ff000001"), &arena, &v, NULL));
    assert_int_equal((uint32_t)v, 0xff000001);
    assert_ok(der_decode(&DER_KVNO, hex("0204ff000001"), &arena, &v, NULL));
    assert_int_equal((uint32_t)v, 0xff000001);
    assert_ok(der_encode(&DER_KVNO, &v, &arena, &out, NULL));
    assert_slice_equal(out, hex("0204ff000001"));
    assert_code(der_decode(&DER_KVNO, hex("02050100000000"), &arena, &v, NULL), OBOL_DER_VALUE);
    assert_code(der_decode(&DER_INT32, hex("020500ff000001"), &arena, &v, NULL), OBOL_DER_VALUE);
}

static void lenient_flags_size_reads_fewer_and_more_bits_than_32(void **state) {
    UNUSED(state);
    uint32_t v;
    struct slice out;
    assert_ok(der_decode(&DER_FLAGS, hex("030100"), &arena, &v, NULL));
    assert_int_equal(v, 0);
    assert_ok(der_decode(&DER_FLAGS, hex("03020640"), &arena, &v, NULL));
    assert_int_equal(v, 0x40000000);
    assert_ok(der_decode(&DER_FLAGS, hex("0306004081001055"), &arena, &v, NULL));
    assert_int_equal(v, 0x40810010);
    assert_ok(der_encode(&DER_FLAGS, &v, &arena, &out, NULL));
    assert_slice_equal(out, hex("03050040810010"));
    assert_code(der_decode(&DER_FLAGS, hex("03020641"), &arena, &v, NULL), OBOL_DER_MALFORMED);
}

static void lenient_nul_reads_a_text_that_holds_nul_but_no_name(void **state) {
    UNUSED(state);
    struct slice v;
    assert_ok(der_decode(&DER_TEXT, hex("1b0441424300"), &arena, &v, NULL));
    assert_int_equal(v.len, 4);
    assert_code(der_decode(&DER_NAME, hex("1b0441424300"), &arena, &v, NULL), OBOL_DER_VALUE);
}

static void lenient_absent_reads_a_request_without_till_as_zero(void **state) {
    UNUSED(state);
    struct kdc_req_body b;
    assert_ok(der_decode(&TYPE_KDC_REQ_BODY,
                         hex("301aa00703050000000000a2031b0152a703020101a8053003020112"), &arena,
                         &b, NULL));
    assert_int_equal(b.till, 0);
    // A field without the leniency must be there: here nonce.
    assert_code(der_decode(&TYPE_KDC_REQ_BODY,
                           hex("3015a00703050000000000a2031b0152a8053003020112"), &arena, &b, NULL),
                OBOL_DER_UNEXPECTED);
}

static void an_extensible_sequence_skips_what_it_does_not_know(void **state) {
    UNUSED(state);
    struct krb_fast_armor a;
    assert_ok(der_decode(&TYPE_KRB_FAST_ARMOR, hex("300fa003020101a1040402abcda2020400"), &arena,
                         &a, NULL));
    assert_int_equal(a.armor_type, 1);
    // Unknown is not malformed.
    assert_code(der_decode(&TYPE_KRB_FAST_ARMOR, hex("300fa003020101a1040402abcda2050400"), &arena,
                           &a, NULL),
                OBOL_DER_MALFORMED);
    // A SEQUENCE of RFC 4120 is not extensible.
    struct checksum c;
    assert_code(
        der_decode(&TYPE_CHECKSUM, hex("300fa003020101a1040402abcda2020400"), &arena, &c, NULL),
        OBOL_DER_MALFORMED);
}

static void the_as_part_is_read_under_the_tgs_tag_and_not_the_other_way(void **state) {
    UNUSED(state);
    struct enc_kdc_rep_part part = {.nonce = 7, .srealm = SLICE_LITERAL("R")}, again;
    struct slice as, tgs;
    assert_ok(der_encode(&TYPE_ENC_AS_REP_PART, &part, &arena, &as, NULL));
    assert_ok(der_encode(&TYPE_ENC_TGS_REP_PART, &part, &arena, &tgs, NULL));
    assert_int_equal(as.ptr[0], 0x79);
    assert_int_equal(tgs.ptr[0], 0x7a);
    assert_ok(der_decode(&TYPE_ENC_AS_REP_PART, tgs, &arena, &again, NULL));
    assert_int_equal(again.nonce, 7);
    assert_code(der_decode(&TYPE_ENC_TGS_REP_PART, as, &arena, &again, NULL), OBOL_DER_UNEXPECTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lenient_negative_reads_a_uint32_sent_as_negative),
        cmocka_unit_test(a_nonce_is_given_back_in_the_form_it_came_in),
        cmocka_unit_test(lenient_unsigned_reads_a_kvno_of_either_sign),
        cmocka_unit_test(lenient_flags_size_reads_fewer_and_more_bits_than_32),
        cmocka_unit_test(lenient_nul_reads_a_text_that_holds_nul_but_no_name),
        cmocka_unit_test(lenient_absent_reads_a_request_without_till_as_zero),
        cmocka_unit_test(an_extensible_sequence_skips_what_it_does_not_know),
        cmocka_unit_test(the_as_part_is_read_under_the_tgs_tag_and_not_the_other_way),
    };
    return cmocka_run_group_tests(tests, arena_begin, arena_end);
}
