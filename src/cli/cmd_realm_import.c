// cmd_realm_import.c: obol realm import: a realm of MIT krb5 or Heimdal moves here.
#include "cli/commands.h"
#include "cli/realm.h"
#include "store/files.h"

struct import_options {
    struct slice stash, format;
};
static const struct cli_option IMPORT_OPTIONS[] = {
    {"stash", 0, CLI_TEXT, offsetof(struct import_options, stash), "FILE",
     "the other KDC's master key: MIT's stash file, Heimdal's m-key", 0, 0},
    {"format", 0, CLI_TEXT, offsetof(struct import_options, format), "mit|heimdal",
     "whose dump it is, if its first line does not tell", 0, 0},
    {0}};

static void unmap(struct slice *bytes) {
    files_unmap(*bytes);
}

static enum obol_code read_format(const struct import_options *o, struct admin_import *how,
                                  struct error *err) {
    how->format = admin_import_guess(how->dump);
    if (!o->format.len)
        return OBOL_OK;
    bool mit = slice_eq_str(o->format, "mit");
    ENSURE(mit || slice_eq_str(o->format, "heimdal"), USAGE,
           "--format is '%.*s'; expected mit or heimdal", SLICE_ARG(o->format));
    how->format = mit ? ADMIN_IMPORT_MIT : ADMIN_IMPORT_HEIMDAL;
    return OBOL_OK;
}

static void show(struct cli *c, const struct admin *adm, const struct admin_imported *done) {
    const struct {
        const char *name, *text;
        uint64_t count;
    } rows[] = {
        {"principals", "principals", done->principals},
        {"policies", "password policies", done->policies},
        {"keys", "keys", done->keys},
        {"unusable_keys", "of them of enctypes that nothing here uses", done->unusable},
        {"skipped", "principals left out that only the other KDC needs", done->skipped},
    };
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "realm", adm->realm);
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            json_number(&j, rows[i].name, (int64_t)rows[i].count);
        json_end(&j);
        return;
    }
    cli_print(c, CLI_GOOD, "Imported into %.*s\n", SLICE_ARG(adm->realm));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].count)
            cli_print(c, CLI_PLAIN, "  %6llu %s\n", (unsigned long long)rows[i].count,
                      rows[i].text);
}

static enum obol_code realm_import(struct cli *c, const void *options, struct error *err) {
    const struct import_options *o = options;
    struct admin_import how = {.master_count = 0};
    struct admin_imported done;
    CLEANUP(realm_close) struct admin *adm = NULL;
    CLEANUP(unmap) struct slice dump = {0}, stash = {0};
    TRY(files_map(cli_cstr(cli_arg(c, 0)), &dump, err));
    how.dump = dump;
    TRY(read_format(o, &how, err));
    if (o->stash.len) {
        TRY(files_map(cli_cstr(o->stash), &stash, err));
        TRY(admin_import_stash(stash, c->arena, &how, err));
    }
    TRY(realm_open(c, false, &adm, err));
    TRY(admin_import(adm, &how, &done, err));
    show(c, adm, &done);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_IMPORT = {
    .name = "realm import",
    .group = CLI_GROUP_REALM,
    .summary = "take over a realm of MIT krb5 or Heimdal",
    .arguments = "FILE",
    .details =
        "FILE is what kdb5_util dump or kadmin -l dump wrote. First make the realm under the same "
        "name (obol realm create); then import: users log in with their old passwords, services "
        "keep their keytabs, and tickets that are out stay good. Policies, former passwords, "
        "flags, string attributes, aliases and failure counts come along. It is all or nothing: a "
        "line that cannot be read is named, and leaves the realm as it was.\n\n"
        "The dump's keys are sealed under the other KDC's master key, which --stash names; "
        "without it, a dump of Heimdal's must have been made with --decrypt.",
    .examples = "obol realm import dump --stash /etc/krb5kdc/stash\tof MIT krb5, as Debian has it\n"
                "obol realm import dump --stash /var/lib/heimdal-kdc/m-key\tof Heimdal\n",
    .options = IMPORT_OPTIONS,
    .options_size = sizeof(struct import_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = realm_import,
};
