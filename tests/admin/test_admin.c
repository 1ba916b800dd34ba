// Administration: principals, SPNs and keytabs, against both back ends.
#include "crypto/crypto.h"
#include "pac/pac.h"
#include "users.h"

static int setup_memory(void **state) {
    UNUSED(state);
    return home_begin(&STORE_MEMORY) ? 0 : -1;
}
static int setup_lmdb(void **state) {
    UNUSED(state);
    return home_begin(&STORE_LMDB) ? 0 : -1;
}

static enum obol_code add_service(const char *name) {
    struct admin_new_spn spn = {.spn = slice_str(name)};
    error_init(&err);
    return admin_spn_add(adm, &spn, &err);
}

static void a_new_realm_has_its_own_services(void **state) {
    UNUSED(state);
    struct record krbtgt = shown("krbtgt/EXAMPLE.COM");
    assert_int_equal(krbtgt.keys.count, 4);
    assert_int_equal(krbtgt.keys.items[0].enctype, ENCTYPE_AES256_SHA384);
    assert_int_equal(krbtgt.flags, RECORD_NO_CLIENT | RECORD_LOCKDOWN_KEYS);
    assert_int_equal(krbtgt.name_type, NT_SRV_INST);
    struct record changepw = shown("kadmin/changepw@EXAMPLE.COM");
    assert_true(changepw.flags & RECORD_PASSWORD_SERVICE);
    assert_true(changepw.flags & RECORD_NO_TGT_BASED);
    assert_true(changepw.flags & RECORD_LOCKDOWN_KEYS);
    assert_int_equal(changepw.max_life, 300);
    assert_true(changepw.id != krbtgt.id);
    assert_code(admin_principal_delete(adm, SLICE_LITERAL("krbtgt/EXAMPLE.COM"), NULL),
                OBOL_INVALID_ARGUMENT);
    assert_code(
        admin_principal_rename(adm, SLICE_LITERAL("krbtgt/EXAMPLE.COM"), SLICE_LITERAL("x"), NULL),
        OBOL_INVALID_ARGUMENT);
}

static void a_user_has_the_keys_of_its_password(void **state) {
    UNUSED(state);
    adm->actor = SLICE_LITERAL("root/admin@EXAMPLE.COM");
    assert_ok(add_user("alice"));
    struct record r = shown("alice@EXAMPLE.COM");
    assert_slice_str(r.name, "alice@EXAMPLE.COM");
    assert_slice_str(r.modified_by, "root/admin@EXAMPLE.COM");
    assert_int_equal(r.flags, RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER);
    assert_int_equal(r.keys.count, 1);
    assert_int_equal(r.keys.items[0].kvno, 1);
    assert_slice_str(r.keys.items[0].salt, "EXAMPLE.COMalice");
    assert_true(r.created && r.modified && r.password_changed);
    uint8_t expected[16];
    assert_ok(crypto_string_to_key(enctype_find(ENCTYPE_AES128_SHA1), password,
                                   SLICE_LITERAL("EXAMPLE.COMalice"), (struct slice){0}, 0,
                                   buf_of(expected, 16), NULL));
    struct admin_keytab keys = keys_of("alice", NULL);
    assert_slice_equal(keys.items[0].bytes, slice_of(expected, 16));
    assert_code(add_user("alice"), OBOL_PRINCIPAL_EXISTS);
    assert_non_null(strstr(err.detail, "alice@EXAMPLE.COM"));
    assert_code(exists("bob"), OBOL_PRINCIPAL_NOT_FOUND);
    assert_code(exists("alice@OTHER.REALM"), OBOL_NAME_MALFORMED);
}

static void a_password_is_stretched_as_the_realm_wishes(void **state) {
    UNUSED(state);
    static int32_t enctypes[] = {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA1, ENCTYPE_RC4_HMAC};
    struct admin_new_principal p = {.name = SLICE_LITERAL("alice"), .keys.password = &password};
    p.keys.enctypes = (struct int32_list){enctypes, COUNT_OF(enctypes)};
    adm->iterations = 40000;
    assert_ok(admin_principal_add(adm, &p, &err));
    struct record r = shown("alice");
    assert_int_equal(r.keys.items[0].iterations, 40000);
    assert_int_equal(r.keys.items[1].iterations, 40000);
    assert_int_equal(r.keys.items[2].iterations, 0); // rc4 has none
    struct admin_keytab keys = keys_of("alice", NULL);
    for (size_t i = 0; i < 2; i++) {
        const struct enctype *e = enctype_find(enctypes[i]);
        struct buf expected = arena_buf(&arena, enctype_key_length(e));
        struct slice params = SLICE_LITERAL("\0\0\x9c\x40"), salt = r.keys.items[i].salt;
        assert_ok(crypto_string_to_key(e, password, salt, params, 0, expected, NULL));
        assert_slice_equal(keys.items[i].bytes, slice_of_buf(expected));
    }
    // A random key has none, and the enctype's own count needs no saying.
    assert_ok(admin_principal_add(adm, &(struct admin_new_principal){.name = SLICE_LITERAL("bob")},
                                  &err));
    assert_int_equal(shown("bob").keys.items[0].iterations, 0);
    adm->iterations = 32768;
    assert_ok(admin_principal_password(adm, SLICE_LITERAL("alice"), &p.keys, NULL, &err));
    r = shown("alice");
    assert_int_equal(r.keys.items[0].iterations, 0);
    assert_int_equal(r.keys.items[1].iterations, 32768);
}

static void bad_names_and_passwords_are_refused(void **state) {
    UNUSED(state);
    static char huge[1 << 20];
    memset(huge, 'x', sizeof huge - 1);
    assert_int_not_equal(add_user(""), OBOL_OK);
    assert_int_not_equal(add_user("a@"), OBOL_OK);
    assert_int_not_equal(add_user(huge), OBOL_OK);
    assert_int_not_equal(add_user("nul\\0byte"), OBOL_OK);
    static const char *const bad[] = {"", "with\0nul"};
    static const size_t lens[] = {0, 8};
    for (size_t i = 0; i < 2; i++) {
        struct slice pw = slice_of(bad[i], lens[i]);
        struct admin_new_principal p = {.name = SLICE_LITERAL("bob"), .keys = {.password = &pw}};
        assert_code(admin_principal_add(adm, &p, NULL), OBOL_INVALID_ARGUMENT);
    }
    struct slice pw = slice_str(huge);
    struct admin_new_principal p = {.name = SLICE_LITERAL("bob"), .keys = {.password = &pw}};
    assert_code(admin_principal_add(adm, &p, NULL), OBOL_INVALID_ARGUMENT);
    int32_t unknown[] = {99};
    p.keys = (struct admin_keys){.enctypes = {unknown, 1}};
    assert_code(admin_principal_add(adm, &p, NULL), OBOL_ENCTYPE_UNSUPPORTED);
    struct record_attribute a = {SLICE_LITERAL("mail"), slice_str(huge)};
    p.keys = (struct admin_keys){.none = true};
    p.attributes = (struct record_attribute_list){&a, 1};
    assert_code(admin_principal_add(adm, &p, NULL), OBOL_INVALID_ARGUMENT);
    a = (struct record_attribute){SLICE_LITERAL("obol.secret"), SLICE_LITERAL("x")};
    assert_code(admin_principal_add(adm, &p, NULL), OBOL_INVALID_ARGUMENT);
    assert_code(exists("bob"), OBOL_PRINCIPAL_NOT_FOUND);
}

// mistakes.md, injection: odd strings in every name, against every store.
static void odd_names_stay_names(void **state) {
    UNUSED(state);
    static const char *const odd[] = {"*)(uid=*", ";cmd", "'--", "$(x)",   "\xff\xfe",
                                      "..",       "%n",   "a b", "\\@\\/", "\xc3\xa9"};
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        assert_ok(add_user(odd[i]));
        struct record r = shown(odd[i]);
        assert_int_equal(r.keys.count, 1);
        assert_ok(admin_principal_delete(adm, r.name, NULL));
        assert_code(exists(odd[i]), OBOL_PRINCIPAL_NOT_FOUND);
    }
}

static void a_new_password_is_a_new_version(void **state) {
    UNUSED(state);
    assert_ok(add_user("alice"));
    struct admin_change expire = {.present = ADMIN_SET_PASSWORD_EXPIRES,
                                  .password_expires = 5,
                                  .set_flags = RECORD_NEEDS_CHANGE};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &expire, NULL));
    struct slice second = SLICE_LITERAL("battery staple");
    struct admin_keys keys = {.password = &second, .enctypes = {one_enctype, 1}, .keep_old = 1};
    uint32_t kvno;
    assert_ok(admin_principal_password(adm, SLICE_LITERAL("alice"), &keys, &kvno, NULL));
    assert_int_equal(kvno, 2);
    struct record r = shown("alice");
    assert_int_equal(r.keys.count, 2);
    assert_int_equal(r.keys.items[0].kvno, 2);
    assert_int_equal(r.keys.items[1].kvno, 1);
    assert_false(r.flags & RECORD_NEEDS_CHANGE);
    assert_int_equal(r.password_expires, 0);
    assert_ok(admin_principal_password(adm, SLICE_LITERAL("alice"), &keys, &kvno, NULL));
    r = shown("alice");
    assert_int_equal(r.keys.count, 2);
    assert_int_equal(r.keys.items[1].kvno, 2);
    keys.keep_old = 0;
    assert_ok(admin_principal_password(adm, SLICE_LITERAL("alice"), &keys, NULL, NULL));
    r = shown("alice");
    assert_int_equal(r.keys.count, 1);
    assert_int_equal(r.keys.items[0].kvno, 4);
    assert_code(admin_principal_password(adm, SLICE_LITERAL("bob"), &keys, NULL, NULL),
                OBOL_PRINCIPAL_NOT_FOUND);
}

static void set_changes_what_it_names_and_nothing_else(void **state) {
    UNUSED(state);
    assert_ok(add_user("alice"));
    struct record before = shown("alice");
    struct record_attribute attributes[] = {{SLICE_LITERAL("mail"), SLICE_LITERAL("a@b")},
                                            {SLICE_LITERAL("tel"), SLICE_LITERAL("1")}};
    struct admin_change c = {.present = ADMIN_SET_MAX_LIFE | ADMIN_SET_POLICY,
                             .max_life = 3600,
                             .expires = 77,
                             .policy = SLICE_LITERAL("strict"),
                             .set_flags = RECORD_LOCKED,
                             .clear_flags = RECORD_NO_SERVER,
                             .attributes = {attributes, 2}};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &c, NULL));
    struct record r = shown("alice");
    assert_int_equal(r.max_life, 3600);
    assert_int_equal(r.expires, 0);
    assert_slice_str(r.policy, "strict");
    assert_int_equal(r.flags, RECORD_REQUIRES_PREAUTH | RECORD_LOCKED);
    assert_int_equal(r.attributes.count, 2);
    assert_true(r.id == before.id);
    assert_slice_equal(r.keys.items[0].sealed, before.keys.items[0].sealed);
    struct admin_change unlock = {.unlock = true};
    attributes[0].value = (struct slice){0};
    unlock.attributes = (struct record_attribute_list){attributes, 1};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &unlock, NULL));
    r = shown("alice");
    assert_int_equal(r.flags, RECORD_REQUIRES_PREAUTH);
    assert_int_equal(r.attributes.count, 1);
    assert_slice_str(r.attributes.items[0].name, "tel");
    attributes[0] = (struct record_attribute){SLICE_LITERAL("tel"), SLICE_LITERAL("")};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &unlock, NULL));
    r = shown("alice");
    assert_int_equal(r.attributes.count, 1); // an empty value is one
    assert_int_equal(r.attributes.items[0].value.len, 0);
    c.max_life = -1;
    assert_code(admin_principal_set(adm, SLICE_LITERAL("alice"), &c, NULL), OBOL_INVALID_ARGUMENT);
    assert_int_equal(shown("alice").max_life, 3600);
}

static void a_renamed_user_keeps_id_and_password(void **state) {
    UNUSED(state);
    assert_ok(add_user("alice"));
    assert_ok(add_user("carol"));
    struct record before = shown("alice");
    struct admin_keytab old = keys_of("alice", NULL);
    assert_code(admin_principal_rename(adm, SLICE_LITERAL("alice"), SLICE_LITERAL("carol"), NULL),
                OBOL_PRINCIPAL_EXISTS);
    assert_ok(admin_principal_rename(adm, SLICE_LITERAL("alice"), SLICE_LITERAL("bob"), NULL));
    assert_code(exists("alice"), OBOL_PRINCIPAL_NOT_FOUND);
    struct record r = shown("bob");
    assert_true(r.id == before.id);
    assert_slice_str(r.keys.items[0].salt, "EXAMPLE.COMalice");
    assert_int_equal(r.keys.items[0].salt_type, RECORD_SALT_SPECIAL);
    assert_slice_equal(keys_of("bob", NULL).items[0].bytes, old.items[0].bytes);
    assert_ok(admin_principal_delete(adm, SLICE_LITERAL("bob"), NULL));
    assert_ok(add_user("bob")); // the same name again is another principal
    assert_true(shown("bob").id > before.id);
}

static void an_spn_is_a_service_or_an_alias(void **state) {
    UNUSED(state);
    assert_ok(add_service("HTTP/www.example.com"));
    struct record r = shown("HTTP/www.example.com");
    assert_int_equal(r.flags, RECORD_REQUIRES_PREAUTH);
    assert_int_equal(r.keys.count, 4);
    assert_int_equal(r.keys.items[0].salt_type, RECORD_SALT_RANDOM);
    assert_code(add_service("HTTP/www.example.com"), OBOL_PRINCIPAL_EXISTS);
    assert_code(add_service("www"), OBOL_NAME_MALFORMED);
    assert_code(add_service("krbtgt/OTHER"), OBOL_NAME_MALFORMED);
    struct admin_new_principal account = {.name = SLICE_LITERAL("svc-web"), .kind = ADMIN_USER};
    assert_ok(admin_principal_add(adm, &account, NULL));
    assert_true(shown("svc-web").flags & RECORD_NO_SERVER);
    struct admin_new_spn alias = {.spn = SLICE_LITERAL("HTTP/shop"),
                                  .account = SLICE_LITERAL("svc-web")};
    assert_ok(admin_spn_add(adm, &alias, NULL));
    assert_slice_str(shown("HTTP/shop").name, "svc-web@EXAMPLE.COM");
    assert_false(shown("svc-web").flags & RECORD_NO_SERVER);
    alias.account = SLICE_LITERAL("HTTP/www.example.com");
    error_init(&err);
    assert_code(admin_spn_add(adm, &alias, &err), OBOL_PRINCIPAL_EXISTS);
    assert_non_null(strstr(err.detail, "svc-web@EXAMPLE.COM"));
    bool was_alias;
    assert_ok(admin_spn_delete(adm, SLICE_LITERAL("HTTP/shop"), &was_alias, NULL));
    assert_true(was_alias);
    assert_code(exists("HTTP/shop"), OBOL_PRINCIPAL_NOT_FOUND);
    assert_ok(exists("svc-web"));
    assert_ok(admin_spn_delete(adm, SLICE_LITERAL("HTTP/www.example.com"), &was_alias, NULL));
    assert_false(was_alias);
    assert_code(admin_spn_delete(adm, SLICE_LITERAL("HTTP/www.example.com"), NULL, NULL),
                OBOL_PRINCIPAL_NOT_FOUND);
}

static void users_do_not_become_services_by_accident(void **state) {
    UNUSED(state);
    assert_ok(add_user("alice"));
    assert_ok(add_user("alice/admin"));
    struct admin_new_spn alias = {.spn = SLICE_LITERAL("HTTP/www"),
                                  .account = SLICE_LITERAL("alice")};
    assert_code(admin_spn_add(adm, &alias, NULL), OBOL_KDC_ERR_POLICY);
    assert_true(shown("alice").flags & RECORD_NO_SERVER);
    alias.allow_password_keys = true;
    assert_ok(admin_spn_add(adm, &alias, NULL));
    assert_false(shown("alice").flags & RECORD_NO_SERVER);
    assert_code(admin_spn_delete(adm, SLICE_LITERAL("alice/admin"), NULL, NULL),
                OBOL_INVALID_ARGUMENT);
    assert_ok(exists("alice/admin"));
}

static void a_keytab_made_twice_is_the_same(void **state) {
    UNUSED(state);
    assert_ok(add_service("HTTP/www"));
    struct admin_keytab first = keys_of("HTTP/www", NULL), again = keys_of("HTTP/www", NULL);
    assert_int_equal(first.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_slice_equal(first.items[i].bytes, again.items[i].bytes);
        assert_int_equal(first.items[i].kvno, 1);
        assert_int_equal(first.items[i].bytes.len,
                         enctype_key_length(enctype_find(first.items[i].enctype)));
    }
    struct admin_keys rotate = {.keep_old = 1};
    struct admin_keytab rotated = keys_of("HTTP/www", &rotate);
    assert_int_equal(rotated.count, 8);
    assert_int_equal(rotated.items[0].kvno, 2);
    assert_false(slice_eq(rotated.items[0].bytes, first.items[0].bytes));
    assert_slice_equal(rotated.items[4].bytes, first.items[0].bytes);
    assert_slice_equal(keys_of("HTTP/www", NULL).items[0].bytes, rotated.items[0].bytes);
    struct admin_new_spn alias = {.spn = SLICE_LITERAL("HTTP/shop"),
                                  .account = SLICE_LITERAL("HTTP/www")};
    assert_ok(admin_spn_add(adm, &alias, NULL));
    struct admin_keytab by_alias = keys_of("HTTP/shop", NULL);
    assert_slice_str(principal_text(&by_alias.items[0].name, &arena), "HTTP/shop@EXAMPLE.COM");
    assert_slice_equal(by_alias.items[0].bytes, rotated.items[0].bytes);
    struct admin_new_principal keyless = {.name = SLICE_LITERAL("empty"), .keys = {.none = true}};
    struct admin_keytab out;
    assert_ok(admin_principal_add(adm, &keyless, NULL));
    assert_code(admin_keytab_keys(adm, SLICE_LITERAL("empty"), NULL, &arena, &out, NULL),
                OBOL_KDC_ERR_NULL_KEY);
    assert_code(admin_keytab_keys(adm, SLICE_LITERAL("none"), NULL, &arena, &out, NULL),
                OBOL_PRINCIPAL_NOT_FOUND);
}

static struct writer names;
static enum obol_code note_name(void *ctx, const struct record *r, struct error *e) {
    UNUSED(ctx);
    UNUSED(e);
    writer_bytes(&names, r->name);
    writer_u8(&names, ' ');
    return OBOL_OK;
}
static enum obol_code note_spn(void *ctx, const struct admin_spn *spn, struct error *e) {
    UNUSED(ctx);
    UNUSED(e);
    writer_printf(&names, "%.*s%s ", SLICE_ARG(spn->spn), spn->alias ? "(alias)" : "");
    return OBOL_OK;
}
static enum obol_code stop(void *ctx, const struct record *r, struct error *e) {
    UNUSED(ctx);
    UNUSED(r);
    return error_set(e, OBOL_TIMEOUT, __func__, "stopped");
}
static const char *listed(const char *pattern) {
    struct admin_visitor v = {.each = note_name};
    names = writer_to_arena(&arena);
    assert_ok(admin_principal_list(adm, slice_str(pattern), &v, NULL));
    return arena_cstr(&arena, writer_slice(&names));
}

static void lists_match_patterns(void **state) {
    UNUSED(state);
    assert_ok(add_user("alice"));
    assert_ok(add_user("al"));
    assert_ok(add_user("bob"));
    assert_ok(add_service("HTTP/www.example.com"));
    assert_string_equal(listed("al*"), "al@EXAMPLE.COM alice@EXAMPLE.COM ");
    assert_string_equal(listed("?l"), "al@EXAMPLE.COM ");
    assert_string_equal(listed("*i*e"), "alice@EXAMPLE.COM ");
    assert_string_equal(listed("*@EXAMPLE.COM"), listed(""));
    assert_string_equal(listed("*"), "HTTP/www.example.com@EXAMPLE.COM kadmin/admin@EXAMPLE.COM "
                                     "kadmin/changepw@EXAMPLE.COM krbtgt/EXAMPLE.COM@EXAMPLE.COM "
                                     "al@EXAMPLE.COM alice@EXAMPLE.COM bob@EXAMPLE.COM ");
    assert_string_equal(listed("x*"), "");
    assert_string_equal(listed("bob@OTHER"), "");
    struct admin_visitor v = {.each = stop};
    assert_code(admin_principal_list(adm, (struct slice){0}, &v, NULL), OBOL_TIMEOUT);
    struct admin_new_spn alias = {.spn = SLICE_LITERAL("HTTP/shop"),
                                  .account = SLICE_LITERAL("HTTP/www.example.com")};
    assert_ok(admin_spn_add(adm, &alias, NULL));
    names = writer_to_arena(&arena);
    assert_ok(admin_spn_list(adm, SLICE_LITERAL("HTTP/*"), NULL, note_spn, NULL));
    assert_slice_str(writer_slice(&names), "HTTP/www.example.com@EXAMPLE.COM "
                                           "HTTP/shop@EXAMPLE.COM(alias) ");
}

static void lists_of_delegation_hold_principals(void **state) {
    UNUSED(state);
    struct slice back = SLICE_LITERAL("HTTP/alias"), again = SLICE_LITERAL("HTTP/back"),
                 nobody = SLICE_LITERAL("HTTP/nobody");
    assert_ok(add_service("HTTP/front"));
    assert_ok(add_service("HTTP/back"));
    const struct admin_new_spn alias = {.spn = back, .account = again};
    assert_ok(admin_spn_add(adm, &alias, NULL));
    struct admin_change change = {.delegate_to = {&back, 1}};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("HTTP/front"), &change, NULL));
    change.delegate_to.items = &again; // the same one
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("HTTP/front"), &change, NULL));
    struct record r = shown("HTTP/front");
    assert_int_equal(r.delegate_to.count, 1);
    assert_slice_str(r.delegate_to.items[0], "HTTP/back@EXAMPLE.COM");
    change.delegate_to.items = &nobody;
    assert_code(admin_principal_set(adm, SLICE_LITERAL("HTTP/front"), &change, NULL),
                OBOL_PRINCIPAL_NOT_FOUND);
    change = (struct admin_change){.delegate_to_no = {&back, 1}};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("HTTP/front"), &change, NULL));
    assert_int_equal(shown("HTTP/front").delegate_to.count, 0);
    assert_code(admin_principal_set(adm, SLICE_LITERAL("HTTP/front"), &change, NULL),
                OBOL_NOT_FOUND);
    struct slice front = SLICE_LITERAL("HTTP/front");
    change = (struct admin_change){.delegate_from = {&front, 1}};
    assert_ok(admin_principal_set(adm, again, &change, NULL));
    assert_slice_str(shown("HTTP/back").delegate_from.items[0], "HTTP/front@EXAMPLE.COM");
    // One that is gone comes off by its name.
    assert_ok(admin_principal_delete(adm, front, NULL));
    change = (struct admin_change){.delegate_from_no = {&front, 1}};
    assert_ok(admin_principal_set(adm, again, &change, NULL));
    assert_int_equal(shown("HTTP/back").delegate_from.count, 0);
    // A service of another realm may act towards one of ours, and none of ours by its own list
    // there.
    struct slice shop = SLICE_LITERAL("HTTP/shop@OTHER.ORG"), bad = SLICE_LITERAL("@OTHER.ORG");
    change = (struct admin_change){.delegate_from = {&shop, 1}};
    assert_ok(admin_principal_set(adm, again, &change, NULL));
    assert_slice_str(shown("HTTP/back").delegate_from.items[0], "HTTP/shop@OTHER.ORG");
    change = (struct admin_change){.delegate_from_no = {&shop, 1}};
    assert_ok(admin_principal_set(adm, again, &change, NULL));
    assert_int_equal(shown("HTTP/back").delegate_from.count, 0);
    change = (struct admin_change){.delegate_from = {&bad, 1}};
    assert_code(admin_principal_set(adm, again, &change, NULL), OBOL_NAME_MALFORMED);
    change = (struct admin_change){.delegate_to = {&shop, 1}};
    assert_code(admin_principal_set(adm, again, &change, NULL), OBOL_NAME_MALFORMED);
}

static void a_realm_has_a_sid_of_its_own(void **state) {
    UNUSED(state);
    struct store_read *read;
    struct slice text;
    struct sid sid;
    assert_ok(store_read_begin(adm->store, &read, NULL));
    assert_ok(store_meta(read, STORE_META_DOMAIN_SID, &text, NULL));
    assert_true(sid_parse(text, &sid));
    store_read_end(read);
    assert_int_equal(sid.count, 4);
    assert_int_equal(sid.sub[0], 21);
}

#define BOTH(f)                                                                                    \
    {#f " (memory)", f, setup_memory, home_end, NULL}, {                                           \
#f " (lmdb)", f, setup_lmdb, home_end, NULL                                                \
    }
int main(void) {
    const struct CMUnitTest cases[] = {
        BOTH(a_new_realm_has_its_own_services),
        BOTH(a_user_has_the_keys_of_its_password),
        BOTH(a_password_is_stretched_as_the_realm_wishes),
        BOTH(bad_names_and_passwords_are_refused),
        BOTH(odd_names_stay_names),
        BOTH(a_new_password_is_a_new_version),
        BOTH(set_changes_what_it_names_and_nothing_else),
        BOTH(a_renamed_user_keeps_id_and_password),
        BOTH(an_spn_is_a_service_or_an_alias),
        BOTH(users_do_not_become_services_by_accident),
        BOTH(a_keytab_made_twice_is_the_same),
        BOTH(lists_match_patterns),
        BOTH(lists_of_delegation_hold_principals),
        BOTH(a_realm_has_a_sid_of_its_own),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
