// proxied.h: the pair of sockets between a proxy, which ends TLS in a process of its own (proxy.h),
// and the workers: a message each way a request. What the proxy writes is checked as foreign bytes
// are, since it has parsed the network's; that it tells the truth about the client's address is
// all that it is trusted with.
#ifndef OBOL_SERVER_PROXIED_H
#define OBOL_SERVER_PROXIED_H

#include "server/service.h"

#define PROXIED_MAX (128u * 1024) // bytes of a request or a reply

struct worker;
struct source;

// proxied_open makes a pair: [0] is the workers' end, [1] the proxy's; one that retires at a reload
// and its successor have one each. False with errno.
MUST_USE bool proxied_open(int ends[2]);

// The workers' side.
MUST_USE bool proxied_start(struct worker *w);
void proxied_serve(struct worker *w, const struct source *from);
void proxied_stop(struct worker *w);

// The proxy's side. proxied_send asks under a number that no other question bears: WAITS that the
// pair has no room now, and it is to be sent again; GONE that no worker will ever take it.
// proxied_receive takes a message of a worker's; false: there is none. An empty reply means that
// the service has nothing to say to such a request.
enum proxied_status { PROXIED_SENT, PROXIED_WAITS, PROXIED_GONE };
struct proxied_answer {
    uint64_t number;    // of the question; 0: nobody's
    bool parked;        // no answer yet: it waits for somebody outside (asking.h)
    struct slice reply; // in the room that was given
};
MUST_USE enum proxied_status proxied_send(int fd, uint64_t number, const union sock_address *peer,
                                          struct slice request);
MUST_USE bool proxied_receive(int fd, struct buf room, struct proxied_answer *out);

#endif
