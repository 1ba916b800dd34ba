// realm.h: a whole realm in the memory of a test: a KDC over a memory store with a pretended clock
// and known randomness, and a small client built from the krb layer. The unit tests, the fuzz
// target and the bench of the KDC stand on it, so it knows nothing of cmocka: what must not fail
// aborts.
#ifndef OBOL_TESTS_KDC_REALM_H
#define OBOL_TESTS_KDC_REALM_H

#include "kdc/kdc.h"
#include "krb/ap.h"
#include "krb/seal.h"
#include "proto/codes.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REALM_NAME "EXAMPLE.COM"
#define REALM_SID  "S-1-5-21-1000001-2000002-3000003"
#define UNUSED_OK  __attribute__((unused))
enum { REALM_START = 1800000000, HOUR = 3600, DAY = 24 * HOUR };

struct realm {
    struct env env;
    int64_t now_us;
    uint64_t seed;
    struct arena keep, kdc_arena, arena; // of the fixture, of the request, of the client
    struct store *store;
    struct master *master;
    struct kdc_policy policy;
    const struct kdc_pkinit *pkinit; // NULL: none
    struct kdc *kdc;
    struct kdc_result result; // of the last request
    int64_t nonce;
    size_t max_reply;
};

// must_ aborts with the error's words.
UNUSED_OK static void must_(enum obol_code code, const struct error *err, const char *what) {
    if (code == OBOL_OK)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, error_info(code)->name, err ? err->detail : "");
    abort();
}
#define must(call)                                                                                 \
    do {                                                                                           \
        struct error err_, *err = &err_;                                                           \
        error_init(err);                                                                           \
        must_((call), err, #call);                                                                 \
    } while (0)

static int64_t realm_now(void *ctx) {
    return ((struct realm *)ctx)->now_us;
}
static void realm_random(void *ctx, struct buf out) {
    struct realm *r = ctx;
    for (size_t i = 0; i < out.len; i++) {
        r->seed = r->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out.ptr[i] = (uint8_t)(r->seed >> 56);
    }
}

// The key of a principal: no password stands behind it, both sides compute it.
UNUSED_OK static struct slice realm_key_bytes(struct realm *r, const char *name, uint32_t kvno,
                                              int32_t etype) {
    size_t len = enctype_key_length(enctype_find(etype));
    struct buf out = arena_buf(&r->arena, len);
    uint64_t h = 14695981039346656037u ^ kvno ^ (uint64_t)etype << 32;
    for (const char *p = name; *p; p++)
        h = (h ^ (uint8_t)*p) * 1099511628211u;
    for (size_t i = 0; i < len; i++, h = h * 6364136223846793005u + 1)
        out.ptr[i] = (uint8_t)(h >> 56);
    return slice_of_buf(out);
}
UNUSED_OK static struct crypto_key *realm_key(struct realm *r, const char *name, uint32_t kvno,
                                              int32_t etype) {
    struct crypto_key *key;
    must(crypto_key_in_arena(&key, &r->arena, etype, realm_key_bytes(r, name, kvno, etype), err));
    return key;
}

// realm_record is a principal with a key of each enctype given, the list ending in 0.
UNUSED_OK static struct record realm_record(struct realm *r, const char *name, uint32_t flags,
                                            uint32_t kvno, const int32_t *etypes) {
    static uint64_t next_id = 1;
    struct record rec = {.name = slice_str(name), .id = next_id++, .flags = flags, .name_type = 1};
    rec.created = rec.modified = REALM_START - 100 * DAY;
    rec.modified_by = SLICE_LITERAL("tests");
    rec.keys.items = arena_zalloc(&r->keep, 16, sizeof *rec.keys.items);
    for (; *etypes; etypes++) {
        struct record_key *key = &rec.keys.items[rec.keys.count++];
        *key = (struct record_key){.kvno = kvno, .enctype = *etypes};
        key->salt = arena_printf(&r->keep, "salt of %s", name);
        must(master_seal(r->master, &r->env, rec.id, key, realm_key_bytes(r, name, kvno, *etypes),
                         &r->keep, err));
    }
    return rec;
}
UNUSED_OK static void realm_put(struct realm *r, const struct record *rec) {
    struct store_write *w;
    must(store_write_begin(r->store, &w, err));
    must(store_put(w, rec, err));
    must(store_commit(w, err));
    if (r->kdc)
        must(kdc_renew(r->kdc, err));
}
UNUSED_OK static struct record realm_get(struct realm *r, const char *name) {
    struct store_read *read;
    struct slice bytes, kept;
    struct record rec;
    must(store_read_begin(r->store, &read, err));
    must(store_get(read, slice_str(name), &bytes, err));
    if (!arena_copy(&r->keep, bytes, &kept))
        abort();
    must(record_decode(kept, &r->keep, &rec, err));
    store_read_end(read);
    return rec;
}
UNUSED_OK static void realm_set_flags(struct realm *r, const char *name, uint32_t flags) {
    struct record rec = realm_get(r, name);
    rec.flags = flags;
    realm_put(r, &rec);
}

static const int32_t AES_ALL[] = {20, 19, 18, 17, 0};
static const int32_t AES256_SHA1[] = {18, 0};

static void realm_populate(struct realm *r) {
    const struct {
        const char *name;
        uint32_t flags;
        const int32_t *etypes;
    } rows[] = {
        {"krbtgt/EXAMPLE.COM@EXAMPLE.COM", RECORD_NO_CLIENT, AES_ALL},
        {"alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER, AES_ALL},
        {"bob@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER, AES256_SHA1},
        {"open@EXAMPLE.COM", RECORD_NO_SERVER, AES_ALL}, // needs no preauthentication
        {"HTTP/web.example.com@EXAMPLE.COM", RECORD_NO_CLIENT, AES_ALL},
        {"host/old.example.com@EXAMPLE.COM", RECORD_OK_AS_DELEGATE, AES256_SHA1},
        {"kadmin/changepw@EXAMPLE.COM",
         RECORD_PASSWORD_SERVICE | RECORD_NO_TGT_BASED | RECORD_NO_CLIENT, AES_ALL},
        {"krbtgt/EXAMPLE.COM@OTHER.ORG", RECORD_NO_CLIENT, AES256_SHA1},
        {"krbtgt/OTHER.ORG@EXAMPLE.COM", RECORD_NO_CLIENT, AES256_SHA1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct record rec = realm_record(r, rows[i].name, rows[i].flags, 2, rows[i].etypes);
        realm_put(r, &rec);
    }
}

UNUSED_OK static void realm_start_kdc(struct realm *r) {
    kdc_free(r->kdc);
    const struct kdc_config config = {
        .realm = SLICE_LITERAL(REALM_NAME),
        .policy = r->policy,
        .store = r->store,
        .master = r->master,
        .pkinit = r->pkinit,
        .env = &r->env,
    };
    must(kdc_new(&r->kdc, &config, err));
}
UNUSED_OK static void realm_open(struct realm *r) {
    *r = (struct realm){.now_us = REALM_START * INT64_C(1000000), .seed = 1, .nonce = 1000};
    r->env = (struct env){r, realm_now, realm_random};
    if (!arena_init(&r->keep, 1 << 18, 1 << 22) || !arena_init(&r->kdc_arena, 1 << 17, 1 << 20) ||
        !arena_init(&r->arena, 1 << 18, 1 << 26))
        abort();
    const struct store_options options = {.create = true};
    must(store_open(&r->store, &STORE_MEMORY, &options, err));
    char dir[] = "/tmp/obol-kdc-XXXXXX", path[64];
    if (!mkdtemp(dir))
        abort();
    snprintf(path, sizeof path, "%s/master.key", dir);
    must(master_create(&r->master, path, &r->env, err));
    unlink(path);
    rmdir(dir);
    realm_populate(r);
    struct store_write *w;
    must(store_write_begin(r->store, &w, err));
    must(store_put_meta(w, STORE_META_DOMAIN_SID, SLICE_LITERAL(REALM_SID), err));
    must(store_commit(w, err));
    kdc_policy_default(&r->policy);
    r->policy.cache_records = 64;
    r->policy.retransmission_slots = 64;
    realm_start_kdc(r);
}
UNUSED_OK static void realm_close(struct realm *r) {
    kdc_free(r->kdc);
    master_free(r->master);
    store_close(r->store);
    arena_clear(&r->keep);
    arena_clear(&r->kdc_arena);
    arena_clear(&r->arena);
}

// The client.

static inline int64_t realm_time(const struct realm *r) {
    return r->now_us / 1000000;
}
UNUSED_OK static struct principal realm_name(struct realm *r, const char *text) {
    struct principal p;
    must(principal_parse(slice_str(text), SLICE_LITERAL(REALM_NAME), NT_UNKNOWN, &r->arena, &p,
                         err));
    return p;
}
// realm_send gives 0 if a ticket came back, the number of the KRB-ERROR, or -1 for silence.
UNUSED_OK static int realm_send(struct realm *r, struct slice bytes) {
    static const uint8_t LOOPBACK[] = {127, 0, 0, 1};
    struct kdc_request request = {
        .bytes = bytes,
        .sender = {2, slice_of(LOOPBACK, 4)},
        .max_reply = r->max_reply,
    };
    arena_reset(&r->kdc_arena);
    must(kdc_handle(r->kdc, &request, &r->kdc_arena, &r->result));
    struct slice reply = r->result.reply;
    if (reply.len == 0)
        return -1;
    if (reply.ptr[0] != 0x7e)
        return 0;
    struct krb_error e;
    must(der_decode(&TYPE_KRB_ERROR, reply, &r->arena, &e, err));
    return e.error_code;
}
UNUSED_OK static struct kdc_req realm_as_req(struct realm *r, const char *client,
                                             const char *server) {
    static int32_t etypes[] = {20, 19, 18, 17};
    struct kdc_req req = {.pvno = 5, .msg_type = KRB_AS_REQ};
    struct kdc_req_body *body = &req.req_body;
    body->present = KDC_REQ_BODY_CNAME | KDC_REQ_BODY_SNAME;
    body->cname = realm_name(r, client).name;
    body->sname = realm_name(r, server).name;
    body->realm = SLICE_LITERAL(REALM_NAME);
    body->till = realm_time(r) + 10 * HOUR;
    body->nonce = r->nonce++;
    body->etype = (struct int32_list){etypes, 4};
    return req;
}
UNUSED_OK static void realm_add_padata(struct realm *r, struct kdc_req *req, int32_t type,
                                       struct slice value) {
    struct padata *items = arena_zalloc(&r->arena, req->padata.count + 1, sizeof *items);
    if (req->padata.count)
        memcpy(items, req->padata.items, req->padata.count * sizeof *items);
    items[req->padata.count] = (struct padata){type, value};
    req->present |= KDC_REQ_PADATA;
    req->padata.items = items;
    req->padata.count++;
}
UNUSED_OK static struct slice realm_timestamp(struct realm *r, struct crypto_key *key,
                                              int64_t when) {
    struct pa_enc_ts_enc ts = {.present = PA_ENC_TS_ENC_PAUSEC, .patimestamp = when, .pausec = 7};
    struct encrypted_data sealed;
    struct slice value;
    must(krb_seal(&TYPE_PA_ENC_TS_ENC, &ts, key, KU_PA_ENC_TIMESTAMP, 0, &r->env, &r->arena,
                  &sealed, err));
    must(der_encode(&TYPE_ENCRYPTED_DATA, &sealed, &r->arena, &value, err));
    return value;
}
UNUSED_OK static struct slice realm_encode(struct realm *r, const struct kdc_req *req) {
    struct slice bytes;
    const struct der_type *type = req->msg_type == KRB_AS_REQ ? &TYPE_AS_REQ : &TYPE_TGS_REQ;
    must(der_encode(type, req, &r->arena, &bytes, err));
    return bytes;
}

// What a client holds after an exchange.
struct session {
    struct kdc_rep rep;
    struct enc_kdc_rep_part part;
    struct crypto_key *key;
    struct principal client;
};
UNUSED_OK static void realm_take_reply(struct realm *r, struct crypto_key *key, uint32_t usage,
                                       struct session *s) {
    bool as = usage == KU_AS_REP;
    struct slice reply;
    if (!arena_copy(&r->arena, r->result.reply, &reply))
        abort();
    must(der_decode(as ? &TYPE_AS_REP : &TYPE_TGS_REP, reply, &r->arena, &s->rep, err));
    must(krb_open(as ? &TYPE_ENC_AS_REP_PART : &TYPE_ENC_TGS_REP_PART, &s->rep.enc_part, key, usage,
                  &r->arena, &s->part, err));
    s->client = (struct principal){s->rep.crealm, s->rep.cname};
    must(crypto_key_in_arena(&s->key, &r->arena, s->part.key.keytype, s->part.key.keyvalue, err));
}
// realm_login is a whole AS exchange with an encrypted timestamp; aborts if it is refused.
UNUSED_OK static struct session realm_login_as(struct realm *r, const char *client,
                                               uint32_t options, const char *server) {
    struct kdc_req req = realm_as_req(r, client, server);
    struct session s;
    char full[128];
    snprintf(full, sizeof full, "%s@" REALM_NAME, client);
    int32_t etype = realm_get(r, full).keys.items[0].enctype;
    struct crypto_key *key = realm_key(r, full, 2, etype);
    req.req_body.kdc_options = options;
    req.req_body.rtime = realm_time(r) + 3 * DAY;
    req.req_body.present |= KDC_REQ_BODY_RTIME;
    realm_add_padata(r, &req, PA_ENC_TIMESTAMP, realm_timestamp(r, key, realm_time(r)));
    int code = realm_send(r, realm_encode(r, &req));
    if (code != 0) {
        fprintf(stderr, "login of %s: %d %s\n", client, code,
                r->result.event.error ? r->result.event.error->detail : "");
        abort();
    }
    realm_take_reply(r, key, KU_AS_REP, &s);
    return s;
}
UNUSED_OK static struct session realm_login(struct realm *r, const char *client) {
    const uint32_t options =
        (uint32_t)KDC_OPT_FORWARDABLE | (uint32_t)KDC_OPT_PROXIABLE | (uint32_t)KDC_OPT_RENEWABLE;
    return realm_login_as(r, client, options, "krbtgt/EXAMPLE.COM");
}

UNUSED_OK static struct kdc_req realm_tgs_req(struct realm *r, const char *server) {
    struct kdc_req req = realm_as_req(r, "unused", server);
    req.msg_type = KRB_TGS_REQ;
    req.req_body.present &= ~(uint32_t)KDC_REQ_BODY_CNAME;
    return req;
}
// realm_present puts the PA-TGS-REQ in front: the checksum covers the body as it is now, or its
// `raw` bytes if there are any. Change `params` before for what is not usual.
UNUSED_OK static struct ap_req_params realm_params(const struct session *s) {
    return (struct ap_req_params){
        .ticket = s->rep.ticket,
        .client = s->client,
        .session = s->key,
        .authenticator_usage = KU_TGS_REQ_AUTHENTICATOR,
    };
}
UNUSED_OK static struct checksum realm_checksum(struct realm *r, struct crypto_key *key,
                                                struct slice data) {
    const struct enctype *e = crypto_key_enctype(key);
    struct buf mac = arena_buf(&r->arena, enctype_checksum_length(e));
    must(crypto_checksum(key, KU_TGS_REQ_CKSUM, data, mac, err));
    return (struct checksum){enctype_checksum_type(e), slice_of_buf(mac)};
}
UNUSED_OK static struct slice realm_body(struct realm *r, struct kdc_req *req) {
    if (!req->req_body.raw.len)
        must(der_encode(&TYPE_KDC_REQ_BODY, &req->req_body, &r->arena, &req->req_body.raw, err));
    return req->req_body.raw;
}
UNUSED_OK static struct slice realm_present_with(struct realm *r, struct ap_req_params *params,
                                                 struct kdc_req *req) {
    struct ap_req_sent sent;
    struct slice ap_req;
    must(ap_req_build(params, &r->env, &r->arena, &ap_req, &sent, err));
    realm_add_padata(r, req, PA_TGS_REQ, ap_req);
    return realm_encode(r, req);
}
UNUSED_OK static struct slice realm_present(struct realm *r, const struct session *s,
                                            struct kdc_req *req) {
    struct ap_req_params params = realm_params(s);
    struct checksum sum = realm_checksum(r, s->key, realm_body(r, req));
    params.cksum = &sum;
    return realm_present_with(r, &params, req);
}
// realm_ask is a whole TGS exchange: 0 and *out filled, or the error's number.
UNUSED_OK static int realm_ask(struct realm *r, const struct session *s, struct kdc_req *req,
                               struct session *out) {
    int code = realm_send(r, realm_present(r, s, req));
    if (code == 0)
        realm_take_reply(r, s->key, KU_TGS_REP_SESSION, out);
    return code;
}
// realm_ticket opens the ticket of a session with its service's key.
UNUSED_OK static struct enc_ticket_part realm_ticket(struct realm *r, const struct session *s,
                                                     const char *service) {
    struct enc_ticket_part part;
    const struct encrypted_data *sealed = &s->rep.ticket.enc_part;
    struct crypto_key *key = realm_key(r, service, (uint32_t)sealed->kvno, sealed->etype);
    must(krb_open(&TYPE_ENC_TICKET_PART, sealed, key, KU_TICKET, &r->arena, &part, err));
    return part;
}
// realm_pac takes the PAC of a ticket, which stands first, in AD-IF-RELEVANT; false if it has none.
UNUSED_OK static bool realm_pac(struct realm *r, const struct enc_ticket_part *t, struct pac *out) {
    const struct authdata_list *list = &t->authorization_data;
    struct authdata_list inside;
    if (!(t->present & ENC_TICKET_PART_AUTHORIZATION_DATA) || list->count == 0 ||
        list->items[0].ad_type != AD_IF_RELEVANT ||
        der_decode(&TYPE_AUTHORIZATION_DATA, list->items[0].ad_data, &r->arena, &inside, NULL) !=
            OBOL_OK ||
        inside.count != 1 || inside.items[0].ad_type != AD_WIN2K_PAC)
        return false;
    must(pac_parse(inside.items[0].ad_data, out, err));
    return true;
}
// realm_others is a ticket's authorization data behind the PAC.
UNUSED_OK static struct authdata_list realm_others(struct realm *r,
                                                   const struct enc_ticket_part *t) {
    struct pac pac;
    const struct authdata_list *list = &t->authorization_data;
    if (!realm_pac(r, t, &pac))
        abort();
    return (struct authdata_list){list->items + 1, list->count - 1};
}

#endif
