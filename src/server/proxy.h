// proxy.h: the proxy for clients that reach nothing but port 443 (MS-KKDCP): a process of its own
// that ends TLS and speaks HTTP (libmicrohttpd), and hands each message to the workers (proxied.h).
// It has no key of the realm, no store and, once it runs, no way to open a file; the TLS key is in
// no other process.
#ifndef OBOL_SERVER_PROXY_H
#define OBOL_SERVER_PROXY_H

#include "base/error.h"

#define PROXY_LISTEN_MAX 32

struct proxy_config {
    int listen[PROXY_LISTEN_MAX]; // sockets that listen
    size_t listen_count;
    int certificate, key;       // files with the chain and the private key, as PEM
    int kdc, kpasswd;           // our ends of their pairs; kpasswd -1: there is none
    const struct slice *realms; // that are served: no others are asked for
    size_t realm_count;
    unsigned connections, per_source, deadline_ms;
    bool no_sandbox;
};

// proxy_run writes a byte to `ready` once it serves, and does so until SIGTERM: then it takes no
// more connections and ends when those in hand are done. Gives the process's exit status.
int proxy_run(const struct proxy_config *config, int ready);

#endif
