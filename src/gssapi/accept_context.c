// accept_context.c: gss_accept_sec_context (RFC 2744 5.1): the core's machine (gss/acceptor.h) is
// driven a token a call, with the keys and the replay cache of the credential.
#include "gss/acceptor.h"
#include "gss/frame.h"
#include "gssapi/attr.h"
#include "gssapi/conf.h"
#include "gssapi/establish.h"
#include "gssapi/part.h"
#include "net/net.h"

#define NEG_MECHS_MAX 8

struct machine {
    struct gss_acceptor core;
    struct gss_kdc_proxy proxy;
    struct gssapi_conf *conf; // while a step runs
    struct slice mechs[NEG_MECHS_MAX], frames[3];
};

// IAKERB: a client's message goes to the KDC that our configuration knows.
static enum obol_code carry(void *ctx, struct slice realm, struct slice message, struct arena *a,
                            struct slice *reply, struct error *err) {
    const struct machine *m = ctx;
    const struct net net = {.conf = &m->conf->conf};
    return net_exchange(&net, realm, message, false, a, reply, err);
}

// Carrying messages for strangers is asked for, by a credential of that mechanism.
static bool may_carry(const struct gss_cred_id_struct *cred) {
    unsigned neg[NEG_MECHS_MAX];
    if (!cred)
        return false;
    size_t count = gssapi_cred_neg_mechs(cred, neg, NEG_MECHS_MAX);
    bool asked = (gssapi_cred_mechs(cred) & GSSAPI_IAKERB) != 0;
    for (size_t i = 0; i < count && i < NEG_MECHS_MAX; i++)
        asked = asked || neg[i] == GSSAPI_IAKERB;
    return asked;
}

// RFC 2744 5.1: the tokens are of the mechanisms that the credential is for. The spellings of krb5
// are one mechanism.
static void fill_frames(const struct gss_cred_id_struct *cred, struct machine *m,
                        struct gss_acceptor_params *out) {
    unsigned has = gssapi_cred_mechs(cred);
    out->frames.items = m->frames;
    if (has & GSSAPI_ANY_KRB5)
        m->frames[out->frames.count++] = OID_KRB5;
    if (has & GSSAPI_IAKERB)
        m->frames[out->frames.count++] = OID_IAKERB;
    if (has & GSSAPI_SPNEGO)
        m->frames[out->frames.count++] = OID_SPNEGO;
}

// The mechanisms that SPNEGO may choose, if the program has said so.
static void fill_mechs(const struct gss_cred_id_struct *cred, struct machine *m,
                       struct gss_acceptor_params *out) {
    unsigned neg[NEG_MECHS_MAX];
    size_t count = cred ? gssapi_cred_neg_mechs(cred, neg, NEG_MECHS_MAX) : 0;
    out->mechs.items = m->mechs;
    for (size_t i = 0; i < count && i < NEG_MECHS_MAX; i++) {
        gss_OID oid = gssapi_mech_oid(neg[i]);
        m->mechs[out->mechs.count++] = slice_of(oid->elements, oid->length);
    }
}

static enum obol_code begin(struct gss_ctx_id_struct *ctx, struct gss_cred_id_struct *cred,
                            gss_channel_bindings_t bindings, struct error *err) {
    struct machine *m = arena_zalloc(ctx->arena, 1, sizeof *m);
    ENSURE_MEMORY(m);
    struct gss_acceptor_params params = {0};
    fill_mechs(cred, m, &params);
    if (cred) {
        fill_frames(cred, m, &params);
        params.etypes = gssapi_cred_etypes(cred, GSS_C_ACCEPT);
    }
    m->proxy = (struct gss_kdc_proxy){.ctx = m, .exchange = carry};
    if (may_carry(cred))
        params.proxy = &m->proxy;
    TRY(gssapi_bindings(bindings, ctx->arena, &params.bindings, err));
    gss_acceptor_init(&m->core, &params, env_system(), ctx->arena);
    ctx->accept = &m->core;
    ctx->core = &m->core.context;
    return OBOL_OK;
}

static enum obol_code name_client(struct gss_ctx_id_struct *ctx, struct error *err) {
    const struct ap_accepted *ap = ctx->accept->ap;
    ctx->client = gssapi_name_of_principal(&ap->client, GSSAPI_KRB5);
    ENSURE_MEMORY(ctx->client);
    if (ap->ticket.authorization_data.count)
        gssapi_name_authdata(ctx->client, &ap->ticket, ap->ticket_key, ctx->arena);
    return OBOL_OK;
}

// A ticket that its service's own key does not open: says whose key, and where it is.
static void keytab_facts(const struct gss_ctx_id_struct *ctx, const struct gssapi_accept *accept,
                         struct error *err) {
    const struct principal *service = &ctx->accept->ap->service;
    error_fact(err, "service", "%.*s", SLICE_ARG(principal_text(service, ctx->arena)));
    error_fact(err, "keytab", "%s", accept->keytab->path);
}

// One step with the keys at hand; they are this step's only.
static enum obol_code step(struct gss_ctx_id_struct *ctx, struct gss_cred_id_struct *cred,
                           struct slice token, struct slice *out, struct error *err) {
    struct machine *m = (struct machine *)(void *)ctx->accept; // `core` is its first member
    struct gssapi_accept accept;
    enum gss_progress progress;
    TRY(gssapi_cred_accept(cred, &accept, err));
    m->conf = accept.conf;
    m->proxy.realm =
        accept.service.realm.len ? accept.service.realm : accept.conf->conf.default_realm;
    ctx->accept->params.keys = &accept.keys;
    ctx->accept->params.replay = accept.replay;
    ctx->accept->params.clockskew = accept.clockskew;
    ctx->accept->params.path = (struct realm_path_source){&accept.conf->conf, krb5conf_find_path};
    struct int32_list own = ctx->accept->params.etypes;
    if (own.count == 0)
        ctx->accept->params.etypes = accept.conf->conf.permitted_enctypes;
    ctx->accept->params.ticket_etypes = accept.conf->conf.permitted_enctypes;
    enum obol_code code = gss_acceptor_step(ctx->accept, token, out, &progress, err);
    if (code == OBOL_KRB_AP_ERR_BAD_INTEGRITY && ctx->accept->ap)
        keytab_facts(ctx, &accept, err);
    // The key that opened the ticket proves what the ticket says, and is at hand in this step only.
    if (code == OBOL_OK && ctx->accept->ap && !ctx->client)
        code = name_client(ctx, err);
    ctx->accept->params.keys = NULL;
    ctx->accept->params.replay = NULL;
    ctx->accept->params.path = (struct realm_path_source){0};
    ctx->accept->params.etypes = own;
    ctx->accept->params.ticket_etypes = (struct int32_list){0};
    m->conf = NULL;
    gssapi_accept_done(&accept);
    return code;
}

// Delegated tickets, or the client's own as evidence for S4U2Proxy where the credential is for both
// (as MIT krb5 does).
static enum obol_code take_delegated(struct gss_ctx_id_struct *ctx, struct gss_cred_id_struct *cred,
                                     gss_cred_id_t *delegated, struct error *err) {
    const struct gss_context *core = ctx->core;
    if (core->delegated_count)
        return gssapi_cred_of_tickets(&core->delegated[0].client, core->delegated,
                                      core->delegated_count, delegated, err);
    gss_cred_usage_t usage = GSS_C_ACCEPT;
    OM_uint32 minor;
    if (!cred || gss_inquire_cred(&minor, cred, NULL, NULL, &usage, NULL) || usage != GSS_C_BOTH ||
        !core->ticket)
        return OBOL_OK;
    // Without a TGT of our own there is nothing to act with, which is no failure of the context.
    if (gssapi_cred_of_evidence(cred, &core->client, core->ticket, delegated, NULL) == OBOL_OK)
        ctx->flags |= GSS_C_DELEG_FLAG;
    return OBOL_OK;
}

// What the program asked to be told when the context stands.
struct wanted {
    gss_name_t *source;
    gss_cred_id_t *delegated;
};

static enum obol_code finish(struct gss_ctx_id_struct *ctx, struct gss_cred_id_struct *cred,
                             const struct wanted *want, struct error *err) {
    gssapi_established(ctx, ctx->accept->frame_oid, ctx->accept->spnego);
    if (want->delegated)
        TRY(take_delegated(ctx, cred, want->delegated, err));
    if (!want->source)
        return OBOL_OK;
    *want->source = gssapi_name_copy(ctx->client);
    ENSURE_MEMORY(*want->source);
    return OBOL_OK;
}

static OM_uint32 run(OM_uint32 *minor, struct gss_ctx_id_struct *ctx,
                     struct gss_cred_id_struct *cred, gss_channel_bindings_t bindings,
                     gss_buffer_t input, gss_buffer_t output, const struct wanted *want) {
    struct error *err = &ctx->err;
    struct slice out = {0}, kept;
    error_init(err);
    enum obol_code code = ctx->accept ? OBOL_OK : begin(ctx, cred, bindings, err);
    if (code == OBOL_OK && !arena_copy(ctx->arena, gssapi_slice(input), &kept))
        code = error_set(err, OBOL_NO_MEMORY, __func__, "no room for a token of %zu bytes",
                         input->length);
    if (code == OBOL_OK)
        code = step(ctx, cred, kept, &out, err);
    // A token that tells the client why it was refused is given out with the failure.
    enum obol_code put = gssapi_put_token(out, output, code == OBOL_OK ? err : NULL);
    if (code == OBOL_OK && put == OBOL_OK && !ctx->accept->done)
        return GSS_S_CONTINUE_NEEDED;
    if (code == OBOL_OK && put == OBOL_OK && finish(ctx, cred, want, err) == OBOL_OK)
        return GSS_S_COMPLETE;
    return gssapi_ctx_failed(minor, ctx);
}

static OM_uint32 check(OM_uint32 *minor, gss_cred_id_t cred, const struct gss_ctx_id_struct *ctx) {
    if (cred && !gssapi_is_cred(cred))
        return gssapi_refuse(minor, GSS_S_NO_CRED, OBOL_INVALID_ARGUMENT,
                             "the credential's handle is none");
    struct gssapi_part *accepts = cred ? cred_part_for(cred, GSS_C_ACCEPT) : NULL;
    part_drop(accepts);
    if (cred && !accepts)
        return gssapi_refuse(minor, GSS_S_NO_CRED, OBOL_INVALID_ARGUMENT,
                             "the credential is for beginning contexts only");
    if (ctx &&
        (!gssapi_is_ctx(ctx) || ctx->initiator || ctx->state != GSSAPI_CTX_STARTED || !ctx->accept))
        return gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                             "the context is not one that was begun and awaits a token");
    return GSS_S_COMPLETE;
}

static void clear_results(gss_name_t *source, gss_OID *mech, gss_buffer_t output,
                          OM_uint32 *ret_flags, OM_uint32 *time_rec, gss_cred_id_t *delegated) {
    if (source)
        *source = GSS_C_NO_NAME;
    if (mech)
        *mech = GSS_C_NO_OID;
    if (output)
        *output = (gss_buffer_desc){0};
    if (ret_flags)
        *ret_flags = 0;
    if (time_rec)
        *time_rec = 0;
    if (delegated)
        *delegated = GSS_C_NO_CREDENTIAL;
}

OM_uint32 gss_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *ctx, gss_cred_id_t cred,
                                 gss_buffer_t input, gss_channel_bindings_t bindings,
                                 gss_name_t *source, gss_OID *mech, gss_buffer_t output,
                                 OM_uint32 *ret_flags, OM_uint32 *time_rec,
                                 gss_cred_id_t *delegated) {
    clear_results(source, mech, output, ret_flags, time_rec, delegated);
    if (gssapi_begin(minor) || !ctx || !output)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!input || (!input->value && input->length))
        return GSS_S_CALL_INACCESSIBLE_READ;
    bool first = *ctx == GSS_C_NO_CONTEXT;
    OM_uint32 major = check(minor, cred, *ctx);
    if (major)
        return major;
    struct gss_ctx_id_struct *x = first ? gssapi_context_new() : *ctx;
    if (!x)
        return gssapi_no_memory(minor);
    const struct wanted want = {source, delegated};
    major = run(minor, x, cred, bindings, input, output, &want);
    if (GSS_ERROR(major)) {
        OM_uint32 ignored;
        if (source)
            (void)gss_release_name(&ignored, source);
        if (delegated)
            (void)gss_release_cred(&ignored, delegated);
        if (first)
            gssapi_context_free(x); // nothing was begun: there is no handle
        return major;
    }
    *ctx = x;
    if (mech)
        *mech = x->mech;
    if (ret_flags)
        *ret_flags = x->flags;
    if (time_rec)
        *time_rec = major == GSS_S_COMPLETE ? gssapi_ctx_lifetime(x) : 0;
    return major;
}
