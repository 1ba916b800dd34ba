// What `obol decode` makes of its input, and how it opens sealed parts with keytab and password.
#include "../test.h"
#include "base/hex.h"
#include "cli/decode_input.h"
#include "cli/decode_keys.h"
#include "crypto/crypto.h"
#include "gss/frame.h"
#include "gss/spnego.h"
#include "krb/ap.h"
#include "krb/seal.h"
#include "proto/codes.h"
#include "proto/fast.h"

static struct arena arena;
static struct error err;

static int setup(void **state) {
    UNUSED(state);
    error_init(&err);
    return arena_init(&arena, 1 << 16, 1 << 24) ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

static struct slice parts[] = {SLICE_LITERAL("HTTP"), SLICE_LITERAL("web")};
static struct slice user[] = {SLICE_LITERAL("alice")};
static const struct principal SERVICE = {SLICE_LITERAL("R"), {NT_SRV_HST, {parts, 2}}};
static const struct principal CLIENT = {SLICE_LITERAL("R"), {NT_PRINCIPAL, {user, 1}}};

static struct encryption_key raw_key(int32_t etype, uint8_t fill) {
    struct buf bytes = arena_buf(&arena, enctype_key_length(enctype_find(etype)));
    memset(bytes.ptr, fill, bytes.len);
    return (struct encryption_key){etype, slice_of_buf(bytes)};
}
static struct crypto_key *prepared(const struct encryption_key *key) {
    struct crypto_key *out;
    assert_ok(crypto_key_in_arena(&out, &arena, key->keytype, key->keyvalue, NULL));
    return out;
}
static struct slice encoded(const struct der_type *type, const void *value) {
    struct slice out;
    assert_ok(der_encode(type, value, &arena, &out, NULL));
    return out;
}
static struct encrypted_data sealed(const struct der_type *type, const void *value,
                                    const struct encryption_key *key, uint32_t usage) {
    struct encrypted_data out;
    assert_ok(krb_seal(type, value, prepared(key), usage, 1, env_system(), &arena, &out, NULL));
    return out;
}

// The keys of one login: the service's, the ticket's session key, the authenticator's subkey.
static struct encryption_key service_key, session, subkey;

static struct slice ap_req(void) {
    service_key = raw_key(18, 1);
    session = raw_key(20, 2);
    subkey = raw_key(19, 3);
    const struct enc_ticket_part part = {
        .key = session, .crealm = CLIENT.realm, .cname = CLIENT.name, .endtime = 1800000000};
    struct ap_req_params p = {
        .ticket = {.tkt_vno = 5, .realm = SERVICE.realm, .sname = SERVICE.name},
        .client = CLIENT,
        .session = prepared(&session),
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .subkey = &subkey,
    };
    p.ticket.enc_part = sealed(&TYPE_ENC_TICKET_PART, &part, &service_key, KU_TICKET);
    struct slice out;
    struct ap_req_sent sent;
    assert_ok(ap_req_build(&p, env_system(), &arena, &out, &sent, NULL));
    return out;
}

static struct slice base64(struct slice bytes) {
    struct writer w = writer_to_arena(&arena);
    base64_write(&w, bytes);
    return writer_slice(&w);
}
static struct slice hexed(struct slice bytes) {
    struct writer w = writer_to_arena(&arena);
    hex_write(&w, bytes);
    return writer_slice(&w);
}
static struct slice joined(const char *before, struct slice text) {
    struct writer w = writer_to_arena(&arena);
    writer_str(&w, before);
    writer_bytes(&w, text);
    writer_str(&w, "\r\n");
    return writer_slice(&w);
}
static struct slice spnego(struct slice krb5_token) {
    struct slice mechs[] = {OID_KRB5_MS, OID_KRB5, OID_NTLMSSP}, out;
    struct neg_token_init init = {.present = NEG_TOKEN_INIT_MECH_TOKEN, .mech_token = krb5_token};
    assert_ok(spnego_init_write(&init, (struct slice_list){mechs, 3}, &arena, &out, NULL));
    return out;
}

static struct decode_input recognised(struct slice given) {
    struct decode_input in;
    if (decode_recognise(given, &arena, &in, &err) != OBOL_OK)
        fail_msg("%s", err.detail);
    return in;
}

static void every_wrapping_is_taken_off_and_named(void **state) {
    UNUSED(state);
    struct slice message = ap_req(), token, record;
    assert_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REQ, message, &arena, &token, NULL));
    struct writer w = writer_to_arena(&arena);
    writer_counted32(&w, message);
    record = writer_slice(&w);
    const char *gss = "GSS-API krb5 token", *neg = "SPNEGO NegTokenInit: krb5, krb5, NTLM";
    const struct {
        struct slice given;
        const char *wrappings[4];
    } rows[] = {
        {message, {NULL}},
        {hexed(message), {"hexadecimal"}},
        {base64(message), {"base64"}},
        {record, {"TCP record"}},
        {token, {gss}},
        {base64(token), {"base64", gss}},
        {spnego(token), {neg, gss}},
        {joined("Authorization: Negotiate ", base64(spnego(token))), {"HTTP Negotiate", neg, gss}},
        {joined("authorization:  negotiate  ", base64(token)), {"HTTP Negotiate", gss}},
        {joined("WWW-Authenticate: Negotiate ", base64(spnego(token))),
         {"HTTP Negotiate", neg, gss}},
        {joined("Negotiate ", base64(spnego(token))), {"HTTP Negotiate", neg, gss}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct decode_input in = recognised(rows[i].given);
        assert_int_equal(in.kind, DECODE_MESSAGE);
        assert_slice_equal(in.bytes, message);
        size_t n = 0;
        for (; n < 4 && rows[i].wrappings[n]; n++)
            assert_slice_str(in.wrappings[n], rows[i].wrappings[n]);
        assert_int_equal(in.wrapping_count, n);
    }
}

static void an_answer_of_spnego_shows_its_state_and_what_it_holds(void **state) {
    UNUSED(state);
    struct slice rep = SLICE_LITERAL("\x6f\x00"), token, out;
    assert_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REP, rep, &arena, &token, NULL));
    struct neg_token_resp resp = {
        .present = NEG_TOKEN_RESP_NEG_STATE | NEG_TOKEN_RESP_SUPPORTED_MECH |
                   NEG_TOKEN_RESP_RESPONSE_TOKEN | NEG_TOKEN_RESP_MECH_LIST_MIC,
        .supported_mech = OID_KRB5,
        .response_token = token,
        .mech_list_mic = SLICE_LITERAL("0123456789abcdef"),
    };
    assert_ok(spnego_resp_write(&resp, &arena, &out, NULL));
    struct decode_input in = recognised(out);
    assert_slice_str(in.wrappings[0],
                     "SPNEGO NegTokenResp: accept-completed, krb5, a MIC of 16 bytes");
    assert_slice_equal(in.bytes, rep);
    resp = (struct neg_token_resp){.present = NEG_TOKEN_RESP_NEG_STATE, .neg_state = NEG_REJECT};
    assert_ok(spnego_resp_write(&resp, &arena, &out, NULL));
    in = recognised(base64(out));
    assert_int_equal(in.kind, DECODE_EMPTY);
    assert_slice_str(in.wrappings[1], "SPNEGO NegTokenResp: reject");
}

static void files_are_told_apart_from_messages(void **state) {
    UNUSED(state);
    assert_int_equal(recognised(SLICE_LITERAL("\x05\x02")).kind, DECODE_KEYTAB);
    assert_int_equal(recognised(SLICE_LITERAL("\x05\x01zz")).kind, DECODE_KEYTAB);
    assert_int_equal(recognised(SLICE_LITERAL("\x05\x04\0\0")).kind, DECODE_CCACHE);
    assert_int_equal(recognised(SLICE_LITERAL("\x05\x03\0\0")).kind, DECODE_CCACHE);
    assert_int_equal(recognised(SLICE_LITERAL("05 02")).kind, DECODE_KEYTAB);
}

static void what_is_nothing_of_kerberos_is_refused_with_the_reason(void **state) {
    UNUSED(state);
    const struct slice ntlm = slice_of("NTLMSSP\0\1\0\0\0", 12);
    const struct {
        struct slice given;
        const char *words;
    } rows[] = {
        {{0}, "the input is empty"},
        {SLICE_LITERAL("\n"), "too few"},
        {SLICE_LITERAL("x"), "is text"},
        {SLICE_LITERAL("no such file.txt"), "is text"},
        {SLICE_LITERAL("\x30\x03\x02\x01\x05"), "begins with 0x30"},
        {SLICE_LITERAL("\xff\xfe\xfd"), "begins with 0xff"},
        {SLICE_LITERAL("-----BEGIN CERTIFICATE-----"), "is text"},
        {SLICE_LITERAL("60f"), "is text"},
        {SLICE_LITERAL("YII"), "is text"},
        {SLICE_LITERAL("Negotiate ??"), "is text"},
        {ntlm, "NTLM"},
        {joined("Authorization: Negotiate ", base64(ntlm)), "NTLM"},
        {spnego(ntlm), "NTLM"},
        {SLICE_LITERAL("Authorization: Basic YWxpY2U6eA=="), "is text"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct decode_input in;
        error_init(&err);
        if (decode_recognise(rows[i].given, &arena, &in, &err) != OBOL_FORMAT)
            fail_msg("row %zu is taken", i);
        if (!strstr(err.detail, rows[i].words))
            fail_msg("\"%s\" is missing in: %s", rows[i].words, err.detail);
    }
}

static void no_bytes_in_a_row_of_random_ones_do_harm(void **state) {
    UNUSED(state);
    uint8_t bytes[64];
    for (unsigned i = 0; i < 20000; i++) {
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)(((i * 2654435761u) >> (k % 24)) + k * i);
        struct decode_input in;
        enum obol_code code = decode_recognise(slice_of(bytes, i % 65), &arena, &in, NULL);
        assert_true(code == OBOL_OK || code == OBOL_FORMAT);
        arena_reset(&arena);
    }
}

static const char *described(struct slice message, struct decode_keys *keys) {
    const struct describe_keys open = {keys, decode_keys_open};
    const struct describe_options how = {.keys = &open};
    struct writer w = writer_to_arena(&arena);
    assert_ok(proto_describe(message, &how, &arena, &w, NULL));
    const char *text = arena_cstr(&arena, writer_slice(&w));
    assert_non_null(text);
    return text;
}

static struct keytab_content keytab_of(struct encryption_key key) {
    struct keytab_entry *entries = arena_zalloc(&arena, 2, sizeof *entries);
    entries[0] = (struct keytab_entry){.principal = SERVICE, .key = raw_key(18, 99)};
    entries[1] = (struct keytab_entry){.principal = SERVICE, .key = key};
    return (struct keytab_content){.entries = entries, .count = 2};
}

static void a_keytab_opens_the_ticket_and_the_ticket_the_authenticator(void **state) {
    UNUSED(state);
    struct slice message = ap_req();
    struct keytab_content keytab = keytab_of(service_key);
    struct decode_keys keys = {.keytab = &keytab};
    const char *text = described(message, &keys);
    assert_non_null(strstr(text, "EncTicketPart\n"));
    assert_non_null(strstr(text, "Authenticator\n"));
    assert_null(strstr(text, "0202020202020202")); // the session key
    keytab.count = 1;                              // without the right key
    text = described(message, &keys);
    assert_null(strstr(text, "EncTicketPart\n"));
    assert_null(strstr(text, "Authenticator\n"));
}

static void password(struct secret *out, const char *text) {
    assert_true(secret_copy(out, slice_str(text)));
}

static struct encryption_key password_key_of(int32_t etype, const char *text, uint32_t iterations) {
    struct encryption_key key = raw_key(etype, 0);
    struct buf out = arena_buf(&arena, key.keyvalue.len);
    assert_ok(crypto_string_to_key_count(enctype_find(etype), slice_str(text),
                                         SLICE_LITERAL("Ralice"), iterations, out, NULL));
    key.keyvalue = slice_of_buf(out);
    return key;
}
static struct encryption_key password_key(int32_t etype, const char *text) {
    return password_key_of(etype, text, etype == 17 ? 4096 : 32768);
}

static void a_password_opens_the_timestamp_and_the_reply(void **state) {
    UNUSED(state);
    struct secret right, wrong;
    password(&right, "wonderland");
    password(&wrong, "looking-glass");
    struct encryption_key key = password_key(17, "wonderland");
    const struct pa_enc_ts_enc ts = {.patimestamp = 1800000000};
    const struct encrypted_data stamp = sealed(&TYPE_PA_ENC_TS_ENC, &ts, &key, KU_PA_ENC_TIMESTAMP);
    struct padata pa = {PA_ENC_TIMESTAMP, encoded(&TYPE_ENCRYPTED_DATA, &stamp)};
    const struct kdc_req req = {.present = KDC_REQ_PADATA,
                                .pvno = 5,
                                .msg_type = 10,
                                .padata = {&pa, 1},
                                .req_body = {.realm = SLICE_LITERAL("R")}};
    struct last_req none = {0, 0};
    const struct enc_kdc_rep_part part = {.key = raw_key(20, 7),
                                          .last_req = {&none, 1},
                                          .srealm = SERVICE.realm,
                                          .sname = SERVICE.name};
    struct kdc_rep rep = {.pvno = 5, .msg_type = 11, .crealm = CLIENT.realm, .cname = CLIENT.name};
    rep.ticket = (struct ticket){.tkt_vno = 5, .realm = SERVICE.realm, .sname = SERVICE.name};
    rep.enc_part = sealed(&TYPE_ENC_AS_REP_PART, &part, &key, KU_AS_REP);
    struct slice as_req = encoded(&TYPE_AS_REQ, &req), as_rep = encoded(&TYPE_AS_REP, &rep);
    struct decode_keys keys = {.password = &right, .salt = SLICE_LITERAL("Ralice")};
    assert_non_null(strstr(described(as_req, &keys), "patimestamp: 2027-01-15T08:00:00Z\n"));
    assert_non_null(strstr(described(as_rep, &keys), "EncASRepPart\n"));
    // A realm with an iteration count of its own.
    key = password_key_of(17, "wonderland", 100000);
    rep.enc_part = sealed(&TYPE_ENC_AS_REP_PART, &part, &key, KU_AS_REP);
    struct slice counted = encoded(&TYPE_AS_REP, &rep);
    assert_null(strstr(described(counted, &keys), "EncASRepPart\n"));
    keys.iterations = 100000;
    assert_non_null(strstr(described(counted, &keys), "EncASRepPart\n"));
    keys.iterations = 0;
    keys.password = &wrong;
    assert_null(strstr(described(as_req, &keys), "patimestamp"));
    assert_null(strstr(described(as_rep, &keys), "EncASRepPart"));
    secret_clear(&right);
    secret_clear(&wrong);
}

static struct encryption_key combined(const struct encryption_key *k1,
                                      const struct encryption_key *k2, const char *pepper1,
                                      const char *pepper2) {
    struct buf out = arena_buf(&arena, k1->keyvalue.len);
    assert_ok(
        crypto_cf2(prepared(k1), prepared(k2), slice_str(pepper1), slice_str(pepper2), out, NULL));
    return (struct encryption_key){k1->keytype, slice_of_buf(out)};
}

// FAST (RFC 6113 5.4.2): the keytab of the TGS opens the armor, its keys the request in it, and
// with the client's password the challenge within.
static void a_request_in_armor_is_opened_down_to_the_challenge(void **state) {
    UNUSED(state);
    struct secret right;
    password(&right, "wonderland");
    struct slice armor_ap_req = ap_req();
    struct encryption_key armor = combined(&subkey, &session, "subkeyarmor", "ticketarmor");
    struct encryption_key own = password_key(19, "wonderland");
    struct encryption_key challenge =
        combined(&armor, &own, "clientchallengearmor", "challengelongterm");
    const struct pa_enc_ts_enc ts = {.patimestamp = 1800000000};
    const struct encrypted_data proof =
        sealed(&TYPE_PA_ENC_TS_ENC, &ts, &challenge, KU_ENC_CHALLENGE_CLIENT);
    struct padata pa = {PA_ENCRYPTED_CHALLENGE, encoded(&TYPE_ENCRYPTED_DATA, &proof)};
    const struct krb_fast_req inner = {.padata = {&pa, 1},
                                       .req_body = {.realm = SLICE_LITERAL("INNER")}};
    struct pa_fx_fast_request fast = {.present = PA_FX_FAST_REQUEST_ARMORED_DATA};
    fast.armored_data.present = KRB_FAST_ARMORED_REQ_ARMOR;
    fast.armored_data.armor = (struct krb_fast_armor){FX_FAST_ARMOR_AP_REQUEST, armor_ap_req};
    fast.armored_data.enc_fast_req = sealed(&TYPE_KRB_FAST_REQ, &inner, &armor, KU_FX_ENC);
    struct padata outer = {PA_FX_FAST, encoded(&TYPE_PA_FX_FAST_REQUEST, &fast)};
    const struct kdc_req req = {.present = KDC_REQ_PADATA,
                                .pvno = 5,
                                .msg_type = 10,
                                .padata = {&outer, 1},
                                .req_body = {.realm = SLICE_LITERAL("R")}};
    struct slice message = encoded(&TYPE_AS_REQ, &req);
    struct keytab_content keytab = keytab_of(service_key);
    struct decode_keys keys = {
        .keytab = &keytab, .password = &right, .salt = SLICE_LITERAL("Ralice")};
    const char *text = described(message, &keys);
    assert_non_null(strstr(text, "KrbFastReq\n"));
    assert_non_null(strstr(text, "realm: INNER\n"));
    assert_non_null(strstr(text, "patimestamp: 2027-01-15T08:00:00Z\n"));
    keys = (struct decode_keys){.keytab = &keytab};
    text = described(message, &keys);
    assert_non_null(strstr(text, "KrbFastReq\n"));
    assert_null(strstr(text, "patimestamp"));
    keys = (struct decode_keys){.password = &right, .salt = SLICE_LITERAL("Ralice")};
    assert_null(strstr(described(message, &keys), "KrbFastReq\n"));
    secret_clear(&right);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(every_wrapping_is_taken_off_and_named),
        CASE(an_answer_of_spnego_shows_its_state_and_what_it_holds),
        CASE(files_are_told_apart_from_messages),
        CASE(what_is_nothing_of_kerberos_is_refused_with_the_reason),
        CASE(no_bytes_in_a_row_of_random_ones_do_harm),
        CASE(a_keytab_opens_the_ticket_and_the_ticket_the_authenticator),
        CASE(a_password_opens_the_timestamp_and_the_reply),
        CASE(a_request_in_armor_is_opened_down_to_the_challenge),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
