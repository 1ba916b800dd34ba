// reference.h: the encodings of MIT's test suite (tests/vectors/asn1), each with the table of ours
// that reads it; shared by the tests and not compiled on its own.
#ifndef OBOL_TESTS_PROTO_REFERENCE_H
#define OBOL_TESTS_PROTO_REFERENCE_H

#include "all_types.h"
#include "base/hex.h"
#include <stdio.h>
#include <stdlib.h>

struct reference {
    char name[96];
    struct slice bytes;
    const struct der_type *type; // NULL if Obol has no such type
};
struct references {
    struct reference rows[128];
    size_t count;
};

// The name in MIT's file, up to a bracket, and the table.
static const struct {
    const char *name;
    const struct der_type *type;
} REFERENCE_TYPES[] = {
    {"authenticator", &TYPE_AUTHENTICATOR},
    {"ticket", &TYPE_TICKET},
    {"keyblock", &TYPE_ENCRYPTION_KEY},
    {"enc_tkt_part", &TYPE_ENC_TICKET_PART},
    {"enc_kdc_rep_part", &TYPE_ENC_TGS_REP_PART},
    {"as_rep", &TYPE_AS_REP},
    {"tgs_rep", &TYPE_TGS_REP},
    {"ap_req", &TYPE_AP_REQ},
    {"ap_rep", &TYPE_AP_REP},
    {"ap_rep_enc_part", &TYPE_ENC_AP_REP_PART},
    {"as_req", &TYPE_AS_REQ},
    {"tgs_req", &TYPE_TGS_REQ},
    {"kdc_req_body", &TYPE_KDC_REQ_BODY},
    {"safe", &TYPE_KRB_SAFE},
    {"priv", &TYPE_KRB_PRIV},
    {"enc_priv_part", &TYPE_ENC_KRB_PRIV_PART},
    {"cred", &TYPE_KRB_CRED},
    {"enc_cred_part", &TYPE_ENC_KRB_CRED_PART},
    {"error", &TYPE_KRB_ERROR},
    {"authorization_data", &TYPE_AUTHORIZATION_DATA},
    {"padata_sequence", &TYPE_METHOD_DATA},
    {"typed_data", &TYPE_TYPED_DATA},
    {"etype_info", &TYPE_ETYPE_INFO},
    {"etype_info2", &TYPE_ETYPE_INFO2},
    {"pa_enc_ts", &TYPE_PA_ENC_TS_ENC},
    {"enc_data", &TYPE_ENCRYPTED_DATA},
    {"pa_for_user", &TYPE_PA_FOR_USER},
    {"pa_s4u_x509_user", &TYPE_PA_S4U_X509_USER},
    {"ad_kdcissued", &TYPE_AD_KDC_ISSUED},
    {"iakerb_header", &TYPE_IAKERB_HEADER},
    {"iakerb_finished", &TYPE_IAKERB_FINISHED},
    {"fast_response", &TYPE_KRB_FAST_RESPONSE},
    {"pa_fx_fast_reply", &TYPE_PA_FX_FAST_REPLY},
    {"otp_tokeninfo", &TYPE_OTP_TOKENINFO},
    {"pa_otp_challenge", &TYPE_PA_OTP_CHALLENGE},
    {"pa_otp_req", &TYPE_PA_OTP_REQUEST},
    {"pa_otp_enc_req", &TYPE_PA_OTP_ENC_REQUEST},
    {"kkdcp_message", &TYPE_KDC_PROXY_MESSAGE},
    {"cammac", &TYPE_AD_CAMMAC},
    {"spake_factor", &TYPE_SPAKE_SECOND_FACTOR},
    {"pa_spake", &TYPE_PA_SPAKE},
    {"pa_pk_as_req", &TYPE_PA_PK_AS_REQ},
    {"pa_pk_as_rep", &TYPE_PA_PK_AS_REP},
    {"auth_pack", &TYPE_AUTH_PACK},
    {"kdc_dh_key_info", &TYPE_KDC_DH_KEY_INFO},
    {"reply_key_pack", &TYPE_REPLY_KEY_PACK},
    {"sp80056a_other_info", &TYPE_PKINIT_OTHER_INFO},
    {"pkinit_supp_pub_info", &TYPE_PKINIT_SUPP_PUB_INFO},
};

static inline const struct der_type *reference_type(const char *name) {
    size_t len = strcspn(name, "( ");
    for (size_t i = 0; i < COUNT_OF(REFERENCE_TYPES); i++)
        if (strlen(REFERENCE_TYPES[i].name) == len &&
            memcmp(REFERENCE_TYPES[i].name, name, len) == 0)
            return REFERENCE_TYPES[i].type;
    return NULL;
}

static inline void reference_load(const char *path, struct arena *a, struct references *out) {
    FILE *f = fopen(path, "r");
    if (!f) {
        perror(path);
        abort();
    }
    static char line[16384];
    while (fgets(line, sizeof line, f)) {
        char *colon = strstr(line, ": ");
        const char *prefix = "encode_krb5_";
        if (!colon || strncmp(line, prefix, strlen(prefix)) != 0)
            continue;
        struct reference *row = &out->rows[out->count++];
        snprintf(row->name, sizeof row->name, "%.*s", (int)(colon - line - (int)strlen(prefix)),
                 line + strlen(prefix));
        if (!hex_decode(slice_trim(slice_str(colon + 2)), a, &row->bytes))
            abort();
        row->type = reference_type(row->name);
    }
    fclose(f);
}

static inline struct references *references_all(struct arena *a) {
    static struct references all;
    all.count = 0;
    reference_load(VECTORS "/asn1/mit_reference.txt", a, &all);
    reference_load(VECTORS "/asn1/mit_pkinit.txt", a, &all);
    return &all;
}

static inline struct slice reference_named(struct references *all, const char *name) {
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->rows[i].name, name) == 0)
            return all->rows[i].bytes;
    abort();
}

#endif
