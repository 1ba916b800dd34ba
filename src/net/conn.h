// conn.h: one attempt of transport.c: a message on its way to one address by one protocol. For
// transport.c and stream.c only.
#ifndef OBOL_NET_CONN_H
#define OBOL_NET_CONN_H

#include "net/frame.h"
#include "net/transport.h"

enum conn_state {
    CONN_IDLE,       // not tried yet
    CONN_WAITING,    // UDP: sent, a reply may come
    CONN_CONNECTING, // TCP
    CONN_SENDING,
    CONN_READING,
    CONN_POSTING, // HTTPS: the whole of it, driven by https.h
    CONN_DEAD,    // `result` says why
};
struct conn {
    const struct net_request *request;
    const struct net_server *server;
    enum net_protocol protocol;
    enum conn_state state;
    int fd; // -1: none
    struct https_post *post;
    unsigned sends;
    size_t sent; // TCP: bytes of head and message
    uint8_t head[4];
    struct net_frame frame;
    struct slice passed_over; // a reply that was judged NET_PASS
    char peer[128];           // "127.0.0.1:88", "[::1]:88", "/run/kdc.sock", "https://..."
    char result[80];
};

void conn_init(struct conn *c, const struct net_request *request, const struct net_server *server,
               enum net_protocol protocol);
void conn_close(struct conn *c);
// conn_start begins, or sends again what UDP may have lost.
void conn_start(struct conn *c, struct arena *a);
// conn_serve does what poll(2) said is possible; what is posted is served without that, too. True
// when *reply is there to be taken.
MUST_USE bool conn_serve(struct conn *c, short revents, struct arena *a, struct slice *reply);
// conn_poll is what to poll for, and on which descriptor (-1: none, but time passes); false if
// nothing.
MUST_USE bool conn_poll(const struct conn *c, int *fd, short *events);
static inline bool conn_alive(const struct conn *c) {
    return c->state != CONN_DEAD && c->state != CONN_IDLE;
}

// conn_name_peer writes a server's address as `peer` has it.
void conn_name_peer(const struct net_server *server, char *out, size_t size);

#endif
