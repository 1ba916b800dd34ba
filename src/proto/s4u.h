// s4u.h: what Active Directory adds to requests (MS-SFU 2.2, MS-KILE 2.2) and the old referral
// data, as C structs and DER tables.
#ifndef OBOL_PROTO_S4U_H
#define OBOL_PROTO_S4U_H

#include "proto/codes.h"
#include "proto/types.h"

// PA-FOR-USER, MS-SFU 2.2.1
struct pa_for_user {
    struct principal_name user_name;
    struct slice user_realm;
    struct checksum cksum;
    struct slice auth_package; // "Kerberos"
};

// S4UUserID, MS-SFU 2.2.2; `raw` is what the checksum covers
enum {
    S4U_USER_ID_CNAME = 1u << 0,
    S4U_USER_ID_SUBJECT_CERTIFICATE = 1u << 1,
    S4U_USER_ID_OPTIONS = 1u << 2,
};
struct s4u_user_id {
    uint32_t present;
    struct slice raw;
    int64_t nonce;
    struct principal_name cname;
    struct slice crealm;
    struct slice subject_certificate;
    uint32_t options;
};

// PA-S4U-X509-USER, MS-SFU 2.2.2
struct pa_s4u_x509_user {
    struct s4u_user_id user_id;
    struct checksum checksum;
};

// PA-PAC-REQUEST (KERB-PA-PAC-REQUEST), MS-KILE 2.2.3
struct pa_pac_request {
    bool include_pac;
};

// PA-PAC-OPTIONS, MS-KILE 2.2.10
enum {
    PAC_OPTION_CLAIMS = (int)KERBEROS_FLAG(0),
    PAC_OPTION_BRANCH_AWARE = (int)KERBEROS_FLAG(1),
    PAC_OPTION_FORWARD_TO_FULL_DC = (int)KERBEROS_FLAG(2),
    PAC_OPTION_RESOURCE_BASED_CONSTRAINED_DELEGATION = (int)KERBEROS_FLAG(3),
};
struct pa_pac_options {
    uint32_t flags;
};

// KERB-ERROR-DATA, MS-KILE 2.2.1: e-data of AD's errors; data_type 3 holds an NTSTATUS
enum { KERB_ERROR_DATA_VALUE = 1u << 0, KERB_ERR_TYPE_EXTENDED = 3 };
struct kerb_error_data {
    uint32_t present;
    int32_t data_type;
    struct slice data_value;
};

// KERB-AD-RESTRICTION-ENTRY, MS-KILE 2.2.5, the content of KERB-AUTH-DATA-TOKEN-RESTRICTIONS
struct kerb_ad_restriction_entry {
    int32_t restriction_type;
    struct slice restriction;
};
struct kerb_ad_restriction_entry_list {
    struct kerb_ad_restriction_entry *items;
    size_t count;
};

// PA-SVR-REFERRAL-DATA, draft-swift-win2k-krb-referrals 6; AD's KDCs send it
enum { PA_SVR_REFERRAL_DATA_REFERRED_NAME = 1u << 0 };
struct pa_svr_referral_data {
    uint32_t present;
    struct slice referred_realm;
    struct principal_name referred_name;
};

extern const struct der_type TYPE_PA_FOR_USER, TYPE_PA_S4U_X509_USER, TYPE_S4U_USER_ID,
    TYPE_PA_PAC_REQUEST, TYPE_PA_PAC_OPTIONS, TYPE_KERB_ERROR_DATA, TYPE_KERB_AD_RESTRICTIONS,
    TYPE_PA_SVR_REFERRAL_DATA;

#endif
