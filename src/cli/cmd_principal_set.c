// cmd_principal_set.c: obol principal set, password and delete: what changes a principal.
#include "cli/commands.h"
#include "cli/password.h"
#include "cli/realm.h"

struct set_options {
    struct principal_options common;
    bool lock, unlock;
};
static const struct cli_option SET_OPTIONS[] = {
    PRINCIPAL_OPTION_ROWS(set_options),
    {"lock", 0, CLI_FLAG, offsetof(struct set_options, lock), NULL,
     "keep it from logging in until it is unlocked", 0, 0},
    {"unlock", 0, CLI_FLAG, offsetof(struct set_options, unlock), NULL,
     "let it log in again, after a lock or too many failures", 0, 0},
    {0}};

static enum obol_code principal_set(struct cli *c, const void *options, struct error *err) {
    const struct set_options *o = options;
    struct admin_change change;
    TRY(realm_change(c, &o->common, &change, err));
    ENSURE(!(o->lock && o->unlock), USAGE, "--lock and --unlock exclude each other");
    change.unlock = o->unlock;
    change.set_flags |= o->lock ? (uint32_t)RECORD_LOCKED : 0;
    ENSURE(change.present || change.set_flags || change.clear_flags || change.unlock ||
               change.attributes.count,
           USAGE, "nothing is to be changed: say what, as in --expires never");
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    struct record r;
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    TRY(admin_principal_set(adm, cli_arg(c, 0), &change, err));
    TRY(admin_principal_get(adm, cli_arg(c, 0), c->arena, &r, err));
    if (!c->json) {
        record_show(c, &r);
        return OBOL_OK;
    }
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    record_json(&j, &r);
    json_end(&j);
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_SET = {
    .name = "principal set",
    .group = CLI_GROUP_REALM,
    .summary = "change a principal's flags, lifetimes and attributes",
    .arguments = "NAME",
    .details = "What is not named stays. A running KDC sees the change at once.",
    .examples = "obol principal set alice --expires never --unlock\tlet her in again\n"
                "obol principal set bob --set disabled\tkeep him out\n"
                "obol principal set carol --max-life 4h --password-expires +30d\tshort tickets, a "
                "new password within a month\n",
    .options = SET_OPTIONS,
    .options_size = sizeof(struct set_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = principal_set,
};

struct password_options {
    bool random;
    int64_t keep_old;
    struct slice_list enctypes;
};
static const struct cli_option PASSWORD_OPTIONS[] = {
    {"random", 0, CLI_FLAG, offsetof(struct password_options, random), NULL,
     "random keys instead of a password", 0, 0},
    {"keep-old", 0, CLI_NUMBER, offsetof(struct password_options, keep_old), "N",
     "keep so many versions of the old keys, for tickets that are in use; else none", 0, 50},
    {"enctype", 'e', CLI_LIST, offsetof(struct password_options, enctypes), "NAME",
     "an encryption type of the new keys, instead of the realm's; may be given again", 0, 0},
    {0}};

static enum obol_code principal_password(struct cli *c, const void *options, struct error *err) {
    const struct password_options *o = options;
    struct admin_keys keys = {.keep_old = (uint32_t)o->keep_old};
    TRY(realm_enctypes(c, &o->enctypes, &keys.enctypes, err));
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    struct record r;
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    CLEANUP(secret_clear) struct secret password = {0};
    struct slice bytes;
    if (!o->random) {
        struct slice prompt = arena_printf(c->arena, "New password for %.*s", SLICE_ARG(r.name));
        TRY(cli_new_password(c, prompt, &password, err));
        bytes = secret_slice(&password);
        keys.password = &bytes;
    }
    uint32_t kvno = 0;
    TRY(admin_principal_password(adm, cli_arg(c, 0), &keys, &kvno, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "principal", r.name);
        json_number(&j, "kvno", kvno);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s has new keys", SLICE_ARG(r.name));
    cli_print(c, CLI_PLAIN, ": kvno %u, from %s\n", kvno,
              o->random ? "random bytes" : "the new password");
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_PASSWORD = {
    .name = "principal password",
    .group = CLI_GROUP_REALM,
    .summary = "set a principal's password",
    .arguments = "NAME",
    .details = "The old password is not asked for: this is the administrator's command.",
    .examples = "obol principal password alice\tasks for it twice\n"
                "obol principal password alice --password-stdin <file\tfrom a script\n",
    .options = PASSWORD_OPTIONS,
    .options_size = sizeof(struct password_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME | CLI_WANTS_PASSWORD,
    .run = principal_password,
};

static enum obol_code principal_delete(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    struct record r;
    // All names are looked at before the first goes.
    for (size_t i = 0; i < c->arg_count; i++)
        TRY(realm_find(c, adm, cli_arg(c, i), &r, err));
    struct cli_json j = json_begin(c);
    if (c->json) {
        json_object(&j, NULL);
        json_array(&j, "deleted");
    }
    for (size_t i = 0; i < c->arg_count; i++) {
        TRY(realm_find(c, adm, cli_arg(c, i), &r, err));
        TRY(admin_principal_delete(adm, cli_arg(c, i), err));
        if (c->json)
            json_text(&j, NULL, r.name);
        else
            cli_print(c, CLI_GOOD, "%.*s deleted\n", SLICE_ARG(r.name));
    }
    if (c->json)
        json_end(&j);
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_DELETE = {
    .name = "principal delete",
    .group = CLI_GROUP_REALM,
    .summary = "delete principals",
    .arguments = "NAME...",
    .details = "Their keys and aliases go with them, and cannot be had back but from a backup. To "
               "keep somebody out for a while: obol principal set NAME --set disabled.",
    .examples = "obol principal delete mallory bob\tboth or none\n",
    .min_args = 1,
    .max_args = CLI_ANY_ARGS,
    .wants = CLI_WANTS_HOME,
    .run = principal_delete,
};
