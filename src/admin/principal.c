// principal.c: adding, changing, renaming, deleting and showing principals.
#include "admin/audit.h"
#include "admin/op.h"

// ---- add ----

static enum obol_code seal_ready(struct admin *adm, const struct op_new *new, struct record *r,
                                 struct error *err) {
    struct record_key *keys = arena_zalloc(&adm->scratch, new->ready_count, sizeof *keys);
    ENSURE_MEMORY(keys);
    for (size_t i = 0; i < new->ready_count; i++) {
        keys[i] = (struct record_key){
            .kvno = new->kvno,
            .enctype = new->ready[i].enctype,
            .salt_type = new->ready_has_salt ? RECORD_SALT_SPECIAL : RECORD_SALT_RANDOM,
            .salt = new->ready_salt,
            .iterations =
                enctype_iterations(enctype_find(new->ready[i].enctype), new->ready_iterations),
        };
        TRY(master_seal(adm->master, adm->env, r->id, &keys[i], new->ready[i].bytes, &adm->scratch,
                        err));
    }
    r->keys = (struct record_key_list){keys, new->ready_count};
    r->password_changed = env_now(adm->env);
    return OBOL_OK;
}

static uint32_t first_flags(const struct admin *adm, const struct admin_new_principal *p) {
    uint32_t flags = adm->require_preauth ? RECORD_REQUIRES_PREAUTH : 0;
    if (p->kind == ADMIN_USER)
        flags |= RECORD_NO_SERVER;
    flags = (flags | adm->default_set) & ~adm->default_clear;
    return (flags | p->set_flags) & ~p->clear_flags;
}

static enum obol_code check_times(int64_t max_life, int64_t max_renew, struct error *err) {
    ENSURE(max_life >= 0 && max_renew >= 0, INVALID_ARGUMENT, "a lifetime below zero");
    return OBOL_OK;
}

static enum obol_code first_keys(struct admin *adm, struct store_write *w, const struct op_new *new,
                                 const struct principal *p, struct record *r, struct error *err) {
    struct policy policy;
    struct admin_keys keys = new->principal.keys;
    bool found;
    TRY(op_policy_of(store_write_snapshot(w), r->policy, &policy, &found, err));
    if (found && keys.password)
        TRY(op_password_quality(adm, &policy, p, *keys.password, err));
    TRY(op_policy_enctypes(adm, &policy, &keys.enctypes, err));
    TRY(op_keys_add(adm, p, &keys, new->kvno, r, err));
    if (policy.max_life && !r->password_expires)
        r->password_expires = r->password_changed + policy.max_life;
    return OBOL_OK;
}

enum obol_code op_add(struct admin *adm, struct store_write *w, const struct op_new *new,
                      struct error *err) {
    const struct admin_new_principal *in = &new->principal;
    struct principal p;
    struct slice text, aliases[COUNT_OF(new->aliases)];
    TRY(op_new_name(adm, in->name, &p, &text, err));
    TRY(check_times(in->max_life, in->max_renew, err));
    for (size_t i = 0; i < new->alias_count; i++) {
        struct principal alias;
        TRY(op_new_name(adm, new->aliases[i], &alias, &aliases[i], err));
    }
    struct record r = {
        .name = text,
        .id = new->id,
        .flags = first_flags(adm, in),
        .name_type = p.name.name_type,
        .max_life = in->max_life,
        .max_renew = in->max_renew,
        .expires = in->expires,
        .password_expires = in->password_expires,
        .policy = in->policy,
        .attributes = in->attributes,
        .aliases = {aliases, new->alias_count},
        .created = env_now(adm->env),
    };
    op_stamp(adm, &r);
    if (new->ready_count)
        TRY(seal_ready(adm, new, &r, err));
    else if (!in->keys.none)
        TRY(first_keys(adm, w, new, &p, &r, err));
    TRY(store_put(w, &r, err));
    return audit_done(adm, err);
}

static enum obol_code check_attributes(const struct record_attribute_list *list,
                                       struct error *err) {
    for (size_t i = 0; i < list->count; i++)
        ENSURE(!record_attribute_reserved(&list->items[i]), INVALID_ARGUMENT,
               "the attribute %.*s: names that begin with obol. are reserved",
               SLICE_ARG(list->items[i].name));
    return OBOL_OK;
}

static enum obol_code add_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    struct op_new *new = arg;
    struct principal p;
    struct slice text;
    TRY(op_name(adm, new->principal.name, &p, &text, err)); // first: a refusal is to name it
    TRY(check_attributes(&new->principal.attributes, err));
    TRY(store_draw_ids(w, 1, &new->id, err));
    return op_add(adm, w, new, err);
}

enum obol_code admin_principal_add(struct admin *adm, const struct admin_new_principal *p,
                                   struct error *err) {
    struct op_new new = {.principal = *p, .kvno = p->keys.kvno ? p->keys.kvno : 1};
    return op_write(adm, add_step, &new, err);
}

// ---- set ----

struct set_args {
    struct slice name;
    const struct admin_change *change;
};

static void set_attribute(struct record_attribute_list *list, struct record_attribute item) {
    size_t i = 0;
    while (i < list->count && !slice_eq(list->items[i].name, item.name))
        i++;
    if (item.value.ptr) {
        list->items[i] = item;
        list->count += i == list->count;
    } else if (i < list->count) {
        list->items[i] = list->items[--list->count];
    }
}

static enum obol_code set_attributes(struct admin *adm, const struct admin_change *c,
                                     struct record *r, struct error *err) {
    TRY(check_attributes(&c->attributes, err));
    struct record_attribute_list list = {0};
    size_t room = r->attributes.count + c->attributes.count;
    list.items = arena_zalloc(&adm->scratch, room, sizeof *list.items);
    ENSURE_MEMORY(list.items);
    for (; list.count < r->attributes.count; list.count++)
        list.items[list.count] = r->attributes.items[list.count];
    for (size_t i = 0; i < c->attributes.count; i++)
        set_attribute(&list, c->attributes.items[i]);
    r->attributes = list;
    return OBOL_OK;
}

// A password's age is measured by the policy that its owner has now.
static enum obol_code set_policy(struct store_write *w, struct slice name, struct record *r,
                                 struct error *err) {
    struct policy policy;
    bool found;
    TRY(op_policy_of(store_write_snapshot(w), name, &policy, &found, err));
    r->policy = name;
    r->password_expires = policy.max_life ? r->password_changed + policy.max_life : 0;
    return OBOL_OK;
}

// Tickets that are out under the former number open no more: whoever moves keys here knows it.
static enum obol_code set_kvno(uint32_t kvno, struct record *r, struct error *err) {
    uint32_t newest = record_newest_kvno(r);
    ENSURE(newest > 0, KDC_ERR_NULL_KEY, "%.*s", SLICE_ARG(r->name));
    ENSURE(kvno > 0, INVALID_ARGUMENT, "kvno 0");
    for (size_t i = 0; i < r->keys.count; i++) {
        struct record_key *key = &r->keys.items[i];
        if (key->kvno == newest)
            key->kvno = kvno;
        else
            ENSURE(key->kvno < kvno, INVALID_ARGUMENT, "kvno %u: older keys of kvno %u are there",
                   kvno, key->kvno);
    }
    return OBOL_OK;
}

static enum obol_code set_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    const struct set_args *args = arg;
    const struct admin_change *c = args->change;
    struct principal p;
    struct slice text;
    struct record r;
    TRY(op_name(adm, args->name, &p, &text, err));
    TRY(op_fetch(store_write_snapshot(w), text, &adm->scratch, &r, err));
    TRY(check_times(c->max_life, c->max_renew, err));
    r.max_life = c->present & ADMIN_SET_MAX_LIFE ? c->max_life : r.max_life;
    r.max_renew = c->present & ADMIN_SET_MAX_RENEW ? c->max_renew : r.max_renew;
    r.expires = c->present & ADMIN_SET_EXPIRES ? c->expires : r.expires;
    if (c->present & ADMIN_SET_POLICY)
        TRY(set_policy(w, c->policy, &r, err));
    if (c->present & ADMIN_SET_PASSWORD_EXPIRES)
        r.password_expires = c->password_expires;
    if (c->present & ADMIN_SET_KVNO)
        TRY(set_kvno(c->kvno, &r, err));
    // Who may not use the keys of a principal may not make it one whose keys he may use.
    if (c->clear_flags & RECORD_LOCKDOWN_KEYS)
        TRY(op_keys_unlocked(adm, &r, err));
    r.flags = (r.flags | c->set_flags) & ~c->clear_flags;
    if (c->unlock) {
        r.flags &= ~(uint32_t)RECORD_LOCKED;
        r.failures = 0;
        r.unlocked = env_now(adm->env);
    }
    if (c->attributes.count)
        TRY(set_attributes(adm, c, &r, err));
    struct store_read *now = store_write_snapshot(w);
    TRY(op_delegates_change(adm, now, &r.delegate_to, &c->delegate_to, &c->delegate_to_no, false,
                            err));
    TRY(op_delegates_change(adm, now, &r.delegate_from, &c->delegate_from, &c->delegate_from_no,
                            true, err));
    TRY(op_aliases_change(adm, &r, &c->aliases, &c->aliases_no, err));
    op_stamp(adm, &r);
    return store_put(w, &r, err);
}

enum obol_code admin_principal_set(struct admin *adm, struct slice name,
                                   const struct admin_change *change, struct error *err) {
    struct set_args args = {name, change};
    return op_write(adm, set_step, &args, err);
}

// ---- password ----

struct password_args {
    struct slice name;
    const struct admin_keys *keys;
    uint32_t kvno;
};

static enum obol_code next_keys(struct admin *adm, struct store_write *w, const struct principal *p,
                                const struct password_args *args, struct record *r,
                                struct error *err) {
    struct policy policy;
    struct admin_keys keys = *args->keys;
    bool found;
    TRY(op_policy_of(store_write_snapshot(w), r->policy, &policy, &found, err));
    if (found)
        TRY(op_password_check(adm, &policy, p, r, &keys, err));
    TRY(op_policy_enctypes(adm, &policy, &keys.enctypes, err));
    if (policy.history > 1)
        TRY(op_password_remember(adm, &policy, r, err));
    TRY(op_keys_add(adm, p, &keys, args->kvno, r, err));
    r->password_expires = policy.max_life ? r->password_changed + policy.max_life : 0;
    return OBOL_OK;
}

static enum obol_code password_step(struct admin *adm, struct store_write *w, void *arg,
                                    struct error *err) {
    struct password_args *args = arg;
    struct principal asked, p;
    struct slice text;
    struct record r;
    TRY(op_name(adm, args->name, &asked, &text, err));
    TRY(op_fetch(store_write_snapshot(w), text, &adm->scratch, &r, err));
    // The salt is that of the principal, whatever alias it was named by.
    TRY(op_name(adm, r.name, &p, &text, err));
    if (args->keys->password) // random keys stay here: nobody learns them
        TRY(op_keys_unlocked(adm, &r, err));
    ENSURE(record_newest_kvno(&r) < UINT32_MAX, INVALID_ARGUMENT, "no key version is left");
    args->kvno = record_newest_kvno(&r) + 1;
    TRY(next_keys(adm, w, &p, args, &r, err));
    r.flags &= ~(uint32_t)RECORD_NEEDS_CHANGE;
    op_stamp(adm, &r);
    return store_put(w, &r, err);
}

enum obol_code admin_principal_password(struct admin *adm, struct slice name,
                                        const struct admin_keys *keys, uint32_t *kvno,
                                        struct error *err) {
    struct password_args args = {name, keys, 0};
    TRY(op_write(adm, password_step, &args, err));
    if (kvno)
        *kvno = args.kvno;
    return OBOL_OK;
}

// ---- rename and delete ----

static enum obol_code refuse_own_krbtgt(struct admin *adm, const struct principal *p,
                                        struct error *err) {
    struct principal own;
    TRY(principal_krbtgt(adm->realm, adm->realm, &adm->scratch, &own, err));
    ENSURE(!principal_eq(p, &own), INVALID_ARGUMENT,
           "krbtgt/%.*s is the realm's own ticket-granting service: no realm works without it",
           SLICE_ARG(adm->realm));
    return OBOL_OK;
}

struct purge_args {
    struct slice name;
    uint32_t keep_from;
    size_t removed;
};

static enum obol_code purge_step(struct admin *adm, struct store_write *w, void *arg,
                                 struct error *err) {
    struct purge_args *args = arg;
    struct principal p;
    struct slice text;
    struct record r;
    TRY(op_name(adm, args->name, &p, &text, err));
    TRY(op_fetch(store_write_snapshot(w), text, &adm->scratch, &r, err));
    uint32_t newest = record_newest_kvno(&r), from = args->keep_from ? args->keep_from : newest;
    if (from > newest) {
        TRY(op_name(adm, r.name, &p, &text, err));
        TRY(refuse_own_krbtgt(adm, &p, err));
    }
    size_t kept = 0;
    for (size_t i = 0; i < r.keys.count; i++)
        if (r.keys.items[i].kvno >= from && from != UINT32_MAX)
            r.keys.items[kept++] = r.keys.items[i];
    args->removed = r.keys.count - kept;
    r.keys.count = kept;
    op_stamp(adm, &r);
    return store_put(w, &r, err);
}

enum obol_code admin_principal_purge(struct admin *adm, struct slice name, uint32_t keep_from,
                                     size_t *removed, struct error *err) {
    struct purge_args args = {name, keep_from, 0};
    enum obol_code code = op_write(adm, purge_step, &args, err);
    *removed = code == OBOL_OK ? args.removed : 0;
    return code;
}

static enum obol_code rename_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    struct slice *names = arg; // from, to
    struct principal from, to;
    struct slice from_text, to_text, taken;
    struct record r;
    TRY(op_name(adm, names[0], &from, &from_text, err));
    TRY(op_new_name(adm, names[1], &to, &to_text, err));
    TRY(refuse_own_krbtgt(adm, &from, err));
    TRY(op_fetch(store_write_snapshot(w), from_text, &adm->scratch, &r, err));
    ENSURE(slice_eq(r.name, from_text), PRINCIPAL_NOT_FOUND, "%.*s is an alias of %.*s",
           SLICE_ARG(from_text), SLICE_ARG(r.name));
    TRY(op_keys_unlocked(adm, &r, err));
    ENSURE(store_get(store_write_snapshot(w), to_text, &taken, NULL) == OBOL_PRINCIPAL_NOT_FOUND,
           PRINCIPAL_EXISTS, "%.*s", SLICE_ARG(to_text));
    TRY(store_delete(w, from_text, err));
    r.name = to_text;
    r.name_type = to.name.name_type;
    for (size_t i = 0; i < r.keys.count; i++) // the salt is no longer the name's own
        if (r.keys.items[i].salt_type == RECORD_SALT_NORMAL)
            r.keys.items[i].salt_type = RECORD_SALT_SPECIAL;
    op_stamp(adm, &r);
    return store_put(w, &r, err);
}

enum obol_code admin_principal_rename(struct admin *adm, struct slice from, struct slice to,
                                      struct error *err) {
    struct slice names[2] = {from, to};
    return op_write(adm, rename_step, names, err);
}

static enum obol_code delete_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    const struct slice *name = arg;
    struct principal p;
    struct slice text;
    struct record r;
    TRY(op_name(adm, *name, &p, &text, err));
    TRY(refuse_own_krbtgt(adm, &p, err));
    // A damaged record can be deleted, too: at the realm's own machine.
    if (adm->by_network) {
        TRY(op_fetch(store_write_snapshot(w), text, &adm->scratch, &r, err));
        TRY(op_keys_unlocked(adm, &r, err));
    }
    return store_delete(w, text, err);
}

enum obol_code admin_principal_delete(struct admin *adm, struct slice name, struct error *err) {
    return op_write(adm, delete_step, &name, err);
}

// ---- show and list ----

enum obol_code admin_principal_get(struct admin *adm, struct slice name, struct arena *a,
                                   struct record *out, struct error *err) {
    struct principal p;
    struct slice text;
    struct store_read *r;
    arena_reset(&adm->scratch);
    TRY(op_name(adm, name, &p, &text, err));
    TRY(store_read_begin(adm->store, &r, err));
    enum obol_code code = op_fetch(r, text, a, out, err);
    store_read_end(r);
    arena_reset(&adm->scratch);
    return code;
}

static enum obol_code visit(struct admin *adm, struct slice name, struct slice bytes,
                            const struct admin_visitor *visitor, struct error *err) {
    struct record r;
    struct error why;
    error_init(&why);
    enum obol_code code = record_decode(bytes, &adm->scratch, &r, &why);
    if (code == OBOL_OK)
        return visitor->each(visitor->ctx, &r, err);
    if (!visitor->damaged)
        return error_set(err, code, __func__, "%.*s: %s", SLICE_ARG(name), why.detail);
    visitor->damaged(visitor->ctx, name, &why);
    return OBOL_OK;
}

static enum obol_code walk(struct admin *adm, struct store_read *r, struct slice pattern,
                           const struct admin_visitor *visitor, struct error *err) {
    struct slice name = {0}, bytes;
    enum obol_code code;
    while ((code = store_next(r, &name, &bytes, NULL)) == OBOL_OK) {
        if (!op_match_name(pattern, name))
            continue;
        code = visit(adm, name, bytes, visitor, err);
        arena_reset(&adm->scratch);
        TRY(code);
    }
    return code == OBOL_NOT_FOUND ? OBOL_OK : store_next(r, &name, &bytes, err);
}

enum obol_code admin_principal_list(struct admin *adm, struct slice pattern,
                                    const struct admin_visitor *visitor, struct error *err) {
    struct store_read *r;
    TRY(store_read_begin(adm->store, &r, err));
    enum obol_code code = walk(adm, r, pattern, visitor, err);
    store_read_end(r);
    return code;
}
