// The KEYRING cache: its layout, and the kernel's keyrings as far as this machine allows them.
// Where it forbids them the same cases show that the refusal says so.
#include "caches.h"
#include "cred/keyring.h"
#include "cred/marshal.h"
#include <errno.h>
#include <keyutils.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void names_are_taken_apart(void **state) {
    UNUSED(state);
    struct keyring_name n;
    keyring_name_parse(SLICE_LITERAL("old"), &n);
    assert_slice_str(n.anchor, "legacy");
    assert_slice_str(n.collection, "old");
    assert_false(n.is_one);
    keyring_name_parse(SLICE_LITERAL("persistent:1000"), &n);
    assert_slice_str(n.anchor, "persistent");
    assert_slice_str(n.collection, "1000");
    assert_false(n.is_one);
    keyring_name_parse(SLICE_LITERAL("user:a:b:c"), &n);
    assert_slice_str(n.collection, "a");
    assert_slice_str(n.subsidiary, "b:c");
    assert_true(n.is_one);
    keyring_name_parse((struct slice){0}, &n);
    assert_int_equal(n.collection.len, 0);
}

static void the_key_of_the_primary_cache_is_read_whole_or_refused(void **state) {
    UNUSED(state);
    static const uint8_t good[] = {0, 0, 0, 1, 0, 0, 0, 3, 't', 'k', 't'};
    uint8_t bad[sizeof good];
    struct slice name;
    assert_ok(keyring_index_read(slice_of(good, sizeof good), &name, &err));
    assert_slice_str(name, "tkt");
    uint8_t room[64];
    struct writer w = writer_to_buf(buf_of(room, sizeof room));
    keyring_index_write(&w, name);
    assert_slice_equal(writer_slice(&w), slice_of(good, sizeof good));
    for (size_t n = 0; n < sizeof good; n++)
        assert_code(keyring_index_read(slice_of(good, n), &name, NULL), OBOL_CCACHE_FORMAT);
    memcpy(bad, good, sizeof good);
    bad[3] = 2; // another version
    assert_code(keyring_index_read(slice_of(bad, sizeof bad), &name, &err), OBOL_CCACHE_FORMAT);
    assert_non_null(strstr(err.detail, "version 2"));
    memcpy(bad, good, sizeof good);
    bad[9] = 0; // a NUL in the name
    assert_code(keyring_index_read(slice_of(bad, sizeof bad), &name, NULL), OBOL_CCACHE_FORMAT);
}

static void keys_that_are_cut_off_or_too_long_are_refused(void **state) {
    UNUSED(state);
    struct ccache_content content = {0};
    struct cred one = cred("HTTP/web");
    size_t room = 0;
    struct writer w = writer_to_arena(&arena);
    cred_write(&w, 4, &one);
    struct slice whole = writer_slice(&w), name = SLICE_LITERAL("HTTP/web@R");
    for (size_t n = 0; n < whole.len; n++)
        assert_code(keyring_entry_read(name, slice_sub(whole, 0, n), &arena, &content, &room, NULL),
                    OBOL_CCACHE_FORMAT);
    assert_int_equal(content.count, 0);
    assert_ok(keyring_entry_read(name, whole, &arena, &content, &room, &err));
    assert_int_equal(content.count, 1);
    writer_u8(&w, 0);
    assert_code(keyring_entry_read(name, writer_slice(&w), &arena, &content, &room, &err),
                OBOL_CCACHE_FORMAT);
    assert_non_null(strstr(err.detail, "the key 'HTTP/web@R'"));
    assert_code(keyring_entry_read(SLICE_LITERAL(KEYRING_OFFSETS), SLICE_LITERAL("1234567"), &arena,
                                   &content, &room, NULL),
                OBOL_CCACHE_FORMAT);
    assert_code(keyring_entry_read(SLICE_LITERAL(KEYRING_PRINCIPAL), SLICE_LITERAL("12345"), &arena,
                                   &content, &room, NULL),
                OBOL_CCACHE_FORMAT);
    struct slice type, description;
    assert_true(keyring_described(SLICE_LITERAL("user;0;0;3f010000;a;b"), &type, &description));
    assert_slice_str(description, "a;b");
    assert_false(keyring_described(SLICE_LITERAL("user;0;0;3f010000"), &type, &description));
}

// Whether this machine lets us have keyrings at all.
static bool kernel_allows(void) {
    return keyctl_get_keyring_ID(KEY_SPEC_PROCESS_KEYRING, 1) >= 0 &&
           add_key("user", "obol-test", "x", 1, KEY_SPEC_PROCESS_KEYRING) >= 0;
}

static void refusal_tells_what_to_do(void) {
    struct ccache *cc;
    assert_code(ccache_open(&cc, SLICE_LITERAL("KEYRING:process:x"), NULL, &err), OBOL_CCACHE_IO);
    struct writer w = writer_to_arena(&arena);
    error_write(&err, &w);
    const char *text = arena_cstr(&arena, writer_slice(&w));
    assert_non_null(strstr(text, "this process may not use them"));
    assert_non_null(strstr(text, "containers often forbid keyrings"));
}

static void keyrings_are_collections(void **state) {
    UNUSED(state);
    static const char *const anchors[] = {"process:obol", "thread:obol", "user:obol-%d",
                                          "session:obol-%d"};
    if (!kernel_allows()) {
        refusal_tells_what_to_do();
        return;
    }
    // A session of its own, so that nothing is left in the user's.
    assert_true(keyctl_join_session_keyring(NULL) >= 0);
    for (size_t i = 0; i < COUNT_OF(anchors); i++) {
        char anchor[64], name[96];
        snprintf(anchor, sizeof anchor, anchors[i], getpid());
        snprintf(name, sizeof name, "KEYRING:%s", anchor);
        works_as_a_collection(name, "KEYRING");
    }
    char ring[64];
    snprintf(ring, sizeof ring, "_krb_obol-%d", getpid());
    long left = keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", ring, 0);
    assert_true(left >= 0);
    assert_int_equal(keyctl_unlink((key_serial_t)left, KEY_SPEC_USER_KEYRING), 0);
}

static void old_names_are_caches_of_the_session(void **state) {
    UNUSED(state);
    if (!kernel_allows()) {
        refusal_tells_what_to_do();
        return;
    }
    assert_true(keyctl_join_session_keyring(NULL) >= 0);
    struct ccache *cc = open_cache("KEYRING:old");
    assert_slice_str(ccache_name(cc), "KEYRING:legacy:old:old");
    fill(cc, "alice");
    // Where old programs look for it.
    assert_true(keyctl_search(KEY_SPEC_SESSION_KEYRING, "keyring", "old", 0) >= 0);
    assert_holds(cc, "alice", "krbtgt/R");
    assert_ok(ccache_destroy(cc, &err));
    ccache_close(cc);
}

static void names_without_a_place_are_refused(void **state) {
    UNUSED(state);
    struct ccache *cc;
    if (!kernel_allows()) {
        refusal_tells_what_to_do();
        return;
    }
    assert_code(ccache_open(&cc, SLICE_LITERAL("KEYRING:nowhere:x"), NULL, &err),
                OBOL_INVALID_ARGUMENT);
    assert_non_null(strstr(err.detail, "persistent, session, user, process and thread"));
    error_init(&err);
    assert_code(ccache_open(&cc, SLICE_LITERAL("KEYRING:persistent:alice"), NULL, &err),
                OBOL_INVALID_ARGUMENT);
    error_init(&err);
    assert_code(ccache_open(&cc, SLICE_LITERAL("KEYRING:process:x:"), NULL, &err),
                OBOL_INVALID_ARGUMENT);
    error_init(&err);
    assert_code(ccache_new_unique(&cc, SLICE_LITERAL("KEYRING"), NULL,
                                  SLICE_LITERAL("KEYRING:process:x:y"), &err),
                OBOL_UNSUPPORTED);
}

// As containers do it.
static bool forbid_keyrings(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_add_key, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {COUNT_OF(filter), filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void where_keyrings_are_forbidden_the_error_says_so(void **state) {
    UNUSED(state);
    pid_t child = fork();
    if (child == 0) {
        struct ccache *cc;
        bool told = forbid_keyrings() &&
                    ccache_open(&cc, SLICE_LITERAL("KEYRING:user:x"), NULL, &err) == OBOL_CCACHE_IO;
        struct writer w = writer_to_arena(&arena);
        error_write(&err, &w);
        const char *text = arena_cstr(&arena, writer_slice(&w));
        _exit(told && text && strstr(text, "this process may not use them") &&
                      strstr(text, "FILE:/tmp/krb5cc_")
                  ? 0
                  : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(names_are_taken_apart),
        CASE(the_key_of_the_primary_cache_is_read_whole_or_refused),
        CASE(keys_that_are_cut_off_or_too_long_are_refused),
        CASE(keyrings_are_collections),
        CASE(old_names_are_caches_of_the_session),
        CASE(names_without_a_place_are_refused),
        CASE(where_keyrings_are_forbidden_the_error_says_so),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
