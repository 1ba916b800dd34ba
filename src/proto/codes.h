// codes.h: the numbers of the protocol, each a row of a table that logs, the CLI and dumps read
// (proto/codes.c): value, name, RFC section, one line of help. The names below are what C uses.
#ifndef OBOL_PROTO_CODES_H
#define OBOL_PROTO_CODES_H

#include "base/slice.h"

struct code_row {
    int32_t value;
    const char *name; // as the RFC writes it: "PA-ENC-TIMESTAMP"
    const char *rfc;  // "RFC 4120 5.2.7.2"
    const char *help;
};
struct code_table {
    const char *name;
    const struct code_row *rows;
    size_t count;
};
extern const struct code_table CODES_MSG_TYPE, CODES_PADATA, CODES_ENCTYPE, CODES_CKSUMTYPE,
    CODES_NAME_TYPE, CODES_ADDR_TYPE, CODES_AUTHDATA, CODES_KRB_ERROR, CODES_LAST_REQ,
    CODES_KDC_OPTIONS, CODES_TICKET_FLAGS,
    CODES_AP_OPTIONS,                      // values of these three are bit numbers
    CODES_FAST_OPTIONS, CODES_PAC_OPTIONS, // and of these two
    CODES_KEY_USAGE;

// code_name is the row's name, NULL if the number is not known.
const char *code_name(const struct code_table *t, int32_t value);
const struct code_row *code_find(const struct code_table *t, int32_t value);
const struct code_row *code_find_name(const struct code_table *t, struct slice name);

enum { KRB_PVNO = 5 };

enum { // RFC 4120 7.5.7
    KRB_AS_REQ = 10,
    KRB_AS_REP = 11,
    KRB_TGS_REQ = 12,
    KRB_TGS_REP = 13,
    KRB_AP_REQ = 14,
    KRB_AP_REP = 15,
    KRB_TGT_REQ = 16,
    KRB_TGT_REP = 17,
    KRB_SAFE = 20,
    KRB_PRIV = 21,
    KRB_CRED = 22,
    KRB_ERROR = 30,
};

// KERBEROS_FLAG is bit n of a KerberosFlags value: bit 0 is the most significant (RFC 4120 5.2.8).
#define KERBEROS_FLAG(n) (UINT32_C(0x80000000) >> (n))

enum { // RFC 4120 5.3 TicketFlags (bits shared with KDCOptions where the names agree)
    TKT_FORWARDABLE = (int)KERBEROS_FLAG(1),
    TKT_FORWARDED = (int)KERBEROS_FLAG(2),
    TKT_PROXIABLE = (int)KERBEROS_FLAG(3),
    TKT_PROXY = (int)KERBEROS_FLAG(4),
    TKT_MAY_POSTDATE = (int)KERBEROS_FLAG(5),
    TKT_POSTDATED = (int)KERBEROS_FLAG(6),
    TKT_INVALID = (int)KERBEROS_FLAG(7),
    TKT_RENEWABLE = (int)KERBEROS_FLAG(8),
    TKT_INITIAL = (int)KERBEROS_FLAG(9),
    TKT_PRE_AUTHENT = (int)KERBEROS_FLAG(10),
    TKT_HW_AUTHENT = (int)KERBEROS_FLAG(11),
    TKT_TRANSITED_POLICY_CHECKED = (int)KERBEROS_FLAG(12),
    TKT_OK_AS_DELEGATE = (int)KERBEROS_FLAG(13),
    TKT_ENC_PA_REP = (int)KERBEROS_FLAG(15),
    TKT_ANONYMOUS = (int)KERBEROS_FLAG(16),
};

enum { // RFC 4120 5.4.1 KDCOptions, RFC 6806, MS-SFU
    KDC_OPT_FORWARDABLE = (int)KERBEROS_FLAG(1),
    KDC_OPT_FORWARDED = (int)KERBEROS_FLAG(2),
    KDC_OPT_PROXIABLE = (int)KERBEROS_FLAG(3),
    KDC_OPT_PROXY = (int)KERBEROS_FLAG(4),
    KDC_OPT_ALLOW_POSTDATE = (int)KERBEROS_FLAG(5),
    KDC_OPT_POSTDATED = (int)KERBEROS_FLAG(6),
    KDC_OPT_RENEWABLE = (int)KERBEROS_FLAG(8),
    KDC_OPT_CNAME_IN_ADDL_TKT = (int)KERBEROS_FLAG(14),
    KDC_OPT_CANONICALIZE = (int)KERBEROS_FLAG(15),
    KDC_OPT_REQUEST_ANONYMOUS = (int)KERBEROS_FLAG(16),
    KDC_OPT_DISABLE_TRANSITED_CHECK = (int)KERBEROS_FLAG(26),
    KDC_OPT_RENEWABLE_OK = (int)KERBEROS_FLAG(27),
    KDC_OPT_ENC_TKT_IN_SKEY = (int)KERBEROS_FLAG(28),
    KDC_OPT_RENEW = (int)KERBEROS_FLAG(30),
    KDC_OPT_VALIDATE = (int)KERBEROS_FLAG(31),
};

enum { // RFC 4120 5.5.1 APOptions
    AP_OPT_USE_SESSION_KEY = (int)KERBEROS_FLAG(1),
    AP_OPT_MUTUAL_REQUIRED = (int)KERBEROS_FLAG(2),
};

enum { // RFC 4120 6.2, RFC 6111, RFC 6806
    NT_UNKNOWN = 0,
    NT_PRINCIPAL = 1,
    NT_SRV_INST = 2,
    NT_SRV_HST = 3,
    NT_SRV_XHST = 4,
    NT_UID = 5,
    NT_X500_PRINCIPAL = 6,
    NT_SMTP_NAME = 7,
    NT_ENTERPRISE = 10,
    NT_WELLKNOWN = 11,
    NT_SRV_HST_DOMAIN = 12,
    NT_MS_PRINCIPAL = -128,
};

enum { // RFC 4120 7.5.2 and successors
    PA_TGS_REQ = 1,
    PA_ENC_TIMESTAMP = 2,
    PA_PW_SALT = 3,
    PA_ETYPE_INFO = 11,
    PA_PK_AS_REQ = 16,
    PA_PK_AS_REP = 17,
    PA_ETYPE_INFO2 = 19,
    PA_SVR_REFERRAL_INFO = 20,
    TD_TRUSTED_CERTIFIERS = 104,
    TD_INVALID_CERTIFICATES = 105,
    TD_DH_PARAMETERS = 109,
    TD_CMS_DIGEST_ALGORITHMS = 111,
    TD_CERT_DIGEST_ALGORITHMS = 112,
    PA_PAC_REQUEST = 128,
    PA_FOR_USER = 129,
    PA_S4U_X509_USER = 130,
    PA_AS_CHECKSUM = 132,
    PA_FX_COOKIE = 133,
    PA_AUTHENTICATION_SET = 134,
    PA_FX_FAST = 136,
    PA_FX_ERROR = 137,
    PA_ENCRYPTED_CHALLENGE = 138,
    PA_OTP_CHALLENGE = 141,
    PA_OTP_REQUEST = 142,
    PA_OTP_PIN_CHANGE = 144,
    PA_PKINIT_KX = 147,
    PA_AS_FRESHNESS = 150,
    PA_SPAKE = 151,
    PA_REQ_ENC_PA_REP = 149,
    PA_KERB_KEY_LIST_REQ = 161,
    PA_SUPPORTED_ENCTYPES = 165,
    PA_PAC_OPTIONS = 167,
};

enum { // RFC 4120 7.5.4 and successors
    AD_IF_RELEVANT = 1,
    AD_KDC_ISSUED = 4,
    AD_AND_OR = 5,
    AD_MANDATORY_FOR_KDC = 8,
    AD_INITIAL_VERIFIED_CAS = 9,
    AD_FX_ARMOR = 71,
    AD_FX_FAST_USED = 72,
    AD_CAMMAC = 96,
    AD_AUTHENTICATION_INDICATOR = 97,
    AD_WIN2K_PAC = 128,
    AD_ETYPE_NEGOTIATION = 129,
    AD_AP_OPTIONS = 143, // MS-KILE 2.2.8
    AD_SIGNEDPATH = 512,
};

enum { ADDR_IPV4 = 2, ADDR_NETBIOS = 20, ADDR_IPV6 = 24 }; // RFC 4120 7.5.3

enum { LR_NONE = 0, LR_PW_EXPIRES = 6, LR_ACCT_EXPIRES = 7 }; // RFC 4120 5.4.2

enum { // RFC 4120 7.5.1: key usage numbers
    KU_PA_ENC_TIMESTAMP = 1,
    KU_TICKET = 2,
    KU_AS_REP = 3,
    KU_TGS_REQ_AUTHDATA_SESSION = 4,
    KU_TGS_REQ_AUTHDATA_SUBKEY = 5,
    KU_TGS_REQ_CKSUM = 6,
    KU_TGS_REQ_AUTHENTICATOR = 7,
    KU_TGS_REP_SESSION = 8,
    KU_TGS_REP_SUBKEY = 9,
    KU_AP_REQ_CKSUM = 10,
    KU_AP_REQ_AUTHENTICATOR = 11,
    KU_AP_REP = 12,
    KU_KRB_PRIV = 13,
    KU_KRB_CRED = 14,
    KU_KRB_SAFE = 15,
    KU_AD_KDC_ISSUED = 19,
    KU_GSS_ACCEPTOR_SEAL = 22,
    KU_GSS_ACCEPTOR_SIGN = 23,
    KU_GSS_INITIATOR_SEAL = 24,
    KU_GSS_INITIATOR_SIGN = 25,
    KU_IAKERB_FINISHED = 41,
    KU_IAKERB_FINISHED_OLD = 42, // of MIT krb5 before 1.22
    KU_PA_PKINIT_KX = 44,
    KU_PA_OTP_REQUEST = 45,
    KU_FX_REQ_CKSUM = 50,
    KU_FX_ENC = 51,
    KU_FX_REP = 52,
    KU_FX_FINISHED = 53,
    KU_ENC_CHALLENGE_CLIENT = 54,
    KU_ENC_CHALLENGE_KDC = 55,
    KU_AS_REQ = 56,
    KU_CAMMAC = 64,
    KU_SPAKE = 65,
};

#endif
