// The window of sequence numbers, and tokens of ours from end to end: late, twice, with gaps.
#include "../test.h"
#include "gss/message.h"

#define BOTH (GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE)

static const uint8_t key_bytes[CRYPTO_KEY_MAX] = "the key of two ends of a context";

struct ends {
    struct arena arena;
    struct gss_context i, a;
};

static void ends_init(struct ends *e, int32_t enctype, uint32_t flags, uint64_t first) {
    assert_true(arena_init(&e->arena, 1 << 16, 1 << 20));
    struct slice bytes = slice_of(key_bytes, enctype_key_length(enctype_find(enctype)));
    e->i = (struct gss_context){
        .initiator = true, .flags = flags, .send_seq = first, .receive_seq = first};
    assert_ok(crypto_key_in_arena(&e->i.key, &e->arena, enctype, bytes, NULL));
    e->a = e->i;
    e->a.initiator = false;
    assert_ok(crypto_key_in_arena(&e->a.key, &e->arena, enctype, bytes, NULL));
    assert_ok(gss_context_keep(&e->i, NULL));
    assert_ok(gss_context_keep(&e->a, NULL));
}

static void ends_clear(struct ends *e) {
    gss_context_release(&e->i);
    gss_context_release(&e->a);
    gss_context_release(&e->a); // twice is fine
    arena_clear(&e->arena);
}

static enum gss_order arrive(struct ends *e, uint64_t seq) {
    return gss_order_check(&e->a, seq);
}

static void each_kind_of_arrival_is_told(void **state) {
    UNUSED(state);
    struct ends e;
    const uint64_t first = 1000;
    ends_init(&e, ENCTYPE_AES256_SHA384, BOTH, first);
    assert_int_equal(arrive(&e, first), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, first), GSS_ORDER_DUPLICATE);
    assert_int_equal(arrive(&e, first + 1), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, first + 4), GSS_ORDER_GAP);
    assert_int_equal(arrive(&e, first + 3), GSS_ORDER_UNSEQ);
    assert_int_equal(arrive(&e, first + 3), GSS_ORDER_DUPLICATE);
    assert_int_equal(arrive(&e, first + 2), GSS_ORDER_UNSEQ);
    assert_int_equal(arrive(&e, first + 5), GSS_ORDER_OK);
    // The whole window behind the newest is known, and what lies behind it is not.
    assert_int_equal(arrive(&e, first + 200), GSS_ORDER_GAP);
    assert_int_equal(arrive(&e, first + 201 - GSS_WINDOW), GSS_ORDER_UNSEQ);
    assert_int_equal(arrive(&e, first + 201 - GSS_WINDOW), GSS_ORDER_DUPLICATE);
    assert_int_equal(arrive(&e, first + 200 - GSS_WINDOW), GSS_ORDER_OLD);
    assert_int_equal(arrive(&e, first), GSS_ORDER_OLD);
    assert_int_equal(arrive(&e, first + 200), GSS_ORDER_DUPLICATE);
    assert_int_equal(arrive(&e, first + 264), GSS_ORDER_GAP); // 63 skipped
    assert_int_equal(arrive(&e, first + 200), GSS_ORDER_OLD);
    ends_clear(&e);
}

static void the_last_number_of_the_window_survives_a_jump(void **state) {
    UNUSED(state);
    for (uint64_t skipped = 0; skipped < 70; skipped++) {
        struct ends e;
        ends_init(&e, ENCTYPE_AES128_SHA1, BOTH, 7);
        assert_int_equal(arrive(&e, 7), GSS_ORDER_OK);
        assert_int_equal(arrive(&e, 8 + skipped), skipped ? GSS_ORDER_GAP : GSS_ORDER_OK);
        assert_int_equal(arrive(&e, 7),
                         skipped + 2 <= GSS_WINDOW ? GSS_ORDER_DUPLICATE : GSS_ORDER_OLD);
        assert_int_equal(arrive(&e, 8 + skipped), GSS_ORDER_DUPLICATE);
        ends_clear(&e);
    }
}

static void the_flags_say_what_is_told(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ENCTYPE_AES128_SHA1, GSS_FLAG_REPLAY, 0);
    assert_int_equal(arrive(&e, 5), GSS_ORDER_OK); // a gap is nothing
    assert_int_equal(arrive(&e, 3), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, 3), GSS_ORDER_DUPLICATE);
    assert_int_equal(arrive(&e, 500), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, 4), GSS_ORDER_OLD);
    ends_clear(&e);
    ends_init(&e, ENCTYPE_AES128_SHA1, GSS_FLAG_SEQUENCE, 0);
    assert_int_equal(arrive(&e, 5), GSS_ORDER_GAP);
    assert_int_equal(arrive(&e, 5), GSS_ORDER_UNSEQ); // a replay is no more than late
    assert_int_equal(arrive(&e, 500), GSS_ORDER_GAP);
    assert_int_equal(arrive(&e, 4), GSS_ORDER_UNSEQ);
    ends_clear(&e);
    ends_init(&e, ENCTYPE_AES128_SHA1, 0, 0);
    assert_int_equal(arrive(&e, 5), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, 5), GSS_ORDER_OK);
    ends_clear(&e);
}

static void numbers_run_over(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ENCTYPE_RC4_HMAC, BOTH, 0xffffffff); // 32 bits go over the wire
    assert_int_equal(arrive(&e, 0xffffffff), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, 0), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, 2), GSS_ORDER_GAP);
    assert_int_equal(arrive(&e, 0xffffffff), GSS_ORDER_DUPLICATE);
    ends_clear(&e);
    ends_init(&e, ENCTYPE_AES256_SHA1, BOTH, UINT64_MAX);
    assert_int_equal(arrive(&e, UINT64_MAX), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, 0), GSS_ORDER_OK);
    assert_int_equal(arrive(&e, UINT64_MAX), GSS_ORDER_DUPLICATE);
    assert_int_equal(arrive(&e, UINT64_MAX - 1), GSS_ORDER_UNSEQ);
    ends_clear(&e);
}

static void send(struct gss_context *c, bool conf, struct slice message, struct buf *token,
                 struct arena *a) {
    *token = arena_buf(a, gss_message_wrap_length(c, conf, message.len));
    assert_ok(gss_message_wrap(c, conf, message, *token, env_system(), NULL));
}

static enum obol_code receive(struct gss_context *c, struct buf token, struct slice *message,
                              struct gss_opened *o, struct arena *a) {
    struct buf room = arena_buf(a, gss_message_unwrap_room(token.len));
    size_t len = 0;
    enum obol_code code = gss_message_unwrap(c, slice_of_buf(token), room, &len, o, NULL);
    *message = slice_of(room.ptr, len);
    return code;
}

static void tokens_of_ours_go_both_ways_at_every_length(void **state) {
    UNUSED(state);
    static uint8_t text[5000];
    static const size_t lengths[] = {0, 1, 15, 16, 17, 31, 32, 33, 64, 127, 1024, 5000};
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 5);
    for (size_t k = 0; enctype_at(k); k++) {
        struct ends e;
        ends_init(&e, enctype_number(enctype_at(k)), BOTH, 17);
        for (size_t n = 0; n < 2 * COUNT_OF(lengths); n++) {
            struct slice message = slice_of(text, lengths[n / 2]), got;
            struct buf token;
            struct gss_opened o;
            for (unsigned way = 0; way < 2; way++) {
                send(way ? &e.a : &e.i, n % 2, message, &token, &e.arena);
                assert_ok(receive(way ? &e.i : &e.a, token, &got, &o, &e.arena));
                assert_slice_equal(got, message);
                assert_int_equal(o.conf, n % 2);
                assert_int_equal(o.order, GSS_ORDER_OK);
            }
        }
        ends_clear(&e);
    }
}

// A forgery moves no window: only a token that holds counts as arrived.
static void what_is_refused_does_not_count(void **state) {
    UNUSED(state);
    struct ends e;
    struct buf one, two;
    struct slice got;
    struct gss_opened o;
    ends_init(&e, ENCTYPE_AES256_SHA1, BOTH, 3);
    send(&e.i, true, SLICE_LITERAL("first"), &one, &e.arena);
    send(&e.i, true, SLICE_LITERAL("second"), &two, &e.arena);
    two.ptr[two.len - 1] ^= 1;
    assert_code(receive(&e.a, two, &got, &o, &e.arena), OBOL_DECRYPT_INTEGRITY);
    two.ptr[two.len - 1] ^= 1;
    assert_ok(receive(&e.a, one, &got, &o, &e.arena));
    assert_int_equal(o.order, GSS_ORDER_OK);
    assert_ok(receive(&e.a, two, &got, &o, &e.arena));
    assert_int_equal(o.order, GSS_ORDER_OK);
    assert_ok(receive(&e.a, one, &got, &o, &e.arena));
    assert_int_equal(o.order, GSS_ORDER_DUPLICATE);
    assert_slice_str(got, "first"); // it is told, and given all the same (RFC 2743 1.2.3)
    ends_clear(&e);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(each_kind_of_arrival_is_told),
        cmocka_unit_test(the_last_number_of_the_window_survives_a_jump),
        cmocka_unit_test(the_flags_say_what_is_told),
        cmocka_unit_test(numbers_run_over),
        cmocka_unit_test(tokens_of_ours_go_both_ways_at_every_length),
        cmocka_unit_test(what_is_refused_does_not_count),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
