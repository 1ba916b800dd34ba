// secret.h: Secret: a password that Python holds for a session that logs in again by itself. Its
// bytes stand in guarded memory (base/secret.h), are never given out, and go when it is cleared.
#ifndef OBOL_PYTHON_SECRET_H
#define OBOL_PYTHON_SECRET_H

#include "base/secret.h"
#include "core.h"

struct py_secret {
    PyObject_HEAD struct secret secret;
};
extern PyTypeObject *secret_type;
bool secret_add_types(PyObject *module);

#endif
