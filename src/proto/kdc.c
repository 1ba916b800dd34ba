// kdc.c: the messages between client and KDC (RFC 4120 5.4), KRB-ERROR (5.9.1), and the
// preauthentication data of RFC 4120 5.2.7.
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// KDC-REQ-BODY ::= SEQUENCE {
static const struct der_field kdc_req_body[] = {
    {"kdc-options",  EXPLICIT(0), &DER_FLAGS,     MEMBER(kdc_req_body, kdc_options), .codes = &CODES_KDC_OPTIONS},
    {"cname",        EXPLICIT(1), &TYPE_PRINCIPAL_NAME, MEMBER(kdc_req_body, cname), KDC_REQ_BODY_CNAME},
    {"realm",        EXPLICIT(2), &DER_NAME,      MEMBER(kdc_req_body, realm)},
    {"sname",        EXPLICIT(3), &TYPE_PRINCIPAL_NAME, MEMBER(kdc_req_body, sname), KDC_REQ_BODY_SNAME},
    {"from",         EXPLICIT(4), &DER_TIME,      MEMBER(kdc_req_body, from), KDC_REQ_BODY_FROM},
    {"till",         EXPLICIT(5), &DER_TIME,      MEMBER(kdc_req_body, till), .flags = DER_LENIENT_ABSENT},
    {"rtime",        EXPLICIT(6), &DER_TIME,      MEMBER(kdc_req_body, rtime), KDC_REQ_BODY_RTIME},
    {"nonce",        EXPLICIT(7), &DER_NONCE,     MEMBER(kdc_req_body, nonce)},
    {"etype",        EXPLICIT(8), &TYPE_INT32S, MEMBER(kdc_req_body, etype), .codes = &CODES_ENCTYPE},
    {"addresses",    EXPLICIT(9), &TYPE_HOST_ADDRESSES, MEMBER(kdc_req_body, addresses), KDC_REQ_BODY_ADDRESSES},
    {"enc-authorization-data", EXPLICIT(10), &TYPE_ENCRYPTED_DATA, MEMBER(kdc_req_body, enc_authorization_data), KDC_REQ_BODY_ENC_AUTHORIZATION_DATA},
    {"additional-tickets", EXPLICIT(11), &TYPE_TICKETS, MEMBER(kdc_req_body, additional_tickets), KDC_REQ_BODY_ADDITIONAL_TICKETS},
};
const struct der_type TYPE_KDC_REQ_BODY = {SEQUENCE("KDC-REQ-BODY", kdc_req_body, kdc_req_body),
    .flags = DER_KEEPS_RAW, .raw = offsetof(struct kdc_req_body, raw)};

// KDC-REQ ::= SEQUENCE {
static const struct der_field kdc_req[] = {
    {"pvno",         EXPLICIT(1), &DER_INT32,     MEMBER(kdc_req, pvno)},
    {"msg-type",     EXPLICIT(2), &DER_INT32,     MEMBER(kdc_req, msg_type), .codes = &CODES_MSG_TYPE},
    {"padata",       EXPLICIT(3), &TYPE_METHOD_DATA, MEMBER(kdc_req, padata), KDC_REQ_PADATA},
    {"req-body",     EXPLICIT(4), &TYPE_KDC_REQ_BODY, MEMBER(kdc_req, req_body)},
};
const struct der_type TYPE_AS_REQ = {SEQUENCE("AS-REQ", kdc_req, kdc_req), .outer = APPLICATION(10)};
const struct der_type TYPE_TGS_REQ = {SEQUENCE("TGS-REQ", kdc_req, kdc_req), .outer = APPLICATION(12)};

// KDC-REP ::= SEQUENCE {
static const struct der_field kdc_rep[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(kdc_rep, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(kdc_rep, msg_type), .codes = &CODES_MSG_TYPE},
    {"padata",       EXPLICIT(2), &TYPE_METHOD_DATA, MEMBER(kdc_rep, padata), KDC_REP_PADATA},
    {"crealm",       EXPLICIT(3), &DER_NAME,      MEMBER(kdc_rep, crealm)},
    {"cname",        EXPLICIT(4), &TYPE_PRINCIPAL_NAME, MEMBER(kdc_rep, cname)},
    {"ticket",       EXPLICIT(5), &TYPE_TICKET,   MEMBER(kdc_rep, ticket)},
    {"enc-part",     EXPLICIT(6), &TYPE_ENCRYPTED_DATA, MEMBER(kdc_rep, enc_part)},
};
const struct der_type TYPE_AS_REP = {SEQUENCE("AS-REP", kdc_rep, kdc_rep), .outer = APPLICATION(11)};
const struct der_type TYPE_TGS_REP = {SEQUENCE("TGS-REP", kdc_rep, kdc_rep), .outer = APPLICATION(13)};

// LastReq ::= SEQUENCE OF SEQUENCE {
static const struct der_field last_req[] = {
    {"lr-type",      EXPLICIT(0), &DER_INT32,     MEMBER(last_req, lr_type), .codes = &CODES_LAST_REQ},
    {"lr-value",     EXPLICIT(1), &DER_TIME,      MEMBER(last_req, lr_value)},
};
static const struct der_type type_last_req_element = {SEQUENCE("LastReq element", last_req, last_req)};
const struct der_type TYPE_LAST_REQ = {SEQUENCE_OF("LastReq", last_req_list, &type_last_req_element)};

// EncKDCRepPart ::= SEQUENCE {
static const struct der_field enc_kdc_rep_part[] = {
    {"key",          EXPLICIT(0), &TYPE_ENCRYPTION_KEY, MEMBER(enc_kdc_rep_part, key)},
    {"last-req",     EXPLICIT(1), &TYPE_LAST_REQ, MEMBER(enc_kdc_rep_part, last_req)},
    {"nonce",        EXPLICIT(2), &DER_NONCE,     MEMBER(enc_kdc_rep_part, nonce)},
    {"key-expiration", EXPLICIT(3), &DER_TIME,    MEMBER(enc_kdc_rep_part, key_expiration), ENC_KDC_REP_PART_KEY_EXPIRATION},
    {"flags",        EXPLICIT(4), &DER_FLAGS,     MEMBER(enc_kdc_rep_part, flags), .codes = &CODES_TICKET_FLAGS},
    {"authtime",     EXPLICIT(5), &DER_TIME,      MEMBER(enc_kdc_rep_part, authtime)},
    {"starttime",    EXPLICIT(6), &DER_TIME,      MEMBER(enc_kdc_rep_part, starttime), ENC_KDC_REP_PART_STARTTIME},
    {"endtime",      EXPLICIT(7), &DER_TIME,      MEMBER(enc_kdc_rep_part, endtime)},
    {"renew-till",   EXPLICIT(8), &DER_TIME,      MEMBER(enc_kdc_rep_part, renew_till), ENC_KDC_REP_PART_RENEW_TILL},
    {"srealm",       EXPLICIT(9), &DER_NAME,      MEMBER(enc_kdc_rep_part, srealm)},
    {"sname",        EXPLICIT(10), &TYPE_PRINCIPAL_NAME, MEMBER(enc_kdc_rep_part, sname)},
    {"caddr",        EXPLICIT(11), &TYPE_HOST_ADDRESSES, MEMBER(enc_kdc_rep_part, caddr), ENC_KDC_REP_PART_CADDR},
    {"encrypted-pa-data", EXPLICIT(12), &TYPE_METHOD_DATA, MEMBER(enc_kdc_rep_part, encrypted_pa_data), ENC_KDC_REP_PART_ENCRYPTED_PA_DATA},
};
// RFC 4120 5.4.2: some KDCs, MIT's among them, send an EncTGSRepPart in an AS-REP too.
const struct der_type TYPE_ENC_AS_REP_PART = {SEQUENCE("EncASRepPart", enc_kdc_rep_part, enc_kdc_rep_part),
    .outer = APPLICATION(25), .outer_also = APPLICATION(26)};
const struct der_type TYPE_ENC_TGS_REP_PART = {
    SEQUENCE("EncTGSRepPart", enc_kdc_rep_part, enc_kdc_rep_part), .outer = APPLICATION(26)};

// KRB-ERROR ::= [APPLICATION 30] SEQUENCE {
static const struct der_field krb_error[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(krb_error, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(krb_error, msg_type), .codes = &CODES_MSG_TYPE},
    {"ctime",        EXPLICIT(2), &DER_TIME,      MEMBER(krb_error, ctime), KRB_ERROR_CTIME},
    {"cusec",        EXPLICIT(3), &DER_USEC,      MEMBER(krb_error, cusec), KRB_ERROR_CUSEC},
    {"stime",        EXPLICIT(4), &DER_TIME,      MEMBER(krb_error, stime)},
    {"susec",        EXPLICIT(5), &DER_USEC,      MEMBER(krb_error, susec)},
    {"error-code",   EXPLICIT(6), &DER_INT32,     MEMBER(krb_error, error_code), .codes = &CODES_KRB_ERROR},
    {"crealm",       EXPLICIT(7), &DER_NAME,      MEMBER(krb_error, crealm), KRB_ERROR_CREALM},
    {"cname",        EXPLICIT(8), &TYPE_PRINCIPAL_NAME, MEMBER(krb_error, cname), KRB_ERROR_CNAME},
    {"realm",        EXPLICIT(9), &DER_NAME,      MEMBER(krb_error, realm)},
    {"sname",        EXPLICIT(10), &TYPE_PRINCIPAL_NAME, MEMBER(krb_error, sname)},
    {"e-text",       EXPLICIT(11), &DER_TEXT,     MEMBER(krb_error, e_text), KRB_ERROR_E_TEXT},
    {"e-data",       EXPLICIT(12), &DER_OCTETS,   MEMBER(krb_error, e_data), KRB_ERROR_E_DATA},
};
const struct der_type TYPE_KRB_ERROR = {SEQUENCE("KRB-ERROR", krb_error, krb_error), .outer = APPLICATION(30)};

// PA-ENC-TS-ENC ::= SEQUENCE {
static const struct der_field pa_enc_ts_enc[] = {
    {"patimestamp",  EXPLICIT(0), &DER_TIME,      MEMBER(pa_enc_ts_enc, patimestamp)},
    {"pausec",       EXPLICIT(1), &DER_USEC,      MEMBER(pa_enc_ts_enc, pausec), PA_ENC_TS_ENC_PAUSEC},
};
const struct der_type TYPE_PA_ENC_TS_ENC = {SEQUENCE("PA-ENC-TS-ENC", pa_enc_ts_enc, pa_enc_ts_enc)};

// ETYPE-INFO2-ENTRY ::= SEQUENCE {
static const struct der_field etype_info2_entry[] = {
    {"etype",        EXPLICIT(0), &DER_INT32,     MEMBER(etype_info2_entry, etype), .codes = &CODES_ENCTYPE},
    {"salt",         EXPLICIT(1), &DER_TEXT,      MEMBER(etype_info2_entry, salt), ETYPE_INFO2_ENTRY_SALT},
    {"s2kparams",    EXPLICIT(2), &DER_OCTETS,    MEMBER(etype_info2_entry, s2kparams), ETYPE_INFO2_ENTRY_S2KPARAMS},
};
static const struct der_type type_etype_info2_entry = {
    SEQUENCE("ETYPE-INFO2-ENTRY", etype_info2_entry, etype_info2_entry)};
const struct der_type TYPE_ETYPE_INFO2 = {SEQUENCE_OF("ETYPE-INFO2", etype_info2_list, &type_etype_info2_entry)};

// ETYPE-INFO-ENTRY ::= SEQUENCE {
static const struct der_field etype_info_entry[] = {
    {"etype",        EXPLICIT(0), &DER_INT32,     MEMBER(etype_info_entry, etype), .codes = &CODES_ENCTYPE},
    {"salt",         EXPLICIT(1), &DER_OCTETS,    MEMBER(etype_info_entry, salt), ETYPE_INFO_ENTRY_SALT},
};
static const struct der_type type_etype_info_entry = {
    SEQUENCE("ETYPE-INFO-ENTRY", etype_info_entry, etype_info_entry)};
const struct der_type TYPE_ETYPE_INFO = {SEQUENCE_OF("ETYPE-INFO", etype_info_list, &type_etype_info_entry)};
// clang-format on
