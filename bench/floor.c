// floor.c: see floor.h. AES runs in a kept EVP context, in one call a message, and no IV is set:
// CBC goes on from the last cipher block, which is added to the confounder. A sealed message has
// whole blocks here, so that of ciphertext stealing (RFC 3962 5) nothing is left but that two
// blocks change places. HMAC runs on the digests' plain structs behind the prepared pads.
// (EVP_MD_CTX_copy and EVP_MAC need 40 to 250 ns more a message, and setting an IV 85:
// docs/crypto-cost.md. A floor of them would flatter whoever stands on it.)
#define OPENSSL_SUPPRESS_DEPRECATED
#include "floor.h"
#include <openssl/camellia.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/rand.h>
#include <openssl/rc4.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 16, CONFOUNDER = 16, HEADER = 16 };

// An IV, which RFC 8009 5 digests, the confounder, the message, the header.
static _Alignas(64) uint8_t text[BLOCK + CONFOUNDER + FLOOR_MESSAGE_MAX + HEADER];
static _Alignas(64) uint8_t out[BLOCK + CONFOUNDER + FLOOR_MESSAGE_MAX + HEADER];
static uint8_t mac[64];

static enum { AES_SHA1, AES_SHA256, AES_SHA384, CAMELLIA, RC4_MD5 } kind;
static EVP_CIPHER_CTX *seal, *open_;
static uint8_t sealed_last[BLOCK], opened_last[BLOCK]; // where the chains stand
static union {
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
} inner, outer;
static CAMELLIA_KEY camellia;

static void add(uint8_t *to, const uint8_t *from) {
    uint64_t a[2], b[2];
    memcpy(a, to, BLOCK);
    memcpy(b, from, BLOCK);
    a[0] ^= b[0];
    a[1] ^= b[1];
    memcpy(to, a, BLOCK);
}

static void change_places(uint8_t *end) {
    uint8_t block[BLOCK];
    memcpy(block, end - BLOCK, BLOCK);
    memcpy(end - BLOCK, end - 2 * BLOCK, BLOCK);
    memcpy(end - 2 * BLOCK, block, BLOCK);
}

// A page is drawn ahead, as a call costs the same for 16 bytes as for 512.
static void confounder(uint8_t *to) {
    static uint8_t page[4096];
    static size_t left;
    if (left == 0) {
        RAND_bytes(page, sizeof page);
        left = sizeof page;
    }
    left -= CONFOUNDER;
    memcpy(to, page + left, CONFOUNDER);
}

#define HMAC(field, NAME)                                                                          \
    {                                                                                              \
        __typeof__(inner.field) run = inner.field;                                                 \
        NAME##_Update(&run, data, len);                                                            \
        NAME##_Final(mac, &run);                                                                   \
        run = outer.field;                                                                         \
        NAME##_Update(&run, mac, NAME##_DIGEST_LENGTH);                                            \
        NAME##_Final(mac, &run);                                                                   \
    }
#define SHA1_DIGEST_LENGTH SHA_DIGEST_LENGTH

static void digest(const uint8_t *data, size_t len) {
    if (kind == AES_SHA1)
        HMAC(sha1, SHA1)
    else if (kind == AES_SHA256)
        HMAC(sha256, SHA256)
    else
        HMAC(sha512, SHA384)
}

static void aes_seal(size_t total) {
    uint8_t *from = text + BLOCK, *to = out + BLOCK;
    confounder(from);
    if (kind == AES_SHA1)
        digest(from, total);
    add(from, sealed_last);
    EVP_Cipher(seal, to, from, (unsigned)total);
    memcpy(sealed_last, to + total - BLOCK, BLOCK);
    change_places(to + total);
    if (kind != AES_SHA1)
        digest(to - BLOCK, BLOCK + total);
}

static void aes_open(size_t total) {
    uint8_t *from = text + BLOCK, *to = out + BLOCK, last[BLOCK];
    if (kind != AES_SHA1)
        digest(from - BLOCK, BLOCK + total);
    change_places(from + total);
    memcpy(last, from + total - BLOCK, BLOCK);
    EVP_Cipher(open_, to, from, (unsigned)total);
    add(to, opened_last);
    memcpy(opened_last, last, BLOCK);
    if (kind == AES_SHA1)
        digest(to, total);
    (void)CRYPTO_memcmp(mac, last, sizeof last);
}

// CMAC is a second pass of the cipher in CBC.
static void camellia_pass(size_t total, bool encrypt) {
    uint8_t iv[BLOCK] = {0};
    Camellia_cbc_encrypt(text, out, total, &camellia, iv, encrypt);
}

// Each token has two keys of its own that are scheduled, and short HMACs of two blocks each from
// prepared pads (RFC 4757 7).
static void rc4_md5(size_t len, bool sealed) {
    static const uint8_t key[16] = {1, 2, 3};
    RC4_KEY stream;
    MD5_CTX md5;
    for (int i = 0; i < (sealed ? 6 : 4); i++) {
        MD5_Init(&md5);
        MD5_Transform(&md5, text);
    }
    MD5_Init(&md5);
    MD5_Update(&md5, text, len);
    MD5_Final(mac, &md5);
    RC4_set_key(&stream, sizeof key, key);
    RC4(&stream, 8, text, out);
    if (sealed) {
        RC4_set_key(&stream, sizeof key, key);
        RC4(&stream, len, text, out);
    }
}

void floor_sealed(size_t len, bool open) {
    const size_t total = CONFOUNDER + len + HEADER;
    if (kind == RC4_MD5) {
        rc4_md5(len, true);
    } else if (kind == CAMELLIA) {
        camellia_pass(total, !open);
        camellia_pass(total, true);
    } else if (open) {
        aes_open(total);
    } else {
        aes_seal(total);
    }
}

void floor_signed(size_t len) {
    if (kind == RC4_MD5)
        rc4_md5(len, false);
    else if (kind == CAMELLIA)
        camellia_pass(len + HEADER, true);
    else
        digest(text, len + HEADER);
}

static void start_digest(const uint8_t *key) {
    if (kind == AES_SHA1) {
        SHA1_Init(&inner.sha1);
        SHA1_Update(&inner.sha1, key, SHA_CBLOCK);
    } else if (kind == AES_SHA256) {
        SHA256_Init(&inner.sha256);
        SHA256_Update(&inner.sha256, key, SHA256_CBLOCK);
    } else {
        SHA384_Init(&inner.sha512);
        SHA384_Update(&inner.sha512, key, SHA512_CBLOCK);
    }
    outer = inner; // as dear as the right one
}

bool floor_start(const char *enctype) {
    static const uint8_t key[128] = {1, 2, 3};
    kind = strncmp(enctype, "camellia", 8) == 0 ? CAMELLIA
           : strncmp(enctype, "aes", 3) != 0    ? RC4_MD5
           : strstr(enctype, "sha384")          ? AES_SHA384
           : strstr(enctype, "sha256")          ? AES_SHA256
                                                : AES_SHA1;
    const bool wide = strstr(enctype, "256-cts") != NULL;
    Camellia_set_key(key, wide ? 256 : 128, &camellia);
    start_digest(key);
    const EVP_CIPHER *cipher = wide ? EVP_aes_256_cbc() : EVP_aes_128_cbc();
    seal = EVP_CIPHER_CTX_new();
    open_ = EVP_CIPHER_CTX_new();
    return seal && open_ && EVP_EncryptInit_ex(seal, cipher, NULL, key, key) &&
           EVP_DecryptInit_ex(open_, cipher, NULL, key, key);
}
