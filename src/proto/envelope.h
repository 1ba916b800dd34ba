// envelope.h: messages around messages: kpasswd (RFC 3244), the KDC proxy (MS-KKDCP), IAKERB and
// user-to-user, as C structs and DER tables.
#ifndef OBOL_PROTO_ENVELOPE_H
#define OBOL_PROTO_ENVELOPE_H

#include "proto/types.h"

// ChangePasswdData, RFC 3244 2
enum { CHANGE_PASSWD_DATA_TARGNAME = 1u << 0, CHANGE_PASSWD_DATA_TARGREALM = 1u << 1 };
struct change_passwd_data {
    uint32_t present;
    struct slice newpasswd;
    struct principal_name targname;
    struct slice targrealm;
};

// KDC-PROXY-MESSAGE, MS-KKDCP 2.2.2: kerb_message begins with the length that TCP has
enum { KDC_PROXY_MESSAGE_TARGET_DOMAIN = 1u << 0, KDC_PROXY_MESSAGE_DCLOCATOR_HINT = 1u << 1 };
struct kdc_proxy_message {
    uint32_t present;
    struct slice kerb_message;
    struct slice target_domain;
    int32_t dclocator_hint;
};

// IAKERB-HEADER, draft-ietf-kitten-iakerb 3.1
enum { IAKERB_HEADER_COOKIE = 1u << 0 };
struct iakerb_header {
    uint32_t present;
    struct slice target_realm;
    struct slice cookie;
};

// KRB-FINISHED, draft-ietf-kitten-iakerb 3.2
struct iakerb_finished {
    struct checksum gss_mic;
};

// TGT-REQ (KERB-TGT-REQUEST), draft-swift-win2k-krb-user2user 3
enum { TGT_REQ_SERVER_NAME = 1u << 0, TGT_REQ_REALM = 1u << 1 };
struct tgt_req {
    uint32_t present;
    int32_t pvno;
    int32_t msg_type;
    struct principal_name server_name;
    struct slice realm;
};

// TGT-REP (KERB-TGT-REPLY), draft-swift-win2k-krb-user2user 3
struct tgt_rep {
    int32_t pvno;
    int32_t msg_type;
    struct ticket ticket;
};

extern const struct der_type TYPE_CHANGE_PASSWD_DATA, TYPE_KDC_PROXY_MESSAGE, TYPE_IAKERB_HEADER,
    TYPE_IAKERB_FINISHED, TYPE_TGT_REQ, TYPE_TGT_REP;

#endif
