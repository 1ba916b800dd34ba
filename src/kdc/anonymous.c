// anonymous.c: tickets that do not say whose they are (RFC 8062). Who comes as WELLKNOWN/ANONYMOUS
// has told nobody his name (4.1.1), and gets them in the anonymous realm. Who has told it to this
// KDC may ask that the ticket does not: it names WELLKNOWN/ANONYMOUS of his realm (4.1, 4.2). A
// realm gives such tickets if it has a principal of that name, as MIT krb5's does to the former.
#include "kdc/exchange.h"
#include "krb/principal.h"

static enum obol_code check_restricted(struct exchange *x) {
    struct error *err = &x->err;
    ENSURE(!x->kdc->policy.restrict_anonymous ||
               principal_name_eq(&x->server_name.name, &x->kdc->tgs.name),
           KDC_ERR_POLICY, "anonymous clients get tickets for this realm's TGS only");
    return OBOL_OK;
}

// The ticket will be looked at under that name when it comes back, and refused where it is gone.
static enum obol_code hide_client(struct exchange *x) {
    struct error *err = &x->err;
    struct slice text;
    struct entry *nobody;
    const struct principal p = {x->kdc->realm, principal_anonymous().name};
    enum obol_code code = exchange_find(x, &p, &text, &nobody);
    ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_BADOPTION,
           "this realm gives no anonymous tickets: there is no %.*s", SLICE_ARG(text));
    TRY(code);
    const struct record *r = &nobody->record;
    bool off =
        (r->flags & (RECORD_DISABLED | RECORD_LOCKED)) || (r->expires && r->expires <= x->now);
    ENSURE(!off, KDC_ERR_POLICY, "this realm gives no anonymous tickets now: %.*s is disabled",
           SLICE_ARG(r->name));
    // A password is changed under one's own name; this one belongs to nobody.
    ENSURE(!(x->server->record.flags & RECORD_PASSWORD_SERVICE), KDC_ERR_POLICY,
           "passwords are not changed anonymously");
    x->anonymize = true;
    return check_restricted(x);
}

enum obol_code anonymous_check_login(struct exchange *x) {
    struct error *err = &x->err;
    bool asked = exchange_option(x, KDC_OPT_REQUEST_ANONYMOUS);
    bool nobody = principal_name_is_anonymous(&x->client_name.name);
    ENSURE(asked || !nobody, KDC_ERR_BADOPTION,
           "WELLKNOWN/ANONYMOUS does not ask for an anonymous ticket");
    if (nobody)
        return check_restricted(x);
    return asked ? hide_client(x) : OBOL_OK;
}

// That an anonymous client need not ask for it again is a leniency: MIT's kvno does not, and could
// be given nothing else.
enum obol_code anonymous_check_presented(struct exchange *x) {
    struct error *err = &x->err;
    bool is = (x->header.ticket.flags & (uint32_t)TKT_ANONYMOUS) != 0;
    bool named = principal_name_is_anonymous(&x->client_name.name);
    // RFC 8062 3: another realm's client has all of it or nothing; a name in the anonymous realm
    // would be one that every realm may vouch for.
    ENSURE(is == named && (named || !slice_eq(x->client_name.realm, principal_anonymous().realm)),
           KDC_ERR_POLICY, "%.*s: flag, name and realm do not agree on its being anonymous",
           SLICE_ARG(x->event->client));
    if (is)
        return check_restricted(x);
    if (!exchange_option(x, KDC_OPT_REQUEST_ANONYMOUS))
        return OBOL_OK;
    const uint32_t kept = (uint32_t)KDC_OPT_RENEW | (uint32_t)KDC_OPT_VALIDATE;
    ENSURE(x->header_is_tgt && !(x->req.req_body.kdc_options & kept), KDC_ERR_BADOPTION,
           "a ticket that is renewed, validated or made a proxy keeps its client's name");
    ENSURE(x->s4u == S4U_NONE, KDC_ERR_BADOPTION,
           "a ticket in a user's name cannot be anonymous too");
    return hide_client(x);
}

void anonymous_name_ticket(struct exchange *x) {
    x->ticket.crealm = x->client_name.realm;
    x->ticket.cname = x->anonymize ? principal_anonymous().name : x->client_name.name;
    if (x->anonymize)
        x->ticket.flags |= (uint32_t)TKT_ANONYMOUS;
}
