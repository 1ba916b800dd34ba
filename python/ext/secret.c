// secret.c: see secret.h.
#include "secret.h"

PyTypeObject *secret_type;

static PyObject *secret_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    UNUSED(kwargs);
    PyObject *bytes;
    struct held held;
    if (!PyArg_ParseTuple(args, "O", &bytes) || !held_take(bytes, false, &held))
        return NULL;
    struct py_secret *self = self_alloc(type);
    if (self && !secret_copy(&self->secret, held.bytes)) {
        Py_DECREF(self);
        self = (void *)PyErr_NoMemory();
    }
    held_drop(&held);
    return (PyObject *)self;
}

static void secret_dealloc(PyObject *object) {
    secret_clear(&((struct py_secret *)object)->secret);
    self_free(object);
}

static PyObject *secret_clear_py(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    secret_clear(&((struct py_secret *)object)->secret);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"clear", secret_clear_py, METH_NOARGS, NULL}, {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)secret_new},
                              {Py_tp_dealloc, (void *)secret_dealloc},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Secret", sizeof(struct py_secret), 0, Py_TPFLAGS_DEFAULT,
                           slots};

bool secret_add_types(PyObject *module) {
    secret_type = type_new(module, &spec, "Secret");
    return secret_type != NULL;
}
