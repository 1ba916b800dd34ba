// spn.c: service principal names: aliases of an account, or services of their own.
#include "admin/op.h"

static enum obol_code check_spn(struct admin *adm, struct slice spn, struct principal *p,
                                struct slice *text, struct error *err) {
    TRY(op_name(adm, spn, p, text, err));
    ENSURE(p->name.name_string.count >= 2, NAME_MALFORMED,
           "%.*s has one component; a service principal name has two, as HTTP/www.example.com",
           SLICE_ARG(spn));
    ENSURE(!principal_is_krbtgt(&p->name), NAME_MALFORMED, "%.*s is a ticket-granting service",
           SLICE_ARG(spn));
    return OBOL_OK;
}

static enum obol_code add_service(struct admin *adm, struct store_write *w,
                                  const struct admin_new_spn *in, struct error *err) {
    struct op_new new = {
        .principal = {.name = in->spn, .kind = ADMIN_SERVICE, .keys = in->keys},
        .kvno = 1,
    };
    TRY(store_draw_ids(w, 1, &new.id, err));
    return op_add(adm, w, &new, err);
}

static enum obol_code add_alias(struct admin *adm, struct store_write *w, struct slice spn,
                                const struct admin_new_spn *in, struct error *err) {
    struct principal p;
    struct slice account;
    struct record r;
    TRY(op_name(adm, in->account, &p, &account, err));
    TRY(op_fetch(store_write_snapshot(w), account, &adm->scratch, &r, err));
    bool guessable = !in->allow_password_keys && op_keys_from_password(&r);
    if (guessable)
        error_remedy(err, "Register the SPN without an account, or say --allow-password-keys.");
    ENSURE(!guessable, KDC_ERR_POLICY,
           "the keys of %.*s come from a password, which anybody with a ticket to %.*s could guess "
           "at home; give it random keys, or register the SPN without an account",
           SLICE_ARG(r.name), SLICE_ARG(spn));
    struct slice *aliases = arena_zalloc(&adm->scratch, r.aliases.count + 1, sizeof *aliases);
    ENSURE_MEMORY(aliases);
    for (size_t i = 0; i < r.aliases.count; i++)
        aliases[i] = r.aliases.items[i];
    aliases[r.aliases.count] = spn;
    r.aliases = (struct slice_list){aliases, r.aliases.count + 1};
    r.flags &= ~(uint32_t)RECORD_NO_SERVER;
    op_stamp(adm, &r);
    return store_put(w, &r, err);
}

static enum obol_code add_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    const struct admin_new_spn *in = arg;
    struct principal p;
    struct slice spn, taken;
    TRY(check_spn(adm, in->spn, &p, &spn, err));
    TRY(op_new_name(adm, spn, &p, &spn, err));
    if (store_get(store_write_snapshot(w), spn, &taken, NULL) == OBOL_OK)
        return error_set(err, OBOL_PRINCIPAL_EXISTS, __func__, "%.*s belongs to %.*s",
                         SLICE_ARG(spn), SLICE_ARG(record_name(taken)));
    return in->account.len ? add_alias(adm, w, spn, in, err) : add_service(adm, w, in, err);
}

enum obol_code admin_spn_add(struct admin *adm, const struct admin_new_spn *spn,
                             struct error *err) {
    struct admin_new_spn in = *spn;
    return op_write(adm, add_step, &in, err);
}

struct delete_args {
    struct slice spn;
    bool was_alias;
};

static enum obol_code delete_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    struct delete_args *args = arg;
    struct principal p;
    struct slice spn;
    struct record r;
    TRY(check_spn(adm, args->spn, &p, &spn, err));
    TRY(op_fetch(store_write_snapshot(w), spn, &adm->scratch, &r, err));
    args->was_alias = !slice_eq(r.name, spn);
    if (!args->was_alias) {
        ENSURE(op_is_service(&r), INVALID_ARGUMENT, "%.*s is a user; delete it as a principal",
               SLICE_ARG(spn));
        return store_delete(w, spn, err);
    }
    size_t kept = 0;
    for (size_t i = 0; i < r.aliases.count; i++)
        if (!slice_eq(r.aliases.items[i], spn))
            r.aliases.items[kept++] = r.aliases.items[i];
    r.aliases.count = kept;
    op_stamp(adm, &r);
    return store_put(w, &r, err);
}

enum obol_code admin_spn_delete(struct admin *adm, struct slice spn, bool *was_alias,
                                struct error *err) {
    struct delete_args args = {spn, false};
    TRY(op_write(adm, delete_step, &args, err));
    if (was_alias)
        *was_alias = args.was_alias;
    return OBOL_OK;
}

struct spn_list {
    struct slice pattern;
    void *ctx;
    enum obol_code (*each)(void *ctx, const struct admin_spn *spn, struct error *err);
};

static enum obol_code list_record(void *ctx, const struct record *r, struct error *err) {
    const struct spn_list *list = ctx;
    if (op_is_service(r) && op_match_name(list->pattern, r->name)) {
        struct admin_spn own = {r->name, r, false};
        TRY(list->each(list->ctx, &own, err));
    }
    for (size_t i = 0; i < r->aliases.count; i++) {
        struct admin_spn alias = {r->aliases.items[i], r, true};
        if (op_components(alias.spn) > 1 && op_match_name(list->pattern, alias.spn))
            TRY(list->each(list->ctx, &alias, err));
    }
    return OBOL_OK;
}

enum obol_code admin_spn_list(struct admin *adm, struct slice pattern, void *ctx,
                              enum obol_code (*each)(void *ctx, const struct admin_spn *spn,
                                                     struct error *err),
                              struct error *err) {
    struct spn_list list = {pattern, ctx, each};
    struct admin_visitor visitor = {.ctx = &list, .each = list_record};
    return admin_principal_list(adm, (struct slice){0}, &visitor, err);
}
