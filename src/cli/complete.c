// complete.c: the completion for bash, from the same table as --help.
#include "cli/help.h"
#include "cli/parse.h"
#include "crypto/crypto.h"
#include "store/record.h"

static void write_options(struct writer *w, const struct cli_command *command) {
    for (size_t i = 0; command->options && command->options[i].name; i++)
        writer_printf(w, "--%s ", command->options[i].name);
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0)
            writer_printf(w, "--%s ", CLI_SHARED[i].option.name);
}

// A case for each command: its options, and what else may stand behind it.
static void write_commands(struct writer *w) {
    for (size_t i = 0; CLI_COMMANDS[i]; i++) {
        const char *name = CLI_COMMANDS[i]->name;
        writer_printf(w, "    '%s '*) options='", name);
        write_options(w, CLI_COMMANDS[i]);
        writer_str(w, "'");
        if (strcmp(name, "help") == 0)
            writer_str(w, " files=; line=${line#help}; words=$(_obol_commands \"${line# }\")");
        if (strcmp(name, "completion") == 0)
            writer_str(w, " files= words='bash fish zsh'");
        writer_str(w, " ;;\n");
    }
}

// The words behind an option that takes one of a few.
static void write_values(struct writer *w) {
    uint32_t flag;
    writer_str(w, "    case $before in\n    -e | --enctype) words='");
    for (size_t i = 0; enctype_at(i); i++)
        writer_printf(w, "%s ", enctype_name(enctype_at(i)));
    writer_str(w, "' ;;\n    --set | --clear) words='");
    for (size_t i = 0; record_flag_name(i, &flag); i++)
        writer_printf(w, "%s ", record_flag_name(i, &flag));
    writer_str(w, "' ;;\n    esac\n");
}

void help_bash(struct writer *w) {
    writer_str(w, "# Completion of obol for bash, made by `obol completion bash`.\n"
                  "# _obol_commands gives the words that may stand behind the words given.\n"
                  "_obol_commands() {\n"
                  "    local name\n"
                  "    while read -r name; do\n"
                  "        case \"$name \" in \"${1:+$1 }\"*)\n"
                  "            name=${name#\"${1:+$1 }\"}; printf '%s\\n' \"${name%% *}\" ;;\n"
                  "        esac\n"
                  "    done <<'END'\n");
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        writer_printf(w, "%s\n", CLI_COMMANDS[i]->name);
    writer_str(w, "END\n"
                  "}\n"
                  "_obol() {\n"
                  "    local word=${COMP_WORDS[COMP_CWORD]-} before=${COMP_WORDS[COMP_CWORD-1]-}\n"
                  "    local line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" words= options= files=yes\n"
                  "    case \"$line \" in\n");
    write_commands(w);
    writer_str(w, "    *) files= words=$(_obol_commands \"$line\") ;;\n    esac\n");
    write_values(w);
    writer_str(w, "    case $word in\n"
                  "    -*) words=$options ;;\n"
                  "    esac\n"
                  "    COMPREPLY=()\n"
                  "    if [ -n \"$words\" ]; then\n"
                  "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                  "    elif [ -n \"$files\" ]; then\n"
                  "        compopt -o filenames 2>/dev/null\n"
                  "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                  "    fi\n"
                  "}\ncomplete -F _obol obol\n");
}
