// host.c: hosts, their realms and the principals of services on them; accounts of principals.
#include "net/host.h"
#include "compat/context.h"
#include "compat/convert.h"
#include "cred/account.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define HOST_MAX 256

static krb5_error_code realm_list(struct slice realm, char ***out) {
    char **list = calloc(2, sizeof(char *));
    if (!list || !(list[0] = bytes_out(realm))) {
        free(list);
        return ENOMEM;
    }
    *out = list;
    return 0;
}

// One realm and NULL; the realm is empty where [domain_realm] says nothing: it is found by
// referral.
krb5_error_code krb5_get_host_realm(krb5_context context, const char *host, char ***out) {
    char own[HOST_MAX];
    if (!context || !out)
        return EINVAL;
    if (!host) {
        if (gethostname(own, sizeof own - 1) != 0)
            return errno;
        own[sizeof own - 1] = '\0';
        host = own;
    }
    return realm_list(krb5conf_host_realm(&context->conf, slice_str(host)), out);
}

// What to take when the KDC's referral has not led anywhere.
krb5_error_code krb5_get_fallback_host_realm(krb5_context context, krb5_data *host, char ***out) {
    if (!context || !out || !host)
        return EINVAL;
    struct slice realm = krb5conf_host_realm(&context->conf, data_in(host));
    if (realm.len == 0)
        realm = context_realm(context);
    if (realm.len == 0)
        return context_fail(context, KRB5_ERR_HOST_REALM_UNKNOWN, "no realm of the host is known");
    return realm_list(realm, out);
}

static enum obol_code service_principal(struct call *c, const char *host, const char *service,
                                        krb5_int32 type, struct principal *out) {
    struct error *err = &c->err;
    char own[HOST_MAX] = "";
    struct net net = context_net(c->context);
    struct principal names[NET_HOST_NAMES_MAX];
    size_t count;
    if (type != KRB5_NT_SRV_HST && type != KRB5_NT_UNKNOWN) {
        c->as = KRB5_SNAME_UNSUPP_NAMETYPE;
        ENSURE(false, INVALID_ARGUMENT, "name type %d", type);
    }
    if (!host) {
        ENSURE(gethostname(own, sizeof own - 1) == 0, IO, "this host's name cannot be read: %s",
               strerror(errno));
        host = own;
    }
    if (type == KRB5_NT_SRV_HST) {
        TRY(net_host_service(&net, slice_str(service ? service : "host"), slice_str(host),
                             &c->arena, names, &count, err));
        *out = names[0];
        return OBOL_OK;
    }
    struct slice *parts = arena_zalloc(&c->arena, 2, sizeof *parts);
    ENSURE_MEMORY(parts);
    parts[0] = slice_str(service ? service : "host");
    parts[1] = slice_str(host);
    *out = (struct principal){.realm = krb5conf_host_realm(&c->context->conf, slice_str(host)),
                              .name = {type, {parts, 2}}};
    return OBOL_OK;
}

krb5_error_code krb5_sname_to_principal(krb5_context context, const char *host, const char *service,
                                        krb5_int32 type, krb5_principal *out) {
    CALL(call, context);
    struct principal p;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = service_principal(&call, host, service, type, &p);
    if (code == OBOL_OK && !principal_out(out, &p))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

// Whether a principal of a keytab or ticket fits a service name that may leave out realm, service
// or host.
krb5_boolean krb5_sname_match(krb5_context context, krb5_const_principal matching,
                              krb5_const_principal p) {
    if (!context || !p)
        return 0;
    if (!matching)
        return 1;
    if (matching->type != KRB5_NT_SRV_HST || matching->length != 2)
        return krb5_principal_compare(context, matching, p);
    if (p->length != 2)
        return 0;
    struct slice realm = data_in(&matching->realm), service = data_in(&matching->data[0]),
                 host = data_in(&matching->data[1]);
    if (realm.len && !slice_eq(realm, data_in(&p->realm)))
        return 0;
    if (service.len && !slice_eq(service, data_in(&p->data[0])))
        return 0;
    bool any_host = host.len == 0 || context->conf.ignore_acceptor_hostname;
    return any_host || slice_eq(host, data_in(&p->data[1]));
}

// ---- accounts

krb5_error_code krb5_aname_to_localname(krb5_context context, krb5_const_principal from, int size,
                                        char *out) {
    CALL(call, context);
    struct principal p;
    struct slice account;
    if (!out || size <= 0)
        return EINVAL;
    call.as = KRB5_LNAME_NOTRANS;
    enum obol_code code = principal_in(from, &call.arena, &p, &call.err);
    if (code == OBOL_OK)
        code = account_of(&context->conf, context_realm(context), &p, &call.arena, &account,
                          &call.err);
    if (code != OBOL_OK)
        return call_end(&call, code);
    if (account.len >= (size_t)size)
        return context_fail(context, KRB5_CONFIG_NOTENUFSPACE, "the account's name has %zu bytes",
                            account.len);
    memcpy(out, account.ptr, account.len);
    out[account.len] = '\0';
    return 0;
}

krb5_boolean krb5_kuserok(krb5_context context, krb5_principal from, const char *account) {
    struct call call;
    struct principal p;
    krb5_boolean allowed = 0;
    if (call_begin(&call, context) == 0 && account &&
        principal_in(from, &call.arena, &p, &call.err) == OBOL_OK)
        allowed = account_allows(&context->conf, context_realm(context), &p, account, &call.arena);
    call_clear(&call);
    return allowed;
}
