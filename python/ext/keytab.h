// keytab.h: a Keytab as the key source of an acceptor, and the functions about keytabs' files.
#ifndef OBOL_PYTHON_KEYTAB_H
#define OBOL_PYTHON_KEYTAB_H

#include "core.h"
#include "cred/keytab.h"

// keytab_accepting is what an acceptor opens tickets with: the keys of `service`, which must
// outlive it; NULL: any. One component stands for that service on any host, and a name without a
// realm for any realm.
struct keytab_keys keytab_accepting(struct keytab *keytab, const struct principal *service,
                                    struct arena *a);

PyObject *keytab_bytes(PyObject *module, PyObject *list);
PyObject *keytab_add_entries(PyObject *module, PyObject *args);
PyObject *keytab_remove_entries(PyObject *module, PyObject *args);
PyObject *string_to_key(PyObject *module, PyObject *args);

#endif
