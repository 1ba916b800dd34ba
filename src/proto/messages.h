// messages.h: the messages of RFC 4120 5 as C structs that keep the wire's shape: the same names,
// the same order. A field that the RFC marks OPTIONAL has a bit in `present`; a decoded struct has
// exactly the bits of the fields that stood on the wire, an encoder writes the fields whose bits
// are set. Slices and lists borrow: from the message and from the arena it was decoded into.
// The tables that map them to DER are in the .c files of this folder (proto/types.h names them).
#ifndef OBOL_PROTO_MESSAGES_H
#define OBOL_PROTO_MESSAGES_H

#include "base/slice.h"

// Lists all have this shape, {items, count}, which the DER engine relies on.
struct slice_list {
    struct slice *items;
    size_t count;
};
struct int32_list {
    int32_t *items;
    size_t count;
};

// PrincipalName, RFC 4120 5.2.2
struct principal_name {
    int32_t name_type;
    struct slice_list name_string;
};

// HostAddress, RFC 4120 5.2.5
struct host_address {
    int32_t addr_type;
    struct slice address;
};
struct host_address_list {
    struct host_address *items;
    size_t count;
};

// AuthorizationData element, RFC 4120 5.2.6
struct authdata {
    int32_t ad_type;
    struct slice ad_data;
};
struct authdata_list {
    struct authdata *items;
    size_t count;
};

// PA-DATA, RFC 4120 5.2.7
struct padata {
    int32_t padata_type;
    struct slice padata_value;
};
struct padata_list {
    struct padata *items;
    size_t count;
};

// EncryptedData, RFC 4120 5.2.9
enum { ENCRYPTED_DATA_KVNO = 1u << 0 };
struct encrypted_data {
    uint32_t present;
    int32_t etype;
    int32_t kvno; // on the wire UInt32; AD's read-only DCs use the high half, see active-directory
    struct slice cipher;
};

// EncryptionKey, RFC 4120 5.2.9
struct encryption_key {
    int32_t keytype;
    struct slice keyvalue;
};

// Checksum, RFC 4120 5.2.9
struct checksum {
    int32_t cksumtype;
    struct slice checksum;
};

// Ticket, RFC 4120 5.3. `raw` holds the exact bytes it was decoded from; when it is not empty an
// encoder writes it verbatim instead of the fields, so that a ticket passes through unchanged.
struct ticket {
    struct slice raw;
    int32_t tkt_vno;
    struct slice realm;
    struct principal_name sname;
    struct encrypted_data enc_part;
};
struct ticket_list {
    struct ticket *items;
    size_t count;
};

// TransitedEncoding, RFC 4120 5.3
struct transited_encoding {
    int32_t tr_type;
    struct slice contents;
};

// EncTicketPart, RFC 4120 5.3 (APPLICATION 3). Flags: bit 0 is the most significant.
enum {
    ENC_TICKET_PART_STARTTIME = 1u << 0,
    ENC_TICKET_PART_RENEW_TILL = 1u << 1,
    ENC_TICKET_PART_CADDR = 1u << 2,
    ENC_TICKET_PART_AUTHORIZATION_DATA = 1u << 3,
};
struct enc_ticket_part {
    uint32_t present;
    uint32_t flags;
    struct encryption_key key;
    struct slice crealm;
    struct principal_name cname;
    struct transited_encoding transited;
    int64_t authtime; // KerberosTime: seconds since 1970
    int64_t starttime;
    int64_t endtime;
    int64_t renew_till;
    struct host_address_list caddr;
    struct authdata_list authorization_data;
};

// KDC-REQ-BODY, RFC 4120 5.4.1. `raw` as in struct ticket: checksums cover these exact bytes.
enum {
    KDC_REQ_BODY_CNAME = 1u << 0,
    KDC_REQ_BODY_SNAME = 1u << 1,
    KDC_REQ_BODY_FROM = 1u << 2,
    KDC_REQ_BODY_RTIME = 1u << 3,
    KDC_REQ_BODY_ADDRESSES = 1u << 4,
    KDC_REQ_BODY_ENC_AUTHORIZATION_DATA = 1u << 5,
    KDC_REQ_BODY_ADDITIONAL_TICKETS = 1u << 6,
};
struct kdc_req_body {
    uint32_t present;
    struct slice raw;
    uint32_t kdc_options;
    struct principal_name cname;
    struct slice realm;
    struct principal_name sname;
    int64_t from;
    int64_t till; // mandatory in the RFC; a sender that leaves it out is read as 0 (no limit asked)
    int64_t rtime;
    int64_t nonce; // in the form it came in (DER_KIND_NONCE)
    struct int32_list etype;
    struct host_address_list addresses;
    struct encrypted_data enc_authorization_data;
    struct ticket_list additional_tickets;
};

// KDC-REQ, RFC 4120 5.4.1: AS-REQ is APPLICATION 10, TGS-REQ 12
enum { KDC_REQ_PADATA = 1u << 0 };
struct kdc_req {
    uint32_t present;
    int32_t pvno;
    int32_t msg_type;
    struct padata_list padata;
    struct kdc_req_body req_body;
};

// KDC-REP, RFC 4120 5.4.2: AS-REP is APPLICATION 11, TGS-REP 13
enum { KDC_REP_PADATA = 1u << 0 };
struct kdc_rep {
    uint32_t present;
    int32_t pvno;
    int32_t msg_type;
    struct padata_list padata;
    struct slice crealm;
    struct principal_name cname;
    struct ticket ticket;
    struct encrypted_data enc_part;
};

// LastReq element, RFC 4120 5.4.2
struct last_req {
    int32_t lr_type;
    int64_t lr_value;
};
struct last_req_list {
    struct last_req *items;
    size_t count;
};

// EncKDCRepPart, RFC 4120 5.4.2: EncASRepPart is APPLICATION 25, EncTGSRepPart 26
enum {
    ENC_KDC_REP_PART_KEY_EXPIRATION = 1u << 0,
    ENC_KDC_REP_PART_STARTTIME = 1u << 1,
    ENC_KDC_REP_PART_RENEW_TILL = 1u << 2,
    ENC_KDC_REP_PART_CADDR = 1u << 3,
    ENC_KDC_REP_PART_ENCRYPTED_PA_DATA = 1u << 4, // RFC 6806 11
};
struct enc_kdc_rep_part {
    uint32_t present;
    struct encryption_key key;
    struct last_req_list last_req;
    int64_t nonce;
    int64_t key_expiration;
    uint32_t flags;
    int64_t authtime;
    int64_t starttime;
    int64_t endtime;
    int64_t renew_till;
    struct slice srealm;
    struct principal_name sname;
    struct host_address_list caddr;
    struct padata_list encrypted_pa_data;
};

// AP-REQ, RFC 4120 5.5.1 (APPLICATION 14)
struct ap_req {
    int32_t pvno;
    int32_t msg_type;
    uint32_t ap_options;
    struct ticket ticket;
    struct encrypted_data authenticator;
};

// Authenticator, RFC 4120 5.5.1 (APPLICATION 2)
enum {
    AUTHENTICATOR_CKSUM = 1u << 0,
    AUTHENTICATOR_SUBKEY = 1u << 1,
    AUTHENTICATOR_SEQ_NUMBER = 1u << 2,
    AUTHENTICATOR_AUTHORIZATION_DATA = 1u << 3,
};
struct authenticator {
    uint32_t present;
    int32_t authenticator_vno;
    struct slice crealm;
    struct principal_name cname;
    struct checksum cksum;
    int32_t cusec;
    int64_t ctime;
    struct encryption_key subkey;
    uint32_t seq_number;
    struct authdata_list authorization_data;
};

// AP-REP, RFC 4120 5.5.2 (APPLICATION 15)
struct ap_rep {
    int32_t pvno;
    int32_t msg_type;
    struct encrypted_data enc_part;
};

// EncAPRepPart, RFC 4120 5.5.2 (APPLICATION 27)
enum { ENC_AP_REP_PART_SUBKEY = 1u << 0, ENC_AP_REP_PART_SEQ_NUMBER = 1u << 1 };
struct enc_ap_rep_part {
    uint32_t present;
    int64_t ctime;
    int32_t cusec;
    struct encryption_key subkey;
    uint32_t seq_number;
};

// KRB-SAFE, RFC 4120 5.6.1 (APPLICATION 20); the body's bytes are what the checksum covers
enum {
    KRB_SAFE_BODY_TIMESTAMP = 1u << 0,
    KRB_SAFE_BODY_USEC = 1u << 1,
    KRB_SAFE_BODY_SEQ_NUMBER = 1u << 2,
    KRB_SAFE_BODY_R_ADDRESS = 1u << 3,
};
struct krb_safe_body {
    uint32_t present;
    struct slice raw;
    struct slice user_data;
    int64_t timestamp;
    int32_t usec;
    uint32_t seq_number;
    struct host_address s_address;
    struct host_address r_address;
};
struct krb_safe {
    int32_t pvno;
    int32_t msg_type;
    struct krb_safe_body safe_body;
    struct checksum cksum;
};

// KRB-PRIV, RFC 4120 5.7.1 (APPLICATION 21), and EncKrbPrivPart (APPLICATION 28)
struct krb_priv {
    int32_t pvno;
    int32_t msg_type;
    struct encrypted_data enc_part;
};
enum {
    ENC_KRB_PRIV_PART_TIMESTAMP = 1u << 0,
    ENC_KRB_PRIV_PART_USEC = 1u << 1,
    ENC_KRB_PRIV_PART_SEQ_NUMBER = 1u << 2,
    ENC_KRB_PRIV_PART_R_ADDRESS = 1u << 3,
};
struct enc_krb_priv_part {
    uint32_t present;
    struct slice user_data;
    int64_t timestamp;
    int32_t usec;
    uint32_t seq_number;
    struct host_address s_address;
    struct host_address r_address;
};

// KRB-CRED, RFC 4120 5.8.1 (APPLICATION 22), and EncKrbCredPart (APPLICATION 29)
struct krb_cred {
    int32_t pvno;
    int32_t msg_type;
    struct ticket_list tickets;
    struct encrypted_data enc_part;
};
enum {
    KRB_CRED_INFO_PREALM = 1u << 0,
    KRB_CRED_INFO_PNAME = 1u << 1,
    KRB_CRED_INFO_FLAGS = 1u << 2,
    KRB_CRED_INFO_AUTHTIME = 1u << 3,
    KRB_CRED_INFO_STARTTIME = 1u << 4,
    KRB_CRED_INFO_ENDTIME = 1u << 5,
    KRB_CRED_INFO_RENEW_TILL = 1u << 6,
    KRB_CRED_INFO_SREALM = 1u << 7,
    KRB_CRED_INFO_SNAME = 1u << 8,
    KRB_CRED_INFO_CADDR = 1u << 9,
};
struct krb_cred_info {
    uint32_t present;
    struct encryption_key key;
    struct slice prealm;
    struct principal_name pname;
    uint32_t flags;
    int64_t authtime;
    int64_t starttime;
    int64_t endtime;
    int64_t renew_till;
    struct slice srealm;
    struct principal_name sname;
    struct host_address_list caddr;
};
struct krb_cred_info_list {
    struct krb_cred_info *items;
    size_t count;
};
enum {
    ENC_KRB_CRED_PART_NONCE = 1u << 0,
    ENC_KRB_CRED_PART_TIMESTAMP = 1u << 1,
    ENC_KRB_CRED_PART_USEC = 1u << 2,
    ENC_KRB_CRED_PART_S_ADDRESS = 1u << 3,
    ENC_KRB_CRED_PART_R_ADDRESS = 1u << 4,
};
struct enc_krb_cred_part {
    uint32_t present;
    struct krb_cred_info_list ticket_info;
    uint32_t nonce;
    int64_t timestamp;
    int32_t usec;
    struct host_address s_address;
    struct host_address r_address;
};

// KRB-ERROR, RFC 4120 5.9.1 (APPLICATION 30)
enum {
    KRB_ERROR_CTIME = 1u << 0,
    KRB_ERROR_CUSEC = 1u << 1,
    KRB_ERROR_CREALM = 1u << 2,
    KRB_ERROR_CNAME = 1u << 3,
    KRB_ERROR_E_TEXT = 1u << 4,
    KRB_ERROR_E_DATA = 1u << 5,
};
struct krb_error {
    uint32_t present;
    int32_t pvno;
    int32_t msg_type;
    int64_t ctime;
    int32_t cusec;
    int64_t stime;
    int32_t susec;
    int32_t error_code;
    struct slice crealm;
    struct principal_name cname;
    struct slice realm;
    struct principal_name sname;
    struct slice e_text;
    struct slice e_data;
};

// PA-ENC-TS-ENC, RFC 4120 5.2.7.2
enum { PA_ENC_TS_ENC_PAUSEC = 1u << 0 };
struct pa_enc_ts_enc {
    uint32_t present;
    int64_t patimestamp;
    int32_t pausec;
};

// ETYPE-INFO2, RFC 4120 5.2.7.5; ETYPE-INFO, 5.2.7.4
enum { ETYPE_INFO2_ENTRY_SALT = 1u << 0, ETYPE_INFO2_ENTRY_S2KPARAMS = 1u << 1 };
struct etype_info2_entry {
    uint32_t present;
    int32_t etype;
    struct slice salt;
    struct slice s2kparams;
};
struct etype_info2_list {
    struct etype_info2_entry *items;
    size_t count;
};
enum { ETYPE_INFO_ENTRY_SALT = 1u << 0 };
struct etype_info_entry {
    uint32_t present;
    int32_t etype;
    struct slice salt;
};
struct etype_info_list {
    struct etype_info_entry *items;
    size_t count;
};

#endif
