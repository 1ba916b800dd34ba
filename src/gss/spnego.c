// spnego.c: NegTokenInit and NegTokenResp as tables (RFC 4178 4.2); see spnego.h.
#include "gss/spnego.h"
#include "der/table.h"
#include "der/tlv.h"
#include "gss/frame.h"

static const struct der_type MECH_TYPE_LIST = {SEQUENCE_OF("MechTypeList", slice_list, &DER_OID)};

static const struct der_type NEG_STATE = {
    .name = "NegState", .kind = DER_KIND_INT32, .tag = 0x0a, .size = sizeof(int32_t)};

static const struct der_field neg_token_init_fields[] = {
    {"mechTypes", EXPLICIT(0), &DER_ANY, MEMBER(neg_token_init, mech_types)},
    // RFC 4178 4.2.1: they are not to be relied upon. Java's are of seven bits.
    {"reqFlags", EXPLICIT(1), &DER_ANY, MEMBER(neg_token_init, req_flags),
     .present = NEG_TOKEN_INIT_REQ_FLAGS},
    {"mechToken", EXPLICIT(2), &DER_OCTETS, MEMBER(neg_token_init, mech_token),
     .present = NEG_TOKEN_INIT_MECH_TOKEN},
    {"mechListMIC or negHints", EXPLICIT(3), &DER_ANY, MEMBER(neg_token_init, third),
     .present = NEG_TOKEN_INIT_THIRD},
    {"mechListMIC", EXPLICIT(4), &DER_ANY, MEMBER(neg_token_init, fourth),
     .present = NEG_TOKEN_INIT_FOURTH},
};
static const struct der_type NEG_TOKEN_INIT = {
    SEQUENCE("NegTokenInit", neg_token_init, neg_token_init_fields), .outer = EXPLICIT(0),
    .flags = DER_EXTENSIBLE};

static const struct der_field neg_token_resp_fields[] = {
    {"negState", EXPLICIT(0), &NEG_STATE, MEMBER(neg_token_resp, neg_state),
     .present = NEG_TOKEN_RESP_NEG_STATE},
    {"supportedMech", EXPLICIT(1), &DER_OID, MEMBER(neg_token_resp, supported_mech),
     .present = NEG_TOKEN_RESP_SUPPORTED_MECH},
    {"responseToken", EXPLICIT(2), &DER_OCTETS, MEMBER(neg_token_resp, response_token),
     .present = NEG_TOKEN_RESP_RESPONSE_TOKEN},
    {"mechListMIC", EXPLICIT(3), &DER_OCTETS, MEMBER(neg_token_resp, mech_list_mic),
     .present = NEG_TOKEN_RESP_MECH_LIST_MIC},
};
static const struct der_type NEG_TOKEN_RESP = {
    SEQUENCE("NegTokenResp", neg_token_resp, neg_token_resp_fields), .outer = EXPLICIT(1),
    .flags = DER_EXTENSIBLE};

// The content of an OCTET STRING; empty if the value is none.
static struct slice octets_of(struct slice value) {
    struct reader r = reader_of(value);
    uint8_t tag;
    struct slice content;
    bool is_octets = tlv_next(&r, &tag, &content) && tag == 0x04;
    return is_octets ? content : (struct slice){0};
}

enum obol_code spnego_init_read(struct slice token, struct arena *a, struct neg_token_init *out,
                                struct slice_list *mechs, struct error *err) {
    struct slice oid, inner;
    TRY(gss_frame_open(token, &oid, &inner, err));
    ENSURE(slice_eq(oid, OID_SPNEGO), MECH_UNSUPPORTED, "the token is of %s, not SPNEGO",
           gss_oid_name(oid));
    TRY(der_decode(&NEG_TOKEN_INIT, inner, a, out, err));
    TRY(der_decode(&MECH_TYPE_LIST, out->mech_types, a, mechs, err));
    if (out->present & NEG_TOKEN_INIT_THIRD)
        out->mech_list_mic = octets_of(out->third);
    if ((out->present & NEG_TOKEN_INIT_FOURTH) && out->mech_list_mic.len == 0)
        out->mech_list_mic = octets_of(out->fourth);
    ENSURE(mechs->count != 0, TOKEN_MALFORMED, "the client offers no mechanism at all");
    return OBOL_OK;
}

enum obol_code spnego_init_write(struct neg_token_init *init, struct slice_list mechs,
                                 struct arena *a, struct slice *out, struct error *err) {
    struct slice inner;
    TRY(der_encode(&MECH_TYPE_LIST, &mechs, a, &init->mech_types, err));
    TRY(der_encode(&NEG_TOKEN_INIT, init, a, &inner, err));
    return gss_frame_make(OID_SPNEGO, inner, a, out, err);
}

enum obol_code spnego_hints_write(struct slice_list mechs, struct arena *a, struct slice *out,
                                  struct error *err) {
    struct neg_token_init init = {
        .present = NEG_TOKEN_INIT_THIRD,
        // NegHints with the hintName that MS-SPNG 3.2.5.2 asks for.
        .third = SLICE_LITERAL("\x30\x28\xa0\x26\x1b\x24not_defined_in_RFC4178@please_ignore"),
    };
    return spnego_init_write(&init, mechs, a, out, err);
}

enum obol_code spnego_resp_read(struct slice token, struct arena *a, struct neg_token_resp *out,
                                struct error *err) {
    struct slice inner = token, oid;
    if (!spnego_is_resp(token)) {
        TRY(gss_frame_open(token, &oid, &inner, err));
        ENSURE(slice_eq(oid, OID_SPNEGO), MECH_UNSUPPORTED, "the token is of %s, not SPNEGO",
               gss_oid_name(oid));
    }
    TRY(der_decode(&NEG_TOKEN_RESP, inner, a, out, err));
    ENSURE(!(out->present & NEG_TOKEN_RESP_NEG_STATE) ||
               (out->neg_state >= NEG_ACCEPT_COMPLETED && out->neg_state <= NEG_REQUEST_MIC),
           TOKEN_MALFORMED, "the state of the negotiation is %d, which is none", out->neg_state);
    const uint32_t both = NEG_TOKEN_RESP_RESPONSE_TOKEN | NEG_TOKEN_RESP_MECH_LIST_MIC;
    if ((out->present & both) == both && slice_eq(out->response_token, out->mech_list_mic))
        out->present &= ~(uint32_t)NEG_TOKEN_RESP_MECH_LIST_MIC;
    return OBOL_OK;
}

enum obol_code spnego_resp_write(const struct neg_token_resp *resp, struct arena *a,
                                 struct slice *out, struct error *err) {
    return der_encode(&NEG_TOKEN_RESP, resp, a, out, err);
}

bool spnego_is_resp(struct slice token) {
    return token.len != 0 && token.ptr[0] == EXPLICIT(1);
}
