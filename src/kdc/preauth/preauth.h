// preauth.h: preauthentication mechanisms (RFC 4120 5.2.7, RFC 6113) as const descriptors, one file
// each, and the one list of them.
#ifndef OBOL_KDC_PREAUTH_PREAUTH_H
#define OBOL_KDC_PREAUTH_PREAUTH_H

#include "kdc/exchange.h"

struct preauth {
    int32_t type;     // PA-DATA that carries the client's proof
    const char *name; // as logs show it
    bool needs_armor; // without FAST it is neither offered nor looked at
    // offer is whether the client's account could use it.
    bool (*offer)(const struct exchange *x);
    // verify checks the proof. Nothing but its OBOL_OK makes a client preauthenticated.
    enum obol_code (*verify)(struct exchange *x, struct slice value);
};
extern const struct preauth PREAUTH_ENC_TIMESTAMP;

// etype_info.c: METHOD-DATA of an error that asks for preauthentication, as the e-data; and the
// hint of an AS-REP about the key of its sealed part.
MUST_USE enum obol_code method_data(struct exchange *x, struct slice *out);
MUST_USE enum obol_code etype_info_of_reply(struct exchange *x, struct padata *out);
// preauth_offered walks the mechanisms that the account could use: NULL past the end.
const struct preauth *preauth_offered(const struct exchange *x, size_t *at);

#endif
