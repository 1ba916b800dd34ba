// master.c: master keys and what they seal.
//
// The file: "OBOLMKEY", the format 1 (1 byte), the number of keys (1 byte), then for each its
// version (4 bytes, big endian, ascending) and 32 bytes, and at the end a CRC-32C of all before it.
// The highest version is the current one.
//
// A sealed key is nonce (12 bytes), ciphertext, tag (16 bytes) of AES-256-GCM; the version, the
// record's id, the kvno and the enctype are authenticated with it. Nonces are random: a version
// serves for 2^32 keys (NIST SP 800-38D 8.3), far more than a realm draws between replacements.
#include "store/master.h"
#include "base/ct.h"
#include "base/reader.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/library.h"
#include "store/crc32c.h"
#include "store/files.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16, VERSIONS_MAX = 32 };
enum { FILE_HEADER = 10, FILE_ENTRY = 4 + KEY_BYTES, FILE_SUM = 4 };
enum { FILE_MAX = FILE_HEADER + VERSIONS_MAX * FILE_ENTRY + FILE_SUM };
static const char MAGIC[] = "OBOLMKEY";

struct version {
    uint32_t number;
    uint8_t *key;         // KEY_BYTES in master.keys
    EVP_CIPHER_CTX *seal; // prepared with the key; an operation sets the nonce only
    EVP_CIPHER_CTX *open;
};
struct master {
    char path[PATH_MAX];
    struct secret keys; // a place for each version
    struct version versions[VERSIONS_MAX];
    size_t count;
    uint32_t keep_from; // lower versions are retired: kept here, no longer in the file
};

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

void master_free(struct master *m) {
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++) {
        EVP_CIPHER_CTX_free(m->versions[i].seal);
        EVP_CIPHER_CTX_free(m->versions[i].open);
    }
    secret_clear(&m->keys);
    free(m);
}

// The file may be read again after the process went to another directory.
static bool absolute_path(const char *path, char out[PATH_MAX]) {
    char here[PATH_MAX] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here))
        return false;
    int n = snprintf(out, PATH_MAX, "%s%s%s", here, here[0] ? "/" : "", path);
    return n > 0 && n < PATH_MAX;
}

static enum obol_code master_new(struct master **out, const char *path, struct error *err) {
    *out = NULL;
    struct master *m = calloc(1, sizeof *m);
    ENSURE(m, NO_MEMORY, "no memory for the master keys");
    if (!absolute_path(path, m->path) || !secret_init(&m->keys, VERSIONS_MAX * KEY_BYTES)) {
        free(m);
        return error_set(err, OBOL_NO_MEMORY, __func__,
                         "no memory for the master keys, or too long a path");
    }
    *out = m;
    return OBOL_OK;
}

static const struct version *find(const struct master *m, uint32_t number) {
    for (size_t i = 0; i < m->count; i++)
        if (m->versions[i].number == number)
            return &m->versions[i];
    return NULL;
}

// Forgets the oldest version.
static void drop_first(struct master *m) {
    EVP_CIPHER_CTX_free(m->versions[0].seal);
    EVP_CIPHER_CTX_free(m->versions[0].open);
    m->count--;
    memmove(m->keys.ptr, m->keys.ptr + KEY_BYTES, m->count * KEY_BYTES);
    wipe(m->keys.ptr + m->count * KEY_BYTES, KEY_BYTES);
    memmove(m->versions, m->versions + 1, m->count * sizeof *m->versions);
    for (size_t i = 0; i < m->count; i++)
        m->versions[i].key = m->keys.ptr + i * KEY_BYTES;
    m->versions[m->count] = (struct version){0};
}

// A process that outlives many replacements makes room by forgetting versions below `needed`.
static enum obol_code append(struct master *m, uint32_t needed, uint32_t number, struct slice key,
                             struct error *err) {
    if (m->count == VERSIONS_MAX && m->versions[0].number < needed)
        drop_first(m);
    ENSURE(m->count < VERSIONS_MAX, MASTER_KEY, "%s holds %d versions; retire some", m->path,
           VERSIONS_MAX);
    ENSURE(key.ptr && key.len == KEY_BYTES, MASTER_KEY, "version %u has %zu bytes, %u are needed",
           number, key.len, (unsigned)KEY_BYTES);
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct version *v = &m->versions[m->count];
    *v = (struct version){.number = number, .key = m->keys.ptr + m->count * KEY_BYTES};
    memcpy(v->key, key.ptr, KEY_BYTES);
    m->count++;
    v->seal = EVP_CIPHER_CTX_new();
    v->open = EVP_CIPHER_CTX_new();
    ENSURE(v->seal && v->open &&
               EVP_EncryptInit_ex(v->seal, EVP_aes_256_gcm(), NULL, v->key, NULL) == 1 &&
               EVP_DecryptInit_ex(v->open, EVP_aes_256_gcm(), NULL, v->key, NULL) == 1,
           CRYPTO_LIBRARY, "AES-256-GCM cannot be prepared");
    return OBOL_OK;
}

// Reads the file into `out` (FILE_MAX bytes); *len is what it holds.
static enum obol_code read_file(const char *path, struct buf out, size_t *len, struct error *err) {
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ENSURE(fd >= 0 || errno != EACCES, PERMISSION, "%s cannot be read by uid %u", path,
           (unsigned)geteuid());
    ENSURE(fd >= 0, MASTER_KEY, "%s: %s", path, strerror(errno));
    struct stat st;
    ENSURE(fstat(fd, &st) == 0 && S_ISREG(st.st_mode), MASTER_KEY, "%s is no regular file", path);
    TRY(files_private(path, &st, err));
    ENSURE((uint64_t)st.st_size <= out.len, MASTER_KEY, "%s has %lld bytes; at most %zu make sense",
           path, (long long)st.st_size, out.len);
    *len = 0;
    for (ssize_t n = 1; n > 0 && *len < out.len; *len += (size_t)n) {
        n = read(fd, out.ptr + *len, out.len - *len);
        ENSURE(n >= 0, MASTER_KEY, "%s: %s", path, strerror(errno));
    }
    return OBOL_OK;
}

// Takes the versions of the file that are not known yet. Those that are known stay, whatever the
// file says: a snapshot may still need them.
static enum obol_code parse(struct master *m, struct slice bytes, struct error *err) {
    struct slice body = slice_sub(bytes, 0, bytes.len < FILE_SUM ? 0 : bytes.len - FILE_SUM);
    struct reader r = reader_of(body), sum = reader_of(slice_sub(bytes, body.len, FILE_SUM));
    ENSURE(slice_eq_str(reader_bytes(&r, sizeof MAGIC - 1), MAGIC), MASTER_KEY,
           "%s is no master key file (%zu bytes)", m->path, bytes.len);
    ENSURE(reader_be32(&sum) == crc32c(body), MASTER_KEY,
           "%s is damaged or truncated: its checksum does not match its %zu bytes", m->path,
           bytes.len);
    uint8_t format = reader_u8(&r), count = reader_u8(&r);
    ENSURE(format == 1, STORE_VERSION, "%s has format %u; this Obol reads 1", m->path, format);
    ENSURE(count && count <= VERSIONS_MAX && reader_left(&r) == (size_t)count * FILE_ENTRY,
           MASTER_KEY, "%s says %u keys in %zu bytes", m->path, count, bytes.len);
    uint32_t lowest = 0;
    for (uint32_t last = 0; reader_left(&r);) {
        uint32_t number = reader_be32(&r);
        struct slice key = reader_bytes(&r, KEY_BYTES);
        lowest = lowest ? lowest : number;
        ENSURE(number > last, MASTER_KEY, "%s: version %u stands after %u", m->path, number, last);
        last = number;
        if (!find(m, number))
            TRY(append(m, lowest, number, key, err));
    }
    return OBOL_OK;
}

enum obol_code master_refresh(struct master *m, struct error *err) {
    CLEANUP(secret_clear) struct secret file = {0};
    ENSURE(secret_init(&file, FILE_MAX), NO_MEMORY, "no memory for the master keys");
    size_t len = 0;
    TRY(read_file(m->path, secret_buf(&file), &len, err));
    return parse(m, slice_of(file.ptr, len), err);
}

// Writes the versions that are not retired.
static enum obol_code write_versions(const struct master *m, bool fresh, struct error *err) {
    CLEANUP(secret_clear) struct secret file = {0};
    ENSURE(secret_init(&file, FILE_MAX), NO_MEMORY, "no memory for the master keys");
    struct writer w = writer_to_buf(secret_buf(&file));
    uint8_t count = 0;
    for (size_t i = 0; i < m->count; i++)
        count = (uint8_t)(count + (m->versions[i].number >= m->keep_from));
    writer_str(&w, MAGIC);
    writer_u8(&w, 1);
    writer_u8(&w, count);
    for (size_t i = 0; i < m->count; i++) {
        if (m->versions[i].number < m->keep_from)
            continue;
        writer_be32(&w, m->versions[i].number);
        writer_bytes(&w, slice_of(m->versions[i].key, KEY_BYTES));
    }
    writer_be32(&w, crc32c(writer_slice(&w)));
    return files_replace(m->path, writer_slice(&w), fresh, err);
}

static enum obol_code draw(struct master *m, uint32_t needed, uint32_t number,
                           const struct env *env, struct error *err) {
    CLEANUP(secret_clear) struct secret key = {0};
    ENSURE(secret_init(&key, KEY_BYTES), NO_MEMORY, "no memory for the master keys");
    env_random(env, secret_buf(&key));
    return append(m, needed, number, secret_slice(&key), err);
}

enum obol_code master_create(struct master **out, const char *path, const struct env *env,
                             struct error *err) {
    struct master *m;
    TRY(master_new(&m, path, err));
    enum obol_code code = draw(m, 1, 1, env, err);
    if (code == OBOL_OK)
        code = write_versions(m, true, err);
    if (code != OBOL_OK) {
        master_free(m);
        m = NULL;
    }
    *out = m;
    return code;
}

enum obol_code master_load(struct master **out, const char *path, struct error *err) {
    struct master *m;
    TRY(master_new(&m, path, err));
    enum obol_code code = master_refresh(m, err);
    if (code != OBOL_OK) {
        master_free(m);
        m = NULL;
    }
    *out = m;
    return code;
}

uint32_t master_current(const struct master *m) {
    return m->count ? m->versions[m->count - 1].number : 0;
}

bool master_is_changing(const struct master *m) {
    size_t used = 0;
    for (size_t i = 0; i < m->count; i++)
        used += m->versions[i].number >= m->keep_from;
    return used > 1;
}

static void drop_last(struct master *m) {
    struct version *v = &m->versions[--m->count];
    EVP_CIPHER_CTX_free(v->seal);
    EVP_CIPHER_CTX_free(v->open);
    wipe(v->key, KEY_BYTES);
    *v = (struct version){0};
}

enum obol_code master_add(struct master *m, const struct env *env, struct error *err) {
    ENSURE(master_current(m) < UINT32_MAX, MASTER_KEY, "no version number is left");
    uint32_t before = master_current(m);
    enum obol_code code = draw(m, m->keep_from, before + 1, env, err);
    if (code == OBOL_OK)
        code = write_versions(m, false, err);
    // What is not in the file must not seal anything.
    if (code != OBOL_OK && master_current(m) != before)
        drop_last(m);
    return code;
}

enum obol_code master_retire(struct master *m, uint32_t keep_from, struct error *err) {
    ENSURE(keep_from <= master_current(m), INVALID_ARGUMENT, "version %u is the current one",
           master_current(m));
    uint32_t before = m->keep_from;
    m->keep_from = keep_from > before ? keep_from : before;
    enum obol_code code = write_versions(m, false, err);
    if (code != OBOL_OK)
        m->keep_from = before;
    else
        files_sweep(m->path);
    return code;
}

// What is authenticated with a sealed key.
struct binding {
    uint8_t bytes[20];
};
static struct binding binding_of(uint64_t id, const struct record_key *key) {
    struct binding b = {{0}};
    struct writer w = writer_to_buf(buf_of(b.bytes, sizeof b.bytes));
    writer_be32(&w, key->master);
    writer_be64(&w, id);
    writer_be32(&w, key->kvno);
    writer_be32(&w, (uint32_t)key->enctype);
    return b;
}

enum obol_code master_seal(const struct master *m, const struct env *env, uint64_t id,
                           struct record_key *key, struct slice bytes, struct arena *a,
                           struct error *err) {
    ENSURE(bytes.len && bytes.len <= RECORD_SEALED_MAX - NONCE_BYTES - TAG_BYTES, KEY_LENGTH,
           "a key of %zu bytes", bytes.len);
    ENSURE(m->count, MASTER_KEY, "there is no master key");
    const struct version *v = &m->versions[m->count - 1];
    struct buf out = arena_buf(a, NONCE_BYTES + bytes.len + TAG_BYTES);
    ENSURE_MEMORY(out.ptr);
    env_random(env, buf_of(out.ptr, NONCE_BYTES));
    key->master = v->number;
    struct binding aad = binding_of(id, key);
    uint8_t *cipher = out.ptr + NONCE_BYTES;
    int n = 0, last = 0;
    ENSURE(EVP_EncryptInit_ex(v->seal, NULL, NULL, NULL, out.ptr) == 1 &&
               EVP_EncryptUpdate(v->seal, NULL, &n, aad.bytes, sizeof aad.bytes) == 1 &&
               EVP_EncryptUpdate(v->seal, cipher, &n, bytes.ptr, (int)bytes.len) == 1 &&
               EVP_EncryptFinal_ex(v->seal, cipher + n, &last) == 1 &&
               EVP_CIPHER_CTX_ctrl(v->seal, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, cipher + bytes.len) ==
                   1,
           CRYPTO_LIBRARY, "AES-256-GCM refused to seal");
    key->sealed = slice_of_buf(out);
    return OBOL_OK;
}

// A version that is not known was made since the file was read.
static enum obol_code version_of(struct master *m, const struct record_key *key,
                                 const struct version **out, struct error *err) {
    *out = find(m, key->master);
    if (UNLIKELY(!*out)) {
        TRY(master_refresh(m, err));
        *out = find(m, key->master);
    }
    ENSURE(*out, MASTER_KEY, "a key is sealed under version %u; %s has %u as its newest",
           key->master, m->path, master_current(m));
    return OBOL_OK;
}

enum obol_code master_open(struct master *m, uint64_t id, const struct record_key *key,
                           struct arena *a, struct slice *bytes, struct error *err) {
    ENSURE(key->sealed.len > NONCE_BYTES + TAG_BYTES && key->sealed.len <= RECORD_SEALED_MAX,
           MASTER_KEY, "a sealed key of %zu bytes", key->sealed.len);
    const struct version *v;
    TRY(version_of(m, key, &v, err));
    struct buf out = arena_buf(a, key->sealed.len - NONCE_BYTES - TAG_BYTES);
    ENSURE_MEMORY(out.ptr);
    const uint8_t *cipher = key->sealed.ptr + NONCE_BYTES;
    struct binding aad = binding_of(id, key);
    int n = 0, last = 0;
    bool opened = EVP_DecryptInit_ex(v->open, NULL, NULL, NULL, key->sealed.ptr) == 1 &&
                  EVP_DecryptUpdate(v->open, NULL, &n, aad.bytes, sizeof aad.bytes) == 1 &&
                  EVP_DecryptUpdate(v->open, out.ptr, &n, cipher, (int)out.len) == 1 &&
                  EVP_CIPHER_CTX_ctrl(v->open, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                                      (void *)(uintptr_t)(cipher + out.len)) == 1 &&
                  EVP_DecryptFinal_ex(v->open, out.ptr + n, &last) == 1;
    if (!opened)
        wipe(out.ptr, out.len);
    ENSURE(opened, MASTER_KEY, "version %u does not open the key of kvno %u, enctype %d",
           key->master, key->kvno, key->enctype);
    *bytes = slice_of_buf(out);
    return OBOL_OK;
}
