// Tokens taken apart: every truncation and every altered bit is refused, none is misread.
#include "fixture.h"
#include "gss/frame.h"

static enum obol_code accept_bytes(struct fixture *f, struct slice token) {
    struct gss_acceptor g;
    struct gss_acceptor_params p = {.keys = &f->keys};
    struct slice answer;
    enum gss_progress progress;
    error_init(&f->error);
    gss_acceptor_init(&g, &p, &f->env, &f->arena);
    return gss_acceptor_step(&g, token, &answer, &progress, &f->error);
}

static struct slice first_token(struct fixture *f, bool bare) {
    struct gss_initiator i;
    struct gss_initiator_params p = {.ticket = &f->ticket, .flags = GSS_FLAG_MUTUAL, .bare = bare};
    struct slice token;
    assert_ok(gss_initiator_start(&i, &p, &f->env, &f->arena, &token, &f->error));
    return token;
}

static void every_truncation_is_refused(void **state) {
    UNUSED(state);
    for (unsigned bare = 0; bare < 2; bare++) {
        struct fixture f;
        fixture_init(&f, ENCTYPE_AES256_SHA384);
        struct slice token = first_token(&f, bare);
        assert_ok(accept_bytes(&f, token));
        // An empty one is no truncation: it asks for SPNEGO's hints (test_spnego.c).
        for (size_t n = 1; n < token.len; n++)
            assert_int_not_equal(accept_bytes(&f, slice_of(token.ptr, n)), OBOL_OK);
        fixture_clear(&f);
    }
}

// Some bits carry no meaning (the kind of a name, reqFlags); none may change who logs in.
static void no_altered_bit_changes_the_client(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES128_SHA256);
    struct slice token = first_token(&f, false);
    size_t accepted = 0;
    for (size_t bit = 0; bit < token.len * 8; bit++) {
        struct arena a;
        assert_true(arena_init(&a, 1 << 16, 1 << 20));
        struct slice copy;
        assert_true(arena_copy(&a, token, &copy));
        ((uint8_t *)copy.ptr)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct gss_acceptor g;
        struct gss_acceptor_params p = {.keys = &f.keys};
        struct slice answer;
        enum gss_progress progress = GSS_PROGRESS_MORE;
        gss_acceptor_init(&g, &p, &f.env, &a);
        if (gss_acceptor_step(&g, copy, &answer, &progress, NULL) == OBOL_OK &&
            progress == GSS_PROGRESS_DONE) {
            assert_true(principal_eq(&g.context.client, &f.client));
            accepted++;
        }
        arena_clear(&a);
    }
    assert_true(accepted < 64);
    fixture_clear(&f);
}

static void strangers_are_named(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES256_SHA1);
    assert_code(accept_bytes(&f, slice_of("NTLMSSP\0\1\0\0\0", 12)), OBOL_MECH_UNSUPPORTED);
    assert_non_null(strstr(f.error.detail, "NTLM"));
    assert_code(accept_bytes(&f, SLICE_LITERAL("hello")), OBOL_TOKEN_MALFORMED);
    struct slice framed;
    assert_ok(gss_frame_make(OID_NTLMSSP, SLICE_LITERAL("x"), &f.arena, &framed, NULL));
    assert_code(accept_bytes(&f, framed), OBOL_MECH_UNSUPPORTED);
    assert_ok(
        gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REP, SLICE_LITERAL("x"), &f.arena, &framed, NULL));
    assert_code(accept_bytes(&f, framed), OBOL_TOKEN_MALFORMED);
    fixture_clear(&f);
}

static void long_tokens_are_framed(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 1 << 20, 1 << 24));
    static uint8_t zeros[70000];
    const size_t sizes[] = {0, 1, 100, 116, 117, 128, 255, 256, 65535, 65536, 70000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct slice framed, message, oid;
        uint16_t id;
        assert_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REQ, slice_of(zeros, sizes[i]), &a, &framed,
                                NULL));
        assert_ok(gss_krb5_open(framed, &oid, &id, &message, NULL));
        assert_int_equal(id, GSS_TOKEN_AP_REQ);
        assert_int_equal(message.len, sizes[i]);
        assert_code(gss_krb5_open(slice_of(framed.ptr, framed.len - 1), &oid, &id, &message, NULL),
                    OBOL_TOKEN_MALFORMED);
    }
    arena_clear(&a);
}

static void the_checksum_of_the_gss_api_is_read_strictly(void **state) {
    UNUSED(state);
    struct arena a;
    assert_true(arena_init(&a, 4096, 4096));
    struct gss_cksum c = {.flags = GSS_FLAG_DELEG | GSS_FLAG_MUTUAL,
                          .delegated = SLICE_LITERAL("KRB-CRED")},
                     back;
    struct slice bytes;
    assert_ok(gss_cksum_write(&c, &a, &bytes, NULL));
    assert_ok(gss_cksum_read(bytes, &back, NULL));
    assert_slice_str(back.delegated, "KRB-CRED");
    // Flags alone, with nothing delegated, are whole.
    for (size_t n = 0; n < bytes.len; n++)
        if (n != 4 + GSS_BINDINGS_BYTES + 4)
            assert_code(gss_cksum_read(slice_of(bytes.ptr, n), &back, NULL), OBOL_TOKEN_MALFORMED);
    arena_clear(&a);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(no_altered_bit_changes_the_client),
        cmocka_unit_test(strangers_are_named),
        cmocka_unit_test(long_tokens_are_framed),
        cmocka_unit_test(the_checksum_of_the_gss_api_is_read_strictly),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
