// test_event.c: events over the ring and as lines of the log.
#include "../test.h"
#include "server/event.h"

static uint8_t bytes[EVENT_BYTES_MAX], line[65536];

static struct event sample(void) {
    return (struct event){
        .time_us = INT64_C(1795428000123456),
        .duration_us = 42,
        .kind = EVENT_AS,
        .result = OBOL_KDC_ERR_PREAUTH_FAILED,
        .account = EVENT_ACCOUNT_FAILURE,
        .transport = EVENT_UDP,
        .answered = true,
        .address = {127, 0, 0, 1},
        .address_len = 4,
        .port = 4242,
        .request_len = 200,
        .reply_len = 150,
        .client = SLICE_LITERAL("alice@OBOL.TEST"),
        .server = SLICE_LITERAL("krbtgt/OBOL.TEST@OBOL.TEST"),
        .stage = SLICE_LITERAL("check preauthentication"),
        .section = SLICE_LITERAL("RFC 4120 3.1.3"),
        .detail = SLICE_LITERAL("no key opens it"),
        .worker = SLICE_LITERAL("0"),
    };
}

static struct slice encoded(const struct event *e) {
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    event_encode(e, &w);
    assert_true(writer_ok(&w));
    return writer_slice(&w);
}

static struct slice as_text(const struct event *e) {
    struct writer w = writer_to_buf(buf_of(line, sizeof line));
    event_write_text(e, &w);
    return writer_slice(&w);
}

static struct slice as_json(const struct event *e) {
    struct writer w = writer_to_buf(buf_of(line, sizeof line));
    event_write_json(e, &w);
    return writer_slice(&w);
}

static void an_event_survives_the_ring(void **state) {
    struct event in = sample(), out;
    uint8_t before[4096];
    UNUSED(state);
    struct slice text = as_json(&in);
    memcpy(before, text.ptr, text.len);
    size_t len = text.len;
    assert_true(event_decode(encoded(&in), &out));
    assert_slice_equal(as_json(&out), slice_of(before, len));
}

static void damaged_events_are_refused(void **state) {
    struct event in = sample(), out;
    UNUSED(state);
    struct slice whole = encoded(&in);
    for (size_t n = 0; n < whole.len; n++)
        assert_false(event_decode(slice_of(whole.ptr, n), &out));
    bytes[whole.len] = 0;
    assert_false(event_decode(slice_of(whole.ptr, whole.len + 1), &out));
    in.kind = (enum event_kind)200;
    assert_false(event_decode(encoded(&in), &out));
    in = sample();
    in.result = OBOL_CODE_COUNT;
    assert_false(event_decode(encoded(&in), &out));
    in = sample();
    in.address_len = 5;
    assert_false(event_decode(encoded(&in), &out));
}

static void long_names_are_cut_and_still_fit(void **state) {
    static uint8_t name[100000];
    struct event in = sample(), out;
    UNUSED(state);
    in.client = in.server = in.record = in.stage = in.section = in.detail =
        slice_of(name, sizeof name);
    assert_true(event_decode(encoded(&in), &out));
    assert_int_equal(out.client.len, EVENT_TEXT_MAX);
    assert_true(as_json(&out).len > 0); // all of it escaped, and the line fits
    assert_true(as_text(&out).len > 0);
}

static void a_text_line_says_who_what_result_reason_and_time(void **state) {
    struct event e = sample();
    UNUSED(state);
    assert_slice_str(
        as_text(&e),
        "2026-11-23T10:00:00.123456Z AS KDC_ERR_PREAUTH_FAILED client=alice@OBOL.TEST "
        "server=krbtgt/OBOL.TEST@OBOL.TEST from=udp:127.0.0.1:4242 us=42 in=200 out=150 "
        "account=failure worker=0 stage=\"check preauthentication\" section=\"RFC 4120 3.1.3\" "
        "reason=\"no key opens it\"\n");
}

static void a_json_line_says_the_same(void **state) {
    struct event e = sample();
    UNUSED(state);
    assert_slice_str(
        as_json(&e),
        "{\"time\":\"2026-11-23T10:00:00.123456Z\",\"kind\":\"AS\","
        "\"result\":\"KDC_ERR_PREAUTH_FAILED\",\"client\":\"alice@OBOL.TEST\","
        "\"server\":\"krbtgt/OBOL.TEST@OBOL.TEST\",\"transport\":\"udp\","
        "\"address\":\"127.0.0.1\",\"port\":4242,\"us\":42,\"in\":200,\"out\":150,"
        "\"account\":\"failure\",\"worker\":\"0\",\"stage\":\"check preauthentication\","
        "\"section\":\"RFC 4120 3.1.3\",\"reason\":\"no key opens it\"}\n");
}

static void a_name_from_outside_can_forge_no_line_and_no_member(void **state) {
    struct event e = sample();
    UNUSED(state);
    e.client = SLICE_LITERAL("eve\n2026 AS ok\x1b[2J\xff us=1 \"@R");
    struct slice text = as_text(&e);
    assert_int_equal(slice_find(text, '\n'), text.len - 1);
    assert_int_equal(slice_find(text, 0x1b), text.len);
    assert_int_equal(slice_find(text, 0xff), text.len);
    assert_non_null(memmem(text.ptr, text.len, "client=\"eve\\u000a2026", 20));
    text = as_json(&e);
    assert_int_equal(slice_find(text, '\n'), text.len - 1);
    assert_int_equal(slice_find(text, 0x1b), text.len);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(an_event_survives_the_ring),
        cmocka_unit_test(damaged_events_are_refused),
        cmocka_unit_test(long_names_are_cut_and_still_fit),
        cmocka_unit_test(a_text_line_says_who_what_result_reason_and_time),
        cmocka_unit_test(a_json_line_says_the_same),
        cmocka_unit_test(a_name_from_outside_can_forge_no_line_and_no_member),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
