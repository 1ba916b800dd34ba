// conn.c: one attempt to reach a KDC (RFC 4120 7.2): a connected UDP socket, so that a refusal is
// heard and only this peer can answer, or a TCP connection with framed messages.
#include "net/conn.h"

#include "krb/kkdcp.h"
#include "net/https.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#define POST_SECONDS 10 // for one proxy

static const char *protocol_name(const struct conn *c) {
    return c->protocol == NET_UDP ? "udp" : c->protocol == NET_TCP ? "tcp" : "https";
}

static void trace(const struct conn *c, enum net_trace_kind kind, struct slice bytes) {
    struct net_trace_event event = {
        .kind = kind,
        .transport = protocol_name(c),
        .peer = c->peer,
        .realm = c->request->realm,
        .bytes = bytes,
        .text = kind == NET_TRACE_FAIL ? c->result : NULL,
    };
    net_trace_event(c->request->trace, &event);
}

void conn_name_peer(const struct net_server *server, char *out, size_t size) {
    char host[INET6_ADDRSTRLEN] = "?";
    const struct sockaddr_storage *sa = &server->address;
    if (server->url || sa->ss_family == AF_UNIX) {
        const char *path = server->url ? server->url : ((const struct sockaddr_un *)sa)->sun_path;
        snprintf(out, size, "%s", path);
        return;
    }
    if (sa->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        snprintf(out, size, "[%s]:%u", host, ntohs(in6->sin6_port));
        return;
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
    inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
    snprintf(out, size, "%s:%u", host, ntohs(in->sin_port));
}

void conn_init(struct conn *c, const struct net_request *request, const struct net_server *server,
               enum net_protocol protocol) {
    memset(c, 0, sizeof *c);
    c->request = request;
    c->server = server;
    c->protocol = protocol;
    c->fd = -1;
    conn_name_peer(server, c->peer, sizeof c->peer);
}

void conn_close(struct conn *c) {
    https_post_free(c->post);
    c->post = NULL;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

static void die(struct conn *c, const char *how) {
    conn_close(c);
    c->state = CONN_DEAD;
    snprintf(c->result, sizeof c->result, "%s", how);
    trace(c, NET_TRACE_FAIL, (struct slice){0});
}

static void die_errno(struct conn *c, int number) {
    char text[64];
    if (number == ECONNREFUSED)
        die(c, "refused: nothing listens there");
    else
        die(c, strerror_r(number, text, sizeof text));
}

static bool would_block(int number) {
    return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

static bool open_socket(struct conn *c) {
    int type = c->protocol == NET_UDP ? SOCK_DGRAM : SOCK_STREAM;
    c->fd = socket(c->server->address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd >= 0 && (connect(c->fd, (const struct sockaddr *)&c->server->address,
                               c->server->address_len) == 0 ||
                       errno == EINPROGRESS))
        return true;
    die_errno(c, errno);
    return false;
}

static void send_datagram(struct conn *c) {
    struct slice m = c->request->message;
    if (send(c->fd, m.ptr, m.len, MSG_NOSIGNAL) < 0) {
        if (!would_block(errno))
            die_errno(c, errno);
        return;
    }
    c->state = CONN_WAITING;
    c->sends++;
    trace(c, NET_TRACE_SEND, m);
}

static void start_stream(struct conn *c, struct arena *a) {
    size_t len = c->request->message.len;
    for (size_t i = 0; i < sizeof c->head; i++)
        c->head[i] = (uint8_t)(len >> (24 - 8 * i));
    net_frame_init(&c->frame, a);
    c->state = CONN_CONNECTING;
}

// The message in its envelope (MS-KKDCP 3.1.5.1).
static void start_post(struct conn *c, struct arena *a) {
    char why[sizeof c->result];
    struct https_params p = {
        .url = c->server->url, .anchors = c->server->anchors, .seconds = POST_SECONDS, .arena = a};
    if (kkdcp_wrap(c->request->message, c->request->realm, a, &p.body, NULL) != OBOL_OK) {
        die(c, "no memory for the message");
        return;
    }
    c->post = https_post_new(&p, buf_of(why, sizeof why));
    if (!c->post) {
        die(c, why);
        return;
    }
    c->state = CONN_POSTING;
    c->sends++;
    trace(c, NET_TRACE_SEND, c->request->message);
}

void conn_start(struct conn *c, struct arena *a) {
    if (c->state == CONN_DEAD)
        return;
    if (c->protocol == NET_HTTPS) {
        if (c->state == CONN_IDLE)
            start_post(c, a);
        return;
    }
    if (c->state == CONN_IDLE && !open_socket(c))
        return;
    if (c->protocol == NET_UDP)
        send_datagram(c);
    else if (c->state == CONN_IDLE)
        start_stream(c, a);
}

bool conn_poll(const struct conn *c, int *fd, short *events) {
    *fd = c->fd;
    switch (c->state) {
    case CONN_WAITING:
    case CONN_READING:
        *events = POLLIN;
        return true;
    case CONN_CONNECTING:
    case CONN_SENDING:
        *events = POLLOUT;
        return true;
    case CONN_POSTING:
        *fd = https_post_poll(c->post, events);
        return true;
    default:
        return false;
    }
}

// Whether a reply is to be taken; else the connection goes on or ends.
static bool judge(struct conn *c, struct slice reply) {
    trace(c, NET_TRACE_RECEIVE, reply);
    enum net_verdict verdict = c->request->judge ? c->request->judge(reply) : NET_TAKE;
    if (verdict == NET_TAKE)
        return true;
    if (verdict == NET_PASS) {
        c->passed_over = reply;
        die(c, "answers that it cannot serve now");
    } else if (c->protocol != NET_UDP) {
        die(c, "its reply is no Kerberos message");
    } else {
        snprintf(c->result, sizeof c->result, "its reply is no Kerberos message");
    }
    return false;
}

static bool receive_datagram(struct conn *c, struct arena *a, struct slice *reply) {
    uint8_t bytes[NET_UDP_MAX + 1];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    if (n < 0) {
        if (!would_block(errno))
            die_errno(c, errno);
        return false;
    }
    if (!arena_copy(a, slice_of(bytes, (size_t)n), reply)) {
        die(c, "no memory for its reply");
        return false;
    }
    return judge(c, *reply);
}

static void connected(struct conn *c) {
    int number = 0;
    socklen_t len = sizeof number;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0)
        number = errno;
    if (number)
        die_errno(c, number);
    else
        c->state = CONN_SENDING;
}

static void send_stream(struct conn *c) {
    struct slice m = c->request->message;
    size_t head_left = c->sent < sizeof c->head ? sizeof c->head - c->sent : 0;
    size_t body_sent = c->sent - (sizeof c->head - head_left);
    struct iovec parts[2] = {
        {.iov_base = c->head + (sizeof c->head - head_left), .iov_len = head_left},
        {.iov_base = (void *)(uintptr_t)(m.ptr + body_sent), .iov_len = m.len - body_sent},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (n < 0) {
        if (!would_block(errno))
            die_errno(c, errno);
        return;
    }
    c->sent += (size_t)n;
    if (c->sent < sizeof c->head + m.len)
        return;
    c->state = CONN_READING;
    c->sends++;
    trace(c, NET_TRACE_SEND, m);
}

static bool receive_stream(struct conn *c, struct slice *reply) {
    struct buf room = net_frame_room(&c->frame);
    ssize_t n = room.len ? recv(c->fd, room.ptr, room.len, 0) : 0;
    if (n < 0) {
        if (!would_block(errno))
            die_errno(c, errno);
        return false;
    }
    if (n == 0) {
        die(c, room.len == 0            ? "no memory for its reply"
               : c->frame.head_len == 0 ? "closed the connection without a reply"
                                        : "closed the connection within its reply");
        return false;
    }
    switch (net_frame_received(&c->frame, (size_t)n)) {
    case NET_FRAME_WHOLE:
        *reply = net_frame_reply(&c->frame);
        return judge(c, *reply);
    case NET_FRAME_MORE:
        return false;
    case NET_FRAME_REFUSED:
        die(c, "claims a reply of no bytes or too many");
        return false;
    case NET_FRAME_MEMORY:
    default:
        die(c, "no memory for its reply");
        return false;
    }
}

static bool serve_post(struct conn *c, struct arena *a, struct slice *reply) {
    char why[sizeof c->result];
    struct slice body, realm;
    switch (https_post_step(c->post, &body, buf_of(why, sizeof why))) {
    case HTTPS_MORE:
        return false;
    case HTTPS_WHOLE:
        if (kkdcp_unwrap(body, a, reply, &realm, NULL) == OBOL_OK)
            return judge(c, *reply);
        die(c, "its answer is no KDC-PROXY-MESSAGE");
        return false;
    case HTTPS_FAILED:
    default:
        die(c, why);
        return false;
    }
}

bool conn_serve(struct conn *c, short revents, struct arena *a, struct slice *reply) {
    if (c->state == CONN_POSTING)
        return serve_post(c, a, reply);
    if (!revents || !conn_alive(c))
        return false;
    if (c->state == CONN_WAITING)
        return receive_datagram(c, a, reply);
    if (c->state == CONN_READING)
        return receive_stream(c, reply);
    if (c->state == CONN_CONNECTING)
        connected(c);
    if (c->state == CONN_SENDING)
        send_stream(c);
    return false;
}
