// module.c: the extension module obol._core: its types, functions and tables.
#include "core.h"
#include "crypto/crypto.h"
#include "der/table.h"
#include "keytab.h"
#include "proto/codes.h"
#include "proto/message.h"
#include "secret.h"

// A table of numbers: [(value, name, rfc, help)]
static PyObject *py_codes(const struct code_table *t) {
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < t->count; i++) {
        const struct code_row *r = &t->rows[i];
        PyObject *row = Py_BuildValue("(isss)", (int)r->value, r->name, r->rfc, r->help);
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}

static PyObject *code_rows(PyObject *module, PyObject *args) {
    UNUSED(module);
    static const struct code_table *const tables[] = {&CODES_ENCTYPE,   &CODES_TICKET_FLAGS,
                                                      &CODES_NAME_TYPE, &CODES_PADATA,
                                                      &CODES_AUTHDATA,  &CODES_KRB_ERROR};
    const char *name;
    if (!PyArg_ParseTuple(args, "s", &name))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (strcmp(tables[i]->name, name) == 0)
            return py_codes(tables[i]);
    return PyErr_Format(PyExc_KeyError, "there is no table '%s'", name);
}

// enctypes(): [(number, name, weak)], the strongest first.
static PyObject *enctype_rows(PyObject *module, PyObject *unused) {
    UNUSED(module);
    UNUSED(unused);
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && enctype_at(i); i++) {
        const struct enctype *e = enctype_at(i);
        PyObject *row = Py_BuildValue("(isO)", (int)enctype_number(e), enctype_name(e),
                                      enctype_is_weak(e) ? Py_True : Py_False);
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}

// enctype_number(name): of a full name or an alias; -1 if there is none.
static PyObject *enctype_of(PyObject *module, PyObject *args) {
    UNUSED(module);
    const char *name;
    if (!PyArg_ParseTuple(args, "s", &name))
        return NULL;
    const struct enctype *e = enctype_by_name(slice_str(name));
    return PyLong_FromLong(e ? enctype_number(e) : -1);
}

// decode_message(bytes, json): a Kerberos message as a tree for people or as JSON.
PyObject *decode_message(PyObject *module, PyObject *args) {
    UNUSED(module);
    PyObject *bytes;
    int json;
    struct held held;
    if (!PyArg_ParseTuple(args, "Op", &bytes, &json) || !held_take(bytes, false, &held))
        return NULL;
    struct arena *a = arena_take();
    const struct message_kind *kind = message_kind_of(held.bytes);
    struct error err;
    error_init(&err);
    PyObject *out = NULL;
    void *value = a && kind ? arena_zalloc(a, 1, kind->type->size) : NULL;
    if (!kind)
        raise_code(OBOL_DER_UNEXPECTED, __func__, "the bytes begin no Kerberos message");
    else if (!value)
        PyErr_NoMemory();
    else if (der_decode(kind->type, held.bytes, a, value, &err) != OBOL_OK)
        raise_error(&err);
    else {
        struct writer w = writer_to_arena(a);
        if (json)
            der_dump_json(kind->type, value, &w);
        else
            der_dump(kind->type, value, &w);
        out = writer_ok(&w) ? py_text(writer_slice(&w)) : PyErr_NoMemory();
    }
    arena_give(a);
    held_drop(&held);
    return out;
}

static PyMethodDef functions[] = {{"set_error_factory", set_error_factory, METH_O, NULL},
                                  {"error_rows", error_rows, METH_NOARGS, NULL},
                                  {"code_rows", code_rows, METH_VARARGS, NULL},
                                  {"enctype_rows", enctype_rows, METH_NOARGS, NULL},
                                  {"enctype_number", enctype_of, METH_VARARGS, NULL},
                                  {"parse_principal", parse_principal, METH_VARARGS, NULL},
                                  {"write_principal", write_principal, METH_VARARGS, NULL},
                                  {"judge_reply", judge_reply, METH_VARARGS, NULL},
                                  {"decode_message", decode_message, METH_VARARGS, NULL},
                                  {"keytab_bytes", keytab_bytes, METH_O, NULL},
                                  {"keytab_add", keytab_add_entries, METH_VARARGS, NULL},
                                  {"keytab_remove", keytab_remove_entries, METH_VARARGS, NULL},
                                  {"string_to_key", string_to_key, METH_VARARGS, NULL},
                                  {0}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                        "obol._core",
                                        "The C core of obol; python/obol gives it its face.",
                                        -1,
                                        functions,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL};

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module)
        return NULL;
    env_draw_from_kernel(); // daemon threads may still be in a call when the interpreter ends
    if (config_add_types(module) && secret_add_types(module) && cred_add_types(module) &&
        cache_add_types(module) && keytab_add_types(module) && replay_add_types(module) &&
        login_add_types(module) && fetch_add_types(module) && kpasswd_add_types(module) &&
        context_add_types(module) && kdc_add_types(module) && gss_add(module))
        return module;
    Py_DECREF(module);
    return NULL;
}
