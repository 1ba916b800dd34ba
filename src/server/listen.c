// listen.c: see listen.h.
#include "server/listen.h"
#include "server/handover.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    KERBEROS_PORT = 88,
    BACKLOG = 4096,               // MIT's 5 collapses at 32 clients
    UDP_BUFFER = 4 * 1024 * 1024, // bursts wait here rather than in the clients' retry timers
    PORT_ATTEMPTS = 32,
};

static socklen_t sock_address_len(const union sock_address *a) {
    return a->any.sa_family == AF_INET6 ? sizeof a->v6 : sizeof a->v4;
}

static uint16_t port_of(const union sock_address *a) {
    return ntohs(a->any.sa_family == AF_INET6 ? a->v6.sin6_port : a->v4.sin_port);
}

static void set_port(union sock_address *a, uint16_t port) {
    if (a->any.sa_family == AF_INET6)
        a->v6.sin6_port = htons(port);
    else
        a->v4.sin_port = htons(port);
}

void sock_address_write(const union sock_address *a, struct writer *w) {
    char text[INET6_ADDRSTRLEN] = "?";
    bool v6 = a->any.sa_family == AF_INET6;
    const void *bytes = v6 ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr;
    inet_ntop(a->any.sa_family, bytes, text, sizeof text);
    writer_printf(w, v6 ? "[%s]:%u" : "%s:%u", text, port_of(a));
}

static const char *address_text(const union sock_address *a, struct buf room) {
    struct writer w = writer_to_buf(buf_of(room.ptr, room.len - 1));
    sock_address_write(a, &w);
    room.ptr[w.len] = '\0';
    return (const char *)room.ptr;
}

static bool read_port(const char *text, uint16_t *port) {
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    *port = (uint16_t)n;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n <= UINT16_MAX;
}

// Splits "HOST:PORT", "HOST", ":PORT" and the same with brackets around the host.
static bool split(const char *text, char host[INET6_ADDRSTRLEN], uint16_t *port) {
    bool brackets = text[0] == '[';
    const char *end = brackets ? strchr(text, ']') : strchr(text, ':');
    if (brackets && !end)
        return false;
    if (!end)
        end = text + strlen(text);
    const char *start = brackets ? text + 1 : text;
    size_t len = (size_t)(end - start);
    if (len >= INET6_ADDRSTRLEN || (len == 0 && (brackets || *end != ':')))
        return false;
    memcpy(host, len ? start : "*", len ? len : 1);
    host[len ? len : 1] = '\0';
    end += brackets;
    *port = KERBEROS_PORT;
    return *end == '\0' || (*end == ':' && read_port(end + 1, port));
}

enum obol_code listen_parse(const char *text, union sock_address out[2], size_t *count,
                            struct error *err) {
    char host[INET6_ADDRSTRLEN];
    uint16_t port;
    ENSURE(split(text, host, &port), INVALID_ARGUMENT,
           "listen address \"%s\" is none of ADDRESS:PORT, [IPV6]:PORT, *:PORT", text);
    memset(out, 0, 2 * sizeof *out);
    *count = 1;
    out[0].v4.sin_family = AF_INET;
    out[1].v6.sin6_family = AF_INET6;
    if (strcmp(host, "*") == 0) {
        *count = 2; // INADDR_ANY and in6addr_any are zero
    } else if (inet_pton(AF_INET6, host, &out[1].v6.sin6_addr) == 1) {
        out[0] = out[1];
    } else {
        ENSURE(inet_pton(AF_INET, host, &out[0].v4.sin_addr) == 1, INVALID_ARGUMENT,
               "listen address \"%s\": \"%s\" is not a numeric address", text, host);
    }
    set_port(&out[0], port);
    set_port(&out[1], port);
    return OBOL_OK;
}

static bool set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

// A bound socket, or -1 with errno. A shared one joins the workers' group.
static int bind_socket(const union sock_address *a, int type, bool shared) {
    int fd = socket(a->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool v6 = a->any.sa_family == AF_INET6;
    bool ok = (!v6 || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
              (type != SOCK_STREAM || set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1)) &&
              (!shared || set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1)) &&
              bind(fd, &a->any, sock_address_len(a)) == 0;
    if (ok)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

// Replies must leave from the address that was asked, which matters for "*".
static bool prepare_udp(int fd, const union sock_address *a) {
    set_option(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, UDP_BUFFER);
    if (a->any.sa_family == AF_INET6)
        return set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    return set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

static bool prepare_tcp(int fd) {
    return set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1) && listen(fd, BACKLOG) == 0;
}

enum obol_code listen_bind(const union sock_address *address, int *fd, struct error *err) {
    char text[64];
    *fd = bind_socket(address, SOCK_STREAM, false);
    ENSURE(*fd >= 0 && prepare_tcp(*fd), IO, "TCP %s: %s",
           address_text(address, buf_of(text, sizeof text)), strerror(errno));
    return OBOL_OK;
}

static bool is_shared(const struct listen_address *l) {
    return l->given || l->address.any.sa_family == AF_UNIX;
}

static enum obol_code open_pair(struct listen_set *set, unsigned worker, size_t at,
                                struct error *err) {
    const struct listen_address *l = &set->at[at];
    char text[64];
    struct buf room = buf_of(text, sizeof text);
    if (is_shared(l)) {
        TRY(listen_shared_open(set, worker, at, err));
        ENSURE(!l->udp || prepare_udp(set->udp[worker][at], &l->address), IO, "UDP %s: %s",
               address_text(&l->address, room), strerror(errno));
        return OBOL_OK;
    }
    if (l->udp) {
        int fd = set->udp[worker][at] = bind_socket(&l->address, SOCK_DGRAM, true);
        ENSURE(fd >= 0 && prepare_udp(fd, &l->address), IO, "UDP %s: %s",
               address_text(&l->address, room), strerror(errno));
    }
    if (l->tcp) {
        int fd = set->tcp[worker][at] = bind_socket(&l->address, SOCK_STREAM, true);
        ENSURE(fd >= 0 && prepare_tcp(fd), IO, "TCP %s: %s", address_text(&l->address, room),
               strerror(errno));
    }
    return OBOL_OK;
}

// Holds every address alone for a moment, without SO_REUSEPORT: EADDRINUSE if anybody has it. A
// port of 0 becomes the one that the first such address is given.
static int probe(struct listen_set *set, const bool pick[], size_t *failed) {
    int held[2 * LISTEN_ADDRESS_MAX], error = 0;
    size_t n = 0;
    uint16_t picked = 0;
    for (size_t i = 0; i < set->count && error == 0; i++) {
        union sock_address *a = &set->at[i].address;
        if (is_shared(&set->at[i]))
            continue;
        if (pick[i])
            set_port(a, picked);
        for (int tcp = 0; tcp < 2 && error == 0; tcp++) {
            if (!(tcp ? set->at[i].tcp : set->at[i].udp))
                continue;
            *failed = i;
            int fd = bind_socket(a, tcp ? SOCK_STREAM : SOCK_DGRAM, false);
            socklen_t len = sizeof *a;
            error = fd < 0 || getsockname(fd, &a->any, &len) != 0 ? errno : 0;
            if (fd >= 0)
                held[n++] = fd;
        }
        if (pick[i])
            picked = port_of(a);
    }
    while (n > 0)
        close(held[--n]);
    return error;
}

static enum obol_code claim_ports(struct listen_set *set, struct error *err) {
    bool pick[LISTEN_ADDRESS_MAX] = {false}, any = false;
    size_t failed = 0;
    for (size_t i = 0; i < set->count; i++)
        any |= pick[i] = !is_shared(&set->at[i]) && port_of(&set->at[i].address) == 0;
    int error = probe(set, pick, &failed);
    for (int i = 0; any && error == EADDRINUSE && i < PORT_ATTEMPTS; i++)
        error = probe(set, pick, &failed);
    char text[64];
    if (error == EADDRINUSE)
        error_remedy(err, "Another KDC may run there already: stop it, or choose another port with "
                          "--port or kdc_listen in kdc.conf.");
    if (error == EACCES)
        error_remedy(err, "Ports below 1024 are root's: start it as root with --user NAME, or "
                          "choose a higher port with --port or kdc_listen in kdc.conf.");
    if (error == EADDRNOTAVAIL)
        error_remedy(err, "Name an address of this machine, or 0.0.0.0 for all of them.");
    const char *by = set->at[failed].by;
    ENSURE(error == 0, IO, "listen address %s%s%s: %s",
           address_text(&set->at[failed].address, buf_of(text, sizeof text)), by ? ", of " : "",
           by ? by : "", strerror(error));
    return OBOL_OK;
}

static bool has_v6(void) {
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool same_address(const union sock_address *a, const union sock_address *b) {
    if (a->any.sa_family != b->any.sa_family || a->any.sa_family == AF_UNIX)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
           IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr);
}

static void add_address(struct listen_set *set, const struct listen_address *added) {
    for (size_t i = 0; i < set->count; i++)
        if (same_address(&set->at[i].address, &added->address)) {
            set->at[i].udp |= added->udp;
            set->at[i].tcp |= added->tcp;
            return;
        }
    set->at[set->count++] = *added;
}

// Whether one of the two is all addresses, at the port of the other.
static bool covers(const union sock_address *all, const union sock_address *one) {
    if (all->any.sa_family != one->any.sa_family || all->any.sa_family == AF_UNIX)
        return false;
    union sock_address any = {.any.sa_family = one->any.sa_family}; // INADDR_ANY, in6addr_any
    set_port(&any, port_of(one));
    return port_of(one) != 0 && same_address(all, &any) && !same_address(all, one);
}

// What is served at all addresses is served at each; beside them, a single one at the same port
// could not be claimed. Of two realms in one daemon one may say this, and the other that.
static void drop_covered(struct listen_set *set) {
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < set->count; k++)
            if (covers(&set->at[k].address, &set->at[i].address)) {
                set->at[i].udp &= !set->at[k].udp;
                set->at[i].tcp &= !set->at[k].tcp;
            }
    for (size_t i = 0; i < set->count; i++)
        if (set->at[i].udp || set->at[i].tcp)
            set->at[kept++] = set->at[i];
    set->count = kept;
}

static enum obol_code add_addresses(struct listen_set *set, const char *const *texts,
                                    const char *const *by, size_t count, bool udp, bool tcp,
                                    struct error *err) {
    ENSURE(count <= SERVER_LISTEN_MAX, INVALID_ARGUMENT, "%zu listen addresses; %d are possible",
           count, SERVER_LISTEN_MAX);
    for (size_t i = 0; i < count; i++) {
        union sock_address a[2] = {{.any.sa_family = AF_UNIX}};
        size_t n;
        if (texts[i][0] == '/') {
            struct listen_address *l = &set->at[set->count++];
            *l = (struct listen_address){.address = a[0], .tcp = true};
            ENSURE(strlen(texts[i]) < sizeof l->path, INVALID_ARGUMENT,
                   "listen address %s: the path of a socket has at most %zu bytes", texts[i],
                   sizeof l->path - 1);
            memcpy(l->path, texts[i], strlen(texts[i]) + 1);
            continue;
        }
        struct listen_address one = {.by = by[i], .udp = udp, .tcp = tcp};
        TRY(listen_parse(texts[i], a, &n, err));
        // "*" on a machine without IPv6 is IPv4 alone.
        for (size_t k = 0; k < n; k++) {
            one.address = a[k];
            if (n == 1 || a[k].any.sa_family == AF_INET || has_v6())
                add_address(set, &one);
        }
    }
    return OBOL_OK;
}

enum obol_code listen_open(struct listen_set *set, const struct server_config *config,
                           unsigned workers, const struct activation *given,
                           enum activation_use use, struct error *err) {
    memset(set, 0, sizeof *set);
    memset(set->udp, -1, sizeof set->udp);
    memset(set->tcp, -1, sizeof set->tcp);
    memset(set->handover, -1, sizeof set->handover);
    set->workers = workers;
    bool both = config->tcp_listen_count == 0;
    listen_add_given(set, given, use);
    if (set->count == 0) {
        TRY(add_addresses(set, config->listen, config->listen_by, config->listen_count, true, both,
                          err));
        TRY(add_addresses(set, config->tcp_listen, config->tcp_listen_by, config->tcp_listen_count,
                          false, true, err));
        drop_covered(set);
    }
    ENSURE(set->count > 0, INVALID_ARGUMENT, "there is no address to listen on");
    TRY(claim_ports(set, err));
    for (unsigned worker = 0; worker < workers; worker++) {
        for (size_t i = 0; i < set->count; i++)
            TRY(open_pair(set, worker, i, err));
        ENSURE(handover_open(set->handover[worker]), IO, "a socket pair: %s", strerror(errno));
    }
    return OBOL_OK;
}

static void close_one(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_worker(struct listen_set *set, unsigned worker) {
    for (size_t i = 0; i < LISTEN_ADDRESS_MAX; i++) {
        close_one(&set->udp[worker][i]);
        close_one(&set->tcp[worker][i]);
    }
    close_one(&set->handover[worker][0]);
    close_one(&set->handover[worker][1]);
}

void listen_close(struct listen_set *set) {
    for (unsigned i = 0; i < set->workers; i++)
        close_worker(set, i);
}

void listen_keep_only(struct listen_set *set, unsigned worker) {
    for (unsigned i = 0; i < set->workers; i++)
        if (i != worker)
            close_worker(set, i);
}

void listen_write(const struct listen_set *set, struct writer *w) {
    for (size_t i = 0; i < set->count; i++) {
        const struct listen_address *l = &set->at[i];
        writer_str(w, i ? " " : "");
        if (l->address.any.sa_family == AF_UNIX) {
            writer_str(w, l->path);
            continue;
        }
        sock_address_write(&l->address, w);
        writer_str(w, l->udp && l->tcp ? "" : l->udp ? "/udp" : "/tcp");
    }
}
