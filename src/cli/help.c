// help.c: --help and the overview.
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"

static bool begins_with(const struct cli_command *command, struct slice prefix) {
    struct slice name = slice_str(command->name);
    return prefix.len == 0 ||
           (slice_starts(name, prefix) && name.len > prefix.len && name.ptr[prefix.len] == ' ');
}

static void list_group(struct cli *c, const char *group, struct slice prefix) {
    bool head = false;
    for (size_t i = 0; CLI_COMMANDS[i]; i++) {
        const struct cli_command *command = CLI_COMMANDS[i];
        if (strcmp(command->group, group) != 0 || !begins_with(command, prefix))
            continue;
        if (!head)
            cli_print(c, CLI_BOLD, "\n%s\n", group);
        head = true;
        struct slice usage = arena_printf(c->arena, "%s %s", command->name, command->arguments);
        cli_print(c, CLI_PLAIN, "  %-38.*s %s\n", SLICE_ARG(usage), command->summary);
    }
}

void help_overview(struct cli *c, struct slice prefix) {
    static const char *const groups[] = {CLI_GROUP_CLIENT, CLI_GROUP_REALM, CLI_GROUP_TOOLS};
    cli_print(c, CLI_BOLD, "obol");
    cli_print(c, CLI_PLAIN, ": Kerberos 5, whole. Usage: obol COMMAND [OPTION...] [ARGUMENT...]\n");
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        list_group(c, groups[i], prefix);
    cli_print(c, CLI_PLAIN, "\n`obol COMMAND --help` tells more. Every command takes --json.\n");
}

static int width_of(const struct cli_option *o) {
    return (int)(strlen("-x, --") + strlen(o->name) + (o->argument ? 1 + strlen(o->argument) : 0));
}

static void show_option(struct cli *c, const struct cli_option *o, int width) {
    char left[80];
    struct writer w = writer_to_buf(buf_of(left, sizeof left));
    if (o->letter)
        writer_printf(&w, "-%c, ", o->letter);
    else
        writer_str(&w, "    ");
    writer_printf(&w, "--%s%s%s", o->name, o->argument ? " " : "", o->argument ? o->argument : "");
    cli_print(c, CLI_PLAIN, "  %-*.*s %s\n", width, SLICE_ARG(writer_slice(&w)), o->help);
}

// The texts stand below each other, beside the widest option.
static void show_options(struct cli *c, const struct cli_command *command) {
    int width = 30;
    for (size_t i = 0; command->options && command->options[i].name; i++)
        width = width_of(&command->options[i]) > width ? width_of(&command->options[i]) : width;
    for (size_t i = 0; command->options && command->options[i].name; i++)
        show_option(c, &command->options[i], width);
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0)
            show_option(c, &CLI_SHARED[i].option, width);
}

static void show_examples(struct cli *c, const char *examples) {
    cli_print(c, CLI_BOLD, "\nExamples\n");
    struct slice rest = slice_str(examples);
    while (rest.len) {
        size_t end = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, end);
        size_t tab = slice_find(line, '\t');
        cli_print(c, CLI_PLAIN, "  %.*s\n", SLICE_ARG(slice_sub(line, 0, tab)));
        if (tab < line.len)
            cli_print(c, CLI_DIM, "      %.*s\n", SLICE_ARG(slice_sub(line, tab + 1, SIZE_MAX)));
        rest = slice_sub(rest, end + 1, SIZE_MAX);
    }
}

void help_command(struct cli *c, const struct cli_command *command) {
    cli_print(c, CLI_BOLD, "obol %s", command->name);
    cli_print(c, CLI_PLAIN, ": %s\n\nUsage: obol %s [OPTION...] %s\n", command->summary,
              command->name, command->arguments);
    if (command->details)
        cli_print(c, CLI_PLAIN, "\n%s\n", command->details);
    cli_print(c, CLI_BOLD, "\nOptions\n");
    show_options(c, command);
    if (command->examples)
        show_examples(c, command->examples);
}

static void option_json(struct cli_json *j, const struct cli_option *o) {
    json_object(j, NULL);
    json_text(j, "name", slice_str(o->name));
    if (o->letter)
        json_text(j, "letter", slice_of(&o->letter, 1));
    if (o->argument)
        json_text(j, "argument", slice_str(o->argument));
    json_text(j, "help", slice_str(o->help));
    json_close(j);
}

static void command_json(struct cli_json *j, const struct cli_command *command) {
    json_object(j, NULL);
    json_text(j, "name", slice_str(command->name));
    json_text(j, "group", slice_str(command->group));
    json_text(j, "summary", slice_str(command->summary));
    json_text(j, "arguments", slice_str(command->arguments));
    json_text(j, "details", slice_str(command->details ? command->details : ""));
    json_array(j, "options");
    for (size_t i = 0; command->options && command->options[i].name; i++)
        option_json(j, &command->options[i]);
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0)
            option_json(j, &CLI_SHARED[i].option);
    json_close(j);
    json_close(j);
}

void help_json(struct cli *c, const struct cli_command *command, struct slice prefix) {
    struct cli_json j = json_begin(c);
    if (!command)
        json_array(&j, NULL);
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        if (command ? CLI_COMMANDS[i] == command : begins_with(CLI_COMMANDS[i], prefix))
            command_json(&j, CLI_COMMANDS[i]);
    json_end(&j);
}
