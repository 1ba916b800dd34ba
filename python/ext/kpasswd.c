// kpasswd.c: Kpasswd: a password changed by a ticket for kadmin/changepw (net/kpasswd.h), without
// I/O: its message is carried by Python, and the reply is read.
#include "net/kpasswd.h"
#include "core.h"
#include "secret.h"

struct py_kpasswd {
    PyObject_HEAD struct config *config;
    struct py_cred *cred;
    struct arena *arena;
    struct net net;
    struct secret password;
    struct principal target;
    struct kpasswd_params params;
    struct kpasswd_exchange exchange;
    struct slice message;
};

static enum obol_code prepare(struct py_kpasswd *self, struct slice target, struct error *err) {
    self->arena = arena_take();
    ENSURE_MEMORY(self->arena);
    self->net = (struct net){.conf = &self->config->conf, .env = config_env(self->config)};
    self->params =
        (struct kpasswd_params){.ticket = &self->cred->cred, .password = &self->password};
    if (target.len) {
        TRY(principal_of_text(target, self->cred->cred.server.realm, false, self->arena,
                              &self->target, err));
        self->params.target = &self->target;
    }
    return kpasswd_begin(&self->exchange, &self->net, &self->params, self->arena, &self->message,
                         err);
}

// Kpasswd(config, ticket, target, password): target: whose, b"" for one's own.
static PyObject *kpasswd_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    UNUSED(kwargs);
    PyObject *config, *cred, *password;
    const char *target;
    Py_ssize_t target_len;
    if (!PyArg_ParseTuple(args, "O!O!s#O!", config_type, &config, cred_type, &cred, &target,
                          &target_len, secret_type, &password))
        return NULL;
    struct py_kpasswd *self = self_alloc(type);
    if (!self)
        return NULL;
    Py_INCREF(config);
    Py_INCREF(cred);
    self->config = (struct config *)config;
    self->cred = (struct py_cred *)cred;
    struct error err;
    error_init(&err);
    if (!secret_copy(&self->password, secret_slice(&((struct py_secret *)password)->secret))) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    if (prepare(self, slice_of(target, (size_t)target_len), &err) == OBOL_OK)
        return (PyObject *)self;
    Py_DECREF(self);
    return raise_error(&err);
}

static void kpasswd_dealloc(PyObject *object) {
    struct py_kpasswd *self = (struct py_kpasswd *)object;
    secret_clear(&self->password);
    arena_give(self->arena);
    Py_XDECREF((PyObject *)self->cred);
    Py_XDECREF((PyObject *)self->config);
    self_free(self);
}

static PyObject *get_message(PyObject *object, void *unused) {
    UNUSED(unused);
    return py_bytes(((struct py_kpasswd *)object)->message);
}

// read(reply): (result, text), of RFC 3244 2.
static PyObject *kpasswd_read(PyObject *object, PyObject *reply) {
    struct py_kpasswd *self = (struct py_kpasswd *)object;
    struct held held;
    if (!held_take(reply, false, &held))
        return NULL;
    struct kpasswd_reply answer;
    struct error err;
    error_init(&err);
    enum obol_code code = kpasswd_end(&self->exchange, held.bytes, &answer, &err);
    PyObject *text = NULL, *out = NULL;
    if (code != OBOL_OK)
        raise_error(&err);
    else
        text = py_bytes(answer.text);
    if (text)
        out = Py_BuildValue("(iO)", (int)answer.result, text);
    Py_XDECREF(text);
    held_drop(&held);
    return out;
}

static PyGetSetDef getset[] = {{"message", get_message, NULL, NULL, NULL}, {0}};
static PyMethodDef methods[] = {{"read", kpasswd_read, METH_O, NULL}, {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)kpasswd_new},
                              {Py_tp_dealloc, (void *)kpasswd_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Kpasswd", sizeof(struct py_kpasswd), 0, Py_TPFLAGS_DEFAULT,
                           slots};

bool kpasswd_add_types(PyObject *module) {
    return type_new(module, &spec, "Kpasswd") != NULL;
}
