// requests.c: see requests.h. Requests are what current clients send: an AS-REQ with
// PA-REQ-ENC-PA-REP (RFC 6806), a TGS-REQ with a subkey.
#include "requests.h"
#include "base/env.h"
#include "client/reply.h"
#include "krb/ap.h"
#include "krb/seal.h"
#include <stdlib.h>

enum { HOURS_10 = 36000, NONCE = 1000, PER_REQUEST = 4096 };

struct builder {
    struct requests *r;
    struct arena arena; // of one request
    struct arena keys;  // of all: prepared keys
    struct crypto_key **user_keys;
    const struct cred *tgts;
    struct crypto_key **sessions;
    unsigned tgt_count;
    size_t room;
};

static unsigned user_of(const struct requests *r, size_t i, unsigned tgt_count) {
    return (unsigned)(i % (r->kind == REQUEST_TGS ? tgt_count : r->realm->users));
}

static struct slice bench_bytes(const struct bench_realm *realm, const char *label, unsigned i,
                                struct arena *a) {
    struct buf key = arena_buf(a, enctype_key_length(enctype_find(realm->enctype)));
    bench_key(label, i, key);
    return slice_of_buf(key);
}

static enum obol_code body_of(const struct requests *r, size_t i, struct slice service,
                              struct arena *a, struct kdc_req_body *body, struct error *err) {
    struct principal sname;
    TRY(principal_parse(service, r->realm->name, NT_UNKNOWN, a, &sname, err));
    int32_t *etype = arena_alloc(a, sizeof *etype);
    ENSURE_MEMORY(etype);
    *etype = r->realm->enctype;
    *body = (struct kdc_req_body){
        .present = KDC_REQ_BODY_SNAME,
        .kdc_options = (uint32_t)KDC_OPT_FORWARDABLE | (uint32_t)KDC_OPT_RENEWABLE_OK,
        .realm = r->realm->name,
        .sname = sname.name,
        .till = env_now(env_system()) + HOURS_10,
        .nonce = (uint32_t)(NONCE + i),
        .etype = {etype, 1},
    };
    return OBOL_OK;
}

static enum obol_code timestamp(struct builder *b, unsigned user, struct padata *out,
                                struct error *err) {
    int64_t now = env_now_us(env_system());
    struct encrypted_data sealed;
    const struct pa_enc_ts_enc ts = {.present = PA_ENC_TS_ENC_PAUSEC,
                                     .patimestamp = now / 1000000,
                                     .pausec = (int32_t)(now % 1000000)};
    TRY(krb_seal(&TYPE_PA_ENC_TS_ENC, &ts, b->user_keys[user], KU_PA_ENC_TIMESTAMP, 0, env_system(),
                 &b->arena, &sealed, err));
    out->padata_type = PA_ENC_TIMESTAMP;
    return der_encode(&TYPE_ENCRYPTED_DATA, &sealed, &b->arena, &out->padata_value, err);
}

static enum obol_code build_as(struct builder *b, size_t i, struct slice *out, struct error *err) {
    const struct requests *r = b->r;
    struct principal client;
    struct padata padata[2];
    size_t n = 0;
    unsigned user = user_of(r, i, 0);
    struct kdc_req req = {.present = KDC_REQ_PADATA, .pvno = KRB_PVNO, .msg_type = KRB_AS_REQ};
    struct slice krbtgt = arena_printf(&b->arena, "krbtgt/%.*s", SLICE_ARG(r->realm->name));
    TRY(body_of(r, i, krbtgt, &b->arena, &req.req_body, err));
    TRY(principal_parse(bench_user(user, &b->arena), r->realm->name, NT_PRINCIPAL, &b->arena,
                        &client, err));
    req.req_body.present |= KDC_REQ_BODY_CNAME;
    req.req_body.cname = client.name;
    if (r->kind == REQUEST_AS)
        TRY(timestamp(b, user, &padata[n++], err));
    padata[n++] = (struct padata){PA_REQ_ENC_PA_REP, {0}};
    req.padata = (struct padata_list){padata, n};
    return der_encode(&TYPE_AS_REQ, &req, &b->arena, out, err);
}

static enum obol_code build_tgs(struct builder *b, size_t i, struct slice *out, struct error *err) {
    const struct requests *r = b->r;
    struct arena *a = &b->arena;
    unsigned user = user_of(r, i, b->tgt_count);
    const struct cred *tgt = &b->tgts[user];
    struct kdc_req req = {.present = KDC_REQ_PADATA, .pvno = KRB_PVNO, .msg_type = KRB_TGS_REQ};
    struct slice service = bench_service((unsigned)(i % BENCH_SERVICES), a);
    TRY(body_of(r, i, service, a, &req.req_body, err));
    TRY(der_encode(&TYPE_KDC_REQ_BODY, &req.req_body, a, &req.req_body.raw, err));
    const struct enctype *enctype = crypto_key_enctype(b->sessions[user]);
    struct checksum cksum = {.cksumtype = enctype_checksum_type(enctype)};
    struct buf mac = arena_buf(a, enctype_checksum_length(enctype));
    ENSURE_MEMORY(mac.ptr);
    TRY(crypto_checksum(b->sessions[user], KU_TGS_REQ_CKSUM, req.req_body.raw, mac, err));
    cksum.checksum = slice_of_buf(mac);
    const struct encryption_key subkey = {r->realm->enctype,
                                          bench_bytes(r->realm, "subkey", (unsigned)i, a)};
    struct ap_req_params params = {.client = tgt->client,
                                   .session = b->sessions[user],
                                   .authenticator_usage = KU_TGS_REQ_AUTHENTICATOR,
                                   .cksum = &cksum,
                                   .subkey = &subkey};
    params.ticket.raw = tgt->ticket;
    struct ap_req_sent sent;
    struct padata padata = {.padata_type = PA_TGS_REQ};
    TRY(ap_req_build(&params, env_system(), a, &padata.padata_value, &sent, err));
    req.padata = (struct padata_list){&padata, 1};
    return der_encode(&TYPE_TGS_REQ, &req, a, out, err);
}

static enum obol_code append(struct builder *b, size_t i, struct slice request, struct error *err) {
    struct requests *r = b->r;
    if (b->room - r->size < request.len) {
        b->room = 2 * b->room + PER_REQUEST;
        r->bytes = realloc(r->bytes, b->room);
        ENSURE_MEMORY(r->bytes);
    }
    memcpy(r->bytes + r->size, request.ptr, request.len);
    r->size += request.len;
    r->offset[i + 1] = (uint32_t)r->size;
    return OBOL_OK;
}

static enum obol_code prepare_keys(struct builder *b, struct error *err) {
    const struct bench_realm *realm = b->r->realm;
    b->user_keys = calloc(realm->users, sizeof(struct crypto_key *));
    b->sessions = calloc(b->tgt_count + 1, sizeof(struct crypto_key *));
    ENSURE_MEMORY(b->user_keys && b->sessions ? b : NULL);
    for (unsigned i = 0; b->r->kind == REQUEST_AS && i < realm->users; i++)
        TRY(crypto_key_in_arena(&b->user_keys[i], &b->keys, realm->enctype,
                                bench_bytes(realm, "user", i, &b->arena), err));
    for (unsigned i = 0; i < b->tgt_count; i++)
        TRY(crypto_key_in_arena(&b->sessions[i], &b->keys, b->tgts[i].key.keytype,
                                b->tgts[i].key.keyvalue, err));
    return OBOL_OK;
}

static enum obol_code build_all(struct builder *b, struct error *err) {
    struct requests *r = b->r;
    ENSURE(arena_init(&b->arena, 1 << 20, 1 << 26) && arena_init(&b->keys, 1 << 20, SIZE_MAX / 2),
           NO_MEMORY, "the requests");
    TRY(prepare_keys(b, err));
    for (size_t i = 0; i < r->count; i++) {
        struct slice request;
        arena_reset(&b->arena);
        if (r->kind == REQUEST_TGS)
            TRY(build_tgs(b, i, &request, err));
        else
            TRY(build_as(b, i, &request, err));
        TRY(append(b, i, request, err));
    }
    return OBOL_OK;
}

enum obol_code requests_build(struct requests *r, enum request_kind kind,
                              const struct bench_realm *realm, size_t count,
                              const struct cred *tgts, unsigned tgt_count, struct error *err) {
    struct builder b = {.r = r, .tgts = tgts, .tgt_count = tgt_count};
    *r = (struct requests){.kind = kind, .realm = realm, .count = count};
    r->offset = calloc(count + 1, sizeof *r->offset);
    ENSURE_MEMORY(r->offset);
    enum obol_code code = build_all(&b, err);
    arena_clear(&b.arena);
    arena_clear(&b.keys);
    free(b.user_keys);
    free(b.sessions);
    return code;
}

void requests_free(struct requests *r) {
    free(r->offset);
    free(r->bytes);
    *r = (struct requests){0};
}

struct slice requests_at(const struct requests *r, size_t i) {
    return slice_of(r->bytes + r->offset[i], r->offset[i + 1] - r->offset[i]);
}

uint8_t requests_expected(enum request_kind kind) {
    return kind == REQUEST_AS ? 0x6b : kind == REQUEST_TGS ? 0x6d : 0x7e;
}

enum obol_code requests_check(const struct requests *r, size_t i, struct slice reply,
                              struct arena *a, struct cred *cred, struct error *err) {
    const struct bench_realm *realm = r->realm;
    if (r->kind == REQUEST_ERROR) {
        struct krb_error error;
        TRY(der_decode(&TYPE_KRB_ERROR, reply, a, &error, err));
        ENSURE(error.error_code == 25, REPLY_MISMATCH, "KRB-ERROR %d instead of PREAUTH_REQUIRED",
               error.error_code);
        return OBOL_OK;
    }
    bool as = r->kind == REQUEST_AS;
    struct kdc_rep rep;
    struct enc_kdc_rep_part enc;
    struct crypto_key *key;
    TRY(der_decode(as ? &TYPE_AS_REP : &TYPE_TGS_REP, reply, a, &rep, err));
    struct slice bytes = as ? bench_bytes(realm, "user", user_of(r, i, 0), a)
                            : bench_bytes(realm, "subkey", (unsigned)i, a);
    TRY(crypto_key_in_arena(&key, a, realm->enctype, bytes, err));
    TRY(client_reply_open(&rep.enc_part, key, as ? KU_AS_REP : KU_TGS_REP_SUBKEY, a, &enc, err));
    ENSURE(enc.nonce == (int64_t)(NONCE + i), REPLY_MISMATCH,
           "nonce %lld in the reply to request %zu", (long long)enc.nonce, i);
    ENSURE(enc.endtime > env_now(env_system()), REPLY_MISMATCH, "the ticket has ended already");
    struct principal client = {rep.crealm, rep.cname};
    struct cred ignored;
    return client_reply_cred(&rep, &enc, &client, a, cred ? cred : &ignored, err);
}
