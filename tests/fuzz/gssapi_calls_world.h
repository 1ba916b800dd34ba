// gssapi_calls_world.h: the world of fuzz_gssapi_calls.c: a krb5.conf in anonymous memory, a keytab
// and caches in this process's memory. No KDC, no DNS, nothing on disk.
#ifndef OBOL_TESTS_FUZZ_GSSAPI_CALLS_WORLD_H
#define OBOL_TESTS_FUZZ_GSSAPI_CALLS_WORLD_H

#include "cred/keytab_memory.h"
#include "gssapi_calls.h"
#include "pac/pac.h"
#include "proto/authdata.h"
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORLD_CACHE  "MEMORY:calls"
#define WORLD_STORE  "MEMORY:calls-stored"
#define WORLD_KEYTAB "MEMORY:calls"
#define WORLD_LIFE   INT64_C(100000000) // seconds: longer than anybody fuzzes

static const uint8_t WORLD_KEY[32] = "the key of the world of calls...";

// The library reads krb5.conf again as soon as KRB5_CONFIG names another: two with the same text.
static inline void world_conf(size_t which) {
    static char paths[2][64];
    static const char text[] = "[libdefaults]\n  default_realm = OBOL.TEST\n"
                               "  dns_canonicalize_hostname = false\n  dns_lookup_kdc = false\n"
                               "  dns_lookup_realm = false\n"
                               "[domain_realm]\n  .obol.test = OBOL.TEST\n";
    for (size_t i = 0; i < COUNT_OF(paths) && !paths[i][0]; i++) {
        int fd = memfd_create("krb5.conf", MFD_CLOEXEC);
        must_hold(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1);
        (void)snprintf(paths[i], sizeof paths[i], "/proc/self/fd/%d", fd);
    }
    must_hold(setenv("KRB5_CONFIG", paths[which % COUNT_OF(paths)], 1) == 0);
}
static inline void world_environment(void) {
    must_hold(setenv("KRB5CCNAME", WORLD_CACHE, 1) == 0 &&
              setenv("KRB5_KTNAME", WORLD_KEYTAB, 1) == 0 &&
              setenv("KRB5_CLIENT_KTNAME", "MEMORY:calls-none", 1) == 0 &&
              setenv("KRB5RCACHENAME", "none:", 1) == 0);
}

static inline struct principal world_principal(const char *text, struct arena *a) {
    struct principal p;
    must_ok(principal_parse(slice_str(text), SLICE_LITERAL("OBOL.TEST"), NT_UNKNOWN, a, &p, NULL));
    return p;
}

static inline void world_keytab(void) {
    static struct keytab_memory *held; // it is there for as long as somebody has it open
    struct arena a;
    held = keytab_memory_open(WORLD_KEYTAB);
    must_hold(held && arena_init(&a, 1 << 14, 1 << 20));
    const char *names[] = {"HTTP/web.obol.test", "host/web.obol.test"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct keytab_entry e = {
            .principal = world_principal(names[i], &a),
            .timestamp = 1,
            .kvno = 3,
            .key = {ENCTYPE_AES256_SHA1, slice_of(WORLD_KEY, 32)},
        };
        must_ok(keytab_add(WORLD_KEYTAB, &e, 1, NULL));
    }
    arena_clear(&a);
}

// What a ticket says of alice, in a PAC that the service can verify.
static inline struct authdata_list world_pac(int64_t authtime, struct crypto_key *key,
                                             struct arena *a) {
    struct pac_buffer items[] = {{PAC_LOGON_INFO, SLICE_LITERAL("the-user")},
                                 {PAC_CLIENT_INFO, {0}}};
    const struct pac_seal seal = {items, COUNT_OF(items), key, key, {0}};
    struct authdata inner = {.ad_type = AD_WIN2K_PAC};
    struct authdata *outer = arena_zalloc(a, 1, sizeof *outer);
    const struct authdata_list list = {&inner, 1};
    must_hold(outer);
    must_ok(pac_client_info_write(authtime, SLICE_LITERAL("alice"), a, &items[1].data, NULL));
    must_ok(pac_seal(&seal, a, &inner.ad_data, NULL));
    outer->ad_type = AD_IF_RELEVANT;
    must_ok(der_encode(&TYPE_AUTHORIZATION_DATA, &list, a, &outer->ad_data, NULL));
    return (struct authdata_list){outer, 1};
}

// A ticket of alice's, sealed with the keytab's key.
static inline struct cred world_ticket(const char *server, struct arena *a) {
    struct crypto_key *key;
    must_ok(crypto_key_in_arena(&key, a, ENCTYPE_AES256_SHA1, slice_of(WORLD_KEY, 32), NULL));
    int64_t now = env_now(env_system());
    struct cred c = {
        .client = world_principal("alice", a),
        .server = world_principal(server, a),
        .key = {ENCTYPE_AES256_SHA384, slice_of(WORLD_KEY, 32)},
        .authtime = now - 60,
        .endtime = now + WORLD_LIFE,
        .flags = TKT_FORWARDABLE,
    };
    const struct enc_ticket_part part = {
        .present = ENC_TICKET_PART_AUTHORIZATION_DATA,
        .authorization_data = world_pac(c.authtime, key, a),
        .flags = c.flags,
        .key = c.key,
        .crealm = c.client.realm,
        .cname = c.client.name,
        .authtime = c.authtime,
        .endtime = c.endtime,
    };
    struct ticket t = {.tkt_vno = KRB_PVNO, .realm = c.server.realm, .sname = c.server.name};
    must_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, 3, env_system(), a, &t.enc_part,
                     NULL));
    must_ok(der_encode(&TYPE_TICKET, &t, a, &c.ticket, NULL));
    return c;
}

static inline void world_cache(void) {
    struct arena a;
    struct ccache *cc;
    must_hold(arena_init(&a, 1 << 16, 1 << 20));
    struct cred creds[] = {world_ticket("krbtgt/OBOL.TEST", &a),
                           world_ticket("HTTP/web.obol.test", &a),
                           world_ticket("host/web.obol.test", &a)};
    const struct ccache_content content = {
        .principal = creds[0].client, .creds = creds, .count = COUNT_OF(creds)};
    must_ok(ccache_open(&cc, SLICE_LITERAL(WORLD_CACHE), NULL, NULL));
    must_ok(ccache_initialize(cc, &content, NULL));
    ccache_close(cc);
    must_ok(ccache_open(&cc, SLICE_LITERAL(WORLD_STORE), NULL, NULL));
    (void)!(ccache_destroy(cc, NULL) == OBOL_OK); // there may be none
    ccache_close(cc);
    arena_clear(&a);
}

static inline void world_make(void) {
    world_conf(0);
    world_environment();
    world_keytab();
    world_cache();
}

#endif
