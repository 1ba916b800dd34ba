// Tokens of a login through the calls, as an attacker may send them: each bit flipped, cut off at
// each byte, thrown back, of another login or mechanism, with lengths that lie, SPNEGO lists of 64
// KiB. They are refused with a status that fits, and whatever context is left can be deleted.
#include "../gss/taken.h"
#include "cred_support.h"

static OM_uint32 minor;
static gss_name_t target;

static int begin(void **state) {
    sandbox_of_service(state, NULL);
    make_login("ccache", 3600);
    setenv("KRB5RCACHENAME", "none:", 1); // what is taken once would hide what is taken later
    target = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    return 0;
}
static int end(void **state) {
    (void)gss_release_name(&minor, &target);
    return sandbox_end(state);
}

static const struct variant {
    const char *name;
    const gss_OID *mech; // NULL: SPNEGO
    OM_uint32 flags;
} variants[] = {
    {"krb5", &gss_mech_krb5, GSS_C_MUTUAL_FLAG},
    {"krb5 DCE", &gss_mech_krb5, GSS_C_MUTUAL_FLAG | GSS_C_DCE_STYLE},
    {"SPNEGO", NULL, GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG},
    {"SPNEGO DCE", NULL, GSS_C_MUTUAL_FLAG | GSS_C_DCE_STYLE},
};

static gss_OID mech_of(const struct variant *v) {
    return v->mech ? *v->mech : SPNEGO;
}

static OM_uint32 step_i(const struct variant *v, gss_ctx_id_t *ctx, gss_buffer_t in,
                        gss_buffer_t out) {
    return gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, ctx, target, mech_of(v), v->flags, 0,
                                NULL, in, NULL, out, NULL, NULL);
}
static OM_uint32 step_a(gss_ctx_id_t *ctx, gss_buffer_t in, gss_buffer_t out) {
    return gss_accept_sec_context(&minor, ctx, GSS_C_NO_CREDENTIAL, in, NULL, NULL, NULL, out, NULL,
                                  NULL, NULL);
}

// A refusal with a cause that a token can have, and no supplementary word but that of a replay.
static void expect_refused(OM_uint32 major, const char *what, size_t at) {
    static const OM_uint32 fits[] = {GSS_S_DEFECTIVE_TOKEN, GSS_S_BAD_MECH,
                                     GSS_S_FAILURE,         GSS_S_FAILURE | GSS_S_DUPLICATE_TOKEN,
                                     GSS_S_BAD_MIC,         GSS_S_BAD_BINDINGS,
                                     GSS_S_NO_CRED};
    for (size_t i = 0; i < COUNT_OF(fits); i++)
        if (major == fits[i])
            return;
    fail_msg("%s, %zu: %s", what, at, status_text(major, minor));
}

static void drop(gss_ctx_id_t *ctx, gss_buffer_t out) {
    (void)gss_release_buffer(&minor, out);
    assert_complete(gss_delete_sec_context(&minor, ctx, GSS_C_NO_BUFFER));
    assert_null(*ctx);
}

// A copy of exact size, so that ASan and valgrind see the first byte read past it.
static gss_buffer_desc copy_of(gss_buffer_desc b, size_t len) {
    gss_buffer_desc copy = {len, malloc(len + !len)};
    assert_non_null(copy.value);
    memcpy(copy.value, b.value, len);
    return copy;
}

// Whatever name came with the ticket, the service is whose key has opened it.
static void expect_own_name(gss_ctx_id_t a) {
    gss_name_t name;
    gss_buffer_desc text;
    assert_complete(gss_inquire_context(&minor, a, NULL, &name, NULL, NULL, NULL, NULL, NULL));
    assert_complete(gss_display_name(&minor, name, &text, NULL));
    assert_slice_str(slice_of(text.value, text.length), "HTTP/web.obol.test@OBOL.TEST");
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
}

// Gives a changed first token to a new acceptor. What is not refused asks for more, or accepts what
// says the same.
static bool accept_changed(gss_buffer_desc token, const char *what, size_t at) {
    gss_ctx_id_t a = GSS_C_NO_CONTEXT;
    gss_buffer_desc out = {0};
    OM_uint32 major = step_a(&a, &token, &out);
    bool taken = !GSS_ERROR(major);
    if (!taken)
        expect_refused(major, what, at);
    else if (major == GSS_S_COMPLETE)
        expect_own_name(a);
    drop(&a, &out);
    return taken;
}

// What may be taken stands in taken.h, with its reason.
static void expect_named(gss_buffer_desc token, size_t bit, const char *what) {
    if (!taken_at(slice_of(token.value, token.length), bit / 8))
        fail_msg("%s: bit %zu of %zu is taken", what, bit, 8 * token.length);
}

static void first_tokens_with_a_bit_flipped_are_refused(void **state) {
    UNUSED(state);
    for (const struct variant *v = variants; v < variants + COUNT_OF(variants); v++) {
        gss_ctx_id_t i = GSS_C_NO_CONTEXT;
        gss_buffer_desc token;
        assert_major(step_i(v, &i, NULL, &token), GSS_S_CONTINUE_NEEDED);
        gss_buffer_desc copy = copy_of(token, token.length);
        uint8_t *bytes = copy.value;
        for (size_t bit = 0; bit < 8 * token.length; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            bool taken = accept_changed(copy, v->name, bit);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (taken)
                expect_named(token, bit, v->name);
        }
        free(copy.value);
        drop(&i, &token);
    }
}

static void first_tokens_cut_off_anywhere_are_refused(void **state) {
    UNUSED(state);
    for (const struct variant *v = variants; v < variants + COUNT_OF(variants); v++) {
        gss_ctx_id_t i = GSS_C_NO_CONTEXT;
        gss_buffer_desc token;
        assert_major(step_i(v, &i, NULL, &token), GSS_S_CONTINUE_NEEDED);
        for (size_t len = 1; len < token.length; len++) { // an empty one asks for SPNEGO's hints
            gss_buffer_desc cut = copy_of(token, len);
            assert_false(accept_changed(cut, v->name, len));
            free(cut.value);
        }
        drop(&i, &token);
    }
}

// Each answer belongs to its login alone: a changed one needs a new login, whose answer may be a
// byte longer or shorter (microseconds). So `at` stands for the last place if there is none.
static bool answer_changed(const struct variant *v, bool cut, size_t at, size_t *len) {
    gss_ctx_id_t i = GSS_C_NO_CONTEXT, a = GSS_C_NO_CONTEXT;
    gss_buffer_desc to_a, to_i, out = {0};
    assert_major(step_i(v, &i, NULL, &to_a), GSS_S_CONTINUE_NEEDED);
    OM_uint32 major = step_a(&a, &to_a, &to_i);
    assert_false(GSS_ERROR(major));
    *len = to_i.length;
    size_t last = cut ? to_i.length - 1 : 8 * to_i.length - 1;
    at = at < last ? at : last;
    gss_buffer_desc copy = copy_of(to_i, cut ? at : to_i.length);
    if (!cut)
        ((uint8_t *)copy.value)[at / 8] ^= (uint8_t)(1u << at % 8);
    major = step_i(v, &i, &copy, &out);
    bool taken = !GSS_ERROR(major);
    if (!taken) {
        expect_refused(major, v->name, at);
        (void)gss_release_buffer(&minor, &out);
        assert_major(step_i(v, &i, &to_i, &out), GSS_S_NO_CONTEXT); // it stays dead
    } else if (!cut) {
        expect_named(to_i, at, v->name);
    }
    free(copy.value);
    drop(&i, &out);
    drop(&a, &to_i);
    (void)gss_release_buffer(&minor, &to_a);
    return taken;
}

static void answers_that_were_altered_are_refused(void **state) {
    UNUSED(state);
    for (const struct variant *v = variants; v < variants + COUNT_OF(variants); v++) {
        size_t len = 1;
        for (size_t bit = 0; bit < 8 * len; bit++)
            (void)answer_changed(v, false, bit, &len);
        for (size_t cut = 0; cut < len; cut++) // also an empty continuation
            assert_false(answer_changed(v, true, cut, &len));
    }
}

// DCE style's third leg (MS-KILE 3.4.5.1), likewise.
static bool third_leg_changed(const struct variant *v, bool cut, size_t at, size_t *len) {
    gss_ctx_id_t i = GSS_C_NO_CONTEXT, a = GSS_C_NO_CONTEXT;
    gss_buffer_desc first, to_i, leg, out = {0};
    assert_major(step_i(v, &i, NULL, &first), GSS_S_CONTINUE_NEEDED);
    assert_major(step_a(&a, &first, &to_i), GSS_S_CONTINUE_NEEDED);
    assert_false(GSS_ERROR(step_i(v, &i, &to_i, &leg)));
    *len = leg.length;
    size_t last = cut ? leg.length - 1 : 8 * leg.length - 1;
    at = at < last ? at : last;
    gss_buffer_desc copy = copy_of(leg, cut ? at : leg.length);
    if (!cut)
        ((uint8_t *)copy.value)[at / 8] ^= (uint8_t)(1u << at % 8);
    OM_uint32 major = step_a(&a, &copy, &out);
    bool taken = !GSS_ERROR(major);
    if (!taken) {
        expect_refused(major, v->name, at);
        (void)gss_release_buffer(&minor, &out);
        assert_major(step_a(&a, &leg, &out), GSS_S_NO_CONTEXT); // it stays dead
    } else if (!cut) {
        expect_named(leg, at, v->name);
    }
    free(copy.value);
    drop(&i, &leg);
    drop(&a, &out);
    (void)gss_release_buffer(&minor, &first);
    (void)gss_release_buffer(&minor, &to_i);
    return taken;
}

static void third_legs_that_were_altered_are_refused(void **state) {
    UNUSED(state);
    for (const struct variant *v = variants; v < variants + COUNT_OF(variants); v++) {
        size_t len = 1;
        if (!(v->flags & GSS_C_DCE_STYLE))
            continue;
        for (size_t bit = 0; bit < 8 * len; bit++)
            (void)third_leg_changed(v, false, bit, &len);
        for (size_t cut = 0; cut < len; cut++) // also an empty one
            assert_false(third_leg_changed(v, true, cut, &len));
    }
}

static void tokens_of_elsewhere_are_refused(void **state) {
    UNUSED(state);
    setenv("KRB5RCACHENAME", sandbox_path("rcache"), 1);
    for (const struct variant *v = variants; v < variants + COUNT_OF(variants); v++) {
        gss_ctx_id_t i[2] = {0}, a[2] = {0};
        gss_buffer_desc to_a[2], to_i[2], out = {0};
        for (int k = 0; k < 2; k++) {
            assert_major(step_i(v, &i[k], NULL, &to_a[k]), GSS_S_CONTINUE_NEEDED);
            assert_false(GSS_ERROR(step_a(&a[k], &to_a[k], &to_i[k])));
        }
        expect_refused(step_i(v, &i[0], &to_i[1], &out), v->name, 0); // another login's
        expect_refused(step_i(v, &i[1], &to_a[1], &out), v->name, 1); // thrown back
        for (int k = 0; k < 2; k++) {
            gss_ctx_id_t again = GSS_C_NO_CONTEXT;
            assert_major(step_a(&again, &to_a[k], &out), GSS_S_FAILURE | GSS_S_DUPLICATE_TOKEN);
            drop(&again, &out);
            expect_refused(step_a(&again, &to_i[k], &out), v->name, 2); // an answer first
            drop(&again, &out);
            drop(&i[k], &to_i[k]);
            drop(&a[k], &to_a[k]);
        }
    }
}

// SPNEGO (RFC 4178 4.2.1) with a list of mechanisms as long as a token may be.
static uint8_t *put_header(uint8_t *end, uint8_t tag, size_t len) {
    const uint8_t header[] = {tag, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    return memcpy(end - sizeof header, header, sizeof header);
}

static void lists_of_64_kib_and_lengths_that_lie_are_refused(void **state) {
    UNUSED(state);
    enum { COUNT = 16384, OID_BYTES = 4, HEADERS = 5 * 4 + 8 };
    static uint8_t bytes[HEADERS + 5 + COUNT * OID_BYTES];
    uint8_t *const end = bytes + sizeof bytes, *at = end - COUNT * OID_BYTES;
    static const uint8_t tags[] = {0x30, 0xa0, 0x30, 0xa0}; // from the list outwards
    for (size_t n = 0; n < COUNT; n++)
        memcpy(at + n * OID_BYTES, "\x06\x02\x2a\x03", OID_BYTES);
    for (size_t n = 0; n < COUNT_OF(tags); n++)
        at = put_header(at, tags[n], (size_t)(end - at));
    at = memcpy(at - 8, "\x06\x06\x2b\x06\x01\x05\x05\x02", 8);
    at = put_header(at, 0x60, (size_t)(end - at));
    assert_ptr_equal(at, bytes);
    gss_buffer_desc token = {sizeof bytes, bytes};
    assert_false(accept_changed(token, "64 KiB", 0));
    static const size_t lengths[] = {1, 14, 19, 24, 29}; // where the lengths of the headers begin
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        for (unsigned value = 0; value < 256; value += value < 0x88 && value >= 0x7e ? 1 : 9) {
            uint8_t was = bytes[lengths[i]];
            bytes[lengths[i]] = (uint8_t)value;
            assert_false(accept_changed(token, "length", lengths[i]));
            bytes[lengths[i]] = was;
        }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(first_tokens_with_a_bit_flipped_are_refused),
        CASE(first_tokens_cut_off_anywhere_are_refused),
        CASE(answers_that_were_altered_are_refused),
        CASE(third_legs_that_were_altered_are_refused),
        CASE(tokens_of_elsewhere_are_refused),
        CASE(lists_of_64_kib_and_lengths_that_lie_are_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
