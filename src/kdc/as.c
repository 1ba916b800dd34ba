// as.c: the AS exchange (RFC 4120 3.1) as the list of its stages, in the order of the RFC, and in
// that of hide_unknown_users.
#include "kdc/as.h"
#include "kdc/authdata/authdata.h"
#include "kdc/authdata/pac.h"
#include "kdc/fast.h"

// clang-format off
#define CLIENT \
    {"open armor", "RFC 6113 5.4.2", as_open_fast}, \
    {"check request", "RFC 4120 5.4.1", as_check_request}, \
    {"find client", "RFC 4120 3.1.3", as_find_client}, \
    /* Before the password is looked at: a locked account must not tell whether it was right. */ \
    {"check client", "RFC 4120 3.1.3", as_check_client}
#define SERVER \
    {"find server", "RFC 4120 3.1.3", server_find}, \
    {"check server", "RFC 4120 3.1.3", server_check}, \
    {"check options", "RFC 4120 5.4.1", as_check_options}
#define PROOF \
    {"choose reply key", "RFC 4120 3.1.3", as_choose_reply_key}, \
    {"preauthenticate", "RFC 4120 3.1.3", as_preauthenticate}
#define TICKET \
    /* After it: that a password has expired is told to its owner only. */ \
    {"check password age", "RFC 4120 3.1.3", as_check_password_age}, \
    {"check indicators", "RFC 8129 5", indicators_check}, \
    {"choose session key", "RFC 4120 3.1.3", keys_choose_session}, \
    {"choose ticket key", "RFC 4120 3.1.3", keys_choose_ticket}, \
    {"set flags", "RFC 4120 3.1.3", as_set_flags}, \
    {"set times", "RFC 4120 3.1.3", as_set_times}, \
    {"make PAC", "MS-KILE 3.3.5.6", as_make_pac}, \
    {"issue ticket", "RFC 4120 5.3", ticket_issue}, \
    {"reply", "RFC 4120 5.4.2", as_reply}, \
    {0}
// clang-format on

const struct stage AS_STAGES[] = {CLIENT, SERVER, PROOF, TICKET};
// A user's name asked for as a service's must not tell a stranger either that there is such a user.
const struct stage AS_STAGES_HIDING[] = {CLIENT, PROOF, SERVER, TICKET};
