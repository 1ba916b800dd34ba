// gic.c: initial credentials: a password or keytab becomes a ticket, as programs ask for it.
#include "compat/gic.h"
#include "compat/convert.h"
#include "compat/keytab.h"
#include <errno.h>
#include <stdlib.h>

// ---- options

static void flag_option(struct login_params *p, int wanted, uint32_t option) {
    if (wanted)
        p->options_on |= option;
    else
        p->options_off |= option;
}

static void apply_extended(const struct gic_opt *whole, struct gic *gic) {
    if (!whole)
        return;
    gic->responder = whole->responder;
    gic->responder_data = whole->responder_data;
    gic->params.pac_said = whole->pac_said;
    gic->params.pac_wanted = whole->pac_wanted;
    gic->params.identity = slice_str(whole->identity);
    gic->params.anchors = (struct slice_list){gic->anchors, 0};
    for (; gic->params.anchors.count < whole->anchor_count; gic->params.anchors.count++)
        gic->anchors[gic->params.anchors.count] =
            slice_str(whole->anchors[gic->params.anchors.count]);
    if (whole->out_ccache)
        gic->params.cache = whole->out_ccache->cache;
}

// FAST (RFC 6113): the cache whose ticket armors the login. Required without one is refused.
static enum obol_code apply_armor(struct call *c, const struct gic_opt *whole,
                                  struct login_params *p) {
    struct error *err = &c->err;
    p->armor_required = (whole->fast_flags & KRB5_FAST_REQUIRED) != 0;
    if (p->armor_required && !whole->fast_ccache) {
        c->as = KRB5_ERR_FAST_REQUIRED;
        ENSURE(false, FAST_REQUIRED,
               "FAST is required, and no cache with an armor ticket was given");
    }
    if (!whole->fast_ccache)
        return OBOL_OK;
    struct net net = context_net(c->context);
    return ccache_open(&p->armor, slice_str(whole->fast_ccache), net.conf, err);
}

// Types that are begun with before the KDC asks; the first that can be made so is.
static enum obol_code take_unasked(struct call *c, const krb5_get_init_creds_opt *opt,
                                   struct login_params *p) {
    struct error *err = &c->err;
    ENSURE(opt->preauth_list_length >= 0 && (opt->preauth_list || !opt->preauth_list_length),
           INVALID_ARGUMENT, "a list of %d preauthentication types", opt->preauth_list_length);
    size_t count = (size_t)opt->preauth_list_length;
    int32_t *types = arena_zalloc(&c->arena, count + 1, sizeof *types);
    ENSURE_MEMORY(types);
    for (size_t i = 0; i < count; i++)
        types[i] = opt->preauth_list[i];
    p->unasked = types;
    return OBOL_OK;
}

static enum obol_code apply_options(struct call *c, krb5_get_init_creds_opt *opt, struct gic *gic) {
    struct error *err = &c->err;
    struct login_params *p = &gic->params;
    if (!opt)
        return OBOL_OK;
    apply_extended(gic_extended(opt), gic);
    p->anonymous = (opt->flags & KRB5_GET_INIT_CREDS_OPT_ANONYMOUS) != 0;
    if ((opt->flags & KRB5_GET_INIT_CREDS_OPT_TKT_LIFE) && opt->tkt_life > 0)
        p->lifetime = opt->tkt_life;
    if ((opt->flags & KRB5_GET_INIT_CREDS_OPT_RENEW_LIFE) && opt->renew_life > 0)
        p->renew_lifetime = opt->renew_life;
    if (opt->flags & KRB5_GET_INIT_CREDS_OPT_FORWARDABLE)
        flag_option(p, opt->forwardable, KDC_OPT_FORWARDABLE);
    if (opt->flags & KRB5_GET_INIT_CREDS_OPT_PROXIABLE)
        flag_option(p, opt->proxiable, KDC_OPT_PROXIABLE);
    if (opt->flags & KRB5_GET_INIT_CREDS_OPT_CANONICALIZE)
        p->options_on |= KDC_OPT_CANONICALIZE;
    if (opt->flags & KRB5_GET_INIT_CREDS_OPT_ETYPE_LIST) {
        ENSURE(opt->etype_list_length >= 0 && opt->etype_list, INVALID_ARGUMENT,
               "an empty list of enctypes");
        p->etypes = (struct int32_list){opt->etype_list, (size_t)opt->etype_list_length};
    }
    if (opt->flags & KRB5_GET_INIT_CREDS_OPT_ADDRESS_LIST) {
        p->addresses_said = true;
        TRY(addresses_in(opt->address_list, &c->arena, &p->addresses, err));
    }
    if ((opt->flags & KRB5_GET_INIT_CREDS_OPT_SALT) && opt->salt) {
        p->salt_said = true;
        ENSURE(arena_copy(&c->arena, data_in(opt->salt), &p->salt), NO_MEMORY,
               "no memory for a salt");
    }
    if (opt->flags & KRB5_GET_INIT_CREDS_OPT_PREAUTH_LIST)
        TRY(take_unasked(c, opt, p));
    const struct gic_opt *whole = gic_extended(opt);
    return whole ? apply_armor(c, whole, p) : OBOL_OK;
}

// "kadmin/changepw", with the client's realm where it names none.
static enum obol_code service_of(struct call *c, const char *text, struct slice client_realm,
                                 struct principal *out) {
    struct error *err = &c->err;
    return principal_parse(slice_str(text), client_realm, NT_UNKNOWN, &c->arena, out, err);
}

void gic_tell_expiry(struct gic *gic, krb5_get_init_creds_opt *opt, const struct as_facts *facts) {
    const struct gic_opt *whole = gic_extended(opt);
    bool said = facts->password_expires || facts->account_expires;
    if (whole && whole->expire && said)
        whole->expire(gic->context, whole->expire_data, time_out(facts->password_expires),
                      time_out(facts->account_expires), 1);
}

enum obol_code gic_prepare(struct call *c, struct gic *gic, krb5_const_principal client,
                           krb5_deltat start, const char *service, krb5_get_init_creds_opt *opt) {
    struct error *err = &c->err;
    struct login_params *p = &gic->params;
    gic->context = c->context;
    TRY(principal_in(client, &c->arena, &p->client, err));
    ENSURE(p->client.realm.len, CONFIG_NO_REALM, "the client's name has no realm");
    if (service && *service) {
        // In the arena: the caller's gic lives longer than this call.
        struct principal *named = arena_zalloc(&c->arena, 1, sizeof *named);
        ENSURE_MEMORY(named);
        TRY(service_of(c, service, p->client.realm, named));
        p->service = named;
    }
    TRY(apply_options(c, opt, gic));
    p->start = start > 0 ? start : 0;
    gic_ask(gic);
    if (gic->password.ptr)
        p->password = &gic->password;
    return OBOL_OK;
}

// Logs in with `gic`, by the options (NULL is fine) and for a service (NULL: the TGT), and fills
// *creds.
static enum obol_code gic_login(struct call *c, struct gic *gic, krb5_const_principal client,
                                krb5_deltat start, const char *service,
                                krb5_get_init_creds_opt *opt, krb5_creds *creds) {
    struct error *err = &c->err;
    struct net net = context_net(c->context);
    struct login_params *p = &gic->params;
    struct login_result result;
    TRY(gic_prepare(c, gic, client, start, service, opt));
    enum obol_code code = net_login(&net, p, &c->arena, &result, err);
    ccache_close(p->armor);
    p->armor = NULL;
    TRY(code);
    gic_tell_expiry(gic, opt, &result.facts);
    ENSURE(cred_out(creds, &result.ticket), NO_MEMORY, "no memory for the credentials");
    return OBOL_OK;
}

// What failed, as programs know it: the password is asked for by the caller, too.
enum obol_code gic_end(struct call *c, enum obol_code code) {
    if (code == OBOL_PASSWORD_NEEDED)
        c->as = KRB5_LIBOS_CANTREADPWD;
    else if (code == OBOL_PASSWORD_WRONG || code == OBOL_KDC_ERR_PREAUTH_FAILED)
        c->as = KRB5KDC_ERR_PREAUTH_FAILED;
    return code;
}

krb5_error_code krb5_get_init_creds_password(krb5_context context, krb5_creds *creds,
                                             krb5_principal client, const char *password,
                                             krb5_prompter_fct prompter, void *data,
                                             krb5_deltat start, const char *service,
                                             krb5_get_init_creds_opt *opt) {
    CALL(call, context);
    struct gic gic = {.prompter = prompter, .prompter_data = data};
    if (!creds)
        return EINVAL;
    if (password && !secret_copy(&gic.password, slice_str(password)))
        return ENOMEM;
    enum obol_code code = gic_login(&call, &gic, client, start, service, opt, creds);
    secret_clear(&gic.password);
    return call_end(&call, gic_end(&call, code));
}

krb5_error_code krb5_get_init_creds_keytab(krb5_context context, krb5_creds *creds,
                                           krb5_principal client, krb5_keytab kt, krb5_deltat start,
                                           const char *service, krb5_get_init_creds_opt *opt) {
    CALL(call, context);
    struct keytab_content content;
    struct gic gic = {.params = {.keytab = &content}};
    if (!creds)
        return EINVAL;
    enum obol_code code = kt_open(&call, kt, &content, &gic.params.keytab_path);
    if (code == OBOL_OK)
        code = gic_login(&call, &gic, client, start, service, opt, creds);
    return call_end(&call, gic_end(&call, code));
}

// The older call that an RPC library still makes: options are KDC options, the ticket is for
// creds->server and goes into the cache, too.
krb5_error_code krb5_get_in_tkt_with_keytab(krb5_context context, krb5_flags options,
                                            krb5_address *const *addresses, krb5_enctype *etypes,
                                            krb5_preauthtype *preauth, krb5_keytab kt,
                                            krb5_ccache cc, krb5_creds *creds,
                                            krb5_kdc_rep **reply) {
    CALL(call, context);
    struct keytab_content content;
    struct principal server;
    struct gic gic = {.params = {.keytab = &content, .options_on = (uint32_t)options}};
    krb5_creds got;
    UNUSED(preauth);
    if (!creds || reply || (addresses && addresses[0]))
        return EINVAL;
    for (size_t n = 0; etypes && etypes[n]; n++)
        gic.params.etypes = (struct int32_list){etypes, n + 1};
    enum obol_code code = principal_in(creds->server, &call.arena, &server, &call.err);
    gic.params.service = &server;
    gic.params.cache = cc_is(cc) ? cc->cache : NULL;
    if (code == OBOL_OK)
        code = kt_open(&call, kt, &content, &gic.params.keytab_path);
    if (code == OBOL_OK)
        code = gic_login(&call, &gic, creds->client, 0, NULL, NULL, &got);
    if (code == OBOL_OK) {
        krb5_free_cred_contents(context, creds);
        *creds = got;
    }
    return call_end(&call, gic_end(&call, code));
}
