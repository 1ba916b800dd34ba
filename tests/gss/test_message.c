// Message protection against the tokens that MIT krb5 made, for every enctype, in every layout.
#include "mit_tokens.h"

#define FIRST  "first signed"
#define SECOND "second"

static bool is_rc4(const struct gss_context *c) {
    return enctype_number(crypto_key_enctype(c->key)) == ENCTYPE_RC4_HMAC;
}

// The pieces of a token of MIT's gss_wrap_iov, copied to where they can be opened.
struct laid {
    struct crypto_part parts[GSS_PARTS_FRONT + 3 + GSS_PARTS_BACK];
    struct gss_pieces pieces;
    uint8_t header[256], data[256], padding[16], trailer[128];
    char first[sizeof FIRST], second[sizeof SECOND];
};

static struct buf lay_buf(uint8_t *room, struct slice from) {
    if (from.len)
        memcpy(room, from.ptr, from.len);
    return buf_of(from.len ? room : NULL, from.len);
}

static void lay(struct laid *l, const struct mit_token *t) {
    bool aead = slice_starts(t->kind, SLICE_LITERAL("aead"));
    size_t n = GSS_PARTS_FRONT;
    memcpy(l->first, FIRST, sizeof FIRST);
    memcpy(l->second, SECOND, sizeof SECOND);
    struct buf data = lay_buf(l->data, t->bytes[1]);
    if (aead)
        l->parts[n++] = (struct crypto_part){(uint8_t *)l->first, NULL, sizeof FIRST, true};
    l->parts[n++] = (struct crypto_part){data.ptr, data.ptr, data.len, false};
    if (aead)
        l->parts[n++] = (struct crypto_part){(uint8_t *)l->second, NULL, sizeof SECOND, true};
    l->pieces = (struct gss_pieces){
        .header = lay_buf(l->header, t->bytes[0]),
        .padding = lay_buf(l->padding, t->bytes[2]),
        .trailer = lay_buf(l->trailer, t->bytes[3]),
        .parts = l->parts,
        .count = n + GSS_PARTS_BACK,
    };
    if (slice_eq_str(t->kind, "iov") || slice_eq_str(t->kind, "aead"))
        if (!l->pieces.trailer.ptr) // a trailer that is there and empty: rc4
            l->pieces.trailer = buf_of(l->trailer, 0);
}

static enum obol_code open_pieces(struct gss_context *c, struct laid *l, const struct mit_token *t,
                                  struct gss_opened *o, struct error *err) {
    size_t padding = 99;
    lay(l, t);
    enum obol_code code = gss_message_unwrap_pieces(c, &l->pieces, &padding, o, err);
    if (code == OBOL_OK)
        assert_int_equal(padding, t->bytes[2].len);
    return code;
}

static enum obol_code open_whole(struct gss_context *c, struct slice token, struct buf out,
                                 size_t *len, struct gss_opened *o, struct error *err) {
    return gss_message_unwrap(c, token, buf_of(out.ptr, gss_message_unwrap_room(token.len)), len, o,
                              err);
}

static enum obol_code verify(struct gss_context *c, struct slice message, struct slice mic,
                             enum gss_order *order) {
    struct crypto_part parts[] = {{0}, {message.ptr, NULL, message.len, true}, {0}};
    return gss_mic_verify_parts(c, parts, COUNT_OF(parts), mic, order, NULL);
}

static void take_token(struct gss_context *c, const struct mit_token *t) {
    static uint8_t room[1024];
    struct gss_opened o = {false, GSS_ORDER_GAP};
    struct error err;
    struct laid l;
    size_t len = 0;
    error_init(&err);
    if (slice_eq_str(t->kind, "wrap")) {
        enum obol_code code = open_whole(c, t->bytes[0], buf_of(room, sizeof room), &len, &o, &err);
        if (code != OBOL_OK)
            fail_msg("%s: %s", error_info(code)->name, err.detail);
        assert_slice_equal(slice_of(room, len), mit_message(t->len));
    } else if (slice_eq_str(t->kind, "mic")) {
        assert_ok(verify(c, mit_message(t->len), t->bytes[0], &o.order));
        o.conf = t->conf;
    } else {
        enum obol_code code = open_pieces(c, &l, t, &o, &err);
        if (code != OBOL_OK)
            fail_msg("%.*s %zu: %s: %s", SLICE_ARG(t->kind), t->len, error_info(code)->name,
                     err.detail);
        assert_slice_equal(slice_of(l.data, t->len), mit_message(t->len));
    }
    assert_int_equal(o.conf, t->conf);
    assert_int_equal(o.order, GSS_ORDER_OK);
}

static bool is_token(const struct mit_token *t) {
    return !slice_eq_str(t->kind, "limit") && !slice_eq_str(t->kind, "prf");
}

static void every_token_of_mit_is_taken_in_its_order(void **state) {
    UNUSED(state);
    struct mit m;
    struct mit_token t;
    size_t taken = 0;
    vectors_open(&m.v, "../gss/mit_tokens.txt");
    while (mit_next(&m)) {
        assert_ok(gss_context_keep(&m.initiator, NULL));
        assert_ok(gss_context_keep(&m.acceptor, NULL));
        while (mit_token(&m, &t))
            if (is_token(&t)) {
                take_token(t.initiator ? &m.acceptor : &m.initiator, &t);
                taken++;
            }
        gss_context_release(&m.initiator);
        gss_context_release(&m.acceptor);
    }
    assert_int_equal(taken, 2 * MIT_TOKENS_EACH * 21);
}

// With rc4 MIT rounds the limit down to eights; ours is the longest message that fits.
static void check_limit(struct gss_context *c, const struct mit_token *t) {
    bool rc4 = is_rc4(c);
    size_t limit = gss_message_wrap_limit(c, t->conf, t->len), theirs = mit_number(t->text);
    assert_true(rc4 ? limit >= theirs : limit == theirs);
    assert_true(gss_message_wrap_length(c, t->conf, limit + 1) > t->len);
    if (limit)
        assert_true(gss_message_wrap_length(c, t->conf, limit) <= t->len);
}

static void lengths_limits_and_prf_are_those_of_mit(void **state) {
    UNUSED(state);
    struct mit m;
    struct mit_token t;
    vectors_open(&m.v, "../gss/mit_tokens.txt");
    while (mit_next(&m))
        while (mit_token(&m, &t)) {
            struct gss_context *c = t.initiator ? &m.initiator : &m.acceptor;
            struct gss_layout layout;
            uint8_t prf[100];
            if (slice_eq_str(t.kind, "limit")) {
                check_limit(c, &t);
            } else if (slice_eq_str(t.kind, "prf")) {
                if (t.conf &&
                    is_rc4(c)) // of rc4 MIT gives one key out, which may be the acceptor's
                    continue;
                assert_ok(gss_prf(c, t.conf, mit_message(t.len), buf_of(prf, sizeof prf), NULL));
                assert_slice_equal(slice_of(prf, sizeof prf), t.bytes[0]);
            } else if (slice_eq_str(t.kind, "wrap")) {
                assert_int_equal(gss_message_wrap_length(c, t.conf, t.len), t.bytes[0].len);
            } else if (!slice_eq_str(t.kind, "mic")) {
                bool apart = slice_eq_str(t.kind, "iov") || slice_eq_str(t.kind, "aead");
                gss_layout_of(c, t.conf, apart ? GSS_STYLE_TRAILER : GSS_STYLE_HEADER, t.len,
                              &layout);
                assert_int_equal(layout.header, t.bytes[0].len);
                assert_int_equal(layout.padding, t.bytes[2].len);
                assert_int_equal(layout.trailer, t.bytes[3].len);
            }
        }
}

// Without a confounder nothing is left to chance: the bytes are MIT's.
static void signed_tokens_are_byte_for_byte_those_of_mit(void **state) {
    UNUSED(state);
    struct mit m;
    struct mit_token t;
    size_t compared = 0;
    vectors_open(&m.v, "../gss/mit_tokens.txt");
    while (mit_next(&m))
        while (mit_token(&m, &t)) {
            struct gss_context *c = t.initiator ? &m.initiator : &m.acceptor;
            bool rc4 = is_rc4(c);
            struct slice message = mit_message(t.len), token;
            uint8_t room[256];
            if (slice_eq_str(t.kind, "mic")) {
                assert_ok(gss_mic_make(c, message, &m.v.arena, &token, NULL));
                assert_slice_equal(token, t.bytes[0]);
                compared++;
            } else if (slice_eq_str(t.kind, "wrap") && !t.conf && !rc4) {
                struct buf out = buf_of(room, gss_message_wrap_length(c, false, t.len));
                assert_ok(gss_message_wrap(c, false, message, out, env_system(), NULL));
                assert_slice_equal(slice_of_buf(out), t.bytes[0]);
                compared++;
            } else if (is_token(&t)) {
                c->send_seq++;
            }
        }
    assert_int_equal(compared, 2 * (5 * 21 + 5 * 18));
}

// Whatever is done to a token, its bytes do not open; what was sealed leaves nothing behind.
static void refuse_whole(struct gss_context *c, struct slice token, bool sealed) {
    static uint8_t room[1024];
    static const uint8_t zeros[1024];
    struct gss_opened o;
    size_t len;
    memset(room, 0, sizeof room);
    assert_int_not_equal(open_whole(c, token, buf_of(room, sizeof room), &len, &o, NULL), OBOL_OK);
    if (sealed)
        assert_memory_equal(room, zeros, sizeof room);
}

// What an edit may change without being caught: nothing of the message. RFC 4121 4.2.5: RRC is not
// authenticated and any count is understood, so that one may turn the body full circle. RFC 4757
// enciphers the sequence number of what is only signed, and does not authenticate it.
static bool harmless(const struct gss_context *c, const struct mit_token *t, struct slice token,
                     size_t bit) {
    size_t seq_at = is_rc4(c) ? (token.ptr[1] < 0x80 ? 21 : 21 + (token.ptr[1] & 0x7fu)) : 0;
    if (is_rc4(c))
        return !t->conf && bit / 8 >= seq_at && bit / 8 < seq_at + 4;
    size_t rrc = (size_t)token.ptr[6] << 8 | token.ptr[7];
    return token.ptr[0] == 5 && (bit / 8 == 6 || bit / 8 == 7) && rrc % (token.len - 16) == 0;
}

static void flip_whole(struct gss_context *c, const struct mit_token *t) {
    uint8_t copy[512], room[1024];
    struct slice token = slice_of(copy, t->bytes[0].len);
    struct gss_opened o;
    size_t len;
    memcpy(copy, t->bytes[0].ptr, token.len);
    for (size_t bit = 0; bit < 8 * token.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (harmless(c, t, token, bit)) {
            assert_ok(open_whole(c, token, buf_of(room, sizeof room), &len, &o, NULL));
            assert_slice_equal(slice_of(room, len), mit_message(t->len));
        } else {
            refuse_whole(c, token, t->conf);
        }
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < token.len; n++)
        refuse_whole(c, slice_of(copy, n), t->conf);
    copy[token.len] = 0; // and one byte more
    refuse_whole(c, slice_of(copy, token.len + 1), t->conf);
}

static void flip_mic(struct gss_context *c, const struct mit_token *t) {
    uint8_t copy[512];
    enum gss_order order;
    struct slice mic = slice_of(copy, t->bytes[0].len), message = mit_message(t->len);
    memcpy(copy, t->bytes[0].ptr, mic.len);
    for (size_t bit = 0; bit < 8 * mic.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool taken = verify(c, message, mic, &order) == OBOL_OK;
        assert_int_equal(taken, harmless(c, t, mic, bit));
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < mic.len; n++)
        assert_int_not_equal(verify(c, message, slice_of(copy, n), &order), OBOL_OK);
    assert_int_not_equal(verify(c, mit_message(t->len + 1), mic, &order), OBOL_OK);
    assert_ok(verify(c, message, mic, &order));
}

// Bits of each piece in turn, of what is only signed too.
static void flip_pieces(struct gss_context *c, const struct mit_token *t) {
    struct laid l;
    struct gss_opened o;
    size_t padding;
    lay(&l, t);
    bool aead = slice_starts(t->kind, SLICE_LITERAL("aead"));
    const struct buf pieces[] = {l.pieces.header,
                                 buf_of(l.data, t->len),
                                 l.pieces.padding,
                                 l.pieces.trailer,
                                 buf_of(l.first, aead ? sizeof l.first : 0),
                                 buf_of(l.second, aead ? sizeof l.second : 0)};
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        for (size_t bit = 0; bit < 8 * pieces[i].len; bit++) {
            lay(&l, t);
            pieces[i].ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
            bool taken = gss_message_unwrap_pieces(c, &l.pieces, &padding, &o, NULL) == OBOL_OK;
            // Pieces are turned by one count only.
            assert_int_equal(taken,
                             is_rc4(c) && i == 0 && harmless(c, t, slice_of_buf(pieces[0]), bit));
        }
    assert_ok(open_pieces(c, &l, t, &o, NULL));
}

static void no_altered_or_cut_token_is_taken(void **state) {
    UNUSED(state);
    struct mit m;
    struct mit_token t;
    vectors_open(&m.v, "../gss/mit_tokens.txt");
    while (mit_next(&m))
        while (mit_token(&m, &t)) {
            struct gss_context *c = t.initiator ? &m.acceptor : &m.initiator;
            if (!is_token(&t) || t.len == 100 || t.len == 1)
                continue;
            if (slice_eq_str(t.kind, "wrap"))
                flip_whole(c, &t);
            else if (slice_eq_str(t.kind, "mic"))
                flip_mic(c, &t);
            else
                flip_pieces(c, &t);
        }
}

static void tokens_thrown_back_or_of_another_context_are_refused(void **state) {
    UNUSED(state);
    struct mit m;
    struct mit_token t;
    struct gss_context last = {.key = NULL};
    vectors_open(&m.v, "../gss/mit_tokens.txt");
    while (mit_next(&m)) {
        while (mit_token(&m, &t)) {
            struct gss_context *own = t.initiator ? &m.initiator : &m.acceptor;
            struct gss_context *foreign = last.key ? &last : own;
            enum gss_order order;
            struct gss_opened o;
            struct laid l;
            if (slice_eq_str(t.kind, "wrap")) {
                refuse_whole(own, t.bytes[0], t.conf);
                refuse_whole(foreign, t.bytes[0], t.conf);
            } else if (slice_eq_str(t.kind, "mic")) {
                assert_int_not_equal(verify(own, mit_message(t.len), t.bytes[0], &order), OBOL_OK);
                assert_int_not_equal(verify(foreign, mit_message(t.len), t.bytes[0], &order),
                                     OBOL_OK);
                refuse_whole(m.initiator.initiator == t.initiator ? &m.acceptor : &m.initiator,
                             t.bytes[0], false); // a MIC is no wrap token
            } else if (is_token(&t)) {
                assert_int_not_equal(open_pieces(own, &l, &t, &o, NULL), OBOL_OK);
                assert_int_not_equal(open_pieces(foreign, &l, &t, &o, NULL), OBOL_OK);
            }
        }
        last = m.acceptor;
    }
}

// The body of a token turned by hand (RFC 4121 4.2.5), as Windows and others send it.
static void turn(struct slice token, uint16_t rrc, bool dce, uint8_t *out) {
    size_t len = token.len - 16, ec = dce ? (size_t)token.ptr[4] << 8 | token.ptr[5] : 0;
    memcpy(out, token.ptr, 16);
    out[6] = (uint8_t)(rrc >> 8);
    out[7] = (uint8_t)rrc;
    for (size_t i = 0; i < len; i++)
        out[16 + (i + rrc + ec) % len] = token.ptr[16 + i];
}

static void bodies_turned_by_any_count_are_turned_back(void **state) {
    UNUSED(state);
    struct mit m;
    struct mit_token t;
    vectors_open(&m.v, "../gss/mit_tokens.txt");
    while (mit_next(&m))
        while (mit_token(&m, &t)) {
            struct gss_context *c = t.initiator ? &m.acceptor : &m.initiator;
            if (!slice_eq_str(t.kind, "wrap") || is_rc4(c))
                continue;
            static const uint16_t more[] = {300, 1000, 65535};
            for (size_t k = 0; k < 160 + COUNT_OF(more); k++) {
                uint8_t turned[512], room[1024];
                struct buf header, data, trailer;
                struct slice token = slice_of(turned, t.bytes[0].len);
                struct gss_opened o;
                size_t len;
                turn(t.bytes[0], k < 160 ? (uint16_t)k : more[k - 160],
                     (c->flags & GSS_FLAG_DCE) && t.conf, turned);
                assert_ok(open_whole(c, token, buf_of(room, sizeof room), &len, &o, NULL));
                assert_slice_equal(slice_of(room, len), mit_message(t.len));
                assert_ok(
                    gss_stream_split(c, buf_of(turned, token.len), &header, &data, &trailer, NULL));
                assert_int_equal(data.len, t.len);
                assert_memory_equal(turned + 8, t.bytes[0].ptr + 8, token.len - 8);
            }
        }
}

// Our tokens of any length, as they are sent, turned, and cut short by a bit that is altered: on
// both sides of where a message is copied whole (4096 bytes), and of the block where the digest
// keeps up.
static void check_long(struct gss_context *from, struct gss_context *to, bool conf, size_t n) {
    static uint8_t message[5000], token[5200], turned[5200], room[5300];
    static const uint8_t zeros[5300];
    struct gss_opened o;
    size_t len, all = gss_message_wrap_length(from, conf, n);
    for (size_t i = 0; i < n; i++)
        message[i] = (uint8_t)(i * 7 + n);
    const struct buf out = buf_of(token, all), opened = buf_of(room, sizeof room);
    const struct slice text = slice_of(message, n), whole = slice_of(token, all);
    assert_code(gss_message_wrap(from, conf, text, buf_of(token, all - 1), env_system(), NULL),
                OBOL_INVALID_ARGUMENT);
    assert_ok(gss_message_wrap(from, conf, text, out, env_system(), NULL));
    assert_ok(open_whole(to, whole, opened, &len, &o, NULL));
    assert_slice_equal(slice_of(room, len), text);
    assert_int_equal(o.conf, conf);
    if (is_rc4(from))
        return;
    turn(whole, 28, false, turned);
    assert_ok(open_whole(to, slice_of(turned, all), opened, &len, &o, NULL));
    assert_slice_equal(slice_of(room, len), text);
    memset(room, 0, sizeof room);
    token[16 + (all - 16) / 2] ^= 1;
    assert_int_not_equal(open_whole(to, whole, opened, &len, &o, NULL), OBOL_OK);
    assert_memory_equal(room, zeros, sizeof room);
}

static void messages_of_any_length_come_back(void **state) {
    UNUSED(state);
    struct mit m;
    vectors_open(&m.v, "../gss/mit_tokens.txt");
    while (mit_next(&m)) {
        for (size_t n = 0; n < 700; n += n < 40 ? 1 : 13) {
            check_long(&m.initiator, &m.acceptor, true, n);
            check_long(&m.acceptor, &m.initiator, false, n);
        }
        for (size_t n = 4000; n < 4130; n += 3) {
            check_long(&m.acceptor, &m.initiator, true, n);
            check_long(&m.initiator, &m.acceptor, false, n);
        }
    }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(every_token_of_mit_is_taken_in_its_order),
        cmocka_unit_test(lengths_limits_and_prf_are_those_of_mit),
        cmocka_unit_test(signed_tokens_are_byte_for_byte_those_of_mit),
        cmocka_unit_test(no_altered_or_cut_token_is_taken),
        cmocka_unit_test(tokens_thrown_back_or_of_another_context_are_refused),
        cmocka_unit_test(bodies_turned_by_any_count_are_turned_back),
        cmocka_unit_test(messages_of_any_length_come_back),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
