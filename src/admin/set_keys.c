// set_keys.c: keys that somebody brings along (kadmin's setkey) in place of those that a principal
// has.
#include "admin/op.h"

struct set_args {
    struct slice name;
    const struct admin_ready_keys *keys;
};

// The facts name the rule, for programs that have a number for each.
static enum obol_code check_enctypes(const struct admin_ready_keys *keys, struct error *err) {
    ENSURE(keys->count > 0 && keys->count <= ADMIN_ENCTYPES_MAX, INVALID_ARGUMENT,
           "%zu keys; 1 to %d", keys->count, ADMIN_ENCTYPES_MAX);
    for (size_t i = 0; i < keys->count; i++) {
        const struct admin_ready_key *k = &keys->items[i];
        const struct enctype *e = enctype_find(k->enctype);
        ENSURE(e, ENCTYPE_UNSUPPORTED, "enctype %d", k->enctype);
        ENSURE(k->bytes.len == enctype_key_length(e), KEY_LENGTH, "%zu bytes for %s, which has %zu",
               k->bytes.len, enctype_name(e), enctype_key_length(e));
        for (size_t j = 0; j < i; j++) {
            bool same = keys->items[j].enctype == k->enctype;
            if (same)
                error_fact(err, "rule", "enctype");
            ENSURE(!same, INVALID_ARGUMENT, "two keys of %s", enctype_name(e));
        }
    }
    return OBOL_OK;
}

static enum obol_code choose_kvno(const struct admin_ready_keys *keys, const struct record *r,
                                  size_t kept, uint32_t *kvno, struct error *err) {
    *kvno = keys->kvno;
    if (*kvno == 0) {
        ENSURE(record_newest_kvno(r) < UINT32_MAX, INVALID_ARGUMENT, "no key version is left");
        *kvno = record_newest_kvno(r) + 1;
    }
    for (size_t i = 0; i < kept; i++) {
        bool taken = r->keys.items[i].kvno == *kvno;
        if (taken)
            error_fact(err, "rule", "kvno");
        ENSURE(!taken, INVALID_ARGUMENT, "there are keys of kvno %u already", *kvno);
    }
    return OBOL_OK;
}

static enum obol_code seal_keys(struct admin *adm, const struct admin_ready_keys *keys,
                                uint32_t kvno, const struct principal *p, uint64_t id,
                                struct record_key *out, struct error *err) {
    struct slice usual;
    TRY(principal_salt(p, &adm->scratch, &usual, err));
    for (size_t i = 0; i < keys->count; i++) {
        const struct admin_ready_key *k = &keys->items[i];
        out[i] = (struct record_key){
            .kvno = kvno,
            .enctype = k->enctype,
            .salt_type = k->has_salt ? RECORD_SALT_SPECIAL : RECORD_SALT_NORMAL,
            .salt = k->has_salt ? k->salt : usual,
        };
        TRY(master_seal(adm->master, adm->env, id, &out[i], k->bytes, &adm->scratch, err));
    }
    return OBOL_OK;
}

// The newest version stands first, also when these are of an older one.
static enum obol_code lay_keys(struct admin *adm, const struct admin_ready_keys *keys,
                               const struct principal *p, struct record *r, struct error *err) {
    size_t kept = op_keys_kept(r, keys->keep_old), n = 0;
    uint32_t kvno;
    TRY(choose_kvno(keys, r, kept, &kvno, err));
    struct record_key *list = arena_zalloc(&adm->scratch, keys->count + kept, sizeof *list);
    ENSURE_MEMORY(list);
    size_t newer = 0;
    while (newer < kept && r->keys.items[newer].kvno > kvno)
        list[n++] = r->keys.items[newer++];
    TRY(seal_keys(adm, keys, kvno, p, r->id, list + n, err));
    n += keys->count;
    for (size_t i = newer; i < kept; i++)
        list[n++] = r->keys.items[i];
    r->keys = (struct record_key_list){list, n};
    return OBOL_OK;
}

static enum obol_code follow_policy(struct admin *adm, struct store_write *w,
                                    const struct admin_ready_keys *keys, struct record *r,
                                    struct error *err) {
    struct policy policy;
    struct int32_list types = {0};
    bool found;
    types.items = arena_zalloc(&adm->scratch, keys->count, sizeof *types.items);
    ENSURE_MEMORY(types.items);
    for (; types.count < keys->count; types.count++)
        types.items[types.count] = keys->items[types.count].enctype;
    TRY(op_policy_of(store_write_snapshot(w), r->policy, &policy, &found, err));
    TRY(op_policy_enctypes(adm, &policy, &types, err));
    if (policy.history > 1) // the password that goes does not come again either
        TRY(op_password_remember(adm, &policy, r, err));
    r->password_changed = env_now(adm->env);
    r->password_expires = policy.max_life ? r->password_changed + policy.max_life : 0;
    return OBOL_OK;
}

static enum obol_code set_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    const struct set_args *args = arg;
    struct principal asked, p;
    struct slice text;
    struct record r;
    TRY(op_name(adm, args->name, &asked, &text, err));
    TRY(check_enctypes(args->keys, err));
    TRY(op_fetch(store_write_snapshot(w), text, &adm->scratch, &r, err));
    TRY(op_name(adm, r.name, &p, &text, err));
    TRY(op_keys_unlocked(adm, &r, err));
    TRY(follow_policy(adm, w, args->keys, &r, err));
    TRY(lay_keys(adm, args->keys, &p, &r, err));
    r.flags &= ~(uint32_t)RECORD_NEEDS_CHANGE;
    op_stamp(adm, &r);
    return store_put(w, &r, err);
}

enum obol_code admin_principal_keys(struct admin *adm, struct slice name,
                                    const struct admin_ready_keys *keys, struct error *err) {
    struct set_args args = {name, keys};
    return op_write(adm, set_step, &args, err);
}
