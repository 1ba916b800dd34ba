// kkdcp.h: a message on its way to a KDC by HTTPS (MS-KKDCP 2.2.2), for both ends: the envelope,
// and the length that stands before the message in it as on a TCP stream.
#ifndef OBOL_KRB_KKDCP_H
#define OBOL_KRB_KKDCP_H

#include "base/arena.h"
#include "base/error.h"

#define KKDCP_CONTENT_TYPE "application/kerberos"

// kkdcp_wrap makes the envelope of a message, in the arena; without target-domain if the realm is
// empty, as in replies.
MUST_USE enum obol_code kkdcp_wrap(struct slice message, struct slice realm, struct arena *a,
                                   struct slice *out, struct error *err);
// kkdcp_unwrap opens one: the message without its length, and the realm, empty if none is named.
// Both borrow from the envelope. FORMAT if the length is not that of the message.
MUST_USE enum obol_code kkdcp_unwrap(struct slice envelope, struct arena *a, struct slice *message,
                                     struct slice *realm, struct error *err);

#endif
