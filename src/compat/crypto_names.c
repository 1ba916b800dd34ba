// crypto_names.c: numbers of enctypes, checksum types and salt types, and their names.
#include "compat/context.h"
#include "compat/private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static krb5_error_code put(const char *text, char *out, size_t size) {
    if (!out)
        return EINVAL;
    if (!text)
        return EINVAL;
    size_t len = strlen(text) + 1;
    if (len > size)
        return ENOMEM;
    memcpy(out, text, len);
    return 0;
}

// As programs of MIT's know them, which differ from the RFCs' in one.
static const struct {
    krb5_enctype number;
    const char *name, *shortest;
} NAMES[] = {
    {17, "aes128-cts-hmac-sha1-96", "aes128-cts"},
    {18, "aes256-cts-hmac-sha1-96", "aes256-cts"},
    {19, "aes128-cts-hmac-sha256-128", "aes128-sha2"},
    {20, "aes256-cts-hmac-sha384-192", "aes256-sha2"},
    {23, "arcfour-hmac", "rc4-hmac"},
    {25, "camellia128-cts-cmac", "camellia128-cts"},
    {26, "camellia256-cts-cmac", "camellia256-cts"},
};

// EINVAL for a number that is not known.
krb5_error_code krb5_enctype_to_name(krb5_enctype number, krb5_boolean shortest, char *out,
                                     size_t size) {
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (NAMES[i].number == number)
            return put(shortest ? NAMES[i].shortest : NAMES[i].name, out, size);
    return EINVAL;
}

krb5_error_code krb5_enctype_to_string(krb5_enctype number, char *out, size_t size) {
    return krb5_enctype_to_name(number, 0, out, size);
}

krb5_error_code krb5_string_to_enctype(char *text, krb5_enctype *out) {
    const struct enctype *e = text ? enctype_by_name(slice_str(text)) : NULL;
    if (!e || !out)
        return EINVAL;
    *out = enctype_number(e);
    return 0;
}

krb5_error_code krb5_cksumtype_to_string(krb5_cksumtype type, char *out, size_t size) {
    return put(cksumtype_name(type), out, size);
}

krb5_error_code krb5_string_to_cksumtype(char *text, krb5_cksumtype *out) {
    static const krb5_cksumtype types[] = {7, 14, 15, 16, 17, 18, 19, 20, -138};
    if (!text || !out)
        return EINVAL;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        const char *name = cksumtype_name(types[i]);
        if (name && slice_eq_nocase(slice_str(name), slice_str(text))) {
            *out = types[i];
            return 0;
        }
    }
    return EINVAL;
}

// Salt types of MIT's database and of `kadmin -e`.
static const char *const SALT_TYPES[] = {"normal", NULL, "norealm", "onlyrealm", "special"};

krb5_error_code krb5_salttype_to_string(krb5_int32 type, char *out, size_t size) {
    if (type < 0 || (size_t)type >= COUNT_OF(SALT_TYPES))
        return EINVAL;
    return put(SALT_TYPES[type], out, size);
}

krb5_error_code krb5_string_to_salttype(char *text, krb5_int32 *out) {
    if (!text || !out)
        return EINVAL;
    for (size_t i = 0; i < COUNT_OF(SALT_TYPES); i++)
        if (SALT_TYPES[i] && slice_eq_nocase(slice_str(SALT_TYPES[i]), slice_str(text))) {
            *out = (krb5_int32)i;
            return 0;
        }
    return EINVAL;
}

krb5_boolean krb5_c_valid_enctype(krb5_enctype number) {
    return enctype_find(number) != NULL;
}

krb5_boolean valid_enctype(krb5_enctype number) {
    return krb5_c_valid_enctype(number);
}

krb5_boolean krb5_c_valid_cksumtype(krb5_cksumtype type) {
    return cksumtype_name(type) != NULL;
}

krb5_boolean valid_cksumtype(krb5_cksumtype type) {
    return krb5_c_valid_cksumtype(type);
}

krb5_boolean krb5_c_is_keyed_cksum(krb5_cksumtype type) {
    return cksumtype_is_keyed(type);
}

krb5_boolean krb5_c_is_coll_proof_cksum(krb5_cksumtype type) {
    return krb5_c_valid_cksumtype(type);
}

krb5_boolean krb5int_c_weak_enctype(krb5_enctype number) {
    UNUSED(number);
    return 0; // single DES, which Obol does not have
}

krb5_boolean krb5int_c_deprecated_enctype(krb5_enctype number) {
    const struct enctype *e = enctype_find(number);
    return number == 16 || (e && enctype_is_weak(e));
}

krb5_error_code krb5_c_enctype_compare(krb5_context context, krb5_enctype a, krb5_enctype b,
                                       krb5_boolean *similar) {
    UNUSED(context);
    if (!similar)
        return EINVAL;
    if (!enctype_find(a) || !enctype_find(b))
        return KRB5_BAD_ENCTYPE;
    *similar = a == b;
    return 0;
}
