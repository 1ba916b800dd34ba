// frame.h: the framing of GSS-API tokens (RFC 2743 3.1) and the object identifiers of the
// mechanisms. Inside the frame of the krb5 mechanism stands a token id of two bytes (RFC 4121 4.1).
#ifndef OBOL_GSS_FRAME_H
#define OBOL_GSS_FRAME_H

#include "base/arena.h"
#include "base/error.h"

// Content octets of the mechanisms' OIDs.
extern const struct slice OID_KRB5; // 1.2.840.113554.1.2.2
extern const struct slice
    OID_KRB5_MS;                      // 1.2.840.48018.1.2.2: Windows 2000's misprint, still offered
extern const struct slice OID_SPNEGO; // 1.3.6.1.5.5.2
extern const struct slice OID_IAKERB; // 1.3.6.1.5.2.5
extern const struct slice OID_NTLMSSP; // 1.3.6.1.4.1.311.2.2.10
extern const struct slice OID_NEGOEX;  // 1.3.6.1.4.1.311.2.2.30

enum { // RFC 4121 4.1
    GSS_TOKEN_AP_REQ = 0x0100,
    GSS_TOKEN_AP_REP = 0x0200,
    GSS_TOKEN_KRB_ERROR = 0x0300,
    GSS_TOKEN_IAKERB_PROXY = 0x0501, // draft-ietf-kitten-iakerb 3
};

// gss_frame_open takes a framed token apart; both parts borrow from it.
MUST_USE enum obol_code gss_frame_open(struct slice token, struct slice *oid, struct slice *inner,
                                       struct error *err);
// gss_frame_make frames `inner` for the mechanism, in the arena.
MUST_USE enum obol_code gss_frame_make(struct slice oid, struct slice inner, struct arena *a,
                                       struct slice *out, struct error *err);
// gss_krb5_make frames a Kerberos message with its token id for a mechanism of Kerberos.
MUST_USE enum obol_code gss_krb5_make(struct slice oid, uint16_t token_id, struct slice message,
                                      struct arena *a, struct slice *out, struct error *err);
// gss_krb5_open is its reverse, for krb5 in any spelling and IAKERB. A token without a frame is
// taken too (SPNEGO of old Windows), and has an empty oid.
MUST_USE enum obol_code gss_krb5_open(struct slice token, struct slice *oid, uint16_t *token_id,
                                      struct slice *message, struct error *err);
// gss_oid_is_krb5: one of the spellings of the krb5 mechanism.
bool gss_oid_is_krb5(struct slice oid);
// gss_oid_name is a name for people, "an unknown mechanism" if there is none.
const char *gss_oid_name(struct slice oid);

#endif
