// handover.c: see handover.h. A message is the struct below as the machine has it, the bytes of the
// unfinished request, and one descriptor (SCM_RIGHTS); both sides are one binary. The reader checks
// it all the same, since the writer has parsed the network's bytes.
#include "server/handover.h"
#include <sys/socket.h>
#include <unistd.h>

struct handover_wire {
    int64_t deadline_us;
    union sock_address peer;
    uint32_t partial_len;
    uint32_t asked, proven; // 0 or 1: a bool of another value has none at all
};
enum { DESCRIPTORS_MAX = 4 }; // more than the one that may come, so that none is left open unseen

union control { // as cmsg(3) wants it aligned
    struct cmsghdr head;
    uint8_t bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
};

bool handover_open(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0;
}

bool handover_send(int socket, const struct handover_connection *c) {
    struct handover_wire wire;
    union control control = {0};
    memset(&wire, 0, sizeof wire); // its gaps go over, too
    wire.deadline_us = c->deadline_us;
    wire.peer = c->peer;
    wire.partial_len = (uint32_t)c->partial.len;
    wire.asked = c->asked;
    wire.proven = c->proven;
    struct iovec parts[2] = {{&wire, sizeof wire},
                             {(void *)(uintptr_t)c->partial.ptr, c->partial.len}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = c->partial.len ? 2 : 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(sizeof c->fd)};
    control.head = (struct cmsghdr){CMSG_LEN(sizeof c->fd), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.head), &c->fd, sizeof c->fd);
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

// The one descriptor that came; any others are closed. -1: none came, or several.
static int take_descriptor(struct msghdr *message) {
    int fds[DESCRIPTORS_MAX];
    size_t count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n && count < COUNT_OF(fds); i++)
            memcpy(&fds[count++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
    }
    if (count == 1)
        return fds[0];
    while (count > 0)
        close(fds[--count]);
    return -1;
}

static bool wire_valid(const struct handover_wire *wire, size_t partial_len) {
    return wire->partial_len == partial_len && wire->asked <= 1 && wire->proven <= 1 &&
           (wire->peer.any.sa_family == AF_INET || wire->peer.any.sa_family == AF_INET6 ||
            wire->peer.any.sa_family == AF_UNIX);
}

enum handover_status handover_receive(int socket, struct buf room,
                                      struct handover_connection *out) {
    struct handover_wire wire;
    union control control;
    struct iovec parts[2] = {{&wire, sizeof wire}, {room.ptr, room.len}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n <= 0)
        return HANDOVER_NONE;
    int fd = take_descriptor(&message);
    bool whole = !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && (size_t)n >= sizeof wire;
    if (fd < 0 || !whole || !wire_valid(&wire, (size_t)n - sizeof wire)) {
        if (fd >= 0)
            close(fd);
        return HANDOVER_DAMAGED;
    }
    *out = (struct handover_connection){.fd = fd,
                                        .peer = wire.peer,
                                        .deadline_us = wire.deadline_us,
                                        .asked = wire.asked != 0,
                                        .proven = wire.proven != 0,
                                        .partial = slice_of(room.ptr, wire.partial_len)};
    return HANDOVER_TAKEN;
}
