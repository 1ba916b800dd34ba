// acceptor_krb5.c: the service's end of the krb5 mechanism (RFC 4121 4.1): AP-REQ with its
// checksum, AP-REP, and the third leg of DCE style (MS-KILE 3.4.5.1).
#include "base/ct.h"
#include "gss/acceptor.h"
#include "gss/delegation.h"
#include "gss/etypes.h"
#include "gss/frame.h"
#include "proto/codes.h"
#include "proto/types.h"

// What of the client's flags counts (RFC 4121 4.1.1.1); DELEG and CHANNEL_BOUND are found out.
#define CLIENT_FLAGS                                                                               \
    (GSS_FLAG_MUTUAL | GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | GSS_FLAG_CONF | GSS_FLAG_INTEG |      \
     GSS_FLAG_DCE | GSS_FLAG_IDENTIFY | GSS_FLAG_EXTENDED_ERROR)

// RFC 4121 4.1.1.2: bindings that both ends state must agree. A client may state none, unless it
// says that it knows of them (MS-KILE 3.4.5): then its token is for outside of any channel.
static enum obol_code check_bindings(struct gss_acceptor *g, struct slice stated,
                                     struct error *err) {
    static const uint8_t none[GSS_BINDINGS_BYTES];
    if (g->params.bindings.len == 0)
        return OBOL_OK;
    if (ct_equal(stated, g->params.bindings)) {
        g->context.flags |= GSS_FLAG_CHANNEL_BOUND;
        return OBOL_OK;
    }
    bool aware, bound = stated.len && !ct_equal(stated, slice_of(none, sizeof none));
    TRY(gss_bindings_aware(&g->ap->authenticator.authorization_data, g->arena, &aware, err));
    if (!bound && !aware)
        return OBOL_OK;
    ap_accepted_facts(g->ap, g->arena, err);
    return error_set(err, OBOL_BAD_BINDINGS, __func__, "the client bound its token to %s",
                     bound ? "another channel than this one" : "no channel, and knows how to");
}

static enum obol_code take_delegation(struct gss_acceptor *g, struct slice message,
                                      struct error *err) {
    if (message.len == 0)
        return OBOL_OK;
    struct crypto_key *const keys[] = {g->ap->session, g->ap->subkey};
    TRY(gss_delegation_read(message, keys, COUNT_OF(keys), g->arena, &g->context.delegated,
                            &g->context.delegated_count, err));
    g->context.flags |= GSS_FLAG_DELEG;
    return OBOL_OK;
}

// What went to and fro before the AP-REQ must be what the client saw.
static enum obol_code check_conversation(struct gss_acceptor *g, const struct gss_cksum *cksum,
                                         struct error *err) {
    if (!g->talk || g->talk->count == 0)
        return OBOL_OK;
    struct slice conversation;
    ENSURE(cksum->finished.len != 0 && g->ap->subkey, KRB_AP_ERR_MODIFIED,
           "the client did not authenticate the IAKERB conversation");
    TRY(iakerb_talk_join(g->talk, g->arena, &conversation, err));
    return iakerb_finished_verify(g->ap->subkey, cksum->finished_old, conversation, cksum->finished,
                                  g->arena, err);
}

static enum obol_code take_cksum(struct gss_acceptor *g, struct slice bytes, struct error *err) {
    struct gss_cksum cksum;
    TRY(gss_cksum_read(bytes, &cksum, err));
    g->context.flags = cksum.flags & CLIENT_FLAGS;
    TRY(check_bindings(g, cksum.bindings, err));
    TRY(check_conversation(g, &cksum, err));
    return take_delegation(g, cksum.delegated, err);
}

// Samba sends an ordinary checksum, over nothing. That it holds shows that this authenticator was
// not made for a message of another protocol.
static enum obol_code take_plain_checksum(struct gss_acceptor *g, const struct checksum *c,
                                          struct error *err) {
    enum obol_code code = crypto_verify(g->ap->session, KU_AP_REQ_CKSUM, c->cksumtype,
                                        (struct slice){0}, c->checksum, NULL);
    ENSURE(code == OBOL_OK, KRB_AP_ERR_INAPP_CKSUM,
           "the authenticator's checksum (type %d) is neither of the GSS-API (0x8003, RFC 4121 "
           "4.1.1) nor one over nothing",
           c->cksumtype);
    bool mutual = (g->ap->req.ap_options & (uint32_t)AP_OPT_MUTUAL_REQUIRED) != 0;
    g->context.flags = GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | (mutual ? GSS_FLAG_MUTUAL : 0u);
    TRY(check_conversation(g, &(struct gss_cksum){0}, err));
    return check_bindings(g, (struct slice){0}, err);
}

static enum obol_code take_authenticator(struct gss_acceptor *g, struct error *err) {
    const struct authenticator *auth = &g->ap->authenticator;
    ENSURE(auth->present & AUTHENTICATOR_CKSUM, KRB_AP_ERR_INAPP_CKSUM,
           "the authenticator has no checksum: it was not made for the GSS-API (RFC 4121 4.1.1)");
    if (auth->cksum.cksumtype == GSS_CKSUMTYPE)
        return take_cksum(g, auth->cksum.checksum, err);
    return take_plain_checksum(g, &auth->cksum, err);
}

static enum obol_code begin_context(struct gss_acceptor *g, struct error *err) {
    const struct ap_accepted *ap = g->ap;
    struct gss_context *ctx = &g->context;
    const struct enc_ticket_part *t = &ap->ticket;
    *ctx = (struct gss_context){
        .client = ap->client,
        .service = ap->service,
        .authtime = t->authtime,
        .endtime = t->endtime,
        .ticket_flags = t->flags,
        .authdata = t->authorization_data,
        .session = ap->session,
        .wrong_oid = slice_eq(g->frame_oid, OID_KRB5_MS),
        .key = ap->subkey ? ap->subkey : ap->session,
        .initiator_key = ap->subkey ? ap->subkey : ap->session,
        .receive_seq = ap->authenticator.seq_number,
        .send_seq = ap->authenticator.seq_number, // of a one-way context: RFC 4121 4.1
    };
    ctx->ticket = arena_zalloc(g->arena, 1, sizeof *ctx->ticket);
    ENSURE_MEMORY(ctx->ticket);
    *ctx->ticket = (struct cred){
        .client = ap->client,
        .server = ap->service,
        .key = t->key,
        .authtime = t->authtime,
        .starttime = t->present & ENC_TICKET_PART_STARTTIME ? t->starttime : t->authtime,
        .endtime = t->endtime,
        .renew_till = t->present & ENC_TICKET_PART_RENEW_TILL ? t->renew_till : 0,
        .flags = t->flags,
        .ticket = ap->req.ticket.raw,
    };
    return OBOL_OK;
}

// The enctype of a fresh key of the acceptor's own (RFC 4537), so that neither end alone determines
// what protects messages; 0: none. RFC 1964 tokens of rc4 cannot tell whose key protects them: with
// it the client's stays, but in DCE style, where the acceptor's always counts.
static enum obol_code choose_subkey(struct gss_acceptor *g, int32_t *etype, struct error *err) {
    int32_t clients = enctype_number(crypto_key_enctype(g->context.key));
    TRY(gss_etypes_choose(&g->ap->authenticator.authorization_data, g->params.etypes, clients,
                          g->arena, etype, err));
    if (*etype == ENCTYPE_RC4_HMAC && !(g->context.flags & GSS_FLAG_DCE))
        *etype = 0;
    return OBOL_OK;
}

static enum obol_code make_subkey(struct gss_acceptor *g, int32_t etype,
                                  struct encryption_key *subkey, struct error *err) {
    const struct enctype *e = enctype_find(etype);
    struct buf bytes = arena_buf(g->arena, enctype_key_length(e));
    ENSURE_MEMORY(bytes.ptr);
    TRY(crypto_random_key(e, g->env, bytes, err));
    *subkey = (struct encryption_key){enctype_number(e), slice_of_buf(bytes)};
    TRY(crypto_key_in_arena(&g->context.key, g->arena, subkey->keytype, subkey->keyvalue, err));
    g->context.acceptor_subkey = true;
    return OBOL_OK;
}

static enum obol_code answer_mutual(struct gss_acceptor *g, struct slice *out, struct error *err) {
    uint32_t number = 0;
    env_random(g->env, buf_of(&number, sizeof number));
    number &= 0x3fffffff; // no peer takes it for negative, nor does it run over soon
    g->context.send_seq = number;
    struct encryption_key subkey;
    struct slice ap_rep;
    int32_t etype;
    TRY(choose_subkey(g, &etype, err));
    if (etype)
        TRY(make_subkey(g, etype, &subkey, err));
    TRY(ap_rep_build(g->ap, etype ? &subkey : NULL, true, number, g->env, g->arena, &ap_rep, err));
    if (!(g->context.flags & GSS_FLAG_DCE))
        return gss_krb5_make(g->frame_oid, GSS_TOKEN_AP_REP, ap_rep, g->arena, out, err);
    *out = ap_rep;
    g->third_leg = true;
    return OBOL_OK;
}

// The AP-REQ within the token: framed, or raw from clients of DCE style.
static enum obol_code open_token(struct gss_acceptor *g, struct slice token, struct slice *message,
                                 bool *raw, struct error *err) {
    *raw = der_tag_of(token) == 0x6e; // an AP-REQ's own
    *message = token;
    g->frame_oid = OID_KRB5;
    if (*raw)
        return OBOL_OK;
    uint16_t id;
    struct slice oid;
    TRY(gss_krb5_open(token, &oid, &id, message, err));
    if (oid.len)
        g->frame_oid = oid;
    ENSURE(id == GSS_TOKEN_AP_REQ, TOKEN_MALFORMED,
           "the krb5 token has id %04x, an AP-REQ (%04x) is expected", id, GSS_TOKEN_AP_REQ);
    return OBOL_OK;
}

static enum obol_code check_etype(struct int32_list allowed, const struct crypto_key *key,
                                  const char *what, struct error *err) {
    const struct enctype *e = key ? crypto_key_enctype(key) : NULL;
    if (!e || gss_etypes_allow(allowed, enctype_number(e)))
        return OBOL_OK;
    error_remedy(err, "Give the service keys of enctypes that it allows only, or name those in the "
                      "client's permitted_enctypes; or this one in the service's (rc4-hmac needs "
                      "allow_rc4 = true).");
    return error_set(err, OBOL_ENCTYPE_NOT_PERMITTED, __func__,
                     "the client's %s is of %s, which this service does not allow", what,
                     enctype_name(e));
}

// What gss_krb5_set_allowable_enctypes says of the keys that protect, else krb5.conf, which has a
// say in the ticket's, too.
static enum obol_code check_etypes(const struct gss_acceptor *g, struct error *err) {
    TRY(check_etype(g->params.ticket_etypes, g->ap->ticket_key, "ticket", err));
    TRY(check_etype(g->params.etypes, g->ap->session, "session key", err));
    return check_etype(g->params.etypes, g->ap->subkey, "subkey", err);
}

static enum obol_code first_leg(struct gss_acceptor *g, struct slice token, struct slice *out,
                                struct error *err) {
    struct slice message;
    bool raw;
    TRY(open_token(g, token, &message, &raw, err));
    const struct ap_accept_params params = {
        .keys = g->params.keys,
        .replay = g->params.replay,
        .service = g->params.service,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .clockskew = g->params.clockskew,
        .path = g->params.path,
    };
    g->ap = arena_alloc(g->arena, sizeof *g->ap);
    ENSURE_MEMORY(g->ap);
    TRY(ap_req_accept(message, &params, g->env, g->arena, g->ap, err));
    TRY(check_etypes(g, err));
    TRY(begin_context(g, err));
    TRY(take_authenticator(g, err));
    if (principal_is_anonymous(&g->ap->client)) // RFC 8062 6
        g->context.flags |= GSS_FLAG_ANON;
    bool dce = (g->context.flags & GSS_FLAG_DCE) != 0;
    ENSURE(raw == dce, TOKEN_MALFORMED, "the client %s DCE style, and its token has %s frame",
           dce ? "asks for" : "does not ask for", raw ? "no" : "a");
    if (dce)
        g->context.flags |= GSS_FLAG_MUTUAL;
    if (g->context.flags & GSS_FLAG_MUTUAL)
        TRY(answer_mutual(g, out, err));
    g->mech_done = !g->third_leg;
    return OBOL_OK;
}

enum obol_code gss_krb5_accept(struct gss_acceptor *g, struct slice token, struct slice *out,
                               struct error *err) {
    if (!g->third_leg)
        return first_leg(g, token, out, err);
    TRY(ap_rep_third_verify(token, g->context.session, (uint32_t)g->context.send_seq, g->arena,
                            err));
    g->third_leg = false;
    g->mech_done = true;
    return OBOL_OK;
}

static bool always(const struct gss_acceptor_params *params) {
    UNUSED(params);
    return true;
}

const struct gss_acceptor_mech GSS_ACCEPTOR_KRB5 = {gss_oid_is_krb5, always, gss_krb5_accept};
