// referral.c: what this realm does not know, another one may: the realm of a service by its host
// (RFC 6806 8), of a client by its suffix (RFC 6806 7), and the next realm on the way there (RFC
// 4120 3.3.1). All of it is off the usual path: it starts where a name was not found.
#include "kdc/exchange.h"

bool referral_suffix(struct slice whole, struct slice *user, struct slice *suffix) {
    size_t at = whole.len;
    while (at > 0 && whole.ptr[at - 1] != '@')
        at--;
    if (at < 2 || at == whole.len)
        return false;
    *user = slice_sub(whole, 0, at - 1);
    *suffix = slice_sub(whole, at, SIZE_MAX);
    return true;
}

static struct slice host_realm(const struct kdc *kdc, struct slice host) {
    const struct kdc_host_realm *source = &kdc->policy.host_realm;
    return source->find ? source->find(source->ctx, host) : (struct slice){0};
}

bool referral_is_here(const struct kdc *kdc, struct slice suffix) {
    return slice_eq_nocase(suffix, kdc->realm) || slice_eq(host_realm(kdc, suffix), kdc->realm);
}

static enum obol_code find_tgs(struct exchange *x, struct slice realm, struct principal *p,
                               struct entry **out) {
    struct slice text;
    TRY(principal_krbtgt(realm, x->kdc->realm, x->arena, p, &x->err));
    return exchange_find(x, p, &text, out);
}

#define LABELS_MAX 10u // of a domain, that realms are looked for by

// The realm of a domain: what the administrator says, else one that we share a key with and whose
// name is that of the domain, or of one above it, in capitals. Empty: none.
static enum obol_code realm_of_domain(struct exchange *x, struct slice domain, struct slice *out) {
    struct principal p;
    struct entry *found;
    *out = host_realm(x->kdc, domain);
    if (domain.len && domain.ptr[domain.len - 1] == '.')
        domain.len--;
    struct slice r = exchange_in_case(x, domain, true);
    for (unsigned n = 0; out->len == 0 && r.len && n < LABELS_MAX; n++, r = realm_parent(r)) {
        if (slice_eq(r, x->kdc->realm))
            return OBOL_OK;
        enum obol_code code = find_tgs(x, r, &p, &found);
        if (code == OBOL_OK)
            *out = r;
        if (code != OBOL_PRINCIPAL_NOT_FOUND)
            return code;
    }
    return OBOL_OK;
}

// A service of another realm is named with that realm itself (MS-SFU 3.1.5.1.1.1), which may be a
// far one.
static enum obol_code realm_of_suffix(struct exchange *x, struct slice suffix, struct slice *out) {
    TRY(realm_of_domain(x, suffix, out));
    if (out->len == 0)
        *out = suffix;
    return OBOL_OK;
}

static bool names(const struct slice_list *list, struct slice service) {
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq_str(list->items[i], "*") || slice_eq(list->items[i], service))
            return true;
    return false;
}

// Whether a name is that of a service on a host: its type says so, or the administrator.
static bool is_on_a_host(const struct exchange *x) {
    const struct kdc_policy *policy = &x->kdc->policy;
    const struct principal_name *name = &x->server_name.name;
    if (name->name_string.count < 2)
        return false;
    struct slice service = name->name_string.items[0], host = name->name_string.items[1];
    bool by_type = name->name_type == NT_SRV_HST || name->name_type == NT_SRV_INST ||
                   name->name_type == NT_SRV_HST_DOMAIN;
    bool listed = name->name_type == NT_UNKNOWN && names(&policy->host_based, service);
    return (by_type || listed) && slice_find(host, '.') < host.len &&
           !names(&policy->no_host_referral, service);
}

static enum obol_code realm_of_service(struct exchange *x, struct slice *out) {
    const struct principal_name *name = &x->server_name.name;
    struct slice ignored, suffix;
    *out = (struct slice){0};
    if (principal_is_krbtgt(name)) {
        *out = name->name_string.items[1];
        return OBOL_OK;
    }
    // RFC 6806 8: only a client that asked for it looks at the name in the answer.
    if (!exchange_option(x, KDC_OPT_CANONICALIZE))
        return OBOL_OK;
    if (name->name_type == NT_ENTERPRISE && name->name_string.count == 1)
        return referral_suffix(name->name_string.items[0], &ignored, &suffix)
                   ? realm_of_suffix(x, suffix, out)
                   : OBOL_OK;
    return is_on_a_host(x) ? realm_of_domain(x, name->name_string.items[1], out) : OBOL_OK;
}

// The farthest realm on the way to `target` that we share a key with.
static enum obol_code next_on_the_way(struct exchange *x, struct slice target) {
    struct error *err = &x->err;
    struct slice_list via;
    struct principal p;
    enum obol_code code = find_tgs(x, target, &p, &x->server);
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        ENSURE(realm_path_find(&x->kdc->policy.path, x->kdc->realm, target, x->arena, &via),
               NO_MEMORY, "the request's memory is used up");
    for (size_t i = code == OBOL_PRINCIPAL_NOT_FOUND ? via.count : 0;
         i > 0 && code == OBOL_PRINCIPAL_NOT_FOUND; i--)
        code = find_tgs(x, via.items[i - 1], &p, &x->server);
    if (code == OBOL_OK)
        x->server_name = p;
    return code;
}

enum obol_code referral_server(struct exchange *x) {
    // These are about a ticket that is there; another realm's TGS is no answer to them.
    static const uint32_t others = (uint32_t)KDC_OPT_RENEW | (uint32_t)KDC_OPT_VALIDATE |
                                   (uint32_t)KDC_OPT_PROXY | (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY;
    struct slice target;
    if (x->stages != TGS_STAGES || (x->req.req_body.kdc_options & others))
        return OBOL_PRINCIPAL_NOT_FOUND;
    TRY(realm_of_service(x, &target));
    if (target.len == 0 || slice_eq(target, x->kdc->realm))
        return OBOL_PRINCIPAL_NOT_FOUND;
    return next_on_the_way(x, target);
}

enum obol_code referral_client(struct exchange *x, struct slice *realm) {
    const struct principal_name *name = &x->client_name.name;
    struct slice user, suffix;
    *realm = (struct slice){0};
    if (!exchange_option(x, KDC_OPT_CANONICALIZE) || name->name_type != NT_ENTERPRISE ||
        name->name_string.count != 1 ||
        !referral_suffix(name->name_string.items[0], &user, &suffix) ||
        referral_is_here(x->kdc, suffix))
        return OBOL_OK;
    return realm_of_domain(x, suffix, realm);
}
