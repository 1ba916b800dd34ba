// test_radius.c: the messages of RADIUS: the examples of RFC 2865 7 for what is hidden and signed,
// and each way in which a reply is none.
#include "../test.h"
#include "crypto/primitive.h"
#include "server/radius.h"
#include <stdio.h>

#define SECRET SLICE_LITERAL("xyzzy5461")

static struct slice hex(const char *text) {
    static uint8_t rooms[4][512];
    static unsigned at;
    struct buf out = buf_of(rooms[at++ % 4], sizeof rooms[0]);
    size_t len = 0;
    for (const char *p = text; *p; p++) {
        if (*p == ' ')
            continue;
        unsigned byte;
        assert_int_equal(sscanf(p++, "%2x", &byte), 1);
        out.ptr[len++] = (uint8_t)byte;
    }
    return slice_of(out.ptr, len);
}

static void the_password_of_rfc_2865_7_1_is_hidden_as_there(void **state) {
    uint8_t hidden[16];
    UNUSED(state);
    radius_hide(SLICE_LITERAL("arctangent"), SECRET, hex("0f403f94 73978057 bd83d5cb 98f4227a").ptr,
                buf_of(hidden, sizeof hidden));
    assert_slice_equal(slice_of(hidden, 16), hex("0dbe708d93d413ce3196e43f782a0aee"));
}

static void a_long_password_is_hidden_block_by_block(void **state) {
    uint8_t hidden[32], mask[16];
    struct slice authenticator = hex("0f403f9473978057bd83d5cb98f4227a");
    struct slice password = SLICE_LITERAL("0123456789abcdefX");
    UNUSED(state);
    radius_hide(password, SECRET, authenticator.ptr, buf_of(hidden, sizeof hidden));
    const struct slice parts[] = {SECRET, slice_of(hidden, 16)};
    hash_compute(HASH_MD5, parts, 2, mask);
    assert_int_equal(hidden[16] ^ mask[0], 'X');
    for (int i = 1; i < 16; i++)
        assert_int_equal(hidden[16 + i], mask[i]);
}

static struct radius_request request(void) {
    struct radius_request rq = {.id = 7,
                                .user = SLICE_LITERAL("alice"),
                                .password = SLICE_LITERAL("314159"),
                                .nas = SLICE_LITERAL("kdc.example.com")};
    for (uint8_t i = 0; i < 16; i++)
        rq.authenticator[i] = (uint8_t)(0xa0 + i);
    return rq;
}

static void a_request_is_signed_first_and_carries_what_rfc_2865_4_1_asks_for(void **state) {
    uint8_t room[RADIUS_REQUEST_MAX], sum[16], zeros[16] = {0};
    struct radius_request rq = request();
    struct writer w = writer_to_buf(buf_of(room, sizeof room));
    UNUSED(state);
    radius_request_write(&rq, SECRET, &w);
    assert_true(writer_ok(&w));
    struct slice p = writer_slice(&w);
    assert_int_equal(p.ptr[0], 1);
    assert_int_equal(p.ptr[1], 7);
    assert_int_equal(p.ptr[2] << 8 | p.ptr[3], p.len);
    assert_memory_equal(p.ptr + 4, rq.authenticator, 16);
    assert_slice_equal(slice_sub(p, 20, 2), hex("5012")); // Message-Authenticator
    const struct slice parts[] = {slice_sub(p, 0, 22), slice_of(zeros, 16),
                                  slice_sub(p, 38, p.len)};
    struct hmac m;
    hmac_prepare(&m, HASH_MD5, SECRET);
    hmac_compute(&m, HASH_MD5, parts, 3, sum);
    assert_memory_equal(p.ptr + 22, sum, 16);
    assert_slice_equal(slice_sub(p, 38, 7), SLICE_LITERAL("\x01\x07"
                                                          "alice"));
    assert_slice_equal(slice_sub(p, 45, 2), hex("0212"));
    uint8_t hidden[16];
    radius_hide(rq.password, SECRET, rq.authenticator, buf_of(hidden, 16));
    assert_memory_equal(p.ptr + 47, hidden, 16);
    assert_slice_equal(slice_sub(p, 63, 6), hex("0606 00000008"));
    assert_slice_equal(slice_sub(p, 69, p.len), SLICE_LITERAL("\x20\x11"
                                                              "kdc.example.com"));
}

static void what_does_not_fit_is_not_written(void **state) {
    static uint8_t room[RADIUS_REQUEST_MAX], many[300];
    const struct {
        size_t user, password;
        bool fits;
    } rows[] = {{253, 128, true}, {254, 6, false}, {0, 6, false}, {5, 129, false}, {1, 0, true}};
    UNUSED(state);
    memset(many, 'x', sizeof many);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct radius_request rq = request();
        struct writer w = writer_to_buf(buf_of(room, sizeof room));
        rq.user = slice_of(many, rows[i].user);
        rq.password = slice_of(many, rows[i].password);
        rq.nas = slice_of(many, 253);
        radius_request_write(&rq, SECRET, &w);
        assert_int_equal(writer_ok(&w), rows[i].fits);
        assert_int_equal(radius_fits(rq.user, rq.password), rows[i].fits);
    }
}

// A reply to the request above, signed as a server does; the caller may damage it afterwards.
static size_t reply(uint8_t *out, uint8_t code, uint8_t id, struct slice attributes, bool sign,
                    struct slice secret) {
    struct radius_request rq = request();
    struct writer w = writer_to_buf(buf_of(out, 600));
    writer_u8(&w, code);
    writer_u8(&w, id);
    size_t len = 20 + attributes.len + (sign ? 18 : 0);
    writer_be16(&w, (uint16_t)len);
    writer_bytes(&w, slice_of(rq.authenticator, 16));
    writer_bytes(&w, attributes);
    if (sign) {
        struct hmac m;
        struct slice whole;
        writer_bytes(&w, hex("5012 00000000000000000000000000000000"));
        whole = writer_slice(&w);
        hmac_prepare(&m, HASH_MD5, secret);
        hmac_compute(&m, HASH_MD5, &whole, 1, out + len - 16);
    }
    const struct slice parts[] = {slice_of(out, len), secret};
    uint8_t sum[16];
    hash_compute(HASH_MD5, parts, 2, sum);
    memcpy(out + 4, sum, 16);
    return len;
}

static enum radius_fault fault_of(const uint8_t *bytes, size_t len, struct radius_reply *r) {
    struct radius_request rq = request();
    return radius_reply_read(slice_of(bytes, len), 7, rq.authenticator, SECRET, r);
}

static void genuine_replies_are_taken(void **state) {
    static const uint8_t codes[] = {RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_REJECT,
                                    RADIUS_ACCESS_CHALLENGE};
    uint8_t bytes[600];
    struct radius_reply r;
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        size_t len =
            reply(bytes, codes[i], 7, SLICE_LITERAL("\x12\x05hey\x12\x04no"), true, SECRET);
        assert_int_equal(fault_of(bytes, len, &r), RADIUS_FINE);
        assert_int_equal(r.code, codes[i]);
        assert_slice_str(r.message, "hey");
        // RFC 2865 3: what stands behind the length is padding.
        assert_int_equal(fault_of(bytes, len + 3, &r), RADIUS_FINE);
    }
}

static void the_reply_of_rfc_2865_7_1_is_right_but_unprotected(void **state) {
    struct radius_reply r;
    struct slice packet = hex("02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2"
                              "06 06 00 00 00 01 0f 06 00 00 00 00 0e 06 c0 a8 01 03");
    uint8_t sum[16];
    UNUSED(state);
    const struct slice parts[] = {slice_sub(packet, 0, 4), hex("0f403f9473978057bd83d5cb98f4227a"),
                                  slice_sub(packet, 20, 18), SECRET};
    hash_compute(HASH_MD5, parts, 4, sum);
    assert_memory_equal(packet.ptr + 4, sum, 16);
    assert_int_equal(radius_reply_read(packet, 0, parts[1].ptr, SECRET, &r), RADIUS_UNPROTECTED);
}

static void without_a_secret_a_reply_need_not_be_signed(void **state) {
    uint8_t bytes[600];
    struct radius_reply r;
    struct radius_request rq = request();
    UNUSED(state);
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        size_t len = reply(bytes, RADIUS_ACCESS_ACCEPT, 7, (struct slice){0}, is_signed != 0,
                           (struct slice){0});
        struct slice packet = slice_of(bytes, len);
        assert_int_equal(radius_reply_read(packet, 7, rq.authenticator, (struct slice){0}, &r),
                         RADIUS_FINE);
        assert_int_not_equal(radius_reply_read(packet, 7, rq.authenticator, SECRET, &r),
                             RADIUS_FINE);
        for (size_t i = 4; i < len; i++) { // whatever is changed, it answers something else
            bytes[i] ^= 1;
            assert_int_not_equal(
                radius_reply_read(packet, 7, rq.authenticator, (struct slice){0}, &r), RADIUS_FINE);
            bytes[i] ^= 1;
        }
    }
}

static void a_reply_with_a_bit_flipped_is_none(void **state) {
    uint8_t bytes[600];
    struct radius_reply r;
    UNUSED(state);
    size_t len = reply(bytes, RADIUS_ACCESS_ACCEPT, 7, SLICE_LITERAL("\x12\x05hey"), true, SECRET);
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(fault_of(bytes, len, &r), RADIUS_FINE);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t shorter = 0; shorter < len; shorter++)
        assert_int_equal(fault_of(bytes, shorter, &r), RADIUS_MALFORMED);
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_FINE);
}

static void forged_replies_are_told_apart(void **state) {
    uint8_t bytes[600];
    struct radius_reply r;
    UNUSED(state);
    size_t len =
        reply(bytes, RADIUS_ACCESS_ACCEPT, 7, (struct slice){0}, true, SLICE_LITERAL("another"));
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_FORGED);
    len = reply(bytes, RADIUS_ACCESS_ACCEPT, 7, (struct slice){0}, false, SECRET);
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_UNPROTECTED);
    len = reply(bytes, RADIUS_ACCESS_ACCEPT, 8, (struct slice){0}, true, SECRET);
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_OTHER);
    len = reply(bytes, 5, 7, (struct slice){0}, true, SECRET);
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_MALFORMED);
    // Only one of the two sums is right: that is what the collision of MD5 gives.
    len = reply(bytes, RADIUS_ACCESS_ACCEPT, 7, (struct slice){0}, true, SECRET);
    bytes[4] ^= 1;
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_FORGED);
    bytes[4] ^= 1;
    bytes[len - 1] ^= 1;
    struct radius_request rq = request();
    const struct slice parts[] = {slice_of(bytes, 4), slice_of(rq.authenticator, 16),
                                  slice_of(bytes + 20, len - 20), SECRET};
    hash_compute(HASH_MD5, parts, 4, bytes + 4);
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_FORGED);
    // Two of them: which would count?
    len = reply(bytes, RADIUS_ACCESS_ACCEPT, 7, hex("5012 00000000000000000000000000000000"), true,
                SECRET);
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_MALFORMED);
    len = reply(bytes, RADIUS_ACCESS_ACCEPT, 7, hex("1201"), true, SECRET);
    assert_int_equal(fault_of(bytes, len, &r), RADIUS_MALFORMED);
}

static void each_fault_has_its_words(void **state) {
    UNUSED(state);
    for (int i = 0; i < RADIUS_FAULT_COUNT; i++)
        assert_true(strlen(radius_fault_text((enum radius_fault)i)) > 5);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_password_of_rfc_2865_7_1_is_hidden_as_there),
        cmocka_unit_test(a_long_password_is_hidden_block_by_block),
        cmocka_unit_test(a_request_is_signed_first_and_carries_what_rfc_2865_4_1_asks_for),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(genuine_replies_are_taken),
        cmocka_unit_test(the_reply_of_rfc_2865_7_1_is_right_but_unprotected),
        cmocka_unit_test(without_a_secret_a_reply_need_not_be_signed),
        cmocka_unit_test(a_reply_with_a_bit_flipped_is_none),
        cmocka_unit_test(forged_replies_are_told_apart),
        cmocka_unit_test(each_fault_has_its_words),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
