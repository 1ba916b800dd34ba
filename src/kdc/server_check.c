// server_check.c: the service of a request: its record, and whether it may have tickets now
// (RFC 4120 3.1.3, 3.3.3). A referral to another realm will start where the record is not found
// (RFC 6806 8).
#include "kdc/exchange.h"

enum obol_code server_find(struct exchange *x) {
    enum obol_code code = exchange_find(x, &x->server_name, &x->event->service, &x->server);
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
