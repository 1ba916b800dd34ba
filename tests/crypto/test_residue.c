// What is sealed, opened or signed stands nowhere on the stack after: each call runs in a thread
// whose stack is the test's own memory, which is looked through when the thread has ended.
// (What is signed may be secret: the KDC signs tickets with their session keys in them.)
#include "../test.h"
#include "crypto/crypto.h"
#include <pthread.h>
#include <stdlib.h>

#define STACK_BYTES (512u << 10)
#define WORD        "secret!#" // fifteen bytes of the plaintext have it once at least
#define LENGTH_MAX  1200
#define SEALED_MAX  (LENGTH_MAX + CRYPTO_OVERHEAD_MAX)

static uint8_t *stack, plaintext[LENGTH_MAX];

struct operation {
    struct crypto_key *key;
    size_t length;
    bool altered; // what is opened, or the checksum that is verified
    enum obol_code code;
};

// What a call reads and writes; none of it is on the stack.
static uint8_t sealed[SEALED_MAX], opened[SEALED_MAX], mac[CRYPTO_CKSUM_MAX];
static struct slice plain;

static struct buf sealed_of(const struct operation *o) {
    return buf_of(sealed, enctype_sealed_length(crypto_key_enctype(o->key), o->length));
}

static struct buf mac_of(const struct operation *o) {
    return buf_of(mac, enctype_checksum_length(crypto_key_enctype(o->key)));
}

static enum obol_code seal(const struct operation *o) {
    size_t cut = o->length / 3;
    return crypto_seal_two(o->key, 3, env_system(), slice_of(plaintext, cut),
                           slice_of(plaintext + cut, o->length - cut), sealed_of(o), NULL);
}

static enum obol_code open_sealed(const struct operation *o) {
    struct buf all = sealed_of(o);
    sealed[all.len / 2] ^= o->altered;
    enum obol_code code =
        crypto_open(o->key, 3, slice_of_buf(all), buf_of(opened, sizeof opened), &plain, NULL);
    sealed[all.len / 2] ^= o->altered;
    return code;
}

static size_t parts_of(const struct operation *o, uint8_t *confounder, const uint8_t *in,
                       uint8_t *out, struct crypto_part parts[4]) {
    size_t cut = o->length / 3;
    const struct crypto_part all[] = {
        {confounder, confounder, enctype_confounder_length(crypto_key_enctype(o->key)), false},
        {in, out, cut, false},
        {plaintext, NULL, o->length % 2 ? 33 : 0, true},
        {in + cut, out + cut, o->length - cut, false}};
    memcpy(parts, all, sizeof all);
    return COUNT_OF(all);
}

static enum obol_code seal_parts(const struct operation *o) {
    struct crypto_part parts[4];
    size_t count = parts_of(o, sealed, plaintext, sealed + 16, parts);
    return crypto_seal_parts(o->key, 24, env_system(), parts, count, mac_of(o), NULL);
}

static enum obol_code open_parts(const struct operation *o) {
    struct crypto_part parts[4];
    size_t count = parts_of(o, sealed, sealed + 16, opened, parts);
    parts[0].out = opened + o->length;
    mac[2] ^= o->altered;
    enum obol_code code =
        crypto_open_parts(o->key, 24, parts, count, slice_of_buf(mac_of(o)), NULL);
    mac[2] ^= o->altered;
    return code;
}

static enum obol_code sign(const struct operation *o) {
    return crypto_checksum(o->key, 17, slice_of(plaintext, o->length), mac_of(o), NULL);
}

static enum obol_code verify(const struct operation *o) {
    mac[2] ^= o->altered;
    enum obol_code code =
        crypto_verify(o->key, 17, enctype_checksum_type(crypto_key_enctype(o->key)),
                      slice_of(plaintext, o->length), slice_of_buf(mac_of(o)), NULL);
    mac[2] ^= o->altered;
    return code;
}

static enum obol_code sign_parts(const struct operation *o) {
    const size_t cut = o->length - 1; // of more than 512 bytes the first part fits a buffer alone
    const struct crypto_part parts[] = {{plaintext, NULL, cut < 500 ? cut : 500, true},
                                        {plaintext, NULL, o->length, true}};
    return crypto_checksum_parts(o->key, 25, parts, COUNT_OF(parts), mac_of(o), NULL);
}

// What the search must find: as long as can be, since the thread's end may write over some of it.
static enum obol_code leave_behind(const struct operation *o) {
    volatile uint8_t copy[LENGTH_MAX];
    UNUSED(o);
    for (size_t i = 0; i < sizeof copy; i++)
        copy[i] = plaintext[i];
    return copy[0] == plaintext[0] ? OBOL_OK : OBOL_INTERNAL;
}

struct run {
    enum obol_code (*call)(const struct operation *o);
    struct operation operation;
};

static void *run(void *arg) {
    struct run *r = arg;
    r->operation.code = r->call(&r->operation);
    return NULL;
}

// Whether the call leaves of the plaintext anything on its stack.
static bool leaves(enum obol_code (*call)(const struct operation *o), struct crypto_key *key,
                   size_t length, bool altered, enum obol_code expected) {
    struct run r = {call, {key, length, altered, OBOL_OK}};
    pthread_attr_t attr;
    pthread_t thread;
    memset(stack, 0, STACK_BYTES);
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstack(&attr, stack, STACK_BYTES), 0);
    assert_int_equal(pthread_create(&thread, &attr, run, &r), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_attr_destroy(&attr), 0);
    assert_code(r.operation.code, expected);
    return memmem(stack, STACK_BYTES, WORD, sizeof WORD - 1) != NULL;
}

static const size_t LENGTHS[] = {16, 31, 33, 100, 479, 480, 481, 495, 496, 497, 512, 513, 1200};

static const struct {
    const char *name;
    enum obol_code (*call)(const struct operation *o);
    bool altered;
    enum obol_code expected;
} ROWS[] = {
    {"seal", seal, false, OBOL_OK},
    {"open", open_sealed, false, OBOL_OK},
    {"open what was altered", open_sealed, true, OBOL_DECRYPT_INTEGRITY},
    {"seal parts", seal_parts, false, OBOL_OK},
    {"open parts", open_parts, false, OBOL_OK},
    {"open parts that were altered", open_parts, true, OBOL_DECRYPT_INTEGRITY},
    {"sign", sign, false, OBOL_OK},
    {"verify", verify, false, OBOL_OK},
    {"verify what was altered", verify, true, OBOL_CHECKSUM_MISMATCH},
    {"sign parts", sign_parts, false, OBOL_OK},
};

static void try_all(struct crypto_key *key, size_t length, bool counts) {
    for (size_t i = 0; i < COUNT_OF(ROWS); i++)
        if (leaves(ROWS[i].call, key, length, ROWS[i].altered, ROWS[i].expected) && counts)
            fail_msg("%s: %zu bytes are left behind by: %s", enctype_name(crypto_key_enctype(key)),
                     length, ROWS[i].name);
}

static void nothing_is_left_on_the_stack(void **state) {
    UNUSED(state);
    static const uint8_t bytes[CRYPTO_KEY_MAX] = "a key of thirty-two bytes";
    for (size_t i = 0; enctype_at(i); i++) {
        const int32_t number = enctype_number(enctype_at(i));
        struct crypto_key *key;
        if (number == ENCTYPE_CAMELLIA128 || number == ENCTYPE_CAMELLIA256)
            continue; // libcrypto's own functions leave half blocks there
        assert_ok(
            crypto_key_new(&key, number, slice_of(bytes, enctype_key_length(enctype_at(i))), NULL));
        for (size_t k = 0; k < COUNT_OF(LENGTHS); k++) {
            // Where the dynamic linker finds a function for the first time, it keeps all registers
            // on the stack.
            try_all(key, LENGTHS[k], false);
            assert_true(leaves(leave_behind, key, LENGTHS[k], false, OBOL_OK));
            try_all(key, LENGTHS[k], true);
        }
        crypto_key_free(key);
    }
}

static int start(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < sizeof plaintext; i++)
        plaintext[i] = (uint8_t)WORD[i % (sizeof WORD - 1)];
    stack = aligned_alloc(65536, STACK_BYTES);
    return stack ? 0 : -1;
}

static int stop(void **state) {
    UNUSED(state);
    free(stack);
    return 0;
}

int main(void) {
    const struct CMUnitTest cases[] = {cmocka_unit_test(nothing_is_left_on_the_stack)};
    return cmocka_run_group_tests(cases, start, stop);
}
