// asking.h: requests that must wait for an answer from outside (whether a RADIUS server takes a
// one-time code), while their worker goes on with others. A request is parked as its bytes, so that
// nothing of it holds the store; when the answer is there, the service is asked again with both. A
// copy of a request that waits already (sent again, by TCP, to another worker) asks nothing: it
// gets the answer of the first.
#ifndef OBOL_SERVER_ASKING_H
#define OBOL_SERVER_ASKING_H

#include "server/worker.h"

enum { ASKING_PARKED_MAX = 1024, ASKING_ROUTE_MAX = 256 };

// How a reply that is late finds its way: what the transport keeps of it.
struct asking_route {
    // deliver sends the reply and says so in the event.
    void (*deliver)(struct worker *w, void *to, struct slice request, struct slice reply,
                    struct event *event);
    const void *to; // copied
    size_t len;
    const void *connection; // that it ends with; NULL: none
    bool forgetful;         // who asks sends the same again: a second copy from there is dropped
};

// asking_start opens a socket for each server of the configuration, if it has any.
MUST_USE bool asking_start(struct worker *w);
// asking_park has the request in hand, of which w->question tells what it waits for, wait; it takes
// the place of worker_finish. False: it is dropped, since there is no room, or waits already.
bool asking_park(struct worker *w, const struct service_request *rq, const struct event *event,
                 const struct asking_route *route);
// asking_forget is called when a connection closes: its requests get no reply.
void asking_forget(struct worker *w, const void *connection);
void asking_serve(struct worker *w, struct source *server, uint32_t events);
// asking_turn sends what is due and answers what is known by now; gives the milliseconds until it
// wants to be called again, at most `timeout`; -1: for ever.
int asking_turn(struct worker *w, int timeout);
bool asking_is_idle(const struct worker *w);
// asking_connects is whether a server is at a socket of this machine, which needs connect().
bool asking_connects(const struct worker *w);
// asking_stop answers those that still wait as not answered.
void asking_stop(struct worker *w);
void asking_free(struct worker *w);

#endif
