// trust.c: see trust.h.
#include "admin/trust.h"
#include "admin/audit.h"
#include "admin/op.h"
#include "proto/codes.h"

static const enum admin_trust_way WAYS[] = {ADMIN_TRUST_OUT, ADMIN_TRUST_IN};

enum obol_code admin_trust_name(const struct admin *adm, struct slice realm,
                                enum admin_trust_way way, struct arena *a, struct slice *out,
                                struct error *err) {
    struct principal p;
    bool leaves = way == ADMIN_TRUST_OUT;
    TRY(principal_krbtgt(leaves ? realm : adm->realm, leaves ? adm->realm : realm, a, &p, err));
    TRY(principal_check(&p, err));
    *out = principal_text(&p, a);
    ENSURE_MEMORY(out->ptr);
    return OBOL_OK;
}

static enum obol_code check_other(const struct admin *adm, struct slice realm, struct error *err) {
    ENSURE(realm.len > 0 && slice_find(realm, '@') == realm.len &&
               slice_find(realm, '/') == realm.len,
           NAME_MALFORMED, "the other realm is \"%.*s\"", SLICE_ARG(realm));
    ENSURE(!slice_eq(realm, adm->realm), INVALID_ARGUMENT, "%.*s is this realm itself",
           SLICE_ARG(realm));
    return OBOL_OK;
}

// ---- add ----

// The keys of a keytab for one direction.
static enum obol_code take_keys(struct admin *adm, const struct admin_keytab *keys,
                                struct slice name, struct op_new *new, struct error *err) {
    for (size_t i = 0; i < keys->count; i++) {
        const struct admin_keytab_key *key = &keys->items[i];
        bool newer = new->ready_count && key->kvno > new->kvno;
        if (!slice_eq(principal_text(&key->name, &adm->scratch), name) ||
            (new->ready_count && key->kvno < new->kvno))
            continue;
        if (newer)
            new->ready_count = 0;
        ENSURE(new->ready_count < ADMIN_ENCTYPES_MAX, INVALID_ARGUMENT,
               "the keytab has more than %d keys of %.*s", ADMIN_ENCTYPES_MAX, SLICE_ARG(name));
        new->kvno = key->kvno;
        new->ready[new->ready_count++] = (struct op_ready_key){key->enctype, key->bytes};
    }
    ENSURE(new->ready_count > 0, NOT_FOUND, "the keytab has no key of %.*s", SLICE_ARG(name));
    return OBOL_OK;
}

static enum obol_code add_way(struct admin *adm, struct store_write *w,
                              const struct admin_new_trust *trust, enum admin_trust_way way,
                              struct error *err) {
    struct slice name, taken;
    TRY(admin_trust_name(adm, trust->realm, way, &adm->scratch, &name, err));
    bool exists = store_get(store_write_snapshot(w), name, &taken, NULL) == OBOL_OK;
    if (exists)
        error_remedy(err, "Remove it first: obol realm trust remove %.*s", SLICE_ARG(trust->realm));
    ENSURE(!exists, EXISTS, "there is trust with %.*s already: %.*s", SLICE_ARG(trust->realm),
           SLICE_ARG(name));
    struct op_new *new = arena_zalloc(&adm->scratch, 1, sizeof *new);
    ENSURE_MEMORY(new);
    *new = (struct op_new){
        .principal = {.name = name,
                      .kind = ADMIN_SERVICE,
                      .keys = {.password = trust->password,
                               .enctypes = trust->enctypes,
                               .usual_iterations = true},
                      .set_flags = RECORD_NO_CLIENT,
                      .clear_flags = RECORD_REQUIRES_PREAUTH},
        .kvno = trust->kvno ? trust->kvno : 1,
    };
    if (trust->keys)
        TRY(take_keys(adm, trust->keys, name, new, err));
    TRY(store_draw_ids(w, 1, &new->id, err));
    return op_add(adm, w, new, err);
}

static enum obol_code add_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    const struct admin_new_trust *trust = arg;
    TRY(check_other(adm, trust->realm, err));
    ENSURE(trust->ways & ADMIN_TRUST_BOTH, INVALID_ARGUMENT, "trust in no direction");
    for (size_t i = 0; i < COUNT_OF(WAYS); i++)
        if (trust->ways & WAYS[i])
            TRY(add_way(adm, w, trust, WAYS[i], err));
    return OBOL_OK;
}

enum obol_code admin_trust_add(struct admin *adm, const struct admin_new_trust *trust,
                               struct error *err) {
    struct admin_new_trust in = *trust;
    return op_write(adm, add_step, &in, err);
}

// ---- remove ----

struct remove_args {
    struct slice realm;
    unsigned ways;
};

static enum obol_code remove_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    const struct remove_args *args = arg;
    bool removed = false;
    TRY(check_other(adm, args->realm, err));
    for (size_t i = 0; i < COUNT_OF(WAYS); i++) {
        struct slice name;
        if (!(args->ways & WAYS[i]))
            continue;
        TRY(admin_trust_name(adm, args->realm, WAYS[i], &adm->scratch, &name, err));
        enum obol_code code = store_delete(w, name, NULL);
        if (code == OBOL_PRINCIPAL_NOT_FOUND)
            continue;
        ENSURE(code == OBOL_OK, INTERNAL, "%.*s could not be deleted", SLICE_ARG(name));
        removed = true;
        audit_name(adm, name);
        TRY(audit_done(adm, err));
    }
    ENSURE(removed, NOT_FOUND, "there is no trust with %.*s", SLICE_ARG(args->realm));
    return OBOL_OK;
}

enum obol_code admin_trust_remove(struct admin *adm, struct slice realm, unsigned ways,
                                  struct error *err) {
    struct remove_args args = {realm, ways};
    return op_write(adm, remove_step, &args, err);
}

// ---- show and list ----

static enum obol_code get_way(struct admin *adm, struct slice realm, enum admin_trust_way way,
                              struct arena *a, const struct record **out, struct error *err) {
    struct slice name;
    struct record *r = arena_zalloc(a, 1, sizeof *r);
    ENSURE_MEMORY(r);
    *out = NULL;
    TRY(admin_trust_name(adm, realm, way, a, &name, err));
    enum obol_code code = admin_principal_get(adm, name, a, r, NULL);
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        return OBOL_OK;
    if (code != OBOL_OK)
        return admin_principal_get(adm, name, a, r, err);
    *out = r;
    return OBOL_OK;
}

enum obol_code admin_trust_get(struct admin *adm, struct slice realm, struct arena *a,
                               struct admin_trust *out, struct error *err) {
    *out = (struct admin_trust){.realm = realm};
    TRY(check_other(adm, realm, err));
    TRY(get_way(adm, realm, ADMIN_TRUST_OUT, a, &out->out, err));
    TRY(get_way(adm, realm, ADMIN_TRUST_IN, a, &out->in, err));
    ENSURE(out->out || out->in, NOT_FOUND, "there is no trust with %.*s", SLICE_ARG(realm));
    return OBOL_OK;
}

enum { TRUSTS_MAX = 4096 };

struct gathered {
    const struct admin *adm;
    struct arena *arena;
    struct slice *realms;
    size_t count;
};

static enum obol_code gather(void *ctx, const struct record *r, struct error *err) {
    struct gathered *g = ctx;
    struct principal p;
    TRY(principal_parse(r->name, g->adm->realm, NT_UNKNOWN, g->arena, &p, err));
    if (!principal_is_krbtgt(&p.name))
        return OBOL_OK;
    struct slice target = p.name.name_string.items[1];
    struct slice other = slice_eq(target, g->adm->realm) ? p.realm : target;
    if (slice_eq(other, g->adm->realm))
        return OBOL_OK;
    size_t at = 0;
    while (at < g->count && slice_compare(g->realms[at], other) < 0)
        at++;
    if (at < g->count && slice_eq(g->realms[at], other))
        return OBOL_OK;
    ENSURE(g->count < TRUSTS_MAX, INVALID_ARGUMENT, "trust with more than %d realms", TRUSTS_MAX);
    for (size_t i = g->count++; i > at; i--)
        g->realms[i] = g->realms[i - 1];
    ENSURE(arena_copy(g->arena, other, &g->realms[at]), NO_MEMORY, "no memory for a list");
    return OBOL_OK;
}

enum obol_code admin_trust_list(struct admin *adm, struct arena *a, void *ctx,
                                enum obol_code (*each)(void *ctx, const struct admin_trust *t,
                                                       struct error *err),
                                struct error *err) {
    struct gathered g = {adm, a, arena_zalloc(a, TRUSTS_MAX, sizeof(struct slice)), 0};
    ENSURE_MEMORY(g.realms);
    const struct admin_visitor visitor = {.ctx = &g, .each = gather};
    TRY(admin_principal_list(adm, SLICE_LITERAL("krbtgt/*@*"), &visitor, err));
    for (size_t i = 0; i < g.count; i++) {
        struct admin_trust t;
        TRY(admin_trust_get(adm, g.realms[i], a, &t, err));
        TRY(each(ctx, &t, err));
    }
    return OBOL_OK;
}
