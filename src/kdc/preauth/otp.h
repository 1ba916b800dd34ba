// otp.h: what the files about one-time passwords (RFC 6560) share.
#ifndef OBOL_KDC_PREAUTH_OTP_H
#define OBOL_KDC_PREAUTH_OTP_H

#include "kdc/exchange.h"
#include "proto/otp.h"
#include "store/token.h"

// otp_is_meant is whether a code may be one of a token: the client may say of which it is.
bool otp_is_meant(const struct pa_otp_request *request, const struct token *t);

// otp_radius.c
// otp_radius is the token whose code a RADIUS server took; NEED with x->question while it must be
// asked. NOT_FOUND: the account has no such token.
MUST_USE enum obol_code otp_radius(struct exchange *x, const struct pa_otp_request *request,
                                   const struct token_list *tokens, const struct token **out);
MUST_USE enum obol_code otp_radius_indicators(struct exchange *x, const struct token *t);

#endif
