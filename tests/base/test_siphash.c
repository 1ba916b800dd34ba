// SipHash-2-4 against the vectors that its authors published (siphash reference, vectors.h).
#include "../test.h"
#include "base/siphash.h"

static const struct siphash_key KEY = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void the_published_vectors_come_out(void **state) {
    UNUSED(state);
    uint8_t in[15];
    for (uint8_t i = 0; i < sizeof in; i++)
        in[i] = i;
    assert_true(siphash_64(&KEY, slice_of(in, 0)) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(siphash_64(&KEY, slice_of(in, 15)) == UINT64_C(0xa129ca6149be45e5));
    struct siphash_128 wide = siphash_128(&KEY, slice_of(in, 0));
    assert_true(wide.lo == UINT64_C(0xe6a825ba047f81a3) && wide.hi == UINT64_C(0x930255c71472f66d));
}

static void another_key_or_byte_gives_another_hash(void **state) {
    UNUSED(state);
    struct siphash_key other = {KEY.k0, KEY.k1 + 1};
    struct slice s = SLICE_LITERAL("alice@EXAMPLE.COM");
    assert_true(siphash_64(&KEY, s) != siphash_64(&other, s));
    assert_true(siphash_64(&KEY, s) != siphash_64(&KEY, SLICE_LITERAL("alicf@EXAMPLE.COM")));
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_published_vectors_come_out),
        cmocka_unit_test(another_key_or_byte_gives_another_hash),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
