// fast.h: the keys of FAST (RFC 6113 5.4) and of the encrypted challenge (5.4.6), for both ends.
// All are KRB-FX-CF2 of two keys, made in the arena, of the first one's enctype.
#ifndef OBOL_KRB_FAST_H
#define OBOL_KRB_FAST_H

#include "crypto/crypto.h"

// Options of a FAST request (RFC 6113 5.4.2). What is critical and not known makes it fail.
#define FAST_HIDE_CLIENT_NAMES UINT32_C(0x40000000)
#define FAST_CRITICAL          UINT32_C(0x7fff0000)

// fast_armor_key is that of a ticket and the authenticator's subkey (5.4.1.1).
MUST_USE enum obol_code fast_armor_key(struct crypto_key *subkey, struct crypto_key *session,
                                       struct arena *a, struct crypto_key **out, struct error *err);
// fast_explicit_armor_key is that of a TGS-REQ which has an armor ticket besides the one presented
// (MS-KILE 3.3.5.7.4): the armor's key with the authenticator's subkey.
MUST_USE enum obol_code fast_explicit_armor_key(struct crypto_key *armor, struct crypto_key *subkey,
                                                struct arena *a, struct crypto_key **out,
                                                struct error *err);
// fast_strengthen is the reply key that a key of the KDC's choice was mixed into (5.4.3).
MUST_USE enum obol_code fast_strengthen(struct crypto_key *strengthen, struct crypto_key *reply,
                                        struct arena *a, struct crypto_key **out,
                                        struct error *err);
// fast_challenge_key seals the client's challenge or the KDC's (5.4.6).
MUST_USE enum obol_code fast_challenge_key(struct crypto_key *armor, struct crypto_key *client_key,
                                           bool of_kdc, struct arena *a, struct crypto_key **out,
                                           struct error *err);

#endif
