// tgs.h: the TGS client (RFC 4120 3.3, RFC 6806): a TGT becomes a ticket for a service, through as
// many realms as lie between. Also renews, validates and forwards tickets.
#ifndef OBOL_CLIENT_TGS_H
#define OBOL_CLIENT_TGS_H

#include "client/fast.h"

struct tgs_params {
    const struct cred *tgt;   // krbtgt/R@S: the KDC of R is asked first
    struct principal service; // an empty realm: the KDC is to find it (referrals)
    struct int32_list etypes; // session keys that the service and we can use, best first
    bool allow_weak;
    uint32_t options; // KDC_OPT_CANONICALIZE, _FORWARDABLE, _RENEW, _VALIDATE, _ENC_TKT_IN_SKEY ...
    int64_t endtime;  // absolute; 0: that of the TGT
    int64_t renew_till; // absolute; 0: none
    struct slice
        additional_ticket; // DER of a Ticket, for _ENC_TKT_IN_SKEY and delegation; or empty
    // Of a ticket with KDC_OPT_FORWARDED or _PROXY, which is for another machine; empty: for any.
    struct host_address_list addresses;
    int64_t clock_offset; // seconds, as the cache has it (struct as_facts)
    int64_t clockskew;    // seconds; 0: 300
    // Whom the ticket is to name as its client, where that is another than the TGT's (MS-SFU): with
    // s4u_self a ticket for ourselves is asked for in his name, else additional_ticket is the one
    // with which he came to us, and `options` has _CNAME_IN_ADDL_TKT. The TGT is of our own realm;
    // users and services may be of others.
    const struct principal *act_for; // NULL: nobody
    bool s4u_self;
    // S4U2Self: DER of the certificate with which he came, for the KDC of act_for's realm, which
    // says how he is named if act_for has no name; or empty.
    struct slice certificate;
    bool no_subkey; // seal the reply with the TGT's session key
    // The KDC of the first TGT's realm is known to do FAST (RFC 6113): requests to it go in the
    // armor of the TGT, and answers must come so.
    bool fast;
    // Realms between the TGT's and the service's, nearest the TGT first, without both: [capaths] or
    // the hierarchy. Empty: the KDC is asked for the service's realm at once.
    struct slice_list path;
};

enum tgs_state { TGS_START, TGS_SENT, TGS_DONE, TGS_DEAD };

// The machine. Fields are its own; read `ticket` and `tgts` after CLIENT_DONE.
struct tgs_client {
    struct tgs_params params;
    const struct env *env;
    struct arena *arena;

    struct cred tgt;        // the present one
    struct slice realm;     // whose KDC is asked: the realm the present TGT is for
    struct principal asked; // what the present request names
    bool asking_realm;      // it is a krbtgt on the way to the service's realm
    // asking_realm: n > 0 stands for path.items[n - 1], path.count + 1 for the service's realm.
    size_t path_at;
    struct slice toward; // the realm that is walked to; empty: the KDCs find it
    unsigned hops;       // TGTs taken since the first
    // S4U across realms (MS-SFU 3.1.5.1.1, 3.1.5.2.2), tgs_s4u.c. S4U2Self: to the user's realm,
    // and back with his PAC. S4U2Proxy: asked for at our realm, which may give a TGT with the
    // user's PAC; then a TGT of our own for the service's realm; then the user's on to there; last
    // the ticket, by both.
    enum {
        TGS_S4U_NONE,
        TGS_SELF_GO,
        TGS_SELF_BACK,
        TGS_PROXY_FIRST,
        TGS_PROXY_OWN,
        TGS_PROXY_GO,
        TGS_PROXY_LAST
    } s4u;
    struct principal user; // as the KDC of his realm names him
    struct slice home;     // the realm of the first TGT's client
    struct cred own_tgt, user_tgt;
    struct principal_name target; // as the service is asked for in the user's name
    bool plain_name;              // its own name was tried behind name@REALM
    bool user_known;              // by a protected answer
    uint32_t options;             // of the present request
    int32_t etypes[CLIENT_ETYPES_MAX];
    size_t etype_count;
    struct slice realms[CLIENT_HOPS_MAX + 1]; // visited, the present one last
    size_t realm_count;

    enum tgs_state state;
    struct crypto_key *session, *subkey; // subkey is NULL if none was sent
    struct crypto_key *strengthen;       // of the armored answer; NULL: none
    struct client_fast fast;             // armor NULL: the present request is bare
    uint32_t nonce;
    int64_t now, till, rtime; // of the present request
    struct slice request;
    bool use_tcp, plain_tried;
    unsigned round_trips;
    struct kdc_rep rep;
    struct enc_kdc_rep_part enc;

    // TGTs met on the way, worth storing in the cache; then the ticket asked for.
    struct cred tgts[CLIENT_HOPS_MAX];
    size_t tgt_count;
    struct cred ticket;
};

// tgs_client_init begins; lifetimes as for as_client_init. CRED_EXPIRED when the TGT is no longer
// valid, ENCTYPE_UNSUPPORTED, INVALID_ARGUMENT (the TGT is none).
MUST_USE enum obol_code tgs_client_init(struct tgs_client *c, const struct tgs_params *params,
                                        const struct env *env, struct arena *a, struct error *err);
// tgs_client_step is as as_client_step; it never wants a key.
MUST_USE enum obol_code tgs_client_step(struct tgs_client *c, struct slice reply,
                                        struct client_output *out, struct error *err);
// tgs_client_clear forgets the keys; the arena is the caller's to reset.
void tgs_client_clear(struct tgs_client *c);

#endif
