// acceptor.c: the service's end of a login by token; see acceptor.h.
#include "gss/acceptor.h"
#include "base/ct.h"
#include "gss/frame.h"
#include "gss/spnego.h"
#include "proto/codes.h"

#define CLOCKSKEW_DEFAULT 300

void gss_acceptor_init(struct gss_acceptor *g, const struct gss_acceptor_params *params,
                       const struct env *env, struct arena *a) {
    *g = (struct gss_acceptor){.params = *params, .env = env, .arena = a};
    if (g->params.clockskew == 0)
        g->params.clockskew = CLOCKSKEW_DEFAULT;
}

// RFC 4121 4.1.1.2: bindings that both ends state must agree; a client may state none.
static enum obol_code check_bindings(const struct gss_acceptor *g, const struct gss_cksum *c,
                                     struct error *err) {
    static const uint8_t none[GSS_BINDINGS_BYTES];
    if (g->params.bindings.len == 0 || ct_equal(c->bindings, slice_of(none, sizeof none)))
        return OBOL_OK;
    ENSURE(ct_equal(c->bindings, g->params.bindings), BAD_BINDINGS,
           "the client bound its token to another channel than this one");
    return OBOL_OK;
}

// A fresh key of the acceptor's own, so that neither end alone determines what protects messages.
static enum obol_code make_subkey(struct gss_acceptor *g, struct encryption_key *subkey,
                                  struct error *err) {
    const struct enctype *e = crypto_key_enctype(g->context.key);
    struct buf bytes = arena_buf(g->arena, enctype_key_length(e));
    ENSURE_MEMORY(bytes.ptr);
    TRY(crypto_random_key(e, g->env, bytes, err));
    *subkey = (struct encryption_key){enctype_number(e), slice_of_buf(bytes)};
    TRY(crypto_key_in_arena(&g->context.key, g->arena, subkey->keytype, subkey->keyvalue, err));
    g->context.acceptor_subkey = true;
    return OBOL_OK;
}

static enum obol_code answer_mutual(struct gss_acceptor *g, const struct ap_accepted *ap,
                                    struct slice *out, struct error *err) {
    uint8_t seq[4];
    env_random(g->env, buf_of(seq, sizeof seq));
    // Below 2^30, so that no peer takes it for negative, nor it runs over soon.
    uint32_t number =
        ((uint32_t)seq[0] << 24 | (uint32_t)seq[1] << 16 | (uint32_t)seq[2] << 8 | seq[3]) &
        0x3fffffff;
    g->context.send_seq = number;
    struct encryption_key subkey;
    TRY(make_subkey(g, &subkey, err));
    struct slice ap_rep;
    TRY(ap_rep_build(ap, &subkey, true, number, g->env, g->arena, &ap_rep, err));
    return gss_krb5_make(GSS_TOKEN_AP_REP, ap_rep, g->arena, out, err);
}

static void fill_context(struct gss_context *ctx, const struct ap_accepted *ap,
                         const struct gss_cksum *c) {
    *ctx = (struct gss_context){
        .client = ap->client,
        .service = ap->service,
        .flags = c->flags & ~(uint32_t)(c->delegated.len ? 0 : GSS_FLAG_DELEG),
        .endtime = ap->ticket.endtime,
        .delegated = c->delegated,
        .key = ap->subkey ? ap->subkey : ap->session,
        .initiator_key = ap->subkey ? ap->subkey : ap->session,
        .ticket_flags = ap->ticket.flags,
        .authtime = ap->ticket.authtime,
        .authdata = ap->ticket.authorization_data,
        .receive_seq = ap->authenticator.seq_number,
        .send_seq = ap->authenticator.seq_number, // of a one-way context: RFC 4121 4.1
    };
}

static enum obol_code accept_krb5(struct gss_acceptor *g, struct slice token, struct slice *out,
                                  struct error *err) {
    uint16_t id;
    struct slice message;
    TRY(gss_krb5_open(token, &id, &message, err));
    ENSURE(id == GSS_TOKEN_AP_REQ, TOKEN_MALFORMED,
           "the krb5 token has id %04x, an AP-REQ (%04x) is expected", id, GSS_TOKEN_AP_REQ);
    const struct ap_accept_params params = {
        .keys = g->params.keys,
        .replay = g->params.replay,
        .service = g->params.service,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .clockskew = g->params.clockskew,
    };
    struct ap_accepted ap;
    TRY(ap_req_accept(message, &params, g->env, g->arena, &ap, err));
    const struct authenticator *auth = &ap.authenticator;
    ENSURE((auth->present & AUTHENTICATOR_CKSUM) && auth->cksum.cksumtype == GSS_CKSUMTYPE,
           KRB_AP_ERR_INAPP_CKSUM,
           "the authenticator has no checksum of the GSS-API (type 0x8003, RFC 4121 4.1.1)");
    struct gss_cksum cksum;
    TRY(gss_cksum_read(auth->cksum.checksum, &cksum, err));
    TRY(check_bindings(g, &cksum, err));
    fill_context(&g->context, &ap, &cksum);
    if (cksum.flags & GSS_FLAG_MUTUAL)
        TRY(answer_mutual(g, &ap, out, err));
    g->established = true;
    return OBOL_OK;
}

// RFC 4178 4.2.2: the first answer says which mechanism was taken.
static enum obol_code spnego_answer(struct gss_acceptor *g, struct slice token, bool first,
                                    struct slice *out, struct error *err) {
    struct neg_token_resp resp = {.present = NEG_TOKEN_RESP_NEG_STATE};
    bool waiting = !g->established || (g->must_mic && !g->done);
    resp.neg_state = waiting ? NEG_ACCEPT_INCOMPLETE : NEG_ACCEPT_COMPLETED;
    if (first) {
        resp.present |= NEG_TOKEN_RESP_SUPPORTED_MECH;
        resp.supported_mech = g->mech;
        if (g->must_mic)
            resp.neg_state = NEG_REQUEST_MIC;
    }
    if (token.len) {
        resp.present |= NEG_TOKEN_RESP_RESPONSE_TOKEN;
        resp.response_token = token;
    }
    if (g->must_mic && g->established) {
        resp.present |= NEG_TOKEN_RESP_MECH_LIST_MIC;
        TRY(gss_mic_make(&g->context, g->mech_types, g->arena, &resp.mech_list_mic, err));
    }
    return spnego_resp_write(&resp, g->arena, out, err);
}

static enum obol_code choose_mech(struct gss_acceptor *g, struct slice_list mechs,
                                  struct error *err) {
    for (size_t i = 0; i < mechs.count; i++) {
        if (!gss_oid_is_krb5(mechs.items[i]))
            continue;
        g->mech = mechs.items[i];
        g->must_mic = i != 0;
        return OBOL_OK;
    }
    error_fact(err, "mechanisms offered", "%zu, the first is %s", mechs.count,
               gss_oid_name(mechs.items[0]));
    return error_set(err, OBOL_MECH_UNSUPPORTED, __func__, "the client does not offer krb5");
}

static enum obol_code spnego_first(struct gss_acceptor *g, struct slice token, struct slice *out,
                                   struct error *err) {
    struct neg_token_init init;
    struct slice_list mechs;
    g->spnego = true;
    TRY(spnego_init_read(token, g->arena, &init, &mechs, err));
    TRY(choose_mech(g, mechs, err));
    g->mech_types = init.mech_types;
    struct slice answer = {0};
    // The optimistic token is of the client's first choice; of another it is of no use here.
    if ((init.present & NEG_TOKEN_INIT_MECH_TOKEN) && !g->must_mic) {
        TRY(accept_krb5(g, init.mech_token, &answer, err));
        g->done = true;
    }
    return spnego_answer(g, answer, true, out, err);
}

static enum obol_code spnego_later(struct gss_acceptor *g, struct slice token, struct slice *out,
                                   struct error *err) {
    struct neg_token_resp resp;
    TRY(spnego_resp_read(token, g->arena, &resp, err));
    ENSURE(!(resp.present & NEG_TOKEN_RESP_NEG_STATE) || resp.neg_state != NEG_REJECT,
           TOKEN_MALFORMED, "the client gave the exchange up");
    struct slice answer = {0};
    bool answered = false;
    if (!g->established) {
        ENSURE(resp.present & NEG_TOKEN_RESP_RESPONSE_TOKEN, TOKEN_MALFORMED,
               "the client's second token holds nothing for krb5");
        TRY(accept_krb5(g, resp.response_token, &answer, err));
        answered = true;
    }
    if (resp.present & NEG_TOKEN_RESP_MECH_LIST_MIC) {
        uint64_t seq;
        TRY(gss_mic_verify(&g->context, g->mech_types, resp.mech_list_mic, &seq, err));
        g->done = true;
    } else {
        // RFC 4178 5: without it somebody on the way could have struck a better mechanism.
        ENSURE(!g->must_mic || answered, KRB_AP_ERR_MODIFIED,
               "the client did not authenticate its list of mechanisms");
        g->done = !g->must_mic;
    }
    if (g->done && !answered)
        return OBOL_OK; // both ends are done: nothing to say
    return spnego_answer(g, answer, false, out, err);
}

// Tells the client why (RFC 4120 5.9.1), in the wrapping that it speaks; failing that, nothing.
static void refuse(struct gss_acceptor *g, const struct error *err, struct slice *out) {
    int64_t now = env_now_us(g->env);
    struct krb_error e = {
        .pvno = KRB_PVNO,
        .msg_type = KRB_ERROR,
        .stime = now / 1000000,
        .susec = (int32_t)(now % 1000000),
        .error_code = error_info(err->code)->krb_error,
    };
    if (g->params.service) {
        e.realm = g->params.service->realm;
        e.sname = g->params.service->name;
    }
    struct slice message, token;
    *out = (struct slice){0};
    if (der_encode(&TYPE_KRB_ERROR, &e, g->arena, &message, NULL) != OBOL_OK ||
        gss_krb5_make(GSS_TOKEN_KRB_ERROR, message, g->arena, &token, NULL) != OBOL_OK)
        return;
    const struct neg_token_resp reject = {
        .present = NEG_TOKEN_RESP_NEG_STATE | NEG_TOKEN_RESP_RESPONSE_TOKEN,
        .neg_state = NEG_REJECT,
        .response_token = token,
    };
    if (!g->spnego)
        *out = token;
    else if (spnego_resp_write(&reject, g->arena, out, NULL) != OBOL_OK)
        *out = (struct slice){0};
}

static enum obol_code step(struct gss_acceptor *g, struct slice token, struct slice *out,
                           struct error *err) {
    ENSURE(!g->done, TOKEN_MALFORMED, "the exchange is over, and yet a token came");
    if (g->started) {
        ENSURE(g->spnego && spnego_is_resp(token), TOKEN_MALFORMED,
               "the second token of the exchange is none of SPNEGO");
        return spnego_later(g, token, out, err);
    }
    g->started = true;
    struct slice oid, inner;
    TRY(gss_frame_open(token, &oid, &inner, err));
    if (slice_eq(oid, OID_SPNEGO))
        return spnego_first(g, token, out, err);
    TRY(accept_krb5(g, token, out, err));
    g->done = true;
    return OBOL_OK;
}

enum obol_code gss_acceptor_step(struct gss_acceptor *g, struct slice token, struct slice *out,
                                 enum gss_progress *progress, struct error *err) {
    *out = (struct slice){0};
    struct error own;
    error_init(&own);
    if (!err)
        err = &own;
    enum obol_code code = step(g, token, out, err);
    if (code != OBOL_OK) {
        g->done = true;
        g->established = false;
        refuse(g, err, out);
        return code;
    }
    *progress = g->done ? GSS_PROGRESS_DONE : GSS_PROGRESS_MORE;
    return OBOL_OK;
}
