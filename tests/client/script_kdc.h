// script_kdc.h: a KDC of a few lines in the test's own process, with a pretended clock: it checks
// what a correct KDC checks of the client's messages, answers, and lets a test rewrite any field of
// the answer before or after it is sealed, or answer with errors first.
#ifndef OBOL_TESTS_SCRIPT_KDC_H
#define OBOL_TESTS_SCRIPT_KDC_H

#include "../test.h"
#include "client/as.h"
#include "client/tgs.h"
#include "krb/seal.h"
#include <stdlib.h>
#include <string.h>

#define SCRIPT_NOW INT64_C(1790000000)

struct script {
    struct arena arena;
    struct env env; // the client's
    int64_t client_now, kdc_now;
    uint8_t next_random;
    struct error error;

    int32_t etype; // of all keys
    struct slice salt, s2kparams;
    bool has_params;
    struct crypto_key *client_key, *service_key;
    bool preauth;  // asks for an encrypted timestamp
    int hint_type; // PA_ETYPE_INFO2, PA_ETYPE_INFO, PA_PW_SALT or 0, in errors and replies
    int32_t hint_etype;
    bool with_cookie, with_proof, use_session_key, no_timestamp_offer;
    int32_t session_etype;

    // Errors to be answered first, in order.
    struct {
        int32_t code;
        const char *crealm;
    } errors[32];
    size_t error_count, error_at;
    // Before sealing: what a KDC itself would do wrong. Behind it: what somebody on the way can do.
    void (*edit_sealed)(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc);
    void (*edit_plain)(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc);
    // Referrals: krbtgt/`refer[i]` is given by the i-th TGS exchange instead of the service's
    // ticket.
    const char *refer[16];
    size_t refer_count, refer_at;

    // What was seen.
    unsigned requests;
    struct kdc_req last;
    struct slice last_bytes;
    bool last_had_subkey, last_had_timestamp, last_had_cookie;
    struct slice session; // key bytes of the last ticket
};

static inline int64_t script_clock(void *ctx) {
    return ((struct script *)ctx)->client_now * 1000000 + 250000;
}
static inline void script_random(void *ctx, struct buf out) {
    struct script *s = ctx;
    for (size_t i = 0; i < out.len; i++)
        out.ptr[i] = s->next_random++;
}

static inline struct crypto_key *script_key(struct script *s, const char *password,
                                            struct slice salt, struct slice params) {
    uint8_t bytes[CRYPTO_KEY_MAX];
    const struct enctype *e = enctype_find(s->etype);
    struct crypto_key *key;
    assert_ok(crypto_string_to_key(e, slice_str(password), salt, params, 0,
                                   buf_of(bytes, enctype_key_length(e)), NULL));
    assert_ok(crypto_key_in_arena(&key, &s->arena, s->etype, slice_of(bytes, enctype_key_length(e)),
                                  NULL));
    return key;
}

static inline void script_init(struct script *s, int32_t etype) {
    memset(s, 0, sizeof *s);
    assert_true(arena_init(&s->arena, 1 << 16, 1 << 26));
    s->env = (struct env){s, script_clock, script_random};
    s->client_now = s->kdc_now = SCRIPT_NOW;
    s->etype = s->hint_etype = s->session_etype = etype;
    s->salt = slice_str("EXAMPLE.COMalice");
    s->hint_type = PA_ETYPE_INFO2;
    s->preauth = s->with_proof = true;
    s->client_key = script_key(s, "correct horse", s->salt, slice_str(NULL));
    s->service_key = script_key(s, "service", slice_str("x"), slice_str(NULL));
}
static inline void script_clear(struct script *s) {
    arena_clear(&s->arena);
}
static inline struct principal script_name(struct script *s, const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), slice_str("EXAMPLE.COM"), NT_UNKNOWN, &s->arena, &p,
                              NULL));
    return p;
}

static inline struct slice script_hint_value(struct script *s) {
    struct slice out = {0};
    struct etype_info2_entry e2 = {.present = ETYPE_INFO2_ENTRY_SALT |
                                              (s->has_params ? ETYPE_INFO2_ENTRY_S2KPARAMS : 0),
                                   .etype = s->hint_etype,
                                   .salt = s->salt,
                                   .s2kparams = s->s2kparams};
    struct etype_info_entry e1 = {ETYPE_INFO_ENTRY_SALT, s->hint_etype, s->salt};
    if (s->hint_type == PA_PW_SALT)
        return s->salt;
    if (s->hint_type == PA_ETYPE_INFO2)
        assert_ok(der_encode(&TYPE_ETYPE_INFO2, &(struct etype_info2_list){&e2, 1}, &s->arena, &out,
                             NULL));
    else
        assert_ok(
            der_encode(&TYPE_ETYPE_INFO, &(struct etype_info_list){&e1, 1}, &s->arena, &out, NULL));
    return out;
}

static inline struct slice script_error(struct script *s, int32_t code, const char *crealm,
                                        struct slice e_data) {
    struct krb_error e = {
        .pvno = 5,
        .msg_type = KRB_ERROR,
        .stime = s->kdc_now,
        .error_code = code,
        .realm = s->last.req_body.realm,
        .sname = s->last.req_body.sname,
    };
    if (crealm) {
        e.present |= KRB_ERROR_CREALM;
        e.crealm = slice_str(crealm);
    }
    if (e_data.len) {
        e.present |= KRB_ERROR_E_DATA;
        e.e_data = e_data;
    }
    struct slice out;
    assert_ok(der_encode(&TYPE_KRB_ERROR, &e, &s->arena, &out, NULL));
    return out;
}

static inline struct slice script_preauth_required(struct script *s) {
    struct padata pa[3];
    struct slice out;
    size_t n = 0;
    if (!s->no_timestamp_offer)
        pa[n++] = (struct padata){.padata_type = PA_ENC_TIMESTAMP};
    if (s->hint_type)
        pa[n++] = (struct padata){s->hint_type, script_hint_value(s)};
    if (s->with_cookie)
        pa[n++] = (struct padata){PA_FX_COOKIE, slice_str("cookie")};
    assert_ok(der_encode(&TYPE_METHOD_DATA, &(struct padata_list){pa, n}, &s->arena, &out, NULL));
    return script_error(s, 25, NULL, out);
}

static inline struct slice script_session_key(struct script *s) {
    const struct enctype *e = enctype_find(s->session_etype);
    struct buf key = arena_buf(&s->arena, e ? enctype_key_length(e) : 16);
    script_random(s, key);
    s->session = slice_of_buf(key);
    return s->session;
}

// Fills the parts of a reply that both exchanges have alike.
static inline void script_fill(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc,
                               struct principal server) {
    const struct kdc_req_body *body = &s->last.req_body;
    *enc = (struct enc_kdc_rep_part){
        .present = ENC_KDC_REP_PART_STARTTIME,
        .key = {s->session_etype, script_session_key(s)},
        .nonce = body->nonce,
        .flags = TKT_INITIAL | TKT_PRE_AUTHENT,
        .authtime = s->kdc_now,
        .starttime = s->kdc_now,
        .endtime = body->till ? body->till : s->kdc_now + 36000,
        .srealm = server.realm,
        .sname = server.name,
    };
    if (body->present & KDC_REQ_BODY_RTIME) {
        enc->present |= ENC_KDC_REP_PART_RENEW_TILL;
        enc->renew_till = body->rtime;
        enc->flags |= TKT_RENEWABLE;
    }
    *rep = (struct kdc_rep){
        .pvno = 5,
        .ticket = {.tkt_vno = 5, .realm = server.realm, .sname = server.name},
    };
    struct enc_ticket_part part = {.key = enc->key,
                                   .crealm = server.realm,
                                   .cname = server.name,
                                   .authtime = s->kdc_now,
                                   .endtime = enc->endtime};
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, s->service_key, KU_TICKET, 1, &s->env,
                       &s->arena, &rep->ticket.enc_part, NULL));
}

static inline struct slice script_seal(struct script *s, const struct der_type *type,
                                       const struct der_type *enc_type, struct kdc_rep *rep,
                                       struct enc_kdc_rep_part *enc, struct crypto_key *key,
                                       uint32_t usage) {
    struct slice out;
    if (s->edit_sealed)
        s->edit_sealed(s, rep, enc);
    assert_ok(krb_seal(enc_type, enc, key, usage, 1, &s->env, &s->arena, &rep->enc_part, NULL));
    if (s->edit_plain)
        s->edit_plain(s, rep, enc);
    assert_ok(der_encode(type, rep, &s->arena, &out, NULL));
    return out;
}

static inline struct padata *script_padata(struct script *s, int32_t type) {
    for (size_t i = 0; i < s->last.padata.count; i++)
        if (s->last.padata.items[i].padata_type == type)
            return &s->last.padata.items[i];
    return NULL;
}

// The proof of RFC 6806 11.
static inline void script_prove(struct script *s, struct enc_kdc_rep_part *enc) {
    const struct enctype *e = enctype_find(s->etype);
    struct buf sum = arena_buf(&s->arena, enctype_checksum_length(e));
    struct padata *pa = arena_alloc(&s->arena, 2 * sizeof *pa);
    struct checksum cksum = {enctype_checksum_type(e), slice_of_buf(sum)};
    assert_ok(crypto_checksum(s->client_key, KU_AS_REQ, s->last_bytes, sum, NULL));
    pa[0].padata_type = PA_REQ_ENC_PA_REP;
    assert_ok(der_encode(&TYPE_CHECKSUM, &cksum, &s->arena, &pa[0].padata_value, NULL));
    pa[1] = (struct padata){.padata_type = PA_FX_FAST};
    enc->present |= ENC_KDC_REP_PART_ENCRYPTED_PA_DATA;
    enc->encrypted_pa_data = (struct padata_list){pa, 2};
    enc->flags |= TKT_ENC_PA_REP;
}

static inline bool script_timestamp_holds(struct script *s, const struct padata *pa) {
    struct encrypted_data sealed;
    struct pa_enc_ts_enc ts;
    assert_ok(der_decode(&TYPE_ENCRYPTED_DATA, pa->padata_value, &s->arena, &sealed, NULL));
    if (krb_open(&TYPE_PA_ENC_TS_ENC, &sealed, s->client_key, KU_PA_ENC_TIMESTAMP, &s->arena, &ts,
                 NULL) != OBOL_OK)
        return false;
    return true;
}

static inline int64_t script_timestamp(struct script *s, const struct padata *pa) {
    struct encrypted_data sealed;
    struct pa_enc_ts_enc ts;
    assert_ok(der_decode(&TYPE_ENCRYPTED_DATA, pa->padata_value, &s->arena, &sealed, NULL));
    assert_ok(krb_open(&TYPE_PA_ENC_TS_ENC, &sealed, s->client_key, KU_PA_ENC_TIMESTAMP, &s->arena,
                       &ts, NULL));
    return ts.patimestamp;
}

static inline struct slice script_as(struct script *s, struct slice request) {
    struct kdc_rep rep;
    struct enc_kdc_rep_part enc;
    s->requests++;
    assert_true(arena_copy(&s->arena, request, &s->last_bytes));
    assert_ok(der_decode(&TYPE_AS_REQ, s->last_bytes, &s->arena, &s->last, NULL));
    struct padata *ts = script_padata(s, PA_ENC_TIMESTAMP);
    s->last_had_timestamp = ts != NULL;
    s->last_had_cookie = script_padata(s, PA_FX_COOKIE) != NULL;
    assert_non_null(script_padata(s, PA_REQ_ENC_PA_REP));
    if (s->error_at < s->error_count) {
        size_t i = s->error_at++;
        return script_error(s, s->errors[i].code, s->errors[i].crealm, slice_str(NULL));
    }
    if (s->preauth && !ts)
        return script_preauth_required(s);
    if (ts && !script_timestamp_holds(s, ts))
        return script_error(s, 24, NULL, slice_str(NULL));
    if (ts && llabs(script_timestamp(s, ts) - s->kdc_now) > 300)
        return script_error(s, 37, NULL, slice_str(NULL));
    script_fill(s, &rep, &enc, (struct principal){s->last.req_body.realm, s->last.req_body.sname});
    rep.msg_type = KRB_AS_REP;
    rep.crealm = s->last.req_body.realm;
    rep.cname = s->last.req_body.cname;
    struct padata hint = {s->hint_type, {0}};
    if (s->hint_type) {
        hint.padata_value = script_hint_value(s);
        rep.present |= KDC_REP_PADATA;
        rep.padata = (struct padata_list){&hint, 1};
    }
    if (s->with_proof)
        script_prove(s, &enc);
    return script_seal(s, &TYPE_AS_REP, &TYPE_ENC_AS_REP_PART, &rep, &enc, s->client_key,
                       KU_AS_REP);
}

// The TGT that the TGS part of the script takes: its session key is in s->session.
static inline struct cred script_tgt(struct script *s, const char *server) {
    struct ticket t = {.tkt_vno = 5};
    struct principal p = script_name(s, server);
    struct enc_ticket_part part = {.key = {s->session_etype, script_session_key(s)},
                                   .crealm = p.realm,
                                   .cname = p.name,
                                   .endtime = SCRIPT_NOW + 36000};
    struct cred c = {
        .client = script_name(s, "alice"),
        .server = p,
        .key = part.key,
        .authtime = SCRIPT_NOW,
        .endtime = SCRIPT_NOW + 36000,
    };
    t.realm = p.realm;
    t.sname = p.name;
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, s->service_key, KU_TICKET, 1, &s->env,
                       &s->arena, &t.enc_part, NULL));
    assert_ok(der_encode(&TYPE_TICKET, &t, &s->arena, &c.ticket, NULL));
    return c;
}

// Checks the PA-TGS-REQ as a KDC does and gives its subkey; the checksum covers the body's bytes.
static inline void script_check_proof(struct script *s, struct crypto_key **session,
                                      struct crypto_key **subkey) {
    struct ap_req ap;
    struct authenticator auth;
    struct enc_ticket_part ticket;
    struct padata *pa = script_padata(s, PA_TGS_REQ);
    assert_non_null(pa);
    assert_ok(der_decode(&TYPE_AP_REQ, pa->padata_value, &s->arena, &ap, NULL));
    assert_ok(krb_open(&TYPE_ENC_TICKET_PART, &ap.ticket.enc_part, s->service_key, KU_TICKET,
                       &s->arena, &ticket, NULL));
    assert_ok(
        crypto_key_in_arena(session, &s->arena, ticket.key.keytype, ticket.key.keyvalue, NULL));
    assert_ok(krb_open(&TYPE_AUTHENTICATOR, &ap.authenticator, *session, KU_TGS_REQ_AUTHENTICATOR,
                       &s->arena, &auth, NULL));
    assert_true(auth.present & AUTHENTICATOR_CKSUM);
    assert_ok(crypto_verify(*session, KU_TGS_REQ_CKSUM, auth.cksum.cksumtype, s->last.req_body.raw,
                            auth.cksum.checksum, NULL));
    assert_true(llabs(auth.ctime - s->kdc_now) <= 300);
    *subkey = NULL;
    s->last_had_subkey = auth.present & AUTHENTICATOR_SUBKEY;
    if (s->last_had_subkey)
        assert_ok(crypto_key_in_arena(subkey, &s->arena, auth.subkey.keytype, auth.subkey.keyvalue,
                                      NULL));
}

static inline struct slice script_tgs(struct script *s, struct slice request) {
    struct kdc_rep rep;
    struct enc_kdc_rep_part enc;
    struct crypto_key *session, *subkey;
    s->requests++;
    assert_true(arena_copy(&s->arena, request, &s->last_bytes));
    assert_ok(der_decode(&TYPE_TGS_REQ, s->last_bytes, &s->arena, &s->last, NULL));
    script_check_proof(s, &session, &subkey);
    if (s->error_at < s->error_count) {
        size_t i = s->error_at++;
        if (s->errors[i].code)
            return script_error(s, s->errors[i].code, s->errors[i].crealm, slice_str(NULL));
    }
    struct principal server = {s->last.req_body.realm, s->last.req_body.sname};
    if (s->refer_at < s->refer_count)
        assert_ok(principal_krbtgt(slice_str(s->refer[s->refer_at++]), server.realm, &s->arena,
                                   &server, NULL));
    script_fill(s, &rep, &enc, server);
    rep.msg_type = KRB_TGS_REP;
    struct principal alice = script_name(s, "alice");
    rep.crealm = alice.realm;
    rep.cname = alice.name;
    bool by_session = s->use_session_key || !subkey;
    return script_seal(s, &TYPE_TGS_REP, &TYPE_ENC_TGS_REP_PART, &rep, &enc,
                       by_session ? session : subkey,
                       by_session ? KU_TGS_REP_SESSION : KU_TGS_REP_SUBKEY);
}

static inline bool script_has_fact(const struct error *err, const char *name) {
    const char *n, *v;
    for (size_t at = 0; error_fact_next(err, &at, &n, &v);)
        if (strcmp(n, name) == 0)
            return true;
    return false;
}

// Runs a login to its end. `password` may be NULL: then CLIENT_KEY ends it with PASSWORD_NEEDED.
static inline enum obol_code script_login(struct script *s, struct as_client *c,
                                          const struct as_params *params, const char *password) {
    struct secret secret = {0};
    struct client_output out;
    struct slice reply = {0};
    enum obol_code code;
    error_init(&s->error);
    if (password)
        assert_true(secret_copy(&secret, slice_str(password)));
    code = as_client_init(c, params, &s->env, &s->arena, &s->error);
    while (code == OBOL_OK) {
        code = as_client_step(c, reply, &out, &s->error);
        if (code != OBOL_OK || out.want == CLIENT_DONE)
            break;
        if (out.want == CLIENT_KEY && password)
            as_client_password(c, &secret);
        reply = out.want == CLIENT_SEND ? script_as(s, out.message) : slice_str(NULL);
    }
    secret_clear(&secret);
    return code;
}

static inline enum obol_code script_ticket(struct script *s, struct tgs_client *c,
                                           const struct tgs_params *params) {
    struct client_output out;
    struct slice reply = {0};
    error_init(&s->error);
    enum obol_code code = tgs_client_init(c, params, &s->env, &s->arena, &s->error);
    while (code == OBOL_OK) {
        code = tgs_client_step(c, reply, &out, &s->error);
        if (code != OBOL_OK || out.want == CLIENT_DONE)
            break;
        reply = script_tgs(s, out.message);
    }
    return code;
}

#endif
