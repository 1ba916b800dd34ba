// No operation on a prepared key allocates, and a key in an arena never does: the linker hands our
// calls of malloc to the counters below (--wrap), libcrypto hands over its own.
#include "crypto/enctype.h"
#include "vectors.h"
#include <openssl/crypto.h>

static size_t allocations;
void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n) {
    allocations++;
    return __real_malloc(n);
}
void *__wrap_calloc(size_t count, size_t n) {
    allocations++;
    return __real_calloc(count, n);
}
void *__wrap_realloc(void *p, size_t n) {
    allocations++;
    return __real_realloc(p, n);
}

static void *library_malloc(size_t n, const char *file, int line) {
    UNUSED(file);
    UNUSED(line);
    return __wrap_malloc(n);
}
static void *library_realloc(void *p, size_t n, const char *file, int line) {
    UNUSED(file);
    UNUSED(line);
    return __wrap_realloc(p, n);
}
static void library_free(void *p, const char *file, int line) {
    UNUSED(file);
    UNUSED(line);
    free(p);
}

static const uint8_t bytes[CRYPTO_KEY_MAX] = "a key of the realm";

// Everything a request does with a key, over two usages.
static void use(struct crypto_key *key, const struct env *env) {
    const struct enctype *e = crypto_key_enctype(key);
    struct slice plain = SLICE_LITERAL("the plaintext of a ticket, or of an authenticator"), opened;
    uint8_t sealed[128], out[128], sum[CRYPTO_CKSUM_MAX], random[CRYPTO_KEY_MAX];
    struct slice text = slice_of(sealed, enctype_sealed_length(e, plain.len));
    struct buf mac = buf_of(sum, enctype_checksum_length(e));
    for (uint32_t usage = 2; usage < 4; usage++) {
        assert_ok(crypto_seal(key, usage, env, plain, buf_of(sealed, text.len), NULL));
        assert_ok(crypto_open(key, usage, text, buf_of(out, sizeof out), &opened, NULL));
        sealed[20] ^= 1;
        assert_code(crypto_open(key, usage, text, buf_of(out, sizeof out), &opened, NULL),
                    OBOL_DECRYPT_INTEGRITY);
        assert_ok(crypto_checksum(key, usage, plain, mac, NULL));
        assert_ok(
            crypto_verify(key, usage, enctype_checksum_type(e), plain, slice_of_buf(mac), NULL));
    }
    assert_ok(crypto_random_key(e, env, buf_of(random, enctype_key_length(e)), NULL));
    assert_ok(crypto_prf(key, plain, buf_of(out, enctype_prf_length(e)), NULL));
}

static void the_counter_counts(void **state) {
    UNUSED(state);
    crypto_key_free(vectors_key(ENCTYPE_AES128_SHA1, slice_of(bytes, 16))); // starts libcrypto
    size_t before = allocations;
    struct crypto_key *key = vectors_key(ENCTYPE_AES128_SHA1, slice_of(bytes, 16));
    assert_int_equal(allocations, before + 1);
    crypto_key_warm(key, 3); // libcrypto makes two contexts
    assert_true(allocations > before + 2);
    crypto_key_free(key);
}

static void a_warm_key_allocates_nothing(void **state) {
    UNUSED(state);
    for (size_t i = 0; enctype_at(i); i++) {
        const struct enctype *e = enctype_at(i);
        struct crypto_key *key =
            vectors_key(enctype_number(e), slice_of(bytes, enctype_key_length(e)));
        crypto_key_warm(key, 2);
        crypto_key_warm(key, 3);
        use(key, env_system()); // the PRF's cipher is the thread's
        size_t before = allocations;
        for (int n = 0; n < 100; n++)
            use(key, env_system());
        assert_int_equal(allocations, before);
        crypto_key_free(key);
    }
}

static void a_key_in_an_arena_allocates_nothing_from_birth(void **state) {
    UNUSED(state);
    struct arena arena;
    assert_true(arena_init(&arena, 1 << 16, 1 << 16));
    for (int round = 0; round < 100; round++) {
        size_t before = allocations;
        for (size_t i = 0; enctype_at(i); i++) {
            const struct enctype *e = enctype_at(i);
            struct crypto_key *key;
            assert_ok(crypto_key_in_arena(&key, &arena, enctype_number(e),
                                          slice_of(bytes, enctype_key_length(e)), NULL));
            use(key, env_system());
        }
        arena_reset(&arena);
        if (round > 0) // the first round makes the thread's ciphers
            assert_int_equal(allocations, before);
    }
    arena_clear(&arena);
}

// Two contexts of one thread in turns: each finds its schedules as it left them, and drives usages
// out of their slots without mixing them up.
static void keys_of_many_messages_keep_their_schedules(void **state) {
    UNUSED(state);
    for (size_t i = 0; enctype_at(i); i++) {
        const struct enctype *e = enctype_at(i);
        struct slice own = slice_of(bytes, enctype_key_length(e));
        struct crypto_key *keys[2], *other = vectors_key(enctype_number(e), own);
        for (size_t k = 0; k < 2; k++) {
            assert_ok(crypto_key_new_scheduled(&keys[k], enctype_number(e), own, NULL));
            use(keys[k], env_system());
        }
        const struct cipher *c = keys[0]->ciphers;
        assert_true((c != NULL) == e->lent_ciphers);
        uint64_t keyed = c ? c[CIPHER_SEAL].identity : 0;
        size_t before = allocations;
        for (int n = 0; n < 20; n++)
            use(keys[n % 2], env_system());
        assert_int_equal(allocations, before);
        assert_true(!c || (keyed && c[CIPHER_SEAL].identity == keyed));
        for (uint32_t usage = 0; usage < 4 * KEY_SLOTS; usage++) {
            uint8_t sealed[128], out[128];
            struct slice plain = SLICE_LITERAL("read by another"), opened;
            struct buf text = buf_of(sealed, enctype_sealed_length(e, plain.len));
            assert_ok(crypto_seal(keys[usage % 2], usage % 9, env_system(), plain, text, NULL));
            assert_ok(crypto_open(other, usage % 9, slice_of_buf(text), buf_of(out, sizeof out),
                                  &opened, NULL));
            assert_slice_equal(opened, plain);
        }
        crypto_key_free(keys[0]);
        crypto_key_free(keys[1]);
        crypto_key_free(other);
    }
}

int main(void) {
    if (!CRYPTO_set_mem_functions(library_malloc, library_realloc, library_free))
        return 1;
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_counter_counts),
        cmocka_unit_test(a_warm_key_allocates_nothing),
        cmocka_unit_test(a_key_in_an_arena_allocates_nothing_from_birth),
        cmocka_unit_test(keys_of_many_messages_keep_their_schedules),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
