// keytab.c: the keys of a name in the clear, to be written into a keytab. Extracting changes
// nothing unless rotation is asked for: a tool that silently replaces keys cuts off every host that
// holds the keytab made before.
#include "admin/audit.h"
#include "admin/op.h"

static enum obol_code open_keys(struct admin *adm, const struct principal *asked,
                                const struct record *r, struct arena *a, struct admin_keytab *out,
                                struct error *err) {
    ENSURE(r->keys.count, KDC_ERR_NULL_KEY, "%.*s", SLICE_ARG(r->name));
    out->items = arena_zalloc(a, r->keys.count, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    struct principal name;
    TRY(principal_copy(asked, a, &name, err));
    for (size_t i = 0; i < r->keys.count; i++) {
        struct admin_keytab_key *key = &out->items[i];
        key->name = name;
        key->kvno = r->keys.items[i].kvno;
        key->enctype = r->keys.items[i].enctype;
        key->set = r->password_changed;
        TRY(master_open(adm->master, r->id, &r->keys.items[i], a, &key->bytes, err));
    }
    out->count = r->keys.count;
    return OBOL_OK;
}

struct extract_args {
    struct slice name;
    const struct admin_keys *rotate;
    struct arena *arena;
    struct admin_keytab *out;
};

static enum obol_code rotate_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    struct extract_args *args = arg;
    struct principal asked, p;
    struct slice text;
    struct record r;
    TRY(op_name(adm, args->name, &asked, &text, err));
    ENSURE(!args->rotate->password && !args->rotate->none, INVALID_ARGUMENT,
           "rotated keys are random");
    TRY(op_fetch(store_write_snapshot(w), text, &adm->scratch, &r, err));
    TRY(op_name(adm, r.name, &p, &text, err));
    ENSURE(record_newest_kvno(&r) < UINT32_MAX, INVALID_ARGUMENT, "no key version is left");
    TRY(op_keys_add(adm, &p, args->rotate, record_newest_kvno(&r) + 1, &r, err));
    op_stamp(adm, &r);
    TRY(store_put(w, &r, err));
    return open_keys(adm, &asked, &r, args->arena, args->out, err);
}

static enum obol_code read_keys(struct admin *adm, struct store_read *snapshot,
                                const struct extract_args *args, struct error *err) {
    struct principal asked;
    struct slice text;
    struct record r;
    TRY(op_name(adm, args->name, &asked, &text, err));
    TRY(op_fetch(snapshot, text, &adm->scratch, &r, err));
    TRY(op_keys_unlocked(adm, &r, err));
    return open_keys(adm, &asked, &r, args->arena, args->out, err);
}

enum obol_code op_keytab_read(struct admin *adm, struct slice name, struct arena *a,
                              struct admin_keytab *out, struct error *err) {
    struct extract_args args = {name, NULL, a, out};
    struct store_read *snapshot;
    *out = (struct admin_keytab){0};
    arena_reset(&adm->scratch);
    TRY(store_read_begin(adm->store, &snapshot, err));
    enum obol_code code = read_keys(adm, snapshot, &args, err);
    store_read_end(snapshot);
    arena_reset(&adm->scratch);
    return code;
}

enum obol_code op_service_key(struct admin *adm, struct slice name, int32_t etype, uint32_t kvno,
                              unsigned attempt, struct arena *a, struct crypto_key **key,
                              struct error *err) {
    struct admin_keytab keys;
    unsigned fitting = 0;
    TRY(op_keytab_read(adm, name, a, &keys, err));
    for (size_t i = 0; i < keys.count; i++) {
        if (keys.items[i].enctype != etype || (kvno && keys.items[i].kvno != kvno))
            continue;
        if (fitting++ == attempt)
            return crypto_key_in_arena(key, a, etype, keys.items[i].bytes, err);
    }
    ENSURE(fitting, KRB_AP_ERR_BADKEYVER, "%.*s has no key of kvno %u and enctype %d",
           SLICE_ARG(name), kvno, etype);
    return OBOL_NOT_FOUND;
}

// Keys that leave the realm are as good as the accounts: that is recorded although nothing changes.
static enum obol_code extract(struct admin *adm, struct slice name, struct arena *a,
                              struct admin_keytab *out, struct error *err) {
    int log;
    struct error own;
    error_init(&own);
    struct error *why = err ? err : &own;
    TRY(audit_begin(adm, &log, err));
    enum obol_code code = op_keytab_read(adm, name, a, out, why);
    audit_end(adm, log, "admin_keytab_extract", code, why);
    return code;
}

enum obol_code admin_keytab_keys(struct admin *adm, struct slice name,
                                 const struct admin_keys *rotate, struct arena *a,
                                 struct admin_keytab *out, struct error *err) {
    struct extract_args args = {name, rotate, a, out};
    *out = (struct admin_keytab){0};
    return rotate ? op_write(adm, rotate_step, &args, err) : extract(adm, name, a, out, err);
}
