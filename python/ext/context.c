// context.c: Context: either end of a login by token (gss/initiator.h, gss/acceptor.h), then what
// protects messages. A Context belongs to one thread at a time.
#include "context.h"
#include "cred/keytab.h"
#include "gss/cksum.h"
#include "gss/export.h"
#include "gss/frame.h"

static const uint8_t oid_krb5[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};

bool context_usable(struct context *self) {
    if (self->busy) {
        raise_code(OBOL_INVALID_ARGUMENT, __func__,
                   "another thread is using this context; a context belongs to one at a time");
        return false;
    }
    if (self->state != CONTEXT_ESTABLISHED) {
        raise_code(OBOL_INVALID_ARGUMENT, __func__,
                   self->state == CONTEXT_STARTED
                       ? "the context is not established yet: step() it until it is done"
                       : "the context has failed or was closed");
        return false;
    }
    return true;
}

const struct env *context_env(const struct context *self) {
    return self->config ? &self->env : env_system();
}

static struct context *context_make(PyTypeObject *type, PyObject *config, PyObject *held,
                                    long long offset) {
    struct context *self = self_alloc(type);
    if (!self)
        return NULL;
    self->arena = arena_take();
    if (!self->arena) {
        Py_DECREF(self);
        return (void *)PyErr_NoMemory();
    }
    Py_XINCREF(config);
    self->config = (struct config *)config;
    Py_XINCREF(held);
    self->held = held;
    if (config)
        self->env = client_clock_shift(&self->clock, config_env(self->config), offset);
    return self;
}

static void context_forget(struct context *self) {
    if (self->core)
        gss_context_release(self->core);
    self->core = NULL;
    self->initiator = NULL;
    self->acceptor = NULL;
    self->state = CONTEXT_DEAD;
    arena_give(self->arena);
    self->arena = NULL;
    Py_CLEAR(self->held);
}

static void context_dealloc(PyObject *object) {
    struct context *self = (struct context *)object;
    context_forget(self);
    Py_XDECREF((PyObject *)self->config);
    self_free(self);
}

static PyObject *context_close(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    if (self->busy) {
        (void)context_usable(self); // sets the exception
        return NULL;
    }
    context_forget(self);
    Py_RETURN_NONE;
}

static enum obol_code bindings_of(const struct held *application, struct arena *a,
                                  struct slice *out, struct error *err) {
    const struct gss_bindings b = {.application = application->bytes};
    *out = (struct slice){0};
    return application->object ? gss_bindings_hash(&b, a, out, err) : OBOL_OK;
}

// ---- the client's end

// initiate(config, offset, ticket, forwarded, flags, spnego, binding): nothing is sent yet.
static PyObject *context_initiate(PyObject *type, PyObject *args) {
    PyObject *config, *ticket, *forwarded, *binding;
    long long offset;
    unsigned flags;
    int spnego;
    struct held held;
    if (!PyArg_ParseTuple(args, "O!LO!OIpO", config_type, &config, &offset, cred_type, &ticket,
                          &forwarded, &flags, &spnego, &binding))
        return NULL;
    if (forwarded != Py_None && !PyObject_TypeCheck(forwarded, cred_type))
        return PyErr_Format(PyExc_TypeError, "forwarded: a Cred or None");
    if (!held_take(binding, true, &held))
        return NULL;
    PyObject *keep = PyTuple_Pack(2, ticket, forwarded);
    struct context *self = keep ? context_make((PyTypeObject *)type, config, keep, offset) : NULL;
    Py_XDECREF(keep);
    struct gss_initiator *g = self ? arena_zalloc(self->arena, 1, sizeof *g) : NULL;
    struct error err;
    error_init(&err);
    enum obol_code code = OBOL_OK;
    if (g) {
        g->params = (struct gss_initiator_params){
            .ticket = &((struct py_cred *)ticket)->cred,
            .flags = flags,
            .bindings_aware = held.object != NULL,
            .etypes = self->config->conf.permitted_enctypes,
            .bare = !spnego,
        };
        if (forwarded != Py_None)
            g->params.forwarded = &((struct py_cred *)forwarded)->cred;
        code = bindings_of(&held, self->arena, &g->params.bindings, &err);
        self->initiator = g;
        self->spnego = spnego != 0;
    }
    held_drop(&held);
    if (g && code == OBOL_OK)
        return (PyObject *)self;
    Py_XDECREF(self);
    return code != OBOL_OK ? raise_error(&err) : PyErr_Occurred() ? NULL : PyErr_NoMemory();
}

static enum obol_code initiator_step(struct context *self, struct slice token, struct slice *out,
                                     struct error *err) {
    struct gss_initiator *g = self->initiator;
    if (!g->arena) { // the first step; the machine is zeroed by its start
        struct gss_initiator_params params = g->params;
        ENSURE(token.len == 0, INVALID_ARGUMENT,
               "the initiator begins: its first step takes no "
               "token");
        TRY(gss_initiator_start(g, &params, &self->env, self->arena, out, err));
    } else {
        TRY(gss_initiator_step(g, token, out, err));
    }
    if (!g->done)
        return OBOL_OK;
    self->core = &g->context;
    self->oid = g->frame_oid;
    self->state = CONTEXT_ESTABLISHED;
    return gss_context_keep(self->core, err);
}

// ---- the service's end

static enum obol_code prepare_accept(struct context *self, PyObject *keytab, PyObject *replay,
                                     struct slice service, const struct held *binding,
                                     struct error *err) {
    struct gss_acceptor *g = arena_zalloc(self->arena, 1, sizeof *g);
    struct ap_key_source *source = arena_zalloc(self->arena, 1, sizeof *source);
    ENSURE_MEMORY(g);
    ENSURE_MEMORY(source);
    if (service.len)
        TRY(principal_of_text(service, (struct slice){0}, true, self->arena, &self->service, err));
    self->keys =
        keytab_accepting((struct keytab *)keytab, service.len ? &self->service : NULL, self->arena);
    *source = keytab_key_source(&self->keys);
    struct gss_acceptor_params params = {
        .keys = source,
        .replay = replay == Py_None ? NULL : replay_of(replay),
        .clockskew = self->config->conf.clockskew,
        .etypes = self->config->conf.permitted_enctypes,
        .path = {&self->config->conf, krb5conf_find_path},
    };
    TRY(bindings_of(binding, self->arena, &params.bindings, err));
    gss_acceptor_init(g, &params, &self->env, self->arena);
    self->acceptor = g;
    return OBOL_OK;
}

// accept(config, keytab, replay or None, service, binding)
static PyObject *context_accept(PyObject *type, PyObject *args) {
    PyObject *config, *keytab, *replay, *binding;
    const char *service;
    Py_ssize_t service_len;
    struct held held;
    if (!PyArg_ParseTuple(args, "O!O!Os#O", config_type, &config, keytab_type, &keytab, &replay,
                          &service, &service_len, &binding))
        return NULL;
    if (replay != Py_None && !PyObject_TypeCheck(replay, replay_type))
        return PyErr_Format(PyExc_TypeError, "replay: a Replay or None");
    if (!held_take(binding, true, &held))
        return NULL;
    PyObject *keep = PyTuple_Pack(2, keytab, replay);
    struct context *self = keep ? context_make((PyTypeObject *)type, config, keep, 0) : NULL;
    Py_XDECREF(keep);
    struct error err;
    error_init(&err);
    enum obol_code code = self ? prepare_accept(self, keytab, replay,
                                                slice_of(service, (size_t)service_len), &held, &err)
                               : OBOL_OK;
    held_drop(&held);
    if (code == OBOL_OK)
        return (PyObject *)self;
    Py_XDECREF(self);
    return raise_error(&err);
}

static enum obol_code acceptor_step(struct context *self, struct slice token, struct slice *out,
                                    struct error *err) {
    enum gss_progress progress;
    TRY(gss_acceptor_step(self->acceptor, token, out, &progress, err));
    if (progress != GSS_PROGRESS_DONE)
        return OBOL_OK;
    self->core = &self->acceptor->context;
    self->oid = self->acceptor->frame_oid;
    self->spnego = self->acceptor->spnego;
    self->state = CONTEXT_ESTABLISHED;
    return gss_context_keep(self->core, err);
}

// ---- steps

// A failure may have words for the other side; they go along as the exception's `token`.
static PyObject *failed(struct context *self, const struct error *err, struct slice out) {
    PyObject *type, *value, *trace, *token;
    self->state = CONTEXT_DEAD;
    self->core = NULL;
    raise_error(err);
    if (!out.len)
        return NULL;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    token = py_bytes(out);
    if (!token || (value && PyObject_SetAttrString(value, "token", token) < 0))
        PyErr_Clear();
    Py_XDECREF(token);
    PyErr_Restore(type, value, trace);
    return NULL;
}

// step(token or None): what is to be sent, b"" if nothing is.
static PyObject *context_step(PyObject *object, PyObject *args) {
    struct context *self = (struct context *)object;
    PyObject *token = Py_None;
    struct held held;
    if (!PyArg_ParseTuple(args, "|O", &token))
        return NULL;
    if (self->busy || self->state != CONTEXT_STARTED) {
        if (self->state == CONTEXT_ESTABLISHED && !self->busy)
            return raise_code(OBOL_INVALID_ARGUMENT, __func__,
                              "the context is established: there "
                              "is nothing to step any more");
        (void)context_usable(self); // sets the exception
        return NULL;
    }
    if (!held_take(token, true, &held))
        return NULL;
    struct slice kept = {0}, out = {0};
    struct error err;
    error_init(&err);
    enum obol_code code = arena_copy(self->arena, held.bytes, &kept)
                              ? OBOL_OK
                              : error_set(&err, OBOL_NO_MEMORY, __func__, "no room for a token");
    held_drop(&held);
    if (code == OBOL_OK)
        code = self->initiator ? initiator_step(self, kept, &out, &err)
                               : acceptor_step(self, kept, &out, &err);
    return code == OBOL_OK ? py_bytes(out) : failed(self, &err, out);
}

// ---- export and import

static PyObject *context_export(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    if (!context_usable(self))
        return NULL;
    struct slice out;
    struct error err;
    error_init(&err);
    if (gss_context_write(self->core, self->arena, &out, &err) != OBOL_OK)
        return raise_error(&err);
    PyObject *bytes = py_bytes(out);
    explicit_bzero((void *)(uintptr_t)out.ptr, out.len);
    return bytes;
}

static PyObject *context_import(PyObject *type, PyObject *data) {
    struct held held;
    struct slice kept;
    if (!held_take(data, false, &held))
        return NULL;
    struct context *self = context_make((PyTypeObject *)type, NULL, NULL, 0);
    struct gss_context *core = self ? arena_zalloc(self->arena, 1, sizeof *core) : NULL;
    bool copied = core && arena_copy(self->arena, held.bytes, &kept);
    held_drop(&held);
    struct error err;
    error_init(&err);
    enum obol_code code = copied ? gss_context_read(kept, self->arena, core, &err)
                                 : error_set(&err, OBOL_NO_MEMORY, __func__, "no room");
    if (code == OBOL_OK)
        code = gss_context_keep(core, &err);
    if (code == OBOL_OK) {
        self->core = core;
        self->oid = slice_of(oid_krb5, sizeof oid_krb5);
        self->state = CONTEXT_ESTABLISHED;
        return (PyObject *)self;
    }
    Py_XDECREF(self);
    return raise_error(&err);
}

// ---- facts

static PyObject *get_done(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyBool_FromLong(((struct context *)self)->state == CONTEXT_ESTABLISHED);
}

static PyObject *get_closed(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyBool_FromLong(((struct context *)self)->state == CONTEXT_DEAD);
}

static PyObject *get_initiator(PyObject *object, void *unused) {
    UNUSED(unused);
    const struct context *self = (struct context *)object;
    return PyBool_FromLong(self->core ? self->core->initiator : self->initiator != NULL);
}

// info: (client, service, flags, endtime, authtime, ticket flags, message etype, session etype,
// spnego), once it is established.
static PyObject *get_info(PyObject *object, void *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    if (!context_usable(self))
        return NULL;
    const struct gss_context *c = self->core;
    PyObject *client = py_principal(&c->client), *service = py_principal(&c->service), *out = NULL;
    int etype = enctype_number(crypto_key_enctype(c->key));
    if (client && service)
        out =
            Py_BuildValue("(OOILLIiiO)", client, service, (unsigned)c->flags, (long long)c->endtime,
                          (long long)c->authtime, (unsigned)c->ticket_flags, etype,
                          c->session ? (int)enctype_number(crypto_key_enctype(c->session)) : etype,
                          self->spnego ? Py_True : Py_False);
    Py_XDECREF(client);
    Py_XDECREF(service);
    return out;
}

// delegated: [Cred], the TGT first.
static PyObject *get_delegated(PyObject *object, void *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    if (!context_usable(self))
        return NULL;
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < self->core->delegated_count; i++) {
        PyObject *one = py_cred(&self->core->delegated[i]);
        if (!one || PyList_Append(list, one) < 0)
            Py_CLEAR(list);
        Py_XDECREF(one);
    }
    return list;
}

// evidence: the ticket with which the client came (for S4U2Proxy), or None.
static PyObject *get_evidence(PyObject *object, void *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    if (!context_usable(self))
        return NULL;
    if (!self->core->ticket)
        Py_RETURN_NONE;
    return py_cred(self->core->ticket);
}

// authdata: [(type, bytes)] of the client's ticket, as they stand there.
static PyObject *get_authdata(PyObject *object, void *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    if (!context_usable(self))
        return NULL;
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < self->core->authdata.count; i++) {
        const struct authdata *d = &self->core->authdata.items[i];
        PyObject *data = py_bytes(d->ad_data);
        PyObject *row = data ? Py_BuildValue("(iO)", (int)d->ad_type, data) : NULL;
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
        Py_XDECREF(data);
    }
    return list;
}

static PyGetSetDef getset[] = {{"done", get_done, NULL, "Whether it is established.", NULL},
                               {"closed", get_closed, NULL, "Whether it failed or ended.", NULL},
                               {"is_initiator", get_initiator, NULL, NULL, NULL},
                               {"_info", get_info, NULL, NULL, NULL},
                               {"_delegated", get_delegated, NULL, NULL, NULL},
                               {"_evidence", get_evidence, NULL, NULL, NULL},
                               {"_authdata", get_authdata, NULL, NULL, NULL},
                               {"_indicators", context_indicators, NULL, NULL, NULL},
                               {"_pac", context_pac, NULL, NULL, NULL},
                               {0}};
static PyMethodDef methods[] = {
    {"_initiate", context_initiate, METH_VARARGS | METH_CLASS, NULL},
    {"_accept", context_accept, METH_VARARGS | METH_CLASS, NULL},
    {"_import", context_import, METH_O | METH_CLASS, NULL},
    {"_export", context_export, METH_NOARGS, NULL},
    {"_step", context_step, METH_VARARGS, NULL},
    {"wrap", (PyCFunction)(void (*)(void))context_wrap, METH_VARARGS | METH_KEYWORDS, NULL},
    {"unwrap", (PyCFunction)(void (*)(void))context_unwrap, METH_VARARGS | METH_KEYWORDS, NULL},
    {"sign", context_sign, METH_O, NULL},
    {"verify", context_verify, METH_VARARGS, NULL},
    {"wrap_limit", (PyCFunction)(void (*)(void))context_wrap_limit, METH_VARARGS | METH_KEYWORDS,
     NULL},
    {"_prf", context_prf, METH_VARARGS, NULL},
    {"close", context_close, METH_NOARGS, NULL},
    {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)no_new},
                              {Py_tp_dealloc, (void *)context_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Context", sizeof(struct context), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

bool context_add_types(PyObject *module) {
    return type_new(module, &spec, "Context") != NULL;
}
