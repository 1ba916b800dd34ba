// client.h: what the AS and TGS clients (as.h, tgs.h) have in common. Both are state machines
// without I/O (RFC 4120 3.1, 3.3): a step takes the bytes that a KDC sent and says what it wants
// next, a message carried to a KDC or a key. Whoever drives them (net/, a test, an event loop) owns
// sockets and time-outs; clock and randomness come in through `struct env`.
#ifndef OBOL_CLIENT_CLIENT_H
#define OBOL_CLIENT_CLIENT_H

#include "base/secret.h"
#include "crypto/crypto.h"
#include "krb/principal.h"
#include "proto/codes.h"
#include "proto/types.h"

#define CLIENT_HOPS_MAX   10 // referrals that are followed (RFC 6806 asks for a bound)
#define CLIENT_ETYPES_MAX 16
// Of PBKDF2: fewer than the RFC 3962 default would let a forged error weaken the password, more
// than the upper bound would keep us busy (crypto_string_to_key knows it).
#define CLIENT_ITERATIONS_MIN 4096

// A ticket with its session key, as a credential cache stores it. Slices borrow from the machine's
// arena.
struct client_ticket {
    struct principal client;
    struct principal server;     // from the sealed part of the reply, never from the plaintext
    struct encryption_key key;   // the session key
    uint32_t flags;              // TKT_...
    int64_t authtime, starttime; // seconds since 1970; starttime is authtime if the KDC sent none
    int64_t endtime, renew_till; // renew_till is 0 if the ticket is not renewable
    bool is_skey;                // sealed with another TGT's session key (user-to-user)
    struct host_address_list addresses;
    struct slice ticket;        // DER of the Ticket, as it came
    struct slice second_ticket; // of user-to-user: the other side's TGT; else empty
};

enum client_want {
    CLIENT_SEND, // carry `message` to a KDC of `realm` and step with its reply
    CLIENT_KEY,  // give a password or key for `key` (as_client_password, as_client_key), then step
    CLIENT_DONE, // the ticket is there
};

// How the KDC wants a key derived (ETYPE-INFO2, RFC 4120 5.2.7.5). What stands here is not
// authenticated; the machine has refused enctypes that were not offered and low iteration counts.
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
    bool wrong_before;          // CLIENT_KEY: the KDC refused a password already
    struct principal principal; // CLIENT_KEY: whose key
    const struct client_key_hint *hints; // CLIENT_KEY: any one of these will do, best first
    size_t hint_count;
};

#endif
