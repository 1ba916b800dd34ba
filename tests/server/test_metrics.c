// test_metrics.c: what is counted, and how it is told.
#include "../test.h"
#include "server/metrics.h"
#include <stdio.h>

static struct metrics blocks[2];
static struct metrics_parent parent = {.workers = 2, .restarts = 1, .started_us = 1000000};
static uint8_t room[256 * 1024];

static void count(struct metrics *m, enum event_kind kind, enum obol_code result, const char *stage,
                  uint32_t us) {
    const struct event e = {.kind = kind,
                            .result = result,
                            .stage = slice_str(stage),
                            .duration_us = us,
                            .transport = EVENT_TCP,
                            .request_len = 10,
                            .reply_len = 20};
    metrics_count(m, &e);
}

static const char *told(void (*write)(const struct metrics_view *v, struct writer *w)) {
    const struct metrics_view v = {blocks, 2, &parent, {.now_us = 61000000, .queue_bytes = 7}};
    struct writer w = writer_to_buf(buf_of(room, sizeof room - 1));
    write(&v, &w);
    assert_true(writer_ok(&w));
    room[w.len] = '\0';
    return (const char *)room;
}

static int setup(void **state) {
    UNUSED(state);
    memset(blocks, 0, sizeof blocks);
    return 0;
}

static void outcomes_of_all_workers_are_summed_by_kind_result_and_stage(void **state) {
    UNUSED(state);
    for (int i = 0; i < 3; i++)
        count(&blocks[i % 2], EVENT_TGS, OBOL_OK, "", 5);
    count(&blocks[0], EVENT_AS, OBOL_KDC_ERR_PREAUTH_FAILED, "preauthenticate", 5000000);
    count(&blocks[1], EVENT_AS, OBOL_KDC_ERR_PREAUTH_FAILED, "check client", 5);
    const char *text = told(metrics_write_prometheus);
    assert_non_null(strstr(text, "obol_requests_total{type=\"TGS\",result=\"ok\",stage=\"\"} 3\n"));
    assert_non_null(strstr(text, "{type=\"AS\",result=\"KDC_ERR_PREAUTH_FAILED\","
                                 "stage=\"preauthenticate\"} 1\n"));
    assert_non_null(strstr(text, "stage=\"check client\"} 1\n"));
    assert_non_null(strstr(text, "_bucket{le=\"0.000004\"} 0\n"));
    assert_non_null(strstr(text, "_bucket{le=\"0.000008\"} 4\n"));
    assert_non_null(strstr(text, "_bucket{le=\"+Inf\"} 5\n"));
    assert_non_null(strstr(text, "obol_request_duration_seconds_sum 5.000020\n"));
    assert_non_null(strstr(text, "obol_transport_requests_total{transport=\"tcp\"} 5\n"));
    assert_non_null(strstr(text, "obol_uptime_seconds 60\n"));
    text = told(metrics_write_json);
    assert_non_null(strstr(text, "\"requests\":{\"OTHER\":0,\"AS\":2,\"TGS\":3,"));
    assert_non_null(strstr(text, "\"results\":{\"ok\":3,\"KDC_ERR_PREAUTH_FAILED\":2}"));
    assert_non_null(strstr(text, "\"queue_bytes\":7"));
    text = told(metrics_write_text);
    assert_non_null(strstr(text, "50% within 8 us, 90% above"));
}

static void nothing_yet_is_told_as_such(void **state) {
    UNUSED(state);
    assert_non_null(strstr(told(metrics_write_text), "no request yet"));
    assert_non_null(strstr(told(metrics_write_json), "\"outcomes\":[]"));
    assert_non_null(strstr(told(metrics_write_prometheus), "_count 0\n"));
}

static void when_the_rows_are_full_the_last_counts_the_rest(void **state) {
    UNUSED(state);
    char stage[16];
    for (int i = 0; i < 2 * METRICS_OUTCOMES; i++) {
        snprintf(stage, sizeof stage, "stage %d", i);
        count(&blocks[0], EVENT_AS, OBOL_INTERNAL, stage, 1);
    }
    assert_int_equal(blocks[0].outcomes[METRICS_OUTCOMES - 1].count, METRICS_OUTCOMES + 1);
    assert_non_null(strstr(told(metrics_write_json), "\"AS\":192,"));
}

static void a_block_that_was_damaged_is_not_believed(void **state) {
    UNUSED(state);
    blocks[0].outcomes[0] = (struct metrics_outcome){.count = 1, .kind = 999};
    blocks[0].outcomes[1] = (struct metrics_outcome){.count = 1, .result = 60000};
    blocks[0].outcomes[2] = (struct metrics_outcome){.count = 1, .stage_len = 60000};
    blocks[0].outcomes[3] = (struct metrics_outcome){.count = 1, .stage_len = 3, .stage = "\"\n\\"};
    assert_non_null(strstr(told(metrics_write_json), "\"OTHER\":1,"));
    assert_non_null(strstr(told(metrics_write_prometheus), "stage=\"???\"} 1\n"));
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup(outcomes_of_all_workers_are_summed_by_kind_result_and_stage, setup),
        cmocka_unit_test_setup(nothing_yet_is_told_as_such, setup),
        cmocka_unit_test_setup(when_the_rows_are_full_the_last_counts_the_rest, setup),
        cmocka_unit_test_setup(a_block_that_was_damaged_is_not_believed, setup),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
