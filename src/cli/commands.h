// commands.h: the rows of all commands, each defined in its cmd_x.c.
#ifndef OBOL_CLI_COMMANDS_H
#define OBOL_CLI_COMMANDS_H

#include "cli/command.h"

// Tickets.
extern const struct cli_command CMD_LOGIN, CMD_TICKETS, CMD_TICKET, CMD_TOKEN, CMD_SWITCH,
    CMD_LOGOUT, CMD_PASSWD;
// The realm.
extern const struct cli_command CMD_REALM_BACKUP, CMD_REALM_CREATE, CMD_REALM_EXPORT,
    CMD_REALM_IMPORT, CMD_REALM_REKEY, CMD_REALM_SHOW, CMD_SERVE, CMD_STATUS;
extern const struct cli_command CMD_REALM_TRUST_ADD, CMD_REALM_TRUST_LIST, CMD_REALM_TRUST_SHOW,
    CMD_REALM_TRUST_REMOVE;
extern const struct cli_command CMD_PRINCIPAL_ADD, CMD_PRINCIPAL_LIST, CMD_PRINCIPAL_SHOW,
    CMD_PRINCIPAL_SET, CMD_PRINCIPAL_PASSWORD, CMD_PRINCIPAL_DELETE, CMD_PRINCIPAL_LOAD;
extern const struct cli_command CMD_OTP_ADD, CMD_OTP_LIST, CMD_OTP_DELETE;
extern const struct cli_command CMD_POLICY_ADD, CMD_POLICY_LIST, CMD_POLICY_SHOW, CMD_POLICY_SET,
    CMD_POLICY_REMOVE, CMD_PRINCIPAL_PURGE;
extern const struct cli_command CMD_SPN_ADD, CMD_SPN_LIST, CMD_SPN_DELETE;
extern const struct cli_command CMD_KEYTAB_CREATE, CMD_KEYTAB_LIST;
extern const struct cli_command CMD_PKI_CA, CMD_PKI_KDC, CMD_PKI_USER, CMD_PKI_REVOKE;
// Tools.
extern const struct cli_command CMD_DOCTOR, CMD_WEB;
extern const struct cli_command CMD_COMPLETION, CMD_DECODE, CMD_HELP, CMD_VERSION;

#endif
