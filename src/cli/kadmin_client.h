// kadmin_client.h: calls to a realm's kadmind: one connection under RPCSEC_GSS with privacy
// (RFC 2203), made anew where the server has closed it or forgotten its context.
#ifndef OBOL_CLI_KADMIN_CLIENT_H
#define OBOL_CLI_KADMIN_CLIENT_H

#include "admin/kadm5.h"
#include "cli/client.h"
#include "gss/rpc_client.h"
#include "net/stream.h"

struct kadmin_client {
    struct net net;
    struct slice realm;
    struct net_server_list servers;
    struct cred ticket; // for the service; borrows from the session's arena
    struct net_stream stream;
    struct rpc_client rpc;
    struct arena context; // of `rpc`
    struct arena wire;    // of one call: its messages as they are carried
    uint32_t version;     // enum kadm5_version, as both ends speak it
    int64_t answered;     // when the server last proved itself: seconds since 1970
    bool asked;           // the last call may have reached it
};
// kadmin_client_open connects, proves who we are, and agrees on a version. net, realm, servers and
// ticket are filled; all else is zero. kadmin_client_close is due whatever came.
MUST_USE enum obol_code kadmin_client_open(struct kadmin_client *c, struct error *err);
void kadmin_client_close(struct kadmin_client *c);
// kadmin_client_call puts a call, whose version is filled in, and gives its results, in the arena.
// What the server says of it is in out->status. A call that changes something is never put twice:
// see put_reading.
MUST_USE enum obol_code kadmin_client_call(struct kadmin_client *c, uint32_t procedure,
                                           struct kadm5_message *arguments, struct arena *a,
                                           struct kadm5_message *out, struct error *err);

#endif
