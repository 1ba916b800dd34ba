// fetch.c: Fetch: a ticket from the cache or the TGS (net/ticket.h), stepped by Python; renewing,
// forwarding and acting for users (MS-SFU) are fetches with other options.
#include "cred/ccache.h"
#include "machine.h"
#include "net/ticket.h"

static PyTypeObject *fetch_type;

struct fetch {
    PyObject_HEAD struct config *config;
    struct cache *cache;
    struct arena *arena;
    struct principal act_for;
    struct ticket_machine *machine;
    struct ticket_result result;
    bool done;
};

struct arguments {
    const char *service, *act_for;
    Py_ssize_t service_len, act_for_len;
    PyObject *evidence; // Cred of _CNAME_IN_ADDL_TKT or of user-to-user
    unsigned options;
    int self, renew, no_cached, no_store, cached_only;
};

static enum obol_code prepare(struct fetch *f, const struct arguments *in, struct error *err) {
    const struct net net = {.conf = &f->config->conf, .env = config_env(f->config)};
    struct ticket_params params = {
        .cache = f->cache->cc,
        .options = in->options,
        .s4u_self = in->self != 0,
        .no_cached = in->no_cached != 0,
        .no_store = in->no_store != 0,
        .cached_only = in->cached_only != 0,
    };
    f->arena = arena_take();
    f->machine = f->arena ? arena_zalloc(f->arena, 1, sizeof *f->machine) : NULL;
    ENSURE_MEMORY(f->machine);
    if (in->renew)
        return ticket_renew_begin(f->machine, &net, f->cache->cc, false, f->arena, err);
    TRY(principal_of_text(slice_of(in->service, (size_t)in->service_len), (struct slice){0}, true,
                          f->arena, &params.service, err));
    if (in->act_for_len) {
        TRY(principal_of_text(slice_of(in->act_for, (size_t)in->act_for_len),
                              f->config->conf.default_realm, false, f->arena, &f->act_for, err));
        params.act_for = &f->act_for;
    }
    if (in->evidence != Py_None)
        ENSURE(arena_copy(f->arena, ((struct py_cred *)in->evidence)->cred.ticket,
                          &params.second_ticket),
               NO_MEMORY, "no room for a ticket");
    return ticket_begin(f->machine, &net, &params, f->arena, err);
}

static PyObject *fetch_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static const char *const names[] = {"config",    "cache",    "service",     "act_for",
                                        "evidence",  "options",  "for_self",    "renew",
                                        "no_cached", "no_store", "cached_only", NULL};
    PyObject *config, *cache;
    struct arguments in = {.service = "", .act_for = "", .evidence = Py_None};
    if (!parse_keywords(args, kwargs, "O!O!|s#s#OIppppp", names, config_type, &config, cache_type,
                        &cache, &in.service, &in.service_len, &in.act_for, &in.act_for_len,
                        &in.evidence, &in.options, &in.self, &in.renew, &in.no_cached, &in.no_store,
                        &in.cached_only))
        return NULL;
    if (in.evidence != Py_None && !PyObject_TypeCheck(in.evidence, cred_type))
        return PyErr_Format(PyExc_TypeError, "evidence: a Cred or None");
    if (!((struct cache *)cache)->cc)
        return raise_code(OBOL_CCACHE_NOT_FOUND, __func__, "it was closed");
    struct fetch *self = self_alloc(type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    Py_INCREF(config);
    Py_INCREF(cache);
    self->config = (struct config *)config;
    self->cache = (struct cache *)cache;
    if (prepare(self, &in, &err) == OBOL_OK)
        return (PyObject *)self;
    Py_DECREF(self);
    return raise_error(&err);
}

static void fetch_dealloc(PyObject *object) {
    struct fetch *self = (struct fetch *)object;
    if (self->machine)
        ticket_end(self->machine);
    arena_give(self->arena);
    Py_XDECREF((PyObject *)self->cache);
    Py_XDECREF((PyObject *)self->config);
    self_free(self);
}

static PyObject *fetch_step(PyObject *object, PyObject *reply) {
    struct fetch *self = (struct fetch *)object;
    struct slice kept = {0};
    if (!held_copy(reply, self->arena, &kept))
        return NULL;
    if (self->done || !self->cache->cc)
        return raise_code(OBOL_INVALID_ARGUMENT, __func__, "the exchange is over");
    struct client_output want = {.want = CLIENT_DONE};
    struct error err;
    error_init(&err);
    enum obol_code code = ticket_step(self->machine, kept, &want, &self->result, &err);
    self->done = code != OBOL_OK || want.want == CLIENT_DONE;
    return code == OBOL_OK ? py_want(&want) : raise_error(&err);
}

// result: (Cred, whether it came from the cache, clock offset), None before the end.
static PyObject *fetch_get_result(PyObject *object, void *unused) {
    UNUSED(unused);
    struct fetch *self = (struct fetch *)object;
    if (!self->result.ticket.ticket.len)
        Py_RETURN_NONE;
    PyObject *cred = py_cred(&self->result.ticket);
    PyObject *out = cred
                        ? Py_BuildValue("(OOL)", cred, self->result.from_cache ? Py_True : Py_False,
                                        (long long)self->result.clock_offset)
                        : NULL;
    Py_XDECREF(cred);
    return out;
}

static PyGetSetDef getset[] = {{"result", fetch_get_result, NULL, NULL, NULL}, {0}};
static PyMethodDef methods[] = {{"step", fetch_step, METH_O, NULL}, {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)fetch_new},
                              {Py_tp_dealloc, (void *)fetch_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Fetch", sizeof(struct fetch), 0, Py_TPFLAGS_DEFAULT, slots};

bool fetch_add_types(PyObject *module) {
    fetch_type = type_new(module, &spec, "Fetch");
    return fetch_type != NULL;
}
