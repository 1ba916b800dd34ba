// Bad input behind the first token, as an attacker on the way may make it: each token of a login
// through the service (IAKERB), the delegated tickets in the checksum, the third leg of DCE style;
// bits flipped, and cut off anywhere. Nothing that was altered brings a login to its end, and what
// refuses it gives a status of the GSS-API that a token can have.
#include "../client/realm.h"
#include "gss/acceptor.h"
#include "gss/delegation.h"
#include "gss/frame.h"
#include "gss/initiator.h"
#include "krb/seal.h"
#include "taken.h"
#include <stdlib.h>

// RFC 2744 3.9.1: defective token, bad mechanism, MIC, bindings, or a failure that the minor status
// tells.
static void expect_status(enum obol_code code, const char *what, size_t token, size_t at) {
    static const int fits[] = {0, 1, 4, 6, 7, 9, 11};
    int routine = error_info(code)->gss_routine;
    for (size_t i = 0; i < COUNT_OF(fits); i++)
        if (routine == fits[i])
            return;
    fail_msg("%s, token %zu, place %zu: %s has GSS status %d", what, token, at,
             error_info(code)->name, routine);
}

// ---- IAKERB

// All of a login in one block, so that a moment of it can be kept and brought back.
#define ARENA (1u << 20)

struct way { // from the client to the KDC, through the service
    struct realm *r;
    struct arena arena; // of one login
    struct gss_acceptor a;
    struct gss_initiator i;
    struct iakerb_login login;
    struct keytab_content keytab; // the client's: no password is stretched
    struct keytab_entry entry;
    struct gss_kdc_proxy proxy;
    struct ap_key_source keys;
    struct admin_keytab service;
    struct slice to_a, to_i;
    enum gss_progress progress;
};

static enum obol_code carry(void *ctx, struct slice realm, struct slice message, struct arena *a,
                            struct slice *reply, struct error *err) {
    struct way *w = ctx;
    ENSURE(slice_eq_str(realm, "EXAMPLE.COM"), KDC_NOT_KNOWN, "another realm");
    struct kdc_request request = {.bytes = message};
    struct kdc_result result;
    arena_reset(&w->r->kdc_arena);
    assert_ok(kdc_handle(w->r->kdc, &request, &w->r->kdc_arena, &result));
    // What is no request at all gets no answer.
    ENSURE(result.reply.len, KDC_UNREACHABLE, "silence");
    assert_true(arena_copy(a, result.reply, reply));
    return OBOL_OK;
}

static enum obol_code find(void *ctx, const struct principal *service, int32_t etype, uint32_t kvno,
                           unsigned attempt, struct arena *a, struct crypto_key **key,
                           struct error *err) {
    struct way *w = ctx;
    UNUSED(kvno);
    if (!slice_eq_str(principal_text(service, a), "HTTP/web@EXAMPLE.COM"))
        return OBOL_NOT_FOUND;
    for (size_t n = 0; n < w->service.count; n++)
        if (w->service.items[n].enctype == etype && attempt == 0)
            return crypto_key_in_arena(key, a, etype, w->service.items[n].bytes, err);
    return OBOL_NOT_FOUND;
}

static void way_init(struct way *w, struct realm *r) {
    static int32_t etypes[] = {ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA384};
    struct admin_keytab alice;
    memset(w, 0, sizeof *w);
    w->r = r;
    w->proxy = (struct gss_kdc_proxy){w, slice_str("EXAMPLE.COM"), carry};
    w->keys = (struct ap_key_source){w, find, NULL};
    assert_ok(
        admin_keytab_keys(r->admin, slice_str("HTTP/web"), NULL, &r->arena, &w->service, NULL));
    assert_ok(admin_keytab_keys(r->admin, slice_str("alice"), NULL, &r->arena, &alice, NULL));
    w->entry = (struct keytab_entry){.principal = name_of(r, "alice"),
                                     .kvno = 1,
                                     .key = {alice.items[0].enctype, alice.items[0].bytes}};
    w->keytab = (struct keytab_content){.entries = &w->entry, .count = 1};
    w->login = (struct iakerb_login){
        .as = {.client = name_of(r, "alice"), .etypes = {etypes, 2}, .lifetime = 3600},
        .keytab = &w->keytab,
        .keytab_path = "alice.keytab",
        .service = name_of(r, "HTTP/web"),
        .tgs_etypes = {etypes, 2},
        .delegate = IAKERB_DELEGATE_ALWAYS,
    };
    w->login.as.options = KDC_OPT_FORWARDABLE;
    assert_true(arena_init(&w->arena, ARENA, ARENA));
    assert_ok(kdc_renew(r->kdc, NULL));
}

static void begin(struct way *w, bool bare) {
    static int32_t timestamp[] = {PA_ENC_TIMESTAMP, 0};
    static struct slice oids[1];
    oids[0] = OID_IAKERB;
    const struct gss_acceptor_params ap = {.keys = &w->keys, .proxy = &w->proxy};
    const struct gss_initiator_params ip = {.login = &w->login,
                                            .flags = GSS_FLAG_MUTUAL | GSS_FLAG_INTEG,
                                            .bare = bare,
                                            .mechs = {oids, 1}};
    w->login.as.preauth_allowed = bare ? timestamp : NULL; // SPAKE's if any goes
    arena_reset(&w->arena);
    gss_acceptor_init(&w->a, &ap, &w->r->server_env, &w->arena);
    assert_ok(gss_initiator_start(&w->i, &ip, &w->r->client_env, &w->arena, &w->to_a, NULL));
    w->to_i = (struct slice){0};
}

static bool is_over(const struct way *w) {
    return w->i.done && w->a.done;
}

// Hands the token on the way to whom it is for; the answer is on the way then.
static enum obol_code hand_over(struct way *w) {
    struct slice token = w->to_a.len ? w->to_a : w->to_i;
    bool to_a = w->to_a.len != 0;
    w->to_a = w->to_i = (struct slice){0};
    if (to_a)
        return gss_acceptor_step(&w->a, token, &w->to_i, &w->progress, NULL);
    return gss_initiator_step(&w->i, token, &w->to_a, NULL);
}

static enum obol_code go_on(struct way *w) {
    while (!is_over(w) && (w->to_a.len || w->to_i.len))
        TRY(hand_over(w));
    return is_over(w) ? OBOL_OK : OBOL_TOKEN_MALFORMED;
}

// A moment of a login: both ends' machines, and all that they have in the arena.
struct moment {
    struct way way;
    uint8_t *bytes;
};

static void keep(struct moment *m, const struct way *w) {
    assert_null(w->arena.more);
    m->way = *w;
    memcpy(m->bytes, w->arena.base, w->arena.used);
}

static void bring_back(const struct moment *m, struct way *w) {
    *w = m->way;
    memcpy(w->arena.base, m->bytes, w->arena.used);
}

// The login with another token in the place of the one on the way.
static enum obol_code go_on_with(struct way *w, const struct moment *m, struct slice altered,
                                 const char *what, size_t token, size_t at) {
    struct slice *on_the_way = w->to_a.len ? &w->to_a : &w->to_i;
    *on_the_way = altered;
    enum obol_code code = altered.len ? go_on(w) : OBOL_TOKEN_MALFORMED;
    if (code != OBOL_OK)
        expect_status(code, what, token, at);
    bring_back(m, w);
    return code;
}

// Each bit and each byte; under valgrind (tools/check-valgrind says so), which takes forty times as
// long and is there to find leaks, every 31st (prime to 8: each of a byte's bits has its turn).
static size_t flip_step(void) {
    return getenv("OBOL_UNDER_VALGRIND") ? 31 : 1;
}

// Copies of exact size, so that ASan sees the first byte read past one.
static void flip_each_bit(struct way *w, const struct moment *m, struct slice token, size_t n) {
    uint8_t *copy = malloc(token.len);
    assert_non_null(copy);
    memcpy(copy, token.ptr, token.len);
    const size_t step = flip_step();
    for (size_t bit = n % step; bit < 8 * token.len; bit += step) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum obol_code code = go_on_with(w, m, slice_of(copy, token.len), "flipped", n, bit);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (code == OBOL_OK && !taken_at(token, bit / 8))
            fail_msg("token %zu: bit %zu of %zu is taken", n, bit, 8 * token.len);
    }
    free(copy);
}

static void cut_at_each_byte(struct way *w, const struct moment *m, struct slice token, size_t n) {
    const size_t step = flip_step();
    for (size_t len = n % step; len < token.len; len += step) {
        uint8_t *cut = malloc(len + !len);
        assert_non_null(cut);
        memcpy(cut, token.ptr, len);
        assert_int_not_equal(go_on_with(w, m, slice_of(cut, len), "cut", n, len), OBOL_OK);
        free(cut);
    }
}

// Every part of every token is covered: by the finished checksum over the conversation, by a seal,
// or by its form (but for what taken.h names): in SPNEGO's tokens with a login by SPAKE, in bare
// ones with one by an encrypted timestamp.
static void no_altered_token_of_iakerb_brings_a_login_to_its_end(void **state) {
    struct way w;
    struct moment m = {.bytes = malloc(ARENA)};
    way_init(&w, *state);
    assert_non_null(m.bytes);
    for (unsigned bare = 0; bare < 2; bare++) {
        size_t n = 0;
        begin(&w, bare);
        for (; !is_over(&w); n++) {
            struct slice token = w.to_a.len ? w.to_a : w.to_i;
            assert_true(token.len);
            keep(&m, &w);
            flip_each_bit(&w, &m, token, n);
            cut_at_each_byte(&w, &m, token, n);
            assert_ok(hand_over(&w));
        }
        assert_true(n >= 10);
    }
    free(m.bytes);
    arena_clear(&w.arena);
}

// ---- delegation

// Two ends with a ticket between them; the checksum of the GSS-API is the test's.
struct ends {
    struct realm *r;
    struct cred ticket, tgt; // tgt: the one that is delegated
    struct crypto_key *session, *service;
    struct arena arena;
};

static enum obol_code find_service(void *ctx, const struct principal *service, int32_t etype,
                                   uint32_t kvno, unsigned attempt, struct arena *a,
                                   struct crypto_key **key, struct error *err) {
    UNUSED(service);
    UNUSED(etype);
    UNUSED(kvno);
    UNUSED(a);
    UNUSED(err);
    *key = ((struct ends *)ctx)->service;
    return attempt ? OBOL_NOT_FOUND : OBOL_OK;
}

static void ends_init(struct ends *e, struct realm *r) {
    static const uint8_t bytes[32] = "the key of the service HTTP/web", key[32] = "a session's key";
    *e = (struct ends){.r = r};
    assert_true(arena_init(&e->arena, 1 << 16, 1 << 24));
    assert_ok(crypto_key_in_arena(&e->service, &r->arena, ENCTYPE_AES256_SHA384,
                                  slice_of(bytes, 32), NULL));
    assert_ok(crypto_key_in_arena(&e->session, &r->arena, ENCTYPE_AES256_SHA384, slice_of(key, 32),
                                  NULL));
    e->ticket = (struct cred){.client = name_of(r, "alice"),
                              .server = name_of(r, "HTTP/web"),
                              .key = {ENCTYPE_AES256_SHA384, slice_of(key, 32)},
                              .authtime = NOW - 60,
                              .endtime = NOW + 3600};
    const struct enc_ticket_part part = {.key = e->ticket.key,
                                         .crealm = e->ticket.client.realm,
                                         .cname = e->ticket.client.name,
                                         .authtime = e->ticket.authtime,
                                         .endtime = e->ticket.endtime};
    struct ticket t = {
        .tkt_vno = KRB_PVNO, .realm = e->ticket.server.realm, .sname = e->ticket.server.name};
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, e->service, KU_TICKET, 1, &r->client_env,
                       &r->arena, &t.enc_part, NULL));
    assert_ok(der_encode(&TYPE_TICKET, &t, &r->arena, &e->ticket.ticket, NULL));
}

// Which field of the delegated ticket is another than that of the one delegated first; NULL: none.
static const char *other_field(const struct cred *is, const struct cred *was) {
    if (!principal_eq(&is->client, &was->client))
        return "client";
    if (!principal_eq(&is->server, &was->server))
        return "service";
    if (is->key.keytype != was->key.keytype || !slice_eq(is->key.keyvalue, was->key.keyvalue))
        return "key";
    if (is->authtime != was->authtime || is->starttime != was->starttime)
        return "authtime, starttime";
    if (is->endtime != was->endtime || is->renew_till != was->renew_till)
        return "endtime, renew-till";
    if (is->flags != was->flags)
        return "flags";
    return slice_eq(is->ticket, was->ticket) ? NULL : "ticket";
}

static enum obol_code accept_cksum(struct ends *e, struct slice cksum, size_t *delegated,
                                   const char **field) {
    const struct checksum c = {GSS_CKSUMTYPE, cksum};
    const struct ap_req_params ap = {.ticket = {.raw = e->ticket.ticket},
                                     .client = e->ticket.client,
                                     .session = e->session,
                                     .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
                                     .cksum = &c};
    struct ap_req_sent sent;
    struct slice message, token, out;
    const struct ap_key_source keys = {e, find_service, NULL};
    const struct gss_acceptor_params params = {.keys = &keys};
    struct gss_acceptor a;
    enum gss_progress progress;
    struct env *env = &e->r->client_env;
    assert_ok(ap_req_build(&ap, env, &e->arena, &message, &sent, NULL));
    assert_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REQ, message, &e->arena, &token, NULL));
    gss_acceptor_init(&a, &params, env, &e->arena);
    enum obol_code code = gss_acceptor_step(&a, token, &out, &progress, NULL);
    *delegated = code == OBOL_OK ? a.context.delegated_count : 0;
    *field = *delegated ? other_field(a.context.delegated, &e->tgt) : NULL;
    arena_reset(&e->arena);
    return code;
}

// A KRB-CRED sealed with the session key; or open (enctype 0), so that what stands behind the seal
// is reached.
static struct slice make_cksum(struct ends *e, bool open) {
    struct gss_cksum fields = {.flags = GSS_FLAG_DELEG | GSS_FLAG_INTEG};
    struct arena *a = &e->r->arena;
    struct slice cksum;
    e->tgt = e->ticket;
    e->tgt.server = name_of(e->r, "krbtgt/EXAMPLE.COM");
    e->tgt.starttime = NOW - 60;
    e->tgt.renew_till = NOW + 7200;
    assert_ok(
        gss_delegation_make(&e->tgt, e->session, &e->r->client_env, a, &fields.delegated, NULL));
    if (open) {
        struct krb_cred m;
        struct slice plain;
        struct enc_krb_cred_part part;
        assert_ok(der_decode(&TYPE_KRB_CRED, fields.delegated, a, &m, NULL));
        assert_ok(krb_open(&TYPE_ENC_KRB_CRED_PART, &m.enc_part, e->session, KU_KRB_CRED, a, &part,
                           NULL));
        assert_ok(der_encode(&TYPE_ENC_KRB_CRED_PART, &part, a, &plain, NULL));
        m.enc_part = (struct encrypted_data){.cipher = plain};
        assert_ok(der_encode(&TYPE_KRB_CRED, &m, a, &fields.delegated, NULL));
    }
    assert_ok(gss_cksum_write(&fields, a, &cksum, NULL));
    return cksum;
}

// What of the checksum may change with the delegated ticket staying as it is. All of it is in the
// authenticator, which is sealed: nobody on the way gets here.
static const struct taken SAME_TICKET[] = {
    {"bindings", "this service asks for none (RFC 4121 4.1.1.2)", BYTES("\x10\0\0\0"), 16},
    {"flags", "others than DELEG tell what is asked for beside (RFC 4121 4.1.1.1)",
     BYTES("\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), 4},
    {"type of the client's name", "types do not tell names apart (RFC 4120 6.2)",
     BYTES("EXAMPLE.COM\xa2\x12\x30\x10\xa0\x03\x02\x01"), 1},
    {"type of the service's name", "the same", BYTES("EXAMPLE.COM\xa9\x20\x30\x1e\xa0\x03\x02\x01"),
     1},
    {"flags' count of unused bits", "those that it takes away are not set",
     BYTES("\xa3\x07\x03\x05"), 1},
    {"timestamp", "the authenticator's is what is checked (RFC 4121 4.1.1)",
     BYTES("\xa2\x11\x18\x0f"), 15},
    {"usec", "the same", BYTES("\xa3\x03\x02\x01"), 1},
};

// A ticket is the KDC's to read: the service passes it on as it is. What stands beside it is
// sealed, or (open) says something else.
static bool may_change(struct slice cksum, size_t at, bool open, const char *field) {
    if (field)
        return open || strcmp(field, "ticket") == 0;
    return taken_in(SAME_TICKET, COUNT_OF(SAME_TICKET), cksum, at) && (open || at < 24);
}

static void altered_delegated_tickets_are_refused_or_are_others(void **state) {
    struct ends e;
    ends_init(&e, *state);
    for (unsigned open = 0; open < 2; open++) {
        struct slice cksum = make_cksum(&e, open);
        const char *field;
        size_t delegated;
        assert_ok(accept_cksum(&e, cksum, &delegated, &field));
        assert_int_equal(delegated, 1);
        uint8_t *copy = malloc(cksum.len);
        assert_non_null(copy);
        memcpy(copy, cksum.ptr, cksum.len);
        for (size_t bit = 0; bit < 8 * cksum.len; bit++) {
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            enum obol_code code = accept_cksum(&e, slice_of(copy, cksum.len), &delegated, &field);
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (delegated && !may_change(cksum, bit / 8, open, field))
                fail_msg("%s: bit %zu is taken, %s", open ? "open" : "sealed", bit,
                         field ? field : "and nothing else comes of it");
            if (code != OBOL_OK)
                expect_status(code, open ? "open" : "sealed", 0, bit);
        }
        for (size_t n = 0; n < cksum.len; n++) {
            uint8_t *cut = malloc(n + !n);
            assert_non_null(cut);
            memcpy(cut, cksum.ptr, n);
            enum obol_code code = accept_cksum(&e, slice_of(cut, n), &delegated, &field);
            free(cut);
            if (code != OBOL_OK)
                expect_status(code, "cut", 0, n);
            assert_false(delegated);
            assert_true(code != OBOL_OK || n == 24); // a whole one that delegates nothing
        }
        free(copy);
    }
    arena_clear(&e.arena);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, realm_setup, realm_teardown)

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(no_altered_token_of_iakerb_brings_a_login_to_its_end),
        CASE(altered_delegated_tickets_are_refused_or_are_others),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
