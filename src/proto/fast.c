// fast.c: the tables of RFC 6113 5. Every SEQUENCE of it is extensible.
#include "proto/fast.h"
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// KrbFastArmor ::= SEQUENCE {
static const struct der_field armor[] = {
    {"armor-type",   EXPLICIT(0), &DER_INT32,     MEMBER(krb_fast_armor, armor_type)},
    {"armor-value",  EXPLICIT(1), &DER_OCTETS,    MEMBER(krb_fast_armor, armor_value)},
};
const struct der_type TYPE_KRB_FAST_ARMOR = {SEQUENCE("KrbFastArmor", krb_fast_armor, armor), .flags = DER_EXTENSIBLE};

// KrbFastArmoredReq ::= SEQUENCE {
static const struct der_field armored_req[] = {
    {"armor",        EXPLICIT(0), &TYPE_KRB_FAST_ARMOR, MEMBER(krb_fast_armored_req, armor), KRB_FAST_ARMORED_REQ_ARMOR},
    {"req-checksum", EXPLICIT(1), &TYPE_CHECKSUM, MEMBER(krb_fast_armored_req, req_checksum)},
    {"enc-fast-req", EXPLICIT(2), &TYPE_ENCRYPTED_DATA, MEMBER(krb_fast_armored_req, enc_fast_req)},
};
const struct der_type TYPE_KRB_FAST_ARMORED_REQ = {
    SEQUENCE("KrbFastArmoredReq", krb_fast_armored_req, armored_req), .flags = DER_EXTENSIBLE};

// PA-FX-FAST-REQUEST ::= CHOICE {
static const struct der_field fast_request[] = {
    {"armored-data", EXPLICIT(0), &TYPE_KRB_FAST_ARMORED_REQ, MEMBER(pa_fx_fast_request, armored_data), PA_FX_FAST_REQUEST_ARMORED_DATA},
};
const struct der_type TYPE_PA_FX_FAST_REQUEST = {CHOICE("PA-FX-FAST-REQUEST", pa_fx_fast_request, fast_request)};

// KrbFastReq ::= SEQUENCE {
static const struct der_field fast_req[] = {
    {"fast-options", EXPLICIT(0), &DER_FLAGS,     MEMBER(krb_fast_req, fast_options), .codes = &CODES_FAST_OPTIONS},
    {"padata",       EXPLICIT(1), &TYPE_METHOD_DATA, MEMBER(krb_fast_req, padata)},
    {"req-body",     EXPLICIT(2), &TYPE_KDC_REQ_BODY, MEMBER(krb_fast_req, req_body)},
};
const struct der_type TYPE_KRB_FAST_REQ = {SEQUENCE("KrbFastReq", krb_fast_req, fast_req), .flags = DER_EXTENSIBLE};

// KrbFastArmoredRep ::= SEQUENCE {
static const struct der_field armored_rep[] = {
    {"enc-fast-rep", EXPLICIT(0), &TYPE_ENCRYPTED_DATA, MEMBER(krb_fast_armored_rep, enc_fast_rep)},
};
static const struct der_type type_armored_rep = {
    SEQUENCE("KrbFastArmoredRep", krb_fast_armored_rep, armored_rep), .flags = DER_EXTENSIBLE};

// PA-FX-FAST-REPLY ::= CHOICE {
static const struct der_field fast_reply[] = {
    {"armored-data", EXPLICIT(0), &type_armored_rep, MEMBER(pa_fx_fast_reply, armored_data), PA_FX_FAST_REPLY_ARMORED_DATA},
};
const struct der_type TYPE_PA_FX_FAST_REPLY = {CHOICE("PA-FX-FAST-REPLY", pa_fx_fast_reply, fast_reply)};

// KrbFastFinished ::= SEQUENCE {
static const struct der_field finished[] = {
    {"timestamp",    EXPLICIT(0), &DER_TIME,      MEMBER(krb_fast_finished, timestamp)},
    {"usec",         EXPLICIT(1), &DER_USEC,      MEMBER(krb_fast_finished, usec)},
    {"crealm",       EXPLICIT(2), &DER_NAME,      MEMBER(krb_fast_finished, crealm)},
    {"cname",        EXPLICIT(3), &TYPE_PRINCIPAL_NAME, MEMBER(krb_fast_finished, cname)},
    {"ticket-checksum", EXPLICIT(4), &TYPE_CHECKSUM, MEMBER(krb_fast_finished, ticket_checksum)},
};
const struct der_type TYPE_KRB_FAST_FINISHED = {
    SEQUENCE("KrbFastFinished", krb_fast_finished, finished), .flags = DER_EXTENSIBLE};

// KrbFastResponse ::= SEQUENCE {
static const struct der_field response[] = {
    {"padata",       EXPLICIT(0), &TYPE_METHOD_DATA, MEMBER(krb_fast_response, padata)},
    {"strengthen-key", EXPLICIT(1), &TYPE_ENCRYPTION_KEY, MEMBER(krb_fast_response, strengthen_key), KRB_FAST_RESPONSE_STRENGTHEN_KEY},
    {"finished",     EXPLICIT(2), &TYPE_KRB_FAST_FINISHED, MEMBER(krb_fast_response, finished), KRB_FAST_RESPONSE_FINISHED},
    {"nonce",        EXPLICIT(3), &DER_NONCE,     MEMBER(krb_fast_response, nonce)},
};
const struct der_type TYPE_KRB_FAST_RESPONSE = {
    SEQUENCE("KrbFastResponse", krb_fast_response, response), .flags = DER_EXTENSIBLE};

// PA-AUTHENTICATION-SET-ELEM ::= SEQUENCE {
static const struct der_field set_elem[] = {
    {"pa-type",      EXPLICIT(0), &DER_INT32,     MEMBER(pa_authentication_set_elem, pa_type), .codes = &CODES_PADATA},
    {"pa-hint",      EXPLICIT(1), &DER_OCTETS,    MEMBER(pa_authentication_set_elem, pa_hint), PA_AUTHENTICATION_SET_ELEM_HINT},
    {"pa-value",     EXPLICIT(2), &DER_OCTETS,    MEMBER(pa_authentication_set_elem, pa_value), PA_AUTHENTICATION_SET_ELEM_VALUE},
};
static const struct der_type type_set_elem = {
    SEQUENCE("PA-AUTHENTICATION-SET-ELEM", pa_authentication_set_elem, set_elem), .flags = DER_EXTENSIBLE};
const struct der_type TYPE_PA_AUTHENTICATION_SET = {
    SEQUENCE_OF("PA-AUTHENTICATION-SET", pa_authentication_set, &type_set_elem)};
// clang-format on
