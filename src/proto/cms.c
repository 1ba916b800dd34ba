// cms.c: the tables of cms.h, and the object identifiers of PKINIT and of what it is built from.
#include "proto/cms.h"
#include "proto/tables.h"

// clang-format off
// ContentInfo ::= SEQUENCE {
static const struct der_field content_info[] = {
    {"contentType",  0,           &DER_OID,    MEMBER(cms_content_info, content_type)},
    {"content",      EXPLICIT(0), &DER_ANY,    MEMBER(cms_content_info, content), CMS_CONTENT_INFO_CONTENT},
};
const struct der_type TYPE_CMS_CONTENT_INFO = {SEQUENCE("ContentInfo", cms_content_info, content_info)};

// EncapsulatedContentInfo ::= SEQUENCE {
static const struct der_field encapsulated[] = {
    {"eContentType", 0,           &DER_OID,    MEMBER(cms_encapsulated, content_type)},
    {"eContent",     EXPLICIT(0), &DER_OCTETS, MEMBER(cms_encapsulated, content), CMS_ENCAPSULATED_CONTENT},
};
static const struct der_type type_encapsulated = {
    SEQUENCE("EncapsulatedContentInfo", cms_encapsulated, encapsulated)};

#define SET_OF(asn1_name, structure, item_type) \
    .name = (asn1_name), .kind = DER_KIND_SEQUENCE_OF, .tag = 0x31, .size = sizeof(struct structure), .item = (item_type)
static const struct der_type type_digests = {
    SET_OF("DigestAlgorithmIdentifiers", algorithm_identifier_list, &TYPE_ALGORITHM_IDENTIFIER)};
static const struct der_type type_certificates = {SET_OF("CertificateSet", slice_list, &DER_ANY)};
static const struct der_type type_crls = {SET_OF("RevocationInfoChoices", slice_list, &DER_ANY)};
static const struct der_type type_signers = {SET_OF("SignerInfos", slice_list, &DER_ANY)};

// SignedData ::= SEQUENCE {
static const struct der_field signed_data[] = {
    {"version",      0,           &DER_INT32,  MEMBER(cms_signed_data, version)},
    {"digestAlgorithms", 0,       &type_digests, MEMBER(cms_signed_data, digest_algorithms)},
    {"encapContentInfo", 0,       &type_encapsulated, MEMBER(cms_signed_data, encapsulated)},
    {"certificates", IMPLICIT_CONSTRUCTED(0), &type_certificates, MEMBER(cms_signed_data, certificates), CMS_SIGNED_DATA_CERTIFICATES, .flags = DER_IMPLICIT},
    {"crls",         IMPLICIT_CONSTRUCTED(1), &type_crls, MEMBER(cms_signed_data, crls), CMS_SIGNED_DATA_CRLS, .flags = DER_IMPLICIT},
    {"signerInfos",  0,           &type_signers, MEMBER(cms_signed_data, signer_infos)},
};
const struct der_type TYPE_CMS_SIGNED_DATA = {SEQUENCE("SignedData", cms_signed_data, signed_data)};

// Attribute ::= SEQUENCE {
static const struct der_type type_values = {SET_OF("AttributeValues", slice_list, &DER_ANY)};
static const struct der_field attribute[] = {
    {"attrType",     0,           &DER_OID,    MEMBER(cms_attribute, type)},
    {"attrValues",   0,           &type_values, MEMBER(cms_attribute, values)},
};
static const struct der_type type_attribute = {SEQUENCE("Attribute", cms_attribute, attribute)};
const struct der_type TYPE_CMS_SIGNED_ATTRIBUTES = {SET_OF("SignedAttributes", cms_attribute_list, &type_attribute)};
static const struct der_type type_unsigned = {SET_OF("UnsignedAttributes", cms_attribute_list, &type_attribute)};

// SignerInfo ::= SEQUENCE {
static const struct der_field signer_info[] = {
    {"version",      0,           &DER_INT32,  MEMBER(cms_signer_info, version)},
    {"sid",          0,           &DER_ANY,    MEMBER(cms_signer_info, sid)},
    {"digestAlgorithm", 0,        &TYPE_ALGORITHM_IDENTIFIER, MEMBER(cms_signer_info, digest_algorithm)},
    {"signedAttrs",  IMPLICIT_CONSTRUCTED(0), &TYPE_CMS_SIGNED_ATTRIBUTES, MEMBER(cms_signer_info, signed_attrs), CMS_SIGNER_INFO_SIGNED_ATTRS, .flags = DER_IMPLICIT},
    {"signatureAlgorithm", 0,     &TYPE_ALGORITHM_IDENTIFIER, MEMBER(cms_signer_info, signature_algorithm)},
    {"signature",    0,           &DER_OCTETS, MEMBER(cms_signer_info, signature)},
    {"unsignedAttrs", IMPLICIT_CONSTRUCTED(1), &type_unsigned, MEMBER(cms_signer_info, unsigned_attrs), CMS_SIGNER_INFO_UNSIGNED_ATTRS, .flags = DER_IMPLICIT},
};
const struct der_type TYPE_CMS_SIGNER_INFO = {SEQUENCE("SignerInfo", cms_signer_info, signer_info)};

// SubjectPublicKeyInfo ::= SEQUENCE {
static const struct der_field subject_public_key_info[] = {
    {"algorithm",    0,           &TYPE_ALGORITHM_IDENTIFIER, MEMBER(subject_public_key_info, algorithm)},
    {"subjectPublicKey", 0,       &DER_BITS,   MEMBER(subject_public_key_info, subject_public_key)},
};
const struct der_type TYPE_SUBJECT_PUBLIC_KEY_INFO = {
    SEQUENCE("SubjectPublicKeyInfo", subject_public_key_info, subject_public_key_info)};

// DomainParameters ::= SEQUENCE {
static const struct der_field dh_parameters[] = {
    {"p",            0,           &DER_BIGINT, MEMBER(dh_parameters, p)},
    {"g",            0,           &DER_BIGINT, MEMBER(dh_parameters, g)},
    {"q",            0,           &DER_BIGINT, MEMBER(dh_parameters, q), DH_PARAMETERS_Q},
};
const struct der_type TYPE_DH_PARAMETERS = {
    SEQUENCE("DomainParameters", dh_parameters, dh_parameters), .flags = DER_EXTENSIBLE};

// DHPublicKey ::= INTEGER
const struct der_type TYPE_DH_PUBLIC_KEY = {
    .name = "DHPublicKey", .kind = DER_KIND_BIGINT, .tag = 0x02, .size = sizeof(struct slice)};

#define OID(bytes) {(const uint8_t *)(bytes), sizeof(bytes) - 1}
static const struct oid_row {
    struct slice oid;
    const char *name;
    const struct der_type *inside; // what a CMS content of this type is
} oids[] = {
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), "id-data", NULL},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), "id-signedData", &TYPE_CMS_SIGNED_DATA},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"), "id-envelopedData", NULL},
    {OID("\x2b\x06\x01\x05\x02\x03\x01"), "id-pkinit-authData", &TYPE_AUTH_PACK},
    {OID("\x2b\x06\x01\x05\x02\x03\x02"), "id-pkinit-DHKeyData", &TYPE_KDC_DH_KEY_INFO},
    {OID("\x2b\x06\x01\x05\x02\x03\x03"), "id-pkinit-rkeyData", &TYPE_REPLY_KEY_PACK},
    {OID("\x2b\x06\x01\x05\x02\x03\x06\x01"), "id-pkinit-kdf-ah-sha1", NULL},
    {OID("\x2b\x06\x01\x05\x02\x03\x06\x02"), "id-pkinit-kdf-ah-sha256", NULL},
    {OID("\x2b\x06\x01\x05\x02\x03\x06\x03"), "id-pkinit-kdf-ah-sha512", NULL},
    {OID("\x2b\x06\x01\x05\x02\x03\x06\x04"), "id-pkinit-kdf-ah-sha384", NULL},
    {OID("\x2a\x86\x48\xce\x3e\x02\x01"), "dhpublicnumber", NULL},
    {OID("\x2a\x86\x48\xce\x3d\x02\x01"), "id-ecPublicKey", NULL},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), "rsaEncryption", NULL},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"), "sha1WithRSAEncryption", NULL},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), "sha256WithRSAEncryption", NULL},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x03\x07"), "des-ede3-cbc", NULL},
    {OID("\x2b\x0e\x03\x02\x1a"), "id-sha1", NULL},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), "id-sha256", NULL},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), "id-sha384", NULL},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), "id-sha512", NULL},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x02"), "id-aes128-CBC", NULL},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2a"), "id-aes256-CBC", NULL},
};
// clang-format on

static const struct oid_row *find(struct slice oid) {
    for (size_t i = 0; i < COUNT_OF(oids); i++)
        if (slice_eq(oids[i].oid, oid))
            return &oids[i];
    return NULL;
}

const char *oid_name(struct slice oid) {
    const struct oid_row *row = find(oid);
    return row ? row->name : NULL;
}

const struct der_type *cms_inside(struct slice content_type) {
    const struct oid_row *row = find(content_type);
    return row ? row->inside : NULL;
}
