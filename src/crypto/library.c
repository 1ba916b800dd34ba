// library.c: see library.h.
#include "crypto/library.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>

static OSSL_LIB_CTX *context;
static pthread_once_t context_once = PTHREAD_ONCE_INIT;

// A process may end while its threads are in our calls, and libcrypto's clean-up at exit takes away
// what it holds. If nobody has used libcrypto before us there is to be no clean-up; else it is the
// program's own, and what we use is apart from what goes with it: a context that is never freed.
static void make_context(void) {
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1)
        context = OSSL_LIB_CTX_new();
}

struct ossl_lib_ctx_st *library_context(void) {
    return pthread_once(&context_once, make_context) == 0 ? context : NULL;
}

struct library_use library_enter(void) {
    struct ossl_lib_ctx_st *ours = library_context();
    (void)ERR_set_mark(); // none in an empty queue, which ERR_pop_to_mark then empties again
    return (struct library_use){OSSL_LIB_CTX_set0_default(ours)};
}

void library_leave(struct library_use *use) {
    (void)ERR_pop_to_mark();
    (void)OSSL_LIB_CTX_set0_default(use->before);
}
