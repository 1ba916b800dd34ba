// fuzz_kdc.c: the whole request path of the KDC over a memory store at a fixed time. The first byte
// chooses what the rest is: a request as it stands, or the plaintext of a part that only a holder
// of keys can make, so that what lies behind the cryptography is reached too.
#include "../kdc/realm.h"
#include "client/fast.h"
#include "fuzz.h"
#include "kdc/cookie.h"
#include "krb/seal.h"
#include "proto/spake.h"

enum kind {
    REQUEST,
    TIMESTAMP,
    TGS_BODY,
    AUTHENTICATOR,
    TICKET,
    AUTHDATA,
    SPAKE,  // the value of a PA-SPAKE
    ARMOR,  // a KrbFastReq, in the armor of a ticket
    COOKIE, // the state of SPAKE that a cookie holds, with a response
    KINDS,
};

static struct realm r;
static struct session tgt;

int LLVMFuzzerInitialize(int *argc, char ***argv);
// The KDC's caches are mapped, where LeakSanitizer does not look for what they hold.
static void end(void) {
    realm_close(&r);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    UNUSED(argc);
    UNUSED(argv);
    static struct arena kept;
    realm_open(&r);
    (void)atexit(end);
    r.policy.retransmission = 0; // each input stands alone
    realm_start_kdc(&r);
    tgt = realm_login(&r, "alice");
    // What the session borrows must outlive the inputs.
    kept = r.arena;
    if (!arena_init(&r.arena, 1 << 18, 1 << 24))
        abort();
    UNUSED(kept);
    return 0;
}

static struct encrypted_data sealed(struct crypto_key *key, uint32_t usage, struct slice plain,
                                    uint32_t kvno) {
    const struct enctype *e = crypto_key_enctype(key);
    struct buf out = arena_buf(&r.arena, enctype_sealed_length(e, plain.len));
    must(crypto_seal(key, usage, &r.env, plain, out, err));
    return (struct encrypted_data){kvno ? (uint32_t)ENCRYPTED_DATA_KVNO : 0u, enctype_number(e),
                                   (int32_t)kvno, slice_of_buf(out)};
}

static struct slice with_timestamp(struct slice plain) {
    struct kdc_req req = realm_as_req(&r, "alice", "krbtgt/EXAMPLE.COM");
    struct crypto_key *key = realm_key(&r, "alice@EXAMPLE.COM", 2, 18);
    struct encrypted_data e = sealed(key, KU_PA_ENC_TIMESTAMP, plain, 2);
    struct slice value;
    must(der_encode(&TYPE_ENCRYPTED_DATA, &e, &r.arena, &value, err));
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, value);
    return realm_encode(&r, &req);
}

static struct slice with_body(struct slice body) {
    struct kdc_req req = realm_tgs_req(&r, "HTTP/web.example.com");
    req.req_body.raw = body;
    if (body.len == 0)
        return body;
    return realm_present(&r, &tgt, &req);
}

static struct slice with_ap_req(struct ticket ticket, struct encrypted_data authenticator) {
    struct kdc_req req = realm_tgs_req(&r, "HTTP/web.example.com");
    struct ap_req ap = {5, KRB_AP_REQ, 0, ticket, authenticator};
    struct slice bytes;
    must(der_encode(&TYPE_AP_REQ, &ap, &r.arena, &bytes, err));
    realm_add_padata(&r, &req, PA_TGS_REQ, bytes);
    return realm_encode(&r, &req);
}

static struct slice with_authenticator(struct slice plain) {
    return with_ap_req(tgt.rep.ticket, sealed(tgt.key, KU_TGS_REQ_AUTHENTICATOR, plain, 0));
}

static struct slice with_ticket(struct slice plain) {
    struct crypto_key *key = realm_key(&r, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    struct kdc_req req = realm_tgs_req(&r, "HTTP/web.example.com");
    struct session s = tgt;
    s.rep.ticket.raw = (struct slice){0};
    s.rep.ticket.enc_part = sealed(key, KU_TICKET, plain, 2);
    return realm_present(&r, &s, &req);
}

static struct slice with_authdata(struct slice plain) {
    struct kdc_req req = realm_tgs_req(&r, "HTTP/web.example.com");
    req.req_body.present |= KDC_REQ_BODY_ENC_AUTHORIZATION_DATA;
    req.req_body.enc_authorization_data = sealed(tgt.key, KU_TGS_REQ_AUTHDATA_SESSION, plain, 0);
    return realm_present(&r, &tgt, &req);
}

static struct slice with_spake(struct slice value, const struct padata *cookie) {
    struct kdc_req req = realm_as_req(&r, "alice", "krbtgt/EXAMPLE.COM");
    realm_add_padata(&r, &req, PA_SPAKE, value);
    if (cookie)
        realm_add_padata(&r, &req, cookie->padata_type, cookie->padata_value);
    return realm_encode(&r, &req);
}

static struct slice with_armor(struct slice plain) {
    struct kdc_req req = realm_as_req(&r, "alice", "krbtgt/EXAMPLE.COM");
    struct client_fast f = {.env = &r.env, .arena = &r.arena};
    const struct cred host = {
        .client = tgt.client, .key = tgt.part.key, .ticket = tgt.rep.ticket.raw};
    struct pa_fx_fast_request fast = {.present = PA_FX_FAST_REQUEST_ARMORED_DATA};
    struct slice body, value;
    must(der_encode(&TYPE_KDC_REQ_BODY, &req.req_body, &r.arena, &body, err));
    must(client_fast_armor(&f, &host, err));
    const struct enctype *e = crypto_key_enctype(f.armor);
    struct buf mac = arena_buf(&r.arena, enctype_checksum_length(e));
    must(crypto_checksum(f.armor, KU_FX_REQ_CKSUM, body, mac, err));
    fast.armored_data.present = KRB_FAST_ARMORED_REQ_ARMOR;
    fast.armored_data.armor = f.ap;
    fast.armored_data.req_checksum = (struct checksum){enctype_checksum_type(e), slice_of_buf(mac)};
    fast.armored_data.enc_fast_req = sealed(f.armor, KU_FX_ENC, plain, 0);
    must(der_encode(&TYPE_PA_FX_FAST_REQUEST, &fast, &r.arena, &value, err));
    req.req_body.raw = body;
    realm_add_padata(&r, &req, PA_FX_FAST, value);
    return realm_encode(&r, &req);
}

static struct slice with_cookie(struct slice state) {
    struct crypto_key *key = realm_key(&r, "krbtgt/EXAMPLE.COM@EXAMPLE.COM", 2, 20);
    struct slice names = SLICE_LITERAL("alice@EXAMPLE.COM\0krbtgt/EXAMPLE.COM@EXAMPLE.COM"), value;
    struct buf mac = arena_buf(&r.arena, enctype_checksum_length(crypto_key_enctype(key)));
    must(crypto_checksum(key, KU_COOKIE_NAMES, names, mac, err));
    struct writer plain = writer_to_arena(&r.arena), cookie = writer_to_arena(&r.arena);
    writer_be64(&plain, REALM_START);
    writer_be32(&plain, PA_SPAKE);
    writer_counted16(&plain, slice_of_buf(mac));
    writer_bytes(&plain, state);
    writer_str(&cookie, COOKIE_MAGIC);
    writer_be32(&cookie, 2);
    writer_be32(&cookie, 20);
    writer_bytes(&cookie, sealed(key, KU_COOKIE, writer_slice(&plain), 0).cipher);
    static const uint8_t point[32] = {1}, factor[48];
    const struct pa_spake message = {
        .present = PA_SPAKE_RESPONSE,
        .response = {slice_of(point, 32), {0, 20, 0, slice_of(factor, 48)}},
    };
    must(der_encode(&TYPE_PA_SPAKE, &message, &r.arena, &value, err));
    const struct padata pa = {PA_FX_COOKIE, writer_slice(&cookie)};
    return with_spake(value, &pa);
}

// Whoever must preauthenticate gets no ticket without, whatever was sent.
static void check_verdict(void) {
    const struct kdc_event *e = &r.result.event;
    if (e->msg_type != KRB_AS_REQ || e->code != OBOL_OK || e->preauth)
        return;
    if (slice_eq_str(e->client_principal, "alice@EXAMPLE.COM") ||
        slice_eq_str(e->client_principal, "bob@EXAMPLE.COM"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > 60000)
        return 0;
    struct slice rest = slice_of(data + 1, size - 1), request = rest;
    r.seed = 1;
    r.nonce = 1;
    switch ((enum kind)(data[0] % KINDS)) {
    case TIMESTAMP:
        request = with_timestamp(rest);
        break;
    case TGS_BODY:
        request = with_body(rest);
        break;
    case AUTHENTICATOR:
        request = with_authenticator(rest);
        break;
    case TICKET:
        request = with_ticket(rest);
        break;
    case AUTHDATA:
        request = with_authdata(rest);
        break;
    case SPAKE:
        request = with_spake(rest, NULL);
        break;
    case ARMOR:
        request = with_armor(rest);
        break;
    case COOKIE:
        request = with_cookie(rest);
        break;
    default:
        break;
    }
    // What comes back is empty or well-formed: realm_send decodes errors, and a reply is decoded
    // here.
    if (realm_send(&r, request) == 0) {
        struct kdc_rep rep;
        bool as = r.result.event.msg_type == KRB_AS_REQ;
        must(der_decode(as ? &TYPE_AS_REP : &TYPE_TGS_REP, r.result.reply, &r.arena, &rep, err));
        check_verdict();
    }
    arena_reset(&r.arena);
    return 0;
}
