// config.c: Clock and Config: what the layers know of their surroundings, as objects, so that one
// process may have many. A Config never changes after it was made.
#include "core.h"
#include "cred/ccache.h"
#include "cred/keytab.h"

#define CONFIG_ARENA       (32u << 10)
#define CONFIG_ARENA_LIMIT (64u << 20)

PyTypeObject *clock_type, *config_type;

// ---- Clock

static int64_t clock_now_us(void *ctx) {
    struct clock *c = ctx;
    return env_now_us(env_system()) + atomic_load_explicit(&c->offset_us, memory_order_relaxed);
}

static void clock_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    env_random(env_system(), out);
}

static PyObject *clock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    if (!PyArg_ParseTuple(args, "") || (kwargs && PyDict_Size(kwargs)))
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "Clock() takes nothing");
    struct clock *self = self_alloc(type);
    if (self)
        self->env = (struct env){self, clock_now_us, clock_random};
    return (PyObject *)self;
}

static PyObject *clock_get_offset(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyLong_FromLongLong(((struct clock *)self)->offset_us);
}

static int clock_set_offset(PyObject *self, PyObject *value, void *unused) {
    UNUSED(unused);
    long long us = value ? PyLong_AsLongLong(value) : 0;
    if (us == -1 && PyErr_Occurred())
        return -1;
    ((struct clock *)self)->offset_us = us;
    return 0;
}

static PyObject *clock_now(PyObject *self, PyObject *unused) {
    UNUSED(unused);
    return PyLong_FromLongLong(env_now_us(&((struct clock *)self)->env));
}

static void clock_dealloc(PyObject *self) {
    self_free(self);
}

static PyGetSetDef clock_getset[] = {
    {"offset_us", clock_get_offset, clock_set_offset, "Microseconds ahead of the system.", NULL},
    {0}};
static PyMethodDef clock_methods[] = {
    {"now_us", clock_now, METH_NOARGS, "Microseconds since 1970."}, {0}};
static PyType_Slot clock_slots[] = {{Py_tp_new, (void *)clock_new},
                                    {Py_tp_dealloc, (void *)clock_dealloc},
                                    {Py_tp_getset, (void *)clock_getset},
                                    {Py_tp_methods, (void *)clock_methods},
                                    {0}};
static PyType_Spec clock_spec = {"obol._core.Clock", sizeof(struct clock), 0, Py_TPFLAGS_DEFAULT,
                                 clock_slots};

// ---- Config

static enum obol_code load(struct config *self, const char *text, Py_ssize_t text_len,
                           const char *paths, const char *file, struct error *err) {
    ENSURE(arena_init(&self->arena, CONFIG_ARENA, CONFIG_ARENA_LIMIT), NO_MEMORY, "no memory");
    if (!text)
        return krb5conf_load(&self->conf, slice_str(paths), &self->arena, err);
    struct slice own;
    const char *name = arena_cstr(&self->arena, slice_str(file));
    ENSURE_MEMORY(name);
    ENSURE(arena_copy(&self->arena, slice_of(text, (size_t)text_len), &own), NO_MEMORY,
           "no room for a configuration of %zd bytes", text_len);
    return krb5conf_from_text(&self->conf, name, own, &self->arena, err);
}

static PyObject *config_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static const char *const names[] = {"clock", "text", "paths", "file", NULL};
    PyObject *clock;
    const char *text = NULL, *paths = "", *file = "a text";
    Py_ssize_t text_len = 0;
    if (!parse_keywords(args, kwargs, "O!|z#ss", names, clock_type, &clock, &text, &text_len,
                        &paths, &file))
        return NULL;
    struct config *self = self_alloc(type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    Py_INCREF(clock);
    self->clock = (struct clock *)clock;
    if (load(self, text, text_len, paths, file, &err) != OBOL_OK) {
        Py_DECREF(self);
        return raise_error(&err);
    }
    return (PyObject *)self;
}

static void config_dealloc(PyObject *object) {
    struct config *self = (struct config *)object;
    arena_clear(&self->arena);
    Py_XDECREF((PyObject *)self->clock);
    self_free(self);
}

static PyObject *config_get_realm(PyObject *self, void *unused) {
    UNUSED(unused);
    return py_text(((struct config *)self)->conf.default_realm);
}

static PyObject *config_get_clock(PyObject *self, void *unused) {
    UNUSED(unused);
    PyObject *clock = (PyObject *)((struct config *)self)->clock;
    Py_INCREF(clock);
    return clock;
}

static PyObject *py_bool(bool value) {
    return value ? Py_True : Py_False; // borrowed
}

static PyObject *config_get_settings(PyObject *self, void *unused) {
    UNUSED(unused);
    const struct krb5conf *c = &((struct config *)self)->conf;
    return Py_BuildValue(
        "{sLsLsLsLsLsisOsOsOsOsO}", "clockskew", (long long)c->clockskew, "ticket_lifetime",
        (long long)c->ticket_lifetime, "renew_lifetime", (long long)c->renew_lifetime,
        "request_timeout", (long long)c->request_timeout, "udp_preference_limit",
        (long long)c->udp_preference_limit, "dns_canonicalize_hostname",
        (int)c->dns_canonicalize_hostname, "forwardable", py_bool(c->forwardable), "kdc_timesync",
        py_bool(c->kdc_timesync), "dns_lookup_kdc", py_bool(c->dns_lookup_kdc), "rdns",
        py_bool(c->rdns), "allow_weak_crypto", py_bool(c->allow_weak_crypto));
}

static PyObject *config_get_notes(PyObject *self, void *unused) {
    UNUSED(unused);
    PyObject *list = PyList_New(0);
    const struct config_note *n = ((struct config *)self)->conf.profile.notes.first;
    for (; list && n; n = n->next) {
        PyObject *text = py_text(n->text);
        PyObject *row = text ? Py_BuildValue("(ziO)", n->file, (int)n->line, text) : NULL;
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
        Py_XDECREF(text);
    }
    return list;
}

static PyObject *config_host_realm(PyObject *self, PyObject *args) {
    const char *host;
    Py_ssize_t len;
    if (!PyArg_ParseTuple(args, "s#", &host, &len))
        return NULL;
    return py_text(
        krb5conf_host_realm(&((struct config *)self)->conf, slice_of(host, (size_t)len)));
}

// The places where the system would look: (cache, keytab, client keytab).
static PyObject *config_default_names(PyObject *object, PyObject *unused);

static PyGetSetDef config_getset[] = {
    {"default_realm", config_get_realm, NULL, NULL, NULL},
    {"clock", config_get_clock, NULL, NULL, NULL},
    {"settings", config_get_settings, NULL, NULL, NULL},
    {"notes", config_get_notes, NULL, "(file, line, text) of what is odd in it.", NULL},
    {0}};
static PyMethodDef config_methods[] = {{"host_realm", config_host_realm, METH_VARARGS, NULL},
                                       {"host_service", config_host_service, METH_VARARGS, NULL},
                                       {"locate", config_locate, METH_VARARGS, NULL},
                                       {"exchange", config_exchange, METH_VARARGS, NULL},
                                       {"default_names", config_default_names, METH_NOARGS, NULL},
                                       {0}};
static PyType_Slot config_slots[] = {{Py_tp_new, (void *)config_new},
                                     {Py_tp_dealloc, (void *)config_dealloc},
                                     {Py_tp_getset, (void *)config_getset},
                                     {Py_tp_methods, (void *)config_methods},
                                     {0}};
static PyType_Spec config_spec = {"obol._core.Config", sizeof(struct config), 0, Py_TPFLAGS_DEFAULT,
                                  config_slots};

bool config_add_types(PyObject *module) {
    clock_type = type_new(module, &clock_spec, "Clock");
    config_type = clock_type ? type_new(module, &config_spec, "Config") : NULL;
    return config_type != NULL;
}

// ---- names of the system's

static enum obol_code default_names(const struct krb5conf *conf, struct arena *a,
                                    struct slice *cache, const char **keytab, const char **client,
                                    struct error *err) {
    TRY(ccache_default_name(conf, a, cache, err));
    TRY(keytab_path((struct slice){0}, conf, a, keytab, err));
    return keytab_client_path(conf, a, client, err);
}

static PyObject *config_default_names(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    struct config *self = (struct config *)object;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    struct slice cache;
    const char *keytab, *client;
    struct error err;
    error_init(&err);
    PyObject *out = NULL, *name = NULL;
    if (default_names(&self->conf, a, &cache, &keytab, &client, &err) != OBOL_OK)
        raise_error(&err);
    else if ((name = py_text(cache)) != NULL)
        out = Py_BuildValue("(Oss)", name, keytab, client);
    Py_XDECREF(name);
    arena_give(a);
    return out;
}
