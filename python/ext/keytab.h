// keytab.h: a Keytab as the key source of an acceptor, and the functions about keytabs' files.
#ifndef OBOL_PYTHON_KEYTAB_H
#define OBOL_PYTHON_KEYTAB_H

#include "core.h"
#include "krb/ap.h"

struct py_keys {
    struct keytab *keytab;
    // Whose keys count; NULL: any. One component stands for that service on any host, and a name
    // without a realm for any realm.
    const struct principal *service;
};
struct ap_key_source py_keys_source(struct py_keys *keys);

PyObject *keytab_bytes(PyObject *module, PyObject *list);
PyObject *keytab_add_entries(PyObject *module, PyObject *args);
PyObject *keytab_remove_entries(PyObject *module, PyObject *args);
PyObject *string_to_key(PyObject *module, PyObject *args);

#endif
