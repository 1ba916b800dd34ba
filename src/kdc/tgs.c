// tgs.c: the TGS exchange (RFC 4120 3.3) as the list of its stages, in the RFC's order.
#include "kdc/tgs.h"
#include "kdc/authdata/authdata.h"
#include "kdc/authdata/pac.h"
#include "kdc/fast.h"

const struct stage TGS_STAGES[] = {
    {"check request", "RFC 4120 5.4.1", tgs_check_request, STAGE_ALWAYS},
    {"open presented ticket", "RFC 4120 3.3.2", tgs_open_header, STAGE_ALWAYS},
    {"check request checksum", "RFC 4120 3.3.2", tgs_check_checksum, STAGE_ALWAYS},
    {"open armor", "RFC 6113 5.4.2", tgs_open_fast, STAGE_ALWAYS},
    {"check presented ticket", "RFC 4120 3.3.3", tgs_check_header, STAGE_ALWAYS},
    {"check client", "RFC 4120 3.3.3", tgs_check_client, STAGE_ALWAYS},
    {"check PAC", "MS-PAC 2.8", tgs_check_pac, STAGE_ALWAYS},
    // Before the server is looked for: a user-to-user request may leave its name out.
    {"open second ticket", "RFC 4120 3.3.3", tgs_open_second, STAGE_ALWAYS},
    {"name server", "RFC 4120 3.3.3", tgs_name_server, STAGE_ALWAYS},
    {"find server", "RFC 4120 3.3.3", server_find, STAGE_ALWAYS},
    {"check server", "RFC 4120 3.3.3", tgs_check_server, STAGE_ALWAYS},
    {"act for user", "MS-SFU 3.2.5", tgs_act_for, STAGE_ALWAYS},
    {"check indicators", "RFC 8129 5", tgs_read_indicators, STAGE_ALWAYS},
    {"check options", "RFC 4120 3.3.3", tgs_check_options, STAGE_ALWAYS},
    {"check transited", "RFC 4120 3.3.3.2", tgs_check_transited, STAGE_ALWAYS},
    {"choose session key", "RFC 4120 3.3.3", keys_choose_session, STAGE_ALWAYS},
    {"choose ticket key", "RFC 4120 3.3.3", tgs_choose_ticket_key, STAGE_ALWAYS},
    {"set flags", "RFC 4120 3.3.3", tgs_set_flags, STAGE_ALWAYS},
    {"set times", "RFC 4120 3.3.3", tgs_set_times, STAGE_ALWAYS},
    {"copy authorization data", "RFC 4120 3.3.3", tgs_copy_authdata, STAGE_ALWAYS},
    {"make PAC", "MS-KILE 3.3.5.7", tgs_make_pac, STAGE_ALWAYS},
    {"issue ticket", "RFC 4120 5.3", ticket_issue, STAGE_ALWAYS},
    {"reply", "RFC 4120 5.4.2", tgs_reply, STAGE_ALWAYS},
    {0},
};
