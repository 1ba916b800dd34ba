// s4u.c: the tables of MS-SFU 2.2 and MS-KILE 2.2.
#include "proto/s4u.h"
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// PA-FOR-USER ::= SEQUENCE {
static const struct der_field pa_for_user[] = {
    {"userName",     EXPLICIT(0), &TYPE_PRINCIPAL_NAME, MEMBER(pa_for_user, user_name)},
    {"userRealm",    EXPLICIT(1), &DER_NAME,      MEMBER(pa_for_user, user_realm)},
    {"cksum",        EXPLICIT(2), &TYPE_CHECKSUM, MEMBER(pa_for_user, cksum)},
    {"auth-package", EXPLICIT(3), &DER_NAME,      MEMBER(pa_for_user, auth_package)},
};
const struct der_type TYPE_PA_FOR_USER = {SEQUENCE("PA-FOR-USER", pa_for_user, pa_for_user)};

// S4UUserID ::= SEQUENCE {
static const struct der_field s4u_user_id[] = {
    {"nonce",        EXPLICIT(0), &DER_NONCE,     MEMBER(s4u_user_id, nonce)},
    {"cname",        EXPLICIT(1), &TYPE_PRINCIPAL_NAME, MEMBER(s4u_user_id, cname), S4U_USER_ID_CNAME},
    {"crealm",       EXPLICIT(2), &DER_NAME,      MEMBER(s4u_user_id, crealm)},
    {"subject-certificate", EXPLICIT(3), &DER_OCTETS, MEMBER(s4u_user_id, subject_certificate), S4U_USER_ID_SUBJECT_CERTIFICATE},
    {"options",      EXPLICIT(4), &DER_FLAGS,     MEMBER(s4u_user_id, options), S4U_USER_ID_OPTIONS},
};
const struct der_type TYPE_S4U_USER_ID = {SEQUENCE("S4UUserID", s4u_user_id, s4u_user_id),
    .flags = DER_EXTENSIBLE | DER_KEEPS_RAW, .raw = offsetof(struct s4u_user_id, raw)};

// PA-S4U-X509-USER ::= SEQUENCE {
static const struct der_field pa_s4u_x509_user[] = {
    {"user-id",      EXPLICIT(0), &TYPE_S4U_USER_ID, MEMBER(pa_s4u_x509_user, user_id)},
    {"checksum",     EXPLICIT(1), &TYPE_CHECKSUM, MEMBER(pa_s4u_x509_user, checksum)},
};
const struct der_type TYPE_PA_S4U_X509_USER = {SEQUENCE("PA-S4U-X509-USER", pa_s4u_x509_user, pa_s4u_x509_user)};

// PA-PAC-REQUEST ::= SEQUENCE {
static const struct der_field pa_pac_request[] = {
    {"include-pac",  EXPLICIT(0), &DER_BOOLEAN,   MEMBER(pa_pac_request, include_pac)},
};
const struct der_type TYPE_PA_PAC_REQUEST = {SEQUENCE("PA-PAC-REQUEST", pa_pac_request, pa_pac_request)};

// PA-PAC-OPTIONS ::= SEQUENCE {
static const struct der_field pa_pac_options[] = {
    {"flags",        EXPLICIT(0), &DER_FLAGS,     MEMBER(pa_pac_options, flags), .codes = &CODES_PAC_OPTIONS},
};
const struct der_type TYPE_PA_PAC_OPTIONS = {SEQUENCE("PA-PAC-OPTIONS", pa_pac_options, pa_pac_options)};

// KERB-ERROR-DATA ::= SEQUENCE {
static const struct der_field kerb_error_data[] = {
    {"data-type",    EXPLICIT(1), &DER_INT32,     MEMBER(kerb_error_data, data_type)},
    {"data-value",   EXPLICIT(2), &DER_OCTETS,    MEMBER(kerb_error_data, data_value), KERB_ERROR_DATA_VALUE},
};
const struct der_type TYPE_KERB_ERROR_DATA = {SEQUENCE("KERB-ERROR-DATA", kerb_error_data, kerb_error_data)};

// KERB-AD-RESTRICTION-ENTRY ::= SEQUENCE {
static const struct der_field restriction_entry[] = {
    {"restriction-type", EXPLICIT(0), &DER_INT32, MEMBER(kerb_ad_restriction_entry, restriction_type)},
    {"restriction",  EXPLICIT(1), &DER_OCTETS,    MEMBER(kerb_ad_restriction_entry, restriction)},
};
static const struct der_type type_restriction_entry = {
    SEQUENCE("KERB-AD-RESTRICTION-ENTRY", kerb_ad_restriction_entry, restriction_entry)};
const struct der_type TYPE_KERB_AD_RESTRICTIONS = {
    SEQUENCE_OF("KERB-AUTH-DATA-TOKEN-RESTRICTIONS", kerb_ad_restriction_entry_list, &type_restriction_entry)};

// PA-SVR-REFERRAL-DATA ::= SEQUENCE {
static const struct der_field svr_referral_data[] = {
    {"referred-realm", EXPLICIT(0), &DER_NAME,    MEMBER(pa_svr_referral_data, referred_realm)},
    {"referred-name", EXPLICIT(1), &TYPE_PRINCIPAL_NAME, MEMBER(pa_svr_referral_data, referred_name), PA_SVR_REFERRAL_DATA_REFERRED_NAME},
};
const struct der_type TYPE_PA_SVR_REFERRAL_DATA = {
    SEQUENCE("PA-SVR-REFERRAL-DATA", pa_svr_referral_data, svr_referral_data)};
// clang-format on
