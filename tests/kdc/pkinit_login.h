// pkinit_login.h: for the tests of PKINIT at the KDC: a realm for each case, and a login by
// certificate.
#ifndef OBOL_TESTS_KDC_PKINIT_LOGIN_H
#define OBOL_TESTS_KDC_PKINIT_LOGIN_H

#include "../test.h"
#include "pkinit.h"

enum { // RFC 4556 3.1.3, RFC 4120 7.5.9
    PREAUTH_FAILED = 24,
    PREAUTH_REQUIRED = 25,
    SKEW = 37,
    MODIFIED = 41,
    DH_PARAMETERS_NOT_ACCEPTED = 65,
    CANT_VERIFY = 70,
    INVALID_CERTIFICATE = 71,
    REVOKED = 72,
    REVOCATION_UNKNOWN = 73,
    NAME_MISMATCH = 75,
    WRONG_PURPOSE = 77,
    CHECKSUM_MISSING = 79,
    ENCRYPTION_NOT_SUPPORTED = 81,
    EXPIRED = 90,
    NO_KDF = 100,
};

static struct pkinit_realm p;
static struct realm *r = &p.r;

static int setup(void **state) {
    UNUSED(state);
    pkinit_open(&p);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    pkinit_close(&p);
    return 0;
}

static struct principal named(const char *text) {
    return certificate_principal(text, &r->arena);
}

static int login(const char *client, const struct certificate *who, const char *group,
                 struct session *s) {
    struct pkinit_request q;
    pkinit_begin(&p, client, group, &q);
    int code = pkinit_send(&p, who, &q);
    if (code == 0 && s)
        pkinit_take(&p, &q, named(client), s);
    pkinit_dh_clear(&q.dh);
    return code;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
