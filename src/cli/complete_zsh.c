// complete_zsh.c: the completion for zsh, from the same table as --help.
#include "cli/help.h"
#include "cli/parse.h"

// A word with what it means, as _describe takes it: colons of the word are quoted from it, single
// quotes from the shell.
static void described(struct writer *w, const char *before, const char *word, const char *help) {
    writer_printf(w, " '%s%s:", before, word);
    for (; *help; help++) {
        if (*help == '\'')
            writer_str(w, "'\\'");
        if (*help == ':' || *help == '\\')
            writer_u8(w, '\\');
        writer_u8(w, (uint8_t)*help);
    }
    writer_u8(w, '\'');
}

static void write_option(struct writer *w, const struct cli_option *o) {
    char letter[2] = {o->letter, '\0'};
    described(w, "--", o->name, o->help);
    if (o->letter)
        described(w, "-", letter, o->help);
}

static void write_options(struct writer *w, const struct cli_command *command) {
    writer_printf(w, "    '%s '*) flags=(", command->name);
    for (size_t i = 0; command->options && command->options[i].name; i++)
        write_option(w, &command->options[i]);
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0)
            write_option(w, &CLI_SHARED[i].option);
    writer_str(w, ") ;;\n");
}

void help_zsh(struct writer *w) {
    writer_str(w, "#compdef obol\n"
                  "# Completion of obol for zsh, made by `obol completion zsh`.\n"
                  "# _obol_next offers the words that may stand behind those that are typed.\n"
                  "_obol_next() {\n"
                  "    local typed=$1 command name rest\n"
                  "    local -a found\n"
                  "    for command in");
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        described(w, "", CLI_COMMANDS[i]->name, CLI_COMMANDS[i]->summary);
    writer_str(w, "; do\n"
                  "        name=${command%%:*}\n"
                  "        [[ \"$name \" == \"$typed\"* ]] || continue\n"
                  "        rest=${name#$typed}\n"
                  "        if [[ $rest == *' '* ]]; then\n"
                  "            found+=(\"${rest%% *}:...\")\n"
                  "        elif [[ -n $rest ]]; then\n"
                  "            found+=(\"$rest:${command#*:}\")\n"
                  "        fi\n"
                  "    done\n"
                  "    typeset -U found\n"
                  "    _describe -t commands command found\n"
                  "}\n"
                  "_obol() {\n"
                  "    local line=\"${(j: :)words[2,CURRENT-1]}\"\n"
                  "    local -a flags shells\n"
                  "    [[ -z $line ]] || line+=' '\n"
                  "    case $line in\n"
                  "    'completion ') [[ ${words[CURRENT]} == -* ]] || { shells=(bash fish zsh)\n"
                  "        _describe -t shells shell shells; return } ;|\n"
                  "    'help '*) [[ ${words[CURRENT]} == -* ]] ||\n"
                  "        { _obol_next \"${line#help }\"; return } ;|\n");
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        write_options(w, CLI_COMMANDS[i]);
    writer_str(w,
               "    *) _obol_next \"$line\"; return ;;\n"
               "    esac\n"
               "    if [[ ${words[CURRENT]} == -* ]]; then\n"
               "        _describe -o -t options option flags\n"
               "    else\n"
               "        _files\n"
               "    fi\n"
               "}\n"
               "if [[ $funcstack[1] == _obol ]]; then _obol \"$@\"; else compdef _obol obol; fi\n");
}
