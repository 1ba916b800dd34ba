// cmd_help.c: `obol help`, `obol completion`, `obol version`: what is made of the table of
// commands.
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

struct help_options {
    bool man;
    struct slice man_dir;
};
static const struct cli_option help_table[] = {
    {"man", 0, CLI_FLAG, offsetof(struct help_options, man), NULL, "write a man page", 0, 0},
    {"man-dir", 0, CLI_TEXT, offsetof(struct help_options, man_dir), "DIR",
     "write all man pages into man1 and man5 of a directory", 0, 0},
    {0},
};

static enum obol_code write_page(struct cli *c, struct slice dir, const char *name, int section,
                                 struct slice page, struct error *err) {
    struct slice path =
        arena_printf(c->arena, "%.*s/man%d/%s.%d", SLICE_ARG(dir), section, name, section);
    ENSURE_MEMORY(path.ptr);
    FILE *f = fopen((const char *)path.ptr, "we");
    ENSURE(f != NULL, IO, "%s: %s", (const char *)path.ptr, strerror(errno));
    bool written = fwrite(page.ptr, 1, page.len, f) == page.len;
    written = fclose(f) == 0 && written;
    ENSURE(written, IO, "%s: %s", (const char *)path.ptr, strerror(errno));
    return OBOL_OK;
}

static enum obol_code write_command_page(struct cli *c, struct slice dir,
                                         const struct cli_command *command, struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    help_man(&w, command);
    char name[64] = "obol";
    if (command)
        snprintf(name, sizeof name, "obol-%s", command->name);
    for (char *ch = name; *ch; ch++)
        *ch = *ch == ' ' ? '-' : *ch;
    return write_page(c, dir, name, 1, writer_slice(&w), err);
}

static enum obol_code write_all(struct cli *c, struct slice dir, struct error *err) {
    static const char *const below[] = {"", "/man1", "/man5"};
    for (size_t i = 0; i < COUNT_OF(below); i++) {
        struct slice path = arena_printf(c->arena, "%.*s%s", SLICE_ARG(dir), below[i]);
        ENSURE_MEMORY(path.ptr);
        ENSURE(mkdir((const char *)path.ptr, 0755) == 0 || errno == EEXIST, IO, "%s: %s",
               (const char *)path.ptr, strerror(errno));
    }
    TRY(write_command_page(c, dir, NULL, err));
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        TRY(write_command_page(c, dir, CLI_COMMANDS[i], err));
    static const char *const files[] = {"krb5.conf", "kdc.conf"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct writer w = writer_to_arena(c->arena);
        ENSURE(help_man_conf(&w, files[i]), INTERNAL, "%s has no schema", files[i]);
        TRY(write_page(c, dir, files[i], 5, writer_slice(&w), err));
    }
    return OBOL_OK;
}

static enum obol_code help_run(struct cli *c, const void *options, struct error *err) {
    const struct help_options *o = options;
    if (o->man_dir.len)
        return write_all(c, o->man_dir, err);
    if (c->arg_count == 1 && o->man && help_man_conf(&c->out, cli_cstr(c->args[0])))
        return OBOL_OK;
    char *words[8];
    int count = 0, matched = 0;
    for (; count < (int)c->arg_count && count < 8; count++)
        words[count] = (char *)(uintptr_t)c->args[count].ptr;
    const struct cli_command *command = cli_find(words, count, &matched);
    if (matched != count)
        return cli_unknown(words, count, c->arena, err);
    if (o->man)
        help_man(&c->out, command);
    else if (c->json)
        help_json(c, command, cli_arg(c, 0));
    else if (command)
        help_command(c, command);
    else
        help_overview(c, cli_arg(c, 0));
    return OBOL_OK;
}

const struct cli_command CMD_HELP = {
    .name = "help",
    .group = CLI_GROUP_TOOLS,
    .summary = "tell about a command",
    .arguments = "[COMMAND]",
    .options = help_table,
    .options_size = sizeof(struct help_options),
    .max_args = 4,
    .examples = "obol help login\twhat login does and takes\n"
                "obol help --man krb5.conf | man -l -\tall keys of krb5.conf\n",
    .run = help_run,
};

static const struct {
    const char *name;
    void (*write)(struct writer *w);
} SHELLS[] = {{"bash", help_bash}, {"fish", help_fish}, {"zsh", help_zsh}};

static enum obol_code completion_run(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    size_t i = 0;
    while (i < COUNT_OF(SHELLS) && !slice_eq_str(c->args[0], SHELLS[i].name))
        i++;
    ENSURE(i < COUNT_OF(SHELLS), USAGE,
           "'%.*s' is not a shell that is known; there are bash, fish and zsh",
           SLICE_ARG(c->args[0]));
    if (!c->json) {
        SHELLS[i].write(&c->out);
        return OBOL_OK;
    }
    struct writer w = writer_to_arena(c->arena);
    SHELLS[i].write(&w);
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, SHELLS[i].name, writer_slice(&w));
    json_end(&j);
    return OBOL_OK;
}

const struct cli_command CMD_COMPLETION = {
    .name = "completion",
    .group = CLI_GROUP_TOOLS,
    .summary = "print the completion for a shell",
    .arguments = "SHELL",
    .details = "SHELL is bash, fish or zsh. What is installed is found by the shells themselves.",
    .min_args = 1,
    .max_args = 1,
    .examples = "source <(obol completion bash)\tcomplete commands and options in this shell\n"
                "source <(obol completion zsh)\tthe same in zsh, behind compinit\n"
                "obol completion fish | source\tthe same in fish\n",
    .run = completion_run,
};

static enum obol_code version_run(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    UNUSED(err);
    if (!c->json) {
        cli_print(c, CLI_PLAIN, "obol %s\n", OBOL_VERSION);
        return OBOL_OK;
    }
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, "version", slice_str(OBOL_VERSION));
    json_end(&j);
    return OBOL_OK;
}

const struct cli_command CMD_VERSION = {
    .name = "version",
    .group = CLI_GROUP_TOOLS,
    .summary = "print the version",
    .arguments = "",
    .run = version_run,
};
