// initiator.c: the client's end of a login by token; see initiator.h.
#include "gss/initiator.h"
#include "gss/frame.h"
#include "gss/spnego.h"
#include "proto/codes.h"

static uint32_t random_number(const struct env *env) {
    uint32_t number = 0;
    env_random(env, buf_of(&number, sizeof number));
    return number & 0x3fffffff; // below 2^30: positive for every peer
}

static enum obol_code make_subkey(struct gss_initiator *g, struct encryption_key *subkey,
                                  struct error *err) {
    const struct enctype *e = crypto_key_enctype(g->session);
    struct buf bytes = arena_buf(g->arena, enctype_key_length(e));
    ENSURE_MEMORY(bytes.ptr);
    TRY(crypto_random_key(e, g->env, bytes, err));
    *subkey = (struct encryption_key){enctype_number(e), slice_of_buf(bytes)};
    TRY(crypto_key_in_arena(&g->context.key, g->arena, subkey->keytype, subkey->keyvalue, err));
    g->context.initiator_key = g->context.key;
    return OBOL_OK;
}

static enum obol_code make_ap_req(struct gss_initiator *g, struct slice *out, struct error *err) {
    const struct cred *t = g->params.ticket;
    TRY(crypto_key_in_arena(&g->session, g->arena, t->key.keytype, t->key.keyvalue, err));
    struct encryption_key subkey;
    TRY(make_subkey(g, &subkey, err));
    struct gss_cksum fields = {g->params.bindings, g->context.flags, g->params.delegated};
    struct checksum cksum = {.cksumtype = GSS_CKSUMTYPE};
    TRY(gss_cksum_write(&fields, g->arena, &cksum.checksum, err));
    bool mutual = (g->context.flags & GSS_FLAG_MUTUAL) != 0;
    const struct ap_req_params ap = {
        .ticket = {.raw = t->ticket},
        .client = t->client,
        .session = g->session,
        .ap_options = mutual ? (uint32_t)AP_OPT_MUTUAL_REQUIRED : 0,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .cksum = &cksum,
        .subkey = &subkey,
        .with_seq_number = true,
        .seq_number = (uint32_t)g->context.send_seq,
    };
    struct slice message;
    TRY(ap_req_build(&ap, g->env, g->arena, &message, &g->sent, err));
    return gss_krb5_make(GSS_TOKEN_AP_REQ, message, g->arena, out, err);
}

enum obol_code gss_initiator_start(struct gss_initiator *g,
                                   const struct gss_initiator_params *params, const struct env *env,
                                   struct arena *a, struct slice *out, struct error *err) {
    *g = (struct gss_initiator){.params = *params, .env = env, .arena = a};
    uint32_t deleg = params->delegated.len ? GSS_FLAG_DELEG : 0;
    g->context = (struct gss_context){
        .initiator = true,
        .client = params->ticket->client,
        .service = params->ticket->server,
        .flags = (params->flags & ~(uint32_t)GSS_FLAG_DELEG) | deleg,
        .endtime = params->ticket->endtime,
        .authtime = params->ticket->authtime,
        .ticket_flags = params->ticket->flags,
        .send_seq = random_number(env),
    };
    g->context.receive_seq = g->context.send_seq; // of a one-way context: RFC 4121 4.1
    struct slice token;
    TRY(make_ap_req(g, &token, err));
    if (params->bare_krb5) {
        g->done = !(g->context.flags & GSS_FLAG_MUTUAL);
        *out = token;
        return OBOL_OK;
    }
    struct slice mechs[] = {OID_KRB5};
    struct neg_token_init init = {.present = NEG_TOKEN_INIT_MECH_TOKEN, .mech_token = token};
    TRY(spnego_init_write(&init, (struct slice_list){mechs, COUNT_OF(mechs)}, a, out, err));
    g->mech_types = init.mech_types;
    return OBOL_OK;
}

static enum obol_code take_krb_error(struct gss_initiator *g, struct slice message,
                                     struct error *err) {
    struct krb_error e;
    TRY(der_decode(&TYPE_KRB_ERROR, message, g->arena, &e, err));
    struct slice service = principal_text(&g->context.service, g->arena);
    error_fact(err, "service", "%.*s", SLICE_ARG(service));
    error_fact(err, "KRB-ERROR", "%d", e.error_code);
    if (e.error_code == error_info(OBOL_KRB_AP_ERR_SKEW)->krb_error)
        error_fact(err, "service's clock minus ours", "%lld s",
                   (long long)(e.stime - env_now(g->env)));
    return error_set(err, error_code_of_krb(e.error_code), __func__,
                     "%.*s refused the ticket (KRB-ERROR %d)", SLICE_ARG(service), e.error_code);
}

static enum obol_code take_krb5(struct gss_initiator *g, struct slice token, struct error *err) {
    uint16_t id;
    struct slice message;
    TRY(gss_krb5_open(token, &id, &message, err));
    if (id == GSS_TOKEN_KRB_ERROR)
        return take_krb_error(g, message, err);
    ENSURE(id == GSS_TOKEN_AP_REP, TOKEN_MALFORMED,
           "the service's krb5 token has id %04x, an AP-REP (%04x) is expected", id,
           GSS_TOKEN_AP_REP);
    ENSURE(!g->mutual_proved, TOKEN_MALFORMED, "a second AP-REP came");
    struct enc_ap_rep_part part;
    TRY(ap_rep_verify(message, &g->sent, g->session, g->arena, &part, err));
    if (part.present & ENC_AP_REP_PART_SEQ_NUMBER)
        g->context.receive_seq = part.seq_number;
    if (part.present & ENC_AP_REP_PART_SUBKEY) {
        TRY(crypto_key_in_arena(&g->context.key, g->arena, part.subkey.keytype,
                                part.subkey.keyvalue, err));
        g->context.acceptor_subkey = true;
    }
    g->mutual_proved = true;
    return OBOL_OK;
}

// RFC 4178 5: the acceptor's MIC proves that the list of mechanisms came through as it was sent.
static enum obol_code exchange_mic(struct gss_initiator *g, const struct neg_token_resp *resp,
                                   struct slice *out, struct error *err) {
    uint64_t seq;
    TRY(gss_mic_verify(&g->context, g->mech_types, resp->mech_list_mic, &seq, err));
    struct neg_token_resp answer = {
        .present = NEG_TOKEN_RESP_NEG_STATE | NEG_TOKEN_RESP_MECH_LIST_MIC,
        .neg_state = NEG_ACCEPT_COMPLETED,
    };
    TRY(gss_mic_make(&g->context, g->mech_types, g->arena, &answer.mech_list_mic, err));
    return spnego_resp_write(&answer, g->arena, out, err);
}

static enum obol_code take_spnego(struct gss_initiator *g, struct slice token, struct slice *out,
                                  struct error *err) {
    struct neg_token_resp resp;
    TRY(spnego_resp_read(token, g->arena, &resp, err));
    bool has_state = (resp.present & NEG_TOKEN_RESP_NEG_STATE) != 0;
    if (resp.present & NEG_TOKEN_RESP_SUPPORTED_MECH)
        ENSURE(gss_oid_is_krb5(resp.supported_mech), MECH_UNSUPPORTED,
               "the service chose %s, which was not offered", gss_oid_name(resp.supported_mech));
    if (resp.present & NEG_TOKEN_RESP_RESPONSE_TOKEN)
        TRY(take_krb5(g, resp.response_token, err));
    ENSURE(!has_state || resp.neg_state != NEG_REJECT, MUTUAL_FAILED,
           "the service refused the login and did not say why");
    if (resp.present & NEG_TOKEN_RESP_MECH_LIST_MIC)
        TRY(exchange_mic(g, &resp, out, err));
    bool mutual = (g->context.flags & GSS_FLAG_MUTUAL) != 0;
    bool completed = !has_state || resp.neg_state == NEG_ACCEPT_COMPLETED;
    ENSURE(!completed || !mutual || g->mutual_proved, MUTUAL_FAILED,
           "the service says that all is well and has proved nothing");
    g->done = completed || out->len != 0;
    ENSURE(g->done, TOKEN_MALFORMED, "the service asks for more where there is no more to send");
    return OBOL_OK;
}

enum obol_code gss_initiator_step(struct gss_initiator *g, struct slice token, struct slice *out,
                                  struct error *err) {
    *out = (struct slice){0};
    ENSURE(!g->done, TOKEN_MALFORMED, "the exchange is over, and yet a token came");
    ENSURE(token.len != 0, MUTUAL_FAILED, "the service sent no token to prove itself with");
    if (!g->params.bare_krb5)
        return take_spnego(g, token, out, err);
    TRY(take_krb5(g, token, err));
    g->done = true;
    return OBOL_OK;
}
