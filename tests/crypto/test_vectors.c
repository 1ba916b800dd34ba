// Every published vector of the enctypes, from tests/vectors/crypto.
#include "crypto/enctype.h"
#include "vectors.h"

static void n_fold_gives_the_published_values(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "nfold.txt");
    while (vectors_next(&v)) {
        struct slice expected = vectors_hex(&v, "output");
        uint8_t out[64];
        crypto_nfold(vectors_hex(&v, "input"), buf_of(out, expected.len));
        assert_slice_equal(slice_of(out, expected.len), expected);
    }
}

// A message that is sealed apart stays what it was, and nothing is written behind the sealed one.
static void stealing_apart(struct cipher *seal, struct slice plain, struct slice expected) {
    struct cts_short m;
    uint8_t out[64 + 1];
    memcpy(cts_short_data(&m), plain.ptr, plain.len);
    out[plain.len] = 0x5a;
    assert_true(cts_short_seal_to(seal, &m, plain.len, out));
    assert_slice_equal(slice_of(out, plain.len), expected);
    assert_slice_equal(slice_of(cts_short_data(&m), plain.len), plain);
    assert_int_equal(out[plain.len], 0x5a);
}

static void ciphertext_stealing_gives_the_published_values(void **state) {
    UNUSED(state);
    assert_true(primitive_start());
    struct vectors v;
    vectors_open(&v, "cts.txt");
    while (vectors_next(&v)) {
        struct slice key = vectors_hex(&v, "key"), plain = vectors_hex(&v, "plain");
        uint8_t data[64], back[64];
        struct cipher seal = {0}, open = {0};
        assert_true(cipher_key_aes(&seal, CIPHER_SEAL, key, 1));
        assert_true(cipher_key_aes(&open, CIPHER_OPEN, key, 1));
        for (int again = 0; again < 2; again++) { // the second message chains on the first
            memcpy(data, plain.ptr, plain.len);
            assert_true(cts_seal(&seal, data, plain.len));
            assert_slice_equal(slice_of(data, plain.len), vectors_hex(&v, "cipher"));
            assert_true(cts_open(&open, data, back, plain.len));
            assert_slice_equal(slice_of(back, plain.len), plain);
            stealing_apart(&seal, plain, vectors_hex(&v, "cipher"));
            if (plain.len <= 2 * BLOCK_LENGTH)
                continue;
            assert_true(cts_open_rest(&open, data, back, plain.len));
            assert_slice_equal(slice_of(back, plain.len - BLOCK_LENGTH),
                               slice_sub(plain, BLOCK_LENGTH, plain.len));
        }
        assert_false(cts_seal(&seal, data, 15));
        assert_false(cts_open(&open, data, back, 15));
        assert_false(cts_open_rest(&open, data, back, 2 * BLOCK_LENGTH));
        cipher_clear(&seal);
        cipher_clear(&open);
    }
}

static void cmac_and_hmac_give_the_published_values(void **state) {
    UNUSED(state);
    struct vectors v;
    uint8_t out[HASH_MAX];
    vectors_open(&v, "cmac.txt");
    while (vectors_next(&v)) {
        struct slice data = vectors_hex(&v, "data");
        struct slice halves[] = {slice_sub(data, 0, 7), slice_sub(data, 7, data.len)};
        struct cmac m;
        cmac_prepare(&m, vectors_hex(&v, "key"));
        cmac_compute(&m, &data, 1, out);
        assert_slice_equal(slice_of(out, 16), vectors_hex(&v, "mac"));
        cmac_compute(&m, halves, 2, out);
        assert_slice_equal(slice_of(out, 16), vectors_hex(&v, "mac"));
    }
    vectors_open(&v, "hmac_md5.txt");
    while (vectors_next(&v)) {
        struct slice data = vectors_hex(&v, "data");
        struct hmac m;
        hmac_prepare(&m, HASH_MD5, vectors_hex(&v, "key"));
        hmac_compute(&m, HASH_MD5, &data, 1, out);
        assert_slice_equal(slice_of(out, 16), vectors_hex(&v, "mac"));
    }
}

static void pbkdf2_gives_the_published_values(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "pbkdf2.txt");
    while (vectors_next(&v)) {
        struct slice expected = vectors_hex(&v, "output");
        uint8_t out[64];
        pbkdf2(HASH_SHA1, vectors_hex(&v, "password"), vectors_hex(&v, "salt"),
               (uint32_t)vectors_number(&v, "iterations"), buf_of(out, expected.len));
        assert_slice_equal(slice_of(out, expected.len), expected);
    }
}

static void passwords_become_the_published_keys(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "string_to_key.txt");
    while (vectors_next(&v)) {
        const struct enctype *e = enctype_find(vectors_number(&v, "enctype"));
        struct slice password = vectors_hex(&v, "password"), salt = vectors_hex(&v, "salt");
        uint8_t out[CRYPTO_KEY_MAX];
        struct buf key = buf_of(out, enctype_key_length(e));
        if (vectors_text(&v, "iterations").len)
            assert_ok(crypto_string_to_key_count(
                e, password, salt, (uint32_t)vectors_number(&v, "iterations"), key, NULL));
        else
            assert_ok(crypto_string_to_key(e, password, salt, (struct slice){0}, 0, key, NULL));
        assert_slice_equal(slice_of_buf(key), vectors_hex(&v, "key"));
    }
}

static void derivation_gives_the_published_keys(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "derive.txt");
    while (vectors_next(&v)) {
        struct slice expected = vectors_hex(&v, "derived"), constant = vectors_hex(&v, "constant");
        struct crypto_key *key = vectors_key(vectors_number(&v, "enctype"), vectors_hex(&v, "key"));
        uint8_t out[64];
        assert_ok(crypto_derive(key, constant, buf_of(out, expected.len), NULL));
        assert_slice_equal(slice_of(out, expected.len), expected);
        // The same by way of the usage, which has its constants folded beforehand.
        memset(out, 0, sizeof out);
        assert_ok(
            derive_usage(key, constant.ptr[3], constant.ptr[4], buf_of(out, expected.len), NULL));
        assert_slice_equal(slice_of(out, expected.len), expected);
        crypto_key_free(key);
    }
}

// A random source that plays back the confounder of the vector.
static void playback(void *ctx, struct buf out) {
    memcpy(out.ptr, ctx, out.len);
}

// The confounder of a sealed message, which opening whole does not give out.
static void confounder_of(struct crypto_key *key, uint32_t usage, struct slice sealed,
                          uint8_t *out) {
    const struct enctype *e = crypto_key_enctype(key);
    const size_t conf = enctype_confounder_length(e), mac = enctype_checksum_length(e);
    const size_t front = enctype_number(e) == ENCTYPE_RC4_HMAC ? mac : 0; // where rc4 has it
    uint8_t rest[128];
    const struct crypto_part parts[] = {
        {sealed.ptr + front, out, conf, false},
        {sealed.ptr + front + conf, rest, sealed.len - conf - mac, false}};
    const size_t sum_at = front ? 0 : sealed.len - mac;
    assert_ok(crypto_open_parts(key, usage, parts, 2, slice_sub(sealed, sum_at, mac), NULL));
}

static void check_sealed(struct crypto_key *key, struct vectors *v) {
    uint32_t usage = (uint32_t)vectors_number(v, "usage");
    struct slice sealed = vectors_hex(v, "sealed"), plain = vectors_hex(v, "plain"), opened;
    uint8_t out[128], again[128];
    size_t room = enctype_opened_length(crypto_key_enctype(key), sealed.len);
    assert_ok(crypto_open(key, usage, sealed, buf_of(out, room), &opened, NULL));
    assert_slice_equal(opened, plain);
    confounder_of(key, usage, sealed, out);
    // Sealed with the same confounder, the message is the same, the first time and later.
    struct env env = {.ctx = out, .random = playback};
    assert_int_equal(enctype_sealed_length(crypto_key_enctype(key), plain.len), sealed.len);
    for (int i = 0; i < 2; i++) {
        assert_ok(crypto_seal(key, usage, &env, plain, buf_of(again, sealed.len), NULL));
        assert_slice_equal(slice_of(again, sealed.len), sealed);
    }
}

static void sealed_messages_are_the_published_ones(void **state) {
    UNUSED(state);
    struct vectors v;
    struct arena arena;
    assert_true(arena_init(&arena, 1 << 17, 1 << 17));
    vectors_open(&v, "seal.txt");
    while (vectors_next(&v)) {
        struct crypto_key *transient, *kept;
        int32_t enctype = vectors_number(&v, "enctype");
        kept = vectors_key(enctype, vectors_hex(&v, "key"));
        check_sealed(kept, &v);
        crypto_key_free(kept);
        assert_ok(crypto_key_in_arena(&transient, &arena, enctype, vectors_hex(&v, "key"), NULL));
        check_sealed(transient, &v);
        arena_reset(&arena);
    }
    arena_clear(&arena);
}

static void checksums_are_the_published_ones(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "checksum.txt");
    while (vectors_next(&v)) {
        int32_t type = vectors_number(&v, "type");
        struct slice expected = vectors_hex(&v, "checksum"), data = vectors_hex(&v, "data");
        uint8_t out[CRYPTO_CKSUM_MAX];
        struct buf sum = buf_of(out, expected.len);
        assert_int_equal(cksumtype_length(type), expected.len);
        assert_int_equal(cksumtype_is_keyed(type), vectors_text(&v, "enctype").len != 0);
        if (!cksumtype_is_keyed(type)) {
            assert_ok(crypto_digest(type, data, sum, NULL));
            assert_slice_equal(slice_of_buf(sum), expected);
            continue;
        }
        uint32_t usage = (uint32_t)vectors_number(&v, "usage");
        struct crypto_key *key = vectors_key(vectors_number(&v, "enctype"), vectors_hex(&v, "key"));
        assert_ok(crypto_checksum(key, usage, data, sum, NULL));
        assert_slice_equal(slice_of_buf(sum), expected);
        assert_ok(crypto_checksum_type(key, usage, type, data, sum, NULL));
        assert_ok(crypto_verify(key, usage, type, data, expected, NULL));
        crypto_key_free(key);
    }
}

static void prf_gives_the_published_values(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "prf.txt");
    while (vectors_next(&v)) {
        struct slice expected = vectors_hex(&v, "output");
        struct crypto_key *key = vectors_key(vectors_number(&v, "enctype"), vectors_hex(&v, "key"));
        uint8_t out[HASH_MAX];
        assert_ok(crypto_prf(key, vectors_hex(&v, "input"), buf_of(out, expected.len), NULL));
        assert_slice_equal(slice_of(out, expected.len), expected);
        crypto_key_free(key);
    }
}

static struct crypto_key *password_key(struct vectors *v, const char *enctype, const char *name) {
    const struct enctype *e = enctype_find(vectors_number(v, enctype));
    struct slice password = vectors_hex(v, name);
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct buf out = buf_of(bytes, enctype_key_length(e));
    assert_ok(crypto_string_to_key(e, password, password, (struct slice){0}, 0, out, NULL));
    return vectors_key(enctype_number(e), slice_of_buf(out));
}

static void cf2_gives_the_published_keys(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "cf2.txt");
    while (vectors_next(&v)) {
        struct crypto_key *k1 = password_key(&v, "enctype1", "password1");
        struct crypto_key *k2 = password_key(&v, "enctype2", "password2");
        struct slice expected = vectors_hex(&v, "key");
        uint8_t out[CRYPTO_KEY_MAX];
        assert_ok(crypto_cf2(k1, k2, vectors_hex(&v, "pepper1"), vectors_hex(&v, "pepper2"),
                             buf_of(out, expected.len), NULL));
        assert_slice_equal(slice_of(out, expected.len), expected);
        assert_code(crypto_cf2(k1, k2, (struct slice){0}, (struct slice){0}, buf_of(out, 5), NULL),
                    OBOL_KEY_LENGTH);
        crypto_key_free(k1);
        crypto_key_free(k2);
    }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(n_fold_gives_the_published_values),
        cmocka_unit_test(ciphertext_stealing_gives_the_published_values),
        cmocka_unit_test(cmac_and_hmac_give_the_published_values),
        cmocka_unit_test(pbkdf2_gives_the_published_values),
        cmocka_unit_test(passwords_become_the_published_keys),
        cmocka_unit_test(derivation_gives_the_published_keys),
        cmocka_unit_test(sealed_messages_are_the_published_ones),
        cmocka_unit_test(checksums_are_the_published_ones),
        cmocka_unit_test(prf_gives_the_published_values),
        cmocka_unit_test(cf2_gives_the_published_keys),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
