// one_time.h: one-time codes: HOTP (RFC 4226) counts, TOTP (RFC 6238) counts steps of time.
#ifndef OBOL_CRYPTO_ONE_TIME_H
#define OBOL_CRYPTO_ONE_TIME_H

#include "crypto/primitive.h"

enum { ONE_TIME_DIGITS_MIN = 6, ONE_TIME_DIGITS_MAX = 9, ONE_TIME_SECRET_MAX = 64 };

// one_time_code writes the code of a counter as `digits` decimal digits; out has that many bytes.
// The hash is HASH_SHA1, HASH_SHA256 or HASH_SHA512; the secret has at most ONE_TIME_SECRET_MAX
// bytes.
void one_time_code(enum hash hash, struct slice secret, uint64_t counter, struct buf out);

#endif
