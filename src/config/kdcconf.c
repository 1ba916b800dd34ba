// kdcconf.c: see kdcconf.h.
#include "config/kdcconf.h"
#include "config/krb5conf_table.h"
#include "crypto/crypto.h"

static void strike_weak(struct int32_list *list, bool allow_weak) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (allow_weak || !enctype_is_weak(enctype_find(list->items[i])))
            list->items[kept++] = list->items[i];
    list->count = kept;
}

static enum obol_code load_realm(const struct profile_node *node, struct slice name,
                                 struct arena *a, struct kdcconf_realm *out, struct error *err) {
    *out = (struct kdcconf_realm){.name = name};
    TRY(config_load(&KDCCONF_SCHEMA, "realms/*", node, a, out, err));
    strike_weak(&out->supported_enctypes, out->allow_weak_crypto);
    strike_weak(&out->permitted_enctypes, out->allow_weak_crypto);
    bool none = out->supported_enctypes.count == 0 || out->permitted_enctypes.count == 0;
    ENSURE(!none, CONFIG_SYNTAX,
           "%s:%u: realm %.*s: `%s` leaves no enctype that is known and not weak",
           node ? node->file : "kdc.conf", node ? node->line : 0, SLICE_ARG(name),
           out->supported_enctypes.count == 0 ? "supported_enctypes" : "permitted_enctypes");
    return OBOL_OK;
}

static enum obol_code load_realms(struct kdcconf *conf, struct arena *a, struct error *err) {
    const struct profile_node *section =
        profile_section(&conf->profile, NULL, SLICE_LITERAL("realms"));
    size_t count = 1;
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        count++;
    conf->realms = arena_zalloc(a, count, sizeof *conf->realms);
    ENSURE_MEMORY(conf->realms);
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next) {
        if (!n->is_section)
            continue;
        // A file with one realm need not say which is meant.
        if (conf->realm.len == 0)
            conf->realm = n->name;
        TRY(load_realm(n, n->name, a, &conf->realms[conf->realm_count++], err));
    }
    if (conf->realm.len == 0 || kdcconf_realm(conf, conf->realm))
        return OBOL_OK;
    return load_realm(NULL, conf->realm, a, &conf->realms[conf->realm_count++], err);
}

static enum obol_code load(struct kdcconf *conf, struct arena *a, struct error *err) {
    TRY(config_check(&KDCCONF_SCHEMA, &conf->profile, err));
    const struct profile_node *section =
        profile_section(&conf->profile, NULL, SLICE_LITERAL("kdcdefaults"));
    TRY(config_load(&KDCCONF_SCHEMA, "kdcdefaults", section, a, conf, err));
    if (conf->kdc_tcp_listen.count == 0)
        conf->kdc_tcp_listen = conf->kdc_listen;
    return load_realms(conf, a, err);
}

enum obol_code kdcconf_load(struct kdcconf *conf, struct slice home, struct arena *a,
                            struct error *err) {
    *conf = (struct kdcconf){0};
    profile_init(&conf->profile, a);
    struct slice path = arena_printf(a, "%.*s/kdc.conf", SLICE_ARG(home));
    ENSURE_MEMORY(path.ptr);
    struct error inner;
    error_init(&inner);
    enum obol_code code = profile_read(&conf->profile, path, &inner);
    ENSURE(code != OBOL_NOT_FOUND, STORE_NOT_FOUND, "%s does not exist", (const char *)path.ptr);
    if (code != OBOL_OK) {
        if (err)
            *err = inner;
        return code;
    }
    TRY(load(conf, a, err));
    ENSURE(conf->realm.len > 0, CONFIG_NO_REALM, "%s: `realm` in [kdcdefaults] is not set",
           (const char *)path.ptr);
    return OBOL_OK;
}

enum obol_code kdcconf_from_text(struct kdcconf *conf, const char *file, struct slice text,
                                 struct arena *a, struct error *err) {
    *conf = (struct kdcconf){0};
    profile_init(&conf->profile, a);
    TRY(profile_parse_alone(&conf->profile, file, text, err));
    return load(conf, a, err);
}

const struct kdcconf_realm *kdcconf_realm(const struct kdcconf *conf, struct slice realm) {
    for (size_t i = 0; i < conf->realm_count; i++)
        if (slice_eq(conf->realms[i].name, realm))
            return &conf->realms[i];
    return NULL;
}

void kdcconf_write_new(struct writer *w, struct slice realm, struct slice listen) {
    writer_printf(w,
                  "# The KDC of %.*s. Every key, with its default: man kdc.conf.\n"
                  "[kdcdefaults]\n"
                  "    realm = %.*s\n"
                  "    # UDP and TCP\n"
                  "    kdc_listen = %.*s\n"
                  "\n"
                  "[realms]\n"
                  "    %.*s = {\n"
                  "        max_life = 10h\n"
                  "        max_renewable_life = 7d\n"
                  "    }\n",
                  SLICE_ARG(realm), SLICE_ARG(realm), SLICE_ARG(listen), SLICE_ARG(realm));
}
