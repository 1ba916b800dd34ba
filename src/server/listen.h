// listen.h: the sockets of the daemon. The parent opens, for each address and each worker, a UDP
// and a TCP socket with SO_REUSEPORT, and keeps them over the death or retirement of a worker: what
// is queued in them waits for the next one. Beside them stands, for each worker, the pair over
// which it hands its open connections on (handover.h).
#ifndef OBOL_SERVER_LISTEN_H
#define OBOL_SERVER_LISTEN_H

#include "server/activation.h"
#include "server/server.h"
#include <sys/types.h>

#define LISTEN_ADDRESS_MAX (4 * SERVER_LISTEN_MAX) // "*" becomes two, and TCP may have its own
_Static_assert(ACTIVATION_MAX <= LISTEN_ADDRESS_MAX, "all that is given can be served");

struct listen_set {
    struct listen_address {
        union sock_address address; // with the port that was bound
        bool udp, tcp;
        const char *by; // server.h: listen_by
        bool given;     // by the service manager: `fd` is it
        int fd;
        char path[108]; // of a socket of this machine: the family is AF_UNIX, and tcp set
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
// listen_open binds everything, or takes what the service manager gave for this use instead. A port
// that any other process uses, even one of the same user with SO_REUSEPORT, is refused (IO), since
// it would share our requests.
MUST_USE enum obol_code listen_open(struct listen_set *set, const struct server_config *config,
                                    unsigned workers, const struct activation *given,
                                    enum activation_use use, struct error *err);
void listen_close(struct listen_set *set);
// listen_bind opens one TCP socket that no worker shares; nonblocking.
MUST_USE enum obol_code listen_bind(const union sock_address *address, int *fd, struct error *err);
// listen_keep_only closes the sockets of all other workers: for a child.
void listen_keep_only(struct listen_set *set, unsigned worker);
// listen_write writes "127.0.0.1:4242 [::1]:4242"; one that is UDP's or TCP's alone says so:
// "127.0.0.1:4242/udp".
void listen_write(const struct listen_set *set, struct writer *w);
void sock_address_write(const union sock_address *a, struct writer *w);

// listen_given.c: sockets that all workers share.
void listen_add_given(struct listen_set *set, const struct activation *a, enum activation_use use);
MUST_USE enum obol_code listen_shared_open(struct listen_set *set, unsigned worker, size_t at,
                                           struct error *err);
// listen_path_open listens at a path of this machine, in the place of a socket that nobody serves.
MUST_USE enum obol_code listen_path_open(const char *path, mode_t mode, int *out,
                                         struct error *err);
void listen_remove_paths(const struct listen_set *set); // at the daemon's end

#endif
