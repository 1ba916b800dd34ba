// fuzz_ap.c: an acceptor's AP-REQ and an initiator's AP-REP. The first byte chooses what the rest
// is: the message as it stands, or the plaintext of a part that only a holder of keys can make.
#include "fuzz.h"
#include "krb/ap.h"
#include "krb/seal.h"
#include "proto/codes.h"
#include <stdlib.h>

enum kind { AP_REQ, TICKET, AUTHENTICATOR, AP_REP, ENC_AP_REP, KINDS };
enum { NOW = 1800000000 };

static const uint8_t KEY[32] = "the service's", SESSION[32] = "the session's";
static struct arena arena;
static uint8_t seed;
static struct slice parts[] = {{(const uint8_t *)"HTTP", 4}, {(const uint8_t *)"web", 3}};
static struct slice client_parts[] = {{(const uint8_t *)"alice", 5}};
static const struct slice REALM = {(const uint8_t *)"R", 1};

static int64_t now_us(void *ctx) {
    UNUSED(ctx);
    return NOW * INT64_C(1000000);
}
static void draw(void *ctx, struct buf out) {
    UNUSED(ctx);
    for (size_t i = 0; i < out.len; i++)
        out.ptr[i] = seed++;
}
static const struct env ENV = {NULL, now_us, draw};

static struct crypto_key *key_of(const uint8_t *bytes) {
    struct crypto_key *key;
    must_ok(crypto_key_in_arena(&key, &arena, 18, slice_of(bytes, 32), NULL));
    return key;
}
static enum obol_code find(void *ctx, const struct principal *service, int32_t etype, uint32_t kvno,
                           unsigned attempt, struct arena *a, struct crypto_key **key,
                           struct error *err) {
    UNUSED(ctx);
    UNUSED(service);
    UNUSED(etype);
    UNUSED(kvno);
    UNUSED(a);
    UNUSED(err);
    *key = key_of(KEY);
    return attempt < 2 ? OBOL_OK : OBOL_NOT_FOUND;
}

static struct encrypted_data sealed(const uint8_t *key, uint32_t usage, struct slice plain) {
    struct buf out = arena_buf(&arena, enctype_sealed_length(enctype_find(18), plain.len));
    must_ok(crypto_seal(key_of(key), usage, &ENV, plain, out, NULL));
    return (struct encrypted_data){0, 18, 0, slice_of_buf(out)};
}
static struct slice usual_ticket(void) {
    const struct enc_ticket_part part = {
        .key = {18, slice_of(SESSION, 32)},
        .crealm = REALM,
        .cname = {NT_PRINCIPAL, {client_parts, 1}},
        .authtime = NOW - 9,
        .endtime = NOW + 9,
    };
    struct slice out;
    must_ok(der_encode(&TYPE_ENC_TICKET_PART, &part, &arena, &out, NULL));
    return out;
}
static struct slice usual_authenticator(void) {
    const struct authenticator auth = {
        .authenticator_vno = 5,
        .crealm = REALM,
        .cname = {NT_PRINCIPAL, {client_parts, 1}},
        .ctime = NOW,
    };
    struct slice out;
    must_ok(der_encode(&TYPE_AUTHENTICATOR, &auth, &arena, &out, NULL));
    return out;
}
static struct slice ap_req_of(struct slice ticket, struct slice authenticator) {
    struct ap_req req = {
        .pvno = 5,
        .msg_type = KRB_AP_REQ,
        .ticket = {.tkt_vno = 5, .realm = REALM, .sname = {NT_SRV_HST, {parts, 2}}},
    };
    struct slice out;
    req.ticket.enc_part = sealed(KEY, KU_TICKET, ticket);
    req.authenticator = sealed(SESSION, KU_AP_REQ_AUTHENTICATOR, authenticator);
    must_ok(der_encode(&TYPE_AP_REQ, &req, &arena, &out, NULL));
    return out;
}

static void accept_one(struct slice ap_req) {
    const uint8_t ip[] = {127, 0, 0, 1};
    const struct host_address from = {2, slice_of(ip, 4)};
    const struct ap_key_source keys = {NULL, find, NULL};
    struct crypto_key *tgt = key_of(SESSION);
    const struct ap_accept_params params = {
        .keys = &keys,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .clockskew = 300,
        .sender = &from,
        .user_to_user = tgt,
    };
    struct ap_accepted out;
    struct error err;
    struct slice rep;
    error_init(&err);
    if (ap_req_accept(ap_req, &params, &ENV, &arena, &out, &err) == OBOL_OK) {
        must_ok(ap_rep_build(&out, NULL, true, 1, &ENV, &arena, &rep, NULL));
    } else if (err.code == OBOL_OK) {
        abort(); // a refusal without its reason
    }
}

static void verify_one(struct slice ap_rep) {
    const struct ap_req_sent sent = {NOW, 0};
    struct enc_ap_rep_part part;
    if (ap_rep_verify(ap_rep, &sent, key_of(SESSION), &arena, &part, NULL) == OBOL_OK &&
        part.ctime != NOW)
        abort(); // the answer to another request
}

static void verify_plain(struct slice plain) {
    struct ap_rep rep = {5, KRB_AP_REP, sealed(SESSION, KU_AP_REP, plain)};
    struct slice bytes;
    must_ok(der_encode(&TYPE_AP_REP, &rep, &arena, &bytes, NULL));
    verify_one(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > 60000)
        return 0;
    if (!arena.base && !arena_init(&arena, 1 << 18, 1 << 22))
        abort();
    struct slice rest = slice_of(data + 1, size - 1);
    seed = 0;
    switch ((enum kind)(data[0] % KINDS)) {
    case AP_REQ:
        accept_one(rest);
        break;
    case TICKET:
        accept_one(ap_req_of(rest, usual_authenticator()));
        break;
    case AUTHENTICATOR:
        accept_one(ap_req_of(usual_ticket(), rest));
        break;
    case AP_REP:
        verify_one(rest);
        break;
    default:
        verify_plain(rest);
        break;
    }
    arena_reset(&arena);
    return 0;
}
