// cred_support.h: caches and keytabs on disk for the tests of credentials, made by src/cred itself.
#ifndef OBOL_TESTS_GSSAPI_CRED_SUPPORT_H
#define OBOL_TESTS_GSSAPI_CRED_SUPPORT_H

#include "support.h"

#include "base/env.h"
#include "cred/ccache.h"
#include "cred/keytab.h"
#include "crypto/crypto.h"
#include "krb/seal.h"
#include "proto/codes.h"

static inline struct principal parsed(const char *text, struct arena *a) {
    struct principal p;
    assert_ok(
        principal_parse(slice_str(text), SLICE_LITERAL("OBOL.TEST"), NT_UNKNOWN, a, &p, NULL));
    return p;
}

static const uint8_t TEST_KEY[32] = "the key that all the tests share";

// A cache of `owner` with a TGT and a ticket for `server` (NULL: none), which live `life` seconds.
static inline void make_cache(const char *file, const char *owner, const char *server, int life) {
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    int64_t now = env_now(env_system());
    struct cred creds[2] = {0};
    const char *names[] = {"krbtgt/OBOL.TEST@OBOL.TEST", server};
    for (size_t i = 0; i < COUNT_OF(names) && names[i]; i++)
        creds[i] = (struct cred){
            .client = parsed(owner, &a),
            .server = parsed(names[i], &a),
            .key = {ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32)},
            .authtime = now - 60,
            .endtime = now + life,
            .flags = TKT_FORWARDABLE | (i ? TKT_OK_AS_DELEGATE : 0),
            .ticket = SLICE_LITERAL("not a ticket"),
        };
    struct ccache_content content = {parsed(owner, &a), creds, server ? 2 : 1, false, 0, 0, false};
    struct ccache *cc;
    assert_ok(ccache_open(&cc, slice_str(sandbox_path(file)), NULL, NULL));
    assert_ok(ccache_initialize(cc, &content, NULL));
    ccache_close(cc);
    arena_clear(&a);
}

static inline void make_keytab(const char *file, const char *const *names, size_t count) {
    struct arena a;
    assert_true(arena_init(&a, 1 << 14, 1 << 20));
    for (size_t i = 0; i < count; i++) {
        struct keytab_entry e = {
            .principal = parsed(names[i], &a),
            .timestamp = 1,
            .kvno = 3,
            .key = {ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32)},
        };
        assert_ok(keytab_add(sandbox_path(file), &e, 1, NULL));
    }
    arena_clear(&a);
}

// A sandbox with a keytab of the web service and `more` (NULL: of nobody else), and the names of a
// cache and a replay cache that are not there yet.
static inline void sandbox_of_service(void **state, const char *more) {
    (void)sandbox_begin(state);
    const char *names[] = {"HTTP/web.obol.test@OBOL.TEST", more};
    make_keytab("keytab", names, more ? 2 : 1);
    setenv("KRB5CCNAME", sandbox_path("ccache"), 1);
    setenv("KRB5_KTNAME", sandbox_path("keytab"), 1);
    setenv("KRB5RCACHENAME", sandbox_path("rcache"), 1);
}

// A cache of a client with a ticket that the keytab's key opens. The name of the cache may say of
// what kind it is, else it is a file of the sandbox.
static inline void make_login_of(const char *file, const char *client, uint32_t flags,
                                 int64_t life) {
    struct arena a;
    struct crypto_key *key;
    assert_true(arena_init(&a, 1 << 16, 1 << 20));
    int64_t now = env_now(env_system());
    struct cred c = {
        .client = parsed(client, &a),
        .server = parsed("HTTP/web.obol.test", &a),
        .key = {ENCTYPE_AES256_SHA384, slice_of(TEST_KEY, 32)},
        .authtime = now - 60,
        .endtime = now + life,
        .flags = flags,
    };
    const struct enc_ticket_part part = {
        .flags = c.flags,
        .key = c.key,
        .crealm = c.client.realm,
        .cname = c.client.name,
        .authtime = c.authtime,
        .endtime = c.endtime,
    };
    struct ticket t = {.tkt_vno = KRB_PVNO, .realm = c.server.realm, .sname = c.server.name};
    assert_ok(crypto_key_in_arena(&key, &a, ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32), NULL));
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, 3, env_system(), &a,
                       &t.enc_part, NULL));
    assert_ok(der_encode(&TYPE_TICKET, &t, &a, &c.ticket, NULL));
    struct cred tgt = c;
    tgt.server = parsed("krbtgt/OBOL.TEST", &a);
    struct cred both[] = {tgt, c};
    struct ccache_content content = {c.client, both, 2, false, 0, 0, false};
    struct ccache *cc;
    const char *name = strchr(file, ':') ? file : sandbox_path(file);
    assert_ok(ccache_open(&cc, slice_str(name), NULL, NULL));
    assert_ok(ccache_initialize(cc, &content, NULL));
    ccache_close(cc);
    arena_clear(&a);
}
static inline void make_login(const char *file, int64_t life) {
    make_login_of(file, "alice", TKT_FORWARDABLE, life);
}

#endif
