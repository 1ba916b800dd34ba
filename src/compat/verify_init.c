// verify_init.c: whether initial credentials came from the real KDC: a ticket for a service of this
// machine, got with them, must open with the machine's keytab. Without this somebody who answers in
// the KDC's place could log in as anybody.
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/keytab.h"
#include "krb/ap.h"
#include "net/ticket.h"
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

static enum obol_code present(struct verify *v, const struct cred *ticket, struct error *err) {
    struct arena *a = &v->call->arena;
    const struct env *env = env_system();
    struct ap_req_params params = {.client = ticket->client,
                                   .authenticator_usage = KU_AP_REQ_AUTHENTICATOR};
    struct ap_req_sent sent;
    struct slice request;
    TRY(der_decode(&TYPE_TICKET, ticket->ticket, a, &params.ticket, err));
    TRY(crypto_key_in_arena(&params.session, a, ticket->key.keytype, ticket->key.keyvalue, err));
    TRY(ap_req_build(&params, env, a, &request, &sent, err));
    struct keytab_keys keys = {.content = &v->keytab, .path = v->keytab_path};
    struct ap_key_source source = keytab_key_source(&keys);
    struct ap_accept_params accept = {.keys = &source,
                                      .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
                                      .clockskew = v->call->context->conf.clockskew};
    struct ap_accepted accepted;
    TRY(ap_req_accept(request, &accept, env, a, &accepted, err));
    ENSURE(principal_eq(&accepted.client, &v->cred.client), KRB_AP_ERR_BADMATCH,
           "the ticket names another client");
    return OBOL_OK;
}

static enum obol_code verify_with(struct verify *v, const struct principal *server,
                                  struct error *err) {
    struct net net = context_net(v->call->context);
    struct ticket_params params = {.cache = v->cache->cache, .service = *server};
    struct ticket_result result;
    if (principal_eq(server, &v->cred.server))
        return present(v, &v->cred, err);
    TRY(net_ticket(&net, &params, &v->call->arena, &result, err));
    return present(v, &result.ticket, err);
}

// The services of the keytab in turn, those of the host first, until one verifies.
static enum obol_code verify_any(struct verify *v, struct error *err) {
    struct error last;
    error_init(&last);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < v->keytab.count; i++) {
            const struct principal *p = &v->keytab.entries[i].principal;
            bool again = i > 0 && principal_eq(p, &v->keytab.entries[i - 1].principal);
            bool host = p->name.name_string.count == 2 &&
                        slice_eq_str(p->name.name_string.items[0], "host");
            if (again || host != (pass == 0) || p->name.name_string.count != 2)
                continue;
            error_init(&last);
            if (verify_with(v, p, &last) == OBOL_OK)
                return OBOL_OK;
        }
    ENSURE(last.code != OBOL_OK, KEYTAB_NO_ENTRY, "%s holds no key of a service", v->keytab_path);
    return net_fail(err, &last);
}

static enum obol_code verify(struct verify *v, const krb5_creds *creds, krb5_principal server) {
    struct call *c = v->call;
    struct error *err = &c->err;
    struct principal named;
    struct ccache_content content = {.creds = &v->cred, .count = 1};
    TRY(cred_in(creds, &c->arena, &v->cred, err));
    content.principal = v->cred.client;
    ENSURE(krb5_cc_new_unique(c->context, "MEMORY", NULL, &v->cache) == 0, NO_MEMORY,
           "no memory for a cache");
    TRY(ccache_initialize(v->cache->cache, &content, err));
    if (!server)
        return verify_any(v, err);
    TRY(principal_in(server, &c->arena, &named, err));
    return verify_with(v, &named, err);
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
    if (!creds)
        return EINVAL;
    enum obol_code code = kt_open(&call, kt, &v.keytab, &v.keytab_path);
    bool no_keys = code != OBOL_OK || v.keytab.count == 0;
    // A machine without keys cannot verify: most programs go on then, as they do with MIT's.
    if (no_keys && !must_verify(context, opt))
        return 0;
    if (code == OBOL_OK)
        code = verify(&v, creds, server);
    krb5_error_code result = call_end(&call, code);
    if (result) {
        if (v.cache)
            (void)krb5_cc_destroy(context, v.cache);
        return result;
    }
    return give_cache(context, &v, cc);
}
