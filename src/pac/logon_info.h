// logon_info.h: KERB_VALIDATION_INFO (MS-PAC 2.5), the buffer LOGON_INFO: the account, its groups
// and SIDs.
#ifndef OBOL_PAC_LOGON_INFO_H
#define OBOL_PAC_LOGON_INFO_H

#include "pac/pac.h"

enum { PAC_GROUPS_MAX = 4096 };
enum {                        // of groups
    PAC_GROUP_ATTRIBUTES = 7, // mandatory, enabled by default, enabled
};
enum { // user_flags
    PAC_EXTRA_SIDS = 0x20,
    PAC_RESOURCE_GROUPS = 0x200,
};
enum { // account_control (MS-SAMR 2.2.1.12)
    PAC_ACCOUNT_DISABLED = 0x1,
    PAC_ACCOUNT_NORMAL = 0x10,
    PAC_ACCOUNT_WORKSTATION = 0x80,
    PAC_ACCOUNT_NO_EXPIRY = 0x200,
    PAC_ACCOUNT_TRUSTED_FOR_DELEGATION = 0x2000,
    PAC_ACCOUNT_NOT_DELEGATED = 0x4000,
    PAC_ACCOUNT_NO_PREAUTH = 0x10000,
};
enum { PAC_RID_USERS = 513, PAC_RID_COMPUTERS = 515, PAC_RID_PROTECTED_USERS = 525 };

struct pac_group {
    uint32_t rid, attributes;
};
struct pac_extra_sid {
    struct sid sid;
    uint32_t attributes;
};
struct pac_logon_info {
    // FILETIMEs: 0 not known, FILETIME_NEVER never.
    uint64_t logon, logoff, kickoff, password_set, password_can_change, password_must_change;
    struct slice account, full_name, script, profile, home, drive;
    uint16_t logon_count, bad_password_count;
    uint32_t rid, primary_group;
    struct pac_group *groups;
    uint32_t group_count;
    uint32_t user_flags;
    uint8_t session_key[16];
    struct slice server, domain;
    struct sid domain_sid; // count 0: none
    uint8_t reserved[8];
    uint32_t account_control, sub_auth_status;
    uint64_t last_success, last_failure;
    uint32_t failures, reserved3;
    struct pac_extra_sid *extra;
    uint32_t extra_count;
    struct sid resource_domain; // count 0: none
    struct pac_group *resource_groups;
    uint32_t resource_count;
};
// pac_logon_info_read: FORMAT if counts, pointers or lengths lie. All lives in the arena.
MUST_USE enum obol_code pac_logon_info_read(struct slice data, struct arena *a,
                                            struct pac_logon_info *out, struct error *err);
MUST_USE enum obol_code pac_logon_info_write(const struct pac_logon_info *in, struct arena *a,
                                             struct slice *out, struct error *err);
// pac_logon_info_at copies one that was written by pac_logon_info_write, with another time of
// logon.
MUST_USE enum obol_code pac_logon_info_at(struct slice written, uint64_t logon, struct arena *a,
                                          struct slice *out, struct error *err);

#endif
