// stream.h: a TCP connection that stays open, for services that take many messages one after the
// other and say themselves where each ends (kadmin's ONC RPC). It waits; nothing else goes on
// meanwhile.
#ifndef OBOL_NET_STREAM_H
#define OBOL_NET_STREAM_H

#include "net/net.h"

#define NET_STREAM_CONNECT_MS 10000  // for one address
#define NET_STREAM_WAIT_MS    600000 // for the next byte: a server may have much to do

struct net_stream {
    const struct net *net; // its clock and trace
    struct slice realm;    // for errors and trace
    int fd;                // -1: not open
    char peer[128];        // "127.0.0.1:749"
};
// net_stream_open connects to the first server that takes the connection; those that are not for
// TCP are passed over. KDC_UNREACHABLE: facts name each address with what became of it.
MUST_USE enum obol_code net_stream_open(struct net_stream *s, const struct net *net,
                                        struct slice realm, const struct net_server_list *servers,
                                        struct error *err);
// net_stream_stale is whether the other end has closed an idle connection, or sent what nobody
// asked for: then it is of no use any more.
bool net_stream_stale(const struct net_stream *s);
// net_stream_send sends all of it. IO, TIMEOUT; the connection is closed then.
MUST_USE enum obol_code net_stream_send(struct net_stream *s, struct slice bytes,
                                        struct error *err);
// net_stream_receive waits for the next bytes: *len of them, at least one, at most room.len. IO
// also if the other end closes; TIMEOUT.
MUST_USE enum obol_code net_stream_receive(struct net_stream *s, struct buf room, size_t *len,
                                           struct error *err);
// net_stream_close: a stream that is closed, or all zero but for fd -1, is fine.
void net_stream_close(struct net_stream *s);

#endif
