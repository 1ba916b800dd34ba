// man.c: man pages, from the same table as --help.
#include "cli/help.h"
#include "cli/parse.h"
#include "config/krb5conf_table.h"
#include "config/roff.h"

static void roff_str(struct writer *w, const char *text) {
    roff_words(w, slice_str(text));
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
    roff_text(w, slice_str(o->help));
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
        roff_words(w, slice_sub(line, 0, tab));
        writer_str(w, "\n");
        roff_text(w, slice_sub(line, tab + 1, SIZE_MAX));
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
        roff_text(w, slice_str(command->details));
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
               ".TP\n.B KRB5CCNAME\nthe credential cache: FILE:/path, DIR:/directory,\n"
               "KEYRING:persistent:UID, KCM: or MEMORY:name.\n"
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
