// Keytabs: the format (MIT krb5's seeds in tests/vectors/cred), adding and removing among others,
// and which key is found, or why none is.
#include "../test.h"
#include "cred/keytab_memory.h"
#include "crypto/crypto.h"
#include "proto/codes.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct error err;
static char path[64];

static int start(void **state) {
    UNUSED(state);
    error_init(&err);
    snprintf(path, sizeof path, "/tmp/obol-test-keytab-%d", getpid());
    return arena_init(&arena, 1 << 20, 256 << 20) ? 0 : -1;
}
static int stop(void **state) {
    UNUSED(state);
    unlink(path);
    arena_clear(&arena);
    return 0;
}

static struct principal principal(const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), SLICE_LITERAL("R"), NT_UNKNOWN, &arena, &p, &err));
    return p;
}
static struct keytab_entry entry(const char *name, uint32_t kvno, int32_t etype) {
    size_t len = enctype_key_length(enctype_find(etype));
    struct buf key = arena_buf(&arena, len);
    memset(key.ptr, (int)(kvno * 16 + (uint32_t)etype), len);
    return (struct keytab_entry){principal(name), 1000, kvno, {etype, slice_of_buf(key)}, false};
}
static struct keytab_content content(void) {
    struct keytab_content c;
    assert_ok(keytab_read(path, &arena, &c, &err));
    return c;
}
static struct slice read_file(const char *file) {
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    struct buf b = arena_buf(&arena, 1 << 16);
    size_t n = fread(b.ptr, 1, b.len, f);
    fclose(f);
    return slice_of(b.ptr, n);
}
static void write_file(const char *file, struct slice s) {
    FILE *f = fopen(file, "w");
    assert_int_equal(fwrite(s.ptr, 1, s.len, f), s.len);
    fclose(f);
}

// ---- the format

static void mits_keytabs_are_read(void **state) {
    UNUSED(state);
    struct keytab_content c;
    assert_ok(
        keytab_parse(read_file(VECTORS "/cred/mit-keytab-v502_one_entry"), "f", &arena, &c, &err));
    assert_int_equal(c.count, 1);
    assert_int_equal(c.version, 2);
    assert_slice_equal(principal_text(&c.entries[0].principal, &arena),
                       SLICE_LITERAL("user@REALM"));
    assert_int_equal(c.entries[0].kvno, 1);
    assert_true(c.entries[0].kvno_is_short);
    assert_int_equal(c.entries[0].key.keytype, 18);
    assert_int_equal(c.entries[0].key.keyvalue.len, 32);
    assert_ok(
        keytab_parse(read_file(VECTORS "/cred/mit-keytab-version_only"), "f", &arena, &c, &err));
    assert_int_equal(c.count, 0);
    assert_ok(
        keytab_parse(read_file(VECTORS "/cred/mit-keytab-version_0x501"), "f", &arena, &c, &err));
    assert_int_equal(c.version, 1);
    // A length beyond the file: nothing of it is read, nothing allocated.
    assert_ok(keytab_parse(read_file(VECTORS "/cred/mit-keytab-big_size"), "f", &arena, &c, &err));
    assert_true(c.half_written);
}

static void version_1_has_the_machines_byte_order(void **state) {
    UNUSED(state);
    uint8_t room[128];
    struct writer w = writer_to_buf(buf_of(room, sizeof room));
    writer_u8(&w, 5);
    writer_u8(&w, 1);
    writer_le32(&w, 2 + 2 + 1 + 2 + 4 + 2 + 1 + 4 + 1 + 2 + 2 + 4);
    writer_le16(&w, 3); // the realm and two components
    writer_le16(&w, 1);
    writer_str(&w, "R");
    writer_le16(&w, 4);
    writer_str(&w, "host");
    writer_le16(&w, 1);
    writer_str(&w, "a");
    writer_le32(&w, 77);
    writer_u8(&w, 9);
    writer_le16(&w, 18);
    writer_le16(&w, 4);
    writer_str(&w, "key!");
    struct keytab_content c;
    assert_ok(keytab_parse(writer_slice(&w), "f", &arena, &c, &err));
    assert_int_equal(c.count, 1);
    assert_slice_equal(principal_text(&c.entries[0].principal, &arena), SLICE_LITERAL("host/a@R"));
    assert_int_equal(c.entries[0].timestamp, 77);
    assert_int_equal(c.entries[0].kvno, 9);
    // It is read only.
    write_file(path, writer_slice(&w));
    struct keytab_entry e = entry("host/a", 1, 18);
    assert_code(keytab_add(path, &e, 1, &err), OBOL_UNSUPPORTED);
    error_init(&err);
    assert_code(keytab_remove(path, &e.principal, 0, 0, NULL, &err), OBOL_UNSUPPORTED);
}

static void a_kvno_has_32_bits_in_the_file(void **state) {
    UNUSED(state);
    struct keytab_entry e = entry("host/a", 70000, 18);
    assert_ok(keytab_add(path, &e, 1, &err));
    struct keytab_content c = content();
    assert_int_equal(c.entries[0].kvno, 70000);
    assert_false(c.entries[0].kvno_is_short);
    struct writer w = writer_to_arena(&arena);
    keytab_format(&w, &e, 1);
    assert_slice_equal(read_file(path), writer_slice(&w));
}

static void what_is_no_keytab_is_refused_with_the_reason(void **state) {
    UNUSED(state);
    const struct {
        struct slice bytes;
        const char *reason;
    } rows[] = {
        {SLICE_LITERAL(""), "f holds 0 bytes, less than a header"},
        {SLICE_LITERAL("\x05\x03"), "f begins with 05 03; a keytab begins with 05 02 or 05 01"},
        {SLICE_LITERAL("\x05\x02\x00\x00\x00\x03\x00\x01\x00"),
         "f: the record at byte 2 ends within an entry"},
        {SLICE_LITERAL("\x05\x02\x00\x00\x00\x04\xff\xff\x00\x00"),
         "f: the record at byte 2 ends within an entry"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct keytab_content c;
        error_init(&err);
        assert_code(keytab_parse(rows[i].bytes, "f", &arena, &c, &err), OBOL_KEYTAB_FORMAT);
        assert_string_equal(err.detail, rows[i].reason);
    }
}

static void holes_of_any_size_end_the_walk_or_are_passed_over(void **state) {
    UNUSED(state);
    struct keytab_content c;
    assert_ok(keytab_parse(slice_of("\x05\x02\x80\0\0\0abcd", 10), "f", &arena, &c, &err));
    assert_true(c.half_written);
    assert_ok(keytab_parse(slice_of("\x05\x02\xff\xff\xff\xff\0\xff\xff\xff\xfe\0\0", 13), "f",
                           &arena, &c, &err));
    assert_false(c.half_written);
    assert_ok(keytab_parse(slice_of("\x05\x02\0\0\0\0garbage", 13), "f", &arena, &c, &err));
    assert_false(c.half_written);
    assert_int_equal(c.count, 0);
}

// ---- adding and removing

static void a_new_keytab_is_readable_by_its_owner_only(void **state) {
    UNUSED(state);
    umask(0);
    struct keytab_entry e = entry("host/a", 1, 18);
    assert_ok(keytab_add(path, &e, 1, &err));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void entries_are_added_replaced_and_removed(void **state) {
    UNUSED(state);
    struct keytab_entry e[] = {entry("host/a", 1, 18), entry("host/a", 1, 20),
                               entry("host/a", 2, 18), entry("host/b", 1, 18)};
    assert_ok(keytab_add(path, e, 4, &err));
    assert_int_equal(content().count, 4);
    // The same name, kvno and enctype with another key: replaced.
    struct keytab_entry again = e[0];
    again.key.keyvalue = SLICE_LITERAL("ANOTHER KEYANOTHER KEYANOTHER KE");
    assert_ok(keytab_add(path, &again, 1, &err));
    struct keytab_content c = content();
    assert_int_equal(c.count, 4);
    const struct keytab_entry *found;
    assert_ok(keytab_find(&c, path, &e[0].principal, 1, 18, &found, &err));
    assert_slice_equal(found->key.keyvalue, again.key.keyvalue);
    size_t removed;
    assert_ok(keytab_remove(path, &e[0].principal, 1, 0, &removed, &err));
    assert_int_equal(removed, 2);
    c = content();
    assert_int_equal(c.count, 2);
    assert_code(keytab_remove(path, &e[0].principal, 1, 0, &removed, &err), OBOL_KEYTAB_NO_ENTRY);
    error_init(&err);
    assert_ok(keytab_remove(path, &e[0].principal, 0, 0, &removed, &err));
    assert_int_equal(content().count, 1);
}

static void a_removed_key_is_gone_from_the_disk_and_its_place_is_used_again(void **state) {
    UNUSED(state);
    struct keytab_entry a = entry("host/aaaa", 1, 18), b = entry("host/b", 1, 18),
                        small = entry("host/s", 1, 17);
    a.key.keyvalue = SLICE_LITERAL("A KEY THAT IS EASY TO RECOGNIZE!");
    struct keytab_entry both[] = {a, b};
    assert_ok(keytab_add(path, both, 2, &err));
    struct slice before = read_file(path);
    assert_ok(keytab_remove(path, &a.principal, 0, 0, NULL, &err));
    struct slice after = read_file(path);
    assert_int_equal(after.len, before.len);
    assert_null(memmem(after.ptr, after.len, "EASY TO", 7));
    assert_ok(keytab_add(path, &small, 1, &err));
    assert_int_equal(read_file(path).len, before.len);
    struct keytab_content c = content();
    assert_int_equal(c.count, 2);
    assert_int_equal(c.entries[0].kvno, 1);
    assert_false(c.entries[0].kvno_is_short);
}

static void a_half_written_record_is_passed_over_and_mended(void **state) {
    UNUSED(state);
    struct keytab_entry e[] = {entry("host/a", 1, 18), entry("host/b", 1, 18)};
    assert_ok(keytab_add(path, e, 2, &err));
    size_t whole = read_file(path).len;
    for (size_t cut = 1; cut < 60; cut++) {
        assert_int_equal(truncate(path, (off_t)(whole - cut)), 0);
        struct keytab_content c = content();
        assert_int_equal(c.count, 1);
        assert_ok(keytab_add(path, &e[1], 1, &err));
        assert_int_equal(content().count, 2);
        assert_int_equal(read_file(path).len, whole);
    }
}

static void eight_processes_add_at_once_and_nothing_is_lost(void **state) {
    UNUSED(state);
    enum { WRITERS = 8, EACH = 20 };
    for (int i = 0; i < WRITERS; i++) {
        if (fork() != 0)
            continue;
        for (uint32_t j = 1; j <= EACH; j++) {
            char name[16];
            snprintf(name, sizeof name, "host/w%d", i);
            struct keytab_entry e = entry(name, j, 18);
            if (keytab_add(path, &e, 1, NULL) != OBOL_OK)
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        wait(&status);
        assert_int_equal(status, 0);
    }
    assert_int_equal(content().count, WRITERS * EACH);
}

// ---- names of files

static void names_choose_the_file_and_the_default(void **state) {
    UNUSED(state);
    const char *file;
    struct krb5conf conf;
    assert_ok(keytab_path(SLICE_LITERAL("FILE:/a"), NULL, &arena, &file, &err));
    assert_string_equal(file, "/a");
    assert_ok(keytab_path(SLICE_LITERAL("WRFILE:/a"), NULL, &arena, &file, &err));
    assert_string_equal(file, "/a");
    assert_ok(keytab_path(SLICE_LITERAL("/a:b"), NULL, &arena, &file, &err));
    assert_string_equal(file, "/a:b");
    unsetenv("KRB5_KTNAME");
    assert_ok(keytab_path((struct slice){0}, NULL, &arena, &file, &err));
    assert_string_equal(file, "/etc/krb5.keytab");
    assert_ok(krb5conf_from_text(
        &conf, "f", SLICE_LITERAL("[libdefaults]\ndefault_keytab_name = FILE:/k\n"), &arena, &err));
    assert_ok(keytab_path((struct slice){0}, &conf, &arena, &file, &err));
    assert_string_equal(file, "/k");
    setenv("KRB5_KTNAME", "/from/env", 1);
    assert_ok(keytab_path((struct slice){0}, &conf, &arena, &file, &err));
    assert_string_equal(file, "/from/env");
    assert_ok(keytab_path(SLICE_LITERAL("MEMORY:x"), NULL, &arena, &file, &err));
    assert_string_equal(file, "MEMORY:x");
    for (size_t i = 0; i < 2; i++)
        assert_code(keytab_path(slice_str(i ? "MEMORY:" : "KCM:x"), NULL, &arena, &file, NULL),
                    OBOL_UNSUPPORTED);
    assert_code(keytab_path(SLICE_LITERAL("FILE:"), NULL, &arena, &file, NULL),
                OBOL_INVALID_ARGUMENT);
    struct keytab_content c;
    assert_code(keytab_read("/nonexistent", &arena, &c, &err), OBOL_KEYTAB_NOT_FOUND);
    assert_string_equal(err.detail, "/nonexistent: No such file or directory");
}

// ---- in memory

static void a_keytab_in_memory_is_one_of_the_process(void **state) {
    UNUSED(state);
    const char *name = "MEMORY:test";
    struct keytab_entry e[] = {entry("host/a", 1, 18), entry("host/a", 2, 18),
                               entry("host/b", 1, 17)};
    struct keytab_content c;
    size_t removed;
    error_init(&err);
    // Only who holds it has it, and no file of that name comes to be.
    assert_code(keytab_add(name, e, 1, &err), OBOL_KEYTAB_NOT_FOUND);
    assert_string_equal(err.detail, "this process has no keytab MEMORY:test");
    assert_int_equal(access(name, F_OK), -1);
    struct keytab_memory *m = keytab_memory_open(name), *again = keytab_memory_open(name);
    assert_ptr_equal(m, again);
    assert_ok(keytab_add(name, e, COUNT_OF(e), &err));
    assert_ok(keytab_read(name, &arena, &c, &err));
    assert_int_equal(c.count, 3);
    assert_true(principal_eq(&c.entries[0].principal, &e[2].principal)); // the newest
    keytab_memory_close(again);
    assert_ok(keytab_remove(name, &e[0].principal, 0, 18, &removed, &err));
    assert_int_equal(removed, 2);
    assert_code(keytab_remove(name, &e[0].principal, 0, 0, &removed, NULL), OBOL_KEYTAB_NO_ENTRY);
    assert_ok(keytab_read(name, &arena, &c, &err));
    assert_int_equal(c.count, 1);
    keytab_memory_close(m);
    keytab_memory_close(NULL);
    assert_code(keytab_read(name, &arena, &c, NULL), OBOL_KEYTAB_NOT_FOUND);
    assert_code(keytab_remove(name, &e[0].principal, 0, 0, NULL, NULL), OBOL_KEYTAB_NOT_FOUND);
}

// ---- finding

static struct keytab_content several(void) {
    struct keytab_entry *e = arena_zalloc(&arena, 6, sizeof *e);
    e[0] = entry("host/a", 1, 20);
    e[1] = entry("host/a", 2, 18);
    e[2] = entry("host/a", 2, 20);
    e[3] = entry("host/b", 260, 18);
    e[4] = entry("host/c", 3, 18);
    e[4].kvno_is_short = true;
    e[5] = entry("host/b", 4, 18);
    return (struct keytab_content){e, 6, 2, false};
}

static void the_newest_or_the_kvno_asked_for_is_found(void **state) {
    UNUSED(state);
    struct keytab_content c = several();
    struct principal a = principal("host/a"), b = principal("host/b"), d = principal("host/c");
    const struct keytab_entry *found;
    assert_ok(keytab_find(&c, "f", &a, 0, 0, &found, &err));
    assert_ptr_equal(found, &c.entries[2]);
    assert_ok(keytab_find(&c, "f", &a, 0, 18, &found, &err));
    assert_ptr_equal(found, &c.entries[1]);
    assert_ok(keytab_find(&c, "f", &a, 1, 0, &found, &err));
    assert_ptr_equal(found, &c.entries[0]);
    // Low 8 bits do where there is no exact one.
    assert_ok(keytab_find(&c, "f", &b, 260, 0, &found, &err));
    assert_ptr_equal(found, &c.entries[3]);
    assert_ok(keytab_find(&c, "f", &d, 259, 0, &found, &err));
    assert_ptr_equal(found, &c.entries[4]);
    assert_code(keytab_find(&c, "f", &a, 3, 0, &found, &err), OBOL_KEYTAB_NO_ENTRY);
    struct int32_list etypes;
    assert_ok(keytab_etypes(&c, &a, &arena, &etypes, &err));
    assert_int_equal(etypes.count, 2);
    assert_int_equal(etypes.items[0], 20);
    assert_int_equal(etypes.items[1], 18);
}

static const char *fact(const char *wanted) {
    const char *name, *value;
    for (size_t at = 0; error_fact_next(&err, &at, &name, &value);)
        if (strcmp(name, wanted) == 0)
            return value;
    return "";
}

static void an_acceptor_learns_what_ticket_and_keytab_hold(void **state) {
    UNUSED(state);
    struct keytab_content c = several();
    struct keytab_keys keys = {.content = &c, .path = "/etc/k"};
    struct ap_key_source source = keytab_key_source(&keys);
    struct crypto_key *key;
    struct principal a = principal("host/a"), other = principal("HTTP/x");
    assert_ok(source.find(source.ctx, &a, 18, 2, 0, &arena, &key, &err));
    assert_slice_equal(crypto_key_bytes(key), c.entries[1].key.keyvalue);
    assert_code(source.find(source.ctx, &a, 18, 2, 1, &arena, &key, &err), OBOL_NOT_FOUND);
    error_init(&err);
    assert_code(source.find(source.ctx, &a, 18, 9, 0, &arena, &key, &err),
                OBOL_KRB_AP_ERR_BADKEYVER);
    assert_string_equal(fact("kvno wanted"), "9");
    assert_string_equal(fact("keytab"), "/etc/k");
    assert_string_equal(fact("keytab holds"),
                        "kvno 1 aes256-cts-hmac-sha384-192, kvno 2 aes256-cts-hmac-sha1-96, kvno 2 "
                        "aes256-cts-hmac-sha384-192");
    error_init(&err);
    assert_code(source.find(source.ctx, &a, 17, 2, 0, &arena, &key, &err), OBOL_KRB_AP_ERR_NOKEY);
    assert_string_equal(fact("enctype wanted"), "aes128-cts-hmac-sha1-96 (17)");
    error_init(&err);
    assert_code(source.find(source.ctx, &other, 18, 2, 0, &arena, &key, &err),
                OBOL_KRB_AP_ERR_NOT_US);
    assert_string_equal(err.detail,
                        "HTTP/x@R; /etc/k has the names host/a@R, host/b@R, host/c@R, host/b@R");
}

// The places of the candidates for a ticket, in the order in which they are tried, up to the end of
// the search, whose code is returned. Each must come with its owner.
static enum obol_code candidates(struct keytab_keys *keys, const char *service, uint32_t kvno,
                                 const char *places) {
    struct ap_key_source source = keytab_key_source(keys);
    struct principal name = principal(service);
    struct crypto_key *key;
    error_init(&err);
    for (unsigned i = 0;; i++) {
        enum obol_code code = source.find(source.ctx, &name, 18, kvno, i, &arena, &key, &err);
        const struct principal *owner = source.owner(source.ctx, &name, 18, kvno, i);
        assert_int_equal(code == OBOL_OK, owner != NULL);
        assert_int_equal(code == OBOL_OK, i < strlen(places));
        if (code != OBOL_OK)
            return code;
        const struct keytab_entry *e = &keys->content->entries[places[i] - '0'];
        assert_slice_equal(crypto_key_bytes(key), e->key.keyvalue);
        assert_ptr_equal(owner, &e->principal);
    }
}

static void without_any_name_only_keys_of_the_tickets_name_and_kvno_are_tried(void **state) {
    UNUSED(state);
    struct keytab_content c = several();
    struct keytab_keys keys = {.content = &c, .path = "/etc/k"};
    assert_code(candidates(&keys, "host/b", 4, "5"), OBOL_NOT_FOUND);
    assert_code(candidates(&keys, "host/b", 260, "35"), OBOL_NOT_FOUND); // 4 are its low bits
    assert_code(candidates(&keys, "host/b", 0, "53"), OBOL_NOT_FOUND); // no kvno: the newest first
    assert_code(candidates(&keys, "host/b", 5, ""), OBOL_KRB_AP_ERR_BADKEYVER);
    assert_code(candidates(&keys, "host/d", 4, ""), OBOL_KRB_AP_ERR_NOT_US);
}

static void with_any_name_all_keys_of_the_enctype_are_tried(void **state) {
    UNUSED(state);
    struct keytab_content c = several();
    struct keytab_keys keys = {.content = &c, .path = "/etc/k", .any_name = true};
    struct ap_key_source source = keytab_key_source(&keys);
    struct crypto_key *key;
    struct principal other = principal("HTTP/x");
    // That with the kvno first, then the newest.
    assert_code(candidates(&keys, "HTTP/x", 2, "1543"), OBOL_KRB_AP_ERR_NOT_US);
    // The ticket's own name before others, its kvno before its low bits before other kvnos.
    assert_code(candidates(&keys, "host/a", 2, "1543"), OBOL_NOT_FOUND);
    assert_code(candidates(&keys, "host/b", 260, "3541"), OBOL_NOT_FOUND);
    assert_code(candidates(&keys, "host/c", 259, "4531"), OBOL_NOT_FOUND);
    // Its own name has other kvnos only: they were tried, but that is what is wrong.
    assert_code(candidates(&keys, "host/b", 2, "5314"), OBOL_KRB_AP_ERR_BADKEYVER);
    assert_string_equal(fact("keytab holds"), "kvno 260 aes256-cts-hmac-sha1-96, kvno 4 "
                                              "aes256-cts-hmac-sha1-96");
    error_init(&err);
    assert_code(source.find(source.ctx, &other, 25, 2, 0, &arena, &key, &err),
                OBOL_KRB_AP_ERR_NOKEY);
}

static bool is_b(const void *ctx, const struct principal *name) {
    return principal_eq(ctx, name);
}

static void an_acceptor_tries_no_key_of_a_name_that_it_does_not_answer_for(void **state) {
    UNUSED(state);
    struct keytab_content c = several();
    struct principal b = principal("host/b");
    struct keytab_keys keys = {&c, "/etc/k", true, is_b, &b, SLICE_LITERAL("the b"), NULL};
    assert_code(candidates(&keys, "host/b", 4, "53"), OBOL_NOT_FOUND);
    // The name beside a ticket is its client's word: the keys that it answers for are tried.
    assert_code(candidates(&keys, "host/a", 2, "53"), OBOL_KRB_AP_ERR_NOT_US);
    assert_string_equal(err.detail, "host/a@R is another name than the one that is accepted for");
    assert_string_equal(fact("accepts for"), "the b");
    assert_string_equal(error_remedy_text(&err), "Ask for the service as the b, or let it accept "
                                                 "for every name in its keytab.");
    assert_code(candidates(&keys, "host/d", 2, "53"), OBOL_KRB_AP_ERR_NOT_US);
    assert_string_equal(fact("keytab"), "/etc/k"); // the keytab lacks that name, too
    c.count = 3;                                   // it has no key of host/b
    assert_code(candidates(&keys, "host/b", 4, ""), OBOL_KRB_AP_ERR_NOT_US);
    assert_code(candidates(&keys, "host/a", 2, ""), OBOL_KRB_AP_ERR_NOT_US);
    assert_string_equal(fact("accepts for"), "the b");
}

static void a_prepared_key_is_made_once_and_only_for_its_own_entry(void **state) {
    UNUSED(state);
    struct keytab_content c = several();
    struct crypto_key *prepared[6] = {NULL}, *key, *again;
    struct keytab_keys keys = {.content = &c, .path = "f", .any_name = true, .prepared = prepared};
    struct ap_key_source source = keytab_key_source(&keys);
    struct principal a = principal("host/a");
    assert_ok(source.find(source.ctx, &a, 18, 2, 0, &arena, &key, &err));
    assert_ok(source.find(source.ctx, &a, 18, 2, 0, &arena, &again, &err));
    assert_ptr_equal(key, again);
    for (size_t i = 0; i < COUNT_OF(prepared); i++)
        assert_ptr_equal(prepared[i], i == 1 ? key : NULL);
    assert_code(candidates(&keys, "host/a", 2, "1543"), OBOL_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(prepared); i++)
        crypto_key_free(prepared[i]);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest cases[] = {
        CASE(mits_keytabs_are_read),
        CASE(version_1_has_the_machines_byte_order),
        CASE(a_kvno_has_32_bits_in_the_file),
        CASE(what_is_no_keytab_is_refused_with_the_reason),
        CASE(holes_of_any_size_end_the_walk_or_are_passed_over),
        CASE(a_new_keytab_is_readable_by_its_owner_only),
        CASE(entries_are_added_replaced_and_removed),
        CASE(a_removed_key_is_gone_from_the_disk_and_its_place_is_used_again),
        CASE(a_half_written_record_is_passed_over_and_mended),
        CASE(eight_processes_add_at_once_and_nothing_is_lost),
        CASE(names_choose_the_file_and_the_default),
        CASE(the_newest_or_the_kvno_asked_for_is_found),
        CASE(a_keytab_in_memory_is_one_of_the_process),
        CASE(an_acceptor_learns_what_ticket_and_keytab_hold),
        CASE(without_any_name_only_keys_of_the_tickets_name_and_kvno_are_tried),
        CASE(with_any_name_all_keys_of_the_enctype_are_tried),
        CASE(an_acceptor_tries_no_key_of_a_name_that_it_does_not_answer_for),
        CASE(a_prepared_key_is_made_once_and_only_for_its_own_entry),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
