// cmd_spn.c: obol spn add, list and delete: the names under which services are reached.
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/realm.h"

struct spn_options {
    bool allow_password_keys;
    struct slice_list enctypes;
};
static const struct cli_option SPN_OPTIONS[] = {
    {"enctype", 'e', CLI_LIST, offsetof(struct spn_options, enctypes), "NAME",
     "an encryption type of a new service's keys, instead of the realm's; may be given again", 0,
     0},
    {"allow-password-keys", 0, CLI_FLAG, offsetof(struct spn_options, allow_password_keys), NULL,
     "for an ACCOUNT with a password too, which others then can guess at home", 0, 0},
    {0}};

static enum obol_code spn_add(struct cli *c, const void *options, struct error *err) {
    const struct spn_options *o = options;
    struct admin_new_spn spn = {.spn = cli_arg(c, 0),
                                .account = cli_arg(c, 1),
                                .allow_password_keys = o->allow_password_keys};
    TRY(realm_enctypes(c, &o->enctypes, &spn.keys.enctypes, err));
    ENSURE(spn.account.len == 0 || spn.keys.enctypes.count == 0, USAGE,
           "--enctype is for a service of its own: with ACCOUNT, the SPN has that one's keys");
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    struct record r;
    if (spn.account.len)
        TRY(realm_find(c, adm, spn.account, &r, err));
    TRY(admin_spn_add(adm, &spn, err));
    TRY(admin_principal_get(adm, spn.spn, c->arena, &r, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "spn", spn.spn);
        json_text(&j, "account", r.name);
        json_bool(&j, "alias", spn.account.len > 0);
        json_number(&j, "kvno", record_newest_kvno(&r));
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s added", SLICE_ARG(spn.spn));
    if (spn.account.len)
        cli_print(c, CLI_PLAIN, ": an alias of %.*s\n", SLICE_ARG(r.name));
    else
        cli_print(c, CLI_PLAIN, ": a service of its own; next: obol keytab create FILE %.*s\n",
                  SLICE_ARG(spn.spn));
    return OBOL_OK;
}

const struct cli_command CMD_SPN_ADD = {
    .name = "spn add",
    .group = CLI_GROUP_REALM,
    .summary = "register a service principal name",
    .arguments = "SPN [ACCOUNT]",
    .details =
        "With ACCOUNT the SPN is a further name of that principal and has its keys. Without, "
        "a service of its own is made, with random keys.",
    .examples = "obol spn add HTTP/web.example.com\ta service of its own\n"
                "obol spn add HTTP/www.example.com HTTP/web.example.com\ta further name of it\n",
    .options = SPN_OPTIONS,
    .options_size = sizeof(struct spn_options),
    .min_args = 1,
    .max_args = 2,
    .wants = CLI_WANTS_HOME,
    .run = spn_add,
};

static enum obol_code list_one(void *ctx, const struct admin_spn *s, struct error *err) {
    UNUSED(err);
    struct cli_listing *l = ctx;
    if (l->c->json) {
        json_object(&l->json, NULL);
        json_text(&l->json, "spn", s->spn);
        json_text(&l->json, "account", s->account->name);
        json_bool(&l->json, "alias", s->alias);
        json_number(&l->json, "kvno", record_newest_kvno(s->account));
        json_close(&l->json);
        return OBOL_OK;
    }
    cli_cell(&l->table, s->spn);
    cli_cell(&l->table, s->alias ? s->account->name : SLICE_LITERAL("its own"));
    cli_cellf(&l->table, "%u", record_newest_kvno(s->account));
    return OBOL_OK;
}

static enum obol_code spn_list(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    struct cli_listing l = cli_listing_begin(c, "SPN|Account|kvno");
    TRY(admin_spn_list(adm, cli_arg(c, 0), &l, list_one, err));
    cli_listing_end(&l);
    return OBOL_OK;
}

const struct cli_command CMD_SPN_LIST = {
    .name = "spn list",
    .group = CLI_GROUP_REALM,
    .summary = "list service principal names and whose they are",
    .arguments = "[PATTERN]",
    .details = "PATTERN may hold * and ?.",
    .examples = "obol spn list\tall of them\nobol spn list '*/web.example.com'\tall of one host\n",
    .min_args = 0,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = spn_list,
};

static enum obol_code spn_delete(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    struct record r;
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    bool was_alias = false;
    TRY(admin_spn_delete(adm, cli_arg(c, 0), &was_alias, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "spn", cli_arg(c, 0));
        json_text(&j, "account", r.name);
        json_bool(&j, "alias", was_alias);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s deleted", SLICE_ARG(cli_arg(c, 0)));
    if (was_alias)
        cli_print(c, CLI_PLAIN, "; %.*s stays\n", SLICE_ARG(r.name));
    else
        cli_print(c, CLI_PLAIN, ", with its keys\n");
    return OBOL_OK;
}

const struct cli_command CMD_SPN_DELETE = {
    .name = "spn delete",
    .group = CLI_GROUP_REALM,
    .summary = "remove a service principal name",
    .arguments = "SPN",
    .details = "An alias goes and its account stays; a service of its own goes with its keys.",
    .examples = "obol spn delete HTTP/old.example.com\tnobody gets tickets to it any more\n",
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = spn_delete,
};
