// peek.h: what a request is about, read before anything is decoded: which realm is asked and for
// whom, so that a server of several realms finds the one and a limit its account. Nothing is
// believed that is read here.
#ifndef OBOL_KDC_PEEK_H
#define OBOL_KDC_PEEK_H

#include "base/slice.h"

struct kdc_peek {
    struct slice realm;  // of the body; empty: none
    struct slice client; // the body's cname, as its DER; empty: none
};
// kdc_peek looks into an AS-REQ or TGS-REQ. False if the bytes are neither, or malformed so far as
// they were looked at.
MUST_USE bool kdc_peek(struct slice request, struct kdc_peek *out);

#endif
