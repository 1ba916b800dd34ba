// seal.c: EncryptedData (RFC 4120 5.2.9) around a DER-encoded part.
#include "krb/seal.h"
#include "proto/codes.h"

static const char *shown_enctype(int32_t number) {
    const struct enctype *e = enctype_find(number);
    return e ? enctype_name(e) : "not known";
}

enum obol_code krb_seal(const struct der_type *type, const void *value, struct crypto_key *key,
                        uint32_t usage, uint32_t kvno, const struct env *env, struct arena *a,
                        struct encrypted_data *out, struct error *err) {
    struct slice plain;
    TRY(der_encode(type, value, a, &plain, err));
    const struct enctype *e = crypto_key_enctype(key);
    struct buf cipher = arena_buf(a, enctype_sealed_length(e, plain.len));
    ENSURE_MEMORY(cipher.ptr);
    TRY(crypto_seal(key, usage, env, plain, cipher, err));
    *out = (struct encrypted_data){
        .present = kvno ? (uint32_t)ENCRYPTED_DATA_KVNO : 0u,
        .etype = enctype_number(e),
        .kvno = (int32_t)kvno,
        .cipher = slice_of_buf(cipher),
    };
    return OBOL_OK;
}

enum obol_code krb_open_bytes(const struct encrypted_data *in, struct crypto_key *key,
                              uint32_t usage, struct arena *a, struct slice *out,
                              struct error *err) {
    const struct enctype *e = crypto_key_enctype(key);
    ENSURE(in->etype == enctype_number(e), ENCTYPE_UNSUPPORTED,
           "it is sealed with enctype %d (%s), the key is of %s", in->etype,
           shown_enctype(in->etype), enctype_name(e));
    size_t bound = enctype_opened_length(e, in->cipher.len);
    ENSURE(bound > 0, DECRYPT_INTEGRITY, "%zu bytes are too few for %s", in->cipher.len,
           enctype_name(e));
    struct buf plain = arena_buf(a, bound);
    ENSURE_MEMORY(plain.ptr);
    return crypto_open(key, usage, in->cipher, plain, out, err);
}

enum obol_code krb_open(const struct der_type *type, const struct encrypted_data *in,
                        struct crypto_key *key, uint32_t usage, struct arena *a, void *out,
                        struct error *err) {
    struct slice plain = {0};
    TRY(krb_open_bytes(in, key, usage, a, &plain, err));
    return der_decode_padded(type, plain, a, out, NULL, err);
}
