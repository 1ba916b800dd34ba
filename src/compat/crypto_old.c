// crypto_old.c: calls that MIT krb5 itself calls obsolete, and that a few programs still make.
#include "compat/convert.h"
#include "compat/keys.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

size_t krb5_encrypt_size(size_t len, krb5_enctype number) {
    const struct enctype *e = enctype_find(number);
    return e ? enctype_sealed_length(e, len) : 0;
}

// Without a key usage, as they were before there were any; an initial vector cannot be had with
// these enctypes.
krb5_error_code krb5_encrypt(krb5_context context, krb5_const_pointer in, krb5_pointer out,
                             size_t size, krb5_encrypt_block *block, krb5_pointer vector) {
    if (!block || !block->key || !out || vector || size > UINT32_MAX / 2)
        return EINVAL;
    const krb5_data input = {.length = (unsigned)size, .data = (char *)(uintptr_t)in};
    krb5_enc_data sealed = {
        .ciphertext = {.length = (unsigned)krb5_encrypt_size(size, block->key->enctype),
                       .data = out}};
    return krb5_c_encrypt(context, block->key, 0, NULL, &input, &sealed);
}

krb5_error_code krb5_decrypt(krb5_context context, krb5_const_pointer in, krb5_pointer out,
                             size_t size, krb5_encrypt_block *block, krb5_pointer vector) {
    if (!block || !block->key || !out || vector || size > UINT32_MAX / 2)
        return EINVAL;
    const krb5_enc_data sealed = {
        .enctype = block->key->enctype,
        .ciphertext = {.length = (unsigned)size, .data = (char *)(uintptr_t)in}};
    krb5_data plain = {.length = (unsigned)size, .data = out};
    return krb5_c_decrypt(context, block->key, 0, NULL, &sealed, &plain);
}

// The key is `seed`; its enctype is that whose own checksum this is.
krb5_error_code krb5_verify_checksum(krb5_context context, krb5_cksumtype type,
                                     const krb5_checksum *cksum, krb5_const_pointer in,
                                     size_t in_len, krb5_const_pointer seed, size_t seed_len) {
    krb5_boolean valid = 0;
    krb5_keyblock key = {.magic = KV5M_KEYBLOCK,
                         .length = (unsigned)seed_len,
                         .contents = (krb5_octet *)(uintptr_t)seed};
    const krb5_data data = {.length = (unsigned)in_len, .data = (char *)(uintptr_t)in};
    if (!cksum || in_len > UINT32_MAX || seed_len > UINT32_MAX)
        return EINVAL;
    const struct enctype *e;
    for (size_t i = 0; (e = enctype_at(i)) != NULL; i++)
        if (enctype_checksum_type(e) == type)
            key.enctype = enctype_number(e);
    krb5_error_code code =
        krb5_c_verify_checksum(context, seed_len ? &key : NULL, 0, &data, cksum, &valid);
    return code ? code : valid ? 0 : KRB5KRB_AP_ERR_BAD_INTEGRITY;
}

krb5_error_code krb5_allow_weak_crypto(krb5_context context, krb5_boolean enable) {
    if (!context)
        return EINVAL;
    context->conf.allow_weak_crypto = enable != 0;
    return 0;
}

// ---- Kerberos 4, which nobody has any more

int krb5_524_convert_creds(krb5_context context, krb5_creds *creds, struct credentials *out) {
    UNUSED(creds);
    UNUSED(out);
    return (int)context_fail(context, KRB524_KRB4_DISABLED,
                             "tickets of Kerberos 4 can not be had: nothing here speaks it");
}

#define V4_SIZE 40 // of each name, with its NUL

static bool v4_put(char *out, const krb5_data *from, unsigned len) {
    if (len >= V4_SIZE)
        return false;
    if (len)
        memcpy(out, from->data, len);
    out[len] = '\0';
    return true;
}

// Services whose instance was the host without its domain in Kerberos 4, and the one that had
// another name.
static const struct {
    const char *v5, *v4;
} V4_NAMES[] = {
    {"host", "rcmd"}, {"imap", "imap"},   {"pop", "pop"},           {"ftp", "ftp"},
    {"nfs", "nfs"},   {"http", "http"},   {"sample", "sample"},     {"irc", "irc"},
    {"rfs", "rfs"},   {"moira", "moira"}, {"changepw", "changepw"},
};

krb5_error_code krb5_524_conv_principal(krb5_context context, krb5_const_principal p, char *name,
                                        char *instance, char *realm) {
    UNUSED(context);
    if (!p || !name || !instance || !realm)
        return EINVAL;
    name[0] = instance[0] = '\0';
    if (p->length < 1 || p->length > 2)
        return KRB5_LNAME_BADFORMAT;
    bool short_host = false, known = false;
    for (size_t i = 0; p->length == 2 && i < COUNT_OF(V4_NAMES) && !known; i++) {
        known = slice_eq_str(data_in(&p->data[0]), V4_NAMES[i].v5);
        if (!known)
            continue;
        short_host = true;
        memcpy(name, V4_NAMES[i].v4, strlen(V4_NAMES[i].v4) + 1);
    }
    if (!known && !v4_put(name, &p->data[0], p->data[0].length))
        return KRB5_LNAME_BADFORMAT;
    if (p->length == 2) {
        struct slice host = data_in(&p->data[1]);
        size_t len = short_host ? slice_find(host, '.') : host.len;
        if ((short_host && len == host.len) || !v4_put(instance, &p->data[1], (unsigned)len))
            return KRB5_LNAME_BADFORMAT;
    }
    return v4_put(realm, &p->realm, p->realm.length) ? 0 : KRB5_LNAME_BADFORMAT;
}
