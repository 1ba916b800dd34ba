// cookie.h: PA-FX-COOKIE (RFC 6113 5.2): what a mechanism must know at the client's next request
// goes to the client and comes back, so that any worker and any KDC of the realm can go on.
//
// It is sealed with the newest key of the realm's TGS, and holds the time, the mechanism and a
// keyed checksum of the client's and the service's names: it is good for one login of one client
// for a few minutes. A KDC that keeps no state cannot tell the second use of a cookie from the
// first; mechanisms bind what matters to the body of the request besides.
#ifndef OBOL_KDC_COOKIE_H
#define OBOL_KDC_COOKIE_H

#include "kdc/exchange.h"

#define COOKIE_MAGIC "OBC1"
enum { COOKIE_LIFE = 300 }; // seconds
// RFC 4120 7.5.1: key usages from 1024 to 2047 are an application's own.
enum { KU_COOKIE = 1093, KU_COOKIE_NAMES = 1094 };

// cookie_seal makes the PA-DATA of a mechanism's state; cookie_plain one that holds nothing, which
// tells clients that the conversation can go on.
MUST_USE enum obol_code cookie_seal(struct exchange *x, int32_t mechanism, struct slice state,
                                    struct padata *out);
void cookie_plain(struct padata *out);
// cookie_open gives the state that the request brings back for a mechanism. NOT_FOUND: it brings
// none, or one of another mechanism; KDC_ERR_PREAUTH_EXPIRED: it is old, or sealed with a key that
// is gone; KDC_ERR_PREAUTH_FAILED: it is forged, or of another login.
MUST_USE enum obol_code cookie_open(struct exchange *x, int32_t mechanism, struct slice *state);
// cookie_read is the same for a cookie that came another way, as the token of freshness does.
MUST_USE enum obol_code cookie_read(struct exchange *x, int32_t mechanism, struct slice cookie,
                                    struct slice *state);

#endif
