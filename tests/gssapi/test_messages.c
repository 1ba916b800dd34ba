// Messages through the calls that programs make, under contexts whose other end was MIT krb5.
#include "contexts.h"

#define FIRST  "first signed"
#define SECOND "second"

static OM_uint32 minor;

static gss_buffer_desc message_buffer(size_t len) {
    return slice_buffer(mit_message(len));
}

static void drop(gss_buffer_t b) {
    assert_complete(gss_release_buffer(&minor, b));
    assert_null(b->value);
}

static void there_and_back(gss_ctx_id_t from, gss_ctx_id_t to, size_t len, int conf) {
    gss_buffer_desc in = message_buffer(len), token, out;
    int state = 99;
    gss_qop_t qop = 99;
    assert_complete(gss_wrap(&minor, from, conf, GSS_C_QOP_DEFAULT, &in, &state, &token));
    assert_int_equal(state, conf);
    state = 99;
    assert_complete(gss_unwrap(&minor, to, &token, &out, &state, &qop));
    assert_int_equal(state, conf);
    assert_int_equal(qop, GSS_C_QOP_DEFAULT);
    assert_slice_equal(gssapi_slice(&out), mit_message(len));
    if (len)
        assert_int_equal(((char *)out.value)[len], '\0');
    drop(&out);
    assert_major(gss_unwrap(&minor, to, &token, &out, NULL, NULL), GSS_S_DUPLICATE_TOKEN);
    assert_slice_equal(gssapi_slice(&out), mit_message(len));
    drop(&out);
    assert_major(gss_unwrap(&minor, from, &token, &out, NULL, NULL), GSS_S_BAD_SIG);
    assert_null(out.value);
    drop(&token);
    assert_complete(gss_get_mic(&minor, from, GSS_C_QOP_DEFAULT, &in, &token));
    assert_complete(gss_verify_mic(&minor, to, &in, &token, &qop));
    assert_major(gss_verify_mic(&minor, to, &in, &token, NULL), GSS_S_DUPLICATE_TOKEN);
    in.length++;
    assert_major(gss_verify_mic(&minor, to, &in, &token, NULL), GSS_S_BAD_SIG);
    assert_major(gss_unwrap(&minor, to, &token, &out, NULL, NULL), GSS_S_DEFECTIVE_TOKEN);
    drop(&token);
}

static void messages_go_both_ways_in_each_enctype(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    while (pair_next(&p))
        for (size_t len = 0; len < 70; len += 23)
            for (int conf = 0; conf < 2; conf++) {
                there_and_back(p.i, p.a, len, conf);
                there_and_back(p.a, p.i, len, conf);
            }
}

static void the_names_of_version_1_work(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    assert_true(pair_next(&p));
    gss_buffer_desc in = message_buffer(9), token, out;
    int conf = 0, qop = 9;
    assert_complete(gss_seal(&minor, p.i, 1, 0, &in, &conf, &token));
    assert_int_equal(conf, 1);
    assert_complete(gss_unseal(&minor, p.a, &token, &out, &conf, &qop));
    assert_int_equal(qop, 0);
    assert_slice_equal(gssapi_slice(&out), mit_message(9));
    drop(&out);
    drop(&token);
    assert_complete(gss_sign(&minor, p.i, 0, &in, &token));
    assert_complete(gss_verify(&minor, p.a, &in, &token, &qop));
    drop(&token);
    pair_end(&p);
}

static void late_and_missing_messages_are_told(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    assert_true(pair_next(&p));
    gss_buffer_desc in = message_buffer(5), token[3];
    for (size_t i = 0; i < 3; i++)
        assert_complete(gss_get_mic(&minor, p.i, 0, &in, &token[i]));
    assert_major(gss_verify_mic(&minor, p.a, &in, &token[2], NULL), GSS_S_GAP_TOKEN);
    assert_major(gss_verify_mic(&minor, p.a, &in, &token[0], NULL), GSS_S_UNSEQ_TOKEN);
    for (size_t i = 0; i < 100; i++) {
        gss_buffer_desc more;
        assert_complete(gss_get_mic(&minor, p.i, 0, &in, &more));
        assert_complete(gss_verify_mic(&minor, p.a, &in, &more, NULL));
        drop(&more);
    }
    assert_major(gss_verify_mic(&minor, p.a, &in, &token[1], NULL), GSS_S_OLD_TOKEN);
    for (size_t i = 0; i < 3; i++)
        drop(&token[i]);
    pair_end(&p);
}

// The buffers of a token that MIT made with gss_wrap_iov, in memory that can be written.
struct laid {
    gss_iov_buffer_desc iov[6];
    uint8_t bytes[6][256];
};

static void put(struct laid *l, size_t i, OM_uint32 type, struct slice s) {
    if (s.len)
        memcpy(l->bytes[i], s.ptr, s.len);
    l->iov[i] = (gss_iov_buffer_desc){type, {s.len, l->bytes[i]}};
}

static void lay(struct laid *l, const struct mit_token *t) {
    bool aead = slice_starts(t->kind, SLICE_LITERAL("aead"));
    bool trailer = slice_eq_str(t->kind, "iov") || slice_eq_str(t->kind, "aead");
    OM_uint32 signed_only = aead ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_EMPTY;
    put(l, 0, GSS_IOV_BUFFER_TYPE_HEADER, t->bytes[0]);
    put(l, 1, signed_only, slice_of(FIRST, sizeof FIRST));
    put(l, 2, GSS_IOV_BUFFER_TYPE_DATA, t->bytes[1]);
    put(l, 3, signed_only, slice_of(SECOND, sizeof SECOND));
    put(l, 4, GSS_IOV_BUFFER_TYPE_PADDING, t->bytes[2]);
    put(l, 5, trailer ? GSS_IOV_BUFFER_TYPE_TRAILER : GSS_IOV_BUFFER_TYPE_EMPTY, t->bytes[3]);
}

static bool in_pieces(const struct mit_token *t) {
    return slice_starts(t->kind, SLICE_LITERAL("iov")) ||
           slice_starts(t->kind, SLICE_LITERAL("aead"));
}

static void pieces_of_mit_are_opened_in_place(void **state) {
    UNUSED(state);
    struct pair p;
    struct mit_token t;
    size_t opened = 0;
    pair_open(&p);
    while (pair_next(&p))
        while (mit_token(&p.m, &t)) {
            struct laid l;
            int conf = 99;
            if (!in_pieces(&t))
                continue;
            lay(&l, &t);
            OM_uint32 major =
                gss_unwrap_iov(&minor, t.initiator ? p.a : p.i, &conf, NULL, l.iov, 6);
            assert_false(GSS_ERROR(major)); // wrap tokens were left out: there are gaps
            assert_int_equal(conf, t.conf);
            assert_slice_equal(gssapi_slice(&l.iov[2].buffer), mit_message(t.len));
            lay(&l, &t);
            l.iov[2].type = GSS_IOV_BUFFER_TYPE_SIGN_ONLY; // what was sealed is not what is signed
            if (t.len && t.conf && !(p.i->flags & GSS_C_DCE_STYLE))
                assert_true(GSS_ERROR(
                    gss_unwrap_iov(&minor, t.initiator ? p.a : p.i, &conf, NULL, l.iov, 6)));
            opened++;
        }
    assert_int_equal(opened, 21 * 2 * 2 * 5 * 4);
}

static void whole_tokens_of_mit_are_opened_as_streams(void **state) {
    UNUSED(state);
    struct pair p;
    struct mit_token t;
    pair_open(&p);
    while (pair_next(&p))
        while (mit_token(&p.m, &t)) {
            uint8_t copy[256];
            if (!slice_eq_str(t.kind, "wrap"))
                continue;
            for (unsigned allocate = 0; allocate < 2; allocate++) {
                memcpy(copy, t.bytes[0].ptr, t.bytes[0].len);
                gss_iov_buffer_desc iov[] = {
                    {GSS_IOV_BUFFER_TYPE_STREAM, {t.bytes[0].len, copy}},
                    {GSS_IOV_BUFFER_TYPE_DATA | (allocate ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0),
                     {0, NULL}},
                };
                int conf = 99;
                assert_false(GSS_ERROR(
                    gss_unwrap_iov(&minor, t.initiator ? p.a : p.i, &conf, NULL, iov, 2)));
                assert_slice_equal(gssapi_slice(&iov[1].buffer), mit_message(t.len));
                assert_int_equal(conf, t.conf);
                assert_complete(gss_release_iov_buffer(&minor, iov, 2));
            }
        }
}

enum layout { TRAILER, HEADER_ONLY, MANY, LAYOUTS };

// Wraps in buffers whose lengths were asked for before, or that are allocated.
static void wrap_pieces(gss_ctx_id_t ctx, enum layout layout, bool allocate, int conf,
                        uint8_t *data, size_t len, gss_iov_buffer_desc *iov, int *count,
                        uint8_t rooms[3][256]) {
    static const OM_uint32 types[] = {GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_PADDING,
                                      GSS_IOV_BUFFER_TYPE_TRAILER};
    int n = 0;
    iov[n++] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_SIGN_ONLY, {sizeof FIRST, (void *)FIRST}};
    size_t step = layout == MANY ? 3 : len ? len : 1, places[3];
    places[0] = (size_t)n++;
    for (size_t at = 0; at < len || at == 0; at += step)
        iov[n++] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_DATA,
                                         {len - at < step ? len - at : step, data + at}};
    places[1] = (size_t)n++;
    places[2] = (size_t)n++;
    *count = layout == HEADER_ONLY ? n - 1 : n;
    size_t extras = layout == HEADER_ONLY ? 2 : 3;
    for (size_t i = 0; i < extras; i++)
        iov[places[i]] = (gss_iov_buffer_desc){
            types[i] | (allocate ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0), {0, NULL}};
    if (!allocate) {
        assert_complete(gss_wrap_iov_length(&minor, ctx, conf, 0, NULL, iov, *count));
        for (size_t i = 0; i < extras; i++) {
            assert_true(iov[places[i]].buffer.length <= 256);
            iov[places[i]].buffer.value = rooms[i];
        }
    }
    assert_complete(gss_wrap_iov(&minor, ctx, conf, 0, NULL, iov, *count));
}

static void pieces_of_ours_are_opened_in_every_layout(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    while (pair_next(&p))
        for (unsigned way = 0; way < LAYOUTS * 4; way++)
            for (size_t len = 0; len < 50; len += 17) {
                gss_iov_buffer_desc iov[32];
                uint8_t data[64], rooms[3][256];
                int count, conf = 99;
                memcpy(data, mit_message(len).ptr, len);
                wrap_pieces(p.i, way % LAYOUTS, way & 1, way / LAYOUTS % 2, data, len, iov, &count,
                            rooms);
                if (len > 8 && way / LAYOUTS % 2)
                    assert_memory_not_equal(data, mit_message(len).ptr, len);
                assert_complete(gss_unwrap_iov(&minor, p.a, &conf, NULL, iov, count));
                assert_int_equal(conf, way / LAYOUTS % 2);
                assert_memory_equal(data, mit_message(len).ptr, len);
                assert_complete(gss_release_iov_buffer(&minor, iov, count));
                assert_complete(gss_release_iov_buffer(&minor, iov, count));
            }
}

static void mics_over_pieces_are_those_of_the_whole(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    while (pair_next(&p)) {
        gss_buffer_desc in = message_buffer(40), token;
        uint8_t *bytes = in.value;
        gss_iov_buffer_desc iov[] = {
            {GSS_IOV_BUFFER_TYPE_DATA, {10, bytes}},
            {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, {30, bytes + 10}},
            {GSS_IOV_BUFFER_TYPE_MIC_TOKEN | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}},
        };
        assert_complete(gss_get_mic_iov_length(&minor, p.i, 0, iov, 3));
        size_t len = iov[2].buffer.length;
        assert_complete(gss_get_mic_iov(&minor, p.i, 0, iov, 3));
        assert_int_equal(iov[2].buffer.length, len);
        assert_complete(gss_verify_mic(&minor, p.a, &in, &iov[2].buffer, NULL));
        assert_complete(gss_release_iov_buffer(&minor, iov, 3));
        assert_complete(gss_get_mic(&minor, p.i, 0, &in, &token));
        iov[2] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_MIC_TOKEN, token};
        assert_complete(gss_verify_mic_iov(&minor, p.a, NULL, iov, 3));
        iov[0].buffer.length--;
        assert_major(gss_verify_mic_iov(&minor, p.a, NULL, iov, 3), GSS_S_BAD_SIG);
        assert_major(gss_verify_mic_iov(&minor, p.a, NULL, iov, 2), GSS_S_FAILURE);
        drop(&token);
    }
}

static void data_signed_beside_a_message_must_agree(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    while (pair_next(&p))
        for (size_t len = 0; len < 40; len += 13)
            for (int conf = 0; conf < 2; conf++) {
                gss_buffer_desc in = message_buffer(len), beside = text_buffer("beside"),
                                other = text_buffer("besidf"), token, out;
                int got = 99;
                assert_complete(gss_wrap_aead(&minor, p.i, conf, 0, &beside, &in, NULL, &token));
                assert_complete(gss_unwrap_aead(&minor, p.a, &token, &beside, &out, &got, NULL));
                assert_int_equal(got, conf);
                assert_slice_equal(gssapi_slice(&out), mit_message(len));
                drop(&out);
                assert_major(gss_unwrap_aead(&minor, p.a, &token, &other, &out, NULL, NULL),
                             GSS_S_BAD_SIG);
                assert_major(gss_unwrap_aead(&minor, p.a, &token, NULL, &out, NULL, NULL),
                             GSS_S_BAD_SIG);
                drop(&token);
                assert_complete(gss_wrap_aead(&minor, p.i, conf, 0, NULL, &in, NULL, &token));
                assert_complete(gss_unwrap(&minor, p.a, &token, &out, NULL, NULL));
                drop(&out);
                drop(&token);
            }
}

static void pieces_that_do_not_fit_are_refused(void **state) {
    UNUSED(state);
    struct pair p;
    uint8_t small[4], data[8] = {0}, room[3][256];
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, {sizeof small, small}},
        {GSS_IOV_BUFFER_TYPE_DATA, {sizeof data, data}},
        {GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}},
    };
    pair_open(&p);
    assert_true(pair_next(&p));
    assert_major(gss_wrap_iov(&minor, p.i, 1, 0, NULL, iov, 3), GSS_S_FAILURE); // too small
    iov[0].type = GSS_IOV_BUFFER_TYPE_EMPTY;
    assert_major(gss_wrap_iov(&minor, p.i, 1, 0, NULL, iov, 3), GSS_S_FAILURE); // none
    assert_major(gss_wrap_iov_length(&minor, p.i, 1, 0, NULL, iov, 3), GSS_S_FAILURE);
    iov[0] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_TRAILER, {256, room[0]}};
    assert_major(gss_wrap_iov(&minor, p.i, 1, 0, NULL, iov, 3), GSS_S_FAILURE); // twice
    iov[0] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_HEADER, {256, NULL}};
    assert_major(gss_wrap_iov(&minor, p.i, 1, 0, NULL, iov, 3), GSS_S_CALL_INACCESSIBLE_WRITE);
    iov[0].buffer.value = room[0];
    iov[1].buffer.value = NULL;
    assert_major(gss_wrap_iov(&minor, p.i, 1, 0, NULL, iov, 3), GSS_S_CALL_INACCESSIBLE_READ);
    iov[1].buffer.value = data;
    assert_complete(gss_wrap_iov(&minor, p.i, 1, 0, NULL, iov, 3));
    iov[1].type = GSS_IOV_BUFFER_TYPE_EMPTY;
    assert_true(GSS_ERROR(gss_unwrap_iov(&minor, p.a, NULL, NULL, iov, 3)));
    assert_complete(gss_release_iov_buffer(&minor, iov, 3));
    for (int count = -1; count < 1; count++)
        assert_major(gss_wrap_iov(&minor, p.i, 1, 0, NULL, iov, count),
                     GSS_S_CALL_INACCESSIBLE_READ);
    assert_major(gss_unwrap_iov(&minor, p.i, NULL, NULL, NULL, 3), GSS_S_CALL_INACCESSIBLE_READ);
    pair_end(&p);
}

// A context that is none, or not established, and arguments that are missing.
static void refuse_all(gss_ctx_id_t ctx, OM_uint32 expected) {
    gss_buffer_desc in = message_buffer(8), out = {7, (void *)1};
    uint8_t header[64];
    gss_iov_buffer_desc iov[] = {{GSS_IOV_BUFFER_TYPE_HEADER, {64, header}},
                                 {GSS_IOV_BUFFER_TYPE_MIC_TOKEN, {64, header}}};
    OM_uint32 limit;
    assert_major(gss_wrap(&minor, ctx, 1, 0, &in, NULL, &out), expected);
    assert_null(out.value);
    assert_int_not_equal(minor, 0);
    assert_major(gss_unwrap(&minor, ctx, &in, &out, NULL, NULL), expected);
    assert_major(gss_get_mic(&minor, ctx, 0, &in, &out), expected);
    assert_major(gss_verify_mic(&minor, ctx, &in, &in, NULL), expected);
    assert_major(gss_wrap_size_limit(&minor, ctx, 1, 0, 100, &limit), expected);
    assert_major(gss_pseudo_random(&minor, ctx, 0, &in, 10, &out), expected);
    assert_major(gss_wrap_iov(&minor, ctx, 1, 0, NULL, iov, 2), expected);
    assert_major(gss_wrap_iov_length(&minor, ctx, 1, 0, NULL, iov, 2), expected);
    assert_major(gss_unwrap_iov(&minor, ctx, NULL, NULL, iov, 2), expected);
    assert_major(gss_get_mic_iov(&minor, ctx, 0, iov, 2), expected);
    assert_major(gss_get_mic_iov_length(&minor, ctx, 0, iov, 2), expected);
    assert_major(gss_verify_mic_iov(&minor, ctx, NULL, iov, 2), expected);
    assert_major(gss_wrap_aead(&minor, ctx, 1, 0, NULL, &in, NULL, &out), expected);
    assert_major(gss_unwrap_aead(&minor, ctx, &in, NULL, &out, NULL, NULL), expected);
}

static void calls_without_a_context_say_so(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    assert_true(pair_next(&p));
    refuse_all(GSS_C_NO_CONTEXT, GSS_S_NO_CONTEXT | GSS_S_CALL_INACCESSIBLE_READ);
    for (int s = 0; s < 3; s++) {
        p.i->state = (enum gssapi_ctx_state)s;
        if (s != GSSAPI_CTX_ESTABLISHED)
            refuse_all(p.i, GSS_S_NO_CONTEXT);
    }
    p.i->state = GSSAPI_CTX_ESTABLISHED;
    p.i->tag++;
    refuse_all(p.i, GSS_S_NO_CONTEXT);
    p.i->tag--;
    pair_end(&p);
}

static void missing_arguments_are_told(void **state) {
    UNUSED(state);
    struct pair p;
    gss_buffer_desc in = message_buffer(8), none = {0, NULL}, lie = {8, NULL}, out;
    const OM_uint32 read = GSS_S_CALL_INACCESSIBLE_READ, write = GSS_S_CALL_INACCESSIBLE_WRITE;
    pair_open(&p);
    assert_true(pair_next(&p));
    assert_major(gss_wrap(NULL, p.i, 1, 0, &in, NULL, &out), write);
    assert_major(gss_wrap(&minor, p.i, 1, 0, NULL, NULL, &out), read);
    assert_major(gss_wrap(&minor, p.i, 1, 0, &lie, NULL, &out), read);
    assert_major(gss_wrap(&minor, p.i, 1, 0, &in, NULL, NULL), write);
    assert_major(gss_wrap(&minor, p.i, 1, 7, &in, NULL, &out), GSS_S_BAD_QOP);
    assert_major(gss_get_mic(&minor, p.i, 7, &in, &out), GSS_S_BAD_QOP);
    assert_major(gss_wrap_iov(&minor, p.i, 1, 7, NULL, NULL, 0), GSS_S_BAD_QOP);
    assert_major(gss_unwrap(&minor, p.i, NULL, &out, NULL, NULL), read);
    assert_major(gss_unwrap(&minor, p.i, &none, &out, NULL, NULL), GSS_S_DEFECTIVE_TOKEN);
    assert_major(gss_unwrap(&minor, p.i, &in, NULL, NULL, NULL), write);
    assert_major(gss_get_mic(&minor, p.i, 0, NULL, &out), read);
    assert_major(gss_get_mic(&minor, p.i, 0, &in, NULL), write);
    assert_major(gss_verify_mic(&minor, p.i, NULL, &in, NULL), read);
    assert_major(gss_verify_mic(&minor, p.i, &in, NULL, NULL), read);
    assert_major(gss_verify_mic(&minor, p.i, &in, &none, NULL), GSS_S_DEFECTIVE_TOKEN);
    assert_major(gss_wrap_size_limit(&minor, p.i, 1, 0, 9, NULL), write);
    assert_major(gss_pseudo_random(&minor, p.i, 2, &in, 9, &out), GSS_S_FAILURE);
    assert_major(gss_pseudo_random(&minor, p.i, 0, &in, -1, &out), GSS_S_FAILURE);
    assert_complete(gss_pseudo_random(&minor, p.i, 0, &in, 0, &out));
    assert_null(out.value);
    pair_end(&p);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(messages_go_both_ways_in_each_enctype),
        cmocka_unit_test(the_names_of_version_1_work),
        cmocka_unit_test(late_and_missing_messages_are_told),
        cmocka_unit_test(pieces_of_mit_are_opened_in_place),
        cmocka_unit_test(whole_tokens_of_mit_are_opened_as_streams),
        cmocka_unit_test(pieces_of_ours_are_opened_in_every_layout),
        cmocka_unit_test(mics_over_pieces_are_those_of_the_whole),
        cmocka_unit_test(data_signed_beside_a_message_must_agree),
        cmocka_unit_test(pieces_that_do_not_fit_are_refused),
        cmocka_unit_test(calls_without_a_context_say_so),
        cmocka_unit_test(missing_arguments_are_told),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
