// init_context.c: gss_init_sec_context (RFC 2744 5.19): tickets are got, and the core's machine
// (gss/initiator.h) is driven a token a call.
#include "gss/frame.h"
#include "gss/initiator.h"
#include "gssapi/conf.h"
#include "gssapi/establish.h"
#include "gssapi/name.h"

#define NEG_MECHS_MAX 8

// What a call was passed.
struct call {
    struct gss_cred_id_struct *cred;
    const struct gss_name_struct *target;
    unsigned mech; // enum gssapi_mech
    uint32_t flags;
    gss_channel_bindings_t bindings;
    struct slice token;
    OM_uint32 lifetime; // seconds that are asked for; 0 and GSS_C_INDEFINITE: all there are
};

// The machine with all that it borrows, in the context's arena.
struct machine {
    struct gss_initiator core;
    struct env shifted; // the KDC's clock, where it is known to differ from ours
    int64_t offset_us;
    struct gssapi_ticket ticket, forwarded, tgt;
    struct iakerb_login login;
    struct slice mechs[NEG_MECHS_MAX];
    struct gss_initiator_params params;
};

static int64_t shifted_now(void *ctx) {
    const struct machine *m = ctx;
    return env_now_us(env_system()) + m->offset_us;
}
static void system_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    env_random(env_system(), out);
}

static const struct env *env_of(struct machine *m) {
    if (m->ticket.clock_offset == 0)
        return env_system();
    m->offset_us = m->ticket.clock_offset * 1000000;
    m->shifted = (struct env){m, shifted_now, system_random};
    return &m->shifted;
}

// ---- what the machine is to do

static enum obol_code get_ticket(struct gss_ctx_id_struct *ctx, const struct call *c,
                                 struct machine *m, struct error *err) {
    const struct gssapi_target target = {
        .name = c->target,
        .anonymous = (c->flags & GSS_C_ANON_FLAG) != 0,
        .lifetime = c->lifetime == GSS_C_INDEFINITE ? 0 : c->lifetime,
    };
    TRY(gssapi_cred_ticket(c->cred, &target, 0, ctx->arena, &m->ticket, err));
    m->params.ticket = &m->ticket.cred;
    return OBOL_OK;
}

static void fill_delegation(uint32_t flags, bool enforce, struct iakerb_login *login) {
    if (!(flags & (GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG)))
        return;
    bool always = (flags & GSS_C_DELEG_FLAG) && !enforce;
    login->delegate = always ? IAKERB_DELEGATE_ALWAYS : IAKERB_DELEGATE_TRUSTED;
    login->as.options |= KDC_OPT_FORWARDABLE;
}

// Without a password the tickets that there are go to the KDC through the service.
static enum obol_code get_tgt(struct gss_ctx_id_struct *ctx, const struct call *c,
                              struct machine *m, struct error *err) {
    struct gssapi_target target = {0};
    struct slice realm = m->login.as.client.realm;
    TRY(principal_krbtgt(realm, realm, ctx->arena, &target.principal, err));
    TRY(gssapi_cred_ticket(c->cred, &target, 0, ctx->arena, &m->tgt, err));
    m->login.tgt = &m->tgt.cred;
    return OBOL_OK;
}

// What a login through the service needs; its TGT is the machine's own.
static enum obol_code get_login(struct gss_ctx_id_struct *ctx, const struct call *c,
                                struct machine *m, struct error *err) {
    struct gssapi_conf *conf;
    struct iakerb_login *login = &m->login;
    login->password = gssapi_cred_password(c->cred);
    TRY(gssapi_conf_get(&conf, err));
    enum obol_code code = gssapi_cred_initiator(c->cred, ctx->arena, &login->as.client, err);
    if (code == OBOL_OK)
        code = gssapi_name_principal(c->target, conf, ctx->arena, &login->service, err);
    const struct int32_list *etypes = &conf->conf.default_tkt_enctypes;
    int32_t *own = arena_zalloc(ctx->arena, etypes->count + 1, sizeof *own);
    if (own)
        memcpy(own, etypes->items, etypes->count * sizeof *own);
    login->as.etypes = login->tgs_etypes = (struct int32_list){own, own ? etypes->count : 0};
    login->as.allow_weak = true; // krb5.conf has struck what it does not allow
    login->as.clockskew = conf->conf.clockskew;
    login->as.options = login->tgs_options = KDC_OPT_CANONICALIZE;
    fill_delegation(c->flags, conf->conf.enforce_ok_as_delegate, login);
    login->old = conf->conf.iakerb_tokens == IAKERB_TOKENS_OLD;
    gssapi_conf_put(conf);
    TRY(code);
    ENSURE_MEMORY(own);
    m->params.login = login;
    return login->password ? OBOL_OK : get_tgt(ctx, c, m, err);
}

// Gets what one mechanism needs. SPNEGO leaves out those that it is not there for.
static enum obol_code prepare_mech(struct gss_ctx_id_struct *ctx, const struct call *c,
                                   struct machine *m, unsigned mech, struct error *err) {
    if (mech & GSSAPI_ANY_KRB5)
        TRY(m->params.ticket ? OBOL_OK : get_ticket(ctx, c, m, err));
    else
        TRY(get_login(ctx, c, m, err));
    gss_OID oid = gssapi_mech_oid(mech);
    m->mechs[m->params.mechs.count++] = slice_of(oid->elements, oid->length);
    return OBOL_OK;
}

static enum obol_code prepare_mechs(struct gss_ctx_id_struct *ctx, const struct call *c,
                                    struct machine *m, struct error *err) {
    unsigned mechs[NEG_MECHS_MAX] = {GSSAPI_KRB5};
    size_t count = 0;
    m->params.mechs.items = m->mechs;
    m->params.bare = c->mech != GSSAPI_SPNEGO;
    if (m->params.bare)
        return prepare_mech(ctx, c, m, c->mech, err);
    if (c->cred)
        count = gssapi_cred_neg_mechs(c->cred, mechs, NEG_MECHS_MAX);
    // The failure of the first is told, if none is left.
    for (size_t i = 0; i < (count ? count : 1); i++)
        if (prepare_mech(ctx, c, m, mechs[i], m->params.mechs.count ? NULL : err) == OBOL_OK &&
            err->code != OBOL_OK)
            error_init(err);
    return m->params.mechs.count ? OBOL_OK : err->code;
}

// RFC 2744 5.19.1: a TGT that cannot be had is no failure of the context: the flag is not set.
static void prepare_delegation(struct gss_ctx_id_struct *ctx, const struct call *c,
                               struct machine *m, bool enforce) {
    bool always = (c->flags & GSS_C_DELEG_FLAG) && !enforce;
    bool by_policy =
        (c->flags & (GSS_C_DELEG_POLICY_FLAG | GSS_C_DELEG_FLAG)) && m->ticket.ok_as_delegate;
    if (!m->params.ticket || (!always && !by_policy) ||
        gssapi_cred_forwarded(c->cred, ctx->arena, &m->forwarded, NULL) != OBOL_OK)
        return;
    m->params.forwarded = &m->forwarded.cred;
    m->params.flags |= GSS_FLAG_DELEG;
}

// The enctypes that the service may protect messages with: the credential's, else krb5.conf's.
static enum obol_code prepare_etypes(const struct call *c, const struct gssapi_conf *conf,
                                     struct arena *a, struct int32_list *out, struct error *err) {
    struct int32_list from = {0};
    struct slice own;
    if (c->cred)
        from = gssapi_cred_etypes(c->cred, GSS_C_INITIATE);
    if (from.count == 0)
        from = conf->conf.permitted_enctypes;
    ENSURE(arena_copy(a, slice_of(from.items, from.count * sizeof *from.items), &own), NO_MEMORY,
           "no room for the list of enctypes");
    *out = (struct int32_list){(int32_t *)(uintptr_t)own.ptr, from.count};
    return OBOL_OK;
}

static enum obol_code prepare(struct gss_ctx_id_struct *ctx, const struct call *c,
                              struct machine *m, struct error *err) {
    const uint32_t ours = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                          GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_DCE_STYLE |
                          GSS_C_IDENTIFY_FLAG | GSS_C_EXTENDED_ERROR_FLAG;
    struct gssapi_conf *conf;
    m->params.flags = c->flags & ours;
    // They come with every krb5 context (RFC 4121), unless the program says that it has no use.
    if (!c->cred || !gssapi_cred_no_ci_flags(c->cred))
        m->params.flags |= GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    TRY(gssapi_conf_get(&conf, err));
    bool aware = conf->conf.client_aware_channel_bindings;
    bool enforce = conf->conf.enforce_ok_as_delegate;
    enum obol_code code = prepare_etypes(c, conf, ctx->arena, &m->params.etypes, err);
    gssapi_conf_put(conf);
    TRY(code);
    m->params.bindings_aware = aware || (c->flags & GSS_C_CHANNEL_BOUND_FLAG);
    TRY(gssapi_bindings(c->bindings, ctx->arena, &m->params.bindings, err));
    TRY(prepare_mechs(ctx, c, m, err));
    prepare_delegation(ctx, c, m, enforce);
    return OBOL_OK;
}

// ---- the steps

static enum obol_code first_step(struct gss_ctx_id_struct *ctx, const struct call *c,
                                 struct slice *out, struct error *err) {
    struct machine *m = arena_zalloc(ctx->arena, 1, sizeof *m);
    ENSURE_MEMORY(m);
    ENSURE(c->token.len == 0, TOKEN_MALFORMED,
           "a token of %zu bytes was passed to the first call, which begins", c->token.len);
    TRY(prepare(ctx, c, m, err));
    ctx->start = &m->core;
    ctx->core = &m->core.context;
    TRY(gss_initiator_start(&m->core, &m->params, env_of(m), ctx->arena, out, err));
    // The program is told the target as it named it; the ticket may be for another name of it.
    if (m->params.ticket)
        m->core.context.service = m->ticket.asked;
    return OBOL_OK;
}

static enum obol_code later_step(struct gss_ctx_id_struct *ctx, const struct call *c,
                                 struct slice *out, struct error *err) {
    struct slice kept;
    ENSURE(c->token.len != 0, TOKEN_MALFORMED, "the service sent no token to prove itself with");
    ENSURE(arena_copy(ctx->arena, c->token, &kept), NO_MEMORY, "no room for a token of %zu bytes",
           c->token.len);
    return gss_initiator_step(ctx->start, kept, out, err);
}

static OM_uint32 run(OM_uint32 *minor, struct gss_ctx_id_struct *ctx, const struct call *c,
                     bool first, gss_buffer_t output) {
    struct error *err = &ctx->err;
    struct slice out = {0};
    error_init(err);
    enum obol_code code = first ? first_step(ctx, c, &out, err) : later_step(ctx, c, &out, err);
    if (code == OBOL_OK)
        code = gssapi_put_token(out, output, err);
    if (code != OBOL_OK)
        return gssapi_ctx_failed(minor, ctx);
    // RFC 5896 3: by policy, if the KDC trusts the service, whoever decided it.
    if ((ctx->core->flags & GSS_FLAG_DELEG) && (ctx->core->ticket_flags & TKT_OK_AS_DELEGATE))
        ctx->flags |= GSS_C_DELEG_POLICY_FLAG;
    if (!ctx->start->done)
        return GSS_S_CONTINUE_NEEDED;
    gssapi_established(ctx, ctx->start->frame_oid, !ctx->start->params.bare);
    return GSS_S_COMPLETE;
}

static OM_uint32 check(OM_uint32 *minor, const struct call *c, gss_cred_id_t cred,
                       gss_name_t target, const struct gss_ctx_id_struct *ctx) {
    if (cred && !gssapi_is_cred(cred))
        return gssapi_refuse(minor, GSS_S_NO_CRED, OBOL_INVALID_ARGUMENT,
                             "the credential's handle is none");
    if (!target)
        return gssapi_refuse(minor, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME,
                             OBOL_INVALID_ARGUMENT, "no target was named");
    if (!gssapi_is_name(target))
        return gssapi_refuse(minor, GSS_S_BAD_NAME, OBOL_INVALID_ARGUMENT,
                             "the target's handle is no name");
    if (!c->mech)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "this library has krb5, IAKERB and SPNEGO");
    if (ctx &&
        (!gssapi_is_ctx(ctx) || !ctx->initiator || ctx->state != GSSAPI_CTX_STARTED || !ctx->start))
        return gssapi_refuse(minor, GSS_S_NO_CONTEXT, OBOL_INVALID_ARGUMENT,
                             "the context is not one that was begun and awaits a token");
    return GSS_S_COMPLETE;
}

OM_uint32 gss_init_sec_context(OM_uint32 *minor, gss_cred_id_t cred, gss_ctx_id_t *ctx,
                               gss_name_t target, gss_OID mech, OM_uint32 flags, OM_uint32 time,
                               gss_channel_bindings_t bindings, gss_buffer_t input,
                               gss_OID *actual_mech, gss_buffer_t output, OM_uint32 *ret_flags,
                               OM_uint32 *time_rec) {
    if (output)
        *output = (gss_buffer_desc){0};
    if (actual_mech)
        *actual_mech = GSS_C_NO_OID;
    if (ret_flags)
        *ret_flags = 0;
    if (time_rec)
        *time_rec = 0;
    if (gssapi_begin(minor) || !ctx || !output)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    const struct call c = {cred, target, gssapi_mech_of(mech), flags, bindings, gssapi_slice(input),
                           time};
    bool first = *ctx == GSS_C_NO_CONTEXT;
    OM_uint32 major = check(minor, &c, cred, target, *ctx);
    if (major)
        return major;
    struct gss_ctx_id_struct *x = first ? gssapi_context_new() : *ctx;
    if (!x)
        return gssapi_no_memory(minor);
    x->initiator = true;
    major = run(minor, x, &c, first, output);
    if (GSS_ERROR(major)) {
        if (first)
            gssapi_context_free(x); // nothing was begun: there is no handle
        return major;
    }
    *ctx = x;
    if (actual_mech)
        *actual_mech = x->mech ? x->mech : gssapi_mech_oid(c.mech);
    if (ret_flags)
        *ret_flags = x->core->flags | x->flags | GSS_C_TRANS_FLAG;
    if (time_rec)
        *time_rec = gssapi_ctx_lifetime(x);
    return major;
}
