// initiator_iakerb.c: the client's end of IAKERB: the AS and TGS clients, whose messages go to the
// service in tokens, and krb5 with what they brought; see iakerb.h.
#include "gss/frame.h"
#include "gss/initiator.h"
#include "proto/codes.h"

static enum obol_code send_token(struct gss_initiator *g, struct slice realm, struct slice message,
                                 struct slice *out, struct error *err) {
    const struct iakerb_client *c = g->iakerb;
    const struct iakerb_token t = {
        .realm = realm, .cookie = c->cookie, .message = message, .old = c->old};
    TRY(iakerb_token_write(&t, g->arena, out, err));
    return iakerb_talk_add(&g->iakerb->talk, *out, g->arena, err);
}

// ---- the phases; each gives a token, or none if it is over

// A keytab's key of one of the enctypes that the KDC named.
static enum obol_code give_key(struct gss_initiator *g, const struct client_output *want,
                               struct error *err) {
    const struct iakerb_login *login = g->params.login;
    const struct keytab_entry *entry;
    if (login->password) {
        as_client_password(&g->iakerb->as, login->password);
        return OBOL_OK;
    }
    ENSURE(login->keytab, PASSWORD_NEEDED,
           "there is neither a password nor a keytab to log in with");
    for (size_t i = 0; i < want->hint_count; i++)
        if (keytab_find(login->keytab, login->keytab_path, &want->principal, 0,
                        want->hints[i].etype, &entry, NULL) == OBOL_OK)
            return as_client_key(&g->iakerb->as, entry->key.keytype, entry->key.keyvalue, err);
    return keytab_find(login->keytab, login->keytab_path, &want->principal, 0,
                       want->hint_count ? want->hints[0].etype : 0, &entry, err);
}

static enum obol_code as_phase(struct gss_initiator *g, struct slice reply, struct slice *out,
                               struct error *err) {
    struct iakerb_client *c = g->iakerb;
    struct client_output want;
    TRY(as_client_step(&c->as, reply, &want, err));
    while (want.want == CLIENT_KEY) {
        TRY(give_key(g, &want, err));
        TRY(as_client_step(&c->as, (struct slice){0}, &want, err));
    }
    if (want.want == CLIENT_SEND)
        return send_token(g, want.realm, want.message, out, err);
    c->tgt = c->as.ticket;
    c->logged_in = true;
    return OBOL_OK;
}

static enum obol_code tgs_begin(struct gss_initiator *g, const struct principal *service,
                                uint32_t options, struct error *err) {
    struct iakerb_client *c = g->iakerb;
    const struct iakerb_login *login = g->params.login;
    const struct tgs_params params = {
        .tgt = &c->tgt,
        .service = *service,
        .etypes = login->tgs_etypes,
        .allow_weak = login->as.allow_weak,
        .options = options,
        .clock_offset = c->logged_in ? c->as.facts.clock_offset : 0,
        .clockskew = login->as.clockskew,
    };
    return tgs_client_init(&c->tgs, &params, g->env, g->arena, err);
}

static enum obol_code service_begin(struct gss_initiator *g, struct error *err) {
    const struct iakerb_login *login = g->params.login;
    g->iakerb->phase = IAKERB_TGS;
    return tgs_begin(g, &login->service, login->tgs_options, err);
}

// Whether the service is to get a TGT of the client's. Without a forwardable one there is none to
// get, which is no failure (RFC 2744 5.19.1).
static bool delegates(const struct gss_initiator *g) {
    const struct iakerb_login *login = g->params.login;
    bool trusted = (g->ticket.flags & (uint32_t)TKT_OK_AS_DELEGATE) != 0;
    return (login->delegate == IAKERB_DELEGATE_ALWAYS ||
            (login->delegate == IAKERB_DELEGATE_TRUSTED && trusted)) &&
           (g->iakerb->tgt.flags & (uint32_t)TKT_FORWARDABLE);
}

static enum obol_code forward_begin(struct gss_initiator *g, struct error *err) {
    struct principal tgs;
    struct slice realm = g->iakerb->tgt.server.realm;
    g->iakerb->phase = IAKERB_FORWARD;
    TRY(principal_krbtgt(realm, realm, g->arena, &tgs, err));
    return tgs_begin(g, &tgs, KDC_OPT_FORWARDED | KDC_OPT_FORWARDABLE, err);
}

static enum obol_code tgs_phase(struct gss_initiator *g, struct slice reply, struct slice *out,
                                struct error *err) {
    struct client_output want;
    TRY(tgs_client_step(&g->iakerb->tgs, reply, &want, err));
    if (want.want == CLIENT_SEND)
        return send_token(g, want.realm, want.message, out, err);
    g->ticket = g->iakerb->tgs.ticket;
    g->iakerb->phase = IAKERB_AP;
    return delegates(g) ? forward_begin(g, err) : OBOL_OK;
}

static enum obol_code forward_phase(struct gss_initiator *g, struct slice reply, struct slice *out,
                                    struct error *err) {
    struct iakerb_client *c = g->iakerb;
    struct client_output want = {.want = CLIENT_DONE};
    struct error refused;
    error_init(&refused);
    enum obol_code code = tgs_client_step(&c->tgs, reply, &want, &refused);
    if (code == OBOL_OK && want.want == CLIENT_SEND)
        return send_token(g, want.realm, want.message, out, err);
    c->phase = IAKERB_AP;
    if (code != OBOL_OK) // the KDC forwards none
        return OBOL_OK;
    c->forwarded = c->tgs.ticket;
    g->params.forwarded = &c->forwarded;
    g->params.flags |= GSS_FLAG_DELEG;
    return OBOL_OK;
}

static enum obol_code ap_phase(struct gss_initiator *g, struct slice *out, struct error *err) {
    struct slice conversation;
    TRY(iakerb_talk_join(&g->iakerb->talk, g->arena, &conversation, err));
    return gss_krb5_initiate(g, conversation, out, err);
}

// Goes on with a KDC's reply as far as it is possible without the next one.
static enum obol_code go_on(struct gss_initiator *g, struct slice reply, struct slice *out,
                            struct error *err) {
    struct iakerb_client *c = g->iakerb;
    if (c->phase == IAKERB_AS) {
        TRY(as_phase(g, reply, out, err));
        if (out->len)
            return OBOL_OK;
        reply = (struct slice){0};
        TRY(service_begin(g, err));
    }
    if (c->phase == IAKERB_TGS) {
        TRY(tgs_phase(g, reply, out, err));
        if (out->len)
            return OBOL_OK;
        reply = (struct slice){0};
    }
    if (c->phase == IAKERB_FORWARD) {
        TRY(forward_phase(g, reply, out, err));
        if (out->len)
            return OBOL_OK;
    }
    return ap_phase(g, out, err);
}

static enum obol_code begin(struct gss_initiator *g, struct slice *out, struct error *err) {
    const struct iakerb_login *login = g->params.login;
    struct iakerb_client *c = arena_zalloc(g->arena, 1, sizeof *c);
    ENSURE_MEMORY(c);
    g->iakerb = c;
    c->as_params = login->as;
    // Who knows only the old tokens cannot be asked for his realm.
    c->old = login->old && (login->tgt || login->as.client.realm.len);
    if (login->tgt) {
        c->tgt = *login->tgt;
        TRY(service_begin(g, err));
        return go_on(g, (struct slice){0}, out, err);
    }
    c->phase = IAKERB_REALM;
    if (login->as.client.realm.len == 0)
        return send_token(g, (struct slice){0}, (struct slice){0}, out, err);
    c->phase = IAKERB_AS;
    TRY(as_client_init(&c->as, &c->as_params, g->env, g->arena, err));
    return go_on(g, (struct slice){0}, out, err);
}

// The service names its realm, which becomes ours.
static enum obol_code take_realm(struct gss_initiator *g, struct slice realm, struct slice *out,
                                 struct error *err) {
    struct iakerb_client *c = g->iakerb;
    ENSURE(realm.len != 0, TOKEN_MALFORMED, "the service was asked for its realm and names none");
    c->as_params.client.realm = realm;
    TRY(principal_check(&c->as_params.client, err));
    c->phase = IAKERB_AS;
    TRY(as_client_init(&c->as, &c->as_params, g->env, g->arena, err));
    return go_on(g, (struct slice){0}, out, err);
}

// The service, and not a KDC, says that it could not carry the message.
static enum obol_code check_proxy_error(struct gss_initiator *g, const struct iakerb_token *t,
                                        struct error *err) {
    struct krb_error e;
    if (der_tag_of(t->message) != 0x7e ||
        der_decode(&TYPE_KRB_ERROR, t->message, g->arena, &e, NULL) != OBOL_OK)
        return OBOL_OK;
    enum obol_code code = error_code_of_krb(e.error_code);
    if (code != OBOL_KRB_AP_ERR_IAKERB_KDC_NOT_FOUND &&
        code != OBOL_KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE)
        return OBOL_OK;
    error_fact(err, "realm", "%.*s", SLICE_ARG(t->realm));
    return error_set(err, code, __func__, "the service cannot carry the login to a KDC of %.*s",
                     SLICE_ARG(t->realm));
}

static enum obol_code iakerb_step(struct gss_initiator *g, struct slice token, struct slice *out,
                                  struct error *err) {
    if (!g->started) {
        g->started = true;
        return begin(g, out, err);
    }
    if (g->iakerb->phase == IAKERB_AP)
        return gss_krb5_finish(g, token, out, err);
    struct iakerb_token t;
    struct slice kept;
    ENSURE(arena_copy(g->arena, token, &kept), NO_MEMORY, "no room for the service's token");
    TRY(iakerb_token_read(kept, g->arena, &t, err));
    TRY(iakerb_talk_add(&g->iakerb->talk, kept, g->arena, err));
    TRY(check_proxy_error(g, &t, err));
    g->iakerb->cookie = t.cookie;
    g->iakerb->old = t.old;
    if (g->iakerb->phase == IAKERB_REALM)
        return take_realm(g, t.realm, out, err);
    ENSURE(t.message.len != 0, TOKEN_MALFORMED, "the service's token holds no KDC's reply");
    return go_on(g, t.message, out, err);
}

static bool is_iakerb(struct slice oid) {
    return slice_eq(oid, OID_IAKERB);
}
static bool iakerb_possible(const struct gss_initiator_params *params) {
    return params->login != NULL;
}

const struct gss_initiator_mech GSS_INITIATOR_IAKERB = {is_iakerb, iakerb_possible, iakerb_step};
