// context.h: what an established krb5 context knows (RFC 4121), for both of its ends, and the parts
// that the ends share: the checksum in the authenticator, and MIC tokens.
#ifndef OBOL_GSS_CONTEXT_H
#define OBOL_GSS_CONTEXT_H

#include "crypto/crypto.h"
#include "krb/principal.h"

enum gss_flag { // RFC 2744 4.1 and RFC 4121 4.1.1.1
    GSS_FLAG_DELEG = 1,
    GSS_FLAG_MUTUAL = 2,
    GSS_FLAG_REPLAY = 4,
    GSS_FLAG_SEQUENCE = 8,
    GSS_FLAG_CONF = 16,
    GSS_FLAG_INTEG = 32,
    GSS_FLAG_ANON = 64,
};
#define GSS_BINDINGS_BYTES 16 // MD5 of the channel bindings (RFC 4121 4.1.1.2)
#define GSS_CKSUMTYPE      0x8003

// What is known when the exchange is over; all borrows from the arena of the exchange.
struct gss_context {
    bool initiator; // this end began
    struct principal client, service;
    uint32_t flags;         // enum gss_flag, those in force
    int64_t endtime;        // of the ticket, seconds since 1970
    struct slice delegated; // DER of the KRB-CRED that the client delegated; empty: none
    struct crypto_key *key; // protects messages: acceptor's subkey, initiator's, or session key
    bool acceptor_subkey;   // it is the acceptor's
    uint64_t send_seq, receive_seq;
};

// The checksum field of the authenticator (RFC 4121 4.1.1): flags, channel bindings, delegation.
struct gss_cksum {
    struct slice bindings; // GSS_BINDINGS_BYTES, all zero: none
    uint32_t flags;
    struct slice delegated;
};
MUST_USE enum obol_code gss_cksum_read(struct slice bytes, struct gss_cksum *out,
                                       struct error *err);
MUST_USE enum obol_code gss_cksum_write(const struct gss_cksum *c, struct arena *a,
                                        struct slice *out, struct error *err);

// gss_mic_make makes the MIC token of a message (RFC 4121 4.2.6.1) and moves send_seq on.
MUST_USE enum obol_code gss_mic_make(struct gss_context *ctx, struct slice message, struct arena *a,
                                     struct slice *out, struct error *err);
// gss_mic_verify checks the other end's: KRB_AP_ERR_MODIFIED unless token, direction and message
// agree; TOKEN_MALFORMED if it is no MIC token. The sequence number is given back, not judged.
MUST_USE enum obol_code gss_mic_verify(const struct gss_context *ctx, struct slice message,
                                       struct slice mic, struct arena *a, uint64_t *seq,
                                       struct error *err);

#endif
