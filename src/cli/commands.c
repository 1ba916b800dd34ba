// commands.c: the commands of obol, in the order in which help shows them within their group. One
// row here and one file is all that a new command takes.
#include "cli/commands.h"

const struct cli_command *const CLI_COMMANDS[] = {
    // Tickets: in the order in which one meets them.
    &CMD_LOGIN,
    &CMD_TICKETS,
    &CMD_TICKET,
    &CMD_TOKEN,
    &CMD_SWITCH,
    &CMD_LOGOUT,
    // The realm: in the order in which one is made.
    &CMD_REALM_CREATE,
    &CMD_REALM_IMPORT,
    &CMD_REALM_EXPORT,
    &CMD_REALM_REKEY,
    &CMD_SERVE,
    &CMD_STATUS,
    &CMD_PRINCIPAL_ADD,
    &CMD_PRINCIPAL_LIST,
    &CMD_PRINCIPAL_SHOW,
    &CMD_PRINCIPAL_SET,
    &CMD_PRINCIPAL_PASSWORD,
    &CMD_PRINCIPAL_PURGE,
    &CMD_PRINCIPAL_DELETE,
    &CMD_PRINCIPAL_LOAD,
    &CMD_POLICY_ADD,
    &CMD_POLICY_LIST,
    &CMD_POLICY_SHOW,
    &CMD_POLICY_SET,
    &CMD_POLICY_REMOVE,
    &CMD_SPN_ADD,
    &CMD_SPN_LIST,
    &CMD_SPN_DELETE,
    &CMD_KEYTAB_CREATE,
    &CMD_KEYTAB_LIST,
    &CMD_PKI_CA,
    &CMD_PKI_KDC,
    &CMD_PKI_USER,
    &CMD_PKI_REVOKE,
    // Tools
    &CMD_DECODE,
    &CMD_WEB,
    &CMD_HELP,
    &CMD_COMPLETION,
    &CMD_VERSION,
    NULL,
};
