// library.h: libcrypto as a guest in somebody's process. A program may have configured libcrypto
// for itself (OPENSSL_CONF, properties such as fips=yes, providers loaded and unloaded), a second
// library may have done so for it, and there may be errors in its queue that it has not read yet.
// What Obol does stands apart from that: it has a context of its own, and it leaves what it finds.
#ifndef OBOL_CRYPTO_LIBRARY_H
#define OBOL_CRYPTO_LIBRARY_H

#include "base/base.h"

struct ossl_lib_ctx_st;

// library_context is our own context of libcrypto, which is never freed; made at the first call,
// by no configuration. NULL if libcrypto cannot be started.
struct ossl_lib_ctx_st *library_context(void);

// A stretch of code in which libcrypto's default context is ours, in this thread, and behind which
// the queue of errors is what it was before. Stretches may lie within each other:
//     CLEANUP(library_leave) struct library_use use = library_enter();
struct __attribute__((unused)) library_use { // clang: a variable that only ends is in use
    struct ossl_lib_ctx_st *before;
};
MUST_USE struct library_use library_enter(void);
void library_leave(struct library_use *use);

#endif
