// authdata.h: containers of authorization data (RFC 4120 5.2.6, RFC 7751, RFC 8129) as C structs
// and DER tables. AD-IF-RELEVANT and AD-MANDATORY-FOR-KDC hold a TYPE_AUTHORIZATION_DATA.
#ifndef OBOL_PROTO_AUTHDATA_H
#define OBOL_PROTO_AUTHDATA_H

#include "proto/types.h"

// AD-KDCIssued, RFC 4120 5.2.6.2: the checksum covers the encoding of `elements`
enum { AD_KDC_ISSUED_I_REALM = 1u << 0, AD_KDC_ISSUED_I_SNAME = 1u << 1 };
struct ad_kdc_issued {
    uint32_t present;
    struct checksum ad_checksum;
    struct slice i_realm;
    struct principal_name i_sname;
    struct authdata_list elements;
};

// AD-AND-OR, RFC 4120 5.2.6.3
struct ad_and_or {
    int32_t condition_count;
    struct authdata_list elements;
};

// Verifier-MAC, RFC 7751 3
enum {
    VERIFIER_MAC_IDENTIFIER = 1u << 0,
    VERIFIER_MAC_KVNO = 1u << 1,
    VERIFIER_MAC_ENCTYPE = 1u << 2,
};
struct verifier_mac {
    uint32_t present;
    struct principal_name identifier;
    int32_t kvno;
    int32_t enctype;
    struct checksum mac;
};

// Verifier, RFC 7751 3: a CHOICE
enum { VERIFIER_MAC = 1u << 0 };
struct verifier {
    uint32_t present;
    struct verifier_mac mac;
};
struct verifier_list {
    struct verifier *items;
    size_t count;
};

// AD-CAMMAC, RFC 7751 3
enum {
    AD_CAMMAC_KDC_VERIFIER = 1u << 0,
    AD_CAMMAC_SVC_VERIFIER = 1u << 1,
    AD_CAMMAC_OTHER_VERIFIERS = 1u << 2,
};
struct ad_cammac {
    uint32_t present;
    struct authdata_list elements;
    struct verifier_mac kdc_verifier;
    struct verifier_mac svc_verifier;
    struct verifier_list other_verifiers;
};

extern const struct der_type TYPE_AD_KDC_ISSUED, TYPE_AD_AND_OR, TYPE_AD_CAMMAC,
    TYPE_AD_AUTHENTICATION_INDICATOR, // SEQUENCE OF UTF8String, struct slice_list; RFC 8129
    TYPE_ETYPE_LIST;                  // SEQUENCE OF Int32, struct int32_list; RFC 4537

#endif
