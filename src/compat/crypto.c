// crypto.c: krb5_c_*: sealing, checksums, key derivation with a keyblock. The key is prepared for
// the one call; who works with a key many times uses krb5_k_* (crypto_key.c).
#include "compat/convert.h"
#include "compat/keys.h"
#include "compat/private.h"
#include <errno.h>
#include <stdlib.h>

krb5_error_code enctype_asked(krb5_enctype number, bool usable, const struct enctype **out) {
    *out = enctype_find(number);
    return !usable ? EINVAL : *out ? 0 : KRB5_BAD_ENCTYPE;
}

enum obol_code key_in(struct call *c, const krb5_keyblock *from, struct crypto_key **out) {
    struct error *err = &c->err;
    const struct enctype *e;
    ENSURE(from, INVALID_ARGUMENT, "the key is NULL");
    if (enctype_asked(from->enctype, true, &e))
        c->as = KRB5_BAD_ENCTYPE;
    ENSURE(e, ENCTYPE_UNSUPPORTED, "enctype %d", from->enctype);
    return crypto_key_in_arena(out, &c->arena, from->enctype, keyblock_in(from), err);
}

// The output has room for `len` bytes at least; what it is told becomes what is used.
static enum obol_code give(struct call *c, struct slice bytes, krb5_data *out) {
    struct error *err = &c->err;
    if (!out->data || out->length < bytes.len) {
        c->as = KRB5_BAD_MSIZE;
        ENSURE(false, INVALID_ARGUMENT, "the output has %u bytes, and %zu are needed", out->length,
               bytes.len);
    }
    if (bytes.len)
        memcpy(out->data, bytes.ptr, bytes.len);
    out->length = (unsigned)bytes.len;
    return OBOL_OK;
}

enum obol_code seal_with(struct call *c, struct crypto_key *key, krb5_keyusage usage,
                         struct slice plain, krb5_enc_data *out) {
    struct error *err = &c->err;
    const struct enctype *e = crypto_key_enctype(key);
    struct buf sealed = arena_buf(&c->arena, enctype_sealed_length(e, plain.len));
    ENSURE_MEMORY(sealed.ptr);
    TRY(crypto_seal(key, (uint32_t)usage, env_system(), plain, sealed, err));
    out->magic = KV5M_ENC_DATA;
    out->enctype = enctype_number(e);
    out->kvno = 0;
    return give(c, slice_of_buf(sealed), &out->ciphertext);
}

enum obol_code open_with(struct call *c, struct crypto_key *key, krb5_keyusage usage,
                         const krb5_enc_data *in, krb5_data *out) {
    struct error *err = &c->err;
    const struct enctype *e = crypto_key_enctype(key);
    struct slice sealed = data_in(&in->ciphertext), plain;
    if (in->enctype != ENCTYPE_UNKNOWN && in->enctype != enctype_number(e)) {
        c->as = KRB5_BAD_ENCTYPE;
        ENSURE(false, ENCTYPE_UNSUPPORTED, "the data is sealed with enctype %d", in->enctype);
    }
    struct buf room = arena_buf(&c->arena, enctype_opened_length(e, sealed.len));
    ENSURE_MEMORY(room.ptr);
    TRY(crypto_open(key, (uint32_t)usage, sealed, room, &plain, err));
    return give(c, plain, out);
}

krb5_error_code krb5_c_encrypt(krb5_context context, const krb5_keyblock *keyblock,
                               krb5_keyusage usage, const krb5_data *state, const krb5_data *input,
                               krb5_enc_data *out) {
    CALL(call, context);
    struct crypto_key *key;
    if (!input || !out || state)
        return EINVAL;
    enum obol_code code = key_in(&call, keyblock, &key);
    if (code == OBOL_OK)
        code = seal_with(&call, key, usage, data_in(input), out);
    return call_end(&call, code);
}

krb5_error_code krb5_c_decrypt(krb5_context context, const krb5_keyblock *keyblock,
                               krb5_keyusage usage, const krb5_data *state,
                               const krb5_enc_data *input, krb5_data *out) {
    CALL(call, context);
    struct crypto_key *key;
    if (!input || !out || state)
        return EINVAL;
    enum obol_code code = key_in(&call, keyblock, &key);
    if (code == OBOL_OK)
        code = open_with(&call, key, usage, input, out);
    return call_end(&call, code);
}

krb5_error_code krb5_c_encrypt_length(krb5_context context, krb5_enctype number, size_t input,
                                      size_t *out) {
    UNUSED(context);
    const struct enctype *e;
    krb5_error_code code = enctype_asked(number, out, &e);
    if (!code)
        *out = enctype_sealed_length(e, input);
    return code;
}

krb5_error_code krb5_c_block_size(krb5_context context, krb5_enctype number, size_t *out) {
    UNUSED(context);
    const struct enctype *e;
    krb5_error_code code = enctype_asked(number, out, &e);
    if (!code)
        *out = number == ENCTYPE_RC4_HMAC ? 1 : 16;
    return code;
}

krb5_error_code krb5_c_keylengths(krb5_context context, krb5_enctype number, size_t *seed,
                                  size_t *key) {
    UNUSED(context);
    const struct enctype *e;
    krb5_error_code code = enctype_asked(number, true, &e);
    if (!code && seed)
        *seed = enctype_seed_length(e);
    if (!code && key)
        *key = enctype_key_length(e);
    return code;
}

krb5_error_code krb5_c_prf_length(krb5_context context, krb5_enctype number, size_t *out) {
    UNUSED(context);
    const struct enctype *e;
    krb5_error_code code = enctype_asked(number, out, &e);
    if (!code)
        *out = enctype_prf_length(e);
    return code;
}

krb5_error_code krb5_c_prf(krb5_context context, const krb5_keyblock *keyblock, krb5_data *input,
                           krb5_data *out) {
    CALL(call, context);
    struct crypto_key *key;
    if (!input || !out || !out->data)
        return EINVAL;
    enum obol_code code = key_in(&call, keyblock, &key);
    if (code == OBOL_OK && out->length != enctype_prf_length(crypto_key_enctype(key)))
        return KRB5_CRYPTO_INTERNAL;
    if (code == OBOL_OK)
        code = crypto_prf(key, data_in(input), buf_of(out->data, out->length), &call.err);
    return call_end(&call, code);
}

krb5_error_code krb5_c_prfplus(krb5_context context, const krb5_keyblock *keyblock,
                               const krb5_data *input, krb5_data *out) {
    CALL(call, context);
    struct crypto_key *key;
    if (!input || !out || !out->data)
        return EINVAL;
    enum obol_code code = key_in(&call, keyblock, &key);
    if (code == OBOL_OK)
        code = crypto_prf_plus(key, data_in(input), buf_of(out->data, out->length), &call.err);
    return call_end(&call, code);
}

// ---- new keys

static krb5_error_code key_out(struct call *c, enum obol_code code, krb5_enctype number,
                               struct buf bytes, krb5_keyblock *out) {
    if (code == OBOL_OK && !keyblock_out(out, number, slice_of_buf(bytes)))
        code = OBOL_NO_MEMORY;
    return call_end(c, code);
}

krb5_error_code krb5_c_make_random_key(krb5_context context, krb5_enctype number,
                                       krb5_keyblock *out) {
    CALL(call, context);
    const struct enctype *e;
    krb5_error_code refused = enctype_asked(number, out, &e);
    if (refused)
        return refused;
    struct buf bytes = arena_buf(&call.arena, enctype_key_length(e));
    enum obol_code code =
        bytes.ptr ? crypto_random_key(e, env_system(), bytes, &call.err) : OBOL_NO_MEMORY;
    return key_out(&call, code, number, bytes, out);
}

// The key goes into room that the program has made, as it does for this function alone.
krb5_error_code krb5_c_random_to_key(krb5_context context, krb5_enctype number, krb5_data *seed,
                                     krb5_keyblock *out) {
    CALL(call, context);
    const struct enctype *e;
    krb5_error_code refused = enctype_asked(number, seed && out && out->contents, &e);
    if (refused)
        return refused;
    if (out->length != enctype_key_length(e))
        return KRB5_BAD_KEYSIZE;
    out->magic = KV5M_KEYBLOCK;
    out->enctype = number;
    return call_end(&call, crypto_random_to_key(e, data_in(seed),
                                                buf_of(out->contents, out->length), &call.err));
}

krb5_error_code krb5_c_string_to_key_with_params(krb5_context context, krb5_enctype number,
                                                 const krb5_data *password, const krb5_data *salt,
                                                 const krb5_data *params, krb5_keyblock *out) {
    CALL(call, context);
    const struct enctype *e;
    krb5_error_code refused = enctype_asked(number, password && out, &e);
    if (refused)
        return refused;
    struct buf bytes = arena_buf(&call.arena, enctype_key_length(e));
    enum obol_code code = bytes.ptr ? crypto_string_to_key(e, data_in(password), data_in(salt),
                                                           data_in(params), 0, bytes, &call.err)
                                    : OBOL_NO_MEMORY;
    if (code == OBOL_CRYPTO_PARAMETER)
        call.as = KRB5_ERR_BAD_S2K_PARAMS;
    return key_out(&call, code, number, bytes, out);
}

krb5_error_code krb5_c_string_to_key(krb5_context context, krb5_enctype number,
                                     const krb5_data *password, const krb5_data *salt,
                                     krb5_keyblock *out) {
    return krb5_c_string_to_key_with_params(context, number, password, salt, NULL, out);
}

static enum obol_code cf2(struct call *c, const krb5_keyblock *k1, const char *pepper1,
                          const krb5_keyblock *k2, const char *pepper2, struct buf *out) {
    struct error *err = &c->err;
    struct crypto_key *first, *second;
    TRY(key_in(c, k1, &first));
    TRY(key_in(c, k2, &second));
    *out = arena_buf(&c->arena, enctype_key_length(crypto_key_enctype(first)));
    ENSURE_MEMORY(out->ptr);
    return crypto_cf2(first, second, slice_str(pepper1), slice_str(pepper2), *out, err);
}

krb5_error_code krb5_c_fx_cf2_simple(krb5_context context, const krb5_keyblock *k1,
                                     const char *pepper1, const krb5_keyblock *k2,
                                     const char *pepper2, krb5_keyblock **out) {
    CALL(call, context);
    struct buf bytes = {0};
    if (!k1 || !k2 || !pepper1 || !pepper2 || !out)
        return EINVAL;
    *out = NULL;
    krb5_keyblock *made = calloc(1, sizeof *made);
    if (!made)
        return ENOMEM;
    krb5_error_code code =
        key_out(&call, cf2(&call, k1, pepper1, k2, pepper2, &bytes), k1->enctype, bytes, made);
    if (code)
        free(made);
    else
        *out = made;
    return code;
}

// ---- random bytes

krb5_error_code krb5_c_random_make_octets(krb5_context context, krb5_data *out) {
    UNUSED(context);
    if (!out || (!out->data && out->length))
        return EINVAL;
    env_random(env_system(), buf_of(out->data, out->length));
    return 0;
}

// The generator is the system's, which needs nobody's help.
krb5_error_code krb5_c_random_add_entropy(krb5_context context, unsigned source,
                                          const krb5_data *data) {
    UNUSED(context);
    UNUSED(source);
    UNUSED(data);
    return 0;
}

krb5_error_code krb5_c_random_os_entropy(krb5_context context, int strong, int *success) {
    UNUSED(context);
    UNUSED(strong);
    if (success)
        *success = 1;
    return 0;
}

krb5_error_code krb5_c_random_seed(krb5_context context, krb5_data *data) {
    UNUSED(context);
    UNUSED(data);
    return 0;
}

void krb5int_c_free_keyblock_contents(krb5_context context, krb5_keyblock *key) {
    krb5_free_keyblock_contents(context, key);
}

void krb5int_c_free_keyblock(krb5_context context, krb5_keyblock *key) {
    krb5_free_keyblock(context, key);
}
