// ap.c: the messages between client and service (RFC 4120 5.5 to 5.7).
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// AP-REQ ::= [APPLICATION 14] SEQUENCE {
static const struct der_field ap_req[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(ap_req, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(ap_req, msg_type), .codes = &CODES_MSG_TYPE},
    {"ap-options",   EXPLICIT(2), &DER_FLAGS,     MEMBER(ap_req, ap_options), .codes = &CODES_AP_OPTIONS},
    {"ticket",       EXPLICIT(3), &TYPE_TICKET,   MEMBER(ap_req, ticket)},
    {"authenticator", EXPLICIT(4), &TYPE_ENCRYPTED_DATA, MEMBER(ap_req, authenticator)},
};
const struct der_type TYPE_AP_REQ = {SEQUENCE("AP-REQ", ap_req, ap_req), .outer = APPLICATION(14)};

// Authenticator ::= [APPLICATION 2] SEQUENCE {
static const struct der_field authenticator[] = {
    {"authenticator-vno", EXPLICIT(0), &DER_INT32, MEMBER(authenticator, authenticator_vno)},
    {"crealm",       EXPLICIT(1), &DER_NAME,      MEMBER(authenticator, crealm)},
    {"cname",        EXPLICIT(2), &TYPE_PRINCIPAL_NAME, MEMBER(authenticator, cname)},
    {"cksum",        EXPLICIT(3), &TYPE_CHECKSUM, MEMBER(authenticator, cksum), AUTHENTICATOR_CKSUM},
    {"cusec",        EXPLICIT(4), &DER_USEC,      MEMBER(authenticator, cusec)},
    {"ctime",        EXPLICIT(5), &DER_TIME,      MEMBER(authenticator, ctime)},
    {"subkey",       EXPLICIT(6), &TYPE_ENCRYPTION_KEY, MEMBER(authenticator, subkey), AUTHENTICATOR_SUBKEY},
    {"seq-number",   EXPLICIT(7), &DER_UINT32,    MEMBER(authenticator, seq_number), AUTHENTICATOR_SEQ_NUMBER},
    {"authorization-data", EXPLICIT(8), &TYPE_AUTHORIZATION_DATA, MEMBER(authenticator, authorization_data), AUTHENTICATOR_AUTHORIZATION_DATA},
};
const struct der_type TYPE_AUTHENTICATOR = {
    SEQUENCE("Authenticator", authenticator, authenticator), .outer = APPLICATION(2)};

// AP-REP ::= [APPLICATION 15] SEQUENCE {
static const struct der_field ap_rep[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(ap_rep, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(ap_rep, msg_type), .codes = &CODES_MSG_TYPE},
    {"enc-part",     EXPLICIT(2), &TYPE_ENCRYPTED_DATA, MEMBER(ap_rep, enc_part)},
};
const struct der_type TYPE_AP_REP = {SEQUENCE("AP-REP", ap_rep, ap_rep), .outer = APPLICATION(15)};

// EncAPRepPart ::= [APPLICATION 27] SEQUENCE {
static const struct der_field enc_ap_rep_part[] = {
    {"ctime",        EXPLICIT(0), &DER_TIME,      MEMBER(enc_ap_rep_part, ctime)},
    {"cusec",        EXPLICIT(1), &DER_USEC,      MEMBER(enc_ap_rep_part, cusec)},
    {"subkey",       EXPLICIT(2), &TYPE_ENCRYPTION_KEY, MEMBER(enc_ap_rep_part, subkey), ENC_AP_REP_PART_SUBKEY},
    {"seq-number",   EXPLICIT(3), &DER_UINT32,    MEMBER(enc_ap_rep_part, seq_number), ENC_AP_REP_PART_SEQ_NUMBER},
};
const struct der_type TYPE_ENC_AP_REP_PART = {
    SEQUENCE("EncAPRepPart", enc_ap_rep_part, enc_ap_rep_part), .outer = APPLICATION(27)};

// KRB-SAFE-BODY ::= SEQUENCE {
static const struct der_field krb_safe_body[] = {
    {"user-data",    EXPLICIT(0), &DER_OCTETS,    MEMBER(krb_safe_body, user_data)},
    {"timestamp",    EXPLICIT(1), &DER_TIME,      MEMBER(krb_safe_body, timestamp), KRB_SAFE_BODY_TIMESTAMP},
    {"usec",         EXPLICIT(2), &DER_USEC,      MEMBER(krb_safe_body, usec), KRB_SAFE_BODY_USEC},
    {"seq-number",   EXPLICIT(3), &DER_UINT32,    MEMBER(krb_safe_body, seq_number), KRB_SAFE_BODY_SEQ_NUMBER},
    {"s-address",    EXPLICIT(4), &TYPE_HOST_ADDRESS, MEMBER(krb_safe_body, s_address)},
    {"r-address",    EXPLICIT(5), &TYPE_HOST_ADDRESS, MEMBER(krb_safe_body, r_address), KRB_SAFE_BODY_R_ADDRESS},
};
const struct der_type TYPE_KRB_SAFE_BODY = {SEQUENCE("KRB-SAFE-BODY", krb_safe_body, krb_safe_body),
    .flags = DER_KEEPS_RAW, .raw = offsetof(struct krb_safe_body, raw)};

// KRB-SAFE ::= [APPLICATION 20] SEQUENCE {
static const struct der_field krb_safe[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(krb_safe, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(krb_safe, msg_type), .codes = &CODES_MSG_TYPE},
    {"safe-body",    EXPLICIT(2), &TYPE_KRB_SAFE_BODY, MEMBER(krb_safe, safe_body)},
    {"cksum",        EXPLICIT(3), &TYPE_CHECKSUM, MEMBER(krb_safe, cksum)},
};
const struct der_type TYPE_KRB_SAFE = {SEQUENCE("KRB-SAFE", krb_safe, krb_safe), .outer = APPLICATION(20)};

// KRB-PRIV ::= [APPLICATION 21] SEQUENCE {
static const struct der_field krb_priv[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(krb_priv, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(krb_priv, msg_type), .codes = &CODES_MSG_TYPE},
    {"enc-part",     EXPLICIT(3), &TYPE_ENCRYPTED_DATA, MEMBER(krb_priv, enc_part)},
};
const struct der_type TYPE_KRB_PRIV = {SEQUENCE("KRB-PRIV", krb_priv, krb_priv), .outer = APPLICATION(21)};

// EncKrbPrivPart ::= [APPLICATION 28] SEQUENCE {
static const struct der_field enc_krb_priv_part[] = {
    {"user-data",    EXPLICIT(0), &DER_OCTETS,    MEMBER(enc_krb_priv_part, user_data)},
    {"timestamp",    EXPLICIT(1), &DER_TIME,      MEMBER(enc_krb_priv_part, timestamp), ENC_KRB_PRIV_PART_TIMESTAMP},
    {"usec",         EXPLICIT(2), &DER_USEC,      MEMBER(enc_krb_priv_part, usec), ENC_KRB_PRIV_PART_USEC},
    {"seq-number",   EXPLICIT(3), &DER_UINT32,    MEMBER(enc_krb_priv_part, seq_number), ENC_KRB_PRIV_PART_SEQ_NUMBER},
    {"s-address",    EXPLICIT(4), &TYPE_HOST_ADDRESS, MEMBER(enc_krb_priv_part, s_address)},
    {"r-address",    EXPLICIT(5), &TYPE_HOST_ADDRESS, MEMBER(enc_krb_priv_part, r_address), ENC_KRB_PRIV_PART_R_ADDRESS},
};
const struct der_type TYPE_ENC_KRB_PRIV_PART = {
    SEQUENCE("EncKrbPrivPart", enc_krb_priv_part, enc_krb_priv_part), .outer = APPLICATION(28)};
// clang-format on
