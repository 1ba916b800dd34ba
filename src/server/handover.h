// handover.h: open TCP connections pass from a worker that retires at a reload to its successor,
// over a socket pair that the parent keeps as it keeps the listening sockets: what waits in it
// outlives both. So a reload closes no connection, not even one whose client is silent for the
// moment.
#ifndef OBOL_SERVER_HANDOVER_H
#define OBOL_SERVER_HANDOVER_H

#include "server/service.h"

// A connection with more of an unfinished request than this stays where it is until it is served.
#define HANDOVER_PARTIAL_MAX 65536u

struct handover_connection {
    int fd;
    union sock_address peer;
    int64_t deadline_us;  // on the monotonic clock, which all processes share
    bool asked;           // it had a request before
    bool proven;          // one that showed that its sender has a key
    struct slice partial; // bytes of the next one
};
enum handover_status { HANDOVER_NONE, HANDOVER_TAKEN, HANDOVER_DAMAGED };

// handover_open makes the pair: [0] is read, [1] written. False with errno.
MUST_USE bool handover_open(int ends[2]);
// handover_send puts a connection into the pair; its descriptor is the caller's still. False if
// there is no room now.
MUST_USE bool handover_send(int socket, const struct handover_connection *c);
// handover_receive takes the next one: fd is the caller's, partial lies in `room`, which holds
// HANDOVER_PARTIAL_MAX bytes. A message that is none is dropped with its descriptors: DAMAGED.
MUST_USE enum handover_status handover_receive(int socket, struct buf room,
                                               struct handover_connection *out);

#endif
