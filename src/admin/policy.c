// policy.c: operations on password policies.
#include "admin/audit.h"
#include "admin/op.h"
#include "config/schema.h"

// A list as kdc.conf and MIT krb5 write it, "aes256-cts:normal,aes128-cts": the salt types are of
// the past, and always the normal one here.
static enum obol_code keysalts(struct slice text, struct arena *a, struct int32_list *out,
                               struct error *err) {
    struct config_notes notes = {.arena = a};
    struct writer w = writer_to_arena(a);
    bool salt = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.ptr[i];
        salt = c == ':' || (salt && c != ',' && c != ' ' && c != '\t');
        if (!salt)
            writer_u8(&w, text.ptr[i]);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "no memory for a list of enctypes");
    TRY(config_enctypes(writer_slice(&w), a, &notes, NULL, 0, out, err));
    ENSURE(notes.count == 0, INVALID_ARGUMENT, "%.*s", SLICE_ARG(notes.first->text));
    ENSURE(out->count, INVALID_ARGUMENT, "\"%.*s\" names no enctype that is implemented",
           SLICE_ARG(text));
    return OBOL_OK;
}

static bool has(const struct int32_list *list, int32_t n) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == n)
            return true;
    return false;
}

enum obol_code op_policy_enctypes(struct admin *adm, const struct policy *policy,
                                  struct int32_list *types, struct error *err) {
    struct int32_list allowed;
    if (!policy->allowed_keysalts.len)
        return OBOL_OK;
    TRY(keysalts(policy->allowed_keysalts, &adm->scratch, &allowed, err));
    if (!types->count)
        *types = allowed;
    for (size_t i = 0; i < types->count; i++) {
        const struct enctype *e = enctype_find(types->items[i]);
        if (!has(&allowed, types->items[i]))
            error_fact(err, "rule", "allowed-keysalts");
        ENSURE(has(&allowed, types->items[i]), INVALID_ARGUMENT,
               "the policy %.*s allows keys of %.*s, not of %s", SLICE_ARG(policy->name),
               SLICE_ARG(policy->allowed_keysalts), e ? enctype_name(e) : "that enctype");
    }
    return OBOL_OK;
}

static enum obol_code check_policy(struct admin *adm, const struct policy *p, struct error *err) {
    struct int32_list allowed;
    ENSURE(!p->max_life || p->min_life <= p->max_life, INVALID_ARGUMENT,
           "min-life is longer than max-life: no password could be changed in time");
    if (p->allowed_keysalts.len)
        TRY(keysalts(p->allowed_keysalts, &adm->scratch, &allowed, err));
    return OBOL_OK;
}

static enum obol_code add_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    const struct policy *p = arg;
    struct policy there;
    audit_name(adm, p->name);
    enum obol_code code = policy_get(store_write_snapshot(w), p->name, &there, NULL);
    ENSURE(code != OBOL_OK, EXISTS, "the policy %.*s", SLICE_ARG(p->name));
    TRY(check_policy(adm, p, err));
    return policy_put(w, p, &adm->scratch, err);
}

enum obol_code admin_policy_add(struct admin *adm, const struct policy *p, struct error *err) {
    struct policy own = *p;
    return op_write(adm, add_step, &own, err);
}

struct set_args {
    struct slice name;
    const struct admin_policy_change *changes;
    size_t count;
};

static enum obol_code set_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    const struct set_args *args = arg;
    struct policy p;
    audit_name(adm, args->name);
    TRY(policy_get(store_write_snapshot(w), args->name, &p, err));
    struct slice own;
    ENSURE(arena_copy(&adm->scratch, p.allowed_keysalts, &own), NO_MEMORY, "a policy");
    p.allowed_keysalts = own;
    for (size_t i = 0; i < args->count; i++) {
        const struct admin_policy_change *c = &args->changes[i];
        if (c->member->kind == POLICY_TEXT)
            p.allowed_keysalts = c->text;
        else
            *policy_number(&p, c->member) = c->number;
    }
    TRY(check_policy(adm, &p, err));
    return policy_put(w, &p, &adm->scratch, err);
}

enum obol_code admin_policy_set(struct admin *adm, struct slice name,
                                const struct admin_policy_change *changes, size_t count,
                                struct error *err) {
    struct set_args args = {name, changes, count};
    return op_write(adm, set_step, &args, err);
}

static enum obol_code remove_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    const struct slice *name = arg;
    audit_name(adm, *name);
    return policy_delete(w, *name, err);
}

enum obol_code admin_policy_remove(struct admin *adm, struct slice name, struct error *err) {
    return op_write(adm, remove_step, &name, err);
}

static enum obol_code own_copy(const struct policy *p, struct arena *a, struct policy *out,
                               struct error *err) {
    *out = *p;
    ENSURE(arena_copy(a, p->name, &out->name) &&
               arena_copy(a, p->allowed_keysalts, &out->allowed_keysalts),
           NO_MEMORY, "no memory for a policy");
    return OBOL_OK;
}

enum obol_code admin_policy_get(struct admin *adm, struct slice name, struct arena *a,
                                struct policy *out, struct error *err) {
    struct store_read *r;
    struct policy p;
    TRY(store_read_begin(adm->store, &r, err));
    enum obol_code code = policy_get(r, name, &p, err);
    if (code == OBOL_OK)
        code = own_copy(&p, a, out, err);
    store_read_end(r);
    return code;
}

enum obol_code admin_policy_list(struct admin *adm, struct slice pattern, void *ctx,
                                 enum obol_code (*each)(void *ctx, const struct policy *p,
                                                        struct error *err),
                                 struct error *err) {
    struct store_read *r;
    struct policy p = {0};
    TRY(store_read_begin(adm->store, &r, err));
    enum obol_code code, result = OBOL_OK;
    while ((code = policy_next(r, &p, NULL)) == OBOL_OK && result == OBOL_OK)
        if (!pattern.len || op_match(pattern, p.name))
            result = each(ctx, &p, err);
    if (code != OBOL_OK && code != OBOL_NOT_FOUND)
        result = policy_next(r, &p, err);
    store_read_end(r);
    return result;
}
