// radius.h: the messages of RADIUS (RFC 2865) that a question about a one-time code needs: an
// Access-Request is written, its reply is read and checked. A reply counts only if both its
// authenticator and its Message-Authenticator (RFC 3579 3.2) are right: the first alone is forged
// with a collision of MD5 (CVE-2024-3596), so a reply without the second is none. Where there is no
// secret, at a socket of this machine whose owner the system vouches for, neither protects
// anything, and the second may be missing.
#ifndef OBOL_SERVER_RADIUS_H
#define OBOL_SERVER_RADIUS_H

#include "base/writer.h"

enum {
    RADIUS_ACCESS_REQUEST = 1,
    RADIUS_ACCESS_ACCEPT = 2,
    RADIUS_ACCESS_REJECT = 3,
    RADIUS_ACCESS_CHALLENGE = 11
};
enum {
    RADIUS_AUTHENTICATOR = 16, // bytes
    RADIUS_PACKET_MAX = 4096,
    RADIUS_TEXT_MAX = 253,     // bytes of an attribute
    RADIUS_PASSWORD_MAX = 128, // RFC 2865 5.2
    RADIUS_USER_AT = 40,       // where the user's name begins in a request of ours
    RADIUS_REQUEST_MAX = 768   // bytes that an Access-Request of ours never exceeds
};

struct radius_request {
    uint8_t id;
    uint8_t authenticator[RADIUS_AUTHENTICATOR]; // drawn at random
    struct slice user, password, nas;
};
// radius_fits is whether a request can carry a name and a password.
bool radius_fits(struct slice user, struct slice password);
// radius_request_write writes an Access-Request; the writer fails if something does not fit.
void radius_request_write(const struct radius_request *request, struct slice secret,
                          struct writer *w);
// radius_hide is the User-Password of RFC 2865 5.2: out has the password's length, up to the next
// 16 bytes, which are 16 at least.
void radius_hide(struct slice password, struct slice secret, const uint8_t *authenticator,
                 struct buf out);

enum radius_fault {
    RADIUS_FINE,
    RADIUS_MALFORMED,   // or no answer to an Access-Request
    RADIUS_OTHER,       // it answers something else
    RADIUS_UNPROTECTED, // it has no Message-Authenticator
    RADIUS_FORGED,      // made without the secret, or with another one
    RADIUS_FAULT_COUNT,
};
const char *radius_fault_text(enum radius_fault fault); // "it has no Message-Authenticator"
struct radius_reply {
    uint8_t code;
    struct slice message; // the first Reply-Message, foreign text; or empty
};
// radius_reply_read checks a datagram as the reply to the request of that id and authenticator. The
// reply borrows from the packet, and is filled after RADIUS_FINE only.
enum radius_fault radius_reply_read(struct slice packet, uint8_t id, const uint8_t *authenticator,
                                    struct slice secret, struct radius_reply *out);

#endif
