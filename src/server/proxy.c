// proxy.c: see proxy.h. libmicrohttpd's thread does HTTP and TLS; the main thread accepts, asks the
// workers, and ends connections that are past their deadline, which no trickle of bytes moves. A
// connection whose message is asked about is suspended, so that nobody waits for another's answer.
#include "server/proxy.h"
#include "base/secret.h"
#include "der/der.h"
#include "krb/kkdcp.h"
#include "krb/kpasswd.h"
#include "server/http.h"
#include "server/proxied.h"
#include "server/sandbox.h"
#include "server/worker.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PEM_MAX = 1 << 20,
    POOL = 32 * 1024, // of a connection: its request's head and what libmicrohttpd needs
    ARENA_FIRST = 64 * 1024,
    ARENA_MAX = 1024 * 1024,
    ENVELOPE_MAX = PROXIED_MAX + 1024,
    ASK_US = 2000000,     // a worker takes a message up in so long, or none is there
    PARKED_US = 30000000, // then somebody outside is waited for
    TICK_MS = 500,
    DRAIN_US = 3000000,
    TELL_US = 500000,
    DRAIN_TICK_MS = 20,
    REPLIES = 64, // in a row
    ACCEPTS = 64,
};

// Whose turn a connection is: libmicrohttpd's thread touches it in TURN_HTTP and TURN_KNOWN only,
// the main thread in the others only.
enum visitor_turn { TURN_HTTP, TURN_TO_ASK, TURN_ASKED, TURN_KNOWN };

// A connection; it lives as libmicrohttpd's does, which is at least as long as it is suspended.
struct visitor {
    TAILQ_ENTRY(visitor) all;
    int fd;
    enum visitor_turn turn;
    struct MHD_Connection *connection;
    // What is asked, and what came of it.
    int service;
    union sock_address peer;
    struct slice message, reply;
    uint64_t number;
    int64_t until_us; // then it is given up
    bool answered;
    bool waits;          // its client has not been told yet
    int64_t deadline_us; // for the request that is due or has begun
    struct arena arena;  // of the request in hand
    struct writer body;
    bool too_long;
};
TAILQ_HEAD(visitors, visitor);

struct proxy {
    const struct proxy_config *config;
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock; // of the list, its deadlines and turns, and `ends`
    struct visitors visitors;
    size_t count;
    bool ends;       // nobody is suspended any more
    int wake;        // eventfd: somebody's turn is TURN_TO_ASK
    uint64_t number; // of the last question
    uint8_t reply[PROXIED_MAX];
};

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, const char *why) {
    const bool method = status == MHD_HTTP_METHOD_NOT_ALLOWED;
    return http_answer(c, status, "text/plain; charset=utf-8", slice_str(why),
                       method ? "Allow" : NULL, "POST");
}

static bool is_served(const struct proxy_config *config, struct slice realm) {
    for (size_t i = 0; i < config->realm_count; i++)
        if (slice_eq_nocase(config->realms[i], realm))
            return true;
    return realm.len == 0;
}

// Whose a message is: a KDC's begins with the tag of AS-REQ or TGS-REQ, kpasswd's is a frame of its
// own (RFC 3244). -1: nobody's.
static int service_of(const struct proxy_config *config, struct slice message) {
    struct kpasswd_frame frame;
    uint8_t tag = der_tag_of(message);
    if (tag == 0x6a || tag == 0x6c)
        return config->kdc;
    return kpasswd_frame_read(message, &frame, NULL) == OBOL_OK ? config->kpasswd : -1;
}

static void peer_of(struct MHD_Connection *c, union sock_address *out) {
    const union MHD_ConnectionInfo *info =
        mhd.get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *out = (union sock_address){0};
    if (info && info->client_addr->sa_family == AF_INET)
        memcpy(&out->v4, info->client_addr, sizeof out->v4);
    else if (info && info->client_addr->sa_family == AF_INET6)
        memcpy(&out->v6, info->client_addr, sizeof out->v6);
    else
        out->any.sa_family = AF_INET; // a socket of this machine
}

static int64_t deadline_of(const struct proxy *p) {
    return worker_clock_us() + (int64_t)p->config->deadline_ms * 1000;
}

// The main thread asks; once it knows, on_request is called again.
static enum MHD_Result ask(struct proxy *p, struct visitor *v, struct MHD_Connection *c) {
    struct slice realm;
    if (kkdcp_unwrap(writer_slice(&v->body), &v->arena, &v->message, &realm, NULL) != OBOL_OK)
        return refuse(c, MHD_HTTP_BAD_REQUEST, "this is no KDC-PROXY-MESSAGE (MS-KKDCP 2.2.2)\n");
    if (!is_served(p->config, realm))
        return refuse(c, MHD_HTTP_NOT_FOUND, "the realm asked for is not served here\n");
    v->service = service_of(p->config, v->message);
    if (v->service < 0 || v->message.len > PROXIED_MAX)
        return refuse(c, MHD_HTTP_BAD_REQUEST,
                      "the message is for no service that is reached here\n");
    peer_of(c, &v->peer);
    v->connection = c;
    pthread_mutex_lock(&p->lock);
    bool ends = p->ends;
    if (!ends) {
        v->turn = TURN_TO_ASK;
        v->waits = true;
        v->until_us = worker_clock_us() + ASK_US;
        mhd.suspend_connection(c);
    }
    pthread_mutex_unlock(&p->lock);
    if (ends)
        return refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the KDC ends\n");
    const uint64_t one = 1;
    ssize_t n = write(p->wake, &one, sizeof one);
    UNUSED(n); // it counts far enough
    return MHD_YES;
}

static enum MHD_Result tell(struct proxy *p, struct visitor *v, struct MHD_Connection *c) {
    struct slice out;
    pthread_mutex_lock(&p->lock);
    v->turn = TURN_HTTP;
    pthread_mutex_unlock(&p->lock);
    if (!v->answered)
        return refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the KDC does not answer\n");
    if (v->reply.len == 0)
        return refuse(c, MHD_HTTP_BAD_REQUEST, "the KDC has no answer to such a message\n");
    if (kkdcp_wrap(v->reply, (struct slice){0}, &v->arena, &out, NULL) != OBOL_OK)
        return refuse(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory for the reply\n");
    return http_answer(c, MHD_HTTP_OK, KKDCP_CONTENT_TYPE, out, NULL, NULL);
}

// ---- the main thread's side, under the lock

static void know(const struct proxy *p, struct visitor *v, bool answered, struct slice reply) {
    v->answered = answered && arena_copy(&v->arena, reply, &v->reply);
    v->turn = TURN_KNOWN;
    v->deadline_us = deadline_of(p);
    mhd.resume_connection(v->connection);
}

// Numbers go by the clock, so that a proxy that was started again asks none twice. True: some must
// wait until the pair has room.
static bool ask_due(struct proxy *p, int service) {
    struct visitor *v;
    TAILQ_FOREACH(v, &p->visitors, all) {
        if (v->turn != TURN_TO_ASK || v->service != service)
            continue;
        uint64_t now = (uint64_t)worker_clock_us();
        v->number = p->number = now > p->number ? now : p->number + 1;
        enum proxied_status status = proxied_send(service, v->number, &v->peer, v->message);
        if (status == PROXIED_WAITS)
            return true;
        v->turn = TURN_ASKED;
        if (status == PROXIED_GONE)
            know(p, v, false, (struct slice){0});
    }
    return false;
}

// NULL: the question was given up, and the reply is passed over.
static struct visitor *asked(struct proxy *p, int service, uint64_t number) {
    struct visitor *v;
    TAILQ_FOREACH(v, &p->visitors, all)
    if (v->turn == TURN_ASKED && v->service == service && v->number == number)
        return v;
    return NULL;
}

static void take_replies(struct proxy *p, int service) {
    struct proxied_answer answer;
    const struct buf room = buf_of(p->reply, sizeof p->reply);
    for (int i = 0; i < REPLIES && proxied_receive(service, room, &answer); i++) {
        struct visitor *v = asked(p, service, answer.number);
        if (v && answer.parked)
            v->until_us = worker_clock_us() + PARKED_US;
        else if (v)
            know(p, v, true, answer.reply);
    }
}

// Questions that are past their time; all of them at the end.
static void give_up(struct proxy *p) {
    int64_t now = worker_clock_us();
    struct visitor *v;
    TAILQ_FOREACH(v, &p->visitors, all)
    if ((v->turn == TURN_TO_ASK || v->turn == TURN_ASKED) && (p->ends || v->until_us <= now))
        know(p, v, false, (struct slice){0});
}

// ---- libmicrohttpd's

static bool is_path(const char *url) {
    size_t len = strlen(url);
    struct slice path = slice_of(url, len > 1 && url[len - 1] == '/' ? len - 1 : len);
    return slice_eq_nocase(path, SLICE_LITERAL("/KdcProxy"));
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request) {
    struct proxy *p = ctx;
    struct visitor *v = http_kept(c);
    UNUSED(version);
    if (!v)
        return MHD_NO;
    if (!*request) { // the head is there, the body is not yet
        *request = v;
        arena_reset(&v->arena);
        v->body = writer_to_arena(&v->arena);
        v->too_long = false;
        return MHD_YES;
    }
    if (v->turn == TURN_KNOWN)
        return tell(p, v, c);
    if (*upload_size) {
        v->too_long |= *upload_size > ENVELOPE_MAX - v->body.len;
        if (!v->too_long)
            writer_bytes(&v->body, slice_of(upload, *upload_size));
        *upload_size = 0; // what is too long is read and dropped, until the deadline
        return MHD_YES;
    }
    if (!is_path(url))
        return refuse(c, MHD_HTTP_NOT_FOUND, "there is nothing but /KdcProxy\n");
    if (strcmp(method, "POST") != 0)
        return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "messages come by POST\n");
    if (v->too_long || !writer_ok(&v->body))
        return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "the message has too many bytes\n");
    return ask(p, v, c);
}

static void set_deadline(struct proxy *p, struct visitor *v) {
    pthread_mutex_lock(&p->lock);
    v->waits = false;
    v->deadline_us = deadline_of(p);
    pthread_mutex_unlock(&p->lock);
}

// A request is done: the next one has as long again.
static void on_completed(void *ctx, struct MHD_Connection *c, void **request,
                         enum MHD_RequestTerminationCode code) {
    struct visitor *v = http_kept(c);
    UNUSED(request);
    UNUSED(code);
    if (v)
        set_deadline(ctx, v);
}

static struct visitor *visitor_new(struct MHD_Connection *c) {
    const union MHD_ConnectionInfo *info =
        mhd.get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct visitor *v = info ? calloc(1, sizeof *v) : NULL;
    if (v && !arena_init(&v->arena, ARENA_FIRST, ARENA_MAX)) {
        free(v);
        v = NULL;
    }
    if (v)
        v->fd = info->connect_fd;
    return v;
}

static void on_connection(void *ctx, struct MHD_Connection *c, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    struct proxy *p = ctx;
    struct visitor *v = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = v = visitor_new(c);
        if (!v)
            return;
        set_deadline(p, v);
        pthread_mutex_lock(&p->lock);
        TAILQ_INSERT_TAIL(&p->visitors, v, all);
        p->count++;
        pthread_mutex_unlock(&p->lock);
        return;
    }
    if (!v)
        return;
    pthread_mutex_lock(&p->lock);
    TAILQ_REMOVE(&p->visitors, v, all);
    p->count--;
    pthread_mutex_unlock(&p->lock);
    arena_clear(&v->arena);
    free(v);
    *socket_context = NULL;
}

// Ends connections whose time is over; libmicrohttpd sees them end. The descriptor is theirs until
// on_connection has taken them out of the list. Those that wait for us are not late.
static void expire(struct proxy *p) {
    int64_t now = worker_clock_us();
    struct visitor *v;
    TAILQ_FOREACH(v, &p->visitors, all)
    if (v->deadline_us <= now && (v->turn == TURN_HTTP || v->turn == TURN_KNOWN))
        shutdown(v->fd, SHUT_RDWR);
}

static void accept_all(struct proxy *p, int listener) {
    for (int i = 0; i < ACCEPTS; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof peer;
        int fd = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return; // none waits, or the one that did is gone
        // It closes what is above its limits.
        (void)mhd.add_connection(p->daemon, fd, (struct sockaddr *)&peer, len);
    }
}

static enum obol_code read_pem(int fd, const char *what, struct secret *out, struct error *err) {
    struct stat st;
    ENSURE(fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= PEM_MAX, CONFIG_SYNTAX,
           "%s is empty, too large or no file", what);
    ENSURE(secret_init(out, (size_t)st.st_size + 1), NO_MEMORY, "%s", what); // it ends in a NUL
    ssize_t n = pread(fd, out->ptr, (size_t)st.st_size, 0);
    ENSURE(n == st.st_size, IO, "%s: %s", what, n < 0 ? strerror(errno) : "it changes");
    ENSURE(memmem(out->ptr, out->len, "-----BEGIN ", 11), CONFIG_SYNTAX, "%s holds no PEM", what);
    return OBOL_OK;
}

static void no_log(void *ctx, const char *format, va_list args) {
    UNUSED(ctx);
    UNUSED(format);
    UNUSED(args);
}

static struct MHD_Daemon *start_daemon(struct proxy *p, const struct secret *certificate,
                                       const struct secret *key) {
    unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL |
                     MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TLS | MHD_USE_ERROR_LOG;
    const struct proxy_config *c = p->config;
    return mhd.start_daemon(
        flags, 0, NULL, NULL, on_request, p, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL,
        MHD_OPTION_HTTPS_MEM_CERT, (const char *)certificate->ptr, MHD_OPTION_HTTPS_MEM_KEY,
        (const char *)key->ptr, MHD_OPTION_HTTPS_PRIORITIES,
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        p, MHD_OPTION_NOTIFY_COMPLETED, on_completed, p, MHD_OPTION_CONNECTION_LIMIT,
        c->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, c->per_source,
        MHD_OPTION_CONNECTION_TIMEOUT, c->deadline_ms / 1000 + 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL, MHD_OPTION_END);
}

static enum obol_code start(struct proxy *p, struct error *err) {
    struct secret certificate = {0}, key = {0};
    enum obol_code code = read_pem(p->config->certificate, "https_certificate", &certificate, err);
    if (code == OBOL_OK)
        code = read_pem(p->config->key, "https_key", &key, err);
    if (code == OBOL_OK)
        p->daemon = start_daemon(p, &certificate, &key);
    secret_clear(&certificate);
    secret_clear(&key);
    TRY(code);
    ENSURE(p->daemon, CONFIG_SYNTAX,
           "https_certificate and https_key are no certificate and its private key, or there is no "
           "memory for them");
    return OBOL_OK;
}

static int open_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

enum { AT_SIGNALS, AT_WAKE, AT_KDC, AT_KPASSWD, AT_LISTEN };

// What the pairs and the clock bring; gives how many connections there are.
static size_t turn(struct proxy *p, struct pollfd *fds) {
    uint64_t woken;
    ssize_t n = fds[AT_WAKE].revents ? read(p->wake, &woken, sizeof woken) : 0;
    UNUSED(n); // it may have been read before: `fds` are what the last poll saw
    pthread_mutex_lock(&p->lock);
    for (size_t i = AT_KDC; i <= AT_KPASSWD; i++) {
        if (fds[i].fd < 0)
            continue;
        take_replies(p, fds[i].fd);
        if (fds[i].revents & (POLLHUP | POLLERR)) { // no worker is left, and none comes
            fds[i].fd = -1;
            continue;
        }
        fds[i].events = ask_due(p, fds[i].fd) ? POLLIN | POLLOUT : POLLIN;
    }
    give_up(p);
    expire(p);
    size_t left = p->count;
    pthread_mutex_unlock(&p->lock);
    return left;
}

static bool somebody_waits(struct proxy *p) {
    const struct visitor *v;
    bool waits = false;
    pthread_mutex_lock(&p->lock);
    TAILQ_FOREACH(v, &p->visitors, all)
    waits |= v->waits;
    pthread_mutex_unlock(&p->lock);
    return waits;
}

static void serve(struct proxy *p, int signals) {
    const struct proxy_config *config = p->config;
    struct pollfd fds[AT_LISTEN + PROXY_LISTEN_MAX] = {
        [AT_SIGNALS] = {.fd = signals, .events = POLLIN},
        [AT_WAKE] = {.fd = p->wake, .events = POLLIN},
        [AT_KDC] = {.fd = config->kdc, .events = POLLIN},
        [AT_KPASSWD] = {.fd = config->kpasswd, .events = POLLIN},
    };
    size_t n = AT_LISTEN + config->listen_count;
    for (size_t i = AT_LISTEN; i < n; i++)
        fds[i] = (struct pollfd){.fd = config->listen[i - AT_LISTEN], .events = POLLIN};
    while (!fds[AT_SIGNALS].revents) {
        int ready = poll(fds, n, TICK_MS);
        for (size_t i = AT_LISTEN; ready > 0 && i < n; i++)
            if (fds[i].revents)
                accept_all(p, fds[i].fd);
        turn(p, fds);
    }
    // What waits to be accepted is the successor's; those who are here may finish.
    int64_t until = worker_clock_us() + DRAIN_US;
    fds[AT_SIGNALS].fd = -1;
    while (turn(p, fds) > 0 && worker_clock_us() < until)
        poll(fds, AT_LISTEN, DRAIN_TICK_MS);
    pthread_mutex_lock(&p->lock);
    p->ends = true;
    pthread_mutex_unlock(&p->lock);
    turn(p, fds);
    // Those whose questions were open are told so, where they read it.
    for (until = worker_clock_us() + TELL_US; somebody_waits(p) && worker_clock_us() < until;)
        poll(NULL, 0, DRAIN_TICK_MS);
}

int proxy_run(const struct proxy_config *config, int ready) {
    static struct proxy p; // large
    struct error err;
    error_init(&err);
    p.config = config;
    pthread_mutex_init(&p.lock, NULL);
    TAILQ_INIT(&p.visitors);
    int signals = open_signals();
    p.wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    enum obol_code code = http_start(&err);
    if (code == OBOL_OK && !config->no_sandbox)
        code = sandbox_enter(SANDBOX_PROXY, &err);
    if (code == OBOL_OK)
        code = start(&p, &err);
    if (code != OBOL_OK || signals < 0 || p.wake < 0) {
        fprintf(stderr, "obol: proxy: %s: %s\n", error_info(err.code)->text, err.detail);
        return 1;
    }
    close(config->certificate);
    close(config->key);
    if (ready >= 0) {
        ssize_t n = write(ready, "r", 1);
        UNUSED(n); // the parent is gone: so are we, soon
        close(ready);
    }
    serve(&p, signals);
    mhd.stop_daemon(p.daemon);
    return 0;
}
