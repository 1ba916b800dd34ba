// client.h: what the AS and TGS clients (as.h, tgs.h) have in common. Both are state machines
// without I/O (RFC 4120 3.1, 3.3): a step takes the bytes that a KDC sent and says what it wants
// next, a message carried to a KDC or a key. Whoever drives them (net/, a test, an event loop) owns
// sockets and time-outs; clock and randomness come in through `struct env`.
#ifndef OBOL_CLIENT_CLIENT_H
#define OBOL_CLIENT_CLIENT_H

#include "base/secret.h"
#include "cred/cred.h"
#include "crypto/crypto.h"
#include "krb/principal.h"
#include "proto/codes.h"
#include "proto/types.h"

#define CLIENT_HOPS_MAX   10 // referrals that are followed (RFC 6806 asks for a bound)
#define CLIENT_ETYPES_MAX 16
#define CLIENT_CLOCKSKEW  300 // seconds, where the caller says nothing

enum client_want {
    CLIENT_SEND, // carry `message` to a KDC of `realm` and step with its reply
    CLIENT_KEY,  // give a password or key for `key` (as_client_password, as_client_key), then step
    CLIENT_CODE, // give a one-time code of a token (as_client_code), then step; only to callers who
                 // have said that they can
    CLIENT_DONE, // the ticket is there
};

// How the KDC wants a key derived (ETYPE-INFO2, RFC 4120 5.2.7.5). What stands here is not
// authenticated; the machine has struck the enctypes that it did not offer.
struct client_key_hint {
    int32_t etype;
    struct slice salt;
    struct slice s2kparams;
};

struct client_output {
    enum client_want want;
    struct slice realm;         // CLIENT_SEND
    struct slice message;       // CLIENT_SEND
    bool tcp;                   // CLIENT_SEND: the KDC said that its reply is too big for UDP
    struct principal principal; // CLIENT_KEY: whose key; CLIENT_CODE: whose code
    struct slice tokens;        // CLIENT_CODE: what the KDC calls the tokens; empty: nothing
    struct slice challenge;     // CLIENT_CODE: its PA-OTP-CHALLENGE (proto/otp.h)
    const struct client_key_hint *hints; // CLIENT_KEY: any one of these will do, best first
    size_t hint_count;
};

#endif
