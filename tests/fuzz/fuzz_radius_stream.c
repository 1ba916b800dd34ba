// fuzz_radius_stream.c: what a RADIUS server at a socket of this machine may send: the packets that
// are read are the stream's bytes in their order, each as long as it says, and nothing is read
// twice.
#include "fuzz.h"
#include "server/radius_stream.h"
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct radius_stream stream;
    struct slice packet, rest = slice_of(data, size < 32768 ? size : 32768);
    enum radius_stream_status status;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    radius_stream_init(&stream);
    stream.fd = ends[0];
    if (rest.len && write(ends[1], rest.ptr, rest.len) != (ssize_t)rest.len)
        abort();
    while ((status = radius_stream_next(&stream, &packet)) == RADIUS_STREAM_PACKET) {
        size_t said = (size_t)packet.ptr[2] << 8 | packet.ptr[3];
        if (packet.len < 20 || packet.len > RADIUS_PACKET_MAX || packet.len != said ||
            !slice_eq(packet, slice_sub(rest, 0, packet.len)))
            abort();
        rest = slice_sub(rest, packet.len, rest.len);
    }
    size_t said = rest.len >= 4 ? (size_t)rest.ptr[2] << 8 | rest.ptr[3] : RADIUS_PACKET_MAX;
    bool waits = said >= 20 && said <= RADIUS_PACKET_MAX && rest.len < said;
    if (waits != (status == RADIUS_STREAM_WAITS))
        abort();
    radius_stream_close(&stream);
    close(ends[1]);
    return 0;
}
