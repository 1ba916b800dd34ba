// support.h: what the tests of the GSS-API's calls share: buffers from text, releases, and an empty
// configuration of the realm OBOL.TEST.
#ifndef OBOL_TESTS_GSSAPI_SUPPORT_H
#define OBOL_TESTS_GSSAPI_SUPPORT_H

#include "test.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_generic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const gss_OID_set gss_mech_set_krb5;
extern const gss_OID gss_mech_krb5, gss_mech_krb5_old, gss_mech_krb5_wrong, gss_mech_iakerb,
    gss_nt_krb5_name, gss_nt_krb5_principal, GSS_KRB5_NT_ENTERPRISE_NAME, GSS_KRB5_NT_X509_CERT,
    GSS_KRB5_CRED_NO_CI_FLAGS_X, GSS_KRB5_GET_CRED_IMPERSONATOR;

static const gss_OID_desc SPNEGO_DESC = {6, (void *)"\x2b\x06\x01\x05\x05\x02"};
#define SPNEGO ((gss_OID)(uintptr_t)&SPNEGO_DESC)

static inline gss_buffer_desc text_buffer(const char *s) {
    return (gss_buffer_desc){strlen(s), (void *)(uintptr_t)s};
}

// The text of a status, for failures of tests; static.
static inline const char *status_text(OM_uint32 major, OM_uint32 minor) {
    static char text[2048];
    OM_uint32 m, more = 0;
    gss_buffer_desc b;
    (void)gss_display_status(&m, minor, GSS_C_MECH_CODE, NULL, &more, &b);
    (void)snprintf(text, sizeof text, "major %08x: %.*s", major, (int)b.length,
                   b.value ? (char *)b.value : "");
    (void)gss_release_buffer(&m, &b);
    return text;
}
#define assert_complete(call)                                                                      \
    do {                                                                                           \
        OM_uint32 major_ = (call);                                                                 \
        if (major_ != GSS_S_COMPLETE)                                                              \
            fail_msg("%s: %s", #call, status_text(major_, minor));                                 \
    } while (0)
#define assert_major(call, expected)                                                               \
    do {                                                                                           \
        OM_uint32 major_ = (call);                                                                 \
        if (major_ != (OM_uint32)(expected))                                                       \
            fail_msg("%s: %s", #call, status_text(major_, minor));                                 \
    } while (0)

static inline gss_name_t import(const char *text, gss_OID type) {
    gss_buffer_desc b = text_buffer(text);
    OM_uint32 minor;
    gss_name_t name;
    assert_complete(gss_import_name(&minor, &b, type, &name));
    return name;
}

// A directory of this test's own, with a krb5.conf that KRB5_CONFIG names. Removed by sandbox_end.
static char sandbox[64];
static inline const char *sandbox_path(const char *name) {
    static char path[4][128];
    static unsigned at;
    char *out = path[at++ % 4];
    (void)snprintf(out, sizeof path[0], "%s/%s", sandbox, name);
    return out;
}
static inline void sandbox_write(const char *name, const char *text) {
    FILE *f = fopen(sandbox_path(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}
static inline int sandbox_begin(void **state) {
    UNUSED(state);
    (void)snprintf(sandbox, sizeof sandbox, "/tmp/obol-test-XXXXXX");
    assert_non_null(mkdtemp(sandbox));
    sandbox_write("krb5.conf", "[libdefaults]\n  default_realm = OBOL.TEST\n"
                               "  dns_canonicalize_hostname = false\n  dns_lookup_kdc = false\n"
                               "[domain_realm]\n  .obol.test = OBOL.TEST\n");
    setenv("KRB5_CONFIG", sandbox_path("krb5.conf"), 1);
    setenv("KRB5CCNAME", sandbox_path("no-cache"), 1);
    setenv("KRB5_KTNAME", sandbox_path("no-keytab"), 1);
    setenv("KRB5_CLIENT_KTNAME", sandbox_path("no-client-keytab"), 1);
    return 0;
}
static inline int sandbox_end(void **state) {
    UNUSED(state);
    char command[128];
    (void)snprintf(command, sizeof command, "%s", sandbox);
    const char *names[] = {"krb5.conf", "ccache",        "ccache2", "keytab",
                           "keytab2",   "client.keytab", "rcache"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unlink(sandbox_path(names[i]));
    (void)rmdir(sandbox);
    unsetenv("KRB5RCACHENAME");
    return 0;
}

#endif
