// seal.h: a message part as EncryptedData (RFC 4120 5.2.9) and back.
#ifndef OBOL_KRB_SEAL_H
#define OBOL_KRB_SEAL_H

#include "crypto/crypto.h"
#include "proto/types.h"

// krb_seal encodes `value` by its table and seals it; *out borrows from the arena. kvno is put on
// the wire unless it is 0 (a session key has none).
MUST_USE enum obol_code krb_seal(const struct der_type *type, const void *value,
                                 struct crypto_key *key, uint32_t usage, uint32_t kvno,
                                 const struct env *env, struct arena *a, struct encrypted_data *out,
                                 struct error *err);
// krb_open opens and decodes. The enctype of the data must be the key's (ENCTYPE_UNSUPPORTED);
// bytes behind the value are let pass, since some enctypes and peers pad.
MUST_USE enum obol_code krb_open(const struct der_type *type, const struct encrypted_data *in,
                                 struct crypto_key *key, uint32_t usage, struct arena *a, void *out,
                                 struct error *err);
// krb_open_bytes opens without decoding.
MUST_USE enum obol_code krb_open_bytes(const struct encrypted_data *in, struct crypto_key *key,
                                       uint32_t usage, struct arena *a, struct slice *out,
                                       struct error *err);

#endif
