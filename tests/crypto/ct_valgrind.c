// ct_valgrind.c: run under valgrind, with secrets marked as undefined memory: it then reports each
// branch and each address that depends on one. Comparing must give no report but for the verdict
// itself, wherever the first difference stands; sealing with a secret key must give none at all.
#include "base/ct.h"
#include "crypto/crypto.h"
#include "crypto/spake.h"
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

static int failures;

static void expect(const char *what, unsigned long got, unsigned long wanted) {
    if (got == wanted)
        return;
    printf("%s: %lu reports instead of %lu\n", what, got, wanted);
    failures++;
}

static unsigned long reports(void) {
    return VALGRIND_COUNT_ERRORS;
}

static void comparison(void) {
    for (size_t differ = 0; differ <= 24; differ++) {
        uint8_t a[24] = {0}, b[24] = {0};
        if (differ < 24)
            b[differ] = 1;
        VALGRIND_MAKE_MEM_UNDEFINED(a, sizeof a);
        VALGRIND_MAKE_MEM_UNDEFINED(b, sizeof b);
        unsigned long before = reports();
        bool same = ct_equal(slice_of(a, sizeof a), slice_of(b, sizeof b));
        VALGRIND_MAKE_MEM_DEFINED(&same, sizeof same);
        expect("ct_equal", reports() - before, 0);
        if (same != (differ == 24))
            failures++;
    }
}

// A compare that stops early must be seen, or this test sees nothing.
static void control(void) {
    volatile uint8_t a[24] = {0}, b[24] = {0};
    VALGRIND_MAKE_MEM_UNDEFINED(a, sizeof a);
    unsigned long before = reports();
    size_t i = 0;
    while (i < sizeof a && a[i] == b[i])
        i++;
    if (reports() == before) {
        printf("a comparison that stops early went unnoticed\n");
        failures++;
    }
}

static struct crypto_key *secret_key(const struct enctype *e) {
    uint8_t bytes[CRYPTO_KEY_MAX] = "a key that nobody knows";
    struct crypto_key *key;
    VALGRIND_MAKE_MEM_UNDEFINED(bytes, sizeof bytes);
    if (crypto_key_new(&key, enctype_number(e), slice_of(bytes, enctype_key_length(e)), NULL) !=
        OBOL_OK)
        exit(1);
    return key;
}

// Of fifty bytes the cipher and the digest are two passes, of more than 512 they go in steps.
static const uint8_t plaintext[1500] = "a plaintext that is secret as well";

static void sealing(const struct enctype *e, struct crypto_key *key, size_t length) {
    uint8_t out[sizeof plaintext + 64], back[sizeof out], altered[sizeof out];
    size_t len = enctype_sealed_length(e, length);
    unsigned long before = reports();
    if (crypto_seal(key, 7, env_system(), slice_of(plaintext, length), buf_of(out, len), NULL) !=
        OBOL_OK)
        failures++;
    expect(enctype_name(e), reports() - before, 0);
    // One report for the verdict, wherever the message was altered, and if it was not.
    for (size_t at = 0; at <= enctype_checksum_length(e); at++) {
        struct slice opened;
        memcpy(altered, out, len);
        altered[len - 1 - at] ^= at != enctype_checksum_length(e);
        before = reports();
        (void)!crypto_open(key, 7, slice_of(altered, len), buf_of(back, sizeof back), &opened,
                           NULL);
        expect("the verdict of crypto_open", reports() - before, 1);
    }
}

// A message of the GSS-API: parts that end inside a block, and one that is only signed.
static void sealing_parts(const struct enctype *e, struct crypto_key *key) {
    uint8_t confounder[16], first[700], last[213], mac[CRYPTO_CKSUM_MAX];
    size_t length = enctype_checksum_length(e);
    const struct crypto_part parts[] = {
        {confounder, confounder, enctype_confounder_length(e), false},
        {plaintext, first, sizeof first, false},
        {plaintext, NULL, 33, true},
        {plaintext, last, sizeof last, false},
    };
    unsigned long before = reports();
    if (crypto_seal_parts(key, 24, env_system(), parts, COUNT_OF(parts), buf_of(mac, length),
                          NULL) != OBOL_OK)
        failures++;
    expect("crypto_seal_parts", reports() - before, 0);
    for (size_t at = 0; at <= length; at++) {
        struct crypto_part sealed[COUNT_OF(parts)];
        uint8_t opened[3][sizeof first], altered[CRYPTO_CKSUM_MAX];
        memcpy(sealed, parts, sizeof sealed);
        memcpy(altered, mac, length);
        altered[at % length] ^= at < length;
        sealed[0].out = opened[0];
        sealed[1] = (struct crypto_part){first, opened[1], sizeof first, false};
        sealed[3] = (struct crypto_part){last, opened[2], sizeof last, false};
        before = reports();
        (void)!crypto_open_parts(key, 24, sealed, COUNT_OF(sealed), slice_of(altered, length),
                                 NULL);
        expect("the verdict of crypto_open_parts", reports() - before, 1);
    }
}

static void verifying_parts(const struct enctype *e, struct crypto_key *key) {
    uint8_t mac[CRYPTO_CKSUM_MAX];
    size_t length = enctype_checksum_length(e);
    const struct crypto_part parts[] = {{plaintext, NULL, 1000, false},
                                        {plaintext, NULL, 16, true}};
    unsigned long before = reports();
    if (crypto_checksum_parts(key, 25, parts, COUNT_OF(parts), buf_of(mac, length), NULL) !=
        OBOL_OK)
        failures++;
    expect("crypto_checksum_parts", reports() - before, 0);
    for (size_t at = 0; at <= length; at++) {
        mac[at % length] ^= at < length;
        before = reports();
        (void)!crypto_verify_parts(key, 25, parts, COUNT_OF(parts), slice_of(mac, length), NULL);
        expect("the verdict of crypto_verify_parts", reports() - before, 1);
        mac[at % length] ^= at < length;
    }
}

static void verifying(const struct enctype *e, struct crypto_key *key) {
    uint8_t sum[CRYPTO_CKSUM_MAX];
    struct slice data = SLICE_LITERAL("signed");
    size_t len = enctype_checksum_length(e);
    unsigned long before = reports();
    if (crypto_checksum(key, 17, data, buf_of(sum, len), NULL) != OBOL_OK)
        failures++;
    expect("crypto_checksum", reports() - before, 0);
    for (size_t at = 0; at <= len; at++) {
        sum[at % len] ^= at < len;
        before = reports();
        (void)!crypto_verify(key, 17, enctype_checksum_type(e), data, slice_of(sum, len), NULL);
        expect("the verdict of crypto_verify", reports() - before, 1);
        sum[at % len] ^= at < len;
    }
}

// Neither w nor the private key may show in the time that edwards25519 takes. (The NIST curves are
// libcrypto's own.)
static void spake(void) {
    const struct spake_group *g = spake_group_find(SPAKE_GROUP_EDWARDS25519);
    uint8_t w[32], x[32], t[32], s[32], result[32];
    env_random(env_system(), buf_of(w, 32));
    if (spake_private(g, env_system(), buf_of(x, 32), NULL) != OBOL_OK ||
        spake_public(g, false, slice_of(w, 32), slice_of(x, 32), buf_of(s, 32), NULL) != OBOL_OK)
        failures++;
    VALGRIND_MAKE_MEM_UNDEFINED(w, sizeof w);
    VALGRIND_MAKE_MEM_UNDEFINED(x, sizeof x);
    unsigned long before = reports();
    if (spake_public(g, true, slice_of(w, 32), slice_of(x, 32), buf_of(t, 32), NULL) != OBOL_OK)
        failures++;
    expect("spake_public", reports() - before, 0);
    before = reports();
    (void)!spake_result(g, true, slice_of(w, 32), slice_of(x, 32), slice_of(s, 32),
                        buf_of(result, 32), NULL);
    // That the result is not nothing is told by what follows anyway.
    expect("the verdict of spake_result", reports() - before, 1);
}

int main(void) {
    if (!RUNNING_ON_VALGRIND) {
        printf("this program says nothing unless it runs under valgrind\n");
        return 1;
    }
    comparison();
    control();
    // Not rc4 and Camellia: their ciphers look up tables by the key's bytes, in every library.
    for (size_t i = 0; enctype_at(i); i++) {
        int32_t number = enctype_number(enctype_at(i));
        if (number < ENCTYPE_AES128_SHA1 || number > ENCTYPE_AES256_SHA384)
            continue;
        struct crypto_key *key = secret_key(enctype_at(i));
        for (size_t length = 50; length < sizeof plaintext; length *= 25)
            sealing(enctype_at(i), key, length);
        sealing_parts(enctype_at(i), key);
        verifying(enctype_at(i), key);
        verifying_parts(enctype_at(i), key);
        crypto_key_free(key);
    }
    spake();
    printf("%d failures\n", failures);
    return failures != 0;
}
