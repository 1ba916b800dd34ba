// Secrets: guarded on both sides, wiped, never shared by mistake.
#include "../test.h"
#include "base/secret.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_secret_holds_and_forgets(void **state) {
    UNUSED(state);
    struct secret s;
    assert_true(secret_copy(&s, SLICE_LITERAL("correct horse")));
    assert_slice_str(secret_slice(&s), "correct horse");
    secret_clear(&s);
    assert_null(s.ptr);
    secret_clear(&s);
    assert_true(secret_init(&s, 0));
    secret_clear(&s);
    assert_false(secret_init(&s, SIZE_MAX));
}

static void an_overrun_faults_at_once(void **state) {
    UNUSED(state);
    pid_t child = fork();
    if (child == 0) {
        // A sanitizer's handler would turn the fault into a report and an exit.
        signal(SIGSEGV, SIG_DFL);
        struct secret s;
        volatile uint8_t *p = secret_init(&s, 10) ? s.ptr : (uint8_t *)"";
        p[10] = 1;
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_secret_holds_and_forgets),
        cmocka_unit_test(an_overrun_faults_at_once),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
