// cms.h: as much of CMS (RFC 5652 3, 5) and X.509 (RFC 5280 4.1) as it takes to show what PKINIT
// messages hold. Nothing is verified here: libcrypto does that.
#ifndef OBOL_PROTO_CMS_H
#define OBOL_PROTO_CMS_H

#include "proto/pkinit.h"

// ContentInfo, RFC 5652 3; `content` is one whole value
enum { CMS_CONTENT_INFO_CONTENT = 1u << 0 };
struct cms_content_info {
    uint32_t present;
    struct slice content_type; // the content of the OID
    struct slice content;
};

// EncapsulatedContentInfo, RFC 5652 5.2
enum { CMS_ENCAPSULATED_CONTENT = 1u << 0 };
struct cms_encapsulated {
    uint32_t present;
    struct slice content_type;
    struct slice content;
};

// SignedData, RFC 5652 5.1; certificates, CRLs and signer infos are whole values
enum { CMS_SIGNED_DATA_CERTIFICATES = 1u << 0, CMS_SIGNED_DATA_CRLS = 1u << 1 };
struct cms_signed_data {
    uint32_t present;
    int32_t version;
    struct algorithm_identifier_list digest_algorithms;
    struct cms_encapsulated encapsulated;
    struct slice_list certificates, crls, signer_infos;
};

// SignerInfo, RFC 5652 5.3, and its attributes, 11; a sid and values are whole values
struct cms_attribute {
    struct slice type;
    struct slice_list values;
};
struct cms_attribute_list {
    struct cms_attribute *items;
    size_t count;
};
enum { CMS_SIGNER_INFO_SIGNED_ATTRS = 1u << 0, CMS_SIGNER_INFO_UNSIGNED_ATTRS = 1u << 1 };
struct cms_signer_info {
    uint32_t present;
    int32_t version;
    struct slice sid;
    struct algorithm_identifier digest_algorithm, signature_algorithm;
    struct cms_attribute_list signed_attrs, unsigned_attrs;
    struct slice signature;
};

// SubjectPublicKeyInfo, RFC 5280 4.1
struct subject_public_key_info {
    struct algorithm_identifier algorithm;
    struct slice subject_public_key;
};

// DomainParameters, RFC 3279 2.3.3: p, g and q are the contents of INTEGERs
enum { DH_PARAMETERS_Q = 1u << 0 };
struct dh_parameters {
    uint32_t present;
    struct slice p, g, q;
};

extern const struct der_type TYPE_CMS_CONTENT_INFO, TYPE_CMS_SIGNED_DATA, TYPE_CMS_SIGNER_INFO,
    TYPE_CMS_SIGNED_ATTRIBUTES, // as they are signed: a SET OF, without its tag in a SignerInfo
    TYPE_SUBJECT_PUBLIC_KEY_INFO, TYPE_DH_PARAMETERS,
    TYPE_DH_PUBLIC_KEY; // a struct slice: the content of an INTEGER

// oid_name is what an object identifier is called, from the content of its OID; NULL if unknown.
const char *oid_name(struct slice oid);
// cms_inside is the type that a content type stands for; NULL if it is none that Obol reads.
const struct der_type *cms_inside(struct slice content_type);

#endif
