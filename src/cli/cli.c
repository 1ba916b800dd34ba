// cli.c: one run: find the command, parse its words, run it, show how it ended.
#include "cli/face.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "net/locate.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARENA_FIRST (256u << 10)
#define ARENA_LIMIT (size_t)(2048u << 20)

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

static void show_notes(struct cli *c, const struct config_notes *notes) {
    struct writer w = writer_to_arena(c->arena);
    config_notes_write(notes, &w);
    if (w.len)
        fwrite(writer_slice(&w).ptr, 1, writer_slice(&w).len, stderr);
}

enum obol_code cli_config(struct cli *c, const struct krb5conf **conf, struct error *err) {
    if (!c->conf) {
        struct krb5conf *loaded = arena_zalloc(c->arena, 1, sizeof *loaded);
        ENSURE_MEMORY(loaded);
        enum obol_code code = krb5conf_load(loaded, (struct slice){0}, c->arena, err);
        if (code == OBOL_OK)
            net_places_check(loaded, c->arena);
        // They may tell why it could not be loaded.
        show_notes(c, &loaded->profile.notes);
        TRY(code);
        c->conf = loaded;
    }
    *conf = c->conf;
    return OBOL_OK;
}

static void show_error(struct cli *c, const struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    if (c->json) {
        error_write_json(err, &w);
        writer_u8(&w, '\n');
    } else {
        bool red = isatty(STDERR_FILENO) && c->colour;
        writer_printf(&w, "%s%s:%s ", red ? "\033[31m" : "", c->program, red ? "\033[0m" : "");
        error_write(err, &w);
    }
    fwrite(writer_slice(&w).ptr, 1, writer_slice(&w).len, stderr);
}

static void add_usage(const struct cli *c, struct error *err) {
    const struct cli_command *command = c->command;
    if (err->remedy_at)
        return;
    if (command)
        error_remedy(err, "Usage: obol %s [OPTION...]%s%s; `obol %s --help` tells more.",
                     command->name, *command->arguments ? " " : "", command->arguments,
                     command->name);
    else
        error_remedy(err, "Usage: obol COMMAND [OPTION...] [ARGUMENT...]; `obol help` lists the "
                          "commands.");
}

// `done` is the exit status of success.
static int ended(struct cli *c, const struct face *face, enum obol_code code, int done,
                 struct error *err) {
    // What was found before a failure is worth showing.
    if (!c->out.failed)
        cli_flush(c);
    if (code == OBOL_OK && c->out.failed)
        code = error_set(err, OBOL_NO_MEMORY, __func__,
                         "the output does not fit the memory set aside");
    if (code == OBOL_OK && c->write_error)
        code = error_set(err, OBOL_IO, __func__, "standard output cannot be written: %s",
                         strerror(c->write_error));
    if (code == OBOL_OK)
        return done;
    if (code == OBOL_USAGE && !face)
        add_usage(c, err);
    show_error(c, err);
    if (code != OBOL_USAGE)
        return EXIT_FAILED;
    return face ? face->usage_status : EXIT_USAGE;
}

static void take_shared(struct cli *c, const struct cli_shared *shared) {
    const char *home = secure_getenv("OBOL_HOME");
    c->json |= shared->json;
    c->cache = shared->cache;
    c->home = shared->home.len ? shared->home
              : home && *home  ? slice_str(home)
                               : SLICE_LITERAL(CLI_HOME_DEFAULT);
    c->password_fd = shared->password_stdin ? STDIN_FILENO : (int)shared->password_fd;
}

static enum obol_code run_command(struct cli *c, char **argv, int argc, struct error *err) {
    void *options = arena_zalloc(c->arena, 1, c->command->options_size + 1);
    ENSURE_MEMORY(options);
    struct cli_shared shared = {0};
    enum obol_code code = cli_parse(c, argv, argc, options, &shared, err);
    take_shared(c, &shared);
    TRY(code);
    if (shared.help) {
        if (c->json)
            help_json(c, c->command, (struct slice){0});
        else
            help_command(c, c->command);
        return OBOL_OK;
    }
    return c->command->run(c, options, err);
}

static bool is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static enum obol_code run(struct cli *c, char **argv, int argc, struct error *err) {
    int words = 0;
    c->command = cli_find(argv, argc, &words);
    if (c->command)
        return run_command(c, argv + words, argc - words, err);
    if (argc > 0 && strcmp(argv[0], "--version") == 0) {
        cli_print(c, CLI_PLAIN, "obol %s\n", OBOL_VERSION);
        return OBOL_OK;
    }
    // `obol`, `obol --help`, `obol principal`, `obol principal --help`
    bool help = argc > words && is_help(argv[words]);
    if (argc > words && !help)
        return cli_unknown(argv, argc, c->arena, err);
    struct slice prefix = words ? slice_str(argv[0]) : (struct slice){0};
    help_overview(c, prefix);
    ENSURE(help, USAGE, "a command is needed");
    return OBOL_OK;
}

int cli_main(int argc, char **argv) {
    struct arena arena;
    struct error err;
    error_init(&err);
    if (!arena_init(&arena, ARENA_FIRST, ARENA_LIMIT)) {
        fputs("obol: out of memory\n", stderr);
        return EXIT_FAILED;
    }
    const struct face *face = face_find(argc > 0 ? argv[0] : NULL);
    struct cli c = {.program = face ? face->name : "obol",
                    .arena = &arena,
                    .env = env_system(),
                    .password_fd = -1};
    // Known before the first mistake is told.
    for (int i = 1; !face && i < argc && strcmp(argv[i], "--") != 0; i++)
        c.json |= strcmp(argv[i], "--json") == 0;
    const char *no_colour = getenv("NO_COLOR");
    c.colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
    c.out = writer_to_arena(&arena);
    int status = EXIT_DONE;
    enum obol_code code = face ? face_run(face, &c, argc - 1, argv + 1, &status, &err)
                               : run(&c, argv + 1, argc - 1, &err);
    status = ended(&c, face, code, status, &err);
    arena_clear(&arena);
    return status;
}
