// exchange.c: messages carried to KDCs over the net layer, without the GIL: what synchronous
// callers use. A signal ends the waiting when its Python handler raises.
#include "core.h"
#include "net/host.h"
#include "net/kpasswd.h"
#include "net/net.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

// The wait of net_carry, broken off by KeyboardInterrupt and its like.
struct wait {
    PyThreadState *thread;
    bool interrupted;
};

static int wait_poll(void *ctx, struct pollfd *fds, nfds_t count, int timeout_ms) {
    struct wait *w = ctx;
    int ready = poll(fds, count, timeout_ms);
    if (ready >= 0 || errno != EINTR)
        return ready;
    PyEval_RestoreThread(w->thread);
    w->interrupted = PyErr_CheckSignals() < 0;
    w->thread = PyEval_SaveThread();
    errno = EINTR;
    return -1;
}

// After an interruption the deadline has passed, whatever it was.
static int64_t wait_ms(void *ctx) {
    const struct wait *w = ctx;
    return w->interrupted ? INT64_MAX / 2 : net_clock_system.monotonic_ms(NULL);
}

// exchange(realm, message, tcp, timeout_ms, kpasswd): a reply of the realm's KDC, or of the service
// that changes its passwords.
PyObject *config_exchange(PyObject *object, PyObject *args) {
    struct config *self = (struct config *)object;
    const char *realm;
    Py_ssize_t realm_len;
    PyObject *message, *out;
    int tcp, timeout_ms, kpasswd = 0;
    struct held held;
    if (!PyArg_ParseTuple(args, "s#Opi|p", &realm, &realm_len, &message, &tcp, &timeout_ms,
                          &kpasswd) ||
        !held_take(message, false, &held))
        return NULL;
    struct arena *a = arena_take();
    if (!a) {
        held_drop(&held);
        return PyErr_NoMemory();
    }
    struct wait wait = {0};
    struct net_clock clock = {&wait, wait_ms, wait_poll};
    struct net_timing timing = net_timing_usual;
    if (timeout_ms > 0)
        timing.deadline_ms = timeout_ms;
    const struct net net = {.conf = &self->conf,
                            .env = config_env(self),
                            .clock = &clock,
                            .timing = timeout_ms > 0 ? &timing : NULL};
    const struct slice of = slice_of(realm, (size_t)realm_len);
    struct slice reply;
    struct error err;
    error_init(&err);
    wait.thread = PyEval_SaveThread();
    enum obol_code code = kpasswd ? kpasswd_carry(&net, of, held.bytes, a, &reply, &err)
                                  : net_exchange(&net, of, held.bytes, tcp != 0, a, &reply, &err);
    PyEval_RestoreThread(wait.thread);
    if (wait.interrupted)
        out = NULL; // the handler's exception is set
    else
        out = code == OBOL_OK ? py_bytes(reply) : raise_error(&err);
    held_drop(&held);
    arena_give(a);
    return out;
}

// judge_reply(reply, kpasswd)
PyObject *judge_reply(PyObject *module, PyObject *args) {
    UNUSED(module);
    PyObject *reply;
    int kpasswd;
    struct held held;
    if (!PyArg_ParseTuple(args, "Op", &reply, &kpasswd) || !held_take(reply, false, &held))
        return NULL;
    enum net_verdict verdict = net_judge(held.bytes);
    if (kpasswd)
        verdict = kpasswd_is_frame(held.bytes) ? NET_TAKE : NET_IGNORE;
    held_drop(&held);
    return PyLong_FromLong(verdict);
}

// ---- addresses of KDCs

// A resolver that knows numeric addresses only: what it cannot answer, the DNS must be asked for.
static bool numeric_addresses(void *ctx, const char *host, uint16_t port, unsigned protocols,
                              struct net_server_list *list) {
    UNUSED(ctx);
    char service[8];
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    (void)snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(host, service, &hints, &found) != 0)
        return false;
    if (list->count < NET_SERVERS_MAX) {
        struct net_server *s = &list->items[list->count++];
        *s = (struct net_server){
            .address_len = found->ai_addrlen, .protocols = protocols, .name = host};
        memcpy(&s->address, found->ai_addr, found->ai_addrlen);
    }
    freeaddrinfo(found);
    return true;
}

static bool no_srv(void *ctx, const char *name, unsigned protocols, struct arena *a,
                   struct net_place *out, size_t max, size_t *count) {
    UNUSED(ctx);
    UNUSED(name);
    UNUSED(protocols);
    UNUSED(a);
    UNUSED(out);
    UNUSED(max);
    UNUSED(count);
    return false;
}

static struct slice no_canonical(void *ctx, const char *host, bool rdns, struct arena *a) {
    UNUSED(ctx);
    UNUSED(host);
    UNUSED(rdns);
    UNUSED(a);
    return (struct slice){0};
}

static const struct net_resolver numeric = {NULL, numeric_addresses, no_srv, no_canonical};

static PyObject *py_servers(const struct net_server_list *list) {
    PyObject *out = PyList_New(0);
    for (size_t i = 0; out && i < list->count; i++) {
        const struct net_server *s = &list->items[i];
        char host[NI_MAXHOST], port[NI_MAXSERV] = "0";
        // A proxy or a socket of this machine has no port, and stands under its name.
        bool named = s->url || s->address.ss_family == AF_UNIX;
        if (named)
            (void)snprintf(host, sizeof host, "%s", s->name);
        else if (getnameinfo((const struct sockaddr *)&s->address, s->address_len, host,
                             sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
            continue;
        PyObject *row =
            Py_BuildValue("(siiz)", host, (int)strtol(port, NULL, 10), (int)s->protocols, s->name);
        if (!row || PyList_Append(out, row) < 0)
            Py_CLEAR(out);
        Py_XDECREF(row);
    }
    return out;
}

// locate(realm, numeric, service): [(address, port, protocols, name)]. With `numeric` the DNS is
// not asked, and None means that it would have to be.
PyObject *config_locate(PyObject *object, PyObject *args) {
    struct config *self = (struct config *)object;
    const char *realm;
    Py_ssize_t realm_len;
    int only_numeric, service;
    if (!PyArg_ParseTuple(args, "s#pi", &realm, &realm_len, &only_numeric, &service))
        return NULL;
    if (service < NET_KDC || service > NET_KPASSWD)
        return PyErr_Format(PyExc_ValueError, "there is no service %d", service);
    struct arena *a = arena_take();
    struct net_server_list *list = a ? arena_zalloc(a, 1, sizeof *list) : NULL;
    struct error err;
    error_init(&err);
    enum obol_code code = OBOL_NO_MEMORY;
    if (list) {
        PyThreadState *thread = PyEval_SaveThread();
        code = net_locate(&self->conf, slice_of(realm, (size_t)realm_len),
                          (enum net_service)service, only_numeric ? &numeric : NULL, a, list, &err);
        PyEval_RestoreThread(thread);
    }
    PyObject *out;
    if (code == OBOL_OK)
        out = py_servers(list);
    else if (only_numeric && list) {
        Py_INCREF(Py_None);
        out = Py_None;
    } else
        out = list ? raise_error(&err) : PyErr_NoMemory();
    arena_give(a);
    return out;
}

// ---- names of services

// Without its realm, where that is not known.
static PyObject *py_service(const struct principal *p) {
    char text[1100];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    principal_name_write(&w, &p->name);
    return p->realm.len ? py_principal(p) : py_text(writer_slice(&w));
}

static PyObject *py_names(const struct principal *names, size_t count) {
    PyObject *out = PyList_New(0);
    for (size_t i = 0; out && i < count; i++) {
        PyObject *name = py_service(&names[i]);
        if (!name || PyList_Append(out, name) < 0)
            Py_CLEAR(out);
        Py_XDECREF(name);
    }
    return out;
}

// host_service(service, host, canonicalize): the names to be tried, in their order. canonicalize:
// 0 no, 1 by the DNS, 2 as it is and then by the DNS, -1 as krb5.conf says.
PyObject *config_host_service(PyObject *object, PyObject *args) {
    struct config *self = (struct config *)object;
    const char *service, *host;
    Py_ssize_t service_len, host_len;
    int canonicalize;
    if (!PyArg_ParseTuple(args, "s#s#i", &service, &service_len, &host, &host_len, &canonicalize))
        return NULL;
    struct arena *a = arena_take();
    struct krb5conf *conf = a ? arena_alloc(a, sizeof *conf) : NULL;
    if (!conf) {
        arena_give(a);
        return PyErr_NoMemory();
    }
    *conf = self->conf; // borrows what it points to
    if (canonicalize >= CANONICALIZE_NO)
        conf->dns_canonicalize_hostname = canonicalize;
    const struct net net = {.conf = conf, .env = config_env(self)};
    struct principal names[NET_HOST_NAMES_MAX];
    size_t count;
    struct error err;
    error_init(&err);
    PyThreadState *thread = PyEval_SaveThread();
    enum obol_code code =
        net_host_service(&net, slice_of(service, (size_t)service_len),
                         slice_of(host, (size_t)host_len), a, names, &count, &err);
    PyEval_RestoreThread(thread);
    PyObject *out = code == OBOL_OK ? py_names(names, count) : raise_error(&err);
    arena_give(a);
    return out;
}
