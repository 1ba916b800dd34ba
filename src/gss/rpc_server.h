// rpc_server.h: the server's end of ONC RPC under RPCSEC_GSS (RFC 2203), without I/O: a record in,
// a call or a reply out. Contexts are kept by the caller, as bytes (export.h), so that they outlive
// the process that made them.
#ifndef OBOL_GSS_RPC_SERVER_H
#define OBOL_GSS_RPC_SERVER_H

#include "gss/acceptor.h"
#include "gss/rpc.h"

enum {
    RPC_HANDLE_BYTES = 16,
    RPC_WINDOW = 64, // RFC 2203 5.3.3.1: so far behind the newest call an older one may come
};

// Where contexts are kept. Their bytes hold keys.
struct rpc_context_store {
    void *ctx;
    // add keeps one of a client's until `end` (seconds since 1970) under a handle of
    // RPC_HANDLE_BYTES. NO_MEMORY if it is too long.
    enum obol_code (*add)(void *ctx, struct slice handle, struct slice client, struct slice bytes,
                          int64_t end, struct error *err);
    // take copies one into the arena and holds it against every other process until `put`; false:
    // it is not known. put keeps the bytes in its place; empty: it is forgotten.
    bool (*take)(void *ctx, struct slice handle, struct arena *a, struct slice *bytes);
    void (*put)(void *ctx, struct slice handle, struct slice bytes);
};

struct rpc_server {
    uint32_t program, version;
    struct gss_acceptor_params accept; // its keys say which services are served
    struct rpc_context_store contexts;
    const struct env *env;
};

// One record on its way through the server. All borrows from the record and the arena.
struct rpc_taken {
    struct slice reply; // not empty: it is to be sent, and that is all
    bool is_call;       // it is to be answered, with rpc_server_answer
    bool made_context;  // that is what the record did
    bool known;         // whose it is: of `context`
    struct gss_context context;
    uint32_t procedure;
    struct slice arguments;
    struct rpc_call call; // the rest is the server's
    struct rpc_gss_cred cred;
};

// rpc_server_take takes one record. Whatever it fails with, out->reply may hold a refusal that is
// to be sent all the same; without one nothing is sent (bytes that are no call; a call that came
// before, RFC 2203 5.3.3.1). The error is for the log.
MUST_USE enum obol_code rpc_server_take(struct rpc_server *s, struct slice record, struct arena *a,
                                        struct rpc_taken *out, struct error *err);
// rpc_server_answer makes the reply to a call; results are XDR, of SUCCESS only.
MUST_USE enum obol_code rpc_server_answer(struct rpc_server *s, struct rpc_taken *taken,
                                          enum rpc_accept accept, struct slice results,
                                          struct arena *a, struct slice *reply, struct error *err);

#endif
