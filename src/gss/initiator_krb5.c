// initiator_krb5.c: the client's end of the krb5 mechanism (RFC 4121 4.1): AP-REQ, AP-REP, and the
// third leg of DCE style (MS-KILE 3.4.5.1).
#include "gss/delegation.h"
#include "gss/etypes.h"
#include "gss/frame.h"
#include "gss/initiator.h"
#include "krb/skew.h"
#include "proto/codes.h"
#include "proto/types.h"

// What of the flags goes on the wire (RFC 4121 4.1.1.1).
#define WIRE_FLAGS                                                                                 \
    (GSS_FLAG_DELEG | GSS_FLAG_MUTUAL | GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | GSS_FLAG_CONF |      \
     GSS_FLAG_INTEG | GSS_FLAG_DCE | GSS_FLAG_IDENTIFY | GSS_FLAG_EXTENDED_ERROR)

static uint32_t random_number(const struct env *env) {
    uint32_t number = 0;
    env_random(env, buf_of(&number, sizeof number));
    return number & 0x3fffffff; // below 2^30: positive for every peer
}

static enum obol_code make_subkey(struct gss_initiator *g, struct encryption_key *subkey,
                                  struct error *err) {
    const struct enctype *e = crypto_key_enctype(g->context.session);
    struct buf bytes = arena_buf(g->arena, enctype_key_length(e));
    ENSURE_MEMORY(bytes.ptr);
    TRY(crypto_random_key(e, g->env, bytes, err));
    *subkey = (struct encryption_key){enctype_number(e), slice_of_buf(bytes)};
    TRY(crypto_key_in_arena(&g->context.key, g->arena, subkey->keytype, subkey->keyvalue, err));
    g->context.initiator_key = g->context.key;
    return OBOL_OK;
}

// draft-ietf-kitten-iakerb 4: a checksum with the subkey over all that went to and fro before.
static enum obol_code make_finished(struct gss_initiator *g, struct slice conversation,
                                    struct gss_cksum *out, struct error *err) {
    if (conversation.len == 0)
        return OBOL_OK;
    out->finished_old = g->iakerb->old;
    return iakerb_finished_make(g->context.key, out->finished_old, conversation, g->arena,
                                &out->finished, err);
}

static enum obol_code make_cksum(struct gss_initiator *g, struct slice conversation,
                                 struct checksum *out, struct error *err) {
    struct gss_cksum fields = {.bindings = g->params.bindings,
                               .flags = g->context.flags & WIRE_FLAGS};
    if (fields.flags & GSS_FLAG_DELEG)
        TRY(gss_delegation_make(g->params.forwarded, g->context.session, g->env, g->arena,
                                &fields.delegated, err));
    TRY(make_finished(g, conversation, &fields, err));
    out->cksumtype = GSS_CKSUMTYPE;
    return gss_cksum_write(&fields, g->arena, &out->checksum, err);
}

static void begin_context(struct gss_initiator *g) {
    const struct cred *t = &g->ticket;
    uint32_t flags = g->params.flags & WIRE_FLAGS;
    if (!g->params.forwarded)
        flags &= ~(uint32_t)GSS_FLAG_DELEG;
    if (flags & GSS_FLAG_DCE)
        flags |= GSS_FLAG_MUTUAL;
    // RFC 8062 6: told whether it was asked for or not; the acceptor sees it by the ticket.
    if (principal_is_anonymous(&t->client))
        flags |= GSS_FLAG_ANON;
    g->context = (struct gss_context){
        .initiator = true,
        .client = t->client,
        .service = t->server,
        .flags = flags,
        .authtime = t->authtime,
        .endtime = t->endtime,
        .ticket_flags = t->flags,
        .send_seq = random_number(g->env),
    };
    g->context.receive_seq = g->context.send_seq; // of a one-way context: RFC 4121 4.1
}

// In DCE style messages go as they are, without frame or token id.
static enum obol_code frame(struct gss_initiator *g, uint16_t id, struct slice message,
                            struct slice *out, struct error *err) {
    if (!(g->context.flags & GSS_FLAG_DCE))
        return gss_krb5_make(g->frame_oid, id, message, g->arena, out, err);
    *out = message;
    return OBOL_OK;
}

enum obol_code gss_krb5_initiate(struct gss_initiator *g, struct slice conversation,
                                 struct slice *out, struct error *err) {
    const struct cred *t = &g->ticket;
    begin_context(g);
    TRY(crypto_key_in_arena(&g->context.session, g->arena, t->key.keytype, t->key.keyvalue, err));
    struct encryption_key subkey;
    struct checksum cksum;
    TRY(make_subkey(g, &subkey, err));
    TRY(make_cksum(g, conversation, &cksum, err));
    bool mutual = (g->context.flags & GSS_FLAG_MUTUAL) != 0;
    struct ap_req_params ap = {
        .ticket = {.raw = t->ticket},
        .client = t->client,
        .session = g->context.session,
        .ap_options = mutual ? (uint32_t)AP_OPT_MUTUAL_REQUIRED : 0,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .cksum = &cksum,
        .subkey = &subkey,
        .with_seq_number = true,
        .seq_number = (uint32_t)g->context.send_seq,
    };
    TRY(gss_authdata_make(g->params.etypes, t->key.keytype, g->params.bindings_aware, g->arena,
                          &ap.authorization_data, err));
    struct slice message;
    TRY(ap_req_build(&ap, g->env, g->arena, &message, &g->sent, err));
    g->mech_done = !mutual;
    return frame(g, GSS_TOKEN_AP_REQ, message, out, err);
}

static enum obol_code take_krb_error(struct gss_initiator *g, struct slice message,
                                     struct error *err) {
    struct krb_error e;
    TRY(der_decode(&TYPE_KRB_ERROR, message, g->arena, &e, err));
    struct slice service = principal_text(&g->context.service, g->arena);
    error_fact(err, "service", "%.*s", SLICE_ARG(service));
    error_fact(err, "KRB-ERROR", "%d", e.error_code);
    if (e.error_code == error_info(OBOL_KRB_AP_ERR_SKEW)->krb_error) {
        int64_t ours = env_now(g->env);
        error_fact(err, "service's clock minus ours", "%lld s", (long long)(e.stime - ours));
        krb_skew_facts(err, ours, "clock of the service", e.stime);
    }
    return error_set(err, error_code_of_krb(e.error_code), __func__,
                     "%.*s refused the ticket (KRB-ERROR %d)", SLICE_ARG(service), e.error_code);
}

// RFC 1964 has no bit to say whose key protects a message: with rc4 the acceptor's subkey counts
// only if it is of another enctype, or in DCE style.
static bool takes_subkey(const struct gss_initiator *g, int32_t etype) {
    int32_t ours = enctype_number(crypto_key_enctype(g->context.key));
    return ours != ENCTYPE_RC4_HMAC || etype != ours || (g->context.flags & GSS_FLAG_DCE);
}

static enum obol_code take_ap_rep(struct gss_initiator *g, struct slice message,
                                  struct error *err) {
    struct enc_ap_rep_part part;
    TRY(ap_rep_verify(message, &g->sent, g->context.session, g->arena, &part, err));
    if (part.present & ENC_AP_REP_PART_SEQ_NUMBER)
        g->context.receive_seq = part.seq_number;
    if ((part.present & ENC_AP_REP_PART_SUBKEY) && takes_subkey(g, part.subkey.keytype)) {
        TRY(crypto_key_in_arena(&g->context.key, g->arena, part.subkey.keytype,
                                part.subkey.keyvalue, err));
        g->context.acceptor_subkey = true;
    }
    g->mutual_proved = true;
    return OBOL_OK;
}

// The service's answer without its frame; a KRB-ERROR ends here.
static enum obol_code open_answer(struct gss_initiator *g, struct slice token,
                                  struct slice *message, struct error *err) {
    bool raw = (g->context.flags & GSS_FLAG_DCE) && token.len && token.ptr[0] != 0x60;
    if (raw) {
        *message = token;
        return der_tag_of(token) == 0x7e ? take_krb_error(g, token, err) : OBOL_OK;
    }
    uint16_t id;
    struct slice oid;
    TRY(gss_krb5_open(token, &oid, &id, message, err));
    if (id == GSS_TOKEN_KRB_ERROR)
        return take_krb_error(g, *message, err);
    ENSURE(id == GSS_TOKEN_AP_REP, TOKEN_MALFORMED,
           "the service's krb5 token has id %04x, an AP-REP (%04x) is expected", id,
           GSS_TOKEN_AP_REP);
    return OBOL_OK;
}

enum obol_code gss_krb5_finish(struct gss_initiator *g, struct slice token, struct slice *out,
                               struct error *err) {
    struct slice message;
    TRY(open_answer(g, token, &message, err));
    TRY(take_ap_rep(g, message, err));
    g->mech_done = true;
    if (!(g->context.flags & GSS_FLAG_DCE))
        return OBOL_OK;
    return ap_rep_third_build(g->context.session, (uint32_t)g->context.receive_seq, g->env,
                              g->arena, out, err);
}

static enum obol_code krb5_step(struct gss_initiator *g, struct slice token, struct slice *out,
                                struct error *err) {
    if (g->started)
        return gss_krb5_finish(g, token, out, err);
    g->started = true;
    g->ticket = *g->params.ticket;
    return gss_krb5_initiate(g, (struct slice){0}, out, err);
}

static bool krb5_possible(const struct gss_initiator_params *params) {
    return params->ticket != NULL;
}

const struct gss_initiator_mech GSS_INITIATOR_KRB5 = {gss_oid_is_krb5, krb5_possible, krb5_step};
