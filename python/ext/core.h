// core.h: what the files of the extension obol._core share. The extension is a thin face of the
// layers in src/: it converts values, holds memory and lets go of the GIL; decisions are Python's
// (python/obol) or the layers'. Only CPython's stable ABI of 3.9 is used.
//
// Locking: every object belongs to whoever holds the GIL. A call that lets go of it marks its
// object busy before, and a second call on a busy object is refused.
#ifndef OBOL_PYTHON_CORE_H
#define OBOL_PYTHON_CORE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include <Python.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "config/krb5conf.h"
#include "cred/cred.h"
#include "krb/principal.h"

// ---- errors.c

// raise_error sets the Python exception of a failure and gives NULL.
PyObject *raise_error(const struct error *err);
// raise_code is raise_error of a failure made here.
PyObject *raise_code(enum obol_code code, const char *where, const char *format, ...) PRINTF(3, 4);
PyObject *set_error_factory(PyObject *module, PyObject *factory);
// error_rows is every code: (name, krb_error, krb5 code, gss routine, exception, text, remedy).
PyObject *error_rows(PyObject *module, PyObject *unused);

// ---- values.c

// parse_keywords is PyArg_ParseTupleAndKeywords with names that are constant.
bool parse_keywords(PyObject *args, PyObject *kwargs, const char *format, const char *const *names,
                    ...);
// Bytes that a caller passed, held as long as they are used. held_drop takes an empty one.
struct held {
    PyObject *object;
    struct slice bytes;
};
// held_take takes bytes as they are, and a copy of another bytes-like object; None is empty where
// it may be. False with the exception set.
bool held_take(PyObject *o, bool none_is_empty, struct held *out);
void held_drop(struct held *h);
// held_copy copies them into the arena; None is empty. False with the exception set.
bool held_copy(PyObject *o, struct arena *a, struct slice *out);
PyObject *py_bytes(struct slice s);
// py_text decodes UTF-8; stray bytes come out as surrogates, as in file names.
PyObject *py_text(struct slice s);
PyObject *py_principal(const struct principal *p);
// principal_of_text reads a name. `bare`: without a realm its realm is empty (the KDC finds it),
// else it is default_realm.
enum obol_code principal_of_text(struct slice text, struct slice default_realm, bool bare,
                                 struct arena *a, struct principal *out, struct error *err);
PyObject *parse_principal(PyObject *module, PyObject *args);
PyObject *write_principal(PyObject *module, PyObject *args);
// type_new makes a type of a spec and adds it to the module under its name.
PyTypeObject *type_new(PyObject *module, PyType_Spec *spec, const char *name);
// no_new is tp_new of types that only this extension makes instances of.
PyObject *no_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
// self_alloc allocates an instance, zeroed; self_free gives it back.
void *self_alloc(PyTypeObject *type);
void self_free(void *self);
// arena_take gives an arena of those that wait (mapping memory costs more than a context), NULL
// without memory; arena_give wipes it and takes it back. With the GIL only.
struct arena *arena_take(void);
void arena_give(struct arena *a);

// ---- config.c

// A clock that may be moved away from the system's, by tests.
struct clock {
    PyObject_HEAD _Atomic int64_t offset_us;
    struct env env;
};
struct config {
    PyObject_HEAD struct arena arena;
    struct krb5conf conf;
    struct clock *clock;
};
extern PyTypeObject *clock_type, *config_type;
bool config_add_types(PyObject *module);
static inline const struct env *config_env(const struct config *c) {
    return &c->clock->env;
}

// ---- exchange.c: messages carried, for those who have no event loop

PyObject *config_exchange(PyObject *self, PyObject *args);
PyObject *config_locate(PyObject *self, PyObject *args);
PyObject *config_host_service(PyObject *self, PyObject *args);
PyObject *judge_reply(PyObject *module, PyObject *args);

// ---- cred.c

// A ticket with its session key.
struct py_cred {
    PyObject_HEAD struct arena arena;
    struct cred cred;
};
extern PyTypeObject *cred_type;
bool cred_add_types(PyObject *module);
PyObject *py_cred(const struct cred *c);

// ---- cache.c

struct cache {
    PyObject_HEAD struct ccache *cc; // NULL: closed
    struct config *config;
    bool private; // a MEMORY cache of this object alone, which goes with it
    bool in_memory;
};
extern PyTypeObject *cache_type;
bool cache_add_types(PyObject *module);

// ---- keytab.c

struct keytab_content;
struct keytab {
    PyObject_HEAD struct arena arena;
    struct keytab_content *content; // in the arena
    const char *path;               // for errors
    struct crypto_key **keys;       // prepared at their first use, one an entry
};
extern PyTypeObject *keytab_type;
bool keytab_add_types(PyObject *module);

// ---- replay.c

struct ap_replay;
extern PyTypeObject *replay_type;
bool replay_add_types(PyObject *module);
const struct ap_replay *replay_of(PyObject *replay);

// ---- machines, contexts, the KDC of tests

bool login_add_types(PyObject *module);
bool fetch_add_types(PyObject *module);
bool kpasswd_add_types(PyObject *module);
bool context_add_types(PyObject *module);
bool kdc_add_types(PyObject *module);
PyObject *decode_message(PyObject *module, PyObject *args);

// ---- gss.c: the GSS-API of C, for obol.compat

bool gss_add(PyObject *module);

#endif
