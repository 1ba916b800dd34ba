// initiator.c: the client's end of a login by token: the mechanism alone, or SPNEGO around it; see
// initiator.h.
#include "gss/initiator.h"
#include "gss/frame.h"
#include "gss/spnego.h"

static const struct gss_initiator_mech *const MECHS[] = {&GSS_INITIATOR_KRB5, &GSS_INITIATOR_IAKERB,
                                                         NULL};

static const struct gss_initiator_mech *find_mech(struct slice oid) {
    for (const struct gss_initiator_mech *const *m = MECHS; *m; m++)
        if ((*m)->is_oid(oid))
            return *m;
    return NULL;
}

// What is offered: of the caller's list, or of all mechanisms, those that can begin. A ticket that
// is there is better than a login through the service.
static enum obol_code list_mechs(struct gss_initiator *g, struct error *err) {
    struct slice all[] = {OID_KRB5, OID_IAKERB};
    struct slice_list wanted = {all, COUNT_OF(all)};
    if (g->params.mechs.count)
        wanted = g->params.mechs;
    g->mechs.items = arena_zalloc(g->arena, wanted.count, sizeof *g->mechs.items);
    ENSURE_MEMORY(g->mechs.items);
    for (size_t i = 0; i < wanted.count; i++) {
        const struct gss_initiator_mech *m = find_mech(wanted.items[i]);
        if (m && m->possible(&g->params))
            g->mechs.items[g->mechs.count++] = wanted.items[i];
    }
    ENSURE(g->mechs.count != 0, CRED_NOT_FOUND,
           "there is neither a ticket for krb5 nor a login for IAKERB");
    return OBOL_OK;
}

static void choose(struct gss_initiator *g, struct slice oid) {
    g->mech = find_mech(oid);
    g->frame_oid = oid;
    g->started = g->mech_done = false;
}

enum obol_code gss_initiator_start(struct gss_initiator *g,
                                   const struct gss_initiator_params *params, const struct env *env,
                                   struct arena *a, struct slice *out, struct error *err) {
    *g = (struct gss_initiator){.params = *params, .env = env, .arena = a};
    *out = (struct slice){0};
    g->dead = true; // until all went well
    TRY(list_mechs(g, err));
    choose(g, g->mechs.items[0]);
    struct slice token = {0};
    TRY(g->mech->step(g, (struct slice){0}, &token, err));
    if (params->bare) {
        g->done = g->mech_done;
        *out = token;
    } else {
        struct neg_token_init init = {.present = NEG_TOKEN_INIT_MECH_TOKEN, .mech_token = token};
        TRY(spnego_init_write(&init, g->mechs, a, out, err));
        g->mech_types = init.mech_types;
    }
    g->dead = false;
    return OBOL_OK;
}

// ---- SPNEGO

// The service would rather speak another mechanism of our list. RFC 4178 5: it must then ask for
// the list to be authenticated, since somebody on the way could have struck the first from it.
static enum obol_code reselect(struct gss_initiator *g, const struct neg_token_resp *resp,
                               struct error *err) {
    bool offered = false;
    for (size_t i = 0; i < g->mechs.count; i++)
        offered = offered || slice_eq(g->mechs.items[i], resp->supported_mech);
    ENSURE(offered, TOKEN_MALFORMED, "the service chose %s, which was not offered",
           gss_oid_name(resp->supported_mech));
    ENSURE((resp->present & NEG_TOKEN_RESP_NEG_STATE) && resp->neg_state == NEG_REQUEST_MIC,
           TOKEN_MALFORMED,
           "the service chose %s, which is not our first choice, without asking for the list to be "
           "authenticated",
           gss_oid_name(resp->supported_mech));
    ENSURE(resp->response_token.len == 0, TOKEN_MALFORMED,
           "the service chose another mechanism, and answers the first one's token");
    choose(g, resp->supported_mech);
    g->mutual_proved = false;
    return OBOL_OK;
}

// RFC 4178 4.2.2: the first answer says which mechanism is taken. Some Java services leave it out,
// and Samba spells krb5 as Windows 2000 did.
static enum obol_code take_choice(struct gss_initiator *g, const struct neg_token_resp *resp,
                                  struct error *err) {
    g->negotiated = true;
    if ((resp->present & NEG_TOKEN_RESP_NEG_STATE) && resp->neg_state == NEG_REQUEST_MIC)
        g->mic_needed = true;
    struct slice chosen = resp->supported_mech, ours = g->frame_oid;
    bool same = !(resp->present & NEG_TOKEN_RESP_SUPPORTED_MECH) || slice_eq(chosen, ours) ||
                (gss_oid_is_krb5(chosen) && gss_oid_is_krb5(ours));
    return same ? OBOL_OK : reselect(g, resp, err);
}

static enum obol_code check_state(const struct gss_initiator *g, const struct neg_token_resp *resp,
                                  struct error *err) {
    // RFC 4178 4.2.2: there are four states.
    ENSURE(!(resp->present & NEG_TOKEN_RESP_NEG_STATE) ||
               (resp->neg_state >= NEG_ACCEPT_COMPLETED && resp->neg_state <= NEG_REQUEST_MIC),
           TOKEN_MALFORMED, "the SPNEGO answer has negState %d, which is none", resp->neg_state);
    bool rejected = (resp->present & NEG_TOKEN_RESP_NEG_STATE) && resp->neg_state == NEG_REJECT;
    // With an error token the mechanism says it better.
    if (!rejected || (resp->present & NEG_TOKEN_RESP_RESPONSE_TOKEN))
        return OBOL_OK;
    enum obol_code code = g->negotiated ? OBOL_MUTUAL_FAILED : OBOL_MECH_REFUSED;
    return error_set(err, code, __func__, "the service refused the login and did not say why");
}

// The mechanism's part of the service's token.
static enum obol_code mech_part(struct gss_initiator *g, const struct neg_token_resp *resp,
                                struct slice *token, struct error *err) {
    if (g->mech_done) {
        // Old IIS sends an empty one where it has nothing to say.
        ENSURE(resp->response_token.len == 0, TOKEN_MALFORMED,
               "the service sends a token of %s, which is over", gss_oid_name(g->frame_oid));
        return OBOL_OK;
    }
    ENSURE(!g->started || resp->response_token.len != 0, MUTUAL_FAILED,
           "the service sent no token to prove itself with");
    TRY(g->mech->step(g, resp->response_token, token, err));
    ENSURE(!(resp->present & NEG_TOKEN_RESP_NEG_STATE) || resp->neg_state != NEG_REJECT,
           TOKEN_MALFORMED, "the service refused the login with a token that is no error");
    return OBOL_OK;
}

// RFC 4178 5: a MIC over the list, made with the mechanism's key, proves that it came through as it
// was sent. Whoever gets one sends one; whoever sends the last token of the mechanism sends it
// along.
static enum obol_code exchange_mics(struct gss_initiator *g, const struct neg_token_resp *resp,
                                    bool sending, struct slice *mic, struct error *err) {
    *mic = (struct slice){0};
    if (resp->present & NEG_TOKEN_RESP_MECH_LIST_MIC) {
        uint64_t seq;
        ENSURE(!g->mic_received, TOKEN_MALFORMED, "the service sent a second MIC of the list");
        TRY(gss_mic_verify(&g->context, g->mech_types, resp->mech_list_mic, &seq, err));
        g->mic_needed = g->mic_received = true;
    }
    ENSURE(!g->mic_needed || g->mic_received || sending, KRB_AP_ERR_MODIFIED,
           "the service did not authenticate the list of mechanisms");
    if (!g->mic_needed || g->mic_sent)
        return OBOL_OK;
    g->mic_sent = true;
    return gss_mic_make(&g->context, g->mech_types, g->arena, mic, err);
}

static enum obol_code answer(struct gss_initiator *g, struct slice token, struct slice mic,
                             struct slice *out, struct error *err) {
    bool over = g->mech_done && g->mic_sent && g->mic_received;
    struct neg_token_resp resp = {
        .present = NEG_TOKEN_RESP_NEG_STATE,
        .neg_state = over ? NEG_ACCEPT_COMPLETED : NEG_ACCEPT_INCOMPLETE,
        .response_token = token,
        .mech_list_mic = mic,
    };
    if (token.len)
        resp.present |= NEG_TOKEN_RESP_RESPONSE_TOKEN;
    if (mic.len)
        resp.present |= NEG_TOKEN_RESP_MECH_LIST_MIC;
    g->done = over;
    return spnego_resp_write(&resp, g->arena, out, err);
}

static enum obol_code take_spnego(struct gss_initiator *g, struct slice bytes, struct slice *out,
                                  struct error *err) {
    struct neg_token_resp resp;
    struct slice token = {0}, mic = {0};
    TRY(spnego_resp_read(bytes, g->arena, &resp, err));
    TRY(check_state(g, &resp, err));
    if (!g->negotiated)
        TRY(take_choice(g, &resp, err));
    TRY(mech_part(g, &resp, &token, err));
    if (g->mech_done)
        TRY(exchange_mics(g, &resp, token.len != 0, &mic, err));
    if (token.len || mic.len)
        return answer(g, token, mic, out, err);
    ENSURE(g->mech_done, TOKEN_MALFORMED, "the service's token leaves nothing to answer");
    g->done = true;
    return OBOL_OK;
}

static enum obol_code step(struct gss_initiator *g, struct slice token, struct slice *out,
                           struct error *err) {
    ENSURE(!g->dead, TOKEN_MALFORMED, "the exchange has failed, and yet a token came");
    ENSURE(!g->done, TOKEN_MALFORMED, "the exchange is over, and yet a token came");
    ENSURE(token.len != 0, MUTUAL_FAILED, "the service sent no token to prove itself with");
    if (!g->params.bare)
        return take_spnego(g, token, out, err);
    TRY(g->mech->step(g, token, out, err));
    g->done = g->mech_done;
    return OBOL_OK;
}

enum obol_code gss_initiator_step(struct gss_initiator *g, struct slice token, struct slice *out,
                                  struct error *err) {
    *out = (struct slice){0};
    enum obol_code code = step(g, token, out, err);
    if (code != OBOL_OK) {
        g->dead = true;
        *out = (struct slice){0};
    }
    return code;
}
