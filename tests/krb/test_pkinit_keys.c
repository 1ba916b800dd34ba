// Keys of PKINIT: the published vectors, groups, and public values that must not be taken.
#include "../crypto/vectors.h"
#include "krb/pkinit.h"
#include "proto/cms.h"
#include "proto/codes.h"
#include <openssl/bn.h>

static struct arena arena;
static struct error err_, *err = &err_;

static int setup(void **state) {
    UNUSED(state);
    error_init(err);
    return arena_init(&arena, 1 << 20, 1 << 24) ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

static void check_kdf(struct vectors *v) {
    static struct slice user[] = {{(const uint8_t *)"lha", 3}};
    static struct slice tgs[] = {{(const uint8_t *)"krbtgt", 6}, {(const uint8_t *)"SU.SE", 5}};
    static const uint8_t zero[256];
    struct crypto_key *key;
    const struct pkinit_reply_key in = {
        .kdf = pkinit_kdf_find(vectors_hex(v, "kdf")),
        .etype = vectors_number(v, "enctype"),
        .secret = slice_of(zero, sizeof zero),
        .client = {SLICE_LITERAL("SU.SE"), {NT_PRINCIPAL, {user, 1}}},
        .server = {SLICE_LITERAL("SU.SE"), {NT_PRINCIPAL, {tgs, 2}}},
        .as_req = SLICE_LITERAL("\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"),
        .pk_as_rep = SLICE_LITERAL("\xbb\xbb\xbb\xbb\xbb\xbb\xbb\xbb\xbb"),
    };
    assert_non_null(in.kdf);
    assert_ok(pkinit_derive(&in, &arena, &key, err));
    assert_slice_equal(crypto_key_bytes(key), vectors_hex(v, "derived"));
}

static void the_published_vectors_come_out(void **state) {
    UNUSED(state);
    struct vectors v;
    size_t old = 0, new = 0;
    vectors_open(&v, "pkinit.txt");
    while (vectors_next(&v)) {
        uint8_t key[32];
        if (vectors_text(&v, "kdf").ptr) {
            check_kdf(&v);
            new ++;
            continue;
        }
        pkinit_octetstring2key(vectors_hex(&v, "x"), buf_of(key, sizeof key));
        assert_slice_equal(slice_of(key, sizeof key), vectors_hex(&v, "key"));
        old++;
    }
    assert_int_equal(old, 4);
    assert_int_equal(new, 4);
}

static void both_ends_agree_in_every_group_and_a_third_does_not(void **state) {
    UNUSED(state);
    const struct pkinit_group *g;
    for (size_t i = 0; (g = pkinit_group_at(i)) != NULL; i++) {
        struct pkinit_dh one, two, three;
        struct slice pub1, pub2, pub3, s1, s2, s3;
        assert_ok(pkinit_dh_start(&one, g, err));
        assert_ok(pkinit_dh_start(&two, g, err));
        assert_ok(pkinit_dh_start(&three, g, err));
        assert_ok(pkinit_dh_public(&one, &arena, &pub1, err));
        assert_ok(pkinit_dh_public(&two, &arena, &pub2, err));
        assert_ok(pkinit_dh_public(&three, &arena, &pub3, err));
        assert_ok(pkinit_dh_finish(&one, pub2, &arena, &s1, err));
        assert_ok(pkinit_dh_finish(&two, pub1, &arena, &s2, err));
        assert_ok(pkinit_dh_finish(&two, pub3, &arena, &s3, err));
        assert_slice_equal(s1, s2);
        assert_false(slice_eq(s1, s3));
        pkinit_dh_clear(&one);
        pkinit_dh_clear(&two);
        pkinit_dh_clear(&three);
    }
}

static void a_group_is_read_as_it_was_written_and_no_other_is(void **state) {
    UNUSED(state);
    const struct pkinit_group *g;
    for (size_t i = 0; (g = pkinit_group_at(i)) != NULL; i++) {
        struct algorithm_identifier algorithm;
        assert_ok(pkinit_group_algorithm(g, &arena, &algorithm, err));
        assert_ptr_equal(pkinit_group_read(&algorithm, &arena), g);
        struct buf copy = arena_buf(&arena, algorithm.parameters.len);
        memcpy(copy.ptr, algorithm.parameters.ptr, copy.len);
        copy.ptr[copy.len - 1] ^= 1; // q, or the last number of the curve's name
        algorithm.parameters = slice_of_buf(copy);
        assert_ptr_not_equal(pkinit_group_read(&algorithm, &arena), g);
        algorithm.present = 0;
        assert_null(pkinit_group_read(&algorithm, &arena));
    }
}

// Some old clients write 0 where they have no q; any other than ours is another group.
static void a_q_of_zero_is_none(void **state) {
    UNUSED(state);
    const struct pkinit_group *g = pkinit_group_find(SLICE_LITERAL("8192"));
    struct algorithm_identifier algorithm;
    struct dh_parameters dh;
    assert_ok(pkinit_group_algorithm(g, &arena, &algorithm, err));
    assert_ok(der_decode(&TYPE_DH_PARAMETERS, algorithm.parameters, &arena, &dh, err));
    const struct slice qs[] = {SLICE_LITERAL("\0"), SLICE_LITERAL("\1"), dh.p};
    for (size_t i = 0; i < COUNT_OF(qs); i++) {
        dh.q = qs[i];
        assert_ok(der_encode(&TYPE_DH_PARAMETERS, &dh, &arena, &algorithm.parameters, err));
        assert_ptr_equal(pkinit_group_read(&algorithm, &arena), i == 0 ? g : NULL);
    }
}

static struct slice number(const BIGNUM *n) {
    uint8_t bytes[1100] = {0};
    struct slice content = slice_of(bytes, (size_t)BN_num_bytes(n) + 1), out;
    BN_bn2bin(n, bytes + 1);
    if (content.len > 1 && !(bytes[1] & 0x80))
        content = slice_sub(content, 1, content.len);
    assert_ok(der_encode(&TYPE_DH_PUBLIC_KEY, &content, &arena, &out, err));
    return out;
}

static void degenerate_numbers_are_no_public_values(void **state) {
    UNUSED(state);
    BIGNUM *p = BN_get_rfc3526_prime_2048(NULL), *n = BN_new();
    struct pkinit_dh dh;
    struct slice secret;
    assert_ok(pkinit_dh_start(&dh, pkinit_group_find(SLICE_LITERAL("2048")), err));
    // 0, 1, p - 1, p, p + 1
    for (int i = 0; i < 5; i++) {
        if (i < 2)
            BN_set_word(n, (BN_ULONG)i);
        else
            BN_copy(n, p);
        if (i == 2)
            BN_sub_word(n, 1);
        if (i == 4)
            BN_add_word(n, 1);
        assert_code(pkinit_dh_finish(&dh, number(n), &arena, &secret, err),
                    OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED);
        error_init(err);
    }
    BN_copy(n, p);
    BN_sub_word(n, 2); // the largest that is one
    assert_ok(pkinit_dh_finish(&dh, number(n), &arena, &secret, err));
    assert_code(pkinit_dh_finish(&dh, SLICE_LITERAL("\x02\x01\x80"), &arena, &secret, err),
                OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED); // negative
    error_init(err);
    assert_code(pkinit_dh_finish(&dh, (struct slice){0}, &arena, &secret, err),
                OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED);
    pkinit_dh_clear(&dh);
    BN_free(p);
    BN_free(n);
}

static void points_off_the_curve_are_no_public_values(void **state) {
    UNUSED(state);
    struct pkinit_dh dh, other;
    struct slice secret, public, foreign;
    assert_ok(pkinit_dh_start(&dh, pkinit_group_find(SLICE_LITERAL("P-256")), err));
    assert_ok(pkinit_dh_start(&other, pkinit_group_find(SLICE_LITERAL("P-384")), err));
    assert_ok(pkinit_dh_public(&dh, &arena, &public, err));
    assert_ok(pkinit_dh_public(&other, &arena, &foreign, err));
    assert_int_equal(public.len, 65);
    struct buf copy = arena_buf(&arena, public.len);
    for (int i = 0; i < 4; i++) {
        memcpy(copy.ptr, public.ptr, public.len);
        if (i == 0)
            copy.ptr[64] ^= 1; // beside the curve
        if (i == 1)
            memset(copy.ptr + 1, 0, 64);
        if (i == 2)
            copy.ptr[0] = 6; // the hybrid form
        if (i == 3)
            memset(copy.ptr + 1, 0xff, 64); // beyond the field
        error_init(err);
        assert_code(pkinit_dh_finish(&dh, slice_of_buf(copy), &arena, &secret, err),
                    OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED);
    }
    error_init(err);
    assert_code(pkinit_dh_finish(&dh, SLICE_LITERAL("\0"), &arena, &secret, err), // infinity
                OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED);
    error_init(err);
    assert_code(pkinit_dh_finish(&dh, foreign, &arena, &secret, err),
                OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED);
    pkinit_dh_clear(&dh);
    pkinit_dh_clear(&other);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(the_published_vectors_come_out),
        CASE(both_ends_agree_in_every_group_and_a_third_does_not),
        CASE(a_group_is_read_as_it_was_written_and_no_other_is),
        CASE(a_q_of_zero_is_none),
        CASE(degenerate_numbers_are_no_public_values),
        CASE(points_off_the_curve_are_no_public_values),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
