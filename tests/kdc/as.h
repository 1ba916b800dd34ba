// as.h: the fixture of the AS tests: a realm, and requests of its users.
#ifndef OBOL_TESTS_KDC_AS_H
#define OBOL_TESTS_KDC_AS_H

#include "../test.h"
#include "realm.h"

static struct realm r;
#define TGS "krbtgt/EXAMPLE.COM"

static int setup(void **state) {
    UNUSED(state);
    realm_open(&r);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    realm_close(&r);
    return 0;
}

UNUSED_OK static struct crypto_key *alice_key(int32_t etype) {
    return realm_key(&r, "alice@EXAMPLE.COM", 2, etype);
}
UNUSED_OK static struct kdc_req with_timestamp(const char *client, const char *server,
                                               int64_t skew) {
    struct kdc_req req = realm_as_req(&r, client, server);
    char full[64];
    snprintf(full, sizeof full, "%s@" REALM_NAME, client);
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP,
                     realm_timestamp(&r, realm_key(&r, full, 2, 18), realm_time(&r) + skew));
    return req;
}
UNUSED_OK static int login(const char *client, const char *server) {
    struct kdc_req req = with_timestamp(client, server, 0);
    return realm_send(&r, realm_encode(&r, &req));
}
UNUSED_OK static int send_req(const struct kdc_req *req) {
    return realm_send(&r, realm_encode(&r, req));
}

#endif
