// errors.c: a failure of the layers becomes a Python exception. Which class, and what its
// attributes are, is decided in obol/errors.py, which hands in the function that makes them.
#include "core.h"
#include <stdarg.h>

static PyObject *factory;

PyObject *set_error_factory(PyObject *module, PyObject *object) {
    UNUSED(module);
    PyObject *old = factory;
    Py_INCREF(object);
    factory = object;
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *facts_of(const struct error *err) {
    PyObject *list = PyList_New(0);
    const char *name, *value;
    size_t at = 0;
    while (list && error_fact_next(err, &at, &name, &value)) {
        PyObject *pair = Py_BuildValue("(ss)", name, value);
        if (!pair || PyList_Append(list, pair) < 0)
            Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

PyObject *raise_error(const struct error *err) {
    if (err->code == OBOL_NO_MEMORY)
        return PyErr_NoMemory();
    const struct error_info *info = error_info(err->code);
    const char *remedy = err->remedy_at ? err->facts + err->remedy_at : info->remedy;
    if (!factory)
        return PyErr_Format(PyExc_RuntimeError, "%s: %s", info->name, err->detail);
    PyObject *facts = facts_of(err);
    PyObject *made = facts ? PyObject_CallFunction(factory, "ssOsss", info->name, err->detail,
                                                   facts, remedy, err->where ? err->where : "",
                                                   err->section ? err->section : "")
                           : NULL;
    Py_XDECREF(facts);
    if (made)
        PyErr_SetObject((PyObject *)Py_TYPE(made), made);
    Py_XDECREF(made);
    return NULL;
}

PyObject *raise_code(enum obol_code code, const char *where, const char *format, ...) {
    struct error err;
    char text[ERROR_DETAIL_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_init(&err);
    (void)error_set(&err, code, where, "%s", text);
    return raise_error(&err);
}

PyObject *error_rows(PyObject *module, PyObject *unused) {
    UNUSED(module);
    UNUSED(unused);
    PyObject *list = PyList_New(0);
    for (int code = OBOL_OK + 1; list && code < OBOL_CODE_COUNT; code++) {
        const struct error_info *i = error_info((enum obol_code)code);
        PyObject *row =
            Py_BuildValue("(siiisss)", i->name, i->krb_error, error_krb5_code((enum obol_code)code),
                          i->gss_routine, i->python, i->text, i->remedy);
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list;
}
