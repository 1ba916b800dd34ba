// Loading many principals, and replacing the master key under running readers.
#include "crypto/crypto.h"
#include "users.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int setup(void **state) {
    UNUSED(state);
    return home_begin(&STORE_LMDB) ? 0 : -1;
}

// ---- lines ----

static enum obol_code next_of_text(void *ctx, bool *more, struct slice *line, struct error *e) {
    UNUSED(e);
    struct slice *rest = ctx;
    *more = rest->len > 0;
    size_t at = slice_find(*rest, '\n');
    *line = slice_sub(*rest, 0, at);
    *rest = slice_sub(*rest, at + 1, rest->len);
    return OBOL_OK;
}
static enum obol_code load(const char *text, const struct admin_load *how,
                           struct admin_loaded *done) {
    struct slice rest = slice_str(text);
    struct admin_lines lines = {&rest, next_of_text};
    error_init(&err);
    return admin_load_lines(adm, &lines, how, done, &err);
}

static void each_form_of_a_line_is_understood(void **state) {
    UNUSED(state);
    struct admin_load how = {0};
    struct admin_loaded done;
    assert_ok(load("# a comment\n"
                   "\n"
                   "u1\trandom\n"
                   "HTTP/www\trandom\n"
                   "u2\tnone\tflags=disabled,-requires-preauth\tmax-life=60\texpires=4000000000\n"
                   "u3\tpassword=a secret = b\tattr=mail:x@y:z\tpolicy=strict\n"
                   "u4\tkey=aes128-cts-hmac-sha1-96:000102030405060708090a0b0c0d0e0f,"
                   "aes256-sha2:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
                   "\tkvno=7\tsalt=OLD.REALMu4\titerations=40000\n"
                   "svc\trandom\tkind=service\talias=HTTP/shop\talias=cifs/shop",
                   &how, &done));
    assert_int_equal(done.principals, 6);
    assert_int_equal(done.lines, 8);
    assert_int_equal(done.skipped, 0);
    assert_int_equal(shown("u1").keys.count, 4);
    assert_int_equal(shown("u1").flags, RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER);
    assert_int_equal(shown("HTTP/www").flags, RECORD_REQUIRES_PREAUTH);
    struct record r = shown("u2");
    assert_int_equal(r.flags, RECORD_DISABLED | RECORD_NO_SERVER);
    assert_int_equal(r.keys.count, 0);
    assert_int_equal(r.max_life, 60);
    assert_int_equal(r.expires, 4000000000);
    r = shown("u3");
    assert_slice_str(r.attributes.items[0].value, "x@y:z");
    assert_slice_str(r.policy, "strict");
    assert_slice_str(r.keys.items[0].salt, "EXAMPLE.COMu3");
    uint8_t expected[32];
    const struct enctype *e = enctype_find(r.keys.items[0].enctype);
    assert_ok(crypto_string_to_key(e, SLICE_LITERAL("a secret = b"), r.keys.items[0].salt,
                                   (struct slice){0}, 0, buf_of(expected, enctype_key_length(e)),
                                   NULL));
    struct admin_keytab keys;
    assert_ok(admin_keytab_keys(adm, slice_str("u3"), NULL, &arena, &keys, NULL));
    assert_slice_equal(keys.items[0].bytes, slice_of(expected, enctype_key_length(e)));
    assert_ok(admin_keytab_keys(adm, slice_str("u4"), NULL, &arena, &keys, NULL));
    assert_int_equal(keys.count, 2);
    assert_int_equal(keys.items[0].kvno, 7);
    assert_int_equal(keys.items[0].bytes.ptr[15], 15);
    assert_slice_str(shown("u4").keys.items[1].salt, "OLD.REALMu4");
    assert_int_equal(shown("u4").keys.items[1].iterations, 40000);
    assert_slice_str(shown("cifs/shop").name, "svc@EXAMPLE.COM");
}

static void a_mistake_names_its_line_and_drops_its_batch(void **state) {
    UNUSED(state);
    struct admin_load two = {.batch = 2};
    struct admin_loaded done;
    static const char *const bad[] = {
        "u3",
        "u3\t",
        "u3\tsecret",
        "u3\tpassword=",
        "u3\tkey=",
        "u3\tkey=aes128-cts-hmac-sha1-96:0011",
        "u3\tkey=nothing:00",
        "u3\tkey=aes128-cts-hmac-sha1-96:xx",
        "u3\trandom\tflags=no-such",
        "u3\trandom\tcolour=red",
        "u3\trandom\thue=a-far-longer-value",
        "u3\trandom\tkvno=0",
        "u3\trandom\tkvno=4294967296",
        "u3\trandom\tmax-life=-1",
        "u3\trandom\tmax-life=10h",
        "u3\trandom\tkind=robot",
        "u3\trandom\tattr=obol.x:1",
        "u3\trandom\tsalt=x",
        "u3\trandom\titerations=40000",
        "u3\tkey=aes128-cts-hmac-sha1-96:000102030405060708090a0b0c0d0e0f\tsalt=x\titerations=1",
        "u3\tkey=aes128-cts-hmac-sha1-96:000102030405060708090a0b0c0d0e0f\tsalt=x\titerations="
        "16777217",
        "u3\trandom\talias=u3",
        "u3@OTHER\trandom",
        "\trandom",
        "u0\trandom",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const char *text = arena_cstr(&arena, arena_printf(&arena,
                                                           "# x\nu1\tnone\nu2\tnone\n"
                                                           "u0\tnone\n%s\n",
                                                           bad[i]));
        enum obol_code code = load(text, &two, &done);
        if (code == OBOL_OK)
            fail_msg("accepted: %s", bad[i]);
        size_t at = 0;
        const char *name, *value;
        assert_true(error_fact_next(&err, &at, &name, &value));
        assert_string_equal(name, "line");
        assert_string_equal(value, "5");
        if (strstr(bad[i], "colour"))
            assert_non_null(strstr(err.detail, "\"colour\""));
        if (strstr(bad[i], "hue"))
            assert_non_null(strstr(err.detail, "\"hue\""));
        assert_int_equal(done.principals, 2); // the batch before stays
        assert_int_equal(done.lines, 3);
        assert_ok(exists("u2"));
        assert_code(exists("u0"), OBOL_PRINCIPAL_NOT_FOUND);
        assert_ok(admin_principal_delete(adm, SLICE_LITERAL("u1"), NULL));
        assert_ok(admin_principal_delete(adm, SLICE_LITERAL("u2"), NULL));
    }
}

static void a_load_goes_on_where_it_was_cut(void **state) {
    UNUSED(state);
    struct admin_load how = {.batch = 2};
    struct admin_loaded done;
    const char *text = "u1\trandom\nu2\trandom\nu3\trandom\n";
    assert_ok(load(text, &how, &done));
    uint64_t id = shown("u2").id;
    assert_code(load(text, &how, &done), OBOL_PRINCIPAL_EXISTS);
    how.skip_existing = true;
    assert_ok(load("u1\trandom\nu2\trandom\nu3\trandom\nu4\trandom\n", &how, &done));
    assert_int_equal(done.principals, 1);
    assert_int_equal(done.skipped, 3);
    assert_true(shown("u2").id == id);
    assert_true(shown("u4").id > id);
}

// ---- rollover ----

struct users {
    uint32_t next, count;
    char line[32];
};
static enum obol_code next_user(void *ctx, bool *more, struct slice *line, struct error *e) {
    UNUSED(e);
    struct users *u = ctx;
    *more = u->next < u->count;
    snprintf(u->line, sizeof u->line, "user%06u\trandom", u->next++);
    *line = slice_str(u->line);
    return OBOL_OK;
}
static void load_users(uint32_t count) {
    struct users u = {.count = count};
    struct admin_lines lines = {&u, next_user};
    struct admin_load how = {.batch = 1000};
    struct admin_loaded done;
    assert_ok(admin_load_lines(adm, &lines, &how, &done, NULL));
    assert_int_equal(done.principals, count);
}

// Reads and opens every key over and over until told to stop; status 0 if none ever failed.
static void read_all_the_time(int ready, int until) {
    struct admin *mine;
    struct admin_options o = {.home = home, .ops = &STORE_LMDB, .read_only = true};
    if (admin_realm_open(&mine, &o, env_system(), NULL) != OBOL_OK || write(ready, "x", 1) != 1)
        _exit(2);
    char byte;
    do {
        for (unsigned i = 0; i < 2500; i += 7) {
            struct admin_keytab keys;
            char name[16];
            snprintf(name, sizeof name, "user%06u", i);
            if (admin_keytab_keys(mine, slice_str(name), NULL, &arena, &keys, NULL) != OBOL_OK)
                _exit(3);
            arena_reset(&arena);
        }
    } while (read(until, &byte, 1) != 0);
    admin_close(mine);
    _exit(0);
}

static void the_master_key_is_replaced_under_a_reader(void **state) {
    UNUSED(state);
    load_users(2500);
    struct admin_keytab before, after;
    assert_ok(admin_keytab_keys(adm, slice_str("user000099"), NULL, &arena, &before, NULL));
    admin_close(adm);
    int ready[2], until[2];
    assert_int_equal(pipe(ready) | pipe(until), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(until[1]);
        read_all_the_time(ready[1], until[0]);
    }
    char byte;
    struct admin_options o = {.home = home, .ops = &STORE_LMDB};
    assert_ok(admin_realm_open(&adm, &o, env_system(), NULL));
    assert_int_equal(read(ready[0], &byte, 1), 1);
    for (uint32_t version = 2; version < 5; version++) {
        uint64_t sealed;
        assert_int_equal(write(until[1], "x", 1), 1); // one more round at least
        assert_ok(admin_master_replace(adm, NULL, &sealed, NULL));
        assert_int_equal(sealed, 2503);
        assert_int_equal(master_current(adm->master), version);
    }
    close(until[1]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_ok(admin_keytab_keys(adm, slice_str("user000099"), NULL, &arena, &after, NULL));
    assert_slice_equal(after.items[0].bytes, before.items[0].bytes);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(shown("user000099").keys.items[i].master, 4);
    admin_close(adm);
    assert_ok(admin_realm_open(&adm, &o, env_system(), NULL));
    close(ready[0]);
    close(ready[1]);
    close(until[0]);
}

// A process that loaded the old master key must not seal under it once it is being replaced.
static void another_process_seals_under_the_new_key_at_once(void **state) {
    UNUSED(state);
    char path[96];
    snprintf(path, sizeof path, "%s/master.key", home);
    struct master *old;
    assert_ok(master_load(&old, path, NULL)); // as another process holds it
    assert_ok(admin_master_replace(adm, NULL, NULL, NULL));
    struct master *newest = adm->master;
    adm->master = old;
    load_users(1);
    assert_int_equal(shown("user000000").keys.items[0].master, 2);
    assert_int_equal(master_current(old), 2);
    master_free(newest);
}

// Replacements that were cut short after they drew a version, one after another: none is in the way
// of the next, and the last leaves one version.
static void replacements_that_were_cut_short_are_completed(void **state) {
    UNUSED(state);
    load_users(50);
    struct admin_keytab before, after;
    assert_ok(admin_keytab_keys(adm, slice_str("user000007"), NULL, &arena, &before, NULL));
    for (int i = 0; i < 100; i++) {
        struct store_write *w;
        assert_ok(store_write_begin(adm->store, &w, NULL));
        if (master_add(adm->master, env_system(), NULL) != OBOL_OK) {
            store_abort(w);
            break;
        }
        store_abort(w);
        struct users u = {.next = 100 + (uint32_t)i, .count = 101 + (uint32_t)i};
        struct admin_lines lines = {&u, next_user};
        struct admin_loaded done; // something is sealed under each of them
        assert_ok(admin_load_lines(adm, &lines, &(struct admin_load){0}, &done, NULL));
    }
    uint64_t sealed;
    assert_ok(admin_master_replace(adm, NULL, &sealed, &err));
    assert_true(sealed > 70);
    assert_false(master_is_changing(adm->master));
    assert_ok(admin_keytab_keys(adm, slice_str("user000007"), NULL, &arena, &after, NULL));
    assert_slice_equal(after.items[0].bytes, before.items[0].bytes);
    assert_ok(admin_keytab_keys(adm, slice_str("user000110"), NULL, &arena, &after, NULL));
    assert_int_equal(shown("user000110").keys.items[0].master, master_current(adm->master));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, home_end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(each_form_of_a_line_is_understood),
        CASE(a_mistake_names_its_line_and_drops_its_batch),
        CASE(a_load_goes_on_where_it_was_cut),
        CASE(the_master_key_is_replaced_under_a_reader),
        CASE(another_process_seals_under_the_new_key_at_once),
        CASE(replacements_that_were_cut_short_are_completed),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
