// cmd_realm.c: obol realm create: from nothing to a realm that can be served, in one command.
#include "cli/commands.h"
#include "cli/realm.h"

struct realm_create_options {
    struct slice listen;
};
static const struct cli_option CREATE_OPTIONS[] = {
    {"listen", 0, CLI_TEXT, offsetof(struct realm_create_options, listen), "ADDRESS:PORT",
     "where its KDC will listen, for kdc.conf; all addresses, port 88, if not given", 0, 0},
    {0}};

static bool has_lower_case(struct slice s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= 'a' && s.ptr[i] <= 'z')
            return true;
    return false;
}

static void show(struct cli *c, const struct admin *adm) {
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "realm", adm->realm);
        json_text(&j, "home", c->home);
        json_text(&j, "config", arena_printf(c->arena, "%.*s/kdc.conf", SLICE_ARG(c->home)));
        json_text(&j, "master_key", arena_printf(c->arena, "%.*s/master.key", SLICE_ARG(c->home)));
        json_end(&j);
        return;
    }
    cli_print(c, CLI_GOOD, "Realm %.*s created", SLICE_ARG(adm->realm));
    cli_print(c, CLI_PLAIN, " in %.*s\n", SLICE_ARG(c->home));
    cli_print(c, CLI_PLAIN,
              "  kdc.conf     its configuration\n"
              "  master.key   seals every key of the database; keep a copy of it in a safe place\n"
              "Next:\n"
              "  obol principal add NAME --home %.*s\n"
              "  obol serve --home %.*s\n",
              SLICE_ARG(c->home), SLICE_ARG(c->home));
}

// there_already says which realm stands in the way, where it is a whole one.
static enum obol_code there_already(struct cli *c, enum obol_code code, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct error unusable;
    error_init(&unusable);
    if (realm_open(c, true, &adm, &unusable) != OBOL_OK)
        return code;
    return error_replace(err, code, __func__,
                         "%.*s holds the realm %.*s; name another directory with --home",
                         SLICE_ARG(c->home), SLICE_ARG(adm->realm));
}

static enum obol_code realm_create(struct cli *c, const void *options, struct error *err) {
    const struct realm_create_options *o = options;
    const struct admin_options how = {
        .home = cli_cstr(c->home), .ops = &STORE_LMDB, .realm = cli_arg(c, 0), .listen = o->listen};
    CLEANUP(realm_close) struct admin *adm = NULL;
    enum obol_code code = admin_realm_create(&adm, &how, c->env, err);
    if (code == OBOL_EXISTS)
        return there_already(c, code, err);
    if (code == OBOL_PERMISSION)
        error_remedy(err,
                     "Run as root (sudo), or name a directory of your own: obol realm create "
                     "%s --home ~/realm.",
                     cli_cstr(cli_arg(c, 0)));
    TRY(code);
    if (has_lower_case(adm->realm))
        cli_warn(c, "realms are written in capitals by custom, and their case counts: %.*s",
                 SLICE_ARG(adm->realm));
    show(c, adm);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_CREATE = {
    .name = "realm create",
    .group = CLI_GROUP_REALM,
    .summary = "make a new realm in --home",
    .arguments = "REALM",
    .details = "Makes the home directory with kdc.conf, the master key and an empty database, and "
               "in it the realm's own keys. A home that holds a realm already is left as it is.",
    .examples = "obol realm create EXAMPLE.COM\tin /var/lib/obol, on port 88\n"
                "obol realm create OBOL.TEST --home ~/realm --listen 127.0.0.1:8888\t"
                "to try things out, without root\n",
    .options = CREATE_OPTIONS,
    .options_size = sizeof(struct realm_create_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = realm_create,
};
