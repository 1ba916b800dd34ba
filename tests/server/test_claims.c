// test_claims.c: a question is asked by one worker, whichever of them the request reaches.
#include "../test.h"
#include "server/claims.h"
#include <sys/wait.h>
#include <unistd.h>

enum { LIFE = 1000, NOW = 5000 };

static void the_first_asks_and_the_others_hear_what_came_of_it(void **state) {
    struct claims *c = claims_new(64, LIFE, env_system());
    unsigned verdict;
    UNUSED(state);
    struct siphash_128 tag = claims_tag(c, SLICE_LITERAL("request"), 1);
    assert_int_equal(claims_look(c, tag, NOW, &verdict), CLAIM_FULL);
    assert_int_equal(claims_take(c, tag, NOW, &verdict), CLAIM_MINE);
    assert_int_equal(claims_take(c, tag, NOW, &verdict), CLAIM_ASKED);
    assert_int_equal(claims_look(c, tag, NOW, &verdict), CLAIM_ASKED);
    claims_settle(c, tag, 2, NOW + 10);
    assert_int_equal(claims_take(c, tag, NOW + 20, &verdict), CLAIM_KNOWN);
    assert_int_equal(verdict, 2);
    assert_int_equal(claims_look(c, tag, NOW + 20, &verdict), CLAIM_KNOWN);
    // Another request, or another question of the same one, is another question.
    assert_int_equal(claims_take(c, claims_tag(c, SLICE_LITERAL("request"), 2), NOW, &verdict),
                     CLAIM_MINE);
    assert_int_equal(claims_take(c, claims_tag(c, SLICE_LITERAL("Request"), 1), NOW, &verdict),
                     CLAIM_MINE);
    claims_free(c);
}

static void it_is_forgotten_in_time(void **state) {
    struct claims *c = claims_new(64, LIFE, env_system());
    unsigned verdict;
    UNUSED(state);
    struct siphash_128 tag = claims_tag(c, SLICE_LITERAL("request"), 1);
    assert_int_equal(claims_take(c, tag, NOW, &verdict), CLAIM_MINE);
    assert_int_equal(claims_take(c, tag, NOW + LIFE, &verdict), CLAIM_ASKED);
    assert_int_equal(claims_look(c, tag, NOW + LIFE + 1, &verdict), CLAIM_FULL);
    claims_settle(c, tag, 1, NOW + LIFE + 1); // too late: nobody waits for it
    assert_int_equal(claims_take(c, tag, NOW + LIFE + 1, &verdict), CLAIM_MINE);
    claims_free(c);
}

static void what_is_being_asked_makes_no_room_for_more(void **state) {
    struct claims *c = claims_new(8, LIFE, env_system());
    struct siphash_128 tags[9];
    unsigned verdict;
    UNUSED(state);
    for (uint32_t i = 0; i < 9; i++)
        tags[i] = claims_tag(c, SLICE_LITERAL("request"), i);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(claims_take(c, tags[i], NOW + i, &verdict), CLAIM_MINE);
    assert_int_equal(claims_take(c, tags[8], NOW, &verdict), CLAIM_FULL);
    claims_settle(c, tags[5], 3, NOW + 20);
    claims_settle(c, tags[3], 3, NOW + 30);
    assert_int_equal(claims_take(c, tags[8], NOW + 40, &verdict), CLAIM_MINE);
    assert_int_equal(claims_look(c, tags[5], NOW + 40, &verdict), CLAIM_FULL);
    assert_int_equal(claims_look(c, tags[3], NOW + 40, &verdict), CLAIM_KNOWN);
    claims_free(c);
}

static void one_of_many_processes_asks(void **state) {
    enum { PROCESSES = 8, QUESTIONS = 200 };
    struct claims *c = claims_new(4096, INT64_C(1) << 40, env_system());
    UNUSED(state);
    int results[2];
    assert_int_equal(pipe(results), 0);
    for (int p = 0; p < PROCESSES; p++) {
        if (fork() != 0)
            continue;
        unsigned verdict, mine = 0;
        for (uint32_t i = 0; i < QUESTIONS; i++)
            mine +=
                claims_take(c, claims_tag(c, SLICE_LITERAL("q"), i), NOW, &verdict) == CLAIM_MINE;
        _exit(write(results[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
    }
    unsigned total = 0;
    for (int p = 0; p < PROCESSES; p++) {
        unsigned mine = 0;
        int status;
        assert_true(wait(&status) > 0 && status == 0);
        assert_int_equal(read(results[0], &mine, sizeof mine), sizeof mine);
        total += mine;
    }
    assert_int_equal(total, QUESTIONS);
    close(results[0]);
    close(results[1]);
    claims_free(c);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_first_asks_and_the_others_hear_what_came_of_it),
        cmocka_unit_test(it_is_forgotten_in_time),
        cmocka_unit_test(what_is_being_asked_makes_no_room_for_more),
        cmocka_unit_test(one_of_many_processes_asks),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
