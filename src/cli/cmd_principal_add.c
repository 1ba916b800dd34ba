// cmd_principal_add.c: obol principal add: a user with a password, a service with random keys.
#include "cli/commands.h"
#include "cli/password.h"
#include "cli/realm.h"
#include "cli/record_show.h"

struct add_options {
    struct principal_options common;
    bool service, random, no_keys;
    struct slice_list enctypes;
};
static const struct cli_option ADD_OPTIONS[] = {
    {"service", 0, CLI_FLAG, offsetof(struct add_options, service), NULL,
     "a service: random keys, and tickets to it", 0, 0},
    {"random", 0, CLI_FLAG, offsetof(struct add_options, random), NULL,
     "random keys instead of a password, for a login by keytab", 0, 0},
    {"no-keys", 0, CLI_FLAG, offsetof(struct add_options, no_keys), NULL, "no keys at all, for now",
     0, 0},
    {"enctype", 'e', CLI_LIST, offsetof(struct add_options, enctypes), "NAME",
     "an encryption type of its keys, instead of the realm's; may be given again", 0, 0},
    PRINCIPAL_OPTION_ROWS(add_options),
    {0}};

static enum obol_code add(struct cli *c, struct admin *adm, const struct add_options *o,
                          struct secret *password, struct error *err) {
    struct admin_change change;
    TRY(realm_change(c, &o->common, &change, err));
    TRY(realm_policy(c, adm, change.policy, err));
    struct admin_new_principal p = {.name = cli_arg(c, 0),
                                    .kind = o->service ? ADMIN_SERVICE : ADMIN_USER,
                                    .keys.none = o->no_keys,
                                    .set_flags = change.set_flags,
                                    .clear_flags = change.clear_flags,
                                    .max_life = change.max_life,
                                    .max_renew = change.max_renew,
                                    .expires = change.expires,
                                    .password_expires = change.password_expires,
                                    .policy = change.policy,
                                    .attributes = change.attributes};
    TRY(realm_enctypes(c, &o->enctypes, &p.keys.enctypes, err));
    struct record there;
    struct error absent;
    error_init(&absent);
    // A name that is taken is told before anybody types a password.
    enum obol_code code = admin_principal_get(adm, p.name, c->arena, &there, &absent);
    ENSURE(code != OBOL_OK, PRINCIPAL_EXISTS,
           "%.*s; change it with obol principal set or obol principal password",
           SLICE_ARG(there.name));
    struct slice bytes;
    if (!o->service && !o->random && !o->no_keys) {
        struct slice prompt = arena_printf(c->arena, "Password for %.*s", SLICE_ARG(p.name));
        TRY(cli_new_password(c, prompt, password, err));
        bytes = secret_slice(password);
        p.keys.password = &bytes;
    }
    return admin_principal_add(adm, &p, err);
}

static enum obol_code principal_add(struct cli *c, const void *options, struct error *err) {
    const struct add_options *o = options;
    ENSURE(!(o->random && o->no_keys), USAGE, "--random and --no-keys exclude each other");
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    CLEANUP(secret_clear) struct secret password = {0};
    TRY(add(c, adm, o, &password, err));
    struct record r;
    TRY(admin_principal_get(adm, cli_arg(c, 0), c->arena, &r, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        record_json(&j, &r);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s added", SLICE_ARG(r.name));
    cli_print(c, CLI_PLAIN, ": a %s with %zu %s\n", o->service ? "service" : "user", r.keys.count,
              r.keys.count == 1 ? "key" : "keys");
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_ADD = {
    .name = "principal add",
    .group = CLI_GROUP_REALM,
    .summary = "add a user or a service",
    .arguments = "NAME",
    .details = "A user gets a password, which is asked for twice, or read with --password-stdin or "
               "--password-fd. A service gets random keys; its keytab is made with obol keytab "
               "create. Without a realm in NAME, the realm of the home is meant.",
    .examples = "obol principal add alice\ta user; asks for the password\n"
                "obol principal add backup --random --expires +90d\ta login by keytab\n"
                "obol principal add HTTP/web.example.com --service\ta service\n",
    .options = ADD_OPTIONS,
    .options_size = sizeof(struct add_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME | CLI_WANTS_PASSWORD,
    .run = principal_add,
};
