// krb5conf.c: see krb5conf.h. The rows of krb5conf_table.c do the loading; what is not a row is
// here: the filters on enctypes, the list of realms, and the questions asked of them.
#include "config/krb5conf.h"
#include "config/krb5conf_table.h"
#include "config/schema_internal.h"
#include "crypto/crypto.h"
#include <stdlib.h>

#define DEFAULT_PATH "/etc/krb5.conf"

static const struct profile_node *top(const struct krb5conf *conf, const char *name) {
    return profile_section(&conf->profile, NULL, slice_str(name));
}

static size_t count_sections(const struct profile_node *section) {
    size_t n = 0;
    for (const struct profile_node *c = section ? section->children : NULL; c; c = c->next)
        n += c->is_section;
    return n;
}

// ---- loading

static void strike_weak(const struct krb5conf *conf, struct int32_list *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct enctype *e = enctype_find(list->items[i]);
        bool allowed = !enctype_is_weak(e) || conf->allow_weak_crypto ||
                       (conf->allow_rc4 && list->items[i] == ENCTYPE_RC4_HMAC);
        if (allowed)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

static enum obol_code finish_enctypes(struct krb5conf *conf, struct int32_list *list,
                                      const char *key, struct error *err) {
    const struct profile_node *node = profile_first(top(conf, "libdefaults"), slice_str(key));
    strike_weak(conf, list);
    if (!node && list->count == 0)
        *list = conf->permitted_enctypes;
    ENSURE(list->count > 0, CONFIG_SYNTAX,
           "%s:%u: `%s` is '%.*s'; expected at least one enctype that is known and not weak",
           node ? node->file : DEFAULT_PATH, node ? node->line : 0, key,
           SLICE_ARG(node ? node->value : (struct slice){0}));
    return OBOL_OK;
}

static enum obol_code load_realms(struct krb5conf *conf, struct arena *a, struct error *err) {
    const struct profile_node *section = top(conf, "realms");
    conf->realms = arena_zalloc(a, count_sections(section) + 1, sizeof *conf->realms);
    ENSURE_MEMORY(conf->realms);
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next) {
        if (!n->is_section)
            continue;
        struct krb5conf_realm *realm = &conf->realms[conf->realm_count++];
        realm->name = n->name;
        realm->pkinit = conf->pkinit;
        TRY(config_load(&KRB5CONF_SCHEMA, "realms/*", n, a, realm, err));
    }
    return OBOL_OK;
}

static enum obol_code load(struct krb5conf *conf, struct arena *a, struct error *err) {
    TRY(config_check(&KRB5CONF_SCHEMA, &conf->profile, err));
    TRY(config_load(&KRB5CONF_SCHEMA, "libdefaults", top(conf, "libdefaults"), a, conf, err));
    TRY(finish_enctypes(conf, &conf->permitted_enctypes, "permitted_enctypes", err));
    TRY(finish_enctypes(conf, &conf->default_tkt_enctypes, "default_tkt_enctypes", err));
    TRY(finish_enctypes(conf, &conf->default_tgs_enctypes, "default_tgs_enctypes", err));
    conf->qualify_shortname_set =
        profile_first(top(conf, "libdefaults"), SLICE_LITERAL("qualify_shortname")) != NULL;
    TRY(load_realms(conf, a, err));
    return realm_map_load(&conf->map, &conf->profile, a, err);
}

enum obol_code krb5conf_load(struct krb5conf *conf, struct slice paths, struct arena *a,
                             struct error *err) {
    *conf = (struct krb5conf){0};
    profile_init(&conf->profile, a);
    const char *named = secure_getenv("KRB5_CONFIG");
    bool said = paths.len > 0 || (named && *named);
    if (paths.len == 0)
        paths = said ? slice_str(named) : SLICE_LITERAL(DEFAULT_PATH);
    TRY(profile_read_paths(&conf->profile, paths, err));
    struct writer w = writer_to_arena(a);
    text_escape(&w, paths);
    if (said && conf->profile.files == 0)
        config_note(&conf->profile.notes, NULL, 0, "KRB5_CONFIG names no file that exists: %.*s",
                    SLICE_ARG(writer_slice(&w)));
    return load(conf, a, err);
}

enum obol_code krb5conf_from_text(struct krb5conf *conf, const char *file, struct slice text,
                                  struct arena *a, struct error *err) {
    *conf = (struct krb5conf){0};
    profile_init(&conf->profile, a);
    TRY(profile_parse_alone(&conf->profile, file, text, err));
    return load(conf, a, err);
}

// ---- questions

const struct krb5conf_realm *krb5conf_realm(const struct krb5conf *conf, struct slice realm) {
    for (size_t i = 0; i < conf->realm_count; i++)
        if (slice_eq(conf->realms[i].name, realm))
            return &conf->realms[i];
    return NULL;
}

struct slice krb5conf_host_realm(const struct krb5conf *conf, struct slice host) {
    return realm_map_host(&conf->map, host);
}

bool krb5conf_path(const struct krb5conf *conf, struct slice client, struct slice server,
                   struct arena *a, struct slice_list *path) {
    return realm_map_find_path(&conf->map, client, server, a, path);
}

bool krb5conf_find_path(const void *conf, struct slice client, struct slice server, struct arena *a,
                        struct slice_list *path) {
    return krb5conf_path(conf, client, server, a, path);
}

struct slice krb5conf_appdefault(const struct krb5conf *conf, struct slice app, struct slice realm,
                                 struct slice option) {
    const struct profile *p = &conf->profile;
    const struct profile_node *all = top(conf, "appdefaults");
    const struct profile_node *of_app = all ? profile_section(p, all, app) : NULL;
    const struct profile_node *places[] = {
        of_app ? profile_section(p, of_app, realm) : NULL,
        of_app,
        all ? profile_section(p, all, realm) : NULL,
        all,
    };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const struct profile_node *found = profile_first(places[i], option);
        if (found)
            return found->value;
    }
    return (struct slice){0};
}

// What follows a '%' and is none of these is as it stands, with the '%'. As with MIT krb5, a form
// of nothing leaves nothing.
void krb5conf_error_write(const struct krb5conf *conf, struct slice text, int32_t code,
                          struct writer *w) {
    struct slice rest = conf->err_fmt.ptr ? conf->err_fmt : SLICE_LITERAL("%M");
    while (rest.len) {
        const size_t plain = slice_find(rest, '%');
        writer_bytes(w, slice_sub(rest, 0, plain));
        rest = slice_sub(rest, plain, rest.len);
        const uint8_t what = rest.len > 1 ? rest.ptr[1] : 0;
        const bool known = what == 'M' || what == 'C' || what == '%';
        if (what == 'M')
            writer_bytes(w, text);
        else if (what == 'C')
            writer_printf(w, "%d", code);
        else if (rest.len)
            writer_u8(w, '%');
        rest = slice_sub(rest, known ? 2 : 1, rest.len);
    }
}
