// s4u_proxy.c: a service acts towards another in its user's name (S4U2Proxy, constrained
// delegation; MS-SFU 3.2.5.2): it shows the ticket with which the user came, or which it got by
// S4U2Self. Who may do so towards whom stands in two lists: the service's own, and the target's.
// Nobody else may. Towards a service of another realm it gets a TGT for that realm, whose KDC asks
// the target's list (s4u_proxy_abroad.c).
#include "kdc/authdata/pac.h"
#include "kdc/tgs.h"

bool s4u_is_listed(const struct slice_list *list, struct slice name) {
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq(list->items[i], name))
            return true;
    return false;
}

// The names in a list are those of principals; a service may be asked for by an alias.
static bool lists(const struct slice_list *list, const struct entry *e) {
    bool found = s4u_is_listed(list, e->record.name) || s4u_is_listed(list, e->name);
    for (size_t k = 0; !found && k < e->record.aliases.count; k++)
        found = s4u_is_listed(list, e->record.aliases.items[k]);
    return found;
}

enum obol_code s4u_open_evidence(struct exchange *x, struct pac_ticket *out,
                                 struct entry **service) {
    struct error *err = &x->err;
    const struct kdc_req_body *body = &x->req.req_body;
    ENSURE((body->present & KDC_REQ_BODY_ADDITIONAL_TICKETS) && body->additional_tickets.count > 0,
           KDC_ERR_BADOPTION, "the service shows no ticket of its user");
    const struct ticket *t = &body->additional_tickets.items[0];
    *out = (struct pac_ticket){
        .part = &x->second,
        .service = &t->sname,
        .ours = slice_eq(t->realm, x->kdc->realm),
    };
    TRY(tgs_open_second_ticket(x, t, &out->key, service));
    int64_t start =
        x->second.present & ENC_TICKET_PART_STARTTIME ? x->second.starttime : x->second.authtime;
    ENSURE(start <= x->now + x->kdc->policy.clockskew, KRB_AP_ERR_TKT_NYV,
           "the ticket of the user begins later");
    return OBOL_OK;
}

// The evidence is for the service that shows it, and no other's.
static enum obol_code open_evidence(struct exchange *x, struct pac_ticket *out) {
    struct error *err = &x->err;
    struct entry *service;
    TRY(s4u_open_evidence(x, out, &service));
    ENSURE(out->ours && service->record.id == x->requester->record.id, KDC_ERR_SERVER_NOMATCH,
           "the ticket of the user is for %.*s, and %.*s shows it", SLICE_ARG(service->record.name),
           SLICE_ARG(x->requester->record.name));
    return OBOL_OK;
}

// The account may have got another owner since; the SID in the ticket's PAC has not.
static enum obol_code check_same_account(struct exchange *x) {
    struct error *err = &x->err;
    const struct pac_buffer *item = pac_find(x->held_pac, PAC_UPN_DNS_INFO);
    struct pac_upn_dns_info info;
    struct sid own;
    if (!pac_sid(x->kdc, &x->client->record, &own))
        return OBOL_OK;
    ENSURE(item && pac_upn_dns_info_read(item->data, x->arena, &info, NULL) == OBOL_OK &&
               info.extended && sid_eq(&info.sid, &own),
           KDC_ERR_TGT_REVOKED, "the ticket is of another account that was named %.*s",
           SLICE_ARG(x->client->record.name));
    return OBOL_OK;
}

// A user of another realm has no record here; what that realm said of him stands in the PAC.
static enum obol_code find_user(struct exchange *x) {
    struct error *err = &x->err;
    struct slice text;
    x->subject = (struct principal){x->second.crealm, x->second.cname};
    x->client = NULL;
    TRY(principal_check(&x->subject, err));
    if (!slice_eq(x->subject.realm, x->kdc->realm))
        return OBOL_OK;
    enum obol_code code = exchange_find(x, &x->subject, &text, &x->client);
    ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_TGT_REVOKED, "there is no %.*s any more",
           SLICE_ARG(text));
    TRY(code);
    TRY(tgs_check_user(x, x->second.authtime));
    return check_same_account(x);
}

bool s4u_offers_resource_based(const struct exchange *x) {
    const struct padata *pa = exchange_padata(x, PA_PAC_OPTIONS);
    struct pa_pac_options options;
    return pa &&
           der_decode(&TYPE_PA_PAC_OPTIONS, pa->padata_value, x->arena, &options, NULL) ==
               OBOL_OK &&
           (options.flags & (uint32_t)PAC_OPTION_RESOURCE_BASED_CONSTRAINED_DELEGATION);
}

// Of another realm's user that realm has said it in the flag.
static bool may_be_delegated(const struct exchange *x) {
    return !x->client || !(client_flags(&x->client->record) & RECORD_NO_FORWARDABLE);
}

// MS-SFU 3.2.5.2.2: the other realm decides, by the list of the service acted towards. It sees
// nothing but the flags of the TGT: a ticket that is no evidence here is none there.
static enum obol_code decide_onward(struct exchange *x) {
    struct error *err = &x->err;
    bool forwardable = (x->second.flags & (uint32_t)TKT_FORWARDABLE) != 0;
    ENSURE(s4u_offers_resource_based(x), KDC_ERR_BADOPTION,
           "the service acted towards is of another realm, and the client does not know of lists "
           "there (PA-PAC-OPTIONS)");
    ENSURE(forwardable, KDC_ERR_BADOPTION, "the ticket of %.*s is not forwardable",
           SLICE_ARG(principal_text(&x->subject, x->arena)));
    ENSURE(may_be_delegated(x), KDC_ERR_BADOPTION, "%.*s may not be acted for",
           SLICE_ARG(principal_text(&x->subject, x->arena)));
    return OBOL_OK;
}

// MS-SFU 3.2.5.2.1, 3.2.5.2.3. Either list asks for a forwardable ticket of the user: so the one
// who gave it to the service agreed.
static enum obol_code decide(struct exchange *x) {
    struct error *err = &x->err;
    const struct record *from = &x->requester->record, *to = &x->server->record;
    bool forwardable = (x->second.flags & (uint32_t)TKT_FORWARDABLE) != 0;
    bool classic = lists(&from->delegate_to, x->server);
    bool resource = lists(&to->delegate_from, x->requester);
    bool listed = classic || (resource && s4u_offers_resource_based(x));
    if (listed && forwardable && may_be_delegated(x))
        return OBOL_OK;
    ENSURE(!listed || !forwardable, KDC_ERR_BADOPTION, "%.*s may not be acted for",
           SLICE_ARG(principal_text(&x->subject, x->arena)));
    ENSURE(!listed, KDC_ERR_BADOPTION,
           "%.*s may act for users towards %.*s, but the ticket of %.*s is not forwardable",
           SLICE_ARG(from->name), SLICE_ARG(to->name),
           SLICE_ARG(principal_text(&x->subject, x->arena)));
    ENSURE(!resource, KDC_ERR_BADOPTION,
           "%.*s lets %.*s act for users, but the client does not know of such lists "
           "(PA-PAC-OPTIONS)",
           SLICE_ARG(to->name), SLICE_ARG(from->name));
    error_remedy(err, "Allow it: obol principal set %.*s --delegate-to %.*s", SLICE_ARG(from->name),
                 SLICE_ARG(to->name));
    return error_set(err, OBOL_KDC_ERR_BADOPTION, __func__,
                     "%.*s may not act for users towards %.*s", SLICE_ARG(from->name),
                     SLICE_ARG(to->name));
}

enum obol_code s4u_proxy(struct exchange *x) {
    struct error *err = &x->err;
    struct pac_ticket evidence;
    const struct kdc_req_body *body = &x->req.req_body;
    bool onward = principal_is_krbtgt(&x->server_name.name);
    ENSURE((body->present & KDC_REQ_BODY_SNAME) && !principal_is_krbtgt(&body->sname),
           KDC_ERR_BADOPTION, "a service cannot get a TGT in its user's name");
    TRY(open_evidence(x, &evidence));
    // The bronze bit (CVE-2020-17049): the service holds the key of this ticket; that it did not
    // set the flag itself, or the name, is what ticket and full signature show.
    TRY(pac_take(x, &evidence, &x->held_pac, &x->held_authdata));
    ENSURE(x->held_pac, KRB_AP_ERR_MODIFIED, "the ticket of the user has no PAC");
    x->s4u = S4U_PROXY;
    x->basis = &x->second;
    TRY(find_user(x));
    if (onward) // the ticket stays the service's, its PAC is the user's
        return decide_onward(x);
    x->client_name = x->subject;
    return decide(x);
}

// The client goes on in another realm only if it knows that this one understood it.
enum obol_code s4u_answer_options(struct exchange *x) {
    struct error *err = &x->err;
    const struct pa_pac_options known = {
        (uint32_t)PAC_OPTION_RESOURCE_BASED_CONSTRAINED_DELEGATION};
    if (x->s4u < S4U_PROXY || !s4u_offers_resource_based(x))
        return OBOL_OK;
    struct padata *pa = arena_zalloc(x->arena, 1, sizeof *pa);
    ENSURE_MEMORY(pa);
    pa->padata_type = PA_PAC_OPTIONS;
    TRY(der_encode(&TYPE_PA_PAC_OPTIONS, &known, x->arena, &pa->padata_value, err));
    x->enc_part.present |= ENC_KDC_REP_PART_ENCRYPTED_PA_DATA;
    x->enc_part.encrypted_pa_data = (struct padata_list){pa, 1};
    return OBOL_OK;
}
