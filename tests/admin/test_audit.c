// The audit log of the administration, a line a principal for what was done and what was refused;
// and the lock that keeps others from changing the realm.
#include "admin/trust.h"
#include "crypto/crypto.h"
#include "home.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char log_path[80], lock_path[80];
static const struct slice password = SLICE_LITERAL("correct horse");

static int setup(void **state) {
    UNUSED(state);
    if (!home_begin(&STORE_MEMORY))
        return -1;
    snprintf(log_path, sizeof log_path, "%s/audit.log", home);
    snprintf(lock_path, sizeof lock_path, "%s/admin.lock", home);
    adm->audit_path = log_path;
    adm->actor = SLICE_LITERAL("root");
    return 0;
}

// The log since the last time, without the times.
static const char *logged(void) {
    static char text[8192];
    char line[2048];
    text[0] = '\0';
    FILE *f = fopen(log_path, "r");
    while (f && fgets(line, sizeof line, f)) {
        const char *rest = strstr(line, "\"kind\":\"ADMIN\",");
        assert_non_null(rest);
        strncat(text, rest + strlen("\"kind\":\"ADMIN\","), sizeof text - strlen(text) - 1);
    }
    if (f)
        fclose(f);
    unlink(log_path);
    return text;
}

static enum obol_code add(const char *name) {
    const struct admin_new_principal p = {.name = slice_str(name), .kind = ADMIN_SERVICE};
    error_init(&err);
    return admin_principal_add(adm, &p, &err);
}

#define LINE(result, operation, target)                                                            \
    "\"result\":\"" result "\",\"operation\":\"" operation                                         \
    "\",\"actor\":\"root\",\"target\":\"" target "\"}\n"
#define REFUSED(result, operation, target, reason)                                                 \
    "\"result\":\"" result "\",\"operation\":\"" operation                                         \
    "\",\"actor\":\"root\",\"target\":\"" target "\",\"reason\":\"" reason "\"}\n"

static void each_action_is_a_line_granted_or_refused(void **state) {
    UNUSED(state);
    assert_ok(add("HTTP/a"));
    assert_string_equal(logged(), LINE("ok", "principal add", "HTTP/a@EXAMPLE.COM"));
    assert_code(add("HTTP/a"), OBOL_PRINCIPAL_EXISTS);
    assert_string_equal(logged(), REFUSED("PRINCIPAL_EXISTS", "principal add", "HTTP/a@EXAMPLE.COM",
                                          "HTTP/a@EXAMPLE.COM"));
    error_init(&err);
    assert_code(admin_principal_delete(adm, SLICE_LITERAL("nobody"), &err),
                OBOL_PRINCIPAL_NOT_FOUND);
    assert_non_null(
        strstr(logged(), "\"principal delete\",\"actor\":\"root\",\"target\":\"nobody@"));
    // Whoever does not want to hear why has it recorded all the same.
    assert_code(admin_principal_delete(adm, SLICE_LITERAL("nobody"), NULL),
                OBOL_PRINCIPAL_NOT_FOUND);
    assert_non_null(strstr(logged(), "\"reason\":\"nobody@"));
}

static void what_is_refused_before_anything_is_looked_up_is_recorded_too(void **state) {
    UNUSED(state);
    struct record_attribute reserved = {SLICE_LITERAL("obol.x"), SLICE_LITERAL("1")};
    const struct admin_new_principal p = {
        .name = SLICE_LITERAL("HTTP/a"), .kind = ADMIN_SERVICE, .attributes = {&reserved, 1}};
    error_init(&err);
    assert_code(admin_principal_add(adm, &p, &err), OBOL_INVALID_ARGUMENT);
    assert_non_null(
        strstr(logged(), "\"target\":\"HTTP/a@EXAMPLE.COM\",\"reason\":\"the attribute"));
    const struct admin_new_trust trust = {.realm = SLICE_LITERAL("OTHER.TEST"),
                                          .password = &password};
    error_init(&err);
    assert_code(admin_trust_add(adm, &trust, &err), OBOL_INVALID_ARGUMENT);
    assert_non_null(strstr(logged(), "\"operation\":\"trust add\""));
}

static void policies_are_named(void **state) {
    UNUSED(state);
    const struct policy p = {.name = SLICE_LITERAL("staff")};
    assert_ok(admin_policy_add(adm, &p, NULL));
    assert_ok(admin_policy_remove(adm, p.name, NULL));
    assert_code(admin_policy_remove(adm, p.name, NULL), OBOL_POLICY_NOT_FOUND);
    const char *text = logged();
    assert_non_null(strstr(text, LINE("ok", "policy add", "staff")));
    assert_non_null(strstr(text, LINE("ok", "policy remove", "staff")));
    assert_non_null(strstr(text, "\"result\":\"POLICY_NOT_FOUND\",\"operation\":\"policy remove\","
                                 "\"actor\":\"root\",\"target\":\"staff\""));
}

static void keys_that_leave_the_realm_are_recorded(void **state) {
    UNUSED(state);
    struct admin_keytab keys;
    assert_ok(add("HTTP/a"));
    logged();
    assert_ok(admin_keytab_keys(adm, SLICE_LITERAL("HTTP/a"), NULL, &arena, &keys, NULL));
    assert_string_equal(logged(), LINE("ok", "keytab extract", "HTTP/a@EXAMPLE.COM"));
    assert_code(admin_keytab_keys(adm, SLICE_LITERAL("HTTP/b"), NULL, &arena, &keys, NULL),
                OBOL_PRINCIPAL_NOT_FOUND);
    assert_non_null(strstr(logged(), "PRINCIPAL_NOT_FOUND\",\"operation\":\"keytab extract\""));
    const struct admin_keys random = {.keep_old = 0};
    assert_ok(admin_keytab_keys(adm, SLICE_LITERAL("HTTP/a"), &random, &arena, &keys, NULL));
    assert_string_equal(logged(), LINE("ok", "keytab keys", "HTTP/a@EXAMPLE.COM"));
}

struct lines {
    const char *const *items;
    size_t at;
};

static enum obol_code next_line(void *ctx, bool *more, struct slice *line, struct error *e) {
    struct lines *l = ctx;
    UNUSED(e);
    *more = l->items[l->at] != NULL;
    if (*more)
        *line = slice_str(l->items[l->at++]);
    return OBOL_OK;
}

static enum obol_code load(const char *const *items) {
    struct lines lines = {items, 0};
    const struct admin_lines source = {&lines, next_line};
    const struct admin_load how = {.skip_existing = true};
    struct admin_loaded done;
    error_init(&err);
    return admin_load_lines(adm, &source, &how, &done, &err);
}

static void of_a_batch_each_principal_has_its_line(void **state) {
    UNUSED(state);
    static const char *const good[] = {"HTTP/a\trandom", "HTTP/b\trandom\talias=www/b", NULL};
    static const char *const skipped[] = {"HTTP/a\trandom", "HTTP/c\trandom", NULL};
    static const char *const bad[] = {"HTTP/d\trandom", "HTTP/e\trandom\talias=HTTP/a", NULL};
    assert_ok(load(good));
    assert_string_equal(logged(), LINE("ok", "load lines", "HTTP/a@EXAMPLE.COM")
                                      LINE("ok", "load lines", "HTTP/b@EXAMPLE.COM"));
    assert_ok(load(skipped));
    assert_string_equal(logged(), LINE("ok", "load lines", "HTTP/c@EXAMPLE.COM"));
    // Of one that was refused nothing was done: the line is of the principal that it failed at.
    assert_code(load(bad), OBOL_ALIAS_CONFLICT);
    const char *text = logged();
    assert_non_null(strstr(text,
                           "\"result\":\"ALIAS_CONFLICT\",\"operation\":\"load lines\","
                           "\"actor\":\"root\",\"target\":\"HTTP/e@EXAMPLE.COM\",\"reason\":"));
    assert_null(strstr(text, "HTTP/d"));
}

static void trust_in_both_directions_is_two_lines(void **state) {
    UNUSED(state);
    static int32_t one[] = {ENCTYPE_AES128_SHA1};
    const struct admin_new_trust trust = {.realm = SLICE_LITERAL("OTHER.TEST"),
                                          .ways = ADMIN_TRUST_BOTH,
                                          .password = &password,
                                          .enctypes = {one, 1}};
    assert_ok(admin_trust_add(adm, &trust, NULL));
    const char *text = logged();
    assert_non_null(strstr(text, LINE("ok", "trust add", "krbtgt/OTHER.TEST@EXAMPLE.COM")));
    assert_non_null(strstr(text, LINE("ok", "trust add", "krbtgt/EXAMPLE.COM@OTHER.TEST")));
    assert_ok(admin_trust_remove(adm, trust.realm, ADMIN_TRUST_BOTH, NULL));
    text = logged();
    assert_non_null(strstr(text, LINE("ok", "trust remove", "krbtgt/OTHER.TEST@EXAMPLE.COM")));
    assert_non_null(strstr(text, LINE("ok", "trust remove", "krbtgt/EXAMPLE.COM@OTHER.TEST")));
}

// ---- a disk that is full

// Files of this process end at so many bytes; what is said of it goes through a pipe, which has
// room.
static void add_with_room(const char *name, rlim_t room, const char *told) {
    char text[512] = "";
    int said[2], real = dup(STDERR_FILENO);
    struct rlimit old;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(pipe(said), 0);
    dup2(said[1], STDERR_FILENO);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit limit = {room, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum obol_code code = add(name);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    dup2(real, STDERR_FILENO);
    close(real);
    close(said[1]);
    assert_true(read(said[0], text, sizeof text - 1) > 0);
    close(said[0]);
    assert_ok(code); // what is done stays done
    assert_non_null(strstr(text, told));
}

static void a_line_that_was_cut_swallows_no_other(void **state) {
    UNUSED(state);
    char line[2048], cut[21];
    struct stat st;
    assert_ok(add("HTTP/a"));
    assert_int_equal(stat(log_path, &st), 0);
    add_with_room("HTTP/b", (rlim_t)st.st_size + sizeof cut - 1, "File too large");
    add_with_room("HTTP/c", (rlim_t)st.st_size + sizeof cut - 1, "File too large");
    assert_ok(add("HTTP/d"));
    FILE *f = fopen(log_path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_non_null(strstr(line, "HTTP/a@EXAMPLE.COM\"}\n"));
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(strlen(line), sizeof cut); // and its end
    assert_non_null(fgets(line, sizeof line, f));
    assert_memory_equal(line, "{\"time\":", 8);
    assert_non_null(strstr(line, "HTTP/d@EXAMPLE.COM\"}\n"));
    assert_null(fgets(line, sizeof line, f));
    fclose(f);
}

// ---- the lock

static void whoever_holds_the_lock_is_alone_until_it_lets_go(void **state) {
    UNUSED(state);
    struct admin *other;
    // A handle of its own on the lock: the store in memory is not shared, its lock is.
    assert_ok(admin_new(&other, NULL, NULL, SLICE_LITERAL("EXAMPLE.COM"), (struct int32_list){0},
                        env_system(), NULL));
    other->lock_path = lock_path;
    other->actor = SLICE_LITERAL("jo");
    assert_ok(admin_lock(other, NULL));
    assert_ok(admin_lock(other, NULL));
    assert_code(add("HTTP/a"), OBOL_PERMISSION);
    assert_non_null(strstr(err.detail, "jo, process"));
    assert_non_null(strstr(logged(), "\"result\":\"PERMISSION\",\"operation\":\"principal add\""));
    error_init(&err);
    assert_code(admin_lock(adm, &err), OBOL_PERMISSION);
    admin_unlock(other);
    assert_ok(add("HTTP/a"));
    assert_ok(admin_lock(adm, NULL));
    assert_ok(add("HTTP/b")); // the holder itself goes on
    assert_code(admin_lock(other, NULL), OBOL_PERMISSION);
    admin_unlock(adm);
    admin_unlock(adm);
    assert_ok(admin_lock(other, NULL));
    admin_close(other); // which ends it
    assert_ok(add("HTTP/c"));
}

static void a_store_without_a_home_has_no_lock(void **state) {
    UNUSED(state);
    adm->lock_path = NULL;
    assert_code(admin_lock(adm, NULL), OBOL_UNSUPPORTED);
    assert_ok(add("HTTP/a"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, home_end)
        T(each_action_is_a_line_granted_or_refused),
        T(what_is_refused_before_anything_is_looked_up_is_recorded_too),
        T(policies_are_named),
        T(keys_that_leave_the_realm_are_recorded),
        T(of_a_batch_each_principal_has_its_line),
        T(trust_in_both_directions_is_two_lines),
        T(a_line_that_was_cut_swallows_no_other),
        T(whoever_holds_the_lock_is_alone_until_it_lets_go),
        T(a_store_without_a_home_has_no_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
