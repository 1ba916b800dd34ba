// cmd_principal_show.c: obol principal show and obol principal list.
#include "cli/commands.h"
#include "cli/realm.h"
#include "cli/record_show.h"

#define FLUSH_AT 32768 // bytes

static enum obol_code principal_show(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    struct record r;
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    record_tell(c, &r);
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_SHOW = {
    .name = "principal show",
    .group = CLI_GROUP_REALM,
    .summary = "show a principal with its keys, flags and times",
    .arguments = "NAME",
    .details = "NAME may be an alias. Of keys the version, enctype and origin are shown.",
    .examples = "obol principal show alice\ta user, or by an alias\n"
                "obol principal show HTTP/web.example.com --json\tfor a script\n",
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = principal_show,
};

struct list_options {
    bool names;
};
static const struct cli_option LIST_OPTIONS[] = {{"names", 'n', CLI_FLAG,
                                                  offsetof(struct list_options, names), NULL,
                                                  "names only, one a line", 0, 0},
                                                 {0}};

// What the walk writes to: one of the three.
struct listing {
    struct cli *c;
    bool names;
    struct cli_table table;
    struct cli_json json;
    size_t damaged;
};

// flush_some keeps a list of any length from filling the command's memory.
static void flush_some(struct cli *c) {
    if (c->out.len > FLUSH_AT)
        cli_flush(c);
}

static enum obol_code list_one(void *ctx, const struct record *r, struct error *err) {
    UNUSED(err);
    struct listing *l = ctx;
    if (l->c->json) {
        json_object(&l->json, NULL);
        record_json(&l->json, r);
        json_close(&l->json);
        flush_some(l->c);
        return OBOL_OK;
    }
    if (l->names) {
        cli_show(l->c, r->name);
        cli_print(l->c, CLI_PLAIN, "\n");
        flush_some(l->c);
        return OBOL_OK;
    }
    cli_cell(&l->table, r->name);
    cli_cellf(&l->table, "%s", record_kind(r));
    cli_cellf(&l->table, "%u", record_newest_kvno(r));
    cli_cell(&l->table, cli_time(l->c, r->expires));
    cli_cell(&l->table, cli_time(l->c, r->last_success));
    cli_cell(&l->table, record_flags_text(l->c, r->flags));
    return OBOL_OK;
}

static void list_damaged(void *ctx, struct slice name, const struct error *why) {
    struct listing *l = ctx;
    l->damaged++;
    cli_warn(l->c, "the record of %.*s is damaged: %s", SLICE_ARG(name), why->detail);
}

static enum obol_code principal_list(struct cli *c, const void *options, struct error *err) {
    const struct list_options *o = options;
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    struct listing l = {.c = c, .names = o->names};
    if (c->json) {
        l.json = json_begin(c);
        json_array(&l.json, NULL);
    }
    if (!c->json && !l.names)
        cli_table_begin(&l.table, c, "Principal|Kind|kvno|Expires|Last login|Flags");
    const struct admin_visitor visitor = {&l, list_one, list_damaged};
    TRY(admin_principal_list(adm, cli_arg(c, 0), &visitor, err));
    if (c->json)
        json_end(&l.json);
    if (!c->json && !l.names)
        cli_table_end(&l.table);
    ENSURE(l.damaged == 0, STORE_CORRUPT, "%zu records could not be read", l.damaged);
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_LIST = {
    .name = "principal list",
    .group = CLI_GROUP_REALM,
    .summary = "list principals",
    .arguments = "[PATTERN]",
    .details = "PATTERN may hold * and ?; it is matched against names without the realm, unless it "
               "holds an @ itself. Services come first.",
    .examples = "obol principal list\teverybody\n"
                "obol principal list 'HTTP/*'\tevery web service\n"
                "obol principal list --names\tone a line, for a million of them too\n",
    .options = LIST_OPTIONS,
    .options_size = sizeof(struct list_options),
    .min_args = 0,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = principal_list,
};
