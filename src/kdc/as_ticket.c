// as_ticket.c: options, keys, flags and times of an initial ticket (RFC 4120 2, 3.1.3).
#include "kdc/as.h"
#include "kdc/preauth/preauth.h"
#include "krb/pkinit.h"
#include "krb/times.h"

// These ask for something to be done to a ticket that is presented; an AS-REQ presents none.
#define NOT_OF_AS                                                                                  \
    ((uint32_t)KDC_OPT_FORWARDED | (uint32_t)KDC_OPT_PROXY | (uint32_t)KDC_OPT_CNAME_IN_ADDL_TKT | \
     (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY | (uint32_t)KDC_OPT_RENEW | (uint32_t)KDC_OPT_VALIDATE)

enum obol_code as_check_options(struct exchange *x) {
    struct error *err = &x->err;
    uint32_t options = x->req.req_body.kdc_options;
    ENSURE(!(options & NOT_OF_AS), KDC_ERR_BADOPTION,
           "options 0x%08x ask for something that only the TGS exchange does", options & NOT_OF_AS);
    return anonymous_check_login(x);
}

enum obol_code as_choose_reply_key(struct exchange *x) {
    struct error *err = &x->err;
    const struct int32_list *offered = &x->req.req_body.etype;
    // RFC 4120 3.1.3: the first of the client's list that can be used.
    for (size_t i = 0; i < offered->count; i++) {
        int32_t etype = offered->items[i];
        size_t index = key_find(x->client, etype);
        if (index == SIZE_MAX || !etype_is_for(x, etype))
            continue;
        x->reply_key_index = index;
        cache_key_fetch(x->client, index);
        x->event->reply_etype = etype;
        x->event->client_kvno = x->client->kvno;
        return OBOL_OK;
    }
    size_t at = 0;
    x->reply_key_index = SIZE_MAX;
    if (preauth_offered(x, &at))
        return OBOL_OK; // by PKINIT, say
    ENSURE(x->client->current > 0, KDC_ERR_NULL_KEY, "%.*s has no key",
           SLICE_ARG(x->client->record.name));
    return keys_no_common(x, x->client, "reply");
}

enum obol_code as_set_flags(struct exchange *x) {
    // RFC 6806 11: ENC-PA-REP stands in every ticket, and says that the KDC knows of it.
    uint32_t restricted = exchange_flags(x),
             flags = (uint32_t)TKT_INITIAL | (uint32_t)TKT_ENC_PA_REP;
    if (x->preauth)
        flags |= (uint32_t)TKT_PRE_AUTHENT;
    if (x->preauth && x->preauth->hardware)
        flags |= (uint32_t)TKT_HW_AUTHENT;
    if (exchange_option(x, KDC_OPT_REQUEST_ANONYMOUS))
        flags |= (uint32_t)TKT_ANONYMOUS;
    if (exchange_option(x, KDC_OPT_FORWARDABLE) && !(restricted & RECORD_NO_FORWARDABLE))
        flags |= (uint32_t)TKT_FORWARDABLE;
    if (exchange_option(x, KDC_OPT_PROXIABLE) && !(restricted & RECORD_NO_PROXIABLE))
        flags |= (uint32_t)TKT_PROXIABLE;
    if (exchange_option(x, KDC_OPT_ALLOW_POSTDATE) && !(restricted & RECORD_NO_POSTDATED))
        flags |= (uint32_t)TKT_MAY_POSTDATE;
    if (x->server->record.flags & RECORD_OK_AS_DELEGATE)
        flags |= (uint32_t)TKT_OK_AS_DELEGATE;
    x->ticket.flags = flags;
    return server_check_hardware(x);
}

enum obol_code as_set_times(struct exchange *x) {
    const struct lifetime_bounds bounds = {
        .endtime = KRB_TIME_MAX,
        .renew_till = KRB_TIME_MAX,
        .may_renew = !x->anonymize, // at a renewal nobody could tell whether he still may log in
        .may_postdate = true,
    };
    const struct kdc_req_body *body = &x->req.req_body;
    TRY(lifetimes_set(x, &bounds));
    x->ticket.authtime = x->now;
    anonymous_name_ticket(x);
    x->ticket.transited.tr_type = 1;
    if ((body->present & KDC_REQ_BODY_ADDRESSES) && body->addresses.count) {
        x->ticket.present |= ENC_TICKET_PART_CADDR;
        x->ticket.caddr = body->addresses;
    }
    return OBOL_OK;
}
