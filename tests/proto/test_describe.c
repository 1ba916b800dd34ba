// test_describe.c: messages as people and programs see them.
#include "proto/codes.h"
#include "proto/describe.h"
#include "with_references.h"

static const char *described(struct slice in, struct describe_options options) {
    struct writer w = writer_to_arena(&arena);
    struct error err;
    error_init(&err);
    if (proto_describe(in, &options, &arena, &w, &err) != OBOL_OK)
        fail_msg("%s", err.detail);
    const char *text = arena_cstr(&arena, writer_slice(&w));
    assert_non_null(text);
    return text;
}

static void assert_shows(const char *text, const char *part) {
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is missing in:\n%s", part, text ? text : "");
}

static void a_request_is_shown_as_a_tree_with_names_and_times(void **state) {
    UNUSED(state);
    const char *t = described(reference_named(all, "as_req"), (struct describe_options){0});
    assert_shows(t, "AS-REQ\n  pvno: 5\n  msg-type: 10 (AS-REQ)\n  padata\n    [0]\n");
    assert_shows(t, "      padata-type: 13 (PA-SAM-RESPONSE)\n");
    assert_shows(t, "    cname: hftsai/extra (NT-PRINCIPAL)\n    realm: ATHENA.MIT.EDU\n");
    assert_shows(t, "    from: 1994-06-10T06:03:17Z\n");
    assert_shows(t, "    etype: 0 (null), 1 (des-cbc-crc)\n");
    assert_shows(t, "      [0]: 18.208.0.35\n");
    assert_shows(t, "        cipher: 21 bytes\n");
}

static void a_request_is_shown_as_json(void **state) {
    UNUSED(state);
    const char *t =
        described(reference_named(all, "as_req"), (struct describe_options){.json = true});
    assert_shows(t, "{\"AS-REQ\":{\"pvno\":5,\"msg-type\":10,\"msg-type-name\":\"AS-REQ\",");
    assert_shows(t, "\"name-string\":[\"hftsai\",\"extra\"]");
    assert_shows(t, "\"etype\":[0,1],\"etype-names\":[\"null\",\"des-cbc-crc\"]");
    assert_shows(t, "\"from\":\"1994-06-10T06:03:17Z\"");
}

static void keys_are_hidden_unless_asked_for(void **state) {
    UNUSED(state);
    struct slice in = reference_named(all, "enc_tkt_part");
    const char *t = described(in, (struct describe_options){0});
    assert_shows(t, "keyvalue: 8 bytes (hidden)\n");
    assert_null(strstr(t, "3132333435363738"));
    t = described(in, (struct describe_options){.json = true});
    assert_null(strstr(t, "3132333435363738"));
    t = described(in, (struct describe_options){.show_secrets = true});
    assert_shows(t, "keyvalue: 8 bytes 3132333435363738\n");
}

// Seals nothing: the plaintext of the ticket is a reference, whatever the cipher says.
static bool open_ticket(void *context, const struct describe_sealed *sealed, struct arena *a,
                        struct slice *plaintext) {
    UNUSED(a);
    unsigned *calls = context;
    ++*calls;
    if (sealed->ticket) {
        assert_int_equal(sealed->usages[0], KU_TICKET);
        *plaintext = reference_named(all, "enc_tkt_part");
        return true;
    }
    assert_int_equal(sealed->usages[0], KU_AP_REQ_AUTHENTICATOR);
    assert_int_equal(sealed->learned_count, 1); // the ticket's session key
    assert_slice_str(sealed->learned[0].keyvalue, "12345678");
    *plaintext = reference_named(all, "authenticator");
    return true;
}

static void sealed_parts_are_opened_by_the_callers_keys(void **state) {
    UNUSED(state);
    unsigned calls = 0;
    const struct describe_keys keys = {&calls, open_ticket};
    const char *t =
        described(reference_named(all, "ap_req"), (struct describe_options){.keys = &keys});
    assert_int_equal(calls, 2);
    assert_shows(t, "      EncTicketPart\n        flags: 0xfedcba98 (");
    assert_shows(t, "    Authenticator\n      authenticator-vno: 5\n");
    calls = 0;
    t = described(reference_named(all, "ap_req"),
                  (struct describe_options){.keys = &keys, .json = true});
    assert_int_equal(calls, 2);
    assert_shows(t, "\"inside\":{\"EncTicketPart\":{");
}

static void octet_strings_of_known_types_are_decoded_in_place(void **state) {
    UNUSED(state);
    struct padata items[] = {{PA_ETYPE_INFO2, reference_named(all, "etype_info2")},
                             {PA_PW_SALT, SLICE_LITERAL("SALT")},
                             {PA_ETYPE_INFO2, SLICE_LITERAL("rubbish")}};
    const struct padata_list list = {items, 3};
    struct krb_error e = {.present = KRB_ERROR_E_DATA, .pvno = 5, .msg_type = 30, .error_code = 25};
    struct slice out;
    assert_ok(der_encode(&TYPE_METHOD_DATA, &list, &arena, &e.e_data, NULL));
    assert_ok(der_encode(&TYPE_KRB_ERROR, &e, &arena, &out, NULL));
    const char *t = described(out, (struct describe_options){0});
    assert_shows(t, "error-code: 25 (KDC_ERR_PREAUTH_REQUIRED)\n");
    assert_shows(t, "    METHOD-DATA\n      [0]\n        padata-type: 19 (PA-ETYPE-INFO2)\n");
    assert_shows(t, "            salt: Morton's #0\n");
    assert_shows(t, "        padata-value: SALT\n");
    assert_shows(t, "        padata-value: 7 bytes 72756262697368\n");
}

static void values_nested_without_end_are_shown_to_a_bound(void **state) {
    UNUSED(state);
    struct slice inner = {0};
    for (size_t i = 0; i < 200; i++) {
        struct authdata item = {AD_IF_RELEVANT, inner};
        const struct authdata_list list = {&item, 1};
        assert_ok(der_encode(&TYPE_AUTHORIZATION_DATA, &list, &arena, &inner, NULL));
    }
    struct writer w = writer_to_arena(&arena);
    const struct describe_options options = {0};
    assert_ok(proto_describe_as(&TYPE_AUTHORIZATION_DATA, inner, &options, &arena, &w, NULL));
}

static void bytes_that_are_no_message_are_refused(void **state) {
    UNUSED(state);
    struct writer w = writer_to_arena(&arena);
    const struct describe_options options = {0};
    assert_code(proto_describe(SLICE_LITERAL("GET / HTTP"), &options, &arena, &w, NULL),
                OBOL_DER_UNEXPECTED);
    assert_code(proto_describe((struct slice){0}, &options, &arena, &w, NULL), OBOL_DER_UNEXPECTED);
}

static void text_from_outside_cannot_move_a_terminal(void **state) {
    UNUSED(state);
    struct krb_error e = {.present = KRB_ERROR_E_TEXT,
                          .pvno = 5,
                          .msg_type = 30,
                          .e_text = SLICE_LITERAL("\x1b[2Jx\n")};
    struct slice out;
    assert_ok(der_encode(&TYPE_KRB_ERROR, &e, &arena, &out, NULL));
    assert_shows(described(out, (struct describe_options){0}), "e-text: \\x1b[2Jx\\x0a\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_shown_as_a_tree_with_names_and_times),
        cmocka_unit_test(a_request_is_shown_as_json),
        cmocka_unit_test(keys_are_hidden_unless_asked_for),
        cmocka_unit_test(sealed_parts_are_opened_by_the_callers_keys),
        cmocka_unit_test(octet_strings_of_known_types_are_decoded_in_place),
        cmocka_unit_test(values_nested_without_end_are_shown_to_a_bound),
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
        cmocka_unit_test(text_from_outside_cannot_move_a_terminal),
    };
    return cmocka_run_group_tests(tests, references_begin, arena_end);
}
