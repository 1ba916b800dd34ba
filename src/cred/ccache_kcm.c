// ccache_kcm.c: the KCM cache: tickets kept by a daemon behind a UNIX socket. The protocol is in
// kcm.c; here it is carried: a message is its length and its bytes, a reply's length leaves out the
// daemon's own status that stands first.
#include "base/reader.h"
#include "cred/ccache_ops.h"
#include "cred/kcm.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ARENA_FIRST 16384u
#define ARENA_LIMIT (4u * CCACHE_SIZE_MAX)
#define PATIENCE    10 // seconds that the daemon may take for a reply

static void clear_arena(struct arena *a) {
    arena_clear(a);
}

// A connection for the time of one call of the cache's.
struct link {
    struct kcm kcm;
    const char *socket;
    int fd;
};

static enum obol_code link_failed(const struct link *l, const char *what, int number,
                                  struct error *err) {
    error_remedy(err,
                 "Start the daemon (Heimdal's kcm, or sssd-kcm), set `kcm_socket` in krb5.conf "
                 "to its socket, or name a cache of another kind, such as FILE:/path.");
    ENSURE(false, CCACHE_IO, "%s: KCM's socket %s: %s: %s", l->kcm.name, l->socket, what,
           strerror(number));
}

static enum obol_code put(const struct link *l, struct slice bytes, struct error *err) {
    while (bytes.len) {
        ssize_t n = send(l->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return link_failed(l, "sending", errno, err);
        bytes = slice_sub(bytes, n > 0 ? (size_t)n : 0, SIZE_MAX);
    }
    return OBOL_OK;
}

static enum obol_code get(const struct link *l, uint8_t *out, size_t len, struct error *err) {
    while (len) {
        ssize_t n = recv(l->fd, out, len, 0);
        if (n == 0)
            return link_failed(l, "receiving", ECONNRESET, err);
        if (n < 0 && errno != EINTR)
            return link_failed(l, "receiving", errno, err);
        out += n > 0 ? (size_t)n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return OBOL_OK;
}

static enum obol_code link_exchange(void *ctx, struct slice request, struct arena *a,
                                    struct slice *reply, struct error *err) {
    const struct link *l = ctx;
    uint8_t head[8];
    struct writer w = writer_to_buf(buf_of(head, 4));
    writer_be32(&w, (uint32_t)request.len);
    TRY(put(l, slice_of(head, 4), err));
    TRY(put(l, request, err));
    TRY(get(l, head, 8, err));
    struct reader r = reader_of(slice_of(head, 8));
    uint32_t len = reader_be32(&r);
    int32_t status = (int32_t)reader_be32(&r);
    ENSURE(len <= KCM_REPLY_MAX, CCACHE_FORMAT, "%s: KCM announces a reply of %u bytes",
           l->kcm.name, len);
    ENSURE(status == 0, CCACHE_IO, "%s: KCM does not take the request: status %d", l->kcm.name,
           status);
    struct buf room = arena_buf(a, len + 1u);
    ENSURE_MEMORY(room.ptr);
    TRY(get(l, room.ptr, len, err));
    *reply = slice_of(room.ptr, len);
    return OBOL_OK;
}

static void link_close(struct link *l) {
    if (l->fd >= 0)
        close(l->fd);
}

static enum obol_code link_open(struct link *l, const char *name, const char *socket_path,
                                struct error *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = PATIENCE};
    *l = (struct link){.kcm = {l, link_exchange, name}, .socket = socket_path, .fd = -1};
    size_t len = strlen(socket_path);
    ENSURE(strcmp(socket_path, "-") != 0, UNSUPPORTED,
           "%s: krb5.conf turns KCM off (kcm_socket = -)", name);
    ENSURE(len < sizeof address.sun_path, INVALID_ARGUMENT, "kcm_socket is longer than %zu bytes",
           sizeof address.sun_path - 1);
    memcpy(address.sun_path, socket_path, len);
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        setsockopt(l->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
        connect(l->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return link_failed(l, "connecting", errno, err);
    return OBOL_OK;
}

static const char *socket_of(const struct krb5conf *conf, struct arena *a) {
    return conf && conf->kcm_socket.len ? arena_cstr(a, conf->kcm_socket) : KCM_SOCKET;
}

// BEGIN opens what a call of the cache's needs: an arena and a connection.
#define BEGIN(cc)                                                                                  \
    CLEANUP(clear_arena) struct arena own = {0};                                                   \
    CLEANUP(link_close) struct link l = {.fd = -1};                                                \
    ENSURE(arena_init(&own, ARENA_FIRST, ARENA_LIMIT), NO_MEMORY, "no memory for the cache");      \
    TRY(link_open(&l, (cc)->name, (cc)->place, err));                                              \
    struct slice cache = slice_str((cc)->residual)

static enum obol_code kcm_kind_open(struct ccache *cc, const struct krb5conf *conf,
                                    struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    struct slice primary;
    ENSURE(arena_init(&a, ARENA_FIRST, ARENA_LIMIT), NO_MEMORY, "no memory for a name");
    const char *path = socket_of(conf, &a);
    ENSURE_MEMORY(path);
    cc->place = strdup(path);
    ENSURE_MEMORY(cc->place);
    if (cc->residual[0])
        return OBOL_OK;
    CLEANUP(link_close) struct link l = {.fd = -1};
    TRY(link_open(&l, cc->name, cc->place, err));
    TRY(kcm_primary(&l.kcm, &a, &primary, err));
    return ccache_rename(cc, primary, err);
}

static void kcm_kind_close(struct ccache *cc) {
    UNUSED(cc);
}

static enum obol_code kcm_kind_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                                    struct error *err) {
    BEGIN(cc);
    return kcm_read(&l.kcm, cache, a, out, err);
}

static enum obol_code kcm_kind_initialize(struct ccache *cc, const struct ccache_content *content,
                                          struct error *err) {
    BEGIN(cc);
    return kcm_initialize(&l.kcm, cache, content, &own, err);
}

static enum obol_code kcm_kind_store(struct ccache *cc, const struct cred *creds, size_t count,
                                     struct error *err) {
    BEGIN(cc);
    return kcm_store(&l.kcm, cache, creds, count, &own, err);
}

static enum obol_code kcm_kind_remove(struct ccache *cc, const struct principal *server,
                                      struct error *err) {
    BEGIN(cc);
    return kcm_remove(&l.kcm, cache, server, &own, err);
}

static enum obol_code kcm_kind_destroy(struct ccache *cc, struct error *err) {
    BEGIN(cc);
    return kcm_destroy(&l.kcm, cache, &own, err);
}

static enum obol_code kcm_kind_make_primary(struct ccache *cc, struct error *err) {
    BEGIN(cc);
    return kcm_make_primary(&l.kcm, cache, &own, err);
}

static enum obol_code kcm_kind_list(const char *residual, const struct krb5conf *conf,
                                    struct arena *a, struct slice_list *out, struct error *err) {
    CLEANUP(link_close) struct link l = {.fd = -1};
    struct ccache_content content;
    const char *path = socket_of(conf, a);
    ENSURE_MEMORY(path);
    TRY(link_open(&l, "KCM:", path, err));
    if (!residual[0])
        return kcm_list(&l.kcm, a, out, err);
    struct slice one = slice_str(residual);
    return kcm_read(&l.kcm, one, a, &content, NULL) == OBOL_OK ? ccache_list_add(out, one, a, err)
                                                               : OBOL_OK;
}

static enum obol_code kcm_kind_unique(const char *residual, const struct krb5conf *conf,
                                      struct arena *a, struct slice *out, struct error *err) {
    CLEANUP(link_close) struct link l = {.fd = -1};
    UNUSED(residual);
    const char *path = socket_of(conf, a);
    ENSURE_MEMORY(path);
    TRY(link_open(&l, "KCM:", path, err));
    return kcm_unique(&l.kcm, a, out, err);
}

const struct ccache_ops CCACHE_KCM = {
    .kind = "KCM",
    .collects = true,
    .open = kcm_kind_open,
    .close = kcm_kind_close,
    .initialize = kcm_kind_initialize,
    .store = kcm_kind_store,
    .read = kcm_kind_read,
    .remove = kcm_kind_remove,
    .destroy = kcm_kind_destroy,
    .list = kcm_kind_list,
    .unique = kcm_kind_unique,
    .make_primary = kcm_kind_make_primary,
};
