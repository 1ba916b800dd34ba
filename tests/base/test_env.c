// The system's randomness: drawn ahead, never handed out twice, not even by a forked child.
#include "../test.h"
#include "base/env.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void random_bytes_do_not_repeat(void **state) {
    UNUSED(state);
    static uint8_t seen[2000][16];
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        env_random(env_system(), buf_of(seen[i], 16));
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(seen[i], seen[k], 16);
    }
}

static void any_length_is_filled_and_no_more(void **state) {
    UNUSED(state);
    static const size_t lengths[] = {0, 1, 16, 255, 256, 257, 4096, 9000};
    static uint8_t out[9001];
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        memset(out, 0, sizeof out);
        env_random(env_system(), buf_of(out, lengths[i]));
        assert_int_equal(out[lengths[i]], 0);
        size_t zeros = 0;
        for (size_t k = 0; k < lengths[i]; k++)
            zeros += out[k] == 0;
        assert_true(zeros <= 2 + lengths[i] / 50);
    }
}

static void a_forked_child_draws_its_own(void **state) {
    UNUSED(state);
    uint8_t parent[32], child[32];
    int ends[2];
    env_random(env_system(), buf_of(parent, 32)); // so that bytes are drawn ahead
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        env_random(env_system(), buf_of(child, 32));
        _exit(write(ends[1], child, 32) == 32 ? 0 : 1);
    }
    assert_int_equal(read(ends[0], child, 32), 32);
    env_random(env_system(), buf_of(parent, 32));
    assert_memory_not_equal(parent, child, 32);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
}

static void *draw_in_thread(void *out) {
    env_random(env_system(), buf_of(out, 32));
    return NULL;
}

static void threads_draw_their_own(void **state) {
    UNUSED(state);
    uint8_t out[8][32];
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, draw_in_thread, out[i]), 0);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < 8; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(out[i], out[k], 32);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(random_bytes_do_not_repeat),
        cmocka_unit_test(any_length_is_filled_and_no_more),
        cmocka_unit_test(a_forked_child_draws_its_own),
        cmocka_unit_test(threads_draw_their_own),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
