// keys.h: prepared keys for the crypto files of this layer.
#ifndef OBOL_COMPAT_KEYS_H
#define OBOL_COMPAT_KEYS_H

#include "compat/context.h"

// enctype_asked finds the enctype of a number: EINVAL if the caller's other arguments are not
// `usable`, KRB5_BAD_ENCTYPE for a number that is not known.
krb5_error_code enctype_asked(krb5_enctype number, bool usable, const struct enctype **out);
// key_in prepares a keyblock's key for the time of the call.
MUST_USE enum obol_code key_in(struct call *c, const krb5_keyblock *from, struct crypto_key **out);
// seal_with, open_with: into room of the program's; KRB5_BAD_MSIZE if it is too small.
MUST_USE enum obol_code seal_with(struct call *c, struct crypto_key *key, krb5_keyusage usage,
                                  struct slice plain, krb5_enc_data *out);
MUST_USE enum obol_code open_with(struct call *c, struct crypto_key *key, krb5_keyusage usage,
                                  const krb5_enc_data *in, krb5_data *out);
// checksum_with makes a checksum of `type` (0: the key's own); key NULL: an unkeyed one.
// checksum_holds verifies one.
MUST_USE enum obol_code checksum_with(struct call *c, struct crypto_key *key, krb5_cksumtype type,
                                      krb5_keyusage usage, struct slice data, krb5_checksum *out);
MUST_USE enum obol_code checksum_holds(struct call *c, struct crypto_key *key, krb5_keyusage usage,
                                       struct slice data, const krb5_checksum *cksum,
                                       krb5_boolean *valid);

#endif
