// enctype.c: the enctypes in order, and what can be asked of them without a key.
#include "crypto/enctype.h"
#include "base/ct.h"

// Strongest first: what an administrator who names none gets, and what a peer is offered first.
// Camellia stands behind AES, which has instructions of its own and nothing against it; SHA-2
// before SHA-1; rc4 last, and only where it is allowed.
static const struct enctype *const enctypes[] = {
    &enctype_aes256_sha2, &enctype_aes128_sha2, &enctype_aes256_sha1, &enctype_aes128_sha1,
    &enctype_camellia256, &enctype_camellia128, &enctype_rc4,
};

const struct enctype *enctype_find(int32_t number) {
    for (size_t i = 0; i < COUNT_OF(enctypes); i++)
        if (enctypes[i]->number == number)
            return enctypes[i];
    return NULL;
}

static bool has_name(const struct enctype *e, struct slice name) {
    if (slice_eq_nocase(name, slice_str(e->name)))
        return true;
    for (size_t i = 0; i < COUNT_OF(e->aliases) && e->aliases[i]; i++)
        if (slice_eq_nocase(name, slice_str(e->aliases[i])))
            return true;
    return false;
}

const struct enctype *enctype_by_name(struct slice name) {
    for (size_t i = 0; i < COUNT_OF(enctypes); i++)
        if (has_name(enctypes[i], name))
            return enctypes[i];
    return NULL;
}

const struct enctype *enctype_at(size_t index) {
    return index < COUNT_OF(enctypes) ? enctypes[index] : NULL;
}

int32_t enctype_number(const struct enctype *e) {
    return e->number;
}

const char *enctype_name(const struct enctype *e) {
    return e->name;
}

size_t enctype_key_length(const struct enctype *e) {
    return e->key_length;
}

size_t enctype_seed_length(const struct enctype *e) {
    return e->key_length;
}

int32_t enctype_checksum_type(const struct enctype *e) {
    return e->checksum_type;
}

size_t enctype_checksum_length(const struct enctype *e) {
    return e->mac_length;
}

size_t enctype_prf_length(const struct enctype *e) {
    return e->prf_length;
}

uint32_t enctype_iterations(const struct enctype *e, uint32_t wished) {
    return e->iterations && wished > e->iterations ? wished : 0;
}

bool enctype_is_weak(const struct enctype *e) {
    return e->weak;
}

size_t enctype_confounder_length(const struct enctype *e) {
    return e->confounder;
}

size_t enctype_sealed_length(const struct enctype *e, size_t n) {
    return n + e->confounder + e->mac_length;
}

size_t enctype_opened_length(const struct enctype *e, size_t n) {
    return n < e->confounder + e->mac_length ? 0 : n - e->mac_length;
}

// The checksums without a key, RFC 3961 6.1 and IANA's 14.
static const struct {
    int32_t type;
    enum hash hash;
    const char *name;
} unkeyed[] = {
    {CKSUMTYPE_RSA_MD5, HASH_MD5, "rsa-md5"},
    {CKSUMTYPE_SHA1, HASH_SHA1, "sha1"},
};

static const struct enctype *keyed_by(int32_t type) {
    for (size_t i = 0; i < COUNT_OF(enctypes); i++)
        if (enctypes[i]->checksum_type == type)
            return enctypes[i];
    return NULL;
}

const char *cksumtype_name(int32_t type) {
    const struct enctype *e = keyed_by(type);
    if (e)
        return e->checksum_name;
    for (size_t i = 0; i < COUNT_OF(unkeyed); i++)
        if (unkeyed[i].type == type)
            return unkeyed[i].name;
    return NULL;
}

size_t cksumtype_length(int32_t type) {
    const struct enctype *e = keyed_by(type);
    if (e)
        return e->mac_length;
    for (size_t i = 0; i < COUNT_OF(unkeyed); i++)
        if (unkeyed[i].type == type)
            return hash_length(unkeyed[i].hash);
    return 0;
}

bool cksumtype_is_keyed(int32_t type) {
    return keyed_by(type) != NULL;
}

enum obol_code crypto_digest(int32_t type, struct slice data, struct buf out, struct error *err) {
    for (size_t i = 0; i < COUNT_OF(unkeyed); i++) {
        if (unkeyed[i].type != type)
            continue;
        ENSURE(out.len == hash_length(unkeyed[i].hash), INVALID_ARGUMENT,
               "a checksum %s has %zu bytes, not %zu", unkeyed[i].name,
               hash_length(unkeyed[i].hash), out.len);
        hash_compute(unkeyed[i].hash, &data, 1, out.ptr);
        return OBOL_OK;
    }
    ENSURE(false, CKSUMTYPE_UNSUPPORTED, "type %d is no digest without a key", type);
}
