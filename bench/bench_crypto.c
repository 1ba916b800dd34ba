// bench_crypto.c: nanoseconds of CPU per operation and enctype, for the messages of an AS and a TGS
// exchange: docs/crypto-cost.md has its output. Each figure is the best of several runs.
#include "crypto/crypto.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint8_t text[1024], sealed[1100], opened[1100], sum[CRYPTO_CKSUM_MAX];
static const uint8_t bytes[CRYPTO_KEY_MAX] = "a key of the bench";
static struct arena arena;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(enum obol_code code) {
    if (code == OBOL_OK)
        return;
    fprintf(stderr, "%s\n", error_info(code)->name);
    exit(1);
}

static void no_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    memset(out.ptr, 7, out.len);
}
static const struct env quiet = {.random = no_random}; // so that only the cryptography is counted

struct work {
    const struct enctype *e;
    struct crypto_key *key; // NULL: a fresh one in the arena each time
    size_t len;
};

static struct crypto_key *key_of(const struct work *w) {
    struct crypto_key *key = w->key;
    if (key)
        return key;
    arena_reset(&arena);
    must(crypto_key_in_arena(&key, &arena, enctype_number(w->e),
                             slice_of(bytes, enctype_key_length(w->e)), NULL));
    return key;
}

static void do_seal(const struct work *w) {
    struct buf out = buf_of(sealed, enctype_sealed_length(w->e, w->len));
    must(crypto_seal(key_of(w), 8, &quiet, slice_of(text, w->len), out, NULL));
}

static void do_open(const struct work *w) {
    struct slice plain, in = slice_of(sealed, enctype_sealed_length(w->e, w->len));
    must(crypto_open(key_of(w), 8, in, buf_of(opened, sizeof opened), &plain, NULL));
}

static void do_checksum(const struct work *w) {
    struct buf out = buf_of(sum, enctype_checksum_length(w->e));
    must(crypto_checksum(key_of(w), 6, slice_of(text, w->len), out, NULL));
}

static void do_prepare(const struct work *w) {
    struct crypto_key *key;
    must(crypto_key_new(&key, enctype_number(w->e), slice_of(bytes, enctype_key_length(w->e)),
                        NULL));
    crypto_key_warm(key, 2);
    crypto_key_free(key);
}

static void do_random(const struct work *w) {
    env_random(env_system(), buf_of(sealed, w->len));
}

static void measure(void (*operation)(const struct work *w), const struct work *w) {
    const int count = 4000;
    double best = 1e12;
    for (int run = 0; run < 7; run++) {
        double start = now();
        for (int i = 0; i < count; i++)
            operation(w);
        double each = (now() - start) / count;
        best = each < best ? each : best;
    }
    printf(" %9.0f", best);
    fflush(stdout);
}

static void row(const struct enctype *e) {
    struct work w = {.e = e};
    printf("%-27s", enctype_name(e));
    must(crypto_key_new(&w.key, enctype_number(e), slice_of(bytes, enctype_key_length(e)), NULL));
    w.len = 250;
    measure(do_seal, &w);
    w.len = 60;
    do_seal(&w);
    measure(do_open, &w);
    w.len = 300;
    do_seal(&w);
    measure(do_open, &w);
    w.len = 150;
    measure(do_checksum, &w);
    measure(do_prepare, &w);
    crypto_key_free(w.key);
    w.key = NULL;
    w.len = 250;
    measure(do_seal, &w);
    w.len = 100;
    do_seal(&w);
    measure(do_open, &w);
    w.len = 150;
    measure(do_checksum, &w);
    printf("\n");
}

int main(void) {
    if (!arena_init(&arena, 1 << 16, 1 << 16))
        return 1;
    printf("%-27s %49s %29s\n", "ns of CPU", "a kept key", "a fresh key in an arena");
    printf("%-27s %9s %9s %9s %9s %9s %9s %9s %9s\n", "", "seal 250", "open 60", "open 300",
           "sum 150", "prepare", "seal 250", "open 100", "sum 150");
    for (size_t i = 0; enctype_at(i); i++)
        row(enctype_at(i));
    printf("%-27s", "env_system random, 16 bytes");
    measure(do_random, &(struct work){.len = 16});
    printf("\n");
    arena_clear(&arena);
    return 0;
}
