// kdc.c: Kdc: a whole realm in the memory of a test's process: store, master key, administration
// and the KDC, which a thread of its own serves. Gone with the object.
#include "kdc/kdc.h"
#include "admin/admin.h"
#include "admin/kpasswd.h"
#include "core.h"
#include "crypto/crypto.h"
#include "kdc_serve.h"
#include "proto/codes.h"
#include <netinet/in.h>
#include <pthread.h>
#include <unistd.h>

enum {
    LOG_LINES = 256,
    LOG_NAME = 200,
    FETCHES = 8,
    CACHE_RECORDS = 256,
    CLOCKSKEW = 300, // seconds
    ADDR_INET = 2,
    ADDR_INET6 = 24,
};

// One request as the test may ask about it.
struct line {
    int32_t msg_type;
    enum obol_code code;
    char client[LOG_NAME], service[LOG_NAME];
};
struct kdc_object {
    PyObject_HEAD pid_t owner; // a forked child has no KDC
    struct clock *clock;
    struct store *store;
    struct master *master;
    struct admin *admin;
    struct kdc *kdc;
    pthread_mutex_t lock; // of all above, between the thread and Python's
    struct kdc_serve *serve;
    struct line log[LOG_LINES];
    uint64_t logged, read;
    char realm[LOG_NAME];
};

// ---- the thread's side

static struct host_address sender_of(const struct sockaddr *peer) {
    if (peer->sa_family == AF_INET)
        return (struct host_address){
            ADDR_INET, slice_of(&((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4)};
    return (struct host_address){
        ADDR_INET6, slice_of(&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16)};
}

static void copy_name(char out[LOG_NAME], struct slice name) {
    size_t len = name.len < LOG_NAME - 1 ? name.len : LOG_NAME - 1;
    if (len)
        memcpy(out, name.ptr, len);
    out[len] = '\0';
}

static void log_event(struct kdc_object *k, const struct kdc_event *e) {
    if (e->retransmission)
        return;
    struct line *line = &k->log[k->logged++ % LOG_LINES];
    line->msg_type = e->msg_type;
    line->code = e->code;
    copy_name(line->client, e->client);
    copy_name(line->service, e->service);
}

// A password changed (RFC 3244), on the KDC's own port: a request of either kind is none of the
// other's.
static struct slice change_password(struct kdc_object *k, struct slice request, struct arena *a) {
    struct kpasswd service = {.adm = k->admin, .clockskew = CLOCKSKEW};
    struct kpasswd_done done;
    struct kdc_event event = {.msg_type = KRB_PRIV};
    struct error err;
    error_init(&err);
    pthread_mutex_lock(&k->lock);
    event.code = kpasswd_answer(&service, request, a, &done, &err);
    event.client = done.client;
    event.service = SLICE_LITERAL(KPASSWD_PRINCIPAL);
    log_event(k, &event);
    pthread_mutex_unlock(&k->lock);
    return done.reply;
}

static struct slice answer(void *ctx, struct slice request, const struct sockaddr *peer,
                           bool stream, struct arena *a) {
    struct kdc_object *k = ctx;
    struct kpasswd_frame frame;
    if (kpasswd_frame_read(request, &frame, NULL) == OBOL_OK)
        return change_password(k, request, a);
    const struct kdc_request in = {
        .bytes = request, .sender = sender_of(peer), .max_reply = stream ? 0 : 65000};
    struct kdc_result result = {0};
    struct error err;
    struct slice reply = {0}, kept = {0};
    error_init(&err);
    pthread_mutex_lock(&k->lock);
    enum obol_code code = kdc_renew(k->kdc, &err);
    if (code == OBOL_OK)
        code = kdc_handle(k->kdc, &in, a, &result);
    for (int i = 0; i < FETCHES && code == OBOL_NEED; i++)
        code = kdc_resume(k->kdc, &result);
    if (code == OBOL_NEED)
        kdc_abandon(k->kdc, &result);
    if (code == OBOL_OK) {
        log_event(k, &result.event);
        reply = result.reply;
    }
    if (reply.len && !arena_copy(a, reply, &kept)) // it may borrow from the kdc
        kept = (struct slice){0};
    kdc_release(k->kdc);
    pthread_mutex_unlock(&k->lock);
    return kept;
}

// ---- a realm

static enum obol_code open_realm(struct kdc_object *k, const char *dir, struct int32_list enctypes,
                                 uint32_t iterations, struct error *err) {
    char path[512];
    const struct store_options options = {.create = true};
    ENSURE(snprintf(path, sizeof path, "%s/master.key", dir) < (int)sizeof path, INVALID_ARGUMENT,
           "the name of a directory of %zu bytes", strlen(dir));
    TRY(store_open(&k->store, &STORE_MEMORY, &options, err));
    TRY(master_create(&k->master, path, &k->clock->env, err));
    (void)unlink(path); // nobody else opens this realm
    TRY(admin_new(&k->admin, k->store, k->master, slice_str(k->realm), enctypes, &k->clock->env,
                  err));
    k->admin->iterations = iterations;
    k->admin->require_preauth = true;
    TRY(admin_realm_fill(k->admin, err));
    struct kdc_config config = {.realm = slice_str(k->realm),
                                .store = k->store,
                                .master = k->master,
                                .env = &k->clock->env};
    kdc_policy_default(&config.policy);
    config.policy.cache_records = CACHE_RECORDS;
    config.policy.retransmission_slots = CACHE_RECORDS;
    return kdc_new(&k->kdc, &config, err);
}

static bool enctypes_of(PyObject *list, int32_t *out, size_t *count) {
    Py_ssize_t n = PyTuple_Size(list);
    if (n < 0 || n > KDC_ENCTYPES_MAX) {
        PyErr_SetString(PyExc_ValueError, "enctypes: a tuple of at most 16 numbers");
        return false;
    }
    for (Py_ssize_t i = 0; i < n; i++)
        out[i] = (int32_t)PyLong_AsLong(PyTuple_GetItem(list, i));
    *count = (size_t)n;
    return !PyErr_Occurred();
}

// Kdc(realm, clock, directory, enctypes, iterations, address)
static PyObject *kdc_new_py(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    UNUSED(kwargs);
    const char *realm, *dir, *address;
    PyObject *clock, *list;
    unsigned iterations;
    int32_t enctypes[KDC_ENCTYPES_MAX];
    size_t count;
    if (!PyArg_ParseTuple(args, "sO!sO!Is", &realm, clock_type, &clock, &dir, &PyTuple_Type, &list,
                          &iterations, &address) ||
        !enctypes_of(list, enctypes, &count))
        return NULL;
    struct kdc_object *self = self_alloc(type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    pthread_mutex_init(&self->lock, NULL);
    self->owner = getpid();
    Py_INCREF(clock);
    self->clock = (struct clock *)clock;
    copy_name(self->realm, slice_str(realm));
    const struct kdc_serve_by callback = {self, answer};
    enum obol_code code =
        open_realm(self, dir, (struct int32_list){enctypes, count}, iterations, &err);
    if (code == OBOL_OK)
        code = kdc_serve_start(&self->serve, address, &callback, &err);
    if (code == OBOL_OK)
        return (PyObject *)self;
    Py_DECREF(self);
    return raise_error(&err);
}

static void stop(struct kdc_object *self) {
    struct kdc_serve *serve = self->serve;
    self->serve = NULL;
    if (!serve)
        return;
    PyThreadState *thread = PyEval_SaveThread();
    kdc_serve_stop(serve);
    PyEval_RestoreThread(thread);
}

static void kdc_dealloc(PyObject *object) {
    struct kdc_object *self = (struct kdc_object *)object;
    stop(self);
    // In a forked child the thread may have been at work: what it held is left alone.
    if (self->owner == getpid()) {
        kdc_free(self->kdc);
        if (self->admin) {
            admin_close(self->admin);
        } else {
            master_free(self->master);
            store_close(self->store);
        }
        pthread_mutex_destroy(&self->lock);
    }
    Py_XDECREF((PyObject *)self->clock);
    self_free(self);
}

static PyObject *kdc_stop(PyObject *self, PyObject *unused) {
    UNUSED(unused);
    stop((struct kdc_object *)self);
    Py_RETURN_NONE;
}

static PyObject *get_port(PyObject *object, void *unused) {
    UNUSED(unused);
    struct kdc_object *self = (struct kdc_object *)object;
    return PyLong_FromLong(self->serve ? kdc_serve_port(self->serve) : 0);
}

// ---- administration: each call has the realm to itself

// begin takes the lock without the GIL; false in a forked child.
static bool begin(struct kdc_object *self) {
    if (self->owner != getpid()) {
        raise_code(OBOL_INVALID_ARGUMENT, __func__,
                   "the realm belongs to the process that made it, and this is a fork of it");
        return false;
    }
    PyThreadState *thread = PyEval_SaveThread();
    pthread_mutex_lock(&self->lock);
    PyEval_RestoreThread(thread);
    return true;
}

static PyObject *end(struct kdc_object *self, enum obol_code code, const struct error *err) {
    pthread_mutex_unlock(&self->lock);
    if (code != OBOL_OK)
        return raise_error(err);
    Py_RETURN_NONE;
}

static bool flags_of(const char *words, uint32_t *set, uint32_t *clear) {
    for (struct slice rest = slice_str(words); rest.len;) {
        size_t n = slice_find(rest, ',');
        struct slice word = slice_sub(rest, 0, n);
        rest = slice_sub(rest, n + 1, rest.len);
        bool minus = slice_starts(word, SLICE_LITERAL("-"));
        uint32_t flag;
        if (!record_flag_find(minus ? slice_sub(word, 1, word.len) : word, &flag))
            return PyErr_Format(PyExc_ValueError, "there is no flag in '%s'", words) != NULL;
        *(minus ? clear : set) |= flag;
    }
    return true;
}

static struct slice text_slice(const char *text, Py_ssize_t len) {
    return slice_of(text, (size_t)len);
}

// add(name, service, password or None, flags, max_life, max_renew, expires, password_expires)
static PyObject *kdc_add(PyObject *object, PyObject *args) {
    struct kdc_object *self = (struct kdc_object *)object;
    const char *name, *password, *flags;
    Py_ssize_t name_len, password_len;
    int service;
    long long life, renew, expires, password_expires;
    struct admin_new_principal p = {0};
    if (!PyArg_ParseTuple(args, "s#pz#sLLLL", &name, &name_len, &service, &password, &password_len,
                          &flags, &life, &renew, &expires, &password_expires) ||
        !flags_of(flags, &p.set_flags, &p.clear_flags) || !begin(self))
        return NULL;
    struct slice word = password ? text_slice(password, password_len) : (struct slice){0};
    p.name = text_slice(name, name_len);
    p.kind = service ? ADMIN_SERVICE : ADMIN_USER;
    p.keys.password = password ? &word : NULL;
    p.max_life = life;
    p.max_renew = renew;
    p.expires = expires;
    p.password_expires = password_expires;
    struct error err;
    error_init(&err);
    PyThreadState *thread = PyEval_SaveThread();
    enum obol_code code = admin_principal_add(self->admin, &p, &err);
    PyEval_RestoreThread(thread);
    return end(self, code, &err);
}

// alias(spn, account): another name of a service or a service of an account.
static PyObject *kdc_alias(PyObject *object, PyObject *args) {
    struct kdc_object *self = (struct kdc_object *)object;
    const char *spn, *account;
    Py_ssize_t spn_len, account_len;
    if (!PyArg_ParseTuple(args, "s#s#", &spn, &spn_len, &account, &account_len) || !begin(self))
        return NULL;
    const struct admin_new_spn new = {.spn = text_slice(spn, spn_len),
                                      .account = text_slice(account, account_len),
                                      .allow_password_keys = true};
    struct error err;
    error_init(&err);
    enum obol_code code = admin_spn_add(self->admin, &new, &err);
    return end(self, code, &err);
}

// change(name, flags, expires or -1, password_expires or -1, unlock)
static PyObject *kdc_change(PyObject *object, PyObject *args) {
    struct kdc_object *self = (struct kdc_object *)object;
    const char *name, *flags;
    Py_ssize_t len;
    long long expires, password_expires;
    int unlock;
    struct admin_change c = {0};
    if (!PyArg_ParseTuple(args, "s#sLLp", &name, &len, &flags, &expires, &password_expires,
                          &unlock) ||
        !flags_of(flags, &c.set_flags, &c.clear_flags) || !begin(self))
        return NULL;
    c.present = (expires >= 0 ? ADMIN_SET_EXPIRES : 0) |
                (password_expires >= 0 ? ADMIN_SET_PASSWORD_EXPIRES : 0);
    c.expires = expires;
    c.password_expires = password_expires;
    c.unlock = unlock != 0;
    struct error err;
    error_init(&err);
    enum obol_code code = admin_principal_set(self->admin, text_slice(name, len), &c, &err);
    return end(self, code, &err);
}

// The texts of a tuple, in the arena.
static bool names_of(PyObject *tuple, struct arena *a, struct slice_list *out) {
    Py_ssize_t count = PyTuple_Size(tuple);
    out->items = count < 0 ? NULL : arena_zalloc(a, (size_t)count + 1, sizeof *out->items);
    for (Py_ssize_t i = 0; out->items && i < count; i++) {
        PyObject *bytes = PyUnicode_AsUTF8String(PyTuple_GetItem(tuple, i));
        bool fits =
            bytes && arena_copy(a, slice_of(PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)),
                                &out->items[i]);
        Py_XDECREF(bytes);
        if (!fits)
            out->items = NULL;
    }
    out->count = out->items ? (size_t)count : 0;
    if (!out->items && !PyErr_Occurred())
        PyErr_NoMemory();
    return out->items != NULL;
}

// delegate(name, to, from): whom a service may act towards in its users' names (MS-SFU), and who
// may act so towards it; further ones.
static PyObject *kdc_delegate(PyObject *object, PyObject *args) {
    struct kdc_object *self = (struct kdc_object *)object;
    const char *name;
    Py_ssize_t len;
    PyObject *to, *from, *out = NULL;
    struct admin_change c = {0};
    if (!PyArg_ParseTuple(args, "s#O!O!", &name, &len, &PyTuple_Type, &to, &PyTuple_Type, &from))
        return NULL;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    if (names_of(to, a, &c.delegate_to) && names_of(from, a, &c.delegate_from) && begin(self)) {
        struct error err;
        error_init(&err);
        enum obol_code code = admin_principal_set(self->admin, text_slice(name, len), &c, &err);
        out = end(self, code, &err);
    }
    arena_give(a);
    return out;
}

// rekey(name, password or None, keep_old): new keys; their kvno.
static PyObject *kdc_rekey(PyObject *object, PyObject *args) {
    struct kdc_object *self = (struct kdc_object *)object;
    const char *name, *password;
    Py_ssize_t name_len, password_len;
    unsigned keep_old;
    uint32_t kvno = 0;
    if (!PyArg_ParseTuple(args, "s#z#I", &name, &name_len, &password, &password_len, &keep_old) ||
        !begin(self))
        return NULL;
    struct slice word = password ? text_slice(password, password_len) : (struct slice){0};
    const struct admin_keys keys = {.password = password ? &word : NULL, .keep_old = keep_old};
    struct error err;
    error_init(&err);
    PyThreadState *thread = PyEval_SaveThread();
    enum obol_code code =
        admin_principal_password(self->admin, text_slice(name, name_len), &keys, &kvno, &err);
    PyEval_RestoreThread(thread);
    PyObject *done = end(self, code, &err);
    Py_XDECREF(done);
    return done ? PyLong_FromUnsignedLong(kvno) : NULL;
}

static PyObject *kdc_delete(PyObject *object, PyObject *args) {
    struct kdc_object *self = (struct kdc_object *)object;
    const char *name;
    Py_ssize_t len;
    if (!PyArg_ParseTuple(args, "s#", &name, &len) || !begin(self))
        return NULL;
    struct error err;
    error_init(&err);
    return end(self, admin_principal_delete(self->admin, text_slice(name, len), &err), &err);
}

static PyObject *py_keys_list(const struct admin_keytab *keytab) {
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < keytab->count; i++) {
        const struct admin_keytab_key *k = &keytab->items[i];
        PyObject *name = py_principal(&k->name), *bytes = py_bytes(k->bytes), *row = NULL;
        if (name && bytes)
            row = Py_BuildValue("(OIiLO)", name, (unsigned)k->kvno, (int)k->enctype,
                                (long long)k->set, bytes);
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
        Py_XDECREF(name);
        Py_XDECREF(bytes);
    }
    return list;
}

// keys(name): [(principal, kvno, etype, timestamp, key)], for a keytab.
static PyObject *kdc_keys(PyObject *object, PyObject *args) {
    struct kdc_object *self = (struct kdc_object *)object;
    const char *name;
    Py_ssize_t len;
    if (!PyArg_ParseTuple(args, "s#", &name, &len))
        return NULL;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    PyObject *out = NULL;
    if (begin(self)) {
        struct admin_keytab keytab;
        struct error err;
        error_init(&err);
        enum obol_code code =
            admin_keytab_keys(self->admin, text_slice(name, len), NULL, a, &keytab, &err);
        PyObject *done = end(self, code, &err);
        out = done ? py_keys_list(&keytab) : NULL;
        Py_XDECREF(done);
    }
    arena_give(a);
    return out;
}

// requests(): what came since the last call: [(msg_type, code's name, client, service)]
static PyObject *kdc_requests(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    struct kdc_object *self = (struct kdc_object *)object;
    if (!begin(self))
        return NULL;
    PyObject *list = PyList_New(0);
    if (self->logged - self->read > LOG_LINES)
        self->read = self->logged - LOG_LINES;
    for (; list && self->read < self->logged; self->read++) {
        const struct line *l = &self->log[self->read % LOG_LINES];
        PyObject *row = Py_BuildValue("(isss)", (int)l->msg_type, error_info(l->code)->name,
                                      l->client, l->service);
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    pthread_mutex_unlock(&self->lock);
    return list;
}

static PyGetSetDef getset[] = {{"port", get_port, NULL, NULL, NULL}, {0}};
static PyMethodDef methods[] = {
    {"add", kdc_add, METH_VARARGS, NULL},       {"alias", kdc_alias, METH_VARARGS, NULL},
    {"change", kdc_change, METH_VARARGS, NULL}, {"delegate", kdc_delegate, METH_VARARGS, NULL},
    {"rekey", kdc_rekey, METH_VARARGS, NULL},   {"delete", kdc_delete, METH_VARARGS, NULL},
    {"keys", kdc_keys, METH_VARARGS, NULL},     {"requests", kdc_requests, METH_NOARGS, NULL},
    {"stop", kdc_stop, METH_NOARGS, NULL},      {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)kdc_new_py},
                              {Py_tp_dealloc, (void *)kdc_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Kdc", sizeof(struct kdc_object), 0, Py_TPFLAGS_DEFAULT,
                           slots};

bool kdc_add_types(PyObject *module) {
    return type_new(module, &spec, "Kdc") != NULL;
}
