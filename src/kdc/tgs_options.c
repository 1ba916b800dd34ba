// tgs_options.c: what a TGS-REQ wants done, and whether the presented ticket and the records allow
// it (RFC 4120 2, 3.3.3). An option that asks for something to be done (forward, proxy, renew,
// validate, postdate) is done or refused; one that wishes for a flag is granted or left out.
#include "kdc/tgs.h"
#include "krb/times.h"

struct rule {
    int option, needs; // flag of the presented ticket
    const char *option_name, *flag_name;
};
// POSTDATED is not among them: what it lacks is KDC_ERR_CANNOT_POSTDATE, see lifetimes.c.
static const struct rule RULES[] = {
    {KDC_OPT_FORWARDED, TKT_FORWARDABLE, "FORWARDED", "FORWARDABLE"},
    {KDC_OPT_PROXY, TKT_PROXIABLE, "PROXY", "PROXIABLE"},
    {KDC_OPT_RENEW, TKT_RENEWABLE, "RENEW", "RENEWABLE"},
    {KDC_OPT_VALIDATE, TKT_INVALID, "VALIDATE", "INVALID"},
};

static bool changes_presented(const struct exchange *x) {
    return exchange_option(x, KDC_OPT_RENEW) || exchange_option(x, KDC_OPT_VALIDATE);
}

enum obol_code tgs_check_server(struct exchange *x) {
    struct error *err = &x->err;
    TRY(server_check(x));
    const struct record *r = &x->server->record;
    ENSURE(!(r->flags & RECORD_NO_TGT_BASED) || !x->header_is_tgt, KDC_ERR_POLICY,
           "tickets for %.*s are issued by the AS exchange only", SLICE_ARG(r->name));
    if (x->second_session) {
        struct slice text;
        struct entry *user;
        struct principal p = {x->second.crealm, x->second.cname};
        TRY(principal_check(&p, err));
        enum obol_code code = exchange_find(x, &p, &text, &user);
        // By the record's id: a name may have changed hands.
        ENSURE(code == OBOL_OK && user->record.id == x->server->record.id, KDC_ERR_SERVER_NOMATCH,
               "the second ticket is of %.*s, the ticket is asked for %.*s", SLICE_ARG(text),
               SLICE_ARG(r->name));
    }
    return OBOL_OK;
}

enum obol_code tgs_check_options(struct exchange *x) {
    struct error *err = &x->err;
    uint32_t flags = x->header.ticket.flags;
    for (size_t i = 0; i < COUNT_OF(RULES); i++) {
        const struct rule *rule = &RULES[i];
        ENSURE(!exchange_option(x, rule->option) || (flags & (uint32_t)rule->needs),
               KDC_ERR_BADOPTION, "%s is asked for a ticket without the flag %s", rule->option_name,
               rule->flag_name);
    }
    TRY(anonymous_check_presented(x));
    // RFC 4120 2.5: proxies of the TGT itself are what FORWARDED is for.
    ENSURE(!exchange_option(x, KDC_OPT_PROXY) || !principal_is_krbtgt(&x->server_name.name),
           KDC_ERR_BADOPTION, "a TGT cannot be a proxy");
    uint32_t restricted = exchange_flags(x);
    ENSURE(!exchange_option(x, KDC_OPT_FORWARDED) || !(restricted & RECORD_NO_FORWARDABLE),
           KDC_ERR_POLICY, "the client or the service may not have forwarded tickets");
    ENSURE(!exchange_option(x, KDC_OPT_PROXY) || !(restricted & RECORD_NO_PROXIABLE),
           KDC_ERR_POLICY, "the client or the service may not have proxy tickets");
    if (x->header_is_tgt && !changes_presented(x))
        return OBOL_OK;
    ENSURE(principal_name_eq(&x->server_name.name, &x->header.service.name) &&
               slice_eq(x->server_name.realm, x->header.service.realm),
           KDC_ERR_SERVER_NOMATCH, "the presented ticket is for another service");
    ENSURE(!exchange_option(x, KDC_OPT_RENEW) || !(restricted & RECORD_NO_RENEWABLE),
           KDC_ERR_POLICY, "the client or the service may not have renewable tickets");
    ENSURE(!exchange_option(x, KDC_OPT_ENC_TKT_IN_SKEY), KDC_ERR_BADOPTION,
           "a user-to-user ticket cannot be renewed or made a proxy of");
    return OBOL_OK;
}

static void wish(struct exchange *x, int option, int flag, uint32_t forbidden_by) {
    if (exchange_option(x, option) && (x->basis->flags & (uint32_t)flag) &&
        !(exchange_flags(x) & forbidden_by))
        x->ticket.flags |= (uint32_t)flag;
}

// Each flag has its own rule; none is taken over from a record or a ticket wholesale.
enum obol_code tgs_set_flags(struct exchange *x) {
    const uint32_t held = x->basis->flags;
    const uint32_t kept = (uint32_t)TKT_PRE_AUTHENT | (uint32_t)TKT_HW_AUTHENT |
                          (uint32_t)TKT_FORWARDED | (uint32_t)TKT_PROXY | (uint32_t)TKT_ANONYMOUS;
    // TRANSITED-POLICY-CHECKED may stand there already. ENC-PA-REP: RFC 6806 11, in every ticket.
    x->ticket.flags |= (held & kept) | (uint32_t)TKT_ENC_PA_REP;
    if (changes_presented(x)) {
        const uint32_t also = (uint32_t)TKT_FORWARDABLE | (uint32_t)TKT_PROXIABLE |
                              (uint32_t)TKT_MAY_POSTDATE | (uint32_t)TKT_POSTDATED |
                              (uint32_t)TKT_RENEWABLE;
        x->ticket.flags |= held & also;
    }
    if (s4u_may_forward(x))
        wish(x, KDC_OPT_FORWARDABLE, TKT_FORWARDABLE, RECORD_NO_FORWARDABLE);
    wish(x, KDC_OPT_PROXIABLE, TKT_PROXIABLE, RECORD_NO_PROXIABLE);
    wish(x, KDC_OPT_ALLOW_POSTDATE, TKT_MAY_POSTDATE, RECORD_NO_POSTDATED);
    if (exchange_option(x, KDC_OPT_FORWARDED))
        x->ticket.flags |= (uint32_t)TKT_FORWARDED;
    if (exchange_option(x, KDC_OPT_PROXY))
        x->ticket.flags |= (uint32_t)TKT_PROXY;
    if (x->server->record.flags & RECORD_OK_AS_DELEGATE)
        x->ticket.flags |= (uint32_t)TKT_OK_AS_DELEGATE;
    return server_check_hardware(x);
}

static void copy_times(struct exchange *x) {
    const struct enc_ticket_part *held = &x->header.ticket;
    x->ticket.starttime = held->starttime;
    x->ticket.endtime = held->endtime;
    x->ticket.renew_till = held->renew_till;
    x->ticket.present |= held->present & (ENC_TICKET_PART_STARTTIME | ENC_TICKET_PART_RENEW_TILL);
}

// RFC 4120 3.3.3: the renewed ticket lives as long again as the old one did, up to renew-till.
static enum obol_code renew(struct exchange *x) {
    struct error *err = &x->err;
    const struct enc_ticket_part *held = &x->header.ticket;
    int64_t start = held->present & ENC_TICKET_PART_STARTTIME ? held->starttime : held->authtime;
    ENSURE((held->present & ENC_TICKET_PART_RENEW_TILL) && held->renew_till > x->now,
           KRB_AP_ERR_TKT_EXPIRED, "it could be renewed until %lld seconds ago",
           (long long)krb_time_distance(x->now, held->renew_till));
    copy_times(x);
    int64_t life = krb_time_distance(held->endtime, start);
    x->ticket.present |= ENC_TICKET_PART_STARTTIME;
    x->ticket.starttime = x->now;
    x->ticket.endtime = krb_time_min(krb_time_add(x->now, life), held->renew_till);
    if (x->client && x->client->record.expires)
        x->ticket.endtime = krb_time_min(x->ticket.endtime, x->client->record.expires);
    return OBOL_OK;
}

static void set_addresses(struct exchange *x) {
    const struct kdc_req_body *body = &x->req.req_body;
    bool moved = exchange_option(x, KDC_OPT_FORWARDED) || exchange_option(x, KDC_OPT_PROXY);
    bool present = moved ? (body->present & KDC_REQ_BODY_ADDRESSES) != 0
                         : (x->basis->present & ENC_TICKET_PART_CADDR) != 0;
    const struct host_address_list *list = moved ? &body->addresses : &x->basis->caddr;
    if (!present || list->count == 0)
        return;
    x->ticket.present |= ENC_TICKET_PART_CADDR;
    x->ticket.caddr = *list;
}

enum obol_code tgs_set_times(struct exchange *x) {
    const struct enc_ticket_part *held = x->basis;
    x->ticket.authtime = held->authtime;
    anonymous_name_ticket(x);
    set_addresses(x);
    if (exchange_option(x, KDC_OPT_VALIDATE)) {
        copy_times(x);
        return OBOL_OK;
    }
    if (exchange_option(x, KDC_OPT_RENEW))
        return renew(x);
    const struct lifetime_bounds bounds = {
        .endtime = krb_time_min(held->endtime, x->header.ticket.endtime),
        .renew_till = held->present & ENC_TICKET_PART_RENEW_TILL ? held->renew_till : 0,
        .may_renew = (held->flags & (uint32_t)TKT_RENEWABLE) && !x->anonymize,
        .may_postdate = (held->flags & (uint32_t)TKT_MAY_POSTDATE) != 0,
    };
    return lifetimes_set(x, &bounds);
}
