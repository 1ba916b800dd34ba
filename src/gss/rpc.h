// rpc.h: the messages of ONC RPC version 2 (RFC 5531) and of RPCSEC_GSS (RFC 2203), for both ends:
// bytes in, bytes out. rpc_client.h and rpc_server.h are the two ends, rpc_record.h says where in a
// TCP stream a message ends. XDR (RFC 4506) stands on four bytes, big endian.
#ifndef OBOL_GSS_RPC_H
#define OBOL_GSS_RPC_H

#include "gss/context.h"

enum {
    RPC_VERSION = 2,
    RPC_AUTH_MAX = 400,           // RFC 5531 8.2: bytes of a credential or verifier
    RPC_GSS_VERSION = 1,          // RFC 2203 5
    RPC_GSS_SEQ_MAX = 0x80000000, // RFC 2203 5.3.3.1: no sequence number reaches it
    RPC_NULL_PROCEDURE = 0,       // RFC 5531 12.1: of every program, does nothing
};
enum rpc_flavor { // RFC 5531 8.2
    RPC_AUTH_NONE = 0,
    RPC_AUTH_UNIX = 1,
    RPC_AUTH_GSS = 6,
    RPC_AUTH_GSSAPI = 300001, // MIT krb5's own, before RFC 2203
};
enum rpc_accept { // RFC 5531 9, accept_stat
    RPC_SUCCESS = 0,
    RPC_PROG_UNAVAIL = 1,
    RPC_PROG_MISMATCH = 2,
    RPC_PROC_UNAVAIL = 3,
    RPC_GARBAGE_ARGS = 4,
    RPC_SYSTEM_ERR = 5,
};
enum rpc_reject { RPC_MISMATCH = 0, RPC_AUTH_ERROR = 1 }; // RFC 5531 9, reject_stat
enum rpc_auth_stat {                                      // RFC 5531 9, RFC 2203 5.3.3.3
    RPC_AUTH_OK = 0,
    RPC_AUTH_BADCRED = 1,
    RPC_AUTH_REJECTEDCRED = 2,
    RPC_AUTH_BADVERF = 3,
    RPC_AUTH_REJECTEDVERF = 4,
    RPC_AUTH_TOOWEAK = 5,
    RPC_AUTH_INVALIDRESP = 6,
    RPC_AUTH_FAILED = 7,
    RPC_GSS_CREDPROBLEM = 13, // the context is not known (any more)
    RPC_GSS_CTXPROBLEM = 14,  // it is, and the message does not fit it
};
enum rpc_gss_procedure { // RFC 2203 5
    RPC_GSS_DATA = 0,
    RPC_GSS_INIT = 1,
    RPC_GSS_CONTINUE_INIT = 2,
    RPC_GSS_DESTROY = 3,
};
enum rpc_protection { // RFC 2203 5, rpc_gss_service_t
    RPC_PROTECT_NONE = 1,
    RPC_PROTECT_INTEGRITY = 2,
    RPC_PROTECT_PRIVACY = 3,
};

struct rpc_auth {
    uint32_t flavor;
    struct slice body;
};
struct rpc_call { // RFC 5531 9, call_body
    uint32_t xid, rpc_version, program, version, procedure;
    struct rpc_auth cred, verf;
    struct slice header; // from the xid through `cred`: what a verifier signs (RFC 2203 5.3.1)
    struct slice body;   // what follows: the arguments, protected as the credential says
};
struct rpc_reply { // RFC 5531 9, reply_body
    uint32_t xid;
    bool denied;
    // accepted
    struct rpc_auth verf;
    uint32_t accept;    // enum rpc_accept
    uint32_t low, high; // of PROG_MISMATCH and RPC_MISMATCH
    struct slice body;  // of SUCCESS: the results, protected as the call was
    // denied
    uint32_t reject, auth_stat;
};
struct rpc_gss_cred { // RFC 2203 5, version 1
    uint32_t procedure, seq, protection;
    struct slice handle;
};
struct rpc_gss_init_res { // RFC 2203 5.2.3.1
    struct slice handle;
    uint32_t major, minor, window;
    struct slice token;
};

// rpc_call_read and the others that read borrow from the bytes, and refuse with FORMAT what ends
// early, has a length above its bound, padding that is not zero or, where the end is known, bytes
// left over. The version of RPC is the caller's to look at.
MUST_USE enum obol_code rpc_call_read(struct slice record, struct rpc_call *out, struct error *err);
// rpc_call_write writes up to the credential (call->verf and body are not looked at), so that the
// verifier can be made over it; rpc_auth_write appends that.
void rpc_call_write(struct writer *w, const struct rpc_call *call);
void rpc_auth_write(struct writer *w, struct rpc_auth auth);
MUST_USE enum obol_code rpc_reply_read(struct slice record, struct rpc_reply *out,
                                       struct error *err);
// rpc_reply_write writes all but the body, which is the caller's to append.
void rpc_reply_write(struct writer *w, const struct rpc_reply *reply);

MUST_USE enum obol_code rpc_gss_cred_read(struct slice body, struct rpc_gss_cred *out,
                                          struct error *err);
void rpc_gss_cred_write(struct writer *w, const struct rpc_gss_cred *cred);
MUST_USE enum obol_code rpc_gss_token_read(struct slice body, struct slice *token,
                                           struct error *err);
void rpc_opaque_write(struct writer *w, struct slice bytes); // XDR opaque<>
MUST_USE enum obol_code rpc_gss_init_res_read(struct slice body, struct rpc_gss_init_res *out,
                                              struct error *err);
void rpc_gss_init_res_write(struct writer *w, const struct rpc_gss_init_res *res);

// rpc_body_seal protects arguments or results of the call with number `seq` (RFC 2203 5.3.2) and
// appends them. rpc_body_open is its reverse: the result is in the arena. DECRYPT_INTEGRITY,
// CHECKSUM_MISMATCH or KRB_AP_ERR_MODIFIED for what the other end of the context did not make for
// this call, FORMAT for what is no body.
MUST_USE enum obol_code rpc_body_seal(struct gss_context *ctx, enum rpc_protection protection,
                                      uint32_t seq, struct slice plain, const struct env *env,
                                      struct arena *a, struct writer *w, struct error *err);
MUST_USE enum obol_code rpc_body_open(struct gss_context *ctx, enum rpc_protection protection,
                                      uint32_t seq, struct slice body, struct arena *a,
                                      struct slice *plain, struct error *err);
// rpc_verifier_make signs a sequence number or window (RFC 2203 5.2.3.1, 5.3.3.2), as the server's
// verifier does; rpc_verifier_check: KRB_AP_ERR_MODIFIED unless it is the other end's.
MUST_USE enum obol_code rpc_verifier_make(struct gss_context *ctx, uint32_t number, struct arena *a,
                                          struct rpc_auth *out, struct error *err);
MUST_USE enum obol_code rpc_verifier_check(struct gss_context *ctx, uint32_t number,
                                           struct rpc_auth verf, struct error *err);

const char *rpc_accept_name(uint32_t accept);       // "PROC_UNAVAIL"; NULL if not known
const char *rpc_auth_stat_name(uint32_t auth_stat); // "AUTH_TOOWEAK"

#endif
