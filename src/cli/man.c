// man.c: man pages and the completion for bash, from the same table as --help.
#include "cli/help.h"
#include "cli/parse.h"
#include "config/krb5conf_table.h"

#define LINE_MAX_BYTES 72 // behind which a line of the source ends at the next space

// What roff would take for a request or change for a typographic sign, as itself.
static void roff_char(struct writer *w, uint8_t ch) {
    static const struct {
        uint8_t ch;
        const char *as;
    } signs[] = {{'-', "\\-"},   {'\\', "\\e"},  {'"', "\\(dq"}, {'\'', "\\(aq"},
                 {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (ch == signs[i].ch) {
            writer_str(w, signs[i].as);
            return;
        }
    writer_u8(w, ch);
}

static void roff(struct writer *w, struct slice text) {
    for (size_t i = 0; i < text.len; i++) {
        if (i == 0 && text.ptr[i] == '.')
            writer_str(w, "\\&");
        roff_char(w, text.ptr[i]);
    }
}
static void roff_str(struct writer *w, const char *text) {
    roff(w, slice_str(text));
}

// Running text in lines of a length that diffs and linters like; an empty line is a new paragraph.
static void roff_text(struct writer *w, const char *text) {
    size_t column = 0;
    for (const char *c = text; *c; c++) {
        bool paragraph = c[0] == '\n' && c[1] == '\n';
        if (paragraph) {
            writer_str(w, "\n.PP\n");
            c++;
            column = 0;
            continue;
        }
        if (*c == '\n' || (*c == ' ' && column > LINE_MAX_BYTES)) {
            writer_u8(w, '\n');
            column = 0;
            continue;
        }
        if (column++ == 0 && (*c == '.' || *c == '\''))
            writer_str(w, "\\&");
        roff_char(w, (uint8_t)*c);
    }
}

static void page_head(struct writer *w, struct slice title, int section) {
    writer_str(w, ".TH \"");
    for (size_t i = 0; i < title.len; i++) {
        uint8_t ch = title.ptr[i];
        writer_u8(w, ch == ' ' ? '-' : ch >= 'a' && ch <= 'z' ? (uint8_t)(ch - 32) : ch);
    }
    writer_printf(w,
                  "\" %d \"" OBOL_DATE "\" \"Obol " OBOL_VERSION "\" \"Obol manual\"\n.SH NAME\n",
                  section);
}

static void man_option(struct writer *w, const struct cli_option *o) {
    writer_str(w, ".TP\n.B ");
    if (o->letter)
        writer_printf(w, "\\-%c, ", o->letter);
    writer_str(w, "\\-\\-");
    roff_str(w, o->name);
    if (o->argument) {
        writer_str(w, " ");
        roff_str(w, o->argument);
    }
    writer_str(w, "\n");
    roff_text(w, o->help);
    writer_str(w, ".\n");
}

static void man_examples(struct writer *w, const char *examples) {
    writer_str(w, ".SH EXAMPLES\n");
    struct slice rest = slice_str(examples);
    while (rest.len) {
        size_t end = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, end);
        size_t tab = slice_find(line, '\t');
        writer_str(w, ".TP\n.B ");
        roff(w, slice_sub(line, 0, tab));
        writer_str(w, "\n");
        roff(w, slice_sub(line, tab + 1, SIZE_MAX));
        writer_str(w, "\n");
        rest = slice_sub(rest, end + 1, SIZE_MAX);
    }
}

static void man_command(struct writer *w, const struct cli_command *command) {
    struct writer title = writer_to_buf(buf_of((char[64]){0}, 64));
    writer_printf(&title, "obol-%s", command->name);
    page_head(w, writer_slice(&title), 1);
    writer_str(w, "obol ");
    roff_str(w, command->name);
    writer_str(w, " \\- ");
    roff_str(w, command->summary);
    writer_str(w, "\n.SH SYNOPSIS\n.B obol ");
    roff_str(w, command->name);
    writer_str(w, "\n[OPTION...]");
    writer_str(w, *command->arguments ? " " : "");
    roff_str(w, command->arguments);
    writer_str(w, "\n");
    if (command->details) {
        writer_str(w, ".SH DESCRIPTION\n");
        roff_text(w, command->details);
        writer_str(w, "\n");
    }
    writer_str(w, ".SH OPTIONS\n");
    for (size_t i = 0; command->options && command->options[i].name; i++)
        man_option(w, &command->options[i]);
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0)
            man_option(w, &CLI_SHARED[i].option);
    if (command->examples)
        man_examples(w, command->examples);
    writer_str(w, ".SH EXIT STATUS\n0: done. 1: failed; the message says why. 2: the command line "
                  "is not right.\n.SH SEE ALSO\n.BR obol (1),\n.BR krb5.conf (5),\n.BR kdc.conf "
                  "(5)\n");
}

static void man_overview(struct writer *w) {
    page_head(w, SLICE_LITERAL("obol"), 1);
    writer_str(w, "obol \\- Kerberos 5: realm, tickets, services\n.SH SYNOPSIS\n.B obol\nCOMMAND "
                  "[OPTION...] [ARGUMENT...]\n.SH COMMANDS\n");
    for (size_t i = 0; CLI_COMMANDS[i]; i++) {
        writer_str(w, ".TP\n.B ");
        roff_str(w, CLI_COMMANDS[i]->name);
        writer_str(w, *CLI_COMMANDS[i]->arguments ? " " : "");
        roff_str(w, CLI_COMMANDS[i]->arguments);
        writer_str(w, "\n");
        roff_str(w, CLI_COMMANDS[i]->summary);
        writer_str(w, ".\n");
    }
    writer_str(w,
               ".SH ENVIRONMENT\n"
               ".TP\n.B KRB5_CONFIG\nfiles of the client's configuration, separated by colons; "
               "else /etc/krb5.conf.\n"
               ".TP\n.B KRB5CCNAME\nthe credential cache: FILE:/path or MEMORY:name.\n"
               ".TP\n.B KRB5_KTNAME\nthe keytab of services.\n"
               ".TP\n.B KRB5_CLIENT_KTNAME\nthe keytab of clients.\n"
               ".TP\n.B KRB5_TRACE\na file, such as /dev/stderr, that gets a line for each message "
               "that is\nsent and received.\n"
               ".TP\n.B OBOL_HOME\nthe home of the realm; else /var/lib/obol.\n"
               ".TP\n.B NO_COLOR\nno colour, whatever the terminal.\n"
               ".SH EXIT STATUS\n0: done. 1: failed; the message says why. 2: the command line is "
               "not right.\n.SH SEE ALSO\n.BR krb5.conf (5),\n.BR kdc.conf (5)\n");
}

void help_man(struct writer *w, const struct cli_command *command) {
    if (command)
        man_command(w, command);
    else
        man_overview(w);
}

bool help_man_conf(struct writer *w, const char *name) {
    static const struct {
        const struct config_schema *schema;
        const char *about;
    } files[] = {
        {&KRB5CONF_SCHEMA, "configuration of Kerberos clients and services"},
        {&KDCCONF_SCHEMA, "configuration of the KDC"},
    };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (strcmp(files[i].schema->file, name) != 0)
            continue;
        page_head(w, slice_str(name), 5);
        writer_printf(w, "%s \\- %s\n", name, files[i].about);
        config_write_reference(files[i].schema, w);
        writer_str(w, ".SH SEE ALSO\n.BR obol (1)\n");
        return true;
    }
    return false;
}

static void bash_words(struct writer *w, const struct cli_command *command) {
    for (size_t i = 0; command->options && command->options[i].name; i++)
        writer_printf(w, "--%s ", command->options[i].name);
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0)
            writer_printf(w, "--%s ", CLI_SHARED[i].option.name);
}

void help_bash(struct writer *w) {
    writer_str(w,
               "# Completion of obol for bash, made by `obol completion bash`.\n"
               "_obol() {\n"
               "    local word=${COMP_WORDS[COMP_CWORD]} line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" "
               "words= options=\n"
               "    case \"$line \" in\n");
    // The longest names first: "principal add" before what merely begins with "principal".
    for (size_t i = 0; CLI_COMMANDS[i]; i++) {
        writer_printf(w, "    '%s '*) options='", CLI_COMMANDS[i]->name);
        bash_words(w, CLI_COMMANDS[i]);
        writer_str(w, "' ;;\n");
    }
    writer_str(
        w, "    *) words=$(\n        while read -r name; do\n"
           "            case \"$name \" in \"${line:+$line }\"*)\n"
           "                name=${name#\"${line:+$line }\"}; printf '%s\\n' \"${name%% *}\" ;;\n"
           "            esac\n        done <<'END'\n");
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        writer_printf(w, "%s\n", CLI_COMMANDS[i]->name);
    writer_str(w, "END\n    ) ;;\n    esac\n"
                  "    case $word in\n"
                  "    -*) words=$options ;;\n"
                  "    esac\n"
                  "    if [ -n \"$words\" ]; then\n"
                  "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                  "    else\n"
                  "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                  "    fi\n"
                  "}\ncomplete -F _obol obol\n");
}
