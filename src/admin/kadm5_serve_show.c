// kadm5_serve_show.c: what kadmin's clients see of principals, and their string attributes.
#include "admin/kadm5_serve.h"
#include "proto/codes.h"

// Times and lengths as 32 bits have them; MIT krb5 counts time without a sign, up to 2106.
static uint32_t time32(int64_t t) {
    return t < 0 ? 0 : t > UINT32_MAX ? UINT32_MAX : (uint32_t)t;
}
static int32_t length32(int64_t seconds) {
    return seconds > INT32_MAX ? INT32_MAX : (int32_t)seconds;
}

// Who changed it last is a name for the clients to parse: what is none stays here.
static enum obol_code show_modified_by(struct serve *s, struct kadm5_principal *p,
                                       struct error *err) {
    struct principal by;
    if (!s->record.modified_by.len || principal_parse(s->record.modified_by, s->k->adm->realm,
                                                      NT_UNKNOWN, s->arena, &by, NULL) != OBOL_OK)
        return OBOL_OK;
    p->has_modified_by = true;
    p->modified_by = principal_text(&by, s->arena);
    ENSURE_MEMORY(p->modified_by.ptr);
    return OBOL_OK;
}

static enum obol_code show_keys(struct serve *s, struct kadm5_principal *p, struct error *err) {
    const struct record_key_list *keys = &s->record.keys;
    struct kadm5_key_data *items = arena_zalloc(s->arena, keys->count + 1, sizeof *items);
    ENSURE_MEMORY(items);
    for (size_t i = 0; i < keys->count; i++) {
        const struct record_key *k = &keys->items[i];
        bool usual = k->salt_type == RECORD_SALT_RANDOM || k->salt_type == RECORD_SALT_NORMAL;
        items[i] = (struct kadm5_key_data){.version = usual ? 1 : 2,
                                           .kvno = k->kvno,
                                           .enctype = k->enctype,
                                           .salt_type = usual ? 0 : k->salt_type};
    }
    p->keys = (struct kadm5_key_data_list){items, keys->count};
    return OBOL_OK;
}

// When an administrator unlocked it, as MIT krb5 keeps it.
static enum obol_code show_data(struct serve *s, struct kadm5_principal *p, struct error *err) {
    p->has_data = s->record.unlocked != 0;
    if (!p->has_data)
        return OBOL_OK;
    struct writer w = writer_to_arena(s->arena);
    struct kadm5_data *item = arena_zalloc(s->arena, 1, sizeof *item);
    ENSURE_MEMORY(item);
    writer_le32(&w, time32(s->record.unlocked));
    ENSURE(writer_ok(&w), NO_MEMORY, "no memory for a time");
    *item = (struct kadm5_data){KADM5_DATA_UNLOCKED, writer_slice(&w)};
    p->data = (struct kadm5_data_list){item, 1};
    p->data_count = 1;
    return OBOL_OK;
}

static void show_numbers(const struct serve *s, uint32_t mask, struct kadm5_principal *p) {
    const struct record *r = &s->record;
    const struct admin *adm = s->k->adm;
    p->expires = mask & KADM5_MASK_EXPIRES ? time32(r->expires) : 0;
    p->password_changed = mask & KADM5_MASK_PASSWORD_CHANGED ? time32(r->password_changed) : 0;
    p->password_expires = mask & KADM5_MASK_PASSWORD_EXPIRES ? time32(r->password_expires) : 0;
    if (mask & KADM5_MASK_MAX_LIFE)
        p->max_life = length32(r->max_life ? r->max_life : adm->max_life);
    if (mask & KADM5_MASK_MAX_RENEW)
        p->max_renew = length32(r->max_renew ? r->max_renew : adm->max_renew);
    p->modified = mask & KADM5_MASK_MODIFIED ? time32(r->modified) : 0;
    p->attributes = mask & KADM5_MASK_ATTRIBUTES ? export_mit_flags(r) : 0;
    p->kvno = mask & KADM5_MASK_KVNO ? record_newest_kvno(r) : 0;
    if (mask & KADM5_MASK_MASTER_KVNO)
        p->master_kvno = r->keys.count ? r->keys.items[0].master : 0;
    p->last_success = mask & KADM5_MASK_LAST_SUCCESS ? time32(r->last_success) : 0;
    p->last_failure = mask & KADM5_MASK_LAST_FAILURE ? time32(r->last_failure) : 0;
    p->failures = mask & KADM5_MASK_FAILURES ? r->failures : 0;
}

enum obol_code serve_get(struct serve *s, struct error *err) {
    struct kadm5_principal *p = &s->out.principal;
    uint32_t mask = s->in.mask;
    TRY(serve_existing(s, err));
    if (mask & KADM5_MASK_PRINCIPAL)
        p->name = s->record.name;
    show_numbers(s, mask, p);
    if (s->record.policy.len) {
        p->policy = mask & KADM5_MASK_POLICY ? s->record.policy : (struct slice){0};
        p->aux_attributes = mask & KADM5_MASK_AUX_ATTRIBUTES ? KADM5_MASK_POLICY : 0;
    }
    if (mask & KADM5_MASK_MODIFIED_BY)
        TRY(show_modified_by(s, p, err));
    if (mask & KADM5_MASK_DATA)
        TRY(show_data(s, p, err));
    return mask & KADM5_MASK_KEYS ? show_keys(s, p, err) : OBOL_OK;
}

static enum obol_code add_name(void *ctx, const struct record *r, struct error *err) {
    return serve_names_add(ctx, r->name, err);
}

enum obol_code serve_list(struct serve *s, struct error *err) {
    struct serve_names names = {.serve = s};
    const struct admin_visitor visitor = {.ctx = &names, .each = add_name};
    s->done->target = s->in.name.ptr ? s->in.name : SLICE_LITERAL("*");
    TRY(serve_allow(s, NULL, err));
    TRY(serve_pattern(s, err));
    return admin_principal_list(s->k->adm, s->in.name, &visitor, err);
}

enum obol_code serve_get_strings(struct serve *s, struct error *err) {
    TRY(serve_existing(s, err));
    const struct record_attribute_list *list = &s->record.attributes;
    struct kadm5_string_list *out = &s->out.strings;
    out->items = arena_zalloc(s->arena, list->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < list->count; i++)
        if (!record_attribute_reserved(&list->items[i]))
            out->items[out->count++] =
                (struct kadm5_string){list->items[i].name, list->items[i].value};
    return OBOL_OK;
}

enum obol_code serve_set_string(struct serve *s, struct error *err) {
    TRY(serve_existing(s, err));
    ENSURE(s->in.string.name.len, INVALID_ARGUMENT, "a string without its name");
    struct record_attribute attribute = {s->in.string.name, s->in.string.value};
    const struct admin_change change = {.attributes = {&attribute, 1}};
    return admin_principal_set(s->k->adm, s->record.name, &change, err);
}
