// import.c: a realm of MIT krb5 or Heimdal becomes ours: users keep their passwords, services their
// keytabs. All of it is one transaction: a line that cannot be read leaves the realm as it was.
#include "admin/import.h"
#include "admin/audit.h"
#include "store/history.h"

// ---- what a line comes to, stored

static int newest_first(const struct import_key *a, const struct import_key *b) {
    return a->key.kvno < b->key.kvno ? 1 : a->key.kvno > b->key.kvno ? -1 : 0;
}

// A stable sort: within a version the order is that of preference. Lists are short.
static void sort_keys(struct import_key *keys, size_t count) {
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k > 0 && newest_first(&keys[k - 1], &keys[k]) > 0; k--) {
            struct import_key swap = keys[k];
            keys[k] = keys[k - 1];
            keys[k - 1] = swap;
        }
}

static enum obol_code seal(struct import *im, uint64_t id, struct import_key *keys, size_t count,
                           struct record_key_list *out, struct error *err) {
    struct admin *adm = im->adm;
    out->items = arena_zalloc(&adm->scratch, count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        const struct enctype *e = enctype_find(keys[i].key.enctype);
        ENSURE(!e || keys[i].bytes.len == enctype_key_length(e), KEY_LENGTH,
               "%zu bytes for %s, which has %zu", keys[i].bytes.len, enctype_name(e),
               enctype_key_length(e));
        out->items[i] = keys[i].key;
        TRY(master_seal(adm->master, adm->env, id, &out->items[i], keys[i].bytes, &adm->scratch,
                        err));
        im->done.keys++;
        im->done.unusable += !e;
    }
    return OBOL_OK;
}

// The realm's own principals are there since it was made: the imported keys take their place, so
// that tickets that are out stay good.
static bool is_own(const struct admin *adm, const struct principal *p) {
    const struct slice_list *parts = &p->name.name_string;
    if (!slice_eq(p->realm, adm->realm) || parts->count != 2)
        return false;
    return (principal_is_krbtgt(&p->name) && slice_eq(parts->items[1], adm->realm)) ||
           (slice_eq_str(parts->items[0], "kadmin") &&
            (slice_eq_str(parts->items[1], "changepw") || slice_eq_str(parts->items[1], "admin")));
}

static enum obol_code choose_id(struct admin *adm, struct store_write *w, const struct principal *p,
                                struct record *r, struct error *err) {
    struct record there;
    enum obol_code code = op_fetch(store_write_snapshot(w), r->name, &adm->scratch, &there, NULL);
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        return store_draw_ids(w, 1, &r->id, err);
    if (code == OBOL_OK && !is_own(adm, p))
        error_remedy(err, "Import into a new realm, or delete or rename the principal first.");
    ENSURE(code == OBOL_OK && is_own(adm, p), PRINCIPAL_EXISTS, "%.*s", SLICE_ARG(r->name));
    r->id = there.id;
    r->flags |= RECORD_NO_CLIENT;
    return OBOL_OK;
}

static enum obol_code put_principal(struct import *im, struct store_write *w,
                                    struct import_entry *e, struct error *err) {
    struct admin *adm = im->adm;
    struct principal p;
    struct record *r = &e->record;
    struct record_key_list former;
    TRY(op_name(adm, r->name, &p, &r->name, err));
    TRY(choose_id(adm, w, &p, r, err));
    r->name_type = p.name.name_type;
    r->created = r->created ? r->created : env_now(adm->env);
    sort_keys(e->keys, e->key_count);
    TRY(seal(im, r->id, e->keys, e->key_count, &r->keys, err));
    TRY(seal(im, r->id, e->history, e->history_count, &former, err));
    TRY(history_encode(&former, &adm->scratch, &r->history, err));
    TRY(store_put(w, r, err));
    im->done.principals++;
    return audit_done(adm, err);
}

static enum obol_code put_policy(struct import *im, struct store_write *w, const struct policy *p,
                                 struct error *err) {
    struct policy there;
    audit_name(im->adm, p->name);
    enum obol_code code = policy_get(store_write_snapshot(w), p->name, &there, NULL);
    ENSURE(code != OBOL_OK, EXISTS, "the policy %.*s", SLICE_ARG(p->name));
    im->done.policies++;
    TRY(policy_put(w, p, &im->adm->scratch, err));
    return audit_done(im->adm, err);
}

// ---- lines

static bool next_line(struct slice *rest, struct slice *line) {
    if (!rest->len)
        return false;
    size_t end = slice_find(*rest, '\n');
    *line = slice_sub(*rest, 0, end);
    *rest = slice_sub(*rest, end + 1, rest->len);
    return true;
}

static bool is_mit(const struct import *im) {
    return im->how->format == ADMIN_IMPORT_MIT;
}

static enum obol_code read_line(struct import *im, struct store_write *w, struct import_line *l,
                                struct error *err) {
    struct import_entry entry = {.key_count = 0};
    struct policy policy = {0};
    enum import_kind kind = IMPORT_NOTHING;
    struct arena *a = &im->adm->scratch;
    if (is_mit(im))
        TRY(import_mit_line(im, l, a, &entry, &policy, &kind, err));
    else
        TRY(import_heimdal_line(im, l, a, &entry, &kind, err));
    l->column = 1; // what is wrong from here on is of the whole line
    if (kind == IMPORT_PRINCIPAL)
        return put_principal(im, w, &entry, err);
    if (kind == IMPORT_POLICY)
        return put_policy(im, w, &policy, err);
    im->done.skipped++;
    return OBOL_OK;
}

// ---- before the first line

static enum obol_code take_masters(struct import *im, struct error *err) {
    const struct admin_import *how = im->how;
    im->masters = arena_zalloc(&im->memory, how->master_count + 1, sizeof *im->masters);
    ENSURE_MEMORY(im->masters);
    for (size_t i = 0; i < how->master_count; i++) {
        const struct admin_import_key *k = &how->masters[i];
        struct import_master *m = &im->masters[im->master_count++];
        *m = (struct import_master){k->kvno, k->enctype, k->bytes, NULL};
        ENSURE(k->enctype == IMPORT_DES3 || enctype_find(k->enctype), ENCTYPE_UNSUPPORTED,
               "the master key of the stash file has enctype %d", k->enctype);
        ENSURE(k->enctype != IMPORT_DES3 || k->bytes.len == IMPORT_DES3_BYTES, KEY_LENGTH,
               "the master key of the stash file has %zu bytes", k->bytes.len);
        if (k->enctype != IMPORT_DES3)
            TRY(crypto_key_in_arena(&m->key, &im->memory, k->enctype, k->bytes, err));
    }
    return OBOL_OK;
}

static enum obol_code look_ahead(struct import *im, struct error *err) {
    struct slice rest = im->how->dump, text;
    uint64_t number = 0;
    static const char name[] = "\tkadmin/history@";
    while (is_mit(im) && next_line(&rest, &text)) {
        enum obol_code code = OBOL_OK;
        if (++number == 1)
            code = import_mit_header(text, err);
        else if (slice_starts(text, SLICE_LITERAL("princ\t")) &&
                 memmem(text.ptr, text.len < 80 ? text.len : 80, name, sizeof name - 1))
            code = import_mit_history(im, text, err);
        if (code != OBOL_OK)
            error_fact(err, "line", "%llu", (unsigned long long)number);
        TRY(code);
    }
    return OBOL_OK;
}

static enum obol_code import_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    struct import *im = arg;
    struct slice rest = im->how->dump, text;
    im->done = (struct admin_imported){0};
    TRY(take_masters(im, err));
    TRY(look_ahead(im, err));
    while (next_line(&rest, &text)) {
        im->done.lines++;
        bool header = is_mit(im) && im->done.lines == 1;
        if (!text.len || header)
            continue;
        struct import_line l = import_line_of(text, is_mit(im) ? '\t' : ' ');
        enum obol_code code = read_line(im, w, &l, err);
        arena_reset(&adm->scratch);
        if (code != OBOL_OK) {
            error_fact(err, "line", "%llu", (unsigned long long)im->done.lines);
            error_fact(err, "column", "%zu", l.column);
        }
        TRY(code);
    }
    return OBOL_OK;
}

enum admin_import_format admin_import_guess(struct slice dump) {
    bool mit = slice_starts(dump, SLICE_LITERAL("kdb5_")) ||
               slice_starts(dump, SLICE_LITERAL("iprop")) ||
               slice_starts(dump, SLICE_LITERAL("OpenV*Secure"));
    return mit ? ADMIN_IMPORT_MIT : ADMIN_IMPORT_HEIMDAL;
}

enum obol_code admin_import(struct admin *adm, const struct admin_import *how,
                            struct admin_imported *done, struct error *err) {
    CLEANUP(arena_clear) struct arena memory = {0};
    *done = (struct admin_imported){0};
    ENSURE(arena_init(&memory, 64 * 1024, 16 * 1024 * 1024), NO_MEMORY, "no memory for an import");
    struct import im = {.adm = adm, .how = how, .memory = memory};
    enum obol_code code = op_write(adm, import_step, &im, err);
    memory = im.memory;
    *done = im.done;
    return code;
}
