// library.c: what concerns the library as a whole.
#include "base/env.h"
#include <krb5/krb5.h>

// A process ends when its program does, whatever its threads are at: what they use must not go
// before them, as libcrypto's generator does.
__attribute__((constructor)) static void library_loaded(void) {
    env_draw_from_kernel();
}

krb5_boolean krb5_is_thread_safe(void) {
    return 1;
}
