// kadmin_message.c: see kadmin_message.h.
#include "cli/kadmin_message.h"
#include "admin/kadm5_convert.h"
#include "proto/codes.h"

// ---- what is sent

void kadmin_message_new(const struct admin_new_principal *p, struct kadm5_message *out) {
    // That it may log in is so with a kadmind, unless flags say otherwise.
    uint32_t cleared = p->clear_flags & ~(uint32_t)RECORD_NO_CLIENT;
    uint32_t present = (p->max_life ? ADMIN_SET_MAX_LIFE : 0) |
                       (p->max_renew ? ADMIN_SET_MAX_RENEW : 0) |
                       (p->expires ? ADMIN_SET_EXPIRES : 0) |
                       (p->password_expires ? ADMIN_SET_PASSWORD_EXPIRES : 0) |
                       (p->keys.kvno ? ADMIN_SET_KVNO : 0);
    *out = (struct kadm5_message){
        .mask = KADM5_MASK_PRINCIPAL | kadm5_mask_of(present) |
                (p->keys.none ? KADM5_MASK_KEYS : 0) |
                (p->set_flags | cleared ? KADM5_MASK_ATTRIBUTES : 0) |
                (p->policy.len ? KADM5_MASK_POLICY : 0),
        .principal = {.name = p->name,
                      .attributes = kadm5_attributes_of(p->set_flags),
                      .max_life = (int32_t)p->max_life,
                      .max_renew = (int32_t)p->max_renew,
                      .expires = (uint32_t)p->expires,
                      .password_expires = (uint32_t)p->password_expires,
                      .policy = p->policy.len ? p->policy : (struct slice){0},
                      .kvno = p->keys.kvno},
        .password = p->keys.password ? kadmin_message_text(*p->keys.password) : (struct slice){0},
    };
}

void kadmin_message_change(struct slice name, const struct admin_change *change,
                           struct kadm5_message *out) {
    *out = (struct kadm5_message){
        .mask = kadm5_mask_of(change->present) |
                (change->set_flags | change->clear_flags ? KADM5_MASK_ATTRIBUTES : 0),
        .principal = {.name = name,
                      .max_life = (int32_t)change->max_life,
                      .max_renew = (int32_t)change->max_renew,
                      .expires = (uint32_t)change->expires,
                      .password_expires = (uint32_t)change->password_expires,
                      .policy = change->policy.len ? change->policy : (struct slice){0},
                      .kvno = change->kvno},
    };
    if (change->present & ADMIN_SET_POLICY)
        out->mask |= change->policy.len ? KADM5_MASK_POLICY : KADM5_MASK_POLICY_CLEAR;
}

enum obol_code kadmin_message_unlocked(int64_t now, struct arena *a, struct kadm5_message *out,
                                       struct error *err) {
    struct kadm5_data *data = arena_zalloc(a, 1, sizeof *data);
    struct writer when = writer_to_arena(a);
    writer_le32(&when, (uint32_t)now);
    ENSURE_MEMORY(writer_ok(&when) ? data : NULL);
    *data = (struct kadm5_data){KADM5_DATA_UNLOCKED, writer_slice(&when)};
    out->mask |= KADM5_MASK_FAILURES | KADM5_MASK_DATA;
    out->principal.has_data = true;
    out->principal.data = (struct kadm5_data_list){data, 1};
    out->principal.data_count = 1;
    return OBOL_OK;
}

// The salt type is always the normal one.
enum obol_code kadmin_message_enctypes(const struct int32_list *types, struct arena *a,
                                       struct kadm5_keysalt_list *out, struct error *err) {
    out->count = types->count;
    out->items = arena_zalloc(a, types->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < types->count; i++)
        out->items[i].enctype = types->items[i];
    return OBOL_OK;
}

enum obol_code kadmin_message_policy(struct slice name, const struct admin_policy_change *changes,
                                     size_t count, struct kadm5_message *out, struct error *err) {
    *out = (struct kadm5_message){.policy = {.name = name}};
    for (size_t i = 0; i < count; i++) {
        const struct admin_policy_change *c = &changes[i];
        const struct kadm5_policy_number *n = kadm5_policy_number_find(c->member->name);
        if (c->member->kind == POLICY_TEXT) {
            out->policy.keysalts = c->text.len ? c->text : (struct slice){0};
            out->mask |= KADM5_MASK_KEYSALTS;
            continue;
        }
        ENSURE(n && c->number <= INT32_MAX, INVALID_ARGUMENT,
               "%s: %lld cannot be said to a kadmind", c->member->name, (long long)c->number);
        *kadm5_policy_number_at(&out->policy, n) = (int32_t)c->number;
        out->mask |= n->mask;
    }
    return OBOL_OK;
}

// ---- what came back

enum obol_code kadmin_record_of(const struct kadm5_principal *p, struct arena *a,
                                struct record *out, struct error *err) {
    *out = (struct record){
        .name = p->name,
        .flags = kadm5_flags_of(p->attributes),
        .max_life = p->max_life,
        .max_renew = p->max_renew,
        .expires = p->expires,
        .password_expires = p->password_expires,
        .password_changed = p->password_changed,
        .modified = p->modified,
        .modified_by = p->modified_by,
        .last_success = p->last_success,
        .last_failure = p->last_failure,
        .failures = p->failures,
        .policy = p->policy,
        .keys = {arena_zalloc(a, p->keys.count + 1, sizeof *out->keys.items), p->keys.count},
    };
    ENSURE_MEMORY(out->keys.items);
    for (size_t i = 0; i < p->keys.count; i++) {
        const struct kadm5_key_data *key = &p->keys.items[i];
        out->keys.items[i] = (struct record_key){.kvno = key->kvno,
                                                 .enctype = key->enctype,
                                                 .salt_type = key->version > 1 ? key->salt_type : 0,
                                                 .master = p->master_kvno};
    }
    return OBOL_OK;
}

enum obol_code kadmin_strings_of(const struct kadm5_string_list *list, struct arena *a,
                                 struct record_attribute_list *out, struct error *err) {
    out->count = list->count;
    out->items = arena_zalloc(a, out->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (struct record_attribute){list->items[i].name, list->items[i].value};
    return OBOL_OK;
}

enum obol_code kadmin_keytab_of(struct slice name, const struct kadm5_key_list *list, int64_t now,
                                struct arena *a, struct admin_keytab *out, struct error *err) {
    ENSURE(list->count, KDC_ERR_NULL_KEY, "%.*s", SLICE_ARG(name));
    *out = (struct admin_keytab){arena_zalloc(a, list->count, sizeof *out->items), list->count};
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < list->count; i++) {
        out->items[i] = (struct admin_keytab_key){.kvno = list->items[i].kvno,
                                                  .enctype = list->items[i].enctype,
                                                  .set = now,
                                                  .bytes = list->items[i].bytes};
        TRY(principal_parse(name, (struct slice){0}, NT_UNKNOWN, a, &out->items[i].name, err));
    }
    return OBOL_OK;
}

void kadmin_policy_of(struct kadm5_policy *p, struct policy *out) {
    *out = (struct policy){.name = p->name, .allowed_keysalts = p->keysalts};
    for (size_t i = 0; i < KADM5_POLICY_NUMBERS_COUNT; i++) {
        const struct kadm5_policy_number *n = &KADM5_POLICY_NUMBERS[i];
        *policy_number(out, kadm5_policy_member(n->member)) = *kadm5_policy_number_at(p, n);
    }
}
