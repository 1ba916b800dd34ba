// listen.h: the sockets of the daemon. The parent opens, for each address and each worker, a UDP
// and a TCP socket with SO_REUSEPORT, and keeps them over the death or retirement of a worker: what
// is queued in them waits for the next one. Beside them stands, for each worker, the pair over
// which it hands its open connections on (handover.h).
#ifndef OBOL_SERVER_LISTEN_H
#define OBOL_SERVER_LISTEN_H

#include "server/server.h"

#define LISTEN_ADDRESS_MAX (4 * SERVER_LISTEN_MAX) // "*" becomes two, and TCP may have its own

struct listen_set {
    struct listen_address {
        union sock_address address; // with the port that was bound
        bool udp, tcp;
    } at[LISTEN_ADDRESS_MAX];
    size_t count;
    unsigned workers;
    int udp[SERVER_WORKERS_MAX][LISTEN_ADDRESS_MAX]; // -1: closed
    int tcp[SERVER_WORKERS_MAX][LISTEN_ADDRESS_MAX];
    int handover[SERVER_WORKERS_MAX][2];
};

// listen_parse reads "ADDRESS:PORT", "[V6]:PORT", "*:PORT" or ":PORT" (two results) into out[2];
// *count is how many. Without a port 88 is meant. INVALID_ARGUMENT with the text otherwise.
MUST_USE enum obol_code listen_parse(const char *text, union sock_address out[2], size_t *count,
                                     struct error *err);
// listen_open binds everything. A port that any other process uses, even one of the same user with
// SO_REUSEPORT, is refused (IO), since it would share our requests.
MUST_USE enum obol_code listen_open(struct listen_set *set, const struct server_config *config,
                                    unsigned workers, struct error *err);
void listen_close(struct listen_set *set);
// listen_keep_only closes the sockets of all other workers: for a child.
void listen_keep_only(struct listen_set *set, unsigned worker);
// listen_write writes "127.0.0.1:4242 [::1]:4242"; one that is UDP's or TCP's alone says so:
// "127.0.0.1:4242/udp".
void listen_write(const struct listen_set *set, struct writer *w);
void sock_address_write(const union sock_address *a, struct writer *w);
socklen_t sock_address_len(const union sock_address *a);

#endif
