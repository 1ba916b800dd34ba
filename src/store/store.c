// store.c: names, aliases and records over a back end's tables (store/backend.h), the same for all
// back ends. A record stands under the key of its principal's name, an alias under its own leads to
// that name, so that the usual look-up is one.
#include "store/store.h"
#include "base/reader.h"
#include "store/backend.h"
#include <openssl/sha.h>
#include <stdlib.h>

static const char FORMAT[] = "obol store 1";
enum { SCRATCH_BYTES = 64 * 1024, SCRATCH_LIMIT = 4 * 1024 * 1024 };

struct store_read {
    struct store *store;
    void *txn;
};
struct store_write {
    struct store_read view;
    bool failed; // a put or delete failed half-way: no commit
};
struct store {
    const struct store_ops *ops;
    void *db;
    bool read_only;
    struct store_write *write; // the open transaction
    struct arena scratch;      // of one put or delete
};

struct key {
    uint8_t bytes[STORE_KEY_MAX];
    size_t len;
};
enum { NAME_IN_KEY = STORE_KEY_MAX - 1 - SHA256_DIGEST_LENGTH };

static bool has_components(struct slice name) {
    for (size_t i = 0; i < name.len && name.ptr[i] != '@'; i++) {
        if (name.ptr[i] == '/')
            return true;
        i += name.ptr[i] == '\\';
    }
    return false;
}

// The key of a name: a byte for its class, then the name. Services and krbtgt come first, so that
// loading users into a fresh realm appends, which fills pages wholly. A name too long for a key is
// cut and ends with its digest.
static struct slice key_of_name(struct slice name, struct key *key) {
    key->bytes[0] = has_components(name) ? 1 : 2;
    size_t whole = name.len <= NAME_IN_KEY ? name.len : NAME_IN_KEY;
    if (whole)
        memcpy(key->bytes + 1, name.ptr, whole);
    key->len = 1 + whole;
    if (whole < name.len) {
        SHA256(name.ptr, name.len, key->bytes + key->len);
        key->len += SHA256_DIGEST_LENGTH;
    }
    return slice_of(key->bytes, key->len);
}

static enum obol_code check_format(struct store *s, struct error *err) {
    struct store_read *r;
    struct slice format = {0};
    TRY(store_read_begin(s, &r, err));
    enum obol_code code = store_meta(r, "format", &format, err);
    bool known = code == OBOL_OK && slice_eq_str(format, FORMAT);
    bool ours = code == OBOL_OK && slice_starts(format, SLICE_LITERAL("obol store "));
    store_read_end(r);
    if (known || (code != OBOL_OK && code != OBOL_NOT_FOUND))
        return code;
    if (ours)
        return error_replace(err, OBOL_STORE_VERSION, __func__, "this Obol reads \"%s\"", FORMAT);
    return error_replace(err, OBOL_STORE_CORRUPT, __func__,
                         "it is not a store of Obol's, or its creation was interrupted");
}

static enum obol_code write_format(struct store *s, struct error *err) {
    struct store_write *w;
    TRY(store_write_begin(s, &w, err));
    enum obol_code code = store_put_meta(w, "format", slice_str(FORMAT), err);
    if (code == OBOL_OK)
        return store_commit(w, err);
    store_abort(w);
    return code;
}

enum obol_code store_open(struct store **out, const struct store_ops *ops,
                          const struct store_options *options, struct error *err) {
    *out = NULL;
    struct store *s = calloc(1, sizeof *s);
    ENSURE(s, NO_MEMORY, "no memory for a store");
    s->ops = ops;
    s->read_only = options->read_only;
    enum obol_code code = OBOL_OK;
    if (!arena_init(&s->scratch, SCRATCH_BYTES, SCRATCH_LIMIT))
        code = error_set(err, OBOL_NO_MEMORY, __func__, "no memory for a store");
    if (code == OBOL_OK)
        code = ops->open(options, &s->db, err);
    if (code == OBOL_OK)
        code = options->create ? write_format(s, err) : check_format(s, err);
    if (code != OBOL_OK) {
        store_close(s);
        return code;
    }
    *out = s;
    return OBOL_OK;
}

void store_close(struct store *s) {
    if (!s)
        return;
    if (s->db)
        s->ops->close(s->db);
    arena_clear(&s->scratch);
    free(s);
}

uint64_t store_changes(struct store *s) {
    return s->ops->changes(s->db);
}

enum obol_code store_sync(struct store *s, struct error *err) {
    return s->ops->sync(s->db, err);
}

enum obol_code store_copy(struct store *s, const char *path, struct error *err) {
    ENSURE(s->ops->copy, UNSUPPORTED, "a store of kind %s cannot be copied", s->ops->name);
    return s->ops->copy(s->db, path, err);
}

enum obol_code store_read_begin(struct store *s, struct store_read **out, struct error *err) {
    *out = NULL;
    struct store_read *r = calloc(1, sizeof *r);
    ENSURE(r, NO_MEMORY, "no memory for a snapshot");
    r->store = s;
    enum obol_code code = s->ops->read_begin(s->db, &r->txn, err);
    if (code != OBOL_OK) {
        free(r);
        return code;
    }
    *out = r;
    return OBOL_OK;
}

enum obol_code store_read_renew(struct store_read *r, struct error *err) {
    return r->store->ops->read_renew(r->txn, err);
}

void store_read_release(struct store_read *r) {
    r->store->ops->read_release(r->txn);
}

void store_read_end(struct store_read *r) {
    if (!r)
        return;
    r->store->ops->read_end(r->txn);
    free(r);
}

static enum obol_code get(struct store_read *r, enum store_table t, struct slice name, bool *found,
                          struct slice *value, struct error *err) {
    struct key key;
    return r->store->ops->get(r->txn, t, key_of_name(name, &key), found, value, err);
}

enum obol_code store_get(struct store_read *r, struct slice name, struct slice *record,
                         struct error *err) {
    bool found;
    struct slice primary;
    TRY(get(r, STORE_PRINCIPALS, name, &found, record, err));
    if (LIKELY(found))
        return OBOL_OK;
    TRY(get(r, STORE_ALIASES, name, &found, &primary, err));
    ENSURE(found, PRINCIPAL_NOT_FOUND, "%.*s", SLICE_ARG(name));
    TRY(get(r, STORE_PRINCIPALS, primary, &found, record, err));
    ENSURE(found, STORE_CORRUPT, "the alias %.*s leads to %.*s, which is not there",
           SLICE_ARG(name), SLICE_ARG(primary));
    return OBOL_OK;
}

enum obol_code store_next(struct store_read *r, struct slice *name, struct slice *record,
                          struct error *err) {
    struct key after = {.len = 0};
    if (name->len)
        key_of_name(*name, &after);
    bool found;
    struct slice key;
    TRY(r->store->ops->next(r->txn, STORE_PRINCIPALS, slice_of(after.bytes, after.len), &found,
                            &key, record, err));
    ENSURE(found, NOT_FOUND, "no further principal");
    struct slice whole = record_name(*record);
    // A key of bounded length is the class and the name, so damage to the record does not end a
    // walk.
    *name = key.len && key.len < STORE_KEY_MAX ? slice_sub(key, 1, key.len) : whole;
    ENSURE(name->len, STORE_CORRUPT, "a record has no name");
    return OBOL_OK;
}

enum obol_code store_meta(struct store_read *r, const char *key, struct slice *value,
                          struct error *err) {
    bool found;
    TRY(r->store->ops->get(r->txn, STORE_META, slice_str(key), &found, value, err));
    ENSURE(found, NOT_FOUND, "the store has no value named %s", key);
    return OBOL_OK;
}

enum obol_code store_meta_next(struct store_read *r, struct slice prefix, struct slice *key,
                               struct slice *value, struct error *err) {
    bool found;
    struct slice next;
    TRY(r->store->ops->next(r->txn, STORE_META, *key, &found, &next, value, err));
    ENSURE(found && slice_starts(next, prefix), NOT_FOUND, "no further value");
    *key = next;
    return OBOL_OK;
}

enum obol_code store_write_begin(struct store *s, struct store_write **out, struct error *err) {
    *out = NULL;
    ENSURE(!s->read_only, PERMISSION, "the store was opened for reading only");
    ENSURE(!s->write, INTERNAL, "a transaction of this store is open already");
    struct store_write *w = calloc(1, sizeof *w);
    ENSURE(w, NO_MEMORY, "no memory for a transaction");
    w->view.store = s;
    enum obol_code code = s->ops->write_begin(s->db, &w->view.txn, err);
    if (code != OBOL_OK) {
        free(w);
        return code;
    }
    s->write = w;
    *out = w;
    return OBOL_OK;
}

struct store_read *store_write_snapshot(struct store_write *w) {
    return &w->view;
}

static void write_done(struct store_write *w) {
    w->view.store->write = NULL;
    free(w);
}

enum obol_code store_commit(struct store_write *w, struct error *err) {
    if (w->failed) {
        store_abort(w);
        return error_set(err, OBOL_INVALID_ARGUMENT, __func__,
                         "a write of this transaction failed; nothing of it was kept");
    }
    enum obol_code code = w->view.store->ops->commit(w->view.txn, err);
    write_done(w);
    return code;
}

void store_abort(struct store_write *w) {
    if (!w)
        return;
    w->view.store->ops->abort(w->view.txn);
    write_done(w);
}

enum obol_code store_put_meta(struct store_write *w, const char *key, struct slice value,
                              struct error *err) {
    ENSURE(value.len <= RECORD_VALUE_MAX, INVALID_ARGUMENT, "%s: %zu bytes, more than %d", key,
           value.len, RECORD_VALUE_MAX);
    enum obol_code code =
        w->view.store->ops->put(w->view.txn, STORE_META, slice_str(key), value, err);
    w->failed = w->failed || code != OBOL_OK;
    return code;
}

enum obol_code store_delete_meta(struct store_write *w, const char *key, struct error *err) {
    enum obol_code code = w->view.store->ops->del(w->view.txn, STORE_META, slice_str(key), err);
    w->failed = w->failed || code != OBOL_OK;
    return code;
}

enum obol_code store_draw_ids(struct store_write *w, uint64_t count, uint64_t *first,
                              struct error *err) {
    bool found;
    struct slice value;
    TRY(w->view.store->ops->get(w->view.txn, STORE_META, SLICE_LITERAL("next-id"), &found, &value,
                                err));
    *first = 1;
    if (found) {
        struct reader r = reader_of(value);
        *first = reader_be64(&r);
        ENSURE(reader_done(&r) && *first, STORE_CORRUPT, "the value next-id is malformed");
    }
    ENSURE(count <= UINT64_MAX - *first, INVALID_ARGUMENT, "no %llu ids are left",
           (unsigned long long)count);
    uint8_t bytes[8];
    struct writer next = writer_to_buf(buf_of(bytes, sizeof bytes));
    writer_be64(&next, *first + count);
    return store_put_meta(w, "next-id", writer_slice(&next), err);
}

static enum obol_code put(struct store_write *w, enum store_table t, struct slice name,
                          struct slice value, struct error *err) {
    struct key key;
    return w->view.store->ops->put(w->view.txn, t, key_of_name(name, &key), value, err);
}

static enum obol_code del(struct store_write *w, enum store_table t, struct slice name,
                          struct error *err) {
    struct key key;
    return w->view.store->ops->del(w->view.txn, t, key_of_name(name, &key), err);
}

static bool list_has(const struct slice_list *list, size_t count, struct slice name) {
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list->items[i], name))
            return true;
    return false;
}

// Decodes the stored record of a name into the scratch arena, with bytes of its own, since a write
// makes borrowed ones invalid.
static enum obol_code decode_old(struct store_write *w, struct slice stored, struct record *old,
                                 struct error *err) {
    struct arena *a = &w->view.store->scratch;
    struct slice own;
    ENSURE(arena_copy(a, stored, &own), NO_MEMORY, "a record of %zu bytes", stored.len);
    return record_decode(own, a, old, err);
}

static enum obol_code put_aliases(struct store_write *w, const struct record *r,
                                  const struct record *old, struct error *err) {
    for (size_t i = 0; i < r->aliases.count; i++) {
        struct slice alias = r->aliases.items[i], owner;
        bool found;
        ENSURE(!slice_eq(alias, r->name) && !list_has(&r->aliases, i, alias), ALIAS_CONFLICT,
               "%.*s is there twice in one record", SLICE_ARG(alias));
        TRY(get(&w->view, STORE_PRINCIPALS, alias, &found, &owner, err));
        ENSURE(!found, ALIAS_CONFLICT, "%.*s is a principal of its own", SLICE_ARG(alias));
        TRY(get(&w->view, STORE_ALIASES, alias, &found, &owner, err));
        ENSURE(!found || slice_eq(owner, r->name), ALIAS_CONFLICT, "%.*s is an alias of %.*s",
               SLICE_ARG(alias), SLICE_ARG(owner));
        if (!found)
            TRY(put(w, STORE_ALIASES, alias, r->name, err));
    }
    for (size_t i = 0; i < old->aliases.count; i++)
        if (!list_has(&r->aliases, r->aliases.count, old->aliases.items[i]))
            TRY(del(w, STORE_ALIASES, old->aliases.items[i], err));
    return OBOL_OK;
}

static enum obol_code put_record(struct store_write *w, const struct record *r, struct error *err) {
    bool found;
    struct slice stored, encoded;
    struct record old = {0};
    TRY(record_encode(r, &w->view.store->scratch, &encoded, err));
    TRY(get(&w->view, STORE_PRINCIPALS, r->name, &found, &stored, err));
    if (found) {
        TRY(decode_old(w, stored, &old, err));
        ENSURE(old.id == r->id, PRINCIPAL_EXISTS, "%.*s", SLICE_ARG(r->name));
    } else {
        TRY(get(&w->view, STORE_ALIASES, r->name, &found, &stored, err));
        ENSURE(!found, ALIAS_CONFLICT, "%.*s is an alias of %.*s", SLICE_ARG(r->name),
               SLICE_ARG(stored));
    }
    TRY(put_aliases(w, r, &old, err));
    return put(w, STORE_PRINCIPALS, r->name, encoded, err);
}

enum obol_code store_put(struct store_write *w, const struct record *r, struct error *err) {
    enum obol_code code = put_record(w, r, err);
    w->failed = w->failed || code != OBOL_OK;
    arena_reset(&w->view.store->scratch);
    return code;
}

// The aliases of a record that cannot be read any more: those that lead to its name.
static enum obol_code drop_aliases_of(struct store_write *w, struct slice name, struct error *err) {
    const struct store_ops *ops = w->view.store->ops;
    struct key after = {.len = 0};
    for (;;) {
        bool found;
        struct slice key, owner;
        TRY(ops->next(w->view.txn, STORE_ALIASES, slice_of(after.bytes, after.len), &found, &key,
                      &owner, err));
        if (!found)
            return OBOL_OK;
        ENSURE(key.len <= STORE_KEY_MAX, STORE_CORRUPT, "a key of %zu bytes", key.len);
        after.len = key.len;
        memcpy(after.bytes, key.ptr, key.len);
        if (slice_eq(owner, name))
            TRY(ops->del(w->view.txn, STORE_ALIASES, slice_of(after.bytes, after.len), err));
    }
}

static enum obol_code delete_record(struct store_write *w, struct slice name, struct error *err) {
    bool found;
    struct slice stored;
    struct record old = {0};
    TRY(get(&w->view, STORE_PRINCIPALS, name, &found, &stored, err));
    ENSURE(found, PRINCIPAL_NOT_FOUND, "%.*s", SLICE_ARG(name));
    // Deleting is the way out for a damaged record, so damage does not stop it.
    if (decode_old(w, stored, &old, NULL) != OBOL_OK) {
        TRY(drop_aliases_of(w, name, err));
        return del(w, STORE_PRINCIPALS, name, err);
    }
    for (size_t i = 0; i < old.aliases.count; i++)
        TRY(del(w, STORE_ALIASES, old.aliases.items[i], err));
    return del(w, STORE_PRINCIPALS, name, err);
}

enum obol_code store_delete(struct store_write *w, struct slice name, struct error *err) {
    enum obol_code code = delete_record(w, name, err);
    // A name that is not there changed nothing: the transaction may go on.
    w->failed = w->failed || (code != OBOL_OK && code != OBOL_PRINCIPAL_NOT_FOUND);
    arena_reset(&w->view.store->scratch);
    return code;
}
