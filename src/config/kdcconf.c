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

static enum obol_code load_realm(const struct kdcconf *conf, const struct profile_node *node,
                                 struct slice name, struct arena *a, struct kdcconf_realm *out,
                                 struct error *err) {
    *out = (struct kdcconf_realm){
        .name = name,
        .restrict_anonymous_to_tgt = conf->restrict_anonymous_to_tgt,
        .pkinit = conf->pkinit,
    };
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
        TRY(load_realm(conf, n, n->name, a, &conf->realms[conf->realm_count++], err));
    }
    if (conf->realm.len == 0 || kdcconf_realm(conf, conf->realm))
        return OBOL_OK;
    return load_realm(conf, NULL, conf->realm, a, &conf->realms[conf->realm_count++], err);
}

static bool are_paths(const struct slice_list *servers) {
    for (size_t i = 0; i < servers->count; i++)
        if (servers->items[i].ptr[0] != '/')
            return false;
    return true;
}

static enum obol_code load_otp(struct kdcconf *conf, struct arena *a, struct error *err) {
    const struct profile_node *section =
        profile_section(&conf->profile, NULL, SLICE_LITERAL("otp"));
    size_t count = 0;
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        count += n->is_section;
    conf->otp = arena_zalloc(a, count + 1, sizeof *conf->otp);
    ENSURE_MEMORY(conf->otp);
    for (const struct profile_node *n = count ? section->children : NULL; n; n = n->next) {
        struct kdcconf_otp *o = &conf->otp[conf->otp_count];
        if (!n->is_section)
            continue;
        o->name = n->name;
        TRY(config_load(&KDCCONF_SCHEMA, "otp/*", n, a, o, err));
        ENSURE(o->server.count && (o->secret.len || are_paths(&o->server)), CONFIG_SYNTAX,
               "%s:%u: [otp]: %.*s needs `%s`", n->file, n->line, SLICE_ARG(n->name),
               o->server.count ? "secret" : "server");
        conf->otp_count++;
    }
    return OBOL_OK;
}

static const struct profile_node *relation(const struct kdcconf *conf, const char *section,
                                           const char *name) {
    return profile_first(profile_section(&conf->profile, NULL, slice_str(section)),
                         slice_str(name));
}

// Port numbers become addresses, ":88", unless addresses are said; none of both: `to` stays.
static enum obol_code take_listen(struct slice_list listen, struct slice_list ports,
                                  struct arena *a, struct slice_list *to, struct error *err) {
    if (listen.count == 0 && ports.count > 0) {
        listen = (struct slice_list){arena_zalloc(a, ports.count, sizeof *listen.items), 0};
        ENSURE_MEMORY(listen.items);
        for (size_t i = 0; i < ports.count; i++) {
            struct slice address = arena_printf(a, ":%.*s", SLICE_ARG(ports.items[i]));
            ENSURE_MEMORY(address.ptr);
            listen.items[listen.count++] = address;
        }
    }
    if (listen.count > 0)
        *to = listen;
    return OBOL_OK;
}

// Where the daemons serve: what the realm says, else [kdcdefaults]; for TCP else as for UDP.
static enum obol_code load_listen(struct kdcconf *conf, struct arena *a, struct error *err) {
    static const struct kdcconf_realm nothing;
    const struct kdcconf_realm *realm = kdcconf_realm(conf, conf->realm);
    if (!realm)
        realm = &nothing;
    // kdc_listen has a default, so whether it was said must be looked up.
    bool said = relation(conf, "kdcdefaults", "kdc_listen") != NULL;
    struct slice_list own = said ? conf->kdc_listen : (struct slice_list){0};
    TRY(take_listen(own, conf->kdc_ports, a, &conf->kdc_listen, err));
    TRY(take_listen(conf->kdc_tcp_listen, conf->kdc_tcp_ports, a, &conf->kdc_tcp_listen, err));
    TRY(take_listen(realm->kdc_listen, realm->kdc_ports, a, &conf->kdc_listen, err));
    TRY(take_listen(realm->kdc_tcp_listen, realm->kdc_tcp_ports, a, &conf->kdc_tcp_listen, err));
    conf->kdc_listen_said =
        own.count || conf->kdc_ports.count || realm->kdc_listen.count || realm->kdc_ports.count;
    conf->kdc_tcp_listen_said = conf->kdc_tcp_listen.count > 0;
    if (!conf->kdc_tcp_listen_said)
        conf->kdc_tcp_listen = conf->kdc_listen;
    TRY(take_listen(realm->kpasswd_listen, realm->kpasswd_port, a, &conf->kpasswd_listen, err));
    return take_listen(realm->kadmind_listen, realm->kadmind_port, a, &conf->kadmind_listen, err);
}

struct slice kdcconf_logging(const struct kdcconf *conf, const char *daemon) {
    if (relation(conf, "kdcdefaults", "log"))
        return conf->log;
    const struct profile_node *said = relation(conf, "logging", daemon);
    if (!said)
        said = relation(conf, "logging", "default");
    if (said && slice_starts(said->value, SLICE_LITERAL("FILE")) && said->value.len > 5)
        return slice_sub(said->value, 5, said->value.len);
    if (said && slice_starts(said->value, SLICE_LITERAL("SYSLOG")))
        return SLICE_LITERAL("syslog");
    return conf->log;
}

static enum obol_code load(struct kdcconf *conf, struct slice realm, struct arena *a,
                           struct error *err) {
    TRY(config_check(&KDCCONF_SCHEMA, &conf->profile, err));
    const struct profile_node *section =
        profile_section(&conf->profile, NULL, SLICE_LITERAL("kdcdefaults"));
    TRY(config_load(&KDCCONF_SCHEMA, "kdcdefaults", section, a, conf, err));
    if (realm.len)
        conf->realm = realm;
    TRY(load_realms(conf, a, err));
    TRY(load_listen(conf, a, err));
    TRY(load_otp(conf, a, err));
    TRY(realm_map_load(&conf->map, &conf->profile, a, err));
    conf->log = kdcconf_logging(conf, "kdc");
    const struct kdcconf_realm *settings = kdcconf_realm(conf, conf->realm);
    if (settings && settings->key_stash_file.len)
        conf->master_key_file = settings->key_stash_file;
    return OBOL_OK;
}

enum obol_code kdcconf_load(struct kdcconf *conf, const struct kdcconf_place *place,
                            struct arena *a, struct error *err) {
    *conf = (struct kdcconf){0};
    profile_init(&conf->profile, a);
    struct slice path = place->file ? arena_printf(a, "%s", place->file)
                                    : arena_printf(a, "%s/kdc.conf", place->home);
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
    TRY(load(conf, place->realm, a, err));
    if (conf->realm.len == 0)
        error_remedy(err, "Add `realm = EXAMPLE.COM` to [kdcdefaults] of that file.");
    ENSURE(conf->realm.len > 0, CONFIG_NO_REALM, "%s: `realm` in [kdcdefaults] is not set",
           (const char *)path.ptr);
    return OBOL_OK;
}

enum obol_code kdcconf_from_text(struct kdcconf *conf, const char *file, struct slice text,
                                 struct arena *a, struct error *err) {
    *conf = (struct kdcconf){0};
    profile_init(&conf->profile, a);
    TRY(profile_parse_alone(&conf->profile, file, text, err));
    return load(conf, (struct slice){0}, a, err);
}

const struct kdcconf_realm *kdcconf_realm(const struct kdcconf *conf, struct slice realm) {
    for (size_t i = 0; i < conf->realm_count; i++)
        if (slice_eq(conf->realms[i].name, realm))
            return &conf->realms[i];
    return NULL;
}

struct slice kdcconf_database(const struct kdcconf *conf) {
    struct slice name = SLICE_LITERAL("database_name"), module = conf->realm;
    const struct profile_node *realm = profile_section(
        &conf->profile, profile_section(&conf->profile, NULL, SLICE_LITERAL("realms")),
        conf->realm);
    const struct profile_node *modules =
        profile_section(&conf->profile, NULL, SLICE_LITERAL("dbmodules"));
    const struct profile_node *said = profile_first(realm, SLICE_LITERAL("database_module"));
    if (said)
        module = said->value;
    said = modules ? profile_first(profile_section(&conf->profile, modules, module), name) : NULL;
    if (!said)
        said = profile_first(realm, name);
    return said ? said->value : (struct slice){0};
}

void kdcconf_write_new(struct writer *w, struct slice realm, struct slice listen) {
    struct slice address = listen.len ? listen : SLICE_LITERAL(KDCCONF_LISTEN);
    writer_printf(w,
                  "# The KDC of %.*s. Every key, with its default: man kdc.conf.\n"
                  "[kdcdefaults]\n"
                  "    realm = %.*s\n"
                  "    # UDP and TCP%s\n"
                  "    %skdc_listen = %.*s\n"
                  "    # Users change passwords (obol passwd, kpasswd) where this is said, and not "
                  "by default:\n"
                  "    # kpasswd_listen = :464\n"
                  "\n"
                  "[realms]\n"
                  "    %.*s = {\n"
                  "        max_life = 10h\n"
                  "        max_renewable_life = 7d\n"
                  "    }\n",
                  SLICE_ARG(realm), SLICE_ARG(realm),
                  listen.len ? "" : "; the default:", listen.len ? "" : "# ", SLICE_ARG(address),
                  SLICE_ARG(realm));
}
