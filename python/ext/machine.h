// machine.h: what Login and Fetch share: both are machines of src/net without I/O, and say at each
// step what they want.
#ifndef OBOL_PYTHON_MACHINE_H
#define OBOL_PYTHON_MACHINE_H

#include "client/client.h"
#include "core.h"

// py_want is ("send", realm, message, tcp), ("password", principal), ("code", principal, tokens) or
// None: it is done.
PyObject *py_want(const struct client_output *want);
// machine_free is false, with an exception, for one that another thread steps just now.
bool machine_free(bool busy);

#endif
