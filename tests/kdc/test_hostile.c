// Requests that nobody means well with. None may crash, none may be answered with a ticket that was
// not earned, and what is no request is not answered at all. The rows of shared/mistakes.md that
// concern the KDC are here by name.
#include "as.h"
#include "base/reader.h"

#define WEB "HTTP/web.example.com"

// A DER value apart: identifier, content; enough for messages of this size.
struct value {
    uint8_t tag;
    struct slice content, whole;
};
static bool next_value(struct reader *in, struct value *v) {
    const uint8_t *start = in->ptr;
    if (reader_left(in) == 0)
        return false;
    v->tag = reader_u8(in);
    size_t len = reader_u8(in);
    if (len & 0x80) {
        size_t bytes = len & 0x7f;
        for (len = 0; bytes > 0; bytes--)
            len = len << 8 | reader_u8(in);
    }
    v->content = reader_bytes(in, len);
    v->whole = slice_of(start, (size_t)(in->ptr - start));
    return reader_ok(in);
}
static struct value value_of(struct slice s) {
    struct value v;
    struct reader in = reader_of(s);
    assert_true(next_value(&in, &v));
    return v;
}
static struct slice wrapped(uint8_t tag, struct slice content) {
    struct writer w = writer_to_arena(&r.arena);
    writer_u8(&w, tag);
    writer_u8(&w, 0x82);
    if (content.len < 0x80) {
        w.len--;
        writer_u8(&w, (uint8_t)content.len);
    } else if (content.len < 0x100) {
        w.len--;
        writer_u8(&w, 0x81);
        writer_u8(&w, (uint8_t)content.len);
    } else {
        writer_be16(&w, (uint16_t)content.len);
    }
    writer_bytes(&w, content);
    return writer_slice(&w);
}
// without is a SEQUENCE that lacks its n-th element; empty when it has no n-th.
static struct slice without(struct slice sequence, size_t n) {
    struct value seq = value_of(sequence), v;
    struct reader in = reader_of(seq.content);
    struct writer w = writer_to_arena(&r.arena);
    bool had = false;
    for (size_t i = 0; next_value(&in, &v); i++) {
        had = had || i == n;
        if (i != n)
            writer_bytes(&w, v.whole);
    }
    return had ? wrapped(seq.tag, writer_slice(&w)) : (struct slice){0};
}

static struct kdc_req full_as(void) {
    static const uint8_t ip[] = {10, 0, 0, 1};
    static struct host_address address = {2, {ip, 4}};
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    struct kdc_req_body *body = &req.req_body;
    body->present |= KDC_REQ_BODY_FROM | KDC_REQ_BODY_RTIME | KDC_REQ_BODY_ADDRESSES;
    body->from = body->rtime = realm_time(&r);
    body->addresses = (struct host_address_list){&address, 1};
    struct crypto_key *key = realm_key(&r, "alice@EXAMPLE.COM", 2, 18);
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, key, realm_time(&r)));
    return req;
}

// CVE-2021-3671 and CVE-2017-17439: fields that the RFC lets be absent, or that a client left out.
static void an_as_req_without_any_one_field_is_survived(void **state) {
    UNUSED(state);
    struct kdc_req req = full_as();
    struct slice whole = realm_encode(&r, &req), outer = value_of(whole).content;
    assert_int_equal(realm_send(&r, whole), 0);
    for (size_t i = 0; i < 4; i++) {
        int code = realm_send(&r, wrapped(0x6a, without(outer, i)));
        assert_int_equal(code, i == 2 ? 25 : -1); // only padata may be missing
    }
    struct slice body = realm_body(&r, &req), shorter;
    // options, cname, realm, sname, from, till, rtime, nonce, etype, addresses
    const int expected[] = {-1, 6, -1, 7, 0, 0, 0, -1, -1, 0};
    for (size_t i = 0; (shorter = without(body, i)).len; i++) {
        struct kdc_req cut = full_as();
        cut.req_body.raw = shorter;
        int code = realm_send(&r, realm_encode(&r, &cut));
        assert_true(i < COUNT_OF(expected));
        assert_int_equal(code, expected[i]);
    }
}

// CVE-2021-3671, CVE-2021-37750: a TGS-REQ without a service.
static void a_tgs_req_without_any_one_field_is_survived(void **state) {
    UNUSED(state);
    struct session tgt = realm_login(&r, "alice");
    struct kdc_req model = realm_tgs_req(&r, WEB);
    struct slice body = realm_body(&r, &model), shorter;
    // options, realm, sname, till, nonce, etype
    const int expected[] = {-1, -1, 7, 0, -1, -1};
    for (size_t i = 0; (shorter = without(body, i)).len; i++) {
        struct kdc_req req = realm_tgs_req(&r, WEB);
        req.req_body.raw = shorter; // the checksum is right for what is sent
        assert_true(i < COUNT_OF(expected));
        assert_int_equal(realm_send(&r, realm_present(&r, &tgt, &req)), expected[i]);
    }
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct slice outer = value_of(realm_present(&r, &tgt, &req)).content;
    for (size_t i = 0; i < 4; i++) {
        int code = realm_send(&r, wrapped(0x6c, without(outer, i)));
        assert_int_equal(code, i == 2 ? 16 : -1);
    }
}

// The AP-REQ, its ticket and its authenticator, each without each of its fields.
static void a_presented_ticket_without_any_one_field_is_survived(void **state) {
    UNUSED(state);
    struct session tgt = realm_login(&r, "alice");
    struct kdc_req req = realm_tgs_req(&r, WEB);
    realm_present(&r, &tgt, &req);
    struct slice ap_req = req.padata.items[0].padata_value, shorter;
    for (size_t i = 0; (shorter = without(value_of(ap_req).content, i)).len; i++) {
        req.padata.items[0].padata_value = wrapped(0x6e, shorter);
        assert_true(realm_send(&r, realm_encode(&r, &req)) > 0);
    }
    struct enc_ticket_part part = realm_ticket(&r, &tgt, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    struct slice plain;
    must(der_encode(&TYPE_ENC_TICKET_PART, &part, &r.arena, &plain, err));
    for (size_t i = 0; (shorter = without(value_of(plain).content, i)).len; i++) {
        struct crypto_key *key = realm_key(&r, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
        struct slice cut = wrapped(0x63, shorter);
        struct buf out =
            arena_buf(&r.arena, enctype_sealed_length(crypto_key_enctype(key), cut.len));
        must(crypto_seal(key, KU_TICKET, &r.env, cut, out, err));
        struct session s = tgt;
        struct principal p = realm_name(&r, TGS);
        s.rep.ticket = (struct ticket){.tkt_vno = 5, .realm = p.realm, .sname = p.name};
        s.rep.ticket.enc_part =
            (struct encrypted_data){ENCRYPTED_DATA_KVNO, 20, 2, slice_of_buf(out)};
        struct kdc_req again = realm_tgs_req(&r, WEB);
        // starttime and renew-till are optional, the rest is not.
        bool optional = i == 6 || i == 8;
        int code = realm_send(&r, realm_present(&r, &s, &again));
        assert_int_equal(code == 0, optional);
    }
}

// CVE-2026-57915, CVE-2015-2694, CVE-2021-36222: padata that no mechanism took for what it is
// counted as preauthentication, was a proof when it was empty, or wanted an armor that was not
// there.
static void no_padata_but_the_right_timestamp_is_a_proof(void **state) {
    UNUSED(state);
    struct crypto_key *right = realm_key(&r, "alice@EXAMPLE.COM", 2, 18);
    struct crypto_key *bobs = realm_key(&r, "bob@EXAMPLE.COM", 2, 18);
    struct encrypted_data empty = {.etype = 18};
    struct slice empty_cipher;
    must(der_encode(&TYPE_ENCRYPTED_DATA, &empty, &r.arena, &empty_cipher, err));
    const struct slice good = realm_timestamp(&r, right, realm_time(&r));
    const struct slice contents[] = {
        {0},
        SLICE_LITERAL("\0"),
        SLICE_LITERAL("\x30\x00"),
        SLICE_LITERAL("\x30\x80\x00\x00"),
        SLICE_LITERAL("\x04\x00"),
        SLICE_LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff"),
        SLICE_LITERAL("\x30\x84\x7f\xff\xff\xff"),
        empty_cipher,
        realm_timestamp(&r, bobs, realm_time(&r)),
        realm_timestamp(&r, right, realm_time(&r) + 4000),
        slice_sub(good, 0, good.len - 1),
        good,
    };
    for (int32_t type = -200; type <= 300; type++) {
        for (size_t i = 0; i < COUNT_OF(contents); i++) {
            struct kdc_req req = realm_as_req(&r, "alice", TGS);
            realm_add_padata(&r, &req, type, contents[i]);
            bool proof = type == PA_ENC_TIMESTAMP && i == COUNT_OF(contents) - 1;
            assert_int_equal(realm_send(&r, realm_encode(&r, &req)) == 0, proof);
            assert_int_equal(r.result.event.preauth != NULL, proof);
        }
    }
}

// CVE-2010-0283.
static void application_tag_and_message_type_must_agree(void **state) {
    UNUSED(state);
    for (unsigned tag = 0; tag < 256; tag++) {
        for (int32_t type = 0; type <= 40; type++) {
            struct kdc_req req = realm_as_req(&r, "open", TGS);
            req.msg_type = KRB_AS_REQ;
            struct slice sequence = value_of(realm_encode(&r, &req)).content;
            req.msg_type = type;
            struct slice bytes;
            must(der_encode(&TYPE_AS_REQ, &req, &r.arena, &bytes, err));
            sequence = value_of(bytes).content;
            int code = realm_send(&r, wrapped((uint8_t)tag, sequence));
            int expected = tag == 0x6a   ? (type == KRB_AS_REQ ? 0 : 40)
                           : tag == 0x6c ? (type == KRB_TGS_REQ ? 16 : 40)
                                         : -1;
            assert_int_equal(code, expected);
        }
        arena_reset(&r.arena);
    }
}

// CVE-2002-2443: two servers that answer each other's errors never stop.
static void replies_and_noise_are_never_answered(void **state) {
    UNUSED(state);
    struct slice kept;
    struct kdc_req req = realm_as_req(&r, "nobody", TGS);
    assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 6);
    assert_true(arena_copy(&r.arena, r.result.reply, &kept));
    assert_int_equal(realm_send(&r, kept), -1); // its own error
    realm_login(&r, "alice");
    assert_true(arena_copy(&r.arena, r.result.reply, &kept));
    assert_int_equal(realm_send(&r, kept), -1); // its own reply
    assert_int_equal(realm_send(&r, (struct slice){0}), -1);
    assert_int_equal(r.result.event.code, OBOL_DER_UNEXPECTED);
    assert_int_equal(r.result.event.msg_type, 0);
    uint8_t noise[600];
    for (int i = 0; i < 5000; i++) {
        realm_random(&r, buf_of(noise, sizeof noise));
        noise[0] = i % 3 == 0 ? 0x6a : i % 3 == 1 ? 0x6c : noise[0];
        assert_int_equal(realm_send(&r, slice_of(noise, (size_t)i % sizeof noise)), -1);
    }
}

// CVE-2020-28196, CVE-2026-57914, CVE-2009-0844.
static void lying_lengths_and_deep_nesting_cost_nothing(void **state) {
    UNUSED(state);
    const struct slice liars[] = {
        SLICE_LITERAL("\x6a"),
        SLICE_LITERAL("\x6a\x80"),
        SLICE_LITERAL("\x6a\x84\xff\xff\xff\xff\x30\x84\xff\xff\xff\xfa"),
        SLICE_LITERAL("\x6a\x88\xff\xff\xff\xff\xff\xff\xff\xff"),
        SLICE_LITERAL("\x6a\x03\x30\x01"),
        SLICE_LITERAL("\x6c\x02\x30\x00"),
        SLICE_LITERAL("\x6c\x04\x30\x82\xff\xff"),
    };
    for (size_t i = 0; i < COUNT_OF(liars); i++)
        assert_int_equal(realm_send(&r, liars[i]), -1);
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    struct slice good = realm_encode(&r, &req);
    for (size_t len = 0; len < good.len; len++)
        assert_int_equal(realm_send(&r, slice_sub(good, 0, len)), -1);
    static uint8_t deep[60000];
    for (size_t i = 0; i < sizeof deep; i++)
        deep[i] = i % 2 ? 0x80 : 0x30;
    deep[0] = 0x6a;
    assert_int_equal(realm_send(&r, slice_of(deep, sizeof deep)), -1);
}

static void thousands_of_padata_and_enctypes_are_bounded(void **state) {
    UNUSED(state);
    static struct padata items[6000];
    static int32_t etypes[6000];
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = (struct padata){(int32_t)i + 1000, SLICE_LITERAL("x")};
        etypes[i] = (int32_t)i + 1000;
    }
    const size_t counts[] = {100, 1000, 1024, 1025, 6000};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct kdc_req req = realm_as_req(&r, "alice", TGS);
        req.present = KDC_REQ_PADATA;
        req.padata = (struct padata_list){items, counts[i]};
        assert_int_equal(realm_send(&r, realm_encode(&r, &req)), counts[i] <= 1024 ? 25 : -1);
        req = realm_as_req(&r, "alice", TGS);
        req.req_body.etype = (struct int32_list){etypes, counts[i]};
        assert_int_equal(realm_send(&r, realm_encode(&r, &req)), counts[i] <= 1024 ? 14 : -1);
    }
}

// CVE-2017-17439, CVE-2023-25613, CVE-2011-0281: odd strings in every name.
static void odd_names_are_refused_or_not_found(void **state) {
    UNUSED(state);
    static char longest[1100];
    memset(longest, 'a', sizeof longest);
    struct slice many[20];
    for (size_t i = 0; i < 20; i++)
        many[i] = SLICE_LITERAL("x");
    struct slice names[] = {
        {0},
        SLICE_LITERAL("@"),
        SLICE_LITERAL("/"),
        SLICE_LITERAL("\\"),
        SLICE_LITERAL("*)(uid=*"),
        SLICE_LITERAL("';drop table"),
        SLICE_LITERAL("%s%n%n"),
        SLICE_LITERAL("alice@EXAMPLE.COM"),
        SLICE_LITERAL("\xff\xfe\n\x1b[2J"),
        slice_of(longest, sizeof longest),
        slice_of(longest, 1000),
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct principal_name odd = {NT_PRINCIPAL, {&names[i], 1}};
        struct kdc_req req = realm_as_req(&r, "alice", TGS);
        req.req_body.cname = odd;
        assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 6);
        req = realm_as_req(&r, "alice", TGS);
        req.req_body.sname = odd;
        assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 7);
    }
    const size_t counts[] = {0, 17, 20};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct kdc_req req = realm_as_req(&r, "alice", TGS);
        req.req_body.cname = (struct principal_name){NT_PRINCIPAL, {many, counts[i]}};
        assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 6);
    }
}

// Components and realms that hold NUL, as no encoder of ours writes them: the bytes are changed in
// the encoded message.
static void names_with_nul_never_pass_for_what_stands_before_it(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(&r, "open", TGS);
    struct slice bytes = realm_encode(&r, &req);
    struct slice realm = SLICE_LITERAL(REALM_NAME), user = SLICE_LITERAL("open");
    struct slice targets[] = {realm, user};
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i + targets[t].len <= bytes.len; i++) {
            if (!slice_eq(slice_sub(bytes, i, targets[t].len), targets[t]))
                continue;
            for (size_t at = 0; at < targets[t].len; at++) {
                struct buf copy = arena_buf(&r.arena, bytes.len);
                memcpy(copy.ptr, bytes.ptr, bytes.len);
                copy.ptr[i + at] = 0;
                assert_true(realm_send(&r, slice_of_buf(copy)) != 0);
            }
        }
    }
}

static void no_bit_of_a_tgs_req_can_be_flipped_unnoticed(void **state) {
    UNUSED(state);
    struct session tgt = realm_login(&r, "alice");
    struct kdc_req req = realm_tgs_req(&r, WEB);
    struct slice good = realm_present(&r, &tgt, &req);
    assert_int_equal(realm_send(&r, good), 0);
    struct buf copy = arena_buf(&r.arena, good.len);
    size_t tickets = 0;
    for (size_t bit = 0; bit < good.len * 8; bit++) {
        memcpy(copy.ptr, good.ptr, good.len);
        copy.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (realm_send(&r, slice_of_buf(copy)) == 0)
            tickets++;
    }
    // What is not covered by a checksum: the options and the ticket's name type in the AP-REQ.
    assert_true(tickets <= 64 + 8);
}

static void an_answer_to_a_stranger_is_not_much_longer_than_the_question(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    struct slice bytes = realm_encode(&r, &req);
    assert_int_equal(realm_send(&r, bytes), 25);
    assert_true(r.result.reply.len < 2 * bytes.len);
    req = realm_as_req(&r, "nobody", TGS);
    bytes = realm_encode(&r, &req);
    assert_int_equal(realm_send(&r, bytes), 6);
    assert_true(r.result.reply.len <= bytes.len);
}

// mistakes.md C: each allocation of a request fails in turn, and what was begun is undone.
static void a_request_survives_the_failure_of_any_allocation(void **state) {
    UNUSED(state);
    r.policy.retransmission = 0;
    realm_start_kdc(&r);
    struct session tgt = realm_login(&r, "alice");
    struct kdc_req as = full_as(), tgs = realm_tgs_req(&r, WEB);
    const struct slice requests[] = {realm_encode(&r, &as), realm_present(&r, &tgt, &tgs)};
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        size_t refused = 0, limit = 64;
        for (enum obol_code code = OBOL_NO_MEMORY; code != OBOL_OK; limit += 64) {
            struct kdc_request request = {.bytes = requests[i]};
            struct kdc_result result;
            struct arena small;
            assert_true(limit < 200000 && arena_init(&small, 64, limit));
            assert_ok(kdc_handle(r.kdc, &request, &small, &result));
            code = result.event.code;
            refused += code != OBOL_OK;
            assert_true(code == OBOL_OK || code == OBOL_NO_MEMORY || result.reply.len == 0 ||
                        result.reply.ptr[0] == 0x7e);
            arena_clear(&small);
        }
        assert_true(refused > 20);
    }
    realm_login(&r, "alice");
}

// CVE-2013-1417 and its like: a reply too big for UDP, because of what the client brings.
static void five_kilobytes_of_authorization_data_take_the_way_by_tcp(void **state) {
    UNUSED(state);
    static uint8_t big[5000];
    struct session tgt = realm_login(&r, "alice"), out;
    struct authdata item = {1234, slice_of(big, sizeof big)};
    const struct authdata_list list = {&item, 1};
    struct kdc_req req = realm_tgs_req(&r, WEB);
    req.req_body.present |= KDC_REQ_BODY_ENC_AUTHORIZATION_DATA;
    must(krb_seal(&TYPE_AUTHORIZATION_DATA, &list, tgt.key, KU_TGS_REQ_AUTHDATA_SESSION, 0, &r.env,
                  &r.arena, &req.req_body.enc_authorization_data, err));
    struct slice bytes = realm_present(&r, &tgt, &req);
    r.max_reply = 1400;
    assert_int_equal(realm_send(&r, bytes), 52);
    r.max_reply = 0;
    assert_int_equal(realm_send(&r, bytes), 0);
    realm_take_reply(&r, tgt.key, KU_TGS_REP_SESSION, &out);
    struct enc_ticket_part t = realm_ticket(&r, &out, "HTTP/web.example.com@EXAMPLE.COM");
    assert_slice_equal(realm_others(&r, &t).items[0].ad_data, item.ad_data);
}

static void a_request_larger_than_its_memory_is_refused_and_the_next_is_served(void **state) {
    UNUSED(state);
    static struct padata items[1000];
    static char value[1500];
    for (size_t i = 0; i < COUNT_OF(items); i++)
        items[i] = (struct padata){(int32_t)i + 1000, slice_of(value, sizeof value)};
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    req.present = KDC_REQ_PADATA;
    req.padata = (struct padata_list){items, COUNT_OF(items)};
    assert_true(realm_send(&r, realm_encode(&r, &req)) != 0);
    realm_login(&r, "alice");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(an_as_req_without_any_one_field_is_survived),
        CASE(a_tgs_req_without_any_one_field_is_survived),
        CASE(a_presented_ticket_without_any_one_field_is_survived),
        CASE(no_padata_but_the_right_timestamp_is_a_proof),
        CASE(application_tag_and_message_type_must_agree),
        CASE(replies_and_noise_are_never_answered),
        CASE(lying_lengths_and_deep_nesting_cost_nothing),
        CASE(thousands_of_padata_and_enctypes_are_bounded),
        CASE(odd_names_are_refused_or_not_found),
        CASE(names_with_nul_never_pass_for_what_stands_before_it),
        CASE(no_bit_of_a_tgs_req_can_be_flipped_unnoticed),
        CASE(an_answer_to_a_stranger_is_not_much_longer_than_the_question),
        CASE(a_request_survives_the_failure_of_any_allocation),
        CASE(five_kilobytes_of_authorization_data_take_the_way_by_tcp),
        CASE(a_request_larger_than_its_memory_is_refused_and_the_next_is_served),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
