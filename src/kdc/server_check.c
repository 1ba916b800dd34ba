// server_check.c: the service of a request: its record, and whether it may have tickets now
// (RFC 4120 3.1.3, 3.3.3). The name itself is looked for first; only where it is not there follow
// the other ways to write it, and the realms that may know it (referral.c).
#include "kdc/exchange.h"

static enum obol_code find_as(struct exchange *x, struct slice first, struct slice host) {
    const struct principal_name *name = &x->server_name.name;
    struct slice *parts = arena_zalloc(x->arena, name->name_string.count, sizeof *parts), text;
    struct error *err = &x->err;
    ENSURE_MEMORY(parts);
    memcpy(parts, name->name_string.items, name->name_string.count * sizeof *parts);
    parts[0] = first;
    parts[1] = host;
    struct principal p = x->server_name;
    p.name.name_string.items = parts;
    return exchange_find(x, &p, &text, &x->server);
}

// Classes of services whose usual spelling is neither upper nor lower case.
static const char *const MIXED[] = {"MSSQLSvc", "RestrictedKrbHost", "TERMSRV", "GC", "Dfsr"};

// Windows' clients write names of services in any case. Hosts are looked for in lower case, classes
// as they came, in upper and lower case and in their usual spelling.
static enum obol_code find_other_case(struct exchange *x) {
    const struct slice_list *parts = &x->server_name.name.name_string;
    if (!x->kdc->policy.case_insensitive_services || parts->count < 2 ||
        principal_is_krbtgt(&x->server_name.name))
        return OBOL_PRINCIPAL_NOT_FOUND;
    struct slice host = exchange_in_case(x, parts->items[1], false), class = parts->items[0];
    const struct slice spellings[] = {class, exchange_in_case(x, class, true),
                                      exchange_in_case(x, class, false)};
    enum obol_code code = OBOL_PRINCIPAL_NOT_FOUND;
    for (size_t i = 0; i < COUNT_OF(spellings) && code == OBOL_PRINCIPAL_NOT_FOUND; i++)
        code = find_as(x, spellings[i], host);
    for (size_t i = 0; i < COUNT_OF(MIXED) && code == OBOL_PRINCIPAL_NOT_FOUND; i++)
        if (slice_eq_nocase(slice_str(MIXED[i]), class))
            code = find_as(x, slice_str(MIXED[i]), host);
    return code;
}

// service/host@REALM as one component, which is how a service is named in a realm that is not its
// own (RFC 6806 5; MS-SFU 3.1.5.1.1.1).
static enum obol_code find_enterprise(struct exchange *x) {
    struct slice name, suffix, text;
    struct principal p;
    const struct principal_name *asked = &x->server_name.name;
    if (asked->name_type != NT_ENTERPRISE || asked->name_string.count != 1 ||
        !referral_suffix(asked->name_string.items[0], &name, &suffix) ||
        !referral_is_here(x->kdc, suffix) ||
        principal_parse(name, x->kdc->realm, NT_UNKNOWN, x->arena, &p, NULL) != OBOL_OK)
        return OBOL_PRINCIPAL_NOT_FOUND;
    enum obol_code code = exchange_find(x, &p, &text, &x->server);
    // The service knows itself by its own name only.
    if (code == OBOL_OK)
        x->server_name.name = p.name;
    return code;
}

static enum obol_code find_otherwise(struct exchange *x) {
    enum obol_code code = find_other_case(x);
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        code = find_enterprise(x);
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        code = referral_server(x);
    return code;
}

enum obol_code server_find(struct exchange *x) {
    enum obol_code code = exchange_find(x, &x->server_name, &x->event->service, &x->server);
    if (LIKELY(code == OBOL_OK))
        return code;
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        code = find_otherwise(x);
    if (code != OBOL_PRINCIPAL_NOT_FOUND)
        return code;
    error_fact(&x->err, "service asked for", "%.*s", SLICE_ARG(x->event->service));
    return error_set(&x->err, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN, __func__,
                     "there is no service %.*s in this realm", SLICE_ARG(x->event->service));
}

enum obol_code server_check(struct exchange *x) {
    struct error *err = &x->err;
    const struct record *r = &x->server->record;
    ENSURE(!(r->flags & RECORD_DISABLED), KDC_ERR_SERVICE_REVOKED, "%.*s is disabled",
           SLICE_ARG(r->name));
    ENSURE(r->expires == 0 || x->now < r->expires, KDC_ERR_SERVICE_EXP,
           "%.*s expired %lld seconds ago", SLICE_ARG(r->name), (long long)(x->now - r->expires));
    // Tickets sealed with a user's password would let whoever asks for one guess it at leisure.
    bool user_to_user = x->second_session != NULL;
    ENSURE(user_to_user || !(r->flags & RECORD_NO_SERVER), KDC_ERR_MUST_USE_USER2USER,
           "%.*s is a user, not a service", SLICE_ARG(r->name));
    ENSURE(user_to_user || x->server->current > 0, KDC_ERR_NULL_KEY, "%.*s has no key",
           SLICE_ARG(r->name));
    ENSURE(!user_to_user || !(r->flags & RECORD_NO_USER_TO_USER), KDC_ERR_POLICY,
           "%.*s takes no user-to-user tickets", SLICE_ARG(r->name));
    return OBOL_OK;
}

enum obol_code server_check_hardware(struct exchange *x) {
    struct error *err = &x->err;
    const struct record *r = &x->server->record;
    ENSURE(!(r->flags & RECORD_HW_AUTH) || (x->ticket.flags & (uint32_t)TKT_HW_AUTHENT),
           KDC_ERR_POLICY,
           "%.*s asks for a login with a device (hw-auth), the client's was without",
           SLICE_ARG(r->name));
    return OBOL_OK;
}
