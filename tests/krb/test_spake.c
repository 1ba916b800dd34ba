// SPAKE of RFC 9588: the published vectors, and what must not be taken from the other side.
#include "../arena_fixture.h"
#include "../crypto/vectors.h"
#include "base/hex.h"
#include "krb/spake.h"

static void check_vector(struct vectors *v) {
    struct crypto_key *key;
    struct spake_exchange s;
    uint8_t out[SPAKE_POINT_MAX];
    const struct spake_group *g = spake_group_find(vectors_number(v, "group"));
    assert_non_null(g);
    size_t len = spake_point_length(g);
    assert_ok(crypto_key_in_arena(&key, &arena, vectors_number(v, "enctype"),
                                  vectors_hex(v, "ikey"), NULL));
    assert_ok(spake_exchange_start(&s, g, key, NULL));
    struct slice w = spake_exchange_w(&s), x = vectors_hex(v, "x"), y = vectors_hex(v, "y");
    struct slice t = vectors_hex(v, "T"), u = vectors_hex(v, "S"), k = vectors_hex(v, "K");
    assert_slice_equal(w, vectors_hex(v, "w"));
    assert_ok(spake_public(g, true, w, x, buf_of(out, len), NULL));
    assert_slice_equal(slice_of(out, len), t);
    assert_ok(spake_public(g, false, w, y, buf_of(out, len), NULL));
    assert_slice_equal(slice_of(out, len), u);
    assert_ok(spake_result(g, true, w, x, u, buf_of(out, len), NULL));
    assert_slice_equal(slice_of(out, len), k);
    assert_ok(spake_result(g, false, w, y, t, buf_of(out, len), NULL));
    assert_slice_equal(slice_of(out, len), k);
    spake_exchange_add(&s, vectors_hex(v, "support"), vectors_hex(v, "challenge"));
    spake_exchange_add(&s, u, (struct slice){0});
    assert_slice_equal(spake_exchange_transcript(&s), vectors_hex(v, "thash"));
    static const char *const names[] = {"K0", "K1", "K2", "K3"};
    for (uint32_t n = 0; n < COUNT_OF(names); n++) {
        struct crypto_key *made;
        assert_ok(spake_exchange_key(&s, k, vectors_hex(v, "body"), n, &arena, &made, NULL));
        assert_slice_equal(crypto_key_bytes(made), vectors_hex(v, names[n]));
    }
}

static void the_published_vectors_come_out(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "spake.txt");
    while (vectors_next(&v))
        check_vector(&v);
}

static void both_ends_come_to_the_same_point_and_a_wrong_w_does_not(void **state) {
    UNUSED(state);
    for (int32_t number = 1; number <= 4; number++) {
        const struct spake_group *g = spake_group_find(number);
        size_t n = spake_scalar_length(g), len = spake_point_length(g);
        uint8_t w[2][SPAKE_SCALAR_MAX] = {{0}}, x[SPAKE_SCALAR_MAX], y[SPAKE_SCALAR_MAX];
        uint8_t t[SPAKE_POINT_MAX], s[SPAKE_POINT_MAX], a[SPAKE_POINT_MAX], b[SPAKE_POINT_MAX];
        env_random(env_system(), buf_of(w[0], n));
        env_random(env_system(), buf_of(w[1], n));
        for (int wrong = 0; wrong < 2; wrong++) {
            struct slice kdc_w = slice_of(w[0], n), client_w = slice_of(w[wrong], n);
            assert_ok(spake_private(g, env_system(), buf_of(x, n), NULL));
            assert_ok(spake_private(g, env_system(), buf_of(y, n), NULL));
            assert_ok(spake_public(g, true, kdc_w, slice_of(x, n), buf_of(t, len), NULL));
            assert_ok(spake_public(g, false, client_w, slice_of(y, n), buf_of(s, len), NULL));
            assert_ok(spake_result(g, true, kdc_w, slice_of(x, n), slice_of(s, len), buf_of(a, len),
                                   NULL));
            assert_ok(spake_result(g, false, client_w, slice_of(y, n), slice_of(t, len),
                                   buf_of(b, len), NULL));
            assert_int_equal(memcmp(a, b, len) == 0, !wrong);
        }
    }
}

// A point that is none: not on the curve, not below p, of another length, or nothing at all.
static void what_is_no_point_of_the_group_is_refused(void **state) {
    UNUSED(state);
    static const struct {
        int32_t group;
        const char *hex;
    } bad[] = {
        {SPAKE_GROUP_EDWARDS25519,
         "0200000000000000000000000000000000000000000000000000000000000000"},
        {SPAKE_GROUP_EDWARDS25519,
         "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {SPAKE_GROUP_EDWARDS25519,
         "0100000000000000000000000000000000000000000000000000000000000080"},
        {SPAKE_GROUP_EDWARDS25519,
         "01000000000000000000000000000000000000000000000000000000000000"},
        {SPAKE_GROUP_P256, "020000000000000000000000000000000000000000000000000000000000000001"},
        {SPAKE_GROUP_P256, "000000000000000000000000000000000000000000000000000000000000000000"},
        {SPAKE_GROUP_P256, "04"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const struct spake_group *g = spake_group_find(bad[i].group);
        size_t n = spake_scalar_length(g), len = spake_point_length(g);
        uint8_t w[SPAKE_SCALAR_MAX] = {5}, x[SPAKE_SCALAR_MAX] = {8}, out[SPAKE_POINT_MAX];
        struct slice peer;
        assert_true(hex_decode(slice_str(bad[i].hex), &arena, &peer));
        assert_int_equal(
            spake_result(g, true, slice_of(w, n), slice_of(x, n), peer, buf_of(out, len), NULL),
            OBOL_DER_VALUE);
    }
}

// With w = 0 the peer's point is taken as it is: one of the small subgroup comes to nothing.
static void a_point_of_the_small_subgroup_is_refused(void **state) {
    UNUSED(state);
    const struct spake_group *g = spake_group_find(SPAKE_GROUP_EDWARDS25519);
    const uint8_t w[32] = {0};
    uint8_t x[32], out[32], order_4[32] = {0}; // y = 0
    assert_ok(spake_private(g, env_system(), buf_of(x, 32), NULL));
    assert_int_equal(spake_result(g, true, slice_of(w, 32), slice_of(x, 32), slice_of(order_4, 32),
                                  buf_of(out, 32), NULL),
                     OBOL_DER_VALUE);
}

static void groups_are_found_by_name_and_number(void **state) {
    UNUSED(state);
    assert_ptr_equal(spake_group_by_name(SLICE_LITERAL("Edwards25519")), spake_group_find(1));
    assert_ptr_equal(spake_group_by_name(SLICE_LITERAL("p-256")), spake_group_find(2));
    assert_null(spake_group_by_name(SLICE_LITERAL("P-255")));
    assert_null(spake_group_find(0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors_come_out),
        cmocka_unit_test(both_ends_come_to_the_same_point_and_a_wrong_w_does_not),
        cmocka_unit_test(what_is_no_point_of_the_group_is_refused),
        cmocka_unit_test(a_point_of_the_small_subgroup_is_refused),
        cmocka_unit_test(groups_are_found_by_name_and_number),
    };
    return cmocka_run_group_tests(tests, arena_begin, arena_end);
}
