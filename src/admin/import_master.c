// import_master.c: the master keys of another KDC, as its stash file has them, and what is sealed
// under them.
#include "admin/import.h"
#include "base/ct.h"
#include "base/reader.h"
#include "cred/keytab.h"
#include "crypto/library.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { DES3_BLOCK = 8, DES3_SEED = 21, DES3_MAC = 20 };

const struct import_master *import_master_find(const struct import_master *list, size_t count,
                                               uint32_t kvno) {
    for (size_t i = 0; i < count; i++)
        if (list[i].kvno == kvno)
            return &list[i];
    return NULL;
}

// ---- des3-cbc-sha1-kd (RFC 3961 6.3), opening only

static bool des3_cbc(const uint8_t *key, bool decrypt, struct slice in, uint8_t *out) {
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    static const uint8_t iv[DES3_BLOCK] = {0};
    int n = 0;
    bool done = c &&
                EVP_CipherInit_ex(c, EVP_des_ede3_cbc(), NULL, key, iv, decrypt ? 0 : 1) == 1 &&
                EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
                EVP_CipherUpdate(c, out, &n, in.ptr, (int)in.len) == 1 && (size_t)n == in.len;
    EVP_CIPHER_CTX_free(c);
    return done;
}

// RFC 3961 6.3.1: seven bytes of seed give eight with parity, the lowest bits in the last.
static void des3_random_to_key(const uint8_t seed[DES3_SEED], uint8_t key[IMPORT_DES3_BYTES]) {
    for (size_t k = 0; k < 3; k++) {
        const uint8_t *in = seed + 7 * k;
        uint8_t *out = key + 8 * k;
        memcpy(out, in, 7);
        for (size_t i = 0; i < 7; i++)
            out[7] = (uint8_t)(out[7] | (in[i] & 1) << (i + 1));
        for (size_t i = 0; i < 8; i++) {
            unsigned odd = 1;
            for (unsigned bit = 1; bit < 8; bit++)
                odd ^= (unsigned)out[i] >> bit & 1;
            out[i] = (uint8_t)((out[i] & 0xfe) | odd);
        }
    }
}

// RFC 3961 5.1: a key of a usage.
static bool des3_derive(struct slice base, uint32_t usage, uint8_t kind,
                        uint8_t key[IMPORT_DES3_BYTES]) {
    uint8_t constant[5] = {(uint8_t)(usage >> 24), (uint8_t)(usage >> 16), (uint8_t)(usage >> 8),
                           (uint8_t)usage, kind};
    uint8_t block[DES3_BLOCK], seed[3 * DES3_BLOCK] = {0};
    bool done = true;
    crypto_nfold(slice_of(constant, sizeof constant), buf_of(block, sizeof block));
    for (size_t i = 0; i < 3; i++) {
        done = done && des3_cbc(base.ptr, false, slice_of(block, sizeof block), seed + 8 * i);
        memcpy(block, seed + 8 * i, sizeof block);
    }
    memset(key, 0, IMPORT_DES3_BYTES);
    des3_random_to_key(seed, key);
    wipe(seed, sizeof seed);
    return done;
}

enum obol_code import_des3_open(struct slice key, uint32_t usage, struct slice sealed,
                                struct arena *a, struct slice *plain, struct error *err) {
    uint8_t ke[IMPORT_DES3_BYTES], ki[IMPORT_DES3_BYTES], mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    ENSURE(key.len == IMPORT_DES3_BYTES, KEY_LENGTH, "a key of des3 has %zu bytes", key.len);
    ENSURE(sealed.len >= 2 * DES3_BLOCK + DES3_MAC && (sealed.len - DES3_MAC) % DES3_BLOCK == 0,
           DECRYPT_INTEGRITY, "%zu sealed bytes", sealed.len);
    struct slice body = slice_sub(sealed, 0, sealed.len - DES3_MAC);
    struct buf out = arena_buf(a, body.len);
    ENSURE_MEMORY(out.ptr);
    CLEANUP(library_leave) struct library_use use = library_enter();
    bool done = des3_derive(key, usage, 0xaa, ke) && des3_derive(key, usage, 0x55, ki) &&
                des3_cbc(ke, true, body, out.ptr) &&
                HMAC(EVP_sha1(), ki, sizeof ki, out.ptr, out.len, mac, &mac_len) != NULL;
    bool same = done && ct_equal(slice_of(mac, DES3_MAC), slice_sub(sealed, body.len, DES3_MAC));
    wipe(ke, sizeof ke);
    wipe(ki, sizeof ki);
    if (!same)
        wipe(out.ptr, out.len);
    ENSURE(done, CRYPTO_LIBRARY, "des3 cannot be used");
    ENSURE(same, DECRYPT_INTEGRITY, "the master key does not open it");
    *plain = slice_sub(slice_of_buf(out), DES3_BLOCK, out.len);
    return OBOL_OK;
}

enum obol_code import_open(const struct import_master *m, uint32_t usage, struct slice sealed,
                           struct arena *a, struct slice *plain, struct error *err) {
    if (!m->key)
        return import_des3_open(m->bytes, usage, sealed, a, plain, err);
    struct buf room = arena_buf(a, enctype_opened_length(crypto_key_enctype(m->key), sealed.len));
    ENSURE_MEMORY(room.ptr);
    return crypto_open(m->key, usage, sealed, room, plain, err);
}

// ---- the stash file

// Before 1.7 MIT's stash was the enctype (two bytes), the length (four) and the bytes of the key,
// in the machine's own order.
static enum obol_code read_old(struct slice bytes, struct arena *a, struct admin_import *out,
                               struct error *err) {
    struct reader r = reader_of(bytes);
    int32_t enctype = reader_le16(&r);
    uint32_t len = reader_le32(&r);
    struct slice key = reader_rest(&r);
    ENSURE(reader_ok(&r) && len == key.len && key.len, FORMAT,
           "it is neither a keytab nor an old stash file (%zu bytes)", bytes.len);
    out->masters = arena_zalloc(a, 1, sizeof *out->masters);
    ENSURE_MEMORY(out->masters);
    out->masters[0] = (struct admin_import_key){1, enctype, key};
    out->master_count = 1;
    return OBOL_OK;
}

enum obol_code admin_import_stash(struct slice bytes, struct arena *a, struct admin_import *out,
                                  struct error *err) {
    struct keytab_content content;
    if (bytes.len < 2 || bytes.ptr[0] != 5)
        return read_old(bytes, a, out, err);
    TRY(keytab_parse(bytes, "the stash file", a, &content, err));
    ENSURE(content.count, FORMAT, "the stash file holds no key");
    out->masters = arena_zalloc(a, content.count, sizeof *out->masters);
    ENSURE_MEMORY(out->masters);
    for (size_t i = 0; i < content.count; i++) {
        const struct keytab_entry *e = &content.entries[i];
        out->masters[out->master_count++] =
            (struct admin_import_key){e->kvno, e->key.keytype, e->key.keyvalue};
    }
    return OBOL_OK;
}
