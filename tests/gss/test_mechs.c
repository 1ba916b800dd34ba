// The krb5 mechanism's own rules beneath SPNEGO: DCE style, delegation, channel bindings and the
// authenticator's checksum, each with its refusal.
#include "fixture.h"
#include "gss/delegation.h"
#include "gss/frame.h"

#define ALL_FLAGS (GSS_FLAG_MUTUAL | GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | GSS_FLAG_INTEG)

struct ends {
    struct fixture f;
    struct gss_initiator_params ip;
    struct gss_acceptor_params ap;
    struct gss_initiator i;
    struct gss_acceptor a;
    struct slice to_a, to_i;
    enum gss_progress progress;
};

static void ends_init(struct ends *e, int32_t etype, uint32_t flags) {
    memset(e, 0, sizeof *e);
    fixture_init(&e->f, etype);
    e->ap = (struct gss_acceptor_params){.keys = &e->f.keys, .replay = &e->f.replay};
    e->ip = (struct gss_initiator_params){.ticket = &e->f.ticket, .flags = flags, .bare = true};
}

static enum obol_code first_leg(struct ends *e) {
    error_init(&e->f.error);
    gss_acceptor_init(&e->a, &e->ap, &e->f.env, &e->f.arena);
    assert_ok(gss_initiator_start(&e->i, &e->ip, &e->f.env, &e->f.arena, &e->to_a, &e->f.error));
    return gss_acceptor_step(&e->a, e->to_a, &e->to_i, &e->progress, &e->f.error);
}

static enum obol_code accept(struct ends *e, struct slice token) {
    return gss_acceptor_step(&e->a, token, &e->to_i, &e->progress, &e->f.error);
}

// ---- DCE style

static void dce_style_has_three_raw_legs(void **state) {
    UNUSED(state);
    static const int32_t etypes[] = {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA1, ENCTYPE_RC4_HMAC};
    for (size_t n = 0; n < COUNT_OF(etypes); n++) {
        struct ends e;
        ends_init(&e, etypes[n], ALL_FLAGS | GSS_FLAG_DCE);
        assert_ok(first_leg(&e));
        assert_int_equal(e.to_a.ptr[0], 0x6e); // an AP-REQ and an AP-REP without a frame
        assert_int_equal(e.to_i.ptr[0], 0x6f);
        assert_int_equal(e.progress, GSS_PROGRESS_MORE);
        assert_ok(gss_initiator_step(&e.i, e.to_i, &e.to_a, &e.f.error));
        assert_true(e.i.done && e.to_a.len);
        assert_ok(accept(&e, e.to_a));
        assert_int_equal(e.progress, GSS_PROGRESS_DONE);
        assert_int_equal(e.to_i.len, 0);
        assert_true(e.i.context.acceptor_subkey && e.a.context.acceptor_subkey);
        assert_slice_equal(crypto_key_bytes(e.i.context.key), crypto_key_bytes(e.a.context.key));
        fixture_clear(&e.f);
    }
}

static void a_third_leg_that_is_none_is_refused(void **state) {
    UNUSED(state);
    struct ends e;
    struct slice third;
    ends_init(&e, ENCTYPE_AES256_SHA384, ALL_FLAGS | GSS_FLAG_DCE);
    assert_ok(first_leg(&e));
    struct slice own = e.to_i;
    assert_code(accept(&e, own), OBOL_MUTUAL_FAILED); // our second leg, thrown back
    assert_ok(first_leg(&e));
    uint32_t seq = (uint32_t)e.a.context.send_seq;
    assert_ok(ap_rep_third_build(e.a.context.session, seq + 1, &e.f.env, &e.f.arena, &third, NULL));
    assert_code(accept(&e, third), OBOL_MUTUAL_FAILED); // another exchange's number
    assert_ok(first_leg(&e));
    assert_code(accept(&e, (struct slice){0}), OBOL_TOKEN_MALFORMED);
    fixture_clear(&e.f);
}

static void frames_and_dce_style_go_together(void **state) {
    UNUSED(state);
    struct ends e;
    struct slice framed, oid, message;
    uint16_t id;
    ends_init(&e, ENCTYPE_AES256_SHA384, ALL_FLAGS | GSS_FLAG_DCE);
    assert_ok(first_leg(&e));
    // The same AP-REQ with a frame; and one that did not ask for DCE style without.
    e.f.seen_count = 0;
    assert_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REQ, e.to_a, &e.f.arena, &framed, NULL));
    gss_acceptor_init(&e.a, &e.ap, &e.f.env, &e.f.arena);
    assert_code(accept(&e, framed), OBOL_TOKEN_MALFORMED);
    e.ip.flags = ALL_FLAGS;
    assert_ok(first_leg(&e));
    assert_ok(gss_krb5_open(e.to_a, &oid, &id, &message, NULL));
    e.f.seen_count = 0;
    gss_acceptor_init(&e.a, &e.ap, &e.f.env, &e.f.arena);
    assert_code(accept(&e, message), OBOL_TOKEN_MALFORMED);
    fixture_clear(&e.f);
}

// ---- keys

static void rc4_keeps_the_clients_subkey(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ENCTYPE_RC4_HMAC, ALL_FLAGS);
    assert_ok(first_leg(&e));
    assert_ok(gss_initiator_step(&e.i, e.to_i, &e.to_a, &e.f.error));
    assert_false(e.i.context.acceptor_subkey || e.a.context.acceptor_subkey);
    assert_slice_equal(crypto_key_bytes(e.i.context.key), crypto_key_bytes(e.a.context.key));
    fixture_clear(&e.f);
}

// RFC 4537: where both ends have a better enctype than rc4, its messages are of that.
static void rc4_gives_way_to_what_both_ends_like_better(void **state) {
    UNUSED(state);
    static int32_t better[] = {ENCTYPE_AES256_SHA384, ENCTYPE_RC4_HMAC};
    for (unsigned only_rc4 = 0; only_rc4 < 2; only_rc4++) {
        struct ends e;
        ends_init(&e, ENCTYPE_RC4_HMAC, ALL_FLAGS);
        e.ip.etypes = (struct int32_list){better, 2};
        e.ap.etypes = (struct int32_list){better + only_rc4, 2 - only_rc4};
        assert_ok(first_leg(&e));
        assert_ok(gss_initiator_step(&e.i, e.to_i, &e.to_a, &e.f.error));
        const struct gss_context *i = &e.i.context, *a = &e.a.context;
        assert_int_equal(i->acceptor_subkey, !only_rc4);
        assert_int_equal(a->acceptor_subkey, !only_rc4);
        assert_int_equal(enctype_number(crypto_key_enctype(a->key)), better[only_rc4]);
        assert_slice_equal(crypto_key_bytes(i->key), crypto_key_bytes(a->key));
        fixture_clear(&e.f);
    }
}

// ---- delegation

static struct cred tgt_of(struct fixture *f) {
    struct cred tgt = f->ticket;
    assert_ok(principal_krbtgt(f->client.realm, f->client.realm, &f->arena, &tgt.server, NULL));
    tgt.flags = (uint32_t)(TKT_FORWARDABLE | TKT_FORWARDED);
    tgt.renew_till = FIXTURE_NOW + 7200;
    return tgt;
}

static void a_delegated_ticket_arrives_whole(void **state) {
    UNUSED(state);
    for (unsigned mutual = 0; mutual < 2; mutual++) {
        struct ends e;
        ends_init(&e, ENCTYPE_AES256_SHA384, mutual ? ALL_FLAGS : GSS_FLAG_INTEG);
        struct cred tgt = tgt_of(&e.f);
        e.ip.flags |= GSS_FLAG_DELEG;
        assert_ok(first_leg(&e)); // no ticket to delegate: no flag
        assert_false(e.a.context.flags & GSS_FLAG_DELEG);
        e.ip.forwarded = &tgt;
        assert_ok(first_leg(&e));
        assert_true(e.a.context.flags & GSS_FLAG_DELEG);
        assert_int_equal(e.a.context.delegated_count, 1);
        const struct cred *got = e.a.context.delegated;
        assert_true(principal_eq(&got->client, &tgt.client));
        assert_true(principal_eq(&got->server, &tgt.server));
        assert_slice_equal(got->key.keyvalue, tgt.key.keyvalue);
        assert_slice_equal(got->ticket, tgt.ticket);
        assert_int_equal(got->endtime, tgt.endtime);
        assert_int_equal(got->renew_till, tgt.renew_till);
        assert_int_equal(got->flags, tgt.flags);
        fixture_clear(&e.f);
    }
}

static void delegated_tickets_that_are_none_are_refused(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES256_SHA384);
    struct cred tgt = tgt_of(&f), *out;
    struct crypto_key *session, *other;
    struct slice message;
    size_t count;
    static const uint8_t bytes[32] = "another key than the session key";
    assert_ok(
        crypto_key_in_arena(&session, &f.arena, f.ticket.key.keytype, f.ticket.key.keyvalue, NULL));
    assert_ok(
        crypto_key_in_arena(&other, &f.arena, ENCTYPE_AES256_SHA384, slice_of(bytes, 32), NULL));
    assert_ok(gss_delegation_make(&tgt, session, &f.env, &f.arena, &message, NULL));
    struct crypto_key *const right[] = {NULL, session}, *const wrong[] = {other, NULL};
    assert_ok(gss_delegation_read(message, right, 2, &f.arena, &out, &count, NULL));
    assert_code(gss_delegation_read(message, wrong, 2, &f.arena, &out, &count, NULL),
                OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    for (size_t n = 0; n < message.len; n++)
        assert_int_not_equal(
            gss_delegation_read(slice_of(message.ptr, n), right, 2, &f.arena, &out, &count, NULL),
            OBOL_OK);
    tgt.key.keyvalue.len--; // a key that is none
    assert_ok(gss_delegation_make(&tgt, session, &f.env, &f.arena, &message, NULL));
    assert_code(gss_delegation_read(message, right, 2, &f.arena, &out, &count, NULL),
                OBOL_KEY_LENGTH);
    fixture_clear(&f);
}

// Some clients leave the KRB-CRED's own part open (enctype 0): the authenticator around is sealed.
static void an_open_krb_cred_is_read_and_its_counts_must_agree(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f, ENCTYPE_AES256_SHA384);
    struct cred tgt = tgt_of(&f), *out;
    size_t count;
    for (size_t infos = 0; infos < 3; infos++) {
        struct krb_cred_info info = {.present = KRB_CRED_INFO_PREALM | KRB_CRED_INFO_PNAME |
                                                KRB_CRED_INFO_SNAME,
                                     .key = tgt.key,
                                     .prealm = tgt.client.realm,
                                     .pname = tgt.client.name,
                                     .sname = tgt.server.name};
        struct krb_cred_info two[] = {info, info};
        const struct enc_krb_cred_part part = {.ticket_info = {two, infos}};
        struct ticket t = {.raw = tgt.ticket};
        struct krb_cred m = {.pvno = KRB_PVNO, .msg_type = KRB_CRED, .tickets = {&t, 1}};
        struct slice message;
        assert_ok(der_encode(&TYPE_ENC_KRB_CRED_PART, &part, &f.arena, &m.enc_part.cipher, NULL));
        assert_ok(der_encode(&TYPE_KRB_CRED, &m, &f.arena, &message, NULL));
        enum obol_code code = gss_delegation_read(message, NULL, 0, &f.arena, &out, &count, NULL);
        assert_int_equal(code, infos == 1 ? OBOL_OK : OBOL_TOKEN_MALFORMED);
    }
    fixture_clear(&f);
}

// ---- channel bindings

static void bindings_are_hashed_as_rfc_4121_says(void **state) {
    UNUSED(state);
    struct fixture f;
    struct slice hash;
    fixture_init(&f, ENCTYPE_AES256_SHA1);
    // MD5 of twenty zero bytes: all fields empty (RFC 4121 4.1.1.2).
    static const uint8_t empty[] = {0x44, 0x10, 0x18, 0x52, 0x52, 0x08, 0x45, 0x77,
                                    0x05, 0xbf, 0x09, 0xa8, 0xee, 0x3c, 0x10, 0x93};
    const struct gss_bindings none = {0}, some = {.application = SLICE_LITERAL("tls-unique:x")};
    assert_ok(gss_bindings_hash(&none, &f.arena, &hash, NULL));
    assert_slice_equal(hash, slice_of(empty, sizeof empty));
    assert_ok(gss_bindings_hash(&some, &f.arena, &hash, NULL));
    assert_false(slice_eq(hash, slice_of(empty, sizeof empty)));
    fixture_clear(&f);
}

static void who_knows_of_bindings_must_state_them(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ENCTYPE_AES256_SHA384, ALL_FLAGS);
    struct slice here = SLICE_LITERAL("0123456789abcdef");
    e.ap.bindings = here;
    assert_ok(first_leg(&e)); // states none, as old clients do
    assert_false(e.a.context.flags & GSS_FLAG_CHANNEL_BOUND);
    e.ip.bindings_aware = true;
    assert_code(first_leg(&e), OBOL_BAD_BINDINGS);
    e.ip.bindings = here;
    assert_ok(first_leg(&e));
    assert_true(e.a.context.flags & GSS_FLAG_CHANNEL_BOUND);
    e.ip.bindings = SLICE_LITERAL("fedcba9876543210");
    assert_code(first_leg(&e), OBOL_BAD_BINDINGS);
    fixture_clear(&e.f);
}

// ---- the authenticator's checksum

// One AP-REQ with a checksum of the test's choice.
static enum obol_code accept_with(struct ends *e, const struct checksum *cksum) {
    struct crypto_key *session;
    struct slice message, token;
    struct ap_req_sent sent;
    const struct cred *t = &e->f.ticket;
    assert_ok(crypto_key_in_arena(&session, &e->f.arena, t->key.keytype, t->key.keyvalue, NULL));
    const struct ap_req_params ap = {.ticket = {.raw = t->ticket},
                                     .client = t->client,
                                     .session = session,
                                     .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
                                     .cksum = cksum};
    assert_ok(ap_req_build(&ap, &e->f.env, &e->f.arena, &message, &sent, NULL));
    assert_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REQ, message, &e->f.arena, &token, NULL));
    error_init(&e->f.error);
    e->f.seen_count = 0;
    gss_acceptor_init(&e->a, &e->ap, &e->f.env, &e->f.arena);
    return accept(e, token);
}

// mistakes.md 2010-1321: an authenticator without a checksum brought a service down.
static void an_authenticator_without_a_checksum_is_refused(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ENCTYPE_AES256_SHA384, ALL_FLAGS);
    assert_code(accept_with(&e, NULL), OBOL_KRB_AP_ERR_INAPP_CKSUM);
    const struct checksum unkeyed = {CKSUMTYPE_RSA_MD5, SLICE_LITERAL("0123456789abcdef")};
    assert_code(accept_with(&e, &unkeyed), OBOL_KRB_AP_ERR_INAPP_CKSUM);
    const struct checksum short_one = {GSS_CKSUMTYPE, SLICE_LITERAL("0123")};
    assert_code(accept_with(&e, &short_one), OBOL_TOKEN_MALFORMED);
    fixture_clear(&e.f);
}

// Samba's clients send an ordinary checksum over nothing.
static void an_ordinary_checksum_over_nothing_is_taken(void **state) {
    UNUSED(state);
    struct ends e;
    ends_init(&e, ENCTYPE_AES256_SHA384, ALL_FLAGS);
    struct crypto_key *session;
    uint8_t over_nothing[24], over_other[24];
    assert_ok(crypto_key_in_arena(&session, &e.f.arena, e.f.ticket.key.keytype,
                                  e.f.ticket.key.keyvalue, NULL));
    assert_ok(crypto_checksum(session, KU_AP_REQ_CKSUM, (struct slice){0},
                              buf_of(over_nothing, sizeof over_nothing), NULL));
    assert_ok(crypto_checksum(session, KU_AP_REQ_CKSUM, SLICE_LITERAL("a message of another kind"),
                              buf_of(over_other, sizeof over_other), NULL));
    const struct checksum good = {CKSUMTYPE_HMAC_SHA384_192_AES256, slice_of(over_nothing, 24)};
    const struct checksum bad = {CKSUMTYPE_HMAC_SHA384_192_AES256, slice_of(over_other, 24)};
    assert_ok(accept_with(&e, &good));
    assert_int_equal(e.a.context.flags, GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE);
    assert_code(accept_with(&e, &bad), OBOL_KRB_AP_ERR_INAPP_CKSUM);
    fixture_clear(&e.f);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(dce_style_has_three_raw_legs),
        cmocka_unit_test(a_third_leg_that_is_none_is_refused),
        cmocka_unit_test(frames_and_dce_style_go_together),
        cmocka_unit_test(rc4_keeps_the_clients_subkey),
        cmocka_unit_test(rc4_gives_way_to_what_both_ends_like_better),
        cmocka_unit_test(a_delegated_ticket_arrives_whole),
        cmocka_unit_test(delegated_tickets_that_are_none_are_refused),
        cmocka_unit_test(an_open_krb_cred_is_read_and_its_counts_must_agree),
        cmocka_unit_test(bindings_are_hashed_as_rfc_4121_says),
        cmocka_unit_test(who_knows_of_bindings_must_state_them),
        cmocka_unit_test(an_authenticator_without_a_checksum_is_refused),
        cmocka_unit_test(an_ordinary_checksum_over_nothing_is_taken),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
