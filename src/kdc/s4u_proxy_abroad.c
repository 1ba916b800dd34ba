// s4u_proxy_abroad.c: a service of another realm acts towards one of ours in its user's name
// (MS-SFU 3.2.5.2.2, 3.2.5.2.3). Its realm has given it a TGT for ours whose PAC is the user's; it
// shows that beside a TGT of its own. Who may do so stands in the list of the service acted
// towards, and nowhere else. Between the two realms that TGT goes from KDC to KDC as it came.
#include "kdc/authdata/pac.h"
#include "kdc/tgs.h"
#include "krb/transited.h"
#include "pac/delegation.h"

// Another realm's KDC names a user of ours: he is looked up, and his record is what counts.
static enum obol_code find_subject(struct exchange *x) {
    struct error *err = &x->err;
    x->client = NULL;
    if (!slice_eq(x->subject.realm, x->kdc->realm))
        return OBOL_OK;
    TRY(s4u_find_user(x, &x->subject));
    bool may = x->client && !(client_flags(&x->client->record) & RECORD_NO_FORWARDABLE);
    ENSURE(may, KDC_ERR_BADOPTION, "%.*s may not be acted for",
           SLICE_ARG(principal_text(&x->subject, x->arena)));
    return OBOL_OK;
}

enum obol_code s4u_proxy_onward(struct exchange *x) {
    struct error *err = &x->err;
    const struct principal_name *name = &x->server_name.name;
    ENSURE(principal_is_krbtgt(name) && !tgs_is_ours(x->kdc, name), KDC_ERR_BADOPTION,
           "the TGT of a service that acts for a user leads to other realms only");
    x->s4u = S4U_PROXY_ABROAD;
    x->held_authdata.count = 0;
    return find_subject(x);
}

// Its realm lets it act towards one service, which it named: not towards any that lists it.
static enum obol_code check_target(struct exchange *x) {
    struct error *err = &x->err;
    const struct pac_buffer *item = pac_find(x->held_pac, PAC_DELEGATION_INFO);
    struct pac_delegation d;
    struct slice asked = pac_name(&x->req.req_body.sname, x->arena);
    ENSURE(item, KRB_AP_ERR_MODIFIED, "the PAC does not say who acts for its user");
    TRY(pac_delegation_read(item->data, x->arena, &d, err));
    ENSURE(slice_eq(d.target, asked), KDC_ERR_BADOPTION,
           "the service may act towards %.*s, and asks for %.*s", SLICE_ARG(d.target),
           SLICE_ARG(asked));
    return OBOL_OK;
}

static enum obol_code open_evidence(struct exchange *x, const struct principal *service) {
    struct error *err = &x->err;
    struct pac_ticket evidence;
    struct entry *issuer;
    TRY(s4u_open_evidence(x, &evidence, &issuer));
    const struct principal named = {x->second.crealm, x->second.cname};
    ENSURE(!evidence.ours, KDC_ERR_BADOPTION,
           "a service of another realm shows a ticket of this one");
    ENSURE(principal_eq(&named, service), KDC_ERR_SERVER_NOMATCH,
           "the TGT of the user was given to %.*s, and %.*s shows it",
           SLICE_ARG(principal_text(&named, x->arena)), SLICE_ARG(x->event->client));
    evidence.of = PAC_IS_DELEGATED;
    TRY(pac_take(x, &evidence, &x->held_pac, &x->held_authdata));
    ENSURE(x->held_pac, KRB_AP_ERR_MODIFIED, "the TGT of the user has no PAC");
    return check_target(x);
}

// The realms that the service's name came through, to be trusted whatever the policy is: they say
// who it is, and so whether it is listed.
static enum obol_code set_path(struct exchange *x, struct transited_encoding *out) {
    struct slice from = x->second.crealm,
                 issuer = x->req.req_body.additional_tickets.items[0].realm;
    *out = x->second.transited;
    if (!slice_eq(issuer, from))
        TRY(transited_append(&x->second.transited, from, issuer, x->arena, out, &x->err));
    return transited_check(out, from, x->kdc->realm, &x->kdc->policy.path, x->arena, &x->err);
}

// The list that names the service trusts its realm to say whom it acts for, a user of ours too: the
// path is the service's, and has its realm in it unless the user is of it.
enum obol_code s4u_proxy_transited(struct exchange *x) {
    struct slice user = x->client_name.realm, service = x->second.crealm;
    struct transited_encoding path;
    TRY(set_path(x, &path));
    x->ticket.transited = path;
    if (slice_eq(user, service))
        return OBOL_OK;
    return transited_append(&path, user, service, x->arena, &x->ticket.transited, &x->err);
}

static enum obol_code decide(struct exchange *x, struct slice service) {
    struct error *err = &x->err;
    const struct record *to = &x->server->record;
    bool forwardable = (x->second.flags & (uint32_t)TKT_FORWARDABLE) != 0;
    ENSURE(s4u_offers_resource_based(x), KDC_ERR_BADOPTION,
           "the client does not know of lists of the service acted towards (PA-PAC-OPTIONS)");
    if (!s4u_is_listed(&to->delegate_from, service)) {
        error_remedy(err, "Allow it: obol principal set %.*s --delegate-from %.*s",
                     SLICE_ARG(to->name), SLICE_ARG(service));
        return error_set(err, OBOL_KDC_ERR_BADOPTION, __func__,
                         "%.*s may not act for users towards %.*s", SLICE_ARG(service),
                         SLICE_ARG(to->name));
    }
    // MS-SFU 3.2.5.2.3, as within the realm. A user of ours was asked for in find_subject, too.
    ENSURE(forwardable, KDC_ERR_BADOPTION,
           "%.*s may act for users towards %.*s, but the TGT with %.*s in it is not forwardable",
           SLICE_ARG(service), SLICE_ARG(to->name),
           SLICE_ARG(principal_text(&x->subject, x->arena)));
    return OBOL_OK;
}

enum obol_code s4u_proxy_abroad(struct exchange *x) {
    struct error *err = &x->err;
    const struct principal service = {x->header.ticket.crealm, x->header.ticket.cname};
    ENSURE(!principal_is_krbtgt(&x->server_name.name), KDC_ERR_BADOPTION,
           "a service of another realm acts towards those of this realm only");
    ENSURE(x->held_pac, KDC_ERR_TGT_REVOKED, "the TGT of the service has no PAC");
    x->s4u = S4U_PROXY_ABROAD;
    TRY(open_evidence(x, &service));
    x->basis = &x->second;
    TRY(find_subject(x));
    TRY(decide(x, principal_text(&service, x->arena)));
    x->client_name = x->subject;
    return OBOL_OK;
}
