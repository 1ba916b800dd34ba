// service.h: what the workers serve, as a const descriptor: bytes in, bytes out. The KDC is one
// (kdc_service.c); tests bring their own. The workers own sockets, batches, framing, limits and
// logging, and know nothing of what the bytes mean; a service owns no socket.
#ifndef OBOL_SERVER_SERVICE_H
#define OBOL_SERVER_SERVICE_H

#include "base/arena.h"
#include "base/error.h"
#include "kdc/question.h"
#include "server/event.h"
#include "server/frame.h"
#include <netinet/in.h>

union sock_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};
// sock_address_network is what limits know a peer by: its IPv4 address, also where it comes through
// a socket of both families, which a service manager may have opened; the /64 of IPv6; empty on
// this machine's own sockets.
static inline struct slice sock_address_network(const union sock_address *a) {
    if (a->any.sa_family == AF_INET)
        return slice_of(&a->v4.sin_addr, 4);
    if (a->any.sa_family != AF_INET6)
        return (struct slice){0};
    bool mapped = IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr);
    return slice_of(a->v6.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
}

struct metrics;
struct service_request {
    struct slice bytes;
    const union sock_address *peer;
    enum event_transport via; // all but UDP: a reply of any size can go back, and the peer is who
                              // it says it is
    // What was asked outside about this request, NULL: nothing yet; and where the service puts what
    // it must know before it can answer: then there is no reply yet (asking.h).
    const struct kdc_answer *known;
    struct kdc_question *question;
};

struct service {
    const char *name;
    bool writes;             // its workers write to the store: their filter lets them
    enum frame_kind framing; // of its requests and replies by TCP
    size_t memory;           // bytes that an answer may take; 0: 4 MiB
    // share makes what all processes of the daemon share (in shared memory): called once, in the
    // parent, before the first of them is forked. May be NULL.
    enum obol_code (*share)(const void *config, void **shared, struct error *err);
    void (*unshare)(void *shared);
    // open makes the state of one worker: called in the worker's process before it gives up its
    // rights, and once in the parent to check a configuration (closed again at once). `config` is
    // server_config.service.
    enum obol_code (*open)(const void *config, void *shared, void **state, struct error *err);
    // renew is called before each batch: a new snapshot of the store.
    enum obol_code (*renew)(void *state, struct error *err);
    // release is called before the worker sleeps: give the snapshot up. May be NULL.
    void (*release)(void *state);
    // answer makes the reply to one request and fills the event (already zero but for transport and
    // peer). An empty reply means that none is sent. The reply and the event's slices borrow from
    // the arena or the state, until the next call.
    struct slice (*answer)(void *state, const struct service_request *rq, struct arena *a,
                           struct event *event);
    // refuse makes the KRB-ERROR for what the transport itself must refuse: RESPONSE_TOO_BIG (UDP),
    // FIELD_TOOLONG (TCP). May be empty.
    struct slice (*refuse)(void *state, enum obol_code code, struct arena *a);
    // subject is the account that a request is about, for limits (limits.h); nothing of it is
    // believed. May be NULL.
    struct slice (*subject)(void *state, struct slice request);
    // count puts the service's own figures into the worker's. May be NULL.
    void (*count)(void *state, struct metrics *metrics);
    void (*close)(void *state); // NULL is fine

    // The keeper's side: a process of its own that writes to the store what the events tell (last
    // login, failures) in groups. All may be NULL: nothing is kept.
    enum obol_code (*keep_open)(const void *config, void *shared, void **state, struct error *err);
    // keep takes one event; keep_commit makes all taken so far durable in one transaction.
    void (*keep)(void *state, const struct event *event);
    enum obol_code (*keep_commit)(void *state, struct error *err);
    void (*keep_close)(void *state);
};

#endif
