// ticket.c: Ticket and EncTicketPart (RFC 4120 5.3), KRB-CRED with its sealed part (5.8).
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// Ticket ::= [APPLICATION 1] SEQUENCE {
static const struct der_field ticket[] = {
    {"tkt-vno",      EXPLICIT(0), &DER_INT32,     MEMBER(ticket, tkt_vno)},
    {"realm",        EXPLICIT(1), &DER_NAME,      MEMBER(ticket, realm)},
    {"sname",        EXPLICIT(2), &TYPE_PRINCIPAL_NAME, MEMBER(ticket, sname)},
    {"enc-part",     EXPLICIT(3), &TYPE_ENCRYPTED_DATA, MEMBER(ticket, enc_part)},
};
const struct der_type TYPE_TICKET = {SEQUENCE("Ticket", ticket, ticket), .outer = APPLICATION(1),
    .flags = DER_KEEPS_RAW, .raw = offsetof(struct ticket, raw)};
const struct der_type TYPE_TICKETS = {SEQUENCE_OF("Tickets", ticket_list, &TYPE_TICKET)};

// TransitedEncoding ::= SEQUENCE {
static const struct der_field transited_encoding[] = {
    {"tr-type",      EXPLICIT(0), &DER_INT32,     MEMBER(transited_encoding, tr_type)},
    {"contents",     EXPLICIT(1), &DER_OCTETS,    MEMBER(transited_encoding, contents)},
};
static const struct der_type type_transited = {
    SEQUENCE("TransitedEncoding", transited_encoding, transited_encoding)};

// EncTicketPart ::= [APPLICATION 3] SEQUENCE {
static const struct der_field enc_ticket_part[] = {
    {"flags",        EXPLICIT(0), &DER_FLAGS,     MEMBER(enc_ticket_part, flags), .codes = &CODES_TICKET_FLAGS},
    {"key",          EXPLICIT(1), &TYPE_ENCRYPTION_KEY, MEMBER(enc_ticket_part, key)},
    {"crealm",       EXPLICIT(2), &DER_NAME,      MEMBER(enc_ticket_part, crealm)},
    {"cname",        EXPLICIT(3), &TYPE_PRINCIPAL_NAME, MEMBER(enc_ticket_part, cname)},
    {"transited",    EXPLICIT(4), &type_transited, MEMBER(enc_ticket_part, transited)},
    {"authtime",     EXPLICIT(5), &DER_TIME,      MEMBER(enc_ticket_part, authtime)},
    {"starttime",    EXPLICIT(6), &DER_TIME,      MEMBER(enc_ticket_part, starttime), ENC_TICKET_PART_STARTTIME},
    {"endtime",      EXPLICIT(7), &DER_TIME,      MEMBER(enc_ticket_part, endtime)},
    {"renew-till",   EXPLICIT(8), &DER_TIME,      MEMBER(enc_ticket_part, renew_till), ENC_TICKET_PART_RENEW_TILL},
    {"caddr",        EXPLICIT(9), &TYPE_HOST_ADDRESSES, MEMBER(enc_ticket_part, caddr), ENC_TICKET_PART_CADDR},
    {"authorization-data", EXPLICIT(10), &TYPE_AUTHORIZATION_DATA, MEMBER(enc_ticket_part, authorization_data), ENC_TICKET_PART_AUTHORIZATION_DATA},
};
const struct der_type TYPE_ENC_TICKET_PART = {
    SEQUENCE("EncTicketPart", enc_ticket_part, enc_ticket_part), .outer = APPLICATION(3)};

// KRB-CRED ::= [APPLICATION 22] SEQUENCE {
static const struct der_field krb_cred[] = {
    {"pvno",         EXPLICIT(0), &DER_INT32,     MEMBER(krb_cred, pvno)},
    {"msg-type",     EXPLICIT(1), &DER_INT32,     MEMBER(krb_cred, msg_type), .codes = &CODES_MSG_TYPE},
    {"tickets",      EXPLICIT(2), &TYPE_TICKETS,  MEMBER(krb_cred, tickets)},
    {"enc-part",     EXPLICIT(3), &TYPE_ENCRYPTED_DATA, MEMBER(krb_cred, enc_part)},
};
const struct der_type TYPE_KRB_CRED = {SEQUENCE("KRB-CRED", krb_cred, krb_cred), .outer = APPLICATION(22)};

// KrbCredInfo ::= SEQUENCE {
static const struct der_field krb_cred_info[] = {
    {"key",          EXPLICIT(0), &TYPE_ENCRYPTION_KEY, MEMBER(krb_cred_info, key)},
    {"prealm",       EXPLICIT(1), &DER_NAME,      MEMBER(krb_cred_info, prealm), KRB_CRED_INFO_PREALM},
    {"pname",        EXPLICIT(2), &TYPE_PRINCIPAL_NAME, MEMBER(krb_cred_info, pname), KRB_CRED_INFO_PNAME},
    {"flags",        EXPLICIT(3), &DER_FLAGS,     MEMBER(krb_cred_info, flags), KRB_CRED_INFO_FLAGS, &CODES_TICKET_FLAGS},
    {"authtime",     EXPLICIT(4), &DER_TIME,      MEMBER(krb_cred_info, authtime), KRB_CRED_INFO_AUTHTIME},
    {"starttime",    EXPLICIT(5), &DER_TIME,      MEMBER(krb_cred_info, starttime), KRB_CRED_INFO_STARTTIME},
    {"endtime",      EXPLICIT(6), &DER_TIME,      MEMBER(krb_cred_info, endtime), KRB_CRED_INFO_ENDTIME},
    {"renew-till",   EXPLICIT(7), &DER_TIME,      MEMBER(krb_cred_info, renew_till), KRB_CRED_INFO_RENEW_TILL},
    {"srealm",       EXPLICIT(8), &DER_NAME,      MEMBER(krb_cred_info, srealm), KRB_CRED_INFO_SREALM},
    {"sname",        EXPLICIT(9), &TYPE_PRINCIPAL_NAME, MEMBER(krb_cred_info, sname), KRB_CRED_INFO_SNAME},
    {"caddr",        EXPLICIT(10), &TYPE_HOST_ADDRESSES, MEMBER(krb_cred_info, caddr), KRB_CRED_INFO_CADDR},
};
static const struct der_type type_krb_cred_info = {SEQUENCE("KrbCredInfo", krb_cred_info, krb_cred_info)};
static const struct der_type type_krb_cred_infos = {
    SEQUENCE_OF("KrbCredInfos", krb_cred_info_list, &type_krb_cred_info)};

// EncKrbCredPart ::= [APPLICATION 29] SEQUENCE {
static const struct der_field enc_krb_cred_part[] = {
    {"ticket-info",  EXPLICIT(0), &type_krb_cred_infos, MEMBER(enc_krb_cred_part, ticket_info)},
    {"nonce",        EXPLICIT(1), &DER_UINT32,    MEMBER(enc_krb_cred_part, nonce), ENC_KRB_CRED_PART_NONCE},
    {"timestamp",    EXPLICIT(2), &DER_TIME,      MEMBER(enc_krb_cred_part, timestamp), ENC_KRB_CRED_PART_TIMESTAMP},
    {"usec",         EXPLICIT(3), &DER_USEC,      MEMBER(enc_krb_cred_part, usec), ENC_KRB_CRED_PART_USEC},
    {"s-address",    EXPLICIT(4), &TYPE_HOST_ADDRESS, MEMBER(enc_krb_cred_part, s_address), ENC_KRB_CRED_PART_S_ADDRESS},
    {"r-address",    EXPLICIT(5), &TYPE_HOST_ADDRESS, MEMBER(enc_krb_cred_part, r_address), ENC_KRB_CRED_PART_R_ADDRESS},
};
const struct der_type TYPE_ENC_KRB_CRED_PART = {
    SEQUENCE("EncKrbCredPart", enc_krb_cred_part, enc_krb_cred_part), .outer = APPLICATION(29)};
// clang-format on
