// Trust between realms and further names of principals.
#include "../test.h"
#include "admin/trust.h"
#include "crypto/crypto.h"
#include "proto/codes.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static struct admin *here, *there;
static struct error err;
static char dirs[2][64];

static struct admin *make(char dir[64], const char *realm) {
    struct admin *adm = NULL;
    strcpy(dir, "/tmp/obol-trust-XXXXXX");
    if (!mkdtemp(dir))
        return NULL;
    const struct admin_options o = {.home = dir, .ops = &STORE_MEMORY, .realm = slice_str(realm)};
    return admin_realm_create(&adm, &o, env_system(), &err) == OBOL_OK ? adm : NULL;
}
static int setup(void **state) {
    UNUSED(state);
    error_init(&err);
    if (!arena_init(&arena, 1 << 16, 16 << 20))
        return -1;
    here = make(dirs[0], "A.TEST");
    there = make(dirs[1], "B.TEST");
    return here && there ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    admin_close(here);
    admin_close(there);
    for (size_t i = 0; i < 2; i++) {
        static const char *const files[] = {"kdc.conf", "master.key"};
        for (size_t k = 0; k < COUNT_OF(files); k++) {
            char path[160];
            snprintf(path, sizeof path, "%s/%s", dirs[i], files[k]);
            unlink(path);
        }
        rmdir(dirs[i]);
    }
    arena_clear(&arena);
    return 0;
}

static int32_t one[] = {ENCTYPE_AES128_SHA1};
static const struct slice password = SLICE_LITERAL("between the two of us");
static enum obol_code trust(struct admin *adm, const char *realm, unsigned ways) {
    const struct admin_new_trust t = {
        .realm = slice_str(realm), .ways = ways, .password = &password, .enctypes = {one, 1}};
    error_init(&err);
    return admin_trust_add(adm, &t, &err);
}
static struct admin_keytab keys_of(struct admin *adm, const char *name) {
    struct admin_keytab out = {0};
    assert_ok(admin_keytab_keys(adm, slice_str(name), NULL, &arena, &out, NULL));
    return out;
}
static struct admin_trust got(struct admin *adm, const char *realm) {
    struct admin_trust t;
    assert_ok(admin_trust_get(adm, slice_str(realm), &arena, &t, &err));
    return t;
}

static void both_realms_have_the_same_keys_of_a_password(void **state) {
    UNUSED(state);
    here->iterations = 50000; // the other realm need not stretch passwords so
    assert_ok(trust(here, "B.TEST", ADMIN_TRUST_BOTH));
    assert_ok(trust(there, "A.TEST", ADMIN_TRUST_BOTH));
    const char *const names[] = {"krbtgt/B.TEST@A.TEST", "krbtgt/A.TEST@B.TEST"};
    for (size_t i = 0; i < 2; i++) {
        struct admin_keytab a = keys_of(here, names[i]), b = keys_of(there, names[i]);
        assert_int_equal(a.count, 1);
        assert_int_equal(b.count, 1);
        assert_true(slice_eq(a.items[0].bytes, b.items[0].bytes));
    }
    struct admin_trust t = got(here, "B.TEST");
    assert_slice_str(t.out->name, names[0]);
    assert_slice_str(t.in->name, names[1]);
    assert_true(t.in->flags & RECORD_NO_CLIENT);
}

static void keys_are_drawn_and_carried_over(void **state) {
    UNUSED(state);
    struct admin_new_trust t = {.realm = SLICE_LITERAL("B.TEST"), .ways = ADMIN_TRUST_BOTH};
    assert_ok(admin_trust_add(here, &t, &err));
    struct admin_keytab out = keys_of(here, "krbtgt/B.TEST@A.TEST");
    struct admin_keytab in = keys_of(here, "krbtgt/A.TEST@B.TEST");
    assert_false(slice_eq(out.items[0].bytes, in.items[0].bytes));
    t = (struct admin_new_trust){
        .realm = SLICE_LITERAL("A.TEST"), .ways = ADMIN_TRUST_BOTH, .keys = &out};
    // It lacks the keys of one direction: then neither is made.
    assert_code(admin_trust_add(there, &t, &err), OBOL_NOT_FOUND);
    assert_non_null(strstr(err.detail, "krbtgt/A.TEST@B.TEST"));
    error_init(&err);
    struct admin_trust none;
    assert_code(admin_trust_get(there, SLICE_LITERAL("A.TEST"), &arena, &none, &err),
                OBOL_NOT_FOUND);
    error_init(&err);
    struct admin_keytab both = {arena_zalloc(&arena, out.count + in.count, sizeof *both.items), 0};
    for (size_t i = 0; i < out.count; i++)
        both.items[both.count++] = out.items[i];
    for (size_t i = 0; i < in.count; i++)
        both.items[both.count++] = in.items[i];
    t.keys = &both;
    assert_ok(admin_trust_add(there, &t, &err));
    struct admin_keytab again = keys_of(there, "krbtgt/A.TEST@B.TEST");
    assert_int_equal(again.count, in.count);
    assert_true(slice_eq(again.items[0].bytes, in.items[0].bytes));
    assert_int_equal(again.items[0].kvno, 1);
}

static enum obol_code count(void *ctx, const struct admin_trust *t, struct error *e) {
    struct writer *w = ctx;
    UNUSED(e);
    writer_printf(w, "%.*s:%s%s ", SLICE_ARG(t->realm), t->out ? "out" : "", t->in ? "in" : "");
    return OBOL_OK;
}

static void directions_come_and_go_by_themselves(void **state) {
    UNUSED(state);
    assert_ok(trust(here, "C.TEST", ADMIN_TRUST_IN));
    assert_ok(trust(here, "B.TEST", ADMIN_TRUST_BOTH));
    assert_ok(trust(here, "A.TEST.SUB", ADMIN_TRUST_OUT));
    struct writer w = writer_to_arena(&arena);
    assert_ok(admin_trust_list(here, &arena, &w, count, &err));
    assert_slice_str(writer_slice(&w), "A.TEST.SUB:out B.TEST:outin C.TEST:in ");
    assert_code(trust(here, "C.TEST", ADMIN_TRUST_BOTH), OBOL_EXISTS);
    assert_ok(trust(here, "C.TEST", ADMIN_TRUST_OUT));
    assert_ok(admin_trust_remove(here, SLICE_LITERAL("B.TEST"), ADMIN_TRUST_IN, &err));
    assert_null(got(here, "B.TEST").in);
    assert_code(admin_trust_remove(here, SLICE_LITERAL("B.TEST"), ADMIN_TRUST_IN, &err),
                OBOL_NOT_FOUND);
    error_init(&err);
    assert_ok(admin_trust_remove(here, SLICE_LITERAL("B.TEST"), ADMIN_TRUST_BOTH, &err));
}

static void a_realm_has_no_trust_with_itself_or_with_what_is_none(void **state) {
    UNUSED(state);
    assert_code(trust(here, "A.TEST", ADMIN_TRUST_BOTH), OBOL_INVALID_ARGUMENT);
    assert_code(trust(here, "", ADMIN_TRUST_BOTH), OBOL_NAME_MALFORMED);
    assert_code(trust(here, "alice@B.TEST", ADMIN_TRUST_BOTH), OBOL_NAME_MALFORMED);
    assert_code(trust(here, "B.TEST", 0), OBOL_INVALID_ARGUMENT);
    error_init(&err);
    assert_code(admin_trust_remove(here, SLICE_LITERAL("A.TEST"), ADMIN_TRUST_BOTH, &err),
                OBOL_INVALID_ARGUMENT);
}

// ---- aliases

static enum obol_code add(const char *name, enum admin_kind kind) {
    const struct admin_new_principal p = {
        .name = slice_str(name), .kind = kind, .keys = {.enctypes = {one, 1}}};
    error_init(&err);
    return admin_principal_add(here, &p, &err);
}
static enum obol_code alias(const char *name, const char *plus, const char *minus) {
    struct slice in = slice_str(plus ? plus : ""), out = slice_str(minus ? minus : "");
    const struct admin_change change = {.aliases = {&in, plus != NULL},
                                        .aliases_no = {&out, minus != NULL}};
    error_init(&err);
    return admin_principal_set(here, slice_str(name), &change, &err);
}
static enum obol_code found(const char *name, const char *as) {
    struct record r;
    TRY(admin_principal_get(here, slice_str(name), &arena, &r, NULL));
    assert_slice_str(r.name, as);
    return OBOL_OK;
}

static void a_principal_has_any_number_of_names(void **state) {
    UNUSED(state);
    assert_ok(add("alice", ADMIN_USER));
    assert_ok(alias("alice", "asmith", NULL));
    assert_ok(alias("asmith", "alice.smith@corp.example", NULL)); // an enterprise name
    assert_ok(alias("alice", "asmith", NULL));                    // which is there
    assert_ok(found("asmith", "alice@A.TEST"));
    assert_ok(found("alice.smith\\@corp.example", "alice@A.TEST"));
    char name[32];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "alias%d", i);
        assert_ok(alias("alice", name, NULL));
    }
    assert_ok(found("alias99", "alice@A.TEST"));
    assert_ok(alias("alice", NULL, "alice.smith@corp.example"));
    assert_code(found("alice.smith\\@corp.example", ""), OBOL_PRINCIPAL_NOT_FOUND);
    assert_code(alias("alice", NULL, "alice.smith@corp.example"), OBOL_NOT_FOUND);
    assert_ok(admin_principal_delete(here, SLICE_LITERAL("alice"), &err));
    assert_code(found("asmith", ""), OBOL_PRINCIPAL_NOT_FOUND);
}

static void a_name_belongs_to_one(void **state) {
    UNUSED(state);
    assert_ok(add("alice", ADMIN_USER));
    assert_ok(add("bob", ADMIN_USER));
    assert_ok(alias("alice", "shared", NULL));
    assert_code(alias("bob", "shared", NULL), OBOL_ALIAS_CONFLICT);
    assert_code(alias("bob", "alice", NULL), OBOL_ALIAS_CONFLICT);
    assert_code(alias("bob", "bob", NULL), OBOL_ALIAS_CONFLICT);
    assert_code(add("shared", ADMIN_USER), OBOL_ALIAS_CONFLICT);
    assert_code(alias("bob", "krbtgt/X", NULL), OBOL_NAME_MALFORMED);
    assert_code(alias("bob", "HTTP/x@B.TEST", NULL), OBOL_NAME_MALFORMED);
}

static void a_user_gets_no_service_name_by_accident(void **state) {
    UNUSED(state);
    assert_ok(add("alice", ADMIN_USER));
    assert_ok(add("HTTP/web.a.test", ADMIN_SERVICE));
    assert_code(alias("alice", "HTTP/alice.a.test", NULL), OBOL_KDC_ERR_POLICY);
    assert_ok(alias("HTTP/web.a.test", "HTTP/www.a.test", NULL));
    assert_ok(found("HTTP/www.a.test", "HTTP/web.a.test@A.TEST"));
}

// A dump for MIT krb5 has its master keys under these names.
static void names_of_mits_master_keys_are_not_given(void **state) {
    static const char *const names[] = {"K/M", "kadmin/history", "K/M@A.TEST"};
    UNUSED(state);
    assert_ok(add("HTTP/web.a.test", ADMIN_SERVICE));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct admin_new_spn spn = {.spn = slice_str(names[i])};
        assert_code(add(names[i], ADMIN_USER), OBOL_NAME_MALFORMED);
        assert_code(alias("HTTP/web.a.test", names[i], NULL), OBOL_NAME_MALFORMED);
        assert_code(admin_spn_add(here, &spn, NULL), OBOL_NAME_MALFORMED);
        assert_code(admin_principal_rename(here, SLICE_LITERAL("HTTP/web.a.test"),
                                           slice_str(names[i]), NULL),
                    OBOL_NAME_MALFORMED);
    }
    assert_ok(add("K", ADMIN_USER));
    assert_ok(add("K/M/more", ADMIN_USER));
    assert_ok(add("kadmin/histories", ADMIN_USER));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(both_realms_have_the_same_keys_of_a_password),
        CASE(keys_are_drawn_and_carried_over),
        CASE(directions_come_and_go_by_themselves),
        CASE(a_realm_has_no_trust_with_itself_or_with_what_is_none),
        CASE(a_principal_has_any_number_of_names),
        CASE(a_name_belongs_to_one),
        CASE(a_user_gets_no_service_name_by_accident),
        CASE(names_of_mits_master_keys_are_not_given),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
