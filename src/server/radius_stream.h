// radius_stream.h: RADIUS with a server at a socket of this machine, as MIT krb5's KDC asks one
// (FreeIPA's ipa-otpd): a stream, on which the messages of radius.h follow each other, each as long
// as it says. Nothing is sent twice on it, and a server that closes it is connected to anew.
#ifndef OBOL_SERVER_RADIUS_STREAM_H
#define OBOL_SERVER_RADIUS_STREAM_H

#include "server/radius.h"

enum { RADIUS_PATH_MAX = 107 }; // bytes of a path that a sockaddr_un holds

struct radius_stream {
    int fd;            // -1: not connected
    bool anew;         // it was connected by radius_stream_send; its user takes note
    size_t have, gone; // bytes that were read, and those before that were given out
    uint8_t in[RADIUS_PACKET_MAX];
};

void radius_stream_init(struct radius_stream *s);
// radius_stream_send connects if need be, and sends a whole packet. False with errno: the stream is
// of no use for another one, but what the server said before may still be read from it; the caller
// closes it.
MUST_USE bool radius_stream_send(struct radius_stream *s, struct slice path, struct slice packet);
// radius_stream_next gives the next packet, whose bytes are the stream's until the next call.
enum radius_stream_status {
    RADIUS_STREAM_PACKET,
    RADIUS_STREAM_WAITS,
    RADIUS_STREAM_ENDED, // the server closed it, or what it says is no RADIUS: it is closed
};
enum radius_stream_status radius_stream_next(struct radius_stream *s, struct slice *packet);
// radius_stream_holds: the next call would read nothing: no event of the socket announces it.
MUST_USE bool radius_stream_holds(const struct radius_stream *s);
void radius_stream_close(struct radius_stream *s);

#endif
