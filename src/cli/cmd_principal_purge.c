// cmd_principal_purge.c: obol principal purge: older keys go once no ticket needs them.
#include "cli/commands.h"
#include "cli/realm.h"

struct purge_options {
    int64_t keep_from;
};
static const struct cli_option PURGE_OPTIONS[] = {
    {"keep-from", 0, CLI_NUMBER, offsetof(struct purge_options, keep_from), "KVNO",
     "keep this version and later ones; the newest only, if not given", 1, INT32_MAX},
    {0}};

static enum obol_code principal_purge(struct cli *c, const void *options, struct error *err) {
    const struct purge_options *o = options;
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct record r;
    size_t removed;
    TRY(realm_open(c, false, &adm, err));
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    ENSURE(o->keep_from <= record_newest_kvno(&r), INVALID_ARGUMENT,
           "the newest version of %.*s is %u: no key would be left", SLICE_ARG(r.name),
           record_newest_kvno(&r));
    TRY(admin_principal_purge(adm, cli_arg(c, 0), (uint32_t)o->keep_from, &removed, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "principal", r.name);
        json_number(&j, "removed", (int64_t)removed);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%zu old keys of %.*s are removed\n", removed, SLICE_ARG(r.name));
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_PURGE = {
    .name = "principal purge",
    .group = CLI_GROUP_REALM,
    .summary = "remove a principal's older keys",
    .arguments = "NAME",
    .details = "New keys can be made beside the old ones (obol principal password --keep-old, obol "
               "keytab create --rotate), so that tickets that are out stay good. When they have "
               "expired, the old keys are of use to a thief only.",
    .examples = "obol principal password krbtgt/EXAMPLE.COM --random --keep-old 1\tnew keys; live "
                "tickets stay good\n"
                "obol principal purge krbtgt/EXAMPLE.COM\ta day later\n",
    .options = PURGE_OPTIONS,
    .options_size = sizeof(struct purge_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = principal_purge,
};
