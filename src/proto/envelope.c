// envelope.c: the tables of kpasswd, the KDC proxy, IAKERB and user-to-user.
#include "proto/envelope.h"
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// ChangePasswdData ::= SEQUENCE {
static const struct der_field change_passwd_data[] = {
    {"newpasswd",    EXPLICIT(0), &DER_SECRET_OCTETS, MEMBER(change_passwd_data, newpasswd)},
    {"targname",     EXPLICIT(1), &TYPE_PRINCIPAL_NAME, MEMBER(change_passwd_data, targname), CHANGE_PASSWD_DATA_TARGNAME},
    {"targrealm",    EXPLICIT(2), &DER_NAME,      MEMBER(change_passwd_data, targrealm), CHANGE_PASSWD_DATA_TARGREALM},
};
const struct der_type TYPE_CHANGE_PASSWD_DATA = {
    SEQUENCE("ChangePasswdData", change_passwd_data, change_passwd_data)};

// KDC-PROXY-MESSAGE ::= SEQUENCE {
static const struct der_field kdc_proxy_message[] = {
    {"kerb-message", EXPLICIT(0), &DER_OCTETS,    MEMBER(kdc_proxy_message, kerb_message)},
    {"target-domain", EXPLICIT(1), &DER_NAME,     MEMBER(kdc_proxy_message, target_domain), KDC_PROXY_MESSAGE_TARGET_DOMAIN},
    {"dclocator-hint", EXPLICIT(2), &DER_INT32,   MEMBER(kdc_proxy_message, dclocator_hint), KDC_PROXY_MESSAGE_DCLOCATOR_HINT},
};
const struct der_type TYPE_KDC_PROXY_MESSAGE = {
    SEQUENCE("KDC-PROXY-MESSAGE", kdc_proxy_message, kdc_proxy_message)};

// IAKERB-HEADER ::= SEQUENCE {
static const struct der_field iakerb_header[] = {
    {"target-realm", EXPLICIT(1), &DER_UTF8,      MEMBER(iakerb_header, target_realm)},
    {"cookie",       EXPLICIT(2), &DER_OCTETS,    MEMBER(iakerb_header, cookie), IAKERB_HEADER_COOKIE},
};
const struct der_type TYPE_IAKERB_HEADER = {SEQUENCE("IAKERB-HEADER", iakerb_header, iakerb_header), .flags = DER_EXTENSIBLE};

// KRB-FINISHED ::= SEQUENCE {
static const struct der_field iakerb_finished[] = {
    {"gss-mic",      EXPLICIT(1), &TYPE_CHECKSUM, MEMBER(iakerb_finished, gss_mic)},
};
const struct der_type TYPE_IAKERB_FINISHED = {SEQUENCE("KRB-FINISHED", iakerb_finished, iakerb_finished), .flags = DER_EXTENSIBLE};

// TGT-REQ ::= SEQUENCE {
static const struct der_field tgt_req[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(tgt_req, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(tgt_req, msg_type), .codes = &CODES_MSG_TYPE},
    {"server-name",  EXPLICIT(2), &TYPE_PRINCIPAL_NAME, MEMBER(tgt_req, server_name), TGT_REQ_SERVER_NAME},
    {"realm",        EXPLICIT(3), &DER_NAME,      MEMBER(tgt_req, realm), TGT_REQ_REALM},
};
const struct der_type TYPE_TGT_REQ = {SEQUENCE("TGT-REQ", tgt_req, tgt_req)};

// TGT-REP ::= SEQUENCE {
static const struct der_field tgt_rep[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(tgt_rep, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(tgt_rep, msg_type), .codes = &CODES_MSG_TYPE},
    {"ticket",       EXPLICIT(2), &TYPE_TICKET,   MEMBER(tgt_rep, ticket)},
};
const struct der_type TYPE_TGT_REP = {SEQUENCE("TGT-REP", tgt_rep, tgt_rep)};
// clang-format on
