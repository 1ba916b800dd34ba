// library.c: what concerns the library as a whole.
#include <krb5/krb5.h>

krb5_boolean krb5_is_thread_safe(void) {
    return 1;
}
