// authdata.c: the tables of the containers of authorization data.
#include "proto/authdata.h"
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// AD-KDCIssued ::= SEQUENCE {
static const struct der_field kdc_issued[] = {
    {"ad-checksum",  EXPLICIT(0), &TYPE_CHECKSUM, MEMBER(ad_kdc_issued, ad_checksum)},
    {"i-realm",      EXPLICIT(1), &DER_NAME,      MEMBER(ad_kdc_issued, i_realm), AD_KDC_ISSUED_I_REALM},
    {"i-sname",      EXPLICIT(2), &TYPE_PRINCIPAL_NAME, MEMBER(ad_kdc_issued, i_sname), AD_KDC_ISSUED_I_SNAME},
    {"elements",     EXPLICIT(3), &TYPE_AUTHORIZATION_DATA, MEMBER(ad_kdc_issued, elements)},
};
const struct der_type TYPE_AD_KDC_ISSUED = {SEQUENCE("AD-KDCIssued", ad_kdc_issued, kdc_issued)};

// AD-AND-OR ::= SEQUENCE {
static const struct der_field and_or[] = {
    {"condition-count", EXPLICIT(0), &DER_INT32,  MEMBER(ad_and_or, condition_count)},
    {"elements",     EXPLICIT(1), &TYPE_AUTHORIZATION_DATA, MEMBER(ad_and_or, elements)},
};
const struct der_type TYPE_AD_AND_OR = {SEQUENCE("AD-AND-OR", ad_and_or, and_or)};

// Verifier-MAC ::= SEQUENCE {
static const struct der_field verifier_mac[] = {
    {"identifier",   EXPLICIT(0), &TYPE_PRINCIPAL_NAME, MEMBER(verifier_mac, identifier), VERIFIER_MAC_IDENTIFIER},
    {"kvno",         EXPLICIT(1), &DER_KVNO,      MEMBER(verifier_mac, kvno), VERIFIER_MAC_KVNO},
    {"enctype",      EXPLICIT(2), &DER_INT32,     MEMBER(verifier_mac, enctype), VERIFIER_MAC_ENCTYPE, &CODES_ENCTYPE},
    {"mac",          EXPLICIT(3), &TYPE_CHECKSUM, MEMBER(verifier_mac, mac)},
};
static const struct der_type type_verifier_mac = {SEQUENCE("Verifier-MAC", verifier_mac, verifier_mac)};

// Verifier ::= CHOICE {
static const struct der_field verifier[] = {
    {"mac",          0,           &type_verifier_mac, MEMBER(verifier, mac), VERIFIER_MAC},
};
static const struct der_type type_verifier = {CHOICE("Verifier", verifier, verifier)};
static const struct der_type type_verifiers = {SEQUENCE_OF("Verifiers", verifier_list, &type_verifier)};

// AD-CAMMAC ::= SEQUENCE {
static const struct der_field cammac[] = {
    {"elements",     EXPLICIT(0), &TYPE_AUTHORIZATION_DATA, MEMBER(ad_cammac, elements)},
    {"kdc-verifier", EXPLICIT(1), &type_verifier_mac, MEMBER(ad_cammac, kdc_verifier), AD_CAMMAC_KDC_VERIFIER},
    {"svc-verifier", EXPLICIT(2), &type_verifier_mac, MEMBER(ad_cammac, svc_verifier), AD_CAMMAC_SVC_VERIFIER},
    {"other-verifiers", EXPLICIT(3), &type_verifiers, MEMBER(ad_cammac, other_verifiers), AD_CAMMAC_OTHER_VERIFIERS},
};
const struct der_type TYPE_AD_CAMMAC = {SEQUENCE("AD-CAMMAC", ad_cammac, cammac)};

const struct der_type TYPE_AD_AUTHENTICATION_INDICATOR = {
    SEQUENCE_OF("AD-AUTHENTICATION-INDICATOR", slice_list, &DER_UTF8)};
const struct der_type TYPE_ETYPE_LIST = {SEQUENCE_OF("EtypeList", int32_list, &DER_INT32)};
// clang-format on
