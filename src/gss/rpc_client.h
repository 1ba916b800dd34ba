// rpc_client.h: the client's end of ONC RPC under RPCSEC_GSS (RFC 2203) as a machine: bytes in,
// bytes out. What it gives to be sent has its record mark; what it takes are whole records, as
// rpc_record_next finds them in what was received. One call is on its way at a time.
//
//     TRY(rpc_client_start(&c, &params, env, a, &send, err));      // a lives as long as c
//     while (!c.established)
//         TRY(rpc_client_establish(&c, received, &send, err));     // send, unless it is empty
//     TRY(rpc_client_call(&c, procedure, arguments, b, &send, err)); // b lives as long as the call
//     TRY(rpc_client_take(&c, received, b, &results, err));
//     TRY(rpc_client_leave(&c, b, &send, err)); // nothing need be awaited
#ifndef OBOL_GSS_RPC_CLIENT_H
#define OBOL_GSS_RPC_CLIENT_H

#include "gss/initiator.h"
#include "gss/rpc.h"

struct rpc_client_params {
    const struct cred *ticket; // for the service; outlives the client
    uint32_t program, version;
    enum rpc_protection protection; // 0: privacy
};
struct rpc_client {
    struct rpc_client_params params;
    const struct env *env;
    struct arena *arena;
    struct gss_initiator initiator;
    struct slice handle;
    uint32_t xid, seq, window;
    bool established;
    bool waits; // for the reply to `xid`
    // So says a reply that nobody proves to be the server's (RFC 5531 9): it does not know the
    // context (any more), and has done nothing. Start anew, with the same ticket.
    bool lost;
};

// rpc_client_start makes the first message of the context's establishment.
MUST_USE enum obol_code rpc_client_start(struct rpc_client *c,
                                         const struct rpc_client_params *params,
                                         const struct env *env, struct arena *a, struct slice *send,
                                         struct error *err);
// rpc_client_establish takes a reply to it; *send, if not empty, is the next message.
// c->established tells when it is done. An error that the server's GSS-API sent in a token comes
// back as its own code; PERMISSION if it refused without saying why; MUTUAL_FAILED if it did not
// prove itself.
MUST_USE enum obol_code rpc_client_establish(struct rpc_client *c, struct slice reply,
                                             struct slice *send, struct error *err);
// rpc_client_call makes the record of a call; arguments are XDR.
MUST_USE enum obol_code rpc_client_call(struct rpc_client *c, uint32_t procedure,
                                        struct slice arguments, struct arena *a, struct slice *send,
                                        struct error *err);
// rpc_client_take opens the reply; the results, XDR, live in the arena. KRB_AP_ERR_MODIFIED and the
// like if the context's other end did not make it for this call; UNSUPPORTED: the server knows no
// such program, version or procedure; FORMAT: it could not read the arguments; IO: it failed;
// PERMISSION: it refuses the call, and c->lost tells whether a new context would help.
MUST_USE enum obol_code rpc_client_take(struct rpc_client *c, struct slice reply, struct arena *a,
                                        struct slice *results, struct error *err);
// rpc_client_leave makes the record that tells the server to forget the context.
MUST_USE enum obol_code rpc_client_leave(struct rpc_client *c, struct arena *a, struct slice *send,
                                         struct error *err);

#endif
