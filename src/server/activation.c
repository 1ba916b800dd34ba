// activation.c: see activation.h.
#include "server/activation.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST = 3, KPASSWD_PORT = 464, KADMIN_PORT = 749 };

static long number_of(const char *name) {
    const char *text = getenv(name);
    char *end = NULL;
    long n = text && *text ? strtol(text, &end, 10) : 0;
    return end && *end == '\0' && n > 0 ? n : 0;
}

// The i-th of "name:name:name"; empty if there is none.
static struct slice name_at(struct slice names, size_t i) {
    for (; i > 0; i--)
        names = slice_sub(names, slice_find(names, ':') + 1, names.len);
    return slice_sub(names, 0, slice_find(names, ':'));
}

static enum activation_use use_of(const struct activation_socket *s, struct slice name) {
    static const struct {
        const char *name;
        enum activation_use use;
    } uses[] = {{"kpasswd", ACTIVATION_KPASSWD},
                {"kadmin", ACTIVATION_KADMIN},
                {"https", ACTIVATION_HTTPS},
                {"metrics", ACTIVATION_METRICS}};
    for (size_t i = 0; i < COUNT_OF(uses); i++)
        if (slice_eq_str(name, uses[i].name))
            return uses[i].use;
    const union sock_address *a = &s->address;
    uint16_t port = a->any.sa_family == AF_INET    ? a->v4.sin_port
                    : a->any.sa_family == AF_INET6 ? a->v6.sin6_port
                                                   : 0;
    if (ntohs(port) == KADMIN_PORT)
        return ACTIVATION_KADMIN;
    return ntohs(port) == KPASSWD_PORT ? ACTIVATION_KPASSWD : ACTIVATION_KDC;
}

static int option_of(int fd, int name) {
    int value = -1;
    socklen_t len = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

static enum obol_code take_one(struct activation_socket *s, int fd, struct slice name,
                               struct error *err) {
    union {
        union sock_address address;
        struct sockaddr_un path;
    } own = {0};
    socklen_t len = sizeof own;
    int type = option_of(fd, SO_TYPE);
    error_remedy(err, "Give it ListenStream= and ListenDatagram= of addresses, or ListenStream= of "
                      "a path, with Accept=no.");
    ENSURE(getsockname(fd, (struct sockaddr *)&own, &len) == 0, INVALID_ARGUMENT,
           "descriptor %d of the service manager: %s", fd, strerror(errno));
    bool local = own.address.any.sa_family == AF_UNIX;
    bool family =
        local || own.address.any.sa_family == AF_INET || own.address.any.sa_family == AF_INET6;
    bool served =
        type == SOCK_STREAM ? option_of(fd, SO_ACCEPTCONN) == 1 : type == SOCK_DGRAM && !local;
    ENSURE(family && served, INVALID_ARGUMENT,
           "descriptor %d of the service manager is no socket that can be served", fd);
    *s = (struct activation_socket){.fd = fd, .stream = type == SOCK_STREAM};
    if (local) {
        s->address.any.sa_family = AF_UNIX;
        memcpy(s->path, own.path.sun_path, sizeof s->path - 1);
    } else {
        s->address = own.address;
    }
    s->use = use_of(s, name);
    ENSURE(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
               fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0,
           IO, "descriptor %d of the service manager: %s", fd, strerror(errno));
    return OBOL_OK;
}

enum obol_code activation_take(struct activation *out, struct error *err) {
    long count = number_of("LISTEN_PID") == getpid() ? number_of("LISTEN_FDS") : 0;
    const char *names = getenv("LISTEN_FDNAMES");
    memset(out, 0, sizeof *out);
    ENSURE(count <= ACTIVATION_MAX, INVALID_ARGUMENT,
           "the service manager hands over %ld sockets; %d are possible", count, ACTIVATION_MAX);
    for (; out->count < (size_t)count; out->count++)
        TRY(take_one(&out->at[out->count], FIRST + (int)out->count,
                     name_at(slice_str(names), out->count), err));
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return OBOL_OK;
}

size_t activation_count(const struct activation *a, enum activation_use use) {
    size_t n = 0;
    for (size_t i = 0; a && i < a->count; i++)
        n += a->at[i].use == use;
    return n;
}
