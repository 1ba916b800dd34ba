// as.h: the AS client (RFC 4120 3.1): a password or long-term key becomes an initial ticket.
//
//     as_client_init(&c, &params, env, arena, err);
//     reply = empty; for (;;) { as_client_step(&c, reply, &out, err); ... }
//     as_client_clear(&c);
#ifndef OBOL_CLIENT_AS_H
#define OBOL_CLIENT_AS_H

#include "client/clock.h"
#include "client/fast.h"
#include "krb/pki.h"
#include "krb/pkinit.h"

// PKINIT (RFC 4556). All borrowed.
struct client_pkinit {
    const struct pki_identity *identity; // NULL: anonymous (RFC 8062)
    const struct pki_trust *trust;       // the CAs that the KDC's certificate must come from
    uint32_t purposes;                   // PKI_PURPOSE_... of which it must have one; 0: any
    struct slice_list hosts;             // that it may name in place of the realm's TGS
    bool require_crl, allow_sha1;        // allow_sha1: the KDC's signature may be over SHA-1
    const struct pkinit_group *group;    // to begin with, and the weakest; NULL: 2048 bits
};

struct as_params {
    struct principal client;
    const struct principal *service; // NULL: krbtgt of the client's realm
    struct int32_list etypes;        // in order of preference; with a keytab, those it has keys of
    bool allow_weak;                 // allow_weak_crypto: else weak enctypes are struck from etypes
    uint32_t options;                // KDC_OPT_FORWARDABLE, _PROXIABLE, _CANONICALIZE ...
    int64_t start;                   // seconds from now; 0: now (else a postdated ticket is asked)
    int64_t lifetime;                // seconds; 0: as long as the KDC gives
    int64_t renew_lifetime;          // seconds; 0: not renewable
    int64_t clockskew;               // seconds; 0: 300
    bool no_timesync; // do not take over the KDC's clock when ours is off (kdc_timesync = 0)
    bool optimistic;  // send a proof before the KDC asks (needs what it takes at once, and guesses
                      // salt and enctype)
    const int32_t *optimistic_types; // the first that can be made unasked, 0 at the end; NULL: an
                                     // encrypted timestamp
    bool salt_said;                  // `salt` is the password's where the KDC names none
    struct slice salt;
    struct host_address_list addresses; // empty: a ticket without addresses, as is usual
    const int32_t *preauth_allowed;     // padata types that may be used, 0 at the end; NULL: all
    bool pac_said, pac_wanted;        // PA-PAC-REQUEST (MS-KILE 2.2.3): ask for a PAC, or for none
    const int32_t *preauth_preferred; // and which of them first, 0 at the end; NULL: our order
    const struct client_pkinit *pkinit; // NULL: none
    struct int32_list spake_groups;     // best first; empty: edwards25519
    // FAST (RFC 6113): a TGT of somebody's for the client's realm, inside whose armor the login
    // goes. NULL: it goes bare. Without armor_required it goes bare until the KDC says that it can
    // do FAST, which somebody on the way could keep from us.
    const struct cred *armor;
    bool armor_required;
    bool only_realm; // only of which realm the client is: CLIENT_DONE says it by `client.realm`,
                     // with no ticket, and nothing of it is proved
    // With only_realm: DER of a certificate that is the client's, in the place of his name (MS-SFU
    // 3.1.5.1.1.1); `client` names nobody. Empty: he is named.
    struct slice certificate;
    bool gives_codes; // CLIENT_CODE, for a one-time code, is understood
    bool gives_pins; // with the code comes its PIN, if one is wanted: the password is not asked for
    bool hide_names; // in armor: the KDC is not to say in the open who logs in
    int64_t
        armor_offset; // seconds that the KDC's clock is ahead of ours, as the armor's cache has it
};

// What the reply told besides the ticket.
struct as_facts {
    int64_t clock_offset; // seconds that the KDC's clock is ahead of ours; store it in the cache
    int64_t password_expires; // 0: not said
    int64_t account_expires;  // 0: not said
    int32_t reply_etype;      // enctype that sealed the reply
    int32_t preauth;          // padata type that the KDC accepted; 0: none was asked
    bool request_verified;    // the KDC proved that it saw our request unaltered (RFC 6806 11)
    bool fast_available;      // it also says, so protected, that it can do FAST
    bool armored;             // the login went in the armor of FAST
    unsigned round_trips;
};

enum as_state { AS_START, AS_SENT, AS_KEY_WANTED, AS_CODE_WANTED, AS_DONE, AS_DEAD };

// The machine. Fields are its own; read `ticket` and `facts` after CLIENT_DONE. Slices borrow from
// the params, the replies (which are copied) and the arena.
struct as_client {
    struct as_params params;
    const struct env *env;
    struct arena *arena;

    // What is asked for, after referrals.
    struct principal client, service;
    int32_t etypes[CLIENT_ETYPES_MAX];
    size_t etype_count;
    struct slice realms[CLIENT_HOPS_MAX + 1]; // visited, the present one last
    size_t realm_count;

    // The key: derived from a password by a hint, or given itself.
    const struct secret *password;
    struct crypto_key *key;                          // NULL: none yet
    const struct secret *code;                       // one-time, of a token; NULL: none yet
    const struct secret *pin;                        // that goes with it; NULL: the password
    size_t token;                                    // of those of the challenge
    bool token_said;                                 // else the KDC finds out which it is
    struct slice code_of;                            // what the KDC calls the token
    bool key_given;                                  // by as_client_key: it cannot be derived again
    struct client_key_hint key_hint;                 // how it was derived
    struct client_key_hint hints[CLIENT_ETYPES_MAX]; // any of them will do now, best first
    size_t hint_count;

    // The exchange.
    enum as_state state;
    const struct as_stage *stages; // the list that is run, and how far it came
    size_t stage_count, stage;
    const struct client_preauth *preauth; // the mechanism in the present request; NULL: none
    uint32_t preauth_tried;               // a bit for each mechanism of the list
    struct padata_list method_data;       // of the last PREAUTH_REQUIRED, or of the next message
    bool go_on;                           // with `preauth`: the KDC asked for more of it
    bool guess_refused;                   // the KDC did not take a proof that it had not asked for
    bool proof_sent;                      // `preauth` has shown the key, or what it takes for one
    bool expired;                         // a conversation grew too old once
    struct slice spake_support;           // that was sent; empty: none
    struct client_pkinit_state {
        const struct pkinit_group *group;
        struct pkinit_dh dh;          // of the present request
        struct crypto_key *reply_key; // before FAST mixed into it
        bool retried;                 // with another group
    } pkinit;
    struct client_fast fast;   // armor NULL: none yet
    struct client_clock clock; // the KDC's, for the armor
    struct env shifted;
    bool armored;         // the present request is
    struct padata cookie; // PA-FX-COOKIE to be sent back; its value is NULL: none
    int64_t offset;       // seconds that the KDC's clock is ahead of env's
    bool skew_corrected, use_tcp;
    uint32_t nonce, options;
    int64_t from, till, rtime;     // as asked for; 0: not
    struct slice body;             // of the present request, encoded
    struct slice request;          // as last sent
    struct krb_error *refusal;     // the last reply, out of its armor; NULL: it was none
    struct crypto_key *reply_key;  // of the mechanism, in place of `key`; NULL: none
    struct crypto_key *strengthen; // that FAST mixes into it; NULL: none
    struct kdc_rep rep;
    struct enc_kdc_rep_part enc;

    struct cred ticket;
    struct as_facts facts;
};

// as_client_init begins. Everything in params borrows and must outlive the machine, as must the
// arena, which holds its keys and messages. INVALID_ARGUMENT, ENCTYPE_UNSUPPORTED (no enctype is
// left), NAME_MALFORMED.
MUST_USE enum obol_code as_client_init(struct as_client *c, const struct as_params *params,
                                       const struct env *env, struct arena *a, struct error *err);
// as_client_step takes the reply to the last CLIENT_SEND (empty at the first step and after a key
// was given) and says what it wants. A failure is final: PASSWORD_WRONG, REPLY_MISMATCH,
// KRB_AP_ERR_SKEW, any error of the KDC with its facts ...
MUST_USE enum obol_code as_client_step(struct as_client *c, struct slice reply,
                                       struct client_output *out, struct error *err);
// as_client_password answers CLIENT_KEY, or comes before the first step. It borrows until
// as_client_clear: the key is derived again when a KDC names other salts.
void as_client_password(struct as_client *c, const struct secret *password);
// as_client_key gives a key itself (of a keytab), copied into the arena.
MUST_USE enum obol_code as_client_key(struct as_client *c, int32_t etype, struct slice key,
                                      struct error *err);
static inline int64_t as_client_now(const struct as_client *c) { // the KDC's, in seconds
    return env_now(c->env) + c->offset;
}
// as_client_code answers CLIENT_CODE, or comes before the first step; it borrows as the password
// does.
void as_client_code(struct as_client *c, const struct secret *code);
// as_client_code_of gives the code of one of the challenge's tokens, and its PIN (NULL: none; the
// password, where the KDC wants one and there is a password).
void as_client_code_of(struct as_client *c, size_t token, const struct secret *code,
                       const struct secret *pin);
// as_client_clear forgets; the arena is the caller's to reset.
void as_client_clear(struct as_client *c);

#endif
