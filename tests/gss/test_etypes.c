// The enctype of a context's messages (RFC 4537): what a client says, and what a service makes of
// it.
#include "../arena_fixture.h"
#include "crypto/crypto.h"
#include "gss/cksum.h"
#include "gss/etypes.h"
#include "proto/authdata.h"
#include "proto/codes.h"

static int32_t preferred[] = {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA256, ENCTYPE_AES256_SHA1,
                              ENCTYPE_AES128_SHA1};
static const struct int32_list PREFERRED = {preferred, COUNT_OF(preferred)};
static const struct int32_list ANY = {0};

static struct authdata_list said(struct int32_list etypes, int32_t session) {
    struct authdata_list out;
    assert_ok(gss_authdata_make(etypes, session, false, &arena, &out, NULL));
    return out;
}

static int32_t chosen(const struct authdata_list *list, struct int32_list allowed) {
    int32_t out = 0;
    assert_ok(gss_etypes_choose(list, allowed, ENCTYPE_AES128_SHA1, &arena, &out, NULL));
    return out;
}

static void a_client_says_what_it_prefers_to_the_session_key(void **state) {
    UNUSED(state);
    struct authdata_list list = said(PREFERRED, ENCTYPE_AES256_SHA1), inner;
    struct int32_list etypes;
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].ad_type, AD_IF_RELEVANT);
    assert_ok(der_decode(&TYPE_AUTHORIZATION_DATA, list.items[0].ad_data, &arena, &inner, NULL));
    assert_int_equal(inner.items[0].ad_type, AD_ETYPE_NEGOTIATION);
    assert_ok(der_decode(&TYPE_ETYPE_LIST, inner.items[0].ad_data, &arena, &etypes, NULL));
    assert_int_equal(etypes.count, 3);
    assert_int_equal(etypes.items[0], ENCTYPE_AES256_SHA384);
    assert_int_equal(etypes.items[2], ENCTYPE_AES256_SHA1);
}

static void the_service_takes_the_first_that_it_allows(void **state) {
    UNUSED(state);
    struct authdata_list list = said(PREFERRED, ENCTYPE_AES128_SHA1);
    int32_t only[] = {ENCTYPE_AES256_SHA1};
    assert_int_equal(chosen(&list, ANY), ENCTYPE_AES256_SHA384);
    assert_int_equal(chosen(&list, (struct int32_list){only, 1}), ENCTYPE_AES256_SHA1);
}

static void without_a_common_one_the_session_keys_stays(void **state) {
    UNUSED(state);
    int32_t unknown[] = {12345, ENCTYPE_RC4_HMAC}, camellia[] = {ENCTYPE_CAMELLIA256};
    const struct authdata_list nothing = {0};
    struct authdata_list list = said((struct int32_list){unknown, 2}, ENCTYPE_RC4_HMAC);
    assert_int_equal(chosen(&nothing, ANY), ENCTYPE_AES128_SHA1);
    assert_int_equal(chosen(&list, ANY), ENCTYPE_AES128_SHA1); // neither unknown nor weak ones
    list = said(PREFERRED, ENCTYPE_AES128_SHA1);
    assert_int_equal(chosen(&list, (struct int32_list){camellia, 1}), ENCTYPE_AES128_SHA1);
}

static void a_list_that_is_none_is_refused(void **state) {
    UNUSED(state);
    struct authdata ad = {AD_ETYPE_NEGOTIATION, SLICE_LITERAL("\x30\x05\x02\x01")};
    const struct authdata_list list = {&ad, 1};
    int32_t out;
    assert_int_not_equal(gss_etypes_choose(&list, ANY, 17, &arena, &out, NULL), OBOL_OK);
}

static void it_stands_beside_the_word_on_channel_bindings(void **state) {
    UNUSED(state);
    struct authdata_list list;
    bool aware;
    assert_ok(gss_authdata_make(PREFERRED, ENCTYPE_AES128_SHA1, true, &arena, &list, NULL));
    assert_ok(gss_bindings_aware(&list, &arena, &aware, NULL));
    assert_true(aware);
    assert_int_equal(chosen(&list, ANY), ENCTYPE_AES256_SHA384);
    list = said(PREFERRED, ENCTYPE_AES128_SHA1);
    assert_ok(gss_bindings_aware(&list, &arena, &aware, NULL));
    assert_false(aware);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_client_says_what_it_prefers_to_the_session_key),
        cmocka_unit_test(the_service_takes_the_first_that_it_allows),
        cmocka_unit_test(without_a_common_one_the_session_keys_stays),
        cmocka_unit_test(a_list_that_is_none_is_refused),
        cmocka_unit_test(it_stands_beside_the_word_on_channel_bindings),
    };
    return cmocka_run_group_tests(cases, arena_begin, arena_end);
}
