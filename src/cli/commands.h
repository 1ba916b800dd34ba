// commands.h: the rows of all commands, each defined in its cmd_x.c.
#ifndef OBOL_CLI_COMMANDS_H
#define OBOL_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct cli_command CMD_COMPLETION, CMD_HELP, CMD_VERSION;

#endif
