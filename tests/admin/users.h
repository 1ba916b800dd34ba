// users.h: what the tests of the administration ask of the principals of home.h's realm, and a
// quick way to make users.
#ifndef OBOL_TESTS_ADMIN_USERS_H
#define OBOL_TESTS_ADMIN_USERS_H

#include "crypto/crypto.h"
#include "home.h"
#include "proto/codes.h"

static inline struct record shown(const char *name) {
    struct record r;
    assert_ok(admin_principal_get(adm, slice_str(name), &arena, &r, NULL));
    return r;
}
static inline enum obol_code exists(const char *name) {
    struct record r;
    return admin_principal_get(adm, slice_str(name), &arena, &r, NULL);
}
static inline struct admin_keytab keys_of(const char *name, const struct admin_keys *rotate) {
    struct admin_keytab out;
    assert_ok(admin_keytab_keys(adm, slice_str(name), rotate, &arena, &out, NULL));
    return out;
}

static const struct slice password = SLICE_LITERAL("correct horse");
static int32_t one_enctype[] = {ENCTYPE_AES128_SHA1};

// Adds a user with one key from a password: string-to-key of the others is slow.
static inline enum obol_code add_user(const char *name) {
    struct admin_new_principal p = {.name = slice_str(name),
                                    .kind = ADMIN_USER,
                                    .keys = {.password = &password, .enctypes = {one_enctype, 1}}};
    error_init(&err);
    return admin_principal_add(adm, &p, &err);
}

#endif
