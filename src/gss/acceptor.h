// acceptor.h: the service's end of a login by token: SPNEGO (RFC 4178) or bare krb5 (RFC 4121), as
// a step machine. Bytes in, bytes out: it works for HTTP Negotiate (RFC 4559) and any protocol that
// can carry tokens.
#ifndef OBOL_GSS_ACCEPTOR_H
#define OBOL_GSS_ACCEPTOR_H

#include "gss/context.h"
#include "krb/ap.h"

struct gss_acceptor_params {
    const struct ap_key_source *keys; // the keytab
    const struct ap_replay *replay;   // NULL only where the caller has another defence
    const struct principal *service;  // NULL: any service that the keys are for
    int64_t clockskew;                // seconds; 0: 300
    struct slice bindings;            // GSS_BINDINGS_BYTES of this channel; empty: not checked
};

struct gss_acceptor {
    struct gss_acceptor_params params;
    const struct env *env;
    struct arena *arena; // the whole exchange lives in it
    bool started, done;
    bool spnego;      // the client speaks SPNEGO
    bool must_mic;    // krb5 was not the client's first choice: the list must be authenticated
    bool established; // the krb5 part is over
    struct slice mech_types, mech; // as the client sent them
    struct gss_context context;    // valid when done
};

enum gss_progress {
    GSS_PROGRESS_MORE, // send *out, await another token
    GSS_PROGRESS_DONE, // send *out if it is not empty; the client is who he says
};

// gss_acceptor_init prepares one exchange; arena and params' targets outlive it.
void gss_acceptor_init(struct gss_acceptor *g, const struct gss_acceptor_params *params,
                       const struct env *env, struct arena *a);
// gss_acceptor_step takes the client's token. On failure *out may hold a token that tells the
// client of it, to be sent all the same; the exchange is over then.
MUST_USE enum obol_code gss_acceptor_step(struct gss_acceptor *g, struct slice token,
                                          struct slice *out, enum gss_progress *progress,
                                          struct error *err);

#endif
