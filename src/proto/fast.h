// fast.h: FAST, the armored exchange with a KDC (RFC 6113 5), as C structs in the manner of
// proto/messages.h, and their DER tables.
#ifndef OBOL_PROTO_FAST_H
#define OBOL_PROTO_FAST_H

#include "proto/types.h"

enum { FX_FAST_ARMOR_AP_REQUEST = 1 }; // armor-type, RFC 6113 5.4.1.1

// KrbFastArmor, RFC 6113 5.4.1
struct krb_fast_armor {
    int32_t armor_type;
    struct slice armor_value;
};

// KrbFastArmoredReq, RFC 6113 5.4.2
enum { KRB_FAST_ARMORED_REQ_ARMOR = 1u << 0 };
struct krb_fast_armored_req {
    uint32_t present;
    struct krb_fast_armor armor;
    struct checksum req_checksum;
    struct encrypted_data enc_fast_req;
};

// PA-FX-FAST-REQUEST, RFC 6113 5.4.2: a CHOICE, `present` has the bit of the alternative
enum { PA_FX_FAST_REQUEST_ARMORED_DATA = 1u << 0 };
struct pa_fx_fast_request {
    uint32_t present;
    struct krb_fast_armored_req armored_data;
};

// KrbFastReq, RFC 6113 5.4.2: bits 0 to 15 of fast_options are critical
struct krb_fast_req {
    uint32_t fast_options;
    struct padata_list padata;
    struct kdc_req_body req_body;
};

// KrbFastArmoredRep, RFC 6113 5.4.3
struct krb_fast_armored_rep {
    struct encrypted_data enc_fast_rep;
};

// PA-FX-FAST-REPLY, RFC 6113 5.4.3: a CHOICE
enum { PA_FX_FAST_REPLY_ARMORED_DATA = 1u << 0 };
struct pa_fx_fast_reply {
    uint32_t present;
    struct krb_fast_armored_rep armored_data;
};

// KrbFastFinished, RFC 6113 5.4.3
struct krb_fast_finished {
    int64_t timestamp;
    int32_t usec;
    struct slice crealm;
    struct principal_name cname;
    struct checksum ticket_checksum;
};

// KrbFastResponse, RFC 6113 5.4.3
enum { KRB_FAST_RESPONSE_STRENGTHEN_KEY = 1u << 0, KRB_FAST_RESPONSE_FINISHED = 1u << 1 };
struct krb_fast_response {
    uint32_t present;
    struct padata_list padata;
    struct encryption_key strengthen_key;
    struct krb_fast_finished finished;
    int64_t nonce;
};

// PA-AUTHENTICATION-SET, RFC 6113 5.3
enum { PA_AUTHENTICATION_SET_ELEM_HINT = 1u << 0, PA_AUTHENTICATION_SET_ELEM_VALUE = 1u << 1 };
struct pa_authentication_set_elem {
    uint32_t present;
    int32_t pa_type;
    struct slice pa_hint;
    struct slice pa_value;
};
struct pa_authentication_set {
    struct pa_authentication_set_elem *items;
    size_t count;
};

extern const struct der_type TYPE_KRB_FAST_ARMOR, TYPE_KRB_FAST_ARMORED_REQ,
    TYPE_PA_FX_FAST_REQUEST, TYPE_KRB_FAST_REQ, TYPE_PA_FX_FAST_REPLY, TYPE_KRB_FAST_FINISHED,
    TYPE_KRB_FAST_RESPONSE, TYPE_PA_AUTHENTICATION_SET;

#endif
