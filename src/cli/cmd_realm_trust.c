// cmd_realm_trust.c: obol realm trust list, show and remove: which realms' users come here, and
// where ours may go. Adding one is in cmd_realm_trust_add.c.
#include "cli/cmd_realm_trust.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/realm.h"

static const struct cli_option REMOVE_OPTIONS[] = {TRUST_WAY_ROWS, {0}};

enum obol_code trust_ways(const struct trust_options *o, unsigned *out, struct error *err) {
    ENSURE(!(o->only_out && o->only_in), USAGE, "--only-out and --only-in exclude each other");
    *out = o->only_out ? ADMIN_TRUST_OUT : o->only_in ? ADMIN_TRUST_IN : ADMIN_TRUST_BOTH;
    return OBOL_OK;
}

static void way_json(struct cli_json *j, const char *key, const struct record *r) {
    if (!r)
        return;
    json_object(j, key);
    json_text(j, "principal", r->name);
    json_number(j, "kvno", record_newest_kvno(r));
    json_bool(j, "from_password", r->keys.count && r->keys.items[0].salt_type >= 0);
    json_close(j);
}

static void trust_json(struct cli_json *j, const struct admin_trust *t) {
    json_object(j, NULL);
    json_text(j, "realm", t->realm);
    way_json(j, "out", t->out);
    way_json(j, "in", t->in);
    json_close(j);
}

static void way_show(struct cli *c, const char *what, const struct record *r) {
    if (!r) {
        cli_print(c, CLI_PLAIN, "  %s: no\n", what);
        return;
    }
    cli_print(c, CLI_PLAIN, "  %s: %.*s, kvno %u, %s\n", what, SLICE_ARG(r->name),
              record_newest_kvno(r),
              r->keys.count && r->keys.items[0].salt_type >= 0 ? "from a password" : "random keys");
}

void trust_show(struct cli *c, const struct admin_trust *t) {
    if (c->json) {
        struct cli_json j = json_begin(c);
        trust_json(&j, t);
        json_end(&j);
        return;
    }
    cli_print(c, CLI_BOLD, "%.*s\n", SLICE_ARG(t->realm));
    way_show(c, "our users go there   ", t->out);
    way_show(c, "its users come here  ", t->in);
}

static enum obol_code list_one(void *ctx, const struct admin_trust *t, struct error *err) {
    struct cli_listing *l = ctx;
    UNUSED(err);
    if (l->c->json) {
        trust_json(&l->json, t);
        return OBOL_OK;
    }
    cli_cell(&l->table, t->realm);
    cli_cell(&l->table, slice_str(t->out ? "yes" : "no"));
    cli_cell(&l->table, slice_str(t->in ? "yes" : "no"));
    return OBOL_OK;
}

static enum obol_code trust_list(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    struct cli_listing l = cli_listing_begin(c, "Realm|Our users go there|Its users come here");
    TRY(admin_trust_list(adm, c->arena, &l, list_one, err));
    cli_listing_end(&l);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_TRUST_LIST = {
    .name = "realm trust list",
    .group = CLI_GROUP_REALM,
    .summary = "list the realms that there is trust with",
    .arguments = "",
    .examples = "obol realm trust list\twith the directions\n",
    .wants = CLI_WANTS_HOME,
    .run = trust_list,
};

static enum obol_code trust_show_one(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct admin_trust t;
    TRY(realm_open(c, true, &adm, err));
    TRY(admin_trust_get(adm, cli_arg(c, 0), c->arena, &t, err));
    trust_show(c, &t);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_TRUST_SHOW = {
    .name = "realm trust show",
    .group = CLI_GROUP_REALM,
    .summary = "show the trust with a realm: its keys",
    .arguments = "OTHER.REALM",
    .examples = "obol realm trust show CORP.EXAMPLE\tboth directions\n",
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = trust_show_one,
};

static enum obol_code trust_remove(struct cli *c, const void *options, struct error *err) {
    const struct trust_options *o = options;
    unsigned ways;
    TRY(trust_ways(o, &ways, err));
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    TRY(admin_trust_remove(adm, cli_arg(c, 0), ways, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "realm", cli_arg(c, 0));
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "Trust with %.*s removed", SLICE_ARG(cli_arg(c, 0)));
    cli_print(c, CLI_PLAIN, "; tickets that were issued by it are good until they end\n");
    return OBOL_OK;
}

const struct cli_command CMD_REALM_TRUST_REMOVE = {
    .name = "realm trust remove",
    .group = CLI_GROUP_REALM,
    .summary = "end the trust with a realm, or one direction of it",
    .arguments = "OTHER.REALM",
    .examples = "obol realm trust remove CORP.EXAMPLE\tboth directions\n",
    .options = REMOVE_OPTIONS,
    .options_size = sizeof(struct trust_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = trust_remove,
};
