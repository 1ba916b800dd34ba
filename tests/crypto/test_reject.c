// What must be refused: altered, cut and foreign messages, wrong keys, usages, types and lengths.
#include "base/ct.h"
#include "vectors.h"

static const struct enctype *each(size_t i) {
    return enctype_at(i);
}

static uint8_t key_bytes[CRYPTO_KEY_MAX] = "an ordinary key of thirty-two b";

static struct crypto_key *key_of(const struct enctype *e) {
    return vectors_key(enctype_number(e), slice_of(key_bytes, enctype_key_length(e)));
}

static bool all_zero(const uint8_t *p, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (p[i])
            return false;
    return true;
}

// Opening must fail and leave nothing of the plaintext.
static void refused(struct crypto_key *key, uint32_t usage, struct slice sealed) {
    uint8_t out[256];
    struct slice plain = SLICE_LITERAL("old");
    memset(out, 0xee, sizeof out);
    size_t room = enctype_opened_length(crypto_key_enctype(key), sealed.len);
    assert_code(crypto_open(key, usage, sealed, buf_of(out, room), &plain, NULL),
                OBOL_DECRYPT_INTEGRITY);
    assert_int_equal(plain.len, 0);
    for (size_t i = 0; i < room; i++)
        assert_true(out[i] == 0 || out[i] == 0xee);
    assert_true(room == 0 || all_zero(out, room));
}

static struct slice seal(struct crypto_key *key, struct slice plain, uint8_t *out) {
    size_t len = enctype_sealed_length(crypto_key_enctype(key), plain.len);
    assert_ok(crypto_seal(key, 7, env_system(), plain, buf_of(out, len), NULL));
    return slice_of(out, len);
}

static void a_message_with_any_bit_flipped_is_refused(void **state) {
    UNUSED(state);
    static const size_t lengths[] = {0, 1, 16, 37};
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        for (size_t n = 0; n < COUNT_OF(lengths); n++) {
            uint8_t out[128], back[128];
            struct slice plain = slice_of("a plaintext of thirty-seven bytes, ok!", lengths[n]);
            struct slice sealed = seal(key, plain, out), opened;
            for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
                out[bit / 8] ^= (uint8_t)(1 << bit % 8);
                refused(key, 7, sealed);
                out[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
            assert_ok(crypto_open(key, 7, sealed, buf_of(back, sizeof back), &opened, NULL));
            assert_slice_equal(opened, plain);
        }
        crypto_key_free(key);
    }
}

static void a_message_cut_or_lengthened_is_refused(void **state) {
    UNUSED(state);
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        uint8_t out[128] = {0};
        struct slice sealed = seal(key, SLICE_LITERAL("twenty bytes of text"), out);
        for (size_t len = 0; len < sealed.len; len++) {
            refused(key, 7, slice_of(out, len));
            refused(key, 7, slice_of(out + sealed.len - len, len));
        }
        refused(key, 7, slice_of(out, sealed.len + 1));
        refused(key, 7, (struct slice){0});
        assert_int_equal(enctype_opened_length(each(i), 23), 0);
        crypto_key_free(key);
    }
}

static void another_usage_or_key_does_not_open(void **state) {
    UNUSED(state);
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        uint8_t out[128];
        struct slice sealed = seal(key, SLICE_LITERAL("text"), out);
        for (uint32_t usage = 0; usage < 40; usage++) // also drives usages out of their slots
            if (usage != 7)
                refused(key, usage, sealed);
        refused(key, 7u << 24, sealed);
        key_bytes[3] ^= 1;
        struct crypto_key *other = key_of(each(i));
        key_bytes[3] ^= 1;
        refused(other, 7, sealed);
        uint8_t back[128];
        struct slice opened;
        assert_ok(crypto_open(key, 7, sealed, buf_of(back, sizeof back), &opened, NULL));
        assert_slice_str(opened, "text");
        crypto_key_free(other);
        crypto_key_free(key);
    }
}

static void wrong_room_is_refused_before_anything_is_written(void **state) {
    UNUSED(state);
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        uint8_t out[128] = {0};
        struct slice plain = SLICE_LITERAL("text"), opened;
        size_t len = enctype_sealed_length(each(i), plain.len);
        assert_code(crypto_seal(key, 7, env_system(), plain, buf_of(out, len - 1), NULL),
                    OBOL_INVALID_ARGUMENT);
        assert_code(crypto_seal(key, 7, env_system(), plain, buf_of(out, len + 1), NULL),
                    OBOL_INVALID_ARGUMENT);
        assert_true(all_zero(out, sizeof out));
        struct slice sealed = seal(key, plain, out);
        uint8_t back[128];
        size_t room = enctype_opened_length(each(i), sealed.len);
        assert_code(crypto_open(key, 7, sealed, buf_of(back, room - 1), &opened, NULL),
                    OBOL_INVALID_ARGUMENT);
        size_t sum = enctype_checksum_length(each(i));
        assert_code(crypto_checksum(key, 7, plain, buf_of(out, sum - 1), NULL),
                    OBOL_INVALID_ARGUMENT);
        assert_code(crypto_prf(key, plain, buf_of(out, 1), NULL), OBOL_INVALID_ARGUMENT);
        crypto_key_free(key);
    }
}

static void keys_of_wrong_length_or_enctype_are_refused(void **state) {
    UNUSED(state);
    struct arena arena;
    assert_true(arena_init(&arena, 1 << 16, 1 << 16));
    for (size_t i = 0; each(i); i++) {
        int32_t number = enctype_number(each(i));
        for (size_t len = 0; len <= CRYPTO_KEY_MAX; len++) {
            struct crypto_key *key = NULL;
            if (len == enctype_key_length(each(i)))
                continue;
            struct slice bytes = slice_of(len ? key_bytes : NULL, len);
            assert_code(crypto_key_new(&key, number, bytes, NULL), OBOL_KEY_LENGTH);
            assert_code(crypto_key_in_arena(&key, &arena, number, bytes, NULL), OBOL_KEY_LENGTH);
            assert_null(key);
        }
    }
    static const int32_t unknown[] = {0, 1, 3, 16, 21, 24, 27, -1, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        struct crypto_key *key;
        struct error err;
        error_init(&err);
        assert_code(crypto_key_new(&key, unknown[i], slice_of(key_bytes, 16), &err),
                    OBOL_ENCTYPE_UNSUPPORTED);
        assert_non_null(strstr(err.detail, "enctype"));
        assert_null(enctype_find(unknown[i]));
    }
    arena_clear(&arena);
}

static void a_checksum_altered_cut_or_of_another_usage_does_not_hold(void **state) {
    UNUSED(state);
    struct slice data = SLICE_LITERAL("what is signed");
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        int32_t type = enctype_checksum_type(each(i));
        uint8_t sum[CRYPTO_CKSUM_MAX + 1] = {0};
        size_t len = enctype_checksum_length(each(i));
        assert_ok(crypto_checksum(key, 17, data, buf_of(sum, len), NULL));
        assert_ok(crypto_verify(key, 17, type, data, slice_of(sum, len), NULL));
        for (size_t bit = 0; bit < 8 * len; bit++) {
            sum[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_code(crypto_verify(key, 17, type, data, slice_of(sum, len), NULL),
                        OBOL_CHECKSUM_MISMATCH);
            sum[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t cut = 0; cut <= len + 1; cut++)
            if (cut != len)
                assert_code(crypto_verify(key, 17, type, data, slice_of(sum, cut), NULL),
                            OBOL_CHECKSUM_MISMATCH);
        assert_code(crypto_verify(key, 18, type, data, slice_of(sum, len), NULL),
                    OBOL_CHECKSUM_MISMATCH);
        assert_code(crypto_verify(key, 17, type, slice_sub(data, 1, 99), slice_of(sum, len), NULL),
                    OBOL_CHECKSUM_MISMATCH);
        crypto_key_free(key);
    }
}

static void a_checksum_type_that_is_not_the_keys_is_refused(void **state) {
    UNUSED(state);
    struct slice data = SLICE_LITERAL("what is signed");
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        for (int32_t type = -140; type <= 30; type++) {
            uint8_t sum[CRYPTO_CKSUM_MAX] = {0};
            if (type == enctype_checksum_type(each(i)))
                continue;
            // Even where it is right as a digest without a key.
            size_t len = cksumtype_length(type);
            if (len && !cksumtype_is_keyed(type))
                assert_ok(crypto_digest(type, data, buf_of(sum, len), NULL));
            else
                assert_code(crypto_digest(type, data, buf_of(sum, len), NULL),
                            OBOL_CKSUMTYPE_UNSUPPORTED);
            assert_code(crypto_verify(key, 17, type, data, slice_of(sum, len), NULL),
                        OBOL_CKSUMTYPE_UNSUPPORTED);
            if (type != CKSUMTYPE_HMAC_MD5)
                assert_code(crypto_checksum_type(key, 17, type, data, buf_of(sum, len), NULL),
                            OBOL_CKSUMTYPE_UNSUPPORTED);
        }
        crypto_key_free(key);
    }
}

static void hmac_md5_goes_with_any_key_where_it_is_asked_for_by_name(void **state) {
    UNUSED(state);
    struct slice data = SLICE_LITERAL("what is signed");
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        uint8_t sum[16];
        assert_ok(crypto_checksum_type(key, 17, CKSUMTYPE_HMAC_MD5, data, buf_of(sum, 16), NULL));
        assert_ok(crypto_verify_hmac_md5(key, 17, data, slice_of(sum, 16), NULL));
        assert_code(crypto_verify_hmac_md5(key, 18, data, slice_of(sum, 16), NULL),
                    OBOL_CHECKSUM_MISMATCH);
        assert_code(crypto_verify_hmac_md5(key, 17, data, slice_of(sum, 15), NULL),
                    OBOL_CHECKSUM_MISMATCH);
        sum[5] ^= 1;
        assert_code(crypto_verify_hmac_md5(key, 17, data, slice_of(sum, 16), NULL),
                    OBOL_CHECKSUM_MISMATCH);
        assert_code(crypto_checksum_type(key, 17, CKSUMTYPE_HMAC_MD5, data, buf_of(sum, 12), NULL),
                    OBOL_INVALID_ARGUMENT);
        crypto_key_free(key);
    }
}

static enum obol_code s2k(const struct enctype *e, struct slice params, uint32_t max) {
    uint8_t out[CRYPTO_KEY_MAX];
    return crypto_string_to_key(e, SLICE_LITERAL("pw"), SLICE_LITERAL("salt"), params, max,
                                buf_of(out, enctype_key_length(e)), NULL);
}

static void iteration_counts_out_of_bounds_are_refused(void **state) {
    UNUSED(state);
    for (size_t i = 0; each(i); i++) {
        const struct enctype *e = each(i);
        if (enctype_is_weak(e)) {
            assert_code(s2k(e, SLICE_LITERAL("\0\0\x10\0"), 0), OBOL_CRYPTO_PARAMETER);
            assert_ok(s2k(e, (struct slice){0}, 0));
            continue;
        }
        assert_ok(s2k(e, SLICE_LITERAL("\0\0\x80\0"), 0));
        assert_code(s2k(e, SLICE_LITERAL("\0\0\x80\0"), 32767), OBOL_CRYPTO_PARAMETER);
        assert_code(s2k(e, SLICE_LITERAL("\0\0\0\0"), 0), OBOL_CRYPTO_PARAMETER);
        assert_code(s2k(e, SLICE_LITERAL("\0\0\x0f\xff"), 0), OBOL_CRYPTO_PARAMETER);
        assert_code(s2k(e, SLICE_LITERAL("\0\x0f\x42\x41"), 0), OBOL_CRYPTO_PARAMETER);
        assert_code(s2k(e, SLICE_LITERAL("\xff\xff\xff\xff"), 0), OBOL_CRYPTO_PARAMETER);
        assert_code(s2k(e, SLICE_LITERAL("\0\x80\0"), 0), OBOL_CRYPTO_PARAMETER);
        assert_code(s2k(e, SLICE_LITERAL("\0\0\x80\0\0"), 0), OBOL_CRYPTO_PARAMETER);
    }
}

static void passwords_out_of_bounds_are_refused(void **state) {
    UNUSED(state);
    static uint8_t big[4096];
    memset(big, 'a', sizeof big);
    for (size_t i = 0; each(i); i++) {
        const struct enctype *e = each(i);
        uint8_t out[CRYPTO_KEY_MAX];
        struct buf key = buf_of(out, enctype_key_length(e));
        assert_ok(
            crypto_string_to_key_count(e, slice_of(big, 1024), slice_of(big, 2048), 1, key, NULL));
        assert_ok(
            crypto_string_to_key_count(e, (struct slice){0}, (struct slice){0}, 1, key, NULL));
        assert_code(
            crypto_string_to_key_count(e, slice_of(big, 1025), (struct slice){0}, 1, key, NULL),
            OBOL_CRYPTO_PARAMETER);
        assert_code(
            crypto_string_to_key_count(e, (struct slice){0}, slice_of(big, 2049), 1, key, NULL),
            OBOL_CRYPTO_PARAMETER);
        assert_code(crypto_string_to_key_count(e, (struct slice){0}, (struct slice){0}, 1,
                                               buf_of(out, 5), NULL),
                    OBOL_KEY_LENGTH);
    }
    static const char *const not_utf8[] = {
        "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80"};
    const struct enctype *rc4 = enctype_find(ENCTYPE_RC4_HMAC);
    for (size_t i = 0; i < COUNT_OF(not_utf8); i++) {
        uint8_t out[16];
        assert_code(crypto_string_to_key_count(rc4, slice_str(not_utf8[i]), (struct slice){0}, 0,
                                               buf_of(out, 16), NULL),
                    OBOL_INVALID_ARGUMENT);
    }
}

static void derivation_and_prf_plus_know_their_bounds(void **state) {
    UNUSED(state);
    static uint8_t out[255 * 48 + 1];
    for (size_t i = 0; each(i); i++) {
        struct crypto_key *key = key_of(each(i));
        size_t most = 255 * enctype_prf_length(each(i));
        struct slice pepper = SLICE_LITERAL("pepper");
        assert_ok(crypto_prf_plus(key, pepper, buf_of(out, most), NULL));
        assert_code(crypto_prf_plus(key, pepper, buf_of(out, most + 1), NULL),
                    OBOL_CRYPTO_PARAMETER);
        assert_code(crypto_prf_plus(key, slice_of(out, 257), buf_of(out, 16), NULL),
                    OBOL_CRYPTO_PARAMETER);
        assert_code(crypto_derive(key, pepper, buf_of(out, 0), NULL),
                    enctype_is_weak(each(i)) ? OBOL_UNSUPPORTED : OBOL_INVALID_ARGUMENT);
        crypto_key_free(key);
    }
    struct crypto_key *key = key_of(enctype_find(ENCTYPE_AES128_SHA256));
    assert_code(crypto_derive(key, SLICE_LITERAL("x"), buf_of(out, 33), NULL),
                OBOL_CRYPTO_PARAMETER);
    crypto_key_free(key);
}

static void names_and_numbers_find_the_same_enctype(void **state) {
    UNUSED(state);
    static const struct {
        const char *name;
        int32_t number;
    } rows[] = {{"aes256-cts-hmac-sha384-192", 20},
                {"AES256-SHA2", 20},
                {"aes128-sha2", 19},
                {"aes256-cts", 18},
                {"aes128-cts-hmac-sha1-96", 17},
                {"rc4-hmac", 23},
                {"arcfour-hmac", 23},
                {"arcfour-hmac-md5", 23},
                {"camellia256-cts", 26},
                {"camellia128-cts-cmac", 25}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_ptr_equal(enctype_by_name(slice_str(rows[i].name)), enctype_find(rows[i].number));
    assert_null(enctype_by_name(SLICE_LITERAL("des-cbc-crc")));
    assert_null(enctype_by_name(SLICE_LITERAL("aes256-cts\0x")));
    assert_null(enctype_by_name((struct slice){0}));
    for (size_t i = 0; each(i); i++) {
        assert_ptr_equal(enctype_find(enctype_number(each(i))), each(i));
        assert_true(cksumtype_is_keyed(enctype_checksum_type(each(i))));
        assert_int_equal(enctype_is_weak(each(i)), enctype_number(each(i)) == ENCTYPE_RC4_HMAC);
    }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_message_with_any_bit_flipped_is_refused),
        cmocka_unit_test(a_message_cut_or_lengthened_is_refused),
        cmocka_unit_test(another_usage_or_key_does_not_open),
        cmocka_unit_test(wrong_room_is_refused_before_anything_is_written),
        cmocka_unit_test(keys_of_wrong_length_or_enctype_are_refused),
        cmocka_unit_test(a_checksum_altered_cut_or_of_another_usage_does_not_hold),
        cmocka_unit_test(a_checksum_type_that_is_not_the_keys_is_refused),
        cmocka_unit_test(hmac_md5_goes_with_any_key_where_it_is_asked_for_by_name),
        cmocka_unit_test(iteration_counts_out_of_bounds_are_refused),
        cmocka_unit_test(passwords_out_of_bounds_are_refused),
        cmocka_unit_test(derivation_and_prf_plus_know_their_bounds),
        cmocka_unit_test(names_and_numbers_find_the_same_enctype),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
