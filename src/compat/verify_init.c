// verify_init.c: whether initial credentials came from the real KDC: a ticket for a service of this
// machine, got with them, must open with the machine's keytab. Without this somebody who answers in
// the KDC's place could log in as anybody.
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/keytab.h"
#include "net/verify.h"
#include <errno.h>

void krb5_verify_init_creds_opt_init(krb5_verify_init_creds_opt *opt) {
    if (opt)
        *opt = (krb5_verify_init_creds_opt){0};
}

void krb5_verify_init_creds_opt_set_ap_req_nofail(krb5_verify_init_creds_opt *opt, int nofail) {
    opt->flags |= KRB5_VERIFY_INIT_CREDS_OPT_AP_REQ_NOFAIL;
    opt->ap_req_nofail = nofail;
}

struct verify {
    struct call *call;
    struct cred cred; // to be verified
    struct keytab_content keytab;
    const char *keytab_path;
    krb5_ccache cache; // in memory, with `cred`; tickets got on the way stay in it
};

static enum obol_code verify(struct verify *v, const krb5_creds *creds,
                             const struct principal *server) {
    struct call *c = v->call;
    struct error *err = &c->err;
    struct ccache_content content = {.creds = &v->cred, .count = 1};
    TRY(cred_in(creds, &c->arena, &v->cred, err));
    content.principal = v->cred.client;
    ENSURE(krb5_cc_new_unique(c->context, "MEMORY", NULL, &v->cache) == 0, NO_MEMORY,
           "no memory for a cache");
    TRY(ccache_initialize(v->cache->cache, &content, err));
    struct net net = context_net(c->context);
    const struct verify_params params = {v->cache->cache, &v->cred, &v->keytab, v->keytab_path,
                                         server};
    return net_verify_login(&net, &params, &c->arena, err);
}

// Fails if there is no key to verify with.
static enum obol_code open_keys(struct verify *v, krb5_keytab kt, const struct principal *server) {
    struct error *err = &v->call->err;
    TRY(kt_open(v->call, kt, &v->keytab, &v->keytab_path));
    ENSURE(v->keytab.count > 0, KEYTAB_NO_ENTRY, "%s holds no keys", v->keytab_path);
    ENSURE(!server || net_verify_has_key(&v->keytab, server), KEYTAB_NO_ENTRY,
           "%s holds no key of %.*s", v->keytab_path,
           SLICE_ARG(principal_text(server, &v->call->arena)));
    return OBOL_OK;
}

static bool must_verify(krb5_context context, const krb5_verify_init_creds_opt *opt) {
    if (opt && (opt->flags & KRB5_VERIFY_INIT_CREDS_OPT_AP_REQ_NOFAIL))
        return opt->ap_req_nofail != 0;
    return context->conf.verify_ap_req_nofail;
}

// Hands the tickets that were got to the program: into its cache, or as a new one.
static krb5_error_code give_cache(krb5_context context, struct verify *v, krb5_ccache *out) {
    if (!out || !v->cache) {
        if (v->cache)
            (void)krb5_cc_destroy(context, v->cache);
        return 0;
    }
    if (!*out) {
        *out = v->cache;
        return 0;
    }
    krb5_error_code code = krb5_cc_copy_creds(context, v->cache, *out);
    (void)krb5_cc_destroy(context, v->cache);
    return code;
}

krb5_error_code krb5_verify_init_creds(krb5_context context, krb5_creds *creds,
                                       krb5_principal server, krb5_keytab kt, krb5_ccache *cc,
                                       krb5_verify_init_creds_opt *opt) {
    CALL(call, context);
    struct verify v = {.call = &call};
    struct principal named;
    if (!creds)
        return EINVAL;
    if (server && principal_in(server, &call.arena, &named, &call.err) != OBOL_OK)
        return call_end(&call, call.err.code);
    enum obol_code code = open_keys(&v, kt, server ? &named : NULL);
    // A machine without keys cannot verify: most programs go on then, as they do with MIT's.
    if (code != OBOL_OK && !must_verify(context, opt))
        return 0;
    if (code == OBOL_OK)
        code = verify(&v, creds, server ? &named : NULL);
    krb5_error_code result = call_end(&call, code);
    if (result) {
        if (v.cache)
            (void)krb5_cc_destroy(context, v.cache);
        return result;
    }
    return give_cache(context, &v, cc);
}
