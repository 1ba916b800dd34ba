// checksum.c: checksums of krb5_c_*, keyed and not.
#include "base/ct.h"
#include "compat/convert.h"
#include "compat/keys.h"
#include "compat/private.h"
#include <errno.h>
#include <stdlib.h>

krb5_error_code krb5_c_checksum_length(krb5_context context, krb5_cksumtype type, size_t *out) {
    UNUSED(context);
    if (!out)
        return EINVAL;
    *out = cksumtype_length(type);
    return *out ? 0 : KRB5_BAD_ENCTYPE;
}

krb5_error_code krb5int_c_mandatory_cksumtype(krb5_context context, krb5_enctype number,
                                              krb5_cksumtype *out) {
    UNUSED(context);
    const struct enctype *e;
    krb5_error_code code = enctype_asked(number, out, &e);
    if (!code)
        *out = enctype_checksum_type(e);
    return code;
}

krb5_error_code krb5_c_keyed_checksum_types(krb5_context context, krb5_enctype number,
                                            unsigned *count, krb5_cksumtype **out) {
    if (!count || !out)
        return EINVAL;
    krb5_cksumtype *list = calloc(2, sizeof *list);
    if (!list)
        return ENOMEM;
    krb5_error_code code = krb5int_c_mandatory_cksumtype(context, number, &list[0]);
    if (code) {
        free(list);
        return code;
    }
    *count = 1;
    *out = list;
    return 0;
}

enum obol_code checksum_with(struct call *c, struct crypto_key *key, krb5_cksumtype type,
                             krb5_keyusage usage, struct slice data, krb5_checksum *out) {
    struct error *err = &c->err;
    if (type == 0 && key)
        type = enctype_checksum_type(crypto_key_enctype(key));
    size_t len = cksumtype_length(type);
    ENSURE(len, CKSUMTYPE_UNSUPPORTED, "checksum type %d", type);
    ENSURE(key || !cksumtype_is_keyed(type), INVALID_ARGUMENT, "checksum type %d needs a key",
           type);
    struct buf bytes = arena_buf(&c->arena, len);
    ENSURE_MEMORY(bytes.ptr);
    if (cksumtype_is_keyed(type))
        TRY(crypto_checksum_type(key, (uint32_t)usage, type, data, bytes, err));
    else
        TRY(crypto_digest(type, data, bytes, err));
    *out = (krb5_checksum){.magic = KV5M_CHECKSUM, .checksum_type = type, .length = (unsigned)len};
    out->contents = bytes_out(slice_of_buf(bytes));
    ENSURE(out->contents, NO_MEMORY, "no memory for a checksum");
    return OBOL_OK;
}

enum obol_code checksum_holds(struct call *c, struct crypto_key *key, krb5_keyusage usage,
                              struct slice data, const krb5_checksum *cksum, krb5_boolean *valid) {
    struct error *err = &c->err;
    struct slice given = slice_of(cksum->contents, cksum->length);
    size_t len = cksumtype_length(cksum->checksum_type);
    *valid = 0;
    ENSURE(len, CKSUMTYPE_UNSUPPORTED, "checksum type %d", cksum->checksum_type);
    if (cksumtype_is_keyed(cksum->checksum_type)) {
        ENSURE(key, INVALID_ARGUMENT, "checksum type %d needs a key", cksum->checksum_type);
        enum obol_code code =
            crypto_verify(key, (uint32_t)usage, cksum->checksum_type, data, given, err);
        *valid = code == OBOL_OK;
        return code == OBOL_CHECKSUM_MISMATCH ? OBOL_OK : code;
    }
    struct buf bytes = arena_buf(&c->arena, len);
    ENSURE_MEMORY(bytes.ptr);
    TRY(crypto_digest(cksum->checksum_type, data, bytes, err));
    *valid = ct_equal(slice_of_buf(bytes), given);
    return OBOL_OK;
}

krb5_error_code krb5_c_make_checksum(krb5_context context, krb5_cksumtype type,
                                     const krb5_keyblock *keyblock, krb5_keyusage usage,
                                     const krb5_data *input, krb5_checksum *out) {
    CALL(call, context);
    struct crypto_key *key = NULL;
    enum obol_code code = OBOL_OK;
    if (!input || !out)
        return EINVAL;
    if (keyblock)
        code = key_in(&call, keyblock, &key);
    if (code == OBOL_OK)
        code = checksum_with(&call, key, type, usage, data_in(input), out);
    return call_end(&call, code);
}

krb5_error_code krb5_c_verify_checksum(krb5_context context, const krb5_keyblock *keyblock,
                                       krb5_keyusage usage, const krb5_data *data,
                                       const krb5_checksum *cksum, krb5_boolean *valid) {
    CALL(call, context);
    struct crypto_key *key = NULL;
    enum obol_code code = OBOL_OK;
    if (!data || !cksum || !valid)
        return EINVAL;
    if (keyblock)
        code = key_in(&call, keyblock, &key);
    if (code == OBOL_OK)
        code = checksum_holds(&call, key, usage, data_in(data), cksum, valid);
    return call_end(&call, code);
}
