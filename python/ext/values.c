// values.c: bytes, text, names and types on their way between Python and the layers.
#include "core.h"
#include "proto/codes.h"
#include <stdarg.h>
#include <stdlib.h>

#define POOL_MAX    16          // arenas that wait
#define ARENA_SIZE  (64u << 10) // bytes at once
#define ARENA_LIMIT (64u << 20)

bool parse_keywords(PyObject *args, PyObject *kwargs, const char *format, const char *const *names,
                    ...) {
    va_list list;
    va_start(list, names);
    // The function writes to none of them, whatever its prototype says.
    int well = PyArg_VaParseTupleAndKeywords(args, kwargs, format, (char **)(uintptr_t)names, list);
    va_end(list);
    return well != 0;
}

bool held_take(PyObject *o, bool none_is_empty, struct held *out) {
    *out = (struct held){0};
    if (o == Py_None && none_is_empty)
        return true;
    if (PyBytes_Check(o)) {
        Py_INCREF(o);
        out->object = o;
    } else {
        PyObject *view = PyMemoryView_FromObject(o);
        out->object = view ? PyBytes_FromObject(view) : NULL;
        Py_XDECREF(view);
    }
    char *bytes = NULL;
    Py_ssize_t len = 0;
    if (!out->object || PyBytes_AsStringAndSize(out->object, &bytes, &len) < 0) {
        held_drop(out);
        return false;
    }
    out->bytes = slice_of(bytes, (size_t)len);
    return true;
}

void held_drop(struct held *h) {
    Py_CLEAR(h->object);
}

bool held_copy(PyObject *o, struct arena *a, struct slice *out) {
    struct held held;
    if (!held_take(o, true, &held))
        return false;
    bool fits = arena_copy(a, held.bytes, out);
    held_drop(&held);
    if (!fits)
        PyErr_NoMemory();
    return fits;
}

PyObject *py_bytes(struct slice s) {
    return PyBytes_FromStringAndSize((const char *)s.ptr, (Py_ssize_t)s.len);
}

PyObject *py_text(struct slice s) {
    return PyUnicode_DecodeUTF8(s.len ? (const char *)s.ptr : "", (Py_ssize_t)s.len,
                                "surrogateescape");
}

PyObject *py_principal(const struct principal *p) {
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    PyObject *text = py_text(principal_text(p, a));
    arena_give(a);
    return text;
}

static bool names_realm(struct slice text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '@')
            return true;
    }
    return false;
}

enum obol_code principal_of_text(struct slice text, struct slice default_realm, bool bare,
                                 struct arena *a, struct principal *out, struct error *err) {
    bool named = names_realm(text);
    struct slice realm = bare ? SLICE_LITERAL("-") : default_realm;
    TRY(principal_parse(text, realm, NT_UNKNOWN, a, out, err));
    if (bare && !named)
        out->realm = (struct slice){0};
    return OBOL_OK;
}

// The parts of a name: (realm, (component, ...), type).
static PyObject *py_parts(const struct principal *p) {
    PyObject *realm = py_text(p->realm);
    PyObject *names = PyTuple_New((Py_ssize_t)p->name.name_string.count);
    for (size_t i = 0; names && i < p->name.name_string.count; i++) {
        PyObject *one = py_text(p->name.name_string.items[i]);
        if (!one || PyTuple_SetItem(names, (Py_ssize_t)i, one) < 0)
            Py_CLEAR(names);
    }
    PyObject *parts =
        realm && names ? Py_BuildValue("(OOi)", realm, names, p->name.name_type) : NULL;
    Py_XDECREF(realm);
    Py_XDECREF(names);
    return parts;
}

PyObject *parse_principal(PyObject *module, PyObject *args) {
    UNUSED(module);
    const char *text, *realm;
    Py_ssize_t text_len, realm_len;
    int bare = 0, name_type = NT_UNKNOWN;
    if (!PyArg_ParseTuple(args, "s#s#|pi", &text, &text_len, &realm, &realm_len, &bare, &name_type))
        return NULL;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    struct principal p;
    struct error err;
    error_init(&err);
    enum obol_code code =
        principal_of_text(slice_of(text, (size_t)text_len), slice_of(realm, (size_t)realm_len),
                          bare != 0, a, &p, &err);
    if (code == OBOL_OK && name_type != NT_UNKNOWN)
        p.name.name_type = name_type;
    PyObject *out = code == OBOL_OK ? py_parts(&p) : raise_error(&err);
    arena_give(a);
    return out;
}

static PyObject *text_of_parts(struct slice realm, PyObject *names, struct arena *a) {
    Py_ssize_t count = PyTuple_Size(names);
    struct principal p = {.realm = realm, .name = {.name_type = NT_UNKNOWN}};
    if (count < 0)
        return NULL;
    p.name.name_string.items = arena_zalloc(a, (size_t)count + 1, sizeof(struct slice));
    p.name.name_string.count = (size_t)count;
    if (!p.name.name_string.items)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *bytes =
            PyUnicode_AsEncodedString(PyTuple_GetItem(names, i), "utf-8", "surrogateescape");
        if (!bytes)
            return NULL;
        bool fits = arena_copy(a, slice_of(PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)),
                               &p.name.name_string.items[i]);
        Py_DECREF(bytes);
        if (!fits)
            return PyErr_NoMemory();
    }
    struct writer w = writer_to_arena(a);
    if (realm.len)
        principal_write(&w, &p);
    else
        principal_name_write(&w, &p.name);
    return writer_ok(&w) ? py_text(writer_slice(&w)) : PyErr_NoMemory();
}

PyObject *write_principal(PyObject *module, PyObject *args) {
    UNUSED(module);
    const char *realm;
    Py_ssize_t realm_len;
    PyObject *names;
    if (!PyArg_ParseTuple(args, "s#O!", &realm, &realm_len, &PyTuple_Type, &names))
        return NULL;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    PyObject *out = text_of_parts(slice_of(realm, (size_t)realm_len), names, a);
    arena_give(a);
    return out;
}

// ---- types and memory

PyTypeObject *type_new(PyObject *module, PyType_Spec *spec, const char *name) {
    PyObject *type = PyType_FromSpec(spec);
    if (!type)
        return NULL;
    Py_INCREF(type); // one for the module, one for the pointer that is kept
    if (PyModule_AddObject(module, name, type) < 0) {
        Py_DECREF(type);
        Py_CLEAR(type);
    }
    return (PyTypeObject *)type;
}

PyObject *no_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    UNUSED(args);
    UNUSED(kwargs);
    UNUSED(type);
    PyErr_SetString(PyExc_TypeError, "instances of this type are made by obol's functions");
    return NULL;
}

void *self_alloc(PyTypeObject *type) {
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    return alloc(type, 0);
}

void self_free(void *self) {
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    freefunc give = (freefunc)PyType_GetSlot(type, Py_tp_free);
    give(self);
    Py_DECREF(type);
}

static struct arena *waiting[POOL_MAX];
static size_t waiting_count;

struct arena *arena_take(void) {
    if (waiting_count)
        return waiting[--waiting_count];
    struct arena *a = calloc(1, sizeof *a);
    if (a && !arena_init(a, ARENA_SIZE, ARENA_LIMIT)) {
        free(a);
        a = NULL;
    }
    return a;
}

void arena_give(struct arena *a) {
    if (!a)
        return;
    arena_reset(a);
    if (waiting_count < POOL_MAX) {
        waiting[waiting_count++] = a;
        return;
    }
    arena_clear(a);
    free(a);
}
