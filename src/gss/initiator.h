// initiator.h: the client's end of a login by token: SPNEGO (RFC 4178) around krb5 (RFC 4121), or
// krb5 bare, as a step machine. It takes a ticket that is there already; getting one is client/'s.
#ifndef OBOL_GSS_INITIATOR_H
#define OBOL_GSS_INITIATOR_H

#include "client/client.h"
#include "gss/context.h"
#include "krb/ap.h"

struct gss_initiator_params {
    const struct cred *ticket;
    uint32_t flags;         // enum gss_flag that are wanted; DELEG goes with `delegated`
    struct slice bindings;  // GSS_BINDINGS_BYTES of this channel; empty: none
    struct slice delegated; // DER of a KRB-CRED; empty: none
    bool bare_krb5;         // no SPNEGO around
};

struct gss_initiator {
    struct gss_initiator_params params;
    const struct env *env;
    struct arena *arena;
    struct crypto_key *session;
    struct ap_req_sent sent;
    bool done;
    bool mutual_proved; // the service proved that it holds the key of its name
    struct slice mech_types;
    struct gss_context context; // valid when done
};

// gss_initiator_start makes the first token. Without GSS_FLAG_MUTUAL a bare krb5 exchange is over
// with it (g->done); else the service's answer goes to gss_initiator_step.
MUST_USE enum obol_code gss_initiator_start(struct gss_initiator *g,
                                            const struct gss_initiator_params *params,
                                            const struct env *env, struct arena *a,
                                            struct slice *out, struct error *err);
// gss_initiator_step takes the service's token; *out, if not empty, is to be sent. g->done tells
// whether the exchange is over. MUTUAL_FAILED if the service did not prove itself; an error that
// the service sent comes back as its own code.
MUST_USE enum obol_code gss_initiator_step(struct gss_initiator *g, struct slice token,
                                           struct slice *out, struct error *err);

#endif
