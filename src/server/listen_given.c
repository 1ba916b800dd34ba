// listen_given.c: the listening sockets that the workers of a daemon share, since the kernel
// spreads no load over several of them: sockets of this machine, by their path, and those that the
// service manager handed over. Each worker has a descriptor of its own for the same socket.
#include "server/listen.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static enum obol_code path_address(const char *path, struct sockaddr_un *out, struct error *err) {
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    ENSURE(strlen(path) < sizeof out->sun_path, INVALID_ARGUMENT,
           "%s: the path of a socket has at most %zu bytes", path, sizeof out->sun_path - 1);
    memcpy(out->sun_path, path, strlen(path) + 1);
    return OBOL_OK;
}

// A socket that its daemon left behind is removed; one that is served is not.
static enum obol_code clear_path(const char *path, const struct sockaddr_un *address,
                                 struct error *err) {
    struct stat st;
    if (lstat(path, &st) != 0)
        return OBOL_OK;
    ENSURE(S_ISSOCK(st.st_mode), IO, "listen address %s: there is a file that is no socket", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool served = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                              errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    ENSURE(!served, IO, "listen address %s: another daemon serves there", path);
    ENSURE(unlink(path) == 0, IO, "listen address %s: %s", path, strerror(errno));
    return OBOL_OK;
}

enum obol_code listen_path_open(const char *path, mode_t mode, int *out, struct error *err) {
    struct sockaddr_un address;
    TRY(path_address(path, &address, err));
    TRY(clear_path(path, &address, err));
    *out = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool open = *out >= 0 && bind(*out, (const struct sockaddr *)&address, sizeof address) == 0 &&
                chmod(path, mode) == 0 && listen(*out, BACKLOG) == 0;
    int why = errno;
    if (!open && *out >= 0) {
        close(*out);
        *out = -1;
    }
    ENSURE(open, IO, "listen address %s: %s", path, strerror(why));
    return OBOL_OK;
}

enum obol_code listen_shared_open(struct listen_set *set, unsigned worker, size_t at,
                                  struct error *err) {
    const struct listen_address *l = &set->at[at];
    // Who may reach a path of this machine is said by its directory.
    if (worker == 0 && !l->given)
        return listen_path_open(l->path, 0666, &set->tcp[0][at], err);
    int from = worker == 0 ? l->fd : l->tcp ? set->tcp[0][at] : set->udp[0][at];
    int fd = fcntl(from, F_DUPFD_CLOEXEC, 0);
    ENSURE(fd >= 0, IO, "a listening socket: %s", strerror(errno));
    if (l->tcp)
        set->tcp[worker][at] = fd;
    else
        set->udp[worker][at] = fd;
    return OBOL_OK;
}

void listen_add_given(struct listen_set *set, const struct activation *a, enum activation_use use) {
    for (size_t i = 0; a && i < a->count && set->count < LISTEN_ADDRESS_MAX; i++) {
        const struct activation_socket *s = &a->at[i];
        if (s->use != use)
            continue;
        struct listen_address *l = &set->at[set->count++];
        *l = (struct listen_address){
            .address = s->address, .udp = !s->stream, .tcp = s->stream, .given = true, .fd = s->fd};
        memcpy(l->path, s->path, sizeof l->path);
    }
}

void listen_remove_paths(const struct listen_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        const struct listen_address *l = &set->at[i];
        if (l->address.any.sa_family == AF_UNIX && !l->given && set->tcp[0][i] >= 0)
            unlink(l->path);
    }
}
