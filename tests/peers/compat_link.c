// compat_link.c: a program that is built with our krb5-config, for test_compat_build.py.
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdio.h>

int main(void) {
    OM_uint32 minor;
    gss_OID_set mechs;
    krb5_context context;
    char *realm = NULL;
    if (gss_indicate_mechs(&minor, &mechs) != GSS_S_COMPLETE || krb5_init_context(&context))
        return 1;
    printf("%zu mechanisms\n", mechs->count);
    if (krb5_get_default_realm(context, &realm) == 0)
        printf("realm %s\n", realm);
    krb5_free_default_realm(context, realm);
    krb5_free_context(context);
    return gss_release_oid_set(&minor, &mechs) != GSS_S_COMPLETE;
}
