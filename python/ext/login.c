// login.c: Login: an initial ticket by password or keytab (net/login.h), stepped by Python. The
// derivation of a key from a password takes milliseconds, so that a step lets go of the GIL.
#include "net/login.h"
#include "cred/ccache.h"
#include "keytab.h"
#include "machine.h"
#include "secret.h"

static PyTypeObject *login_type;

struct py_login {
    PyObject_HEAD struct config *config;
    struct cache *cache;
    struct keytab *keytab; // NULL: none
    struct arena *arena;
    struct principal service;
    struct secret password; // empty: none yet
    struct login_machine *machine;
    struct login_result result;
    bool busy, done;
};

PyObject *py_want(const struct client_output *want) {
    if (want->want == CLIENT_DONE)
        Py_RETURN_NONE;
    PyObject *out = NULL;
    if (want->want == CLIENT_KEY) {
        PyObject *name = py_principal(&want->principal);
        out = name ? Py_BuildValue("(sO)", "password", name) : NULL;
        Py_XDECREF(name);
        return out;
    }
    PyObject *realm = py_text(want->realm), *message = py_bytes(want->message);
    if (realm && message)
        out = Py_BuildValue("(sOOO)", "send", realm, message, want->tcp ? Py_True : Py_False);
    Py_XDECREF(realm);
    Py_XDECREF(message);
    return out;
}

bool machine_free(bool busy) {
    if (busy)
        raise_code(OBOL_INVALID_ARGUMENT, __func__, "another thread is using it");
    return !busy;
}

struct arguments {
    const char *client, *service;
    Py_ssize_t client_len, service_len;
    long long lifetime, renew;
    unsigned options_on, options_off;
};

static enum obol_code prepare(struct py_login *self, const struct arguments *in,
                              struct error *err) {
    const struct net net = {.conf = &self->config->conf, .env = config_env(self->config)};
    struct login_params params = {
        .keytab = self->keytab ? self->keytab->content : NULL,
        .keytab_path = self->keytab ? self->keytab->path : NULL,
        .password = self->password.ptr ? &self->password : NULL,
        .options_on = in->options_on,
        .options_off = in->options_off,
        .lifetime = in->lifetime,
        .renew_lifetime = in->renew,
        .cache = self->cache->cc,
    };
    self->arena = arena_take();
    self->machine = self->arena ? arena_zalloc(self->arena, 1, sizeof *self->machine) : NULL;
    ENSURE_MEMORY(self->machine);
    struct slice realm = self->config->conf.default_realm;
    TRY(principal_of_text(slice_of(in->client, (size_t)in->client_len), realm, false, self->arena,
                          &params.client, err));
    if (in->service_len) {
        TRY(principal_of_text(slice_of(in->service, (size_t)in->service_len), params.client.realm,
                              false, self->arena, &self->service, err));
        params.service = &self->service;
    }
    return login_begin(self->machine, &net, &params, self->arena, err);
}

static bool take_password(struct py_login *self, PyObject *password) {
    if (password == Py_None)
        return true;
    if (!PyObject_TypeCheck(password, secret_type)) {
        PyErr_SetString(PyExc_TypeError, "password: a Secret or None");
        return false;
    }
    struct secret *given = &((struct py_secret *)password)->secret;
    bool well = secret_copy(&self->password, secret_slice(given));
    if (!well)
        PyErr_NoMemory();
    return well;
}

static PyObject *login_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static const char *const names[] = {"config",     "client",      "cache",    "password",
                                        "keytab",     "service",     "lifetime", "renew",
                                        "options_on", "options_off", NULL};
    PyObject *config, *cache, *password = Py_None, *keytab = Py_None;
    struct arguments in = {.service = ""};
    if (!parse_keywords(args, kwargs, "O!s#O!|OOs#LLII", names, config_type, &config, &in.client,
                        &in.client_len, cache_type, &cache, &password, &keytab, &in.service,
                        &in.service_len, &in.lifetime, &in.renew, &in.options_on, &in.options_off))
        return NULL;
    if (keytab != Py_None && !PyObject_TypeCheck(keytab, keytab_type))
        return PyErr_Format(PyExc_TypeError, "keytab: a Keytab or None");
    if (!((struct cache *)cache)->cc)
        return raise_code(OBOL_CCACHE_NOT_FOUND, __func__, "it was closed");
    struct py_login *self = self_alloc(type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    Py_INCREF(config);
    Py_INCREF(cache);
    self->config = (struct config *)config;
    self->cache = (struct cache *)cache;
    if (keytab != Py_None) {
        Py_INCREF(keytab);
        self->keytab = (struct keytab *)keytab;
    }
    bool well = take_password(self, password);
    if (well && prepare(self, &in, &err) != OBOL_OK) {
        raise_error(&err);
        well = false;
    }
    if (well)
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static void login_dealloc(PyObject *object) {
    struct py_login *self = (struct py_login *)object;
    if (self->machine)
        login_end(self->machine);
    secret_clear(&self->password);
    arena_give(self->arena);
    Py_XDECREF((PyObject *)self->keytab);
    Py_XDECREF((PyObject *)self->cache);
    Py_XDECREF((PyObject *)self->config);
    self_free(self);
}

// step(reply or None)
static PyObject *login_step_py(PyObject *object, PyObject *reply) {
    struct py_login *self = (struct py_login *)object;
    struct held held;
    struct slice kept = {0};
    if (!machine_free(self->busy) || !held_take(reply, true, &held))
        return NULL;
    bool fits = arena_copy(self->arena, held.bytes, &kept);
    held_drop(&held);
    if (!fits)
        return PyErr_NoMemory();
    if (self->done || !self->cache->cc)
        return raise_code(OBOL_INVALID_ARGUMENT, __func__, "the login is over");
    struct client_output want = {.want = CLIENT_DONE};
    struct error err;
    error_init(&err);
    self->busy = true;
    PyThreadState *thread = PyEval_SaveThread();
    enum obol_code code = login_step(self->machine, kept, &want, &self->result, &err);
    PyEval_RestoreThread(thread);
    self->busy = false;
    self->done = code != OBOL_OK || want.want == CLIENT_DONE;
    return code == OBOL_OK ? py_want(&want) : raise_error(&err);
}

static PyObject *login_password_py(PyObject *object, PyObject *password) {
    struct py_login *self = (struct py_login *)object;
    if (!machine_free(self->busy))
        return NULL;
    if (!PyObject_TypeCheck(password, secret_type))
        return PyErr_Format(PyExc_TypeError, "a Secret is wanted");
    struct error err;
    error_init(&err);
    struct slice word = secret_slice(&((struct py_secret *)password)->secret);
    if (login_password(self->machine, word, &err) != OBOL_OK)
        return raise_error(&err);
    Py_RETURN_NONE;
}

// result: (Cred, clock offset, when the password expires, padata type), None before the end.
static PyObject *login_get_result(PyObject *object, void *unused) {
    UNUSED(unused);
    struct py_login *self = (struct py_login *)object;
    const struct as_facts *f = &self->result.facts;
    if (!self->result.ticket.ticket.len)
        Py_RETURN_NONE;
    PyObject *cred = py_cred(&self->result.ticket);
    PyObject *out = cred ? Py_BuildValue("(OLLi)", cred, (long long)f->clock_offset,
                                         (long long)f->password_expires, (int)f->preauth)
                         : NULL;
    Py_XDECREF(cred);
    return out;
}

static PyGetSetDef getset[] = {{"result", login_get_result, NULL, NULL, NULL}, {0}};
static PyMethodDef methods[] = {
    {"step", login_step_py, METH_O, NULL}, {"password", login_password_py, METH_O, NULL}, {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)login_new},
                              {Py_tp_dealloc, (void *)login_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Login", sizeof(struct py_login), 0, Py_TPFLAGS_DEFAULT,
                           slots};

bool login_add_types(PyObject *module) {
    login_type = type_new(module, &spec, "Login");
    return login_type != NULL;
}
