// krb5conf.c: see krb5conf.h. The rows of krb5conf_table.c do the loading; what is not a row is
// here: the filters on enctypes, the lists of realms, domains and paths, and the questions asked of
// them.
#include "config/krb5conf.h"
#include "config/krb5conf_table.h"
#include "config/schema_internal.h"
#include "crypto/crypto.h"
#include <stdlib.h>

#define DEFAULT_PATH "/etc/krb5.conf"

static const struct profile_node *top(const struct krb5conf *conf, const char *name) {
    return profile_section(&conf->profile, NULL, slice_str(name));
}

static size_t count_children(const struct profile_node *section, bool sections) {
    size_t n = 0;
    for (const struct profile_node *c = section ? section->children : NULL; c; c = c->next)
        n += c->is_section == sections;
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
    conf->realms = arena_zalloc(a, count_children(section, true) + 1, sizeof *conf->realms);
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

static enum obol_code load_domains(struct krb5conf *conf, struct arena *a, struct error *err) {
    const struct profile_node *section = top(conf, "domain_realm");
    conf->domains = arena_zalloc(a, count_children(section, false) + 1, sizeof *conf->domains);
    ENSURE_MEMORY(conf->domains);
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        if (!n->is_section)
            conf->domains[conf->domain_count++] = (struct krb5conf_domain){n->name, n->value};
    return OBOL_OK;
}

static const struct krb5conf_capath *find_capath(const struct krb5conf *conf, struct slice client,
                                                 struct slice server) {
    for (size_t i = 0; i < conf->capath_count; i++)
        if (slice_eq(conf->capaths[i].client, client) && slice_eq(conf->capaths[i].server, server))
            return &conf->capaths[i];
    return NULL;
}

static enum obol_code load_capaths(struct krb5conf *conf, struct arena *a, struct error *err) {
    const struct profile_node *section = top(conf, "capaths");
    size_t count = 0;
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        count += count_children(n, false);
    conf->capaths = arena_zalloc(a, count + 1, sizeof *conf->capaths);
    ENSURE_MEMORY(conf->capaths);
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        for (const struct profile_node *v = n->children; v; v = v->next) {
            if (v->is_section || find_capath(conf, n->name, v->name))
                continue;
            struct krb5conf_capath *path = &conf->capaths[conf->capath_count++];
            *path = (struct krb5conf_capath){.client = n->name, .server = v->name};
            TRY(config_list(v, true, a, &path->via, err));
            // A '.' says that there is nothing between.
            if (path->via.count == 1 && slice_eq_str(path->via.items[0], "."))
                path->via.count = 0;
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
    TRY(load_domains(conf, a, err));
    return load_capaths(conf, a, err);
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
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    // web.example.com, .example.com, example.com, .com, com
    while (host.len) {
        for (size_t i = 0; i < conf->domain_count; i++)
            if (slice_eq_nocase(conf->domains[i].name, host))
                return conf->domains[i].realm;
        size_t next = host.ptr[0] == '.' ? 1 : slice_find(host, '.');
        host = slice_sub(host, next, SIZE_MAX);
    }
    return (struct slice){0};
}

static bool ends_below(struct slice name, struct slice ancestor) {
    return name.len > ancestor.len && name.ptr[name.len - ancestor.len - 1] == '.' &&
           slice_eq(slice_sub(name, name.len - ancestor.len, SIZE_MAX), ancestor);
}

static struct slice parent_of(struct slice realm) {
    return slice_sub(realm, slice_find(realm, '.') + 1, SIZE_MAX);
}

static bool is_at_or_above(struct slice realm, struct slice of) {
    return slice_eq(realm, of) || ends_below(of, realm);
}

// The hierarchy: up from the client's realm to the first that is above the server's, then down.
// Realms that have no ancestor in common are asked for directly.
static bool hierarchy(struct slice client, struct slice server, struct arena *a,
                      struct slice_list *path) {
    size_t most = 2;
    for (size_t i = 0; i < client.len + server.len; i++)
        most += (i < client.len ? client.ptr[i] : server.ptr[i - client.len]) == '.';
    path->items = arena_zalloc(a, most, sizeof *path->items);
    path->count = 0;
    if (!path->items)
        return false;
    struct slice common = client;
    while (common.len && !is_at_or_above(common, server))
        common = parent_of(common);
    if (common.len == 0)
        return true;
    for (struct slice r = client; !slice_eq(r, common);) {
        r = parent_of(r);
        if (!slice_eq(r, server))
            path->items[path->count++] = r;
    }
    // Downwards, farthest from the server first: gathered upwards, then turned round.
    size_t turn = path->count;
    struct slice r = slice_eq(server, common) ? common : parent_of(server);
    for (; !slice_eq(r, common); r = parent_of(r))
        path->items[path->count++] = r;
    for (size_t i = turn, j = path->count; i + 1 < j; i++) {
        struct slice swap = path->items[i];
        path->items[i] = path->items[--j];
        path->items[j] = swap;
    }
    return true;
}

bool krb5conf_path(const struct krb5conf *conf, struct slice client, struct slice server,
                   struct arena *a, struct slice_list *path) {
    const struct krb5conf_capath *said = find_capath(conf, client, server);
    if (!said)
        return hierarchy(client, server, a, path);
    *path = said->via;
    return true;
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
