// kdc_serve.h: sockets and the thread of the KDC that obol.testing runs within a test's process.
#ifndef OBOL_PYTHON_KDC_SERVE_H
#define OBOL_PYTHON_KDC_SERVE_H

#include "base/arena.h"
#include "base/error.h"
#include <sys/socket.h>

struct kdc_serve;
// Answers one request, in the arena; empty: silence. Called on the thread, without the GIL.
struct kdc_serve_by {
    void *ctx;
    struct slice (*answer)(void *ctx, struct slice request, const struct sockaddr *peer,
                           bool stream, struct arena *a);
};
// kdc_serve_start binds a free port of a numeric address, the same for UDP and TCP, and serves it
// until kdc_serve_stop. After a fork the child has no thread: its kdc_serve_stop closes its copies
// of the sockets, and the parent goes on.
MUST_USE enum obol_code kdc_serve_start(struct kdc_serve **out, const char *address,
                                        const struct kdc_serve_by *answer, struct error *err);
uint16_t kdc_serve_port(const struct kdc_serve *s);
void kdc_serve_stop(struct kdc_serve *s); // NULL is fine

#endif
