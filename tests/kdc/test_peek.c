// test_peek.c: what is read of a request before anything is decoded.
#include "../arena_fixture.h"
#include "kdc/peek.h"
#include "proto/types.h"

static struct slice request(const struct der_type *type, int32_t msg_type, bool named) {
    static struct slice name[2];
    name[0] = SLICE_LITERAL("alice");
    int32_t etypes[] = {18};
    struct kdc_req req = {.pvno = 5, .msg_type = msg_type};
    req.req_body.realm = SLICE_LITERAL("EXAMPLE.COM");
    req.req_body.nonce = 1;
    req.req_body.till = 1795428000;
    req.req_body.etype = (struct int32_list){etypes, 1};
    if (named) {
        req.req_body.present |= KDC_REQ_BODY_CNAME;
        req.req_body.cname = (struct principal_name){1, {name, 1}};
    }
    struct slice out = {0};
    assert_ok(der_encode(type, &req, &arena, &out, NULL));
    return out;
}

static void realm_and_client_are_found(void **state) {
    struct kdc_peek p;
    UNUSED(state);
    assert_true(kdc_peek(request(&TYPE_AS_REQ, 10, true), &p));
    assert_slice_str(p.realm, "EXAMPLE.COM");
    assert_non_null(memmem(p.client.ptr, p.client.len, "alice", 5));
    assert_true(p.client.ptr + p.client.len < p.realm.ptr);
    assert_true(kdc_peek(request(&TYPE_TGS_REQ, 12, false), &p));
    assert_slice_str(p.realm, "EXAMPLE.COM");
    assert_int_equal(p.client.len, 0);
}

static void what_is_cut_or_no_request_has_neither(void **state) {
    struct kdc_peek p;
    UNUSED(state);
    struct slice whole = request(&TYPE_AS_REQ, 10, true);
    for (size_t i = 0; i < whole.len; i++)
        assert_false(kdc_peek(slice_sub(whole, 0, i), &p));
    uint8_t other[512];
    memcpy(other, whole.ptr, whole.len);
    other[0] = 0x6b; // AS-REP
    assert_false(kdc_peek(slice_of(other, whole.len), &p));
}

// Whatever a byte is changed to, what is found lies within the request.
static void what_is_found_lies_within(void **state) {
    struct kdc_peek p;
    uint8_t other[512];
    UNUSED(state);
    struct slice whole = request(&TYPE_AS_REQ, 10, true);
    for (size_t i = 0; i < whole.len; i++)
        for (unsigned value = 0; value < 256; value++) {
            memcpy(other, whole.ptr, whole.len);
            other[i] = (uint8_t)value;
            if (!kdc_peek(slice_of(other, whole.len), &p))
                continue;
            assert_true(p.realm.len == 0 ||
                        (p.realm.ptr > other && p.realm.ptr + p.realm.len <= other + whole.len));
            assert_true(p.client.len == 0 || p.client.ptr + p.client.len < p.realm.ptr);
        }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(realm_and_client_are_found),
        cmocka_unit_test(what_is_cut_or_no_request_has_neither),
        cmocka_unit_test(what_is_found_lies_within),
    };
    return cmocka_run_group_tests(cases, arena_begin, arena_end);
}
