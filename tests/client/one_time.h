// one_time.h: logins by one-time password between our client and our KDC.
#ifndef OBOL_TESTS_CLIENT_ONE_TIME_H
#define OBOL_TESTS_CLIENT_ONE_TIME_H

#include "crypto/one_time.h"
#include "way.h"

#define SECRET "12345678901234567890"

static struct cred host; // the TGT that armors
static struct secret code_secret;
static char code[ONE_TIME_DIGITS_MAX + 1];

static void enrol(struct realm *r, struct admin_token token) {
    struct admin_token_new new;
    token.name = slice_str("alice");
    if (!token.radius.len)
        token.secret = slice_str(SECRET);
    assert_ok(admin_token_add(r->admin, &token, &r->arena, &new, &r->error));
}

static struct as_params armored(struct realm *r) {
    struct as_client as;
    struct as_params p = {.client = name_of(r, "bob")};
    assert_ok(login(r, &p, RIGHT, &as));
    host = as.ticket;
    return (struct as_params){
        .client = name_of(r, "alice"), .armor = &host, .armor_required = true, .gives_codes = true};
}

UNUSED_OK static const char *code_at(uint64_t counter) {
    one_time_code(HASH_SHA1, slice_str(SECRET), counter, buf_of(code, 6));
    code[6] = 0;
    return code;
}
UNUSED_OK static const char *code_now(struct realm *r) {
    return code_at((uint64_t)r->server.now / 30);
}

// Called when the code is asked for, before it is sent; NULL: nothing is changed.
static void (*meddle)(struct realm *r, struct as_client *c);

// A login that gives a password (NULL: none) and a code when they are asked for.
static enum obol_code login_code(struct realm *r, const struct as_params *params,
                                 const char *password, const char *one_time, struct as_client *c) {
    struct secret secret = {0};
    struct client_output want;
    struct slice reply = {0};
    error_init(&r->error);
    way.messages = 0;
    assert_true(secret_copy(&code_secret, slice_str(one_time)));
    assert_true(!password || secret_copy(&secret, slice_str(password)));
    enum obol_code result = as_client_init(c, params, &r->client_env, &r->arena, &r->error);
    while (result == OBOL_OK) {
        result = as_client_step(c, reply, &want, &r->error);
        reply = (struct slice){0};
        if (result != OBOL_OK || want.want == CLIENT_DONE)
            break;
        if (want.want == CLIENT_CODE) {
            as_client_code(c, &code_secret);
            if (meddle)
                meddle(r, c);
        }
        if (want.want == CLIENT_KEY && password)
            as_client_password(c, &secret);
        if (want.want == CLIENT_SEND)
            reply = carry(r, &want);
    }
    secret_clear(&secret);
    secret_clear(&code_secret);
    return result;
}

#endif
