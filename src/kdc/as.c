// as.c: the AS exchange (RFC 4120 3.1) as the list of its stages, in the order of the RFC.
#include "kdc/as.h"
#include "kdc/authdata/authdata.h"
#include "kdc/authdata/pac.h"
#include "kdc/fast.h"

const struct stage AS_STAGES[] = {
    {"open armor", "RFC 6113 5.4.2", as_open_fast, STAGE_ALWAYS},
    {"check request", "RFC 4120 5.4.1", as_check_request, STAGE_ALWAYS},
    {"find client", "RFC 4120 3.1.3", as_find_client, STAGE_ALWAYS},
    // Before the password is looked at: a locked account must not tell whether it was right.
    {"check client", "RFC 4120 3.1.3", as_check_client, STAGE_ALWAYS},
    {"find server", "RFC 4120 3.1.3", server_find, STAGE_UNHIDDEN},
    {"check server", "RFC 4120 3.1.3", server_check, STAGE_UNHIDDEN},
    {"check options", "RFC 4120 5.4.1", as_check_options, STAGE_UNHIDDEN},
    {"choose reply key", "RFC 4120 3.1.3", as_choose_reply_key, STAGE_ALWAYS},
    {"preauthenticate", "RFC 4120 3.1.3", as_preauthenticate, STAGE_ALWAYS},
    // Where unknown users are hidden, the server is looked for only here: a user's name asked for
    // as a service's must not tell a stranger either that there is such a user.
    {"find server", "RFC 4120 3.1.3", server_find, STAGE_HIDING},
    {"check server", "RFC 4120 3.1.3", server_check, STAGE_HIDING},
    {"check options", "RFC 4120 5.4.1", as_check_options, STAGE_HIDING},
    // After the proof: that a password has expired is told to its owner only.
    {"check password age", "RFC 4120 3.1.3", as_check_password_age, STAGE_ALWAYS},
    {"check indicators", "RFC 8129 5", indicators_check, STAGE_ALWAYS},
    {"choose session key", "RFC 4120 3.1.3", keys_choose_session, STAGE_ALWAYS},
    {"choose ticket key", "RFC 4120 3.1.3", keys_choose_ticket, STAGE_ALWAYS},
    {"set flags", "RFC 4120 3.1.3", as_set_flags, STAGE_ALWAYS},
    {"set times", "RFC 4120 3.1.3", as_set_times, STAGE_ALWAYS},
    {"make PAC", "MS-KILE 3.3.5.6", as_make_pac, STAGE_ALWAYS},
    {"issue ticket", "RFC 4120 5.3", ticket_issue, STAGE_ALWAYS},
    {"reply", "RFC 4120 5.4.2", as_reply, STAGE_ALWAYS},
    {0},
};
