// The AP exchange: each check of RFC 4120 3.2.3 with what it lets pass and what it refuses.
#include "../test.h"
#include "krb/ap.h"
#include "krb/seal.h"
#include "proto/codes.h"

enum { NOW = 1800000000 };
static struct arena arena;
static int64_t now_us;
static uint8_t seed;

static int64_t test_now(void *ctx) {
    UNUSED(ctx);
    return now_us;
}
static void test_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    for (size_t i = 0; i < out.len; i++)
        out.ptr[i] = seed++;
}
static const struct env ENV = {NULL, test_now, test_random};

static const uint8_t SERVICE_KEY[] = "0123456789abcdef0123456789abcdef";
static const uint8_t SESSION_KEY[] = "fedcba9876543210fedcba9876543210";
static const uint8_t OTHER_KEY[] = "................................";
static struct slice service_parts[] = {SLICE_LITERAL("HTTP"), SLICE_LITERAL("web")};
static struct slice client_parts[] = {SLICE_LITERAL("alice")};
static const struct principal SERVICE = {SLICE_LITERAL("R"), {NT_SRV_HST, {service_parts, 2}}};
static const struct principal CLIENT = {SLICE_LITERAL("R"), {NT_PRINCIPAL, {client_parts, 1}}};

static struct crypto_key *key_of(const uint8_t *bytes) {
    struct crypto_key *key;
    assert_ok(crypto_key_in_arena(&key, &arena, 18, slice_of(bytes, 32), NULL));
    return key;
}

// The acceptor's keys: as many as `held` says, the right one last.
static unsigned held;
static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    UNUSED(ctx);
    UNUSED(a);
    assert_int_equal(etype, 18);
    assert_int_equal(kvno, 3);
    ENSURE(principal_eq(service, &SERVICE), KRB_AP_ERR_NOT_US, "not ours");
    if (attempt >= held)
        return OBOL_NOT_FOUND;
    *key = key_of(attempt + 1 == held ? SERVICE_KEY : OTHER_KEY);
    return OBOL_OK;
}
static const struct ap_key_source KEYS = {NULL, find_key, NULL};

// Any name will do, as with a keytab whose names are not asked for.
static enum obol_code find_any(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    UNUSED(service);
    return find_key(ctx, &SERVICE, etype, kvno, attempt, a, key, err);
}
static const struct principal *owner_of(void *ctx, const struct principal *service, int32_t etype,
                                        uint32_t kvno, unsigned attempt) {
    UNUSED(ctx);
    UNUSED(service);
    assert_int_equal(etype, 18);
    assert_int_equal(kvno, 3);
    return attempt + 1 == held ? &SERVICE : &CLIENT;
}
static const struct ap_key_source ANY = {NULL, find_any, owner_of};

static unsigned replay_asked;
static enum obol_code replay_check(void *ctx, struct slice tag, int64_t now, struct error *err) {
    static uint8_t seen[64];
    static size_t seen_len;
    UNUSED(ctx);
    assert_true(now > 0);
    size_t n = tag.len < sizeof seen ? tag.len : sizeof seen;
    bool again = replay_asked > 0 && n == seen_len && memcmp(seen, tag.ptr, n) == 0;
    replay_asked++;
    memcpy(seen, tag.ptr, n);
    seen_len = n;
    ENSURE(!again, KRB_AP_ERR_REPEAT, "seen before");
    return OBOL_OK;
}

// One exchange, in parts that a case changes before it goes.
static struct enc_ticket_part part;
static struct ticket ticket;
static struct ap_req_params sender;
static struct ap_accept_params acceptor;
static struct ap_accepted accepted;
static struct ap_req_sent sent;
static const uint8_t *sealed_with;

static int setup(void **state) {
    UNUSED(state);
    if (!arena_init(&arena, 1 << 16, 1 << 24))
        return -1;
    now_us = NOW * INT64_C(1000000) + 42;
    held = 1;
    replay_asked = 0;
    sealed_with = SERVICE_KEY;
    part = (struct enc_ticket_part){
        .present = ENC_TICKET_PART_STARTTIME,
        .key = {18, slice_of(SESSION_KEY, 32)},
        .crealm = CLIENT.realm,
        .cname = CLIENT.name,
        .transited = {1, {0}},
        .authtime = NOW - 100,
        .starttime = NOW - 100,
        .endtime = NOW + 1000,
    };
    ticket = (struct ticket){.tkt_vno = 5, .realm = SERVICE.realm, .sname = SERVICE.name};
    sender = (struct ap_req_params){
        .client = CLIENT,
        .session = key_of(SESSION_KEY),
        .ap_options = (uint32_t)AP_OPT_MUTUAL_REQUIRED,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
    };
    acceptor = (struct ap_accept_params){
        .keys = &KEYS,
        .service = &SERVICE,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .clockskew = 300,
    };
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

static struct slice build(void) {
    struct slice out;
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, key_of(sealed_with), KU_TICKET, 3, &ENV,
                       &arena, &ticket.enc_part, NULL));
    sender.ticket = ticket;
    assert_ok(ap_req_build(&sender, &ENV, &arena, &out, &sent, NULL));
    return out;
}
static struct error err; // of the last request that was accepted or not
static enum obol_code accept_bytes(struct slice bytes) {
    error_init(&err);
    enum obol_code code = ap_req_accept(bytes, &acceptor, &ENV, &arena, &accepted, &err);
    assert_int_equal(err.code, code); // no failure without its facts
    return code;
}
static enum obol_code exchange(void) {
    return accept_bytes(build());
}

static void a_good_request_is_accepted_and_answered(void **state) {
    UNUSED(state);
    const struct encryption_key subkey = {18, slice_of(OTHER_KEY, 32)};
    sender.subkey = &subkey;
    sender.with_seq_number = true;
    sender.seq_number = 0xfffffffe;
    assert_ok(exchange());
    assert_true(principal_eq(&accepted.client, &CLIENT));
    assert_true(principal_eq(&accepted.service, &SERVICE));
    assert_int_equal(accepted.authenticator.seq_number, 0xfffffffe);
    assert_slice_equal(crypto_key_bytes(accepted.subkey), subkey.keyvalue);
    assert_slice_equal(crypto_key_bytes(accepted.ticket_key), slice_of(SERVICE_KEY, 32));
    assert_int_equal(accepted.req.ap_options, (uint32_t)AP_OPT_MUTUAL_REQUIRED);
    struct slice rep;
    struct enc_ap_rep_part answer;
    assert_ok(ap_rep_build(&accepted, &subkey, true, 7, &ENV, &arena, &rep, NULL));
    assert_ok(ap_rep_verify(rep, &sent, sender.session, &arena, &answer, NULL));
    assert_int_equal(answer.seq_number, 7);
    // The answer to another request, and one made with another key.
    struct ap_req_sent other = {sent.ctime, sent.cusec + 1};
    assert_code(ap_rep_verify(rep, &other, sender.session, &arena, &answer, NULL),
                OBOL_MUTUAL_FAILED);
    assert_code(ap_rep_verify(rep, &sent, key_of(OTHER_KEY), &arena, &answer, NULL),
                OBOL_MUTUAL_FAILED);
    assert_code(
        ap_rep_verify(slice_sub(rep, 0, rep.len - 1), &sent, sender.session, &arena, &answer, NULL),
        OBOL_DER_MALFORMED);
    const struct encryption_key empty = {18, {0}};
    assert_ok(ap_rep_build(&accepted, &empty, false, 0, &ENV, &arena, &rep, NULL));
    assert_code(ap_rep_verify(rep, &sent, sender.session, &arena, &answer, NULL), OBOL_KEY_LENGTH);
}

static void every_key_of_the_service_is_tried(void **state) {
    UNUSED(state);
    held = 5;
    assert_ok(exchange());
    held = 0;
    assert_code(exchange(), OBOL_KRB_AP_ERR_NOKEY);
    held = 2;
    sealed_with = SESSION_KEY;
    assert_code(exchange(), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    assert_string_equal(err.detail,
                        "the ticket for HTTP/web@R (enctype 18, kvno 3) opens with none of "
                        "the 2 keys tried");
    // PostgreSQL logs 127 bytes: the facts are among them, for a name of some length too.
    assert_true(strlen(error_info(err.code)->text) + 2 + strlen(err.detail) + 15 < 128);
}

static void the_ticket_must_be_for_this_service(void **state) {
    UNUSED(state);
    struct slice longer[] = {SLICE_LITERAL("HTTP"), SLICE_LITERAL("webx")};
    struct principal other = {SLICE_LITERAL("R"), {NT_SRV_HST, {longer, 2}}};
    acceptor.service = &other;
    assert_code(exchange(), OBOL_KRB_AP_ERR_NOT_US);
    acceptor.service = NULL; // any that there is a key for
    assert_ok(exchange());
    ticket.sname = other.name;
    assert_code(exchange(), OBOL_KRB_AP_ERR_NOT_US); // the key source says so
    ticket.sname.name_string.count = 0;
    assert_code(exchange(), OBOL_NAME_MALFORMED);
}

static void the_sender_must_hold_the_session_key_and_be_the_client(void **state) {
    UNUSED(state);
    sender.session = key_of(OTHER_KEY);
    assert_code(exchange(), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    sender.session = key_of(SESSION_KEY);
    sender.client.realm = SLICE_LITERAL("S");
    assert_code(exchange(), OBOL_KRB_AP_ERR_BADMATCH);
    sender.client = SERVICE;
    assert_code(exchange(), OBOL_KRB_AP_ERR_BADMATCH);
    sender.client = CLIENT;
    sender.authenticator_usage = KU_TGS_REQ_AUTHENTICATOR;
    assert_code(exchange(), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
}

static void clocks_and_ticket_times_are_checked(void **state) {
    UNUSED(state);
    const struct {
        int64_t skew, start, end;
        uint32_t flags;
        enum obol_code expected;
    } cases[] = {
        {300, -9, 9, 0, OBOL_OK},
        {-300, -9, 600, 0, OBOL_OK},
        {301, -9, 9, 0, OBOL_KRB_AP_ERR_SKEW},
        {-301, -9, 9, 0, OBOL_KRB_AP_ERR_SKEW},
        {0, 300, 900, 0, OBOL_OK},
        {0, 301, 900, 0, OBOL_KRB_AP_ERR_TKT_NYV},
        {0, -900, -300, 0, OBOL_OK},
        {0, -900, -301, 0, OBOL_KRB_AP_ERR_TKT_EXPIRED},
        {0, -9, 9, (uint32_t)TKT_INVALID, OBOL_KRB_AP_ERR_TKT_NYV},
        {0, INT64_C(200000000000), INT64_C(200000000001), 0, OBOL_KRB_AP_ERR_TKT_NYV},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        part.starttime = NOW + cases[i].start;
        part.endtime = NOW + cases[i].end;
        part.flags = cases[i].flags;
        now_us = (NOW + cases[i].skew) * INT64_C(1000000);
        struct slice bytes = build();
        now_us = NOW * INT64_C(1000000);
        assert_code(accept_bytes(bytes), cases[i].expected);
    }
    // Without a starttime the authtime stands for it.
    part.flags = part.present = 0;
    part.endtime = NOW + 900;
    part.authtime = NOW + 301;
    assert_code(exchange(), OBOL_KRB_AP_ERR_TKT_NYV);
    part.flags = (uint32_t)TKT_INVALID;
    acceptor.allow_invalid = true;
    assert_ok(exchange());
}

static void addresses_hold_where_both_sides_have_them(void **state) {
    UNUSED(state);
    const uint8_t one[] = {10, 0, 0, 1}, two[] = {10, 0, 0, 2};
    struct host_address list[] = {{2, slice_of(one, 4)}, {2, slice_of(two, 4)}};
    const struct host_address from_two = {2, slice_of(two, 4)}, odd = {24, slice_of(two, 4)};
    acceptor.sender = &from_two;
    assert_ok(exchange()); // a ticket without addresses is good anywhere
    part.present |= ENC_TICKET_PART_CADDR;
    part.caddr = (struct host_address_list){list, 2};
    assert_ok(exchange());
    part.caddr.count = 1;
    assert_code(exchange(), OBOL_KRB_AP_ERR_BADADDR);
    acceptor.sender = NULL;
    assert_ok(exchange());
    part.caddr.count = 2;
    acceptor.sender = &odd;
    assert_code(exchange(), OBOL_KRB_AP_ERR_BADADDR);
}

static void a_subkey_must_be_a_sound_key(void **state) {
    UNUSED(state);
    static const uint8_t bytes[64];
    for (int32_t etype = 15; etype < 28; etype++) {
        for (size_t len = 0; len <= 40; len++) {
            const struct encryption_key subkey = {etype, slice_of(bytes, len)};
            const struct enctype *e = enctype_find(etype);
            sender.subkey = &subkey;
            assert_code(exchange(), !e                             ? OBOL_ENCTYPE_UNSUPPORTED
                                    : len == enctype_key_length(e) ? OBOL_OK
                                                                   : OBOL_KEY_LENGTH);
        }
        arena_reset(&arena);
        sender.session = key_of(SESSION_KEY);
    }
}

static void a_session_key_in_the_ticket_must_be_sound_too(void **state) {
    UNUSED(state);
    part.key.keyvalue.len = 0;
    assert_code(exchange(), OBOL_KEY_LENGTH);
    part.key = (struct encryption_key){0, slice_of(SESSION_KEY, 32)};
    assert_code(exchange(), OBOL_ENCTYPE_UNSUPPORTED);
}

static void a_replay_is_refused_and_a_refused_request_leaves_no_trace(void **state) {
    UNUSED(state);
    const struct ap_replay replay = {.check = replay_check};
    acceptor.replay = &replay;
    sender.client = SERVICE;
    assert_code(exchange(), OBOL_KRB_AP_ERR_BADMATCH);
    assert_int_equal(replay_asked, 0);
    sender.client = CLIENT;
    struct slice bytes = build();
    assert_ok(accept_bytes(bytes));
    assert_code(accept_bytes(bytes), OBOL_KRB_AP_ERR_REPEAT);
    assert_ok(exchange());
}

static struct slice expected_tag;

static void note_expected(void *ctx, struct slice tag) {
    expected_tag = tag;
    *(unsigned *)ctx = replay_asked;
}

static void a_replay_cache_is_told_of_a_tag_before_the_ticket_is_opened(void **state) {
    UNUSED(state);
    unsigned asked_before = 99, asked = replay_asked;
    const struct ap_replay replay = {&asked_before, replay_check, note_expected};
    struct ap_req req;
    acceptor.replay = &replay;
    struct slice bytes = build();
    assert_ok(der_decode(&TYPE_AP_REQ, bytes, &arena, &req, NULL));
    assert_ok(accept_bytes(bytes));
    assert_int_equal(asked_before, asked);
    assert_int_equal(replay_asked, asked + 1);
    assert_true(slice_eq(expected_tag, req.authenticator.cipher));
    uint8_t *last = (uint8_t *)req.ticket.enc_part.cipher.ptr + req.ticket.enc_part.cipher.len - 1;
    *last ^= 1; // noise: expected, and not asked for
    expected_tag = (struct slice){0};
    assert_code(accept_bytes(bytes), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    assert_true(slice_eq(expected_tag, req.authenticator.cipher));
    assert_int_equal(replay_asked, asked + 1);
}

static void versions_and_types_are_checked(void **state) {
    UNUSED(state);
    struct ap_req req;
    struct slice bytes;
    const struct {
        int32_t pvno, type, ticket_version;
        enum obol_code expected;
    } cases[] = {
        {5, 14, 5, OBOL_OK},
        {4, 14, 5, OBOL_KRB_AP_ERR_BADVERSION},
        {5, 15, 5, OBOL_KRB_AP_ERR_MSG_TYPE},
        {5, 14, 4, OBOL_KRB_AP_ERR_BADVERSION},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_ok(der_decode(&TYPE_AP_REQ, build(), &arena, &req, NULL));
        req.pvno = cases[i].pvno;
        req.msg_type = cases[i].type;
        req.ticket.tkt_vno = cases[i].ticket_version;
        req.ticket.raw = (struct slice){0};
        assert_ok(der_encode(&TYPE_AP_REQ, &req, &arena, &bytes, NULL));
        assert_code(accept_bytes(bytes), cases[i].expected);
    }
}

static void an_answer_of_another_version_or_type_is_refused(void **state) {
    UNUSED(state);
    assert_ok(exchange());
    struct slice bytes;
    struct ap_rep rep;
    struct enc_ap_rep_part answer;
    const struct {
        int32_t pvno, type, subkey;
        enum obol_code expected;
    } cases[] = {
        {5, 15, 18, OBOL_OK},
        {4, 15, 18, OBOL_KRB_AP_ERR_BADVERSION},
        {5, 14, 18, OBOL_KRB_AP_ERR_MSG_TYPE},
        {5, 15, 99, OBOL_ENCTYPE_UNSUPPORTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct encryption_key subkey = {cases[i].subkey, slice_of(OTHER_KEY, 32)};
        assert_ok(ap_rep_build(&accepted, &subkey, false, 0, &ENV, &arena, &bytes, NULL));
        assert_ok(der_decode(&TYPE_AP_REP, bytes, &arena, &rep, NULL));
        rep.pvno = cases[i].pvno;
        rep.msg_type = cases[i].type;
        assert_ok(der_encode(&TYPE_AP_REP, &rep, &arena, &bytes, NULL));
        assert_code(ap_rep_verify(bytes, &sent, sender.session, &arena, &answer, NULL),
                    cases[i].expected);
    }
}

static void an_authenticator_of_another_version_is_refused(void **state) {
    UNUSED(state);
    struct ap_req req;
    struct slice bytes = build();
    for (int32_t version = 4; version <= 6; version++) {
        const struct authenticator auth = {
            .authenticator_vno = version,
            .crealm = CLIENT.realm,
            .cname = CLIENT.name,
            .ctime = NOW,
        };
        assert_ok(der_decode(&TYPE_AP_REQ, bytes, &arena, &req, NULL));
        assert_ok(krb_seal(&TYPE_AUTHENTICATOR, &auth, sender.session, KU_AP_REQ_AUTHENTICATOR, 0,
                           &ENV, &arena, &req.authenticator, NULL));
        struct slice changed;
        assert_ok(der_encode(&TYPE_AP_REQ, &req, &arena, &changed, NULL));
        assert_code(accept_bytes(changed), version == 5 ? OBOL_OK : OBOL_KRB_AP_ERR_BADVERSION);
    }
}

static void user_to_user_needs_the_acceptors_consent(void **state) {
    UNUSED(state);
    sealed_with = OTHER_KEY;
    sender.ap_options = (uint32_t)AP_OPT_USE_SESSION_KEY;
    assert_code(exchange(), OBOL_KRB_AP_ERR_NOKEY);
    acceptor.user_to_user = key_of(OTHER_KEY);
    assert_ok(exchange());
    acceptor.user_to_user = key_of(SERVICE_KEY);
    assert_code(exchange(), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
}

// From C.TEST to R the way is through VIA; there is none from elsewhere.
static bool find_path(const void *ctx, struct slice client, struct slice server, struct arena *a,
                      struct slice_list *via) {
    static struct slice realms[] = {SLICE_LITERAL("VIA")};
    UNUSED(ctx);
    UNUSED(a);
    assert_slice_str(server, "R");
    *via = (struct slice_list){realms, slice_eq_str(client, "C.TEST")};
    return true;
}

static void the_realms_that_a_client_came_through_must_be_on_the_way(void **state) {
    UNUSED(state);
    acceptor.path = (struct realm_path_source){NULL, find_path};
    part.crealm = sender.client.realm = SLICE_LITERAL("C.TEST");
    assert_ok(exchange()); // realms that trust each other
    part.transited.contents = SLICE_LITERAL("VIA");
    assert_ok(exchange());
    part.transited.contents = SLICE_LITERAL("VIA,EVIL");
    assert_code(exchange(), OBOL_KRB_AP_PATH_NOT_ACCEPTED);
    assert_string_equal(err.detail,
                        "the client of C.TEST came through EVIL, which is not on the way to R");
    part.transited.contents = SLICE_LITERAL("EVIL.,VIA");
    assert_code(exchange(), OBOL_KRB_AP_PATH_NOT_ACCEPTED);
    part.flags = (uint32_t)TKT_TRANSITED_POLICY_CHECKED; // the KDC has seen to it
    assert_ok(exchange());
    part.flags = 0;
    part.transited = (struct transited_encoding){2, SLICE_LITERAL("VIA")};
    assert_code(exchange(), OBOL_KRB_AP_PATH_NOT_ACCEPTED);
    part.transited = (struct transited_encoding){1, SLICE_LITERAL("VIA,,OTHER")};
    assert_code(exchange(), OBOL_KRB_AP_PATH_NOT_ACCEPTED);
    part.transited.contents = SLICE_LITERAL("VIA");
    part.crealm = sender.client.realm = SLICE_LITERAL("D.TEST");
    assert_code(exchange(), OBOL_KRB_AP_PATH_NOT_ACCEPTED);
    // RFC 8062 4.3: any realm may vouch for nobody; that of a realm came from there.
    sender.client = principal_anonymous();
    part.cname = sender.client.name;
    part.crealm = sender.client.realm;
    assert_ok(exchange());
    part.crealm = sender.client.realm = SLICE_LITERAL("D.TEST");
    assert_code(exchange(), OBOL_KRB_AP_PATH_NOT_ACCEPTED);
}

static void no_bit_of_a_request_can_be_flipped_unnoticed(void **state) {
    UNUSED(state);
    struct slice good = build();
    struct buf copy = arena_buf(&arena, good.len);
    unsigned passed = 0;
    for (size_t bit = 0; bit < good.len * 8; bit++) {
        memcpy(copy.ptr, good.ptr, good.len);
        copy.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct arena scratch;
        assert_true(arena_init(&scratch, 1 << 14, 1 << 16));
        // The key source of these tests insists on its kvno and enctype.
        struct ap_req req;
        bool asks = der_decode(&TYPE_AP_REQ, slice_of_buf(copy), &scratch, &req, NULL) == OBOL_OK &&
                    (req.ticket.enc_part.etype != 18 || req.ticket.enc_part.kvno != 3 ||
                     !(req.ticket.enc_part.present & ENCRYPTED_DATA_KVNO));
        if (!asks && ap_req_accept(slice_of_buf(copy), &acceptor, &ENV, &scratch, &accepted,
                                   NULL) == OBOL_OK)
            passed++;
        arena_clear(&scratch);
    }
    // The options, the name type and the kvno of the authenticator are protected by nothing.
    assert_true(passed <= 32 + 16);
}

// What stands beside the ticket is the sender's to write: not who the service is, and not which
// realm the path leads to.
static void a_ticket_is_for_whom_its_key_is(void **state) {
    UNUSED(state);
    held = 2;
    acceptor.keys = &ANY;
    acceptor.service = NULL;
    acceptor.path = (struct realm_path_source){NULL, find_path};
    ticket.sname = CLIENT.name;
    ticket.realm = SLICE_LITERAL("D.TEST");
    assert_ok(exchange());
    assert_true(principal_eq(&accepted.service, &SERVICE));
    part.crealm = sender.client.realm = SLICE_LITERAL("D.TEST");
    part.transited.contents = SLICE_LITERAL("VIA");
    assert_code(exchange(), OBOL_KRB_AP_PATH_NOT_ACCEPTED);
    assert_non_null(strstr(err.detail, "to R"));
    // A service of one name does not take another's key by it.
    part.crealm = sender.client.realm = SLICE_LITERAL("R");
    part.transited.contents = (struct slice){0};
    ticket.realm = SLICE_LITERAL("R");
    acceptor.service = &CLIENT;
    assert_code(exchange(), OBOL_KRB_AP_ERR_NOT_US);
    acceptor.service = &SERVICE;
    ticket.sname = SERVICE.name;
    assert_ok(exchange());
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_good_request_is_accepted_and_answered),
        CASE(a_ticket_is_for_whom_its_key_is),
        CASE(the_realms_that_a_client_came_through_must_be_on_the_way),
        CASE(every_key_of_the_service_is_tried),
        CASE(the_ticket_must_be_for_this_service),
        CASE(the_sender_must_hold_the_session_key_and_be_the_client),
        CASE(clocks_and_ticket_times_are_checked),
        CASE(addresses_hold_where_both_sides_have_them),
        CASE(a_subkey_must_be_a_sound_key),
        CASE(a_session_key_in_the_ticket_must_be_sound_too),
        CASE(a_replay_is_refused_and_a_refused_request_leaves_no_trace),
        CASE(a_replay_cache_is_told_of_a_tag_before_the_ticket_is_opened),
        CASE(versions_and_types_are_checked),
        CASE(an_answer_of_another_version_or_type_is_refused),
        CASE(an_authenticator_of_another_version_is_refused),
        CASE(user_to_user_needs_the_acceptors_consent),
        CASE(no_bit_of_a_request_can_be_flipped_unnoticed),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
