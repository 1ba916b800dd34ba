// face_kadmin_local.c: kadmin.local: the requests of kadmin on the realm's own database.
#include "cli/face_kadmin.h"

static enum obol_code add(struct kadmin *k, const struct admin_new_principal *p,
                          struct error *err) {
    return admin_principal_add(k->adm, p, err);
}

static enum obol_code set(struct kadmin *k, struct slice name, const struct admin_change *change,
                          struct error *err) {
    return admin_principal_set(k->adm, name, change, err);
}

static enum obol_code password(struct kadmin *k, struct slice name, const struct admin_keys *keys,
                               struct error *err) {
    return admin_principal_password(k->adm, name, keys, NULL, err);
}

static enum obol_code purge(struct kadmin *k, struct slice name, uint32_t keep_from,
                            struct error *err) {
    size_t removed;
    return admin_principal_purge(k->adm, name, keep_from, &removed, err);
}

static enum obol_code rename_one(struct kadmin *k, struct slice from, struct slice to,
                                 struct error *err) {
    return admin_principal_rename(k->adm, from, to, err);
}

static enum obol_code remove_one(struct kadmin *k, struct slice name, struct error *err) {
    struct record r;
    TRY(admin_principal_get(k->adm, name, k->cli->arena, &r, err));
    if (slice_eq(r.name, name))
        return admin_principal_delete(k->adm, name, err);
    const struct admin_change change = {.aliases_no = {&name, 1}};
    return admin_principal_set(k->adm, r.name, &change, err);
}

static enum obol_code get(struct kadmin *k, struct slice name, struct record *out, uint32_t *master,
                          struct error *err) {
    TRY(admin_principal_get(k->adm, name, k->cli->arena, out, err));
    out->max_life = out->max_life ? out->max_life : k->adm->max_life;
    out->max_renew = out->max_renew ? out->max_renew : k->adm->max_renew;
    *master = out->keys.count ? out->keys.items[0].master : 0;
    return OBOL_OK;
}

static enum obol_code strings(struct kadmin *k, struct slice name,
                              struct record_attribute_list *out, struct error *err) {
    struct record r;
    TRY(admin_principal_get(k->adm, name, k->cli->arena, &r, err));
    *out = r.attributes;
    return OBOL_OK;
}

static enum obol_code each_principal(void *ctx, const struct record *r, struct error *err) {
    const struct kadmin_names *each = ctx;
    return each->name(each->ctx, r->name, err);
}

static enum obol_code list(struct kadmin *k, struct slice pattern, const struct kadmin_names *each,
                           struct error *err) {
    struct kadmin_names names = *each;
    const struct admin_visitor visitor = {.ctx = &names, .each = each_principal};
    return admin_principal_list(k->adm, pattern, &visitor, err);
}

static enum obol_code keys(struct kadmin *k, struct slice name, const struct admin_keys *rotate,
                           struct admin_keytab *out, struct error *err) {
    return admin_keytab_keys(k->adm, name, rotate, k->cli->arena, out, err);
}

static enum obol_code add_policy(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err) {
    // What MIT krb5 starts from; its checks by word and name hold wherever there is a policy.
    struct policy p = {.name = name,
                       .min_length = 1,
                       .min_classes = 1,
                       .history = 1,
                       .dictionary = 1,
                       .similar = 1};
    if (k->adm->dictionary_missing) {
        kadmin_say(k, KADMIN_REMARK,
                   "WARNING! Cannot find the dictionary file, continuing without one.");
        p.dictionary = 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].member->kind == POLICY_TEXT)
            p.allowed_keysalts = changes[i].text;
        else
            *policy_number(&p, changes[i].member) = changes[i].number;
    }
    return admin_policy_add(k->adm, &p, err);
}

static enum obol_code set_policy(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err) {
    return admin_policy_set(k->adm, name, changes, count, err);
}

static enum obol_code remove_policy(struct kadmin *k, struct slice name, struct error *err) {
    return admin_policy_remove(k->adm, name, err);
}

static enum obol_code get_policy(struct kadmin *k, struct slice name, struct policy *out,
                                 struct error *err) {
    return admin_policy_get(k->adm, name, k->cli->arena, out, err);
}

static enum obol_code each_policy(void *ctx, const struct policy *p, struct error *err) {
    const struct kadmin_names *each = ctx;
    return each->name(each->ctx, p->name, err);
}

static enum obol_code list_policies(struct kadmin *k, struct slice pattern,
                                    const struct kadmin_names *each, struct error *err) {
    struct kadmin_names names = *each;
    return admin_policy_list(k->adm, pattern, &names, each_policy, err);
}

static enum obol_code privileges(struct kadmin *k, uint32_t *out, struct error *err) {
    UNUSED(k);
    UNUSED(err);
    *out = KADMIN_INQUIRE | KADMIN_ADD | KADMIN_MODIFY | KADMIN_DELETE;
    return OBOL_OK;
}

static enum obol_code lock(struct kadmin *k, struct error *err) {
    return admin_lock(k->adm, err);
}

static enum obol_code unlock(struct kadmin *k, struct error *err) {
    UNUSED(err);
    if (k->locks == 0)
        admin_unlock(k->adm);
    return OBOL_OK;
}

const struct kadmin_back KADMIN_BACK_LOCAL = {
    .add = add,
    .set = set,
    .password = password,
    .purge = purge,
    .rename = rename_one,
    .remove = remove_one,
    .get = get,
    .strings = strings,
    .list = list,
    .keys = keys,
    .policy_add = add_policy,
    .policy_set = set_policy,
    .policy_remove = remove_policy,
    .policy_get = get_policy,
    .policy_list = list_policies,
    .privileges = privileges,
    .lock = lock,
    .unlock = unlock,
};

static enum obol_code open_realm(struct kadmin *k, const struct kadmin_options *o,
                                 struct error *err) {
    struct face_place place;
    struct int32_list enctypes = {0};
    TRY(face_place(k->cli, o->realm, &place, err));
    if (o->database)
        place.home = o->database;
    if (o->enctypes)
        TRY(kadmin_enctypes(k, o->enctypes, &enctypes, err));
    TRY(face_realm_open(k->cli, &place, &k->adm, err));
    if (enctypes.count)
        k->adm->enctypes = enctypes; // of the keys that this session makes
    k->realm = k->adm->realm;
    return OBOL_OK;
}

static enum obol_code kadmin_local(struct cli *c, int argc, char **argv, int *status,
                                   struct error *err) {
    char **own;
    struct kadmin_options o;
    struct kadmin k = {.cli = c, .back = &KADMIN_BACK_LOCAL};
    TRY(kadmin_take_words(c, argc, argv, &own, err));
    TRY(kadmin_take_options(argc, own, &o, err));
    TRY(open_realm(&k, &o, err));
    // A query of several words is a script's: it is asked nothing and told errors only.
    k.scripted = !o.query && o.words < argc;
    if (!k.scripted)
        face_say(c, "Authenticating as principal %.*s/admin@%.*s with password.",
                 SLICE_ARG(k.adm->actor), SLICE_ARG(k.realm));
    *status = kadmin_session(&k, &o, argc, own);
    admin_close(k.adm);
    return OBOL_OK;
}

const struct face FACE_KADMIN_LOCAL = {
    "kadmin.local",
    "[-r realm] [-p principal] [-q query] [-d dbname] [-x db_args] [-e \"enc:salt ...\"] [command "
    "args...]",
    1,
    kadmin_local,
};
