// fuzz_kdc.c: the whole request path of the KDC over a memory store at a fixed time. The first byte
// chooses what the rest is: a request as it stands, or the plaintext of a part that only a holder
// of keys can make, so that what lies behind the cryptography is reached too.
#include "../kdc/realm.h"

enum kind { REQUEST, TIMESTAMP, TGS_BODY, AUTHENTICATOR, TICKET, AUTHDATA, KINDS };

static struct realm r;
static struct session tgt;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    UNUSED(argc);
    UNUSED(argv);
    static struct arena kept;
    realm_open(&r);
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
