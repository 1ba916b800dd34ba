// basic.c: the building blocks of RFC 4120 5.2 as DER tables.
#include "proto/codes.h"
#include "proto/tables.h"

// clang-format off
static const struct der_type TYPE_STRINGS = {SEQUENCE_OF("KerberosStrings", slice_list, &DER_NAME)};

// PrincipalName ::= SEQUENCE {
static const struct der_field principal_name[] = {
    {"name-type",    EXPLICIT(0), &DER_INT32,     MEMBER(principal_name, name_type), .codes = &CODES_NAME_TYPE},
    {"name-string",  EXPLICIT(1), &TYPE_STRINGS,  MEMBER(principal_name, name_string)},
};
const struct der_type TYPE_PRINCIPAL_NAME = {SEQUENCE("PrincipalName", principal_name, principal_name)};
const struct der_type TYPE_INT32S = {SEQUENCE_OF("Int32s", int32_list, &DER_INT32)};

// HostAddress ::= SEQUENCE {
static const struct der_field host_address[] = {
    {"addr-type",    EXPLICIT(0), &DER_INT32,     MEMBER(host_address, addr_type), .codes = &CODES_ADDR_TYPE},
    {"address",      EXPLICIT(1), &DER_OCTETS,    MEMBER(host_address, address)},
};
const struct der_type TYPE_HOST_ADDRESS = {SEQUENCE("HostAddress", host_address, host_address)};
const struct der_type TYPE_HOST_ADDRESSES = {SEQUENCE_OF("HostAddresses", host_address_list, &TYPE_HOST_ADDRESS)};

// AuthorizationData ::= SEQUENCE OF SEQUENCE {
static const struct der_field authdata[] = {
    {"ad-type",      EXPLICIT(0), &DER_INT32,     MEMBER(authdata, ad_type), .codes = &CODES_AUTHDATA},
    {"ad-data",      EXPLICIT(1), &DER_OCTETS,    MEMBER(authdata, ad_data)},
};
const struct der_type TYPE_AUTHDATA = {SEQUENCE("AuthorizationData element", authdata, authdata)};
const struct der_type TYPE_AUTHORIZATION_DATA = {SEQUENCE_OF("AuthorizationData", authdata_list, &TYPE_AUTHDATA)};

// PA-DATA ::= SEQUENCE {
static const struct der_field padata[] = {
    {"padata-type",  EXPLICIT(1), &DER_INT32,     MEMBER(padata, padata_type), .codes = &CODES_PADATA},
    {"padata-value", EXPLICIT(2), &DER_OCTETS,    MEMBER(padata, padata_value)},
};
const struct der_type TYPE_PADATA = {SEQUENCE("PA-DATA", padata, padata)};
const struct der_type TYPE_METHOD_DATA = {SEQUENCE_OF("METHOD-DATA", padata_list, &TYPE_PADATA)};

// TypedData ::= SEQUENCE {   (RFC 4120 5.9.1: the shape of PA-DATA with other tags)
static const struct der_field typed_data[] = {
    {"data-type",    EXPLICIT(0), &DER_INT32,     MEMBER(padata, padata_type)},
    {"data-value",   EXPLICIT(1), &DER_OCTETS,    MEMBER(padata, padata_value)},
};
static const struct der_type typed_data_element = {SEQUENCE("TypedData", padata, typed_data)};
const struct der_type TYPE_TYPED_DATA = {SEQUENCE_OF("TYPED-DATA", padata_list, &typed_data_element)};

// EncryptedData ::= SEQUENCE {
static const struct der_field encrypted_data[] = {
    {"etype",        EXPLICIT(0), &DER_INT32,     MEMBER(encrypted_data, etype), .codes = &CODES_ENCTYPE},
    {"kvno",         EXPLICIT(1), &DER_KVNO,      MEMBER(encrypted_data, kvno), ENCRYPTED_DATA_KVNO},
    {"cipher",       EXPLICIT(2), &DER_CIPHER,    MEMBER(encrypted_data, cipher)},
};
const struct der_type TYPE_ENCRYPTED_DATA = {SEQUENCE("EncryptedData", encrypted_data, encrypted_data)};

// EncryptionKey ::= SEQUENCE {
static const struct der_field encryption_key[] = {
    {"keytype",      EXPLICIT(0), &DER_INT32,     MEMBER(encryption_key, keytype), .codes = &CODES_ENCTYPE},
    {"keyvalue",     EXPLICIT(1), &DER_SECRET_OCTETS, MEMBER(encryption_key, keyvalue)},
};
const struct der_type TYPE_ENCRYPTION_KEY = {SEQUENCE("EncryptionKey", encryption_key, encryption_key)};

// Checksum ::= SEQUENCE {
static const struct der_field checksum[] = {
    {"cksumtype",    EXPLICIT(0), &DER_INT32,     MEMBER(checksum, cksumtype), .codes = &CODES_CKSUMTYPE},
    {"checksum",     EXPLICIT(1), &DER_OCTETS,    MEMBER(checksum, checksum)},
};
const struct der_type TYPE_CHECKSUM = {SEQUENCE("Checksum", checksum, checksum)};
// clang-format on
