// replay.c: Replay: which authenticators an acceptor has seen (RFC 4120 3.2.3): in the memory of
// this process, or in a file that all processes of a user share (cred/rcache.h).
#include "base/siphash.h"
#include "core.h"
#include "cred/rcache.h"
#include <stdlib.h>

PyTypeObject *replay_type;

// One authenticator: a keyed hash that stands for its bytes, and until when it is remembered.
struct seen {
    struct siphash_128 hash; // both 0: a free place
    int64_t until;
};
struct replay {
    PyObject_HEAD struct ap_replay face;
    struct rcache *file; // NULL: in memory
    int64_t lifespan;    // seconds
    struct siphash_key key;
    struct seen *table; // open addressing; its size is a power of two
    size_t size, used;
};

enum { FIRST_SIZE = 256 };

static struct seen *place_of(struct seen *table, size_t size, struct siphash_128 hash) {
    size_t i = (size_t)hash.lo & (size - 1);
    while ((table[i].hash.lo || table[i].hash.hi) &&
           (table[i].hash.lo != hash.lo || table[i].hash.hi != hash.hi))
        i = (i + 1) & (size - 1);
    return &table[i];
}

// Makes a table without what is past its time, larger if that frees less than half.
static bool tidy(struct replay *r, int64_t now) {
    size_t alive = 0;
    for (size_t i = 0; i < r->size; i++)
        alive += (r->table[i].hash.lo || r->table[i].hash.hi) && r->table[i].until >= now;
    size_t size = FIRST_SIZE;
    while (size < 4 * (alive + 1))
        size *= 2;
    struct seen *table = calloc(size, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < r->size; i++)
        if ((r->table[i].hash.lo || r->table[i].hash.hi) && r->table[i].until >= now)
            *place_of(table, size, r->table[i].hash) = r->table[i];
    free(r->table);
    r->table = table;
    r->size = size;
    r->used = alive;
    return true;
}

static enum obol_code memory_check(void *ctx, struct slice tag, int64_t now, struct error *err) {
    struct replay *r = ctx;
    ENSURE(2 * (r->used + 1) <= r->size || tidy(r, now), NO_MEMORY, "the replay cache is full");
    struct siphash_128 hash = siphash_128(&r->key, tag);
    hash.lo |= hash.lo == 0 && hash.hi == 0;
    struct seen *place = place_of(r->table, r->size, hash);
    bool there = place->hash.lo || place->hash.hi;
    ENSURE(!there || place->until < now, KRB_AP_ERR_REPEAT,
           "this authenticator came before, at most %lld s ago", (long long)r->lifespan);
    r->used += !there;
    *place = (struct seen){hash, now + r->lifespan};
    return OBOL_OK;
}

static PyObject *replay_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    UNUSED(kwargs);
    const char *path;
    long long lifespan;
    if (!PyArg_ParseTuple(args, "zL", &path, &lifespan))
        return NULL;
    if (lifespan <= 0 || lifespan > 7 * 86400)
        return PyErr_Format(PyExc_ValueError, "a lifespan is between a second and a week");
    struct replay *self = self_alloc(type);
    if (!self)
        return NULL;
    struct error err;
    error_init(&err);
    self->lifespan = lifespan;
    self->face = (struct ap_replay){.ctx = self, .check = memory_check};
    env_random(env_system(), buf_of(&self->key, sizeof self->key));
    if (path && rcache_open(&self->file, path, lifespan, env_system(), &err) != OBOL_OK) {
        Py_DECREF(self);
        return raise_error(&err);
    }
    if (self->file)
        self->face = rcache_replay(self->file);
    return (PyObject *)self;
}

static void replay_dealloc(PyObject *object) {
    struct replay *self = (struct replay *)object;
    rcache_close(self->file);
    free(self->table);
    self_free(self);
}

static PyObject *replay_count(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyLong_FromSize_t(((struct replay *)self)->used);
}

const struct ap_replay *replay_of(PyObject *replay) {
    return &((struct replay *)replay)->face;
}

static PyGetSetDef getset[] = {{"count", replay_count, NULL, NULL, NULL}, {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)replay_new},
                              {Py_tp_dealloc, (void *)replay_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {0}};
static PyType_Spec spec = {"obol._core.Replay", sizeof(struct replay), 0, Py_TPFLAGS_DEFAULT,
                           slots};

bool replay_add_types(PyObject *module) {
    replay_type = type_new(module, &spec, "Replay");
    return replay_type != NULL;
}
