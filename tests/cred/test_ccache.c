// Credential caches: the format with MIT krb5's own data (tests/vectors/cred), the two kinds, and
// what happens when several write, when a writer dies, and when others lay traps.
#include "caches.h"
#include "cred/marshal.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char path[96], name[128];

static int start_file(void **state) {
    if (start(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/cc", dir);
    snprintf(name, sizeof name, "FILE:%s", path);
    return 0;
}

static struct slice read_file(const char *file) {
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    struct buf b = arena_buf(&arena, 1 << 20);
    size_t n = fread(b.ptr, 1, b.len, f);
    fclose(f);
    return slice_of(b.ptr, n);
}
static void write_file(const char *file, struct slice s) {
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(s.ptr, 1, s.len, f), s.len);
    fclose(f);
}
static struct cred cred_until(const char *server, int64_t endtime) {
    struct cred c = cred(server);
    c.starttime = c.authtime;
    c.endtime = endtime;
    c.flags = TKT_FORWARDABLE;
    return c;
}
static struct ccache *new_cache(const char *text) {
    struct ccache *cc = open_cache(text);
    struct ccache_content content = {.principal = principal("alice")};
    assert_ok(ccache_initialize(cc, &content, &err));
    return cc;
}
static struct ccache_content content_of(struct ccache *cc) {
    struct ccache_content content;
    assert_ok(ccache_read(cc, &arena, &content, &err));
    return content;
}

// ---- the format

static void check_mit_creds(const struct ccache_content *c, unsigned version) {
    assert_int_equal(c->count, 2);
    assert_slice_str(c->principal.realm, "KRBTEST.COM");
    assert_slice_str(c->principal.name.name_string.items[0], "testclient");
    const struct cred *one = &c->creds[0], *two = &c->creds[1];
    assert_slice_str(one->server.realm, "EXAMPLE.COM");
    assert_int_equal(one->server.name.name_string.count, 2);
    assert_slice_str(one->server.name.name_string.items[1], "host");
    assert_int_equal(one->key.keytype, 17);
    assert_slice_equal(one->key.keyvalue, slice_of("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", 16));
    assert_int_equal(one->authtime, 11);
    assert_int_equal(one->starttime, 222);
    assert_int_equal(one->endtime, 3333);
    assert_int_equal(one->renew_till, 1000000000);
    assert_false(one->is_skey);
    assert_int_equal(one->flags, (uint32_t)TKT_FORWARDABLE | (uint32_t)TKT_RENEWABLE);
    assert_int_equal(one->addresses.count, 1);
    assert_int_equal(one->addresses.items[0].addr_type, 2);
    assert_slice_equal(one->addresses.items[0].address, slice_of("\x0a\0\0\1", 4));
    assert_int_equal(one->authdata.count, 2);
    assert_int_equal(one->authdata.items[0].ad_type, AD_SIGNEDPATH);
    assert_slice_str(one->authdata.items[0].ad_data, "signticket");
    assert_int_equal(one->authdata.items[1].ad_type, -100);
    assert_slice_str(one->ticket, "ticket");
    assert_int_equal(two->server.name.name_string.count, 0);
    assert_int_equal(two->key.keytype, 23);
    assert_true(two->is_skey);
    assert_slice_str(two->second_ticket, "2ticket");
    assert_true(c->has_offset == (version == 4));
    if (version == 4) {
        assert_int_equal(c->offset, 300);
        assert_int_equal(c->offset_us, 54321);
    }
}

static void mits_caches_of_all_versions_are_read(void **state) {
    UNUSED(state);
    for (unsigned v = 1; v <= 4; v++) {
        char file[256];
        snprintf(file, sizeof file, "%s/cred/mit-ccache-v%u", VECTORS, v);
        struct ccache_content c;
        assert_ok(ccache_parse(read_file(file), file, &arena, &c, &err));
        check_mit_creds(&c, v);
        assert_false(c.half_written);
    }
}

static void entries_are_written_byte_for_byte_as_mit_writes_them(void **state) {
    UNUSED(state);
    for (unsigned v = 1; v <= 4; v++) {
        char file[256];
        snprintf(file, sizeof file, "%s/cred/mit-ccache-v%u", VECTORS, v);
        struct slice bytes = read_file(file);
        struct ccache_content c;
        assert_ok(ccache_parse(bytes, file, &arena, &c, &err));
        struct writer w = writer_to_arena(&arena);
        if (v == 4) {
            ccache_format(&w, &c);
        } else {
            writer_u8(&w, 5);
            writer_u8(&w, (uint8_t)v);
            principal_marshal(&w, v, &c.principal);
            for (size_t i = 0; i < c.count; i++)
                cred_write(&w, v, &c.creds[i]);
        }
        assert_slice_equal(writer_slice(&w), bytes);
    }
}

static void each_cut_of_a_cache_gives_its_whole_entries_or_is_refused(void **state) {
    UNUSED(state);
    struct slice whole = read_file(VECTORS "/cred/mit-ccache-v4");
    for (size_t n = 0; n < whole.len; n++) {
        struct ccache_content c;
        enum obol_code code = ccache_parse(slice_sub(whole, 0, n), "cut", &arena, &c, &err);
        error_init(&err);
        if (n < 16 + 37) {
            assert_int_equal(code, OBOL_CCACHE_FORMAT);
            continue;
        }
        assert_int_equal(code, OBOL_OK);
        assert_int_equal(c.count, n < 16 + 37 + 173 ? 0 : 1);
        assert_int_equal(c.half_written, n != 16 + 37 && n != 16 + 37 + 173);
    }
}

static void what_is_no_cache_is_refused_with_the_reason(void **state) {
    UNUSED(state);
    const struct {
        struct slice bytes;
        const char *reason;
    } rows[] = {
        {SLICE_LITERAL(""), "f holds 0 bytes, less than a header"},
        {SLICE_LITERAL("\x05\x05"),
         "f begins with 05 05; a credential cache begins with 05 and 01 to 04"},
        {SLICE_LITERAL("[libdefaults]"),
         "f begins with 5b 6c; a credential cache begins with 05 and 01 to 04"},
        {SLICE_LITERAL("\x05\x04\x00\x05"), "f: the header's fields do not fit its length"},
        {SLICE_LITERAL("\x05\x04\x00\x04\x00\x01\x00\x00"),
         "f: the header's fields do not fit its length"},
        {SLICE_LITERAL("\x05\x04\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff"),
         "f: a length in the principal is above 16777216"},
        {SLICE_LITERAL("\x05\x04\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00"),
         "f: the principal is cut off"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ccache_content c;
        error_init(&err);
        assert_code(ccache_parse(rows[i].bytes, "f", &arena, &c, &err), OBOL_CCACHE_FORMAT);
        assert_string_equal(err.detail, rows[i].reason);
    }
}

static void times_reach_to_2106_and_no_further(void **state) {
    UNUSED(state);
    struct ccache *cc = new_cache(name);
    struct cred late = cred_until("host/a", INT64_C(4000000000)); // 2096
    assert_ok(ccache_store(cc, &late, 1, &err));
    assert_int_equal(content_of(cc).creds[0].endtime, INT64_C(4000000000));
    late.endtime = INT64_C(1) << 32;
    assert_code(ccache_store(cc, &late, 1, &err), OBOL_INVALID_ARGUMENT);
    error_init(&err);
    late.endtime = -1;
    assert_code(ccache_store(cc, &late, 1, &err), OBOL_INVALID_ARGUMENT);
    assert_int_equal(content_of(cc).count, 1);
    ccache_close(cc);
}

// ---- both kinds

static void a_cache_keeps_what_is_stored(struct ccache *cc) {
    struct cred creds[] = {cred_until("krbtgt/R", 2000), cred_until("host/a", 3000),
                           cred_until("host/b", 4000)};
    struct ccache_content content = {.principal = principal("alice"),
                                     .creds = creds,
                                     .count = 1,
                                     .has_offset = true,
                                     .offset = -7};
    struct ccache_content nothing;
    assert_code(ccache_read(cc, &arena, &nothing, &err), OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    assert_code(ccache_store(cc, creds, 1, &err), OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    assert_code(ccache_destroy(cc, &err), OBOL_CCACHE_NOT_FOUND);
    error_init(&err);
    assert_ok(ccache_initialize(cc, &content, &err));
    assert_ok(ccache_store(cc, creds + 1, 2, &err));
    struct ccache_content got = content_of(cc);
    assert_int_equal(got.count, 3);
    assert_true(got.has_offset && got.offset == -7);
    assert_true(principal_eq(&got.principal, &content.principal));
    assert_true(principal_eq(&got.creds[2].server, &creds[2].server));
    assert_slice_equal(got.creds[1].key.keyvalue, creds[1].key.keyvalue);
    assert_ok(ccache_remove(cc, &creds[1].server, &err));
    assert_code(ccache_remove(cc, &creds[1].server, &err), OBOL_NOT_FOUND);
    error_init(&err);
    got = content_of(cc);
    assert_int_equal(got.count, 2);
    assert_true(principal_eq(&got.creds[1].server, &creds[2].server));
    assert_ok(ccache_initialize(cc, &content, &err));
    assert_int_equal(content_of(cc).count, 1);
    assert_ok(ccache_destroy(cc, &err));
    assert_code(ccache_read(cc, &arena, &nothing, &err), OBOL_CCACHE_NOT_FOUND);
}

static void a_file_keeps_what_is_stored(void **state) {
    UNUSED(state);
    struct ccache *cc = open_cache(name);
    a_cache_keeps_what_is_stored(cc);
    ccache_close(cc);
}

static void memory_keeps_what_is_stored(void **state) {
    UNUSED(state);
    struct ccache *cc = open_cache("MEMORY:one");
    a_cache_keeps_what_is_stored(cc);
    ccache_close(cc);
}

static void memory_is_shared_by_name_and_outlives_handles(void **state) {
    UNUSED(state);
    ccache_close(new_cache("MEMORY:two"));
    struct ccache *again = open_cache("MEMORY:two"), *other = open_cache("MEMORY:three");
    struct ccache_content content;
    assert_int_equal(content_of(again).count, 0);
    assert_code(ccache_read(other, &arena, &content, &err), OBOL_CCACHE_NOT_FOUND);
    assert_ok(ccache_destroy(again, NULL));
    ccache_close(again);
    ccache_close(other);
}

static void configuration_is_set_read_replaced_and_removed(void **state) {
    UNUSED(state);
    const char *names[] = {name, "MEMORY:conf"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct ccache *cc = new_cache(names[i]);
        struct principal tgs = principal("krbtgt/R");
        assert_ok(ccache_set_config(cc, "fast_avail", &tgs, SLICE_LITERAL("yes"), &err));
        assert_ok(ccache_set_config(cc, "pa_type", &tgs, SLICE_LITERAL("2"), &err));
        assert_ok(ccache_set_config(cc, "pa_type", &tgs, SLICE_LITERAL("138"), &err));
        struct ccache_content c = content_of(cc);
        struct slice value;
        assert_int_equal(c.count, 2);
        assert_true(ccache_get_config(&c, "pa_type", &tgs, &value));
        assert_slice_str(value, "138");
        assert_false(ccache_get_config(&c, "pa_type", NULL, &value));
        assert_false(ccache_get_config(&c, "start_realm", NULL, &value));
        assert_true(cred_is_config(&c.creds[0]));
        assert_ok(ccache_set_config(cc, "pa_type", &tgs, (struct slice){0}, &err));
        c = content_of(cc);
        assert_false(ccache_get_config(&c, "pa_type", &tgs, &value));
        assert_true(ccache_get_config(&c, "fast_avail", &tgs, &value));
        ccache_close(cc);
    }
}

static void the_best_valid_ticket_is_found(void **state) {
    UNUSED(state);
    struct cred creds[] = {cred_until("host/a", 2000), cred_until("host/a", 5000),
                           cred_until("host/a", 4000), cred_until("host/b", 1500),
                           cred_until("host/c", 9000)};
    creds[2].key.keytype = 20;
    creds[4].starttime = 8000;
    struct ccache_content c = {.principal = principal("alice"), .creds = creds, .count = 5};
    struct principal a = principal("host/a"), b = principal("host/b"), d = principal("host/d"),
                     later = principal("host/c"), other = principal("host/a@OTHER");
    const struct cred *found;
    struct ccache_query q = {.server = &a, .now = 1800, .clockskew = 300};
    assert_ok(ccache_find(&c, &q, &found, &err));
    assert_ptr_equal(found, &creds[1]);
    int32_t sha2_first[] = {20, 18}, sha2_only[] = {20, 19}, none[] = {17};
    q.etypes = (struct int32_list){sha2_first, 2};
    assert_ok(ccache_find(&c, &q, &found, &err));
    assert_ptr_equal(found, &creds[2]);
    q.etypes = (struct int32_list){sha2_only, 2};
    q.now = 4500;
    assert_code(ccache_find(&c, &q, &found, &err), OBOL_CRED_EXPIRED);
    assert_string_equal(err.detail, "host/a@R ended 8m 20s ago");
    error_init(&err);
    q.etypes = (struct int32_list){none, 1};
    assert_code(ccache_find(&c, &q, &found, &err), OBOL_CRED_NOT_FOUND);
    error_init(&err);
    q = (struct ccache_query){.server = &b, .now = 1800};
    assert_code(ccache_find(&c, &q, &found, &err), OBOL_CRED_EXPIRED);
    error_init(&err);
    q.server = &later;
    assert_code(ccache_find(&c, &q, &found, &err), OBOL_KRB_AP_ERR_TKT_NYV);
    error_init(&err);
    q.server = &d;
    assert_code(ccache_find(&c, &q, &found, &err), OBOL_CRED_NOT_FOUND);
    error_init(&err);
    q.server = &other;
    assert_code(ccache_find(&c, &q, &found, &err), OBOL_CRED_NOT_FOUND);
    q.any_realm = true;
    assert_ok(ccache_find(&c, &q, &found, NULL));
    q.user_to_user = true;
    assert_code(ccache_find(&c, &q, &found, NULL), OBOL_CRED_NOT_FOUND);
}

// ---- names

static void names_choose_the_kind_and_the_default(void **state) {
    UNUSED(state);
    struct ccache *cc = open_cache("/tmp/x:y");
    assert_slice_str(ccache_name(cc), "FILE:/tmp/x:y");
    ccache_close(cc);
    cc = open_cache("relative");
    assert_slice_str(ccache_name(cc), "FILE:relative");
    ccache_close(cc);
    setenv("KRB5CCNAME", "MEMORY:env", 1);
    cc = open_cache("");
    assert_slice_str(ccache_name(cc), "MEMORY:env");
    ccache_close(cc);
    unsetenv("KRB5CCNAME");
    struct krb5conf conf;
    struct slice text = SLICE_LITERAL("[libdefaults]\ndefault_ccache_name = /var/%{uid}/cc\n"), out;
    assert_ok(krb5conf_from_text(&conf, "f", text, &arena, &err));
    assert_ok(ccache_default_name(&conf, &arena, &out, &err));
    assert_slice_equal(out, arena_printf(&arena, "/var/%u/cc", getuid()));
    assert_ok(ccache_default_name(NULL, &arena, &out, &err));
    assert_slice_equal(out, arena_printf(&arena, "FILE:/tmp/krb5cc_%u", getuid()));
    assert_code(ccache_open(&cc, SLICE_LITERAL("KEYRIN:persistent:0"), NULL, &err),
                OBOL_UNSUPPORTED);
    assert_non_null(
        strstr(err.detail, "there are FILE, DIR, KEYRING, KCM and MEMORY; did you mean"));
    assert_code(ccache_open(&cc, SLICE_LITERAL("FILE:"), NULL, NULL), OBOL_INVALID_ARGUMENT);
    assert_code(ccache_open(&cc, SLICE_LITERAL("MEMORY:"), NULL, NULL), OBOL_INVALID_ARGUMENT);
}

// ---- the file among others

static void a_new_file_is_readable_by_its_owner_only(void **state) {
    UNUSED(state);
    struct stat st;
    write_file(path, SLICE_LITERAL("old"));
    chmod(path, 0666);
    umask(0);
    ccache_close(new_cache(name));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    // Nothing is left beside it.
    assert_int_equal(rmdir(dir), -1);
    unlink(path);
    assert_int_equal(rmdir(dir), 0);
    mkdir(dir, 0700);
}

static void a_half_written_tail_is_passed_over_and_mended(void **state) {
    UNUSED(state);
    struct ccache *cc = new_cache(name);
    struct cred a = cred_until("host/a", 2000), b = cred_until("host/b", 2000);
    assert_ok(ccache_store(cc, &a, 1, &err));
    struct slice good = read_file(path);
    assert_ok(ccache_store(cc, &b, 1, &err));
    assert_int_equal(truncate(path, (off_t)good.len + 40), 0);
    struct ccache_content c = content_of(cc);
    assert_int_equal(c.count, 1);
    assert_true(c.half_written);
    assert_ok(ccache_store(cc, &b, 1, &err));
    c = content_of(cc);
    assert_int_equal(c.count, 2);
    assert_false(c.half_written);
    ccache_close(cc);
}

static void a_removed_entry_leaves_no_key_and_no_hole(void **state) {
    UNUSED(state);
    struct ccache *cc = new_cache(name);
    struct cred a = cred_until("host/a", 2000);
    a.key.keyvalue = SLICE_LITERAL("FEDCBA9876543210FEDCBA9876543210");
    assert_ok(ccache_store(cc, &a, 1, &err));
    struct slice before = read_file(path);
    assert_non_null(memmem(before.ptr, before.len, "FEDCBA98", 8));
    assert_ok(ccache_remove(cc, &a.server, &err));
    struct slice after = read_file(path);
    assert_int_equal(after.len, before.len);
    assert_null(memmem(after.ptr, after.len, "FEDCBA98", 8));
    ccache_close(cc);
}

static void a_destroyed_file_is_overwritten(void **state) {
    UNUSED(state);
    struct ccache *cc = new_cache(name);
    struct cred a = cred_until("host/a", 2000);
    assert_ok(ccache_store(cc, &a, 1, &err));
    int fd = open(path, O_RDONLY);
    assert_ok(ccache_destroy(cc, &err));
    assert_int_equal(access(path, F_OK), -1);
    uint8_t bytes[8192];
    ssize_t n = read(fd, bytes, sizeof bytes);
    assert_true(n > 0);
    for (ssize_t i = 0; i < n; i++)
        assert_int_equal(bytes[i], 0);
    close(fd);
    ccache_close(cc);
}

static void links_and_odd_files_are_refused(void **state) {
    UNUSED(state);
    char target[96];
    snprintf(target, sizeof target, "%s/target", dir);
    struct ccache *cc = open_cache(name);
    struct ccache_content c;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_code(ccache_read(cc, &arena, &c, &err), OBOL_CCACHE_IO);
    assert_non_null(strstr(err.detail, "is not a regular file"));
    error_init(&err);
    rmdir(path);
    // Our own link is followed, another user's is not (only root can make one to try it).
    snprintf(name, sizeof name, "FILE:%s", target);
    ccache_close(new_cache(name));
    assert_int_equal(symlink(target, path), 0);
    assert_ok(ccache_read(cc, &arena, &c, &err));
    if (geteuid() == 0) {
        assert_int_equal(lchown(path, 12345, 12345), 0);
        assert_code(ccache_read(cc, &arena, &c, &err), OBOL_PERMISSION);
        assert_non_null(strstr(err.detail, "symbolic link of another user"));
    }
    ccache_close(cc);
}

static void a_cache_of_another_user_is_not_taken(void **state) {
    UNUSED(state);
    ccache_close(new_cache(name));
    if (geteuid() != 0)
        return; // only root can give a file away
    assert_int_equal(chown(path, 12345, 12345), 0);
    chmod(path, 0644);
    chmod(dir, 0755);
    pid_t child = fork();
    if (child == 0) {
        struct ccache_content c;
        struct ccache *cc;
        if (setuid(54321) != 0)
            _exit(2);
        enum obol_code code = ccache_open(&cc, slice_str(name), NULL, NULL);
        code = code == OBOL_OK ? ccache_read(cc, &arena, &c, NULL) : code;
        _exit(code == OBOL_PERMISSION ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void eight_processes_store_at_once_and_nothing_is_lost(void **state) {
    UNUSED(state);
    enum { WRITERS = 8, EACH = 50 };
    ccache_close(new_cache(name));
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        struct ccache *cc = open_cache(name);
        for (int j = 0; j < EACH; j++) {
            char server[32];
            snprintf(server, sizeof server, "host/w%d-%d", i, j);
            struct cred c = cred_until(server, 2000 + j);
            if (ccache_store(cc, &c, 1, NULL) != OBOL_OK)
                _exit(1);
            // One of them removes its own again now and then, and reads between.
            struct ccache_content all;
            if (j % 10 == 0 && (ccache_remove(cc, &c.server, NULL) != OBOL_OK ||
                                ccache_read(cc, &arena, &all, NULL) != OBOL_OK))
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    struct ccache *cc = open_cache(name);
    struct ccache_content all = content_of(cc);
    assert_false(all.half_written);
    assert_int_equal(all.count, WRITERS * (EACH - EACH / 10));
    for (int i = 0; i < WRITERS; i++)
        for (int j = 0; j < EACH; j++) {
            char server[32];
            snprintf(server, sizeof server, "host/w%d-%d", i, j);
            struct principal p = principal(server);
            struct ccache_query q = {.server = &p, .now = 1500};
            const struct cred *found;
            enum obol_code code = ccache_find(&all, &q, &found, NULL);
            assert_int_equal(code, j % 10 == 0 ? OBOL_CRED_NOT_FOUND : OBOL_OK);
        }
    ccache_close(cc);
}

static void a_reader_beside_initialize_sees_old_or_new(void **state) {
    UNUSED(state);
    ccache_close(new_cache(name));
    pid_t child = fork();
    if (child == 0) {
        struct ccache *cc = open_cache(name);
        struct cred creds[20];
        for (int i = 0; i < 20; i++)
            creds[i] = cred_until("host/a", 2000);
        struct ccache_content content = {
            .principal = principal("alice"), .creds = creds, .count = 20};
        for (int i = 0; i < 100; i++)
            if (ccache_initialize(cc, &content, NULL) != OBOL_OK)
                _exit(1);
        _exit(0);
    }
    struct ccache *cc = open_cache(name);
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct ccache_content c = content_of(cc);
        assert_false(c.half_written);
        assert_true(c.count == 0 || c.count == 20);
        arena_reset(&arena);
    }
    assert_int_equal(status, 0);
    ccache_close(cc);
}

static void failures_name_the_file_and_the_reason(void **state) {
    UNUSED(state);
    struct ccache *cc = open_cache("/nonexistent/dir/cc");
    struct ccache_content c = {.principal = principal("alice")};
    assert_code(ccache_read(cc, &arena, &c, &err), OBOL_CCACHE_NOT_FOUND);
    assert_string_equal(err.detail, "/nonexistent/dir/cc: No such file or directory");
    error_init(&err);
    assert_code(ccache_initialize(cc, &c, &err), OBOL_CCACHE_IO);
    assert_string_equal(err.detail, "/nonexistent/dir/cc: its directory does not exist");
    ccache_close(cc);
}

int main(void) {
#define FILE_CASE(f) cmocka_unit_test_setup_teardown(f, start_file, stop)
    const struct CMUnitTest cases[] = {
        FILE_CASE(mits_caches_of_all_versions_are_read),
        FILE_CASE(entries_are_written_byte_for_byte_as_mit_writes_them),
        FILE_CASE(each_cut_of_a_cache_gives_its_whole_entries_or_is_refused),
        FILE_CASE(what_is_no_cache_is_refused_with_the_reason),
        FILE_CASE(times_reach_to_2106_and_no_further),
        FILE_CASE(a_file_keeps_what_is_stored),
        FILE_CASE(memory_keeps_what_is_stored),
        FILE_CASE(memory_is_shared_by_name_and_outlives_handles),
        FILE_CASE(configuration_is_set_read_replaced_and_removed),
        FILE_CASE(the_best_valid_ticket_is_found),
        FILE_CASE(names_choose_the_kind_and_the_default),
        FILE_CASE(a_new_file_is_readable_by_its_owner_only),
        FILE_CASE(a_half_written_tail_is_passed_over_and_mended),
        FILE_CASE(a_removed_entry_leaves_no_key_and_no_hole),
        FILE_CASE(a_destroyed_file_is_overwritten),
        FILE_CASE(links_and_odd_files_are_refused),
        FILE_CASE(a_cache_of_another_user_is_not_taken),
        FILE_CASE(eight_processes_store_at_once_and_nothing_is_lost),
        FILE_CASE(a_reader_beside_initialize_sees_old_or_new),
        FILE_CASE(failures_name_the_file_and_the_reason),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
