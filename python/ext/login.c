// login.c: Login: an initial ticket by password, keytab, certificate or one-time code
// (net/login.h), stepped by Python. The derivation of a key from a password takes milliseconds, so
// that a step lets go of the GIL.
#include "net/login.h"
#include "cred/ccache.h"
#include "keytab.h"
#include "machine.h"
#include "secret.h"

static PyTypeObject *login_type;

struct py_login {
    PyObject_HEAD struct config *config;
    struct cache *cache, *armor; // armor NULL: none
    struct keytab *keytab;       // NULL: none
    struct arena *arena;
    struct principal service;
    struct secret password;   // empty: none yet
    struct secret passphrase; // of the certificate's key; empty: none
    struct login_machine *machine;
    struct login_result result;
    bool busy, done;
};

PyObject *py_want(const struct client_output *want) {
    if (want->want == CLIENT_DONE)
        Py_RETURN_NONE;
    PyObject *out = NULL;
    if (want->want == CLIENT_KEY || want->want == CLIENT_CODE) {
        PyObject *name = py_principal(&want->principal), *tokens = py_text(want->tokens);
        if (name && tokens)
            out = want->want == CLIENT_KEY ? Py_BuildValue("(sO)", "password", name)
                                           : Py_BuildValue("(sOO)", "code", name, tokens);
        Py_XDECREF(name);
        Py_XDECREF(tokens);
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
    PyObject *config, *cache, *password, *keytab, *passphrase, *anchors, *armor;
    const char *client, *service, *certificate;
    Py_ssize_t client_len, service_len, certificate_len;
    long long lifetime, renew;
    unsigned options_on, options_off;
    int anonymous, codes;
};

// A key with a passphrase, a card with a PIN, and none at hand: Python asks for it, and begins
// again with it.
static enum obol_code give_passphrase(void *ctx, const struct pki_question *question,
                                      struct secret *out, struct error *err) {
    const struct py_login *self = ctx;
    if (question->kind == PKI_ASK_PIN_PAD) // the reader shows that it waits
        return OBOL_OK;
    if (self->passphrase.ptr)
        return secret_copy(out, secret_slice(&self->passphrase)) ? OBOL_OK : OBOL_NO_MEMORY;
    const bool card = question->kind == PKI_ASK_PIN;
    enum obol_code code = error_set(err, OBOL_PASSWORD_NEEDED, __func__,
                                    card ? "the token '%.*s' has a PIN"
                                         : "the key of the certificate %.*s has a passphrase",
                                    SLICE_ARG(question->place));
    error_fact(err, card ? "PIN of" : "passphrase of", "%.*s", SLICE_ARG(question->place));
    error_fact(err, "prompt", "%.*s", SLICE_ARG(pki_question_text(question, self->arena)));
    error_remedy(err, "Pass password=..., or a function that asks for it.");
    return code;
}

// What a login by certificate goes by, copied into the arena.
static enum obol_code take_certificate(struct py_login *self, const struct arguments *in,
                                       struct login_params *p, struct error *err) {
    size_t count = (size_t)PyTuple_Size(in->anchors);
    struct slice *items = arena_zalloc(self->arena, count + 1, sizeof *items);
    ENSURE_MEMORY(items);
    for (size_t i = 0; i < count; i++) {
        char *bytes;
        Py_ssize_t len;
        bool well =
            PyBytes_AsStringAndSize(PyTuple_GetItem(in->anchors, (Py_ssize_t)i), &bytes, &len) == 0;
        ENSURE(well, INVALID_ARGUMENT, "anchors: a tuple of bytes");
        ENSURE(arena_copy(self->arena, slice_of(bytes, (size_t)len), &items[i]), NO_MEMORY,
               "an anchor's name");
    }
    struct slice identity = slice_of(in->certificate, (size_t)in->certificate_len);
    ENSURE(arena_copy(self->arena, identity, &p->identity), NO_MEMORY, "a certificate's name");
    p->anchors = (struct slice_list){items, count};
    p->ask_passphrase = identity.len ? give_passphrase : NULL;
    p->ask_ctx = self;
    p->anonymous = in->anonymous != 0;
    if (p->anonymous)
        p->client.name = principal_anonymous().name;
    return OBOL_OK;
}

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
        .armor = self->armor ? self->armor->cc : NULL,
        .armor_required = true,
        .gives_codes = in->codes != 0,
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
    TRY(take_certificate(self, in, &params, err));
    return login_begin(self->machine, &net, &params, self->arena, err);
}

static bool take_secret(struct secret *out, PyObject *given) {
    if (given == Py_None)
        return true;
    if (!PyObject_TypeCheck(given, secret_type)) {
        PyErr_SetString(PyExc_TypeError, "password, passphrase: a Secret or None");
        return false;
    }
    bool well = secret_copy(out, secret_slice(&((struct py_secret *)given)->secret));
    if (!well)
        PyErr_NoMemory();
    return well;
}

static bool is_or_none(PyObject *o, PyTypeObject *type, const char *complaint) {
    bool well = o == Py_None || PyObject_TypeCheck(o, type);
    if (!well)
        PyErr_SetString(PyExc_TypeError, complaint);
    return well;
}

static bool parse(PyObject *args, PyObject *kwargs, struct arguments *in) {
    static const char *const names[] = {
        "config",     "client",    "cache",      "password",    "keytab",      "service",
        "lifetime",   "renew",     "options_on", "options_off", "certificate", "anchors",
        "passphrase", "anonymous", "armor",      "codes",       NULL};
    if (!parse_keywords(args, kwargs, "O!s#O!|OOs#LLIIs#O!OpOp", names, config_type, &in->config,
                        &in->client, &in->client_len, cache_type, &in->cache, &in->password,
                        &in->keytab, &in->service, &in->service_len, &in->lifetime, &in->renew,
                        &in->options_on, &in->options_off, &in->certificate, &in->certificate_len,
                        &PyTuple_Type, &in->anchors, &in->passphrase, &in->anonymous, &in->armor,
                        &in->codes) ||
        !is_or_none(in->keytab, keytab_type, "keytab: a Keytab or None") ||
        !is_or_none(in->armor, cache_type, "armor: a Cache or None"))
        return false;
    bool open = ((struct cache *)in->cache)->cc &&
                (in->armor == Py_None || ((struct cache *)in->armor)->cc);
    if (!open)
        raise_code(OBOL_CCACHE_NOT_FOUND, __func__, "it was closed");
    return open;
}

static PyObject *own(PyObject *o) {
    Py_INCREF(o);
    return o;
}

static PyObject *login_make(PyTypeObject *type, const struct arguments *in) {
    struct py_login *self = self_alloc(type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    self->config = (struct config *)own(in->config);
    self->cache = (struct cache *)own(in->cache);
    self->keytab = in->keytab != Py_None ? (struct keytab *)own(in->keytab) : NULL;
    self->armor = in->armor != Py_None ? (struct cache *)own(in->armor) : NULL;
    bool well = take_secret(&self->password, in->password) &&
                take_secret(&self->passphrase, in->passphrase);
    if (well && prepare(self, in, &err) != OBOL_OK) {
        PyErr_Clear();
        raise_error(&err);
        well = false;
    }
    if (well)
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static PyObject *login_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    struct arguments in = {.service = "",
                           .certificate = "",
                           .password = Py_None,
                           .keytab = Py_None,
                           .passphrase = Py_None,
                           .armor = Py_None};
    PyObject *none = PyTuple_New(0), *out = NULL;
    if (!none)
        return NULL;
    in.anchors = none;
    if (parse(args, kwargs, &in))
        out = login_make(type, &in);
    Py_DECREF(none);
    return out;
}

static void login_dealloc(PyObject *object) {
    struct py_login *self = (struct py_login *)object;
    if (self->machine)
        login_end(self->machine);
    secret_clear(&self->password);
    secret_clear(&self->passphrase);
    arena_give(self->arena);
    Py_XDECREF((PyObject *)self->keytab);
    Py_XDECREF((PyObject *)self->armor);
    Py_XDECREF((PyObject *)self->cache);
    Py_XDECREF((PyObject *)self->config);
    self_free(self);
}

// step(reply or None)
static PyObject *login_step_py(PyObject *object, PyObject *reply) {
    struct py_login *self = (struct py_login *)object;
    struct slice kept = {0};
    if (!machine_free(self->busy) || !held_copy(reply, self->arena, &kept))
        return NULL;
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

typedef enum obol_code give(struct login_machine *l, struct slice word, struct error *err);

static PyObject *give_word(PyObject *object, PyObject *word, give *to) {
    struct py_login *self = (struct py_login *)object;
    if (!machine_free(self->busy))
        return NULL;
    if (!PyObject_TypeCheck(word, secret_type))
        return PyErr_Format(PyExc_TypeError, "a Secret is wanted");
    struct error err;
    error_init(&err);
    if (to(self->machine, secret_slice(&((struct py_secret *)word)->secret), &err) != OBOL_OK)
        return raise_error(&err);
    Py_RETURN_NONE;
}

static PyObject *login_password_py(PyObject *object, PyObject *password) {
    return give_word(object, password, login_password);
}

static PyObject *login_code_py(PyObject *object, PyObject *code) {
    return give_word(object, code, login_code);
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
static PyMethodDef methods[] = {{"step", login_step_py, METH_O, NULL},
                                {"password", login_password_py, METH_O, NULL},
                                {"code", login_code_py, METH_O, NULL},
                                {0}};
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
