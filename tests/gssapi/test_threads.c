// Many threads at once, as servers have them: one context is one thread's at a time, everything
// else is anybody's (shared credentials, names, caches, keytabs, the replay cache, krb5.conf). It
// runs under ThreadSanitizer too (tools/check-tsan), which sees what only happens to go well here.
#include "cred_support.h"
#include "gssapi/handles.h"
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <pthread.h>

enum { THREADS = 6, ROUNDS = 20, TOKENS = 20 };

static OM_uint32 minor;
static gss_name_t target;
static gss_cred_id_t initiate, accept_with;
static _Atomic bool stop;

// cmocka's assertions belong to the main thread: a thread notes what failed first.
struct thread {
    pthread_t id;
    unsigned number;
    char failed[512];
};
#define EXPECT(t, condition)                                                                       \
    do {                                                                                           \
        if (!(condition) && !(t)->failed[0])                                                       \
            (void)snprintf((t)->failed, sizeof(t)->failed, "line %d: %s", __LINE__, #condition);   \
    } while (0)

static void expect_complete(struct thread *t, int line, OM_uint32 major, OM_uint32 status) {
    OM_uint32 m, more = 0;
    gss_buffer_desc b;
    if (!GSS_ERROR(major) || t->failed[0])
        return;
    (void)gss_display_status(&m, status, GSS_C_MECH_CODE, NULL, &more, &b);
    (void)snprintf(t->failed, sizeof t->failed, "line %d: major %08x: %.*s", line, major,
                   (int)b.length, (char *)b.value);
    (void)gss_release_buffer(&m, &b);
}
#define COMPLETE(t, call)                                                                          \
    do {                                                                                           \
        OM_uint32 major_ = (call);                                                                 \
        expect_complete((t), __LINE__, major_, m);                                                 \
    } while (0)

static void begin_threads(struct thread *threads, void *(*run)(void *)) {
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = (struct thread){.number = i};
        assert_int_equal(pthread_create(&threads[i].id, NULL, run, &threads[i]), 0);
    }
}

static void end_threads(struct thread *threads) {
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i].id, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        if (threads[i].failed[0])
            fail_msg("thread %u: %s", i, threads[i].failed);
}

static void run_threads(void *(*run)(void *)) {
    struct thread threads[THREADS];
    begin_threads(threads, run);
    end_threads(threads);
}

static int begin(void **state) {
    sandbox_of_service(state, NULL);
    make_login("ccache", 3600);
    target = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    assert_complete(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE,
                                     &initiate, NULL, NULL));
    assert_complete(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT,
                                     &accept_with, NULL, NULL));
    stop = false;
    return 0;
}
static int end(void **state) {
    (void)gss_release_name(&minor, &target);
    (void)gss_release_cred(&minor, &initiate);
    (void)gss_release_cred(&minor, &accept_with);
    return sandbox_end(state);
}

// One context from its first token to messages both ways.
static void login(struct thread *t, gss_OID mech, gss_cred_id_t from, gss_cred_id_t to) {
    OM_uint32 m, flags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG;
    gss_ctx_id_t i = NULL, a = NULL;
    gss_name_t source = NULL;
    gss_buffer_desc to_a = {0}, to_i = {0}, none = {0}, text = text_buffer("a message"), token, out;
    COMPLETE(t, gss_init_sec_context(&m, from, &i, target, mech, flags, 0, NULL, NULL, NULL, &to_a,
                                     NULL, NULL));
    COMPLETE(
        t, gss_accept_sec_context(&m, &a, to, &to_a, NULL, &source, NULL, &to_i, NULL, NULL, NULL));
    COMPLETE(t, gss_init_sec_context(&m, from, &i, target, mech, flags, 0, NULL, &to_i, NULL, &none,
                                     NULL, NULL));
    for (int k = 0; k < 3 && !t->failed[0]; k++) {
        COMPLETE(t, gss_wrap(&m, i, 1, 0, &text, NULL, &token));
        COMPLETE(t, gss_unwrap(&m, a, &token, &out, NULL, NULL));
        EXPECT(t, out.length == text.length && memcmp(out.value, text.value, out.length) == 0);
        (void)gss_release_buffer(&m, &token);
        (void)gss_release_buffer(&m, &out);
        COMPLETE(t, gss_get_mic(&m, a, 0, &text, &token));
        COMPLETE(t, gss_verify_mic(&m, i, &text, &token, NULL));
        (void)gss_release_buffer(&m, &token);
    }
    if (source) {
        COMPLETE(t, gss_display_name(&m, source, &out, NULL));
        EXPECT(t, out.length == 15 && memcmp(out.value, "alice@OBOL.TEST", 15) == 0);
        (void)gss_release_buffer(&m, &out);
    }
    (void)gss_release_name(&m, &source);
    (void)gss_release_buffer(&m, &to_a);
    (void)gss_release_buffer(&m, &to_i);
    (void)gss_release_buffer(&m, &none);
    (void)gss_delete_sec_context(&m, &i, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&m, &a, GSS_C_NO_BUFFER);
}

// What may be asked of handles that all share.
static void ask(struct thread *t) {
    OM_uint32 m, life;
    gss_name_t name = NULL, canon = NULL, twin = NULL;
    gss_cred_usage_t usage;
    gss_OID_set mechs = NULL;
    gss_buffer_desc text;
    int equal = 0;
    COMPLETE(t, gss_inquire_cred(&m, initiate, &name, &life, &usage, &mechs));
    EXPECT(t, life > 3000 && usage == GSS_C_INITIATE);
    (void)gss_release_oid_set(&m, &mechs);
    COMPLETE(t, gss_inquire_cred(&m, accept_with, NULL, NULL, &usage, NULL));
    COMPLETE(t, gss_canonicalize_name(&m, target, gss_mech_krb5, &canon));
    COMPLETE(t, gss_duplicate_name(&m, target, &twin));
    COMPLETE(t, gss_compare_name(&m, twin, target, &equal));
    EXPECT(t, equal);
    COMPLETE(t, gss_export_name(&m, canon, &text));
    (void)gss_release_buffer(&m, &text);
    COMPLETE(t, gss_display_name(&m, target, &text, NULL));
    (void)gss_release_buffer(&m, &text);
    (void)gss_release_name(&m, &name);
    (void)gss_release_name(&m, &canon);
    (void)gss_release_name(&m, &twin);
}

static void *share_handles(void *arg) {
    struct thread *t = arg;
    for (int round = 0; round < ROUNDS; round++) {
        login(t, round & 1 ? SPNEGO : gss_mech_krb5, initiate, accept_with);
        ask(t);
        login(t, gss_mech_krb5, GSS_C_NO_CREDENTIAL, GSS_C_NO_CREDENTIAL);
    }
    return NULL;
}

static void credentials_and_names_are_shared(void **state) {
    UNUSED(state);
    run_threads(share_handles);
}

static void *log_in_until_stopped(void *arg) {
    struct thread *t = arg;
    for (int round = 0; round < 4 || !stop; round++) {
        OM_uint32 m;
        gss_cred_id_t cred = NULL;
        COMPLETE(t, gss_acquire_cred(&m, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_BOTH, &cred,
                                     NULL, NULL));
        login(t, SPNEGO, cred, round & 1 ? cred : GSS_C_NO_CREDENTIAL);
        (void)gss_release_cred(&m, &cred);
    }
    return NULL;
}

static void replace(const char *from, const char *to) {
    assert_int_equal(rename(sandbox_path(from), sandbox_path(to)), 0);
}

static void files_are_replaced_while_they_are_used(void **state) {
    UNUSED(state);
    struct thread threads[THREADS];
    const char *names[] = {"HTTP/web.obol.test@OBOL.TEST", "host/other.obol.test@OBOL.TEST"};
    char conf[512];
    begin_threads(threads, log_in_until_stopped);
    for (int round = 0; round < 2 * ROUNDS; round++) {
        make_keytab("keytab2", names, 1 + round % 2);
        replace("keytab2", "keytab");
        make_login("ccache2", 3600 + round);
        replace("ccache2", "ccache");
        (void)snprintf(conf, sizeof conf,
                       "[libdefaults]\n  default_realm = OBOL.TEST\n  dns_lookup_kdc = false\n"
                       "  dns_canonicalize_hostname = false\n  clockskew = %d\n"
                       "[domain_realm]\n  .obol.test = OBOL.TEST\n",
                       300 + round);
        sandbox_write("keytab2", conf); // a name that sandbox_end knows
        replace("keytab2", "krb5.conf");
    }
    stop = true;
    end_threads(threads);
}

static gss_buffer_desc tokens[TOKENS];
static _Atomic unsigned accepted, replayed;

static void *accept_all(void *arg) {
    struct thread *t = arg;
    for (unsigned k = 0; k < TOKENS; k++) {
        OM_uint32 m;
        gss_ctx_id_t a = NULL;
        gss_buffer_desc out;
        OM_uint32 major = gss_accept_sec_context(&m, &a, accept_with, &tokens[k], NULL, NULL, NULL,
                                                 &out, NULL, NULL, NULL);
        accepted += major == GSS_S_COMPLETE;
        replayed += major == (GSS_S_FAILURE | GSS_S_DUPLICATE_TOKEN);
        EXPECT(t, major == GSS_S_COMPLETE || major == (GSS_S_FAILURE | GSS_S_DUPLICATE_TOKEN));
        (void)gss_release_buffer(&m, &out);
        (void)gss_delete_sec_context(&m, &a, GSS_C_NO_BUFFER);
    }
    return NULL;
}

static void of_all_who_bring_one_token_one_is_accepted(void **state) {
    UNUSED(state);
    accepted = replayed = 0;
    for (unsigned k = 0; k < TOKENS; k++) {
        gss_ctx_id_t i = NULL;
        assert_int_equal(gss_init_sec_context(&minor, initiate, &i, target, gss_mech_krb5, 0, 0,
                                              NULL, NULL, NULL, &tokens[k], NULL, NULL),
                         GSS_S_COMPLETE);
        (void)gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER);
    }
    run_threads(accept_all);
    assert_int_equal(accepted, TOKENS);
    assert_int_equal(replayed, TOKENS * (THREADS - 1));
    for (unsigned k = 0; k < TOKENS; k++)
        (void)gss_release_buffer(&minor, &tokens[k]);
}

static void *fail_for_oneself(void *arg) {
    struct thread *t = arg;
    char cache[160];
    (void)snprintf(cache, sizeof cache, "FILE:%s/no-cache-of-%u", sandbox, t->number);
    for (int round = 0; round < ROUNDS; round++) {
        OM_uint32 m, ignored, more = 0;
        const char *before;
        gss_ctx_id_t i = NULL;
        gss_buffer_desc out, text;
        COMPLETE(t, gss_krb5_ccache_name(&m, cache, &before));
        EXPECT(t, gss_init_sec_context(&m, NULL, &i, target, gss_mech_krb5, 0, 0, NULL, NULL, NULL,
                                       &out, NULL, NULL) == GSS_S_NO_CRED);
        (void)gss_display_status(&ignored, m, GSS_C_MECH_CODE, gss_mech_krb5, &more, &text);
        EXPECT(t, text.value && strstr(text.value, cache));
        (void)gss_release_buffer(&ignored, &text);
        (void)gss_display_status(&ignored, GSS_S_NO_CRED, GSS_C_GSS_CODE, NULL, &more, &text);
        EXPECT(t, text.length > 0);
        (void)gss_release_buffer(&ignored, &text);
    }
    return NULL;
}

static void each_thread_has_errors_and_a_default_cache_of_its_own(void **state) {
    UNUSED(state);
    run_threads(fail_for_oneself);
}

// One credential that all fill and read, and the keytab that the process names.
static void *change_credentials(void *arg) {
    struct thread *t = arg;
    char cache[64], keytab[160];
    (void)snprintf(cache, sizeof cache, "MEMORY:of-%u", t->number % 2);
    (void)snprintf(keytab, sizeof keytab, "FILE:%s/keytab", sandbox);
    gss_key_value_element_desc element = {"ccache", cache};
    const gss_key_value_set_desc store = {1, &element};
    for (int round = 0; round < ROUNDS; round++) {
        OM_uint32 m;
        gss_cred_id_t copy = NULL;
        gss_buffer_desc bytes = {0};
        COMPLETE(t, gss_store_cred_into(&m, initiate, GSS_C_INITIATE, GSS_C_NO_OID, 1, 0, &store,
                                        NULL, NULL));
        COMPLETE(
            t, gss_acquire_cred_from(&m, NULL, 0, NULL, GSS_C_INITIATE, &store, &copy, NULL, NULL));
        COMPLETE(t, krb5_gss_register_acceptor_identity(keytab));
        login(t, gss_mech_krb5, copy, GSS_C_NO_CREDENTIAL);
        COMPLETE(t, gss_export_cred(&m, initiate, &bytes));
        (void)gss_release_buffer(&m, &bytes);
        (void)gss_release_cred(&m, &copy);
    }
    return NULL;
}

static void credentials_are_stored_and_taken_by_all(void **state) {
    UNUSED(state);
    run_threads(change_credentials);
    (void)krb5_gss_register_acceptor_identity(NULL);
}

// The libkrb5 face: a context is a thread's own, caches and keytabs in memory are the process's.
static void *use_krb5(void *arg) {
    struct thread *t = arg;
    krb5_context c;
    EXPECT(t, krb5_init_context(&c) == 0);
    for (int round = 0; round < ROUNDS && !t->failed[0]; round++) {
        krb5_ccache file, memory;
        krb5_keytab kt;
        krb5_principal who;
        krb5_keytab_entry entry = {0};
        krb5_keyblock key = {.enctype = ENCTYPE_AES256_SHA1, .length = 32};
        key.contents = (krb5_octet *)(uintptr_t)TEST_KEY;
        EXPECT(t, krb5_cc_default(c, &file) == 0);
        EXPECT(t, krb5_cc_get_principal(c, file, &who) == 0);
        EXPECT(t, krb5_cc_resolve(c, "MEMORY:threads", &memory) == 0);
        EXPECT(t, krb5_cc_initialize(c, memory, who) == 0);
        EXPECT(t, krb5_cc_copy_creds(c, file, memory) == 0);
        EXPECT(t, krb5_kt_resolve(c, "MEMORY:threads", &kt) == 0);
        entry.principal = who;
        entry.vno = t->number + 1;
        entry.key = key;
        EXPECT(t, krb5_kt_add_entry(c, kt, &entry) == 0);
        EXPECT(t, krb5_kt_get_entry(c, kt, who, t->number + 1, 0, &entry) == 0);
        (void)krb5_free_keytab_entry_contents(c, &entry);
        const char *text = krb5_get_error_message(c, KRB5_KT_NOTFOUND);
        EXPECT(t, text && *text);
        krb5_free_error_message(c, text);
        krb5_free_principal(c, who);
        (void)krb5_kt_close(c, kt);
        (void)krb5_cc_close(c, memory);
        (void)krb5_cc_close(c, file);
    }
    krb5_free_context(c);
    return NULL;
}

static void memory_caches_and_keytabs_are_shared_by_contexts(void **state) {
    UNUSED(state);
    krb5_context c;
    krb5_ccache held;
    krb5_keytab kt;
    assert_int_equal(krb5_init_context(&c), 0);
    assert_int_equal(krb5_cc_resolve(c, "MEMORY:threads", &held), 0);
    assert_int_equal(krb5_kt_resolve(c, "MEMORY:threads", &kt), 0);
    run_threads(use_krb5);
    assert_int_equal(krb5_cc_destroy(c, held), 0);
    (void)krb5_kt_close(c, kt);
    krb5_free_context(c);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(credentials_and_names_are_shared),
        CASE(files_are_replaced_while_they_are_used),
        CASE(of_all_who_bring_one_token_one_is_accepted),
        CASE(each_thread_has_errors_and_a_default_cache_of_its_own),
        CASE(credentials_are_stored_and_taken_by_all),
        CASE(memory_caches_and_keytabs_are_shared_by_contexts),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
