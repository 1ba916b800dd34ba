// One-time codes: the values of RFC 4226 appendix D and RFC 6238 appendix B.
#include "../test.h"
#include "crypto/one_time.h"

static void assert_code_is(enum hash hash, const char *secret, uint64_t counter, const char *code) {
    uint8_t bytes[ONE_TIME_DIGITS_MAX];
    struct buf out = buf_of(bytes, strlen(code));
    one_time_code(hash, slice_str(secret), counter, out);
    assert_slice_str(slice_of_buf(out), code);
}

static void counted_codes_are_those_of_rfc_4226(void **state) {
    UNUSED(state);
    static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
                                        "254676", "287922", "162583", "399871", "520489"};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        assert_code_is(HASH_SHA1, "12345678901234567890", i, codes[i]);
}

static void codes_of_time_are_those_of_rfc_6238(void **state) {
    UNUSED(state);
    static const uint64_t times[] = {59,         1111111109, 1111111111,
                                     1234567890, 2000000000, UINT64_C(20000000000)};
    static const struct {
        enum hash hash;
        const char *secret, *codes[6];
    } rows[] = {
        {HASH_SHA1,
         "12345678901234567890",
         {"94287082", "07081804", "14050471", "89005924", "69279037", "65353130"}},
        {HASH_SHA256,
         "12345678901234567890123456789012",
         {"46119246", "68084774", "67062674", "91819424", "90698825", "77737706"}},
        {HASH_SHA512,
         "1234567890123456789012345678901234567890123456789012345678901234",
         {"90693936", "25091201", "99943326", "93441116", "38618901", "47863826"}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t t = 0; t < COUNT_OF(times); t++)
            assert_code_is(rows[i].hash, rows[i].secret, times[t] / 30, rows[i].codes[t]);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(counted_codes_are_those_of_rfc_4226),
        cmocka_unit_test(codes_of_time_are_those_of_rfc_6238),
    };
    if (!primitive_start())
        return 1;
    return cmocka_run_group_tests(cases, NULL, NULL);
}
