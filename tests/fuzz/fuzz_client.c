// fuzz_client.c: a KDC's replies to a client that waits for them, with keys, nonces and clock
// fixed. The first byte of the input chooses: replies of any bytes to a login or a ticket request,
// or the plaintext of a sealed part, which is then sealed with the right key as a hostile KDC
// could. Messages stand behind big-endian 16-bit lengths. Whatever comes, a ticket that is accepted
// has the client's name, the service asked for and a key of a length that its enctype has.
#include "base/reader.h"
#include "client/as.h"
#include "client/tgs.h"
#include "fuzz.h"
#include "krb/seal.h"
#include <stdlib.h>

#define NOW INT64_C(1790000000)
static int64_t now_us(void *ctx) {
    UNUSED(ctx);
    return NOW * 1000000;
}
static void fixed_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    memset(out.ptr, 0x42, out.len);
}
static const struct env ENV = {NULL, now_us, fixed_random};
static const uint8_t KEY[16] = "0123456789abcdef";

static struct principal name(const char *text, struct arena *a) {
    struct principal p;
    must_ok(principal_parse(slice_str(text), SLICE_LITERAL("R"), NT_UNKNOWN, a, &p, NULL));
    return p;
}

// A reply with a hostile sealed part: everything outside it as the client wants it.
static struct slice seal(struct slice plain, int32_t msg_type, uint32_t usage,
                         const struct principal *server, struct crypto_key *key, struct arena *a) {
    const struct enctype *e = crypto_key_enctype(key);
    struct buf sealed = arena_buf(a, enctype_sealed_length(e, plain.len));
    struct principal client = name("alice", a);
    struct kdc_rep rep = {
        .pvno = KRB_PVNO,
        .msg_type = msg_type,
        .crealm = client.realm,
        .cname = client.name,
        .ticket = {.tkt_vno = 5, .realm = server->realm, .sname = server->name},
        .enc_part = {.etype = enctype_number(e)},
    };
    struct slice out = {0};
    if (!sealed.ptr || crypto_seal(key, usage, &ENV, plain, sealed, NULL) != OBOL_OK)
        return out;
    rep.enc_part.cipher = slice_of_buf(sealed);
    must_ok(der_encode(msg_type == KRB_AS_REP ? &TYPE_AS_REP : &TYPE_TGS_REP, &rep, a, &out, NULL));
    return out;
}

static void check(const struct cred *ticket, const struct principal *service, struct arena *a) {
    struct principal alice = name("alice", a);
    const struct enctype *e = enctype_find(ticket->key.keytype);
    if (!principal_eq(&ticket->client, &alice) || !principal_eq(&ticket->server, service) || !e ||
        enctype_is_weak(e) || ticket->key.keyvalue.len != enctype_key_length(e) ||
        ticket->endtime <= ticket->starttime)
        abort();
}

static void login(struct reader *r, bool sealed, struct arena *a, struct error *err) {
    struct as_client c;
    struct client_output out;
    struct as_params params = {.client = name("alice", a), .lifetime = 3600};
    struct principal service = name("krbtgt/R", a);
    struct slice reply = {0};
    must_ok(as_client_init(&c, &params, &ENV, a, err));
    must_ok(as_client_key(&c, ENCTYPE_AES128_SHA1, slice_of(KEY, sizeof KEY), err));
    for (int i = 0; i < 32; i++) {
        if (as_client_step(&c, reply, &out, err) != OBOL_OK || out.want == CLIENT_KEY)
            return;
        if (out.want == CLIENT_DONE) {
            check(&c.ticket, &service, a);
            return;
        }
        reply = reader_counted16(r);
        if (sealed)
            reply = seal(reply, KRB_AS_REP, KU_AS_REP, &service, c.key, a);
    }
    abort(); // the exchange is bounded
}

static void ticket(struct reader *r, bool sealed, struct arena *a, struct error *err) {
    struct tgs_client c;
    struct client_output out;
    struct cred tgt = {
        .client = name("alice", a),
        .server = name("krbtgt/R", a),
        .key = {ENCTYPE_AES128_SHA1, slice_of(KEY, sizeof KEY)},
        .authtime = NOW,
        .endtime = NOW + 3600,
        .ticket = SLICE_LITERAL("opaque"),
    };
    struct tgs_params params = {.tgt = &tgt, .service = name("HTTP/web", a)};
    struct slice reply = {0};
    must_ok(tgs_client_init(&c, &params, &ENV, a, err));
    for (int i = 0; i < 64; i++) {
        if (tgs_client_step(&c, reply, &out, err) != OBOL_OK)
            return;
        if (out.want == CLIENT_DONE) {
            check(&c.ticket, &params.service, a);
            return;
        }
        reply = reader_counted16(r);
        if (sealed)
            reply = seal(reply, KRB_TGS_REP, KU_TGS_REP_SUBKEY, &params.service, c.subkey, a);
    }
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct error err;
    error_init(&err);
    if (size == 0 || !arena_init(&a, 1 << 16, 1 << 23))
        return 0;
    struct reader r = reader_of(slice_of(data + 1, size - 1));
    bool sealed = data[0] & 2;
    if (data[0] & 1)
        ticket(&r, sealed, &a, &err);
    else
        login(&r, sealed, &a, &err);
    arena_clear(&a);
    return 0;
}
