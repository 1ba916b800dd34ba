// cmd_status.c: obol status: what the daemon that serves a home has done so far. It is asked at the
// socket that it keeps there (server/teller.h).
#include "cli/commands.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (1024u * 1024)
#define SECONDS    5

static enum obol_code dial(struct cli *c, int *fd, struct error *err) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct slice path = arena_printf(c->arena, "%.*s/status.sock", SLICE_ARG(c->home));
    const struct timeval patience = {.tv_sec = SECONDS};
    ENSURE(path.len > 0 && path.len < sizeof to.sun_path, INVALID_ARGUMENT,
           "%.*s/status.sock is longer than the path of a socket may be", SLICE_ARG(c->home));
    memcpy(to.sun_path, path.ptr, path.len);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ENSURE(*fd >= 0, IO, "a socket: %s", strerror(errno));
    setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(*fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return OBOL_OK;
    int why = errno;
    close(*fd);
    ENSURE(why != EACCES, PERMISSION, "%.*s", SLICE_ARG(path));
    error_remedy(err, "Start it: obol serve; or name the home that is served with --home.");
    ENSURE(false, NOT_FOUND, "nobody serves %.*s: %s: %s", SLICE_ARG(c->home), to.sun_path,
           strerror(why));
    return OBOL_OK;
}

// What is wrong with an answer that is none.
static struct slice fault_of(struct cli *c, struct slice all) {
    if (all.len == 0)
        return SLICE_LITERAL("it closed the connection without a word");
    if (all.len < 12 || !slice_starts(all, SLICE_LITERAL("HTTP/1.")))
        return SLICE_LITERAL("what it says is no HTTP");
    for (size_t i = 9; i < 12; i++)
        if (all.ptr[i] < '0' || all.ptr[i] > '9')
            return SLICE_LITERAL("what it says is no HTTP");
    return arena_printf(c->arena, "its answer is cut off, or a refusal: HTTP status %.*s",
                        SLICE_ARG(slice_sub(all, 9, 12)));
}

static enum obol_code ask(struct cli *c, int fd, struct slice *body, struct error *err) {
    struct slice request =
        arena_printf(c->arena, "GET %s HTTP/1.0\r\n\r\n", c->json ? "/status" : "/status.txt");
    struct writer w = writer_to_arena(c->arena);
    uint8_t bytes[4096];
    ssize_t n = send(fd, request.ptr, request.len, MSG_NOSIGNAL);
    ENSURE(request.len && n == (ssize_t)request.len, IO, "the daemon of %.*s takes no question: %s",
           SLICE_ARG(c->home), n < 0 ? strerror(errno) : "only a part of it");
    while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0 && w.len < ANSWER_MAX)
        writer_bytes(&w, slice_of(bytes, (size_t)n));
    bool slow = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (slow)
        error_remedy(err, "Its log says whether it is overloaded, or stopped by a debugger.");
    ENSURE(!slow, IO, "the daemon of %.*s did not answer within %d seconds", SLICE_ARG(c->home),
           SECONDS);
    ENSURE(n == 0 && writer_ok(&w), IO, "the answer of the daemon of %.*s cannot be read: %s",
           SLICE_ARG(c->home),
           n < 0 ? strerror(errno) : "it is longer than any that a daemon gives");
    struct slice all = writer_slice(&w);
    const uint8_t *end = all.len ? memmem(all.ptr, all.len, "\r\n\r\n", 4) : NULL;
    bool fine = all.len > 12 && memcmp(all.ptr + 8, " 200", 4) == 0;
    if (!end || !fine)
        error_remedy(err,
                     "See that status.sock in the home is served by `obol serve`, and of this "
                     "version: %s.",
                     OBOL_VERSION);
    ENSURE(end && fine, IO, "the answer of the daemon of %.*s is not understood: %.*s",
           SLICE_ARG(c->home), SLICE_ARG(fault_of(c, all)));
    *body = slice_sub(all, (size_t)(end - all.ptr) + 4, all.len);
    return OBOL_OK;
}

static enum obol_code status(struct cli *c, const void *options, struct error *err) {
    struct slice body = {0};
    int fd;
    UNUSED(options);
    TRY(dial(c, &fd, err));
    enum obol_code code = ask(c, fd, &body, err);
    close(fd);
    writer_bytes(&c->out, body);
    return code;
}

const struct cli_command CMD_STATUS = {
    .name = "status",
    .group = CLI_GROUP_REALM,
    .summary = "show what the KDC that serves the realm has done so far",
    .arguments = "",
    .details = "Requests by type, result and the stage that failed, their latency, the cache, the "
               "queue, the size of the store. The same figures are served to Prometheus at "
               "metrics_listen of kdc.conf.",
    .examples = "obol status\tof the realm in /var/lib/obol\n"
                "obol status --json\tfor programs\n",
    .min_args = 0,
    .max_args = 0,
    .wants = CLI_WANTS_HOME,
    .run = status,
};
