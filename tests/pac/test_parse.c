// A PAC's array of buffers, and its signatures: lengths that lie, doubles, foreign types.
#include "../test.h"
#include "pac/pac.h"

static struct arena arena;
static struct crypto_key *server, *kdc;

static int setup(void **state) {
    UNUSED(state);
    static const uint8_t bytes[64] = {1, 2, 3, 4, 5};
    if (!arena_init(&arena, 1 << 16, 1 << 20))
        return 1;
    assert_ok(crypto_key_in_arena(&server, &arena, ENCTYPE_AES256_SHA1, slice_of(bytes, 32), NULL));
    assert_ok(
        crypto_key_in_arena(&kdc, &arena, ENCTYPE_AES256_SHA384, slice_of(bytes + 1, 32), NULL));
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

struct entry {
    uint32_t type, size;
    uint64_t offset;
};
// A PAC of 128 bytes whose header says this.
static struct slice pac_saying(uint32_t count, uint32_t version, const struct entry *entries,
                               size_t given) {
    struct buf out = arena_buf(&arena, 128);
    memset(out.ptr, 0, out.len);
    struct writer w = writer_to_buf(out);
    writer_le32(&w, count);
    writer_le32(&w, version);
    for (size_t i = 0; i < given; i++) {
        writer_le32(&w, entries[i].type);
        writer_le32(&w, entries[i].size);
        writer_le64(&w, entries[i].offset);
    }
    return slice_of_buf(out);
}
static enum obol_code parse(struct slice bytes) {
    struct pac pac;
    return pac_parse(bytes, &pac, NULL);
}

static void what_the_header_says_must_be_so(void **state) {
    UNUSED(state);
    const struct entry good[] = {{1, 16, 40}, {10, 8, 56}};
    assert_ok(parse(pac_saying(2, 0, good, 2)));
    assert_code(parse(pac_saying(2, 1, good, 2)), OBOL_FORMAT);
    assert_code(parse(pac_saying(0, 0, good, 2)), OBOL_FORMAT);
    assert_code(parse(pac_saying(PAC_BUFFERS_MAX + 1, 0, good, 2)), OBOL_FORMAT);
    assert_code(parse(pac_saying(0x10000000, 0, good, 2)), OBOL_FORMAT);
    for (size_t n = 0; n < 64; n++)
        assert_code(parse(slice_sub(pac_saying(2, 0, good, 2), 0, n)), OBOL_FORMAT);
}

static void as_many_buffers_as_are_bounded_and_no_more_are_kept(void **state) {
    UNUSED(state);
    for (uint32_t count = PAC_BUFFERS_MAX; count <= PAC_BUFFERS_MAX + 1; count++) {
        struct writer w = writer_to_arena(&arena);
        struct pac pac;
        writer_le32(&w, count);
        writer_le32(&w, 0);
        for (uint32_t i = 0; i < count; i++) { // all of them sound
            writer_le32(&w, 0x7000 + i);
            writer_le32(&w, 0);
            writer_le64(&w, 8 + 16 * (uint64_t)count);
        }
        assert_true(writer_ok(&w));
        assert_code(pac_parse(writer_slice(&w), &pac, NULL),
                    count <= PAC_BUFFERS_MAX ? OBOL_OK : OBOL_FORMAT);
    }
}

static void a_buffer_lies_inside_aligned_and_apart(void **state) {
    UNUSED(state);
    const struct entry bad[][2] = {
        {{1, 16, 40}, {10, 8, 60}},              // not aligned
        {{1, 16, 40}, {10, 8, 32}},              // in the header
        {{1, 16, 40}, {10, 80, 56}},             // past the end
        {{1, 16, 40}, {10, 8, 136}},             // past the end altogether
        {{1, 16, 40}, {10, UINT32_MAX, 56}},     // a length that wraps
        {{1, 16, 40}, {10, 16, UINT64_MAX - 7}}, // an offset that wraps
        {{1, 24, 40}, {10, 8, 56}},              // over each other
        {{6, 16, 40}, {6, 16, 56}},              // two server signatures
        {{1, 16, 40}, {1, 16, 56}},              // two logon infos
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_code(parse(pac_saying(2, 0, bad[i], 2)), OBOL_FORMAT);
}

static void empty_buffers_and_unknown_types_are_kept(void **state) {
    UNUSED(state);
    const struct entry rows[] = {{0x7777, 0, 128}, {10, 8, 56}};
    struct pac pac;
    assert_ok(pac_parse(pac_saying(2, 0, rows, 2), &pac, NULL));
    assert_int_equal(pac.count, 2);
    assert_non_null(pac_find(&pac, 0x7777));
    assert_null(pac_find(&pac, PAC_LOGON_INFO));
}

// Signed, then the type of a signature replaced.
static struct slice sealed(uint32_t which, int32_t type) {
    const struct pac_buffer item = {PAC_CLIENT_INFO, SLICE_LITERAL("0123456789")};
    const struct pac_seal seal = {&item, 1, server, kdc, SLICE_LITERAL("ticket")};
    struct slice bytes;
    struct pac pac;
    assert_ok(pac_seal(&seal, &arena, &bytes, NULL));
    assert_ok(pac_parse(bytes, &pac, NULL));
    const struct pac_buffer *found = pac_find(&pac, which);
    if (!type)
        return bytes;
    struct writer w = writer_to_buf(buf_of((void *)(uintptr_t)found->data.ptr, 4));
    writer_le32(&w, (uint32_t)type);
    return bytes;
}

static void each_signature_is_of_its_keys_own_type(void **state) {
    UNUSED(state);
    static const struct {
        int32_t type;
        size_t len; // 0: nobody knows such a type
    } bad[] = {{1, 0},
               {CKSUMTYPE_RSA_MD5, 16},
               {CKSUMTYPE_SHA1, 20},
               {CKSUMTYPE_HMAC_MD5, 16},
               {15, 12},
               {17, 16},
               {19, 16},
               {0x7fffffff, 0},
               {-1, 0}};
    static const uint32_t types[] = {PAC_SERVER_SIGNATURE, PAC_KDC_SIGNATURE, PAC_FULL_SIGNATURE,
                                     PAC_TICKET_SIGNATURE};
    for (size_t t = 0; t < COUNT_OF(types); t++) {
        struct crypto_key *key = types[t] == PAC_SERVER_SIGNATURE ? server : kdc;
        const size_t own = types[t] == PAC_SERVER_SIGNATURE ? 12 : 24; // aes-sha1, aes256-sha384
        struct pac pac;
        assert_ok(pac_parse(sealed(types[t], 0), &pac, NULL));
        assert_ok(pac_verify(&pac, types[t], key, SLICE_LITERAL("ticket"), NULL));
        assert_int_equal(pac_signature_type(&pac, types[t]),
                         enctype_checksum_type(crypto_key_enctype(key)));
        for (size_t i = 0; i < COUNT_OF(bad); i++) {
            assert_ok(pac_parse(sealed(types[t], bad[i].type), &pac, NULL));
            enum obol_code code = pac_verify(&pac, types[t], key, SLICE_LITERAL("ticket"), NULL);
            bool fits = bad[i].len == 0 || bad[i].len == own; // else it is no such signature
            assert_code(code, fits ? OBOL_CKSUMTYPE_UNSUPPORTED : OBOL_FORMAT);
        }
    }
}

static void zeroed_and_shortened_signatures_do_not_hold(void **state) {
    UNUSED(state);
    struct slice bytes = sealed(PAC_SERVER_SIGNATURE, 0);
    struct pac pac;
    assert_ok(pac_parse(bytes, &pac, NULL));
    for (size_t i = 0; i < pac.count; i++) {
        struct pac_buffer *item = &pac.items[i];
        struct crypto_key *key = item->type == PAC_SERVER_SIGNATURE ? server : kdc;
        if (!pac_is_signature(item->type))
            continue;
        struct slice whole = item->data;
        for (size_t n = 0; n < whole.len; n++) {
            item->data = slice_sub(whole, 0, n);
            assert_code(pac_verify(&pac, item->type, key, SLICE_LITERAL("ticket"), NULL),
                        OBOL_FORMAT);
        }
        item->data = whole;
        uint8_t saved[CRYPTO_CKSUM_MAX], *at = (uint8_t *)(uintptr_t)whole.ptr + 4;
        memcpy(saved, at, whole.len - 4);
        memset(at, 0, whole.len - 4);
        assert_code(pac_verify(&pac, item->type, key, SLICE_LITERAL("ticket"), NULL),
                    OBOL_CHECKSUM_MISMATCH);
        memcpy(at, saved, whole.len - 4);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_header_says_must_be_so),
        cmocka_unit_test(as_many_buffers_as_are_bounded_and_no_more_are_kept),
        cmocka_unit_test(a_buffer_lies_inside_aligned_and_apart),
        cmocka_unit_test(empty_buffers_and_unknown_types_are_kept),
        cmocka_unit_test(each_signature_is_of_its_keys_own_type),
        cmocka_unit_test(zeroed_and_shortened_signatures_do_not_hold),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
