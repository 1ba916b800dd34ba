// fuzz_gss.c: up to four tokens of a login, stateful, on the acceptor and on the initiator, and
// what lies behind the decryption: the authenticator's checksum, delegated credentials, the AP-REP.
// The first byte of the input chooses which; tokens stand behind big-endian 16-bit lengths.
#include "base/reader.h"
#include "fuzz.h"
#include "gss/acceptor.h"
#include "gss/delegation.h"
#include "gss/frame.h"
#include "gss/initiator.h"
#include "gss/negoex.h"
#include "krb/seal.h"
#include "proto/codes.h"
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
static const uint8_t KEY[32] = "the key of HTTP/localhost, known";

static enum obol_code find(void *ctx, const struct principal *service, int32_t etype, uint32_t kvno,
                           unsigned attempt, struct arena *a, struct crypto_key **key,
                           struct error *err) {
    UNUSED(ctx);
    UNUSED(service);
    UNUSED(kvno);
    if (attempt > 0 || !enctype_find(etype))
        return OBOL_NOT_FOUND;
    return crypto_key_in_arena(key, a, etype,
                               slice_of(KEY, enctype_key_length(enctype_find(etype))), err);
}

// A ticket for the service whose key is known, and a client that holds it.
static struct cred ticket_of(struct arena *a, struct error *err) {
    struct cred t = {.key = {ENCTYPE_AES256_SHA384, slice_of(KEY, 32)}, .endtime = NOW + 3600};
    struct crypto_key *key;
    must_ok(principal_parse(SLICE_LITERAL("alice@OBOL.TEST"), (struct slice){0}, NT_UNKNOWN, a,
                            &t.client, err));
    must_ok(principal_parse(SLICE_LITERAL("HTTP/localhost@OBOL.TEST"), (struct slice){0},
                            NT_UNKNOWN, a, &t.server, err));
    const struct enc_ticket_part part = {
        .key = t.key,
        .crealm = t.client.realm,
        .cname = t.client.name,
        .authtime = NOW,
        .endtime = t.endtime,
    };
    struct ticket sealed = {.tkt_vno = KRB_PVNO, .realm = t.server.realm, .sname = t.server.name};
    must_ok(crypto_key_in_arena(&key, a, ENCTYPE_AES256_SHA384, slice_of(KEY, 32), err));
    must_ok(
        krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, 1, &ENV, a, &sealed.enc_part, err));
    must_ok(der_encode(&TYPE_TICKET, &sealed, a, &t.ticket, err));
    return t;
}

static enum obol_code no_kdc(void *ctx, struct slice realm, struct slice message, struct arena *a,
                             struct slice *reply, struct error *err) {
    UNUSED(ctx);
    UNUSED(realm);
    UNUSED(a);
    UNUSED(err);
    *reply = message; // thrown back: as good as any
    return OBOL_OK;
}

static void accept_one(struct gss_acceptor *g, struct slice token, struct error *err) {
    struct slice out;
    enum gss_progress progress;
    enum obol_code code = gss_acceptor_step(g, token, &out, &progress, err);
    // Who is let in has a name; a machine that failed takes nothing more.
    if (code == OBOL_OK && progress == GSS_PROGRESS_DONE &&
        g->context.client.name.name_string.count == 0)
        abort();
    if (code != OBOL_OK && (!g->dead || g->done))
        abort();
}

static const struct ap_key_source KEYS = {NULL, find, NULL};
static const struct gss_kdc_proxy PROXY = {.realm = {(const uint8_t *)"OBOL.TEST", 9},
                                           .exchange = no_kdc};
static const struct gss_acceptor_params ACCEPT = {
    .keys = &KEYS, .proxy = &PROXY, .bindings = {(const uint8_t *)"0123456789abcdef", 16}};

static void accept_all(struct reader *r, struct arena *a, struct error *err) {
    struct gss_acceptor g;
    gss_acceptor_init(&g, &ACCEPT, &ENV, a);
    for (int i = 0; i < 4 && reader_left(r); i++)
        accept_one(&g, reader_counted16(r), err);
}

static void initiate_all(struct reader *r, struct arena *a, const struct gss_initiator_params *p,
                         struct error *err) {
    struct gss_initiator g;
    struct slice out;
    if (gss_initiator_start(&g, p, &ENV, a, &out, err) != OBOL_OK)
        abort();
    for (int i = 0; i < 4 && reader_left(r); i++) {
        enum obol_code code = gss_initiator_step(&g, reader_counted16(r), &out, err);
        if (code == OBOL_OK && g.done && !g.mutual_proved)
            abort();
        if (code != OBOL_OK && !g.dead)
            abort();
    }
}

// The authenticator's checksum is the input's, and so are the tokens behind.
static void accept_checksum(struct reader *r, struct arena *a, struct error *err) {
    const struct cred t = ticket_of(a, err);
    struct crypto_key *session;
    struct slice message, token;
    struct ap_req_sent sent;
    const struct checksum cksum = {GSS_CKSUMTYPE, reader_counted16(r)};
    const struct encryption_key subkey = t.key;
    must_ok(crypto_key_in_arena(&session, a, t.key.keytype, t.key.keyvalue, err));
    const struct ap_req_params ap = {.ticket = {.raw = t.ticket},
                                     .client = t.client,
                                     .session = session,
                                     .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
                                     .cksum = &cksum,
                                     .subkey = &subkey};
    must_ok(ap_req_build(&ap, &ENV, a, &message, &sent, err));
    must_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REQ, message, a, &token, err));
    struct gss_acceptor g;
    bool dce = cksum.checksum.len > 21 && (cksum.checksum.ptr[21] & 0x10);
    gss_acceptor_init(&g, &ACCEPT, &ENV, a);
    accept_one(&g, dce ? message : token, err);
    for (int i = 0; i < 3 && reader_left(r); i++)
        accept_one(&g, reader_counted16(r), err);
}

static struct encrypted_data sealed(struct slice plain, uint32_t usage, struct arena *a,
                                    struct error *err) {
    struct crypto_key *key;
    must_ok(crypto_key_in_arena(&key, a, ENCTYPE_AES256_SHA384, slice_of(KEY, 32), err));
    struct buf cipher = arena_buf(a, enctype_sealed_length(crypto_key_enctype(key), plain.len));
    if (!cipher.ptr)
        abort();
    must_ok(crypto_seal(key, usage, &ENV, plain, cipher, err));
    return (struct encrypted_data){.etype = ENCTYPE_AES256_SHA384, .cipher = slice_of_buf(cipher)};
}

// The KRB-CRED's inside is the input's: one ticket, and what is said of it.
static void read_delegation(struct reader *r, struct arena *a, struct error *err) {
    const struct cred t = ticket_of(a, err);
    struct crypto_key *key;
    struct cred *out;
    size_t count;
    struct slice message;
    struct ticket ticket = {.raw = t.ticket};
    struct krb_cred m = {.pvno = KRB_PVNO, .msg_type = KRB_CRED, .tickets = {&ticket, 1}};
    m.enc_part = sealed(reader_rest(r), KU_KRB_CRED, a, err);
    must_ok(crypto_key_in_arena(&key, a, ENCTYPE_AES256_SHA384, slice_of(KEY, 32), err));
    must_ok(der_encode(&TYPE_KRB_CRED, &m, a, &message, err));
    if (gss_delegation_read(message, &key, 1, a, &out, &count, err) == OBOL_OK &&
        (count != 1 || out->client.name.name_string.count == 0 || !enctype_find(out->key.keytype)))
        abort();
}

// The AP-REP's inside is the input's.
static void initiate_sealed(struct reader *r, struct arena *a, uint32_t flags, struct error *err) {
    const struct cred t = ticket_of(a, err);
    const struct gss_initiator_params p = {.ticket = &t, .flags = flags, .bare = true};
    struct gss_initiator g;
    struct slice message, token, out;
    struct ap_rep rep = {.pvno = KRB_PVNO, .msg_type = KRB_AP_REP};
    rep.enc_part = sealed(reader_rest(r), KU_AP_REP, a, err);
    must_ok(gss_initiator_start(&g, &p, &ENV, a, &out, err));
    must_ok(der_encode(&TYPE_AP_REP, &rep, a, &message, err));
    must_ok(gss_krb5_make(OID_KRB5, GSS_TOKEN_AP_REP, message, a, &token, err));
    bool dce = (flags & GSS_FLAG_DCE) != 0;
    if (gss_initiator_step(&g, dce ? message : token, &out, err) == OBOL_OK &&
        (!g.done || (dce && !out.len)))
        abort();
}

static void initiate(struct reader *r, struct arena *a, uint8_t kind, struct error *err) {
    static const struct slice password = {(const uint8_t *)"correct horse", 13};
    static struct slice iakerb[2];
    static int32_t etypes[] = {ENCTYPE_AES256_SHA384};
    const struct cred t = ticket_of(a, err);
    struct secret secret;
    if (!secret_copy(&secret, password))
        return;
    iakerb[0] = OID_IAKERB;
    iakerb[1] = OID_KRB5;
    const struct iakerb_login login = {
        .as = {.client = t.client, .etypes = {etypes, 1}},
        .password = &secret,
        .service = t.server,
        .tgs_etypes = {etypes, 1},
    };
    const struct gss_initiator_params p = {
        .ticket = &t,
        .flags = GSS_FLAG_MUTUAL | (kind == 6 ? (uint32_t)GSS_FLAG_DCE : 0),
        .bare = kind == 1 || kind == 6,
        .login = kind == 5 ? &login : NULL,
        .mechs = {iakerb, kind == 5 ? 2 : 0},
    };
    initiate_all(r, a, &p, err);
    secret_clear(&secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct error err;
    struct negoex_message m;
    struct slice rest;
    error_init(&err);
    if (size == 0 || !arena_init(&a, 1 << 16, 1 << 22))
        return 0;
    struct reader r = reader_of(slice_of(data + 1, size - 1));
    uint8_t kind = data[0] % 10;
    if (kind == 0)
        accept_all(&r, &a, &err);
    else if (kind == 3)
        accept_checksum(&r, &a, &err);
    else if (kind == 4)
        read_delegation(&r, &a, &err);
    else if (kind == 7 || kind == 8)
        initiate_sealed(&r, &a, GSS_FLAG_MUTUAL | (kind == 8 ? (uint32_t)GSS_FLAG_DCE : 0), &err);
    else if (kind == 9)
        (void)!(negoex_read(reader_rest(&r), &m, &rest, NULL) == OBOL_OK);
    else
        initiate(&r, &a, kind, &err);
    arena_clear(&a);
    return 0;
}
