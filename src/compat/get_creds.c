// get_creds.c: tickets for services, renewed and validated TGTs.
#include "compat/get_creds.h"
#include "compat/ccache.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

enum obol_code get_creds_params(struct call *c, krb5_flags options, krb5_ccache cc,
                                const krb5_creds *want, struct ticket_params *out) {
    struct error *err = &c->err;
    ENSURE(cc_is(cc), INVALID_ARGUMENT, "no credential cache was given");
    ENSURE(want, INVALID_ARGUMENT, "no credentials were asked for");
    *out = (struct ticket_params){
        .cache = cc->cache,
        .no_store = (options & KRB5_GC_NO_STORE) != 0,
        .cached_only = (options & KRB5_GC_CACHED) != 0,
        .second_ticket = data_in(&want->second_ticket),
    };
    ENSURE(!(options & KRB5_GC_CONSTRAINED_DELEGATION), UNSUPPORTED,
           "constrained delegation by this call");
    if (options & KRB5_GC_USER_USER)
        out->options |= KDC_OPT_ENC_TKT_IN_SKEY;
    if (options & KRB5_GC_FORWARDABLE)
        out->options |= KDC_OPT_FORWARDABLE;
    if (options & KRB5_GC_NO_TRANSIT_CHECK)
        out->options |= KDC_OPT_DISABLE_TRANSITED_CHECK;
    if (want->keyblock.enctype) {
        int32_t *one = arena_zalloc(&c->arena, 1, sizeof *one);
        ENSURE_MEMORY(one);
        *one = want->keyblock.enctype;
        out->etypes = (struct int32_list){one, 1};
    } else if (c->context->tgs_etype_count) {
        out->etypes = (struct int32_list){c->context->tgs_etypes, c->context->tgs_etype_count};
    }
    return principal_in(want->server, &c->arena, &out->service, err);
}

static enum obol_code get(struct call *c, krb5_flags options, krb5_ccache cc,
                          const krb5_creds *want, krb5_creds **out) {
    struct error *err = &c->err;
    struct ticket_params params;
    struct ticket_result result;
    struct net net = context_net(c->context);
    TRY(get_creds_params(c, options, cc, want, &params));
    enum obol_code code = net_ticket(&net, &params, &c->arena, &result, err);
    if (code == OBOL_CRED_NOT_FOUND)
        c->as = KRB5_CC_NOTFOUND;
    TRY(code);
    krb5_creds *made = calloc(1, sizeof *made);
    if (!made || !cred_out(made, &result.ticket)) {
        free(made);
        ENSURE(false, NO_MEMORY, "no memory for the credentials");
    }
    *out = made;
    return OBOL_OK;
}

krb5_error_code krb5_get_credentials(krb5_context context, krb5_flags options, krb5_ccache cc,
                                     krb5_creds *want, krb5_creds **out) {
    CALL(call, context);
    if (!out)
        return EINVAL;
    *out = NULL;
    return call_end(&call, get(&call, options, cc, want, out));
}

// ---- renewing and validating

// The cache's own content stays as it is: the work is done on a copy in memory.
static enum obol_code copy_to_memory(struct call *c, krb5_ccache cc, krb5_ccache *out) {
    struct error *err = &c->err;
    struct ccache_content content;
    TRY(cc_read(c, cc, &content));
    ENSURE(krb5_cc_new_unique(c->context, "MEMORY", NULL, out) == 0, NO_MEMORY,
           "no memory for a cache");
    enum obol_code code = ccache_initialize((*out)->cache, &content, err);
    if (code != OBOL_OK)
        (void)krb5_cc_destroy(c->context, *out);
    return code;
}

static enum obol_code renew(struct call *c, krb5_ccache cc, const char *service, bool validate,
                            krb5_creds *out) {
    struct error *err = &c->err;
    struct ticket_result result;
    struct net net = context_net(c->context);
    krb5_ccache copy;
    ENSURE(!service || strncmp(service, "krbtgt/", 7) == 0, UNSUPPORTED,
           "'%s' can not be renewed, but a TGT can", service);
    TRY(copy_to_memory(c, cc, &copy));
    enum obol_code code = net_renew(&net, copy->cache, validate, &c->arena, &result, err);
    (void)krb5_cc_destroy(c->context, copy);
    TRY(code);
    ENSURE(cred_out(out, &result.ticket), NO_MEMORY, "no memory for the credentials");
    return OBOL_OK;
}

krb5_error_code krb5_get_renewed_creds(krb5_context context, krb5_creds *out, krb5_principal client,
                                       krb5_ccache cc, const char *service) {
    CALL(call, context);
    UNUSED(client);
    if (!out)
        return EINVAL;
    return call_end(&call, renew(&call, cc, service, false, out));
}

// The older calls: the ticket that `want` names is renewed or validated, and the cache is made anew
// with it.
static krb5_error_code renew_into(krb5_context context, krb5_flags options, krb5_ccache cc,
                                  krb5_creds *want, bool validate, krb5_creds **out) {
    CALL(call, context);
    char *service = NULL;
    if (!want || !out || !cc_is(cc) || options)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return ENOMEM;
    krb5_error_code code = want->server ? krb5_unparse_name(context, want->server, &service) : 0;
    if (code == 0)
        code = call_end(&call, renew(&call, cc, service, validate, *out));
    krb5_free_unparsed_name(context, service);
    if (code == 0)
        code = krb5_cc_initialize(context, cc, (*out)->client);
    if (code == 0)
        code = krb5_cc_store_cred(context, cc, *out);
    if (code) {
        krb5_free_creds(context, *out);
        *out = NULL;
    }
    return code;
}

krb5_error_code krb5_get_credentials_renew(krb5_context context, krb5_flags options, krb5_ccache cc,
                                           krb5_creds *want, krb5_creds **out) {
    return renew_into(context, options, cc, want, false, out);
}

krb5_error_code krb5_get_credentials_validate(krb5_context context, krb5_flags options,
                                              krb5_ccache cc, krb5_creds *want, krb5_creds **out) {
    return renew_into(context, options, cc, want, true, out);
}

krb5_error_code krb5_get_validated_creds(krb5_context context, krb5_creds *out,
                                         krb5_principal client, krb5_ccache cc,
                                         const char *service) {
    CALL(call, context);
    UNUSED(client);
    if (!out)
        return EINVAL;
    return call_end(&call, renew(&call, cc, service, true, out));
}
