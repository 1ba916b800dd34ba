// realm.c: the home of a realm, opened for a command; see realm.h.
#include "cli/realm.h"
#include "config/nearest.h"
#include <pwd.h>
#include <unistd.h>

#define NAMES_LOOKED_AT 20000 // for a suggestion: a person waits for it

enum obol_code realm_open(struct cli *c, bool read_only, struct admin **out, struct error *err) {
    const struct admin_options wishes = {.read_only = read_only};
    return realm_open_for(c, &wishes, out, err);
}

enum obol_code realm_open_for(struct cli *c, const struct admin_options *wishes, struct admin **out,
                              struct error *err) {
    struct admin_options options = *wishes;
    options.home = cli_cstr(c->home);
    options.ops = &STORE_LMDB;
    TRY(admin_realm_open(out, &options, c->env, err));
    const struct passwd *user = getpwuid(geteuid());
    (*out)->actor = user ? arena_printf(c->arena, "%s", user->pw_name)
                         : arena_printf(c->arena, "uid %u", (unsigned)geteuid());
    return OBOL_OK;
}

// The walk that looks for the name that was meant.
struct suggestion {
    struct arena *arena;
    struct nearest nearest;
    size_t seen;
};

static enum obol_code consider(void *ctx, const struct record *r, struct error *err) {
    UNUSED(err);
    struct suggestion *s = ctx;
    struct slice bare = slice_sub(r->name, 0, slice_find(r->name, '@'));
    const char *text = arena_cstr(s->arena, bare);
    if (text)
        nearest_offer(&s->nearest, text);
    return text && ++s->seen < NAMES_LOOKED_AT ? OBOL_OK : OBOL_NOT_FOUND;
}

enum obol_code realm_find(struct cli *c, struct admin *adm, struct slice name, struct record *out,
                          struct error *err) {
    enum obol_code code = admin_principal_get(adm, name, c->arena, out, err);
    if (code != OBOL_PRINCIPAL_NOT_FOUND)
        return code;
    struct slice bare = slice_sub(name, 0, slice_find(name, '@'));
    struct suggestion s = {c->arena, nearest_of(bare), 0};
    struct error ignored;
    error_init(&ignored);
    const struct admin_visitor visitor = {.ctx = &s, .each = consider};
    enum obol_code walked = admin_principal_list(adm, (struct slice){0}, &visitor, &ignored);
    bool said = (walked == OBOL_OK || walked == OBOL_NOT_FOUND) && s.nearest.best;
    struct slice full =
        slice_find(name, '@') < name.len
            ? name
            : arena_printf(c->arena, "%.*s@%.*s", SLICE_ARG(name), SLICE_ARG(adm->realm));
    if (said)
        return error_replace(err, code, __func__, "%.*s; did you mean %s?", SLICE_ARG(full),
                             s.nearest.best);
    return error_replace(err, code, __func__, "%.*s; list them with obol principal list",
                         SLICE_ARG(full));
}

enum obol_code realm_policy(struct cli *c, struct admin *adm, struct slice policy,
                            struct error *err) {
    struct policy p;
    return policy.len ? admin_policy_get(adm, policy, c->arena, &p, err) : OBOL_OK;
}
