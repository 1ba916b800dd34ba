// pkinit.h: PKINIT (RFC 4556 3.2, RFC 8636, RFC 8070) as C structs and DER tables. CMS and X.509
// values are left as bytes, which libcrypto reads and writes.
#ifndef OBOL_PROTO_PKINIT_H
#define OBOL_PROTO_PKINIT_H

#include "proto/types.h"

// AlgorithmIdentifier, RFC 5280 4.1.1.2: `algorithm` is the content of the OID, `parameters` one
// whole DER value
enum { ALGORITHM_IDENTIFIER_PARAMETERS = 1u << 0 };
struct algorithm_identifier {
    uint32_t present;
    struct slice algorithm;
    struct slice parameters;
};
struct algorithm_identifier_list {
    struct algorithm_identifier *items;
    size_t count;
};

// ExternalPrincipalIdentifier, RFC 4556 3.2.1
enum {
    EXTERNAL_PRINCIPAL_IDENTIFIER_SUBJECT_NAME = 1u << 0,
    EXTERNAL_PRINCIPAL_IDENTIFIER_ISSUER_AND_SERIAL_NUMBER = 1u << 1,
    EXTERNAL_PRINCIPAL_IDENTIFIER_SUBJECT_KEY_IDENTIFIER = 1u << 2,
};
struct external_principal_identifier {
    uint32_t present;
    struct slice subject_name;
    struct slice issuer_and_serial_number;
    struct slice subject_key_identifier;
};
struct external_principal_identifier_list {
    struct external_principal_identifier *items;
    size_t count;
};

// PA-PK-AS-REQ, RFC 4556 3.2.1: signed_auth_pack is a CMS ContentInfo around an AuthPack
enum { PA_PK_AS_REQ_TRUSTED_CERTIFIERS = 1u << 0, PA_PK_AS_REQ_KDC_PK_ID = 1u << 1 };
struct pa_pk_as_req {
    uint32_t present;
    struct slice signed_auth_pack;
    struct external_principal_identifier_list trusted_certifiers;
    struct slice kdc_pk_id;
};

// PAChecksum2, MS-PKCA 2.2.3: the checksum of the body with a digest of the sender's choice
struct pa_checksum2 {
    struct slice checksum;
    struct algorithm_identifier algorithm_identifier;
};

// PKAuthenticator, RFC 4556 3.2.1; freshness_token RFC 8070 4
enum {
    PK_AUTHENTICATOR_PA_CHECKSUM = 1u << 0,
    PK_AUTHENTICATOR_FRESHNESS_TOKEN = 1u << 1,
    PK_AUTHENTICATOR_PA_CHECKSUM2 = 1u << 2,
};
struct pk_authenticator {
    uint32_t present;
    int32_t cusec;
    int64_t ctime;
    int64_t nonce;
    struct slice pa_checksum;
    struct slice freshness_token;
    struct pa_checksum2 pa_checksum2;
};

// KDFAlgorithmId, RFC 8636 6
struct kdf_algorithm_id {
    struct slice kdf_id; // the content of the OID
};
struct kdf_algorithm_id_list {
    struct kdf_algorithm_id *items;
    size_t count;
};

// AuthPack, RFC 4556 3.2.1 and RFC 8636 6; client_public_value is a SubjectPublicKeyInfo
enum {
    AUTH_PACK_CLIENT_PUBLIC_VALUE = 1u << 0,
    AUTH_PACK_SUPPORTED_CMS_TYPES = 1u << 1,
    AUTH_PACK_CLIENT_DH_NONCE = 1u << 2,
    AUTH_PACK_SUPPORTED_KDFS = 1u << 3,
};
struct auth_pack {
    uint32_t present;
    struct pk_authenticator pk_authenticator;
    struct slice client_public_value;
    struct algorithm_identifier_list supported_cms_types;
    struct slice client_dh_nonce;
    struct kdf_algorithm_id_list supported_kdfs;
};

// DHRepInfo, RFC 4556 3.2.3.1 and RFC 8636 6
enum { DH_REP_INFO_SERVER_DH_NONCE = 1u << 0, DH_REP_INFO_KDF = 1u << 1 };
struct dh_rep_info {
    uint32_t present;
    struct slice dh_signed_data;
    struct slice server_dh_nonce;
    struct kdf_algorithm_id kdf;
};

// PA-PK-AS-REP, RFC 4556 3.2.3: a CHOICE
enum { PA_PK_AS_REP_DH_INFO = 1u << 0, PA_PK_AS_REP_ENC_KEY_PACK = 1u << 1 };
struct pa_pk_as_rep {
    uint32_t present;
    union {
        struct dh_rep_info dh_info;
        struct slice enc_key_pack;
    };
};

// KDCDHKeyInfo, RFC 4556 3.2.3.1
enum { KDC_DH_KEY_INFO_DH_KEY_EXPIRATION = 1u << 0 };
struct kdc_dh_key_info {
    uint32_t present;
    struct slice subject_public_key;
    int64_t nonce;
    int64_t dh_key_expiration;
};

// ReplyKeyPack, RFC 4556 3.2.3.2
struct reply_key_pack {
    struct encryption_key reply_key;
    struct checksum as_checksum;
};

// KRB5PrincipalName, RFC 4556 3.2.2: in a certificate's subjectAltName
struct krb5_principal_name {
    struct slice realm;
    struct principal_name principal_name;
};

// TD-CERT-DIGEST-ALGORITHMS-DATA, RFC 8636 4
enum { TD_CERT_DIGEST_ALGORITHMS_REJECTED = 1u << 0 };
struct td_cert_digest_algorithms {
    uint32_t present;
    struct algorithm_identifier_list allowed_algorithms;
    struct algorithm_identifier rejected_algorithm;
};

// OtherInfo of the key derivation, RFC 8636 6
enum { OTHER_INFO_SUPP_PUB_INFO = 1u << 0, OTHER_INFO_SUPP_PRIV_INFO = 1u << 1 };
struct pkinit_other_info {
    uint32_t present;
    struct algorithm_identifier algorithm_id;
    struct slice party_u_info;
    struct slice party_v_info;
    struct slice supp_pub_info;
    struct slice supp_priv_info;
};

// PkinitSuppPubInfo, RFC 8636 6
struct pkinit_supp_pub_info {
    int32_t enctype;
    struct slice as_req;
    struct slice pk_as_rep;
};

extern const struct der_type TYPE_ALGORITHM_IDENTIFIER, TYPE_ALGORITHM_IDENTIFIERS,
    TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS, // TD-TRUSTED-CERTIFIERS, AD-INITIAL-VERIFIED-CAS ...
    TYPE_PA_PK_AS_REQ, TYPE_AUTH_PACK, TYPE_PA_PK_AS_REP, TYPE_KDC_DH_KEY_INFO, TYPE_REPLY_KEY_PACK,
    TYPE_KRB5_PRINCIPAL_NAME, TYPE_TD_CERT_DIGEST_ALGORITHMS, TYPE_PKINIT_OTHER_INFO,
    TYPE_PKINIT_SUPP_PUB_INFO;

#endif
