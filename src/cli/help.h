// help.h: what is made of the table of commands for people: the overview, the help of a command,
// the completion of the shell, the man pages.
#ifndef OBOL_CLI_HELP_H
#define OBOL_CLI_HELP_H

#include "cli/command.h"

// help_overview lists the commands by group; with `prefix` ("principal") those that begin with it.
void help_overview(struct cli *c, struct slice prefix);
void help_command(struct cli *c, const struct cli_command *command);
// help_json tells machines the same: of one command, or of all that begin with `prefix`.
void help_json(struct cli *c, const struct cli_command *command, struct slice prefix);
// help_man writes the man page of a command; NULL: of obol itself. help_man_conf that of krb5.conf
// or kdc.conf: false if `name` is neither.
void help_man(struct writer *w, const struct cli_command *command);
MUST_USE bool help_man_conf(struct writer *w, const char *name);
// help_bash, help_zsh and help_fish write the completion for a shell.
void help_bash(struct writer *w);
void help_zsh(struct writer *w);
void help_fish(struct writer *w);

#endif
