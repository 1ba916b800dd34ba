// keytab.c: Keytab: keys of services and of clients without a password, read once and immutable;
// as a list of entries, as a file's bytes, as the keys of an acceptor. Changing a file is done by
// functions of the module.
#include "keytab.h"
#include "crypto/crypto.h"
#include <stdlib.h>

#define KEYTAB_ARENA       (16u << 10)
#define KEYTAB_ARENA_LIMIT (256u << 20)

PyTypeObject *keytab_type;

static enum obol_code load(struct keytab *self, const char *path, const struct slice *bytes,
                           struct error *err) {
    struct slice kept;
    ENSURE(arena_init(&self->arena, KEYTAB_ARENA, KEYTAB_ARENA_LIMIT), NO_MEMORY, "no room");
    self->content = arena_zalloc(&self->arena, 1, sizeof *self->content);
    self->path = arena_cstr(&self->arena, slice_str(path));
    ENSURE_MEMORY(self->content);
    ENSURE_MEMORY(self->path);
    if (!bytes) {
        TRY(keytab_read(self->path, &self->arena, self->content, err));
    } else {
        ENSURE(arena_copy(&self->arena, *bytes, &kept), NO_MEMORY, "no room for the keytab");
        TRY(keytab_parse(kept, self->path, &self->arena, self->content, err));
    }
    self->keys = calloc(self->content->count + 1, sizeof(struct crypto_key *));
    ENSURE_MEMORY(self->keys);
    return OBOL_OK;
}

// Keytab(path, data): data None: the file is read; else path is a name for errors only.
static PyObject *keytab_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    UNUSED(kwargs);
    const char *path;
    PyObject *data;
    struct held held;
    if (!PyArg_ParseTuple(args, "sO", &path, &data) || !held_take(data, true, &held))
        return NULL;
    struct keytab *self = self_alloc(type);
    struct error err;
    error_init(&err);
    if (self && load(self, path, data == Py_None ? NULL : &held.bytes, &err) != OBOL_OK) {
        Py_DECREF(self);
        self = NULL;
        raise_error(&err);
    }
    held_drop(&held);
    return (PyObject *)self;
}

static void keytab_dealloc(PyObject *object) {
    struct keytab *self = (struct keytab *)object;
    for (size_t i = 0; self->keys && i < self->content->count; i++)
        crypto_key_free(self->keys[i]);
    free(self->keys);
    arena_clear(&self->arena);
    self_free(self);
}

// entries(): [(principal, kvno, etype, timestamp)]
static PyObject *keytab_entries(PyObject *object, PyObject *unused) {
    UNUSED(unused);
    struct keytab *self = (struct keytab *)object;
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < self->content->count; i++) {
        const struct keytab_entry *e = &self->content->entries[i];
        PyObject *name = py_principal(&e->principal);
        PyObject *row = name ? Py_BuildValue("(OIiL)", name, (unsigned)e->kvno, (int)e->key.keytype,
                                             (long long)e->timestamp)
                             : NULL;
        if (!row || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
        Py_XDECREF(name);
    }
    return list;
}

// key(i): the bytes of an entry's key.
static PyObject *keytab_key(PyObject *object, PyObject *index) {
    struct keytab *self = (struct keytab *)object;
    size_t i = PyLong_AsSize_t(index);
    if (PyErr_Occurred())
        return NULL;
    if (i >= self->content->count)
        return PyErr_Format(PyExc_IndexError, "the keytab has %zu entries", self->content->count);
    return py_bytes(self->content->entries[i].key.keyvalue);
}

static PyObject *keytab_get_path(PyObject *self, void *unused) {
    UNUSED(unused);
    return PyUnicode_DecodeFSDefault(((struct keytab *)self)->path);
}

static PyGetSetDef getset[] = {{"path", keytab_get_path, NULL, NULL, NULL}, {0}};
static PyMethodDef methods[] = {
    {"entries", keytab_entries, METH_NOARGS, NULL}, {"key", keytab_key, METH_O, NULL}, {0}};
static PyType_Slot slots[] = {{Py_tp_new, (void *)keytab_new},
                              {Py_tp_dealloc, (void *)keytab_dealloc},
                              {Py_tp_getset, (void *)getset},
                              {Py_tp_methods, (void *)methods},
                              {0}};
static PyType_Spec spec = {"obol._core.Keytab", sizeof(struct keytab), 0, Py_TPFLAGS_DEFAULT,
                           slots};

bool keytab_add_types(PyObject *module) {
    keytab_type = type_new(module, &spec, "Keytab");
    return keytab_type != NULL;
}

// ---- the keys of an acceptor

static bool accepts(const void *ctx, const struct principal *name) {
    const struct principal *service = ctx;
    const struct slice_list *want = &service->name.name_string, *has = &name->name.name_string;
    if (service->realm.len && !slice_eq(service->realm, name->realm))
        return false;
    if (want->count == 1) // the service of any host
        return has->count >= 1 && slice_eq(want->items[0], has->items[0]);
    return principal_name_eq(&service->name, &name->name);
}

struct keytab_keys keytab_accepting(struct keytab *keytab, const struct principal *service,
                                    struct arena *a) {
    struct keytab_keys keys = {.content = keytab->content,
                               .path = keytab->path,
                               .any_name = true,
                               .prepared = keytab->keys};
    if (!service)
        return keys;
    keys.accepts = accepts;
    keys.ctx = service;
    keys.accepts_for = principal_text(service, a);
    return keys;
}

// ---- files

// One entry of a tuple (principal, kvno, etype, timestamp, key); it lives in the arena.
static bool entry_of(PyObject *row, struct arena *a, struct keytab_entry *out) {
    const char *name, *key;
    Py_ssize_t name_len, key_len;
    unsigned kvno;
    int etype;
    long long timestamp;
    struct error err;
    struct slice kept = {0};
    error_init(&err);
    if (!PyTuple_Check(row))
        return PyErr_Format(PyExc_TypeError, "a list of tuples is wanted") != NULL;
    if (!PyArg_ParseTuple(row, "s#IiLy#", &name, &name_len, &kvno, &etype, &timestamp, &key,
                          &key_len))
        return false;
    enum obol_code code = principal_of_text(slice_of(name, (size_t)name_len), (struct slice){0},
                                            false, a, &out->principal, &err);
    if (code == OBOL_OK && !arena_copy(a, slice_of(key, (size_t)key_len), &kept))
        code = error_set(&err, OBOL_NO_MEMORY, __func__, "no room for a key");
    const struct enctype *e = enctype_find(etype);
    if (code == OBOL_OK && e && enctype_key_length(e) != kept.len)
        code = error_set(&err, OBOL_KEY_LENGTH, __func__, "%s has keys of %zu bytes, not %zu",
                         enctype_name(e), enctype_key_length(e), kept.len);
    out->kvno = kvno;
    out->timestamp = timestamp;
    out->key = (struct encryption_key){etype, kept};
    if (code != OBOL_OK)
        raise_error(&err);
    return code == OBOL_OK;
}

static struct keytab_entry *entries_of(PyObject *list, struct arena *a) {
    size_t count = (size_t)PyList_Size(list);
    struct keytab_entry *entries = arena_zalloc(a, count + 1, sizeof *entries);
    if (!entries)
        return (void *)PyErr_NoMemory();
    for (size_t i = 0; i < count; i++)
        if (!entry_of(PyList_GetItem(list, (Py_ssize_t)i), a, &entries[i]))
            return NULL;
    return entries;
}

PyObject *keytab_bytes(PyObject *module, PyObject *list) {
    UNUSED(module);
    if (!PyList_Check(list))
        return PyErr_Format(PyExc_TypeError, "a list of entries is wanted");
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    PyObject *out = NULL;
    struct keytab_entry *entries = entries_of(list, a);
    if (entries) {
        struct writer w = writer_to_arena(a);
        keytab_format(&w, entries, (size_t)PyList_Size(list));
        out = writer_ok(&w) ? py_bytes(writer_slice(&w)) : PyErr_NoMemory();
    }
    arena_give(a);
    return out;
}

PyObject *keytab_add_entries(PyObject *module, PyObject *args) {
    UNUSED(module);
    const char *path;
    PyObject *list;
    if (!PyArg_ParseTuple(args, "sO!", &path, &PyList_Type, &list))
        return NULL;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    struct keytab_entry *entries = entries_of(list, a);
    size_t count = (size_t)PyList_Size(list);
    struct error err;
    error_init(&err);
    PyObject *out = NULL;
    if (entries) {
        PyThreadState *thread = PyEval_SaveThread();
        enum obol_code code = keytab_add(path, entries, count, &err);
        PyEval_RestoreThread(thread);
        out = code == OBOL_OK ? Py_None : raise_error(&err);
        Py_XINCREF(out);
    }
    arena_give(a);
    return out;
}

// keytab_remove_entries(path, principal, kvno, etype): how many went; 0 stands for any.
PyObject *keytab_remove_entries(PyObject *module, PyObject *args) {
    UNUSED(module);
    const char *path, *name;
    Py_ssize_t len;
    unsigned kvno;
    int etype;
    if (!PyArg_ParseTuple(args, "ss#Ii", &path, &name, &len, &kvno, &etype))
        return NULL;
    struct arena *a = arena_take();
    if (!a)
        return PyErr_NoMemory();
    struct principal p;
    struct error err;
    size_t removed = 0;
    error_init(&err);
    enum obol_code code =
        principal_of_text(slice_of(name, (size_t)len), (struct slice){0}, false, a, &p, &err);
    if (code == OBOL_OK) {
        PyThreadState *thread = PyEval_SaveThread();
        code = keytab_remove(path, &p, kvno, etype, &removed, &err);
        PyEval_RestoreThread(thread);
    }
    arena_give(a);
    return code == OBOL_OK ? PyLong_FromSize_t(removed) : raise_error(&err);
}

// string_to_key(etype, password, salt, iterations): the key of a password; 0: the usual count.
PyObject *string_to_key(PyObject *module, PyObject *args) {
    UNUSED(module);
    int etype;
    unsigned iterations;
    const char *password, *salt;
    Py_ssize_t password_len, salt_len;
    if (!PyArg_ParseTuple(args, "iy#y#I", &etype, &password, &password_len, &salt, &salt_len,
                          &iterations))
        return NULL;
    const struct enctype *e = enctype_find(etype);
    if (!e)
        return raise_code(OBOL_ENCTYPE_UNSUPPORTED, __func__, "enctype %d", etype);
    uint8_t key[CRYPTO_KEY_MAX];
    struct buf out = buf_of(key, enctype_key_length(e));
    struct slice word = slice_of(password, (size_t)password_len);
    struct slice grain = slice_of(salt, (size_t)salt_len);
    struct error err;
    error_init(&err);
    PyThreadState *thread = PyEval_SaveThread();
    enum obol_code code =
        iterations ? crypto_string_to_key_count(e, word, grain, iterations, out, &err)
                   : crypto_string_to_key(e, word, grain, (struct slice){0}, 0, out, &err);
    PyEval_RestoreThread(thread);
    PyObject *made = code == OBOL_OK ? py_bytes(slice_of_buf(out)) : raise_error(&err);
    explicit_bzero(key, sizeof key);
    return made;
}
