// acceptor.c: the service's end of a login by token: the mechanism alone, or SPNEGO around it; see
// acceptor.h.
#include "gss/acceptor.h"
#include "gss/frame.h"
#include "gss/negoex.h"
#include "gss/spnego.h"
#include "proto/codes.h"
#include "proto/types.h"

#define CLOCKSKEW_DEFAULT 300

static const struct gss_acceptor_mech *const MECHS[] = {&GSS_ACCEPTOR_KRB5, &GSS_ACCEPTOR_IAKERB};

void gss_acceptor_init(struct gss_acceptor *g, const struct gss_acceptor_params *params,
                       const struct env *env, struct arena *a) {
    *g = (struct gss_acceptor){.params = *params, .env = env, .arena = a};
    if (g->params.clockskew == 0)
        g->params.clockskew = CLOCKSKEW_DEFAULT;
}

static const struct gss_acceptor_mech *find_mech(const struct gss_acceptor *g, struct slice oid) {
    for (size_t i = 0; i < COUNT_OF(MECHS); i++)
        if (MECHS[i]->is_oid(oid) && MECHS[i]->possible(&g->params))
            return MECHS[i];
    return NULL;
}

static bool is_allowed(const struct slice_list *allowed, struct slice oid) {
    if (allowed->count == 0)
        return true;
    for (size_t i = 0; i < allowed->count; i++)
        if (slice_eq(allowed->items[i], oid) ||
            (gss_oid_is_krb5(allowed->items[i]) && gss_oid_is_krb5(oid)))
            return true;
    return false;
}

// ---- SPNEGO

// What a client would have spoken, for whoever must find out why it does not speak krb5.
static void offered_facts(struct slice_list mechs, const struct neg_token_init *init,
                          struct error *err) {
    char text[256];
    struct writer w = writer_to_buf(buf_of(text, sizeof text - 1));
    struct negoex_message m;
    struct slice rest;
    for (size_t i = 0; i < mechs.count && i < 8; i++)
        writer_printf(&w, i ? ", %s" : "%s", gss_oid_name(mechs.items[i]));
    if (writer_ok(&w))
        error_fact(err, "mechanisms offered", "%.*s", SLICE_ARG(writer_slice(&w)));
    if (!(init->present & NEG_TOKEN_INIT_MECH_TOKEN) ||
        negoex_read(init->mech_token, &m, &rest, NULL) != OBOL_OK)
        return;
    struct writer schemes = writer_to_buf(buf_of(text, sizeof text - 1));
    for (size_t i = 0; i < m.scheme_count; i++) {
        writer_str(&schemes, i ? ", " : "");
        negoex_scheme_write(&schemes, m.schemes[i]);
    }
    if (writer_ok(&schemes) && m.scheme_count)
        error_fact(err, "NegoEx schemes", "%.*s", SLICE_ARG(writer_slice(&schemes)));
}

// The first of the client's list that is spoken here. RFC 4178 5: if that is not his first choice,
// the list must be authenticated.
static enum obol_code choose_mech(struct gss_acceptor *g, struct slice_list mechs,
                                  const struct neg_token_init *init, struct error *err) {
    for (size_t i = 0; i < mechs.count; i++) {
        g->mech =
            is_allowed(&g->params.mechs, mechs.items[i]) ? find_mech(g, mechs.items[i]) : NULL;
        if (!g->mech)
            continue;
        g->chosen = mechs.items[i];
        g->mic_needed = i != 0;
        return OBOL_OK;
    }
    offered_facts(mechs, init, err);
    return error_set(err, OBOL_MECH_UNSUPPORTED, __func__,
                     "the client does not offer krb5, its first choice is %s",
                     gss_oid_name(mechs.items[0]));
}

static enum obol_code exchange_mics(struct gss_acceptor *g, struct slice theirs, bool sending,
                                    struct slice *ours, struct error *err) {
    if (theirs.len) {
        uint64_t seq;
        ENSURE(!g->mic_received, TOKEN_MALFORMED, "the client sent a second MIC of the list");
        TRY(gss_mic_verify(&g->context, g->mech_types, theirs, &seq, err));
        g->mic_needed = g->mic_received = true;
    }
    // RFC 4178 5: without it somebody on the way could have struck a better mechanism. Who sends
    // the last token of the mechanism sends his MIC along.
    ENSURE(!g->mic_needed || g->mic_received || sending, KRB_AP_ERR_MODIFIED,
           "the client did not authenticate its list of mechanisms");
    if (!g->mic_needed || g->mic_sent)
        return OBOL_OK;
    g->mic_sent = true;
    return gss_mic_make(&g->context, g->mech_types, g->arena, ours, err);
}

// One of our answers in the making.
struct answer {
    bool first;         // it says which mechanism was taken
    struct slice token; // of the mechanism
    struct slice mic;
};

static enum obol_code write_answer(struct gss_acceptor *g, const struct answer *answer,
                                   struct slice *out, struct error *err) {
    struct neg_token_resp resp = {
        .present = NEG_TOKEN_RESP_NEG_STATE,
        .neg_state = g->done ? NEG_ACCEPT_COMPLETED : NEG_ACCEPT_INCOMPLETE,
        .supported_mech = g->chosen,
        .response_token = answer->token,
        .mech_list_mic = answer->mic,
    };
    if (answer->first) {
        resp.present |= NEG_TOKEN_RESP_SUPPORTED_MECH;
        if (g->mic_needed && !g->mech_done)
            resp.neg_state = NEG_REQUEST_MIC;
    }
    if (answer->token.len)
        resp.present |= NEG_TOKEN_RESP_RESPONSE_TOKEN;
    if (answer->mic.len)
        resp.present |= NEG_TOKEN_RESP_MECH_LIST_MIC;
    return spnego_resp_write(&resp, g->arena, out, err);
}

// Runs the mechanism with its part of a token, and exchanges the MICs when it is through.
static enum obol_code go_on(struct gss_acceptor *g, struct slice token, struct slice mic,
                            struct answer *answer, struct error *err) {
    if (token.len)
        TRY(g->mech->step(g, token, &answer->token, err));
    if (!g->mech_done)
        return OBOL_OK;
    TRY(exchange_mics(g, mic, answer->token.len != 0, &answer->mic, err));
    g->done = !g->mic_needed || (g->mic_sent && g->mic_received);
    return OBOL_OK;
}

static enum obol_code spnego_first(struct gss_acceptor *g, struct slice token, struct slice *out,
                                   struct error *err) {
    struct neg_token_init init;
    struct slice_list mechs;
    struct answer answer = {.first = true};
    g->spnego = true;
    TRY(spnego_init_read(token, g->arena, &init, &mechs, err));
    TRY(choose_mech(g, mechs, &init, err));
    ENSURE(arena_copy(g->arena, init.mech_types, &g->mech_types) &&
               arena_copy(g->arena, g->chosen, &g->chosen),
           NO_MEMORY, "no room for the client's list of mechanisms");
    // The optimistic token is of the client's first choice; of another it is of no use here.
    if ((init.present & NEG_TOKEN_INIT_MECH_TOKEN) && !g->mic_needed)
        TRY(go_on(g, init.mech_token, init.mech_list_mic, &answer, err));
    return write_answer(g, &answer, out, err);
}

static enum obol_code spnego_later(struct gss_acceptor *g, struct slice token, struct slice *out,
                                   struct error *err) {
    struct neg_token_resp resp;
    struct answer answer = {0};
    TRY(spnego_resp_read(token, g->arena, &resp, err));
    ENSURE(!(resp.present & NEG_TOKEN_RESP_NEG_STATE) || resp.neg_state != NEG_REJECT,
           TOKEN_MALFORMED, "the client gave the exchange up");
    ENSURE(!(resp.present & NEG_TOKEN_RESP_SUPPORTED_MECH), TOKEN_MALFORMED,
           "the client's later token chooses a mechanism, which is the service's to do");
    struct slice mic =
        resp.present & NEG_TOKEN_RESP_MECH_LIST_MIC ? resp.mech_list_mic : (struct slice){0};
    ENSURE(g->mech_done || resp.response_token.len, TOKEN_MALFORMED,
           "the client's later token holds nothing for %s", gss_oid_name(g->chosen));
    ENSURE(!g->mech_done || resp.response_token.len == 0, TOKEN_MALFORMED,
           "the client sends another token of %s, which is over", gss_oid_name(g->chosen));
    TRY(go_on(g, resp.response_token, mic, &answer, err));
    bool spoken = resp.response_token.len || answer.mic.len;
    if (g->done && !spoken)
        return OBOL_OK; // both ends are done: nothing to say
    return write_answer(g, &answer, out, err);
}

// MS-SPNG 3.3.5.1: an acceptor that is asked to speak first tells what it offers.
static enum obol_code offer_hints(struct gss_acceptor *g, struct slice *out, struct error *err) {
    struct slice offered[] = {OID_KRB5, OID_IAKERB};
    size_t count = g->params.proxy ? 2 : 1;
    g->spnego = true;
    return spnego_hints_write((struct slice_list){offered, count}, g->arena, out, err);
}

// ---- both

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
    const struct principal *service = g->params.service;
    if (!service && g->ap && g->ap->service.realm.len)
        service = &g->ap->service;
    if (service) {
        e.realm = service->realm;
        e.sname = service->name;
    }
    struct slice message, token, oid = g->frame_oid.len ? g->frame_oid : OID_KRB5;
    *out = (struct slice){0};
    if (der_encode(&TYPE_KRB_ERROR, &e, g->arena, &message, NULL) != OBOL_OK ||
        gss_krb5_make(oid, GSS_TOKEN_KRB_ERROR, message, g->arena, &token, NULL) != OBOL_OK)
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

static enum obol_code first_token(struct gss_acceptor *g, struct slice token, struct slice *out,
                                  struct error *err) {
    struct slice oid = OID_KRB5, inner;
    if (der_tag_of(token) != 0x6e) // an AP-REQ without a frame: DCE style
        TRY(gss_frame_open(token, &oid, &inner, err));
    g->started = true;
    ENSURE(is_allowed(&g->params.frames, oid), MECH_UNSUPPORTED,
           "the token is of %s, which the credential is not for", gss_oid_name(oid));
    if (slice_eq(oid, OID_SPNEGO))
        return spnego_first(g, token, out, err);
    ENSURE(!g->spnego, TOKEN_MALFORMED, "the client asked for SPNEGO's hints, and speaks %s",
           gss_oid_name(oid));
    g->mech = find_mech(g, oid);
    ENSURE(g->mech != NULL, MECH_UNSUPPORTED, "the token is of %s, which is not accepted here",
           gss_oid_name(oid));
    TRY(g->mech->step(g, token, out, err));
    g->done = g->mech_done;
    return OBOL_OK;
}

static enum obol_code step(struct gss_acceptor *g, struct slice token, struct slice *out,
                           struct error *err) {
    ENSURE(!g->dead, TOKEN_MALFORMED, "the exchange has failed, and yet a token came");
    ENSURE(!g->done, TOKEN_MALFORMED, "the exchange is over, and yet a token came");
    if (token.len == 0 && !g->started && !g->spnego && is_allowed(&g->params.frames, OID_SPNEGO))
        return offer_hints(g, out, err);
    ENSURE(token.len != 0, TOKEN_MALFORMED, "the client's token is empty");
    if (!g->started)
        return first_token(g, token, out, err);
    if (g->spnego)
        return spnego_later(g, token, out, err);
    TRY(g->mech->step(g, token, out, err));
    g->done = g->mech_done;
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
        bool was_over = g->done || g->dead;
        g->dead = true;
        g->done = false;
        *out = (struct slice){0};
        if (!was_over)
            refuse(g, err, out);
        return code;
    }
    *progress = g->done ? GSS_PROGRESS_DONE : GSS_PROGRESS_MORE;
    return OBOL_OK;
}
