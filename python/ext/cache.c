// cache.c: Cache: a credential cache. Sessions keep their tickets in one that is in memory and
// theirs alone; others are files, or whatever kinds src/cred knows.
#include "core.h"
#include "cred/ccache.h"
#include <stdio.h>

#define OFFSET_NONE INT64_MIN

PyTypeObject *cache_type;

static enum obol_code open_private(struct cache *self, struct error *err) {
    uint8_t random[16];
    char name[8 + 5 + 2 * sizeof random + 1] = "MEMORY:obol-";
    env_random(env_system(), buf_of(random, sizeof random));
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(name + 12 + 2 * i, 3, "%02x", random[i]);
    self->private = true;
    return ccache_open(&self->cc, slice_str(name), &self->config->conf, err);
}

static bool is_in_memory(const struct ccache *cc) {
    return slice_starts(ccache_name(cc), SLICE_LITERAL("MEMORY:"));
}

// Cache(config, name): an empty name is the system's default; None is one of this object alone.
static PyObject *cache_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    UNUSED(kwargs);
    PyObject *config;
    const char *name;
    Py_ssize_t len;
    if (!PyArg_ParseTuple(args, "O!z#", config_type, &config, &name, &len))
        return NULL;
    struct cache *self = self_alloc(type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    Py_INCREF(config);
    self->config = (struct config *)config;
    enum obol_code code =
        name ? ccache_open(&self->cc, slice_of(name, (size_t)len), &self->config->conf, &err)
             : open_private(self, &err);
    if (code != OBOL_OK) {
        Py_DECREF(self);
        return raise_error(&err);
    }
    self->in_memory = is_in_memory(self->cc);
    return (PyObject *)self;
}

static void cache_end(struct cache *self) {
    if (self->cc && self->private)
        (void)(ccache_destroy(self->cc, NULL) == OBOL_OK); // it may never have been made
    ccache_close(self->cc);
    self->cc = NULL;
}

static void cache_dealloc(PyObject *object) {
    struct cache *self = (struct cache *)object;
    cache_end(self);
    Py_XDECREF((PyObject *)self->config);
    self_free(self);
}

static PyObject *cache_close(PyObject *self, PyObject *unused) {
    UNUSED(unused);
    cache_end((struct cache *)self);
    Py_RETURN_NONE;
}

static bool is_open(const struct cache *self) {
    if (!self->cc)
        raise_code(OBOL_CCACHE_NOT_FOUND, __func__, "it was closed");
    return self->cc != NULL;
}

// A call that may wait for a file's lock lets go of the GIL; caches in memory never wait.
#define CACHE_CALL(self, code, call)                                                               \
    do {                                                                                           \
        PyThreadState *thread_ = (self)->in_memory ? NULL : PyEval_SaveThread();                   \
        code = (call);                                                                             \
        if (thread_)                                                                               \
            PyEval_RestoreThread(thread_);                                                         \
    } while (0)

static PyObject *finish(enum obol_code code, const struct error *err, struct arena *a) {
    arena_give(a);
    if (code != OBOL_OK)
        return raise_error(err);
    Py_RETURN_NONE;
}

// ---- reading

// A configuration entry: (key, server or None, value). False if it is none of the usual shape.
static PyObject *py_setting(const struct cred *c) {
    const struct slice_list *names = &c->server.name.name_string;
    if (names->count < 2)
        return PyTuple_New(0);
    PyObject *key = py_text(names->items[1]), *value = py_bytes(c->ticket);
    PyObject *server = names->count > 2 ? py_text(names->items[2]) : Py_None;
    if (server == Py_None)
        Py_INCREF(server);
    PyObject *out = key && server && value ? Py_BuildValue("(OOO)", key, server, value) : NULL;
    Py_XDECREF(key);
    Py_XDECREF(server);
    Py_XDECREF(value);
    return out;
}

static bool add_entries(const struct ccache_content *content, PyObject *creds, PyObject *settings) {
    for (size_t i = 0; i < content->count; i++) {
        const struct cred *c = &content->creds[i];
        if (cred_is_removed(c))
            continue;
        bool setting = cred_is_config(c);
        PyObject *one = setting ? py_setting(c) : py_cred(c);
        int failed = one ? PyList_Append(setting ? settings : creds, one) : -1;
        Py_XDECREF(one);
        if (failed)
            return false;
    }
    return true;
}

static PyObject *py_content(const struct ccache_content *content) {
    PyObject *creds = PyList_New(0), *settings = PyList_New(0);
    PyObject *client = py_principal(&content->principal);
    PyObject *offset = content->has_offset ? PyLong_FromLongLong(content->offset) : Py_None;
    if (offset == Py_None)
        Py_INCREF(offset);
    PyObject *out = NULL;
    if (creds && settings && client && offset && add_entries(content, creds, settings))
        out = Py_BuildValue("(OOOO)", client, creds, settings, offset);
    Py_XDECREF(creds);
    Py_XDECREF(settings);
    Py_XDECREF(client);
    Py_XDECREF(offset);
    return out;
}

// read(): (client, [Cred], [(key, server, value)], clock offset or None)
static PyObject *cache_read(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    struct cache *self = (struct cache *)object;
    struct arena *a = is_open(self) ? arena_take() : NULL;
    if (!a)
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    struct ccache_content content;
    struct error err;
    enum obol_code code;
    error_init(&err);
    CACHE_CALL(self, code, ccache_read(self->cc, a, &content, &err));
    PyObject *out = code == OBOL_OK ? py_content(&content) : raise_error(&err);
    arena_give(a);
    return out;
}

// ---- writing

// The tickets of a list; they borrow from its elements.
static struct cred *creds_of(PyObject *list, struct arena *a, size_t *count) {
    Py_ssize_t n = PyList_Size(list);
    struct cred *creds = n < 0 ? NULL : arena_zalloc(a, (size_t)n + 1, sizeof *creds);
    if (!creds)
        return n < 0 ? NULL : (void *)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *one = PyList_GetItem(list, i);
        if (!PyObject_TypeCheck(one, cred_type))
            return (void *)PyErr_Format(PyExc_TypeError, "a list of Cred is wanted");
        creds[i] = ((struct py_cred *)one)->cred;
    }
    *count = (size_t)n;
    return creds;
}

// initialize(client, [Cred], offset or None): the cache is made anew.
static PyObject *cache_initialize(PyObject *object, PyObject *args) {
    struct cache *self = (struct cache *)object;
    const char *client;
    Py_ssize_t len;
    PyObject *list, *offset;
    if (!PyArg_ParseTuple(args, "s#O!O", &client, &len, &PyList_Type, &list, &offset) ||
        !is_open(self))
        return NULL;
    struct ccache_content content = {.has_offset = offset != Py_None};
    if (content.has_offset)
        content.offset = PyLong_AsLongLong(offset);
    if (PyErr_Occurred())
        return NULL;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    struct error err;
    error_init(&err);
    content.creds = creds_of(list, a, &content.count);
    if (!content.creds) {
        arena_give(a);
        return NULL;
    }
    enum obol_code code =
        principal_of_text(slice_of(client, (size_t)len), self->config->conf.default_realm, false, a,
                          &content.principal, &err);
    if (code == OBOL_OK)
        CACHE_CALL(self, code, ccache_initialize(self->cc, &content, &err));
    return finish(code, &err, a);
}

static PyObject *cache_store(PyObject *object, PyObject *list) {
    struct cache *self = (struct cache *)object;
    size_t count = 0;
    if (!PyList_Check(list))
        return PyErr_Format(PyExc_TypeError, "a list of Cred is wanted");
    struct arena *a = is_open(self) ? arena_take() : NULL;
    if (!a)
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    struct cred *creds = creds_of(list, a, &count);
    if (!creds) {
        arena_give(a);
        return NULL;
    }
    struct error err;
    enum obol_code code;
    error_init(&err);
    CACHE_CALL(self, code, ccache_store(self->cc, creds, count, &err));
    return finish(code, &err, a);
}

static PyObject *cache_destroy(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    struct cache *self = (struct cache *)object;
    if (!is_open(self))
        return NULL;
    struct error err;
    enum obol_code code;
    error_init(&err);
    CACHE_CALL(self, code, ccache_destroy(self->cc, &err));
    return finish(code, &err, NULL);
}

static PyObject *cache_get_name(PyObject *object, void *unused) {
    UNUSED(unused);
    struct cache *self = (struct cache *)object;
    return is_open(self) ? py_text(ccache_name(self->cc)) : NULL;
}

static PyGetSetDef getset[] = {{"name", cache_get_name, NULL, NULL, NULL}, {0}};
static PyMethodDef methods[] = {
    {"read", cache_read, METH_NOARGS, NULL},   {"initialize", cache_initialize, METH_VARARGS, NULL},
    {"store", cache_store, METH_O, NULL},      {"destroy", cache_destroy, METH_NOARGS, NULL},
    {"close", cache_close, METH_NOARGS, NULL}, {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)cache_new},
                              {Py_tp_dealloc, (void *)cache_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Cache", sizeof(struct cache), 0, Py_TPFLAGS_DEFAULT, slots};

bool cache_add_types(PyObject *module) {
    cache_type = type_new(module, &spec, "Cache");
    return cache_type != NULL;
}
