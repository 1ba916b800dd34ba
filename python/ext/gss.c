// gss.c: obol._core.gss: its types and its module, and how arguments and results are converted; see
// gss.h.
#include "gss.h"

PyTypeObject *gss_name_type, *gss_cred_type, *gss_context_type;
static PyObject *failure_factory; // obol.compat's: (major, minor, token or None) gives an exception

// ---- the objects

static bool is_free(const struct gss_holder *h, const char *what) {
    if (h->users)
        PyErr_Format(PyExc_RuntimeError, "another thread is using this %s", what);
    return !h->users;
}

// T(other=None) takes over the other's handle, as in python-gssapi: the higher classes are made of
// the lower ones so.
static PyObject *holder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs,
                            PyTypeObject *base) {
    static const char *const names[] = {"cpy", NULL};
    PyObject *other = Py_None;
    if (!parse_keywords(args, kwargs, "|O", names, &other))
        return NULL;
    if (other != Py_None && !PyObject_TypeCheck(other, base)) {
        PyErr_SetString(PyExc_TypeError, "cpy is of another type");
        return NULL;
    }
    struct gss_holder *from = other == Py_None ? NULL : (struct gss_holder *)other;
    if (from && !is_free(from, "object"))
        return NULL;
    struct gss_holder *self = self_alloc(type);
    if (self && from) {
        self->is = from->is;
        from->is.name = NULL;
    }
    return (PyObject *)self;
}

#define HOLDER_TYPE(kind, release)                                                                 \
    static PyObject *kind##_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {            \
        return holder_new(type, args, kwargs, gss_##kind##_type);                                  \
    }                                                                                              \
    static void kind##_clear(struct gss_holder *self) {                                            \
        OM_uint32 minor;                                                                           \
        if (self->is.kind)                                                                         \
            (void)release;                                                                         \
        self->is.kind = NULL;                                                                      \
    }                                                                                              \
    static void kind##_dealloc(PyObject *self) {                                                   \
        kind##_clear((struct gss_holder *)self);                                                   \
        self_free(self);                                                                           \
    }                                                                                              \
    static PyObject *kind##_release(PyObject *module, PyObject *o) {                               \
        UNUSED(module);                                                                            \
        if (!PyObject_TypeCheck(o, gss_##kind##_type)) {                                           \
            PyErr_SetString(PyExc_TypeError, "there is no " #kind " to release");                  \
            return NULL;                                                                           \
        }                                                                                          \
        if (!is_free((struct gss_holder *)o, #kind))                                               \
            return NULL;                                                                           \
        kind##_clear((struct gss_holder *)o);                                                      \
        Py_RETURN_NONE;                                                                            \
    }                                                                                              \
    PyObject *gss_##kind##_out(__typeof__(((struct gss_holder *)0)->is.kind) handle) {             \
        if (!handle)                                                                               \
            Py_RETURN_NONE;                                                                        \
        struct gss_holder *self = self_alloc(gss_##kind##_type);                                   \
        struct gss_holder lost = {.is.kind = handle};                                              \
        if (!self)                                                                                 \
            kind##_clear(&lost);                                                                   \
        else                                                                                       \
            self->is.kind = handle;                                                                \
        return (PyObject *)self;                                                                   \
    }

HOLDER_TYPE(name, gss_release_name(&minor, &self->is.name))
HOLDER_TYPE(cred, gss_release_cred(&minor, &self->is.cred))
HOLDER_TYPE(context, gss_delete_sec_context(&minor, &self->is.context, GSS_C_NO_BUFFER))

static PyObject *get_started(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyBool_FromLong(((struct gss_holder *)self)->is.context != GSS_C_NO_CONTEXT);
}

static PyGetSetDef context_getset[] = {
    {"_started", get_started, NULL, "Whether a first step was made.", NULL}, {0}};

static bool add_types(PyObject *module) {
    static PyType_Slot names[] = {
        {Py_tp_new, (void *)name_new}, {Py_tp_dealloc, (void *)name_dealloc}, {0}};
    static PyType_Slot creds[] = {
        {Py_tp_new, (void *)cred_new}, {Py_tp_dealloc, (void *)cred_dealloc}, {0}};
    static PyType_Slot contexts[] = {{Py_tp_new, (void *)context_new},
                                     {Py_tp_dealloc, (void *)context_dealloc},
                                     {Py_tp_getset, (void *)context_getset},
                                     {0}};
    const unsigned flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
    static const int size = sizeof(struct gss_holder);
    PyType_Spec name = {"obol.compat.gssapi.raw.names.Name", size, 0, flags, names};
    PyType_Spec cred = {"obol.compat.gssapi.raw.creds.Creds", size, 0, flags, creds};
    PyType_Spec context = {"obol.compat.gssapi.raw.sec_contexts.SecurityContext", size, 0, flags,
                           contexts};
    gss_name_type = type_new(module, &name, "GssName");
    gss_cred_type = type_new(module, &cred, "GssCreds");
    gss_context_type = type_new(module, &context, "GssContext");
    return gss_name_type && gss_cred_type && gss_context_type;
}

// ---- arguments

static int holder_arg(PyObject *o, bool none, PyTypeObject *type, struct gss_holder **out) {
    *out = NULL;
    if (o == Py_None && none)
        return 1;
    if (!PyObject_TypeCheck(o, type)) {
        PyErr_Format(PyExc_TypeError, "%R is of another type than is wanted here", o);
        return 0;
    }
    *out = (struct gss_holder *)o;
    return 1;
}

int gss_name_arg(PyObject *o, void *holder) {
    return holder_arg(o, true, gss_name_type, holder);
}

int gss_cred_arg(PyObject *o, void *holder) {
    return holder_arg(o, true, gss_cred_type, holder);
}

int gss_context_arg(PyObject *o, void *holder) {
    struct gss_holder **out = holder;
    return holder_arg(o, false, gss_context_type, out) && is_free(*out, "context");
}

int gss_bytes_arg(PyObject *o, void *buffer) {
    gss_buffer_desc *out = buffer;
    *out = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (o == Py_None)
        return 1;
    char *bytes;
    Py_ssize_t len;
    if (PyBytes_AsStringAndSize(o, &bytes, &len) < 0)
        return 0;
    *out = (gss_buffer_desc){(size_t)len, bytes};
    return 1;
}

int gss_oid_arg(PyObject *o, void *oid) {
    gss_OID_desc *out = oid;
    *out = (gss_OID_desc){0, NULL};
    if (o == Py_None)
        return 1;
    // The object has its bytes as long as it lives, and the caller's arguments keep it alive.
    PyObject *der = PyBytes_Check(o) ? (Py_INCREF(o), o) : PyObject_GetAttrString(o, "_der");
    char *bytes = NULL;
    Py_ssize_t len = 0;
    bool well = der && PyBytes_AsStringAndSize(der, &bytes, &len) == 0;
    Py_XDECREF(der);
    if (!well || len > 255) {
        PyErr_Format(PyExc_TypeError, "%R is no OID", o);
        return 0;
    }
    *out = (gss_OID_desc){(OM_uint32)len, bytes};
    return 1;
}

bool gss_oids_take(PyObject *o, gss_OID_set *out) {
    OM_uint32 minor;
    *out = GSS_C_NO_OID_SET;
    if (o == Py_None)
        return true;
    PyObject *items = PySequence_List(o);
    if (!items || gss_create_empty_oid_set(&minor, out) != GSS_S_COMPLETE) {
        Py_XDECREF(items);
        return items ? PyErr_NoMemory() != NULL : false;
    }
    bool well = true;
    for (Py_ssize_t i = 0; well && i < PyList_Size(items); i++) {
        gss_OID_desc oid;
        well = gss_oid_arg(PyList_GetItem(items, i), &oid);
        if (well && gss_add_oid_set_member(&minor, &oid, out) != GSS_S_COMPLETE)
            well = PyErr_NoMemory() != NULL;
    }
    Py_DECREF(items);
    if (!well)
        (void)gss_release_oid_set(&minor, out);
    return well;
}

// ---- results

PyObject *gss_bytes_out(gss_buffer_t buffer) {
    OM_uint32 minor;
    PyObject *out = PyBytes_FromStringAndSize(buffer->value, (Py_ssize_t)buffer->length);
    (void)gss_release_buffer(&minor, buffer);
    return out;
}

PyObject *gss_buffers_out(gss_buffer_set_t buffers) {
    OM_uint32 minor;
    PyObject *out = PyList_New(0);
    for (size_t i = 0; out && buffers && i < buffers->count; i++) {
        const gss_buffer_desc *b = &buffers->elements[i];
        PyObject *one = PyBytes_FromStringAndSize(b->value, (Py_ssize_t)b->length);
        if (!one || PyList_Append(out, one) < 0)
            Py_CLEAR(out);
        Py_XDECREF(one);
    }
    (void)gss_release_buffer_set(&minor, &buffers);
    return out;
}

PyObject *gss_oid_out(gss_const_OID oid) {
    if (!oid)
        Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(oid->elements, (Py_ssize_t)oid->length);
}

PyObject *gss_oids_out(gss_OID_set oids) {
    OM_uint32 minor;
    PyObject *out = PyList_New(0);
    for (size_t i = 0; out && oids && i < oids->count; i++) {
        PyObject *one = gss_oid_out(&oids->elements[i]);
        if (!one || PyList_Append(out, one) < 0)
            Py_CLEAR(out);
        Py_XDECREF(one);
    }
    (void)gss_release_oid_set(&minor, &oids);
    return out;
}

PyObject *gss_lifetime_out(OM_uint32 seconds) {
    if (seconds == GSS_C_INDEFINITE)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(seconds);
}

PyObject *gss_failed(OM_uint32 major, OM_uint32 minor, gss_buffer_t token) {
    PyObject *bytes;
    if (token && token->length) {
        bytes = gss_bytes_out(token);
    } else {
        bytes = Py_None;
        Py_INCREF(bytes);
    }
    PyObject *raised = NULL;
    if (bytes && failure_factory)
        raised = PyObject_CallFunction(failure_factory, "kkO", (unsigned long)major,
                                       (unsigned long)minor, bytes);
    else if (bytes)
        PyErr_Format(PyExc_RuntimeError, "GSS-API status %u", (unsigned)major);
    if (raised)
        PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
    Py_XDECREF(raised);
    Py_XDECREF(bytes);
    return NULL;
}

// ---- calls that may wait

void gss_run_begin(struct gss_run *run) {
    for (size_t i = 0; i < COUNT_OF(run->uses); i++)
        if (run->uses[i])
            run->uses[i]->users++;
    run->thread = PyEval_SaveThread();
}

void gss_run_end(struct gss_run *run) {
    PyEval_RestoreThread(run->thread);
    for (size_t i = 0; i < COUNT_OF(run->uses); i++)
        if (run->uses[i])
            run->uses[i]->users--;
}

// ---- the module

static PyObject *set_failure(PyObject *module, PyObject *factory) {
    UNUSED(module);
    Py_INCREF(factory);
    Py_XDECREF(failure_factory);
    failure_factory = factory;
    Py_RETURN_NONE;
}

// move_cred(to, from): `to`, whatever it was, is what `from` was.
static PyObject *move_cred(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *to, *from;
    if (!PyArg_ParseTuple(args, "O&O&", gss_cred_arg, &to, gss_cred_arg, &from))
        return NULL;
    if (!to || !from || to == from || !is_free(to, "credential") || !is_free(from, "credential")) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "there are no two credentials");
        return NULL;
    }
    cred_clear(to);
    to->is.cred = from->is.cred;
    from->is.cred = GSS_C_NO_CREDENTIAL;
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {{"set_failure", set_failure, METH_O, NULL},
                                  {"release_name", name_release, METH_O, NULL},
                                  {"release_cred", cred_release, METH_O, NULL},
                                  {"delete_sec_context", context_release, METH_O, NULL},
                                  {"move_cred", move_cred, METH_VARARGS, NULL},
                                  {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                        "obol._core.gss",
                                        "The GSS-API of C, for obol.compat.",
                                        -1,
                                        functions,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL};

bool gss_add(PyObject *module) {
    PyObject *gss = PyModule_Create(&definition);
    if (!gss)
        return false;
    if (!add_types(module) || PyModule_AddFunctions(gss, gss_name_functions) < 0 ||
        PyModule_AddFunctions(gss, gss_cred_functions) < 0 ||
        PyModule_AddFunctions(gss, gss_context_functions) < 0 ||
        PyModule_AddFunctions(gss, gss_message_functions) < 0 ||
        PyModule_AddFunctions(gss, gss_mech_functions) < 0 ||
        PyModule_AddObject(module, "gss", gss) < 0) {
        Py_DECREF(gss);
        return false;
    }
    return true;
}
