// commands.c: the commands of obol, in the order in which help shows them within their group. One
// row here and one file is all that a new command takes.
#include "cli/commands.h"

const struct cli_command *const CLI_COMMANDS[] = {
    // Tickets: in the order in which one meets them.
    // Tools
    &CMD_HELP,
    &CMD_COMPLETION,
    &CMD_VERSION,
    NULL,
};
