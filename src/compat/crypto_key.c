// crypto_key.c: krb5_k_*: a key that is prepared once and used many times. It is used by one thread
// at a time, so it has a lock; handles are counted.
#include "compat/convert.h"
#include "compat/keys.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct krb5_key_st {
    pthread_mutex_t mutex;
    unsigned references;
    struct crypto_key *key;
};

krb5_error_code krb5_k_create_key(krb5_context context, const krb5_keyblock *from, krb5_key *out) {
    CALL(call, context);
    if (!out)
        return EINVAL;
    *out = NULL;
    if (!from)
        return 0; // as MIT's: no key
    krb5_key made = calloc(1, sizeof *made);
    if (!made)
        return ENOMEM;
    enum obol_code code = crypto_key_new(&made->key, from->enctype, keyblock_in(from), &call.err);
    if (code != OBOL_OK) {
        free(made);
        return call_end(&call, code);
    }
    pthread_mutex_init(&made->mutex, NULL);
    made->references = 1;
    *out = made;
    return 0;
}

void krb5_k_reference_key(krb5_context context, krb5_key key) {
    UNUSED(context);
    if (!key)
        return;
    pthread_mutex_lock(&key->mutex);
    key->references++;
    pthread_mutex_unlock(&key->mutex);
}

void krb5_k_free_key(krb5_context context, krb5_key key) {
    UNUSED(context);
    if (!key)
        return;
    pthread_mutex_lock(&key->mutex);
    bool last = --key->references == 0;
    pthread_mutex_unlock(&key->mutex);
    if (!last)
        return;
    pthread_mutex_destroy(&key->mutex);
    crypto_key_free(key->key);
    free(key);
}

krb5_error_code krb5_k_key_keyblock(krb5_context context, krb5_key key, krb5_keyblock **out) {
    UNUSED(context);
    if (!key || !out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (*out && keyblock_out(*out, enctype_number(crypto_key_enctype(key->key)),
                             crypto_key_bytes(key->key)))
        return 0;
    free(*out);
    *out = NULL;
    return ENOMEM;
}

krb5_enctype krb5_k_key_enctype(krb5_context context, krb5_key key) {
    UNUSED(context);
    return key ? enctype_number(crypto_key_enctype(key->key)) : 0;
}

krb5_error_code krb5_k_encrypt(krb5_context context, krb5_key key, krb5_keyusage usage,
                               const krb5_data *state, const krb5_data *input, krb5_enc_data *out) {
    CALL(call, context);
    if (!key || !input || !out || state)
        return EINVAL;
    pthread_mutex_lock(&key->mutex);
    enum obol_code code = seal_with(&call, key->key, usage, data_in(input), out);
    pthread_mutex_unlock(&key->mutex);
    return call_end(&call, code);
}

krb5_error_code krb5_k_decrypt(krb5_context context, krb5_key key, krb5_keyusage usage,
                               const krb5_data *state, const krb5_enc_data *input, krb5_data *out) {
    CALL(call, context);
    if (!key || !input || !out || state)
        return EINVAL;
    pthread_mutex_lock(&key->mutex);
    enum obol_code code = open_with(&call, key->key, usage, input, out);
    pthread_mutex_unlock(&key->mutex);
    return call_end(&call, code);
}

krb5_error_code krb5_k_make_checksum(krb5_context context, krb5_cksumtype type, krb5_key key,
                                     krb5_keyusage usage, const krb5_data *input,
                                     krb5_checksum *out) {
    CALL(call, context);
    if (!key || !input || !out)
        return EINVAL;
    pthread_mutex_lock(&key->mutex);
    enum obol_code code = checksum_with(&call, key->key, type, usage, data_in(input), out);
    pthread_mutex_unlock(&key->mutex);
    return call_end(&call, code);
}

krb5_error_code krb5_k_verify_checksum(krb5_context context, krb5_key key, krb5_keyusage usage,
                                       const krb5_data *data, const krb5_checksum *cksum,
                                       krb5_boolean *valid) {
    CALL(call, context);
    if (!key || !data || !cksum || !valid)
        return EINVAL;
    pthread_mutex_lock(&key->mutex);
    enum obol_code code = checksum_holds(&call, key->key, usage, data_in(data), cksum, valid);
    pthread_mutex_unlock(&key->mutex);
    return call_end(&call, code);
}

krb5_error_code krb5_k_prf(krb5_context context, krb5_key key, krb5_data *input, krb5_data *out) {
    CALL(call, context);
    if (!key || !input || !out || !out->data)
        return EINVAL;
    if (out->length != enctype_prf_length(crypto_key_enctype(key->key)))
        return KRB5_CRYPTO_INTERNAL;
    pthread_mutex_lock(&key->mutex);
    enum obol_code code =
        crypto_prf(key->key, data_in(input), buf_of(out->data, out->length), &call.err);
    pthread_mutex_unlock(&key->mutex);
    return call_end(&call, code);
}
