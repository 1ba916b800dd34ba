// context.h: what an established krb5 context knows (RFC 4121), for both of its ends. message.h
// protects messages with it.
#ifndef OBOL_GSS_CONTEXT_H
#define OBOL_GSS_CONTEXT_H

#include "crypto/crypto.h"
#include "gss/cksum.h"
#include "krb/principal.h"

struct cred; // cred/cred.h

enum gss_flag { // RFC 2744 4.1, 4121 4.1.1.1, 5588; MS-KILE 3.2.5.2 from DCE on
    GSS_FLAG_DELEG = 1,
    GSS_FLAG_MUTUAL = 2,
    GSS_FLAG_REPLAY = 4,
    GSS_FLAG_SEQUENCE = 8,
    GSS_FLAG_CONF = 16,
    GSS_FLAG_INTEG = 32,
    GSS_FLAG_ANON = 64,
    GSS_FLAG_CHANNEL_BOUND = 0x800, // both ends stated the same bindings; never on the wire
    GSS_FLAG_DCE = 0x1000, // DCE RPC: raw messages, a third leg, wrap tokens that the caller pads
    GSS_FLAG_IDENTIFY = 0x2000,
    GSS_FLAG_EXTENDED_ERROR = 0x4000,
};

// What is known when the exchange is over; all borrows from the arena of the exchange.
struct gss_context {
    bool initiator; // this end began
    struct principal client, service;
    uint32_t flags;             // enum gss_flag, those in force
    int64_t endtime;            // of the ticket, seconds since 1970
    struct cred *delegated;     // what the client delegated, the TGT first
    size_t delegated_count;     //
    struct cred *ticket;        // the acceptor's end: with which the client came (for S4U2Proxy)
    struct crypto_key *session; // of the ticket
    struct crypto_key *key;     // protects messages: acceptor's subkey, initiator's, or session key
    bool acceptor_subkey;       // it is the acceptor's
    bool wrong_oid;             // the mechanism goes by Windows' OID, also in RFC 1964's frames
    bool kept;                  // `key` is on the heap: gss_context_keep
    // The initiator's subkey or, if it made none, the session key; NULL: it is `key`.
    struct crypto_key *initiator_key;
    uint64_t send_seq;
    uint64_t receive_seq, received; // order.h
    // Of the ticket: flags, when the client logged in, and, to the acceptor, what else it says.
    uint32_t ticket_flags;
    int64_t authtime;
    struct authdata_list authdata;
};

// gss_context_keep gives the context a key of its own on the heap, whose schedules outlive other
// contexts' work in the same thread: before the first message. gss_context_release gives it back;
// a context without one, and one released before, are fine.
MUST_USE enum obol_code gss_context_keep(struct gss_context *ctx, struct error *err);
void gss_context_release(struct gss_context *ctx);

// gss_mic_make makes the MIC token of a message and moves send_seq on; message.h has the same for
// messages in parts.
MUST_USE enum obol_code gss_mic_make(struct gss_context *ctx, struct slice message, struct arena *a,
                                     struct slice *out, struct error *err);
// gss_mic_verify checks the other end's: KRB_AP_ERR_MODIFIED unless token, direction and message
// agree; TOKEN_MALFORMED if it is no MIC token. Its sequence number is given back, and counted as
// arrived.
MUST_USE enum obol_code gss_mic_verify(struct gss_context *ctx, struct slice message,
                                       struct slice mic, uint64_t *seq, struct error *err);

#endif
