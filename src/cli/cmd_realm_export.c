// cmd_realm_export.c: obol realm export: the realm as a dump that MIT krb5 loads.
#include "cli/commands.h"
#include "cli/realm.h"
#include "store/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct export_options {
    struct slice stash, format;
};
static const struct cli_option EXPORT_OPTIONS[] = {
    {"stash", 0, CLI_TEXT, offsetof(struct export_options, stash), "FILE",
     "where the stash file goes that opens the dump; FILE.stash if not given", 0, 0},
    {"format", 0, CLI_TEXT, offsetof(struct export_options, format), "mit",
     "for whom; MIT krb5 is the only one", 0, 0},
    {0}};

struct sink {
    FILE *file;
    const char *path;
};

static enum obol_code write_lines(void *ctx, struct slice lines, struct error *err) {
    const struct sink *s = ctx;
    ENSURE(fwrite(lines.ptr, 1, lines.len, s->file) == lines.len, IO, "%s: %s", s->path,
           strerror(errno));
    return OBOL_OK;
}

// The dump holds every key of the realm, if sealed: it is its owner's alone.
static enum obol_code create(const char *path, struct sink *out, struct error *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ENSURE(fd >= 0 || errno != EEXIST, EXISTS, "%s", path);
    ENSURE(fd >= 0, IO, "%s: %s", path, strerror(errno));
    *out = (struct sink){fdopen(fd, "w"), path};
    if (!out->file)
        close(fd);
    ENSURE(out->file, NO_MEMORY, "%s", path);
    return OBOL_OK;
}

static enum obol_code close_sink(struct sink *s, enum obol_code code, struct error *err) {
    bool kept = fflush(s->file) == 0 && fsync(fileno(s->file)) == 0;
    int why = errno;
    fclose(s->file);
    if (code != OBOL_OK || !kept)
        unlink(s->path);
    ENSURE(code != OBOL_OK || kept, IO, "%s: %s", s->path, strerror(why));
    return code;
}

static void show(struct cli *c, const char *dump, const char *stash,
                 const struct admin_exported *done) {
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "dump", slice_str(dump));
        json_text(&j, "stash", slice_str(stash));
        json_number(&j, "principals", (int64_t)done->principals);
        json_number(&j, "policies", (int64_t)done->policies);
        json_number(&j, "keys", (int64_t)done->keys);
        json_number(&j, "aliases", (int64_t)done->aliases);
        json_number(&j, "delegations", (int64_t)done->delegations);
        json_number(&j, "tokens", (int64_t)done->tokens);
        json_number(&j, "stretched_keys", (int64_t)done->stretched);
        json_end(&j);
        return;
    }
    cli_print(c, CLI_GOOD, "%llu principals and %llu policies",
              (unsigned long long)done->principals, (unsigned long long)done->policies);
    cli_print(c, CLI_PLAIN, " are in %s, the master key in %s\nNext: kdb5_util load %s\n", dump,
              stash, dump);
    if (done->aliases)
        cli_warn(c, "%llu aliases are principals of their own there, with the same keys",
                 (unsigned long long)done->aliases);
    if (done->delegations)
        cli_warn(c, "%llu entries of delegation lists are left out: a dump has no place for them",
                 (unsigned long long)done->delegations);
    if (done->tokens)
        cli_warn(
            c,
            "%llu principals have a token of one-time passwords, which a dump has no place for: "
            "there their password alone logs in",
            (unsigned long long)done->tokens);
    if (done->stretched)
        cli_warn(c, "%llu keys have an iteration count of their own: MIT krb5 needs new passwords",
                 (unsigned long long)done->stretched);
}

static enum obol_code realm_export(struct cli *c, const void *options, struct error *err) {
    const struct export_options *o = options;
    struct sink sink;
    struct admin_exported done;
    struct writer stash = writer_to_arena(c->arena);
    const char *dump = cli_cstr(cli_arg(c, 0));
    const char *key = o->stash.len ? cli_cstr(o->stash)
                                   : (const char *)arena_printf(c->arena, "%s.stash", dump).ptr;
    ENSURE(!o->format.len || slice_eq_str(o->format, "mit"), USAGE,
           "--format is '%.*s'; expected mit", SLICE_ARG(o->format));
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    TRY(create(dump, &sink, err));
    const struct admin_export how = {&sink, write_lines};
    enum obol_code code = admin_export_mit(adm, &how, &stash, &done, err);
    if (code == OBOL_OK)
        code = files_replace(key, writer_slice(&stash), true, err);
    TRY(close_sink(&sink, code, err));
    show(c, dump, key, &done);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_EXPORT = {
    .name = "realm export",
    .group = CLI_GROUP_REALM,
    .summary = "write the realm as a dump for MIT krb5",
    .arguments = "FILE",
    .details =
        "FILE is what kdb5_util load takes, with every key sealed under a master key that is drawn "
        "for it; the stash file with that key belongs where key_stash_file of the other kdc.conf "
        "says. Both are written anew and are their owner's alone. Whoever has both has the realm.",
    .examples = "obol realm export dump --stash stash\tthen, there: kdb5_util load dump\n",
    .options = EXPORT_OPTIONS,
    .options_size = sizeof(struct export_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = realm_export,
};
