// tgs.c: the TGS exchange (RFC 4120 3.3) as the list of its stages, in the RFC's order.
#include "kdc/tgs.h"
#include "kdc/authdata/authdata.h"
#include "kdc/authdata/pac.h"
#include "kdc/fast.h"

const struct stage TGS_STAGES[] = {
    {"check request", "RFC 4120 5.4.1", tgs_check_request},
    {"open presented ticket", "RFC 4120 3.3.2", tgs_open_header},
    {"check request checksum", "RFC 4120 3.3.2", tgs_check_checksum},
    {"open armor", "RFC 6113 5.4.2", tgs_open_fast},
    {"check presented ticket", "RFC 4120 3.3.3", tgs_check_header},
    {"check client", "RFC 4120 3.3.3", tgs_check_client},
    {"check PAC", "MS-PAC 2.8", tgs_check_pac},
    // Before the server is looked for: a user-to-user request may leave its name out.
    {"open second ticket", "RFC 4120 3.3.3", tgs_open_second},
    {"name server", "RFC 4120 3.3.3", tgs_name_server},
    {"find server", "RFC 4120 3.3.3", server_find},
    {"check server", "RFC 4120 3.3.3", tgs_check_server},
    {"act for user", "MS-SFU 3.2.5", tgs_act_for},
    {"check indicators", "RFC 8129 5", tgs_read_indicators},
    {"check options", "RFC 4120 3.3.3", tgs_check_options},
    {"check transited", "RFC 4120 3.3.3.2", tgs_check_transited},
    {"choose session key", "RFC 4120 3.3.3", keys_choose_session},
    {"choose ticket key", "RFC 4120 3.3.3", tgs_choose_ticket_key},
    {"set flags", "RFC 4120 3.3.3", tgs_set_flags},
    {"set times", "RFC 4120 3.3.3", tgs_set_times},
    {"copy authorization data", "RFC 4120 3.3.3", tgs_copy_authdata},
    {"make PAC", "MS-KILE 3.3.5.7", tgs_make_pac},
    {"issue ticket", "RFC 4120 5.3", ticket_issue},
    {"reply", "RFC 4120 5.4.2", tgs_reply},
    {0},
};
