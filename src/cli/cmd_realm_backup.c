// cmd_realm_backup.c: obol realm backup: the whole home of a realm, copied while it is served. The
// copy gets its name when it is whole: what is cut short is no backup, and is not taken for one.
#include "cli/commands.h"
#include "cli/realm_copy.h"
#include "store/files.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

static enum obol_code count_one(void *ctx, const struct record *r, struct error *err) {
    UNUSED(r);
    UNUSED(err);
    ++*(int64_t *)ctx;
    return OBOL_OK;
}

// It is opened, which tries the master key: a copy that does not open is none.
static enum obol_code try_copy(struct cli *c, struct slice copy, struct slice *realm,
                               int64_t *principals, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    const struct admin_visitor visitor = {.ctx = principals, .each = count_one};
    c->home = copy;
    TRY(realm_open(c, true, &adm, err));
    ENSURE(arena_copy(c->arena, adm->realm, realm), NO_MEMORY, "the name of the realm");
    return admin_principal_list(adm, (struct slice){0}, &visitor, err);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    UNUSED(st);
    UNUSED(kind);
    UNUSED(at);
    return remove(path);
}

static enum obol_code take_name(const char *part, const char *to, struct error *err) {
    ENSURE(rename(part, to) == 0, IO, "%s cannot become %s: %s", part, to, strerror(errno));
    return files_sync_parent(to, err);
}

static enum obol_code make_copy(struct cli *c, const char *to, struct slice *realm,
                                int64_t *principals, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    const struct slice part = arena_printf(c->arena, "%s.part%c", to, 0);
    const char *path = (const char *)part.ptr;
    ENSURE_MEMORY(path);
    ENSURE(!files_exists(to), EXISTS, "%s is there already", to);
    TRY(realm_open(c, true, &adm, err));
    if (files_exists(path))
        error_remedy(err, "Remove it with all that is in it, unless it is being made now.");
    TRY(realm_copy_directory(path, err));
    enum obol_code code = realm_copy(c, adm, slice_str(path), err);
    if (code == OBOL_OK)
        code = try_copy(c, slice_str(path), realm, principals, err);
    if (code == OBOL_OK)
        code = take_name(path, to, err);
    if (code != OBOL_OK && files_exists(path))
        (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS); // it has keys in it
    return code;
}

static enum obol_code realm_backup(struct cli *c, const void *options, struct error *err) {
    int64_t count = 0;
    struct slice realm = {0}, to = cli_arg(c, 0);
    UNUSED(options);
    while (to.len > 1 && to.ptr[to.len - 1] == '/')
        to.len--;
    const char *path = arena_cstr(c->arena, to);
    ENSURE_MEMORY(path);
    TRY(make_copy(c, path, &realm, &count, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "realm", realm);
        json_text(&j, "directory", to);
        json_number(&j, "principals", count);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s copied to %.*s", SLICE_ARG(realm), SLICE_ARG(to));
    cli_print(c, CLI_PLAIN,
              ": %lld principals, with the master key; whoever has it has the realm\n",
              (long long)count);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_BACKUP = {
    .name = "realm backup",
    .group = CLI_GROUP_REALM,
    .summary = "copy the realm, while it is served",
    .arguments = "DIR",
    .details =
        "DIR is made, and is a home as this one is: kdc.conf and the files beside it, the master "
        "key, the certificates of obol pki and the database as it is at one moment; without logs. "
        "The copy is opened before it gets its name; until then it is DIR.part, which is removed "
        "if it "
        "does not succeed. The KDC and its administrators go on meanwhile.\n\n"
        "To restore, stop the KDC, move the home away and the copy to its place, and start it. A "
        "second KDC serves a copy as it is (obol serve --home DIR); what it notes of logins stays "
        "there, and the next copy replaces it.",
    .examples = "obol realm backup /srv/backup/realm-$(date +%F)\tevery night\n"
                "obol serve --home /srv/backup/realm-2026-11-26\tdoes it work?\n",
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = realm_backup,
};
