// web.h: a small web service that only a ticket opens (HTTP Negotiate, RFC 4559): the page tells
// who came. It shows single sign-on at work, tries a browser's set-up, and is what the
// demonstration of `./dev run` opens. HTTP is libmicrohttpd's; the login is gss/acceptor.h's.
#ifndef OBOL_SERVER_WEB_H
#define OBOL_SERVER_WEB_H

#include "base/env.h"
#include "krb/ap.h"

struct web;
struct web_options {
    const struct ap_key_source *keys; // the service's keytab
    const struct ap_replay *replay;   // shared by all processes of the service
    const struct principal *service;  // NULL: any service that the keytab holds
    const char *address;              // "127.0.0.1" or "::1"
    uint16_t port;                    // 0: a free one; web_port tells
    int64_t clockskew;                // seconds; 0: 300
};
// web_start listens and serves from a thread of its own until web_stop. The targets of `options`
// outlive it. IO if the address cannot be had.
MUST_USE enum obol_code web_start(struct web **out, const struct web_options *options,
                                  const struct env *env, struct error *err);
uint16_t web_port(const struct web *w);
// web_stop ends the requests in hand and frees; NULL is fine.
void web_stop(struct web *w);
// web_token_read takes the token, cut from `a`, out of an Authorization header (RFC 4559 4.2):
// "Negotiate BASE64". MECH_UNSUPPORTED for other schemes, TOKEN_MALFORMED for what is no base64.
MUST_USE enum obol_code web_token_read(struct slice header, struct arena *a, struct slice *token,
                                       struct error *err);

#endif
