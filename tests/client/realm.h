// realm.h: a realm of ours in the test's own process: memory store, our KDC, and a pretended clock
// on either side.
#ifndef OBOL_TESTS_REALM_H
#define OBOL_TESTS_REALM_H

#include "../test.h"
#include "admin/admin.h"
#include "crypto/crypto.h"
#include "kdc/kdc.h"
#include "proto/codes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW INT64_C(1790000000)

struct clock {
    int64_t now;
};
struct realm {
    struct arena arena, kdc_arena;
    struct clock client, server;
    struct env client_env, server_env;
    struct admin *admin;
    struct kdc *kdc;
    struct kdc_config config;
    struct error error;
    char dir[64];
    size_t max_reply;
    // What the outside says to a question of the KDC's; NULL: it asks none.
    void (*asked)(struct realm *r, const struct kdc_question *q, struct kdc_answer *out);
    struct kdc_result result; // of the last request; its texts are gone
};

static int64_t clock_us(void *ctx) {
    return ((struct clock *)ctx)->now * 1000000;
}
static void clock_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    env_random(env_system(), out);
}

static void add_user(struct realm *r, const char *name, int32_t etype) {
    struct slice password = slice_str("correct horse");
    struct admin_new_principal p = {.name = slice_str(name),
                                    .kind = ADMIN_USER,
                                    .keys = {.password = &password, .enctypes = {&etype, 1}}};
    assert_ok(admin_principal_add(r->admin, &p, &r->error));
}

static int realm_setup(void **state) {
    static struct realm r;
    memset(&r, 0, sizeof r);
    strcpy(r.dir, "/tmp/obol-whole-XXXXXX");
    r.client.now = r.server.now = NOW;
    r.client_env = (struct env){&r.client, clock_us, clock_random};
    r.server_env = (struct env){&r.server, clock_us, clock_random};
    assert_non_null(mkdtemp(r.dir));
    assert_true(arena_init(&r.arena, 1 << 16, 1 << 26));
    assert_true(arena_init(&r.kdc_arena, 1 << 16, 1 << 24));
    struct admin_options o = {
        .home = r.dir, .ops = &STORE_MEMORY, .realm = slice_str("EXAMPLE.COM")};
    assert_ok(admin_realm_create(&r.admin, &o, &r.server_env, &r.error));
    add_user(&r, "alice", ENCTYPE_AES128_SHA1);
    assert_ok(
        admin_spn_add(r.admin, &(struct admin_new_spn){.spn = slice_str("HTTP/web")}, &r.error));
    r.config = (struct kdc_config){.realm = slice_str("EXAMPLE.COM"),
                                   .store = r.admin->store,
                                   .master = r.admin->master,
                                   .env = &r.server_env};
    kdc_policy_default(&r.config.policy);
    r.config.policy.allow_weak = true;
    assert_ok(kdc_new(&r.kdc, &r.config, &r.error));
    *state = &r;
    return 0;
}
static int realm_teardown(void **state) {
    struct realm *r = *state;
    static const char *const files[] = {"kdc.conf", "master.key"};
    char path[128];
    kdc_free(r->kdc);
    admin_close(r->admin);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", r->dir, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/store", r->dir);
    rmdir(path);
    rmdir(r->dir);
    arena_clear(&r->arena);
    arena_clear(&r->kdc_arena);
    return 0;
}

static inline struct principal name_of(struct realm *r, const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), slice_str("EXAMPLE.COM"), NT_UNKNOWN, &r->arena, &p,
                              NULL));
    return p;
}

// One request to the KDC; the reply is copied out of its arena.
static inline struct slice realm_handle(struct realm *r, struct slice message, size_t max_reply) {
    struct kdc_request request = {.bytes = message, .max_reply = max_reply};
    struct kdc_answer answer = {0};
    struct slice reply;
    arena_reset(&r->kdc_arena);
    assert_ok(kdc_renew(r->kdc, NULL));
    while (kdc_handle(r->kdc, &request, &r->kdc_arena, &r->result) == OBOL_NEED) {
        const struct kdc_question q = r->result.question;
        assert_true(r->asked && q.number);
        kdc_abandon(r->kdc, &r->result);
        answer.missed |= answer.verdict == KDC_UNANSWERED;
        answer.number = q.number;
        r->asked(r, &q, &answer);
        request.answer = &answer;
        arena_reset(&r->kdc_arena);
    }
    assert_true(r->result.reply.len > 0);
    assert_true(arena_copy(&r->arena, r->result.reply, &reply));
    return reply;
}

#endif
