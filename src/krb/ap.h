// ap.h: the AP exchange (RFC 4120 3.2): a client proves to a service that it holds a ticket's
// session key, and the service proves itself back. Also the PA-TGS-REQ of the TGS exchange, which
// is an AP-REQ to the KDC. No I/O: the replay cache comes in as a function.
#ifndef OBOL_KRB_AP_H
#define OBOL_KRB_AP_H

#include "crypto/crypto.h"
#include "krb/principal.h"
#include "krb/realm_path.h"
#include "proto/types.h"

// What the initiator puts in (RFC 4120 3.2.2).
struct ap_req_params {
    struct ticket ticket; // `raw` as it came from the KDC
    struct principal client;
    struct crypto_key *session;          // the ticket's session key
    uint32_t ap_options;                 // AP_OPT_...
    uint32_t authenticator_usage;        // KU_AP_REQ_AUTHENTICATOR or KU_TGS_REQ_AUTHENTICATOR
    const struct checksum *cksum;        // NULL: none
    const struct encryption_key *subkey; // NULL: none
    bool with_seq_number;
    uint32_t seq_number;
    struct authdata_list authorization_data;
};
// What the initiator keeps to check the AP-REP with.
struct ap_req_sent {
    int64_t ctime;
    int32_t cusec;
};
// ap_req_build makes the AP-REQ; *out borrows from the arena.
MUST_USE enum obol_code ap_req_build(const struct ap_req_params *params, const struct env *env,
                                     struct arena *a, struct slice *out, struct ap_req_sent *sent,
                                     struct error *err);

// A key lookup of the acceptor: the key for a ticket's service name, enctype and kvno (0: not
// said). It reports what it holds when it has none: KRB_AP_ERR_NOKEY, _BADKEYVER, _NOT_US with
// facts. It may be asked for several candidates: `attempt` counts from 0, NOT_FOUND ends the
// search; so does a failure, which then counts instead of that no key opened the ticket.
//
// The name beside a ticket is not sealed: its client may write there what he likes. A source that
// gives keys of other names has `owner`, which tells whose key that of an attempt is, and that is
// the service then. NULL: all keys are of the name that was asked for.
struct ap_accepted;
struct ap_key_source {
    void *ctx;
    enum obol_code (*find)(void *ctx, const struct principal *service, int32_t etype, uint32_t kvno,
                           unsigned attempt, struct arena *a, struct crypto_key **key,
                           struct error *err);
    const struct principal *(*owner)(void *ctx, const struct principal *service, int32_t etype,
                                     uint32_t kvno, unsigned attempt);
};
// Tickets that the acceptor opened before: `find` fills in ticket, session and ticket_key for the
// one in out->req, whose service is out->service; false if it does not know it. It vouches for the
// very bytes that came.
struct ap_ticket_memory {
    void *ctx;
    bool (*find)(void *ctx, struct ap_accepted *out);
};
// A replay check (RFC 4120 3.2.3): remembers the tag and says whether it was seen before:
// OBOL_OK, OBOL_KRB_AP_ERR_REPEAT or OBOL_REPLAY_CACHE_IO. The tag is the authenticator's sealed
// bytes, of any length: they cannot be altered without the session key, so no other bytes carry the
// same authenticator. cred/rcache.h has the one across processes. `expect` is told of the tag
// before its ticket is deciphered, and may fetch what `check` will read; NULL: it need not know. It
// changes nothing, since nothing shows yet that the message is more than noise.
struct ap_replay {
    void *ctx;
    enum obol_code (*check)(void *ctx, struct slice tag, int64_t now, struct error *err);
    void (*expect)(void *ctx, struct slice tag);
};
struct ap_accept_params {
    const struct ap_key_source *keys;
    const struct ap_ticket_memory *memory; // NULL: none
    const struct ap_replay *replay;  // NULL: the caller has no need (KDC: the TGS is idempotent)
    const struct principal *service; // NULL: any name that the key source knows
    uint32_t authenticator_usage;
    int64_t clockskew;                 // seconds; 300 is usual
    struct realm_path_source path;     // find NULL: the path of realms is not checked here
    const struct host_address *sender; // NULL: addresses are not checked
    struct crypto_key *user_to_user;   // session key of the acceptor's own TGT; NULL: not accepted
    bool allow_invalid; // the KDC, which validates: INVALID and not-yet-valid tickets
};
// What the acceptor learns. All borrows from the arena.
struct ap_accepted {
    struct ap_req req;
    struct enc_ticket_part ticket;
    struct authenticator authenticator;
    struct principal client;
    struct principal service;      // whose key opened the ticket
    struct crypto_key *session;    // prepared from the ticket
    struct crypto_key *ticket_key; // the key that opened the ticket
    struct crypto_key *subkey;     // the authenticator's, prepared; NULL: it has none
};
// ap_req_accept does all checks of RFC 4120 3.2.3 in its order, but for the replay cache, which is
// asked last: a request that is refused anyway leaves no trace in it. A subkey must be a sound key:
// KEY_LENGTH or ENCTYPE_UNSUPPORTED otherwise.
MUST_USE enum obol_code ap_req_accept(struct slice ap_req, const struct ap_accept_params *params,
                                      const struct env *env, struct arena *a,
                                      struct ap_accepted *out, struct error *err);

// ap_accepted_facts says in an error whose request it was, and to whom.
void ap_accepted_facts(const struct ap_accepted *got, struct arena *a, struct error *err);

// ap_rep_build proves the acceptor (RFC 4120 3.2.4); subkey may be NULL.
MUST_USE enum obol_code ap_rep_build(const struct ap_accepted *accepted,
                                     const struct encryption_key *subkey, bool with_seq_number,
                                     uint32_t seq_number, const struct env *env, struct arena *a,
                                     struct slice *out, struct error *err);
// ap_rep_verify checks it against what was sent: MUTUAL_FAILED if it is not the answer.
MUST_USE enum obol_code ap_rep_verify(struct slice ap_rep, const struct ap_req_sent *sent,
                                      struct crypto_key *session, struct arena *a,
                                      struct enc_ap_rep_part *out, struct error *err);
// ap_rep_third_build is the initiator's answer to an AP-REP, the third leg of DCE style (MS-KILE
// 3.4.5.1): it repeats the acceptor's sequence number.
MUST_USE enum obol_code ap_rep_third_build(struct crypto_key *session, uint32_t seq_number,
                                           const struct env *env, struct arena *a,
                                           struct slice *out, struct error *err);
// ap_rep_third_verify is the acceptor's check of it: MUTUAL_FAILED if it does not repeat the
// number, or is no third leg (our own AP-REP, thrown back, has a subkey).
MUST_USE enum obol_code ap_rep_third_verify(struct slice ap_rep, struct crypto_key *session,
                                            uint32_t seq_number, struct arena *a,
                                            struct error *err);

#endif
