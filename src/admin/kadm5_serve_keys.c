// kadm5_serve_keys.c: passwords and keys for kadmin's clients: changed, drawn, brought along,
// purged, extracted. Keys stand in the arena of the request, and in its results; nowhere else.
#include "admin/kadm5_serve.h"

enum { OWN_VERSIONS_KEPT = 4 }; // beside the new one, of him who changes his own keys

// How many versions of old keys stay.
static uint32_t kept(const struct serve *s) {
    uint32_t all = s->own ? OWN_VERSIONS_KEPT : UINT32_MAX;
    return s->in.keep_old ? all : 0;
}

// One changes one's own keys by a ticket that shows that one knows the present ones.
static enum obol_code check_initial(struct serve *s, struct error *err) {
    s->status = KADM5_E_AUTH_INITIAL;
    ENSURE(!s->own || s->call->initial, KDC_ERR_POLICY,
           "the ticket comes from a TGT; one that comes from the password is needed");
    s->status = 0;
    return OBOL_OK;
}

enum obol_code serve_change_password(struct serve *s, struct error *err) {
    struct admin_keys keys = {.password = &s->in.password};
    TRY(serve_existing(s, err));
    TRY(serve_unlocked(s, err));
    TRY(check_initial(s, err));
    ENSURE(s->in.password.ptr, INVALID_ARGUMENT, "there is no password");
    TRY(serve_password(s, err));
    TRY(serve_enctypes(s, &keys.enctypes, err));
    keys.by_owner = s->own;
    keys.keep_old = kept(s);
    return admin_principal_password(s->k->adm, s->record.name, &keys, NULL, err);
}

// The new keys go out, unless they may not leave the realm.
static enum obol_code show_new(struct serve *s, uint32_t kvno, struct error *err) {
    struct admin_keytab keytab;
    struct kadm5_key_list *out = &s->out.keys;
    struct error why;
    error_init(&why);
    enum obol_code code = op_keytab_read(s->k->adm, s->record.name, s->arena, &keytab, &why);
    if (code == OBOL_KDC_ERR_POLICY) // lockdown-keys
        return OBOL_OK;
    if (code != OBOL_OK)
        return error_set(err, code, why.where, "%s", why.detail);
    out->items = arena_zalloc(s->arena, keytab.count, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < keytab.count; i++)
        if (keytab.items[i].kvno == kvno)
            out->items[out->count++] = (struct kadm5_key){.enctype = keytab.items[i].enctype,
                                                          .bytes = keytab.items[i].bytes};
    return OBOL_OK;
}

enum obol_code serve_random_key(struct serve *s, struct error *err) {
    struct admin_keys keys = {0};
    uint32_t kvno;
    TRY(serve_existing(s, err));
    TRY(check_initial(s, err));
    TRY(serve_enctypes(s, &keys.enctypes, err));
    keys.by_owner = s->own;
    keys.keep_old = kept(s);
    TRY(admin_principal_password(s->k->adm, s->record.name, &keys, &kvno, err));
    return show_new(s, kvno, err);
}

// ---- keys brought along

static enum obol_code check_keysalts(struct serve *s, struct error *err) {
    const struct kadm5_keysalt_list *list = &s->in.keysalts;
    const struct kadm5_key_list *keys = &s->in.keys;
    s->status = KADM5_E_SETKEY3_ETYPE_MISMATCH;
    ENSURE(!list->count || list->count == keys->count, INVALID_ARGUMENT,
           "%zu keys, and %zu enctypes of them", keys->count, list->count);
    for (size_t i = 0; i < list->count; i++)
        ENSURE(list->items[i].enctype == keys->items[i].enctype, INVALID_ARGUMENT,
               "a key of enctype %d is said to be of %d", keys->items[i].enctype,
               list->items[i].enctype);
    s->status = 0;
    return OBOL_OK;
}

static enum obol_code ready_keys(struct serve *s, struct admin_ready_keys *out, struct error *err) {
    const struct kadm5_key_list *keys = &s->in.keys;
    ENSURE(keys->count, INVALID_ARGUMENT, "there is no key");
    struct admin_ready_key *items = arena_zalloc(s->arena, keys->count, sizeof *items);
    ENSURE_MEMORY(items);
    s->status = KADM5_E_SETKEY_BAD_KVNO;
    for (size_t i = 0; i < keys->count; i++) {
        const struct kadm5_key *k = &keys->items[i];
        ENSURE(k->kvno == keys->items[0].kvno, INVALID_ARGUMENT, "keys of kvno %u and %u",
               keys->items[0].kvno, k->kvno);
        items[i] = (struct admin_ready_key){
            k->enctype, k->bytes, k->salt_type != RECORD_SALT_NORMAL || k->salt.len, k->salt};
    }
    s->status = 0;
    *out = (struct admin_ready_keys){
        .items = items, .count = keys->count, .kvno = keys->items[0].kvno, .keep_old = kept(s)};
    return OBOL_OK;
}

enum obol_code serve_set_key(struct serve *s, struct error *err) {
    struct admin_ready_keys keys;
    TRY(serve_existing(s, err));
    TRY(serve_unlocked(s, err));
    TRY(check_keysalts(s, err));
    TRY(ready_keys(s, &keys, err));
    return admin_principal_keys(s->k->adm, s->record.name, &keys, err);
}

// ---- purged, extracted

enum obol_code serve_purge(struct serve *s, struct error *err) {
    size_t removed;
    TRY(serve_existing(s, err));
    uint32_t from = s->in.keep_kvno > 0 ? (uint32_t)s->in.keep_kvno : 0;
    if (from > record_newest_kvno(&s->record))
        TRY(serve_not_needed(s, &s->target, err));
    return admin_principal_purge(s->k->adm, s->record.name, from, &removed, err);
}

static const struct record_key *key_of(const struct record *r, const struct admin_keytab_key *k) {
    for (size_t i = 0; i < r->keys.count; i++)
        if (r->keys.items[i].kvno == k->kvno && r->keys.items[i].enctype == k->enctype)
            return &r->keys.items[i];
    return NULL;
}

enum obol_code serve_extract(struct serve *s, struct error *err) {
    struct admin_keytab keytab = {0};
    struct kadm5_key_list *out = &s->out.keys;
    TRY(serve_existing(s, err));
    TRY(serve_unlocked(s, err));
    if (!s->record.keys.count)
        return OBOL_OK;
    TRY(admin_keytab_keys(s->k->adm, s->record.name, NULL, s->arena, &keytab, err));
    out->items = arena_zalloc(s->arena, keytab.count, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < keytab.count; i++) {
        const struct admin_keytab_key *k = &keytab.items[i];
        const struct record_key *r = key_of(&s->record, k);
        bool special = r && r->salt_type == RECORD_SALT_SPECIAL;
        if (s->in.kvno && s->in.kvno != k->kvno)
            continue;
        out->items[out->count++] =
            (struct kadm5_key){.kvno = k->kvno,
                               .enctype = k->enctype,
                               .bytes = k->bytes,
                               .salt_type = special ? RECORD_SALT_SPECIAL : RECORD_SALT_NORMAL,
                               .salt = special ? r->salt : (struct slice){0}};
    }
    return OBOL_OK;
}
