// inside.c: tables of what the typed holes of Kerberos hold: padata by its type, authorization data
// by its type, e-data, and sealed parts by their place.
#include "proto/inside.h"
#include "proto/authdata.h"
#include "proto/cms.h"
#include "proto/codes.h"
#include "proto/envelope.h"
#include "proto/fast.h"
#include "proto/otp.h"
#include "proto/pkinit.h"
#include "proto/s4u.h"
#include "proto/spake.h"
#include "proto/tables.h"

struct hole {
    int32_t number;
    struct inside_types inside;
};

// clang-format off
static const struct hole padata_holes[] = {
    {PA_TGS_REQ, {{&TYPE_AP_REQ}}},
    {PA_ENC_TIMESTAMP, {{&TYPE_ENCRYPTED_DATA}}},
    {PA_ETYPE_INFO, {{&TYPE_ETYPE_INFO}}},
    {PA_ETYPE_INFO2, {{&TYPE_ETYPE_INFO2}}},
    {PA_PK_AS_REQ, {{&TYPE_PA_PK_AS_REQ}}},
    {PA_PK_AS_REP, {{&TYPE_PA_PK_AS_REP}}},
    {PA_SVR_REFERRAL_INFO, {{&TYPE_PA_SVR_REFERRAL_DATA}}},
    {TD_TRUSTED_CERTIFIERS, {{&TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS}}},
    {TD_INVALID_CERTIFICATES, {{&TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS}}},
    {TD_DH_PARAMETERS, {{&TYPE_ALGORITHM_IDENTIFIERS}}},
    {TD_CMS_DIGEST_ALGORITHMS, {{&TYPE_ALGORITHM_IDENTIFIERS}}},
    {TD_CERT_DIGEST_ALGORITHMS, {{&TYPE_TD_CERT_DIGEST_ALGORITHMS}}},
    {PA_PAC_REQUEST, {{&TYPE_PA_PAC_REQUEST}}},
    {PA_FOR_USER, {{&TYPE_PA_FOR_USER}}},
    {PA_S4U_X509_USER, {{&TYPE_PA_S4U_X509_USER}}},
    {PA_AS_CHECKSUM, {{&TYPE_CHECKSUM}}},
    {PA_AUTHENTICATION_SET, {{&TYPE_PA_AUTHENTICATION_SET}}},
    {PA_FX_FAST, {{&TYPE_PA_FX_FAST_REQUEST, &TYPE_PA_FX_FAST_REPLY}}},
    {PA_FX_ERROR, {{&TYPE_KRB_ERROR}}},
    {PA_ENCRYPTED_CHALLENGE, {{&TYPE_ENCRYPTED_DATA}}},
    {PA_OTP_CHALLENGE, {{&TYPE_PA_OTP_CHALLENGE}}},
    {PA_OTP_REQUEST, {{&TYPE_PA_OTP_REQUEST}}},
    {PA_OTP_PIN_CHANGE, {{&TYPE_PA_OTP_PIN_CHANGE}}},
    {PA_PKINIT_KX, {{&TYPE_ENCRYPTED_DATA}}},
    {PA_REQ_ENC_PA_REP, {{&TYPE_CHECKSUM}}},
    {PA_SPAKE, {{&TYPE_PA_SPAKE}}},
    {PA_KERB_KEY_LIST_REQ, {{&TYPE_ETYPE_LIST}}},
    {PA_PAC_OPTIONS, {{&TYPE_PA_PAC_OPTIONS}}},
};
static const struct hole authdata_holes[] = {
    {AD_IF_RELEVANT, {{&TYPE_AUTHORIZATION_DATA}}},
    {AD_KDC_ISSUED, {{&TYPE_AD_KDC_ISSUED}}},
    {AD_AND_OR, {{&TYPE_AD_AND_OR}}},
    {AD_MANDATORY_FOR_KDC, {{&TYPE_AUTHORIZATION_DATA}}},
    {AD_INITIAL_VERIFIED_CAS, {{&TYPE_EXTERNAL_PRINCIPAL_IDENTIFIERS}}},
    {AD_CAMMAC, {{&TYPE_AD_CAMMAC}}},
    {AD_AUTHENTICATION_INDICATOR, {{&TYPE_AD_AUTHENTICATION_INDICATOR}}},
    {AD_ETYPE_NEGOTIATION, {{&TYPE_ETYPE_LIST}}},
    {141, {{&TYPE_KERB_AD_RESTRICTIONS}}},
};
static const struct inside_types error_data = {{&TYPE_METHOD_DATA, &TYPE_TYPED_DATA, &TYPE_KERB_ERROR_DATA}};

static const struct sealed_row {
    const struct der_type *parent;
    const char *field;
    struct inside_sealed inside;
} sealed_rows[] = {
    {&TYPE_TICKET, "enc-part", {&TYPE_ENC_TICKET_PART, {KU_TICKET}, 1}},
    {&TYPE_AS_REP, "enc-part", {&TYPE_ENC_AS_REP_PART, {KU_AS_REP}, 1}},
    {&TYPE_TGS_REP, "enc-part", {&TYPE_ENC_TGS_REP_PART, {KU_TGS_REP_SUBKEY, KU_TGS_REP_SESSION}, 2}},
    {&TYPE_AP_REQ, "authenticator", {&TYPE_AUTHENTICATOR, {KU_AP_REQ_AUTHENTICATOR, KU_TGS_REQ_AUTHENTICATOR}, 2}},
    {&TYPE_AP_REP, "enc-part", {&TYPE_ENC_AP_REP_PART, {KU_AP_REP}, 1}},
    {&TYPE_KRB_PRIV, "enc-part", {&TYPE_ENC_KRB_PRIV_PART, {KU_KRB_PRIV}, 1}},
    {&TYPE_KRB_CRED, "enc-part", {&TYPE_ENC_KRB_CRED_PART, {KU_KRB_CRED}, 1}},
    {&TYPE_KDC_REQ_BODY, "enc-authorization-data", {&TYPE_AUTHORIZATION_DATA, {KU_TGS_REQ_AUTHDATA_SUBKEY, KU_TGS_REQ_AUTHDATA_SESSION}, 2}},
    {&TYPE_KRB_FAST_ARMORED_REQ, "enc-fast-req", {&TYPE_KRB_FAST_REQ, {KU_FX_ENC}, 1}},
    {NULL, "enc-fast-rep", {&TYPE_KRB_FAST_RESPONSE, {KU_FX_REP}, 1}},
    {NULL, "factor", {&TYPE_SPAKE_SECOND_FACTOR, {KU_SPAKE}, 1}},
    {&TYPE_PA_SPAKE, "encdata", {&TYPE_SPAKE_SECOND_FACTOR, {KU_SPAKE}, 1}},
    {&TYPE_PA_OTP_REQUEST, "encData", {&TYPE_PA_OTP_ENC_REQUEST, {KU_PA_OTP_REQUEST}, 1}},
};
static const struct {
    int32_t padata_type;
    struct inside_sealed inside;
} sealed_padata[] = {
    {PA_ENC_TIMESTAMP, {&TYPE_PA_ENC_TS_ENC, {KU_PA_ENC_TIMESTAMP}, 1}},
    {PA_PKINIT_KX, {&TYPE_ENCRYPTION_KEY, {KU_PA_PKINIT_KX}, 1}},
    {PA_ENCRYPTED_CHALLENGE, {&TYPE_PA_ENC_TS_ENC, {KU_ENC_CHALLENGE_CLIENT, KU_ENC_CHALLENGE_KDC}, 2}},
};
// clang-format on

static struct inside_types find(const struct hole *holes, size_t count, int32_t number) {
    for (size_t i = 0; i < count; i++)
        if (holes[i].number == number)
            return holes[i].inside;
    return (struct inside_types){{NULL}};
}

// Whether the place is that field of a value of that type.
static bool is_at(const struct der_place *p, const struct der_type *parent, const char *field) {
    return p->up && p->field && (!parent || p->up->type == parent) &&
           strcmp(p->field->name, field) == 0;
}

// PKINIT's signed and sealed data: CMS, whose content types say what is inside.
static struct inside_types cms_octets(const struct der_place *p) {
    if (is_at(p, &TYPE_PA_PK_AS_REQ, "signedAuthPack") || is_at(p, NULL, "dhSignedData") ||
        is_at(p, &TYPE_PA_PK_AS_REP, "encKeyPack"))
        return (struct inside_types){{&TYPE_CMS_CONTENT_INFO}};
    if (is_at(p, &TYPE_CMS_CONTENT_INFO, "content"))
        return (struct inside_types){
            {cms_inside(((const struct cms_content_info *)p->up->value)->content_type)}};
    if (is_at(p, NULL, "eContent"))
        return (struct inside_types){
            {cms_inside(((const struct cms_encapsulated *)p->up->value)->content_type)}};
    if (is_at(p, &TYPE_AUTH_PACK, "clientPublicValue"))
        return (struct inside_types){{&TYPE_SUBJECT_PUBLIC_KEY_INFO}};
    return (struct inside_types){{NULL}};
}

struct inside_types inside_octets(const struct der_place *p) {
    // An element of TYPED-DATA has the shape of a PA-DATA and the same numbers.
    if (is_at(p, &TYPE_PADATA, "padata-value") ||
        (is_at(p, NULL, "data-value") && p->up->type != &TYPE_KERB_ERROR_DATA))
        return find(padata_holes, COUNT_OF(padata_holes),
                    ((const struct padata *)p->up->value)->padata_type);
    if (is_at(p, &TYPE_AUTHDATA, "ad-data"))
        return find(authdata_holes, COUNT_OF(authdata_holes),
                    ((const struct authdata *)p->up->value)->ad_type);
    if (is_at(p, &TYPE_KRB_ERROR, "e-data"))
        return error_data;
    if (is_at(p, &TYPE_KRB_FAST_ARMOR, "armor-value") &&
        ((const struct krb_fast_armor *)p->up->value)->armor_type == FX_FAST_ARMOR_AP_REQUEST)
        return (struct inside_types){{&TYPE_AP_REQ}};
    return cms_octets(p);
}

bool inside_sealed_of(const struct der_place *p, struct inside_sealed *out) {
    for (size_t i = 0; i < COUNT_OF(sealed_rows); i++) {
        if (!is_at(p, sealed_rows[i].parent, sealed_rows[i].field))
            continue;
        *out = sealed_rows[i].inside;
        return true;
    }
    if (!p->up || !is_at(p->up, &TYPE_PADATA, "padata-value"))
        return false;
    int32_t padata_type = ((const struct padata *)p->up->up->value)->padata_type;
    for (size_t i = 0; i < COUNT_OF(sealed_padata); i++) {
        if (sealed_padata[i].padata_type != padata_type)
            continue;
        *out = sealed_padata[i].inside;
        return true;
    }
    return false;
}
