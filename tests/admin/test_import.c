// Realms of other KDCs: what is read from a line of a dump, what is refused and where, and that a
// refusal leaves the realm as it was. The programs that write dumps judge in
// tests/peers/test_import.py.
#include "../test.h"
#include "admin/import.h"
#include "base/hex.h"
#include "base/reader.h"
#include "proto/codes.h"
#include "store/history.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static struct admin *adm;
static struct error err;
static char dir[64];

static struct admin *realm_new(const char *name) {
    struct store *store;
    struct master *master;
    struct admin *made;
    const struct store_options o = {.create = true};
    static int number;
    char path[128];
    snprintf(path, sizeof path, "%s/key%d", dir, number++);
    assert_ok(store_open(&store, &STORE_MEMORY, &o, NULL));
    assert_ok(master_create(&master, path, env_system(), NULL));
    assert_ok(admin_new(&made, store, master, slice_str(name), (struct int32_list){0}, env_system(),
                        NULL));
    assert_ok(admin_realm_fill(made, NULL));
    unlink(path);
    return made;
}

static int setup(void **state) {
    UNUSED(state);
    strcpy(dir, "/tmp/obol-import-XXXXXX");
    if (!mkdtemp(dir) || !arena_init(&arena, 1 << 16, 64 << 20))
        return -1;
    adm = realm_new("H.TEST");
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    admin_close(adm);
    arena_clear(&arena);
    return rmdir(dir);
}

static enum obol_code take(struct admin *into, const struct admin_import *how,
                           struct admin_imported *done) {
    error_init(&err);
    return admin_import(into, how, done, &err);
}
static enum obol_code heimdal(const char *text, struct admin_imported *done) {
    const struct admin_import how = {.format = ADMIN_IMPORT_HEIMDAL, .dump = slice_str(text)};
    return take(adm, &how, done);
}
static struct record shown(struct admin *of, const char *name) {
    struct record r;
    assert_ok(admin_principal_get(of, slice_str(name), &arena, &r, NULL));
    return r;
}

#define KEY16 "000102030405060708090a0b0c0d0e0f"
#define TIMES " 20200102030405:root@H.TEST - - 20300101000000 - 3600 - 126 20200102030405:1:0"

static void a_line_of_heimdals_becomes_a_principal(void **state) {
    UNUSED(state);
    struct admin_imported done;
    struct admin_keytab keys;
    assert_ok(heimdal("alice@H.TEST 7::17:" KEY16 ":3/\"H.TESTalice\"::23:" KEY16 ":3/616263" TIMES
                      " -\n"
                      "default@H.TEST 1::17:" KEY16 ":-" TIMES " -\n\n",
                      &done));
    assert_int_equal(done.principals, 1);
    assert_int_equal(done.skipped, 1);
    assert_int_equal(done.keys, 2);
    struct record r = shown(adm, "alice");
    assert_int_equal(r.keys.count, 2);
    assert_int_equal(r.keys.items[0].kvno, 7);
    assert_slice_str(r.keys.items[0].salt, "H.TESTalice");
    assert_int_equal(r.keys.items[0].salt_type, RECORD_SALT_NORMAL);
    assert_slice_str(r.keys.items[1].salt, "abc");
    assert_int_equal(r.keys.items[1].salt_type, RECORD_SALT_SPECIAL);
    assert_int_equal(r.created, 1577934245);
    assert_int_equal(r.expires, 1893456000);
    assert_int_equal(r.max_life, 3600);
    assert_int_equal(r.max_renew, 0);
    assert_int_equal(r.flags, 0);
    assert_ok(admin_keytab_keys(adm, SLICE_LITERAL("alice"), NULL, &arena, &keys, NULL));
    assert_int_equal(keys.items[0].bytes.ptr[15], 15);
}

static void a_line_of_heimdals_that_is_not_one_is_refused_at_its_column(void **state) {
    UNUSED(state);
    static const struct {
        const char *line;
        enum obol_code code;
        const char *column;
    } cases[] = {
        {"bob@H.TEST", OBOL_FORMAT, "column 12"},
        {"bob@H.TEST x::17:" KEY16 ":-" TIMES " -", OBOL_FORMAT, "column 12"},
        {"bob@H.TEST 1:x:17:" KEY16 ":-" TIMES " -", OBOL_FORMAT, "column 14"},
        {"bob@H.TEST 1:1:17:" KEY16 ":-" TIMES " -", OBOL_MASTER_KEY, NULL},
        {"bob@H.TEST 1::17:zz:-" TIMES " -", OBOL_FORMAT, NULL},
        {"bob@H.TEST 1::17:00:-" TIMES " -", OBOL_KEY_LENGTH, "column 1"},
        {"bob@H.TEST 1::17:" KEY16 ":\"abc" TIMES " -", OBOL_FORMAT, NULL},
        {"bob@H.TEST 1::17:" KEY16 ":3/xy" TIMES " -", OBOL_FORMAT, NULL},
        {"bob@H.TEST 1::17:" KEY16 ":- 2020:x - - - - - - 126 -", OBOL_FORMAT, "column 53"},
        {"bob@H.TEST 1::17:" KEY16 ":-" TIMES " zz", OBOL_FORMAT, NULL},
        {"bob@H.TEST 1::17:" KEY16 ":-" TIMES " 3000", OBOL_DER_UNEXPECTED, NULL},
        {"bob@H.TEST 1::17:" KEY16 ":-" TIMES " - more", OBOL_FORMAT, NULL},
        {"bob@OTHER.TEST 1::17:" KEY16 ":-" TIMES " -", OBOL_NAME_MALFORMED, "column 1"},
        {"b\\xob@ 1::17:" KEY16 ":-" TIMES " -", OBOL_NAME_MALFORMED, "column 1"},
        {"carol@H.TEST 1::17:" KEY16 ":-" TIMES " -", OBOL_PRINCIPAL_EXISTS, "column 1"},
        {"dave@H.TEST 1::17:" KEY16 ":-" TIMES
         " 3031A003010100A12AA6283026A003010100A11F301D301BA00F300DA003020101A10630041B02616CA108"
         "1B06482E54455354\n"
         "al@H.TEST 1::17:" KEY16 ":-" TIMES " -",
         OBOL_PRINCIPAL_EXISTS, "line 3"},
    };
    struct admin_imported done;
    struct record r;
    assert_ok(heimdal("carol@H.TEST 1::17:" KEY16 ":-" TIMES " -\n", &done));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[1024], facts[512];
        snprintf(text, sizeof text, "good@H.TEST 1::17:%s:-%s -\n%s\n", KEY16, TIMES,
                 cases[i].line);
        enum obol_code code = heimdal(text, &done);
        if (code != cases[i].code)
            fail_msg("%s: %s, %s", cases[i].line, error_info(code)->name, err.detail);
        struct writer w = writer_to_buf(buf_of(facts, sizeof facts));
        error_write(&err, &w);
        facts[w.len < sizeof facts ? w.len : sizeof facts - 1] = '\0';
        if (cases[i].column && !strstr(facts, cases[i].column))
            fail_msg("%s: %s", cases[i].line, facts);
        // The good line in front of it went, too.
        assert_code(admin_principal_get(adm, SLICE_LITERAL("good"), &arena, &r, NULL),
                    OBOL_PRINCIPAL_NOT_FOUND);
    }
}

// ---- MIT's: our own export is the text, so that each field of it can be spoilt.

static enum obol_code collect(void *ctx, struct slice lines, struct error *e) {
    UNUSED(e);
    writer_bytes(ctx, lines);
    return OBOL_OK;
}

static const struct slice FIRST = SLICE_LITERAL("first password"),
                          SECOND = SLICE_LITERAL("second password");
static struct admin_import exported(struct admin *from) {
    struct writer dump = writer_to_arena(&arena), stash = writer_to_arena(&arena);
    struct admin_exported done;
    const struct admin_export how = {&dump, collect};
    struct admin_import out = {.format = ADMIN_IMPORT_MIT};
    assert_ok(admin_export_mit(from, &how, &stash, &done, NULL));
    assert_int_equal(done.tokens, 1);
    assert_ok(admin_import_stash(writer_slice(&stash), &arena, &out, NULL));
    assert_true(writer_ok(&dump));
    out.dump = writer_slice(&dump);
    assert_int_equal(admin_import_guess(out.dump), ADMIN_IMPORT_MIT);
    return out;
}

static void fill(void) {
    static int32_t one[] = {ENCTYPE_AES128_SHA1};
    struct record_attribute mail = {SLICE_LITERAL("mail"), SLICE_LITERAL("a@b")};
    struct admin_new_principal p = {.name = SLICE_LITERAL("alice"),
                                    .kind = ADMIN_SERVICE,
                                    .keys = {.password = &FIRST, .enctypes = {one, 1}},
                                    .policy = SLICE_LITERAL("staff"),
                                    .max_life = 3600,
                                    .attributes = {&mail, 1}};
    assert_ok(admin_policy_add(adm,
                               &(struct policy){.name = SLICE_LITERAL("staff"),
                                                .history = 4,
                                                .max_life = 86400,
                                                .max_failures = 3,
                                                .allowed_keysalts = SLICE_LITERAL("aes128-cts")},
                               NULL));
    assert_ok(admin_principal_add(adm, &p, NULL));
    p.keys.password = &SECOND;
    assert_ok(admin_principal_password(adm, p.name, &p.keys, NULL, NULL));
    const struct admin_change change = {.unlock = true, .set_flags = RECORD_OK_AS_DELEGATE};
    assert_ok(admin_principal_set(adm, p.name, &change, NULL));
    struct admin_token_new token;
    assert_ok(admin_token_add(adm, &(struct admin_token){.name = p.name}, &arena, &token, NULL));
}

static void a_realm_goes_out_and_comes_in_as_it_was(void **state) {
    UNUSED(state);
    struct admin_imported done;
    fill();
    struct admin_import how = exported(adm);
    struct admin *other = realm_new("H.TEST");
    assert_ok(take(other, &how, &done));
    assert_int_equal(done.principals, 4);
    assert_int_equal(done.policies, 1);
    assert_int_equal(done.skipped, 2);
    struct record a = shown(adm, "alice"), b = shown(other, "alice");
    assert_int_equal(a.flags, b.flags);
    assert_int_equal(a.password_expires, b.password_expires);
    assert_int_equal(a.password_changed, b.password_changed);
    assert_int_equal(a.unlocked, b.unlocked);
    assert_int_equal(b.max_life, 3600);
    assert_slice_str(b.policy, "staff");
    assert_slice_str(b.attributes.items[0].value, "a@b");
    assert_int_equal(b.attributes.count, 1); // the token stayed behind, and that is said
    assert_int_equal(b.keys.items[0].kvno, 2);
    struct admin_keytab mine, theirs;
    static const char *const names[] = {"alice", "krbtgt/H.TEST", "kadmin/changepw",
                                        "kadmin/admin"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_ok(admin_keytab_keys(adm, slice_str(names[i]), NULL, &arena, &mine, NULL));
        assert_ok(admin_keytab_keys(other, slice_str(names[i]), NULL, &arena, &theirs, NULL));
        assert_int_equal(mine.count, theirs.count);
        for (size_t k = 0; k < mine.count; k++)
            assert_slice_equal(mine.items[k].bytes, theirs.items[k].bytes);
    }
    const struct admin_keys reuse = {.password = &FIRST};
    assert_code(admin_principal_password(other, SLICE_LITERAL("alice"), &reuse, NULL, NULL),
                OBOL_PASSWORD_REFUSED);
    struct policy p;
    assert_ok(admin_policy_get(other, SLICE_LITERAL("staff"), &arena, &p, NULL));
    assert_int_equal(p.history, 4);
    assert_slice_str(p.allowed_keysalts, "aes128-cts");
    admin_close(other);
}

// The text with field `n` of line `line` replaced.
static struct slice spoilt(struct slice dump, unsigned line, unsigned n, const char *with) {
    struct writer w = writer_to_arena(&arena);
    unsigned at_line = 0, at_field = 0;
    bool replaced = false;
    for (size_t i = 0; i < dump.len; i++) {
        bool inside = at_line == line && at_field == n;
        uint8_t c = dump.ptr[i];
        if (inside && !replaced)
            writer_str(&w, with);
        replaced = replaced || inside;
        if (!inside || c == '\t' || c == '\n')
            writer_u8(&w, c);
        at_field = c == '\n' ? 0 : at_field + (c == '\t');
        at_line += c == '\n';
    }
    return writer_slice(&w);
}

static void every_field_that_is_spoilt_is_refused_and_named(void **state) {
    UNUSED(state);
    fill();
    const struct admin_import how = exported(adm);
    struct admin_imported done;
    struct admin *other = realm_new("H.TEST");
    unsigned line = 0, lines = 0, fields = 1;
    for (size_t i = 0, start = 0; i < how.dump.len; i++) {
        if (how.dump.ptr[i] != '\n')
            continue;
        struct slice text = slice_sub(how.dump, start, i - start);
        if (memmem(text.ptr, text.len, "\talice@", 7)) {
            line = lines;
            for (size_t k = 0; k < text.len; k++)
                fields += text.ptr[k] == '\t';
        }
        start = i + 1;
        lines++;
    }
    assert_true(line > 0 && fields > 20);
    for (unsigned n = 0; n < fields; n++) {
        static const char *const with[] = {"", "zz", "99999999999999999999", "-5000000000"};
        for (size_t i = 0; i < COUNT_OF(with); i++) {
            struct admin_import bad = how;
            char facts[512];
            bad.dump = spoilt(how.dump, line, n, with[i]);
            assert_int_not_equal(take(other, &bad, &done), OBOL_OK);
            struct writer w = writer_to_buf(buf_of(facts, sizeof facts - 1));
            error_write(&err, &w);
            facts[w.len] = '\0';
            char wanted[32];
            snprintf(wanted, sizeof wanted, "line %u; column", line + 1);
            if (!strstr(facts, wanted))
                fail_msg("field %u as \"%s\": %s", n, with[i], facts);
        }
    }
    // Nothing of them all stayed: the whole goes in.
    assert_ok(take(other, &how, &done));
    assert_code(take(other, &how, &done), OBOL_PRINCIPAL_EXISTS);
    admin_close(other);
}

static void a_dump_of_another_version_or_key_is_refused(void **state) {
    UNUSED(state);
    fill();
    struct admin_import how = exported(adm), none = how;
    struct admin_imported done;
    struct admin *other = realm_new("H.TEST"), *third = realm_new("OTHER.TEST");
    none.master_count = 0;
    assert_code(take(other, &none, &done), OBOL_MASTER_KEY);
    struct admin_import wrong = exported(adm);
    wrong.dump = how.dump;
    assert_code(take(other, &wrong, &done), OBOL_MASTER_KEY);
    assert_code(take(third, &how, &done), OBOL_NAME_MALFORMED);
    struct admin_import old = how;
    old.dump = SLICE_LITERAL("kdb5_edit load_dump version 3.0\n");
    assert_code(take(other, &old, &done), OBOL_UNSUPPORTED);
    old.dump = SLICE_LITERAL("OpenV*Secure V1.0\t\n");
    assert_int_equal(admin_import_guess(old.dump), ADMIN_IMPORT_MIT);
    assert_code(take(other, &old, &done), OBOL_UNSUPPORTED);
    old.dump =
        SLICE_LITERAL("ipropx 1 2 3 4\npolicy\tp\t0\t0\t1\t1\t1\t0\t0\t0\t0\t0\t0\t0\t-\t0\n");
    assert_ok(take(other, &old, &done));
    assert_int_equal(done.policies, 1);
    assert_code(take(other, &old, &done), OBOL_EXISTS);
    admin_close(other);
    admin_close(third);
}

static void a_stash_file_is_read_in_both_forms(void **state) {
    UNUSED(state);
    struct admin_import how = {.master_count = 0};
    static const uint8_t old[] = {18, 0, 4, 0, 0, 0, 'a', 'b', 'c', 'd'};
    assert_ok(admin_import_stash(slice_of(old, sizeof old), &arena, &how, NULL));
    assert_int_equal(how.master_count, 1);
    assert_int_equal(how.masters[0].enctype, 18);
    assert_slice_str(how.masters[0].bytes, "abcd");
    for (size_t n = 0; n < sizeof old; n++)
        assert_int_not_equal(admin_import_stash(slice_of(old, n), &arena, &how, NULL), OBOL_OK);
    assert_int_not_equal(admin_import_stash(SLICE_LITERAL("\x05\x02"), &arena, &how, NULL),
                         OBOL_OK);
}

// A record of Heimdal 7.8 (kadmin -l dump) sealed under a des3 master key of its own (kstash).
static void what_des3_sealed_opens_and_nothing_else_does(void **state) {
    UNUSED(state);
    struct slice key, sealed, plain;
    static const char hex_key[] = "bf5b67f4463dd0cd230861b0abc892c2b69138c754c72a37";
    static const char hex_sealed[] = "737382fa525c9b3940a189e3d36e8ff18641947b2ae5d055643f07ed05ae6"
                                     "1d0432e7496158d2d2f8054f4e035595ba85f2496587fcbd97da1a15e54";
    assert_true(hex_decode(slice_str(hex_key), &arena, &key));
    assert_true(hex_decode(slice_str(hex_sealed), &arena, &sealed));
    assert_ok(import_des3_open(key, 0x484442, sealed, &arena, &plain, NULL));
    struct slice wanted;
    assert_true(hex_decode(
        SLICE_LITERAL("d5296872d16afb478e84a3fd48efbc96caf0fca7918db43d88936b1edc7c5ffc"), &arena,
        &wanted));
    assert_slice_equal(plain, wanted);
    assert_code(import_des3_open(key, 0x484443, sealed, &arena, &plain, NULL),
                OBOL_DECRYPT_INTEGRITY);
    for (size_t i = 0; i < sealed.len; i++) {
        struct slice copy;
        assert_true(arena_copy(&arena, sealed, &copy));
        ((uint8_t *)(uintptr_t)copy.ptr)[i] ^= 1;
        assert_code(import_des3_open(key, 0x484442, copy, &arena, &plain, NULL),
                    OBOL_DECRYPT_INTEGRITY);
        assert_int_not_equal(
            import_des3_open(key, 0x484442, slice_sub(sealed, 0, i), &arena, &plain, NULL),
            OBOL_OK);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_line_of_heimdals_becomes_a_principal),
        CASE(a_line_of_heimdals_that_is_not_one_is_refused_at_its_column),
        CASE(a_realm_goes_out_and_comes_in_as_it_was),
        CASE(every_field_that_is_spoilt_is_refused_and_named),
        CASE(a_dump_of_another_version_or_key_is_refused),
        CASE(a_stash_file_is_read_in_both_forms),
        CASE(what_des3_sealed_opens_and_nothing_else_does),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
