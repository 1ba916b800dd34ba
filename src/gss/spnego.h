// spnego.h: the messages of SPNEGO (RFC 4178 4.2) and their DER.
#ifndef OBOL_GSS_SPNEGO_H
#define OBOL_GSS_SPNEGO_H

#include "base/arena.h"
#include "base/error.h"
#include "proto/messages.h"

enum { // RFC 4178 4.2.2 NegState
    NEG_ACCEPT_COMPLETED = 0,
    NEG_ACCEPT_INCOMPLETE = 1,
    NEG_REJECT = 2,
    NEG_REQUEST_MIC = 3,
};

// NegTokenInit, RFC 4178 4.2.1, and NegTokenInit2 of MS-SPNG 2.2.1, in which hints stand in the
// place of the MIC and the MIC behind them.
enum {
    NEG_TOKEN_INIT_REQ_FLAGS = 1u << 0,
    NEG_TOKEN_INIT_MECH_TOKEN = 1u << 1,
    NEG_TOKEN_INIT_THIRD = 1u << 2,
    NEG_TOKEN_INIT_FOURTH = 1u << 3,
};
struct neg_token_init {
    uint32_t present;
    struct slice mech_types; // DER of the MechTypeList, exactly as sent: the MIC covers these bytes
    struct slice req_flags;
    struct slice mech_token;
    struct slice third, fourth; // whole values
    struct slice mech_list_mic; // whichever of the two it was; empty: none
};

// NegTokenResp, RFC 4178 4.2.2
enum {
    NEG_TOKEN_RESP_NEG_STATE = 1u << 0,
    NEG_TOKEN_RESP_SUPPORTED_MECH = 1u << 1,
    NEG_TOKEN_RESP_RESPONSE_TOKEN = 1u << 2,
    NEG_TOKEN_RESP_MECH_LIST_MIC = 1u << 3,
};
struct neg_token_resp {
    uint32_t present;
    int32_t neg_state;
    struct slice supported_mech; // OID content octets
    struct slice response_token;
    struct slice mech_list_mic;
};

// spnego_init_read reads a framed NegTokenInit and its list of mechanisms (OID content octets).
MUST_USE enum obol_code spnego_init_read(struct slice token, struct arena *a,
                                         struct neg_token_init *out, struct slice_list *mechs,
                                         struct error *err);
// spnego_init_write makes one that offers `mechs`; fields of `init` other than mech_types are taken
// as they are, and mech_types is set to the bytes that the MIC is to cover.
MUST_USE enum obol_code spnego_init_write(struct neg_token_init *init, struct slice_list mechs,
                                          struct arena *a, struct slice *out, struct error *err);
// spnego_hints_write makes the NegTokenInit2 of an acceptor that speaks first: what it offers.
MUST_USE enum obol_code spnego_hints_write(struct slice_list mechs, struct arena *a,
                                           struct slice *out, struct error *err);
// spnego_resp_read and spnego_resp_write: NegTokenResp, which has no frame; that of old Sun
// clients, who put one around it all the same, is read too. A MIC that repeats the response token
// is left out: Windows 2000 sends such.
MUST_USE enum obol_code spnego_resp_read(struct slice token, struct arena *a,
                                         struct neg_token_resp *out, struct error *err);
MUST_USE enum obol_code
spnego_resp_write(const struct neg_token_resp *resp, struct arena *a, struct slice *out,
                  struct error *err); // spnego_is_resp: the token begins as a NegTokenResp does.
bool spnego_is_resp(struct slice token);

#endif
