// cred.c: Cred: a ticket with its session key, immutable; it is wiped when it goes. Python sees
// what the ticket says, never the key.
#include "core.h"
#include "crypto/crypto.h"
#include "der/der.h"
#include "proto/types.h"

#define CRED_ARENA       4096u
#define CRED_ARENA_LIMIT (16u << 20)

PyTypeObject *cred_type;

PyObject *py_cred(const struct cred *c) {
    struct py_cred *self = self_alloc(cred_type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    enum obol_code code = arena_init(&self->arena, CRED_ARENA, CRED_ARENA_LIMIT)
                              ? cred_copy(c, &self->arena, &self->cred, &err)
                              : error_set(&err, OBOL_NO_MEMORY, __func__, "no room");
    if (code != OBOL_OK) {
        Py_DECREF(self);
        return raise_error(&err);
    }
    return (PyObject *)self;
}

static void cred_dealloc(PyObject *object) {
    struct py_cred *self = (struct py_cred *)object;
    arena_clear(&self->arena);
    self_free(self);
}

static const struct cred *cred_of(PyObject *self) {
    return &((struct py_cred *)self)->cred;
}

static PyObject *get_client(PyObject *self, void *unused) {
    UNUSED(unused);
    return py_principal(&cred_of(self)->client);
}

static PyObject *get_server(PyObject *self, void *unused) {
    UNUSED(unused);
    return py_principal(&cred_of(self)->server);
}

static PyObject *get_times(PyObject *self, void *unused) {
    UNUSED(unused);
    const struct cred *c = cred_of(self);
    return Py_BuildValue("(LLLL)", (long long)c->authtime, (long long)cred_start(c),
                         (long long)c->endtime, (long long)c->renew_till);
}

static PyObject *get_flags(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyLong_FromUnsignedLong(cred_of(self)->flags);
}

static PyObject *get_key_etype(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyLong_FromLong(cred_of(self)->key.keytype);
}

static PyObject *get_der(PyObject *self, void *unused) {
    UNUSED(unused);
    return py_bytes(cred_of(self)->ticket);
}

// What the ticket's outside says: (etype, kvno).
static PyObject *get_sealed(PyObject *self, void *unused) {
    UNUSED(unused);
    struct arena *a = arena_take();
    struct error err;
    struct ticket ticket;
    error_init(&err);
    if (!a)
        return PyErr_NoMemory();
    PyObject *out;
    if (der_decode(&TYPE_TICKET, cred_of(self)->ticket, a, &ticket, &err) == OBOL_OK)
        out = Py_BuildValue("(iI)", ticket.enc_part.etype, (unsigned)ticket.enc_part.kvno);
    else
        out = raise_error(&err);
    arena_give(a);
    return out;
}

static PyObject *get_user_to_user(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyBool_FromLong(cred_of(self)->is_skey);
}

static PyGetSetDef getset[] = {{"client", get_client, NULL, NULL, NULL},
                               {"server", get_server, NULL, NULL, NULL},
                               {"times", get_times, NULL, "(auth, start, end, renew till)", NULL},
                               {"flags", get_flags, NULL, NULL, NULL},
                               {"key_etype", get_key_etype, NULL, NULL, NULL},
                               {"sealed", get_sealed, NULL, "(etype, kvno)", NULL},
                               {"der", get_der, NULL, NULL, NULL},
                               {"user_to_user", get_user_to_user, NULL, NULL, NULL},
                               {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)no_new},
                              {Py_tp_dealloc, (void *)cred_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {0}};
static PyType_Spec spec = {"obol._core.Cred", sizeof(struct py_cred), 0, Py_TPFLAGS_DEFAULT, slots};

bool cred_add_types(PyObject *module) {
    cred_type = type_new(module, &spec, "Cred");
    return cred_type != NULL;
}
