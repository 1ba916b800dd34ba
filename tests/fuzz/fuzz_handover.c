// fuzz_handover.c: what a worker's successor is handed: a message of any bytes with any number of
// descriptors. The first byte says how many, the second how much room there is. Whatever comes, no
// descriptor stays open unseen.
#include "fuzz.h"
#include "server/handover.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FDS_MAX = 8 };

static void send_raw(int socket, struct slice bytes, size_t fds) {
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes.ptr, bytes.len};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fds) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
        control.head = (struct cmsghdr){CMSG_LEN(fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        for (size_t i = 0; i < fds; i++)
            memcpy(CMSG_DATA(&control.head) + i * sizeof(int), &socket, sizeof(int));
    }
    must_hold(sendmsg(socket, &message, 0) == (ssize_t)bytes.len);
}

// The lowest descriptor that is free: the same before and after if none was left open.
static int lowest_free(int socket) {
    int fd = dup(socket);
    must_hold(fd >= 0 && close(fd) == 0);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int ends[2];
    struct handover_connection out;
    if (size < 3 || !handover_open(ends))
        return 0;
    size_t room = (size_t)data[1] * 257;
    uint8_t *memory = malloc(room + 1);
    must_hold(memory);
    int before = lowest_free(ends[0]);
    send_raw(ends[1], slice_of(data + 2, size - 2), data[0] % (FDS_MAX + 1));
    if (handover_receive(ends[0], buf_of(memory, room), &out) == HANDOVER_TAKEN) {
        must_hold(data[0] % (FDS_MAX + 1) == 1 && out.partial.len <= room &&
                  out.partial.len < size);
        int family = out.peer.any.sa_family;
        must_hold(family == AF_INET || family == AF_INET6 || family == AF_UNIX);
        uint8_t sum = 0;
        for (size_t i = 0; i < out.partial.len; i++)
            sum ^= out.partial.ptr[i];
        memory[room] = sum;
        must_hold(fcntl(out.fd, F_GETFD) == FD_CLOEXEC && close(out.fd) == 0);
    }
    must_hold(lowest_free(ends[0]) == before);
    free(memory);
    close(ends[0]);
    close(ends[1]);
    return 0;
}
