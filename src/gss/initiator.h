// initiator.h: the client's end of a login by token: SPNEGO (RFC 4178) around krb5 (RFC 4121) or
// IAKERB, or one of those bare, as a step machine. The ticket for krb5 is there already; getting
// one is client/'s. IAKERB gets its own, through the service.
#ifndef OBOL_GSS_INITIATOR_H
#define OBOL_GSS_INITIATOR_H

#include "gss/context.h"
#include "gss/iakerb.h"
#include "krb/ap.h"

struct gss_initiator_params {
    const struct cred *ticket;        // for krb5; NULL: krb5 is not to be offered
    const struct iakerb_login *login; // for IAKERB; NULL: IAKERB is not to be offered
    const struct cred *forwarded;     // a TGT to delegate; NULL: none
    uint32_t flags;                   // enum gss_flag that are wanted; DELEG goes with `forwarded`
    struct slice bindings;            // GSS_BINDINGS_BYTES of this channel; empty: none
    bool bindings_aware;              // say that we know of bindings (gss_bindings_authdata)
    struct int32_list etypes;         // of the messages' key, best first (RFC 4537); may be empty
    bool bare;                        // no SPNEGO around: the first of mechs alone
    struct slice_list
        mechs; // OIDs to offer, best first; empty: krb5, and IAKERB if there is a login
};

struct gss_initiator;
// A mechanism beneath SPNEGO. A step takes the service's token (empty at first) and gives ours.
struct gss_initiator_mech {
    bool (*is_oid)(struct slice oid);
    bool (*possible)(const struct gss_initiator_params *params);
    enum obol_code (*step)(struct gss_initiator *g, struct slice token, struct slice *out,
                           struct error *err);
};

struct gss_initiator {
    struct gss_initiator_params params;
    const struct env *env;
    struct arena *arena; // the whole exchange lives in it

    // SPNEGO
    struct slice_list mechs; // those offered
    struct slice mech_types; // as sent: the MIC covers these bytes
    bool negotiated;         // the service's first answer came
    bool mic_needed, mic_sent, mic_received;

    // The mechanism
    const struct gss_initiator_mech *mech;
    bool started, mech_done;
    struct cred ticket;           // in use: params' or what IAKERB got
    struct slice frame_oid;       // of its tokens
    struct iakerb_client *iakerb; // of IAKERB, in the arena
    struct ap_req_sent sent;
    bool mutual_proved; // the service proved that it holds the key of its name

    bool done, dead;
    struct gss_context context; // valid when mech_done
};

// gss_initiator_start makes the first token. Without GSS_FLAG_MUTUAL a bare krb5 exchange is over
// with it (g->done); else the service's answer goes to gss_initiator_step.
MUST_USE enum obol_code gss_initiator_start(struct gss_initiator *g,
                                            const struct gss_initiator_params *params,
                                            const struct env *env, struct arena *a,
                                            struct slice *out, struct error *err);
// gss_initiator_step takes the service's token; *out, if not empty, is to be sent. g->done tells
// whether the exchange is over. MUTUAL_FAILED if the service did not prove itself; an error that
// the service sent comes back as its own code. After a failure the exchange is dead.
MUST_USE enum obol_code gss_initiator_step(struct gss_initiator *g, struct slice token,
                                           struct slice *out, struct error *err);

// For the mechanisms: krb5 with the ticket in g->ticket, framed for g->frame_oid; the checksum over
// IAKERB's conversation goes along if that is not empty.
MUST_USE enum obol_code gss_krb5_initiate(struct gss_initiator *g, struct slice conversation,
                                          struct slice *out, struct error *err);
MUST_USE enum obol_code gss_krb5_finish(struct gss_initiator *g, struct slice token,
                                        struct slice *out, struct error *err);
extern const struct gss_initiator_mech GSS_INITIATOR_KRB5, GSS_INITIATOR_IAKERB;

#endif
