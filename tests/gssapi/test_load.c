// The library as programs load it: by dlopen, in threads, under both of its names at once and
// beside a copy that is linked in; closed while threads that used it live on; used while the
// process ends.
#include "copies.h"
#include "cred_support.h"
#include <gssapi/gssapi_krb5.h>
#include <pthread.h>

#define SERVICE "HTTP@web.obol.test"
enum { THREADS = 4, ROUNDS = 8 };

static const char *const names[] = {LIBRARIES "/libgssapi_krb5.so.2",
                                    LIBRARIES "/libgssapi_obol.so.0"};

static int begin(void **state) {
    sandbox_of_service(state, NULL);
    make_login("ccache", 3600);
    return 0;
}

static void expect_login(const struct copy *from, const struct copy *to) {
    const char *failed = copy_login(from, to, gss_mech_krb5, SERVICE);
    if (failed)
        fail_msg("%s", failed);
    failed = copy_login(from, to, SPNEGO, SERVICE);
    if (failed)
        fail_msg("%s", failed);
}

// The copy that this program is linked with.
static struct copy linked(void) {
    struct copy c = {.hostbased = GSS_C_NT_HOSTBASED_SERVICE};
#define X(name) c.name = gss_##name;
    COPY_CALLS(X)
#undef X
    return c;
}

static void copies_in_one_process_serve_each_other_and_keep_apart(void **state) {
    UNUSED(state);
    struct copy copies[3] = {linked()};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_true(copy_open(&copies[1 + i], names[i]));
        assert_ptr_not_equal(copies[1 + i].wrap, copies[i].wrap);
    }
    for (size_t i = 0; i < COUNT_OF(copies); i++)
        for (size_t k = 0; k < COUNT_OF(copies); k++)
            expect_login(&copies[i], &copies[k]);
    // The text of a failure is its copy's own, whatever the others have said since.
    OM_uint32 minor[COUNT_OF(copies)], m;
    const char *const caches[] = {"cache-0", "cache-1", "cache-2"};
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        gss_buffer_desc name = text_buffer(SERVICE), out;
        gss_name_t target;
        gss_ctx_id_t ctx = NULL;
        setenv("KRB5CCNAME", sandbox_path(caches[i]), 1);
        assert_int_equal(copies[i].import_name(&m, &name, copies[i].hostbased, &target),
                         GSS_S_COMPLETE);
        assert_int_equal(copies[i].init_sec_context(&minor[i], NULL, &ctx, target, NULL, 0, 0, NULL,
                                                    NULL, NULL, &out, NULL, NULL),
                         GSS_S_NO_CRED);
        (void)copies[i].release_name(&m, &target);
    }
    for (size_t i = 0; i < COUNT_OF(copies); i++)
        assert_non_null(strstr(copy_text(&copies[i], 0, minor[i]), caches[i]));
    for (size_t i = 1; i < COUNT_OF(copies); i++)
        assert_int_equal(dlclose(copies[i].so), 0);
}

static const char *_Atomic failed_with;

static void *load_use_close(void *arg) {
    for (int round = 0; round < ROUNDS; round++) {
        struct copy c;
        if (!copy_open(&c, names[((uintptr_t)arg + (unsigned)round) % COUNT_OF(names)])) {
            failed_with = "dlopen";
            return NULL;
        }
        const char *failed = copy_login(&c, &c, round & 1 ? SPNEGO : gss_mech_krb5, SERVICE);
        if (failed)
            failed_with = strdup(failed);
        (void)dlclose(c.so);
    }
    return NULL;
}

static void threads_load_and_close_it_at_the_same_time(void **state) {
    UNUSED(state);
    pthread_t threads[THREADS];
    failed_with = NULL;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load_use_close, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (failed_with)
        fail_msg("%s", failed_with);
}

static pthread_barrier_t used, closed;

static void *use_and_outlive(void *arg) {
    const char *failed = copy_login(arg, arg, SPNEGO, SERVICE);
    if (failed)
        failed_with = strdup(failed);
    pthread_barrier_wait(&used);
    pthread_barrier_wait(&closed);
    return NULL; // what the library keeps for this thread goes now
}

static void a_thread_may_end_after_the_library_was_closed(void **state) {
    UNUSED(state);
    pthread_t thread;
    struct copy c;
    failed_with = NULL;
    assert_true(copy_open(&c, names[1]));
    assert_int_equal(pthread_barrier_init(&used, NULL, 2), 0);
    assert_int_equal(pthread_barrier_init(&closed, NULL, 2), 0);
    assert_int_equal(pthread_create(&thread, NULL, use_and_outlive, &c), 0);
    pthread_barrier_wait(&used);
    assert_int_equal(dlclose(c.so), 0);
    pthread_barrier_wait(&closed);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (failed_with)
        fail_msg("%s", failed_with);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, sandbox_end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(copies_in_one_process_serve_each_other_and_keep_apart),
        CASE(threads_load_and_close_it_at_the_same_time),
        CASE(a_thread_may_end_after_the_library_was_closed),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
