// pkinit.c: the tables of RFC 4556 3.2 with the extensions of RFC 8636 and RFC 8070.
#include "proto/pkinit.h"
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
// AlgorithmIdentifier ::= SEQUENCE {
static const struct der_field algorithm_identifier[] = {
    {"algorithm",    0, &DER_OID, MEMBER(algorithm_identifier, algorithm), 0},
    {"parameters",   0, &DER_ANY, MEMBER(algorithm_identifier, parameters), ALGORITHM_IDENTIFIER_PARAMETERS},
};
const struct der_type TYPE_ALGORITHM_IDENTIFIER = {SEQUENCE("AlgorithmIdentifier", algorithm_identifier, algorithm_identifier)};
const struct der_type TYPE_ALGORITHM_IDENTIFIERS = {
    SEQUENCE_OF("AlgorithmIdentifiers", algorithm_identifier_list, &TYPE_ALGORITHM_IDENTIFIER)};

// ExternalPrincipalIdentifier ::= SEQUENCE {
static const struct der_field external_principal_identifier[] = {
    {"subjectName",  IMPLICIT(0), &DER_OCTETS, MEMBER(external_principal_identifier, subject_name), EXTERNAL_PRINCIPAL_IDENTIFIER_SUBJECT_NAME, .flags = DER_IMPLICIT},
    {"issuerAndSerialNumber", IMPLICIT(1), &DER_OCTETS, MEMBER(external_principal_identifier, issuer_and_serial_number), EXTERNAL_PRINCIPAL_IDENTIFIER_ISSUER_AND_SERIAL_NUMBER, .flags = DER_IMPLICIT},
    {"subjectKeyIdentifier", IMPLICIT(2), &DER_OCTETS, MEMBER(external_principal_identifier, subject_key_identifier), EXTERNAL_PRINCIPAL_IDENTIFIER_SUBJECT_KEY_IDENTIFIER, .flags = DER_IMPLICIT},
};
static const struct der_type type_external_principal_identifier = {
    SEQUENCE("ExternalPrincipalIdentifier", external_principal_identifier, external_principal_identifier), .flags = DER_EXTENSIBLE};
const struct der_type TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS = {
    SEQUENCE_OF("ExternalPrincipalIdentifiers", external_principal_identifier_list, &type_external_principal_identifier)};

// PA-PK-AS-REQ ::= SEQUENCE {
static const struct der_field pa_pk_as_req[] = {
    {"signedAuthPack", IMPLICIT(0), &DER_OCTETS, MEMBER(pa_pk_as_req, signed_auth_pack), .flags = DER_IMPLICIT},
    {"trustedCertifiers", EXPLICIT(1), &TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS, MEMBER(pa_pk_as_req, trusted_certifiers), PA_PK_AS_REQ_TRUSTED_CERTIFIERS},
    {"kdcPkId",      IMPLICIT(2), &DER_OCTETS, MEMBER(pa_pk_as_req, kdc_pk_id), PA_PK_AS_REQ_KDC_PK_ID, .flags = DER_IMPLICIT},
};
const struct der_type TYPE_PA_PK_AS_REQ = {SEQUENCE("PA-PK-AS-REQ", pa_pk_as_req, pa_pk_as_req), .flags = DER_EXTENSIBLE};

// PAChecksum2 ::= SEQUENCE {
static const struct der_field pa_checksum2[] = {
    {"checksum",     EXPLICIT(0), &DER_OCTETS, MEMBER(pa_checksum2, checksum)},
    {"algorithmIdentifier", EXPLICIT(1), &TYPE_ALGORITHM_IDENTIFIER, MEMBER(pa_checksum2, algorithm_identifier)},
};
static const struct der_type type_pa_checksum2 = {SEQUENCE("PAChecksum2", pa_checksum2, pa_checksum2)};

// PKAuthenticator ::= SEQUENCE {
static const struct der_field pk_authenticator[] = {
    {"cusec",        EXPLICIT(0), &DER_USEC,   MEMBER(pk_authenticator, cusec)},
    {"ctime",        EXPLICIT(1), &DER_TIME,   MEMBER(pk_authenticator, ctime)},
    {"nonce",        EXPLICIT(2), &DER_NONCE,  MEMBER(pk_authenticator, nonce)},
    {"paChecksum",   EXPLICIT(3), &DER_OCTETS, MEMBER(pk_authenticator, pa_checksum), PK_AUTHENTICATOR_PA_CHECKSUM},
    {"freshnessToken", EXPLICIT(4), &DER_OCTETS, MEMBER(pk_authenticator, freshness_token), PK_AUTHENTICATOR_FRESHNESS_TOKEN},
    {"paChecksum2",  EXPLICIT(5), &type_pa_checksum2, MEMBER(pk_authenticator, pa_checksum2), PK_AUTHENTICATOR_PA_CHECKSUM2},
};
static const struct der_type type_pk_authenticator = {
    SEQUENCE("PKAuthenticator", pk_authenticator, pk_authenticator), .flags = DER_EXTENSIBLE};

// KDFAlgorithmId ::= SEQUENCE {
static const struct der_field kdf_algorithm_id[] = {
    {"kdf-id",       EXPLICIT(0), &DER_OID,    MEMBER(kdf_algorithm_id, kdf_id)},
};
static const struct der_type type_kdf = {SEQUENCE("KDFAlgorithmId", kdf_algorithm_id, kdf_algorithm_id), .flags = DER_EXTENSIBLE};
static const struct der_type type_kdfs = {SEQUENCE_OF("KDFAlgorithmIds", kdf_algorithm_id_list, &type_kdf)};

// AuthPack ::= SEQUENCE {
static const struct der_field auth_pack[] = {
    {"pkAuthenticator", EXPLICIT(0), &type_pk_authenticator, MEMBER(auth_pack, pk_authenticator)},
    {"clientPublicValue", EXPLICIT(1), &DER_ANY, MEMBER(auth_pack, client_public_value), AUTH_PACK_CLIENT_PUBLIC_VALUE},
    {"supportedCMSTypes", EXPLICIT(2), &TYPE_ALGORITHM_IDENTIFIERS, MEMBER(auth_pack, supported_cms_types), AUTH_PACK_SUPPORTED_CMS_TYPES},
    {"clientDHNonce", EXPLICIT(3), &DER_OCTETS, MEMBER(auth_pack, client_dh_nonce), AUTH_PACK_CLIENT_DH_NONCE},
    {"supportedKDFs", EXPLICIT(4), &type_kdfs, MEMBER(auth_pack, supported_kdfs), AUTH_PACK_SUPPORTED_KDFS},
};
const struct der_type TYPE_AUTH_PACK = {SEQUENCE("AuthPack", auth_pack, auth_pack), .flags = DER_EXTENSIBLE};

// DHRepInfo ::= SEQUENCE {
static const struct der_field dh_rep_info[] = {
    {"dhSignedData", IMPLICIT(0), &DER_OCTETS, MEMBER(dh_rep_info, dh_signed_data), .flags = DER_IMPLICIT},
    {"serverDHNonce", EXPLICIT(1), &DER_OCTETS, MEMBER(dh_rep_info, server_dh_nonce), DH_REP_INFO_SERVER_DH_NONCE},
    {"kdf",          EXPLICIT(2), &type_kdf,   MEMBER(dh_rep_info, kdf), DH_REP_INFO_KDF},
};
static const struct der_type type_dh_rep_info = {SEQUENCE("DHRepInfo", dh_rep_info, dh_rep_info), .flags = DER_EXTENSIBLE};

// PA-PK-AS-REP ::= CHOICE {
static const struct der_field pa_pk_as_rep[] = {
    {"dhInfo",       EXPLICIT(0), &type_dh_rep_info, MEMBER(pa_pk_as_rep, dh_info), PA_PK_AS_REP_DH_INFO},
    {"encKeyPack",   IMPLICIT(1), &DER_OCTETS, MEMBER(pa_pk_as_rep, enc_key_pack), PA_PK_AS_REP_ENC_KEY_PACK, .flags = DER_IMPLICIT},
};
const struct der_type TYPE_PA_PK_AS_REP = {CHOICE("PA-PK-AS-REP", pa_pk_as_rep, pa_pk_as_rep)};

// KDCDHKeyInfo ::= SEQUENCE {
static const struct der_field kdc_dh_key_info[] = {
    {"subjectPublicKey", EXPLICIT(0), &DER_BITS, MEMBER(kdc_dh_key_info, subject_public_key)},
    {"nonce",        EXPLICIT(1), &DER_NONCE,  MEMBER(kdc_dh_key_info, nonce)},
    {"dhKeyExpiration", EXPLICIT(2), &DER_TIME, MEMBER(kdc_dh_key_info, dh_key_expiration), KDC_DH_KEY_INFO_DH_KEY_EXPIRATION},
};
const struct der_type TYPE_KDC_DH_KEY_INFO = {SEQUENCE("KDCDHKeyInfo", kdc_dh_key_info, kdc_dh_key_info), .flags = DER_EXTENSIBLE};

// ReplyKeyPack ::= SEQUENCE {
static const struct der_field reply_key_pack[] = {
    {"replyKey",     EXPLICIT(0), &TYPE_ENCRYPTION_KEY, MEMBER(reply_key_pack, reply_key)},
    {"asChecksum",   EXPLICIT(1), &TYPE_CHECKSUM, MEMBER(reply_key_pack, as_checksum)},
};
const struct der_type TYPE_REPLY_KEY_PACK = {SEQUENCE("ReplyKeyPack", reply_key_pack, reply_key_pack), .flags = DER_EXTENSIBLE};

// KRB5PrincipalName ::= SEQUENCE {
static const struct der_field krb5_principal_name[] = {
    {"realm",        EXPLICIT(0), &DER_NAME,   MEMBER(krb5_principal_name, realm)},
    {"principalName", EXPLICIT(1), &TYPE_PRINCIPAL_NAME, MEMBER(krb5_principal_name, principal_name)},
};
const struct der_type TYPE_KRB5_PRINCIPAL_NAME = {SEQUENCE("KRB5PrincipalName", krb5_principal_name, krb5_principal_name)};

// TD-CERT-DIGEST-ALGORITHMS-DATA ::= SEQUENCE {
static const struct der_field td_cert_digest[] = {
    {"allowedAlgorithms", EXPLICIT(0), &TYPE_ALGORITHM_IDENTIFIERS, MEMBER(td_cert_digest_algorithms, allowed_algorithms)},
    {"rejectedAlgorithm", EXPLICIT(1), &TYPE_ALGORITHM_IDENTIFIER, MEMBER(td_cert_digest_algorithms, rejected_algorithm), TD_CERT_DIGEST_ALGORITHMS_REJECTED},
};
const struct der_type TYPE_TD_CERT_DIGEST_ALGORITHMS = {
    SEQUENCE("TD-CERT-DIGEST-ALGORITHMS-DATA", td_cert_digest_algorithms, td_cert_digest), .flags = DER_EXTENSIBLE};

// OtherInfo ::= SEQUENCE {
static const struct der_field other_info[] = {
    {"algorithmID",  0,           &TYPE_ALGORITHM_IDENTIFIER, MEMBER(pkinit_other_info, algorithm_id)},
    {"partyUInfo",   EXPLICIT(0), &DER_OCTETS, MEMBER(pkinit_other_info, party_u_info)},
    {"partyVInfo",   EXPLICIT(1), &DER_OCTETS, MEMBER(pkinit_other_info, party_v_info)},
    {"suppPubInfo",  EXPLICIT(2), &DER_OCTETS, MEMBER(pkinit_other_info, supp_pub_info), OTHER_INFO_SUPP_PUB_INFO},
    {"suppPrivInfo", EXPLICIT(3), &DER_OCTETS, MEMBER(pkinit_other_info, supp_priv_info), OTHER_INFO_SUPP_PRIV_INFO},
};
const struct der_type TYPE_PKINIT_OTHER_INFO = {SEQUENCE("OtherInfo", pkinit_other_info, other_info)};

// PkinitSuppPubInfo ::= SEQUENCE {
static const struct der_field supp_pub_info[] = {
    {"enctype",      EXPLICIT(0), &DER_INT32,  MEMBER(pkinit_supp_pub_info, enctype), .codes = &CODES_ENCTYPE},
    {"as-REQ",       EXPLICIT(1), &DER_OCTETS, MEMBER(pkinit_supp_pub_info, as_req)},
    {"pk-as-rep",    EXPLICIT(2), &DER_OCTETS, MEMBER(pkinit_supp_pub_info, pk_as_rep)},
};
const struct der_type TYPE_PKINIT_SUPP_PUB_INFO = {
    SEQUENCE("PkinitSuppPubInfo", pkinit_supp_pub_info, supp_pub_info), .flags = DER_EXTENSIBLE};
// clang-format on
