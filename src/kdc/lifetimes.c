// lifetimes.c: the times of a ticket (RFC 4120 3.1.3, 3.3.3): what was asked for, cut to what the
// client's and the service's records, the realm and the presented ticket allow.
#include "kdc/exchange.h"
#include "krb/times.h"

static int64_t least(int64_t bound, int64_t of_record) {
    return of_record > 0 ? krb_time_min(bound, of_record) : bound;
}

// What a protected user's tickets, and their renewals, live at most, unless the record says so
// itself (Windows' group Protected Users).
#define PROTECTED_LIFE (4 * 3600)

static int64_t client_life(const struct record *r, int64_t of_record) {
    return of_record == 0 && (r->flags & RECORD_PROTECTED) ? PROTECTED_LIFE : of_record;
}

static enum obol_code set_start(struct exchange *x, bool may_postdate) {
    struct error *err = &x->err;
    const struct kdc_req_body *body = &x->req.req_body;
    x->ticket.present |= ENC_TICKET_PART_STARTTIME;
    x->ticket.starttime = x->now;
    int64_t from = body->present & KDC_REQ_BODY_FROM ? body->from : x->now;
    bool later = from > krb_time_add(x->now, x->kdc->policy.clockskew);
    bool postdated = exchange_option(x, KDC_OPT_POSTDATED);
    if (!later && !postdated)
        return OBOL_OK;
    ENSURE(postdated, KDC_ERR_CANNOT_POSTDATE,
           "the ticket is asked to start in %lld seconds without the option POSTDATED",
           (long long)krb_time_distance(from, x->now));
    ENSURE(may_postdate && !(exchange_flags(x) & RECORD_NO_POSTDATED), KDC_ERR_CANNOT_POSTDATE,
           "postdated tickets are not allowed here");
    // RFC 4120 5.4.1: with POSTDATED the ticket is INVALID, even if its time has come.
    x->ticket.starttime = from > x->now ? from : x->now;
    x->ticket.flags |= (uint32_t)TKT_POSTDATED | (uint32_t)TKT_INVALID;
    return OBOL_OK;
}

static enum obol_code set_end(struct exchange *x, int64_t bound) {
    struct error *err = &x->err;
    int64_t life = least(x->kdc->policy.max_life, x->server->record.max_life);
    int64_t wish = krb_time_wish(x->req.req_body.till);
    if (x->client) {
        life = least(life, client_life(&x->client->record, x->client->record.max_life));
        // A ticket does not outlive the account.
        bound = least(bound, x->client->record.expires);
    }
    int64_t end = krb_time_min(krb_time_add(x->ticket.starttime, life), krb_time_min(wish, bound));
    ENSURE(end > x->ticket.starttime && end > x->now, KDC_ERR_NEVER_VALID,
           "it would end %lld seconds before it starts",
           (long long)krb_time_distance(x->ticket.starttime, end));
    x->ticket.endtime = end;
    return OBOL_OK;
}

static void set_renew(struct exchange *x, const struct lifetime_bounds *bounds) {
    const struct kdc_req_body *body = &x->req.req_body;
    int64_t till = krb_time_wish(body->till);
    int64_t wish = body->present & KDC_REQ_BODY_RTIME ? krb_time_wish(body->rtime) : KRB_TIME_MAX;
    bool wanted = exchange_option(x, KDC_OPT_RENEWABLE);
    if (!wanted && exchange_option(x, KDC_OPT_RENEWABLE_OK) && till > x->ticket.endtime) {
        wanted = true;
        wish = till;
    }
    if (!wanted || !bounds->may_renew || (exchange_flags(x) & RECORD_NO_RENEWABLE))
        return;
    int64_t life = least(x->kdc->policy.max_renew, x->server->record.max_renew);
    if (x->client)
        life = least(life, client_life(&x->client->record, x->client->record.max_renew));
    int64_t renew = krb_time_min(krb_time_add(x->ticket.starttime, life),
                                 krb_time_min(wish, bounds->renew_till));
    // A ticket that cannot be renewed past its end is not renewable.
    if (renew <= x->ticket.endtime)
        return;
    x->ticket.present |= ENC_TICKET_PART_RENEW_TILL;
    x->ticket.renew_till = renew;
    x->ticket.flags |= (uint32_t)TKT_RENEWABLE;
}

enum obol_code lifetimes_set(struct exchange *x, const struct lifetime_bounds *bounds) {
    TRY(set_start(x, bounds->may_postdate));
    TRY(set_end(x, bounds->endtime));
    set_renew(x, bounds);
    return OBOL_OK;
}
