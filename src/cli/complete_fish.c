// complete_fish.c: the completion for fish, from the same table as --help.
#include "cli/help.h"
#include "cli/parse.h"

// Text within single quotes, of which fish ends at a quote and at a backslash only.
static void quoted(struct writer *w, const char *text) {
    writer_u8(w, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            writer_u8(w, '\\');
        writer_u8(w, (uint8_t)*text);
    }
    writer_u8(w, '\'');
}

static void write_option(struct writer *w, const char *command, const struct cli_option *o) {
    writer_printf(w, "complete -c obol -n '__obol_in %s' -l %s", command, o->name);
    if (o->letter)
        writer_printf(w, " -s %c", o->letter);
    if (o->type != CLI_FLAG)
        writer_str(w, " -r");
    writer_str(w, " -d ");
    quoted(w, o->help);
    writer_str(w, "\n");
}

// The next word of a name, once for all commands that share it: "principal" of "principal add".
static void write_word(struct writer *w, const struct cli_command *command, size_t from) {
    const char *name = command->name;
    size_t end = from + strcspn(name + from, " ");
    for (size_t i = 0; CLI_COMMANDS[i] != command; i++)
        if (strncmp(CLI_COMMANDS[i]->name, name, end) == 0 &&
            (CLI_COMMANDS[i]->name[end] == ' ' || CLI_COMMANDS[i]->name[end] == '\0'))
            return; // one before has it
    writer_printf(w, "complete -c obol -n '__obol_at %.*s' -a %.*s", (int)(from ? from - 1 : 0),
                  name, (int)(end - from), name + from);
    if (!name[end]) {
        writer_str(w, " -d ");
        quoted(w, command->summary);
    }
    writer_str(w, "\n");
}

static void write_command(struct writer *w, const struct cli_command *command) {
    size_t from = 0;
    for (;;) {
        write_word(w, command, from);
        const char *space = strchr(command->name + from, ' ');
        if (!space)
            break;
        from = (size_t)(space - command->name) + 1;
    }
    for (size_t i = 0; command->options && command->options[i].name; i++)
        write_option(w, command->name, &command->options[i]);
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0)
            write_option(w, command->name, &CLI_SHARED[i].option);
    bool words = strcmp(command->name, "completion") == 0 || strcmp(command->name, "help") == 0;
    if (*command->arguments && !words)
        writer_printf(w, "complete -c obol -n '__obol_in %s' -F\n", command->name);
}

void help_fish(struct writer *w) {
    writer_str(w, "# Completion of obol for fish, made by `obol completion fish`.\n"
                  "function __obol_typed\n"
                  "    set -l typed (commandline -opc)\n"
                  "    set -e typed[1]\n"
                  "    echo (string join ' ' -- $typed)' '\n"
                  "end\n"
                  "# Whether exactly these words stand before the one that is typed.\n"
                  "function __obol_at\n"
                  "    test (string trim -- (__obol_typed)) = \"$argv\"\n"
                  "end\n"
                  "# Whether this command does.\n"
                  "function __obol_in\n"
                  "    string match -q -- \"$argv *\" (__obol_typed)\n"
                  "end\n"
                  "complete -c obol -f\n"
                  "complete -c obol -n '__obol_at completion' -a 'bash fish zsh'\n");
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        write_command(w, CLI_COMMANDS[i]);
}
