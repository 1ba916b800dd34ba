// cmd_policy_list.c: obol policy list and remove.
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/realm.h"
#include "config/duration.h"

static void duration_cell(struct cli_table *t, int64_t seconds) {
    struct writer w = writer_to_arena(t->cli->arena);
    duration_write(&w, seconds);
    if (seconds)
        cli_cell(t, writer_slice(&w));
    else
        cli_cellf(t, "-");
}

static enum obol_code list_one(void *ctx, const struct policy *p, struct error *err) {
    struct cli_listing *l = ctx;
    UNUSED(err);
    if (l->c->json) {
        json_text(&l->json, NULL, p->name);
        return OBOL_OK;
    }
    cli_cell(&l->table, p->name);
    cli_cellf(&l->table, "%lld", (long long)p->min_length);
    cli_cellf(&l->table, "%lld", (long long)p->min_classes);
    cli_cellf(&l->table, "%lld", (long long)p->history);
    duration_cell(&l->table, p->max_life);
    cli_cellf(&l->table, p->max_failures ? "%lld" : "-", (long long)p->max_failures);
    return OBOL_OK;
}

static enum obol_code policy_list(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    struct cli_listing l =
        cli_listing_begin(c, "Policy|Length|Kinds|History|Longest life|Failures that lock");
    TRY(admin_policy_list(adm, cli_arg(c, 0), &l, list_one, err));
    cli_listing_end(&l);
    return OBOL_OK;
}

const struct cli_command CMD_POLICY_LIST = {
    .name = "policy list",
    .group = CLI_GROUP_REALM,
    .summary = "list password policies",
    .arguments = "[PATTERN]",
    .details = "PATTERN may hold * and ?.",
    .examples = "obol policy list\tall of them\n",
    .min_args = 0,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = policy_list,
};

static enum obol_code policy_remove(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    TRY(admin_policy_remove(adm, cli_arg(c, 0), err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "removed", cli_arg(c, 0));
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "The policy %.*s is removed\n", SLICE_ARG(cli_arg(c, 0)));
    return OBOL_OK;
}

const struct cli_command CMD_POLICY_REMOVE = {
    .name = "policy remove",
    .group = CLI_GROUP_REALM,
    .summary = "remove a password policy",
    .arguments = "NAME",
    .details = "Principals that have it then have none, until one of that name is made again.",
    .examples = "obol policy remove staff\tit asks for nothing any more\n",
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = policy_remove,
};
