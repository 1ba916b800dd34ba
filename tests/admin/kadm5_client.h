// kadm5_client.h: a realm with an access list, and its clients, for the tests of kadmin's server.
#ifndef OBOL_TESTS_ADMIN_KADM5_CLIENT_H
#define OBOL_TESTS_ADMIN_KADM5_CLIENT_H

#include "admin/kadm5.h"
#include "home.h"
#include "proto/codes.h"
#include "store/backend.h"

static struct acl acl;
static struct kadm5_done done;
static struct kadm5_message got;
static int32_t fast_enctypes[] = {17, 18};
static size_t list_max;   // of the server
static int64_t login_age; // seconds since the client logged in

// How a client comes; most are administrators who do.
struct kadm5_by {
    const char *client, *service;
    bool from_tgt;
};
static const struct kadm5_by ROOT = {"root/admin", "kadmin/admin", false};

static void kadm5_acl(const char *text) {
    error_init(&err);
    assert_ok(acl_parse(slice_str(text), adm->realm, &arena, &acl, &err));
}

// ask sends a message and gives the number that comes back; what else does is in `got`.
static uint32_t ask(struct kadm5_by by, uint32_t procedure, struct kadm5_message m) {
    struct writer w = writer_to_arena(&arena);
    struct kadm5 k = {.adm = adm, .acl = &acl, .list_max = list_max, .clockskew = 300};
    struct kadm5_call call = {
        .procedure = procedure, .initial = !by.from_tgt, .service = slice_str(by.service)};
    call.authtime = env_now(adm->env) - login_age;
    m.version = m.version ? m.version : KADM5_VERSION_4;
    assert_ok(
        principal_parse(slice_str(by.client), adm->realm, NT_UNKNOWN, &arena, &call.client, NULL));
    call.client_text = principal_text(&call.client, &arena);
    assert_ok(kadm5_write(procedure, KADM5_ARGUMENTS, &m, &w, NULL));
    call.arguments = writer_slice(&w);
    error_init(&err);
    enum obol_code code = kadm5_answer(&k, &call, &arena, &done, &err);
    assert_int_equal(done.outcome, KADM5_DONE);
    assert_int_equal(code == OBOL_OK, done.status == 0);
    assert_ok(kadm5_read(procedure, KADM5_RESULTS, done.results, &arena, &got, NULL));
    assert_int_equal(got.status, done.status);
    if (procedure != KADM5_NULL)
        assert_int_equal(got.version, m.version);
    assert_string_equal(done.operation, kadm5_procedure_name(procedure));
    return done.status;
}

// assert_status says what the failure was in words.
#define assert_status(call, wanted)                                                                \
    do {                                                                                           \
        uint32_t status_ = (call), wanted_ = (wanted);                                             \
        const struct kadm5_status *s_ = kadm5_status_of(status_);                                  \
        if (status_ != wanted_)                                                                    \
            fail_msg("%s: %s: %s", #call, s_ ? s_->name : "a number of no table", err.detail);     \
    } while (0)
#define assert_done(call) assert_status(call, 0)

static struct record record_of(const char *name) {
    struct record r;
    assert_ok(admin_principal_get(adm, slice_str(name), &arena, &r, NULL));
    return r;
}

static uint32_t kvno_of(const char *name) {
    struct record r = record_of(name);
    return record_newest_kvno(&r);
}

static void kadm5_add(const char *name, uint32_t flags) {
    const struct slice password = SLICE_LITERAL("Old pass-word 1");
    const struct admin_new_principal p = {.name = slice_str(name),
                                          .kind = ADMIN_SERVICE,
                                          .set_flags = flags,
                                          .keys = {.password = &password}};
    if (admin_principal_add(adm, &p, &err) != OBOL_OK)
        abort();
}

static int kadm5_setup(void **state) {
    UNUSED(state);
    if (!home_begin(&STORE_MEMORY))
        return -1;
    adm->enctypes = (struct int32_list){fast_enctypes, 1};
    adm->iterations = 4096;
    list_max = 0;
    login_age = 0;
    kadm5_add("root/admin", 0);
    kadm5_add("alice", 0);
    kadm5_add("bob", 0);
    kadm5_add("locked", RECORD_LOCKDOWN_KEYS);
    return 0;
}

#endif
