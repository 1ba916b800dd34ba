// way.h: logins between our client and our KDC with somebody on the way, who sees and may
// change each message.
#ifndef OBOL_TESTS_CLIENT_WAY_H
#define OBOL_TESTS_CLIENT_WAY_H

#include "client/as.h"
#include "client/tgs.h"
#include "crypto/spake.h"
#include "realm.h"

#define UNUSED_OK __attribute__((unused))
#define RIGHT     "correct horse"

struct way {
    // Called with the number of the message, from 0; NULL: nothing is changed.
    void (*request)(struct realm *r, unsigned n, struct slice *message);
    void (*reply)(struct realm *r, unsigned n, struct slice *message);
    unsigned messages;
};
static struct way way;

static struct slice carry(struct realm *r, const struct client_output *want) {
    struct slice message = want->message;
    unsigned n = way.messages++;
    if (way.request)
        way.request(r, n, &message);
    struct slice reply = realm_handle(r, message, want->tcp ? 0 : r->max_reply);
    if (way.reply)
        way.reply(r, n, &reply);
    return reply;
}

UNUSED_OK static enum obol_code login(struct realm *r, const struct as_params *params,
                                      const char *password, struct as_client *c) {
    struct secret secret;
    struct client_output want;
    struct slice reply = {0};
    error_init(&r->error);
    way.messages = 0;
    assert_true(secret_copy(&secret, slice_str(password)));
    enum obol_code code = as_client_init(c, params, &r->client_env, &r->arena, &r->error);
    as_client_password(c, &secret);
    while (code == OBOL_OK) {
        code = as_client_step(c, reply, &want, &r->error);
        if (code != OBOL_OK || want.want == CLIENT_DONE)
            break;
        reply = carry(r, &want);
    }
    secret_clear(&secret);
    return code;
}

UNUSED_OK static enum obol_code ticket(struct realm *r, const struct tgs_params *params,
                                       struct tgs_client *c) {
    struct client_output want;
    struct slice reply = {0};
    error_init(&r->error);
    way.messages = 0;
    enum obol_code code = tgs_client_init(c, params, &r->client_env, &r->arena, &r->error);
    while (code == OBOL_OK) {
        code = tgs_client_step(c, reply, &want, &r->error);
        if (code != OBOL_OK || want.want == CLIENT_DONE)
            break;
        reply = carry(r, &want);
    }
    return code;
}

UNUSED_OK static void restart_kdc(struct realm *r) {
    kdc_free(r->kdc);
    assert_ok(kdc_new(&r->kdc, &r->config, &r->error));
}

UNUSED_OK static struct kdc_req read_as_req(struct realm *r, struct slice message) {
    struct kdc_req req;
    assert_ok(der_decode(&TYPE_AS_REQ, message, &r->arena, &req, NULL));
    return req;
}
UNUSED_OK static struct slice encoded(struct realm *r, const struct der_type *type,
                                      const void *value) {
    struct slice out;
    assert_ok(der_encode(type, value, &r->arena, &out, NULL));
    return out;
}
UNUSED_OK static struct padata *padata_of(const struct padata_list *list, int32_t type) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].padata_type == type)
            return &list->items[i];
    return NULL;
}
// The number of the error that a reply is; 0 if it is none.
UNUSED_OK static int error_of(struct realm *r, struct slice reply, struct krb_error *e) {
    if (reply.ptr[0] != 0x7e)
        return 0;
    assert_ok(der_decode(&TYPE_KRB_ERROR, reply, &r->arena, e, NULL));
    return e->error_code;
}
// A copy whose byte at an offset is another.
UNUSED_OK static struct slice flipped(struct realm *r, struct slice bytes, size_t at) {
    struct buf copy = arena_buf(&r->arena, bytes.len);
    memcpy(copy.ptr, bytes.ptr, bytes.len);
    copy.ptr[at] ^= 1;
    return slice_of_buf(copy);
}

static int preauth_setup(void **state) {
    way = (struct way){0};
    if (realm_setup(state) != 0)
        return -1;
    struct realm *r = *state;
    add_user(r, "bob", ENCTYPE_AES256_SHA1);
    return 0;
}
#define CASE(f) cmocka_unit_test_setup_teardown(f, preauth_setup, realm_teardown)

#endif
