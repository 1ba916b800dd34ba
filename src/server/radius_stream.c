// radius_stream.c: see radius_stream.h.
#include "server/radius_stream.h"
#include "base/ct.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEAD = 20, LENGTH_AT = 2 };

void radius_stream_init(struct radius_stream *s) {
    *s = (struct radius_stream){.fd = -1};
}

void radius_stream_close(struct radius_stream *s) {
    if (s->fd >= 0)
        close(s->fd);
    wipe(s->in, s->have);
    s->fd = -1;
    s->have = s->gone = 0;
}

static bool connect_to(struct radius_stream *s, struct slice path) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (path.len > RADIUS_PATH_MAX)
        return errno = ENAMETOOLONG, false;
    memcpy(to.sun_path, path.ptr, path.len);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd >= 0 && connect(s->fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return s->anew = true;
    int why = errno;
    radius_stream_close(s);
    errno = why;
    return false;
}

bool radius_stream_send(struct radius_stream *s, struct slice path, struct slice packet) {
    if (s->fd < 0 && !connect_to(s, path))
        return false;
    ssize_t n = send(s->fd, packet.ptr, packet.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n == (ssize_t)packet.len)
        return true;
    if (n >= 0)
        errno = ENOBUFS; // a part of a packet cannot be taken back
    return false;
}

// The length of the packet that begins what was read; 0: too little of it is there.
static size_t packet_length(const struct radius_stream *s, bool *malformed) {
    size_t there = s->have - s->gone;
    const uint8_t *at = s->in + s->gone;
    if (there < LENGTH_AT + 2)
        return 0;
    size_t len = (size_t)at[LENGTH_AT] << 8 | at[LENGTH_AT + 1];
    *malformed = len < HEAD || len > RADIUS_PACKET_MAX;
    return *malformed || len > there ? 0 : len;
}

bool radius_stream_holds(const struct radius_stream *s) {
    bool malformed = false;
    return packet_length(s, &malformed) > 0 || malformed;
}

enum radius_stream_status radius_stream_next(struct radius_stream *s, struct slice *packet) {
    bool malformed = false;
    size_t len;
    while ((len = packet_length(s, &malformed)) == 0 && !malformed) {
        if (s->fd < 0)
            return RADIUS_STREAM_WAITS;
        memmove(s->in, s->in + s->gone, s->have - s->gone);
        s->have -= s->gone;
        s->gone = 0;
        ssize_t n = recv(s->fd, s->in + s->have, sizeof s->in - s->have, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return RADIUS_STREAM_WAITS;
        if (n <= 0)
            break;
        s->have += (size_t)n;
    }
    if (len == 0) {
        radius_stream_close(s);
        return RADIUS_STREAM_ENDED;
    }
    *packet = slice_of(s->in + s->gone, len);
    s->gone += len;
    return RADIUS_STREAM_PACKET;
}
