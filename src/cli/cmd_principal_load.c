// cmd_principal_load.c: obol principal load: many principals in one command, a line each.
#include "cli/commands.h"
#include "cli/realm.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct load_options {
    bool skip_existing, fast;
};
static const struct cli_option LOAD_OPTIONS[] = {
    {"skip-existing", 0, CLI_FLAG, offsetof(struct load_options, skip_existing), NULL,
     "pass over names that are there already: to go on with a load", 0, 0},
    {"fast", 0, CLI_FLAG, offsetof(struct load_options, fast), NULL,
     "write to disk at the end only; for a fresh realm, which a power loss would cost", 0, 0},
    {0}};

// The lines of a file, read one after another.
struct source {
    FILE *file;
    char *line;
    size_t room;
};

static void source_clear(struct source *s) {
    if (s->file && s->file != stdin)
        fclose(s->file);
    // A line may hold a password.
    if (s->line)
        explicit_bzero(s->line, s->room);
    free(s->line);
}

static enum obol_code next_line(void *ctx, bool *more, struct slice *line, struct error *err) {
    struct source *s = ctx;
    errno = 0;
    ssize_t n = getline(&s->line, &s->room, s->file);
    *more = n >= 0;
    ENSURE(n >= 0 || feof(s->file), IO, "reading the lines: %s", strerror(errno));
    if (n > 0 && s->line[n - 1] == '\n')
        n--;
    *line = slice_of(s->line, n > 0 ? (size_t)n : 0);
    return OBOL_OK;
}

static void show_progress(void *ctx, uint64_t done) {
    UNUSED(ctx);
    fprintf(stderr, "\r%llu", (unsigned long long)done);
}

static enum obol_code open_source(struct cli *c, struct source *s, struct error *err) {
    struct slice name = cli_arg(c, 0);
    s->file = name.len == 0 || slice_eq_str(name, "-") ? stdin : fopen(cli_cstr(name), "re");
    ENSURE(s->file, IO, "%s: %s", cli_cstr(name), strerror(errno));
    return OBOL_OK;
}

static enum obol_code load(struct cli *c, const struct load_options *o, struct source *s,
                           struct admin_loaded *done, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open_for(c, &(struct admin_options){.fast_load = o->fast}, &adm, err));
    const struct admin_lines lines = {s, next_line};
    const struct admin_progress progress = {NULL, show_progress};
    const bool watched = isatty(STDERR_FILENO) == 1;
    const struct admin_load how = {.skip_existing = o->skip_existing,
                                   .progress = watched ? &progress : NULL};
    enum obol_code code = admin_load_lines(adm, &lines, &how, done, err);
    if (watched && done->principals)
        fputs("\r", stderr);
    if (code != OBOL_OK && done->lines)
        cli_warn(c, "%llu lines are in; mend the mistake and go on with --skip-existing",
                 (unsigned long long)done->lines);
    return code;
}

static enum obol_code principal_load(struct cli *c, const void *options, struct error *err) {
    CLEANUP(source_clear) struct source s = {0};
    struct admin_loaded done = {0};
    TRY(open_source(c, &s, err));
    TRY(load(c, options, &s, &done, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_number(&j, "principals", (int64_t)done.principals);
        json_number(&j, "skipped", (int64_t)done.skipped);
        json_number(&j, "lines", (int64_t)done.lines);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%llu principals added", (unsigned long long)done.principals);
    cli_print(c, CLI_PLAIN, ", %llu skipped\n", (unsigned long long)done.skipped);
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_LOAD = {
    .name = "principal load",
    .group = CLI_GROUP_REALM,
    .summary = "add many principals, a line each",
    .arguments = "[FILE]",
    .details =
        "Without FILE, or for -, lines are read from standard input. Fields are separated by "
        "TABs: NAME, KEYS, and any number of OPTION=VALUE. KEYS is random, none, password=TEXT or "
        "key=ENCTYPE:HEX with more of them behind commas.\n\n"
        "Options: kind=user or service, flags=NAME,-NAME, alias=NAME, policy=NAME, "
        "max-life=SECONDS, max-renew=SECONDS, expires=TIME, password-expires=TIME, kvno=NUMBER, "
        "salt=TEXT, iterations=NUMBER, attr=NAME:VALUE. Empty lines and those that begin with # "
        "are passed over. A "
        "mistake is named with its line; what stands before it stays.",
    .examples = "obol principal load people.tsv\ta line each\n"
                "generate | obol principal load --fast\ta million into a fresh realm\n",
    .options = LOAD_OPTIONS,
    .options_size = sizeof(struct load_options),
    .min_args = 0,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = principal_load,
};
