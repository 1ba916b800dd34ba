// context.h: a security context as Python holds it, shared by context.c (both ends' steps) and
// context_message.c (messages).
#ifndef OBOL_PYTHON_CONTEXT_H
#define OBOL_PYTHON_CONTEXT_H

#include "client/clock.h"
#include "gss/acceptor.h"
#include "gss/initiator.h"
#include "keytab.h"

enum context_state { CONTEXT_STARTED, CONTEXT_ESTABLISHED, CONTEXT_DEAD };

struct context {
    PyObject_HEAD enum context_state state;
    bool busy; // a call has let go of the GIL
    struct arena *arena;
    struct config *config; // NULL for an imported one
    PyObject *held;        // what the exchange borrows from: tickets, keytab, replay cache
    struct client_clock clock;
    struct env env; // the KDC's clock, where it is known to differ from ours
    // One of the two; in the arena.
    struct gss_initiator *initiator;
    struct gss_acceptor *acceptor;
    struct keytab_keys keys;  // the acceptor's
    struct principal service; // whom it accepts for
    struct gss_context *core; // valid when established
    bool spnego;
    struct slice oid; // of the mechanism
};

// context_usable is false, with an exception, unless it is established and nobody else is at it.
bool context_usable(struct context *self);
extern const struct env *context_env(const struct context *self);

PyObject *context_indicators(PyObject *self, void *unused);
PyObject *context_pac(PyObject *self, void *unused);

PyObject *context_wrap(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *context_unwrap(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *context_sign(PyObject *self, PyObject *message);
PyObject *context_verify(PyObject *self, PyObject *args);
PyObject *context_wrap_limit(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *context_prf(PyObject *self, PyObject *args);

#endif
