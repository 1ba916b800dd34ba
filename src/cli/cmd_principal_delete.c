// cmd_principal_delete.c: obol principal delete.
#include "cli/commands.h"
#include "cli/realm.h"

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
