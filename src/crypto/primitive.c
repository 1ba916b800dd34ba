// primitive.c: the ciphers of libcrypto; see primitive.h. The digests are in digest.c.
//
// AES goes through EVP, since only EVP reaches the AES instructions: the old AES_* functions are
// ten times slower. A context is keyed once and kept. Two things make it cheap. CBC goes on from
// the last cipher block, so instead of setting a zero IV (85 ns) the last block, which is known, is
// added to the first block of the next message. And EVP_Cipher takes no part in padding, whose
// switching off would cost 33 ns at each keying. Algorithms are fetched once, and nothing runs
// CPUID after libcrypto's start.
#define OPENSSL_SUPPRESS_DEPRECATED // Camellia_ and RC4_ are old, but kept up and not slower
#include "crypto/primitive.h"
#include "base/ct.h"
#include "crypto/library.h"
#include <openssl/camellia.h>
#include <openssl/evp.h>
#include <openssl/rc4.h>
#include <pthread.h>

_Static_assert(sizeof(struct camellia) == sizeof(CAMELLIA_KEY), "libcrypto's key schedule");
_Static_assert(sizeof(struct rc4_stream) == sizeof(RC4_KEY), "libcrypto's RC4 state");

// What is fetched once: index 0 for 128-bit keys, 1 for 256-bit keys.
static struct {
    EVP_CIPHER *cbc[2], *ecb[2];
    pthread_key_t thread_end;
    bool ready;
} library;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

// The ciphers that a thread lends to keys which live too short to own any.
struct pool {
    struct cipher ciphers[CIPHER_USES][2];
    uint64_t next_identity;
    bool registered;
};
static _Thread_local struct pool pool;

static void pool_clear(void *arg) {
    struct pool *p = arg;
    for (size_t use = 0; use < CIPHER_USES; use++)
        for (size_t i = 0; i < 2; i++)
            cipher_clear(&p->ciphers[use][i]);
}

// The same for the direction that undoes the chaining, on two blocks of zeros enciphered.
static bool opens(const uint8_t sealed[2 * BLOCK_LENGTH]) {
    static const uint8_t key[16] = {1}, zeros[2 * BLOCK_LENGTH];
    struct cipher c = {0};
    uint8_t out[2 * BLOCK_LENGTH];
    bool ok = true;
    for (uint64_t identity = 1; ok && identity < 3; identity++)
        ok = cipher_key_aes(&c, CIPHER_OPEN_CHAIN, slice_of(key, 16), identity) &&
             cipher_cbc_open(&c, sealed, out, sizeof out, true) &&
             memcmp(out, zeros, sizeof out) == 0;
    cipher_clear(&c);
    return ok;
}

// Keying again without an IV must bring back the first one, of zeros: cipher_key_aes relies on it.
static bool behaves(void) {
    static const uint8_t key[16] = {1};
    struct cipher c = {0};
    uint8_t first[2 * BLOCK_LENGTH] = {0}, second[2 * BLOCK_LENGTH] = {0};
    bool ok = cipher_key_aes(&c, CIPHER_SEAL, slice_of(key, 16), 1) &&
              cipher_cbc(&c, first, sizeof first, true) &&
              cipher_key_aes(&c, CIPHER_SEAL, slice_of(key, 16), 2) &&
              cipher_cbc(&c, second, sizeof second, true) &&
              memcmp(first, second, sizeof first) == 0;
    memset(second, 0, sizeof second);
    ok = ok && cipher_cbc(&c, second, sizeof second, true) &&
         memcmp(first, second, sizeof first) == 0;
    cipher_clear(&c);
    return ok && opens(first);
}

static void library_start(void) {
    OSSL_LIB_CTX *context = library_context();
    if (!context)
        return;
    library.cbc[0] = EVP_CIPHER_fetch(context, "AES-128-CBC", NULL);
    library.cbc[1] = EVP_CIPHER_fetch(context, "AES-256-CBC", NULL);
    library.ecb[0] = EVP_CIPHER_fetch(context, "AES-128-ECB", NULL);
    library.ecb[1] = EVP_CIPHER_fetch(context, "AES-256-ECB", NULL);
    library.ready = library.cbc[0] && library.cbc[1] && library.ecb[0] && library.ecb[1] &&
                    pthread_key_create(&library.thread_end, pool_clear) == 0 && behaves();
}

bool primitive_start(void) {
    return pthread_once(&library_once, library_start) == 0 && library.ready;
}

// Taken a million at a time, so that no counter is written by two threads for each key.
uint64_t identity_new(void) {
    static uint64_t taken;
    if ((pool.next_identity & 0xfffff) == 0)
        pool.next_identity = __atomic_add_fetch(&taken, 1, __ATOMIC_RELAXED) << 20;
    return pool.next_identity++;
}

void cipher_clear(struct cipher *c) {
    EVP_CIPHER_CTX_free(c->aes); // wipes the schedule
    wipe(c, sizeof *c);
}

static bool init_aes(struct cipher *c, enum cipher_use use, struct slice key) {
    static const uint8_t zero_iv[BLOCK_LENGTH];
    size_t wide = key.len == 32;
    bool first = c->aes == NULL;
    if (first)
        c->aes = EVP_CIPHER_CTX_new();
    if (!c->aes)
        return false;
    if (use == CIPHER_OPEN)
        return EVP_DecryptInit_ex2(c->aes, first ? library.ecb[wide] : NULL, key.ptr, NULL, NULL);
    const EVP_CIPHER *cbc = first ? library.cbc[wide] : NULL;
    const uint8_t *iv = first ? zero_iv : NULL;
    if (use == CIPHER_OPEN_CHAIN)
        return EVP_DecryptInit_ex2(c->aes, cbc, key.ptr, iv, NULL);
    return EVP_EncryptInit_ex2(c->aes, cbc, key.ptr, iv, NULL);
}

bool cipher_key_aes(struct cipher *c, enum cipher_use use, struct slice key, uint64_t identity) {
    if (!init_aes(c, use, key)) {
        cipher_clear(c);
        return false;
    }
    memset(c->chain, 0, sizeof c->chain);
    c->identity = identity;
    return true;
}

struct cipher *cipher_pooled(enum cipher_use use, struct slice key, uint64_t identity) {
    struct cipher *c = &pool.ciphers[use][key.len == 32];
    if (LIKELY(c->identity == identity))
        return c;
    if (UNLIKELY(!pool.registered)) {
        if (pthread_setspecific(library.thread_end, &pool) != 0)
            return NULL;
        pool.registered = true;
    }
    return cipher_key_aes(c, use, key, identity) ? c : NULL;
}

static void add_block(uint8_t *to, const uint8_t *from) {
    uint64_t a[2], b[2];
    memcpy(a, to, sizeof a);
    memcpy(b, from, sizeof b);
    a[0] ^= b[0];
    a[1] ^= b[1];
    memcpy(to, a, sizeof a);
}

static bool run_aes(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len) {
    if (LIKELY(EVP_Cipher(c->aes, out, in, (unsigned)len) > 0))
        return true;
    cipher_clear(c); // where its chain stands is not known any more
    return false;
}

static bool cbc_aes(struct cipher *c, uint8_t *data, size_t len, bool fresh) {
    if (fresh)
        add_block(data, c->chain);
    if (!run_aes(c, data, data, len))
        return false;
    memcpy(c->chain, data + len - BLOCK_LENGTH, BLOCK_LENGTH);
    return true;
}

bool cipher_cbc(struct cipher *c, uint8_t *data, size_t len, bool fresh) {
    if (len == 0 || len % BLOCK_LENGTH || len > INT32_MAX)
        return false;
    if (!c->camellia)
        return c->aes && cbc_aes(c, data, len, fresh);
    if (fresh)
        memset(c->chain, 0, sizeof c->chain);
    Camellia_cbc_encrypt(data, data, len, (const CAMELLIA_KEY *)c->camellia, c->chain, 1);
    return true;
}

bool cipher_cbc_to(struct cipher *c, uint8_t *in, uint8_t *out, size_t len) {
    uint8_t first[BLOCK_LENGTH];
    memcpy(first, in, sizeof first);
    if (!c->camellia)
        add_block(in, c->chain);
    else
        memset(c->chain, 0, sizeof c->chain);
    bool ok = cipher_cbc_next(c, in, out, len);
    memcpy(in, first, sizeof first);
    return ok;
}

bool cipher_cbc_next(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len) {
    if (len == 0 || len % BLOCK_LENGTH || len > INT32_MAX)
        return false;
    if (c->camellia) {
        Camellia_cbc_encrypt(in, out, len, (const CAMELLIA_KEY *)c->camellia, c->chain, 1);
        return true;
    }
    if (!c->aes || !run_aes(c, in, out, len))
        return false;
    memcpy(c->chain, out + len - BLOCK_LENGTH, BLOCK_LENGTH);
    return true;
}

bool cipher_cbc_open(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len, bool fresh) {
    if (len == 0 || len % BLOCK_LENGTH || len > INT32_MAX)
        return false;
    if (c->camellia) {
        if (fresh)
            memset(c->chain, 0, sizeof c->chain);
        Camellia_cbc_encrypt(in, out, len, (const CAMELLIA_KEY *)c->camellia, c->chain, 0);
        return true;
    }
    uint8_t last[BLOCK_LENGTH]; // `out` may write over it
    memcpy(last, in + len - BLOCK_LENGTH, BLOCK_LENGTH);
    if (!c->aes || !run_aes(c, in, out, len))
        return false;
    if (fresh) // libcrypto added the chain, where zeros were meant
        add_block(out, c->chain);
    memcpy(c->chain, last, BLOCK_LENGTH);
    return true;
}

bool cipher_blocks_open(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len) {
    if (len == 0 || len % BLOCK_LENGTH || len > INT32_MAX)
        return false;
    if (!c->camellia)
        return c->aes && EVP_Cipher(c->aes, out, in, (unsigned)len) > 0;
    for (size_t i = 0; i < len; i += BLOCK_LENGTH)
        Camellia_decrypt(in + i, out + i, (const CAMELLIA_KEY *)c->camellia);
    return true;
}

void camellia_key(struct camellia *k, struct slice key) {
    Camellia_set_key(key.ptr, (int)(8 * key.len), (CAMELLIA_KEY *)k);
}

// Encrypts one block; in and out may be the same.
static void camellia_block(const struct camellia *k, const uint8_t *in, uint8_t *out) {
    Camellia_encrypt(in, out, (const CAMELLIA_KEY *)k);
}

void rc4_start(struct rc4_stream *s, struct slice key) {
    RC4_set_key((RC4_KEY *)s, (int)key.len, key.ptr);
}

void rc4_run(struct rc4_stream *s, const uint8_t *in, uint8_t *out, size_t len) {
    RC4((RC4_KEY *)s, len, in, out);
}

void rc4(struct slice key, const uint8_t *in, uint8_t *out, size_t len) {
    struct rc4_stream s;
    rc4_start(&s, key);
    rc4_run(&s, in, out, len);
    wipe(&s, sizeof s);
}

// Doubling in GF(2^128), SP 800-38B 6.1, without a branch on the secret.
static void cmac_double(const uint8_t *in, uint8_t *out) {
    uint8_t carry = (uint8_t)(in[0] >> 7);
    for (size_t i = 0; i + 1 < BLOCK_LENGTH; i++)
        out[i] = (uint8_t)(in[i] << 1 | in[i + 1] >> 7);
    out[15] = (uint8_t)((in[15] << 1) ^ (0x87 & -carry));
}

void cmac_prepare(struct cmac *m, struct slice key) {
    uint8_t l[BLOCK_LENGTH] = {0};
    camellia_key(&m->key, key);
    camellia_block(&m->key, l, l);
    cmac_double(l, m->k1);
    cmac_double(m->k1, m->k2);
    wipe(l, sizeof l);
}

void cmac_begin(struct cmac_run *run, const struct cmac *m) {
    *run = (struct cmac_run){.m = m};
}

// A full block is enciphered once it is known not to be the last.
void cmac_add(struct cmac_run *run, const uint8_t *data, size_t len) {
    while (len) {
        if (run->at == BLOCK_LENGTH) {
            camellia_block(&run->m->key, run->x, run->x);
            run->at = 0;
        }
        size_t n = BLOCK_LENGTH - run->at < len ? BLOCK_LENGTH - run->at : len;
        if (n == BLOCK_LENGTH)
            add_block(run->x, data);
        else
            for (size_t i = 0; i < n; i++)
                run->x[run->at + i] ^= data[i];
        run->at += n;
        data += n;
        len -= n;
    }
}

void cmac_end(struct cmac_run *run, uint8_t out[BLOCK_LENGTH]) {
    bool whole = run->at == BLOCK_LENGTH;
    if (!whole)
        run->x[run->at] ^= 0x80;
    add_block(run->x, whole ? run->m->k1 : run->m->k2);
    camellia_block(&run->m->key, run->x, out);
    wipe(run, sizeof *run);
}

void cmac_compute(const struct cmac *m, const struct slice *parts, size_t count,
                  uint8_t out[BLOCK_LENGTH]) {
    struct cmac_run run;
    cmac_begin(&run, m);
    for (size_t p = 0; p < count; p++)
        cmac_add(&run, parts[p].ptr, parts[p].len);
    cmac_end(&run, out);
}
