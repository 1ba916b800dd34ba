// Sealing in parts gives what sealing whole gives, wherever the seams fall, in place and apart.
#include "crypto/rc4_gss.h"
#include "vectors.h"

#define SIZE_MAX_TESTED 1300
#define PARTS_MAX       16

static const uint8_t bytes[CRYPTO_KEY_MAX] = "a key of a context";
static uint8_t text[SIZE_MAX_TESTED];

struct cut { // one message in parts
    struct crypto_part parts[PARTS_MAX];
    size_t count;
};

// Cuts n bytes from `in` to `out` into pieces whose lengths follow from `seed`.
static void cut_message(struct cut *c, const uint8_t *in, uint8_t *out, size_t n, unsigned seed) {
    static const size_t lengths[] = {1, 16, 0, 7, 33, 15, 17, 64, 160, 5, 31, 48};
    size_t at = 0;
    while (at < n || seed % 3 == 2) {
        size_t len = lengths[seed % COUNT_OF(lengths)];
        if (len > n - at || c->count == PARTS_MAX - 1)
            len = n - at;
        c->parts[c->count++] = (struct crypto_part){in + at, out + at, len, false};
        at += len;
        seed = seed * 7 + 3;
        if (at == n)
            break;
    }
}

static struct crypto_key *key_at(size_t i) {
    const struct enctype *e = enctype_at(i);
    return vectors_key(enctype_number(e), slice_of(bytes, enctype_key_length(e)));
}

static bool is_rc4(const struct enctype *e) {
    return enctype_number(e) == ENCTYPE_RC4_HMAC;
}

static void seal_and_open(struct crypto_key *key, size_t n, unsigned seed, bool in_place) {
    const struct enctype *e = crypto_key_enctype(key);
    size_t conf = enctype_confounder_length(e), mac = enctype_checksum_length(e);
    static uint8_t all[SIZE_MAX_TESTED + 64], opened[SIZE_MAX_TESTED + 64];
    // rc4 has its checksum in front.
    uint8_t *sealed = all + (is_rc4(e) ? mac : 0), *sum_at = is_rc4(e) ? all : sealed + conf + n;
    struct cut c = {.parts = {{sealed, sealed, conf, false}}, .count = 1};
    if (in_place)
        memcpy(sealed + conf, text, n);
    cut_message(&c, in_place ? sealed + conf : text, sealed + conf, n, seed);
    assert_ok(
        crypto_seal_parts(key, 24, env_system(), c.parts, c.count, buf_of(sum_at, mac), NULL));
    struct slice plain, whole = slice_of(all, conf + n + mac);
    assert_ok(crypto_open(key, 24, whole, buf_of(opened, sizeof opened), &plain, NULL));
    assert_slice_equal(plain, slice_of(text, n));

    assert_ok(crypto_seal(key, 24, env_system(), slice_of(text, n), buf_of(all, whole.len), NULL));
    c.count = 0;
    uint8_t *to = in_place ? sealed : opened;
    cut_message(&c, sealed, to, conf + n, seed + 1);
    struct slice sum = slice_of(sum_at, mac);
    assert_ok(crypto_open_parts(key, 24, c.parts, c.count, sum, NULL));
    assert_memory_equal(to + conf, text, n);
}

static void parts_and_whole_agree_wherever_the_seams_fall(void **state) {
    UNUSED(state);
    for (size_t i = 0; enctype_at(i); i++) {
        struct crypto_key *key = key_at(i);
        for (size_t n = 0; n < 100; n++)
            for (unsigned seed = 0; seed < 12; seed++)
                seal_and_open(key, n, seed, seed % 2);
        for (unsigned seed = 0; seed < 48; seed++) { // on both sides of where short messages end
            seal_and_open(key, 500 + seed, seed, seed % 2);
            seal_and_open(key, SIZE_MAX_TESTED - seed, seed, seed % 2);
        }
        crypto_key_free(key);
    }
}

// Pieces that are only signed, between long ones that are sealed while the digest keeps up with the
// cipher, and at both ends: who opens them digests them one behind the other.
static void what_is_only_signed_stands_in_its_place(void **state) {
    UNUSED(state);
    static uint8_t sealed[SIZE_MAX_TESTED], opened[SIZE_MAX_TESTED];
    static const size_t cuts[] = {0, 1, 15, 16, 17, 48, 200, 533, 700};
    for (size_t i = 0; enctype_at(i); i++) {
        struct crypto_key *key = key_at(i);
        const size_t conf = enctype_confounder_length(enctype_at(i)), n = 1200;
        uint8_t first[] = "first", second[21] = "second", mac[CRYPTO_CKSUM_MAX];
        const struct buf sum = buf_of(mac, enctype_checksum_length(enctype_at(i)));
        for (size_t k = 0; k < 2 * COUNT_OF(cuts); k++) {
            const bool in_place = k % 2;
            const size_t cut = cuts[k / 2];
            const uint8_t *from = in_place ? sealed + conf : text;
            struct crypto_part parts[] = {{sealed, sealed, conf, false},
                                          {first, NULL, sizeof first, true},
                                          {from, sealed + conf, cut, false},
                                          {second, NULL, sizeof second, true},
                                          {from + cut, sealed + conf + cut, n - cut, false},
                                          {first, NULL, k % 3 ? sizeof first : 0, true}};
            if (in_place)
                memcpy(sealed + conf, text, n);
            assert_ok(crypto_seal_parts(key, 24, env_system(), parts, COUNT_OF(parts), sum, NULL));
            parts[0].out = opened;
            parts[2] = (struct crypto_part){sealed + conf, opened + conf, cut, false};
            parts[4] =
                (struct crypto_part){sealed + conf + cut, opened + conf + cut, n - cut, false};
            const struct slice made = slice_of_buf(sum);
            assert_ok(crypto_open_parts(key, 24, parts, COUNT_OF(parts), made, NULL));
            assert_memory_equal(opened + conf, text, n);
            second[3] ^= 1;
            assert_code(crypto_open_parts(key, 24, parts, COUNT_OF(parts), made, NULL),
                        OBOL_DECRYPT_INTEGRITY);
            second[3] ^= 1;
        }
        crypto_key_free(key);
    }
}

// With AES and Camellia the plaintext may stand where it is sealed.
static void a_plaintext_is_sealed_where_it_stands(void **state) {
    UNUSED(state);
    static uint8_t sealed[SIZE_MAX_TESTED], opened[SIZE_MAX_TESTED];
    for (size_t i = 0; enctype_at(i); i++) {
        if (is_rc4(enctype_at(i)))
            continue;
        struct crypto_key *key = key_at(i);
        for (size_t n = 0; n < 1200; n += n < 70 ? 1 : 59) {
            const size_t all = enctype_sealed_length(enctype_at(i), n);
            uint8_t *at = sealed + enctype_confounder_length(enctype_at(i));
            struct slice plain;
            memcpy(at, text, n);
            assert_ok(
                crypto_seal(key, 3, env_system(), slice_of(at, n), buf_of(sealed, all), NULL));
            assert_ok(crypto_open(key, 3, slice_of(sealed, all), buf_of(opened, sizeof opened),
                                  &plain, NULL));
            assert_slice_equal(plain, slice_of(text, n));
        }
        crypto_key_free(key);
    }
}

// What is sealed in two pieces opens as one, wherever the seam falls.
static void two_pieces_are_sealed_as_one(void **state) {
    UNUSED(state);
    static uint8_t sealed[SIZE_MAX_TESTED], opened[SIZE_MAX_TESTED];
    static const size_t sizes[] = {0, 1, 15, 16, 17, 33, 96, 495, 496, 497, 1200};
    for (size_t i = 0; enctype_at(i); i++) {
        struct crypto_key *key = key_at(i);
        for (size_t k = 0; k < COUNT_OF(sizes); k++)
            for (size_t n = sizes[k], cut = 0; cut <= n; cut += n < 100 ? 1 : 61) {
                const struct buf out = buf_of(sealed, enctype_sealed_length(enctype_at(i), n));
                const struct slice all = slice_of(text, n), front = slice_sub(all, 0, cut),
                                   rest = slice_sub(all, cut, n);
                struct slice plain;
                assert_ok(crypto_seal_two(key, 3, env_system(), front, rest, out, NULL));
                assert_ok(crypto_open(key, 3, slice_of_buf(out), buf_of(opened, sizeof opened),
                                      &plain, NULL));
                assert_slice_equal(plain, all);
                assert_code(crypto_seal_two(key, 3, env_system(), front, rest,
                                            buf_of(out.ptr, out.len - 1), NULL),
                            OBOL_INVALID_ARGUMENT);
            }
        crypto_key_free(key);
    }
}

// A key in an arena is lent its ciphers by the thread, also while another one uses them.
static void keys_of_an_arena_seal_in_parts_in_turns(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 1 << 16, 1 << 16));
    struct crypto_key *one, *two;
    assert_ok(crypto_key_in_arena(&one, &a, ENCTYPE_AES256_SHA1, slice_of(bytes, 32), NULL));
    assert_ok(crypto_key_in_arena(&two, &a, ENCTYPE_AES256_SHA384, slice_of(bytes, 32), NULL));
    for (unsigned seed = 0; seed < 6; seed++) {
        seal_and_open(one, 90, seed, false);
        seal_and_open(two, 91, seed, true);
    }
    arena_clear(&a);
}

static void every_altered_bit_is_refused_and_nothing_is_left(void **state) {
    UNUSED(state);
    static uint8_t sealed[200], opened[200], good[200];
    static const uint8_t zeros[200];
    for (size_t i = 0; enctype_at(i); i++) {
        const struct enctype *e = enctype_at(i);
        struct crypto_key *key = key_at(i);
        size_t n = 40, conf = enctype_confounder_length(e), mac = enctype_checksum_length(e);
        size_t all = conf + n + mac;
        uint8_t header[] = "header";
        struct crypto_part parts[] = {{good, good, conf, false},
                                      {header, NULL, sizeof header, true},
                                      {text, good + conf, n, false}};
        assert_ok(
            crypto_seal_parts(key, 24, env_system(), parts, 3, buf_of(good + conf + n, mac), NULL));
        parts[0] = (struct crypto_part){sealed, opened, conf, false};
        parts[2] = (struct crypto_part){sealed + conf, opened + conf, n, false};
        memcpy(sealed, good, all);
        struct slice sum = slice_of(sealed + conf + n, mac);
        assert_ok(crypto_open_parts(key, 24, parts, 3, sum, NULL));
        assert_memory_equal(opened + conf, text, n);
        for (size_t bit = 0; bit < 8 * all; bit++) {
            sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_code(crypto_open_parts(key, 24, parts, 3, sum, NULL), OBOL_DECRYPT_INTEGRITY);
            assert_memory_equal(opened, zeros, conf + n);
            sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        header[2] ^= 4; // what is only signed
        assert_code(crypto_open_parts(key, 24, parts, 3, sum, NULL), OBOL_DECRYPT_INTEGRITY);
        header[2] ^= 4;
        assert_code(crypto_open_parts(key, 22, parts, 3, sum, NULL), OBOL_DECRYPT_INTEGRITY);
        assert_ok(crypto_open_parts(key, 24, parts, 3, sum, NULL));
        crypto_key_free(key);
    }
}

static void lengths_that_lie_are_refused(void **state) {
    UNUSED(state);
    uint8_t room[64] = {0}, mac[CRYPTO_CKSUM_MAX];
    for (size_t i = 0; enctype_at(i); i++) {
        const struct enctype *e = enctype_at(i);
        struct crypto_key *key = key_at(i);
        struct crypto_part part = {room, room, enctype_confounder_length(e), false};
        struct buf sum = buf_of(mac, enctype_checksum_length(e));
        assert_ok(crypto_seal_parts(key, 24, env_system(), &part, 1, sum, NULL));
        assert_ok(crypto_open_parts(key, 24, &part, 1, slice_of_buf(sum), NULL));
        part.len--;
        assert_code(crypto_seal_parts(key, 24, env_system(), &part, 1, sum, NULL),
                    OBOL_INVALID_ARGUMENT);
        assert_code(crypto_open_parts(key, 24, &part, 1, slice_of_buf(sum), NULL),
                    OBOL_DECRYPT_INTEGRITY);
        part.len = (size_t)INT32_MAX + 1;
        assert_code(crypto_open_parts(key, 24, &part, 1, slice_of_buf(sum), NULL),
                    OBOL_DECRYPT_INTEGRITY);
        crypto_key_free(key);
    }
}

static void checksums_of_parts_are_those_of_the_whole(void **state) {
    UNUSED(state);
    for (size_t i = 0; enctype_at(i); i++) {
        const struct enctype *e = enctype_at(i);
        struct crypto_key *key = key_at(i);
        for (size_t n = 0; n < 80; n++) {
            uint8_t whole[CRYPTO_CKSUM_MAX], pieces[CRYPTO_CKSUM_MAX];
            struct buf one = buf_of(whole, enctype_checksum_length(e));
            struct buf many = buf_of(pieces, enctype_checksum_length(e));
            struct cut c = {.count = 0};
            cut_message(&c, text, text, n, (unsigned)n);
            assert_ok(crypto_checksum(key, 23, slice_of(text, n), one, NULL));
            assert_ok(crypto_checksum_parts(key, 23, c.parts, c.count, many, NULL));
            assert_memory_equal(whole, pieces, one.len);
            assert_ok(crypto_verify_parts(key, 23, c.parts, c.count, slice_of_buf(one), NULL));
            assert_code(crypto_verify_parts(key, 25, c.parts, c.count, slice_of_buf(one), NULL),
                        OBOL_CHECKSUM_MISMATCH);
            one.len--;
            assert_code(crypto_verify_parts(key, 23, c.parts, c.count, slice_of_buf(one), NULL),
                        OBOL_CHECKSUM_MISMATCH);
        }
        crypto_key_free(key);
    }
}

static void tokens_of_rfc_4757_take_keys_of_rc4_alone(void **state) {
    UNUSED(state);
    uint8_t sum[RC4_GSS_CKSUM_BYTES], seq[8] = {0, 0, 0, 7}, out[32];
    const struct crypto_part part = {text, out, sizeof out, false};
    for (size_t i = 0; enctype_at(i); i++) {
        struct crypto_key *key = key_at(i);
        enum obol_code expected = is_rc4(enctype_at(i)) ? OBOL_OK : OBOL_ENCTYPE_UNSUPPORTED;
        assert_code(rc4_gss_checksum(key, RC4_GSS_MIC, &part, 1, sum, NULL), expected);
        assert_code(rc4_gss_sequence(key, sum, seq, NULL), expected);
        assert_code(rc4_gss_stream(key, seq, &part, 1, NULL), expected);
        crypto_key_free(key);
    }
}

int main(void) {
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 11 + 3);
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(parts_and_whole_agree_wherever_the_seams_fall),
        cmocka_unit_test(what_is_only_signed_stands_in_its_place),
        cmocka_unit_test(a_plaintext_is_sealed_where_it_stands),
        cmocka_unit_test(two_pieces_are_sealed_as_one),
        cmocka_unit_test(keys_of_an_arena_seal_in_parts_in_turns),
        cmocka_unit_test(every_altered_bit_is_refused_and_nothing_is_left),
        cmocka_unit_test(lengths_that_lie_are_refused),
        cmocka_unit_test(checksums_of_parts_are_those_of_the_whole),
        cmocka_unit_test(tokens_of_rfc_4757_take_keys_of_rc4_alone),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
