// rc4_gss.h: the cryptography of GSS-API tokens under a key of rc4-hmac (RFC 4757 7.3), which is
// not that of its sealing: checksums of 8 bytes, a sequence number that is enciphered under the
// checksum, a stream whose key comes from the sequence number.
#ifndef OBOL_CRYPTO_RC4_GSS_H
#define OBOL_CRYPTO_RC4_GSS_H

#include "crypto/crypto.h"

#define RC4_GSS_CKSUM_BYTES 8

enum rc4_gss_token { RC4_GSS_WRAP = 13, RC4_GSS_MIC = 15 }; // the message types of RFC 4757 7.3

// rc4_gss_checksum covers the parts' `in`, one after the other. All three functions refuse a key of
// another enctype with ENCTYPE_UNSUPPORTED.
MUST_USE enum obol_code rc4_gss_checksum(struct crypto_key *key, enum rc4_gss_token token,
                                         const struct crypto_part *parts, size_t count,
                                         uint8_t out[RC4_GSS_CKSUM_BYTES], struct error *err);
// rc4_gss_sequence enciphers or deciphers SND_SEQ in place, under the token's checksum.
MUST_USE enum obol_code rc4_gss_sequence(struct crypto_key *key,
                                         const uint8_t checksum[RC4_GSS_CKSUM_BYTES],
                                         uint8_t seq[8], struct error *err);
// rc4_gss_stream enciphers or deciphers the parts that are not sign_only, for the sequence number
// in its big-endian form.
MUST_USE enum obol_code rc4_gss_stream(struct crypto_key *key, const uint8_t seq[4],
                                       const struct crypto_part *parts, size_t count,
                                       struct error *err);

#endif
