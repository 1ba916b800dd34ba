// compat.h: a context with a configuration of the test's own, for the tests of src/compat.
#ifndef OBOL_TESTS_COMPAT_H
#define OBOL_TESTS_COMPAT_H

#include "../test.h"
#include "compat/context.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static krb5_context context;
static char dir[64];

static void write_text(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int compat_start(void **state) {
    UNUSED(state);
    char path[96], cache[96], keytab[96];
    snprintf(dir, sizeof dir, "/tmp/obol-test-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    write_text("krb5.conf", "[libdefaults]\ndefault_realm = EXAMPLE.COM\n"
                            "dns_canonicalize_hostname = false\ndns_lookup_kdc = false\n"
                            "[domain_realm]\n.example.com = EXAMPLE.COM\n");
    snprintf(path, sizeof path, "%s/krb5.conf", dir);
    snprintf(cache, sizeof cache, "FILE:%s/cc", dir);
    snprintf(keytab, sizeof keytab, "FILE:%s/keytab", dir);
    setenv("KRB5_CONFIG", path, 1);
    setenv("KRB5CCNAME", cache, 1);
    setenv("KRB5_KTNAME", keytab, 1);
    return krb5_init_context(&context);
}
static int compat_stop(void **state) {
    UNUSED(state);
    char command[96];
    krb5_free_context(context);
    context = NULL;
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command);
}

static inline krb5_principal named(const char *text) {
    krb5_principal p = NULL;
    assert_int_equal(krb5_parse_name(context, text, &p), 0);
    return p;
}

#endif
