// FAST (RFC 6113 5.4) between our client and our KDC: logins and tickets in armor, what a KDC must
// refuse, and what somebody on the way cannot do.
#include "client/fast.h"
#include "krb/ap.h"
#include "krb/fast.h"
#include "way.h"

static struct cred host; // the TGT that armors

static struct as_params armored(struct realm *r) {
    struct as_client as;
    struct as_params p = {.client = name_of(r, "bob")};
    assert_ok(login(r, &p, RIGHT, &as));
    host = as.ticket;
    return (struct as_params){
        .client = name_of(r, "alice"), .armor = &host, .armor_required = true};
}

static void a_login_in_armor_proves_both_sides(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    assert_ok(login(r, &p, RIGHT, &as));
    assert_true(as.facts.armored);
    assert_true(as.facts.request_verified);
    assert_int_equal(as.facts.preauth, PA_ENCRYPTED_CHALLENGE);
    assert_int_equal(as.facts.round_trips, 2);
    assert_slice_str(principal_text(&as.ticket.client, &r->arena), "alice@EXAMPLE.COM");
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    assert_int_equal(way.messages, 2);
}

static void wrong_passwords_in_armor_lock_the_account(void **state) {
    struct realm *r = *state;
    struct as_client as;
    r->config.policy.lockout.failures = 2;
    restart_kdc(r);
    struct as_params p = armored(r);
    for (int i = 0; i < 2; i++)
        assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_CLIENT_REVOKED);
}

static void each_mechanism_works_in_armor_but_the_timestamp(void **state) {
    struct realm *r = *state;
    static const int32_t spake[] = {PA_SPAKE, 0}, timestamp[] = {PA_ENC_TIMESTAMP, 0};
    struct as_client as;
    struct as_params p = armored(r);
    p.preauth_allowed = spake;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(as.facts.preauth, PA_SPAKE);
    assert_true(as.facts.armored);
    p.preauth_allowed = timestamp;
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_PREAUTH_REQUIRED);
}

static void armor_that_is_not_required_is_used_once_the_kdc_offers_it(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    p.armor_required = false;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_true(as.facts.armored);
    assert_int_equal(as.facts.round_trips, 3);
}

static void names_are_hidden_on_wish(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    p.hide_names = true;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_slice_str(principal_text(&as.ticket.client, &r->arena), "alice@EXAMPLE.COM");
    struct kdc_req req = read_as_req(r, as.request);
    assert_int_equal(req.req_body.cname.name_type, NT_WELLKNOWN);
    assert_null(memmem(as.request.ptr, as.request.len, "alice", 5));
}

static bool saw_alice;
static void looks_for_alice(struct realm *r, unsigned n, struct slice *message) {
    UNUSED(r);
    UNUSED(n);
    if (memmem(message->ptr, message->len, "alice", 5))
        saw_alice = true;
}
static void the_kdc_does_not_say_hidden_names(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    way.reply = looks_for_alice;
    saw_alice = false;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_true(saw_alice); // so that the next line can fail
    p.hide_names = true;
    for (int right = 0; right < 2; right++) {
        saw_alice = false;
        assert_int_equal(login(r, &p, right ? RIGHT : "wrong", &as) == OBOL_OK, right);
        assert_false(saw_alice);
    }
}

// ---- somebody on the way

static void takes_the_armor_off(struct realm *r, unsigned n, struct slice *message) {
    struct krb_error e;
    if (n != 0)
        return;
    assert_int_equal(error_of(r, *message, &e), 25);
    struct padata only = {.padata_type = PA_ENC_TIMESTAMP};
    const struct padata_list list = {&only, 1};
    e.e_data = encoded(r, &TYPE_METHOD_DATA, &list);
    *message = encoded(r, &TYPE_KRB_ERROR, &e);
}
static void nobody_can_talk_a_login_out_of_its_armor(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    way.reply = takes_the_armor_off;
    assert_code(login(r, &p, RIGHT, &as), OBOL_FAST_REQUIRED);
    assert_int_equal(way.messages, 1); // no timestamp was sent
}

static void errs_without_armor(struct realm *r, unsigned n, struct slice *message) {
    UNUSED(n);
    const struct krb_error e = {
        .pvno = 5,
        .msg_type = KRB_ERROR,
        .stime = NOW,
        .error_code = 6,
        .realm = SLICE_LITERAL("EXAMPLE.COM"),
        .sname = name_of(r, "krbtgt/EXAMPLE.COM").name,
    };
    *message = encoded(r, &TYPE_KRB_ERROR, &e);
}
static void an_error_without_armor_is_told_as_such(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    struct writer w = writer_to_arena(&r->arena);
    way.reply = errs_without_armor;
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
    error_write_json(&r->error, &w);
    struct slice json = writer_slice(&w);
    assert_non_null(memmem(json.ptr, json.len, "nobody vouches", 14));
}

static void strips_reply(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_rep rep;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *message, &r->arena, &rep, NULL));
    rep.present &= ~(uint32_t)KDC_REP_PADATA;
    *message = encoded(r, &TYPE_AS_REP, &rep);
}
static void swaps_ticket(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_rep rep;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *message, &r->arena, &rep, NULL));
    rep.ticket.raw = host.ticket;
    *message = encoded(r, &TYPE_AS_REP, &rep);
}
static void flips_armor(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_rep rep;
    if (n != 1)
        return;
    assert_ok(der_decode(&TYPE_AS_REP, *message, &r->arena, &rep, NULL));
    struct padata *pa = padata_of(&rep.padata, PA_FX_FAST);
    pa->padata_value = flipped(r, pa->padata_value, pa->padata_value.len - 1);
    *message = encoded(r, &TYPE_AS_REP, &rep);
}
static struct slice first_reply;
static void repeats_reply(struct realm *r, unsigned n, struct slice *message) {
    if (n == 1 && !first_reply.len)
        assert_true(arena_copy(&r->arena, *message, &first_reply));
    if (n == 1)
        *message = first_reply;
}
static void a_reply_is_taken_from_the_armor_only(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = armored(r);
    way.reply = strips_reply;
    assert_code(login(r, &p, RIGHT, &as), OBOL_FAST_REQUIRED);
    way.reply = swaps_ticket;
    assert_code(login(r, &p, RIGHT, &as), OBOL_REPLY_MISMATCH);
    way.reply = flips_armor;
    assert_code(login(r, &p, RIGHT, &as), OBOL_REPLY_MISMATCH);
    first_reply = (struct slice){0};
    way.reply = repeats_reply;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_code(login(r, &p, RIGHT, &as), OBOL_REPLY_MISMATCH); // of another login
}

// ---- what the KDC refuses. The request is made by hand, of the client's own parts.

struct made {
    struct client_fast fast;
    struct kdc_req req;
    struct slice body;
    struct padata_list inside;
    uint32_t nonce;
};
static struct made make(struct realm *r) {
    static int32_t etype = ENCTYPE_AES128_SHA1;
    static struct padata none;
    struct made m = {.fast = {.env = &r->client_env, .arena = &r->arena}, .inside = {&none, 0}};
    struct kdc_req_body body = {
        .present = KDC_REQ_BODY_CNAME | KDC_REQ_BODY_SNAME,
        .cname = name_of(r, "alice").name,
        .realm = SLICE_LITERAL("EXAMPLE.COM"),
        .sname = name_of(r, "krbtgt/EXAMPLE.COM").name,
        .till = NOW + 3600,
        .nonce = 1,
        .etype = {&etype, 1},
    };
    assert_ok(client_fast_armor(&m.fast, &host, NULL));
    m.body = encoded(r, &TYPE_KDC_REQ_BODY, &body);
    m.req = (struct kdc_req){
        .present = KDC_REQ_PADATA, .pvno = 5, .msg_type = KRB_AS_REQ, .req_body = {.raw = m.body}};
    return m;
}
static int ask(struct realm *r, struct made *m, struct slice outside, struct krb_error *e) {
    struct padata *pa = arena_zalloc(&r->arena, 1, sizeof *pa);
    assert_ok(client_fast_wrap(&m->fast, m->body, &m->inside, outside, pa, NULL));
    m->req.padata = (struct padata_list){pa, 1};
    return error_of(r, realm_handle(r, encoded(r, &TYPE_AS_REQ, &m->req), 0), e);
}

static void a_critical_option_that_is_not_known_fails(void **state) {
    struct realm *r = *state;
    struct krb_error e;
    (void)armored(r);
    struct made m = make(r);
    m.fast.options = UINT32_C(0x20000000);
    assert_int_equal(ask(r, &m, m.body, &e), 93);
    m.fast.options = UINT32_C(0x8000); // 16: not critical
    assert_int_equal(ask(r, &m, m.body, &e), 25);
}

static void an_error_names_nobody_where_names_are_hidden(void **state) {
    struct realm *r = *state;
    struct krb_error e;
    (void)armored(r);
    struct made m = make(r);
    assert_int_equal(ask(r, &m, m.body, &e), 25);
    assert_false(e.present & KRB_ERROR_CNAME);
    m.fast.options = UINT32_C(0x40000000); // RFC 6113 5.4.2
    assert_int_equal(ask(r, &m, m.body, &e), 25);
    assert_true(e.present & KRB_ERROR_CNAME);
    assert_slice_str(e.crealm, "WELLKNOWN:ANONYMOUS");
    assert_slice_str(e.cname.name_string.items[1], "ANONYMOUS");
}

static void armor_made_for_another_request_is_refused(void **state) {
    struct realm *r = *state;
    struct krb_error e;
    (void)armored(r);
    struct made m = make(r);
    assert_int_equal(ask(r, &m, SLICE_LITERAL("another body"), &e), 41);
    assert_int_equal(ask(r, &m, m.body, &e), 25);
    struct padata *pa = m.req.padata.items;
    pa->padata_value = flipped(r, pa->padata_value, pa->padata_value.len - 1);
    assert_int_equal(error_of(r, realm_handle(r, encoded(r, &TYPE_AS_REQ, &m.req), 0), &e), 31);
}

static void only_a_tgt_of_the_realm_with_a_subkey_armors(void **state) {
    struct realm *r = *state;
    struct krb_error e;
    struct as_client as;
    struct as_params p = armored(r);
    struct tgs_client tgs;
    struct tgs_params t = {.tgt = &host, .service = name_of(r, "HTTP/web")};
    assert_ok(ticket(r, &t, &tgs));
    const struct cred tgt = host;
    host = tgs.ticket;
    struct made m = make(r);
    assert_int_equal(ask(r, &m, m.body, &e), 24);
    // Our own client does not even try.
    assert_code(login(r, &p, RIGHT, &as), OBOL_INVALID_ARGUMENT);
    host = tgt;
    m = make(r);
    m.fast.ap.armor_type = 2;
    assert_int_equal(ask(r, &m, m.body, &e), 24);
    m = make(r);
    m.fast.ap.armor_value.len = 0; // an AS-REQ must name its armor
    assert_int_equal(ask(r, &m, m.body, &e), 24);
    host.endtime = NOW - 1;
    assert_code(login(r, &p, RIGHT, &as), OBOL_CRED_EXPIRED);
    host.endtime = NOW + 99 * 3600;
    r->client.now = r->server.now = NOW + 25 * 3600;
    m = make(r);
    assert_int_equal(ask(r, &m, m.body, &e), 32);
}

static void fields_that_are_missing_inside_are_missed(void **state) {
    struct realm *r = *state;
    struct krb_error e;
    (void)armored(r);
    struct made m = make(r);
    struct kdc_req_body body;
    assert_ok(der_decode(&TYPE_KDC_REQ_BODY, m.body, &r->arena, &body, NULL));
    const uint32_t all = body.present;
    const struct {
        uint32_t without;
        int error;
    } rows[] = {{KDC_REQ_BODY_CNAME, 6}, {KDC_REQ_BODY_SNAME, 7}, {0, 25}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice outside = m.body;
        body.present = all & ~rows[i].without;
        assert_ok(der_encode_fields(&TYPE_KDC_REQ_BODY, &body, &r->arena, &m.body, NULL));
        assert_int_equal(ask(r, &m, outside, &e), rows[i].error);
        m.body = outside;
    }
}

// ---- the TGS

static struct tgs_params in_armor(struct realm *r, const char *service) {
    return (struct tgs_params){.tgt = &host, .service = name_of(r, service), .fast = true};
}

static void tickets_come_in_armor_too(void **state) {
    struct realm *r = *state;
    struct tgs_client tgs;
    (void)armored(r);
    struct tgs_params t = in_armor(r, "HTTP/web");
    assert_ok(ticket(r, &t, &tgs));
    assert_non_null(tgs.strengthen);
    t = in_armor(r, "HTTP/unknown");
    assert_code(ticket(r, &t, &tgs), OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    // An error without armor says so.
    way.reply = errs_without_armor;
    t = in_armor(r, "HTTP/web");
    assert_code(ticket(r, &t, &tgs), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_string_equal(r->error.section, "RFC 6113 5.4.4");
}

static void strips_tgs_reply(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_rep rep;
    UNUSED(n);
    assert_ok(der_decode(&TYPE_TGS_REP, *message, &r->arena, &rep, NULL));
    rep.present &= ~(uint32_t)KDC_REP_PADATA;
    *message = encoded(r, &TYPE_TGS_REP, &rep);
}
static void strips_tgs_request(struct realm *r, unsigned n, struct slice *message) {
    struct kdc_req req;
    UNUSED(n);
    assert_ok(der_decode(&TYPE_TGS_REQ, *message, &r->arena, &req, NULL));
    req.padata.count = 1;
    *message = encoded(r, &TYPE_TGS_REQ, &req);
}
static void a_ticket_is_not_taken_without_the_armor(void **state) {
    struct realm *r = *state;
    struct tgs_client tgs;
    (void)armored(r);
    struct tgs_params t = in_armor(r, "HTTP/web");
    way.reply = strips_tgs_reply;
    assert_code(ticket(r, &t, &tgs), OBOL_DECRYPT_INTEGRITY); // the key was strengthened
    way = (struct way){.request = strips_tgs_request};
    assert_code(ticket(r, &t, &tgs), OBOL_KRB_AP_ERR_MODIFIED); // the authenticator tells
}

// A TGS-REQ by hand: `authdata` in its authenticator; in armor of `explicit`, if there is one.
static int ask_tgs(struct realm *r, int32_t authdata, bool fast, const struct cred *explicit) {
    static const uint8_t bytes[32] = "a subkey of somebody's own mind";
    struct tgs_client c;
    struct krb_error e;
    struct slice body, proof;
    struct crypto_key *session, *subkey, *armor;
    struct tgs_params t = {.tgt = &host, .service = name_of(r, "HTTP/web")};
    assert_ok(ticket(r, &t, &c)); // for its body
    struct kdc_req was;
    assert_ok(der_decode(&TYPE_TGS_REQ, c.request, &r->arena, &was, NULL));
    was.req_body.nonce++;
    assert_ok(der_encode_fields(&TYPE_KDC_REQ_BODY, &was.req_body, &r->arena, &body, NULL));
    const int32_t etype = host.key.keytype;
    const struct enctype *type = enctype_find(etype);
    const struct encryption_key sent = {etype, slice_of(bytes, enctype_key_length(type))};
    assert_ok(crypto_key_in_arena(&session, &r->arena, etype, host.key.keyvalue, NULL));
    assert_ok(crypto_key_in_arena(&subkey, &r->arena, etype, sent.keyvalue, NULL));
    struct buf mac = arena_buf(&r->arena, enctype_checksum_length(type));
    assert_ok(crypto_checksum(session, KU_TGS_REQ_CKSUM, body, mac, NULL));
    const struct checksum sum = {enctype_checksum_type(type), slice_of_buf(mac)};
    struct authdata one = {authdata, {0}};
    const struct ap_req_params ap = {
        .ticket = {.raw = host.ticket},
        .client = host.client,
        .session = session,
        .authenticator_usage = KU_TGS_REQ_AUTHENTICATOR,
        .cksum = &sum,
        .subkey = &sent,
        .authorization_data = {&one, authdata ? 1 : 0},
    };
    struct ap_req_sent ignored;
    assert_ok(ap_req_build(&ap, &r->client_env, &r->arena, &proof, &ignored, NULL));
    struct padata padata[2] = {{PA_TGS_REQ, proof}};
    struct client_fast f = {.env = &r->client_env, .arena = &r->arena};
    const struct padata_list inside = {padata, 0};
    if (explicit) {
        assert_ok(client_fast_armor(&f, explicit, NULL));
        armor = f.armor;
        assert_ok(fast_explicit_armor_key(armor, subkey, &r->arena, &f.armor, NULL));
    } else if (fast) {
        assert_ok(fast_armor_key(subkey, session, &r->arena, &f.armor, NULL));
    }
    if (f.armor)
        assert_ok(client_fast_wrap(&f, body, &inside, proof, &padata[1], NULL));
    const struct kdc_req req = {
        .present = KDC_REQ_PADATA,
        .pvno = 5,
        .msg_type = KRB_TGS_REQ,
        .padata = {padata, f.armor ? 2 : 1},
        .req_body = {.raw = body},
    };
    struct slice reply = realm_handle(r, encoded(r, &TYPE_TGS_REQ, &req), 0);
    return error_of(r, reply, &e);
}

static void authenticators_say_what_they_are_for(void **state) {
    struct realm *r = *state;
    (void)armored(r);
    assert_int_equal(ask_tgs(r, 0, false, NULL), 0);
    assert_int_equal(ask_tgs(r, 0, true, NULL), 0);
    assert_int_equal(ask_tgs(r, AD_FX_ARMOR, false, NULL), 12);
    assert_int_equal(ask_tgs(r, AD_FX_FAST_USED, false, NULL), 41);
    assert_int_equal(ask_tgs(r, AD_FX_FAST_USED, true, NULL), 0);
}

static void a_tgs_request_may_have_an_armor_of_its_own(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct tgs_client tgs;
    struct as_params p = armored(r);
    p.armor = NULL;
    p.armor_required = false;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_int_equal(ask_tgs(r, 0, true, &as.ticket), 0);
    struct tgs_params t = {.tgt = &as.ticket, .service = name_of(r, "HTTP/web")};
    assert_ok(ticket(r, &t, &tgs));
    assert_int_equal(ask_tgs(r, 0, true, &tgs.ticket), 24); // no TGT
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_login_in_armor_proves_both_sides),
        CASE(wrong_passwords_in_armor_lock_the_account),
        CASE(each_mechanism_works_in_armor_but_the_timestamp),
        CASE(armor_that_is_not_required_is_used_once_the_kdc_offers_it),
        CASE(names_are_hidden_on_wish),
        CASE(the_kdc_does_not_say_hidden_names),
        CASE(nobody_can_talk_a_login_out_of_its_armor),
        CASE(an_error_without_armor_is_told_as_such),
        CASE(a_reply_is_taken_from_the_armor_only),
        CASE(a_critical_option_that_is_not_known_fails),
        CASE(an_error_names_nobody_where_names_are_hidden),
        CASE(armor_made_for_another_request_is_refused),
        CASE(only_a_tgt_of_the_realm_with_a_subkey_armors),
        CASE(fields_that_are_missing_inside_are_missed),
        CASE(tickets_come_in_armor_too),
        CASE(a_ticket_is_not_taken_without_the_armor),
        CASE(authenticators_say_what_they_are_for),
        CASE(a_tgs_request_may_have_an_armor_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
