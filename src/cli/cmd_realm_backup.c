// cmd_realm_backup.c: obol realm backup: the whole home of a realm, copied while it is served.
#include "base/ct.h"
#include "cli/commands.h"
#include "cli/realm.h"
#include "store/files.h"
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#define FILE_MAX (64u << 20) // what is larger is no configuration

// Logs, caches of replays and locks are of the daemon that runs, and not of the realm.
static bool is_of_realm(struct slice name) {
    static const char *const endings[] = {".log", ".rcache", ".lock", ".mdb", ".json", ".jsonl"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        const size_t n = strlen(endings[i]);
        if (name.len >= n && slice_eq_str(slice_sub(name, name.len - n, n), endings[i]))
            return false;
    }
    return name.len > 0 && name.ptr[0] != '.';
}

static enum obol_code join(struct cli *c, struct slice dir, struct slice name, const char **out,
                           struct error *err) {
    *out =
        arena_cstr(c->arena, arena_printf(c->arena, "%.*s/%.*s", SLICE_ARG(dir), SLICE_ARG(name)));
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

static enum obol_code copy_file(const char *from, const char *to, struct error *err) {
    struct slice bytes;
    TRY(files_map(from, &bytes, err));
    enum obol_code code = files_replace(to, bytes, true, err);
    files_unmap(bytes);
    return code;
}

static void close_dir(DIR **dir) {
    if (*dir)
        closedir(*dir);
}

// Regular files only: sockets are the daemon's, and links lead out of the home.
static enum obol_code copy_files(struct cli *c, struct slice from, struct slice to,
                                 struct error *err) {
    CLEANUP(close_dir) DIR *dir = opendir((const char *)from.ptr);
    ENSURE(dir, IO, "%.*s: %s", SLICE_ARG(from), strerror(errno));
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const char *old, *new;
        struct stat st;
        TRY(join(c, from, slice_str(e->d_name), &old, err));
        TRY(join(c, to, slice_str(e->d_name), &new, err));
        if (is_of_realm(slice_str(e->d_name)) && lstat(old, &st) == 0 && S_ISREG(st.st_mode) &&
            st.st_size <= FILE_MAX)
            TRY(copy_file(old, new, err));
    }
    return OBOL_OK;
}

static enum obol_code make_directory(const char *path, struct error *err) {
    ENSURE(mkdir(path, 0700) == 0 || errno != EEXIST, EXISTS, "%s is there already", path);
    ENSURE(files_exists(path), IO, "%s: %s", path, strerror(errno));
    return OBOL_OK;
}

// The certificates of obol pki.
static enum obol_code copy_pki(struct cli *c, struct slice to, struct error *err) {
    const char *old, *new;
    TRY(join(c, c->home, SLICE_LITERAL("pki"), &old, err));
    TRY(join(c, to, SLICE_LITERAL("pki"), &new, err));
    if (!files_exists(old))
        return OBOL_OK;
    TRY(make_directory(new, err));
    return copy_files(c, slice_str(old), slice_str(new), err);
}

// `obol realm rekey` may have replaced the file while the store was copied: then the two may not
// belong together.
static enum obol_code same_master_key(struct cli *c, struct slice to, struct error *err) {
    const char *now, *copied;
    struct slice a = {0}, b = {0};
    TRY(join(c, c->home, SLICE_LITERAL("master.key"), &now, err));
    TRY(join(c, to, SLICE_LITERAL("master.key"), &copied, err));
    if (!files_exists(copied)) {
        cli_warn(c, "the master key file that kdc.conf names has to be copied, too, if it is not "
                    "in this home");
        return OBOL_OK;
    }
    enum obol_code code = files_map(now, &a, err);
    if (code == OBOL_OK)
        code = files_map(copied, &b, err);
    bool same = code == OBOL_OK && ct_equal(a, b);
    files_unmap(a);
    files_unmap(b);
    TRY(code);
    if (!same)
        error_remedy(err, "Remove %.*s, and make the copy again.", SLICE_ARG(to));
    ENSURE(same, MASTER_KEY, "it was replaced while the realm was copied");
    return OBOL_OK;
}

static enum obol_code copy_realm(struct cli *c, struct slice to, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    const char *store;
    TRY(realm_open(c, true, &adm, err));
    TRY(make_directory(cli_cstr(to), err));
    TRY(copy_files(c, c->home, to, err));
    TRY(copy_pki(c, to, err));
    TRY(join(c, to, SLICE_LITERAL("store"), &store, err));
    TRY(store_copy(adm->store, store, err));
    return same_master_key(c, to, err);
}

static enum obol_code count_one(void *ctx, const struct record *r, struct error *err) {
    UNUSED(r);
    UNUSED(err);
    ++*(int64_t *)ctx;
    return OBOL_OK;
}

static enum obol_code realm_backup(struct cli *c, const void *options, struct error *err) {
    CLEANUP(realm_close) struct admin *copy = NULL;
    int64_t count = 0;
    const struct admin_visitor visitor = {.ctx = &count, .each = count_one};
    struct slice to = cli_arg(c, 0);
    UNUSED(options);
    TRY(copy_realm(c, to, err));
    // It is opened, which tries the master key: a copy that does not open is none.
    c->home = to;
    TRY(realm_open(c, true, &copy, err));
    TRY(admin_principal_list(copy, (struct slice){0}, &visitor, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "realm", copy->realm);
        json_text(&j, "directory", to);
        json_number(&j, "principals", count);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s copied to %.*s", SLICE_ARG(copy->realm), SLICE_ARG(to));
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
        "The copy is opened before this says that it is there. The KDC and its administrators go "
        "on "
        "meanwhile.\n\n"
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
