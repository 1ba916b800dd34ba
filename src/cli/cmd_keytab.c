// cmd_keytab.c: obol keytab create and list: the keys of services in the file format that MIT,
// Heimdal and Java share.
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/realm.h"
#include "cred/keytab.h"
#include <sys/stat.h>

struct create_options {
    bool rotate;
    int64_t keep_old;
    struct slice_list enctypes;
};
static const struct cli_option CREATE_OPTIONS[] = {
    {"rotate", 0, CLI_FLAG, offsetof(struct create_options, rotate), NULL,
     "make new random keys first", 0, 0},
    {"keep-old", 0, CLI_NUMBER, offsetof(struct create_options, keep_old), "N",
     "with --rotate: so many old versions stay, for tickets that are in use; else none", 0, 50},
    {"enctype", 'e', CLI_LIST, offsetof(struct create_options, enctypes), "NAME",
     "with --rotate: an encryption type of the new keys, instead of the realm's; may be given "
     "again",
     0, 0},
    {0}};

// The keys of all names together.
struct gathered {
    struct keytab_entry *entries;
    size_t count, room;
};

static enum obol_code gather(struct cli *c, struct gathered *g, const struct admin_keytab *keys,
                             struct error *err) {
    if (g->count + keys->count > g->room) {
        size_t room = 2 * (g->count + keys->count);
        struct keytab_entry *more = arena_zalloc(c->arena, room, sizeof *more);
        ENSURE_MEMORY(more);
        if (g->count)
            memcpy(more, g->entries, g->count * sizeof *more);
        g->entries = more;
        g->room = room;
    }
    for (size_t i = 0; i < keys->count; i++) {
        const struct admin_keytab_key *k = &keys->items[i];
        g->entries[g->count++] = (struct keytab_entry){
            .principal = k->name,
            .timestamp = k->set,
            .kvno = k->kvno,
            .key = {.keytype = k->enctype, .keyvalue = k->bytes},
        };
    }
    return OBOL_OK;
}

// entries_show writes a table or an array of entries.
static void entries_show(struct cli *c, struct cli_json *j, const struct keytab_entry *entries,
                         size_t count) {
    struct cli_table t;
    if (!c->json)
        cli_table_begin(&t, c, "kvno|Principal|Enctype|Written");
    for (size_t i = 0; i < count; i++) {
        const struct keytab_entry *e = &entries[i];
        struct slice name = principal_text(&e->principal, c->arena);
        if (!c->json) {
            cli_cellf(&t, "%u", e->kvno);
            cli_cell(&t, name);
            cli_cellf(&t, "%s", client_etype_name(c, e->key.keytype));
            cli_cell(&t, cli_time(c, e->timestamp));
            continue;
        }
        json_object(j, NULL);
        json_number(j, "kvno", e->kvno);
        json_text(j, "principal", name);
        json_text(j, "enctype", slice_str(client_etype_name(c, e->key.keytype)));
        json_time(j, "written", e->timestamp);
        json_close(j);
    }
    if (!c->json)
        cli_table_end(&t);
}

static void keytab_show(struct cli *c, const char *path, const struct keytab_entry *entries,
                        size_t count) {
    struct cli_json j = json_begin(c);
    if (c->json) {
        json_object(&j, NULL);
        json_text(&j, "keytab", slice_str(path));
        json_array(&j, "entries");
    } else {
        cli_print(c, CLI_BOLD, "%s\n", path);
    }
    entries_show(c, &j, entries, count);
    if (c->json)
        json_end(&j);
}

// write_entries is keytab_add to a file that need not be there.
static enum obol_code write_entries(const char *path, const struct gathered *g, struct error *err) {
    enum obol_code code = keytab_add(path, g->entries, g->count, err);
    if (code != OBOL_KEYTAB_NOT_FOUND)
        return code;
    return error_replace(err, OBOL_KEYTAB_IO, __func__,
                         "%s cannot be made: its directory does not exist", path);
}

static enum obol_code gather_all(struct cli *c, struct admin *adm, const struct admin_keys *rotate,
                                 struct gathered *all, struct error *err) {
    for (size_t i = 1; i < c->arg_count; i++) {
        struct admin_keytab keys;
        TRY(admin_keytab_keys(adm, cli_arg(c, i), rotate, c->arena, &keys, err));
        TRY(gather(c, all, &keys, err));
    }
    return OBOL_OK;
}

// A file that was there keeps its mode.
static void warn_of_readers(struct cli *c, const char *path) {
    struct stat st;
    if (stat(path, &st) == 0 && st.st_mode & 077)
        cli_warn(c, "%s has mode %o: others than its owner can use the keys; chmod 600 %s", path,
                 st.st_mode & 07777, path);
}

static enum obol_code keytab_create(struct cli *c, const void *options, struct error *err) {
    const struct create_options *o = options;
    ENSURE(o->rotate || (o->keep_old == 0 && o->enctypes.count == 0), USAGE,
           "--keep-old and --enctype are about new keys: they go with --rotate");
    struct admin_keys rotate = {.keep_old = (uint32_t)o->keep_old};
    TRY(realm_enctypes(c, &o->enctypes, &rotate.enctypes, err));
    const char *path;
    TRY(keytab_path(cli_arg(c, 0), NULL, c->arena, &path, err));
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, !o->rotate, &adm, err));
    struct record r;
    // All names and the file are tried before the first key is changed.
    for (size_t i = 1; i < c->arg_count; i++)
        TRY(realm_find(c, adm, cli_arg(c, i), &r, err));
    struct gathered all = {0};
    if (o->rotate)
        TRY(write_entries(path, &all, err));
    enum obol_code code = gather_all(c, adm, o->rotate ? &rotate : NULL, &all, err);
    // Keys that were changed before one failed are of use only if they are written.
    enum obol_code written = write_entries(path, &all, code == OBOL_OK ? err : NULL);
    if (written != OBOL_OK && o->rotate)
        error_remedy(err,
                     "The KDC has the new keys already: when %s can be written, run this again "
                     "without --rotate.",
                     path);
    TRY(code);
    TRY(written);
    warn_of_readers(c, path);
    keytab_show(c, path, all.entries, all.count);
    return OBOL_OK;
}

const struct cli_command CMD_KEYTAB_CREATE = {
    .name = "keytab create",
    .group = CLI_GROUP_REALM,
    .summary = "write the keys of services to a keytab",
    .arguments = "FILE SPN...",
    .details = "The keys that the KDC holds are written and none is changed, so that tickets and "
               "other keytabs stay good. Entries that FILE holds already stay, but for those that "
               "are written anew. A new file can be read by its owner only.",
    .examples = "obol keytab create /etc/http.keytab HTTP/web.example.com\tfor the web server\n"
                "obol keytab create web.keytab HTTP/web.example.com --rotate --keep-old 1\t"
                "new keys; the ones before stay good for tickets in use\n",
    .options = CREATE_OPTIONS,
    .options_size = sizeof(struct create_options),
    .min_args = 2,
    .max_args = CLI_ANY_ARGS,
    .wants = CLI_WANTS_HOME,
    .run = keytab_create,
};

static enum obol_code keytab_list(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    const struct krb5conf *conf = NULL;
    if (c->arg_count == 0)
        TRY(cli_config(c, &conf, err));
    const char *path;
    TRY(keytab_path(cli_arg(c, 0), conf, c->arena, &path, err));
    struct keytab_content content;
    TRY(keytab_read(path, c->arena, &content, err));
    keytab_show(c, path, content.entries, content.count);
    return OBOL_OK;
}

const struct cli_command CMD_KEYTAB_LIST = {
    .name = "keytab list",
    .group = CLI_GROUP_REALM,
    .summary = "list the keys of a keytab",
    .arguments = "[FILE]",
    .details = "Without FILE: KRB5_KTNAME, else default_keytab_name of krb5.conf, else "
               "/etc/krb5.keytab.",
    .examples = "obol keytab list web.keytab\twhich keys, of which version\n",
    .min_args = 0,
    .max_args = 1,
    .run = keytab_list,
};
