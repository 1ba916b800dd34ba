// acceptor.h: the service's end of a login by token: SPNEGO (RFC 4178), bare krb5 (RFC 4121) or
// IAKERB, as a step machine. Bytes in, bytes out: it works for HTTP Negotiate (RFC 4559) and any
// protocol that can carry tokens.
#ifndef OBOL_GSS_ACCEPTOR_H
#define OBOL_GSS_ACCEPTOR_H

#include "gss/context.h"
#include "gss/iakerb.h"
#include "krb/ap.h"

// What carries an IAKERB client's message to a KDC of the realm, and gives the reply in the arena.
struct gss_kdc_proxy {
    void *ctx;
    struct slice realm; // told to clients that ask which one; empty: none is told
    enum obol_code (*exchange)(void *ctx, struct slice realm, struct slice message, struct arena *a,
                               struct slice *reply, struct error *err);
};

struct gss_acceptor_params {
    const struct ap_key_source *keys;  // the keytab
    const struct ap_replay *replay;    // NULL only where the caller has another defence
    const struct principal *service;   // NULL: any service that the keys are for
    const struct gss_kdc_proxy *proxy; // NULL: IAKERB is not accepted
    struct slice_list frames;          // OIDs that a first token may be of; empty: all
    struct slice_list mechs;           // OIDs that SPNEGO may choose; empty: all that there are
    struct int32_list etypes;          // of session keys and subkeys; empty: all but weak ones
    struct int32_list ticket_etypes;   // of the key that opens the ticket; empty: any
    int64_t clockskew;                 // seconds; 0: 300
    struct realm_path_source path;     // find NULL: paths of realms are not checked
    struct slice bindings;             // GSS_BINDINGS_BYTES of this channel; empty: not checked
};

struct gss_acceptor;
// A mechanism beneath SPNEGO. A step takes the client's token and gives ours.
struct gss_acceptor_mech {
    bool (*is_oid)(struct slice oid);
    bool (*possible)(const struct gss_acceptor_params *params);
    enum obol_code (*step)(struct gss_acceptor *g, struct slice token, struct slice *out,
                           struct error *err);
};

struct gss_acceptor {
    struct gss_acceptor_params params;
    const struct env *env;
    struct arena *arena; // the whole exchange lives in it
    bool started, done, dead;

    // SPNEGO
    bool spnego; // the client speaks it
    bool mic_needed, mic_sent, mic_received;
    struct slice mech_types, chosen; // as the client sent them; chosen is empty before a choice

    // The mechanism
    const struct gss_acceptor_mech *mech;
    bool mech_done;
    bool third_leg;           // an AP-REP of the client's is awaited (DCE style)
    struct slice frame_oid;   // of the client's tokens
    struct ap_accepted *ap;   // in the arena
    struct iakerb_talk *talk; // of IAKERB, in the arena; NULL: there was none

    struct gss_context context; // valid when done
};

enum gss_progress {
    GSS_PROGRESS_MORE, // send *out, await another token
    GSS_PROGRESS_DONE, // send *out if it is not empty; the client is who he says
};

// gss_acceptor_init prepares one exchange; arena and params' targets outlive it.
void gss_acceptor_init(struct gss_acceptor *g, const struct gss_acceptor_params *params,
                       const struct env *env, struct arena *a);
// gss_acceptor_step takes the client's token; an empty first one asks for SPNEGO's hints. On
// failure *out may hold a token that tells the client of it, to be sent all the same; the exchange
// is dead then. What the context holds borrows from the tokens too: those that are passed outlive
// it.
MUST_USE enum obol_code gss_acceptor_step(struct gss_acceptor *g, struct slice token,
                                          struct slice *out, enum gss_progress *progress,
                                          struct error *err);

extern const struct gss_acceptor_mech GSS_ACCEPTOR_KRB5, GSS_ACCEPTOR_IAKERB;
MUST_USE enum obol_code gss_krb5_accept(struct gss_acceptor *g, struct slice token,
                                        struct slice *out, struct error *err);

#endif
